"""The one way in: a path becomes a Table, whatever format it is in."""

import os
import stat
from pathlib import Path

from moodtune.counting import Count, uncounted
from moodtune.errors import HostileTableError, TableError
from moodtune.tables.columnar import open_columnar, read_columnar
from moodtune.tables.delimited import open_delimited, read_delimited
from moodtune.tables.footer import MAGIC as PARQUET
from moodtune.tables.limits import TableLimits
from moodtune.tables.long_table import Opened
from moodtune.tables.page import read_page
from moodtune.tables.table import Kind, Table, Wanted, shown, unreadable
from moodtune.tables.workbook import read_workbook

#: What the name of a table ends in, in any case.
ENDINGS: dict[str, Kind] = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "csv",
    ".tsv.gz": "csv",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".html": "html",
    ".htm": "html",
}
_DEFAULT = TableLimits()
#: How a Parquet file ends: before the mark its footer's length, whose highest byte is none.
_PARQUET_END = b"\0" + PARQUET
#: How files begin that are no CSV whatever they are called, and what to do with them.
_NO_CSV = {
    PARQUET: "it is a Parquet file: let its name end in .parquet",
    b"PK\x03\x04": (
        "it is a ZIP archive, as workbooks are: let its name end in .xlsx if it is one, "
        "else unpack it"
    ),
    b"\x1f\x8b": "it is compressed by gzip: put .gz at the end of its name",
}
#: Bytes of a CSV that are rather held than read twice.
HELD_BYTES = 64 * 1024**2


def read_table(
    path: Path,
    *,
    limits: TableLimits = _DEFAULT,
    wanted: Wanted | None = None,
    may_be_empty: bool = False,
) -> Table:
    """Read one table.

    ``wanted`` is asked, with the column names, which of several tables of an HTML page or sheets
    of a workbook to take: the first that it says yes to. Without it the first is taken.
    ``may_be_empty``: column names without a row are a table too, of nothing so far.
    Raises `TableError` for a file that is missing, of an unknown kind or damaged, and
    `HostileTableError` for one beyond ``limits``.
    """
    _refuse_what_is_no_file(path, "file")
    kind = _kind(path)
    try:
        _refuse_what_is_no_csv(path, kind)
        table = _read(path, kind, limits, wanted)
    except OSError as error:
        raise unreadable(path, error) from error
    if not table.frame.height and not may_be_empty:
        raise TableError(f"{shown(path)}: it has column names and no row with anything in it")
    return table


def open_long_table(
    path: Path, *, limits: TableLimits = _DEFAULT, count: Count = uncounted
) -> Opened | None:
    """Check a table that can be read batch by batch; None for one of a kind that cannot.

    A CSV of some megabytes is held; ``count`` is told how much of a longer one is checked.
    Raises as `read_table`.
    """
    _refuse_what_is_no_file(path, "file")
    kind = _kind(path)
    if kind not in ("parquet", "csv"):
        return None
    try:
        _refuse_what_is_no_csv(path, kind)
        table = (
            open_columnar(path, limits)
            if kind == "parquet"
            else open_delimited(path, limits, held_bytes=HELD_BYTES, count=count)
        )
    except OSError as error:
        raise unreadable(path, error) from error
    if not table.n_rows:
        raise TableError(f"{shown(path)}: it has column names and no row with anything in it")
    return table


def _refuse_what_is_no_csv(path: Path, kind: Kind) -> None:
    """Refuse other files that are called .csv or .tsv: their bytes would be called no UTF-8."""
    if kind != "csv" or path.name.lower().endswith(".gz"):
        return
    with path.open("rb") as file:
        begin = file.read(len(PARQUET))
        file.seek(-min(len(_PARQUET_END), file.seek(0, os.SEEK_END)), os.SEEK_END)
        end = file.read()
    for beginning, said in _NO_CSV.items():
        # A column may be called PAR1, and a last cell be it.
        if begin.startswith(beginning) and (beginning != PARQUET or end == _PARQUET_END):
            raise TableError(f"{shown(path)}: {said}")


def _read(path: Path, kind: Kind, limits: TableLimits, wanted: Wanted | None) -> Table:
    if kind == "csv":
        return read_delimited(path, limits)
    if kind == "parquet":
        return read_columnar(path, limits)
    if kind == "xlsx":
        return read_workbook(path, limits, wanted)
    return read_page(path, limits, wanted)


def table_files(path: Path, *, limits: TableLimits = _DEFAULT) -> list[Path]:
    """Return ``path`` itself, or of a folder every table in it and in its folders.

    They come sorted by their path inside the folder. Hidden files and folders are left out, as
    are links to what lies in the folder anyway; a link that leads out of it is refused, and so is
    a folder without a table. Raises `TableError`, and `HostileTableError` beyond ``limits``.
    """
    _refuse_what_is_no_file(path, "file or folder")
    if not path.is_dir():
        _kind(path)
        return [path]
    root = path.resolve()
    found = []
    for looked_at, entry in enumerate(path.rglob("*"), start=1):
        _check_count(path, "entries", looked_at, limits.folder_entries)
        if any(part.startswith(".") for part in entry.relative_to(path).parts):
            continue
        if entry.is_symlink():
            _refuse_if_outside(entry, path, root)
        elif entry.is_file() and _ending(entry):
            found.append(entry)
            _check_count(path, "tables", len(found), limits.files)
    if not found:
        raise TableError(f"{path}: no table is in this folder; it takes {_known_endings()}")
    return sorted(found, key=lambda file: file.relative_to(path).as_posix())


def _refuse_what_is_no_file(path: Path, what: str) -> None:
    """Refuse what is not there, and pipes and devices: a table may be read more than once."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise TableError(f"{path}: there is no such {what}; check the path") from error
    except OSError as error:
        raise unreadable(path, error) from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise TableError(f"{shown(path)}: it is no ordinary {what}; copy its bytes into one")


def _refuse_if_outside(link: Path, folder: Path, root: Path) -> None:
    try:
        end = link.resolve()
    except (OSError, RuntimeError) as error:  # it leads to itself
        raise TableError(f"{folder}: {shown(link)} is a link that leads nowhere") from error
    if not end.is_relative_to(root):
        raise TableError(
            f"{folder}: {shown(link)} is a link that leads out of the folder; "
            "put the file itself there, or name it by its own path"
        )


def _check_count(path: Path, what: str, count: int, limit: int) -> None:
    if count > limit:
        raise HostileTableError(
            f"{path}: there are more than {limit:,} {what} in this folder, the limit; "
            "put the tables into a folder of their own"
        )


def _ending(path: Path) -> str | None:
    name = path.name.lower()
    return next((ending for ending in ENDINGS if name.endswith(ending)), None)


def _kind(path: Path) -> Kind:
    ending = _ending(path)
    if ending is None and not path.is_dir():
        raise TableError(
            f"{path}: what its name ends in is no kind of table that is read; "
            f"it takes {_known_endings()}"
        )
    if ending is None:
        raise TableError(f"{path}: this is a folder, and a file is wanted; name one table in it")
    return ENDINGS[ending]


def _known_endings() -> str:
    return ", ".join(ENDINGS)
