"""Diversity: what is alike, what it takes, and what it costs."""

import numpy as np
import pytest

from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.ranking.variety import Likeness, list_similarity
from worlds import FEATURES, index_of


@pytest.fixture(scope="module")
def twins():
    """Three alike that fit best, one unlike them that fits a little less, one that fits badly."""
    return index_of(
        [[0.90, 0.1, 0, 0], [0.89, 0.1, 0, 0], [0.88, 0.1, 0, 0], [0.80, 0.1, 0, 0], [0.2, 0.8, 0, 0]],
        energy=[0.1, 0.1, 0.1, 0.9, 0.9],
        valence=[0.2, 0.2, 0.2, 0.9, 0.9],
        danceability=[0.5, 0.5, 0.5, 0.5, 1.0],
        acousticness=[0.5, 0.5, 0.5, 0.5, 1.0],
        speechiness=[0.5, 0.5, 0.5, 0.5, 1.0],
        genres=[["jazz"], ["jazz"], ["jazz", "soul"], ["soul"], []],
    )  # fmt: skip


def ids(index, **query):
    return [r.track_id for r in recommend(index, Query(mood="still", **query)).recommendations]


def test_diversity_takes_an_unlike_track_before_another_of_the_same(twins):
    assert ids(twins, n=3) == ["t00", "t01", "t02"]
    assert ids(twins, n=3, diversity=0.3) == ["t00", "t03", "t02"]


def test_much_diversity_takes_what_fits_badly(twins):
    assert ids(twins, n=2, diversity=0.9) == ["t00", "t04"]


def test_no_diversity_is_the_pure_ranking_bit_for_bit(twins):
    pure, none = (recommend(twins, Query(mood="still", **d)) for d in ({}, {"diversity": 0.0}))
    assert pure.recommendations == none.recommendations
    assert (none.spread.similarity_without, none.spread.fit_without) == (None, None)


def test_similarity_is_that_of_a_hand_computation(twins):
    likeness = Likeness(twins, np.array([0, 2, 3], dtype=np.intp))
    apart = (0.8 + 0.7) / len(FEATURES)
    assert likeness.to(0).tolist() == pytest.approx(
        [0.6 + 0.2 + 0.2, 0.6 + 0.2 * 1 / 2, 0.6 * (1 - apart)], abs=1e-3
    )


def test_tracks_of_one_artist_are_more_alike_and_a_catalog_without_genres_does_without():
    index = index_of([[1, 0, 0, 0]] * 3, artists=[["A"], ["a", "B"], ["C"]])
    assert Likeness(index, np.arange(3)).to(0).tolist() == pytest.approx([1, 1, 0.75])
    assert list_similarity(index, [0, 1, 2]) == pytest.approx((1 + 0.75 + 0.75) / 3)


def test_one_track_has_no_pair():
    index = index_of([[1, 0, 0, 0]])
    assert recommend(index, Query(mood="still")).spread.similarity is None


def test_the_price_is_reported_beside_the_list_without_diversity(twins):
    spread = recommend(twins, Query(mood="still", n=3, diversity=0.3)).spread
    pure = recommend(twins, Query(mood="still", n=3)).spread
    assert (spread.similarity_without, spread.fit_without) == (pure.similarity, pure.fit)
    assert spread.similarity < pure.similarity
    assert spread.fit < pure.fit
    assert spread.fit == pytest.approx((0.9 + 0.8 + 0.88) / 3)


def test_the_mix_is_kept_with_diversity_too():
    rng = np.random.default_rng(0)
    index = index_of(
        [[p, 1 - p, 0, 0] for p in rng.uniform(0, 1, 200)],
        energy=rng.uniform(0, 1, 200).tolist(),
        valence=rng.uniform(0, 1, 200).tolist(),
    )
    answer = recommend(index, Query(blend={"still": 0.6, "wild": 0.4}, n=20, diversity=0.5))
    assert [r.mood for r in answer.recommendations].count("still") == 12
    assert answer.spread.similarity < answer.spread.similarity_without
