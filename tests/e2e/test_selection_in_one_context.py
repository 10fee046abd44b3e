"""A zone that is selected is what the wall is of: its figures left, the city's quiet beside them, and a way back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_main_job import READY
from tests.e2e.test_tour import later, open_wall, start_tour


def figure(page: Page) -> str:
    return page.locator("#left [data-kpi=K01] .tile-number").inner_text()


def of_card(page: Page, zone: str) -> str:
    return page.locator(f".zone-card[data-zone={zone}] .card-value").first.evaluate("n => n.firstChild.textContent")


SELECTS: dict[str, Callable[[Page], None]] = {
    "key": lambda page: page.keyboard.press("3"),
    "card": lambda page: page.locator(".zone-card[data-zone=SMKX]").click(position={"x": 120, "y": 40}),
    "card by keyboard": lambda page: page.locator(".zone-card[data-zone=SMKX] .card-name").press("Enter"),
    "map": lambda page: page.locator(".map-label").filter(has_text="生物城").click(),
}


@pytest.mark.parametrize("way", SELECTS)
def test_the_left_figures_are_those_of_the_selected_zone_with_the_city_beside(page: Page, atlas: str, way: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(atlas)
    page.wait_for_function(READY)
    head = page.locator("#left h2").first
    expect(head).to_have_text("核心指标")
    city = figure(page)
    expect(page.locator(".tile-whole")).to_have_count(0)

    SELECTS[way](page)
    expect(head).to_have_text("全域›生物城")
    assert figure(page) == of_card(page, "SMKX") != city
    expect(page.locator(".tile-whole")).to_have_count(6)
    expect(page.locator("[data-kpi=K01] .tile-whole")).to_have_text(f"全域 {city}")
    expect(page.locator(".zone-card.is-chosen")).to_have_attribute("data-zone", "SMKX")
    expect(page.locator("#zone-panel")).to_have_attribute("data-zone", "SMKX")

    page.locator("#left h2 button").click()
    expect(head).to_have_text("核心指标")
    assert figure(page) == city
    expect(page.locator("#zone-panel")).to_have_count(0)
    expect(page.locator(".zone-card.is-chosen")).to_have_count(0)


def test_the_sign_of_a_zones_tile_explains_the_zones_figure(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/?sel=zone:SMKX")
    expect(page.locator("#left h2").first).to_have_text("全域›生物城")
    page.locator(".tile-host:has([data-kpi=K01]) .explain-button").click()
    page.wait_for_url(re.compile("explain=K01"))
    shown = page.locator(".explain-number")
    expect(shown).to_contain_text(figure(page))


def test_the_chains_follow_the_selected_zone(page: Page, atlas: str) -> None:
    page.goto(atlas)
    covered = page.locator("section:has(> .chain-rows) .section-head .quiet")
    city = covered.inner_text()
    page.keyboard.press("3")
    expect(page.locator("#left h2").first).to_have_text("全域›生物城")
    expect(covered).not_to_have_text(city)
    total = int(re.findall(r"\d+", covered.inner_text())[0])
    assert total < int(re.findall(r"\d+", city)[0])


def test_several_zones_of_a_filter_say_how_many_and_lead_back(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/?zone=SMKX,WLKJC")
    head = page.locator("#left h2").first
    expect(head).to_have_text("全域›2 个园区")
    expect(page.locator(".tile-whole")).to_have_count(6)
    page.locator("#left h2 button").click()
    expect(head).to_have_text("核心指标")
    expect(page.locator(".filter-chip")).to_have_count(0)


def test_the_tour_shows_whose_figures_they_are(page: Page, atlas: str) -> None:
    open_wall(page, atlas)
    head = page.locator("#left h2").first
    city = figure(page)
    start_tour(page)
    expect(head).to_have_text("全域›科学城")
    expect(page.locator("[data-kpi=K01] .tile-whole")).to_have_text(f"全域 {city}")
    later(page, 16)
    expect(head).to_have_text("全域›活力区")


def test_english_says_it_too_and_nothing_of_it_is_cut(page: Page, atlas: str) -> None:
    page.context.add_cookies([{"name": "atlas_lang", "value": "en", "url": atlas}])
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{atlas}/?sel=zone:XJJHL")
    expect(page.locator("#left h2").first).to_have_text("All zones›New Economy Zone")
    assert page.evaluate(
        """() => [...document.querySelectorAll('#left h2, #left .tile *')]
            .filter((n) => n.clientWidth && n.scrollWidth > n.clientWidth + 1).map((n) => n.textContent)"""
    ) == []  # fmt: skip
