"""Limits are guarantees: which tracks a query admits, and what each limit costs.

A limit is asked about the tracks that a search looks at; of the whole catalog only where somebody
wants to know how many pass.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import DURATION_MS, EXPLICIT, GENRES, POPULARITY, YEAR
from moodtune.errors import QueryError
from moodtune.features.rows import among, ascending
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.query import Query

EXCLUSIONS = "the table of exclusions"
_TEMPO = "tempo"

#: Named once: a function within a function is made, annotations and all, at every call.
_Rows: TypeAlias = NDArray[np.integer]
_Values: TypeAlias = NDArray[np.float32]
_Which: TypeAlias = NDArray[np.bool_]

#: Says of the tracks in some rows whether they pass.
Test = Callable[[_Rows], _Which]

#: Says of the values of some tracks in one column whether they pass.
Accepts = Callable[[NDArray[Any]], NDArray[np.bool_]]

#: Gives the values in a column of some of the tracks that are asked about, by their places.
Values = Callable[[str, NDArray[np.intp]], NDArray[Any]]

#: The columns that limits are on.
LIMITED = (EXPLICIT, DURATION_MS, YEAR, _TEMPO, POPULARITY)

#: Where one limit alone leaves no more tracks, it is quicker to look at them all than in blocks.
_FEW = 4_096

_NOTHING: NDArray[np.intp] = np.empty(0, np.intp)

#: Beyond any value of a column, so that an end of a range may be any number.
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit of a query: which tracks pass it, and of how many that cannot be known.

    A track with a blank cell never passes; ``blank()`` counts these, which takes a look at all. An
    ``idle`` limit is one that no track of the catalog can be kept out by, and ``is_slow`` one that
    is better asked last.
    ``only``  the rows that pass, ascending, where they are known without asking
    ``genres``  codes of genres, of which a track has any, where that is the limit
    ``column``, ``accepts``  for a limit on one column: what its values are tested by
    """

    name: str  # as a person reads it: "genre jazz or soul"
    passes: Test
    blank: Callable[[], int] = int
    idle: bool = False
    is_slow: bool = False
    only: NDArray[np.integer] | None = None
    genres: NDArray[np.intp] | None = None
    column: str | None = None
    accepts: Accepts | None = None

    @classmethod
    def on(
        cls,
        columns: TrackColumns,
        column: str,
        accepts: Accepts,
        *,
        name: str,
        blank: Callable[[], int],
    ) -> "Limit":
        """Return a limit on the values of one column."""
        return cls(
            name=name,
            passes=lambda rows: accepts(columns.values(column).take(rows)),
            blank=blank,
            column=column,
            accepts=accepts,
        )


@dataclass(frozen=True, kw_only=True)
class Admission:
    """The tracks that pass every limit, and the limits."""

    n_tracks: int
    limits: tuple[Limit, ...]
    _asked: list[int] = field(default_factory=lambda: [0])

    def passing(
        self,
        rows: NDArray[np.integer],
        values: Values | None = None,
        *,
        but: Limit | None = None,
    ) -> NDArray[np.bool_]:
        """Return which of the tracks in ``rows`` pass every limit; ``but`` is known to be passed.

        ``values`` gives those of a column quicker than by row, where who asks knows how.
        Limits that leave few make searches look far, one after the other: once as many tracks were
        asked about as there are, all are tested, and from then on looked up.
        """
        if not self.limits:
            return np.ones(len(rows), dtype=np.bool_)
        if self._asked[0] > self.n_tracks:
            passed: NDArray[np.bool_] = self.admitted.take(rows)
            return passed
        self._asked[0] += len(rows)
        return self._tested(rows, but=but, values=values)

    @cached_property
    def admitted(self) -> NDArray[np.bool_]:
        """Which tracks of the catalog pass every limit [shape=(n_tracks,)]."""
        admitted = np.zeros(self.n_tracks, dtype=np.bool_)
        admitted[self.rows] = True
        return admitted

    @cached_property
    def rows(self) -> NDArray[np.integer]:
        """The tracks that pass every limit, ascending."""
        fewest = self.fewest
        if fewest is None or fewest.only is None:
            return np.flatnonzero(self._tested(np.arange(self.n_tracks)))
        return fewest.only[self._tested(fewest.only, but=fewest)]

    @cached_property
    def _tallies(self) -> list[tuple[Limit, "_Tally"]]:
        return [(limit, _Tally()) for limit in self.limits]

    @property
    def is_narrow(self) -> bool:
        """Whether it is quickest to look at ``rows`` and at no other track."""
        return self.fewest is not None and self.alone(self.fewest) <= _FEW

    @cached_property
    def fewest(self) -> Limit | None:
        """The limit that alone leaves fewest, of those of which that is known."""
        known = (limit for limit in self.limits if limit.only is not None)
        return min(known, key=self.alone, default=None)

    def _tested(
        self,
        rows: NDArray[np.integer],
        *,
        but: Limit | None = None,
        values: Values | None = None,
    ) -> NDArray[np.bool_]:
        """Test each limit on what the others have left.

        Those that cost most come last, and those that have kept out most so far first.
        """
        left = np.arange(len(rows))
        for limit, tally in sorted(self._tallies, key=_first_asked):
            if limit is but:
                continue
            asked = len(left)
            if values is None or limit.accepts is None or limit.column is None:
                left = left.compress(limit.passes(rows.take(left)))
            else:
                left = left.compress(limit.accepts(values(limit.column, left)))
            tally.asked += asked
            tally.passed += len(left)
        passed = np.zeros(len(rows), dtype=np.bool_)
        passed[left] = True
        return passed

    def alone(self, limit: Limit) -> int:
        """Return how many tracks ``limit`` lets pass where it is the only one."""
        if limit.only is not None:
            return len(limit.only)
        return int(np.count_nonzero(limit.passes(np.arange(self.n_tracks))))

    def without(self, limit: Limit) -> int:
        """Return how many tracks would be admitted if ``limit`` were lifted."""
        others = tuple(other for other in self.limits if other is not limit)
        return len(Admission(n_tracks=self.n_tracks, limits=others).rows)

    def but(self, rows: NDArray[np.integer]) -> "Admission":
        """Return the admission of the same tracks but those in ``rows``."""
        limit = Limit(name="others", passes=_all_but(np.unique(rows)))
        return Admission(n_tracks=self.n_tracks, limits=(*self.limits, limit))


