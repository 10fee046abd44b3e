"""The map bridge in a real browser: a small Dash app, inline sources, no tiles and no outside host (rules §10)."""

import copy
import importlib.util
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from dash import Dash, Input, Output, dcc, html
from flask import Response, send_from_directory
from playwright.sync_api import Browser, Page, expect

from views.parts.map_frame import map_frame, register_clientside

ASSETS = Path(__file__).parents[2] / "assets"
CENTRES = {"A": (104.07, 30.45), "B": (104.05, 30.58), "C": (103.93, 30.43), "D": (104.28, 30.38), "E": (103.92, 30.74)}
COLOURS = {"A": "#F2C14E", "B": "#4FB0E8", "C": "#6BD2A8", "D": "#B08CF0", "E": "#F08C7A"}
SIZE = {"width": 1100, "height": 760}


def square(lng: float, lat: float, half: float) -> list[list[list[float]]]:
    corners = [(-half, -half), (half, -half), (half, half), (-half, half), (-half, -half)]
    return [[[lng + dx, lat + dy] for dx, dy in corners]]


def feature(number: int, geometry: dict, **properties: Any) -> dict:
    return {"type": "Feature", "id": number, "geometry": geometry, "properties": properties}


def collection(features: list[dict]) -> dict:
    return {"type": "geojson", "data": {"type": "FeatureCollection", "features": features}}


ZONES = collection(
    [
        feature(i, {"type": "Polygon", "coordinates": square(*CENTRES[code], 0.045)}, id=code, colour=COLOURS[code], name=f"片区{code}",
                wan=1286000, m2=2000)
        for i, code in enumerate(CENTRES, start=1)
    ]
)  # fmt: skip
LIGHTS = ["red", "yellow", "green", "grey"]
SITES = collection(
    [
        feature(n, {"type": "Point", "coordinates": [lng + dx, lat + 0.015]}, id=f"{code}{n}", light=LIGHTS[n % 4])
        for code, (lng, lat) in CENTRES.items()
        for n, dx in enumerate((-0.03, -0.015, 0.015, 0.03))
    ]
)
IMAGES = [
    {"id": "red", "shape": "triangle", "size": 14, "fill": "#F2645A"},
    {"id": "yellow", "shape": "diamond", "size": 14, "fill": "#F2B33D"},
    {"id": "green", "shape": "circle", "size": 12, "fill": "#3FC58A"},
    {"id": "grey", "shape": "ring", "size": 12, "fill": "#7E93A8"},
    {"id": "shared", "shape": "hatch", "size": 10, "fill": "#6BD2A8"},
]
SPEC: dict[str, Any] = {
    "version": 1,
    "style": {
        "version": 8,
        "sources": {"zones": ZONES, "sites": SITES},
        "layers": [
            {"id": "ground", "type": "background", "paint": {"background-color": "#071526"}},
            {"id": "zones", "type": "fill", "source": "zones", "paint": {"fill-color": ["get", "colour"], "fill-opacity": 0.15}},
            {"id": "shared", "type": "fill", "source": "zones", "filter": ["==", ["get", "id"], "C"], "paint": {"fill-pattern": "shared"}},
            {"id": "outline", "type": "line", "source": "zones", "paint": {"line-color": ["get", "colour"], "line-width": 2}},
            {"id": "sites", "type": "symbol", "source": "sites", "layout": {"icon-image": ["get", "light"], "icon-allow-overlap": True}},
        ],
    },
    "camera": {"bounds": [103.7, 30.25, 104.5, 30.85], "maxBounds": [102.5, 29.5, 105.5, 32], "minZoom": 8, "padding": 20},
    "labels": [
        {"id": code, "lng": lng, "lat": lat, "kind": "zone", "title": f"片区{code} <b>名称</b>", "value": "128.6", "unit": "亿元",
         "color": COLOURS[code], "bbox": [lng - 0.045, lat - 0.045, lng + 0.045, lat + 0.045], "layer": "zones", "click": {"id": code}}
        for code, (lng, lat) in CENTRES.items()
    ] + [
        {"id": f"district{n}", "lng": 103.75 + 0.05 * n, "lat": 30.5 + 0.01 * n, "title": f"行政区{n}"} for n in range(14)
    ],
    "interactive": ["sites", "zones"],
    "hover": {"zones": {"title": ["name"], "rows": [["投资", "wan", "int"], ["面积", "m2", "mu"], ["期限", "due", "text"]]}},
    "images": IMAGES,
}  # fmt: skip


