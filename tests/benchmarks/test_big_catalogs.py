"""The benchmark of big catalogs counts what it says."""

import importlib
import time
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def big(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("big_catalogs")


def trained(big, n, seconds, peak_mb=100.0):
    run = big.Run(seconds=seconds, cpu_seconds=seconds, peak_mb=peak_mb)
    return big.Trained(n=n, runs=[run], temp_bytes=0, moved_bytes=0)


def test_a_track_more_costs_what_the_next_size_takes_longer(big):
    runs = [
        trained(big, 100_000, 2.0),
        trained(big, 1_000_000, 5.0),
        trained(big, 10_000_000, 41.0),
    ]
    text, met = big.training_table(runs, disk=1.0, memory=1.0)
    assert "| 3.33 |" in text  # 3 s for 900,000 tracks
    assert "| 4.00 |" in text  # 36 s for 9,000,000
    assert "1.20 times" in text
    assert met


@pytest.mark.parametrize(
    "last",
    [(41.0, 2600.0), (46.0, 100.0), (44.9, 100.0)],
    ids=["too much memory", "too long", "a track more costs too much"],
)
def test_a_bar_that_is_missed_is_said(big, last):
    quick = trained(big, 1_000_000, 4.0)
    runs = [trained(big, 100_000, 2.0), quick, trained(big, 10_000_000, *last)]
    text, met = big.training_table(runs, disk=1.0, memory=1.0)
    assert not met
    assert "MISSED" in text


def test_the_most_that_lay_in_a_folder_is_seen_though_it_is_gone(big, tmp_path):
    with big.Watched(tmp_path) as watched:
        (tmp_path / "part").write_bytes(bytes(5000))
        time.sleep(0.5)
        (tmp_path / "part").unlink()
        time.sleep(0.3)
    assert watched.most == 5000
