"""Which tracks take the places: the mix, the artist cap, no song twice."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog import schema
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.quota import turns
from moodtune.ranking.scoring import best_first, fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of a list: the row of the track, the mood it is given to, and the fit to it."""

    row: int
    mood: int
    score: float
    of_a_kind: bool  # the track is of a kind that lists keep out, taken for want of others


@dataclass(slots=True)
class _Cap:
    """How often each artist has been taken; every artist of a track counts."""

    limit: int
    artists: pl.Series
    taken: Counter[str] = field(default_factory=Counter)

    def allows(self, row: int) -> bool:
        return all(self.taken[name] < self.limit for name in self._names(row))

    def take(self, row: int) -> None:
        self.taken.update(self._names(row))

    def _names(self, row: int) -> list[str]:
        # Folded, since "ABBA" and "Abba" are one artist to a listener; once per track.
        names = self.artists[row]
        return [] if names is None else sorted({name.casefold() for name in names})


def kept_out(index: TrackIndex, profile: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which tracks are of a kind (talkative, live) that the profile does not ask for."""
    unasked = [
        not mood.offered and share == 0
        for mood, share in zip(index.taxonomy.moods, profile, strict=True)
    ]
    out: NDArray[np.bool_] = np.array(unasked)[index.scores.leading()]
    return out


def select(
    index: TrackIndex, profile: NDArray[np.float64], *, n: int, artist_cap: int
) -> list[Place]:
    """Return up to ``n`` places, best first, that keep the mix of ``profile`` in every prefix.

    ``profile`` [shape=(n_moods,)] sums to 1. Each place takes the track that fits its mood best,
    ties by track id. Tracks of a kind come only when asked for, or when nothing else is left.
    The list is shorter than ``n`` where the cap leaves no more tracks.
    """
    out = kept_out(index, profile)
    cap = _Cap(limit=artist_cap, artists=index.tracks[schema.ARTISTS])
    queues = {
        int(mood): _candidates(index, int(mood), profile, out, n)
        for mood in np.flatnonzero(profile)
    }
    used: set[int] = set()
    places: list[Place] = []
    for mood in turns(profile.tolist()):
        if len(places) == n:
            break
        place = next((p for p in queues[mood] if p.row not in used and cap.allows(p.row)), None)
        if place is None:  # every queue holds every track: nothing is left for any mood
            break
        used.add(place.row)
        cap.take(place.row)
        places.append(place)
    return places


def _candidates(
    index: TrackIndex, mood: int, profile: NDArray[np.float64], out: NDArray[np.bool_], n: int
) -> Iterator[Place]:
    """Yield every track once, best fit to ``mood`` first, tracks of a kind after all others."""
    fits = fit(index.scores, mood, profile)
    for of_a_kind in (False, True):
        rows = np.flatnonzero(out == of_a_kind)
        for position in _in_order(fits[rows], first=16 * n):
            row = int(rows[position])
            yield Place(row=row, mood=mood, score=float(fits[row]), of_a_kind=of_a_kind)


def _in_order(fits: NDArray[np.float32], first: int) -> Iterator[np.intp]:
    """Yield all positions, best first, sorting no more of them than are asked for."""
    done, wanted = 0, first
    while done < len(fits):
        yield from best_first(fits, wanted)[done:]
        done, wanted = wanted, wanted * 8
