from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.periods import MonthValue, Period, ytd_to_month_values

month = Period.of_month


@pytest.mark.parametrize("text", ["2026-09", "2026Q3", "2026"])
def test_text_round_trips(text):
    assert str(Period.parse(text)) == text


@pytest.mark.parametrize("text", ["", "2026-9", "2026-13", "2026-00", "2026Q5", "2026-09-01", "26", "2026-09 "])
def test_other_text_is_refused(text):
    with pytest.raises(ValueError, match="not a period"):
        Period.parse(text)


def test_a_period_outside_its_year_is_refused():
    with pytest.raises(ValueError, match="number 13"):
        Period(2026, "M", 13)


def test_neighbours_cross_the_year():
    assert Period.parse("2026-01").prev() == Period.parse("2025-12")
    assert Period.parse("2026Q4").next() == Period.parse("2027Q1")
    assert Period.parse("2026").prev() == Period.parse("2025")
    assert Period.parse("2026Q3").year_ago() == Period.parse("2025Q3")


def test_order_is_within_one_kind():
    assert Period.parse("2025-12") < Period.parse("2026-01") <= Period.parse("2026-01")
    assert Period.parse("2026Q2") > Period.parse("2026Q1") >= Period.parse("2026Q1")
    with pytest.raises(TypeError, match="different kinds"):
        assert Period.parse("2026") < Period.parse("2026-01")


def test_months_and_days():
    third = Period.parse("2026Q3")
    assert [str(m) for m in third.months()] == ["2026-07", "2026-08", "2026-09"]
    assert len(third.ytd_months()) == 9
    assert (third.start, third.end) == (date(2026, 7, 1), date(2026, 9, 30))
    assert (Period.parse("2028-02").start, Period.parse("2028-02").end) == (date(2028, 2, 1), date(2028, 2, 29))
    assert Period.parse("2026").end == date(2026, 12, 31)
    assert Period.parse("2026-09").quarter() == third
    with pytest.raises(ValueError, match="not a month"):
        third.quarter()


def test_range_is_inclusive_and_empty_when_reversed():
    assert [str(m) for m in Period.range(month(2025, 11), month(2026, 2))] == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]
    assert Period.range(month(2026, 2), month(2026, 1)) == []


def test_spec_3_3_3_a_falling_cumulative_figure_is_a_visible_revision_and_not_clipped():
    points = ytd_to_month_values(2026, [100, 250, 240])
    assert points == [
        MonthValue((month(2026, 1),), 100),
        MonthValue((month(2026, 2),), 150),
        MonthValue((month(2026, 3),), -10, revised=True),
    ]


def test_t13_fixed_asset_investment_has_january_and_february_as_one_point():
    points = ytd_to_month_values(2026, [None, 300, 450], no_january=True)
    assert points == [
        MonthValue((month(2026, 1), month(2026, 2)), 300),
        MonthValue((month(2026, 3),), 150),
    ]


def test_an_unknown_month_leaves_itself_and_the_next_unknown():
    values = ytd_to_month_values(2026, [100, None, 300, 350])
    assert [(v.value, v.reason) for v in values] == [
        (100, None),
        (None, "not_reported"),
        (None, "no_previous_ytd"),
        (50, None),
    ]


def test_impossible_series_are_refused():
    with pytest.raises(ValueError, match="12 months"):
        ytd_to_month_values(2026, [1] * 13)
    with pytest.raises(ValueError, match="January"):
        ytd_to_month_values(2026, [5, 10], no_january=True)


@given(st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=12), st.booleans())
def test_month_values_sum_to_the_last_cumulative_figure(ytd, no_january):
    series = [None, *ytd[1:]] if no_january else ytd
    points = ytd_to_month_values(2026, series, no_january)
    assert sum(point.value for point in points) == ytd[-1]
    assert [m for point in points for m in point.months] == Period.of_month(2026, len(ytd)).ytd_months()


@given(st.integers(1990, 2100), st.sampled_from("MQY"), st.integers(-500, 500))
def test_shifting_forth_and_back_is_nothing(year, kind, steps):
    period = Period(year, kind, 1)
    assert period.shift(steps).shift(-steps) == period
