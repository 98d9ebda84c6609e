"""Freshness: what was shown on earlier days is held back for a while.

With d >= 1 the days since a track was shown, for each day that it was::

    held_j = -weight * (1 - product over its days of (1 - .5^((d - 1) / half_life)))

It is in [-weight, 0]: -weight the day after, half of it a half-life later. What was shown today
is not held back, so that asking again today gives the same list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.features.rows import ascending, first_of_each
from moodtune.preferences.events import ShownEvent, day_of
from moodtune.preferences.track_values import TrackValues

#: More days than there are between any two.
_DAYS = 1 << 22


class FreshnessSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``weight`` in the unit of mood fit; ``changed``: share of a list that was not in the last."""

    weight: float = 0.1
    half_life_days: float = 7.0
    changed: float = 0.3


def shown_earlier(shown: Sequence[ShownEvent], today: date) -> tuple[list[str], list[int]]:
    """Return the ids that were shown on earlier days, and how many days ago, at least 1."""
    ages: dict[str, int] = {}
    ids, days_ago = [], []
    for event in shown:
        if (age := ages.get(event.at)) is None:
            age = ages[event.at] = (today - day_of(event.at)).days
        if age > 0:
            ids.append(event.track_id)
            days_ago.append(age)
    return ids, days_ago


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Tracks that were shown on earlier days.

    ``rows``      ascending, each once [shape=(n_shown,)]
    ``days_ago``  when each was shown last, at least 1 [shape=(n_shown,)]
    ``held``      what is added to the fit of each, in [-weight, 0], float32 [shape=(n_shown,)]
    """

    rows: NDArray[np.intp]
    days_ago: NDArray[np.intp]
    held: NDArray[np.float32]

    @classmethod
    def of(
        cls,
        rows: NDArray[np.intp],
        days_ago: NDArray[np.intp],
        settings: FreshnessSettings | None = None,
    ) -> "Shown":
        """Return tracks by their rows and the days that they were shown; both may repeat."""
        chosen = settings or FreshnessSettings()
        # Track by track, the latest day first; twice on one day is once.
        row, ago = np.divmod(ascending(rows * _DAYS + days_ago), _DAYS)
        firsts = np.flatnonzero(first_of_each(row))
        left = np.multiply.reduceat(1 - 0.5 ** ((ago - 1) / chosen.half_life_days), firsts)
        held = (-chosen.weight * (1 - left)).astype(np.float32)
        return cls(rows=row[firsts], days_ago=ago[firsts], held=held)

    def values(self, n_tracks: int) -> TrackValues:
        """Return what is added to each of ``n_tracks`` tracks' fits."""
        return TrackValues(n_tracks=n_tracks, rows=self.rows, own=self.held)


def most_repeated(n_places: int, settings: FreshnessSettings | None = None) -> int:
    """Return how many tracks of a list may have been in the last one.

    >>> most_repeated(10)
    7
    """
    changed = (settings or FreshnessSettings()).changed
    return n_places - int(np.ceil(round(changed * n_places, 9)))
