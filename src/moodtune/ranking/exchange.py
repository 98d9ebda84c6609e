"""When a mood's turn comes and no track is left for it: places give up tracks to one another.

A breadth-first search for augmenting paths (Ford and Fulkerson, Maximal flow through a network,
Canadian Journal of Mathematics 8, 1956, 399-404) in the network places -> tracks -> artists. A
track that carries the mood may be held by a place of another mood, which takes another track; or
be barred by an artist whose tracks are all listed, one of which is given back. Among tracks of one
artist each, and without a gap, such a path exists if and only if one more place can be filled by
its own mood; with several artists per track, gaps or a length it is a search within bounds, and
what it finds is checked against the rules. Places give up tracks from the end of the list, so that
the first ones stay as they are for as long as possible.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from moodtune.ranking.draft import Draft
from moodtune.ranking.supply import Supply

#: Tracks of a mood that a search looks at, the best first.
REACH = 400

#: Tracks that are tried where a path ends.
_ENDS = 4

#: Which tracks, best first, may fill a place that another mood had taken.
Refill = Callable[[int], Iterator[int]]


class Exchanges:
    """The ways to give the next place to a mood, as position -> row of all that changes."""

    def __init__(
        self,
        draft: Draft,
        supply: Supply,
        turns: Sequence[int],
        is_own: Sequence[bool],
        refill: Refill,
    ) -> None:
        self._draft = draft
        self._supply = supply
        self._turns = turns  # whose turn each place was, the next one's last
        self._is_own = is_own
        self._refill = refill
        self._open: deque[tuple[int, int, dict[int, int]]] = deque()
        self._seen: set[int] = set()
        self._places: dict[int, list[int]] = {}
        for place in range(len(draft) - 1, -1, -1):
            for artist in draft.names(draft.rows[place]):
                self._places.setdefault(artist, []).append(place)

    def ways(self, mood: int) -> Iterator[dict[int, int]]:
        """Yield the shortest ways first; none is promised to keep the rules."""
        start, barred = len(self._draft), set[int]()
        self._seen = {mood}
        self._open = deque([(mood, start, {})])
        while self._open:
            needy, position, changes = self._open.popleft()
            free = () if position == start else self._free(self._supply.own(needy).first(REACH))
            for row in islice(free, _ENDS):
                yield {**changes, position: row}
            self._draft.work.step(start)
            for giver in range(start - 1, -1, -1):
                row = self._draft.rows[giver]
                if giver not in changes and self._supply.carries(needy, row):
                    yield from self._gives(giver, {**changes, position: row})
            for row, artist in self._barred(needy):
                if artist not in barred:
                    barred.add(artist)
                    yield from self._returns(artist, {**changes, position: row})

    def _gives(self, giver: int, changes: dict[int, int]) -> Iterator[dict[int, int]]:
        """Take a place's track: that ends the path if any other will do there; else it is needy."""
        mood = self._turns[giver]
        if not self._is_own[giver]:
            free = (r for r in self._free(self._refill(giver)) if r not in changes.values())
            for row in islice(free, _ENDS):
                yield {**changes, giver: row}
        elif mood not in self._seen:
            self._seen.add(mood)
            self._open.append((mood, giver, changes))

    def _returns(self, artist: int, changes: dict[int, int]) -> Iterator[dict[int, int]]:
        for giver in self._places[artist]:
            if giver not in changes:
                yield from self._gives(giver, changes)

    def _free(self, rows: Sequence[int] | Iterator[int]) -> Iterator[int]:
        for row in rows:
            self._draft.work.step()
            if row not in self._draft and not self._draft.full(row):
                yield row

    def _barred(self, mood: int) -> Iterator[tuple[int, int]]:
        """Yield tracks of a mood that one artist alone bars, and the artist."""
        for row in self._supply.own(mood).first(REACH):
            self._draft.work.step()
            if row not in self._draft and len(full := self._draft.full(row)) == 1:
                yield row, full[0]
