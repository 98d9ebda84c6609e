"""The one place where what a database says becomes a StoreError with a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from moodtune.errors import StoreError

#: What SQLite's codes mean for whoever runs the service; others are told in SQLite's own words.
_SQLITE = {
    "SQLITE_BUSY": "is locked by another program; end what holds it, or try again",
    "SQLITE_LOCKED": "is locked by another program; end what holds it, or try again",
    "SQLITE_FULL": "cannot be written: the disk is full; make room there",
    "SQLITE_READONLY": "cannot be written: it is read-only; give this user the right to write it",
    "SQLITE_CANTOPEN": "cannot be opened; check that its folder exists and may be written",
    "SQLITE_NOTADB": "is no database of SQLite; name another file",
    "SQLITE_CORRUPT": "is damaged; restore it from a backup",
    "SQLITE_IOERR": "cannot be read or written: the disk reports an error; check it",
}


@contextmanager
def explained(place: str, *drivers: type[Exception]) -> Iterator[None]:
    """Raise StoreError for what SQLAlchemy or one of ``drivers`` raises; ``place`` says where."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise StoreError(
            f"the store at {place} is busy: no connection came free in time; try again"
        ) from error
    except sa.exc.DBAPIError as error:
        raise StoreError(f"the store at {place} {_reason(error.orig)}") from error
    except drivers as error:
        raise StoreError(f"the store at {place} {_reason(error)}") from error


def _reason(error: BaseException | None) -> str:
    name = getattr(error, "sqlite_errorname", None)
    if name is not None:
        # Extended codes begin with the plain one: SQLITE_IOERR_WRITE.
        plain = "_".join(name.split("_")[:2])
        return _SQLITE.get(plain, f"failed: {_first_line(error)}")
    return f"does not answer as it should: {_first_line(error)}"


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().split("\n", 1)[0]
