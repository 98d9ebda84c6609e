"""Run the benchmarks and print their tables: ``make bench``.

    python benchmarks/bench.py [--data DIR] [--times 3] [--only NAME] [--out FILE]

``--data`` names the folder of real tables, by default the environment's ``MOODTUNE_DATA``;
without either it measures on a synthetic sample and says so. What hangs on size comes first, at
100,000 and a million tracks, with ``SIZES=full`` at ten million too. Tables are printed as they are
there. Ends with 1 if a bar is missed.
A benchmark is a module here with a ``TITLE`` and ``run(tables, scratch, *, times)``, which gives
its table as markdown and whether its bars are met; it is named in ``BENCHMARKS``.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import against_original
import answering
import big_catalogs
import listener_model
import one_genre
import peers
import stability
from surroundings import Tables, find_tables, machine, versions

BENCHMARKS = {
    "big": big_catalogs,
    "answering": answering,
    "peers": peers,
    "original": against_original,
    "listeners": listener_model,
    "stability": stability,
    "genres": one_genre,
}
LIBRARIES = ("moodtune", "numpy", "polars", "scikit-learn", "matplotlib", "pandas", "seaborn")


def report(
    tables: Tables, scratch: Path, *, names: list[str], times: int
) -> Iterator[tuple[str, bool]]:
    """Run the named benchmarks; yield each part as markdown, and whether its bars are met."""
    yield "# Benchmarks", True
    yield (
        f"Measured on {tables.called}.\nFresh processes, in turn, {times} times each; medians.",
        True,
    )
    yield f"- {machine()}\n- {versions(LIBRARIES)}", True
    for name in names:
        yield f"## {BENCHMARKS[name].TITLE}", True
        yield BENCHMARKS[name].run(tables, scratch, times=times)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    data = os.environ.get("MOODTUNE_DATA")
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    parser.add_argument("--times", type=int, default=3, help="runs of each command")
    parser.add_argument("--only", choices=sorted(BENCHMARKS), action="append")
    parser.add_argument("--out", type=Path, help="write the tables to this file as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moodtune-bench-") as scratch:
        tables = find_tables(options.data, Path(scratch))
        names = options.only or list(BENCHMARKS)
        parts = []
        for text, met in report(tables, Path(scratch), names=names, times=options.times):
            print(text, end="\n\n", flush=True)
            parts.append((text, met))
    if options.out:
        options.out.write_text("\n\n".join(text for text, _ in parts) + "\n", encoding="utf-8")
    return 0 if all(met for _, met in parts) else 1


if __name__ == "__main__":
    sys.exit(main())
