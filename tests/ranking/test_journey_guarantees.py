"""What holds on every journey whatever the person says: its price is bounded, and no limit breaks."""

from dataclasses import replace
from itertools import pairwise
from random import Random

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cruel_worlds import IDS, MOODS, admitted, keeps_rules, query_of, world, worlds
from journey_worlds import GOAL, START, cost_of, every_journey, world_of
from moodtune.preferences.events import ShownEvent
from moodtune.preferences.freshness import most_repeated
from moodtune.ranking.additions import Given
from moodtune.ranking.journey_answers import Words, ground_for, journey_of
from moodtune.ranking.journeys import Journey, Terms
from moodtune.ranking.recommending import recommend
from moodtune.ranking.routes import ArtistRules
from personal_worlds import LONG_AGO, LOT, MOST_AGAINST, MOST_FOR, TODAY, journey, said

cells = st.integers(0, 8).map(lambda i: i / 8)
tracks = st.tuples(
    cells,
    cells,
    st.sampled_from([["A"], ["B"], ["A", "B"], ["C"], []]),
    st.integers(-13, 11).map(lambda i: i / 20),
    st.booleans(),
)
tiny_worlds = st.lists(tracks, min_size=2, max_size=6)


def tiny(drawn):
    index = world_of([t[:2] for t in drawn], artists=[t[2] for t in drawn])
    return index, np.array([t[3] for t in drawn], np.float32)


def plain_cost(found):
    return found.report.fit_cost + found.report.transition_cost


def lawful(index, query, found, said=None):
    """Return every lawful journey as long as ``found`` under its bound, with what it costs."""
    everything = np.ones(len(index), np.bool_)
    asked, ground = ground_for(index, query, everything, {}, said)
    rules = ArtistRules(artists=index.columns.artists, cap=query.artist_cap, gap=query.artist_gap)
    terms = Terms(n=query.n, step=asked.step, rules=rules, length=None)
    n = len(found.rows)
    layers = ground.layers(n)
    journeys = every_journey(ground, terms, n, found.report.step_bound)
    return {tracks: cost_of(layers, tracks) for tracks in journeys}


@settings(max_examples=500, deadline=None)
@given(tiny_worlds, st.integers(2, 4), st.integers(1, 2), st.sampled_from([None, 0, 1]))
def test_no_journey_gets_worse_by_more_than_is_said_of_its_tracks(drawn, n, cap, seed):
    index, added = tiny(drawn)
    everything = np.ones(len(index), np.bool_)
    query = journey(n=n, artist_cap=cap)
    plain = journey_of(index, query, everything, {})
    asked, words = (
        msgspec.structs.replace(query, seed=seed),
        Words(added=Given(added)),
    )
    found = journey_of(index, asked, everything, {}, words)
    assert len(found.rows) == len(plain.rows)
    assert found.report.step_bound == plain.report.step_bound
    if not found.rows:
        return
    costs = lawful(index, asked, found, words)
    total = plain_cost(found) + found.report.extra_cost
    assert found.report.proven
    assert total == pytest.approx(min(costs.values()))
    assert total <= costs[plain.rows] + 1e-9
    most = len(found.rows) * (MOST_FOR - MOST_AGAINST + LOT)
    assert plain_cost(plain) - 1e-9 <= plain_cost(found) <= plain_cost(plain) + most


@settings(max_examples=500, deadline=None)
@given(tiny_worlds, st.integers(2, 5), st.integers(1, 3), st.integers(0, 1))
def test_no_lawful_journey_has_fewer_of_yesterdays_tracks_where_too_many_come_again(
    drawn, n, cap, gap
):
    index, added = tiny(drawn)
    everything = np.ones(len(index), np.bool_)
    query, words = (
        journey(n=n, artist_cap=cap, artist_gap=gap),
        Words(added=Given(added)),
    )
    plain = journey_of(index, query, everything, {}, words)
    latest = frozenset(plain.rows) | {row for row, t in enumerate(drawn) if t[4]}
    found = journey_of(index, query, everything, {}, replace(words, latest=latest))
    assert len(found.rows) == len(plain.rows)
    if not found.rows:
        return
    costs = lawful(index, query, found, words)
    again = {tracks: len(latest.intersection(tracks)) for tracks in costs}
    most = max(most_repeated(len(found.rows)), min(again.values()))
    assert found.rows in costs
    assert again[found.rows] <= most
    least = min(costs[tracks] for tracks in costs if again[tracks] <= most)
    total = plain_cost(found) + found.report.extra_cost
    assert found.report.proven
    assert total == pytest.approx(least)
    assert found.report.least_cost == pytest.approx(least)


