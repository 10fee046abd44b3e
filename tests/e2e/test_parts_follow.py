"""A part is asked for anew when what it follows of the address changes, and keeps what it shows when anything else does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Request, expect


@contextmanager
def asked(page: Page) -> Iterator[set[str]]:
    """Parts that are asked for while the block runs and until nothing is under way any more."""
    page.wait_for_load_state("networkidle")
    found: set[str] = set()

    def note(request: Request) -> None:
        if "/_dash-update-component" in request.url:
            outputs = str(request.post_data_json["output"]).strip(".").split("...")
            found.update(name.removesuffix(".children") for name in outputs if name.endswith(".children"))

    page.on("request", note)
    yield found
    page.wait_for_load_state("networkidle")
    page.remove_listener("request", note)


def control(page: Page, name: str, value: str) -> None:
    page.evaluate(f"window.dash_clientside.set_props({{facet: '{name}'}}, {{value: {value}}})")


def test_a_selection_leaves_the_figures_of_the_wall_alone_and_a_filter_does_not(page: Page, atlas: str) -> None:
    page.goto(atlas)
    expect(page.locator(".attention-row").first).to_be_visible()
    page.evaluate("document.querySelector('#left > *').dataset.kept = 'yes'")
    with asked(page) as found:
        page.locator(".attention-row").first.click()
        page.wait_for_url("**sel=project**")
        expect(page.locator("#right .attention-row")).to_have_count(0)
    assert "right" in found
    assert found.isdisjoint({"left", "table-host"})
    expect(page.locator("#left > *")).to_have_attribute("data-kept", "yes")
    with asked(page) as found:
        control(page, "lights", "['red']")
        expect(page.locator(".filter-chip")).to_have_count(1)
    assert found >= {"left", "right", "table-host", "filter-chips", "cards"}
    expect(page.locator("#left > *")).not_to_have_attribute("data-kept", "yes")


@pytest.mark.parametrize(
    ("path", "role"),
    [
        (path, "leadership")
        for path in ("/", "/park/SMKX", "/projects", "/chains", "/ledger", "/per-mu", "/project/P0001", "/data")
    ]
    + [(path, "prospect") for path in ("/", "/park/SMKX", "/chains")],
)
def test_every_page_follows_another_month_without_an_error(page: Page, atlas: str, path: str, role: str) -> None:
    page.context.add_cookies([{"name": "atlas_role", "value": role, "url": atlas}])
    if path == "/project/P0001":
        path = "/project/" + page.request.get(f"{atlas}/api/v1/projects").json()["ids"][0]
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(atlas + path)
    expect(page.locator("#status-line")).to_contain_text("2026-09")
    with asked(page):
        page.evaluate("window.dash_clientside.set_props('url', {search: '?period=2026-06'})")
        expect(page.locator("#status-line")).to_contain_text("2026-06")
    assert errors == []
