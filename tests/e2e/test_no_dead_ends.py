"""What names a thing opens it and the map goes there: rows, search, addresses; Escape closes one layer at a time."""

from __future__ import annotations

import re

import pytest
import shapely
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from tests.e2e.test_main_job import READY

PANEL = ".column--right .panel-name"


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function(READY)


def camera(page: Page) -> tuple[float, float, float]:
    """lon, lat, zoom of the map when it has come to rest."""
    page.wait_for_function("() => !window.atlas.maps.map.map.isMoving()")
    lon, lat, zoom = page.evaluate(
        "() => { const {map} = window.atlas.maps.map; const c = map.getCenter(); return [c.lng, c.lat, map.getZoom()]; }"
    )
    return lon, lat, zoom


def wait_for_camera(page: Page, lon: float, lat: float, zoom: float) -> None:
    page.wait_for_function(
        """([lon, lat, zoom]) => {
            const map = window.atlas?.maps?.map?.map;
            if (!map || map.isMoving()) return false;
            const c = map.getCenter();
            return Math.abs(c.lng - lon) < 1e-4 && Math.abs(c.lat - lat) < 1e-4 && Math.abs(map.getZoom() - zoom) < 0.01;
        }""",
        arg=[lon, lat, zoom],
    )


def drawn(page: Page, layer: str) -> set[str]:
    """Ids that a layer of the map draws in view."""
    return set(page.evaluate("(layer) => window.atlas.maps.map.visibleIds([layer])", layer))


def press_on(page: Page, button: Locator) -> None:
    """Open with the keyboard: the name is reached by focus and pressed with Enter."""
    button.focus()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")


@pytest.fixture
def carrier(db_session: Session) -> m.CarrierBuilding:
    """A demo carrier of the park SMKX."""
    building = m.CarrierBuilding
    found = db_session.scalars(
        select(building).where(building.provenance == "demo", building.zone_code == "SMKX").order_by(building.id)
    ).first()
    assert found is not None
    return found


# --- rows ---------------------------------------------------------------------------------------------------------------


def test_a_carrier_row_of_a_park_opens_it_and_the_map_goes_there(
    page: Page, atlas: str, carrier: m.CarrierBuilding
) -> None:
    open_page(page, f"{atlas}/park/SMKX")
    name = page.locator("#park-carriers .opens", has_text=carrier.name_zh).first
    press_on(page, name)
    expect(page.locator(".drawer .panel-name")).to_have_text(carrier.name_zh)
    assert carrier.lon is not None
    assert carrier.lat is not None
    wait_for_camera(page, carrier.lon, carrier.lat, 14.5)
    expect(page.locator("#map canvas")).to_be_in_viewport()  # it stands over the panel, though the row is far below


def test_a_land_class_row_marks_its_parcels_and_lists_them(page: Page, atlas: str, db_session: Session) -> None:
    open_page(page, f"{atlas}/park/SMKX")
    row = page.locator("#park-land .mix-row").first
    code, shown = row.get_attribute("data-code"), row.locator(".num").first.inner_text()
    row.click(position={"x": 200, "y": 8})  # the bar: the whole row is the target for a mouse
    page.wait_for_url(re.compile(f"sel=landuse:{code}"))
    head = page.locator(".drawer .panel-h", has_text="用地图斑")
    expect(head).to_contain_text(f"{shown} 亩")
    parcel = m.LandParcel
    want = set(
        db_session.scalars(
            select(parcel.id).where(
                parcel.provenance == "demo", parcel.zone_code == "SMKX", parcel.status_code.startswith(code or "?")
            )
        )
    )
    page.wait_for_function(
        "(n) => window.atlas.maps.map.visibleIds(['parcel-chosen']).length >= n", arg=min(3, len(want))
    )
    of_class = db_session.scalars(select(parcel.id).where(parcel.status_code.startswith(code or "?")))
    assert drawn(page, "parcel-chosen") <= set(of_class)
    first = page.locator(".drawer .group-list .opens").first
    name = first.inner_text()
    first.click()
    expect(page.locator(".drawer .panel-name")).to_have_text(name)


