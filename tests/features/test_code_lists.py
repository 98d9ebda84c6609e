"""Columns of lists of names as codes."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from moodtune.features.code_lists import Lists

NAMES = st.none() | st.lists(st.sampled_from([None, "A", "a", "b", "B", "ß", ""]), max_size=4)


@given(st.lists(NAMES, max_size=6))
def test_each_row_has_its_names_once_in_their_order_whatever_their_case(cells):
    lists = Lists.of(pl.Series(cells, dtype=pl.List(pl.String)))
    expected = [
        list(dict.fromkeys(name.lower() for name in cell or () if name is not None))
        for cell in cells
    ]
    assert [[lists.names[code] for code in lists.of_row(i)] for i in range(len(cells))] == expected
    assert list(lists.names) == sorted({name for names in expected for name in names})
    for code, name in enumerate(lists.names):
        having = [i for i, names in enumerate(expected) if name in names]
        assert list(lists.turned.of_row(code)) == having
