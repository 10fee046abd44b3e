"""The data page follows its own address, and a layer has one name from the first look to the database."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from settings import Settings
from tests.e2e.conftest import _gunicorn
from tests.e2e.header import choose
from tests.support.importing import book

POINTS = [
    {
        "type": "Feature",
        "properties": {"载体名称": f"楼{n}", "载体类型": "研发"},
        "geometry": {"type": "Point", "coordinates": [104.03 + n / 1000, 30.45]},
    }
    for n in range(3)
]
KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Folder><name>一期</name><Placemark><name>甲</name><Point><coordinates>104.03,30.45</coordinates></Point></Placemark></Folder>
<Folder><name>二期</name><Placemark><name>乙</name><Point><coordinates>104.04,30.45</coordinates></Point></Placemark>
<Placemark><name>丙</name><Point><coordinates>104.05,30.45</coordinates></Point></Placemark></Folder></Document></kml>"""


@pytest.fixture(scope="module")
def desk(atlas_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server whose uploads are its own; nothing here is committed."""
    with _gunicorn(tmp_path_factory.mktemp("var"), atlas_settings.sqlalchemy_url) as address:
        yield address


def bring(page: Page, address: str, file: Path, query: str = "") -> None:
    page.goto(f"{address}/data{query}")
    page.locator("#data-drop").wait_for()
    with page.expect_file_chooser() as chooser:
        page.locator("#data-drop").click()
    chooser.value.set_files(file)
    page.locator(".import-columns").wait_for()


def check(page: Page) -> None:
    page.get_by_role("button", name="核对", exact=True).click()
    page.get_by_role("button", name="确认入库").wait_for()


def test_a_geojson_without_a_name_is_checked(page: Page, desk: str, tmp_path: Path) -> None:
    file = tmp_path / "载体八月.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": POINTS}), encoding="utf-8")
    bring(page, desk, file)
    expect(page.locator("#data-sheet")).to_have_value("载体八月 (3)")
    check(page)
    expect(page.locator(".import-problem")).to_have_count(0)
    expect(page.locator(".import-count", has_text="新增")).to_contain_text("3")


def test_the_other_layers_of_a_file_stay_on_offer(page: Page, desk: str, tmp_path: Path) -> None:
    file = tmp_path / "两期.kml"
    file.write_text(KML, encoding="utf-8")
    bring(page, desk, file)
    expect(page.locator("#data-sheet")).to_have_value("二期 (2)")
    for wanted, other in (("一期 (1)", "二期 (2)"), ("二期 (2)", "一期 (1)")):
        page.locator("#data-sheet").click()
        page.get_by_role("option", name=wanted).click()
        expect(page.locator("#data-sheet")).to_have_value(wanted)
        expect(page.locator(".card", has_text="看一看").first).to_contain_text(f"{wanted[-2]} 行")
        page.locator("#data-sheet").click()
        expect(page.get_by_role("option", name=other)).to_be_visible()
        page.keyboard.press("Escape")


def test_sheets_of_one_name_in_an_archive_are_told_apart(page: Page, desk: str, tmp_path: Path) -> None:
    archive = tmp_path / "两年.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for year, name in (("2025", "甲项目"), ("2026", "乙项目")):
            packed.write(book(tmp_path, [["项目名称", "所属片区"], [name, "SMKX"]]), f"{year}.xlsx")
    bring(page, desk, archive)
    expect(page.locator(".import-columns")).to_contain_text("甲项目")
    page.locator("#data-sheet").click()
    page.get_by_role("option", name="2026 · 表 (1)").click()
    expect(page.locator(".import-columns")).to_contain_text("乙项目")
    check(page)
    expect(page.locator(".import-count", has_text="新增")).to_contain_text("1")


CSV = "项目名称,所属片区,总投资(亿元),签约时间\n甲项目,医学城,3.5,2025-03-01\n"


def test_a_file_comes_in_for_the_scheme_of_the_page(page: Page, own_atlas: str, tmp_path: Path) -> None:
    file = tmp_path / "温江项目.csv"
    file.write_text(CSV, encoding="utf-8")
    bring(page, own_atlas, file, "?scheme=wenjiang")
    expect(page.locator("#data-scheme")).to_have_value("温江健康产业功能区")
    check(page)
    expect(page.locator("main")).not_to_contain_text("医学城”")  # no finding about an unknown zone
    page.get_by_role("button", name="确认入库").click()
    page.get_by_role("link", name="在图上看自有数据").click()
    page.wait_for_url("**/?*")
    assert "scheme=wenjiang" in page.url
    assert "data=own" in page.url
    expect(page.locator(".header .title")).to_have_text("温江健康产业功能区")
    found = page.request.get(f"{own_atlas}/api/v1/projects?data=own&scheme=wenjiang").json()["projects"]
    assert [(p["name_zh"], p["zone_code"]) for p in found] == [("甲项目", "WJ-CYC")]


def test_the_scheme_switched_on_the_page_counts_for_uploads_and_for_exports(
    page: Page, desk: str, tmp_path: Path
) -> None:
    file = tmp_path / "温江项目.csv"
    file.write_text(CSV, encoding="utf-8")
    page.goto(f"{desk}/data")
    page.locator("#data-drop").wait_for()
    expect(page.locator("#data-files a[href$='projects.csv']")).to_have_count(1)
    choose(page, "context", "温江健康产业功能区 · 1核2轴3园")
    page.wait_for_url("**/data?scheme=wenjiang")
    expect(page.locator("#data-files a[href*='projects.csv?scheme=wenjiang']")).to_have_count(1)
    page.keyboard.press("Escape")
    with page.expect_file_chooser() as chooser:
        page.locator("#data-drop").click()
    chooser.value.set_files(file)
    expect(page.locator("#data-scheme")).to_have_value("温江健康产业功能区")


ZONES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"片区代码": "WJ-NEW", "片区名称": "新片区", "片区角色": "园区"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[103.8, 30.7], [103.82, 30.7], [103.82, 30.72], [103.8, 30.72], [103.8, 30.7]]],
            },
        }
    ],
}


def test_zones_need_no_scheme_typed_in_where_the_page_has_one(page: Page, desk: str, tmp_path: Path) -> None:
    file = tmp_path / "片区.geojson"
    file.write_text(json.dumps(ZONES), encoding="utf-8")
    bring(page, desk, file, "?scheme=wenjiang")
    expect(page.locator("#data-table")).to_have_value("片区")
    expect(page.locator("#data-scheme")).to_have_value("温江健康产业功能区")
    expect(page.locator(".warning")).to_have_count(0)  # 缺少必填列:方案代码