@dataclass(slots=True)
class _Tally:
    """How many tracks a limit was asked about so far, and let pass."""

    asked: int = 0
    passed: int = 0


def _first_asked(tallied: tuple[Limit, _Tally]) -> tuple[bool, float]:
    limit, tally = tallied
    return limit.is_slow, tally.passed / tally.asked if tally.asked else 0.5


def admission(
    columns: TrackColumns,
    n_tracks: int,
    query: Query,
    banned: NDArray[np.intp] = _NOTHING,
) -> Admission:
    """Return which tracks ``query`` admits; QueryError for a limit the catalog cannot keep.

    ``banned``  the rows of what its feedback bans
    """
    return Admission(n_tracks=n_tracks, limits=tuple(_limits(columns, query, ascending(banned))))


def _limits(columns: TrackColumns, query: Query, banned: NDArray[np.intp]) -> Iterator[Limit]:
    yield from _genres(columns, query)
    if query.no_explicit:
        _require(columns, EXPLICIT, "no_explicit")
        yield Limit.on(
            columns,
            EXPLICIT,
            lambda clean: clean,
            name="no explicit",
            blank=lambda: columns.explicit_blank,
        )
    yield from _ranges(columns, query)
    if query.minutes is not None:
        _require(columns, DURATION_MS, "minutes")
        yield Limit.on(
            columns,
            DURATION_MS,
            lambda durations: ~np.isnan(durations),
            name="a known duration",
            blank=lambda: columns.n_blank(DURATION_MS),
        )
    if query.exclude or query.exclude_songs:
        rows = columns.rows_of(query.exclude)
        if query.exclude_songs:
            rows = np.union1d(rows, columns.rows_of_songs(query.exclude_songs))
        yield Limit(name=EXCLUSIONS, passes=_all_but(rows), idle=not len(rows), is_slow=True)
    if len(banned):
        yield Limit(name="the list of bans", passes=_all_but(banned))


def _all_but(rows: NDArray[np.integer]) -> Test:
    """Return a test that all pass but the tracks in ``rows``, which ascend."""
    return lambda asked: ~among(rows, asked)


def _genres(columns: TrackColumns, query: Query) -> Iterator[Limit]:
    for wanted, name, word in (
        (query.genres, "genres", "genre "),
        (query.not_genres, "not_genres", "not genre "),
    ):
        if wanted:
            _require(columns, GENRES, name)
            genres = columns.genres
            codes = genres.codes_of(wanted)
            having = genres.having(codes)
            any_of = name == "genres"
            yield Limit(
                name=word + " or ".join(wanted),
                passes=having.any_of if any_of else having.none_of,
                blank=lambda: columns.genres.n_blank,
                is_slow=True,
                only=genres.rows_with(codes) if any_of else None,
                genres=codes if any_of else None,
            )


def _ranges(columns: TrackColumns, query: Query) -> Iterator[Limit]:
    most = None if query.max_popularity is None else (0.0, query.max_popularity)
    for name, column, bounds in (
        ("year", YEAR, query.year),
        ("tempo", _TEMPO, query.tempo),
        ("max_popularity", POPULARITY, most),
    ):
        if bounds is None:
            continue
        _require(columns, column, name)
        low, high = (min(max(end, -_LARGEST), _LARGEST) for end in bounds)
        if not low <= high:
            raise QueryError(f"{name} must go from low to high, got {low:g}-{high:g}")
        word = f"popularity up to {high:g}" if bounds is most else f"{name} {low:g}-{high:g}"
        # No beat was heard in a track of tempo 0: its tempo is not known.
        accepts = _between(low, high, above_zero=column == _TEMPO)
        blank = partial(columns.n_blank, column, zero=column == _TEMPO)
        yield Limit.on(columns, column, accepts, name=word, blank=blank)


def _between(low: float, high: float, *, above_zero: bool) -> Accepts:
    def accepts(values: _Values) -> _Which:
        inside: _Which = (values >= low) & (values <= high)  # False where it is blank
        return inside & (values != 0) if above_zero else inside

    return accepts


def _require(columns: TrackColumns, column: str, limit: str) -> None:
    if not columns.has(column):
        raise QueryError(
            f"the limit {limit} cannot be kept: this catalog has no column {column}; leave the "
            f"limit out, or train on tables that have it"
        )
