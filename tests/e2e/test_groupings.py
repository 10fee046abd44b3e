"""Who counts a figure is a switch beside the scope, and a unit that reports for itself is one on the map too (rules §4.2.1)."""

import re

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def wall(page: Page, atlas: str) -> Page:
    """The wall of a big screen, on which every name of the split has room."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(atlas)
    expect(page.locator(".split-entry").first).to_be_visible()
    return page


def split_of(page: Page) -> dict[str, str]:
    """Unit -> figure, as they stand in the split on screen."""
    return {
        entry.locator(".opens").inner_text(): entry.locator("b").inner_text()
        for entry in page.locator(".split-entry").all()
    }


def tile(page: Page) -> str:
    return page.locator(".tile .tile-value").first.inner_text()


def test_functional_areas_stand_in_the_split_with_what_they_report(wall: Page) -> None:
    expect(wall.locator("#status-line")).to_contain_text(re.compile("在地.* · 统计单元"))
    units, total = split_of(wall), wall.locator("#split-total").inner_text()
    assert {"成都高新区", "天府新区", "东部新区"} <= units.keys()
    assert not {"武侯区", "郫都区", "简阳市"} & units.keys()
    assert round(sum(float(figure.replace(",", "")) for figure in units.values()), 1) == pytest.approx(
        float(total.replace(",", "")), abs=0.3
    )

    wall.locator(".split").get_by_text("法定区县", exact=True).click()
    wall.wait_for_url(re.compile(r"\bby=admin"))
    expect(wall.locator("#status-line")).to_contain_text(re.compile("在地.* · 法定区县"))
    expect(wall.locator(".split-entry").filter(has_text="郫都区")).to_be_visible()
    assert "成都高新区" not in split_of(wall)
    expect(wall.locator("#split-total")).to_have_text(total)

    wall.locator(".split").get_by_text("治理主体", exact=True).click()
    wall.wait_for_url(re.compile(r"\bby=gov"))
    expect(wall.locator(".split-entry")).to_have_count(2)
    assert split_of(wall).keys() == {"成都高新区", "天府新区"}
    expect(wall.locator("#split-total")).to_have_text(total)


def test_a_functional_area_is_a_filter_and_its_tile_is_its_part(wall: Page) -> None:
    part = split_of(wall)["成都高新区"]
    assert tile(wall) != part
    wall.locator(".facet-button").filter(has_text="区县/单位").click()
    wall.get_by_role("checkbox", name="成都高新区").check()
    wall.wait_for_url(re.compile("district=CD-GXQ"))
    expect(wall.locator(".tile .tile-value").first).to_have_text(re.compile(rf"^{re.escape(part)}\b"))
    expect(wall.locator(".filter-chip")).to_contain_text("成都高新区")
    expect(wall.locator("#split-total")).to_have_text(part)


def test_the_units_to_choose_from_are_those_of_the_grouping(wall: Page) -> None:
    """Another grouping has other units: the list follows, and a unit that it does not have is no condition any more."""
    wall.locator(".facet-button").filter(has_text="区县/单位").click()
    boxes = wall.locator('[data-by] input[type="checkbox"]')
    expect(boxes).to_have_count(23)
    wall.get_by_role("checkbox", name="成都高新区").check()
    wall.wait_for_url(re.compile("district=CD-GXQ"))
    wall.keyboard.press("Escape")
    wall.locator(".split").get_by_text("法定区县", exact=True).click()
    wall.wait_for_url(re.compile("by=admin"))
    expect(wall.locator(".filter-chip")).to_have_count(0)
    expect(wall.locator("#ignored")).to_be_empty()
    wall.locator(".facet-button").filter(has_text="区县/单位").click()
    expect(boxes).to_have_count(20)
    expect(wall.get_by_role("checkbox", name="双流区", exact=True)).to_be_visible()


def test_by_area_there_is_no_grouping_to_choose(wall: Page) -> None:
    wall.locator(".split").get_by_text("空间", exact=True).click()
    wall.wait_for_url(re.compile("scope=area"))
    expect(wall.locator(".grouping-switch")).to_have_count(0)
    expect(wall.locator("#status-line")).to_have_text(re.compile("· 空间一核四区$"))


def test_the_map_outlines_what_a_functional_area_manages_and_lists_the_rest_by_street(wall: Page) -> None:
    """The dashed outline is drawn, its label opens the streets."""
    wall.wait_for_function("() => window.atlas?.maps?.map?.map?.isSourceLoaded?.('base')")
    # On the map of the whole city zones have one outline each; nearer comes that of who manages them.
    found: set[str] = set()
    for place in ([104.28, 30.38], [104.07, 30.42], [104.06, 30.53]):
        found |= set(
            wall.evaluate(
                """(center) => new Promise((done) => {
                    const {map} = atlas.maps.map;
                    map.once('idle', () => done(map.queryRenderedFeatures({layers: ['area-line']}).map((f) => f.properties.id)));
                    map.jumpTo({center, zoom: 10.9});
                })""",
                place,
            )
        )
    assert found == {"CD-DBXQ", "CD-GXQ", "CD-TFXQ"}
    label = wall.locator(".map-label--area:visible").filter(has_text="成都高新区").first
    label.click()
    wall.wait_for_url(re.compile("sel=unit:CD-GXQ"))
    streets = wall.locator(".unit-streets")
    expect(streets).to_contain_text("桂溪街道")
    expect(streets).to_contain_text("中和街道")
    expect(wall.locator(".column--right")).to_contain_text("没有公开的界线文件")


def test_the_ledger_has_the_switch_too(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/ledger")
    expect(page.locator("#ledger-audit .split-entry").filter(has_text="成都高新区")).to_be_visible()
    total = page.locator("#ledger-audit #split-total").inner_text()
    page.locator("#ledger-audit").get_by_text("法定区县", exact=True).click()
    page.wait_for_url(re.compile("by=admin"))
    expect(page.locator("#ledger-audit .split-entry").filter(has_text="成都高新区")).to_have_count(0)
    expect(page.locator("#ledger-audit #split-total")).to_have_text(total)
