"""The tour of the wall, in a browser whose clock the test turns: when it starts, what ends it, and what it leaves alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_main_job import READY

CORE, SECOND = "成都科学城", "新经济活力区"
IDLE_S, STOP_S, REST_S = 30, 15, 180


def open_wall(page: Page, atlas: str, query: str = "") -> None:
    """The wall with its tour, and a clock that runs and can be put forward."""
    page.emulate_media(reduced_motion="no-preference")
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.clock.install()
    page.goto(f"{atlas}/{query}")
    page.wait_for_function(READY)
    expect(page.locator("#right > *").first).to_be_visible()


def later(page: Page, seconds: float) -> None:
    page.clock.fast_forward(int(seconds * 1000))


def tour(page: Page):
    return page.locator("#tour")


def start_tour(page: Page) -> None:
    later(page, IDLE_S + 2)
    expect(tour(page)).to_have_text(CORE)
    expect(tour(page)).to_be_visible()


def zoom(page: Page) -> float:
    return page.evaluate("atlas.maps.map.map.getZoom()")


def in_zone(page: Page, atlas: str, query: str) -> str:
    """What the right column says of how many projects a query leaves."""
    total = page.request.get(f"{atlas}/api/v1/projects?{query}").json()["projects"]
    return f"{len(total)}个"


def test_left_alone_the_wall_tours_map_and_columns_and_gives_the_filter_back(page: Page, atlas: str) -> None:
    open_wall(page, atlas, "?light=green")
    own, entries, city = page.url, page.evaluate("history.length"), zoom(page)
    everywhere, there = in_zone(page, atlas, "light=green"), in_zone(page, atlas, "light=green&zone=CDKXC")
    assert everywhere != there
    left = page.locator("#left").inner_text()
    expect(page.locator("#right")).to_contain_text(everywhere)
    cards = page.locator("#cards").inner_text()

    start_tour(page)
    expect(page.locator("#right")).to_contain_text(
        there
    )  # the columns are those of the zone, within the viewer's filter
    expect(page.locator("#left")).not_to_have_text(left)
    page.wait_for_function("z => atlas.maps.map.map.getZoom() > z + 1", arg=city)
    assert page.locator("#cards").inner_text() == cards  # each zone keeps its figures
    later(page, STOP_S)
    expect(tour(page)).not_to_have_text(CORE)

    page.mouse.move(700, 500)
    page.mouse.move(705, 505)
    expect(tour(page)).to_be_hidden()
    expect(page.locator("#right")).to_contain_text(everywhere)
    page.wait_for_function("text => document.getElementById('left').innerText === text", arg=left)
    expect(page.locator(".filter-chip")).to_have_count(1)
    page.wait_for_function("z => Math.abs(atlas.maps.map.map.getZoom() - z) < 0.01", arg=city)
    assert page.url == own
    assert page.evaluate("history.length") == entries  # and back leads to where the viewer came from


INPUTS: dict[str, Callable[[Page], None]] = {
    "mouse": lambda page: page.mouse.move(900, 600),
    "wheel": lambda page: page.mouse.wheel(0, 40),
    "key": lambda page: page.keyboard.press("Shift"),
    "press": lambda page: page.mouse.down(),
}


@pytest.mark.parametrize("kind", INPUTS)
def test_any_input_rests_the_tour_and_a_rest_only_lengthens(page: Page, atlas: str, kind: str) -> None:
    open_wall(page, atlas)
    page.mouse.move(800, 500)
    start_tour(page)
    INPUTS[kind](page)
    expect(tour(page)).to_be_hidden()
    later(page, 5)
    page.keyboard.press("Shift")  # the second touch, which used to cut the rest down to 30 s
    later(page, 100)
    later(page, 40)
    page.keyboard.press("Shift")
    expect(tour(page)).to_be_hidden()
    later(page, 20)  # 165 s: still the rest of three minutes
    page.wait_for_timeout(1500)  # the clock runs: a second look of the tour
    expect(tour(page)).to_be_hidden()
    later(page, 20)
    expect(tour(page)).to_be_visible()


def test_a_panel_left_open_is_closed_the_city_comes_back_and_the_tour_goes_on(page: Page, atlas: str) -> None:
    open_wall(page, atlas, "?light=green&sel=zone:SMKX")
    expect(page.locator("#zone-panel")).to_be_visible()
    entries, near = page.evaluate("history.length"), zoom(page)
    later(page, IDLE_S + 5)
    page.wait_for_timeout(1500)
    expect(page.locator("#zone-panel")).to_be_visible()  # somebody may be reading
    expect(tour(page)).to_be_hidden()

    later(page, REST_S)
    page.wait_for_url(re.compile(r"/\?light=green$"))
    expect(page.locator("#zone-panel")).to_have_count(0)
    page.wait_for_function("z => atlas.maps.map.map.getZoom() < z - 1", arg=near)
    assert page.evaluate("history.length") == entries
    later(page, STOP_S + 1)
    expect(tour(page)).to_have_text(CORE)
    expect(tour(page)).to_be_visible()


def test_a_table_and_a_list_of_filters_left_open_are_closed(page: Page, atlas: str) -> None:
    open_wall(page, atlas)
    page.locator(".table-toggle").click()
    expect(page.locator("#project-table")).to_be_visible()
    page.locator("[id*='facet-button'][id*='chain']").click()
    expect(page.locator(".chain-tree")).to_be_visible()
    later(page, REST_S + 1)
    expect(page.locator("#project-table")).to_have_count(0)
    expect(page.locator(".chain-tree")).to_be_hidden()
    later(page, STOP_S + 1)
    expect(tour(page)).to_be_visible()


def test_a_click_during_the_tour_acts_on_the_viewers_own_state(page: Page, atlas: str) -> None:
    open_wall(page, atlas, "?zone=SMKX")
    start_tour(page)
    expect(page.locator("#right")).to_contain_text(in_zone(page, atlas, "zone=CDKXC"))
    page.locator("[data-light=green]").click()
    page.wait_for_url(re.compile(r"\?zone=SMKX&light=green$"))
    expect(page.locator("#right")).to_contain_text(in_zone(page, atlas, "zone=SMKX&light=green"))
    expect(tour(page)).to_be_hidden()
