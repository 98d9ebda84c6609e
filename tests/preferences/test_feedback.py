"""Feedback: what likes and skips say, read from tables and counted per mood."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodtune.errors import ColumnError, QueryError, TableError
from moodtune.features.code_lists import Lists
from moodtune.preferences.events import (
    FeedbackEvent,
    ShownEvent,
    day_of,
    read_feedback,
    read_shown,
    today_of,
)
from moodtune.preferences.feedback import (
    FeedbackSettings,
    Said,
    distinct,
    event_weight,
    feedback_effects,
)
from moodtune.preferences.sound import SoundCells
from worlds import tracks_frame

TODAY = date(2026, 11, 23)
SETTINGS = FeedbackSettings()


def event(key="a", action="like", at="2026-11-23T08:00:00Z", track_id="t00", mood="still"):
    return FeedbackEvent(key=key, track_id=track_id, mood=mood, action=action, at=at)


def effects(pairs, artists=(("A",), ("A",), ("B",), ("C",)), settings=SETTINGS):
    """Return the effects in a world whose third track sounds like the first, the fourth unlike."""
    tracks = tracks_frame(len(artists), [list(names) for names in artists])
    ranks = np.array([[0.0], [1.0], [0.0], [1.0]], np.float32)
    cells = SoundCells.of(ranks, width=0.05)
    said = Said(
        rows=np.array([row for row, _ in pairs], np.intp),
        weights=np.array([weight for _, weight in pairs], np.float64),
    )
    return feedback_effects(said, Lists.of(tracks["artists"]), cells, settings).everywhere()


def test_a_like_is_worth_what_the_formula_says():
    alone = FeedbackSettings(artist=0, sound=0)
    assert effects([(0, 1.0)], settings=alone)[0] == pytest.approx(
        0.3 * (2 * (1 + 1) / (2 + 1) - 1)
    )
    assert effects([(0, -1.0)], settings=alone)[0] == pytest.approx(0.3 * (2 * 1 / (2 + 1) - 1))


def test_a_like_spills_to_the_artist_and_to_what_sounds_alike_but_less():
    liked, by_artist, alike, stranger = effects([(0, 1.0)])
    assert liked > by_artist > alike > 0
    assert stranger == pytest.approx(0, abs=1e-6)


def test_a_skip_does_the_opposite_of_a_like():
    assert effects([(0, -1.0)]).tolist() == pytest.approx((-effects([(0, 1.0)])).tolist())


def test_nothing_said_moves_nothing():
    assert effects([]).tolist() == [0, 0, 0, 0]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-1, 1)), max_size=60))
def test_no_track_moves_by_more_than_the_weight(pairs):
    assert np.all(np.abs(effects(pairs)) < SETTINGS.weight)


@settings(deadline=None)
@given(st.integers(1, 500))
def test_what_spills_over_never_counts_more_than_one_event_of_the_track(n):
    most = SETTINGS.weight * SETTINGS.spill / (2 * SETTINGS.prior + SETTINGS.spill)
    assert effects([(0, 1.0)] * n)[1] <= most + 1e-6


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["like", "skip"])), max_size=9))
def test_an_event_counts_once_however_often_it_is_said(pairs):
    events = [event(key=key + action, action=action) for key, action in pairs]
    assert distinct(events * 3) == distinct(events) == distinct(events[::-1])


def test_an_event_weighs_half_after_a_half_life_and_nothing_before_its_day():
    assert event_weight(event(), TODAY, SETTINGS) == 1
    old = event(at="2026-08-25T23:59:59Z", action="skip")
    assert event_weight(old, TODAY, SETTINGS) == pytest.approx(-0.5)
    assert event_weight(event(at="2026-11-24T00:00:00Z"), TODAY, SETTINGS) == 0
    assert event_weight(event(action="ban"), TODAY, SETTINGS) == 0


def test_a_table_of_feedback_is_read_each_key_once(tmp_path):
    table = tmp_path / "feedback.csv"
    line = "a,t00,still,like,2026-11-23T08:00:00Z\n"
    table.write_text("key,track_id,mood,action,at\n" + 2 * line)
    assert read_feedback(table) == (event(),)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("a,t,still,love,2026-11-23T08:00:00Z\n", "row 1: action must be like, skip or ban, got 'love'"),
        ("a,t,still,like,2026-11-23T08:00:00\n", "row 1: at must be a moment in UTC as RFC 3339 has it, as in 2026-11-23T18:30:00Z, got '2026-11-23T08:00:00'"),
        ("a,t,still,like,2026-11-23T08:00:00+02:00\n", r"row 1: at must be a moment in UTC as RFC 3339 has it, as in 2026-11-23T18:30:00Z, got '2026-11-23T08:00:00\+02:00'"),
        ("a,,still,like,2026-11-23T08:00:00Z\n", "row 1: track_id is blank; every row needs one"),
        ("a,t,still,like,2026-11-23T08:00:00Z\na,t,still,skip,2026-11-23T08:00:00Z\n", "row 2: key 'a' is another event already; give each event a key of its own"),
    ],
)  # fmt: skip
def test_a_wrong_row_of_feedback_is_refused_in_a_sentence(tmp_path, rows, sentence):
    table = tmp_path / "feedback.csv"
    table.write_text("key,track_id,mood,action,at\n" + rows)
    with pytest.raises(TableError, match=f"^feedback.csv {sentence}$"):
        read_feedback(table)


def test_feedback_without_a_column_is_refused_in_a_sentence(tmp_path):
    table = tmp_path / "feedback.csv"
    table.write_text("key,track_id,mood,at\na,t,still,2026-11-23T08:00:00Z\n")
    message = (
        "^feedback.csv: expected a column 'action', and there is none; "
        "its columns are: key, track_id, mood, at$"
    )
    with pytest.raises(ColumnError, match=message):
        read_feedback(table)


def test_a_table_of_what_was_shown_is_read(tmp_path):
    table = tmp_path / "shown.csv"
    table.write_text("at,track_id\n2026-11-22T08:00:00Z,spotify:track:t1\n")
    assert read_shown(table) == (ShownEvent(track_id="t1", at="2026-11-22T08:00:00Z"),)


def test_days_are_read_and_what_is_none_is_refused():
    assert today_of("2026-11-23") == day_of("2026-11-23T18:30:00Z") == TODAY
    with pytest.raises(QueryError, match=r"^today must be a day, as in 2026-11-23, got 'monday'$"):
        today_of("monday")
    message = "^feedback and shown grow old: say today as well, as in 2026-11-23$"
    with pytest.raises(QueryError, match=message):
        today_of(None)


def told_plainly(pairs, artists, ranks, settings):
    """The module's formula, track by track and event by event."""
    kernel = np.exp(-((ranks[:, None] - ranks) ** 2) / (2 * 0.05**2))
    effects = []
    for track in range(len(artists)):
        counts = []
        for sign in (1, -1):
            here = [(row, abs(weight)) for row, weight in pairs if weight * sign > 0]
            own = sum(weight for row, weight in here if row == track)
            shared = sum(
                weight * sum(name in artists[row] for name in artists[track])
                for row, weight in here
                if row != track
            )
            rows = sorted({row for row, _ in here})
            near = np.mean([kernel[track, row] for row in rows]) if rows else 0
            total = sum(weight for _, weight in here)
            counts.append((own, settings.artist * shared + settings.sound * near * total))
        (liked, also), (skipped, other) = counts
        scale = settings.spill / (settings.spill + also + other)
        for_it, against = liked + scale * also, skipped + scale * other
        effects.append(
            settings.weight * (for_it - against) / (2 * settings.prior + for_it + against)
        )
    return effects


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([-1.0, -0.5, 0.25, 1.0])), max_size=8))
def test_effects_are_the_formula_worked_out_track_by_track(pairs):
    artists = (("A",), ("A", "B"), ("B",), ("C",))
    expected = told_plainly(pairs, artists, np.array([0.0, 1.0, 0.0, 1.0]), SETTINGS)
    assert effects(pairs, artists).tolist() == pytest.approx(expected, abs=1e-6)
