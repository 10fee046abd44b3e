"""The page of projects: the list first, other views of it in the address, every count a way to exactly its records."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

#: A count of each kind: the view it stands on, and where.
COUNTS = {
    "all": ("", ".answer-figure .count-link"),
    "light": ("", ".answer-figure:has(.light--red) .count-link"),
    "stage": ("", ".answer-share:has-text('谋划在谈') .count-link"),
    "kind": ("", ".answer-share:has-text('G 代管错位') .count-link"),
    "reason": ("", ".light-reason .count-link"),
    "dimension": ("", "[data-dimension=progress] .dimension-piece--yellow"),
    "waiting": ("", ".list-line[data-list='wait/filed_not_started'] .num"),
    "finding": ("", ".list-line[data-list^='report/'] .num"),
    "cohort": ("", "[data-cohort='2025H2'] [data-rate=K26] .count-link"),
    "column": ("board", "[data-group=building] .board-head .count-link"),
    "lamp": ("board", "[data-group=building] .board-lights .count-link"),
    "single stage": ("board", "[data-group=lead] .board-stages .count-link"),
    "rest of a column": ("board", "[data-group=lead] .board-more.text-link"),
}


def digits(text: str) -> int:
    return int(re.findall(r"[\d,]+", text)[-1].replace(",", ""))


@pytest.fixture(autouse=True)
def desk(page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})


def test_a_click_on_a_count_lists_as_many_projects_as_it_says(page: Page, atlas: str) -> None:
    seen = {}
    for kind, (view, where) in COUNTS.items():
        page.goto(f"{atlas}/projects?view={view}" if view else f"{atlas}/projects")
        count = page.locator(where).first
        said = digits(count.inner_text())
        count.click()
        expect(page.locator(".segment.is-here").first).to_have_text("清单")
        page.wait_for_function(
            "(n) => document.querySelector('#list-total')?.textContent.replace(',', '') === n", arg=str(said)
        )
        expect(page.locator("#projects-view .pager .num")).to_have_text(re.compile(rf"^1–{min(25, said)} / {said}$"))
        expect(page.locator(".list-table tbody tr")).to_have_count(min(25, said))
        seen[kind] = said
    assert seen["all"] > seen["stage"] > 0
    assert min(seen.values()) > 0


def test_the_view_is_in_the_address_and_only_what_is_looked_at_is_built(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/projects?chain=IC")
    expect(page.locator(".list-table")).to_be_visible()
    for words, query, shown in (("看板", "board", ".board"), ("准备度", "ready", "table.ready")):
        page.get_by_role("navigation", name="视图").get_by_text(words).click()
        page.wait_for_url(f"**/projects?chain=IC&view={query}")
        expect(page.locator(shown)).to_be_visible()
        expect(page.locator(".list-table")).to_have_count(0)
    page.go_back()
    expect(page.locator(".board")).to_be_visible()
    page.go_back()
    expect(page.locator(".list-table")).to_be_visible()
    page.go_forward()
    expect(page.locator(".segment[aria-current]").first).to_have_text("看板")
    copied = page.url
    page.goto("about:blank")
    page.goto(copied)
    expect(page.locator(".board")).to_be_visible()
    expect(page.locator(".filter-chip")).to_have_count(1)


def test_the_list_is_sorted_and_paged_by_its_address(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/projects")
    rows = page.locator(".list-table tbody tr")
    first = rows.first.get_attribute("data-project")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("总投资")
    page.get_by_role("link", name="下一页").click()
    page.wait_for_url("**/projects?row=26")
    expect(page.locator("#projects-view .pager .num")).to_have_text(re.compile(r"^26–\d+ / \d+$"))
    expect(rows.first).not_to_have_attribute("data-project", first or "")
    page.locator(".sort-link", has_text="总投资").click()
    page.wait_for_url("**/projects?rank=investment")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("总投资")
    page.get_by_role("link", name="下一页").click()
    page.wait_for_url("**rank=investment&row=26")
    page.locator(".answer-figure:has(.light--red) .count-link").click()
    page.wait_for_url(lambda url: "light=red" in url and "row=" not in url)  # other records begin at their first
    expect(page.locator("#projects-view .pager .num")).to_have_text(re.compile("^1–"))


def test_the_columns_that_a_reader_chose_stay(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/projects")
    chain, unit = page.locator("th.c-chain"), page.locator("th.c-unit")
    expect(unit).to_be_visible()
    expect(chain).to_be_hidden()
    page.get_by_label("选择列").click()
    page.get_by_role("menuitemcheckbox", name="产业链").click()
    page.get_by_role("menuitemcheckbox", name="责任单位").click()
    expect(chain).to_be_visible()
    expect(unit).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menuitemcheckbox", name="产业链")).to_be_hidden()
    expect(page.get_by_label("选择列")).to_be_focused()
    page.goto(f"{atlas}/projects?light=red")
    expect(chain).to_be_visible()
    expect(unit).to_be_hidden()
    page.get_by_label("选择列").click()
    page.get_by_role("button", name="恢复默认列").click()
    expect(unit).to_be_visible()
    expect(chain).to_be_hidden()


def test_the_head_of_the_list_stays_in_sight(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/projects")
    head = page.locator(".list-table th").first
    expect(head).to_be_visible()
    page.evaluate("window.scrollTo(0, 700)")
    page.wait_for_function("window.scrollY > 600")
    box = head.bounding_box()
    assert box is not None
    assert 50 <= box["y"] <= 62


def test_what_a_list_says_of_all_is_said_once(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/projects?light=green&zone=SMKX")
    expect(page.locator(".constant", has_text="灯")).to_have_text(re.compile("绿灯"))
    expect(page.locator(".constant", has_text="园区")).to_have_count(1)
    expect(page.locator("th.c-light, th.c-zone")).to_have_count(0)


def test_a_list_that_the_filter_empties_says_so_and_offers_the_way_out(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/projects?light=green&list=wait/nothing")
    expect(page.locator("#projects-view .empty-line")).to_contain_text("筛选之后")
    page.locator("#projects-view").get_by_text("回到全部项目").click()
    page.wait_for_url("**/projects?light=green")
    expect(page.locator(".list-table")).to_be_visible()


def test_a_prospect_finds_the_published_projects_and_no_empty_frame(page: Page, atlas: str) -> None:
    page.context.add_cookies([{"name": "atlas_role", "value": "prospect", "url": atlas}])
    page.goto(f"{atlas}/projects?data=published")
    said = page.locator(".answer-figure .count-link").first.inner_text()
    expect(page.locator("#list-total")).to_have_text(said)
    expect(page.locator(".empty-dash")).to_have_count(0)
    expect(page.locator(".filter-bar")).to_be_visible()
    expect(
        page.locator("#projects-lights, #projects-waiting, #projects-checks, #projects-cohorts").locator(".card")
    ).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 1366, 1920, 2560])
def test_no_page_of_lists_is_wider_than_the_window(page: Page, atlas: str, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.context.add_cookies([{"name": "atlas_lang", "value": language, "url": atlas}])
    for path in ("/projects", "/projects?view=board", "/projects?view=ready", "/data", "/chains"):
        page.goto(atlas + path)
        expect(page.locator("main h1")).to_be_visible()
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (path, wide) == (path, 0)
        if path != "/data":
            table = page.locator(".list-table, table.ready, .graph").first
            if table.count():
                assert table.evaluate("(e) => e.scrollWidth <= e.parentElement.clientWidth + 1"), path
