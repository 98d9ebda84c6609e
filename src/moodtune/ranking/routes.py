"""The cheapest route through layers of candidates, one of each, exact: dynamic programming.

Place i has a pool of candidates, each with a cost of its own; going from one to the next costs
too, or is not allowed. Over pools alone the forward recursion

    best_i(b) = own_i(b) + min over a of (best_(i-1)(a) + move_i(a, b))

gives the cheapest route. How often and how near to each other an artist may come ties places
together that are not neighbors, so it is searched for best first: a route of least cost that
breaks such a rule is taken apart into cases, in each of which the artist is kept out of some
places, and one of which every lawful route belongs to. No case costs less than its cheapest
route, so the first lawful route that is the cheapest of all open cases is the best there is.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from moodtune.features.code_lists import Lists
from moodtune.ranking.counted_paths import cheapest_counted
from moodtune.ranking.work import CALL, Work

#: Moves weighed at most, a second's work, before the search settles for a lawful route that is not
#: proven to be the best; but so many dynamic programs are always solved.
MAX_MOVES = 100_000_000
_LEAST_SOLVES = 16
#: Moves of a dynamic program that take about as long as looking at one track of a catalog.
MOVES_PER_TRACK = 16
_MAX_DIVES = 16

#: An artist that is kept out of the places from the first to the last of two.
Ban = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """The pools of n places, by place.

    ``rows``   tracks, ascending [shape=(k_i,)]
    ``own``    what each costs at this place, infinite where it may not be [shape=(k_i,)]
    ``moves``  what it costs to come there from each of the place before, infinite where that would
               go back; the first is empty [shape=(k_(i-1), k_i)]
    ``steps``  how far that is on the plane [shape=(k_(i-1), k_i)]
    ``fresh``  which were not in the last list [shape=(k_i,)]; None: nobody counts them
    ``least_fresh``  how many of a route must be
    ``work``   counts what is weighed, ``MOVES_PER_TRACK`` moves as one track looked at
    """

    rows: tuple[NDArray[np.intp], ...]
    own: tuple[NDArray[np.float64], ...]
    moves: tuple[NDArray[np.float64], ...]
    steps: tuple[NDArray[np.float64], ...]
    fresh: tuple[NDArray[np.bool_], ...] | None = None
    least_fresh: int = 0
    work: Work = field(default_factory=Work)

    def __len__(self) -> int:
        return len(self.rows)

    def within(self, step: float) -> "Layers":
        """Return the same with moves of at most ``step``."""
        self.weigh()
        pairs = zip(self.moves, self.steps, strict=True)
        kept = tuple(np.where(steps <= step, moves, np.inf) for moves, steps in pairs)
        return replace(self, moves=kept)

    def weigh(self, times: int = 1) -> None:
        """Count the work of weighing every move; BudgetError beyond what may be spent."""
        moves = sum(moves.size for moves in self.moves) // MOVES_PER_TRACK
        self.work.spend(times * (len(self) * CALL + moves))

    def tracks(self, chosen: Sequence[int]) -> list[int]:
        """Return the rows of the tracks that a route is made of."""
        return [int(rows[c]) for rows, c in zip(self.rows, chosen, strict=True)]

    def n_fresh(self, chosen: Sequence[int]) -> int:
        """Return how many of a route were not in the last list; all where nobody counts them."""
        if self.fresh is None:
            return len(chosen)
        return sum(bool(fresh[c]) for fresh, c in zip(self.fresh, chosen, strict=True))

    def cheapest(self, own: Sequence[NDArray[np.float64]]) -> tuple[float, tuple[int, ...]]:
        """Return the least cost of a route with enough that is fresh, and the route.

        ``own`` is what the candidates cost. Infinite and empty where there is none.
        """
        self.weigh(1 if self.fresh is None else self.least_fresh + 1)
        if self.fresh is None or not self.least_fresh:
            return cheapest(own, self.moves)
        return cheapest_counted(own, self.moves, self.fresh, self.least_fresh)

    def cost(self, chosen: Sequence[int]) -> float:
        """Return what a route costs; infinite where it is not allowed."""
        own = sum(float(costs[c]) for costs, c in zip(self.own, chosen, strict=True))
        return own + sum(
            float(self.moves[i][chosen[i - 1], chosen[i]]) for i in range(1, len(chosen))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtistRules:
    """How often an artist may come, and how many places lie between two of their tracks."""

    artists: Lists
    cap: int
    gap: int

    def cases(self, tracks: Sequence[int]) -> tuple[Ban, ...]:
        """Return the cases that every lawful route belongs to one of; none if this one is lawful.

        Two tracks of an artist too near: of the places from one to the other only one can have
        the artist, so the first half or the second is without. One more than the cap: of as many
        stretches of the route, each with one of these tracks, one is without.
        """
        seen: dict[int, list[int]] = {}
        for place, row in enumerate(tracks):
            for artist in self.artists.of_row(row):
                before = seen.setdefault(artist, [])
                if before and place - before[-1] <= self.gap:
                    middle = (before[-1] + place) // 2
                    return (artist, before[-1], middle), (artist, middle + 1, place)
                before.append(place)
                if len(before) > self.cap:
                    return tuple(_stretches(artist, before, len(tracks)))
        return ()


def _stretches(artist: int, places: Sequence[int], n: int) -> Iterator[Ban]:
    ends = [(a + b) // 2 for a, b in pairwise(places)] + [n - 1]
    first = 0
    for last in ends:
        yield artist, first, last
        first = last + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A lawful route: the position in each pool, what it costs, and what no route is below."""

    chosen: tuple[int, ...]
    cost: float
    bound: float  # equal to ``cost`` where the route is proven to be the best

    @property
    def proven(self) -> bool:
        """Whether no lawful route through the same pools costs less."""
        return self.bound >= self.cost


