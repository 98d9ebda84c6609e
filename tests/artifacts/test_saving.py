"""What is saved comes back, the same bundle gives the same bytes, and nothing else is lost."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from moodtune.artifacts import load_bundle, save_bundle
from moodtune.artifacts.manifest import INDEX, MANIFEST, REQUIRED_FILES
from moodtune.errors import BundleError

HERE = Path(__file__).parent


def contents(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.mark.parametrize("verify", [False, True])
def test_a_model_comes_back_as_it_was_saved(bundle, saved, verify):
    back = load_bundle(saved, verify=verify)
    assert back.taxonomy == bundle.taxonomy
    assert back.tracks.equals(bundle.tracks)
    assert back.tracks.schema == bundle.tracks.schema
    assert back.listeners.equals(bundle.listeners)
    assert back.cluster_moods == bundle.cluster_moods
    np.testing.assert_array_equal(back.clusters, bundle.clusters)
    assert back.scores.moods == bundle.scores.moods
    for name in ("probabilities", "valence", "arousal", "confidence"):
        np.testing.assert_array_equal(getattr(back.scores, name), getattr(bundle.scores, name))
    for model in ("song_model", "clustering", "listener_model"):
        ours, theirs = getattr(bundle, model).state(), getattr(back, model).state()
        assert ours.keys() == theirs.keys()
        for name, array in ours.items():
            np.testing.assert_array_equal(theirs[name], array, strict=True)


def test_the_manifest_keeps_what_the_model_was_made_from(bundle, saved):
    back = load_bundle(saved).manifest
    for name in ("settings", "seed", "synthetic", "sources", "versions", "format"):
        assert getattr(back, name) == getattr(bundle.manifest, name)
    assert {entry.name: entry.size for entry in back.files} == {
        file.name: file.stat().st_size for file in saved.iterdir() if file.name != MANIFEST
    }


def test_a_loaded_model_saves_as_the_same_bytes(saved, tmp_path):
    save_bundle(load_bundle(saved), tmp_path / "again")
    assert contents(tmp_path / "again") == contents(saved)


def test_a_model_without_listeners_has_no_file_about_them(changed, tmp_path):
    save_bundle(changed(listeners=None, listener_model=None), tmp_path / "model")
    names = {file.name for file in (tmp_path / "model").iterdir()}
    assert names == {MANIFEST, INDEX, *REQUIRED_FILES}
    back = load_bundle(tmp_path / "model", verify=True)
    assert back.listeners is None
    assert back.listener_model is None


def test_a_model_of_no_tracks_comes_back(bundle, changed, tmp_path):
    none = np.zeros(0, np.float32)
    scores = type(bundle.scores)(
        moods=bundle.scores.moods,
        probabilities=bundle.scores.probabilities[:0],
        valence=none,
        arousal=none,
        confidence=none,
    )
    empty = changed(tracks=bundle.tracks.head(0), scores=scores, clusters=bundle.clusters[:0])
    save_bundle(empty, tmp_path / "model")
    assert load_bundle(tmp_path / "model", verify=True).tracks.equals(bundle.tracks.head(0))


def test_scores_are_kept_as_ranking_reads_them(saved):
    scores = load_bundle(saved).scores
    assert scores.probabilities.dtype == np.float32
    assert scores.probabilities.flags.c_contiguous
    assert not scores.probabilities.flags.owndata


def test_the_bytes_are_the_same_on_any_number_of_threads_and_in_any_hash_order(tmp_path):
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import conftest;"
        "from moodtune.artifacts import save_bundle; from pathlib import Path;"
        "save_bundle(conftest.bundle_of(70_000), Path(sys.argv[2]))"
    )
    for threads, hashes in (("1", "0"), ("2", "1")):
        environment = {**os.environ, "POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": hashes}
        command = [sys.executable, "-c", program, str(HERE), str(tmp_path / threads)]
        subprocess.run(command, env=environment, check=True)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_a_frame_in_pieces_gives_the_bytes_of_the_whole(bundle, changed, saved, tmp_path):
    pieces = pl.concat([bundle.tracks.head(1), bundle.tracks.tail(-1)], rechunk=False)
    save_bundle(changed(tracks=pieces), tmp_path / "model")
    assert contents(tmp_path / "model") == contents(saved)


def test_a_newer_model_takes_the_place_of_an_older_one(model, changed):
    save_bundle(changed(listeners=None), model)
    assert load_bundle(model).listeners is None
    assert not (model / "listeners.parquet").exists()


def test_what_is_no_part_of_a_model_is_not_overwritten(model, bundle):
    (model / "thesis.txt").write_text("the only copy")
    message = (
        f"{model} has 'thesis.txt', which is no part of a model and would be lost: "
        "move it away, or give another place for the model"
    )
    with pytest.raises(BundleError, match=f"^{re.escape(message)}$"):
        save_bundle(bundle, model)
    assert (model / "thesis.txt").read_text() == "the only copy"


def test_a_file_is_not_overwritten_by_a_model(bundle, tmp_path):
    (tmp_path / "model").write_text("x")
    message = (
        f"{tmp_path / 'model'} must be a folder of its own or not exist, got a file: "
        "give another place for the model"
    )
    with pytest.raises(BundleError, match=f"^{re.escape(message)}$"):
        save_bundle(bundle, tmp_path / "model")


def test_a_model_that_cannot_be_written_leaves_the_old_one(model, changed, bundle):
    before = contents(model)
    settings = {"a": float("nan")}
    broken = type(bundle.manifest)(settings=settings, seed=1, synthetic=False)
    with pytest.raises(ValueError, match="plain JSON"):
        save_bundle(changed(manifest=broken), model)
    assert contents(model) == before
    assert [path.name for path in model.parent.iterdir()] == ["model"]


KILLED = """
import os, sys
sys.path.insert(0, sys.argv[1])
import conftest
from pathlib import Path
from moodtune.artifacts import save_bundle
steps = int(sys.argv[3])
def trace(frame, event, arg):
    global steps
    steps -= 1
    if steps == 0:
        os._exit(9)