def without_sites() -> dict:
    """The same picture without the point layer, outlines drawn below the fills, and one more label."""
    spec = copy.deepcopy(SPEC) | {"version": 2, "interactive": ["zones"], "labels": SPEC["labels"][:3]}
    ground, zones, shared, outline, _ = spec["style"]["layers"]
    spec["style"]["layers"] = [ground, outline, zones, shared]
    del spec["style"]["sources"]["sites"]
    return spec


PATCHES = {
    "only-red": {"version": 2, "filters": {"sites": ["==", ["get", "light"], "red"]}},
    "hide-zones": {"version": 3, "layout": {"zones": {"visibility": "none"}}},
    "to-zone-d": {"version": 4, "camera": {"flyTo": {"center": CENTRES["D"], "zoom": 11}}},
    "mark-b": {"version": 5, "highlight": {"source": "zones", "ids": [2]}},
}


#: Writes down the last thing that happened on the map.
HEARD = """window.addEventListener('atlas:map', ({detail: {type, features = []}}) => {
  document.getElementById('heard').textContent = [type, ...features.map((f) => `${f.layer}:${f.properties.id}`)].join(' ');
});"""


class Switch:
    """Whether the test server answers for the remote source."""

    working = True


def build_app(switch: Switch, spec: dict = SPEC) -> Dash:
    app = Dash(
        __name__, assets_folder=str(ASSETS), assets_ignore=r"^(?!map\.(js|css)$).*", suppress_callback_exceptions=True
    )
    library = Path(importlib.util.find_spec("maplibre").submodule_search_locations[0]) / "srcjs"

    @app.server.get("/vendor/maplibre/<path:name>")
    def vendor(name: str) -> Response:
        return send_from_directory(library, name)

    @app.server.get("/sites.json")
    def sites() -> Response | tuple[str, int]:
        return app.server.json.response(SITES["data"]) if switch.working else ("no", 500)

    app.index_string = app.index_string.replace("<head>", f"<head><script>{HEARD}</script>")
    app.layout = html.Div(
        [
            html.Div(
                [html.Button(name, id=name) for name in (*PATCHES, "new-spec", "leave", "enter")], style={"height": 24}
            ),
            html.Div(map_frame("m", height="700px"), id="page"),
            html.Pre(id="heard"),
        ]
    )
    register_clientside(app, "m")

    @app.callback(Output("m-spec", "data"), Input("new-spec", "n_clicks"))
    def give_spec(clicks: int | None) -> dict:
        return without_sites() if clicks else spec

    for name, patch in PATCHES.items():
        app.callback(
            Output("m-patch", "data", allow_duplicate=True), Input(name, "n_clicks"), prevent_initial_call=True
        )(lambda _, patch=patch: patch)

    @app.callback(Output("page", "children"), Input("leave", "n_clicks"), prevent_initial_call=True)
    def leave(_: int) -> html.Div:
        return html.Div("nothing here")

    @app.callback(
        Output("page", "children", allow_duplicate=True), Input("enter", "n_clicks"), prevent_initial_call=True
    )
    def enter(_: int) -> list:
        frame = map_frame("m", height="700px")
        return [frame, dcc.Markdown("back")]

    return app


@pytest.fixture(scope="module")
def switch() -> Switch:
    return Switch()


