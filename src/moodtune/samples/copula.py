"""Correlated values with given quantiles: a Gaussian copula for each genre."""

from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from moodtune.samples.aggregates import Feature, Genre, Tracks, aggregates

#: Beyond the outermost quantiles the line through the last two goes on this far.
_FAR = 3.5

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """A genre ready to draw from; ``d`` features, in the table's order.

    ``mixing``  turns independent normal scores into correlated ones [shape=(d, d)]
    ``below``   the score of each feature below which its value is 0 [shape=(d,)]
    ``scores``  per feature, ascending normal scores, at which
    ``points``  its values are known, or their log10 where ``logs``
    """

    mixing: Floats
    below: Floats
    scores: list[Floats]
    points: list[Floats]
    logs: list[bool]

    def values(self, independent: Floats) -> Floats:
        """Return features [shape=(d, m)] for independent normal scores of the same shape."""
        # einsum, not matmul: its sums do not depend on how many threads a BLAS has.
        values: Floats = np.einsum("ij,jk->ik", self.mixing, independent)
        for row, known, points, log, below in zip(
            values, self.scores, self.points, self.logs, self.below, strict=True
        ):
            zero = row < below
            row[:] = np.interp(row, known, points)
            if log:
                np.power(10.0, row, out=row)
            row[zero] = 0.0
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackTable:
    """The figures of a catalog's tracks, and each genre ready to draw from."""

    figures: Tracks
    genres: list[Curves]


@cache
def track_table() -> TrackTable:
    """Return the table that ships with the package."""
    figures = aggregates().tracks
    return TrackTable(figures=figures, genres=[_curves(genre, figures) for genre in figures.genres])


def _curves(genre: Genre, figures: Tracks) -> Curves:
    lines = [
        _line(feature, zeros, quantiles, figures.levels)
        for feature, zeros, quantiles in zip(
            figures.features, genre.zeros, genre.quantiles, strict=True
        )
    ]
    correlations = _correlations(genre.correlations, len(figures.features))
    return Curves(
        mixing=np.linalg.cholesky(correlations).astype(np.float64),
        below=np.array([_score(zeros) for zeros in genre.zeros]),
        scores=[scores for scores, _ in lines],
        points=[points for _, points in lines],
        logs=[feature.log for feature in figures.features],
    )


def _correlations(below: list[float], size: int) -> Floats:
    matrix = np.eye(size)
    matrix[np.tril_indices(size, -1)] = below
    return matrix + np.tril(matrix, -1).T


def _line(
    feature: Feature, zeros: float, quantiles: list[float], levels: list[float]
) -> tuple[Floats, Floats]:
    """Return normal scores and values, with both ends drawn on to where scores become rare."""
    scores = np.array([_score(zeros + (1 - zeros) * level) for level in levels])
    points = np.log10(quantiles) if feature.log else np.array(quantiles, dtype=np.float64)
    ends = np.array([min(-_FAR, scores[0] - 1), max(_FAR, scores[-1] + 1)])
    slopes = (points[[1, -1]] - points[[0, -2]]) / (scores[[1, -1]] - scores[[0, -2]])
    far = points[[0, -1]] + slopes * (ends - scores[[0, -1]])
    return np.array([ends[0], *scores, ends[1]]), np.array([far[0], *points, far[1]])


def _score(share: float) -> float:
    """Return the normal score below which ``share`` of all values lie."""
    return -np.inf if share <= 0 else NormalDist().inv_cdf(share)
