"""Every error has a status, and what goes wrong inside stays inside."""

import inspect
import json

import pytest

from moodtune import errors
from moodtune.serving import asking
from moodtune.serving.problems import headers_of, problem_of, status_of

ALL = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.MoodtuneError)
]


def made(kind):
    return (
        kind("a sentence", 4)
        if kind in (errors.BusyError, errors.RateError)
        else kind("a sentence")
    )


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.MoodtuneError, 500), (errors.UsageError, 422), (errors.QueryError, 422), (errors.BudgetError, 422),
        (errors.KeyConflictError, 409), (errors.AllowanceError, 409), (errors.StoreError, 503),
        (errors.BundleError, 503), (errors.RequestError, 400), (errors.SignInError, 401),
        (errors.ForbiddenError, 403), (errors.NotFoundError, 404), (errors.TooSlowError, 408),
        (errors.ConflictError, 409), (errors.TooLargeError, 413), (errors.MediaTypeError, 415),
        (errors.InvalidError, 422), (errors.RateError, 429), (errors.BusyError, 503),
    ],
)  # fmt: skip
def test_an_error_is_answered_with_its_status(kind, status):
    assert status_of(made(kind)) == status


@pytest.mark.parametrize("kind", ALL)
def test_every_error_becomes_a_problem(kind):
    problem = problem_of(made(kind), instance="/v1/me", request_id="r")
    inside = problem.status == 500
    assert (problem.instance, problem.request_id) == ("/v1/me", "r")
    assert problem.detail.startswith("something went wrong inside") == inside
    assert (problem.detail == "a sentence") != inside


def test_a_query_over_its_budget_can_be_told_apart():
    problem = problem_of(errors.BudgetError("too much"), instance="/", request_id="r")
    assert (problem.status, problem.type) == (422, "urn:moodtune:problem:over-budget")


@pytest.mark.parametrize("kind", [errors.BusyError, errors.RateError])
def test_who_is_to_come_back_is_told_when(kind):
    assert headers_of(made(kind)) == [(b"retry-after", b"4")]


def test_what_nobody_has_foreseen_is_logged_and_not_told(local, monkeypatch, caplog):
    def fail(*_, **__):
        raise ZeroDivisionError("a secret of the inside")

    monkeypatch.setattr(asking, "recommend", fail)
    answer = local.post(
        "/v1/recommendations", json={"mood": "relax"}, headers={"x-request-id": "req-1"}
    )
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("something went wrong inside the service")
    assert "secret" not in answer.text
    (record,) = [r for r in caplog.records if r.getMessage() == "failed"]
    assert record.said == {"request_id": "req-1"}
    assert record.exc_info[0] is ZeroDivisionError


def test_a_store_that_fails_is_a_503(serve, monkeypatch):
    service = serve()

    def fail(*_):
        raise errors.StoreError("the store at x is locked by another program")

    monkeypatch.setattr(service.store, "memory", fail)
    monkeypatch.setattr(service.store, "ready", fail)
    answer = service.client().post("/v1/recommendations", json={"mood": "relax"})
    assert (answer.status_code, answer.json()["detail"]) == (
        503,
        "the store at x is locked by another program",
    )
    assert service.client().get("/readyz").status_code == 503
    assert service.client().get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/v2", 404),
        ("GET", "/page/none.js", 404),
        ("PUT", "/v1/me", 405),
        ("GET", "/v1/session", 405),
    ],
)
def test_what_is_no_call_is_a_problem_too(local, verb, path, status):
    answer = local.request(verb, path, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert json.loads(answer.content)["status"] == status


@pytest.mark.parametrize("path", ["/v1/me", "/nothing", "/v1/tracks", "/healthz"])
def test_every_answer_has_the_security_headers(local, path):
    headers = local.get(path).headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_the_pages_policy_has_no_foreign_host_and_no_inline_script(local):
    policy = local.get("/").headers["content-security-policy"]
    sources = dict(part.split(" ", 1) for part in policy.split("; "))
    assert (
        sources.pop("default-src")
        == sources.pop("frame-ancestors")
        == sources.pop("base-uri")
        == "'none'"
    )
    assert set(sources.values()) == {"'self'"}


@pytest.mark.parametrize("size", [64 * 1024 + 1, 900_000])
def test_a_body_that_is_too_large_is_refused(local, size):
    sent = {"content": b" " * size, "headers": {"content-type": "application/json"}}
    assert local.post("/v1/recommendations", **sent).status_code == 413


def test_a_body_that_does_not_say_its_size_is_counted(local):
    async def parts():
        for _ in range(70):
            yield b" " * 1024

    answer = local.post(
        "/v1/recommendations", content=parts(), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413


def test_head_is_get_without_a_body(local):
    assert local.head("/healthz").status_code == 200
    assert local.head("/v1/tracks/none").status_code == 404
