"""What people see of a list, on screens narrow and wide."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from moodtune.preferences.events import ShownEvent
from moodtune.ranking.journeys import Journey
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.terminal.journeying import show_journey
from moodtune.terminal.rendering import Clauses, show_recommendations

SHOWN = (ShownEvent(track_id="none", at="2026-11-22T08:00:00Z"),)
QUERIES = (
    Query(blend={"calm": 0.6, "deep": 0.4}, diversity=0.3, shown=SHOWN, today="2026-11-23"),
    Query(journey=Journey(start="melancholy", goal="happy"), n=6),
)


def lines_of(show, *values, width: int, is_terminal: bool = False) -> list[str]:
    out = io.StringIO()
    screen = Console(
        file=out, width=width, markup=False, emoji=False, highlight=False, color_system=None,
        force_terminal=is_terminal,
    )  # fmt: skip
    show(screen, *values)
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("width", [80, 160])
def test_a_sentence_is_folded_between_its_clauses_and_nothing_of_it_is_lost(trained, query, width):
    answer = recommend(trained.bundle.index, query)
    lines = lines_of(show_recommendations, answer, width=width)
    assert max(map(len, lines)) <= width
    for told in answer.recommendations:
        first = next(n for n, line in enumerate(lines) if line.strip()[:30] == told.why[:30])
        said = lines[first].strip()
        folds = 0
        while said != told.why:
            assert said[-1] in ";,"
            folds += 1
            said += " " + lines[first + folds].strip()
        assert folds <= (3 if width == 80 else 1)


@settings(deadline=None)
@given(
    st.lists(st.text("ab; ,", min_size=1, max_size=12), min_size=1, max_size=8).map(" ".join),
    st.integers(1, 40),
)
def test_clauses_are_never_wider_than_the_screen_and_keep_every_letter(text, width):
    lines = lines_of(Console.print, Clauses(text), width=width)
    assert max(map(len, lines), default=0) <= width
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)


def test_a_journey_is_folded_between_words_where_somebody_looks(trained):
    report = recommend(trained.bundle.index, QUERIES[1]).journey
    looked_at = lines_of(show_journey, report, width=80, is_terminal=True)
    assert max(map(len, looked_at)) <= 80
    piped = lines_of(show_journey, report, width=80)
    assert len(piped) == 2
    assert " ".join(looked_at) == " ".join(piped)
