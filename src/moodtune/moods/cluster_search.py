"""The search for the centroids with the lowest inertia. Training only: it needs scikit-learn."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.sampling import smallest
from moodtune.moods.clustering import ClusterSettings, fewer, one_thread_each
from moodtune.moods.scikit_learn import KMeans, kmeans_plusplus
from moodtune.seeding import derive

Points = NDArray[np.float32]

#: Two fits whose inertias differ by less, relatively, have found the same optimum.
_SAME = 1e-5

#: Starts per number of clusters where ``auto`` looks for the knee.
_AUTO_STARTS = 5


def best_centroids(
    z: Points, hashes: NDArray[np.uint64], settings: ClusterSettings, seed: int
) -> tuple[Points, tuple[str, ...]]:
    """Return the centroids found for standardised tracks, and notes.

    ``z`` [shape=(n_tracks, n_features)] sorted by track id; ``hashes`` say which tracks are in
    the smaller samples. Each fit on one thread, as scikit-learn's sums hang on how many there are,
    and one after the other: training measures fidelity beside it, and four threads of many short
    steps on two cores took half as long again as two.
    """
    with one_thread_each():
        if settings.clusters == "auto":
            wanted = knee(_part(z, hashes, settings.auto_sample), settings.auto_limit, seed)
            notes = [f"{wanted} clusters, found by the knee of log inertia over log number"]
        else:
            wanted, notes = settings.clusters, []
        distinct = _distinct(z, wanted)
        if len(distinct) < wanted:
            notes.append(fewer(len(distinct), wanted))
            return distinct, tuple(notes)
        return _funnel(z, hashes, wanted, settings, seed), tuple(notes)


def _distinct(z: Points, at_least: int) -> Points:
    """Return the different points of ``z``, or enough of them to know that they are enough."""
    few = np.unique(z[: 50 * at_least], axis=0)
    return few if len(few) >= at_least else np.unique(z, axis=0)


def _part(z: Points, hashes: NDArray[np.uint64], n: int) -> Points:
    return z[np.sort(smallest(hashes, n))]


def _funnel(
    z: Points, hashes: NDArray[np.uint64], k: int, settings: ClusterSettings, seed: int
) -> Points:
    part = _part(z, hashes, max(settings.search_sample, 50 * k))
    if len(np.unique(part, axis=0)) < k:
        part = z
    fits = [_started(part, k, seed, start) for start in range(settings.starts)]
    if len(part) == len(z):
        return _best_different(fits, 1)[0]
    second = _part(z, hashes, max(settings.refine_sample, len(part)))
    if len(second) < len(z):
        fits = [_refined(second, best) for best in _best_different(fits, settings.refined)]
    finalists = [_refined(z, best) for best in _best_different(fits, settings.finalists)]
    return _best_different(finalists, 1)[0]


def _best_different(fits: list[KMeans], n: int) -> list[Points]:
    """Return the centroids of the ``n`` best fits that are different optima, best first."""
    ranked = sorted(fits, key=lambda fit: float(fit.inertia_))
    different = [
        fit
        for before, fit in pairwise([None, *ranked])
        if before is None or fit.inertia_ > before.inertia_ * (1 + _SAME)
    ]
    return [fit.cluster_centers_.astype(np.float32) for fit in different[:n]]


def _started(z: Points, k: int, seed: int, start: int) -> KMeans:
    state = int(derive(seed, "kmeans", k, start).integers(2**32))
    # Of float32, scikit-learn turns every part into float64 for each distance: twice the time.
    centroids, _ = kmeans_plusplus(z.astype(np.float64), k, random_state=state)
    return _refined(z, centroids.astype(np.float32))


def _refined(z: Points, centroids: Points) -> KMeans:
    return KMeans(len(centroids), init=centroids, n_init=1).fit(z)


def knee(z: Points, most: int, seed: int) -> int:
    """Return the number of clusters from which on more of them help least.

    The knee: with the logarithms of the number of clusters and of the inertia, the point that
    lies farthest below the straight line from one cluster to ``most``.
    """
    most = min(most, len(np.unique(z, axis=0)))
    inertias = [float(((z - z.mean(axis=0)) ** 2).sum())]
    floor = inertias[0] * 1e-6
    for k in range(2, most + 1):
        if inertias[-1] <= floor:
            break
        inertias.append(
            min(float(_started(z, k, seed, start).inertia_) for start in range(_AUTO_STARTS))
        )
    if inertias[-1] <= floor:
        return len(inertias)
    across = np.log(np.arange(1, len(inertias) + 1))
    down = np.log(inertias)
    line = down[0] + (down[-1] - down[0]) * across / max(across[-1], 1.0)
    return int(np.argmax(line - down)) + 1
