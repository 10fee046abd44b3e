"""The browser takes every script of assets/: a script that it refuses leaves dead buttons and no message on the screen."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from settings import ROOT


def test_no_script_of_a_page_is_refused(page: Page, atlas: str) -> None:
    refused: list[str] = []
    loaded: set[str] = set()
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.on("response", lambda answer: loaded.add(answer.url.split("?")[0].rpartition("/assets/")[2]))

    page.goto(f"{atlas}/ledger")
    page.locator("#clock").filter(has_text=":").wait_for(state="attached")  # wall.js ticks
    page.keyboard.press("/")

    expect(page.locator("#search")).to_be_focused()
    assert refused == []
    assert {path.name for path in (ROOT / "assets").glob("*.js")} <= loaded
