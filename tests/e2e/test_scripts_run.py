"""Every script of ours runs on every page: a file that does not parse takes keys, clock, tour and switches with it."""

import re

import pytest
from playwright.sync_api import Page, expect

PATHS = ("/", "/park/SMKX", "/projects", "/chains", "/ledger", "/per-mu", "/data")


@pytest.mark.parametrize("path", PATHS)
def test_a_page_opens_without_an_error_of_a_script(page: Page, atlas: str, path: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(atlas + path)
    # The clock is the last word of wall.js on a page: it shows the time only where that script ran.
    expect(page.locator("#clock")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    assert errors == []
