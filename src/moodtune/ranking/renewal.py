"""A list that is not yesterday's again: at least a share of it is other tracks."""

from collections.abc import Callable, Sequence

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
    """Return a list as long as ``places`` with few enough of ``latest``, and a note if none has.

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
            return other, repeats([place.row for place in other], latest)
        kept += len(places) - len(other)
    return places, repeats([place.row for place in places], latest)


def repeats(rows: Sequence[int], latest: frozenset[int]) -> tuple[str, ...]:
    """Return a note if more of a list's rows were in the last one than may be."""
    n_old = sum(row in latest for row in rows)
    if n_old <= most_repeated(len(rows)):
        return ()
    note = (
        f"{n_old} of {len(rows)} tracks were in the last list: the catalog and the limits leave "
        "too few others"
    )
    return (note,)
