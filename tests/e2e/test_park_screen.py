"""The park page as it stands on the screen: each figure once, half the width for the map, charts that tell, no empty frames."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

TEN = ["K01", "K04", "K08", "K23", "K24", "K02", "K07", "K05", "K53", "K20"]


def opened(page: Page, address: str, size: tuple[int, int] = (1366, 768), role: str = "", lang: str = "") -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    base = address.split("/park")[0]
    for name, value in (("atlas_role", role), ("atlas_lang", lang)):
        if value:
            page.context.add_cookies([{"name": name, "value": value, "url": base}])
    page.goto(address)
    expect(page.locator(".park-name")).to_be_visible()
    page.wait_for_load_state("networkidle")


def box(place: Locator) -> dict[str, float]:
    found = place.bounding_box()
    assert found is not None
    return {**found, "right": found["x"] + found["width"], "bottom": found["y"] + found["height"]}


def test_ten_figures_stand_in_two_rows_of_five_and_the_chosen_one_drives_the_trend(page: Page, atlas: str) -> None:
    opened(page, f"{atlas}/park/SMKX")
    tiles = page.locator(".park-tiles .tile")
    assert [tile.get_attribute("data-kpi") for tile in tiles.all()] == TEN
    tops = [round(box(tile)["y"]) for tile in tiles.all()]
    assert (len(set(tops[:5])), len(set(tops[5:])), tops[5] > tops[0]) == (1, 1, True)
    names = page.locator(".tile-name, .strip-name").all_inner_texts()
    assert len(names) == len(set(names)) == 10

    page.locator("[data-kpi=K08]").click()
    value = page.locator("[data-kpi=K08] .tile-number").inner_text()
    expect(page.locator(".trend-gap")).to_contain_text(f"1–9月累计 {value} 亿元")


def test_every_other_indicator_stands_once_below_and_can_be_chosen(page: Page, atlas: str) -> None:
    opened(page, f"{atlas}/park/SMKX")
    rows = page.locator(".more-figures tr[data-figure]")
    ids = [row.get_attribute("data-figure") for row in rows.all()]
    assert {"K21", "K44"} <= set(ids)
    assert set(ids).isdisjoint(TEN)
    page.locator("#park-more summary").click()
    page.locator("[data-figure=K44] .opens").click()
    expect(page).to_have_url(re.compile("kpi=K44"))
    expect(page.locator("#park-trend")).to_contain_text("季度")


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)], ids=lambda size: str(size[0]))
def test_the_map_is_half_as_wide_as_the_page_and_as_high_as_trend_and_governance(
    page: Page, atlas: str, size: tuple[int, int]
) -> None:
    opened(page, f"{atlas}/park/SMKX", size)
    whole, drawn = box(page.locator(".park-tiles")), box(page.locator(".card--map"))
    trend, head = box(page.locator(".card--trend")), box(page.locator(".card--head"))
    assert drawn["width"] >= whole["width"] * 0.48
    assert abs(drawn["y"] - trend["y"]) <= 1
    assert abs(drawn["bottom"] - head["bottom"]) <= 1


def test_on_the_widest_screen_the_map_stays_beside_the_page(page: Page, atlas: str) -> None:
    opened(page, f"{atlas}/park/SMKX", (2560, 1440))
    drawn = page.locator(".card--map")
    assert box(drawn)["x"] > box(page.locator(".park-tiles"))["right"]
    page.locator(".card--chains").scroll_into_view_if_needed()
    expect(drawn).to_be_in_viewport(ratio=0.9)


def test_on_a_phone_the_figures_come_before_the_map_and_nothing_runs_out_of_the_page(page: Page, atlas: str) -> None:
    opened(page, f"{atlas}/park/SMKX", (390, 844), lang="en")
    assert box(page.locator(".park-tiles"))["bottom"] < box(page.locator(".card--map"))["y"]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.bars td, .heat-table td')].filter((e) =>
          e.getClientRects().length && e.getBoundingClientRect().right > e.closest('.card').getBoundingClientRect().right)
          .map((e) => e.textContent)"""
    )
    assert outside == []


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (2560, 1440)], ids=lambda size: str(size[0]))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_cards_of_one_row_end_together_and_are_filled(page: Page, atlas: str, size: tuple[int, int], lang: str) -> None:
    opened(page, f"{atlas}/park/SMKX", size, lang=lang)
    cards = page.evaluate(
        """() => [...document.querySelectorAll('.park-cards > .card')].filter((e) => e.getClientRects().length).map((e) => {
          const own = e.getBoundingClientRect();
          const ends = [...e.querySelectorAll('*')].filter((x) => x.getClientRects().length && !x.closest('.scroll-x, .ag-root')
            && [...x.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())).map((x) => x.getBoundingClientRect().bottom);
          const full = (Math.max(...ends, ...[...e.querySelectorAll('.scroll-x, .park-grid-host')].map(
            (x) => x.getBoundingClientRect().bottom)) - own.top) / own.height;
          return [e.className, Math.round(own.top), Math.round(own.bottom), full];
        })"""
    )
    rows: dict[int, set[int]] = {}
    for _name, top, bottom, _full in cards:
        rows.setdefault(top, set()).add(bottom)
    assert [ends for ends in rows.values() if len(ends) != 1] == []
    assert [(name, round(full, 2)) for name, _t, _b, full in cards if full < 0.75] == []
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]


