"""Run commands in fresh processes, and measure their wall time and peak memory."""

import compileall
import os
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

import psutil

import moodtune

MB = 1024 * 1024
#: Seconds between two looks at the memory of a process and its children, which take 1.3 ms each.
PAUSE = 0.1
#: A child younger than this, in seconds, is not counted: until it becomes a program of its own, a
#: new process shows its parent's memory, all of it shared, as if it were held twice.
GROWN_UP = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of a command took.

    ``seconds``      by the clock on the wall
    ``cpu_seconds``  of all its processes and threads; says what a busy machine hides
    ``peak_mb``      the most resident memory at any moment
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


def run_fresh(command: Sequence[str], log: Path) -> Run:
    """Run a command to its end in a process of its own; what it prints goes to ``log``.

    The peak is the larger of two: the sum over the whole process tree, looked at every 100 ms;
    and the kernel's own figure for the command. The latter is exact, but a new process begins
    with its parent's peak: where it is not above ours, it says nothing about the command.
    Raises RuntimeError with the end of the log if the command fails.
    """
    compile_moodtune()
    start = time.perf_counter()
    with log.open("wb") as output:
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    tree_peak, status, usage = 0, 0, None
    first_seen: dict[int, float] = {}
    while usage is None:
        tree_peak = max(tree_peak, tree_memory(child.pid, first_seen))
        time.sleep(PAUSE)
        pid, status, found = os.wait4(child.pid, os.WNOHANG)
        usage = found if pid else None
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        tail = log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}:\n{tail}")
    inherited = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    own_peak = usage.ru_maxrss * 1024 if usage.ru_maxrss > inherited else 0
    return Run(
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mb=max(own_peak, tree_peak) / MB,
    )


@cache
def compile_moodtune() -> None:
    """Compile Moodtune's modules, as an installation does, whatever the environment says.

    Where it says ``PYTHONDONTWRITEBYTECODE``, each command run from a checkout compiled them anew:
    2.3 of 22 s of a million tracks' training.
    """
    compileall.compile_dir(Path(moodtune.__file__).parent, quiet=1)


def tree_memory(pid: int, first_seen: dict[int, float]) -> int:
    """Return the resident bytes of a process and of its grown-up descendants, 0 if it is gone.

    ``first_seen`` says when each descendant was, and is filled in here.
    """
    try:
        root, now = psutil.Process(pid), time.perf_counter()
        grown_up = [
            child
            for child in root.children(recursive=True)
            if now - first_seen.setdefault(child.pid, now) >= GROWN_UP
        ]
        return sum(process.memory_info().rss for process in (root, *grown_up))
    except psutil.NoSuchProcess:
        return 0


def in_turn(
    commands: Mapping[str, Sequence[str]], *, times: int, logs: Path
) -> dict[str, list[Run]]:
    """Run each command, then each again, and so on: what disturbs one disturbs the others."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(times):
        for name, command in commands.items():
            runs[name].append(run_fresh(command, logs / f"{name}-{number}.log"))
    return runs


def median_run(runs: Sequence[Run]) -> Run:
    """Return the medians of each figure on its own."""
    return Run(
        seconds=median(run.seconds for run in runs),
        cpu_seconds=median(run.cpu_seconds for run in runs),
        peak_mb=median(run.peak_mb for run in runs),
    )
