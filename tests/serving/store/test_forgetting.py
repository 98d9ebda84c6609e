"""Of a listener who is forgotten nothing is left, not even in the bytes of the files."""

from contextlib import closing

import pytest
import sqlalchemy as sa

from moodtune.serving.store import Memory, Store
from moodtune.serving.store.schema import metadata
from store_worlds import DAY, NOW, TODAY, event, write_everything

WORD = "zyzzyva"


def count_rows(address):
    engine = sa.create_engine(address, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        return {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in metadata.sorted_tables
        }


def test_every_row_goes_and_no_row_of_anybody_else(address):
    with closing(Store.open(address)) as store:
        write_everything(store, "bob")
        before = count_rows(address)
        assert all(before.values())  # a row of every kind is there
        told = store.export("bob")
        token = write_everything(store, "ada")
        session = store.start_session(token.secret, NOW, 1)
        assert store.forget("ada")
        assert count_rows(address) == before
        assert store.export("bob") == told
        assert store.who(token.secret, NOW) is None
        assert store.who_session(session, NOW) is None
        assert store.memory("ada", TODAY) == Memory()
        assert not store.forget("ada")


def test_who_comes_again_begins_anew(store):
    write_everything(store, "ada")
    store.forget("ada")
    store.new_token("ada", False, NOW)
    assert store.memory("ada", TODAY) == Memory()
    assert store.answers("ada") is None
    assert store.playlists("ada") == ()


def lines_with(word, folder):
    found = []
    for path in sorted(folder.iterdir()):
        found += [path.name] * path.read_bytes().count(word.encode())
    return found


def fill(store, listener, word, times):
    """So much that pages are split, freed and used again."""
    write_everything(store, listener, word)
    for n in range(times):
        said = event(f"{word} {n}", f"{word} track {n}", action=("like", "ban")[n % 2])
        store.add_feedback(listener, said)
        store.add_shown(listener, [f"{word} {n} {i}" for i in range(20)], NOW - n * DAY)
        store.save_answers(listener, {f"{word} {n}": word * n}, NOW)
    for n in range(0, times, 3):
        store.remove_feedback(listener, f"{word} {n}")


@pytest.mark.parametrize("word", [WORD, "zyžyva"])
def test_no_byte_of_it_stays_in_the_files(tmp_path, word):
    with closing(Store.open(f"sqlite:///{tmp_path}/store.sqlite3")) as store:
        for n in range(3):
            fill(store, "ada", word, 40) if n == 1 else fill(store, f"other {n}", f"other{n}", 40)
            store.prune(TODAY)
        fill(store, "other 3", "other3", 40)
        assert lines_with(word, tmp_path)
        store.forget("ada")
        assert lines_with(word, tmp_path) == []
        assert lines_with("other0", tmp_path)
    assert lines_with(word, tmp_path) == []


def test_secrets_are_in_no_file(tmp_path):
    with closing(Store.open(f"sqlite:///{tmp_path}/store.sqlite3")) as store:
        token = store.new_token("ada", False, NOW)
        session = store.start_session(token.secret, NOW, 1)
        store.who(token.secret, NOW)
        for secret in (token.secret, session):
            assert lines_with(secret[3:], tmp_path) == []
        assert lines_with("ada", tmp_path)
