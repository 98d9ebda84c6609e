"""The stopwatch gives every second to one stage, and tells what was moved meanwhile."""

import polars as pl
import pytest

from moodtune.pipeline import train, write
from moodtune.reports.timings import floor_of
from moodtune.terminal.bandwidth import Rates, disk_rate, memory_rate, rates_for, size_of
from moodtune.terminal.stopwatch import Stopwatch, timings_of

RATES = Rates(disk=1e6, memory=1e7)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def took(watch):
    return {stage.name: stage.seconds for stage in watch.stages()}


def test_what_is_counted_is_a_stage_until_it_is_done():
    clock = Clock()
    watch = Stopwatch(clock)
    for now, tell in (
        (1.0, lambda: watch.announce("reading tracks")),
        (2.0, lambda: watch.count("reading tracks", 5, 10)),
        (4.0, lambda: watch.count("sorting tracks", 1, 10)),
        (5.0, lambda: watch.count("sorting tracks", 9, 10)),
        (7.0, lambda: watch.count("sorting tracks", 10, 10)),
        (8.0, lambda: watch.announce("clustering")),
    ):
        clock.now = now
        tell()
    clock.now = 10.0
    assert took(watch) == {
        "starting": 1.0, "reading tracks": 4.0, "sorting tracks": 3.0, "clustering": 2.0,
    }  # fmt: skip


@pytest.mark.parametrize("held_rows", [100, 1000], ids=["long", "short"])
def test_long_and_short_catalogs_tell_every_stage_and_their_bytes(
    trained, tmp_path, held_rows, monkeypatch
):
    monkeypatch.setattr("moodtune.catalog.gathering.RUNS_IN_MEMORY", 0)
    table, out = tmp_path / "tracks.csv", tmp_path / "out"
    pl.read_csv(trained.tables.tracks).head(300).write_csv(table)
    watch, told = Stopwatch(), []

    def announce(stage):
        told.append(stage)
        watch.announce(stage)

    run = train(table, held_rows=held_rows, temp_dir=tmp_path, announce=announce, count=watch.count)
    write(run, out, figures=False, announce=announce, count=watch.count)
    found = timings_of(run, watch.stages(), tables=[table], out=out, rates=RATES)
    assert {stage.name for stage in found.stages} >= {"starting", *told}
    assert sum(found.shares) == pytest.approx(1)
    assert found.n_tracks == len(run.contents.catalog)
    is_long = run.bundle.long is not None
    assert is_long == (held_rows == 100)
    spilled = run.bundle.long.spilled_bytes if is_long else 0
    assert is_long == (spilled > 0)
    assert found.read_bytes == table.stat().st_size + spilled
    assert found.written_bytes == size_of(out) + spilled
    assert found.floor == floor_of(
        found.read_bytes + found.written_bytes, disk_rate=1e6, memory_rate=1e7
    )


def test_a_folder_counts_for_the_files_that_were_read(trained, tmp_path):
    folder, out = tmp_path / "tables", tmp_path / "out"
    folder.mkdir()
    pl.read_csv(trained.tables.tracks).head(300).write_csv(folder / "tracks.csv")
    (folder / "notes.txt").write_text("read by nobody")
    run = train(folder)
    found = timings_of(run, (), tables=[folder], out=out, rates=None)
    assert found.read_bytes == (folder / "tracks.csv").stat().st_size
    assert found.floor is None


def test_rates_are_bytes_a_second_and_nothing_stays_behind(tmp_path):
    assert disk_rate(tmp_path, 1 << 16) > 0
    assert memory_rate(1 << 16) > 0
    assert not list(tmp_path.iterdir())


def test_rates_are_measured_for_tables_that_are_large_and_where_the_output_will_lie(
    tmp_path, monkeypatch
):
    (tmp_path / "tracks.csv").write_bytes(b"x" * 1000)
    tables, out = [tmp_path / "tracks.csv"], tmp_path / "not" / "there"
    assert rates_for(tables, out) is None
    monkeypatch.setattr("moodtune.terminal.bandwidth.COPIED", 1000)
    rates = rates_for(tables, out)
    assert rates.disk > 0
    assert rates.memory > 0
