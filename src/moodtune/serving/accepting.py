"""Connections taken one at a time, so that workers on one socket share them.

An event loop's own server takes all that wait whenever it wakes: of many connections that come at
once the worker that wakes first has most, and the service bears little more than that one does.
Here a worker takes one, and leaves the next to the others for a moment. The socket stays shared:
what waits is anybody's, so that a worker that hangs or dies keeps nobody waiting.
"""

import asyncio
import logging
import socket
from collections.abc import Callable

from moodtune.serving.logs import EVENTS, SAID

_LOGGER = logging.getLogger(EVENTS)

#: Seconds for which a worker that has taken a connection leaves the next one to others.
PAUSE_S = 0.001

#: Seconds after which one is tried again where none could be had, for want of descriptors mostly.
_RETRY_S = 1.0


class Acceptor:
    """Takes the connections of a socket that listens, until it is closed; made in a running loop.

    ``protocol``  makes the protocol of each
    ``pause_s``   seconds after each for which the next is left to other processes
    """

    def __init__(
        self,
        listening: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        *,
        pause_s: float = 0.0,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._listening = listening
        self._protocol = protocol
        self._pause_s = pause_s
        self._pausing: asyncio.TimerHandle | None = None
        self._beginning: set[asyncio.Task[None]] = set()  # a loop alone forgets its tasks
        listening.setblocking(False)
        self._go_on()

    def close(self) -> None:
        """Take no more."""
        self._loop.remove_reader(self._listening)
        if self._pausing is not None:
            self._pausing.cancel()

    def _go_on(self) -> None:
        self._pausing = None
        self._loop.add_reader(self._listening, self._take)

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self._listening)
        self._pausing = self._loop.call_later(seconds, self._go_on)

    def _take(self) -> None:
        try:
            taken, _ = self._listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another worker was quicker, or the client has gone
        except OSError as error:
            _LOGGER.warning("no connection could be taken", extra={SAID: {"why": str(error)}})
            self._pause(_RETRY_S)
        else:
            self._begin(taken)

    def _begin(self, taken: socket.socket) -> None:
        task = self._loop.create_task(self._connect(taken))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)
        if self._pause_s:
            self._pause(self._pause_s)

    async def _connect(self, taken: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, taken)
        except OSError as error:
            taken.close()
            _LOGGER.warning("a connection ended as it began", extra={SAID: {"why": str(error)}})