def test_an_idle_parcel_opens_on_the_map(page: Page, atlas: str, db_session: Session) -> None:
    page.goto(f"{atlas}/per-mu")
    name = page.locator(".idle-table tbody .opens").first
    parcel_id = name.inner_text()
    press_on(page, name)
    page.wait_for_url(f"{atlas}/?sel=parcel:{parcel_id}")
    page.wait_for_function(READY)
    expect(page.locator(PANEL)).to_have_text(parcel_id)
    parcel = db_session.get(m.LandParcel, parcel_id)
    assert parcel is not None
    point = parcel.geom.representative_point()
    wait_for_camera(page, point.x, point.y, 14.5)


@pytest.mark.parametrize(
    ("path", "within", "name", "address", "seen"),
    [
        ("/park/SMKX", "#park-head", "成都高新区", "/park/SMKX?sel=unit:CD-GXQ", ".drawer"),
        ("/park/SMKX", "#park-head", "拆迁安置", "/park/SMKX?sel=duty:%E6%8B%86%E8%BF%81%E5%AE%89%E7%BD%AE", ".drawer"),
        ("/ledger", "#ledger-scores, main", "生物城", "/park/SMKX", ".park-name"),
        ("/per-mu", "main", "双流区", "/?sel=unit:510116", ".column--right"),
        ("/chains?chain=IC", "#chain-overlap", "新型显示", "/chains?chain=", "#chain-graph"),
        ("/?sel=zone:SMKX", "#right", "双流区", "/?sel=unit:510116", ".column--right"),
    ],
)
def test_names_of_units_duties_zones_and_chains_lead_somewhere(
    page: Page, atlas: str, path: str, within: str, name: str, address: str, seen: str
) -> None:
    page.goto(f"{atlas}{path}")
    button = page.locator(within).locator(".opens", has_text=re.compile(f"^{name}$")).first
    press_on(page, button)
    page.wait_for_url(re.compile(re.escape(atlas + address)))
    expect(page.locator(seen).first).to_be_visible()


#: Parts of the table that stand whole within it.
WHOLE = """(parts) => {
  const grid = document.querySelector('#project-table').getBoundingClientRect();
  return parts.every((part) => {
    const cell = document.querySelector(`#project-table ${part}`)?.getBoundingClientRect();
    return cell && grid.left <= cell.left && cell.right <= grid.right;
  });
}"""


