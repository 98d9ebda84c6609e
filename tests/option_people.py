"""Options that say for whom a list is, and where it leads: what each must make of it."""

from itertools import pairwise
from math import hypot

import numpy as np

from moodtune.answering import known_profiles, new_profiles, profile_of
from moodtune.config import trained_listener_settings
from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.ranking.journeys import Journey
from moodtune.ranking.query import Query
from option_worlds import Case, ids, is_list

TODAY, YESTERDAY = "2026-11-23", "2026-11-22T08:00:00Z"
BLEND = {"melancholy": 0.6, "calm": 0.4}


def mood(world):
    return Case(
        typed=("--mood", "party"),
        query=Query(mood="party"),
        holds=is_list(world.predicted(mood="party")),
    )


def keeps_quota(profile):
    """Whether every prefix is within one place of each mood's share."""

    def holds(answer):
        moods = [r["mood"] for r in answer["recommendations"]]
        return all(
            abs(moods[:length].count(mood) - share * length) < 1
            for length in range(1, len(moods) + 1)
            for mood, share in profile.items()
        )

    return holds


def blend(_):
    return Case(
        typed=("--blend", "melancholy=.6,calm=.4"),
        query=Query(blend=BLEND),
        holds=keeps_quota(BLEND),
    )


def of_listener(world, profiles, others, *typed):
    """Return the case of whoever of ``profiles`` is farthest from the same number of ``others``."""
    taxonomy = world.bundle.taxonomy
    pairs = [(profile_of(profiles, str(i)), other) for i, other in enumerate(others)]
    mixes = [(taxonomy.song_mix(mine), taxonomy.song_mix(other)) for mine, other in pairs]
    far = int(np.argmax([np.abs(mine - other).sum() for mine, other in mixes]))
    return Case(
        typed=("--listener", far, *typed),
        query=Query(listener_profile=pairs[far][0]),
        holds=keeps_quota(dict(zip(taxonomy.names, mixes[far][0], strict=True))),
        beside=Query(listener_profile=pairs[far][1]),
    )


def listener(world):
    """Somebody is not the first."""
    known = known_profiles(world.bundle)
    return of_listener(world, known, [profile_of(known, "0")] * len(known))


def listener_of_a_table(world):
    """A row of another table is somebody else than the same row of training."""
    settings = trained_listener_settings(world.bundle.manifest.settings)
    people = world.model.with_name("people.csv")
    profiles = new_profiles(world.bundle, people, settings)
    known = known_profiles(world.bundle)
    others = [profile_of(known, str(i)) for i in range(len(profiles))]
    return of_listener(world, profiles, others, "--behavior", people)


def likes(world):
    """Fits are shifted by a quarter of the taste for the likes."""
    liked = world.predicted(n=30)[20:]
    taste = world.bundle.index.taste.of(world.bundle.index.columns.rows_of(liked))
    return Case(
        typed=("--mood", "calm"),
        query=Query(mood="calm", likes=tuple(liked)),
        holds=is_list(world.predicted(added=np.float32(0.25) * taste.scores())),
        tables={"likes": ["track_id", *liked]},
    )


def events_of(*said):
    return tuple(
        FeedbackEvent(key=f"{n}", track_id=track, mood=mood, action=action, at=at)
        for n, (track, mood, action, at) in enumerate(said)
    )


def feedback_lines(events):
    lines = (f"{e.key},{e.track_id},{e.mood},{e.action},{e.at}" for e in events)
    return ["key,track_id,mood,action,at", *lines]


def feedback(world):
    plain = world.predicted(n=20)
    events = events_of(
        (plain[15], "calm", "like", YESTERDAY),
        (plain[0], "calm", "skip", YESTERDAY),
        (plain[1], "party", "ban", "2001-01-01T00:00:00Z"),
        (plain[2], "party", "skip", YESTERDAY),
    )

    def holds(answer):
        listed = ids(answer)
        return (
            plain[15] in listed[:3]
            and plain[0] not in listed[:3]
            and plain[1] not in listed
            and plain[2] in listed[:4]
        )

    return Case(
        typed=("--mood", "calm", "--today", TODAY),
        query=Query(mood="calm", feedback=events, today=TODAY),
        holds=holds,
        tables={"feedback": feedback_lines(events)},
    )


