"""A native queue on one asyncio event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
import weakref
from collections.abc import Callable
from typing import Any, Optional

from diyalog import _log
from diyalog import _native as native
from diyalog._errors import CancelledError
from diyalog._handle import Handle
from diyalog._queue import Queue, Result

_Done = Callable[[Result], None]


class LoopQueue:
    """The queue of an AsyncClient while it is used on one loop.

    A worker of the library wakes the loop by writing to a socket; no worker runs Python code. Not
    thread-safe: everything happens on the loop's thread.
    """

    def __init__(self, handle: Handle, max_in_flight: int, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._queue = Queue(handle, max_in_flight)
        self._waiting: dict[int, tuple[float, _Done]] = {}
        self._last_tag = 0
        self._drained: Optional[asyncio.Future[None]] = None
        self._reader, writer = ends = socket.socketpair()
        for end in ends:
            end.setblocking(False)
        self._release = weakref.finalize(self, _release, self._queue.close, *ends)
        self._release.atexit = False  # type: ignore[misc,unused-ignore] # as for the queue
        self._queue.set_wake_fd(writer.fileno())
        self._reading: Optional[asyncio.Task[None]] = None
        try:
            loop.add_reader(self._reader, self._receive)
        except NotImplementedError:
            # Windows' default loop waits for data, not for sockets.
            self._reading = loop.create_task(self._read())

    def submit(self, customer_id: bytes, options: Any, done: _Done) -> None:
        """Start a lookup. ``done`` is called on the loop with its result."""
        self._last_tag += 1
        self._queue.submit(customer_id, options, self._last_tag)
        self._waiting[self._last_tag] = (time.monotonic(), done)

    def submit_post(self, path: bytes, body: bytes, options: Any, done: _Done) -> None:
        """Start a post. ``done`` is called on the loop with its result."""
        self._last_tag += 1
        self._queue.submit_post(path, body, options, self._last_tag)
        self._waiting[self._last_tag] = (time.monotonic(), done)

    def _receive(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._reader.recv(4096)
        self._finish_all()

    async def _read(self) -> None:
        while True:
            await self.loop.sock_recv(self._reader, 4096)
            self._finish_all()

    def _finish_all(self) -> None:
        while finished := self._queue.next(0):
            tag, result = finished
            submitted, done = self._waiting.pop(tag)
            _log.write_result(result, time.monotonic() - submitted)
            done(result)
        if not self._waiting and self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    async def close(self) -> None:
        """End what is in flight with CancelledError, and free the queue, within 100 ms."""
        self._queue.cancel()
        waiting = list(self._waiting.items())
        if waiting:
            self._drained = self.loop.create_future()
        for tag, (began, done) in waiting:
            # The results are still to come, and of no interest.
            self._waiting[tag] = (began, _ignore)
            done(CancelledError("the client was closed during the call; create a new one"))
        if self._drained is not None:
            await asyncio.wait([self._drained], timeout=0.1)
        self.abandon()

    def abandon(self) -> None:
        """Free the queue, though its loop may be closed."""
        if self._reading is not None:
            self._reading.cancel()
        elif not self.loop.is_closed():
            self.loop.remove_reader(self._reader)
        self._release()


def _release(
    free_queue: Callable[[], object], reader: socket.socket, writer: socket.socket
) -> None:
    # In this order: the queue writes to a socket.
    free_queue()
    reader.close()
    writer.close()


def _ignore(_result: Result) -> None:
    pass


class Cancellation:
    """Ends the calls that were submitted with it."""

    def __init__(self) -> None:
        self.pointer = native.diyalog_cancellation_new()

    def cancel(self) -> None:
        """End the calls within 100 ms. Does not block."""
        native.diyalog_cancellation_cancel(self.pointer)

    def free(self) -> None:
        """Free it. The calls keep what they need of it."""
        native.diyalog_cancellation_free(self.pointer)
