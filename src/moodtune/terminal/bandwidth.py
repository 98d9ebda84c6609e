"""How many bytes a second this machine moves in a plain copy: what no work on them can beat."""

import os
import stat
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from moodtune.terminal.memory import MB

#: Bytes of a plain copy: they take some 10 ms.
COPIED = 32 * MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Bytes a second of a plain copy, to disk and in memory."""

    disk: float
    memory: float


def rates_for(tables: Iterable[Path], out: Path) -> Rates | None:
    """Return the rates where ``out`` will lie; None for tables too small for their bytes to tell.

    To be asked before the work: what the work has just written would be flushed with the copy.
    """
    if sum(size_of(table) for table in tables) < COPIED:
        return None
    there = next(path for path in (out, *out.absolute().parents) if path.exists())
    return Rates(disk=disk_rate(there), memory=memory_rate())


def disk_rate(folder: Path, n_bytes: int = COPIED) -> float:
    """Return the bytes per second that the disk of ``folder`` takes, flushed."""
    block = os.urandom(min(n_bytes, MB))
    with tempfile.TemporaryFile(dir=folder) as file:
        started = time.perf_counter()
        for _ in range(-(-n_bytes // len(block))):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
        seconds = time.perf_counter() - started
    return n_bytes / seconds


def memory_rate(n_bytes: int = COPIED) -> float:
    """Return the bytes per second that one processor copies from memory to memory."""
    there, here = np.ones(n_bytes, np.uint8), np.ones(n_bytes, np.uint8)  # both are there
    started = time.perf_counter()
    np.copyto(here, there)
    return n_bytes / (time.perf_counter() - started)


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files under a folder; 0 of what cannot be looked at."""
    inside = (Path(root, name) for root, _, names in os.walk(path) for name in names)
    return _bytes_of(path) + sum(map(_bytes_of, inside))


def _bytes_of(path: Path) -> int:
    try:
        found = path.stat()
    except OSError:  # read and gone, or a name that leads nowhere: whoever reads it says why
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0
