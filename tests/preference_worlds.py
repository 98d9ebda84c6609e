"""Tiny worlds of tastes: who likes what is known, and so is what they would like."""

import numpy as np
import polars as pl

from moodtune.features.matrix import FeatureMatrix
from moodtune.preferences.content import ContentIndex
from moodtune.preferences.histories import Histories
from moodtune.preferences.matching import Counts
from worlds import FEATURES, NEUTRAL, tracks_frame


def histories_of_rows(rows, n_tracks):
    """Return histories of listeners 0, 1, ... who have the given rows."""
    lengths = [len(row) for row in rows]
    flat = np.array([track for row in rows for track in sorted(row)], dtype=np.int32)
    return Histories(
        n_tracks=n_tracks,
        starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        rows=flat,
        counts=Counts(n_read=len(flat)),
    )


def checkerboard(n_listeners=40, n_tracks=20, each=6, seed=0):
    """Return histories in which even listeners have even tracks only, and odd ones odd tracks."""
    numbers = np.random.default_rng(seed)
    return histories_of_rows(
        [
            numbers.choice(np.arange(i % 2, n_tracks, 2), each, replace=False).tolist()
            for i in range(n_listeners)
        ],
        n_tracks,
    )


def features_of(tracks: pl.DataFrame) -> FeatureMatrix:
    return FeatureMatrix(
        names=FEATURES, values=np.ascontiguousarray(tracks.select(FEATURES).to_numpy(), np.float32)
    )


def content_of(n, artists=None, settings=None, **columns):
    tracks = tracks_frame(n, artists, **columns)
    return ContentIndex.of(tracks, features_of(tracks), settings)


def neutral(n, **columns):
    """Return the audio columns of ``n`` tracks that sound alike, but for the given columns."""
    return {name: [value] * n for name, value in NEUTRAL.items()} | columns
