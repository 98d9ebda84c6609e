"""The parent of several workers on one socket."""

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from moodtune.serving.logs import EVENTS, SAID, set_up_logging
from moodtune.serving.run_directory import RunDirectory
from moodtune.serving.running import ServeOptions

_LOGGER = logging.getLogger(EVENTS)
#: Names the socket in a worker's environment.
SOCKET = "MOODTUNE_SOCKET"
_MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
_LOOK_S = 0.05
#: A worker that has died so soon after its start is not started again at once.
_SOON_S, _MOST_WAIT_S = 5.0, 30.0


class WorkerFailedError(SystemExit):
    """A worker could not start; it has said why, and the parent ends as it did."""


class Parent:
    """Workers that are kept alive."""

    def __init__(self, options: ServeOptions, bound: socket.socket, metrics: Path) -> None:
        self._options = options
        self._bound = bound
        self._directory = RunDirectory(Path(options.run_directory))
        self._environment = os.environ | {
            SOCKET: str(bound.fileno()),
            _MULTIPROCESS: str(metrics),
        }
        self._metrics = metrics
        self._workers: list[_Worker] = []
        self._stopping = False
        self._wait_s = 0.0

    def run(self, ready: Callable[[], None]) -> None:
        """Keep the workers running until the service is told to stop."""
        self._listen_to_signals()
        try:
            # The first alone: it migrates the store, and says what is wrong once for all.
            for batch in (1, self._options.workers - 1):
                self._await([self._start() for _ in range(batch)])
            if not self._stopping:
                ready()
            while not self._stopping:
                time.sleep(_LOOK_S)
                self._replace_the_dead()
        finally:
            self._stop()

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(self, "_stopping", True))
        signal.signal(signal.SIGHUP, lambda *_: self._directory.raise_generation())

    def _start(self) -> "_Worker":
        process = subprocess.Popen(
            [sys.executable, "-m", "moodtune", "serve-process"],
            stdin=subprocess.PIPE,
            env=self._environment,
            pass_fds=(self._bound.fileno(),),
        )
        worker = _Worker(process)
        self._workers.append(worker)
        worker.give(self._options)
        return worker

    def _await(self, workers: "list[_Worker]") -> None:
        """Wait until workers have their model; WorkerFailedError where one ends before."""
        waiting = {worker.pid for worker in workers}
        while waiting and not self._stopping:
            for worker in workers:
                if (status := worker.ended()) is not None:
                    raise WorkerFailedError(status)
            waiting -= {state.pid for state in self._directory.states()}
            time.sleep(_LOOK_S)

    def _replace_the_dead(self) -> None:
        for worker in [w for w in self._workers if w.ended() is not None]:
            self._workers.remove(worker)
            self._directory.forget(worker.pid)
            _forget_metrics(self._metrics, worker.pid)
            said = {"pid": worker.pid, "status": worker.ended()}
            _LOGGER.error("worker ended", extra={SAID: said})
            soon = worker.age_s < _SOON_S
            self._wait_s = min(max(self._wait_s * 2, 1.0), _MOST_WAIT_S) if soon else 0.0
            self._pause()
            if not self._stopping:
                self._start()

    def _pause(self) -> None:
        until = time.monotonic() + self._wait_s
        while time.monotonic() < until and not self._stopping:
            time.sleep(_LOOK_S)

    def _stop(self) -> None:
        """Let every worker finish what it has begun, and end."""
        for worker in self._workers:
            worker.terminate()
        until = time.monotonic() + self._options.settings.stop_s + _SOON_S
        for worker in self._workers:
            worker.wait(max(until - time.monotonic(), 0))


class _Worker:
    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._began = time.monotonic()
        self.pid = process.pid

    @property
    def age_s(self) -> float:
        return time.monotonic() - self._began

    def give(self, options: ServeOptions) -> None:
        """Say what to serve, on standard input, which then stays open for as long as we live."""
        if self._process.stdin is not None:
            self._process.stdin.write(msgspec.json.encode(options) + b"\n")
            self._process.stdin.flush()

    def ended(self) -> int | None:
        return self._process.poll()

    def terminate(self) -> None:
        self._process.terminate()

    def wait(self, within_s: float) -> None:
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _forget_metrics(folder: Path, pid: int) -> None:
    """Remove the gauges of a process that has ended; its counts stay in the sums."""
    for path in folder.glob(f"gauge_live*_{pid}.db"):
        path.unlink(missing_ok=True)


def serve_with_workers(
    options: ServeOptions, bound: socket.socket, ready: Callable[[], None]
) -> None:
    """Serve with several processes until the service is told to stop."""
    set_up_logging()
    metrics = Path(options.run_directory) / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir()
    try:
        Parent(options, bound, metrics).run(ready)
    finally:
        shutil.rmtree(metrics, ignore_errors=True)
