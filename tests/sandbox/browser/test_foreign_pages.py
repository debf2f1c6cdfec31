"""Other web pages in the same browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import REBOUND_NAME
from sandbox import LOOKUP, Sandbox
from selenium import webdriver
from selenium.webdriver.common.by import By

SESSION = '{"customerId": "intruder", "helpType": "inbound", "staffId": "1"}'


class ForeignSite(BaseHTTPRequestHandler):
    """Serves an empty page, from an origin of its own."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><title>foreign</title><body>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def foreign(browser: webdriver.Chrome) -> Iterator[webdriver.Chrome]:
    """A browser that shows another site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), ForeignSite) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser.get(f"http://127.0.0.1:{server.server_address[1]}/")
        yield browser
        browser.get("about:blank")
        server.shutdown()


def run(browser: webdriver.Chrome, script: str, *arguments: str) -> object:
    body = f"const done = arguments[arguments.length - 1]; (async () => {{ {script} }})().then(done, (e) => done('' + e))"
    return browser.execute_async_script(body, *arguments)


def is_untouched(sandbox: Sandbox) -> bool:
    return "intruder" not in sandbox.sessions() and len(sandbox.sessions()) == 3


@pytest.mark.parametrize(
    ("call", "content_type", "body"),
    [
        ("sandbox/sessions", "text/plain", SESSION),
        ("sandbox/sessions", "application/x-www-form-urlencoded", SESSION),
        (
            "sandbox/form/start",
            "application/x-www-form-urlencoded",
            "customerId=intruder&helpType=inbound&staffId=1",
        ),
        ("sandbox/form/end", "application/x-www-form-urlencoded", "customerId=70022"),
        ("sandbox/form/sign", "application/x-www-form-urlencoded", "method=POST"),
    ],
)
def test_a_foreign_page_cannot_fetch(
    foreign: webdriver.Chrome, sandbox: Sandbox, call: str, content_type: str, body: str
) -> None:
    script = """
      const [url, type, body] = arguments[0];
      const answer = await fetch(url, {method: "POST", mode: "no-cors", headers: {"Content-Type": type}, body});
      return answer.type;
    """
    script = script.replace("arguments[0]", f"{[f'{sandbox.url}/{call}', content_type, body]!r}")
    assert run(foreign, script) == "opaque"
    assert is_untouched(sandbox)


def test_a_foreign_form_is_answered_403(foreign: webdriver.Chrome, sandbox: Sandbox) -> None:
    foreign.execute_script(
        """
        const form = document.createElement("form");
        form.method = "post";
        form.action = arguments[0];
        for (const [name, value] of [["customerId", "intruder"], ["helpType", "inbound"], ["staffId", "1"]]) {
          const field = document.createElement("input");
          field.name = name;
          field.value = value;
          form.append(field);
        }
        document.body.append(form);
        form.submit();
        """,
        f"{sandbox.page}form/start",
    )
    assert (
        foreign.find_element(By.TAG_NAME, "body").text
        == "A page of another origin may not call the sandbox"
    )
    assert is_untouched(sandbox)


def test_a_foreign_page_reads_frames_and_listens_to_nothing(
    foreign: webdriver.Chrome, sandbox: Sandbox
) -> None:
    script = """
      const element = (name, attributes) => new Promise((done) => {
        const element = Object.assign(document.createElement(name), attributes);
        element.onload = () => done("loaded");
        element.onerror = () => done("failed");
        document.body.append(element);
      });
      const listens = new Promise((done) => {
        const events = new EventSource(URL + "events?x");
        events.onopen = () => done("opened");
        events.onerror = () => { events.close(); done("failed"); };
      });
      const reads = await fetch(URL + "requests").then(() => "read", () => "failed");
      const frame = Object.assign(document.createElement("iframe"), {src: URL});
      const framed = await new Promise((done) => { frame.onload = done; document.body.append(frame); });
      let inside = "hidden";
      try { inside = frame.contentDocument ? "empty" : "hidden"; } catch { }
      return [reads, await listens, await element("script", {src: URL + "page.js"}),
              await element("img", {src: URL + "icon.svg"}), inside].join();
    """
    assert (
        run(foreign, script.replace("URL", repr(sandbox.page)))
        == "failed,failed,failed,failed,hidden"
    )


def test_a_foreign_page_uses_up_no_fault_and_leaves_no_request(
    foreign: webdriver.Chrome, sandbox: Sandbox
) -> None:
    sandbox.exchange("POST", "/sandbox/faults", b'{"kind": "answer", "status": 503}')
    script = f'return (await fetch("{sandbox.url}{LOOKUP}", {{method: "POST", mode: "no-cors", body: "x"}})).type'
    assert run(foreign, script) == "opaque"
    assert sandbox.control("counters")["requests"] == 0
    assert sandbox.ask("70022").status == 503


def test_a_name_that_was_rebound_to_this_machine_is_rejected(
    browser: webdriver.Chrome, sandbox: Sandbox
) -> None:
    port = sandbox.address.rsplit(":", 1)[1]
    browser.get(f"http://{REBOUND_NAME}:{port}/sandbox/")
    assert (
        browser.find_element(By.TAG_NAME, "body").text
        == "The Host header does not name this sandbox"
    )
    script = 'const answer = await fetch("/sandbox/sessions", {method: "POST", body: BODY}); return answer.status'
    assert run(browser, script.replace("BODY", repr(SESSION))) == 403
    assert is_untouched(sandbox)
    browser.get("about:blank")


def test_a_link_from_elsewhere_opens_the_page(foreign: webdriver.Chrome, sandbox: Sandbox) -> None:
    foreign.execute_script("location.href = arguments[0]", sandbox.page)
    assert foreign.title == "Diyalog sandbox"
