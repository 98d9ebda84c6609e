"""Likes, feedback and what was shown: how they change a list, and what is said of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.errors import QueryError
from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from worlds import FIVE_HUNDRED, index_of

TODAY = "2026-11-23"


def ids(index, **query) -> list[str]:
    return [r.track_id for r in recommend(index, Query(**query)).recommendations]


def said(track_id, action, mood="still", at="2026-11-23T08:00:00Z"):
    key = f"{track_id} {action} {mood} {at}"
    return FeedbackEvent(key=key, track_id=track_id, mood=mood, action=action, at=at)


def seen(*track_ids, day="2026-11-22"):
    return tuple(ShownEvent(track_id=t, at=f"{day}T08:00:00Z") for t in track_ids)


@pytest.fixture(scope="module")
def even():
    """Twelve tracks that are half still and half wild, ever a little less still."""
    return index_of([[0.5 - i / 1000, 0.5, 0, 0] for i in range(12)])


@pytest.fixture(scope="module")
def duet():
    """Four tracks that fit alike; the last two are by one artist."""
    return index_of([[0.5, 0.5, 0, 0]] * 4, artists=[["A"], ["B"], ["C"], ["C"]])


def test_likes_lift_tracks_of_the_same_artist(duet):
    assert ids(duet, mood="still") == ["t00", "t01", "t02", "t03"]
    assert ids(duet, mood="still", likes=("t03",)) == ["t02", "t03", "t00", "t01"]


def test_likes_move_no_track_by_more_than_a_quarter():
    index = index_of([[0.9, 0.1, 0, 0], [0.6, 0.4, 0, 0]])
    assert ids(index, mood="still", likes=("t01",)) == ["t00", "t01"]


def test_a_like_in_one_mood_counts_as_taste_in_all(duet):
    like = (said("t03", "like", mood="wild"),)
    assert ids(duet, mood="still", feedback=like, today=TODAY) == ids(
        duet, mood="still", likes=("t03",)
    )
    of_it = taste_of(duet, "t02", feedback=like, today=TODAY)
    assert of_it == taste_of(duet, "t02", likes=("t03",)) > 0
    both = taste_of(duet, "t02", likes=("t03",), feedback=like, today=TODAY)
    assert both == of_it


def test_a_like_of_long_ago_is_less_of_a_taste_and_one_to_come_is_none(duet):
    at = {
        day: taste_of(
            duet, "t02", feedback=(said("t03", "like", at=f"{day}T08:00:00Z"),), today=TODAY
        )
        for day in (TODAY, "2026-08-25", "2025-11-23")
    }
    assert at[TODAY] > at["2026-08-25"] > at["2025-11-23"] > 0
    later = (said("t03", "like", at="2026-11-24T08:00:00Z"),)
    assert taste_of(duet, "t02", feedback=later, today=TODAY) is None


def test_neither_a_skip_nor_the_like_of_a_banned_track_is_a_taste(duet):
    skip = (said("t03", "skip", mood="wild"),)
    assert taste_of(duet, "t02", feedback=skip, today=TODAY) is None
    banned = (said("t03", "like"), said("t03", "ban", mood="wild"))
    assert taste_of(duet, "t02", feedback=banned, today=TODAY) is None


def taste_of(index, track_id, **query):
    """Return what taste adds to a track that is listed for still; None where there is no taste."""
    listed = recommend(index, Query(mood="still", **query)).recommendations
    return next(r.parts.get("taste") for r in listed if r.track_id == track_id)


@pytest.mark.parametrize(
    ("likes", "why"),
    [
        ((), "no track is liked yet"),
        (("nobody", "knows"), "none of the 2 liked tracks is in the catalog"),
    ],
)
def test_likes_that_are_not_in_the_catalog_leave_the_mood_alone_and_say_so(even, likes, why):
    answer = recommend(even, Query(mood="still", n=5, likes=likes))
    assert [r.track_id for r in answer.recommendations] == ids(even, mood="still", n=5)
    assert answer.notes == (f"{why}: the list goes by the mood alone",)


def test_where_likes_are_unknown_but_something_was_liked_in_feedback_it_is_said(even):
    query = Query(mood="still", likes=("nobody",), feedback=(said("t03", "like"),), today=TODAY)
    (note,) = recommend(even, query).notes
    assert note == (
        "none of the 1 liked tracks is in the catalog: the list goes by the mood and what was "
        "liked in feedback"
    )


def test_a_like_lifts_the_track_and_a_skip_lowers_it(even):
    liked = ids(even, mood="still", feedback=(said("t05", "like"),), today=TODAY)
    skipped = ids(even, mood="still", n=12, feedback=(said("t00", "skip"),), today=TODAY)
    assert (liked[0], skipped[-1]) == ("t05", "t00")


def test_a_skip_in_one_mood_does_not_hurt_the_track_in_another(even):
    skip = (said("t00", "skip", mood="still"),)
    asked = {"mood": "wild", "n": 12}
    assert ids(even, **asked, feedback=skip, today=TODAY) == ids(even, **asked)


def test_a_ban_is_for_good_in_every_mood_and_under_every_id():
    others = [["other"], [], []]
    index = index_of([[0.5, 0.5, 0, 0]] * 3, alternative_ids=others)
    ban = (said("other", "ban", at="2001-01-01T00:00:00Z"),)
    for mood in ("still", "wild"):
        assert ids(index, mood=mood, feedback=ban, today=TODAY) == ["t01", "t02"]


def test_feedback_counts_once_however_often_it_is_said(even):
    once = {"mood": "still", "today": TODAY}
    like = said("t05", "like")
    one = recommend(even, Query(**once, feedback=(like,))).recommendations
    assert recommend(even, Query(**once, feedback=(like,) * 5)).recommendations == one


def test_feedback_for_no_known_mood_is_refused_in_a_sentence(even):
    query = Query(mood="still", feedback=(said("t00", "like", mood="stil"),), today=TODAY)
    message = (
        "^feedback: no mood is called 'stil'; did you mean still. The moods are still, wild, glad, "
        "spoken$"
    )
    with pytest.raises(QueryError, match=message):
        recommend(even, query)


def test_feedback_and_shown_of_strangers_change_nothing_and_the_list_says_so(even):
    hint = "no track of the catalog: check that both have the same kind of track id"
    for asked, said_of_it in (
        ({"feedback": (said("nobody", "skip"),)}, f"the feedback names {hint}"),
        ({"shown": seen("nobody")}, f"the table of what was shown names {hint}"),
    ):
        answer = recommend(even, Query(mood="still", n=5, today=TODAY, **asked))
        assert [r.track_id for r in answer.recommendations] == ids(even, mood="still", n=5)
        assert answer.notes == (said_of_it,)


def test_a_day_that_is_none_is_refused_though_nothing_grows_old(even):
    with pytest.raises(QueryError, match=r"^today must be a day, as in 2026-11-23, got ''$"):
        recommend(even, Query(mood="still", today=""))


def test_feedback_and_shown_need_a_day(even):
    message = "^feedback and shown grow old: say today as well, as in 2026-11-23$"
    with pytest.raises(QueryError, match=message):
        recommend(even, Query(mood="still", shown=seen("t00")))


def test_what_was_shown_yesterday_gives_way_to_what_fits_nearly_as_well(even):
    yesterday = ids(even, mood="still", n=5)
    fresh = ids(even, mood="still", n=5, shown=seen(*yesterday), today=TODAY)
    assert set(fresh).isdisjoint(yesterday)


def test_what_was_shown_today_changes_nothing(even):
    today = ids(even, mood="still", n=5)
    again = ids(even, mood="still", n=5, shown=seen(*today, day=TODAY), today=TODAY)
    assert again == today


@FIVE_HUNDRED
@given(st.lists(st.integers(0, 9), min_size=2, max_size=24), st.integers(1, 12), st.integers(1, 2))
def test_three_of_ten_tracks_are_not_yesterdays_where_the_catalog_has_them(fits, n, cap):
    index = index_of([[f / 10, 1 - f / 10, 0, 0] for f in fits])
    asked = {"mood": "still", "n": n, "artist_cap": cap}
    yesterday = ids(index, **asked)
    answer = recommend(index, Query(**asked, shown=seen(*yesterday), today=TODAY))
    today = [r.track_id for r in answer.recommendations]
    assert len(today) == len(yesterday)
    others = len(fits) - len(yesterday)
    changed = len(set(today).difference(yesterday))
    assert changed >= min(0.3 * len(today), others)
    told = any("were in the last list" in note for note in answer.notes)
    assert told == (changed < 0.3 * len(today))


def test_the_parts_add_up_to_the_score_and_the_sentence_names_them(even):
    query = Query(
        blend={"still": 0.6, "wild": 0.4},
        n=12,
        likes=("t03",),
        feedback=(said("t04", "like"), said("t05", "skip", mood="wild")),
        shown=seen("t03", "t06"),
        today=TODAY,
    )
    listed = recommend(even, query).recommendations
    names = ["mood fit", "rest of the mix", "taste", "feedback", "freshness"]
    for r in listed:
        assert list(r.parts) == names
        assert sum(r.parts.values()) == pytest.approx(r.score, abs=5e-6)
    liked = next(r for r in listed if r.track_id == "t03")
    assert liked.why.startswith(f"mood fit {liked.parts['mood fit']:.3f}: ")
    assert f", taste {liked.parts['taste']:+.3f}" in liked.why
    assert ", freshness -0.100 (shown 1 day ago)" in liked.why


def test_without_a_word_of_the_person_the_parts_are_the_fit_alone(even):
    first = recommend(even, Query(mood="still")).recommendations[0]
    assert first.parts == {"mood fit": 0.5, "rest of the mix": 0}
    assert first.why == "mood fit 0.500: middling energy (0.50)"
    assert first.shown_days_ago is None


def test_a_list_says_when_a_track_was_last_shown_and_which_were_not(even):
    shown = (
        *seen("t00", day="2026-11-13"),
        *seen("t00", "t01", day="2026-11-20"),
        *seen("t02", day=TODAY),
    )
    listed = recommend(even, Query(mood="still", n=12, shown=shown, today=TODAY)).recommendations
    ago = {r.track_id: r.shown_days_ago for r in listed if r.shown_days_ago is not None}
    assert ago == {"t00": 3, "t01": 3}
    for r in listed:
        new = r.track_id not in ago
        assert ("not shown before today" in r.why) == new == (r.parts["freshness"] == 0)
        assert ("(shown 3 days ago)" in r.why) == (not new)


def test_what_was_shown_too_long_ago_to_count_is_said_without_a_part(even):
    shown = seen("t00", day="2020-11-23")
    first = recommend(even, Query(mood="still", shown=shown, today=TODAY)).recommendations[0]
    assert first.track_id == "t00"
    assert first.why == f"mood fit 0.500: middling energy (0.50); shown {6 * 365 + 1} days ago"
