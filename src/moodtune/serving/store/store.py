"""The store, as the service uses it: one object, safe from many threads and beside other processes.

Every method that is about a listener reads and writes that listener's rows alone. All of them raise
StoreError where the database cannot be used.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, datetime
from typing import Any, Self

from moodtune.preferences.events import FeedbackEvent
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store.answers import LatestAnswers
from moodtune.serving.store.database import Database
from moodtune.serving.store.feedback import Feedback
from moodtune.serving.store.listeners import Listeners
from moodtune.serving.store.memory import Recall
from moodtune.serving.store.migrating import check_version, migrate
from moodtune.serving.store.nouns import (
    Answers,
    Identity,
    Memory,
    NewToken,
    Playlist,
    PlaylistEntry,
    SavedAnswers,
    TokenEntry,
)
from moodtune.serving.store.places import default_url, place_of
from moodtune.serving.store.playlists import Playlists
from moodtune.serving.store.shown import Shown
from moodtune.serving.store.texts import listener_name
from moodtune.serving.store.tokens import Tokens


class Store:
    """What the service remembers."""

    def __init__(self, database: Database, settings: ServingSettings) -> None:
        self._database = database
        self._listeners = Listeners(database)
        self._tokens = Tokens(database, settings)
        self._feedback = Feedback(database, self._listeners, settings)
        self._shown = Shown(database, self._listeners, settings)
        self._recall = Recall(database, settings)
        self._answers = LatestAnswers(database, self._listeners)
        self._playlists = Playlists(database, self._listeners, settings)

    @classmethod
    def open(cls, url: str | None = None, settings: ServingSettings | None = None) -> Self:
        """Open the store at ``url``, made and migrated if need be.

        ``url`` is ``sqlite:///FILE`` or ``postgresql+psycopg://...``; None is the file in the
        user's data directory. Raises UsageError for another, StoreError for a database that
        cannot be used or is newer than this version.
        """
        chosen = settings or ServingSettings()
        database = Database(place_of(url or default_url()), chosen)
        with ExitStack() as on_failure:
            on_failure.callback(database.close)
            database.set_up()
            migrate(database, chosen)
            store = cls(database, chosen)
            on_failure.pop_all()
        return store

    def close(self) -> None:
        """Close all connections; what runs ends first."""
        self._database.close()

    def ready(self) -> None:
        """Raise StoreError with a sentence unless the store can be used."""
        self._database.check()
        check_version(self._database)

    def new_token(self, listener: str, admin: bool, now: datetime) -> NewToken:
        """Make a token, and its listener if there is none; its secret is never told again.

        UsageError for a name that cannot be a listener's.
        """
        return self._tokens.new(listener_name(listener), admin, now)

    def tokens(self) -> tuple[TokenEntry, ...]:
        """Return every token, the oldest first."""
        return self._tokens.entries()

    def revoke(self, token_id: int) -> bool:
        """Remove a token and end its sessions; False if there is none of that id."""
        return self._tokens.revoke(token_id)

    def has_tokens(self) -> bool:
        """Return whether a token was ever made here; once true it stays so, whatever is revoked."""
        return self._tokens.are_used()

    def who(self, secret: str, now: datetime) -> Identity | None:  # noqa: ARG002 -- as who_session
        """Return whose token it is; None if it is none, or no longer."""
        return self._tokens.who(secret)

    def start_session(self, secret: str, now: datetime, days: float) -> str | None:
        """Return the secret of a new session that lasts ``days``; None if the token is none."""
        return self._tokens.start_session(secret, now, days)

    def end_session(self, session: str) -> bool:
        """End a session; False if there is none."""
        return self._tokens.end_session(session)

    def who_session(self, session: str, now: datetime) -> Identity | None:
        """Return whose session it is; None if it is none, or no longer."""
        return self._tokens.who_session(session, now)

    def add_feedback(self, listener: str, event: FeedbackEvent) -> tuple[FeedbackEvent, bool]:
        """Store an event unless its key is there; return what is stored, and whether it is new.

        It is on the disk when this returns. KeyConflictError where the key stands for another
        track, mood or action; AllowanceError where a listener has as many as are kept.
        """
        return self._feedback.add(listener_name(listener), event)

    def remove_feedback(self, listener: str, key: str) -> bool:
        """Remove an event; False if the listener has none of that key."""
        return self._feedback.remove(listener_name(listener), key)

    def memory(self, listener: str, today: date) -> Memory:
        """Return all that a list needs to know of its listener."""
        return self._recall.of(listener_name(listener), today)

    def add_shown(self, listener: str, track_ids: Sequence[str], at: datetime) -> None:
        """Store that tracks were listed at a moment; each counts once a day (in UTC)."""
        self._shown.add(listener_name(listener), track_ids, at)

    def save_answers(self, listener: str, answers: Answers, at: datetime) -> None:
        """Keep answers in place of those that are there."""
        self._answers.save(listener_name(listener), answers, at)

    def answers(self, listener: str) -> SavedAnswers | None:
        """Return the latest answers; None if there are none."""
        return self._answers.of(listener_name(listener))

    def add_playlist(
        self, listener: str, name: str, track_ids: Sequence[str], now: datetime
    ) -> Playlist:
        """Save a list; AllowanceError where it is too long, or there are too many.

        UsageError for a name that would not show as what it is.
        """
        return self._playlists.add(listener_name(listener), name, track_ids, now)

    def playlists(self, listener: str) -> tuple[PlaylistEntry, ...]:
        """Return a listener's lists without their tracks, the latest first."""
        return self._playlists.entries(listener_name(listener))

    def playlist(self, listener: str, playlist_id: str) -> Playlist | None:
        """Return a list of the listener's own; None if there is none of that id."""
        return self._playlists.one(listener_name(listener), playlist_id)

    def remove_playlist(self, listener: str, playlist_id: str) -> bool:
        """Remove a list of the listener's own; False if there is none of that id."""
        return self._playlists.remove(listener_name(listener), playlist_id)

    def listeners(self) -> tuple[str, ...]:
        """Return the names of all listeners, in order."""
        return self._listeners.names()

    def has_listener(self, listener: str) -> bool:
        """Return whether there is a listener of that name; UsageError for one that cannot be."""
        return listener_name(listener) in self._listeners.names()

    def export(self, listener: str) -> dict[str, Any]:
        """Return everything that is kept of a listener, in plain lists, objects and text."""
        return self._listeners.export(listener_name(listener))

    def forget(self, listener: str) -> bool:
        """Remove everything of a listener, tokens and sessions as well; False if there is none."""
        return self._listeners.forget(listener_name(listener))

    def prune(self, today: date) -> int:
        """Drop what was shown too long ago to count, and ended sessions; return how many days."""
        return self._shown.prune(today)
