"""A page printed: A4 sheets, all parts on them, the map drawn, and at the foot of each sheet what the numbers are of."""

from __future__ import annotations

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from i18n import COOKIE

A4 = (595, 842)
MARGIN = 30  # points; the page leaves 12 mm
#: Page, and what stands last on it.
PAGES = {
    "/": "信息技术基地",
    "/park/SMKX": "来源",
    "/projects": "演示",
    "/chains": "缺口",
    "/ledger": "成都高新区",
    "/per-mu": "闲置",
    "/project/": "证明材料",
}
SAID = {"zh": ("2026-09 快报", "在地", "统计单元"), "en": ("2026-09 flash", "Territorial", "Reporting units")}


def opened(page: Page, atlas: str, path: str, language: str) -> None:
    if path == "/project/":
        path += page.request.get(f"{atlas}/api/v1/projects").json()["ids"][0]
    page.context.add_cookies([{"name": COOKIE, "value": language, "url": atlas}])
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(atlas + path)
    page.wait_for_selector("#page > *:not(.boot)")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("path", PAGES)
def test_a_printed_page_is_whole_on_a4_and_says_what_it_is_of(page: Page, atlas: str, path: str) -> None:
    opened(page, atlas, path, "zh")

    sheets = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, print_background=True))
    texts = []
    for sheet in sheets:
        assert tuple(round(side) for side in sheet.get_size()) == A4
        text = sheet.get_textpage()
        boxes = [text.get_rect(i) for i in range(text.count_rects())]
        assert all(left >= MARGIN and right <= A4[0] - MARGIN for left, _bottom, right, _top in boxes)
        foot = text.get_text_bounded(top=45)
        assert all(word in foot for word in SAID["zh"])
        texts.append(text.get_text_range())
    assert PAGES[path] in "".join(texts)
    # As large as on the screen: nothing made the browser shrink the sheet.
    first = sheets[0].get_textpage()
    largest = max(top - bottom for _l, bottom, _r, top in map(first.get_rect, range(first.count_rects())))
    assert largest > (11 if path == "/" else 13)  # the wall's title is not on it


def test_the_foot_is_in_the_language_of_the_reader(page: Page, atlas: str) -> None:
    opened(page, atlas, "/ledger", "en")

    sheet = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))[0]
    foot = sheet.get_textpage().get_text_bounded(top=45)
    assert all(word in foot for word in SAID["en"])


@pytest.mark.parametrize("path", ["/", "/park/SMKX"])
def test_a_printed_map_is_a_picture_and_the_screen_comes_back(page: Page, atlas: str, path: str) -> None:
    opened(page, atlas, path, "zh")
    page.wait_for_function("() => atlas.maps.map?.timings.firstIdle && !atlas.maps.map.early")
    before = page.evaluate("() => [document.documentElement.dataset.theme, atlas.maps.map.map.getZoom()]")

    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    colours = page.evaluate("""async () => {
      const picture = document.querySelector('.map-picture');
      await picture.decode();
      const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight);
      const drawn = canvas.getContext('2d');
      drawn.drawImage(picture, 0, 0);
      const {data} = drawn.getImageData(0, 0, canvas.width, canvas.height);
      const seen = new Set();
      for (let i = 0; i < data.length; i += 400) seen.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
      return seen.size;
    }""")
    assert colours > 20
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".map-picture")).to_have_count(0)
    assert page.evaluate("() => [document.documentElement.dataset.theme, atlas.maps.map.map.getZoom()]") == before
    expect(page.locator("html")).not_to_have_class("is-printing")
