"""English reads as English on the screen: money in bn and m, short names that are not cut, and no Chinese but names of records."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

PAGES = ("/", "/park/SMKX", "/projects", "/per-mu")
SIZES = ((1366, 768), (1920, 1080))

#: What holds names and words of records: projects, firms, buildings, platforms; documents and sources; published facts
#: and areas as they were printed; and the switch that names the Chinese language.
RECORDS = ", ".join(
    (
        ".attention-name, .milestone-name, .board-name, .platform-name",
        "a.text-link[href*='/project/'], .ag-cell[col-id=name]",
        ".opens-row td:has(.opens)",
        ".idle-table td",
        ".source",
        ".card--facts, .card--governance, .area table",
        ".mantine-SegmentedControl-innerLabel",
    )
)

_CHINESE = """(records) => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim();
    const parent = walk.currentNode.parentElement;
    if (!/[\\u4e00-\\u9fff]/.test(text) || !parent.getClientRects().length || parent.closest(records)) continue;
    found.push(`${text.slice(0, 40)} in ${parent.tagName}.${parent.className} of .${parent.parentElement.className}`);
  }
  return [...new Set(found)];
}"""

_CUT = """(selector) => [...document.querySelectorAll(selector)]
  .filter((e) => e.getClientRects().length && e.scrollWidth > e.clientWidth)
  .map((e) => `${e.className}: ${e.textContent}`)"""

_WHOLE = (
    ".tile-name, .card-name, .card-sub, .card-name-small, .strip-name, .chain-name, .stage-name, .cell-name, .mix-name"
)


@pytest.fixture(params=SIZES, ids=lambda size: str(size[0]))
def english(request: pytest.FixtureRequest, page: Page, atlas: str) -> Page:
    """A browser of one size that has chosen English."""
    width, height = request.param
    page.set_viewport_size({"width": width, "height": height})
    page.context.add_cookies([{"name": "atlas_lang", "value": "en", "url": atlas}])
    return page


def open_whole(page: Page, address: str) -> None:
    """Open a page and wait until all of its parts stand, those too that are drawn when they are scrolled to."""
    page.goto(address)
    page.wait_for_selector("#page > *:not(.boot)")
    page.wait_for_load_state("networkidle")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("path", PAGES)
def test_money_names_and_words_read_as_english(english: Page, atlas: str, path: str) -> None:
    open_whole(english, atlas + path)

    text = english.locator("body").inner_text()
    assert re.findall(r".{0,20}\b(?:100m|10k|100 million)\b.{0,10}", text) == []
    assert re.search(r"CNY (?:bn|m|k/mu|[\d,.]+ (?:bn|m))\b", text)
    assert english.evaluate(_CHINESE, RECORDS) == []
    assert english.evaluate(_CUT, _WHOLE) == []


def test_a_figure_of_the_wall_is_the_chinese_one_in_billions(english: Page, atlas: str) -> None:
    """What a tile shows is what the data hold, and its unit stands beside it."""
    english.goto(atlas + "/")
    tile = english.locator(".tile[data-kpi=K01]")
    stored = english.request.get(f"{atlas}/api/v1/kpis/K01/explain").json()["explanation"]["records_sum"]

    expect(tile.locator(".tile-name")).to_have_text("Fixed investment")
    expect(tile.locator(".tile-unit")).to_have_text("CNY bn")
    expect(tile.locator(".tile-number")).to_have_text(f"{stored / 100_000:,.2f}")


def test_every_zone_has_its_label_on_the_map(english: Page, atlas: str) -> None:
    """The short names leave room for all five, in the figure of the tiles."""
    english.goto(atlas + "/")
    labels = english.locator("#map .map-label--zone:visible")

    expect(labels).to_have_count(5)
    expect(labels.locator(".map-label__unit")).to_have_text(["CNY bn"] * 5)
    titles = set(labels.locator(".map-label__title").all_inner_texts())
    assert titles == {"Science Town", "New Economy Zone", "Bio-town", "Future Tech Town", "IT Base"}
    frame = english.locator("#map").bounding_box()
    assert frame is not None
    for box in (label.bounding_box() for label in labels.all()):
        assert box is not None
        assert frame["x"] <= box["x"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"]
        assert frame["y"] <= box["y"]
        assert box["y"] + box["height"] <= frame["y"] + frame["height"]
