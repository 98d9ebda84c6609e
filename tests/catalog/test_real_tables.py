"""The real tables, where they are; counts come from a plain reading with the csv module.

The synthetic twins are the hand-made tables of the other tests in this folder, and the one below,
which has all of these quirks at once.
"""

import ast
import csv
import os
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import polars as pl
import pytest

from moodtune.catalog.readers import read_catalog


@pytest.fixture(scope="module")
def data():
    folder = Path(os.environ.get("MOODTUNE_DATA", ""))
    if not os.environ.get("MOODTUNE_DATA") or not folder.is_dir():
        pytest.skip("MOODTUNE_DATA does not name a folder of real tables")
    return folder


def fold(text):
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def songs_of(tracks):
    """Group ids by song: {(title, set of artists): {id: popularity}}."""
    songs = defaultdict(dict)
    for track_id, title, artists, popularity in tracks:
        listed = ast.literal_eval(artists) if artists.startswith("['") else artists.split(";")
        names = frozenset(fold(name) for name in listed)
        songs[(fold(title), names) if title and artists else track_id][track_id] = popularity
    return songs


def check_songs(catalog, songs):
    kept = {min(ids, key=lambda i: (-ids[i], i)): sorted(ids) for ids in songs.values()}
    told = catalog.tracks.select("track_id", "alternative_ids").rows()
    assert {own: sorted([own, *others]) for own, others in told} == kept


def check_114k(catalog, path):
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sound = [row for row in rows if float(row["duration_ms"]) > 0]
    per_id = defaultdict(list)
    for row in sound:
        per_id[row["track_id"]].append(row)
    assert catalog.n_read == len(rows)
    assert catalog.n_rejected == len(rows) - len(sound) == 1
    assert catalog.n_merged_ids == len(sound) - len(per_id)
    # Rows of one id differ in genre and popularity only; the least popularity sorts first.
    tracks = [
        (
            i,
            r[0]["track_name"].strip(),
            r[0]["artists"].strip(),
            min(float(x["popularity"]) for x in r),
        )
        for i, r in per_id.items()
    ]
    songs = songs_of(tracks)
    assert catalog.n_merged_songs == len(per_id) - len(songs)
    assert len(catalog) == len(songs)
    check_songs(catalog, songs)
    genres = dict(catalog.tracks.select("track_id", "genres").rows())
    assert all(genres[i] == sorted({r["track_genre"] for r in per_id[i]}) for i in genres)
    zero, loud = (sum(test(row) for row in sound) for test in (is_silent, is_loud))
    assert catalog.notes == (
        f"{zero} rows have tempo 0 (no beat was heard); they are kept",
        f"{loud} rows have loudness above 0 dB; they are kept",
    )
    return Counter(len(ids) for ids in songs.values())


def is_silent(row):
    return float(row["tempo"]) == 0


def is_loud(row):
    return float(row["loudness"]) > 0


def test_the_114k_table_gives_the_songs_that_a_plain_reading_gives(data):
    path = data / "catalog/spotify_tracks_114k.csv"
    catalog = read_catalog(path)
    check_114k(catalog, path)
    assert catalog.n_merged_ids == 24_259  # the figure its description states
    assert catalog.rejections.select("row", "column", "value").rows() == [
        (65901, "duration_ms", "0")
    ]


def test_its_synthetic_twin_gives_them_too(write, row):
    rows = [
        row(track_id="a", genre="rock", popularity="9", tempo="0"),
        row(track_id="a", genre="pop", popularity="7", tempo="0"),
        row(track_id="a", genre="pop", popularity="7", tempo="0"),
        row(track_id="b", genre="pop", popularity="8", loudness="0.5", title="SONG "),
        row(track_id="c", genre="pop", popularity="8", loudness="0.5", title="\uff33ong"),
        row(track_id="d", genre="pop", popularity="8", artists="Bob;Ann"),
        row(track_id="e", genre="pop", popularity="8", artists="ann;BOB"),
        row(track_id="f", genre="pop", popularity="0", title=None, artists=None, duration_ms="0"),
    ]
    rows = [{"": str(i), "duration_ms": "200000", **cells} for i, cells in enumerate(rows)]
    renames = {"title": "track_name", "genre": "track_genre"}
    path = write(*({renames.get(k, k): v for k, v in cells.items()} for cells in rows))
    assert check_114k(read_catalog(path), path) == {3: 1, 2: 1}


