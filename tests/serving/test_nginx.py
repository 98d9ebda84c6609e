"""The documented nginx configuration in front of the service that the documented unit starts."""

import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from deployment_worlds import NAME, Nginx, missing, started
from moodtune.serving.store import Store

pytestmark = pytest.mark.skipif(
    missing("nginx", "openssl") is not None, reason=missing("nginx", "openssl") or ""
)
LIMIT = 64 * 1024


@dataclass(frozen=True)
class Front:
    """nginx, the service behind it, and a token."""

    nginx: Nginx
    url: str
    token: str
    service: subprocess.Popen[str]

    def direct(self, source: str, **headers: str) -> httpx.Client:
        """Return a client that goes past nginx, with headers as a proxy would send them."""
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Client(
            base_url=self.url,
            transport=httpx.HTTPTransport(local_address=source),
            headers={"host": NAME, **said},
            timeout=60,
        )


@contextmanager
def fronted(folder: Path, model: Path, values: dict[str, str], *more: str):
    """Start the unit's command and the documented site before it."""
    store = Store.open(f"sqlite:///{folder / 'moodtune.sqlite3'}")
    token = store.new_token("ada", False, datetime.now(UTC)).secret
    store.close()
    place = folder / "nginx"
    place.mkdir()
    with started(folder, model, values, *more) as (service, url):
        nginx = Nginx(place, int(url.rpartition(":")[2]))
        try:
            yield Front(nginx, url, token, service)
        finally:
            nginx.stop()


@pytest.fixture(scope="module")
def front(model, tmp_path_factory):
    with fronted(tmp_path_factory.mktemp("front"), model, {}) as found:
        yield found


@pytest.fixture
def counting(model, tmp_path):
    """A service that lets four requests in at once, and then hardly any."""
    settings = tmp_path / "settings.toml"
    settings.write_text("rate = 0.001\nburst = 4\n")
    values = {"--workers 2": "--workers 1"}  # each process counts on its own
    with fronted(tmp_path, model, values, "--settings", str(settings)) as found:
        yield found


def test_one_signs_in_through_it_is_served_and_signs_out(front):
    with front.nginx.client() as client:
        assert client.get("/v1/me").status_code == 401
        signed_in = client.post("/v1/session", json={"token": front.token})
        assert signed_in.status_code == 204
        name, *attributes = signed_in.headers["set-cookie"].split("; ")
        assert re.fullmatch(r"moodtune_session=\S+", name)
        assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} < set(attributes)
        assert client.get("/v1/me").json() == {
            "listener": "ada", "admin": False, "local": False, "signed_in": True,
        }  # fmt: skip

        listed = client.post("/v1/recommendations", json={"mood": "relax", "n": 3})
        first = listed.json()["recommendations"][0]["track_id"]
        said = {"track_id": first, "mood": "relax", "action": "like", "key": "k1"}
        own = f"https://{NAME}:{front.nginx.port}"
        given = client.post("/v1/feedback", json=said, headers={"origin": own})
        assert given.status_code == 201
        exported = client.get("/v1/me/export").json()
        assert [event["track_id"] for event in exported["feedback"]] == [first]

        assert client.delete("/v1/session").status_code == 204
        assert client.get("/v1/me").status_code == 401


def test_the_page_comes_with_its_policy_and_says_that_it_is_for_tls_alone(front):
    with front.nginx.client() as client:
        answer = client.get("/")
    assert answer.headers["strict-transport-security"] == f"max-age={365 * 24 * 3600}"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["content-type"].startswith("text/html")


def test_what_is_asked_without_tls_is_sent_to_where_there_is(front):
    asked = httpx.get(f"http://127.0.0.1:{front.nginx.plain}/v1/moods?a=b", headers={"host": NAME})
    assert (asked.status_code, asked.headers["location"]) == (308, f"https://{NAME}/v1/moods?a=b")


