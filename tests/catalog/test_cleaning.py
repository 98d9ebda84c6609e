"""What becomes of single rows: one fault each, beside a row that is sound."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodtune.catalog.aliases import map_columns
from moodtune.catalog.cleaning import clean
from moodtune.catalog.readers import read_catalog
from moodtune.catalog.units import Units

NO_UNITS = Units(percent=(), seconds=())


def cleaned(frame, **settings):
    return clean(frame, map_columns(frame.columns), NO_UNITS, file="t.csv", **settings)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("energy", "1.01", "energy must be in [0, 1]"),
        ("energy", "-0.1", "energy must be in [0, 1]"),
        ("valence", None, "valence is missing"),
        ("valence", "NaN", "valence is missing"),
        ("danceability", "high", "danceability is not a number"),
        ("danceability", "0,5", "danceability is not a number"),
        ("acousticness", "inf", "acousticness is infinite"),
        ("acousticness", "-inf", "acousticness is infinite"),
        ("loudness", "10.5", "loudness must be in [-100, 10]"),
        ("loudness", "-101", "loudness must be in [-100, 10]"),
        ("tempo", "301", "tempo must be in [0, 300]"),
        ("key", "12", "key must be in [-1, 11]"),
        ("key", "4.5", "key must be a whole number"),
        ("key", "H", "key is not a number"),
        ("mode", "2", "mode must be in [0, 1]"),
        ("time_signature", "17", "time_signature must be in [0, 16]"),
        ("duration_ms", "0", "duration_ms must be in [1, 86400000]"),
        ("duration_ms", "3:45", "duration_ms is not a number"),
        ("popularity", "101", "popularity must be in [0, 100]"),
        ("year", "999", "year must be in [1000, 2200]"),
        ("explicit", "maybe", "explicit is neither true nor false"),
    ],
)
def test_a_faulty_cell_rejects_its_row_with_a_reason(write, row, column, value, reason):
    twin = {"key": "5", "mode": "1", "duration_ms": "200000", "explicit": "True"}
    usual = {**twin, "time_signature": "4", "popularity": "50", "year": "2000"}
    good, bad = row(track_id="good", **usual), row(track_id="bad", **{**usual, column: value})
    # Two more sound rows keep a duration of 0 from being the rule.
    catalog = read_catalog(write(good, bad, row(track_id="x", title="X", **usual)))
    assert catalog.tracks["track_id"].to_list() == ["good", "x"]
    assert catalog.rejections.rows() == [("tracks.csv", 2, "bad", column, value, reason)]
    assert (catalog.n_read, catalog.n_rejected, catalog.n_merged) == (3, 1, 0)


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        ("energy", "0", 0),
        ("energy", "1", 1),
        ("tempo", "0", 0),
        ("loudness", "10", 10),
        ("loudness", "-60", -60),
        ("key", "-1", -1),
        ("key", "5.0", 5),
        ("key", None, None),
        ("key", "nan", None),
        ("mode", None, None),
        ("time_signature", "0", 0),
        ("duration_ms", "200000.4", 200000),
        ("duration_ms", None, None),
        ("popularity", None, None),
        ("year", None, None),
        ("explicit", None, None),
        ("explicit", "0", False),
    ],
)
def test_the_ends_of_a_range_and_blank_carried_cells_are_kept(write, row, column, value, kept):
    catalog = read_catalog(write(row(**{column: value})))
    assert catalog.tracks[column].to_list() == [kept]
    assert catalog.n_rejected == 0


def test_a_row_with_two_faults_is_rejected_once_for_the_first_in_schema_order(write, row):
    catalog = read_catalog(write(row(), row(track_id="b", tempo="x", energy="2")))
    assert catalog.rejections.select("column", "value").rows() == [("energy", "2")]


def test_tempo_0_and_loudness_above_0_db_are_kept_and_counted(write, row):
    rows = [
        row(track_id="a", title="A", tempo="0"),
        row(track_id="b", title="B", tempo="0.0", loudness="0.5"),
        row(track_id="c", title="C", loudness="0"),
    ]
    catalog = read_catalog(write(*rows))
    assert catalog.tracks.select("tempo", "loudness").rows() == [(0, -8), (0, 0.5), (120, 0)]
    assert catalog.notes == (
        "2 rows have tempo 0 (no beat was heard); they are kept",
        "1 row has loudness above 0 dB; it is kept",
    )


def test_the_row_without_name_and_artist_and_with_duration_0_is_rejected_for_its_duration(
    write, row
):
    empty = row(track_id="b", title=None, artists=None, duration_ms="0")
    catalog = read_catalog(write(row(duration_ms="200000"), empty))
    assert catalog.rejections.rows() == [
        ("tracks.csv", 2, "b", "duration_ms", "0", "duration_ms must be in [1, 86400000]")
    ]


def test_a_row_with_an_id_needs_neither_title_nor_artists(write, row):
    catalog = read_catalog(write(row(), row(track_id="b", title=None, artists=None)))
    assert catalog.tracks.select("track_id", "title", "artists").rows() == [
        ("a", "Song", ["Ann"]),
        ("b", None, []),
    ]


@pytest.mark.parametrize("absent", ["title", "artists"])
def test_a_row_with_neither_id_nor_title_and_artists_is_rejected(write, row, absent):
    catalog = read_catalog(write(row(), row(**{"track_id": None, absent: None})))
    assert catalog.rejections.rows() == [
        ("tracks.csv", 2, None, "track_id", None,
         "track_id is missing, and there is no title with artists instead")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "reason"), [("title", "title is missing"), ("artists", "artists are missing")]
)
def test_in_a_table_without_ids_title_and_artists_are_needed(write, row, column, reason):
    rows = [row(), row(**{column: None})]
    for cells in rows:
        del cells["track_id"]
    catalog = read_catalog(write(*rows))
    assert catalog.rejections.rows() == [("tracks.csv", 2, None, column, None, reason)]


def test_a_row_without_an_id_gets_one_from_its_song(write, row):
    rows = [row(track_id=None), row(track_id="b", title="Other")]
    (made,) = read_catalog(write(*rows)).tracks["track_id"].filter(pl.Series([False, True]))
    assert made.startswith("song:")
    assert len(made) == len("song:") + 24
    # The same song has the same id in a table without the column, however it is spelled.
    respelt = row(title="  SONG ", artists="ann;")
    del respelt["track_id"]
    assert read_catalog(write(respelt, name="b.csv")).tracks["track_id"].to_list() == [made]


def test_the_year_comes_from_the_table_or_else_from_the_release_date(write, row):
    rows = [
        row(track_id="a", year="1990", release_date="2001-02-03"),
        row(track_id="b", title="B", release_date="2001-02-03"),
        row(track_id="c", title="C", release_date="0000"),
        row(track_id="d", title="D"),
    ]
    catalog = read_catalog(write(*rows))
    assert catalog.tracks.select("year", "release_date").rows() == [
        (1990, "2001-02-03"), (2001, "2001-02-03"), (None, "0000"), (None, None),
    ]  # fmt: skip
    assert catalog.notes == ("1 row has a release date that names no year",)


def test_minus_0_is_0(write, row):
    energy = read_catalog(write(row(energy="-0.0"))).tracks["energy"]
    assert str(energy[0]) == "0.0"


def frame_of(values):
    n = len(values)
    columns = dict.fromkeys(("valence", "danceability", "acousticness", "liveness"), ["0.5"] * n)
    return pl.DataFrame(
        {"id": [str(i) for i in range(n)], "energy": values, **columns, "tempo": ["0"] * n},
        schema_overrides={"energy": pl.String},
    )


cell = st.sampled_from(["0.5", "2", "x", None, "inf"])


@settings(max_examples=30, deadline=None)
@given(st.lists(cell, max_size=12), st.integers(min_value=0, max_value=12))
def test_a_table_cleaned_in_two_batches_is_the_table_cleaned_at_once(values, cut):
    frame = frame_of(values)
    at_once = cleaned(frame)
    head, tail = cleaned(frame[:cut]), cleaned(frame[cut:], first_row=min(cut, len(values)) + 1)
    assert pl.concat([head.kept, tail.kept]).equals(at_once.kept)
    assert pl.concat([head.rejected, tail.rejected]).equals(at_once.rejected)
    assert head.n_silent + tail.n_silent == at_once.n_silent
    assert at_once.kept.height == values.count("0.5")
    assert at_once.kept.height + at_once.rejected.height == len(values)


def test_types_of_a_parquet_table_are_taken_as_they_are(tmp_path):
    pl.DataFrame(
        {
            "id": [7, 8],
            "name": [" Song ", "B"],
            "album": [["One", "Two"], None],
            "artists": [["Ann", "Bob"], None],
            "explicit": [True, None],
            "mode": [True, False],
            "energy": pl.Series([0.25, float("nan")], dtype=pl.Float32),
            "genre": pl.Series(["x;y", " "], dtype=pl.Categorical),
            **{name: [0, 1] for name in ("valence", "danceability", "liveness", "speechiness")},
            "acousticness": [0.5, 0.5],
        }
    ).write_parquet(tmp_path / "t.parquet")
    catalog = read_catalog(tmp_path / "t.parquet")
    kept = (
        "album",
        "track_id",
        "title",
        "artists",
        "explicit",
        "mode",
        "energy",
        "valence",
        "genres",
    )
    assert catalog.tracks.select(kept).rows() == [
        ("One;Two", "7", "Song", ["Ann", "Bob"], True, 1, 0.25, 0, ["x", "y"])
    ]
    assert catalog.rejections.rows() == [
        ("t.parquet", 2, "8", "energy", "NaN", "energy is missing")
    ]


def test_lists_of_text_where_numbers_are_expected_are_no_numbers(tmp_path):
    numbers = dict.fromkeys(
        ("valence", "danceability", "liveness", "speechiness", "tempo"), [0.5] * 2
    )
    pl.DataFrame({"id": ["a", "b"], "energy": [["0.5"], ["0.5", "0.6"]], **numbers}).write_parquet(
        tmp_path / "t.parquet"
    )
    catalog = read_catalog(tmp_path / "t.parquet")
    assert catalog.tracks["track_id"].to_list() == ["a"]
    assert catalog.rejections.select("value", "reason").rows() == [
        ("0.5;0.6", "energy is not a number")
    ]
