"""The map of the whole city: zones are the targets, only red projects stand alone, the others are counted in the labels."""

from __future__ import annotations

import copy
import re
from itertools import combinations
from typing import Any

import pytest
from dash import Dash
from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_main_job import READY
from tests.e2e.test_map_bridge import (
    SPEC,
    Switch,
    build_app,
    collection,
    disjoint,
    feature,
    label_boxes,
    settled,
    square,
)

ZONES = ("CDKXC", "SMKX", "WLKJC", "XJJHL", "XYDIT")
SIZES = ((1366, 768), (1920, 1080))
_LONG = ((960, 700), (1280, 720), SIZES[1])
WIDTHS = (SIZES[0], (2560, 1440), *(pytest.param(size, marks=pytest.mark.long) for size in _LONG))
MARKS = {"▲": "red", "◆": "yellow", "●": "green", "○": "grey"}
#: Of each zone the point its label stands for and the middle of its box, on the page.
MIDDLES = """() => {
    const bridge = atlas.maps.map, {map, enlarged} = bridge;
    const host = bridge.host.getBoundingClientRect();
    return Object.fromEntries(bridge.spec.labels.filter((l) => l.kind === 'zone').map(({id, lng, lat, bbox: [w, s, e, n]}) =>
        [id, [[lng, lat], [(w + e) / 2, (s + n) / 2]].map((at) => map.project(at)).map(({x, y}) =>
            [host.left + x * enlarged, host.top + y * enlarged])]));
}"""
#: Light and zone of every project that the map draws.
DRAWN = """() => {
    const bridge = atlas.maps.map, {map} = bridge;
    const layers = map.getStyle().layers.filter((l) => l['source-layer'] === 'project').map((l) => l.id);
    const month = bridge.month ?? bridge.spec.month;
    return Object.values(Object.fromEntries(map.queryRenderedFeatures({layers})
        .map(({properties: p}) => [p.id, {id: p.id, zone: p.z, light: p.lh[month]}])));
}"""
#: Boxes of the labels that are shown, and those of the zones, on the page.
BOXES = """() => {
    const bridge = atlas.maps.map, {map, enlarged} = bridge;
    const host = bridge.host.getBoundingClientRect();
    const box = ([w, s, e, n]) => {
        const [a, b] = [map.project([w, n]), map.project([e, s])];
        return {left: host.left + a.x * enlarged, top: host.top + a.y * enlarged,
                right: host.left + b.x * enlarged, bottom: host.top + b.y * enlarged};
    };
    return {
        labels: Object.fromEntries([...document.querySelectorAll('.map-label')].filter((n) => n.style.visibility === 'visible')
            .map((n) => [n.dataset.label, n.getBoundingClientRect().toJSON()])),
        zones: Object.fromEntries(bridge.spec.labels.filter((l) => l.kind === 'zone').map((l) => [l.id, box(l.bbox)])),
    };
}"""


AT_HOME = """() => {
    const {map} = atlas.maps.map;
    return map.getZoom() < 10.8 && !map.isMoving() && map.loaded();
}"""


def open_city(page: Page, address: str, query: str = "", size: tuple[int, int] = SIZES[0], **cookies: str) -> None:
    page.context.add_cookies([{"name": f"atlas_{k}", "value": v, "url": address} for k, v in cookies.items()])
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{address}/{query}")
    page.wait_for_function(READY)
    expect(page.locator(".zone-card")).to_have_count(5)  # the map may be there before the rest of the page
    assert page.evaluate("atlas.maps.map.map.getZoom()") < 10.8


def zoom_to(page: Page, zone: str, zoom: float) -> None:
    page.evaluate(
        """([zone, zoom]) => new Promise((done) => {
            const {map, spec} = atlas.maps.map, {lng, lat} = spec.labels.find((l) => l.id === zone);
            map.once('idle', done);
            map.jumpTo({center: [lng, lat], zoom});
        })""",
        [zone, zoom],
    )


def bars(page: Page) -> dict[str, dict[str, int]]:
    """What the bar of each zone's label says, by light."""
    labels = page.locator(".map-label--zone:visible")
    found = {}
    for label in labels.all():
        texts = label.locator(".map-label__count").all_inner_texts()
        found[label.get_attribute("data-label") or ""] = {MARKS[t[0]]: int(t[1:].replace(",", "")) for t in texts}
    return found


def column(page: Page) -> dict[str, int]:
    """The lights of the right column."""
    cells = page.locator(".light-cell").all()
    return {c.get_attribute("data-light") or "": int(c.get_attribute("data-count") or "-1") for c in cells}


