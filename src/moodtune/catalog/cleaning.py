"""Rows of one table to rows that may stand in a catalog, and rows rejected with a reason.

Everything here looks at one row at a time, so a table may be cleaned in batches of any size.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from moodtune.catalog import cells
from moodtune.catalog.aliases import ColumnMap
from moodtune.catalog.entities import song_ids, song_keys
from moodtune.catalog.schema import (
    ALBUM,
    ALTERNATIVE_IDS,
    ARTISTS,
    AUDIO_FEATURES,
    CARRIED_NUMBERS,
    DTYPES,
    EXPLICIT,
    GENRES,
    ISRC,
    KEY,
    MODE,
    MUSICBRAINZ_ID,
    PATH,
    REJECTION_DTYPES,
    RELEASE_DATE,
    TIME_SIGNATURE,
    TITLE,
    TRACK_ID,
    URL,
    YEAR,
    Quantity,
)
from moodtune.catalog.units import JUDGED, Units, converted, evidence

_WHOLE = (KEY, MODE, TIME_SIGNATURE, YEAR)
_TEXTS = (RELEASE_DATE, ALBUM, URL, PATH, ISRC, MUSICBRAINZ_ID)
_QUANTITIES = {**AUDIO_FEATURES, **CARRIED_NUMBERS}
_ROW, _RAW, _VALUE = "row", "raw", "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What became of the rows of one table or batch.

    ``kept``      columns of ``DTYPES`` without alternative ids, in the table's order of rows
    ``rejected``  columns of ``REJECTION_DTYPES``, in the table's order of rows
    ``evidence``  counts about units, see ``units.evidence``; nothing is refused here
    ``n_silent``  kept rows of tempo 0
    ``n_loud``    kept rows above 0 dB
    ``n_undated`` kept rows with a release date that names no year
    """

    kept: pl.DataFrame
    rejected: pl.DataFrame
    evidence: pl.DataFrame
    n_silent: int
    n_loud: int
    n_undated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """One thing that can be wrong with a row: where it is, and how it is said."""

    column: str  # by schema name
    is_wrong: pl.Series  # Boolean [shape=(n_rows,)]
    reasons: pl.Expr  # over _RAW (the cell as text) and _VALUE (the number, in schema units)


def clean(
    frame: pl.DataFrame, found: ColumnMap, said: Units, *, file: str, first_row: int = 1
) -> Cleaned:
    """Sort the rows of ``frame`` into kept and rejected; its height is their sum.

    ``first_row`` is the number of the first row as people count, where ``frame`` is a batch.
    """
    named = by_meaning(frame, found)
    own_units = numbers(named)
    typed = _typed(named).hstack(converted(own_units, said).get_columns())
    checks = list(_checks(named, typed))
    is_wrong = pl.Series([], dtype=pl.Boolean).extend_constant(value=False, n=frame.height)
    parts = []
    for check in checks:
        if check.is_wrong.any() or check is checks[-1]:  # one part at least, for its columns
            parts.append(_rejected(check, check.is_wrong & ~is_wrong, named, typed))
            is_wrong |= check.is_wrong
    rejected = pl.concat(parts).sort(_ROW).with_columns(pl.col(_ROW) + first_row, file=pl.lit(file))
    kept = _finished(typed.filter(~is_wrong) if is_wrong.any() else typed)
    return Cleaned(
        kept=kept,
        rejected=rejected.select(*REJECTION_DTYPES),
        evidence=evidence(own_units.select(name for name in JUDGED if name in own_units.columns)),
        n_silent=_count(kept, "tempo", pl.col("tempo") == 0),
        n_loud=_count(kept, "loudness", pl.col("loudness") > 0),
        n_undated=_count(
            kept, RELEASE_DATE, pl.col(RELEASE_DATE).is_not_null() & pl.col(YEAR).is_null()
        ),
    )


def _count(kept: pl.DataFrame, column: str, which: pl.Expr) -> int:
    return kept.select(which.sum()).item() if column in kept.columns else 0


def by_meaning(frame: pl.DataFrame, found: ColumnMap) -> pl.DataFrame:
    """Return the columns that are read, cells untouched, by their names in the schema."""
    return pl.DataFrame([frame[name].alias(meant) for meant, name in found.columns.items()])


def numbers(named: pl.DataFrame) -> pl.DataFrame:
    """Return every numeric column of ``named`` as Float64, in the table's own units."""
    return named.select(
        cells.number(name, named.schema[name]).alias(name)
        for name in _QUANTITIES
        if name in named.columns
    )


