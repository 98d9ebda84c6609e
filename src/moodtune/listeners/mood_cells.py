"""The mood column of a table: what each row ticked, and the rows that say something else."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.errors import ColumnError
from moodtune.listeners.phrases import MoodPhrases
from moodtune.listeners.table import MoodLabels
from moodtune.tables.text import literal

_SHOWN_PHRASES = 5
_SHOWN_CHARACTERS = 80
#: A column of moods is looked for in the first so many different cells of each, and is one where
#: more than this share of them say a known mood.
_LOOKED_AT = 200
_MOST = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodCells:
    """What the cells of the mood column say.

    ``cells``  each row's cell, None where blank
    ``moods``  each distinct cell's moods
    ``faults`` each distinct cell's first part that means no mood
    ``order``  all moods that phrases mean, in taxonomy order
    """

    cells: tuple[str | None, ...]
    moods: Mapping[str | None, tuple[str, ...]]
    faults: Mapping[str, str]
    order: tuple[str, ...]

    def labels(self, kept: NDArray[np.bool_]) -> MoodLabels:
        """Return the moods that the kept rows ticked; those that nobody ticked are left out."""
        ticked = [self.moods[cell] for cell, keep in zip(self.cells, kept, strict=True) if keep]
        seen = {mood for moods in ticked for mood in moods}
        moods = tuple(mood for mood in self.order if mood in seen)
        ticks = np.array([[mood in row for mood in moods] for row in ticked], dtype=np.bool_)
        return MoodLabels(moods=moods, ticks=ticks.reshape(len(ticked), len(moods)))

    def rejected(self) -> dict[int, tuple[str, str]]:
        """Return the rows, from 0, that say what is no mood: their cell and the reason."""
        return {
            row: (cell, f"no listener's mood is called {_quoted(self.faults[cell])}")
            for row, cell in enumerate(self.cells)
            if cell is not None and cell in self.faults
        }


def read_mood_cells(column: pl.Series, phrases: Mapping[str, str], where: str) -> MoodCells:
    """Read a mood column; ColumnError if not one of its cells says a mood that is known."""
    known = MoodPhrases(phrases)
    readings = {cell: known.read(cell) for cell in column.drop_nulls().unique().sort()}
    if readings and not any(moods for moods, _ in readings.values()):
        unknown = sorted({part for _, parts in readings.values() for part in parts})
        raise ColumnError(_nothing_known(where, column.name, unknown, known))
    return MoodCells(
        cells=tuple(column),
        moods={None: (), **{cell: moods for cell, (moods, _) in readings.items()}},
        faults={cell: parts[0] for cell, (_, parts) in readings.items() if parts},
        order=known.moods,
    )


def column_of_moods(frame: pl.DataFrame, phrases: Mapping[str, str]) -> str | None:
    """Return the column of text most of whose cells say known moods, or None.

    Of several the one with the greatest share of its distinct cells, then the first.
    """
    known = MoodPhrases(phrases)
    shares = {column.name: _known_share(column, known) for column in frame.iter_columns()}
    best = max(shares, key=lambda name: shares[name], default=None)
    return best if best is not None and shares[best] > _MOST else None


def _known_share(column: pl.Series, known: MoodPhrases) -> float:
    cells = column.drop_nulls().unique(maintain_order=True).head(_LOOKED_AT).to_list()
    return sum(bool(known.read(cell)[0]) for cell in cells) / max(len(cells), 1)


def _nothing_known(where: str, column: str, unknown: list[str], known: MoodPhrases) -> str:
    shown = "; ".join(_with_nearest(part, known) for part in unknown[:_SHOWN_PHRASES])
    more = len(unknown) - _SHOWN_PHRASES
    return (
        f"{where}: expected listeners' moods in column {column!r}, got {shown}"
        + (f" and {more:,} more" if more > 0 else "")
        + f"; known are {', '.join(repr(name) for name in known.moods)}: name another column with "
        "--mood-column, or add the phrases with --taxonomy"
    )


def _with_nearest(part: str, known: MoodPhrases) -> str:
    near = known.nearest(part)
    return _quoted(part) + (f" (did you mean {near!r}?)" if near else "")


def _quoted(text: str) -> str:
    # No repr: it would escape a second time.
    return f"'{literal(text)[:_SHOWN_CHARACTERS]}'"
