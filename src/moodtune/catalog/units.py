"""Columns in other units than the schema's: what a person said of them, and what the numbers say.

Evidence is counted, and counts add up: it does not matter how a table is cut into files.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from moodtune.catalog.aliases import meaning
from moodtune.catalog.schema import AUDIO_FEATURES, DURATION_MS
from moodtune.catalog.settings import CatalogSettings
from moodtune.errors import ColumnError, SettingsError

FRACTIONS = tuple(q.name for q in AUDIO_FEATURES.values() if (q.low, q.high) == (0, 1))
#: Features whose usual values lie outside [0, 1]; all inside means that they were rescaled.
_WIDE = tuple(name for name in AUDIO_FEATURES if name not in FRACTIONS)
#: What `refuse_other_units` judges.
JUDGED = (*AUDIO_FEATURES, DURATION_MS)

#: The rules, each a share of the values that are no zeros.
_MAJORITY = 0.5
_NEARLY_ALL = 0.99
#: Four values may well lie in [0, 1] dB by chance.
_ENOUGH_TO_TELL = 5
#: No track lasts under a second (in ms) or over ten hours (in s).
_ONE_SECOND_MS = 1_000
_TEN_HOURS_S = 36_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Schema names of the columns that come as a percentage, and in seconds."""

    percent: tuple[str, ...]
    seconds: tuple[str, ...]


def units(settings: CatalogSettings) -> Units:
    """Resolve the columns that ``settings`` names; SettingsError where one makes no sense."""
    return Units(
        percent=tuple(_resolved("--percent", name, FRACTIONS) for name in settings.percent),
        seconds=tuple(_resolved("--seconds", name, (DURATION_MS,)) for name in settings.seconds),
    )


def _resolved(option: str, name: str, allowed: Sequence[str]) -> str:
    canonical = meaning(name)
    if canonical is None or canonical not in allowed:
        raise SettingsError(f"{option} {name}: expected one of {', '.join(allowed)}")
    return canonical


def converted(numbers: pl.DataFrame, said: Units) -> pl.DataFrame:
    """Return ``numbers`` (schema names, Float64) in the schema's units."""
    percent = [pl.col(name) / 100 for name in said.percent if name in numbers.columns]
    seconds = [pl.col(name) * 1000 for name in said.seconds if name in numbers.columns]
    return numbers.with_columns(*percent, *seconds)


def evidence(numbers: pl.DataFrame) -> pl.DataFrame:
    """Count what tells a column's unit, in the table's own units.

    One row per column of ``numbers``: ``column``; ``n``, its finite values other than 0; how many
    of them are ``above_one``, ``broken`` (strictly between 0 and 1), ``beyond_hundred`` (outside
    0 to 100), ``short`` (under 1,000) and ``long`` (over 36,000); ``low`` and ``high`` of all
    finite values.
    """
    return pl.concat([_counted(numbers[name]) for name in numbers.columns])


def _counted(values: pl.Series) -> pl.DataFrame:
    every = values.to_numpy()
    finite = every[np.isfinite(every)]  # a blank one is NaN here
    v = finite[finite != 0]
    which = {
        "above_one": v > 1,
        "broken": (v > 0) & (v < 1),
        "beyond_hundred": (v < 0) | (v > 100),  # noqa: PLR2004 -- as it is named
        "short": v < _ONE_SECOND_MS,
        "long": v > _TEN_HOURS_S,
    }
    return pl.DataFrame(
        {
            "column": [values.name],
            "n": [len(v)],
            **{name: [np.count_nonzero(is_so)] for name, is_so in which.items()},
            "low": [finite.min() if len(finite) else None],
            "high": [finite.max() if len(finite) else None],
        },
        schema_overrides={"low": pl.Float64, "high": pl.Float64},
    )


def total(counted: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Add up the evidence of several tables or batches."""
    return (
        pl.concat(list(counted))
        .group_by("column", maintain_order=True)
        .agg(pl.col("low").min(), pl.col("high").max(), pl.exclude("low", "high").sum())
    )


def refuse_other_units(counted: pl.DataFrame, said: Units, where: str) -> None:
    """Raise ColumnError for what is plainly in other units than was said.

    The first such column is told; all columns that look like percentages are told at once, as
    they come together and one command must name them all.
    """
    rows = {row["column"]: row for row in counted.iter_rows(named=True) if row["n"]}
    percent = [name for name in FRACTIONS if name in rows and _is_percent(name, rows[name], said)]
    if len(percent) > 1:
        raise ColumnError(f"{where}: {_percent_faults(percent, rows, said)}")
    for name in JUDGED:
        if name in rows and (fault := _fault(name, rows[name], said)):
            raise ColumnError(f"{where}: {name} {fault}")


def _is_percent(name: str, seen: Mapping[str, float], said: Units) -> bool:
    return name not in said.percent and _percent_fault(name, seen, is_percent=False) is not None


def _percent_faults(
    names: Sequence[str], rows: Mapping[str, Mapping[str, float]], said: Units
) -> str:
    told = ", ".join(
        f"{name} (above 1: {rows[name]['above_one']:,} of {rows[name]['n']:,}, up to "
        f"{rows[name]['high']:g})"
        for name in names
    )
    options = " ".join(f"--percent {name}" for name in (*said.percent, *names))
    return (
        f"these must be in [0, 1], and most of their values other than 0 are above 1: {told}; if "
        f"the columns are percentages, pass {options}"
    )


def _fault(name: str, seen: Mapping[str, float], said: Units) -> str | None:
    if name in FRACTIONS:
        return _percent_fault(name, seen, is_percent=name in said.percent)
    if name == DURATION_MS:
        return _seconds_fault(seen, is_seconds=name in said.seconds)
    return _rescaled_fault(name, seen) if name in _WIDE else None


def _percent_fault(name: str, seen: Mapping[str, float], *, is_percent: bool) -> str | None:
    n, above, high = seen["n"], seen["above_one"], seen["high"]
    if is_percent:
        return (
            f"was said to be a percentage, and its values lie between {seen['low']:g} and "
            f"{high:g}; leave out --percent {name}"
            if high <= 1 and seen["broken"]
            else None
        )
    if above <= _MAJORITY * n or seen["beyond_hundred"] > (1 - _NEARLY_ALL) * n:
        return None
    return (
        f"must be in [0, 1], and {above:,} of its {n:,} values other than 0 are above 1 "
        f"(up to {high:g}); if the column is a percentage, pass --percent {name}"
    )


def _seconds_fault(seen: Mapping[str, float], *, is_seconds: bool) -> str | None:
    n, short, long = seen["n"], seen["short"], seen["long"]
    if is_seconds:
        return (
            f"was said to be in seconds, and {long:,} of its {n:,} values are longer than ten "
            "hours; leave out --seconds duration"
            if long > _MAJORITY * n
            else None
        )
    if short <= _MAJORITY * n or long > (1 - _NEARLY_ALL) * n:
        return None
    return (
        f"must be in milliseconds, and {short:,} of its {n:,} values are under one second "
        f"(up to {seen['high']:g}); if the column is in seconds, pass --seconds duration"
    )


def _rescaled_fault(name: str, seen: Mapping[str, float]) -> str | None:
    unit = AUDIO_FEATURES[name].unit
    if seen["n"] < _ENOUGH_TO_TELL or seen["low"] < 0 or seen["high"] > 1:
        return None
    return (
        f"must be in {unit}, and all its values lie between {seen['low']:g} and "
        f"{seen['high']:g}: it was rescaled; give it in {unit}, or leave the column out"
    )
