"""Cells to answers: what each cell of a behavior table could mean, before anything is learnt.

Everything is worked out once per distinct text of a column, and rows point to their text. What
a column is (numbers, dates, ticks) is decided by the encoder from its training rows alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: Between the answers of a cell that ticks several.
SEPARATORS = r"[,;]"

_THOUSANDS = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$"
_WHOLE_FLOAT = r"^([+-]?\d+)\.0+$"
#: A date at the start of a cell, alone or before a time of day, with spaces made hyphens.
_DATE = (
    r"^(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}-\d{1,2}-\d{4}|\d{1,2}-[a-z]{3,9}-\d{4}"
    r"|[a-z]{3,9}-\d{1,2}-\d{4})(?:$|[t-])"
)
#: The ways to read a date, the first of equally good ones counts.
DATE_FORMATS = ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%b-%Y", "%b-%d-%Y")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerColumn:
    """One column of answers, read in every way that its cells allow.

    ``texts``      distinct cells, folded (NFKC, lower case, single spaces), sorted
    ``codes``      int64 [shape=(n_rows,)], place of each row's cell in ``texts``; -1 where blank
    ``numbers``    float64 [shape=(n_texts,)], NaN where a text is no finite number
    ``days``       date format -> float64 [shape=(n_texts,)], days since 1970-01-01, NaN where a
                   text is no date of that format; formats that fit no text are left out
    ``parts``      distinct parts of the cells between commas or semicolons, folded, sorted
    ``part_texts`` int64 [shape=(n_pairs,)] and
    ``part_codes`` int64 [shape=(n_pairs,)]: text ``part_texts[i]`` has part ``part_codes[i]``
    ``spellings``  folded text or part -> how it is written most often
    """

    name: str
    texts: tuple[str, ...]
    codes: NDArray[np.int64]
    numbers: NDArray[np.float64]
    days: Mapping[str, NDArray[np.float64]]
    parts: tuple[str, ...]
    part_texts: NDArray[np.int64]
    part_codes: NDArray[np.int64]
    spellings: Mapping[str, str]

    @property
    def has_lists(self) -> bool:
        """Whether any cell has more than one part."""
        return len(self.part_texts) > len(self.texts)


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
    folded = fold(written)
    texts = folded.drop_nulls().unique().sort()
    codes = folded.cast(pl.Enum(texts)).to_physical().cast(pl.Int64).fill_null(-1)
    pairs = _parts(texts)
    parts = pairs["part"].unique().sort()
    return AnswerColumn(
        name=raw.name,
        texts=tuple(texts),
        codes=codes.to_numpy(),
        numbers=_numbers(texts),
        days=_days(texts),
        parts=tuple(parts),
        part_texts=pairs["text"].to_numpy(),
        part_codes=pairs["part"].cast(pl.Enum(parts)).to_physical().cast(pl.Int64).to_numpy(),
        spellings=_spellings(written),
    )


def _parts(texts: pl.Series) -> pl.DataFrame:
    """Return each distinct pair of a text's number and one of its parts."""
    return (
        pl.DataFrame({"text": pl.int_range(len(texts), eager=True), "part": texts})
        .with_columns(pl.col("part").str.replace_all(";", ",").str.split(","))
        .explode("part")
        .with_columns(pl.col("part").str.strip_chars(" "))
        .filter(pl.col("part") != "")
        .unique(maintain_order=True)
    )


def _numbers(texts: pl.Series) -> NDArray[np.float64]:
    thousands = texts.str.contains(_THOUSANDS)
    plain = texts.zip_with(~thousands, texts.str.replace_all(",", ""))
    numbers = plain.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _days(texts: pl.Series) -> dict[str, NDArray[np.float64]]:
    dates = texts.str.replace_all(r"[/. ,-]+", "-").str.extract(_DATE)
    if dates.null_count() == len(dates):
        return {}
    read = {
        form: dates.str.to_date(form, strict=False).cast(pl.Int32).cast(pl.Float64)
        for form in DATE_FORMATS
    }
    return {
        form: days.fill_null(np.nan).to_numpy()
        for form, days in read.items()
        if days.null_count() < len(days)
    }


def _spellings(written: pl.Series) -> dict[str, str]:
    """Return how each folded text and part is written most often; ties go to the first sorted."""
    counted = written.drop_nulls().rename("written").value_counts(name="n")
    split = counted.with_columns(pl.col("written").str.replace_all(";", ",").str.split(","))
    parts = split.explode("written").with_columns(pl.col("written").str.strip_chars())
    every = pl.concat([counted, parts]).group_by("written").agg(pl.col("n").sum())
    every = every.with_columns(fold(every["written"]).alias("folded")).sort(
        ["n", "written"], descending=[True, False]
    )
    first = every.unique("folded", keep="first", maintain_order=True)
    return dict(zip(first["folded"], first["written"], strict=True))
