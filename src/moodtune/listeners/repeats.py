"""Rows that say the same from end to end: one row read twice, or two people alike."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.listeners.table import MoodLabels

#: Rows that are alike are one row read twice, unless this many pairs or more are expected by
#: chance: with few questions, different people give the same answers.
MAX_CHANCE_PAIRS = 0.1


def find_repeats(
    answers: pl.DataFrame, labels: MoodLabels | None
) -> tuple[NDArray[np.bool_], list[str]]:
    """Return which rows repeat an earlier one, and what a reader should know about them."""
    ticks = [] if labels is None else [pl.Series("ticks", _combinations(labels.ticks))]
    frame = pl.DataFrame([*(s.alias(f"a{i}") for i, s in enumerate(answers)), *ticks])
    if not frame.width:
        return np.zeros(answers.height if labels is None else len(labels.ticks), np.bool_), []
    repeats = ~frame.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()
    n, chance = int(repeats.sum()), _chance_pairs(frame)
    if n and chance >= MAX_CHANCE_PAIRS:
        note = (
            f"{n:,} rows are the same as an earlier one, which happens by chance with so few "
            "questions: they count as different listeners."
        )
        return np.zeros_like(repeats), [note]
    note = f"{n:,} {'row repeats' if n == 1 else 'rows repeat'} an earlier one from end to end"
    return repeats, [f"{note}: nothing is learnt from repeats."] if n else []


def _combinations(ticks: NDArray[np.bool_]) -> list[str]:
    return ["".join("01"[int(tick)] for tick in row) for row in ticks]


def _chance_pairs(frame: pl.DataFrame) -> float:
    """Return how many pairs of rows would be alike if answers were given independently."""
    n = frame.height
    pairs = n * (n - 1) / 2
    for column in frame.iter_columns():
        shares = column.value_counts()["count"].to_numpy() / n
        pairs *= float((shares**2).sum())
    return pairs
