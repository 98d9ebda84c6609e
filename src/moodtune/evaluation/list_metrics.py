"""Figures of merit for lists: how much of what was looked for stands in them, and how far up.

Symbols: a list gives places p = 1..k to tracks; h_p = 1 where the track at place p is one of the n
that were looked for, else 0. Every function takes many lists at once and returns a value for each.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def hits(lists: NDArray[np.integer], wanted: Sequence[NDArray[np.integer]]) -> NDArray[np.bool_]:
    """Return h_p of each list [shape=(n_lists, k)].

    ``lists``: rows of tracks, best first [shape=(n_lists, k)], -1 where a list is shorter;
    ``wanted``: the rows that were looked for, for each list.

    >>> hits(np.array([[4, 7, 2], [1, 0, -1]]), [np.array([2, 4]), np.array([5])])
    array([[ True, False,  True],
           [False, False, False]])
    """
    found = [np.isin(row, rows) for row, rows in zip(lists, wanted, strict=True)]
    return np.array(found, dtype=np.bool_).reshape(lists.shape) & (lists >= 0)


def recall(found: NDArray[np.bool_], n_wanted: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the share of what was looked for that stands in each list [shape=(n_lists,)].

    recall@k = sum over p of h_p / n, in [0, 1]; NaN where nothing was looked for. It cannot reach
    1 where n > k. Worked: three were looked for and two of them stand in the list, anywhere:
    recall = 2 / 3.
    """
    with np.errstate(invalid="ignore"):
        share: NDArray[np.float64] = found.sum(axis=1) / np.where(n_wanted, n_wanted, np.nan)
    return share


def ndcg(found: NDArray[np.bool_], n_wanted: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the normalised discounted cumulative gain of each list [shape=(n_lists,)].

    nDCG@k = sum over p of h_p / log2(p + 1), divided by the same sum for a list that has all that
    it can, min(n, k), at its first places (Jarvelin & Kekalainen 2002, binary gains). In [0, 1];
    NaN where nothing was looked for. Worked: two were looked for, and they stand at places 1 and
    3 of three: (1 / log2 2 + 1 / log2 4) / (1 / log2 2 + 1 / log2 3) = 1.5 / 1.6309 = .9197.
    """
    discounts = 1 / np.log2(np.arange(found.shape[1]) + 2)
    ideal = np.concatenate([[np.nan], np.cumsum(discounts)])[np.minimum(n_wanted, len(discounts))]
    gained: NDArray[np.float64] = (found * discounts).sum(axis=1) / ideal
    return gained


def hit_rate(found: NDArray[np.bool_], n_wanted: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return 1 for each list with something that was looked for, else 0 [shape=(n_lists,)].

    hit@k = max over p of h_p; its mean over lists is the hit rate. NaN where nothing was looked
    for. Worked: of two lists one has two of the three that were looked for, the other none:
    hits 1 and 0, a hit rate of .5.
    """
    return np.where(n_wanted > 0, found.any(axis=1).astype(float), np.nan)
