"""One line of JSON per request and per event, on stderr.

A line names the route as the schema writes it, never the path: what people search for, which tracks
they open and their answers are in no log, and no token is.
"""

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from moodtune.serving.moments import moment, now

EVENTS = "moodtune.serving"
#: The attribute of a record that holds what a line says beside its event.
SAID = "said"
_ENCODER = msgspec.json.Encoder()


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object: its time, level, sentence, and what was said beside."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        line: dict[str, Any] = {"at": moment(now()), "level": record.levelname.lower()}
        line["event"] = record.getMessage()
        line |= getattr(record, SAID, {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _ENCODER.encode(line).decode()


class RequestLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is logged of a request."""

    at: str
    level: str
    event: str = "request"
    method: str
    route: str
    status: int
    ms: float
    request_id: str


class RequestLog:
    """The lines of requests, written past the logging module: its records cost as much as a route.

    ``write`` takes a line; None: no line is written.
    """

    def __init__(self, write: Callable[[bytes], object] | None = None) -> None:
        self._write = write

    def line(
        self, *, method: str, route: str, status: int, seconds: float, request_id: str
    ) -> None:
        """Write the line of one request."""
        if self._write is None:
            return
        line = RequestLine(
            at=moment(now()),
            level="info",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 2),
            request_id=request_id,
        )
        with suppress(OSError):  # a stderr that is gone stops no request
            self._write(_ENCODER.encode(line) + b"\n")


def to_stderr(line: bytes) -> None:
    """Write a line whole, unless the other end is gone."""
    os.write(sys.stderr.fileno(), line)


def set_up_logging() -> None:
    """Send what happens to stderr, a JSON object a line; for requests there is `RequestLog`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.raiseExceptions = False  # a stderr that is gone stops no request
    for name, level in (
        (EVENTS, logging.INFO),
        # It warns of every request that is none, and anybody can send those.
        ("uvicorn", logging.ERROR),
        ("litestar", logging.WARNING),
    ):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
