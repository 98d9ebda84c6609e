"""A service under load: how soon it answers, how much it bears, and what it holds in memory.

    python benchmarks/serving.py [--data DIR | --model DIR] [--seconds 60] [--workers 2]
        [--connections 16] [--requests 100000]
    python benchmarks/serving.py [--data DIR | --model DIR] --fuzz 10000
    python benchmarks/serving.py [--data DIR | --model DIR] --slow

Debian's wrk asks ``POST /v1/recommendations`` of a ``moodtune serve`` on loopback; both share the
machine's cores. Every request is another query (``service_queries.py``) by another of 100
listeners, of whom the store has from no to 100 events of feedback and from no to 300 tracks shown
on earlier days, evenly; what is listed is written to it. The bars are about these. Beside them
stands the lightest load: ten tracks of one mood, for listeners without a past. ``--fuzz`` sends
bodies that are valid and extreme, and bodies that are broken, 16 at once. ``--slow`` sends 200
requests a byte a second beside the load.
``--data`` names the folder of real tables, by default the environment's ``MOODTUNE_DATA``; without
either a synthetic sample of the same size stands in. ``--model`` takes a model that train wrote
instead of training one. Ends with 1 if a bar is missed.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from fuzzing import fuzz_table
from served import DAYS, EVENTS, LISTENERS, SHOWN, MemoryWatch, Past, Running, running, with_a_past
from service_queries import Words, plain_bodies, query_bodies, words_of
from slow_clients import SLOW, slowly
from surroundings import Tables, find_tables, machine, versions
from wrk import Pressed, press, wrk_version

from moodtune.artifacts import load_bundle
from moodtune.catalog.schema import TRACK_ID
from moodtune.pipeline import train, write

TITLE = "The service under load"
LIBRARIES = ("moodtune", "numpy", "polars", "litestar", "uvicorn", "SQLAlchemy", "msgspec")

RATE, MOST_P50_MS, MOST_P99_MS = 150, 6.0, 40.0
LEAST_RATE = 500
#: What "flat" means: so much more after 100,000 requests, of all that is held.
MOST_GROWTH = 0.02
_PER = 100_000
#: Of the time, before memory is looked at: what is made once when it is first asked for.
_WARM_UP = 0.2
MOST_P99_BESIDE_SLOW_MS = 100.0
#: Connections that take places from the schedule of a fixed rate.
_SCHEDULED = 64
_WARM_S = 5
#: Queries are drawn for so many a second where nothing holds them back.
_ENOUGH_PER_S = 2000
_COLUMNS = (
    *("load", "workers", "asked/s", "reached/s", "p50 ms", "p90 ms", "p99 ms", "most ms"),
    *("refused", "broken", "cores used", "MB before", "MB after", "added by 100,000"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is asked, of what."""

    model: Path
    called: str
    ids: tuple[str, ...]  # of the tracks
    words: Words
    past: Past
    scratch: Path
    draw: Callable[..., Iterator[bytes]] = query_bodies
    workers: int = 2
    connections: int = 16
    seconds: int = 60
    requests: int = _PER


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A run of wrk, and the service's memory before and after it and its growth between."""

    name: str
    workers: int
    asked: float | None
    pressed: Pressed
    cpu_cores: float
    before_mb: float
    after_mb: float
    growth: float  # of all memory, after so many requests as ``_PER``, by a line of least squares


class Bench:
    """A service under load, asked one thing after another; no query comes twice."""

    def __init__(self, load: Load, service: Running, workers: int) -> None:
        self._load, self._service, self._workers = load, service, workers
        self._drawn = 0
        self.url = service.url

    def press(
        self, name: str, *, seconds: int, connections: int, rate: float | None = None
    ) -> Measured:
        load, service = self._load, self._service
        self._drawn += 1
        wanted = int(seconds * (rate * 1.5 if rate else _ENOUGH_PER_S)) + 1000
        bodies = list(load.draw(load.words, wanted, seed=100 * self._workers + self._drawn))
        cpu = service.cpu_s()
        with MemoryWatch(service) as watch:
            pressed = press(
                service.url,
                bodies=bodies,
                tokens=load.past.tokens,
                folder=load.scratch / "wrk",
                seconds=seconds,
                connections=connections,
                rate=rate,
            )
        return Measured(
            name=name,
            workers=self._workers,
            asked=rate,
            pressed=pressed,
            cpu_cores=(service.cpu_s() - cpu) / pressed.seconds,
            before_mb=watch.seen[0][1],
            after_mb=watch.seen[-1][1],
            growth=growth(watch.seen, pressed.rate),
        )


