"""Training, from the tables to the model and what is reported of it: the file to read first.

Two steps, so that a program can look at the result before anything is written: ``train`` reads and
learns, ``write`` writes the model, the tables, the figures and the report.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.ahead import one_beside
from moodtune.answering import listener_profiles
from moodtune.artifacts import (
    Lessons,
    Manifest,
    ModelBundle,
    NumberedLike,
    SourceTable,
    check_replaceable,
    load_bundle,
    save_bundle,
)
from moodtune.catalog.gathering import HELD_ROWS
from moodtune.catalog.readers import read_catalog
from moodtune.catalog.schema import TRACK_ID, Catalog, Source
from moodtune.config import Settings, plain
from moodtune.counting import Count, uncounted
from moodtune.errors import UsageError
from moodtune.evaluation.fidelity import Fidelity, measure_fidelity
from moodtune.evaluation.label_units import label_units
from moodtune.evaluation.label_validation import Taught, teach
from moodtune.evaluation.labels import LABEL, LabelColumns, LabelTable, read_label_table
from moodtune.evaluation.listener_validation import validate_listener_model
from moodtune.evaluation.matching import match_by_name, parse_match
from moodtune.features.matrix import FeatureMatrix, feature_matrix
from moodtune.listeners.readers import read_listeners
from moodtune.listeners.table import Listeners
from moodtune.moods.cluster_matching import MatchedCluster, numbered_like
from moodtune.moods.clustering import Clustering, cluster, load_ahead, one_thread_each
from moodtune.moods.listener_model import ListenerModel, listener_phrases
from moodtune.moods.listener_training import out_of_fold_predictions, train_listener_model
from moodtune.moods.naming import NamedCluster, cluster_moods, name_clusters
from moodtune.moods.scores import MoodScores
from moodtune.moods.song_model import SongModel, train_song_model
from moodtune.moods.taxonomy import Taxonomy, load_taxonomy
from moodtune.moods.trained_labels import TrainedLabels
from moodtune.preferences.collaborative import CollaborativeModel
from moodtune.preferences.content import ContentIndex
from moodtune.preferences.histories import read_histories
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.index import TrackIndex
from moodtune.reports.contents import ListenerFindings, ReportContents
from moodtune.samples import is_sample

#: Told the name of each stage as it begins.
Announce = Callable[[str], None]

MODEL = "model"

#: Tracks up to which model and reports are written side by side. Of ten million that took 2,488 MB,
#: where 2,500 are wanted.
_WRITTEN_AT_ONCE = 4_000_000


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
class TrainingRun:
    """What training made: the model, and everything that is reported of it."""

    bundle: ModelBundle
    contents: ReportContents


def train(
    catalog: Path,
    behavior: Path | None = None,
    settings: Settings | None = None,
    *,
    taxonomy: Path | None = None,
    labels: LabelSource | None = None,
    like: Path | None = None,
    histories: Path | None = None,
    held_rows: int = HELD_ROWS,
    temp_dir: Path | None = None,
    announce: Announce = lambda _: None,
    count: Count = uncounted,
) -> TrainingRun:
    """Learn the moods of the tracks in ``catalog``, and of the listeners in ``behavior``.

    Either is a file, ``catalog`` also a folder. The song model learns from ``labels`` as well;
    clusters get the numbers of the most similar ones of the earlier model ``like``; taste learns
    from ``histories``, a table of ``user,track_id``. Nothing is written, but that the tracks of
    more than ``held_rows`` rows lie in a folder of their own in ``temp_dir`` (by default the
    system's) for as long as the result is held; labels and histories need them all in memory.
    ``announce`` is told each stage, ``count`` how far a long one is. Raises TableError,
    TooLittleDataError, UsageError and BundleError, each with one sentence.
    """
    settings = settings or Settings()
    Thread(target=load_ahead, daemon=True).start()
    moods = load_taxonomy(taxonomy)
    earlier = None if like is None else load_bundle(like).clustering
    if behavior is not None:
        announce("reading listeners")
    people = _read_listeners(behavior, moods, settings)  # the quicker table first: it may be wrong
    announce("reading tracks")
    tracks = read_catalog(
        catalog,
        settings.catalog,
        limits=settings.limits,
        held_rows=held_rows,
        temp_dir=temp_dir,
        count=count,
    )
    taste = _learn_taste(histories, tracks, settings, announce)
    songs = _learn_songs(tracks, moods, settings, announce, labels=labels, earlier=earlier)
    findings, listener_model = _learn_listeners(people, settings, announce)
    manifest = Manifest(
        settings=plain(settings),
        seed=settings.seed,
        synthetic=_synthetic(tracks, people),
        sources=tuple(_fingerprints(tracks, people)),
        lessons=songs.lessons,
        like=songs.like,
    )
    profiles = None
    if people is not None and listener_model is not None and settings.keep_listeners:
        profiles = listener_profiles(listener_model, people)
    bundle = ModelBundle(
        taxonomy=moods,
        song_model=songs.model,
        clustering=songs.clustering,
        listener_model=listener_model,
        tracks=tracks.tracks,
        long=tracks.long,
        scores=songs.scores,
        clusters=songs.clusters,
        cluster_moods=cluster_moods(songs.named),
        listeners=profiles,
        manifest=manifest,
        trained_labels=None if songs.taught is None else TrainedLabels.of(songs.taught.track_ids),
        taste=taste,
    )
    contents = _contents(tracks, moods, songs, findings, manifest)
    return TrainingRun(bundle=bundle, contents=contents)


def check_out(out: Path) -> None:
    """Refuse a folder that ``write`` could not write to, before the work for it is done.

    UsageError where ``out`` cannot be a folder; BundleError where its ``model`` is something else
    than a model.
    """
    nearest = next(path for path in (out, *out.absolute().parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise UsageError(
            f"--out {out}: {nearest} is no folder that can be written to; name another"
        )
    check_replaceable(out / MODEL)


def write(
    run: TrainingRun,
    out: Path,
    *,
    figures: bool = True,
    announce: Announce = lambda _: None,
    count: Count = uncounted,
) -> None:
    """Write the model, the tables, the report and the figures under ``out``.

    Files of an earlier training are replaced, each whole or not at all; the model comes last, so
    that an interrupted training leaves the old model in place.
    """
    from moodtune.reports.writer import write_reports

    check_out(out)
    drawing = " and drawing figures" if figures else ""

    def reports() -> None:
        write_reports(out, run.contents, figures=figures, count=count)

    if len(run.contents.catalog) <= _WRITTEN_AT_ONCE:
        announce(f"writing the model and the report{drawing}")
        save_bundle(run.bundle, out / MODEL, meanwhile=reports)
    else:
        announce(f"writing the report{drawing}")
        reports()
        announce("writing the model and its index")
        save_bundle(run.bundle, out / MODEL)


def _read_listeners(path: Path | None, moods: Taxonomy, settings: Settings) -> Listeners | None:
    if path is None:
        return None
    phrases = listener_phrases(moods)
    return read_listeners(path, phrases, settings.listeners, limits=settings.limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Songs:
    """What is learnt from the tracks, and from labels of them."""

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


def _learn_songs(
    tracks: Catalog,
    moods: Taxonomy,
    settings: Settings,
    announce: Announce,
    *,
    labels: LabelSource | None,
    earlier: Clustering | None,
) -> _Songs:
    features, ids = feature_matrix(tracks), tracks.tracks[TRACK_ID]
    announce(f"finding moods in {len(tracks):,} tracks")
    taught, lessons, like = None, None, None
    if labels is not None:
        taught, lessons = _taught(
            tracks, features, moods, labels=labels, settings=settings, announce=announce
        )
    with one_thread_each(), one_beside() as beside:
        fidelity = beside.submit(_fidelity, features, ids, moods, settings, taught=taught)
        find = partial(cluster, features, ids, settings.clusters, settings.seed)
        clustered = beside.submit(find)
        model = (
            train_song_model(features, moods, settings.song_model)
            if taught is None
            else taught.model
        )
        scores = model.score(features)
        announce("clustering, and measuring fidelity on held-out tracks")
        # Of few tracks the scores are there first: what has not begun by now begins here.
        clustering = find() if clustered.cancel() else clustered.result()
        announce("assigning every track to its cluster, and naming the clusters")
        if earlier is not None:
            clustering, pairs = numbered_like(clustering, earlier)
            like = tuple(map(_numbered, pairs))
        clusters = clustering.assign(features)
        named = name_clusters(
            clustering, features, ids, scores, moods, settings=settings.naming, numbers=clusters
        )
        return _Songs(
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


def _fidelity(
    features: FeatureMatrix,
    ids: pl.Series,
    moods: Taxonomy,
    settings: Settings,
    *,
    taught: Taught | None,
) -> Fidelity | None:
    return measure_fidelity(
        features,
        ids,
        moods,
        clusters=settings.clusters,
        song_model=settings.song_model,
        naming=settings.naming,
        settings=settings.fidelity,
        seed=settings.seed,
        **({} if taught is None else {"teach": taught.again}),
    )


def _learn_taste(
    path: Path | None, tracks: Catalog, settings: Settings, announce: Announce
) -> CollaborativeModel | None:
    if path is None:
        return None
    from moodtune.preferences.collaborative_training import train_collaborative

    announce("learning taste from histories")
    frame = tracks.frame()
    histories = read_histories(path, frame, limits=settings.limits)
    content = ContentIndex.of(frame, feature_matrix(tracks))
    return train_collaborative(histories, content, seed=settings.seed)


def _taught(
    tracks: Catalog,
    features: FeatureMatrix,
    moods: Taxonomy,
    *,
    labels: LabelSource,
    settings: Settings,
    announce: Announce,
) -> tuple[Taught, Lessons]:
    """Return what labels teach the song model, and what the manifest says of it."""
    untaught = train_song_model(features, moods, settings.song_model)
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


def _numbered(pair: MatchedCluster) -> NumberedLike:
    return NumberedLike(number=pair.number, earlier=pair.earlier, distance=pair.distance)


def _learn_listeners(
    people: Listeners | None, settings: Settings, announce: Announce
) -> tuple[ListenerFindings | None, ListenerModel | None]:
    if people is None:
        return None, None
    announce(f"learning from {len(people):,} listeners")
    chosen, seed = settings.listener_model, settings.seed
    predictions = out_of_fold_predictions(people, chosen, seed)
    model = train_listener_model(people, chosen, seed, predictions)
    validation = validate_listener_model(people, chosen, seed, out_of_fold=predictions, model=model)
    findings = ListenerFindings(
        listeners=people,
        validation=validation,
        out_of_fold=predictions,
        weights=model.weights_table(),
    )
    return findings, model


def _contents(
    tracks: Catalog,
    moods: Taxonomy,
    songs: _Songs,
    findings: ListenerFindings | None,
    manifest: Manifest,
) -> ReportContents:
    """Return what is reported of a training."""
    return ReportContents(
        catalog=tracks,
        features=songs.features,
        taxonomy=moods,
        clustering=songs.clustering,
        clusters=songs.clusters,
        named_clusters=songs.named,
        scores=songs.scores,
        fidelity=songs.fidelity,
        listeners=findings,
        settings=manifest.settings,
        seed=manifest.seed,
        synthetic=manifest.synthetic,
        lesson=None if songs.taught is None else songs.taught.lesson,
    )


def _synthetic(tracks: Catalog, people: Listeners | None) -> bool:
    """Return whether any of the tables is a sample, which describes nobody."""
    return is_sample(tracks.tracks) or (people is not None and is_sample(people.answers))


def _fingerprints(tracks: Catalog, people: Listeners | None) -> Iterator[SourceTable]:
    sources: tuple[Source, ...] = tracks.sources + ((people.source,) if people else ())
    for source in sources:
        yield SourceTable(name=source.name, sha256=source.sha256, rows=source.n_rows)
