"""Stability and catalogs of one genre, measured on tracks made up like music at large."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from label_worlds import music
from moodtune.moods.song_model import SongModelSettings, train_song_model
from moodtune.moods.taxonomy import load_taxonomy
from worlds import tracks_frame

FOLDER = Path(__file__).parents[2] / "benchmarks"
STILL, EXCITED = ("relax", "calm", "deep", "melancholy"), ("party", "motivating")


@pytest.fixture
def benchmark_module(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.fixture(scope="module")
def at_large():
    return music(4000, 1)


@pytest.fixture(scope="module")
def loudness(at_large):
    """How loud and energetic each track is, as a rank."""
    ranks = [np.argsort(np.argsort(at_large.column(n))) for n in ("energy", "loudness")]
    return sum(ranks) / 2 / len(at_large)


def frame(features):
    import polars as pl

    columns = {name: features.column(name).tolist() for name in features.names}
    ids = pl.Series([f"t{i:05}" for i in range(len(features))])
    return tracks_frame(len(features), **columns).with_columns(track_id=ids)


def test_moods_agree_over_seeds_and_parts_and_clusters_have_no_bar(
    benchmark_module, at_large, tmp_path
):
    stability, surroundings = benchmark_module("stability"), benchmark_module("surroundings")
    table = frame(at_large).select("track_id", "title", *at_large.names)
    table.with_columns(artist="title").write_csv(tmp_path / "tracks.csv")
    tables = surroundings.Tables(
        catalog=tmp_path / "tracks.csv", behavior=tmp_path / "none.csv", called="made up"
    )
    text, met = stability.run(tables, tmp_path, times=1, seeds=4)
    assert met
    rows = [line for line in text.splitlines() if line.startswith(("| leading", "| cluster"))]
    assert rows[0] == "| leading mood over seeds | 4 | 1.000 [1.000, 1.000] | 0.95 | met |"
    assert rows[1].startswith("| leading mood over parts of 80% | 4 | ")
    assert rows[1].endswith(" | 0.95 | met |")
    assert rows[2].endswith(" | no bar | |")


def test_moods_at_random_miss_the_bar(benchmark_module):
    stability = benchmark_module("stability")
    found = [np.random.default_rng(seed).integers(9, size=500) for seed in range(4)]
    assert stability.lowest(found) < 0.05
    assert stability.row("x", found, stability.BAR).endswith("| 0.95 | missed |")


def test_a_list_says_what_a_loud_catalog_hardly_has(benchmark_module, at_large, loudness):
    one_genre = benchmark_module("one_genre")
    loud = one_genre.index_of(frame(at_large.take(np.flatnonzero(loudness > 0.85))))
    whole = one_genre.index_of(frame(at_large))
    fits = {mood: one_genre.fit_of_ten(loud, mood) for mood in (*STILL, "motivating")}
    assert {mood: nearest for mood, (_, nearest) in fits.items()} == {
        **dict.fromkeys(STILL, True), "motivating": False,
    }  # fmt: skip
    assert not any(one_genre.fit_of_ten(whole, mood)[1] for mood in load_taxonomy().offered)


@pytest.mark.parametrize(
    ("quietest", "loudest", "lacking"), [(0.85, 1.0, STILL), (0.0, 0.12, EXCITED)]
)
def test_moods_that_a_corner_of_music_lacks_hardly_lead_there(
    at_large, loudness, quietest, loudest, lacking
):
    """By ranks within the catalog alone they would lead as many tracks as anywhere."""
    taxonomy = load_taxonomy()
    inside = at_large.take(np.flatnonzero((loudness >= quietest) & (loudness <= loudest)))
    columns = [taxonomy.names.index(mood) for mood in lacking]

    def led(settings):
        leading = train_song_model(inside, taxonomy, settings).score(inside).leading
        return np.isin(leading, columns).mean()

    assert led(SongModelSettings()) < 0.1 < led(SongModelSettings(catalog_share=1.0))


def test_confidence_in_a_corner_follows_the_fit_to_music_at_large(
    benchmark_module, at_large, loudness
):
    """What a track is said to fit does not hang on who else is in its catalog."""
    one_genre = benchmark_module("one_genre")
    rows = np.flatnonzero(loudness > 0.85)
    inside, taxonomy = at_large.take(rows), load_taxonomy()
    here, there = (train_song_model(f, taxonomy) for f in (inside, at_large))
    for mood in taxonomy.offered:
        np.testing.assert_array_equal(here.fit(inside, mood), there.fit(inside, mood))
    scores = here.score(inside)
    own = [here.fit(inside.take(slice(i, i + 1)), scores.leading_names()[i])[0] for i in range(20)]
    np.testing.assert_array_equal(scores.confidence[:20], own)
    part, whole = one_genre.index_of(frame(inside)), one_genre.index_of(frame(at_large))
    assert part.scores.confidence.mean() < whole.scores.confidence.mean() - 0.02
