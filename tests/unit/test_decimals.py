"""Decimals follow the size of the number, not of its unit."""

from __future__ import annotations

import pytest

from views.parts.charts import Point, trend_figure
from views.parts.format import column_money, km2, mu, number, percent, scaled


@pytest.mark.parametrize(
    ("stored", "unit", "shown"),
    [
        (4_400, "万元", "0.44"),
        (440, "万元", "0.044"),
        (44_000, "万元", "4.4"),
        (440_000, "万元", "44.0"),
        (0, "万元", "0.0"),
        (300, "m²", "0.030"),
        (7, "个", "7"),
        (-4_400, "万元", "−0.44"),
    ],
)
def test_a_small_amount_keeps_two_digits_that_count(stored: int, unit: str, shown: str) -> None:
    value, _unit, places = scaled(stored, unit)
    assert number(value, places) == shown


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (column_money(4_400), "0.44"),
        (column_money(440), "0.044"),
        (column_money(56_000), "5.60"),
        (mu(300, 0), "0.45"),
        (mu(667_000, 0), "1,001"),
        (km2(900), "0.00090"),
        (km2(1_200_000), "1.20"),
        (percent(0.004), "0.4%"),
        (percent(0.0004), "0.04%"),
        (percent(0), "0.0%"),
        (column_money(0), "0.00"),
    ],
)
def test_no_amount_that_is_there_is_printed_as_nothing(shown: str, text: str) -> None:
    assert shown == text


def test_a_chart_says_small_amounts_as_the_page_does() -> None:
    figure = trend_figure([Point("2026-01", 0.044), Point("2026-02", 12.0), Point("2026-03", None)], unit="亿元")
    assert list(figure.data[0].hovertemplate) == ["0.044 亿元", "12.0 亿元", ""]
    assert figure.layout.annotations[0].text == "12.0"
