"""Freshness: what was shown on earlier days is held back for a while."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.preferences.events import ShownEvent
from moodtune.preferences.freshness import FreshnessSettings, Shown, most_repeated, shown_earlier
from worlds import FIVE_HUNDRED

TODAY = date(2026, 11, 23)
WEIGHT = FreshnessSettings().weight


def held(*ages):
    return Shown.of(np.zeros(len(ages), np.intp), np.array(ages)).values(2).everywhere()


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
    assert shown_earlier(shown, TODAY) == (["t2", "t3", "t0"], [1, 3, 3])


def test_a_track_is_told_once_with_the_last_day_that_it_was_shown():
    rows, ages = np.array([7, 2, 7, 7, 2]), np.array([9, 4, 3, 9, 4])
    shown = Shown.of(rows, ages)
    assert shown.rows.tolist() == [2, 7]
    assert shown.days_ago.tolist() == [4, 3]
    assert shown.held.tolist() == [held(4)[0], held(3, 9)[0]]


def test_of_nothing_that_was_shown_nothing_is_held_back():
    nothing = Shown.of(np.empty(0, np.intp), np.empty(0, np.intp))
    assert nothing.values(2).everywhere().tolist() == [0, 0]


@FIVE_HUNDRED
@given(st.integers(0, 500))
def test_at_least_three_of_ten_tracks_change(n):
    assert n - most_repeated(n) >= 0.3 * n - 1e-9
    assert n - most_repeated(n) < 0.3 * n + 1
