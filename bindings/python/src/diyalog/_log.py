"""Log lines for ``logging.getLogger("diyalog")``."""

from __future__ import annotations

import logging
import re
from typing import Any, Optional, Union

from diyalog import _native as native
from diyalog._errors import Error
from diyalog._status import HelpStatus

logger = logging.getLogger("diyalog")

OFF = -1

# From the one that brings most lines to the one that brings fewest.
_LEVELS = {
    native.DIYALOG_LOG_DEBUG: logging.DEBUG,
    native.DIYALOG_LOG_INFO: logging.INFO,
    native.DIYALOG_LOG_WARN: logging.WARNING,
    native.DIYALOG_LOG_ERROR: logging.ERROR,
}

_STATUS = re.compile(r" responded (\d{3})\b")
_MILLISECONDS = re.compile(r"(\d+) ms (?:into the call|on an? )")


def wanted_level() -> int:
    """Return the native level of the lines that are wanted now, or OFF.

    Without a handler none is: Python would print lines on stderr for want of one.
    """
    if logger.hasHandlers():
        for level, python_level in _LEVELS.items():
            if logger.isEnabledFor(python_level):
                return level
    return OFF


def write_line(level: int, line: str, attempt: int) -> None:
    """Log a line of the library about one attempt of a call."""
    status = _STATUS.search(line)
    milliseconds = _MILLISECONDS.search(line)
    _write(
        _LEVELS[level],
        line,
        attempt,
        int(status[1]) if status else None,
        int(milliseconds[1]) if milliseconds else None,
    )


def write_result(result: Union[HelpStatus, bytes, Error], seconds: float) -> None:
    """Log the end of a call that a worker thread made, where no Python code may run."""
    if not logger.hasHandlers():
        return
    milliseconds = round(seconds * 1000)
    if isinstance(result, Error):
        line = f"{result}, {milliseconds} ms after it was submitted"
        _write(logging.ERROR, line, None, result.http_status, milliseconds)
    elif logger.isEnabledFor(logging.DEBUG):
        line = f"responded 200, {milliseconds} ms after it was submitted"
        _write(logging.DEBUG, line, None, 200, milliseconds)


def _write(
    level: int,
    line: str,
    attempt: Optional[int],
    status: Optional[int],
    milliseconds: Optional[int],
) -> None:
    extra: dict[str, Any] = {"attempt": attempt, "status": status, "milliseconds": milliseconds}
    logger.log(level, "%s", line, extra=extra)
