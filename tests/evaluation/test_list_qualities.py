"""Figures of lists equal what is worked out by hand, and what RecTools finds.

The values of RecTools 0.19.0 were printed once by ``benchmarks/rectools_values.py``, which has the
same lists. RecTools has no Gini over artists and no mood distance.
"""

from dataclasses import replace
from math import log2, nan

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.evaluation import list_qualities as qualities
from moodtune.evaluation.list_metrics import hit_rate, hits, ndcg, recall
from moodtune.features.code_lists import Lists
from worlds import FIVE_HUNDRED

LISTS = np.array([[7, 8, 1, -1], [1, 2, 3, -1], [1, 2, 3, 4], [4, 9, 2, 1]])
EARLIER = [[1, 2, 3], [1, 2], [5, 6, 7], [9, 4]]
N_TRACKS = 12
RELEVANT = [np.array([1, 2]), np.array([1]), np.array([1, 3, 4, 5, 6]), np.array([5, 6])]
HISTORIES = {1: [1, 2, 3], 2: [1, 2], 3: [1, 4], 4: [1, 7], 5: [2]}
FEATURES = {1: (0, 0), 2: (0, 1), 3: (1, 1), 4: (0, 0), 7: (1, 0), 8: (1, 0), 9: (0, 1)}
N_WANTED = np.array([2, 1, 5, 2])


def test_what_rectools_finds_of_relevance_is_found():
    found = hits(LISTS, RELEVANT)
    assert ndcg(found, N_WANTED) == pytest.approx(
        [0.3065735963827292, 1.0, 0.75369761125927, 0.0], abs=1e-12
    )
    assert recall(found, N_WANTED) == pytest.approx([0.5, 1.0, 0.6, 0.0], abs=1e-12)
    assert hit_rate(found, N_WANTED).tolist() == [1.0, 1.0, 1.0, 0.0]


def test_what_rectools_finds_of_novelty_is_found():
    n_users = np.bincount([track for mine in HISTORIES.values() for track in mine], minlength=10)
    information = qualities.information_of_histories(n_users, len(HISTORIES))
    found = [qualities.known_mean(information[rows[rows >= 0]]) for rows in LISTS]
    assert found == pytest.approx(
        [1.6552614282206957, 1.126940594646977, 1.4256874697070732, 1.4256874697070732], abs=1e-12
    )


def test_what_rectools_finds_of_diversity_is_one_less_the_similarity():
    table = np.zeros((10, 2))
    table[list(FEATURES)] = list(FEATURES.values())
    found = []
    for rows in LISTS:
        mine = table[rows[rows >= 0]]
        alike = 1 - np.abs(mine[:, None] - mine[None]).sum(axis=2) / 2  # of two features
        found.append(2 * (1 - qualities.mean_of_pairs(alike)))
    assert found == pytest.approx(
        [0.6666666666666666, 1.3333333333333333, 1.1666666666666667, 0.6666666666666666], abs=1e-12
    )


def test_what_rectools_finds_of_coverage_is_found():
    each = [qualities.coverage(rows[rows >= 0], N_TRACKS) for rows in LISTS]
    assert each == pytest.approx([0.25, 0.25, 0.3333333333333333, 0.3333333333333333], abs=1e-12)
    assert qualities.coverage(LISTS[LISTS >= 0], N_TRACKS) == pytest.approx(
        0.5833333333333334, abs=1e-12
    )


def test_what_rectools_finds_of_two_lists_in_common_is_the_repeat_rate_of_the_second():
    found = [
        qualities.repeat_rates([np.array(first), rows[rows >= 0]])[1]
        for first, rows in zip(EARLIER, LISTS, strict=True)
    ]
    assert found == pytest.approx([0.3333333333333333, 0.6666666666666666, 0, 0.5], abs=1e-12)


def examples():
    """Yield the worked example of each definition: its name, what is found, the sum by hand."""
    found = np.array([[1, 0, 1], [0, 0, 0]], dtype=np.bool_)
    yield "nDCG", ndcg(found, np.array([2, 1]))[0], (1 + 1 / 2) / (1 + 1 / log2(3))
    yield "recall", recall(found, np.array([3, 1]))[0], 2 / 3
    yield "hit rate", hit_rate(found, np.array([3, 3])).mean(), (1 + 0) / 2
    lists = [np.array([1, 2]), np.array([2, 3]), np.array([1, 3])]
    yield "coverage of one", qualities.coverage(lists[0], 12), 2 / 12
    yield "coverage", qualities.coverage(np.concatenate(lists[:2]), 12), 3 / 12
    yield "Gini", qualities.gini(np.array([1, 1, 2])), (-2 * 1 + 0 * 1 + 2 * 2) / (3 * (1 + 1 + 2))
    alike = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    yield "similarity", qualities.mean_of_pairs(alike), (1 + 0 + 0) / 3
    by_people = qualities.information_of_histories(np.array([3, 1]), 3)
    yield "novelty", qualities.known_mean(by_people), (0 + log2(3 / 1)) / 2
    by_popularity = qualities.information_of_popularity(np.array([100.0, 0.0]))
    yield "novelty by popularity", qualities.known_mean(by_popularity), (0 + log2(101 / 1)) / 2
    asked, given_ = np.array([0.6, 0.4, 0]), np.array([0.5, 0.3, 0.2])
    yield "mood distance", qualities.mood_distance(asked, given_), (0.1 + 0.1 + 0.2) / 2
    for place, expected in ((1, 1 / 2), (2, 2 / 2)):
        yield f"repeat rate of list {place + 1}", qualities.repeat_rates(lists)[place], expected


