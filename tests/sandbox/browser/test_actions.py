"""What a click does to the next answer."""

from __future__ import annotations

import json

import pytest
from page import Page


def status_of(page: Page, customer: str) -> dict[str, object]:
    answer = page.sandbox.ask(customer)
    assert answer.status == 200
    return json.loads(answer.text)


def test_starting_a_session_changes_the_next_answer(page: Page) -> None:
    assert status_of(page, "70024")["isInHelp"] is False
    page.click("#session-70024")
    page.wait_for_text("#customers tr", "70024 inbound, staff 45001")
    assert status_of(page, "70024") == {"isInHelp": True, "helpType": "inbound", "staffId": "45001"}


def test_ending_a_session_keeps_the_focus_on_the_customer(page: Page) -> None:
    page.find("#session-70022").send_keys("\ue007")  # Enter
    page.wait_for_text("#session-70022", "Start")
    assert status_of(page, "70022")["isInHelp"] is False
    assert page.browser.switch_to.active_element.get_attribute("id") == "session-70022"


def test_a_session_of_an_unknown_customer_is_started_by_the_form(page: Page) -> None:
    page.fill("[name=customerId]:not([type=hidden])", 'müşteri "1" <b>')
    page.find("[name=helpType]:not([type=hidden])").send_keys("outbound")
    page.click("#start-session")
    page.wait_for_text("#customers tr", 'müşteri "1" <b>')
    assert status_of(page, 'müşteri "1" <b>')["helpType"] == "outbound"


def test_a_call_of_a_program_changes_the_page(page: Page) -> None:
    page.sandbox.exchange(
        "POST", "/sandbox/sessions", b'{"customerId": "1", "helpType": "inbound", "staffId": "2"}'
    )
    page.wait_for_text("#customers tr", "inbound, staff 2")


def test_queued_faults_happen_in_order_and_leave_the_list(page: Page) -> None:
    for button in ("Queue: Garble", "Queue: Status"):
        page.click(f"[aria-label='{button}']")
        page.wait_for_text("#result", f"{button}: done")
    page.wait(
        lambda: [item.text for item in page.all("#queued-faults li")] == ["garble", "answer 503"]
    )
    with pytest.raises(json.JSONDecodeError):
        status_of(page, "70022")
    page.wait(lambda: [item.text for item in page.all("#queued-faults li")] == ["answer 503"])
    assert page.sandbox.ask("70022") == (503, "busy")
    page.wait_for_text("#queued-faults", "No fault is queued")
    assert status_of(page, "70022")["isInHelp"] is True


def test_queued_faults_can_be_forgotten(page: Page) -> None:
    page.fill("form:has([value=silence]) [name=times]", "3")
    page.click("[aria-label='Queue: Silence']")
    page.wait_for_text("#queued-faults", "silence, 3 times")
    page.click("#forget-faults")
    page.wait_for_text("#queued-faults", "No fault is queued")
    assert status_of(page, "70022")["isInHelp"] is True


def test_the_clock_is_set(page: Page) -> None:
    page.fill("[name=offsetSeconds]", "-7200")
    page.click("#set-clock")
    page.wait_for_text("#clock", "7200 seconds behind")
    assert page.sandbox.ask("70022") == (403, "Request time may not be correct.")


def test_bad_input_is_reported_and_changes_nothing(page: Page) -> None:
    page.fill("[name=offsetSeconds]", "2000000000")
    page.click("#set-clock")
    page.wait_for_text("#result.problem", "offsetSeconds")
    assert page.sandbox.ask("70022").status == 200
    # The browser logs the status of the answer, which is the only line it may log.
    assert [
        entry["message"]
        for entry in page.browser.get_log("browser")
        if " 400 " not in entry["message"]
    ] == []


@pytest.mark.parametrize("sandbox", [("--base-path", "/gateway/diyalog")], indirect=True)
def test_the_page_works_below_a_base_path(page: Page) -> None:
    page.click("#session-70024")
    page.wait_for_text("#customers tr", "70024 inbound")
    assert status_of(page, "70024")["isInHelp"] is True
    page.open_newest_explanation()
    assert page.text("#requests pre").endswith(
        "/gateway/diyalog/v1/application/iscustomerinonlinehelp"
    )


def test_the_printed_url_leads_to_the_page(page: Page) -> None:
    page.browser.get(page.sandbox.url)
    assert page.browser.current_url == page.sandbox.page
