"""Normal scores: a rank as the number of standard deviations that a normal quantity of it has.

The normal distribution is taken as E. Page's approximation of 1977, everywhere within 0.0002 of it,
because NumPy alone computes it fast::

    rank = (1 + tanh(sqrt(2 / pi) * (z + 0.044715 * z**3))) / 2
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: No rank counts further from the middle than this many standard deviations: 1 track in 1,000.
FARTHEST = 3.0

_SLOPE, _BEND = float(np.sqrt(2 / np.pi)), 0.044715

#: Steps at which the curve is known when it is read backwards.
_STEPS = 4097


def ranks_of(normal: NDArray[np.floating[Any]]) -> NDArray[Any]:
    """Return the rank of each normal score, in [0, 1] and in the scores' type."""
    curve = np.tanh(normal * (_SLOPE + _SLOPE * _BEND * normal * normal))
    ranks: NDArray[Any] = 0.5 + 0.5 * curve
    return ranks


def normal_scores(ranks: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the normal score of each rank, in [-FARTHEST, FARTHEST]."""
    steps = np.linspace(-FARTHEST, FARTHEST, _STEPS)
    scores: NDArray[np.float64] = np.interp(ranks, ranks_of(steps), steps)
    return scores
