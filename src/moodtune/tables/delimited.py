"""CSV tables, plain or gzip: every cell as the text it is."""

import codecs
import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import polars as pl

from moodtune.errors import HostileTableError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.scanning import Fingerprint, inflated
from moodtune.tables.table import Table, check_shape, clean, shown, unique_names
from moodtune.tables.text import undo_guards

_SEPARATORS = (",", ";", "\t")
_WIDE_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scanned:
    """What one pass over the bytes found out."""

    path: Path
    """Where the plain bytes lie: the file itself, or a temporary file with what gzip held."""
    ordinary: bool
    """Whether every record ends soon, so that the fast parser can be let at it."""


def read_delimited(path: Path, limits: TableLimits) -> Table:
    """Read a CSV table: UTF-8, separated by comma, semicolon or tab, whichever the header has most.

    A row with fewer cells than the header is filled up with blanks, as spreadsheets leave empty
    cells at the end away. One with more makes the whole table refused, with the line, because its
    cells stand in the wrong columns, and nobody can say in how many other rows they do. Raises
    `TableError`, and `HostileTableError` beyond ``limits``.
    """
    source = Fingerprint(path, limits)
    if not path.name.lower().endswith(".gz"):
        scanned = _scan(path, path, source.chunks(), limits)
        frame = _parse(path, scanned, limits)
    else:
        with tempfile.TemporaryDirectory(prefix="moodtune-") as folder:
            plain = Path(folder, "table.csv")
            with plain.open("wb") as file:
                scanned = _scan(path, plain, _copied(inflated(path, source, limits), file), limits)
            frame = _parse(path, scanned, limits)
    return Table(name=path.name, sha256=source.sha256, frame=frame, kind="csv")


def _copied(chunks: Iterable[bytes], file: io.BufferedIOBase) -> Iterator[bytes]:
    for chunk in chunks:
        file.write(chunk)
        yield chunk


def _scan(path: Path, plain: Path, chunks: Iterator[bytes], limits: TableLimits) -> _Scanned:
    """Go through all bytes once: a line without an end is refused before anything holds it."""
    line = quotes = 0
    records_end = True
    for chunk in chunks:
        first = chunk.find(b"\n")
        line += len(chunk) if first < 0 else first
        if line > limits.line_bytes:
            raise _line_too_long(path, limits)
        if first >= 0:
            line = len(chunk) - chunk.rfind(b"\n") - 1
        records_end &= _ends_a_record(chunk, quotes)
        quotes += chunk.count(b'"')
    return _Scanned(path=plain, ordinary=records_end and quotes % 2 == 0)


def _ends_a_record(chunk: bytes, quotes: int) -> bool:
    """Whether one of the first line breaks in ``chunk`` stands outside quotes."""
    start = 0
    for _ in range(100):
        end = chunk.find(b"\n", start)
        if end < 0:
            return start == 0
        quotes += chunk.count(b'"', start, end)
        if quotes % 2 == 0:
            return True
        start = end + 1
    return False


def _parse(path: Path, scanned: _Scanned, limits: TableLimits) -> pl.DataFrame:
    separator, header, ordinary = _header(path, scanned.path, limits)
    check_shape(shown(path), columns=len(header), rows=1, limits=limits)
    names = unique_names(undo_guards(pl.Series(header, dtype=pl.String)))
    frame = None
    if scanned.ordinary and ordinary:
        frame = _fast(scanned.path, separator, names)
    if frame is None:
        frame = _slow(path, scanned.path, separator, names, limits)
    check_shape(shown(path), columns=frame.width, rows=frame.height, limits=limits)
    return clean(frame, shown(path), limits)


def _header(path: Path, plain: Path, limits: TableLimits) -> tuple[str, list[str], bool]:
    """Return the separator, the header's cells, and whether its line ends as most do."""
    _refuse_wide_text(path, plain)
    # What is not UTF-8 is told later, with its line.
    with plain.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        line = next((line for line in text if line.strip("\r\n")), "")
        if not line:
            raise TableError(f"{shown(path)}: the file is empty; it must have a header and rows")
        outside_quotes = "".join(line.split('"')[::2])
        separator = max(_SEPARATORS, key=outside_quotes.count)
        header = next(_Records(path, chain([line], text), separator, limits))
    if not any(name.strip() for name in header):
        raise TableError(
            f"{shown(path)}: its first line names no column; the first line must be the header"
        )
    return separator, header, not line.endswith("\r")


