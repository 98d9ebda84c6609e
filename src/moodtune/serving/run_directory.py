"""Where a running service and ``moodtune reload`` find each other: a few small files.

    lock              held by the service for as long as it runs
    generation        a number; each process loads the model again when it has grown
    process-PID.json  what became of it in that process

One service has one run directory. A lock dies with its holder, so a killed service leaves nothing
that would have to be cleaned up by hand.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from platformdirs import user_data_path

from moodtune.atomic import atomic_file
from moodtune.errors import BundleError, UsageError

_LOCK, _GENERATION = "lock", "generation"
_STATE = "process-{}.json"
_STATES = "process-*.json"
_LOOK_AGAIN_S = 0.05


class ProcessState(msgspec.Struct, frozen=True, kw_only=True):
    """What a process of the service says of its model.

    ``asked``    the generation that it has seen asked for
    ``serving``  the generation that it serves
    ``problem``  why the two differ
    """

    pid: int
    asked: int
    serving: int
    problem: str | None = None


def default_run_directory() -> Path:
    """Return the run directory in the user's data directory, beside the default store."""
    return user_data_path("moodtune", appauthor=False) / "run"


class RunDirectory:
    """The files of one service."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; UsageError where another service has it."""
        self._make()
        descriptor = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(
                    f"another service runs from {self.path}: stop it, or give this one a --run-dir "
                    "of its own"
                ) from None
            self.clear()
            yield
        finally:
            os.close(descriptor)

    def is_held(self) -> bool:
        """Return whether a service runs."""
        try:
            descriptor = os.open(self.path / _LOCK, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def clear(self) -> None:
        """Remove what processes that are no more have said."""
        for path in self.path.glob(_STATES):
            path.unlink(missing_ok=True)

    def generation(self) -> int:
        """Return the generation that is asked for; 0 before there was any."""
        try:
            return int((self.path / _GENERATION).read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return 0

    def raise_generation(self) -> int:
        """Ask every process to load the model again, and return the number of it."""
        self._make()
        descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # two that ask at once ask for two
            generation = self.generation() + 1
            with atomic_file(self.path / _GENERATION) as file:
                file.write_text(f"{generation}\n", encoding="ascii")
        finally:
            os.close(descriptor)
        return generation

    def tell(self, state: ProcessState) -> None:
        """Say what became of a generation in this process."""
        with atomic_file(self.path / _STATE.format(state.pid)) as file:
            file.write_bytes(msgspec.json.encode(state))

    def forget(self, pid: int) -> None:
        """Remove what a process that has ended had said."""
        (self.path / _STATE.format(pid)).unlink(missing_ok=True)

    def states(self) -> list[ProcessState]:
        """Return what the processes say, by process id."""
        states = []
        for path in self.path.glob(_STATES):
            with suppress(FileNotFoundError, msgspec.DecodeError):
                states.append(msgspec.json.decode(path.read_bytes(), type=ProcessState))
        return sorted(states, key=lambda state: state.pid)

    def _make(self) -> None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{self.path} cannot be made ({error.strerror}): name another --run-dir"
            ) from error


def reload_model(directory: RunDirectory, *, within_s: float) -> list[ProcessState]:
    """Ask a running service to load its model again, and return what its processes say.

    UsageError where none runs or they do not say in time; BundleError where the model is refused.
    """
    if not directory.is_held():
        raise UsageError(
            f"no service runs from {directory.path}: start one with moodtune serve, or name its "
            "--run-dir"
        )
    generation = directory.raise_generation()
    until = time.monotonic() + within_s
    while True:
        states = directory.states()
        if states and all(state.asked >= generation for state in states):
            break
        if time.monotonic() > until:
            raise UsageError(
                f"the service did not load the model within {within_s:g} seconds; its log says why"
            )
        time.sleep(_LOOK_AGAIN_S)
    for state in states:
        if state.problem is not None:
            raise BundleError(f"{state.problem}; the model that was there is still served")
    return states
