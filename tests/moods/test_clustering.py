"""Clusters: on blobs that are known by construction, and on the real table where it is."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import adjusted_rand_score

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.errors import BundleError, TooLittleDataError, UsageError
from moodtune.features.matrix import FeatureMatrix
from moodtune.moods.clustering import Clustering, ClusterSettings, cluster

DATA = Path(os.environ.get("MOODTUNE_DATA") or "absent")
TABLE = DATA / "catalog" / "spotify_tracks_114k.csv"

NAMES = ("danceability", "energy", "speechiness", "acousticness", "valence", "tempo")

#: Each stage of the search has fewer tracks than the next, as in a large catalog.
FUNNEL = ClusterSettings(
    clusters=5, search_sample=300, starts=20, refine_sample=500, refined=5, finalists=2
)


def blobs(sizes, seed=0, names=NAMES):
    """Return tracks in blobs of the given sizes, far apart, and the number of each one's blob."""
    rng = np.random.default_rng(seed)
    centers = rng.permuted(np.linspace(0.1, 0.9, len(sizes))[:, None].repeat(len(names), 1), axis=0)
    blob = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    values = centers[blob] + rng.normal(0, 0.01, (len(blob), len(names)))
    values[:, names.index("tempo")] *= 200  # BPM
    matrix = FeatureMatrix(names=names, values=values.astype(np.float32))
    return matrix, pl.Series([f"t{i:05}" for i in range(len(blob))]), blob


def same(first, second):
    one, other = first.state(), second.state()
    return all(one[name].tobytes() == other[name].tobytes() for name in one)


def test_blobs_become_clusters_numbered_from_the_largest():
    features, ids, blob = blobs([100, 400, 200, 500, 300])
    found = cluster(features, ids, FUNNEL, seed=1)
    numbers = found.assign(features)
    assert np.bincount(numbers).tolist() == [500, 400, 300, 200, 100]
    assert [set(blob[numbers == n].tolist()) for n in range(5)] == [{3}, {1}, {4}, {2}, {0}]


def test_centroids_in_own_units_are_the_means_of_the_blobs():
    features, ids, blob = blobs([100, 400, 200])
    found = cluster(features, ids, ClusterSettings(clusters=3), seed=1)
    means = [features.values[blob == b].mean(axis=0) for b in (1, 2, 0)]
    np.testing.assert_allclose(found.centroids_in_units(), means, rtol=1e-4)


def test_inertia_is_the_mean_squared_distance_to_the_own_centroid():
    features, ids, _ = blobs([100, 400, 200])
    found = cluster(features, ids, ClusterSettings(clusters=2), seed=1)
    z = (features.values - found.mean) / found.scale
    away = z - found.centroids[found.assign(features)]
    assert found.inertia == pytest.approx((away**2).sum(axis=1).mean(), rel=1e-5)
    own = found.own_distances(features, found.assign(features))
    np.testing.assert_allclose(own, np.sqrt((away**2).sum(axis=1)), rtol=1e-3)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_order_of_rows_does_not_matter(seed):
    features, ids, _ = blobs([150, 250, 200, 100, 120], seed)
    order = np.random.default_rng(seed).permutation(len(ids))
    first = cluster(features, ids, FUNNEL, seed)
    second = cluster(features.take(order), ids.gather(order), FUNNEL, seed)
    assert same(first, second)


def test_another_seed_finds_the_same_blobs_under_the_same_numbers():
    features, ids, _ = blobs([150, 250, 200, 100, 120])
    first, second = (cluster(features, ids, FUNNEL, seed).centroids for seed in (0, 5))
    np.testing.assert_allclose(first, second, atol=1e-3)


def test_tracks_outside_the_sample_are_assigned_and_move_nothing():
    features, ids, _ = blobs([300, 300])
    few = ClusterSettings(clusters=2, sample=100)
    found = cluster(features, ids, few, seed=0)
    changed = features.values.copy()
    # The sample is the tracks whose removal would be seen; all others may change.
    outside = [
        row
        for row in range(0, 600, 50)
        if same(found, cluster(_without(features, row), _without_id(ids, row), few, seed=0))
    ]
    assert 0 < len(outside) < 12
    changed[outside] = 0.5
    again = cluster(FeatureMatrix(names=NAMES, values=changed), ids, few, seed=0)
    assert same(found, again)
    assert len(found.assign(features)) == 600


def _without(features, row):
    return features.take(np.delete(np.arange(len(features)), row))


def _without_id(ids, row):
    return ids.gather(np.delete(np.arange(len(ids)), row))