def test_land_use_is_seven_classes_and_the_rest_on_one_scale_with_the_plan_as_a_tick(page: Page, atlas: str) -> None:
    opened(page, f"{atlas}/park/SMKX")
    rows = page.locator("#park-land .mix-row")
    expect(rows).to_have_count(8)
    expect(rows.last).to_contain_text("其他 7 类")
    shown = page.evaluate(
        """() => [...document.querySelectorAll('#park-land .mix-row')].map((row) => {
          const track = row.querySelector('.mix-bar').getBoundingClientRect();
          const number = (i) => Number(row.cells[i].textContent.replaceAll(',', ''));
          const tick = row.querySelector('.mix-tick').getBoundingClientRect();
          return [row.querySelector('.mix-fill').getBoundingClientRect().width, number(2),
            (tick.left + tick.right) / 2 - track.left, number(4), track.width];
        })"""
    )
    most = max(max(now, plan) for _w, now, _t, plan, _track in shown)
    for width, now, tick, plan, track in shown:
        assert track >= 160
        assert width == pytest.approx(now / most * track, abs=1)
        assert tick == pytest.approx(plan / most * track, abs=1.5)


def test_ground_against_output_is_sorted_by_the_gap_and_marks_this_park(page: Page, atlas: str) -> None:
    opened(page, f"{atlas}/park/SMKX")
    rows = page.locator("#park-shares tr[data-zone]")
    expect(rows).to_have_count(5)
    cells = [row.locator("td").all_inner_texts() for row in rows.all()]
    gaps = [float(c[4].replace("−", "-")) for c in cells]
    assert gaps == sorted(gaps, reverse=True)
    for land, output, gap in ((float(c[2][:-1]), float(c[3][:-1]), g) for c, g in zip(cells, gaps, strict=True)):
        assert gap == pytest.approx(output - land, abs=0.11)
    assert sum(float(c[2][:-1]) for c in cells) == pytest.approx(100, abs=0.3)
    expect(page.locator("#park-shares .is-here")).to_have_attribute("data-zone", "SMKX")


def test_ratios_of_the_parks_stand_beside_the_published_mean(page: Page, atlas: str) -> None:
    opened(page, f"{atlas}/park/SMKX")
    multiples = page.locator("#park-ratios figure")
    expect(multiples).to_have_count(6)
    tax = multiples.first
    expect(tax).to_contain_text("省均 14.3 (2020)")
    points = page.evaluate(
        """(figure) => [...figure.querySelectorAll('tr[data-zone]')].map((row) => [
          Number(row.cells[2].textContent), row.querySelector('.mix-dot').getBoundingClientRect().x + 5,
          row.querySelector('.mix-line').getBoundingClientRect().x])""",
        tax.element_handle(),
    )
    for value, dot, line in points:
        assert (dot > line) == (value > 14.3)
    expect(tax.locator(".is-here .mix-dot")).not_to_have_class(re.compile("is-quiet"))


def test_the_matrix_shades_its_numbers_and_leaves_empty_cells_empty(page: Page, atlas: str) -> None:
    opened(page, f"{atlas}/park/SMKX")
    cells = page.locator("#park-matrix .heat")
    expect(cells).to_have_count(5 * 8)
    texts = cells.all_inner_texts()
    assert "0" not in texts
    assert "" in texts
    empty = page.locator("#park-matrix .heat:empty").first
    assert empty.get_attribute("title").split()[-1].startswith("0/")


def _saved(page: Page, button: Locator, folder: Path) -> list[list[str]]:
    with page.expect_download() as waiting:
        button.click()
    path = folder / "chart.csv"
    waiting.value.save_as(path)
    return list(csv.reader(path.read_text("utf-8-sig").splitlines()))


