"""AsyncClient on asyncio: results, real cancellation, closing, loops."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import diyalog
import pytest
from conftest import KEY_ID, REQUESTER, SECRET, Sandbox
from diyalog import AsyncClient, InvalidArgumentError

_Result = TypeVar("_Result")


def client_of(sandbox: Sandbox, **settings: Any) -> AsyncClient:
    return AsyncClient(
        sandbox.url,
        **{
            "access_key_id": KEY_ID,
            "access_key_secret": SECRET,
            "requester_user_id": REQUESTER,
            **settings,
        },
    )


def with_client(
    sandbox: Sandbox, use: Callable[[AsyncClient], Awaitable[_Result]], **settings: Any
) -> _Result:
    async def main() -> _Result:
        async with client_of(sandbox, **settings) as client:
            return await use(client)

    return asyncio.run(main())


def test_a_lookup(sandbox: Sandbox) -> None:
    async def use(client: AsyncClient) -> None:
        status = await client.is_customer_in_online_help("70022")
        assert (status.help_type, status.staff_id) == ("inbound", "45001")
        await client.is_customer_in_online_help("70022", requester_user_id="777")
        assert sandbox.last_headers()["x-dlg-requester-userid"] == "777"

    with_client(sandbox, use)


def test_errors(sandbox: Sandbox) -> None:
    async def use(client: AsyncClient) -> None:
        sandbox.answer("down", 500)
        with pytest.raises(diyalog.ServerError, match="down"):
            await client.is_customer_in_online_help("70022")
        sandbox.fault("silence")
        with pytest.raises(TimeoutError):
            await client.is_customer_in_online_help("70022", timeout=0.2)
        for wrong, expected in [("", ValueError), (" 7", ValueError), (7, TypeError)]:
            with pytest.raises(expected, match="customer_id"):
                await client.is_customer_in_online_help(wrong)  # type: ignore[arg-type]

    with_client(sandbox, use, max_retries=0)


def test_five_hundred_at_once(sandbox: Sandbox) -> None:
    for number in range(500):
        sandbox.start_session(f"customer-{number}", "inbound", f"staff-{number}")

    async def use(client: AsyncClient) -> None:
        loop, threads = asyncio.get_running_loop(), threading.active_count()
        statuses = await asyncio.gather(
            *(client.is_customer_in_online_help(f"customer-{number}") for number in range(500))
        )
        assert [status.staff_id for status in statuses] == [f"staff-{n}" for n in range(500)]
        assert getattr(loop, "_default_executor", None) is None
        assert sandbox.counter("connections") <= 32
        assert threading.active_count() == threads

    with_client(sandbox, use)


def test_the_loop_is_not_blocked(sandbox: Sandbox) -> None:
    sandbox.fault("delay", milliseconds=500, times=8)

    async def use(client: AsyncClient) -> None:
        calls = asyncio.gather(*(client.is_customer_in_online_help("70022") for _ in range(8)))
        longest, before = 0.0, time.monotonic()
        while not calls.done():
            await asyncio.sleep(0.005)
            now = time.monotonic()
            longest, before = max(longest, now - before), now
        assert longest < 0.2
        assert len(calls.result()) == 8

    with_client(sandbox, use)


def test_max_in_flight_also_bounds_the_idle_connections(sandbox: Sandbox) -> None:
    async def use(client: AsyncClient) -> None:
        async def look_up_a_hundred() -> int:
            sandbox.fault("delay", milliseconds=500, times=100)
            await asyncio.gather(*(client.is_customer_in_online_help("70022") for _ in range(100)))
            return sandbox.counter("connections")

        # The workers start step by step.
        while (connections := await look_up_a_hundred()) < 90:
            pass
        # With 64 idle ones a third would have to be opened anew.
        assert await look_up_a_hundred() < connections + 26

    with_client(sandbox, use, max_in_flight=100)


def test_cancelling_a_task_cancels_the_native_call(sandbox: Sandbox) -> None:
    sandbox.fault("silence", times=10)

    async def use(client: AsyncClient) -> None:
        began = time.monotonic()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.is_customer_in_online_help("70022"), 0.2)
        sandbox.wait_for("openConnections", 0)
        assert time.monotonic() - began < 2
        # Its place in the queue is free again.
        task = asyncio.create_task(client.is_customer_in_online_help("70022"))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        sandbox._control("DELETE", "faults")
        assert await client.is_customer_in_online_help("70022")

    with_client(sandbox, use, max_in_flight=1)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="TaskGroup came with Python 3.11")
def test_a_task_group_ends_its_other_calls(sandbox: Sandbox) -> None:
    async def look_up_in_a_group(client: AsyncClient) -> None:
        async with asyncio.TaskGroup() as group:  # type: ignore[attr-defined,unused-ignore]
            for customer_id in ("1", "2", "3"):
                group.create_task(client.is_customer_in_online_help(customer_id))
            await asyncio.sleep(0.2)
            group.create_task(client.is_customer_in_online_help(""))

    async def use(client: AsyncClient) -> None:
        sandbox.fault("silence", times=3)
        began = time.monotonic()
        with pytest.raises(BaseExceptionGroup) as caught:  # noqa: F821
            await look_up_in_a_group(client)
        assert isinstance(caught.value.exceptions[0], InvalidArgumentError)
        assert time.monotonic() - began < 1
        sandbox.wait_for("openConnections", 0)

    with_client(sandbox, use)


def test_closing_ends_what_is_in_flight(sandbox: Sandbox) -> None:
    sandbox.fault("silence", times=100)

    async def main() -> None:
        client = client_of(sandbox, max_in_flight=8)
        calls = [
            asyncio.ensure_future(client.is_customer_in_online_help("70022")) for _ in range(20)
        ]
        await asyncio.sleep(0.2)
        began = time.monotonic()
        await client.aclose()
        assert time.monotonic() - began < 0.15
        for call in calls:
            with pytest.raises(diyalog.CancelledError, match="closed"):
                await call
        await client.aclose()
        with pytest.raises(InvalidArgumentError, match="closed"):
            await client.is_customer_in_online_help("70022")
        assert repr(client).endswith("closed>")

    asyncio.run(main())
    sandbox.wait_for("openConnections", 0)


def test_many(sandbox: Sandbox) -> None:
    async def use(client: AsyncClient) -> None:
        ids = ["70022", "70024", "", "nobody"] * 50
        run = client.are_customers_in_online_help(ids, max_in_flight=16)
        lookups = [lookup async for lookup in run]
        assert [lookup.customer_id for lookup in lookups] == ids
        assert [bool(lookup.status) for lookup in lookups[:2]] == [True, False]
        assert isinstance(lookups[2].error, InvalidArgumentError)
        unordered = client.are_customers_in_online_help(ids, ordered=False)
        assert sorted([lookup.customer_id async for lookup in unordered]) == sorted(ids)

    with_client(sandbox, use)


def test_many_reads_the_ids_as_it_goes_and_stays_below_its_own_limit(sandbox: Sandbox) -> None:
    read = 0

    def ids() -> Any:
        nonlocal read
        for read in itertools.count(1):
            yield str(read)

    async def use(client: AsyncClient) -> None:
        sandbox.fault("delay", milliseconds=20, times=1000)
        yielded = 0
        async with contextlib.aclosing(
            client.are_customers_in_online_help(ids(), max_in_flight=4)
        ) as run:
            async for _ in run:
                yielded += 1
                assert read <= yielded + 16
                if yielded == 60:
                    break
        assert sandbox.counter("connections") == 4

    if sys.version_info >= (3, 10):
        with_client(sandbox, use)


def test_many_gives_up_and_raises(sandbox: Sandbox) -> None:
    async def use(client: AsyncClient) -> None:
        sandbox.answer("down", 500, times=100)
        run = client.are_customers_in_online_help(map(str, range(100)), give_up_after=3)
        for _ in range(2):
            assert (await run.__anext__()).error
        with pytest.raises(diyalog.ServerError, match="down"):
            await run.__anext__()
        with pytest.raises(TypeError, match="customer_ids"):
            client.are_customers_in_online_help("70022")

    with_client(sandbox, use, max_retries=0)


def test_closing_a_run_or_its_client_ends_it(sandbox: Sandbox) -> None:
    async def main() -> None:
        client = client_of(sandbox, max_idle_connections=0)
        sandbox.fault("delay", milliseconds=0)
        sandbox.fault("silence", times=100)
        run = client.are_customers_in_online_help(map(str, range(100)), ordered=False)
        await run.__anext__()
        await run.aclose()
        sandbox.wait_for("openConnections", 0)
        run = client.are_customers_in_online_help(map(str, range(100)))
        waiting = asyncio.ensure_future(run.__anext__())
        await asyncio.sleep(0.1)
        await client.aclose()
        with pytest.raises(diyalog.CancelledError):
            await waiting

    asyncio.run(main())


def test_each_loop_has_a_client_of_its_own(sandbox: Sandbox) -> None:
    def run_loop() -> None:
        async def use(client: AsyncClient) -> None:
            for _ in range(20):
                results.append((await client.is_customer_in_online_help("70022")).staff_id)

        with_client(sandbox, use)

    results: list[Any] = []
    threads = [threading.Thread(target=run_loop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["45001"] * 80


def test_a_client_moves_on_when_its_loop_is_closed_and_not_before(sandbox: Sandbox) -> None:
    client = client_of(sandbox)

    async def look_up() -> str | None:
        return (await client.is_customer_in_online_help("70022")).staff_id

    assert asyncio.run(look_up()) == asyncio.run(look_up()) == "45001"

    async def elsewhere() -> None:
        assert await look_up() == "45001"
        with pytest.raises(RuntimeError, match="another event loop"):
            await asyncio.to_thread(asyncio.run, look_up())

    asyncio.run(elsewhere())
    asyncio.run(client.aclose())


def test_a_client_that_was_not_closed_is_reported_and_freed(sandbox: Sandbox) -> None:
    async def main() -> None:
        await client_of(sandbox).is_customer_in_online_help("70022")

    def run_and_forget() -> None:
        asyncio.run(main())
        gc.collect()

    with pytest.warns(ResourceWarning) as caught:
        run_and_forget()
    [warning] = caught
    assert str(warning.message).startswith("unclosed <diyalog.AsyncClient of http")
    # The warning has the client.
    del warning, caught
    gc.collect()
    sandbox.wait_for("openConnections", 0)


def test_a_loop_without_readers(sandbox: Sandbox) -> None:
    """As Windows' default loop is."""

    class Proactor(asyncio.SelectorEventLoop):
        def add_reader(self, *_: Any) -> None:  # type: ignore[override]
            raise NotImplementedError

    async def main() -> None:
        async with client_of(sandbox) as client:
            for _ in range(3):
                assert await client.is_customer_in_online_help("70022")

    loop = Proactor()
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()


