"""A native queue: many calls in flight on one client, without a Python thread for each."""

from __future__ import annotations

import ctypes
import os
import weakref
from typing import Any, Optional, Union

from diyalog import _native as native
from diyalog._errors import Error, InvalidArgumentError
from diyalog._handle import Handle
from diyalog._results import check, error_of, status_of
from diyalog._status import HelpStatus

# Of a lookup, of a post (its JSON), or of either.
Result = Union[HelpStatus, bytes, Error]


class Queue:
    """Calls that are in flight on a client. A call is known by its tag, an int from 1 on."""

    def __init__(self, handle: Handle, max_in_flight: int) -> None:
        self._process = os.getpid()
        self._pointer = ctypes.POINTER(native.diyalog_queue)()
        check(native.diyalog_queue_new, handle.pointer, max_in_flight, ctypes.byref(self._pointer))
        # The finalizer holds the client, which must outlive the queue. Not at exit: a daemon thread
        # may be waiting for a result. The workers, which run no Python code, end with the process.
        self.close = weakref.finalize(self, _free, self._pointer, handle)
        self.close.atexit = False  # type: ignore[misc,unused-ignore] # of mypy for Python 3.9

    def set_wake_fd(self, fd: int) -> None:
        """Write to this descriptor when there are results again."""
        check(native.diyalog_queue_set_wake_fd, self._pointer, fd)

    def submit(self, customer_id: bytes, options: Any, tag: int) -> None:
        """Start a lookup. Its timeout counts from when a worker begins it."""
        arguments = (self._pointer, customer_id, options, tag)
        # Without a place for an error first: what fails is not queued, and here half a call counts.
        if native.diyalog_queue_submit(*arguments, None) != native.DIYALOG_OK:
            check(native.diyalog_queue_submit, *arguments)

    def submit_post(self, path: bytes, body: bytes, options: Any, tag: int) -> None:
        """Start a post. Its timeout counts from when a worker begins it."""
        check(native.diyalog_queue_submit_post, self._pointer, path, body, options, tag)

    def next(self, timeout_ms: int) -> Optional[tuple[int, Result]]:
        """Wait for a result and return it with its tag. None if the time is over."""
        completion = native.diyalog_queue_next(self._pointer, timeout_ms)
        if not completion:
            return None
        try:
            return native.diyalog_completion_tag(completion), _result_of(completion)
        finally:
            native.diyalog_completion_free(completion)

    def check_process(self) -> None:
        """Raise in a forked child, where nothing is pending in the parent's queue."""
        if self._process != os.getpid():
            raise InvalidArgumentError(
                "the lookups were started by the parent process; start them in the child"
            )

    def cancel(self) -> None:
        """End everything that is pending, within 100 ms. Does not block."""
        native.diyalog_queue_cancel(self._pointer)


def _result_of(completion: Any) -> Result:
    status = native.diyalog_completion_status(completion)
    if status:
        return status_of(status[0])
    response = native.diyalog_completion_response(completion)
    if response:
        body: bytes = response[0].body
        return body
    return error_of(native.diyalog_completion_error(completion))


def _free(pointer: Any, handle: Handle) -> None:
    native.diyalog_queue_free(pointer)
    del handle
