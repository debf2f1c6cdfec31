"""Many lookups: order, how far the ids are read, when a run ends, and leaving it early."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import diyalog
import pytest
from conftest import Sandbox, client_of
from diyalog import Client, ErrorCode, HelpStatus, InvalidArgumentError, Lookup, _bulk


def ids_of(lookups: list[Lookup]) -> list[str]:
    return [lookup.customer_id for lookup in lookups]


class Ids:
    """An endless source that knows how far it was read."""

    def __init__(self) -> None:
        self.read = 0

    def __iter__(self) -> Iterator[str]:
        while True:
            self.read += 1
            yield f"customer-{self.read}"


def test_each_customer_has_its_own_result(sandbox: Sandbox, client: Client) -> None:
    for number in range(0, 200, 2):
        sandbox.start_session(str(number), "inbound", f"staff-{number}")
    ids = [str(number) for number in range(200)] * 2
    lookups = list(client.are_customers_in_online_help(ids, max_in_flight=32))
    assert ids_of(lookups) == ids
    for lookup in lookups:
        staff_id = lookup.unwrap().staff_id
        assert staff_id == (None if int(lookup.customer_id) % 2 else f"staff-{lookup.customer_id}")


def test_nothing_to_look_up(client: Client) -> None:
    assert list(client.are_customers_in_online_help([])) == []


def test_the_order_is_that_of_the_ids_or_of_the_responses(sandbox: Sandbox, client: Client) -> None:
    ids = ["70022", "70023", "70024"]
    sandbox.fault("delay", milliseconds=400)
    assert ids_of(list(client.are_customers_in_online_help(iter(ids)))) == ids
    sandbox.fault("delay", milliseconds=400)
    late, *early = sorted(
        enumerate(client.are_customers_in_online_help(ids, ordered=False)), reverse=True
    )
    assert late[0] == 2
    assert sandbox.counter("requests") == 6
    assert {late[1].customer_id, *(lookup.customer_id for _, lookup in early)} == set(ids)
    slow = sandbox.requests()[3]["customerId"]
    assert late[1].customer_id == slow


@pytest.mark.parametrize("ordered", [True, False])
def test_ids_are_read_as_the_run_goes(client: Client, ordered: bool) -> None:
    ids = Ids()
    run = client.are_customers_in_online_help(ids, max_in_flight=4, ordered=ordered)
    assert ids.read == 0
    for yielded, _ in enumerate(itertools.islice(run, 300), 1):
        assert yielded <= ids.read <= yielded + 16
    run.close()
    assert ids.read <= 316


def test_no_more_than_max_in_flight(sandbox: Sandbox, client: Client) -> None:
    sandbox.fault("delay", milliseconds=100, times=40)
    threads = threading.active_count()
    for _ in client.are_customers_in_online_help(map(str, range(40)), max_in_flight=5):
        assert threading.active_count() == threads, "no Python thread per lookup"
        assert sandbox.counter("openConnections") <= 5
    assert sandbox.counter("connections") == 5


def test_memory_is_flat(sandbox: Sandbox) -> None:
    program = """
import resource, sys
import diyalog

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

client = diyalog.Client.from_env()
ids = (str(number) for number in range(20_000))
run = client.are_customers_in_online_help(ids, max_in_flight=16)
for number, lookup in enumerate(run):
    assert lookup.error is None
    if number == 5_000:
        before = peak()
