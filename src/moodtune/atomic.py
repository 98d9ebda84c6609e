"""Write beside and rename: a kill at any moment leaves what was there before, or what is new.

What is guaranteed, for one file (`atomic_file`) and for one whole directory
(`atomic_directory`):

* On Linux both are one step of the file system (``rename``; ``renameat2`` with
  ``RENAME_EXCHANGE`` where there is an old directory to swap with). Whoever opens the path at
  any moment finds all of the old or all of the new.
* Where directories cannot be exchanged (other systems, some network file systems) the old one is
  first moved to ``.NAME.aside`` and the new one then into its place. A kill between the two steps
  leaves the old one aside, complete; `recover_directory` puts it back, and whoever reads such a
  directory calls it first.
* The bytes are on the disk before the name points to them (``fsync``).
* `Scratch` is a folder for what is needed meanwhile, kept clear of leftovers in the same way.
* What a killed writer left behind is removed by the next writer of the same path. A writer holds
  a lock on what it writes, and the system lets go of it when the writer dies, so another
  writer's work in progress is never taken for a leftover. (Without such locks, on Windows,
  leftovers stay.)
"""

import ctypes
import errno
import os
import secrets
import shutil
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from moodtune.errors import UsageError

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
#: What the system answers where it cannot exchange: unknown call, unknown flag, not permitted.
_CANNOT_EXCHANGE = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM})
_ATTEMPTS = 100
#: What folders for what is needed meanwhile are called, between a dot and random letters.
_SCRATCH = "moodtune-scratch"


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a fresh path beside ``path`` to write to; on success it becomes ``path``.

    On an exception, which passes through, ``path`` stays as it was. Missing folders on the way
    are made; a link is followed. Raises `UsageError` where nothing can be written.
    """
    target = Path(os.path.realpath(path))
    with _explained(path):
        if target.is_dir():
            raise UsageError(f"{path} is a folder, and a file is to be written there; name a file")
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(target)
        work, lock = _fresh(target, directory=False)
    try:
        yield work
        with _explained(path):
            _flush(work)
            work.replace(target)
            _flush(target.parent)
    finally:
        # After success the name is gone already, and this does nothing.
        _remove(work)
        _unlock(lock)


@contextmanager
def atomic_directory(path: Path) -> Iterator[Path]:
    """Yield a fresh directory beside ``path`` to fill; on success it becomes ``path``.

    Whatever directory stood at ``path`` is removed, with all that is in it. On an exception,
    which passes through, it stays as it was. Missing folders on the way are made; a link is
    followed. Raises `UsageError` where nothing can be written.
    """
    target = Path(os.path.realpath(path))
    with _explained(path):
        if target.exists() and not target.is_dir():
            raise UsageError(f"{path} is a file, and a folder is to be written there; move it away")
        target.parent.mkdir(parents=True, exist_ok=True)
        recover_directory(target)
        _remove_leftovers(target)
        work, lock = _fresh(target, directory=True)
    try:
        yield work
        with _explained(path):
            _flush_tree(work)
            _put_in_place(work, target)
            _flush(target.parent)
    finally:
        # After an exchange the fresh name holds the old directory.
        _remove(work)
        _unlock(lock)


class Scratch:
    """A folder inside ``parent`` for what is needed meanwhile; it goes when this does.

    It goes when `close` is called, when nothing refers to the object any more, or when the
    program ends. What a killed program left there is removed when the next one makes a folder in
    the same place.
    """

    def __init__(self, parent: Path) -> None:
        target = Path(os.path.realpath(parent)) / _SCRATCH
        with _explained(parent):
            target.parent.mkdir(parents=True, exist_ok=True)
            _remove_leftovers(target)
            self.path, lock = _fresh(target, directory=True)
        self._end = weakref.finalize(self, _remove_scratch, self.path, lock)

    def close(self) -> None:
        """Remove the folder with all that is in it."""
        self._end()


def _remove_scratch(path: Path, lock: int | None) -> None:
    _remove(path)
    _unlock(lock)


def recover_directory(path: Path) -> None:
    """Put back the directory that a kill in the middle of the two-step fallback left aside.

    Does nothing where `atomic_directory` exchanges in one step, or nothing was interrupted.
    """
    target = Path(os.path.realpath(path))
    if not target.exists():
        with suppress(FileNotFoundError):
            _aside(target).rename(target)


def _put_in_place(work: Path, target: Path) -> None:
    """Make ``work`` stand at ``target``; what stood there is at ``work`` afterwards, or gone."""
    for _ in range(_ATTEMPTS):
        # Another writer may come or go between the question and the step: then ask again.
        with suppress(FileNotFoundError, FileExistsError):
            if not target.exists():
                work.rename(target)
            elif not _exchange(work, target):
                _replace_in_two_steps(work, target)
            return
    raise UsageError(f"{target} changes all the time; let one command at a time write there")


def _exchange(one: Path, other: Path) -> bool:
    """Swap two directories in one step; False where the system cannot."""
    renameat2 = _renameat2()
    if renameat2 is None:
        return False
    paths = os.fsencode(one), os.fsencode(other)
    if renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT_EXCHANGE:
        return False
    raise OSError(code, os.strerror(code), str(other))


def _renameat2() -> "ctypes._NamedFuncPointer | None":
    """Return the system's ``renameat2``, or None where there is none."""
    if not sys.platform.startswith("linux"):
        return None
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is not None:
        word, flags = ctypes.c_int, ctypes.c_uint
        function.argtypes = [word, ctypes.c_char_p, word, ctypes.c_char_p, flags]
    return function