@pytest.mark.parametrize(
    ("value", "by_hand"), [pytest.param(v, h, id=name) for name, v, h in examples()]
)
def test_the_worked_example_of_a_definition_is_the_sum_by_hand(value, by_hand):
    assert value == pytest.approx(by_hand, abs=1e-12)


def test_the_gini_is_the_mean_difference_over_twice_the_mean():
    counts = np.array([5, 1, 3])
    differences = np.abs(np.subtract.outer(counts, counts)).mean()
    assert qualities.gini(counts) == pytest.approx(differences / (2 * counts.mean()))
    assert qualities.gini(counts) == pytest.approx((-2 * 1 + 0 * 3 + 2 * 5) / (3 * 9))


def test_the_gini_of_one_who_has_everything_nears_one():
    assert qualities.gini(np.array([0, 0, 0, 7])) == pytest.approx(1 - 1 / 4)
    assert qualities.gini(np.array([2, 2, 2])) == 0
    assert np.isnan(qualities.gini(np.array([0, 0])))
    assert np.isnan(qualities.gini(np.array([])))


@FIVE_HUNDRED
@given(st.lists(st.integers(0, 9), min_size=1, max_size=9).filter(any), st.integers(1, 5))
def test_the_gini_knows_no_order_and_no_scale(counts, times):
    gini = qualities.gini(np.array(counts))
    assert 0 <= gini < 1
    assert qualities.gini(np.array(counts[::-1]) * times) == pytest.approx(gini)


def test_every_artist_of_a_track_counts():
    artists = Lists.of(pl.Series([["B", "A"], ["a"], []], dtype=pl.List(pl.String)))
    assert artists.names == ("a", "b")
    assert qualities.artist_counts(np.array([0, 1, 1, 2]), artists).tolist() == [3, 1]
    saved = replace(artists, names=(), known=artists.turned)  # as an index is opened
    assert qualities.artist_counts(np.array([1]), saved).tolist() == [1, 0]


def test_the_coverage_counts_each_track_once():
    assert qualities.coverage(np.array([1, 2]), 12) == 2 / 12
    assert qualities.coverage(np.array([1, 2, 2, 3]), 12) == 3 / 12
    assert np.isnan(qualities.coverage(np.array([]), 0))


def test_one_track_is_no_pair():
    assert np.isnan(qualities.mean_of_pairs(np.ones((1, 1))))
    assert qualities.mean_of_pairs(np.array([[1, 0.25], [0.25, 1]])) == 0.25


def test_what_everybody_plays_tells_nothing_and_what_nobody_plays_as_much_as_what_one_does():
    found = qualities.information_of_histories(np.array([8, 4, 1, 0]), 8)
    assert found.tolist() == [0, 1, 3, 3]


def test_popularity_is_read_as_how_many_in_a_hundred_know_a_track():
    found = qualities.information_of_popularity(np.array([100, 49.5, 0, nan]))
    assert found[:3] == pytest.approx([0, 1, log2(101)])
    assert np.isnan(found[3])
    assert qualities.known_mean(found) == pytest.approx((1 + log2(101)) / 3)
    assert np.isnan(qualities.known_mean(np.array([nan])))


def test_the_mood_distance_is_the_share_of_places_that_would_change():
    asked = np.array([0.6, 0.4, 0])
    assert qualities.mood_distance(asked, asked) == 0
    assert qualities.mood_distance(asked, np.array([0.5, 0.3, 0.2])) == pytest.approx(0.2)
    assert qualities.mood_distance(np.array([1, 0]), np.array([0, 1])) == 1


def test_repeats_are_of_any_earlier_list():
    lists = [np.array(rows, dtype=np.int64) for rows in ([1, 2], [2, 3], [], [1, 3, 4, 9])]
    rates = qualities.repeat_rates(lists)
    assert np.isnan([rates[0], rates[2]]).all()
    assert [rates[1], rates[3]] == [1 / 2, 2 / 4]
    assert qualities.repeat_rates([]) == []


def test_a_hit_is_one_however_many_there_are():
    found = np.array([[1, 1], [0, 0], [0, 0]], dtype=np.bool_)
    rates = hit_rate(found, np.array([2, 1, 0]))
    assert rates[:2].tolist() == [1, 0]
    assert np.isnan(rates[2])
