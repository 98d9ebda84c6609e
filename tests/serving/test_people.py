"""What is a listener's own: seen by them alone, kept, given, and forgotten."""

import csv
import io
from pathlib import Path

import pytest
from lxml import etree

XSPF = "{http://xspf.org/ns/0/}"


@pytest.fixture
def two(serve):
    """A service with two listeners; a client of each."""
    service = serve(tokens=True)
    return service.client(service.token("ada")), service.client(service.token("bob"))


def some_tracks(client, n=3):
    return [t["track_id"] for t in client.get(f"/v1/tracks?q=sample&limit={n}").json()["tracks"]]


def like(track_id, key=None):
    return {"track_id": track_id, "mood": "relax", "action": "like"} | (
        {} if key is None else {"key": key}
    )


# --- feedback ------------------------------------------------------------------------------------


def test_the_same_event_again_is_the_same_event(local):
    event = like(some_tracks(local)[0], "k1")
    first, again = (local.post("/v1/feedback", json=event) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json().keys() == {"key", "track_id", "mood", "action", "at"}


def test_a_key_that_says_something_else_is_a_conflict(local):
    track = some_tracks(local)[0]
    local.post("/v1/feedback", json=like(track, "k1"))
    assert local.post("/v1/feedback", json=like(track, "k1") | {"action": "ban"}).status_code == 409


def test_an_event_without_a_key_gets_one_and_can_be_taken_back(local):
    made = local.post("/v1/feedback", json=like(some_tracks(local)[0])).json()
    assert local.delete(f"/v1/feedback/{made['key']}").status_code == 204
    assert local.delete(f"/v1/feedback/{made['key']}").status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "detail"),
    [
        ({"track_id": "nothing"}, 404, "the catalog has no track 'nothing'"),
        ({"mood": "hapy"}, 422, "no mood is called 'hapy'; did you mean happy? The moods are "),
        ({"action": "love"}, 422, "action: invalid enum value 'love'"),
        (
            {"listener": "bob"},
            422,
            "no field is called 'listener'; known: track_id, mood, action, key",
        ),
        ({"key": "a b"}, 422, "key: expected `str` matching regex"),
        ({"key": ".."}, 422, "key: expected `str` matching regex"),
    ],
)
def test_feedback_on_what_there_is_not_is_refused(local, change, status, detail):
    refused = local.post("/v1/feedback", json=like(some_tracks(local)[0]) | change)
    assert refused.status_code == status
    assert refused.json()["detail"].startswith(detail)


# --- one listener and another --------------------------------------------------------------------


def test_anothers_things_look_like_things_that_do_not_exist(two):
    ada, bob = two
    track = some_tracks(ada)[0]
    key = ada.post("/v1/feedback", json=like(track)).json()["key"]
    kept = ada.post("/v1/playlists", json={"name": "mine", "track_ids": [track]}).json()["id"]
    for client, theirs, none in (
        ("get", f"/v1/playlists/{kept}", "/v1/playlists/none"),
        ("delete", f"/v1/playlists/{kept}", "/v1/playlists/none"),
        ("delete", f"/v1/feedback/{key}", "/v1/feedback/none"),
    ):
        foreign, missing = (getattr(bob, client)(path) for path in (theirs, none))
        assert (foreign.status_code, foreign.json()["detail"]) == (404, missing.json()["detail"])
    assert bob.get("/v1/playlists").json() == {"playlists": []}
    assert ada.get(f"/v1/playlists/{kept}").status_code == 200
    assert ada.delete(f"/v1/feedback/{key}").status_code == 204


def test_the_same_key_is_free_for_another_listener(two):
    ada, bob = two
    track = some_tracks(ada)[0]
    assert [c.post("/v1/feedback", json=like(track, "k")).status_code for c in (ada, bob)] == [
        201,
        201,
    ]


def test_what_one_bans_another_is_still_given(two):
    ada, bob = two
    query = {"mood": "relax", "n": 5}
    first = ada.post("/v1/recommendations", json=query).json()["recommendations"][0]["track_id"]
    ada.post("/v1/feedback", json=like(first) | {"action": "ban"})
    lists = [
        c.post("/v1/recommendations", json=query).json()["recommendations"] for c in (ada, bob)
    ]
    assert [first in {r["track_id"] for r in found} for found in lists] == [False, True]


