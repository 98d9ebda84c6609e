"""The zip archive around a workbook, inflated once under limits before anyone believes it."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from moodtune.errors import HostileTableError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.repetition import repeated_bytes, string_bytes
from moodtune.tables.scanning import CHUNK_BYTES, Expansion
from moodtune.tables.table import shown

#: Where an entity would be declared; no workbook that a spreadsheet wrote has one.
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
#: Where a cell stands, as nearly every writer puts it, and in any way it may be put.
_USUAL_CELL = re.compile(rb'<c r="([A-Z]{1,9})([0-9]{1,9})"')
_ANY_CELL = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?\br\s*=\s*["']([A-Za-z]{1,9})([0-9]{1,9})["']""")
_ANY_CELL_TAG = re.compile(rb"<(?:\w+:)?c[\s/>]")
_UNUSUAL_CELL_TAGS = (re.compile(rb"<c[/>\t\r\n]"), re.compile(rb":c[\s/>]"))
#: A sheet may span this many cells for each that is filled, and a million in any case.
_MOST_HOLES = 20
_FREE_SPAN = 1_000_000
#: Bytes that one character takes at most in XML: ``&quot;`` with room to spare.
_LONGEST_ESCAPE = 8
_LOCAL_HEADER_BYTES = 30
_LOCAL_MAGIC = b"PK\x03\x04"


def check_archive(path: Path, limits: TableLimits) -> None:
    """Inflate every part of a zip file, keeping nothing, and raise if it is not what it seems.

    The sizes that the archive states of itself are not believed. Raises `HostileTableError` for
    what is too large, too many or declares entities, `TableError` for what is damaged.
    """
    where = shown(path)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, UnicodeDecodeError) as error:
        raise TableError(
            f"{where}: it is no XLSX workbook, or a damaged one; save it again as XLSX"
        ) from error
    if len(parts) > limits.workbook_parts:
        raise HostileTableError(
            f"{where}: it has {len(parts):,} parts inside and the limit is "
            f"{limits.workbook_parts:,}; save the one sheet that is needed as CSV"
        )
    size = path.stat().st_size
    with path.open("rb") as file:
        # Sizes first: nothing is looked for in what is too large.
        expansion = Expansion(where, limits, most_bytes=limits.workbook_bytes)
        for part in parts:
            for piece in _expanded(where, part, file):
                expansion.add(len(piece), compressed=size)
        filled = 0
        for part in parts:
            filled += _check_part(where, part, file, limits)
        _check_repetition(where, parts, file, limits, filled)


def _check_part(where: str, part: zipfile.ZipInfo, file: BinaryIO, limits: TableLimits) -> int:
    """Look at the text of one part; return how many cells it fills."""
    # The list of formulas speaks of cells as a sheet does, and need not fill what it spans.
    sheet = _SheetSpan(where)
    is_sheet = not part.filename.lower().endswith("calcchain.xml")
    for text in _stretches(where, part, file, limits):
        if b"<!" in text and _DECLARATION.search(text):
            raise HostileTableError(
                f"{where}: it declares entities of its own inside, as workbooks never do; "
                "save it again as XLSX or CSV with a spreadsheet"
            )
        if is_sheet:
            sheet.add(text)
    return sheet.check()


def _stretches(
    where: str, part: zipfile.ZipInfo, file: BinaryIO, limits: TableLimits
) -> Iterator[bytes]:
    """Yield the text of a part, cut where tags begin, so that nothing hides at a cut."""
    pieces = _expanded(where, part, file)
    rest = next(pieces, b"")
    if not (part.filename.lower().endswith((".xml", ".rels")) or rest.lstrip().startswith(b"<")):
        return
    if b"\0" in rest[:8]:
        raise TableError(f"{where}: it is written in UTF-16 inside; save it again as XLSX")
    for piece in chain([b""], pieces):
        text = rest + piece
        end = max(text.rfind(b"<"), 0)
        yield text[:end]
        rest = text[end:]
        if len(rest) > limits.cell_characters * _LONGEST_ESCAPE:
            raise HostileTableError(
                f"{where}: a cell has more than {limits.cell_characters:,} characters, the "
                "limit; a table of answers or tracks has no such cell, check where it comes from"
            )
    yield rest


