"""Turns: every prefix of a list keeps the mix."""

from fractions import Fraction
from itertools import islice
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.ranking.quota import turns
from worlds import FIVE_HUNDRED


def first(n: int, shares: list[float]) -> list[int]:
    return list(islice(turns(shares), n))


def test_six_of_ten_places_go_to_the_mood_with_six_tenths():
    assert sorted(first(10, [0.6, 0.4])) == [0] * 6 + [1] * 4


def test_a_mood_without_a_share_never_takes_a_place():
    assert first(20, [0.0, 1.0, 0.0]) == [1] * 20


def test_equal_shares_take_turns_in_order():
    assert first(6, [1, 1, 1]) == [0, 1, 2, 0, 1, 2]


@FIVE_HUNDRED
@given(
    st.lists(st.integers(0, 100), min_size=1, max_size=11).filter(any),
    st.integers(1, 60),
)
def test_every_prefix_is_within_one_place_of_every_exact_share(weights, n):
    places = first(n, weights)
    for length in range(1, n + 1):
        for mood, weight in enumerate(weights):
            exact = Fraction(weight * length, sum(weights))
            assert floor(exact) <= places[:length].count(mood) <= ceil(exact)


@pytest.mark.parametrize("shares", [[0.0, 0.0], [1.0, -0.1]])
def test_shares_that_are_no_mix_are_refused(shares):
    with pytest.raises(ValueError, match="shares must be at least 0 and not all 0"):
        first(1, shares)
