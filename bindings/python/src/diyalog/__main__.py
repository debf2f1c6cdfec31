"""The command: ``python -m diyalog 70022``."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import diyalog

ANSWERED, FAILED, USAGE = 0, 1, 2
INTERRUPTED = 130  # as shells report a program that Ctrl-C ended


def main() -> int:
    """Ask for the customers of the command line, and give the exit status."""
    arguments = _arguments()
    # What the terminal cannot show must not end the run.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with diyalog.Client.from_env(**_overrides(arguments)) as client:
            return _ask_all(client, arguments.customer_id, as_json=arguments.json)
    except diyalog.InvalidArgumentError as error:
        print(f"diyalog: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


def _arguments() -> argparse.Namespace:
    parser = _parser()
    # Options may follow ids, too.
    arguments, unknown = parser.parse_known_intermixed_args()
    if unknown:
        # By name alone: its value may be a secret that was meant for another place.
        parser.error(f"unknown option {unknown[0].partition('=')[0]}")
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m diyalog",
        allow_abbrev=False,
        description="Say whether customers are in a live chat right now, and with whom.",
        epilog="A setting that is not given is that of its environment variable: DIYALOG_ENDPOINT, "
        "DIYALOG_ACCESS_KEY_ID, DIYALOG_ACCESS_KEY_SECRET, DIYALOG_REQUESTER_USER_ID, "
        "DIYALOG_TIMEOUT_MS, DIYALOG_MAX_RETRIES, DIYALOG_CA_FILE, DIYALOG_PROXY. The secret is "
        "no argument, since every user of a machine can read the arguments of its programs; for "
        "the same reason a proxy with a password belongs into the environment. "
        "Exit status: 0 every customer was answered, 1 an error, 2 a wrong argument or setting.",
    )
    parser.add_argument("customer_id", nargs="+", help="id of a customer to ask for")
    parser.add_argument("--json", action="store_true", help="one line of JSON per customer")
    parser.add_argument("--endpoint", metavar="URL", help="address of the API: https://host")
    parser.add_argument("--access-key-id", metavar="ID", help="id of the access key")
    parser.add_argument(
        "--access-key-secret-file",
        type=_secret_in,
        dest="access_key_secret",
        metavar="FILE",
        help="file with the secret of the access key, - for standard input; a newline at its end "
        "does not count",
    )
    parser.add_argument("--requester-user-id", metavar="ID", help="on whose behalf to ask")
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="time for each customer [10]"
    )
    parser.add_argument(
        "--max-retries", type=int, metavar="N", help="tries after a failure that may pass [2]"
    )
    parser.add_argument("--ca-file", metavar="FILE", help="CA certificates to trust as well (PEM)")
    parser.add_argument("--proxy", metavar="URL", help="forward proxy: http://host:port")
    parser.add_argument("--version", action="version", version=diyalog.__version__)
    return parser


def _secret_in(file: str) -> bytes:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot be read: {error}") from None
    return content.removesuffix(b"\n").removesuffix(b"\r")


def _overrides(arguments: argparse.Namespace) -> Any:
    settings = dict(vars(arguments))
    del settings["customer_id"], settings["json"]
    return settings


def _ask_all(client: diyalog.Client, customer_ids: list[str], *, as_json: bool) -> int:
    """Ask for one after the other; end early where the rest would fail in the same way."""
    exit_status = ANSWERED
    progress = _Progress(len(customer_ids))
    for number, customer_id in enumerate(customer_ids, 1):
        try:
            with progress.at(number):
                status = client.is_customer_in_online_help(customer_id)
        except diyalog.InvalidArgumentError:
            raise
        except diyalog.Error as error:
            exit_status = FAILED
            if as_json:
                print(_json(customer_id, error=_error_fields(error)), flush=True)
            else:
                print(_printable(f"diyalog: {customer_id}: {error}"), file=sys.stderr)
            if isinstance(error, _HOPELESS) and number < len(customer_ids):
                print(f"diyalog: {len(customer_ids) - number} more not asked", file=sys.stderr)
                break
        else:
            if as_json:
                print(_json(customer_id, **_status_fields(status)), flush=True)
            else:
                print(_printable(f"{customer_id}: {_describe(status)}"), flush=True)
    return exit_status


# What concerns the access key or the way to the server, and so every customer alike.
_HOPELESS = (diyalog.AuthenticationError, diyalog.ClockSkewError, diyalog.TlsError)


def _describe(status: diyalog.HelpStatus) -> str:
    if not status.customer_found:
        return "no such customer"
    if not status.is_in_help:
        return "not in help"
    kind = status.help_type_text or "of no kind"
    return f"in help, {kind}, with agent {status.staff_id or 'unknown'}"


def _printable(text: str) -> str:
    """Keep what a server answers from steering the terminal."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _json(customer_id: str, **fields: Any) -> str:
    return json.dumps({"customer_id": customer_id, **fields})


def _status_fields(status: diyalog.HelpStatus) -> dict[str, Any]:
    return {
        "is_in_help": status.is_in_help,
        "help_type": status.help_type_text,
        "staff_id": status.staff_id,
        "error_code": status.error_code,
        "customer_found": status.customer_found,
    }


def _error_fields(error: diyalog.Error) -> dict[str, Any]:
    return {
        "code": int(error.code),
        "name": error.code.name,
        "message": str(error),
        "http_status": error.http_status,
        "retryable": error.retryable,
    }


class _Progress:
    """How far it is, on the last line of a terminal; nothing for one customer or elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._terminal: TextIO | None = sys.stderr if total > 1 and sys.stderr.isatty() else None

    @contextlib.contextmanager
    def at(self, number: int) -> Iterator[None]:
        """Show it while this customer is asked for."""
        self._write(f"{number} of {self._total}")
        try:
            yield
        finally:
            self._write(" " * len(f"{self._total} of {self._total}") + "\r")

    def _write(self, text: str) -> None:
        if self._terminal:
            self._terminal.write("\r" + text)
            self._terminal.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        # Who read the output has gone, as `head` does. The last flush is to be silent.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
