"""The benchmark of the listener model: its bars are read off what was measured."""

import importlib
import re
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def modules(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("listener_model"), importlib.import_module("surroundings")


@pytest.fixture
def tables(modules, monkeypatch, tmp_path):
    _, surroundings = modules
    small = surroundings.SampleSettings(tracks=50, listeners=90)
    monkeypatch.setattr(surroundings, "SAMPLE", small)
    return surroundings.find_tables(None, tmp_path)


def test_every_figure_stands_beside_its_bar_and_says_whether_it_is_met(
    modules, tables, monkeypatch, tmp_path
):
    benchmark, surroundings = modules
    monkeypatch.setattr(benchmark, "SEEDS", range(2))
    monkeypatch.setattr(benchmark, "MIN_AUC", 0.99)
    text, met = benchmark.run(tables, tmp_path, times=1)
    bars = [line for line in text.splitlines() if re.search(r"\| (met|missed) \|$", line)]
    assert len(bars) == 10
    assert next(line for line in bars if line.startswith("| mean AUC")).endswith(
        ">= 0.99 | missed |"
    )
    assert met  # nothing is held to the bars of the survey but the survey
    real = surroundings.Tables(
        catalog=tables.catalog, behavior=tables.behavior, called="the real tables"
    )
    assert benchmark.run(real, tmp_path, times=1) == (text, False)


def test_seeds_are_stacked_as_repeats(modules):
    benchmark, _ = modules
    one = benchmark.OutOfFold(
        moods=("a",),
        rows=np.arange(2),
        ticks=np.array([[True], [False]]),
        probabilities=np.full((1, 2, 1), 0.2),
        constants=np.full((1, 2, 1), 0.5),
        folds=np.array([[0, 1]]),
    )
    both = benchmark.stacked([one, one])
    assert both.probabilities.shape == (2, 2, 1)
    assert both.folds.tolist() == [[0, 1], [0, 1]]
