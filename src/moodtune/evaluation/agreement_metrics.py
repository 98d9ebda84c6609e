"""Figures of merit of a ranking and of a naming, for many bootstrap samples at once.

``weights`` count each unit so many times [shape=(..., n)], as in ``metrics``; results have their
leading axes. Units come in the order that breaks ties.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float64]
_NO_SPREAD = 1e-9  # ranks are halves of whole numbers: what is less is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedList:
    """Units from the highest score down; those of equal score in the order in which they came.

    ``counted``  weights in that order [shape=(..., n)], and ``hits`` the same for units that carry
                 the label, 0 for others
    ``starts``   where each run of equal scores begins [shape=(n_runs,)]
    """

    counted: _Floats
    hits: _Floats
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, ticks: NDArray[np.bool_], scores: _Floats, weights: _Floats) -> "RankedList":
        """Rank units by ``scores`` [shape=(n,)]; ``ticks`` says which carry the label."""
        order = np.argsort(-scores, kind="stable")
        counted = weights[..., order]
        starts = np.flatnonzero(np.diff(scores[order], prepend=np.inf))
        return cls(counted=counted, hits=counted * ticks[order], starts=starts)

    def auc(self) -> _Floats:
        """Return the area under the ROC curve in [0, 1]; NaN where only one class is there.

        The probability that one with the label stands above one without it, equal scores counted
        half (Hanley & McNeil 1982).
        """
        hits, counted = self._per_run()
        misses = counted - hits
        below = misses.sum(axis=-1, keepdims=True) - np.cumsum(misses, axis=-1)
        pairs = hits.sum(axis=-1) * misses.sum(axis=-1)
        return _ratio((hits * (below + misses / 2)).sum(axis=-1), pairs)

    def average_precision(self) -> _Floats:
        """Return the average precision in [0, 1]; NaN where nothing carries the label.

        sum over runs of equal score of (R_k - R_{k-1}) P_k, R and P recall and precision down to
        the end of run k: what scikit-learn's ``average_precision_score`` computes.
        """
        hits, counted = self._per_run()
        # A run that a sample has not drawn has no hits either, and its precision does not matter.
        seen = np.maximum(np.cumsum(counted, axis=-1), 1e-12)
        precision = np.cumsum(hits, axis=-1) / seen
        return _ratio((hits * precision).sum(axis=-1), hits.sum(axis=-1))

    def precision_at(self, k: int) -> _Floats:
        """Return the share of the first ``k`` that carry the label; of all if there are fewer."""
        first = self._down_to(k)
        counted, hits = self.counted[..., :first], self.hits[..., :first]
        above = np.cumsum(counted, axis=-1) - counted
        taken = np.clip(k - above, 0, counted)
        share = np.divide(hits, counted, out=np.zeros_like(taken), where=counted > 0)
        return _ratio((taken * share).sum(axis=-1), taken.sum(axis=-1))

    def _down_to(self, k: int) -> int:
        """Return a number of units that holds the first ``k`` of every sample."""
        n: int = self.counted.shape[-1]
        first = min(4 * k, n)
        while first < n and self.counted[..., :first].sum(axis=-1).min() < k:
            first = min(2 * first, n)
        return first

    def _per_run(self) -> tuple[_Floats, _Floats]:
        if len(self.starts) == self.counted.shape[-1]:  # no two scores are equal
            return self.hits, self.counted
        sums = (np.add.reduceat(part, self.starts, axis=-1) for part in (self.hits, self.counted))
        hits, counted = sums
        return hits, counted


def confusion(
    truth: NDArray[np.intp], named: NDArray[np.intp], n_labels: int, weights: _Floats
) -> _Floats:
    """Return the weight of units per label (rows) and name given (columns), both as numbers.

    ``[shape=(..., n_labels, n_labels)]``.
    """
    cells = np.eye(n_labels * n_labels)[truth * n_labels + named]
    return np.asarray((weights @ cells).reshape(*weights.shape[:-1], n_labels, n_labels))


def macro_f1(counts: _Floats) -> _Floats:
    """Return the mean over labels of F1 = 2 TP / (2 TP + FP + FN), of a ``confusion``.

    0 for a label that no unit carries and none is given.
    """
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    either = counts.sum(axis=-1) + counts.sum(axis=-2)
    f1 = np.divide(2 * right, either, out=np.zeros_like(right), where=either > 0)
    return np.asarray(f1.mean(axis=-1))


def spearman(x: _Floats, y: _Floats, weights: _Floats) -> _Floats:
    """Return Spearman's rank correlation in [-1, 1], equal values sharing their mean rank.

    Pearson's correlation of the mid-ranks within each sample. 0 where one side is all the same: it
    orders nothing.
    """
    total = weights.sum(axis=-1, keepdims=True)
    a, b = (mid_ranks(values, weights) - (total + 1) / 2 for values in (x, y))
    variances = (weights * a * a).sum(axis=-1) * (weights * b * b).sum(axis=-1)
    spread = np.sqrt(variances)
    covariance = (weights * a * b).sum(axis=-1)
    found = np.divide(covariance, spread, out=np.zeros_like(spread), where=spread > _NO_SPREAD)
    return np.asarray(found)


def mid_ranks(values: _Floats, weights: _Floats) -> _Floats:
    """Return each unit's rank from 1 within each sample, equal values sharing their mean rank."""
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order], prepend=-np.inf))
    counted = np.add.reduceat(weights[..., order], starts, axis=-1)
    ranks = np.cumsum(counted, axis=-1) - (counted - 1) / 2
    lengths = np.diff(starts, append=len(values))
    place = np.empty(len(values), dtype=np.intp)
    place[order] = np.repeat(np.arange(len(starts)), lengths)
    return np.asarray(ranks[..., place])


def _ratio(top: _Floats, bottom: _Floats) -> _Floats:
    top, bottom = np.asarray(top), np.asarray(bottom)
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
