"""Why a track has its place: the features that speak most for its mood, in a few words."""

import numpy as np

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import cells
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.selection import Place

#: How many features a reason names.
N_REASONS = 2

#: Ranks from which a value is called high, and up to which it is called low.
HIGH, LOW = 2 / 3, 1 / 3

#: What is said instead of "high tempo (172 BPM)".
_WORDS = {"tempo": ("fast", "slow"), "loudness": ("loud", "quiet")}


def reasons(index: TrackIndex, places: list[Place]) -> list[str]:
    """Return a reason for each place: the two features that speak most for its mood.

    Only features that mark the mood are named: those of its cues, and those on which it lies far
    from the middle. High and low are meant among the catalog's tracks. Ties go to the feature that
    comes first.
    """
    model = index.song_model
    rows = np.array([place.row for place in places], dtype=np.intp)
    tracks = index.tracks[rows] if len(rows) else index.tracks.clear()
    values = np.column_stack([tracks[name].to_numpy() for name in model.features])
    features = FeatureMatrix(names=model.features, values=values.astype(np.float32))
    ranks = np.column_stack(
        [model.catalog[j, cells(name, values[:, j])] for j, name in enumerate(model.features)]
    )
    spoken = np.empty_like(ranks)
    for mood in sorted({place.mood for place in places}):
        here = np.array([place.mood == mood for place in places])
        name = index.taxonomy.names[mood]
        spoken[here] = model.contributions(features.take(np.flatnonzero(here)), name)
        cues = {cue.feature for cue in index.taxonomy.mood(name).cues}
        marks = cues.intersection(model.features).union(model.marks(name)) or set(model.features)
        strangers = np.array([feature not in marks for feature in model.features])
        # What marks no mood of this name tells only what the track is not: no reason to hear it.
        spoken[np.ix_(here, strangers)] = -np.inf
    return [
        " and ".join(
            describe(model.features[j], float(values[i, j]), float(ranks[i, j]))
            for j in np.argsort(-spoken[i], kind="stable")[:N_REASONS]
            if np.isfinite(spoken[i, j])
        )
        for i in range(len(places))
    ]


def describe(feature: str, value: float, rank: float) -> str:
    """Return a value in words, with its rank's: ``low energy (0.12)``, ``fast (172 BPM)``."""
    quantity = AUDIO_FEATURES[feature]
    measured = f"{value:.2f}" if quantity.high == 1 else f"{value:.0f} {quantity.unit}"
    if LOW < rank < HIGH:
        return f"middling {feature} ({measured})"
    if feature in _WORDS:
        fast, slow = _WORDS[feature]
        return f"{fast if rank >= HIGH else slow} ({measured})"
    return f"{'high' if rank >= HIGH else 'low'} {feature} ({measured})"
