"""What limits are checked against: a catalog's columns as arrays, made when first asked for."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.entities import song_keys
from moodtune.catalog.schema import ALTERNATIVE_IDS, ARTISTS, DTYPES, EXPLICIT, GENRES, TITLE
from moodtune.catalog.schema import TRACK_ID as ID
from moodtune.features.code_lists import Lists


class TrackColumns:
    """The columns of a catalog's frame as arrays, each made once, when a limit first needs it."""

    def __init__(self, tracks: pl.DataFrame) -> None:
        self._tracks = tracks

    def has(self, name: str) -> bool:
        """Return whether the catalog has the column, with a value in at least one row."""
        return name in self._tracks.columns

    def numbers(self, name: str) -> NDArray[np.float32]:
        """Return a numeric column, NaN where blank [shape=(n,)]."""
        made = self._numbers.get(name)
        if made is None:
            made = self._tracks[name].cast(pl.Float32).fill_null(float("nan")).to_numpy()
            self._numbers[name] = made
        return made

    @cached_property
    def _numbers(self) -> dict[str, NDArray[np.float32]]:
        return {}

    @cached_property
    def artists(self) -> Lists:
        """The artists of each track."""
        return Lists.of(self._tracks[ARTISTS])

    @cached_property
    def genres(self) -> Lists:
        """The genres of each track."""
        return Lists.of(self._tracks[GENRES])

    @cached_property
    def clean(self) -> NDArray[np.bool_]:
        """Which tracks are known to have no explicit lyrics [shape=(n,)]."""
        return (~self._tracks[EXPLICIT]).fill_null(value=False).to_numpy()

    @cached_property
    def explicit_blank(self) -> NDArray[np.bool_]:
        """Of which tracks it is not known whether their lyrics are explicit [shape=(n,)]."""
        return self._tracks[EXPLICIT].is_null().to_numpy()

    def rows_of(self, ids: Sequence[str]) -> NDArray[np.intp]:
        """Return the rows of tracks by id, an alternative id included; unknown ids give none."""
        asked = pl.Series(ids, dtype=pl.String).unique()
        mains = _found(self._tracks[ID], asked)
        others, rows = self._alternatives
        return np.union1d(mains, rows[_found(others, asked)])

    @cached_property
    def _alternatives(self) -> tuple[pl.Series, NDArray[np.intp]]:
        """Every alternative id, sorted, and the row it belongs to."""
        pairs = (
            self._tracks.select(ALTERNATIVE_IDS)
            .with_row_index("row")
            .filter(pl.col(ALTERNATIVE_IDS).list.len() > 0)
            .explode(ALTERNATIVE_IDS)
            .sort(ALTERNATIVE_IDS)
        )
        return pairs[ALTERNATIVE_IDS], pairs["row"].to_numpy().astype(np.intp)

    def rows_of_songs(self, songs: Sequence[tuple[str, str]]) -> NDArray[np.intp]:
        """Return the rows of songs by (title, artists joined by ``;``); unknown ones give none."""
        asked = pl.DataFrame(
            {TITLE: [t for t, _ in songs], ARTISTS: [a.split(";") for _, a in songs]},
            schema={TITLE: pl.String, ARTISTS: DTYPES[ARTISTS]},
        )
        keys, rows = self._songs
        return np.sort(rows[_found(keys, song_keys(asked).drop_nulls().unique())])

    @cached_property
    def _songs(self) -> tuple[pl.Series, NDArray[np.intp]]:
        keyed = song_keys(self._tracks).alias("key").to_frame().with_row_index("row")
        known = keyed.drop_nulls("key").sort("key")
        return known["key"], known["row"].to_numpy().astype(np.intp)


def _found(sorted_texts: pl.Series, asked: pl.Series) -> NDArray[np.intp]:
    """Return the positions in ``sorted_texts`` of those of ``asked`` that are there."""
    if sorted_texts.is_empty() or asked.is_empty():
        return np.empty(0, dtype=np.intp)
    at = sorted_texts.search_sorted(asked).to_numpy().astype(np.intp)
    at = at[at < len(sorted_texts)]
    there = sorted_texts[at].is_in(asked.implode()).to_numpy()
    positions: NDArray[np.intp] = at[there]
    return positions
