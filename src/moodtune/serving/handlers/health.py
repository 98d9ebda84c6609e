"""The page, and what is asked of a service by those who run it."""

from typing import Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from moodtune.serving.documenting import TEXT, Content, documented
from moodtune.serving.messages import HealthAnswer
from moodtune.serving.metrics import CONTENT_TYPE, Metrics
from moodtune.serving.models import Served
from moodtune.serving.pages import INDEX, page_answer, page_files
from moodtune.serving.service import Service, json_answer, raw_answer
from moodtune.serving.store import Identity


def health_handlers(service: Service, metrics: Metrics) -> list[HTTPRouteHandler]:
    """Return the handlers of probes and metrics."""

    @get("/healthz", operation_class=documented(answers={200: HealthAnswer}, signed_in=False))
    async def live() -> ASGIResponse:
        """Say that the process is there."""
        generation = service.models.current.generation
        return json_answer(HealthAnswer(status="ok", generation=generation))

    @get("/readyz", operation_class=documented(answers={200: HealthAnswer}, signed_in=False))
    async def ready() -> ASGIResponse:
        """Say that the model and the store can be asked."""
        await service.workers.run(service.store.ready)
        generation = service.models.current.generation
        return json_answer(HealthAnswer(status="ok", generation=generation))

    @get(
        "/metrics",
        operation_class=documented(answers={200: Content(CONTENT_TYPE, TEXT)}),
    )
    async def numbers(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Give the metrics as Prometheus reads them; an admin's, where tokens are in use."""

        def text(identity: Identity, _: Served) -> bytes:
            service.sign_in.check_admin(identity)
            return metrics.text()

        return raw_answer(await service.work(request, text), kind=CONTENT_TYPE)

    return [live, ready, numbers]


def page_handlers() -> list[HTTPRouteHandler]:
    """Return the handlers of the page's files."""
    files = page_files()

    def answer(request: Request[Any, Any, Any], name: str) -> ASGIResponse:
        return page_answer(
            files,
            name,
            known=request.headers.get("if-none-match"),
            takes_packed="gzip" in request.headers.get("accept-encoding", ""),
        )

    @get("/", include_in_schema=False)
    async def index(request: Request[Any, Any, Any]) -> ASGIResponse:
        return answer(request, INDEX)

    @get("/page/{name:path}", include_in_schema=False)
    async def file(request: Request[Any, Any, Any], name: FromPath[str]) -> ASGIResponse:
        return answer(request, name.lstrip("/"))

    return [index, file]
