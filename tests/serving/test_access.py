"""Nobody comes in who may not: each attack, and beside it what is let through."""

import pytest

from moodtune.errors import ForbiddenError, UsageError
from moodtune.serving.access import (
    caller_of,
    check_host,
    check_start,
    is_loopback,
    neighbourhood,
    plain_request_id,
    rules_of,
    session_cookie,
)

LIST = {"mood": "relax", "n": 3}
LOCAL = rules_of("127.0.0.1", (), ())
PUBLIC = rules_of("192.0.2.1", ("music.example", "moods.example:8443"), ("10.0.0.7", "fd00::/8"))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.8.7", "localhost", "LocalHost", "[::1]", "::1"]
)
def test_loopback_names_are_known(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "192.0.2.1",
        "",
        "1",
        "::",
    ],
)
def test_other_names_are_no_loopback(host):
    assert not is_loopback(host)


# --- without tokens: this machine alone ---------------------------------------------------------


def test_the_person_at_this_machine_is_let_in(local):
    for host in ("127.0.0.1:8000", "localhost", "[::1]:9", "127.0.0.2"):
        assert local.get("/v1/me", headers={"host": host}).json() == {
            "listener": "local", "admin": False, "local": True, "signed_in": True,
        }  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/v1/me", "/healthz", "/schema/openapi.json", "/page/a.js"])
def test_a_name_that_points_here_is_refused(local, path):
    """DNS rebinding: a page of evil.example, which resolves to 127.0.0.1 by now."""
    refused = local.get(path, headers={"host": "evil.example:8000"})
    assert refused.status_code == 403
    assert refused.json()["detail"] == (
        "without tokens this service answers requests for localhost alone; the Host header names "
        "another"
    )


@pytest.mark.parametrize(
    "header",
    ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Via", "X-Real-IP"],
)
def test_a_forwarded_request_is_refused_without_tokens(local, header):
    refused = local.get("/v1/me", headers={header: "127.0.0.1"})
    assert refused.status_code == 403
    assert refused.json()["detail"] == (
        "without tokens this service answers no forwarded request: a proxy in front needs tokens, "
        "made with moodtune token new"
    )


@pytest.mark.parametrize("host", ["", "a b", "127.0.0.1:port", "[::1", "a/b"])
def test_a_host_that_is_none_is_refused(local, host):
    assert local.get("/v1/me", headers={"host": host}).status_code == 400


def test_two_hosts_are_refused(local):
    twice = [("host", "127.0.0.1"), ("host", "evil.example")]
    assert local.get("/v1/me", headers=twice).status_code == 400


def test_without_tokens_it_listens_on_loopback_alone():
    with pytest.raises(UsageError, match="without tokens the service is for this machine alone"):
        check_start(rules_of("192.0.2.1", (), ()), tokens=False, host="192.0.2.1")
    check_start(LOCAL, tokens=False, host="127.0.0.1")


@pytest.mark.parametrize(
    "rules", [rules_of("127.0.0.1", ("a.example",), ()), rules_of("::1", (), ("10.0.0.1",))]
)
def test_a_service_that_is_told_of_a_proxy_needs_tokens(rules):
    with pytest.raises(UsageError, match="are for a service with tokens"):
        check_start(rules, tokens=False, host="127.0.0.1")
    check_start(rules, tokens=True, host="127.0.0.1")


def test_with_tokens_a_public_address_needs_a_name():
    with pytest.raises(
        UsageError, match="name the host that requests will be for with --allowed-host"
    ):
        check_start(rules_of("192.0.2.1", (), ()), tokens=True, host="192.0.2.1")
    check_start(PUBLIC, tokens=True, host="192.0.2.1")


@pytest.mark.parametrize(
    ("hosts", "proxies"), [(("a b",), ()), ((), ("10.0.0.0/33",)), ((), ("proxy",))]
)
def test_hosts_and_proxies_that_are_none_are_refused(hosts, proxies):
    with pytest.raises(UsageError, match="expected a"):
        rules_of("127.0.0.1", hosts, proxies)


# --- with tokens ---------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["music.example", "Music.Example:443", "moods.example:8443"])
def test_a_configured_host_is_answered(host):
    check_host({b"host": host.encode()}, PUBLIC, local=False)