SCRIPT = """
import sys
import numpy as np, polars as pl
from moodtune.features.matrix import FeatureMatrix
from moodtune.moods.clustering import ClusterSettings, cluster
rng = np.random.default_rng(0)
features = FeatureMatrix(
    names=("energy", "valence", "tempo"), values=rng.random((20_000, 3), dtype=np.float32)
)
ids = pl.Series([f"t{i:05}" for i in range(20_000)])
found = cluster(features, ids, ClusterSettings(clusters=6, starts=8), seed=0)
sys.stdout.buffer.write(found.centroids.tobytes() + found.assign(features).tobytes())
"""


def test_the_number_of_threads_and_the_hash_seed_do_not_matter():
    said = [
        hashlib.sha256(
            subprocess.run(
                [sys.executable, "-W", "error", "-c", SCRIPT],
                check=True,
                capture_output=True,
                env={
                    **os.environ,
                    "OMP_NUM_THREADS": threads,
                    "OPENBLAS_NUM_THREADS": threads,
                    "PYTHONHASHSEED": threads,
                },
            ).stdout
        ).hexdigest()
        for threads in ("1", "4")
    ]
    assert said[0] == said[1]


values = arrays(
    np.float32,
    st.tuples(st.integers(1, 40), st.just(len(NAMES))),
    elements=st.floats(0, 1, width=32),
)


@settings(max_examples=50)
@given(values)
def test_a_track_is_assigned_alike_alone_and_in_a_batch(matrix):
    features, ids, _ = blobs([20, 20, 20])
    found = cluster(features, ids, ClusterSettings(clusters=3, starts=2), seed=0)
    tracks = FeatureMatrix(names=NAMES, values=matrix)
    alone = [found.assign(tracks.take(np.array([row])))[0] for row in range(len(tracks))]
    assert found.assign(tracks).tolist() == alone


@settings(max_examples=30, deadline=None)
@given(values)
@example(np.array([[0, *[1e-45] * 5], [1e-45] * 6], dtype=np.float32))
@example(
    np.array([[1, *[0] * 5], [*[0] * 5, 1e-9], [*[0] * 5, 0.1875], *[[0] * 6] * 3], np.float32)
)
def test_any_small_catalog_has_clusters(matrix):
    features = FeatureMatrix(names=NAMES, values=matrix)
    ids = pl.Series([f"t{i}" for i in range(len(features))])
    few = ClusterSettings(clusters=4, starts=3)
    found = cluster(features, ids, few, seed=0)
    assert 1 <= len(found) <= 4
    assert np.bincount(found.assign(features), minlength=len(found)).min() > 0


def test_three_tracks_make_three_clusters_and_a_note():
    features = FeatureMatrix(names=NAMES, values=np.eye(3, 6, dtype=np.float32))
    found = cluster(features, pl.Series(["a", "b", "c"]), ClusterSettings(), seed=0)
    assert sorted(found.assign(features).tolist()) == [0, 1, 2]
    assert found.notes == (
        "3 clusters instead of 12: there are no more tracks that sound different",
    )


@pytest.mark.parametrize("clusters", [1, 12, "auto"])
def test_tracks_that_are_all_alike_make_one_cluster(clusters):
    features = FeatureMatrix(names=NAMES, values=np.full((40, 6), 0.3, dtype=np.float32))
    ids = pl.Series([f"t{i}" for i in range(40)])
    found = cluster(features, ids, ClusterSettings(clusters=clusters), seed=0)
    assert len(found) == 1
    assert found.scale.tolist() == [1.0] * 6
    assert found.assign(features).tolist() == [0] * 40
    np.testing.assert_allclose(found.centroids_in_units(), 0.3, rtol=1e-6)


def test_a_few_different_tracks_among_many_copies_are_all_found():
    rows = np.repeat(np.eye(3, 6, dtype=np.float32), [400, 1, 1], axis=0)
    ids = pl.Series([f"t{i:03}" for i in range(402)])
    found = cluster(FeatureMatrix(names=NAMES, values=rows), ids, ClusterSettings(clusters=2), 0)
    assert len(found) == 2


def test_tracks_that_float32_hardly_tells_apart_make_clusters_without_a_warning():
    rows = np.full((40, 6), 0.3, dtype=np.float32)
    rows[0, 0] = np.nextafter(np.float32(0.3), np.float32(1))
    ids = pl.Series([f"t{i:02}" for i in range(40)])
    found = cluster(FeatureMatrix(names=NAMES, values=rows), ids, ClusterSettings(clusters=2), 0)
    assert 1 <= len(found) <= 2
    assert np.bincount(found.assign(FeatureMatrix(names=NAMES, values=rows))).min() > 0


