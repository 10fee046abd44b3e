"""What lies over the wall: the sheet of the table, Σ, the list of keys; each takes the focus, gives it back and closes three ways."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_main_job import READY

#: The ring round what has the focus; the box of the search draws it round the whole of itself.
FOCUS = """() => {
  const style = getComputedStyle(document.activeElement.closest('.search-input') || document.activeElement);
  return [style.outlineStyle, style.outlineWidth, style.outlineOffset, style.outlineColor];
}"""
ACCENT = """() => {
  const probe = document.createElement('p');
  probe.style.color = 'var(--accent)';
  document.body.append(probe);
  return getComputedStyle(probe).color;
}"""


def open_wall(page: Page, atlas: str, width: int = 1366, query: str = "") -> None:
    page.set_viewport_size({"width": width, "height": 768 if width < 1600 else 1080})
    page.goto(f"{atlas}/{query}")
    page.wait_for_function(READY)


def table(page: Page) -> Locator:
    return page.locator("#table-host > *")


@pytest.mark.parametrize("width", [1366, 1920])
def test_the_table_is_a_sheet_that_leaves_the_map_in_view(page: Page, atlas: str, width: int) -> None:
    open_wall(page, atlas, width)
    page.locator(".table-toggle").press("Enter")
    expect(table(page)).to_be_visible()
    box, map_ = table(page).bounding_box(), page.locator("#map").bounding_box()
    assert box is not None
    assert map_ is not None
    assert round(box["width"]) in (959, 960) if width == 1920 else box["width"] <= 0.62 * width
    assert map_["x"] + map_["width"] <= box["x"] + 1  # beside it, not under it
    assert map_["width"] >= 480
    assert page.locator("#cards").evaluate("n => getComputedStyle(n).opacity") == "0.6"
    expect(table(page).locator(".icon-button")).to_be_focused()
    page.keyboard.press("Escape")
    expect(table(page)).to_have_count(0)
    expect(page.locator(".table-toggle")).to_be_focused()


def test_the_table_closes_by_its_cross_by_its_key_and_by_a_press_outside_that_does_nothing_else(
    page: Page, atlas: str
) -> None:
    open_wall(page, atlas)
    page.keyboard.press("t")
    table(page).locator(".icon-button").click()
    expect(table(page)).to_have_count(0)
    page.keyboard.press("t")
    expect(table(page)).to_be_visible()
    page.keyboard.press("t")
    expect(table(page)).to_have_count(0)
    page.keyboard.press("t")
    expect(table(page)).to_be_visible()
    page.locator(".zone-card[data-zone=CDKXC]").click(position={"x": 40, "y": 60})
    expect(table(page)).to_have_count(0)
    expect(page).to_have_url(f"{atlas}/")


def test_sigma_is_a_sheet_of_560_px_over_a_dimmed_page(page: Page, atlas: str) -> None:
    open_wall(page, atlas)
    button = page.locator(".tile-host:has([data-kpi=K01]) .explain-button")
    button.press("Enter")
    sheet = page.locator(".mantine-Drawer-content")
    expect(sheet).to_be_visible()
    expect(sheet).to_have_css("width", "560px")
    expect(page.locator(".mantine-Drawer-overlay")).to_have_css(
        "background-color", re.compile(r"rgba\(0, 0, 0, 0\.4\)")
    )
    # title, figure, definition, parts, records
    order = (
        page.locator("#explain-body")
        .locator("h2, .explain-number, .facts, .explain-section h3")
        .evaluate_all("nodes => nodes.map((n) => n.tagName === 'H3' ? n.textContent : n.className || n.tagName)")
    )
    assert order[:5] == ["H2", "explain-number", "facts", "分单位", "逐条记录"]
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(button).to_be_focused()


def test_the_question_mark_lists_every_key_and_escape_takes_one_layer(page: Page, atlas: str) -> None:
    open_wall(page, atlas, query="?sel=zone:SMKX")
    expect(page.locator("#zone-panel")).to_be_visible()
    page.keyboard.press("?")
    keys = page.locator("#keys")
    expect(keys).to_be_visible()
    expect(keys.locator("kbd")).to_have_text(["/", "1–9", "0", "T", "L", "F", "?", "Esc"])
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(page.locator("#zone-panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#zone-panel")).to_have_count(0)
    page.keyboard.press("l")
    expect(page.locator(".legend-more")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator(".legend-more")).not_to_have_attribute("open", "")
    page.keyboard.press("?")
    keys.locator(".keys-close").click()
    expect(keys).to_be_hidden()


def test_one_focus_ring_on_every_control_of_the_wall(page: Page, atlas: str) -> None:
    open_wall(page, atlas, 1920)
    page.keyboard.press("Shift")  # from now on the keyboard is what moves the focus
    accent = page.evaluate(ACCENT)
    wrong = {}
    for control in (
        ".header .title", ".nav-link", ".context-host .menu-button", "#search", ".facet-button", ".table-toggle", ".tile",
        ".tile-host .explain-button", ".chain-row", ".light-cell", ".stage-cell", ".kind-cell", ".attention-row", ".milestone",
        ".card-name", ".legend-more > summary",
    ):  # fmt: skip
        page.locator(control).first.focus()
        if (ring := page.evaluate(FOCUS)) != ["solid", "2px", "2px", accent]:
            wrong[control] = ring
    assert wrong == {}
