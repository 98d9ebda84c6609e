"""Synthetic tracks: each genre's own quantiles, tied together by its own correlations."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.errors import UsageError
from moodtune.samples import invented
from moodtune.samples.artists import drawn, people
from moodtune.samples.copula import Floats, TrackTable, track_table
from moodtune.seeding import derive

#: Tracks that are drawn together. Part of what a seed means: another number, other tracks.
BLOCK = 65_536
#: Columns of a sample, in order, named as public tables of tracks name them.
TRACK_SCHEMA = pl.Schema(
    {
        "track_id": pl.String(),
        "artists": pl.String(),
        "album_name": pl.String(),
        "track_name": pl.String(),
        "popularity": pl.Int64(),
        "duration_ms": pl.Int64(),
        "explicit": pl.Boolean(),
        "danceability": pl.Float64(),
        "energy": pl.Float64(),
        "key": pl.Int64(),
        "loudness": pl.Float64(),
        "mode": pl.Int64(),
        "speechiness": pl.Float64(),
        "acousticness": pl.Float64(),
        "instrumentalness": pl.Float64(),
        "liveness": pl.Float64(),
        "valence": pl.Float64(),
        "tempo": pl.Float64(),
        "time_signature": pl.Int64(),
        "year": pl.Int64(),
        "track_genre": pl.String(),
    }
)


def sample_tracks(n: int, seed: int) -> pl.DataFrame:
    """Return ``n`` synthetic tracks, columns of ``TRACK_SCHEMA``; same arguments, same tracks.

    Each track is a song of its own, with an id that ``is_sample`` knows. Within a genre the
    features have the quantiles and the correlations of a public table's tracks (a Gaussian
    copula); names, albums and ids are invented.
    """
    return pl.concat(
        [TRACK_SCHEMA.to_frame(), *iter_sample_tracks(n, seed, batch_size=BLOCK)], rechunk=True
    )


def iter_sample_tracks(n: int, seed: int, batch_size: int) -> Iterator[pl.DataFrame]:
    """Yield the tracks of ``sample_tracks(n, seed)``, ``batch_size`` at a time.

    No more than a block and a batch are held at once; the batch size never changes the tracks.
    Raises UsageError if a number is out of range.
    """
    if n < 0 or batch_size < 1:
        raise UsageError(
            f"a sample has 0 or more tracks, in batches of 1 or more, got {n} in batches "
            f"of {batch_size}; ask for --tracks 20000"
        )
    return _rebatched(_blocks(n, seed), batch_size)


def _blocks(n: int, seed: int) -> Iterator[pl.DataFrame]:
    for number, first in enumerate(range(0, n, BLOCK)):
        yield _block(n, seed, number=number, first=first, size=min(BLOCK, n - first))


def _rebatched(blocks: Iterator[pl.DataFrame], batch_size: int) -> Iterator[pl.DataFrame]:
    waiting: list[pl.DataFrame] = []
    for block in blocks:
        rest = pl.concat([*waiting, block]) if waiting else block
        whole = rest.height - rest.height % batch_size
        yield from (rest.slice(start, batch_size) for start in range(0, whole, batch_size))
        waiting = [rest.slice(whole)] if whole < rest.height else []
    yield from waiting


def _block(n: int, seed: int, *, number: int, first: int, size: int) -> pl.DataFrame:
    table = track_table()
    rng = derive(seed, "tracks", number)
    genre = rng.integers(len(table.genres), size=size)
    numbers = np.arange(first, first + size, dtype=np.uint64)
    names = [g.name for g in table.figures.genres]
    columns = {
        "track_id": invented.track_ids(numbers, key=_key(seed)),
        "track_name": invented.titles(numbers + np.uint64(1)),
        "track_genre": pl.Series(names, dtype=pl.String).gather(genre),
        **_features(rng, table, genre),
        **_kinds(rng, table, genre),
        **people(rng, table.figures, genre, n),
    }
    return pl.DataFrame(columns).select(TRACK_SCHEMA.names()).cast(TRACK_SCHEMA)


def _features(
    rng: np.random.Generator, table: TrackTable, genre: NDArray[np.int64]
) -> dict[str, Floats]:
    features = table.figures.features
    independent = rng.standard_normal((len(features), len(genre)))
    values = np.empty_like(independent)
    order = np.argsort(genre, kind="stable")
    edges = np.searchsorted(genre[order], np.arange(len(table.genres) + 1))
    for number, curves in enumerate(table.genres):
        rows = order[edges[number] : edges[number + 1]]
        values[:, rows] = curves.values(independent[:, rows])
    return {
        feature.name: np.round(np.clip(column, feature.low, feature.high), feature.decimals)
        for feature, column in zip(features, values, strict=True)
    }


def _kinds(
    rng: np.random.Generator, table: TrackTable, genre: NDArray[np.int64]
) -> dict[str, object]:
    genres, figures = table.figures.genres, table.figures
    explicit = np.array([g.explicit for g in genres])
    major = np.array([g.major for g in genres])
    beats = np.array([int(b) for b in figures.time_signatures])
    shares = list(figures.time_signatures.values())
    return {
        "explicit": rng.random(len(genre)) < explicit[genre],
        "mode": (rng.random(len(genre)) < major[genre]).astype(np.int64),
        "key": drawn(rng, figures.keys, len(genre)).astype(np.int64),
        "time_signature": beats[drawn(rng, shares, len(genre))],
    }


def _key(seed: int) -> int:
    return int(derive(seed, "track ids").integers(1 << 60))
