"""Tables for people (CSV) and for programs (Parquet), whole or not at all."""

from pathlib import Path

import polars as pl

from moodtune.atomic import atomic_file
from moodtune.tables.text import guard_formulas

LIST_SEPARATOR = ";"


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Write a CSV that a spreadsheet opens without running anything in it.

    Lists of text are joined with ``;``; text that looks like a formula gets a ``'`` in front,
    which `moodtune.tables.reading.read_table` takes away again.
    """
    lists = [name for name, dtype in frame.schema.items() if dtype == pl.List(pl.String)]
    flat = frame.with_columns(pl.col(lists).list.join(LIST_SEPARATOR)) if lists else frame
    with atomic_file(path) as work:
        guard_formulas(flat).write_csv(work)


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a Parquet file with the frame's types, the same bytes for the same frame."""
    with atomic_file(path) as work:
        frame.write_parquet(work)
