"""Paths of which enough is marked: the cheapest there is, beside a search of all."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodtune.ranking.counted_paths import cheapest_counted
from moodtune.ranking.routes import cheapest


def drawn(seed, sizes):
    """Return layers of random costs, some moves impossible, and about half marked."""
    random = np.random.default_rng(seed)
    own = [random.integers(-3, 9, k).astype(float) for k in sizes]
    moves = [np.empty((0, sizes[0]))]
    for a, b in pairwise(sizes):
        costs = random.integers(0, 9, (a, b)).astype(float)
        moves.append(np.where(random.random((a, b)) < 0.3, np.inf, costs))
    return own, moves, [random.random(k) < 0.5 for k in sizes]


def cost_of(own, moves, path):
    steps = sum(moves[i][path[i - 1], path[i]] for i in range(1, len(path)))
    return sum(costs[c] for costs, c in zip(own, path, strict=True)) + steps


@settings(max_examples=500, deadline=None)
@given(
    st.integers(0, 2**32), st.lists(st.integers(0, 3), min_size=1, max_size=5), st.integers(0, 5)
)
def test_no_path_with_as_many_marked_is_cheaper(seed, sizes, least):
    own, moves, marked = drawn(seed, sizes)
    least = min(least, len(sizes))
    costs = {
        path: cost_of(own, moves, path)
        for path in product(*(range(k) for k in sizes))
        if sum(mark[c] for mark, c in zip(marked, path, strict=True)) >= least
    }
    best = min(costs.values(), default=np.inf)
    cost, path = cheapest_counted(own, moves, marked, least)
    assert cost == best
    if np.isfinite(best):
        assert costs[path] == best
    else:
        assert path == ()


def test_where_none_must_be_marked_it_is_the_cheapest_of_all():
    own, moves, marked = drawn(5, [4, 4, 4, 4])
    assert cheapest_counted(own, moves, marked, 0) == cheapest(own, moves)


@pytest.mark.parametrize(("least", "path"), [(1, (0, 1)), (2, (1, 1))])
def test_more_that_must_be_marked_cost_what_they_cost(least, path):
    own = [np.array([0.0, 9.0]), np.array([0.0, 2.0])]
    moves = [np.empty((0, 2)), np.zeros((2, 2))]
    marked = [np.array([False, True])] * 2
    assert cheapest_counted(own, moves, marked, least) == (2 + 9 * (least - 1), path)
