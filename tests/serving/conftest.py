"""A service in this process, over a small trained model and a store of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from moodtune.artifacts import save_bundle
from moodtune.pipeline import train
from moodtune.samples import SampleSettings, write_samples
from moodtune.serving.access import rules_of
from moodtune.serving.app import create_app
from moodtune.serving.models import Models
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Store

HOST = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> Path:
    """The directory of a model over a thousand synthetic tracks, trained without a report."""
    folder = tmp_path_factory.mktemp("served")
    tables = write_samples(folder / "input", SampleSettings(tracks=1000, listeners=200))
    save_bundle(train(tables.tracks, tables.listeners).bundle, folder / "model")
    return folder / "model"


@pytest.fixture(scope="session")
def models(model) -> Models:
    """The small model, with all that a service makes of it."""
    return Models(model, ServingSettings(), generation=3)


@dataclass(frozen=True)
class Running:
    """A service: its application, and its store."""

    app: Any
    store: Store

    def client(self, *, token: str | None = None, base: str = HOST, peer: str = "127.0.0.1"):
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(app=self.app, client=(peer, 4321))
        return SyncClient(httpx.AsyncClient(transport=transport, base_url=base, headers=headers))

    def token(self, listener: str, *, admin: bool = False) -> str:
        return self.store.new_token(listener, admin, datetime.now(UTC)).secret


class SyncClient:
    """An asynchronous client, asked one thing at a time."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.inner = client

    def __getattr__(self, name: str) -> Callable[..., httpx.Response]:
        def ask(*args: Any, **kwargs: Any) -> httpx.Response:
            import asyncio

            return asyncio.run(getattr(self.inner, name)(*args, **kwargs))

        return ask


@pytest.fixture
def serve(models, tmp_path) -> Iterator[Callable[..., Running]]:
    """Return a function that makes a service; ``tokens`` are listeners who get one first."""
    opened: list[Running] = []

    def start(
        *,
        host: str = "127.0.0.1",
        hosts: tuple[str, ...] = (),
        proxies: tuple[str, ...] = (),
        with_tokens: bool = False,
        **settings: Any,
    ) -> Running:
        chosen = msgspec.convert(settings, ServingSettings)
        store = Store.open(f"sqlite:///{tmp_path / f'store{len(opened)}.sqlite3'}", chosen)
        if with_tokens:
            store.new_token("somebody", False, datetime.now(UTC))
        app = create_app(
            models=models,
            store=store,
            rules=rules_of(host, hosts, proxies),
            settings=chosen,
            host=host,
        )
        opened.append(Running(app=app, store=store))
        return opened[-1]

    yield start
    for running in opened:
        running.app.stop()
        running.store.close()


@pytest.fixture
def local(serve) -> SyncClient:
    """A client of a service without tokens."""
    return serve().client()
