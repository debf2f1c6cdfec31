"""Python code in the middle of a native call: signal handlers and log lines.

The library calls back while Python's frame waits for it. An exception cannot pass through C:
ctypes prints "Exception ignored" and drops it. It may be the KeyboardInterrupt of a signal handler,
which Python runs before any bytecode of the main thread, so not even ``try`` in a callback would
come first. Therefore no function is called back but a generator is resumed, whose ``yield`` stands
inside ``try``; and from C to there no bytecode runs: ``property``, ``attrgetter``, ``partial``,
``max`` and ``send`` are C.

What was raised is kept, the call is cancelled, and the exception is raised when it has returned.
"""

from __future__ import annotations

import atexit
import functools
import operator
import os
import threading
import time
from collections.abc import Callable, Generator
from typing import Any, Optional, TypeVar

from diyalog import _log
from diyalog import _native as native
from diyalog._errors import Error

_Result = TypeVar("_Result")


class _CurrentCall(threading.local):
    """Passes what it is called with to the generator of this thread's call."""

    send: Any = None
    __call__ = property(operator.attrgetter("send"))


_current = _CurrentCall()

# Each argument is sent: the interrupt's user_data, and a line's level, text and user_data. max()
# compares what the generator yields in return.
interrupt = native.diyalog_interrupt_callback(_current)
write_line = native.diyalog_log_callback(functools.partial(max, key=_current))


class _Watch:
    """What happens in Python during one native call."""

    def __init__(self) -> None:
        _kept.append(self)
        self.attempt = 0
        self.raised: Optional[BaseException] = None
        self._running = self._run()
        next(self._running)
        self.send = self._running.send

    def _run(self) -> Generator[int, Any, None]:
        level = 0
        while True:
            try:
                # The second try is for exceptions between the first and its next turn.
                while True:
                    try:
                        sent = yield self.raised is not None
                        if isinstance(sent, int):
                            level = sent
                        elif sent is not None:
                            self.attempt += 1
                            _log.write_line(level, sent.decode(), self.attempt)
                    except GeneratorExit:
                        return
                    except BaseException as error:
                        self.raised = self.raised or error
            except GeneratorExit:
                return
            except BaseException as error:
                self.raised = self.raised or error


# All that were made. None is dropped, also if a signal's exception comes between taking one and
# putting it back: closing a generator runs its bytecode, where the next exception would be lost.
_kept: list[_Watch] = []

# Those that no call uses. A call within a call, by a signal handler, has one of its own.
_idle: list[_Watch] = []


def watched(function: Callable[..., _Result], *arguments: Any) -> _Result:
    """Call a function that makes a native call, and raise what was raised in its middle."""
    try:
        watch = _idle.pop()
    except IndexError:
        watch = _Watch()
    outer = _current.send
    _current.send = watch.send
    try:
        result = function(*arguments)
    except Error:
        if watch.raised is None:
            raise
        # The call was cancelled for it.
    finally:
        _current.send = outer
        raised, watch.raised, watch.attempt = watch.raised, None, 0
        _idle.append(watch)
    if raised is not None:
        try:
            raise raised
        finally:
            # The exception holds this frame.
            del raised
    return result


def is_main_thread() -> bool:
    """Tell whether this is the thread on which Python runs signal handlers."""
    return threading.get_ident() == threading.main_thread().ident


# While the interpreter ends, it stops each other thread that wants to run Python code (before
# Python 3.14). It unwinds the thread, and to unwind Rust ends the process. So the calls of daemon
# threads that may log are ended first. Other threads have ended by then.
_may_log: set[object] = set()
_is_ending = False


def watched_until_exit(function: Callable[..., _Result], *arguments: Any) -> _Result:
    """As ``watched``, on a thread that must not be in the call when the interpreter ends."""
    call = object()
    _may_log.add(call)
    try:
        if not _is_ending:
            return watched(function, *arguments)
    finally:
        _may_log.discard(call)
        if _is_ending:
            # For good: an exception would be printed, at the end of a program that is done.
            threading.Event().wait()
    raise AssertionError


@functools.cache
def at_exit() -> Any:
    """Return the cancellation of the calls that end with the interpreter."""
    return native.diyalog_cancellation_new()


def _end() -> None:
    global _is_ending
    _is_ending = True
    if _may_log:
        native.diyalog_cancellation_cancel(at_exit())
        while _may_log:
            time.sleep(0.001)


atexit.register(_end)
if hasattr(os, "register_at_fork"):
    # A forked child does not have its parent's other threads.
    os.register_at_fork(after_in_child=_may_log.clear)
