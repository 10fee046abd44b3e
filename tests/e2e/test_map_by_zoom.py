"""What a reader finds on the map from afar and near: metro and airports, rings of projects, names, and a legend on demand."""

from __future__ import annotations

from itertools import combinations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_city_zoom import BOXES, ZONES, legend_group, open_city, zoom_to
from tests.e2e.test_map_bridge import disjoint

#: Names beside the symbols that can be read now.
NAMES = """() => [...document.querySelectorAll('.map-label--name')].filter((n) => n.style.visibility === 'visible')
    .map((n) => n.innerText)"""
#: Of the drawn projects in view which stand alone, and what the rings stand for.
PROJECTS = """() => {
    const {map, clustered} = atlas.maps.map;
    const layers = ['project', 'project-leads'].filter((id) => map.getLayer(id));
    const all = new Set(map.queryRenderedFeatures({layers}).map((f) => f.layer.id + f.properties.id));
    const rings = [...document.querySelectorAll('.map-cluster')].map((n) => Number(n.textContent));
    return {all: all.size, hidden: clustered.size, rings};
}"""


def text_of(page: Page, script: str, wanted: str) -> None:
    page.wait_for_function(f"([wanted]) => ({script})().includes(wanted)", arg=[wanted])


def test_the_city_shows_metro_and_both_airports_and_fetches_no_stations(page: Page, atlas: str) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    open_city(page, atlas, size=(1920, 1080))
    text_of(page, NAMES, "双流国际机场")
    text_of(page, NAMES, "天府国际机场")
    assert len(page.evaluate("atlas.maps.map.visibleIds(['metro-line'], 'n')")) == 17
    assert any("/base/" in url for url in fetched)
    assert not any("/place/" in url for url in fetched)
    zoom_to(page, "XJJHL", 12)
    text_of(page, NAMES, "世纪城")
    assert any("/place/" in url for url in fetched)
    assert {url.split("/")[2] for url in fetched if url.startswith("http")} == {atlas.split("/")[2]}


def test_a_prospect_sees_them_without_a_review_number_and_in_english(page: Page, atlas: str) -> None:
    open_city(page, atlas, size=(1920, 1080), role="prospect", lang="en")
    text_of(page, NAMES, "Shuangliu Airport")
    assert page.evaluate("atlas.maps.map.visibleIds(['district-line'], 'n')") == []
    zoom_to(page, "XJJHL", 12)
    text_of(page, NAMES, "Century City")


def test_a_name_of_the_context_lies_on_no_zone_of_the_city(page: Page, atlas: str) -> None:
    open_city(page, atlas, size=(390, 844))
    page.wait_for_function(f"() => ({NAMES})().length > 0")
    found = page.evaluate(BOXES)
    names = {k: v for k, v in found["labels"].items() if "|" in k}
    assert [(a, b) for a in names for b in found["zones"] if not disjoint(names[a], found["zones"][b])] == []
    assert [pair for pair in combinations(found["labels"].values(), 2) if not disjoint(*pair)] == []


def test_projects_that_stand_close_are_rings_that_lose_none(page: Page, atlas: str) -> None:
    open_city(page, atlas)
    expect(page.locator(".map-cluster")).to_have_count(0)
    zoom_to(page, "SMKX", 11)
    page.wait_for_selector(".map-cluster")
    found = page.evaluate(PROJECTS)
    assert sum(found["rings"]) == found["hidden"] > 1
    assert min(found["rings"]) >= 2
    assert found["hidden"] <= found["all"]
    ring = page.locator(".map-cluster").first
    assert "个项目" in (ring.get_attribute("aria-label") or "")
    before = page.evaluate("atlas.maps.map.map.getZoom()")
    ring.click()
    page.wait_for_function(
        "(z) => atlas.maps.map.map.getZoom() > z + 0.5 || document.querySelector('.map-list')", arg=before
    )
    zoom_to(page, "SMKX", 13.5)
    expect(page.locator(".map-cluster")).to_have_count(0)
    page.wait_for_function(f"() => ({PROJECTS})().hidden === 0")


def test_near_by_projects_carriers_and_plots_say_what_they_are(page: Page, atlas: str) -> None:
    open_city(page, atlas, size=(1920, 1080))
    at = """([layer, zoom]) => new Promise((done) => {
        const {map} = atlas.maps.map;
        const f = map.querySourceFeatures('staff', {sourceLayer: layer})[0];
        const [x, y] = f.geometry.coordinates.flat(3);
        map.once('idle', done);
        map.jumpTo({center: [x, y], zoom});
    })"""
    zoom_to(page, "SMKX", 13)
    page.evaluate(at, ["plot", 14])
    page.wait_for_function(f"() => ({NAMES})().some((t) => /^[\\d,.]+ 亩$/.test(t))")
    page.evaluate(at, ["carrier_footprint", 16])
    page.wait_for_function(f"() => ({NAMES})().some((t) => /· 可租 [\\d,]+ ㎡$/.test(t))")
    assert not any(name.startswith("演示") for name in page.evaluate(NAMES))  # the header says it once


