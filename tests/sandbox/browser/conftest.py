"""A browser for all tests, a sandbox for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from page import Page
from sandbox import Sandbox
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

# Any request of the browser for a name shows in its log; this name leads to the sandbox.
REBOUND_NAME = "rebound.example"


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for switch in (
        "headless",
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "hide-scrollbars",
        f"host-resolver-rules=MAP {REBOUND_NAME} 127.0.0.1",
        f"user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(f"--{switch}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    driver.get("about:blank")  # leaves the browser's own start page
    yield driver
    driver.quit()


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox with the options of `@pytest.mark.parametrize("sandbox", [...], indirect=True)`, or none."""
    sandbox = Sandbox(*getattr(request, "param", ()))
    yield sandbox
    sandbox.close()


@pytest.fixture
def page(browser: webdriver.Chrome, sandbox: Sandbox) -> Iterator[Page]:
    """The sandbox's page. After each test it checks that nothing was requested elsewhere."""
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    page = Page(browser, sandbox)
    page.open()
    yield page
    problems = browser.get_log("browser")
    requested = requested_urls(browser)
    browser.get("about:blank")
    assert not problems
    assert requested
    assert not [url for url in requested if not url.startswith(f"http://{sandbox.address}/")]


def requested_urls(browser: webdriver.Chrome) -> list[str]:
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]


@pytest.fixture
def docs() -> Path:
    return Path(__file__).resolve().parents[3] / "docs"
