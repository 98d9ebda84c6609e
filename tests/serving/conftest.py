"""Services over one small trained model: in this process, and on a real socket."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn
import uvloop

from moodtune.artifacts import save_bundle
from moodtune.config import Settings
from moodtune.moods.listener_model import ListenerModelSettings
from moodtune.pipeline import train
from moodtune.samples import SampleSettings, write_samples
from moodtune.serving.access import rules_of
from moodtune.serving.app import create_app
from moodtune.serving.logs import RequestLog
from moodtune.serving.models import Models
from moodtune.serving.perimeter import Perimeter
from moodtune.serving.running import bind, server_of
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Store

#: What nobody asks of the model here is not validated five times over.
QUICK = Settings(listener_model=ListenerModelSettings(folds=2, repeats=1))
HOST = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> Path:
    """The directory of a model over a thousand synthetic tracks, trained without a report."""
    folder = tmp_path_factory.mktemp("served")
    tables = write_samples(folder / "input", SampleSettings(tracks=1000, listeners=200))
    save_bundle(train(tables.tracks, tables.listeners, QUICK).bundle, folder / "model")
    return folder / "model"


@pytest.fixture(scope="session")
def models(model) -> Models:
    """The small model, with all that a service makes of it."""
    return Models(model, ServingSettings(), generation=3)


class Client:
    """An asynchronous client, asked one thing at a time."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    def __getattr__(self, verb: str) -> Callable[..., httpx.Response]:
        def ask(*args: Any, **kwargs: Any) -> httpx.Response:
            return asyncio.run(getattr(self._client, verb)(*args, **kwargs))

        return ask


@dataclass(frozen=True)
class Service:
    """A service: its application, its store, and what it logs."""

    app: Perimeter
    store: Store
    log: list[bytes]

    def client(
        self,
        token: str | None = None,
        *,
        base: str = HOST,
        peer: str = "127.0.0.1",
        **headers: str,
    ) -> Client:
        transport = httpx.ASGITransport(app=self.app, client=(peer, 4321))
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            said["authorization"] = f"Bearer {token}"
        return Client(httpx.AsyncClient(transport=transport, base_url=base, headers=said))

    def token(self, listener: str, *, admin: bool = False) -> str:
        return self.store.new_token(listener, admin, datetime.now(UTC)).secret


Start = Callable[..., Service]


@contextmanager
def services(models: Models, folder: Path) -> Iterator[Start]:
    """Yield a function that makes a service; ``tokens``: they are in use from the start."""
    made: list[Service] = []

    def start(
        *,
        host: str = "127.0.0.1",
        hosts: tuple[str, ...] = (),
        proxies: tuple[str, ...] = (),
        tokens: bool = False,
        model: Models = models,
        **settings: Any,
    ) -> Service:
        chosen = msgspec.convert(settings, ServingSettings)
        store = Store.open(f"sqlite:///{folder / f'store{len(made)}.sqlite3'}", chosen)
        if tokens:
            store.new_token("somebody", False, datetime.now(UTC))
        log: list[bytes] = []
        app = create_app(
            models=model,
            store=store,
            rules=rules_of(host, hosts, proxies),
            settings=chosen,
            host=host,
            log=RequestLog(log.append),
        )
        made.append(Service(app=app, store=store, log=log))
        return made[-1]

    yield start
    for service in made:
        service.app.stop()
        service.store.close()


@pytest.fixture
def serve(models, tmp_path) -> Iterator[Start]:
    """Return a function that makes a service; see `services`."""
    with services(models, tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def shared(models, tmp_path_factory) -> Iterator[tuple[Service, Service]]:
    """A service without tokens and one with, for tests that leave nothing behind."""
    with services(models, tmp_path_factory.mktemp("shared")) as start:
        yield start(), start(tokens=True, rate=0, failed_rate=0)


@pytest.fixture
def local(shared) -> Client:
    """A client of a service without tokens, of whose listener nothing is stored."""
    shared[0].store.forget("local")
    return shared[0].client()


@dataclass(frozen=True)
class Live:
    """A service on a real socket, served by a thread of this process."""

    service: Service
    port: int
    server: uvicorn.Server
    opened: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        self.opened.append(socket.create_connection(("127.0.0.1", self.port), timeout=10))
        return self.opened[-1]


@pytest.fixture
def live(serve) -> Iterator[Callable[..., Live]]:
    """Return a function that serves on a real socket; ``model`` is served instead of the small one."""
    running: list[tuple[Live, threading.Thread]] = []

    def start(*, model: Models | None = None, **settings: Any) -> Live:
        service = serve(**settings, **({} if model is None else {"model": model}))
        chosen = msgspec.convert(settings, ServingSettings)
        bound = bind("127.0.0.1", 0)
        server = server_of(service.app, rules_of("127.0.0.1", (), ()), chosen)
        found = Live(service, bound.getsockname()[1], server)
        thread = threading.Thread(target=lambda: uvloop.run(server.serve(sockets=[bound])))
        thread.start()
        running.append((found, thread))
        while not server.started:
            time.sleep(0.01)
        return found

    yield start
    for found, thread in running:
        for connection in found.opened:
            connection.close()
        found.server.should_exit = True
        thread.join()
