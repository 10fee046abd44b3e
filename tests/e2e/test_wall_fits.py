"""The wall at its sizes: a phone's order, columns that end with the map, type that is on the scale, nothing beside the screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_main_job import READY
from tests.e2e.test_visitor_wall import come

#: Size/weight pairs and the smallest size of the texts on screen, of the map apart, which its own tests hold.
TYPE = """() => {
  const pairs = new Set();
  for (const node of document.querySelectorAll('#page *')) {
    if (node.closest('#map') || !node.getClientRects().length) continue;
    if (![...node.childNodes].some((one) => one.nodeType === Node.TEXT_NODE && one.textContent.trim())) continue;
    const style = getComputedStyle(node);
    pairs.add(`${parseFloat(style.fontSize).toFixed(1)}/${style.fontWeight}`);
  }
  return [...pairs].sort();
}"""
TOPS = """() => ['.tile-host:nth-child(1)', '.tile-host:nth-child(3)', '#map', '#cards', '#right', '.tile-host:nth-child(4)']
  .map((one) => document.querySelector(one).getBoundingClientRect().top)"""
#: How far what a column shows stays above its end, and what of it is below the edge.
ENDS = """() => ['#left', '#right'].map((one) => {
  const column = document.querySelector(one);
  const body = column.firstElementChild;
  const pad = parseFloat(getComputedStyle(body).paddingBottom);
  return [column.scrollHeight - column.clientHeight,
    Math.round(column.getBoundingClientRect().bottom - pad - body.lastElementChild.getBoundingClientRect().bottom)];
})"""


def open_wall(page: Page, atlas: str, size: tuple[int, int], language: str, query: str = "") -> None:
    come(page, atlas, "leadership", language)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{atlas}/{query}")
    page.wait_for_function(READY)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_shows_three_figures_then_the_map_then_the_zones(page: Page, atlas: str, language: str) -> None:
    open_wall(page, atlas, (390, 844), language)
    assert page.locator(".header").evaluate("n => n.offsetHeight") == 48
    tops = page.evaluate(TOPS)
    assert tops == sorted(tops)
    assert [page.locator(".tile").nth(n).get_attribute("data-kpi") for n in range(3)] == ["K01", "K04", "K08"]
    assert tops[2] + 300 < 844  # a good part of the map is on the first screen
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    heights = page.locator(".zone-card").evaluate_all("nodes => nodes.map((n) => n.offsetHeight)")
    assert len(heights) == 5
    assert max(heights) <= 72  # a list, not a stack of cards
    page.locator(".zone-card[data-zone=SMKX]").click()
    panel = page.locator("#right")
    expect(page.locator("#zone-panel")).to_be_visible()
    box = panel.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    assert box["y"] + box["height"] == 844
    assert box["y"] >= 300


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (2560, 1440), (3840, 1080)])
def test_columns_end_with_the_map_and_type_is_on_the_scale(
    page: Page, atlas: str, size: tuple[int, int], language: str
) -> None:
    open_wall(page, atlas, size, language)
    (left_over, left_free), (right_over, right_free) = page.evaluate(ENDS)
    assert left_over == 0
    assert right_over <= 2
    assert abs(left_free) <= 2
    assert abs(right_free) <= 2
    pairs = page.evaluate(TYPE)
    assert len(pairs) <= 8, pairs
    assert min(float(pair.partition("/")[0]) for pair in pairs) >= 12
    assert {pair.partition("/")[2] for pair in pairs} == {"400", "600"}
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_of_a_zones_panel_is_hidden_on_a_very_wide_screen(page: Page, atlas: str, language: str) -> None:
    for size in ((2560, 1440), (3840, 1080)):
        open_wall(page, atlas, size, language, "?sel=zone:SMKX")
        expect(page.locator("#open-park")).to_be_visible()
        assert (size, page.locator("#right").evaluate("n => n.scrollHeight - n.clientHeight")) == (size, 0)
