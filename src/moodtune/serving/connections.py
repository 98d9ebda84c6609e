"""Connections that cost little, however slowly their clients speak: uvicorn's protocol, bounded.

uvicorn closes an idle connection, and waits for ever for a request that has begun. Here a request's
head must be complete in time and within bounds, an answer must be taken in time, and an address has
so many connections and no more. (A body's bounds are the perimeter's, which can answer.) Nothing of
this costs a request that comes whole: timers are set only for one that does not.
"""

import asyncio
import functools
from collections import Counter
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from moodtune.serving.access import Rules, is_trusted, neighbourhood
from moodtune.serving.settings import ServingSettings

_MOST_HEADERS = 100
#: Bytes of a message that are none of its body's, for each that this may have: chunks of one byte
#: take five. What is more is trailers, which nobody reads.
_FRAMING = 6
_TOO_MUCH = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class Doors:
    """How many connections are open, from where."""

    def __init__(self, rules: Rules, settings: ServingSettings) -> None:
        self.settings = settings
        self._rules = rules
        self._open = 0
        self._by_address: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._open

    def enter(self, address: str) -> bool:
        """Count a connection; False where there are too many."""
        place = neighbourhood(address)
        most = self.settings.connections_per_address
        if self._open >= self.settings.connections or (
            self._by_address[place] >= most and not is_trusted(address, self._rules)
        ):
            if not self._by_address[place]:
                del self._by_address[place]
            return False
        self._open += 1
        self._by_address[place] += 1
        return True

    def leave(self, address: str) -> None:
        """Count a connection no more."""
        place = neighbourhood(address)
        self._open -= 1
        self._by_address[place] -= 1
        if not self._by_address[place]:
            del self._by_address[place]


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, doors: Doors, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._doors = doors
        self._bounds = doors.settings
        self._inside = False
        self._in_head = True
        self._head_bytes = 0
        self._in_body = False
        self._framing = 0  # bytes of the message after its head that are none of its body's
        self._most_framing = self._bounds.head_bytes + _FRAMING * self._bounds.body_bytes
        self._timer: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, where there is room."""
        super().connection_made(transport)
        self._inside = self._doors.enter(self._address)
        if not self._inside:
            transport.abort()
            return
        self._timer = self.loop.call_later(self._bounds.head_s, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room."""
        if self._inside:
            self._inside = False
            self._doors.leave(self._address)
        self._stop_timers()
        super().connection_lost(exc)

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def data_received(self, data: bytes) -> None:
        """Take what has come; begin to count where it is the beginning of a request's head."""
        self._framing += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_body and self._framing > self._most_framing:
            if not self.cycle.response_started:
                self.transport.write(_TOO_MUCH)
            self.transport.close()
            return
        if not self._in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > self._bounds.head_bytes:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self._timer is None:
            self._timer = self.loop.call_later(self._bounds.head_s, self._give_up)

    def on_message_begin(self) -> None:
        """Note that a head has begun."""
        self._in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what the parser's callbacks raise is answered with 400."""
        if len(self.headers) >= _MOST_HEADERS:
            raise ValueError(f"more than {_MOST_HEADERS} headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Note that the head has come."""
        self._in_head, self._in_body = False, True
        self._head_bytes = self._framing = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._framing -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the message has come."""
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on to the next request; not where a body that nobody reads is still on its way."""
        if self.cycle.more_body and not self.pipeline:
            self.transport.close()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Begin to wait for a client that does not take its answer."""
        super().pause_writing()
        self._taking = self.loop.call_later(self._bounds.answer_s, self._give_up)

    def resume_writing(self) -> None:
        """Wait no more: it has taken what was there."""
        super().resume_writing()
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def _give_up(self) -> None:
        self.transport.abort()

    def _stop_timers(self) -> None:
        for timer in (self._timer, self._taking):
            if timer is not None:
                timer.cancel()
        self._timer = self._taking = None


def bounded(doors: Doors) -> Any:
    """Return what uvicorn makes a protocol of each connection with."""
    return functools.partial(BoundedProtocol, doors=doors)
