"""Checks arguments and converts them for C, before anything is done with them.

A wrong type is a TypeError, an invalid value an InvalidArgumentError (a ValueError). Both name the
argument, and neither quotes its value: it may be the secret.
"""

from __future__ import annotations

import json
import os
from typing import Any, Literal, Union

from diyalog import _native as native
from diyalog._errors import InvalidArgumentError

# The largest uint32_t. ctypes would silently drop the higher bits.
_LARGEST = 2**32 - 1

_DATE_ZONES = {"GMT": native.DIYALOG_DATE_ZONE_GMT, "+0000": native.DIYALOG_DATE_ZONE_NUMERIC}


def invalid(argument: str, problem: str) -> InvalidArgumentError:
    """Return the error for an argument that is rejected before the library sees it."""
    return InvalidArgumentError(f"{argument} {problem}", argument=argument)


def text(name: str, value: str) -> bytes:
    """Check a text and return its UTF-8."""
    _must_be("str", name, value, isinstance(value, str))
    if not value:
        raise invalid(name, "is empty")
    if "\0" in value:
        raise invalid(name, "must not contain NUL")
    return _utf8(name, value)


def path(name: str, value: Union[str, os.PathLike[str]]) -> bytes:
    """Check a path and return its UTF-8, which the library expects on every system."""
    _must_be("str or os.PathLike", name, value, isinstance(value, (str, os.PathLike)))
    return text(name, os.fspath(value))


def secret(name: str, value: Union[str, bytes]) -> bytes:
    """Check a secret and return its bytes. Only a text must not contain NUL."""
    _must_be("str or bytes", name, value, isinstance(value, (str, bytes)))
    if isinstance(value, str):
        return text(name, value)
    if not value:
        raise invalid(name, "is empty")
    return value


def content(name: str, value: Union[str, bytes, None]) -> bytes:
    """Check a body and return its bytes."""
    _must_be("str or bytes", name, value, value is None or isinstance(value, (str, bytes)))
    if isinstance(value, str):
        return _utf8(name, value)
    return value or b""


def json_of(name: str, value: Any) -> bytes:
    """Return the JSON of a value. TypeError if it has none."""
    try:
        return _utf8(name, json.dumps(value, ensure_ascii=False, allow_nan=False))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InvalidArgumentError):
            raise
        raise invalid(name, f"cannot be JSON ({error})") from None


def parsed(received: bytes) -> Any:
    """Return the value of a response's JSON, which the library has checked."""
    return json.loads(received)


def milliseconds(name: str, seconds: float) -> int:
    """Check a time in seconds and return it in milliseconds, at least 1."""
    _must_be("int or float", name, seconds, _is_int(seconds) or isinstance(seconds, float))
    # NaN, of which no comparison is true, is rejected too.
    if not 0 < seconds <= _LARGEST / 1000:
        raise invalid(name, f"must be more than 0 and at most {_LARGEST / 1000} seconds")
    return max(1, round(seconds * 1000))


def count(name: str, value: int) -> int:
    """Check a number of something."""
    _must_be("int", name, value, _is_int(value))
    if not 0 <= value <= _LARGEST:
        raise invalid(name, f"must be between 0 and {_LARGEST}")
    return value


def between(name: str, value: int, least: int, most: int) -> int:
    """Check a number that has limits of its own."""
    _must_be("int", name, value, _is_int(value))
    if not least <= value <= most:
        raise invalid(name, f"must be between {least} and {most}")
    return value


def flag(name: str, value: bool) -> int:
    """Check a truth value and return 0 or 1."""
    _must_be("bool", name, value, isinstance(value, bool))
    return int(value)


def date_zone(name: str, value: Literal["GMT", "+0000"]) -> int:
    """Check the name of a date zone and return its constant."""
    _must_be("str", name, value, isinstance(value, str))
    if value not in _DATE_ZONES:
        raise invalid(name, 'must be "GMT" or "+0000"')
    return _DATE_ZONES[value]


def _utf8(name: str, value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError:
        # Not as the cause: that error holds the whole text.
        raise invalid(name, "has a lone surrogate, which UTF-8 cannot express") from None


def _must_be(expected: str, name: str, value: object, is_it: bool) -> None:
    if not is_it:
        raise TypeError(f"{name} must be {expected}, not {type(value).__name__}")


def _is_int(value: object) -> bool:
    """Tell an int from a bool, which is an int to Python: timeout=True is a mistake."""
    return isinstance(value, int) and not isinstance(value, bool)
