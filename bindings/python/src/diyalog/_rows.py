"""The command's input: customer ids from arguments, from lines or from a column of a CSV file."""

from __future__ import annotations

import collections
import contextlib
import csv
import io
import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, Optional


class Place(NamedTuple):
    """Where an id comes from."""

    customer_id: str
    line: Optional[int]
    """Line number in the file. None for an argument."""


class Rows:
    """The ids, one at a time. Remembers the places of those that were read and not yet answered."""

    def __init__(self, places: Iterator[Place]) -> None:
        self._places = places
        self._unanswered: collections.deque[Place] = collections.deque()

    def ids(self) -> Iterator[str]:
        """Yield each id."""
        for place in self._places:
            self._unanswered.append(place)
            yield place.customer_id

    def first_unanswered(self) -> Place:
        """Return the place of the next answer."""
        return self._unanswered[0]

    def next_answered(self) -> Place:
        """Remove the place of the next answer. Answers come in the order of the ids."""
        return self._unanswered.popleft()


class NoColumnError(Exception):
    """The CSV file has no such column."""


@contextlib.contextmanager
def opened(path: str) -> Iterator[io.TextIOWrapper]:
    """Open a file of UTF-8 text; ``-`` is standard input. What is not UTF-8 is left to its row."""
    with contextlib.ExitStack() as stack:
        binary: BinaryIO = (
            sys.stdin.buffer if path == "-" else stack.enter_context(open(path, "rb"))
        )
        text = io.TextIOWrapper(binary, "utf-8-sig", "surrogateescape", newline="")
        stack.callback(text.detach)
        yield text


def from_lines(file: io.TextIOWrapper, report: Callable[[int, str], None]) -> Iterator[Place]:
    """Yield the id of each line that is not blank."""
    for number, line in enumerate(file, 1):
        yield from _place(line, number, report)


def from_column(
    file: io.TextIOWrapper, column: str, report: Callable[[int, str], None]
) -> Iterator[Place]:
    """Check the header and return the ids of this column. Rows without an id are reported."""
    header = file.readline()
    # Spreadsheets separate by semicolons in countries that have a decimal comma.
    delimiter = max(",;\t", key=header.count)
    columns = [cell.strip() for cell in next(csv.reader([header], delimiter=delimiter), [])]
    if column not in columns:
        there = f"its columns are {', '.join(columns)}" if any(columns) else "line 1 is blank"
        raise NoColumnError(f"{file.name} has no column {column} ({there}); check --column")
    reader = csv.reader(file, delimiter=delimiter)
    return _cells(reader, columns.index(column), column, report)


def _cells(
    reader: Iterator[list[str]], index: int, column: str, report: Callable[[int, str], None]
) -> Iterator[Place]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            report(_line(reader), f"not CSV ({error}); mend the row")
            continue
        if not any(cell.strip() for cell in row):
            continue
        if len(row) <= index:
            report(_line(reader), f"no cell in column {column}; mend the row")
            continue
        yield from _place(row[index], _line(reader), report)


def _line(reader: Iterator[list[str]]) -> int:
    read: int = reader.line_num  # type: ignore[attr-defined] # csv.reader's type has no name
    return 1 + read  # the header was read before


def _place(cell: str, line: int, report: Callable[[int, str], None]) -> Iterator[Place]:
    customer_id = cell.strip()
    if any("\udc80" <= char <= "\udcff" for char in customer_id):
        report(line, "not UTF-8; save the file as UTF-8")
    elif customer_id:
        yield Place(customer_id, line)
