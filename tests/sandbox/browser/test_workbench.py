"""The signature workbench."""

from __future__ import annotations

import json
import subprocess

import pytest
from page import Page


def sign(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.fill(f"#workbench-form [name={name}]", text)
    page.click("#workbench-form button")


def curl(page: Page) -> str:
    page.wait(lambda: page.all("#curl"))
    command = page.find("#curl").get_property("textContent")
    return subprocess.run(
        ["sh", "-c", f"{command} --silent"], check=True, capture_output=True, text=True
    ).stdout


def test_the_curl_command_works_as_it_comes(page: Page) -> None:
    sign(page)
    assert json.loads(curl(page)) == {"isInHelp": True, "helpType": "inbound", "staffId": "45001"}
    page.wait_for_text("#requests li", "in help, inbound, staff 45001")


@pytest.mark.parametrize(
    "body",
    [
        '{"customerId": "O\'Brien \\"x\\" $(id) `id` \\\\"}',
        '{\n  "customerId": "müşteri"\n}\n',
        '@{"customerId"',
        "",
    ],
)
def test_the_curl_command_carries_any_body(page: Page, body: str) -> None:
    sign(page, body=body)
    curl(page)
    recorded = page.sandbox.control("requests")[-1]
    assert recorded["body"] == body
    assert recorded["status"] != 401, recorded["reason"]


def test_the_parts_are_those_of_the_documentation(page: Page) -> None:
    sign(
        page,
        path="/v1/a?b=c",
        date="Tue, 09 Mar 2021 13:28:32 GMT",
        body="{}",
        contentType="text/x",
    )
    page.wait(lambda: page.all("#curl"))
    text = page.find("#string-to-sign").get_property("textContent")
    assert text == "POST\ntext/x\nTue, 09 Mar 2021 13:28:32 GMT\n{}\n/v1/a?b=c"
    assert "x-dlg-authorization: DLGA 1234567-8ABC-DEF0-5432-56712ABCDEF5:" in page.text(
        "#signed-headers"
    )
    assert "This sandbox would answer 403" in page.text("#signed")


def test_choosing_a_documented_call_fills_its_body_in(page: Page) -> None:
    path = page.find("#workbench-form [name=path]")
    path.clear()
    path.send_keys("/v1/simplepush/sendpush\t")
    sign(page)
    assert json.loads(curl(page))["success"] is True


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("path", "v1", "path has to start with /"),
        ("path", "/ş", "path has to start with /"),
        ("method", "post", "method has to be in capital letters"),
        ("date", "Tue, 09 Mar 2021 13:28:32 GMT ", "date has white space around it"),
    ],
)
def test_what_http_cannot_carry_is_reported(page: Page, field: str, text: str, message: str) -> None:
    sign(page, **{field: text})
    page.wait_for_text("#result.problem", message)
    assert all(" 400 " in entry["message"] for entry in page.browser.get_log("browser"))


def test_a_secret_with_white_space_is_pointed_out(page: Page) -> None:
    sign(page, secret="s3cr3t-access-key ")
    page.wait_for_text("#signed .warning", "white space around it")
    page.wait_for_text("#signed", "the secret had a space at its end")


def test_the_secret_is_kept_nowhere(page: Page) -> None:
    sign(
        page,
        secret="not-for-any-log",
        accessKeyId="key-of-another-server",
        requester="someone-else",
    )
    page.wait(lambda: page.all("#curl"))
    assert page.sandbox.exchange("GET", "/sandbox/clock").status == 405  # logged after the signing
    page.wait(lambda: any("/sandbox/clock" in line for line in page.sandbox.log))
    places = {
        "log": "".join(page.sandbox.log),
        "requests": json.dumps(page.sandbox.control("requests")),
        "page": page.sandbox.exchange("GET", "/sandbox/").text,
        "cookies": json.dumps(page.browser.get_cookies()),
        "storage": page.browser.execute_script(
            "return JSON.stringify([{...localStorage}, {...sessionStorage}])"
        ),
        "address": page.browser.current_url,
    }
    for place, text in places.items():
        for typed in ("not-for-any-log", "key-of-another-server", "someone-else"):
            assert typed not in text, place
    assert "/form/sign" not in places["log"]
