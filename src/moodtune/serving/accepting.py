"""Connections taken a few at a time, so that processes on one socket share them.

An event loop's own server takes all that wait whenever it wakes: of many connections that come at
once the process that wakes first has most, and the service bears little more than that one does.
Here a process takes one, and leaves the next to the others for a moment; where they go on to leave
some, it takes more. The socket stays shared: what waits is anybody's, so that a process that hangs
or dies keeps nobody waiting.
"""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable
from contextlib import suppress

from moodtune.serving.logs import EVENTS, SAID

_LOGGER = logging.getLogger(EVENTS)

#: Seconds for which a process that has taken connections leaves the next ones to others.
_PAUSE_S = 0.001

#: Looks in a row that find some after which one more is taken at each, and the most that are.
_LOOKS, _MOST_AT_ONCE = 8, 64

#: Seconds after which one is tried again where none could be had, for want of descriptors mostly.
_RETRY_S = 1.0

#: Seconds in which what has been sent on the last connections is read, before they are closed.
_LAST_S = 0.05

#: Errors of a connection that ended before it was taken: accept(2) has the list.
_OF_ONE = frozenset(
    {
        errno.ECONNABORTED,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENOPROTOOPT,
        errno.EOPNOTSUPP,
        errno.EPERM,
        errno.EPROTO,
        *([errno.ENONET] if hasattr(errno, "ENONET") else []),
    }
)


class Acceptor:
    """Takes its share of a listening socket's connections until it is closed; in a running loop.

    ``protocol``  makes the protocol of each
    ``held``      how many connections this process has
    """

    def __init__(
        self,
        listening: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        held: Callable[[], int],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._listening = listening
        self._protocol = protocol
        self._held = held
        self._in_a_row = 0  # looks after which some may be left
        self._pausing: asyncio.TimerHandle | None = None
        self._beginning: set[asyncio.Task[None]] = set()
        listening.setblocking(False)
        self._go_on()

    async def close(self) -> None:
        """Take what waits already, and no more; return when what was sent on it has been read."""
        self._loop.remove_reader(self._listening)
        if self._pausing is not None:
            self._pausing.cancel()
        with suppress(OSError):
            for _ in range(socket.SOMAXCONN):
                if not self._take_one():
                    break
        if self._beginning:
            await asyncio.gather(*self._beginning)
            await asyncio.sleep(_LAST_S)

    def _go_on(self) -> None:
        self._pausing = None
        self._loop.add_reader(self._listening, self._take_some)

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self._listening)
        self._pausing = self._loop.call_later(seconds, self._go_on)

    def _take_some(self) -> None:
        try:
            left_some = all(self._take_one() for _ in range(self._at_once()))
        except OSError as error:
            _LOGGER.warning("no connection could be taken", extra={SAID: {"why": str(error)}})
            self._pause(_RETRY_S)
            return
        self._in_a_row = self._in_a_row + 1 if left_some else 0
        # Those who come one after the other, and leave, wait for no pause.
        if self._held() + len(self._beginning) > 1:
            self._pause(_PAUSE_S)

    def _at_once(self) -> int:
        return min(1 + self._in_a_row // _LOOKS, _MOST_AT_ONCE)

    def _take_one(self) -> bool:
        """Take a connection; return whether there may be more. OSError where none can be had."""
        try:
            taken, _ = self._listening.accept()
        except (BlockingIOError, InterruptedError):
            return False  # another process was quicker
        except OSError as error:
            if error.errno in _OF_ONE:
                return True
            raise
        task = self._loop.create_task(self._begin(taken))
        self._beginning.add(task)  # a loop alone forgets its tasks
        task.add_done_callback(self._beginning.discard)
        return True

    async def _begin(self, taken: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, taken)
        except OSError as error:
            taken.close()
            _LOGGER.warning("a connection ended as it began", extra={SAID: {"why": str(error)}})
