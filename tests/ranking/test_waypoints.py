"""Waypoints: where a mood lies in a catalog, who is near the way, and who goes on along it."""

from dataclasses import replace

import numpy as np
import pytest

from journey_worlds import GOAL, START, world_of
from moodtune.ranking.transitions import sound_of
from moodtune.ranking.waypoints import End, ground_of, place_of
from worlds import TAXONOMY


def mix(**shares):
    return np.array([shares.get(name, 0.0) for name in TAXONOMY.names])


@pytest.fixture
def corners():
    """Forty still tracks at .2,.1 and twenty wild ones at .7,.9, one of them far off."""
    still, wild = [[0.9, 0.1, 0, 0]] * 40, [[0.1, 0.9, 0, 0]] * 20
    index = world_of([(0.2, 0.1)] * 40 + [(0.7, 0.9)] * 19 + [(0.0, 0.0)])
    return replace(
        index, scores=replace(index.scores, probabilities=np.array(still + wild, np.float32))
    )


def test_a_mood_lies_where_the_middle_one_lies_of_the_tracks_that_carry_it_most(corners):
    music = np.ones(60, dtype=np.bool_)
    assert place_of(corners.scores, mix(still=1.0), music) == pytest.approx((0.2, 0.1))
    assert place_of(corners.scores, mix(wild=1.0), music) == pytest.approx((0.7, 0.9))


def test_a_mix_of_moods_lies_between_their_places_by_share(corners):
    music = np.ones(60, dtype=np.bool_)
    at = place_of(corners.scores, mix(still=0.75, wild=0.25), music)
    assert at == pytest.approx((0.75 * 0.2 + 0.25 * 0.7, 0.75 * 0.1 + 0.25 * 0.9))


def test_tracks_that_are_left_out_do_not_say_where_a_mood_lies(corners):
    music = np.arange(60) == 59  # only the one far off
    assert place_of(corners.scores, mix(wild=1.0), music) == (0, 0)


def ground_over(index, start=START, goal=GOAL, **ends):
    everything = np.ones(len(index), dtype=np.bool_)
    return ground_of(
        sound_of(index),
        index.scores,
        everything,
        End(point=start, mix=ends.get("start_mix")),
        End(point=goal, mix=ends.get("goal_mix")),
        extra=ends.get("extra"),
    )


def test_waypoints_lie_evenly_from_the_start_to_the_goal():
    ground = ground_over(world_of([(0.5, 0.5)]), start=(0.0, 0.2), goal=(0.6, 0.8))
    assert ground.waypoints(3).ravel() == pytest.approx([0.0, 0.2, 0.3, 0.5, 0.6, 0.8])
    assert ground.length == pytest.approx(0.6 * 2**0.5)


def test_a_place_costs_the_square_of_the_distance_in_tenths():
    index = world_of([(0.1, 0.2), (0.1, 0.4), (0.9, 0.8)])
    own = ground_over(index).layers(2).own
    assert own[0] == pytest.approx([0, 4, (0.8**2 + 0.6**2) * 100], abs=1e-4)
    assert own[1][2] == pytest.approx(0, abs=1e-4)


def test_at_an_end_a_track_costs_more_the_less_of_its_mood_it_carries(corners):
    ground = ground_over(corners, start_mix=mix(still=1.0), goal_mix=mix(wild=1.0))
    bare = ground_over(corners)
    for n, place, least in ((3, 0, 0), (3, 2, 40)):
        more = ground.layers(n).own[place] - bare.layers(n).own[place]
        assert more[least] == pytest.approx(0)
        assert more[40 - least] == pytest.approx(1 - 0.1 / 0.9)
    assert ground.layers(3).own[1] == pytest.approx(bare.layers(3).own[1])  # in between, none


def test_moves_only_lead_on_and_of_tracks_side_by_side_to_the_later_one():
    index = world_of([(0.5, 0.5), (0.1, 0.2), (0.5, 0.5), (0.9, 0.8)])
    onward = np.isfinite(ground_over(index).layers(2).moves[1])
    assert onward.astype(int).tolist() == [[0, 0, 1, 1], [1, 0, 1, 1], [0, 0, 0, 1], [0, 0, 0, 0]]


def test_a_crowd_near_one_place_leaves_the_others_candidates_of_their_own():
    random = np.random.default_rng(1)
    crowd = [(0.1, 0.2)] * 900
    way = [(0.1 + 0.8 * t, 0.2 + 0.6 * t) for t in random.random(60)]
    index = world_of(crowd + way, artists=[[f"a{i}"] for i in range(960)])
    layers = ground_over(index).layers(300)
    assert all(len(rows) <= 82 for rows in layers.rows)
    listed = set(np.concatenate(layers.rows).tolist())
    assert set(range(900, 960)) <= listed


def test_whoever_is_a_candidate_without_a_word_is_one_with_it_and_whom_it_speaks_for_as_well():
    random = np.random.default_rng(2)
    index = world_of([tuple(p) for p in random.random((3000, 2))])
    extra = random.choice([-0.55, 0, 0.65], 3000)
    plain = ground_over(index).layers(12)
    said = ground_over(index, extra=extra).layers(12)
    points = np.stack([index.scores.valence, index.scores.arousal], axis=1).astype(float)
    for place, waypoint in enumerate(np.linspace(START, GOAL, 12)):
        assert set(plain.rows[place].tolist()) < set(said.rows[place].tolist())
        costs = ((points - waypoint) ** 2).sum(axis=1) * 100 + extra
        best = np.argsort(costs)[:100]
        assert set(best.tolist()) <= set(said.rows[place].tolist())
        assert said.own[place] == pytest.approx(costs[said.rows[place]])
