"""The benchmarks measure what they say, on processes whose cost is known."""

import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmark_module(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.fixture
def measuring(benchmark_module):
    return benchmark_module("measuring")


def python(code):
    return [sys.executable, "-c", code]


def test_a_run_takes_the_time_and_the_memory_of_its_process(measuring, tmp_path):
    idle = measuring.run_fresh(python("import time; time.sleep(.3)"), tmp_path / "log")
    hold = "import time; held = bytearray(b'x') * (400 * 2**20); time.sleep(.3)"
    run = measuring.run_fresh(python(hold), tmp_path / "log")
    assert run.seconds >= 0.3
    assert idle.peak_mb < 40
    assert run.peak_mb - idle.peak_mb == pytest.approx(400, abs=20)


def test_the_memory_of_the_benchmark_itself_is_not_its_commands(measuring, tmp_path):
    # A new process begins with its parent's peak in the kernel's books.
    held = bytearray(b"x") * (100 * 2**20)
    run = measuring.run_fresh(python("import time; time.sleep(.1)"), tmp_path / "log")
    assert run.peak_mb < 40 < len(held) / 2**20


def test_the_memory_of_children_counts_beside_their_parents(measuring, tmp_path):
    hold = "import time; held = bytearray(60 * 2**20); held[::4096] = held[::4096]; time.sleep(.9)"
    parent = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {hold!r}]); {hold}; p.wait()"
    run = measuring.run_fresh(python(parent), tmp_path / "log")
    assert run.peak_mb > 120


def test_a_child_that_is_no_program_yet_does_not_count_its_parents_memory_again(
    measuring, tmp_path
):
    # Forked and gone: all that such a child shows is its parent's.
    code = (
        "import os, time; held = bytearray(b'x') * (100 * 2**20)\n"
        "if os.fork() == 0: time.sleep(.2); os._exit(0)\n"
        "os.wait()"
    )
    run = measuring.run_fresh(python(code), tmp_path / "log")
    assert 100 < run.peak_mb < 140


def test_a_command_that_fails_shows_the_end_of_what_it_printed(measuring, tmp_path):
    with pytest.raises(RuntimeError, match=r"ended with 3:\nno such table\n$"):
        measuring.run_fresh(python("print('no such table'); raise SystemExit(3)"), tmp_path / "log")


def test_commands_take_turns(measuring, tmp_path):
    journal = tmp_path / "journal"
    note = "open({!r}, 'a').write({!r})"
    commands = {name: python(note.format(str(journal), name)) for name in "ab"}
    runs = measuring.in_turn(commands, times=3, logs=tmp_path)
    assert journal.read_text() == "ababab"
    assert {name: len(each) for name, each in runs.items()} == {"a": 3, "b": 3}


def test_medians_of_the_figures_are_taken_apart(measuring):
    figures = ((1, 30, 7), (2, 10, 8), (9, 20, 6))
    runs = [measuring.Run(seconds=s, peak_mb=m, cpu_seconds=c) for s, m, c in figures]
    assert measuring.median_run(runs) == measuring.Run(seconds=2, peak_mb=20, cpu_seconds=7)


@pytest.mark.parametrize(
    ("train", "last"),
    [
        ((10.0, 500.0), "| at most | 0.250, met | | 0.500, met | |"),
        ((10.1, 500.0), "| at most | 0.250, missed | | 0.500, met | |"),
        ((10.0, 501.0), "| at most | 0.250, met | | 0.500, missed | |"),
    ],
)
def test_the_comparison_gives_ratios_of_medians_and_says_which_bar_is_met(
    benchmark_module, monkeypatch, train, last
):
    seconds, peak_mb = train
    against, measuring = benchmark_module("against_original"), benchmark_module("measuring")
    runs = {
        "original recipe": [measuring.Run(seconds=40, cpu_seconds=50, peak_mb=1000)],
        "moodtune train": [measuring.Run(seconds=seconds, cpu_seconds=10, peak_mb=peak_mb)],
    }
    monkeypatch.setattr(against, "in_turn", lambda *_, **__: runs)
    tables = benchmark_module("surroundings").Tables(
        catalog=Path("t.csv"), behavior=Path("s.csv"), called="tables"
    )
    text, all_met = against.run(tables, Path(), times=1)
    assert all_met is ("missed" not in last)
    shares = f"**{seconds / 40:.3f}** | 0.200 | **{peak_mb / 1000:.3f}**"
    ratios = f"| **ratio of medians** | {shares} | |"
    assert text.splitlines()[-2:] == [ratios, last]


def test_without_real_tables_the_benchmark_says_that_it_measures_a_sample(
    benchmark_module, monkeypatch, tmp_path
):
    surroundings = benchmark_module("surroundings")
    small = surroundings.SampleSettings(tracks=50, listeners=40)
    monkeypatch.setattr(surroundings, "SAMPLE", small)
    tables = surroundings.find_tables(None, tmp_path)
    assert tables.called == (
        "a synthetic sample of 50 tracks and 40 listeners (no --data, no MOODTUNE_DATA)"
    )
    assert tables.catalog.exists()
    assert tables.behavior.exists()


def test_the_original_rules_take_the_first_that_matches(benchmark_module):
    recipe, pandas = benchmark_module("original_recipe"), benchmark_module("pandas")
    middle = dict.fromkeys(recipe.FEATURES, 0.5)
    centroids = pandas.DataFrame(
        [middle] * 10
        + [middle | {"valence": 0.9, "energy": 0.9, "tempo": 0.9}]  # uplifting too, and too late
        + [middle | {"valence": 0.1, "energy": 0.1}]
    )
    moods = [recipe.mood_of(centroid, centroids) for _, centroid in centroids.iterrows()]
    assert moods == ["other"] * 10 + ["happy", "melancholy"]
