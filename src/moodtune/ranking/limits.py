"""Limits are guarantees: which tracks a query admits, and what each limit costs."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import DURATION_MS, EXPLICIT, GENRES, POPULARITY, YEAR
from moodtune.errors import QueryError
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.query import Query

EXCLUSIONS = "the table of exclusions"
_TEMPO = "tempo"

#: Beyond any value of a column, so that an end of a range may be any number.
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit of a query: which tracks pass it, and of which it cannot be known.

    A track with a blank cell never passes; ``blank`` says which these are.
    """

    name: str  # as a person reads it: "genre jazz or soul"
    passes: NDArray[np.bool_]
    blank: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The tracks that pass every limit, and the limits."""

    admitted: NDArray[np.bool_]
    limits: tuple[Limit, ...]

    def without(self, limit: Limit) -> int:
        """Return how many tracks would be admitted if ``limit`` were lifted."""
        others = [other.passes for other in self.limits if other is not limit]
        kept = np.logical_and.reduce(others) if others else np.ones(len(self.admitted), np.bool_)
        return int(np.count_nonzero(kept))


def admission(columns: TrackColumns, n_tracks: int, query: Query) -> Admission:
    """Return which tracks ``query`` admits; QueryError for a limit the catalog cannot keep."""
    limits = tuple(_limits(columns, n_tracks, query))
    admitted = np.ones(n_tracks, dtype=np.bool_)
    for limit in limits:
        admitted &= limit.passes
    return Admission(admitted=admitted, limits=limits)


def _limits(columns: TrackColumns, n_tracks: int, query: Query) -> Iterator[Limit]:
    yield from _genres(columns, query)
    if query.no_explicit:
        _require(columns, EXPLICIT, "no_explicit")
        yield Limit(name="no explicit", passes=columns.clean, blank=columns.explicit_blank)
    yield from _ranges(columns, query)
    if query.minutes is not None:
        _require(columns, DURATION_MS, "minutes")
        unknown = np.isnan(columns.numbers(DURATION_MS))
        yield Limit(name="a known duration", passes=~unknown, blank=unknown)
    if query.exclude or query.exclude_songs:
        passes = np.ones(n_tracks, dtype=np.bool_)
        passes[columns.rows_of(query.exclude)] = False
        if query.exclude_songs:
            passes[columns.rows_of_songs(query.exclude_songs)] = False
        yield Limit(name=EXCLUSIONS, passes=passes)
    if banned := [event.track_id for event in query.feedback if event.action == "ban"]:
        passes = np.ones(n_tracks, dtype=np.bool_)
        passes[columns.rows_of(banned)] = False
        yield Limit(name="the list of bans", passes=passes)


def _genres(columns: TrackColumns, query: Query) -> Iterator[Limit]:
    for wanted, name, word in (
        (query.genres, "genres", "genre "),
        (query.not_genres, "not_genres", "not genre "),
    ):
        if wanted:
            _require(columns, GENRES, name)
            found, blank = columns.genres.rows_with(wanted), columns.genres.blank
            passes = found if name == "genres" else ~found & ~blank
            yield Limit(name=word + " or ".join(wanted), passes=passes, blank=blank)


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
        values = columns.numbers(column)
        blank = np.isnan(values)
        if column == _TEMPO:
            blank = blank | (values == 0)  # no beat was heard: its tempo is not known
        with np.errstate(invalid="ignore"):
            passes = (values >= low) & (values <= high) & ~blank
        word = f"popularity up to {high:g}" if bounds is most else f"{name} {low:g}-{high:g}"
        yield Limit(name=word, passes=passes, blank=blank)


def _require(columns: TrackColumns, column: str, limit: str) -> None:
    if not columns.has(column):
        raise QueryError(
            f"the limit {limit} cannot be kept: this catalog has no column {column}; leave the "
            f"limit out, or train on tables that have it"
        )
