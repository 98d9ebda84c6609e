"""How long the store takes for what every list asks of it.

    python benchmarks/store.py [--seconds 2] [--only sqlite|postgresql]

200 listeners, each with 300 likes, skips and bans and with 600 tracks that were shown in 60 lists
on 60 earlier days; calls go from listener to listener. Beside what the store does stands what it
does not: rows as textbooks have them, one for each track that was shown, read and decoded one by
one through SQLAlchemy ("plain"); and the other way to commit.

Each figure is microseconds per call: the quickest, which other programs disturb least, the median
and the 99th percentile, by the clock; the mean of the processor's time that this process spends
(PostgreSQL's server comes on top of it); and how many calls there were in a second. SQLite lies in
a temporary folder; the PostgreSQL server is one of its own.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import sqlalchemy as sa
from surroundings import machine, versions

from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.seeding import derive
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Store, schema
from moodtune.serving.store.database import Database
from moodtune.serving.store.places import place_of

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from databases import PostgresServer, missing_postgresql

LISTENERS, EVENTS, DAYS, A_DAY = 200, 300, 60, 10
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
LETTERS = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
TRACKS = [
    "".join(row)
    for row in LETTERS[derive(0, "benchmark store").integers(0, len(LETTERS), (20_000, 22))]
]

plain = sa.MetaData()
PLAIN_EVENTS = sa.Table(
    "plain_events",
    plain,
    sa.Column("listener", sa.Text, primary_key=True),
    sa.Column("at", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("track_id", "mood", "action")),
    sqlite_with_rowid=False,
)
PLAIN_SHOWN = sa.Table(
    "plain_shown",
    plain,
    *(sa.Column(name, sa.Text, primary_key=True) for name in ("listener", "day", "track_id")),
    sqlite_with_rowid=False,
)

Call = Callable[[int], object]


def listener(number: int) -> str:
    return f"listener {number % LISTENERS}"


def event(number: int, days: int) -> FeedbackEvent:
    action = ("like", "skip", "skip", "ban")[number % 4]
    at = f"{TODAY - timedelta(days=days)}T{number % 24:02d}:30:00.000000Z"
    track = TRACKS[number * 7919 % len(TRACKS)]
    return FeedbackEvent(
        key=f"{number:08x}-6a1b-4c", track_id=track, mood="melancholy", action=action, at=at
    )


def ten(number: int) -> list[str]:
    first = number * 104_729 % (len(TRACKS) - A_DAY)
    return TRACKS[first : first + A_DAY]


def fill(address: str) -> None:
    """Write straight into the tables: through the store, each event waits for the disk."""
    Store.open(address).close()
    engine = sa.create_engine(address)
    plain.create_all(engine)
    with engine.begin() as connection:
        for number in range(LISTENERS):
            named = {"id": number + 1, "name": listener(number)}
            connection.execute(sa.insert(schema.listeners), named)
            fill_listener(connection, number)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def fill_listener(connection: sa.Connection, number: int) -> None:
    said = [event(number * EVENTS + n, n % 90) for n in range(EVENTS)]
    rows = [
        {
            "listener_id": number + 1,
            "ban": one.action == "ban",
            "at": one.at,
            "key": one.key,
            "event": msgspec.json.encode(one).decode(),
        }
        for one in said
    ]
    connection.execute(sa.insert(schema.feedback), rows)
    plain_rows = [{"listener": listener(number), **msgspec.to_builtins(one)} for one in said]
    connection.execute(sa.insert(PLAIN_EVENTS), plain_rows)
    days = {str(TODAY - timedelta(days=n)): ten(number * DAYS + n) for n in range(1, DAYS + 1)}
    shown = [
        {
            "listener_id": number + 1,
            "day": day,
            "digest": day.encode(),
            "track_ids": msgspec.json.encode(ids).decode(),
        }
        for day, ids in days.items()
    ]
    connection.execute(sa.insert(schema.shown), shown)
    pairs = [
        {"listener": listener(number), "day": day, "track_id": track}
        for day, ids in days.items()
        for track in ids
    ]
    connection.execute(sa.insert(PLAIN_SHOWN), pairs)


def plain_memory(database: Database) -> Call:
    """What `Store.memory` reads, row by row."""
    whose = sa.bindparam("listener")
    events = sa.select(*(PLAIN_EVENTS.c[name] for name in FeedbackEvent.__struct_fields__))
    events = events.where(PLAIN_EVENTS.c.listener == whose).order_by(PLAIN_EVENTS.c.at)
    shown = sa.select(PLAIN_SHOWN.c.track_id, PLAIN_SHOWN.c.day)
    shown = shown.where(PLAIN_SHOWN.c.listener == whose, PLAIN_SHOWN.c.day < str(TODAY))

    def read(number: int) -> object:
        named = {"listener": listener(number)}
        with database.reading() as connection:
            said = [FeedbackEvent(**row) for row in connection.execute(events, named).mappings()]
            listed = [
                ShownEvent(track_id=track, at=f"{day}T00:00:00Z")
                for track, day in connection.execute(shown, named)
            ]
        return said, listed

    return read


def plain_add_shown(database: Database) -> Call:
    """What `Store.add_shown` writes, a row per track."""
    statement = database.insert(PLAIN_SHOWN).on_conflict_do_nothing()

    def write(number: int) -> None:
        rows = [
            {"listener": listener(number), "day": str(TODAY), "track_id": t} for t in ten(number)
        ]
        with database.begin() as connection:
            connection.execute(statement, rows)

    return write


@contextmanager
def committing_otherwise(database: Database) -> Iterator[None]:
    """Write what was shown through to the disk, and feedback not."""
    database.durable, database.quick = database.quick, database.durable
    yield
    database.durable, database.quick = database.quick, database.durable


def calls(database: Database, store: Store, secret: str) -> dict[str, Call]:
    """What is measured: each takes the number of the call."""

    def memory(number: int) -> object:
        return store.memory(listener(number), TODAY)

    def add_shown(number: int) -> None:
        store.add_shown(listener(number), ten(number), NOW)

    def add_feedback(number: int) -> object:
        return store.add_feedback(listener(number), event(10**6 + number, 0))

    def a_list(number: int) -> object:
        return store.who(secret, NOW), memory(number), add_shown(number)

    return {
        "memory": memory,
        "memory, plain": plain_memory(database),
        "add_shown": add_shown,
        "add_shown, plain": plain_add_shown(database),
        "who": lambda _: store.who(secret, NOW),
        "who + memory + add_shown": a_list,
        "add_feedback": add_feedback,
    }


class Taken(NamedTuple):
    """Microseconds per call, and calls in a second."""

    quickest: float
    median: float
    late: float
    processor: float
    rate: float


def measured(call: Call, numbers: Iterator[int], threads: int, seconds: float) -> Taken:
    taken: list[float] = []

    def work() -> None:
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            call(next(numbers))
            taken.append(time.perf_counter() - start)

    call(next(numbers))
    workers = [threading.Thread(target=work) for _ in range(threads)]
    start, spent = time.perf_counter(), time.process_time()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    wall, spent = time.perf_counter() - start, time.process_time() - spent
    n = len(taken)
    quantiles = np.quantile(taken, (0, 0.5, 0.99)) * 1e6
    return Taken(*quantiles.tolist(), 1e6 * spent / n, n / wall)


def show(called: str, found: dict[str, Call], numbers: Iterator[int], seconds: float) -> None:
    for name, call in found.items():
        for threads in (1, 2):
            taken = measured(call, numbers, threads, seconds)
            figures = " | ".join(f"{figure:,.0f}" for figure in taken)
            print(f"| {called} | {name} | {threads} | {figures} |", flush=True)


def measure(called: str, address: str, seconds: float) -> None:
    fill(address)
    settings = ServingSettings()
    database = Database(place_of(address), settings)
    store, numbers = Store(database, settings), count(1)
    secret = store.new_token(listener(0), False, NOW).secret
    found = calls(database, store, secret)
    show(called, found, numbers, seconds)
    with committing_otherwise(database):
        otherwise = {
            "add_shown, waiting for the disk": found["add_shown"],
            "add_feedback, not waiting": found["add_feedback"],
        }
        show(called, otherwise, numbers, seconds)
    store.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    print(f"{machine()}\n{versions(('sqlalchemy', 'psycopg', 'msgspec'))}\n")
    print("| database | call | threads | quickest | median | 99 % | processor | calls a second |")
    print("|---|---|---|---|---|---|---|---|")
    if options.only != "postgresql":
        with tempfile.TemporaryDirectory(prefix="moodtune-bench-") as folder:
            measure("SQLite", f"sqlite:///{folder}/store.sqlite3", options.seconds)
    if options.only == "sqlite":
        return 0
    if (reason := missing_postgresql()) is not None:
        print(f"PostgreSQL is left out: {reason}")
        return 0
    server = PostgresServer(fsync=True)
    try:
        server.create()
        server.start()
        measure("PostgreSQL", server.fresh(), options.seconds)
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
