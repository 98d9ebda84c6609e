"""Text from tables is shown as it is, and comes back from a spreadsheet as it was."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.tables.reading import read_table
from moodtune.tables.text import guard_formulas, literal, undo_guard
from moodtune.tables.writing import write_csv

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
#: What formulas begin with, guards, spaces and digits: where guarding could go wrong.
TRICKY = st.text(st.sampled_from("'=+-@\t\r\n ＝1.e,;\"a"), max_size=6)  # noqa: RUF001


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred", "a\\x1b[31mred"),
        ("two\nlines\tand\r", "two\\nlines\\tand\\r"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("\u2066a\u2069\u200e\u200f\u061c", "\\u2066a\\u2069\\u200e\\u200f\\u061c"),
        ("zero\u200bwidth\ufeff\u2060", "zero\\u200bwidth\\ufeff\\u2060"),
        ("soft\u00adhyphen\u2028line", "soft\\xadhyphen\\u2028line"),
        ("a\u200db", "a\\u200db"),
        ("\u200cfirst", "\\u200cfirst"),
        ("lone\ud800", "lone\\ud800"),
        ("tag\U000e0041", "tag\\U000e0041"),
    ],
)
def test_what_would_be_obeyed_or_not_seen_comes_out_escaped(text, shown):
    assert literal(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=LOVE",
        "A$B$C",
        "[bold]x[/bold]",
        "<img onerror=alert(1)>",
        "back\\slash",
        "Beyoncé — Déjà Vu (feat. JAY Z)",
        "لیلا می‌خواهم",  # Persian, with the joiner that its spelling asks for
        "شلام שלום",
        "夜に駆ける 🎶",
        "👨‍👩‍👧 ❤️",
        "क्‍ष",
        "non\u00a0breaking",
    ],
)
def test_letters_signs_and_markup_stay_as_they_are(text):
    assert literal(text) == text


@given(st.text())
def test_what_is_shown_is_on_one_line_and_showing_it_again_changes_nothing(text):
    once = literal(text)
    assert len(once.splitlines()) <= 1
    assert "\x1b" not in once
    assert literal(once) == once


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("=LOVE", "'=LOVE"),
        ("+1 (555)", "'+1 (555)"),
        ("-sigh-", "'-sigh-"),
        ("@home", "'@home"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        (" =1+1", "' =1+1"),
        ("＝1", "'＝1"),  # noqa: RUF001 -- the full-width sign is the case
        ("'=LOVE", "''=LOVE"),
        ("-6.746", "-6.746"),
        ("+1e-06", "+1e-06"),
        ("'Til Dawn", "'Til Dawn"),
        ("a=b", "a=b"),
        ("", ""),
        (None, None),
    ],
)
def test_only_what_a_spreadsheet_could_run_is_guarded(text, guarded):
    frame = pl.DataFrame({"title": [text]}, schema={"title": pl.String})
    assert guard_formulas(frame).item() == guarded
    assert undo_guard(guard_formulas(frame)).item() == text


@given(st.lists(st.none() | TEXTS | TRICKY), TEXTS | TRICKY)
def test_guarding_is_undone_exactly(texts, name):
    frame = pl.DataFrame({"x": texts}, schema={"x": pl.String})
    frame.columns = [name]
    assert undo_guard(guard_formulas(frame)).equals(frame)
    assert undo_guard(guard_formulas(frame)).columns == [name]


def test_columns_that_are_not_text_pass_unchanged():
    frame = pl.DataFrame({"n": [-1, 2], "l": [["=a"], []]})
    assert guard_formulas(frame).equals(frame)


@given(st.lists(TEXTS | TRICKY, min_size=1, max_size=5))
def test_what_is_written_as_csv_is_read_back(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    frame = pl.DataFrame({"row": [str(n) for n in range(len(texts))], "=title": texts})
    write_csv(frame, path)
    expected = frame.with_columns(pl.col("=title").str.strip_chars().replace("", None))
    assert read_table(path).frame.to_dicts() == expected.to_dicts()