@pytest.fixture(scope="module")
def address(serve: Callable[[Dash], str], switch: Switch) -> str:
    return serve(build_app(switch))


@pytest.fixture(scope="module")
def remote_address(serve: Callable[[Dash], str], switch: Switch) -> str:
    spec = copy.deepcopy(SPEC)
    spec["style"]["sources"]["sites"] = {"type": "geojson", "data": "/sites.json"}
    return serve(build_app(switch, spec))


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """Uncaught script errors of the page; none may be left at the end of a test."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield errors
    assert errors == []


@pytest.fixture
def live(page: Page, address: str, complaints: list[str]) -> Page:
    """The page after the map's first idle."""
    page.set_viewport_size(SIZE)
    page.goto(address)
    return settled(page)


def settled(page: Page) -> Page:
    page.wait_for_function("window.atlas?.maps.m?.timings.firstIdle")
    return page


def press(page: Page, name: str) -> None:
    """Press a button that sends a patch and wait until the map is idle again."""
    done = page.evaluate("atlas.maps.m.timings.patches.length")
    page.click(f"#{name}")
    page.wait_for_function(f"atlas.maps.m.timings.patches.length > {done}")


def visible(page: Page, layer: str) -> list[str]:
    return page.evaluate("layer => atlas.maps.m.visibleIds([layer])", layer)


def on_page(page: Page, lng: float, lat: float) -> tuple[float, float]:
    """Page coordinates of a place."""
    x, y = page.evaluate(
        """at => { const p = atlas.maps.m.map.project(at), o = document.getElementById('m').getBoundingClientRect();
        return [p.x + o.left, p.y + o.top]; }""",
        [lng, lat],
    )
    return x, y


def label_boxes(page: Page) -> dict[str, dict[str, float]]:
    return page.evaluate("""() => Object.fromEntries([...document.querySelectorAll('.map-label')]
        .filter(n => getComputedStyle(n).visibility === 'visible')
        .map(n => [n.dataset.label, n.getBoundingClientRect().toJSON()]))""")


def disjoint(a: dict[str, float], b: dict[str, float]) -> bool:
    return a["right"] <= b["left"] or b["right"] <= a["left"] or a["bottom"] <= b["top"] or b["bottom"] <= a["top"]


