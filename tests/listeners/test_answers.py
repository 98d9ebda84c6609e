import datetime as dt

import numpy as np
import polars as pl
import pytest

from moodtune.listeners.answers import as_text, read_answers


def column(*cells, dtype=pl.String):
    frame = pl.DataFrame({"c": pl.Series(cells, dtype=dtype)})
    return read_answers(frame, ["c"]).columns[0]


def test_cells_that_say_the_same_have_one_code_and_blank_ones_none():
    read = column("Rock ", "rock", None, "  ", "ROCK  roll", "Pop")
    assert read.texts == ("pop", "rock", "rock roll")
    assert read.codes.tolist() == [1, 1, -1, -1, 2, 0]


def test_the_commonest_spelling_is_shown_and_ties_go_to_the_first_sorted():
    read = column("rock", "Rock", "Rock", "pop", "Pop")
    assert read.spellings == {"rock": "Rock", "pop": "Pop"}


def test_several_answers_of_a_cell_are_told_apart_by_commas_and_semicolons():
    read = column("Phone, Computer", "Computer,Phone,", "phone;TV", "TV, tv")
    assert read.parts.names == ("computer", "phone", "tv")
    pairs = {
        (read.texts[t], read.parts.names[c])
        for t, c in zip(read.parts.of_texts, read.parts.codes, strict=True)
    }
    assert pairs == {
        ("phone, computer", "phone"),
        ("phone, computer", "computer"),
        ("computer,phone,", "phone"),
        ("computer,phone,", "computer"),
        ("phone;tv", "phone"),
        ("phone;tv", "tv"),
        ("tv, tv", "tv"),
    }
    assert len(read.parts.codes) == len(pairs)
    assert read.spellings["computer"] == "Computer"


def test_numbers_are_read_with_signs_exponents_and_thousands():
    read = column("-3", "2.50", "1e3", "1,234,567.5", "12%", "many", "inf", "nan")
    values = dict(zip(read.texts, read.numbers.tolist(), strict=True))
    assert {t: v for t, v in values.items() if np.isfinite(v)} == {
        "-3": -3.0,
        "2.50": 2.5,
        "1e3": 1000.0,
        "1,234,567.5": 1234567.5,
    }


def test_a_whole_number_is_one_answer_with_or_without_its_point():
    assert column("3", "3.0", "3.00").texts == ("3",)


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("2023-11-05", "%Y-%m-%d"),
        ("2023/11/5", "%Y-%m-%d"),
        ("2023-11-05T09:30:00Z", "%Y-%m-%d"),
        ("2023/11/05 9:33:12 AM GMT+5:30", "%Y-%m-%d"),
        ("05.11.2023", "%d-%m-%Y"),
        ("11/5/2023 14:33", "%m-%d-%Y"),
        ("5 Nov 2023", "%d-%b-%Y"),
        ("5 November 2023", "%d-%b-%Y"),
        ("Nov 5, 2023", "%b-%d-%Y"),
    ],
)
def test_a_date_is_days_since_1970_by_its_format(cell, form):
    expected = (dt.date(2023, 11, 5) - dt.date(1970, 1, 1)).days
    assert column(cell).days[form].tolist() == [expected]


@pytest.mark.parametrize(
    "cell", ["12345678", "2023", "5.11", "20-35", "in 2023-11-05", "2023-13-45"]
)
def test_what_only_looks_like_a_date_is_none(cell):
    assert column(cell).days == {}


def test_typed_columns_become_the_text_that_a_csv_would_hold():
    frame = pl.DataFrame(
        {
            "whole": [1, None],
            "point": [0.1, float("nan")],
            "day": [dt.date(2024, 2, 29), None],
            "yes": [True, None],
            "many": [["a", "b"], []],
            "raw": [b"\x00", None],
            "deep": [{"x": 1}, None],
        }
    )
    assert pl.DataFrame([as_text(c) for c in frame.iter_columns()]).rows() == [
        ("1", "0.1", "2024-02-29", "true", "a, b", None, None),
        (None, None, None, None, None, None, None),
    ]


def test_a_column_without_a_cell_has_no_texts():
    read = column(None, None)
    assert (read.texts, read.codes.tolist(), read.parts.names) == ((), [-1, -1], ())
    assert read.days == {}
    assert np.array_equal(read.numbers, [])
