"""The service under load, under slow clients, and under bodies that nobody would send.

    python benchmarks/service.py --model DIR [--workers 1] [--only steady,full,slow,bodies,memory]

Needs ``wrk`` (https://github.com/wg/wrk; Debian has it), which runs on the same machine. Every
request is another query, by one of 200 listeners of whom feedback and shown lists are stored; what
is listed is stored too. Nothing is cached.

    steady   150 requests a second that come at random times: median and 99th percentile
    full     as many as can be: requests a second over --seconds, errors
    slow     steady again, beside 200 clients that send a byte a second, in heads and in bodies
    bodies   10,000 bodies, half of them valid and extreme, 16 at once: statuses, the slowest
    memory   resident memory before and after --requests requests
    outside  processor time of a request outside ``recommend``

Prints a table, and ends with 1 if a bar of it is missed.
"""

import argparse
import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil

from moodtune.artifacts import load_bundle
from moodtune.preferences.events import FeedbackEvent
from moodtune.seeding import derive
from moodtune.serving.store import Store

LUA = Path(__file__).with_name("service.lua")
LISTENERS, EVENTS, DAYS, LISTED = 200, 30, 20, 10
STEADY_RATE, STEADY_CONNECTIONS = 150, 48
SLOW_CLIENTS = 200
BODIES, AT_ONCE = 10_000, 16
MOODS = (
    "happy", "uplifting", "party", "motivating", "fun", "relax", "calm", "deep", "melancholy",
)  # fmt: skip
#: What the schema allows at its edges.
EDGES: dict[str, list[object]] = {
    "n": [1, 64, 65, 500],
    "artist_cap": [1, 500],
    "artist_gap": [1, 50, 500],
    "diversity": [0.01, 0.5, 1],
    "minutes": [0.001, 3, 60, 1440],
    "year": [[0, 9999], [2026, 1900], [1999, 1999]],
    "tempo": [[0, 1000], [120, 120.001]],
    "max_popularity": [0, 1e-9, 100],
    "no_explicit": [True],
    "seed": [0, -(2**53), 2**53],
    "genres": [["pop"], ["pop", "metal"] * 40, ["x" * 500], [""]],
    "not_genres": [["pop"], ["pop", "rock"] * 1000],
    "exclude": [["id"], [f"id{i}" for i in range(2000)]],
    "exclude_songs": [[["a", "b"]], [["a" * 400, "b;c;" * 90]] * 60],
    "likes": [[], ["id"], [f"id{i}" for i in range(1500)]],
    "today": ["0001-01-01", "9999-12-31", "2026-11-23"],
}
PARTS = ("steady", "full", "slow", "bodies", "memory", "outside")


