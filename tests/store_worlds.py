"""What the store's tests say of listeners: moments, events, and every kind of row of one."""

from datetime import UTC, datetime, timedelta

from moodtune.preferences.events import FeedbackEvent

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)


def event(key="k1", track="t1", mood="relax", action="like", at="2026-11-23T18:30:00.000000Z"):
    return FeedbackEvent(key=key, track_id=track, mood=mood, action=action, at=at)


def write_everything(store, listener, word="word"):
    """Write a row of every kind, with ``word`` in all that takes text; return the token."""
    token = store.new_token(listener, False, NOW)
    store.start_session(token.secret, NOW, 1)
    store.add_feedback(listener, event(key=f"key {word}", track=f"track {word}"))
    store.add_feedback(listener, event(key=f"ban {word}", track=f"track {word}", action="ban"))
    store.add_shown(listener, [f"track {word}"], NOW - DAY)
    store.save_answers(listener, {f"column {word}": (f"option {word}",)}, NOW)
    store.add_playlist(listener, f"name {word}", [f"track {word}"], NOW)
    return token
