"""Taste: what somebody's likes say for each track, as one bounded number.

With x_j the sum of what speaks for track j, by its columns and by other listeners' histories::

    taste_j = x_j / (1 + |x_j|)     in (-1, 1)

It is 0 where nothing is known, and two tracks never tie that x tells apart by more than rounding.
Each part of x, divided by the same 1 + |x_j|, is the part of the taste that it explains.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.features.rows import ascending
from moodtune.preferences.collaborative import CollaborativeModel
from moodtune.preferences.content import ContentIndex
from moodtune.preferences.shared_artists import SharedArtists
from moodtune.preferences.track_values import TrackValues

ARTISTS = "artists"
ERA = "genre and era"
SOUND = "sound"
LISTENERS = "listeners"


class TasteSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``weight``: how far taste may carry a track, in the unit of mood fit (a probability)."""

    weight: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """What one listener's likes say for each track.

    ``likes``  rows of what is liked, ascending
    ``parts``  what speaks for each track: artists, genre and era, sound, and, where histories were
               learnt from, other listeners; any number
    """

    likes: NDArray[np.intp]
    parts: Mapping[str, TrackValues]

    def at(self, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the taste for the tracks in ``rows``, in (-1, 1) [shape=(len(rows),)]."""
        return _bounded(part.at(rows) for part in self.parts.values())

    def shared(self, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the taste for tracks in ``rows`` that are not among ``self.rows``."""
        shared = [part.shared(rows) for part in self.parts.values() if part.by_code is not None]
        return _bounded(shared) if shared else np.zeros(len(rows), dtype=np.float32)

    @property
    def most(self) -> float:
        """No track outside ``rows`` has a higher taste: worked out as for a track, to the bit."""
        return float(_bounded(np.array([part.most], np.float32) for part in self.parts.values())[0])

    @property
    def rows(self) -> NDArray[np.intp]:
        """The tracks of which a part has something of their own to say, ascending."""
        own = [part.rows for part in self.parts.values() if len(part.rows)]
        return own[0] if len(own) == 1 else ascending(np.concatenate([np.empty(0, np.intp), *own]))

    @property
    def own(self) -> NDArray[np.float32]:
        """The taste for the tracks in ``rows``."""
        rows = self.rows
        return _bounded(
            part.own if part.rows is rows else part.at(rows) for part in self.parts.values()
        )

    def scores(self) -> NDArray[np.float32]:
        """Return the taste for each track, in (-1, 1) [shape=(n_tracks,)]."""
        first = next(iter(self.parts.values()))
        return self.at(np.arange(first.n_tracks))

    def explained(self, row: int) -> dict[str, float]:
        """Return each part's share of one track's taste; they add up to its score."""
        one = np.array([row])
        values = {name: float(part.at(one)[0]) for name, part in self.parts.items()}
        scale = 1 + abs(sum(values.values()))
        return {name: value / scale for name, value in values.items()}


def _bounded(parts: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the module's formula, of what each part speaks for some tracks."""
    total = reduce(np.add, parts)
    bounded: NDArray[np.float32] = total / (1 + np.abs(total))
    return bounded


@dataclass(frozen=True, slots=True, kw_only=True)
class TasteModel:
    """What likes are compared by: the catalog's columns, and histories where there were any."""

    content: ContentIndex
    collaborative: CollaborativeModel | None = None

    def __post_init__(self) -> None:
        if self.collaborative is not None and len(self.collaborative) != len(self.content):
            raise ValueError(
                f"{len(self.content)} tracks, but histories over {len(self.collaborative)}"
            )

    def of(
        self, likes: NDArray[np.integer], weights: NDArray[np.float64] | None = None
    ) -> Taste | None:
        """Return the taste of somebody who likes the tracks in the given rows.

        ``weights`` in [0, 1] are what each of ``likes`` counts, all 1 unless given. The order and
        repetitions of ``likes`` make no difference; of several weights the largest counts. None
        where there are no likes: then nothing is known, and whoever asks can say so.
        """
        rows = ascending(likes.astype(np.intp))
        if not len(rows):
            return None
        counted = np.ones(len(rows))
        if weights is not None:
            counted[:] = 0
            np.maximum.at(counted, np.searchsorted(rows, likes), weights)
        return self.of_named(SharedArtists.find(self.content.artists, rows), counted)

    def of_named(self, shared: SharedArtists, weights: NDArray[np.float64]) -> Taste:
        """Return the taste of somebody who likes the named tracks of ``shared``, at least one.

        ``weights`` in [0, 1] are what each of them counts; of 0 it is not liked.
        """
        said = self.content.scores_of(shared, weights)
        parts = {ARTISTS: said.artists, ERA: said.era, SOUND: said.sound}
        liked = shared.named[weights > 0]
        if self.collaborative is not None:
            parts[LISTENERS] = self.collaborative.values(liked, weights[weights > 0])
        return Taste(likes=liked, parts=parts)


def with_taste(
    fits: NDArray[np.float32], taste: Taste | None, settings: TasteSettings | None = None
) -> NDArray[np.float32]:
    """Return fits to a mood, shifted by taste: fit + weight * taste [shape=(n_tracks,)].

    No track moves by more than the weight; without a taste none does.
    """
    if taste is None:
        return fits
    weight = np.float32((settings or TasteSettings()).weight)
    shifted: NDArray[np.float32] = fits + weight * taste.scores()
    return shifted
