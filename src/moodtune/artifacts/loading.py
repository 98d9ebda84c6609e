"""Read a model directory back, believing nothing that it says of itself before it is checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from numpy.typing import NDArray

from moodtune.artifacts.arrays import decode_arrays
from moodtune.artifacts.bundle import ModelBundle
from moodtune.artifacts.files import map_file, read_manifest, read_whole
from moodtune.artifacts.frames import read_frame
from moodtune.artifacts.manifest import (
    CLUSTERING,
    INDEX,
    LISTENER_MODEL,
    LISTENERS,
    SCORES,
    SONG_MODEL,
    TASTE,
    TAXONOMY,
    TRACKS,
    TRAINED_LABELS,
    FileEntry,
    Manifest,
)
from moodtune.atomic import recover_directory
from moodtune.errors import BundleError
from moodtune.moods.clustering import Clustering
from moodtune.moods.listener_model import ListenerModel
from moodtune.moods.scores import MoodScores
from moodtune.moods.song_model import SongModel
from moodtune.moods.taxonomy import Taxonomy, taxonomy_from_json
from moodtune.moods.trained_labels import TrainedLabels
from moodtune.preferences.collaborative import CollaborativeModel
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.stored import index_of

#: Times that loading starts again because the directory was replaced meanwhile.
_ATTEMPTS = 20

_SCORE_ARRAYS = {
    "arousal",
    "cluster_moods",
    "clusters",
    "confidence",
    "moods",
    "probabilities",
    "valence",
}

#: What parts that do not fit together raise when a noun is built of them.
_MISFITS = (ValueError, TypeError, KeyError, IndexError)

_Model = TypeVar("_Model")
_Found = TypeVar("_Found")


def load_bundle(path: Path, *, verify: bool = False) -> ModelBundle:
    """Return the model in the directory ``path``; BundleError says what is wrong with it.

    Sizes are compared with the manifest at every load, and the sha256 of every file but the scores,
    which stay on disk until they are used: ``verify`` compares theirs too. The frame and the arrays
    cannot be written to. A model that is replaced meanwhile is loaded again, old or new.
    """
    return _read(path, lambda files: _bundle(files, verify=verify))


@dataclass(frozen=True, slots=True)
class OpenedModel:
    """A model that is open for queries, and nothing else of it."""

    index: TrackIndex
    manifest: Manifest


def open_index(path: Path) -> TrackIndex:
    """Return the index of ``open_model``."""
    return open_model(path).index


def open_model(path: Path, *, verify: bool = False) -> OpenedModel:
    """Return what queries over the model in ``path`` are answered from; BundleError says why not.

    Opened in milliseconds, however many tracks there are: what is mapped (scores, index) is
    compared in size with the manifest, and in its arrays' types and lengths, and not read. The
    catalog's frame is read, and compared with its sha256, when a query first needs it. A model
    without an index, of an earlier version, is loaded whole. ``verify`` reads and compares all.
    """
    return _read(path, lambda files: OpenedModel(_index(files, verify=verify), files.manifest))


def _read(path: Path, read: "Callable[[_Directory], _Found]") -> _Found:
    """Return what ``read`` makes of a directory, again if the directory is replaced meanwhile."""
    for _ in range(_ATTEMPTS):
        before = _identity(path)
        try:
            found = read(_opened(path))
        except BundleError:
            if _identity(path) == before:
                raise
        except OSError as error:
            raise BundleError(
                f"{path} cannot be read ({error.strerror}): check the disk, and who may read it"
            ) from error
        else:
            if _identity(path) == before:
                return found
    raise BundleError(
        f"{path} was replaced {_ATTEMPTS} times while it was being read: "
        "let one command at a time write there"
    )


def _identity(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _opened(path: Path) -> "_Directory":
    recover_directory(path)
    return _Directory(path, read_manifest(path))


class _Directory:
    """The files that a manifest lists, by name."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest
        self._entries = {entry.name: entry for entry in manifest.files}

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def entry(self, name: str) -> FileEntry:
        return self._entries[name]

    def where(self, name: str) -> str:
        return str(self.path / name)

    def taxonomy(self) -> Taxonomy:
        text = read_whole(self.path, self._entries[TAXONOMY])
        try:
            return taxonomy_from_json(text.decode())
        except UnicodeDecodeError as error:
            raise self.misfit(TAXONOMY, error) from error

    def model(
        self, name: str, from_state: Callable[[Mapping[str, NDArray[Any]]], _Model]
    ) -> _Model:
        data = read_whole(self.path, self._entries[name])
        state = decode_arrays(data, self.where(name))
        try:
            return from_state(state)
        except _MISFITS as error:
            raise self.misfit(name, error) from error

    def frame(self, name: str) -> pl.DataFrame:
        entry = self._entries[name]
        return read_frame(read_whole(self.path, entry), self.where(name), rows=entry.rows)

    def mapped(self, name: str, *, verify: bool) -> Mapping[str, NDArray[Any]]:
        return decode_arrays(
            map_file(self.path, self._entries[name], verify=verify), self.where(name)
        )

    def scores(self, *, verify: bool) -> tuple[MoodScores, Mapping[str, NDArray[Any]]]:
        """Return the scores, and the clusters beside them."""
        arrays = self.mapped(SCORES, verify=verify)
        if set(arrays) != _SCORE_ARRAYS:
            raise self.misfit(SCORES, f"it has the arrays {', '.join(arrays)}")
        try:
            scores = MoodScores(
                moods=tuple(arrays["moods"].tolist()),
                **{k: arrays[k] for k in ("probabilities", "valence", "arousal", "confidence")},
            )
        except _MISFITS as error:
            raise self.misfit(SCORES, error) from error
        return scores, arrays

    def index(
        self, parts: Mapping[str, Any], tracks: Callable[[], pl.DataFrame], *, verify: bool
    ) -> TrackIndex | None:
        """Return the index, of a model that has one; ``parts`` are what it goes by."""
        if INDEX not in self:
            return None
        try:
            return index_of(self.mapped(INDEX, verify=verify), tracks, **parts)
        except _MISFITS as error:
            raise self.misfit(INDEX, error) from error

    def misfit(self, name: str, reason: object) -> BundleError:
        return BundleError(
            f"{self.where(name)} is damaged: {reason}; copy the model again, or train anew"
        )


