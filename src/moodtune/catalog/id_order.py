"""The order of track ids, found on eight bytes of each where these tell them apart.

Ids of one catalog are of one kind: what they all begin with tells nothing, and the bytes behind it
nearly everything. Numbers sort several times faster than strings.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

_WORD = 8  # bytes


def ascending(ids: pl.Series) -> NDArray[np.intp]:
    """Return the rows of ``ids`` in the order of their ids, by bytes; no id is null."""
    if len(ids) < 2:  # noqa: PLR2004 -- one alone is in order
        return np.arange(len(ids))
    words = _words(ids)
    order = np.argsort(words)
    words = words[order]
    is_same = words[1:] == words[:-1]
    if is_same.any():
        # Ids with one word stand side by side, so all such may be ordered at once.
        tied = np.flatnonzero(np.append(is_same, False) | np.insert(is_same, 0, False))
        alike = order[tied]
        order[tied] = alike[ids.gather(alike).arg_sort().to_numpy()]
    return order


def repeats(ascending_ids: pl.Series) -> bool:
    """Say whether any id occurs twice among ids in order."""
    before = ascending_ids.slice(0, max(len(ascending_ids) - 1, 0))
    return bool((ascending_ids.slice(1) == before).any())


def _words(ids: pl.Series) -> NDArray[np.uint64]:
    """Return the eight bytes behind what all ids begin with, zeros where an id is shorter."""
    ends = [str(ids.min()).encode(), str(ids.max()).encode()]
    differ = [place for place, (a, b) in enumerate(zip(*ends, strict=False)) if a != b]
    shared = differ[0] if differ else min(map(len, ends))
    padded = (ids + "\0" * (shared + _WORD)).cast(pl.Binary).to_frame("id")
    word = pl.col("id").bin.slice(shared, _WORD)
    read = word.bin.reinterpret(dtype=pl.UInt64, endianness="big")
    return padded.select(read)["id"].to_numpy()