def test_the_legend_is_built_when_it_is_opened_and_follows_from_then_on(page: Page, atlas: str) -> None:
    open_city(page, atlas)
    body = page.locator("#legend-body")
    assert body.inner_html() == ""
    page.locator("#legend-open").click()
    expect(legend_group(page, "transit")).to_contain_text("地铁(站间直线,示意)")
    expect(body.locator(".legend-foot")).to_have_text("范围和地铁线为示意,不作为划界依据 · 未配置审图号")
    # A symbol is the map's own drawing, as large as there.
    red = page.locator("#legend-strip .key").first
    page.wait_for_function(
        "(n) => n.style.backgroundImage.startsWith('url(\"data:image/png')", arg=red.element_handle()
    )
    assert (red.bounding_box() or {})["width"] == pytest.approx(14, abs=0.1)
    legend_group(page, "plot").get_by_role("button", name="招商地块").click()
    page.wait_for_url("**layers=**")
    off = legend_group(page, "plot").get_by_role("button", name="招商地块")
    expect(off).to_have_attribute("aria-pressed", "false")
    expect(body).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_on_a_phone_nothing_lies_over_the_map(page: Page, atlas: str, language: str) -> None:
    open_city(page, atlas, size=(390, 844), lang=language)
    expect(page.locator(".map-label--zone:visible")).to_have_count(len(ZONES))
    expect(page.locator(".map-label--zone .map-label__figure:visible")).to_have_count(len(ZONES))
    expect(page.locator(".map-label__counts:visible")).to_have_count(0)
    over = page.evaluate("""() => {
        const host = document.querySelector('.map-host').getBoundingClientRect();
        return ['.filter-bar', '#legend', '.table-toggle', '.map-notes'].filter((s) => {
            const r = document.querySelector(s).getBoundingClientRect();
            return r.bottom > host.top + 0.5 && r.top < host.bottom - 0.5;
        });
    }""")
    assert over == []
    expect(page.locator(".map-control:visible")).to_have_count(1)  # home; two fingers zoom
    assert (page.locator(".map-notes").bounding_box() or {})["height"] <= 30
    page.locator("#legend-open").click()
    expect(legend_group(page, "project")).to_be_visible()
    sheet = page.locator("#legend-body").bounding_box() or {}
    assert (sheet["x"], sheet["width"], round(sheet["y"] + sheet["height"])) == (0, 390, 844)


def test_the_card_of_a_place_stands_beside_it_and_can_be_pinned(page: Page, atlas: str) -> None:
    open_city(page, atlas)
    host = page.locator(".map-host").bounding_box() or {}
    x, y = host["x"] + 150, host["y"] + 300
    page.mouse.click(x, y, button="right")
    card = page.locator(".here-card")
    expect(card).to_be_visible()
    box = card.bounding_box() or {}
    assert box["width"] <= 280.5
    assert box["x"] == pytest.approx(x + 16, abs=2)
    assert box["y"] <= y <= box["y"] + box["height"]
    card.get_by_role("button", name="固定").click()
    page.evaluate(
        "new Promise((done) => { const {map} = atlas.maps.map; map.once('idle', done); map.panBy([40, 0], {duration: 0}); })"
    )
    page.wait_for_function(
        "(x) => Math.abs(document.querySelector('.here-card').getBoundingClientRect().x - x) < 2", arg=x + 16 - 40
    )
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    page.mouse.click(x, y, button="right")
    expect(card).to_be_visible()
    card.get_by_role("button", name="关闭").click()
    expect(card).to_have_count(0)


def test_a_park_map_shows_its_park_without_a_label_and_one_note(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{atlas}/park/SMKX")
    page.wait_for_function("() => atlas.maps.map && atlas.maps.map.timings.firstIdle !== null")
    expect(page.locator("[data-label=SMKX]:visible")).to_have_count(0)
    expect(page.locator(".map-notes > span:visible")).to_have_text(["范围和地铁线为示意,不作为划界依据"])
    page.locator("#legend-open").click()
    expect(legend_group(page, "parcel").get_by_role("button", name="土地利用")).to_have_attribute(
        "aria-pressed", "true"
    )
