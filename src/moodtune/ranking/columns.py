"""What limits are checked against: a catalog's columns as arrays, made when first asked for."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.entities import song_keys
from moodtune.catalog.schema import (
    ALTERNATIVE_IDS,
    ARTISTS,
    DTYPES,
    DURATION_MS,
    EXPLICIT,
    GENRES,
    TITLE,
)
from moodtune.catalog.schema import TRACK_ID as ID
from moodtune.features.code_lists import Lists

_KEY, _ROW = "key", "row"


class TrackColumns:
    """The columns of a catalog's frame as arrays, each made once, when a limit first needs it."""

    def __init__(self, tracks: pl.DataFrame) -> None:
        self._tracks = tracks
        self._numbers: dict[str, NDArray[np.float32]] = {}

    def has(self, name: str) -> bool:
        """Return whether the catalog has the column, be it blank in every row."""
        return name in self._tracks.columns

    def numbers(self, name: str) -> NDArray[np.float32]:
        """Return a numeric column, NaN where blank [shape=(n,)]."""
        if name not in self._numbers:
            column = self._tracks[name].cast(pl.Float32).fill_null(float("nan"))
            self._numbers[name] = column.to_numpy()
        return self._numbers[name]

    @cached_property
    def durations_ms(self) -> NDArray[np.int64]:
        """The duration of each track in milliseconds, 0 where it is blank [shape=(n,)]."""
        return self._tracks[DURATION_MS].cast(pl.Int64).fill_null(0).to_numpy()

    @cached_property
    def artists(self) -> Lists:
        """The artists of each track."""
        return Lists.of(self._tracks[ARTISTS])

    @cached_property
    def genres(self) -> Lists:
        """The genres of each track; of a catalog without genres every list is empty."""
        if self.has(GENRES):
            return Lists.of(self._tracks[GENRES])
        return Lists.of(pl.Series([[]] * self._tracks.height, dtype=DTYPES[GENRES]))

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
        return np.unique(self.rows_of_each(ids)[1])

    def rows_of_each(self, ids: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return which rows stand for which id: places in ``ids``, ascending, and a row for each.

        An unknown id has no row; one that is a track's own and another's alternative has two.
        """
        asked = pl.Series(ids, dtype=pl.String)
        places, mains = _found(self._tracks[ID], asked)
        others, rows = self._alternatives
        more, at = _found(others, asked)
        n_tracks = max(self._tracks.height, 1)
        pairs = np.concatenate([places * n_tracks + mains, more * n_tracks + rows[at]])
        found, of_track = np.divmod(np.unique(pairs), n_tracks)
        return found, of_track

    @cached_property
    def _alternatives(self) -> tuple[pl.Series, NDArray[np.intp]]:
        """Every alternative id, sorted, and the row it belongs to."""
        pairs = (
            self._tracks.select(ALTERNATIVE_IDS)
            .with_row_index(_ROW)
            .filter(pl.col(ALTERNATIVE_IDS).list.len() > 0)
            .explode(ALTERNATIVE_IDS, empty_as_null=True)
            .sort(ALTERNATIVE_IDS)
        )
        return pairs[ALTERNATIVE_IDS], pairs[_ROW].to_numpy().astype(np.intp)

    def rows_of_songs(self, songs: Sequence[tuple[str, str]]) -> NDArray[np.intp]:
        """Return the rows of songs by (title, artists joined by ``;``); unknown ones give none."""
        asked = pl.DataFrame(
            {
                TITLE: [title for title, _ in songs],
                ARTISTS: [[name.strip() for name in names.split(";")] for _, names in songs],
            },
            schema={TITLE: pl.String, ARTISTS: DTYPES[ARTISTS]},
        )
        keys, rows = self._songs
        return np.sort(rows[_found(keys, song_keys(asked).drop_nulls().unique())[1]])

    @cached_property
    def _songs(self) -> tuple[pl.Series, NDArray[np.intp]]:
        keyed = song_keys(self._tracks).alias(_KEY).to_frame().with_row_index(_ROW)
        known = keyed.drop_nulls(_KEY).sort(_KEY)
        return known[_KEY], known[_ROW].to_numpy().astype(np.intp)


def _found(sorted_texts: pl.Series, asked: pl.Series) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return every pair of a place in ``asked`` and a position in ``sorted_texts`` of that text."""
    if sorted_texts.is_empty() or asked.is_empty():
        return np.empty(0, np.intp), np.empty(0, np.intp)
    first = sorted_texts.search_sorted(asked, side="left").to_numpy().astype(np.intp)
    counts = sorted_texts.search_sorted(asked, side="right").to_numpy().astype(np.intp) - first
    places = np.repeat(np.arange(len(asked)), counts)
    before = np.cumsum(counts) - counts
    return places, (first - before)[places] + np.arange(len(places))