def test_another_name_is_refused(front):
    headers = {"authorization": f"Bearer {front.token}"}
    with front.nginx.client(host="evil.example") as client:
        assert client.get("/v1/moods", headers=headers).status_code == 421
    # A client that asks TLS itself for another name does not learn ours.
    with pytest.raises(httpx.ConnectError, match=r"(?i)unrecognized.name"):
        httpx.get(
            f"https://localhost:{front.nginx.port}/", verify=front.nginx.certificate.trusted()
        )
    # Nor does the service itself answer for another, where it is reached past nginx.
    with front.direct("127.0.0.1", **headers) as client:
        refused = client.get("/v1/moods", headers={"host": "evil.example"})
        assert client.get("/v1/moods").status_code == 200
    assert refused.status_code == 403
    assert "--allowed-host" in refused.json()["detail"]


def test_another_site_may_change_nothing(front):
    with front.nginx.client() as client:
        client.post("/v1/session", json={"token": front.token})
        refused = client.delete("/v1/session", headers={"origin": "https://evil.example"})
        assert refused.status_code == 403
        assert client.get("/v1/me").status_code == 200


@pytest.mark.parametrize(
    ("size", "status", "by_whom"),
    [
        (LIMIT, 422, "application/problem+json"),
        (LIMIT + 1, 413, "application/problem+json"),
        (4 * LIMIT, 413, "text/html"),
    ],
)
def test_a_body_over_its_bound_is_refused(front, size, status, by_whom):
    body = b'{"mood": "' + b"x" * (size - 12) + b'"}'
    assert len(body) == size
    headers = {"authorization": f"Bearer {front.token}", "content-type": "application/json"}
    with front.nginx.client() as client:
        answer = client.post("/v1/recommendations", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, by_whom)


def test_each_clients_own_address_is_counted_whatever_it_says_of_itself(counting):
    def asked(source: str, times: int) -> list[int]:
        with counting.nginx.client(source=source) as client:
            return [
                client.get(
                    "/v1/moods",
                    headers={"authorization": f"Bearer {counting.token}", "x-forwarded-for": f"10.0.0.{i}"},
                ).status_code
                for i in range(times)
            ]  # fmt: skip

    asked("127.0.0.9", 1)  # from now on the token is known
    assert asked("127.0.0.2", 6) == [200] * 4 + [429] * 2
    assert asked("127.0.0.3", 5) == [200] * 4 + [429]


def test_a_forged_forwarding_header_beside_nginx_does_not_pass_for_another(counting):
    def asked(number: int) -> int:
        forged = {
            "x_forwarded_for": f"10.0.0.{number}",
            "authorization": f"Bearer {counting.token}",
        }
        with counting.direct("127.0.0.4", **forged) as client:
            return client.get("/v1/moods").status_code

    with counting.nginx.client(source="127.0.0.9") as client:  # from now on the token is known
        client.get("/v1/moods", headers={"authorization": f"Bearer {counting.token}"})
    assert [asked(i) for i in range(6)] == [200] * 4 + [429] * 2
    # Nor for one who came over TLS.
    with counting.direct("127.0.0.5", x_forwarded_proto="https") as client:
        cookie = client.post("/v1/session", json={"token": counting.token}).headers["set-cookie"]
    assert "Secure" not in cookie


def test_the_logs_hold_neither_what_was_searched_for_nor_a_secret(counting):
    with counting.nginx.client() as client:
        cookie = client.post("/v1/session", json={"token": counting.token}).cookies.popitem()[1]
        assert client.get("/v1/tracks", params={"q": "wistful"}).status_code == 200
        counting.service.terminate()
        counting.service.wait(60)
        assert client.get("/v1/tracks", params={"q": "wistful"}).status_code == 502
    log = counting.nginx.log()
    assert re.search(r"^127\.0\.0\.1 \[\S+\] GET 200 \d+ \S+ [0-9a-f]{32}$", log, re.MULTILINE)
    assert not [word for word in ("wistful", "/v1/", counting.token, cookie) if word in log]