def _refuse_wide_text(path: Path, plain: Path) -> None:
    """Refuse UTF-16 and UTF-32, by their mark or by the empty half of the first letter."""
    with plain.open("rb") as file:
        head = file.read(4)
    if head.startswith(_WIDE_ENCODINGS) or b"\0" in head[:2]:
        raise TableError(
            f"{shown(path)}: it is not text in UTF-8, but UTF-16 or no text at all; save it as "
            "CSV in UTF-8"
        )


def _fast(plain: Path, separator: str, names: list[str]) -> pl.DataFrame | None:
    """Parse with polars; None where it finds anything unusual, which `_slow` then explains."""
    try:
        frame = pl.read_csv(
            plain, separator=separator, new_columns=names, infer_schema=False, glob=False
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    return frame if frame.columns == names else None


def _slow(
    path: Path, plain: Path, separator: str, names: list[str], limits: TableLimits
) -> pl.DataFrame:
    """Parse record by record into an ordinary CSV, or say which line cannot be understood."""
    with tempfile.TemporaryDirectory(prefix="moodtune-") as folder:
        tidy = Path(folder, "tidy.csv")
        with (
            plain.open(encoding="utf-8-sig", newline="") as source,
            tidy.open("w", encoding="utf-8", newline="") as target,
        ):
            writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n")
            records = _Records(path, source, separator, limits)
            try:
                for record in records:
                    if record:
                        writer.writerow(_fitted(record, len(names), records))
            except UnicodeDecodeError as error:
                raise _not_utf8(path, plain) from error
        frame = _fast(tidy, ",", names)
    if frame is None:
        raise TableError(f"{shown(path)}: it cannot be understood as CSV; save it again as CSV")
    return frame


def _fitted(record: list[str], width: int, records: "_Records") -> list[str]:
    """Return a record without blank cells beyond the header's; others there are a mistake."""
    if any(cell.strip() for cell in record[width:]):
        raise TableError(
            f"{records.where}: it has {len(record)} cells and the header has {width}; "
            "put quotes around cells that contain the separator"
        )
    return record[:width]


class _Records(Iterator[list[str]]):
    """The records of a CSV text, one by one, with the line each ends on."""

    def __init__(
        self, path: Path, text: Iterable[str], separator: str, limits: TableLimits
    ) -> None:
        self._path = path
        self._limits = limits
        self._pending = 0
        self._reader = csv.reader(self._bounded(text), delimiter=separator, strict=True)

    @property
    def where(self) -> str:
        """The file and the line that was read last."""
        return f"{shown(self._path)} line {self._reader.line_num}"

    def _bounded(self, text: Iterable[str]) -> Iterator[str]:
        for line in text:
            self._pending += len(line)
            if self._pending > self._limits.line_bytes:
                raise _line_too_long(self._path, self._limits)
            yield line

    def __next__(self) -> list[str]:
        try:
            record = next(self._reader)
        except csv.Error as error:
            if "field limit" in str(error):
                raise _line_too_long(self._path, self._limits) from error
            raise TableError(
                f"{self.where}: the quotes around a cell are wrong ({error}); "
                "double each quote inside a quoted cell, and close it"
            ) from error
        self._pending = 0
        return record


def _line_too_long(path: Path, limits: TableLimits) -> HostileTableError:
    return HostileTableError(
        f"{shown(path)}: it has a cell or a line that does not end within the limit of "
        f"{limits.line_bytes:,} bytes for a line and {csv.field_size_limit():,} characters for a "
        "cell; check that it is a CSV, and that every quote is closed"
    )


def _not_utf8(path: Path, plain: Path) -> TableError:
    with plain.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return TableError(
                    f"{shown(path)} line {number}: byte 0x{line[error.start]:02x} is not UTF-8; "
                    "save the table as CSV in UTF-8 (it may be Windows-1252 or Latin-1 now)"
                )
    return TableError(f"{shown(path)}: it is not UTF-8; save the table as CSV in UTF-8")