def test_a_row_of_the_project_table_opens_with_enter_and_shows_its_light(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    for language in ("zh", "en"):
        page.context.add_cookies([{"name": "atlas_lang", "value": language, "url": atlas}])
        open_page(page, f"{atlas}/?table=1")
        row = page.locator("#project-table .ag-row[row-index='0']")
        expect(row).to_have_attribute("row-id", re.compile("^DP-"))
        page.wait_for_function(
            WHOLE, arg=[".ag-header-cell[col-id='light']", ".ag-row[row-index='0'] [col-id='light']"]
        )
    project = row.get_attribute("row-id")
    row.locator("[col-id='stage']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"sel=project:{project}"))
    expect(page.locator("#project-panel")).to_have_attribute("data-project", project or "")


# --- search -------------------------------------------------------------------------------------------------------------


def test_enter_opens_the_first_hit_and_closes_the_list(page: Page, atlas: str) -> None:
    open_page(page, atlas)
    page.locator("#search").wait_for()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("100102")
    page.keyboard.press("Enter")  # the list may not be there yet: it opens when it is
    page.wait_for_url(re.compile("sel=landuse:100102"))
    expect(page.locator(PANEL)).to_have_text("100102 二类工业用地")
    expect(page.locator("#search-results")).to_be_hidden()
    page.wait_for_function("() => window.atlas.maps.map.visibleIds(['parcel-chosen']).length > 0")


def test_arrows_move_the_mark_and_enter_opens_the_marked_hit(page: Page, atlas: str) -> None:
    open_page(page, atlas)
    page.locator("#search").fill("层高")
    marked = page.locator(".search-hit.is-marked .search-name")
    expect(marked).to_have_text("层高 5 m 以上")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(marked).to_have_text("层高 7 m 以上")
    page.keyboard.press("ArrowDown")
    expect(marked).to_have_text("层高 5 m 以上")
    page.keyboard.press("ArrowUp")
    expect(marked).to_have_text("层高 7 m 以上")
    page.keyboard.press("Enter")
    expect(page.locator(PANEL)).to_have_text("层高 7 m 以上")
    page.locator(".group-list .opens").first.click()
    expect(page.locator("#entity-panel")).to_be_visible()


def test_escape_a_pick_and_a_click_outside_close_the_list(page: Page, atlas: str) -> None:
    open_page(page, atlas)
    results, box = page.locator("#search-results"), page.locator("#search")
    box.fill("jingdi")
    expect(page.locator(".search-hit")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(results).to_be_hidden()
    expect(box).to_have_value("jingdi")
    page.keyboard.press("ArrowDown")
    expect(results).to_be_visible()
    page.locator(".map-controls").click(position={"x": 2, "y": 2}, force=True)
    expect(results).to_be_hidden()
    box.click()
    page.locator(".search-hit").click()
    expect(results).to_be_hidden()
    expect(page.locator(PANEL)).to_have_text("净地")


def test_what_only_the_published_set_has_is_found_from_the_demo_set(page: Page, atlas: str) -> None:
    open_page(page, atlas)
    page.locator("#search").fill("人才公寓")
    expect(page.locator(".search-elsewhere")).to_contain_text("公开数据集有")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("data=published"))
    expect(page.locator(PANEL)).to_have_text("人才公寓")
    expect(page.locator(".group-list .opens", has_text="天府国际生物城人才公寓")).to_be_visible()


def test_a_stage_and_a_chain_lead_to_their_filter_and_their_page(page: Page, atlas: str) -> None:
    open_page(page, atlas)
    page.locator("#search").fill("在建")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"\?stage=building$"))
    expect(page.locator(".filter-chip")).to_contain_text(["在建"])
    page.locator("#search").fill("IC-M2")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/chains"))
    expect(page.locator("[data-node-panel]")).to_have_attribute("data-node-panel", "IC-M2")


# --- addresses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["project", "carrier", "plot", "platform", "parcel", "enterprise", "unit"])
def test_an_address_with_a_selection_opens_there(page: Page, atlas: str, db_session: Session, kind: str) -> None:
    at: tuple[float, float]
    if kind == "unit":
        found, zoom = db_session.get(m.AdminUnit, "510116"), 10.0
        open_page(page, f"{atlas}/?sel=unit:510116")
        expect(page.locator(PANEL)).to_have_text("双流区")
        lon, lat, now = camera(page)
        assert found is not None
        assert found.geom is not None
        assert found.geom.covers(shapely.Point(lon, lat))
        assert now == pytest.approx(zoom, abs=0.01)
        return
    table, zoom = {
        "project": (m.Project, 12.5), "carrier": (m.CarrierBuilding, 14.5), "plot": (m.Plot, 14.5),
        "platform": (m.Platform, 13.0), "parcel": (m.LandParcel, 14.5), "enterprise": (m.Enterprise, 13.5),
    }[kind]  # fmt: skip
    record = db_session.scalars(
        select(table).where(table.provenance == "demo", table.zone_code == "XYDIT").order_by(table.id)
    ).first()
    assert record is not None
    if kind in ("plot", "parcel"):
        point = record.geom.representative_point()
        at = (point.x, point.y)
    else:
        at = (record.lon, record.lat)
    open_page(page, f"{atlas}/?sel={kind}:{record.id}")
    expect(page.locator(".column--right .panel-body")).to_be_visible()
    wait_for_camera(page, *at, zoom)
    page.locator(".map-control").nth(2).click()  # home is the whole scheme still
    page.wait_for_function("() => !window.atlas.maps.map.map.isMoving() && window.atlas.maps.map.map.getZoom() < 11")


