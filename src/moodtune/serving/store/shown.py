"""What was shown: for each listener and day the distinct tracks, in one row."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec
import sqlalchemy as sa

from moodtune.errors import UsageError
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import schema
from moodtune.serving.store.database import Database
from moodtune.serving.store.listeners import Listeners
from moodtune.serving.store.moments import written

#: A day that is there already takes the tracks that it lacks, in one step that nobody comes
#: between; what has them all, or is full, is not written.
_SQLITE = """
INSERT INTO shown (listener_id, day, track_ids)
SELECT id, :day, :track_ids FROM listeners WHERE name = :listener
ON CONFLICT (listener_id, day) DO UPDATE SET track_ids = (
    SELECT json_group_array(value) FROM (
        SELECT value FROM json_each(shown.track_ids)
        UNION ALL
        SELECT value FROM json_each(excluded.track_ids)
        WHERE value NOT IN (SELECT value FROM json_each(shown.track_ids))
        LIMIT :most))
WHERE json_array_length(shown.track_ids) < :most AND EXISTS (
    SELECT 1 FROM json_each(excluded.track_ids)
    WHERE value NOT IN (SELECT value FROM json_each(shown.track_ids)))
"""
_POSTGRESQL = """
INSERT INTO shown (listener_id, day, track_ids)
SELECT id, :day, :track_ids FROM listeners WHERE name = :listener
ON CONFLICT (listener_id, day) DO UPDATE SET track_ids = (
    SELECT json_agg(value)::text FROM (
        SELECT value FROM json_array_elements_text(shown.track_ids::json) AS old(value)
        UNION ALL
        SELECT value FROM json_array_elements_text(excluded.track_ids::json) AS new(value)
        WHERE value NOT IN (SELECT json_array_elements_text(shown.track_ids::json))
        LIMIT :most) AS both(value))
WHERE json_array_length(shown.track_ids::json) < :most AND EXISTS (
    SELECT 1 FROM json_array_elements_text(excluded.track_ids::json) AS new(value)
    WHERE value NOT IN (SELECT json_array_elements_text(shown.track_ids::json)))
"""


class Shown:
    """Adds what was listed, and drops what is too old to count."""

    def __init__(self, database: Database, listeners: Listeners, settings: ServingSettings) -> None:
        self._database, self._listeners = database, listeners
        self._days, self._most = settings.shown_days, settings.shown_a_day
        text = sa.text(_SQLITE if database.place.is_file else _POSTGRESQL)
        self._add = database.prepare(
            text.bindparams(
                sa.bindparam("day", type_=schema.TEXT),
                sa.bindparam("track_ids", type_=schema.TEXT),
                sa.bindparam("listener", type_=schema.TEXT),
                sa.bindparam("most", self._most, type_=sa.Integer),
            )
        )
        old = schema.shown.c.day < sa.bindparam("day", type_=schema.TEXT)
        self._prune = database.prepare(sa.delete(schema.shown).where(old))
        ended = schema.sessions.c.expires_at < sa.bindparam("day", type_=schema.TEXT)
        self._prune_sessions = database.prepare(sa.delete(schema.sessions).where(ended))

    def add(self, listener: str, track_ids: Sequence[str], at: datetime) -> None:
        """Store that tracks were listed; each counts once a day.

        Does nothing for a listener who has just been forgotten.
        """
        if not track_ids:
            return
        distinct = list(dict.fromkeys(track_ids))[: self._most]
        values = {"listener": listener, "day": written(at)[:10], "track_ids": _array(distinct)}
        added = self._database.write(self._add, values, durable=False)
        if not added and self._listeners.introduce(listener):
            self._database.write(self._add, values, durable=False)

    def prune(self, today: date) -> int:
        """Drop days that no longer count, and sessions that have ended; return how many days."""
        self._database.write(self._prune_sessions, {"day": today.isoformat()})
        first = today - timedelta(days=self._days)
        return self._database.write(self._prune, {"day": first.isoformat()})


def _array(track_ids: list[str]) -> str:
    try:
        text = msgspec.json.encode(track_ids).decode()
    except UnicodeEncodeError:
        text = "\\u0000"
    if "\\u0000" in text:
        raise UsageError("a track id must be Unicode without NUL, and one of a list is not")
    return text