def best_route(layers: Layers, rules: ArtistRules, *, max_moves: int = MAX_MOVES) -> Route | None:
    """Return the cheapest lawful route, or None where none was found.

    After ``max_moves`` were weighed the search only goes down from the cheapest open case,
    always into the cheaper part, to a route whose ``bound`` says how far it may be from the best.
    """
    search = _Search(layers, rules)
    moves = sum(m.size for m in layers.moves) * (layers.least_fresh + 1)
    max_solves = max(max_moves // max(moves, 1), _LEAST_SOLVES)
    open_cases = search.opened(())
    while open_cases and search.solves <= max_solves:
        cost, bans, chosen = heapq.heappop(open_cases)
        cases = rules.cases(layers.tracks(chosen))
        if not cases:
            return Route(chosen=chosen, cost=cost, bound=cost)
        for ban in cases:
            for found in search.opened((*bans, ban)):
                heapq.heappush(open_cases, found)
    for case in heapq.nsmallest(_MAX_DIVES, open_cases):
        if (route := search.down(case, bound=open_cases[0][0])) is not None:
            return route
    return None


_Case = tuple[float, tuple[Ban, ...], tuple[int, ...]]


class _Search:
    """Cases solved so far; each set of bans is solved once."""

    def __init__(self, layers: Layers, rules: ArtistRules) -> None:
        self._layers = layers
        self._rules = rules
        self._known: set[tuple[Ban, ...]] = set()
        self._singers: dict[int, list[NDArray[np.intp]]] = {}

    @property
    def solves(self) -> int:
        return len(self._known)

    def opened(self, bans: tuple[Ban, ...]) -> list[_Case]:
        """Return the case of these bans with its cheapest route; nothing if it has none."""
        bans = tuple(sorted(bans))
        if bans in self._known:
            return []
        self._known.add(bans)
        cost, chosen = self._layers.cheapest(self._banned(bans))
        return [(cost, bans, chosen)] if np.isfinite(cost) else []

    def down(self, case: _Case, *, bound: float) -> Route | None:
        """Return a lawful route from a case down, or None at a dead end."""
        self._known.clear()  # what is known to the search is open here
        cost, bans, chosen = case
        while cases := self._rules.cases(self._layers.tracks(chosen)):
            parts = [found for ban in cases for found in self.opened((*bans, ban))]
            if not parts:
                return None
            cost, bans, chosen = min(parts)
        return Route(chosen=chosen, cost=cost, bound=bound)

    def _banned(self, bans: tuple[Ban, ...]) -> list[NDArray[np.float64]]:
        own = list(self._layers.own)
        for artist, first, last in bans:
            self._layers.work.step(last + 1 - first)
            for place in range(first, last + 1):
                own[place] = own[place].copy()
                own[place][self._of(artist)[place]] = np.inf
        return own

    def _of(self, artist: int) -> list[NDArray[np.intp]]:
        """Return where an artist's tracks are in each pool."""
        if artist not in self._singers:
            lists = self._rules.artists
            self._layers.work.spend(sum(CALL + len(rows) for rows in self._layers.rows))
            at = np.flatnonzero(lists.codes == artist)
            tracks = np.searchsorted(lists.starts, at, side="right") - 1
            self._singers[artist] = [
                np.flatnonzero(np.isin(rows, tracks)) for rows in self._layers.rows
            ]
        return self._singers[artist]


def cheapest(
    own: Sequence[NDArray[np.float64]], moves: Sequence[NDArray[np.float64]]
) -> tuple[float, tuple[int, ...]]:
    """Return the least cost of a route, and the route; infinite and empty where there is none.

    Of routes that cost the same, the one whose last track has the lowest row, and so on back.
    """
    best, back = own[0], []
    for costs, between in zip(own[1:], moves[1:], strict=True):
        if not len(best):
            break
        through = best[:, None] + between
        before = np.argmin(through, axis=0)
        back.append(before)
        best = through[before, np.arange(len(before))] + costs
    if not len(best) or not np.isfinite(best.min()):
        return np.inf, ()
    return float(best.min()), _walked_back(int(np.argmin(best)), back)


def _walked_back(last: int, back: list[NDArray[np.intp]]) -> tuple[int, ...]:
    chosen = [last]
    for before in reversed(back):
        chosen.append(int(before[chosen[-1]]))
    return tuple(reversed(chosen))


def smallest_step(layers: Layers, rules: ArtistRules) -> float | None:
    """Return the smallest bound on steps that leaves a lawful route; None where none does.

    Without the rules for artists it is a bottleneck path; where that one is not lawful, the bound
    is bisected among the distances that occur.
    """
    least = _bottleneck(layers)
    if least is None or best_route(layers, rules) is None:
        return None
    if best_route(layers.within(least), rules) is not None:
        return least
    lengths = np.unique(np.concatenate([s[np.isfinite(m)] for s, m in _between(layers)]))
    low, high = int(np.searchsorted(lengths, least)), len(lengths) - 1
    while high - low > 1:  # low is too short, high is long enough
        middle = (low + high) // 2
        works = best_route(layers.within(float(lengths[middle])), rules) is not None
        low, high = (low, middle) if works else (middle, high)
    return float(lengths[high])


def _between(layers: Layers) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    return iter(list(zip(layers.steps, layers.moves, strict=True))[1:])


def _bottleneck(layers: Layers) -> float | None:
    """Return the least longest step of any route that does not go back."""
    layers.weigh()
    longest = np.zeros(len(layers.rows[0]))
    for steps, moves in _between(layers):
        if not len(longest):
            return None
        allowed = np.where(np.isfinite(moves), steps, np.inf)
        longest = np.maximum(longest[:, None], allowed).min(axis=0)
    return float(longest.min()) if len(longest) and np.isfinite(longest.min()) else None
