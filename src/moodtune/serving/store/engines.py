"""SQLAlchemy's engines for a place, and how each of their connections is set up."""

import sqlite3
from typing import Any

import sqlalchemy as sa

from moodtune.serving.settings import ServingSettings
from moodtune.serving.store.places import Place


def driver_error(place: Place) -> type[Exception]:
    """Return the root of what the place's driver raises."""
    if place.is_file:
        return sqlite3.Error
    import psycopg

    return psycopg.Error


def engine_of(place: Place, settings: ServingSettings, *, durable: bool) -> sa.Engine:
    """Return an engine that commits each statement, unless a transaction is begun.

    ``durable``  whether a commit waits for the disk
    """
    file = place.is_file
    engine = sa.create_engine(
        place.url,
        paramstyle="named" if file else "pyformat",
        isolation_level="AUTOCOMMIT",
        pool_size=settings.store_threads,
        max_overflow=settings.store_threads,
        pool_timeout=settings.store_wait,
        pool_reset_on_return=None,  # nothing is left open: statements commit, or a block ends
        hide_parameters=True,  # what listeners say is in no log
        connect_args=_for_file(settings) if file else _for_server(place, settings, durable),
    )
    if file:
        sa.event.listen(engine, "connect", _set_up_durable if durable else _set_up_quick)
        if durable:
            sa.event.listen(engine, "begin", _begin)
    return engine


def _for_file(settings: ServingSettings) -> dict[str, Any]:
    return {"timeout": settings.store_wait}


def _for_server(place: Place, settings: ServingSettings, durable: bool) -> dict[str, Any]:
    wait = round(1000 * settings.store_wait)
    given = place.url.query.get("options", ())
    options = [
        *((given,) if isinstance(given, str) else given),
        f"-c synchronous_commit={'on' if durable else 'off'}",
        f"-c lock_timeout={wait}",
    ]
    return {
        "options": " ".join(options),
        "connect_timeout": max(2, round(settings.store_wait)),  # libpq waits no shorter
        "tcp_user_timeout": 2 * wait,  # a server that vanished while it was asked
    }


def _begin(connection: sa.Connection) -> None:
    # At once for writing: what begins reading and then writes can find that it may not.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _set_up_durable(connection: sqlite3.Connection, _record: object) -> None:
    _set_up(connection, "FULL")


def _set_up_quick(connection: sqlite3.Connection, _record: object) -> None:
    _set_up(connection, "NORMAL")


def _set_up(connection: sqlite3.Connection, synchronous: str) -> None:
    connection.isolation_level = None
    for pragma in (
        "foreign_keys = ON",
        "secure_delete = ON",  # what is forgotten is overwritten
        "temp_store = MEMORY",  # what is sorted goes to no other file
        f"synchronous = {synchronous}",
    ):
        connection.execute(f"PRAGMA {pragma}")
