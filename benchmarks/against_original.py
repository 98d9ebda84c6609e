"""The whole of ``moodtune train``, with its figures, beside the original recipe."""

import sys
from pathlib import Path

from measuring import Run, in_turn, median_run
from surroundings import Tables

TITLE = "Training on 114,000 tracks, with all figures"
#: Shares of the recipe's wall time and peak memory that training may take.
TIME_BAR = 1 / 4
MEMORY_BAR = 1 / 2

HERE = Path(__file__).parent


def commands(tables: Tables, scratch: Path) -> dict[str, list[str]]:
    catalog, behavior = str(tables.catalog), str(tables.behavior)
    recipe = [sys.executable, str(HERE / "original_recipe.py"), "--catalog", catalog]
    train = [sys.executable, "-m", "moodtune", "train", "--catalog", catalog]
    return {
        "original recipe": [*recipe, "--out", str(scratch / "original")],
        "moodtune train": [*train, "--behavior", behavior, "--out", str(scratch / "moodtune")],
    }


def run(tables: Tables, scratch: Path, *, times: int) -> tuple[str, bool]:
    """Return a table as markdown, and whether both bars are met."""
    runs = in_turn(commands(tables, scratch), times=times, logs=scratch)
    recipe, train = (median_run(runs[name]) for name in ("original recipe", "moodtune train"))
    time_ratio, memory_ratio = train.seconds / recipe.seconds, train.peak_mb / recipe.peak_mb
    cpu_ratio = train.cpu_seconds / recipe.cpu_seconds
    ratios = f"**{time_ratio:.3f}** | {cpu_ratio:.3f} | **{memory_ratio:.3f}**"
    rows = [
        "| | wall time | CPU time | peak memory | each run |",
        "|---|---|---|---|---|",
        *(row(name, median_run(each), each) for name, each in runs.items()),
        f"| **ratio of medians** | {ratios} | |",
        f"| at most | {verdict(time_ratio, TIME_BAR)} | | {verdict(memory_ratio, MEMORY_BAR)} | |",
    ]
    return "\n".join(rows), time_ratio <= TIME_BAR and memory_ratio <= MEMORY_BAR


def row(name: str, middle: Run, each: list[Run]) -> str:
    details = ", ".join(f"{one.seconds:.1f} s {one.peak_mb:.0f} MB" for one in each)
    return (
        f"| {name} | {middle.seconds:.1f} s | {middle.cpu_seconds:.1f} s "
        f"| {middle.peak_mb:.0f} MB | {details} |"
    )


def verdict(ratio: float, bar: float) -> str:
    return f"{bar:.3f}, {'met' if ratio <= bar else 'missed'}"