def test_an_empty_catalog_is_refused():
    features = FeatureMatrix(names=NAMES, values=np.empty((0, 6), dtype=np.float32))
    with pytest.raises(
        TooLittleDataError, match=r"^there are no tracks to cluster; name a catalog with some$"
    ):
        cluster(features, pl.Series([], dtype=pl.String), ClusterSettings(), seed=0)


@pytest.mark.parametrize("n_blobs", [1, 2, 3, 5, 8, 12])
def test_auto_finds_how_many_blobs_there_are(n_blobs):
    features, ids, blob = blobs([60] * n_blobs)
    if n_blobs == 1:
        features = FeatureMatrix(names=NAMES, values=np.round(features.values * 0, 1))
    found = cluster(features, ids, ClusterSettings(clusters="auto", starts=30), seed=0)
    assert len(found) == n_blobs
    assert adjusted_rand_score(found.assign(features), blob) == 1
    assert found.notes[0] == (
        f"{n_blobs} clusters, found by the knee of log inertia over log number"
    )


def test_a_saved_clustering_assigns_alike():
    features, ids, _ = blobs([50, 60])
    found = cluster(features, ids, ClusterSettings(clusters=3), seed=0)
    loaded = Clustering.from_state(found.state())
    assert same(found, loaded)
    assert loaded.features == found.features
    assert loaded.assign(features).tolist() == found.assign(features).tolist()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mean": None}, "the clusters lack mean; train the model again"),
        (
            {"scale": np.ones(5)},
            "the clusters' scale must be f8 (6,), got float64 (5,); train the model again",
        ),
        (
            {"centroids": np.ones((2, 6))},
            "the clusters' centroids must be f4 (2, 6), got float64 (2, 6); train the model again",
        ),
        (
            {"mean": np.full(6, np.nan)},
            "the clusters' mean are not all finite; train the model again",
        ),
        (
            {"scale": np.zeros(6)},
            "the clusters have no spread or no centroid; train the model again",
        ),
        (
            {"centroids": np.ones((0, 6), dtype=np.float32)},
            "the clusters have no spread or no centroid; train the model again",
        ),
        (
            {"features": np.array("energy")},
            "the clusters' features must be U (1,), got <U6 (); train the model again",
        ),
        (
            {"centroids": np.array(1, dtype=np.float32)},
            "the clusters' centroids must be f4 (1, 6), got float32 (); train the model again",
        ),
    ],
)
def test_a_damaged_clustering_is_refused(changes, message):
    features, ids, _ = blobs([50, 60])
    state = cluster(features, ids, ClusterSettings(clusters=2), seed=0).state() | changes
    state = {name: array for name, array in state.items() if array is not None}
    with pytest.raises(BundleError, match=f"^{re.escape(message)}$"):
        Clustering.from_state(state)


def test_a_table_without_a_clustered_feature_is_refused():
    features, ids, _ = blobs([50, 60])
    found = cluster(features, ids, ClusterSettings(clusters=2), seed=0)
    message = (
        "the clusters were made of danceability, energy, speechiness, acousticness, valence, "
        "tempo, and the table lacks valence, tempo; train a model on a catalog with the table's "
        "features"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        found.assign(features.select(NAMES[:4]))


@pytest.mark.skipif(not TABLE.is_file(), reason="MOODTUNE_DATA names no folder of real tables")
def test_on_the_real_table_two_seeds_find_nearly_the_best_inertia_and_the_same_clusters():
    table = pl.read_csv(TABLE, columns=["track_id", *AUDIO_FEATURES])
    table = table.unique("track_id", keep="first", maintain_order=True).sort("track_id")
    features = FeatureMatrix(
        names=tuple(AUDIO_FEATURES),
        values=np.ascontiguousarray(
            table.select(list(AUDIO_FEATURES)).to_numpy(), dtype=np.float32
        ),
    )
    found = [cluster(features, table["track_id"], ClusterSettings(), seed) for seed in (0, 1)]
    # The best of 60 full fits: docs/decisions/0002-clusters.md.
    best = 302_256.2 / 89_741
    assert [c.inertia / best for c in found] == pytest.approx([1, 1], abs=0.0006)
    numbers = [c.assign(features) for c in found]
    assert adjusted_rand_score(*numbers) > 0.75
