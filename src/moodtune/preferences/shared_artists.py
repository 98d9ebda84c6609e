"""Tracks that share an artist with some tracks, found once for all that is asked of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodtune.features.code_lists import Lists
from moodtune.features.rows import ascending


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedArtists:
    """The tracks of the artists of some tracks, the named ones.

    ``named``    the rows of the named tracks, ascending, each once [shape=(n_named,)]
    ``rows``     these and every track by an artist of theirs, ascending [shape=(n_rows,)]
    ``at``       where in ``rows`` each named track is [shape=(n_named,)]

    For each artist of a named track, and each track of that artist [shape=(n_shared,)]:

    ``of``       which of ``named`` it is
    ``place``    where in ``rows`` the artist's track is
    ``n_tracks`` how many tracks the artist has
    """

    named: NDArray[np.intp]
    rows: NDArray[np.intp]
    at: NDArray[np.intp]
    of: NDArray[np.intp]
    place: NDArray[np.intp]
    n_tracks: NDArray[np.int64]

    @classmethod
    def find(cls, artists: Lists, named: NDArray[np.intp]) -> "SharedArtists":
        """Return what the tracks in the rows ``named`` share artists with."""
        tracks_of = artists.turned
        of, artist = artists.pairs(named)
        pair, track = tracks_of.pairs(artist)
        rows = ascending(np.concatenate([named, track]))
        counts = tracks_of.starts.take(artist + 1) - tracks_of.starts.take(artist)
        return cls(
            named=named,
            rows=rows,
            at=np.searchsorted(rows, named),
            of=of.take(pair),
            place=np.searchsorted(rows, track),
            n_tracks=counts.take(pair),
        )
