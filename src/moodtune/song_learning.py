"""What is learnt from a catalog's tracks, and from people's labels of them."""

from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.ahead import one_beside
from moodtune.artifacts import Lessons, NumberedLike, SourceTable
from moodtune.catalog.schema import TRACK_ID, Catalog
from moodtune.config import Settings
from moodtune.counting import Announce
from moodtune.evaluation.fidelity import Apart, Fidelity, hold_out, measure_fidelity
from moodtune.evaluation.label_units import label_units
from moodtune.evaluation.label_validation import Taught, teach
from moodtune.evaluation.labels import LABEL, LabelColumns, LabelTable, read_label_table
from moodtune.evaluation.matching import match_by_name, parse_match
from moodtune.features.matrix import FeatureMatrix, feature_matrix
from moodtune.moods.cluster_matching import numbered_like
from moodtune.moods.clustering import Clustering, cluster, one_thread_each
from moodtune.moods.naming import NamedCluster, name_clusters
from moodtune.moods.scores import MoodScores
from moodtune.moods.song_model import SongModel, train_song_model
from moodtune.moods.taxonomy import Taxonomy
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.index import TrackIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSource:
    """A table of people's labels of tracks, to learn from as well.

    ``match``  which moods stand for a label; None for labels that are called like moods
    """

    path: Path
    column: str
    group: str | None = None
    match: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Songs:
    """What is learnt from the tracks, and from labels of them."""

    moods: Taxonomy
    features: FeatureMatrix
    model: SongModel
    scores: MoodScores
    clustering: Clustering
    clusters: NDArray[np.int32]
    named: tuple[NamedCluster, ...]
    fidelity: Fidelity | None
    taught: Taught | None
    lessons: Lessons | None
    like: tuple[NumberedLike, ...] | None


def learn_songs(
    tracks: Catalog,
    moods: Taxonomy,
    settings: Settings,
    announce: Announce,
    *,
    labels: LabelSource | None,
    earlier: Clustering | None,
) -> Songs:
    """Learn the moods and clusters of ``tracks``; the numbers are those of an ``earlier`` model.

    Fidelity is measured beside it, on another thread. Raises TableError, TooLittleDataError and
    UsageError, each with one sentence.
    """
    features, ids = feature_matrix(tracks), tracks.tracks[TRACK_ID]
    announce(f"finding moods in {len(tracks):,} tracks")
    train = partial(train_song_model, features, moods, settings.song_model)
    untaught, taught, lessons = None, None, None
    if labels is not None:
        untaught = train()
        taught, lessons = _taught(
            tracks, features, untaught, moods, labels=labels, settings=settings, announce=announce
        )
    with one_thread_each(), one_beside() as beside:
        apart = beside.submit(_held_out, features, ids, settings)
        find = partial(cluster, features, ids, settings.clusters, settings.seed)
        clustered = beside.submit(find)
        untaught = untaught or train()
        model = untaught if taught is None else taught.model
        fidelity = beside.submit(
            _fidelity, apart, features, untaught, moods, settings=settings, taught=taught
        )
        scores = model.score(features)
        announce("clustering, and measuring fidelity on held-out tracks")
        # Of few tracks the scores are there first: what has not begun by now begins here.
        clustering, like = _numbered(find() if clustered.cancel() else clustered.result(), earlier)
        announce("assigning every track to its cluster, and naming the clusters")
        clusters = clustering.assign(features)
        named = name_clusters(
            clustering, features, ids, scores, moods, settings=settings.naming, numbers=clusters
        )
        return Songs(
            moods=moods,
            features=features,
            model=model,
            scores=scores,
            clustering=clustering,
            clusters=clusters,
            named=named,
            fidelity=fidelity.result(),
            taught=taught,
            lessons=lessons,
            like=like,
        )


def _held_out(features: FeatureMatrix, ids: pl.Series, settings: Settings) -> Apart | None:
    return hold_out(
        features,
        ids,
        clusters=settings.clusters,
        settings=settings.fidelity,
        seed=settings.seed,
    )


def _fidelity(
    apart: Future[Apart | None],
    features: FeatureMatrix,
    untaught: SongModel,
    moods: Taxonomy,
    *,
    settings: Settings,
    taught: Taught | None,
) -> Fidelity | None:
    """Return the fidelity, once tracks are held out, of a model that was taught the same."""
    held_out = apart.result()  # begun before on the same thread, so it is there
    if held_out is None:
        return None
    model = untaught.among(held_out.fitted)
    return measure_fidelity(
        held_out,
        features,
        model if taught is None else taught.again(model),
        moods,
        naming=settings.naming,
        confidence=settings.fidelity.confidence,
    )


def _taught(
    tracks: Catalog,
    features: FeatureMatrix,
    untaught: SongModel,
    moods: Taxonomy,
    *,
    labels: LabelSource,
    settings: Settings,
    announce: Announce,
) -> tuple[Taught, Lessons]:
    """Return what labels teach the song model, and what the manifest says of it."""
    index = TrackIndex(
        taxonomy=moods,
        song_model=untaught,
        columns=TrackColumns.of(tracks.frame()),
        scores=untaught.score(features),
    )
    announce("reading labels")
    columns = LabelColumns(label=labels.column, group=labels.group)
    table = read_label_table(labels.path, index, columns, settings.catalog, limits=settings.limits)
    said = labels.match
    match = (
        match_by_name(_spelled(table), moods.names)
        if said is None
        else parse_match(said, moods.names)
    )
    taught = teach(
        untaught,
        label_units(table, match),
        match,
        moods,
        settings.labels,
        by=labels.group or "track",
        seed=settings.seed,
        announce=announce,
    )
    source = SourceTable(name=table.name, sha256=table.sha256, rows=table.n_rows)
    stands = {m.label: m.moods for m in match}
    return taught, Lessons(source=source, match=stands, hold=taught.hold)


def _spelled(table: LabelTable) -> list[str]:
    return table.rows[LABEL].drop_nulls().unique().sort().to_list()


def _numbered(
    clustering: Clustering, earlier: Clustering | None
) -> tuple[Clustering, tuple[NumberedLike, ...] | None]:
    """Return the clusters with the numbers of an earlier model's, and which is like which."""
    if earlier is None:
        return clustering, None
    numbered, pairs = numbered_like(clustering, earlier)
    like = [
        NumberedLike(number=pair.number, earlier=pair.earlier, distance=pair.distance)
        for pair in pairs
    ]
    return numbered, tuple(like)
