"""The migrations make the tables that the code knows, no more and no less, and ship with it."""

import re
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from moodtune.serving.store import Store
from moodtune.serving.store.migrating import MIGRATIONS
from moodtune.serving.store.schema import HEAD, VERSION_TABLE, metadata


def test_the_newest_migration_is_the_version_that_the_code_asks_for():
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(MIGRATIONS))
    directory = ScriptDirectory.from_config(config)
    assert directory.get_heads() == [HEAD]
    names = sorted(revision.revision for revision in directory.walk_revisions())
    # Versions are compared as text: four digits, without a gap.
    assert names == [f"{number:04d}" for number in range(1, len(names) + 1)]


def test_migrations_make_what_the_code_knows(empty):
    Store.open(empty).close()
    engine = sa.create_engine(empty, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"version_table": VERSION_TABLE, "compare_server_default": True},
        )
        assert compare_metadata(context, metadata) == []


def statements(engine):
    """What makes each table and index, with its parts in order: SQLite keeps the very words."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL")
        return {
            name: sorted(re.split(r"[,()]|\s+", sql.replace('"', "")))
            for name, sql in rows
            if name != VERSION_TABLE and not name.startswith("sqlite_")
        }


def test_a_migrated_file_is_made_of_the_same_words_as_one_made_from_the_code(tmp_path):
    migrated, made = (f"sqlite:///{tmp_path}/{name}" for name in ("migrated", "made"))
    Store.open(migrated).close()
    engines = [sa.create_engine(url, poolclass=sa.pool.NullPool) for url in (migrated, made)]
    metadata.create_all(engines[1])
    assert statements(engines[0]) == statements(engines[1])


def test_every_row_of_a_listener_goes_with_the_listener():
    for table in metadata.sorted_tables:
        if table.name in {"listeners", "tokens_used"}:
            continue
        (key,) = table.foreign_keys
        assert key.ondelete == "CASCADE", table.name
        assert key.column.table.name in {"listeners", "tokens"}


def test_migrations_lie_beside_the_code_as_files():
    names = {path.name for path in Path(MIGRATIONS).rglob("*.py")}
    assert {"env.py", "v0001_first.py"} <= names


def test_a_database_may_lie_in_a_folder_with_any_name(tmp_path):
    folder = tmp_path / "100% of my %(moods)s"
    with closing(
        Store.open(sa.URL.create("sqlite", database=str(folder / "x")).render_as_string())
    ):
        assert (folder / "x").exists()
