"""The library's log lines, given to ``logging.getLogger("diyalog")`` as they are written.

A line comes in the middle of a call, by a callback that runs Python code below C and Rust code.
Two things must not happen there, and so wait until the call has ended:

- An exception cannot pass through C. That of a handler of ours is reported by ctypes, as those of
  finalizers are. But that of a signal handler, such as KeyboardInterrupt, would be lost with it.
- While the interpreter ends, it stops each other thread that wants to run Python code (before
  Python 3.14). It does so by unwinding the thread, and to unwind Rust ends the process.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

from diyalog import _native as native
from diyalog._results import check

logger = logging.getLogger("diyalog")

_LEVELS = {
    native.DIYALOG_LOG_ERROR: logging.ERROR,
    native.DIYALOG_LOG_WARN: logging.WARNING,
    native.DIYALOG_LOG_INFO: logging.INFO,
    native.DIYALOG_LOG_DEBUG: logging.DEBUG,
}

# Those whose handlers usually raise: KeyboardInterrupt, and SystemExit in a service.
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def _write(level: int, message: bytes, _user_data: int | None) -> None:
    logger.log(_LEVELS[level], "%s", message.decode())


_callback = native.diyalog_log_callback(_write)


def attach(config: Any) -> bool:
    """Let a client write the levels that somebody wants now; say whether there are any.

    Where no logging is set up nobody does: calls then need none of the care below, and Python
    prints no line on stderr for want of a handler.
    """
    wanted = [level for level in _LEVELS if logger.isEnabledFor(_LEVELS[level])]
    if not wanted or not logger.hasHandlers():
        return False
    check(native.diyalog_config_set_log_callback, config, _callback, None, max(wanted))
    return True


@contextlib.contextmanager
def lines_may_come() -> Iterator[None]:
    """Surround a call that may write lines."""
    # Signals arrive on the main thread, and it is that thread which ends the interpreter.
    is_main = threading.current_thread() is threading.main_thread()
    with _signals_held_back() if is_main else _exit_held_back():
        yield


@contextlib.contextmanager
def _signals_held_back() -> Iterator[None]:
    arrived: list[tuple[int, FrameType | None]] = []
    with contextlib.ExitStack() as restored:
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            # Refused outside the main interpreter, where no handler runs either.
            with contextlib.suppress(ValueError):
                if callable(handler):
                    signal.signal(number, lambda *caught: arrived.append(caught))
                    restored.callback(_restore, number, handler, arrived)
        yield


def _restore(number: int, handler: Any, arrived: list[tuple[int, FrameType | None]]) -> None:
    signal.signal(number, handler)
    for caught, frame in arrived:
        if caught == number:
            handler(number, frame)
            break


class _ExitGate:
    """Counts the calls on other threads, so that the interpreter's end waits for them."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the calls of the threads that a forked child does not have."""
        self._condition = threading.Condition()
        self._calls = 0
        self._is_closed = False

    @contextlib.contextmanager
    def call(self) -> Iterator[None]:
        with self._condition:
            self._condition.wait_for(lambda: not self._is_closed)
            self._calls += 1
        try:
            yield
        finally:
            with self._condition:
                self._calls -= 1
                self._condition.notify_all()

    def close(self) -> None:
        """Let no call begin any more, and wait for those under way: each has a deadline."""
        with self._condition:
            self._is_closed = True
            self._condition.wait_for(lambda: self._calls <= 0)


_gate = _ExitGate()
_exit_held_back = _gate.call
atexit.register(_gate.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_gate.reset)
