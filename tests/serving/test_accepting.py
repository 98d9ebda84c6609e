"""Connections taken a few at a time: shared out, taken at the end, and tried again."""

import asyncio
import errno
import json
import logging
import socket
import time
from collections import Counter
from contextlib import closing

import pytest
import uvloop

from moodtune.serving import accepting
from moodtune.serving.accepting import Acceptor
from moodtune.serving.logs import EVENTS, SAID


class Told(asyncio.Protocol):
    """Counts a connection that has begun and what came on it, and keeps it."""

    def __init__(self, name, host):
        self.name, self.host = name, host

    def connection_made(self, transport):
        self.host.begun[self.name] += 1
        self.host.kept.append(transport)

    def data_received(self, data):
        self.host.heard += len(data)


class Host:
    """A socket that listens, and who has taken connections from it."""

    def __init__(self, kind=socket.socket):
        self.listening = kind(socket.AF_INET, socket.SOCK_STREAM)
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen(128)
        self.begun, self.kept, self.clients, self.heard = Counter(), [], [], 0

    def acceptor(self, name="one", listening=None, protocol=None):
        make = protocol or (lambda: Told(name, self))
        return Acceptor(listening or self.listening, make, lambda: self.begun[name])

    def connect(self, count):
        for _ in range(count):
            self.clients.append(socket.create_connection(self.listening.getsockname(), timeout=5))

    async def until(self, count):
        async with asyncio.timeout(5):
            while sum(self.begun.values()) < count:  # noqa: ASYNC110 -- begun in protocols
                await asyncio.sleep(0.001)

    def close(self):
        for each in (*self.kept, *self.clients, self.listening):
            each.close()


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request):
    return request.param


def test_those_that_came_at_once_are_shared_by_all_who_take(run):
    async def share():
        with closing(Host()) as host, closing(host.listening.dup()) as other:
            host.connect(40)  # they wait; a loop's own server would now give all to the first
            both = [host.acceptor("one"), host.acceptor("other", other)]
            await host.until(40)
            for each in both:
                await each.close()
            return host.begun

    assert min(run(share())[name] for name in ("one", "other")) >= 12


def test_one_alone_takes_all_and_those_that_come_later(run):
    async def take():
        with closing(Host()) as host:
            acceptor = host.acceptor()
            for count in (100, 101):
                host.connect(count - len(host.clients))
                await host.until(count)
            await acceptor.close()
            return host.begun["one"]

    assert run(take()) == 101


def test_what_waits_at_the_end_is_taken_and_what_was_sent_on_it_read(run):
    async def close():
        with closing(Host()) as host:
            acceptor = host.acceptor()
            host.connect(50)
            for client in host.clients:
                client.sendall(b"12345")
            await acceptor.close()  # before the loop has looked even once
            return host.begun["one"], host.heard

    assert run(close()) == (50, 250)


def test_one_that_is_closed_while_it_pauses_takes_no_more(run, monkeypatch):
    monkeypatch.setattr(accepting, "_PAUSE_S", 0.05)

    async def close():
        with closing(Host()) as host:
            acceptor = host.acceptor()
            host.connect(3)
            await host.until(2)
            await acceptor.close()
            host.connect(1)
            await asyncio.sleep(0.15)
            return host.begun["one"]

    assert run(close()) == 3


class Odd(socket.socket):
    """A socket whose first connections cannot be taken."""

    error, left = OSError(), 0

    def accept(self):
        if self.left:
            self.left -= 1
            raise self.error
        return super().accept()


def odd(number, count):
    return type("Odd", (Odd,), {"error": OSError(number, "odd"), "left": count})


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOBUFS, errno.EINVAL])
def test_where_none_can_be_taken_it_is_said_and_tried_again_later(run, monkeypatch, caplog, number):
    monkeypatch.setattr(accepting, "_RETRY_S", 0.05)

    async def take():
        with closing(Host(odd(number, 2))) as host, caplog.at_level(logging.WARNING, EVENTS):
            began = time.monotonic()
            acceptor = host.acceptor()
            host.connect(1)
            await host.until(1)
            took = time.monotonic() - began
            await acceptor.close()
            return took

    assert run(take()) >= 0.09  # twice, and a loop's clock is coarse
    assert [record.getMessage() for record in caplog.records] == [
        "no connection could be taken"
    ] * 2
    assert "odd" in json.dumps(getattr(caplog.records[0], SAID))


def test_one_that_is_closed_while_none_can_be_taken_ends_at_once(run):
    async def close():
        with closing(Host(odd(errno.EMFILE, 99))) as host:
            acceptor = host.acceptor()
            host.connect(1)
            await asyncio.sleep(0.05)
            began = time.monotonic()
            await acceptor.close()
            return time.monotonic() - began

    assert run(close()) < accepting._RETRY_S / 2


@pytest.mark.parametrize("number", [errno.ECONNABORTED, errno.EPROTO, errno.ENETDOWN])
def test_a_client_that_has_gone_is_passed_over(run, caplog, number):
    async def take():
        with closing(Host(odd(number, 1))) as host:
            acceptor = host.acceptor()
            host.connect(1)
            await host.until(1)
            await acceptor.close()
            return host.begun["one"]

    assert run(take()) == 1
    assert not caplog.records


def test_what_ends_as_it_begins_is_said_and_lets_the_next_one_in(run, caplog):
    async def take():
        with closing(Host()) as host, caplog.at_level(logging.WARNING, EVENTS):
            ends = [OSError(errno.EINVAL, "odd")]

            def protocol():
                if ends:
                    raise ends.pop()
                return Told("one", host)

            acceptor = host.acceptor(protocol=protocol)
            host.connect(2)
            await host.until(1)
            await acceptor.close()
            ended = [client for client in host.clients if is_closed(client)]
            return host.begun["one"], len(ended)

    assert run(take()) == (1, 1)
    assert [record.getMessage() for record in caplog.records] == ["a connection ended as it began"]


def is_closed(client):
    client.settimeout(0.2)
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
