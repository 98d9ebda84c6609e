"""A taxonomy's cues made points in rank space, whichever features a catalog has."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import ENERGY, VALENCE
from moodtune.moods.taxonomy import Mood, Taxonomy

#: Weights of the features in pleasantness and in excitement. The first four of excitement weigh as
#: in their first principal component over music at large. The quarters of energy and danceability
#: were kept because they did better on the choosing playlists; against people's arousal the
#: result falls short of the energy column alone: docs/decisions/0001-mood-model.md.
_AXES: tuple[dict[str, float], dict[str, float]] = (
    {VALENCE: 1.0, "danceability": 0.5, ENERGY: 0.25},
    {ENERGY: 0.59, "loudness": 0.55, "acousticness": -0.54, "tempo": 0.25, "danceability": 0.25},
)

#: A kind of recording none of whose cues a catalog has: its log-odds, about 1 in 400.
UNHEARD = -6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodPoints:
    """Where the moods lie, and what counts there; float64.

    ``offered``     1 for a mood, 0 for a kind of recording [shape=(n_moods,)]
    ``prototypes``  rank of each mood, or where a kind begins [shape=(n_moods, n_features)]
    ``weights``     how much each feature counts [shape=(n_moods, n_features)]
    """

    offered: NDArray[np.float64]
    prototypes: NDArray[np.float64]
    weights: NDArray[np.float64]


def mood_points(
    taxonomy: Taxonomy, names: tuple[str, ...], correlations: NDArray[np.float64]
) -> MoodPoints:
    """Return the points of the taxonomy's moods in the space of the features ``names``.

    A mood's place on the plane counts as cues of valence and energy where it names none. Where a
    mood has no cue of a feature, it lies where music at large with its other cues is expected:
    ``correlations`` [shape=(n_features, n_features)] are between ranks. All moods are measured
    alike, each feature counting as much as the moods' cues of it do on average; if each mood had
    its own measure, a track far from all of them would go to the one that measures least.
    """
    offered = np.array([mood.offered for mood in taxonomy.moods], dtype=np.float64)
    prototypes = np.full((len(offered), len(names)), 0.5)
    weights = np.zeros_like(prototypes)
    for row, mood in enumerate(taxonomy.moods):
        for feature, (rank, weight) in _cues(mood).items():
            if feature in names:
                prototypes[row, names.index(feature)] = rank
                weights[row, names.index(feature)] = weight
    moods = offered > 0
    for row in np.flatnonzero(moods).tolist():
        prototypes[row] = _expected(prototypes[row], weights[row] > 0, correlations)
    weights[moods] = weights[moods].mean(axis=0)
    return MoodPoints(offered=offered, prototypes=prototypes, weights=weights)


def _cues(mood: Mood) -> dict[str, tuple[float, float]]:
    place = {VALENCE: (mood.valence, 1.0), ENERGY: (mood.arousal, 1.0)} if mood.offered else {}
    return place | {cue.feature: (cue.rank, cue.weight) for cue in mood.cues}


def _expected(
    ranks: NDArray[np.float64], named: NDArray[np.bool_], correlations: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return ``ranks`` with those not ``named`` as a linear regression on the named expects."""
    known, unknown = np.flatnonzero(named), np.flatnonzero(~named)
    filled = ranks.copy()
    slopes = np.linalg.solve(correlations[np.ix_(known, known)], ranks[known] - 0.5)
    filled[unknown] = np.clip(0.5 + correlations[np.ix_(unknown, known)] @ slopes, 0, 1)
    return filled


def valence_and_arousal(names: tuple[str, ...]) -> NDArray[np.float64]:
    """Return each feature's weight in valence and in arousal [shape=(2, n_features)]."""
    axes = np.array([[axis.get(name, 0.0) for name in names] for axis in _AXES])
    scaled: NDArray[np.float64] = axes / np.abs(axes).sum(axis=1, keepdims=True)
    return scaled
