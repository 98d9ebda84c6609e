"""Tables for people (CSV) and for programs (Parquet), whole or not at all."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from moodtune.ahead import one_ahead
from moodtune.atomic import atomic_file
from moodtune.errors import UsageError
from moodtune.tables.text import escape_controls, guard_formulas, literal

LIST_SEPARATOR = ";"
#: Rows made ready and written at once.
_ROWS = 16_384

#: Rows of a Parquet file's part: small enough to skip through, large enough to compress.
ROW_GROUP = 1 << 16


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


def write_parts(parts: Iterable[pl.DataFrame], schema: pl.Schema, path: Path) -> None:
    """Write a Parquet file of frames that come one after another; ``path`` is replaced at once.

    The same bytes for the same rows, however they are cut into frames, and nothing is left to
    defaults that another release may change. Three parts or so are held at a time: one is made
    while another is written.
    """
    one_after_another(one_ahead(rebatched(parts, ROW_GROUP)), schema).sink_parquet(
        path,
        compression="zstd",
        compression_level=1,  # a third less time than 3 for a sixteenth more bytes
        statistics=False,
        row_group_size=ROW_GROUP,
        data_page_size=1 << 20,
        engine="streaming",
    )


def one_after_another(frames: Iterator[pl.DataFrame], schema: pl.Schema) -> pl.LazyFrame:
    """Return frames as one to sink: polars asks for the next when it has written one."""

    def source(
        with_columns: list[str] | None,  # noqa: ARG001 -- polars names these four; a plain
        predicate: pl.Expr | None,  # noqa: ARG001         sink pushes none of them down
        n_rows: int | None,  # noqa: ARG001
        batch_size: int | None,  # noqa: ARG001
    ) -> Iterator[pl.DataFrame]:
        return frames

    return register_io_source(source, schema=schema)


def rebatched(parts: Iterable[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    """Yield the rows of ``parts``, ``rows`` at a time, the last fewer."""
    waiting: list[pl.DataFrame] = []
    n_waiting = 0
    for part in parts:
        waiting.append(part)
        n_waiting += part.height
        if n_waiting < rows:
            continue
        joined = pl.concat(waiting)
        whole = n_waiting - n_waiting % rows
        for start in range(0, whole, rows):
            yield _on_its_own(joined.slice(start, rows))
        waiting, n_waiting = [joined.slice(whole)], n_waiting - whole
    if n_waiting:
        yield _on_its_own(pl.concat(waiting))


def _on_its_own(part: pl.DataFrame) -> pl.DataFrame:
    """Return the part in memory of its own: how a list is written hangs on what lies beside it."""
    lists = [name for name, dtype in part.schema.items() if dtype.is_nested()]
    rows = pl.int_range(pl.len())
    return part.rechunk().with_columns(pl.col(lists).gather(rows))
