"""Feedback: what likes and skips say, read from tables and counted per mood."""

import re
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.errors import ColumnError, QueryError, TableError
from moodtune.features.code_lists import Lists
from moodtune.features.rows import ascending
from moodtune.preferences.events import (
    FeedbackEvent,
    ShownEvent,
    day_of,
    in_order,
    read_feedback,
    read_shown,
    today_of,
)
from moodtune.preferences.feedback import (
    FeedbackSettings,
    Said,
    distinct,
    event_weights,
    feedback_effects,
)
from moodtune.preferences.shared_artists import SharedArtists
from moodtune.preferences.sound import SoundCells
from worlds import FIVE_HUNDRED, tracks_frame

TODAY = date(2026, 11, 23)
SETTINGS = FeedbackSettings()


def event(key="a", action="like", at="2026-11-23T08:00:00Z", track_id="t00", mood="still"):
    return FeedbackEvent(key=key, track_id=track_id, mood=mood, action=action, at=at)


#: Of four tracks the first two are by one artist; the third sounds like the first.
ARTISTS = Lists.of(tracks_frame(4, [["A"], ["A"], ["B"], ["C"]])["artists"])
CELLS = SoundCells.of(np.array([[0.0], [1.0], [0.0], [1.0]], np.float32), width=0.05)


def effects(pairs, artists=ARTISTS, settings=SETTINGS):
    said = Said(
        rows=np.array([row for row, _ in pairs], np.intp),
        weights=np.array([weight for _, weight in pairs], np.float64),
    )
    shared = SharedArtists.find(artists, ascending(said.rows))
    return feedback_effects(said, shared, CELLS, settings).everywhere()


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


@FIVE_HUNDRED
@given(st.integers(0, 60), st.integers(0, 2**32), st.floats(-1, 1))
def test_no_track_moves_by_more_than_the_weight(n, seed, leaning):
    numbers = np.random.default_rng(seed)
    weights = np.clip(numbers.uniform(-1, 1, n) + leaning, -1, 1).tolist()
    pairs = list(zip(numbers.integers(0, 4, n).tolist(), weights, strict=True))
    assert np.all(np.abs(effects(pairs)) < SETTINGS.weight)


@FIVE_HUNDRED
@given(st.integers(1, 500))
def test_what_spills_over_never_counts_more_than_one_event_of_the_track(n):
    most = SETTINGS.weight * SETTINGS.spill / (2 * SETTINGS.prior + SETTINGS.spill)
    assert effects([(0, 1.0)] * n)[1] <= most + 1e-6


@FIVE_HUNDRED
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["like", "skip"])), max_size=9))
def test_an_event_counts_once_however_often_it_is_said(pairs):
    events = [event(key=key + action, action=action) for key, action in pairs]
    assert distinct(events * 3) == distinct(events) == distinct(events[::-1])


def test_an_event_weighs_half_after_a_half_life_and_nothing_before_its_day():
    assert event_weights([event()], TODAY, SETTINGS) == [1]
    old = event(at="2026-08-25T23:59:59Z", action="skip")
    assert event_weights([old], TODAY, SETTINGS) == [pytest.approx(-0.5)]
    assert event_weights([event(at="2026-11-24T00:00:00Z")], TODAY, SETTINGS) == [0]
    assert event_weights([event(action="ban")], TODAY, SETTINGS) == [0]


def test_an_action_that_is_none_is_refused():
    with pytest.raises(QueryError, match="action must be like, skip or ban, got 'love'"):
        event_weights([event(action="love")], TODAY, SETTINGS)


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


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-23T18:30:00Z", "2026-11-23t18:30:00z", "2026-11-23 18:30:00Z",
        "2026-11-23T18:30:00.123456789Z", "2026-11-23T00:00:00+00:00", "2026-11-23T23:59:60-00:00",
    ],
)  # fmt: skip
def test_a_moment_is_read_however_rfc_3339_writes_it(at):
    assert day_of(at) == TODAY


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-23", "20261123T183000Z", "2026-W48-1T18:30:00Z", "2026-11-23T18:30Z",
        "2026-11-23X18:30:00Z", "2026-11-23T18:30:00,5Z", "2026-11-23T24:00:00Z",
        "2026-11-23T18:30:60Z", "2026-02-30T18:30:00Z", "0000-11-23T18:30:00Z", "2026-11-23T18:30:00",
        "2026-11-23T18:30:00-02:00", "\N{ARABIC-INDIC DIGIT TWO}026-11-23T18:30:00Z", "1795458600", "",
    ],
)  # fmt: skip
def test_what_rfc_3339_does_not_write_is_no_moment(at):
    message = (
        "^at must be a moment in UTC as RFC 3339 has it, as in 2026-11-23T18:30:00Z, "
        f"got {re.escape(repr(at))}$"
    )
    with pytest.raises(QueryError, match=message):
        day_of(at)


def test_moments_sort_as_they_follow_one_another_however_they_are_written():
    moments = [
        "2026-11-23", "2026-11-23t00:00:00.5z", "2026-11-23 00:00:00.75Z", "2026-11-23T00:00:01+00:00",
        "2026-11-24T00:00:00Z",
    ]  # fmt: skip
    assert sorted([moments[i] for i in (3, 0, 4, 2, 1)], key=in_order) == moments
    assert in_order("2026-11-23T00:00:00.000Z") == in_order("2026-11-23 00:00:00z")
    assert (in_order("23.11.2026"), in_order("2026-02-30"), in_order("")) == (None, None, None)


@pytest.mark.parametrize("read", [read_feedback, read_shown])
def test_a_table_with_nothing_in_it_yet_says_nothing(tmp_path, read):
    (tmp_path / "new.csv").write_text("key,track_id,mood,action,at\n")
    assert read(tmp_path / "new.csv") == ()


def test_days_are_read_and_what_is_none_is_refused():
    assert today_of("2026-11-23") == day_of("2026-11-23T18:30:00Z") == TODAY
    for text in ("monday", "20261123", "2026-W48-1", "2026-02-30", ""):
        with pytest.raises(
            QueryError, match=f"^today must be a day, as in 2026-11-23, got '{text}'$"
        ):
            today_of(text)
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


@FIVE_HUNDRED
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([-1.0, -0.5, 0.25, 1.0])), max_size=8))
def test_effects_are_the_formula_worked_out_track_by_track(pairs):
    artists = (("A",), ("A", "B"), ("B",), ("C",))
    expected = told_plainly(pairs, artists, np.array([0.0, 1.0, 0.0, 1.0]), SETTINGS)
    lists = Lists.of(tracks_frame(4, [list(names) for names in artists])["artists"])
    assert effects(pairs, lists).tolist() == pytest.approx(expected, abs=1e-6)
