"""Tables of what somebody said of tracks, and of what was shown: rows with a time in UTC."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import msgspec
import polars as pl

from moodtune.catalog.aliases import listed
from moodtune.errors import ColumnError, QueryError, TableError
from moodtune.preferences.matching import bare_ids, id_column
from moodtune.tables.limits import TableLimits
from moodtune.tables.reading import read_table
from moodtune.tables.table import Table
from moodtune.tables.text import literal, quoted

Action = Literal["like", "skip", "ban"]
ACTIONS: tuple[str, ...] = get_args(Action)

KEY, MOOD, ACTION, AT = "key", "mood", "action", "at"


class FeedbackEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody did when a track was listed for a mood.

    ``key``  names the event: said twice it counts once
    ``at``   when, RFC 3339 in UTC: ``2026-11-23T18:30:00Z``
    """

    key: str
    track_id: str
    mood: str
    action: Action
    at: str


class ShownEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A track that was listed, and when, RFC 3339 in UTC."""

    track_id: str
    at: str


@lru_cache(maxsize=4096)  # what was listed at once has one and the same moment
def day_of(at: str) -> date:
    """Return the day of a moment, RFC 3339 in UTC; QueryError if it is none.

    >>> day_of("2026-11-23T18:30:00Z")
    datetime.date(2026, 11, 23)
    """
    moment = _moment(at)
    if moment is None:
        raise QueryError(_expected_moment(at))
    return moment.date()


def today_of(text: str | None) -> date:
    """Return the day that a query is asked on; QueryError if it says none, or no day."""
    if text is None:
        raise QueryError("feedback and shown grow old: say today as well, as in 2026-11-23")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise QueryError(f"today must be a day, as in 2026-11-23, got {text!r}") from None


def read_feedback(path: Path, *, limits: TableLimits | None = None) -> tuple[FeedbackEvent, ...]:
    """Read a table of ``key,track_id,mood,action,at``; TableError with a sentence otherwise.

    A key that comes again must say the same, and counts once.
    """
    table = read_table(path, limits=limits or TableLimits())
    found: dict[str, FeedbackEvent] = {}
    for row, (key, track, mood, action, at) in _rows(table, (KEY, MOOD, ACTION, AT)):
        if action not in ACTIONS:
            raise TableError(
                f"{literal(table.name)} row {row}: action must be like, skip or ban, "
                f"got {quoted(action)}"
            )
        event = FeedbackEvent(key=key, track_id=track, mood=mood, action=action, at=at)  # type: ignore[arg-type]
        if found.setdefault(key, event) != event:
            raise TableError(
                f"{literal(table.name)} row {row}: key {quoted(key)} is another event already; "
                "give each event a key of its own"
            )
    return tuple(found.values())


def read_shown(path: Path, *, limits: TableLimits | None = None) -> tuple[ShownEvent, ...]:
    """Read a table of ``track_id,at``; TableError with a sentence otherwise."""
    table = read_table(path, limits=limits or TableLimits())
    events = [ShownEvent(track_id=track, at=at) for _, (track, at) in _rows(table, (AT,))]
    return tuple(dict.fromkeys(events))


def _rows(table: Table, names: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's number from 1, and its cells: the id second of several, else first."""
    frame, where = table.frame, literal(table.name)
    track = id_column(frame.columns, table.name)
    found = {name.strip().lower(): name for name in frame.columns}
    for name in names:
        if name not in found:
            raise ColumnError(
                f"{where}: expected a column {name!r}, and there is none; "
                f"its columns are: {listed(frame.columns)}"
            )
    cells = [frame[found[name]].cast(pl.String) for name in names]
    cells.insert(1 if len(names) > 1 else 0, bare_ids(frame, track))
    labels = [names[0], "track_id", *names[1:]] if len(names) > 1 else ["track_id", *names]
    for row, values in enumerate(zip(*cells, strict=True), start=1):
        for label, value in zip(labels, values, strict=True):
            if value is None:
                raise TableError(f"{where} row {row}: {label} is blank; every row needs one")
        if _moment(values[-1]) is None:
            raise TableError(f"{where} row {row}: {_expected_moment(values[-1])}")
        yield row, list(values)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    # The parser gives one and the same object for UTC: no offset need be worked out.
    if moment.tzinfo is UTC or (moment.tzinfo is not None and not moment.utcoffset()):
        return moment
    return None


def _expected_moment(text: str) -> str:
    return (
        "at must be a moment in UTC as RFC 3339 has it, as in 2026-11-23T18:30:00Z, "
        f"got {quoted(text)}"
    )