@pytest.mark.parametrize("size", WIDTHS)
def test_a_click_in_the_middle_of_each_zone_takes_the_zone(page: Page, atlas: str, size: tuple[int, int]) -> None:
    open_city(page, atlas, size=size)
    for zone, middles in page.evaluate(MIDDLES).items():
        for middle in middles:
            page.mouse.click(*middle)
            expect(page.locator("#zone-panel")).to_have_attribute("data-zone", zone)
            page.keyboard.press("0")
            expect(page.locator("#zone-panel")).to_have_count(0)
            page.wait_for_function(AT_HOME)


def test_a_symbol_is_hit_up_to_twelve_pixels_from_its_middle_and_not_further(page: Page, atlas: str) -> None:
    open_city(page, atlas, size=(1920, 1080))
    # A red project that lies apart from the others and from the middles of its zone, with its zone all round.
    place = """(away) => {
        const {map, host, labels} = atlas.maps.map, box = host.getBoundingClientRect();
        const reds = map.queryRenderedFeatures({layers: ['project-single']})
            .map((f) => ({id: f.properties.id, z: f.properties.z, at: map.project(f.geometry.coordinates)}));
        const zoneAt = (x, y) => map.queryRenderedFeatures([x, y], {layers: ['zone-fill']}).map((f) => f.properties.id)[0];
        for (const {id, z, at: {x, y}} of reds) {
            if (reds.some((o) => o.id !== id && Math.hypot(o.at.x - x, o.at.y - y) < 30)) continue;
            for (const side of [-1, 1]) {
                if (labels.targets().some((o) => Math.hypot(o.x - x - side * 11, o.y - y) < 18)) continue;
                if (zoneAt(x + side * 16, y) === z) return {id, zone: z, x: box.left + x + side * away, y: box.top + y};
            }
        }
        return null;
    }"""
    hit = page.evaluate(place, 11)
    page.mouse.click(hit["x"], hit["y"])
    page.wait_for_url(re.compile(f"sel=project:{hit['id']}"))
    open_city(page, atlas, size=(1920, 1080))
    missed = page.evaluate(place, 15)
    page.mouse.click(missed["x"], missed["y"])
    page.wait_for_url(re.compile(f"sel=zone:{missed['zone']}"))


@pytest.mark.parametrize("size", SIZES)
def test_only_red_projects_stand_alone_and_nearer_the_others_come(
    page: Page, atlas: str, size: tuple[int, int]
) -> None:
    open_city(page, atlas, size=size)
    found = page.evaluate(DRAWN)
    assert {p["light"] for p in found} == {"r"}
    in_zone = [sum(p["zone"] == zone for p in found) for zone in ZONES]
    assert in_zone == [min(5, bars(page)[zone].get("red", 0)) for zone in ZONES]
    zoom_to(page, "SMKX", 11)
    nearer = page.evaluate(DRAWN)
    assert {"r", "y", "g"} <= {p["light"] for p in nearer}
    assert sum(p["zone"] == "SMKX" for p in nearer) > 5


@pytest.mark.parametrize("query", ["", "?chain=IC", "?light=yellow", "?period=2026-06"])
def test_the_bars_add_up_to_the_lights_of_the_right_column(page: Page, atlas: str, query: str) -> None:
    open_city(page, atlas, query)
    told = bars(page)
    assert set(told) == set(ZONES)
    wanted = column(page)
    assert sum(wanted.values()) > 0
    assert {light: sum(bar.get(light, 0) for bar in told.values()) for light in wanted} == wanted


def test_the_bars_follow_a_filter_that_is_set_on_the_page(page: Page, atlas: str) -> None:
    open_city(page, atlas)
    page.locator("[data-light=yellow]").click()
    page.wait_for_url(re.compile("light=yellow"))
    expect(page.locator(".map-label--zone .map-label__count").filter(has_text="●")).to_have_count(0)
    assert {light for bar in bars(page).values() for light in bar} == {"yellow"}
    assert sum(bar["yellow"] for bar in bars(page).values()) == column(page)["yellow"]
    page.wait_for_function(f"() => ({DRAWN})().length === 0")  # none of them is red


