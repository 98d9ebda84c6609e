"""Whatever two listeners do, each finds what a model in plain dicts holds for them, and no more."""

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from moodtune.errors import AllowanceError, KeyConflictError, UsageError
from moodtune.serving.store import Identity, Store
from store_worlds import DAY, NOW, TODAY, event

NAMES = ("ada", "bob")
who = st.sampled_from(NAMES)
keys = st.sampled_from(["k1", "k2", "k3"]) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=4
)
tracks = st.sampled_from(["t1", "t2", "t3", "t'4\"", "\\5"])
days_ago = st.integers(0, 5)
#: As in the fixture `small`.
PLAYLISTS, EVENTS, RECALLED, SHOWN_DAYS = 2, 6, 3, 3


@dataclass
class Told:
    """What a listener has told the store, as far as it is still there."""

    tokens: dict = field(default_factory=dict)  # secret -> id
    sessions: dict = field(default_factory=dict)  # secret -> the token's secret
    feedback: dict = field(default_factory=dict)  # key -> event
    shown: set = field(default_factory=set)  # (track, days ago)
    answers: dict | None = None
    playlists: dict = field(default_factory=dict)  # id -> playlist

    def recalled(self):
        """Bans, and the newest of the rest, the oldest first."""
        said = sorted(self.feedback.values(), key=lambda one: (one.at, one.key))
        rest = [one for one in said if one.action != "ban"][-RECALLED:]
        return [one for one in said if one.action == "ban" or one in rest]


