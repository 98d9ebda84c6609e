"""Training on big catalogs: time, memory, bytes on temporary disk, and what one track more costs.

    python benchmarks/big_catalogs.py [--sizes 100000 1000000] [--full] [--times 3] [--temp-dir DIR]
    python benchmarks/big_catalogs.py --data DIR          # the table of the folder as well

The tables are samples in Parquet, drawn first and not timed. Training is `moodtune train
--no-figures`, catalog only, with model, index, scores and rejections; each run in a process of its
own. ``--full`` adds ten million tracks: 12 GB of disk, and two minutes a run. Beside the time
stands its floor: the bytes that are read and written, over what this machine's disk and memory
give in a plain copy. Scoring from memory is timed on the model of the largest sample. Ends with 1
where a bar is missed.
"""

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Self

import catalogs
from measuring import Run, run_fresh
from surroundings import Tables, find_tables, machine

from moodtune.terminal.bandwidth import disk_rate, memory_rate, size_of
from moodtune.terminal.memory import MB

#: Bytes of the plain copies that the floor is worked out from.
COPIED = 512 * MB
FULL = 10_000_000
#: Seconds and MB that training may take.
BARS = {1_000_000: (8.0, 1000.0), FULL: (45.0, 2500.0)}
#: How much more than from the second size to the third one track may cost from there on.
MOST_RATIO = 1.5
LEAST_SCORED, MOST_MICROSECONDS = 2_000_000, 50.0

TITLE = "Training on big catalogs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The runs of a size, and the most bytes that lay on temporary disk in any of them."""

    n: int
    runs: list[Run]
    temp_bytes: int
    moved_bytes: int

    @property
    def seconds(self) -> float:
        return median(run.seconds for run in self.runs)

    @property
    def cpu_seconds(self) -> float:
        return median(run.cpu_seconds for run in self.runs)

    @property
    def peak_mb(self) -> float:
        return max(run.peak_mb for run in self.runs)


def train(table: Path, n: int, scratch: Path, times: int) -> Trained:
    """Train ``times`` times; the last model stays under ``scratch``."""
    out, temp = scratch / "out", scratch / "temp"
    runs, most = [], 0
    for _ in range(times):
        shutil.rmtree(out, ignore_errors=True)
        temp.mkdir(exist_ok=True)
        command = [
            *(sys.executable, "-m", "moodtune", "train", "--no-figures"),
            *("--catalog", str(table), "--out", str(out), "--temp-dir", str(temp)),
        ]
        with Watched(temp) as watched:
            runs.append(run_fresh(command, scratch / "log"))
        most = max(most, watched.most)
    moved = table.stat().st_size + size_of(out) + 2 * most
    return Trained(n=n, runs=runs, temp_bytes=most, moved_bytes=moved)


class Watched:
    """Looks at how many bytes lie under a folder, five times a second."""

    def __init__(self, folder: Path) -> None:
        self.most = 0
        self._folder, self._done = folder, threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.2):
            self.most = max(self.most, size_of(self._folder))


def training_table(trained: list[Trained], disk: float, memory: float) -> tuple[str, bool]:
    head = (
        "| tracks | seconds | CPU s | peak MB | temporary MB | marginal µs per track "
        "| floor s | bar | |\n|---|---|---|---|---|---|---|---|---|"
    )
    lines, met, rates = [head], True, []
    for before, t in zip([None, *trained], trained, strict=False):
        marginal = ""
        if before is not None:
            rates.append((t.seconds - before.seconds) / (t.n - before.n) * 1e6)
            marginal = f"{rates[-1]:.2f}"
        floor = t.moved_bytes / disk + t.moved_bytes / memory
        bar, said = BARS.get(t.n), ""
        if bar:
            good = t.seconds <= bar[0] and t.peak_mb <= bar[1]
            met, said = met and good, "met" if good else "**MISSED**"
        lines.append(
            f"| {t.n:,} | {t.seconds:.1f} | {t.cpu_seconds:.1f} | {t.peak_mb:,.0f} "
            f"| {t.temp_bytes / 1e6:,.0f} | {marginal} | {floor:.1f} "
            f"| {f'{bar[0]:g} s, {bar[1]:g} MB' if bar else ''} | {said} |"
        )
    for one, next_one in pairwise(rates):
        good = next_one <= MOST_RATIO * one
        met = met and good
        lines.append(
            f"\nA track more costs {next_one / one:.2f} times what it did before (bar "
            f"{MOST_RATIO}): {'met' if good else '**MISSED**'}."
        )
    return "\n".join(lines), met


