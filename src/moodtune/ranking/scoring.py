"""How well each track fits a mood, and the rest of the profile next."""

import numpy as np
from numpy.typing import NDArray

from moodtune.moods.scores import MoodScores

#: What the rest of the profile weighs beside the mood itself: enough to choose between tracks
#: that fit the mood about equally, too little to carry a track past one that fits it better.
REST_WEIGHT = 0.05


def fit(scores: MoodScores, mood: int, profile: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return how well each track fits a place that is given to ``mood`` [shape=(n_tracks,)].

    fit = p(mood) + REST_WEIGHT * sum of share * p over the profile's other moods, in [0, 1.05].
    Linear in the probabilities, so a block's bounds bound it.
    """
    weights = REST_WEIGHT * profile
    weights[mood] = 1.0
    fits: NDArray[np.float32] = scores.probabilities @ weights.astype(np.float32)
    return fits


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
