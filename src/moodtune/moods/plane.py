"""Russell's plane among the audio features: which way pleasant lies, and which way excited.

Both axes are directions in the space of normal scores of music at large, and neither is typed in.
Valence is the feature of that name. Arousal is the first principal component of all features: what
most of their differences have in common (energy and loudness against acousticness). A catalog
without some of the features gets the axes as those it has foretell them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import ENERGY, VALENCE
from moodtune.moods.normal_scores import normal_scores
from moodtune.moods.reference import Reference

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """The axes of valence and of arousal among the features of music at large.

    ``names``         the features
    ``correlations``  between their normal scores [shape=(n_features, n_features)]
    ``axes``          weights of the features in each axis, of standard deviation 1
                      [shape=(2, n_features)]
    ``spreads``       standard deviation of each feature's normal score, less than 1 where many
                      tracks share a value [shape=(n_features,)]
    """

    names: tuple[str, ...]
    correlations: Floats
    axes: Floats
    spreads: Floats

    @classmethod
    def of(cls, at_large: Reference) -> "Plane":
        """Return the plane of music at large, all of whose features must be there."""
        names = at_large.table.names
        correlations = at_large.correlations.astype(np.float64)
        valence = np.eye(len(names))[names.index(VALENCE)]
        variances, components = np.linalg.eigh(correlations)
        arousal = components[:, -1] / np.sqrt(variances[-1])
        arousal *= np.sign(arousal[names.index(ENERGY)])
        return cls(
            names=names,
            correlations=correlations,
            axes=np.stack([valence, arousal]),
            spreads=_spreads(at_large),
        )

    def weights(self, names: tuple[str, ...]) -> Floats:
        """Return the weights of the features ``names`` in each axis [shape=(2, n_names)].

        Of normal scores: their sum foretells the axis as a linear regression does, in standard
        deviations.
        """
        rows = [self.names.index(name) for name in names]
        among = self.correlations[np.ix_(rows, rows)]
        slopes = np.linalg.solve(among, self.correlations[rows] @ self.axes.T).T
        weights: Floats = slopes / self.spreads[rows]
        return weights

    def expected(self, valence: float, arousal: float) -> Floats:
        """Return the expected normal scores of music at a place [shape=(n_features,)].

        The two are in standard deviations. On the circumplex pleasant and excited are independent;
        in music the excited is more pleasant too. So valence is understood as how much more
        pleasant than music of that arousal is expected to be.
        """
        loads = self.correlations @ self.axes.T
        between = self.axes @ loads
        shared = between[0, 1]
        place = np.array([shared * arousal + np.sqrt(1 - shared**2) * valence, arousal])
        scores: Floats = loads @ np.linalg.solve(between, place)
        return scores

    def moved(self, scores: Floats, features: tuple[str, ...], wanted: Floats) -> Floats:
        """Return ``scores`` with some ``features`` at ``wanted``, the others following them.

        As a linear regression on those features expects of music at large.
        """
        rows = [self.names.index(feature) for feature in features]
        among = self.correlations[np.ix_(rows, rows)]
        moved: Floats = scores + self.correlations[:, rows] @ np.linalg.solve(
            among, wanted - scores[rows]
        )
        return moved


def _spreads(at_large: Reference) -> Floats:
    scores = normal_scores(at_large.table.mid_ranks())
    counts = at_large.table.counts
    shares = counts / counts.sum(axis=1, keepdims=True)
    means = (shares * scores).sum(axis=1, keepdims=True)
    spreads: Floats = np.sqrt((shares * (scores - means) ** 2).sum(axis=1))
    return spreads
