"""A table that lies on disk while it is learnt from gives what one that is held gives."""

import filecmp
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodtune.answering import score_table
from moodtune.artifacts import load_bundle
from moodtune.catalog.settings import CatalogSettings
from moodtune.features.code_lists import Lists
from moodtune.pipeline import train, write
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.ranking.texts import Texts
from moodtune.ranking.track_ids import IdTable
from moodtune.samples import sample_tracks


@pytest.fixture(scope="module", autouse=True)
def every_run_on_disk():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("moodtune.catalog.gathering.RUNS_IN_MEMORY", 0)
        yield


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A sample in which ids and songs come several times."""
    tracks = sample_tracks(2500, 3)
    again = tracks.head(300).with_columns(pl.col("popularity") + 1, track_genre=pl.lit("other"))
    others = tracks.tail(300).with_columns(pl.col("track_id") + "-b")
    path = tmp_path_factory.mktemp("table") / "t.parquet"
    pl.concat([tracks, again, others]).sample(fraction=1, shuffle=True, seed=1).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def outputs(table, tmp_path_factory):
    """Return the folders of two trainings: held, and on disk."""
    folders = {}
    for held_rows in (10_000, 700):
        out = tmp_path_factory.mktemp("out")
        run = train(table, held_rows=held_rows, temp_dir=out)
        write(run, out, figures=True)
        folders[held_rows] = out
        del run
    return folders


def files(folder: Path) -> list[Path]:
    return sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())


def test_every_file_has_the_same_bytes(outputs):
    held, long = outputs.values()
    assert files(held) == files(long)
    same, other, failed = filecmp.cmpfiles(held, long, map(str, files(held)), shallow=False)
    assert (other, failed) == ([], [])
    assert len(same) > 10


def test_of_very_many_tracks_model_and_reports_are_written_in_turn(
    table, outputs, tmp_path, monkeypatch
):
    monkeypatch.setattr("moodtune.pipeline._WRITTEN_AT_ONCE", 100)
    told = []
    run = train(table, held_rows=700, temp_dir=tmp_path)
    write(run, tmp_path, figures=False, announce=told.append)
    assert told == ["writing the report", "writing the model and its index"]
    model = files(outputs[700] / "model")
    same, _, _ = filecmp.cmpfiles(
        outputs[700] / "model", tmp_path / "model", map(str, model), shallow=False
    )
    assert len(same) == len(model)


def test_figures_are_drawn_before_the_model_is_written(table, tmp_path):
    told = []
    write(train(table, temp_dir=tmp_path), tmp_path, announce=told.append)
    assert told == ["writing the report and drawing figures", "writing the model and its index"]


def test_nothing_else_is_left_in_the_folder(outputs):
    assert [p for p in outputs[700].iterdir() if p.name.startswith(".")] == []


def test_lists_are_made_before_and_after_saving(table, tmp_path):
    run = train(table, held_rows=700, temp_dir=tmp_path)
    query = Query(mood="calm")
    before = recommend(run.bundle.index, query)
    write(run, tmp_path / "out", figures=False)
    after = recommend(load_bundle(tmp_path / "out" / "model").index, query)
    assert before.recommendations == after.recommendations


def test_a_kill_in_the_middle_leaves_the_old_model_and_can_be_started_again(
    table, outputs, tmp_path
):
    script = f"""
        import os, signal
        from pathlib import Path
        from moodtune import pipeline
        out = Path({str(tmp_path)!r})
        run = pipeline.train(Path({str(table)!r}), held_rows=700, temp_dir=out)
        pipeline.write(run, out, figures=False)
        pipeline.save_bundle = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
        run = pipeline.train(Path({str(table)!r}), held_rows=700, temp_dir=out)
        pipeline.write(run, out, figures=False)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], env=os.environ)  # noqa: PLW1510
    assert killed.returncode == -9
    load_bundle(tmp_path / "model", verify=True)
    run = train(table, held_rows=700, temp_dir=tmp_path)
    write(run, tmp_path, figures=False)
    del run
    assert [p for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    same = filecmp.cmp(
        tmp_path / "model/index.npy", outputs[700] / "model/index.npy", shallow=False
    )
    assert same


def test_labels_and_histories_may_be_learnt_from_as_well(table, tmp_path):
    ids = pl.read_parquet(table)["track_id"].unique().sort().head(60)
    histories = tmp_path / "histories.parquet"
    pl.DataFrame({"user": [str(i % 6) for i in range(60)], "track_id": ids}).write_parquet(
        histories
    )
    held = train(table, histories=histories)
    long = train(table, histories=histories, held_rows=700, temp_dir=tmp_path)
    states = held.bundle.taste.state(), long.bundle.taste.state()
    assert all(np.array_equal(states[0][name], states[1][name]) for name in states[0])


texts = st.text(alphabet="aBé \0;", max_size=5)


@settings(deadline=None)
@given(
    cells=st.lists(st.none() | st.lists(st.none() | texts, max_size=3), max_size=12),
    cut=st.integers(0, 12),
)
def test_lists_that_come_in_parts_have_the_codes_of_the_whole(cells, cut):
    column = pl.Series(cells, dtype=pl.List(pl.String))
    whole = Lists.of(column)
    parts = Lists.of_parts([column[:cut], column[cut:]])
    assert parts.names == whole.names
    for made, expected in ((parts, whole), (parts.turned, whole.turned)):
        assert made.starts.tolist() == expected.starts.tolist()
        assert made.codes.tolist() == expected.codes.tolist()
    unnamed = Lists.of_parts([column[:cut], column[cut:]], names=False)
    assert unnamed.codes.tolist() == Lists.of_parts([column], names=False).codes.tolist()


@settings(deadline=None)
@given(cells=st.lists(st.none() | texts, max_size=12), cut=st.integers(0, 12))
def test_texts_that_come_in_parts_are_those_of_the_whole(cells, cut):
    column = pl.Series(cells, dtype=pl.String)
    parts = Texts.of_parts([column[:cut], column[cut:]])
    assert [parts[row] for row in range(len(cells))] == cells


@settings(deadline=None)
@given(st.lists(texts | st.text(max_size=60), max_size=12))
def test_a_column_of_ids_has_the_table_of_the_list(ids):
    rows = np.arange(len(ids), dtype=np.int32)
    listed, column = IdTable.of(ids, rows), IdTable.of(pl.Series(ids, dtype=pl.String), rows)
    for name in ("fingerprints", "firsts", "words", "rows"):
        assert getattr(listed, name).tolist() == getattr(column, name).tolist()


def test_a_long_table_is_scored_as_one_that_is_held(table, outputs, monkeypatch):
    bundle = load_bundle(outputs[700] / "model")
    held = score_table(bundle, table, CatalogSettings())
    monkeypatch.setattr("moodtune.answering.HELD_ROWS", 700)
    assert score_table(bundle, table, CatalogSettings()).equals(held)
