"""What a long command is doing, on a terminal: the stage, how fast it goes, and the time left."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

#: Seconds between two looks at how far a stage is.
_BETWEEN = 0.1
_CLEARED, _DIM, _PLAIN = "\r\x1b[2K", "\x1b[2m", "\x1b[0m"


class StageLines:
    """Writes a line per stage, and in the last line how far it is; silent where none looks on.

    >>> StageLines(sys.stdout).announce("reading tracks")  # no terminal
    """

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._silent = not self._stream.isatty()
        self._clock = clock
        self._began = clock()
        self._counted: str | None = None
        self._stage_began = self._told = self._began

    def announce(self, stage: str) -> None:
        """Write that ``stage`` begins, under what was counted before."""
        if not self._silent:
            self.end()
            self._stream.write(f"{self._line(stage)}\n")
            self._stream.flush()

    def count(self, what: str, done: int, of: int) -> None:
        """Say that ``done`` of ``of`` rows are done, over what was said of them before."""
        now = self._clock()
        if self._silent:
            return
        if what != self._counted:
            self.end()
            self._counted, self._stage_began = what, now
        elif done < of and now - self._told < _BETWEEN:
            return
        self._told = now
        said = _progress(done, of, now - self._stage_began)
        self._stream.write(f"{_CLEARED}{self._line(f'{what}: {said}')}")
        self._stream.flush()

    def end(self) -> None:
        """End the line in which something was counted, if there is one."""
        if self._counted is not None:
            self._counted = None
            self._stream.write("\n")
            self._stream.flush()

    def _line(self, text: str) -> str:
        return f"{_DIM}{self._clock() - self._began:6.1f} s  {text}{_PLAIN}"


def _progress(done: int, of: int, seconds: float) -> str:
    said = f"{done:,} of {of:,}"
    if not done or seconds <= 0:
        return said
    rate = done / seconds
    left = f", {(of - done) / rate:.0f} s left" if done < of else ""
    return f"{said}, {rate:,.0f} a second{left}"
