"""What a visitor (客户) finds: published facts, room to let and plots on offer, and no page or figure that is shut."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from i18n import COOKIE
from tests.e2e.header import choose, opened
from tests.e2e.test_main_job import READY
from web import ROLE_COOKIE


def come(page: Page, atlas: str, role: str = "prospect", language: str = "zh") -> None:
    page.context.add_cookies(
        [{"name": COOKIE, "value": language, "url": atlas}, {"name": ROLE_COOKIE, "value": role, "url": atlas}]
    )


def pages(page: Page) -> list[str]:
    return page.locator(".nav .nav-link").all_inner_texts()


def test_a_visitors_wall_offers_room_and_plots_and_shows_no_bare_dash(page: Page, atlas: str) -> None:
    come(page, atlas)
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(atlas)
    page.wait_for_function(READY)
    expect(page.locator("#left h2")).to_have_text(["公开数字"])
    expect(page.locator("#left .published-date").first).to_contain_text("来源")
    expect(page.locator("#right h2")).to_have_text(["可招商载体", "可供地块"])
    dashes = """() => [...document.querySelectorAll('main *')].filter((n) => !n.children.length)
        .filter((n) => n.getClientRects().length && n.textContent.trim() === '—').map((n) => n.className)"""
    assert page.evaluate(dashes) == []
    expect(page.locator(".map-label--zone").first).to_contain_text("可招商")
    card = page.locator(".zone-card[data-zone=SMKX]")
    expect(card.locator(".card-name-small")).to_have_text(["可招商", "可供地块", "空置率"])

    page.locator("#right .offer").first.click()
    expect(page.locator("#entity-panel")).to_have_attribute("data-entity", re.compile("carrier:"))


def test_a_zone_selected_by_a_visitor_shows_what_is_on_offer_in_it(page: Page, atlas: str) -> None:
    come(page, atlas)
    page.goto(f"{atlas}/?sel=zone:SMKX")
    panel = page.locator("#zone-panel")
    expect(panel.locator(".section-head h2")).to_have_text(["可招商载体", "可供地块"])
    expect(panel.locator(".strip")).to_have_count(0)
    subjects = page.locator("#left .published-subject .opens").all_inner_texts()
    assert set(subjects) == {"生物城"}


def test_the_navigation_has_the_pages_that_the_role_may_see(page: Page, atlas: str) -> None:
    whole = ["总览", "项目", "产业链", "账本", "亩均", "数据"]
    for role, found in (
        ("leadership", whole),
        ("planner", whole),
        ("promoter", whole[:-1]),
        ("prospect", ["总览", "产业链"]),
    ):
        come(page, atlas, role)
        page.goto(atlas)
        expect(page.locator("#status-line")).to_be_visible()
        assert (role, pages(page)) == (role, found)


def test_published_projects_are_a_visitors_too(page: Page, atlas: str) -> None:
    come(page, atlas)
    page.goto(atlas)
    choose(page, "context", "公开")
    expect(page.locator(".nav .nav-link")).to_have_text(["总览", "项目", "产业链"])
    page.keyboard.press("Escape")
    page.locator(".nav .nav-link", has_text="项目").click()
    expect(page.locator("h1")).to_have_text("项目")
    expect(page.locator(".error-page")).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "title"), [("/ledger", "账本"), ("/per-mu", "亩均"), ("/data", "数据"), ("/projects", "项目")]
)
def test_a_shut_page_says_what_it_is_and_keeps_header_and_search(page: Page, atlas: str, path: str, title: str) -> None:
    come(page, atlas)
    answer = page.goto(atlas + path)
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("h1")).to_have_text(title)
    expect(page.locator(".error-page")).to_contain_text("这一页不向客户开放")
    expect(page.locator(".error-page p").first).not_to_be_empty()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("SMKX")
    expect(page.locator(".search-hit").first).to_be_visible()
    page.keyboard.press("Escape")  # the list, then the box
    page.keyboard.press("Escape")
    choose(page, "reader", "领导视角")
    expect(page.locator("#page")).to_have_attribute("data-reader", "leadership/zh")
    expect(page.locator(".error-page")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_not_there_keeps_header_and_search(page: Page, atlas: str, language: str) -> None:
    come(page, atlas, "leadership", language)
    for path in ("/nowhere", "/park/NOWHERE"):
        page.goto(atlas + path)
        expect(page.locator(".error-page .primary-link")).to_be_visible()
        expect(page.locator(".nav .nav-link")).to_have_count(6)
        expect(page.locator("#search")).to_be_visible()
        opened(page, "context")
        page.keyboard.press("Escape")
