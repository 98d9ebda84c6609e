"""What a person may say on a journey, and how much all of it together can add."""

from journey_worlds import GOAL, START
from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.ranking.journeys import Journey
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend

TODAY, LONG_AGO = "2026-11-23", "2001-01-01T00:00:00Z"

#: What the person can add to a fit, all together: taste .25, feedback .3, freshness 0; against it
#: .25, .3 and .1. And what a lot can add to a cost.
MOST_FOR, MOST_AGAINST, LOT = 0.25 + 0.3, -(0.25 + 0.3 + 0.1), 0.01


def said(track_id, action, mood="still", at="2026-11-23T08:00:00Z"):
    key = f"{track_id} {action} {mood} {at}"
    return FeedbackEvent(key=key, track_id=track_id, mood=mood, action=action, at=at)


def seen(*track_ids, day="2026-11-22"):
    return tuple(ShownEvent(track_id=t, at=f"{day}T08:00:00Z") for t in track_ids)


def journey(n=3, **query):
    return Query(journey=Journey(start=START, goal=GOAL), n=n, **query)


def ids(index, query) -> list[str]:
    return [r.track_id for r in recommend(index, query).recommendations]
