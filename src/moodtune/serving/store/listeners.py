"""Listeners: who may be written about, what is kept of them, and how all of it goes."""

from collections.abc import Sequence
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


def row_of_listener(*values: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Select the listener's id beside ``values``, to insert as a row: none if nobody is called so.

    PostgreSQL keeps the listener from being forgotten meanwhile; SQLite writes one at a time.
    """
    row = sa.select(schema.listeners.c.id, *values).where(IS_LISTENER)
    return row.with_for_update(read=True, key_share=True)


class Listeners:
    """Makes listeners known, tells all of one, and forgets one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        row = sa.select(_LISTENER).where(~sa.exists().select_from(schema.tokens_used))
        insert = database.insert(schema.listeners).from_select(["name"], row)
        self._introduce = database.prepare(insert.on_conflict_do_nothing())

    def introduce(self, listener: str) -> None:
        """Make a listener known who has written nothing so far, unless tokens are used.

        Then listeners are those whom a token was made for: what was under way while one was
        forgotten must not bring them back.
        """
        self._database.write(self._introduce, {"listener": listener})

    def unknown(self, listener: str) -> UsageError:
        """Return what to raise where a listener is not known, and cannot be made known."""
        return UsageError(
            f"no listener is called {quoted(listener)}; they may just have been forgotten: "
            "make a token for them"
        )

    def names(self) -> tuple[str, ...]:
        """Return the names of all listeners, in order."""
        with self._database.reading() as connection:
            names = connection.scalars(sa.select(schema.listeners.c.name)).all()
        return tuple(sorted(names))

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
            "answers": _with_json(parts["answers"][0], "answers") if parts["answers"] else None,
            "feedback": [msgspec.json.decode(row["event"]) for row in parts["feedback"]],
            "shown": _by_day(parts["shown"]),
            "playlists": [_with_json(row, "track_ids") for row in parts["playlists"]],
        }


def _with_json(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {**row, name: msgspec.json.decode(row[name])}


def _by_day(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    days: dict[str, list[str]] = {}
    for row in rows:
        days.setdefault(row["day"], []).extend(msgspec.json.decode(row["track_ids"]))
    return [{"day": day, "track_ids": sorted(set(ids))} for day, ids in days.items()]


def _of(table: sa.Table, *columns: str, order: tuple[str, ...]) -> sa.Select[Any]:
    wanted = [table.c[name] for name in columns]
    mine = sa.select(*wanted).where(table.c.listener_id == LISTENER_ID)
    return mine.order_by(*(table.c[name] for name in order))


_EXPORT: dict[str, sa.Select[Any]] = {
    "tokens": _of(schema.tokens, "id", "admin", "created_at", order=("id",)),
    "sessions": sa.select(schema.sessions.c.expires_at)
    .join(schema.tokens)
    .where(schema.tokens.c.listener_id == LISTENER_ID)
    .order_by(schema.sessions.c.expires_at),
    "answers": _of(schema.answers, "answers", "at", order=("at",)),
    "feedback": _of(schema.feedback, "event", order=("at", "key")),
    "shown": _of(schema.shown, "day", "track_ids", order=("day",)),
    "playlists": _of(
        schema.playlists, "id", "name", "created_at", "track_ids", order=("created_at", "id")
    ),
}
