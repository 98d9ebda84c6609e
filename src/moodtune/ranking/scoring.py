"""How well each track fits a mood, and the rest of the profile next."""

import numpy as np
from numpy.typing import NDArray

from moodtune.moods.scores import MoodScores
from moodtune.ranking.index import TrackIndex
from moodtune.seeding import derive

#: What the rest of the profile weighs beside the mood itself: enough to choose between tracks
#: that fit the mood about equally, too little to carry a track past one that fits it better. On
#: people's playlists .05 cost .002 of precision within a mood, .02 nothing (tests/ranking).
REST_WEIGHT = 0.02

#: A track can stand for a mood of a mix if the mood is at least this share as probable as the
#: most probable mood that lists offer: what a listener would still take for that mood.
CARRYING = 0.5

#: Fits within one step of this size are about equal: a seed draws their order.
SEED_STEP = 0.01


def fit(scores: MoodScores, mood: int, profile: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return how well each track fits a place that is given to ``mood`` [shape=(n_tracks,)].

    fit = p(mood) + REST_WEIGHT * sum of share * p over the profile's other moods, in [0, 1.02].
    Linear in the probabilities, so a block's bounds bound it.
    """
    weights = REST_WEIGHT * profile
    weights[mood] = 1.0
    fits: NDArray[np.float32] = scores.probabilities @ weights.astype(np.float32)
    return fits


def carriers(index: TrackIndex, mood: int) -> NDArray[np.bool_]:
    """Return which tracks can stand for ``mood`` in a mix [shape=(n_tracks,)]."""
    carrying: NDArray[np.bool_] = (
        index.scores.probabilities[:, mood] >= np.float32(CARRYING) * index.strongest
    )
    return carrying


def order_keys(fits: NDArray[np.float32], seed: int | None) -> NDArray[np.float32]:
    """Return what tracks are ordered by [shape=(n_tracks,)]: their fits, or by steps and by lot.

    The lot depends on the seed and on the tracks of the catalog, not on what is asked.
    """
    if seed is None:
        return fits
    keys: NDArray[np.float32] = np.floor(fits / np.float32(SEED_STEP)) + lots(len(fits), seed)
    return keys * np.float32(SEED_STEP)


def lots(n_tracks: int, seed: int) -> NDArray[np.float32]:
    """Return a number in [0, 1) for each track of the catalog, drawn by the seed."""
    return derive(seed, "ranking", "ties").random(n_tracks, dtype=np.float32)


def best_first(fits: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Return the rows of the ``count`` best fits, best first; ties by row, the lower one first.

    Exact also where ties reach over the edge: all rows that tie with the last one compete.
    """
    if count < len(fits):
        threshold = np.partition(fits, len(fits) - count)[len(fits) - count]
        rows = np.flatnonzero(fits >= threshold)
    else:
        rows = np.arange(len(fits))
    order = np.lexsort((rows, -fits[rows]))
    best: NDArray[np.intp] = rows[order][:count]
    return best
