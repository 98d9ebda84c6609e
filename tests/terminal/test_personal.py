"""Options of recommend that say who listens: the same as in the library, and seen in the list."""

import json
from datetime import UTC, datetime

import msgspec
import pytest

from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend

TODAY, YESTERDAY = "2026-11-23", "2026-11-22T08:00:00Z"


@pytest.fixture(scope="module")
def plain(trained):
    """The list of somebody of whom nothing is known."""
    return recommend(trained.bundle.index, Query(mood="calm", n=20)).recommendations


@pytest.fixture
def calm(moodtune, trained, tmp_path):
    """Ask for calm with a table per option, and return the JSON object."""

    def ask(*options, **tables):
        asked = list(options)
        for option, lines in tables.items():
            path = tmp_path / f"{option}.csv"
            path.write_text("\n".join([*lines, ""]))
            asked += [f"--{option}", path]
        ended = moodtune(
            "recommend", "--model", trained.model, "--mood", "calm", *asked, "--json"
        )  # fmt: skip
        assert (ended.status, ended.stderr) == (0, "")
        return json.loads(ended.stdout)

    return ask


def library(trained, **query):
    answer = recommend(trained.bundle.index, Query(mood="calm", **query))
    return json.loads(msgspec.json.encode(answer))


def listed(answer) -> list[str]:
    return [r["track_id"] for r in answer["recommendations"]]


def test_likes_lift_what_is_liked(calm, trained, plain):
    liked = plain[19].track_id
    answer = calm(likes=["track_id", liked])
    assert answer == library(trained, likes=(liked,))
    assert liked in listed(answer)
    assert liked not in [r.track_id for r in plain[:10]]


def test_feedback_lifts_lowers_and_bans(calm, trained, plain):
    like, skip, ban = plain[19].track_id, plain[0].track_id, plain[1].track_id
    events = tuple(
        FeedbackEvent(key=action, track_id=track, mood="calm", action=action, at=YESTERDAY)
        for action, track in (("like", like), ("skip", skip), ("ban", ban))
    )
    lines = [f"{e.key},{e.track_id},{e.mood},{e.action},{e.at}" for e in events]
    answer = calm("--today", TODAY, feedback=["key,track_id,mood,action,at", *lines])
    assert answer == library(trained, feedback=events, today=TODAY)
    assert listed(answer)[0] == like
    assert skip not in listed(answer)[:3]  # it was the first
    assert ban not in listed(answer)


def test_what_was_shown_yesterday_is_not_shown_again(calm, trained, plain):
    shown = tuple(ShownEvent(track_id=r.track_id, at=YESTERDAY) for r in plain[:10])
    lines = ["track_id,at", *(f"{event.track_id},{event.at}" for event in shown)]
    answer = calm("--today", TODAY, shown=lines)
    assert answer == library(trained, shown=shown, today=TODAY)
    assert len(set(listed(answer)).difference(r.track_id for r in plain[:10])) >= 3


def test_long_after_it_was_shown_the_list_is_the_same_again(calm, plain):
    lines = ["track_id,at", *(f"{r.track_id},2020-01-01T08:00:00Z" for r in plain[:3])]
    assert listed(calm("--today", TODAY, shown=lines)) == [r.track_id for r in plain[:10]]


def test_without_a_day_the_clock_gives_it(calm, plain):
    before = datetime.now(UTC).date().isoformat()
    lines = ["track_id,at", f"{plain[0].track_id},{YESTERDAY}"]
    assert before <= calm(shown=lines)["query"]["today"] <= datetime.now(UTC).date().isoformat()


def test_text_says_what_the_person_adds(moodtune, trained, plain, tmp_path):
    (tmp_path / "likes.csv").write_text(f"track_id\n{plain[19].track_id}\n")
    ended = moodtune(
        "recommend", "--model", trained.model, "--mood", "calm", "--likes", tmp_path / "likes.csv"
    )
    answer = recommend(trained.bundle.index, Query(mood="calm", likes=(plain[19].track_id,)))
    liked = next(r for r in answer.recommendations if r.track_id == plain[19].track_id)
    assert f"taste {liked.parts['taste']:+.3f}" in ended.stdout


def test_nobody_likes_anything_at_first(calm, trained, plain):
    answer = calm(likes=["track_id"])
    assert answer == library(trained, likes=())
    assert listed(answer) == [r.track_id for r in plain[:10]]
    assert answer["notes"] == ["no track is liked yet: the list goes by the mood alone"]


def test_likes_without_ids_are_refused_in_a_sentence(moodtune, trained, tmp_path):
    (tmp_path / "likes.csv").write_text("when\ntoday\n")
    ended = moodtune(
        "recommend", "--model", trained.model, "--mood", "calm", "--likes", tmp_path / "likes.csv"
    )
    assert ended.stderr == (
        "moodtune: likes.csv: expected a column 'track_id', and there is none; "
        "its columns are: when\n"
    )
