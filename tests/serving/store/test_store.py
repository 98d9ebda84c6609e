"""The store keeps what a listener says, each thing once, and hands it out again."""

from datetime import datetime, timedelta, timezone

import msgspec
import pytest

from moodtune.errors import AllowanceError, KeyConflictError, QueryError, UsageError
from moodtune.preferences.events import ShownEvent
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Identity, Memory, Playlist, PlaylistEntry, SavedAnswers, Store
from store_worlds import DAY, NOW, TODAY, event, write_everything


def pairs(memory):
    return {(shown.track_id, shown.at[:10]) for shown in memory.shown}


def test_an_event_is_stored_once_under_its_key(store):
    assert store.add_feedback("ada", event()) == (event(), True)
    later = event(at="2026-11-24T18:30:00Z")
    assert store.add_feedback("ada", later) == (event(), False)
    assert store.memory("ada", TODAY).feedback == (event(),)


def test_a_moment_is_stored_in_one_form_so_that_it_sorts(store):
    store.add_feedback("ada", event(key="second", at="2026-11-23T18:30:00.5Z"))
    store.add_feedback("ada", event(key="first", at="2026-11-23T18:30:00Z"))
    store.add_feedback("ada", event(key="third", at="2026-11-23T19:30:01+01:00"))
    told = [(said.key, said.at) for said in store.memory("ada", TODAY).feedback]
    assert told == [
        ("first", "2026-11-23T18:30:00.000000Z"),
        ("second", "2026-11-23T18:30:00.500000Z"),
        ("third", "2026-11-23T18:30:01.000000Z"),
    ]


@pytest.mark.parametrize(
    "at", ["yesterday", "2026-11-23", "2026-11-23T18:30:00", "", "9999-12-31T23:59:59-23:00"]
)
def test_a_moment_is_refused_that_is_none(store, at):
    with pytest.raises(QueryError, match="moment"):
        store.add_feedback("ada", event(at=at))


@pytest.mark.parametrize("change", [{"action": "skip"}, {"track": "t2"}, {"mood": "calm"}])
def test_a_key_stands_for_one_event(store, change):
    store.add_feedback("ada", event())
    with pytest.raises(
        KeyConflictError,
        match=r"^key 'k1' stands for like of 't1' in 'relax' already; give each event a key of its own$",
    ):
        store.add_feedback("ada", event(**change))
    assert store.memory("ada", TODAY).feedback == (event(),)


def test_a_key_is_a_listeners_own(store):
    store.add_feedback("ada", event())
    assert store.add_feedback("bob", event(action="ban")) == (event(action="ban"), True)


def test_feedback_is_undone_and_may_be_said_again(store):
    store.add_feedback("ada", event())
    assert store.remove_feedback("ada", "k1")
    assert not store.remove_feedback("ada", "k1")
    assert store.memory("ada", TODAY) == Memory()
    assert store.add_feedback("ada", event(action="skip")) == (event(action="skip"), True)


@pytest.mark.parametrize("field", ["key", "track", "mood"])
@pytest.mark.parametrize("text", ["", "a\0b", "\ud800", "x" * 1_001])
def test_text_is_refused_that_no_database_holds(store, field, text):
    with pytest.raises(UsageError, match=r"must be 1 to .* characters of Unicode without NUL"):
        store.add_feedback("ada", event(**{field: text}))


@pytest.mark.parametrize(
    "text",
    ["'; DROP TABLE feedback; --", '"]},{', "\\", "%(key)s :key ?", "é\u200b\n漢字🎵", "\x01"],
)
def test_any_other_text_comes_back_as_it_was(store, text):
    said = event(key=text, track=text, mood=text)
    store.add_feedback("ada", said)
    store.add_shown("ada", [text], NOW - DAY)
    store.save_answers("ada", {text: text}, NOW)
    made = store.add_playlist("ada", "Sunday", [text], NOW)
    memory = store.memory("ada", TODAY)
    assert memory.feedback == (said,)
    assert pairs(memory) == {(text, "2026-11-22")}
    assert store.answers("ada").answers == {text: text}
    assert store.playlist("ada", made.id) == made
    assert store.remove_feedback("ada", text)


def test_every_ban_is_recalled_and_the_newest_of_the_rest(store):
    minute = "2026-11-23T18:{:02d}:00.000000Z".format
    actions = ["ban", "like", "ban", "skip", "like", "skip"]
    said = [event(f"k{n}", f"t{n}", action=a, at=minute(n)) for n, a in enumerate(actions)]
    for one in reversed(said):
        store.add_feedback("ada", one)
    # Three of the rest are recalled: all but the like of t1.
    assert store.memory("ada", TODAY).feedback == tuple(said[n] for n in (0, 2, 3, 4, 5))


