"""A journey: meet the mood, then move it.

The iso principle of music therapy (Altshuler, A psychiatrist's experience with music as a
therapeutic agent, 1948; reviewed by Starcke, Mayr & von Georgi, Int. J. Environ. Res. Public
Health 18(23), 2021, 12486): begin with music of the mood that is, and change it in small steps
towards the mood that is wanted. Here a journey leads along the line from one place on the
valence-arousal plane to another: never back, in steps of at most a stated distance, each track
near its waypoint, and as smooth in tempo, key and loudness as the candidates allow. What the
person says of tracks makes them cheaper or dearer, by a bounded amount, and breaks no promise.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.ranking.journey_length import MS_PER_MINUTE, Length, route_of_length
from moodtune.ranking.journey_renewal import renewed_route
from moodtune.ranking.routes import ArtistRules, Layers, Route, best_route, smallest_step
from moodtune.ranking.transitions import distances, transition_costs
from moodtune.ranking.waypoints import Ground, Point

#: Steps may be so many times as long as the waypoints lie apart, but at least ``LEAST_STEP``.
STEP_SLACK, LEAST_STEP = 2.0, 0.1
FEWEST = 2
#: Numbers of tracks tried on either side of the likeliest one, to come near a length.
_AROUND = 3
_SHOWN = 1e4  # a bound is shown to so many parts of the plane, rounded up


class Journey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a journey leads from and to: a mood or phrase by name, or (valence, arousal)."""

    goal: str | tuple[float, float]
    start: str | tuple[float, float] | None = None  # None: where the listener of the query is
    step: float | None = None  # longest step on the plane; None: as STEP_SLACK and LEAST_STEP say


class JourneyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a journey. Points are (valence, arousal) in [0, 1]."""

    start: Point
    goal: Point
    waypoints: tuple[Point, ...]
    places: tuple[Point, ...]  # of the tracks
    step_bound: float  # no step is longer
    smallest_bound: float | None  # where the bound asked for left no journey: one that would do
    largest_step: float | None
    mean_step: float | None
    fit_cost: float  # of being off the waypoints, and of carrying little of the mood at an end
    transition_cost: float  # of the steps, and of changes in what is ``heard_by``
    random_order_cost: float  # of transitions, expected of the same tracks in a random order
    greedy_order_cost: float  # of transitions, always going on to the cheapest track that is left
    heard_by: tuple[str, ...]  # which of tempo, key and loudness the catalog has
    least_cost: float  # no journey through the candidates costs less, all three together
    proven: bool  # fit, transitions and extra cost ``least_cost``: this is the best there is
    minutes: float | None = None  # how long it lasts, where all durations are known
    extra_cost: float = 0  # of what the person says, below 0 where that speaks for it, and of lots


@dataclass(frozen=True, slots=True, kw_only=True)
class Travelled:
    """The tracks of a journey in order, what each costs at its place, and the report.

    ``waypoint_costs``  of being off the waypoint alone; the rest of ``fit_costs`` is for carrying
                        little of the mood at an end
    """

    rows: tuple[int, ...]
    fit_costs: tuple[float, ...]
    waypoint_costs: tuple[float, ...]
    report: JourneyReport
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a journey has to keep to beside the line; ``length`` of None: any.

    ``latest``  the rows of the last list: only so many may come again as in other lists
    """

    n: int | None  # tracks; with a length, at most
    step: float | None
    rules: ArtistRules
    length: Length | None
    latest: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """A journey of n tracks that was looked for under a bound on its steps."""

    layers: Layers
    bound: float
    route: Route | None
    smallest: float | None = None  # the bound that would do, where this one did not


def travel(ground: Ground, terms: Terms) -> Travelled:
    """Return the best journey over ``ground`` that keeps ``terms``; an empty one says why."""
    best = _of_length(ground, terms) if terms.length else _of_number(ground, terms)
    if best is None or best.route is None:
        return _nowhere(ground, terms, best)
    return _arrived(ground, terms, best, _renewed(terms, best, best.route))


