"""The columns of a catalog: every name, unit and range spelled once, and the Catalog itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

if TYPE_CHECKING:
    from moodtune.catalog.long_tracks import LongTracks

TRACK_ID = "track_id"
TITLE = "title"
ARTISTS = "artists"
ALTERNATIVE_IDS = "alternative_ids"
POPULARITY = "popularity"
DURATION_MS = "duration_ms"
KEY = "key"
MODE = "mode"
TIME_SIGNATURE = "time_signature"
GENRES = "genres"
YEAR = "year"
RELEASE_DATE = "release_date"
EXPLICIT = "explicit"
ALBUM = "album"
URL = "url"
PATH = "path"
ISRC = "isrc"
MUSICBRAINZ_ID = "musicbrainz_id"

VALENCE = "valence"
ENERGY = "energy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A numeric column: its unit as people write it, and the closed range of what is possible."""

    name: str
    unit: str
    low: float
    high: float


#: What a mood can be heard in. A catalog has valence, energy and at least four of the others.
AUDIO_FEATURES: Mapping[str, Quantity] = {
    q.name: q
    for q in (
        Quantity(name="danceability", unit="0 to 1", low=0, high=1),
        Quantity(name=ENERGY, unit="0 to 1", low=0, high=1),
        Quantity(name="loudness", unit="dB", low=-100, high=10),
        Quantity(name="speechiness", unit="0 to 1", low=0, high=1),
        Quantity(name="acousticness", unit="0 to 1", low=0, high=1),
        Quantity(name="instrumentalness", unit="0 to 1", low=0, high=1),
        Quantity(name="liveness", unit="0 to 1", low=0, high=1),
        Quantity(name=VALENCE, unit="0 to 1", low=0, high=1),
        # Spotify writes 0 where it hears no beat: a value, kept and counted, not a fault.
        Quantity(name="tempo", unit="BPM", low=0, high=300),
    )
}
REQUIRED_FEATURES = (VALENCE, ENERGY)
MIN_OTHER_FEATURES = 4

#: Numeric columns that are carried through where a table has them; a blank cell is allowed.
CARRIED_NUMBERS: Mapping[str, Quantity] = {
    q.name: q
    for q in (
        Quantity(name=KEY, unit="pitch class, -1 for unknown", low=-1, high=11),
        Quantity(name=MODE, unit="0 minor, 1 major", low=0, high=1),
        Quantity(name=TIME_SIGNATURE, unit="beats in a bar", low=0, high=16),
        # One millisecond is the least; 24 hours is longer than any track.
        Quantity(name=DURATION_MS, unit="ms", low=1, high=86_400_000),
        Quantity(name=POPULARITY, unit="0 to 100", low=0, high=100),
        Quantity(name=YEAR, unit="year", low=1000, high=2200),
    )
}

#: Type of every column a Catalog may have, in the order they stand in its frame.
DTYPES: Mapping[str, pl.DataType] = {
    TRACK_ID: pl.String(),
    TITLE: pl.String(),
    ARTISTS: pl.List(pl.String()),
    ALTERNATIVE_IDS: pl.List(pl.String()),
    **{name: pl.Float32() for name in AUDIO_FEATURES},
    KEY: pl.Int8(),
    MODE: pl.Int8(),
    TIME_SIGNATURE: pl.Int8(),
    DURATION_MS: pl.Int32(),
    POPULARITY: pl.Float32(),
    GENRES: pl.List(pl.String()),
    YEAR: pl.Int16(),
    RELEASE_DATE: pl.String(),
    EXPLICIT: pl.Boolean(),
    ALBUM: pl.String(),
    URL: pl.String(),
    PATH: pl.String(),
    ISRC: pl.String(),
    MUSICBRAINZ_ID: pl.String(),
}

#: Columns that every Catalog has; the others are there only if the table had them.
ALWAYS = (TRACK_ID, TITLE, ARTISTS, ALTERNATIVE_IDS)

REJECTION_DTYPES: Mapping[str, pl.DataType] = {
    "file": pl.String(),
    "row": pl.Int64(),  # as a person counts: the first row under the header is 1
    "track_id": pl.String(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that was read into the catalog, or left out and why."""

    name: str  # the file's name without its folder: it is written into reports
    sha256: str  # of its rows, whatever order they are in
    n_rows: int
    columns: Mapping[str, str] = field(default_factory=dict)  # canonical name -> name in the file
    unused_columns: tuple[str, ...] = ()
    left_out: str | None = None  # the reason, where nothing of it was used


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """The tracks, one row per song, sorted by ``track_id``; and what became of every row read.

    ``tracks``      columns of ``DTYPES`` in that order; ``ALWAYS`` present, no blank features;
                    lists are never null, empty where nothing is known; genres sorted
    ``rejections``  columns of ``REJECTION_DTYPES``: one row per rejected row
    ``n_read``      rows read from all sources; ``n_read == kept + rejected + merged``
    ``notes``       sentences about what a reader should know (157 rows have no beat, ...)
    ``long``        the tracks where they lie on disk, as memory should not hold them; ``tracks``
                    has then only their ids
    """

    tracks: pl.DataFrame
    rejections: pl.DataFrame
    n_read: int
    n_merged_ids: int  # rows merged because another row has the same id
    n_merged_songs: int  # tracks merged because another id is the same song
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    long: "LongTracks | None" = None

    def __post_init__(self) -> None:
        wrong = [c for c, t in self.schema.items() if c not in DTYPES or DTYPES[c] != t]
        if wrong or any(c not in self.schema for c in ALWAYS):
            raise ValueError(f"not a catalog frame: {self.tracks.schema}")
        if self.n_read != len(self) + self.n_rejected + self.n_merged:
            raise ValueError(
                f"{self.n_read} rows read, but {len(self)} kept, {self.n_rejected} rejected "
                f"and {self.n_merged} merged"
            )

    def __len__(self) -> int:
        return self.tracks.height

    @property
    def schema(self) -> pl.Schema:
        """Names and types of all columns of the tracks, wherever they lie."""
        return self.tracks.schema if self.long is None else self.long.schema

    def parts(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield some columns of all tracks, in order, many tracks at a time."""
        if self.long is None:
            yield self.tracks.select(columns)
        else:
            yield from self.long.parts(columns)

    def rows(self, rows: NDArray[np.integer], columns: Sequence[str]) -> pl.DataFrame:
        """Return some columns of some tracks, in the order of ``rows``."""
        if self.long is None:
            return self.tracks.select(columns)[rows]
        return self.long.rows(rows, columns)

    def frame(self) -> pl.DataFrame:
        """Return all columns of all tracks, in memory whatever their number."""
        return self.tracks if self.long is None else self.long.frame()

    @property
    def n_rejected(self) -> int:
        """Rows that were rejected, each with its reason in ``rejections``."""
        return self.rejections.height

    @property
    def n_merged(self) -> int:
        """Rows that were merged into another: the same id, or the same song."""
        return self.n_merged_ids + self.n_merged_songs

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the audio features that this catalog has, in schema order."""
        return tuple(name for name in AUDIO_FEATURES if name in self.schema)