@pytest.mark.parametrize(
    "host", ["evil.example", "moods.example", "moods.example:80", "127.0.0.1", "localhost"]
)
def test_another_host_is_refused(host):
    with pytest.raises(ForbiddenError, match="names a host that this service is not for"):
        check_host({b"host": host.encode()}, PUBLIC, local=False)


def test_loopback_names_count_where_the_service_listens_there():
    check_host({b"host": b"localhost:8000"}, LOCAL, local=False)


def test_as_soon_as_there_is_a_token_one_is_needed(serve):
    service = serve(tokens_looked_for_s=1e-9)
    assert service.client().get("/v1/me").status_code == 200
    token = service.token("ada")
    assert service.client().get("/v1/me").status_code == 401
    assert service.client(token).get("/v1/me").json()["listener"] == "ada"


def test_revoking_the_last_token_opens_no_door(serve):
    service = serve(tokens=True)
    for entry in service.store.tokens():
        service.store.revoke(entry.id)
    assert service.client().get("/v1/me").status_code == 401


EVERY_CALL = [
    ("GET", "/v1/me"), ("GET", "/v1/catalog"), ("GET", "/v1/moods"), ("GET", "/v1/questions"),
    ("POST", "/v1/mood"), ("POST", "/v1/recommendations"), ("POST", "/v1/feedback"),
    ("DELETE", "/v1/feedback/k"), ("GET", "/v1/tracks?q=a"), ("GET", "/v1/tracks/t"), ("GET", "/v1/map"),
    ("GET", "/v1/map/1"), ("POST", "/v1/playlists"), ("GET", "/v1/playlists"), ("GET", "/v1/playlists/p"),
    ("DELETE", "/v1/playlists/p"), ("GET", "/v1/me/export"), ("DELETE", "/v1/me"), ("GET", "/metrics"),
]  # fmt: skip
BODIES = {
    "/v1/mood": {}, "/v1/recommendations": LIST, "/v1/playlists": {"name": "a", "track_ids": ["t"]},
    "/v1/feedback": {"track_id": "t", "mood": "relax", "action": "like"},
}  # fmt: skip


def test_every_call_of_the_document_is_tried_here(local):
    paths = local.get("/schema/openapi.json").json()["paths"]
    documented = {
        (verb.upper(), path)
        for path, verbs in paths.items()
        for verb, call in verbs.items()
        if call.get("security")
    }
    named = {(verb, path.partition("?")[0]) for verb, path in EVERY_CALL}
    holes = {"/k": "/{key}", "/t": "/{track_id}", "/1": "/{row}", "/p": "/{playlist_id}"}
    for verb, path in list(named):
        if path[-2:] in holes:
            named.remove((verb, path))
            named.add((verb, path[:-2] + holes[path[-2:]]))
    assert named == documented


@pytest.mark.parametrize(("verb", "path"), EVERY_CALL)
def test_nothing_is_said_to_who_has_not_signed_in(shared, verb, path):
    service = shared[1]
    body = {"json": BODIES[path]} if path in BODIES else {}
    for client in (
        service.client(),
        service.client("mt_wrong"),
        service.client(cookie="moodtune_session=x"),
    ):
        refused = client.request(verb, path, **body)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == 'Bearer realm="moodtune"'


def test_metrics_are_an_admins(serve):
    service = serve(tokens=True)
    assert service.client(service.token("ada")).get("/metrics").status_code == 403
    assert service.client(service.token("eve", admin=True)).get("/metrics").status_code == 200


# --- another site --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "text/plain"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": ""},
    ],
)
def test_a_form_of_another_site_is_no_json(local, headers):
    refused = local.post("/v1/feedback", content=b'{"mood":"relax"}', headers=headers)
    assert refused.status_code == 415


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize(
    "call", [("POST", "/v1/recommendations"), ("POST", "/v1/session"), ("DELETE", "/v1/me")]
)
def test_what_another_site_sends_changes_nothing(local, headers, call):
    verb, path = call
    body = {} if verb == "DELETE" else {"json": LIST}
    refused = local.request(verb, path, headers=headers, **body)
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {},
    ],
)
def test_the_page_and_programs_may(local, headers):
    assert local.post("/v1/recommendations", json=LIST, headers=headers).status_code == 200


