"""The original recipe's features and rules, spelled once: what Moodtune is compared with.

A mood's conditions say where a cluster's centroid must lie among all centroids: above or below a
quartile of a feature. The first mood whose conditions all hold names the cluster.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

FEATURES = (
    "danceability",
    "energy",
    "loudness",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
    "duration_ms",
)
N_CLUSTERS = 12
#: What a cluster is called that no rule fits.
NO_MOOD = "other"

#: A mood, and where a centroid must lie: (feature, above or below, quartile of the centroids).
RULES: Sequence[tuple[str, Sequence[tuple[str, str, float]]]] = (
    ("talkative", (("speechiness", ">", 0.75),)),
    ("live", (("liveness", ">", 0.75),)),
    ("happy", (("valence", ">", 0.75), ("energy", ">", 0.5))),
    ("uplifting", (("valence", ">", 0.75), ("tempo", ">", 0.75), ("energy", ">", 0.75))),
    ("party", (("danceability", ">", 0.75), ("energy", ">", 0.75), ("valence", ">", 0.5))),
    ("motivating", (("energy", ">", 0.75), ("tempo", ">", 0.5))),
    ("fun", (("danceability", ">", 0.75), ("valence", ">", 0.75))),
    ("relax", (("acousticness", ">", 0.75), ("energy", "<", 0.25), ("valence", ">", 0.5))),
    ("calm", (("acousticness", ">", 0.75), ("loudness", "<", 0.25), ("valence", ">", 0.25))),
    ("deep", (("instrumentalness", ">", 0.75), ("energy", "<", 0.5))),
    ("melancholy", (("valence", "<", 0.25), ("energy", "<", 0.5))),
)


def name_centroids(centroids: Mapping[str, NDArray[np.float64]]) -> tuple[str, ...]:
    """Return the mood of each centroid, given its features [shape=(n_clusters,)] by name.

    A rule about a feature that is not there fits no centroid.
    """
    n = len(next(iter(centroids.values())))
    moods = [NO_MOOD] * n
    for mood, conditions in reversed(RULES):
        if all(feature in centroids for feature, _, _ in conditions):
            fits = np.all([_holds(centroids[f], side, at) for f, side, at in conditions], axis=0)
            moods = [mood if fit else old for fit, old in zip(fits, moods, strict=True)]
    return tuple(moods)


def _holds(values: NDArray[np.float64], side: str, level: float) -> NDArray[np.bool_]:
    quartile = np.quantile(values, level)
    return values > quartile if side == ">" else values < quartile