def _typed(named: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that are no numbers; always id, title and artists."""
    has = named.columns
    nothing = pl.lit(None, dtype=pl.String)
    typed = named.select(
        (cells.track_id(TRACK_ID) if TRACK_ID in has else nothing).alias(TRACK_ID),
        (cells.text(TITLE) if TITLE in has else nothing).alias(TITLE),
        *(cells.text(name) for name in _TEXTS if name in has),
        *([cells.yes_no(EXPLICIT, named.schema[EXPLICIT])] if EXPLICIT in has else []),
    )
    typed = typed.hstack([cells.names(named[name]) for name in (ARTISTS, GENRES) if name in has])
    no_names = pl.lit([], dtype=cells.NAMES).alias(ARTISTS)
    return typed if ARTISTS in has else typed.with_columns(no_names)


def _checks(named: pl.DataFrame, typed: pl.DataFrame) -> Iterator[_Check]:
    yield from _identity_checks(typed, has_ids=TRACK_ID in named.columns)
    for name, quantity in _QUANTITIES.items():
        # Nearly every batch is sound, which one look at the bare numbers tells.
        if name in named.columns and not _is_sound_throughout(quantity, typed[name]):
            yield _number_check(quantity, named[name].is_null(), typed[name])
    if EXPLICIT in named.columns:
        reason = pl.lit("explicit is neither true nor false")
        is_wrong = named[EXPLICIT].is_not_null() & typed[EXPLICIT].is_null()
        yield _Check(column=EXPLICIT, is_wrong=is_wrong, reasons=reason)


def _identity_checks(typed: pl.DataFrame, *, has_ids: bool) -> Iterator[_Check]:
    no_title, no_artists = typed[TITLE].is_null(), typed[ARTISTS].list.len() == 0
    if has_ids:
        reason = pl.lit("track_id is missing, and there is no title with artists instead")
        is_wrong = typed[TRACK_ID].is_null() & (no_title | no_artists)
        yield _Check(column=TRACK_ID, is_wrong=is_wrong, reasons=reason)
        return
    yield _Check(column=TITLE, is_wrong=no_title, reasons=pl.lit("title is missing"))
    yield _Check(column=ARTISTS, is_wrong=no_artists, reasons=pl.lit("artists are missing"))


def _is_sound_throughout(quantity: Quantity, value: pl.Series) -> bool:
    if value.null_count():
        return False
    v = value.to_numpy()
    if not ((v >= quantity.low) & (v <= quantity.high)).all():  # NaN is neither
        return False
    return quantity.name not in _WHOLE or bool((v == np.rint(v)).all())


def _number_check(quantity: Quantity, is_blank: pl.Series, value: pl.Series) -> _Check:
    """Check a number: a feature must be there, a carried number may be blank."""
    is_blank = is_blank | value.is_nan().fill_null(value=False)
    is_sound = value.is_between(quantity.low, quantity.high).fill_null(value=False)
    if quantity.name in _WHOLE:
        is_sound &= (value == value.round()).fill_null(value=False)
    if quantity.name in CARRIED_NUMBERS:
        is_sound |= is_blank
    return _Check(column=quantity.name, is_wrong=~is_sound, reasons=_number_reasons(quantity))


def _number_reasons(quantity: Quantity) -> pl.Expr:
    name, low, high = quantity.name, f"{quantity.low:.0f}", f"{quantity.high:.0f}"
    raw, value = pl.col(_RAW), pl.col(_VALUE)
    is_inside = value.is_between(quantity.low, quantity.high)
    return (
        pl.when(raw.is_null() | value.is_nan())
        .then(pl.lit(f"{name} is missing"))
        .when(value.is_null())
        .then(pl.lit(f"{name} is not a number"))
        .when(value.is_infinite())
        .then(pl.lit(f"{name} is infinite"))
        .when(is_inside)
        .then(pl.lit(f"{name} must be a whole number"))
        .otherwise(pl.lit(f"{name} must be in [{low}, {high}]"))
    )


def _rejected(
    check: _Check, which: pl.Series, named: pl.DataFrame, typed: pl.DataFrame
) -> pl.DataFrame:
    """Return the rows ``which`` as rejections, counted from 0, without their file."""
    raw = named[check.column].filter(which)
    return pl.DataFrame(
        {
            _ROW: which.arg_true().cast(pl.Int64),
            "track_id": typed[TRACK_ID].filter(which),
            _RAW: raw.list.join(";")
            if raw.dtype.is_nested()
            else raw.cast(pl.String, strict=False),
            _VALUE: typed[check.column].filter(which),
        }
    ).select(
        _ROW,
        "track_id",
        pl.lit(check.column).alias("column"),
        check.reasons.alias("reason"),
        pl.col(_RAW).alias("value"),
    )


def _finished(typed: pl.DataFrame) -> pl.DataFrame:
    """Return sound rows in the schema's types and order, each with an id, blanks as null."""
    if typed[TRACK_ID].has_nulls():
        nameless = typed[TRACK_ID].is_null()
        made = song_ids(song_keys(typed.filter(nameless)))
        typed = typed.with_columns(typed[TRACK_ID].scatter(nameless.arg_true(), made))
    if RELEASE_DATE in typed.columns:
        typed = typed.with_columns(_year(typed).alias(YEAR))
    order = [name for name in DTYPES if name in typed.columns and name != ALTERNATIVE_IDS]
    return typed.select(_in_type(name) for name in order)


def _year(typed: pl.DataFrame) -> pl.Expr:
    """Return the year as the table says it, else that of the release date."""
    dated = cells.year_of(RELEASE_DATE)
    limits = CARRIED_NUMBERS[YEAR]
    dated = pl.when(dated.is_between(limits.low, limits.high)).then(dated)
    return pl.coalesce(pl.col(YEAR).fill_nan(None), dated) if YEAR in typed.columns else dated


def _in_type(name: str) -> pl.Expr:
    column = pl.col(name)
    if name in AUDIO_FEATURES or name in CARRIED_NUMBERS:
        # Adding 0 makes -0 a 0: equal values must have equal bytes.
        column = column.fill_nan(None) + 0.0
        if DTYPES[name].is_integer():
            column = column.round()
    return column.cast(DTYPES[name])
