"""How large a Parquet file says that its columns are once expanded, read from its footer.

The footer is a struct in Thrift's compact protocol:
https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift and
https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

#: What a Parquet file begins and ends with.
MAGIC = b"PAR1"
#: The length of the footer and the four letters that end the file.
_TAIL_BYTES = 8
_MOST_DEPTH = 16
#: Numbers of the fields that are read: FileMetaData, RowGroup, ColumnChunk, ColumnMetaData.
_ROW_GROUPS, _COLUMNS, _META_DATA, _EXPANDED = 4, 1, 3, 6
_SHORT_LIST = 15
_FIXED_BYTES: Mapping[int, int] = {3: 1, 7: 8, 13: 16}
_TRUE, _FALSE, _BINARY, _STRUCT, _MAP = 1, 2, 8, 12, 11
_INTEGERS, _LISTS = (4, 5, 6), (9, 10)


class FooterError(ValueError):
    """A footer that does not follow the format."""


def footer_bytes(path: Path) -> int:
    """Return the length that the file gives its footer; FooterError where it was cut off."""
    with path.open("rb") as file:
        file.seek(max(file.seek(0, 2) - _TAIL_BYTES, 0))
        tail = file.read()
    if not tail.endswith(MAGIC):
        raise FooterError(tail)
    return int.from_bytes(tail[:4], "little")


def expanded_bytes(path: Path) -> int:
    """Return the bytes of all column chunks before compression; FooterError if it tells none."""
    length = footer_bytes(path)
    with path.open("rb") as file:
        end = file.seek(0, 2)
        if length > end - _TAIL_BYTES:
            raise FooterError(length)
        file.seek(end - _TAIL_BYTES - length)
        footer = _Compact(file.read(length)).struct(0)
    try:
        chunks = [chunk for group in footer[_ROW_GROUPS] for chunk in group[_COLUMNS]]
        return sum(max(chunk[_META_DATA][_EXPANDED], 0) for chunk in chunks)
    except (LookupError, TypeError) as error:
        raise FooterError from error


class _Compact:
    """Reads values one after the other; each field of a struct by its number."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def struct(self, depth: int) -> dict[int, Any]:
        """Read the fields up to the one that says stop."""
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            number = number + step if step else self._integer()
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in _INTEGERS:
            return self._integer()
        if kind in (_TRUE, _FALSE):  # inside a list
            return self._byte() == _TRUE
        if kind in _FIXED_BYTES or kind == _BINARY:
            return self._skip(_FIXED_BYTES.get(kind) or self._unsigned())
        return self._nested(kind, depth + 1)

    def _nested(self, kind: int, depth: int) -> Any:
        if depth > _MOST_DEPTH or kind not in (*_LISTS, _STRUCT, _MAP):
            raise FooterError(depth, kind)
        if kind == _STRUCT:
            return self.struct(depth)
        return self._map(depth) if kind == _MAP else self._list(depth)

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        count = head >> 4
        count = self._unsigned() if count == _SHORT_LIST else count
        return self._many(count, lambda: self._value(head & 15, depth))

    def _map(self, depth: int) -> list[Any]:
        count = self._unsigned()
        kinds = self._byte() if count else 0
        pair = (kinds >> 4, kinds & 15)
        return self._many(count, lambda: [self._value(kind, depth) for kind in pair])

    def _many(self, count: int, read: Callable[[], Any]) -> list[Any]:
        # Each has a byte or more.
        if count > len(self._data) - self._at:
            raise FooterError(count)
        return [read() for _ in range(count)]

    def _integer(self) -> int:
        zigzag = self._unsigned()
        return (zigzag >> 1) ^ -(zigzag & 1)

    def _unsigned(self) -> int:
        number = shift = 0
        while (byte := self._byte()) & 0x80:
            number |= (byte & 0x7F) << shift
            shift += 7
            if shift > 63:  # noqa: PLR2004 -- no number has more bits
                raise FooterError(shift)
        return number | byte << shift

    def _byte(self) -> int:
        self._skip(1)
        return self._data[self._at - 1]

    def _skip(self, count: int) -> None:
        self._at += count
        if self._at > len(self._data):
            raise FooterError(count)
