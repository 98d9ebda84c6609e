"""A list of a given length: the gap at its end closed by exchanging tracks.

A list that no further track fits into is short of its length by less than the shortest candidate.
Exchanging one track for a longer one of the same mood closes the gap to half of that, if any such
exchange keeps the rules: the one that loses least fit is made. Where none reaches it, the one that
comes nearest is made and the search begins again, ``ROUNDS`` times at most.
"""

from collections.abc import Iterator, Sequence

import numpy as np

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


def shortest_ms(supply: Supply) -> int:
    """Return the duration of the shortest track that is admitted, 0 without any."""
    durations = supply.index.columns.durations_ms[supply.admitted]
    return int(durations.min()) if len(durations) else 0


def close_gap(draft: Draft, supply: Supply, moods: Sequence[int | None]) -> None:
    """Exchange tracks until the gap is at most half the shortest candidate, if that can be.

    ``moods``: what the track of each place stands for; a place of None is left alone.
    """
    shortest = shortest_ms(supply)
    for _ in range(ROUNDS):
        gap = gap_ms(draft)
        if 2 * gap <= shortest:
            return
        enough = _exchanges(draft, supply, moods, gap - shortest // 2, gap)
        ordered = sorted(enough)[:_TRIES]
        if any(draft.change({place: row}) for _, _, place, row, _ in ordered):
            continue
        nearer = _exchanges(draft, supply, moods, 1, gap)
        longest_first = sorted(nearer, key=lambda e: (-e[4], e))[:_TRIES]
        if not any(draft.change({place: row}) for _, _, place, row, _ in longest_first):
            return


def _exchanges(
    draft: Draft, supply: Supply, moods: Sequence[int | None], least: int, most: int
) -> Iterator[tuple[float, int, int, int, int]]:
    """Yield (loss of fit, place from the end, place, row, how much longer) within the bounds."""
    durations = supply.index.columns.durations_ms
    for place, mood in enumerate(moods):
        if mood is None:
            continue
        row = draft.rows[place]
        now = int(durations[row])
        better = _longer(draft, supply, mood, now + least, now + most)
        draft.work.call(len(better))
        keys = supply.keys(mood, np.array([row, *better]))
        for other, key in zip(better, keys[1:].tolist(), strict=True):
            loss = float(keys[0]) - key
            yield loss, len(draft) - place, place, other, int(durations[other]) - now


def _longer(draft: Draft, supply: Supply, mood: int, least: int, most: int) -> list[int]:
    """Return the best tracks of a mood that are not in the list and last so long, a few of them."""
    durations, ranked = supply.index.columns.durations_ms, supply.own(mood)
    found: list[int] = []
    looked, reach = 0, _REACH
    while len(found) < _PER_PLACE:
        some = ranked.first(reach)[looked:]
        if not some:
            break
        draft.work.call(len(some))
        rows = np.array(some, dtype=np.intp)
        long = durations[rows]
        found += [r for r in rows[(long >= least) & (long <= most)].tolist() if r not in draft]
        looked, reach = reach, 4 * reach
    return found[:_PER_PLACE]