def _of_number(ground: Ground, terms: Terms) -> _Try | None:
    """Return the journey of as many of the n tracks as can be had, by bisection."""
    wanted = min(terms.n or 0, len(ground))
    if wanted < FEWEST:
        return None
    first = _tried(ground, terms, wanted)
    if first is not None:
        return first
    found, low, high = None, FEWEST - 1, wanted  # low can be had, high cannot
    while high - low > 1:
        middle = (low + high) // 2
        tried = _tried(ground, terms, middle)
        low, high = (low, middle) if tried is None else (middle, high)
        found = tried or found
    return found


def _of_length(ground: Ground, terms: Terms) -> _Try | None:
    """Return the journey whose length is near the limit, of the likeliest number of tracks."""
    length = terms.length
    if length is None or len(ground) < FEWEST:
        return None
    best, best_gap = None, length.limit + 1
    for n in _numbers(ground, length, terms.n or len(ground)):
        tried = _tried(ground, terms, n)
        if tried is None:
            continue
        if tried.route is None:
            best = best or tried
            continue
        gap = length.gap(tried.layers, tried.route)
        if length.near(gap):
            return tried
        if gap < best_gap:
            best, best_gap = tried, gap
    return best


def _numbers(ground: Ground, length: Length, most: int) -> Iterator[int]:
    """Yield numbers of tracks that may last so long, the likeliest first."""
    durations = np.sort(length.durations[ground.rows])
    most = min(most, int(np.searchsorted(np.cumsum(durations), length.limit, side="right")))
    likely = min(round(length.limit / float(durations.mean())), most)
    around = range(likely - _AROUND, likely + _AROUND + 1)
    nearest = sorted(around, key=lambda n: (abs(n - likely), n))
    yield from (n for n in nearest if FEWEST <= n <= most)
    yield from range(min(likely - _AROUND - 1, most), FEWEST - 1, -1)


def _tried(ground: Ground, terms: Terms, n: int) -> _Try | None:
    """Return the journey of n tracks, or what bound on its steps would leave one; else None.

    A bound that was not asked for gives way to the smallest that leaves a journey.
    """
    layers, rules = ground.layers(n), terms.rules
    bound = default_bound(ground, n) if terms.step is None else terms.step
    route = best_route(layers.within(bound), rules)
    if route is None:
        smallest = smallest_step(layers, rules)
        if smallest is None:
            return None
        if terms.step is not None:
            return _Try(layers=layers, bound=bound, route=None, smallest=smallest)
        bound, route = smallest, best_route(layers.within(smallest), rules)
    if route is not None and terms.length is not None:
        route = route_of_length(layers.within(bound), rules, terms.length, route)
    return None if route is None else _Try(layers=layers, bound=bound, route=route)


def _renewed(terms: Terms, found: _Try, route: Route) -> Route:
    """Return the journey with few enough tracks of the last list, under the same bound on steps.

    As many tracks as before; with a length no shorter than it may be without a word about it, or
    than it was.
    """
    layers, rules, length = found.layers.within(found.bound), terms.rules, terms.length

    def again(counted: Layers) -> Route | None:
        other = best_route(counted, rules)
        if other is None or length is None:
            return other
        other = route_of_length(counted, rules, length, other)
        shortest = max(length.slack, length.gap(layers, route))
        return other if other is not None and length.gap(layers, other) <= shortest else None

    return renewed_route(layers, route, terms.latest, again)


def default_bound(ground: Ground, n: int) -> float:
    """Return how long the steps of a journey of n tracks may be where nobody says."""
    return max(LEAST_STEP, STEP_SLACK * ground.length / (n - 1))


def _arrived(ground: Ground, terms: Terms, found: _Try, route: Route) -> Travelled:
    rows = found.layers.tracks(route.chosen)
    waypoint, ends = ground.fit_costs(rows)
    own = (waypoint + ends).tolist()
    points = ground.sound.points[rows]
    steps = np.diagonal(distances(points[:-1], points[1:]))
    costs = transition_costs(ground.sound, np.array(rows), np.array(rows))
    report = JourneyReport(
        start=ground.start,
        goal=ground.goal,
        waypoints=_points(ground.waypoints(len(rows))),
        places=_points(points),
        step_bound=found.bound,
        smallest_bound=None,
        largest_step=float(steps.max()),
        mean_step=float(steps.mean()),
        fit_cost=sum(own),
        transition_cost=order_cost(costs, range(len(rows))),
        random_order_cost=random_order_cost(costs),
        greedy_order_cost=order_cost(costs, greedy_order(costs)),
        heard_by=ground.sound.heard_by,
        least_cost=min(route.bound, route.cost),
        proven=route.proven,
        extra_cost=ground.extra_cost(rows),
    )
    return Travelled(
        rows=tuple(rows),
        fit_costs=tuple(own),
        waypoint_costs=tuple(waypoint.tolist()),
        report=report,
        notes=tuple(_notes(ground, terms, found, rows)),
    )