def test_who_may_not_see_projects_is_told_no_counts_of_them(page: Page, atlas: str) -> None:
    open_city(page, atlas, role="prospect")
    expect(page.locator(".map-label--zone:visible")).to_have_count(5)
    expect(page.locator(".map-label__count")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", WIDTHS)
def test_labels_cover_neither_one_another_nor_the_zone_of_another(
    page: Page, atlas: str, size: tuple[int, int], language: str
) -> None:
    open_city(page, atlas, size=size, lang=language)
    found = page.evaluate(BOXES)
    labels, zones = found["labels"], found["zones"]
    assert set(labels) >= set(ZONES)
    assert [pair for pair in combinations(labels, 2) if not disjoint(labels[pair[0]], labels[pair[1]])] == []
    # Its own zone as well: a label stands outside the shape.
    assert [(a, b) for a in labels for b in zones if not disjoint(labels[a], zones[b])] == []
    assert all(labels[zone]["width"] <= 200.5 * page.evaluate("atlas.maps.map.enlarged") for zone in ZONES)
    figures = page.locator(".map-label--zone .map-label__figure:visible")
    expect(figures).to_have_count(5)


def legend_group(page: Page, layer: str) -> Locator:
    return page.locator(".legend-group").filter(has=page.locator(f""".legend-title[data-says*='"{layer}"']"""))


def shown_in_legend(page: Page, layer: str) -> list[str]:
    group = legend_group(page, layer)
    return [text for text in group.locator(".key-row:visible").all_inner_texts() if text]


def test_the_legend_says_what_this_zoom_draws(page: Page, atlas: str) -> None:
    open_city(page, atlas)
    remark = page.locator("#legend-strip > .key-row").filter(has_text="红灯逐个标出,每区至多 5 个")
    expect(remark).to_be_visible()
    page.locator(".legend-more summary").click()
    expect(legend_group(page, "project")).to_be_visible()
    assert shown_in_legend(page, "project")[:4] == ["红灯", "黄灯", "绿灯", "未报"]
    assert "在建" not in shown_in_legend(page, "project")
    assert shown_in_legend(page, "carrier") == []
    carrier = legend_group(page, "carrier")
    expect(carrier).to_contain_text("放大后可见")
    zoom_to(page, "SMKX", 11)
    expect(remark).to_be_hidden()
    assert "位置示意" in shown_in_legend(page, "project")
    assert "在建" not in shown_in_legend(page, "project")
    assert shown_in_legend(page, "carrier") == []
    zoom_to(page, "SMKX", 13)
    assert {"在建", "终止暂停流转"} <= set(shown_in_legend(page, "project"))
    assert shown_in_legend(page, "carrier") != []
    expect(carrier.get_by_text("放大后可见")).to_be_hidden()
    # What is drawn anew by the server is dressed for the zoom as well.
    page.locator("[data-light=yellow]").click()
    page.wait_for_url(re.compile("light=yellow"))
    expect(page.locator(".legend-note:not(:empty)").first).to_have_text("不随红黄绿灯筛选")  # folded away by the click
    expect(remark).to_be_hidden()


def crowded_spec() -> dict[str, Any]:
    """Twenty zones side by side, each with a card, as a scheme of many parks has."""
    spec = copy.deepcopy(SPEC)
    at = {f"Z{n}": (103.7 + n % 5 * 0.17, 30.3 + n // 5 * 0.15) for n in range(20)}
    spec["style"]["sources"] = {
        "zones": collection(
            [feature(n, {"type": "Polygon", "coordinates": square(*where, 0.03)}, id=code, colour="#F2C14E", name=code)
             for n, (code, where) in enumerate(at.items(), 1)]
        ),
    }  # fmt: skip
    spec["style"]["layers"] = [
        x for x in spec["style"]["layers"] if x.get("source", "zones") == "zones" and x["id"] != "shared"
    ]
    spec["interactive"] = ["zones"]
    spec["hover"] = {}
    spec["labels"] = [
        {
            "id": code, "lng": lng, "lat": lat, "kind": "zone", "title": f"第{code}科技创新园", "value": "128.6", "unit": "亿元",
            "letter": chr(ord("A") + n), "bbox": [lng - 0.03, lat - 0.03, lng + 0.03, lat + 0.03], "click": {"id": code},
            "counts": [{"mark": mark, "n": "12", "color": "#fff", "name": name} for mark, name in MARKS.items()],
        }
        for n, (code, (lng, lat)) in enumerate(at.items())
    ]  # fmt: skip
    return spec


def test_twenty_zones_all_keep_a_label(page: Page, serve: Any) -> None:
    """Shortened step by step: name and figure, the name alone, a letter."""
    app: Dash = build_app(Switch(), crowded_spec())
    page.set_viewport_size({"width": 1100, "height": 760})
    page.goto(serve(app))
    settled(page)
    boxes = label_boxes(page)
    assert len(boxes) == 20
    assert all(disjoint(a, b) for a, b in combinations(boxes.values(), 2))
    texts = [label.inner_text() for label in page.locator(".map-label--zone").all()]
    assert all(re.search(r"第Z\d+科技创新园|^[A-T]$", text) for text in texts)
