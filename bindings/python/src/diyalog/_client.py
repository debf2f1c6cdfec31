"""The client: one question, asked over connections that it keeps."""

from __future__ import annotations

import ctypes
import os
import weakref
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from diyalog import _arguments as arguments
from diyalog import _log, _settings, _status
from diyalog import _native as native
from diyalog._errors import check, invalid_argument
from diyalog._status import HelpStatus

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class Client:
    """Asks one server, on connections that it keeps.

    Safe to use from any number of threads at the same time, which it lets run in parallel: share
    one per process. A child that inherits one through ``os.fork`` may go on using it. ::

        with diyalog.Client(
            "https://api.bank.example",
            access_key_id="…",
            access_key_secret="…",
            requester_user_id="45186",
            timeout=2.0,
        ) as client:
            status = client.is_customer_in_online_help("70022")
    """

    _endpoint: str | None = None
    _handle: _Handle | None = None

    def __init__(
        self,
        endpoint: str,
        *,
        access_key_id: str,
        access_key_secret: str | bytes,
        requester_user_id: str | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        system_trust: bool | None = None,
        client_certificate_file: str | os.PathLike[str] | None = None,
        client_key_file: str | os.PathLike[str] | None = None,
        proxy: str | None = None,
        allow_plain_http: bool | None = None,
        clock_correction: bool | None = None,
        date_zone: Literal["GMT", "+0000"] | None = None,
        max_idle_connections: int | None = None,
        user_agent_suffix: str | None = None,
    ) -> None:
        """Check the settings and read the files that they name. Opens no connection.

        Each setting that is None has its default.

        :param endpoint: The address of the API: ``https://host``, with ``:port`` and a base path
            where there are any. ``http://`` is taken for this machine, or with
            ``allow_plain_http``.
        :param access_key_id: Id of the access key that the administrator issued.
        :param access_key_secret: Its secret: text, which counts as UTF-8, or bytes.
        :param requester_user_id: Staff number of the person on whose behalf requests are made;
            the server writes it to its audit log. Needed here or with each call.
        :param timeout: Seconds that a call may take in all, every retry included. Default 10.
        :param max_retries: How often a call is tried again after a failure that may pass.
            Default 2; 0 for never.
        :param ca_file: PEM file with the CA certificates to trust beside the system's. Default
            none.
        :param system_trust: Whether the system's certificate store is trusted. Default True;
            False for ``ca_file`` alone.
        :param client_certificate_file: PEM file with the client's certificate and its chain, for
            servers that ask for one. Goes with ``client_key_file``. Default none.
        :param client_key_file: PEM file with its private key, not encrypted. Default none.
        :param proxy: ``http://host:port`` or ``http://user:password@host:port``, or
            ``"environment"`` for what HTTPS_PROXY and NO_PROXY say. Default none.
        :param allow_plain_http: Whether ``http://`` is taken for other machines, too: requests
            and answers then cross the network unprotected. Default False.
        :param clock_correction: Whether the client learns the server's time when the server
            refuses this machine's. Default True.
        :param date_zone: How the date header names its zone. Default ``"GMT"``.
        :param max_idle_connections: How many idle connections are kept. Default 8; 0 for none.
        :param user_agent_suffix: What follows ``diyalog/<version>`` in the User-Agent header: the
            name of your program. Default none.

        :raises InvalidArgumentError: A setting is missing or makes no sense; the text names it.
        :raises TypeError: A setting has the wrong type; the text names it.
        """
        self._open(
            {
                "endpoint": endpoint,
                "access_key_id": access_key_id,
                "access_key_secret": access_key_secret,
                "requester_user_id": requester_user_id,
                "timeout": timeout,
                "max_retries": max_retries,
                "ca_file": ca_file,
                "system_trust": system_trust,
                "client_certificate_file": client_certificate_file,
                "client_key_file": client_key_file,
                "proxy": proxy,
                "allow_plain_http": allow_plain_http,
                "clock_correction": clock_correction,
                "date_zone": date_zone,
                "max_idle_connections": max_idle_connections,
                "user_agent_suffix": user_agent_suffix,
            },
            with_environment=False,
        )

    @classmethod
    def from_env(cls, **overrides: Unpack[_settings.Settings]) -> Self:
        """Make a client with the settings that environment variables name.

        They are DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID, DIYALOG_ACCESS_KEY_SECRET,
        DIYALOG_REQUESTER_USER_ID, DIYALOG_TIMEOUT_MS, DIYALOG_MAX_RETRIES, DIYALOG_CA_FILE and
        DIYALOG_PROXY; an empty one counts as not set.

        :param overrides: Keyword arguments of ``Client``, ``endpoint`` included; they win over
            the environment.

        :raises InvalidArgumentError: A setting is missing or makes no sense; the text names it.
        :raises TypeError: A setting has the wrong type or is unknown; the text names it.
        """
        unknown = sorted(overrides.keys() - _settings.Settings.__annotations__.keys())
        if unknown:
            raise TypeError(f"Client has no setting {', '.join(unknown)}")
        client = cls.__new__(cls)
        client._open(overrides, with_environment=True)
        return client

    def _open(self, settings: _settings.Settings, *, with_environment: bool) -> None:
        self._endpoint = settings.get("endpoint") or os.environ.get("DIYALOG_ENDPOINT")
        with _settings.native_config(settings, with_environment=with_environment) as config:
            self._is_logged = _log.attach(config)
            self._handle = _Handle(config)

    def is_customer_in_online_help(
        self,
        customer_id: str,
        *,
        requester_user_id: str | None = None,
        timeout: float | None = None,
    ) -> HelpStatus:
        """Ask whether a customer is in an active online help session now, and with whom.

        Blocks until the answer is there or the deadline has passed; Ctrl-C counts from then on.
        That the system knows no such customer is an answer: see ``HelpStatus.customer_found``.

        :param customer_id: The customer's id.
        :param requester_user_id: On whose behalf this request is made. Default: the client's.
        :param timeout: Seconds that this call may take in all. Default: the client's.

        :raises InvalidArgumentError: An argument cannot be used; nothing was sent.
        :raises TypeError: An argument has the wrong type; nothing was sent.
        :raises TimeoutError: The deadline passed.
        :raises ConnectionError: The host was not found, refused or broke the connection.
        :raises TlsError: The certificate or the TLS handshake.
        :raises AuthenticationError: The server did not accept the access key.
        :raises ClockSkewError: The clocks differ too much and correcting did not help.
        :raises ServerError: The server or a gateway failed, or answered an unknown status.
        :raises InvalidResponseError: The answer is not the documented one.
        :raises Error: The client is closed (as InvalidArgumentError), or a bug of the library.
        """
        customer = arguments.text("customer_id", customer_id)
        options = _call_options(requester_user_id, timeout)
        # close() on another thread, or in a signal handler, drops the client's reference. This one
        # keeps the native client until the call has ended.
        handle = self._handle
        if handle is None:
            raise invalid_argument("the client is closed")
        try:
            if self._is_logged:
                with _log.lines_may_come():
                    return _ask(handle.pointer, customer, options)
            return _ask(handle.pointer, customer, options)
        finally:
            # An exception's traceback would hold it for as long as the exception is kept.
            del handle

    def close(self) -> None:
        """Close the connections; those of calls that are under way when the calls have ended.

        Never waits. Closing a closed client does nothing; asking one raises an error.
        """
        self._handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        closed = ", closed" if self._handle is None else ""
        return f"<{type(self).__module__}.{type(self).__qualname__} of {self._endpoint}{closed}>"


