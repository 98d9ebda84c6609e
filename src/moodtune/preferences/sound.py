"""How near tracks sound to liked ones: a kernel over ranks, quick on catalogs of any size."""

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

#: Catalogs up to this size are compared track by track, larger ones by so many cells at most: the
#: kernel between any two of them is kept, 16 MB, and is worked out in the time of ten lists.
MAX_CELLS = 2_048

#: Liked tracks that are compared with; of more, that many evenly over the catalog's order.
MAX_LIKES = 64


@dataclass(frozen=True, kw_only=True)
class SoundCells:
    """Tracks gathered into cells of rank space, each at the mean of its tracks.

    ``cell``     int32 [shape=(n_tracks,)]
    ``centers``  float32 [shape=(n_cells, n_features)], scaled so that the kernel is
                 exp(-squared distance)
    """

    cell: NDArray[np.int32]
    centers: NDArray[np.float32]

    @classmethod
    def of(cls, ranks: NDArray[np.float32], *, width: float) -> "SoundCells":
        """Gather tracks by their ranks in [0, 1] [shape=(n_tracks, n_features)].

        ``width`` is the kernel's, per feature: exp(-mean squared difference / (2 width^2)).
        """
        n_tracks, n_features = ranks.shape
        scaled = ranks * np.float32(1 / (width * np.sqrt(2 * n_features)))
        if n_tracks <= MAX_CELLS:
            return cls(cell=np.arange(n_tracks, dtype=np.int32), centers=scaled)
        cell = _cells(ranks)
        counts = np.bincount(cell)
        sums = [np.bincount(cell, column) for column in scaled.T]
        centers = (np.array(sums) / counts).T
        return cls(cell=cell, centers=np.ascontiguousarray(centers, dtype=np.float32))

    def nearness(
        self, likes: NDArray[np.intp], weights: NDArray[np.float64] | None = None
    ) -> NDArray[np.float32]:
        """Return the mean kernel over liked tracks, in [0, 1] [shape=(n_cells,)].

        ``weights`` in [0, 1] are what each of ``likes`` counts; all 1 unless given.
        """
        step = -(-len(likes) // MAX_LIKES)
        cells = self.cell[likes[::step]]
        counted = np.ones(len(cells)) if weights is None else weights[::step]
        near: NDArray[np.float32] = (counted / len(cells)).astype(np.float32) @ self.kernel.take(
            cells, axis=0
        )
        return near

    @cached_property
    def kernel(self) -> NDArray[np.float32]:
        """How near each cell is to each, in [0, 1] [shape=(n_cells, n_cells)]."""
        # 2 c.d - c.c - d.d, the squared distance below 0, as one product.
        squares = (self.centers**2).sum(axis=1, keepdims=True)
        one = np.ones_like(squares)
        extended = np.hstack([self.centers, squares, one])
        kernel: NDArray[np.float32] = extended @ np.hstack([2 * self.centers, -one, -squares]).T
        np.exp(np.minimum(kernel, 0, out=kernel), out=kernel)
        return kernel


def _cells(ranks: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return the cell of each track, numbered without gaps: equal steps of every feature."""
    levels = np.array(_levels(ranks.shape[1]), dtype=np.int64)
    steps = np.minimum((ranks * levels).astype(np.int64), levels - 1)
    codes = steps @ np.concatenate([[1], np.cumprod(levels)[:-1]])
    numbers = np.unique(codes, return_inverse=True)[1]
    return numbers.astype(np.int32)


def _levels(n_features: int) -> list[int]:
    """Return into how many steps each feature is cut: as even as MAX_CELLS allows, most first."""
    levels = [1] * n_features
    feature = 0
    while prod(levels) // levels[feature] * (levels[feature] + 1) <= MAX_CELLS:
        levels[feature] += 1
        feature = (feature + 1) % n_features
    return levels
