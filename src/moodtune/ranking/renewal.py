"""A list that is not yesterday's again: at least a share of it is other tracks."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from moodtune.preferences.freshness import most_repeated
from moodtune.ranking.selection import Place

#: Lists that are tried before the first one is kept.
_TRIES = 8


def renewed(
    places: list[Place],
    latest: frozenset[int],
    again: Callable[[NDArray[np.intp]], list[Place]],
) -> tuple[list[Place], tuple[str, ...]]:
    """Return a list as long as ``places`` with few enough of ``latest``, and a note if none is.

    ``again`` gives the list without the tracks in some rows. What of the last list stays is what
    stood first in this one.
    """
    old = [place.row for place in places if place.row in latest]
    kept = most_repeated(len(places))
    if len(old) <= kept:
        return places, ()
    for _ in range(_TRIES):
        if kept >= len(old):
            break
        other = again(np.array(sorted(latest.difference(old[:kept])), dtype=np.intp))
        if len(other) >= len(places):
            n_old = sum(place.row in latest for place in other)
            return other, () if n_old <= most_repeated(len(other)) else (_note(n_old, len(other)),)
        kept += len(places) - len(other)
    return places, (_note(len(old), len(places)),)


def _note(n_old: int, n_places: int) -> str:
    return (
        f"{n_old} of {n_places} tracks were in the last list: the catalog and the limits leave "
        "too few others"
    )
