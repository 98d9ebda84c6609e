"""Named arrays in one file, read without trusting a byte of it.

The file is a row of ordinary ``.npy`` records (format 1.0, C order, little-endian): first the
names, sorted, as one array of strings, then one array per name. ``numpy.load`` on the open file
reads them one after another. Headers are padded so that every array starts at a multiple of 64
bytes, which lets the file be used as it lies on disk.

The reader takes exactly the bytes that the writer makes. Nothing is evaluated, and no size is
believed before it was compared with the bytes that are there.
"""

import math
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from moodtune.errors import BundleError

Arrays: TypeAlias = Mapping[str, NDArray[Any]]

MAX_ARRAYS = 1000
MAX_AXES = 8

_MAGIC = b"\x93NUMPY\x01\x00"
_ALIGNMENT = 64
_MAX_HEADER = 512
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_HEADER = re.compile(
    rb"\{'descr': '([<|][biufU][0-9]{1,6})', 'fortran_order': False, "
    rb"'shape': \(((?:[0-9]{1,15}, ?)*(?:[0-9]{1,15})?)\), \} *\n"
)
_DTYPES = ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8")
_STRING = re.compile(r"<U[1-9][0-9]{0,5}")
_LAST_CODE_POINT = 0x10FFFF
_FIRST_SURROGATE, _LAST_SURROGATE = 0xD800, 0xDFFF


def encode_arrays(arrays: Arrays) -> Iterator[bytes | memoryview]:
    """Yield the bytes of the file that holds ``arrays``, in chunks; ValueError for other types.

    Names are ``[a-z][a-z0-9_]*``; arrays are numbers, booleans or ``<U`` strings.
    """
    names = sorted(arrays)
    wrong = [name for name in names if not _NAME.fullmatch(name)]
    if wrong or not names:
        raise ValueError(f"arrays need plain names, got {wrong or 'none'}")
    at = 0
    # One at a time: arrays may be made when they are asked for.
    for array in chain([np.array(names)], (arrays[name] for name in names)):
        plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        if not _is_plain(plain.dtype.str) or array.ndim > MAX_AXES:
            raise ValueError(f"cannot keep an array of {array.dtype} with {array.ndim} axes")
        header = _header(plain.dtype.str, array.shape, at)
        yield header
        yield plain.reshape(-1).view(np.uint8).data
        at += len(header) + plain.nbytes
        del array, plain


def decode_arrays(data: bytes | memoryview, where: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file as views of ``data``; BundleError if it is damaged.

    ``where`` names the file in the error. The arrays cannot be written to.
    """
    data = memoryview(data)
    names, at = _record(data, 0, where)
    if names.dtype.kind != "U" or names.ndim != 1 or not 0 < len(names) <= MAX_ARRAYS:
        raise _damaged(where, "a list of names at the start", f"{names.dtype} {names.shape}")
    arrays: dict[str, NDArray[Any]] = {}
    for name in names.tolist():
        if not _NAME.fullmatch(name) or (arrays and name <= next(reversed(arrays))):
            raise _damaged(where, "plain names in order", repr(name))
        arrays[name], at = _record(data, at, where)
    if at != len(data):
        raise _damaged(where, f"{at:,} bytes", f"{len(data):,}")
    return arrays


def _record(data: memoryview, at: int, where: str) -> tuple[NDArray[Any], int]:
    """Return the array whose header starts at byte ``at``, and where it ends."""
    start, dtype, shape = _parse_header(data, at, where)
    end = start + math.prod(shape) * dtype.itemsize
    # An empty array may have a long axis; no axis is longer than the file, so no product overflows.
    if end > len(data) or any(length > len(data) for length in shape):
        raise _damaged(where, f"at most {len(data) - start:,} bytes of data", f"{dtype} {shape}")
    array: NDArray[Any] = np.frombuffer(data[start:end], dtype=dtype).reshape(shape)
    array.flags.writeable = False
    if dtype.kind == "U":
        _check_text(array, where)
    return array, end


def _parse_header(
    data: memoryview, at: int, where: str
) -> tuple[int, np.dtype[Any], tuple[int, ...]]:
    head = bytes(data[at : at + _MAX_HEADER])
    match = _HEADER.match(head, len(_MAGIC) + 2)
    if match is None:
        raise _damaged(where, f"the header of an array at byte {at:,}", repr(head[:40]))
    descr = match[1].decode()
    shape = tuple(int(length) for length in match[2].split(b",") if length.strip())
    # What is left of a header's freedom (magic, version, length, padding) must be as written.
    if (
        not _is_plain(descr)
        or len(shape) > MAX_AXES
        or _header(descr, shape, at) != head[: match.end()]
    ):
        raise _damaged(where, "a header as Moodtune writes it", repr(match[0].rstrip()))
    return at + match.end(), np.dtype(descr), shape


def _header(descr: str, shape: tuple[int, ...], at: int) -> bytes:
    """Return the record's header for data that must start at a multiple of the alignment."""
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    padding = -(at + len(_MAGIC) + 2 + len(text) + 1) % _ALIGNMENT
    body = text + b" " * padding + b"\n"
    return _MAGIC + len(body).to_bytes(2, "little") + body


def _is_plain(descr: str) -> bool:
    return descr in _DTYPES or _STRING.fullmatch(descr) is not None


def _check_text(array: NDArray[Any], where: str) -> None:
    """Refuse numbers that are no characters: reading them as text would fail much later."""
    points = array.reshape(-1).view(np.uint32)
    surrogates = (points >= _FIRST_SURROGATE) & (points <= _LAST_SURROGATE)
    if (points > _LAST_CODE_POINT).any() or surrogates.any():
        raise _damaged(where, "text", "numbers that are no characters")


def _damaged(where: str, expected: str, got: str) -> BundleError:
    return BundleError(
        f"{where} is damaged: expected {expected}, got {got}; copy the model again, or train anew"
    )
