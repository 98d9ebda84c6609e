"""Bootstrap samples of units that hang together: those of one playlist, or of one track."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodtune.seeding import derive

N_DRAWS = 1000
#: Units times draws at most, which keeps it to seconds; but so many draws there always are.
_MOST_CELLS = 10_000_000
_LEAST_DRAWS = 200
_BLOCK_CELLS = 1_000_000  # 8 MB at once, near the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """Which units are drawn together, and which clusters are drawn from one lot.

    ``cluster``  of each unit [shape=(n_units,)], numbered from 0
    ``stratum``  of each cluster [shape=(n_clusters,)], numbered from 0
    ``by``       what a cluster is, as reports call it
    """

    cluster: NDArray[np.intp]
    stratum: NDArray[np.intp]
    by: str
    seed: int
    n_draws: int = N_DRAWS

    @property
    def draws(self) -> int:
        """Samples that are drawn: fewer of very many units."""
        return min(self.n_draws, max(_MOST_CELLS // max(len(self.cluster), 1), _LEAST_DRAWS))

    def blocks(self) -> Iterator[NDArray[np.float64]]:
        """Yield how often each unit is in each of some samples [shape=(n_samples, n_units)].

        Efron 1979: from each stratum as many clusters as it has, with replacement.
        """
        at_once = max(_BLOCK_CELLS // max(len(self.cluster), 1), 1)
        for first in range(0, self.draws, at_once):
            yield self._drawn(first, min(at_once, self.draws - first))

    def _drawn(self, first: int, n: int) -> NDArray[np.float64]:
        random = derive(self.seed, "agreement", self.by, first)
        times = np.empty((n, len(self.stratum)))
        for stratum in range(int(self.stratum.max(initial=-1)) + 1):
            mine = np.flatnonzero(self.stratum == stratum)
            times[:, mine] = random.multinomial(len(mine), np.full(len(mine), 1 / len(mine)), n)
        return np.asarray(times[:, self.cluster])


def by_track(tracks: NDArray[np.str_], seed: int) -> Resampling:
    """Draw tracks, each with all its units."""
    names, cluster = np.unique(tracks, return_inverse=True)
    return Resampling(cluster=cluster, stratum=np.zeros(len(names), np.intp), by="track", seed=seed)


def by_group(
    groups: NDArray[np.str_], labels: NDArray[np.intp] | None, seed: int, *, by: str
) -> Resampling | None:
    """Draw groups among those of the same label; None where some label has but one group.

    A group's label is the commonest of its units (``labels``, numbered; None draws from one lot).
    Of one group alone there is nothing to draw, and the interval would be too narrow.
    """
    names, cluster = np.unique(groups, return_inverse=True)
    stratum = np.zeros(len(names), np.intp)
    if labels is not None:
        counts = np.zeros((len(names), int(labels.max()) + 1), np.int64)
        np.add.at(counts, (cluster, labels), 1)
        _, stratum = np.unique(counts.argmax(axis=1), return_inverse=True)
    if np.bincount(stratum).min() < 2:  # noqa: PLR2004 - two is the least to choose from
        return None
    return Resampling(cluster=cluster, stratum=stratum.astype(np.intp), by=by, seed=seed)
