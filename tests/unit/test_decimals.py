"""Decimals follow the size of the number, not of its unit."""

from __future__ import annotations

import pytest

from views.parts.format import number, scaled


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
