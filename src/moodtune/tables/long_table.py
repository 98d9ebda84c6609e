"""Tables that are read batch by batch, and never held whole unless that is asked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import polars as pl

from moodtune.errors import TableError
from moodtune.tables.table import Kind, RowsDigest, Table, shown, unreadable


def _as_it_lies(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


@dataclass(frozen=True, kw_only=True)
class LongTable:
    """A Parquet table whose shape, types and size have been checked, and whose rows wait on disk.

    ``evened``  what is done to every batch before anyone sees it
    """

    name: str
    sha256: str
    path: Path
    names: list[str]
    n_rows: int
    kind: Kind = "parquet"
    evened: Callable[[pl.DataFrame], pl.DataFrame] = _as_it_lies

    def batches(self, rows: int) -> Iterator[pl.DataFrame]:
        """Yield the rows in order, ``rows`` at a time or fewer; one empty batch if there is none.

        TableError where the file turns out to be damaged.
        """
        try:
            for frame in self._scan().collect_batches(chunk_size=rows, maintain_order=True):
                frame.columns = self.names
                yield self.evened(frame)
        except OSError as error:
            raise unreadable(self.path, error) from error
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise damaged(self.path) from error
        if not self.n_rows:
            yield self.frame

    def is_blank(self, name: str) -> bool:
        """Whether the column has no value in any row; most columns have one among the first."""
        column = self.names.index(name)
        # Under another name: polars takes one such as "^a$" for a pattern.
        cells = self._scan().select(pl.nth(column).alias("cell"))
        if cells.head(1000).collect()["cell"].null_count() < min(self.n_rows, 1000):
            evened = self.evened(cells.head(1000).collect().rename({"cell": name}))
            if evened[name].null_count() < evened.height:
                return False
        whole = self.evened(cells.collect().rename({"cell": name}))
        return whole[name].null_count() == whole.height

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The whole table in memory."""
        frame = self._scan().collect()
        frame.columns = self.names
        return self.evened(frame)

    def rows_sha256(self) -> str:
        """Return the fingerprint of the rows."""
        digest = RowsDigest(self.names)
        digest.add(self.frame)
        return digest.hexdigest()

    def _scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.path, glob=False)


@dataclass(frozen=True, kw_only=True)
class LongText:
    """A CSV table that has been checked from end to end, and whose rows wait in the file.

    ``filled``  the columns that have a value in any row
    ``read``    yields all rows in order, some at a time; TableError where the file was changed
    """

    name: str
    sha256: str
    names: list[str]
    n_rows: int
    filled: frozenset[str]
    read: Callable[[], Iterator[pl.DataFrame]]
    kind: Kind = "csv"

    def batches(self, rows: int) -> Iterator[pl.DataFrame]:
        """Yield the rows in order, ``rows`` at a time or fewer."""
        for frame in self.read():
            yield from frame.iter_slices(rows)

    def is_blank(self, name: str) -> bool:
        """Whether the column has no value in any row."""
        return name not in self.filled

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The whole table in memory."""
        return pl.concat(self.read())

    def rows_sha256(self) -> str:
        """Return the fingerprint of the rows."""
        digest = RowsDigest(self.names)
        for frame in self.read():
            digest.add(frame)
        return digest.hexdigest()


#: A table that is held, or one whose rows wait on disk.
Opened: TypeAlias = Table | LongTable | LongText


def damaged(path: Path) -> TableError:
    """Return the error for a Parquet file that cannot be read."""
    return TableError(
        f"{shown(path)}: this Parquet file is damaged or cut off; fetch or write it again"
    )
