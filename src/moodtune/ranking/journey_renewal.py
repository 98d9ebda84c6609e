"""A journey that is not yesterday's again: few enough of its tracks were in the last list.

Other lists are made again without some of those tracks. On a journey that could tear the way
apart, where one of them is the only bridge. So the search itself counts the tracks that were not
in the last list, and finds the cheapest journey that has enough of them. Where that would be too
much work, as for dozens of tracks, the journey is made again as other lists are: what it would
miss most stays, the rest of the last list does not come again.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from moodtune.preferences.freshness import most_repeated
from moodtune.ranking.routes import Layers, Route

#: Moves by counts that one dynamic program may weigh: of a dozen tracks with full pools.
_COUNTED = 6_000_000


def renewed_route(
    layers: Layers, route: Route, latest: frozenset[int], again: Callable[[Layers], Route | None]
) -> Route:
    """Return a route with as few tracks of ``latest`` as a list may have, else with the fewest.

    ``route`` is the cheapest of all, and is returned where none has fewer. ``again`` gives the
    cheapest route through layers that ask for fresh tracks; None where it finds none.
    """
    last, n = np.array(sorted(latest), np.intp), len(layers)
    counted = replace(layers, fresh=tuple(~np.isin(rows, last) for rows in layers.rows))
    most = most_repeated(n)
    found, low, high = route, most - 1, n - counted.n_fresh(route.chosen)
    allowed = most
    while high - low > 1:  # so many as high can do, so few as low need not or cannot
        other = _route_with(counted, route, allowed, again)
        if other is None:
            low = allowed
        else:
            found, high = other, allowed
        allowed = (low + high) // 2
    return found


def _route_with(
    layers: Layers, route: Route, allowed: int, again: Callable[[Layers], Route | None]
) -> Route | None:
    """Return a route with at most so many tracks of the last list, None where none is found."""
    least = len(layers) - allowed
    if (least + 1) * sum(m.size for m in layers.moves) <= _COUNTED:
        return again(replace(layers, least_fresh=least))
    found = again(_without_others(layers, route, allowed))
    return None if found is None else replace(found, bound=route.bound)


def _without_others(layers: Layers, route: Route, allowed: int) -> Layers:
    """Return the layers without the last list, but for what the route would miss most."""
    missed = sorted(_missed(layers, route), reverse=True)[:allowed]
    kept = [int(layers.rows[place][route.chosen[place]]) for _, place in missed]
    fresh = layers.fresh or ()
    own = (
        np.where(new | np.isin(rows, kept), costs, np.inf)
        for costs, rows, new in zip(layers.own, layers.rows, fresh, strict=True)
    )
    return replace(layers, own=tuple(own))


def _missed(layers: Layers, route: Route) -> Iterator[tuple[float, int]]:
    """Yield what each place of the last list would cost more with a fresh track, and the place.

    Between its neighbors as they are; infinite where no other track may stand there.
    """
    for place, (own, fresh) in enumerate(zip(layers.own, layers.fresh or (), strict=True)):
        at = route.chosen[place]
        if fresh[at]:
            continue
        costs = own.copy()
        if place > 0:
            costs += layers.moves[place][route.chosen[place - 1]]
        if place + 1 < len(layers):
            costs += layers.moves[place + 1][:, route.chosen[place + 1]]
        yield float(np.min(costs[fresh], initial=np.inf) - costs[at]), place
