"""Read a model directory back, believing nothing that it says of itself before it is checked."""

from collections.abc import Callable, Mapping
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


def load_bundle(path: Path, *, verify: bool = False) -> ModelBundle:
    """Return the model in the directory ``path``; BundleError says what is wrong with it.

    Sizes are compared with the manifest at every load, and the sha256 of every file but the scores,
    which stay on disk until they are used: ``verify`` compares theirs too. The frame and the arrays
    cannot be written to. A model that is replaced meanwhile is loaded again, old or new.
    """
    for _ in range(_ATTEMPTS):
        before = _identity(path)
        try:
            bundle = _load(path, verify=verify)
        except BundleError:
            if _identity(path) == before:
                raise
        else:
            if _identity(path) == before:
                return bundle
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


def _load(path: Path, *, verify: bool) -> ModelBundle:
    try:
        recover_directory(path)
        manifest = read_manifest(path)
        return _bundle(_Directory(path, manifest), verify=verify)
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror}): check the disk, and who may read it"
        ) from error


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

    def scores(self, *, verify: bool) -> Mapping[str, NDArray[Any]]:
        arrays = decode_arrays(
            map_file(self.path, self._entries[SCORES], verify=verify), self.where(SCORES)
        )
        if set(arrays) != _SCORE_ARRAYS:
            raise self.misfit(SCORES, f"it has the arrays {', '.join(arrays)}")
        return arrays

    def misfit(self, name: str, reason: object) -> BundleError:
        return BundleError(
            f"{self.where(name)} is damaged: {reason}; copy the model again, or train anew"
        )


def _bundle(files: _Directory, *, verify: bool) -> ModelBundle:
    scored = files.scores(verify=verify)
    parts: dict[str, Any] = {
        "taxonomy": files.taxonomy(),
        "song_model": files.model(SONG_MODEL, SongModel.from_state),
        "clustering": files.model(CLUSTERING, Clustering.from_state),
        "listener_model": None,
        "tracks": files.frame(TRACKS),
        "listeners": None,
        "manifest": files.manifest,
    }
    if LISTENER_MODEL in files:
        parts["listener_model"] = files.model(LISTENER_MODEL, ListenerModel.from_state)
    if LISTENERS in files:
        parts["listeners"] = files.frame(LISTENERS)
    if TRAINED_LABELS in files:
        parts["trained_labels"] = files.model(TRAINED_LABELS, TrainedLabels.from_state)
    if TASTE in files:
        parts["taste"] = files.model(TASTE, CollaborativeModel.from_state)
    try:
        return ModelBundle(
            **parts,
            scores=MoodScores(
                moods=tuple(scored["moods"].tolist()),
                **{k: scored[k] for k in ("probabilities", "valence", "arousal", "confidence")},
            ),
            clusters=scored["clusters"],
            cluster_moods=tuple(scored["cluster_moods"].tolist()),
        )
    except _MISFITS as error:
        raise BundleError(
            f"{files.path} is damaged, its files do not fit together: {error}; "
            "copy the model again, or train anew"
        ) from error
