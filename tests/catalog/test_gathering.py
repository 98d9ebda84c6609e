"""Tables longer than memory should hold: the same tracks, whatever is held and in what order."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moodtune.artifacts.frames import write_frame
from moodtune.catalog import gathering, runs
from moodtune.catalog.gathering import repeated
from moodtune.catalog.id_order import ascending, repeats
from moodtune.catalog.readers import read_catalog
from moodtune.catalog.schema import ALTERNATIVE_IDS, TRACK_ID
from moodtune.errors import UsageError
from moodtune.samples import sample_tracks

SOUND = {
    "valence": 0.5, "energy": 0.5, "danceability": 0.5, "acousticness": 0.5, "loudness": -8.0,
    "tempo": 120.0,
}  # fmt: skip


@pytest.fixture(autouse=True)
def every_run_on_disk(monkeypatch):
    monkeypatch.setattr(gathering, "RUNS_IN_MEMORY", 0)


def table(rows, path):
    """Write rows of id, title, artists, popularity and genre as a Parquet table."""
    names = ("track_id", "title", "artists", "popularity", "track_genre")
    frame = pl.DataFrame(
        rows,
        schema={n: pl.Int64 if n == "popularity" else pl.String for n in names},
        orient="row",
    )
    features = [pl.lit(value).alias(name) for name, value in SOUND.items()]
    frame.with_columns(features).write_parquet(path)
    return path


def both(path, held_rows):
    """Return the catalog that is held, and the one that lies on disk."""
    return read_catalog(path), read_catalog(path, held_rows=held_rows, temp_dir=path.parent)


def assert_same(held, long):
    assert long.long is not None
    assert long.frame().equals(held.tracks)
    assert long.tracks.equals(held.tracks.select(long.tracks.columns))
    assert long.rejections.equals(held.rejections)
    assert (long.sources, long.notes) == (held.sources, held.notes)
    for count in ("n_read", "n_rejected", "n_merged_ids", "n_merged_songs"):
        assert getattr(long, count) == getattr(held, count), count


def test_rows_of_one_id_are_one_track_though_they_lie_in_different_runs(tmp_path):
    rows = [
        ("a", "Song", "Ann", 1, "rock"),
        *[(f"x{i}", f"X{i}", "Bob", 1, None) for i in range(9)],
    ]
    path = table([*rows, ("a", "Song", "Ann", 2, "pop")], tmp_path / "t.parquet")
    held, long = both(path, held_rows=3)
    assert_same(held, long)
    kept = long.frame().filter(pl.col(TRACK_ID) == "a")
    assert kept.select("popularity", "genres").rows() == [(1.0, ["pop", "rock"])]
    assert (long.n_read, long.n_merged_ids, len(long)) == (11, 1, 10)


def test_tracks_of_one_song_are_one_though_they_lie_in_different_runs(tmp_path):
    filler = [(f"x{i}", f"X{i}", "Bob", 1, None) for i in range(9)]
    rows = [("b", "Song", "Ann;Bob", 1, None), *filler, ("a", "SONG", "bob;ann", 7, None)]
    held, long = both(table(rows, tmp_path / "t.parquet"), held_rows=4)
    assert_same(held, long)
    kept = long.frame().filter(pl.col(ALTERNATIVE_IDS).list.len() > 0)
    assert kept.select(TRACK_ID, ALTERNATIVE_IDS).rows() == [("a", ["b"])]


def test_titles_that_share_a_hash_and_nothing_else_stay_two_tracks(tmp_path, monkeypatch):
    def one_hash_for_all(tracks):
        return pl.Series("title_hash", [7] * tracks.height, dtype=pl.UInt64)

    monkeypatch.setattr(gathering, "title_hashes", one_hash_for_all)
    rows = [(f"x{i}", f"X{i // 2}", f"Artist {i}", 1, None) for i in range(10)]
    held, long = both(table(rows, tmp_path / "t.parquet"), held_rows=4)
    assert_same(held, long)
    assert len(long) == 10


def test_one_id_in_more_rows_than_any_chunk_has_is_still_one_track(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "CHUNK_ROWS", 2)
    monkeypatch.setattr(runs, "ROWS_AT_ONCE", 4)
    rows = [("m", "Song", "Ann", i, f"g{i % 3}") for i in range(23)]
    rows += [(f"{c}{i}", f"{c}{i}", "Bob", 1, None) for i in range(5) for c in "az"]
    held, long = both(table(rows, tmp_path / "t.parquet"), held_rows=5)
    assert_same(held, long)
    assert (len(long), long.n_merged_ids) == (11, 22)


def test_runs_are_put_in_order_a_few_rows_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "CHUNK_ROWS", 8)
    monkeypatch.setattr(runs, "ROWS_AT_ONCE", 20)
    ids = pl.Series("track_id", [f"{n * 7919 % 1000:03}" for n in range(1000)])
    several = [runs.Run(ids.slice(start, 100).to_frame()) for start in range(0, 1000, 100)]
    for run in several[:-1]:
        run.write(tmp_path)
    yields = [pl.concat(parts)["track_id"] for parts in runs.merged(several)]
    assert pl.concat([one.sort() for one in yields]).to_list() == sorted(ids)
    sizes = [len(one) for one in yields]
    assert (min(sizes[:-1]) >= 2, max(sizes) <= 20) == (True, True)
    assert list(tmp_path.iterdir()) == []


def test_one_id_in_many_rows_of_one_run_brings_no_other_run_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "CHUNK_ROWS", 8)
    monkeypatch.setattr(runs, "ROWS_AT_ONCE", 20)
    several = [
        runs.Run(pl.DataFrame({"track_id": ids}))
        for ids in (["0"] * 95 + ["1"] * 5, *([f"{n}{run}" for n in range(100)] for run in "abc"))
    ]
    for run in several:
        run.write(tmp_path)
    yields = []
    for parts in runs.merged(several):
        yields.append(pl.concat(parts)["track_id"])
        assert max(map(len, several)) <= 5 + 8
    assert pl.concat(yields).len() == 400
    assert [(len(one), one.n_unique()) for one in yields if len(one) > 20] == [(95, 1)]


def test_the_last_runs_stay_in_memory_and_older_ones_are_written(tmp_path, monkeypatch):
    written = runs_written(monkeypatch)
    monkeypatch.setattr(gathering, "RUNS_IN_MEMORY", 2)
    monkeypatch.setattr("moodtune.catalog.readers._BATCH_ROWS", 3)
    rows = [(f"x{i}", f"X{i}", "Bob", 1, None) for i in range(14)]
    held, long = both(table(rows, tmp_path / "t.parquet"), held_rows=3)
    assert_same(held, long)
    assert written == ["x0", "x3", "x6"]  # the first ids of three runs of five


def runs_written(monkeypatch):
    """Return what will have the first id of every run that is written."""
    written, write = [], runs.Run.write

    def noted(self, folder):
        written.append(self.id_at(0))
        write(self, folder)

    monkeypatch.setattr(runs.Run, "write", noted)
    return written


def test_runs_of_long_texts_are_written_though_they_are_few(tmp_path, monkeypatch):
    written = runs_written(monkeypatch)
    monkeypatch.setattr(gathering, "RUNS_IN_MEMORY", 4)
    monkeypatch.setattr(gathering, "BYTES_IN_MEMORY", 50_000)
    monkeypatch.setattr("moodtune.catalog.readers._BATCH_ROWS", 3)
    rows = [(f"x{i}", f"X{i}" + 10_000 * "y", "Bob", 1, None) for i in range(9)]
    held, long = both(table(rows, tmp_path / "t.parquet"), held_rows=3)
    assert_same(held, long)
    assert written


def test_an_error_of_the_thread_that_writes_leaves_nothing_on_disk(tmp_path, monkeypatch):
    def full(_, folder):
        (folder / "part").write_bytes(b"some")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runs.Run, "write", full)
    rows = [(f"x{i}", f"X{i}", "Bob", 1, None) for i in range(6)]
    path = table(rows, tmp_path / "t.parquet")
    with pytest.raises((OSError, UsageError)):
        read_catalog(path, held_rows=2, temp_dir=tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_that_is_just_long_enough_is_held(tmp_path):
    rows = [(f"x{i}", f"X{i}", "Bob", 1, None) for i in range(6)]
    path = table(rows, tmp_path / "t.parquet")
    assert read_catalog(path, held_rows=6).long is None
    assert read_catalog(path, held_rows=5).long is not None


def test_tables_of_a_folder_with_other_columns_give_the_same(tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    one = table([(f"x{i}", f"X{i}", "Bob", 1, "rock") for i in range(5)], folder / "1.parquet")
    two = pl.read_parquet(one).drop("popularity", "track_genre", "artists")
    two.with_columns(pl.col("track_id") + "y", year=1999).write_parquet(folder / "2.parquet")
    assert_same(*both(folder, held_rows=4))


def test_what_is_rejected_is_counted_where_it_stood(tmp_path):
    rows = [(f"x{i}", f"X{i}", "Bob", 1, None) for i in range(6)]
    path = table(rows, tmp_path / "t.parquet")
    bad = pl.read_parquet(path).with_columns(
        energy=pl.when(pl.col("track_id") == "x4").then(7.0).otherwise(0.5)
    )
    bad.write_parquet(path)
    held, long = both(path, held_rows=2)
    assert_same(held, long)
    assert long.rejections.select("row", "track_id").rows() == [(5, "x4")]


rows_of_few = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d", "é", "Z", "zz"]),
        st.sampled_from(["Song", "song", "Other", "", None]),
        st.sampled_from(["Ann", "Bob", "Ann;Bob", "bob;ann", None]),
        st.sampled_from([None, 0, 1, 50]),
        st.sampled_from([None, "rock", "pop"]),
    ),
    min_size=2,
    max_size=30,
)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=rows_of_few,
    held=st.integers(1, 29),
    batch=st.integers(1, 9),
    chunk=st.integers(1, 5),
    at_once=st.integers(1, 20),
    in_memory=st.integers(0, 4),
)
def test_what_is_held_and_how_rows_come_never_matters(
    tmp_path, rows, held, batch, chunk, at_once, in_memory
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "RUNS_IN_MEMORY", in_memory)
        patch.setattr(runs, "CHUNK_ROWS", chunk)
        patch.setattr(runs, "ROWS_AT_ONCE", at_once)
        patch.setattr("moodtune.catalog.readers._BATCH_ROWS", batch)
        path = table(rows, tmp_path / "t.parquet")
        first, long = both(path, held_rows=min(held, len(rows) - 1))
        assert_same(first, long)
        path = table(rows[::-1], tmp_path / "t.parquet")
        assert read_catalog(path, held_rows=held).frame().equals(first.tracks)


def test_a_samples_file_on_disk_has_the_bytes_of_a_models_file(tmp_path):
    tracks = sample_tracks(3000, 7)
    twice = pl.concat(
        [tracks, tracks.head(40), tracks.tail(50).with_columns(pl.col("track_id") + "b")]
    )
    twice.write_parquet(tmp_path / "t.parquet")
    held, long = both(tmp_path / "t.parquet", held_rows=700)
    assert_same(held, long)
    write_frame(held.tracks, tmp_path / "held.parquet")
    assert (tmp_path / "held.parquet").read_bytes() == long.long.path.read_bytes()


def test_hashes_that_occur_twice_are_found_whatever_batch_they_are_in():
    batches = [pl.Series(b, dtype=pl.UInt64).to_numpy() for b in ([3, 1], [], [2, 3, 9], [1, 3])]
    assert repeated(batches).tolist() == [1, 3]
    assert repeated(batches[:1]).tolist() == []


def test_rows_asked_for_come_in_the_order_they_were_asked_for(tmp_path):
    rows = [(f"x{i:02}", f"X{i}", "Bob", 1, None) for i in range(30)]
    held, long = both(table(rows, tmp_path / "t.parquet"), held_rows=7)
    asked = pl.Series([21, 3, 3, 29, 0]).to_numpy()
    assert long.rows(asked, ("track_id", "title")).equals(held.rows(asked, ("track_id", "title")))


def hidden(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir() if entry.name.startswith(".")]


def test_the_folder_on_disk_goes_with_the_catalog(tmp_path):
    path = table([(f"x{i}", f"X{i}", "Bob", 1, None) for i in range(9)], tmp_path / "t.parquet")
    long = read_catalog(path, held_rows=2, temp_dir=tmp_path)
    assert len(hidden(tmp_path)) == 1
    del long
    assert hidden(tmp_path) == []


def test_an_error_leaves_nothing_on_disk(tmp_path, monkeypatch):
    path = table([(f"x{i}", f"X{i}", "Bob", 1, None) for i in range(9)], tmp_path / "t.parquet")
    monkeypatch.setattr(gathering, "_sorted", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        read_catalog(path, held_rows=2, temp_dir=tmp_path)
    assert hidden(tmp_path) == []


def test_what_a_killed_program_left_is_removed_by_the_next(tmp_path):
    path = table([(f"x{i}", f"X{i}", "Bob", 1, None) for i in range(9)], tmp_path / "t.parquet")
    script = f"""
        import os, signal
        from pathlib import Path
        from moodtune.catalog.readers import read_catalog
        path = Path({str(path)!r})
        catalog = read_catalog(path, held_rows=2, temp_dir=path.parent)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False, env=os.environ)
    assert len(hidden(tmp_path)) == 1
    long = read_catalog(path, held_rows=2, temp_dir=tmp_path)
    assert len(hidden(tmp_path)) == 1  # its own
    del long
    assert hidden(tmp_path) == []


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    path = table([(f"x{i}", f"X{i}", "Bob", 1, None) for i in range(9)], tmp_path / "t.parquet")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"file cannot be written: "):
        read_catalog(path, held_rows=2, temp_dir=tmp_path / "file")


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), max_size=20))
def test_ids_are_ordered_by_their_bytes(ids):
    order = ascending(pl.Series(ids, dtype=pl.String))
    assert [ids[row] for row in order] == sorted(ids, key=str.encode)


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab\0é", max_size=12), max_size=20), st.text(max_size=12))
def test_ids_that_begin_alike_are_ordered_by_what_follows(ends, beginning):
    ids = [beginning + end for end in ends]
    order = ascending(pl.Series(ids, dtype=pl.String))
    assert [ids[row] for row in order] == sorted(ids, key=str.encode)
    assert repeats(pl.Series(sorted(ids), dtype=pl.String)) == (len(set(ids)) < len(ids))
