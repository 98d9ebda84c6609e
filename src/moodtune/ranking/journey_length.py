"""A journey of a given length: routes of n places whose durations come near a limit, never over.

Each minute is given a price (Lagrange): the cheapest route with minutes at a positive price is
shorter, at a negative one longer, and in between, by bisection, lie routes near the limit. What is
then still short is closed by exchanging single tracks, the cheapest exchange first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from moodtune.ranking.routes import ArtistRules, Layers, Route, best_route

MS_PER_MINUTE = 60_000
#: So near to its length a journey is brought, where it can be.
AIM_MS = 15_000
#: Prices of a minute tried, in costs: from the least that tells by doubling, then halving.
_FIRST_PRICE, _DOUBLINGS, _HALVINGS = 1 / 16, 12, 10
#: Moves weighed at each price: a route is only looked for here, not proven.
_MAX_MOVES = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How long a journey may be, in milliseconds.

    ``durations``  of every track of the catalog, known for those in the pools [shape=(n_tracks,)]
    ``slack``      how short of the limit a journey may be without a word about it
    """

    durations: NDArray[np.int64]
    limit: int
    slack: int

    def of(self, layers: Layers, route: Route) -> int:
        """Return how long a route lasts."""
        return int(self.durations[layers.tracks(route.chosen)].sum())

    def gap(self, layers: Layers, route: Route) -> int:
        """Return how much shorter a route is than it may be; negative if it is longer."""
        return self.limit - self.of(layers, route)

    def near(self, gap: int) -> bool:
        """Return whether so much shorter is near enough for the search to end there."""
        return 0 <= gap <= min(self.slack, AIM_MS)


def route_of_length(
    layers: Layers, rules: ArtistRules, length: Length, cheapest: Route
) -> Route | None:
    """Return a lawful route no longer than the limit and as near to it as was found.

    ``cheapest`` is the cheapest of any length; it is returned as it is if near enough. None where
    no route is short enough.
    """
    if length.near(length.gap(layers, cheapest)):
        return cheapest
    found = [r for r in _priced(layers, rules, length, cheapest) if length.gap(layers, r) >= 0]
    if not found:
        return None
    near = [r for r in found if length.near(length.gap(layers, r))]
    if near:
        return min(near, key=lambda r: (r.cost, r.chosen))
    longest = min(found, key=lambda r: (length.gap(layers, r), r.cost, r.chosen))
    return _exchanged(layers, rules, length, longest)


def _priced(layers: Layers, rules: ArtistRules, length: Length, cheapest: Route) -> Iterator[Route]:
    """Yield the cheapest routes at several prices of a minute, until one is near enough."""
    too_long = length.gap(layers, cheapest) < 0
    sign = 1 if too_long else -1
    low, high = 0.0, _FIRST_PRICE
    bracketed = False
    yield cheapest
    for _ in range(_DOUBLINGS + _HALVINGS):
        price = (low + high) / 2 if bracketed else high
        route = _at_price(layers, rules, length, sign * price, cheapest.bound)
        if route is None:
            return
        yield route
        gap = length.gap(layers, route)
        if length.near(gap) or high - low < _FIRST_PRICE / 2**_HALVINGS:
            return
        crossed = (gap < 0) != too_long
        if crossed:
            high, bracketed = price, True
        else:
            low = price
            high = high if bracketed else 2 * high
        if not bracketed and high > _FIRST_PRICE * 2**_DOUBLINGS:
            return


def _at_price(
    layers: Layers, rules: ArtistRules, length: Length, price: float, bound: float
) -> Route | None:
    """Return the cheapest route with each minute at a price; its cost is without the minutes."""
    pairs = zip(layers.own, layers.rows, strict=True)
    per_ms = price / MS_PER_MINUTE
    priced = replace(
        layers, own=tuple(own + per_ms * length.durations[rows] for own, rows in pairs)
    )
    route = best_route(priced, rules, max_moves=_MAX_MOVES)
    if route is None:
        return None
    return Route(chosen=route.chosen, cost=layers.cost(route.chosen), bound=bound)


def _exchanged(layers: Layers, rules: ArtistRules, length: Length, route: Route) -> Route:
    """Return the route with single tracks exchanged until it is near enough, if that can be."""
    for _ in range(len(layers)):
        gap = length.gap(layers, route)
        if length.near(gap):
            return route
        options = sorted(_exchanges(layers, length, route, gap))
        lawful = (r for *_, r in options if _is_lawful(layers, rules, r))
        chosen = next(lawful, None)
        if chosen is None:
            return route
        route = Route(chosen=chosen, cost=layers.cost(chosen), bound=route.bound)
    return route


def _is_lawful(layers: Layers, rules: ArtistRules, chosen: tuple[int, ...]) -> bool:
    return layers.n_fresh(chosen) >= layers.least_fresh and not rules.cases(layers.tracks(chosen))


def _exchanges(
    layers: Layers, length: Length, route: Route, gap: int
) -> Iterator[tuple[bool, int, float, tuple[int, ...]]]:
    """Yield exchanges that make the route longer but not too long, those that suffice first.

    As (does not suffice, gap that is left if so, cost, route): among those that suffice the
    cheapest is best, among others the one that leaves the least gap.
    """
    for place, at in enumerate(route.chosen):
        rows = layers.rows[place]
        layers.work.call(len(rows))
        costs = layers.own[place].copy()
        if place > 0:
            costs += layers.moves[place][route.chosen[place - 1]]
        if place + 1 < len(layers):
            costs += layers.moves[place + 1][:, route.chosen[place + 1]]
        longer = length.durations[rows] - length.durations[rows[at]]
        for other in np.flatnonzero((longer > 0) & (longer <= gap) & np.isfinite(costs)):
            layers.work.step()
            left = gap - int(longer[other])
            enough = length.near(left)
            chosen = (*route.chosen[:place], int(other), *route.chosen[place + 1 :])
            yield not enough, 0 if enough else left, float(costs[other] - costs[at]), chosen
