"""A table of people's labels to tracks with features: their own, or a catalog track's by its id.

Rows go through the cleaning of catalogs, but nothing is merged: that a track is in several rows is
what a table of labels is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from moodtune.artifacts.bundle import ModelBundle
from moodtune.catalog import cells
from moodtune.catalog.aliases import listed, map_columns, simplified
from moodtune.catalog.cleaning import by_meaning, clean
from moodtune.catalog.schema import (
    ALTERNATIVE_IDS,
    AUDIO_FEATURES,
    CARRIED_NUMBERS,
    TRACK_ID,
)
from moodtune.catalog.settings import CatalogSettings
from moodtune.catalog.sheets import Sheet, open_sheets
from moodtune.catalog.units import refuse_other_units, total, units
from moodtune.errors import ColumnError, TableError
from moodtune.evaluation.matching import nearest
from moodtune.ranking.index import TrackIndex
from moodtune.tables.limits import TableLimits
from moodtune.tables.text import literal, quoted

LABEL, GROUP, IN_CATALOG = "label", "group", "in_catalog"
#: The axes of the valence-arousal plane, and the columns that hold people's values of them.
AXES = {"valence": "human_valence", "arousal": "human_arousal"}

_BATCH_ROWS = 65_536
_ROW, _WANTED, _CANONICAL = "row", "wanted_id", "canonical_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelColumns:
    """The columns of a label table by the names they have there; None is not asked for.

    ``axes``  of ``valence`` and ``arousal``, whichever is asked for
    """

    label: str | None = None
    group: str | None = None
    valence: str | None = None
    arousal: str | None = None

    @property
    def axes(self) -> dict[str, str]:
        """Name of the axis -> column of the table."""
        said = {"valence": self.valence, "arousal": self.arousal}
        return {axis: column for axis, column in said.items() if column is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTable:
    """The rows of a label table that have features, and what became of the others.

    ``rows``          ``track_id``; ``label``, ``group`` (text, null where blank) and ``human_...``
                      (Float64) where they were asked for; ``canonical_id``, the catalog's id of the
                      track, null where the catalog does not have it; numbers as ``DTYPES`` has them
    ``features``      names of the audio features of ``rows``, in schema order
    ``own_features``  whether the features are the table's own
    ``rejected``      reason -> rows that were rejected for it, the commonest first
    """

    name: str
    sha256: str
    n_rows: int
    rows: pl.DataFrame
    features: tuple[str, ...]
    own_features: bool
    rejected: dict[str, int]
    n_not_joined: int


def read_label_table(
    path: Path,
    bundle: ModelBundle | TrackIndex,
    columns: LabelColumns,
    settings: CatalogSettings | None = None,
    *,
    limits: TableLimits | None = None,
) -> LabelTable:
    """Read people's labels of tracks.

    The table's own features are used where it has all that the model needs, else those of the
    catalog's tracks with the same id or alternative id. Raises ColumnError for a column that is
    not there, TableError where a human value is no number, or no track is left or found.
    """
    if path.is_dir():
        raise TableError(f"{path}: this is a folder, and a file is wanted; name one table in it")
    sheet = open_sheets(path, limits)[0]
    said = _said(sheet, columns)
    lacking = [name for name in bundle.song_model.features if name not in sheet.found.columns]
    own = sheet.fault is None and not lacking
    if own:
        tracks, rejected = _cleaned(sheet, settings or CatalogSettings())
    else:
        tracks, rejected = _joined(sheet, bundle, lacking), {}
    rows = tracks.join(said.with_row_index(_ROW), on=_ROW, how="left", maintain_order="left")
    return LabelTable(
        name=sheet.table.name,
        sha256=sheet.table.sha256,
        n_rows=sheet.n_rows,
        rows=_canonical(rows.drop(_ROW), bundle),
        features=tuple(name for name in AUDIO_FEATURES if name in rows.columns),
        own_features=own,
        rejected=rejected,
        n_not_joined=0 if own else sheet.n_rows - rows.height,
    )


def _said(sheet: Sheet, columns: LabelColumns) -> pl.DataFrame:
    """Return what people said, a row per row of the table."""
    frame, where = sheet.table.frame, literal(sheet.table.name)
    found = {}
    for option, name, meant in (
        ("--label-column", columns.label, LABEL),
        ("--group-column", columns.group, GROUP),
    ):
        if name is not None:
            cell = frame[_column(frame.columns, name, option, where)]
            found[meant] = _as_text(cell).alias(meant)
    for axis, name in columns.axes.items():
        column = frame[_column(frame.columns, name, f"--{axis}", where)]
        found[AXES[axis]] = _human_values(column, where).alias(AXES[axis])
    return pl.DataFrame(list(found.values()))


def _column(names: Sequence[str], wanted: str, option: str, where: str) -> str:
    if wanted in names:
        return wanted
    alike = [name for name in names if simplified(name) == simplified(wanted)]
    if len(alike) == 1 and simplified(wanted):
        return alike[0]
    hint = nearest(wanted, names)
    rest = "" if hint.startswith("it has") else f" its columns are: {listed(names)}"
    raise ColumnError(f"{where} has no column {quoted(wanted)}, named by {option}; {hint}{rest}")


def _as_text(column: pl.Series) -> pl.Series:
    """Return the column as text; several in one cell stay one label, joined by ``;``."""
    if isinstance(column.dtype, pl.List):
        joined = column.cast(pl.List(pl.String)).list.join(";")
        return joined.set(joined == "", None)
    return column.cast(pl.String)


def _human_values(column: pl.Series, where: str) -> pl.Series:
    """Return the column as Float64, null where blank; TableError names the first other cell."""
    column = _as_text(column) if column.dtype.is_nested() else column
    values = column.cast(pl.Float64, strict=False)
    is_wrong = column.is_not_null() & ~values.is_finite().fill_null(value=False)
    if is_wrong.any():
        row = is_wrong.arg_true()[0]
        raise TableError(
            f"{where} row {row + 1}: {literal(column.name)} must be a number, got "
            f"{quoted(str(column[row])[:60])}; correct the cell, or leave it blank to leave the "
            "row out"
        )
    return values


def _cleaned(sheet: Sheet, settings: CatalogSettings) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return the rows with features of their own, and why others were rejected."""
    said, frame = units(settings), sheet.table.frame
    parts = [
        clean(
            frame[first : first + _BATCH_ROWS],
            sheet.found,
            said,
            file=sheet.table.name,
            first_row=first + 1,
        )
        for first in range(0, frame.height, _BATCH_ROWS)
    ]
    where = literal(sheet.table.name)
    refuse_other_units(total(part.evidence for part in parts), said, where)
    rejections = pl.concat([part.rejected for part in parts])
    is_kept = np.ones(frame.height, dtype=bool)
    is_kept[rejections[_ROW].to_numpy() - 1] = False
    kept = pl.concat([part.kept for part in parts])
    reasons = rejections.group_by("reason").len().sort(["len", "reason"], descending=[True, False])
    if not kept.height:
        reason, count = reasons.row(0)
        raise TableError(
            f"{where}: none of the {frame.height:,} rows can be used; {count:,} of them because "
            f"{reason}"
        )
    rows = pl.Series(_ROW, np.flatnonzero(is_kept)).cast(pl.get_index_type())
    return _numbers(kept).with_columns(rows), dict(reasons.iter_rows())


