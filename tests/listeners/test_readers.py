import html
import re
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest

from listener_worlds import DATA, PHRASES, SETTINGS, listeners_from, needs_data
from moodtune.errors import ColumnError, QueryError, TableError
from moodtune.listeners.readers import read_listeners
from moodtune.listeners.settings import ListenerSettings
from moodtune.moods.listener_model import listener_phrases
from moodtune.moods.taxonomy import load_taxonomy

# Six questions of ten answers: two people alike in all of them are one person twice.
ANSWERS = {f"q{i}": [f"{(row * (i + 2) + i) % 10}x" for row in range(6)] for i in range(6)}
MOODS = ["Rest", "Dance", "Cry, alone", "Rest, Dance", "to unwind,", None]
MESSY = [
    # The survey's quirks: misspelt names, ", " and "," mixed, a comma at the end, blanks, prices.
    ("preffered_plan", "music_Influencial_mood", "devices", "rating"),
    ("Duo plan- Rs 149/month", "Rest, Dance", "Phone, Computer", "3"),
    (None, "Rest,Dance,", "Phone,Computer,", "4"),
    ("Individual Plan- Rs 119/ month", "Cry, alone", "my own radio, sometimes", "5"),
    (None, "Dance, Cry, alone", "Phone", None),
]


def said(sentence):
    return f"^{re.escape(sentence)}$"


def write_csv(path, rows):
    pl.DataFrame(rows[1:], schema=list(rows[0]), orient="row").write_csv(path)


