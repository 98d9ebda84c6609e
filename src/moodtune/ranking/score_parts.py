"""What a score is made of: numbers that add up to it, and the words made from them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from moodtune.ranking.index import TrackIndex
from moodtune.ranking.personal import Personal
from moodtune.ranking.scoring import REST_WEIGHT
from moodtune.ranking.selection import Place

MOOD_FIT, REST, OTHER = "mood fit", "rest of the mix", "other"
JOURNEY_FIT = "journey fit"

#: Parts are given to this many decimals, as scores are; sentences name them to fewer.
DECIMALS, _SPOKEN = 6, 3


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
    """Return what a place's score is made of; the parts add up to it, rounding aside."""
    probabilities = index.scores.probabilities[place.row].astype(np.float64)
    rest = REST_WEIGHT * float(profile @ probabilities - profile[place.mood] * _own(index, place))
    parts = {MOOD_FIT: _own(index, place), REST: rest, **person.of_place(place.mood, place.row)}
    if adjustments is not None:
        of_mood = adjustments if adjustments.ndim == 1 else adjustments[place.mood]
        parts[OTHER] = float(of_mood[place.row])
    return {name: round(value, DECIMALS) for name, value in parts.items()}


def because(why: str, parts: Mapping[str, float], person: Personal) -> str:
    """Return the reason with what the person's own words add, where they add anything to speak of.

    >>> person = Personal(additions={"taste": np.zeros(1, np.float32)})
    >>> because("low energy (0.12)", {"mood fit": 0.5, "taste": 0.2}, person)
    'low energy (0.12); mood fit 0.500, taste +0.200'
    """
    said = [
        f"{name} {parts[name]:+.{_SPOKEN}f}"
        for name in person.additions
        if round(parts[name], _SPOKEN)
    ]
    if not said:
        return why
    return f"{why}; " + ", ".join([f"{MOOD_FIT} {parts[MOOD_FIT]:.{_SPOKEN}f}", *said])


def _own(index: TrackIndex, place: Place) -> float:
    return float(index.scores.probabilities[place.row, place.mood])
