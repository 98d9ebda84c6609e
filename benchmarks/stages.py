"""Where training takes its time and its memory: each stage's seconds and peak.

    python benchmarks/stages.py [--data DIR] [--no-figures]

Linux only. A stage's peak is that of the process while it ran, what earlier stages left included;
the modules that a stage is the first to import are counted in it.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from moodtune.terminal.memory import set_up_for_training

MB = 1024


class Stages:
    """Prints a line as each stage ends, which is when the next one is announced."""

    def __init__(self) -> None:
        self._stage = ""
        self.begin("printing this")

    def begin(self, stage: str) -> None:
        """End the stage before, and begin this one."""
        if self._stage:
            wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
            peak, left = resident("VmHWM"), resident("VmRSS")
            print(f"| {self._stage} | {wall:.2f} s | {cpu:.2f} s | {peak:.0f} MB | {left:.0f} MB |")
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
        self._stage, self._wall, self._cpu = stage, time.perf_counter(), time.process_time()


def resident(field: str) -> float:
    """Return one of the kernel's figures of this process's memory, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / MB for line in lines if line.startswith(field))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    data = os.environ.get("MOODTUNE_DATA")
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    parser.add_argument("--no-figures", action="store_true")
    options = parser.parse_args()
    # As the command does for small tables, before the imports below load polars.
    set_up_for_training([])
    from surroundings import find_tables

    with tempfile.TemporaryDirectory(prefix="moodtune-stages-") as scratch:
        tables = find_tables(options.data, Path(scratch))
        print(f"On {tables.called}.\n\n| stage | wall | CPU | peak | left |\n|---|---|---|---|---|")
        from moodtune.pipeline import train, write

        stages = Stages()
        run = train(tables.catalog, tables.behavior, announce=stages.begin)
        figures = not options.no_figures
        write(run, Path(scratch) / "out", figures=figures, announce=stages.begin)
        stages.begin("end")


if __name__ == "__main__":
    main()
