"""The tracks that are there to be listed: per mood, the best first."""

import weakref
from collections import deque
from collections.abc import Iterable
from functools import cached_property
from math import ceil
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from moodtune.features.rows import among
from moodtune.ranking.additions import Addition
from moodtune.ranking.blocks import Blocks
from moodtune.ranking.bounds import Bounds, Which
from moodtune.ranking.draft import Draft
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.limits import Admission
from moodtune.ranking.scoring import CARRYING, OfRows, by_steps, fit, lots
from moodtune.ranking.searching import FIRST, Ranked
from moodtune.ranking.work import Work

_ONE = np.float32(1)

#: Named once: a function within a function is made, annotations and all, at every call.
_Rows: TypeAlias = NDArray[np.intp]
_Values: TypeAlias = NDArray[Any]

#: Operations that a track goes through where it is read: each limit, each mood, each addition.
_READING = 4

#: Tracks that the first look of a search is for, where few of a block are looked at.
_LOOKED_AT = 128

#: A power of two, many times as many as tracks have something of their own.
_MARKS = 1 << 16


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
        if self._waiting and (waited := self._waited(draft)) is not None:
            return waited
        for rank, row in self._walk:
            draft.work.step(2)
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
    last of all. Of each, only the blocks are read that a search comes to.
    """

    def __init__(
        self,
        index: TrackIndex,
        profile: NDArray[np.float64],
        admission: Admission,
        *,
        addition: Addition | None = None,
        seed: int | None = None,
        work: Work | None = None,
    ) -> None:
        self.index = index
        self.work = work or Work()
        self.profile = profile
        self.moods = tuple(np.flatnonzero(profile).tolist())
        self._admission = admission
        self._addition = addition
        self._seed = seed
        self._kinds = unasked_kinds(index, profile)
        self._ranked: dict[tuple[Which, int], Ranked] = {}
        self._carried: dict[tuple[int, int], bool] = {}

    @property
    def _blocks(self) -> Blocks:
        return self.index.blocks

    def fits(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return how well the tracks in ``rows`` fit ``mood``, with what is added to them."""
        fits = fit(OfRows(self.index.scores.probabilities, rows), mood, self.profile)
        return fits if self._addition is None else fits + self._addition.at(mood, rows)

    def fits_each(
        self, moods: NDArray[np.integer], rows: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return how well each of the tracks fits a mood of its own."""
        fits = np.empty(len(rows), dtype=np.float32)
        for mood in set(moods.tolist()):
            here = moods == mood
            fits[here] = self.fits(mood, rows[here])
        return fits

    def keys(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return what tracks are ordered by for ``mood``: the fits, or steps and lots."""
        return self._keyed(self.fits(mood, rows), rows)

    def carries(self, mood: int, row: int) -> bool:
        """Return whether a track is admitted and can stand for ``mood``."""
        known = self._carried.get((mood, row))
        if known is None:
            self.work.call(1)
            known = bool(self._members("own", mood, np.array([row]))[0])
            self._carried[mood, row] = known
        return known

    def is_kind(self, row: int) -> bool:
        """Return whether a track is of a kind that was not asked for."""
        return bool(self._kinds[self.index.leading[row]])

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
        carried = [mood for mood in self.moods if self.carries(mood, row)]
        one = np.array([row])
        return max(carried, key=lambda mood: float(self.fits(mood, one)[0]), default=None)

    def any_admitted(self) -> bool:
        """Return whether any track is there to be listed."""
        ways = (self.own, self.rest, self.strangers)
        return any(way(mood).first(1) for way in ways for mood in self.moods)

    @cached_property
    def admitted(self) -> NDArray[np.integer]:
        """Every admitted track, ascending."""
        self.work.call(len(self.index))
        return self._admission.rows

    @cached_property
    def shortest_ms(self) -> int:
        """The duration of the shortest track that is admitted, 0 without any."""
        durations = self.index.columns.durations_ms[self.admitted]
        return int(durations.min()) if len(durations) else 0

    def _ranking(self, which: Which, mood: int) -> Ranked:
        if (which, mood) not in self._ranked and self._admission.is_narrow:
            self._ranked[which, mood] = Ranked.of(*self._of_admitted(which, mood))
        if (which, mood) not in self._ranked:
            found = self.index.block_orders.bounds(which, mood, self.profile, self._kinds)
            most, addition, first = found.most, self._addition, None
            if addition is not None:
                most = most + np.float32(addition.most(mood))
                first = self._with_own(which, mood, addition)
            if self._seed is not None:
                most = by_steps(most, _ONE)
            # Weakly: a supply that its own rankings held would wait for the collector of cycles.
            me = weakref.proxy(self)
            self._ranked[which, mood] = Ranked(
                Bounds(found.blocks, most, found.in_order),
                lambda some: me.read(which, mood, some),
                first,
                at_first=self._first(),
            )
        return self._ranked[which, mood]

    def read(
        self, which: Which, mood: int, some: NDArray[np.intp]
    ) -> tuple[NDArray[np.integer], NDArray[np.float32]]:
        """Return the members of some blocks and their keys, without those that have their own."""
        at = self._positions(some)
        self.work.read(len(some), len(at), _READING)
        rows = self._blocks.rows.take(at)
        member = self._members(which, mood, rows, at)
        if self._addition is not None:
            member[self._with_their_own(self._addition, rows)] = False
        at, rows = at.compress(member), rows.compress(member)
        fits = fit(OfRows(self._blocks.probabilities.T, at), mood, self.profile)
        if self._addition is not None:
            fits += self._addition.shared(mood, rows)
        return rows, self._keyed(fits, rows)

    def _positions(self, some: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the positions in some blocks that are worth a look."""
        if self._sought is None:
            return self._blocks.positions(some)
        return self._blocks.positions_among(self._sought, some)

    @cached_property
    def _sought(self) -> NDArray[np.int32] | None:
        """Where in the blocks the tracks are that the narrowest genres leave; None for anywhere."""
        fewest = self._admission.fewest
        if fewest is None or fewest.genres is None:
            return None
        return self.index.positions_with(fewest.genres)

    def _first(self) -> int:
        """Return how many blocks are likely to hold what a list looks at first."""
        if self._sought is None:
            return FIRST
        per_block = max(len(self._sought), 1) / max(len(self._blocks), 1)
        return max(FIRST, ceil(_LOOKED_AT / per_block))

    def _of_admitted(
        self, which: Which, mood: int
    ) -> tuple[NDArray[np.integer], NDArray[np.float32]]:
        """Return the members among the admitted tracks, and their keys."""
        self.work.read(0, len(self._admission.rows), _READING)
        rows = self._admission.rows
        rows = rows[self._are(which, mood, rows)]
        return rows, self.keys(mood, rows)

    @cached_property
    def _admits_own(self) -> NDArray[np.bool_]:
        """Which tracks are admitted of those of which something of their own is known."""
        rows = np.empty(0, np.intp) if self._addition is None else self._addition.rows
        return self._admission.passing(rows)

    @cached_property
    def _marks(self) -> NDArray[np.bool_]:
        """Marks the lowest bits of rows of which something of their own is known."""
        marks = np.zeros(_MARKS, dtype=np.bool_)
        if self._addition is not None:
            marks[self._addition.rows & (_MARKS - 1)] = True
        return marks

    def _with_their_own(self, addition: Addition, rows: NDArray[np.integer]) -> NDArray[np.intp]:
        """Return the places in ``rows`` of tracks of which something of their own is known."""
        maybe = np.flatnonzero(self._marks.take(rows & (_MARKS - 1)))
        return maybe[among(addition.rows, rows.take(maybe))]

    def _with_own(
        self, which: Which, mood: int, addition: Addition
    ) -> tuple[NDArray[np.integer], NDArray[np.float32]] | None:
        """Return the members of which something of their own is known, and their keys."""
        if not len(addition.rows):
            return None
        self.work.read(0, len(addition.rows), _READING)
        member = self._admits_own & self._are(which, mood, addition.rows)
        rows = addition.rows.compress(member)
        fits = fit(OfRows(self.index.scores.probabilities, rows), mood, self.profile)
        return rows, self._keyed(fits + addition.own(mood).compress(member), rows)

    def _members(
        self,
        which: Which,
        mood: int,
        rows: NDArray[np.integer],
        at: NDArray[np.intp] | None = None,
    ) -> NDArray[np.bool_]:
        """Return which tracks in ``rows``, at positions ``at``, are such and are admitted."""
        if at is None:
            return self._admission.passing(rows) & self._are(which, mood, rows)

        def values(column: str, left: _Rows) -> _Values:
            of_all = len(left) == len(at)  # ``left`` ascends
            found: _Values = self.index.in_blocks(column).take(at if of_all else at.take(left))
            return found

        known = self._admission.fewest if self._sought is not None else None
        passing = self._admission.passing(rows, values, but=known)
        return passing & self._are(which, mood, rows, at)

    def _are(
        self,
        which: Which,
        mood: int,
        rows: NDArray[np.integer],
        at: NDArray[np.intp] | None = None,
    ) -> NDArray[np.bool_]:
        """Return which tracks in ``rows``, at positions ``at``, are such; of all kinds or moods."""
        if which == "own" and len(self.moods) > 1:
            member = self._carrying(mood, rows, at)
        else:
            member = np.full(len(rows), which != "rest" or len(self.moods) > 1)
        if which == "rest":
            for other in self.moods:
                member &= ~self._carrying(other, rows, at)
        if at is None:  # no block says that they are none
            is_kind = self._kinds.take(self.index.leading.take(rows))
            member &= is_kind if which == "kinds" else ~is_kind
        return member

    def _carrying(
        self, mood: int, rows: NDArray[np.integer], at: NDArray[np.intp] | None
    ) -> NDArray[np.bool_]:
        if at is None:
            probabilities = self.index.scores.probabilities[:, mood][rows]
            strongest = self.index.strongest.take(rows)
        else:
            probabilities = self._blocks.probabilities[mood].take(at)
            strongest = self._blocks.strongest.take(at)
        carrying: NDArray[np.bool_] = probabilities >= CARRYING * strongest
        return carrying

    def _keyed(self, fits: NDArray[np.float32], rows: NDArray[np.integer]) -> NDArray[np.float32]:
        return fits if self._seed is None else by_steps(fits, lots(self._seed, rows))


def unasked_kinds(index: TrackIndex, profile: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which moods are kinds (talkative, live) that the profile does not ask for."""
    return np.array(
        [
            not mood.offered and share == 0
            for mood, share in zip(index.taxonomy.moods, profile, strict=True)
        ]
    )
