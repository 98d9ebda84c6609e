"""CSV tables, plain or gzip: every cell as the text it is, some megabytes of them at a time."""

import csv
import io
import re
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import polars as pl

from moodtune.ahead import in_order
from moodtune.counting import Count, uncounted
from moodtune.errors import HostileTableError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.long_table import LongText
from moodtune.tables.records import Records, Text
from moodtune.tables.scanning import Fingerprint, inflated
from moodtune.tables.table import (
    LongestCells,
    Table,
    check_shape,
    cleaned,
    frame_of,
    shown,
    unique_names,
    unreadable,
)
from moodtune.tables.text import undo_guards

_SEPARATORS = (",", ";", "\t")
_WIDE_ENCODINGS = (BOM_UTF16_LE, BOM_UTF16_BE, BOM_UTF32_BE)
#: Characters that are taken record by record where one is unusual: others like it are often near.
_UNUSUAL_CHARACTERS = 1024**2
#: Cells that are parsed at once: a row may be short, and is filled up.
_STRETCH_CELLS = 1 << 21
#: Bytes that a cell is counted as where it is held, as those of a Parquet file are.
_CELL_BYTES = 8
#: Cells that are rather held than read twice.
_HELD_CELLS = 1 << 24
#: Lines at the front of a file, and bytes of them, in which the header is looked for.
_HEADER_LINES, _HEADER_BYTES = 100, 64 * 1024
#: What is counted while a file is checked that will be read once more.
_CHECKING = "checking the text, kB"
#: What Excel takes for the separator, in a line of its own before the header.
_SAID = re.compile(rb'"?sep=([,;\t])"?\r?\n?', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Whole records: usual ones as they stand in the file, or others written again."""

    data: bytes
    separator: str
    n_before: int
    """Lines of the file before them."""
    is_written_again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Some rows of a table."""

    frame: pl.DataFrame
    n_lines: int
    """Rows as they stand in the file, those that are blank from end to end as well."""
    n_bytes: int
    longest: LongestCells


def read_delimited(path: Path, limits: TableLimits) -> Table:
    """Read a CSV table: UTF-8, separated by comma, semicolon or tab, whichever the header has most.

    A row with fewer cells than the header is filled up with blanks, as spreadsheets leave empty
    cells at the end away. One with more makes the whole table refused, with the line, because its
    cells stand in the wrong columns, and nobody can say in how many other rows they do. Raises
    `TableError`, and `HostileTableError` beyond ``limits``.
    """
    _check_expansion(path, limits)
    passage = _Passage(path, limits)
    return _table(path, passage, [part.frame for part in passage.checked()])


def open_delimited(
    path: Path, limits: TableLimits, *, held_bytes: int, count: Count = uncounted
) -> Table | LongText:
    """Read a CSV table of at most ``held_bytes``, and only check a longer one.

    ``count`` is told how much of the file is checked, once it is too long to be held.
    Raises as `read_delimited`.
    """
    _check_expansion(path, limits)
    passage = _Passage(path, limits)
    held: list[pl.DataFrame] = []
    filled: set[str] = set()
    n_rows = n_bytes = 0
    width, is_held, size = len(passage.names), True, path.stat().st_size
    for part in passage.checked():
        n_rows += part.frame.height
        n_bytes += part.n_bytes
        is_held = n_bytes <= held_bytes and n_rows * width <= _HELD_CELLS
        filled |= {c.name for c in part.frame.iter_columns() if c.null_count() < len(c)}
        held = [*held, part.frame] if is_held else []
        if not is_held:
            count(_CHECKING, passage.source.size // 1000, size // 1000)
    if is_held:
        return _table(path, passage, held)
    sha256 = passage.source.sha256
    return LongText(
        name=path.name,
        sha256=sha256,
        names=passage.names,
        n_rows=n_rows,
        filled=frozenset(filled),
        read=lambda: _again(path, limits, passage.names, sha256),
    )


def _table(path: Path, passage: "_Passage", parts: list[pl.DataFrame]) -> Table:
    no_rows = frame_of([pl.Series(name, [], dtype=pl.String) for name in passage.names])
    frame = pl.concat(parts) if parts else no_rows
    return Table(name=path.name, sha256=passage.source.sha256, frame=frame, kind="csv")


def _again(
    path: Path, limits: TableLimits, names: list[str], sha256: str
) -> Iterator[pl.DataFrame]:
    """Yield the rows of a table that was checked before."""
    try:
        passage = _Passage(path, limits)
        if passage.names == names:
            for part in passage.parts():
                yield part.frame
    except OSError as error:
        raise unreadable(path, error) from error
    if passage.source.sha256 != sha256:
        raise TableError(f"{shown(path)}: it was changed while it was read; start again")


class _Passage:
    """One time through a CSV: its header at once, its rows when they are asked for."""

    def __init__(self, path: Path, limits: TableLimits) -> None:
        self._path = path
        self._limits = limits
        self.source = Fingerprint(path, limits)
        chunks = self.source.chunks()
        if _is_packed(path):
            chunks = inflated(path, self.source, limits)
        self._text = Text(path, chunks, limits)
        self._separator, header = _header(path, self._text, limits)
        check_shape(shown(path), columns=len(header), rows=1, limits=limits)
        self.names = unique_names(undo_guards(pl.Series(header, dtype=pl.String)))

    def checked(self) -> Iterator[_Part]:
        """Yield `parts`, and raise after the last if they are too many or a cell is too long."""
        longest = LongestCells()
        n_lines = n_bytes = 0
        for part in self.parts():
            yield part
            longest.add(part.longest, n_before=n_lines)
            n_lines += part.n_lines
            n_bytes += part.n_bytes
            self._check_filling(n_lines * len(self.names), n_bytes)
        check_shape(shown(self._path), columns=len(self.names), rows=n_lines, limits=self._limits)
        longest.check(shown(self._path), self._limits)

    def _check_filling(self, cells: int, n_bytes: int) -> None:
        """Raise HostileTableError where rows are filled up to far more than they have."""
        limits = self._limits
        most = max(limits.expansion_ratio * n_bytes, limits.free_expansion_bytes)
        if cells * _CELL_BYTES > most:
            raise HostileTableError(
                f"{shown(self._path)}: its header names {len(self.names):,} columns, and its rows "
                f"have so few cells that filled up they take {limits.expansion_ratio} times their "
                "size and more; leave out the columns that hardly any row fills"
            )

    def parts(self) -> Iterator[_Part]:
        """Yield the rows in order; they are parsed on all processors."""
        return in_order(self._part, self._stretches())

    def _stretches(self) -> Iterator[_Stretch]:
        most = max(_STRETCH_CELLS // len(self.names), 1)
        while not self._text.is_at_end():
            n_before = self._text.n_lines
            if data := self._text.usual_records(self._separator, most=most):
                yield self._stretch(data, n_before)
            else:
                lines = iter(self._text.line, b"")
                yield self._written_again(lines, n_before, most=_UNUSUAL_CHARACTERS)

    def _stretch(self, data: bytes, n_before: int) -> _Stretch:
        return _Stretch(
            data=data, separator=self._separator, n_before=n_before, is_written_again=False
        )

    def _written_again(
        self, lines: Iterable[bytes], n_before: int, *, most: int = sys.maxsize
    ) -> _Stretch:
        """Take records one by one, ``most`` characters or a little more.

        TableError with the line of the record that cannot be understood.
        """
        written = io.StringIO(newline="")
        writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
        records = Records(self._path, lines, self._separator, self._limits, n_before=n_before)
        width = len(self.names)
        for record in records:
            writer.writerow(_fitted(record, width, records.where) or [""] * width)
            if written.tell() >= most:
                break
        data = written.getvalue().encode()
        return _Stretch(data=data, separator=",", n_before=n_before, is_written_again=True)

    def _part(self, stretch: _Stretch) -> _Part:
        frame = _parsed(stretch, self.names)
        if frame is None and not stretch.is_written_again:
            lines = stretch.data.splitlines(keepends=True)
            frame = _parsed(self._written_again(lines, stretch.n_before), self.names)
        if frame is None:
            raise TableError(
                f"{shown(self._path)}: it cannot be understood as CSV; save it again as CSV"
            )
        return _Part(
            frame=cleaned(frame),
            n_lines=frame.height,
            n_bytes=len(stretch.data),
            longest=LongestCells.of(frame, self._limits),
        )


def _is_packed(path: Path) -> bool:
    return path.name.lower().endswith(".gz")


def _check_expansion(path: Path, limits: TableLimits) -> None:
    """Raise HostileTableError for what was made to fill a machine, before any of it is held."""
    if not _is_packed(path):
        return
    try:
        for _ in inflated(path, Fingerprint(path, limits), limits):
            pass
    except HostileTableError:
        raise
    except TableError:  # damage is told in its turn
        return


def _header(path: Path, text: Text, limits: TableLimits) -> tuple[str, list[str]]:
    """Take the header, and return the separator and the header's cells."""
    _refuse_wide_text(path, text.head)
    line = next((line for line in iter(text.line, b"") if line.strip(b"\r\n")), b"")
    if not line:
        raise TableError(f"{shown(path)}: the file is empty; it must have a header and rows")
    if said := _SAID.fullmatch(line):
        separator, line = said[1].decode(), text.line()
    else:
        separator = _separator(line, text.front)
    lines = chain([line], iter(text.line, b""))
    header = next(Records(path, lines, separator, limits, n_before=text.n_lines - 1))
    if not any(name.strip() for name in header):
        raise TableError(
            f"{shown(path)}: its first line names no column; the first line must be the header"
        )
    return separator, header


def _separator(line: bytes, rest: bytes) -> str:
    """Return what the header has most, quoted cells left out; it may go on in ``rest``."""
    header = line
    for more in rest[:_HEADER_BYTES].splitlines(keepends=True)[:_HEADER_LINES]:
        if header.count(b'"') % 2 == 0:
            break
        header += more
    # A quote that nothing closes is part of a name.
    is_quoted = header.count(b'"') % 2 == 0
    outside = b"".join(header.split(b'"')[::2]) if is_quoted else line
    return max(_SEPARATORS, key=lambda mark: outside.count(mark.encode()))


def _refuse_wide_text(path: Path, head: bytes) -> None:
    """Refuse UTF-16 and UTF-32, by their mark or by the empty half of the first letter."""
    if head.startswith(_WIDE_ENCODINGS) or b"\0" in head[:2]:
        raise TableError(
            f"{shown(path)}: it is not text in UTF-8, but UTF-16 or no text at all; save it as "
            "CSV in UTF-8"
        )


def _parsed(stretch: _Stretch, names: list[str]) -> pl.DataFrame | None:
    """Parse with polars; None where it finds anything unusual, which records then explain."""
    # A header of its own: without one polars guesses how many columns there are.
    header = stretch.separator.join(map(str, range(len(names)))).encode()
    try:
        frame = pl.read_csv(
            header + b"\n" + stretch.data,
            separator=stretch.separator,
            new_columns=names,
            infer_schema=False,
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    return frame if frame.columns == names else None


def _fitted(record: list[str], width: int, where: str) -> list[str]:
    """Return a record without blank cells beyond the header's; others there are a mistake."""
    if any(cell.strip() for cell in record[width:]):
        raise TableError(
            f"{where}: it has {len(record)} cells and the header has {width}; "
            "put quotes around cells that contain the separator"
        )
    return record[:width]
