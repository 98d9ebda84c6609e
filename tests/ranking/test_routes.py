"""Routes: the cheapest there is, however often an artist may come, and what is said when unproven."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_worlds import GOAL, START, cost_of, every_journey, world_of
from moodtune.features.code_lists import Lists
from moodtune.ranking.journeys import Terms
from moodtune.ranking.routes import ArtistRules, Layers, best_route, cheapest, smallest_step
from moodtune.ranking.transitions import sound_of
from moodtune.ranking.waypoints import End, ground_of

cells = st.integers(0, 10).map(lambda i: i / 10)
tracks = st.tuples(
    cells,
    cells,
    st.sampled_from([["A"], ["B"], ["A", "B"], ["C"], []]),
    st.sampled_from([80.0, 120.0, 159.0, 0.0]),
    st.integers(-1, 11),
)
tiny_worlds = st.lists(tracks, min_size=2, max_size=6)


def ground_and_terms(world, cap=2, gap=0, extra=None):
    points = [(valence, arousal) for valence, arousal, *_ in world]
    index = world_of(
        points,
        artists=[names for _, _, names, *_ in world],
        tempo=[tempo for *_, tempo, _ in world],
        key=[key for *_, key in world],
        mode=[key % 2 for *_, key in world],
    )
    everything = np.ones(len(world), dtype=np.bool_)
    ends = End(point=START), End(point=GOAL)
    ground = ground_of(sound_of(index), index.scores, everything, *ends, extra=extra)
    rules = ArtistRules(artists=Lists.of(index.tracks["artists"]), cap=cap, gap=gap)
    return ground, Terms(n=None, step=None, rules=rules, length=None)


@settings(max_examples=500, deadline=None)
@given(
    tiny_worlds,
    st.integers(2, 4),
    st.integers(1, 2),
    st.integers(0, 2),
    st.sampled_from([0.3, 0.6, 2.0]),
    st.one_of(st.none(), st.lists(st.integers(-11, 13), min_size=6, max_size=6)),
)
def test_no_lawful_journey_is_cheaper_than_the_one_that_is_found(world, n, cap, gap, step, extra):
    """However dear or cheap the person's words make its tracks."""
    costs = None if extra is None else np.array(extra) / 20
    ground, terms = ground_and_terms(world, cap, gap, costs)
    layers = ground.layers(n)
    route = best_route(layers.within(step), terms.rules)
    every = every_journey(ground, terms, n, step)
    assert (route is None) == (not every)
    if route is not None:
        assert route.proven
        assert tuple(layers.tracks(route.chosen)) in every
        assert route.cost == pytest.approx(min(cost_of(layers, j) for j in every))


@settings(max_examples=500, deadline=None)
@given(tiny_worlds, st.integers(2, 4), st.integers(1, 2), st.integers(0, 1))
def test_the_smallest_bound_on_steps_is_the_least_longest_step_of_any_lawful_journey(
    world, n, cap, gap
):
    ground, terms = ground_and_terms(world, cap, gap)
    every = every_journey(ground, terms, n, step=2)
    points = ground.sound.points
    longest = [max(np.hypot(*(points[b] - points[a])) for a, b in pairwise(j)) for j in every]
    found = smallest_step(ground.layers(n), terms.rules)
    assert found == (pytest.approx(min(longest)) if every else None)


def two_by_two(own, moves, artists):
    """Two places with two candidates each: tracks 0 and 1, then 2 and 3."""
    pools = (np.array([0, 1]), np.array([2, 3]))
    none = np.empty((0, 2))
    layers = Layers(
        rows=pools,
        own=tuple(np.array(costs, float) for costs in own),
        moves=(none, np.array(moves, float)),
        steps=(none, np.ones((2, 2))),
    )
    lists = Lists.of(pl.Series(artists, dtype=pl.List(pl.String)))
    return layers, lists


def test_a_dear_start_is_worth_it_where_it_makes_the_rest_cheap():
    layers, _ = two_by_two([[0, 3], [0, 0]], [[9, 8], [1, 2]], [["a"], ["b"], ["c"], ["d"]])
    assert cheapest(layers.own, layers.moves) == (4, (1, 0))  # a greedy walk pays 8


def test_of_routes_that_cost_the_same_the_one_of_the_lowest_rows_is_taken():
    layers, _ = two_by_two([[1, 1], [2, 2]], [[0, 0], [0, 0]], [["a"], ["b"], ["c"], ["d"]])
    assert cheapest(layers.own, layers.moves) == (3, (0, 0))


def test_the_artist_cap_costs_what_the_next_best_route_costs():
    layers, lists = two_by_two([[0, 3], [0, 5]], [[1, 1], [1, 1]], [["a"], ["b"], ["a"], ["d"]])
    free = best_route(layers, ArtistRules(artists=lists, cap=2, gap=0))
    capped = best_route(layers, ArtistRules(artists=lists, cap=1, gap=0))
    apart = best_route(layers, ArtistRules(artists=lists, cap=2, gap=1))
    assert [(r.chosen, r.cost, r.proven) for r in (free, capped, apart)] == [
        ((0, 0), 1, True),
        ((1, 0), 4, True),
        ((1, 0), 4, True),
    ]


def crowd(n, k):
    """Return n places with k candidates each, where a few artists have the cheap ones."""
    random = np.random.default_rng(3)
    rows = tuple(np.arange(place * k, (place + 1) * k) for place in range(n))
    own = tuple(random.random(k) for _ in range(n))
    moves = (np.empty((0, k)), *[random.random((k, k)) for _ in range(n - 1)])
    steps = (np.empty((0, k)), *[np.ones((k, k)) for _ in range(n - 1)])
    names = [[f"artist {row % 3}"] for row in range(n * k)]
    lists = Lists.of(pl.Series(names, dtype=pl.List(pl.String)))
    return Layers(rows=rows, own=own, moves=moves, steps=steps), lists


def test_a_search_out_of_work_gives_a_lawful_route_and_what_no_route_is_below():
    layers, lists = crowd(n=9, k=9)
    rules = ArtistRules(artists=lists, cap=3, gap=1)
    best = best_route(layers, rules)
    hurried = best_route(layers, rules, max_moves=0)
    assert best.proven
    assert not hurried.proven
    assert rules.cases(layers.tracks(hurried.chosen)) == ()
    assert hurried.bound <= best.cost <= hurried.cost
    assert hurried.cost == pytest.approx(layers.cost(hurried.chosen))
