"""Errors as problems (RFC 9457): the one place where an error gets an HTTP status."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

import msgspec

from moodtune.errors import (
    AllowanceError,
    BudgetError,
    BundleError,
    BusyError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    KeyConflictError,
    MediaTypeError,
    MoodtuneError,
    NotFoundError,
    RateError,
    RequestError,
    SignInError,
    StoreError,
    TooLargeError,
    TooSlowError,
    UsageError,
)

PROBLEM_JSON = "application/problem+json"

#: Status per error class; the nearest class in the method resolution order counts.
STATUSES: Mapping[type[MoodtuneError], HTTPStatus] = MappingProxyType(
    {
        MoodtuneError: HTTPStatus.INTERNAL_SERVER_ERROR,
        UsageError: HTTPStatus.UNPROCESSABLE_ENTITY,
        KeyConflictError: HTTPStatus.CONFLICT,
        AllowanceError: HTTPStatus.CONFLICT,
        StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
        BundleError: HTTPStatus.SERVICE_UNAVAILABLE,
        RequestError: HTTPStatus.BAD_REQUEST,
        SignInError: HTTPStatus.UNAUTHORIZED,
        ForbiddenError: HTTPStatus.FORBIDDEN,
        NotFoundError: HTTPStatus.NOT_FOUND,
        TooSlowError: HTTPStatus.REQUEST_TIMEOUT,
        ConflictError: HTTPStatus.CONFLICT,
        TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        MediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        InvalidError: HTTPStatus.UNPROCESSABLE_ENTITY,
        RateError: HTTPStatus.TOO_MANY_REQUESTS,
        BusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
#: What a program can tell apart beyond the status.
TYPES: Mapping[type[MoodtuneError], str] = MappingProxyType(
    {BudgetError: "urn:moodtune:problem:over-budget"}
)
_PLAIN_TYPE = "about:blank"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer says where it is no success.

    ``type``      ``about:blank``, where the status says all; else a name for the kind of problem
    ``detail``    one sentence: what, where, what was expected, what was found, what to do
    ``instance``  the path that was asked for
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str


def status_of(error: MoodtuneError) -> HTTPStatus:
    """Return the status that ``error`` is answered with."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def problem_of(error: MoodtuneError, *, instance: str, request_id: str) -> Problem:
    """Return the problem that ``error`` is answered with."""
    status = status_of(error)
    # What went wrong inside is for the log, not for whoever asked.
    inside = status == HTTPStatus.INTERNAL_SERVER_ERROR
    return Problem(
        type=next((TYPES[kind] for kind in type(error).__mro__ if kind in TYPES), _PLAIN_TYPE),
        title=status.phrase,
        status=status.value,
        detail=INSIDE if inside else str(error),
        instance=instance,
        request_id=request_id,
    )


INSIDE = "something went wrong inside the service; its log says what, under the request's id"


def plain_problem(status: int, detail: str, *, instance: str, request_id: str) -> Problem:
    """Return the problem of a bare status, as a router gives it."""
    return Problem(
        type=_PLAIN_TYPE,
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=instance,
        request_id=request_id,
    )


def headers_of(error: MoodtuneError) -> list[tuple[bytes, bytes]]:
    """Return what the status of ``error`` asks to be said in headers."""
    if isinstance(error, RateError | BusyError):
        return [(b"retry-after", str(error.retry_after_s).encode())]
    if isinstance(error, SignInError):
        return [(b"www-authenticate", b'Bearer realm="moodtune"')]
    return []