def test_another_site_may_not_even_read(local):
    assert local.get("/v1/moods", headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_a_stolen_ride_on_the_cookie_is_refused(serve):
    service = serve(tokens=True)
    session = service.client().post("/v1/session", json={"token": service.token("ada")})
    cookie = session.headers["set-cookie"].partition(";")[0]
    ridden = service.client(
        cookie=cookie, origin="https://evil.example", sec_fetch_site="cross-site"
    )
    assert ridden.post("/v1/recommendations", json=LIST).status_code == 403
    assert ridden.delete("/v1/me").status_code == 403
    own = service.client(
        cookie=cookie, origin="http://127.0.0.1:8000", sec_fetch_site="same-origin"
    )
    assert own.post("/v1/recommendations", json=LIST).status_code == 200


def test_a_preflight_of_another_site_is_refused(local):
    asked = {
        "origin": "https://evil.example",
        "access-control-request-method": "POST",
        "sec-fetch-site": "cross-site",
    }
    answer = local.options("/v1/recommendations", headers=asked)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


# --- whose word counts ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "said", "address"),
    [
        ("10.0.0.7", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.7", "1.2.3.4, 203.0.113.9", "203.0.113.9"),  # what the client forged stands first
        ("10.0.0.7", "203.0.113.9, 10.0.0.7", "203.0.113.9"),
        ("10.0.0.7", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.7", "[2001:db8::9]:4711", "2001:db8::9"),
        ("10.0.0.7", "[2001:db8::9]", "2001:db8::9"),
        ("10.0.0.7", "::ffff:203.0.113.9", "203.0.113.9"),
        ("10.0.0.7", "nonsense", "10.0.0.7"),
        ("10.0.0.7", "999.1.1.1:80", "10.0.0.7"),
        ("10.0.0.7", "", "10.0.0.7"),
        ("fd00::1", "2001:db8::9", "2001:db8::9"),
        ("203.0.113.50", "1.2.3.4", "203.0.113.50"),  # no trusted proxy: its word is its own
    ],
)
def test_a_forwarded_address_counts_from_a_trusted_proxy_alone(peer, said, address):
    assert caller_of({b"x-forwarded-for": said.encode()}, peer, PUBLIC).address == address


@pytest.mark.parametrize(("peer", "https"), [("10.0.0.7", True), ("203.0.113.50", False)])
def test_the_cookie_is_secure_where_a_trusted_proxy_says_https(peer, https):
    caller = caller_of({b"x-forwarded-proto": b"https"}, peer, PUBLIC)
    assert caller.https == https
    assert session_cookie("s", days=1, https=caller.https).endswith("; Secure") == https


def test_the_cookie_is_kept_from_scripts_and_other_sites():
    assert session_cookie("s", days=2, https=False) == (
        f"moodtune_session=s; Path=/; Max-Age={2 * 86_400}; HttpOnly; SameSite=Strict"
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::3", "2001:db8:1:2:ffff::4", True),
        ("2001:db8:1:2::3", "2001:db8:1:3::3", False),
        ("203.0.113.1", "203.0.113.2", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("::ffff:203.0.113.1", "203.0.113.1", True),
        ("::ffff:203.0.113.1", "::ffff:203.0.113.2", False),
    ],
)
def test_an_ipv6_network_counts_as_one_address(one, other, same):
    assert (neighbourhood(one) == neighbourhood(other)) == same


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (b"abc-123_X", "abc-123_X"),
        (b"a" * 65, None),
        (b"a b", None),
        (b'{"x":1}', None),
        (b"", None),
    ],
)
def test_a_request_id_is_taken_over_only_where_it_is_plain(said, kept):
    assert plain_request_id({b"x-request-id": said}) == kept


def test_the_answer_and_its_problem_carry_the_request_id(local):
    answer = local.get("/v1/nothing", headers={"x-request-id": "mine-1"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "mine-1"
    forged = local.get("/v1/nothing", headers={"x-request-id": "a\tb"})
    assert forged.headers["x-request-id"] == forged.json()["request_id"] != "a\tb"
