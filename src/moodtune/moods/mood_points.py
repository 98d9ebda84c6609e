"""A taxonomy's moods made points in rank space, whichever features a catalog has."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodtune.moods.mood_space import MIDDLE
from moodtune.moods.normal_scores import normal_scores, ranks_of
from moodtune.moods.plane import Plane
from moodtune.moods.taxonomy import Mood, Taxonomy

#: A kind of recording none of whose marks a catalog has: its log-odds, about 1 in 400.
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

    @property
    def unheard(self) -> NDArray[np.bool_]:
        """Which kinds of recording have no mark among the features [shape=(n_moods,)]."""
        marked = (self.weights > 0) & (self.prototypes >= MIDDLE)
        unheard: NDArray[np.bool_] = (self.offered == 0) & ~marked.any(axis=1)
        return unheard


def mood_points(taxonomy: Taxonomy, names: tuple[str, ...], plane: Plane) -> MoodPoints:
    """Return the points of the taxonomy's moods in the space of the features ``names``.

    A mood lies where music at large of its place on the plane is expected, one standard deviation
    from the middle at the circumplex's rim; each of its cues moves it to the cue's rank, and the
    features that go together with the cue's in music follow. That is worked out among all features
    of ``plane``, so that a cue tells also where its own feature is missing.

    All moods are measured alike, each feature counting as far as the moods lie off its middle (root
    mean square; where a mood has a cue, times its weight). Were each mood measured its own way, a
    track far from all of them would go to the one that measures least.
    """
    columns = [plane.names.index(name) for name in names]
    offered = np.array([mood.offered for mood in taxonomy.moods], dtype=np.float64)
    prototypes = np.full((len(offered), len(plane.names)), 0.5)
    weights = np.zeros_like(prototypes)
    for row, mood in enumerate(taxonomy.moods):
        at = [plane.names.index(cue.feature) for cue in mood.cues]
        prototypes[row, at] = [cue.rank for cue in mood.cues]
        weights[row] = float(mood.offered)
        weights[row, at] = [cue.weight for cue in mood.cues]
        if mood.offered:
            prototypes[row] = _expected(mood, plane)
    prototypes, weights = prototypes[:, columns], weights[:, columns]
    moods = offered > 0
    weights[moods] = _measure(prototypes[moods] - MIDDLE, weights[moods])
    return MoodPoints(offered=offered, prototypes=prototypes, weights=weights)


def _expected(mood: Mood, plane: Plane) -> NDArray[np.float64]:
    scores = plane.expected(2 * mood.valence - 1, 2 * mood.arousal - 1)
    if mood.cues:
        wanted = normal_scores(np.array([cue.rank for cue in mood.cues]))
        scores = plane.moved(scores, tuple(cue.feature for cue in mood.cues), wanted)
    ranks: NDArray[np.float64] = ranks_of(scores)
    return ranks


def _measure(away: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much each feature counts, 1 on average [shape=(n_features,)]."""
    measure: NDArray[np.float64] = np.sqrt(((weights * away) ** 2).mean(axis=0))
    return measure / measure.mean() if measure.any() else np.ones_like(measure)
