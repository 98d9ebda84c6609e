"""Answers to numbers: what was learnt about the columns, and how it reads new listeners.

A column of numbers or dates is one feature: the rank among the training listeners, so that neither
units nor outliers matter. Any other column is one feature per answer that enough listeners gave.
What was rarely or never given before, and a column that is not there, count as unknown: they say
nothing, for or against.
"""

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.listeners.answers import AnswerColumn, AnswerTable, read_answers
from moodtune.listeners.columns import find_columns

#: Brings ranks, which are spread evenly over [0, 1], to a variance of one.
_RANK_SCALE = np.sqrt(12)
BLANK = "(blank)"


class Scale(msgspec.Struct, frozen=True, kw_only=True, tag="scale", forbid_unknown_fields=True):
    """A column of numbers, or of dates as days since 1970-01-01."""

    column: str
    date_format: str | None  # None for numbers
    knots: tuple[float, ...]  # rising
    ranks: tuple[float, ...]  # of each knot, in [0, 1]
    mean: float  # of the training listeners' ranks
    blank_share: float | None  # None where a blank says nothing

    @property
    def labels(self) -> tuple[str, ...]:
        """What each of this column's features stands for."""
        return ("higher",) if self.blank_share is None else ("higher", BLANK)

    @property
    def means(self) -> NDArray[np.float64]:
        """What is taken from each feature so that its mean is 0 [shape=(n_features,)]."""
        return np.array([0.0, *_shares(self.blank_share)])

    def at_rank(self, rank: float) -> tuple[str, float]:
        """Return the value nearest to a rank in [0, 1] as people write it, and its encoding."""
        nearest = min(range(len(self.knots)), key=lambda i: abs(self.ranks[i] - rank))
        value = self.knots[nearest]
        written = f"{value:g}" if self.date_format is None else _date(value)
        return written, (self.ranks[nearest] - self.mean) * _RANK_SCALE


class Choices(msgspec.Struct, frozen=True, kw_only=True, tag="choices", forbid_unknown_fields=True):
    """A column of answers; ``several`` where a cell may tick more than one."""

    column: str
    several: bool
    answers: tuple[str, ...]  # folded
    spellings: tuple[str, ...]
    shares: tuple[float, ...]  # of the training listeners whose answer is known
    blank_share: float | None

    @property
    def labels(self) -> tuple[str, ...]:
        """What each of this column's features stands for."""
        return self.spellings if self.blank_share is None else (*self.spellings, BLANK)

    @property
    def means(self) -> NDArray[np.float64]:
        """What is taken from each feature so that its mean is 0 [shape=(n_features,)]."""
        return np.array([*self.shares, *_shares(self.blank_share)])


def _shares(blank_share: float | None) -> tuple[float, ...]:
    return () if blank_share is None else (blank_share,)


def _date(days: float) -> str:
    return (dt.date(1970, 1, 1) + dt.timedelta(days=days)).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """Listeners as numbers.

    ``values``  float64 [shape=(n, n_features)], 0 is the training listeners' mean, and unknown
    ``known``   bool [shape=(n, n_columns)], whether anything is known of a listener's column
    """

    values: NDArray[np.float64]
    known: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """What was learnt about the columns, in their order; and those left out, with the reason."""

    columns: tuple[Scale | Choices, ...]
    left_out: Mapping[str, str]

    @property
    def features(self) -> tuple[tuple[str, str], ...]:
        """Column and answer of each feature."""
        return tuple((c.column, label) for c in self.columns for label in c.labels)

    @property
    def spans(self) -> tuple[slice, ...]:
        """Where each column's features stand."""
        ends = np.cumsum([0, *(len(c.labels) for c in self.columns)]).tolist()
        return tuple(slice(a, b) for a, b in itertools.pairwise(ends))

    def encode(self, table: AnswerTable) -> Encoded:
        """Turn a table into numbers; columns are found by name, spaces and case aside."""
        given = {read.name: read for read in table.columns}
        found = find_columns((c.column for c in self.columns), tuple(given))
        values = np.zeros((table.n_rows, len(self.features)), order="F")
        known = np.zeros((table.n_rows, len(self.columns)), dtype=np.bool_)
        for i, (column, span) in enumerate(zip(self.columns, self.spans, strict=True)):
            if column.column not in found:
                continue
            read = given[found[column.column]]
            block, block_known = _encode_texts(column, read)
            # The last row stands for blank cells: code -1.
            values[:, span] = block[read.codes]
            known[:, i] = block_known[read.codes]
        return Encoded(values=values, known=known)

    def encode_frame(self, frame: pl.DataFrame) -> Encoded:
        """Turn a frame into numbers, reading only the columns that matter."""
        found = find_columns((c.column for c in self.columns), frame.columns)
        return self.encode(read_answers(frame, tuple(dict.fromkeys(found.values()))))


