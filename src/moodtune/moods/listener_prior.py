"""What is believed of the answers' weights before they are learnt: which columns count, how much.

Of hundreds of columns a few tell something, and a prior that gave all the same room would lose
them among the rest. Each column's room is how much of the moods it explains beyond chance; how much
all of them together may move the log-odds is what predicts listeners held out best.
"""

import numpy as np
from numpy.typing import NDArray

#: Listeners from whom the spread is chosen: it is a trait of the questions, not of how many asked.
_MAX_LISTENERS = 500
_FOLDS = 5
#: Added to a column's own covariance, as a part of its mean variance: answers may exclude another.
_RIDGE = 1e-3


def relevance(
    values: NDArray[np.float64], ticks: NDArray[np.bool_], spans: tuple[slice, ...]
) -> NDArray[np.float64]:
    """Return how much of the moods each column explains alone, beyond chance [shape=(n_columns,)].

    R^2 of the linear regression of a mood's ticks on the column's features, less what k features
    explain by chance, k / (n - 1); at least 0, and the mean over the moods.
    """
    centred = values - values.mean(axis=0)
    told = ticks - ticks.mean(axis=0)
    told = told / np.maximum(np.sqrt((told**2).sum(axis=0)), 1e-12)
    together = centred.T @ told
    explained = np.zeros(len(spans))
    for i, span in enumerate(spans):
        column = centred[:, span]
        covariance = column.T @ column
        variance = np.trace(covariance) / max(len(covariance), 1)
        if variance <= 0:
            continue
        penalised = covariance + _RIDGE * variance * np.eye(len(covariance))
        solved = np.linalg.solve(penalised, np.hstack([together[span], covariance]))
        n_moods = ticks.shape[1]
        by_mood = (together[span] * solved[:, :n_moods]).sum(axis=0)
        chance = np.trace(solved[:, n_moods:]) / max(len(values) - 1, 1)
        explained[i] = np.maximum(by_mood - chance, 0).mean()
    return explained


def feature_scales(
    values: NDArray[np.float64], ticks: NDArray[np.bool_], spans: tuple[slice, ...]
) -> NDArray[np.float64]:
    """Return by what to scale the features, so that equal priors give columns their room.

    [shape=(n_features,)]. The variances of the scaled columns are in proportion to their
    relevance and sum to 1; where no column has any, they are in proportion to what they were.
    """
    explained = relevance(values, ticks, spans)
    variances = np.array([values[:, span].var(axis=0).sum() for span in spans])
    room = explained if explained.sum() > 0 else variances
    by_column = np.divide(room, variances, out=np.zeros_like(room), where=variances > 0)
    sizes = [span.stop - span.start for span in spans]
    return np.asarray(np.sqrt(np.repeat(by_column, sizes) / max(room.sum(), 1e-300)))


def choose_spread(
    values: NDArray[np.float64],
    ticks: NDArray[np.bool_],
    spans: tuple[slice, ...],
    spreads: tuple[float, ...],
) -> float:
    """Return the prior spread of the log-odds with which ridge regression errs least, held out.

    The logistic regression is taken by its linear approximation at the base rate, of which one
    decomposition per fold serves all moods and candidates; everything is fitted inside the folds.
    Rows come sorted by what was ticked, so that equal steps keep the shares of the moods.
    """
    step = np.linspace(0, len(values) - 1, min(len(values), _MAX_LISTENERS)).astype(np.int64)
    sample, ticked = values[step], ticks[step]
    folds = np.arange(len(step)) % _FOLDS
    errors = np.zeros(len(spreads))
    for fold in range(_FOLDS):
        out = folds == fold
        errors += _held_out(sample, ticked, spans, spreads, out)
    return spreads[int(np.argmin(errors))]


def _held_out(
    values: NDArray[np.float64],
    ticks: NDArray[np.bool_],
    spans: tuple[slice, ...],
    spreads: tuple[float, ...],
    out: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return the summed squared errors on the rows ``out``, by spread [shape=(n_spreads,)]."""
    rates = ticks[~out].mean(axis=0)
    weights = rates * (1 - rates)
    told = weights > 0
    rates, weights = rates[told], weights[told]
    scaled = values * feature_scales(values[~out], ticks[~out], spans)
    scaled = scaled - scaled[~out].mean(axis=0)
    seen, asked = scaled[~out], scaled[out]
    squares, basis, projected = _decomposed(seen, ticks[~out][:, told] - rates)
    reach = asked @ basis
    residuals = ticks[out][:, told] - rates
    total = max(float(seen.var(axis=0).sum()), 1e-12)
    errors = [
        (
            ((residuals - reach @ (projected / (squares[:, None] + total / s / weights))) ** 2)
            / weights
        )
        for s in spreads
    ]
    return np.array([error.sum() for error in errors])


def _decomposed(
    seen: NDArray[np.float64], residuals: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the squared singular values, a basis of the weights, and the residuals in it.

    Ridge regression's weights are basis @ (projected / (squares + penalty)). Worked out from the
    smaller of the two matrices of inner products.
    """
    n, k = seen.shape
    if k <= n:
        squares, basis = np.linalg.eigh(seen.T @ seen)
        return np.maximum(squares, 0), basis, basis.T @ (seen.T @ residuals)
    squares, left = np.linalg.eigh(seen @ seen.T)
    return np.maximum(squares, 0), seen.T @ left, left.T @ residuals
