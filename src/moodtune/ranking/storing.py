"""The arrays of a long catalog's index, each made when it is asked for and then forgotten.

The same bits as `moodtune.ranking.stored.arrays_of` gives of the same tracks. Asked for in the
order of their names, as they are written, no part is made twice, and two are held at most: one that
is written and one that is made.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.long_tracks import LongTracks
from moodtune.catalog.schema import (
    ALTERNATIVE_IDS,
    ARTISTS,
    AUDIO_FEATURES,
    DTYPES,
    GENRES,
    TITLE,
    TRACK_ID,
    URL,
)
from moodtune.features.code_lists import Lists
from moodtune.moods.scores import MoodScores
from moodtune.moods.song_model import SongModel
from moodtune.moods.taxonomy import Taxonomy
from moodtune.ranking.blocks import positions_in
from moodtune.ranking.columns import ROW, TrackColumns, id_table, with_their_rows
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.stored import PARTS, alone, as_array, names_of
from moodtune.ranking.texts import Texts
from moodtune.ranking.track_ids import IdTable


class LongIndexArrays(Mapping[str, NDArray[Any]]):
    """Name to array; ``ids`` are the tracks' ids, which are held anyway."""

    def __init__(
        self,
        long: LongTracks,
        ids: pl.Series,
        *,
        taxonomy: Taxonomy,
        song_model: SongModel,
        scores: MoodScores,
    ) -> None:
        self._long, self._ids = long, ids
        self._taxonomy, self._song_model, self._scores = taxonomy, song_model, scores
        self._features = song_model.features
        self._names = names_of([name for name in DTYPES if name in long.schema], self._features)
        self._held: tuple[str, Any] = ("", None)
        self._block_rows: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __getitem__(self, name: str) -> NDArray[Any]:
        for part, form in PARTS.items():
            each = name.removeprefix(f"{part}_")
            if each != name and each in form:
                return as_array(getattr(self._part(part), each))
        if name == "features":
            return self._feature_values()
        if name == "genre_positions":
            return positions_in(self._rows(), self._part("genres_turned"))
        self._held = ("", None)
        index = self._fresh()
        if name.startswith("in_blocks_"):
            return index.columns.values(name.removeprefix("in_blocks_"))[self._rows()]
        return alone(index, name)

    def _fresh(self) -> TrackIndex:
        """Return an index that has made nothing yet, and goes with what it makes."""
        columns = _LongColumns(self._long, self._ids)
        return TrackIndex(
            columns=columns,
            taxonomy=self._taxonomy,
            song_model=self._song_model,
            scores=self._scores,
        )

    def _part(self, name: str) -> Any:
        if name == "genre_names":
            return Texts.of(pl.Series(self._part(GENRES).names, dtype=pl.String))
        whole = name.removesuffix("_turned")
        if self._held[0] != whole:
            self._held = ("", None)  # the one before goes first
            index = self._fresh()
            made = index.blocks if whole == "block" else getattr(index.columns, whole)
            self._held = (whole, made)
        if whole == "block":
            self._block_rows = self._held[1].rows
        return self._held[1] if name == whole else self._held[1].turned

    def _rows(self) -> NDArray[np.int32]:
        if self._block_rows is None:
            self._part("block")
        if self._block_rows is None:
            raise AssertionError("blocks have rows")
        return self._block_rows

    def _feature_values(self) -> NDArray[np.float32]:
        names = [name for name in AUDIO_FEATURES if name in self._long.schema]
        if tuple(names) == self._features:
            return self._long.features
        return np.ascontiguousarray(
            self._long.features[:, [names.index(n) for n in self._features]]
        )


class _LongColumns(TrackColumns):
    """The columns of tracks on disk, read one by one, and text part by part."""

    def __init__(self, long: LongTracks, ids: pl.Series) -> None:
        super().__init__(long.frame)
        self._long, self._ids = long, ids

    def __len__(self) -> int:
        return self._long.height

    def has(self, name: str) -> bool:
        return name in self._long.schema

    def column(self, name: str) -> pl.Series:
        return self._ids if name == TRACK_ID else pl.concat(list(self._parts(name)))

    def _parts(self, name: str) -> Iterator[pl.Series]:
        return (part[name] for part in self._long.parts((name,)))

    @cached_property
    def ids(self) -> IdTable:
        mains = self._ids.to_frame().with_row_index(ROW)
        others, start = [mains.clear()], 0
        for part in self._parts(ALTERNATIVE_IDS):
            others.append(with_their_rows(part, start))
            start += len(part)
        return id_table([mains, *others])

    @cached_property
    def artists(self) -> Lists:
        return Lists.of_parts(self._parts(ARTISTS), names=False)

    @cached_property
    def genres(self) -> Lists:
        return Lists.of_parts(self._parts(GENRES))

    @cached_property
    def track_ids(self) -> Texts:
        return Texts.of_parts(self._parts(TRACK_ID))

    @cached_property
    def titles(self) -> Texts:
        return Texts.of_parts(self._parts(TITLE))

    @cached_property
    def artist_names(self) -> Texts:
        return Texts.of_parts(self._parts(ARTISTS), between=", ")

    @cached_property
    def urls(self) -> Texts | None:
        return Texts.of_parts(self._parts(URL)) if self.has(URL) else None
