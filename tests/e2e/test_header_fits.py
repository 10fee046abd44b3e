"""The header is one line that fits: at every size, in both languages, nothing of it is cut, covered or off the screen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from i18n import COOKIE
from tests.e2e.header import choose, opened, role_shown
from web import ROLE_COOKIE

SIZES = ((390, 844), (768, 1024), (1024, 768), (1280, 800), (1366, 768), (1920, 1080), (2560, 1440))
PATHS = ("/", "/park/SMKX", "/ledger")
#: Data set, month with its status, scope, scheme and grouping, as the button says them.
SAID = {
    "zh": {"": "演示数据 2026-09 快报 · 在地 一核四区 · 统计单元", "published": "公开数据 日期各异 · 在地 一核四区 · 统计单元",
           "own": "自有数据 还没有数据 · 在地 一核四区 · 统计单元"},
    "en": {"": "Demo data 2026-09 flash · Territorial One core and four zones · Reporting units",
           "published": "Published data Dates vary · Territorial One core and four zones · Reporting units",
           "own": "Own data No data yet · Territorial One core and four zones · Reporting units"},
}  # fmt: skip
ROLES = {
    "zh": {"leadership": "领导视角", "prospect": "客户视角"},
    "en": {"leadership": "Leadership view", "prospect": "Prospect view"},
}

#: What is wrong with the header on screen: texts that are cut, parts that overlap, lie outside it or outside the window.
WRONG = """() => {
  const header = document.querySelector('.header');
  const line = header.getBoundingClientRect();
  const seen = (node) => node.getClientRects().length;
  const wrong = [];
  for (const node of [...header.querySelectorAll('*')].filter(seen)) {
    const box = node.getBoundingClientRect();
    const text = [...node.childNodes].some((one) => one.nodeType === Node.TEXT_NODE && one.textContent.trim());
    if (text && node.clientWidth && node.scrollWidth > node.clientWidth) wrong.push(`cut: ${node.textContent}`);
    if (box.left < 0 || box.right > innerWidth || box.top < line.top || box.bottom > line.bottom) {
      wrong.push(`outside: ${node.className} ${node.textContent}`);
    }
    if (text && parseFloat(getComputedStyle(node).fontSize) < 12) wrong.push(`small: ${node.textContent}`);
  }
  const parts = [...header.children].filter(seen).map((node) => [node.className, node.getBoundingClientRect()]);
  parts.forEach(([name, box], i) => {
    if (i && box.left < parts[i - 1][1].right) wrong.push(`over ${parts[i - 1][0]}: ${name}`);
  });
  return wrong;
}"""
#: Text of the button of the context, also what a narrow line leaves to the panel.
CONTEXT = "() => document.getElementById('status-line').innerText.replace(/\\s+/g, ' ').trim()"


def come(page: Page, atlas: str, language: str, role: str = "leadership") -> None:
    page.context.add_cookies(
        [{"name": COOKIE, "value": language, "url": atlas}, {"name": ROLE_COOKIE, "value": role, "url": atlas}]
    )


@pytest.mark.parametrize("data", ["", "published", "own"])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_of_the_header_is_cut_or_off_the_screen(
    page: Page, atlas: str, path: str, language: str, data: str
) -> None:
    role = "prospect" if data == "own" else "leadership"
    come(page, atlas, language, role)
    page.goto(f"{atlas}{path}?data={data}" if data else atlas + path)
    expect(role_shown(page)).to_have_text(ROLES[language][role])
    page.evaluate("document.fonts.ready")
    found = {}
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        if wrong := page.evaluate(WRONG):
            found[width] = wrong
        assert page.locator(".header").evaluate("n => n.offsetHeight") == (
            48 if width < 768 else 75 if (width, path) == (2560, "/") else 56
        )
        words = page.evaluate(CONTEXT)
        whole = SAID[language][data]
        assert words == (whole.partition(" ·")[0] if width < 768 else whole)
        expect(page.locator(".mark").first).to_be_visible()
    assert found == {}


@pytest.mark.parametrize(("role", "language"), [("planner", "zh"), ("promoter", "en")])
@pytest.mark.parametrize("path", ["/projects", "/chains", "/per-mu", "/data", "/?scheme=wenjiang", "/park/WJ-CORE"])
def test_the_header_of_the_other_pages_fits_too(page: Page, atlas: str, path: str, language: str, role: str) -> None:
    come(page, atlas, language, role)
    page.goto(atlas + path)
    expect(role_shown(page)).to_be_visible()
    page.evaluate("document.fonts.ready")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert (width, page.evaluate(WRONG)) == (width, [])


def test_data_set_month_and_scope_are_changed_in_the_panel_of_the_header(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{atlas}/ledger")
    context = page.locator("#status-line")
    expect(context).to_contain_text("2026-09 快报")
    panel = opened(page, "context")
    choose(page, "context", "2026-06")
    expect(page).to_have_url(f"{atlas}/ledger?period=2026-06")
    expect(context).to_contain_text("2026-06")
    choose(page, "context", "法定区县")  # it stays open: one look at the panel may change more than one thing
    expect(context).to_have_text("演示数据2026-06 核定· 在地一核四区 · 法定区县")
    expect(page.locator("#ledger-audit")).to_contain_text("法定区县")
    choose(page, "context", "公开")
    expect(page).to_have_url(f"{atlas}/ledger?data=published&by=admin")
    expect(context).to_have_text("公开数据日期各异· 在地一核四区 · 法定区县")
    expect(panel.get_by_role("group", name="期间")).to_have_text("期间每个数字按各自日期与来源")
    expect(panel.locator("[aria-pressed=true]")).to_have_text(
        ["公开", "西部(成都)科学城 · 一核四区", "在地", "法定区县"]
    )


def test_what_is_chosen_in_the_header_holds_on_the_next_page(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/ledger?light=red")
    choose(page, "context", "公开")
    expect(page.locator("#status-line")).to_contain_text("公开数据")
    page.keyboard.press("Escape")
    page.locator(".nav-link", has_text="亩均").click()
    expect(page.locator("h1")).to_have_text("亩均评价与土地")
    expect(page).to_have_url(f"{atlas}/per-mu?data=published&light=red")
    expect(page.locator("#status-line")).to_contain_text("公开数据")
    page.locator(".header .title").click()
    expect(page).to_have_url(f"{atlas}/?data=published&light=red")


def test_the_panel_takes_the_focus_and_gives_it_back(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/projects")
    button = page.locator(".context-host .menu-button")
    button.press("Enter")
    panel = page.locator("#context-dropdown")
    expect(panel.get_by_role("button", name="演示", exact=True)).to_be_focused()
    panel.get_by_role("button", name="2026-06").press("Enter")
    expect(page.locator("#status-line")).to_contain_text("2026-06")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(button).to_be_focused()
    opened(page, "context")
    page.locator("main").click(position={"x": 5, "y": 300})
    expect(panel).to_be_hidden()


def test_escape_closes_the_panel_before_what_lies_under_it(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/?sel=zone:SMKX")
    expect(page.locator("#right > .panel-body")).to_be_visible()
    panel = opened(page, "context")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page).to_have_url(re.compile("sel=zone:SMKX"))
    page.keyboard.press("Escape")
    expect(page.locator("#right > .panel-body")).to_have_count(0)


def test_on_a_phone_every_page_is_two_presses_away_and_the_search_takes_the_line(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{atlas}/ledger")
    pages = opened(page, "pages")
    expect(pages).to_contain_text("西部(成都)科学城")
    expect(pages.get_by_role("link")).to_have_text(["总览", "项目", "产业链", "账本", "亩均", "数据"])
    pages.get_by_role("link", name="产业链").click()
    expect(page.locator("h1")).to_have_text("产业链")
    page.keyboard.press("/")
    search = page.locator("#search")
    expect(search).to_be_focused()
    page.keyboard.type("SMKX")
    expect(page.locator(".search-hit").first).to_be_visible()
    for part in (search, page.locator("#search-results")):
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["width"] > 300


@pytest.mark.parametrize("path", ["/", "/projects", "/chains", "/ledger", "/per-mu", "/data", "/park/SMKX"])
def test_a_page_has_one_h1_and_it_is_not_the_name_of_the_site(page: Page, atlas: str, path: str) -> None:
    page.goto(atlas + path)
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("h1")).not_to_contain_text("科学城")
    expect(page.locator(".header h1")).to_have_count(0)
