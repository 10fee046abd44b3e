"""The trend draws what was reported and nothing else: gaps stay gaps, months of two cover two, revisions are named."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from views.parts.charts import Point, trend_figure, year_figure


def _trace(figure, name: str):
    return next(t for t in figure.data if t.name == name)


def test_a_cumulative_line_breaks_before_each_year_and_at_a_month_without_release() -> None:
    points = [Point("2025-11", 90.0), Point("2025-12", 100.0), Point("2026-02", 12.0), Point("2026-03", 20.0)]
    line = _trace(trend_figure(points, unit="亿元", restarts=True), "本期")
    assert list(line.y) == [90.0, 100.0, None, 12.0, 20.0]
    assert [c for c in line.customdata if c] == ["2025-11", "2025-12", "2026-02", "2026-03"]


def test_a_line_of_levels_runs_through_the_turn_of_the_year() -> None:
    line = _trace(trend_figure([Point("2025-12", 5.0), Point("2026-01", 6.0)], unit="家"), "本期")
    assert list(line.y) == [5.0, 6.0]


def test_an_unknown_value_is_a_gap_not_a_zero() -> None:
    line = _trace(
        trend_figure([Point("2026-01", 5.0), Point("2026-02", None), Point("2026-03", 7.0)], unit="家"), "本期"
    )
    assert list(line.y) == [5.0, None, 7.0]


def test_the_year_before_is_the_same_month_a_year_earlier_and_only_where_there_is_one() -> None:
    points = [Point("2025-02", 10.0), Point("2026-02", 12.0), Point("2026-03", 20.0)]
    before = _trace(trend_figure(points, unit="亿元", restarts=True), "上年同期")
    assert [v for v in before.y if v is not None] == [10.0]
    assert "上年同期" not in [t.name for t in trend_figure([Point("2026-02", 1.0)], unit="亿元").data]


def test_january_and_february_are_one_bar_of_double_width_and_a_negative_month_is_marked_as_a_revision() -> None:
    points = [Point("2026-02", 9.0, months=2), Point("2026-03", -1.0, revised=True)]
    figure = trend_figure(points, unit="亿元", bars=True)
    bars = _trace(figure, "当月")
    assert bars.width[0] > 2 * bars.width[1]
    assert bars.x[0] == "2026-02-01"
    assert [a.text for a in figure.layout.annotations if "修订" in a.text] == ["▽修订"]
    assert list(bars.y) == [9.0, -1.0]


def test_the_schedule_is_dashed_and_quiet() -> None:
    figure = trend_figure([Point("2026-02", 12.0)], unit="亿元", due=[("2026-01", 5.0), ("2026-02", 10.0)])
    assert _trace(figure, "序时目标").line.dash == "dot"


def test_an_axis_starts_with_january_so_that_a_missing_release_is_seen() -> None:
    start = trend_figure([Point("2026-02", 1.0), Point("2026-09", 2.0)], unit="%").layout.xaxis.range[0]
    assert "2025-12-01" < start < "2026-01-01"


def test_annual_points_stand_in_the_middle_of_their_year() -> None:
    figure = trend_figure([Point("2024", 1.0), Point("2025", 2.0)], unit="%")
    assert list(_trace(figure, "本期").x) == ["2024-07-01", "2025-07-02"]
    assert list(figure.layout.xaxis.ticktext) == ["2024", "2025"]


def test_a_text_that_is_no_period_is_refused() -> None:
    with pytest.raises(ValueError, match="not a period"):
        trend_figure([Point("last month", 1.0)], unit="%")


def _years(**given) -> go.Figure:
    points = [
        *(Point(f"2024-{n:02d}", 8.0 * n) for n in range(1, 13)),
        *(Point(f"2025-{n:02d}", 10.0 * n) for n in range(1, 13)),
        *(Point(f"2026-{n:02d}", 11.0 * n) for n in range(1, 10) if n != 4),
    ]
    return year_figure(points, unit="亿元", **given)


def test_a_sum_since_january_is_read_over_twelve_months_beside_last_year_and_the_plan() -> None:
    figure = _years(due=[(f"{year}-{n:02d}", 12.0 * n) for year in (2025, 2026) for n in range(1, 13)])
    assert list(_trace(figure, "2026").y) == [11.0, 22.0, 33.0, None, 55.0, 66.0, 77.0, 88.0, 99.0, None, None, None]
    assert list(_trace(figure, "2025").y) == [10.0 * n for n in range(1, 13)]
    assert (_trace(figure, "序时目标").line.dash, list(_trace(figure, "序时目标").y)[11]) == ("dot", 144.0)
    assert [t.name for t in figure.data if t.name == "2024"] == []
    assert list(figure.layout.xaxis.ticktext)[::11] == ["1月", "12月"]


def test_older_years_are_a_band_and_each_year_ends_with_its_figure() -> None:
    figure = _years()
    low, high = (t for t in figure.data if t.name == "更早各年")
    assert list(low.y) == list(high.y) == [8.0 * n for n in range(1, 13)]
    assert [a.text for a in figure.layout.annotations] == ["2026 99.0", "2025 120.0"]


def test_a_year_without_the_one_before_has_one_line_and_no_band() -> None:
    figure = year_figure([Point("2026-01", 1.0)], unit="个")
    assert [(t.name, t.mode) for t in figure.data] == [("2026", "lines+markers")]


def test_a_sum_over_months_takes_no_other_periods() -> None:
    with pytest.raises(ValueError, match="not a month"):
        year_figure([Point("2026Q3", 1.0)], unit="个")
