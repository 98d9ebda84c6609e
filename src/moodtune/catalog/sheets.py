"""Files to sheets: each table as it was read, with what its columns mean."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from moodtune.catalog.aliases import ColumnMap, map_columns, meaning, missing_of_a_track_table
from moodtune.catalog.schema import ARTISTS, GENRES, TITLE, TRACK_ID, YEAR, Source
from moodtune.counting import Count, uncounted
from moodtune.errors import TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.long_table import LongTable, Opened
from moodtune.tables.reading import open_long_table, read_table, table_files
from moodtune.tables.table import Table
from moodtune.tables.text import literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table as it was read, and what its columns mean; ``fault`` if it is no table of tracks."""

    table: Opened
    found: ColumnMap
    fault: str | None
    is_from_folder: bool

    @property
    def n_rows(self) -> int:
        """Rows under the header."""
        return self.table.n_rows

    def is_blank(self, name: str) -> bool:
        """Whether the column ``name`` of the table has no value in any row."""
        return self.table.is_blank(name)

    def source(self, left_out: str | None = None, *, rows_sha256: str | None = None) -> Source:
        """Return the record of this table that a catalog keeps; its rows' sha256 if known."""
        return Source(
            name=self.table.name,
            sha256=rows_sha256 or self.table.rows_sha256(),
            n_rows=self.n_rows,
            columns={} if left_out else self.found.columns,
            unused_columns=() if left_out else self.found.unused,
            left_out=left_out,
        )


def open_sheets(
    paths: Path | Sequence[Path],
    limits: TableLimits | None = None,
    *,
    whole: bool = True,
    count: Count = uncounted,
) -> list[Sheet]:
    """Read every table under ``paths`` and say what its columns mean; nothing is judged yet.

    A table of a folder is named by its path in the folder, as several may share a name. Unless
    they are wanted ``whole``, tables that can be read batch by batch wait on disk; ``count`` is
    told how far the check of such a CSV is.
    """
    limits = limits or TableLimits()
    given = [paths] if isinstance(paths, Path) else list(paths)
    files = [(file, path) for path in given for file in table_files(path, limits=limits)]
    return [
        _sheet(
            _table_of_folder(file, path, limits, whole=whole, count=count)
            if path.is_dir()
            else _table(file, limits, whole=whole, count=count),
            is_from_folder=path.is_dir(),
        )
        for file, path in files
    ]


def _table_of_folder(
    file: Path, folder: Path, limits: TableLimits, *, whole: bool, count: Count
) -> Opened:
    inside = file.relative_to(folder)
    try:
        return replace(_table(file, limits, whole=whole, count=count), name=inside.as_posix())
    except TableError as error:
        if len(inside.parts) == 1:
            raise
        # Its sentence begins with the file's own name.
        raise type(error)(f"{literal(inside.parent.as_posix())}/{error}") from error


def _table(file: Path, limits: TableLimits, *, whole: bool, count: Count) -> Opened:
    """Read the sheet of tracks of a workbook or page, or its first, for the error to name."""
    if not whole and (long := open_long_table(file, limits=limits, count=count)):
        return long
    verdicts: list[bool] = []

    def is_of_tracks(names: Sequence[str]) -> bool:
        verdicts.append(missing_of_a_track_table(map_columns(names)) is None)
        return verdicts[-1]

    try:
        return read_table(file, limits=limits, wanted=is_of_tracks)
    except TableError:
        if not verdicts or verdicts[-1]:
            raise
        return read_table(file, limits=limits)


def _sheet(table: Opened, *, is_from_folder: bool) -> Sheet:
    if isinstance(table, LongTable):
        table = replace(table, evened=_evened)
    elif (
        isinstance(table, Table) and table.kind == "parquet"
    ):  # the one kind whose cells come as they lie
        table = replace(table, frame=_evened(table.frame))
    found = _without_blank_features(table, map_columns(table.names))
    return Sheet(
        table=table,
        found=found,
        fault=missing_of_a_track_table(found),
        is_from_folder=is_from_folder,
    )


def _evened(frame: pl.DataFrame) -> pl.DataFrame:
    """Strip text, make blank text null, and join lists where one value is expected."""
    lists = [
        # Under another name meanwhile: polars takes a name such as ^a$ for a pattern.
        column.alias("cells").list.join(";").alias(column.name)
        for column in frame
        if column.dtype.is_nested() and meaning(column.name) not in (ARTISTS, GENRES)
    ]
    text = pl.col(pl.String).str.strip_chars()
    return frame.with_columns(lists).with_columns(pl.when(text != "").then(text))


def _without_blank_features(table: Opened, found: ColumnMap) -> ColumnMap:
    """Leave out features that no row has, if enough are left; they would reject every row."""
    blank = [
        name for name in found.features if table.n_rows and table.is_blank(found.columns[name])
    ]
    rest = found.without(blank)
    return found if missing_of_a_track_table(rest) else rest


def left_out(sheet: Sheet) -> str:
    """Say what a table that is none of tracks seems to be a table of, and what it lacks."""
    columns = sheet.found.columns
    is_summary = TRACK_ID not in columns and TITLE not in columns
    kinds = [
        kind
        for name, kind in ((ARTISTS, "artists"), (GENRES, "genres"), (YEAR, "years"))
        if name in columns
    ]
    seems = f"a table of {kinds[0]}, not of tracks: " if is_summary and kinds else ""
    return f"{seems}{sheet.fault}"
