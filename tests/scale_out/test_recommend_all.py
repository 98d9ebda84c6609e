"""``moodtune recommend-all``: every listener's list, whatever interrupts or shares the work."""

import dataclasses
import importlib.util
from pathlib import Path

import polars as pl
import pytest
from msgspec.structs import replace

from moodtune.answering import known_profiles, new_profiles, profile_of
from moodtune.errors import (
    BundleError,
    ColumnError,
    MoodtuneError,
    QueryError,
    TableError,
    UsageError,
)
from moodtune.listeners.settings import ListenerSettings
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.scale_out import running
from moodtune.scale_out.profiles import read_profiles

LISTENERS = 10


@pytest.fixture
def profiles(trained, tmp_path) -> Path:
    path = tmp_path / "listeners.parquet"
    known_profiles(trained.bundle).head(LISTENERS).write_parquet(path)
    return path


def files_of(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def made(trained, profiles, out, **options):
    running.recommend_all(trained.model, profiles, out, n=3, per_part=4, **options)
    return files_of(out)


def test_each_list_is_what_recommend_gives_for_that_profile(moodtune, trained, profiles, tmp_path):
    out = tmp_path / "lists"
    ended = moodtune(
        "recommend-all", "--model", trained.model, "--listeners", profiles, "--out", out
    )
    assert (ended.status, ended.stderr) == (0, "")
    lists = pl.read_parquet(out / "*.parquet")
    known = known_profiles(trained.bundle)
    expected = [
        (listener, one.rank, one.track_id, one.mood, one.score)
        for listener in known["id"].head(LISTENERS)
        for one in recommend(
            trained.bundle.index, Query(listener_profile=profile_of(known, listener))
        ).recommendations
    ]
    assert lists.rows() == expected


def test_what_a_listener_excludes_is_not_in_the_list(trained, profiles, tmp_path):
    made(trained, profiles, tmp_path / "lists")
    first = pl.read_parquet(tmp_path / "lists" / "*.parquet").filter(pl.col("rank") == 1)
    left_out = pl.read_parquet(profiles).with_columns(
        exclude=first["track_id"].reshape((LISTENERS, 1)).arr.to_list()
    )
    left_out.write_parquet(profiles)
    made(trained, profiles, tmp_path / "others")
    others = pl.read_parquet(tmp_path / "others" / "*.parquet")
    assert others.join(first, on=["listener", "track_id"]).is_empty()


def test_a_run_that_was_killed_goes_on_to_the_same_bytes(trained, profiles, tmp_path, monkeypatch):
    whole = made(trained, profiles, tmp_path / "whole")
    write = running.write_part

    def killed(out, number, lists):
        if number == 1:
            raise KeyboardInterrupt
        return write(out, number, lists)

    monkeypatch.setattr(running, "write_part", killed)
    with pytest.raises(KeyboardInterrupt):
        made(trained, profiles, tmp_path / "torn")
    assert "manifest.json" not in files_of(tmp_path / "torn")
    again = []

    def noted(out, number, lists):
        again.append(number)
        return write(out, number, lists)

    monkeypatch.setattr(running, "write_part", noted)
    assert made(trained, profiles, tmp_path / "torn") == whole
    assert again == [1, 2]


def test_one_process_loads_the_model_once(trained, profiles, tmp_path, monkeypatch):
    loaded, load = [], running.open_model
    monkeypatch.setattr(
        running, "open_model", lambda path, **said: loaded.append(path) or load(path, **said)
    )
    made(trained, profiles, tmp_path / "lists")
    assert loaded == [trained.model]


def test_answers_are_predicted_first(moodtune, trained, tmp_path):
    answers = trained.tables.listeners
    predicted = new_profiles(trained.bundle, answers, ListenerSettings())
    predicted.write_parquet(tmp_path / "predicted.parquet")
    for out, option, table in (
        ("a", "--answers", answers),
        ("b", "--listeners", tmp_path / "predicted.parquet"),
    ):
        ended = moodtune(
            "recommend-all", "--model", trained.model, option, table, "--out", tmp_path / out
        )
        assert (ended.status, ended.stderr) == (0, "")
    lists = [pl.read_parquet(tmp_path / out / "*.parquet") for out in "ab"]
    assert lists[0].height > 0
    assert lists[0].equals(lists[1])


@pytest.mark.parametrize("both", [(), ("--listeners", "a", "--answers", "b")])
def test_listeners_are_named_once(moodtune, trained, tmp_path, both):
    ended = moodtune("recommend-all", "--model", trained.model, "--out", tmp_path / "o", *both)
    assert ended.status == 2
    assert "one of --listeners PROFILES and --answers TABLE" in ended.stderr


def test_a_damaged_part_is_made_again(trained, profiles, tmp_path):
    whole = made(trained, profiles, tmp_path / "lists")
    (tmp_path / "lists" / "part-000001.parquet").write_bytes(b"PAR1")
    assert made(trained, profiles, tmp_path / "lists") == whole


def test_an_entry_that_counts_wrongly_or_is_a_folder_is_made_again(trained, profiles, tmp_path):
    whole = made(trained, profiles, tmp_path / "lists")
    entry = tmp_path / "lists" / "part-000001.json"
    entry.write_bytes(entry.read_bytes().replace(b'"rows": 12', b'"rows": 999'))
    assert made(trained, profiles, tmp_path / "lists") == whole


def test_a_model_that_is_replaced_between_two_looks_is_refused(trained, tmp_path, monkeypatch):
    other = replace(trained.bundle.manifest, own_sha256="0" * 64)
    bundle = dataclasses.replace(trained.bundle, manifest=other)
    monkeypatch.setattr(running, "load_bundle", lambda _: bundle)
    with pytest.raises(BundleError, match="was replaced while it was opened"):
        running.recommend_all(
            trained.model, trained.tables.listeners, tmp_path / "lists", answers=True
        )


def test_a_part_has_listeners(trained, profiles, tmp_path):
    with pytest.raises(QueryError, match="per_part must be at least 1, got 0"):
        running.recommend_all(trained.model, profiles, tmp_path / "lists", per_part=0)


@pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="Dask is not installed here"
)
def test_a_scheduler_that_is_none_is_refused_in_a_sentence(moodtune, trained, profiles, tmp_path):
    ended = moodtune(
        "recommend-all", "--model", trained.model, "--listeners", profiles,
        "--out", tmp_path / "lists", "--scheduler", "nonsense://",
    )  # fmt: skip
    assert ended.status == 2
    assert "--scheduler nonsense://: there is no cluster to be reached" in ended.stderr


