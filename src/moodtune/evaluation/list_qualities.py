"""Figures of lists that need nobody's judgement of what is relevant.

Symbols: a list gives places p = 1..k to tracks; t_p is the track at place p. What is not a number
says that a list has no such figure.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moodtune.features.code_lists import Lists

_HIGHEST_POPULARITY = 100


def coverage(rows: NDArray[np.integer], n_tracks: int) -> float:
    """Return the share of the catalog that is listed, in [0, 1].

    coverage = |{t_1, ..., t_k}| / N of a catalog of N tracks; of several lists together, the same
    of the union of their tracks. Worked: lists of the tracks 1, 2 and of 2, 3 out of 12 cover
    2 / 12 each and 3 / 12 together.

    >>> coverage(np.array([1, 2, 2, 3]), 12)
    0.25
    """
    return len(np.unique(rows)) / n_tracks if n_tracks else float("nan")


def gini(counts: NDArray[np.number]) -> float:
    """Return how unevenly counts are spread, in [0, 1]: 0 for all alike.

    With m counts in ascending order x_1 <= ... <= x_m (Gini 1912)

        G = sum over i of (2 i - m - 1) x_i / (m * sum over i of x_i).

    It is 1 - 1 / m where one has everything; NaN without counts above 0. Worked: of the counts
    1, 1, 2, G = (-2 * 1 + 0 * 1 + 2 * 2) / (3 * 4) = 1 / 6.

    >>> round(gini(np.array([2, 1, 1])), 4)
    0.1667
    """
    ascending = np.sort(counts).astype(np.float64)
    m, total = len(ascending), float(ascending.sum())
    if total <= 0:
        return float("nan")
    return float(((2 * np.arange(1, m + 1) - m - 1) * ascending).sum() / (m * total))


def artist_counts(rows: NDArray[np.integer], artists: Lists) -> NDArray[np.int64]:
    """Return how many places each artist of the catalog has [shape=(n_artists,)].

    A track of several artists counts for each. The Gini over artists of one list is that of the
    artists who are in it, so that 0 says "each as often"; of all lists together, that of all
    artists of the catalog, so that it says how the attention is shared out.
    """
    counts = np.zeros(artists.n_names, dtype=np.int64)
    for row in rows.tolist():
        counts[list(artists.of_row(row))] += 1
    return counts


def mean_of_pairs(values: NDArray[np.floating]) -> float:
    """Return the mean of a symmetric table over pairs of different tracks; NaN with fewer than two.

    Intra-list similarity (Ziegler et al. 2005) = sum over p < q of s(t_p, t_q) / (k (k - 1) / 2),
    with s the similarity of ``ranking.variety``, in [0, 1]. Worked: three tracks, two alike (1)
    and the third like neither (0): (1 + 0 + 0) / 3.

    >>> mean_of_pairs(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])).__round__(4)
    0.3333
    """
    k = len(values)
    if k < 2:  # noqa: PLR2004 - a pair
        return float("nan")
    return float(np.triu(values, 1).sum() / (k * (k - 1) / 2))


def information_of_histories(n_users: NDArray[np.integer], n_all: int) -> NDArray[np.float64]:
    """Return the self-information of each track by who played it, in bits [shape=(n_tracks,)].

    i(t) = -log2(max(u_t, 1) / U), where u_t of U people have the track in their history: 0 for
    what everybody has, log2 U for what one or nobody has (Zhou et al. 2010). The novelty of a list
    is the mean of i(t_p). Worked: of 3 people 3 have the one track of a list and 1 has the other:
    (0 + 1.585) / 2 = .7925.

    >>> information_of_histories(np.array([3, 1, 0]), 3).round(3) + 0.0
    array([0.   , 1.585, 1.585])
    """
    information: NDArray[np.float64] = -np.log2(np.maximum(n_users, 1) / max(n_all, 1))
    return information


def information_of_popularity(popularity: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the self-information of each track by its popularity, in bits [shape=(n_tracks,)].

    i(t) = -log2((pop_t + 1) / 101), for a popularity from 0 to 100 that is read as how many in a
    hundred know the track: 6.66 for 0, 0 for 100; NaN where it is unknown. No probability is behind
    that number, so this compares lists of one catalog and nothing else. Worked: popularities 100
    and 0 make a novelty of (0 + 6.658) / 2 = 3.329.

    >>> information_of_popularity(np.array([100.0, 0.0])).round(3) + 0.0
    array([0.   , 6.658])
    """
    seen = np.asarray(popularity, dtype=np.float64) + 1
    information: NDArray[np.float64] = -np.log2(seen / (_HIGHEST_POPULARITY + 1))
    return information


def known_mean(values: NDArray[np.floating]) -> float:
    """Return the mean of those that are numbers; NaN if none is."""
    known = values[~np.isnan(values)]
    return float(known.mean(dtype=np.float64)) if len(known) else float("nan")


def mood_distance(asked: NDArray[np.floating], given: NDArray[np.floating]) -> float:
    """Return how far the moods of a list are from those asked for, in [0, 1].

    d = 1/2 * sum over moods of |a_m - g_m|, with a_m the share of places that the mood was asked
    for, and g_m the share of the list's tracks of which the model says that it is their most
    probable mood: the share of places that would have to change. Worked: asked for .6 and .4,
    given .5 and .3 with .2 of a third mood: (.1 + .1 + .2) / 2 = .2.

    >>> round(mood_distance(np.array([0.6, 0.4, 0.0]), np.array([0.5, 0.3, 0.2])), 4)
    0.2
    """
    return float(np.abs(np.asarray(asked) - np.asarray(given)).sum() / 2)


def repeat_rates(lists: Sequence[NDArray[np.integer]]) -> list[float]:
    """Return for each of a listener's lists, in order, the share of it that an earlier one had.

    r = |{p : t_p stands in any earlier list}| / k, in [0, 1]; NaN for the first, and for an empty
    one. Worked: 1, 2 and then 2, 3 and then 1, 3: no figure, 1 / 2, and 2 / 2.

    >>> repeat_rates([np.array([1, 2]), np.array([2, 3]), np.array([1, 3])])
    [nan, 0.5, 1.0]
    """
    seen = np.empty(0, dtype=np.int64)
    rates = []
    for place, rows in enumerate(lists):
        known = place > 0 and len(rows) > 0
        rates.append(float(np.isin(rows, seen).mean()) if known else float("nan"))
        seen = np.union1d(seen, rows)
    return rates
