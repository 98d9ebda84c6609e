"""Content taste: how much tracks have in common with what was liked, by their columns alone.

For liked tracks i = 1..m and any track j, with popularity left out on purpose::

    near_ij   = exp(-|year_i - year_j| / years)
    artists_j = sum over i, and over the artists a of both i and j, of
                n_a^-spread * (1 + same_year * near_ij + same_album * [one album])
    era_j     = genre_and_era / m * sum over i of [i and j share a genre] * near_ij
    sound_j   = sound / m * sum over i of exp(-|r_i - r_j|^2 / (2 k width^2))

n_a is how many tracks of the catalog an artist has, and r are ranks of the k audio features. Two
liked tracks of an artist say twice as much as one; genre, era and sound are means, since all that
is liked has some. A like that weighs w counts w times in each sum over i. A blank cell adds
nothing; without a column of genres near alone counts, without years genres alone, and era is 0
without both. The constants: docs/decisions/0004-taste.md.
"""

from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.schema import ALBUM, ARTISTS, GENRES, YEAR
from moodtune.features.code_lists import Lists
from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import RankTable
from moodtune.preferences.sound import SoundCells


class ContentSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The constants of the module's formula."""

    spread: float = 0.25
    same_year: float = 1.0
    same_album: float = 1.0
    years: float = 3.0
    genre_and_era: float = 0.3
    sound: float = 0.3
    width: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentScores:
    """What speaks for each track, each part at least 0 [shape=(n_tracks,)], float32."""

    artists: NDArray[np.float32]
    era: NDArray[np.float32]
    sound: NDArray[np.float32]

    def total(self) -> NDArray[np.float32]:
        """Return the sum of the parts."""
        return self.artists + self.era + self.sound


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentIndex:
    """The columns that taste is read from, ready to be compared.

    ``artists``  codes of each track's artists; ``by_artist`` turns them round: artist a has
                 ``by_artist[bounds[a]:bounds[a + 1]]``, ascending
    ``years``    float32, NaN where unknown     ``albums``  int32, -1 where unknown
    ``group``    int32, which of the pairs of genres and year a track has: ``group_genres`` and
                 ``group_years`` describe them; where the catalog has no genre, no ``group_genres``
    """

    settings: ContentSettings
    artists: Lists
    by_artist: NDArray[np.int32]
    bounds: NDArray[np.int64]
    years: NDArray[np.float32]
    albums: NDArray[np.int32]
    group: NDArray[np.int32]
    group_genres: Lists | None
    group_years: NDArray[np.float32]
    cells: SoundCells

    @classmethod
    def of(
        cls,
        tracks: pl.DataFrame,
        features: FeatureMatrix,
        settings: ContentSettings | None = None,
    ) -> "ContentIndex":
        """Return the index of a catalog's frame and its features, row by row the same."""
        settings = settings or ContentSettings()
        artists = Lists.of(tracks[ARTISTS])
        counts = np.bincount(artists.codes, minlength=len(artists.names))
        owners = np.repeat(np.arange(tracks.height, dtype=np.int32), np.diff(artists.starts))
        group, firsts = _groups(tracks)
        years = _years(tracks)
        return cls(
            settings=settings,
            artists=artists,
            by_artist=owners[np.argsort(artists.codes, kind="stable")],
            bounds=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            years=years,
            albums=_albums(tracks),
            group=group,
            group_genres=Lists.of(tracks[GENRES][firsts]) if GENRES in tracks.columns else None,
            group_years=years[firsts],
            cells=SoundCells.of(RankTable.of(features).ranks(features), width=settings.width),
        )

    def __len__(self) -> int:
        return len(self.group)

    def scores(
        self, likes: NDArray[np.integer], weights: NDArray[np.float64] | None = None
    ) -> ContentScores:
        """Return what speaks for each track, given the rows of at least one liked track.

        The order of ``likes`` makes no difference, and each should be in it once. ``weights`` in
        [0, 1] are what each of them counts: a factor of its terms in the sums over i.
        """
        order = np.argsort(likes, kind="stable")
        rows = likes[order].astype(np.intp)
        weighed = np.ones(len(rows)) if weights is None else weights[order]
        near = self.cells.nearness(rows, None if weights is None else weighed)
        return ContentScores(
            artists=self._by_artists(rows, weighed),
            era=self._by_era(rows, weighed),
            sound=np.float32(self.settings.sound) * near,
        )

    def _by_artists(
        self, likes: NDArray[np.intp], weighed: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        place, artist = _expand(self.artists.starts, self.artists.codes, likes)
        pair, track = _expand(self.bounds, self.by_artist, artist)
        liked, artist = likes[place][pair], artist[pair]
        n_tracks = (self.bounds[1:] - self.bounds[:-1])[artist]
        weights = n_tracks**-self.settings.spread * self._closeness(liked, track)
        weights *= weighed[place][pair]
        # bincount adds in order, and the order is that of the sorted likes.
        summed = np.bincount(track, weights, minlength=len(self))
        return summed.astype(np.float32)

    def _closeness(self, liked: NDArray[np.intp], track: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return how much more two tracks of one artist have in common: 1, 1 + same_year ..."""
        near = self._near(self.years[liked], self.years[track])
        album = (self.albums[liked] == self.albums[track]) & (self.albums[liked] >= 0)
        close: NDArray[np.float64] = (
            1.0 + self.settings.same_year * near + self.settings.same_album * album
        )
        return close

    def _by_era(self, likes: NDArray[np.intp], weighed: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the part of genre and era: looked up by group, of which there are few."""
        alike = np.zeros(len(self.group_years))
        if self.group_genres is not None or self._has_years:
            groups, of_like = np.unique(self.group[likes], return_inverse=True)
            sums = np.bincount(of_like, weighed)
            for group, weight in zip(groups.tolist(), sums.tolist(), strict=True):
                alike += weight * self._era_of(group)
        alike *= self.settings.genre_and_era / len(likes)
        return alike.astype(np.float32).take(self.group)

    @property
    def _has_years(self) -> bool:
        return not np.isnan(self.group_years).all()

    def _era_of(self, group: int) -> NDArray[np.float64]:
        alike = np.ones(len(self.group_years))
        if self._has_years:
            alike = self._near(self.group_years, self.group_years[group])
        if self.group_genres is not None:
            alike = alike * _sharing(self.group_genres, group)
        return alike

    def _near(
        self, years: NDArray[np.float32], others: NDArray[np.float32] | np.float32
    ) -> NDArray[np.float64]:
        """Return how near years are, in [0, 1]; 0 where one of the two is unknown."""
        gap = np.abs(years - others).astype(np.float64)
        near: NDArray[np.float64] = np.nan_to_num(np.exp(-gap / self.settings.years), nan=0.0)
        return near


def _sharing(lists: Lists, row: int) -> NDArray[np.bool_]:
    """Return which rows share a name with ``row``."""
    is_wanted = np.zeros(len(lists.names) + 1, dtype=np.int64)
    is_wanted[list(lists.of_row(row))] = 1
    before = np.concatenate([[0], np.cumsum(is_wanted[lists.codes])])
    found: NDArray[np.bool_] = before[lists.starts[1:]] > before[lists.starts[:-1]]
    return found


def _expand(
    starts: NDArray[np.int64], values: NDArray[np.int32], rows: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return all values of the lists ``rows``, and before them the place in ``rows`` of each."""
    lengths = starts[rows + 1] - starts[rows]
    before = np.cumsum(lengths) - lengths
    place = np.repeat(np.arange(len(rows)), lengths)
    at = (starts[rows] - before)[place] + np.arange(len(place))
    return place, values[at].astype(np.intp)


def _years(tracks: pl.DataFrame) -> NDArray[np.float32]:
    if YEAR not in tracks.columns:
        return np.full(tracks.height, np.nan, dtype=np.float32)
    years: NDArray[np.float32] = tracks[YEAR].cast(pl.Float32).fill_null(float("nan")).to_numpy()
    return years


def _albums(tracks: pl.DataFrame) -> NDArray[np.int32]:
    if ALBUM not in tracks.columns:
        return np.full(tracks.height, -1, dtype=np.int32)
    codes = tracks[ALBUM].str.to_lowercase().rank("dense").cast(pl.Int32)
    return codes.fill_null(-1).to_numpy()


def _groups(tracks: pl.DataFrame) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Return the group of each track by genres and year, and the first row of each group."""
    by = [
        *([pl.col(GENRES).list.join("\x1f").alias(GENRES)] if GENRES in tracks.columns else []),
        *([pl.col(YEAR)] if YEAR in tracks.columns else []),
    ]
    if not by:
        return np.zeros(tracks.height, dtype=np.int32), np.zeros(min(tracks.height, 1), np.intp)
    # A struct is never blank, so tracks of an unknown year are groups of their own.
    codes = tracks.select(pl.struct(by).rank("dense")).to_series().to_numpy()
    _, firsts, group = np.unique(codes, return_index=True, return_inverse=True)
    return group.astype(np.int32), firsts
