"""The published data set on screen: every line with subject, date, source and doubt, and nowhere a sum."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

#: What the records add up to; 智创 A and B and the park that is both of them are among them.
SUMMED = "816.2"


def _rows(page: Page, where: str) -> list[str]:
    expect(page.locator(f"{where} .published-row").first).to_be_visible()
    return page.locator(f"{where} .published-row").all_inner_texts()


def test_carriers_of_the_wall_are_listed_and_not_summed(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/?data=published")
    rows = _rows(page, ".published-rows--carriers")
    assert len(rows) == 50
    assert all(re.search(r"来源 \S+", row) for row in rows)
    assert all(re.search(r"\d{4}|未载", row) for row in rows)
    (whole,) = (row for row in rows if "未来智创产业园" in row and "51.0" in row)
    assert "存疑 与智创产业空间A、B区应为同一载体" in whole
    assert SUMMED not in page.locator("body").inner_text()


def test_the_six_largest_projects_say_where_when_who_and_what_is_in_doubt(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/?data=published")
    rows = _rows(page, ".published-rows--largest")
    assert len(rows) == 6
    assert all(re.search(r"来源 \S+", row) for row in rows)
    (chips,) = (row for row in rows if "紫光芯城" in row)
    assert "500.00亿元" in chips
    assert "存疑 2019年后进展未见" in chips


def test_figures_keep_the_words_of_their_date_and_their_own_subject(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/?data=published&zone=CDKXC")
    rows = [" ".join(row.split()) for row in _rows(page, "#left")]
    assert any("鹿溪智谷公园城市示范区" in row and "约2020" in row and "18.02" in row for row in rows)
    assert any("132" in row and "2021-09起" in row for row in rows)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("累计落户项目", "200个"),
        ("落户项目总投资", "超1200亿元"),
        ("诺奖团队", "5个"),
        ("国家级院士团队", "4个"),
        ("高层次人才团队", "51个"),
        ("产业人才", "超10000人"),
    ],
)
def test_the_bio_city_of_2022(page: Page, atlas: str, name: str, value: str) -> None:
    page.goto(f"{atlas}/?data=published&zone=SMKX")
    row = page.locator("#left .published-row", has=page.locator(".published-name", has_text=name)).filter(
        has_text="2022-11"
    )
    expect(row).to_contain_text("截至2022-11")
    expect(row).to_contain_text("成都市经济发展研究院")
    assert "".join(row.locator(".published-value").inner_text().split()) == value


def test_carriers_of_a_park_are_listed_and_not_summed(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/park/WLKJC?data=published")
    block = page.locator("#park-carriers")
    expect(block).to_contain_text("不合计")
    expect(block.locator("tbody tr")).to_have_count(7)
    expect(block.locator("tbody tr", has_text="智创产业空间A区")).to_contain_text("存疑 与未来智创产业园应为同一载体")
    expect(block.locator(".cell-value")).to_have_count(0)
