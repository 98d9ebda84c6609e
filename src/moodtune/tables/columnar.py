"""Parquet tables, checked by their schema and row count before a value is read."""

from pathlib import Path

import polars as pl

from moodtune.errors import ColumnError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.scanning import Fingerprint
from moodtune.tables.table import Table, check_shape, shown, unique_names
from moodtune.tables.text import literal

_MAGIC = b"PAR1"


def read_columnar(path: Path, limits: TableLimits) -> Table:
    """Read a Parquet table with its types as they are.

    Lists of text are the only nested columns that are read. Raises `TableError`, `ColumnError`
    for another nested column, and `HostileTableError` beyond ``limits``.
    """
    where = shown(path)
    source = Fingerprint(path, limits)
    sha256 = source.read_to_end()
    with path.open("rb") as file:
        if file.read(4) != _MAGIC:
            raise TableError(f"{where}: it is no Parquet file, whatever its name says; rename it")
    try:
        scan = pl.scan_parquet(path, glob=False)
        schema = scan.collect_schema()
        rows = scan.select(pl.len()).collect().item()
        check_shape(where, columns=len(schema), rows=rows, limits=limits)
        _check_types(where, schema)
        frame = scan.collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise TableError(
            f"{where}: this Parquet file is damaged or cut off; fetch or write it again"
        ) from error
    frame.columns = unique_names(frame.columns)
    return Table(name=path.name, sha256=sha256, frame=frame, kind="parquet")


def _check_types(where: str, schema: pl.Schema) -> None:
    for name, dtype in schema.items():
        if dtype.is_nested() and dtype != pl.List(pl.String):
            raise ColumnError(
                f"{where}: column {literal(name)!r} is nested ({dtype}), and only lists of text "
                "are read; unnest it or leave it out"
            )