def check_no_ids_merged(catalog, tracks):
    songs = songs_of(tracks)
    assert (catalog.n_read, catalog.n_rejected, catalog.n_merged_ids) == (len(tracks), 0, 0)
    assert len(catalog) == len(songs) < len(tracks)
    check_songs(catalog, songs)


def test_the_257k_table_gives_the_songs_that_a_plain_reading_gives(data):
    path = data / "catalog/songs_257k.parquet"
    frame = pl.read_parquet(path, columns=["track_id", "track", "artist"])
    catalog = read_catalog(path)
    check_no_ids_merged(catalog, [(*row, 0) for row in frame.rows()])
    assert len(catalog.features) == 9
    assert not {"genres", "duration_ms"} & set(catalog.tracks.columns)


def test_its_synthetic_twin_in_parquet_does_too(tmp_path):
    numbers = dict.fromkeys(("valence", "energy", "liveness", "speechiness", "acousticness"), 0.5)
    columns = {
        "track_id": ["z", "y", "x", "w"],
        "track": ["Song", "song", "Song - Live", "SONG"],
        "artist": ["Ann;Bob", "bob;Ann", "Ann;Bob", "['Bob', 'Ann']"],
        **{name: [value] * 4 for name, value in numbers.items()},
        "tempo": [0.0, 1.0, 2.0, 3.0],
    }
    pl.DataFrame(columns).write_parquet(tmp_path / "t.parquet")
    rows = list(
        zip(*(columns[c] for c in ("track_id", "track", "artist")), (0, 0, 0, 0), strict=True)
    )
    check_no_ids_merged(read_catalog(tmp_path / "t.parquet"), rows)


def favorites(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (
                r["track_id"],
                r["trackname"].strip(),
                r["artistname"].strip(),
                float(r["track_popularity"]),
            )
            for r in csv.DictReader(file)
        ]


def check_favorites(catalog, path):
    check_no_ids_merged(catalog, favorites(path))
    (source,) = catalog.sources
    assert source.unused_columns == (
        "track_album_id", "playlist_name", "playlist_id", "playlist_subgenre",
    )  # fmt: skip
    assert source.columns["genres"] == "playlist_genre"
    nameless = catalog.tracks.filter(pl.col("title").is_null())
    assert nameless.select("artists", "alternative_ids").rows() == [([], [])]
    dated = catalog.tracks.select(pl.col("release_date").str.head(4).cast(pl.Int16), "year")
    assert dated["year"].equals(dated["release_date"], check_names=False)


def test_the_favorites_table_is_read_with_its_own_names(data):
    path = data / "listening/favorites_catalog.csv"
    check_favorites(read_catalog(path), path)


def test_its_synthetic_twin_is_too(write, row):
    def favorite(track_id, name, artist, popularity, date):
        features = {k: v for k, v in row().items() if k not in ("track_id", "title", "artists")}
        return {
            "trackname": name, "artistname": artist, "track_id": track_id,
            "track_popularity": popularity, "track_album_id": "p", "track_album_name": "Album",
            "track_album_release_date": date, "playlist_name": "Mix", "playlist_id": "q",
            "playlist_genre": "rock", "playlist_subgenre": "hard rock", **features,
        }  # fmt: skip

    path = write(
        favorite("a", "Song", "Earth, Wind & Fire", "3", "1986"),
        favorite("b", "song", "EARTH, WIND & FIRE", "5", "1991-08-27"),
        favorite("c", None, None, "0", "1999-01-01"),
    )
    catalog = read_catalog(path)
    check_favorites(catalog, path)
    assert catalog.tracks.select("track_id", "alternative_ids", "year").rows() == [
        ("b", ["a"], 1991), ("c", [], 1999),
    ]  # fmt: skip
