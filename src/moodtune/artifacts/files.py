"""The files of a model directory, opened without following a link or believing a size."""

import hashlib
import mmap
import os
import stat
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from moodtune.artifacts.manifest import (
    MANIFEST,
    MAX_MANIFEST_BYTES,
    OPTIONAL_FILES,
    REQUIRED_FILES,
    FileEntry,
    Manifest,
    decode_manifest,
)
from moodtune.errors import BundleError

#: No link is followed, and no pipe waited for; the names exist where the system has them.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)

#: Bytes of a file after which they go to the disk while more is written.
_FLUSHED_AT_ONCE = 64 << 20

_AGAIN = "copy the model again, or train anew"


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a model directory; BundleError if there is none or it is no good."""
    _check_folder(folder)
    path = folder / MANIFEST
    with open_plain(path) as file:
        text = file.read(MAX_MANIFEST_BYTES + 1)
    if len(text) > MAX_MANIFEST_BYTES:
        raise BundleError(
            f"{path} is no manifest of a Moodtune model: it has more than "
            f"{MAX_MANIFEST_BYTES:,} bytes; {_AGAIN}"
        )
    return decode_manifest(text, str(path))


def read_whole(folder: Path, entry: FileEntry) -> bytes:
    """Return the bytes of a file, compared with the size and sha256 in the manifest."""
    path = folder / entry.name
    with open_plain(path) as file:
        _check_size(path, file, entry)
        data = file.read(entry.size)
    _check_hash(path, data, entry)
    return data


def map_file(folder: Path, entry: FileEntry, *, verify: bool) -> memoryview:
    """Return a file as it lies on disk; its size is compared, its sha256 with ``verify``."""
    path = folder / entry.name
    with open_plain(path) as file:
        _check_size(path, file, entry)
        if entry.size == 0:
            raise BundleError(f"{path} is damaged: it is empty; {_AGAIN}")
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    if verify:
        _check_hash(path, data, entry)
    return data


def describe_file(path: Path, *, rows: int | None = None) -> FileEntry:
    """Return the manifest's entry for a file that was just written."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileEntry(name=path.name, size=path.stat().st_size, sha256=digest, rows=rows)


def write_chunks(path: Path, chunks: Iterable[bytes | memoryview]) -> FileEntry:
    """Write a file, and return the manifest's entry for it: hashed as it is written.

    A long one goes to the disk on the way, so that the caller who has it flushed waits for the end
    alone.
    """
    digest, flushed = hashlib.sha256(), 0
    with path.open("wb") as file, ThreadPoolExecutor(1, thread_name_prefix="disk") as disk:
        flushing: Future[None] | None = None
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            if file.tell() - flushed < _FLUSHED_AT_ONCE or (flushing and not flushing.done()):
                continue
            if flushing:
                flushing.result()  # an error of the disk is told once
            flushing, flushed = disk.submit(os.fsync, file.fileno()), file.tell()
        if flushing:
            flushing.result()
        size = file.tell()
    return FileEntry(name=path.name, size=size, sha256=digest.hexdigest())


def open_plain(path: Path) -> BinaryIO:
    """Open an ordinary file for reading; BundleError for a link, folder, pipe or nothing."""
    try:
        before = path.lstat()
        if not stat.S_ISREG(before.st_mode):
            raise BundleError(
                f"{path} must be an ordinary file, got {_kind(before.st_mode)}: a model directory "
                "holds its own files, so copy it with what its links point to"
            )
        file = os.fdopen(os.open(path, _FLAGS | _BINARY), "rb")
    except FileNotFoundError as error:
        raise BundleError(f"{path} is missing from the model: {_AGAIN}") from error
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror}): check who may read it"
        ) from error
    return file


def check_replaceable(folder: Path) -> None:
    """Refuse to write a model over anything but an older model: BundleError says what is there.

    Asked before training starts, so that nobody waits for a model that cannot be kept.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BundleError(
            f"{folder} must be a folder of its own or not exist, got a file: "
            "give another place for the model"
        )
    known = {MANIFEST, *REQUIRED_FILES, *OPTIONAL_FILES}
    others = sorted(entry.name for entry in folder.iterdir() if entry.name not in known)
    if others:
        raise BundleError(
            f"{folder} has {others[0]!r}, which is no part of a model and would be lost: "
            "move it away, or give another place for the model"
        )


def _check_folder(folder: Path) -> None:
    if not folder.exists():
        raise BundleError(
            f"there is no model at {folder}: give the model folder that moodtune train wrote, "
            "for example output/model"
        )
    if not (folder / MANIFEST).is_symlink() and not (folder / MANIFEST).exists():
        raise BundleError(
            f"{folder} is no Moodtune model, it has no {MANIFEST}: give the model folder that "
            "moodtune train wrote, for example output/model"
        )


def _check_size(path: Path, file: BinaryIO, entry: FileEntry) -> None:
    size = os.fstat(file.fileno()).st_size
    if size != entry.size:
        raise BundleError(
            f"{path} is damaged: expected {entry.size:,} bytes as its manifest says, "
            f"got {size:,}; {_AGAIN}"
        )


def _check_hash(path: Path, data: bytes | memoryview, entry: FileEntry) -> None:
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise BundleError(
            f"{path} is damaged: its sha256 is not the one that its manifest gives; {_AGAIN}"
        )


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a link"
    return "a folder" if stat.S_ISDIR(mode) else "something else"
