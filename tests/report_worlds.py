"""Catalogs for reports: as many neutral tracks as asked for, with the columns that matter set."""

import numpy as np
import polars as pl

from moodtune.catalog.schema import AUDIO_FEATURES, DTYPES, REJECTION_DTYPES, Catalog

NEUTRAL = dict.fromkeys(AUDIO_FEATURES, 0.5) | {"loudness": -8.0, "tempo": 120.0}


def catalog_of(n, *, without=(), rejections=(), **columns):
    """Return a catalog of ``n`` tracks; ``without`` names features that it lacks."""
    ids = [f"t{k:05d}" for k in range(n)]
    values = {
        "track_id": ids,
        "title": [f"Title {k}" for k in range(n)],
        "artists": [[f"Artist {k}"] for k in range(n)],
        "alternative_ids": [[] for _ in range(n)],
        **{name: [NEUTRAL[name]] * n for name in AUDIO_FEATURES if name not in without},
        **{name: list(column) for name, column in columns.items()},
    }
    schema = {name: dtype for name, dtype in DTYPES.items() if name in values}
    rejected = pl.DataFrame(list(rejections), schema=dict(REJECTION_DTYPES), orient="row")
    return Catalog(
        tracks=pl.DataFrame({name: values[name] for name in schema}, schema=schema),
        rejections=rejected,
        n_read=n + len(rejected),
        n_merged_ids=0,
        n_merged_songs=0,
    )


def mixed_catalog(n=400, seed=0):
    """Return a catalog whose features vary, some of them together."""
    rng = np.random.default_rng(seed)
    energy = rng.random(n)
    return catalog_of(
        n,
        energy=energy,
        loudness=-20 + 18 * energy + rng.normal(0, 1, n),
        acousticness=np.clip(1 - energy + rng.normal(0, 0.1, n), 0, 1),
        valence=rng.random(n),
        danceability=rng.random(n),
        liveness=rng.beta(1, 4, n),
        tempo=rng.normal(120, 25, n).clip(0, 250),
        key=rng.integers(0, 12, n).tolist(),
        duration_ms=rng.integers(90_000, 400_000, n).tolist(),
    )


def texts_of(figure):
    """Return everything written around the axes of a figure."""
    return [text.get_text() for text in figure.texts]


def bars_of(axes):
    """Return the corners of each bar of the first collection: left, bottom, right, top."""
    boxes = [path.get_extents() for path in axes.collections[0].get_paths()]
    return np.array([box.extents for box in boxes]).reshape(-1, 4)


def tick_labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]
