"""What a query takes is counted, the same every time, and may be bounded."""

import numpy as np
import pytest

from journey_worlds import world_of
from moodtune.errors import BudgetError
from moodtune.ranking.journeys import Journey
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.ranking.work import CALL, STEP, Work
from worlds import index_of


@pytest.fixture(scope="module")
def many():
    """Ten thousand tracks of all moods, each by an artist of its own."""
    return index_of(np.random.default_rng(0).dirichlet(np.full(4, 0.4), 10_000))


def spent(index, **query) -> int:
    """Return the least budget that a query can be answered with."""
    low, high = 0, 10_000_000
    while high - low > 1:
        middle = (low + high) // 2
        try:
            recommend(index, Query(**query), budget=middle)
            high = middle
        except BudgetError:
            low = middle
    return high


def test_a_list_of_one_mood_looks_at_two_blocks_of_forty(many):
    """The first read is of two blocks of 256 tracks; 64 places are then walked through."""
    assert spent(many, mood="still") == CALL + 4 * 2 * 256 + 2 * STEP * 64


def test_a_mix_looks_at_two_blocks_for_each_mood(many):
    read = CALL + 4 * 2 * 256
    assert spent(many, blend={"still": 0.5, "wild": 0.5}) == 2 * read + 2 * STEP * 64


def test_a_length_looks_at_every_track_that_may_be_exchanged():
    index = index_of([[0.9, 0.1, 0, 0]] * 20, duration_ms=[200_000] * 20)
    assert spent(index, mood="still", minutes=9.9) > spent(index, mood="still")


def test_more_than_the_budget_is_refused_in_a_sentence(many):
    sentence = (
        "^the query takes more work than it may, 500 units: ask for fewer places, or "
        "with fewer or looser limits$"
    )
    with pytest.raises(BudgetError, match=sentence):
        recommend(many, Query(mood="still"), budget=500)


def test_a_budget_changes_no_answer(many):
    query = Query(blend={"still": 0.7, "glad": 0.3}, n=20)
    assert recommend(many, query, budget=100_000) == recommend(many, query)


def test_without_a_bound_anything_may_be_spent():
    work = Work()
    work.spend(10**12)
    assert work.spent == 10**12


def test_a_journey_is_bounded_too():
    line = world_of([(i / 40, i / 40) for i in range(1, 40)])
    query = Query(journey=Journey(start=(0.1, 0.1), goal=(0.9, 0.9)), n=12)
    with pytest.raises(BudgetError, match=r"^the query takes more work than it may, 100 units"):
        recommend(line, query, budget=100)
    assert recommend(line, query, budget=100_000) == recommend(line, query)