def scoring_table(model: Path) -> tuple[str, bool]:
    """Time the song model on features in memory, all tracks and one."""
    from moodtune.artifacts import load_bundle
    from moodtune.features.matrix import features_of

    bundle = load_bundle(model)
    features = features_of(bundle.tracks.head(1_000_000))
    one, song_model = features.take(slice(0, 1)), bundle.song_model
    rate = len(features) / best(lambda: song_model.score(features), 5)
    alone = best(lambda: [song_model.score(one) for _ in range(1000)], 5) * 1000
    rate_met, alone_met = rate >= LEAST_SCORED, alone <= MOST_MICROSECONDS
    said = {True: "met", False: "**MISSED**"}
    text = (
        "| score from memory | measured | bar | |\n|---|---|---|---|\n"
        f"| {len(features):,} tracks | {rate / 1e6:.1f} million a second | "
        f"{LEAST_SCORED / 1e6:g} million | {said[rate_met]} |\n"
        f"| one track | {alone:.0f} µs | {MOST_MICROSECONDS:g} µs | {said[alone_met]} |"
    )
    return text, rate_met and alone_met


def best(work: Callable[[], object], times: int) -> float:
    """Return the least of several times, in seconds; the first run is not counted."""
    work()
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def sample(n: int, scratch: Path) -> Path:
    from moodtune.samples import SampleSettings, write_samples

    settings = SampleSettings(tracks=n, file_format="parquet")
    return write_samples(scratch / f"sample-{n}", settings).tracks


def tables_of(sizes: Sequence[int], scratch: Path, *, times: int) -> tuple[str, bool]:
    """Return both tables as markdown, and whether all bars are met."""
    trained = []
    for n in sizes:
        table = sample(n, scratch)
        trained.append(train(table, n, scratch, times))
        shutil.rmtree(scratch / f"sample-{n}")
    disk, memory = disk_rate(scratch, COPIED), memory_rate(COPIED)
    text, met = training_table(trained, disk, memory)
    scored, fast = scoring_table(scratch / "out" / "model")
    rates = f"Disk {disk / 1e6:,.0f} MB/s, memory {memory / 1e6:,.0f} MB/s."
    return f"{text}\n\n{rates}\n\n{scored}", met and fast


def run(tables: Tables, scratch: Path, *, times: int) -> tuple[str, bool]:
    """Print the tables for ``make bench``; ``SIZES=full`` adds ten million tracks, once."""
    del tables
    full = os.environ.get("SIZES") == "full"
    folder = scratch / "big"
    folder.mkdir()
    try:
        return tables_of(catalogs.FULL if full else catalogs.SIZES, folder, times=times)
    finally:
        shutil.rmtree(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    data = os.environ.get("MOODTUNE_DATA")
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--full", action="store_true", help="ten million tracks as well")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--temp-dir", type=Path, help="where all of this lies meanwhile")
    options = parser.parse_args()
    sizes = sorted({*options.sizes, *([FULL] if options.full else [])})
    with tempfile.TemporaryDirectory(prefix="moodtune-big-", dir=options.temp_dir) as folder:
        scratch = Path(folder)
        print(f"{machine()}\n")
        text, met = tables_of(sizes, scratch, times=options.times)
        print(text)
        if options.data is not None:
            tables = find_tables(options.data, scratch)
            run = train(tables.catalog, 0, scratch, options.times)
            print(f"\nOn {tables.called}: {run.seconds:.1f} s, {run.peak_mb:,.0f} MB.")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
