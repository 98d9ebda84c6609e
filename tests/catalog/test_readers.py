import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodtune.catalog.readers import read_catalog
from moodtune.catalog.schema import DTYPES
from moodtune.errors import ColumnError, TableError
from moodtune.tables.reading import read_table

AVERAGES = dict.fromkeys(
    ("valence", "energy", "danceability", "acousticness", "liveness", "speechiness"), "0.5"
)


def test_a_catalog_has_the_columns_of_its_table_in_schema_order_and_type(write, row):
    path = write(row(genre="pop", url="u", isrc="i", mbid="m", path="p", album="A", year="1999"))
    tracks = read_catalog(path).tracks
    assert tracks.columns == [name for name in DTYPES if name in tracks.columns]
    assert tracks.rows(named=True) == [
        {
            "track_id": "a", "title": "Song", "artists": ["Ann"], "alternative_ids": [],
            "danceability": 0.5, "energy": 0.5, "loudness": -8, "acousticness": 0.5,
            "valence": 0.5, "tempo": 120, "genres": ["pop"], "year": 1999, "album": "A",
            "url": "u", "path": "p", "isrc": "i", "musicbrainz_id": "m",
        }
    ]  # fmt: skip


def test_a_source_names_its_file_fingerprint_and_columns(write, row):
    path = write({"": "0", **row(mood="sad", name="other")})
    (source,) = read_catalog(path).sources
    assert source.name == "tracks.csv"
    assert source.sha256 == read_table(path).rows_sha256()
    assert source.n_rows == 1
    assert source.columns["title"] == "title"
    assert source.unused_columns == ("mood", "name")
    assert source.left_out is None


def test_a_catalog_is_sorted_by_the_bytes_of_its_ids(write, row):
    rows = [row(track_id=i, title=str(t)) for t, i in enumerate("béB0")]
    assert read_catalog(write(*rows)).tracks["track_id"].to_list() == ["0", "B", "b", "é"]


def test_kept_rejected_and_merged_add_up_to_what_was_read(write, row):
    rows = [
        row(),
        row(),
        row(track_id="b"),
        row(track_id="c", energy="x"),
        row(track_id="d", title="D"),
    ]
    catalog = read_catalog(write(*rows))
    assert (len(catalog), catalog.n_rejected, catalog.n_merged_ids, catalog.n_merged_songs) == (
        2,
        1,
        1,
        1,
    )
    assert catalog.n_read == 5


genre = st.sampled_from(["pop", "rock", None])
track = st.fixed_dictionaries(
    {
        "track_id": st.sampled_from(["a", "b", "c", "spotify:track:a", None]),
        "title": st.sampled_from(["Song", "SONG", "Other", None]),
        "artists": st.sampled_from(["Ann", "Ann;Bob", "['Bob', 'Ann']", None]),
        "energy": st.sampled_from(["0.5", "0.6", "-0", "0", "x"]),
        "popularity": st.sampled_from(["1", "2", None]),
        "genre": genre,
        **{name: st.just("0.5") for name in AVERAGES if name != "energy"},
    }
)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(track, min_size=1, max_size=8), data=st.data())
def test_neither_row_order_nor_splitting_into_files_matters(tmp_path_factory, rows, data):
    folder = tmp_path_factory.mktemp("t")
    schema = dict.fromkeys(rows[0], pl.String)
    sound = {**dict.fromkeys(rows[0], "0.5"), "track_id": "z", "title": "Z", "popularity": "1"}
    rows = [*rows, sound]
    pl.DataFrame(rows, schema=schema).write_csv(folder / "all.csv")
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(min_value=1, max_value=len(rows) - 1))
    (folder / "parts").mkdir()
    for number, part in enumerate((shuffled[:cut], shuffled[cut:])):
        pl.DataFrame(part, schema=schema).write_csv(folder / f"parts/{number}.csv")
    whole, parts = read_catalog(folder / "all.csv"), read_catalog(folder / "parts")
    assert whole.tracks.equals(parts.tracks)
    assert (whole.n_read, whole.n_rejected, whole.n_merged_ids, whole.n_merged_songs) == (
        parts.n_read, parts.n_rejected, parts.n_merged_ids, parts.n_merged_songs,
    )  # fmt: skip
    assert len(whole.rejections.group_by("reason").len()) == len(
        parts.rejections.group_by("reason").len()
    )


