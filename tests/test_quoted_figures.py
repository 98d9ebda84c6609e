"""The figures that README quotes are the figures that the benchmarks find."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from moodtune.pipeline import train

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
QUOTED = README[README.index("## How good it is") : README.index("## The moods")]
ROWS = [line for line in QUOTED.splitlines() if re.match(r"\| .*\d\.\d{3}", line)]


@pytest.fixture(scope="module")
def benchmark():
    """Load a module of benchmarks/, which is no package."""
    folder = str(ROOT / "benchmarks")
    sys.path.insert(0, folder)

    def load(name: str):
        spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
        module = sys.modules.setdefault(name, importlib.util.module_from_spec(spec))
        spec.loader.exec_module(module)
        return module

    yield load
    sys.path.remove(folder)


@pytest.fixture(scope="module")
def found(benchmark, data, tmp_path_factory) -> set[str]:
    """Every row that the two benchmarks print."""
    agreement = benchmark("agreement")
    bundle = train(data / "catalog" / "spotify_tracks_114k.csv").bundle
    playlists, plane = agreement.evaluations(bundle, data)
    rows = agreement.report(list(agreement.bars(playlists, plane))).splitlines()
    scratch = tmp_path_factory.mktemp("benchmark")
    tables = benchmark("surroundings").find_tables(data, scratch)
    text, met = benchmark("listener_model").run(tables, scratch, times=1)
    assert met
    return {*rows, *text.splitlines()}


def test_readme_quotes_figures_at_all():
    assert len(ROWS) >= 8


@pytest.mark.parametrize("row", ROWS)
def test_a_quoted_row_is_what_the_benchmark_finds(found, row):
    assert row in found


def test_every_bar_that_readme_quotes_is_met():
    assert all(row.rstrip(" |").endswith("met") for row in ROWS)
    assert "missed" not in QUOTED
