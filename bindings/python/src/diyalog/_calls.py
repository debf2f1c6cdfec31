"""The calls that block: native ones, with what Python does around them."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Generator
from typing import Any, Optional, TypeVar

from diyalog import _bulk, _callbacks, _log, _options, _queue
from diyalog import _native as native
from diyalog._handle import Handle
from diyalog._results import check, status_of
from diyalog._status import HelpStatus, Lookup

_Result = TypeVar("_Result")

_STATUS_SIZE = ctypes.sizeof(native.diyalog_help_status)
_RESPONSE_SIZE = ctypes.sizeof(native.diyalog_response)
_HEADERS_SIZE = ctypes.sizeof(native.diyalog_signed_headers)

# Python runs signal handlers between two waits.
_WAIT_MS = 100


def call(
    function: Callable[..., _Result],
    handle: Handle,
    *arguments: Any,
    requester_user_id: Optional[str],
    timeout: Optional[float],
    repeatable: bool = False,
) -> _Result:
    """Make one of the calls below, which Python's signal handlers and log lines can end."""
    log_level = _log.wanted_level()
    is_main = _callbacks.is_main_thread()
    options = _options.blocking(requester_user_id, timeout, repeatable, log_level, is_main)
    try:
        if is_main:
            return _callbacks.watched(function, handle.pointer, *arguments, options)
        if log_level != _log.OFF:
            return _callbacks.watched_until_exit(function, handle.pointer, *arguments, options)
        return function(handle.pointer, *arguments, options)
    finally:
        # An exception's traceback would keep the handle for as long as the exception lives.
        del handle


def look_up(client: Any, customer_id: bytes, options: Any) -> HelpStatus:
    """Look one customer up."""
    status = native.diyalog_help_status(_STATUS_SIZE)
    try:
        check(
            native.diyalog_client_is_customer_in_online_help, client, customer_id, options, status
        )
        return status_of(status)
    finally:
        native.diyalog_help_status_clear(status)


def post(client: Any, path: bytes, body: bytes, options: Any) -> bytes:
    """Send a request and return the JSON of the response."""
    response = native.diyalog_response(_RESPONSE_SIZE)
    try:
        check(native.diyalog_client_post, client, path, body, options, response)
        received: bytes = response.body
        return received
    finally:
        native.diyalog_response_clear(response)


def sign(client: Any, method: bytes, path: bytes, body: bytes, options: Any) -> dict[str, str]:
    """Return the headers that sign a request."""
    headers = native.diyalog_signed_headers(_HEADERS_SIZE)
    try:
        check(native.diyalog_client_sign, client, method, path, body, len(body), options, headers)
        return {
            "x-dlg-date": headers.date.decode(),
            "x-dlg-requester-userid": headers.requester_user_id.decode(),
            "x-dlg-authorization": headers.authorization.decode(),
        }
    finally:
        native.diyalog_signed_headers_clear(headers)


def look_up_all(queue: _queue.Queue, run: _bulk.Run, options: Any) -> Generator[Lookup, None, None]:
    """Make the lookups of a run, several at a time."""
    started: dict[int, float] = {}

    def submit(customer_id: bytes, tag: int) -> None:
        queue.submit(customer_id, options, tag)
        started[tag] = now

    try:
        while not run.is_over:
            now = time.monotonic()
            while run.submit_next(submit):
                pass
            yield from run.ready()
            wait_ms = _WAIT_MS if run.in_flight else 0
            while finished := queue.next(wait_ms):
                tag, result = finished
                _log.write_result(result, time.monotonic() - started.pop(tag))
                run.finish(tag, result)
                wait_ms = 0
            queue.check_process()
    finally:
        queue.close()
