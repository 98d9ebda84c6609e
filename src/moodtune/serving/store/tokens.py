"""Tokens and the sessions that they open: who is asking."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import schema
from moodtune.serving.store.credentials import SESSION, TOKEN, fingerprint, new_secret
from moodtune.serving.store.database import Database
from moodtune.serving.store.moments import written
from moodtune.serving.store.nouns import Identity, NewToken, TokenEntry

_TOKENS, _SESSIONS, _LISTENERS = schema.tokens, schema.sessions, schema.listeners
_SHA256 = sa.bindparam("sha256", type_=sa.LargeBinary())
_NOW = sa.bindparam("now", type_=schema.TEXT)


class Tokens:
    """Makes, lists and revokes tokens, and tells whose a secret is."""

    def __init__(self, database: Database, settings: ServingSettings) -> None:
        self._database = database
        whose = sa.select(_LISTENERS.c.name, _TOKENS.c.admin).join_from(_TOKENS, _LISTENERS)
        opened = _SESSIONS.c.sha256 == _SHA256, _SESSIONS.c.expires_at > _NOW
        self._who = database.prepare(whose.where(_TOKENS.c.sha256 == _SHA256))
        self._who_session = database.prepare(whose.join(_SESSIONS).where(*opened))
        session = sa.select(
            _SHA256, _TOKENS.c.id, sa.bindparam("expires_at", type_=schema.TEXT)
        ).where(_TOKENS.c.sha256 == sa.bindparam("token", type_=sa.LargeBinary()))
        # So that PostgreSQL revokes the token before or after, and not meanwhile.
        session = session.with_for_update(read=True, key_share=True)
        self._start = database.prepare(
            sa.insert(_SESSIONS).from_select(["sha256", "token_id", "expires_at"], session)
        )
        mine = _SESSIONS.c.token_id == (
            sa.select(_TOKENS.c.id)
            .where(_TOKENS.c.sha256 == sa.bindparam("token", type_=sa.LargeBinary()))
            .scalar_subquery()
        )
        newest = _SESSIONS.c.expires_at.desc(), _SESSIONS.c.sha256
        kept = sa.select(_SESSIONS.c.sha256).where(mine).order_by(*newest).limit(settings.sessions)
        self._forget_old = database.prepare(
            sa.delete(_SESSIONS).where(mine, _SESSIONS.c.sha256.not_in(kept))
        )
        self._end = database.prepare(sa.delete(_SESSIONS).where(_SESSIONS.c.sha256 == _SHA256))
        self._used = database.prepare(sa.select(sa.exists().select_from(schema.tokens_used)))
        self._are_used = False

    def new(self, listener: str, admin: bool, now: datetime) -> NewToken:
        """Make a token, and its listener if there is none of that name."""
        secret, at = new_secret(TOKEN), written(now)
        known = self._database.insert(_LISTENERS).values(name=listener).on_conflict_do_nothing()
        since = self._database.insert(schema.tokens_used).from_select(
            ["since"],
            sa.select(sa.literal(at)).where(~sa.exists().select_from(schema.tokens_used)),
        )
        with self._database.begin() as connection:
            connection.execute(known)
            found = sa.select(_LISTENERS.c.id).where(_LISTENERS.c.name == listener)
            made = connection.execute(
                sa.insert(_TOKENS).values(
                    listener_id=connection.scalar(found.with_for_update()),
                    sha256=fingerprint(secret),
                    admin=admin,
                    created_at=at,
                )
            )
            connection.execute(since.on_conflict_do_nothing())
            number = made.inserted_primary_key
        return NewToken(id=0 if number is None else number[0], secret=secret)

    def entries(self) -> tuple[TokenEntry, ...]:
        """Return every token, the oldest first."""
        columns = _TOKENS.c.id, _LISTENERS.c.name, _TOKENS.c.admin, _TOKENS.c.created_at
        statement = sa.select(*columns).join_from(_TOKENS, _LISTENERS).order_by(_TOKENS.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return tuple(
            TokenEntry(id=number, listener=name, admin=admin, created_at=created_at)
            for number, name, admin, created_at in rows
        )

    def revoke(self, number: int) -> bool:
        """Remove a token and end its sessions; False if there is none of that number."""
        with self._database.begin() as connection:
            gone = connection.execute(sa.delete(_TOKENS).where(_TOKENS.c.id == number))
        return gone.rowcount == 1

    def are_used(self) -> bool:
        """Return whether a token was ever made here; once true it stays so, whatever is revoked."""
        if not self._are_used:
            row = self._database.read(self._used, {})
            self._are_used = row is not None and bool(row[0])
        return self._are_used

    def who(self, secret: str) -> Identity | None:
        """Return whose token it is."""
        return _identity(self._database.read(self._who, {"sha256": fingerprint(secret)}))

    def who_session(self, secret: str, now: datetime) -> Identity | None:
        """Return whose session it is, while it lasts."""
        values = {"sha256": fingerprint(secret), "now": written(now)}
        return _identity(self._database.read(self._who_session, values))

    def start_session(self, token: str, now: datetime, days: float) -> str | None:
        """Return the secret of a new session that lasts ``days``; None if the token is none.

        The oldest of a token's end where there are more than ``sessions`` of the settings.
        """
        secret, of_token = new_secret(SESSION), {"token": fingerprint(token)}
        expires_at = written(now + timedelta(days=days))
        values = {"sha256": fingerprint(secret), "expires_at": expires_at, **of_token}
        if not self._database.write(self._start, values):
            return None
        self._database.write(self._forget_old, of_token)
        return secret

    def end_session(self, secret: str) -> bool:
        """End a session; False if there is none."""
        return self._database.write(self._end, {"sha256": fingerprint(secret)}) == 1


def _identity(row: tuple[str, bool] | None) -> Identity | None:
    return None if row is None else Identity(listener=row[0], admin=bool(row[1]))
