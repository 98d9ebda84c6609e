"""A ``moodtune serve`` of our own, over a store of listeners who have a past."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import psutil

from moodtune.preferences.events import FeedbackEvent
from moodtune.seeding import derive
from moodtune.serving.run_directory import RunDirectory
from moodtune.serving.store import Store

#: Listeners from one without a past to one with nearly ``EVENTS`` and ``SHOWN``, evenly between.
LISTENERS, EVENTS, SHOWN, DAYS = 100, 100, 300, 10
#: Of a listener's events.
ACTIONS = ("like",) * 12 + ("skip",) * 7 + ("ban",)
#: One client stands for all: what each may ask is raised, and still counted.
SETTINGS = "rate = 100000\nburst = 1000000\nconnections_per_address = 2000\n"
_MB = 1024 * 1024
_STOP_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A store of listeners, each with a token, feedback, and what was shown on earlier days."""

    database: str
    tokens: tuple[str, ...]


def with_a_past(
    folder: Path,
    ids: Sequence[str],
    moods: tuple[str, ...],
    *,
    most_events: int = EVENTS,
    most_shown: int = SHOWN,
) -> Past:
    """Fill a new store in ``folder``: ``LISTENERS``, one with more of a past than the other."""
    folder.mkdir(parents=True, exist_ok=True)
    database = f"sqlite:///{folder / 'store.sqlite3'}"
    store, now = Store.open(database), datetime.now(UTC)
    tokens = []
    for number in range(LISTENERS):
        listener, rng = f"listener {number}", derive(number, "a listener's past")
        tokens.append(store.new_token(listener, False, now).secret)
        events, shown = (most * number // LISTENERS for most in (most_events, most_shown))
        rows = rng.choice(len(ids), min(events + shown, len(ids)), replace=False)
        tracks = [ids[row] for row in rows.tolist()]
        for place, track in enumerate(tracks[:events]):
            event = FeedbackEvent(
                key=f"{number}-{place}",
                track_id=track,
                mood=moods[rng.integers(len(moods))],
                action=ACTIONS[place % len(ACTIONS)],
                at=(now - timedelta(hours=12 * place)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            )
            store.add_feedback(listener, event)
        for day in range(DAYS):
            store.add_shown(listener, tracks[events + day :: DAYS], now - timedelta(days=day + 1))
    store.close()
    return Past(database=database, tokens=tuple(tokens))


class Running:
    """A service that runs: where it is, and what it holds in memory."""

    def __init__(self, process: "subprocess.Popen[str]", run: RunDirectory, log: Path) -> None:
        self.process = process
        self.log = log
        line = process.stdout.readline() if process.stdout else ""
        if "http://" not in line:
            raise RuntimeError(f"the service did not start:\n{log.read_text()[-2000:]}")
        self.url = line.rsplit(" ", 1)[1].strip()
        pids = {process.pid, *(state.pid for state in run.states())}
        self._processes = [psutil.Process(pid) for pid in sorted(pids)]

    def memory_mb(self) -> float:
        """Return the resident memory of all its processes; what they share counts for each."""
        return sum(process.memory_info().rss for process in self._processes) / _MB

    def cpu_s(self) -> float:
        """Return the processor time that all its processes have used."""
        return sum(sum(process.cpu_times()[:2]) for process in self._processes)


@contextmanager
def running(model: Path, past: Past, folder: Path, *, workers: int) -> Iterator[Running]:
    """Serve on loopback, at a port that is free, until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    settings, log = folder / "settings.toml", folder / "serve.log"
    settings.write_text(SETTINGS, encoding="utf-8")
    command = [
        *(sys.executable, "-m", "moodtune", "serve", "--model", model, "--port", "0"),
        *("--workers", str(workers), "--database", past.database, "--quiet"),
        *("--settings", settings, "--run-dir", folder / "run"),
    ]
    with log.open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        yield Running(process, RunDirectory(folder / "run"), log)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


class MemoryWatch:
    """Looks at a service's memory once a second while the block runs."""

    def __init__(self, service: Running, *, every_s: float = 1.0) -> None:
        self._service = service
        self._every_s = every_s
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.seen: list[tuple[float, float]] = []  # seconds since the beginning, MB

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.is_set():
            self.seen.append((time.monotonic() - self._began, self._service.memory_mb()))
            self._end.wait(self._every_s)
