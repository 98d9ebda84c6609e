"""Freshness: what was shown on earlier days is held back for a while.

With d >= 1 the days since a track was shown, for each day that it was::

    held_j = -weight * (1 - product over its days of (1 - .5^((d - 1) / half_life)))

It is in [-weight, 0]: -weight the day after, half of it a half-life later. What was shown today
is not held back, so that asking again today gives the same list.
"""

from collections.abc import Sequence
from datetime import date

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.preferences.events import ShownEvent, day_of
from moodtune.preferences.shared_artists import ascending
from moodtune.preferences.track_values import TrackValues


class FreshnessSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``weight`` in the unit of mood fit; ``changed``: share of a list that was not in the last."""

    weight: float = 0.1
    half_life_days: float = 7.0
    changed: float = 0.3


def ids_by_age(shown: Sequence[ShownEvent], today: date) -> dict[int, tuple[str, ...]]:
    """Return the ids that were shown, by how many days ago, at least 1; the latest day first."""
    by_moment: dict[str, list[str]] = {}
    for event in shown:
        by_moment.setdefault(event.at, []).append(event.track_id)
    found: dict[int, set[str]] = {}
    for at, track_ids in by_moment.items():
        if (age := (today - day_of(at)).days) > 0:
            found.setdefault(age, set()).update(track_ids)
    return {age: tuple(sorted(found[age])) for age in sorted(found)}


def held_back(
    rows_by_age: Sequence[tuple[int, NDArray[np.intp]]],
    n_tracks: int,
    settings: FreshnessSettings | None = None,
) -> TrackValues:
    """Return what is added to each track's fit, in [-weight, 0]."""
    chosen = settings or FreshnessSettings()
    every = [np.empty(0, np.intp), *(rows for _, rows in rows_by_age)]
    shown = ascending(np.concatenate(every))
    left = np.ones(len(shown))
    for age, rows in rows_by_age:
        left[np.searchsorted(shown, rows)] *= 1 - 0.5 ** ((age - 1) / chosen.half_life_days)
    held = (-chosen.weight * (1 - left)).astype(np.float32)
    return TrackValues(n_tracks=n_tracks, rows=shown, own=held)


def most_repeated(n_places: int, settings: FreshnessSettings | None = None) -> int:
    """Return how many tracks of a list may have been in the last one.

    >>> most_repeated(10)
    7
    """
    changed = (settings or FreshnessSettings()).changed
    return n_places - int(np.ceil(round(changed * n_places, 9)))
