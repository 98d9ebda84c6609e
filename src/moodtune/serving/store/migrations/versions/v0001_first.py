"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables and their indexes."""
    _create_doors()
    _create_what_is_said()
    _create_what_is_kept()


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=False)


def _listener_id() -> sa.Column[int]:
    return sa.Column("listener_id", sa.Integer, nullable=False)


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _belongs(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=name, ondelete="CASCADE")


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _create_doors() -> None:
    op.create_table(
        "listeners",
        _id(),
        _text("name"),
        _primary("listeners", "id"),
        _unique("listeners", "name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tokens",
        _id(),
        _listener_id(),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("admin", sa.Boolean, nullable=False),
        _text("created_at"),
        _primary("tokens", "id"),
        _unique("tokens", "sha256"),
        _belongs("tokens", "listener_id", "listeners"),
        sqlite_autoincrement=True,
    )
    _index("tokens", "listener_id")
    op.create_table("tokens_used", _text("since"), _primary("tokens_used", "since"))
    op.create_table(
        "sessions",
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("token_id", sa.Integer, nullable=False),
        _text("expires_at"),
        _primary("sessions", "sha256"),
        _belongs("sessions", "token_id", "tokens"),
    )
    _index("sessions", "token_id")
    _index("sessions", "expires_at")


def _create_what_is_said() -> None:
    op.create_table(
        "feedback",
        _listener_id(),
        sa.Column("ban", sa.Boolean, nullable=False),
        _text("at"),
        _text("key"),
        _text("event"),
        _primary("feedback", "listener_id", "ban", "at", "key"),
        _unique("feedback", "listener_id", "key"),
        _belongs("feedback", "listener_id", "listeners"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "answers",
        _listener_id(),
        _text("answers"),
        _text("at"),
        _primary("answers", "listener_id"),
        _belongs("answers", "listener_id", "listeners"),
    )


def _create_what_is_kept() -> None:
    op.create_table(
        "shown",
        _listener_id(),
        _text("day"),
        sa.Column("digest", sa.LargeBinary(16), nullable=False),
        _text("track_ids"),
        _primary("shown", "listener_id", "day", "digest"),
        _belongs("shown", "listener_id", "listeners"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "playlists",
        _text("id"),
        _listener_id(),
        _text("name"),
        _text("created_at"),
        sa.Column("n", sa.Integer, nullable=False),
        _text("track_ids"),
        _primary("playlists", "id"),
        _belongs("playlists", "listener_id", "listeners"),
    )
    _index("playlists", "listener_id", "created_at")
