"""What a query is answered from: the tracks and their mood scores."""

from dataclasses import dataclass

import polars as pl

from moodtune.moods.scores import MoodScores
from moodtune.moods.song_model import SongModel
from moodtune.moods.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackIndex:
    """Tracks and their scores, row by row the same, sorted by track id.

    ``tracks`` is a catalog's frame (columns of ``catalog.schema.DTYPES``).
    """

    taxonomy: Taxonomy
    song_model: SongModel
    tracks: pl.DataFrame
    scores: MoodScores

    def __post_init__(self) -> None:
        if self.tracks.height != len(self.scores):
            raise ValueError(f"{self.tracks.height} tracks, but scores of {len(self.scores)}")
        if self.scores.moods != self.taxonomy.names:
            raise ValueError(f"scores of {self.scores.moods}, taxonomy of {self.taxonomy.names}")

    def __len__(self) -> int:
        return self.tracks.height