print(number, peak() - before)
"""
    output = subprocess.check_output(
        [sys.executable, "-c", program], env=sandbox.environment, text=True
    )
    number, grown_kilobytes = map(int, output.split())
    assert number == 19_999
    assert grown_kilobytes < 1024


def test_a_failure_is_yielded_and_the_run_goes_on(sandbox: Sandbox) -> None:
    sandbox.answer("busy", 503, times=2)
    with client_of(sandbox, max_retries=0) as client:
        lookups = list(client.are_customers_in_online_help(["1", "2", "70022"], max_in_flight=1))
    assert [lookup.error and lookup.error.code for lookup in lookups] == [26, 26, None]
    with pytest.raises(diyalog.ServerError, match="busy"):
        lookups[0].unwrap()
    assert lookups[2].unwrap().staff_id == "45001"


def test_an_id_that_cannot_be_sent_is_yielded_and_does_not_count(client: Client) -> None:
    wrong: list[Any] = ["", " 7", "7\n", "7\0", "\ud800", 7, None, 7.5, b"7"]
    run = client.are_customers_in_online_help([*wrong, "70022"], give_up_after=2)
    *rejected, last = run
    assert ids_of(rejected) == wrong
    for lookup in rejected:
        assert isinstance(lookup.error, InvalidArgumentError)
        assert lookup.error.argument == "customer_id"
    assert last.unwrap().staff_id == "45001"


@pytest.mark.parametrize("max_in_flight", [1, 8])
def test_the_last_of_consecutive_failures_is_raised(sandbox: Sandbox, max_in_flight: int) -> None:
    sandbox.answer("down", 500, times=1000)
    with client_of(sandbox, max_retries=0) as client:
        run = client.are_customers_in_online_help(
            Ids(), max_in_flight=max_in_flight, give_up_after=5
        )
        lookups = list(itertools.islice(run, 4))
        assert all(isinstance(lookup.error, diyalog.ServerError) for lookup in lookups)
        with pytest.raises(diyalog.ServerError, match="down"):
            next(run)
        assert list(run) == []
        never = client.are_customers_in_online_help(map(str, range(50)), give_up_after=None)
        assert len(list(never)) == 50


def test_a_success_starts_the_count_anew(sandbox: Sandbox) -> None:
    for _ in range(3):
        sandbox.answer("down", 500)
        sandbox.fault("delay", milliseconds=0)
    sandbox.answer("down", 500, times=2)
    with client_of(sandbox, max_retries=0) as client:
        run = client.are_customers_in_online_help(Ids(), max_in_flight=1, give_up_after=2)
        assert [lookup.error is None for lookup in itertools.islice(run, 7)] == [
            *(False, True) * 3,
            False,
        ]
        with pytest.raises(diyalog.ServerError):
            next(run)


def test_an_error_that_concerns_all_is_raised_after_what_precedes_it(sandbox: Sandbox) -> None:
    ids = Ids()
    with client_of(sandbox, access_key_secret="wrong") as client:
        with pytest.raises(diyalog.AuthenticationError) as caught:
            list(client.are_customers_in_online_help(ids))
        assert caught.value.code is ErrorCode.UNAUTHORIZED
    assert ids.read <= 33

    before = sandbox.counter("requests")
    with client_of(sandbox, requester_user_id=None) as client:
        with pytest.raises(InvalidArgumentError, match="requester_user_id"):
            list(client.are_customers_in_online_help(ids))
        run = client.are_customers_in_online_help(["70022"], requester_user_id="7")
        assert next(run).unwrap().staff_id == "45001"
    assert sandbox.counter("requests") == before + 1

    planned = _bulk.Run(["1", "2", "3"], 2, True, _bulk.StopRule(None))
    submitted: list[int] = []
    for _ in range(2):
        planned.submit_next(lambda _, tag: submitted.append(tag))
    planned.finish(submitted[1], diyalog.AuthenticationError("of the second"))
    assert list(planned.ready()) == []
    assert not planned.submit_next(lambda *_: None), "the third would fail alike"
    planned.finish(submitted[0], HelpStatus(False))
    ready = planned.ready()
    assert next(ready) == Lookup("1", HelpStatus(False))
    with pytest.raises(diyalog.AuthenticationError, match="of the second"):
        next(ready)


def leave_by_break(run: Any) -> None:
    for _ in run:
        break
    run.close()


def leave_by_close(run: Any) -> None:
    next(run)
    run.close()


def leave_by_forgetting(run: Any) -> None:
    next(run)


def leave_by_an_exception(run: Any) -> None:
    def fail() -> None:
        for _ in run:
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail()


@pytest.mark.parametrize(
    "leave", [leave_by_break, leave_by_close, leave_by_forgetting, leave_by_an_exception]
)
def test_leaving_early_cancels_what_is_in_flight(sandbox: Sandbox, leave: Any) -> None:
    with client_of(sandbox, max_idle_connections=0) as client:
        next(client.are_customers_in_online_help(["70022"]))
        sandbox.fault("delay", milliseconds=0)
        sandbox.fault("silence", times=100)
        began = time.monotonic()
        leave(client.are_customers_in_online_help(Ids(), max_in_flight=8, ordered=False))
        assert time.monotonic() - began < 1
        sandbox.wait_for("openConnections", 0)


def test_the_source_s_exception_ends_the_run(client: Client) -> None:
    def ids() -> Iterator[str]:
        yield "70022"
        raise OSError("the file is gone")

    with pytest.raises(OSError, match="the file is gone"):
        list(client.are_customers_in_online_help(ids()))


def test_arguments_are_checked_before_anything_is_read(sandbox: Sandbox, client: Client) -> None:
    ids = Ids()
    for name, value, expected in [
        ("max_in_flight", 0, ValueError),
        ("max_in_flight", 1025, ValueError),
        ("max_in_flight", "8", TypeError),
        ("ordered", 1, TypeError),
        ("give_up_after", 0, ValueError),
        ("give_up_after", 2.5, TypeError),
        ("requester_user_id", "", ValueError),
        ("timeout", 0, ValueError),
    ]:
        arguments: dict[str, Any] = {name: value}
        with pytest.raises(expected, match=name):
            client.are_customers_in_online_help(ids, **arguments)
    for one in ("70022", b"70022"):
        with pytest.raises(TypeError, match="customer_ids"):
            client.are_customers_in_online_help(one)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        client.are_customers_in_online_help(7)  # type: ignore[arg-type]
    client.close()
    with pytest.raises(InvalidArgumentError, match="closed"):
        client.are_customers_in_online_help(ids)
    assert ids.read == sandbox.counter("requests") == 0


def test_requester_and_timeout_are_those_of_the_run(sandbox: Sandbox, client: Client) -> None:
    list(client.are_customers_in_online_help(["70022"], requester_user_id="777"))
    assert sandbox.last_headers()["x-dlg-requester-userid"] == "777"
    sandbox.fault("silence", times=9)
    [lookup] = client.are_customers_in_online_help(["70022"], timeout=0.2)
    assert isinstance(lookup.error, diyalog.TimeoutError)


def test_runs_at_the_same_time(client: Client) -> None:
    def look_up() -> None:
        ids = ["70022", "70024"] * 100
        found = client.are_customers_in_online_help(ids, max_in_flight=4)
        results.append([lookup.unwrap().is_in_help for lookup in found])

    results: list[list[bool]] = []
    threads = [threading.Thread(target=look_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[True, False] * 100] * 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_run_does_not_go_on_in_a_forked_child(client: Client) -> None:
    run = client.are_customers_in_online_help(Ids())
    next(run)
    child = os.fork()
    if child == 0:
        try:
            list(run)
        except InvalidArgumentError as error:
            right = "parent" in str(error) or "child" in str(error)
            own = next(client.are_customers_in_online_help(["70022"]))
            os._exit(0 if right and own.unwrap().staff_id == "45001" else 2)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert next(run).error is None
