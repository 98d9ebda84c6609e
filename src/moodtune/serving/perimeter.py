"""The outer wall: every request passes here before the routes see it, and every answer after.

It names the request, refuses what may not come in, counts, takes the body within its bounds, puts
the security headers on, and writes one line of log. Pure ASGI: it is on the way of every request.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeAlias, cast

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from moodtune.errors import MoodtuneError, RateError, RequestError, TooLargeError, TooSlowError
from moodtune.serving.access import (
    READING,
    Caller,
    Headers,
    Rules,
    caller_of,
    check_host,
    check_site,
    neighbourhood,
    plain_request_id,
)
from moodtune.serving.logs import RequestLog
from moodtune.serving.metrics import Metrics
from moodtune.serving.problems import PROBLEM_JSON, headers_of, problem_of
from moodtune.serving.rates import Buckets
from moodtune.serving.service import BODY, CALLER, REQUEST_ID
from moodtune.serving.settings import ServingSettings
from moodtune.serving.signing import SignIn

#: Probes come often, from machines that have no token.
_PROBES = frozenset({"/healthz", "/readyz"})
#: For whom a request counts: a listener, where one is known, and an address.
_Counted: TypeAlias = tuple[str | None, str]
_PAGE_PREFIX = "/page/"
_NO_ROUTE = "none"
#: What is counted where the client has gone before the answer came, as nginx does.
_GONE = 499
#: How much of a request that is refused is still taken, and for how long.
_PASSED_OVER_BYTES, _PASSED_OVER_S = 1 << 20, 1.0

_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_API_HEADERS = (
    *_SECURITY,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_PAGE_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    b"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_PAGE_HEADERS = (
    *_SECURITY,
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"content-security-policy", _PAGE_POLICY),
)
_NO_STORE = (b"cache-control", b"no-store")
_CLOSE = (b"connection", b"close")
_CACHE_CONTROL = b"cache-control"


def _is_page(path: str) -> bool:
    return path == "/" or path.startswith(_PAGE_PREFIX)


class Perimeter:
    """What stands around the routes.

    ``stop`` finishes the work that waits, and ``depth`` tells how much does.
    """

    def __init__(
        self,
        routes: ASGIApp,
        *,
        rules: Rules,
        settings: ServingSettings,
        sign_in: SignIn,
        metrics: Metrics,
        log: RequestLog,
        stop: Callable[[], None],
        depth: Callable[[], int],
    ) -> None:
        self._routes = routes
        self._rules = rules
        self._settings = settings
        self._sign_in = sign_in
        self._metrics = metrics
        self._log = log
        self.stop = stop
        self.depth = depth
        self._buckets = Buckets(rate=settings.rate, burst=settings.burst, most=settings.rate_keys)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass on what is none."""
        if scope["type"] == ScopeType.HTTP:
            await self._answer(scope, receive, send)
        else:
            await self._routes(scope, receive, send)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        headers: Headers = dict(scope["headers"])
        request_id = plain_request_id(headers) or secrets.token_hex(8)
        answer = _Answer(send, scope["path"], request_id)
        if scope["method"] == "HEAD":
            # As GET; the server leaves the body out.
            scope = cast("HTTPScope", {**scope, "method": "GET"})
        try:
            caller, counted_for = self._admit(scope, headers)
            scope[CALLER] = caller  # type: ignore[literal-required]
            scope[REQUEST_ID] = request_id  # type: ignore[literal-required]
            if scope["method"] not in READING:
                scope[BODY] = await self._body(headers, receive)  # type: ignore[literal-required]
            await self._routes(scope, receive, answer.send)
            self._count_for_listener(caller, counted_for)
        except MoodtuneError as error:
            whole = BODY in scope or await _passed_over(headers, receive)
            await answer.refuse(error, close=not whole)
        finally:
            self._note(scope, answer, time.perf_counter() - began)

    def _admit(self, scope: HTTPScope, headers: Headers) -> tuple[Caller, _Counted | None]:
        """Return who is asking, and for whom that counts; RequestError where it may not come in."""
        local = not self._sign_in.tokens_in_use
        if sum(name == b"host" for name, _ in scope["headers"]) != 1:
            raise RequestError("a request names the host that it is for, once, in its Host header")
        check_host(headers, self._rules, local=local)
        client = scope.get("client")
        caller = caller_of(headers, client[0] if client else "", self._rules)
        if scope["path"] in _PROBES:
            return caller, None
        # A page is many files at once; they lie in memory, and are the same for everybody.
        counted = None if local or _is_page(scope["path"]) else self._count(caller)
        if scope["path"].startswith("/v1/"):
            check_site(scope["method"], headers)
        return caller, counted

    def _count(self, caller: Caller) -> _Counted:
        # By listener where the secret was good before: another session is no other allowance. What
        # may be made up counts for its address, and so is none either.
        key = (self._sign_in.known(caller), neighbourhood(caller.address))
        wait = self._buckets.take(key, time.monotonic())
        if wait is not None:
            raise RateError("too many requests from here; ask again in a moment", wait)
        return key

    def _count_for_listener(self, caller: Caller, counted: _Counted | None) -> None:
        """Count a request for its listener alone where its secret turned out to be good.

        So that the many who sign in behind one address do not use up what strangers have there.
        """
        if counted is None or counted[0] is not None:
            return
        listener, now = self._sign_in.known(caller), time.monotonic()
        if listener is not None and self._buckets.take((listener, counted[1]), now) is None:
            self._buckets.give(counted, now)

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        """Return a request's body; TooLargeError or TooSlowError beyond its bounds."""
        most = self._settings.body_bytes
        too_large = TooLargeError(f"the body is larger than {most:,} bytes, and no request may be")
        said = headers.get(b"content-length", b"")
        if said.isdigit() and int(said) > most:
            raise too_large
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._settings.body_s):
                more = True
                while more and size <= most:
                    message: Any = await receive()
                    if message["type"] == "http.disconnect":
                        raise RequestError("the connection ended before the body did")
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    more = message.get("more_body", False)
        except TimeoutError:
            raise TooSlowError(
                f"the body did not come within {self._settings.body_s:g} seconds"
            ) from None
        if size > most:
            raise too_large
        return b"".join(parts)

    def _note(self, scope: HTTPScope, answer: "_Answer", seconds: float) -> None:
        route = scope.get("path_template") or _NO_ROUTE
        status = answer.status or _GONE
        self._metrics.count(scope["method"], route, status, seconds)
        self._log.line(
            method=scope["method"],
            route=route,
            status=status,
            seconds=seconds,
            request_id=answer.request_id,
        )


