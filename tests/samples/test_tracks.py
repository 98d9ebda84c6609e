import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodtune.catalog import schema
from moodtune.errors import UsageError
from moodtune.samples import is_sample, iter_sample_tracks, sample_tracks
from moodtune.samples.aggregates import aggregates
from moodtune.samples.tracks import BLOCK, TRACK_SCHEMA

FIGURES = aggregates().tracks


@pytest.fixture(scope="module")
def tracks():
    return sample_tracks(2 * BLOCK + 1_000, seed=7)


def test_the_same_seed_gives_the_same_tracks_and_another_seed_gives_others():
    assert sample_tracks(300, seed=7).equals(sample_tracks(300, seed=7))
    assert set(sample_tracks(300, seed=7)["track_id"]).isdisjoint(sample_tracks(300, 8)["track_id"])


def test_a_seed_keeps_its_tracks_from_one_release_to_the_next():
    first = sample_tracks(1_000, seed=7).row(0, named=True)
    assert first["track_id"] == "sample-78bc4e8a0df662f"
    assert first["track_name"] == "Sample Song 00001 — Russet Viaduct"
    assert (first["track_genre"], first["artists"]) == ("british", "The Invented Numbats 9")


@settings(deadline=None, max_examples=20)
@given(n=st.integers(0, 700), batch_size=st.integers(1, 800))
def test_the_batch_size_never_changes_the_tracks(n, batch_size):
    batches = list(iter_sample_tracks(n, 3, batch_size))
    assert pl.concat([TRACK_SCHEMA.to_frame(), *batches]).equals(sample_tracks(n, 3))
    assert [b.height for b in batches[:-1]] == [batch_size] * (math.ceil(n / batch_size) - 1)


def test_batches_that_straddle_blocks_are_whole(tracks):
    heights = [b.height for b in iter_sample_tracks(tracks.height, 7, 50_000)]
    assert heights == [50_000, 50_000, 32_072]


def test_no_more_than_the_batches_asked_for_are_drawn():
    # A thousand million tracks would take an hour; the first batch comes at once.
    assert next(iter_sample_tracks(1_000_000_000, 7, 10)).height == 10


def test_the_columns_are_those_of_the_public_table_and_never_blank(tracks):
    assert tracks.schema == TRACK_SCHEMA
    assert sum(tracks.null_count().row(0)) == 0


@pytest.mark.parametrize("n", [0, 1, 5])
def test_a_tiny_sample_has_the_same_columns(n):
    tiny = sample_tracks(n, seed=1)
    assert (tiny.height, tiny.schema) == (n, TRACK_SCHEMA)


def test_every_value_is_one_that_a_catalog_accepts(tracks):
    quantities = schema.AUDIO_FEATURES | schema.CARRIED_NUMBERS
    for name in set(quantities) & set(tracks.columns):
        quantity = quantities[name]
        assert tracks[name].is_between(quantity.low, quantity.high).all(), name


def test_every_track_is_a_song_of_its_own_with_an_id_of_22_characters(tracks):
    assert tracks["track_id"].n_unique() == tracks.height
    assert tracks["track_name"].n_unique() == tracks.height
    assert tracks["track_id"].str.len_chars().unique().to_list() == [22]


def test_ids_do_not_come_in_order():
    ids = sample_tracks(1_000, seed=7)["track_id"]
    assert abs(np.corrcoef(ids.rank().to_numpy(), np.arange(1_000))[0, 1]) < 0.1


def test_artists_of_one_track_differ_and_some_tracks_have_several(tracks):
    people = tracks["artists"].str.split(";")
    assert (people.list.len() == people.list.n_unique()).all()
    alone = (people.list.len() == 1).mean()
    assert alone == pytest.approx(FIGURES.artists_per_track[0], abs=0.01)
    assert people.list.len().max() == len(FIGURES.artists_per_track)


def test_an_artist_keeps_to_one_genre_and_has_several_tracks(tracks):
    people = tracks.with_columns(pl.col("artists").str.split(";")).explode("artists")
    genres = people.group_by("artists").agg(pl.col("track_genre").n_unique(), pl.len())
    assert genres["track_genre"].max() == 1
    assert 3 < genres["len"].mean() < 10


def test_an_album_of_an_artist_came_out_in_one_year(tracks):
    alone = tracks.filter(~pl.col("artists").str.contains(";"))
    years = alone.group_by("artists", "album_name").agg(pl.col("year").n_unique())
    assert years["year"].max() == 1
    assert tracks["year"].is_between(1960, 2026).all()


def test_genres_are_equally_common(tracks):
    counts = tracks["track_genre"].value_counts()
    assert set(counts["track_genre"]) == {g.name for g in FIGURES.genres}
    expected = tracks.height / len(FIGURES.genres)
    assert (
        counts["count"].is_between(expected - 5 * expected**0.5, expected + 5 * expected**0.5).all()
    )


@pytest.mark.parametrize("name", ["metal", "sleep", "comedy", "classical"])
def test_a_genre_has_the_quantiles_and_the_zeros_of_its_figures(tracks, name):
    genre = next(g for g in FIGURES.genres if g.name == name)
    rows = tracks.filter(pl.col("track_genre") == name)
    for feature, zeros, quantiles in zip(
        FIGURES.features, genre.zeros, genre.quantiles, strict=True
    ):
        values = rows[feature.name].to_numpy()
        error = 4 * 0.5 / len(values) ** 0.5
        assert (values == 0).mean() == pytest.approx(zeros, abs=error), feature.name
        others = values[values != 0]
        for level, quantile in zip(FIGURES.levels, quantiles, strict=True):
            slack = 10.0**-feature.decimals
            below = (others <= quantile * 1.01 + slack).mean() + 4 * 0.5 / len(others) ** 0.5
            assert below >= level, (feature.name, level)
            above = (others < quantile * 0.99 - slack).mean() - 4 * 0.5 / len(others) ** 0.5
            assert above <= level, (feature.name, level)


def test_explicit_tracks_are_as_frequent_as_in_their_genre(tracks):
    shares = dict(tracks.group_by("track_genre").agg(pl.col("explicit").mean()).iter_rows())
    for genre in FIGURES.genres:
        assert shares[genre.name] == pytest.approx(genre.explicit, abs=0.06)


def test_features_hang_together_as_in_real_music(tracks):
    def correlation(one, other):
        return tracks.select(pl.corr(one, other)).item()

    assert correlation("energy", "loudness") > 0.6
    assert correlation("energy", "acousticness") < -0.5
    assert correlation("danceability", "valence") > 0.3


def test_skewed_features_are_skewed(tracks):
    assert tracks["speechiness"].skew() > 3
    assert tracks["loudness"].skew() < -1.5
    assert (tracks["instrumentalness"] == 0).mean() == pytest.approx(0.34, abs=0.03)


def test_every_sample_says_so_itself(tracks):
    assert is_sample(tracks)
    assert tracks["track_name"].str.starts_with("Sample Song ").all()
    assert tracks["album_name"].str.starts_with("Sample Album ").all()
    assert tracks["artists"].str.split(";").explode().str.starts_with("The Invented ").all()


@pytest.mark.parametrize(("n", "batch_size"), [(-1, 10), (10, 0)])
def test_a_size_out_of_range_is_refused_at_once(n, batch_size):
    text = (
        f"^a sample has 0 or more tracks, in batches of 1 or more, got {n} in batches "
        f"of {batch_size}; ask for --tracks 20000$"
    )
    with pytest.raises(UsageError, match=text):
        iter_sample_tracks(n, 7, batch_size)
