"""A night's lists with what may go wrong in it: a worker is killed, and the whole job.

    python benchmarks/nightly_run.py --model output/model [--listeners 1000000]

``moodtune recommend-all`` runs on a Dask cluster of this machine: one worker for a twentieth of
the lists, then the job is killed; two workers go on, one of which is killed at a quarter; the job
is killed again at half, and a last start ends it. Some parts are then made in this process, and
their bytes compared. Ends with 1 if any differ.
"""

import argparse
import atexit
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
from recommend_all import drawn_profiles
from surroundings import machine

from moodtune.artifacts import open_index
from moodtune.scale_out.partition import lists_of
from moodtune.scale_out.parts import part_name, write_part
from moodtune.scale_out.profiles import read_profiles
from moodtune.scale_out.running import PER_PART

#: Shares of all parts at which something happens.
_ONE_WORKER, _WORKER_KILLED, _JOB_KILLED = 0.05, 0.25, 0.5
#: Parts that are made once more in this process.
_COMPARED = 10
_LOOK_S = 0.5


class Night:
    """The lists of one table in the making, one start of the command after another."""

    def __init__(self, model: Path, listeners: Path, out: Path, parts: int) -> None:
        self._command = [
            *(sys.executable, "-m", "moodtune", "recommend-all", "--model", str(model)),
            *("--listeners", str(listeners), "--out", str(out)),
        ]
        self._out, self._parts = out, parts

    def done(self) -> int:
        return len(list(self._out.glob("*.parquet")))

    def run(self, workers: int, until: float, then: Callable[[psutil.Process], None]) -> float:
        """Work until so great a share is done, and return the lists per second from the first."""
        process = psutil.Popen([*self._command, "--workers", str(workers)], start_new_session=True)
        atexit.register(kill_job, process)  # should this program be the one that ends
        before = self.done()
        while self.done() == before and process.poll() is None:
            time.sleep(_LOOK_S)
        first, began = self.done(), time.monotonic()
        while self.done() < max(until * self._parts, first + 2) and process.poll() is None:
            time.sleep(_LOOK_S)
        rate = (self.done() - first) * PER_PART / (time.monotonic() - began)
        then(process)
        return rate

    def kill_worker_and_go_on(self, process: psutil.Process) -> None:
        """Kill the worker that has worked most, and the job later on."""
        workers = process.children(recursive=True)
        busiest = max(workers, key=lambda worker: sum(worker.cpu_times()[:2]))
        busiest.kill()
        while self.done() < _JOB_KILLED * self._parts and process.poll() is None:
            time.sleep(_LOOK_S)
        kill_job(process)


def kill_job(process: psutil.Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def ended(process: psutil.Process) -> None:
    if process.wait():
        raise SystemExit("the last start did not end well")


def same_bytes(model: Path, listeners: Path, out: Path, parts: int, scratch: Path) -> bool:
    index = open_index(model)
    table = read_profiles(listeners, index.taxonomy).frame
    scratch.mkdir()
    for number in range(0, parts, max(parts // _COMPARED, 1)):
        lists = lists_of(index, table.slice(number * PER_PART, PER_PART), n=10)
        write_part(scratch, number, lists)
        if (scratch / part_name(number)).read_bytes() != (out / part_name(number)).read_bytes():
            return False
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--listeners", type=int, default=1_000_000)
    given = parser.parse_args()
    parts = -(-given.listeners // PER_PART)
    print(f"{machine()}; {given.listeners:,} listeners, top 10 of all tracks")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        listeners, out = folder / "listeners.parquet", folder / "lists"
        drawn_profiles(given.model, given.listeners).write_parquet(listeners)
        night = Night(given.model, listeners, out, parts)
        began = time.monotonic()
        one = night.run(1, _ONE_WORKER, kill_job)
        print(
            f"1 worker:  {one:6.0f} lists/s; the job killed at {night.done():,} parts", flush=True
        )
        two = night.run(2, _WORKER_KILLED, night.kill_worker_and_go_on)
        print(f"2 workers: {two:6.0f} lists/s, {two / max(one, 1):.2f} times as many", flush=True)
        print(f"a worker killed at a quarter, the job at {night.done():,} parts", flush=True)
        last = night.run(2, 1, ended)
        seconds = time.monotonic() - began
        print(f"2 workers: {last:6.0f} lists/s to the end, {night.done():,} parts")
        print(f"{given.listeners:,} lists in {seconds / 60:.1f} minutes, all starts included")
        same = same_bytes(given.model, listeners, out, parts, folder / "again")
        print("the bytes of parts made in one process:", "the same" if same else "DIFFERENT")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
