"""The command as it is run: one process and several, told to load again, killed, and stopped."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Self

import httpx
import pytest

from moodtune.serving.run_directory import ProcessState, RunDirectory, reload_model
from moodtune.serving.running import bind
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Store

ANYWHERE = "0.0.0.0"  # noqa: S104 -- what must not be listened on


class Served:
    """A ``moodtune serve`` of our own, and what it said."""

    def __init__(self, folder: Path, model: Path, *options: str) -> None:
        self.folder, self.run = folder, RunDirectory(folder / "run")
        with (folder / "stderr").open("wb") as log:
            self.process = self._start(model, options, log)
        self.said = self.process.stdout.readline()
        found = re.search(r"http://\S+", self.said)
        assert found, self.log()
        self.url = found[0]

    def _start(
        self, model: Path, options: tuple[str, ...], log: IO[bytes]
    ) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [
                sys.executable, "-m", "moodtune", "serve", "--model", model, "--port", "0",
                "--database", f"sqlite:///{self.folder / 'store.sqlite3'}", "--run-dir", self.run.path, *options,
            ],
            stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", int(self.url.rsplit(":", 1)[1])

    def log(self) -> str:
        return (self.folder / "stderr").read_text()

    def pids(self) -> list[int]:
        return [state.pid for state in self.run.states()]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def serving(tmp_path, model):
    """Return a function that starts a service over a model of its own."""
    started = []
    own = tmp_path / "model"
    shutil.copytree(model, own)

    def start(*options: str) -> Served:
        started.append(Served(tmp_path, own, *options))
        return started[-1]

    start.model = own
    yield start
    for served in started:
        if served.process.poll() is None:
            served.stop(signal.SIGKILL)
        served.process.stdout.close()


class Load:
    """Clients that ask without a pause, each on a connection of its own, and count what they get."""

    def __init__(self, url: str, clients: int = 4) -> None:
        self.seen: Counter[str] = Counter()
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(url, i)) for i in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, url: str, seed: int) -> None:
        with httpx.Client(base_url=url, timeout=30) as client:
            while not self._end.is_set():
                seed += 10
                try:
                    answer = client.post(
                        "/v1/recommendations", json={"mood": "relax", "seed": seed}
                    )
                except httpx.TransportError as error:
                    self.seen[type(error).__name__] += 1
                else:
                    self.seen[str(answer.status_code)] += 1


def test_two_processes_load_a_new_model_and_refuse_a_broken_one_without_failing_a_request(
    serving, moodtune
):
    served = serving("--workers", "2", "--quiet")
    assert len(served.pids()) == 2
    with Load(served.url) as load:
        said = moodtune("reload", "--run-dir", served.run.path)
        assert (said.status, said.stderr) == (0, "")
        assert {state.serving for state in served.run.states()} == {2}
        assert said.stdout == "2 processes serve generation 2 of the model\n"

        # Replaced by a rename, as train does, and broken.
        aside = serving.model.with_name("aside")
        shutil.copytree(serving.model, aside)
        (aside / "song_model.npy").write_bytes(b"nothing")
        serving.model.rename(serving.model.with_name("old"))
        aside.rename(serving.model)
        refused = moodtune("reload", "--run-dir", served.run.path)
        assert refused.status == 5
        assert re.fullmatch(
            r"moodtune: .*song_model\.npy is damaged: .*; the model that was there is still served\n",
            refused.stderr,
        )
        assert {state.serving for state in served.run.states()} == {2}

        shutil.rmtree(serving.model)
        serving.model.with_name("old").rename(serving.model)
        os.kill(served.process.pid, signal.SIGHUP)
        until = time.monotonic() + 60
        while {s.serving for s in served.run.states()} != {4} and time.monotonic() < until:
            time.sleep(0.05)
    assert {state.serving for state in served.run.states()} == {4}
    assert load.seen.keys() == {"200"}
    assert served.stop() == 0
    assert [json.loads(line)["event"] for line in served.log().splitlines()] == [
        *["model loaded"] * 2, *["model refused"] * 2, *["model loaded"] * 2,
    ]  # fmt: skip
    assert served.run.states() == []


def test_what_was_shown_too_long_ago_goes_when_the_service_runs(serving, tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    now = datetime.now(UTC)
    days = ServingSettings().shown_days
    for at in (now, now - timedelta(days=days - 1), now - timedelta(days=days + 2)):
        store.add_shown("local", ["t1"], at)

    def days_ago() -> list[int]:
        shown = store.export("local")["shown"]
        return sorted((now.date() - date.fromisoformat(row["day"])).days for row in shown)

    assert days_ago() == [0, days - 1, days + 2]
    serving("--quiet")
    until = time.monotonic() + 60
    while len(days_ago()) > 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert days_ago() == [0, days - 1]
    store.close()


def test_a_worker_that_dies_is_replaced_and_all_end_with_their_parent(serving):
    served = serving("--workers", "2", "--quiet")
    first, second = served.pids()
    os.kill(first, signal.SIGKILL)
    until = time.monotonic() + 60
    while (len(served.pids()) < 2 or first in served.pids()) and time.monotonic() < until:
        time.sleep(0.05)
    pids = served.pids()
    assert (len(pids), first in pids, second in pids) == (2, False, True)
    for _ in range(12):
        httpx.get(f"{served.url}/v1/moods")  # a connection each: either process may take it
    metrics = httpx.get(f"{served.url}/metrics").text
    assert "moodtune_model_generation 1.0" in metrics
    counted = 'moodtune_request_seconds_count{method="GET",route="/v1/moods",status="200"} 12.0'
    assert counted in metrics
    served.process.kill()
    served.process.wait()
    until = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def sockets(pid: int) -> int:
    """Count the sockets that a process has open."""
    found = 0
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since
            found += str(entry.readlink()).startswith("socket:")
    return found


def test_what_keeps_a_process_from_looking_for_a_model_is_said_and_passes(serving):
    served = serving()
    odd = served.run.path / "generation"
    kept = odd.rename(served.folder / "kept")
    odd.mkdir()  # it cannot be read, as where no descriptor is left
    until = time.monotonic() + 30
    while "a new model was not looked for" not in served.log() and time.monotonic() < until:
        time.sleep(0.05)
    odd.rmdir()
    kept.rename(odd)
    asked = served.run.raise_generation()
    while served.run.states()[0].serving < asked and time.monotonic() < until:
        time.sleep(0.05)
    assert served.run.states()[0].serving == asked
    assert served.stop() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc for what a process has open")
def test_connections_that_come_at_once_are_shared_by_all_processes(serving):
    served = serving("--workers", "2", "--quiet")
    pids = served.pids()
    idle = [sockets(pid) for pid in pids]
    with contextlib.ExitStack() as open_:
        for _ in range(40):
            open_.enter_context(socket.create_connection(served.address, timeout=10))
        until = time.monotonic() + 30
        while sum(map(sockets, pids)) < sum(idle) + 40 and time.monotonic() < until:
            time.sleep(0.01)
        shares = [sockets(pid) - before for pid, before in zip(pids, idle, strict=True)]
    assert sum(shares) == 40
    assert min(shares) >= 5  # else one of the two takes nearly all, or all


def test_a_process_that_hangs_keeps_nobody_waiting_who_comes_later(serving):
    served = serving("--workers", "2", "--quiet")
    hanging = served.pids()[0]
    os.kill(hanging, signal.SIGSTOP)
    try:
        answers = [httpx.get(f"{served.url}/v1/moods", timeout=10).status_code for _ in range(20)]
    finally:
        os.kill(hanging, signal.SIGCONT)
    assert answers == [200] * 20


def test_what_was_sent_to_several_processes_is_answered_before_they_stop(serving):
    served = serving("--workers", "2", "--quiet")
    head = b"GET /v1/moods HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with contextlib.ExitStack() as open_:
        clients = [
            open_.enter_context(socket.create_connection(served.address, timeout=30))
            for _ in range(60)
        ]
        for client in clients:
            client.sendall(head)
        began = time.monotonic()
        assert served.stop() == 0
        assert time.monotonic() - began < ServingSettings().stop_s / 2
        answers = [client.recv(12) for client in clients]
    assert answers == [b"HTTP/1.1 200"] * 60


def test_what_has_begun_is_answered_before_it_stops(serving):
    served = serving()
    assert re.fullmatch(
        rf"Moodtune serves {serving.model} at http://127\.0\.0\.1:\d+\n", served.said
    )
    assert httpx.get(f"{served.url}/readyz").json() == {"status": "ok", "generation": 1}
    with Load(served.url, clients=2) as load:
        while load.seen["200"] < 5:
            time.sleep(0.01)
        assert served.stop(signal.SIGINT) == 0
    # Until it stopped all was answered; afterwards nobody was there.
    assert load.seen.keys() - {"200"} <= {"ConnectError", "RemoteProtocolError", "ReadError"}
    events = [json.loads(line) for line in served.log().splitlines()]
    said = {"at", "level", "event", "method", "route", "status", "ms", "request_id"}
    assert all(event.keys() == said and event["event"] == "request" for event in events)


# --- what cannot be started ----------------------------------------------------------------------


@pytest.fixture
def start(moodtune, model, tmp_path):
    """Run ``moodtune serve`` in this process, with what keeps it from starting."""

    def run(*options: str, model=model):
        database = (
            () if "--database" in options else ("--database", f"sqlite:///{tmp_path}/s.sqlite3")
        )
        return moodtune(
            "serve",
            "--model",
            model,
            "--port",
            "0",
            "--run-dir",
            tmp_path / "run",
            *database,
            *options,
        )

    return run


def test_a_port_that_is_taken_is_said_in_one_sentence(start):
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        ended = start("--port", port)
    assert (ended.status, ended.stderr) == (
        2, f"moodtune: 127.0.0.1 port {port} cannot be listened on (Address already in use): choose another with --port\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [
        (["--host", "192.0.2.1"], 2, "192.0.2.1 port 0 cannot be listened on"),
        (["--host", ANYWHERE], 2, f"{ANYWHERE} is no loopback address, and without tokens the service is for this machine alone"),
        (["--allowed-host", "a.example"], 2, "--allowed-host and --trusted-proxy are for a service with tokens"),
        (["--trusted-proxy", "nobody"], 2, "--trusted-proxy: expected an address or a network"),
        (["--database", "mysql://x"], 2, "the store's address must be sqlite:///FILE or postgresql+psycopg://"),
        (["--settings", "none.toml"], 1, "none.toml: No such file or directory"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_said_in_one_sentence(start, options, status, sentence):
    ended = start(*options)
    assert ended.status == status
    assert ended.stderr.startswith(f"moodtune: {sentence}")
    assert ended.stderr.count("\n") == 1


def test_a_model_that_is_not_there_is_said_in_one_sentence(start, tmp_path):
    ended = start(model=tmp_path / "none")
    assert (ended.status, ended.stderr.count("\n")) == (5, 1)


def test_settings_come_from_a_file_and_name_the_nearest_key(start, tmp_path):
    (tmp_path / "s.toml").write_text("brust = 3\n")
    ended = start("--settings", tmp_path / "s.toml")
    assert (ended.status, ended.stderr) == (
        2,
        "moodtune: s.toml: no setting is called brust; did you mean burst?\n",
    )


def test_two_services_do_not_share_a_run_directory(start, tmp_path):
    with RunDirectory(tmp_path / "run").held():
        ended = start()
    assert (ended.status, ended.stderr) == (
        2, f"moodtune: another service runs from {tmp_path / 'run'}: stop it, or give this one a --run-dir of its own\n",
    )  # fmt: skip


# --- reload and tokens ---------------------------------------------------------------------------


def test_reload_without_a_service_says_so(moodtune, tmp_path):
    for path in (tmp_path / "none", tmp_path):
        ended = moodtune("reload", "--run-dir", path)
        assert (ended.status, ended.stderr) == (
            2, f"moodtune: no service runs from {path}: start one with moodtune serve, or name its --run-dir\n",
        )  # fmt: skip


def test_reload_waits_for_every_process_and_no_longer_than_it_may(tmp_path):
    directory = RunDirectory(tmp_path)
    with directory.held():
        directory.tell(ProcessState(pid=1, asked=9, serving=9))
        directory.tell(ProcessState(pid=2, asked=0, serving=0))
        with pytest.raises(Exception, match=r"did not load the model within 0\.2 seconds"):
            reload_model(directory, within_s=0.2)
        directory.tell(ProcessState(pid=2, asked=9, serving=9))
        assert len(reload_model(directory, within_s=5)) == 2


def test_generations_that_are_asked_for_at_once_are_each_their_own(tmp_path):
    directory = RunDirectory(tmp_path)
    numbers = []
    threads = [
        threading.Thread(target=lambda: numbers.append(directory.raise_generation()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 9))


def test_tokens_are_made_listed_and_revoked(moodtune, tmp_path):
    database = ("--database", f"sqlite:///{tmp_path}/s.sqlite3")
    made = moodtune("token", "new", "--listener", "ada", "--admin", *database)
    assert re.fullmatch(r"mt_[0-9A-Za-z_-]{43}\n", made.stdout)
    listed = moodtune("token", "list", *database).stdout
    assert re.fullmatch(r"1  ada  \S+Z  admin\n", listed)
    assert made.stdout.strip() not in listed
    assert moodtune("token", "revoke", "1", *database).stdout == "Token 1 is revoked.\n"
    again = moodtune("token", "revoke", "1", *database)
    assert (again.status, again.stderr) == (
        2,
        "moodtune: there is no token 1; moodtune token list names them\n",
    )


def test_listeners_are_listed_exported_and_forgotten(moodtune, tmp_path):
    database = ("--database", f"sqlite:///{tmp_path}/s.sqlite3")
    for name in ("bob", "Zoë", "ada"):
        moodtune("token", "new", "--listener", name, *database)
    assert moodtune("listener", "list", *database).stdout == "Zoë\nada\nbob\n"
    told = json.loads(moodtune("listener", "export", "Zoë", *database).stdout)
    assert (told["listener"], len(told["tokens"])) == ("Zoë", 1)
    gone = moodtune("listener", "forget", "Zoë", *database)
    assert (gone.status, gone.stdout) == (0, "Everything of 'Zoë' is removed.\n")
    assert moodtune("listener", "list", *database).stdout == "ada\nbob\n"


@pytest.mark.parametrize("verb", ["export", "forget"])
def test_a_misspelt_listener_is_refused_and_not_made(moodtune, tmp_path, verb):
    database = ("--database", f"sqlite:///{tmp_path}/s.sqlite3")
    moodtune("token", "new", "--listener", "ada", *database)
    refused = moodtune("listener", verb, "adda", *database)
    assert (refused.status, refused.stdout, refused.stderr) == (
        2,
        "",
        "moodtune: no listener is called 'adda'; moodtune listener list names them\n",
    )
    assert moodtune("listener", "list", *database).stdout == "ada\n"


def test_serving_imports_nothing_that_only_training_needs(model, tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from moodtune.serving import running, parent\n"
        "from moodtune.serving.models import Models\n"
        "from moodtune.serving.settings import ServingSettings\n"
        f"Models(Path({str(model)!r}), ServingSettings(), generation=1)\n"
        "print([m for m in ('sklearn', 'scipy', 'pandas', 'matplotlib') if m in sys.modules])\n"
    )
    with contextlib.chdir(tmp_path):
        said = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
    assert said.stdout == "[]\n"
