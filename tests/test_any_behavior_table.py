"""Behavior tables of any shape, from the files to the questions: nothing knows one survey."""

import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import behavior_tables
from moodtune.answering import new_profiles
from moodtune.artifacts import ModelBundle, load_bundle, save_bundle
from moodtune.config import Settings, trained_listener_settings, with_changes
from moodtune.evaluation.listener_validation import ListenerValidation
from moodtune.moods.listener_model import NEVER_SURE
from moodtune.moods.questionnaire import next_question
from moodtune.pipeline import train
from moodtune.reports.listener_figures import strongest
from moodtune.reports.listener_pictures import answer_weights, listener_answer_weights
from moodtune.samples import sample_tracks
from moodtune.tables.reading import read_table

#: The table, its taxonomy, and the column with the moods.
WORLDS = {
    "three": (behavior_tables.three_moods, behavior_tables.THREE, "feelings"),
    "eight": (behavior_tables.eight_moods, behavior_tables.EIGHT, "mood"),
    "hundreds": (behavior_tables.hundreds_of_columns, behavior_tables.THREE, "feelings"),
    "odd": (behavior_tables.odd_columns, behavior_tables.THREE, "feelings"),
}


@dataclass(frozen=True)
class Trained:
    table: Path
    bundle: ModelBundle
    findings: object

    @property
    def validation(self) -> ListenerValidation:
        return self.findings.validation


def train_on(folder, table, taxonomy, mood_column):
    sample_tracks(120, 1).write_csv(folder / "tracks.csv")
    table.write_csv(folder / "people.csv")
    (folder / "moods.toml").write_text(taxonomy)
    changes = {
        "listeners": {"mood_column": mood_column},
        "listener_model": {"repeats": 1, "folds": 4},
        "clusters": {"clusters": 4},
    }
    run = train(
        folder / "tracks.csv",
        folder / "people.csv",
        with_changes(Settings(), changes),
        taxonomy=folder / "moods.toml",
    )
    return Trained(table=folder / "people.csv", bundle=run.bundle, findings=run.contents.listeners)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    made = {}
    for name, (table, taxonomy, mood_column) in WORLDS.items():
        made[name] = train_on(tmp_path_factory.mktemp(name), table(), taxonomy, mood_column)
    return made


@pytest.mark.parametrize(
    ("name", "least"),
    [("three", [0.85, 0.85, 0.85]), ("eight", [0.8] * 8), ("hundreds", [0.75, 0.75, 0.75])],
)
def test_what_can_be_learnt_is_learnt_for_every_mood(worlds, name, least):
    validation = worlds[name].validation
    reached = [compared.model.value for compared in validation.auc_by_mood]
    assert len(reached) == len(least)
    assert all(r > bar for r, bar in zip(reached, least, strict=True)), reached
    assert all(compared.gain.value > 0 for compared in validation.log_loss_by_mood)
    assert validation.calibration_error.model.value < 0.12


def test_an_id_a_date_a_number_ticks_and_ratings_are_known_for_what_they_are(worlds):
    model = worlds["three"].bundle.listener_model
    kinds = {}
    for column in model.encoder.columns:
        asked = replace(model, sure_from=NEVER_SURE)
        others = {name: "(unknown)" for name in model.columns if name != column.column}
        question = next_question(asked, others, most=9)
        kinds[column.column] = None if question is None else question.kind
    assert kinds["signed up"] == "date"
    assert kinds["minutes per day"] == "number"
    assert kinds["where"] == "several"
    assert "respondent_id" not in kinds
    assert "in your own words" in model.encoder.left_out
    assert worlds["three"].bundle.listeners["id"][0].startswith("r")


def test_moods_of_songs_may_be_ticked_by_their_names(worlds):
    bundle = worlds["eight"].bundle
    assert bundle.taxonomy.listener_moods == ()
    assert bundle.listener_model.moods == bundle.taxonomy.names
    mix = bundle.taxonomy.song_mix(dict.fromkeys(bundle.listener_model.moods, 0.5))
    assert mix == pytest.approx(np.full(8, 1 / 8))


def test_a_mood_of_one_listener_and_a_mood_of_all_keep_their_base_rates(worlds):
    odd = worlds["odd"]
    model, validation = odd.bundle.listener_model, odd.validation
    assert validation.ticked[1:] == (200, 1)
    assert not model.weights[:, 1:].any()
    assert validation.auc_by_mood[0].model.value > 0.8
    assert [c.model.value for c in validation.auc_by_mood[1:]] == pytest.approx([0.5, 0.5])
    told = model.predict(pl.DataFrame({"time": ["Night", "Morning"]}))
    assert told[0, 0] > 0.7
    assert told[1, 0] < 0.3
    assert told[0, 1:] == pytest.approx(told[1, 1:])