def test_a_park_page_opens_at_what_its_address_selects(page: Page, atlas: str, carrier: m.CarrierBuilding) -> None:
    open_page(page, f"{atlas}/park/SMKX?sel=carrier:{carrier.id}")
    expect(page.locator(".drawer .panel-name")).to_have_text(carrier.name_zh)
    assert carrier.lon is not None
    assert carrier.lat is not None
    wait_for_camera(page, carrier.lon, carrier.lat, 14.5)


def test_a_camera_in_the_address_wins(page: Page, atlas: str, carrier: m.CarrierBuilding) -> None:
    open_page(page, f"{atlas}/?sel=carrier:{carrier.id}&map=104.05,30.6,11")
    expect(page.locator(PANEL)).to_have_text(carrier.name_zh)
    wait_for_camera(page, 104.05, 30.6, 11)


def test_a_selection_that_is_not_there_says_so(page: Page, atlas: str) -> None:
    open_page(page, f"{atlas}/?sel=carrier:NONE")
    expect(page.locator("#missing-panel")).to_have_text(re.compile("没有这一项,或当前角色不能看"))
    page.keyboard.press("Escape")
    page.wait_for_url(f"{atlas}/")


# --- layers and what is here ---------------------------------------------------------------------------------------------


ASK_HERE = """() => {
    const bridge = window.atlas.maps.map, at = bridge.map.getCenter();
    bridge.onPointer('contextmenu', {point: bridge.map.project(at), lngLat: at});
}"""


def test_escape_closes_one_layer_at_a_time_from_the_top(page: Page, atlas: str) -> None:
    open_page(page, f"{atlas}/?sel=zone:SMKX")
    here, legend, panel = page.locator(".here-card"), page.locator(".legend-body"), page.locator("#zone-panel")
    page.locator(".legend-more summary").click()
    page.evaluate(ASK_HERE)
    expect(here).to_be_visible()
    page.keyboard.press("Escape")
    expect(here).to_have_count(0)
    expect(legend).to_be_visible()
    page.keyboard.press("Escape")
    expect(legend).to_be_hidden()
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    page.wait_for_url(f"{atlas}/")


def test_escape_closes_the_table_before_the_panel(page: Page, atlas: str) -> None:
    open_page(page, f"{atlas}/?sel=zone:SMKX&table=1")
    expect(page.locator(".table-panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".table-panel")).to_have_count(0)
    page.wait_for_url(f"{atlas}/?sel=zone:SMKX")
    expect(page.locator("#zone-panel")).to_be_visible()


def test_a_right_click_card_closes_with_escape_and_its_names_open(page: Page, atlas: str) -> None:
    open_page(page, f"{atlas}/?sel=zone:SMKX")
    canvas = page.locator("#map canvas")
    canvas.click(button="right")
    expect(page.locator(".here-card")).to_contain_text("生命科学创新区")
    page.keyboard.press("Escape")
    expect(page.locator(".here-card")).to_have_count(0)
    page.wait_for_url(re.compile("sel=zone:SMKX"))  # the panel under it stays
    canvas.click(button="right")
    page.locator(".here-card .opens", has_text="成都高新区").click()
    expect(page.locator(PANEL)).to_have_text("成都高新区")


@pytest.mark.parametrize(("language", "words"), [("zh", "右键或长按:此处是什么"), ("en", "Right-click: what is here")])
def test_the_map_says_that_a_right_click_exists_and_the_keyboard_has_it(
    page: Page, atlas: str, language: str, words: str
) -> None:
    page.context.add_cookies([{"name": "atlas_lang", "value": language, "url": atlas}])
    for path in ("/", "/park/SMKX"):
        open_page(page, f"{atlas}{path}")
        hint = page.locator("#here-hint")
        expect(hint).to_have_text(words)
        press_on(page, hint)
        expect(page.locator(".here-card")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".here-card")).to_have_count(0)


def test_a_long_press_asks_what_is_here(page: Page, atlas: str) -> None:
    open_page(page, f"{atlas}/?sel=zone:SMKX")
    box = page.locator("#map .map-canvas").bounding_box()
    assert box is not None
    touch = page.context.new_cdp_session(page)
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(page.locator(".here-card")).to_contain_text("生命科学创新区")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator(".here-card")).to_be_visible()
