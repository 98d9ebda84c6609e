"""The store keeps what a listener says, once, and for that listener alone."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from moodtune.errors import AllowanceError, KeyConflictError, UsageError
from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Identity, Memory, SavedAnswers, Store

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
TODAY = NOW.date()


def event(key="k1", track="t1", mood="relax", action="like", at="2026-11-23T18:30:00Z"):
    return FeedbackEvent(key=key, track_id=track, mood=mood, action=action, at=at)


@pytest.fixture
def store(tmp_path):
    opened = Store.open(f"sqlite:///{tmp_path}/store.sqlite3", ServingSettings(playlists=2))
    yield opened
    opened.close()


def test_an_event_is_stored_once_under_its_key(store):
    stored = event(at="2026-11-23T18:30:00.000000Z")
    assert store.add_feedback("ada", event()) == (stored, True)
    assert store.add_feedback("ada", event(at="2026-11-24T18:30:00Z")) == (stored, False)
    assert store.memory("ada", TODAY).feedback == (stored,)


def test_a_key_stands_for_one_event(store):
    store.add_feedback("ada", event())
    with pytest.raises(
        KeyConflictError,
        match="key 'k1' stands for like of 't1' in 'relax' already; give each event a key of its own",
    ):
        store.add_feedback("ada", event(action="skip"))


def test_feedback_is_undone(store):
    store.add_feedback("ada", event())
    assert store.remove_feedback("ada", "k1")
    assert not store.remove_feedback("ada", "k1")
    assert store.memory("ada", TODAY) == Memory()


def test_what_was_shown_counts_once_a_day_and_not_today(store):
    for ids in (["t1", "t2"], ["t2", "t1"], ["t2", "t3"]):
        store.add_shown("ada", ids, NOW)
    assert store.memory("ada", TODAY).shown == ()
    at = "2026-11-23T00:00:00Z"
    expected = tuple(ShownEvent(track_id=t, at=at) for t in ("t1", "t2", "t3"))
    assert store.memory("ada", date(2026, 11, 24)).shown == expected


def test_tokens_say_who_is_asking(store):
    assert not store.has_tokens()
    made = store.new_token("ada", False, NOW)
    assert made.secret.startswith("mt_")
    assert store.who(made.secret, NOW) == Identity(listener="ada", admin=False)
    session = store.start_session(made.secret, NOW, 1)
    assert store.who_session(session, NOW) == Identity(listener="ada", admin=False)
    assert store.who_session(session, datetime(2026, 11, 24, 18, 30, tzinfo=UTC)) is None
    assert store.revoke(made.id)
    assert store.who(made.secret, NOW) is None
    assert store.who_session(session, NOW) is None
    assert store.start_session(made.secret, NOW, 1) is None
    assert store.has_tokens()
    assert store.tokens() == ()


def test_answers_are_the_latest(store):
    assert store.answers("ada") is None
    store.save_answers("ada", {"a": "x"}, NOW)
    store.save_answers("ada", {"a": "y", "b": ("1", "2")}, NOW)
    assert store.answers("ada") == SavedAnswers(
        answers={"a": "y", "b": ("1", "2")}, at="2026-11-23T18:30:00.000000Z"
    )


def test_playlists_are_a_listeners_own_and_few(store):
    made = store.add_playlist("ada", "Sunday", ["t2", "t1"], NOW)
    assert store.playlist("ada", made.id) == made
    assert store.playlist("bob", made.id) is None
    assert not store.remove_playlist("bob", made.id)
    store.add_playlist("ada", "Monday", [], NOW)
    with pytest.raises(
        AllowanceError,
        match="a listener keeps 2 playlists at most, and there are as many; remove one first",
    ):
        store.add_playlist("ada", "Tuesday", [], NOW)
    assert {(p.name, p.n) for p in store.playlists("ada")} == {("Sunday", 2), ("Monday", 0)}
    assert store.remove_playlist("ada", made.id)


def test_everything_is_exported_and_forgotten(store):
    made = store.new_token("ada", True, NOW)
    store.add_feedback("ada", event())
    store.add_shown("ada", ["t1"], NOW)
    store.save_answers("ada", {"a": "x"}, NOW)
    store.add_playlist("ada", "Sunday", ["t1"], NOW)
    told = store.export("ada")
    assert msgspec.json.decode(msgspec.json.encode(told)) == told
    assert [
        len(told[part]) for part in ("tokens", "feedback", "shown", "answers", "playlists")
    ] == [1] * 5
    assert store.forget("ada")
    assert not any(value for name, value in store.export("ada").items() if name != "listener")
    assert store.who(made.secret, NOW) is None
    with pytest.raises(
        UsageError,
        match="no listener is called 'ada'; they may just have been forgotten: make a token for them",
    ):
        store.add_feedback("ada", event())
