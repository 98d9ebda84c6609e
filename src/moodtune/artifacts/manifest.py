"""The manifest of a model directory: what it was made from, and which files it has."""

import hashlib
import platform
from importlib.metadata import version
from typing import Annotated, Any, TypeVar

import msgspec

from moodtune.errors import BundleError
from moodtune.version import __version__

#: The number of the format that is written. ``docs/model-directory.md`` says when and how to
#: raise it; never without keeping a directory of the old format under ``tests/artifacts/formats``.
FORMAT = 1

MANIFEST = "manifest.json"
TAXONOMY = "taxonomy.json"
SONG_MODEL = "song_model.npy"
CLUSTERING = "clustering.npy"
LISTENER_MODEL = "listener_model.npy"
TRACKS = "tracks.parquet"
SCORES = "scores.npy"
LISTENERS = "listeners.parquet"
TRAINED_LABELS = "trained_labels.npy"
TASTE = "taste.npy"
INDEX = "index.npy"

#: The files of every model, and those that a model may lack.
REQUIRED_FILES = (TAXONOMY, SONG_MODEL, CLUSTERING, TRACKS, SCORES)
OPTIONAL_FILES = (LISTENER_MODEL, LISTENERS, TRAINED_LABELS, TASTE, INDEX)

#: Bytes that a manifest may have: a thousand times what it usually has.
MAX_MANIFEST_BYTES = 1 << 20

_Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 48)]
_T = TypeVar("_T")
_Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class SourceTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fingerprint of a table that the model was trained on."""

    name: str  # the file's name without its folder
    sha256: _Sha256
    rows: _Count


class FileEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of the directory: its size in bytes, and rows where it is a table."""

    name: str
    size: _Count
    sha256: _Sha256
    rows: _Count | None = None


def _versions() -> dict[str, str]:
    libraries = ("numpy", "polars", "scikit-learn")
    return {
        "moodtune": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in libraries},
    }


class NumberedLike(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cluster that took the number of an earlier model's cluster.

    ``number``    of the cluster, here
    ``earlier``   the number of the earlier model's cluster that it was matched to
    ``distance``  between the two centroids, in standard deviations of this catalog's features
    """

    number: _Count
    earlier: _Count
    distance: Annotated[float, msgspec.Meta(ge=0)]


class Lessons(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The labels that the song model was taught by.

    ``match``  label -> the moods that stand for it
    ``hold``   how firmly features were held; None where labels changed nothing
    """

    source: SourceTable
    match: dict[str, tuple[str, ...]]
    hold: float | None


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model was made from, and how. No time of day: same tables, same bytes.

    ``settings``  the settings of every stage, as plain JSON
    ``sources``   fingerprints of the tables; they prove damage, never who wrote them
    ``files``, ``own_sha256`` are filled in when the model is written; the latter is the sha256 of
    the manifest itself with that one value empty
    ``lessons``  the labels that were learnt from; None without ``--labels``
    ``like``     how clusters were numbered like an earlier model's; None without ``--like``
    """

    settings: dict[str, Any]
    seed: int
    synthetic: bool  # trained on sample tables, which describe nobody
    sources: tuple[SourceTable, ...] = ()
    lessons: Lessons | None = None
    like: tuple[NumberedLike, ...] | None = None
    versions: dict[str, str] = msgspec.field(default_factory=_versions)
    format: int = FORMAT
    files: tuple[FileEntry, ...] = ()
    own_sha256: str = ""


class _FormatOnly(msgspec.Struct, frozen=True):
    format: int


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the manifest as indented JSON with sorted keys; ValueError if JSON cannot hold it."""
    digest = hashlib.sha256(_encode(msgspec.structs.replace(manifest, own_sha256=""))).hexdigest()
    text = _encode(msgspec.structs.replace(manifest, own_sha256=digest))
    if len(text) > MAX_MANIFEST_BYTES:
        raise ValueError(f"a manifest of {len(text):,} bytes; at most {MAX_MANIFEST_BYTES:,}")
    return text


def _encode(manifest: Manifest) -> bytes:
    try:
        packed = msgspec.json.encode(manifest, order="sorted")
        same = msgspec.json.decode(packed, type=Manifest) == manifest
    except TypeError:
        same = False
    if not same:
        raise ValueError(
            "the manifest's settings must be plain JSON: no NaN, no tuples, no objects"
        )
    return msgspec.json.format(packed, indent=2) + b"\n"


def decode_manifest(text: bytes, where: str) -> Manifest:
    """Return the manifest that ``text`` holds; BundleError if it is damaged, foreign or newer."""
    _check_format(text, where)
    manifest = _decode(text, Manifest, where)
    names = [entry.name for entry in manifest.files]
    required, known = set(REQUIRED_FILES), {*REQUIRED_FILES, *OPTIONAL_FILES}
    if len(set(names)) != len(names) or not required <= set(names) <= known:
        raise BundleError(
            f"{where} is damaged: it must list {', '.join(REQUIRED_FILES)} once each, and besides "
            f"only {' or '.join(OPTIONAL_FILES)}, got {', '.join(names)[:200]!r}; "
            "copy the model again, or train anew"
        )
    if encode_manifest(manifest) != text:
        raise BundleError(
            f"{where} is damaged: it is not what Moodtune wrote; "
            "copy the model again, or train anew"
        )
    return manifest


def _check_format(text: bytes, where: str) -> None:
    found = _decode(text, _FormatOnly, where).format
    if found > FORMAT:
        raise BundleError(
            f"{where} has format {found}, newer than format {FORMAT} of moodtune {__version__}: "
            "update moodtune, or train the model with this version"
        )
    if found != FORMAT:
        raise BundleError(
            f"{where} has format {found}, which no version of moodtune wrote: "
            "give the model folder that moodtune train wrote"
        )


def _decode(text: bytes, kind: type[_T], where: str) -> _T:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(
            f"{where} is damaged, or no manifest of a Moodtune model: {str(error)[:200]!r}; "
            "copy the model again, or train anew"
        ) from error
