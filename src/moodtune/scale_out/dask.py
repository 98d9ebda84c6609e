"""The partitions on Dask: processes of this machine, or a cluster that is there already."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from moodtune.errors import UsageError
from moodtune.scale_out.parts import PartEntry
from moodtune.scale_out.running import Engine, Task, run

#: Tasks that are handed to each worker before one of them is done.
_AHEAD = 4


def on_dask(*, workers: int = 1, scheduler: str | None = None) -> Engine:
    """Return the engine of ``workers`` local processes, or of the cluster at ``scheduler``.

    A lost worker's tasks run again on the others. UsageError without the extra ``dask``.
    """
    distributed = _distributed()

    def engine(tasks: Iterable[Task]) -> Iterator[PartEntry]:
        if scheduler is not None:
            with _client(distributed, scheduler) as client:
                yield from _entries(distributed, client, tasks)
            return
        with (
            distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield from _entries(distributed, client, tasks)

    return engine


def _entries(distributed: Any, client: Any, tasks: Iterable[Task]) -> Iterator[PartEntry]:
    """Yield what the tasks give as they end; a few for each worker wait there, the others here."""
    waiting = iter(tasks)
    ahead = _AHEAD * max(sum(client.nthreads().values()), 1)
    running = distributed.as_completed(
        client.submit(run, task, pure=False) for task in islice(waiting, ahead)
    )
    for future in running:
        yield future.result()
        for task in islice(waiting, 1):
            running.add(client.submit(run, task, pure=False))


def _client(distributed: Any, scheduler: str) -> Any:
    try:
        return distributed.Client(scheduler)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--scheduler {scheduler}: there is no cluster to be reached ({error}); "
            "give its address as in tcp://host:8786"
        ) from error


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise UsageError(
            "more than one worker needs the extra dask: pip install 'moodtune[dask]'"
        ) from error
    return distributed
