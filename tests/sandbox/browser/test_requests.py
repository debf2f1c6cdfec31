"""Requests as they come in, and the explanation of each."""

from __future__ import annotations

from page import Page


def test_a_request_shows_while_the_page_is_open(page: Page) -> None:
    assert page.text(".empty").startswith("No request yet")
    page.sandbox.ask("70022")
    page.wait_for_text("#requests li", "in help, inbound, staff 45001")
    row = page.text("#requests li")
    for part in ("iscustomerinonlinehelp", "70022", "45186", "200"):
        assert part in row
    assert page.text(".empty") == ""


def test_a_wrong_secret_shows_the_hint(page: Page) -> None:
    page.sandbox.ask("70022", secret=b"another secret")
    page.wait_for_text("#requests li", "compare the secret and the string to sign")
    page.open_newest_explanation()
    explanation = page.text("#requests .explanation")
    assert "String to sign that was expected" in explanation
    assert "What the client signed is not known" in explanation


def test_a_secret_with_a_newline_shows_its_own_hint(page: Page) -> None:
    page.sandbox.ask("70022", secret=b"s3cr3t-access-key\n")
    page.wait_for_text("#requests li", "the secret had a newline at its end")
    page.open_newest_explanation()
    assert "The mistake is in the secret" in page.text("#requests .explanation")


def test_a_missing_newline_is_marked(page: Page) -> None:
    page.sandbox.ask("70022", glue="")
    page.wait_for_text("#requests li", "the newline between body and path was left out")
    page.open_newest_explanation()
    sides = {
        side: page.find(f"#requests pre.{side}").get_property("textContent")
        for side in ("expected", "signed")
    }
    assert sides["expected"].replace("}\n/v1", "}/v1") == sides["signed"]
    assert [mark.get_property("textContent") for mark in page.all("#requests ins")] == ["\n"]
    assert [mark.get_property("textContent") for mark in page.all("#requests del")] == [""]
    assert page.text("#requests .differences") == "expected \\n, signed nothing"


def test_an_explanation_has_headers_and_body_as_received(page: Page) -> None:
    page.sandbox.ask("<script>1</script>")
    page.wait_for_text("#requests li", "no such customer")
    page.open_newest_explanation()
    explanation = page.text("#requests .explanation")
    assert "x-dlg-requester-userid" in explanation
    assert '{"customerId": "<script>1</script>"}' in explanation


def test_an_explanation_opens_by_the_keyboard(page: Page) -> None:
    page.sandbox.ask("70022")
    page.wait_for_text("#requests li", "in help")
    page.find("#live").send_keys("\t", "\ue007")  # Tab, Enter
    page.browser.switch_to.active_element.send_keys("\ue007")
    page.wait(lambda: page.all("#requests .explanation pre"))


def test_nothing_arrives_while_live_is_off(page: Page) -> None:
    page.click("#live")
    page.sandbox.ask("70022")
    page.click("#live")
    page.wait(lambda: len(page.all("#requests > li")) == 1)


def test_ten_thousand_requests_stay_within_bounds(page: Page) -> None:
    page.sandbox.ask("70022")
    before = page.sandbox.resident_kilobytes()
    for number in range(10_001):
        page.sandbox.ask(f"c{number}")
    page.wait_for_text("#requests > li:first-child", "c10000")
    assert len(page.all("#requests > li")) == 500
    assert "c9501" in page.text("#requests > li:last-child")
    recorded = page.sandbox.control("requests")
    assert len(recorded) == 10_000
    del recorded
    grown = page.sandbox.resident_kilobytes() - before
    assert grown < 64 * 1024, f"{grown} KiB"
    page.open()
    assert len(page.all("#requests > li")) == 500


def test_the_page_is_readable_without_javascript(page: Page) -> None:
    page.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.sandbox.ask("70022", glue="")
        page.open()
        assert "the newline between body and path was left out" in page.text("#requests")
        page.click("#requests summary")
        page.click("#requests .explanation a")
        page.wait_for_text("pre.signed", "POST")
        page.click("main > p a")
        page.wait(lambda: page.browser.current_url == page.sandbox.page)
        # Forms work as well, by leading back to the page.
        page.click("#session-70022")
        page.wait_for_text("#session-70022", "Start")
    finally:
        page.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
