"""Several records at one place: a count on the map that follows filter and role, and a list from which each is reached."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from dash import Dash
from playwright.sync_api import Locator, Page, Route, expect

from settings import ROOT
from tests.e2e.test_main_job import READY
from tests.e2e.test_map_bridge import SPEC, Switch, build_app, collection, feature, on_page, settled, square

PLACE = (103.975, 30.375)
OTHER_PLACE = (103.985, 30.385)
#: Twelve projects at one place: seven signed, of which three are under construction, and five leads.
NAMES = [f"叠点{n}号" for n in range(12)]
SIGNED = range(7)
BUILDING = range(3)


def _stacked_files(folder: Path) -> dict[str, Path]:
    def day(n: int, among: range, date: str) -> str:
        return date if n in among else ""

    projects = ["项目编号,项目名称,所属片区,总投资(万元),首次接洽时间,签约日期,开工日期,经度,纬度"] + [
        f"S{n},{name},生命科学创新区,{10_000 + n},2026-01-05,{day(n, SIGNED, '2026-02-01')},{day(n, BUILDING, '2026-03-01')},"
        f"{PLACE[0]},{PLACE[1]}"
        for n, name in enumerate(NAMES)
    ]
    at = f"{OTHER_PLACE[0]},{OTHER_PLACE[1]}"
    carriers = ["载体编号,载体名称,所属片区,载体类型,经度,纬度"] + [
        f"C{n},叠楼{n}号,生命科学创新区,标准厂房,{at}" for n in range(4)
    ]
    platforms = ["平台编号,平台名称,平台类别,所属片区,经度,纬度"] + [
        f"T{n},叠台{n}号,实验室,生命科学创新区,{at}" for n in range(3)
    ]
    files = {}
    for table, lines in (("projects", projects), ("carriers", carriers), ("platforms", platforms)):
        files[table] = folder / f"{table}.csv"
        files[table].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return files


@pytest.fixture
def stacked(own_atlas: str, tmp_path: Path) -> str:
    """Address of a program whose own data lies in heaps."""
    environment = os.environ | {"ATLAS_VAR_DIR": str(tmp_path / "var"), "ATLAS_DATABASE_URL": ""}
    for table, file in _stacked_files(tmp_path).items():
        subprocess.run(
            [sys.executable, "cli.py", "import", str(file), "--table", table, "--datum", "wgs84"],
            cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return own_atlas


ARRIVED = "() => { const {map} = atlas.maps.map; return map.getZoom() > 12 && !map.isMoving(); }"


DRAWN = "() => window.atlas?.maps?.map?.timings?.firstIdle"


def open_own(page: Page, address: str, query: str = "", until: str = READY) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{address}/?data=own{query}")
    page.wait_for_function(until)


def counts(page: Page) -> Locator:
    return page.locator(".map-stack, .map-cluster")


def names(page: Page) -> list[str]:
    return page.locator(".map-list__name").all_inner_texts()


#: Near enough for single projects, and nothing but projects.
NEAR = f"&layers=project,zone&map={PLACE[0]},{PLACE[1]},12"


def test_twelve_projects_at_one_place_are_counted_listed_and_each_reached(page: Page, stacked: str) -> None:
    open_own(page, stacked, NEAR)
    expect(counts(page)).to_have_text(["12"])

    # The count is that of what the filter leaves, and of what the role may see.
    page.locator(".stage--building").click()
    expect(counts(page)).to_have_text(["3"])
    counts(page).click()
    assert names(page) == NAMES[:3]
    page.keyboard.press("Escape")
    page.locator(".filter-chip").click()
    expect(counts(page)).to_have_text(["12"])
    page.context.add_cookies([{"name": "atlas_role", "value": "planner", "url": stacked}])
    open_own(page, stacked, NEAR)
    expect(counts(page)).to_have_text(["7"])  # a planner sees no leads
    page.context.add_cookies([{"name": "atlas_role", "value": "leadership", "url": stacked}])
    open_own(page, stacked, NEAR)

    # By mouse: on the symbol itself as well as on the count.
    expect(counts(page)).to_have_text(["12"])
    x, y = page.evaluate(
        "at => { const p = atlas.maps.map.map.project(at), o = document.getElementById('map').getBoundingClientRect();"
        " return [p.x + o.left, p.y + o.top]; }",
        PLACE,
    )
    page.mouse.click(x, y)
    expect(page.locator(".map-list__title")).to_have_text("此处 12 个")
    assert names(page) == NAMES  # 2号 before 10号
    page.locator(".map-list__row").filter(has_text=NAMES[10]).click()
    expect(page.locator("#project-panel")).to_contain_text(NAMES[10])
    page.wait_for_function(ARRIVED)  # the map goes to what is chosen, and a list closes when the map moves
    expect(page.locator(".map-list")).to_have_count(0)

    # By keyboard, with the panel open: Escape leaves the list and nothing else.
    twelve = counts(page).filter(has_text="12")
    twelve.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".map-list__row").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".map-list")).to_have_count(0)
    expect(twelve).to_be_focused()
    expect(page.locator("#project-panel")).to_contain_text(NAMES[10])
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#project-panel")).to_contain_text(NAMES[2])


def test_a_list_opened_before_the_page_is_complete_stays_open(page: Page, stacked: str) -> None:
    held: list[Route] = []
    page.route("**/_dash-layout", lambda route: held.append(route))
    with page.expect_request("**/_dash-layout"):
        open_own(page, stacked, until=DRAWN)
    counts(page).click()
    expect(page.locator(".map-list__row").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    held[0].continue_()
    page.wait_for_function("() => !atlas.maps.map.early")
    expect(page.locator(".map-list__row").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#project-panel")).to_contain_text(NAMES[1])


def test_a_choice_is_not_lost_to_what_the_map_tells_right_after_it(page: Page, stacked: str) -> None:
    open_own(page, stacked)
    counts(page).click()
    page.evaluate("() => { document.querySelectorAll('.map-list__row')[1].click(); atlas.maps.map.emit('moveend'); }")
    expect(page.locator("#project-panel")).to_contain_text(NAMES[1])


def test_carriers_and_platforms_at_one_place_are_counted_together(page: Page, stacked: str) -> None:
    open_own(page, stacked, f"&map={OTHER_PLACE[0]},{OTHER_PLACE[1]},14")
    place = counts(page).filter(has_text="7")
    expect(place).to_have_count(1)
    place.click()
    assert names(page) == [f"叠楼{n}号" for n in range(4)] + [f"叠台{n}号" for n in range(3)]
    page.locator(".map-list__row").filter(has_text="叠楼3号").click()
    expect(page.locator("#right")).to_contain_text("叠楼3号")
    place.click()
    page.locator(".map-list__row").filter(has_text="叠台1号").click()
    expect(page.locator("#right")).to_contain_text("叠台1号")


def near_spec() -> dict:
    """Two points a few metres apart, two that only overlap from afar, and two areas of one layer over one another."""
    spec = copy.deepcopy(SPEC)
    points = {"near1": (104.0, 30.5), "near2": (104.00001, 30.5), "by1": (104.1, 30.5), "by2": (104.103, 30.5)}
    spec["style"]["sources"] = {
        "sites": collection(
            [feature(n, {"type": "Point", "coordinates": [*at]}, id=name, light="green") for n, (name, at) in enumerate(points.items(), 1)]
        ),
        "zones": collection(
            [feature(n, {"type": "Polygon", "coordinates": square(104.25, 30.6, half)}, id=f"area{n}", colour="#F2C14E", name=f"片区{n}")
             for n, half in ((1, 0.05), (2, 0.03))]
        ),
    }  # fmt: skip
    spec["style"]["layers"] = [layer for layer in spec["style"]["layers"] if layer["id"] != "shared"]
    spec["hover"]["sites"] = {"title": ["id"], "rows": []}
    spec["labels"] = []
    return spec


@pytest.fixture(scope="module")
def near_address(serve: Callable[[Dash], str]) -> str:
    return serve(build_app(Switch(), near_spec()))


def test_a_click_that_hits_several_lists_them_and_one_that_hits_one_does_not(page: Page, near_address: str) -> None:
    page.set_viewport_size({"width": 1100, "height": 760})
    page.goto(near_address)
    settled(page)
    heard = page.locator("#heard")
    expect(counts(page)).to_have_text(["2"])  # what only overlaps from afar comes apart nearer, and is not counted

    page.mouse.click(*on_page(page, 104.1015, 30.5))  # between two symbols that overlap at this zoom
    assert names(page) == ["by1", "by2"]
    expect(heard).to_have_text("click")  # nothing is chosen yet
    page.locator(".map-list__row").last.click()
    expect(heard).to_have_text("click sites:by2")

    page.mouse.click(*on_page(page, 104.25, 30.6))  # where one area covers the other
    assert names(page) == ["片区1", "片区2"]
    page.locator(".map-list__row").first.click()
    expect(heard).to_have_text("click zones:area1")

    page.mouse.click(*on_page(page, 104.25, 30.64))  # one area alone
    expect(page.locator(".map-list")).to_have_count(0)
    expect(heard).to_have_text("click zones:area1")


def test_the_list_closes_when_the_map_moves_or_the_focus_goes_elsewhere(page: Page, near_address: str) -> None:
    page.set_viewport_size({"width": 1100, "height": 760})
    page.goto(near_address)
    settled(page)
    counts(page).click()
    expect(page.locator(".map-list")).to_be_visible()
    page.locator("#only-red").focus()
    expect(page.locator(".map-list")).to_have_count(0)
    counts(page).click()
    expect(page.locator(".map-list")).to_be_visible()
    page.locator(".map-control").first.click()
    expect(page.locator(".map-list")).to_have_count(0)
