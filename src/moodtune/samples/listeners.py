"""Synthetic survey answers: moods first, then each answer with its ties to those moods."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.errors import UsageError
from moodtune.samples.aggregates import Blanks, MoodSet, Question, aggregates
from moodtune.samples.invented import SAMPLE_ANSWER_PREFIX
from moodtune.seeding import derive

#: Share of cells with several answers that are joined by ``,`` rather than ``, ``, and of those
#: that end in a comma. Real forms leave such traces, and readers must get over them.
LOOSE_COMMAS = 0.01
#: Different answers of their own that people invent for a question.
OWN_ANSWERS = 40


def sample_listeners(n: int, seed: int) -> pl.DataFrame:
    """Return ``n`` synthetic listeners: the public survey's columns, as untidy as it came.

    Moods are drawn in the sets in which people ticked them, then each answer from its log-odds
    given those moods, so a model can learn moods from answers about as well as from the real
    survey. Cells with several answers, blanks and free text occur as often as there; the first
    row holds an answer by which ``is_sample`` knows the table. Raises UsageError if n < 0.
    """
    if n < 0:
        raise UsageError(f"a sample has 0 or more listeners, got {n}; ask for --listeners 520")
    figures = aggregates().listeners
    ticked = _ticked(figures.mood_sets, len(figures.moods), n, seed)
    columns: dict[str, pl.Series] = {}
    marked = False
    for question in figures.questions:
        mark = question.free_text > 0 and not marked
        columns[question.name] = _answers(question, ticked, columns, seed, mark=mark)
        marked |= mark
    moods = _ticks_as_text(figures.moods, ticked.astype(bool))
    table = pl.DataFrame(columns)
    return table.insert_column(figures.mood_position, moods.alias(figures.mood_column))


def _ticked(sets: list[MoodSet], n_moods: int, n: int, seed: int) -> NDArray[np.float64]:
    rng = derive(seed, "listeners", "moods")
    indicators = np.zeros((len(sets), n_moods))
    for row, mood_set in zip(indicators, sets, strict=True):
        row[mood_set.ticked] = 1
    shares = np.array([mood_set.share for mood_set in sets])
    return indicators[rng.choice(len(sets), size=n, p=shares / shares.sum())]


def _answers(
    question: Question,
    ticked: NDArray[np.float64],
    earlier: dict[str, pl.Series],
    seed: int,
    *,
    mark: bool,
) -> pl.Series:
    rng = derive(seed, "listeners", question.name)
    odds = np.array(question.base) + np.einsum("nm,om->no", ticked, np.array(question.ties))
    answers = _several(rng, question, odds) if question.several else _one(rng, question, odds)
    answers = _with_free_text(rng, question, answers, mark=mark)
    if question.blanks is not None:
        answers = _with_blanks(rng, question.blanks, answers, earlier)
    return answers.cast(pl.Int64) if question.numbers else answers


def _one(rng: np.random.Generator, question: Question, odds: NDArray[np.float64]) -> pl.Series:
    # The largest of log-odds plus Gumbel noise is a draw from their softmax.
    named = (odds + rng.gumbel(size=odds.shape)).argmax(axis=1)
    return pl.Series(question.options, dtype=pl.String).gather(named)


def _several(rng: np.random.Generator, question: Question, odds: NDArray[np.float64]) -> pl.Series:
    pull = odds + rng.logistic(size=odds.shape)
    ticks = pull > 0
    ticks[np.arange(len(pull)), pull.argmax(axis=1)] = True  # nobody ticked nothing
    text = _ticks_as_text(question.options, ticks)
    loose, tail = rng.random((2, len(text))) < LOOSE_COMMAS
    many = pl.Series(ticks.sum(axis=1) > 1)
    tight = text.str.replace_all(", ", ",", literal=True)
    text = tight.zip_with(many & pl.Series(loose), text)
    return (text + ", ").zip_with(many & pl.Series(tail), text)


def _ticks_as_text(options: list[str], ticks: NDArray[np.bool_]) -> pl.Series:
    """Return each row's ticked options, joined by a comma and a space."""
    cells = [
        ", ".join(o for bit, o in enumerate(options) if number >> bit & 1)
        for number in range(1 << len(options))
    ]
    return pl.Series(cells, dtype=pl.String).gather(ticks @ (1 << np.arange(len(options))))


def _with_free_text(
    rng: np.random.Generator, question: Question, answers: pl.Series, *, mark: bool
) -> pl.Series:
    own = rng.random(len(answers)) < question.free_text
    own[:1] |= mark
    number = pl.Series(rng.integers(1, OWN_ANSWERS + 1, size=len(answers))).cast(pl.String)
    words = pl.select(pl.concat_str(pl.lit(f"{SAMPLE_ANSWER_PREFIX} "), number)).to_series()
    if question.several:
        # A trailing comma of the cell is where the person began to write.
        words = pl.select(
            pl.concat_str(answers.str.strip_suffix(", "), pl.lit(", "), words)
        ).to_series()
    return words.zip_with(pl.Series(own), answers)


def _with_blanks(
    rng: np.random.Generator, blanks: Blanks, answers: pl.Series, earlier: dict[str, pl.Series]
) -> pl.Series:
    share = earlier[blanks.question].replace_strict(blanks.shares, return_dtype=pl.Float64)
    blank = pl.Series(rng.random(len(answers))) < share
    return answers.set(blank, None)
