"""Everything that a training found and that is written down; the pipeline fills it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.schema import ARTISTS, TITLE, TRACK_ID, Catalog
from moodtune.evaluation.fidelity import Fidelity
from moodtune.evaluation.label_validation import LabelLesson
from moodtune.evaluation.listener_validation import ListenerValidation
from moodtune.features.matrix import FeatureMatrix
from moodtune.listeners.table import Listeners
from moodtune.moods.clustering import Clustering
from moodtune.moods.listener_training import OutOfFold
from moodtune.moods.naming import NamedCluster
from moodtune.moods.scores import MoodScores
from moodtune.moods.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerFindings:
    """The listeners, and what the model of them is worth.

    ``out_of_fold``  what models said of listeners that they were not trained on
    ``weights``      columns ``column, answer, share, mood, weight`` (log odds), a row per answer
    """

    listeners: Listeners
    validation: ListenerValidation
    out_of_fold: OutOfFold
    weights: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContents:
    """``clusters`` [shape=(n_tracks,)] numbers ``named_clusters``; rows are the catalog's.

    ``listeners``  None where there was no behavior table
    ``settings``   plain values, as they stand in the manifest
    ``lesson``     what labels taught the song model; None where there were none
    ``synthetic``  True for tables that `moodtune sample` made: every figure then says so
    """

    catalog: Catalog
    features: FeatureMatrix
    taxonomy: Taxonomy
    clustering: Clustering
    clusters: NDArray[np.int32]
    named_clusters: tuple[NamedCluster, ...]
    scores: MoodScores
    fidelity: Fidelity | None
    listeners: ListenerFindings | None
    settings: Mapping[str, object]
    seed: int
    synthetic: bool
    lesson: LabelLesson | None = None

    def __post_init__(self) -> None:
        n = len(self.catalog)
        lengths = len(self.features), len(self.clusters), len(self.scores)
        if lengths != (n, n, n):
            raise ValueError(f"{n} tracks, but features, clusters and scores of {lengths}")
        numbers = [cluster.number for cluster in self.named_clusters]
        if numbers != list(range(len(numbers))):
            raise ValueError(f"clusters must be numbered from 0 in order, got {numbers}")

    def nearest(self) -> pl.DataFrame:
        """Return id, title and artists of the tracks that stand for the clusters, sorted by id."""
        wanted = sorted({track for cluster in self.named_clusters for track in cluster.nearest})
        ids = self.catalog.tracks[TRACK_ID]
        rows = ids.search_sorted(pl.Series(wanted, dtype=pl.String)).to_numpy()
        return self.catalog.rows(rows, (TRACK_ID, TITLE, ARTISTS))

    @property
    def cluster_moods(self) -> tuple[str, ...]:
        """The mood of each cluster, by its number."""
        return tuple(cluster.mood for cluster in self.named_clusters)
