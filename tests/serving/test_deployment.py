"""What is documented of running the service is run: the unit, container file, backups, removal."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import typer

from databases import PostgresServer, _binaries, missing_postgresql
from deployment_worlds import DOCS, NAME, UNIT, missing, replaced, started
from moodtune.preferences.events import FeedbackEvent
from moodtune.serving.store import Store, schema
from moodtune.terminal.app import app

ROOT = DOCS.parent
DEPLOYMENT = (DOCS / "deployment.md").read_text(encoding="utf-8")
PERSONAL = (DOCS / "personal-data.md").read_text(encoding="utf-8")
CONTAINERFILE = (DOCS / "deploy" / "Containerfile").read_text(encoding="utf-8").replace("\\\n", "")
NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)


def needs(*programs: str) -> pytest.MarkDecorator:
    reason = missing(*programs)
    return pytest.mark.skipif(reason is not None, reason=reason or "")


def block(text: str, word: str) -> str:
    """Return the one block of commands that has a word in it."""
    (found,) = [
        b for b in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL) if word in b
    ]
    return found


def run(commands: str, values: dict[str, str], **environment: str) -> str:
    """Run documented commands with values replaced, as one without a moodtune of this machine."""
    text = replaced(commands, values)
    assert "/var/" not in text, text
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def like(key: str) -> FeedbackEvent:
    return FeedbackEvent(
        key=key, track_id="t1", mood="relax", action="like", at="2026-11-23T18:30:00Z"
    )


def keys(store: Store) -> list[str]:
    return [event["key"] for event in store.export("ada")["feedback"]]


# The unit


@needs("systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path):
    values = {"/opt/moodtune/bin/moodtune": shutil.which("true")}
    unit = tmp_path / UNIT.name
    unit.write_text(replaced(UNIT.read_text(encoding="utf-8"), values), encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    # Exposure by systemd's own count, in tenths: up to 2.0 of 10, where 10 is an unprotected one.
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", unit],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout


def test_every_file_that_is_installed_is_there():
    named = re.findall(r"(?:^cp |-f |-r )(\S+\.\S+|\S+/Containerfile)", DEPLOYMENT, re.MULTILINE)
    assert {
        "docs/deploy/nginx.conf",
        "docs/deploy/moodtune.service",
        "docs/deploy/Containerfile",
        "requirements.txt",
    } <= set(named)
    assert [name for name in named if not name.startswith("/") and not (ROOT / name).exists()] == []


def test_a_token_is_made_before_the_first_start(tmp_path):
    first, *rest = block(DEPLOYMENT, "systemctl enable").splitlines()
    assert "systemctl enable --now moodtune" in rest
    said = run(first, own(tmp_path))
    assert re.fullmatch(r"mt_\S{43}\n", said)


def own(folder: Path) -> dict[str, str]:
    """Return what stands for the user and the folders of the documentation."""
    return {
        "sudo -u moodtune /opt/moodtune/bin/moodtune": shlex.join(
            [sys.executable, "-m", "moodtune"]
        ),
        "/var/lib/moodtune": str(folder),
    }


# The container file


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} +(.+)$", CONTAINERFILE, re.MULTILINE)


def test_the_container_is_built_of_what_is_there_from_an_image_by_its_name_and_runs_as_nobody_else():
    assert [
        re.fullmatch(r"python:3\.\d+-slim(?: AS build)?", f) is None for f in instructions("FROM")
    ] == [False, False]
    copied = [c.split()[:-1] for c in instructions("COPY") if not c.startswith("--from")]
    assert [s for sources in copied for s in sources if not (ROOT / s).exists()] == []
    assert instructions("USER") == ["10001"]
    assert "://" not in CONTAINERFILE.replace("http://127.0.0.1:8000/readyz", "").replace(
        "sqlite://", ""
    )


def test_the_container_starts_the_command_as_it_is():
    exec_, moodtune, verb, *options = shlex.split(instructions("CMD")[-1])
    assert (exec_, moodtune, verb) == ("exec", "moodtune", "serve")
    command = typer.main.get_command(app).commands["serve"]
    asked = command.make_context("serve", options).params
    assert (asked["host"], asked["allowed_host"], asked["trusted_proxy"]) == (
        "0.0.0.0",  # noqa: S104 -- of the container
        ["$NAME"],
        ["$PROXY"],
    )
    assert {"NAME=music.example", "PROXY=127.0.0.1"} < set(instructions("ENV")[0].split())


def test_the_containers_health_check_is_a_program():
    command = json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "HEALTHCHECK", "exec")


# Backup and restore


@needs("sqlite3")
def test_a_backup_of_sqlite_is_made_while_it_is_written_and_restored(tmp_path):
    live, saved = tmp_path / "live", tmp_path / "saved"
    live.mkdir()
    address = f"sqlite:///{live / 'moodtune.sqlite3'}"
    values = {"/var/lib/moodtune": str(live), "/var/backups/moodtune": str(saved)}
    store = Store.open(address)
    token = store.new_token("ada", False, NOW)
    for number in range(20):
        store.add_feedback("ada", like(f"before{number}"))
    before = sorted(keys(store))
    for _ in range(2):  # another day's takes the place of the first
        said = run(block(DEPLOYMENT, "VACUUM INTO"), values)
        assert said == "ok\n"
    store.add_feedback("ada", like("after"))
    store.close()

    restore = block(DEPLOYMENT, "rm -f /var/lib/moodtune/moodtune.sqlite3")
    assert restore.splitlines()[0] == "systemctl stop moodtune"
    assert restore.splitlines()[-1] == "systemctl start moodtune"
    # An old journal is there, as after a crash.
    (live / "moodtune.sqlite3-wal").write_bytes(b"another file's")
    nobody = {
        "systemctl stop moodtune": ":",
        "systemctl start moodtune": ":",
        "-o moodtune -g moodtune ": "",
    }
    run(restore, {**nobody, **values})
    store = Store.open(address)
    assert sorted(keys(store)) == before
    assert store.who(token.secret, NOW).listener == "ada"
    store.close()


@pytest.fixture
def postgres():
    if (reason := missing_postgresql()) is not None:
        pytest.skip(reason)
    server = PostgresServer()
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop()


def test_a_backup_of_postgresql_is_made_while_it_is_open_and_restored(postgres, tmp_path):
    postgres.run("CREATE DATABASE moodtune TEMPLATE template0 ENCODING 'UTF8'")
    address = postgres.address("moodtune")
    store = Store.open(address)
    token = store.new_token("ada", False, NOW)
    store.add_feedback("ada", like("before"))
    path = f"{_binaries()}:{os.environ['PATH']}"
    connection = {"PATH": path, "PGHOST": str(postgres.folder), "PGUSER": "moodtune"}
    values = {"/var/backups/moodtune": str(tmp_path)}
    run(block(DEPLOYMENT, "pg_dump"), values, **connection)
    store.add_feedback("ada", like("after"))
    store.close()

    nobody = {"systemctl stop moodtune": ":", "systemctl start moodtune": ":"}
    run(block(DEPLOYMENT, "pg_restore"), {**nobody, **values}, **connection)
    store = Store.open(address)
    assert keys(store) == ["before"]
    assert store.who(token.secret, NOW).listener == "ada"
    store.add_feedback("ada", like("again"))  # what belongs to whom was restored as well
    store.close()


# What is stored about a person


def test_every_table_and_column_of_the_store_is_told_of():
    told, table = set(), ""
    for first, column in re.findall(r"^\| (?:`(\w+)` )?\| `(\w+)` \|", PERSONAL, re.MULTILINE):
        table = first or table
        told.add((table, column))
    kept = {(t.name, column.name) for t in schema.metadata.tables.values() for column in t.columns}
    assert told == kept


@contextmanager
def listener_of_much(folder: Path):
    """Yield a store with somebody in it of whom everything is kept that can be."""
    store = Store.open(f"sqlite:///{folder / 'moodtune.sqlite3'}")
    token = store.new_token("ada", False, NOW)
    store.start_session(token.secret, NOW, 30)
    store.add_feedback("ada", like("k1"))
    store.add_shown("ada", ["t1"], datetime.now(UTC))
    store.save_answers("ada", {"a": "x"}, NOW)
    store.add_playlist("ada", "Sunday", ["t1"], NOW)
    yield store
    store.close()


def test_whoever_runs_the_service_exports_and_removes_a_listener(model, tmp_path):
    with listener_of_much(tmp_path) as store, started(tmp_path, model, {}) as (_, url):
        parts = {name for name, part in store.export("ada").items() if part}
        assert parts == {
            "listener",
            "tokens",
            "sessions",
            "answers",
            "feedback",
            "shown",
            "playlists",
        }
        said = run(block(PERSONAL, "listener export"), own(tmp_path))
        assert json.loads(said) == store.export("ada")
        token = store.new_token("ada", False, NOW).secret
        asked = {"headers": {"host": NAME, "authorization": f"Bearer {token}"}}
        assert httpx.get(f"{url}/v1/me", **asked).status_code == 200
        said = run(block(PERSONAL, "listener forget"), own(tmp_path))
        assert said == "Everything of 'ada' is removed.\n"
        assert httpx.get(f"{url}/v1/me", **asked).status_code == 401
        assert {name for name, part in store.export("ada").items() if part} == {"listener"}
        assert store.listeners() == ()
