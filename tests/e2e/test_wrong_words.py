"""What stands on the screen is what is so: the facet that is not followed, — for what is withheld, no arrow on zero."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from i18n import COOKIE
from tests.e2e.header import choose
from web import ROLE_COOKIE


def _as(page: Page, atlas: str, role: str, language: str = "zh") -> None:
    page.context.add_cookies(
        [{"name": ROLE_COOKIE, "value": role, "url": atlas}, {"name": COOKIE, "value": language, "url": atlas}]
    )


@pytest.fixture(autouse=True)
def tall(page: Page) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})


def test_the_wall_names_the_facet_that_does_not_apply(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/?light=red&kpi=K04")
    expect(page.locator(".tile[data-kpi=K04] .tile-note")).to_have_text("直报 · 不随红黄绿灯筛选")
    right = page.locator("#right")
    expect(right.locator(".unfollowed")).to_have_text("不随红黄绿灯筛选")
    expect(right.locator(".split .note")).to_have_text("不随红黄绿灯筛选")
    expect(page.locator(".zone-card").first).to_contain_text("不随红黄绿灯筛选")
    expect(page.locator("body")).not_to_contain_text("不随产业链筛选")


def test_the_facet_is_named_in_english_too(page: Page, atlas: str) -> None:
    _as(page, atlas, "leadership", "en")
    page.goto(f"{atlas}/?district=510116&kpi=K05")
    expect(page.locator(".zone-card").first).to_contain_text("Does not follow: District")


def test_a_change_printed_as_zero_has_no_arrow(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/?sel=zone:CDKXC")
    cell = page.locator(".strip-cell", has_text="创新平台")
    expect(cell.locator(".yoy")).to_have_text(re.compile(r"^0\.0%\s*同比$"))
    expect(cell.locator(".yoy-down")).to_have_count(0)
    expect(page.locator(".yoy", has_text=re.compile(r"[▲▼][+−]?0\.0"))).to_have_count(0)


def test_a_planner_sees_a_dash_and_the_reason_where_leads_are_withheld(page: Page, atlas: str) -> None:
    _as(page, atlas, "planner")
    page.goto(f"{atlas}/?table=1")
    expect(page.locator(".stage--lead .stage-number")).to_have_text("—")
    expect(page.locator("#right")).to_contain_text(re.compile(r"另有签约前项目 \d+ 个,只计数"))
    expect(page.locator("#table-host .table-head")).to_contain_text(re.compile(r"另有签约前项目 \d+ 个,只计数"))
    page.goto(f"{atlas}/projects?view=board")
    lead = page.locator("[data-group=lead]")
    expect(lead.locator(".board-head b")).to_have_text("—")
    expect(lead).to_contain_text(re.compile(r"另有签约前项目 \d+ 个,只计数"))
    page.goto(f"{atlas}/park/SMKX")
    expect(page.locator(".stage-part--lead .stage-n")).to_have_text("—")
    _as(page, atlas, "leadership")
    page.goto(f"{atlas}/projects?view=board")
    expect(lead.locator(".board-head b")).to_have_text(re.compile(r"^[1-9]\d*$"))


def test_no_month_stands_over_data_that_have_none(page: Page, atlas: str) -> None:
    page.goto(atlas)
    expect(page.locator("#status-line")).to_contain_text("2026-09")
    choose(page, "context", "自有")
    expect(page).to_have_url(re.compile("data=own"))
    status = page.locator("#status-line")
    expect(status).to_contain_text("还没有数据")
    expect(status).not_to_contain_text(re.compile(r"20\d\d"))
    months = page.get_by_role("group", name="期间")
    expect(months).to_have_text("期间还没有数据")
    choose(page, "context", "公开")
    expect(page).to_have_url(re.compile("data=published"))
    expect(status).not_to_contain_text(re.compile(r"20\d\d"))
    expect(months).to_have_text("期间每个数字按各自日期与来源")
    choose(page, "context", "演示")
    expect(months.locator("[aria-pressed=true]")).to_have_accessible_name("2026-09")


def test_an_empty_set_is_not_said_to_be_filtered(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/projects?data=own")
    board = page.locator("#projects-answer")
    expect(board).to_contain_text("本数据集没有项目")
    expect(page.locator("#page")).not_to_contain_text("清除部分筛选")
    page.goto(f"{atlas}/projects?data=own&light=red")
    expect(board).to_contain_text("清除部分筛选再看")


def test_the_class_of_a_plot_on_offer_is_called_planned(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/?sel=plot:DG-CDKXC-0001")
    panel = page.locator("#entity-panel")
    expect(panel).to_contain_text("规划用地")
    expect(panel).not_to_contain_text("现状用地")
