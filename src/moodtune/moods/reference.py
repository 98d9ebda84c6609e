"""Music at large: how the features are spread over a quarter of a million tracks.

Only aggregates ship in the package: counts per grid cell and correlations between features. A
sample with those margins and correlations (a Gaussian copula) stands for the tracks themselves.
"""

from dataclasses import dataclass
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import N_CELLS, RankTable, grid
from moodtune.seeding import derive


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """How music at large is spread.

    ``table``         counts per feature and cell
    ``correlations``  between the features' normal scores [shape=(n_features, n_features)]
    """

    table: RankTable
    correlations: NDArray[np.float32]

    def select(self, names: tuple[str, ...]) -> "Reference":
        """Return the reference of the given features, in that order."""
        rows = [self.table.names.index(name) for name in names]
        return Reference(
            table=RankTable(names=names, counts=self.table.counts[rows]),
            correlations=self.correlations[np.ix_(rows, rows)],
        )

    def sample(self, n_tracks: int, seed: int = 0) -> FeatureMatrix:
        """Return ``n_tracks`` made-up tracks with these margins and correlations.

        Normal numbers with the given correlations are ranked, and each rank is looked up in its
        feature's counts. Values are the middles of grid cells, in the features' own units.
        """
        names = self.table.names
        normal = derive(seed, "music at large").standard_normal((n_tracks, len(names)))
        tied = np.linalg.cholesky(self.correlations.astype(np.float64)).T
        order = np.argsort(normal @ tied, axis=0, kind="stable")
        share = (np.arange(n_tracks) + 0.5) / n_tracks
        values = np.empty((n_tracks, len(names)), dtype=np.float32)
        for column, name in enumerate(names):
            counts = self.table.counts[column]
            cell = np.searchsorted(np.cumsum(counts) / counts.sum(), share)
            low, high = grid(name)
            values[order[:, column], column] = low + (cell + 0.5) * (high - low) / N_CELLS
        return FeatureMatrix(names=names, values=values)


def music_at_large() -> Reference:
    """Return the package's reference, made by ``benchmarks/make_reference.py``."""
    with (
        as_file(files("moodtune.moods") / "music_at_large.npz") as path,
        np.load(path, allow_pickle=False) as arrays,
    ):
        names = tuple(str(name) for name in arrays["names"])
        counts = arrays["counts"].astype(np.int64)
        return Reference(
            table=RankTable(names=names, counts=counts), correlations=arrays["correlations"]
        )
