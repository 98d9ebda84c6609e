"""Fidelity: agreement of the song model with the clusters, on tracks that neither has seen."""

import dataclasses
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score

from moodtune.catalog.sampling import keyed_hashes, smallest
from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.evaluation.fidelity import (
    FidelitySettings,
    fidelity_of,
    hold_out,
    measure_fidelity,
    wilson,
)
from moodtune.features.matrix import FeatureMatrix
from moodtune.moods.clustering import ClusterSettings
from moodtune.moods.song_model import train_song_model
from moodtune.moods.taxonomy import load_taxonomy
from moodtune.moods.taxonomy_file import OTHER

TABLE = Path(os.environ.get("MOODTUNE_DATA") or "absent") / "catalog" / "spotify_tracks_114k.csv"
NAMES = tuple(AUDIO_FEATURES)
MOODS = ("calm", "wild", OTHER)
QUICK = ClusterSettings(clusters=3, starts=4)


def measured(features, ids, taxonomy, **how):
    apart = hold_out(features, ids, **how)
    if apart is None:
        return None
    model = train_song_model(features, taxonomy).among(apart.fitted)
    return measure_fidelity(apart, features, model, taxonomy)


def fidelity(clusters, tracks, commonest=0):
    return fidelity_of(
        clusters=np.array(clusters),
        tracks=np.array(tracks),
        moods=MOODS,
        commonest=commonest,
        confidence=0.95,
    )


def test_agreement_baseline_and_confusion_are_counted():
    found = fidelity(clusters=[0, 0, 0, 1, 1, 2], tracks=[0, 0, 1, 1, 0, 1], commonest=0)
    assert found.n == 6
    assert found.agreement == 3 / 6
    assert found.confusion.tolist() == [[2, 1, 0], [1, 1, 0], [0, 1, 0]]
    assert (found.baseline, found.baseline_mood) == (3 / 6, "calm")
    # By chance 3/6 * 3/6 + 2/6 * 3/6 agree.
    assert found.kappa == pytest.approx((1 / 2 - 5 / 12) / (1 - 5 / 12))


def test_kappa_is_one_for_the_same_and_about_zero_for_unrelated_moods():
    rng = np.random.default_rng(0)
    clusters, tracks = rng.integers(0, 3, 5000), rng.integers(0, 2, 5000)
    assert fidelity(clusters, clusters).kappa == 1
    found = fidelity(clusters, tracks)
    assert abs(found.kappa) < 0.05
    assert found.kappa == pytest.approx(cohen_kappa_score(clusters, tracks))


def test_kappa_is_zero_where_both_name_one_mood_throughout():
    found = fidelity([1, 1], [1, 1], commonest=1)
    assert (found.agreement, found.baseline, found.kappa) == (1, 1, 0)


@pytest.mark.parametrize("successes", [0, 1, 8, 9, 10])
@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_the_interval_is_wilsons(successes, confidence):
    expected = binomtest(successes, 10).proportion_ci(confidence, method="wilson")
    assert wilson(successes, 10, confidence) == pytest.approx(tuple(expected), abs=1e-12)


def blobs(n_each=120):
    """Return tracks in three blobs: calm music, party music, and sad slow music."""
    calm = (0.35, 0.08, -25, 0.04, 0.95, 0.85, 0.11, 0.35, 80)
    party = (0.85, 0.85, -4.5, 0.04, 0.04, 0.0, 0.11, 0.7, 125)
    sad = (0.4, 0.25, -13, 0.04, 0.8, 0.0, 0.11, 0.1, 95)
    rows = np.repeat(np.array([calm, party, sad]), n_each, axis=0)
    rows *= np.random.default_rng(0).uniform(0.97, 1.03, rows.shape)
    features = FeatureMatrix(names=NAMES, values=rows.astype(np.float32))
    return features, pl.Series([f"t{i:04}" for i in range(len(rows))])


