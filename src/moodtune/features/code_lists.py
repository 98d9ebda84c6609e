"""A column of lists of names as codes: which artists, which genres each track has."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.ahead import in_order
from moodtune.features.rows import ascending, first_of_each, order_of_hashes

#: The lower half of a number of 64 bits.
_LOW = 0xFFFFFFFF

#: Lists looked at at once, and the bits that this leaves for a hash beside the number of a list.
_PIECE, _KEPT_BITS = 1 << 16, np.uint64(48)

_SEEDS = (0, 1)

#: Parts that names are cut into where all rows are put in the order of their names.
_PARTS = 4


@dataclass(frozen=True, kw_only=True)
class Lists:
    """A column of lists as codes: row i has ``codes[starts[i]:starts[i + 1]]`` of ``names``.

    Names are folded in case: "ABBA" and "Abba" are one artist to a listener. Codes are in the
    order of the names, or, where those are not kept, in that of their first rows.
    ``known``  what ``turned`` gives, where it was worked out before
    """

    names: tuple[str, ...]
    starts: NDArray[np.int64]
    codes: NDArray[np.int32]
    known: "Lists | None" = None

    @classmethod
    def of(cls, column: pl.Series) -> "Lists":
        """Return the codes of a column of lists of text; a blank cell is an empty list."""
        return cls.of_parts([column])

    @classmethod
    def of_parts(cls, parts: Iterable[pl.Series], *, names: bool = True) -> "Lists":
        """Return the codes of a column that comes part by part; with its ``names`` or without."""
        found = _Found(named=names)
        counts = [np.zeros(1, np.int64)]
        counts += map(found.add, in_order(partial(_Piece.of, named=names), _pieces(parts)))
        starts = np.concatenate(counts)
        del counts
        np.cumsum(starts, out=starts)
        sorted_names, codes = found.numbered()
        return cls(names=sorted_names, starts=starts, codes=codes)

    def of_row(self, row: int) -> tuple[int, ...]:
        """Return the codes of one row, each once."""
        return tuple(self.codes[self.starts[row] : self.starts[row + 1]].tolist())

    def of_rows(self, rows: NDArray[np.integer]) -> list[list[int]]:
        """Return the codes of several rows, each once."""
        starts, ends = self.starts.take(rows).tolist(), self.starts.take(rows + 1).tolist()
        return [self.codes[a:b].tolist() for a, b in zip(starts, ends, strict=True)]

    def pairs(self, rows: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return every code of some rows, and before it the place in ``rows`` that has it."""
        starts = self.starts.take(rows)
        lengths = self.starts.take(rows + 1) - starts
        before = np.cumsum(lengths) - lengths
        place = np.repeat(np.arange(len(rows)), lengths)
        at = (starts - before).take(place) + np.arange(len(place))
        return place, self.codes.take(at).astype(np.intp)

    @cached_property
    def turned(self) -> "Lists":
        """The rows that have each name: a list of rows per code, ascending."""
        if self.known is not None:
            return self.known
        counts = np.bincount(self.codes, minlength=len(self.names))
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        rows = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

        def order(part: int) -> NDArray[np.int32]:
            first, end = (len(counts) * edge // _PARTS for edge in (part, part + 1))
            places = np.flatnonzero((self.codes >= first) & (self.codes < end))
            # To sort numbers is several times quicker than to find their order.
            pairs = np.sort(self.codes[places].astype(np.int64) << 32 | rows[places])
            return (pairs & _LOW).astype(np.int32)

        codes = np.concatenate(list(in_order(order, range(_PARTS))))
        return Lists(names=(), starts=starts, codes=codes)

    @property
    def n_names(self) -> int:
        """How many names there are; a saved index has not kept which."""
        return len(self.turned.starts) - 1

    def rows_with(self, codes: NDArray[np.intp]) -> NDArray[np.integer]:
        """Return the rows that have any name of these codes, ascending, each once."""
        turned = self.turned
        lists = [turned.codes[turned.starts[code] : turned.starts[code + 1]] for code in codes]
        if len(lists) == 1:
            return lists[0]
        return ascending(np.concatenate([np.empty(0, np.intp), *lists]))

    def codes_of(self, names: Iterable[str]) -> NDArray[np.intp]:
        """Return the codes of ``names``, whatever their case; names that no row has give none."""
        wanted = sorted({name.lower() for name in names})
        return np.array([self._codes[name] for name in wanted if name in self._codes], np.intp)

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.names)}

    def having(self, codes: NDArray[np.intp]) -> "Having":
        """Return what says of rows whether they have any of the names with these codes."""
        wanted = np.zeros(len(self.names), dtype=np.bool_)
        wanted[codes] = True
        return Having(lists=self, wanted=wanted)

    @cached_property
    def n_blank(self) -> int:
        """How many rows have no name at all."""
        return int(np.count_nonzero(self.starts[1:] == self.starts[:-1]))


