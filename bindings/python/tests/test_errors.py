"""Every family of errors, as a program catches it and as it crosses to other processes."""

from __future__ import annotations

import builtins
import copy
import json
import pickle
import socket
import time
from pathlib import Path
from typing import Any

import diyalog
import pytest
from conftest import SECRET, Sandbox, client_of
from diyalog import Client, ErrorCode


def ask(client: Client, **options: float) -> diyalog.Error:
    with pytest.raises(diyalog.Error) as caught:
        client.is_customer_in_online_help("70022", **options)  # type: ignore[arg-type]
    assert SECRET not in str(caught.value)
    return caught.value


def facts(error: diyalog.Error) -> tuple[type, ErrorCode, int | None, bool]:
    return type(error), error.code, error.http_status, error.retryable


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, "Required headers not found", (diyalog.AuthenticationError, 20, 400, False)),
        (
            400,
            "Authorization failed due to data format not valid",
            (diyalog.AuthenticationError, 21, 400, False),
        ),
        (
            400,
            "Authorization failed due to date not valid",
            (diyalog.AuthenticationError, 22, 400, False),
        ),
        (401, "Authorization failed", (diyalog.AuthenticationError, 23, 401, False)),
        (403, "Request time may not be correct.", (diyalog.ClockSkewError, 24, 403, False)),
        (500, "veritabanı yok", (diyalog.ServerError, 25, 500, True)),
        (302, "", (diyalog.ServerError, 26, 302, False)),
        (403, "Forbidden by policy", (diyalog.ServerError, 26, 403, False)),
        (404, "", (diyalog.ServerError, 26, 404, False)),
        (429, "", (diyalog.ServerError, 26, 429, True)),
        (503, "busy", (diyalog.ServerError, 26, 503, True)),
        (407, "", (diyalog.ProxyError, 14, 407, False)),
        (200, "<html>", (diyalog.InvalidResponseError, 30, 200, False)),
        (200, "", (diyalog.InvalidResponseError, 30, 200, False)),
    ],
)
def test_an_answer_that_is_an_error(
    sandbox: Sandbox, status: int, body: str, expected: tuple[type, int, int, bool]
) -> None:
    sandbox.answer(body, status)
    with client_of(sandbox, max_retries=0, clock_correction=False) as client:
        error = ask(client)
    assert facts(error) == expected
    if status != 200:
        assert body in str(error)


def test_a_wrong_secret(sandbox: Sandbox) -> None:
    with client_of(sandbox, access_key_secret="wrong-one") as client:
        error = ask(client)
    assert facts(error) == (diyalog.AuthenticationError, ErrorCode.UNAUTHORIZED, 401, False)
    assert "wrong-one" not in str(error)


def test_the_deadline(sandbox: Sandbox, client: Client) -> None:
    sandbox.fault("silence", times=3)
    began = time.monotonic()
    with pytest.raises(builtins.TimeoutError) as caught:
        client.is_customer_in_online_help("70022", timeout=0.3)
    assert 0.25 < time.monotonic() - began < 0.8
    assert isinstance(caught.value, diyalog.TimeoutError)
    assert facts(caught.value) == (diyalog.TimeoutError, ErrorCode.TIMEOUT, None, True)


def test_the_client_s_deadline(sandbox: Sandbox) -> None:
    sandbox.fault("silence")
    with client_of(sandbox, timeout=0.2) as client:
        began = time.monotonic()
        assert ask(client).code is ErrorCode.TIMEOUT
    assert time.monotonic() - began < 0.7


def test_a_connection_that_breaks(sandbox: Sandbox, impatient: Client) -> None:
    sandbox.fault("close")
    with pytest.raises(builtins.ConnectionError) as caught:
        impatient.is_customer_in_online_help("70022")
    assert facts(caught.value) == (  # type: ignore[arg-type]
        diyalog.ConnectionError,
        ErrorCode.CONNECTION_LOST,
        None,
        True,
    )


def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with client_of(f"http://127.0.0.1:{bound.getsockname()[1]}", max_retries=0) as client:
            error = ask(client)
    assert facts(error) == (diyalog.ConnectionError, ErrorCode.CONNECT, None, True)


def test_a_proxy_where_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        proxy = f"http://user:passw0rd@127.0.0.1:{bound.getsockname()[1]}"
        with client_of("https://api.invalid", proxy=proxy, max_retries=0) as client:
            error = ask(client)
    assert facts(error) == (diyalog.ProxyError, ErrorCode.PROXY, None, False)
    assert isinstance(error, diyalog.ConnectionError)
    assert "passw0rd" not in str(error)


