"""Cells to answers: what each cell of a behavior table could mean, before anything is learnt.

Everything is worked out once per distinct text of a column, when it is asked for, and rows point
to their text. What a column is (numbers, dates, ticks) is decided from training rows alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: What a saved row says where a listener was not asked or did not say. A blank would not do: where
#: a question does not apply, people leave it blank, and that is an answer.
UNKNOWN = "(unknown)"
_THOUSANDS = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$"
_WHOLE_FLOAT = r"^([+-]?\d+)\.0+$"
_YEAR = r"\d{4}"
#: A date at the start of a cell, alone or before a time of day, with spaces made hyphens.
_DATE = (
    r"^(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}-\d{1,2}-\d{4}|\d{1,2}-[a-z]{3,9}-\d{4}"
    r"|[a-z]{3,9}-\d{1,2}-\d{4})(?:$|[t-])"
)
_MONTH = r"([a-z]{3})[a-z]+"
#: The ways to read a date, the first of equally good ones counts.
DATE_FORMATS = ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%b-%Y", "%b-%d-%Y")


@dataclass(frozen=True, kw_only=True)  # no slots: what is asked for is worked out once and kept
class AnswerColumn:
    """One column of answers, to be read in any way that its cells allow.

    ``written``  the cells as strings, null where blank
    ``folded``   distinct cells, folded (NFKC, lower case, single spaces), sorted: the texts
    ``codes``    int64 [shape=(n_rows,)], place of each row's cell among the texts; -1 where blank
    """

    name: str
    written: pl.Series
    folded: pl.Series
    codes: NDArray[np.int64]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The distinct texts."""
        return tuple(self.folded)

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """Each text as a number, NaN where it is no finite one [shape=(n_texts,)]."""
        thousands = self.folded.str.contains(_THOUSANDS)
        plain = self.folded.zip_with(~thousands, self.folded.str.replace_all(",", ""))
        numbers = plain.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
        return np.where(np.isfinite(numbers), numbers, np.nan)

    @cached_property
    def days(self) -> Mapping[str, NDArray[np.float64]]:
        """By date format, each text in days since 1970-01-01, NaN where it is no such date.

        Formats that fit no text are left out.
        """
        if not self.folded.str.contains(_YEAR).any():
            return {}
        dates = self.folded.str.replace_all(r"[/. ,-]+", "-").str.extract(_DATE)
        dates = dates.str.replace(_MONTH, "$1")
        read = {
            form: dates.str.to_date(form, strict=False).cast(pl.Int32).cast(pl.Float64)
            for form in DATE_FORMATS
        }
        return {
            form: days.fill_null(np.nan).to_numpy()
            for form, days in read.items()
            if days.null_count() < len(days)
        }

    @cached_property
    def parts(self) -> "Parts":
        """What stands between the commas or semicolons of each text."""
        pairs = (
            pl.DataFrame({"text": pl.int_range(len(self.folded), eager=True), "part": self.folded})
            .with_columns(_split("part"))
            .explode("part")
            .with_columns(pl.col("part").str.strip_chars(" "))
            .filter(pl.col("part") != "")
            .unique(maintain_order=True)
        )
        names = pairs["part"].unique().sort()
        codes = pairs["part"].cast(pl.Enum(names)).to_physical().cast(pl.Int64)
        return Parts(names=tuple(names), of_texts=pairs["text"].to_numpy(), codes=codes.to_numpy())

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """How each folded text and part is written most often; ties go to the first sorted."""
        counted = self.written.drop_nulls().rename("written").value_counts(name="n")
        parts = counted.with_columns(_split("written")).explode("written")
        parts = parts.with_columns(pl.col("written").str.strip_chars())
        every = pl.concat([counted, parts]).group_by("written").agg(pl.col("n").sum())
        every = every.with_columns(fold(every["written"]).alias("folded"))
        every = every.sort(["n", "written"], descending=[True, False])
        first = every.unique("folded", keep="first", maintain_order=True)
        return dict(zip(first["folded"], first["written"], strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The distinct parts of a column's texts, sorted; text ``of_texts[i]`` has part ``codes[i]``.

    ``of_texts``, ``codes``  int64 [shape=(n_pairs,)], no pair twice
    """

    names: tuple[str, ...]
    of_texts: NDArray[np.int64]
    codes: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTable:
    """The columns of a behavior table, read but not yet understood; ``n_rows`` rows each."""

    columns: tuple[AnswerColumn, ...]
    n_rows: int


def as_text(column: pl.Series) -> pl.Series:
    """Return a column as strings without spaces at the ends, null where blank.

    Lists become their items between commas; NaN is blank.
    """
    if isinstance(column.dtype, pl.List):
        column = column.list.eval(pl.element().cast(pl.String)).list.join(", ")
    if column.dtype.is_float():
        column = column.fill_nan(None)
    if column.dtype == pl.Binary or column.dtype.is_nested():
        column = pl.Series(column.name, [None] * len(column), dtype=pl.String)
    text = column.cast(pl.String).str.strip_chars()
    return text.set(text == "", None)


def fold(texts: pl.Series) -> pl.Series:
    """Return texts by what they say: NFKC, lower case, single spaces, 3.0 as 3."""
    return (
        texts.str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all(r"\s+", " ")
        .str.strip_chars(" ")
        .str.replace(_WHOLE_FLOAT, "$1")
    )


def read_answers(frame: pl.DataFrame, names: Sequence[str]) -> AnswerTable:
    """Read the named columns of ``frame``, which must have them."""
    columns = tuple(_read_column(frame[name]) for name in names)
    return AnswerTable(columns=columns, n_rows=frame.height)


def _read_column(raw: pl.Series) -> AnswerColumn:
    written = as_text(raw)
    cells = fold(written)
    folded = cells.drop_nulls().unique().sort()
    codes = cells.cast(pl.Enum(folded)).to_physical().cast(pl.Int64).fill_null(-1)
    return AnswerColumn(name=raw.name, written=written, folded=folded, codes=codes.to_numpy())


def _split(name: str) -> pl.Expr:
    return pl.col(name).str.replace_all(";", ",").str.split(",")