def test_the_order_of_the_parts_does_not_matter(trained, profiles, tmp_path):
    backwards = made(
        trained,
        profiles,
        tmp_path / "backwards",
        engine=lambda tasks: map(running.run, reversed(list(tasks))),
    )
    assert backwards == made(trained, profiles, tmp_path / "forwards")


def test_other_options_are_refused_in_a_sentence(trained, profiles, tmp_path):
    made(trained, profiles, tmp_path / "lists")
    with pytest.raises(UsageError, match="holds lists of another model, other listeners or other"):
        running.recommend_all(trained.model, profiles, tmp_path / "lists", n=4, per_part=4)


@pytest.mark.parametrize(
    ("columns", "kind", "message"),
    [
        ({"p_happpy": [1.0, 1.0]}, ColumnError, "column 'p_happpy' is no listener mood"),
        ({"MOOD": [1.0, float("nan")]}, TableError, "of listener 'b' must be from 0 to 1, got nan"),
        ({"MOOD": [-1.0, 1.0]}, TableError, "of listener 'a' must be from 0 to 1, got -1.0"),
        ({"MOOD": [1.0, None]}, TableError, "of listener 'b' must be from 0 to 1, got None"),
        ({"MOOD": [1.0, 0.0]}, TableError, "listener 'b' has no mood above 0"),
        ({"MOOD": [1.0, 1.0], "id": ["a", "a"]}, TableError, "listener 'a' stands there twice"),
        (
            {"MOOD": [1.0, 1.0], "exclude": [["x"], ["x", None]]},
            TableError,
            "exclude of listener 'b'",
        ),
    ],
)
def test_profiles_that_cannot_be_used_are_refused(trained, tmp_path, columns, kind, message):
    mood = trained.bundle.taxonomy.listener_moods[0].name
    named = {mood if name == "MOOD" else name: values for name, values in columns.items()}
    pl.DataFrame({"id": ["a", "b"], **named}).write_parquet(tmp_path / "listeners.parquet")
    with pytest.raises(MoodtuneError, match=message) as refused:
        read_profiles(tmp_path / "listeners.parquet", trained.bundle.taxonomy)
    assert refused.type is kind


@pytest.mark.skipif(
    importlib.util.find_spec("distributed") is not None, reason="Dask is installed here"
)
def test_without_dask_more_workers_are_refused_with_the_install_line(
    moodtune, trained, profiles, tmp_path
):
    ended = moodtune(
        "recommend-all", "--model", trained.model, "--listeners", profiles,
        "--out", tmp_path / "lists", "--workers", 2,
    )  # fmt: skip
    assert ended.status == 2
    assert "pip install 'moodtune[dask]'" in ended.stderr
