"""Figures of merit for lists equal what is worked out by hand."""

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.evaluation.list_metrics import hits, ndcg, recall
from worlds import FIVE_HUNDRED


def found(*rows):
    return np.array(rows, dtype=np.bool_)


def test_a_hit_is_a_track_that_was_looked_for():
    lists = np.array([[4, 7, 2], [1, 0, -1]])
    wanted = [np.array([2, 4]), np.array([0, -1])]
    assert hits(lists, wanted).tolist() == [[True, False, True], [False, True, False]]


def test_recall_is_the_share_that_was_found():
    lists = found([1, 0, 1], [0, 0, 0], [1, 1, 1])
    assert recall(lists, np.array([3, 1, 3])).tolist() == [2 / 3, 0, 1]


def test_ndcg_is_the_formula():
    lists = found([1, 0, 1], [0, 1, 0], [0, 0, 0])
    ideal_of_two = 1 + 1 / log2(3)
    expected = [(1 + 1 / log2(4)) / ideal_of_two, 1 / log2(3), 0]
    assert ndcg(lists, np.array([2, 1, 1])) == pytest.approx(expected)
    assert expected[0] == pytest.approx(0.9197, abs=1e-4)


def test_the_ideal_list_is_no_longer_than_a_list():
    # Five are looked for, and a list of three that holds three of them is ideal.
    assert ndcg(found([1, 1, 1]), np.array([5])) == pytest.approx([1])
    assert recall(found([1, 1, 1]), np.array([5])) == pytest.approx([3 / 5])


def test_where_nothing_is_looked_for_there_is_no_figure():
    assert np.isnan(recall(found([0, 0]), np.array([0]))).all()
    assert np.isnan(ndcg(found([0, 0]), np.array([0]))).all()


@FIVE_HUNDRED
@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(0, 5))
def test_figures_lie_between_nothing_and_all(places, missed):
    n = np.array([sum(places) + missed])
    if n[0]:
        assert 0 <= ndcg(found(places), n)[0] <= 1 + 1e-12
        assert 0 <= recall(found(places), n)[0] <= 1


@FIVE_HUNDRED
@given(st.lists(st.booleans(), min_size=2, max_size=12))
def test_moving_a_hit_up_never_makes_a_list_worse(places):
    n = np.array([max(sum(places), 1)])
    sorted_places = sorted(places, reverse=True)
    assert ndcg(found(sorted_places), n)[0] >= ndcg(found(places), n)[0] - 1e-12
