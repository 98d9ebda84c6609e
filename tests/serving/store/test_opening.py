"""A store opens where it may, once for all who come at once, and says in a sentence why not."""

import re
import sqlite3
import stat
from contextlib import closing

import pytest
import sqlalchemy as sa

from moodtune.errors import StoreError, UsageError
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Memory, Store, places
from moodtune.serving.store.schema import HEAD, VERSION_TABLE
from store_processes import StoreProcesses
from store_worlds import NOW, TODAY, event

VERSIONS = sa.table(VERSION_TABLE, sa.column("version_num"))
HURRIED = ServingSettings(store_wait=0.2)


def refused(address, error=StoreError, settings=HURRIED):
    with pytest.raises(error) as raised:
        Store.open(address, settings).close()
    message = str(raised.value)
    assert "\n" not in message
    return message


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_store_that_is_opened_again_has_what_was_written(empty):
    with closing(Store.open(empty)) as store:
        store.add_feedback("ada", event())
    with closing(Store.open(empty)) as store:
        assert store.memory("ada", TODAY).feedback == (event(),)


def test_the_default_is_a_file_in_the_users_data_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with closing(Store.open()) as store:
        store.ready()
    assert (tmp_path / "moodtune" / "moodtune.sqlite3").exists()


def test_a_file_is_its_owners_alone_and_so_are_new_folders_on_the_way(tmp_path):
    path = tmp_path / "new" / "store.sqlite3"
    with closing(Store.open(f"sqlite:///{path}")) as store:
        store.add_feedback("ada", event())
        assert {p.name: mode(p) for p in path.parent.iterdir()} == {
            "store.sqlite3": 0o600,
            "store.sqlite3-shm": 0o600,
            "store.sqlite3-wal": 0o600,
        }
    assert mode(path.parent) == 0o700


def test_a_copy_that_was_put_back_is_closed_to_others(tmp_path):
    path = tmp_path / "store.sqlite3"
    Store.open(f"sqlite:///{path}").close()
    path.chmod(0o644)
    Store.open(f"sqlite:///{path}").close()
    assert mode(path) == 0o600


def test_a_file_is_written_ahead_synchronously_and_overwritten(tmp_path):
    with closing(Store.open(f"sqlite:///{tmp_path}/store.sqlite3")) as store:
        told = {}
        for name in ("durable", "quick"):
            with getattr(store._database, name).connect() as connection:
                told[name] = {
                    pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
                    for pragma in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
                }
    always = {"journal_mode": "wal", "foreign_keys": 1, "secure_delete": 1}
    assert told == {"durable": {**always, "synchronous": 2}, "quick": {**always, "synchronous": 1}}


def test_a_server_waits_for_the_disk_where_it_must(postgres):
    with closing(
        Store.open(postgres.fresh() + "&options=-csearch_path%3Dpublic", HURRIED)
    ) as store:
        told = {}
        for name in ("durable", "quick"):
            with getattr(store._database, name).connect() as connection:
                told[name] = [
                    connection.exec_driver_sql(f"SHOW {setting}").scalar()
                    for setting in ("synchronous_commit", "lock_timeout", "search_path")
                ]
    assert told == {"durable": ["on", "200ms", "public"], "quick": ["off", "200ms", "public"]}


def test_several_processes_open_a_new_store_at_once(empty):
    with StoreProcesses() as processes:
        openers = [processes.start("open", empty, "ada") for _ in range(8)]
        assert [processes.ended(opener) for opener in openers] == [([], 0)] * 8
    with closing(Store.open(empty)) as store:
        assert {said.key for said in store.memory("ada", TODAY).feedback} == {
            f"o-{number}" for number, _ in openers
        }


def set_version(address, version):
    engine = sa.create_engine(address, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.update(VERSIONS).values(version_num=version))


def test_a_newer_database_is_refused_and_left_as_it_is(empty):
    store = Store.open(empty)
    store.add_feedback("ada", event())
    store.ready()
    set_version(empty, "0999")
    place = re.escape(store._database.place.called)
    newer = (
        f"the store at {place} has version 0999, and this Moodtune knows {HEAD} at most; "
        "use the newer Moodtune, or restore the backup from before"
    )
    assert re.fullmatch(newer, refused(empty))
    with pytest.raises(StoreError, match=f"^{newer}$"):
        store.ready()
    set_version(empty, HEAD)
    store.close()
    with closing(Store.open(empty)) as again:
        assert again.memory("ada", TODAY).feedback == (event(),)


def test_a_version_that_nobody_wrote_is_refused(empty):
    Store.open(empty).close()
    set_version(empty, "0000")
    assert "has a version that no Moodtune wrote" in refused(empty)


def test_another_programs_file_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE notes (text)")
    assert refused(f"sqlite:///{path}") == (
        f"the store at {path} is another program's database; name another file"
    )
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("notes",)]


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "store.sqlite3"
    path.write_bytes(b"moods of the week\n" * 500)
    assert refused(f"sqlite:///{path}") == (
        f"the store at {path} is not a database of SQLite; name another file"
    )


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "store.sqlite3"
    Store.open(f"sqlite:///{path}").close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert refused(f"sqlite:///{path}") == (
        f"the store at {path} is damaged; restore it from a backup"
    )


def test_a_folder_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "store.sqlite3"
    assert refused(f"sqlite:///{path}") == (
        f"the store at {path} cannot be opened: Not a directory; "
        "name a file in a folder that this user may write"
    )
    assert "Is a directory" in refused(f"sqlite:///{tmp_path}")


