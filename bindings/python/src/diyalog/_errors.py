"""The exceptions, and how an error of the library becomes one."""

from __future__ import annotations

import builtins
import enum
from ctypes import POINTER, byref
from typing import Any

from diyalog import _native as native


class ErrorCode(enum.IntEnum):
    """What kind of error it is: the numbers of the C interface, fixed for ever."""

    INVALID_ARGUMENT = native.DIYALOG_ERROR_INVALID_ARGUMENT
    INVALID_CONFIG = native.DIYALOG_ERROR_INVALID_CONFIG
    TIMEOUT = native.DIYALOG_ERROR_TIMEOUT
    RESOLVE = native.DIYALOG_ERROR_RESOLVE
    CONNECT = native.DIYALOG_ERROR_CONNECT
    TLS = native.DIYALOG_ERROR_TLS
    PROXY = native.DIYALOG_ERROR_PROXY
    CONNECTION_LOST = native.DIYALOG_ERROR_CONNECTION_LOST
    HEADERS_MISSING = native.DIYALOG_ERROR_HEADERS_MISSING
    AUTHORIZATION_FORMAT = native.DIYALOG_ERROR_AUTHORIZATION_FORMAT
    DATE_FORMAT = native.DIYALOG_ERROR_DATE_FORMAT
    UNAUTHORIZED = native.DIYALOG_ERROR_UNAUTHORIZED
    CLOCK_SKEW = native.DIYALOG_ERROR_CLOCK_SKEW
    SERVER = native.DIYALOG_ERROR_SERVER
    HTTP_STATUS = native.DIYALOG_ERROR_HTTP_STATUS
    INVALID_RESPONSE = native.DIYALOG_ERROR_INVALID_RESPONSE
    INTERNAL = native.DIYALOG_ERROR_INTERNAL


class Error(Exception):
    """Why a lookup failed; its text says what happened, to which host, and what to do about it.

    Raised itself for a bug of the library (``ErrorCode.INTERNAL``), else as one of its subclasses.
    No text holds the secret, a signature or an authorization header.
    """

    code: ErrorCode
    """What kind of error it is."""

    http_status: int | None
    """The HTTP status of the answer; None where no answer was received."""

    retryable: bool
    """Whether the same call may succeed later.

    The client has then already tried again as often as ``max_retries`` and the deadline allow.
    """

    def __init__(
        self,
        message: str,
        *,
        code: ErrorCode,
        http_status: int | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.http_status = http_status
        self.retryable = retryable

    def __reduce__(self) -> tuple[Any, ...]:
        """Let the error cross to another process: pickle would drop all but the message."""
        return _unpickle, (type(self), str(self), self.code, self.http_status, self.retryable)


class InvalidArgumentError(Error, ValueError):
    """An argument or a setting cannot be used; nothing was sent. A ValueError too."""


class TimeoutError(Error, builtins.TimeoutError):
    """The deadline passed, in whichever phase of the call. A builtin TimeoutError too."""


class ConnectionError(Error, builtins.ConnectionError):
    """The host was not found, refused or broke the connection, or the proxy did.

    A builtin ConnectionError too.
    """


class TlsError(Error):
    """The certificate or the TLS handshake; the text says which check failed and names the fix.

    No ConnectionError: who catches that waits and tries again, and here somebody has to act.
    """


class AuthenticationError(Error):
    """The server did not accept the access key, or could not read the signed headers."""


class ClockSkewError(Error):
    """The clocks differ too much and correcting did not help; the text gives the difference."""


class ServerError(Error):
    """The server, or a gateway before it, answered neither 200 nor an error of authentication."""


class InvalidResponseError(Error):
    """The answer is not the documented JSON, too large, or not HTTP."""


_FAMILIES: dict[ErrorCode, type[Error]] = {
    ErrorCode.INVALID_ARGUMENT: InvalidArgumentError,
    ErrorCode.INVALID_CONFIG: InvalidArgumentError,
    ErrorCode.TIMEOUT: TimeoutError,
    ErrorCode.RESOLVE: ConnectionError,
    ErrorCode.CONNECT: ConnectionError,
    ErrorCode.TLS: TlsError,
    ErrorCode.PROXY: ConnectionError,
    ErrorCode.CONNECTION_LOST: ConnectionError,
    ErrorCode.HEADERS_MISSING: AuthenticationError,
    ErrorCode.AUTHORIZATION_FORMAT: AuthenticationError,
    ErrorCode.DATE_FORMAT: AuthenticationError,
    ErrorCode.UNAUTHORIZED: AuthenticationError,
    ErrorCode.CLOCK_SKEW: ClockSkewError,
    ErrorCode.SERVER: ServerError,
    ErrorCode.HTTP_STATUS: ServerError,
    ErrorCode.INVALID_RESPONSE: InvalidResponseError,
    ErrorCode.INTERNAL: Error,
}


def invalid_argument(message: str) -> InvalidArgumentError:
    """Make the error for an argument that is refused before the library sees it."""
    return InvalidArgumentError(message, code=ErrorCode.INVALID_ARGUMENT)


_ErrorPointer = POINTER(native.diyalog_error)


def check(function: Any, *arguments: Any) -> None:
    """Call a function of the library that can fail, and raise its error."""
    error = _ErrorPointer()
    if function(*arguments, byref(error)) != native.DIYALOG_OK:
        try:
            raise _from_native(error)
        finally:
            native.diyalog_error_free(error)


def _from_native(error: Any) -> Error:
    code = ErrorCode(native.diyalog_error_code(error))
    return _FAMILIES[code](
        native.diyalog_error_message(error).decode(),
        code=code,
        http_status=native.diyalog_error_http_status(error) or None,
        retryable=bool(native.diyalog_error_is_retryable(error)),
    )


def _unpickle(
    family: type[Error], message: str, code: ErrorCode, http_status: int | None, retryable: bool
) -> Error:
    return family(message, code=code, http_status=http_status, retryable=retryable)
