"""What there is: the catalog, its moods, its tracks, and their map."""

from typing import Annotated, Any
from urllib.parse import unquote

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter
from litestar.response.base import ASGIResponse

from moodtune.errors import ConflictError, NotFoundError
from moodtune.serving.documenting import documented
from moodtune.serving.messages import (
    CatalogAnswer,
    MapAnswer,
    MoodsAnswer,
    TrackAnswer,
    TrackLine,
    TracksAnswer,
)
from moodtune.serving.models import Served
from moodtune.serving.service import Service, json_answer, raw_answer
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Identity
from moodtune.serving.tracks import answer_of, line_of, near_tracks, row_of

#: The map is the same until the model changes; whoever may see it is asked every time.
_MAP_CACHE = "private, no-cache"


def catalog_handlers(service: Service) -> list[HTTPRouteHandler]:
    """Return the handlers of the catalog."""
    return [*_describing(service), *_tracks(service), *_mapping(service)]


def _describing(service: Service) -> list[HTTPRouteHandler]:
    @get("/v1/catalog", operation_class=documented(answers={200: CatalogAnswer}))
    async def catalog(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Say what there is to choose from, and which limits can be kept."""
        return raw_answer(await service.work(request, lambda _, served: served.catalog))

    @get("/v1/moods", operation_class=documented(answers={200: MoodsAnswer}))
    async def moods(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Name the moods and their places on the plane."""
        return raw_answer(await service.work(request, lambda _, served: served.moods))

    return [catalog, moods]


def _tracks(service: Service) -> list[HTTPRouteHandler]:
    settings = service.settings

    @get(
        "/v1/tracks",
        operation_class=documented(answers={200: TracksAnswer}, errors=(422,)),
    )
    async def tracks(
        request: Request[Any, Any, Any],
        q: Annotated[str, QueryParameter(max_length=settings.search_characters)],
        limit: Annotated[int, QueryParameter(ge=1, le=settings.most_found)] = settings.found,
    ) -> ASGIResponse:
        """Find tracks by the beginnings of words in titles and artists."""

        def found(_: Identity, served: Served) -> ASGIResponse:
            rows = served.search.find(q, limit)
            return json_answer(TracksAnswer(tracks=[line_of(served.bundle, r) for r in rows]))

        return await service.work(request, found)

    @get(
        "/v1/tracks/{track_id:path}",
        operation_class=documented(answers={200: TrackAnswer}, errors=(404,)),
    )
    async def track(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Say all that is known of a track, and which tracks are most like it."""
        track_id = _rest_of_path(request, "/v1/tracks/")

        def known(_: Identity, served: Served) -> ASGIResponse:
            bundle = served.bundle
            row = row_of(bundle, track_id)
            nearest = near_tracks(bundle, served.nearness.nearest(row, settings.nearest))
            return json_answer(answer_of(bundle, row, nearest))

        return await service.work(request, known)

    return [tracks, track]


def _rest_of_path(request: Request[Any, Any, Any], prefix: str) -> str:
    """Return what stands after a prefix of the path, as it was sent and then decoded.

    An id may have slashes, which routers drop where they stand together or at an end; so a path
    parameter would not do.
    """
    return unquote(request.scope["raw_path"].decode("latin-1").partition(prefix)[2])


def _mapping(service: Service) -> list[HTTPRouteHandler]:
    settings = service.settings

    @get(
        "/v1/map",
        operation_class=documented(answers={200: MapAnswer, 304: None}, errors=(422,)),
    )
    async def whole_map(
        request: Request[Any, Any, Any],
        points: Annotated[int, QueryParameter(ge=1, le=settings.map_points)] = settings.map_points,
    ) -> ASGIResponse:
        """Give the catalog's tracks on the plane, thinned to what a screen can show."""
        asked = request.headers.get("if-none-match")

        def thinned(_: Identity, served: Served) -> ASGIResponse:
            return _map_answer(served, points, asked, settings)

        return await service.work(request, thinned)

    @get(
        "/v1/map/{row:int}",
        operation_class=documented(answers={200: TrackLine}, errors=(404, 409, 422)),
    )
    async def point(
        request: Request[Any, Any, Any],
        row: FromPath[int],
        generation: Annotated[int | None, QueryParameter(ge=0)] = None,
    ) -> ASGIResponse:
        """Name the track of a point."""

        def named(_: Identity, served: Served) -> ASGIResponse:
            return json_answer(_line_at(served, row, generation))

        return await service.work(request, named)

    return [whole_map, point]


def _line_at(served: Served, row: int, generation: int | None) -> TrackLine:
    """Return the track of a row of the map of a model; ConflictError where that is another."""
    if generation is not None and generation != served.generation:
        raise ConflictError(
            f"the map is of generation {generation}, and the model of "
            f"{served.generation} by now: load the map again"
        )
    if not 0 <= row < len(served.bundle.index):
        raise NotFoundError(f"the map has no row {row}")
    return line_of(served.bundle, row)


def _map_answer(
    served: Served, points: int, asked: str | None, settings: ServingSettings
) -> ASGIResponse:
    etag = f'"{served.etag}-{points}"'
    headers = {"etag": etag, "cache-control": _MAP_CACHE}
    if asked == etag:
        return raw_answer(b"", status=304, headers=headers)
    whole = points == settings.map_points
    return raw_answer(served.whole_map if whole else served.map_of(points), headers=headers)
