"""The tracks of a catalog that is longer than memory should hold, in one file on disk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.atomic import Scratch
from moodtune.tables.writing import ROW_GROUP


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LongTracks:
    """Tracks sorted by id as one Parquet file, which goes when nothing holds this any more.

    The file is written as a model's own file of tracks is, and can become one as it lies.

    ``features``       of all tracks, in memory as everything looks at them: float32
                       [shape=(height, n_features)], columns in the schema's order
    ``spilled_bytes``  that lay on disk before they were sorted: written, read and gone
    """

    path: Path
    schema: pl.Schema
    height: int
    features: NDArray[np.float32]
    scratch: Scratch
    spilled_bytes: int

    def parts(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """Yield the tracks in order, some ten thousand at a time."""
        scan = pl.scan_parquet(self.path, glob=False)
        chosen = scan if columns is None else scan.select(columns)
        yield from chosen.collect_batches(chunk_size=ROW_GROUP, maintain_order=True)

    def rows(self, rows: NDArray[np.integer], columns: Sequence[str]) -> pl.DataFrame:
        """Return some rows, in the order that is asked for."""
        order = np.argsort(rows, kind="stable")
        ascending = np.asarray(rows)[order]
        start, found = 0, []
        for part in self.parts(columns):
            first, end = np.searchsorted(ascending, [start, start + part.height])
            found.append(part[ascending[first:end] - start])
            start += part.height
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return pl.concat(found)[back]

    def frame(self) -> pl.DataFrame:
        """Return all tracks: only for what cannot do with less."""
        return pl.read_parquet(self.path, glob=False)
