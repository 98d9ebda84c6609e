"""The cheapest path through layers of candidates of which at least so many are marked, exact.

The forward recursion of ``routes`` with a count beside each candidate: best_i(b, j) is the least
cost of a path that comes to b and has j marked candidates so far, or more where j is as many as
there must be. With m candidates per layer it is k + 1 times the work, k the least number.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: By count and candidate: where in the layer before, and with which count, the path came from.
_Back = tuple[NDArray[np.intp], NDArray[np.intp]]


def cheapest_counted(
    own: Sequence[NDArray[np.float64]],
    moves: Sequence[NDArray[np.float64]],
    marked: Sequence[NDArray[np.bool_]],
    least: int,
) -> tuple[float, tuple[int, ...]]:
    """Return the least cost of a path with at least so many marked, and the path.

    ``own``, ``moves`` as in ``routes.Layers``; ``marked`` says which candidates of each layer are.
    Infinite and empty where there is no such path.
    """
    if not len(own[0]):
        return np.inf, ()
    best = np.full((least + 1, len(own[0])), np.inf)
    best[np.minimum(marked[0], least), np.arange(len(own[0]))] = own[0]
    back: list[_Back] = []
    for costs, between, mark in zip(own[1:], moves[1:], marked[1:], strict=True):
        if not len(costs):
            return np.inf, ()
        best, came = _onward(best, between, mark)
        best += costs
        back.append(came)
    last = int(np.argmin(best[least]))
    if not np.isfinite(best[least, last]):
        return np.inf, ()
    return float(best[least, last]), _walked_back(last, least, back)


def _onward(
    best: NDArray[np.float64], between: NDArray[np.float64], marked: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], _Back]:
    """Return the best of the next layer by count and candidate, and where each came from."""
    least, width = len(best) - 1, len(marked)
    before = np.empty((least + 1, width), np.intp)
    reached = np.empty((least + 1, width))
    for count in range(least + 1):
        through = best[count][:, None] + between
        before[count] = np.argmin(through, axis=0)
        reached[count] = through[before[count], np.arange(width)]
    counts = np.tile(np.arange(least + 1)[:, None], width)
    counts[:, marked] -= 1
    enough = marked & (reached[least] <= reached[max(least - 1, 0)])
    counts[least, enough] = least  # as many as there must be, already before
    impossible = counts < 0
    counts = np.maximum(counts, 0)
    at = np.arange(width)
    came = np.where(impossible, np.inf, reached[counts, at])
    return came, (before[counts, at], counts)


def _walked_back(last: int, count: int, back: Sequence[_Back]) -> tuple[int, ...]:
    chosen = [last]
    for before, counts in reversed(back):
        last, count = int(before[count, last]), int(counts[count, last])
        chosen.append(last)
    return tuple(reversed(chosen))
