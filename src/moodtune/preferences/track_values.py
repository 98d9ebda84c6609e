"""A number for each track of a catalog, of which few are its own and the rest are shared.

What somebody's likes say differs between the tracks of some artists, and is the same for all that
sound or date alike. So a value is looked up by the track's code, and a few tracks have their own:
asked for some tracks it costs those alone, and what no other track exceeds is known at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodtune.features.rows import places_among


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackValues:
    """Values of ``n_tracks`` tracks: ``own`` of the tracks ``rows``, else ``by_code[codes]``.

    ``rows``     ascending, each once [shape=(n_own,)]
    ``own``      float32 [shape=(n_own,)]
    ``codes``    which of the shared values each track has [shape=(n_tracks,)]; None: all have 0
    ``by_code``  float32 [shape=(n_codes,)]
    """

    n_tracks: int
    rows: NDArray[np.intp]
    own: NDArray[np.float32]
    codes: NDArray[np.int32] | None = None
    by_code: NDArray[np.float32] | None = None

    @classmethod
    def of_rows(
        cls, n_tracks: int, rows: NDArray[np.integer], values: NDArray[np.floating]
    ) -> "TrackValues":
        """Return the sum of ``values`` for each of ``rows``, which may repeat; 0 for the others.

        Summed in the order given, so that the same order gives the same bits.
        """
        each, place = np.unique(rows, return_inverse=True)
        summed = np.bincount(place, values, minlength=len(each)).astype(np.float32)
        return cls(n_tracks=n_tracks, rows=each.astype(np.intp), own=summed)

    @classmethod
    def of_codes(cls, codes: NDArray[np.int32], by_code: NDArray[np.floating]) -> "TrackValues":
        """Return values that are shared by all tracks of a code."""
        return cls(
            n_tracks=len(codes),
            rows=np.empty(0, np.intp),
            own=np.empty(0, np.float32),
            codes=codes,
            by_code=by_code.astype(np.float32),
        )

    def at(self, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the values of the tracks in ``rows`` [shape=(len(rows),)]."""
        values = self.shared(rows)
        if len(self.rows):
            places, known = places_among(self.rows, rows)
            values[known] = self.own.take(places.compress(known))
        return values

    def shared(self, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the values of tracks in ``rows`` that have none of their own."""
        if self.codes is None or self.by_code is None:
            return np.zeros(len(rows), dtype=np.float32)
        values: NDArray[np.float32] = self.by_code.take(self.codes.take(rows))
        return values

    @property
    def most(self) -> float:
        """No track without a value of its own has more."""
        return 0.0 if self.by_code is None else float(self.by_code.max(initial=-np.inf))

    def everywhere(self) -> NDArray[np.float32]:
        """Return the value of every track [shape=(n_tracks,)]."""
        return self.at(np.arange(self.n_tracks))
