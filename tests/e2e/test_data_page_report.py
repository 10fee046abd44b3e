"""A report that cannot be written after the rows are in: the screen says that, and not that nothing was imported."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.test_data_page import own_projects, upload


def test_rows_are_said_to_be_in_when_only_the_report_failed(page: Page, own_atlas: str, tmp_path: Path) -> None:
    file = tmp_path / "八月项目.csv"
    file.write_text(
        "项目名称,所属片区,总投资(亿元),签约时间\n甲项目,SMKX,3.5,2025-03-01\n乙项目,SMKX,abc,2025-03-01\n",
        encoding="utf-8",
    )
    upload(page, own_atlas, file)
    page.get_by_role("button", name="核对", exact=True).click()
    expect(page.locator("[data-findings]")).to_contain_text("abc")
    report = next((tmp_path / "var" / "imports").glob("*/report.xlsx"))
    report.unlink()
    report.mkdir()  # in the way of the report of the commit

    page.get_by_role("button", name="确认入库").click()
    expect(page.locator("[data-batch]")).to_have_attribute("data-state", "committed")
    expect(page.locator("#data-body")).to_contain_text("第 1 批已入库")
    expect(page.locator("#data-progress")).to_contain_text("报告没有写成,数据不受影响")
    expect(page.locator("main")).not_to_contain_text("没有导入")
    expect(page.get_by_text("下载标注后的文件与清单")).to_have_count(0)
    assert sorted(own_projects(own_atlas)) == ["乙项目", "甲项目"]