def test_from_env(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)

    async def main() -> None:
        async with AsyncClient.from_env(max_in_flight=2, timeout=3.0) as client:
            assert await client.is_customer_in_online_help("70022")

    asyncio.run(main())
    with pytest.raises(TypeError, match="time_out"):
        AsyncClient.from_env(time_out=1)  # type: ignore[call-arg]
    for wrong in (0, 1025):
        with pytest.raises(ValueError, match="max_in_flight"):
            AsyncClient.from_env(max_in_flight=wrong)


def test_random_cancels_over_a_slow_server(sandbox: Sandbox) -> None:
    """Every answer is right, and the client works at the end."""
    sandbox.start_session("a", "inbound", "staff-a")
    sandbox.start_session("b", "inbound", "staff-b")

    async def use(client: AsyncClient) -> None:
        async def look_up(number: int) -> None:
            name = "ab"[number % 2]
            sandbox_delay = number % 7 * 0.002
            with contextlib.suppress(asyncio.TimeoutError):
                call = client.is_customer_in_online_help(name)
                status = await asyncio.wait_for(call, 0.001 + sandbox_delay)
                assert status.staff_id == f"staff-{name}"
                answered.append(name)

        answered: list[str] = []
        for begin in range(0, 600, 60):
            await asyncio.gather(*(look_up(number) for number in range(begin, begin + 60)))
        assert (await client.is_customer_in_online_help("a")).staff_id == "staff-a"
        assert 0 < len(answered) < 601

    with_client(sandbox, use)
