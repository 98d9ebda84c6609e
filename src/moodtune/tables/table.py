"""The Table that every reader returns, and how its cells and column names are made even."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from moodtune.errors import HostileTableError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.text import literal, undo_guards

Kind = Literal["csv", "xlsx", "parquet", "html"]
#: Asked with the column names of one of several tables whether that is the one to read.
Wanted = Callable[[Sequence[str]], bool]

#: The name of a column that has none: the index that pandas writes first, as a rule.
UNNAMED = ""
#: How Python's table writers spell a missing cell in HTML and XLSX, where CSV leaves it empty.
BLANK_WORDS = ("NaN", "NaT", "None", "<NA>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it was read, before anything is known about what its columns mean.

    ``frame`` has only `pl.String` columns, except from Parquet, which keeps its types: cells
    without spaces at the ends, None where blank, formula guards taken away; rows that are blank
    from end to end are no rows. Column names stand as they are written in the file, the second of
    two equal ones as ``name (2)``, one without a name as `UNNAMED`.
    """

    name: str
    """File name without its folder; of a table in a folder that was given, its path in there."""
    sha256: str
    """Fingerprint of the file as it lies, 64 hexadecimal digits."""
    frame: pl.DataFrame
    kind: Kind

    @property
    def names(self) -> list[str]:
        """The column names."""
        return self.frame.columns

    @property
    def n_rows(self) -> int:
        """Rows under the header."""
        return self.frame.height

    def is_blank(self, name: str) -> bool:
        """Whether the column has no value in any row."""
        return self.frame[name].null_count() == self.frame.height

    def batches(self, rows: int) -> Iterator[pl.DataFrame]:
        """Yield the rows in order, ``rows`` at a time; one empty batch where there is no row."""
        for start in range(0, max(self.frame.height, 1), rows):
            yield self.frame.slice(start, rows)

    def rows_sha256(self) -> str:
        """Return the fingerprint of the rows, see `RowsDigest`."""
        digest = RowsDigest(self.names)
        digest.add(self.frame)
        return digest.hexdigest()


class RowsDigest:
    """A fingerprint of column names and rows, whatever order the rows come in.

    64 hexadecimal digits, the same for the same version of polars. Two tables that differ in a
    cell differ in it but for one in 2^64. Eight bytes are held for each row.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._hashes: list[pl.Series] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Take some rows."""
        lists = [c for c, t in frame.schema.items() if isinstance(t, pl.List)]
        rows = frame.with_columns(pl.col(lists).list.join("\x1f")) if lists else frame
        self._hashes.append(rows.hash_rows(seed=0))

    def hexdigest(self) -> str:
        """Return the fingerprint of all that was taken."""
        digest = hashlib.sha256("\x1f".join(self._names).encode())
        digest.update(pl.concat(self._hashes).sort().to_numpy().tobytes())
        return digest.hexdigest()


def shown(path: Path) -> str:
    """Return a file's name for a message, with nothing in it that a terminal would obey."""
    return literal(path.name)


def no_table(where: str, what: str, headers: Sequence[Sequence[str]]) -> TableError:
    """Return the error for a file none of whose tables is the wanted one."""
    if not headers:
        return TableError(f"{where}: there is no {what} with anything in it; save it as CSV")
    return TableError(
        f"{where}: none of its {len(headers)} {what}s has the columns that are looked for; "
        f"the first begins with {', '.join(literal(name) for name in headers[0] if name)[:100]}"
    )


def unique_names(names: Iterable[str | None]) -> list[str]:
    """Return stripped column names, each further one of equal names with its number behind.

    >>> unique_names([" a", "a", None, "", "a (2)"])
    ['a', 'a (2)', '', '(2)', 'a (2) (2)']
    """
    counts: dict[str, int] = {}
    taken: set[str] = set()
    result: list[str] = []
    for raw in names:
        candidate = name = (raw or "").strip()
        while candidate in taken:
            counts[name] = counts.get(name, 1) + 1
            candidate = f"{name} ({counts[name]})".strip()
        taken.add(candidate)
        result.append(candidate)
    return result


def clean(
    frame: pl.DataFrame, where: str, limits: TableLimits, *, blanks: Sequence[str] = ()
) -> pl.DataFrame:
    """Return `cleaned` rows; `HostileTableError` where a cell is too long."""
    LongestCells.of(frame, limits).check(where, limits)
    return cleaned(frame, blanks)


