"""Feedback: each event once, under the key that its listener gave it."""

from typing import Any

import msgspec
import sqlalchemy as sa

from moodtune.errors import AllowanceError, KeyConflictError
from moodtune.preferences.events import FeedbackEvent
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import schema
from moodtune.serving.store.database import Database
from moodtune.serving.store.listeners import LISTENER_ID, Listeners, row_of_listener
from moodtune.serving.store.moments import rewritten
from moodtune.serving.store.texts import MAX_KEY, is_storable, storable
from moodtune.tables.text import quoted

_TABLE = schema.feedback
#: What is in an event's way may be gone a moment later; so often is looked again.
_ATTEMPTS = 10
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
        self._found = database.prepare(sa.select(found, LISTENER_ID, _how_many(LISTENER_ID)))
        self._remove = database.prepare(sa.delete(_TABLE).where(*mine))

    def add(self, listener: str, event: FeedbackEvent) -> tuple[FeedbackEvent, bool]:
        """Store an event unless its key is there; return what is stored, and whether it is new."""
        stored = _checked(event)
        introduced = False
        for _ in range(_ATTEMPTS):
            if self._database.write(self._add, _row(listener, stored)):
                return stored, True
            text, known, how_many = self._why_not(listener, stored.key)
            if text is not None:
                return _same(_DECODER.decode(text), stored), False
            if how_many >= self._most:
                raise self._full()
            if known is None and introduced:
                break
            # Otherwise whoever was in the way has gone meanwhile: try again.
            if known is None:
                self._listeners.introduce(listener)
                introduced = True
        raise self._listeners.unknown(listener)

    def _why_not(self, listener: str, key: str) -> tuple[str | None, int | None, int]:
        """Return the event that has the key, the listener's id, and how many events there are."""
        row = self._database.read(self._found, {"listener": listener, "key": key})
        return (None, None, 0) if row is None else (row[0], row[1], row[2])

    def _full(self) -> AllowanceError:
        return AllowanceError(
            f"{self._most:,} likes, skips and bans are kept of a listener at most, and there are "
            "as many; remove some first"
        )

    def remove(self, listener: str, key: str) -> bool:
        """Remove an event; False if the listener has none of that key."""
        if not is_storable(key, most=MAX_KEY):
            return False
        return self._database.write(self._remove, {"listener": listener, "key": key}) == 1


def _add(database: Database, most: int) -> sa.Executable:
    names = ["listener_id", "ban", "at", "key", "event"]
    values: list[Any] = [sa.bindparam(name, type_=_TABLE.c[name].type) for name in names[1:]]
    row = row_of_listener(*values).where(_how_many(schema.listeners.c.id) < most)
    return database.insert(_TABLE).from_select(names, row).on_conflict_do_nothing()


def _how_many(listener_id: sa.ColumnElement[int]) -> sa.ScalarSelect[int]:
    # Another name for the table: on conflict, SQLite takes its own name for the row at hand.
    table = _TABLE.alias()
    mine = table.c.listener_id == listener_id
    return sa.select(sa.func.count()).select_from(table).where(mine).scalar_subquery()


def _row(listener: str, event: FeedbackEvent) -> dict[str, Any]:
    return {
        "listener": listener,
        "ban": event.action == "ban",
        "at": event.at,
        "key": event.key,
        "event": msgspec.json.encode(event).decode(),
    }


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
