"""Per-call options."""

from __future__ import annotations

import ctypes
import functools
from typing import Any, Optional

from diyalog import _arguments as arguments
from diyalog import _callbacks, _log
from diyalog import _native as native

_SIZE = ctypes.sizeof(native.diyalog_call_options)


def new(
    requester_user_id: Optional[str],
    timeout: Optional[float],
    repeatable: bool = False,
    log_level: int = _log.OFF,
) -> Any:
    """Check the options of a call and return the native ones."""
    options = native.diyalog_call_options(_SIZE)
    options.log_level = log_level
    options.repeatable = arguments.flag("repeatable", repeatable)
    if requester_user_id is not None:
        options.requester_user_id = arguments.text("requester_user_id", requester_user_id)
    if timeout is not None:
        options.timeout_ms = arguments.milliseconds("timeout", timeout)
    return options


def blocking(
    requester_user_id: Optional[str],
    timeout: Optional[float],
    repeatable: bool,
    log_level: int,
    is_main: bool,
) -> Any:
    """Return the native options of a call that blocks this thread."""
    if requester_user_id is None and timeout is None and repeatable is False:
        return _defaults(log_level, is_main)
    return _endable(new(requester_user_id, timeout, repeatable, log_level), is_main)


@functools.cache
def _defaults(log_level: int, is_main: bool) -> Any:
    """Make them once: the library only reads them."""
    return _endable(new(None, None, log_level=log_level), is_main)


def _endable(options: Any, is_main: bool) -> Any:
    if is_main:
        options.interrupt = _callbacks.interrupt
    else:
        options.cancellation = _callbacks.at_exit()
    return options
