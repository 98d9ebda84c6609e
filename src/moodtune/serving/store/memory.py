"""What a list needs to know of its listener, in one statement that gives one row.

Among threads every row costs a wait for the interpreter, so the database puts the rows together
and they are decoded at once.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from operator import attrgetter

import msgspec
import sqlalchemy as sa

from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import schema
from moodtune.serving.store.database import Database, Prepared
from moodtune.serving.store.listeners import LISTENER_ID
from moodtune.serving.store.nouns import Memory

_EVENTS = msgspec.json.Decoder(tuple[FeedbackEvent, ...])
_DAYS = msgspec.json.Decoder(dict[str, list[str]])
_MIDNIGHT = "T00:00:00Z"


class Recall:
    """Reads a listener's memory."""

    def __init__(self, database: Database, settings: ServingSettings) -> None:
        self._database, self._settings = database, settings
        self._statement = _statement(database, settings)

    def of(self, listener: str, today: date) -> Memory:
        """Return what counts today; nothing of a listener who is not known."""
        first = today - timedelta(days=self._settings.shown_days)
        values = {"listener": listener, "first": first.isoformat(), "today": today.isoformat()}
        row = self._database.read(self._statement, values)
        if row is None:
            return Memory()
        events = sorted(_EVENTS.decode(f"[{row[0] or ''}]"), key=attrgetter("at", "key"))
        return Memory(
            feedback=tuple(events),
            likes=_likes(events, self._settings.recalled_likes),
            shown=_shown(_DAYS.decode(f"{{{row[1] or ''}}}"), self._settings.recalled_shown),
        )


def _statement(database: Database, settings: ServingSettings) -> Prepared:
    table = schema.feedback
    bans = sa.select(table.c.event).where(table.c.listener_id == LISTENER_ID, table.c.ban)
    rest = (
        sa.select(table.c.event)
        .where(table.c.listener_id == LISTENER_ID, ~table.c.ban)
        .order_by(table.c.at.desc(), table.c.key.desc())
        .limit(settings.recalled_events)
        .subquery()
    )
    events = sa.union_all(bans, sa.select(rest.c.event)).subquery()
    days = _days()
    return database.prepare(sa.select(database.joined(events.c.event), database.joined(days.c.day)))


def _days() -> sa.Subquery:
    """Select each day as a member of an object: ``"2026-11-23":["id", "id"]``."""
    table = schema.shown
    member = sa.literal('"').concat(table.c.day).concat('":').concat(table.c.track_ids)
    return (
        sa.select(member.label("day"))
        .where(
            table.c.listener_id == LISTENER_ID,
            table.c.day >= sa.bindparam("first", type_=schema.TEXT),
            table.c.day < sa.bindparam("today", type_=schema.TEXT),
        )
        .subquery()
    )


def _likes(events: Sequence[FeedbackEvent], most: int) -> tuple[str, ...]:
    latest: dict[str, bool] = {}
    for event in reversed(events):
        latest.setdefault(event.track_id, event.action == "like")
    return tuple([track_id for track_id, liked in latest.items() if liked][:most])


def _shown(days: dict[str, list[str]], most: int) -> tuple[ShownEvent, ...]:
    found: list[ShownEvent] = []
    for day in sorted(days, reverse=True):
        at = day + _MIDNIGHT
        found += [ShownEvent(track_id=track_id, at=at) for track_id in days[day]]
        if len(found) >= most:
            break
    return tuple(found[:most])
