"""What a benchmark ran on: the machine, the versions, and the tables."""

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

from moodtune.samples import SampleSettings, write_samples

SAMPLE = SampleSettings(tracks=114_000, listeners=520)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Where the tables are, and what to call them."""

    catalog: Path
    behavior: Path
    called: str


def find_tables(data: Path | None, scratch: Path) -> Tables:
    """Return the real tables under ``data``, or a sample of the same size made in ``scratch``."""
    if data is not None:
        return Tables(
            catalog=data / "catalog" / "spotify_tracks_114k.csv",
            behavior=data / "behavior" / "Spotify_data.xlsx",
            called="the real tables: spotify_tracks_114k.csv and Spotify_data.xlsx",
        )
    written = write_samples(scratch / "sample", SAMPLE)
    return Tables(
        catalog=written.tracks,
        behavior=written.listeners,
        called=(
            f"a synthetic sample of {SAMPLE.tracks:,} tracks and {SAMPLE.listeners} listeners "
            "(no --data, no MOODTUNE_DATA)"
        ),
    )


def machine() -> str:
    """Return a sentence about processor, memory and system, how busy it is, and how fast today."""
    memory_gb = psutil.virtual_memory().total / 1024**3
    return (
        f"{processor()}, {len(os.sched_getaffinity(0))} cores, {memory_gb:.0f} GB of memory, "
        f"{platform.system()} {platform.release()}; load average at the start "
        f"{os.getloadavg()[0]:.1f}; ten million additions in a loop of Python {loop_s():.2f} s"
    )


def loop_s() -> float:
    """Return the seconds of a plain loop: what runs of one program on different days hang on.

    They hang on the build of Python as well: one made without profile-guided optimisation takes
    half as long again.
    """
    start, total = time.perf_counter(), 0
    for number in range(10_000_000):
        total += number
    return time.perf_counter() - start


def processor() -> str:
    """Return the processor's name where the system tells it."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def versions(libraries: Sequence[str]) -> str:
    """Return Python's version and those of libraries."""
    return ", ".join(
        [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in libraries)]
    )
