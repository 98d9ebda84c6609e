"""The text of a CSV, taken from its bytes in order: many records at once, or line by line.

Nearly all records are such that every parser of CSV says the same of them: their quotes stand
around whole cells, and their lines end with a line feed. Those are found by looking at bytes, many
at once, so that a fast parser can be let at them. All others are taken record by record.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodtune.errors import HostileTableError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.scanning import CHUNK_BYTES
from moodtune.tables.table import shown

#: Bytes of records that are parsed at once: enough for full speed, few enough to hold several.
STRETCH_BYTES = 4 * 1024**2
_BOM = b"\xef\xbb\xbf"
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)")
_LONE_RETURN = re.compile(rb"\r(?!\n|\Z)")
_QUOTE, _LINE_FEED = b'"\n'


class Text:
    """What is left of the text of a CSV; whatever is asked for is taken away from its front.

    A last line without an end gets one, and a byte order mark is left out.
    """

    def __init__(self, path: Path, chunks: Iterable[bytes], limits: TableLimits) -> None:
        self._path = path
        self._chunks = iter(chunks)
        self._limits = limits
        self._bytes = bytearray()
        self._last = b""
        self.n_lines = 0
        """Lines taken."""
        self.n_bytes = 0
        """Bytes taken."""
        self._read(CHUNK_BYTES)
        self.head = bytes(self._bytes[:4])
        """The first four bytes of the file, mark included."""
        if self.head.startswith(_BOM):
            del self._bytes[: len(_BOM)]

    @property
    def front(self) -> bytes:
        """What comes next, as much of it as was read so far; nothing is taken."""
        return bytes(self._bytes)

    def is_at_end(self) -> bool:
        """Whether everything has been taken."""
        return not self._bytes and not self._read(1)

    def line(self) -> bytes:
        """Take a line with its end; nothing at the end of the text."""
        has_more = True
        while True:
            found = _LINE.match(self._bytes)
            # After a return at the end of what was read, a line feed may follow.
            is_whole = found and (found.end() < len(self._bytes) or self._bytes.endswith(b"\n"))
            if found and (is_whole or not has_more):
                return self._take(found.end(), n_lines=1)
            if len(self._bytes) > self._limits.line_bytes:
                raise line_too_long(self._path, self._limits)
            if not has_more:  # the text is at its end, as its last line got one
                return b""
            has_more = self._read(len(self._bytes) + CHUNK_BYTES)

    def usual_records(self, separator: str, *, most: int) -> bytes:
        """Take some megabytes of usual records; nothing where the next record is another.

        ``most``  lines: a line may be short, and stand for a row of many cells
        """
        wanted = STRETCH_BYTES
        while True:
            has_more = self._read(wanted)
            size, is_cut_off = _usual(self._bytes, separator, self._limits.line_bytes, most)
            is_too_long = len(self._bytes) > self._limits.line_bytes
            if size or is_too_long or not (is_cut_off and has_more):
                return self._take(size, n_lines=self._bytes.count(b"\n", 0, size))
            wanted = 2 * len(self._bytes)

    def _read(self, wanted: int) -> bool:
        """Read on until ``wanted`` bytes or more are there; False where there are no more."""
        while len(self._bytes) < wanted:
            chunk = next(self._chunks, None)
            if chunk is None:
                if self._last not in (b"", b"\n"):
                    self._bytes += b"\n"
                    self._last = b"\n"
                return False
            self._bytes += chunk
            self._last = chunk[-1:] or self._last
        return True

    def _take(self, size: int, *, n_lines: int) -> bytes:
        with memoryview(self._bytes) as view:
            taken = bytes(view[:size])
        del self._bytes[:size]
        self.n_bytes += size
        self.n_lines += n_lines
        return taken


def _usual(data: bytearray, separator: str, line_bytes: int, most: int) -> tuple[int, bool]:
    """Return the length of ``most`` usual records at the front, and if all that follows may be.

    It may be so where it is cut off. A record of more than ``line_bytes`` is not usual.
    """
    letters = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(letters == _QUOTE) if b'"' in data else np.empty(0, dtype=np.int64)
    ends = np.flatnonzero(letters == _LINE_FEED)
    if len(quotes):  # a line ends inside quotes where an odd number of them stands before
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    unusual = min(_misplaced(letters, quotes, separator), _lone_return(data))
    ends = ends[: np.searchsorted(ends, unusual)]
    ends = ends[:most]
    if len(data) > line_bytes:
        too_long = np.flatnonzero(np.diff(ends, prepend=-1) - 1 > line_bytes)
        ends = ends[: too_long[0]] if len(too_long) else ends
    return int(ends[-1]) + 1 if len(ends) else 0, unusual == len(data)


def _misplaced(letters: NDArray[np.uint8], quotes: NDArray[np.int64], separator: str) -> int:
    """Return where the first quote stands that neither begins a cell nor ends one; else the end.

    Quotes come in pairs, as a quote inside a quoted cell is doubled: the first of a pair follows
    a separator, a line's end or the pair before, and the like follows the second.
    """
    beside = np.zeros(256, dtype=bool)
    beside[list(f'{separator}\r\n"'.encode())] = True
    firsts, seconds = quotes[::2], quotes[1::2]
    is_sound = np.ones(len(quotes), dtype=bool)
    is_sound[::2] = beside[letters[firsts - 1]] | (firsts == 0)
    is_sound[1::2] = beside[letters[np.minimum(seconds + 1, len(letters) - 1)]]
    wrong = np.flatnonzero(~is_sound)
    return int(quotes[wrong[0]]) if len(wrong) else len(letters)


def _lone_return(data: bytearray) -> int:
    """Return where the first return without a line feed stands; else the end."""
    if data.count(b"\r") == data.count(b"\r\n"):
        return len(data)
    found = _LONE_RETURN.search(data)
    return found.start() if found else len(data)


class Records(Iterator[list[str]]):
    """The records of a CSV text, one by one, with the line each ends on.

    ``lines``  with their ends; ``n_before`` lines of the file stand before them
    """

    def __init__(
        self,
        path: Path,
        lines: Iterable[bytes],
        separator: str,
        limits: TableLimits,
        *,
        n_before: int = 0,
    ) -> None:
        self._path = path
        self._limits = limits
        self._n_before = n_before
        self._pending = 0
        self._reader = csv.reader(self._decoded(lines), delimiter=separator, strict=True)

    @property
    def where(self) -> str:
        """The file and the line that was read last."""
        return f"{shown(self._path)} line {self._n_before + self._reader.line_num}"

    def _decoded(self, lines: Iterable[bytes]) -> Iterator[str]:
        for number, line in enumerate(lines, start=self._n_before + 1):
            if self._pending + len(line) - line.endswith(b"\n") > self._limits.line_bytes:
                raise line_too_long(self._path, self._limits)
            self._pending += len(line)
            yield decoded(self._path, line, number)

    def __next__(self) -> list[str]:
        try:
            record = next(self._reader)
        except csv.Error as error:
            if "field limit" in str(error):
                raise line_too_long(self._path, self._limits) from error
            raise TableError(
                f"{self.where}: the quotes around a cell are wrong ({error}); "
                "double each quote inside a quoted cell, and close it"
            ) from error
        self._pending = 0
        return record


def decoded(path: Path, line: bytes, number: int) -> str:
    """Return a line as text; TableError, with its number, where it is not UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise TableError(
            f"{shown(path)} line {number}: byte 0x{line[error.start]:02x} is not UTF-8; "
            "save the table as CSV in UTF-8 (it may be Windows-1252 or Latin-1 now)"
        ) from error


def line_too_long(path: Path, limits: TableLimits) -> HostileTableError:
    """Return the error for a record or a cell that does not end."""
    return HostileTableError(
        f"{shown(path)}: it has a cell or a line that does not end within the limit of "
        f"{limits.line_bytes:,} bytes for a line and {csv.field_size_limit():,} characters for a "
        "cell; check that it is a CSV, and that every quote is closed"
    )
