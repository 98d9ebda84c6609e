"""Freshness: what was shown on earlier days is held back for a while."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.preferences.events import ShownEvent
from moodtune.preferences.freshness import FreshnessSettings, held_back, ids_by_age, most_repeated
from worlds import FIVE_HUNDRED

TODAY = date(2026, 11, 23)
WEIGHT = FreshnessSettings().weight


def held(*ages):
    return held_back([(age, np.array([0])) for age in ages], 2).everywhere()


def test_what_was_shown_yesterday_is_held_back_by_the_whole_weight():
    assert held(1).tolist() == pytest.approx([-WEIGHT, 0])


def test_a_half_life_later_it_is_held_back_by_half():
    assert held(8).tolist() == pytest.approx([-WEIGHT / 2, 0])
    assert held(8, 15).tolist() == pytest.approx([-WEIGHT * (1 - 0.5 * 0.75), 0])


@FIVE_HUNDRED
@given(st.lists(st.integers(1, 1000), max_size=50, unique=True))
def test_nothing_is_held_back_by_more_than_the_weight(ages):
    values = held(*ages)
    assert -WEIGHT - 1e-6 <= values[0] <= 0
    assert values[1] == 0


def test_what_is_shown_today_or_later_is_not_held_back():
    days = ["2026-11-24", "2026-11-23", "2026-11-22", "2026-11-20", "2026-11-20"]
    shown = [ShownEvent(track_id=f"t{i % 4}", at=f"{d}T10:00:00Z") for i, d in enumerate(days)]
    assert ids_by_age(shown, TODAY) == {1: ("t2",), 3: ("t0", "t3")}


@FIVE_HUNDRED
@given(st.integers(0, 500))
def test_at_least_three_of_ten_tracks_change(n):
    assert n - most_repeated(n) >= 0.3 * n - 1e-9
    assert n - most_repeated(n) < 0.3 * n + 1
