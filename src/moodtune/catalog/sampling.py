"""Samples of tracks that hang on nothing but the tracks' ids and a seed.

Each id has a keyed hash, and a sample is the tracks with the smallest: the same tracks whatever
their order, the machine, or the batch in which they are seen.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.seeding import derive

_BLOCK = 1 << 14  # ids hashed at once: their words stay in the processor's cache
_BLOCK_BYTES = 1 << 22  # and their bytes at most, but for an id that is longer
_WORD = 8  # bytes
_EVERY_BIT = np.uint64(0xFFFFFFFFFFFFFFFF)


def keyed_hashes(ids: pl.Series, seed: int, purpose: str) -> NDArray[np.uint64]:
    """Return a hash of each id [shape=(n_ids,)], the same on every machine.

    ``purpose`` names what the hashes are for: another purpose draws another sample. The hash is
    the finalizer of splitmix64 over the id's UTF-8 bytes, eight at a time: evenly spread, and no
    protection against ids that were made to collide.
    """
    start = derive(seed, "keyed hashes", purpose).integers(2**64, dtype=np.uint64)
    hashes = np.empty(len(ids), dtype=np.uint64)
    longest = int(ids.str.len_bytes().to_numpy().max(initial=1))
    rows = max(min(_BLOCK, _BLOCK_BYTES // longest), 1)
    for first in range(0, len(ids), rows):
        hashes[first : first + rows] = _hash_block(ids.slice(first, rows), start)
    return hashes


def smallest(hashes: NDArray[np.uint64], n: int) -> NDArray[np.intp]:
    """Return the rows of the ``n`` smallest hashes, all if there are fewer, smallest first."""
    rows = np.arange(len(hashes))
    if 0 < n < len(hashes):
        rows = np.flatnonzero(hashes <= np.partition(hashes, n - 1)[n - 1])
    return rows[np.argsort(hashes[rows], kind="stable")][:n]


def _hash_block(ids: pl.Series, start: np.uint64) -> NDArray[np.uint64]:
    lengths = ids.str.len_bytes().to_numpy().astype(np.int64)
    hashes = _mixed(lengths.astype(np.uint64) ^ start)
    starts = np.cumsum(lengths) - lengths
    words = _words(ids)
    rows = np.arange(len(ids))
    for at in range(0, int(lengths.max(initial=0)), _WORD):
        rows = rows[lengths[rows] > at]
        # Of the last word, only what is the id's own counts.
        beyond = 8 * np.maximum(at + _WORD - lengths[rows], 0)
        read = words[starts[rows] + at] & (_EVERY_BIT >> beyond.astype(np.uint64))
        hashes[rows] = _mixed(hashes[rows] ^ read)
    return hashes


def _words(ids: pl.Series) -> NDArray[np.uint64]:
    """Return the eight bytes that begin at each byte of all ids, one after the other."""
    data = np.frombuffer(ids.str.join().cast(pl.Binary).item() + bytes(_WORD), np.uint8)
    each = np.lib.stride_tricks.sliding_window_view(data, _WORD)
    words: NDArray[np.uint64] = each.view("<u8")[:, 0]
    return words


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the values scattered by the step and finalizer of splitmix64 (Steele et al. 2014)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    scattered: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return scattered
