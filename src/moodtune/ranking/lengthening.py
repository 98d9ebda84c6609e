"""When a list ends too early: the longest list that the rules allow.

Up to ``EXACT`` tracks every order is searched, so that no longer list exists; the search keeps
what it learns per set of used tracks and recent artists, at most 8! * e = 109,601 states and in
practice a few hundred. Beyond that, tracks are inserted and exchanged for two others within a
budget of ``BUDGET`` tries.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from moodtune.features.code_lists import Lists
from moodtune.ranking.draft import Draft, Rules

#: Admitted tracks up to which the longest list is found for certain.
EXACT = 8

#: Lists that are tried beyond that.
BUDGET = 2000

#: The tracks that may take the place at a position, the preferred ones first.
Preference = Callable[[int], Sequence[int]]


def longest(draft: Draft, rows: Sequence[int], prefer: Preference, most: int) -> list[int]:
    """Return the longest list of ``rows`` that keeps the draft's rules, of ``most`` at most.

    Among the longest, the first in order of preference, place by place.
    """
    return _Longest(draft, rows, prefer, most).rows()


class _Longest:
    def __init__(self, draft: Draft, rows: Sequence[int], prefer: Preference, most: int) -> None:
        self._rules, self._work = draft.rules, draft.work
        self._prefer = prefer
        self._most = most
        self._rows = sorted(rows)
        self._bit = {row: 1 << i for i, row in enumerate(self._rows)}
        self._names = {row: draft.names(row) for row in self._rows}
        self._durations = {row: draft.duration_ms(row) for row in self._rows}
        every = [a for names in self._names.values() for a in names]
        shared = {a for a in every if every.count(a) > 1}
        # Only artists of several tracks can bar another track.
        self._names = {r: tuple(a for a in n if a in shared) for r, n in self._names.items()}
        self._known: dict[tuple[int, tuple[tuple[int, ...], ...]], int] = {}

    def rows(self) -> list[int]:
        used: int = 0
        recent: tuple[tuple[int, ...], ...] = ()
        found: list[int] = []
        while left := self._more(used, recent, len(found)):
            for row in self._prefer(len(found)):
                if self._allows(row, used, recent):
                    step = used | self._bit[row], self._then(recent, row)
                    if 1 + self._more(*step, len(found) + 1) == left:
                        used, recent = step
                        found.append(row)
                        break
        return found

    def _more(self, used: int, recent: tuple[tuple[int, ...], ...], length: int) -> int:
        """Return how many tracks can follow."""
        key = (used, recent)
        if key not in self._known:
            self._work.step(len(self._rows))
            open_rows = [row for row in self._rows if self._could(row, used)]
            bound, best = min(len(open_rows), self._most - length), 0
            for row in open_rows:
                if best >= bound:
                    break
                if self._allows(row, used, recent):
                    follows = self._more(used | self._bit[row], self._then(recent, row), length + 1)
                    best = max(best, 1 + follows)
            self._known[key] = best
        return self._known[key]

    def _could(self, row: int, used: int) -> bool:
        """Return whether a track can still come, now or later."""
        if used & self._bit[row]:
            return False
        taken = [other for other in self._rows if used & self._bit[other]]
        for artist in self._names[row]:
            if sum(artist in self._names[t] for t in taken) >= self._rules.artist_cap:
                return False
        limit = self._rules.limit_ms
        total = sum(self._durations[t] for t in taken) + self._durations[row]
        return limit is None or total <= limit

    def _allows(self, row: int, used: int, recent: tuple[tuple[int, ...], ...]) -> bool:
        near = any(artist in names for names in recent for artist in self._names[row])
        return not near and self._could(row, used)

    def _then(self, recent: tuple[tuple[int, ...], ...], row: int) -> tuple[tuple[int, ...], ...]:
        gap = self._rules.artist_gap
        return (*recent, self._names[row])[-gap:] if gap else ()


def most_possible(rows: NDArray[np.integer], artists: Lists, rules: Rules, most: int) -> int:
    """Return a bound on the length of a list of ``rows``; no list is longer.

    Each track is counted for its first artist only, of whom a list of length L has at most
    ``artist_cap`` tracks and, with a gap g, at most (L - 1) // (g + 1) + 1.
    """
    starts, ends = artists.starts[rows], artists.starts[rows + 1]
    named = starts < ends
    _, counts = np.unique(artists.codes[starts[named]], return_counts=True)
    alone = int(np.count_nonzero(~named))
    for length in range(min(most, len(rows)), 0, -1):
        each = min(rules.artist_cap, (length - 1) // (rules.artist_gap + 1) + 1)
        if alone + int(np.minimum(counts, each).sum()) >= length:
            return length
    return 0


def lengthened(draft: Draft, candidates: Sequence[int], most: int) -> list[int]:
    """Return the draft's list, longer where insertions and exchanges of one for two make it so.

    Places change from the end, so that the first ones stay for as long as possible. The work is
    bounded by ``BUDGET`` tries.
    """
    rows, tries = list(draft.rows), iter(range(BUDGET))
    while len(rows) < most:
        longer = _with_one_more(draft, rows, candidates, tries)
        longer = longer or _two_for_one(draft, rows, candidates, tries)
        if longer is None:
            break
        rows = longer
    return rows


def _with_one_more(
    draft: Draft, rows: list[int], candidates: Sequence[int], tries: Iterator[int]
) -> list[int] | None:
    """Return a list with one more track in it, as near to its end as can be."""
    held = set(rows)
    for row in candidates:
        if row not in held and next(tries, None) is not None:
            position = _room(draft, rows, row)
            if position is not None:
                return [*rows[:position], row, *rows[position:]]
    return None


def _room(draft: Draft, rows: list[int], row: int) -> int | None:
    """Return the last position where a track can be inserted, or None."""
    draft.work.step(len(rows))
    names, rules = set(draft.names(row)), draft.rules
    shared = [p for p, other in enumerate(rows) if not names.isdisjoint(draft.names(other))]
    for name in names:
        if sum(name in draft.names(rows[p]) for p in shared) >= rules.artist_cap:
            return None
    for position in range(len(rows), -1, -1):
        # What stands behind moves one further away.
        away = (position - p if p < position else p + 1 - position for p in shared)
        if all(distance > rules.artist_gap for distance in away):
            return position
    return None


def _two_for_one(
    draft: Draft, rows: list[int], candidates: Sequence[int], tries: Iterator[int]
) -> list[int] | None:
    """Return a list in which two other tracks stand for one, from the end of the list."""
    gap = draft.rules.artist_gap
    for position in range(len(rows) - 1, -1, -1):
        if not gap and len(draft.names(rows[position])) < 2:  # noqa: PLR2004 - bars one artist only
            continue
        shorter = rows[:position] + rows[position + 1 :]
        if next(tries, None) is None:
            return None
        if not draft.keeps(shorter):
            continue
        others = [row for row in candidates if row != rows[position]]
        for first in others:
            one = _with_one_more(draft, shorter, [first], tries)
            two = one and _with_one_more(draft, one, others, tries)
            if two:
                return two
    return None
