"""The partitions on Dask: processes of this machine, or a cluster that is there already."""

from collections.abc import Iterable, Iterator
from typing import Any

from moodtune.errors import UsageError
from moodtune.scale_out.parts import PartEntry
from moodtune.scale_out.running import Engine, Task, run


def on_dask(*, workers: int = 1, scheduler: str | None = None) -> Engine:
    """Return the engine of ``workers`` local processes, or of the cluster at ``scheduler``.

    A lost worker's tasks run again on the others. UsageError without the extra ``dask``.
    """
    distributed = _distributed()

    def engine(tasks: Iterable[Task]) -> Iterator[PartEntry]:
        if scheduler is not None:
            with distributed.Client(scheduler) as client:
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
    futures = [client.submit(run, task, pure=False) for task in tasks]
    for future in distributed.as_completed(futures):
        yield future.result()


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise UsageError(
            "more than one worker needs the extra dask: pip install 'moodtune[dask]'"
        ) from error
    return distributed
