"""What a query is answered from: the tracks and their mood scores."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.features.matrix import features_of
from moodtune.features.rows import ascending
from moodtune.moods.scores import MoodScores
from moodtune.moods.song_model import SongModel
from moodtune.moods.taxonomy import Taxonomy
from moodtune.preferences.collaborative import CollaborativeModel
from moodtune.preferences.content import ContentIndex
from moodtune.preferences.taste import TasteModel
from moodtune.ranking.blocks import Blocks, positions_in
from moodtune.ranking.bounds import BlockOrders
from moodtune.ranking.columns import TrackColumns


@dataclass(frozen=True, kw_only=True, eq=False)
class TrackIndex:
    """Tracks and their scores, row by row the same, sorted by track id.

    ``histories`` is what other listeners' tastes say of the same rows, where it was learnt.

    ``columns`` are those of a catalog's frame (``catalog.schema.DTYPES``). What many queries need
    of them is made once, when the first one asks.
    """

    taxonomy: Taxonomy
    song_model: SongModel
    columns: TrackColumns
    scores: MoodScores
    histories: CollaborativeModel | None = None
    _in_blocks: dict[str, NDArray[Any]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.columns) != len(self.scores):
            raise ValueError(f"{len(self.columns)} tracks, but scores of {len(self.scores)}")
        if self.scores.moods != self.taxonomy.names:
            raise ValueError(f"scores of {self.scores.moods}, taxonomy of {self.taxonomy.names}")

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def tracks(self) -> pl.DataFrame:
        """The catalog's frame; of an index on disk it is read when first asked for."""
        return self.columns.tracks

    @cached_property
    def taste(self) -> TasteModel:
        """What likes are compared by."""
        content = ContentIndex.of(self.tracks, features_of(self.tracks))
        return TasteModel(content=content, collaborative=self.histories)

    @cached_property
    def features(self) -> NDArray[np.float32]:
        """The features that the song model knows, in its order [shape=(n_tracks, n_features)]."""
        columns = [self.columns.numbers(name) for name in self.song_model.features]
        return np.column_stack(columns)

    @cached_property
    def marking(self) -> NDArray[np.bool_]:
        """Which features mark each mood [shape=(n_moods, n_features)].

        Those of its cues, and those on which it lies far from the middle; all where none does.
        """
        model = self.song_model
        marking = np.zeros((len(self.taxonomy.moods), len(model.features)), dtype=np.bool_)
        for row, mood in enumerate(self.taxonomy.moods):
            marks = {cue.feature for cue in mood.cues}.union(model.marks(mood.name))
            marking[row] = [feature in marks for feature in model.features]
        marking[~marking.any(axis=1)] = True
        return marking

    @cached_property
    def blocks(self) -> Blocks:
        """The tracks in blocks of like ones, for searches that read few of them."""
        offered = np.array([mood.offered for mood in self.taxonomy.moods])
        return Blocks.of(self.scores, offered)

    @cached_property
    def block_orders(self) -> BlockOrders:
        """The blocks by their highest probability of each mood."""
        return BlockOrders(self.blocks)

    def in_blocks(self, name: str) -> NDArray[Any]:
        """Return what a limit on a column tests, by position in the blocks [shape=(n_tracks,)].

        Tracks that are read together then lie side by side.
        """
        if name not in self._in_blocks:
            self._in_blocks[name] = self.columns.values(name)[self.blocks.rows]
        return self._in_blocks[name]

    @cached_property
    def genre_positions(self) -> NDArray[np.int32]:
        """Where in the blocks the tracks of each genre are; as ``columns.genres.turned`` has rows.

        Ascending within a genre, genre by genre.
        """
        return positions_in(self.blocks.rows, self.columns.genres.turned)

    def positions_with(self, genres: NDArray[np.intp]) -> NDArray[np.int32]:
        """Return where in the blocks those are that have any of some genres, ascending."""
        starts = self.columns.genres.turned.starts
        lists = [self.genre_positions[starts[code] : starts[code + 1]] for code in genres]
        if len(lists) == 1:
            return lists[0]
        return ascending(np.concatenate([np.empty(0, np.intp), *lists])).astype(np.int32)

    @property
    def leading(self) -> NDArray[np.int16]:
        """Each track's most probable mood [shape=(n_tracks,)]."""
        return self.scores.leading

    @cached_property
    def strongest(self) -> NDArray[np.float32]:
        """The probability of each track's most probable offered mood [shape=(n_tracks,)]."""
        strongest = np.zeros(len(self), dtype=np.float32)
        for column, mood in enumerate(self.taxonomy.moods):
            if mood.offered:
                np.maximum(strongest, self.scores.probabilities[:, column], out=strongest)
        return strongest