@pytest.mark.parametrize("seed", range(4))
def test_in_a_crowd_too_no_journey_gets_worse_by_more_than_is_said_of_its_tracks(seed):
    """Of two thousand tracks only some are candidates: those of the plain journey are among them."""
    random = np.random.default_rng(seed)
    crowd = START + random.random((2000, 2)) ** 2 * (np.array(GOAL) - START)
    keys = random.integers(0, 12, 2000).tolist()
    index = world_of([tuple(p) for p in crowd], key=keys, mode=[k % 2 for k in keys])
    added = random.choice([MOST_AGAINST, 0, MOST_FOR], 2000).astype(np.float32)
    everything, query, words = (
        np.ones(2000, np.bool_),
        journey(n=12),
        Words(added=Given(added)),
    )
    plain = journey_of(index, query, everything, {})
    found = journey_of(index, query, everything, {}, words)
    assert plain.report.proven
    assert found.report.proven
    assert found.rows != plain.rows
    total = plain_cost(plain) - float(added[list(plain.rows)].sum())
    assert plain_cost(found) + found.report.extra_cost <= total + 1e-9
    assert plain_cost(found) - plain_cost(plain) <= float(
        added[list(found.rows)].sum() - added[list(plain.rows)].sum()
    )


@pytest.mark.parametrize(("off", "middle"), [(0.1, 2), (0.12, 1)])
def test_all_that_can_be_said_carries_a_track_past_another_a_tenth_of_the_plane_nearer(off, middle):
    """On its waypoint a track with all against it, off the way one with all that speaks for it.

    That is 1.2 in cost; .1 off costs 1 and .05 of longer steps, .12 off 1.44.
    """
    aside = (0.5 - 0.6 * off, 0.5 + 0.8 * off)
    index = world_of([START, (0.5, 0.5), aside, GOAL])
    added = np.array([0, MOST_AGAINST, MOST_FOR, 0], np.float32)
    everything = np.ones(4, np.bool_)
    assert journey_of(index, journey(), everything, {}).rows == (0, 1, 3)
    assert journey_of(index, journey(), everything, {}, Words(added=Given(added))).rows == (
        0,
        middle,
        3,
    )


def person(rng):
    """Return a few words of a person, of ids that need not be in the catalog."""

    def some(most):
        return rng.sample(IDS, rng.randint(0, most))

    days = ("2026-11-22T08:00:00Z", "2026-11-20T08:00:00Z", "2026-11-23T08:00:00Z", LONG_AGO)
    actions = ("like", "skip", "skip", "ban")
    return {
        "likes": rng.choice((None, tuple(some(4)))),
        "feedback": tuple(
            said(t, rng.choice(actions), rng.choice(MOODS), rng.choice(days)) for t in some(5)
        ),
        "shown": tuple(ShownEvent(track_id=t, at=rng.choice(days)) for t in some(8)),
        "today": TODAY,
        "seed": rng.choice((None, 0, 1)),
    }


def asked_of(drawn):
    """Return a query for a journey with limits and a person's words, drawn by the world's seed."""
    rng = Random(drawn[1] + 2)
    start = rng.choice((START, (0.5, 0.1), *MOODS))
    goal = (0.97, 0.83)  # where no mood lies
    way = Journey(start=start, goal=goal, step=rng.choice((None, None, 0.3, 0.8)))
    limits = query_of(drawn, blend=None, diversity=0, n=rng.choice((None, 2, 3, 5, 9)))
    return msgspec.structs.replace(limits, journey=way, **person(rng))


@settings(max_examples=500, deadline=None)
@given(worlds)
def test_no_journey_breaks_a_limit_whatever_the_person_says(drawn):
    rng = Random(drawn[1] + 3)
    index, query = world(drawn, most=12), asked_of(drawn)
    at = np.array([rng.randint(0, 8) / 8 for _ in range(2 * len(index))], np.float32)
    points = at.reshape(-1, 2)
    index = replace(
        index,
        scores=replace(index.scores, valence=points[:, 0].copy(), arousal=points[:, 1].copy()),
    )
    answer = recommend(index, query)
    listed = [r.track_id for r in answer.recommendations]
    catalog = {t["track_id"]: t for t in index.tracks.iter_rows(named=True)}
    banned = {event.track_id for event in query.feedback if event.action == "ban"}
    assert set(listed) <= set(admitted(index, query))
    assert not any(banned & {t, *catalog[t]["alternative_ids"]} for t in listed)
    assert len(set(listed)) == len(listed)
    assert query.n is None or len(listed) <= query.n
    assert keeps_rules(catalog, listed, query)
    report = answer.journey
    assert report is not None
    line = np.subtract(report.goal, report.start)
    along = (np.array(report.places).reshape(-1, 2) @ line).tolist()
    assert all(b >= a - 1e-12 for a, b in pairwise(along))
    steps = [float(np.hypot(*np.subtract(a, b))) for a, b in pairwise(report.places)]
    assert all(step <= report.step_bound * (1 + 1e-12) for step in steps)
    assert query.journey is None or query.journey.step in {None, report.step_bound}
    for r in answer.recommendations:
        assert sum(r.parts.values()) == pytest.approx(r.score, abs=5e-6)
        added = {name: r.parts.get(name, 0) for name in ("taste", "feedback", "freshness")}
        assert abs(added["taste"]) <= 0.25
        assert abs(added["feedback"]) <= 0.3
        assert -0.1 <= added["freshness"] <= 0
