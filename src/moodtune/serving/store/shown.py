"""What was shown: every list once a day, in parts of a bounded length.

A row per list, not per track: to write ten rows takes twice as long as one, and to read six hundred
four times as long as sixty (docs/decisions/0010-store.md). The tracks that lists of a day have in
common are found when they are read.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

import msgspec
import sqlalchemy as sa

from moodtune.errors import UsageError
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import schema
from moodtune.serving.store.database import Database
from moodtune.serving.store.listeners import Listeners, row_of_listener
from moodtune.serving.store.moments import days_before, written

#: Tracks of a row, so that a number of rows bounds what is read.
PART = 20

_TABLE = schema.shown

#: Days that a list may be of beyond the clock's: it is tomorrow somewhere, and clocks differ.
_AHEAD = 2


class Shown:
    """Adds what was listed, and drops what is too old to count."""

    def __init__(self, database: Database, listeners: Listeners, settings: ServingSettings) -> None:
        self._database, self._listeners = database, listeners
        self._days = settings.shown_days
        names = ["day", "digest", "track_ids"]
        values = [sa.bindparam(name, type_=_TABLE.c[name].type) for name in names]
        row = row_of_listener(*values)
        insert = database.insert(_TABLE).from_select(["listener_id", *names], row)
        self._add = database.prepare(insert.on_conflict_do_nothing())
        whose, first = sa.bindparam("id", type_=sa.Integer), sa.bindparam("day", type_=schema.TEXT)
        last = sa.bindparam("last", type_=schema.TEXT)
        old = _TABLE.c.listener_id == whose, sa.or_(_TABLE.c.day < first, _TABLE.c.day > last)
        self._prune = database.prepare(sa.delete(_TABLE).where(*old))
        ended = schema.sessions.c.expires_at < first
        self._prune_sessions = database.prepare(sa.delete(schema.sessions).where(ended))

    def add(self, listener: str, track_ids: Sequence[str], at: datetime) -> None:
        """Store that tracks were listed; a list counts once a day.

        Does nothing for a listener who has just been forgotten.
        """
        distinct, day = list(dict.fromkeys(track_ids)), written(at)[:10]
        for start in range(0, len(distinct), PART):
            text = _array(distinct[start : start + PART])
            values = {
                "listener": listener,
                "day": day,
                "digest": hashlib.blake2b(text, digest_size=16).digest(),
                "track_ids": text.decode(),
            }
            if not self._database.write(self._add, values, durable=False):
                self._listeners.introduce(listener)
                self._database.write(self._add, values, durable=False)

    def prune(self, today: date) -> int:
        """Drop lists that no longer count, and sessions that have ended; return how many lists.

        One listener at a time, so that nobody waits long.
        """
        self._database.write(self._prune_sessions, {"day": today.isoformat()})
        first, last = days_before(today, self._days), days_before(today, -_AHEAD)
        days = {"day": first.isoformat(), "last": last.isoformat()}
        with self._database.reading() as connection:
            everyone = connection.scalars(sa.select(schema.listeners.c.id)).all()
        return sum(
            self._database.write(self._prune, {"id": listener_id, **days}, durable=False)
            for listener_id in everyone
        )


def _array(track_ids: list[str]) -> bytes:
    try:
        text = msgspec.json.encode(track_ids)
    except UnicodeEncodeError:
        text = b"\\u0000"
    if b"\\u0000" in text:
        raise UsageError("a track id must be Unicode without NUL, and one of a list is not")
    return text