def test_a_host_that_does_not_exist() -> None:
    with client_of("https://api.invalid", max_retries=0, timeout=5) as client:
        error = ask(client)
    # Where no name server answers, the deadline is first.
    assert isinstance(error, (diyalog.ConnectionError, diyalog.TimeoutError))
    assert "api.invalid" in str(error)


def test_a_certificate_that_nobody_vouches_for(tls_sandbox: tuple[Sandbox, Path]) -> None:
    sandbox, _ = tls_sandbox
    with client_of(sandbox) as client:
        error = ask(client)
    assert facts(error) == (diyalog.TlsError, ErrorCode.TLS, None, False)
    assert "ca_file" in str(error)
    assert not isinstance(error, builtins.ConnectionError)


def test_clocks_too_far_apart(sandbox: Sandbox) -> None:
    sandbox.set_clock(7200)
    with client_of(sandbox, clock_correction=False) as client:
        error = ask(client)
    assert facts(error) == (diyalog.ClockSkewError, ErrorCode.CLOCK_SKEW, 403, False)


def test_the_builtins_catch_their_families() -> None:
    assert issubclass(diyalog.InvalidArgumentError, ValueError)
    assert issubclass(diyalog.TimeoutError, builtins.TimeoutError)
    assert issubclass(diyalog.ConnectionError, builtins.ConnectionError)
    for name in diyalog.__all__:
        family = getattr(diyalog, name)
        if name.endswith("Error"):
            assert issubclass(family, diyalog.Error)
            assert family.__module__ == "diyalog"


FAMILIES: list[type[diyalog.Error]] = [
    getattr(diyalog, name) for name in diyalog.__all__ if name.endswith("Error")
]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_message_alone_makes_an_error(family: type[diyalog.Error]) -> None:
    error = family("the message")
    assert (str(error), error.http_status, error.retry_after) == ("the message", None, None)
    assert error.code in ErrorCode
    assert str(family()) == ""


def test_a_message_alone_is_as_retryable_as_usual() -> None:
    retryable = {family for family in FAMILIES if family("").retryable}
    assert retryable == {diyalog.TimeoutError, diyalog.ConnectionError, diyalog.ServerError}
    assert diyalog.ServerError("", ErrorCode.HTTP_STATUS, 503).retryable
    assert not diyalog.ServerError("", ErrorCode.HTTP_STATUS, 404).retryable


def through_celery(error: diyalog.Error) -> diyalog.Error:
    """What Celery's JSON result backend does: class and args, then cls(*args) in the caller."""
    stored = json.loads(json.dumps({"type": type(error).__name__, "args": error.args}))
    restored: diyalog.Error = getattr(diyalog, stored["type"])(*stored["args"])
    return restored


@pytest.mark.parametrize(
    "copied",
    [
        lambda error: pickle.loads(pickle.dumps(error)),
        copy.copy,
        copy.deepcopy,
        lambda error: type(error)(*error.args),
        through_celery,
    ],
    ids=["pickle", "copy", "deepcopy", "args", "celery"],
)
@pytest.mark.parametrize(
    "error",
    [
        diyalog.ServerError("busy", ErrorCode.HTTP_STATUS, 503, True, 1.5),
        diyalog.TimeoutError("late", retryable=False),
        diyalog.ProxyError("refused", http_status=407),
        diyalog.InvalidArgumentError("wrong", ErrorCode.INVALID_CONFIG, "ca_file"),
        *[family("alone") for family in FAMILIES],
    ],
    ids=repr,
)
def test_a_copy_of_an_error_is_whole(error: diyalog.Error, copied: Any) -> None:
    copy_of_it = copied(error)
    assert type(copy_of_it) is type(error)
    assert (str(copy_of_it), vars(copy_of_it)) == (str(error), vars(error))
    assert copy_of_it.args == error.args
    assert type(copy_of_it.code) is ErrorCode


def test_a_real_error_crosses_to_another_process_whole(sandbox: Sandbox, impatient: Client) -> None:
    for kind in ("close", "garble"):
        sandbox.fault(kind)
        error = ask(impatient)
        for copy_of_it in (pickle.loads(pickle.dumps(error)), through_celery(error)):
            assert (str(copy_of_it), facts(copy_of_it)) == (str(error), facts(error))


def test_no_errno_is_made_up() -> None:
    """OSError would read two or more arguments as errno, text and file name."""
    error = diyalog.TimeoutError("late", ErrorCode.TIMEOUT, None, True, None)
    assert (error.errno, error.filename, str(error)) == (None, None, "late")


def test_the_client_works_after_errors(sandbox: Sandbox, impatient: Client) -> None:
    for kind in ("close", "garble", "close_after"):
        sandbox.fault(kind)
    for _ in range(2):
        ask(impatient)
    assert impatient.is_customer_in_online_help("70022").is_in_help
    assert impatient.is_customer_in_online_help("70022").is_in_help
