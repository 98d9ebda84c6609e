"""Lists made by several processes on Dask: the same bytes, also where one of them is lost."""

import os
import signal
from pathlib import Path

import polars as pl
import pytest

from moodtune.answering import known_profiles
from moodtune.scale_out import dask, running

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'moodtune[dask]'")

# Its threads and sockets end when its loop does, which may be after the test.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


def lists(trained, folder: Path, engine=None) -> dict[str, bytes]:
    profiles = folder.parent / "listeners.parquet"
    known_profiles(trained.bundle).head(12).write_parquet(profiles)
    running.recommend_all(trained.model, profiles, folder, n=3, per_part=2, engine=engine)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_two_workers_of_whom_one_is_killed_midway_write_the_bytes_of_one_process(
    trained, tmp_path, monkeypatch
):
    killed = tmp_path / "killed"

    def run_or_die(task):
        # The first worker to come to this part dies in the middle of it; another one does it.
        if task.number == 2 and not killed.exists():
            killed.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return running.run(task)

    monkeypatch.setattr(dask, "run", run_or_die)
    with_loss = lists(trained, tmp_path / "two", dask.on_dask(workers=2))
    assert killed.exists()
    assert with_loss == lists(trained, tmp_path / "one")


def test_a_scheduler_that_is_there_is_used(trained, tmp_path):
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        engine = dask.on_dask(scheduler=cluster.scheduler_address)
        there = lists(trained, tmp_path / "there", engine)
    assert there == lists(trained, tmp_path / "here")
    assert pl.read_parquet(tmp_path / "there" / "*.parquet").height == 36
