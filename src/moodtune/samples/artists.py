"""The invented artists of a sample, their albums, and the years in which these came out."""

from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.samples import invented
from moodtune.samples.aggregates import Tracks

#: On average, in a sample of many tracks.
TRACKS_PER_ARTIST = 4
ALBUMS_PER_ARTIST = 3

#: Fractions of one are counted in steps of this many, where a hash stands for chance.
_STEPS = 4096

Numbers: TypeAlias = NDArray[np.uint64]


def people(
    rng: np.random.Generator, figures: Tracks, genre: NDArray[np.int64], n: int
) -> dict[str, pl.Series | NDArray[np.int64]]:
    """Return artists, albums and years for tracks of these genres [shape=(m,)].

    ``n`` is the length of the whole sample, which decides how many artists there are. An artist
    is known by a number, whose remainder by the number of genres is the genre; a genre's first
    artists have the most tracks, as in life. An album always came out in the same year.
    """
    n_genres = np.uint64(len(figures.genres))
    per_genre = max(len(figures.artists_per_track), n // (TRACKS_PER_ARTIST * len(figures.genres)))
    place = (per_genre * rng.random(len(genre)) ** 2).astype(np.uint64)
    first = place * n_genres + genre.astype(np.uint64)
    edition = rng.integers(ALBUMS_PER_ARTIST, size=len(genre)).astype(np.uint64)
    album = first * np.uint64(ALBUMS_PER_ARTIST) + edition
    share = (invented.mixed(album + np.uint64(1)) % np.uint64(_STEPS)).astype(np.float64) / _STEPS
    n_artists = 1 + drawn(rng, figures.artists_per_track, len(genre))
    return {
        "artists": _credits(rng, first, n_artists, n_genres * np.uint64(per_genre), n_genres),
        "album_name": invented.albums(first, edition),
        "year": np.interp(share, figures.levels, figures.years).astype(np.int64),
    }


def drawn(rng: np.random.Generator, shares: list[float], n: int) -> NDArray[np.intp]:
    """Return ``n`` indexes into ``shares``, each as often as its share says."""
    edges = np.cumsum(shares)
    return np.searchsorted(edges[:-1] / edges[-1], rng.random(n), side="right")


def _credits(
    rng: np.random.Generator,
    first: Numbers,
    n_artists: NDArray[np.intp],
    n_all: np.uint64,
    n_genres: np.uint64,
) -> pl.Series:
    """Name each track's artists, joined by ``;``: different people of one genre."""
    most = int(n_artists.max(initial=1))
    # Steps that stay in the genre, and so short that the last guest does not reach the first.
    step = n_genres * rng.integers(
        1, n_all // n_genres // np.uint64(most) + 1, size=len(first), dtype=np.uint64
    )
    names = [invented.artists(first)]
    for guest in range(1, most):
        name = invented.artists((first + np.uint64(guest) * step) % n_all)
        names.append(name.set(pl.Series(n_artists <= guest), None))
    return pl.select(pl.concat_str(*names, separator=";", ignore_nulls=True)).to_series()
