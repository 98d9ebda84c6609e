"""XLSX tables: the values a person sees in the cells; no formula runs, no link is followed."""

from pathlib import Path

import polars as pl

from moodtune.errors import TableError
from moodtune.tables.archive import check_archive
from moodtune.tables.limits import TableLimits
from moodtune.tables.scanning import Fingerprint
from moodtune.tables.table import (
    BLANK_WORDS,
    Table,
    Wanted,
    check_shape,
    clean,
    no_table,
    shown,
    unique_names,
)
from moodtune.tables.text import undo_guards

_MIDNIGHT = r"^(\d{4}-\d\d-\d\d) 00:00:00$"
#: A time of day without a date is the day zero of spreadsheets plus that time.
_DAY_ZERO = r"^1899-12-3[01] (\d\d:\d\d:\d\d)$"


def read_workbook(path: Path, limits: TableLimits, wanted: Wanted | None = None) -> Table:
    """Read the first sheet of a workbook whose column names are ``wanted``.

    A formula counts with the value it had when the workbook was saved. Raises `TableError`, and
    `HostileTableError` beyond ``limits``.
    """
    sha256 = Fingerprint(path, limits).read_to_end()
    check_archive(path, limits)
    frame = _sheet(path, limits, wanted)
    return Table(name=path.name, sha256=sha256, frame=frame, kind="xlsx")


def _sheet(path: Path, limits: TableLimits, wanted: Wanted | None) -> pl.DataFrame:
    import fastexcel

    where = shown(path)
    try:
        workbook = fastexcel.read_excel(path)
        headers = []
        for sheet in workbook.sheet_names:
            raw = workbook.load_sheet(sheet, header_row=None, dtypes="string").to_polars()
            if not raw.height:
                continue
            names = unique_names(undo_guards(pl.Series(raw.row(0), dtype=pl.String)))
            headers.append(names)
            if wanted is None or wanted(names):
                check_shape(where, columns=raw.width, rows=raw.height - 1, limits=limits)
                return _values(raw, names, where, limits)
    except fastexcel.FastExcelError as error:
        raise TableError(
            f"{where}: it is no XLSX workbook, or a damaged one; save it again as XLSX"
        ) from error
    raise no_table(where, "sheet", headers)


def _values(raw: pl.DataFrame, names: list[str], where: str, limits: TableLimits) -> pl.DataFrame:
    frame = raw.slice(1).select(pl.all().str.replace(_MIDNIGHT, "$1").str.replace(_DAY_ZERO, "$1"))
    frame.columns = names
    return clean(frame, where, limits, blanks=BLANK_WORDS)