def _numbers(tracks: pl.DataFrame) -> pl.DataFrame:
    """Return the ids and the numeric columns, leaving out those with blanks."""
    names = [
        name
        for name in (*AUDIO_FEATURES, *CARRIED_NUMBERS)
        if name in tracks.columns and not tracks[name].null_count()
    ]
    return tracks.select(TRACK_ID, *names)


def _joined(sheet: Sheet, bundle: ModelBundle | TrackIndex, lacking: Sequence[str]) -> pl.DataFrame:
    """Return the rows whose id the catalog has, with the catalog's features."""
    where, found = literal(sheet.table.name), map_columns(sheet.table.frame.columns)
    if TRACK_ID not in found.columns:
        raise ColumnError(
            f"{where} has no {', '.join(lacking)} for its tracks, and no track id by which the "
            "model's catalog could be asked for them; add the features, or a column track_id"
        )
    ids = by_meaning(sheet.table.frame, found).select(cells.track_id(TRACK_ID).alias(TRACK_ID))
    known = _known_ids(bundle)
    wanted = ids.with_row_index(_ROW).join(
        known, left_on=TRACK_ID, right_on=_WANTED, how="inner", maintain_order="left"
    )
    if not wanted.height:
        raise TableError(
            f"{where}: none of its {ids.height:,} tracks is in the model's catalog of "
            f"{bundle.tracks.height:,}, and it lacks {', '.join(lacking)}, so that there is "
            "nothing to score; give a table with features, or a model trained on these tracks"
        )
    features = _numbers(bundle.tracks).rename({TRACK_ID: _CANONICAL})
    return wanted.join(features, on=_CANONICAL, how="left", maintain_order="left").drop(_CANONICAL)


def _canonical(rows: pl.DataFrame, bundle: ModelBundle | TrackIndex) -> pl.DataFrame:
    return rows.join(
        _known_ids(bundle), left_on=TRACK_ID, right_on=_WANTED, how="left", maintain_order="left"
    )


def _known_ids(bundle: ModelBundle | TrackIndex) -> pl.DataFrame:
    """Return every id of the catalog's tracks with the one that the catalog goes by."""
    own = bundle.tracks.select(pl.col(TRACK_ID).alias(_WANTED), pl.col(TRACK_ID).alias(_CANONICAL))
    others = bundle.tracks.select(
        pl.col(ALTERNATIVE_IDS).alias(_WANTED), pl.col(TRACK_ID).alias(_CANONICAL)
    ).explode(_WANTED)
    both = pl.concat([own, others.drop_nulls()])
    return both.unique(_WANTED, keep="first", maintain_order=True)
