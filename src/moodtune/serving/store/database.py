"""Connections, and the two ways in which statements are run: at once, and several as one.

There are two engines on one database. ``durable``: what is committed is on the disk when the
call returns, and outlives a loss of power. ``quick``: what is committed outlives the end of this
process, of whatever kind, but the last of it may be lost with the machine's power (SQLite) or with
the server's process (PostgreSQL); for reading, and for what was shown.
"""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from moodtune.serving.settings import ServingSettings
from moodtune.serving.store.faults import explained
from moodtune.serving.store.places import Place, make_private

#: Seconds between two attempts to open a file that another process is making.
_PAUSE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A statement as the driver takes it, and the values of it that are always the same."""

    sql: str
    constants: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The first row that a statement gave, and how many rows it wrote."""

    row: tuple[Any, ...] | None
    written: int


class Database:
    """A database that is open; safe to use from several threads."""

    def __init__(self, place: Place, settings: ServingSettings) -> None:
        self.place, self._wait = place, settings.store_wait
        self._errors: tuple[type[Exception], ...] = (_driver_error(place),)
        self.durable = _engine(place, settings, durable=True)
        self.quick = _engine(place, settings, durable=False)

    def insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """Return an insert into ``table`` that knows what to do on conflict."""
        return sqlite.insert(table) if self.place.is_file else postgresql.insert(table)

    def joined(self, column: sa.ColumnElement[str]) -> sa.ScalarSelect[str]:
        """Return the texts of a column, with a comma between them, in no certain order."""
        join = sa.func.group_concat if self.place.is_file else sa.func.string_agg
        return sa.select(join(column, sa.literal_column("','"))).scalar_subquery()

    def prepare(self, statement: sa.Executable) -> Prepared:
        """Return a statement compiled once; the names of its values stay."""
        compiled = statement.compile(dialect=self.quick.dialect)  # type: ignore[attr-defined]
        binds = compiled.binds.items()
        constants = {name: bind.value for name, bind in binds if not bind.required}
        return Prepared(sql=str(compiled), constants=constants)

    def read(self, statement: Prepared, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Return the first row of a statement."""
        return self._run(self.quick, statement, values).row

    def write(self, statement: Prepared, values: Mapping[str, Any], *, durable: bool = True) -> int:
        """Run and commit a statement; return how many rows it wrote.

        It must be harmless twice: it is run again where a connection turns out to be dead.
        """
        engine = self.durable if durable else self.quick
        return self._run(engine, statement, values).written

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Yield a connection in a transaction, committed durably at the end.

        On SQLite it holds the write lock from its beginning.
        """
        engine = self.durable
        if not self.place.is_file:
            engine = engine.execution_options(isolation_level="READ COMMITTED")
        with explained(self.place.called, *self._errors), engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Yield a connection that reads, and holds no lock; each statement sees what is there."""
        with explained(self.place.called, *self._errors), self.quick.connect() as connection:
            yield connection

    def set_up(self) -> None:
        """Make what must be there before the first statement: SQLite's file, and its journal."""
        if self.place.is_file:
            make_private(Path(self.place.url.database or ""))
            with self.reading() as connection:
                _write_ahead(connection, time.monotonic() + self._wait)

    def tidy(self) -> None:
        """Let nothing that was removed linger in SQLite's journal; the rest is overwritten."""
        if self.place.is_file:
            with self.reading() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()

    def close(self) -> None:
        """Close all connections."""
        self.durable.dispose()
        self.quick.dispose()

    def _run(self, engine: sa.Engine, statement: Prepared, values: Mapping[str, Any]) -> Outcome:
        with explained(self.place.called, *self._errors):
            try:
                return self._run_once(engine, statement, values)
            except _DeadConnectionError:
                engine.dispose()  # the others are likely to be as dead: the server was restarted
            return self._run_once(engine, statement, values)

    def _run_once(
        self, engine: sa.Engine, statement: Prepared, values: Mapping[str, Any]
    ) -> Outcome:
        # The driver itself: SQLAlchemy's own way costs 100 microseconds a statement more.
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(statement.sql, {**statement.constants, **values})
            row = cursor.fetchone() if cursor.description else None
            written = cursor.rowcount
            cursor.close()
        except self._errors as error:
            dbapi = connection.driver_connection
            if engine.dialect.is_disconnect(error, dbapi, None):  # type: ignore[arg-type]
                connection.invalidate(error)
                raise _DeadConnectionError from error
            raise
        finally:
            connection.close()
        return Outcome(row, written)


class _DeadConnectionError(Exception):
    """The server closed the connection while it lay in the pool."""


def _driver_error(place: Place) -> type[Exception]:
    if place.is_file:
        return sqlite3.Error
    import psycopg

    return psycopg.Error


def _engine(place: Place, settings: ServingSettings, *, durable: bool) -> sa.Engine:
    arguments: dict[str, Any] = {"timeout": settings.store_wait}
    if not place.is_file:
        commit = "on" if durable else "off"
        arguments = {
            "connect_timeout": max(2, round(settings.store_wait)),
            "options": f"-c synchronous_commit={commit}",
        }
    engine = sa.create_engine(
        place.url,
        paramstyle="named" if place.is_file else "pyformat",
        isolation_level="AUTOCOMMIT",
        pool_size=settings.store_threads,
        max_overflow=settings.store_threads,
        pool_timeout=settings.store_wait,
        pool_reset_on_return=None if place.is_file else "rollback",
        hide_parameters=True,
        connect_args=arguments,
    )
    if place.is_file:
        sa.event.listen(engine, "connect", _set_up_durable if durable else _set_up_quick)
        if durable:
            sa.event.listen(engine, "begin", _begin)
    return engine


def _write_ahead(connection: sa.Connection, deadline: float) -> None:
    # Two processes that open a new file at once: SQLite refuses one of them without waiting.
    while True:
        try:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL").all()
        except sa.exc.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _begin(connection: sa.Connection) -> None:
    # At once for writing: what begins reading and then writes can find that it may not.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _set_up_durable(connection: sqlite3.Connection, _record: object) -> None:
    _set_up(connection, "FULL")


def _set_up_quick(connection: sqlite3.Connection, _record: object) -> None:
    _set_up(connection, "NORMAL")


def _set_up(connection: sqlite3.Connection, synchronous: str) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
