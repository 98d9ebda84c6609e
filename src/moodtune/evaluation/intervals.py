"""A figure with the interval that chance leaves it, by bootstrap over those who were measured."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.seeding import derive

_LEVEL = 95
#: Listeners times draws at most: 24 MB at once.
_MAX_CELLS = 3_000_000
_MIN_DRAWS = 100
N_DRAWS = 1000


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A measured value and its 95 % interval."""

    value: float
    low: float
    high: float


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of the model beside the constant's, and by how much the model is better.

    ``gain`` is paired, over the same listeners; above 0 the model is better.
    """

    model: Figure
    constant: Figure
    gain: Figure


def resamples(n: int, seed: int, *keys: str | int, draws: int = N_DRAWS) -> NDArray[np.float64]:
    """Return how often each of ``n`` is drawn in each bootstrap sample [shape=(draws, n)].

    Efron 1979: n draws with replacement. Of more than 3,000 there are fewer samples.
    """
    draws = max(min(draws, _MAX_CELLS // max(n, 1)), _MIN_DRAWS)
    return derive(seed, "bootstrap", *keys).multinomial(n, np.full(n, 1 / n), draws).astype(float)


def figure(
    value: float, drawn: NDArray[np.float64], *, recentre: bool = False, least: float = -np.inf
) -> Figure:
    """Return ``value`` with the percentile interval of the drawn values [shape=(draws,)].

    With ``recentre`` the draws are shifted so that their mean is the value: for figures that
    resampling itself makes larger, such as a calibration error. No end is below ``least``.
    """
    shift = value - float(drawn.mean()) if recentre else 0.0
    low, high = np.percentile(drawn, [(100 - _LEVEL) / 2, (100 + _LEVEL) / 2]) + shift
    return Figure(value=value, low=max(float(low), least), high=max(float(high), least))
