from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodtune.catalog import cells


def names(*values):
    return cells.names(pl.Series("artists", values, dtype=pl.String)).to_list()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Ann", ["Ann"]),
        ("Ann;Bob", ["Ann", "Bob"]),
        (" Ann ; Bob ;", ["Ann", "Bob"]),
        (";;", []),
        ("Earth, Wind & Fire", ["Earth, Wind & Fire"]),
        ("Earth, Wind & Fire;Ann", ["Earth, Wind & Fire", "Ann"]),
        ("['Ann']", ["Ann"]),
        ("['Ann', 'Bob']", ["Ann", "Bob"]),
        ("['Ann','Bob']", ["Ann", "Bob"]),
        ("""['Ann', "B's"]""", ["Ann", "B's"]),
        ("""["Destiny's Child", 'Earth, Wind & Fire']""", ["Destiny's Child", "Earth, Wind & Fire"]),
        (r"""['"Weird Al" Yankovic', 'O\'N "x"']""", ['"Weird Al" Yankovic', "O'N \"x\""]),
        (r"""['Beyonc\xe9', 'A\\B', '\u2603', '\d', '\ud800']""", ["Beyoncé", "A\\B", "☃", r"\d", "\ufffd"]),
        ("['A;B']", ["A;B"]),
        ("[]", []),
        ("['']", []),
        ("[unknown]", ["[unknown]"]),
        ("['Ann'", ["['Ann'"]),
        ("[__import__('os')]", ["[__import__('os')]"]),
        ("[[['Ann']]]", ["[[['Ann']]]"]),
        (None, []),
    ],
)  # fmt: skip
def test_a_cell_is_split_into_names(cell, expected):
    assert names(cell) == [expected]
    # Beside cells of every other kind it is read the same.
    assert names("X;Y", cell, "['p', 'q']", """["p's"]""", None, "Z")[1] == expected


def test_a_list_column_stays_a_list_without_blanks():
    lists = pl.Series("artists", [["Ann", " Bob "], [], None, [None, ""]], dtype=cells.NAMES)
    assert cells.names(lists).to_list() == [["Ann", "Bob"], [], [], []]


name = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)


@settings(deadline=None)
@given(st.lists(name, min_size=1, max_size=5))
def test_what_python_prints_of_a_list_is_read_back(values):
    assert names(str(values)) == [values]


@settings(deadline=None)
@given(st.text(alphabet="[]'\"\\, ;ax", max_size=30))
def test_no_cell_breaks_the_reader(cell):
    assert all(part.strip() for part in names(cell.strip())[0])


def test_hostile_brackets_are_read_in_time_that_grows_with_their_length():
    assert names("['" + "a' " * 30_000) == [["['" + ("a' " * 30_000).strip()]]
    assert names('["' + '", "' * 30_000) == [['["' + ('", "' * 30_000).strip()]]


def column(expression, *values, dtype=pl.String):
    return (
        pl.DataFrame({"c": pl.Series(values, dtype=dtype)}).select(expression).to_series().to_list()
    )


def test_addresses_and_uris_become_bare_ids():
    assert column(
        cells.track_id("c"),
        "0Abc",
        "spotify:track:1Abc",
        "https://open.spotify.com/track/2Abc",
        "https://open.spotify.com/intl-de/track/3Abc?si=9&x=1",
        "https://open.spotify.com/embed/track/4Abc/",
        "https://open.spotify.com/track/5Abc/?si=9",
        "spotify:track:what?",
        None,
    ) == [
        "0Abc",
        "1Abc",
        "2Abc",
        "3Abc",
        "4Abc",
        "5Abc",
        "spotify:track:what?".removeprefix("spotify:track:"),
        None,
    ]


def test_numeric_ids_become_text():
    assert column(cells.track_id("c"), 12, dtype=pl.Int64) == ["12"]


def test_numbers_are_read_and_what_is_none_is_null():
    read = column(cells.number("c", pl.String()), "0.5", "1e-3", "-2", "x", "0,5", None)
    assert read == [0.5, 0.001, -2.0, None, None, None]


def test_a_column_of_durations_is_read_in_milliseconds_and_one_of_dates_is_no_number():
    length = cells.number("c", pl.Duration("us"))
    assert column(length, timedelta(minutes=3, milliseconds=5), dtype=pl.Duration("us")) == [
        180_005
    ]
    assert column(cells.number("c", pl.Date()), date(1999, 1, 1), dtype=pl.Date) == [None]


def test_keys_and_modes_may_be_words():
    frame = pl.DataFrame(
        {"key": ["C", "C#", "Bb", "b", "11", "H"], "mode": ["Major", "minor", "1"] * 2}
    )
    read = frame.select(cells.number(name, pl.String()).alias(name) for name in frame.columns)
    assert read["key"].to_list() == [0, 1, 10, 11, 11, None]
    assert read["mode"].to_list() == [1, 0, 1, 1, 0, 1]


def test_years_are_found_at_either_end_of_a_date():
    assert column(
        cells.year_of("c"), "1986", "1991-08-27", "1991-08", "19910827", "8/27/1991", "27.8.91", "0"
    ) == [1986, 1991, 1991, 1991, 1991, None, None]


def test_yes_and_no_are_read_in_the_ways_they_are_written():
    assert column(cells.yes_no("c", pl.String()), "True", "FALSE", "0", "1", "1.0", "maybe", None) == [
        True, False, False, True, True, None, None,
    ]  # fmt: skip
    assert column(cells.yes_no("c", pl.Boolean()), True, False, dtype=pl.Boolean) == [True, False]
