"""Work off the event loop: a fixed number of threads, and a queue that has an end.

Requests are read and answered on the event loop, and worked on here, one hop each. Where the queue
is full, or a request has waited too long in it, it is refused, so that those who are served are
served soon (load shedding). Who has left while waiting costs nothing: the job is not begun.

Threads share one interpreter: two jobs side by side end later than one after the other, each with
the caches to itself. So a job has the interpreter alone, for as long as most take; one that takes
longer holds up nobody, as the next begins beside it.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from moodtune.errors import BusyError

_T = TypeVar("_T")

#: How often the interpreter lets another thread go on, in seconds: the event loop is one of them.
SWITCH_INTERVAL_S = 0.001

#: How long a job waits for the one before it to end, in seconds; then it begins beside it.
ALONE_S = 0.05


class _Job(Generic[_T]):
    """A function to call, and who waits for what it returns.

    Whoever takes the claim decides: a thread that begins the job, or the loop that gives it up.
    """

    def __init__(
        self, work: Callable[[], _T], loop: asyncio.AbstractEventLoop, future: "asyncio.Future[_T]"
    ) -> None:
        self.work = work
        self.loop = loop
        self.future = future
        self._claimed = threading.Lock()

    def claim(self) -> bool:
        return self._claimed.acquire(blocking=False)

    def run(self) -> None:
        """Do the work in this thread, and tell the loop."""
        if not self.claim():
            return
        try:
            outcome: Callable[[], None] = _Result(self.future, self.work())
        except BaseException as error:  # noqa: BLE001 -- it is raised where it is waited for
            outcome = _Failure(self.future, error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.loop.call_soon_threadsafe(outcome)


class _Result:
    def __init__(self, future: "asyncio.Future[Any]", value: Any) -> None:
        self._future, self._value = future, value

    def __call__(self) -> None:
        if not self._future.done():
            self._future.set_result(self._value)


class _Failure:
    def __init__(self, future: "asyncio.Future[Any]", error: BaseException) -> None:
        self._future, self._error = future, error

    def __call__(self) -> None:
        if not self._future.done():
            self._future.set_exception(self._error)


class Workers:
    """Threads that take jobs from one queue."""

    def __init__(
        self,
        *,
        threads: int,
        length: int,
        wait_s: float,
        retry_after_s: int,
        alone_s: float = ALONE_S,
    ) -> None:
        self._queue: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._length = length
        self._wait_s = wait_s
        self._retry_after_s = retry_after_s
        self._stopped = False
        self._alone, self._alone_s = threading.Lock(), alone_s
        self._threads = [
            threading.Thread(target=self._work, name=f"search-{i}", daemon=True)
            for i in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def depth(self) -> int:
        """How many jobs wait."""
        return self._queue.qsize()

    async def run(self, work: Callable[[], _T]) -> _T:
        """Return what ``work`` returns, called in a thread; BusyError where there is no room."""
        if self._stopped:
            raise BusyError("the service is stopping; ask again soon", self._retry_after_s)
        if self._queue.qsize() >= self._length:
            raise BusyError(
                "there is more to do than can be done soon; ask again in a moment",
                self._retry_after_s,
            )
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_T] = loop.create_future()
        job = _Job(work, loop, future)
        timer = loop.call_later(self._wait_s, self._give_up, job)
        self._queue.put(job)
        try:
            return await future
        finally:
            timer.cancel()
            job.claim()  # who has left is not worked for

    def _give_up(self, job: _Job[Any]) -> None:
        if job.claim() and not job.future.done():
            job.future.set_exception(
                BusyError(
                    f"the request has waited {self._wait_s:g} seconds for its turn; "
                    "ask again in a moment",
                    self._retry_after_s,
                )
            )

    def stop(self, within_s: float) -> None:
        """Take no more jobs, finish those that wait, and end the threads."""
        self._stopped = True
        for _ in self._threads:
            self._queue.put(None)
        until = time.monotonic() + within_s
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0))

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            alone = self._alone.acquire(timeout=self._alone_s)
            try:
                job.run()
            finally:
                if alone:
                    self._alone.release()
            del job  # what it holds is not kept until the next one comes
