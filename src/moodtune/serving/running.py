"""A service as processes: one by default, or a parent and its workers on one socket.

The parent binds, starts the workers, starts another where one has died, and passes on what it is
told: SIGTERM and SIGINT stop the service when the requests in flight are answered, SIGHUP has the
model loaded again. A worker ends when its parent does, whatever ended it.
"""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import uvicorn
import uvloop
from threadpoolctl import threadpool_limits

from moodtune.errors import MoodtuneError, StoreError, UsageError
from moodtune.serving.accepting import Acceptor
from moodtune.serving.access import Rules, rules_of
from moodtune.serving.app import create_app
from moodtune.serving.connections import Doors, bounded
from moodtune.serving.logs import EVENTS, SAID, RequestLog, set_up_logging, to_stderr
from moodtune.serving.metrics import Metrics
from moodtune.serving.models import Models
from moodtune.serving.moments import now
from moodtune.serving.run_directory import ProcessState, RunDirectory
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Store
from moodtune.serving.work import SWITCH_INTERVAL_S

_LOGGER = logging.getLogger(EVENTS)
_BACKLOG = 1024


class ServeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a service is started with."""

    model: str
    database: str | None  # None: the file in the user's data directory
    run_directory: str
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    request_log: bool = True
    settings: ServingSettings = ServingSettings()


def bind(host: str, port: int) -> socket.socket:
    """Return a socket at an address, not listening yet; UsageError where it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(f"--host {host}: there is no such address ({error.strerror})") from error
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(address)
    except OSError as error:
        found.close()
        raise UsageError(
            f"{host} port {port} cannot be listened on ({os.strerror(error.errno or 0)}): "
            "choose another with --port"
        ) from error
    return found


def address_of(bound: socket.socket) -> str:
    """Return the web address of a socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve_here(
    options: ServeOptions, bound: socket.socket, *, ready: Callable[[], None], among_others: bool
) -> None:
    """Serve in this process until it is told to stop; ``ready`` is called when it listens.

    ``among_others``: other processes take connections of the same socket, and this one stops when
    what writes to its standard input is gone.
    """
    set_up_logging()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    threadpool_limits(1)  # what a list multiplies is small, and the threads work on lists already
    settings = options.settings
    rules = rules_of(options.host, options.allowed_hosts, options.trusted_proxies)
    directory = RunDirectory(Path(options.run_directory))
    generation = directory.generation()
    store = Store.open(options.database, settings)
    try:
        metrics = Metrics()
        models = Models(Path(options.model), settings, generation=generation)
        app = create_app(
            models=models,
            store=store,
            rules=rules,
            settings=settings,
            host=options.host,
            metrics=metrics,
            log=RequestLog(to_stderr if options.request_log else None),
        )
        # What is there by now stays: a collection that looks through it holds requests up.
        gc.collect()
        gc.freeze()
        watch = _Watch(models, store, directory, metrics, settings)

        def started() -> None:
            watch.tell()
            ready()

        with _quiet_end():
            server = server_of(app, rules, settings, started=started, among_others=among_others)
            uvloop.run(_serve(server, bound, watch, among_others=among_others))
    finally:
        directory.forget(os.getpid())
        store.close()


class _Server(uvicorn.Server):
    """Says when it listens; among others it takes connections as `Acceptor` does."""

    def __init__(
        self, config: uvicorn.Config, started: Callable[[], None], *, among_others: bool
    ) -> None:
        super().__init__(config)
        self._say_started = started
        self._among_others = among_others
        self._acceptors: list[Acceptor] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([] if self._among_others else sockets)
        if self._among_others:
            self._acceptors = [self._acceptor(each) for each in sockets or []]
        if self.started:
            self._say_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for acceptor in self._acceptors:
            await acceptor.close()
        await super().shutdown(sockets)

    def _acceptor(self, bound: socket.socket) -> Acceptor:
        bound.listen(self.config.backlog)
        return Acceptor(bound, self._protocol, lambda: len(self.server_state.connections))

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        made: asyncio.Protocol = make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made


def server_of(
    app: Any,
    rules: Rules,
    settings: ServingSettings,
    *,
    started: Callable[[], None] = lambda: None,
    among_others: bool = False,
) -> uvicorn.Server:
    """Return what serves an application on a socket, within the settings' bounds.

    ``started`` is called when it listens. ``among_others``: other processes take connections of
    the same socket.
    """
    return _Server(
        uvicorn.Config(
            app,
            http=bounded(Doors(rules, settings)),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=_BACKLOG,
            timeout_keep_alive=int(settings.idle_s),
            timeout_graceful_shutdown=int(settings.stop_s),
        ),
        started,
        among_others=among_others,
    )


class _Watch:
    """Loads the model again when another generation is asked for, and prunes the store daily."""

    def __init__(
        self,
        models: Models,
        store: Store,
        directory: RunDirectory,
        metrics: Metrics,
        settings: ServingSettings,
    ) -> None:
        self.directory = directory
        self._models = models
        self._store = store
        self._pruned: date | None = None
        self._metrics = metrics
        self._watch_s = settings.watch_s
        self._asked = models.current.generation
        self._problem: str | None = None
        self._told: ProcessState | None = None

    def tell(self) -> None:
        """Say what this process serves, where that has changed."""
        state = ProcessState(
            pid=os.getpid(),
            asked=self._asked,
            serving=self._models.current.generation,
            problem=self._problem,
        )
        if state != self._told:
            self.directory.tell(state)
            self._told = state

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._watch_s)
            if (today := now().date()) != self._pruned:
                self._pruned = today
                await asyncio.to_thread(self._prune, today)
            try:
                await self._follow()
            except OSError as error:  # no descriptor is left, say: it is tried again
                said = {"why": str(error)}
                _LOGGER.warning("a new model was not looked for", extra={SAID: said})

    async def _follow(self) -> None:
        asked = self.directory.generation()
        if asked > self._asked:
            await asyncio.to_thread(self._load, asked)
        self.tell()

    def _prune(self, today: date) -> None:
        """Drop what is too old to count; every process does, and finds little after the first."""
        try:
            self._store.prune(today)
        except StoreError as error:
            _LOGGER.warning("not pruned", extra={SAID: {"why": str(error)}})

    def _load(self, asked: int) -> None:
        try:
            self._models.load(asked)
        except (MoodtuneError, OSError) as error:
            self._problem = str(error)
            self._metrics.count_refused_model()
            said = {"generation": asked, "why": str(error)}
            _LOGGER.error("model refused", extra={SAID: said})  # noqa: TRY400 -- one sentence
        else:
            self._problem = None
            self._metrics.set_generation(asked)
            _LOGGER.info("model loaded", extra={SAID: {"generation": asked}})
        self._asked = asked


async def _serve(
    server: uvicorn.Server, bound: socket.socket, watch: _Watch, *, among_others: bool
) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, watch.directory.raise_generation)
    if among_others:
        loop.add_reader(0, _stop_at_the_end, server)
    watching = asyncio.create_task(watch.run())
    try:
        await server.serve(sockets=[bound])
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def _stop_at_the_end(server: uvicorn.Server) -> None:
    if not os.read(0, 1):
        asyncio.get_running_loop().remove_reader(0)
        server.should_exit = True


class _quiet_end:  # noqa: N801 -- used like a function
    """Lets SIGTERM end a service as its own decision: uvicorn raises it again when it is done."""

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGTERM, _nothing)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._before)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: uvicorn has stopped already."""
