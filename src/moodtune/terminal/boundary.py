"""The one place where an error becomes a sentence on stderr and an exit status.

Exit status: 0 done, 1 a file that could not be read or written, 2 asked for what cannot be,
3 a table that cannot be used, 4 a table too small to learn from, 5 a model that cannot be used,
130 interrupted.
"""

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from moodtune.errors import MoodtuneError, exit_code


@contextmanager
def error_boundary(*, debug: bool) -> Iterator[None]:
    """End the process with a sentence where the body raises; with a traceback if ``debug``."""
    _write_every_letter()
    try:
        yield
    except (MoodtuneError, OSError) as error:
        if debug:
            raise
        if isinstance(error, BrokenPipeError):  # the reader of our output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        sys.exit(_report(error))
    except KeyboardInterrupt:
        if debug:
            raise
        sys.exit(130)


def _write_every_letter() -> None:
    """Write letters that an encoding lacks as JSON does, instead of ending in the middle."""
    codecs.register_error("moodtune", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="moodtune")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    units = (lacking[i : i + 2].hex() for i in range(0, len(lacking), 2))
    return "".join(f"\\u{unit}" for unit in units), error.end


def _report(error: MoodtuneError | OSError) -> int:
    from moodtune.tables.text import literal

    if isinstance(error, MoodtuneError):
        sentence, status = str(error), exit_code(error)
    else:
        where = f"{error.filename}: " if error.filename else ""
        sentence, status = f"{where}{error.strerror or error}", 1
    sys.stderr.write(f"moodtune: {literal(sentence)}\n")
    return status