@dataclass(frozen=True)
class Stage:
    """A running service, and what its load is made from."""

    url: str
    folder: Path
    process: subprocess.Popen
    tokens: list[str]

    def processes(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def memory_mb(self) -> float:
        return sum(p.memory_info().rss for p in self.processes()) / 1e6

    def cpu_s(self) -> float:
        return sum(sum(p.cpu_times()[:2]) for p in self.processes())


@contextmanager
def served(model: Path, workers: int, threads: int) -> Iterator[Stage]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        bundle = load_bundle(model)
        database = f"sqlite:///{folder / 'store.sqlite3'}"
        tokens = fill(database, bundle.tracks["track_id"].to_list(), bundle.taxonomy.offered)
        (folder / "tokens").write_text("\n".join(tokens) + "\n")
        genres = bundle.index.columns.genres.names or ("any",)
        (folder / "genres").write_text("\n".join(g for g in genres if '"' not in g) + "\n")
        (folder / "settings.toml").write_text(f"rate = 0\nsearch_threads = {threads}\n")
        process = subprocess.Popen(
            [
                sys.executable, "-m", "moodtune", "serve", "--model", model, "--port", "0",
                "--workers", str(workers), "--database", database, "--run-dir", folder / "run",
                "--settings", folder / "settings.toml",
            ],
            stdout=subprocess.PIPE, stderr=(folder / "log").open("wb"), text=True,
        )  # fmt: skip
        try:
            said = re.search(r"http://\S+", process.stdout.readline())
            if said is None:
                raise SystemExit((folder / "log").read_text()[-2000:])
            yield Stage(said[0], folder, process, tokens)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def fill(database: str, ids: list[str], moods: tuple[str, ...]) -> list[str]:
    """Store tokens of listeners, and for each feedback and lists of the last days."""
    store, now = Store.open(database), datetime.now(UTC)
    tokens = []
    for number in range(LISTENERS):
        rng = derive(number, "listener")
        name = f"listener{number}"
        tokens.append(store.new_token(name, False, now).secret)
        for event in range(EVENTS):
            store.add_feedback(
                name,
                FeedbackEvent(
                    key=str(event),
                    track_id=ids[rng.integers(len(ids))],
                    mood=moods[rng.integers(len(moods))],
                    action="like" if event % 2 else "skip",
                    at=(now - timedelta(days=int(rng.integers(DAYS)))).isoformat(),
                ),
            )
        for day in range(1, DAYS + 1):
            listed = [ids[i] for i in rng.integers(len(ids), size=LISTED)]
            store.add_shown(name, listed, now - timedelta(days=day))
    store.close()
    return tokens


def wrk(stage: Stage, seconds: int, connections: int, rate: float) -> dict[str, float]:
    """Run the load tool; ``rate`` requests a second in all, 0 for as many as can be."""
    pause_ms = 1000 * connections / rate if rate else 0
    command = [
        "wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s",
        "-s", LUA, stage.url, "--", stage.folder / "tokens", stage.folder / "genres", "7", str(pause_ms),
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"wrk: {ended.stdout}{ended.stderr}")
    return json.loads(ended.stdout.splitlines()[-1])


def steady(stage: Stage, options: argparse.Namespace) -> bool:
    wrk(stage, 3, 8, STEADY_RATE)
    found = wrk(stage, options.seconds, STEADY_CONNECTIONS, STEADY_RATE)
    rate = found["requests"] / found["seconds"]
    print(f"| steady | {rate:.0f}/s: p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms, "
          f"{found['errors']} errors | p50 6 ms, p99 40 ms |")  # fmt: skip
    return found["p50_ms"] <= 6 and found["p99_ms"] <= 40 and not found["errors"]


def full(stage: Stage, options: argparse.Namespace) -> bool:
    found = wrk(stage, options.seconds, options.connections, 0)
    rate = found["requests"] / found["seconds"]
    print(f"| full | {rate:.0f}/s over {found['seconds']:.0f} s: p50 {found['p50_ms']} ms, "
          f"p99 {found['p99_ms']} ms, {found['errors']} errors | 500/s, no error |")  # fmt: skip
    return rate >= 500 and not found["errors"]


def slow(stage: Stage, options: argparse.Namespace) -> bool:
    """Half of the slow clients never end their heads, half never end their bodies."""
    end = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_crowd(stage.url, end)))
    thread.start()
    time.sleep(2)
    found = wrk(stage, options.seconds, STEADY_CONNECTIONS, STEADY_RATE)
    end.set()
    thread.join()
    print(f"| slow | beside {SLOW_CLIENTS} slow clients p50 {found['p50_ms']} ms, "
          f"p99 {found['p99_ms']} ms, {found['errors']} errors | p99 100 ms |")  # fmt: skip
    return found["p99_ms"] <= 100 and not found["errors"]


async def _crowd(url: str, end: threading.Event) -> None:
    host, port = url.removeprefix("http://").split(":")

    async def one(number: int) -> None:
        head = b"POST /v1/mood HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        while not end.is_set():
            try:
                _, writer = await asyncio.open_connection(host, int(port))
                writer.write(
                    head + (b"content-length: 1000\r\n\r\n" if number % 2 else b"x-slow: ")
                )
                while not end.is_set():
                    writer.write(b"a")
                    await writer.drain()
                    await asyncio.sleep(1)
                writer.close()
            except OSError:
                await asyncio.sleep(1)  # closed for being slow: it comes again

    await asyncio.gather(*(one(number) for number in range(SLOW_CLIENTS)))


