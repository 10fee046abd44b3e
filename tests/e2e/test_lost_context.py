"""A graphics context that is lost: the map is made anew as it was, and until its tiles are drawn the reader is told."""

from __future__ import annotations

from threading import Event

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.test_main_job import READY, api, wait_for_map_ids

NOTICE = "图形设备暂不可用,地图将自动恢复"
LOSE = """() => {
    const gl = document.querySelector('.maplibregl-canvas').getContext('webgl2');
    window.lostContext = gl.getExtension('WEBGL_lose_context');
    window.lostContext.loseContext();
}"""
#: No canvas gets a context any more, as when the driver is gone.
NO_MORE = """() => {
    window.getContextBefore = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return kind.startsWith('webgl') ? null : window.getContextBefore.call(this, kind, ...rest);
    };
}"""
AGAIN = "() => { HTMLCanvasElement.prototype.getContext = window.getContextBefore; }"
#: The canvas itself, as it is drawn.
PICTURE = """() => new Promise((done) => {
    const {map} = atlas.maps.map;
    map.once('render', () => done(map.getCanvas().toDataURL()));
    map.triggerRepaint();
})"""
SHOWN = """() => {
    const {map} = atlas.maps.map;
    const layers = ['project', 'project-leads', 'carrier-point', 'platform-point'];
    return {
        ids: atlas.maps.map.visibleIds(layers), zoom: map.getZoom(), centre: map.getCenter().toArray(),
        states: ['CDKXC', 'SMKX'].map((id) => map.getFeatureState({source: 'base', sourceLayer: 'zone', id}).pick),
        labels: [...document.querySelectorAll('.map-label')].map((label) => label.textContent),
    };
}"""
IDLE = """() => new Promise((done) => {
    const {map} = atlas.maps.map;
    map.once('idle', () => requestAnimationFrame(() => requestAnimationFrame(done)));
    map.triggerRepaint();
})"""
LIVE = "() => document.getElementById('map').dataset.state === 'live'"


def open_filtered(page: Page, atlas: str) -> None:
    """The wall, and on it what a patch brought: a filter, a chosen zone with its flight, and a camera of the reader's."""
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(atlas)
    page.wait_for_function(READY)
    page.locator("[data-light=green]").click()
    page.locator(".map-label").filter(has_text="生物城").click()
    expect(page.locator("#zone-panel")).to_be_visible()
    page.locator(".map-control").first.click()
    page.wait_for_function(
        "() => atlas.maps.map.map.getZoom() > 11 && !atlas.maps.map.map.isMoving() && atlas.maps.map.map.loaded()"
    )
    page.evaluate(IDLE)  # names of what is near are laid out then


def notice_is_on_top(page: Page) -> bool:
    return page.evaluate(
        """() => {
            const box = document.querySelector('.map-message').getBoundingClientRect();
            return [0.02, 0.5, 0.98].every((x) => {
                const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height / 2);
                return top && top.classList.contains('map-message');
            });
        }"""
    )


@pytest.mark.parametrize("restored_after", [0.5, 3, None])
def test_a_lost_map_is_drawn_again_as_it_was(page: Page, atlas: str, restored_after: float | None) -> None:
    open_filtered(page, atlas)
    before, picture = page.evaluate(SHOWN), page.evaluate(PICTURE)
    assert before["ids"]
    assert before["states"] == ["other", "chosen"]
    page.evaluate(LOSE)
    expect(page.locator(".map-message")).to_have_text(NOTICE)
    if restored_after:
        page.evaluate(f"() => {{ setTimeout(() => window.lostContext.restoreContext(), {restored_after * 1000}); }}")
    page.wait_for_function(LIVE)
    expect(page.locator(".map-message")).to_be_hidden()
    page.evaluate(IDLE)
    assert page.evaluate(SHOWN) == before
    assert page.evaluate(PICTURE) == picture
    # And it goes on: the next filter, the next click, the way home.
    page.locator(".filter-chip").click()
    expect(page.locator(".filter-chip")).to_have_count(0)
    page.keyboard.press("0")
    expect(page.locator("#zone-panel")).to_have_count(0)
    page.wait_for_function("() => atlas.maps.map.map.getZoom() < 10")
    wait_for_map_ids(page, sorted(api(page, atlas, "/projects")["ids"]))


def test_the_notice_stays_above_everything_until_the_tiles_are_drawn(page: Page, atlas: str) -> None:
    held: list[Route] = []
    hold = Event()

    def tile(route: Route) -> None:
        if hold.is_set():
            held.append(route)
        else:
            route.continue_()

    page.route("**/tiles/**", tile)
    open_filtered(page, atlas)
    hold.set()
    with page.expect_request("**/tiles/**"):  # of the map that is made anew
        page.evaluate(LOSE)
    expect(page.locator(".map-message")).to_have_text(NOTICE)
    page.wait_for_function(
        "() => document.querySelectorAll('.maplibregl-canvas').length === 1 && atlas.maps.map.styleReady"
    )
    expect(page.locator(".map-message")).to_be_visible()
    assert notice_is_on_top(page)
    expect(page.locator(".map-message")).to_be_visible()
    hold.clear()
    for route in held:
        route.continue_()
    expect(page.locator(".map-message")).to_be_hidden()


def test_without_any_context_the_notice_stays_and_no_tour_goes_over_an_empty_map(page: Page, atlas: str) -> None:
    page.emulate_media(reduced_motion="no-preference")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.clock.install()
    page.goto(atlas)
    page.wait_for_function(READY)
    page.evaluate(LOSE)
    page.evaluate(NO_MORE)
    expect(page.locator(".map-message")).to_have_text(NOTICE)
    for _ in range(10):
        page.clock.fast_forward(20_000)
    page.wait_for_timeout(1500)  # the clock runs: one more look of the tour, one more try at a context
    expect(page.locator(".map-message")).to_have_text(NOTICE)
    expect(page.locator(".map-message")).to_be_visible()
    assert notice_is_on_top(page)
    expect(page.locator("#tour")).to_be_hidden()
    assert page.evaluate("document.getElementById('map').dataset.state") == "lost"

    page.evaluate(AGAIN)
    page.clock.fast_forward(3_000)
    page.wait_for_function(LIVE)
    expect(page.locator(".map-message")).to_be_hidden()
    expect(page.locator("#tour")).to_be_visible()  # nobody was here for minutes: it goes on by itself
