"""The databases that the store's tests run over: a file, and a PostgreSQL server of their own."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import sqlalchemy as sa

#: Where Debian puts them, which it keeps off PATH.
_DEBIAN = Path("/usr/lib/postgresql")
#: initdb refuses root, so another user runs it then.
_USERS = ("postgres", "nobody")
_SECONDS = 60
_PR_SET_PDEATHSIG = 1


def missing_postgresql() -> str | None:
    """Say why there can be no PostgreSQL server here; None if there can be one."""
    if _binaries() is None:
        return f"no initdb and postgres on PATH or under {_DEBIAN} (Debian: postgresql)"
    if os.geteuid() == 0 and _user() is None:
        return f"PostgreSQL refuses root, and none of the users {', '.join(_USERS)} is here"
    return None


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(_DEBIAN.glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def _user() -> str | None:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in _USERS if name in known), None)


def _end_with_parent() -> None:
    """Be stopped when the tests are killed, where the system can do that (after any setuid)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


@dataclass
class PostgresServer:
    """A server in a folder of its own, which listens on a socket in it and on nothing else."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="moodtune-pg-")))
    fsync: bool = False  # what a test kills is the server, never the machine
    _process: subprocess.Popen[bytes] | None = None
    _numbers: count = field(default_factory=count)

    def create(self) -> None:
        """Make its files."""
        user = self._as_user().get("user")
        if user is not None:
            shutil.chown(self.folder, user, self._as_user()["group"])
        made = subprocess.run(
            [
                *(_binaries() / "initdb", "--pgdata", self._data, "--username", "moodtune"),
                *("--auth", "trust", "--encoding", "UTF8", "--no-sync"),
            ],
            **self._as_user(),
            check=False,
            capture_output=True,
            text=True,
        )
        assert made.returncode == 0, made.stderr

    def start(self) -> None:
        """Start it, and wait until it answers."""
        end = time.monotonic() + _SECONDS
        self._launch()
        while not self._answers():
            assert time.monotonic() < end, self._log.read_text(errors="replace")
            if self._process.poll() is not None:
                self._launch()  # what is left of a server that was killed takes a moment to go
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would, with every process of it."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End it and remove its files."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_SECONDS)
        shutil.rmtree(self.folder)

    def address(self, database: str = "postgres") -> str:
        """Return the address of one of its databases."""
        return f"postgresql+psycopg://moodtune@/{database}?host={self.folder}"

    def fresh(self) -> str:
        """Make a database, and return its address."""
        name = f"moodtune_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name}")
        return self.address(name)

    def run(self, sql: str) -> None:
        """Run a statement of the server's owner."""
        engine = sa.create_engine(
            self.address(), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
        )
        with engine.connect() as connection:
            connection.exec_driver_sql(sql)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _as_user(self) -> dict:
        if os.geteuid() != 0:
            return {}
        entry = pwd.getpwnam(_user())
        return {"user": entry.pw_name, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}

    def _launch(self) -> None:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": "on" if self.fsync else "off",
            "max_connections": "200",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [_binaries() / "postgres", "-D", self._data, *options],
                **self._as_user(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 -- it makes one call of the system's
            )

    def _answers(self) -> bool:
        try:
            self.run("SELECT 1")
        except sa.exc.OperationalError:
            return False
        return True
