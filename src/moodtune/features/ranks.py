"""Ranks before rules: each feature as its rank among a catalog's tracks.

"Low energy" then means the same thing in every catalog. The empirical distribution is kept as
counts on a fixed grid, so that tables can be added up batch by batch in any order, and a track
that was not there when the table was made is placed without refitting.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.features.matrix import FeatureMatrix

#: Grid cells per feature: a hundred times finer than the steps that people can hear.
N_CELLS = 4096

#: Where the grid lies when it is narrower than what is possible; values outside go to the ends.
_GRID: dict[str, tuple[float, float]] = {"loudness": (-60.0, 5.0), "tempo": (0.0, 250.0)}


def grid(name: str) -> tuple[float, float]:
    """Return the lowest and highest value of a feature's grid, in the feature's unit."""
    quantity = AUDIO_FEATURES[name]
    return _GRID.get(name, (quantity.low, quantity.high))


def cells(name: str, values: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return the grid cell [0, N_CELLS) that each value of a feature falls into."""
    low, high = grid(name)
    scaled = (values - np.float32(low)) * np.float32(N_CELLS / (high - low))
    clipped: NDArray[np.float32] = np.clip(scaled, 0, N_CELLS - 1)
    return clipped.astype(np.int32)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankTable:
    """How the tracks of one catalog are spread over each feature.

    ``counts``: int64 [shape=(n_features, N_CELLS)], tracks per grid cell.
    """

    names: tuple[str, ...]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, features: FeatureMatrix) -> "RankTable":
        """Count the tracks of ``features``."""
        counts = [
            np.bincount(cells(name, features.column(name)), minlength=N_CELLS)
            for name in features.names
        ]
        return cls(names=features.names, counts=np.array(counts, dtype=np.int64))

    def __add__(self, other: "RankTable") -> "RankTable":
        if self.names != other.names:
            raise ValueError(f"cannot add ranks of {other.names} to ranks of {self.names}")
        return RankTable(names=self.names, counts=self.counts + other.counts)

    def mid_ranks(self) -> NDArray[np.float32]:
        """Return the rank of each cell's middle, in [0, 1] [shape=(n_features, N_CELLS)].

        The mid-rank: the share of tracks in lower cells plus half the share in the same cell, so
        that tracks that are alike share one rank, half of them below it and half above.
        """
        total = self.counts.sum(axis=1, keepdims=True).clip(min=1)
        below = np.cumsum(self.counts, axis=1) - self.counts
        ranks: NDArray[np.float32] = ((below + self.counts / 2) / total).astype(np.float32)
        return ranks

    def ranks(self, features: FeatureMatrix) -> NDArray[np.float32]:
        """Return the rank of each value in [0, 1] [shape=(n_tracks, n_features)].

        Columns are in this table's order; ``features`` must have all of them.
        """
        lookup = self.mid_ranks()
        ranks = np.empty((len(features), len(self.names)), dtype=np.float32)
        for column, name in enumerate(self.names):
            ranks[:, column] = lookup[column, cells(name, features.column(name))]
        return ranks
