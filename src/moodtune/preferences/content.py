"""Content taste: how much tracks have in common with what was liked, by their columns alone.

For liked tracks i = 1..m and any track j, with popularity left out on purpose::

    near_ij   = exp(-|year_i - year_j| / years)
    artists_j = sum over i, and over the artists a of both i and j, of
                n_a^-spread * (1 + same_year * near_ij + same_album * [one album])
    era_j     = genre_and_era / m * sum over i of [i and j share a genre] * near_ij
    sound_j   = sound / m * sum over i of exp(-|r_i - r_j|^2 / (2 k width^2))

n_a is how many tracks of the catalog an artist has, and r are ranks of the k audio features. Two
liked tracks of an artist say twice as much as one; genre, era and sound are means, since all that
is liked has some. A blank cell adds nothing; without a column of genres near alone counts, without
years genres alone, and era is 0 without both. The constants: docs/decisions/0004-taste.md.
"""

from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.schema import ALBUM, ARTISTS, GENRES, YEAR
from moodtune.features.code_lists import Lists
from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import RankTable
from moodtune.preferences.shared_artists import SharedArtists
from moodtune.preferences.sound import SoundCells
from moodtune.preferences.track_values import TrackValues

#: Groups of genres and year up to which it is kept how alike any two are.
MAX_GROUPS = 2_048


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
    """What speaks for each track, each part at least 0."""

    artists: TrackValues
    era: TrackValues
    sound: TrackValues

    def total(self) -> NDArray[np.float32]:
        """Return the sum of the parts [shape=(n_tracks,)]."""
        return self.artists.everywhere() + self.era.everywhere() + self.sound.everywhere()


@dataclass(frozen=True, kw_only=True)
class ContentIndex:
    """The columns that taste is read from, ready to be compared.

    ``artists``  codes of each track's artists
    ``years``    float32, NaN where unknown     ``albums``  int32, -1 where unknown
    ``group``    int32, which of the pairs of genres and year a track has: ``group_genres`` and
                 ``group_years`` describe them; where the catalog has no genre, no ``group_genres``
    """

    settings: ContentSettings
    artists: Lists
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
        group, firsts = _groups(tracks)
        years = _years(tracks)
        return cls(
            settings=settings,
            artists=artists,
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
        return self.scores_of(SharedArtists.find(self.artists, rows), weighed)

    def scores_of(self, shared: SharedArtists, weights: NDArray[np.float64]) -> ContentScores:
        """Return what speaks for each track, given tracks of which at least one is liked.

        ``weights`` in [0, 1] are what each of the named tracks counts; 0 is of no consequence.
        """
        liked = weights > 0
        rows, weighed = shared.named[liked], weights[liked]
        sound = np.float32(self.settings.sound) * self.cells.nearness(rows, weighed)
        return ContentScores(
            artists=self._by_artists(shared, weights),
            era=TrackValues.of_codes(self.group, self._by_era(rows, weighed)),
            sound=TrackValues.of_codes(self.cells.cell, sound),
        )

    def _by_artists(self, shared: SharedArtists, weights: NDArray[np.float64]) -> TrackValues:
        near = self._closeness(shared.named.take(shared.of), shared.rows.take(shared.place))
        each = shared.n_tracks**-self.settings.spread * near * weights.take(shared.of)
        # Summed in the order of the named tracks.
        own = np.bincount(shared.place, each, minlength=len(shared.rows)).astype(np.float32)
        return TrackValues(n_tracks=len(self), rows=shared.rows, own=own)

    def _closeness(self, liked: NDArray[np.intp], track: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return how much more two tracks of one artist have in common: 1, 1 + same_year ..."""
        close = np.ones(len(liked))
        if self._has_years:
            close += self.settings.same_year * self._near(
                self.years.take(liked), self.years.take(track)
            )
        if self._has_albums:
            of_liked = self.albums.take(liked)
            same = (of_liked == self.albums.take(track)) & (of_liked >= 0)
            close += self.settings.same_album * same
        return close

    @cached_property
    def _has_years(self) -> bool:
        return not np.isnan(self.years).all()

    @cached_property
    def _has_albums(self) -> bool:
        return bool((self.albums >= 0).any())

    def _by_era(self, likes: NDArray[np.intp], weighed: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the part of genre and era for each group, of which there are few."""
        groups, of_like = np.unique(self.group[likes], return_inverse=True)
        kernel = self._alike_kept
        alike = self._alike(groups) if kernel is None else kernel.take(groups, axis=0)
        counted = np.bincount(of_like, weighed) * (self.settings.genre_and_era / len(likes))
        era: NDArray[np.float32] = counted.astype(np.float32) @ alike
        return era

    @cached_property
    def _alike_kept(self) -> NDArray[np.float32] | None:
        """How alike each group is to each, where they are few: kept, 16 MB; else None."""
        n_groups = len(self.group_years)
        return self._alike(np.arange(n_groups)) if n_groups <= MAX_GROUPS else None

    def _alike(self, groups: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return how alike some groups are to each in genre and era, in [0, 1].

        [shape=(len(groups), n_groups)]. Those without a genre in common are not alike at all;
        where the catalog has no genres their years alone count, and without these nothing.
        """
        n_groups = len(self.group_years)
        alike = np.full((len(groups), n_groups), self._has_years, dtype=np.float32)
        if self.group_genres is not None:
            place, genre = self.group_genres.pairs(groups)
            pair, other = self.group_genres.turned.pairs(genre)
            alike[:] = 0
            alike[place[pair], other] = 1
        if self._has_years:
            liked, other = np.nonzero(alike)
            alike[liked, other] = self._near(
                self.group_years[other], self.group_years[groups[liked]]
            )
        return alike

    def _near(
        self, years: NDArray[np.float32], others: NDArray[np.float32] | np.float32
    ) -> NDArray[np.float64]:
        """Return how near years are, in [0, 1]; 0 where one of the two is unknown."""
        gap = np.abs(years - others).astype(np.float64)
        near: NDArray[np.float64] = np.nan_to_num(np.exp(-gap / self.settings.years), nan=0.0)
        return near


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
