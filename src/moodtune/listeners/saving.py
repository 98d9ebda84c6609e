"""One listener's answers, kept as a row of a table that can be predicted or learnt from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from moodtune.errors import UsageError
from moodtune.listeners.answers import UNKNOWN, as_text
from moodtune.listeners.columns import ID_NAMES, find_columns, letters
from moodtune.tables.reading import read_table
from moodtune.tables.text import literal
from moodtune.tables.writing import write_csv


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """What one listener said.

    ``columns``  the model's columns, in their order
    ``answers``  a cell for some of them: None is a cell left blank as an answer
    ``mood_column``, ``moods``  where the moods go that the listener said outright, if any
    """

    columns: tuple[str, ...]
    answers: Mapping[str, str | None]
    mood_column: str
    moods: tuple[str, ...] = ()

    def cells(self) -> dict[str, str | None]:
        """Return the row: what was not asked or not said is `UNKNOWN`, which a blank is not."""
        said = {name: self.answers.get(name, UNKNOWN) for name in self.columns}
        return {**said, self.mood_column: ", ".join(self.moods) or None}


def check_appendable(path: Path, columns: Sequence[str]) -> None:
    """Refuse a file that no row can be added to, before anything is asked."""
    if path.suffix.lower() != ".csv":
        raise UsageError(f"{literal(path.name)} must end in .csv, the table that answers go into")
    if path.exists():
        _check_columns(path, read_table(path).frame, columns)
    elif not path.parent.is_dir():
        raise UsageError(f"there is no folder {literal(str(path.parent))} to write into: make it")


def _check_columns(path: Path, frame: pl.DataFrame, columns: Sequence[str]) -> None:
    if not find_columns(columns, frame.columns):
        raise UsageError(
            f"{literal(path.name)} has none of the model's columns, so it is another kind of "
            "table; name a new file"
        )


def append_row(path: Path, row: AnswerRow) -> int:
    """Add a row to the CSV at ``path``, or begin it; return how many rows it has now.

    The rows that were there stay; columns that the table lacks are added, unknown in those rows.
    The file is replaced as a whole or not at all. UsageError for a table that is no behavior
    table of this model, TableError for a file that cannot be read.
    """
    check_appendable(path, row.columns)
    table = read_table(path).frame if path.exists() else pl.DataFrame()
    grown = with_row(table, row)
    write_csv(grown, path)
    return grown.height


def with_row(table: pl.DataFrame, row: AnswerRow) -> pl.DataFrame:
    """Return ``table`` with one more row; a table without columns gets those of the row."""
    texts = [as_text(column) for column in table.iter_columns()]
    cells = row.cells()
    found = find_columns(cells, table.columns)
    added = {found.get(name, name): cell for name, cell in cells.items()}
    # A row that leaves out its id would take away everybody's.
    added |= {c.name: _next_id(c) for c in texts if _is_id(c) and c.name not in added}
    lacking = [
        pl.Series(name, [None if name == row.mood_column else UNKNOWN] * table.height, pl.String)
        for name in added
        if name not in table.columns
    ]
    grown = [
        pl.concat([column, pl.Series(column.name, [added.get(column.name)], pl.String)])
        for column in (*texts, *lacking)
    ]
    return pl.DataFrame(grown)


def _is_id(column: pl.Series) -> bool:
    return (
        letters(column.name) in ID_NAMES
        and column.null_count() == 0
        and column.n_unique() == len(column)
    )


def _next_id(column: pl.Series) -> str:
    numbers = column.cast(pl.Int64, strict=False)
    highest = numbers.max()
    if numbers.null_count() == 0 and isinstance(highest, int):
        return str(highest + 1)
    taken = set(column)
    return next(name for i in range(1, len(taken) + 2) if (name := f"asked-{i}") not in taken)
