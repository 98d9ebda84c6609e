"""Tables of what somebody said of tracks, and of what was shown: rows with a time in UTC."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
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

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
#: RFC 3339, section 5.6, where it says UTC; 23:59:60 is a leap second.
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d|23:59:60)(\.\d+)?"
    r"(?:[Zz]|[+-]00:00)",
    re.ASCII,
)


class FeedbackEvent(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False
):
    """What somebody did when a track was listed for a mood.

    ``key``  names the event: said twice it counts once
    ``at``   when, RFC 3339 in UTC: ``2026-11-23T18:30:00Z``
    """

    key: str
    track_id: str
    mood: str
    action: Action
    at: str


class ShownEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A track that was listed, and when, RFC 3339 in UTC."""

    track_id: str
    at: str


def day_of(at: str) -> date:
    """Return the day of a moment, RFC 3339 in UTC; QueryError if it is none.

    >>> day_of("2026-11-23T18:30:00Z")
    datetime.date(2026, 11, 23)
    """
    day = _day_of_moment(at)
    if day is None:
        raise QueryError(_expected_moment(at))
    return day


def in_order(at: str) -> str | None:
    """Return text that sorts as the moments do that it stands for; None for no day and no moment.

    A day alone is its beginning.

    >>> in_order("2026-11-23"), in_order("2026-11-23t18:30:00.50z")
    ('2026-11-23', '2026-11-23T18:30:00.5')
    """
    if _day(at) is not None:
        return at
    found = _MOMENT.fullmatch(at)
    if found is None or _day(found[1]) is None:
        return None
    fraction = (found[3] or "").rstrip("0")
    return f"{found[1]}T{found[2]}{fraction if fraction != '.' else ''}"


def today_of(text: str | None) -> date:
    """Return the day that a query is asked on; QueryError if it says none, or no day."""
    if text is None:
        raise QueryError("feedback and shown grow old: say today as well, as in 2026-11-23")
    if (day := _day(text)) is None:
        raise QueryError(f"today must be a day, as in 2026-11-23, got {text!r}")
    return day


def read_feedback(path: Path, *, limits: TableLimits | None = None) -> tuple[FeedbackEvent, ...]:
    """Read a table of ``key,track_id,mood,action,at``; TableError with a sentence otherwise.

    A key that comes again must say the same, and counts once. A table without rows says nothing.
    """
    table = read_table(path, limits=limits or TableLimits(), may_be_empty=True)
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
    """Read a table of ``track_id,at``, or none of it yet; TableError with a sentence otherwise."""
    table = read_table(path, limits=limits or TableLimits(), may_be_empty=True)
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
        if _day_of_moment(values[-1]) is None:
            raise TableError(f"{where} row {row}: {_expected_moment(values[-1])}")
        yield row, list(values)


def _day_of_moment(text: str) -> date | None:
    found = _MOMENT.fullmatch(text)
    return None if found is None else _day(found[1])


@lru_cache(maxsize=4096)
def _day(text: str) -> date | None:
    try:
        # The library also reads 20261123 and 2026-W48-1, which are other standards'.
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:  # a thirtieth of February
        return None


def _expected_moment(text: str) -> str:
    return (
        "at must be a moment in UTC as RFC 3339 has it, as in 2026-11-23T18:30:00Z, "
        f"got {quoted(text)}"
    )
