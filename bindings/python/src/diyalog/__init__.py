"""Is this customer in a Diyalog live chat right now, and with whom?

::

    import diyalog

    with diyalog.Client.from_env() as client:
        status = client.is_customer_in_online_help("70022")
        if status.is_in_help:
            print(status.help_type, status.staff_id)

The work is done by a native library, which is in this package; DIYALOG_LIBRARY names another one.

A call that fails raises a subclass of ``Error``. Those for arguments, for the deadline and for
connections are also the builtins ValueError, TimeoutError and ConnectionError.

The library's log lines, one per attempt, go to ``logging.getLogger("diyalog")``: DEBUG for one
that succeeded, with its time, WARNING for one that failed and is followed by another, ERROR for
the last. Which levels are wanted is looked at when a client is made, so set up logging before. No
line holds a secret.
"""

from diyalog._client import Client
from diyalog._errors import (
    AuthenticationError,
    ClockSkewError,
    ConnectionError,
    Error,
    ErrorCode,
    InvalidArgumentError,
    InvalidResponseError,
    ServerError,
    TimeoutError,
    TlsError,
)
from diyalog._status import HelpStatus, HelpType
from diyalog._version import __version__

__all__ = [
    "AuthenticationError",
    "Client",
    "ClockSkewError",
    "ConnectionError",
    "Error",
    "ErrorCode",
    "HelpStatus",
    "HelpType",
    "InvalidArgumentError",
    "InvalidResponseError",
    "ServerError",
    "TimeoutError",
    "TlsError",
    "__version__",
]

# Tracebacks then name what users import: diyalog.TimeoutError, not diyalog._errors.TimeoutError.
for _name in __all__:
    if _name != "__version__":
        globals()[_name].__module__ = __name__
