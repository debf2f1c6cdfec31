"""The asynchronous client.

Annotations are not postponed here, for the reason that ``_errors`` has.
"""

import asyncio
import functools
import warnings
from collections.abc import AsyncGenerator, Callable, Iterable
from types import TracebackType
from typing import Any, Optional, TypeVar, Union

from diyalog import _arguments as arguments
from diyalog import _base, _bulk, _options, _settings
from diyalog._errors import Error
from diyalog._loop import Cancellation, LoopQueue
from diyalog._queue import Result
from diyalog._settings import DateZone, Path, Unpack
from diyalog._status import HelpStatus, Lookup

_Self = TypeVar("_Self", bound="AsyncClient")

_MAX_IN_FLIGHT = 32


class AsyncClient(_base.BaseClient):
    """A client for one server, for asyncio.

    Use it on one event loop; several loops may each have one. It has a pool of persistent
    connections and makes the calls on threads of its own, of which none runs Python code; it does
    not use the loop's default executor. ::

        async with diyalog.AsyncClient.from_env() as client:
            status = await client.is_customer_in_online_help("70022")

    Cancelling a task cancels its call, so ``asyncio.wait_for`` and ``asyncio.TaskGroup`` work as
    usual.
    """

    _loop_queue: Optional[LoopQueue] = None
    _max_in_flight: int = _MAX_IN_FLIGHT

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
        max_in_flight: int = _MAX_IN_FLIGHT,
    ) -> None:
        """Check the settings and read the files that they name. Open no connection.

        The settings are those of ``Client``, and:

        :param max_in_flight: Maximum number of calls in flight, 1 to 1024. More calls wait, and
            their timeout counts from when they begin. Default 32. ``max_idle_connections`` is at
            least as high unless it is set.

        :raises InvalidArgumentError: A setting is missing or invalid; the text names it.
        :raises TypeError: A setting has the wrong type; the text names it.
        :raises ImportError: The native library cannot be loaded.
        """
        self._open_for(
            max_in_flight,
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
    def from_env(
        cls: type[_Self],
        *,
        max_in_flight: int = _MAX_IN_FLIGHT,
        **overrides: Unpack[_settings.Settings],
    ) -> _Self:
        """Create a client with the settings of the DIYALOG_* environment variables.

        They are listed by ``diyalog --help``. An empty one counts as not set.

        :param max_in_flight: Maximum number of calls in flight, 1 to 1024. Default 32.
        :param overrides: Keyword arguments of ``AsyncClient``, ``endpoint`` included. They override
            the environment.

        :raises InvalidArgumentError: A setting is missing or invalid; the text names it.
        :raises TypeError: A setting has the wrong type or does not exist; the text names it.
        :raises ImportError: The native library cannot be loaded.
        """
        _settings.reject_unknown("AsyncClient", overrides)
        client = cls.__new__(cls)
        client._open_for(max_in_flight, overrides, with_environment=True)
        return client

    def _open_for(self, max_in_flight: int, settings: Any, *, with_environment: bool) -> None:
        arguments.between("max_in_flight", max_in_flight, 1, 1024)
        self._max_in_flight = max_in_flight
        settings = dict(settings)
        if settings.get("max_idle_connections") is None:
            settings["max_idle_connections"] = max(_settings.IDLE_CONNECTIONS, max_in_flight)
        self._open(settings, with_environment=with_environment)

    async def is_customer_in_online_help(
        self,
        customer_id: str,
        *,
        requester_user_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> HelpStatus:
        """Return whether a customer is in an active online help session now, and with whom.

        As ``Client.is_customer_in_online_help``, without blocking the loop.

        :param customer_id: The customer's id, without white space around it.
        :param requester_user_id: Staff number sent as the requester. Default: the client's.
        :param timeout: Time budget for this call in seconds. Default: the client's.

        :raises CancelledError: The client was closed during the call.
        :raises Error: The classes are those of ``Client.is_customer_in_online_help``.
        :raises TypeError: An argument has the wrong type; nothing was sent.
        :raises RuntimeError: The client is used by another event loop, which is still open.
        """
        customer = arguments.text("customer_id", customer_id)
        options = _options.new(requester_user_id, timeout)
        queue = self._queue_of_loop()
        status = await _result(queue, functools.partial(queue.submit, customer), options)
        assert isinstance(status, HelpStatus)
        return status

    async def post(
        self,
        path: str,
        json: Any,
        *,
        repeatable: bool = False,
        requester_user_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Any:
        """Send a signed POST request to an endpoint of the platform and return its parsed JSON.

        As ``Client.post``, without blocking the loop.

        :param path: Path of the endpoint, such as ``/v1/reporting/getonlinehelplist``.
        :param json: What to send: anything that ``json.dumps`` accepts, at most 1 MiB of JSON.
        :param repeatable: Whether the request does no harm if the server receives it twice.
            Default False.
        :param requester_user_id: Staff number sent as the requester. Default: the client's.
        :param timeout: Time budget for this call in seconds. Default: the client's.

        :raises CancelledError: The client was closed during the call.
        :raises Error: The classes are those of ``Client.is_customer_in_online_help``.
        :raises TypeError: An argument has the wrong type, or cannot be JSON; nothing was sent.
        :raises RuntimeError: The client is used by another event loop, which is still open.
        """
        path_bytes = arguments.text("path", path)
        json_bytes = arguments.json_of("json", json)
        options = _options.new(requester_user_id, timeout, repeatable)
        queue = self._queue_of_loop()
        submit = functools.partial(queue.submit_post, path_bytes, json_bytes)
        received = await _result(queue, submit, options)
        assert isinstance(received, bytes)
        return arguments.parsed(received)

    def are_customers_in_online_help(
        self,
        customer_ids: Iterable[str],
        *,
        max_in_flight: int = 8,
        ordered: bool = True,
        give_up_after: Optional[int] = 20,
        requester_user_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> AsyncGenerator[Lookup, None]:
        """Look up many customers, several at a time, and yield a ``Lookup`` for each.

        As ``Client.are_customers_in_online_help``. All runs and calls together have at most the
        client's ``max_in_flight`` in flight. Python does not close an asynchronous generator when a
        loop over it is left early; ``contextlib.aclosing`` (Python 3.10) does::

            async with contextlib.aclosing(client.are_customers_in_online_help(ids)) as lookups:
                async for lookup in lookups:
                    if lookup.status:
                        break

        :param customer_ids: The customers' ids: any iterable of str.
        :param max_in_flight: Maximum number of this run's lookups in flight, 1 to 1024. Default 8.
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
        self._open_handle()
        return self._look_up_all(run, max_in_flight, options)

    async def _look_up_all(
        self, run: _bulk.Run, max_in_flight: int, options: Any
    ) -> AsyncGenerator[Lookup, None]:
        queue = self._queue_of_loop()
        progress = asyncio.Event()

        def submit(customer_id: bytes, tag: int) -> None:
            queue.submit(customer_id, options, functools.partial(finish, tag))

        def finish(tag: int, result: Result) -> None:
            run.finish(tag, result)
            progress.set()

        cancellation = Cancellation()
        options.cancellation = cancellation.pointer
        try:
            while not run.is_over:
                while run.in_flight < max_in_flight and run.submit_next(submit):
                    pass
                for lookup in run.ready():
                    yield lookup
                if run.in_flight:
                    progress.clear()
                    await progress.wait()
        finally:
            cancellation.cancel()
            cancellation.free()

    async def aclose(self) -> None:
        """Close the client within 100 ms. Calls in flight end with ``CancelledError``.

        Does nothing if the client is closed; later calls raise.
        """
        self._handle = None
        queue, self._loop_queue = self._loop_queue, None
        if queue is None:
            return
        if queue.loop is asyncio.get_running_loop():
            await queue.close()
        else:
            queue.abandon()

    async def __aenter__(self: _Self) -> _Self:
        return self

    async def __aexit__(
        self,
        _type: Optional[type[BaseException]],
        _value: Optional[BaseException],
        _traceback: Optional[TracebackType],
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        queue = self._loop_queue
        if queue is not None:
            if queue.loop.is_closed():
                queue.abandon()
            warnings.warn(f"unclosed {self!r}", ResourceWarning, stacklevel=2, source=self)

    def _queue_of_loop(self) -> LoopQueue:
        """Return the queue of the running loop, which is created with the first call on it."""
        handle = self._open_handle()
        loop = asyncio.get_running_loop()
        queue = self._loop_queue
        if queue is not None and queue.loop is not loop:
            if not queue.loop.is_closed():
                raise RuntimeError(
                    "this AsyncClient is used by another event loop; create one for each loop"
                )
            queue.abandon()
            queue = None
        if queue is None:
            queue = self._loop_queue = LoopQueue(handle, self._max_in_flight, loop)
        return queue


async def _result(
    queue: LoopQueue, submit: Callable[[Any, Callable[[Result], None]], None], options: Any
) -> Union[HelpStatus, bytes]:
    """Submit a call and wait for its result. Cancelling the task cancels the call."""
    future: asyncio.Future[Union[HelpStatus, bytes]] = queue.loop.create_future()

    def done(result: Result) -> None:
        if future.done():
            # The task was cancelled when the result was already there.
            return
        if isinstance(result, Error):
            future.set_exception(result)
        else:
            future.set_result(result)

    cancellation = Cancellation()
    options.cancellation = cancellation.pointer
    try:
        submit(options, done)
        return await future
    except asyncio.CancelledError:
        cancellation.cancel()
        raise
    finally:
        cancellation.free()
