"""What many lookups have in common, however they are made: when to stop."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Optional

from diyalog._arguments import between, flag, invalid
from diyalog._errors import Error, ErrorCode, InvalidArgumentError
from diyalog._status import HelpStatus, Lookup

# Errors of the settings, the access key and the way to the server.
_FATAL = frozenset(
    {
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


def check_arguments(customer_ids: Iterable[str], max_in_flight: int, ordered: bool) -> None:
    """Check the arguments that only many lookups have."""
    if isinstance(customer_ids, (str, bytes)):
        # An iterable of its letters, and always a mistake.
        raise TypeError(
            f"customer_ids must be an iterable of str, not one {type(customer_ids).__name__}"
        )
    between("max_in_flight", max_in_flight, 1, 1024)
    flag("ordered", ordered)


def one_by_one(
    look_up: Callable[[str], HelpStatus], customer_ids: Iterable[str], stop: StopRule
) -> Generator[Lookup, None, None]:
    """Make the lookups one after the other."""
    for customer_id in customer_ids:
        yield stop.check(_look_up_one(look_up, customer_id))


def _look_up_one(look_up: Callable[[str], HelpStatus], customer_id: str) -> Lookup:
    if not isinstance(customer_id, str):
        return Lookup(customer_id, None, wrong_type(customer_id))
    try:
        return Lookup(customer_id, look_up(customer_id))
    except Error as error:
        return Lookup(customer_id, None, error)


def wrong_type(customer_id: object) -> InvalidArgumentError:
    """Return the error for an id that is not a str. Among many it must not end the run."""
    return invalid("customer_id", f"must be str, not {type(customer_id).__name__}")
