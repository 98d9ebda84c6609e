"""What limits are checked against: a catalog's columns as arrays, made when first asked for."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

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
    URL,
)
from moodtune.catalog.schema import TRACK_ID as ID
from moodtune.features.code_lists import Lists
from moodtune.features.rows import ascending
from moodtune.ranking.texts import Texts
from moodtune.ranking.track_ids import IdTable

_KEY, ROW = "key", "row"


class TrackColumns:
    """The columns of a catalog's frame as arrays, each made once, when a limit first needs it.

    ``read``  returns the frame; it is called when something first needs the frame itself
    """

    def __init__(self, read: Callable[[], pl.DataFrame]) -> None:
        self._read = read
        self._numbers: dict[str, NDArray[np.float32]] = {}
        self._blanks: dict[tuple[str, bool], int] = {}

    @classmethod
    def of(cls, tracks: pl.DataFrame) -> "TrackColumns":
        """Return the columns of a frame that is there."""
        return cls(lambda: tracks)

    def __len__(self) -> int:
        return self.tracks.height

    @cached_property
    def tracks(self) -> pl.DataFrame:
        """The frame."""
        return self._read()

    def has(self, name: str) -> bool:
        """Return whether the catalog has the column, be it blank in every row."""
        return name in self.tracks.columns

    def column(self, name: str) -> pl.Series:
        """Return a column of the frame as it is."""
        return self.tracks[name]

    def numbers(self, name: str) -> NDArray[np.float32]:
        """Return a numeric column, NaN where blank [shape=(n,)]."""
        if name not in self._numbers:
            column = self.column(name).cast(pl.Float32).fill_null(float("nan"))
            self._numbers[name] = column.to_numpy()
        return self._numbers[name]

    def values(self, name: str) -> NDArray[Any]:
        """Return what a limit on a column tests: the numbers, or which tracks are not explicit."""
        return self.clean if name == EXPLICIT else self.numbers(name)

    @cached_property
    def durations_ms(self) -> NDArray[np.int64]:
        """The duration of each track in milliseconds, 0 where it is blank [shape=(n,)]."""
        return self.column(DURATION_MS).cast(pl.Int64).fill_null(0).to_numpy()

    @cached_property
    def artists(self) -> Lists:
        """The artists of each track; what they are called is not kept."""
        return Lists.of_parts([self.column(ARTISTS)], names=False)

    @cached_property
    def genres(self) -> Lists:
        """The genres of each track; of a catalog without genres every list is empty."""
        if self.has(GENRES):
            return Lists.of(self.column(GENRES))
        return Lists.of(pl.Series([[]] * len(self), dtype=DTYPES[GENRES]))

    @cached_property
    def genre_names(self) -> Texts:
        """The names of the genres, by code."""
        return Texts.of(pl.Series(self.genres.names, dtype=pl.String))

    @cached_property
    def clean(self) -> NDArray[np.bool_]:
        """Which tracks are known to have no explicit lyrics [shape=(n,)]."""
        return (~self.column(EXPLICIT)).fill_null(value=False).to_numpy()

    @cached_property
    def explicit_blank(self) -> int:
        """Of how many tracks it is not known whether their lyrics are explicit."""
        return self.column(EXPLICIT).null_count()

    def n_blank(self, name: str, *, zero: bool = False) -> int:
        """Return in how many tracks a numeric column is blank; with ``zero``, 0 is blank too."""
        if (name, zero) not in self._blanks:
            values = self.numbers(name)
            blank = np.isnan(values) | (values == 0) if zero else np.isnan(values)
            self._blanks[name, zero] = int(np.count_nonzero(blank))
        return self._blanks[name, zero]

    @cached_property
    def track_ids(self) -> Texts:
        """The id of each track."""
        return Texts.of(self.column(ID))

    @cached_property
    def titles(self) -> Texts:
        """The title of each track."""
        return Texts.of(self.column(TITLE))

    @cached_property
    def artist_names(self) -> Texts:
        """The artists of each track as people read them, with commas between."""
        return Texts.of(self.column(ARTISTS), between=", ")

    @cached_property
    def urls(self) -> Texts | None:
        """Where each track can be listened to; None where the catalog does not say."""
        return Texts.of(self.column(URL)) if self.has(URL) else None

    def rows_of(self, ids: Sequence[str]) -> NDArray[np.intp]:
        """Return the rows of tracks by id, an alternative id included; unknown ids give none."""
        return ascending(self.ids.find(ids).rows)

    @cached_property
    def ids(self) -> IdTable:
        """Every id of every track, alternative ones included."""
        mains = self.column(ID).to_frame().with_row_index(ROW)
        return id_table([mains, with_their_rows(self.column(ALTERNATIVE_IDS), 0)])

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
        keyed = song_keys(self.tracks).alias(_KEY).to_frame().with_row_index(ROW)
        known = keyed.drop_nulls(_KEY).sort(_KEY)
        return known[_KEY], known[ROW].to_numpy().astype(np.intp)


def with_their_rows(lists: pl.Series, first: int) -> pl.DataFrame:
    """Return a row per id in lists of ids, with the row that it stands in, from ``first`` on."""
    return (
        lists.to_frame(ID)
        .with_row_index(ROW, offset=first)
        .filter(pl.col(ID).list.len() > 0)
        .explode(ID, empty_as_null=True)
    )


def id_table(parts: Sequence[pl.DataFrame]) -> IdTable:
    """Return the table of all ids in ``parts`` and their rows."""
    every = pl.concat(parts)
    return IdTable.of(every[ID], every[ROW].to_numpy().astype(np.int32))


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
