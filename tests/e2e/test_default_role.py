"""Whose view a browser gets that has chosen none: leadership over demonstration data, the guest's over one's own."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.e2e.header import role_shown

CSV = "项目名称,所属片区,总投资(亿元),签约时间\n甲项目,SMKX,3.5,2025-03-01\n"


def role_of_the_api(atlas: str) -> str:
    answer = urllib.request.urlopen(f"{atlas}/api/v1/summary")  # noqa: S310 - our own loopback address
    return str(json.loads(answer.read())["meta"]["role"])


def test_with_own_data_in_a_new_browser_is_a_guest_and_the_one_that_brought_it_is_not(
    page: Page, browser: Browser, own_atlas_without_a_role: str, tmp_path: Path
) -> None:
    atlas = own_atlas_without_a_role
    assert role_of_the_api(atlas) == "leadership"
    file = tmp_path / "项目.csv"
    file.write_text(CSV, encoding="utf-8")
    page.goto(f"{atlas}/data")
    page.locator("#data-drop").wait_for()
    expect(role_shown(page)).to_have_text("领导视角")
    with page.expect_file_chooser() as chooser:
        page.locator("#data-drop").click()
    chooser.value.set_files(file)
    page.get_by_role("button", name="核对", exact=True).click()
    page.get_by_role("button", name="确认入库").click()
    batch = page.locator("[data-batch]")
    expect(batch).to_have_attribute("data-state", "committed")

    assert role_of_the_api(atlas) == "prospect"
    stranger = browser.new_context().new_page()
    stranger.goto(f"{atlas}/projects?data=own")
    expect(role_shown(stranger)).to_have_text("客户视角")
    expect(stranger.locator("#page")).not_to_contain_text("甲项目")
    page.goto(f"{atlas}/projects?data=own")
    expect(role_shown(page)).to_have_text("领导视角")
