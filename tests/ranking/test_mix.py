"""The mix: what a list gives beside what was asked, and which places another mood took."""

from dataclasses import replace
from math import log

import numpy as np
import pytest

from moodtune.ranking import mix
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from worlds import index_of

BOTH = {"still": 0.5, "wild": 0.5}


def moods(index, **query):
    return [
        (r.track_id, r.mood, r.instead_of) for r in recommend(index, Query(**query)).recommendations
    ]


def test_given_shares_l1_and_kl_are_those_of_a_hand_computation():
    index = index_of([[0.9, 0.1, 0, 0]] * 3 + [[0.1, 0.9, 0, 0]] * 3)
    answer = recommend(index, Query(blend={"still": 0.7, "wild": 0.3}, n=5))
    assert answer.mix.given == {"still": 3 / 5, "wild": 2 / 5, "glad": 0, "spoken": 0}
    assert answer.mix.l1 == pytest.approx(0.1 + 0.1)
    still, wild = 0.99 * 0.6 + 0.01 * 0.7, 0.99 * 0.4 + 0.01 * 0.3
    expected = 0.7 * log(0.7 / still) + 0.3 * log(0.3 / wild)
    assert answer.mix.kl == pytest.approx(expected, abs=1e-6)


def test_kl_is_nothing_for_the_mix_itself_and_bounded_for_none_of_it():
    asked = np.array([0.6, 0.4])
    assert mix.kl(asked, asked) == 0
    assert mix.kl(asked, np.array([0.0, 0.0])) == pytest.approx(log(1 / mix.SMOOTHING))


def test_a_track_stands_for_a_mood_from_half_its_leading_one_on():
    index = index_of([[0.30, 0.60, 0, 0], [0.29, 0.60, 0, 0], [0.2, 0.8, 0, 0]])
    assert moods(index, blend=BOTH, n=3) == [
        ("t00", "still", None),
        ("t02", "wild", None),
        ("t01", "wild", "still"),
    ]


def test_for_one_mood_alone_every_track_can_stand():
    index = index_of([[0.1, 0.9, 0, 0], [0.2, 0.8, 0, 0]])
    assert moods(index, mood="still", n=2) == [("t01", "still", None), ("t00", "still", None)]


def test_a_place_gives_its_track_to_a_mood_that_has_no_other():
    # t00 is best for still and the only one for wild; t01 can stand for still too.
    index = index_of([[0.6, 0.4, 0, 0], [0.5, 0.2, 0.3, 0]])
    assert moods(index, blend=BOTH, n=2) == [("t01", "still", None), ("t00", "wild", None)]


def test_an_artist_at_the_cap_gives_a_track_back_for_a_mood_that_has_no_other():
    index = index_of(
        [[0.9, 0.1, 0, 0], [0.8, 0.1, 0, 0], [0.1, 0.9, 0, 0]], artists=[["A"], ["B"], ["A"]]
    )
    assert moods(index, blend=BOTH, n=2, artist_cap=1) == [
        ("t01", "still", None),
        ("t02", "wild", None),
    ]


def test_the_list_says_which_places_another_mood_took():
    index = index_of([[0.9, 0.1, 0, 0]] * 3 + [[0.1, 0.9, 0, 0]])
    answer = recommend(index, Query(blend=BOTH, n=4))
    assert [r.mood for r in answer.recommendations] == ["still", "wild", "still", "still"]
    assert answer.notes == (
        "still took 1 place of wild (rank 4): too few tracks that carry wild are left",
    )


def test_tracks_that_carry_no_asked_mood_come_last_and_the_list_says_so():
    index = index_of([[0.1, 0.1, 0.8, 0], [0.6, 0.1, 0.3, 0], [0.1, 0.6, 0.3, 0]])
    answer = recommend(index, Query(blend=BOTH, n=3))
    assert [r.track_id for r in answer.recommendations] == ["t01", "t02", "t00"]
    assert answer.notes == (
        "1 of 3 tracks carry none of the moods asked for: they are the nearest that are left",
    )


@pytest.mark.parametrize(("fit", "is_named"), [(0.7, False), (0.6, True)])
def test_a_mood_that_the_catalog_hardly_has_is_named(fit, is_named):
    """Of three moods each is a third of music at large: what fits worse than a third, has none."""
    index = index_of([[0.6, 0.4, 0, 0]] * 4)
    model = index.song_model
    model = replace(model, fits=np.full_like(model.fits, fit))
    answer = recommend(replace(index, song_model=model), Query(mood="still", n=2))
    said = (
        "what is listed for still is the nearest this catalog has: half of it fits still less "
        "well than 33% of music at large"
    )
    assert answer.notes == ((said,) if is_named else ())
