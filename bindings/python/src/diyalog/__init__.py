"""Is this customer in a Diyalog live chat right now, and with whom?

::

    import diyalog

    with diyalog.Client.from_env() as client:
        status = client.is_customer_in_online_help("70022")
        if status:
            print(status.help_type, status.staff_id)

A call that fails raises a subclass of ``Error``. Those for arguments, for the deadline and for
connections are also the builtins ValueError, TimeoutError and ConnectionError.

``diyalog.testing`` has clients for tests, without a server and without the native library. The
library is part of this package and is loaded when the first client is created; DIYALOG_LIBRARY
names another one.

Log lines, one per attempt, go to ``logging.getLogger("diyalog")``: DEBUG for a success, WARNING for
a failure before a retry, ERROR for the last failure. No line holds a secret.
"""

from diyalog._async_client import AsyncClient
from diyalog._client import Client
from diyalog._errors import (
    AuthenticationError,
    CancelledError,
    ClockSkewError,
    ConnectionError,
    Error,
    ErrorCode,
    InvalidArgumentError,
    InvalidResponseError,
    ProxyError,
    ServerError,
    TimeoutError,
    TlsError,
)
from diyalog._status import HelpStatus, HelpType, Lookup
from diyalog._version import __version__

__all__ = [
    "AsyncClient",
    "AuthenticationError",
    "CancelledError",
    "Client",
    "ClockSkewError",
    "ConnectionError",
    "Error",
    "ErrorCode",
    "HelpStatus",
    "HelpType",
    "InvalidArgumentError",
    "InvalidResponseError",
    "Lookup",
    "ProxyError",
    "ServerError",
    "TimeoutError",
    "TlsError",
    "__version__",
]

# Tracebacks then name what users import: diyalog.TimeoutError, not diyalog._errors.TimeoutError.
for _name in __all__:
    if _name != "__version__":
        globals()[_name].__module__ = __name__
