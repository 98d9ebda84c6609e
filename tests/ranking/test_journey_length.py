"""Journeys of a length: found where there is one, and near it, beside a search of all."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_worlds import GOAL, START, every_journey, world_of
from moodtune.features.code_lists import Lists
from moodtune.ranking.journey_length import MS_PER_MINUTE, Length, route_of_length
from moodtune.ranking.journeys import Terms, default_bound, travel
from moodtune.ranking.routes import ArtistRules, best_route
from moodtune.ranking.transitions import sound_of
from moodtune.ranking.waypoints import End, ground_of

cells = st.integers(0, 10).map(lambda i: i / 10)
artists = st.sampled_from([["A"], ["B"], ["C"]])
tracks = st.tuples(cells, cells, artists, st.integers(2, 7))


def tiny(world, minutes, cap=3):
    index = world_of([t[:2] for t in world], artists=[t[2] for t in world])
    durations = np.array([t[3] * MS_PER_MINUTE for t in world], dtype=np.int64)
    everything = np.ones(len(world), dtype=np.bool_)
    ground = ground_of(sound_of(index), index.scores, everything, End(point=START), End(point=GOAL))
    rules = ArtistRules(artists=Lists.of(index.tracks["artists"]), cap=cap, gap=0)
    slack = int(durations.min()) // 2
    length = Length(durations=durations, limit=minutes * MS_PER_MINUTE, slack=slack)
    return ground, Terms(n=None, step=None, rules=rules, length=length)


@settings(max_examples=500, deadline=None)
@given(st.lists(tracks, min_size=2, max_size=6), st.integers(4, 30), st.integers(1, 3))
def test_a_journey_no_longer_than_the_limit_is_found_wherever_there_is_one(world, minutes, cap):
    ground, terms = tiny(world, minutes, cap)
    assert terms.length is not None
    lengths = [
        sum(world[row][3] for row in journey)
        for n in range(2, len(world) + 1)
        for journey in every_journey(ground, terms, n, default_bound(ground, n))
    ]
    possible = [total for total in lengths if total <= minutes]
    found = travel(ground, terms)
    total = sum(world[row][3] for row in found.rows)
    assert total <= minutes
    if possible:
        assert found.rows
    short = minutes - total > terms.length.slack / MS_PER_MINUTE
    assert not found.rows or short == any("minutes shorter" in note for note in found.notes)


def test_the_cheaper_of_two_journeys_near_the_limit_is_taken():
    line = [(0.1, 0.2), (0.5, 0.5), (0.6, 0.4), (0.9, 0.8)]
    ground, terms = tiny([(*at, [str(i)], 5) for i, at in enumerate(line)], minutes=15)
    assert travel(ground, terms).rows == (0, 1, 3)


def test_a_shorter_track_is_taken_where_the_best_one_is_too_long():
    line = [(0.1, 0.2, 5), (0.5, 0.5, 9), (0.6, 0.4, 5), (0.9, 0.8, 5)]
    world = [(x, y, [str(i)], minutes) for i, (x, y, minutes) in enumerate(line)]
    assert travel(*tiny(world, minutes=15)).rows == (0, 2, 3)
    assert travel(*tiny(world, minutes=19)).rows == (0, 1, 3)


def test_an_exchange_closes_a_gap_that_no_price_does():
    """Two long tracks and two short ones at each end: one of each is what fits."""
    ends = [(0.1, 0.2), (0.1, 0.2), (0.9, 0.8), (0.9, 0.8)]
    world = [(*at, [str(i)], 2 + 2 * (i % 2)) for i, at in enumerate(ends)]
    found = travel(*tiny(world, minutes=6))
    assert sum(world[row][3] for row in found.rows) == 6
    assert found.notes == ()


def test_of_how_short_a_journey_is_there_is_a_note():
    world = [(0.1, 0.2, ["A"], 5), (0.9, 0.8, ["B"], 5)]
    assert travel(*tiny(world, minutes=13)).notes == (
        "the journey is 3.0 minutes shorter than it may be: no exchange of tracks that was tried comes nearer",
    )
    assert travel(*tiny(world, minutes=12)).notes == ()


def test_two_good_exchanges_are_preferred_to_a_bad_one():
    """Short, and a little off the way longer; and one far off that alone would be long enough."""
    world = [
        (0.1, 0.2, ["a"], 2),
        (0.15, 0.2, ["b"], 4),
        (0.9, 0.8, ["c"], 2),
        (0.85, 0.8, ["d"], 4),
        (0.6, 0.8, ["e"], 6),
    ]
    ground, terms = tiny(world, minutes=8)
    assert travel(ground, Terms(n=2, step=None, rules=terms.rules, length=None)).rows == (0, 2)
    assert travel(ground, terms).rows == (1, 3)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.tuples(cells, cells, artists, st.integers(2, 7), st.booleans()), min_size=3, max_size=8
    ),
    st.integers(4, 30),
    st.integers(0, 3),
)
def test_a_journey_that_must_have_fresh_tracks_keeps_them_whatever_its_length(
    world, minutes, least
):
    ground, terms = tiny([t[:4] for t in world], minutes)
    fresh = np.array([t[4] for t in world])
    layers = ground.layers(3)
    layers = replace(layers, fresh=tuple(fresh[rows] for rows in layers.rows), least_fresh=least)
    cheapest = best_route(layers, terms.rules)
    if cheapest is None:
        return
    found = route_of_length(layers, terms.rules, terms.length, cheapest)
    if found is not None:
        rows = layers.tracks(found.chosen)
        assert fresh[rows].sum() >= least
        assert sum(world[row][3] for row in rows) <= minutes
