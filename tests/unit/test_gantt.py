"""The Gantt of one project: bars between milestones, lateness up to the data date, and the sentence above them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from dash.development.base_component import Component

from views.parts.gantt import Stone, gantt, late_words, standing

TODAY = date(2026, 9, 30)
SIGNED = Stone(30, "签约", date(2026, 8, 31), date(2026, 9, 6))
OVERDUE = Stone(40, "注册", date(2026, 9, 20), None)
DUE = Stone(60, "用地", date(2027, 6, 11), None)


def walk(item: Any) -> Iterator[Component]:
    if isinstance(item, Component):
        yield item
        yield from walk(getattr(item, "children", None))
    elif isinstance(item, list | tuple):
        for child in item:
            yield from walk(child)


def bars(picture: Component, code: int) -> dict[str, dict[str, str]]:
    row = next(c for c in walk(picture) if getattr(c, "data-gantt", None) == str(code))
    found = [c for c in walk(row) if "gantt-bar--" in str(getattr(c, "className", ""))]
    return {str(c.className).rpartition("--")[2]: c.style for c in found}


def test_a_stage_is_late_against_its_plan_and_an_unreached_one_against_the_data_date() -> None:
    assert SIGNED.late(TODAY) == 6
    assert OVERDUE.late(TODAY) == 10
    assert DUE.late(TODAY) is None
    assert Stone(30, "", date(2026, 9, 1), date(2026, 8, 22)).late(TODAY) == -10
    assert Stone(30, "", None, date(2026, 8, 22)).late(TODAY) is None
    assert [late_words(n) for n in (6, 0, -10, None)] == ["晚 6 天", "按期", "早 10 天", "—"]


def test_the_sentence_names_the_last_stage_done_and_the_next_with_its_delay() -> None:
    assert standing([SIGNED, OVERDUE, DUE], TODAY) == (
        "最近完成 签约 2026-09-06,晚 6 天；下一步 注册,计划 2026-09-20,已晚 10 天"
    )
    assert standing([SIGNED, DUE], TODAY) == "最近完成 签约 2026-09-06,晚 6 天；下一步 用地,计划 2027-06-11"
    assert standing([DUE], TODAY) == "下一步 用地,计划 2027-06-11"
    assert standing([Stone(150, "达产", None, date(2026, 1, 2))], TODAY) == "最近完成 达产 2026-01-02"


def test_bars_run_from_the_milestone_before_to_their_own() -> None:
    """Over 100 days: planned at 20 and 60, done at 30; the second is 20 days late on day 80."""
    first = date(2026, 1, 1)

    def day(n: int) -> date:
        return date.fromordinal(first.toordinal() + n)

    stones = [
        Stone(10, "一", first, first),
        Stone(20, "二", day(20), day(30)),
        Stone(30, "三", day(60), None),
        Stone(40, "四", day(100), None),
    ]
    picture = gantt(stones, day(80))
    assert bars(picture, 20) == {
        "plan": {"left": "0.00%", "width": "max(3px, 20.00%)"},
        "done": {"left": "0.00%", "width": "max(3px, 30.00%)"},
        "late": {"left": "20.00%", "width": "max(3px, 10.00%)"},
    }
    assert bars(picture, 30) == {
        "ahead": {"left": "20.00%", "width": "max(3px, 40.00%)"},
        "late": {"left": "60.00%", "width": "max(3px, 20.00%)"},
    }
    assert bars(picture, 40) == {"ahead": {"left": "60.00%", "width": "max(3px, 40.00%)"}}
    now = next(c for c in walk(picture) if getattr(c, "className", "") == "gantt-now")
    assert now.style == {"left": "80.00%"}


def test_a_long_project_names_no_more_years_than_fit() -> None:
    picture = gantt([Stone(10, "", date(2000, 5, 1), None), Stone(20, "", date(2030, 5, 1), None)], TODAY)
    years = [c for c in walk(picture) if getattr(c, "className", "") == "gantt-year"]
    assert len(years) == 30
    assert [c.children.children for c in years if c.children] == [str(y) for y in range(2001, 2031, 4)]


def test_one_date_alone_is_drawn() -> None:
    assert bars(gantt([Stone(30, "签约", None, TODAY)], TODAY), 30) == {
        "done": {"left": "0.00%", "width": "max(3px, 0.00%)"}
    }
