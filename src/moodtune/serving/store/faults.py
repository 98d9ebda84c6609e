"""The one place where what a database says becomes a StoreError with a sentence."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from moodtune.errors import StoreError
from moodtune.serving.store.places import Place

_LOCKED = "is locked by another program; end what holds it, or try again"
#: What SQLite's codes mean for whoever runs the service; the rest is told in SQLite's own words.
_SQLITE = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: "cannot be written: the disk is full; make room there",
    sqlite3.SQLITE_READONLY: "cannot be written; give this user the right to write it",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that its folder may be read and written",
    sqlite3.SQLITE_NOTADB: "is not a database of SQLite; name another file",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it from a backup",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error; check it",
}
#: The same of PostgreSQL's: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "55P03": _LOCKED,
    "53100": "cannot be written: the server's disk is full; make room there",
    "25006": "cannot be written: the server is read-only; name one that may be written",
    "42501": "may not be used by this user; grant them the database's schema",
}


@contextmanager
def explained(place: Place, *drivers: type[Exception]) -> Iterator[None]:
    """Raise StoreError for what SQLAlchemy or one of ``drivers`` raises."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise StoreError(
            f"the store at {place.called} is busy: no connection came free in time; try again"
        ) from error
    except sa.exc.DBAPIError as error:
        raise StoreError(_sentence(place, error.orig)) from error
    except drivers as error:
        raise StoreError(_sentence(place, error)) from error


def _sentence(place: Place, error: BaseException | None) -> str:
    reason = _sqlite_reason(error) if place.is_file else _postgresql_reason(error)
    return place.without_password(f"the store at {place.called} {reason}")


def _sqlite_reason(error: BaseException | None) -> str:
    # An extended code has the plain one in its lowest byte.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return _SQLITE.get(code, f"failed: {_first_line(error)}")


def _postgresql_reason(error: BaseException | None) -> str:
    state = getattr(error, "sqlstate", None)
    if state is None:
        return (
            f"cannot be reached: {_first_line(error)}; start the server, or check the address and "
            "the password"
        )
    return _POSTGRESQL.get(state, f"failed: {_first_line(error)}")


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().split("\n", 1)[0]
