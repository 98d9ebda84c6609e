"""What a score is made of: numbers that add up to it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from moodtune.ranking.index import TrackIndex
from moodtune.ranking.personal import FEEDBACK, FRESHNESS, TASTE, Personal
from moodtune.ranking.scoring import REST_WEIGHT
from moodtune.ranking.selection import Place

MOOD_FIT, REST, OTHER, DIVERSITY = "mood fit", "rest of the mix", "other", "diversity"
WAYPOINT_FIT, ENDS = "waypoint fit", "mood at the ends"  # on a journey, instead of the first two

#: Every name that a part may have, in the order they are said.
PARTS = (MOOD_FIT, WAYPOINT_FIT, REST, ENDS, TASTE, FEEDBACK, FRESHNESS, OTHER, DIVERSITY)

#: Parts are given to this many decimals, as scores are.
DECIMALS = 6


def total(
    first: NDArray[np.float32] | None, second: NDArray[np.float32] | None
) -> NDArray[np.float32] | None:
    """Return the sum of two adjustments, either of which may be missing."""
    if first is None or second is None:
        return second if first is None else first
    summed: NDArray[np.float32] = first + second
    return summed


def parts_of(
    index: TrackIndex,
    profile: NDArray[np.float64],
    place: Place,
    person: Personal,
    adjustments: NDArray[np.float32] | None = None,
) -> dict[str, float]:
    """Return what a place's fit is made of; the parts add up to it, rounding aside."""
    probabilities = index.scores.probabilities[place.row].astype(np.float64)
    own = float(probabilities[place.mood])
    rest = REST_WEIGHT * float(profile @ probabilities - profile[place.mood] * own)
    parts = {MOOD_FIT: own, REST: rest, **person.of_place(place.mood, place.row)}
    if adjustments is not None:
        of_mood = adjustments if adjustments.ndim == 1 else adjustments[place.mood]
        parts[OTHER] = float(of_mood[place.row])
    return {name: rounded(value) for name, value in parts.items()}


def price(diversity: float, fit: float, to_earlier: NDArray[np.float32]) -> dict[str, float]:
    """Return what diversity d takes from a place's fit: d * (fit + similarity); {} where d is 0.

    The worth by maximal marginal relevance, (1 - d) * fit - d * similarity, is the fit less this
    price. ``to_earlier`` has the similarity to each track before; the nearest counts, and there is
    none at the first place.
    """
    if not diversity:
        return {}
    nearest = float(to_earlier.max(initial=0))
    return {DIVERSITY: rounded(-diversity * (fit + nearest))}


def score_of(fit: float, parts: Mapping[str, float]) -> float:
    """Return the score of a place: its fit, less the price of diversity where there is one."""
    return rounded(fit + parts.get(DIVERSITY, 0))


def rounded(value: float) -> float:
    """Return a part or a score to ``DECIMALS`` decimals; 0 has no sign."""
    return round(value, DECIMALS) + 0.0
