"""The fake client: the same surface and the same rules as the real one."""

from __future__ import annotations

import inspect

import diyalog
import pytest
from diyalog import Client, HelpStatus, Lookup
from diyalog.testing import FakeClient

IN_HELP = HelpStatus(True, diyalog.HelpType.INBOUND, "inbound", "45001")


@pytest.fixture
def fake() -> FakeClient:
    made = FakeClient()
    made.add("70022", IN_HELP)
    made.add("70024", HelpStatus(False))
    made.add("late", diyalog.TimeoutError("no response within 2 seconds"))
    return made


def test_it_is_a_client(fake: FakeClient) -> None:
    def look_up(client: Client) -> HelpStatus:
        return client.is_customer_in_online_help("70022", timeout=1.0, requester_user_id="7")

    assert look_up(fake) == IN_HELP
    assert isinstance(fake, Client)
    with fake as same:
        assert same is fake


def test_it_has_the_signatures_of_the_real_one() -> None:
    for name, method in vars(FakeClient).items():
        real = getattr(Client, name, None)
        if real is not None and not name.startswith("_"):
            assert inspect.signature(method) == inspect.signature(real), name


def test_errors_are_raised_and_calls_recorded(fake: FakeClient) -> None:
    with pytest.raises(TimeoutError, match="2 seconds"):
        fake.is_customer_in_online_help("late")
    fake.is_customer_in_online_help("70022")
    assert fake.calls == ["late", "70022"]


def test_an_unknown_customer_is_the_test_s_mistake(fake: FakeClient) -> None:
    with pytest.raises(LookupError, match=r"'7' was not added .*add\(\)"):
        fake.is_customer_in_online_help("7")
    with pytest.raises(LookupError):
        list(fake.are_customers_in_online_help(["70022", "7"]))
    with pytest.raises(TypeError, match="HelpStatus or Error"):
        fake.add("7", ValueError())  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["", " 7", "7\n", "7\0", "\ud800"])
def test_it_rejects_what_the_real_one_rejects(fake: FakeClient, wrong: str) -> None:
    with pytest.raises(diyalog.InvalidArgumentError, match="customer_id") as caught:
        fake.is_customer_in_online_help(wrong)
    assert caught.value.argument == "customer_id"
    with pytest.raises(ValueError, match="timeout"):
        fake.is_customer_in_online_help("70022", timeout=0)
    assert fake.calls == []


def test_many(fake: FakeClient) -> None:
    run = fake.are_customers_in_online_help(["70024", "late", "", "70022"])
    lookups = list(run)
    assert lookups[0] == Lookup("70024", HelpStatus(False))
    assert isinstance(lookups[1].error, diyalog.TimeoutError)
    assert isinstance(lookups[2].error, diyalog.InvalidArgumentError)
    assert lookups[3].unwrap() == IN_HELP


def test_a_closed_one_raises(fake: FakeClient) -> None:
    fake.close()
    with pytest.raises(diyalog.InvalidArgumentError, match="closed"):
        fake.is_customer_in_online_help("70022")
    with pytest.raises(diyalog.InvalidArgumentError, match="closed"):
        fake.are_customers_in_online_help(["70022"])
