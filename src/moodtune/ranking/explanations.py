"""Why a track has its place: the features that speak most for its mood, and its neighbor."""

from collections.abc import Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import Beside, Trait
from moodtune.ranking.score_parts import rounded
from moodtune.ranking.selection import Place

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
    values = index.features[[place.row for place in places]]
    ranks = model.ranks(values)
    spoken = _spoken(index, np.array([place.mood for place in places], np.intp), values)
    order = np.argsort(-spoken, axis=1, kind="stable")[:, :N_TRAITS]
    return [
        tuple(
            Trait(
                feature=model.features[j],
                value=rounded(float(values[i, j])),
                unit=AUDIO_FEATURES[model.features[j]].unit,
                rank=rounded(float(ranks[i, j])),
                speaks=rounded(float(spoken[i, j])),
            )
            for j in _named(spoken[i], best)
        )
        for i, best in enumerate(order.tolist())
    ]


def _named(spoken: NDArray[np.float32], best: Sequence[int]) -> list[int]:
    """Return which of the ``best`` features of a track are named, most telling first."""
    said = {j: float(spoken[j]) for j in best}
    marks = [j for j in best if isfinite(said[j])]
    return [j for j in marks if abs(said[j]) >= LEAST_SPOKEN] or marks[:1]


def _spoken(
    index: TrackIndex, moods: NDArray[np.intp], values: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return what each feature speaks for the mood of its place; -inf where it marks none.

    What marks no mood of this name tells only what the track is not: no reason to hear it.
    """
    spoken = np.empty(values.shape, np.float32)
    for mood in np.unique(moods).tolist():
        here = moods == mood
        spoken[here] = index.song_model.spoken(values[here], mood)
    spoken[~index.marking[moods]] = -np.inf
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
