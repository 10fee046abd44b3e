"""A reader need not wait for the answer to one choice before making the next: none is lost, none is made twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.test_main_job import READY


class Held:
    """The server's answers about the address, kept back until they are let go."""

    def __init__(self, page: Page) -> None:
        self.routes: list[Route] = []
        self.page = page
        self.holding = True
        page.route(re.compile("_dash-update-component"), self._take)

    def _take(self, route: Route) -> None:
        if self.holding and "url.search" in route.request.post_data_json["output"]:
            self.routes.append(route)
        else:
            route.continue_()

    def let_go(self) -> None:
        self.holding = False
        for route in self.routes:
            route.continue_()


@pytest.fixture
def held(page: Page, atlas: str) -> Iterator[Held]:
    """The wall, of which every choice waits for its answer."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.emulate_media(reduced_motion="reduce")
    page.goto(atlas)
    page.wait_for_function(READY)
    yield Held(page)
    page.unroute_all(behavior="ignoreErrors")


def choose(page: Page, selector: str) -> None:
    with page.expect_request(lambda request: "url.search" in (request.post_data or "")):
        page.locator(selector).click()


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_three_choices_before_the_first_answer_all_count(page: Page, held: Held) -> None:
    choose(page, "[data-light=red]")
    choose(page, ".stage--building")
    choose(page, ".map-label:has-text('生物城')")
    held.let_go()
    expect(page.locator(".filter-chip")).to_have_count(2)
    expect(page.locator("#zone-panel")).to_contain_text("生命科学创新区")
    assert asked(page) == {"light": ["red"], "stage": ["building"], "sel": ["zone:SMKX"]}


def test_what_was_answered_is_not_asked_again(page: Page, held: Held) -> None:
    held.let_go()
    page.locator("[data-light=red]").click()
    expect(page.locator(".filter-chip")).to_have_count(1)
    page.go_back()
    expect(page.locator(".filter-chip")).to_have_count(0)
    page.locator(".stage--building").click()
    expect(page.locator(".filter-chip")).to_have_count(1)
    assert asked(page) == {"stage": ["building"]}
    page.locator(".stage--building").click()  # and once more takes it back
    expect(page.locator(".filter-chip")).to_have_count(0)
    assert asked(page) == {}
