"""Everything that is saved, as one noun."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.artifacts.manifest import Manifest
from moodtune.catalog.long_tracks import LongTracks
from moodtune.catalog.schema import ALWAYS, DTYPES, TITLE, TRACK_ID
from moodtune.moods.clustering import Clustering
from moodtune.moods.listener_model import ListenerModel
from moodtune.moods.scores import MoodScores
from moodtune.moods.song_model import SongModel
from moodtune.moods.taxonomy import Taxonomy
from moodtune.moods.taxonomy_file import OTHER
from moodtune.moods.trained_labels import TrainedLabels
from moodtune.preferences.collaborative import CollaborativeModel
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.index import TrackIndex

#: Columns of a frame of listeners' profiles: an id, a probability per listener mood, sure or not.
LISTENER_ID = "id"
PROBABILITY = "p_"
SURE = "sure"


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelBundle:
    """The models, the catalog with its scores, and the listeners' mood profiles.

    ``tracks``         a catalog's frame (``catalog.schema.DTYPES``), sorted by track id
    ``scores``         the song model's, one row per track
    ``clusters``       int32 [shape=(n_tracks,)], index of its cluster in ``cluster_moods``
    ``cluster_moods``  the mood of each cluster, or ``other``
    ``listeners``      ``id`` (str), ``p_<listener mood>`` in [0, 1] ..., ``sure`` (bool); never
                       answers; None when trained without listeners or with ``--no-listeners``
    ``trained_labels`` the tracks whose labels the song model has learnt from; None without labels
    ``taste``          which tracks the same listeners have; None without histories
    ``stored``         an index that was made before; it serves as long as it is of these very
                       tracks, scores and models
    ``long``           the tracks where they lie on disk, as `Catalog` has them; ``tracks`` has then
                       only their ids
    """

    taxonomy: Taxonomy
    song_model: SongModel
    clustering: Clustering
    listener_model: ListenerModel | None
    tracks: pl.DataFrame
    scores: MoodScores
    clusters: NDArray[np.int32]
    cluster_moods: tuple[str, ...]
    listeners: pl.DataFrame | None
    manifest: Manifest
    trained_labels: TrainedLabels | None = None
    taste: CollaborativeModel | None = None
    stored: TrackIndex | None = None
    long: LongTracks | None = None

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise ValueError(problem)

    def _problems(self) -> Iterable[str]:
        n = self.tracks.height
        if len(self.scores) != n or self.clusters.shape != (n,):
            yield f"{n} tracks, {len(self.scores)} scores and {self.clusters.shape} clusters"
        if not self.taxonomy.names == self.scores.moods == self.song_model.moods:
            yield f"scores of the moods {self.scores.moods}, taxonomy of {self.taxonomy.names}"
        yield from _track_problems(self.tracks, () if self.long else ALWAYS)
        yield from _score_problems(self.scores)
        yield from self._cluster_problems()
        if self.taste is not None and len(self.taste) != n:
            yield f"{n} tracks, but a taste model over {len(self.taste)}"
        if self.listeners is not None:
            yield from _listener_problems(self.listeners, self.taxonomy)

    def _cluster_problems(self) -> Iterable[str]:
        unknown = [m for m in self.cluster_moods if m != OTHER and m not in self.taxonomy.names]
        if unknown:
            yield f"clusters of unknown moods {unknown}"
        if self.clusters.dtype != np.int32 or not _within(
            self.clusters, len(self.cluster_moods) - 1
        ):
            yield f"cluster numbers that are no int32 below {len(self.cluster_moods)}"

    @cached_property
    def index(self) -> TrackIndex:
        """What a query is answered from."""
        made = self.stored
        if made is not None and (
            made.tracks is self.tracks
            and made.scores is self.scores
            and made.histories is self.taste
            and made.song_model is self.song_model
            and made.taxonomy is self.taxonomy
        ):
            return made
        return TrackIndex(
            taxonomy=self.taxonomy,
            song_model=self.song_model,
            columns=TrackColumns(self.long.frame if self.long else lambda: self.tracks),
            scores=self.scores,
            histories=self.taste,
        )


def _track_problems(tracks: pl.DataFrame, always: Sequence[str]) -> Iterable[str]:
    if any(DTYPES.get(name) != kind for name, kind in tracks.schema.items()):
        yield f"tracks with other columns than a catalog: {tracks.schema}"
    if any(name not in tracks.columns for name in always):
        yield f"tracks without a column of {', '.join(ALWAYS)}"
    # A track with an id may have no title; lists are never null.
    elif any(tracks[name].null_count() for name in always if name != TITLE):
        yield f"tracks that lack one of {', '.join(name for name in ALWAYS if name != TITLE)}"
    ids = tracks[TRACK_ID]
    if not (ids.slice(1) > ids.slice(0, max(len(ids) - 1, 0))).all():
        yield "tracks that are not sorted by track id, each once"


def _score_problems(scores: MoodScores) -> Iterable[str]:
    arrays = (scores.probabilities, scores.valence, scores.arousal, scores.confidence)
    if any(array.dtype != np.float32 or not _within(array, 1) for array in arrays):
        yield "scores that are not float32 in [0, 1]"
    if not scores.probabilities.flags.c_contiguous:
        yield "probabilities that are not in C order"


def _listener_problems(listeners: pl.DataFrame, taxonomy: Taxonomy) -> Iterable[str]:
    profile = [name for name in listeners.columns if name.startswith(PROBABILITY)]
    if listeners.columns != [LISTENER_ID, *profile, SURE]:
        yield f"listeners with other columns than id, p_<mood>, sure: {listeners.columns}"
    kinds = [pl.String(), *[pl.Float64()] * len(profile), pl.Boolean()]
    if listeners.dtypes != kinds or sum(listeners.null_count().row(0)):
        yield f"listeners of other types than text, float64, bool, or blank: {listeners.dtypes}"
    if listeners[LISTENER_ID].n_unique() != len(listeners):
        yield "listeners of whom two have the same id"
    if not _within(listeners.select(profile).to_numpy(), 1):
        yield "probabilities of listeners outside [0, 1]"
    unknown = [p for p in profile if taxonomy.listener_mood(p.removeprefix(PROBABILITY)) is None]
    if unknown:
        yield f"listener moods that the taxonomy does not have: {unknown}"


def _within(values: NDArray[np.number], high: float) -> bool:
    """Return whether all values are in [0, high]; what is not a number is not."""
    return values.size == 0 or bool(values.min() >= 0 and values.max() <= high)
