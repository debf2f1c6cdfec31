"""Clients for tests: no server, no network, no native library.

A pytest fixture::

    import diyalog
    import diyalog.testing
    import pytest

    @pytest.fixture
    def client():
        client = diyalog.testing.FakeClient()
        client.add("70022", diyalog.HelpStatus(True, diyalog.HelpType.INBOUND, staff_id="45001"))
        client.add("70024", diyalog.TimeoutError("no response within 2 seconds"))
        return client

    def test_route(client):
        assert route_call(client, "70022") == "45001"
        assert client.calls == ["70022"]
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable
from typing import Optional, Union

from diyalog import _arguments as arguments
from diyalog import _bulk
from diyalog._async_client import AsyncClient
from diyalog._client import Client
from diyalog._errors import Error, InvalidArgumentError
from diyalog._handle import Handle
from diyalog._loop import LoopQueue
from diyalog._status import HelpStatus, Lookup

__all__ = ["FakeAsyncClient", "FakeClient"]


_LOOKUPS_ONLY = "a fake client only makes lookups; override the method in a subclass"


class _Answers:
    """What a fake client returns or raises, and what it was asked."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.is_closed = False
        self._answers: dict[str, Union[HelpStatus, Error]] = {}

    def add(self, customer_id: str, answer: Union[HelpStatus, Error]) -> None:
        arguments.text("customer_id", customer_id)
        if not isinstance(answer, (HelpStatus, Error)):
            raise TypeError(f"answer must be HelpStatus or Error, not {type(answer).__name__}")
        self._answers[customer_id] = answer

    def look_up(
        self, customer_id: str, requester_user_id: Optional[str], timeout: Optional[float]
    ) -> HelpStatus:
        """Reject what the real client rejects, then answer."""
        arguments.text("customer_id", customer_id)
        if customer_id != customer_id.strip():
            raise arguments.invalid("customer_id", "has white space around it; strip it")
        self.check_options(requester_user_id, timeout)
        self.calls.append(customer_id)
        answer = self._answers.get(customer_id)
        if answer is None:
            raise LookupError(
                f"customer {customer_id!r} was not added to this fake client; call add() first"
            )
        if isinstance(answer, Error):
            raise answer
        return answer

    def look_up_all(
        self,
        customer_ids: Iterable[str],
        max_in_flight: int,
        ordered: bool,
        give_up_after: Optional[int],
        requester_user_id: Optional[str],
        timeout: Optional[float],
    ) -> Generator[Lookup, None, None]:
        """Look the customers up one by one, with the real client's rules for stopping."""
        _bulk.check_arguments(customer_ids, max_in_flight, ordered)
        run = _bulk.Run(customer_ids, 1, True, _bulk.StopRule(give_up_after))
        self.check_options(requester_user_id, timeout)

        def look_up(customer_id: str) -> HelpStatus:
            return self.look_up(customer_id, requester_user_id, timeout)

        return _bulk.one_by_one(look_up, run)

    def check_options(self, requester_user_id: Optional[str], timeout: Optional[float]) -> None:
        if self.is_closed:
            raise InvalidArgumentError("the client is closed; create a new one")
        if requester_user_id is not None:
            arguments.text("requester_user_id", requester_user_id)
        if timeout is not None:
            arguments.milliseconds("timeout", timeout)


class FakeClient(Client):
    """A ``Client`` that answers what ``add`` was called with.

    Not thread-safe; use from one thread at a time.
    """

    def __init__(self) -> None:
        """Create a client that knows no customer."""
        self._answers = _Answers()

    @property
    def calls(self) -> list[str]:
        """The customer ids that were looked up, in order."""
        return self._answers.calls

    def add(self, customer_id: str, answer: Union[HelpStatus, Error]) -> None:
        """Answer this customer's lookups with a status, or raise an error.

        A later call for the same customer replaces the answer. A lookup of a customer that was not
        added raises LookupError.

        :param customer_id: The customer's id.
        :param answer: The status to return or the error to raise.
        """
        self._answers.add(customer_id, answer)

    def is_customer_in_online_help(
        self,
        customer_id: str,
        *,
        requester_user_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> HelpStatus:
        """Return the status or raise the error that was added for this customer."""
        return self._answers.look_up(customer_id, requester_user_id, timeout)

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
        """Yield the answers in the order of the ids, with the real client's rules for stopping."""
        return self._answers.look_up_all(
            customer_ids, max_in_flight, ordered, give_up_after, requester_user_id, timeout
        )

    def close(self) -> None:
        """Reject later calls, as the real client does."""
        self._answers.is_closed = True

    def _open_handle(self) -> Handle:
        raise NotImplementedError(_LOOKUPS_ONLY)

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__qualname__}>"


class FakeAsyncClient(AsyncClient):
    """An ``AsyncClient`` that answers what ``add`` was called with.

    Not thread-safe; use from one thread at a time.
    """

    def __init__(self) -> None:
        """Create a client that knows no customer."""
        self._answers = _Answers()

    @property
    def calls(self) -> list[str]:
        """The customer ids that were looked up, in order."""
        return self._answers.calls

    def add(self, customer_id: str, answer: Union[HelpStatus, Error]) -> None:
        """Answer this customer's lookups; see ``FakeClient.add``."""
        self._answers.add(customer_id, answer)

    async def is_customer_in_online_help(
        self,
        customer_id: str,
        *,
        requester_user_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> HelpStatus:
        """Return the status or raise the error that was added for this customer."""
        return self._answers.look_up(customer_id, requester_user_id, timeout)

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
        """Yield the answers in the order of the ids, with the real client's rules for stopping."""
        return _asynchronous(
            self._answers.look_up_all(
                customer_ids, max_in_flight, ordered, give_up_after, requester_user_id, timeout
            )
        )

    def _queue_of_loop(self) -> LoopQueue:
        raise NotImplementedError(_LOOKUPS_ONLY)

    async def aclose(self) -> None:
        """Reject later calls, as the real client does."""
        self._answers.is_closed = True

    def _open_handle(self) -> Handle:
        raise NotImplementedError(_LOOKUPS_ONLY)

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__qualname__}>"


async def _asynchronous(lookups: Generator[Lookup, None, None]) -> AsyncGenerator[Lookup, None]:
    for lookup in lookups:
        yield lookup
