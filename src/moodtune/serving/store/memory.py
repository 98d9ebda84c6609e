"""What a list needs to know of its listener, in one statement that gives one row.

Among threads every row costs a wait for the interpreter, so the database puts the rows together
and they are decoded at once.
"""

from collections.abc import Sequence
from datetime import date
from operator import attrgetter

import msgspec
import sqlalchemy as sa

from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import schema
from moodtune.serving.store.database import Database
from moodtune.serving.store.listeners import LISTENER_ID
from moodtune.serving.store.moments import days_before
from moodtune.serving.store.nouns import Memory

_EVENTS = msgspec.json.Decoder(list[FeedbackEvent])
_LISTS = msgspec.json.Decoder(list[tuple[str, list[str]]])
_MIDNIGHT = "T00:00:00Z"
_AT = attrgetter("at")


class Recall:
    """Reads a listener's memory."""

    def __init__(self, database: Database, settings: ServingSettings) -> None:
        self._database, self._settings = database, settings
        events, lists = _events(settings), _lists(settings)
        self._statement = database.prepare(
            sa.select(database.joined(events.c.event), database.joined(lists.c.list))
        )

    def of(self, listener: str, today: date) -> Memory:
        """Return what counts today; nothing of a listener who is not known."""
        first = days_before(today, self._settings.shown_days)
        values = {"listener": listener, "first": first.isoformat(), "today": today.isoformat()}
        row = self._database.read(self._statement, values)
        if row is None:
            return Memory()
        events = _EVENTS.decode(f"[{row[0] or ''}]")
        events.sort(key=_AT)
        return Memory(
            feedback=tuple(events),
            shown=_shown(_LISTS.decode(f"[{row[1] or ''}]"), self._settings.recalled_shown),
        )


def _events(settings: ServingSettings) -> sa.Subquery:
    """Select every ban, and the newest of the rest."""
    table = schema.feedback
    bans = sa.select(table.c.event).where(table.c.listener_id == LISTENER_ID, table.c.ban)
    rest = (
        sa.select(table.c.event)
        .where(table.c.listener_id == LISTENER_ID, ~table.c.ban)
        .order_by(table.c.at.desc(), table.c.key.desc())
        .limit(settings.recalled_events)
        .subquery()
    )
    return sa.union_all(bans, sa.select(rest.c.event)).subquery()


def _lists(settings: ServingSettings) -> sa.Subquery:
    """Select the newest lists, each as a pair: ``["2026-11-23",["id","id"]]``."""
    table = schema.shown
    start, middle, end = (sa.literal_column(f"'{part}'", sa.Text) for part in ('["', '",', "]"))
    pair = start.concat(table.c.day).concat(middle).concat(table.c.track_ids).concat(end)
    return (
        sa.select(pair.label("list"))
        .where(
            table.c.listener_id == LISTENER_ID,
            table.c.day >= sa.bindparam("first", type_=schema.TEXT),
            table.c.day < sa.bindparam("today", type_=schema.TEXT),
        )
        .order_by(table.c.day.desc(), table.c.digest.desc())
        .limit(settings.recalled_lists)
        .subquery()
    )


def _shown(lists: Sequence[tuple[str, list[str]]], most: int) -> tuple[ShownEvent, ...]:
    """Return each track of a day once, the newest days first."""
    days: dict[str, list[str]] = {}
    several: set[str] = set()
    for day, track_ids in lists:
        if day in days:
            days[day] += track_ids
            several.add(day)
        else:
            days[day] = track_ids
    for day in several:
        days[day] = list(dict.fromkeys(days[day]))
    return tuple(
        [
            ShownEvent(track_id=track_id, at=at)
            for day in sorted(days, reverse=True)
            for at in (day + _MIDNIGHT,)
            for track_id in days[day]
        ][:most]
    )
