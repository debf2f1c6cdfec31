"""The page as a user sees it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from sandbox import Sandbox
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait


class Page:
    def __init__(self, browser: webdriver.Chrome, sandbox: Sandbox) -> None:
        self.browser = browser
        self.sandbox = sandbox

    def open(self) -> None:
        self.browser.get(self.sandbox.page)

    def find(self, selector: str) -> WebElement:
        """Returns the first element, once it is there: rows come as events."""
        return self.wait(lambda: next(iter(self.all(selector)), None))

    def all(self, selector: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return self.find(selector).text

    def click(self, selector: str) -> None:
        self.find(selector).click()

    def fill(self, selector: str, text: str) -> None:
        self.browser.execute_script("arguments[0].value = arguments[1]", self.find(selector), text)

    def wait(self, holds: Callable[[], Any]) -> Any:
        """Waits for the page to change; fails after ten seconds."""
        wait = WebDriverWait(
            self.browser, 10, 0.02, ignored_exceptions=(StaleElementReferenceException,)
        )
        return wait.until(lambda _: holds())

    def wait_for_text(self, selector: str, text: str) -> None:
        self.wait(lambda: any(text in element.text for element in self.all(selector)))

    def open_newest_explanation(self) -> WebElement:
        self.click("#requests > li summary")
        return self.wait(
            lambda: next(iter(self.all("#requests > li:first-child .explanation > .reason")), None)
        )

    def emulate(self, *, scheme: str = "light", width: int = 1400, height: int = 1000) -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def emulate_nothing(self) -> None:
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def picture(self) -> bytes:
        return base64.b64decode(
            self.browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
        )
