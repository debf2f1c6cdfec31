"""Arguments, checked and converted for C before anything is done with them.

A wrong type is a TypeError, a value that cannot be used an InvalidArgumentError (a ValueError);
both name the argument, and neither quotes it: it may be the secret.
"""

from __future__ import annotations

import os
from typing import Literal

from diyalog import _native as native
from diyalog._errors import invalid_argument

# The largest uint32_t, which ctypes would pass by quietly dropping the higher bits.
_LARGEST = 2**32 - 1

_DATE_ZONES = {"GMT": native.DIYALOG_DATE_ZONE_GMT, "+0000": native.DIYALOG_DATE_ZONE_NUMERIC}


def text(name: str, value: str) -> bytes:
    """Check a text and give its UTF-8."""
    _must_be("str", name, value, isinstance(value, str))
    if not value:
        raise invalid_argument(f"{name} is empty")
    if "\0" in value:
        raise invalid_argument(f"{name} must not contain NUL")
    try:
        return value.encode()
    except UnicodeEncodeError:
        # Not as the cause: that error holds the whole text.
        raise invalid_argument(f"{name} has a lone surrogate, which no UTF-8 can express") from None


def path(name: str, value: str | os.PathLike[str]) -> bytes:
    """Check a path and give its UTF-8, as the library takes it on every system."""
    _must_be("str or os.PathLike", name, value, isinstance(value, (str, os.PathLike)))
    return text(name, os.fspath(value))


def secret(name: str, value: str | bytes) -> bytes:
    """Check a secret and give its bytes; only as text it must not contain NUL."""
    _must_be("str or bytes", name, value, isinstance(value, (str, bytes)))
    if isinstance(value, str):
        return text(name, value)
    if not value:
        raise invalid_argument(f"{name} is empty")
    return value


def milliseconds(name: str, seconds: float) -> int:
    """Check a time in seconds and give it in milliseconds, 1 at the least."""
    _must_be("int or float", name, seconds, _is_int(seconds) or isinstance(seconds, float))
    # Written so that NaN, of which no comparison is true, is refused.
    if not 0 < seconds <= _LARGEST / 1000:
        raise invalid_argument(f"{name} must be more than 0 and at most {_LARGEST / 1000} seconds")
    return max(1, round(seconds * 1000))


def count(name: str, value: int) -> int:
    """Check a number of something."""
    _must_be("int", name, value, _is_int(value))
    if not 0 <= value <= _LARGEST:
        raise invalid_argument(f"{name} must lie between 0 and {_LARGEST}")
    return value


def flag(name: str, value: bool) -> int:
    """Check a truth value and give 0 or 1."""
    _must_be("bool", name, value, isinstance(value, bool))
    return int(value)


def date_zone(name: str, value: Literal["GMT", "+0000"]) -> int:
    """Check the name of a date zone and give its constant."""
    _must_be("str", name, value, isinstance(value, str))
    if value not in _DATE_ZONES:
        raise invalid_argument(f'{name} must be "GMT" or "+0000"')
    return _DATE_ZONES[value]


def _must_be(expected: str, name: str, value: object, is_it: bool) -> None:
    if not is_it:
        raise TypeError(f"{name} must be {expected}, not {type(value).__name__}")


def _is_int(value: object) -> bool:
    """Tell an int from a bool, which is one to Python: timeout=True is a mistake."""
    return isinstance(value, int) and not isinstance(value, bool)