def _check_repetition(
    where: str, parts: list[zipfile.ZipInfo], file: BinaryIO, limits: TableLimits, filled: int
) -> None:
    """Refuse a workbook whose cells repeat a few long texts until they fill the machine."""
    for part in parts:
        if not part.filename.lower().endswith("sharedstrings.xml"):
            continue
        lengths = string_bytes(_stretches(where, part, file, limits))
        # Nearly always the coarse bound is enough, and no cell is looked at again.
        if not len(lengths) or int(lengths.max()) * filled <= limits.workbook_bytes:
            continue
        texts = (_stretches(where, other, file, limits) for other in parts if other is not part)
        if sum(repeated_bytes(text, lengths) for text in texts) > limits.workbook_bytes:
            raise HostileTableError(
                f"{where}: its cells repeat a few long texts until they come to more than "
                f"{limits.workbook_bytes:,} bytes, the limit; save it as CSV or Parquet"
            )


class _SheetSpan:
    """How far the cells of a sheet lie apart: a parser lays out every cell in between."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._tags = self._filled = self._last_row = self._last_column = 0

    def add(self, xml: bytes) -> None:
        """Count the cells in a stretch of the sheet's text that ends between tags."""
        tags, cells = xml.count(b"<c "), _USUAL_CELL.findall(xml)
        # The thorough patterns take several times as long, and are hardly ever needed.
        if tags != len(cells) or any(tag.search(xml) for tag in _UNUSUAL_CELL_TAGS):
            tags, cells = len(_ANY_CELL_TAG.findall(xml)), _ANY_CELL.findall(xml)
        self._tags += tags
        self._filled += len(cells)
        if cells:
            letters, numbers = zip(*cells, strict=True)
            columns = max(_column_number(each) for each in frozenset(letters))
            self._last_column = max(self._last_column, columns)
            self._last_row = max(self._last_row, *(int(each) for each in frozenset(numbers)))

    def check(self) -> int:
        """Return how many cells are filled; raise for mostly holes, or cells without a place."""
        spanned = self._last_row * self._last_column
        if spanned > max(_FREE_SPAN, _MOST_HOLES * self._filled):
            raise HostileTableError(
                f"{self._where}: a sheet spans {spanned:,} cells and fills {self._filled:,} of "
                "them; delete what lies far outside the table, or save it as CSV"
            )
        if self._tags > self._filled:
            raise TableError(
                f"{self._where}: cells of a sheet do not say where they stand; save it again as "
                "XLSX with a spreadsheet"
            )
        return self._filled


def _column_number(letters: bytes) -> int:
    """Return 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - ord("A") + 1
    return number


def _expanded(where: str, part: zipfile.ZipInfo, file: BinaryIO) -> Iterator[bytes]:
    """Yield what a part really expands to, from the bytes as they lie."""
    file.seek(part.header_offset)
    header = file.read(_LOCAL_HEADER_BYTES)
    if header[:4] != _LOCAL_MAGIC or part.flag_bits & 1:
        raise _damaged(where)
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    raw = _raw(file, part.compress_size)
    if part.compress_type == zipfile.ZIP_STORED:
        yield from raw
    elif part.compress_type == zipfile.ZIP_DEFLATED:
        yield from _inflated(where, raw)
    else:
        raise _damaged(where)


def _raw(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (chunk := file.read(min(left, CHUNK_BYTES))):
        left -= len(chunk)
        yield chunk


def _inflated(where: str, raw: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for chunk in raw:
            rest = chunk
            while rest and not inflater.eof:
                yield inflater.decompress(rest, CHUNK_BYTES)
                rest = inflater.unconsumed_tail
    except zlib.error as error:
        raise _damaged(where) from error


def _damaged(where: str) -> TableError:
    return TableError(
        f"{where}: its parts are damaged, locked with a password, or packed in an unusual way; "
        "save it again as XLSX"
    )
