"""Many lookups, however they are made: what to submit, what to yield, and when to stop."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Optional, Union

from diyalog._arguments import between, flag, invalid, text
from diyalog._errors import Error, ErrorCode, InvalidArgumentError
from diyalog._status import HelpStatus, Lookup

# Errors of the settings, the access key and the way to the server; and the end of the client.
_FATAL = frozenset(
    {
        ErrorCode.CANCELLED,
        ErrorCode.INVALID_ARGUMENT,
        ErrorCode.INVALID_CONFIG,
        ErrorCode.TLS,
        ErrorCode.PROXY,
        ErrorCode.HEADERS_MISSING,
        ErrorCode.AUTHORIZATION_FORMAT,
        ErrorCode.DATE_FORMAT,
        ErrorCode.UNAUTHORIZED,
        ErrorCode.CLOCK_SKEW,
    }
)

# How many lookups, in times of max_in_flight, may be submitted and not yet yielded.
_WINDOW = 4


def check_arguments(customer_ids: Iterable[str], max_in_flight: int, ordered: bool) -> None:
    """Check the arguments that only many lookups have."""
    if isinstance(customer_ids, (str, bytes)):
        # An iterable of its letters, and always a mistake.
        raise TypeError(
            f"customer_ids must be an iterable of str, not one {type(customer_ids).__name__}"
        )
    between("max_in_flight", max_in_flight, 1, 1024)
    flag("ordered", ordered)


class StopRule:
    """Decides in the order yielded whether a failed lookup is yielded or ends the run."""

    def __init__(self, give_up_after: Optional[int]) -> None:
        if give_up_after is not None:
            between("give_up_after", give_up_after, 1, 2**31 - 1)
        self._limit = give_up_after
        self._failures = 0

    def check(self, lookup: Lookup) -> Lookup:
        """Return a lookup to yield, or raise the error that ends the run."""
        error = lookup.error
        if error is None:
            self._failures = 0
        elif concerns_every_lookup(error):
            raise error
        elif not isinstance(error, InvalidArgumentError):
            self._failures += 1
            if self._failures == self._limit:
                raise error
        return lookup


def concerns_every_lookup(error: Error) -> bool:
    """Tell whether every later lookup would fail alike. An invalid id concerns only itself."""
    if isinstance(error, InvalidArgumentError) and error.argument == "customer_id":
        return False
    return error.code in _FATAL


class Run:
    """One run over an iterable of ids. Its caller makes the lookups."""

    def __init__(
        self, customer_ids: Iterable[str], max_in_flight: int, ordered: bool, stop: StopRule
    ) -> None:
        self._ids = iter(customer_ids)
        self._are_more = True
        self._ordered = ordered
        self._stop = stop
        self._window = _WINDOW * max_in_flight
        self._last_tag = 0
        self._next_tag = 1
        # What was read and not yet yielded: in flight, or finished.
        self._in_flight: dict[int, str] = {}
        self._finished: dict[int, Lookup] = {}

    @property
    def in_flight(self) -> int:
        """The number of lookups submitted and not yet finished."""
        return len(self._in_flight)

    @property
    def is_over(self) -> bool:
        """Whether everything was yielded."""
        return not (self._are_more or self._in_flight or self._finished)

    def submit_next(self, submit: Callable[[bytes, int], None]) -> bool:
        """Read one id and submit it with a tag. False if none is to be read now."""
        if not self._are_more or len(self._in_flight) + len(self._finished) >= self._window:
            return False
        try:
            customer_id = next(self._ids)
        except StopIteration:
            self._are_more = False
            return False
        self._last_tag += 1
        try:
            submit(_checked(customer_id), self._last_tag)
        except Error as error:
            self._finish(self._last_tag, Lookup(customer_id, None, error))
        else:
            self._in_flight[self._last_tag] = customer_id
        return True

    def finish(self, tag: int, result: Union[HelpStatus, bytes, Error]) -> None:
        """Accept the result of a lookup."""
        customer_id = self._in_flight.pop(tag)
        if isinstance(result, Error):
            self._finish(tag, Lookup(customer_id, None, result))
        else:
            assert isinstance(result, HelpStatus)
            self._finish(tag, Lookup(customer_id, result))

    def _finish(self, tag: int, lookup: Lookup) -> None:
        self._finished[tag] = lookup
        if lookup.error and concerns_every_lookup(lookup.error):
            self._are_more = False

    def ready(self) -> Iterator[Lookup]:
        """Yield the lookups that can be, or raise the error that ends the run."""
        while self._finished:
            tag = self._next_tag if self._ordered else next(iter(self._finished))
            lookup = self._finished.pop(tag, None)
            if lookup is None:
                return
            self._next_tag += 1
            yield self._stop.check(lookup)


def _checked(customer_id: str) -> bytes:
    if not isinstance(customer_id, str):
        # A TypeError would end the run for one cell of a table.
        raise invalid("customer_id", f"must be str, not {type(customer_id).__name__}")
    return text("customer_id", customer_id)


def one_by_one(look_up: Callable[[str], HelpStatus], run: Run) -> Generator[Lookup, None, None]:
    """Make the lookups of a run one after the other."""

    def submit(customer_id: bytes, tag: int) -> None:
        results.append((tag, look_up(customer_id.decode())))

    results: list[tuple[int, HelpStatus]] = []
    while run.submit_next(submit):
        if results:
            run.finish(*results.pop())
        yield from run.ready()
