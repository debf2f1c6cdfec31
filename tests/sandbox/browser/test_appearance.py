"""Names, contrast, sizes, and the screenshots of the documentation."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from page import Page

CONTRASTS = """
  const channels = (colour) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const colour = channels(getComputedStyle(element).backgroundColor);
    return colour[3] === 0 ? ground(element.parentElement) : colour;
  };
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((element) => {
      const [light, dark] = [channels(getComputedStyle(element).color), ground(element)].map(luminance).sort((a, b) => b - a);
      return [(light + 0.05) / (dark + 0.05), element.outerHTML.slice(0, 80)];
    });
"""


def fill_page(page: Page) -> None:
    for customer in ("70022", "70024", "70026", "müşteri-70025"):
        page.sandbox.ask(customer)
    page.sandbox.exchange(
        "POST", "/sandbox/faults", b'{"kind": "answer", "status": 503, "body": "busy"}'
    )
    page.sandbox.ask("70022")
    page.sandbox.ask("70022", secret=b"s3cr3t-access-key\n")
    page.sandbox.ask("70022", glue="")
    page.open()
    page.open_newest_explanation()
    page.click("#workbench-form button")
    page.wait(lambda: page.all("#curl"))
    page.wait(lambda: page.text("#result") == "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(page: Page, scheme: str) -> None:
    page.emulate(scheme=scheme)
    try:
        fill_page(page)
        contrasts = page.browser.execute_script(CONTRASTS)
        assert len(contrasts) > 80
        assert [pair for pair in contrasts if pair[0] < 4.5] == []
    finally:
        page.emulate_nothing()


def test_every_control_has_a_name_of_its_own(page: Page) -> None:
    fill_page(page)
    page.browser.execute_cdp_cmd("Accessibility.enable", {})
    nodes = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = ("button", "link", "textbox", "spinbutton", "combobox", "checkbox")
    named = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in roles
    ]
    assert len(named) > 30
    assert [role for role, name in named if not name.strip()] == []
    buttons = [name for role, name in named if role == "button"]
    assert len(set(buttons)) == len(buttons), buttons
    headings = [
        node for node in nodes if not node["ignored"] and node["role"]["value"] == "heading"
    ]
    assert len(headings) > 10


@pytest.mark.parametrize("width", [320, 640, 800, 1400])
def test_the_page_fits_its_window(page: Page, width: int) -> None:
    page.emulate(width=width)
    try:
        fill_page(page)
        assert page.browser.execute_script("return document.documentElement.scrollWidth") <= width
    finally:
        page.emulate_nothing()


@pytest.mark.parametrize("sandbox", [("--listen", "127.0.0.1:4859")], indirect=True)
def test_screenshots_for_the_documentation(page: Page, docs: Path) -> None:
    try:
        for scheme in ("light", "dark"):
            page.emulate(scheme=scheme, height=1340)
            fill_page(page)
            page.browser.execute_script("scrollTo(0, 0); document.activeElement.blur()")
            picture = page.picture()
            assert len(picture) > 20_000
            if os.environ.get("DIYALOG_WRITE_SCREENSHOTS") == "1":
                (docs / f"sandbox-{scheme}.png").write_bytes(picture)
    finally:
        page.emulate_nothing()
