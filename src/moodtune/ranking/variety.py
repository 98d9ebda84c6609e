"""Diversity: how alike two tracks are, and the track that adds most to a list.

Maximal marginal relevance (Carbonell and Goldstein, The use of MMR, diversity-based reranking for
reordering documents and producing summaries, SIGIR 1998, 335-336): with diversity d the next place
takes the track with the largest

    (1 - d) * fit - d * max over the tracks listed so far of similarity

in a pool of the ``POOL`` best tracks per place and mood. The similarity of two tracks, in [0, 1]::

    .6 * (1 - mean over features of |difference of rank|) + .2 * genres + .2 * artists

``genres`` is the share of their genres that both have (Jaccard), ``artists`` 1 where they share
one. In a catalog without genres the other two weights stand for all.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import GENRES
from moodtune.features.code_lists import Lists
from moodtune.ranking.draft import Draft
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.supply import Supply

#: Tracks per place and mood of the mix that diversity chooses from.
POOL = 20

#: Tracks that a search for the largest number sees in the time that one counts for.
_SEEN = 100

FEATURES_WEIGHT, GENRES_WEIGHT, ARTISTS_WEIGHT = 0.6, 0.2, 0.2


class Likeness:
    """How alike the tracks in ``rows`` are to any track."""

    def __init__(self, index: TrackIndex, rows: NDArray[np.intp]) -> None:
        self._index = index
        self._position = {row: position for position, row in enumerate(rows.tolist())}
        self._ranks = ranks_of(index, rows)
        n_features = self._ranks.shape[1]
        self._mean = np.full(n_features, 1 / n_features, dtype=np.float32)
        columns = index.columns
        self._artists = _Sets(columns.artists, rows)
        self._genres = _Sets(columns.genres, rows) if columns.has(GENRES) else None

    def to(self, row: int) -> NDArray[np.float32]:
        """Return the similarity of each of the tracks to another [shape=(len(rows),)]."""
        if (position := self._position.get(row)) is not None:
            ranks = self._ranks[position]
        else:
            ranks = ranks_of(self._index, np.array([row], dtype=np.intp))[0]
        away = np.abs(self._ranks - ranks) @ self._mean
        shared, _ = self._artists.shared(self._index.columns.artists.of_row(row))
        genres = None
        if self._genres is not None:
            genres = self._genres.shared(self._index.columns.genres.of_row(row))
        return _alike(away, shared, genres)

    def pairs(self) -> NDArray[np.float32]:
        """Return the similarity of each of the tracks to each [shape=(len(rows), len(rows))]."""
        away = np.abs(self._ranks[:, None] - self._ranks) @ self._mean
        genres = None if self._genres is None else self._genres.of_pairs()
        return _alike(away, self._artists.of_pairs()[0], genres)


def _alike(
    away: NDArray[np.float32],
    shared: NDArray[np.float64],
    genres: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
) -> NDArray[np.float32]:
    """Return the module's formula; ``genres`` that both tracks and either of them have."""
    alike = FEATURES_WEIGHT * (1 - away) + ARTISTS_WEIGHT * (shared > 0)
    if genres is None:
        alike /= FEATURES_WEIGHT + ARTISTS_WEIGHT
    else:
        both, either = genres
        alike += GENRES_WEIGHT * both / np.maximum(either, 1)
    similarity: NDArray[np.float32] = alike.astype(np.float32)
    return similarity


class _Sets:
    """Which names each of some rows has."""

    def __init__(self, lists: Lists, rows: NDArray[np.intp]) -> None:
        self._sizes = lists.starts[rows + 1] - lists.starts[rows]
        self._owners, self._codes = lists.pairs(rows)

    def shared(self, codes: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return how many of ``codes`` each row has, and how many names either of the two has."""
        has = np.zeros(len(self._codes), dtype=np.bool_)
        for code in codes:
            has |= self._codes == code
        both = np.bincount(self._owners[has], minlength=len(self._sizes)).astype(np.float64)
        return both, self._sizes + len(codes) - both

    def of_pairs(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the same of each of the rows with each [shape=(n_rows, n_rows)]."""
        first, second = np.nonzero(self._codes[:, None] == self._codes)
        n = len(self._sizes)
        shared = np.bincount(self._owners[first] * n + self._owners[second], minlength=n * n)
        both = shared.reshape(n, n).astype(np.float64)
        return both, self._sizes[:, None] + self._sizes - both


def ranks_of(index: TrackIndex, rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the rank of each feature within the catalog [shape=(len(rows), n_features)]."""
    return index.song_model.ranks(index.features[rows])


def similarities(index: TrackIndex, rows: list[int]) -> list[NDArray[np.float32]]:
    """Return how alike each track of a list is to each that is listed before it.

    One array per place, of so many similarities as there are earlier places [shape=(place,)].
    """
    if not rows:
        return []
    alike = Likeness(index, np.array(rows, dtype=np.intp)).pairs()
    return [alike[place, :place] for place in range(len(rows))]


def mean_similarity(to_earlier: Sequence[NDArray[np.float32]]) -> float | None:
    """Return the mean of what `similarities` gave of all pairs; None with fewer than two tracks."""
    n = len(to_earlier)
    if n < 2:  # noqa: PLR2004 - a pair
        return None
    return float(np.concatenate(to_earlier).mean(dtype=np.float64))


def list_similarity(index: TrackIndex, rows: list[int]) -> float | None:
    """Return the mean similarity of all pairs of tracks of a list; None with fewer than two."""
    return mean_similarity(similarities(index, rows))


class Variety:
    """The next track of a mood by maximal marginal relevance."""

    def __init__(self, supply: Supply, diversity: float, places: int) -> None:
        pools = [supply.own(mood).first(POOL * places) for mood in supply.moods]
        self._rows = np.unique(np.array([row for pool in pools for row in pool], dtype=np.intp))
        self._likeness = Likeness(supply.index, self._rows)
        self._fits = {m: (1 - diversity) * supply.keys(m, self._rows) for m in supply.moods}
        self._members = {
            mood: np.isin(self._rows, pool) for mood, pool in zip(supply.moods, pools, strict=True)
        }
        self._diversity = np.float32(diversity)
        self._listed: list[int] = []
        self._nearest = np.zeros(len(self._rows), dtype=np.float32)

    def take(self, mood: int, draft: Draft) -> int | None:
        """Return the track of ``mood`` that adds most to the draft; None if the pool has none."""
        self._look_at(draft)
        worth = self._fits[mood] - self._diversity * self._nearest
        worth[~self._members[mood]] = -np.inf
        while len(worth):
            draft.work.call(len(worth) // _SEEN)
            best = int(np.argmax(worth))
            if worth[best] == -np.inf:
                break
            row = int(self._rows[best])
            if draft.is_spent(row):
                self._members[mood][best] = False
            elif not draft.is_too_near(row):
                return row
            worth[best] = -np.inf
        return None

    def restart(self) -> None:
        """Forget what was learnt of a draft that has changed."""
        self._listed = []
        self._nearest[:] = 0

    def _look_at(self, draft: Draft) -> None:
        for row in draft.rows[len(self._listed) :]:
            draft.work.call(2 * len(self._rows))
            np.maximum(self._nearest, self._likeness.to(row), out=self._nearest)
            self._listed.append(row)
