"""The library's lines, at Python's logging."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import textwrap
import threading
from typing import Any

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
    assert " responded 200 in " in line
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


def test_levels_are_those_of_the_moment(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    with client_of(sandbox, max_retries=1) as client:
        client.is_customer_in_online_help("70022")
        assert lines(caplog) == []
        caplog.set_level(logging.DEBUG, "diyalog")
        client.is_customer_in_online_help("70022")
        assert [level for level, _ in lines(caplog)] == ["DEBUG"]
        caplog.set_level(logging.WARNING, "diyalog")
        sandbox.answer("busy", 503)
        client.is_customer_in_online_help("70022")
        assert [level for level, _ in lines(caplog)] == ["DEBUG", "WARNING"]


def test_basic_config_works_after_the_client_was_created(sandbox: Sandbox) -> None:
    program = """
import logging, sys
import diyalog
client = diyalog.Client.from_env()
client.is_customer_in_online_help("70022")
logging.basicConfig(level="DEBUG", stream=sys.stdout, format="%(attempt)s %(status)s")
client.is_customer_in_online_help("70022")
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], env=sandbox.environment, capture_output=True, check=True
    )
    assert (ended.stdout, ended.stderr) == (b"1 200\n", b"")


def extra(log: pytest.LogCaptureFixture) -> list[tuple[Any, Any, bool]]:
    """Attempt and status of each record, and whether its time is one."""
    records: list[Any] = [*log.records]
    return [
        (
            one.attempt,
            one.status,
            isinstance(one.milliseconds, int) and 0 <= one.milliseconds < 5000,
        )
        for one in records
    ]


def test_records_have_the_fields_of_the_attempt(
    sandbox: Sandbox, debug_log: pytest.LogCaptureFixture
) -> None:
    sandbox.fault("close")
    sandbox.answer("took 9999 ms, answered 999", 503)
    with client_of(sandbox) as client:
        client.is_customer_in_online_help("70022")
        client.is_customer_in_online_help("70022")
    assert extra(debug_log) == [
        (1, None, True),
        (2, 503, True),
        (3, 200, True),
        (1, 200, True),
    ]
    assert all("70022" not in line for _, line in lines(debug_log))


def test_queued_lookups_are_a_line_each(
    sandbox: Sandbox, debug_log: pytest.LogCaptureFixture
) -> None:
    with client_of(sandbox, max_retries=1) as client:
        list(client.are_customers_in_online_help(["70022", "70023"]))
        sandbox.answer("busy", 503, times=2)
        list(client.are_customers_in_online_help(["70022"]))
    assert [level for level, _ in lines(debug_log)] == ["DEBUG", "DEBUG", "ERROR"]
    assert "busy" in lines(debug_log)[2][1]
    assert extra(debug_log) == [(None, 200, True), (None, 200, True), (None, 503, True)]
    assert {record.thread for record in debug_log.records} == {threading.get_ident()}


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


def test_what_a_handler_raises_leaves_the_call(
    sandbox: Sandbox, debug_log: pytest.LogCaptureFixture
) -> None:
    """As it leaves any function that logs."""
    del debug_log

    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise RuntimeError(record.getMessage())

    broken = Broken()
    logging.getLogger("diyalog").addHandler(broken)
    with client_of(sandbox) as client:
        try:
            for _ in range(2):
                with pytest.raises(RuntimeError, match="responded 200"):
                    client.is_customer_in_online_help("70022")
        finally:
            logging.getLogger("diyalog").removeHandler(broken)
        assert client.is_customer_in_online_help("70022").staff_id == "45001"


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
