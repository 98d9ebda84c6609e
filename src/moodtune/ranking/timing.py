"""A list of a given length: the gap at its end closed by exchanging tracks.

A list that no further track fits into is short of its length by less than the shortest candidate.
Exchanging one track for a longer one of the same mood closes the gap to half of that, if any such
exchange keeps the rules: the one that loses least fit is made. Where none reaches it, the one that
comes nearest is made and the search begins again, ``ROUNDS`` times at most.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from moodtune.ranking.draft import Draft
from moodtune.ranking.supply import Supply

ROUNDS = 12

#: Exchanges that are tried in a round.
_TRIES = 200

#: Candidates for one place that are tried in a round, the best first.
_PER_PLACE = 8

#: Tracks of a mood that are looked at first for those, the best ones.
_REACH = 256


def gap_ms(draft: Draft) -> int:
    """Return how much shorter the list is than it may be."""
    return (draft.rules.limit_ms or 0) - draft.total_ms


def close_gap(draft: Draft, supply: Supply, moods: Sequence[int | None]) -> None:
    """Exchange tracks until the gap is at most half the shortest candidate, if that can be.

    ``moods``: what the track of each place stands for; a place of None is left alone.
    """
    shortest, candidates = supply.shortest_ms, _Candidates(draft, supply)
    for _ in range(ROUNDS):
        gap = gap_ms(draft)
        if 2 * gap <= shortest:
            return
        enough = _exchanges(candidates, moods, gap - shortest // 2, gap)
        ordered = sorted(enough)[:_TRIES]
        if any(draft.change({place: row}) for _, _, place, row, _ in ordered):
            continue
        nearer = _exchanges(candidates, moods, 1, gap)
        longest_first = sorted(nearer, key=lambda e: (-e[4], e))[:_TRIES]
        if not any(draft.change({place: row}) for _, _, place, row, _ in longest_first):
            return


class _Candidates:
    """The tracks of each mood, best first, and how long they are: read once, a part at a time."""

    def __init__(self, draft: Draft, supply: Supply) -> None:
        self.draft, self.supply = draft, supply
        self.durations = supply.index.columns.durations_ms
        self._parts: dict[tuple[int, int, int], tuple[NDArray[np.intp], NDArray[np.int64]]] = {}

    def longer(self, mood: int, least: int, most: int) -> list[int]:
        """Return the best of a mood that are not in the list and last so long, a few of them."""
        found: list[int] = []
        looked, reach = 0, _REACH
        while len(found) < _PER_PLACE:
            rows, long = self._part(mood, looked, reach)
            if not len(rows):
                break
            self.draft.work.call(len(rows))  # read once, and looked through every time
            fitting = rows[(long >= least) & (long <= most)]
            found += [row for row in fitting.tolist() if row not in self.draft]
            looked, reach = reach, 4 * reach
        return found[:_PER_PLACE]

    def _part(
        self, mood: int, looked: int, reach: int
    ) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        part = self._parts.get((mood, looked, reach))
        if part is None:
            rows = np.array(self.supply.own(mood).first(reach)[looked:], dtype=np.intp)
            part = self._parts[mood, looked, reach] = rows, self.durations[rows]
        return part


def _exchanges(
    candidates: _Candidates, moods: Sequence[int | None], least: int, most: int
) -> Iterator[tuple[float, int, int, int, int]]:
    """Yield (loss of fit, place from the end, place, row, how much longer) within the bounds."""
    draft, durations = candidates.draft, candidates.durations
    for place, mood in enumerate(moods):
        if mood is None:
            continue
        row = draft.rows[place]
        now = int(durations[row])
        better = candidates.longer(mood, now + least, now + most)
        draft.work.call(len(better))
        keys = candidates.supply.keys(mood, np.array([row, *better]))
        for other, key in zip(better, keys[1:].tolist(), strict=True):
            loss = float(keys[0]) - key
            yield loss, len(draft) - place, place, other, int(durations[other]) - now
