"""Answers kept as rows: what was there stays, and what is read back means what was said."""

import numpy as np
import polars as pl
import pytest

from listener_worlds import PHRASES, listeners_from, survey
from moodtune.errors import UsageError
from moodtune.listeners.readers import read_listeners
from moodtune.listeners.saving import AnswerRow, append_row, check_appendable
from moodtune.listeners.settings import ListenerSettings
from moodtune.moods.listener_model import ListenerModelSettings
from moodtune.moods.listener_training import train_listener_model
from moodtune.moods.questionnaire import answers_frame
from moodtune.tables.reading import read_table


def row(answers, moods=(), columns=("time", "place", "age")):
    return AnswerRow(columns=columns, answers=answers, mood_column="mood", moods=moods)


def test_a_new_table_has_the_models_columns_and_the_mood(tmp_path):
    path = tmp_path / "row.csv"
    assert append_row(path, row({"time": "Night", "place": None}, ("Rest", "Cry, alone"))) == 1
    assert read_table(path).frame.to_dicts() == [
        {"time": "Night", "place": None, "age": "(unknown)", "mood": "Rest, Cry, alone"}
    ]


def test_a_row_is_added_under_those_that_are_there(tmp_path):
    path = tmp_path / "row.csv"
    before = pl.DataFrame(
        {
            "user_id": ["7", "9"],
            "TIME": ["Night", "=SUM(A1)"],
            "mood": ["Rest", None],
            "note": ["x", "y"],
        }
    )
    before.write_csv(path)
    assert append_row(path, row({"time": "=1+1", "age": "30"})) == 3
    after = read_table(path).frame
    assert after.select(before.columns).head(2).equals(before)
    assert after.row(2, named=True) == {
        "user_id": "10", "TIME": "=1+1", "mood": None, "note": None, "place": "(unknown)", "age": "30",
    }  # fmt: skip
    assert after["place"].to_list() == ["(unknown)"] * 3
    assert "'=SUM(A1)" in path.read_text()
    assert "'=1+1" in path.read_text()


def test_an_id_of_letters_gets_one_that_nobody_has(tmp_path):
    path = tmp_path / "row.csv"
    pl.DataFrame({"user_id": ["asked-1", "bob"], "time": ["a", "b"]}).write_csv(path)
    append_row(path, row({"time": "Night"}))
    assert read_table(path).frame["user_id"].to_list() == ["asked-1", "bob", "asked-2"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("row.txt", None, "row.txt must end in .csv, the table that answers go into"),
        ("tracks.csv", "title,artist\na,b\n", "tracks.csv has none of the model's columns, so it is another kind of table; name a new file"),
    ],
)  # fmt: skip
def test_a_file_that_no_row_fits_into_is_refused_and_stays(tmp_path, name, content, sentence):
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError) as refused:
        check_appendable(path, ("time",))
    assert str(refused.value) == sentence
    check_appendable(tmp_path / "fine.csv", ("time",))
    assert content is None or path.read_text() == content


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"there is no folder .*none to write into: make it$"):
        check_appendable(tmp_path / "none" / "row.csv", ("time",))


def test_predict_reads_back_what_was_said_and_train_learns_from_it(tmp_path):
    settings = ListenerModelSettings(repeats=1, folds=2)
    # Of "place" a third is blank, so that a blank is an answer and skipping it is none.
    table = survey().with_columns(
        pl.when(pl.int_range(pl.len()) % 3 > 0).then("place").alias("place")
    )
    model = train_listener_model(listeners_from(table), settings, seed=0)
    path = tmp_path / "rows.csv"
    said = [{"time": "Night"}, {"place": None}, {"time": "Morning", "place": "Gym, Street"}]
    for answers in said:
        append_row(path, row(answers, columns=model.columns))
    back = read_listeners(path, None, ListenerSettings(mood_column="mood"))
    expected = np.vstack([model.predict(answers_frame(answers)) for answers in said])
    assert np.array_equal(model.predict(back.answers), expected)
    table.write_csv(tmp_path / "all.csv")
    for _ in range(6):
        append_row(tmp_path / "all.csv", row({"time": "Night"}, ("Rest",), model.columns))
    grown = read_listeners(tmp_path / "all.csv", PHRASES, ListenerSettings(mood_column="mood"))
    again = train_listener_model(grown, settings, seed=0)
    assert again.encoder.features == model.encoder.features
    assert again.base_rates[0] > model.base_rates[0]