async def _passed_over(headers: Headers, receive: Receive) -> bool:
    """Return whether the rest of a refused request has come, and is out of the next one's way.

    A client that is still sending when the connection is closed may never see the answer.
    """
    if b"expect" in headers:
        return False
    left = _PASSED_OVER_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(_PASSED_OVER_S):
            while left >= 0:
                message: Any = await receive()
                if not message.get("more_body", False):
                    return bool(message["type"] != "http.disconnect")
                left -= len(message.get("body", b""))
    return False


class _Answer:
    """An answer on its way out: its status, and the headers that every answer has."""

    def __init__(self, send: Send, path: str, request_id: str) -> None:
        self._send = send
        self._path = path
        self.request_id = request_id
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        """Pass a message on, with our headers on the first."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._with_ours(list(message["headers"]))
        await self._send(message)

    def _with_ours(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        headers.extend(_PAGE_HEADERS if _is_page(self._path) else _API_HEADERS)
        headers.append((b"x-request-id", self.request_id.encode()))
        if not any(name == _CACHE_CONTROL for name, _ in headers):
            headers.append(_NO_STORE)
        return headers

    async def refuse(self, error: MoodtuneError, *, close: bool) -> None:
        """Answer with a problem; ``close``: what is left of the request is not waited for."""
        problem = problem_of(error, instance=self._path, request_id=self.request_id)
        body = msgspec.json.encode(problem)
        headers = [
            (b"content-type", PROBLEM_JSON.encode()),
            (b"content-length", str(len(body)).encode()),
            *headers_of(error),
            *((_CLOSE,) if close else ()),
        ]
        start: Any = {"type": "http.response.start", "status": problem.status, "headers": headers}
        await self.send(start)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})
