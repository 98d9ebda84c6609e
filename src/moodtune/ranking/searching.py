"""Rows best first, read block by block no further than somebody looks; exact, ties included.

Blocks are read in the order of their bounds. A row that has been read stands in its final place as
soon as its key is above the bound of every block that has not: then nothing unread can come before
it, nor tie with it. Keys are never rounded differently for being read in another company
(`moodtune.ranking.blocks`), so the order is that of a plain scan to the bit.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

#: Blocks that are read first, and how many times as many each time somebody looks further.
FIRST, GROWTH = 4, 4

#: Reads blocks, by number: the rows of their members, and the keys of these.
Read = Callable[[NDArray[np.intp]], tuple[NDArray[np.integer], NDArray[np.float32]]]


class Ranked:
    """The members of some blocks, best first; ties by row."""

    def __init__(
        self,
        blocks: NDArray[np.intp],
        bounds: NDArray[np.float32],
        read: Read,
        first: tuple[NDArray[np.integer], NDArray[np.float32]] | None = None,
    ) -> None:
        """``bounds``: of each block, no key in it is above; ``first``: members in no block."""
        order = np.argsort(-bounds, kind="stable")
        self._blocks, self._bounds, self._read = blocks[order], bounds[order], read
        none = np.empty(0, np.intp), np.empty(0, np.float32)
        self._rows: NDArray[np.integer]
        self._keys: NDArray[np.float32]
        self._rows, self._keys = first or none
        self._next = 0
        self._order: list[int] = []

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
        while self._advance():
            pass
        return self._order

    def _reaches(self, count: int) -> bool:
        while len(self._order) < count:
            if not self._advance():
                return False
        return True

    def _advance(self) -> bool:
        """Bring more rows into their final place; say whether there may be more to bring."""
        if self._next >= len(self._blocks) and not len(self._rows):
            return False
        wanted = FIRST if not self._next else GROWTH * self._next
        some = self._blocks[self._next : self._next + wanted]
        self._next += len(some)
        rows, keys = self._read(some)
        rows, keys = np.concatenate([self._rows, rows]), np.concatenate([self._keys, keys])
        left = self._bounds[self._next : self._next + 1]
        final = keys > left[0] if len(left) else np.ones(len(keys), dtype=np.bool_)
        done, values = rows[final], keys[final]
        self._order.extend(done[np.lexsort((done, -values))].tolist())
        self._rows, self._keys = rows[~final], keys[~final]
        return True
