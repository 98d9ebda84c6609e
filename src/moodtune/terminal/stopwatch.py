"""The observer that keeps the time of each stage, and what is told of it when all is done."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from moodtune.terminal.bandwidth import Rates, size_of
from moodtune.terminal.memory import peak_bytes

if TYPE_CHECKING:
    from moodtune.pipeline import TrainingRun
    from moodtune.reports.timings import StagePart, Timings

_BEFORE = "starting"


class Stopwatch:
    """Notes when each stage begins. What is counted within a stage is one of its own, until done.

    >>> watch = Stopwatch(iter([0.0, 1.0, 4.0]).__next__)
    >>> watch.announce("reading tracks")
    >>> [(stage.name, stage.seconds) for stage in watch.stages()]
    [('starting', 1.0), ('reading tracks', 3.0)]
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._announced = self._current = _BEFORE
        self._begun = [(_BEFORE, clock())]

    def announce(self, stage: str) -> None:
        """Note that ``stage`` begins."""
        self._announced = stage
        self._begin(stage)

    def count(self, what: str, done: int, of: int) -> None:
        """Note that ``what`` is counted; when it is done the announced stage goes on."""
        self._begin(what if done < of else self._announced)

    def stages(self) -> "tuple[StagePart, ...]":
        """Return the stages and their seconds, up to now."""
        from moodtune.reports.timings import stages_of

        return stages_of(self._begun, self._clock())

    def _begin(self, stage: str) -> None:
        if stage != self._current:
            self._current = stage
            self._begun.append((stage, self._clock()))


def timings_of(
    run: "TrainingRun",
    stages: "tuple[StagePart, ...]",
    *,
    tables: Iterable[Path],
    out: Path,
    rates: Rates | None,
) -> "Timings":
    """Return what is told of a training's time; no floor without rates.

    ``tables``  the files that were read, and the folder of those of the catalog if it is one
    """
    from moodtune.reports.timings import Timings, floor_of

    long = run.bundle.long
    meanwhile = 0 if long is None else long.spilled_bytes
    names = [s.name for s in run.contents.catalog.sources if s.left_out is None]
    read = sum(_table_bytes(table, names) for table in tables) + meanwhile
    written = size_of(out / "model") + _report_bytes(out) + meanwhile
    return Timings(
        n_tracks=len(run.contents.catalog),
        stages=stages,
        read_bytes=read,
        written_bytes=written,
        peak_bytes=peak_bytes(),
        floor=None
        if rates is None
        else floor_of(read + written, disk_rate=rates.disk, memory_rate=rates.memory),
    )


def _table_bytes(table: Path, names: Iterable[str]) -> int:
    if table.is_file():
        return size_of(table)
    return sum(size_of(table / name) for name in names)


def _report_bytes(out: Path) -> int:
    from moodtune.reports.paths import EVERY_PATH

    return sum(size_of(out / name) for name in EVERY_PATH)