def test_everything_stored_is_given_to_its_listener_alone(two):
    ada, bob = two
    ada.post("/v1/feedback", json=like(some_tracks(ada)[0], "adas-key"))
    assert "adas-key" in ada.get("/v1/me/export").text
    assert "adas-key" not in bob.get("/v1/me/export").text
    assert (
        ada.get("/v1/me/export").headers["content-disposition"]
        == 'attachment; filename="moodtune-export.json"'
    )


def test_who_is_forgotten_is_gone_and_nobody_else(two):
    ada, bob = two
    for client in two:
        client.post("/v1/feedback", json=like(some_tracks(client)[0], "k"))
    assert ada.delete("/v1/me").status_code == 204
    assert ada.get("/v1/me").status_code == 401
    assert bob.get("/v1/me").json()["listener"] == "bob"
    assert bob.delete("/v1/feedback/k").status_code == 204


# --- sessions ------------------------------------------------------------------------------------


def test_a_token_starts_a_session_that_signing_out_ends(serve):
    service = serve(tokens=True)
    started = service.client().post("/v1/session", json={"token": service.token("ada")})
    assert (started.status_code, started.content) == (204, b"")
    cookie, *attributes = started.headers["set-cookie"].split("; ")
    assert set(attributes) >= {"HttpOnly", "SameSite=Strict", "Path=/"}
    mine = service.client(cookie=cookie)
    assert mine.get("/v1/me").json() == {
        "listener": "ada",
        "admin": False,
        "local": False,
        "signed_in": True,
    }
    assert (
        mine.delete("/v1/session")
        .headers["set-cookie"]
        .startswith("moodtune_session=; Path=/; Max-Age=0")
    )
    assert mine.get("/v1/me").status_code == 401


def test_a_wrong_token_starts_none(serve):
    refused = serve(tokens=True).client().post("/v1/session", json={"token": "mt_guess"})
    assert refused.status_code == 401
    assert "set-cookie" not in refused.headers


def test_guessing_is_slowed_and_who_was_let_in_before_is_not(serve):
    service = serve(tokens=True, rate=0, failed_burst=3)
    good = service.client(service.token("ada"))
    assert good.get("/v1/me").status_code == 200
    guesses = [service.client(f"mt_{i}").get("/v1/me").status_code for i in range(6)]
    assert guesses == [401, 401, 401, 429, 429, 429]
    assert service.client().post("/v1/session", json={"token": "mt_7"}).status_code == 429
    assert good.get("/v1/me").status_code == 200
    assert service.client("mt_8", peer="127.0.0.9").get("/v1/me").status_code == 401


