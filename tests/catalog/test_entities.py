import random
import unicodedata
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodtune.catalog.entities import PLAIN_LETTERS, folded, one_per_id, one_per_song, song_keys
from moodtune.catalog.readers import read_catalog
from moodtune.catalog.schema import DTYPES


def tracks(**columns):
    return pl.DataFrame(columns, schema={name: DTYPES[name] for name in columns})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Song", "SONG"),
        ("A  Song", "A Song"),
        ("A\u00a0Song", "A Song"),
        ("A\tSong", "A Song"),
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Cafe\u0301", "Café"),
        ("\uff33\uff4f\uff4e\uff47", "song"),
        ("ﬁn", "Fin"),
    ],
)
def test_spellings_of_one_text_fold_to_the_same(one, other):
    first, second = folded(pl.Series([one, other]))
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [("Song", "Song - Live"), ("Song", "Song (Remix)"), ("Cafe", "Café"), ("A B", "AB")],
)
def test_versions_and_other_words_stay_different(one, other):
    first, second = folded(pl.Series([one, other]))
    assert first != second


@settings(deadline=None)
@given(st.lists(st.text(max_size=8), max_size=6))
def test_folding_twice_is_folding_once_and_leaves_no_double_space(texts):
    once = folded(pl.Series(texts, dtype=pl.String))
    # A few letters fold to a form that NFKC changes again; equal texts fold equally all the same.
    assert folded(folded(once)).equals(folded(once))
    assert not once.str.contains(r"\s\s|^\s|\s$").any()


def test_the_order_and_repetition_of_artists_make_no_difference_to_a_song():
    keys = song_keys(
        tracks(
            title=["S"] * 4,
            artists=[["Ann", "Bob"], ["bob", "ANN"], ["Ann", "Bob", "ann"], ["Ann"]],
        )
    )
    assert keys[0] == keys[1] == keys[2] != keys[3]


def test_a_track_without_title_or_artists_is_like_no_other():
    keys = song_keys(tracks(title=[None, "S"], artists=[["Ann"], []]))
    assert keys.to_list() == [None, None]


def test_the_most_popular_id_is_kept_then_the_smallest():
    songs = one_per_song(
        tracks(
            track_id=["d", "a", "c", "b", "z", "y"],
            title=["S", "s", "S ", "S", "T", "T"],
            artists=[["Ann"]] * 6,
            popularity=[70, 10, 70, None, None, None],
        )
    )
    assert songs.select("track_id", "alternative_ids").rows() == [
        ("c", ["a", "b", "d"]),
        ("y", ["z"]),
    ]


def test_without_popularity_the_smallest_id_is_kept():
    songs = one_per_song(
        tracks(track_id=["b", "B", "a"], title=["S"] * 3, artists=[["Ann"], ["Ann"], ["Bob"]])
    )
    assert songs.select("track_id", "alternative_ids").rows() == [("B", ["b"]), ("a", [])]


def test_rows_of_one_id_that_differ_give_the_first_in_sorted_order():
    rows = tracks(
        track_id=["a", "b", "a", "a"],
        title=["S", "T", None, "R"],
        artists=[["Ann"]] * 4,
        energy=[0.1, 0.2, 0.3, 0.4],
    )
    assert sorted(one_per_id(rows).select("track_id", "title").rows()) == [("a", "R"), ("b", "T")]


def test_a_blank_comes_after_every_value():
    rows = tracks(
        track_id=["a", "a"], title=["S", "S"], artists=[["Ann"]] * 2, popularity=[None, 90.0]
    )
    assert one_per_id(rows)["popularity"].to_list() == [90]


def test_genres_of_one_id_are_gathered_and_sorted():
    rows = tracks(
        track_id=["a", "b", "a", "a"],
        title=["S"] * 4,
        artists=[["Ann"]] * 4,
        genres=[["rock"], [], ["indie", "alt"], ["rock"]],
    )
    assert dict(one_per_id(rows).select("track_id", "genres").rows()) == {
        "a": ["alt", "indie", "rock"],
        "b": [],
    }


def test_a_song_keeps_its_own_genres_and_not_those_of_its_other_ids(write, row):
    rows = [row(track_id="a", genre="pop"), row(track_id="b", genre="rock")]
    catalog = read_catalog(write(*rows))
    assert catalog.tracks.select("track_id", "genres", "alternative_ids").rows() == [
        ("a", ["pop"], ["b"])
    ]


def test_the_twins_quirk_same_id_under_several_genres_and_exact_duplicates(write, row):
    rows = [
        row(track_id="a", genre="rock"),
        row(track_id="a", genre="pop"),
        row(track_id="a", genre="pop"),
        row(track_id="b", title="SONG", genre="jazz"),
        row(track_id="c", title="Song - Live", genre="jazz"),
        row(track_id="d", title=None, genre="jazz"),
        row(track_id="e", title=None, genre="jazz"),
    ]
    catalog = read_catalog(write(*rows))
    assert catalog.tracks.select("track_id", "genres", "alternative_ids").rows() == [
        ("a", ["pop", "rock"], ["b"]),
        ("c", ["jazz"], []),
        ("d", ["jazz"], []),
        ("e", ["jazz"], []),
    ]
    assert (catalog.n_read, catalog.n_merged_ids, catalog.n_merged_songs) == (7, 2, 1)


def plain_letters():
    every = pl.Series([chr(n) for n in (*range(0xD800), *range(0xE000, 0x20000))])
    return every.filter(every.str.contains(rf"^[{PLAIN_LETTERS}]$")).to_list()


def test_plain_letters_fold_alone_and_beside_each_other_as_unicode_says():
    letters = plain_letters()
    assert len(letters) > 30_000
    random.Random(7).shuffle(letters)
    texts = [*letters, *("".join(pair) for pair in pairwise(letters)), "".join(letters)]
    expected = [" ".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in texts]
    said = [" ".join(text.split()) for text in folded(pl.Series(texts))]
    assert said == expected


@settings(deadline=None)
@given(st.lists(st.text(max_size=8), max_size=6))
def test_every_text_folds_as_unicode_says(texts):
    expected = [unicodedata.normalize("NFKC", text).casefold() for text in texts]
    spaces = pl.Series(expected, dtype=pl.String).str.replace_all(r"\s+", " ").str.strip_chars()
    ascii_or_not = folded(pl.Series(texts, dtype=pl.String))
    assert ascii_or_not.to_list() == spaces.to_list()
