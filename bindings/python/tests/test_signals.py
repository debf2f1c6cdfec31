"""Exceptions of signal handlers leave a call at once, with logging on or off. None is swallowed."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import diyalog
import pytest
from conftest import Sandbox
from diyalog import Client, _callbacks

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")

# Each program prints what happened and how late; nothing else may be on stdout or stderr.
COMMON = """
    import logging, os, signal, sys, threading, time
    import diyalog

    class Records(logging.Handler):
        def emit(self, record):
            records.append(record)
    records = []
    logging.basicConfig(level="{level}", handlers=[Records()])

    def strike(number, after):
        def send():
            time.sleep(after)
            struck.append(time.monotonic())
            os.kill(os.getpid(), number)
        threading.Thread(target=send, daemon=True).start()
    struck = []

    def report(error):
        late = time.monotonic() - struck[-1]
        print(type(error).__name__, "late" if late > 0.2 else "in time")
"""


def run(program: str, sandbox: Sandbox, level: str = "DEBUG") -> str:
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(COMMON.format(level=level) + program)],
        env=sandbox.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


LEVELS = pytest.mark.parametrize("level", ["DEBUG", "CRITICAL"])


@LEVELS
@pytest.mark.parametrize(
    ("number", "expected"),
    [("SIGINT", "KeyboardInterrupt"), ("SIGTERM", "SystemExit"), ("SIGALRM", "SoftTimeLimit")],
)
def test_an_exception_leaves_a_waiting_call(
    sandbox: Sandbox, level: str, number: str, expected: str
) -> None:
    sandbox.fault("silence", times=10)
    program = f"""
    class SoftTimeLimit(Exception):
        pass
    def limit(*_):
        raise SoftTimeLimit
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
    signal.signal(signal.SIGALRM, limit)
    client = diyalog.Client.from_env()
    for call in (
        lambda: client.is_customer_in_online_help("70022"),
        lambda: client.is_customer_in_online_help("70022", timeout=9.0),
        lambda: list(client.are_customers_in_online_help(["70022", "70023"])),
    ):
        strike(signal.{number}, 0.3)
        try:
            call()
        except BaseException as error:
            report(error)
    """
    assert run(program, sandbox, level) == f"{expected} in time\n" * 3
    sandbox.wait_for("openConnections", 0)


@LEVELS
def test_an_exception_leaves_the_pause_before_a_retry(sandbox: Sandbox, level: str) -> None:
    sandbox.answer("busy", 503, headers={"Retry-After": "8"}, times=10)
    program = """
    client = diyalog.Client.from_env()
    strike(signal.SIGINT, 0.4)
    try:
        client.is_customer_in_online_help("70022")
    except BaseException as error:
        report(error)
    """
    assert run(program, sandbox, level) == "KeyboardInterrupt in time\n"


@LEVELS
def test_a_handler_that_raises_nothing_disturbs_nothing(sandbox: Sandbox, level: str) -> None:
    sandbox.fault("delay", milliseconds=600)
    program = """
    calls = []
    signal.signal(signal.SIGALRM, lambda *_: calls.append(time.monotonic()))
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    client = diyalog.Client.from_env(max_retries=0)
    began = time.monotonic()
    print(client.is_customer_in_online_help("70022").staff_id)
    signal.setitimer(signal.ITIMER_REAL, 0)
    # The handler ran during the call, not after it.
    print(sum(1 for at in calls if at < began + 0.5) >= 3)
    """
    assert run(program, sandbox, level) == "45001\nTrue\n"


@LEVELS
def test_a_handler_may_make_a_call_of_its_own(sandbox: Sandbox, level: str) -> None:
    sandbox.fault("delay", milliseconds=500)
    program = """
    client = diyalog.Client.from_env()
    def look_up(*_):
        print(client.is_customer_in_online_help("70023").staff_id)
    signal.signal(signal.SIGALRM, look_up)
    strike(signal.SIGALRM, 0.2)
    print(client.is_customer_in_online_help("70022").staff_id)
    """
    assert run(program, sandbox, level) == "45002\n45001\n"


@LEVELS
def test_the_client_works_after_it(sandbox: Sandbox, level: str) -> None:
    sandbox.fault("silence")
    program = """
    client = diyalog.Client.from_env()
    strike(signal.SIGINT, 0.3)
    try:
        client.is_customer_in_online_help("70022")
    except KeyboardInterrupt as error:
        report(error)
    for _ in range(3):
        print(client.is_customer_in_online_help("70022").staff_id)
    """
    assert run(program, sandbox, level) == "KeyboardInterrupt in time\n" + "45001\n" * 3


@LEVELS
def test_calls_of_other_threads_go_on(sandbox: Sandbox, level: str) -> None:
    sandbox.fault("delay", milliseconds=700, times=5)
    program = """
    client = diyalog.Client.from_env()
    answers = []
    def ask():
        answers.append(client.is_customer_in_online_help("70022").staff_id)
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    strike(signal.SIGINT, 0.1)
    try:
        client.is_customer_in_online_help("70022")
    except KeyboardInterrupt as error:
        report(error)
    for thread in threads:
        thread.join()
    print(answers)
    """
    assert run(program, sandbox, level) == f"KeyboardInterrupt in time\n{['45001'] * 4}\n"


@LEVELS
def test_no_exception_is_lost_whenever_it_comes(sandbox: Sandbox, level: str) -> None:
    """A signal every millisecond or so, while lookups are logged as fast as they go."""
    program = """
    class Struck(Exception):
        pass
    raised = 0
    def strike_back(*_):
        global raised
        raised += 1
        raise Struck
    signal.signal(signal.SIGALRM, strike_back)
    client = diyalog.Client.from_env()
    caught = 0
    while caught < 300:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.0004 + caught % 37 * 0.00003)
            while True:
                assert client.is_customer_in_online_help("70022").staff_id == "45001"
        except Struck:
            caught += 1
    print(caught == raised)
    """
    assert run(program, sandbox, level) == "True\n"


def test_no_generator_is_dropped(impatient: Client, sandbox: Sandbox) -> None:
    """Closing one would run its bytecode, where the exception of a signal handler is lost."""
    impatient.is_customer_in_online_help("70022")
    kept = list(_callbacks._idle)
    sandbox.answer("down", 500)
    with pytest.raises(diyalog.ServerError):
        impatient.is_customer_in_online_help("70022")
    assert kept == _callbacks._idle != []


def test_signal_handlers_stay_as_they_are(sandbox: Sandbox) -> None:
    program = """
    signal.signal(signal.SIGTERM, lambda *_: None)
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    class Look(logging.Handler):
        def emit(self, record):
            now = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
            print(now == before)
    logging.getLogger("diyalog").addHandler(Look())
    diyalog.Client.from_env().is_customer_in_online_help("70022")
    """
    assert run(program, sandbox) == "True\n"
