"""Tables for people (CSV) and for programs (Parquet), whole or not at all."""

from pathlib import Path

import polars as pl

from moodtune.atomic import atomic_file
from moodtune.errors import UsageError
from moodtune.tables.text import escape_controls, guard_formulas, literal

LIST_SEPARATOR = ";"
#: Rows made ready and written at once.
_ROWS = 16_384


def check_writable(path: Path) -> None:
    """Refuse a file that ``write_table`` could not write, before the work for it is done."""
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise UsageError(
            f"{literal(path.name)} must end in .csv or .parquet, the tables that are written"
        )
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {literal(str(path.parent))} to write into: make it")


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write ``frame`` as CSV or Parquet, by the ending of ``path``."""
    check_writable(path)
    (write_csv if path.suffix.lower() == ".csv" else write_parquet)(frame, path)


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    r"""Write a CSV that a spreadsheet opens and a terminal shows without obeying it.

    Lists of text are joined with ``;``; text that looks like a formula gets a ``'`` in front,
    which `moodtune.tables.reading.read_table` takes away again. Control characters other than the
    tab and the line feed are written as escapes such as ``\x1b``, and stay so when read.
    """
    lists = [name for name, dtype in frame.schema.items() if dtype == pl.List(pl.String)]
    with atomic_file(path) as work, work.open("wb") as file:
        # A table with its lists joined and its formulas guarded is not held a second time.
        for start in range(0, max(frame.height, 1), _ROWS):
            part = frame.slice(start, _ROWS)
            flat = part.with_columns(pl.col(lists).list.join(LIST_SEPARATOR)) if lists else part
            guard_formulas(escape_controls(flat)).write_csv(file, include_header=start == 0)


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a Parquet file with the frame's types, the same bytes for the same frame."""
    with atomic_file(path) as work:
        frame.write_parquet(work)
