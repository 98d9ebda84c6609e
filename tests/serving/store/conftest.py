"""The store's two databases, and an open store on each."""

import shutil

import pytest
import sqlalchemy as sa

from databases import PostgresServer, missing_postgresql
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Store

#: Allowances that a test fills.
SMALL = ServingSettings(
    playlists=2,
    playlist_tracks=3,
    feedback_events=6,
    recalled_events=3,
    shown_days=3,
)


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server; what needs it skips where there can be none."""
    if (reason := missing_postgresql()) is not None:
        pytest.skip(reason)
    server = PostgresServer()
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """The address of a database of each kind in which there is nothing."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.sqlite3"
    return request.getfixturevalue("postgres").fresh()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("migrated") / "store.sqlite3"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def migrated_database(postgres):
    address = postgres.fresh()
    Store.open(address).close()
    return address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """The address of a store of each kind in which there is nobody: quicker than to make one."""
    if request.param == "sqlite":
        path = tmp_path / "store.sqlite3"
        shutil.copyfile(request.getfixturevalue("migrated_file"), path)
        return f"sqlite:///{path}"
    address = request.getfixturevalue("migrated_database")
    engine = sa.create_engine(address, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM listeners")
        connection.exec_driver_sql("DELETE FROM tokens_used")
    return address


@pytest.fixture
def small():
    return SMALL


@pytest.fixture
def store(address):
    opened = Store.open(address, SMALL)
    yield opened
    opened.close()
