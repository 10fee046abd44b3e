"""The header as a reader uses it: what its buttons say, and choosing in what they open."""

from __future__ import annotations

import re
from typing import Literal

from playwright.sync_api import Locator, Page, expect


def opened(page: Page, menu: Literal["pages", "context", "reader"]) -> Locator:
    """What a button of the header opens, opened."""
    found = page.locator(f"#{menu}-dropdown")
    if not found.is_visible():
        page.locator(f".{menu}-host .menu-button").click()
    expect(found).to_be_visible()
    return found


def choose(page: Page, menu: Literal["context", "reader"], name: str | re.Pattern[str]) -> None:
    """Press the button of this name in what a button of the header opens: 公开, 2026-06, 客户视角, English."""
    opened(page, menu).get_by_role("button", name=name, exact=True).click()


def role_shown(page: Page) -> Locator:
    """Where the header says whose view this is."""
    return page.locator(".reader-host .menu-first")
