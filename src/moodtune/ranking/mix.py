"""How near a list comes to the mix that was asked for.

KL is the calibration metric of Steck (Calibrated recommendations, RecSys 2018, 154-162): with p
the shares asked for and q those given, sum of p * log(p / q'), where q' = (1 - a) * q + a * p and
a = ``SMOOTHING``, so that a mood without any place does not make it infinite. It is 0 where the
list has the mix exactly; ten places can have .6 and .4, and never .65 and .35.
"""

import numpy as np
from numpy.typing import NDArray

#: Steck's alpha.
SMOOTHING = 0.01


def shares(moods: list[int], n_moods: int) -> NDArray[np.float64]:
    """Return the share of the places that each mood has [shape=(n_moods,)]; 0 without places."""
    counts = np.bincount(np.array(moods, dtype=np.intp), minlength=n_moods)
    given: NDArray[np.float64] = counts / max(len(moods), 1)
    return given


def l1(asked: NDArray[np.float64], given: NDArray[np.float64]) -> float:
    """Return the sum of |asked - given|, in [0, 2]."""
    return float(np.abs(asked - given).sum())


def kl(asked: NDArray[np.float64], given: NDArray[np.float64]) -> float:
    """Return the divergence of the module's formula, in nats, from 0 to log(1 / SMOOTHING)."""
    smoothed = (1 - SMOOTHING) * given + SMOOTHING * asked
    wanted = asked > 0
    terms = asked[wanted] * np.log(asked[wanted] / smoothed[wanted])
    return max(float(terms.sum()), 0.0)
