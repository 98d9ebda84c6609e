"""Files to a Catalog: one table, or a folder of tables that together are one."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from moodtune.ahead import in_order
from moodtune.atomic import Scratch
from moodtune.catalog.aliases import (
    ColumnMap,
    listed,
    meaning,
    missing_of_a_track_table,
)
from moodtune.catalog.cleaning import Cleaned, clean
from moodtune.catalog.gathering import Gathering, prepared
from moodtune.catalog.schema import (
    AUDIO_FEATURES,
    Catalog,
    Source,
)
from moodtune.catalog.settings import CatalogSettings
from moodtune.catalog.sheets import Sheet, left_out, open_sheets
from moodtune.catalog.units import Units, refuse_other_units, total, units
from moodtune.counting import Count, uncounted
from moodtune.errors import ColumnError, SettingsError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.table import RowsDigest
from moodtune.tables.text import literal

#: Rows cleaned at once: enough for full speed, few enough to keep intermediate columns small.
_BATCH_ROWS = 65_536


def read_catalog(
    paths: Path | Sequence[Path],
    settings: CatalogSettings | None = None,
    *,
    limits: TableLimits | None = None,
    held_rows: int | None = None,
    temp_dir: Path | None = None,
    count: Count = uncounted,
) -> Catalog:
    """Read tracks from a file, from every table of a folder, or from several of both.

    In a folder, tables that are none of tracks (of artists, genres, years) are left out and named
    in ``Catalog.sources``. Of more than ``held_rows`` rows the tracks lie on disk, in a folder of
    their own in ``temp_dir`` (by default the system's), and ``Catalog.long`` says where. ``count``
    is told how far reading and sorting are.

    Raises ColumnError where a column is missing or in other units, TableError where no row is
    left, HostileTableError beyond ``limits``, SettingsError where ``settings`` name a column that
    is not there, UsageError where nothing can be written to ``temp_dir``.
    """
    gathering = Gathering(
        held_rows, lambda: Scratch(temp_dir or Path(tempfile.gettempdir())), count
    )
    sheets = open_sheets(paths, limits, whole=False, count=count)
    catalog = assemble(sheets, settings or CatalogSettings(), gathering)
    if not len(catalog):
        raise TableError(nothing_left(catalog))
    return catalog


def assemble(
    sheets: list[Sheet], settings: CatalogSettings, gathering: Gathering | None = None
) -> Catalog:
    """Make one catalog of ``sheets``; it may be empty, then ``nothing_left`` says why.

    ``sheets`` is emptied, so that tables go once they are read. Raises as ``read_catalog``, except
    where no row is left.
    """
    said = units(settings)
    used = _track_tables(sheets)
    _refuse_unknown(said, used)
    shared, notes = _shared_features(used)
    where = _where(used)
    sources = [sheet.source(left_out(sheet)) if sheet.fault else None for sheet in sheets]
    sheets.clear()
    seen = _Seen(gathering or Gathering(None, _no_scratch), sum(sheet.n_rows for sheet in used))
    # The cells as they were read are half of the memory; each table's go once it is cleaned.
    read = [seen.read(used.pop(0), columns, said) for columns in shared]
    refuse_other_units(total(seen.evidence), said, where)
    gathered = seen.gathering.finish()
    return Catalog(
        tracks=gathered.tracks,
        long=gathered.long,
        rejections=pl.concat(seen.rejected),
        n_read=seen.n_read,
        n_merged_ids=gathered.n_rows - gathered.n_ids,
        n_merged_songs=gathered.n_ids - gathered.tracks.height,
        sources=tuple(source or read.pop(0) for source in sources),
        notes=(*notes, *seen.notes()),
    )


def _no_scratch() -> Scratch:
    raise AssertionError("all rows are held")


class _Seen:
    """What is kept of rows that have been read, batch by batch."""

    def __init__(self, gathering: Gathering, n_rows: int) -> None:
        self.gathering = gathering
        self._n_rows = n_rows
        self.evidence: list[pl.DataFrame] = []
        self.rejected: list[pl.DataFrame] = []
        self.n_read = 0
        self._n_silent = self._n_loud = self._n_undated = 0

    def read(self, sheet: Sheet, columns: ColumnMap, said: Units) -> Source:
        """Read and clean a table, and return the record of it."""
        digest, name = RowsDigest(sheet.table.names), sheet.table.name

        def cleaned(numbered: tuple[int, pl.DataFrame]) -> tuple[Cleaned, pl.DataFrame]:
            first, batch = numbered
            part = clean(batch, columns, said, file=name, first_row=first)
            digest.add(batch)  # in any order
            return part, prepared(part.kept)

        for part, kept in in_order(cleaned, self._numbered(sheet)):
            self.gathering.add(kept)
            self._note(part)
            self.gathering.count("reading tracks", self.n_read, self._n_rows)
        return sheet.source(rows_sha256=digest.hexdigest())

    def _numbered(self, sheet: Sheet) -> Iterator[tuple[int, pl.DataFrame]]:
        """Yield batches, each with the number of its first row as people count."""
        first = 1
        for batch in sheet.table.batches(_BATCH_ROWS):
            yield first, batch
            first += batch.height
            self.n_read += batch.height

    def _note(self, part: Cleaned) -> None:
        self.evidence.append(part.evidence)
        self.rejected.append(part.rejected)
        self._n_silent += part.n_silent
        self._n_loud += part.n_loud
        self._n_undated += part.n_undated

    def notes(self) -> list[str]:
        """Return sentences about cells that are odd, and kept."""
        counted = (
            (self._n_silent, "tempo 0 (no beat was heard); they are kept"),
            (self._n_loud, "loudness above 0 dB; they are kept"),
            (self._n_undated, "a release date that names no year"),
        )
        return [
            f"{n:,} rows have {what}"
            if n != 1
            else f"1 row has {what.replace('they are', 'it is')}"
            for n, what in counted
            if n
        ]


def nothing_left(catalog: Catalog) -> str:
    """Say why a catalog is empty, with the reason that took most rows."""
    where = ", ".join(literal(s.name) for s in catalog.sources if s.left_out is None)
    reasons = (
        catalog.rejections.group_by("reason").len().sort("len", "reason", descending=[True, False])
    )
    reason, count = reasons.row(0)
    example = catalog.rejections.filter(pl.col("reason") == reason).row(0, named=True)
    got = "" if example["value"] is None else f", got '{literal(example['value'])}'"
    return (
        f"{where}: none of the {catalog.n_read:,} rows can be used; {count:,} of them because "
        f"{reason} (row {example['row']}{got})"
    )


def _track_tables(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the tables of tracks; raise for a file that was asked for and is none."""
    for sheet in sheets:
        if sheet.fault and not sheet.is_from_folder:
            raise ColumnError(
                f"{literal(sheet.table.name)}: {sheet.fault}; its columns are: "
                f"{listed(sheet.table.names)}"
            )
    used = [sheet for sheet in sheets if sheet.fault is None]
    if not used:
        found = "; ".join(f"{literal(s.table.name)}: {left_out(s)}" for s in sheets[:5])
        raise TableError(
            f"there is no table of tracks among {len(sheets):,} tables: {found}"
            if sheets
            else "there is no table to read; give a CSV, Parquet or XLSX file, or a folder of them"
        )
    return used


def _refuse_unknown(said: Units, used: Sequence[Sheet]) -> None:
    """Refuse an option about a column that no table has: it would do nothing, silently."""
    for option, names in (("--percent", said.percent), ("--seconds", said.seconds)):
        for name in names:
            if not any(name in sheet.found.columns for sheet in used):
                raise SettingsError(f"{option} {name}: {_where(used)} has no such column")


def _where(used: Sequence[Sheet]) -> str:
    names = [literal(sheet.table.name) for sheet in used]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _shared_features(used: Sequence[Sheet]) -> tuple[list[ColumnMap], list[str]]:
    """Leave out features that only some of the tables have: their tracks would lack them."""
    everywhere = [name for name in AUDIO_FEATURES if all(name in s.found.columns for s in used)]
    partly = {
        name: sum(name in sheet.found.columns for sheet in used)
        for name in AUDIO_FEATURES
        if name not in everywhere and any(name in sheet.found.columns for sheet in used)
    }
    shared = [sheet.found.without(partly) for sheet in used]
    if fault := missing_of_a_track_table(shared[0]):
        raise ColumnError(f"{_where(used)}: of the features that all of them have, {fault}")
    notes = [
        f"{name} is in {n:,} of {len(used):,} tables only, and is not used"
        for name, n in partly.items()
    ]
    return shared, notes + [note for sheet in used for note in _blank_notes(sheet)]


def _blank_notes(sheet: Sheet) -> list[str]:
    blank = [name for name in sheet.found.unused if meaning(name) in AUDIO_FEATURES]
    return [
        f"{name} is blank in every row of {sheet.table.name}, and is not used"
        for name in blank
        if sheet.is_blank(name)
    ]
