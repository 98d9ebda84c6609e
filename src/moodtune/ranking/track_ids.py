"""Track ids to rows, a thousand at once in a fraction of a millisecond.

Ids are cut into words of eight bytes and mixed into a fingerprint of 64 bits (multiply and fold,
as in Steele, Lea & Flood, Fast splittable pseudorandom number generators, OOPSLA 2014); the sorted
fingerprints are searched, and what is found is compared word by word. An id that is longer than
``MAX_WORDS`` words is compared by its beginning and 64 bits of its BLAKE2b digest.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.ahead import in_blocks
from moodtune.features.rows import order_of_hashes

#: Bytes of a word, and words of an id that are compared.
_WORD = 8
MAX_WORDS = 16
_LONGEST = MAX_WORDS * _WORD

#: About so many fingerprints at least begin with the same bits.
_BUCKET = 4

#: Ids that are cut and mixed at once: what lies between stays in the processor's cache.
_AT_ONCE = 1 << 16

_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)
_FOLD = np.uint64(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Which ids were found: ``asked[i]`` is the position of an id, ``rows[i]`` a row that has it.

    An id that several rows have comes several times, one that none has not at all.
    """

    asked: NDArray[np.intp]
    rows: NDArray[np.intp]

    def split(self, lengths: Sequence[int]) -> list["Found"]:
        """Return what was found of each of several lists that were asked about one after another.

        ``lengths``: of the lists, in their order.
        """
        ends = np.cumsum(lengths)
        cuts = np.searchsorted(self.asked, ends).tolist()
        return [
            Found(asked=self.asked[first:last] - (end - length), rows=self.rows[first:last])
            for first, last, end, length in zip(
                [0, *cuts], cuts, ends.tolist(), lengths, strict=False
            )
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdTable:
    """Ids and the rows that have them, by fingerprint.

    ``fingerprints``  uint64, ascending [shape=(n_ids,)]
    ``firsts``        where those begin that start with each number of ``bits`` bits, and the end,
                      int64 [shape=(2**bits + 1,)]
    ``words``         the ids themselves, padded with zeros, uint64 [shape=(n_ids, n_words)]
    ``rows``          int32 [shape=(n_ids,)]
    """

    fingerprints: NDArray[np.uint64]
    firsts: NDArray[np.int64]
    words: NDArray[np.uint64]
    rows: NDArray[np.int32]

    @classmethod
    def of(cls, ids: Sequence[str] | pl.Series, rows: NDArray[np.int32]) -> "IdTable":
        """Return the table of ``ids`` and the row of each; the same id may stand for several."""
        words, fingerprints = _words_of(ids)
        order = order_of_hashes(fingerprints)
        ordered = fingerprints[order]
        if (ordered[1:] == ordered[:-1]).any():  # seldom, and to order by both takes longer
            order = np.lexsort((rows, fingerprints))
            ordered = fingerprints[order]
        del fingerprints

        def reorder(column: slice) -> None:
            words[:, column] = words[order, column]

        in_blocks(reorder, words.shape[1], 1)  # in place, as they are the largest
        bits = max((len(ids) // _BUCKET).bit_length(), 1)
        edges = np.arange(2**bits, dtype=np.uint64) << np.uint64(64 - bits)
        firsts = np.append(np.searchsorted(ordered, edges), len(ids)).astype(np.int64)
        return cls(fingerprints=ordered, firsts=firsts, words=words, rows=rows[order])

    def find(self, ids: Sequence[str]) -> Found:
        """Return the rows of ``ids``, in their order."""
        words, fingerprints = _words_of(ids)
        asked = np.arange(len(ids))
        at = self._from(fingerprints)
        found = [(np.empty(0, np.intp), np.empty(0, np.intp))]
        while len(asked) and len(self.rows):  # once more than any fingerprint is repeated
            # Taken, as indexing costs up to three times as much; the end stands for what is beyond.
            same = self.fingerprints.take(at, mode="clip") == fingerprints[asked]
            same &= at < len(self.fingerprints)
            asked, at = asked[same], at[same]
            match = _same_words(self.words.take(at, axis=0), words[asked])
            found.append((asked[match], self.rows.take(at[match]).astype(np.intp)))
            at = at + 1
        every, rows = (np.concatenate(parts) for parts in zip(*found, strict=True))
        if (every[1:] < every[:-1]).any():
            order = np.argsort(every, kind="stable")
            every, rows = every[order], rows[order]
        return Found(asked=every, rows=rows)

    def _from(self, fingerprints: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Return where each of ``fingerprints`` would be inserted, before all that are equal.

        A bucket holds few, and only it is halved: a search through all of many millions would wait
        for memory two dozen times.
        """
        bits = (len(self.firsts) - 1).bit_length() - 1
        bucket = (fingerprints >> np.uint64(64 - bits)).astype(np.intp)
        at = self.firsts.take(bucket)
        left = self.firsts.take(bucket + 1) - at
        longest = int(left.max(initial=0))
        while longest:
            half = (longest + 1) // 2
            below = self.fingerprints.take(at + (half - 1), mode="clip") < fingerprints
            step = half * (below & (left >= half))
            at += step
            left -= step
            longest -= half
        return at


def _words_of(
    ids: Sequence[str] | pl.Series,
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the words that are compared [shape=(n, n_words)], and the fingerprints [shape=(n,)].

    The padding counts nothing, so that ids have the same fingerprint in any company.
    """
    if not len(ids):
        return np.zeros((0, 1), np.uint64), np.zeros(0, np.uint64)
    words = _words_of_column(ids) if isinstance(ids, pl.Series) else _words_of_list(ids)
    fingerprints = np.zeros(len(ids), np.uint64)

    def mix(block: slice) -> None:
        fingerprints[block] = _fingerprints(words[block])

    in_blocks(mix, len(ids), _AT_ONCE)
    return words, fingerprints


def _fingerprints(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    fingerprints = np.zeros(len(words), np.uint64)
    for word in words.T:
        mixed = (fingerprints ^ word) * _MULTIPLIER
        fingerprints = np.where(word != 0, mixed ^ (mixed >> _FOLD), fingerprints)
    return fingerprints


def _words_of_list(ids: Sequence[str]) -> NDArray[np.uint64]:
    padded = _padded(ids)
    n_words = padded.dtype.itemsize // _WORD
    words = padded.view(np.dtype("<u8")).reshape(len(ids), n_words)
    return words.astype(np.uint64, copy=False)


def _words_of_column(ids: pl.Series) -> NDArray[np.uint64]:
    """Return the same of a column, without making every id an object."""
    lengths = ids.str.len_bytes().to_numpy()
    longest = int(lengths.max(initial=0))
    if longest > _LONGEST:
        return _words_of_list(ids.to_list())
    n_words = max(-(-longest // _WORD), 1)
    words = np.empty((len(ids), n_words), np.uint64)
    padding = "\0" * (n_words * _WORD)

    def cut(block: slice) -> None:
        padded = (ids.slice(block.start, _AT_ONCE) + padding).cast(pl.Binary).to_frame("id")
        for place in range(n_words):
            word = pl.col("id").bin.slice(place * _WORD, _WORD)
            found = padded.select(word.bin.reinterpret(dtype=pl.UInt64))["id"]
            words[block, place] = found.to_numpy()

    in_blocks(cut, len(ids), _AT_ONCE)
    return words


def _padded(ids: Sequence[str]) -> NDArray[np.bytes_]:
    """Return ids as bytes, all of one length: a whole number of words."""
    encoded: Sequence[str | bytes] = ids
    longest = max(map(len, ids))
    if longest > _LONGEST or not "".join(ids).isascii():
        several = [_bounded(text.encode("utf-8", "surrogatepass")) for text in ids]
        encoded, longest = several, max(map(len, several))
    return np.array(encoded, dtype=f"S{max(-(-longest // _WORD), 1) * _WORD}")


def _bounded(text: bytes) -> bytes:
    if len(text) <= _LONGEST:
        return text
    return text[: _LONGEST - _WORD] + hashlib.blake2b(text, digest_size=_WORD).digest()


def _same_words(known: NDArray[np.uint64], asked: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which pairs of ids are the same, where one side may be padded further."""
    n = min(known.shape[1], asked.shape[1])
    same = np.ones(len(known), dtype=np.bool_)
    for word in range(n):
        same &= known[:, word] == asked[:, word]
    for rest in (known[:, n:], asked[:, n:]):
        for padding in rest.T:
            same &= padding == 0
    return same