def three_moods():
    """Return the package's calm, party and melancholy: moods between would share their blobs."""
    taxonomy = load_taxonomy()
    moods = tuple(taxonomy.mood(name) for name in ("calm", "party", "melancholy"))
    return replace(taxonomy, moods=moods)


def test_on_blobs_that_are_moods_the_song_model_and_the_clusters_agree():
    found = measured(*blobs(), three_moods(), clusters=QUICK, seed=0)
    assert found.n == 72  # a fifth of 360
    assert found.confusion.sum() == 72
    assert found.moods == (*three_moods().names, OTHER)
    assert found.agreement > 0.95
    assert found.kappa > 0.9
    assert found.baseline < 0.5
    low, high = found.interval
    assert low < found.agreement <= high


def test_on_noise_the_agreement_is_far_from_complete():
    rng = np.random.default_rng(0)
    values = rng.random((600, len(NAMES)), dtype=np.float32)
    features = FeatureMatrix(names=NAMES, values=values)
    ids = pl.Series([f"t{i:03}" for i in range(600)])
    found = measured(features, ids, load_taxonomy(), clusters=QUICK, seed=0)
    assert found.agreement < 0.7


def test_held_out_tracks_have_no_part_in_what_they_are_held_against():
    features, ids = blobs()
    held = smallest(keyed_hashes(ids, 0, "fidelity"), 72)
    one = int(held[0])
    values = features.values.copy()
    values[one] = features.values[300 if one < 300 else 10]
    changed = FeatureMatrix(names=NAMES, values=values)
    taxonomy = load_taxonomy()
    first = measured(features, ids, taxonomy, clusters=QUICK, seed=0)
    second = measured(changed, ids, taxonomy, clusters=QUICK, seed=0)
    assert np.abs(first.confusion - second.confusion).sum() == 2  # one track, elsewhere
    assert first.baseline_mood == second.baseline_mood


def test_the_order_of_rows_does_not_matter():
    features, ids = blobs()
    order = np.random.default_rng(1).permutation(len(ids))
    taxonomy = load_taxonomy()
    first = measured(features, ids, taxonomy, clusters=QUICK, seed=3)
    second = measured(features.take(order), ids.gather(order), taxonomy, clusters=QUICK, seed=3)
    assert first.confusion.tolist() == second.confusion.tolist()
    plain = {f.name for f in dataclasses.fields(first)} - {"confusion"}
    assert all(getattr(first, name) == getattr(second, name) for name in plain)


def test_too_few_tracks_to_hold_any_out_are_not_measured():
    features, ids = blobs(16)  # 48 tracks: a fifth is 9
    assert measured(features, ids, load_taxonomy(), clusters=QUICK, seed=0) is None
    features, ids = blobs(17)
    assert measured(features, ids, load_taxonomy(), clusters=QUICK, seed=0).n == 10


def test_no_more_tracks_are_held_out_than_the_setting_says():
    few = FidelitySettings(most=15)
    features, ids = blobs()
    taxonomy = load_taxonomy()
    assert measured(features, ids, taxonomy, clusters=QUICK, settings=few, seed=0).n == 15


@pytest.mark.skipif(not TABLE.is_file(), reason="MOODTUNE_DATA names no folder of real tables")
def test_on_the_real_table_the_song_model_follows_the_clusters_beyond_the_baseline():
    table = pl.read_csv(TABLE, columns=["track_id", *NAMES])
    table = table.unique("track_id", keep="first", maintain_order=True).sort("track_id")
    values = np.ascontiguousarray(table.select(NAMES).to_numpy(), dtype=np.float32)
    found = measured(
        FeatureMatrix(names=NAMES, values=values),
        table["track_id"],
        load_taxonomy(),
        clusters=ClusterSettings(starts=10),
        seed=0,
    )
    assert found.n == 17_948
    assert found.interval[0] > found.baseline
    assert found.kappa > 0.2