class TwoListeners(RuleBasedStateMachine):
    """The store beside the model; a class of it is made for each database."""

    store: Store
    examples = count()

    playlists = Bundle("playlists")
    sessions = Bundle("sessions")
    tokens = Bundle("tokens")

    def __init__(self):
        super().__init__()
        example = next(self.examples)
        self.names = {name: f"{name} {example}" for name in NAMES}
        self.told = {}  # of those who are known
        self.minutes = count()

    def teardown(self):
        for name in self.names.values():
            self.store.forget(name)

    def refused(self, name, write):
        """Whether ``write`` is refused, as it must be of a listener who is not known."""
        if name in self.told:
            return False
        with pytest.raises(UsageError, match="no listener is called"):
            write()
        return True

    @rule(target=tokens, name=who)
    def new_token(self, name):
        secret = self.store.new_token(self.names[name], name == "bob", NOW)
        self.told.setdefault(name, Told()).tokens[secret.secret] = secret.id
        return name, secret.secret, secret.id

    @rule(token=consumes(tokens))
    def revoke(self, token):
        name, secret, number = token
        told = self.told.get(name, Told())
        assert self.store.revoke(number) == (secret in told.tokens)
        told.tokens.pop(secret, None)
        told.sessions = {s: t for s, t in told.sessions.items() if t != secret}

    @rule(target=sessions, token=tokens)
    def start_session(self, token):
        name, secret, _ = token
        session = self.store.start_session(secret, NOW, 1)
        assert (session is not None) == (name in self.told and secret in self.told[name].tokens)
        if session is None:
            return multiple()
        self.told[name].sessions[session] = secret
        return name, session

    @rule(session=consumes(sessions))
    def end_session(self, session):
        name, secret = session
        told = self.told.get(name, Told())
        assert self.store.end_session(secret) == (secret in told.sessions)
        told.sessions.pop(secret, None)

    @rule(token=tokens)
    def ask_whose_token(self, token):
        name, secret, _ = token
        known = name in self.told and secret in self.told[name].tokens
        expected = Identity(listener=self.names[name], admin=name == "bob") if known else None
        assert self.store.who(secret, NOW) == expected

    @rule(session=sessions, days=st.integers(0, 1))
    def ask_whose_session(self, session, days):
        name, secret = session
        lasts = name in self.told and secret in self.told[name].sessions and days < 1
        expected = Identity(listener=self.names[name], admin=name == "bob") if lasts else None
        assert self.store.who_session(secret, NOW + days * DAY) == expected

    @rule(
        name=who,
        key=keys,
        track=tracks,
        action=st.sampled_from(["like", "skip", "ban"]),
        later=st.booleans(),
    )
    def add_feedback(self, name, key, track, action, later):
        minute = next(self.minutes) if later else -next(self.minutes) - 1
        at = f"{2026 if later else 2025}-06-15T12:{abs(minute) % 60:02d}:{abs(minute) // 60:02d}.{abs(minute):06d}Z"
        said = event(key, track, action=action, at=at)

        def write():
            return self.store.add_feedback(self.names[name], said)

        if self.refused(name, write):
            return
        feedback = self.told[name].feedback
        if key in feedback:
            same = msgspec.structs.replace(said, at=feedback[key].at) == feedback[key]
            if same:
                assert write() == (feedback[key], False)
            else:
                with pytest.raises(KeyConflictError):
                    write()
        elif len(feedback) == EVENTS:
            with pytest.raises(AllowanceError):
                write()
        else:
            assert write() == (said, True)
            feedback[key] = said

    @rule(name=who, key=keys)
    def remove_feedback(self, name, key):
        feedback = self.told.get(name, Told()).feedback
        assert self.store.remove_feedback(self.names[name], key) == (key in feedback)
        feedback.pop(key, None)

    @rule(name=who, listed=st.lists(tracks, max_size=3), ago=days_ago)
    def add_shown(self, name, listed, ago):
        self.store.add_shown(self.names[name], listed, NOW - ago * DAY)
        if name in self.told:
            self.told[name].shown |= {(track, ago) for track in listed}

    @rule()
    def prune(self):
        self.store.prune(TODAY)
        for told in self.told.values():
            told.shown = {(track, ago) for track, ago in told.shown if ago <= SHOWN_DAYS}

    @rule(
        name=who,
        answers=st.dictionaries(
            st.text(max_size=3),
            st.text(max_size=3) | st.lists(st.text(max_size=3), max_size=2).map(tuple),
            max_size=2,
        ),
    )
    def save_answers(self, name, answers):
        def write():
            self.store.save_answers(self.names[name], answers, NOW)

        if not self.refused(name, write):
            write()
            self.told[name].answers = answers

    @rule(target=playlists, name=who, listed=st.lists(tracks, max_size=3))
    def add_playlist(self, name, listed):
        def write():
            return self.store.add_playlist(self.names[name], "a list", listed, NOW)

        if self.refused(name, write):
            return multiple()
        if len(self.told[name].playlists) == PLAYLISTS:
            with pytest.raises(AllowanceError):
                write()
            return multiple()
        made = write()
        self.told[name].playlists[made.id] = made
        return made.id

    @rule(name=who, number=playlists)
    def ask_for_a_playlist(self, name, number):
        own = self.told.get(name, Told()).playlists
        assert self.store.playlist(self.names[name], number) == own.get(number)

    @rule(name=who, number=playlists)
    def remove_playlist(self, name, number):
        own = self.told.get(name, Told()).playlists
        assert self.store.remove_playlist(self.names[name], number) == (number in own)
        own.pop(number, None)

    @rule(name=who)
    def forget(self, name):
        assert self.store.forget(self.names[name]) == (name in self.told)
        self.told.pop(name, None)

    @rule(name=who)
    def export(self, name):
        told, told_of = self.told.get(name, Told()), self.store.export(self.names[name])
        days = defaultdict(set)
        for track, ago in told.shown:
            days[str(TODAY - ago * DAY)].add(track)
        assert {row["day"]: set(row["track_ids"]) for row in told_of["shown"]} == days
        assert {row["id"] for row in told_of["tokens"]} == set(told.tokens.values())
        assert len(told_of["sessions"]) == len(told.sessions)
        assert {row["key"] for row in told_of["feedback"]} == set(told.feedback)
        assert {row["id"] for row in told_of["playlists"]} == set(told.playlists)
        answers = None if told_of["answers"] is None else told_of["answers"]["answers"]
        assert answers == msgspec.json.decode(msgspec.json.encode(told.answers))

    @invariant()
    def each_finds_their_own(self):
        for name in NAMES:
            told, called = self.told.get(name, Told()), self.names[name]
            memory = self.store.memory(called, TODAY)
            assert list(memory.feedback) == told.recalled()
            found = [(one.track_id, one.at[:10]) for one in memory.shown]
            expected = {
                (track, str(TODAY - ago * DAY))
                for track, ago in told.shown
                if 1 <= ago <= SHOWN_DAYS
            }
            assert set(found) == expected
            assert len(found) == len(expected)
            saved = self.store.answers(called)
            assert (None if saved is None else saved.answers) == told.answers
            assert {entry.id for entry in self.store.playlists(called)} == set(told.playlists)


def test_each_finds_what_is_theirs(address, small):
    with closing(Store.open(address, small)) as opened:
        opened.new_token("root", True, NOW)  # from here on, listeners are those who have a token

        class Machine(TwoListeners):
            store = opened

        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=30,
                stateful_step_count=30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