def _points(points: NDArray[np.float64]) -> tuple[Point, ...]:
    return tuple((float(valence), float(arousal)) for valence, arousal in points)


def order_cost(costs: NDArray[np.float64], order: Sequence[int]) -> float:
    """Return what the transitions of tracks in an order cost; ``costs`` of each to each."""
    return float(sum(costs[a, b] for a, b in pairwise(order)))


def random_order_cost(costs: NDArray[np.float64]) -> float:
    """Return what the transitions of a random order cost on average, worked out exactly.

    Every pair is as likely as any other to be neighbors: the mean over pairs, n - 1 times.
    """
    n = len(costs)
    return float((costs.sum() - np.trace(costs)) / n)


def greedy_order(costs: NDArray[np.float64]) -> list[int]:
    """Return the order that starts at the first and always goes on to the cheapest left."""
    order, left = [0], list(range(1, len(costs)))
    while left:
        order.append(min(left, key=lambda b: (costs[order[-1], b], b)))
        left.remove(order[-1])
    return order


def _notes(ground: Ground, terms: Terms, found: _Try, rows: Sequence[int]) -> Iterator[str]:
    if terms.length is None and len(rows) < (terms.n or 0):
        yield (
            f"{len(rows)} of {terms.n} places are filled: no longer journey was found that never "
            f"goes back; {len(ground)} tracks pass the limits, and at most {terms.rules.cap} of "
            f"one artist are listed"
        )
    if terms.step is None and found.bound > default_bound(ground, len(rows)):
        yield (
            f"the candidates are far apart: steps are up to {found.bound:.3f}, the smallest bound "
            f"that leaves a journey of {len(rows)} tracks"
        )
    if terms.length is not None:
        gap = terms.length.limit - int(terms.length.durations[list(rows)].sum())
        if gap > terms.length.slack:
            yield (
                f"the journey is {gap / MS_PER_MINUTE:.1f} minutes shorter than it may be: no "
                f"exchange of tracks that was tried comes nearer"
            )


def _nowhere(ground: Ground, terms: Terms, failed: _Try | None) -> Travelled:
    smallest = None if failed is None else failed.smallest
    report = JourneyReport(
        start=ground.start,
        goal=ground.goal,
        waypoints=(),
        places=(),
        step_bound=terms.step or LEAST_STEP,
        smallest_bound=smallest,
        largest_step=None,
        mean_step=None,
        fit_cost=0,
        transition_cost=0,
        random_order_cost=0,
        greedy_order_cost=0,
        heard_by=ground.sound.heard_by,
        least_cost=0,
        proven=False,
    )
    note = _why_nowhere(ground, terms, failed)
    return Travelled(rows=(), fit_costs=(), waypoint_costs=(), report=report, notes=(note,))


def _why_nowhere(ground: Ground, terms: Terms, failed: _Try | None) -> str:
    if failed is not None and failed.smallest is not None:
        enough = ceil(failed.smallest * _SHOWN) / _SHOWN
        return (
            f"no journey of {len(failed.layers)} tracks keeps its steps to at most "
            f"{terms.step:g}: the smallest bound that leaves one is {enough:g}; allow longer "
            f"steps, or ask for more tracks"
        )
    if terms.length is not None and len(ground) >= FEWEST:
        return (
            f"no journey: none of at least {FEWEST} tracks was found that lasts no more than "
            f"{terms.length.limit / MS_PER_MINUTE:g} minutes"
        )
    return (
        f"no journey: it takes at least {FEWEST} tracks; {len(ground)} pass the limits, and at "
        f"most {terms.rules.cap} of one artist are listed"
    )
