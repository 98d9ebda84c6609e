"""What a score is made of: numbers that add up to it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from moodtune.ranking.additions import Addition, at_each
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


def parts_of(
    index: TrackIndex,
    profile: NDArray[np.float64],
    places: Sequence[Place],
    person: Personal,
    given: Addition | None = None,
) -> list[dict[str, float]]:
    """Return what each place's fit is made of; the parts add up to it, rounding aside."""
    rows = np.array([place.row for place in places], np.intp)
    moods = np.array([place.mood for place in places], np.intp)
    probabilities = index.scores.probabilities[rows].astype(np.float64)
    own = probabilities[np.arange(len(rows)), moods]
    rest = REST_WEIGHT * (probabilities @ profile - profile[moods] * own)
    parts: dict[str, NDArray[np.floating]] = {
        MOOD_FIT: own,
        REST: rest,
        **person.of_places(moods, rows),
    }
    if given is not None:
        parts[OTHER] = at_each(given, moods, rows)
    return by_place(parts)


def by_place(parts: Mapping[str, NDArray[np.floating]]) -> list[dict[str, float]]:
    """Return the parts of each place by name, rounded, from the places' values of each part."""
    table = np.array(list(parts.values()), dtype=np.float64)
    columns = (np.round(table, DECIMALS) + 0.0).tolist()  # 0 has no sign
    return [dict(zip(parts, values, strict=True)) for values in zip(*columns, strict=True)]


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
