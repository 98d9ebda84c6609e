"""Ranks: what a value means among the tracks of a catalog."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import N_CELLS, RankTable, cells


def matrix(*energies: float) -> FeatureMatrix:
    return FeatureMatrix(names=("energy",), values=np.array(energies, np.float32)[:, None])


def ranks(table: RankTable, *energies: float) -> list[float]:
    return table.ranks(matrix(*energies))[:, 0].tolist()


def test_a_rank_is_the_share_below_plus_half_the_share_alike():
    table = RankTable.of(matrix(0.0, 0.0, 0.5, 1.0))
    assert ranks(table, 0.0, 0.5, 1.0) == [2 / 4 / 2, (2 + 1 / 2) / 4, (3 + 1 / 2) / 4]


def test_a_track_that_was_not_there_is_placed_without_moving_the_others():
    table = RankTable.of(matrix(0.2, 0.4, 0.6, 0.8))
    assert ranks(table, 0.5, 0.2) == [0.5, 0.125]


def test_values_beyond_the_grid_go_to_its_ends():
    loudness = np.array([-99.0, -60.0, 5.0, 9.0], np.float32)
    assert cells("loudness", loudness).tolist() == [0, 0, N_CELLS - 1, N_CELLS - 1]


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=50), st.randoms())
def test_neither_row_order_nor_batches_matter(values, random):
    whole = RankTable.of(matrix(*values))
    shuffled = list(values)
    random.shuffle(shuffled)
    cut = random.randrange(len(values) + 1)
    parts = RankTable.of(matrix(*shuffled[:cut])) + RankTable.of(matrix(*shuffled[cut:]))
    assert np.array_equal(whole.counts, parts.counts)


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=50))
def test_ranks_keep_the_order_of_values_and_average_to_a_half(values):
    table = RankTable.of(matrix(*values))
    placed = table.ranks(matrix(*sorted(values)))[:, 0]
    assert np.all(np.diff(placed) >= 0)
    assert placed.mean() == pytest.approx(0.5, abs=1e-6)


def test_tables_of_different_features_do_not_add_up():
    tempo = RankTable(names=("tempo",), counts=np.zeros((1, N_CELLS), np.int64))
    with pytest.raises(ValueError, match="cannot add ranks of"):
        RankTable.of(matrix(0.5)) + tempo