class _Handle:
    """A native client, freed when the last reference to this object goes.

    So Python's own reference counting counts the calls under way: there is no lock that a forked
    child could inherit locked, or that a signal handler could wait for in vain.
    """

    def __init__(self, config: Any) -> None:
        pointer = ctypes.POINTER(native.diyalog_client)()
        check(native.diyalog_client_new, config, ctypes.byref(pointer))
        self.pointer = pointer
        finalizer = weakref.finalize(self, native.diyalog_client_free, pointer)
        # Calls of daemon threads may be under way at exit, and the system closes all anyway.
        finalizer.atexit = False  # type: ignore[misc,unused-ignore] # of mypy for Python 3.9


_STATUS_SIZE = ctypes.sizeof(native.diyalog_help_status)


def _ask(client: Any, customer_id: bytes, options: Any) -> HelpStatus:
    status = native.diyalog_help_status(_STATUS_SIZE)
    try:
        check(
            native.diyalog_client_is_customer_in_online_help, client, customer_id, options, status
        )
        return _status.from_native(status)
    finally:
        native.diyalog_help_status_clear(status)


def _call_options(requester_user_id: str | None, timeout: float | None) -> Any:
    if requester_user_id is None and timeout is None:
        return None
    options = native.diyalog_call_options(ctypes.sizeof(native.diyalog_call_options))
    if requester_user_id is not None:
        options.requester_user_id = arguments.text("requester_user_id", requester_user_id)
    if timeout is not None:
        options.timeout_ms = arguments.milliseconds("timeout", timeout)
    return options
