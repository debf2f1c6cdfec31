"""The blocking client."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from types import TracebackType
from typing import Any, Optional, TypeVar, Union

from diyalog import _arguments as arguments
from diyalog import _base, _bulk, _calls, _options, _queue, _settings
from diyalog._settings import DateZone, Path, Unpack
from diyalog._status import HelpStatus, Lookup

_Self = TypeVar("_Self", bound="Client")


class Client(_base.BaseClient):
    """A client for one server, with a pool of persistent connections.

    Thread-safe: share one per process, between all threads. A child that inherits one through
    ``os.fork`` may use it too. ::

        with diyalog.Client(
            "https://api.bank.example",
            access_key_id="…",
            access_key_secret="…",
            requester_user_id="45186",
            timeout=2.0,
        ) as client:
            status = client.is_customer_in_online_help("70022")
    """

    def __init__(
        self,
        endpoint: str,
        *,
        access_key_id: str,
        access_key_secret: Union[str, bytes],
        requester_user_id: Optional[str] = None,
        timeout: Optional[float] = None,
        attempt_timeout: Optional[float] = None,
        max_retries: Optional[int] = None,
        ca_file: Optional[Path] = None,
        system_trust: Optional[bool] = None,
        client_certificate_file: Optional[Path] = None,
        client_key_file: Optional[Path] = None,
        proxy: Optional[str] = None,
        allow_plain_http: Optional[bool] = None,
        clock_correction: Optional[bool] = None,
        date_zone: Optional[DateZone] = None,
        max_idle_connections: Optional[int] = None,
        user_agent_suffix: Optional[str] = None,
    ) -> None:
        """Check the settings and read the files that they name. Open no connection.

        None leaves a setting at its default.

        :param endpoint: Address of the API: ``https://host``, with ``:port`` and a base path if
            needed. ``http://`` is accepted for this machine, or with ``allow_plain_http``.
        :param access_key_id: Id of the access key that the administrator issued.
        :param access_key_secret: Its secret: a text, sent as UTF-8, or bytes.
        :param requester_user_id: Staff number sent as the requester, which the server writes to
            its audit log. Required here or with each call.
        :param timeout: Time budget for a whole call in seconds, retries included. Default 10.
        :param attempt_timeout: Time limit of one attempt in seconds, so that a retry can help when
            a server or a firewall stays silent. Default none.
        :param max_retries: Maximum number of retries after a transient failure. Default 2.
        :param ca_file: PEM file with CA certificates, trusted in addition to the system's.
            Default none.
        :param system_trust: Whether to trust the system's certificate store. Default True; False
            trusts ``ca_file`` alone.
        :param client_certificate_file: PEM file with the client's certificate and its chain, for
            mutual TLS. Requires ``client_key_file``. Default none.
        :param client_key_file: PEM file with its private key, not encrypted. Default none.
        :param proxy: ``http://host:port`` or ``http://user:password@host:port``, or
            ``"environment"`` for the proxy of HTTPS_PROXY and NO_PROXY. Default none.
        :param allow_plain_http: Whether to accept ``http://`` for other machines too. Requests
            and responses then cross the network unprotected. Default False.
        :param clock_correction: Whether to correct for clock skew when the server rejects a
            request's date. Default True.
        :param date_zone: Zone at the end of the date header. Default ``"GMT"``.
        :param max_idle_connections: Number of idle connections to keep. Default 64; 0 for none.
        :param user_agent_suffix: Text after ``diyalog/<version>`` in the User-Agent header: the
            name of your program. Default none.

        :raises InvalidArgumentError: A setting is missing or invalid; the text names it.
        :raises TypeError: A setting has the wrong type; the text names it.
        :raises ImportError: The native library cannot be loaded.
        """
        self._open(
            {
                "endpoint": endpoint,
                "access_key_id": access_key_id,
                "access_key_secret": access_key_secret,
                "requester_user_id": requester_user_id,
                "timeout": timeout,
                "attempt_timeout": attempt_timeout,
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
    def from_env(cls: type[_Self], **overrides: Unpack[_settings.Settings]) -> _Self:
        """Create a client with the settings of the DIYALOG_* environment variables.

        They are listed by ``diyalog --help``. An empty one counts as not set.

        :param overrides: Keyword arguments of ``Client``, ``endpoint`` included. They override the
            environment.

        :raises InvalidArgumentError: A setting is missing or invalid; the text names it.
        :raises TypeError: A setting has the wrong type or does not exist; the text names it.
        :raises ImportError: The native library cannot be loaded.
        """
        _settings.reject_unknown("Client", overrides)
        client = cls.__new__(cls)
        client._open(overrides, with_environment=True)
        return client

    def is_customer_in_online_help(
        self,
        customer_id: str,
        *,
        requester_user_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> HelpStatus:
        """Return whether a customer is in an active online help session now, and with whom.

        Blocks until the response arrives or the deadline passes. An unknown customer is a result,
        not an error: see ``HelpStatus.customer_found``.

        :param customer_id: The customer's id, without white space around it.
        :param requester_user_id: Staff number sent as the requester. Default: the client's.
        :param timeout: Time budget for this call in seconds. Default: the client's.

        :raises InvalidArgumentError: An argument is invalid, or the client is closed; nothing was
            sent.
        :raises TypeError: An argument has the wrong type; nothing was sent.
        :raises TimeoutError: The deadline passed.
        :raises ConnectionError: The host does not resolve, cannot be reached, or the connection
            broke. A proxy's failure is a ``ProxyError``.
        :raises TlsError: A certificate or handshake failure.
        :raises AuthenticationError: The server rejected the access key.
        :raises ClockSkewError: The clocks differ too much and correcting did not help.
        :raises ServerError: The server or a gateway answered with an error status.
        :raises InvalidResponseError: The response is not the documented one.
        :raises Error: A bug of the library.
        """
        return _calls.call(
            _calls.look_up,
            self._open_handle(),
            arguments.text("customer_id", customer_id),
            requester_user_id=requester_user_id,
            timeout=timeout,
        )

    def are_customers_in_online_help(
        self,
        customer_ids: Iterable[str],
        *,
        max_in_flight: int = 8,
        ordered: bool = True,
        give_up_after: Optional[int] = 20,
        requester_user_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Generator[Lookup, None, None]:
        """Look up many customers, several at a time, and yield a ``Lookup`` for each.

        A lookup that fails is yielded with its error. Two kinds of failure end the run and are
        raised: an error that every later lookup would hit too (settings, TLS, proxy, access key,
        clocks), and the last of ``give_up_after`` consecutive failures. An id that cannot be sent
        is yielded with its InvalidArgumentError and does not count as a failure.

        Reads the ids as it goes, so an iterable of millions needs constant memory. Leaving the
        loop early, ``close()`` or an exception cancels the lookups in flight. ::

            for lookup in client.are_customers_in_online_help(ids, max_in_flight=16):
                print(lookup.customer_id, lookup.error or lookup.status)

        :param customer_ids: The customers' ids: any iterable of str.
        :param max_in_flight: Maximum number of lookups in flight, 1 to 1024. Default 8. More than
            the client's ``max_idle_connections`` reconnect all the time.
        :param ordered: Whether to yield in the order of the ids. Default True; False yields each
            lookup as soon as it is complete.
        :param give_up_after: Number of consecutive failures, in the order yielded, that ends the
            run. Default 20; None for never.
        :param requester_user_id: Staff number sent as the requester. Default: the client's.
        :param timeout: Time budget for each lookup in seconds. Default: the client's.

        :raises InvalidArgumentError: An argument is invalid, or the client is closed.
        :raises TypeError: An argument has the wrong type.
        :raises Error: The run ended; the classes are those of ``is_customer_in_online_help``.
        """
        _bulk.check_arguments(customer_ids, max_in_flight, ordered)
        run = _bulk.Run(customer_ids, max_in_flight, ordered, _bulk.StopRule(give_up_after))
        options = _options.new(requester_user_id, timeout)
        queue = _queue.Queue(self._open_handle(), max_in_flight)
        return _calls.look_up_all(queue, run, options)

    def post(
        self,
        path: str,
        json: Any,
        *,
        repeatable: bool = False,
        requester_user_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Any:
        """Send a signed POST request to an endpoint of the platform and return its parsed JSON.

        A request is retried only if the server cannot have acted on it, unless it is repeatable. ::

            calls = client.post(
                "/v1/reporting/getonlinehelplist", {"startDate": 1, "endDate": 2}, repeatable=True
            )

        :param path: Path of the endpoint, such as ``/v1/reporting/getonlinehelplist``.
        :param json: What to send: anything that ``json.dumps`` accepts, at most 1 MiB of JSON.
        :param repeatable: Whether the request does no harm if the server receives it twice.
            Default False.
        :param requester_user_id: Staff number sent as the requester. Default: the client's.
        :param timeout: Time budget for this call in seconds. Default: the client's.

        :raises TypeError: An argument has the wrong type, or cannot be JSON; nothing was sent.
        :raises Error: The classes are those of ``is_customer_in_online_help``.
        """
        received = _calls.call(
            _calls.post,
            self._open_handle(),
            arguments.text("path", path),
            arguments.json_of("json", json),
            repeatable=repeatable,
            requester_user_id=requester_user_id,
            timeout=timeout,
        )
        return arguments.parsed(received)

    def close(self) -> None:
        """Close the connections. Those of calls in progress are closed when the calls return.

        Does not block. Does nothing if the client is closed; later calls raise.
        """
        self._handle = None

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self,
        _type: Optional[type[BaseException]],
        _value: Optional[BaseException],
        _traceback: Optional[TracebackType],
    ) -> None:
        self.close()
