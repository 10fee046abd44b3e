"""The main job in a real browser, on the real server: filter, see what crosses districts, drill into a park."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from fractions import Fraction
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import APIResponse, Page, Request, Route, expect

from data import reference
from data.boundaries import load_districts
from domain.indicators import Method
from settings import ROOT
from tests.e2e.header import choose, role_shown

#: The map is drawn, and Dash has it.
READY = "() => window.atlas?.maps?.map?.timings?.firstIdle && !atlas.maps.map.early"
PROJECT_LAYERS = "['project-symbol']"


@pytest.fixture
def foreign_requests(page: Page) -> list[str]:
    """Addresses the page asked for beyond its own server; must stay empty."""
    seen: list[str] = []
    page.on(
        "request", lambda r: seen.append(r.url) if not re.match(r"(http://127\.0\.0\.1|data:|blob:)", r.url) else None
    )
    return seen


@pytest.fixture
def errors(page: Page) -> list[str]:
    """Script errors and failed requests."""
    seen: list[str] = []
    page.on("pageerror", lambda e: seen.append(str(e)))
    page.on("response", lambda r: seen.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    return seen


def open_wall(page: Page, atlas: str, query: str = "") -> None:
    page.goto(f"{atlas}/{query}")
    page.wait_for_function(READY)


def api(page: Page, atlas: str, path: str) -> dict:
    answer = page.request.get(f"{atlas}/api/v1{path}")
    assert answer.ok, answer.text()
    return answer.json()


def query_of(page: Page) -> str:
    return page.url.partition("?")[2]


def map_ids(page: Page) -> list[str]:
    """Projects the map shows: features of the project sources that pass the filter of the drawn layers."""
    return page.evaluate(
        """() => {
            const {map} = window.atlas.maps.map;
            const ids = new Set();
            for (const layer of map.getStyle().layers) {
                if (layer['source-layer'] !== 'project' || layer.type !== 'symbol') continue;
                for (const f of map.querySourceFeatures(layer.source, {sourceLayer: 'project', filter: layer.filter})) {
                    ids.add(f.properties.id);
                }
            }
            return [...ids].sort();
        }"""
    )


def wait_for_map_ids(page: Page, ids: list[str]) -> None:
    page.wait_for_function(
        """(want) => {
            const {map} = window.atlas.maps.map;
            if (!map.areTilesLoaded()) return false;
            const ids = new Set();
            for (const layer of map.getStyle().layers) {
                if (layer['source-layer'] !== 'project' || layer.type !== 'symbol') continue;
                for (const f of map.querySourceFeatures(layer.source, {sourceLayer: 'project', filter: layer.filter})) {
                    ids.add(f.properties.id);
                }
            }
            return JSON.stringify([...ids].sort()) === JSON.stringify(want);
        }""",
        arg=ids,
    )


def table_ids(page: Page) -> list[str]:
    """Ids of all rows of the open table, scrolled through block by block."""
    total = int(page.locator("#table-total").inner_text().replace(",", "").strip() or 0)
    page.wait_for_function(
        "(n) => document.querySelectorAll('#project-table .ag-row[row-id]').length >= Math.min(n, 5)", arg=total
    )
    return sorted(
        page.evaluate(
            """async (total) => {
                const grid = window.dash_ag_grid.getApi('project-table');
                const ids = new Set();
                for (let i = 0; i < total; i += 5) {
                    grid.ensureIndexVisible(i);
                    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
                }
                grid.forEachNode((node) => node.data && ids.add(node.data.id));
                return [...ids];
            }""",
            total,
        )
    )


def tree_row(page: Page, label: str):
    return page.locator(".chain-tree [data-value], .chain-tree li").filter(has_text=label).first


def test_chain_and_node_filter_moves_map_table_and_api_together(
    page: Page, atlas: str, foreign_requests: list[str], errors: list[str]
) -> None:
    open_wall(page, atlas)
    page.locator("[id*='facet-button'][id*='chain']").click()
    page.locator(".chain-tree").get_by_text("人工智能", exact=False).first.wait_for()
    page.locator(".chain-tree [role=treeitem]").filter(has_text="集成电路").first.locator(
        ".mantine-CheckboxIndicator-indicator, .mantine-CheckboxIndicator-root, input[type=checkbox]"
    ).first.click()
    page.wait_for_url(re.compile(r"chain=IC(&|$)"))
    page.locator(".chain-tree").get_by_text("集成电路", exact=False).first.click()
    page.locator(".chain-tree").get_by_text("芯片设计-通用与处理器", exact=False).wait_for()
    page.locator(".chain-tree [role=treeitem]").filter(has_text="芯片设计-通用与处理器").last.locator(
        ".mantine-CheckboxIndicator-indicator, .mantine-CheckboxIndicator-root, input[type=checkbox]"
    ).first.click()
    page.wait_for_url(re.compile(r"IC-M2"))
    assert "IC-M1" not in query_of(page)
    page.keyboard.press("Escape")

    want = sorted(api(page, atlas, f"/projects?{query_of(page)}")["ids"])
    assert 0 < len(want) < len(api(page, atlas, "/projects")["ids"])
    wait_for_map_ids(page, want)
    page.locator(".table-toggle").click()
    page.locator("#project-table").wait_for()
    assert table_ids(page) == want

    page.reload()
    page.wait_for_function(READY)
    wait_for_map_ids(page, want)
    assert table_ids(page) == want
    assert sorted(api(page, atlas, f"/projects?{query_of(page)}")["ids"]) == want
    assert foreign_requests == []
    assert errors == []


def test_what_cannot_follow_the_chain_says_so(page: Page, atlas: str) -> None:
    open_wall(page, atlas, "?chain=IC&kpi=K33")
    expect(page.locator(".zone-card").first).to_contain_text("不随产业链筛选")


def test_back_and_forward_restore_the_state(page: Page, atlas: str) -> None:
    open_wall(page, atlas)
    page.locator("[data-light=red]").click()
    page.wait_for_url(re.compile("light=red"))
    expect(page.locator(".filter-chip")).to_have_count(1)
    page.go_back()
    expect(page.locator(".filter-chip")).to_have_count(0)
    page.go_forward()
    expect(page.locator(".filter-chip")).to_have_count(1)


def test_park_page_shows_both_districts_and_both_parties(page: Page, atlas: str) -> None:
    open_wall(page, atlas)
    page.locator(".zone-card[data-zone=SMKX] .card-name").click()
    page.locator("#open-park").click()
    page.wait_for_url(re.compile("/park/SMKX"))
    header = page.locator(".park-head-body")
    for text in ("双流区", "新津区", "成都高新区"):
        expect(header).to_contain_text(text)


def test_zone_click_on_the_map_opens_its_card_in_place(page: Page, atlas: str) -> None:
    open_wall(page, atlas)
    page.locator(".map-label").filter(has_text="生物城").click()
    expect(page.locator("#zone-panel")).to_have_attribute("data-zone", "SMKX")
    expect(page.locator("#zone-panel")).to_contain_text("规划建设")
    page.keyboard.press("0")
    expect(page.locator("#zone-panel")).to_have_count(0)


def test_district_shares_of_a_crossing_project_sum_to_its_area(page: Page, own_atlas: str, tmp_path: Path) -> None:
    west, east = (load_districts(prefix=code).geometry[0] for code in ("510116", "510118"))
    border = shapely.intersection(west.boundary, east.boundary)
    footprint = border.interpolate(0.5, normalized=True).buffer(0.004, cap_style="square")
    file = tmp_path / "跨界.geojson"
    properties = {"项目名称": "跨界项目", "所属片区": "SMKX", "签约时间": "2025-03-01"}
    feature = {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(footprint)}
    file.write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False), encoding="utf-8"
    )
    told = subprocess.run(
        [sys.executable, "cli.py", "import", str(file), "--table", "projects", "--datum", "wgs84"],
        cwd=ROOT,
        env=os.environ | {"ATLAS_VAR_DIR": str(tmp_path / "var"), "ATLAS_DATABASE_URL": ""},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    crossing = api(page, own_atlas, "/projects?data=own&kind=A")["ids"]
    assert len(crossing) == 1
    detail = api(page, own_atlas, f"/projects/{crossing[0]}?data=own")
    page.goto(f"{own_atlas}/?data=own&kind=A&sel=project:{crossing[0]}")
    panel = page.locator("#project-panel")
    panel.wait_for()
    parts = [int(v) for v in panel.locator("[data-m2]").evaluate_all("els => els.map(e => e.dataset.m2)")]
    total = int(panel.locator("[data-m2-total]").get_attribute("data-m2-total") or 0)
    assert len(parts) == 2
    assert sum(parts) == total == detail["footprint_m2"]


def test_scope_switch_keeps_the_total_and_dual_has_none(page: Page, atlas: str) -> None:
    open_wall(page, atlas)
    before = page.locator(".split [data-total]").get_attribute("data-total")
    page.locator(".split").get_by_text("共建分享").click()
    page.wait_for_url(re.compile("scope=shared"))
    expect(page.locator(".split")).to_have_attribute("data-scope", "shared")
    expect(page.locator("#split-badge")).to_contain_text("内部考核口径")
    assert page.locator(".split [data-total]").get_attribute("data-total") == before
    page.locator(".split").get_by_text("双计", exact=True).click()
    expect(page.locator("#split-total")).to_have_text("不可加")


def test_a_broken_link_opens_and_says_what_it_ignored(page: Page, atlas: str, errors: list[str]) -> None:
    open_wall(page, atlas, "?zone=ATLANTIS,SMKX&period=1999-01&map=nowhere&colour=red")
    expect(page.locator("#ignored")).to_contain_text("zone=ATLANTIS")
    expect(page.locator("#ignored")).to_contain_text("colour=red")
    expect(page.locator(".filter-chip")).to_have_count(1)
    assert errors == []


def test_an_unknown_park_names_the_ones_there_are(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/park/NOWHERE")
    expect(page.locator(".error-page")).to_contain_text("NOWHERE")
    expect(page.locator(".error-page")).to_contain_text("生物城")


def test_a_filter_change_sends_no_geometry_and_few_bytes(page: Page, atlas: str) -> None:
    open_wall(page, atlas)
    page.locator(".tile").first.wait_for()
    answers: list[APIResponse] = []

    def record(route: Route) -> None:
        answers.append(route.fetch())
        route.fulfill(response=answers[-1])

    page.route(re.compile("_dash-update-component"), record)
    page.locator(".chain-row").first.click()
    page.wait_for_url(re.compile("chain="))
    page.wait_for_function("() => window.atlas.maps.map.timings.patches.length > 0")
    expect(page.locator(".filter-chip")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    page.unroute_all(behavior="wait")
    assert answers
    assert not any(b"coordinates" in answer.body() for answer in answers)
    assert sum(int(answer.headers.get("content-length", "0")) for answer in answers) < 30 * 1024


def test_role_switch_hides_leads_in_the_response(page: Page, atlas: str) -> None:
    open_wall(page, atlas)
    as_leader = set(api(page, atlas, "/projects")["ids"])
    choose(page, "reader", "招商视角")
    expect(role_shown(page)).to_have_text("招商视角")
    page.wait_for_function(READY)
    as_promoter = set(api(page, atlas, "/projects")["ids"])
    assert as_promoter < as_leader
    hidden = next(iter(as_leader - as_promoter))
    assert page.request.get(f"{atlas}/api/v1/projects/{hidden}").status == 404


def test_published_set_shows_dates_and_sources_and_no_totals(page: Page, atlas: str) -> None:
    open_wall(page, atlas, "?data=published")
    expect(page.locator(".published-row").first).to_be_visible()
    expect(page.locator("#status-line")).to_contain_text("公开数据")
    expect(page.locator(".tile")).to_have_count(0)


def test_the_other_scheme_has_three_parks_two_axes_and_a_core(page: Page, atlas: str) -> None:
    zones = json.loads(urllib.request.urlopen(f"{atlas}/api/v1/zones?scheme=wenjiang").read())  # noqa: S310
    roles = sorted(z["role"] for z in zones["zones"])
    assert roles == ["axis", "axis", "core", "park", "park", "park"]
    open_wall(page, atlas, "?scheme=wenjiang")
    expect(page.locator(".zone-card")).to_have_count(4)


@pytest.mark.parametrize("kpi_id", ["K01", "K04", "K08", "K23", "K24"])
def test_where_a_number_comes_from_sums_to_the_tile(page: Page, atlas: str, kpi_id: str) -> None:
    """Units shown sum to the tile, and the records behind them agree (rules §3.3, T1)."""
    open_wall(page, atlas)
    page.locator(f'.explain-button[data-says*="{kpi_id}"]').first.click()
    opened = page.locator(f"[data-explain={kpi_id}]")
    opened.wait_for()
    total = Fraction(opened.get_attribute("data-total") or "0")
    units = opened.locator("[data-unit]").evaluate_all("els => els.map(e => e.dataset.value)")
    assert len(units) == 5
    assert sum((Fraction(v) for v in units if v), Fraction(0)) == total > 0
    expect(opened.locator("[data-reconciles]").first).to_have_attribute("data-reconciles", "yes")
    shown = page.locator(f".tile[data-kpi={kpi_id}] .tile-number").inner_text()
    listed = {f["id"]: f for f in api(page, atlas, "/summary")["figures"]}
    assert Fraction(str(listed[kpi_id]["value"])) == total
    assert shown != "—"


def test_every_additive_number_opens_to_units_that_sum_to_it(page: Page, atlas: str) -> None:
    """Every KPI that parks may be added for (rules §3.3): the units shown sum to the total, which is the API's figure."""
    additive = [kpi_id for kpi_id, kpi in reference.indicators().items() if kpi.method is Method.SUM]
    page.goto(f"{atlas}/per-mu")
    page.locator("#mu-classes").wait_for()
    opened_with_figure = 0
    for kpi_id in additive:
        page.evaluate("(search) => window.dash_clientside.set_props('url', {search})", f"?explain={kpi_id}")
        opened = page.locator(f"[data-explain={kpi_id}]")
        opened.wait_for()
        total = opened.get_attribute("data-total")
        figure = api(page, atlas, f"/kpis/{kpi_id}/explain")["explanation"]["figure"]["value"]
        units = opened.locator("[data-unit]").evaluate_all("els => els.map(e => e.dataset.value)")
        if figure is None:
            assert not total, kpi_id
            continue
        opened_with_figure += 1
        assert sum((Fraction(v) for v in units if v), Fraction(0)) == Fraction(total or "0"), kpi_id
        assert float(Fraction(total or "0")) == pytest.approx(figure, abs=0.001), kpi_id
    assert opened_with_figure >= 15


