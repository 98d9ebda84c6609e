"""Saved lists: a listener's own, each under an id that nobody guesses."""

import secrets
from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from moodtune.errors import AllowanceError
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import schema
from moodtune.serving.store.database import Database
from moodtune.serving.store.listeners import IS_LISTENER, LISTENER_ID, Listeners
from moodtune.serving.store.moments import written
from moodtune.serving.store.nouns import Playlist, PlaylistEntry
from moodtune.serving.store.texts import is_storable, playlist_name, storable

_TABLE = schema.playlists
_TRACK_IDS = msgspec.json.Decoder(tuple[str, ...])
_ID_BYTES = 12


class Playlists:
    """Adds, lists, gives and removes saved lists."""

    def __init__(self, database: Database, listeners: Listeners, settings: ServingSettings) -> None:
        self._database, self._listeners, self._settings = database, listeners, settings

    def add(self, listener: str, name: str, track_ids: Sequence[str], now: datetime) -> Playlist:
        """Save a list; AllowanceError where it is too long, or there are too many.

        UsageError for a name that would not show as what it is.
        """
        made = Playlist(
            id=secrets.token_urlsafe(_ID_BYTES),
            name=playlist_name(name),
            created_at=written(now),
            track_ids=tuple(storable(track_id, "a track id") for track_id in track_ids),
        )
        if len(made.track_ids) > self._settings.playlist_tracks:
            raise AllowanceError(
                f"a playlist holds {self._settings.playlist_tracks:,} tracks at most, "
                f"got {len(made.track_ids):,}; leave some out"
            )
        if self._insert(listener, made):
            return made
        self._listeners.introduce(listener)
        if self._insert(listener, made):
            return made
        raise self._listeners.unknown(listener)

    def entries(self, listener: str) -> tuple[PlaylistEntry, ...]:
        """Return a listener's lists without their tracks, the latest first."""
        columns = _TABLE.c.id, _TABLE.c.name, _TABLE.c.created_at, _TABLE.c.n
        statement = sa.select(*columns).where(_TABLE.c.listener_id == LISTENER_ID)
        newest = statement.order_by(_TABLE.c.created_at.desc(), _TABLE.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(newest, {"listener": listener}).all()
        return tuple(
            PlaylistEntry(id=row.id, name=row.name, created_at=row.created_at, n=row.n)
            for row in rows
        )

    def one(self, listener: str, number: str) -> Playlist | None:
        """Return a list of the listener's own; None if there is none of that id."""
        if not is_storable(number):
            return None
        statement = sa.select(_TABLE).where(*_mine(number))
        with self._database.reading() as connection:
            row = connection.execute(statement, {"listener": listener}).one_or_none()
        if row is None:
            return None
        tracks = _TRACK_IDS.decode(row.track_ids)
        return Playlist(id=row.id, name=row.name, created_at=row.created_at, track_ids=tracks)

    def remove(self, listener: str, number: str) -> bool:
        """Remove a list of the listener's own; False if there is none of that id."""
        if not is_storable(number):
            return False
        statement = sa.delete(_TABLE).where(*_mine(number))
        with self._database.begin() as connection:
            return connection.execute(statement, {"listener": listener}).rowcount == 1

    def _insert(self, listener: str, made: Playlist) -> bool:
        """Insert a list unless its listener is not known."""
        row = sa.select(schema.listeners.c.id).where(IS_LISTENER).with_for_update()
        how_many = sa.select(sa.func.count()).select_from(_TABLE)
        with self._database.begin() as connection:
            owner = connection.scalar(row, {"listener": listener})
            if owner is None:
                return False
            mine = _TABLE.c.listener_id == owner
            if (connection.scalar(how_many.where(mine)) or 0) >= self._settings.playlists:
                raise AllowanceError(
                    f"a listener keeps {self._settings.playlists:,} playlists at most, and there "
                    "are as many; remove one first"
                )
            values = {
                "id": made.id,
                "listener_id": owner,
                "name": made.name,
                "created_at": made.created_at,
                "n": len(made.track_ids),
                "track_ids": msgspec.json.encode(made.track_ids).decode(),
            }
            connection.execute(sa.insert(_TABLE), values)
        return True


def _mine(number: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _TABLE.c.id == number, _TABLE.c.listener_id == LISTENER_ID
