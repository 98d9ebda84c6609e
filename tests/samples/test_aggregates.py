"""The figures that ship, the script that makes them, and the real tables where they are."""

import importlib.util
import os
from importlib import resources
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from moodtune.samples import invented, sample_listeners, sample_tracks
from moodtune.samples.aggregates import aggregates
from moodtune.samples.copula import track_table

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "make_aggregates.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_aggregates", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def data():
    folder = os.environ.get("MOODTUNE_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("the real tables are not here: MOODTUNE_DATA names no folder")
    return Path(folder)


@pytest.fixture
def world(tmp_path):
    """Return a folder laid out as the real tables', filled with a sample."""
    for name in ("catalog", "behavior", "listening"):
        (tmp_path / name).mkdir()
    tracks = sample_tracks(30_000, seed=5)
    tracks.write_csv(tmp_path / "catalog" / "spotify_tracks_114k.csv")
    years = tracks.select(track_album_release_date=pl.format("{}-01-31", "year"))
    years.write_csv(tmp_path / "listening" / "favorites_catalog.csv")
    sample_listeners(2_000, seed=5).write_csv(tmp_path / "behavior" / "spotify_data.csv")
    return tmp_path


def test_the_figures_are_small():
    size = len(resources.files("moodtune.samples").joinpath("aggregates.json").read_bytes())
    assert size < 150_000


def test_quantiles_ascend_and_shares_are_shares():
    tracks = aggregates().tracks
    for genre in tracks.genres:
        assert all(0 <= share <= 1 for share in (genre.explicit, genre.major, *genre.zeros))
        assert all(q == sorted(q) for q in genre.quantiles)
    assert sum(tracks.keys) == pytest.approx(1, abs=0.01)
    assert sum(tracks.artists_per_track) == pytest.approx(1, abs=0.01)


def test_correlations_make_matrices_that_can_be_drawn_from():
    for curves in track_table().genres:
        variance = (curves.mixing**2).sum(axis=1)
        assert variance == pytest.approx(np.ones(len(variance)))


def test_the_figures_of_a_sample_are_the_figures_it_was_drawn_from(script, world):
    found, shipped = script.track_figures(world), aggregates().tracks
    assert [g.name for g in found.genres] == [g.name for g in shipped.genres]
    energy = [f.name for f in shipped.features].index("energy")
    medians = np.array(
        [[g.quantiles[energy][4] for g in figures.genres] for figures in (found, shipped)]
    )
    assert np.abs(medians[0] - medians[1]).mean() < 0.02
    ties = np.array([[g.correlations for g in figures.genres] for figures in (found, shipped)])
    assert np.corrcoef(ties[0].ravel(), ties[1].ravel())[0, 1] > 0.9


def test_an_answer_of_few_people_is_in_no_figure(script, world):
    table = pl.read_csv(world / "behavior" / "spotify_data.csv")
    rare = pl.Series(["seven"] * 4 + ["five"] * 5)
    age = table["Age"].set(pl.Series(np.arange(table.height) < 9), None)
    table = table.with_columns(Age=pl.concat([rare, age[9:]]))
    table.write_csv(world / "behavior" / "spotify_data.csv")
    figures = {q.name: q for q in script.listener_figures(world).questions}
    assert figures["Age"].options == ["12-20", "20-35", "35-60", "five"]
    invented_answers = [o for q in figures.values() for o in q.options if "seven" in o]
    assert invented_answers == []


def test_means_of_a_sample_are_close_to_the_real_tables(data):
    real = pl.read_csv(data / "catalog" / "spotify_tracks_114k.csv")
    sample = sample_tracks(114_000, seed=7)
    for feature in aggregates().tracks.features:
        one, other = real[feature.name], sample[feature.name]
        assert abs(one.mean() - other.mean()) < 0.05 * one.std(), feature.name
        assert other.std() == pytest.approx(one.std(), rel=0.08), feature.name


def test_correlations_of_a_sample_are_close_to_the_real_tables(data):
    names = [feature.name for feature in aggregates().tracks.features]
    real = pl.read_csv(data / "catalog" / "spotify_tracks_114k.csv").select(names)
    both = [np.corrcoef(t.to_numpy().T) for t in (real, sample_tracks(114_000, 7).select(names))]
    assert np.abs(both[0] - both[1]).max() < 0.06


def test_answers_of_a_sample_are_as_frequent_as_in_the_real_survey(data):
    real = pl.read_csv(data / "behavior" / "spotify_data.csv")
    sample = sample_listeners(20_000, seed=7)
    assert sample.schema == real.schema
    for question in aggregates().listeners.questions:
        for option in question.options:
            shares = [
                t[question.name]
                .cast(pl.String)
                .fill_null("")
                .str.contains(option, literal=True)
                .mean()
                for t in (real, sample)
            ]
            assert shares[1] == pytest.approx(shares[0], abs=0.05), (question.name, option)


def test_no_invented_name_is_a_real_one(data):
    catalog = pl.read_csv(data / "catalog" / "spotify_tracks_114k.csv", infer_schema=False)
    other = pl.read_parquet(data / "catalog" / "songs_257k.parquet")
    real = pl.concat(
        [
            *(catalog[c] for c in ("track_name", "album_name")),
            catalog["artists"].str.split(";").explode(),
            *(other[c].cast(pl.String) for c in ("track", "artist")),
        ]
    )
    real_names = set(real.drop_nulls().str.to_lowercase())
    names = [f"{color} {place}" for color, place in product(invented.COLORS, invented.PLACES)]
    names += [
        f"{start} {animal}" for start in ("The", "The Invented") for animal in invented.ANIMALS
    ]
    assert sorted(n for n in names if n.lower() in real_names) == []


def test_no_row_of_the_real_tables_is_in_the_figures(data):
    text = resources.files("moodtune.samples").joinpath("aggregates.json").read_text()
    catalog = pl.read_csv(data / "catalog" / "spotify_tracks_114k.csv", infer_schema=False)
    assert not any(track_id in text for track_id in catalog["track_id"].unique())