def write_xlsx(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(["None" if cell is None else cell for cell in row])
    book.save(path)


def write_html(path, rows):
    def line(cells, tag, index):
        text = "".join(f"<{tag}>{'NaN' if c is None else html.escape(c)}</{tag}>" for c in cells)
        return f"<tr><th>{index}</th>{text}</tr>"

    body = "".join(line(row, "td", i) for i, row in enumerate(rows[1:]))
    other = "<table><tr><th>not it</th></tr><tr><td>1</td></tr></table>"
    path.write_text(
        f"<html><body>{other}<table><thead>{line(rows[0], 'th', '')}</thead>"
        f"<tbody>{body}</tbody></table></body></html>"
    )


@pytest.mark.parametrize(
    ("name", "write"),
    [("t.csv", write_csv), ("t.xlsx", write_xlsx), ("t.html", write_html)],
)
def test_the_quirks_of_the_survey_are_read_alike_in_every_format(tmp_path, name, write):
    write(tmp_path / name, MESSY)
    listeners = read_listeners(tmp_path / name, PHRASES)
    assert listeners.ids == ("0", "1", "2", "3")
    assert listeners.answers.rows() == [(r[0], r[2], r[3]) for r in MESSY[1:]]
    assert listeners.answers.columns == ["preffered_plan", "devices", "rating"]
    assert listeners.labels.moods == ("Rest", "Dance", "Cry")
    assert listeners.labels.ticks.astype(int).tolist() == [
        [1, 1, 0],
        [1, 1, 0],
        [0, 0, 1],
        [0, 1, 1],
    ]
    assert (listeners.n_read, listeners.n_rejected, listeners.n_repeats) == (4, 0, 0)
    assert listeners.source.columns == {"mood": "music_Influencial_mood"}


def test_a_page_whose_cells_were_cut_is_refused(tmp_path):
    write_html(tmp_path / "t.html", [*MESSY, ("Duo...", "Rest", "Phone", "...")])
    with pytest.raises(TableError, match="cut"):
        read_listeners(tmp_path / "t.html", PHRASES)


def test_rows_without_a_mood_are_kept_and_not_learnt_from():
    listeners = listeners_from({**ANSWERS, "mood": MOODS})
    assert len(listeners) == 6
    assert listeners.labelled.tolist() == [True] * 5 + [False]
    assert listeners.learnable.tolist() == listeners.labelled.tolist()


def test_a_row_that_is_partly_unknown_is_rejected_with_its_reason():
    moods = ["Rest", "Rest, Sing", "Dance", "Rest", "Dance", "Hum"]
    listeners = listeners_from({**ANSWERS, "mood": moods})
    assert listeners.ids == ("0", "2", "3", "4")
    assert listeners.rejections.rows() == [
        ("people.csv", 2, "1", "mood", "Rest, Sing", "no listener's mood is called 'sing'"),
        ("people.csv", 6, "5", "mood", "Hum", "no listener's mood is called 'hum'"),
    ]
    assert listeners.n_read == len(listeners) + listeners.n_rejected == 6


def test_a_mood_column_that_says_nothing_known_is_refused_with_the_nearest_phrases():
    match = said(
        "people.csv: expected listeners' moods in column 'mood', got 'danse' (did you mean "
        "'Dance'?); 'xyzzy'; known are 'Rest', 'Dance', 'Cry': name another column with "
        "--mood-column, or add the phrases with --taxonomy"
    )
    with pytest.raises(ColumnError, match=match):
        listeners_from({"q": ["a", "b"], "mood": ["Danse, xyzzy", "xyzzy"]})


def test_a_missing_mood_column_is_named_with_the_nearest_one():
    match = said(
        "people.csv: expected a column 'mood' with the listeners' moods, and there is none; did "
        "you mean 'moods'? Name the column with --mood-column"
    )
    with pytest.raises(ColumnError, match=match):
        listeners_from({"q": ["a"], "moods": ["Rest"]})


@pytest.mark.parametrize(
    ("columns", "meant"),
    [
        # What cells say counts first, then a name inside the other, then letters alike.
        ({"music_expl_method": ["Radio"], "Feeling": ["Rest, Hum"], "Mood": ["5"]}, "Feeling"),
        ({"music_expl_method": ["Radio"], "Feeling": ["6"], "Mood": ["5"]}, "Mood"),
        ({"Feeling": ["6"], "music_influental_mod": ["5"]}, "music_influental_mod"),
        ({"q": [None, "Rest", "x", "y"], "moods": ["a", "b", "c", "d"]}, "moods"),
    ],
)
def test_the_column_that_may_have_been_meant_for_the_moods_is_named(columns, meant):
    wanted = "mood" if "moods" in columns else "music_Influencial_mood"
    match = said(
        f"people.csv: expected a column {wanted!r} with the listeners' moods, and there is none; "
        f"did you mean {meant!r}? Name the column with --mood-column"
    )
    with pytest.raises(ColumnError, match=match):
        listeners_from(columns, settings=ListenerSettings(mood_column=wanted))


def test_control_characters_of_a_cell_are_escaped_once_in_its_reason():
    moods = ["Rest", "Dance", "Rest", "Dance", "Rest", "\x1b[31mHum\\"]
    listeners = listeners_from({**ANSWERS, "mood": moods})
    assert listeners.rejections["reason"].to_list() == [
        "no listener's mood is called '\\x1b[31mhum\\'"
    ]


def test_the_mood_column_is_found_by_its_letters():
    assert listeners_from({"q": ["a"], " MOOD ": ["Rest"]}).labels.moods == ("Rest",)


def test_a_table_to_predict_needs_no_mood_column_and_keeps_every_row():
    listeners = listeners_from({"q": ["a", "a"], "mood": ["Rest", "what?"]}, phrases=None)
    assert (len(listeners), listeners.n_rejected, listeners.labels) == (2, 0, None)
    assert listeners.answers.to_dict(as_series=False) == {"q": ["a", "a"]}
    assert len(listeners_from({"q": ["a"]}, phrases=None)) == 1


def test_an_id_column_is_kept_as_the_id_and_is_no_answer():
    listeners = listeners_from({"User ID": list("fedcba"), **ANSWERS, "mood": MOODS})
    assert listeners.ids == tuple("fedcba")
    assert listeners.answers.columns == list(ANSWERS)
    assert listeners.row_of("e") == 1


def test_without_an_id_column_the_id_is_the_row_number_as_read_from_0():
    listeners = listeners_from({**ANSWERS, "mood": ["Sing", *MOODS[1:]]})
    assert listeners.ids == ("1", "2", "3", "4", "5")


def test_a_column_named_like_an_id_that_tells_nobody_apart_is_an_answer_and_noted():
    listeners = listeners_from({"user": list("aabbcc"), **ANSWERS, "mood": MOODS})
    assert listeners.ids[0] == "0"
    assert "user" in listeners.answers.columns
    (note,) = listeners.notes
    assert note == (
        "Column 'user' is named like an id and is none, for 6 rows share theirs with others: "
        "listeners are numbered by row."
    )


def test_an_id_column_that_was_named_must_tell_listeners_apart():
    settings = ListenerSettings(mood_column="mood", id_column="q")
    match = said(
        "people.csv: column 'q' cannot tell listeners apart: 2 rows share theirs with others; "
        "leave --id-column out to number the rows instead"
    )
    with pytest.raises(ColumnError, match=match):
        listeners_from({"q": ["a", "a"], "z": ["1", "2"], "mood": ["Rest"] * 2}, settings=settings)
    listeners = listeners_from({"q": ["a", "b"], "mood": ["Rest"] * 2}, settings=settings)
    assert listeners.ids == ("a", "b")


def test_a_listener_that_is_not_there_is_said_with_those_that_are():
    match = said("people.csv: there is no listener '7'; it has 6 listeners, from '0' to '5'")
    with pytest.raises(QueryError, match=match):
        listeners_from({**ANSWERS, "mood": MOODS}).row_of("7")


def test_a_row_that_says_the_same_from_end_to_end_is_kept_and_not_learnt_from():
    twice = {name: [*cells, cells[1]] for name, cells in {**ANSWERS, "mood": MOODS}.items()}
    listeners = listeners_from(twice)
    assert len(listeners) == 7
    assert listeners.repeats.tolist() == [False] * 6 + [True]
    assert listeners.learnable.tolist() == [True] * 5 + [False, False]
    assert listeners.notes == (
        "1 row repeats an earlier one from end to end: nothing is learnt from repeats.",
    )


def test_a_row_that_repeats_its_id_and_all_else_is_rejected():
    table = {"id": list("abcdef"), **ANSWERS, "mood": MOODS}
    listeners = listeners_from({name: [*cells, cells[1]] for name, cells in table.items()})
    assert listeners.ids == tuple("abcdef")
    assert listeners.rejections.rows() == [
        ("people.csv", 7, "b", "id", "b", "the same as row 2 from end to end")
    ]


def test_people_alike_by_chance_are_different_people_where_questions_are_few():
    listeners = listeners_from({"q": ["a", "b"] * 20, "mood": ["Rest", "Dance"] * 20})
    assert listeners.n_repeats == 0
    (note,) = listeners.notes
    assert note == (
        "38 rows are the same as an earlier one, which happens by chance with so few questions: "
        "they count as different listeners."
    )


def test_columns_that_are_no_answers_are_dropped_and_named():
    listeners = listeners_from(
        {
            "": list("012345"),
            "Unnamed: 0.1": list("012345"),
            "nr": [str(i + 10) for i in range(6)],
            "country": ["IN"] * 6,
            "remarks": pl.Series([None] * 6, dtype=pl.String),
            "tick": ["x", None, None, "x", None, None],
            **ANSWERS,
            "mood": MOODS,
        }
    )
    assert dict(listeners.dropped) == {
        "": "has no name",
        "Unnamed: 0.1": "has no name",
        "mood": "the listeners' moods",
        "country": "the same in every row",
        "remarks": "blank in every row",
        "nr": "counts the rows",
    }
    assert listeners.constant_columns == ("country", "remarks")
    assert listeners.answers.columns == ["tick", *ANSWERS]


def test_one_new_listener_keeps_the_answers_that_are_constant_in_a_table_of_one():
    listeners = listeners_from({"q": ["a"], "n": ["1"]}, phrases=None)
    assert listeners.answers.columns == ["q", "n"]


def test_columns_are_ignored_as_asked_and_a_slip_is_said():
    settings = ListenerSettings(mood_column="mood", ignore_columns=("Q1",))
    listeners = listeners_from({**ANSWERS, "mood": MOODS}, settings=settings)
    assert "q1" not in listeners.answers.columns
    assert listeners.dropped["q1"] == "ignored as asked"
    settings = ListenerSettings(mood_column="mood", ignore_columns=("nope",))
    match = said(
        "people.csv: expected a column 'nope' to ignore, and there is none; its columns are 'q0', "
        "'q1', 'q2', 'q3', 'q4', 'q5', 'mood'"
    )
    with pytest.raises(ColumnError, match=match):
        listeners_from({**ANSWERS, "mood": MOODS}, settings=settings)


def test_a_typed_table_says_the_same_as_one_of_text(tmp_path):
    typed = pl.DataFrame(
        {
            "age": [31, 44, None],
            "hours": [0.5, 2.25, None],
            "since": pl.Series(["2020-02-29", "2021-01-01", None]).str.to_date(),
            "mood": ["Rest", "Dance", "Rest"],
        }
    )
    typed.write_parquet(tmp_path / "t.parquet")
    typed.write_csv(tmp_path / "t.csv")
    parquet, csv = (
        read_listeners(tmp_path / f"t.{e}", PHRASES, SETTINGS) for e in ("parquet", "csv")
    )
    assert parquet.answers.equals(csv.answers)
    assert parquet.answers.rows()[1] == ("44", "2.25", "2021-01-01")


@needs_data
def test_the_public_survey_is_read_alike_in_its_three_formats():
    phrases = listener_phrases(load_taxonomy())
    folder = Path(DATA) / "behavior"
    tables = [
        read_listeners(folder / name, phrases)
        for name in ("spotify_data.csv", "Spotify_data.xlsx", "__results__.html")
    ]
    first = tables[0]
    assert (len(first), first.n_read, first.n_rejected, first.n_repeats) == (520, 520, 0, 1)
    assert first.answers.width == 19
    assert np.unique(first.labels.ticks, axis=0).shape == (15, 4)
    for other in tables[1:]:
        assert other.answers.equals(first.answers)
        assert np.array_equal(other.labels.ticks, first.labels.ticks)
    with pytest.raises(TableError, match="cut"):
        read_listeners(folder / "__results___truncated.html", phrases)
