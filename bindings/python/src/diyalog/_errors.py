"""The exceptions. They import without the native library, for tests and other processes.

Annotations are not postponed here: ``typing.get_type_hints`` would look their names up in the
module that ``__module__`` names, which is the package.
"""

import builtins
import enum
from typing import ClassVar, Optional


class ErrorCode(enum.IntEnum):
    """The kind of an error. The numbers are those of the C interface and never change."""

    INVALID_ARGUMENT = 1
    INVALID_CONFIG = 2
    CANCELLED = 3
    TIMEOUT = 10
    RESOLVE = 11
    CONNECT = 12
    TLS = 13
    PROXY = 14
    CONNECTION_LOST = 15
    HEADERS_MISSING = 20
    AUTHORIZATION_FORMAT = 21
    DATE_FORMAT = 22
    UNAUTHORIZED = 23
    CLOCK_SKEW = 24
    SERVER = 25
    HTTP_STATUS = 26
    INVALID_RESPONSE = 30
    INTERNAL = 90


class Error(Exception):
    """The base of all errors. ``str(error)`` says what happened, with which host, and what to do.

    Raised itself for a bug of the library (``ErrorCode.INTERNAL``), otherwise as a subclass. The
    text never holds the secret, a signature or an authorization header.

    A message alone makes an error, as tests want it. ``type(error)(*error.args)`` is an equal
    error, so pickle, ``copy`` and Celery's JSON keep every attribute.

    :param message: The text.
    :param code: Kind of error. Default: the one that the class stands for.
    :param http_status: HTTP status of the response. Default: None.
    :param retryable: Whether the same call may succeed later. Default: as usual for the code.
    :param retry_after: Seconds that the server asked to wait. Default: None.
    """

    code: ErrorCode
    """Kind of error."""

    http_status: Optional[int]
    """HTTP status of the response. None if no response was received."""

    retryable: bool
    """Whether the same call may succeed later.

    The client has already retried as far as ``max_retries`` and the deadline allow.
    """

    retry_after: Optional[float]
    """Seconds to wait before the next try, from the server's Retry-After. None if it sent none."""

    _default_code: ClassVar[ErrorCode] = ErrorCode.INTERNAL

    def __init__(
        self,
        message: str = "",
        code: Optional[int] = None,
        http_status: Optional[int] = None,
        retryable: Optional[bool] = None,
        retry_after: Optional[float] = None,
    ) -> None:
        self.code = self._default_code if code is None else ErrorCode(code)
        self.http_status = http_status
        self.retryable = self._is_usually_retryable() if retryable is None else bool(retryable)
        self.retry_after = retry_after
        self._keep_args(message, int(self.code), http_status, self.retryable, retry_after)

    def __str__(self) -> str:
        return str(self.args[0])

    def _keep_args(self, *args: object) -> None:
        # Not super(): OSError, a base of two subclasses, reads two and more arguments as errno,
        # text and file name.
        Exception.__init__(self, *args)

    def _is_usually_retryable(self) -> bool:
        if self.code is ErrorCode.HTTP_STATUS:
            return self.http_status in (408, 429, 502, 503, 504)
        return self.code in (
            ErrorCode.TIMEOUT,
            ErrorCode.RESOLVE,
            ErrorCode.CONNECT,
            ErrorCode.CONNECTION_LOST,
            ErrorCode.SERVER,
        )


class InvalidArgumentError(Error, ValueError):
    """An argument or a setting is invalid; nothing was sent. Also a ValueError.

    :param message: The text.
    :param code: ``INVALID_ARGUMENT`` (the default) or ``INVALID_CONFIG``.
    :param argument: Name of the argument or setting. Default: None.
    """

    argument: Optional[str]
    """Name of the argument or setting. None if no single one is invalid."""

    _default_code = ErrorCode.INVALID_ARGUMENT

    def __init__(
        self, message: str = "", code: Optional[int] = None, argument: Optional[str] = None
    ) -> None:
        super().__init__(message, code)
        self.argument = argument
        self._keep_args(message, int(self.code), argument)


class CancelledError(Error):
    """The program cancelled the call, for example by closing an AsyncClient."""

    _default_code = ErrorCode.CANCELLED


class TimeoutError(Error, builtins.TimeoutError):
    """The deadline passed, in any phase of the call. Also a builtin TimeoutError."""

    _default_code = ErrorCode.TIMEOUT


class ConnectionError(Error, builtins.ConnectionError):
    """The host does not resolve, cannot be reached, or the connection broke.

    Also a builtin ConnectionError.
    """

    _default_code = ErrorCode.CONNECT


class ProxyError(ConnectionError):
    """The proxy is unreachable, refused to connect, or requires credentials."""

    _default_code = ErrorCode.PROXY


class TlsError(Error):
    """A certificate or handshake failure; the text names the failed check and the fix.

    Not a ConnectionError: programs retry those, and here somebody has to act.
    """

    _default_code = ErrorCode.TLS


class AuthenticationError(Error):
    """The server rejected the access key, or could not read the signed headers."""

    _default_code = ErrorCode.UNAUTHORIZED


class ClockSkewError(Error):
    """The clocks differ too much and correcting did not help; the text has the difference."""

    _default_code = ErrorCode.CLOCK_SKEW


class ServerError(Error):
    """The server, or a gateway before it, answered with an error status."""

    _default_code = ErrorCode.SERVER


class InvalidResponseError(Error):
    """The response is not the documented JSON, is too large, or is not HTTP."""

    _default_code = ErrorCode.INVALID_RESPONSE


FAMILIES: dict[ErrorCode, type[Error]] = {
    ErrorCode.INVALID_ARGUMENT: InvalidArgumentError,
    ErrorCode.INVALID_CONFIG: InvalidArgumentError,
    ErrorCode.CANCELLED: CancelledError,
    ErrorCode.TIMEOUT: TimeoutError,
    ErrorCode.RESOLVE: ConnectionError,
    ErrorCode.CONNECT: ConnectionError,
    ErrorCode.TLS: TlsError,
    ErrorCode.PROXY: ProxyError,
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
