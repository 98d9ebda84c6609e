import pytest

from moodtune.catalog import schema
from moodtune.catalog.aliases import (
    ALIASES,
    ColumnMap,
    listed,
    map_columns,
    meaning,
    missing_of_a_track_table,
    simplified,
)

FEATURES = ("valence", "energy", "danceability", "acousticness", "loudness", "tempo")


@pytest.mark.parametrize(
    ("canonical", "names"),
    [
        ("track_id", ["id", "track_id", "uri", "track_uri", "spotify_id"]),
        ("title", ["name", "track", "track_name", "title", "trackname"]),
        ("artists", ["artist", "artists", "artistname", "artist_name", "track_artist"]),
        ("duration_ms", ["duration_ms", "length", "duration"]),
        ("genres", ["track_genre", "genre", "playlist_genre", "genres"]),
        ("popularity", ["popularity", "track_popularity"]),
        ("year", ["year"]),
        ("release_date", ["release_date", "track_album_release_date", "album_release_date"]),
        ("album", ["album", "album_name", "track_album_name"]),
        ("musicbrainz_id", ["mbid", "musicbrainz_id"]),
    ],
)
def test_every_name_seen_in_real_tables_is_understood(canonical, names):
    assert [meaning(name) for name in names] == [canonical] * len(names)


@pytest.mark.parametrize("name", ["Track Name", "TRACK_NAME", "track-name", " trackName "])
def test_case_spaces_and_underscores_make_no_difference(name):
    assert meaning(name) == "title"


@pytest.mark.parametrize(
    "name", ["track_album_id", "playlist_id", "playlist_name", "playlist_subgenre", "count", ""]
)
def test_columns_that_only_look_alike_mean_nothing(name):
    assert meaning(name) is None


def test_no_name_has_two_meanings():
    names = [simplified(alias) for name in ALIASES for alias in (name, *ALIASES[name])]
    assert len(names) == len(set(names))


def test_every_column_that_is_read_has_a_type():
    assert set(ALIASES) <= set(schema.DTYPES)


def test_the_exact_name_wins_and_the_other_is_listed_as_unused():
    found = map_columns(["name", "title", "track"])
    assert found == ColumnMap(columns={"title": "title"}, unused=("name", "track"))


def test_without_the_exact_name_the_more_telling_one_wins():
    found = map_columns(["id", "name", "uri", "track_name"])
    assert found.columns == {"track_id": "uri", "title": "track_name"}
    assert found.unused == ("id", "name")


def test_of_two_spellings_of_one_name_the_first_in_the_table_wins():
    assert map_columns(["Track Name", "track_name"]).columns == {"title": "Track Name"}


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "__UNNAMED__0", "index"])
def test_a_leading_index_without_a_name_is_dropped_not_unused(name):
    assert map_columns([name, "id"]) == ColumnMap(columns={"track_id": "id"}, unused=())


def test_a_column_without_a_name_further_on_is_listed_as_unused():
    assert map_columns(["id", ""]).unused == ("",)


@pytest.mark.parametrize("identity", [("id",), ("title", "artist"), ("uri", "name")])
def test_an_id_or_title_and_artist_with_features_is_a_track_table(identity):
    assert missing_of_a_track_table(map_columns([*identity, *FEATURES])) is None


def test_a_table_without_id_and_artist_says_what_is_looked_for():
    assert missing_of_a_track_table(map_columns(["title", *FEATURES])) == (
        "a table of tracks needs a track id (track_id, id, uri), or a title (title, track_name, "
        "name) and artists (artists, artist_name)"
    )


def test_a_misspelt_column_is_guessed():
    fault = missing_of_a_track_table(map_columns(["id", "valance", *FEATURES[1:]]))
    assert fault == (
        "it needs valence and energy and at least 4 other audio features, and has danceability, "
        "energy, loudness, acousticness, tempo; not found: speechiness, instrumentalness, "
        "liveness, valence (is 'valance' meant to be valence?)"
    )


@pytest.mark.parametrize("missing", FEATURES)
def test_six_features_are_the_fewest_and_valence_and_energy_are_among_them(missing):
    names = ["id", *(name for name in FEATURES if name != missing)]
    assert missing_of_a_track_table(map_columns(names)) is not None
    replaced = missing_of_a_track_table(map_columns([*names, "liveness"]))
    assert (replaced is None) == (missing not in ("valence", "energy"))


def test_long_lists_and_long_names_are_cut_and_said_to_be():
    assert listed([f"c{i}" for i in range(33)]).endswith("c28, c29 and 3 more")
    assert listed(["x" * 41]) == "x" * 39 + "…"
    assert listed(["x" * 40]) == "x" * 40
