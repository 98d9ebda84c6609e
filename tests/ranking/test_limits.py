"""Each limit on a catalog whose right answer is known: what it admits, refuses and says."""

import pytest

from moodtune.errors import QueryError
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from worlds import index_of, tracks_frame


@pytest.fixture(scope="module")
def five():
    """Five tracks ever less still; the last has every cell blank that may be."""
    return index_of(
        [[0.9 - i / 10, 0.1 + i / 10, 0, 0] for i in range(5)],
        artists=[["A"], ["A", "B"], ["B"], ["C"], []],
        title=["One", "Two", "Three", "Four", None],
        genres=[["jazz"], ["soul", "metal"], ["Jazz", "soul"], ["metal"], []],
        year=[1970, 1985, 1999, 2005, None],
        tempo=[100, 80, 120, 90, 0],
        popularity=[90, 60, 10, 0, None],
        explicit=[True, False, False, True, None],
        duration_ms=[180_000, 240_000, 120_000, 300_000, None],
        alternative_ids=[["other"], [], [], [], []],
    )


def ids(index, **query):
    answer = recommend(index, Query(mood="still", **query))
    return [r.track_id[1:] for r in answer.recommendations]


def notes(index, **query):
    return list(recommend(index, Query(mood="still", **query)).notes)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["00", "01", "02", "03", "04"]),
        ({"artist_cap": 1}, ["00", "02", "03", "04"]),
        ({"artist_gap": 1}, ["00", "02", "03", "01", "04"]),
        ({"genres": ("JAZZ",)}, ["00", "02"]),
        ({"genres": ("jazz", "metal")}, ["00", "01", "02", "03"]),
        ({"not_genres": ("metal",)}, ["00", "02"]),
        ({"genres": ("soul",), "not_genres": ("metal",)}, ["02"]),
        ({"year": (1970, 1999)}, ["00", "01", "02"]),
        ({"tempo": (80.0, 100.0)}, ["00", "01", "03"]),
        ({"tempo": (0.0, 300.0)}, ["00", "01", "02", "03"]),
        ({"max_popularity": 60.0}, ["01", "02", "03"]),
        ({"no_explicit": True}, ["01", "02"]),
        ({"exclude": ("t01", "unheard of")}, ["00", "02", "03", "04"]),
        ({"exclude": ("other",)}, ["01", "02", "03", "04"]),
        ({"exclude_songs": (("  two ", "b;a"), ("One", "B"))}, ["00", "02", "03", "04"]),
        ({"exclude_songs": (("Two", "A, B"), ("One", "A, B"))}, ["00", "02", "03", "04"]),
        ({"minutes": 9.0}, ["00", "01", "02"]),
        ({"n": 2}, ["00", "01"]),
    ],
)
def test_a_limit_admits_what_passes_it_and_nothing_blank(five, query, expected):
    assert ids(five, **query) == expected


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ({"genres": ("jazz",)}, "genres"),
        ({"not_genres": ("jazz",)}, "genres"),
        ({"year": (1970, 1999)}, "year"),
        ({"max_popularity": 60.0}, "popularity"),
        ({"no_explicit": True}, "explicit"),
        ({"minutes": 30.0}, "duration_ms"),
    ],
)
def test_a_limit_on_a_column_that_the_catalog_lacks_is_an_error_that_names_it(query, column):
    bare = index_of([[1, 0, 0, 0]])
    (limit,) = query
    message = (
        f"^the limit {limit} cannot be kept: this catalog has no column {column}; leave the "
        "limit out, or train on tables that have it$"
    )
    with pytest.raises(QueryError, match=message):
        ids(bare, **query)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"year": (1999, 1970)}, "year must go from low to high, got 1999-1970"),
        ({"tempo": (float("nan"), 90.0)}, "tempo must go from low to high, got nan-90"),
        ({"max_popularity": -1.0}, r"max_popularity must be from 0 to 100, got -1\.0"),
        ({"max_popularity": 101.0}, r"max_popularity must be from 0 to 100, got 101\.0"),
        ({"max_popularity": float("nan")}, "max_popularity must be from 0 to 100, got nan"),
        ({"artist_gap": -1}, "artist_gap must be from 0 to 500, got -1"),
        ({"diversity": 1.5}, r"diversity must be from 0 to 1, got 1\.5"),
        ({"minutes": 0.0}, "minutes must be more than 0 and at most 1440, got 0"),
        ({"minutes": float("nan")}, "minutes must be more than 0 and at most 1440, got nan"),
    ],
)
def test_a_limit_that_no_list_can_keep_is_refused(five, query, message):
    with pytest.raises(QueryError, match=f"^{message}$"):
        ids(five, **query)


@pytest.mark.parametrize("far", [1e300, float("inf"), 10**400])
def test_a_range_may_end_beyond_all_numbers(five, far):
    assert ids(five, tempo=(90, far)) == ids(five, tempo=(90.0, 120.0))
    assert ids(five, year=(-far, 1985)) == ids(five, year=(1970, 1985))


