"""Clients that send a byte a second, in headers and in bodies, and begin anew when cut off."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SLOW = 200
_HEAD = "POST /v1/recommendations HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n"
_IN_HEAD = b"x-slow: " + b"a" * 1000
_IN_BODY = b"content-length: 1000\r\n\r\n"
#: Seconds after which one that was cut off comes again.
_REST_S = 0.5


@dataclass(slots=True)
class Slow:
    """What the slow clients did."""

    opened: int = 0
    open_now: int = 0
    most_open: int = 0
    sent: int = 0
    end: threading.Event = field(default_factory=threading.Event)

    def enter(self) -> None:
        self.opened += 1
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)


@contextmanager
def slowly(url: str, *, clients: int = SLOW) -> Iterator[Slow]:
    """Have so many clients send slowly while the block runs."""
    slow = Slow()
    thread = threading.Thread(target=lambda: asyncio.run(_all(url, clients, slow)), daemon=True)
    thread.start()
    try:
        yield slow
    finally:
        slow.end.set()
        thread.join()


async def _all(url: str, clients: int, slow: Slow) -> None:
    await asyncio.gather(*(_one(url, number, clients, slow) for number in range(clients)))


async def _one(url: str, number: int, clients: int, slow: Slow) -> None:
    await asyncio.sleep(number / clients)  # not all in the same moment
    place = urlsplit(url)
    while not slow.end.is_set():
        with suppress(OSError):
            _, writer = await asyncio.open_connection(place.hostname, place.port)
            slow.enter()
            try:
                await _send(writer, place.netloc, number, slow)
            finally:
                slow.open_now -= 1
                writer.close()
        await asyncio.sleep(_REST_S)


async def _send(writer: asyncio.StreamWriter, host: str, number: int, slow: Slow) -> None:
    """Send the head at once where the body is slow; every other byte a second after the last."""
    head = _HEAD.format(host).encode()
    if number % 2:
        writer.write(head + _IN_BODY)
        drops = b"{" + b" " * 998
    else:
        drops = head + _IN_HEAD
    for drop in drops:
        if slow.end.is_set():
            return
        writer.write(bytes([drop]))
        await writer.drain()
        slow.sent += 1
        await asyncio.sleep(1)