def test_on_a_large_wall_the_map_grows_with_the_text_and_is_still_hit(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 2560, "height": 1440})
    open_wall(page, atlas)
    bridge = "window.atlas.maps.map"
    text_px = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
    assert page.evaluate(f"{bridge}.enlarged") == pytest.approx(text_px / 16)
    assert page.evaluate(f"{bridge}.map.getCanvas().width") == page.evaluate(
        f"Math.round({bridge}.host.getBoundingClientRect().width)"
    )
    x, y, found = page.evaluate(
        f"""() => {{
            const {{map, enlarged}} = {bridge};
            const drawn = map.getStyle().layers.map((layer) => layer.id).filter((id) => id.startsWith('project'));
            const [first] = map.queryRenderedFeatures({{layers: drawn}}).filter((f) => f.geometry.type === 'Point');
            const at = map.project(first.geometry.coordinates);
            const box = map.getCanvas().getBoundingClientRect();
            return [box.left + at.x * enlarged, box.top + at.y * enlarged, first.properties.id];
        }}"""
    )
    page.mouse.click(x, y)
    page.wait_for_url(re.compile(f"sel=project:{found}"))


def test_an_open_number_is_in_the_address_and_a_closed_one_is_not(page: Page, atlas: str) -> None:
    open_wall(page, atlas)
    page.locator('.explain-button[data-says*="K01"]').first.click()
    page.wait_for_url(re.compile("explain=K01"))
    page.reload()
    page.wait_for_function(READY)
    expect(page.locator("[data-explain=K01]")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/(\?(?!.*explain=).*)?$"))
    expect(page.locator("[data-explain=K01]")).not_to_be_visible()


def test_a_click_is_not_lost_when_controls_report_themselves_meanwhile(page: Page, atlas: str) -> None:
    open_wall(page, atlas)
    held: list[Route] = []

    def triggers(request: Request) -> str:
        return str((request.post_data_json or {}).get("changedPropIds")) if request.post_data else ""

    def hold_the_click(route: Route) -> None:
        if "asked.data" in triggers(route.request):
            held.append(route)
        else:
            route.continue_()

    page.wait_for_load_state("networkidle")
    page.route(re.compile("_dash-update-component"), hold_the_click)
    with page.expect_request(lambda request: "asked.data" in triggers(request)):
        page.locator('.explain-button[data-says*="K01"]').first.click()
    page.evaluate("window.dash_clientside.set_props({facet: 'zones'}, {value: []})")  # as a page that comes in does
    held[0].continue_()
    page.wait_for_url(re.compile("explain=K01"))
    page.unroute_all(behavior="wait")


def test_the_year_of_the_accounts_is_in_the_address(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/ledger?year=2024")
    expect(page.locator("#ledger-accounts [data-year]").first).to_have_attribute("data-year", "2024")
    page.goto(f"{atlas}/ledger")
    expect(page.locator("#ledger-exceptions > [data-count]")).not_to_have_attribute("data-count", "0")


def test_a_link_with_layers_and_a_chain_opens_without_a_script_error(page: Page, atlas: str, errors: list[str]) -> None:
    """The controls of a page that is not built yet are left alone."""
    open_wall(page, atlas, "?layers=district,zone,parcel,project&chain=IC")
    expect(page.locator(".filter-chip")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    assert errors == []
