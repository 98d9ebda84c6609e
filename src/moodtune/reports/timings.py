"""Where the time of a training went, as a noun, and the two files that tell it.

Nothing of this is in `report.md`: that has the same bytes for the same tables and seed, and no
machine takes the same time twice.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path

import msgspec

from moodtune.atomic import atomic_file
from moodtune.reports import paths
from moodtune.reports.markup import escaped, table

_MB = 1e6


class StagePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stage, and how long it was the one that was worked on."""

    name: str
    seconds: float


class FloorPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it takes to copy the bytes that are moved, once to disk and once in memory.

    ``disk_rate``, ``memory_rate``  bytes a second, measured beside the training
    """

    seconds: float
    disk_rate: float
    memory_rate: float


class Timings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a training took, stage by stage, beside what it moved.

    ``n_tracks``       that were kept
    ``read_bytes``     of the tables, and of what lay on temporary disk meanwhile
    ``written_bytes``  of everything under the folder, and of what lay on temporary disk
    ``peak_bytes``     the most memory that the process held; None where no system says so
    ``floor``          None of a catalog that is too small for its bytes to tell
    """

    n_tracks: int
    stages: tuple[StagePart, ...]
    read_bytes: int
    written_bytes: int
    peak_bytes: int | None
    floor: FloorPart | None

    @property
    def seconds(self) -> float:
        """All stages together."""
        return sum(stage.seconds for stage in self.stages)

    @property
    def shares(self) -> tuple[float, ...]:
        """The part of the time that each stage took, in [0, 1]; together 1."""
        whole = self.seconds
        return tuple(stage.seconds / whole if whole else 0.0 for stage in self.stages)

    @property
    def tracks_a_second(self) -> float:
        """Tracks kept, over all of the time."""
        return self.n_tracks / self.seconds if self.seconds else 0.0


def floor_of(moved_bytes: int, *, disk_rate: float, memory_rate: float) -> FloorPart:
    """Return the least time that moving so many bytes takes at these rates."""
    seconds = moved_bytes / disk_rate + moved_bytes / memory_rate
    return FloorPart(seconds=seconds, disk_rate=disk_rate, memory_rate=memory_rate)


def stages_of(begun: Sequence[tuple[str, float]], end: float) -> tuple[StagePart, ...]:
    """Return each stage with its seconds, in the order in which they first began.

    ``begun`` has the name of a stage and when it began; a stage may begin more than once.
    """
    seconds: dict[str, float] = {}
    for (name, began), (_, until) in itertools.pairwise([*begun, ("", end)]):
        seconds[name] = seconds.get(name, 0.0) + until - began
    return tuple(StagePart(name=name, seconds=took) for name, took in seconds.items())


def write_timings(out: Path, timings: Timings) -> None:
    """Write both files under ``out``, beside the report."""
    for name, content in (
        (paths.TIMINGS_JSON, to_json(timings)),
        (paths.TIMINGS, to_markdown(timings).encode()),
    ):
        with atomic_file(out / name) as work:
            work.write_bytes(content)


def to_json(timings: Timings) -> bytes:
    """Return the timings as indented JSON with a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(timings), indent=2) + b"\n"


def from_json(text: bytes) -> Timings:
    """Return the timings that `to_json` wrote; msgspec.ValidationError if they are none."""
    return msgspec.json.decode(text, type=Timings)


def to_markdown(timings: Timings) -> str:
    """Return the timings as a page."""
    rows = [
        (escaped(stage.name), f"{stage.seconds:.2f}", f"{100 * share:.1f}")
        for stage, share in zip(timings.stages, timings.shares, strict=True)
    ]
    blocks = [
        "# Where the time went",
        _opening(timings),
        table(("stage", "seconds", "share, %"), [*rows, ("all", f"{timings.seconds:.2f}", "100")]),
        _moved(timings),
        _floor(timings),
    ]
    return "\n\n".join(blocks) + "\n"


def _opening(timings: Timings) -> str:
    return (
        f"{timings.n_tracks:,} tracks in {timings.seconds:.1f} s, "
        f"{timings.tracks_a_second:,.0f} tracks a second. This is of one run on one machine: "
        "the next run takes another time."
    )


def _moved(timings: Timings) -> str:
    said = (
        f"{timings.read_bytes / _MB:,.1f} MB were read and {timings.written_bytes / _MB:,.1f} MB "
        "written, what lay on disk meanwhile included."
    )
    if timings.peak_bytes is None:
        return said
    return f"{said} The process held {timings.peak_bytes / _MB:,.0f} MB of memory at most."


def _floor(timings: Timings) -> str:
    floor = timings.floor
    if floor is None:
        return (
            "The floor was not measured: moving so few bytes takes no time beside loading the "
            "program."
        )
    return (
        f"The floor is {floor.seconds:.2f} s, {100 * floor.seconds / timings.seconds:.1f} % of the "
        f"time: these bytes over {floor.disk_rate / _MB:,.0f} MB a second of disk and "
        f"{floor.memory_rate / _MB:,.0f} of memory, each measured by one plain copy."
    )
