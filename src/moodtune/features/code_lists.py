"""A column of lists of names as codes: which artists, which genres each track has."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.features.rows import ascending

_NAME, _CODE = "name", "code"
#: Names that are gathered at least before those that occur twice are dropped.
_MANY_NAMES = 1 << 23


@dataclass(frozen=True, kw_only=True)
class Lists:
    """A column of lists as codes: row i has ``codes[starts[i]:starts[i + 1]]`` of ``names``.

    Names are folded in case: "ABBA" and "Abba" are one artist to a listener.
    ``known``  what ``turned`` gives, where it was worked out before
    """

    names: tuple[str, ...]
    starts: NDArray[np.int64]
    codes: NDArray[np.int32]
    known: "Lists | None" = None

    @classmethod
    def of(cls, column: pl.Series) -> "Lists":
        """Return the codes of a column of lists of text; a blank cell is an empty list."""
        lengths = column.list.len().fill_null(0).to_numpy()
        flat = _flat(column)
        names = flat.drop_nulls().unique().sort()
        numbered = pl.DataFrame({_NAME: names, _CODE: np.arange(len(names), dtype=np.int32)})
        joined = flat.to_frame(_NAME).join(numbered, on=_NAME, how="left", maintain_order="left")
        codes = joined[_CODE].fill_null(-1).to_numpy()
        starts, kept = _each_once(lengths, codes)
        return cls(names=tuple(names.to_list()), starts=starts, codes=kept)

    @classmethod
    def of_parts(cls, parts: Callable[[], Iterable[pl.Series]], *, names: bool) -> "Lists":
        """Return the codes of a column that comes part by part, twice; and its ``names`` or not."""
        known = _Names(_flat(part) for part in parts())
        starts, codes, end = [np.zeros(1, np.int64)], [np.zeros(0, np.int32)], 0
        for part in parts():
            lengths = part.list.len().fill_null(0).to_numpy()
            of_part, kept = _each_once(lengths, known.numbers(_flat(part)))
            starts.append(of_part[1:] + end)
            codes.append(kept)
            end += len(kept)
        return cls(
            names=tuple(known.names.to_list()) if names else (),
            starts=np.concatenate(starts),
            codes=np.concatenate(codes),
        )

    def of_row(self, row: int) -> tuple[int, ...]:
        """Return the codes of one row, each once."""
        return tuple(self.codes[self.starts[row] : self.starts[row + 1]].tolist())

    def of_rows(self, rows: NDArray[np.integer]) -> list[list[int]]:
        """Return the codes of several rows, each once."""
        starts, ends = self.starts[rows].tolist(), self.starts[rows + 1].tolist()
        return [self.codes[a:b].tolist() for a, b in zip(starts, ends, strict=True)]

    def pairs(self, rows: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return every code of some rows, and before it the place in ``rows`` that has it."""
        starts = self.starts[rows]
        lengths = self.starts[rows + 1] - starts
        before = np.cumsum(lengths) - lengths
        place = np.repeat(np.arange(len(rows)), lengths)
        at = (starts - before)[place] + np.arange(len(place))
        return place, self.codes[at].astype(np.intp)

    @cached_property
    def turned(self) -> "Lists":
        """The rows that have each name: a list of rows per code, ascending."""
        if self.known is not None:
            return self.known
        owners = np.repeat(np.arange(len(self.starts) - 1, dtype=np.int32), np.diff(self.starts))
        counts = np.bincount(self.codes, minlength=len(self.names))
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return Lists(names=(), starts=starts, codes=owners[np.argsort(self.codes, kind="stable")])

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


class _Names:
    """Different names in order, and the number of each, found by hashes and compared."""

    def __init__(self, parts: Iterable[pl.Series]) -> None:
        names, most = pl.Series(_NAME, [], dtype=pl.String), _MANY_NAMES
        for part in parts:
            names = pl.concat([names, part.drop_nulls().unique().alias(_NAME)])
            if len(names) > most:
                names = names.unique()
                most = max(_MANY_NAMES, 2 * len(names))
        self.names = names.unique().sort()
        hashes = self.names.hash(0).to_numpy()
        self._order = np.argsort(hashes)
        self._hashes = hashes[self._order]

    def numbers(self, flat: pl.Series) -> NDArray[np.int32]:
        """Return the number of each name, -1 where it is null [shape=(n,)]."""
        known = flat.drop_nulls()
        hashes, back = np.unique(known.hash(0).to_numpy(), return_inverse=True)
        at = self._order[np.searchsorted(self._hashes, hashes)]
        found = at[back].astype(np.int32)
        if not (self.names.gather(found) == known).all():  # two share a hash
            found = self.names.search_sorted(known).to_numpy().astype(np.int32)
        numbers = np.full(len(flat), -1, dtype=np.int32)
        numbers[flat.is_not_null().to_numpy()] = found
        return numbers


def _flat(column: pl.Series) -> pl.Series:
    """Return the names of all lists one after another, folded in case."""
    return column.explode(empty_as_null=False, keep_nulls=False).str.to_lowercase()


def _each_once(
    lengths: NDArray[np.integer], codes: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return where each list starts, and its codes, each once and none below 0."""
    rows = np.repeat(np.arange(len(lengths)), lengths)
    kept = _first_of_pairs(rows, codes) & (codes >= 0)
    counts = np.bincount(rows[kept], minlength=len(lengths))
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), codes[kept]


def _first_of_pairs(rows: NDArray[np.intp], codes: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return where no earlier place has the same row and code."""
    first = np.ones(len(rows), dtype=np.bool_)
    pairs = rows << 32 | codes.astype(np.int64)
    ordered = np.sort(pairs)
    if (ordered[1:] == ordered[:-1]).any():  # seldom, and to order places takes longer
        order = np.argsort(pairs, kind="stable")
        first[order[1:][pairs[order[1:]] == pairs[order[:-1]]]] = False
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
