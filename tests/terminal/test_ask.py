"""``moodtune ask``: a conversation typed into it, and what it says."""

import io
import subprocess
import sys
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from moodtune.answering import new_profiles
from moodtune.artifacts import load_bundle, save_bundle
from moodtune.config import trained_listener_settings
from moodtune.moods.listener_model import NEVER_SURE
from moodtune.moods.questionnaire import answers_frame, next_question
from moodtune.moods.replies import keys_of
from moodtune.tables.reading import read_table

SAD = "Sadness or melancholy"


@pytest.fixture(scope="session")
def unsure(trained, tmp_path_factory):
    """The trained model, but for that it is never sure: so all questions are asked."""
    folder = tmp_path_factory.mktemp("unsure") / "model"
    bundle = trained.bundle
    model = replace(bundle.listener_model, sure_from=NEVER_SURE)
    save_bundle(replace(bundle, listener_model=model), folder)
    return folder


@pytest.fixture
def ask(moodtune, monkeypatch):
    """Run the command with lines typed into it."""

    def run(model, *lines, options=()):
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return moodtune("ask", "--model", model, *options)

    return run


def numbered(said):
    return [line for line in said.splitlines() if line[:3] in {f"{i}. " for i in range(1, 10)}]


def first_places(said):
    return said[said.index("The mix of the list:") :]


def test_five_questions_are_asked_each_another_and_then_there_is_a_list(ask, unsure):
    ended = ask(unsure, *["1"] * 9)
    assert (ended.status, ended.stderr) == (0, "")
    asked = numbered(ended.stdout)
    assert [line[0] for line in asked] == list("12345")
    assert len({line[3:] for line in asked}) == 5
    assert ended.stdout.count("->") == 5 * 4
    assert "Not sure yet: " in ended.stdout
    assert "this model is never sure" in ended.stdout
    assert ended.stdout.index("The mix of the list:") < ended.stdout.index("10  ")


def test_what_is_asked_and_shown_is_what_the_library_says(ask, unsure):
    model = load_bundle(unsure).listener_model
    ended = ask(unsure, "1", options=("--questions", 1))
    question = next_question(model, {})
    assert f"1. {question.wording}?" in ended.stdout
    answer = keys_of(question)["1"]
    before = model.nothing_known()
    after = model.predict(answers_frame({question.column: answer}))[0]
    for mood, old, new in zip(model.moods, before, after, strict=True):
        shown = next(
            line for line in ended.stdout.splitlines() if f"{old:.2f} -> {new:.2f}" in line
        )
        assert mood in shown


def test_questions_stop_as_soon_as_the_model_is_sure(ask, trained, tmp_path):
    bundle = trained.bundle
    model = bundle.listener_model
    question = next_question(replace(model, sure_from=NEVER_SURE), {})
    likeliest = {
        key: model.predict(answers_frame({question.column: answer})).max()
        for key, answer in keys_of(question).items()
    }
    key = max(likeliest, key=likeliest.get)
    sure = replace(model, sure_from=float(likeliest[key]))
    save_bundle(replace(bundle, listener_model=sure), tmp_path / "model")
    ended = ask(tmp_path / "model", key)
    assert len(numbered(ended.stdout)) == 1
    assert "Sure: " in ended.stdout
    assert "Not sure" not in ended.stdout


def test_the_number_of_questions_and_of_tracks_can_be_said(ask, unsure):
    ended = ask(unsure, *["1"] * 9, options=("--questions", 2, "-n", 3))
    assert len(numbered(ended.stdout)) == 2
    assert " 4  " not in first_places(ended.stdout)


def test_enter_skips_a_question_and_another_is_asked(ask, unsure):
    ended = ask(unsure, "", "1", options=("--questions", 2))
    assert ended.stdout.count("Skipped.") == 1
    assert ended.stdout.count("->") == 4
    assert len({line[3:] for line in numbered(ended.stdout)}) == 2


def test_a_reply_that_fits_nothing_is_explained_and_asked_again(ask, unsure):
    ended = ask(unsure, "99", "I feel purple", "\x1b[31mred", "1", options=("--questions", 1))
    assert "'99' is none of the answers; type one of 1, 2" in ended.stdout
    assert "no mood is called 'purple'" in ended.stdout
    assert "\x1b" not in ended.stdout
    assert ended.stdout.count("->") == 4


@pytest.mark.parametrize("typed", ["I feel sad", "sadness", SAD, "lonely", "I'm really blue!"])
def test_a_mood_said_outright_ends_the_questions_and_outweighs_the_survey(ask, unsure, typed):
    ended = ask(unsure, "1", typed, options=("-n", 8))
    assert len(numbered(ended.stdout)) == 2
    assert f"You said {SAD}: that outweighs what answers suggest." in ended.stdout
    likely = ended.stdout[ended.stdout.index("How likely each mood is") :].splitlines()
    assert likely[1].startswith(f"  {SAD} ")
    assert "0.95" in likely[1]
    mix = first_places(ended.stdout).splitlines()
    assert mix[1].split()[:2] == ["melancholy", "0.60"] or float(mix[1].split()[1]) > 0.6


