"""What the blocking and the asynchronous client share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional, Union

from diyalog import _arguments as arguments
from diyalog import _callbacks, _calls, _options, _settings
from diyalog import _native as native
from diyalog._errors import InvalidArgumentError
from diyalog._handle import Handle
from diyalog._results import check


class BaseClient:
    """A native client with its settings, until it is closed."""

    _endpoint: Optional[str] = None
    _handle: Optional[Handle] = None

    def _open(self, settings: Mapping[str, Any], *, with_environment: bool) -> None:
        self._endpoint = settings.get("endpoint")
        if self._endpoint is None and with_environment:
            self._endpoint = _settings.from_environment("endpoint")
        with _settings.native_config(settings, with_environment=with_environment) as config:
            # Whether a call writes lines, and which, is decided for each call.
            check(
                native.diyalog_config_set_log_callback,
                config,
                _callbacks.write_line,
                None,
                native.DIYALOG_LOG_DEBUG,
            )
            self._handle = Handle(config)

    def _open_handle(self) -> Handle:
        """Return the handle. The caller's reference keeps it through a close() elsewhere."""
        handle = self._handle
        if handle is None:
            raise InvalidArgumentError("the client is closed; create a new one")
        return handle

    def sign(
        self,
        method: str,
        path: str,
        body: Union[str, bytes, None] = None,
        *,
        requester_user_id: Optional[str] = None,
    ) -> dict[str, str]:
        """Return the three headers that sign a request which the program sends itself.

        Sends nothing and does not block. Sign each attempt anew: a signature is valid for 15
        minutes. Send exactly ``Content-Type: application/json``, which is signed too.

        :param method: The HTTP method, such as ``POST``.
        :param path: The whole path of the URL, with the endpoint's base path if it has one.
        :param body: The body as it is sent; a text counts as UTF-8. Default: none.
        :param requester_user_id: Staff number sent as the requester. Default: the client's.

        :raises InvalidArgumentError: An argument is invalid, or the client is closed.
        :raises TypeError: An argument has the wrong type.
        """
        # Held until the native function has returned: another thread may close the client.
        handle = self._open_handle()
        try:
            return _calls.sign(
                handle.pointer,
                arguments.text("method", method),
                arguments.text("path", path),
                arguments.content("body", body),
                _options.new(requester_user_id, None),
            )
        finally:
            # An exception's traceback would keep the handle for as long as the exception lives.
            del handle

    def __repr__(self) -> str:
        closed = ", closed" if self._handle is None else ""
        return f"<{type(self).__module__}.{type(self).__qualname__} of {self._endpoint}{closed}>"
