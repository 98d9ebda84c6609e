"""A table of listeners to a folder of lists, whoever does the work."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import polars as pl

from moodtune.artifacts import ModelBundle, load_bundle
from moodtune.errors import BundleError, QueryError
from moodtune.ranking.query import DEFAULT_N
from moodtune.ranking.selection import MAX_N
from moodtune.scale_out.partition import lists_of
from moodtune.scale_out.parts import Job, ListsManifest, PartEntry, begin, end, finished, write_part
from moodtune.scale_out.profiles import read_profiles

#: Listeners of a part. It says nothing of workers: the parts are the same with any number.
PER_PART = 1000


@dataclass(frozen=True, kw_only=True)
class Task:
    """A partition: which part, of which listeners; all paths are the same on every worker."""

    model: Path
    out: Path
    job: Job
    number: int
    profiles: pl.DataFrame


#: Tasks to entries, in any order: how an engine looks from here.
Engine = Callable[[Iterable[Task]], Iterator[PartEntry]]


def recommend_all(
    model: Path,
    listeners: Path,
    out: Path,
    *,
    n: int = DEFAULT_N,
    per_part: int = PER_PART,
    engine: Engine | None = None,
) -> ListsManifest:
    """Write the lists of all listeners into ``out``, and return what is there.

    Parts that an earlier start left whole stay. Without an engine the work is done here.
    """
    if not 1 <= n <= MAX_N:
        raise QueryError(f"n must be from 1 to {MAX_N}, got {n}")
    bundle = load_bundle(model)
    table = read_profiles(listeners, bundle.taxonomy)
    count = -(-table.frame.height // per_part)
    job = Job(
        model=bundle.manifest.own_sha256,
        listeners=table.sha256,
        n=n,
        per_part=per_part,
        parts=count,
    )
    out, model = out.absolute(), model.absolute()
    begin(out, job)
    found = [finished(out, number) for number in range(count)]
    tasks = [
        Task(
            model=model,
            out=out,
            job=job,
            number=number,
            profiles=table.frame.slice(number * per_part, per_part),
        )
        for number, entry in enumerate(found)
        if entry is None
    ]
    made = list((engine or in_this_process(bundle))(tasks)) if tasks else []
    return end(out, job, [*(entry for entry in found if entry is not None), *made])


def in_this_process(bundle: ModelBundle) -> Engine:
    """Return the engine that does the tasks one after another, with the job's model as loaded."""
    return partial(map, partial(_written, bundle))


def run(task: Task) -> PartEntry:
    """Write one part; BundleError if the model is not the one that the job began with."""
    return _written(_opened(task.model, task.job.model), task)


def _written(bundle: ModelBundle, task: Task) -> PartEntry:
    return write_part(task.out, task.number, lists_of(bundle.index, task.profiles, n=task.job.n))


@lru_cache(maxsize=1)
def _opened(model: Path, sha256: str) -> ModelBundle:
    """Return the model, opened once per process."""
    bundle = load_bundle(model)
    if bundle.manifest.own_sha256 != sha256:
        raise BundleError(f"{model} was replaced since the lists were begun; begin a new folder")
    return bundle
