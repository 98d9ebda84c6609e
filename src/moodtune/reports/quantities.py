"""A catalog's numbers as figures show them: words, units, cells, and a sample that is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.schema import (
    AUDIO_FEATURES,
    CARRIED_NUMBERS,
    DURATION_MS,
    ENERGY,
    KEY,
    MODE,
    POPULARITY,
    TIME_SIGNATURE,
    VALENCE,
    YEAR,
    Catalog,
)
from moodtune.seeding import derive

#: The features whose distributions are drawn, alone and in pairs, where a catalog has them.
DISTRIBUTED = (DURATION_MS, ENERGY, KEY, "loudness", "tempo", VALENCE, "liveness")

#: Tracks drawn at most: a figure of ten million takes no longer than one of a hundred thousand.
MAX_DRAWN = 100_000
_ALIKE = 1e-4  # a range in which no unit of ours has a difference that matters

PITCHES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
_MS_PER_MINUTE = 60_000
_TAIL_PERCENT = 0.5  # the share on either side that may be gathered in the outermost cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a column is called in figures: alone, on an axis, and with what after a number.

    ``digits``  decimals of its values in sentences
    """

    name: str
    axis: str
    unit: str = ""
    digits: int = 2


WORDINGS: Mapping[str, Wording] = {
    "danceability": Wording(name="Danceability", axis="Danceability (0 to 1)"),
    ENERGY: Wording(name="Energy", axis="Energy (0 calm to 1 intense)"),
    "loudness": Wording(
        name="Loudness", axis="Loudness (dB, 0 is full scale)", unit=" dB", digits=1
    ),
    "speechiness": Wording(name="Speechiness", axis="Speechiness (0 to 1)"),
    "acousticness": Wording(name="Acousticness", axis="Acousticness (0 to 1)"),
    "instrumentalness": Wording(name="Instrumentalness", axis="Instrumentalness (0 to 1)"),
    "liveness": Wording(name="Liveness", axis="Liveness (0 studio to 1 audience)"),
    VALENCE: Wording(name="Valence", axis="Valence (0 unpleasant to 1 pleasant)"),
    "tempo": Wording(name="Tempo", axis="Tempo (beats per minute)", unit=" BPM", digits=0),
    KEY: Wording(name="Key", axis="Key (pitch class)"),
    MODE: Wording(name="Mode", axis="Mode (0 minor, 1 major)"),
    TIME_SIGNATURE: Wording(name="Time signature", axis="Time signature (beats in a bar)"),
    DURATION_MS: Wording(name="Duration", axis="Duration (minutes)", unit=" min"),
    POPULARITY: Wording(name="Popularity", axis="Popularity (0 to 100)"),
    YEAR: Wording(name="Year", axis="Year"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTracks:
    """The tracks that figures draw: all of them, or a seeded sample.

    ``columns``  name -> float32 [shape=(len(rows),)], duration in minutes, NaN where blank
    ``rows``     the tracks' rows in the catalog, ascending
    """

    columns: Mapping[str, NDArray[np.float32]]
    rows: NDArray[np.int64]
    n_tracks: int

    @property
    def said(self) -> str:
        """Say which tracks are drawn, as captions do."""
        if len(self.rows) == self.n_tracks:
            return f"All {self.n_tracks:,} tracks."
        return f"A random sample of {len(self.rows):,} of {self.n_tracks:,} tracks."


def drawn_tracks(catalog: Catalog, *, seed: int, limit: int = MAX_DRAWN) -> DrawnTracks:
    """Return the numbers of at most ``limit`` tracks of ``catalog``."""
    rows = sample_rows(len(catalog), limit, seed=seed)
    names = [n for n in (*AUDIO_FEATURES, *CARRIED_NUMBERS) if n in catalog.schema]
    frame = catalog.rows(rows, names)
    return DrawnTracks(
        columns={name: _as_drawn(frame[name]) for name in names}, rows=rows, n_tracks=len(catalog)
    )


def sample_rows(n: int, limit: int, *, seed: int) -> NDArray[np.int64]:
    """Return at most ``limit`` different rows of ``n``, ascending: one at random per equal part."""
    if n <= limit:
        return np.arange(n, dtype=np.int64)
    starts = np.arange(limit + 1, dtype=np.int64) * n // limit
    inside = derive(seed, "figures", "rows").random(limit)
    rows: NDArray[np.int64] = starts[:-1] + (inside * np.diff(starts)).astype(np.int64)
    return rows


def _as_drawn(column: pl.Series) -> NDArray[np.float32]:
    values = column.cast(pl.Float32).fill_null(float("nan"))
    if column.name == DURATION_MS:
        values = values / _MS_PER_MINUTE
    return values.to_numpy().astype(np.float32, copy=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Equal cells along one column, the outermost holding also what lies beyond them.

    ``edges``  float64 [shape=(n_cells + 1,)], ascending
    """

    name: str
    edges: NDArray[np.float64]
    n_below: int  # values under the first edge, counted in the first cell
    n_above: int

    def __len__(self) -> int:
        return len(self.edges) - 1

    def place(self, values: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return the cell of each value; no value is NaN."""
        low, high = self.edges[0], self.edges[-1]
        scaled = (values.astype(np.float64) - low) * (len(self) / (high - low))
        cells: NDArray[np.intp] = np.clip(scaled, 0, len(self) - 1).astype(np.intp)
        return cells

    def counts(self, values: NDArray[np.float32]) -> NDArray[np.int64]:
        """Count the values in each cell, NaN left out [shape=(n_cells,)]."""
        known = values[~np.isnan(values)]
        return np.bincount(self.place(known), minlength=len(self))


def cells_of(name: str, values: NDArray[np.float32], *, n_cells: int) -> Cells:
    """Return the cells in which a column is counted.

    A key has one cell per pitch; a feature from 0 to 1 is shown whole; of the others the rarest
    half percent on either side may be gathered in the outermost cells.
    """
    known = values[~np.isnan(values)]
    if name == KEY:
        first = -1 if (known < 0).any() else 0
        edges = np.arange(first, 13, dtype=np.float64) - 0.5
    else:
        low, high = _shown_range(name, known)
        edges = np.linspace(low, high, n_cells + 1, dtype=np.float64)
    return Cells(
        name=name,
        edges=edges,
        n_below=int((known < edges[0]).sum()),
        n_above=int((known > edges[-1]).sum()),
    )


def _shown_range(name: str, known: NDArray[np.float32]) -> tuple[float, float]:
    quantity = AUDIO_FEATURES.get(name)
    if quantity is not None and (quantity.low, quantity.high) == (0, 1):
        return 0.0, 1.0
    low, high = np.percentile(known, (_TAIL_PERCENT, 100 - _TAIL_PERCENT))
    if high - low < _ALIKE:  # all the same: one bar in the middle
        return float(low) - 1, float(high) + 1
    step = _round_step(float(high - low))
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)


def _round_step(width: float) -> float:
    """Return the round number nearest below a tenth of ``width``: a 1, 2 or 5 with zeros."""
    power = 10.0 ** np.floor(np.log10(width / 10))
    return float(power * max(m for m in (1, 2, 5) if m == 1 or m * power <= width / 10))
