"""Content taste, in worlds where what is alike is known by construction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.preferences import sound
from moodtune.preferences.content import ContentIndex, ContentSettings
from moodtune.preferences.sound import SoundCells
from preference_worlds import content_of, features_of
from worlds import FIVE_HUNDRED, tracks_frame

SETTINGS = ContentSettings(
    spread=0.5, same_year=1, same_album=2, years=3, genre_and_era=0.3, sound=0.2, width=0.2
)


#: Tracks that share artists, genres and years in part, one that knows of none.
EIGHT = content_of(
    8,
    [["A"], ["A", "B"], ["B"], ["C"], ["C"], ["D"], ["D"], []],
    genres=[["x"], ["x", "y"], [], ["y"], ["z"], ["z"], ["x"], []],
    year=[1990, 1991, None, 2000, 2001, 2001, 1990, None],
    energy=np.linspace(0, 1, 8).tolist(),
)


def rows(*numbers):
    return np.array(numbers, dtype=np.intp)


def test_the_artists_part_is_the_formula():
    content = content_of(
        5,
        [["A"], ["A"], ["a", "B"], ["B"], ["C"]],
        SETTINGS,
        year=[1990, 1990, 1993, 1990, 1990],
        album=["One", "one", "Two", "One", "One"],
    )
    found = content.scores(rows(0)).artists.everywhere()
    n_a = 3**-0.5  # A has three tracks
    assert found == pytest.approx(
        [n_a * (1 + 1 + 2), n_a * (1 + 1 + 2), n_a * (1 + np.exp(-1)), 0, 0]
    )


def test_two_artists_in_common_say_more_than_one():
    content = content_of(3, [["A", "B"], ["A", "B"], ["A"]], SETTINGS)
    found = content.scores(rows(0)).artists.everywhere()
    assert found[1:] == pytest.approx([3**-0.5 + 2**-0.5, 3**-0.5])


def test_two_liked_tracks_of_an_artist_say_twice_as_much():
    content = content_of(4, [["A"], ["A"], ["A"], ["B"]], SETTINGS)
    one, two = (
        content.scores(rows(0)).artists.everywhere(),
        content.scores(rows(0, 1)).artists.everywhere(),
    )
    assert two[2] == pytest.approx(2 * one[2])
    assert two[3] == 0


def test_genre_and_era_are_the_formula():
    content = content_of(
        5,
        settings=SETTINGS,
        genres=[["jazz", "soul"], ["soul"], ["rock"], ["jazz"], ["Jazz"]],
        year=[1960, 1963, 1960, None, 1960],
    )
    found = content.scores(rows(0, 2)).era.everywhere()
    half = 0.3 / 2
    assert found == pytest.approx([half, half * np.exp(-1), half, 0, half])


def test_without_years_genres_count_alone_and_without_genres_years():
    genres = content_of(3, settings=SETTINGS, genres=[["a"], ["a"], ["b"]])
    assert genres.scores(rows(0)).era.everywhere() == pytest.approx([0.3, 0.3, 0])
    years = content_of(3, settings=SETTINGS, year=[2000, 2003, None])
    assert years.scores(rows(0)).era.everywhere() == pytest.approx([0.3, 0.3 * np.exp(-1), 0])


def test_a_track_of_an_unknown_year_is_not_taken_for_the_earliest():
    content = content_of(3, settings=SETTINGS, year=[1900, None, 1900])
    assert content.scores(rows(0)).era.everywhere()[1] == 0
    assert content.scores(rows(1)).era.everywhere() == pytest.approx([0, 0, 0])


def test_without_genres_and_years_era_says_nothing():
    assert content_of(3, settings=SETTINGS).scores(rows(0)).era.everywhere().tolist() == [0, 0, 0]


def test_blank_albums_are_not_one_album():
    content = content_of(2, [["A"], ["A"]], SETTINGS, album=[None, None])
    assert content.scores(rows(0)).artists.everywhere() == pytest.approx([2**-0.5, 2**-0.5])


def test_what_sounds_nearer_to_what_is_liked_scores_higher():
    content = content_of(5, settings=SETTINGS, energy=[0.1, 0.2, 0.5, 0.8, 0.9])
    found = content.scores(rows(0)).sound.everywhere()
    assert found[0] == pytest.approx(0.2)
    assert np.all(np.diff(found) < 0)


def test_a_track_near_one_like_beats_one_between_two():
    # A centroid would prefer the middle; a taste with two sides has nobody there.
    content = content_of(
        5,
        settings=ContentSettings(width=0.05),
        energy=[0.05, 0.1, 0.5, 0.9, 0.95],
        valence=[0.05, 0.1, 0.5, 0.9, 0.95],
    )
    found = content.scores(rows(0, 4)).sound.everywhere()
    assert min(found[1], found[3]) > found[2]


def test_popularity_makes_no_difference():
    plain = content_of(4, [["A"], ["A"], ["B"], ["B"]], popularity=[1.0, 2.0, 3.0, 4.0])
    other = content_of(4, [["A"], ["A"], ["B"], ["B"]], popularity=[90.0, None, 0.0, 50.0])
    assert plain.scores(rows(0)).total().tobytes() == other.scores(rows(0)).total().tobytes()


@FIVE_HUNDRED
@given(st.permutations(range(6)), st.integers(1, 6))
def test_the_order_of_likes_makes_no_difference_and_nothing_speaks_against_a_track(order, count):
    likes = order[:count]
    found = EIGHT.scores(rows(*likes)).total()
    assert found.tobytes() == EIGHT.scores(rows(*sorted(likes))).total().tobytes()
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert (found >= 0).all()


def everywhere(scores):
    return {name: getattr(scores, name).everywhere() for name in ("artists", "era", "sound")}


def test_a_like_that_weighs_less_says_as_much_less():
    content = content_of(
        4, [["A"], ["A"], ["B"], ["B"]], SETTINGS, genres=[["x"], ["x"], ["y"], ["y"]],
        year=[1990, 1991, 2000, 2001], energy=[0.1, 0.2, 0.8, 0.9],
    )  # fmt: skip
    both = everywhere(content.scores(rows(2, 0), np.array([0.25, 1.0])))
    first, second = (everywhere(content.scores(rows(row))) for row in (0, 2))
    assert both["artists"] == pytest.approx(first["artists"] + 0.25 * second["artists"])
    assert both["era"] == pytest.approx((first["era"] + 0.25 * second["era"]) / 2)
    assert both["sound"] == pytest.approx((first["sound"] + 0.25 * second["sound"]) / 2, rel=1e-5)


def test_likes_that_weigh_one_say_what_likes_say():
    content = content_of(6, [["A"], ["B"]] * 3, energy=np.linspace(0, 1, 6).tolist())
    plain, weighed = content.scores(rows(1, 4)), content.scores(rows(1, 4), np.ones(2))
    assert weighed.total().tobytes() == plain.total().tobytes()


def test_a_large_catalog_in_cells_is_near_the_exact_answer(monkeypatch):
    numbers = np.random.default_rng(0)
    ranks = numbers.random((3000, 3), dtype=np.float32)
    monkeypatch.setattr(sound, "MAX_CELLS", 3000)
    exact = SoundCells.of(ranks, width=0.3)
    monkeypatch.setattr(sound, "MAX_CELLS", 1000)
    coarse = SoundCells.of(ranks, width=0.3)
    likes = rows(5, 60, 700)
    assert len(exact.centers) == 3000
    assert len(coarse.centers) <= 1000
    found, expected = (cells.nearness(likes)[cells.cell] for cells in (coarse, exact))
    assert np.abs(found - expected).max() < 0.1
    assert np.corrcoef(found, expected)[0, 1] > 0.99


def test_of_many_likes_some_are_listened_to_evenly(monkeypatch):
    ranks = np.linspace(0, 1, 100, dtype=np.float32)[:, None]
    cells = SoundCells.of(ranks, width=0.1)
    monkeypatch.setattr(sound, "MAX_LIKES", 3)
    every = cells.nearness(rows(*range(7)))
    assert every.tolist() == cells.nearness(rows(0, 3, 6)).tolist()


def test_an_index_is_the_same_however_tracks_are_numbered():
    tracks = tracks_frame(6, [["A"], ["B"], ["A"], ["C"], ["B"], ["C"]], genres=[["x"], ["y"]] * 3)
    order = [3, 0, 5, 1, 4, 2]
    turned = tracks[order]
    content = ContentIndex.of(tracks, features_of(tracks))
    other = ContentIndex.of(turned, features_of(turned))
    found = content.scores(rows(0, 4)).total()[order]
    assert other.scores(rows(order.index(0), order.index(4))).total() == pytest.approx(found)


@pytest.mark.parametrize(
    ("n_features", "levels"),
    [(1, [2048]), (2, [45, 45]), (9, [3, 3, 3, 2, 2, 2, 2, 2, 2]), (13, [2] * 11 + [1] * 2)],
)
def test_features_are_cut_into_steps_as_even_as_the_bound_allows(n_features, levels):
    assert sound._levels(n_features) == levels
