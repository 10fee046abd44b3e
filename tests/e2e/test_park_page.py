"""The park page in a browser: from the wall to a park, its controls, and back."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.header import choose


def _open(page: Page, atlas: str, path: str) -> list[str]:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("response", lambda r: problems.append(f"{r.status} {r.url}") if r.status >= 500 else None)
    page.goto(f"{atlas}{path}")
    expect(page.locator(".park-name")).to_be_visible()
    return problems


def test_the_life_science_zone_shows_its_districts_its_parties_and_its_trend(page: Page, atlas: str) -> None:
    problems = _open(page, atlas, "/park/SMKX")
    expect(page.locator("h1")).to_contain_text("生命科学创新区")
    expect(page.locator(".page-answers")).to_contain_text("公布 44.0 km² (2016-09-08)")
    head = page.locator(".card--head")
    for name in ("双流区", "新津区", "成都高新区", "示例"):
        expect(head).to_contain_text(name)
    expect(page.locator(".park-tiles .tile")).to_have_count(10)
    expect(page.locator("#trend-graph .main-svg").first).to_be_visible()
    expect(page.locator("#park-table .ag-row[row-id]").first).to_be_attached()
    assert problems == []


def test_scope_and_kpi_move_the_url_and_the_blocks(page: Page, atlas: str) -> None:
    problems = _open(page, atlas, "/park/SMKX")
    page.locator(".card--split label", has_text="共建分享").click()
    expect(page).to_have_url(re.compile("scope=shared"))
    expect(page.locator("#split-badge")).to_have_text("内部考核口径")
    page.locator("[data-kpi=K04]").click()
    expect(page).to_have_url(re.compile("kpi=K04"))
    expect(page.locator(".park-tiles .is-chosen")).to_have_attribute("data-kpi", "K04")
    page.locator("#trend-mode label", has_text="当月").click()
    expect(page.locator(".trend-words")).to_contain_text("当月值")
    assert problems == []


def test_a_filter_in_the_link_is_kept_and_narrows_the_projects_to_this_park(page: Page, atlas: str) -> None:
    problems = _open(page, atlas, "/park/SMKX?chain=DRUG&light=green")
    expect(page.locator(".filter-chip")).to_have_count(2)
    expect(page.locator("#park-land .unfollowed")).to_contain_text("产业链")
    expect(page.locator("#trend-graph .main-svg").first).to_be_visible()
    expect(page).to_have_url(re.compile("chain=DRUG"))
    page.locator(".facet-clear").click()
    expect(page.locator(".filter-chip")).to_have_count(0)
    assert problems == []


def test_the_published_data_set_has_facts_with_sources_and_no_tile_without_a_value(page: Page, atlas: str) -> None:
    problems = _open(page, atlas, "/park/SMKX?data=published")
    expect(page.locator(".fact-tile").first).to_contain_text("来源")
    expect(page.locator(".card--trend")).to_be_hidden()
    expect(page.locator(".card--governance .fact-line li").first).to_be_visible()
    assert problems == []


def test_a_park_of_the_scheme_opens_from_its_tab_and_another_scheme_leads_to_its_overview(
    page: Page, atlas: str
) -> None:
    _open(page, atlas, "/park/SMKX")
    page.locator(".park-tab", has_text="未来科技城").click()
    expect(page.locator(".park-name")).to_contain_text("未来科技城")
    expect(page).to_have_url(re.compile("/park/WLKJC"))
    choose(page, "context", "温江健康产业功能区 · 1核2轴3园")
    expect(page.locator(".page--wall")).to_be_visible()
    expect(page).to_have_url(re.compile("scheme=wenjiang"))


def test_an_unknown_park_names_the_parks_there_are(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/park/NOWHERE")
    expect(page.locator(".error-page")).to_contain_text("生物城")
