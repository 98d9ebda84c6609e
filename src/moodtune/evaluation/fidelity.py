"""Fidelity: how closely the song model follows the clusters, on tracks that neither has seen.

Two parts of one program are compared with each other. It says nothing about what people hear.
"""

from dataclasses import dataclass
from statistics import NormalDist

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.sampling import keyed_hashes, smallest
from moodtune.features.matrix import FeatureMatrix
from moodtune.moods.clustering import Clustering, ClusterSettings, cluster
from moodtune.moods.naming import NamingSettings, cluster_moods, name_clusters
from moodtune.moods.song_model import SongModel
from moodtune.moods.taxonomy import Taxonomy
from moodtune.moods.taxonomy_file import OTHER


class FidelitySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How fidelity is measured.

    ``share``       of the tracks held out
    ``most``        tracks held out at most
    ``least``       tracks held out at least; with fewer there is nothing to say
    ``others``      tracks that were not held out, from which clusters and ranks are made, at most
    ``confidence``  of the interval
    """

    share: float = 0.2
    most: int = 20_000
    least: int = 10
    others: int = 250_000
    confidence: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """Agreement of the song model's leading mood with the mood of the track's cluster.

    ``n``               tracks held out
    ``agreement``       share of them on which both agree, in [0, 1]
    ``interval``        Wilson score interval of ``agreement``
    ``confidence``      of the interval
    ``baseline``        share that always naming ``baseline_mood`` would agree on
    ``baseline_mood``   the commonest cluster mood among the tracks that were not held out
    ``kappa``           Cohen's kappa: agreement beyond chance; 0 is chance, 1 is complete
    ``moods``           names of both axes of ``confusion``: the taxonomy's, then ``other``
    ``confusion``       tracks by cluster mood (rows) and the song model's (columns), int64
    """

    n: int
    agreement: float
    interval: tuple[float, float]
    confidence: float
    baseline: float
    baseline_mood: str
    kappa: float
    moods: tuple[str, ...]
    confusion: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A catalog in two: tracks that are held out, and others with their clusters.

    ``held``     rows of the tracks that are held out
    ``ids``      of the others, in the order of ``fitted``, their features
    ``found``    the clusters of the others
    """

    held: NDArray[np.intp]
    ids: pl.Series
    fitted: FeatureMatrix
    found: Clustering


def hold_out(
    features: FeatureMatrix,
    track_ids: pl.Series,
    *,
    clusters: ClusterSettings,
    settings: FidelitySettings | None = None,
    seed: int,
) -> Apart | None:
    """Hold tracks out and cluster others; None if there are too few to hold out.

    The tracks with the smallest keyed hashes are held out; the next ones, up to a quarter of a
    million by default, are clustered, so that a larger catalog takes no longer.
    """
    settings = settings or FidelitySettings()
    n = min(int(len(features) * settings.share), settings.most)
    if n < settings.least:
        return None
    drawn = smallest(keyed_hashes(track_ids, seed, "fidelity"), n + settings.others)
    held, rest = drawn[:n], np.sort(drawn[n:])
    fitted, ids = features.take(rest), track_ids.gather(rest)
    return Apart(held=held, ids=ids, fitted=fitted, found=cluster(fitted, ids, clusters, seed))


def measure_fidelity(
    apart: Apart,
    features: FeatureMatrix,
    model: SongModel,
    taxonomy: Taxonomy,
    *,
    naming: NamingSettings | None = None,
    confidence: float = FidelitySettings().confidence,
) -> Fidelity:
    """Return the fidelity of ``model`` on the tracks of ``features`` that are held out.

    ``model`` should have the ranks of the tracks that are not: `SongModel.among`.
    """
    fitted, found = apart.fitted, apart.found
    named = name_clusters(found, fitted, apart.ids, model.score(fitted), taxonomy, settings=naming)
    moods = (*taxonomy.names, OTHER)
    label = np.array([moods.index(mood) for mood in cluster_moods(named)])
    sizes = np.bincount(label, weights=[c.size for c in named], minlength=len(moods))
    seen = features.take(apart.held)
    return fidelity_of(
        clusters=label[found.assign(seen)],
        tracks=model.score(seen).leading,
        moods=moods,
        commonest=int(np.argmax(sizes)),
        confidence=confidence,
    )


def fidelity_of(
    *,
    clusters: NDArray[np.integer],
    tracks: NDArray[np.integer],
    moods: tuple[str, ...],
    commonest: int,
    confidence: float,
) -> Fidelity:
    """Return the fidelity of moods given as indices of ``moods`` [shape=(n_tracks,)].

    ``clusters`` are the moods of the tracks' clusters, ``tracks`` the song model's, and
    ``commonest`` the baseline's.
    """
    n, m = len(clusters), len(moods)
    confusion = np.bincount(clusters * m + tracks, minlength=m * m).reshape(m, m)
    agreed = int(np.trace(confusion))
    by_chance = float(confusion.sum(axis=1) @ confusion.sum(axis=0)) / n**2
    # Where both name one mood throughout, chance explains everything and kappa is undefined.
    kappa = (agreed / n - by_chance) / (1 - by_chance) if by_chance < 1 else 0.0
    return Fidelity(
        n=n,
        agreement=agreed / n,
        interval=wilson(agreed, n, confidence),
        confidence=confidence,
        baseline=float(confusion[commonest].sum()) / n,
        baseline_mood=moods[commonest],
        kappa=kappa,
        moods=moods,
        confusion=confusion.astype(np.int64),
    )


def wilson(successes: int, n: int, confidence: float) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927), in [0, 1].

    ``(p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)``, where p is the share
    and z the normal quantile of the confidence.
    """
    share, z = successes / n, NormalDist().inv_cdf((1 + confidence) / 2)
    center = share + z * z / (2 * n)
    reach = z * ((share * (1 - share) + z * z / (4 * n)) / n) ** 0.5
    low, high = ((center + sign * reach) / (1 + z * z / n) for sign in (-1, 1))
    # Rounding may carry an end past the share itself where all or none succeed.
    return min(max(low, 0.0), share), max(min(high, 1.0), share)