class _Found:
    """The names of many lists, as two hashes of each: different names share both by 96 bits.

    Of ten million different names two do with odds of 1 in 10^15.
    """

    def __init__(self, *, named: bool) -> None:
        self._hashes, self._checks = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint32)]
        self._names = [pl.Series([], dtype=pl.String)] if named else None

    def add(self, piece: "_Piece") -> NDArray[np.int64]:
        """Take in a piece, and return how many different names each of its lists has."""
        self._hashes.append(piece.hashes)
        self._checks.append(piece.checks)
        if self._names is not None and piece.names is not None:
            self._names.append(piece.names)
        return piece.counts

    def numbered(self) -> tuple[tuple[str, ...], NDArray[np.int32]]:
        """Return the names in order, if they were kept, and the code of each that was taken in."""
        if self._names is None:
            return (), self._codes()
        names, n = pl.concat(self._names), sum(map(len, self._hashes))
        self._hashes.append(names.hash(_SEEDS[0]).to_numpy())
        self._checks.append(_checks(names))
        codes = self._codes()
        one_of_each = np.empty(int(codes.max(initial=-1)) + 1, np.intp)
        one_of_each[codes[n:]] = np.arange(len(names))
        different = names.gather(one_of_each)
        order = different.arg_sort().to_numpy()
        return tuple(different.gather(order).to_list()), _places(order)[codes[:n]]

    def _codes(self) -> NDArray[np.int32]:
        hashes, checks = np.concatenate(self._hashes), np.concatenate(self._checks)
        self._hashes, self._checks = [], []
        return numbers_of(hashes, checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """Of at most ``_PIECE`` lists: two hashes of each name, and how many names each list has."""

    hashes: NDArray[np.uint64]
    checks: NDArray[np.uint32]
    counts: NDArray[np.int64]
    names: pl.Series | None

    @classmethod
    def of(cls, lists: pl.Series, *, named: bool) -> "_Piece":
        lengths = lists.list.len().fill_null(0).to_numpy()
        names, rows = _flat(lists), np.repeat(np.arange(len(lengths)), lengths)
        hashes = names.hash(_SEEDS[0]).to_numpy()
        kept = _first_of_pairs(rows, hashes) & names.is_not_null().to_numpy()
        return cls(
            hashes=hashes[kept],
            checks=_checks(names.filter(kept)),
            counts=np.bincount(rows[kept], minlength=len(lengths)).astype(np.int64),
            names=names.drop_nulls().unique() if named else None,
        )


def _checks(names: pl.Series) -> NDArray[np.uint32]:
    return names.hash(_SEEDS[1]).to_numpy().astype(np.uint32)


def numbers_of(hashes: NDArray[np.uint64], checks: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Return a number for each pair, the same for the same, by first appearance [shape=(n,)]."""
    order = order_of_hashes(hashes)
    first, checked = first_of_each(hashes[order]), first_of_each(checks[order])
    if (checked & ~first).any():  # never, nearly
        order = np.lexsort((checks, hashes))
        first = first_of_each(hashes[order]) | first_of_each(checks[order])
    del checked
    group = np.cumsum(first, dtype=np.int32) - np.int32(1)
    firsts = np.minimum.reduceat(order, np.flatnonzero(first)) if len(order) else order
    numbers = np.empty(len(order), np.int32)
    numbers[order] = _places(np.argsort(firsts))[group]
    return numbers


def _places(order: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return where each number stands in ``order``."""
    places = np.empty(len(order), np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    return places


def _pieces(parts: Iterable[pl.Series]) -> Iterator[pl.Series]:
    for part in parts:
        for start in range(0, len(part), _PIECE):
            yield part.slice(start, _PIECE)


def _flat(column: pl.Series) -> pl.Series:
    """Return the names of all lists one after another, folded in case."""
    return column.explode(empty_as_null=False, keep_nulls=False).str.to_lowercase()


def _first_of_pairs(rows: NDArray[np.intp], hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return where no earlier place has the same row and hash; rows are less than ``_PIECE``."""
    first = np.ones(len(rows), dtype=np.bool_)
    pairs = np.sort(rows.astype(np.uint64) << _KEPT_BITS | hashes >> (np.uint64(64) - _KEPT_BITS))
    if (pairs[1:] == pairs[:-1]).any():  # seldom, and to order places takes longer
        order = np.lexsort((hashes, rows))  # stable
        same_row, same_hash = (np.diff(values[order]) == 0 for values in (rows, hashes))
        first[order[1:][same_row & same_hash]] = False
    return first


@dataclass(frozen=True, slots=True, kw_only=True)
class Having:
    """Says of rows whether they have any of the names that are ``wanted`` [shape=(n_names,)]."""

    lists: Lists
    wanted: NDArray[np.bool_]

    def any_of(self, rows: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return which of ``rows`` have a wanted name."""
        place, codes = self.lists.pairs(rows)
        found: NDArray[np.bool_] = np.zeros(len(rows), dtype=np.bool_)
        found[place[self.wanted[codes]]] = True
        return found

    def none_of(self, rows: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return which of ``rows`` have names, and none that is wanted."""
        named = self.lists.starts[rows] < self.lists.starts[rows + 1]
        others: NDArray[np.bool_] = named & ~self.any_of(rows)
        return others
