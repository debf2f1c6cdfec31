"""The native client."""

from __future__ import annotations

import ctypes
import weakref
from typing import Any

from diyalog import _native as native
from diyalog._results import check


class Handle:
    """A native client, freed when the last reference to this object goes.

    Python's own reference counting counts the calls in progress, so there is no lock that a forked
    child could inherit locked, or that a signal handler could wait for in vain.
    """

    def __init__(self, config: Any) -> None:
        pointer = ctypes.POINTER(native.diyalog_client)()
        check(native.diyalog_client_new, config, ctypes.byref(pointer))
        self.pointer = pointer
        finalizer = weakref.finalize(self, native.diyalog_client_free, pointer)
        # At exit calls of daemon threads may be in progress, and the system closes all anyway.
        finalizer.atexit = False  # type: ignore[misc,unused-ignore] # of mypy for Python 3.9
