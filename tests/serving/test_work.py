"""Work off the event loop: so much at a time, so much that waits, and no slot is lost."""

import asyncio
import threading
import time

import pytest

from moodtune.errors import BusyError, QueryError
from moodtune.serving.rates import Buckets
from moodtune.serving.work import Workers


@pytest.fixture
def workers():
    made = []

    def make(**changes):
        made.append(
            Workers(**{"threads": 1, "length": 2, "wait_s": 5, "retry_after_s": 3} | changes)
        )
        return made[-1]

    yield make
    for each in made:
        each.stop(5)


class Gate:
    """Work that begins, and ends when it is told to."""

    def __init__(self):
        self.begun, self._end = threading.Semaphore(0), threading.Event()

    def __call__(self):
        self.begun.release()
        self._end.wait(10)
        return "done"

    def open(self):
        self._end.set()


async def begun(gate):
    await asyncio.to_thread(gate.begun.acquire)


def test_what_is_returned_or_raised_comes_back(workers):
    pool = workers()

    def refuse():
        raise QueryError("no")

    async def ask():
        with pytest.raises(QueryError, match="no"):
            await pool.run(refuse)
        return await pool.run(lambda: threading.current_thread().name)

    assert asyncio.run(ask()) == "search-0"


def test_where_the_queue_is_full_one_is_told_to_come_back(workers):
    pool, gate = workers(), Gate()

    async def ask():
        running = asyncio.create_task(pool.run(gate))
        await begun(gate)
        waiting = [asyncio.create_task(pool.run(lambda: "late")) for _ in range(2)]
        await asyncio.sleep(0)
        assert pool.depth == 2
        with pytest.raises(BusyError, match="more to do than can be done soon") as refused:
            await pool.run(lambda: "never")
        gate.open()
        return refused.value.retry_after_s, await asyncio.gather(running, *waiting)

    assert asyncio.run(ask()) == (3, ["done", "late", "late"])


def test_who_waits_too_long_is_given_up_and_not_worked_for(workers):
    pool, gate, worked = workers(wait_s=0.05), Gate(), []

    async def ask():
        running = asyncio.create_task(pool.run(gate))
        await begun(gate)
        with pytest.raises(BusyError, match=r"has waited 0\.05 seconds for its turn"):
            await pool.run(lambda: worked.append("late"))
        gate.open()
        assert await running == "done"
        return await pool.run(lambda: list(worked))

    assert asyncio.run(ask()) == []


def test_who_has_left_is_not_worked_for_and_leaves_no_slot_behind(workers):
    pool, gate, worked = workers(), Gate(), []

    async def ask():
        running = asyncio.create_task(pool.run(gate))
        await begun(gate)
        for _ in range(20):
            left = asyncio.create_task(pool.run(lambda: worked.append("left")))
            await asyncio.sleep(0)
            left.cancel()
            with pytest.raises((asyncio.CancelledError, BusyError)):
                await left
            if pool.depth == 2:
                break
        gate.open()
        await running
        async with asyncio.timeout(60):
            while pool.depth:  # noqa: ASYNC110 - until the thread has passed over those who left
                await asyncio.sleep(0.001)
        return [await pool.run(lambda: len(worked)) for _ in range(10)]

    assert asyncio.run(ask()) == [0] * 10
    assert pool.depth == 0


def test_a_job_waits_for_the_one_before_it_though_a_thread_is_free(workers):
    pool, gate, worked = workers(threads=2, alone_s=10), Gate(), []

    def first():
        gate()
        worked.append("first")

    async def ask():
        running = asyncio.create_task(pool.run(first))
        await begun(gate)
        second = asyncio.create_task(pool.run(lambda: worked.append("second")))
        async with asyncio.timeout(60):
            await asyncio.sleep(0)
            while pool.depth:  # noqa: ASYNC110 - until the free thread has it
                await asyncio.sleep(0.001)
        gate.open()
        await asyncio.gather(running, second)

    asyncio.run(ask())
    assert worked == ["first", "second"]


def test_a_long_job_holds_up_nobody(workers):
    pool, gate = workers(threads=2, alone_s=0.01), Gate()

    async def ask():
        running = asyncio.create_task(pool.run(gate))
        await begun(gate)
        beside = await pool.run(lambda: "beside")
        gate.open()
        return beside, await running

    assert asyncio.run(ask()) == ("beside", "done")


def test_stopping_finishes_what_waits_and_takes_no_more(workers):
    pool, gate = workers(), Gate()

    async def ask():
        running = asyncio.create_task(pool.run(gate))
        await begun(gate)
        waiting = asyncio.create_task(pool.run(lambda: "late"))
        await asyncio.sleep(0)
        gate.open()
        await asyncio.to_thread(pool.stop, 5)
        with pytest.raises(BusyError, match="the service is stopping"):
            await pool.run(lambda: "never")
        return await asyncio.gather(running, waiting)

    assert asyncio.run(ask()) == ["done", "late"]


def test_a_busy_service_answers_503_with_a_time_to_come_back(serve, monkeypatch):
    service, gate = serve(search_threads=1, queue_length=1, retry_after_s=7), Gate()
    monkeypatch.setattr(service.store, "ready", gate)
    client = service.client()
    held = [threading.Thread(target=lambda: client.get("/readyz")) for _ in range(2)]
    held[0].start()
    gate.begun.acquire()
    held[1].start()
    until = time.monotonic() + 10
    while service.app.depth() < 1 and time.monotonic() < until:
        time.sleep(0.01)
    refused = client.get("/v1/me")
    gate.open()
    for thread in held:
        thread.join()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "7")
    assert client.get("/healthz").status_code == 200


# --- rates ---------------------------------------------------------------------------------------


def test_a_bucket_gives_its_burst_and_then_its_rate():
    buckets = Buckets(rate=2, burst=3, most=9)
    assert [buckets.take("a", now=0) for _ in range(5)] == [None, None, None, 1, 1]
    assert [buckets.take("a", now=1) for _ in range(3)] == [None, None, 1]
    assert [buckets.take("a", now=100) for _ in range(4)] == [None, None, None, 1]


def test_a_slow_bucket_says_how_long_it_takes():
    buckets = Buckets(rate=0.1, burst=1, most=9)
    assert (buckets.take("a", 0), buckets.take("a", 0), buckets.take("a", 4)) == (None, 10, 6)


def test_buckets_are_each_their_own():
    buckets = Buckets(rate=1, burst=1, most=9)
    assert [buckets.take(key, 0) for key in "abab"] == [None, None, 1, 1]


def test_looking_takes_nothing():
    buckets = Buckets(rate=1, burst=1, most=9)
    assert [buckets.wait("a", 0) for _ in range(3)] == [None] * 3
    buckets.take("a", 0)
    assert buckets.wait("a", 0) == 1


def test_no_more_buckets_are_kept_than_there_is_room_for():
    buckets = Buckets(rate=1, burst=2, most=100)
    for i in range(10_000):
        buckets.take(i, 0)
    assert len(buckets) == 100


def test_a_rate_of_nothing_is_no_bound():
    buckets = Buckets(rate=0, burst=1, most=9)
    assert [buckets.take("a", 0) for _ in range(3)] == [None] * 3
    assert len(buckets) == 0
