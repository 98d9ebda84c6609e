"""What is counted, as Prometheus reads it.

With several processes each keeps its counts in files of a shared directory, and any of them gives
the sum (the client library's multiprocess mode, chosen by ``PROMETHEUS_MULTIPROC_DIR``, which
`running` sets before this module is imported).
"""

import os
from collections.abc import Callable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = CONTENT_TYPE_LATEST
_BUCKETS_S = (0.001, 0.002, 0.004, 0.006, 0.01, 0.02, 0.04, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


class Metrics:
    """The counts of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._seconds = Histogram(
            "moodtune_request_seconds",
            "Time to answer a request, by route and status; its count is the number of requests.",
            labels,
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._depth = Gauge(
            "moodtune_queue_depth",
            "Requests that wait for a search thread.",
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._generation = Gauge(
            "moodtune_model_generation",
            "The generation of the model that is served; the oldest of several processes.",
            registry=self._registry,
            multiprocess_mode="livemin",
        )
        self._refused = Counter(
            "moodtune_models_refused",
            "Models that could not be loaded when they were to be served.",
            registry=self._registry,
        )
        self._children: dict[tuple[str, str, int], Histogram] = {}
        self._observe_depth: Callable[[], int] = int

    def watch_depth(self, depth: Callable[[], int]) -> None:
        """Ask ``depth`` for the queue's depth whenever the metrics are given."""
        self._observe_depth = depth

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        key = (method, route, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._seconds.labels(method, route, str(status))
        child.observe(seconds)

    def set_generation(self, generation: int) -> None:
        """Say which model is served."""
        self._generation.set(generation)

    def count_refused_model(self) -> None:
        """Count a model that could not be loaded."""
        self._refused.inc()

    def text(self) -> bytes:
        """Return the metrics of all processes."""
        self._depth.set(self._observe_depth())
        if MULTIPROCESS not in os.environ:
            return generate_latest(self._registry)
        everything = CollectorRegistry()
        multiprocess.MultiProcessCollector(everything)  # type: ignore[no-untyped-call]
        return generate_latest(everything)
