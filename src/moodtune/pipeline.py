"""Training, from the tables to the model and what is reported of it: the file to read first.

Two steps, so that a program can look at the result before anything is written: ``train`` reads and
learns, ``write`` writes the model, the tables, the figures and the report.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from moodtune.answering import listener_profiles
from moodtune.artifacts import (
    Manifest,
    ModelBundle,
    SourceTable,
    check_replaceable,
    load_bundle,
    save_bundle,
)
from moodtune.catalog.gathering import HELD_ROWS
from moodtune.catalog.readers import read_catalog
from moodtune.catalog.schema import Catalog, Source
from moodtune.config import Settings, plain
from moodtune.counting import Announce, Count, uncounted
from moodtune.errors import UsageError
from moodtune.evaluation.listener_validation import validate_listener_model
from moodtune.features.matrix import feature_matrix
from moodtune.listeners.readers import read_listeners
from moodtune.listeners.table import Listeners
from moodtune.moods.clustering import load_ahead
from moodtune.moods.listener_model import ListenerModel, listener_phrases
from moodtune.moods.listener_training import out_of_fold_predictions, train_listener_model
from moodtune.moods.naming import cluster_moods
from moodtune.moods.taxonomy import Taxonomy, load_taxonomy
from moodtune.moods.trained_labels import TrainedLabels
from moodtune.preferences.collaborative import CollaborativeModel
from moodtune.preferences.content import ContentIndex
from moodtune.preferences.histories import read_histories
from moodtune.reports.contents import ListenerFindings, ReportContents
from moodtune.samples import is_sample
from moodtune.song_learning import LabelSource, Songs, learn_songs

MODEL = "model"

#: Tracks up to which model and reports are written side by side. Of ten million that took 2,488 MB,
#: where 2,500 are wanted. Figures keep one processor and the most memory to themselves anyway.
_WRITTEN_AT_ONCE = 4_000_000


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
    songs = learn_songs(tracks, moods, settings, announce, labels=labels, earlier=earlier)
    findings, listener_model = _learn_listeners(people, settings, announce)
    manifest = Manifest(
        settings=plain(settings),
        seed=settings.seed,
        synthetic=_synthetic(tracks, people),
        sources=tuple(_fingerprints(tracks, people)),
        lessons=songs.lessons,
        like=songs.like,
    )
    keeps = people if settings.keep_listeners else None
    bundle = _bundle(tracks, songs, listener_model, manifest, listeners=keeps, taste=taste)
    contents = _contents(tracks, songs, findings, manifest)
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

    def reports() -> None:
        write_reports(out, run.contents, figures=figures, count=count)

    if not figures and len(run.contents.catalog) <= _WRITTEN_AT_ONCE:
        announce("writing the model and the report")
        save_bundle(run.bundle, out / MODEL, meanwhile=reports)
    else:
        announce(f"writing the report{' and drawing figures' if figures else ''}")
        reports()
        announce("writing the model and its index")
        save_bundle(run.bundle, out / MODEL)


def _read_listeners(path: Path | None, moods: Taxonomy, settings: Settings) -> Listeners | None:
    if path is None:
        return None
    phrases = listener_phrases(moods)
    return read_listeners(path, phrases, settings.listeners, limits=settings.limits)


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


def _bundle(
    tracks: Catalog,
    songs: Songs,
    listener_model: ListenerModel | None,
    manifest: Manifest,
    *,
    listeners: Listeners | None,
    taste: CollaborativeModel | None,
) -> ModelBundle:
    """Return what is saved of a training, with the profiles of ``listeners``."""
    profiles = None
    if listeners is not None and listener_model is not None:
        profiles = listener_profiles(listener_model, listeners)
    return ModelBundle(
        taxonomy=songs.moods,
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


def _contents(
    tracks: Catalog,
    songs: Songs,
    findings: ListenerFindings | None,
    manifest: Manifest,
) -> ReportContents:
    """Return what is reported of a training."""
    return ReportContents(
        catalog=tracks,
        features=songs.features,
        taxonomy=songs.moods,
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
