"""A column of lists of names as codes: which artists, which genres each track has."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """A column of lists as codes: row i has ``codes[starts[i]:starts[i + 1]]`` of ``names``.

    Names are folded in case: "ABBA" and "Abba" are one artist to a listener.
    """

    names: tuple[str, ...]
    starts: NDArray[np.int64]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, column: pl.Series) -> "Lists":
        """Return the codes of a column of lists of text; a blank cell is an empty list."""
        folded = column.list.eval(pl.element().str.to_lowercase().drop_nulls()).list.unique(
            maintain_order=True
        )
        lengths = folded.list.len().fill_null(0).to_numpy()
        flat = folded.explode(empty_as_null=False, keep_nulls=False)
        names = flat.unique().sort()
        codes = names.search_sorted(flat) if len(flat) else pl.Series([], dtype=pl.UInt32)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        return cls(
            names=tuple(names.to_list()),
            starts=starts.astype(np.int64),
            codes=codes.to_numpy().astype(np.int32),
        )

    def of_row(self, row: int) -> tuple[int, ...]:
        """Return the codes of one row, each once."""
        return tuple(self.codes[self.starts[row] : self.starts[row + 1]].tolist())

    def rows_with(self, names: Iterable[str]) -> NDArray[np.bool_]:
        """Return which rows have any of ``names``, whatever their case [shape=(n,)]."""
        wanted = {name.lower() for name in names}
        is_wanted = np.array([name in wanted for name in self.names] + [False])
        before = np.concatenate([[0], np.cumsum(is_wanted[self.codes])])
        found: NDArray[np.bool_] = before[self.starts[1:]] > before[self.starts[:-1]]
        return found

    @property
    def blank(self) -> NDArray[np.bool_]:
        """Which rows have no name at all [shape=(n,)]."""
        found: NDArray[np.bool_] = self.starts[1:] == self.starts[:-1]
        return found
