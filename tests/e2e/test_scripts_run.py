"""Every script of ours runs on every page: a file that does not parse takes keys, clock, tour and switches with it."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

PATHS = ("/", "/park/SMKX", "/projects", "/chains", "/ledger", "/per-mu", "/data")


@pytest.mark.parametrize("path", PATHS)
def test_a_page_opens_without_an_error_of_a_script(page: Page, atlas: str, path: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(atlas + path)
    # The clock is the last word of wall.js on a page: it shows the time only where that script ran.
    expect(page.locator("#clock")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    assert errors == []


def test_a_change_of_the_map_that_comes_after_its_page_was_left_is_dropped(page: Page, atlas: str) -> None:
    errors: list[str] = []
    held: list[Route] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{atlas}/?sel=zone:SMKX")
    expect(page.locator("#map")).to_have_attribute("data-state", "live")
    page.route("**/map/change?*", lambda route: held.append(route))
    with page.expect_request("**/map/change?*"):  # without the selection the address is another one
        page.get_by_role("navigation").get_by_role("link", name="账本").click()
    expect(page.locator("#map")).to_have_count(0)
    with page.expect_response("**/map/change?*"):
        held[0].continue_()
    page.evaluate("() => new Promise((done) => setTimeout(done))")  # what waits for the answer has run
    assert errors == []
