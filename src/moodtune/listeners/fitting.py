"""What each column of a behavior table is, and which answers count: learnt from given rows alone.

Nothing about the columns is known ahead. Numbers and dates become a scale; other columns become
the set of answers, or of ticks, that enough listeners gave; free text says nothing.
"""

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from moodtune.listeners.answers import UNKNOWN, AnswerColumn, AnswerTable
from moodtune.listeners.encoding import Choices, Encoder, Scale, answers_of

#: Points of a rank table: more distinct values than that are told apart by their quantiles.
MAX_KNOTS = 65
#: Whole numbers with no more distinct values than this are ratings or codes: answers, no scale.
MAX_CODES = 10
#: An option to tick is hardly longer: what is may be half a sentence.
SENTENCE_LETTERS = 40
#: Share of a column's cells that must be numbers, or dates, for the column to be that.
MIN_SHARE_READ = 0.95


class EncoderSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it takes for an answer to count."""

    min_listeners_per_answer: Annotated[int, Meta(ge=1)] = 5
    """Listeners who must have given an answer before it is told apart from an unknown one."""
    max_answers_per_column: Annotated[int, Meta(ge=1)] = 50
    """Answers of one column that count at most, the commonest first."""


def fit_encoder(
    table: AnswerTable, settings: EncoderSettings, rows: NDArray[np.bool_] | None = None
) -> Encoder:
    """Learn from the given rows what each column is and which of its answers count."""
    chosen = np.ones(table.n_rows, dtype=np.bool_) if rows is None else rows
    columns: list[Scale | Choices] = []
    left_out: dict[str, str] = {}
    for read in table.columns:
        codes = read.codes[chosen]
        codes = codes[~_unknown(read)[codes]]
        counts = np.bincount(codes[codes >= 0], minlength=len(read.texts))
        learnt = _fit_column(read, counts, len(codes), settings)
        if isinstance(learnt, str):
            left_out[read.name] = learnt
        else:
            columns.append(learnt)
    return Encoder(columns=tuple(columns), left_out=left_out)


def _unknown(read: AnswerColumn) -> NDArray[np.bool_]:
    """Return which texts say that the answer is not known; the last stands for blank cells."""
    return np.array([*(text == UNKNOWN for text in read.texts), False], dtype=np.bool_)


def _fit_column(
    read: AnswerColumn, counts: NDArray[np.int64], n_rows: int, settings: EncoderSettings
) -> Scale | Choices | str:
    """Return what a column is, or the reason why it says nothing."""
    n_blank = n_rows - int(counts.sum())
    if n_blank == n_rows:
        return "blank for every listener"
    if not n_blank and np.count_nonzero(counts) == 1:
        return "the same for every listener"
    min_listeners = settings.min_listeners_per_answer
    blank_counts = min_listeners <= n_blank <= n_rows - min_listeners
    scale = _find_scale(read, counts)
    if scale is None:
        return _fit_choices(read, counts, n_blank if blank_counts else 0, settings)
    date_format, values = scale
    n_known = n_blank + int(counts[~np.isnan(values)].sum())
    blank_share = n_blank / n_known if blank_counts else None
    return _fit_scale(
        read.name,
        date_format,
        values,
        counts,
        blank_share=blank_share,
        min_listeners=min_listeners,
    )


def _find_scale(
    read: AnswerColumn, counts: NDArray[np.int64]
) -> tuple[str | None, NDArray[np.float64]] | None:
    """Return the date format, None for numbers, and the values of a column that is a scale."""
    if _is_scale(read.numbers, counts, codes_allowed=True):
        return None, read.numbers
    for date_format, days in read.days.items():
        if _is_scale(days, counts, codes_allowed=False):
            return date_format, days
    return None


def _is_scale(
    values: NDArray[np.float64], counts: NDArray[np.int64], *, codes_allowed: bool
) -> bool:
    seen = counts > 0
    readable = seen & ~np.isnan(values)
    if counts[readable].sum() < MIN_SHARE_READ * counts[seen].sum():
        return False
    distinct = np.unique(values[readable])
    if not codes_allowed:
        return len(distinct) > 1
    whole = bool((distinct == np.round(distinct)).all())
    return len(distinct) > (MAX_CODES if whole else 1)


def _fit_scale(
    name: str,
    date_format: str | None,
    values: NDArray[np.float64],
    counts: NDArray[np.int64],
    *,
    blank_share: float | None,
    min_listeners: int,
) -> Scale | str:
    """Tabulate the mid-ranks of the values seen: the share below, and half of those alike.

    A knot is the mean over neighbouring values that enough listeners gave together: so a model
    keeps nobody's own number, and not too many of them. Of whole numbers it is a whole one.
    """
    readable = (counts > 0) & ~np.isnan(values)
    seen, where = np.unique(values[readable], return_inverse=True)
    weights = np.bincount(where, weights=counts[readable]).astype(np.float64)
    least = max(float(min_listeners), float(weights.sum()) / MAX_KNOTS)
    starts = _group_starts(weights, least)
    if len(starts) == 1:
        return f"numbers or dates of fewer than {2 * min_listeners} listeners"
    together = np.add.reduceat(weights, starts)
    # Shares first: a sum of numbers as large as there are would not be one.
    shares = weights / np.repeat(together, np.diff([*starts, len(seen)]))
    knots = np.add.reduceat(seen * shares, starts)
    if (seen == np.round(seen)).all():
        knots = np.round(knots)
    ranks = (np.cumsum(together) - together / 2) / together.sum()
    return Scale(
        column=name,
        date_format=date_format,
        knots=tuple(knots.tolist()),
        ranks=tuple(ranks.tolist()),
        mean=float(np.interp(seen, knots, ranks) @ weights / weights.sum()),
        blank_share=blank_share,
    )


def _group_starts(weights: NDArray[np.float64], least: float) -> list[int]:
    """Return where groups of neighbours begin that each have the least weight or more."""
    starts, held = [0], 0.0
    for i, weight in enumerate(weights.tolist()):
        if held >= least:
            starts.append(i)
            held = 0.0
        held += weight
    # What is left at the end is too little for a group of its own.
    return starts[:-1] if held < least and len(starts) > 1 else starts


def _fit_choices(
    read: AnswerColumn, counts: NDArray[np.int64], n_blank: int, settings: EncoderSettings
) -> Choices | str:
    several = _parts_recur(read, counts, settings)
    answers, texts, codes = answers_of(read, several=several)
    given = np.bincount(codes, weights=counts[texts], minlength=len(answers)).astype(np.int64)
    kept = _commonest(given, settings)
    if not (len(kept) or n_blank):
        return (
            f"free text: no answer was given by {settings.min_listeners_per_answer} listeners "
            "or more"
        )
    known_texts = np.unique(texts[np.isin(codes, kept)])
    n_known = int(counts[known_texts].sum()) + n_blank
    return Choices(
        column=read.name,
        several=several,
        answers=tuple(answers[i] for i in kept),
        spellings=tuple(read.spellings.get(answers[i], answers[i]) for i in kept),
        shares=tuple((given[kept] / n_known).tolist()),
        blank_share=n_blank / n_known if n_blank else None,
    )


def _commonest(given: NDArray[np.int64], settings: EncoderSettings) -> list[int]:
    """Return the answers that count, the commonest first; ties in sorted order."""
    enough = np.flatnonzero(given >= settings.min_listeners_per_answer)
    order = enough[np.argsort(-given[enough], kind="stable")]
    return [int(i) for i in order[: settings.max_answers_per_column]]


def _parts_recur(read: AnswerColumn, counts: NDArray[np.int64], settings: EncoderSettings) -> bool:
    """Whether most parts of the cells that have several were given by enough listeners.

    Ticked options recur; what stands between the commas of free text does not. Sentences with
    commas of their own are no ticks either: long, and not put together in more ways than parts.
    """
    parts = read.parts
    of_lists = (np.bincount(parts.of_texts, minlength=len(counts)) > 1)[parts.of_texts]
    per_part = np.bincount(parts.codes, weights=counts[parts.of_texts], minlength=len(parts.names))
    weights = counts[parts.of_texts[of_lists]]
    enough = per_part >= settings.min_listeners_per_answer
    recurring = enough[parts.codes[of_lists]]
    longest = max((len(parts.names[i]) for i in np.flatnonzero(enough)), default=0)
    if longest > SENTENCE_LETTERS and np.count_nonzero(counts) <= np.count_nonzero(enough):
        return False
    return bool(weights[recurring].sum() * 2 > weights.sum())
