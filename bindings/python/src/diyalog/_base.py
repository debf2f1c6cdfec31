"""What the blocking and the asynchronous client share: the settings and the native handle."""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Mapping
from typing import Any, Optional

from diyalog import _log, _settings
from diyalog import _native as native
from diyalog._errors import InvalidArgumentError
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


class BaseClient:
    """A native client with its settings, until it is closed."""

    _endpoint: Optional[str] = None
    _handle: Optional[Handle] = None

    def _open(self, settings: Mapping[str, Any], *, with_environment: bool) -> None:
        self._endpoint = settings.get("endpoint") or (
            os.environ.get(_settings.variable("endpoint")) if with_environment else None
        )
        with _settings.native_config(settings, with_environment=with_environment) as config:
            self._is_logged = _log.attach(config)
            self._handle = Handle(config)

    def _open_handle(self) -> Handle:
        """Return the handle. The caller's reference keeps it through a close() elsewhere."""
        handle = self._handle
        if handle is None:
            raise InvalidArgumentError("the client is closed; create a new one")
        return handle

    def __repr__(self) -> str:
        closed = ", closed" if self._handle is None else ""
        return f"<{type(self).__module__}.{type(self).__qualname__} of {self._endpoint}{closed}>"
