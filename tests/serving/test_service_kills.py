"""Acknowledged feedback survives ``kill -9`` of the service, at any moment."""

import multiprocessing
import random
import signal
import threading
import time

import httpx

from moodtune.catalog.schema import TRACK_ID
from moodtune.serving.running import ServeOptions, address_of, bind, serve_here
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Store

KILLS = 50
CLIENTS = 4
PATIENCE_S = 60


class Clients:
    """Threads that each send one event after another until it is acknowledged."""

    def __init__(self, url, tracks, mood):
        self.acknowledged, self.interrupted, self.odd = {}, 0, []
        self._url = url
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

    def await_one_more(self):
        before, until = len(self.acknowledged), time.monotonic() + PATIENCE_S
        while len(self.acknowledged) == before and time.monotonic() < until:
            time.sleep(0.001)

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
                answer = http.post(f"{self._url}/v1/feedback", json=said)
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
    """A service on a socket that outlives it, as a service manager keeps one.

    Its processes are forked from one that has imported what they need: a start takes a moment.
    """

    def __init__(self, folder, model):
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["moodtune.serving.running"])
        self._bound = bind("127.0.0.1", 0)
        self._bound.listen()
        self.url = address_of(self._bound)
        self._options = ServeOptions(
            model=str(model),
            database=f"sqlite:///{folder / 'store.sqlite3'}",
            run_directory=str(folder),
            settings=ServingSettings(feedback_events=1_000_000),
            request_log=False,
        )
        self._process = self._started()

    def _started(self):
        ready = self._context.Event()
        process = self._context.Process(
            target=serve_here,
            args=(self._options, self._bound),
            kwargs={"ready": ready.set, "among_others": False},
        )
        process.start()
        assert ready.wait(PATIENCE_S)
        return process

    def kill(self):
        self._process.kill()
        self._process.join()
        assert self._process.exitcode == -signal.SIGKILL
        self._process.close()

    def restart(self):
        self.kill()
        self._process = self._started()

    def close(self):
        self.kill()
        self._bound.close()


def test_acknowledged_feedback_survives_fifty_kills_under_load(tmp_path, model, models):
    rng = random.Random(1)
    bundle = models.current.bundle
    tracks = bundle.index.tracks[TRACK_ID].head(100).to_list()
    service = Service(tmp_path, model)
    try:
        with Clients(service.url, tracks, bundle.taxonomy.offered[0]) as clients:
            for _ in range(KILLS):
                clients.await_one_more()  # there is load when it is killed
                time.sleep(rng.uniform(0, 0.1))
                service.restart()
            clients.await_one_more()
    finally:
        service.close()
    assert clients.odd == []
    assert clients.interrupted > 0  # requests were under way when it was killed
    assert len(clients.acknowledged) > KILLS
    store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    kept = {event["key"]: event for event in store.export("local")["feedback"]}
    store.close()
    lost = {key for key, event in clients.acknowledged.items() if kept.get(key) != event}
    assert lost == set()
    # Beyond those there is at most what each client had under way at the end.
    assert len(kept) - len(clients.acknowledged) in range(CLIENTS + 1)
