"""A column of text from which single cells are read in a fraction of a microsecond.

A frame gives whole columns quickly and single rows slowly; an answer names ten tracks.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Cells one after the other in UTF-8: cell i is ``data[starts[i]:starts[i + 1]]``.

    ``starts``  int64 [shape=(n + 1,)]
    ``blank``   which cells have no text at all [shape=(n,)]
    """

    starts: NDArray[np.int64]
    data: bytes | memoryview
    blank: NDArray[np.bool_]

    @classmethod
    def of(cls, column: pl.Series) -> "Texts":
        """Return the cells of a column of text."""
        filled = column.fill_null("")
        lengths = filled.str.len_bytes().to_numpy().astype(np.int64)
        return cls(
            starts=np.concatenate([[0], np.cumsum(lengths)]),
            data=filled.str.join("").item().encode(),
            blank=column.is_null().to_numpy(),
        )

    def __getitem__(self, row: int) -> str | None:
        if self.blank[row]:
            return None
        return str(self.data[self.starts[row] : self.starts[row + 1]], "utf-8")