EXPECTED = (
    "the store's address must be sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", None),
        ("store.sqlite3", f"{EXPECTED}, and what was given is neither"),
        ("postgresql://ada:secret@host:port/x", f"{EXPECTED}, and what was given is neither"),
        ("mysql://ada:secret@host/x", f"{EXPECTED}, got one that begins with mysql://"),
        ("sqlite://", f"{EXPECTED}; for SQLite, name a file and nothing else"),
        ("sqlite:///:memory:", f"{EXPECTED}; for SQLite, name a file and nothing else"),
        ("sqlite:///x.sqlite3?mode=ro", f"{EXPECTED}; for SQLite, name a file and nothing else"),
    ],
)
def test_another_address_is_refused_without_repeating_it(address, message):
    if message is None:
        address, message = "://", f"{EXPECTED}, and what was given is neither"
    assert refused(address, UsageError) == message


def test_a_missing_driver_names_the_extra(monkeypatch):
    monkeypatch.setattr(places, "find_spec", lambda _: None)
    assert refused("postgresql+psycopg://host/x", UsageError) == (
        "a store on PostgreSQL needs the driver psycopg, which is not installed; "
        "install it with: pip install 'moodtune[postgres]'"
    )


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://ada:hunter2@127.0.0.1:1/moods",
        "postgresql://127.0.0.1:1/moods?user=ada&password=hunter2",
    ],
)
def test_a_server_that_does_not_answer_is_named_without_the_password(address):
    pytest.importorskip("psycopg", reason="psycopg is not installed (extra postgres)")
    message = refused(address)
    assert re.fullmatch(
        "the store at 127.0.0.1:1, database moods cannot be reached: .*refused.*; "
        "start the server, or check the address and the password",
        message,
    )
    assert "hunter2" not in message


def test_a_wrong_password_is_not_repeated(postgres):
    # The server trusts whom it knows; of one whom it does not know it says so.
    message = refused(f"postgresql+psycopg://nobody:hunter2@/postgres?host={postgres.folder}")
    assert message.startswith(
        f"the store at {postgres.folder}, database postgres cannot be reached"
    )
    assert "hunter2" not in message


def test_a_locked_file_is_waited_for_and_then_told(tmp_path):
    path = tmp_path / "store.sqlite3"
    with closing(Store.open(f"sqlite:///{path}", HURRIED)) as store:
        store.add_feedback("ada", event())
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            locked = (
                f"^the store at {re.escape(str(path))} is locked by another program; "
                "end what holds it, or try again$"
            )
            for write in (
                lambda: store.add_feedback("ada", event("k2")),
                lambda: store.add_shown("ada", ["t1"], NOW),
                lambda: store.new_token("ada", False, NOW),
            ):
                with pytest.raises(StoreError, match=locked):
                    write()
            # Who only reads need not wait.
            assert store.memory("ada", TODAY).feedback == (event(),)
            store.ready()
            other.execute("ROLLBACK")
        assert store.add_feedback("ada", event("k2")) == (event("k2"), True)


def test_a_locked_row_is_waited_for_and_then_told(postgres):
    address = postgres.fresh()
    with closing(Store.open(address, HURRIED)) as store:
        store.save_answers("ada", {}, NOW)
        engine = sa.create_engine(address, poolclass=sa.pool.NullPool)
        with engine.begin() as other:
            other.exec_driver_sql("UPDATE answers SET at = 'now'")
            with pytest.raises(StoreError, match="is locked by another program"):
                store.save_answers("ada", {}, NOW)
        store.save_answers("ada", {}, NOW)


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path):
    path = tmp_path / "store.sqlite3"
    store = Store.open(f"sqlite:///{path}")
    database = store._database

    def fill(connection, _record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    store.new_token("ada", False, NOW)
    for engine in (database.durable, database.quick):
        engine.dispose()
        sa.event.listen(engine, "connect", fill)
    full = f"^the store at {re.escape(str(path))} cannot be written: the disk is full; make room there$"
    with pytest.raises(StoreError, match=full):
        store.add_playlist("ada", "Sunday", [f"{n:05d}" * 100 for n in range(100)], NOW)
    assert store.playlists("ada") == ()
    store.ready()
    store.close()


def test_ready_says_when_the_file_was_removed(tmp_path):
    path = tmp_path / "store.sqlite3"
    with closing(Store.open(f"sqlite:///{path}")) as store:
        path.unlink()
        with pytest.raises(
            StoreError,
            match=f"^the store at {re.escape(str(path))} was removed while it was in use; "
            "put it back, and start again$",
        ):
            store.ready()


def test_ready_says_when_the_tables_are_gone(empty):
    with closing(Store.open(empty)) as store:
        engine = sa.create_engine(empty, poolclass=sa.pool.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.delete(VERSIONS))
        with pytest.raises(
            StoreError, match=r"was emptied or put back while it was in use; start again$"
        ):
            store.ready()


def test_what_a_listener_said_is_in_no_error(store):
    # The table goes, so that the statement fails that has the words in it.
    with store._database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE answers RENAME TO elsewhere")
    try:
        with pytest.raises(StoreError) as raised:
            store.save_answers("ada", {"column": "a secret answer"}, NOW)
    finally:
        with store._database.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO answers")
    error = raised.value
    while error is not None:
        assert "secret answer" not in str(error)
        error = error.__cause__


def test_a_store_of_nobody_remembers_nothing(empty):
    with closing(Store.open(empty)) as store:
        store.ready()
        assert store.memory("ada", TODAY) == Memory()
        assert store.tokens() == ()
