"""Bring a database to this version: once, whoever comes first, while the others wait."""

from contextlib import closing
from importlib import import_module
from pathlib import Path

import msgspec
import sqlalchemy as sa

from moodtune.errors import StoreError
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store.database import Database
from moodtune.serving.store.schema import HEAD, VERSION_TABLE

#: The folder of the migrations, as Alembic wants it.
MIGRATIONS = Path(__file__).with_name("migrations")

#: Seconds to wait for another process's migration.
PATIENCE = 60.0

#: PostgreSQL's lock of whoever migrates: any number that no other program takes.
_LOCK = 0x4D4F4F44
_VERSION = sa.table(VERSION_TABLE, sa.column("version_num", sa.Text))


def migrate(database: Database, settings: ServingSettings) -> None:
    """Run the migrations that a database lacks; StoreError for one that is newer, or not ours.

    All of them or none: SQLite and PostgreSQL alike change tables within a transaction.
    """
    with database.reading() as connection:
        if _version(connection, database) == HEAD:
            return
    # Here, as a store that needs no migration opens without it, and before others must wait.
    import_module("alembic.command")

    waiting = msgspec.structs.replace(settings, store_wait=PATIENCE)
    with closing(Database(database.place, waiting)) as patient, patient.begin() as connection:
        if not patient.place.is_file:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if _version(connection, patient) != HEAD:
            _upgrade(connection, patient)


def check_version(database: Database) -> None:
    """Raise StoreError unless a database has this version."""
    with database.reading() as connection:
        found = _version(connection, database)
    if found != HEAD:
        raise StoreError(
            f"the store at {database.place.called} was emptied or put back while it was in use; "
            "start again"
        )


def _version(connection: sa.Connection, database: Database) -> str | None:
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
            f"{HEAD} at most; use the newer Moodtune, or restore the backup from before"
        )
    return found


def _upgrade(connection: sa.Connection, database: Database) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            f"the store at {database.place.called} has a version that no Moodtune wrote: {error}; "
            "restore it from a backup"
        ) from error
