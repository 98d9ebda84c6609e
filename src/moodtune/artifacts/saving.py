"""Write a ModelBundle as a model directory; ``docs/model-directory.md`` describes the format."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np

from moodtune.ahead import one_ahead
from moodtune.artifacts.arrays import Arrays, encode_arrays
from moodtune.artifacts.bundle import ModelBundle
from moodtune.artifacts.files import check_replaceable, describe_file, write_chunks
from moodtune.artifacts.frames import write_frame
from moodtune.artifacts.manifest import (
    CLUSTERING,
    INDEX,
    LISTENER_MODEL,
    LISTENERS,
    MANIFEST,
    SCORES,
    SONG_MODEL,
    TASTE,
    TAXONOMY,
    TRACKS,
    TRAINED_LABELS,
    FileEntry,
    encode_manifest,
)
from moodtune.atomic import atomic_directory
from moodtune.catalog.schema import TRACK_ID
from moodtune.moods.taxonomy import taxonomy_to_json
from moodtune.ranking.stored import arrays_of
from moodtune.ranking.storing import LongIndexArrays


def save_bundle(
    bundle: ModelBundle, path: Path, *, meanwhile: Callable[[], object] = lambda: None
) -> None:
    """Write ``bundle`` as the model directory ``path``, in place of an older model there.

    ``meanwhile`` is called while another thread writes; the model is in place after it is done,
    and if it raises, the older model stays.

    A kill at any moment leaves the old directory or the new one. The same bundle gives the same
    bytes. BundleError where ``path`` holds anything but a model; UsageError where nothing can be
    written.
    """
    check_replaceable(path)
    with atomic_directory(path) as folder, ThreadPoolExecutor(1) as beside:
        writing = beside.submit(lambda: tuple(_write_files(bundle, folder)))
        meanwhile()
        files = writing.result()
        manifest = msgspec.structs.replace(bundle.manifest, files=files)
        (folder / MANIFEST).write_bytes(encode_manifest(manifest))


def _write_files(bundle: ModelBundle, folder: Path) -> Iterator[FileEntry]:
    (folder / TAXONOMY).write_bytes(taxonomy_to_json(bundle.taxonomy).encode())
    yield describe_file(folder / TAXONOMY)
    arrays: dict[str, Arrays] = {
        SONG_MODEL: bundle.song_model.state(),
        CLUSTERING: bundle.clustering.state(),
        SCORES: _score_state(bundle),
        INDEX: _index_arrays(bundle),
    }
    frames = {} if bundle.long else {TRACKS: bundle.tracks}
    if bundle.listener_model is not None:
        arrays[LISTENER_MODEL] = bundle.listener_model.state()
    if bundle.trained_labels is not None:
        arrays[TRAINED_LABELS] = bundle.trained_labels.state()
    if bundle.taste is not None:
        arrays[TASTE] = bundle.taste.state()
    if bundle.listeners is not None:
        frames[LISTENERS] = bundle.listeners
    for name, state in arrays.items():
        yield write_chunks(folder / name, one_ahead(encode_arrays(state)))
    if bundle.long:
        _put(bundle.long.path, folder / TRACKS)
        yield describe_file(folder / TRACKS, rows=bundle.long.height)
    for name, frame in frames.items():
        write_frame(frame, folder / name)
        yield describe_file(folder / name, rows=frame.height)


def _put(file: Path, there: Path) -> None:
    """Give a file a second name, or copy it where the disk is another."""
    try:
        there.hardlink_to(file)
    except OSError:
        shutil.copyfile(file, there)


def _index_arrays(bundle: ModelBundle) -> Arrays:
    if bundle.long is None:
        return arrays_of(bundle.index)
    return LongIndexArrays(
        bundle.long,
        bundle.tracks[TRACK_ID],
        taxonomy=bundle.taxonomy,
        song_model=bundle.song_model,
        scores=bundle.scores,
    )


def _score_state(bundle: ModelBundle) -> Arrays:
    return {
        "arousal": bundle.scores.arousal,
        "cluster_moods": np.array(bundle.cluster_moods, dtype=np.str_),
        "clusters": bundle.clusters,
        "confidence": bundle.scores.confidence,
        "moods": np.array(bundle.scores.moods, dtype=np.str_),
        "probabilities": bundle.scores.probabilities,
        "valence": bundle.scores.valence,
    }
