"""The tracks that are there to be listed: per mood, the best first."""

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from moodtune.ranking.draft import Draft
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.scoring import best_first, carriers, fit, order_keys

_FIRST_CHUNK = 512
_GROWTH = 8


class Ranked:
    """Rows best first, sorted no further than somebody looks; ties by row."""

    def __init__(self, rows: NDArray[np.intp], keys: NDArray[np.float32]) -> None:
        self.rows = rows
        self._keys = keys[rows]
        self._order: list[int] = []

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[int]:
        position = 0
        while self._reaches(position + 1):
            yield self._order[position]
            position += 1

    def first(self, count: int) -> list[int]:
        """Return the ``count`` best rows, or all."""
        self._reaches(count)
        return self._order[:count]

    def _reaches(self, count: int) -> bool:
        while len(self._order) < min(count, len(self.rows)):
            wanted = max(_FIRST_CHUNK, _GROWTH * len(self._order), count)
            self._order = self.rows[best_first(self._keys, wanted)].tolist()
        return count <= len(self._order)


class Queue:
    """A walk through ranked rows, to the best that can take the next place of a draft.

    Rows that are spent are never looked at again; those too near another track of their artists
    wait, and the best of each group of artists is asked again.
    """

    def __init__(self, ranked: Iterable[int]) -> None:
        self._walk = enumerate(ranked)
        self._waiting: dict[tuple[int, ...], deque[tuple[int, int]]] = {}

    def take(self, draft: Draft) -> int | None:
        """Return the best row that can take the next place, and take it out; None if none can."""
        if (waited := self._waited(draft)) is not None:
            return waited
        for rank, row in self._walk:
            if draft.is_spent(row):
                continue
            if not draft.is_too_near(row):
                return row
            self._waiting.setdefault(draft.names(row), deque()).append((rank, row))
        return None

    def _waited(self, draft: Draft) -> int | None:
        best: deque[tuple[int, int]] | None = None
        for group in self._waiting.values():
            while group and draft.is_spent(group[0][1]):
                group.popleft()
            if (
                group
                and not draft.is_too_near(group[0][1])
                and (best is None or group[0] < best[0])
            ):
                best = group
        return best.popleft()[1] if best else None


class Supply:
    """The tracks that a query admits, by mood.

    A mood's own are those that can stand for it; with one mood alone all but the kinds can. The
    rest can stand for no mood of the mix. Kinds (talkative, live) that were not asked for come
    last of all.
    """

    def __init__(
        self,
        index: TrackIndex,
        profile: NDArray[np.float64],
        admitted: NDArray[np.bool_],
        *,
        adjustments: NDArray[np.float32] | None = None,
        seed: int | None = None,
    ) -> None:
        self.index = index
        self.profile = profile
        self.admitted = admitted
        self.moods = tuple(np.flatnonzero(profile).tolist())
        self.kinds = kept_out(index, profile)
        self._adjustments = adjustments
        self._seed = seed
        self._music = admitted & ~self.kinds
        self._fits: dict[int, NDArray[np.float32]] = {}
        self._keys: dict[int, NDArray[np.float32]] = {}
        self._carriers: dict[int, NDArray[np.bool_]] = {}
        self._ranked: dict[tuple[str, int], Ranked] = {}

    def fits(self, mood: int) -> NDArray[np.float32]:
        """Return how well each track fits ``mood``, adjusted [shape=(n_tracks,)]."""
        if mood not in self._fits:
            fits = fit(self.index.scores, mood, self.profile)
            if self._adjustments is not None:
                more = self._adjustments
                fits = fits + (more if more.ndim == 1 else more[mood])
            self._fits[mood] = fits
        return self._fits[mood]

    def keys(self, mood: int) -> NDArray[np.float32]:
        """Return what tracks are ordered by for ``mood``: the fits, or steps and lots."""
        if mood not in self._keys:
            self._keys[mood] = order_keys(self.fits(mood), self._seed)
        return self._keys[mood]

    def carriers(self, mood: int) -> NDArray[np.bool_]:
        """Return which admitted tracks can stand for ``mood`` [shape=(n_tracks,)]."""
        if mood not in self._carriers:
            one = len(self.moods) == 1
            found = self._music if one else self._music & carriers(self.index, mood)
            self._carriers[mood] = found
        return self._carriers[mood]

    def own(self, mood: int) -> Ranked:
        """Return the tracks that can stand for ``mood``."""
        return self._ranking("own", mood)

    def rest(self, mood: int) -> Ranked:
        """Return the tracks that can stand for no mood of the mix, best for ``mood`` first."""
        return self._ranking("rest", mood)

    def strangers(self, mood: int) -> Ranked:
        """Return the tracks of a kind that was not asked for, best for ``mood`` first."""
        return self._ranking("kinds", mood)

    def stands_for(self, row: int) -> int | None:
        """Return the mood of the mix that a track stands for best, or None; ties in order."""
        carried = [mood for mood in self.moods if self.carriers(mood)[row]]
        return max(carried, key=lambda mood: self.fits(mood)[row], default=None)

    def _ranking(self, which: str, mood: int) -> Ranked:
        if (which, mood) not in self._ranked:
            rows = np.flatnonzero(self._members(which, mood))
            self._ranked[which, mood] = Ranked(rows, self.keys(mood))
        return self._ranked[which, mood]

    def _members(self, which: str, mood: int) -> NDArray[np.bool_]:
        if which == "own":
            return self.carriers(mood)
        if which == "kinds":
            return self.admitted & self.kinds
        rest = self._music.copy()
        for other in self.moods:
            rest &= ~self.carriers(other)
        return rest


def kept_out(index: TrackIndex, profile: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which tracks are of a kind (talkative, live) that the profile does not ask for."""
    unasked = [
        not mood.offered and share == 0
        for mood, share in zip(index.taxonomy.moods, profile, strict=True)
    ]
    out: NDArray[np.bool_] = np.array(unasked)[index.leading]
    return out
