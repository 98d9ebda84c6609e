"""How long allocators keep memory that is freed, for the commands that read whole tables.

They cannot be spoken to through NumPy or polars, so both are told here, in the command, whose
process is ours; the library leaves a program's allocators alone.
"""

import ctypes
import gc
import os
import sys
from collections.abc import Iterable
from pathlib import Path

MB = 1 << 20
#: Polars' jemalloc reads this when it is loaded: pages go back a second after they are freed. Work
#: in batches wants at once what the batch before has freed.
JEMALLOC, DECAY = "_RJEM_MALLOC_CONF", "dirty_decay_ms:1000,muzzy_decay_ms:0"
#: Bytes of tables, as they lie, up to which that is not worth the memory: then pages go back when
#: they are freed.
SMALL, AT_ONCE = 32 * MB, "dirty_decay_ms:0,muzzy_decay_ms:0"
#: A parameter of glibc's mallopt: how many heaps threads have between them. Each of them keeps what
#: its threads have freed.
_ARENA_MAX = (-8, 2)
#: Two more, in bytes: what is larger than the first has pages of its own, which go when it is
#: freed, and how much may lie free at the heap's end. Left to themselves both grow, to 32 and 64
#: MB; with less than this, page faults cost more time than the memory is worth.
_MMAP_THRESHOLD, _TRIM_THRESHOLD = (-3, 4 * MB), (-1, 8 * MB)
#: How long a thread waits until another lets go of the interpreter, in seconds; Python's own is ten
#: times as long.
_SWITCH_S = 0.0005


def set_allocators(*, at_once: bool = False) -> None:
    """Tell jemalloc and glibc when to give memory back; before polars is imported.

    ``at_once``  when it is freed, which costs time where tables are read in many batches

    What the environment says of glibc's counts, and what it says of jemalloc's other options. Of
    decay it may not be the user who speaks: polars writes it there, for whatever it starts to find.
    """
    said, decay = os.environ.get(JEMALLOC), AT_ONCE if at_once else DECAY
    os.environ[JEMALLOC] = f"{said},{decay}" if said else decay  # the last one counts
    if sys.platform != "linux" or any(name.startswith("MALLOC_") for name in os.environ):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
    if mallopt is not None:
        for parameter in (_ARENA_MAX, *((_MMAP_THRESHOLD, _TRIM_THRESHOLD) if at_once else ())):
            mallopt(*parameter)


def set_up_for_training(tables: Iterable[Path]) -> None:
    """Set this process up for training: set the allocators, look seldom for circles, take turns.

    ``tables``  what is read, so that of small tables no more memory is held than need be; none for
                small ones that are yet to be written

    Python looks for objects that hold each other after 700 new ones; training has next to none, and
    the looking took a twentieth of its time. And the threads of training let go of the interpreter
    at every step in NumPy, polars or hashlib, and each waits to go on for as long as it is told.
    """
    from moodtune.terminal.bandwidth import size_of

    set_allocators(at_once=sum(map(size_of, tables)) <= SMALL)
    gc.set_threshold(50_000)
    sys.setswitchinterval(_SWITCH_S)


def peak_bytes() -> int | None:
    """Return the most memory that this process held so far; None where no system says so."""
    try:
        import resource
    except ImportError:  # Windows has none
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
