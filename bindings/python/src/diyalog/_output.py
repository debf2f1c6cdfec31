"""The command's output: text, JSON lines or CSV, and how far it is."""

from __future__ import annotations

import csv
import json
import sys
import time
from typing import Any, Callable, Optional, TextIO

from diyalog._errors import Error
from diyalog._status import HelpStatus, Lookup

FIELDS = (
    "customer_id",
    "is_in_help",
    "help_type",
    "staff_id",
    "error_code",
    "customer_found",
    "error",
)


def writer(format_name: str, file: TextIO) -> Callable[[Lookup], None]:
    """Return the function that writes a lookup in this format."""
    if format_name == "json":
        return lambda lookup: _write_line(file, json.dumps(_fields(lookup, _error_object)))
    if format_name == "csv":
        rows = csv.DictWriter(file, FIELDS, lineterminator="\n")
        rows.writeheader()
        return lambda lookup: rows.writerow(
            {name: _cell(value) for name, value in _fields(lookup, _error_text).items()}
        )
    # A lookup that failed is reported on stderr.
    return lambda lookup: (
        _write_line(file, printable(f"{lookup.customer_id}: {_describe(lookup.status)}"))
        if lookup.status is not None
        else None
    )


def printable(text: str) -> str:
    """Replace what would let a server steer the terminal."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _write_line(file: TextIO, line: str) -> None:
    file.write(f"{line}\n")


def _describe(status: HelpStatus) -> str:
    if not status.customer_found:
        return "no such customer"
    if not status:
        return "not in help"
    kind = status.help_type_text or "of no kind"
    return f"in help, {kind}, with agent {status.staff_id or 'unknown'}"


def _fields(lookup: Lookup, describe_error: Callable[[Error], Any]) -> dict[str, Any]:
    known = lookup.status.to_dict() if lookup.status is not None else {}
    return {
        **{name: known.get(name) for name in FIELDS},
        "customer_id": lookup.customer_id,
        "error": describe_error(lookup.error) if lookup.error else None,
    }


def _error_object(error: Error) -> dict[str, Any]:
    return {
        "code": int(error.code),
        "name": error.code.name,
        "message": str(error),
        "http_status": error.http_status,
        "retryable": error.retryable,
    }


def _error_text(error: Error) -> str:
    return f"{error.code.name}: {error}"


def _cell(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


class Progress:
    """How many are done, on the last line of a terminal. Nothing for one customer or elsewhere."""

    def __init__(self, total: Optional[int]) -> None:
        self._total = "" if total is None else f" of {total}"
        self._terminal: Optional[TextIO] = (
            sys.stderr if total != 1 and sys.stderr.isatty() else None
        )
        self._shown = 0
        self._next_at = 0.0

    def show(self, done: int) -> None:
        """Show it, at most ten times a second."""
        if self._terminal and time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + 0.1
            self._write(f"{done}{self._total}")

    def clear(self) -> None:
        """Leave the line to what is printed next."""
        if self._terminal and self._shown:
            self._write("")
            self._next_at = 0.0

    def _write(self, text: str) -> None:
        assert self._terminal
        self._terminal.write(f"\r{text:{self._shown}}\r{text}")
        self._terminal.flush()
        self._shown = len(text)
