"""The two ways in which statements are run: each at once, and several as one.

There are two engines on one database. ``durable``: what is committed is on the disk when the
call returns, and outlives a loss of power. ``quick``: what is committed outlives the end of this
process, of whatever kind, but the last of it may be lost with the machine's power (SQLite) or with
the server's process (PostgreSQL); for reading, and for what was shown.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from moodtune.errors import StoreError
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store.engines import driver_error, engine_of
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
        self._errors = driver_error(place)
        self.durable = engine_of(place, settings, durable=True)
        self.quick = engine_of(place, settings, durable=False)

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
        with explained(self.place, self._errors):
            return self._run(self.quick, statement, values).row

    def write(self, statement: Prepared, values: Mapping[str, Any], *, durable: bool = True) -> int:
        """Run and commit a statement; return how many rows it wrote.

        It must be harmless twice: it is run again where a connection turns out to be dead.
        """
        engine = self.durable if durable else self.quick
        with explained(self.place, self._errors):
            return self._run(engine, statement, values).written

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Yield a connection in a transaction, committed durably at the end.

        On SQLite it holds the write lock from its beginning.
        """
        with self._connection(self.durable) as connection:
            if not self.place.is_file:
                connection.execution_options(isolation_level="READ COMMITTED")
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Yield a connection that reads, and holds no lock; each statement sees what is there."""
        with self._connection(self.quick) as connection:
            yield connection

    def set_up(self) -> None:
        """Make what must be there before the first statement: SQLite's file, and its journal."""
        if self.place.is_file:
            make_private(self._file)
            with explained(self.place, self._errors):
                self._write_ahead()

    def tidy(self) -> None:
        """Let nothing that was removed linger in SQLite's journal; the rest is overwritten."""
        if self.place.is_file:
            with explained(self.place, self._errors):
                self._pragma("wal_checkpoint(TRUNCATE)")

    def check(self) -> None:
        """Raise StoreError where SQLite's file is gone, though it can still be written to."""
        if self.place.is_file and not self._file.exists():
            raise StoreError(
                f"the store at {self.place.called} was removed while it was in use; "
                "put it back, and start again"
            )

    def close(self) -> None:
        """Close all connections."""
        self.durable.dispose()
        self.quick.dispose()

    @property
    def _file(self) -> Path:
        return Path(self.place.url.database or "")

    def _write_ahead(self) -> None:
        # Two processes that open a new file at once: SQLite refuses one of them without waiting.
        end = time.monotonic() + self._wait
        while True:
            try:
                return self._pragma("journal_mode = WAL")
            except self._errors:
                if time.monotonic() > end:
                    raise
                time.sleep(_PAUSE)

    def _pragma(self, pragma: str) -> None:
        connection = self.quick.raw_connection()
        try:
            connection.cursor().execute(f"PRAGMA {pragma}")
        finally:
            connection.close()

    @contextmanager
    def _connection(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        with explained(self.place, self._errors):
            if not self.place.is_file:
                self._run(engine, _ALIVE, {})  # so that what a restart left dead is put away
            with engine.connect() as connection:
                yield connection

    def _run(
        self,
        engine: sa.Engine,
        statement: Prepared,
        values: Mapping[str, Any],
        *,
        again: bool = True,
    ) -> Outcome:
        # The driver itself: SQLAlchemy's own way costs 100 microseconds a statement more.
        connection = engine.raw_connection()
        try:
            return _execute(connection, statement, values)
        except self._errors as error:
            dbapi: Any = connection.driver_connection
            if not (again and engine.dialect.is_disconnect(error, dbapi, None)):  # type: ignore[arg-type]
                raise
            connection.invalidate(error)
            engine.dispose()  # the others are as dead: the server was restarted
        finally:
            connection.close()
        return self._run(engine, statement, values, again=False)


def _execute(
    connection: sa.PoolProxiedConnection, statement: Prepared, values: Mapping[str, Any]
) -> Outcome:
    cursor = connection.cursor()
    cursor.execute(statement.sql, {**statement.constants, **values})
    row = cursor.fetchone() if cursor.description else None
    written = cursor.rowcount
    cursor.close()
    return Outcome(row, written)


_ALIVE = Prepared(sql="SELECT 1", constants={})
