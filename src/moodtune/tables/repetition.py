"""How much text a workbook's cells come to, when many of them name the same shared string."""

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_STRING_TAG = re.compile(rb"<(?:\w+:)?si[\s/>]")
_VALUE = re.compile(rb">([^<>]*)</(?:\w+:)?v\s*>")


def string_bytes(stretches: Iterable[bytes]) -> NDArray[np.int64]:
    """Return the length of each shared string in bytes, markup included [shape=(n_strings,)].

    ``stretches`` are the text of the part that holds them, each ending between two tags.
    """
    offset = 0
    starts: list[int] = []
    for text in stretches:
        starts += [offset + match.start() for match in _STRING_TAG.finditer(text)]
        offset += len(text)
    bounds = np.array([*starts, offset], dtype=np.int64)
    return bounds[1:] - bounds[:-1]


def repeated_bytes(stretches: Iterable[bytes], lengths: NDArray[np.int64]) -> int:
    """Return at most how many bytes of shared strings the cells of a sheet come to.

    Every whole number counts as the name of a string, though some are numbers; a value that is
    written with an escape counts as the longest.
    """
    longest, total = int(lengths.max()), 0
    for text in stretches:
        values = _VALUE.findall(text)
        total += longest * sum(b"&" in value for value in values)
        # Longer than any index can be: a number.
        short = [value.strip() for value in values if len(value) < len(str(2**63))]
        named = np.array([value for value in short if value.isdigit()]).astype(np.int64)
        total += int(lengths[named[named < len(lengths)]].sum())
    return total
