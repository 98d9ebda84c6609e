"""A table of listeners to a folder of lists, whoever does the work."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock

import polars as pl

from moodtune.artifacts import load_bundle, open_model
from moodtune.errors import BundleError, QueryError
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import DEFAULT_N
from moodtune.ranking.selection import MAX_N
from moodtune.scale_out.partition import lists_of
from moodtune.scale_out.parts import Job, ListsManifest, PartEntry, begin, end, finished, write_part
from moodtune.scale_out.profiles import predicted_profiles, read_profiles
from moodtune.version import __version__

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


_OPENING = Lock()

#: Tasks to entries, in any order: how an engine looks from here.
Engine = Callable[[Iterable[Task]], Iterator[PartEntry]]


def recommend_all(
    model: Path,
    listeners: Path,
    out: Path,
    *,
    n: int = DEFAULT_N,
    per_part: int = PER_PART,
    answers: bool = False,
    engine: Engine | None = None,
) -> ListsManifest:
    """Write the lists of all listeners into ``out``, and return what is there.

    ``listeners`` is a table of profiles, or with ``answers`` one of answers, of which the model
    predicts the profiles. Parts that an earlier start left whole stay. Without an engine the work
    is done here.
    """
    if not 1 <= n <= MAX_N:
        raise QueryError(f"n must be from 1 to {MAX_N}, got {n}")
    if per_part < 1:
        raise QueryError(f"per_part must be at least 1, got {per_part}")
    opened = open_model(model, verify=True)
    if answers:
        bundle = load_bundle(model)
        if bundle.manifest.own_sha256 != opened.manifest.own_sha256:
            raise BundleError(f"{model} was replaced while it was opened: begin again")
        table = predicted_profiles(listeners, bundle)
    else:
        table = read_profiles(listeners, opened.index.taxonomy)
    count = -(-table.frame.height // per_part)
    job = Job(
        moodtune=__version__,
        model=opened.manifest.own_sha256,
        listeners=table.sha256,
        n=n,
        per_part=per_part,
        parts=count,
    )
    out, model = out.absolute(), model.absolute()
    begin(out, job)
    found = [finished(out, number) for number in range(count)]
    tasks = (
        Task(
            model=model,
            out=out,
            job=job,
            number=number,
            profiles=table.frame.slice(number * per_part, per_part),
        )
        for number, entry in enumerate(found)
        if entry is None
    )
    made = list((engine or in_this_process(opened.index))(tasks)) if None in found else []
    return end(out, job, [*(entry for entry in found if entry is not None), *made])


def in_this_process(index: TrackIndex) -> Engine:
    """Return the engine that does the tasks one after another, with the job's model as opened."""
    return partial(map, partial(_written, index))


def run(task: Task) -> PartEntry:
    """Write one part; BundleError if the model is not the one that the job began with."""
    return _written(_opened(task.model, task.job.model), task)


def _written(index: TrackIndex, task: Task) -> PartEntry:
    return write_part(task.out, task.number, lists_of(index, task.profiles, n=task.job.n))


def _opened(model: Path, sha256: str) -> TrackIndex:
    with _OPENING:  # a worker may have several threads
        return _opened_once(model, sha256)


@lru_cache(maxsize=1)
def _opened_once(model: Path, sha256: str) -> TrackIndex:
    """Return the model's index, opened once per process; those of one machine share its memory."""
    opened = open_model(model)
    if opened.manifest.own_sha256 != sha256:
        raise BundleError(f"{model} was replaced since the lists were begun; begin a new folder")
    return opened.index