def _bundle(files: _Directory, *, verify: bool) -> ModelBundle:
    scores, clustered = files.scores(verify=verify)
    parts: dict[str, Any] = {
        "taxonomy": files.taxonomy(),
        "song_model": files.model(SONG_MODEL, SongModel.from_state),
        "scores": scores,
    }
    tracks, taste = files.frame(TRACKS), None
    if TASTE in files:
        taste = files.model(TASTE, CollaborativeModel.from_state)
    stored = files.index(parts | {"histories": taste}, lambda: tracks, verify=True)
    if LISTENER_MODEL in files:
        parts["listener_model"] = files.model(LISTENER_MODEL, ListenerModel.from_state)
    if TRAINED_LABELS in files:
        parts["trained_labels"] = files.model(TRAINED_LABELS, TrainedLabels.from_state)
    try:
        return ModelBundle(
            **{"listener_model": None, **parts},
            clustering=files.model(CLUSTERING, Clustering.from_state),
            tracks=tracks,
            taste=taste,
            stored=stored,
            listeners=files.frame(LISTENERS) if LISTENERS in files else None,
            manifest=files.manifest,
            clusters=clustered["clusters"],
            cluster_moods=tuple(clustered["cluster_moods"].tolist()),
        )
    except _MISFITS as error:
        raise BundleError(
            f"{files.path} is damaged, its files do not fit together: {error}; "
            "copy the model again, or train anew"
        ) from error


def _index(files: _Directory, *, verify: bool) -> TrackIndex:
    scores = files.scores(verify=verify)[0]
    parts: dict[str, Any] = {
        "taxonomy": files.taxonomy(),
        "song_model": files.model(SONG_MODEL, SongModel.from_state),
        "scores": scores,
    }
    if TASTE in files:
        parts["histories"] = files.model(TASTE, CollaborativeModel.from_state)
    before = _identity(files.path)

    def tracks() -> pl.DataFrame:
        if _identity(files.path) != before:
            raise BundleError(f"{files.path} was replaced since it was opened: open it again")
        frame = files.frame(TRACKS)
        if frame.height != len(scores):
            raise files.misfit(TRACKS, f"{frame.height} tracks, and scores of {len(scores)}")
        return frame

    found = files.index(parts, tracks, verify=verify)
    return _bundle(files, verify=verify).index if found is None else found
