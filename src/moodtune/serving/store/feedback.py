"""Feedback: each event once, under the key that its listener gave it."""

from typing import Any

import msgspec
import sqlalchemy as sa

from moodtune.errors import AllowanceError, KeyConflictError
from moodtune.preferences.events import FeedbackEvent
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import schema
from moodtune.serving.store.database import Database
from moodtune.serving.store.listeners import IS_LISTENER, LISTENER_ID, Listeners
from moodtune.serving.store.moments import rewritten
from moodtune.serving.store.texts import MAX_KEY, storable
from moodtune.tables.text import quoted

_TABLE = schema.feedback
_DECODER = msgspec.json.Decoder(FeedbackEvent)


class Feedback:
    """Adds and removes events."""

    def __init__(self, database: Database, listeners: Listeners, settings: ServingSettings) -> None:
        self._database, self._listeners = database, listeners
        self._most = settings.feedback_events
        self._add = database.prepare(_add(database, self._most))
        has_key = _TABLE.c.key == sa.bindparam("key", type_=schema.TEXT)
        mine = _TABLE.c.listener_id == LISTENER_ID, has_key
        found = sa.select(_TABLE.c.event).where(*mine).scalar_subquery()
        self._found = database.prepare(sa.select(found, LISTENER_ID))
        self._remove = database.prepare(sa.delete(_TABLE).where(*mine))

    def add(self, listener: str, event: FeedbackEvent) -> tuple[FeedbackEvent, bool]:
        """Store an event unless its key is there; return what is stored, and whether it is new."""
        stored = _checked(event)
        values = {
            "listener": listener,
            "ban": stored.action == "ban",
            "at": stored.at,
            "key": stored.key,
            "event": msgspec.json.encode(stored).decode(),
        }
        if self._database.write(self._add, values):
            return stored, True
        row = self._database.read(self._found, {"listener": listener, "key": stored.key})
        event_text, known = row if row is not None else (None, None)
        if event_text is not None:
            return _same(_DECODER.decode(event_text), stored), False
        if known is None:
            if self._listeners.introduce(listener):
                return self.add(listener, event)
            raise self._listeners.unknown(listener)
        raise AllowanceError(
            f"{self._most:,} likes, skips and bans are kept of a listener at most, and there are "
            "as many; remove some first"
        )

    def remove(self, listener: str, key: str) -> bool:
        """Remove an event; False if the listener has none of that key."""
        values = {"listener": listener, "key": storable(key, "key", most=MAX_KEY)}
        return self._database.write(self._remove, values) == 1


def _add(database: Database, most: int) -> sa.Executable:
    names = ["listener_id", "ban", "at", "key", "event"]
    values: list[Any] = [sa.bindparam(name, type_=_TABLE.c[name].type) for name in names[1:]]
    # Another name for the table: on conflict, SQLite takes its own name for the row at hand.
    earlier = _TABLE.alias()
    how_many = (
        sa.select(sa.func.count())
        .select_from(earlier)
        .where(earlier.c.listener_id == schema.listeners.c.id)
        .scalar_subquery()
    )
    row = sa.select(schema.listeners.c.id, *values).where(IS_LISTENER, how_many < most)
    return database.insert(_TABLE).from_select(names, row).on_conflict_do_nothing()


def _checked(event: FeedbackEvent) -> FeedbackEvent:
    storable(event.key, "key", most=MAX_KEY)
    storable(event.track_id, "track_id")
    storable(event.mood, "mood")
    return msgspec.structs.replace(event, at=rewritten(event.at))


def _same(stored: FeedbackEvent, given: FeedbackEvent) -> FeedbackEvent:
    """Return ``stored``; KeyConflictError unless ``given`` says the same of a track."""
    if msgspec.structs.replace(given, at=stored.at) != stored:
        raise KeyConflictError(
            f"key {quoted(stored.key)} stands for {stored.action} of {quoted(stored.track_id)} in "
            f"{quoted(stored.mood)} already; give each event a key of its own"
        )
    return stored
