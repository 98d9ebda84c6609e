"""The catalog on the valence-arousal plane, thinned to what a screen can show.

The plane is cut into cells; each cell and mood gives one track, then each a second, and so on until
there are enough: crowded places are thinned, lonely tracks and rare moods stay (a stratified sample
with equal allocation). Which track of a cell goes first is drawn once, from its id alone, so that
the same catalog gives the same points. Fewer points are the first of more.
"""

import base64
import zlib
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.moods.scores import MoodScores

#: Cells along each axis: about as many as dots that can be told apart on a screen.
CELLS = 128
#: What a place on the plane is multiplied by.
_STEPS = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Arrays of the same length as base64 of little-endian numbers."""

    valence: str
    arousal: str
    mood: str
    row: str
    n: int


class MoodMap:
    """The points of a catalog, in the order in which they are worth showing."""

    def __init__(self, ids: pl.Series, scores: MoodScores) -> None:
        self._valence, self._arousal = scores.valence, scores.arousal
        self._moods = scores.leading.astype(np.intp)
        self._order = fair_order(ids, scores.valence, scores.arousal, self._moods)

    def points(self, n: int) -> Points:
        """Return at most n points, by row."""
        rows = np.sort(self._order[:n])
        return Points(
            valence=_base64(np.round(self._valence[rows] * np.float32(_STEPS)), "<u2"),
            arousal=_base64(np.round(self._arousal[rows] * np.float32(_STEPS)), "<u2"),
            mood=_base64(self._moods[rows], "u1"),
            row=_base64(rows, "<u4"),
            n=len(rows),
        )


def fair_order(
    ids: pl.Series,
    valence: NDArray[np.float32],
    arousal: NDArray[np.float32],
    moods: NDArray[np.intp],
) -> NDArray[np.intp]:
    """Return the rows of all tracks, those first that a thinned map must have."""
    drawn = np.array([zlib.crc32(i.encode()) for i in ids], dtype=np.uint32)
    cell = _cell(valence) * CELLS + _cell(arousal)
    turn_in_cell = _turns(moods * CELLS * CELLS + cell, drawn)
    # Of the tracks whose turn it is at once, every mood's first, then every mood's second ...
    turn_in_mood = _turns(moods * (int(turn_in_cell.max(initial=0)) + 1) + turn_in_cell, drawn)
    return np.lexsort((drawn, turn_in_mood, turn_in_cell))


def _cell(values: NDArray[np.float32]) -> NDArray[np.intp]:
    return np.minimum((values * CELLS).astype(np.intp), CELLS - 1)


def _turns(groups: NDArray[np.intp], drawn: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Return each track's number within its group, from 0, as drawn."""
    order = np.lexsort((drawn, groups))
    ordered = groups[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]] if len(ordered) else np.empty(0, np.bool_)
    starts = np.maximum.accumulate(np.where(first, np.arange(len(ordered)), 0))
    turns = np.empty(len(groups), dtype=np.intp)
    turns[order] = np.arange(len(ordered)) - starts
    return turns


def _base64(values: NDArray[np.generic], dtype: str) -> str:
    return base64.b64encode(values.astype(dtype).tobytes()).decode()
