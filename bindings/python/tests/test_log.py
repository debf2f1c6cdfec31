"""The library's lines, at Python's logging."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import textwrap
import threading

import diyalog
import pytest
from conftest import SECRET, Sandbox, client_of


def lines(log: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in log.records]


def test_an_answer_is_a_debug_line(sandbox: Sandbox, debug_log: pytest.LogCaptureFixture) -> None:
    with client_of(sandbox) as client:
        client.is_customer_in_online_help("70022")
    [(level, line)] = lines(debug_log)
    assert level == "DEBUG"
    assert "answered 200 in " in line
    assert debug_log.records[0].name == "diyalog"
    assert debug_log.records[0].thread == threading.get_ident()


def test_a_retry_is_a_warning_and_a_failure_an_error(
    sandbox: Sandbox, debug_log: pytest.LogCaptureFixture
) -> None:
    sandbox.answer("meşgul %s %d", 503, times=2)
    with client_of(sandbox, max_retries=1) as client, pytest.raises(diyalog.ServerError) as error:
        client.is_customer_in_online_help("70022")
    assert [level for level, _ in lines(debug_log)] == ["WARNING", "ERROR"]
    assert all("meşgul %s %d" in line for _, line in lines(debug_log))
    assert str(error.value) in lines(debug_log)[1][1]
    assert SECRET not in debug_log.text


def test_levels_that_are_not_enabled_are_not_written(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "diyalog")
    sandbox.answer("busy", 503, times=2)
    with client_of(sandbox, max_retries=1) as client, pytest.raises(diyalog.ServerError):
        client.is_customer_in_online_help("70022")
    assert [level for level, _ in lines(caplog)] == ["ERROR"]


def test_the_levels_are_those_enabled_when_the_client_is_made(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    with client_of(sandbox, max_retries=1) as client:
        caplog.set_level(logging.DEBUG, "diyalog")
        sandbox.answer("busy", 503)
        client.is_customer_in_online_help("70022")
    assert [level for level, _ in lines(caplog)] == ["WARNING"]


def test_a_thread_s_lines_are_written_on_it(
    sandbox: Sandbox, debug_log: pytest.LogCaptureFixture
) -> None:
    with client_of(sandbox) as client:
        threads = [
            threading.Thread(target=client.is_customer_in_online_help, args=("70022",), name=name)
            for name in ("one", "two", "three")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {record.threadName for record in debug_log.records} == {"one", "two", "three"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_handler_that_raises_does_not_harm_the_call(
    sandbox: Sandbox, debug_log: pytest.LogCaptureFixture
) -> None:
    del debug_log

    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise RuntimeError(record.getMessage())

    broken = Broken()
    logging.getLogger("diyalog").addHandler(broken)
    try:
        with client_of(sandbox) as client:
            assert client.is_customer_in_online_help("70022").is_in_help
    finally:
        logging.getLogger("diyalog").removeHandler(broken)


def test_nothing_is_written_where_no_logging_is_set_up() -> None:
    program = """
        import diyalog
        client = diyalog.Client("http://127.0.0.1:9", access_key_id="id", access_key_secret="s",
                                requester_user_id="1", timeout=0.2)
        try:
            client.is_customer_in_online_help("70022")
        except (diyalog.ConnectionError, diyalog.TimeoutError):
            pass
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=dict(os.environ),
        capture_output=True,
        check=True,
    )
    assert (ended.stdout, ended.stderr) == (b"", b"")
