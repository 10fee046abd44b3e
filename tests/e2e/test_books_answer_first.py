"""Ledger, project and per-mu pages: the answer stands first, its picture is true to scale, and nothing is cut on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return dict(found)


# --- ledger -------------------------------------------------------------------------------------------------------------


def test_the_ledger_says_who_owes_whom_before_any_table(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{atlas}/ledger?year=2025")
    said = page.locator("[data-owes=SMKX]")
    expect(said).to_have_text(
        "生物城 成都高新区 实投 61.9%,约定 60%,多付 1,842 万元；审计后应收 1,782 万元,已结清；"
        "园区收入 98,798 万元 全部留在园区,不分现金"
    )
    assert box(page, "[data-owes=WLKJC]")["y"] < 500 < box(page, ".ledger-table")["y"]
    assert page.locator("h1").all_inner_texts() == ["账本"]


def test_bars_of_who_paid_too_much_are_true_to_one_scale(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{atlas}/ledger?year=2025")
    expect(page.locator(".owes-bar")).to_have_count(4)
    found = page.locator(".owes-row[data-difference]").evaluate_all(
        """rows => rows.map(row => {
            const bar = row.querySelector('.owes-bar').getBoundingClientRect()
            const track = row.querySelector('.owes-track').getBoundingClientRect()
            const middle = track.left + track.width / 2
            return [Number(row.dataset.difference), bar.right <= middle + 1 ? middle - bar.left : bar.right - middle]
        })"""
    )
    assert [d for d, _width in found] == [1842, -1842, 2662, -2662]
    assert [round(abs(d) / width, 1) for d, width in found] == [round(1842 / found[0][1], 1)] * 4
    right = page.locator(".owes-value").nth(2).bounding_box()
    card = page.locator(".card").first.bounding_box()
    assert right is not None
    assert card is not None
    assert right["x"] + right["width"] <= card["x"] + card["width"] - 8


def test_attribution_bars_of_several_totals_share_a_scale_until_shares_are_asked_for(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{atlas}/ledger")
    bars = page.locator(".audit-table .split-bar")
    expect(bars).to_have_count(5)

    def measured() -> list[tuple[int, float]]:
        rows = page.locator(".audit-table tr[data-zone]").evaluate_all(
            """rows => rows.map(row => [Number(row.querySelector('[data-zone-total]').dataset.zoneTotal),
                                        row.querySelector('.split-bar').getBoundingClientRect().width])"""
        )
        return [(int(total), float(width)) for total, width in rows]

    found = measured()
    most = max(found)
    for total, width in found:
        assert abs(width / most[1] - total / most[0]) < 0.01
    top = page.locator(".audit-table tbody tr").first
    expect(top.locator("td").first).to_have_text("合计")
    assert top.locator("td").nth(2).evaluate("e => getComputedStyle(e).fontWeight") == "600"
    page.get_by_role("switch", name="按 100% 比构成").click()
    assert len({round(width) for _total, width in measured()}) == 1


def test_on_a_phone_the_ledger_scrolls_its_tables_and_not_the_page(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{atlas}/ledger")
    expect(page.locator(".owes-bar").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    first = page.locator(".ledger-table tr[data-line=cost_in] td").first
    before = first.bounding_box()
    page.locator(".ledger-table").first.evaluate("e => e.parentElement.scrollLeft = 150")
    assert first.bounding_box() == before


def test_what_every_record_says_alike_is_said_once_above_them(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/ledger")
    expect(page.locator("#ledger-records .folded")).to_have_text("规则与依据 在地归属 统计归属")
    assert page.locator("#ledger-records th").all_inner_texts() == ["记录", "园区", "万元", "归属", "期间"]
    assert re.fullmatch(r"\S+", page.locator("#ledger-records tbody tr td").nth(3).inner_text())


# --- project ------------------------------------------------------------------------------------------------------------


def open_project(page: Page, atlas: str, width: int, height: int) -> None:
    """The first project of the list that has milestones."""
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{atlas}/project/" + page.request.get(f"{atlas}/api/v1/projects").json()["ids"][0])
    expect(page.locator(".gantt-row").first).to_be_visible()


def test_the_gantt_says_late_in_red_and_its_bars_stand_at_the_dates_of_the_table(page: Page, atlas: str) -> None:
    open_project(page, atlas, 1366, 768)
    page.get_by_text("日期与证明材料").click()
    planned = page.locator("tr[data-stage]").evaluate_all(
        "rows => rows.map(r => [r.dataset.stage, Date.parse(r.children[1].innerText) || null, Date.parse(r.children[2].innerText) || null])"
    )
    now = page.evaluate("Date.parse('2026-09-30')")
    known = [d for _stage, *days in planned for d in days if d is not None]
    first, last = min(*known, now), max(*known, now)
    track = box(page, ".gantt-track")

    def day(x: float) -> float:
        return float(first + (x - track["x"]) / track["width"] * (last - first))

    pixel = (last - first) / track["width"]
    for stage, plan, done in planned:
        for look, date in ((".gantt-bar--plan, .gantt-bar--ahead", plan), (".gantt-bar--done", done)):
            mark = page.locator(f"[data-gantt='{stage}']").locator(look)
            assert mark.count() == (date is not None), (stage, look)
            if date is not None:
                found = mark.first.bounding_box()
                assert found is not None
                assert day(found["x"]) - 2 * pixel <= date <= day(found["x"] + found["width"]) + 2 * pixel, (
                    stage,
                    look,
                )
    line = box(page, ".gantt-now")
    assert abs(day(line["x"]) - now) < 2 * pixel
    expect(page.locator(".gantt-now")).to_have_text("数据日 2026-09-30")
    late = page.locator(".gantt-row .is-late")
    assert (
        late.count()
        == page.locator(".gantt-row").evaluate_all("rows => rows.filter(r => +r.dataset.late > 0).length")
        > 0
    )
    assert re.fullmatch(r"晚 [\d,]+ 天", late.first.inner_text())
    assert late.first.evaluate("e => getComputedStyle(e).color") == "rgb(200, 55, 44)"


def test_on_a_phone_names_stand_above_the_bars(page: Page, atlas: str) -> None:
    open_project(page, atlas, 390, 844)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    name, track = box(page, ".gantt-name"), box(page, ".gantt-track")
    assert name["y"] + name["height"] <= track["y"] + 1
    assert track["width"] > 300


def test_the_project_page_leaves_no_half_empty(page: Page, atlas: str) -> None:
    for width, height in ((1366, 768), (1920, 1080)):
        open_project(page, atlas, width, height)
        facts = box(page, ".desk-row--project > .card")
        body = box(page, "#project-panel")
        assert body["height"] >= 0.75 * (facts["height"] - 34), width
        stack = box(page, ".desk-row--project > .desk-stack")
        assert abs(stack["y"] + stack["height"] - facts["y"] - facts["height"]) < 2, width
    open_project(page, atlas, 2560, 1440)
    facts, gantt = box(page, ".desk-row--project > .card"), box(page, ".gantt")
    assert facts["x"] > gantt["x"] + gantt["width"]
    assert page.locator(".desk-row--project > .card").evaluate("e => getComputedStyle(e).position") == "sticky"


# --- per mu -------------------------------------------------------------------------------------------------------------


def test_the_method_is_in_a_drawer_whose_button_says_which_is_in_force(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{atlas}/per-mu")
    opens = page.get_by_role("button", name="方法与试算")
    expect(opens).to_have_text("方法与试算四川默认方法")
    expect(page.locator("#mu-quota")).not_to_be_visible()
    assert box(page, "#mu-answer")["y"] < box(page, "#mu-classes")["y"] < 400
    expect(page.locator("#mu-moved")).to_contain_text("现在就是四川默认方法")
    assert box(page, "#mu-moved")["height"] < 40
    opens.click()
    drawer = page.get_by_role("dialog", name="方法与试算")
    expect(drawer).to_be_visible()
    size = drawer.bounding_box()
    assert size is not None
    assert size["width"] == 560
    page.get_by_role("textbox", name="分级名额").click()
    page.get_by_role("option", name="A 25% · B 45% · C 25% · D 5%").click()
    expect(page.locator("#mu-method")).to_have_text("试算中")
    page.keyboard.press("Escape")
    expect(drawer).not_to_be_visible()
    expect(opens).to_be_focused()
    expect(page.locator("#mu-answer")).to_contain_text("试算,不改动任何正式结果")
    expect(page.locator("#mu-answer")).to_contain_text(re.compile(r"试算与四川默认方法相比 \d+ 家换类"))
    opens.click()
    page.get_by_role("button", name="恢复默认方法").click()
    expect(page.locator("#mu-method")).to_have_text("四川默认方法")


def test_a_class_has_one_colour_wherever_it_stands(page: Page, atlas: str) -> None:
    page.goto(f"{atlas}/per-mu")
    expect(page.locator(".class-table .grade-part").first).to_be_visible()
    for grade in "ABC":
        found = page.evaluate(
            """grade => [...new Set([...document.querySelectorAll(`.grade-part.grade--${grade}, .grade-key.grade--${grade}`)]
                .map(e => getComputedStyle(e).backgroundColor))]""",
            grade,
        )
        token = page.evaluate(
            """name => { const e = document.body.appendChild(document.createElement('i'))
                e.style.color = `var(${name})`; const c = getComputedStyle(e).color; e.remove(); return c }""",
            f"--class-{grade.lower()}",
        )
        assert found == [token], grade


def test_the_limit_of_a_class_stands_between_its_bars(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{atlas}/per-mu")
    line = page.locator("[data-limit=A]")
    expect(line).to_have_text(re.compile(r"A 类从 [\d.]+% 起"))
    only_a = page.locator(".spread-column").evaluate_all(
        """columns => columns.filter(c => c.querySelector('.grade--A') && !c.querySelector('.grade--B'))
                           .map(c => c.getBoundingClientRect().left)"""
    )
    no_a = page.locator(".spread-column").evaluate_all(
        "columns => columns.filter(c => !c.querySelector('.grade--A')).map(c => c.getBoundingClientRect().right)"
    )
    at = line.bounding_box()
    assert at is not None
    assert max(no_a) - 3 <= at["x"] <= min(only_a) + 3


def test_on_a_phone_per_mu_scrolls_its_tables_and_not_the_page(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{atlas}/per-mu")
    expect(page.locator(".grade-bar").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_head_of_a_long_table_stays_in_sight(page: Page, atlas: str) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    for path, table in (("/ledger", "#ledger-records"), ("/per-mu", "#mu-firms .firm-table")):
        page.goto(f"{atlas}{path}")
        rows = page.locator(f"{table} tbody tr")
        expect(rows.nth(5)).to_be_visible()
        rows.nth(5).evaluate("e => window.scrollTo(0, e.getBoundingClientRect().top + scrollY - 120)")
        header = box(page, ".header")
        assert abs(box(page, f"{table} th:nth-child(2)")["y"] - header["y"] - header["height"]) < 2, path
        assert page.evaluate("document.documentElement.scrollWidth") == 1920, path
