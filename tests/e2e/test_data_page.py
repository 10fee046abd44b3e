"""The data page in a browser: a file comes in, is looked at, checked, committed, seen and taken back."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import shapely
from playwright.sync_api import Page, expect

from data.boundaries import load_districts
from domain.datum import wgs84_to_gcj02

CSV = """项目名称,所属片区,总投资(亿元),签约时间,经度,纬度
甲项目,SMKX,3.5,2025年3月,104.03,30.45
乙项目,XYDIT,１２,2024-11-02,103.9,30.78
丙项目,不存在的园区,abc,2025.6,104.0,30.5
"""


def upload(page: Page, atlas: str, path: Path) -> None:
    page.goto(f"{atlas}/data")
    page.locator("#data-drop").wait_for()
    with page.expect_file_chooser() as chooser:
        page.locator("#data-drop").click()
    chooser.value.set_files(path)


def own_projects(atlas: str) -> list[str]:
    answer = urllib.request.urlopen(f"{atlas}/api/v1/projects?data=own")  # noqa: S310 - our own loopback address
    return [row["name_zh"] for row in json.loads(answer.read())["projects"]]


def test_a_file_is_looked_at_checked_committed_seen_and_taken_back(page: Page, own_atlas: str, tmp_path: Path) -> None:
    file = tmp_path / "八月项目.csv"
    file.write_text(CSV, encoding="utf-8")
    upload(page, own_atlas, file)
    form = page.locator(".import-columns")
    expect(form).to_contain_text("总投资(亿元)")
    expect(form).to_contain_text("甲项目")
    expect(page.locator("#preview canvas")).to_be_visible()  # where the rows lie is seen before anything is checked

    page.get_by_role("button", name="核对", exact=True).click()
    findings = page.locator("[data-findings]")
    expect(findings).to_contain_text("abc")
    expect(findings).to_contain_text("不存在的园区")
    expect(page.locator("#preview canvas")).to_be_visible()
    assert own_projects(own_atlas) == []  # checked is not written

    page.get_by_role("button", name="确认入库").click()
    batch = page.locator("[data-batch]")
    expect(batch).to_have_attribute("data-state", "committed")
    assert sorted(own_projects(own_atlas)) == ["乙项目", "甲项目"]  # the third names no zone of the scheme

    page.get_by_role("button", name="撤销").click()
    expect(batch).to_have_attribute("data-state", "undone")
    assert own_projects(own_atlas) == []


def test_a_suspected_datum_is_asked_about_with_both_readings_on_the_map(
    page: Page, own_atlas: str, tmp_path: Path
) -> None:
    ring = load_districts(prefix="510116").geometry[0].buffer(-0.001).exterior
    x, y = wgs84_to_gcj02(*(column[::3] for column in shapely.get_coordinates(ring).T))
    lines = [
        f"楼{i},研发,双流区,{lon!r},{lat!r}" for i, (lon, lat) in enumerate(zip(x.tolist(), y.tolist(), strict=True))
    ]
    file = tmp_path / "载体.csv"
    file.write_text("载体名称,载体类型,区县,经度,纬度\n" + "\n".join(lines), encoding="utf-8")
    upload(page, own_atlas, file)
    expect(page.locator("main")).to_contain_text("坐标基准疑为 GCJ-02")
    expect(page.locator("#preview canvas")).to_be_visible()
    token = page.evaluate("() => dash_component_api.getLayout('data-job').props.data.job")
    shown = page.request.get(f"{own_atlas}/data/preview/{token}.json").json()
    assert {f["properties"]["datum"] for f in shown["features"]} == {"WGS84", "GCJ02"}

    page.get_by_role("button", name="按 GCJ-02 换算").click()
    expect(page.locator("[data-findings]")).to_contain_text("坐标由 GCJ02 换算为 WGS84")


def test_a_unit_that_the_heading_does_not_say_is_chosen(page: Page, own_atlas: str, tmp_path: Path) -> None:
    file = tmp_path / "项目.csv"
    file.write_text("项目名称,所属片区,总投资,签约时间\n甲项目,SMKX,3.5,2025-03-01\n", encoding="utf-8")
    upload(page, own_atlas, file)
    row = page.locator(".import-columns tr", has_text="总投资")
    row.locator("td").nth(2).locator("input").first.click()
    page.get_by_role("option", name="亿元", exact=True).click()
    page.get_by_role("button", name="核对", exact=True).click()
    expect(page.locator("[data-findings]")).to_contain_text("按表头单位 亿元 换算为 万元")
    page.get_by_role("button", name="确认入库").click()
    expect(page.locator("[data-batch]")).to_have_attribute("data-state", "committed")
    answer = page.request.get(f"{own_atlas}/api/v1/projects?data=own").json()
    assert [p["total_investment_wan"] for p in answer["projects"]] == [35_000]


def test_a_file_that_is_none_is_refused_in_words(page: Page, own_atlas: str, tmp_path: Path) -> None:
    file = tmp_path / "renamed.xlsx"
    file.write_bytes(b"%PDF-1.7 this is no workbook")
    upload(page, own_atlas, file)
    expect(page.locator(".import-problem")).to_contain_text("没有导入")
    expect(page.locator("[data-batch]")).to_have_count(0)


def test_a_promoter_cannot_bring_data_in(page: Page, own_atlas: str) -> None:
    page.context.add_cookies([{"name": "atlas_role", "value": "promoter", "url": own_atlas}])
    page.goto(f"{own_atlas}/data")
    expect(page.locator("main")).to_contain_text("这一页不向招商开放")
    refused = page.request.post(f"{own_atlas}/data/upload?name=a.csv", headers={"X-Atlas": "upload"}, data="a")
    assert refused.status == 403
    forged = page.request.post(f"{own_atlas}/data/upload?name=a.csv", data="a")
    assert forged.status == 403