def test_every_chart_has_its_table_and_saves_it(page: Page, atlas: str, tmp_path: Path) -> None:
    opened(page, f"{atlas}/park/SMKX")
    expect(page.locator("#trend-graph .main-svg").first).to_be_visible()
    rows = _saved(page, page.locator("#park-trend [data-save]"), tmp_path)
    assert rows[0] == ["期间", "2025", "序时目标", "2026"]
    assert [row[0] for row in rows[1:]] == [f"{n}月" for n in range(1, 13)]
    assert rows[9][3] == page.locator("[data-kpi=K01] .tile-number").inner_text() + " 亿元"
    assert rows[10][3] == ""  # not reported yet: neither 0 nor drawn
    for place in ("#park-land", "#park-shares", "#park-matrix", "#park-cycle"):
        saved = _saved(page, page.locator(f"{place} [data-save]"), tmp_path)
        shown = page.locator(f"{place} figure tr").count()
        assert len(saved) == shown
        assert len({len(row) for row in saved}) == 1


def test_a_prospect_sees_no_frame_of_what_is_withheld(page: Page, atlas: str) -> None:
    opened(page, f"{atlas}/park/SMKX", role="prospect")
    seen = page.evaluate(
        "() => [...document.querySelectorAll('.park .card')].filter((e) => e.getClientRects().length).map((e) => e.classList[1])"
    )
    assert seen == [
        "card--map", "card--head", "card--carriers", "card--platforms", "card--facts", "card--governance", "card--notes",
    ]  # fmt: skip
    expect(page.locator(".park")).not_to_contain_text("客户模式仅公开数据")
    expect(page.locator(".fact-tile")).to_have_count(10)
    expect(page.locator(".fact-tile").first).to_contain_text("来源")
    expect(page.locator("#park-notes")).to_contain_text("园区汇总数据在客户模式下不提供")


@pytest.mark.parametrize("role", ["leadership", "planner", "promoter", "prospect"])
def test_every_file_of_the_head_can_be_had(page: Page, atlas: str, role: str) -> None:
    opened(page, f"{atlas}/park/SMKX", role=role)
    links = [link.get_attribute("href") for link in page.locator("#park-export a").all()]
    assert links
    for href in links:
        assert "zone=SMKX" in href
        assert page.request.get(f"{atlas}{href}").status == 200


def test_a_data_set_without_records_says_what_to_do_and_keeps_what_is_public(page: Page, atlas: str) -> None:
    opened(page, f"{atlas}/park/SMKX?data=own")
    expect(page.locator(".nothing-yet")).to_contain_text("自有数据还没有记录")
    expect(page.get_by_role("link", name="导入第一个文件")).to_have_attribute("href", "/data")
    expect(page.locator(".card--head")).to_contain_text("成都高新区")
    expect(page.locator(".card--facts")).to_be_visible()
    expect(page.locator(".card--trend")).to_be_hidden()
    expect(page.locator(".card--projects")).to_be_hidden()
    page.get_by_role("link", name="看公开数据").click()
    expect(page.locator(".fact-tile")).to_have_count(10)


def test_a_filter_that_leaves_nothing_keeps_the_frame_and_offers_to_drop_it(page: Page, atlas: str) -> None:
    opened(page, f"{atlas}/park/SMKX?stage=ended&light=red&kind=F&chain=IC")
    expect(page.locator(".card--projects")).to_contain_text("没有符合筛选的项目")
    page.locator(".card--projects").get_by_role("button", name="清除筛选").click()
    expect(page.locator(".filter-chip")).to_have_count(0)
    expect(page.locator("#park-projects .ag-root").first).to_be_attached()


def test_published_facts_read_as_english(page: Page, atlas: str) -> None:
    opened(page, f"{atlas}/park/SMKX?data=published", lang="en")
    names = page.locator(".fact-tile .tile-name").all_inner_texts()
    assert len(names) == 10
    dates = page.locator(".card--facts .fact-table .fact-date, .card--carriers td:nth-child(3)").all_inner_texts()
    doubts = page.locator(".fact-tile .doubt, .card--facts .doubt, .card--carriers .doubt").all_inner_texts()
    firsts = page.locator(".card--facts .scroll-x > .fact-table td:first-child").first.inner_text()
    assert [text for text in (*names, *dates, *doubts, firsts) if re.search("[\u4e00-\u9fff]", text)] == []
    expect(page.locator(".card--facts")).to_contain_text("about 2020")
    expect(page.locator(".card--facts")).to_contain_text("since")
    expect(page.locator(".park")).to_contain_text("contradicts the published area of 44")