def test_a_song_mood_can_be_felt_too(ask, unsure):
    mix = first_places(ask(unsure, "I feel calm").stdout).splitlines()
    assert mix[1].split()[0] == "calm"
    assert float(mix[1].split()[1]) >= 0.75


def test_no_more_lines_end_politely_with_what_is_known(ask, unsure, trained):
    ended = ask(unsure)
    assert (ended.status, ended.stderr) == (0, "")
    assert "Not sure yet" in ended.stdout
    for base in trained.bundle.listener_model.nothing_known():
        assert f"{base:.2f}" in ended.stdout
    assert " 10  " in ended.stdout or "\n10  " in ended.stdout


def test_q_leaves_without_a_list_and_saves_nothing(ask, unsure, tmp_path):
    ended = ask(unsure, "1", "q", options=("--save", tmp_path / "row.csv"))
    assert (ended.status, ended.stderr) == (0, "")
    assert ended.stdout.endswith("Left; nothing was saved.\n")
    assert "The mix of the list" not in ended.stdout
    assert not (tmp_path / "row.csv").exists()


def test_answers_are_saved_as_rows_that_predict_reads_back(ask, unsure, tmp_path):
    path = tmp_path / "rows.csv"
    ask(unsure, "1", "", "2", "q?", "1", "1", options=("--save", path))
    ended = ask(unsure, "2", "I feel sad", options=("--save", path))
    assert f"Answers saved as row 2 of {path}" in ended.stdout.replace("\n", "")
    bundle = load_bundle(unsure)
    rows = read_table(path).frame
    assert rows.columns == [*bundle.listener_model.columns, "music_Influencial_mood"]
    assert rows["music_Influencial_mood"].to_list() == [None, SAD]
    settings = trained_listener_settings(bundle.manifest.settings)
    profiles = new_profiles(bundle, path, settings)
    question = next_question(bundle.listener_model, {})
    second = {question.column: keys_of(question)["2"]}
    said = bundle.listener_model.predict(answers_frame(second))[0]
    assert profiles.select(pl.col("^p_.*$")).row(1) == pytest.approx(tuple(said), abs=0)
    asked = [name for name in rows.columns if rows[name][0] not in {"(unknown)", None}]
    assert 3 <= len(asked) <= 4


def test_nothing_answered_is_not_saved(ask, unsure, tmp_path):
    ended = ask(unsure, options=("--save", tmp_path / "row.csv"))
    assert "Nothing was answered, so nothing was saved." in ended.stdout
    assert not (tmp_path / "row.csv").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--save", "row.txt"), "row.txt must end in .csv, the table that answers go into"),
        (("--save", "none/row.csv"), "there is no folder none to write into: make it"),
    ],
)
def test_what_cannot_be_saved_is_refused_before_anything_is_asked(ask, unsure, options, sentence):
    ended = ask(unsure, "1", options=options)
    assert (ended.status, ended.stdout, ended.stderr) == (2, "", f"moodtune: {sentence}\n")


def test_a_model_without_listeners_says_that_there_is_nothing_to_ask(ask, trained, tmp_path):
    bundle = replace(trained.bundle, listener_model=None, listeners=None)
    save_bundle(bundle, tmp_path / "model")
    ended = ask(tmp_path / "model", "1")
    assert (ended.status, ended.stdout) == (2, "")
    assert ended.stderr == (
        "moodtune: this model knows no listeners, so there is nothing to ask: it was trained "
        "without a behavior table; train it with --behavior TABLE\n"
    )


def test_asking_needs_nothing_that_only_training_needs(unsure):
    # In a process of its own: here others have imported all of it.
    code = (
        "import io, sys\n"
        f"sys.argv = ['moodtune', 'ask', '--model', {str(unsure)!r}]\n"
        "sys.stdin = io.StringIO('1\\n1\\n')\n"
        "from moodtune.terminal.app import main\n"
        "try:\n    main()\nexcept SystemExit as ended:\n    assert not ended.code\n"
        "heavy = ('sklearn', 'scipy', 'pandas', 'matplotlib')\n"
        "print('heavy:', [m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy: []"


def test_hostile_words_of_a_table_are_shown_literally(ask, trained, tmp_path):
    bundle = trained.bundle
    model = bundle.listener_model
    column = next(c for c in model.encoder.columns if c.column == next_question(model, {}).column)
    evil = "[bold]\x1b[2J=1+1\u202e"
    hostile = type(column)(
        **{name: getattr(column, name) for name in column.__struct_fields__}
        | {"spellings": (evil, *column.spellings[1:])}
    )
    encoder = replace(
        model.encoder,
        columns=tuple(hostile if c is column else c for c in model.encoder.columns),
    )
    changed = replace(model, encoder=encoder, sure_from=NEVER_SURE)
    save_bundle(replace(bundle, listener_model=changed), tmp_path / "model")
    said = ask(tmp_path / "model", "q").stdout
    assert "[bold]\\x1b[2J=1+1\\u202e" in said
    assert "\x1b" not in said
    assert np.isfinite(changed.nothing_known()).all()
