"""Transitions: what is heard to change, and what the unknown counts."""

import numpy as np
import pytest

from journey_worlds import world_of
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.transitions import (
    camelot_hours,
    camelot_name,
    distances,
    key_jumps,
    sound_of,
    tempo_jumps,
    transition_costs,
)
from worlds import NEUTRAL

HERE = [(0.5, 0.5), (0.5, 0.5)]
PAIR = np.array([0]), np.array([1])


def cost(**columns):
    """Return what it costs to go from one track to another at the same point."""
    return float(transition_costs(sound_of(world_of(HERE, **columns)), *PAIR)[0, 0])


@pytest.mark.parametrize(
    ("key", "major", "name"),
    [
        (0, 1, "8B"), (7, 1, "9B"), (2, 1, "10B"), (5, 1, "7B"), (11, 1, "1B"), (6, 1, "2B"),
        (9, 0, "8A"), (4, 0, "9A"), (2, 0, "7A"), (0, 0, "5A"), (8, 0, "1A"), (1, 0, "12A"),
    ],
)  # fmt: skip
def test_keys_stand_on_the_camelot_wheel_where_djs_have_them(key, major, name):
    hour = camelot_hours(np.array([float(key)]), np.array([float(major)]))[0]
    assert camelot_name(hour, major) == name


def test_the_wheel_is_round():
    assert key_jumps(np.array([0.0]), np.array([0.0, 1.0, 11.0, 6.0, 7.0])).tolist() == [
        [0, 1, 1, 6, 5]
    ]


@pytest.mark.parametrize(
    ("a", "b", "jump"),
    [(100, 100, 0), (70, 140, 0), (60, 240, 0), (100, 100 * 2**0.5, 1), (100, 100 * 2**0.25, 0.5)],
)
def test_tempos_that_are_heard_as_one_pulse_are_the_same(a, b, jump):
    assert tempo_jumps(np.log2([a]), np.log2([b]))[0, 0] == pytest.approx(jump)


def test_each_part_counts_by_its_weight():
    assert cost() == 0
    assert cost(tempo=[100.0, 100 * 2**0.5]) == pytest.approx(0.4)
    assert cost(loudness=[-5.0, -10.0]) == pytest.approx(0.3 * (5 / 6) ** 2)
    assert cost(loudness=[-5.0, -40.0]) == pytest.approx(0.3)
    assert cost(key=[0, 6], mode=[1, 1]) == pytest.approx(0.3 * 6 / 7)
    assert cost(key=[0, 9], mode=[1, 0]) == pytest.approx(0.3 * 1 / 7)


def test_the_step_on_the_plane_counts_in_tenths():
    sound = sound_of(world_of([(0.5, 0.5), (0.8, 0.9)]))
    assert transition_costs(sound, *PAIR)[0, 0] == pytest.approx(0.25 * 5, abs=1e-6)
    assert distances(sound.points[:1], sound.points[1:])[0, 0] == pytest.approx(0.5)


def test_an_unknown_cell_counts_what_two_tracks_drawn_at_random_cost():
    assert cost(tempo=[120.0, 0.0]) == pytest.approx(0.4 * 0.5)
    random = transition_mean(hours=12, rings=2)
    assert cost(key=[-1, 3], mode=[1, 1]) == pytest.approx(0.3 * random)
    assert cost(key=[0, 3], mode=[None, 1]) == pytest.approx(0.3 * random)


def transition_mean(hours, rings):
    """Return the mean distance on the wheel of two keys drawn with replacement, over 7."""
    places = [(hour, ring) for hour in range(hours) for ring in range(rings)]
    apart = [min(abs(a - b), hours - abs(a - b)) + (r != s) for a, r in places for b, s in places]
    return sum(apart) / len(apart) / 7


def test_a_column_that_the_catalog_lacks_counts_nothing():
    index = world_of([(0.2, 0.2), (0.2, 0.2)], key=[0, 6])  # no mode: no place on the wheel
    assert sound_of(index).heard_by == ("tempo", "loudness")
    assert transition_costs(sound_of(index), *PAIR)[0, 0] == 0
    bare = type(index)(
        taxonomy=index.taxonomy,
        song_model=index.song_model,
        columns=TrackColumns.of(index.tracks.drop("tempo", "loudness", "key")),
        scores=index.scores,
    )
    assert sound_of(bare).heard_by == ()
    assert transition_costs(sound_of(bare), *PAIR)[0, 0] == 0
    assert NEUTRAL["tempo"] == 120