def test_first_picture_comes_from_this_server_alone(page: Page, address: str, complaints: list[str]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    settled(page)
    expect(page.locator("#heard")).to_have_text("ready")
    assert page.locator("#m").get_attribute("data-state") == "live"
    expect(page.locator(".map-skeleton")).to_be_hidden()
    assert page.evaluate("performance.getEntriesByName('atlas:first-idle').length") == 1
    assert any(url.endswith("/vendor/maplibre/maplibre-gl.js") for url in asked)
    assert [url for url in asked if not url.startswith((address, "blob:", "data:"))] == []


def test_filter_patch_changes_what_is_drawn(live: Page) -> None:
    assert visible(live, "sites") == [f"{code}{n}" for code in "ABCDE" for n in range(4)]
    press(live, "only-red")
    assert visible(live, "sites") == ["A0", "B0", "C0", "D0", "E0"]
    assert len(live.evaluate("atlas.maps.m.sourceIds('sites')")) == 20
    assert live.evaluate("atlas.maps.m.timings.patches.map(p => p.version)") == [2]


def test_click_reports_the_topmost_feature_and_forgives_a_near_miss_of_a_point(live: Page) -> None:
    lng, lat = CENTRES["A"]
    live.mouse.click(*on_page(live, lng, lat - 0.03))
    expect(live.locator("#heard")).to_have_text("click zones:A")
    x, y = on_page(live, lng - 0.03, lat + 0.015)
    live.mouse.click(x, y + 10)
    expect(live.locator("#heard")).to_have_text("click sites:A0 zones:A")


def test_right_click_is_reported(live: Page) -> None:
    live.mouse.click(*on_page(live, 104.28, 30.36), button="right")
    expect(live.locator("#heard")).to_have_text("contextmenu zones:D")


def test_a_label_answers_the_keyboard_like_a_click_on_its_zone(live: Page) -> None:
    label = live.locator(".map-label[data-label=B]")
    assert label.locator(".map-label__title").text_content() == "片区B <b>名称</b>"
    label.focus()
    live.keyboard.press("Enter")
    expect(live.locator("#heard")).to_have_text("click zones:B")


@pytest.mark.parametrize(("width", "height"), [(1100, 760), (640, 760), (2400, 900)])
def test_labels_neither_overlap_nor_leave_the_frame(live: Page, width: int, height: int) -> None:
    live.set_viewport_size({"width": width, "height": height})
    live.wait_for_function(f"Math.abs(atlas.maps.m.map.getCanvas().clientWidth - {width}) < 40")
    live.evaluate(
        "new Promise(done => { const {map} = atlas.maps.m; map.once('idle', done); map.jumpTo({zoom: 9.4}); map.triggerRepaint(); })"
    )
    boxes = label_boxes(live)
    assert set("ABCDE") <= set(boxes)
    assert any(name.startswith("district") for name in boxes)
    fixed = live.evaluate(
        "[...document.querySelectorAll('[data-map-obstacle]')].map(n => n.getBoundingClientRect().toJSON())"
    )
    assert all(disjoint(a, b) for a, b in combinations([*boxes.values(), *fixed], 2))
    frame = live.locator(".map-frame").bounding_box()
    for box in boxes.values():
        assert frame["x"] <= box["left"]
        assert box["right"] <= frame["x"] + frame["width"]
        assert frame["y"] <= box["top"]
        assert box["bottom"] <= frame["y"] + frame["height"]


def test_labels_of_a_hidden_layer_go_with_it(live: Page) -> None:
    press(live, "hide-zones")
    assert not set("ABCDE") & set(label_boxes(live))


def test_hover_card_formats_and_says_what_is_missing(live: Page) -> None:
    live.mouse.move(*on_page(live, 103.92, 30.72))
    expect(live.locator(".map-hover__title")).to_have_text("片区E")
    expect(live.locator(".map-hover__value")).to_have_text(["1,286,000", "3.0 亩", "—"])
    live.mouse.move(*on_page(live, 104.45, 30.8))
    expect(live.locator(".map-hover")).to_be_hidden()


def test_a_tap_shows_the_card_and_reports_the_click(browser: Browser, address: str) -> None:
    with browser.new_context(has_touch=True, viewport=SIZE) as context:
        page = context.new_page()
        page.goto(address)
        settled(page)
        page.touchscreen.tap(*on_page(page, 103.92, 30.72))
        expect(page.locator(".map-hover__title")).to_have_text("片区E")
        expect(page.locator("#heard")).to_have_text("click zones:E")


def test_highlight_sets_feature_state(live: Page) -> None:
    press(live, "mark-b")
    assert live.evaluate(
        "[1, 2].map(id => atlas.maps.m.map.getFeatureState({source: 'zones', id}).highlight ?? false)"
    ) == [
        False,
        True,
    ]


def test_new_spec_is_diffed_into_the_same_map_and_keeps_the_camera(live: Page) -> None:
    live.evaluate("window.before = atlas.maps.m.map; before.jumpTo({center: [104.1, 30.5], zoom: 10})")
    live.click("#new-spec")
    live.wait_for_function("atlas.maps.m.timings.specs.length === 1")
    assert live.evaluate("before === atlas.maps.m.map")
    assert live.evaluate("before.getZoom()") == 10
    assert live.evaluate("before.getLayersOrder()") == ["ground", "outline", "zones", "shared"]
    assert live.evaluate("Object.keys(before.getStyle().sources)") == ["zones"]
    assert live.locator(".map-label").count() == 3


def test_camera_patch_flies_and_reports_the_end_once(live: Page) -> None:
    live.evaluate("window.steps = 0; atlas.maps.m.map.on('move', () => { steps += 1; })")
    live.click("#to-zone-d")
    expect(live.locator("#heard")).to_have_text("moveend")
    assert live.evaluate("atlas.maps.m.map.getZoom()") == pytest.approx(11)
    assert live.evaluate("steps") > 1


def test_reduced_motion_jumps(page: Page, address: str, complaints: list[str]) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(address)
    settled(page)
    page.evaluate("window.steps = 0; atlas.maps.m.map.on('move', () => { steps += 1; })")
    press(page, "to-zone-d")
    assert page.evaluate("atlas.maps.m.map.getZoom()") == pytest.approx(11)
    assert page.evaluate("steps") == 1


def test_controls_are_named_and_scale_follows(live: Page) -> None:
    before = live.locator(".map-scale").get_attribute("aria-label")
    live.get_by_role("button", name="放大").click()
    live.wait_for_function("!atlas.maps.m.map.isMoving()")
    assert live.locator(".map-scale").get_attribute("aria-label") != before
    live.get_by_role("button", name="回到全图").click()
    expect(live.locator(".map-scale")).to_have_attribute("aria-label", before)


def test_leaving_the_page_removes_the_map_and_coming_back_makes_a_new_one(live: Page) -> None:
    live.evaluate("window.before = atlas.maps.m")
    live.click("#leave")
    live.wait_for_function("!('m' in atlas.maps)")
    assert live.evaluate("before.destroyed && before.map === null")
    live.click("#enter")
    settled(live)
    assert live.evaluate("before !== atlas.maps.m")
    assert live.locator(".maplibregl-canvas").count() == 1


def test_without_webgl_the_reader_is_told(page: Page, address: str, complaints: list[str]) -> None:
    page.add_init_script("""const get = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
          return kind.startsWith('webgl') ? null : get.call(this, kind, ...rest); };""")
    page.goto(address)
    expect(page.get_by_role("alert")).to_contain_text("WebGL")
    assert page.locator("#m").get_attribute("data-state") == "error"
    expect(page.locator(".map-skeleton")).to_be_hidden()


def test_failed_source_is_reported_kept_and_healed(
    page: Page, remote_address: str, switch: Switch, complaints: list[str]
) -> None:
    switch.working = False
    page.goto(remote_address)
    expect(page.get_by_role("alert")).to_contain_text("未能更新")
    settled(page)
    assert visible(page, "zones") == ["A", "B", "C", "D", "E"]
    switch.working = True
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_role("alert")).to_be_hidden()
    assert len(visible(page, "sites")) == 20


def test_icons_and_patterns_of_every_shape_are_drawn(live: Page) -> None:
    shapes = [
        "circle",
        "triangle",
        "diamond",
        "ring",
        "square",
        "hexagon",
        "star",
        "building",
        "cross",
        "hatch",
        "split",
    ]
    spec = copy.deepcopy(SPEC) | {"version": 9}
    spec["images"] = [{"id": name, "shape": name, "size": 20, "fill": "#ffffff", "fill2": "#ff0000"} for name in shapes]
    painted = live.evaluate(
        """async spec => {
        const bridge = atlas.maps.m;
        dash_clientside.atlas.applySpec(spec, 'm');
        await new Promise(done => { bridge.map.once('idle', done); bridge.map.triggerRepaint(); });
        return spec.images.map(({id}) => {
          const {data} = bridge.map.getImage(id);
          return [data.width, data.data.filter((v, i) => i % 4 === 3 && v > 0).length];
        }); }""",
        spec,
    )
    assert [width for width, _ in painted] == [40] * len(shapes)
    assert all(0 < opaque <= 1600 for _, opaque in painted)
    filled = dict(zip(shapes, (opaque for _, opaque in painted), strict=True))
    assert filled["ring"] < filled["circle"]
    assert filled["split"] == 1600