def test_what_was_shown_counts_once_a_day_and_not_on_the_same(store):
    for ids in (["t1", "t2"], ["t1", "t2"], ["t2", "t3", "t2"]):
        store.add_shown("ada", ids, NOW - DAY)
    store.add_shown("ada", ["t4"], NOW)
    memory = store.memory("ada", TODAY)
    at = "2026-11-22T00:00:00Z"
    assert set(memory.shown) == {ShownEvent(track_id=t, at=at) for t in ("t1", "t2", "t3")}
    assert len(memory.shown) == 3
    assert len(store.export("ada")["shown"]) == 2  # days


def test_what_was_shown_long_ago_does_not_count(store):
    for days in (3, 4):
        store.add_shown("ada", [f"t{days}"], NOW - days * DAY)
    assert pairs(store.memory("ada", TODAY)) == {("t3", "2026-11-20")}


def test_the_newest_days_are_recalled_first(address):
    store = Store.open(address, ServingSettings(recalled_shown=3))
    for days in (1, 2, 3):
        store.add_shown("ada", [f"a{days}", f"b{days}"], NOW - days * DAY)
    shown = store.memory("ada", TODAY).shown
    assert [one.at[:10] for one in shown] == ["2026-11-22", "2026-11-22", "2026-11-21"]
    store.close()


def test_a_long_list_is_shown_whole(store):
    ids = [f"t{n}" for n in range(500)]
    store.add_shown("ada", ids, NOW - DAY)
    assert pairs(store.memory("ada", TODAY)) == {(track, "2026-11-22") for track in ids}


def test_a_day_is_one_of_utc(store):
    east = datetime(2026, 11, 23, 1, 0, tzinfo=timezone(timedelta(hours=5)))
    store.add_shown("ada", ["t1"], east)
    assert pairs(store.memory("ada", TODAY)) == {("t1", "2026-11-22")}
    with pytest.raises(QueryError, match="a moment needs its time zone, got 2026-11-23T01:00:00"):
        store.add_shown("ada", ["t1"], east.replace(tzinfo=None))


@pytest.mark.parametrize("track", ["a\0b", "\ud800"])
def test_a_track_that_no_database_holds_is_not_shown(store, track):
    with pytest.raises(
        UsageError, match="a track id must be Unicode without NUL, and one of a list is not"
    ):
        store.add_shown("ada", ["t1", track], NOW)


def test_what_is_too_old_to_count_is_dropped(store):
    store.new_token("ada", False, NOW)
    store.new_token("bob", False, NOW)
    for days in (0, 3, 4, 5):
        store.add_shown("ada", ["t1"], NOW - days * DAY)
        store.add_shown("bob", ["t1"], NOW - days * DAY)
    assert store.prune(TODAY) == 2 * 2
    assert [row["day"] for row in store.export("ada")["shown"]] == ["2026-11-20", "2026-11-23"]
    assert store.prune(TODAY) == 0


def test_sessions_that_ended_are_dropped(store):
    token = store.new_token("ada", False, NOW)
    store.start_session(token.secret, NOW - 3 * DAY, 1)
    lasting = store.start_session(token.secret, NOW, 1)
    store.prune(TODAY)
    assert len(store.export("ada")["sessions"]) == 1
    assert store.who_session(lasting, NOW) is not None


def test_tokens_say_who_is_asking(store):
    ada, root = store.new_token("ada", False, NOW), store.new_token("root", True, NOW)
    assert store.who(ada.secret, NOW) == Identity(listener="ada", admin=False)
    assert store.who(root.secret, NOW) == Identity(listener="root", admin=True)
    assert [(entry.id, entry.listener, entry.admin) for entry in store.tokens()] == [
        (ada.id, "ada", False),
        (root.id, "root", True),
    ]


@pytest.mark.parametrize("secret", ["", "mt_", "mt_" + 43 * "A", "\0", "\ud800", "' OR 1=1 --"])
def test_any_other_secret_is_nobodys(store, secret):
    store.new_token("ada", False, NOW)
    assert store.who(secret, NOW) is None
    assert store.who_session(secret, NOW) is None
    assert store.start_session(secret, NOW, 1) is None
    assert not store.end_session(secret)


def test_a_secret_has_256_bits_and_is_stored_nowhere(store):
    token = store.new_token("ada", False, NOW)
    session = store.start_session(token.secret, NOW, 1)
    assert (token.secret[:3], session[:3]) == ("mt_", "ms_")
    assert len(token.secret) == len(session) == 3 + 43  # 43 characters of 6 bits hold 256
    told = msgspec.json.encode([store.export("ada"), store.tokens()]).decode()
    assert token.secret[3:] not in told
    assert session[3:] not in told


