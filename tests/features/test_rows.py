"""Rows of tracks as sets, and the order of hashes."""

import numpy as np
import pytest

from moodtune.features.rows import among, order_of_hashes


@pytest.mark.parametrize("n", [0, 1, 1000, 300_000])
def test_many_hashes_are_ordered_as_few_are(n):
    rng = np.random.default_rng(n)
    hashes = rng.integers(0, 2**64, max(n // 2, 1), dtype=np.uint64)
    hashes = hashes[rng.integers(0, len(hashes), n)]
    order = order_of_hashes(hashes)
    assert np.array_equal(np.sort(order), np.arange(n))
    assert np.array_equal(hashes[order], np.sort(hashes))


def test_hashes_that_begin_alike_are_ordered_too():
    hashes = np.arange(300_000, dtype=np.uint64)[::-1]
    assert np.array_equal(order_of_hashes(hashes), np.arange(300_000)[::-1])


@pytest.mark.parametrize("rows", [[], [4], [0, 4, 9], [2, 3, 5, 7]])
def test_among_says_what_a_set_says(rows):
    asked = np.array([9, 0, 4, 4, 1, 10, 7])
    found = among(np.array(rows, dtype=np.intp), asked)
    assert found.tolist() == [row in set(rows) for row in asked.tolist()]
