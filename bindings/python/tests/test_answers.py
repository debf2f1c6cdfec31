"""Every documented response, as Python sees it."""

from __future__ import annotations

import dataclasses

import pytest
from conftest import Sandbox
from diyalog import Client, HelpStatus, HelpType


def test_an_inbound_session(client: Client) -> None:
    status = client.is_customer_in_online_help("70022")
    assert status == HelpStatus(True, HelpType.INBOUND, "inbound", "45001", None)
    assert status.customer_found
    assert status


def test_an_outbound_session(client: Client) -> None:
    status = client.is_customer_in_online_help("70023")
    assert status == HelpStatus(True, HelpType.OUTBOUND, "outbound", "45002", None)


def test_nothing_is_none_for_a_customer_who_is_not_in_help(client: Client) -> None:
    status = client.is_customer_in_online_help("70024")
    assert status == HelpStatus(False, None, None, None, None)
    assert status.is_in_help is False
    assert not status
    assert status.customer_found


def test_no_such_customer_is_an_answer(client: Client) -> None:
    status = client.is_customer_in_online_help("nobody")
    assert status == HelpStatus(False, None, None, None, 400)
    assert not status.customer_found


@pytest.mark.parametrize(
    "body",
    [
        '{"isInHelp": false}',
        '{"isInHelp": false, "helpType": null, "staffId": null, "errorCode": null}',
        '{"isInHelp": false, "helpType": "", "staffId": ""}',
    ],
)
def test_nothing_is_none_however_it_is_said(client: Client, sandbox: Sandbox, body: str) -> None:
    sandbox.answer(body)
    assert client.is_customer_in_online_help("70022") == HelpStatus(False)


def test_values_that_are_not_documented(client: Client, sandbox: Sandbox) -> None:
    sandbox.answer('{"isInHelp": true, "helpType": "görüntülü", "staffId": "1", "errorCode": 7}')
    status = client.is_customer_in_online_help("70022")
    assert status == HelpStatus(True, HelpType.OTHER, "görüntülü", "1", 7)
    assert status.customer_found


def test_non_ascii_goes_both_ways(client: Client, sandbox: Sandbox) -> None:
    assert client.is_customer_in_online_help("müşteri-70025").staff_id == "temsilci-şule"
    customer, staff = 'a"b\\c 客户 🙂', "经纪人-🙂"
    sandbox.start_session(customer, "inbound", staff)
    assert client.is_customer_in_online_help(customer).staff_id == staff
    assert sandbox.requests()[-1]["customerId"] == customer


def test_the_answer_cannot_be_changed(client: Client) -> None:
    status = client.is_customer_in_online_help("70022")
    with pytest.raises(dataclasses.FrozenInstanceError):
        status.is_in_help = False  # type: ignore[misc]
    assert hash(status) == hash(client.is_customer_in_online_help("70022"))


def test_the_requester_is_the_client_s_or_the_call_s(client: Client, sandbox: Sandbox) -> None:
    client.is_customer_in_online_help("70022")
    assert sandbox.last_headers()["x-dlg-requester-userid"] == "45186"
    client.is_customer_in_online_help("70022", requester_user_id="45187")
    assert sandbox.last_headers()["x-dlg-requester-userid"] == "45187"
