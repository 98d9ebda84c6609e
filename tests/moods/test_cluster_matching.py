"""Clusters keep an earlier model's numbers."""

import re

import numpy as np
import pytest

from moodtune.errors import UsageError
from moodtune.moods.cluster_matching import numbered_like
from moodtune.moods.clustering import Clustering

PLACES = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], float)


def clusters_at(places, *, features=("energy", "valence"), mean=0.5, scale=0.5):
    places = np.array(places, float)
    k = places.shape[1]
    return Clustering(
        features=features,
        mean=np.full(k, mean),
        scale=np.full(k, scale),
        centroids=((places - mean) / scale).astype(np.float32),
        inertia=1.0,
    )


def numbers(pairs):
    return [(p.number, p.earlier) for p in pairs]


def test_the_same_clusters_in_another_order_get_their_old_numbers():
    earlier = clusters_at(PLACES)
    found, pairs = numbered_like(clusters_at(PLACES[[2, 0, 3, 1]]), earlier)
    np.testing.assert_allclose(found.centroids_in_units(), PLACES, atol=1e-6)
    assert numbers(pairs) == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert [p.distance for p in pairs] == [0, 0, 0, 0]


def test_distances_are_in_standard_deviations_of_the_new_catalog():
    found = clusters_at(PLACES[::-1] + np.array([0.1, 0]), mean=0.7, scale=0.2)
    _, pairs = numbered_like(found, clusters_at(PLACES))
    assert [p.distance for p in pairs] == pytest.approx([0.5] * 4, abs=1e-5)


def test_all_distances_together_are_least_not_each_in_turn():
    earlier = clusters_at([[0, 0], [1, 0]])
    # The first is nearest to number 1; were it given that, the second would be far from number 0.
    found, pairs = numbered_like(clusters_at([[0.6, 0], [1, 0.8]]), earlier)
    assert numbers(pairs) == [(0, 0), (1, 1)]
    np.testing.assert_allclose(found.centroids_in_units(), [[0.6, 0], [1, 0.8]], atol=1e-6)


def test_new_clusters_take_the_free_numbers():
    found, pairs = numbered_like(clusters_at([[5, 5], *PLACES[::-1]]), clusters_at(PLACES))
    assert numbers(pairs) == [(0, 0), (1, 1), (2, 2), (3, 3)]
    np.testing.assert_allclose(found.centroids_in_units()[4], [5, 5], atol=1e-5)


def test_of_fewer_clusters_those_keep_their_number_whose_number_there_is():
    found, pairs = numbered_like(clusters_at(PLACES[[3, 1]]), clusters_at(PLACES))
    assert numbers(pairs) == [(0, 3), (1, 1)]
    np.testing.assert_allclose(found.centroids_in_units(), PLACES[[3, 1]], atol=1e-6)


def test_features_in_another_order_are_the_same_features():
    found = clusters_at(PLACES[::-1][:, ::-1], features=("valence", "energy"))
    again, _ = numbered_like(found, clusters_at(PLACES))
    np.testing.assert_allclose(again.centroids_in_units()[:, ::-1], PLACES, atol=1e-6)


def test_other_features_cannot_be_matched():
    message = (
        "--like: the earlier model's clusters were made of energy, valence, this catalog's of "
        "energy, tempo: clusters can be matched only in the same features, and tempo, valence is "
        "in one of them alone; train without --like"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        numbered_like(clusters_at(PLACES, features=("energy", "tempo")), clusters_at(PLACES))