def test_tables_of_artists_genres_and_years_in_a_folder_are_named_and_left_out(
    write, row, tmp_path
):
    write(row(), name="data/data.csv")
    write({"artists": "Ann", "count": "3", **AVERAGES}, name="data/data_by_artist.csv")
    write({"genres": "pop", **AVERAGES}, name="data/data_by_genres.csv")
    write({"year": "1999", **AVERAGES}, name="data/data_by_year.csv")
    write({"genres": "['pop']", "artists": "Ann", **AVERAGES}, name="data/data_w_genres.csv")
    write({"id": "a", "name": "Ann", "followers": "3"}, name="data/people.csv")
    catalog = read_catalog(tmp_path / "data")
    assert (catalog.n_read, len(catalog)) == (1, 1)
    lacks = (
        "a table of tracks needs a track id (track_id, id, uri), or a title (title, track_name, "
        "name) and artists (artists, artist_name)"
    )
    assert {s.name: s.left_out for s in catalog.sources} == {
        "data.csv": None,
        "data_by_artist.csv": f"a table of artists, not of tracks: {lacks}",
        "data_by_genres.csv": f"a table of genres, not of tracks: {lacks}",
        "data_by_year.csv": f"a table of years, not of tracks: {lacks}",
        "data_w_genres.csv": f"a table of artists, not of tracks: {lacks}",
        "people.csv": "it needs valence and energy and at least 4 other audio features, and has "
        "none; not found: danceability, energy, loudness, speechiness, acousticness, "
        "instrumentalness, liveness, valence, tempo",
    }


def test_the_same_table_given_by_itself_is_refused(write):
    path = write({"artists": "Ann", "count": "3", **AVERAGES})
    message = (
        "tracks.csv: a table of tracks needs a track id (track_id, id, uri), or a title (title, "
        "track_name, name) and artists (artists, artist_name); its columns are: artists, count, "
        "valence, energy, danceability, acousticness, liveness, speechiness"
    )
    with pytest.raises(ColumnError, match=f"^{re.escape(message)}$"):
        read_catalog(path)


def test_a_folder_without_a_table_of_tracks_is_refused(write, tmp_path):
    write({"year": "1999", **AVERAGES}, name="d/data_by_year.csv")
    with pytest.raises(
        TableError,
        match=r"^there is no table of tracks among 1 tables: data_by_year\.csv: a table of years, "
        r"not of tracks: a table of tracks needs a track id",
    ):
        read_catalog(tmp_path / "d")


def test_several_paths_are_one_table(write, row):
    one, two = write(row(), name="1.csv"), write(row(), row(track_id="b", title="B"), name="2.csv")
    catalog = read_catalog([one, two])
    assert catalog.tracks["track_id"].to_list() == ["a", "b"]
    assert [source.name for source in catalog.sources] == ["1.csv", "2.csv"]


def test_columns_that_only_some_files_have_are_blank_in_the_others(write, row, tmp_path):
    write(row(genre="pop", year="1999"), name="d/1.csv")
    write(row(track_id="b", title="B"), name="d/2.csv")
    assert read_catalog(tmp_path / "d").tracks.select("genres", "year").rows() == [
        (["pop"], 1999),
        ([], None),
    ]


def test_a_feature_that_only_some_files_have_is_left_out_and_noted(write, row, tmp_path):
    write(row(liveness="0.5"), name="d/1.csv")
    write(row(track_id="b", title="B"), name="d/2.csv")
    catalog = read_catalog(tmp_path / "d")
    assert "liveness" not in catalog.features
    assert len(catalog) == 2
    assert catalog.notes == ("liveness is in 1 of 2 tables only, and is not used",)


def test_files_that_share_too_few_features_are_refused(write, row, tmp_path):
    other = row(track_id="b", title="B", liveness="0.5")
    del other["tempo"]
    write(row(), name="d/1.csv")
    write(other, name="d/2.csv")
    with pytest.raises(
        ColumnError,
        match=r"^1\.csv and 1 more: of the features that all of them have, it needs valence and "
        r"energy and at least 4 other audio features, and has danceability, energy, loudness, "
        r"acousticness, valence; not found: ",
    ):
        read_catalog(tmp_path / "d")


