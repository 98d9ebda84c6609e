"""Samples of tracks that hang on nothing but the tracks' ids and a seed."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.catalog.sampling import keyed_hashes, smallest

ids = st.lists(st.text(max_size=30), min_size=1, max_size=20)


@given(ids)
def test_a_hash_is_the_same_alone_and_in_any_batch(texts):
    together = keyed_hashes(pl.Series(texts, dtype=pl.String), 3, "test")
    alone = [keyed_hashes(pl.Series([text]), 3, "test")[0] for text in texts]
    assert together.tolist() == alone


def test_a_hash_is_the_same_on_every_machine_and_in_every_version():
    hashes = keyed_hashes(pl.Series(["", "a", "0123456789abcdefghijkl", "é" * 40]), 7, "test")
    assert [f"{value:016x}" for value in hashes.tolist()] == [
        "f9b8b81c7205595d",
        "08367dfe01b5c28b",
        "308e858c0d34312f",
        "95edc9257fed5581",
    ]


def test_ids_that_differ_only_in_zeros_or_length_have_different_hashes():
    close = ["", "\0", "\0\0", "a", "a\0", "a" * 8, "a" * 8 + "\0", "a" * 9, "a" * 16]
    assert len(set(keyed_hashes(pl.Series(close), 0, "test").tolist())) == len(close)


def test_another_seed_or_purpose_gives_other_hashes():
    series = pl.Series(["a", "b", "c"])
    every = [keyed_hashes(series, seed, purpose) for seed in (0, 1) for purpose in ("x", "y")]
    assert len({value for hashes in every for value in hashes.tolist()}) == 12


def test_hashes_are_evenly_spread_over_ids_that_are_alike():
    series = pl.Series([f"track{number:019}" for number in range(50_000)])
    shares = np.histogram(keyed_hashes(series, 0, "test") / 2**64, bins=10, range=(0, 1))[0] / 5000
    # 5000 expected per bin, standard deviation 67: five of them are .067.
    assert np.abs(shares - 1).max() < 0.067


@pytest.mark.parametrize(("n", "expected"), [(0, []), (1, [2]), (2, [2, 0]), (9, [2, 0, 3, 1])])
def test_the_smallest_hashes_are_chosen_smallest_first(n, expected):
    assert smallest(np.array([5, 9, 1, 7], dtype=np.uint64), n).tolist() == expected
    assert smallest(np.array([], dtype=np.uint64), n).tolist() == []


def test_a_smaller_sample_is_the_beginning_of_a_larger_one():
    hashes = keyed_hashes(pl.Series([f"t{i}" for i in range(300)]), 0, "test")
    assert smallest(hashes, 30).tolist() == smallest(hashes, 200).tolist()[:30]