def test_columns_that_say_nothing_are_named_with_the_reason(worlds):
    listeners = worlds["odd"].findings.listeners
    assert dict(listeners.dropped) == {
        "constant": "the same in every row",
        "blank": "blank in every row",
        "numbers of one": "the same in every row",
        "counter": "counts the rows",
        "feelings": "the listeners' moods",
    }
    assert set(worlds["odd"].bundle.listener_model.encoder.left_out) == {"distinct", "nearly blank"}


def test_one_mood_in_all_rows_is_nothing_to_learn_from(moodtune, tmp_path):
    table = behavior_tables.odd_columns().with_columns(feelings=pl.lit("to rest"))
    table.write_csv(tmp_path / "people.csv")
    sample_tracks(120, 1).write_csv(tmp_path / "tracks.csv")
    (tmp_path / "moods.toml").write_text(behavior_tables.THREE)
    ended = moodtune(
        "train", "--catalog", tmp_path / "tracks.csv", "--behavior", tmp_path / "people.csv",
        "--taxonomy", tmp_path / "moods.toml", "--mood-column", "feelings",
        "--out", tmp_path / "out", "--no-figures",
    )  # fmt: skip
    assert ended.status == 4
    assert ended.stderr == (
        "moodtune: people.csv: expected at least 2 moods among the listeners', got 1 (Wind down, "
        "slowly); with one mood there is nothing to tell apart\n"
    )


@pytest.mark.parametrize("name", list(WORLDS))
def test_saved_and_loaded_it_predicts_the_same_from_the_table(worlds, name, tmp_path):
    world = worlds[name]
    save_bundle(world.bundle, tmp_path / "model")
    bundle = load_bundle(tmp_path / "model")
    settings = trained_listener_settings(bundle.manifest.settings)
    profiles = new_profiles(bundle, world.table, settings)
    assert profiles.height == read_table(world.table).frame.height
    assert profiles.equals(world.bundle.listeners)
    assert np.isfinite(profiles.select(pl.col("^p_.*$")).to_numpy()).all()
    size = (tmp_path / "model" / "listener_model.npy").stat().st_size
    assert size < 1_000_000


@pytest.mark.parametrize("name", list(WORLDS))
def test_the_questionnaire_runs_on_it_and_its_rows_come_back(
    worlds, name, moodtune, monkeypatch, tmp_path
):
    world = worlds[name]
    model = replace(world.bundle.listener_model, sure_from=NEVER_SURE)
    save_bundle(replace(world.bundle, listener_model=model), tmp_path / "model")
    # Options by number; for numbers and dates something that can be either.
    typed = "".join(f"{line}\n" for line in ["1", "12.5", "2024-05-06", "11/05/2024"] * 5)
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    saved = tmp_path / "row.csv"
    ended = moodtune("ask", "--model", tmp_path / "model", "--save", saved, "-n", 5)
    assert (ended.status, ended.stderr) == (0, "")
    assert "1. " in ended.stdout
    assert "->" in ended.stdout
    out = tmp_path / "moods.csv"
    assert (
        moodtune("predict", "--model", tmp_path / "model", "--behavior", saved, "--out", out).status
        == 0
    )
    read = pl.read_csv(out).select(pl.col("^p_.*$")).row(0)
    said = ended.stdout[ended.stdout.index("How likely each mood is") :]
    assert all(f"{p:.2f}" in said for p in read)


def test_of_hundreds_of_columns_those_that_tell_are_asked_for_and_shown(worlds):
    world = worlds["hundreds"]
    model = world.bundle.listener_model
    assert next_question(model, {}).column.startswith(("Q0", "Q1", "Q2"))
    weights = answer_weights(world.findings)
    for number, mood in enumerate(model.moods):
        chosen = strongest(weights, mood, most=5)
        assert chosen[0].answer.startswith(f"Q{number}: ")
        assert "I agree with the first" in chosen[0].answer
        assert "I agree with the other" in chosen[-1].answer
        assert len({w.answer for w in chosen}) == len(chosen)
    figure = listener_answer_weights(world.findings, synthetic=True)
    labels = [tick.get_text() for axes in figure.axes for tick in axes.get_yticklabels()]
    assert max(len(line) for label in labels for line in label.split("\n")) <= 46
