"""A past month shows that month, or says 现状 and its month; checks on screen are none that cannot fail."""

from __future__ import annotations

from playwright.sync_api import Page, expect

PAST, NOW = "2022-01", "2026-09"


def test_undated_blocks_of_a_past_month_are_headed_as_they_are_now(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/?period={PAST}")
    carriers = page.locator("#right section", has=page.locator("h2", has_text="载体"))
    expect(carriers).to_contain_text(f"单元为现状 {NOW}")
    expect(page.locator("#cards .zone-card").first).to_contain_text(f"现状 {NOW}")
    page.goto(f"{atlas}/park/SMKX?period={PAST}")
    for block in ("#park-land", "#park-rates", "#park-carriers", "#park-projects .kind-row"):
        expect(page.locator(block)).to_contain_text(f"现状 {NOW}")
    page.goto(f"{atlas}/chains?period={PAST}")
    expect(page.locator("#catalogue-rows")).to_contain_text(f"现状 {NOW}")
    page.goto(f"{atlas}/projects?period=2026-08&view=ready")
    expect(page.locator("#projects-view")).to_contain_text(f"现状 {NOW}")
    page.goto(f"{atlas}/per-mu?period={PAST}")
    expect(page.locator("#mu-chain")).to_contain_text(f"现状 {NOW}")
    expect(page.locator("#mu-idle")).to_contain_text(f"现状 {NOW}")


def test_kinds_of_a_past_month_are_headed_inside_their_column(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{atlas}/?period=2025-06")
    row = page.locator("#right .kind-row")
    expect(row).to_contain_text(f"现状 {NOW}")
    said, column = row.locator(".note").bounding_box(), page.locator("#right").bounding_box()
    assert said is not None
    assert column is not None
    assert said["x"] + said["width"] <= column["x"] + column["width"], "cut off by the edge of the screen"
    card = page.locator("#cards .zone-card .card-name-small").nth(2)
    expect(card).to_have_text(f"空置 现状 {NOW}")
    assert card.evaluate("e => e.scrollWidth <= e.clientWidth"), "not cut to …"


def test_the_month_of_the_data_needs_no_such_heading(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/park/SMKX")
    expect(page.locator("#park-carriers")).to_contain_text("栋")
    assert "现状 2" not in page.locator("main").inner_text()


def test_no_check_compares_a_thing_with_itself(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/park/SMKX")
    expect(page.locator(".page-head")).to_contain_text("按公布面积绘制")
    expect(page.locator(".page-head")).not_to_contain_text("差 ")
    expect(page.locator("#park-rates")).to_contain_text("不作校核")
    expect(page.locator("#park-rates")).not_to_contain_text("与图斑一致")
    page.goto(f"{atlas}/per-mu")
    expect(page.locator("#mu-chain")).to_contain_text("由图斑计算,不作校核")
    expect(page.locator("#mu-chain")).not_to_contain_text("✓")
