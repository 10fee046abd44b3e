"""Ordinary use, done fast: keys while the page still loads, and back and forth between pages, without one failed answer."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_keys_soon_after_load_and_pages_back_and_forth_fail_nothing(page: Page, atlas: str) -> None:
    failed: list[str] = []
    page.on(
        "response", lambda r: failed.append(f"{r.status} {r.request.post_data or r.url}") if r.status >= 400 else None
    )
    page.goto(atlas)
    page.locator(".zone-card[data-zone]").first.wait_for()
    for key in "1201":
        page.keyboard.press(key)
    expect(page.locator("#zone-panel")).to_be_visible()
    page.get_by_role("link", name="打开园区页 →").click()
    expect(page.locator(".park-name")).to_be_visible()
    page.go_back()
    expect(page.locator("#zone-panel")).to_be_visible()
    page.locator(".nav-link", has_text="账本").click()
    expect(page.locator("#ledger-accounts")).to_be_visible()
    page.locator(".nav-link", has_text="总览").click()
    expect(page.locator(".zone-card[data-zone]").first).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator("#zone-panel")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert failed == []
