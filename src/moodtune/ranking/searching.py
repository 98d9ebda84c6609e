"""Rows best first, read block by block no further than somebody looks; exact, ties included.

Blocks are read in the order of their bounds. A row that has been read stands in its final place as
soon as its key is above the bound of every block that has not: then nothing unread can come before
it, nor tie with it. Keys are never rounded differently for being read in another company
(`moodtune.ranking.blocks`), so the order is that of a plain scan to the bit.
"""

import sys
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from moodtune.errors import BundleError
from moodtune.ranking.bounds import Bounds

#: Blocks that are read first, where most of their tracks count, and how many times as many at most
#: in all after each look.
FIRST, GROWTH = 2, 2

#: Rows that are brought into place beyond those asked for, as one look is seldom the last.
AHEAD = 16

#: Bounds that are put in order at first: few searches come to more blocks.
_SORTED = 32

#: Reads blocks, by number: the rows of their members, and the keys of these.
Read = Callable[[NDArray[np.intp]], tuple[NDArray[np.integer], NDArray[np.float32]]]


class Ranked:
    """The members of some blocks, best first; ties by row."""

    def __init__(
        self,
        bounds: Bounds,
        read: Read,
        first: tuple[NDArray[np.integer], NDArray[np.float32]] | None = None,
        *,
        at_first: int = FIRST,
    ) -> None:
        """Begin with nothing read.

        ``first``     members in no block, and their keys
        ``at_first``  blocks that are read first
        """
        self._at_first = at_first
        self._blocks, self._bounds, self._read = bounds.blocks, bounds.most, read
        self._sorted = bounds.in_order
        none = np.empty(0, np.intp), np.empty(0, np.float32)
        self._rows: NDArray[np.integer]
        self._keys: NDArray[np.float32]
        self._rows, self._keys = first or none
        self._next = 0
        self._order: list[int] = []

    @classmethod
    def of(cls, rows: NDArray[np.integer], keys: NDArray[np.float32]) -> "Ranked":
        """Return some rows by their keys."""
        none = np.empty(0, np.intp)
        nothing = Bounds(none, np.empty(0, np.float32), 0)
        return cls(nothing, lambda _: (rows, keys), (rows, keys))

    def __iter__(self) -> Iterator[int]:
        position = 0
        while self._reaches(position + 1):
            yield self._order[position]
            position += 1

    def first(self, count: int) -> list[int]:
        """Return the ``count`` best rows, or all."""
        self._reaches(count)
        return self._order[:count]

    def all(self) -> list[int]:
        """Return every row, best first."""
        while self._next < len(self._blocks) or len(self._rows):
            self._read_more(len(self._blocks), sys.maxsize)
        return self._order

    def _reaches(self, count: int) -> bool:
        while len(self._order) < count:
            if self._next >= len(self._blocks) and not len(self._rows):
                return False
            wanted = count + AHEAD - len(self._order)
            self._read_more(self._blocks_for(wanted), wanted)
        return True

    def _sort(self, count: int) -> None:
        """Have the ``count`` highest bounds, or all, in order at the front, and their blocks."""
        done = self._sorted
        if done >= min(count, len(self._bounds)):
            return
        more = max(count, 2 * done, _SORTED) - done
        rest, blocks = self._bounds[done:], self._blocks[done:]
        front = rest >= (np.partition(rest, -more)[-more] if more < len(rest) else -np.inf)
        first = np.flatnonzero(front)
        order = np.concatenate(
            [first[np.argsort(-rest[first], kind="stable")], np.flatnonzero(~front)]
        )
        self._bounds = np.concatenate([self._bounds[:done], rest[order]])
        self._blocks = np.concatenate([self._blocks[:done], blocks[order]])
        self._sorted = done + len(first)

    def _blocks_for(self, count: int) -> int:
        """Return how many blocks to read next so that ``count`` rows may come into place.

        Where so many have been read, it takes the blocks that reach above the last of them. The
        better what has been read, the fewer these are: so no more than are read already.
        """
        at_most = max(self._at_first, (GROWTH - 1) * self._next)
        if count > len(self._keys):
            return at_most
        last = np.partition(self._keys, -count)[-count]
        most = self._next + at_most
        self._sort(most)
        left = self._bounds[self._next : most]
        return int(np.searchsorted(-left, -last, side="right"))  # bounds descend

    def _read_more(self, count: int, wanted: int) -> None:
        """Read ``count`` more blocks, and bring into place what nothing unread can come before.

        Of that the best ``wanted``, and what ties with the last of them.
        """
        self._sort(self._next + count + 1)
        some = self._blocks[self._next : self._next + count]
        self._next += len(some)
        rows, keys = self._rows, self._keys
        if len(some):
            read_rows, read_keys = self._read(some)
            rows, keys = np.concatenate([rows, read_rows]), np.concatenate([keys, read_keys])
        left = self._bounds[self._next : self._next + 1]
        final = keys > left[0] if len(left) else np.ones(len(keys), dtype=np.bool_)
        if len(keys) > 2 * wanted:
            final &= keys >= np.partition(keys, -wanted)[-wanted]
        done, values = rows.compress(final), keys.compress(final)
        self._order.extend(done.take(np.lexsort((done, -values))).tolist())
        if not len(some) and not len(done):
            raise BundleError(
                "the index is damaged: it has values that are no numbers; copy the model again, "
                "or train anew"
            )
        left_over = ~final
        self._rows, self._keys = rows.compress(left_over), keys.compress(left_over)
