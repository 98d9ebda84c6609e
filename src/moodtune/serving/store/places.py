"""Where the store lies: an address is checked, and a file is made for its owner alone."""

import errno
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy as sa
from platformdirs import user_data_path

from moodtune.errors import StoreError, UsageError

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_EXPECTED = (
    "the store's address must be sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An address that was checked; ``called`` names it in messages, without a password."""

    url: sa.URL
    called: str

    @property
    def is_file(self) -> bool:
        """Whether it is SQLite's."""
        return self.url.get_backend_name() == SQLITE

    def without_password(self, text: str) -> str:
        """Return ``text`` with the password hidden, should a driver have told it."""
        secrets = [str(self.url.password or ""), *_texts(self.url.query.get("password"))]
        for secret in filter(None, secrets):
            text = text.replace(secret, "***")
        return text


def _texts(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value or "",)


def default_url() -> str:
    """Return the address of the file in the user's data directory."""
    path = user_data_path("moodtune", appauthor=False) / "moodtune.sqlite3"
    return sa.URL.create(SQLITE, database=str(path)).render_as_string()


def place_of(address: str) -> Place:
    """Return an address as a place; UsageError for one that is none, without repeating it."""
    try:
        url = sa.make_url(address)
    except (sa.exc.ArgumentError, ValueError):
        raise UsageError(f"{_EXPECTED}, and what was given is neither") from None
    if url.drivername in {SQLITE, f"{SQLITE}+pysqlite"}:
        return _file(url)
    if url.drivername in {POSTGRESQL, f"{POSTGRESQL}+psycopg"}:
        return _server(url)
    raise UsageError(f"{_EXPECTED}, got one that begins with {url.drivername}://")


def _file(url: sa.URL) -> Place:
    if not url.database or url.database == ":memory:" or url.host or url.query:
        raise UsageError(f"{_EXPECTED}; for SQLite, name a file and nothing else")
    path = Path(url.database).absolute()
    return Place(url=sa.URL.create(f"{SQLITE}+pysqlite", database=str(path)), called=str(path))


def _server(url: sa.URL) -> Place:
    if find_spec("psycopg") is None:
        raise UsageError(
            "a store on PostgreSQL needs the driver psycopg, which is not installed; "
            "install it with: pip install 'moodtune[postgres]'"
        )
    host = url.host or ",".join(_texts(url.query.get("host"))) or "localhost"
    port = f":{url.port}" if url.port else ""
    called = f"{host}{port}, database {url.database or url.username or ''}"
    return Place(url=url.set(drivername=f"{POSTGRESQL}+psycopg"), called=called)


def make_private(path: Path) -> None:
    """Make the file, and the folders on the way, for their owner alone; StoreError if it cannot."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            if os.name == "posix":
                os.fchmod(descriptor, 0o600)  # a copy that was put back may be open to all
        finally:
            os.close(descriptor)
    except OSError as error:
        # A folder on the way that is a file already: the system says only that it exists.
        reason = os.strerror(errno.ENOTDIR if error.errno == errno.EEXIST else error.errno or 0)
        raise StoreError(
            f"the store at {path} cannot be opened: {reason}; "
            "name a file in a folder that this user may write"
        ) from error