def _replace_in_two_steps(work: Path, target: Path) -> None:
    """Move the old directory aside and the new one in; between the two, only ``aside`` stands."""
    aside = _aside(target)
    _remove(aside)
    target.rename(aside)
    work.rename(target)
    _remove(aside)


def _aside(target: Path) -> Path:
    """Return where the two-step fallback keeps the old directory meanwhile."""
    return target.with_name(f".{target.name}.aside")


def _fresh(target: Path, *, directory: bool) -> tuple[Path, int | None]:
    """Make an empty file or directory beside ``target``, and lock it."""
    for _ in range(_ATTEMPTS):
        work = target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")
        if directory:
            work.mkdir()
        else:
            work.touch(exist_ok=False)
        lock = _lock(work)
        # Someone who cleans up may have come between making and locking: then make another.
        if work.exists() and (lock is not None or not _CAN_LOCK):
            return work, lock
        _unlock(lock)
    raise UsageError(f"{target} cannot be written: other commands keep removing what is begun")


def _remove_leftovers(target: Path) -> None:
    """Remove what dead writers of ``target`` left beside it."""
    if target.exists():
        _remove(_aside(target))
    if not _CAN_LOCK:
        return
    with os.scandir(target.parent) as entries:
        leftovers = [
            Path(entry.path)
            for entry in entries
            if entry.name.startswith(f".{target.name}.") and entry.name.endswith(".part")
        ]
    for leftover in leftovers:
        lock = _lock(leftover)
        if lock is not None:
            _remove(leftover)
            _unlock(lock)


def _remove(path: Path) -> None:
    """Remove a file or a directory with all in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


if sys.platform == "win32":
    _CAN_LOCK = False

    def _lock(path: Path) -> int | None:  # noqa: ARG001 -- one signature on every system
        return None

    def _flush(path: Path) -> None:
        """Leave it to the system: folders cannot be flushed here."""
else:
    import fcntl

    _CAN_LOCK = True

    def _lock(path: Path) -> int | None:
        """Lock a file or directory for this process's life; None if another has it, or it went."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        return descriptor

    def _flush(path: Path) -> None:
        """Wait until a file's bytes, or a directory's names, are on the disk."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _flush_tree(root: Path) -> None:
    """Flush every file and folder under ``root``, and itself."""
    for folder, _, files in os.walk(root):
        for name in files:
            _flush(Path(folder, name))
        _flush(Path(folder))


def _unlock(lock: int | None) -> None:
    """Let go of a lock."""
    if lock is not None:
        os.close(lock)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what the system says into a sentence about the path that was asked for."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise UsageError(
            f"{path} cannot be written: {reason}; choose another place, or make room there"
        ) from error
