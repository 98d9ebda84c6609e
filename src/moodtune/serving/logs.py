"""One line of JSON per request and per event, on stderr.

A line names the route as the schema writes it, never the path: what people search for, which tracks
they open and their answers are in no log, and no token is.
"""

import logging
import sys
from typing import Any

import msgspec

from moodtune.serving.moments import moment, now

EVENTS = "moodtune.serving"
#: The attribute of a record that holds what a line says beside its event.
SAID = "said"
_REQUESTS = "moodtune.requests"
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


class RequestLog:
    """The lines of requests."""

    def __init__(self) -> None:
        self._logger = logging.getLogger(_REQUESTS)

    def line(
        self, *, method: str, route: str, status: int, seconds: float, request_id: str
    ) -> None:
        """Write the line of one request."""
        if self._logger.isEnabledFor(logging.INFO):
            self._logger.info(
                "request",
                extra={
                    SAID: {
                        "method": method,
                        "route": route,
                        "status": status,
                        "ms": round(seconds * 1000, 2),
                        "request_id": request_id,
                    }
                },
            )


def set_up_logging(*, requests: bool) -> None:
    """Send what the service logs to stderr, a JSON object a line; ``requests``: theirs as well."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.raiseExceptions = False  # a stderr that is gone stops no request
    for name, level in (
        (EVENTS, logging.INFO),
        (_REQUESTS, logging.INFO if requests else logging.WARNING),
        ("uvicorn", logging.WARNING),
        ("litestar", logging.WARNING),
    ):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
