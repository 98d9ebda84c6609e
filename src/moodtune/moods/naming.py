"""Clusters get the names of moods: the mood whose place in rank space is nearest to the centroid.

In rank space every feature is the rank among the catalog's tracks, so all features count alike and
"low energy" means the same in every catalog. A centroid is a mean of tracks, and a mean lies nearer
to the middle than what it is made of; so the moods are placed as means of tracks too. A mood's
place is the mean rank of the catalog's tracks, each counted by the square of the mood's share in
its profile: those with much of a mood place it, not the many with a little. Every centroid is
compared with every mood; a kind of recording may name a cluster only if it leads more of its
tracks than any mood does. What else was tried: docs/decisions/0002-clusters.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.ahead import in_blocks
from moodtune.catalog.schema import ARTISTS, TITLE, TRACK_ID
from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import N_CELLS, RankTable, cells
from moodtune.moods.clustering import Clustering, selected
from moodtune.moods.scores import MoodScores
from moodtune.moods.taxonomy import Taxonomy
from moodtune.moods.taxonomy_file import OTHER

#: Tracks named with each cluster.
N_NEAREST = 5

#: Weights of tracks are whole numbers of this unit: sums are exact, whatever the order of rows.
_UNIT = 2.0**-20

#: Tracks counted at once.
_BLOCK = 1 << 16


class NamingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How clusters get their names.

    ``limit``  a cluster farther than this from every mood is ``other``: the root mean square
               difference of ranks. 0.29 is how far tracks lie from the middle on average, so
               a mood at 0.25 says hardly more about a cluster than the middle does.
    """

    limit: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCluster:
    """A cluster and the mood it is called by.

    ``number``     its number in the ``Clustering``
    ``size``       tracks of the catalog in it
    ``mood``       the nearest mood, or ``other`` if all are farther than the limit
    ``runner_up``  the next nearest mood, or ``other`` if there is no more; the nearest one where
                   the cluster itself is ``other``
    ``distances``  to each mood's place: root mean square difference of ranks, in [0, 1]
    ``centroid``   the features' means, in their own units
    ``ranks``      mean rank of its tracks among the catalog's per feature, in [0, 1]
    ``nearest``    ids of the tracks nearest to its centroid, nearest first, ties by id
    """

    number: int
    size: int
    mood: str
    runner_up: str
    distances: Mapping[str, float]
    centroid: Mapping[str, float]
    ranks: Mapping[str, float]
    nearest: tuple[str, ...]


def name_clusters(
    clustering: Clustering,
    features: FeatureMatrix,
    track_ids: pl.Series,
    scores: MoodScores,
    taxonomy: Taxonomy,
    *,
    settings: NamingSettings | None = None,
    numbers: NDArray[np.int32] | None = None,
) -> tuple[NamedCluster, ...]:
    """Return the clusters in the order of their numbers, each with its mood.

    ``features``, ``track_ids`` and ``scores`` are of the catalog that was clustered, row by row;
    ``taxonomy`` is the one they were scored by; ``numbers`` are the tracks' clusters if they were
    assigned before [shape=(n_tracks,)].
    """
    limit = (settings or NamingSettings()).limit
    tracks = selected(features, clustering.features)
    numbers = clustering.assign(tracks) if numbers is None else numbers
    sizes = np.bincount(numbers, minlength=len(clustering))
    ranks, places = _in_rank_space(tracks, numbers, sizes, scores.probabilities)
    distances = np.sqrt(((ranks[:, None] - places) ** 2).mean(axis=2))
    possible = _possible(numbers, len(sizes), scores, taxonomy)
    nearest = _nearest(clustering, tracks, numbers, track_ids)
    units = clustering.centroids_in_units()
    return tuple(
        _named(
            number=number,
            size=int(sizes[number]),
            distances=_rounded(scores.moods, distances[number]),
            possible=possible[number],
            centroid=_rounded(tracks.names, units[number]),
            ranks=_rounded(tracks.names, ranks[number]),
            nearest=nearest[number],
            limit=limit,
        )
        for number in range(len(clustering))
    )


def cluster_moods(clusters: tuple[NamedCluster, ...]) -> tuple[str, ...]:
    """Return the mood of each cluster by its number."""
    return tuple(cluster.mood for cluster in clusters)


