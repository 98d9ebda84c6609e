"""What is understood of a track table, also of one that cannot be used, and then why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from moodtune.catalog.aliases import meaning
from moodtune.catalog.cleaning import by_meaning, numbers
from moodtune.catalog.readers import assemble, nothing_left
from moodtune.catalog.schema import AUDIO_FEATURES, CARRIED_NUMBERS, Catalog, Source
from moodtune.catalog.settings import CatalogSettings
from moodtune.catalog.sheets import Sheet, open_sheets
from moodtune.catalog.units import evidence
from moodtune.errors import TableError
from moodtune.tables.limits import TableLimits

_QUANTITIES = {**AUDIO_FEATURES, **CARRIED_NUMBERS}
_EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReading:
    """One column of one table, and what it is taken for.

    ``meaning``     its name in the schema, or nothing where it is not used
    ``unit``        what its numbers must be in, for a numeric column
    ``low, high``   the range seen, in the table's own unit; nothing where there are no numbers
    ``n_blank``     cells without a value
    ``instead``     the column that is read in place of this one, where both claim one meaning
    """

    file: str
    name: str
    meaning: str | None
    unit: str | None
    low: float | None
    high: float | None
    n_blank: int
    instead: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One rejected row; the first row under the header is 1, ``value`` is the cell as it stands."""

    file: str
    row: int
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why rows are rejected, how many, and the first few of them."""

    reason: str
    column: str
    n_rows: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What becomes of the rows: ``n_read`` is the sum of the others."""

    n_read: int
    n_kept: int
    n_rejected: int
    n_merged_ids: int
    n_merged_songs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """``problem`` is the sentence ``read_catalog`` would fail with, and nothing if it would not.

    ``counts`` is missing where the tables are refused before their rows are looked at. Reasons
    come with the commonest first; columns in the order of the tables.
    """

    sources: tuple[Source, ...]
    columns: tuple[ColumnReading, ...]
    counts: Counts | None
    reasons: tuple[Reason, ...]
    notes: tuple[str, ...]
    problem: str | None


def inspect(
    paths: Path | Sequence[Path],
    settings: CatalogSettings | None = None,
    *,
    limits: TableLimits | None = None,
) -> Inspection:
    """Say what is understood of the tables under ``paths``.

    Raises only where there is no table to speak of (missing, damaged, hostile), and SettingsError.
    """
    sheets = open_sheets(paths, limits)
    columns = tuple(reading for sheet in sheets for reading in _readings(sheet))
    try:
        catalog = assemble(sheets, settings or CatalogSettings())
    except TableError as error:
        return Inspection(
            sources=tuple(sheet.source(sheet.fault) for sheet in sheets),
            columns=columns,
            counts=None,
            reasons=(),
            notes=(),
            problem=str(error),
        )
    return Inspection(
        sources=catalog.sources,
        columns=columns,
        counts=_counts(catalog),
        reasons=tuple(_reasons(catalog.rejections)),
        notes=catalog.notes,
        problem=None if len(catalog) else nothing_left(catalog),
    )


def _readings(sheet: Sheet) -> Iterator[ColumnReading]:
    frame, columns = sheet.table.frame, sheet.found.columns
    canonical = {name: meant for meant, name in columns.items()}
    ranges = {row["column"]: row for row in _ranges(sheet)}
    for name in frame.columns:
        meant = canonical.get(name)
        seen = ranges.get(meant or "", {})
        yield ColumnReading(
            file=sheet.table.name,
            name=name,
            meaning=meant,
            unit=_QUANTITIES[meant].unit if meant in _QUANTITIES else None,
            low=seen.get("low"),
            high=seen.get("high"),
            n_blank=frame[name].null_count(),
            instead=None if meant else columns.get(meaning(name) or ""),
        )


def _ranges(sheet: Sheet) -> list[dict[str, Any]]:
    found = numbers(by_meaning(sheet.table.frame, sheet.found))
    return evidence(found).to_dicts() if found.width else []


def _counts(catalog: Catalog) -> Counts:
    return Counts(
        n_read=catalog.n_read,
        n_kept=len(catalog),
        n_rejected=catalog.n_rejected,
        n_merged_ids=catalog.n_merged_ids,
        n_merged_songs=catalog.n_merged_songs,
    )


def _reasons(rejections: pl.DataFrame) -> Iterator[Reason]:
    commonest = (
        rejections.group_by("reason", maintain_order=True)
        .agg(
            pl.col("column").first(),
            pl.len().alias("n_rows"),
            pl.struct("file", "row", "value").head(_EXAMPLES).alias("examples"),
        )
        .sort("n_rows", "reason", descending=[True, False])
    )
    for row in commonest.iter_rows(named=True):
        yield Reason(
            reason=row["reason"],
            column=row["column"],
            n_rows=row["n_rows"],
            examples=tuple(Example(**example) for example in row["examples"]),
        )
