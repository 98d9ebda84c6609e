"""What each route takes and answers, as OpenAPI, in the schemas that msgspec reads and writes.

A handler is given ``operation_class=documented(...)``; every status that its route can answer is
there, those of the perimeter included.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import (
    Components,
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIFormat

from moodtune.ranking.query import Recommendations
from moodtune.serving import messages
from moodtune.serving.access import COOKIE
from moodtune.serving.problems import PROBLEM_JSON, Problem
from moodtune.version import __version__

JSON = "application/json"
_REF = "#/components/schemas/{name}"

#: What the perimeter answers on any route, and where something is changed.
_ANYWHERE = (400, 403, 429, 503)
CHANGING = (408, 413, 415)

_TYPES: tuple[Any, ...] = (
    Problem,
    Recommendations,
    *(
        kind
        for name, kind in vars(messages).items()
        if isinstance(kind, type)
        and issubclass(kind, msgspec.Struct)
        and kind.__module__ == messages.__name__
        and not name.startswith("_")
    ),
)


@dataclass(frozen=True, slots=True)
class Content:
    """An answer that is no JSON: its type, and what it is."""

    kind: str
    schema: Mapping[str, Any]


TEXT: Mapping[str, Any] = {"type": "string"}
OBJECT: Mapping[str, Any] = {"type": "object"}


def documented(
    *,
    answers: Mapping[int, Any],
    body: type[msgspec.Struct] | None = None,
    errors: tuple[int, ...] = (),
    signed_in: bool = True,
) -> type[Operation]:
    """Return the class of an operation.

    ``answers``  status -> the struct, the `Content` (or several), or None where there is none
    ``errors``   statuses of its problems beside those of every route
    """
    statuses = {*_ANYWHERE, *errors}
    if body is not None:
        statuses |= {*CHANGING, 422}
    if signed_in:
        statuses.add(401)
    responses: dict[str, OpenAPIResponse | Reference] = {
        str(status): _response(status, found) for status, found in answers.items()
    }
    responses |= {str(status): _problem(status) for status in sorted(statuses)}

    @dataclass
    class Documented(Operation):
        def __post_init__(self) -> None:
            self.responses = responses
            _as_text(self.parameters)
            if body is not None:
                self.request_body = RequestBody(content=_content(body), required=True)
            if signed_in:
                self.security = [{"token": []}, {"session": []}, {}]

    return Documented


def _as_text(parameters: Sequence[Parameter | Reference] | None) -> None:
    """Have a parameter that takes the rest of a path be any text, and no address."""
    for one in parameters or ():
        schema = one.schema if isinstance(one, Parameter) else None
        if isinstance(schema, Schema) and schema.format == OpenAPIFormat.URI:
            schema.format = None


def _response(status: int, found: Any) -> OpenAPIResponse:
    content = None if found is None else _content(found)
    return OpenAPIResponse(description=HTTPStatus(status).phrase, content=content)


def _problem(status: int) -> OpenAPIResponse:
    return OpenAPIResponse(
        description=HTTPStatus(status).phrase,
        content={PROBLEM_JSON: _media(_reference(Problem))},
    )


def _content(found: Any) -> dict[str, OpenAPIMediaType]:
    if isinstance(found, Content):
        return {found.kind: _media(dict(found.schema))}
    if isinstance(found, tuple):
        return {kind: media for one in found for kind, media in _content(one).items()}
    if isinstance(found, Mapping):
        return {JSON: _media(dict(found))}
    return {JSON: _media(_reference(found))}


def _media(schema: Any) -> OpenAPIMediaType:
    return OpenAPIMediaType(schema=schema)


def _reference(kind: type[Any]) -> Reference:
    return Reference(ref=_REF.format(name=kind.__name__))


def with_schemas(document: OpenAPI) -> None:
    """Put in what msgspec knows of the types: Litestar leaves only schemas that it made itself."""
    _, schemas = msgspec.json.schema_components(_TYPES, ref_template=_REF)
    document.components.schemas = schemas


def openapi_config() -> OpenAPIConfig:
    """Return what the document says beside the routes and the types."""
    return OpenAPIConfig(
        title="Moodtune",
        version=__version__,
        description="The moods of listeners and of tracks, and the tracks that fit.",
        path="/schema",
        render_plugins=[],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer"),
                "session": SecurityScheme(type="apiKey", name=COOKIE, security_scheme_in="cookie"),
            },
        ),
    )
