"""The space that moods lie in: what a rank says for a mood, and scores made probabilities."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: Beyond this difference of rank a mood's distance grows in proportion, no longer squared.
_BEND = 0.1

#: A kind's threshold under this rank is one that most tracks pass.
MIDDLE = 0.5

#: No log-odds of a rank count further than this: 1 track in 22,000.
_MOST_LOG_ODDS = 10.0


def evidence(
    ranks: NDArray[np.float32],
    at_large: NDArray[np.float32],
    prototypes: NDArray[np.floating[Any]],
    weights: NDArray[np.floating[Any]],
    offered: NDArray[np.floating[Any]],
) -> NDArray[np.float32]:
    """Return what each feature's rank says for each mood, before offsets.

    ``ranks`` and ``at_large`` are [shape=(n_features, n)], the first for moods and the second
    for kinds of recording; the result is [shape=(n_features, n, n_moods)].
    """
    away = (ranks[:, :, None] - prototypes.T[:, None]) / _BEND
    near = -(_BEND * _BEND) * (np.sqrt(1 + away * away) - 1)
    above = _log_odds(at_large)[:, :, None] - _log_odds(prototypes.T)[:, None]
    said: NDArray[np.float32] = weights.T[:, None] * np.where(offered > 0, near, above)
    passed = (offered == 0) & (prototypes.T < MIDDLE) & (weights.T > 0)
    return np.where(passed[:, None], -np.logaddexp(0, -said), said).astype(np.float32)


#: Numbers in a row up to which one call that keeps every sum on the way is quicker than many.
_FEW = 256

Places: TypeAlias = slice | NDArray[np.intp]


def split(offered: NDArray[np.bool_]) -> tuple[Places, Places]:
    """Return where the moods stand and where the kinds of recording, as `softmax` takes them.

    As stretches where the moods come first, which are quicker to get at.
    """
    n = int(offered.sum())
    if offered[:n].all():
        return slice(0, n), slice(n, len(offered))
    return np.flatnonzero(offered), np.flatnonzero(~offered)


def softmax(
    scores: NDArray[Any], background: NDArray[Any], places: tuple[Places, Places]
) -> NDArray[Any]:
    """Return the probabilities of the module's formula; rows sum to 1, in the scores' type."""
    offered, others = places
    columns = scores.T
    moods = np.array(columns[offered], order="C")
    top = np.maximum(moods.max(axis=0), background)
    np.exp(moods - top, out=moods)
    shared = np.exp(background - top)
    total = summed(moods) + shared
    moods += shared / np.float32(len(moods))
    kinds = np.exp(np.minimum(columns[others], 60))
    against = summed(kinds) + np.float32(1) if len(kinds) else np.ones_like(total)
    probabilities: NDArray[Any] = np.empty_like(scores)
    probabilities.T[offered] = moods / (total * against)
    probabilities.T[others] = kinds / against
    return probabilities


def summed(rows: NDArray[Any]) -> NDArray[Any]:
    """Return the sum over the first axis, row by row: the same bits for any number of columns."""
    if rows[0].size <= _FEW:
        total: NDArray[Any] = np.add.accumulate(rows, axis=0)[-1]  # in one call, in the same order
        return total
    total = rows[0].copy()
    for row in rows[1:]:
        total += row
    return total


def _log_odds(ranks: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    clipped = np.clip(ranks.astype(np.float64), 1e-6, 1 - 1e-6)
    bounded = np.clip(np.log(clipped / (1 - clipped)), -_MOST_LOG_ODDS, _MOST_LOG_ODDS)
    return bounded.astype(np.float32)
