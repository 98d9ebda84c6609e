"""Why a track has its place: the features that speak most for its mood, and its neighbor."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.features.matrix import FeatureMatrix
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import Beside, Trait
from moodtune.ranking.score_parts import rounded
from moodtune.ranking.selection import Place
from moodtune.ranking.variety import ranks_of

#: How many features a reason names at most.
N_TRAITS = 2

#: What speaks less than this, for or against, is named only where there is nothing else to name.
LEAST_SPOKEN = 0.05


def traits(index: TrackIndex, places: Sequence[Place]) -> list[tuple[Trait, ...]]:
    """Return for each place the features that speak most for its mood, most first.

    At most ``N_TRAITS`` of those that mark the mood: the features of its cues, and those on which
    it lies far from the middle. Where even they speak against it, they are named all the same, with
    what they speak below 0. Ties go to the feature that comes first.
    """
    model = index.song_model
    rows = np.array([place.row for place in places], dtype=np.intp)
    values = np.column_stack([index.columns.numbers(name)[rows] for name in model.features])
    features = FeatureMatrix(names=model.features, values=values)
    ranks = ranks_of(index, rows)
    spoken = _spoken(index, [place.mood for place in places], features)
    return [
        tuple(
            Trait(
                feature=model.features[j],
                value=rounded(float(values[i, j])),
                unit=AUDIO_FEATURES[model.features[j]].unit,
                rank=rounded(float(ranks[i, j])),
                speaks=rounded(float(spoken[i, j])),
            )
            for j in _named(spoken[i])
        )
        for i in range(len(places))
    ]


def _named(spoken: NDArray[np.float32]) -> list[int]:
    """Return which features of a track are named, the one that speaks most first."""
    order = np.argsort(-spoken, kind="stable")[:N_TRAITS].tolist()
    marks = [j for j in order if np.isfinite(spoken[j])]
    return [j for j in marks if abs(spoken[j]) >= LEAST_SPOKEN] or marks[:1]


def _spoken(
    index: TrackIndex, moods: Sequence[int], features: FeatureMatrix
) -> NDArray[np.float32]:
    """Return what each feature speaks for the mood of its place; -inf where it marks none."""
    model = index.song_model
    spoken = np.empty(features.values.shape, np.float32)
    for mood in sorted(set(moods)):
        here = np.array([other == mood for other in moods])
        name = index.taxonomy.names[mood]
        spoken[here] = model.contributions(features.take(np.flatnonzero(here)), name)
        cues = {cue.feature for cue in index.taxonomy.mood(name).cues}
        marks = cues.intersection(model.features).union(model.marks(name)) or set(model.features)
        strangers = np.array([feature not in marks for feature in model.features])
        # What marks no mood of this name tells only what the track is not: no reason to hear it.
        spoken[np.ix_(here, strangers)] = -np.inf
    return spoken


def beside(
    track_ids: Sequence[str], to_earlier: Sequence[NDArray[np.float32]]
) -> list[Beside | None]:
    """Return for each place the earlier one that it is most alike to; None for the first.

    ``to_earlier`` is what ``variety.similarities`` gives of the same tracks.
    """
    nearest: list[Beside | None] = [None] * len(track_ids)
    for place, alike in enumerate(to_earlier[1:], start=1):
        at = int(np.argmax(alike))
        nearest[place] = Beside(
            rank=at + 1, track_id=track_ids[at], similarity=rounded(float(alike[at]))
        )
    return nearest
