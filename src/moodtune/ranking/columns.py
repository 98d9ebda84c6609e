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
        asked = pl.Series(ids, dtype=pl.String).unique()
        mains = _found(self._tracks[ID], asked)
        others, rows = self._alternatives
        return np.union1d(mains, rows[_found(others, asked)])

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
        """Return the rows of songs by (title, artists joined by ``;``); unknown ones give none.

        Artists may be joined by ``, `` too, as a list shows them: "A, B" is one artist or both.
        """
        read = [
            (title, names.split(";"))
            for title, joined in songs
            for names in dict.fromkeys([joined, joined.replace(", ", ";")])
        ]
        asked = pl.DataFrame(
            {
                TITLE: [title for title, _ in read],
                ARTISTS: [[name.strip() for name in names] for _, names in read],
            },
            schema={TITLE: pl.String, ARTISTS: DTYPES[ARTISTS]},
        )
        keys, rows = self._songs
        return np.sort(rows[_found(keys, song_keys(asked).drop_nulls().unique())])

    @cached_property
    def _songs(self) -> tuple[pl.Series, NDArray[np.intp]]:
        keyed = song_keys(self._tracks).alias(_KEY).to_frame().with_row_index(_ROW)
        known = keyed.drop_nulls(_KEY).sort(_KEY)
        return known[_KEY], known[_ROW].to_numpy().astype(np.intp)


def _found(sorted_texts: pl.Series, asked: pl.Series) -> NDArray[np.intp]:
    """Return the positions in ``sorted_texts`` of all those that are among ``asked``."""
    found = [np.empty(0, dtype=np.intp)]
    if not sorted_texts.is_empty() and not asked.is_empty():
        at = sorted_texts.search_sorted(asked)
        while len(at):  # once more than any text is repeated
            inside = at < len(sorted_texts)
            at, asked = at.filter(inside), asked.filter(inside)
            same = sorted_texts.gather(at) == asked
            at, asked = at.filter(same), asked.filter(same)
            found.append(at.to_numpy().astype(np.intp))
            at = at + 1
    return np.concatenate(found)
