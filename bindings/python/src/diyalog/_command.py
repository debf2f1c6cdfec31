"""The command: ``diyalog 70022``, ``python -m diyalog --input ids.txt``."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional, TextIO

import diyalog
from diyalog import _output, _rows, _settings

ANSWERED, FAILED, USAGE = 0, 1, 2
INTERRUPTED = 130  # as shells report a program that Ctrl-C ended

_OWN_OPTIONS = (
    "customer_id",
    "input",
    "column",
    "format",
    "output",
    "max_in_flight",
    "give_up_after",
    "path",
    "json",
    "repeatable",
)


def main() -> int:
    """Look up the customers of the command line and return the exit status."""
    try:
        # A customer named "post" can be looked up after --.
        if sys.argv[1:2] == ["post"]:
            return _post(_post_arguments(sys.argv[2:]))
        return _run(_arguments())
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of the output has gone, as `head` does. The last flush is to be silent.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (diyalog.InvalidArgumentError, _rows.NoColumnError, ImportError) as error:
        message = str(error)
    except diyalog.Error as error:
        _report(str(error))
        return FAILED
    except OSError as error:
        message = f"{error.filename or 'output'}: {error.strerror}; check the file"
    _report(message)
    return USAGE


def _report(text: str) -> None:
    print(_output.printable(f"diyalog: {text}"), file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = _parser()
    # Options may follow ids.
    arguments, unknown = parser.parse_known_intermixed_args()
    if unknown:
        # By name alone: its value may be a secret that was meant for another place.
        parser.error(f"unknown option {unknown[0].partition('=')[0]}")
    if bool(arguments.customer_id) == (arguments.input is not None):
        parser.error("name customer_id arguments or --input FILE, one of the two")
    if arguments.column is not None and arguments.input is None:
        parser.error("--column needs --input")
    if arguments.input == "-" == arguments.access_key_secret_file:
        parser.error("--input and --access-key-secret-file cannot both be standard input")
    return arguments


def _parser() -> argparse.ArgumentParser:
    variables = ", ".join(_settings.variables())
    parser = argparse.ArgumentParser(
        prog="diyalog",
        allow_abbrev=False,
        description="Report whether customers are in a live chat right now, and with whom. "
        "`diyalog post --help` is about the platform's other endpoints.",
        epilog="A setting without an option comes from its environment variable: "
        f"{variables}. The secret is not an argument, because every user of a machine can read the "
        "arguments of its programs. For the same reason put a proxy with a password into the "
        "environment. Exit status: 0 every customer was answered, 1 some failed, 2 a wrong "
        "argument, setting or file, 130 interrupted.",
    )
    parser.add_argument("customer_id", nargs="*", help="id of a customer to look up")
    parser.add_argument(
        "--input", metavar="FILE", help="read the ids from this file, one per line; - reads stdin"
    )
    parser.add_argument("--column", metavar="NAME", help="the file is CSV; take the ids from here")
    parser.add_argument("--format", choices=("text", "json", "csv"), default="text", help="[text]")
    parser.add_argument(
        "--json", action="store_const", const="json", dest="format", help="same as --format json"
    )
    parser.add_argument("--output", metavar="FILE", help="write to this file, not to stdout")
    parser.add_argument(
        "--max-in-flight", type=int, default=8, metavar="N", help="lookups at the same time [8]"
    )
    parser.add_argument(
        "--give-up-after",
        type=int,
        default=20,
        metavar="N",
        help="stop after so many consecutive failures [20]; 0 never stops",
    )
    _add_settings(parser)
    return parser


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--endpoint", metavar="URL", help="address of the API: https://host")
    parser.add_argument("--access-key-id", metavar="ID", help="id of the access key")
    parser.add_argument(
        "--access-key-secret-file",
        metavar="FILE",
        help="file with the secret of the access key, - for stdin; a newline at its end is ignored",
    )
    parser.add_argument("--requester-user-id", metavar="ID", help="staff number of the requester")
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="time budget for each customer [10]"
    )
    parser.add_argument(
        "--max-retries", type=int, metavar="N", help="retries after a transient failure [2]"
    )
    parser.add_argument("--ca-file", metavar="FILE", help="CA certificates to trust too (PEM)")
    parser.add_argument("--proxy", metavar="URL", help="forward proxy: http://host:port")
    parser.add_argument("--version", action="version", version=diyalog.__version__)


def _post_arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="diyalog post",
        allow_abbrev=False,
        description="Send a signed POST request to an endpoint of the platform and print the JSON "
        "of the response. Exit status: 0 answered, 1 failed, 2 a wrong argument, setting or file.",
    )
    parser.add_argument("path", help="path of the endpoint: /v1/reporting/getonlinehelplist")
    parser.add_argument("json", nargs="?", metavar="JSON", help="the body")
    parser.add_argument("--input", metavar="FILE", help="read the body from here; - reads stdin")
    parser.add_argument(
        "--repeatable", action="store_true", help="the request does no harm if received twice"
    )
    _add_settings(parser)
    arguments = parser.parse_intermixed_args(argv)
    if (arguments.json is None) == (arguments.input is None):
        parser.error("give the JSON as an argument or by --input FILE, one of the two")
    return arguments


def _post(arguments: argparse.Namespace) -> int:
    text = arguments.json
    if text is None:
        with _rows.opened(arguments.input) as file:
            text = file.read()
    try:
        body = json.loads(text)
    except ValueError as error:
        raise diyalog.InvalidArgumentError(f"the body is not JSON ({error}); mend it") from None
    with diyalog.Client.from_env(**_settings_of(arguments)) as client:
        answer = client.post(arguments.path, body, repeatable=arguments.repeatable)
    json.dump(answer, _output_file(None, contextlib.ExitStack()), ensure_ascii=False)
    print()
    return ANSWERED


def _settings_of(arguments: argparse.Namespace) -> Any:
    settings = {name: value for name, value in vars(arguments).items() if name not in _OWN_OPTIONS}
    settings["access_key_secret"] = _secret_in(settings.pop("access_key_secret_file"))
    return settings


def _run(arguments: argparse.Namespace) -> int:
    with contextlib.ExitStack() as opened:
        client = opened.enter_context(diyalog.Client.from_env(**_settings_of(arguments)))
        reports = _Reports(arguments)
        rows = _rows.Rows(_places(arguments, reports, opened))
        write = _output.writer(arguments.format, _output_file(arguments.output, opened))
        run = client.are_customers_in_online_help(
            rows.ids(),
            max_in_flight=arguments.max_in_flight,
            give_up_after=arguments.give_up_after or None,
        )
        opened.enter_context(contextlib.closing(run))
        opened.callback(reports.progress.clear)

        def finish(lookup: diyalog.Lookup) -> None:
            reports.progress.clear()
            write(lookup)
            reports.finish(rows.next_answered(), lookup.error)

        try:
            for lookup in run:
                finish(lookup)
        except diyalog.InvalidArgumentError:
            raise
        except diyalog.Error as error:
            finish(diyalog.Lookup(rows.first_unanswered().customer_id, None, error))
            reports.stopped()
    return reports.exit_status


def _places(
    arguments: argparse.Namespace, reports: _Reports, opened: contextlib.ExitStack
) -> Iterator[_rows.Place]:
    if arguments.input is None:
        return (_rows.Place(customer_id, None) for customer_id in arguments.customer_id)
    file = opened.enter_context(_rows.opened(arguments.input))
    if arguments.column is None:
        return _rows.from_lines(file, reports.bad_row)
    return _rows.from_column(file, arguments.column, reports.bad_row)


def _output_file(path: Optional[str], opened: contextlib.ExitStack) -> TextIO:
    if path is not None:
        return opened.enter_context(open(path, "w", encoding="utf-8", newline=""))
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A letter that the terminal cannot show must not end the run.
        sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)
    return sys.stdout


def _secret_in(file: Optional[str]) -> Optional[bytes]:
    if file is None:
        return None
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return content.removesuffix(b"\n").removesuffix(b"\r")


class _Reports:
    """What people read on stderr, and the exit status that comes of it."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.exit_status = ANSWERED
        self._file = "standard input" if arguments.input == "-" else arguments.input
        self._total = len(arguments.customer_id) if self._file is None else None
        self._done = 0
        # JSON and CSV have the error in the row.
        self._is_in_output = self._file is None and arguments.format != "text"
        self.progress = _output.Progress(self._total)

    def finish(self, place: _rows.Place, error: Optional[diyalog.Error]) -> None:
        """Count an answer, and report its error."""
        self._done += 1
        if error is not None:
            wrong = place.line is None and isinstance(error, diyalog.InvalidArgumentError)
            self._fail(USAGE if wrong else FAILED)
            if not self._is_in_output:
                self._print(f"{self._place(place.line)}{place.customer_id}: {error}")
        self.progress.show(self._done)

    def bad_row(self, line: int, problem: str) -> None:
        """Report a row without an id that can be sent."""
        self._fail(FAILED)
        self._print(f"{self._place(line)}{problem}")

    def stopped(self) -> None:
        """Report what was not looked up."""
        if self._total is None:
            self._print(f"stopped after {self._done} customers; the rest was not looked up")
        elif self._done < self._total:
            self._print(f"stopped; {self._total - self._done} more not looked up")

    def _place(self, line: Optional[int]) -> str:
        return "" if line is None else f"{self._file} line {line}: "

    def _fail(self, exit_status: int) -> None:
        self.exit_status = max(self.exit_status, exit_status)

    def _print(self, text: str) -> None:
        self.progress.clear()
        _report(text)
