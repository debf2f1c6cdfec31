"""Turns what the library returns into Python's results and exceptions."""

from __future__ import annotations

import functools
from ctypes import POINTER, byref
from typing import Any, Optional

from diyalog import _native as native
from diyalog._errors import FAMILIES, Error, ErrorCode, InvalidArgumentError
from diyalog._status import HelpStatus, HelpType

_ErrorPointer = POINTER(native.diyalog_error)

_HELP_TYPES = {
    native.DIYALOG_HELP_TYPE_INBOUND: HelpType.INBOUND,
    native.DIYALOG_HELP_TYPE_OUTBOUND: HelpType.OUTBOUND,
    native.DIYALOG_HELP_TYPE_OTHER: HelpType.OTHER,
}


def check(function: Any, *arguments: Any) -> None:
    """Call a function of the library that can fail, and raise its error."""
    error = _ErrorPointer()
    if function(*arguments, byref(error)) != native.DIYALOG_OK:
        try:
            raise error_of(error)
        finally:
            native.diyalog_error_free(error)


def error_of(error: Any) -> Error:
    """Copy a native error, which the caller still has to free if it owns it."""
    code = ErrorCode(native.diyalog_error_code(error))
    message = native.diyalog_error_message(error).decode()
    family = FAMILIES[code]
    if issubclass(family, InvalidArgumentError):
        return family(message, code, _argument(native.diyalog_error_argument(error)))
    return family(
        message,
        code,
        native.diyalog_error_http_status(error) or None,
        bool(native.diyalog_error_is_retryable(error)),
        native.diyalog_error_retry_after_ms(error) / 1000 or None,
    )


def status_of(status: Any) -> HelpStatus:
    """Copy a native status, which the caller still has to clear if it owns it."""
    return _status(
        status.is_in_help,
        status.help_type,
        status.error_code,
        status.help_type_text,
        status.staff_id,
    )


# Most results of a run are equal, above all "not in help". Making one costs five times as much.
@functools.lru_cache(maxsize=256)
def _status(
    is_in_help: int,
    help_type: int,
    error_code: int,
    help_type_text: Optional[bytes],
    staff_id: Optional[bytes],
) -> HelpStatus:
    return HelpStatus(
        is_in_help == 1,
        _HELP_TYPES.get(help_type),
        _text(help_type_text),
        _text(staff_id),
        error_code or None,
    )


def _text(copied: Optional[bytes]) -> Optional[str]:
    return None if copied is None else copied.decode()


def _argument(name: Optional[bytes]) -> Optional[str]:
    """Return an argument's or setting's name as Python has it, with times in seconds."""
    return None if name is None else name.decode().removesuffix("_ms")
