"""A catalog's audio features as one matrix."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.schema import AUDIO_FEATURES, Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureMatrix:
    """``values``: float32 [shape=(n_tracks, n_features)] in the features' own units, C order.

    ``names`` names the columns; rows are in the catalog's order. No value is missing.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.values.dtype != np.float32 or self.values.shape[1:] != (len(self.names),):
            raise ValueError(
                f"expected float32 (n, {len(self.names)}), got {self.values.dtype} "
                f"{self.values.shape}"
            )

    def __len__(self) -> int:
        return len(self.values)

    def column(self, name: str) -> NDArray[np.float32]:
        """Return one feature [shape=(n_tracks,)]."""
        return self.values[:, self.names.index(name)]

    def take(self, rows: NDArray[np.integer] | slice) -> "FeatureMatrix":
        """Return the matrix of the given rows."""
        return FeatureMatrix(names=self.names, values=np.ascontiguousarray(self.values[rows]))

    def select(self, names: tuple[str, ...]) -> "FeatureMatrix":
        """Return the matrix of the given columns, in that order."""
        if names == self.names:
            return self
        columns = [self.names.index(name) for name in names]
        return FeatureMatrix(names=names, values=np.ascontiguousarray(self.values[:, columns]))


def feature_matrix(catalog: Catalog) -> FeatureMatrix:
    """Return the audio features that ``catalog`` has."""
    if catalog.long is not None:
        return FeatureMatrix(names=catalog.features, values=catalog.long.features)
    return features_of(catalog.tracks)


def features_of(tracks: pl.DataFrame) -> FeatureMatrix:
    """Return the audio features that a catalog's frame has, in schema order."""
    names = tuple(name for name in AUDIO_FEATURES if name in tracks.columns)
    values = np.empty((tracks.height, len(names)), dtype=np.float32)
    for column, name in enumerate(names):
        values[:, column] = tracks[name].to_numpy()
    return FeatureMatrix(names=names, values=values)
