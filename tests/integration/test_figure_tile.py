"""A figure's tile: change without a glued arrow, progress by the limits of the project light, and a line that does not mislead."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy.orm import Session

from data.queries.kpis import Figure, figures
from data.queries.question import Question
from domain.lights import Light
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState
from views.parts.figure_tile import change, progress, rhythm
from views.parts.spark import sparkline


@pytest.fixture
def wall(db_session: Session) -> dict[str, Figure]:
    return figures(
        Question.of(db_session, Viewer(Role.LEADERSHIP), ViewState()), ("K01", "K04", "K16", "K21", "K32", "K33")
    )


def texts(component: Any) -> list[str]:
    children = component if isinstance(component, list | tuple) else getattr(component, "children", component)
    if children is None:
        return []
    if isinstance(children, str):
        return [children]
    return [text for child in (children if isinstance(children, list | tuple) else [children]) for text in texts(child)]


@pytest.mark.parametrize(
    ("kpi", "yoy", "shown", "look"),
    [
        ("K04", Fraction(81, 1000), ["▲", "+", "8.1%", "同比"], ""),
        ("K04", Fraction(-49, 1000), ["▼", "−", "4.9%", "同比"], ""),
        ("K04", Fraction(-5, 100), ["▼", "−", "5.0%", "同比"], "yoy-down"),
        ("K04", Fraction(0), ["0.0%", "同比"], "quiet"),
        ("K04", None, ["—", "同比"], "quiet"),
        ("K33", Fraction(-20, 100), ["▼", "−", "20.0%", "同比"], ""),  # floor area: less of it is not bad
    ],
)
def test_only_a_bad_fall_of_five_percent_has_a_colour(
    wall: dict[str, Figure], kpi: str, yoy: Fraction | None, shown: list[str], look: str
) -> None:
    told = change(replace(wall[kpi], yoy=yoy, yoy_kind="growth"))
    assert (texts(told), told.children[0].className) == (shown, look)


def test_a_share_falls_badly_from_five_points_and_a_bad_share_may_fall(wall: dict[str, Figure]) -> None:
    red_share = replace(wall["K32"], yoy=Fraction(-9), yoy_kind="points")
    assert red_share.kpi.higher_is_better is False
    assert change(red_share).children[0].className == ""


@pytest.mark.parametrize(
    ("attained", "light", "words"),
    [
        (Fraction(70, 100), Light.GREEN, ["目标 70%", "落后 3 pp"]),
        (Fraction(73, 100), Light.GREEN, ["目标 73%", "与序时持平"]),
        (Fraction(78, 100), Light.GREEN, ["目标 78%", "超前 5 pp"]),
        (Fraction(43, 100), Light.YELLOW, ["目标 43%", "落后 30 pp"]),
        (Fraction(634, 1000), Light.GREEN, ["目标 63%", "落后 9.6 pp"]),
        (Fraction(42, 100), Light.RED, ["目标 42%", "落后 31 pp"]),
    ],
)
def test_progress_is_told_in_words_beside_the_bar(
    wall: dict[str, Figure], attained: Fraction, light: Light, words: list[str]
) -> None:
    told = progress(replace(wall["K01"], attained=attained, due=Fraction(73, 100), light=light))
    assert told is not None
    bar, said = told.children
    assert (texts(said), bar.className, said.children[1].className) == (
        words,
        f"bar bar--{light}",
        f"pace pace--{light}",
    )
    assert [part.className for part in bar.children] == ["bar-fill", "bar-tick"]
    assert (bar.children[1].style, told.title) == ({"left": "73.0%"}, "序时 73%")


def test_less_than_ten_points_behind_is_no_yellow(wall: dict[str, Figure]) -> None:
    figure = wall["K01"]
    assert figure.attained is not None
    assert figure.due is not None
    assert (round(figure.attained * 100), round(figure.due * 100)) == (63, 73)
    assert (figure.due - figure.attained < Fraction(10, 100), figure.light) == (True, Light.GREEN)


def spark(first_year: int, *values: float | None) -> tuple[tuple[str, float | None], ...]:
    """Months from January of `first_year`; None is a month that was not reported at all."""
    named = ((f"{first_year + i // 12}-{i % 12 + 1:02d}", v) for i, v in enumerate(values))
    return tuple((period, v) for period, v in named if v is not None)


def test_an_amount_is_told_by_its_change_on_a_year_ago(wall: dict[str, Figure]) -> None:
    ytd = [10.0 * month for month in range(1, 13)]
    told = spark(2025, *ytd, 11.0, 18.0, 33.0)
    points, bars = rhythm(replace(wall["K04"], period="2026-03", spark=told))
    assert not bars
    assert [(p, None if v is None else round(v, 3)) for p, v in points] == [
        ("2026-01", 0.1), ("2026-02", -0.1), ("2026-03", 0.1),
    ]  # fmt: skip


def test_a_month_that_was_not_reported_keeps_its_place_empty(wall: dict[str, Figure]) -> None:
    ytd = [10.0 * month for month in range(1, 13)]
    points, _bars = rhythm(
        replace(wall["K04"], period="2026-06", spark=spark(2025, *ytd, 11.0, 22.0, 33.0, None, None, 66.0))
    )
    assert [p for p, v in points] == [f"2026-{month:02d}" for month in range(1, 7)]
    assert [v is None for p, v in points] == [False, False, False, True, True, False]


def test_a_month_without_release_is_no_gap(wall: dict[str, Figure]) -> None:
    assert wall["K01"].kpi.no_january
    year = [None, *(10.0 * month for month in range(2, 13))]
    points, _bars = rhythm(replace(wall["K01"], period="2026-03", spark=spark(2024, *year, *year, None, 20.0, 30.0)))
    assert [p for p, v in points if v is None] == []
    assert "2026-01" not in dict(points)


def test_a_count_is_told_by_its_own_months_as_bars(wall: dict[str, Figure]) -> None:
    points, bars = rhythm(replace(wall["K21"], period="2026-03", spark=spark(2025, *range(1, 13), 2.0, 2.0, 5.0)))
    assert bars
    assert points[-4:] == (("2025-12", 1), ("2026-01", 2), ("2026-02", 0), ("2026-03", 3))


def test_a_share_is_told_by_points_of_difference(wall: dict[str, Figure]) -> None:
    told = (("2023", 0.5), ("2024", 0.75), ("2025", 0.5))
    figure = replace(wall["K16"], period="2025", spark=told, yoy_kind="points")
    assert rhythm(figure) == ((("2024", 0.25), ("2025", -0.25)), False)


def test_at_most_24_periods_are_drawn(wall: dict[str, Figure]) -> None:
    points, _bars = rhythm(wall["K04"])
    assert (len(points), points[0][0], points[-1][0]) == (24, "2024-10", "2026-09")
    assert wall["K04"].yoy is not None
    assert points[-1][1] == pytest.approx(float(wall["K04"].yoy))


def test_the_line_breaks_at_a_gap_and_bars_stand_on_zero() -> None:
    gap = sparkline([("a", 1.0), ("b", None), ("c", 2.0), ("d", 3.0)], "#123456", "#abcdef")
    assert gap.src.count("M") - gap.src.count("M0") == 2  # two pieces; the line at zero begins with M0
    assert "%23abcdef" in gap.src
    bars = sparkline([("a", 1.0), ("b", None), ("c", -2.0)], "#123456", "#abcdef", bars=True)
    zero = bars.src.split("M0%20")[1].split("H")[0]
    assert bars.src.count(f"V{zero}") == 2
