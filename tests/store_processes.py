"""Other processes that write to a store, for tests that race with them and kill them.

Run as a program it imports the store once, and then forks a process for each line on its standard
input, as importing takes a hundred times as long as forking::

    NUMBER write ADDRESS LISTENER      writes events w-NUMBER-0, w-NUMBER-1 ... until it is killed
    NUMBER race ADDRESS LISTENER ACTION COUNT    writes events race-0 ... with one action, and ends
    NUMBER show ADDRESS LISTENER       notes that s-NUMBER-0 ... were shown yesterday, until killed
    NUMBER open ADDRESS LISTENER       opens the store and writes the one event o-NUMBER

What they do is told line by line: ``NUMBER pid PID``, ``NUMBER ack KEY new``, ``NUMBER end STATUS``.
"""

import os
import signal
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count


@dataclass
class StoreProcesses:
    """The processes of one test; use as a context."""

    _numbers: count = field(default_factory=count)
    _lines: dict = field(default_factory=lambda: defaultdict(list))

    def __enter__(self):
        self._server = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_):
        self._server.stdin.close()
        self._server.stdout.close()
        self._server.wait()

    def start(self, kind, *words):
        """Start a process, and return its number and its id."""
        number = str(next(self._numbers))
        print(number, kind, *words, file=self._server.stdin, flush=True)
        return number, int(self._first(number, "pid")[0])

    def kill(self, started):
        """Kill a process that `start` returned with SIGKILL."""
        os.kill(started[1], signal.SIGKILL)

    def ended(self, started):
        """Wait for a process's end; return what it acknowledged, and its status."""
        status = int(self._first(started[0], "end")[0])
        return [words for kind, *words in self._lines[started[0]] if kind == "ack"], status

    def acknowledged(self, started):
        """Wait until a process has acknowledged something."""
        self._first(started[0], "ack")

    def _first(self, number, kind):
        while True:
            for found, *words in self._lines[number]:
                if found == kind:
                    return words
            line = self._server.stdout.readline()
            assert line, "the processes ended before they had told all"
            other, *told = line.split()
            self._lines[other].append(told)


def _say(*words):
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def _write(number, address, listener):
    store = Store.open(address)
    for n in count():
        _, created = store.add_feedback(listener, event(f"w-{number}-{n}"))
        _say(number, "ack", f"w-{number}-{n}", int(created))


def _race(number, address, listener, action, times):
    store = Store.open(address)
    for n in range(int(times)):
        try:
            stored, created = store.add_feedback(listener, event(f"race-{n}", action=action))
        except KeyConflictError:
            _say(number, "ack", f"race-{n}", "conflict")
        else:
            _say(number, "ack", f"race-{n}", int(created), stored.action)


def _show(number, address, listener):
    store = Store.open(address)
    for n in count():
        store.add_shown(listener, [f"s-{number}-{n}"], NOW - DAY)
        _say(number, "ack", f"s-{number}-{n}", 1)


def _open(number, address, listener):
    with closing(Store.open(address)) as store:
        store.add_feedback(listener, event(f"o-{number}"))


def _mind(number, kind, *words):
    """Run one process, and tell its beginning and its end."""
    worker = os.fork()
    if worker == 0:
        {"write": _write, "race": _race, "show": _show, "open": _open}[kind](number, *words)
        os._exit(0)
    _say(number, "pid", worker)
    _, status = os.waitpid(worker, 0)
    _say(number, "end", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    from contextlib import closing

    from moodtune.errors import KeyConflictError
    from moodtune.serving.store import Store
    from store_worlds import DAY, NOW, event

    for line in sys.stdin:
        if os.fork() == 0:
            _mind(*line.split())
            os._exit(0)
