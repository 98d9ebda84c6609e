"""Rows sorted by track id that are more than memory should hold: sorted runs on disk, merged.

Rows are gathered until there are enough for a run; a run is sorted, and written in chunks, each a
file of its own, when there are too many to hold. Merging holds one or two chunks of each run, and
removes a chunk's file when it is read, so that the disk never holds more than the rows once. The
last runs are merged from memory, where their rows are already.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

import polars as pl

from moodtune.catalog.id_order import ascending
from moodtune.catalog.schema import TRACK_ID

#: Rows of a chunk: small enough that chunks of many runs fit side by side.
CHUNK_ROWS = 1 << 14
#: Rows of all runs that are put in order together.
ROWS_AT_ONCE = 1 << 16


class Run:
    """Rows sorted by track id: all in memory, or in files that are read once, in order."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self._waiting = rows[ascending(rows[TRACK_ID])]
        self._files: list[Path] = []
        self.schema = rows.schema
        self.n_bytes = 0  # that were written

    def write(self, folder: Path) -> None:
        """Put the rows into files."""
        rows, self._waiting = self._waiting, self._waiting.clear()
        name = uuid4().hex
        for start in range(0, rows.height, CHUNK_ROWS):
            path = folder / f"run-{name}-{start // CHUNK_ROWS:05}.arrow"
            rows.slice(start, CHUNK_ROWS).write_ipc(path)
            self._files.append(path)
            self.n_bytes += path.stat().st_size
        self._files.reverse()

    def size(self) -> int:
        """Return about how many bytes the rows in memory take."""
        return int(self._waiting.estimated_size())

    def __len__(self) -> int:
        """Return the number of rows in memory."""
        return self._waiting.height

    def id_at(self, row: int) -> str:
        """Return the id of a row in memory."""
        return str(self._waiting[TRACK_ID][row])

    def fill(self, n: int) -> None:
        """Read on until more than ``n`` rows are in memory, or all."""
        while self._files and len(self) <= n:
            self._read_on()

    def all(self) -> pl.DataFrame:
        """Take the rows in memory."""
        return self._first(len(self))

    def below(self, bound: str) -> pl.DataFrame:
        """Take the rows in memory whose id is less than ``bound``."""
        # A dozen looks: polars' search_sorted goes over the whole column, of every run each time.
        return self._first(bisect_left(range(len(self)), bound, key=self.id_at))

    def up_to(self, bound: str) -> pl.DataFrame:
        """Take the rows whose id is ``bound`` or less, reading on for more of them."""
        while self._files and self.id_at(-1) == bound:
            self._read_on()
        return self._first(bisect_right(range(len(self)), bound, key=self.id_at))

    def _read_on(self) -> None:
        path = self._files.pop()
        chunk = pl.read_ipc(path)
        path.unlink()
        self._waiting = pl.concat([self._waiting, chunk]) if len(self) else chunk

    def _first(self, n: int) -> pl.DataFrame:
        rows, self._waiting = self._waiting, self._waiting.slice(n)
        return rows.slice(0, n)


def merged(runs: list[Run]) -> Iterator[list[pl.DataFrame]]:
    """Yield the rows of all runs by ascending id, each time the parts that belong together.

    Ids of one yield are smaller than those of the next, so that rows with one id always come
    together; inside a yield they are sorted within a part only. A yield has ``ROWS_AT_ONCE`` at
    most, more only where one id has.
    """
    each = max(ROWS_AT_ONCE // max(len(runs), 1), 1)
    while True:
        for run in runs:
            run.fill(each)
        bounds = [run.id_at(each) for run in runs if len(run) > each]
        if not bounds:
            yield from _some(run.all() for run in runs)
            return
        bound = min(bounds)
        yield from _some(run.below(bound) for run in runs) or _some(
            run.up_to(bound) for run in runs
        )


def _some(parts: Iterable[pl.DataFrame]) -> list[list[pl.DataFrame]]:
    """Return those parts that have rows, as one yield; none if none has."""
    some = [part for part in parts if len(part)]
    return [some] if some else []
