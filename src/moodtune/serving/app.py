"""The service as an ASGI application: the routes, and the perimeter around them."""

import logging
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException, ValidationException

from moodtune.errors import InvalidError, MoodtuneError
from moodtune.serving.access import Rules
from moodtune.serving.documenting import openapi_config, with_schemas
from moodtune.serving.handlers.catalog import catalog_handlers
from moodtune.serving.handlers.health import health_handlers, page_handlers
from moodtune.serving.handlers.lists import list_handlers
from moodtune.serving.handlers.people import people_handlers
from moodtune.serving.logs import EVENTS, SAID, RequestLog
from moodtune.serving.metrics import Metrics
from moodtune.serving.models import Models
from moodtune.serving.perimeter import Perimeter
from moodtune.serving.problems import (
    INSIDE,
    PROBLEM_JSON,
    Problem,
    headers_of,
    plain_problem,
    problem_of,
)
from moodtune.serving.service import REQUEST_ID, Service
from moodtune.serving.settings import ServingSettings
from moodtune.serving.signing import SignIn
from moodtune.serving.store import Store
from moodtune.serving.work import Workers

_LOGGER = logging.getLogger(EVENTS)
_SERVER_FAULT = 500


def create_app(
    *,
    models: Models,
    store: Store,
    rules: Rules,
    settings: ServingSettings,
    host: str,
    metrics: Metrics | None = None,
    log: RequestLog | None = None,
) -> Perimeter:
    """Return the service over a model and a store; UsageError where strangers could come in."""
    metrics = metrics or Metrics()
    sign_in = SignIn(store, rules, settings, host)
    workers = Workers(
        threads=settings.search_threads,
        length=settings.queue_length,
        wait_s=settings.queue_wait_s,
        retry_after_s=settings.retry_after_s,
    )

    def stop() -> None:
        workers.stop(settings.stop_s)

    def depth() -> int:
        return workers.depth

    metrics.watch_depth(depth)
    metrics.set_generation(models.current.generation)
    service = Service(
        settings=settings,
        rules=rules,
        store=store,
        models=models,
        workers=workers,
        sign_in=sign_in,
    )
    return Perimeter(
        _routes(service, metrics, stop),
        rules=rules,
        settings=settings,
        sign_in=sign_in,
        metrics=metrics,
        log=log or RequestLog(),
        stop=stop,
        depth=depth,
    )


def _routes(service: Service, metrics: Metrics, stop: Callable[[], None]) -> Litestar:
    """Return every call of the service, described, and what their errors are answered with."""
    routes = Litestar(
        route_handlers=[
            *list_handlers(service),
            *catalog_handlers(service),
            *people_handlers(service),
            *health_handlers(service, metrics),
            *page_handlers(),
        ],
        openapi_config=openapi_config(),
        exception_handlers={
            MoodtuneError: _refused,
            HTTPException: _not_routed,
            Exception: _failed,
        },
        on_shutdown=[stop],
        logging_config=None,
        debug=False,
    )
    with_schemas(routes.openapi_schema)
    return routes


def _refused(request: Request[Any, Any, Any], error: MoodtuneError) -> Response[bytes]:
    problem = problem_of(error, instance=request.scope["path"], request_id=_request_id(request))
    if problem.status >= _SERVER_FAULT:
        said = {"request_id": problem.request_id, "why": str(error)}
        _LOGGER.warning("refused", extra={SAID: said})
    return _answer(problem, {k.decode(): v.decode() for k, v in headers_of(error)})


def _not_routed(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what the router or its reading of parameters refuses."""
    if isinstance(error, ValidationException):
        return _refused(request, InvalidError(_parameter_sentence(error)))
    problem = plain_problem(
        error.status_code,
        f"{request.method} {request.scope['path'][:200]} is no call of this service",
        instance=request.scope["path"],
        request_id=_request_id(request),
    )
    return _answer(problem, dict(error.headers or {}))


def _parameter_sentence(error: ValidationException) -> str:
    """Return the first thing that is wrong with a parameter."""
    found = error.extra[0] if isinstance(error.extra, list) and error.extra else None
    if isinstance(found, dict) and "key" in found:
        message = str(found.get("message", ""))
        return f"{found['key']}: {message[:1].lower()}{message[1:]}"
    return f"the parameters are off: {error.detail[:200]}"


def _failed(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer what nobody has foreseen; the log has all of it."""
    request_id = _request_id(request)
    _LOGGER.error("failed", extra={SAID: {"request_id": request_id}}, exc_info=error)
    return _answer(
        plain_problem(_SERVER_FAULT, INSIDE, instance=request.scope["path"], request_id=request_id),
        {},
    )


def _request_id(request: Request[Any, Any, Any]) -> str:
    return str(request.scope.get(REQUEST_ID, ""))


def _answer(problem: Problem, headers: dict[str, str]) -> Response[bytes]:
    return Response(
        content=msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=PROBLEM_JSON,
        headers=headers,
    )
