"""What a browser asks the server for when it opens a page: nothing that is answered with nothing, and no file twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Response, expect

PAGES = ("/", "/projects", "/chains", "/ledger", "/per-mu", "/park/SMKX", "/data", "/nothing")
ADDRESS = "..url.search...url.pathname...heard.data.."
CALLBACKS = ("/_dash-update-component", "/map/change")


@contextmanager
def answered(page: Page) -> Iterator[list[Response]]:
    """What is answered while the block runs and until nothing is under way any more."""
    found: list[Response] = []

    def note(response: Response) -> None:
        found.append(response)

    page.on("response", note)
    yield found
    page.wait_for_load_state("networkidle")
    page.remove_listener("response", note)


def asked(found: list[Response]) -> dict[str, int]:
    """Status by what was asked for, callbacks by what they fill."""
    return {
        (r.request.post_data_json or {}).get("output", r.url) if r.request.post_data else r.url: r.status
        for r in found
        if r.url.startswith("http") and any(part in r.url for part in CALLBACKS)
    }


@pytest.mark.parametrize("path", PAGES)
def test_no_callback_of_an_opening_answers_nothing(page: Page, atlas: str, path: str) -> None:
    with answered(page) as found:
        page.goto(atlas + path)
        expect(page.locator("#page > *:not(.boot)")).to_be_visible()
    answers = asked(found)
    assert len(answers) >= 1
    assert {name: status for name, status in answers.items() if status != 200} == {}


def test_a_page_that_is_opened_again_fetches_no_file_it_has(page: Page, atlas: str) -> None:
    with answered(page):
        page.goto(f"{atlas}/projects")
        expect(page.locator("#projects-view")).to_be_visible()
    page.goto(f"{atlas}/ledger")
    expect(page.locator("#ledger-accounts")).to_be_visible()
    page.wait_for_load_state("networkidle")
    came: list[str] = page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.transferSize > 0).map((one) => one.name)"
    )
    files = [url for url in came if any(part in url for part in ("/assets/", "/vendor/", "/_dash-component-suites/"))]
    assert [url for url in files if "favicon" not in url] == []


def test_a_control_that_is_set_is_asked_about_once(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/projects")
    expect(page.locator("#projects-view")).to_be_visible()
    page.wait_for_load_state("networkidle")
    with answered(page) as found:
        page.evaluate("window.dash_clientside.set_props({facet: 'lights'}, {value: ['red']})")
        page.wait_for_url("**/projects?light=red")
        expect(page.locator(".filter-chip")).to_have_count(1)
    assert asked(found)[ADDRESS] == 200
    with answered(page) as found:
        page.go_back()
        expect(page.locator(".filter-chip")).to_have_count(0)
    assert ADDRESS not in asked(found)  # the control that follows the address is no choice