def cleaned(frame: pl.DataFrame, blanks: Sequence[str] = ()) -> pl.DataFrame:
    """Return a frame of strings with its guards undone, cells stripped, and blank ones None.

    ``blanks`` are words that count as blank where they fill a cell.
    """
    columns = [
        # polars takes a name such as "^id$" for a pattern, even of a single column.
        _clean_column(column.alias("cell"), blanks).alias(column.name)
        for column in frame.iter_columns()
    ]
    return _without_blank_rows(frame_of(columns))


def frame_of(columns: Sequence[pl.Series]) -> pl.DataFrame:
    """Return the frame of ``columns``, whose names are kept even where they are empty."""
    frame = pl.DataFrame(columns)
    frame.columns = [column.name for column in columns]
    return frame


def _clean_column(column: pl.Series, blanks: Sequence[str]) -> pl.Series:
    stripped = undo_guards(column).str.strip_chars()
    # Most columns have nothing to strip: then the old one is kept, and no memory is held twice.
    if _text_bytes(stripped) == _text_bytes(column):
        stripped = column
    blank = stripped == ""
    if blanks:
        blank |= stripped.is_in(blanks)
    return stripped.set(blank, None) if blank.any() else stripped


def _text_bytes(column: pl.Series) -> int:
    return int(column.str.len_bytes().sum())


class LongestCells:
    """Of each column that has a cell beyond the limit, the longest: characters and row."""

    def __init__(self, found: Mapping[str, tuple[int, int]] | None = None) -> None:
        """``found``: the characters and the row, the first is 0, by column."""
        self.found = dict(found or {})

    @classmethod
    def of(cls, frame: pl.DataFrame, limits: TableLimits) -> "LongestCells":
        """Look at the columns of a frame of strings."""
        found = {}
        for named in frame.iter_columns():
            column = named.alias("cell")  # polars takes a name such as "^id$" for a pattern
            # A character has one byte or more, so most columns need no second look.
            if _largest(column.str.len_bytes()) <= limits.cell_characters:
                continue
            characters = column.str.len_chars()
            if _largest(characters) > limits.cell_characters:
                found[named.name] = _largest(characters), characters.arg_max() or 0
        return cls(found)

    def add(self, others: "LongestCells", *, n_before: int) -> None:
        """Take those of further rows, before which ``n_before`` rows stand."""
        for name, (characters, row) in others.found.items():
            if characters > self.found.get(name, (0, 0))[0]:
                self.found[name] = characters, n_before + row

    def check(self, where: str, limits: TableLimits) -> None:
        """Raise `HostileTableError` if there is any, naming a column and row (the first is 1)."""
        for name, (characters, row) in self.found.items():
            raise HostileTableError(
                f"{where}: the cell in row {row + 1}, column '{literal(name)[:80]}' has "
                f"{characters:,} characters and the limit is {limits.cell_characters:,}; "
                "a table of answers or tracks has no such cell, check where the file comes from"
            )


def _largest(numbers: pl.Series) -> int:
    largest = numbers.max()
    return largest if isinstance(largest, int) else 0


def _without_blank_rows(frame: pl.DataFrame) -> pl.DataFrame:
    if not frame.width:
        return frame
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    return frame if filled.all() else frame.filter(filled)


def unreadable(path: Path, error: OSError) -> TableError:
    """Return the error for a file that the system does not let us read."""
    return TableError(f"{shown(path)}: it cannot be read: {error.strerror or error}")


def check_shape(where: str, *, columns: int, rows: int, limits: TableLimits) -> None:
    """Raise unless a table has columns, and no more of them and of cells than the limits allow."""
    if columns == 0:
        raise TableError(f"{where}: there is no column in it; the first row must name the columns")
    _check_count(where, "columns", columns, limits.columns)
    _check_count(where, "rows", rows, limits.rows)
    _check_count(where, "cells", rows * columns, limits.cells)


def _check_count(where: str, what: str, count: int, limit: int) -> None:
    if count > limit:
        raise HostileTableError(
            f"{where}: it has {count:,} {what} and the limit is {limit:,}; "
            "export only the part that is needed"
        )