def test_a_feature_that_is_blank_throughout_is_left_out_and_noted(write, row):
    rows = [row(liveness=None), row(track_id="b", title="B", liveness=None)]
    catalog = read_catalog(write(*rows))
    assert len(catalog) == 2
    assert catalog.notes == ("liveness is blank in every row of tracks.csv, and is not used",)


def test_a_table_of_which_nothing_is_left_is_refused_with_the_commonest_reason(write, row):
    path = write(row(energy="x"), row(tempo="y"), row(tempo="z"))
    message = (
        "tracks.csv: none of the 3 rows can be used; 2 of them because tempo is not a number "
        "(row 2, got 'y')"
    )
    with pytest.raises(TableError, match=f"^{re.escape(message)}$"):
        read_catalog(path)


def test_the_sheet_of_tracks_is_found_in_a_workbook(tmp_path, row):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["about", "this"])
    sheet = book.create_sheet("tracks")
    sheet.append(list(row()))
    sheet.append(list(row().values()))
    book.save(tmp_path / "t.xlsx")
    assert read_catalog(tmp_path / "t.xlsx").tracks["title"].to_list() == ["Song"]


def test_a_workbook_without_tracks_is_refused_with_the_columns_of_its_first_sheet(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["about", "this"])
    book.active.append(["1", "2"])
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(ColumnError, match=r"; its columns are: about, this$"):
        read_catalog(tmp_path / "t.xlsx")


def test_the_kaggle_layout_with_python_lists_and_an_index_is_read(write):
    path = write(
        {"": "0", "id": "x1", "name": "Duet", "artists": """['Ann', "O'Bob"]""", "year": "1921",
         "release_date": "1921", "explicit": "0", "key": "-1", "popularity": "4",
         "duration_ms": "831667", "mode": "1", "loudness": "-20.096", "tempo": "80.954",
         **AVERAGES}
    )  # fmt: skip
    (track,) = read_catalog(path).tracks.rows(named=True)
    assert track["artists"] == ["Ann", "O'Bob"]
    assert (track["year"], track["release_date"], track["explicit"]) == (1921, "1921", False)
    assert (track["key"], track["duration_ms"], track["popularity"]) == (-1, 831_667, 4)


def test_a_uri_an_address_and_a_bare_id_are_one_track(write, row):
    ids = ("spotify:track:4aB", "4aB", "https://open.spotify.com/track/4aB?si=1")
    rows = [{"uri": track_id, **row(genre=g)} for track_id, g in zip(ids, "cab", strict=True)]
    for cells in rows:
        del cells["track_id"]
    catalog = read_catalog(write(*rows))
    assert catalog.tracks.select("track_id", "genres").rows() == [("4aB", ["a", "b", "c"])]
    assert catalog.n_merged_ids == 2


def test_column_names_that_polars_takes_for_patterns_are_names(tmp_path, row):
    cells = {
        **{f"^{name}$": cell for name, cell in row(energy="0.25").items()},
        "^.*$": "x",
        "*": "y",
    }
    frame = pl.DataFrame({name: [cell] for name, cell in cells.items()})
    frame.with_columns(pl.Series("^album$", [["One", "Two"]])).write_parquet(tmp_path / "t.parquet")
    catalog = read_catalog(tmp_path / "t.parquet")
    assert catalog.tracks.select("energy", "album").rows() == [(0.25, "One;Two")]
    assert catalog.sources[0].unused_columns == ("^.*$", "*")


def test_tables_of_one_name_in_a_folder_are_told_apart_by_their_path(write, row, tmp_path):
    write(row(), name="d/x/tracks.csv")
    write(row(track_id="b", title="B", energy="7"), name="d/y/tracks.csv")
    catalog = read_catalog(tmp_path / "d")
    assert [source.name for source in catalog.sources] == ["x/tracks.csv", "y/tracks.csv"]
    assert catalog.rejections["file"].to_list() == ["y/tracks.csv"]
    (tmp_path / "d" / "y" / "tracks.csv").write_bytes(b"a,b\n1,caf\xe9\n")
    with pytest.raises(TableError, match=r"^y/tracks\.csv line 2: byte 0xe9 is not UTF-8; "):
        read_catalog(tmp_path / "d")
