"""What every handler works with: the model, the store, and the way to both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request
from litestar.response.base import ASGIResponse

from moodtune.serving.access import Caller, Rules
from moodtune.serving.models import Models, Served
from moodtune.serving.settings import ServingSettings
from moodtune.serving.signing import SignIn
from moodtune.serving.store import Identity, Store
from moodtune.serving.work import Workers

_T = TypeVar("_T")

#: Where the perimeter leaves what it has found out about a request.
CALLER = "moodtune.caller"
REQUEST_ID = "moodtune.request_id"
BODY = "moodtune.body"

_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running service."""

    settings: ServingSettings
    rules: Rules
    store: Store
    models: Models
    workers: Workers
    sign_in: SignIn

    async def work(
        self, request: Request[Any, Any, Any], do: Callable[[Identity, Served], _T]
    ) -> _T:
        """Return what ``do`` returns for whoever is signed in, in a search thread.

        The listener is looked up there too, so that a request changes threads once.
        """
        caller = caller_of(request)

        def job() -> _T:
            return do(self.sign_in.identify(caller), self.models.current)

        return await self.workers.run(job)


def caller_of(request: Request[Any, Any, Any]) -> Caller:
    """Return what the perimeter has found out about who sent a request."""
    return cast("Caller", request.scope[CALLER])  # type: ignore[literal-required]


def body_of(request: Request[Any, Any, Any]) -> bytes:
    """Return the body that the perimeter has taken."""
    return cast("bytes", request.scope[BODY])  # type: ignore[literal-required]


def json_answer(
    value: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> ASGIResponse:
    """Return a value as an answer in JSON."""
    return raw_answer(_ENCODER.encode(value), status=status, headers=headers)


def raw_answer(
    body: bytes,
    *,
    status: int = 200,
    kind: str = "application/json",
    headers: dict[str, str] | None = None,
) -> ASGIResponse:
    """Return bytes as an answer."""
    return ASGIResponse(
        body=body, status_code=status, headers={"content-type": kind, **(headers or {})}
    )


def no_answer(headers: dict[str, str] | None = None) -> ASGIResponse:
    """Return the answer that has nothing to say but that it is done."""
    return ASGIResponse(status_code=204, headers=headers)
