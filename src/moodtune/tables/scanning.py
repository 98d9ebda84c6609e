"""One pass over a file before anything parses it: its fingerprint, its size, its longest line."""

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from moodtune.errors import HostileTableError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.table import shown

CHUNK_BYTES = 1024**2
#: Compressed bytes that are expanded at once.
_PIECE_BYTES = 16 * 1024
#: zlib: expect a gzip header.
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class Fingerprint:
    """Reads a file in chunks and keeps the SHA-256 and the size of what went by."""

    def __init__(self, path: Path, limits: TableLimits) -> None:
        self._path = path
        self._limits = limits
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """The fingerprint of all that was read, as 64 hexadecimal digits."""
        return self._hash.hexdigest()

    def chunks(self) -> Iterator[bytes]:
        """Yield the file's bytes; `HostileTableError` where they go on beyond the limit."""
        with self._path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                self.size += len(chunk)
                if self.size > self._limits.file_bytes:
                    raise HostileTableError(
                        f"{shown(self._path)}: it is larger than {self._limits.file_bytes:,} "
                        "bytes, the limit; split it, or keep only the columns that are needed"
                    )
                self._hash.update(chunk)
                yield chunk

    def read_to_end(self) -> str:
        """Read the whole file and return its fingerprint."""
        for _ in self.chunks():
            pass
        return self.sha256


class Expansion:
    """Counts what came out of compressed data, and stops it before it fills the machine."""

    def __init__(self, where: str, limits: TableLimits, *, most_bytes: int) -> None:
        self._where = where
        self._limits = limits
        self._most_bytes = most_bytes
        self.expanded = 0

    def add(self, expanded: int, *, compressed: int) -> None:
        """Count ``expanded`` bytes more, from ``compressed`` bytes read so far in all."""
        self.expanded += expanded
        if self.expanded > self._most_bytes:
            raise HostileTableError(
                f"{self._where}: it expands to more than {self._most_bytes:,} bytes, the limit; "
                "export only the part that is needed, or save it as Parquet"
            )
        allowed = self._limits.expansion_ratio * max(compressed, 1)
        if self.expanded > max(allowed, self._limits.free_expansion_bytes):
            raise HostileTableError(
                f"{self._where}: it expands to more than {self._limits.expansion_ratio} times its "
                "size, as files do that are made to fill a machine; if it is honest, save it "
                "as CSV or Parquet"
            )


def inflated(path: Path, source: Fingerprint, limits: TableLimits) -> Iterator[bytes]:
    """Yield the expanded bytes of a gzip file, of all its members, while they stay in bounds."""
    expansion = Expansion(shown(path), limits, most_bytes=limits.expanded_bytes)
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        for compressed in _in_pieces(source.chunks()):
            rest = compressed
            while rest:
                if inflater.eof:  # between members there may be zeros, which fill up a tape
                    rest = rest.lstrip(b"\0")
                    inflater = zlib.decompressobj(_GZIP_WINDOW) if rest else inflater
                    continue
                piece = inflater.decompress(rest, CHUNK_BYTES)
                rest = inflater.unconsumed_tail or inflater.unused_data
                expansion.add(len(piece), compressed=source.size)
                yield piece
    except zlib.error as error:
        raise _damaged(path) from error
    if not inflater.eof:
        raise _damaged(path)


def _in_pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield chunks in pieces: what follows a member is copied, and a member may be tiny."""
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE_BYTES):
            yield chunk[start : start + _PIECE_BYTES]


def _damaged(path: Path) -> TableError:
    return TableError(
        f"{shown(path)}: its gzip data are damaged or cut off; fetch or write the file again"
    )
