"""The screen of a desk or a small wall shows all of itself: no text below 12 px, no column or table cut at 1366 × 768."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

_SMALL = """() => {
  const found = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !parent.getClientRects().length) continue;
    const size = parseFloat(getComputedStyle(parent).fontSize);
    if (size < 12) found.add(`${parent.className} ${size}: ${walk.currentNode.textContent.trim().slice(0, 30)}`);
  }
  return [...found];
}"""

_CUT = """(selector) => [...document.querySelectorAll(selector)]
  .filter((e) => e.scrollWidth > e.clientWidth || (e.matches('.column') && e.scrollHeight > e.clientHeight))
  .map((e) => `${e.className} ${e.scrollWidth}×${e.scrollHeight} in ${e.clientWidth}×${e.clientHeight}`)"""


def opened(page: Page, atlas: str, language: str, path: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.context.add_cookies([{"name": "atlas_lang", "value": language, "url": atlas}])
    page.goto(atlas + path)
    page.wait_for_selector("#page > *:not(.boot)")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_wall_shows_its_columns_whole_and_no_text_below_12_px(page: Page, atlas: str, language: str) -> None:
    opened(page, atlas, language, "/")

    assert page.evaluate(_SMALL) == []
    assert page.evaluate(_CUT, ".column, .light-cell, .kind-row, .legend-strip, .attention-name, .section-head") == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_of_the_pages_of_work_is_below_12_px(page: Page, atlas: str, language: str) -> None:
    for path in ("/park/SMKX", "/projects", "/chains", "/ledger", "/per-mu"):
        opened(page, atlas, language, path)
        assert page.evaluate(_SMALL) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_table_of_the_per_mu_page_is_cut(page: Page, atlas: str, language: str) -> None:
    opened(page, atlas, language, "/per-mu")

    assert page.locator(".scroll-x table").count() == 6
    assert page.evaluate(_CUT, ".scroll-x") == []
