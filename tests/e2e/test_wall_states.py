"""What the wall says where there is nothing: a data set that is empty, and a filter that nothing passes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_visitor_wall import come


def test_an_empty_data_set_says_what_is_missing_and_leads_to_the_import(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/?data=own")
    left = page.locator("#left")
    expect(left.locator("h2")).to_have_text(["自有数据还没有内容"])
    expect(left).to_contain_text("导入各部门的文件后")
    expect(page.locator(".tile, #right section")).to_have_count(0)
    expect(page.locator(".zone-card[data-zone=SMKX] .card-name-small")).to_have_text(["图上面积"])
    left.get_by_role("link", name="导入第一个文件").click()
    expect(page.locator("h1")).to_have_text("数据")
    expect(page).to_have_url(re.compile("/data.data=own"))


@pytest.mark.parametrize("role", ["promoter", "prospect"])
def test_who_may_not_import_is_led_to_published_data(page: Page, atlas: str, role: str) -> None:
    come(page, atlas, role, "en")
    page.goto(f"{atlas}/?data=own")
    expect(page.locator("#left h2")).to_have_text(["No data of your own yet"])
    page.locator("#left").get_by_role("button", name="See published data").click()
    expect(page.locator("#left h2")).to_have_text(["Published figures"])
    expect(page).to_have_url(f"{atlas}/?data=published")


def test_a_filter_that_nothing_passes_says_which_facet_to_drop(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/?zone=SMKX&chain=IC&light=red")
    right = page.locator("#right")
    expect(right.locator("h2").first).to_have_text("没有符合筛选的项目")
    found = {}
    for query in ("zone=SMKX&light=red", "chain=IC&light=red", "zone=SMKX&chain=IC"):
        found[query] = len(page.request.get(f"{atlas}/api/v1/projects?{query}").json()["ids"])
    offers = sorted(right.locator(".drop-facet .num").all_inner_texts())
    assert offers == sorted(f"{n} 个" for n in found.values())
    right.locator(".drop-facet", has_text="去掉 灯").click()
    expect(page).to_have_url(re.compile(r"\?zone=SMKX&chain=IC$"))
    expect(right.locator("h2").first).to_have_text("项目")
    page.go_back()
    right.get_by_role("button", name="清除筛选").click()
    expect(page).to_have_url(f"{atlas}/")
