"""A chain on screen: one hue for the states, support across the foot, lanes on a phone, and the number of nodes in each state."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

_NODES = """() => [...document.querySelectorAll('.graph-node')].map((e) => ({
  id: JSON.parse(e.id)['chain-node'], state: (e.className.match(/node--(\\w+)/) || [])[1], ...e.getBoundingClientRect().toJSON(),
  line: getComputedStyle(e).borderLeftColor, ground: getComputedStyle(e).backgroundImage, cut: e.scrollHeight > e.clientHeight + 1,
}))"""


def nodes(page: Page) -> list[dict]:
    expect(page.locator(".graph-node").first).to_be_visible()
    return page.evaluate(_NODES)


def light(colour: str) -> float:
    """How light a computed colour is, roughly."""
    return sum(float(n) for n in re.findall(r"[\d.]+", colour)[:3])


def test_the_cards_count_the_nodes_that_are_drawn_in_each_state(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 900})
    words = {"strong": "优势", "fair": "一般", "weak": "薄弱", "missing": "缺失"}
    for code in ("IC", "AERO"):
        page.goto(f"{atlas}/chains?chain={code}")
        states = [n["state"] for n in nodes(page)]
        said = " · ".join(f"{states.count(s)} {word}" for s, word in words.items() if s in states)
        expect(page.locator(".chain-tab.is-here .chain-tab-counts")).to_have_text(said)
        assert len(states) == sum(int(n) for n in re.findall(r"\d+", said))


def test_a_state_is_a_step_of_one_hue_and_missing_is_hatched(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/chains?chain=IC")
    found = {n["state"]: n for n in nodes(page)}
    assert found.keys() == {"strong", "fair", "weak", "missing"}
    assert light(found["strong"]["line"]) < light(found["fair"]["line"]) < light(found["weak"]["line"])
    assert [s for s, n in found.items() if "repeating-linear-gradient" in n["ground"]] == ["missing"]
    lamps = page.evaluate("""() => ['red', 'yellow', 'green'].map((name) =>
      getComputedStyle(document.documentElement).getPropertyValue('--light-' + name).trim())""")
    drawn = page.evaluate("""() => [...document.querySelectorAll('.chains .state-mark, .chains .chain-bar > span')].map(
      (e) => getComputedStyle(e).getPropertyValue('--state').trim())""")
    assert drawn
    assert not set(drawn) & set(lamps)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1366, 1920, 2560])
def test_support_lies_across_the_foot_and_no_name_is_cut(page: Page, atlas: str, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    page.context.add_cookies([{"name": "atlas_lang", "value": language, "url": atlas}])
    page.goto(f"{atlas}/chains?chain=IC")
    found = nodes(page)
    assert [n["id"] for n in found if n["cut"]] == []
    lane, graph = (page.locator(s).bounding_box() for s in (".lane-ground", ".graph"))
    assert lane is not None
    assert graph is not None
    assert lane["width"] == pytest.approx(graph["width"], abs=1)
    below = {n["id"] for n in found if n["top"] >= lane["y"]}
    assert below == {n["id"] for n in found if n["id"].startswith("IC-S")}
    assert below
    panel, card = (page.locator(s).bounding_box() for s in (".card--panel", ".node-row > .card:first-child"))
    assert panel is not None
    assert card is not None
    assert panel["x"] >= card["x"] + card["width"]
    if width < 2240:  # the row ends together
        assert panel["height"] == pytest.approx(card["height"], abs=1)


def test_a_phone_reads_the_chain_from_above_without_scrolling_sideways(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{atlas}/chains?chain=IC")
    found = nodes(page)
    assert [n["id"] for n in found if n["cut"] or n["right"] > 390] == []
    order = ["U", "M", "D", "S"]  # upstream, midstream, downstream, support
    tops = {tier: [n["top"] for n in found if n["id"].split("-")[1].startswith(tier)] for tier in order}
    for above, below in pairwise(order):
        assert max(tops[above]) < min(tops[below])
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_number_of_courted_nodes_opens_exactly_those(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 900})
    page.goto(f"{atlas}/chains")
    counts = page.locator("#chain-overlap .drop-menu")
    expect(counts.first).to_be_visible()
    for count in counts.all()[:6]:
        count.locator("summary").click()
        said = int(re.findall(r"\d+", count.locator("summary").inner_text())[0])
        expect(count.locator(".drop-body a")).to_have_count(said)
    node = page.locator("#chain-overlap .drop-menu[open] .drop-body a").first
    name = node.inner_text().split(" ← ")[0]
    node.click()
    expect(page.locator("[data-node-panel] .panel-name")).to_have_text(name)