def growth(seen: Sequence[tuple[float, float]], rate: float) -> float:
    """Return how much of all memory is added with ``_PER`` requests, after the warm-up."""
    at, held = np.array(seen).T
    late = at >= _WARM_UP * at[-1]
    if np.count_nonzero(late) < 2:
        return 0.0
    per_second = np.polyfit(at[late], held[late], 1)[0]
    return float(per_second / rate * _PER / held[late].mean())


@contextmanager
def benches(load: Load, workers: int) -> Iterator[Bench]:
    folder = load.scratch / f"service-{workers}"
    with running(load.model, load.past, folder, workers=workers) as service:
        bench = Bench(load, service, workers)
        bench.press("warm", seconds=_WARM_S, connections=load.connections)
        yield bench


def under_load(load: Load) -> Iterator[Measured]:
    """Yield what was measured at the rate, without one, and over many requests."""
    for workers in dict.fromkeys((load.workers, 1)):
        with benches(load, workers) as bench:
            yield bench.press("at a rate", seconds=load.seconds, connections=_SCHEDULED, rate=RATE)
            freely = bench.press("freely", seconds=load.seconds, connections=load.connections)
            yield freely
            if workers == load.workers:
                long = int(load.requests / freely.pressed.rate) + 1
                name = f"freely, {load.requests:,} requests"
                yield bench.press(name, seconds=long, connections=load.connections)


def plainly(load: Load) -> Iterator[Measured]:
    """Yield the same at the rate and without one, of the plainest queries by new listeners."""
    scratch = load.scratch / "new-listeners"
    past = with_a_past(scratch, load.ids, load.words.moods, most_events=0, most_shown=0)
    with benches(replace(load, past=past, draw=plain_bodies, scratch=scratch), load.workers) as new:
        name = "new listeners, one mood"
        yield new.press(
            f"{name}, at a rate", seconds=load.seconds, connections=_SCHEDULED, rate=RATE
        )
        yield new.press(f"{name}, freely", seconds=load.seconds, connections=load.connections)


def load_table(load: Load) -> tuple[str, bool]:
    found = list(under_load(load))
    mine = [row for row in found if row.workers == load.workers]
    at_rate, freely, long = mine
    found += plainly(load)
    bars = [
        (f"p50 at {RATE}/s in ms", at_rate.pressed.p50, MOST_P50_MS, True),
        (f"p99 at {RATE}/s in ms", at_rate.pressed.p99, MOST_P99_MS, True),
        ("requests/s, freely", freely.pressed.rate, LEAST_RATE, False),
        ("errors", float(sum(row.pressed.errors for row in mine)), 0.0, True),
        (f"memory added by {_PER:,} requests, of all", long.growth, MOST_GROWTH, True),
    ]
    kept = [value <= bar if most else value >= bar for _, value, bar, most in bars]
    lines = [
        f"{load.called}; {len(load.ids):,} tracks, {LISTENERS} listeners with 0 to {EVENTS} events",
        f"and 0 to {SHOWN} tracks shown on {DAYS} days; {wrk_version()} on the same cores, every",
        f"query another one. At a rate: {_SCHEDULED} connections; freely: {load.connections}.",
        "",
        f"| {' | '.join(_COLUMNS)} |",
        "|---" * len(_COLUMNS) + "|",
        *(_row(row) for row in found),
        "",
        f"Bars, with --workers {load.workers}:",
        "",
        *(_bar(bar, met) for bar, met in zip(bars, kept, strict=True)),
    ]
    return "\n".join(lines), all(kept)


