import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.samples import invented, is_sample


@given(st.lists(st.integers(0, 2**60 - 1), min_size=2, max_size=50, unique=True))
def test_different_numbers_never_get_the_same_bits(numbers):
    bits = invented.mixed(np.array(numbers, dtype=np.uint64))
    assert len(set(bits.tolist())) == len(numbers)
    assert bits.max() < 2**60


def test_names_are_worded_as_documented():
    assert invented.artists(np.array([12 + 11 * 41], dtype=np.uint64)).item() == (
        "The Invented Foxes 12"
    )
    title = invented.titles(np.array([17], dtype=np.uint64)).item()
    assert title.startswith("Sample Song 00017 — ")


def test_no_word_stands_twice_in_a_list():
    for words in (invented.COLORS, invented.PLACES, invented.ANIMALS):
        assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"track_id": ["sample-0123456789abcde"]}, True),
        ({"id": ["4qPNDBW1i3p13qLCt0Ki3A", "sample-0123456789abcde"]}, True),
        ({"answer": ["Pop, Invented answer 3"]}, True),
        ({"track_id": ["4qPNDBW1i3p13qLCt0Ki3A", "sample-1", "sample-0123456789abcdeX"]}, False),
        ({"track_name": ["Sample Song"], "energy": [0.5]}, False),
        ({"energy": [0.5]}, False),
        ({"track_id": [None, None]}, False),
        ({"track_id": []}, False),
    ],
)
def test_a_sample_is_known_by_its_ids_or_its_invented_answers(cells, expected):
    table = pl.DataFrame(
        cells, schema_overrides={"track_id": pl.String} if "track_id" in cells else {}
    )
    assert is_sample(table) is expected