def test_a_session_is_no_token_and_a_token_no_session(store):
    token = store.new_token("ada", False, NOW)
    session = store.start_session(token.secret, NOW, 1)
    assert store.who(session, NOW) is None
    assert store.who_session(token.secret, NOW) is None
    assert store.start_session(session, NOW, 1) is None


def test_a_session_lasts_its_days_unless_it_is_ended(store):
    token = store.new_token("ada", False, NOW)
    session, other = (store.start_session(token.secret, NOW, 2) for _ in range(2))
    second = timedelta(seconds=1)
    assert store.who_session(session, NOW + 2 * DAY - second) == Identity(
        listener="ada", admin=False
    )
    assert store.who_session(session, NOW + 2 * DAY) is None
    assert store.end_session(session)
    assert not store.end_session(session)
    assert store.who_session(session, NOW) is None
    assert store.who_session(other, NOW) is not None


def test_a_revoked_token_opens_nothing_and_ends_its_sessions(store):
    token, other = (store.new_token("ada", False, NOW) for _ in range(2))
    session = store.start_session(token.secret, NOW, 1)
    assert store.revoke(token.id)
    assert not store.revoke(token.id)
    assert store.who(token.secret, NOW) is None
    assert store.who_session(session, NOW) is None
    assert store.start_session(token.secret, NOW, 1) is None
    assert store.who(other.secret, NOW) is not None


def test_the_door_stays_shut_once_there_was_a_token(store, address):
    assert not store.has_tokens()
    token = store.new_token("ada", False, NOW)
    assert store.has_tokens()
    store.revoke(token.id)
    store.forget("ada")
    assert store.has_tokens()
    again = Store.open(address)
    assert again.has_tokens()
    again.close()


def test_one_store_learns_of_a_token_that_another_made(store, address):
    assert not store.has_tokens()
    other = Store.open(address)
    token = other.new_token("ada", False, NOW)
    assert store.has_tokens()
    assert store.who(token.secret, NOW) is not None
    other.close()


def test_without_tokens_a_listener_is_whoever_writes(store):
    store.add_feedback("local", event())
    assert store.forget("local")
    store.add_shown("local", ["t1"], NOW)
    store.save_answers("local", {}, NOW)
    store.add_playlist("local", "Sunday", [], NOW)
    assert store.memory("local", TODAY).feedback == ()


def test_with_tokens_nobody_who_was_forgotten_comes_back(store):
    write_everything(store, "ada")
    assert store.forget("ada")
    unknown = (
        "no listener is called 'ada'; they may just have been forgotten: make a token for them"
    )
    for write in (
        lambda: store.add_feedback("ada", event()),
        lambda: store.save_answers("ada", {}, NOW),
        lambda: store.add_playlist("ada", "Sunday", [], NOW),
    ):
        with pytest.raises(UsageError, match=f"^{unknown}$"):
            write()
    store.add_shown("ada", ["t1"], NOW)  # the list was made; that it is not noted is no error
    assert not any(rows for part, rows in store.export("ada").items() if part != "listener")


@pytest.mark.parametrize("name", ["a", "Ada Lovelace", "ада", "x" * 64, "o'Brien", "🎵"])
def test_a_listener_may_be_called(store, name):
    token = store.new_token(name, False, NOW)
    assert store.who(token.secret, NOW) == Identity(listener=name, admin=False)


@pytest.mark.parametrize(
    "name",
    ["", " ", " a", "a ", "x" * 65, "a\nb", "a\0", "a\u202eb", "a\u200b", "\ud800", "a\u00a0b"],
)
def test_a_listener_may_not_be_called(store, name):
    with pytest.raises(
        UsageError,
        match=r"a listener's name must be 1 to 64 visible characters, got '.*'; choose another",
    ):
        store.new_token(name, False, NOW)


def test_a_name_is_one_name_however_it_was_typed(store):
    store.add_feedback("Ame\u0301lie", event())
    assert store.memory("Am\u00e9lie", TODAY).feedback == (event(),)


def test_answers_are_the_latest(store):
    assert store.answers("ada") is None
    store.save_answers("ada", {"a": "x"}, NOW)
    store.save_answers("ada", {"a": "y", "b": ("1", "2")}, NOW + DAY)
    latest = SavedAnswers(answers={"a": "y", "b": ("1", "2")}, at="2026-11-24T18:30:00.000000Z")
    assert store.answers("ada") == latest