def _row(row: Measured) -> str:
    p = row.pressed
    asked = "–" if row.asked is None else f"{row.asked:g}"  # noqa: RUF001 -- as it is printed
    return (
        f"| {row.name} | {row.workers} | {asked} | {p.rate:.0f} | {p.p50:.1f} | {p.p90:.1f} "
        f"| {p.p99:.1f} | {p.most:.0f} | {p.refused} | {p.broken} | {row.cpu_cores:.2f} "
        f"| {row.before_mb:.0f} | {row.after_mb:.0f} | {row.growth:+.1%} |"
    )


def _bar(bar: tuple[str, float, float, bool], met: bool) -> str:
    name, value, limit, most = bar
    return (
        f"- {name}: {value:.4g}, {'at most' if most else 'at least'} {limit:g}: "
        f"{'met' if met else 'MISSED'}"
    )


def slow_table(load: Load) -> tuple[str, bool]:
    """Measure those who are quick, alone and beside those who are slow."""
    with benches(load, load.workers) as bench:
        alone = bench.press("alone", seconds=load.seconds, connections=_SCHEDULED, rate=RATE)
        with slowly(bench.url) as slow:
            beside = bench.press("beside", seconds=load.seconds, connections=_SCHEDULED, rate=RATE)
    p99 = beside.pressed.p99
    met = p99 <= MOST_P99_BESIDE_SLOW_MS and beside.pressed.errors == 0
    lines = [
        f"{RATE} requests a second, {load.workers} workers, alone and beside {SLOW} clients that",
        "send a byte a second, half of them in headers and half in bodies, each anew when closed.",
        "",
        "| | p50 ms | p99 ms | most ms | errors |",
        "|---|---|---|---|---|",
        *(
            f"| {row.name} | {row.pressed.p50:.1f} | {row.pressed.p99:.1f} "
            f"| {row.pressed.most:.0f} | {row.pressed.errors} |"
            for row in (alone, beside)
        ),
        "",
        f"- of the slow ones {slow.opened} connections, at most {slow.most_open} at once, and",
        f"  {slow.sent:,} bytes",
        _bar(("p99 beside them in ms", p99, MOST_P99_BESIDE_SLOW_MS, True), met),
    ]
    return "\n".join(lines), met


def fuzzed(load: Load, count: int) -> tuple[str, bool]:
    folder = load.scratch / "service-fuzz"
    with running(load.model, load.past, folder, workers=load.workers) as service:
        return fuzz_table(service.url, load.past.tokens, load.words, load.ids[:2000], count=count)


def loads(model: Path, called: str, scratch: Path, **options: int) -> Load:
    """Return the load for a model, with a store of its own."""
    bundle = load_bundle(model)
    words = words_of(bundle)
    ids = tuple(bundle.index.tracks[TRACK_ID].to_list())
    return Load(
        model=model,
        called=called,
        ids=ids,
        words=words,
        past=with_a_past(scratch, ids, words.moods),
        scratch=scratch,
        **options,
    )


def trained(tables: Tables, scratch: Path) -> Path:
    write(train(tables.catalog, tables.behavior), scratch / "output", figures=False)
    return scratch / "output" / "model"


def run(tables: Tables, scratch: Path, *, times: int) -> tuple[str, bool]:
    del times  # a minute of requests is the repetition
    load = loads(trained(tables, scratch), tables.called, scratch)
    parts = [load_table(load), fuzzed(load, 10_000), slow_table(load)]
    return "\n\n".join(text for text, _ in parts), all(met for _, met in parts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    data = os.environ.get("MOODTUNE_DATA")
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--requests", type=int, default=_PER, help="over which memory is watched")
    parser.add_argument("--fuzz", type=int, metavar="BODIES", help="send these, and no load")
    parser.add_argument("--slow", action="store_true", help="send slowly beside the load")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moodtune-serving-") as folder:
        scratch = Path(folder)
        if options.model is None:
            tables = find_tables(options.data, scratch)
            model, called = trained(tables, scratch), tables.called
        else:
            model, called = options.model, "the model named by --model"
        said = {name: getattr(options, name) for name in ("workers", "connections", "seconds")}
        load = loads(model, called, scratch, requests=options.requests, **said)
        print(f"{machine()}\n{versions(LIBRARIES)}\n")
        if options.fuzz:
            text, met = fuzzed(load, options.fuzz)
        else:
            text, met = slow_table(load) if options.slow else load_table(load)
    print(text)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
