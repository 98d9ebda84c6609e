"""Columns of lists of names as codes."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from moodtune.features.code_lists import Lists, numbers_of

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


@given(st.lists(NAMES, max_size=6))
def test_without_names_codes_are_in_the_order_of_their_first_rows(cells):
    column = pl.Series(cells, dtype=pl.List(pl.String))
    named, unnamed = Lists.of(column), Lists.of_parts([column], names=False)
    assert unnamed.names == ()
    assert unnamed.n_names == named.n_names
    assert unnamed.starts.tolist() == named.starts.tolist()
    first = {code: number for number, code in enumerate(dict.fromkeys(named.codes.tolist()))}
    assert unnamed.codes.tolist() == [first[code] for code in named.codes.tolist()]


def test_a_long_column_has_the_codes_of_a_short_one():
    names = [["A", "b"], ["b", "B"], [], None, ["c"]]
    column = pl.Series(names * 20_000, dtype=pl.List(pl.String))
    lists = Lists.of(column)
    assert lists.names == ("a", "b", "c")
    assert lists.codes.tolist() == [0, 1, 1, 2] * 20_000
    assert np.diff(lists.starts).tolist() == [2, 1, 0, 0, 1] * 20_000


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=12))
def test_what_shares_one_hash_only_has_a_number_of_its_own(pairs):
    hashes, checks = np.array(pairs, np.uint64).reshape(-1, 2).T
    number = {pair: n for n, pair in enumerate(dict.fromkeys(pairs))}
    assert numbers_of(hashes, checks.astype(np.uint32)).tolist() == [number[p] for p in pairs]
