"""Listeners: who may be written about, what is kept of them, and how all of it goes."""

from typing import Any

import msgspec
import sqlalchemy as sa

from moodtune.errors import UsageError
from moodtune.serving.store import schema
from moodtune.serving.store.database import Database
from moodtune.tables.text import quoted

_LISTENER = sa.bindparam("listener", type_=schema.TEXT)
#: The id of the listener of a statement, of which every statement has exactly one.
LISTENER_ID = (
    sa.select(schema.listeners.c.id).where(schema.listeners.c.name == _LISTENER).scalar_subquery()
)
IS_LISTENER = schema.listeners.c.name == _LISTENER


class Listeners:
    """Makes listeners known, tells all of one, and forgets one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        row = sa.select(_LISTENER).where(~sa.exists().select_from(schema.tokens_used))
        insert = database.insert(schema.listeners).from_select(["name"], row)
        self._introduce = database.prepare(insert.on_conflict_do_nothing())

    def introduce(self, listener: str) -> bool:
        """Make a listener known who has written nothing so far; False if that changed nothing.

        As soon as tokens are used, listeners are those whom a token was made for: what was under
        way while one was forgotten must not bring them back.
        """
        return self._database.write(self._introduce, {"listener": listener}) == 1

    def unknown(self, listener: str) -> UsageError:
        """Return what to raise where a listener is not known, and cannot be made known."""
        return UsageError(
            f"no listener is called {quoted(listener)}; they may just have been forgotten: "
            "make a token for them"
        )

    def forget(self, listener: str) -> bool:
        """Remove a listener and every row of theirs; False if there is none."""
        with self._database.begin() as connection:
            gone = connection.execute(
                sa.delete(schema.listeners).where(IS_LISTENER), {"listener": listener}
            )
        self._database.tidy()
        return gone.rowcount == 1

    def export(self, listener: str) -> dict[str, Any]:
        """Return everything that is kept of a listener, in plain lists, objects and text."""
        named = {"listener": listener}
        with self._database.reading() as connection:
            parts = {
                name: [dict(row) for row in connection.execute(statement, named).mappings()]
                for name, statement in _EXPORT.items()
            }
        return {
            "listener": listener,
            "tokens": parts["tokens"],
            "sessions": parts["sessions"],
            "answers": [_with_json(row, "answers") for row in parts["answers"]],
            "feedback": [msgspec.json.decode(row["event"]) for row in parts["feedback"]],
            "shown": [_with_json(row, "track_ids") for row in parts["shown"]],
            "playlists": [_with_json(row, "track_ids") for row in parts["playlists"]],
        }


def _with_json(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {**row, name: msgspec.json.decode(row[name])}


def _of(table: sa.Table, *columns: str, order: str) -> sa.Select[Any]:
    wanted = [table.c[name] for name in columns]
    return sa.select(*wanted).where(table.c.listener_id == LISTENER_ID).order_by(table.c[order])


_EXPORT: dict[str, sa.Select[Any]] = {
    "tokens": _of(schema.tokens, "id", "admin", "created_at", order="id"),
    "sessions": sa.select(schema.sessions.c.expires_at)
    .join(schema.tokens)
    .where(schema.tokens.c.listener_id == LISTENER_ID)
    .order_by(schema.sessions.c.expires_at),
    "answers": _of(schema.answers, "answers", "at", order="at"),
    "feedback": _of(schema.feedback, "event", order="at"),
    "shown": _of(schema.shown, "day", "track_ids", order="day"),
    "playlists": _of(schema.playlists, "id", "name", "created_at", "track_ids", order="created_at"),
}
