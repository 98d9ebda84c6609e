"""Which tracks are most like a track: the similarity of ``ranking.variety`` to a whole catalog.

There it is worked out for the few tracks of a pool; here for all, so what it is made of is laid out
once: a row of ranks for each feature, and for each artist and genre the tracks that have it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import GENRES
from moodtune.features.code_lists import Lists
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.variety import ARTISTS_WEIGHT, FEATURES_WEIGHT, GENRES_WEIGHT, ranks_of

Floats = NDArray[np.float32]


class Nearness:
    """How alike the tracks of a catalog are."""

    def __init__(self, index: TrackIndex) -> None:
        rows = np.arange(len(index), dtype=np.intp)
        self._ranks = np.ascontiguousarray(ranks_of(index, rows).T)
        columns = index.columns
        self._artists = _Names.of(columns.artists)
        self._genres = _Names.of(columns.genres) if columns.has(GENRES) else None

    def to(self, row: int) -> Floats:
        """Return the similarity of every track to one, in [0, 1] [shape=(n_tracks,)]."""
        away: Floats = np.zeros(self._ranks.shape[1], dtype=np.float32)
        for ranks in self._ranks:
            away += np.abs(ranks - ranks[row])
        alike: Floats = (FEATURES_WEIGHT * (1 - away / len(self._ranks))).astype(np.float32)
        alike[np.flatnonzero(self._artists.shared(row))] += np.float32(ARTISTS_WEIGHT)
        if self._genres is None:
            alike /= np.float32(FEATURES_WEIGHT + ARTISTS_WEIGHT)
            return alike
        both = self._genres.shared(row)
        having = np.flatnonzero(both)
        sizes = self._genres.sizes
        either = sizes[having] + sizes[row] - both[having]
        alike[having] += np.float32(GENRES_WEIGHT) * (both[having] / either).astype(np.float32)
        return alike

    def nearest(self, row: int, n: int) -> list[tuple[int, float]]:
        """Return the n other tracks that are most like one, and how much; ties by id."""
        alike = self.to(row)
        alike[row] = -1
        n = min(n, len(alike) - 1)
        if n < 1:
            return []
        least = np.partition(alike, -n)[-n]
        among = np.flatnonzero(alike >= least)
        best = among[np.argsort(-alike[among], kind="stable")[:n]]
        return [(int(other), round(float(alike[other]), 6)) for other in best]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """A column of lists, and how many names each track has [shape=(n_tracks,)]."""

    lists: Lists
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, lists: Lists) -> "_Names":
        _ = lists.turned  # made now, not by the first who asks
        return cls(lists=lists, sizes=np.diff(lists.starts))

    def shared(self, row: int) -> NDArray[np.int64]:
        """Return how many names each track has in common with one [shape=(n_tracks,)]."""
        owners = self.lists.turned
        found = [
            owners.codes[owners.starts[c] : owners.starts[c + 1]] for c in self.lists.of_row(row)
        ]
        together = np.concatenate([np.empty(0, np.int32), *found])
        return np.bincount(together, minlength=len(self.sizes))
