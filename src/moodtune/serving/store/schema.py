"""The tables of the store; every row of a listener goes when the listener goes.

Two columns hold JSON text, so that a list reads all it needs as one row: a row more costs about a
microsecond, and, among threads, another wait for the interpreter (docs/decisions/0010-store.md).

``feedback.event``   the event itself, an object
``shown.track_ids``  a list that was shown, or a part of it: an array of distinct ids

Moments are text, RFC 3339 in UTC with microseconds, so that they sort as they stand; days are
``YYYY-MM-DD``. Secrets are never here: only their sha256.
"""

import sqlalchemy as sa

#: The newest migration; a database of another version is migrated, or refused if it is newer.
HEAD = "0001"
#: Named so that a database that is shared with another program keeps two versions apart.
VERSION_TABLE = "moodtune_version"

#: Text that sorts by its bytes, on PostgreSQL as on SQLite.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _listener_id(*, primary_key: bool = False) -> sa.Column[int]:
    parent = sa.ForeignKey("listeners.id", ondelete="CASCADE")
    return sa.Column("listener_id", parent, primary_key=primary_key, nullable=False)


#: An id is never given twice, so that what is written late for a listener who went finds nobody.
listeners = sa.Table(
    "listeners",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", TEXT, nullable=False, unique=True),
    sqlite_autoincrement=True,
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _listener_id(),
    sa.Column("sha256", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("admin", sa.Boolean, nullable=False),
    sa.Column("created_at", TEXT, nullable=False),
    sa.Index(None, "listener_id"),
    sqlite_autoincrement=True,
)

#: One row from the first token on, for good: that a token was revoked opens no door without one.
tokens_used = sa.Table(
    "tokens_used",
    metadata,
    sa.Column("since", TEXT, primary_key=True),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("sha256", sa.LargeBinary(32), primary_key=True),
    sa.Column("token_id", sa.ForeignKey("tokens.id", ondelete="CASCADE"), nullable=False),
    sa.Column("expires_at", TEXT, nullable=False),
    sa.Index(None, "token_id"),
    sa.Index(None, "expires_at"),
)

#: Lies in the order in which a list reads it: bans together, the rest by time.
feedback = sa.Table(
    "feedback",
    metadata,
    _listener_id(primary_key=True),
    sa.Column("ban", sa.Boolean, primary_key=True),
    sa.Column("at", TEXT, primary_key=True),
    sa.Column("key", TEXT, primary_key=True),
    sa.Column("event", TEXT, nullable=False),
    sa.UniqueConstraint("listener_id", "key"),
    sqlite_with_rowid=False,
)

#: The same list on the same day has the same digest, and so is there once.
shown = sa.Table(
    "shown",
    metadata,
    _listener_id(primary_key=True),
    sa.Column("day", TEXT, primary_key=True),
    sa.Column("digest", sa.LargeBinary(16), primary_key=True),
    sa.Column("track_ids", TEXT, nullable=False),
    sqlite_with_rowid=False,
)

answers = sa.Table(
    "answers",
    metadata,
    _listener_id(primary_key=True),
    sa.Column("answers", TEXT, nullable=False),
    sa.Column("at", TEXT, nullable=False),
)

playlists = sa.Table(
    "playlists",
    metadata,
    sa.Column("id", TEXT, primary_key=True),
    _listener_id(),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("created_at", TEXT, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("track_ids", TEXT, nullable=False),
    sa.Index(None, "listener_id", "created_at"),
)