bundle = conftest.bundle_of(5)
sys.setprofile(trace)
save_bundle(bundle, Path(sys.argv[2]))
"""


def test_a_kill_at_any_moment_leaves_the_old_model_or_the_new(model):
    old, seen = contents(model), set()
    for steps in (20, 300, 1000, 1500, 2000, 10**9):
        command = [sys.executable, "-c", KILLED, str(HERE), str(model), str(steps)]
        code = subprocess.run(command, check=False).returncode
        tracks = load_bundle(model, verify=True).tracks.height
        seen.add((code, tracks))
        if tracks == 4:
            assert contents(model) == old
    assert (9, 4) in seen
    assert (0, 5) in seen


def test_a_model_that_is_replaced_while_it_is_read_is_read_whole(bundle, tmp_path):
    path, rounds = tmp_path / "model", 15
    save_bundle(bundle, path)
    program = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); import conftest;"
        "from moodtune.artifacts import save_bundle; from pathlib import Path;"
        "bundles = [conftest.bundle_of(5), conftest.bundle_of(6)];"
        f"[(time.sleep(.02), save_bundle(bundles[i % 2], Path(sys.argv[2]))) for i in range({rounds})]"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(HERE), str(path)]) as writer:
        heights = set()
        while writer.poll() is None:
            loaded = load_bundle(path)
            assert loaded.tracks.height == len(loaded.scores)
            heights.add(loaded.tracks.height)
    assert writer.returncode == 0
    heights.add(load_bundle(path).tracks.height)
    assert {4, 5} <= heights <= {4, 5, 6}


def test_nothing_in_the_directory_says_when_or_where_it_was_made(saved):
    everything = b"".join(contents(saved).values())
    assert str(Path.home()).encode() not in everything or Path.home() == Path("/")
    assert str(saved.parent).encode() not in everything
    assert b"time" not in json.dumps(json.loads((saved / MANIFEST).read_text())).encode()


def test_a_loaded_model_is_what_queries_are_answered_from(saved):
    back = load_bundle(saved)
    assert back.index.tracks is back.tracks
    assert back.index.scores is back.scores
    assert len(back.index) == 4


def test_a_bundle_with_other_tracks_does_not_answer_from_the_index_that_was_kept(bundle, tmp_path):
    save_bundle(bundle, tmp_path / "model")
    loaded = load_bundle(tmp_path / "model")
    assert loaded.index is loaded.stored
    renamed = loaded.tracks.with_columns(pl.lit("Another").alias("title"))
    assert replace(loaded, tracks=renamed).index.columns.titles[0] == "Another"
