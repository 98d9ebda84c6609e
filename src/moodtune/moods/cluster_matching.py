"""Clusters numbered like those of an earlier model, so that cluster 3 stays cluster 3.

The pairs are those whose distances add up to the least (Kuhn 1955, "The Hungarian method for the
assignment problem"), between centroids in standard deviations of the new catalog's features.
Training only: it needs SciPy.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from moodtune.errors import UsageError
from moodtune.moods.clustering import Clustering


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedCluster:
    """A cluster and the earlier model's cluster that it was matched to.

    ``number``    of the cluster: ``earlier``, but where there are fewer clusters than that
    ``distance``  between the centroids, in standard deviations of the new catalog's features
    """

    number: int
    earlier: int
    distance: float


def numbered_like(
    found: Clustering, earlier: Clustering
) -> tuple[Clustering, tuple[MatchedCluster, ...]]:
    """Return ``found`` numbered like ``earlier``, and which clusters were matched, by number.

    A cluster takes the number of the one it is matched to; those without a match, and those whose
    number would be too high, take the free numbers, the largest first. UsageError where the two
    were not made of the same features.
    """
    from scipy.optimize import linear_sum_assignment

    _check(found, earlier)
    columns = [earlier.features.index(name) for name in found.features]
    theirs = (earlier.centroids_in_units()[:, columns] - found.mean) / found.scale
    away = np.sqrt(((found.centroids[:, None] - theirs[None]) ** 2).sum(axis=2))
    rows, matched = linear_sum_assignment(away)
    numbers = _numbers(len(found), dict(zip(rows.tolist(), matched.tolist(), strict=True)))
    pairs = [
        MatchedCluster(
            number=int(numbers[row]), earlier=int(to), distance=round(float(away[row, to]), 6)
        )
        for row, to in zip(rows, matched, strict=True)
    ]
    centroids = np.ascontiguousarray(found.centroids[np.argsort(numbers)])
    pairs.sort(key=lambda pair: pair.number)
    return replace(found, centroids=centroids), tuple(pairs)


def _check(found: Clustering, earlier: Clustering) -> None:
    if set(found.features) != set(earlier.features):
        differing = sorted(set(found.features) ^ set(earlier.features))
        raise UsageError(
            f"--like: the earlier model's clusters were made of {', '.join(earlier.features)}, "
            f"this catalog's of {', '.join(found.features)}: clusters can be matched only in the "
            f"same features, and {', '.join(differing)} is in one of them alone; train without "
            "--like"
        )


def _numbers(n: int, earlier: dict[int, int]) -> NDArray[np.intp]:
    """Return the new number of each cluster [shape=(n,)]."""
    kept = {row: number for row, number in earlier.items() if number < n}
    free = iter(sorted(set(range(n)) - set(kept.values())))
    return np.array([kept[row] if row in kept else next(free) for row in range(n)], dtype=np.intp)
