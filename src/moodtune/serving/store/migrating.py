"""Bring a database to this version: once, whoever comes first, while the others wait."""

from pathlib import Path

import sqlalchemy as sa

from moodtune.errors import StoreError
from moodtune.serving.store.database import Database
from moodtune.serving.store.schema import HEAD, VERSION_TABLE

#: PostgreSQL's lock of whoever migrates; any number will do that no other program takes.
_LOCK = 0x4D4F4F44
_VERSION = sa.table(VERSION_TABLE, sa.column("version_num", sa.Text))


def migrate(database: Database) -> None:
    """Run the migrations that a database lacks; StoreError for one that is newer, or not ours.

    All of them or none: SQLite and PostgreSQL alike change tables within a transaction.
    """
    with database.reading() as connection:
        if version(connection, database) == HEAD:
            return
    with database.begin() as connection:
        if not database.place.is_file:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if version(connection, database) != HEAD:
            _upgrade(connection)


def version(connection: sa.Connection, database: Database) -> str | None:
    """Return the version of a database, None for an empty one; StoreError if it is not ours."""
    tables = sa.inspect(connection).get_table_names()
    if VERSION_TABLE not in tables:
        if database.place.is_file and tables:
            raise StoreError(
                f"the store at {database.place.called} is another program's database; "
                "name another file"
            )
        return None
    found = connection.scalar(sa.select(_VERSION.c.version_num))
    if found is not None and found > HEAD:
        raise StoreError(
            f"the store at {database.place.called} has version {found}, and this Moodtune knows "
            f"{HEAD} at most; use the newer Moodtune, or restore the backup of before"
        )
    return found


def _upgrade(connection: sa.Connection) -> None:
    # Here, as a store that needs no migration opens without Alembic.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")


#: The folder of the migrations, as Alembic wants it.
MIGRATIONS = Path(__file__).with_name("migrations")