def shown(world):
    """Held back by a tenth the day after, where no artist of them is any less welcome."""
    yesterday = world.predicted()
    held = np.zeros(world.bundle.tracks.height, np.float32)
    held[world.bundle.index.columns.rows_of(yesterday)] = np.float32(-0.1)
    fresh = [i for i in world.predicted(added=held) if i not in yesterday]
    assert len(fresh) >= 3

    events = tuple(ShownEvent(track_id=i, at=YESTERDAY) for i in yesterday)
    return Case(
        typed=("--mood", "calm", "--today", TODAY),
        query=Query(mood="calm", shown=events, today=TODAY),
        holds=is_list(world.predicted(added=held)),
        tables={"shown": ["track_id,at", *(f"{e.track_id},{e.at}" for e in events)]},
    )


def today(world):
    """A hundred half-lives later a skip counts nothing; on its day it does."""
    plain = world.predicted()
    events = events_of((plain[0], "calm", "skip", YESTERDAY))
    return Case(
        typed=("--mood", "calm", "--today", "2051-11-23"),
        query=Query(mood="calm", feedback=events, today="2051-11-23"),
        holds=is_list(plain),
        tables={"feedback": feedback_lines(events)},
        beside=Query(mood="calm", feedback=events, today=TODAY),
    )


def along(world, answer):
    """Return how far each track lies on the way from calm to party, and where it is."""
    at = {m.name: (m.valence, m.arousal) for m in world.bundle.taxonomy.moods}
    start, goal = at["calm"], at["party"]
    scores = world.bundle.scores
    rows = [world.bundle.tracks["track_id"].index_of(i) for i in ids(answer)]
    points = [(float(scores.valence[r]), float(scores.arousal[r])) for r in rows]
    way = (goal[0] - start[0], goal[1] - start[1])
    return [(x - start[0]) * way[0] + (y - start[1]) * way[1] for x, y in points], points


def journey(world):
    """Every track lies on from the one before, and most of the way is gone."""

    def holds(answer):
        gone, points = along(world, answer)
        return gone == sorted(gone) and hypot(*np.subtract(points[-1], points[0])) > 0.3

    return Case(
        typed=("--from", "calm", "--to", "party"),
        query=Query(journey=Journey(start="calm", goal="party")),
        holds=holds,
        beside=Query(blend={"calm": 0.5, "party": 0.5}),
    )


def journey_of_a_length(world):
    def holds(answer):
        durations = [world.tracks[i]["duration_ms"] for i in ids(answer)]
        gone, _ = along(world, answer)
        total = None not in durations and sum(durations) / 60_000
        return total and 25 <= total <= 30 and gone == sorted(gone)

    return Case(
        typed=("--from", "calm", "--to", "party", "--minutes", 30),
        query=Query(journey=Journey(start="calm", goal="party"), minutes=30.0),
        holds=holds,
        beside=Query(journey=Journey(start="calm", goal="party")),
    )


def journey_with_a_step(world):
    def holds(answer):
        _, points = along(world, answer)
        return max(hypot(*np.subtract(b, a)) for a, b in pairwise(points)) <= 0.16

    return Case(
        typed=("--from", "calm", "--to", "party", "-n", 6, "--step", ".16"),
        query=Query(journey=Journey(start="calm", goal="party", step=0.16), n=6),
        holds=holds,
        beside=Query(journey=Journey(start="calm", goal="party", step=0.5), n=6),
    )


def journey_of_a_listener(world):
    profile = profile_of(known_profiles(world.bundle), "0")

    def holds(answer):
        return answer["journey"] is not None and answer["listener_profile"] == profile

    return Case(
        typed=("--listener", 0, "--to", "party"),
        query=Query(listener_profile=profile, journey=Journey(goal="party")),
        holds=holds,
        beside=Query(journey=Journey(start="calm", goal="party")),
    )


PEOPLE = {
    "--mood": mood,
    "--blend": blend,
    "--listener": listener,
    "--listener --behavior": listener_of_a_table,
    "--from --to": journey,
    "--from --to --minutes": journey_of_a_length,
    "--from --to --step": journey_with_a_step,
    "--listener --to": journey_of_a_listener,
    "--likes": likes,
    "--feedback": feedback,
    "--shown": shown,
    "--today": today,
}
