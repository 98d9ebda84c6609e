"""Acknowledged feedback survives ``kill -9`` of the processes that took it, at any moment."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import httpx
import pytest

from moodtune.catalog.schema import TRACK_ID
from moodtune.serving.run_directory import RunDirectory
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Store

KILLS = 50
CLIENTS = 4
#: Every so many kills the whole service dies, parent and all, and is started again.
WHOLE = 10
PATIENCE_S = 60
SETTINGS = "feedback_events = 1000000\n"


class Clients:
    """Threads that each send one event after another until it is acknowledged."""

    def __init__(self, url, tracks, mood):
        self.acknowledged, self.interrupted, self.odd = {}, 0, []
        self.url = url
        self._tracks, self._mood = tracks, mood
        self._end, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._post, args=(i,)) for i in range(CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _post(self, client):
        number = 0
        with httpx.Client(timeout=PATIENCE_S) as http:
            while not self._end.is_set():
                number += 1
                self._until_acknowledged(http, f"{client}-{number}", number)

    def _until_acknowledged(self, http, key, number):
        said = {
            "key": key, "track_id": self._tracks[number % len(self._tracks)],
            "mood": self._mood, "action": ("like", "skip", "ban")[number % 3],
        }  # fmt: skip
        while not self._end.is_set():
            try:
                answer = http.post(f"{self.url}/v1/feedback", json=said)
            except httpx.TransportError:
                with self._lock:
                    self.interrupted += 1
                time.sleep(0.005)
                continue
            # 200: an earlier try was stored, and its acknowledgement lost with the process.
            if answer.status_code in {200, 201}:
                with self._lock:
                    self.acknowledged[key] = answer.json()
                return
            self.odd.append(answer.text)
            time.sleep(0.005)


class Service:
    """A ``moodtune serve --workers 2`` on one port, started again where it was killed."""

    def __init__(self, folder, model, port=0):
        self.run = RunDirectory(folder / "run")
        (folder / "settings.toml").write_text(SETTINGS)
        command = [
            *(sys.executable, "-m", "moodtune", "serve", "--model", model, "--port", str(port)),
            *("--workers", "2", "--quiet", "--database", f"sqlite:///{folder / 'store.sqlite3'}"),
            *("--settings", folder / "settings.toml", "--run-dir", self.run.path),
        ]
        with (folder / "stderr").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True
            )
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.process.stdout.readline())
        assert found, (folder / "stderr").read_text()
        self.url, self.port = found[0], int(found[1])

    def workers(self):
        return [state.pid for state in self.run.states()]

    def kill_one(self, rng):
        """Kill one of the workers that serve; the parent starts another."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            alive = [pid for pid in self.workers() if _is_alive(pid)]
            if alive:
                os.kill(rng.choice(alive), signal.SIGKILL)
                return
            time.sleep(0.01)
        pytest.fail("no worker came back")

    def kill_all(self):
        """Kill the parent first, so that it starts nobody, and then its workers."""
        workers = self.workers()
        self.process.kill()
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        for state in self.run.states():
            self.run.forget(state.pid)


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_acknowledged_feedback_survives_fifty_kills_under_load(tmp_path, model, models):
    rng = random.Random(1)
    bundle = models.current.bundle
    tracks = bundle.index.tracks[TRACK_ID].head(100).to_list()
    service = Service(tmp_path, model)
    try:
        with Clients(service.url, tracks, bundle.taxonomy.offered[0]) as clients:
            for number in range(1, KILLS + 1):
                before = len(clients.acknowledged)
                until = time.monotonic() + PATIENCE_S
                while len(clients.acknowledged) == before and time.monotonic() < until:
                    time.sleep(0.001)  # there is load when it is killed
                time.sleep(rng.uniform(0, 0.3))
                if number % WHOLE:
                    service.kill_one(rng)
                else:
                    service.kill_all()
                    service = Service(tmp_path, model, service.port)
    finally:
        service.kill_all()
    assert clients.odd == []
    assert clients.interrupted > 0  # requests were under way when it was killed
    assert len(clients.acknowledged) > KILLS
    store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}", ServingSettings())
    kept = {event["key"]: event for event in store.export("local")["feedback"]}
    store.close()
    lost = {key for key, event in clients.acknowledged.items() if kept.get(key) != event}
    assert lost == set()
    # Beyond those there is at most what each client had under way at the end.
    assert len(kept) - len(clients.acknowledged) in range(CLIENTS + 1)