def bodies(stage: Stage, _: argparse.Namespace) -> bool:
    rng = random.Random(7)  # noqa: S311 -- cases, no secrets
    numbers = iter(range(BODIES))
    statuses: Counter[int] = Counter()
    slowest = [0.0]
    lock = threading.Lock()

    def send() -> None:
        with httpx.Client(base_url=stage.url, timeout=30) as client:
            while True:
                with lock:
                    number = next(numbers, None)
                    if number is None:
                        return
                    body = extreme(rng) if number % 2 else nonsense(rng)
                    token = rng.choice(stage.tokens)
                head = {"content-type": "application/json", "authorization": f"Bearer {token}"}
                began = time.perf_counter()
                status = client.post("/v1/recommendations", content=body, headers=head).status_code
                with lock:
                    statuses[status] += 1
                    slowest[0] = max(slowest[0], time.perf_counter() - began)

    threads = [threading.Thread(target=send) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = ", ".join(f"{n:,} {status}" for status, n in sorted(statuses.items()))
    print(f"| bodies | {said}; slowest {slowest[0]:.2f} s | 2xx, 4xx or 503 within 2 s |")
    answered = all(status == 503 or 200 <= status < 500 for status in statuses)
    return answered and slowest[0] <= 2


def extreme(rng: random.Random) -> bytes:
    """A body that the schema allows, at its edges."""
    asked: list[dict[str, object]] = [
        {"mood": rng.choice(MOODS)},
        {"blend": {m: rng.choice([0, 1e-300, 1e6, rng.random()]) for m in MOODS}},
        {"profile": {"Sadness or melancholy": rng.random(), "Relaxation and stress relief": 0}},
        {
            "journey": {
                "start": rng.choice([rng.choice(MOODS), [0, 0], [1, 1]]),
                "goal": [rng.random(), 1],
                "step": rng.choice([1e-9, 0.05, 2]),
            }
        },
    ]
    body = dict(rng.choice(asked))
    for name in rng.sample(sorted(EDGES), rng.randint(0, 8)):
        body[name] = rng.choice(EDGES[name])
    return json.dumps(body).encode()


def nonsense(rng: random.Random) -> bytes:
    """A body that is not what the schema says, or no JSON at all."""
    whole = extreme(rng)
    wrong_n = rng.choice([0, -1, 501, 1e99, "10", None, [], {}])
    wrong_key = rng.choice(["listener", "path", "feedback", "x" * 30_000])
    return rng.choice(
        [
            whole[: rng.randrange(len(whole))],
            rng.randbytes(rng.randrange(200)),
            whole.replace(b":", rng.choice([b":[", b": null,", b":-", b':"'])),
            b"[" * rng.randrange(60_000),
            b'{"answers":' * rng.randrange(6_000),
            json.dumps({"mood": "relax", "n": wrong_n}).encode(),
            json.dumps({"mood": rng.choice(["", "x" * 60_000, "\x00"]), "n": 5}).encode(),
            json.dumps({wrong_key: 1, "mood": "calm"}).encode(),
            b" " * rng.randrange(70_000),
        ]
    )


def memory(stage: Stage, options: argparse.Namespace) -> bool:
    wrk(stage, 5, options.connections, 0)
    before, done, seen = stage.memory_mb(), 0, []
    while done < options.requests:
        done += wrk(stage, 20, options.connections, 0)["requests"]
        seen.append(stage.memory_mb())
    print(f"| memory | {before:.0f} MB before, {seen[-1]:.0f} MB after {done:,} requests "
          f"(most {max(seen):.0f}) | flat |")  # fmt: skip
    return seen[-1] <= before * 1.1


def outside(stage: Stage, options: argparse.Namespace) -> bool:
    """Processor time of a request, less that of the same query asked of the library."""
    wrk(stage, 3, options.connections, 0)
    before = stage.cpu_s()
    found = wrk(stage, options.seconds, options.connections, 0)
    whole = (stage.cpu_s() - before) / found["requests"]
    print(f"| outside | {whole * 1e6:.0f} us of processor time a request, all in all | - |")
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--only", default=",".join(PARTS))
    options = parser.parse_args()
    known = {
        "steady": steady,
        "full": full,
        "slow": slow,
        "bodies": bodies,
        "memory": memory,
        "outside": outside,
    }
    with served(options.model, options.workers, options.threads) as stage:
        print(f"{options.workers} process(es), {os.cpu_count()} cores, load tool on the same")
        print("| part | found | bar |\n|---|---|---|")
        met = [known[name](stage, options) for name in options.only.split(",")]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
