"""A client's life: threads, closing, forks and the interpreter's end."""

from __future__ import annotations

import gc
import multiprocessing
import os
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diyalog
import pytest
from conftest import Sandbox, client_of
from diyalog import Client, HelpStatus, _calls

THREADS = 16

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")


def in_threads(count: int, target: Callable[[int], None]) -> list[threading.Thread]:
    threads = [threading.Thread(target=target, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    return threads


def run(program: str, sandbox: Sandbox, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", textwrap.dedent(program)],
        env=sandbox.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("level", ["DEBUG", "CRITICAL"])
def test_threads_ask_in_parallel(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, level: str
) -> None:
    """Every request is at the server before the first answer: none waited for another."""
    caplog.set_level(level, "diyalog")
    sandbox.fault("delay", milliseconds=1500, times=THREADS)
    answers: list[HelpStatus] = []
    with client_of(sandbox) as client:
        threads = in_threads(
            THREADS, lambda _: answers.append(client.is_customer_in_online_help("70022"))
        )
        sandbox.wait_for("openConnections", THREADS)
        assert answers == []
        for thread in threads:
            thread.join()
    assert [answer.staff_id for answer in answers] == ["45001"] * THREADS


def test_threads_get_their_own_answers(client: Client, sandbox: Sandbox) -> None:
    for number in range(THREADS):
        sandbox.start_session(f"customer-{number}", "inbound", f"staff-{number}")
    wrong: list[object] = []

    def ask(number: int) -> None:
        for _ in range(50):
            staff = client.is_customer_in_online_help(f"customer-{number}").staff_id
            if staff != f"staff-{number}":
                wrong.append(staff)

    for thread in in_threads(THREADS, ask):
        thread.join()
    assert wrong == []


def test_closing_twice_is_fine_and_asking_after_it_is_an_error(client: Client) -> None:
    client.close()
    client.close()
    with pytest.raises(diyalog.InvalidArgumentError, match="closed"):
        client.is_customer_in_online_help("70022")
    with client:
        pass


def test_with_closes_also_after_an_error(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    client.is_customer_in_online_help("70022")
    with pytest.raises(RuntimeError, match="on purpose"), client:
        raise RuntimeError("on purpose")
    assert repr(client).endswith("closed>")
    sandbox.wait_for("openConnections", 0)


def test_close_does_not_wait_for_calls_and_takes_nothing_from_them(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    sandbox.fault("delay", milliseconds=700, times=4)
    answers: list[HelpStatus] = []
    threads = in_threads(4, lambda _: answers.append(client.is_customer_in_online_help("70022")))
    sandbox.wait_for("openConnections", 4)
    began = time.monotonic()
    client.close()
    assert time.monotonic() - began < 0.3
    assert answers == []
    for thread in threads:
        thread.join()
    assert [answer.staff_id for answer in answers] == ["45001"] * 4
    sandbox.wait_for("openConnections", 0)


@pytest.mark.parametrize("is_main_thread", [True, False])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("look_up", ["is_customer_in_online_help", "70022"]),
        ("post", ["post", "/v1/application/iscustomerinonlinehelp", {"customerId": "70022"}]),
        ("sign", ["sign", "POST", "/v1/application/iscustomerinonlinehelp", "{}"]),
    ],
)
def test_close_does_not_free_a_client_in_use(
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    arguments: list[Any],
    is_main_thread: bool,
) -> None:
    """As if another thread closed it in the moment in which the native function runs."""
    client = client_of(sandbox)
    handle = weakref.ref(client._handle)
    held: list[bool] = []
    native_call = getattr(_calls, name)

    def close_first(*native_arguments: Any) -> Any:
        client.close()
        held.append(handle() is not None)
        return native_call(*native_arguments) if held[0] else None

    def call(_: int = 0) -> None:
        method, *its_own = arguments
        getattr(client, method)(*its_own)

    monkeypatch.setattr(_calls, name, close_first)
    if is_main_thread:
        call()
    else:
        in_threads(1, call)[0].join()
    assert held == [True]
    assert handle() is None


def test_close_closes_the_connections_though_an_error_is_kept(sandbox: Sandbox) -> None:
    """A kept exception keeps the frames of the call, which must not keep the native client."""
    client = client_of(sandbox)
    sandbox.answer("", 500, times=3)
    with pytest.raises(diyalog.ServerError) as kept:
        client.is_customer_in_online_help("70022")
    sandbox.wait_for("openConnections", 1)
    client.close()
    sandbox.wait_for("openConnections", 0)
    assert kept.value.__traceback__


def test_a_forgotten_client_is_freed(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    client.is_customer_in_online_help("70022")
    sandbox.wait_for("openConnections", 1)
    gone = weakref.ref(client)
    del client
    gc.collect()
    assert gone() is None
    sandbox.wait_for("openConnections", 0)


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("tls", [False, True])
def test_fork(tls_sandbox: tuple[Sandbox, Path], sandbox: Sandbox, tls: bool) -> None:
    """Parent and child go on using the client, each on connections of its own."""
    asked, ca_file = tls_sandbox if tls else (sandbox, None)
    with client_of(asked, ca_file=ca_file) as client:
        assert client.is_customer_in_online_help("70022").is_in_help
        child = os.fork()
        if child == 0:
            status = client.is_customer_in_online_help("70023")
            client.close()
            gc.collect()
            os._exit(0 if status.staff_id == "45002" else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert client.is_customer_in_online_help("70022").is_in_help
    connections = [request["connection"] for request in asked.requests()]
    assert connections[0] == connections[2] != connections[1]


@needs_fork
@pytest.mark.parametrize("level", ["DEBUG", "CRITICAL"])
def test_fork_while_other_threads_ask(sandbox: Sandbox, level: str) -> None:
    """No lock of ours is inherited locked, however the fork meets the threads.

    In a program of its own: pytest's log handlers write to files, whose locks Python's fork does
    inherit locked.
    """
    program = f"""
        import logging, os, signal, threading
        import diyalog
        lines = []
        handler = logging.Handler()
        handler.emit = lines.append
        logging.basicConfig(level="{level}", handlers=[handler])
        client = diyalog.Client.from_env()
        done = threading.Event()
        def ask():
            while not done.is_set():
                client.is_customer_in_online_help("70022")
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            child = os.fork()
            if child == 0:
                signal.alarm(20)
                os._exit(not client.is_customer_in_online_help("70022").is_in_help)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        done.set()
        for thread in threads:
            thread.join()
        assert bool(lines) == ("{level}" == "DEBUG")
    """
    ended = run(program, sandbox, "-Wignore::DeprecationWarning")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@needs_fork
def test_a_forked_child_does_not_wait_for_its_parent_s_calls(sandbox: Sandbox) -> None:
    sandbox.fault("delay", milliseconds=1000)
    program = """
        import logging, os, signal, sys, threading, time
        import diyalog
        logging.basicConfig(level="DEBUG", handlers=[logging.NullHandler()])
        client = diyalog.Client.from_env()
        thread = threading.Thread(target=client.is_customer_in_online_help, args=("70022",))
        thread.start()
        time.sleep(0.3)
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            sys.exit()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        thread.join()
    """
    ended = run(program, sandbox, "-Wignore::DeprecationWarning")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def _ask_in_a_process(url: str, customer_id: str) -> HelpStatus:
    with client_of(url, max_retries=0) as client:
        return client.is_customer_in_online_help(customer_id)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_multiprocessing(sandbox: Sandbox, method: str) -> None:
    """Answers and errors come back from other processes."""
    with multiprocessing.get_context(method).Pool(2) as pool:
        arguments = [(sandbox.url, customer) for customer in ("70022", "70023", "70024")]
        answers = pool.starmap(_ask_in_a_process, arguments)
        assert [answer.staff_id for answer in answers] == ["45001", "45002", None]
        sandbox.answer("", 500)
        with pytest.raises(diyalog.ServerError) as caught:
            pool.apply(_ask_in_a_process, (sandbox.url, "70022"))
    assert (caught.value.http_status, caught.value.retryable) == (500, True)


@pytest.mark.parametrize("level", ["DEBUG", "CRITICAL"])
@pytest.mark.parametrize(
    "ending",
    [
        pytest.param("", id="open client"),
        pytest.param("keep = [client]; keep.append(keep); del client", id="cycle"),
        pytest.param("sys.modules['keep'] = client", id="kept by a module"),
        pytest.param("atexit.register(client.is_customer_in_online_help, '70022')", id="atexit"),
        pytest.param("run(daemon=True)", id="daemon threads"),
        pytest.param("run(daemon=False)", id="threads"),
        pytest.param("keep = many(); next(keep)", id="a run left open"),
    ],
)
def test_the_interpreter_ends_silently(sandbox: Sandbox, level: str, ending: str) -> None:
    program = f"""
        import atexit, logging, sys, threading, time
        import diyalog
        logging.basicConfig(level="{level}", stream=open("/dev/null", "w"))
        client = diyalog.Client.from_env()
        client.is_customer_in_online_help("70022")
        def many():
            return client.are_customers_in_online_help(["70022"] * 100)
        def ask(daemon):
            for _ in range(10**9 if daemon else 20):
                client.is_customer_in_online_help("70022")
        def run(daemon):
            for _ in range(4):
                threading.Thread(target=ask, args=(daemon,), daemon=daemon).start()
            time.sleep(0.1)
        {ending}
    """
    ended = run(program, sandbox)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize("level", ["DEBUG", "CRITICAL"])
@pytest.mark.parametrize(
    "call",
    [
        "client.is_customer_in_online_help('70022')",
        "list(client.are_customers_in_online_help(['70022', '70023']))",
        "asyncio.run(wait())",
    ],
)
def test_the_end_does_not_wait_for_calls_of_daemon_threads(
    sandbox: Sandbox, level: str, call: str
) -> None:
    sandbox.fault("silence", times=10)
    program = f"""
        import asyncio, logging, sys, threading, time
        import diyalog
        logging.basicConfig(level="{level}", stream=open("/dev/null", "w"))
        client = diyalog.Client.from_env()
        async def wait():
            await diyalog.AsyncClient.from_env().is_customer_in_online_help("70022")
        def ask():
            try:
                {call}
            except diyalog.CancelledError:
                pass
        threading.Thread(target=ask, daemon=True).start()
        time.sleep(0.4)
    """
    began = time.monotonic()
    ended = run(program, sandbox)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert time.monotonic() - began < 4


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize(
    "call",
    [
        "client.is_customer_in_online_help('long')",
        "list(client.are_customers_in_online_help(['long']))",
        "fail(client.is_customer_in_online_help, ' 7')",
        "list(client.are_customers_in_online_help([' 7'] * 10))",
        "client.post(path, {'customerId': 'long'})",
        "client.sign('POST', path, b'x' * 1000, requester_user_id='7' * 1000)",
        "asyncio.run(look_up())",
    ],
)
def test_nothing_is_leaked(sandbox: Sandbox, call: str) -> None:
    """What a call allocates is about 1 KB; 3,000 lost ones would be 3 MB."""
    sandbox.start_session("long", "inbound", "s" * 1000)
    program = f"""
        import asyncio
        import diyalog
        client = diyalog.Client.from_env()
        path = "/v1/application/iscustomerinonlinehelp"
        async def look_up():
            async with diyalog.AsyncClient.from_env() as client:
                for _ in range(100):
                    await client.is_customer_in_online_help("long")
        def fail(function, argument):
            for _ in range(10):
                try:
                    function(argument)
                except diyalog.InvalidArgumentError:
                    pass
        def resident():
            for line in open("/proc/self/status"):
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        def repeat(times):
            for _ in range(times // 100 if "asyncio" in {call!r} else times):
                {call}
            return resident()
        before = repeat(1000)
        print(repeat(3000) - before)
    """
    ended = run(program, sandbox)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert int(ended.stdout) < 1024