def test_who_asks_too_often_is_told_when_to_come_back(serve):
    service = serve(tokens=True, rate=2, burst=3)
    ada, bob = (service.client(service.token(name)) for name in ("ada", "bob"))
    answers = [ada.get("/v1/me") for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert answers[3].headers["retry-after"] == "1"
    assert answers[3].json()["detail"] == "too many requests from here; ask again in a moment"
    assert bob.get("/v1/me").status_code == 200
    assert ada.get("/healthz").status_code == 200


def test_neither_sessions_nor_secrets_that_are_made_up_are_an_allowance_more(serve):
    service = serve(tokens=True, rate=0.001, burst=4)
    token = {"token": service.token("ada")}
    made_up = [service.client(f"mt_{n}").post("/v1/session", json=token) for n in range(6)]
    assert [a.status_code for a in made_up] == [204] * 4 + [429] * 2
    cookies = [f"moodtune_session={a.cookies['moodtune_session']}" for a in made_up[:2]]
    for cookie in cookies:  # from now on they are known
        assert service.client(peer="127.0.0.2", cookie=cookie).get("/v1/me").status_code == 200
    asked = [
        service.client(peer="127.0.0.3", cookie=cookie).get("/v1/me") for cookie in 3 * cookies
    ]
    assert [a.status_code for a in asked] == [200] * 4 + [429] * 2


def test_many_who_come_at_once_from_one_address_each_have_their_own_allowance(serve):
    service = serve(tokens=True, rate=0.001, burst=3, failed_burst=100)
    clients = [service.client(service.token(f"listener {n}")) for n in range(8)]
    for _ in range(3):
        assert [c.get("/v1/me").status_code for c in clients] == [200] * 8
    assert [c.get("/v1/me").status_code for c in clients] == [429] * 8
    # Nor have they used up what those have there who have not signed in, or are yet to.
    made_up = [service.client(f"mt_{n}").get("/v1/me").status_code for n in range(4)]
    assert made_up == [401] * 3 + [429]
    assert service.client(service.token("late")).get("/v1/me").status_code == 429


def test_without_tokens_nobody_is_told_to_come_back(serve):
    client = serve(rate=1, burst=1).client()
    assert {client.get("/v1/me").status_code for _ in range(5)} == {200}


# --- saved lists ---------------------------------------------------------------------------------


def test_a_saved_list_comes_back_as_it_was_saved(local):
    tracks = some_tracks(local)
    made = local.post("/v1/playlists", json={"name": "Late night / blue", "track_ids": tracks})
    assert made.status_code == 201
    assert [t["track_id"] for t in made.json()["tracks"]] == tracks
    assert local.get(f"/v1/playlists/{made.json()['id']}").json() == made.json()
    (line,) = local.get("/v1/playlists").json()["playlists"]
    assert line == {k: made.json()[k] for k in ("id", "name", "created_at")} | {"n": len(tracks)}
    assert local.delete(f"/v1/playlists/{line['id']}").status_code == 204
    assert local.get(f"/v1/playlists/{line['id']}").status_code == 404


def test_a_saved_list_is_taken_away_in_each_format(local):
    tracks = some_tracks(local)
    made = local.post(
        "/v1/playlists", json={"name": "Late night / blue", "track_ids": tracks}
    ).json()
    files = {
        f: local.get(f"/v1/playlists/{made['id']}?format={f}") for f in ("csv", "m3u8", "xspf")
    }
    for name, answer in files.items():
        assert (
            answer.headers["content-disposition"]
            == f'attachment; filename="Late-night-blue.{name}"'
        )
    rows = list(csv.DictReader(io.StringIO(files["csv"].text)))
    assert [row["track_id"] for row in rows] == tracks
    titles = [e.text for e in etree.fromstring(files["xspf"].content).iter(f"{XSPF}title")]
    assert titles == [made["name"], *[t["title"] for t in made["tracks"]]]
    # No synthetic track has a location.
    assert files["m3u8"].headers["moodtune-left-out"] == str(len(tracks))
    assert "# 3 tracks were left out: their locations are not known\n" in files["m3u8"].text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "", "track_ids": ["t"]}, 422),
        ({"name": "a", "track_ids": []}, 422),
        ({"name": "a", "track_ids": ["nothing"]}, 404),
        ({"name": "a" * 201, "track_ids": ["t"]}, 422),
    ],
)
def test_a_list_of_nothing_is_not_saved(local, body, status):
    assert local.post("/v1/playlists", json=body).status_code == status
    assert local.get("/v1/playlists").json() == {"playlists": []}


@pytest.mark.parametrize(
    ("name", "shown"), [(" \t", r" \t"), ("moon\u202etset", r"moon\u202etset")]
)
def test_a_name_that_would_not_show_as_what_it_is_is_refused(local, name, shown):
    refused = local.post("/v1/playlists", json={"name": name, "track_ids": some_tracks(local)})
    assert refused.status_code == 422
    assert refused.json()["detail"] == (
        "a playlist's name must have something visible and nothing invisible or reordering in it, "
        f"got '{shown}'; choose another"
    )
    assert local.get("/v1/playlists").json() == {"playlists": []}


def test_a_listener_has_so_many_lists_and_no_more(serve):
    client = serve(playlists=2).client()
    body = {"name": "a", "track_ids": some_tracks(client)}
    assert [client.post("/v1/playlists", json=body).status_code for _ in range(3)] == [
        201,
        201,
        409,
    ]


def test_a_format_that_is_none_is_refused(local):
    assert local.get("/v1/playlists/p?format=pdf").status_code == 422


def test_the_log_says_nothing_that_is_anybodys(serve):
    service = serve(tokens=True)
    token = service.token("ada")
    client = service.client(token)
    tracks = some_tracks(client)
    client.get("/v1/tracks?q=secretly")
    client.get(f"/v1/tracks/{tracks[0]}")
    client.post("/v1/feedback", json=like(tracks[0], "a-key"))
    client.post("/v1/session", json={"token": token})
    log = b"".join(service.log).decode()
    assert '"route":"/v1/tracks/{track_id}"' in log
    for word in ("secretly", tracks[0], "a-key", token, "ada"):
        assert word not in log


def test_the_store_has_no_secret(serve, tmp_path):
    service = serve(tokens=True)
    token = service.token("ada")
    session = service.client().post("/v1/session", json={"token": token}).headers["set-cookie"]
    kept = b"".join(path.read_bytes() for path in Path(tmp_path).glob("store0*"))
    for secret in (token, session.partition("=")[2].partition(";")[0]):
        assert secret.encode() not in kept
