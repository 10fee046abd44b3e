"""Role and language in a browser: after a switch the screen is another reader's, and nothing brings the old one back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from settings import ROOT
from tests.e2e.header import choose, role_shown
from tests.e2e.test_main_job import READY


def turn_to_a_guest(page: Page) -> None:
    """Choose 客户 and wait for the page that is drawn for it."""
    choose(page, "reader", "客户视角")
    expect(page.locator("#page")).to_have_attribute("data-reader", "prospect/zh")


@pytest.fixture
def keeping(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """A browser that keeps pages whole to step back to, as people's do; Playwright's default does not."""
    launched = browser_type.launch(**browser_type_launch_args, ignore_default_args=["--disable-back-forward-cache"])
    yield launched
    launched.close()


def test_a_guest_sees_no_figure_and_no_red_project_at_the_same_address(page: Page, atlas: str) -> None:
    tile: list[str] = []
    page.context.on("request", lambda r: tile.append(r.url) if "/tiles/" in r.url and "/leads-" in r.url else None)
    page.goto(f"{atlas}/?kpi=K03")
    expect(page.locator(".attention-row").first).to_be_visible()
    expect(page.locator("#left")).to_contain_text("亿元")
    page.wait_for_function(READY)
    assert fetched(page, tile[0]) == 200

    turn_to_a_guest(page)

    expect(role_shown(page)).to_have_text("客户视角")
    expect(page.locator(".attention-row")).to_have_count(0)
    expect(page.locator("#left h2")).to_have_text(["公开数字"])
    expect(page.locator(".tile")).to_have_count(0)
    assert page.url == f"{atlas}/?kpi=K03"
    page.wait_for_function(READY)
    sources = page.evaluate("() => Object.keys(window.atlas.maps.map.map.getStyle().sources).join()")
    assert "leads" not in sources
    assert "staff" not in sources
    # The browser kept the old role's tile; it is not the new one's to have.
    assert fetched(page, tile[0]) == 403


def fetched(page: Page, url: str) -> int:
    return int(page.evaluate("async (url) => (await fetch(url)).status", url))


def test_the_words_are_english_after_en(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/?zone=SMKX")
    expect(page.locator(".nav")).to_contain_text("总览")
    choose(page, "reader", "English")
    expect(page.locator(".nav")).to_contain_text("Overview")
    expect(page.locator(".header")).not_to_contain_text("总览")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(role_shown(page)).to_have_text("Leadership view")
    assert page.url == f"{atlas}/?zone=SMKX"


def test_no_step_back_shows_the_old_reader(keeping: Browser, atlas: str) -> None:
    page = keeping.new_page(reduced_motion="reduce")
    page.goto(f"{atlas}/park/SMKX")
    expect(page.locator(".park-tiles")).to_contain_text("亿元")
    page.goto(f"{atlas}/projects")
    expect(role_shown(page)).to_have_text("领导视角")
    turn_to_a_guest(page)
    expect(role_shown(page)).to_have_text("客户视角")

    page.go_back()

    expect(page).to_have_url(f"{atlas}/park/SMKX")
    expect(role_shown(page)).to_have_text("客户视角")
    expect(page.locator(".park-tiles")).to_contain_text("来源")  # published figures
    expect(page.locator(".park-tiles [data-kpi]")).to_have_count(0)
    page.go_forward()
    expect(role_shown(page)).to_have_text("客户视角")


def test_another_window_of_the_browser_turns_too(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/projects")
    beside = page.context.new_page()
    beside.goto(f"{atlas}/")
    expect(beside.locator(".attention-row").first).to_be_visible()

    turn_to_a_guest(page)

    expect(role_shown(beside)).to_have_text("客户视角")
    expect(beside.locator(".attention-row")).to_have_count(0)


def test_a_window_that_missed_the_switch_turns_when_it_is_looked_at(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/projects")
    expect(role_shown(page)).to_have_text("领导视角")
    page.context.add_cookies([{"name": "atlas_role", "value": "prospect", "url": atlas}])
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(role_shown(page)).to_have_text("客户视角")


def test_a_guest_stays_a_guest_at_each_visit(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/projects")
    turn_to_a_guest(page)
    expect(role_shown(page)).to_have_text("客户视角")
    kept = cookie(page)
    assert kept["httpOnly"]
    page.context.add_cookies([{**kept, "expires": kept["expires"] - 399 * 86400}])  # a day before it would end
    page.goto(f"{atlas}/projects")
    expect(role_shown(page)).to_have_text("客户视角")
    assert abs(cookie(page)["expires"] - kept["expires"]) < 120


def cookie(page: Page) -> dict[str, Any]:
    return next(dict(c) for c in page.context.cookies() if c["name"] == "atlas_role")


def test_a_page_younger_than_its_first_look_sees_new_data(page: Page, own_atlas: str, tmp_path: Path) -> None:
    page.clock.install()
    page.goto(f"{own_atlas}/projects?data=own")
    expect(page.locator(".page")).not_to_contain_text("甲项目")
    before = page.locator("#page").get_attribute("data-version")
    file = tmp_path / "项目.csv"
    file.write_text("项目名称,所属片区,总投资(亿元),签约时间\n甲项目,SMKX,3.5,2025-03-01\n", encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "cli.py", "import", str(file)],
        cwd=ROOT,
        env=os.environ | {"ATLAS_VAR_DIR": str(tmp_path / "var"), "ATLAS_DATABASE_URL": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0

    page.clock.fast_forward(31_000)  # its first look at the server, thirty seconds after it opened

    expect(page.locator("#page")).not_to_have_attribute("data-version", before or "")
    health = json.loads(page.request.get(f"{own_atlas}/healthz").text())
    expect(page.locator("#page")).to_have_attribute("data-version", str(health["data_version"]))