def _encode_texts(
    column: Scale | Choices, read: AnswerColumn
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Encode each distinct text, and a blank cell after them: values and whether known."""
    raw = _scale_texts(column, read) if isinstance(column, Scale) else _choice_texts(column, read)
    known = ~np.isnan(raw[:, 0]) if isinstance(column, Scale) else np.asarray(raw.any(axis=1))
    raw = np.nan_to_num(raw)
    if column.blank_share is not None:
        blank = np.zeros((len(raw), 1))
        blank[-1] = 1
        raw = np.hstack([raw, blank])
        known[-1] = True
    return (raw - column.means) * known[:, None], known


def _scale_texts(column: Scale, read: AnswerColumn) -> NDArray[np.float64]:
    """Return the centred rank of each text, NaN where it is no value [shape=(n_texts + 1, 1)]."""
    values = np.append(scale_values(column.date_format, read), np.nan)
    ranks = np.interp(values, column.knots, column.ranks) - column.mean
    return np.where(np.isnan(values), np.nan, ranks * _RANK_SCALE)[:, None]


def _choice_texts(column: Choices, read: AnswerColumn) -> NDArray[np.float64]:
    """Return 1 for each answer that a text gives, else 0 [shape=(n_texts + 1, n_answers)]."""
    places = {answer: i for i, answer in enumerate(column.answers)}
    held, texts, codes = answers_of(read, several=column.several)
    target = np.array([places.get(answer, -1) for answer in held], dtype=np.int64)
    counts = target[codes] >= 0
    raw = np.zeros((len(read.texts) + 1, len(places)))
    raw[texts[counts], target[codes[counts]]] = 1
    return raw


def scale_values(date_format: str | None, read: AnswerColumn) -> NDArray[np.float64]:
    """Return each text as a number, or as days by a date format; NaN where it is neither."""
    if date_format is None:
        return read.numbers
    return read.days.get(date_format, np.full(len(read.texts), np.nan))


def answers_of(
    read: AnswerColumn, *, several: bool
) -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]:
    """Return the answers of a column, and the pairs of text and answer."""
    if several:
        return read.parts.names, read.parts.of_texts, read.parts.codes
    every = np.arange(len(read.texts))
    return read.texts, every, every


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    columns: tuple[Scale | Choices, ...]
    left_out: dict[str, str]


def encoder_to_json(encoder: Encoder) -> bytes:
    """Return an encoder as JSON; it holds no answer that fewer than the minimum gave."""
    return msgspec.json.encode(
        _Written(columns=encoder.columns, left_out=dict(encoder.left_out)), order="sorted"
    )


def encoder_from_json(data: bytes) -> Encoder:
    """Return the encoder that `encoder_to_json` wrote; ValueError where it does not fit."""
    try:
        written = msgspec.json.decode(data, type=_Written)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"its encoder is not readable: {error}") from error
    for column in written.columns:
        _check(column)
    return Encoder(columns=written.columns, left_out=written.left_out)


def _check(column: Scale | Choices) -> None:
    if isinstance(column, Scale):
        rising = all(a < b for a, b in itertools.pairwise(column.knots))
        sound = rising and len(column.knots) == len(column.ranks) > 0
    else:
        sound = len(column.answers) == len(column.spellings) == len(column.shares)
    if not sound:
        raise ValueError(f"its column {column.column!r} does not fit together")