def test_a_playlist_is_kept_as_it_was_made(store):
    first = store.add_playlist("ada", "Sunday", ["t2", "t1", "t2"], NOW)
    second = store.add_playlist("ada", "Sunday", [], NOW + DAY)
    assert first == Playlist(
        id=first.id,
        name="Sunday",
        created_at="2026-11-23T18:30:00.000000Z",
        track_ids=("t2", "t1", "t2"),
    )
    assert store.playlist("ada", first.id) == first
    assert store.playlists("ada") == (
        PlaylistEntry(id=second.id, name="Sunday", created_at="2026-11-24T18:30:00.000000Z", n=0),
        PlaylistEntry(id=first.id, name="Sunday", created_at="2026-11-23T18:30:00.000000Z", n=3),
    )
    assert store.remove_playlist("ada", first.id)
    assert not store.remove_playlist("ada", first.id)
    assert store.playlist("ada", first.id) is None


@pytest.mark.parametrize(
    "name",
    [
        "'; DROP TABLE playlists; --",
        "\\",
        " a ",
        'Late night / "blue"',
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "👩\u200d🎤",
    ],
)
def test_a_playlist_may_be_called(store, name):
    made = store.add_playlist("ada", name, [], NOW)
    assert store.playlist("ada", made.id).name == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (" ", " "),
        ("\u3000\u00a0", "\u3000\u00a0"),
        ("a\nb", r"a\nb"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\u202eb", r"a\u202eb"),
        ("\u200b", r"\u200b"),
        ("a\u200db", r"a\u200db"),
    ],
)
def test_a_playlist_may_not_be_called(store, name, shown):
    with pytest.raises(UsageError) as refused:
        store.add_playlist("ada", name, [], NOW)
    assert str(refused.value) == (
        "a playlist's name must have something visible and nothing invisible or reordering in it, "
        f"got '{shown}'; choose another"
    )
    assert store.playlists("ada") == ()


@pytest.mark.parametrize("number", ["", "nothing", "\0", "\ud800", "x" * 5_000])
def test_there_is_no_playlist_of_another_id(store, number):
    store.add_playlist("ada", "Sunday", [], NOW)
    assert store.playlist("ada", number) is None
    assert not store.remove_playlist("ada", number)


def test_playlists_are_few_and_short(store):
    for name in ("Sunday", "Monday"):
        store.add_playlist("ada", name, ["t1", "t2", "t3"], NOW)
    with pytest.raises(
        AllowanceError,
        match=r"^a listener keeps 2 playlists at most, and there are as many; remove one first$",
    ):
        store.add_playlist("ada", "Tuesday", [], NOW)
    store.add_playlist("bob", "Tuesday", [], NOW)
    with pytest.raises(
        AllowanceError, match=r"^a playlist holds 3 tracks at most, got 4; leave some out$"
    ):
        store.add_playlist("bob", "Tuesday", ["t1", "t2", "t3", "t4"], NOW)


def test_feedback_is_bounded_and_none_of_it_is_dropped(store):
    for n in range(6):
        store.add_feedback("ada", event(f"k{n}"))
    with pytest.raises(
        AllowanceError,
        match=r"^6 likes, skips and bans are kept of a listener at most, and there are as many; remove some first$",
    ):
        store.add_feedback("ada", event("k6"))
    assert store.add_feedback("ada", event("k5")) == (event("k5"), False)
    assert len(store.export("ada")["feedback"]) == 6
    store.remove_feedback("ada", "k0")
    assert store.add_feedback("ada", event("k6")) == (event("k6"), True)


def test_everything_is_exported_in_plain_values(store):
    token = write_everything(store, "ada")
    told = store.export("ada")
    playlist = told["playlists"][0].pop("id")
    assert told == {
        "listener": "ada",
        "tokens": [{"id": token.id, "admin": False, "created_at": "2026-11-23T18:30:00.000000Z"}],
        "sessions": [{"expires_at": "2026-11-24T18:30:00.000000Z"}],
        "answers": {
            "answers": {"column word": ["option word"]},
            "at": "2026-11-23T18:30:00.000000Z",
        },
        "feedback": [
            msgspec.to_builtins(event(key=f"{kind} word", track="track word", action=action))
            for kind, action in (("ban", "ban"), ("key", "like"))
        ],
        "shown": [{"day": "2026-11-22", "track_ids": ["track word"]}],
        "playlists": [
            {
                "name": "name word",
                "created_at": "2026-11-23T18:30:00.000000Z",
                "track_ids": ["track word"],
            }
        ],
    }
    assert store.playlist("ada", playlist) is not None
    assert msgspec.json.decode(msgspec.json.encode(told)) == told


def test_of_nobody_nothing_is_told(store):
    assert store.export("ada") == {
        "listener": "ada",
        "tokens": [],
        "sessions": [],
        "answers": None,
        "feedback": [],
        "shown": [],
        "playlists": [],
    }
    assert store.memory("ada", TODAY) == Memory()
    assert not store.forget("ada")