def clusters_json(
    clusters: tuple[NamedCluster, ...], clustering: Clustering, tracks: pl.DataFrame
) -> str:
    """Return the text of ``clusters.json``; ``tracks`` has the tracks nearest to the clusters.

    Sizes, moods, runners-up, centroids in the features' own units, and the nearest tracks with
    id, title and artists.
    """
    wanted = [track_id for cluster in clusters for track_id in cluster.nearest]
    found = tracks.filter(pl.col(TRACK_ID).is_in(wanted)).select(TRACK_ID, TITLE, ARTISTS)
    songs = {row[TRACK_ID]: row for row in found.iter_rows(named=True)}
    document = {
        "n_clusters": len(clusters),
        "n_tracks": sum(cluster.size for cluster in clusters),
        "inertia": round(clustering.inertia, 6),
        "notes": clustering.notes,
        "clusters": [
            {
                "cluster": cluster.number,
                "size": cluster.size,
                "mood": cluster.mood,
                "runner_up": cluster.runner_up,
                "centroid": cluster.centroid,
                "mean_ranks": cluster.ranks,
                "distances": cluster.distances,
                "nearest": [songs[track_id] for track_id in cluster.nearest],
            }
            for cluster in clusters
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _named(
    *,
    number: int,
    size: int,
    distances: Mapping[str, float],
    possible: NDArray[np.bool_],
    centroid: Mapping[str, float],
    ranks: Mapping[str, float],
    nearest: tuple[str, ...],
    limit: float,
) -> NamedCluster:
    moods = [mood for mood, may in zip(distances, possible, strict=True) if may]
    by_distance = sorted(moods, key=distances.__getitem__)  # ties in taxonomy order
    order = (*by_distance, OTHER)
    if distances[by_distance[0]] > limit:
        order = (OTHER, *by_distance)
    return NamedCluster(
        number=number,
        size=size,
        mood=order[0],
        runner_up=order[1],
        distances=distances,
        centroid=centroid,
        ranks=ranks,
        nearest=nearest,
    )


def _possible(
    numbers: NDArray[np.int32], n_clusters: int, scores: MoodScores, taxonomy: Taxonomy
) -> NDArray[np.bool_]:
    """Return which moods may name which cluster [shape=(n_clusters, n_moods)].

    Moods may name any; a kind of recording those that it leads more tracks of than any mood does.
    """
    m = len(scores.moods)
    led = np.bincount(numbers * np.int64(m) + scores.leading, minlength=n_clusters * m)
    led = led.reshape(n_clusters, m)
    offered = np.array([mood.offered for mood in taxonomy.moods])
    most: NDArray[np.bool_] = led > led[:, offered].max(axis=1, keepdims=True)
    return offered | most


def _rounded(names: tuple[str, ...], values: NDArray[np.float64]) -> dict[str, float]:
    return {name: round(float(value), 6) for name, value in zip(names, values, strict=True)}


def _in_rank_space(
    tracks: FeatureMatrix,
    numbers: NDArray[np.int32],
    sizes: NDArray[np.intp],
    probabilities: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the clusters' mean ranks (n_clusters, n_features), and the moods' places."""
    lookup = RankTable.of(tracks).mid_ranks().astype(np.float64)
    joint, spread = _counted(tracks, numbers, len(sizes), probabilities)
    ranks = np.empty((len(sizes), len(tracks.names)))
    places = np.empty((probabilities.shape[1], len(tracks.names)))
    for column in range(len(tracks.names)):
        ranks[:, column] = _mean_rank(joint[column], lookup[column])
        places[:, column] = _mean_rank(spread[column], lookup[column])
    return ranks, places


def _counted(
    tracks: FeatureMatrix,
    numbers: NDArray[np.int32],
    n_clusters: int,
    probabilities: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the tracks per feature, cluster and cell, and the moods' weights likewise.

    Both [shape=(n_features, n_clusters or n_moods, N_CELLS)]: whole numbers, so that it makes no
    difference in which blocks they are added up.
    """
    from scipy.sparse import csr_array  # training only

    n, k = len(tracks), len(tracks.names)
    n_moods = probabilities.shape[1]

    def count(rows: slice) -> None:
        values = tracks.values[rows]
        at = [cells(name, values[:, j]) + j * N_CELLS for j, name in enumerate(tracks.names)]
        ends = np.arange(0, len(values) * k + 1, k, dtype=np.int32)
        shape = (len(values), k * N_CELLS)
        hits = csr_array((np.ones(len(values) * k), np.stack(at, axis=1).ravel(), ends), shape)
        counted = np.zeros((len(values), n_clusters + n_moods))
        counted[np.arange(len(values)), numbers[rows]] = 1
        counted[:, n_clusters:] = np.rint(probabilities[rows].astype(np.float64) ** 2 / _UNIT)
        found = hits.T @ counted
        with adding:
            np.add(total, found, out=total)

    total, adding = np.zeros((k * N_CELLS, n_clusters + n_moods)), Lock()
    in_blocks(count, n, _BLOCK)
    by_feature = total.reshape(k, N_CELLS, -1).transpose(0, 2, 1)
    return by_feature[:, :n_clusters], by_feature[:, n_clusters:]


def _mean_rank(counts: NDArray[np.number], mid_ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean rank of each row of counts; the middle where nothing is counted."""
    total = counts.sum(axis=1)
    mean = (counts * mid_ranks).sum(axis=1) / np.maximum(total, 1)
    return np.where(total > 0, mean, 0.5)


def _nearest(
    clustering: Clustering,
    tracks: FeatureMatrix,
    numbers: NDArray[np.int32],
    track_ids: pl.Series,
) -> list[tuple[str, ...]]:
    """Return the ids of the tracks nearest to each centroid."""
    away = clustering.own_distances(tracks, numbers)
    found = []
    for number in range(len(clustering)):
        rows = np.flatnonzero(numbers == number)
        if len(rows) > N_NEAREST:
            rows = rows[away[rows] <= np.partition(away[rows], N_NEAREST - 1)[N_NEAREST - 1]]
        ranked = sorted(zip(away[rows].tolist(), track_ids.gather(rows).to_list(), strict=True))
        found.append(tuple(track_id for _, track_id in ranked[:N_NEAREST]))
    return found
