"""The zip archive around a workbook, inflated once under limits before anyone believes it."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from moodtune.errors import HostileTableError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.scanning import CHUNK_BYTES, Expansion
from moodtune.tables.table import shown

#: Where an entity would be declared; no workbook that a spreadsheet wrote has one.
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_LONGEST_DECLARATION = 64
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
    expansion = Expansion(where, limits, most_bytes=limits.workbook_bytes)
    with path.open("rb") as file:
        for part in parts:
            _check_part(where, part, file, expansion, size)


def _check_part(
    where: str, part: zipfile.ZipInfo, file: BinaryIO, expansion: Expansion, size: int
) -> None:
    tail = b""
    first = True
    for piece in _expanded(where, part, file):
        expansion.add(len(piece), compressed=size)
        if first and b"\0" in piece[:8] and part.filename.endswith((".xml", ".rels")):
            raise TableError(f"{where}: it is written in UTF-16 inside; save it again as XLSX")
        first = False
        if _DECLARATION.search(tail + piece):
            raise HostileTableError(
                f"{where}: it declares entities of its own inside, as workbooks never do; "
                "save it again as XLSX or CSV with a spreadsheet"
            )
        tail = piece[-_LONGEST_DECLARATION:]


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
