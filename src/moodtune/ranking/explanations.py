"""Why a track has its place: the features that speak most for its mood, and its neighbor."""

from collections.abc import Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import Beside, Trait
from moodtune.ranking.score_parts import DECIMALS, rounded
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
    numbers = np.take_along_axis(np.stack([values, ranks, spoken]), order[None], axis=2)
    told = np.round(numbers.astype(np.float64), DECIMALS) + 0.0  # 0 has no sign
    units = [AUDIO_FEATURES[feature].unit for feature in model.features]
    return [
        tuple(
            Trait(
                feature=model.features[best[at]],
                value=value[at],
                unit=units[best[at]],
                rank=rank[at],
                speaks=speaks[at],
            )
            for at in _named(speaks)
        )
        for best, value, rank, speaks in zip(order.tolist(), *told.tolist(), strict=True)
    ]


def _named(spoken: Sequence[float]) -> list[int]:
    """Return which of a track's best features are named, most telling first."""
    marks = [at for at, said in enumerate(spoken) if isfinite(said)]
    return [at for at in marks if abs(spoken[at]) >= LEAST_SPOKEN] or marks[:1]


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
