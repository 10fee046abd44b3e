"""Every page holds the design system (docs/design.md), measured on screen: four widths, both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from i18n import COOKIE

SIZES = ((390, 844), (1366, 768), (1920, 1080), (2560, 1440))
PATHS = (
    "/",
    "/?sel=zone:SMKX",
    "/park/SMKX",
    "/projects",
    "/project/",
    "/chains",
    "/ledger",
    "/per-mu",
    "/data",
    "/nothing-here",
)
_MEASURE = (Path(__file__).parent / "measured.js").read_text(encoding="utf-8")
#: What holds names of records, the only texts that may be cut.
RECORDS = ", ".join(
    (
        ".attention-name, .milestone-name, .board-name, .platform-name, .search-hit, .source, .project-name, span.quiet[title]",
        "a[href*='/project/'], .ag-cell",
    )
)
MOST_PAIRS = 8
#: Plotly follows the size of its place a moment later.
CHARTS_FIT = """() => [...document.querySelectorAll('.js-plotly-plot .main-svg')]
  .every((chart) => chart.getBoundingClientRect().right <= innerWidth)"""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_holds_the_system_at_every_width(page: Page, atlas: str, path: str, language: str) -> None:
    page.context.add_cookies([{"name": COOKIE, "value": language, "url": atlas}])
    if path == "/project/":
        path += page.request.get(f"{atlas}/api/v1/projects").json()["ids"][0]
    page.goto(atlas + path)
    page.wait_for_selector("#page > *:not(.boot)")
    page.wait_for_load_state("networkidle")
    wrong: dict[str, list[str]] = {}
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.wait_for_function(CHARTS_FIT)
        found = page.evaluate(_MEASURE, RECORDS)
        pairs = found.pop("pairs")
        for what, where in found.items():
            if where:
                wrong[f"{width} {what}"] = where
        if len(pairs) > MOST_PAIRS:
            wrong[f"{width} pairs"] = pairs
    assert wrong == {}
