"""Files to a Catalog: one table, or a folder of tables that together are one."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from moodtune.catalog import cells
from moodtune.catalog.aliases import (
    ColumnMap,
    listed,
    meaning,
    missing_of_a_track_table,
)
from moodtune.catalog.cleaning import Cleaned, clean
from moodtune.catalog.entities import one_per_id, one_per_song
from moodtune.catalog.schema import (
    ARTISTS,
    AUDIO_FEATURES,
    DTYPES,
    GENRES,
    Catalog,
    Source,
)
from moodtune.catalog.settings import CatalogSettings
from moodtune.catalog.sheets import Sheet, left_out, open_sheets
from moodtune.catalog.units import Units, refuse_other_units, total, units
from moodtune.errors import ColumnError, SettingsError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.table import Table
from moodtune.tables.text import literal

#: Rows cleaned at once: enough for full speed, few enough to keep intermediate columns small.
_BATCH_ROWS = 65_536


def read_catalog(
    paths: Path | Sequence[Path],
    settings: CatalogSettings | None = None,
    *,
    limits: TableLimits | None = None,
) -> Catalog:
    """Read tracks from a file, from every table of a folder, or from several of both.

    In a folder, tables that are none of tracks (of artists, genres, years) are left out and named
    in ``Catalog.sources``. Raises ColumnError where a column is missing or in other units,
    TableError where no row is left, HostileTableError beyond ``limits``, SettingsError where
    ``settings`` name a column that is not there.
    """
    catalog = assemble(open_sheets(paths, limits), settings or CatalogSettings())
    if not len(catalog):
        raise TableError(nothing_left(catalog))
    return catalog


def assemble(sheets: Sequence[Sheet], settings: CatalogSettings) -> Catalog:
    """Make one catalog of ``sheets``; it may be empty, then ``nothing_left`` says why.

    Raises as ``read_catalog``, except where no row is left.
    """
    said = units(settings)
    used = _track_tables(sheets)
    _refuse_unknown(said, used)
    shared, notes = _shared_features(used)
    where, n_read, sources = _where(used), sum(s.n_rows for s in used), _sources(sheets)
    # The cells as they were read are half of the memory; each table's go once it is cleaned.
    del sheets
    cleaned: list[Cleaned] = []
    for columns in shared:
        cleaned += _cleaned(used.pop(0).table, columns, said)
    refuse_other_units(total(part.evidence for part in cleaned), said, where)
    rejections = pl.concat([part.rejected for part in cleaned])
    notes += _notes(cleaned)
    rows = _joined([part.kept for part in cleaned])
    del cleaned
    tracks = one_per_id(rows)
    songs = one_per_song(tracks)
    return Catalog(
        tracks=songs.select(name for name in DTYPES if name in songs.columns),
        rejections=rejections,
        n_read=n_read,
        n_merged_ids=rows.height - tracks.height,
        n_merged_songs=tracks.height - songs.height,
        sources=tuple(sources),
        notes=tuple(notes),
    )


def _cleaned(table: Table, columns: ColumnMap, said: Units) -> list[Cleaned]:
    starts = range(0, max(table.frame.height, 1), _BATCH_ROWS)
    return [
        clean(table.frame[i : i + _BATCH_ROWS], columns, said, file=table.name, first_row=i + 1)
        for i in starts
    ]


def _joined(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Put the rows of several tables under each other; a column that a table lacks is blank."""
    if len(parts) == 1:
        return parts[0]
    rows = pl.concat(parts, how="diagonal", rechunk=True)
    return rows.with_columns(
        pl.col(name).fill_null(pl.lit([], dtype=cells.NAMES))
        for name in (ARTISTS, GENRES)
        if name in rows.columns
    )


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
                f"{listed(sheet.table.frame.columns)}"
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


def _sources(sheets: Sequence[Sheet]) -> list[Source]:
    return [sheet.source(left_out(sheet) if sheet.fault else None) for sheet in sheets]


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
        if sheet.table.frame[name].null_count() == sheet.n_rows
    ]


def _notes(cleaned: Sequence[Cleaned]) -> list[str]:
    counted = (
        (sum(part.n_silent for part in cleaned), "tempo 0 (no beat was heard); they are kept"),
        (sum(part.n_loud for part in cleaned), "loudness above 0 dB; they are kept"),
        (sum(part.n_undated for part in cleaned), "a release date that names no year"),
    )
    return [
        f"{n:,} rows have {what}" if n != 1 else f"1 row has {what.replace('they are', 'it is')}"
        for n, what in counted
        if n
    ]