def test_a_limit_is_named_by_its_own_column_where_another_has_the_same_ends(five):
    said = notes(five, tempo=(0.0, 5.0), max_popularity=5.0)
    assert said[1:3] == [
        "tempo 0-5 alone leaves 0 tracks; without it 1 would pass",
        "tempo 0-5: of 1 tracks it is not known, and they are left out",
    ]


def test_blank_cells_are_counted(five):
    assert "year 1970-2010: of 1 tracks it is not known, and they are left out" in notes(
        five, year=(1970, 2010), n=4
    )
    assert "tempo 0-300: of 1 tracks it is not known, and they are left out" in notes(
        five, tempo=(0.0, 300.0), n=4
    )


def test_a_short_list_says_which_limit_left_how_few_and_what_lifting_it_would_give(five):
    assert notes(five, genres=("soul",), year=(1970, 1990), n=3)[:3] == [
        (
            "1 of 3 places are filled: of the catalog's 5 tracks 1 pass the limits, and at most 2 of "
            "one artist are listed"
        ),
        "genre soul alone leaves 2 tracks; without it 2 would pass",
        "year 1970-1990 alone leaves 2 tracks; without it 2 would pass",
    ]


def test_where_lifting_one_limit_gives_nothing_the_list_says_how_few_each_leaves(five):
    said = notes(five, genres=("none",), year=(1800, 1810), no_explicit=True, exclude=("t99",))
    assert said[:4] == [
        "no place is filled: of the catalog's 5 tracks 0 pass the limits, and at most 2 of one artist are listed",
        "genre none alone leaves 0 tracks; without it 0 would pass",
        "no explicit alone leaves 2 tracks; without it 0 would pass",
        "year 1800-1810 alone leaves 0 tracks; without it 0 would pass",
    ]


def test_a_list_that_the_cap_or_the_gap_cuts_short_says_what_they_cost():
    crowd = index_of([[1, 0, 0, 0]] * 6, artists=[["A"]] * 6)
    assert notes(crowd, n=6) == [
        "2 of 6 places are filled: the catalog has 6 tracks, and at most 2 of one artist are listed",
        "without the artist cap 6 places would be filled",
    ]
    assert notes(crowd, n=2, artist_gap=1) == [
        (
            "1 of 2 places are filled: the catalog has 6 tracks, and at most 2 of one artist are "
            "listed, with at least 1 place between two"
        ),
        "without the artist gap 2 places would be filled",
    ]


def test_a_genre_that_nobody_has_is_named_with_the_nearest(five):
    assert "no track of the catalog has the genre 'jaz'; did you mean jazz?" in notes(
        five, genres=("jaz",)
    )


def test_exclusions_that_no_track_is_among_are_said_to_be_strangers(five):
    said = "the table of exclusions names no track of the catalog: check that both have the same kind of track id"
    assert notes(five, n=3, exclude=("spotify:track:t01",)) == [said]
    assert notes(five, n=3, exclude_songs=(("Eleven", "A"),)) == [said]
    assert notes(five, n=3, exclude=("unheard of",), exclude_songs=(("Four", "C"),)) == []


def test_everything_excluded_gives_an_empty_list_that_says_so(five):
    said = notes(five, exclude=tuple(five.tracks["track_id"]))
    assert said[1] == "the table of exclusions alone leaves 0 tracks; without it 5 would pass"
    assert ids(five, exclude=tuple(five.tracks["track_id"])) == []


def test_a_song_under_an_excluded_id_is_gone_though_its_own_id_is_another(five):
    assert "t00" not in ids(five, exclude=("other",))
    assert five.tracks["track_id"].to_list() == tracks_frame(5)["track_id"].to_list()


def test_what_is_added_to_the_fits_changes_the_order(five):
    import numpy as np

    lift = np.zeros(5, dtype=np.float32)
    lift[3] = 0.25
    shifted = recommend(five, Query(mood="still", n=3), adjustments=lift)
    assert [r.track_id for r in shifted.recommendations] == ["t00", "t03", "t01"]
    per_mood = np.zeros((4, 5), dtype=np.float32)
    per_mood[1] = 5.0  # another mood's
    same = recommend(five, Query(mood="still", n=3), adjustments=per_mood)
    assert [r.track_id for r in same.recommendations] == ["t00", "t01", "t02"]


def test_a_seed_draws_the_order_of_what_fits_about_equally_and_nothing_else():
    index = index_of([[0.9, 0, 0, 0]] * 5 + [[0.904, 0, 0, 0]] * 5 + [[0.5, 0, 0, 0]] * 2)
    first, again, other = (
        [r.track_id for r in recommend(index, Query(mood="still", n=12, seed=s)).recommendations]
        for s in (1, 1, 2)
    )
    assert first == again != other
    assert set(first[:10]) == set(other[:10]) == {f"t{i:02}" for i in range(10)}
    unseeded = recommend(index, Query(mood="still", n=12)).recommendations
    assert [r.track_id for r in unseeded][:5] == ["t05", "t06", "t07", "t08", "t09"]
