"""Tracks in blocks of like ones, each with the most that any of its tracks can have.

Tracks are gathered by the mood that leads, the surest first, and cut into blocks that never mix
leading moods. What a mood is looked for in then lies in few blocks, and the highest probability of
each mood in a block says whether the block need be read at all.

A bound is worked out from the highest probabilities by the same float32 sums and products, in the
same order, as a fit is from a track's own. Rounding keeps order (a <= b gives fl(a + c) <=
fl(b + c), and fl(w a) <= fl(w b) for w >= 0), so a bound is never below any fit of its block: not
nearly, but to the bit. `moodtune.ranking.scoring.fit` is used for both.
"""

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from moodtune.ahead import in_blocks, in_order
from moodtune.features.code_lists import Lists
from moodtune.moods.scores import MoodScores
from moodtune.ranking.scoring import CARRYING

#: Tracks of a block at most, on catalogs of up to ``MANY`` blocks; on larger ones blocks grow, as
#: every query looks at every bound.
SIZE, MANY = 256, 4096

#: Tracks whose probabilities are gathered at once: they stay in the processor's cache.
_AT_ONCE = 1 << 13

#: Lists whose positions are put in order at once.
_LISTS = 8


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """The order of the tracks in blocks, and what a search needs of them in that order.

    ``rows``           the row of the track at each position, int32 [shape=(n_tracks,)]
    ``starts``         where each block begins, and the end, int64 [shape=(n_blocks + 1,)]
    ``leading``        the mood that leads every track of a block, int16 [shape=(n_blocks,)]
    ``highest``        the highest probability of each mood, float32 [shape=(n_moods, n_blocks)]
    ``least``          the lowest ``strongest`` of a block, float32 [shape=(n_blocks,)]
    ``probabilities``  by mood and position, float32 [shape=(n_moods, n_tracks)]
    ``strongest``      of the moods that lists offer, by position, float32 [shape=(n_tracks,)]
    """

    rows: NDArray[np.int32]
    starts: NDArray[np.int64]
    leading: NDArray[np.int16]
    highest: NDArray[np.float32]
    least: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    strongest: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.leading)

    @cached_property
    def carrying(self) -> NDArray[np.float32]:
        """The least that a mood must reach in a block for any of its tracks to stand for it."""
        carrying: NDArray[np.float32] = CARRYING * self.least
        return carrying

    @classmethod
    def of(cls, scores: MoodScores, offered: NDArray[np.bool_]) -> "Blocks":
        """Gather the tracks of ``scores``; ``offered`` says of each mood whether lists offer it."""
        leading = scores.leading
        rows = _surest_first(scores)
        starts = _starts(np.bincount(leading, minlength=len(scores.moods)))
        probabilities = np.empty((len(scores.moods), len(scores)), dtype=np.float32)

        def gather(block: slice) -> None:
            probabilities[:, block] = scores.probabilities[rows[block]].T

        in_blocks(gather, len(scores), _AT_ONCE)
        strongest = np.zeros(len(scores), dtype=np.float32)
        for of_mood, is_offered in zip(probabilities, offered, strict=True):
            if is_offered:
                np.maximum(strongest, of_mood, out=strongest)
        firsts = starts[:-1]
        return cls(
            rows=rows,
            starts=starts,
            leading=leading[rows[firsts]],
            highest=np.maximum.reduceat(probabilities, firsts, axis=1)
            if len(firsts)
            else np.empty((len(scores.moods), 0), np.float32),
            least=np.minimum.reduceat(strongest, firsts) if len(firsts) else strongest,
            probabilities=probabilities,
            strongest=strongest,
        )

    def positions(self, blocks: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the positions of all tracks of some blocks, block by block."""
        return ranges(self.starts.take(blocks), self.starts.take(blocks + 1))

    def positions_among(
        self, sought: NDArray[np.int32], blocks: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Return those of some blocks that are among the positions ``sought``, which ascend."""
        ends = np.array([self.starts[blocks], self.starts[blocks + 1]], dtype=sought.dtype)
        first, last = np.searchsorted(sought, ends)
        return sought[ranges(first, last)].astype(np.intp)


def ranges(starts: NDArray[np.integer], ends: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return the numbers from each start to before its end, one range after another."""
    lengths = ends - starts
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))


def positions_in(rows: NDArray[np.int32], lists: Lists) -> NDArray[np.int32]:
    """Return the positions of the rows in each list, ascending, list by list as they are.

    ``rows``   of the blocks, by position     ``lists``  of rows, each of them ascending
    """
    position = np.empty(len(rows), dtype=np.int64)
    position[rows] = np.arange(len(rows))
    found = np.empty(len(lists.codes), dtype=np.int32)

    def order(some: slice) -> None:
        starts = lists.starts[some.start : some.stop + 1]
        here = slice(starts[0], starts[-1])
        number = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        found[here] = np.sort(number << 32 | position[lists.codes[here]]) & 0xFFFFFFFF

    in_blocks(order, len(lists.starts) - 1, _LISTS)
    return found


def _surest_first(scores: MoodScores) -> NDArray[np.int32]:
    """Return the rows by leading mood, those with most of it first, ties by row."""

    def rows_of(mood: int) -> NDArray[np.int32]:
        led = np.flatnonzero(scores.leading == mood)
        # Numbers of at least 0 have the order of their bits; and to sort is quicker than to order.
        less = np.uint32(0xFFFFFFFF) - scores.probabilities[led, mood].view(np.uint32)
        ordered = np.sort(less.astype(np.uint64) << np.uint64(32) | led.astype(np.uint64))
        return (ordered & np.uint64(0xFFFFFFFF)).astype(np.int32)

    return np.concatenate([np.empty(0, np.int32), *in_order(rows_of, range(len(scores.moods)))])


def _starts(counts: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return where blocks begin, and the end, for so many tracks of each leading mood."""
    size = max(SIZE, -(-int(counts.sum()) // MANY))
    ends = np.concatenate([[0], np.cumsum(counts)])
    firsts = [np.arange(a, b, size) for a, b in itertools.pairwise(ends)]
    return np.concatenate([*firsts, ends[-1:]]).astype(np.int64)
