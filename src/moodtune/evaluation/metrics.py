"""Figures of merit for probabilities of moods, in NumPy.

Symbols: n listeners (or tracks) i, y_i = 1 where the mood is theirs and else 0, p_i the
probability given. ``weights`` count each i so many times, as a bootstrap does; they may have
leading axes, [shape=(..., n)], and so has then the result. Without them every i counts once.
"""

import numpy as np
from numpy.typing import NDArray

#: Probabilities are kept this far off 0 and 1, so that one certain error is not infinitely bad.
_SMALLEST = 1e-12

Weights = NDArray[np.float64] | None


def log_losses(ticks: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return -log of the probability given to what was true, in nats; any shape.

    -log p_i where y_i = 1, else -log(1 - p_i). 0 is best; log 2 = .693 is what a coin says.
    """
    clipped = np.clip(probabilities, _SMALLEST, 1 - _SMALLEST)
    return -np.log(np.where(ticks, clipped, 1 - clipped))


def mean(values: NDArray[np.float64], weights: Weights = None) -> NDArray[np.float64]:
    """Return the mean over i of ``values`` [shape=(n, ...)], one per leading axis of weights."""
    if weights is None:
        return np.asarray(values.mean(axis=0))
    totals = weights.sum(axis=-1)
    sums = np.tensordot(weights, values, axes=1)
    return np.asarray(sums / totals.reshape(totals.shape + (1,) * (values.ndim - 1)))


def auc(
    ticks: NDArray[np.bool_], scores: NDArray[np.float64], weights: Weights = None
) -> NDArray[np.float64]:
    """Return the area under the ROC curve, in [0, 1]; NaN where only one class is there.

    The probability that one with the mood is scored above one without it, equal scores counted
    half (Hanley & McNeil 1982): sum_i w_i y_i (B_i + E_i / 2) / (P N), with B_i the weight of those
    without the mood scored below i, E_i scored equally, P and N the weight with and without.
    """
    order = np.argsort(scores, kind="stable")
    counted = np.ones(len(scores)) if weights is None else weights
    counted, ticked = counted[..., order], ticks[order]
    # Equal scores are one group; groups stand in rising order.
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf))
    positive = np.add.reduceat(counted * ticked, starts, axis=-1)
    negative = np.add.reduceat(counted * ~ticked, starts, axis=-1)
    below = np.cumsum(negative, axis=-1) - negative
    won = (positive * (below + negative / 2)).sum(axis=-1)
    pairs = positive.sum(axis=-1) * negative.sum(axis=-1)
    return np.asarray(np.divide(won, pairs, out=np.full_like(won, np.nan), where=pairs > 0))


def likeliest_is_ticked(
    ticks: NDArray[np.bool_], probabilities: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return whether each i's likeliest mood is one of theirs [shape=(n,)]; ties to the first.

    Its mean is the hit rate. ``ticks`` and ``probabilities`` [shape=(n, n_moods)].
    """
    return np.asarray(ticks[np.arange(len(ticks)), probabilities.argmax(axis=1)])


def bin_numbers(probabilities: NDArray[np.float64], n_bins: int) -> NDArray[np.int64]:
    """Return the bin of equal width that each probability falls into; 1 is in the last."""
    return np.minimum((probabilities * n_bins).astype(np.int64), n_bins - 1)


def calibration_error(
    ticks: NDArray[np.bool_],
    probabilities: NDArray[np.float64],
    weights: Weights = None,
    *,
    n_bins: int = 10,
) -> NDArray[np.float64]:
    """Return the expected calibration error of one mood, in [0, 1].

    sum_b n_b / n |mean of y in b - mean of p in b| over bins b of equal width (Naeini, Cooper &
    Hauskrecht 2015). Even perfect probabilities have some, from chance within the bins.
    """
    members = np.eye(n_bins)[bin_numbers(probabilities, n_bins)]
    counted = np.ones(len(ticks)) if weights is None else weights
    gaps = counted @ (members * (ticks - probabilities)[:, None])
    return np.asarray(np.abs(gaps).sum(axis=-1) / counted.sum(axis=-1))
