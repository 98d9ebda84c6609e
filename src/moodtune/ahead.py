"""Work that goes on ahead on other threads, and comes back in order.

For work that spends its time in polars and NumPy, which let other threads run meanwhile.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: Threads at most: each holds what it works on.
_MOST = 4


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(work: Callable[[_Item], _Result], items: Iterable[_Item]) -> Iterator[_Result]:
    """Yield ``work(item)`` of each item, in the order of the items; a few are worked on at once.

    What ``work`` or ``items`` raise is raised here, in its turn; the rest is then left undone.
    """
    n_threads = min(processors(), _MOST)
    waiting: deque[Future[_Result]] = deque()
    with ThreadPoolExecutor(n_threads, thread_name_prefix="ahead") as pool:
        try:
            begun = _begun(pool, work, items)
            waiting.extend(islice(begun, n_threads))
            while waiting:
                waiting.extend(islice(begun, 1))
                yield waiting.popleft().result()
        finally:
            while waiting:  # none is held here on, whose error would hold this frame
                waiting.pop().cancel()


def in_blocks(work: Callable[[slice], object], n: int, size: int) -> None:
    """Call ``work`` with the slices of ``size`` that make up ``n``, several at once."""
    if n <= size:
        work(slice(0, n))
        return
    for _ in in_order(work, (slice(start, start + size) for start in range(0, n, size))):
        pass


def one_ahead(items: Iterable[_Item]) -> Iterator[_Item]:
    """Yield ``items``, of which the next is made on another thread while one is used.

    What ``items`` raises is raised here, in its turn.
    """
    coming = iter(items)
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        waiting: deque[Future[_Item | _End]] = deque([pool.submit(next, coming, _END)])
        while not isinstance(item := waiting.pop().result(), _End):
            waiting.append(pool.submit(next, coming, _END))
            yield item
            del item  # what it holds goes before the one after the next is made


@contextmanager
def one_beside() -> Iterator[ThreadPoolExecutor]:
    """Give one more thread; what it has not begun when the body ends or fails is not begun."""
    with ThreadPoolExecutor(1, thread_name_prefix="beside") as beside:
        try:
            yield beside
        finally:
            beside.shutdown(wait=False, cancel_futures=True)


class _End:
    """Stands where there are no more items."""


_END = _End()


def _begun(
    pool: ThreadPoolExecutor, work: Callable[[_Item], _Result], items: Iterable[_Item]
) -> Iterator[Future[_Result]]:
    """Yield the work on each item; what ``items`` raise stands where its result would."""
    try:
        for item in items:
            yield pool.submit(work, item)
    except Exception as error:  # noqa: BLE001 -- it is raised when it is its turn
        failed: Future[_Result] = Future()
        failed.set_exception(error)
        yield failed
