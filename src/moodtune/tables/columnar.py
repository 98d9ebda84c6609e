"""Parquet tables, checked by their schema and row count before a value is read."""

from pathlib import Path

import polars as pl

from moodtune.errors import ColumnError, HostileTableError, TableError
from moodtune.tables.footer import MAGIC, FooterError, expanded_bytes, footer_bytes
from moodtune.tables.limits import TableLimits
from moodtune.tables.long_table import LongTable, damaged
from moodtune.tables.scanning import Expansion, Fingerprint
from moodtune.tables.table import Table, check_shape, shown, unique_names
from moodtune.tables.text import literal

_CELL_BYTES = 8
_TEXTS = (pl.String, pl.Categorical, pl.Enum, pl.Binary)


def read_columnar(path: Path, limits: TableLimits) -> Table:
    """Read a Parquet table with its types as they are.

    Lists of text are the only nested columns that are read. Raises `TableError`, `ColumnError`
    for another nested column, and `HostileTableError` beyond ``limits``.
    """
    long = open_columnar(path, limits)
    try:
        frame = long.frame
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise damaged(path) from error
    return Table(name=long.name, sha256=long.sha256, frame=frame, kind=long.kind)


def open_columnar(path: Path, limits: TableLimits) -> LongTable:
    """Check a Parquet table without holding it; raises as `read_columnar`."""
    where = shown(path)
    source = Fingerprint(path, limits)
    sha256 = source.read_to_end()
    with path.open("rb") as file:
        if file.read(4) != MAGIC:
            raise TableError(f"{where}: it is no Parquet file, whatever its name says; rename it")
    try:
        _check_footer(path, where, size=source.size, limits=limits)
        scan = pl.scan_parquet(path, glob=False)
        schema = scan.collect_schema()
        rows = scan.select(pl.len()).collect().item()
        check_shape(where, columns=len(schema), rows=rows, limits=limits)
        _check_types(where, schema)
        _check_expansion(where, scan, rows, size=source.size, limits=limits)
    except (FooterError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise damaged(path) from error
    names = unique_names(schema.names())
    return LongTable(name=path.name, sha256=sha256, path=path, names=names, n_rows=rows)


def _check_footer(path: Path, where: str, *, size: int, limits: TableLimits) -> None:
    """Refuse what the file itself says is too much, before anything is unpacked."""
    if limits.footer_bytes < footer_bytes(path) < size:
        raise HostileTableError(
            f"{where}: what it says of its columns is longer than {limits.footer_bytes:,} bytes, "
            "the limit; write it again with fewer row groups, or as CSV"
        )
    expansion = Expansion(where, limits, most_bytes=limits.expanded_bytes)
    expansion.add(expanded_bytes(path), compressed=size)


def _check_types(where: str, schema: pl.Schema) -> None:
    for name, dtype in schema.items():
        if dtype.is_nested() and dtype != pl.List(pl.String):
            raise ColumnError(
                f"{where}: column '{literal(name)}' is nested ({dtype}), and only lists of text "
                "are read; unnest it or leave it out"
            )


def _check_expansion(
    where: str, scan: pl.LazyFrame, rows: int, *, size: int, limits: TableLimits
) -> None:
    """Refuse a table that holds many times what its file does, before it is held.

    A dictionary lets many rows name one long text, and costs nothing until each has its own.
    """
    schema = scan.collect_schema()
    expansion = Expansion(where, limits, most_bytes=limits.expanded_bytes)
    expansion.add(rows * len(schema) * _CELL_BYTES, compressed=size)
    for name, dtype in schema.items():
        if not (dtype.is_nested() or dtype in _TEXTS):
            continue
        # Under another name: polars takes one such as "^a$" for a pattern.
        texts = scan.select(pl.nth(schema.names().index(name)).alias("cell"))
        if dtype.is_nested():
            texts = texts.explode("cell")
        if dtype != pl.Binary:
            texts = texts.cast(pl.String)
        total, longest = _text_bytes(texts.cast(pl.Binary))
        expansion.add(total, compressed=size)
        if longest > limits.cell_characters and dtype != pl.Binary:
            _check_characters(where, name, texts, limits)


def _text_bytes(texts: pl.LazyFrame) -> tuple[int, int]:
    """Return the bytes of all texts and of the longest, a few rows held at a time."""
    each = pl.col("cell").bin.size().cast(pl.Int64)
    row = texts.select(total=each.sum(), longest=each.max()).collect(engine="streaming").row(0)
    return row[0] or 0, row[1] or 0


def _check_characters(where: str, name: str, texts: pl.LazyFrame, limits: TableLimits) -> None:
    most = texts.select(pl.col("cell").str.len_chars().max()).collect(engine="streaming").item()
    if most > limits.cell_characters:
        raise HostileTableError(
            f"{where}: a cell in column '{literal(name)[:80]}' has {most:,} characters and the "
            f"limit is {limits.cell_characters:,}; a table of answers or tracks has no such cell, "
            "check where the file comes from"
        )
