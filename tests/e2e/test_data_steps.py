"""The data page: three steps of which the present one is marked and what has happened stays, and all tables with one menu each."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from data.imports.tables import TABLES

CSV = "项目名称,所属片区,总投资(亿元),签约时间\n甲项目,SMKX,3.5,2025年3月\n乙项目,不存在的园区,1,2025-01-01\n"


def test_an_import_on_a_phone_goes_through_its_steps(page: Page, own_atlas: str, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    file = tmp_path / "八月.csv"
    file.write_text(CSV, encoding="utf-8")
    page.goto(f"{own_atlas}/data")
    step, here = page.locator(".step"), page.locator(".step[aria-current=step]")
    expect(here).to_have_text("1上传")
    with page.expect_file_chooser() as chooser:
        page.locator("#data-drop").click()
    chooser.value.set_files(file)
    expect(here).to_have_text("2核对")
    expect(step.first).to_have_text("✓上传八月.csv · 2 行")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("button", name="核对", exact=True).click()
    expect(here).to_have_text("3入库")
    expect(step.nth(1)).to_contain_text("新增 4 · 更新 0 · 未导入 0")
    page.get_by_role("button", name="确认入库").click()
    expect(here).to_have_count(0)
    expect(page.locator(".step.is-done")).to_have_count(3)
    expect(step.first).to_contain_text("八月.csv")
    expect(step.nth(2)).to_have_text(re.compile(r"^✓入库第 \d+ 批已入库$"))
    expect(page.locator("[data-batch]")).to_have_count(1)


def test_every_table_is_a_row_with_its_names_its_records_and_one_menu(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 1200})
    page.goto(f"{atlas}/data")
    rows = page.locator("[data-table]")
    expect(rows).to_have_count(len(TABLES))
    expect(page.locator("[data-table] summary")).to_have_count(len(TABLES))
    for row in (rows.first, rows.last):
        expect(row).to_be_in_viewport()
    found = page.request.get(f"{atlas}/api/v1/projects").json()["total"]
    projects = page.locator("[data-table=projects]")
    expect(projects.locator("td").nth(0)).to_have_text("项目")
    expect(projects.locator("td").nth(1)).to_have_text("Projects")
    expect(projects.locator("td").nth(2)).to_have_text(f"{found:,}")
    projects.locator("summary").click()
    expect(projects.locator(".drop-body a")).to_have_text(
        ["空模板 xlsx", "Excel xlsx", "csv", "GeoPackage gpkg", "GeoJSON", "Shapefile zip"]
    )
    page.locator("[data-table=targets] summary").click()  # one is open at a time
    expect(page.locator("details.drop-menu[open]")).to_have_count(1)
    expect(page.locator("[data-table=targets] .drop-body a")).to_have_text(["空模板 xlsx", "Excel xlsx", "csv"])
    page.keyboard.press("Escape")
    expect(page.locator("details.drop-menu[open]")).to_have_count(0)
    with page.expect_download() as coming:
        projects.locator("summary").click()
        projects.get_by_text("csv", exact=True).click()
    assert len(coming.value.path().read_text("utf-8-sig").splitlines()) == found + 1


def test_a_page_without_batches_says_so_in_one_line(page: Page, own_atlas: str) -> None:
    page.goto(f"{own_atlas}/data")
    line = page.locator("#data-batches")
    expect(line).to_have_text("还没有导入过:上传第一个文件,或下载模板")
    box = line.bounding_box()
    assert box is not None
    assert box["height"] < 48
