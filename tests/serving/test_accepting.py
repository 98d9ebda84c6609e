"""Connections taken one at a time: shared out, closed, and tried again."""

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
from moodtune.serving.accepting import PAUSE_S, Acceptor
from moodtune.serving.logs import EVENTS, SAID


class Said(asyncio.Protocol):
    """Counts who has begun a connection, and keeps it."""

    def __init__(self, name, begun, kept):
        self.name, self.begun, self.kept = name, begun, kept

    def connection_made(self, transport):
        self.begun[self.name] += 1
        self.kept.append(transport)


class Host:
    """A socket that listens, and who has taken connections from it."""

    def __init__(self, kind=socket.socket):
        self.listening = kind(socket.AF_INET, socket.SOCK_STREAM)
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen(128)
        self.begun, self.kept, self.clients = Counter(), [], []

    def acceptor(self, name="one", listening=None, **options):
        return Acceptor(
            listening or self.listening, lambda: Said(name, self.begun, self.kept), **options
        )

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
        with closing(Host()) as host:
            host.connect(40)  # they wait; a loop's own server would now give all to the first
            other = host.listening.dup()
            both = [
                host.acceptor("one", pause_s=PAUSE_S),
                host.acceptor("other", other, pause_s=PAUSE_S),
            ]
            await host.until(40)
            for each in both:
                each.close()
            other.close()
            return host.begun

    assert run(share()) == {"one": 20, "other": 20}


def test_one_alone_takes_all_and_those_that_come_later(run):
    async def take():
        with closing(Host()) as host:
            acceptor = host.acceptor()
            for count in (30, 31):
                host.connect(count - len(host.clients))
                await host.until(count)
            acceptor.close()
            return host.begun["one"]

    assert run(take()) == 31


def test_one_that_is_closed_takes_no_more_though_it_paused(run):
    async def close():
        with closing(Host()) as host:
            acceptor = host.acceptor(pause_s=0.05)
            host.connect(2)
            await host.until(1)
            acceptor.close()
            await asyncio.sleep(0.1)
            return host.begun["one"]

    assert run(close()) == 1


class Tired(socket.socket):
    """A socket of a process that has no descriptor left, for a while."""

    left = 2

    def accept(self):
        if self.left:
            self.left -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


def test_where_none_can_be_taken_it_is_said_and_tried_again_later(run, monkeypatch, caplog):
    monkeypatch.setattr(accepting, "_RETRY_S", 0.05)

    async def take():
        with closing(Host(Tired)) as host, caplog.at_level(logging.WARNING, EVENTS):
            began = time.monotonic()
            acceptor = host.acceptor()
            host.connect(1)
            await host.until(1)
            acceptor.close()
            return time.monotonic() - began

    assert run(take()) >= 0.1
    assert [record.getMessage() for record in caplog.records] == [
        "no connection could be taken"
    ] * 2
    assert "Too many open files" in json.dumps(getattr(caplog.records[0], SAID))


class Gone(socket.socket):
    """A socket whose first client has gone before it was taken."""

    gone = 1

    def accept(self):
        if self.gone:
            self.gone -= 1
            raise ConnectionAbortedError
        return super().accept()


def test_a_client_that_has_gone_is_passed_over(run, caplog):
    async def take():
        with closing(Host(Gone)) as host:
            acceptor = host.acceptor()
            host.connect(1)
            await host.until(1)
            acceptor.close()
            return host.begun["one"]

    assert run(take()) == 1
    assert not caplog.records


def test_what_ends_as_it_begins_is_said_and_lets_the_next_one_in(run, caplog):
    async def take():
        with closing(Host()) as host, caplog.at_level(logging.WARNING, EVENTS):
            acceptor = host.acceptor()
            acceptor._loop = Odd(acceptor._loop)
            host.connect(2)
            await host.until(1)
            acceptor.close()
            return host.begun["one"]

    assert run(take()) == 1
    assert [record.getMessage() for record in caplog.records] == ["a connection ended as it began"]


class Odd:
    """A loop in which the first connection ends as it begins."""

    def __init__(self, loop):
        self._loop, self._ended = loop, False

    def __getattr__(self, name):
        return getattr(self._loop, name)

    async def connect_accepted_socket(self, protocol, taken):
        if not self._ended:
            self._ended = True
            raise OSError(errno.EINVAL, "Invalid argument")
        await self._loop.connect_accepted_socket(protocol, taken)
