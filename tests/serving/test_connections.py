"""Clients that are slow, many, or neither: on a real socket."""

import select
import time

import httpx
import pytest

from moodtune.serving.access import rules_of
from moodtune.serving.connections import Doors
from moodtune.serving.settings import ServingSettings

HEAD = b"POST /v1/recommendations HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
GET = b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"


def answer(connection, within=10):
    """Everything that comes until the other end closes."""
    connection.settimeout(within)
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def is_closed(connection, within):
    readable, _, _ = select.select([connection], [], [], within)
    return bool(readable) and answer(connection) == b""


def test_a_head_that_does_not_come_in_time_is_not_waited_for(live):
    running = live(head_s=0.3)
    silent, begun, second = (running.connect() for _ in range(3))
    begun.sendall(HEAD[:20])
    second.sendall(GET)  # answered; then the next one never comes whole
    assert b"200 OK" in second.recv(65_536)
    second.sendall(GET[:9])
    assert all(is_closed(connection, 5) for connection in (silent, begun, second))
    assert httpx.get(f"{running.url}/healthz").status_code == 200


def test_a_byte_at_a_time_does_not_stretch_the_time(live):
    connection = live(head_s=0.5).connect()
    began = time.monotonic()
    try:
        while time.monotonic() - began < 10:
            connection.sendall(b"x")
            time.sleep(0.05)
    except OSError:
        pass
    assert time.monotonic() - began < 5


def test_trailers_and_framing_without_end_are_not_taken(live):
    running = live()
    for piece in (b"0\r\nx: " + 65_536 * b"a", 65_536 * b"a", b"1;" + 65_000 * b"e" + b"\r\nx\r\n"):
        connection = running.connect()
        connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"1\r\n{\r\n")
        with pytest.raises(OSError, match=r"reset|[Pp]ipe"):  # closed long before so much has come
            connection.sendall(300 * piece)
    assert httpx.get(f"{running.url}/healthz").status_code == 200


def test_a_body_in_chunks_of_a_byte_is_taken(live):
    body = b'{"mood": "relax", "n": 1, "genres": [' + b",".join([b'"x"'] * 100) + b"]}"
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    connection = live().connect()
    connection.sendall(HEAD + b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n" + chunks)
    assert b" 200 OK" in answer(connection)


def test_a_body_that_does_not_come_in_time_is_answered_408(live):
    connection = live(body_s=0.3).connect()
    connection.sendall(HEAD + b"content-length: 30\r\n\r\n{")
    said = answer(connection)
    assert said.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"the body did not come within 0.3 seconds" in said


def test_many_slow_clients_stop_nobody(live):
    running = live(head_s=5, body_s=5)
    slow = [running.connect() for _ in range(100)]
    for i, connection in enumerate(slow):
        connection.sendall(HEAD + (b"content-length: 30\r\n\r\n{" if i % 2 else b"x-slow: "))
    with httpx.Client(base_url=running.url) as client:
        assert {client.get("/v1/moods").status_code for _ in range(20)} == {200}
    for connection in slow:
        connection.close()


def test_a_head_beyond_its_bounds_is_refused(live):
    running = live(head_bytes=4096)
    endless, many = running.connect(), running.connect()
    endless.sendall(b"GET / HTTP/1.1\r\nx: " + b"a" * 10_000)
    assert answer(endless).startswith(b"HTTP/1.1 431 ")
    many.sendall(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n" + b"a: b\r\n" * 101 + b"\r\n")
    assert answer(many).startswith(b"HTTP/1.1 400 ")


def test_an_address_has_so_many_connections(live):
    running = live(connections_per_address=3)
    held = [running.connect() for _ in range(3)]
    for connection in held:
        connection.sendall(GET)
        assert b"200 OK" in connection.recv(65_536)
    assert is_closed(running.connect(), 5)
    held.pop().close()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        freed = running.connect()
        freed.sendall(GET)
        if freed.recv(65_536):
            break
    else:
        pytest.fail("the place of the connection that was closed is not free again")


def test_a_trusted_proxy_has_as_many_as_there_are():
    settings = ServingSettings(connections=5, connections_per_address=2)
    doors = Doors(rules_of("127.0.0.1", (), ("10.0.0.7",)), settings)
    assert [doors.enter("203.0.113.1") for _ in range(3)] == [True, True, False]
    assert [doors.enter("10.0.0.7") for _ in range(4)] == [True, True, True, False]
    doors.leave("10.0.0.7")
    assert [doors.enter("203.0.113.2"), len(doors)] == [True, 5]


def test_a_large_body_is_answered_before_the_connection_ends(live):
    running = live()
    body = b" " * 500_000
    kind = {"content-type": "application/json"}
    assert httpx.post(f"{running.url}/v1/mood", content=body, headers=kind).status_code == 413


def test_a_refused_request_leaves_the_connection_usable(live):
    with httpx.Client(base_url=live().url) as client:
        refused = client.post("/v1/mood", content=b"a=b", headers={"content-type": "text/plain"})
        assert (refused.status_code, refused.headers.get("connection")) == (415, None)
        assert client.get("/healthz").status_code == 200


def test_a_body_that_nobody_asked_for_does_not_hold_the_connection(live):
    connection = live().connect()
    connection.sendall(GET[:-2] + b"content-length: 1000\r\n\r\nx")
    assert answer(connection).startswith(b"HTTP/1.1 200 OK")
