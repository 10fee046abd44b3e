from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import (
    display_yi,
    display_yi_parts,
    exact,
    largest_remainder,
    rounded,
)


def test_a_float_is_read_as_it_prints():
    assert exact(0.1) == Fraction(1, 10)


@pytest.mark.parametrize(("value", "shown"), [("0.125", "0.13"), ("-0.125", "-0.13"), ("2.004", "2.00")])
def test_display_rounds_half_away_from_zero(value, shown):
    assert rounded(Decimal(value)) == Decimal(shown)


def test_spec_3_3_7_ten_in_three_equal_parts_adds_up():
    assert display_yi_parts(largest_remainder(100_000, [1, 1, 1])) == [
        Decimal("3.34"),
        Decimal("3.33"),
        Decimal("3.33"),
    ]


def test_displayed_parts_of_nothing_and_of_mixed_sign():
    assert display_yi_parts([0, 0]) == [Decimal("0.00"), Decimal("0.00")]
    with pytest.raises(ValueError, match="signs"):
        display_yi_parts([-100, 200])


def test_ties_go_to_the_earlier_weight_and_zero_weight_gets_nothing():
    assert largest_remainder(1, [1, 1]) == [1, 0]
    assert largest_remainder(-1, [1, 1]) == [-1, 0]
    assert largest_remainder(5, [0, 1, 0]) == [0, 5, 0]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_weights_that_divide_nothing_are_refused(weights):
    with pytest.raises(ValueError, match="weight"):
        largest_remainder(10, weights)


weights = st.lists(st.fractions(0, 10, max_denominator=1000), min_size=1, max_size=6).filter(any)


@given(st.integers(-(10**12), 10**12), weights)
def test_parts_sum_to_the_total_and_are_within_one_of_the_exact_share(total, shares):
    parts = largest_remainder(total, shares)
    assert sum(parts) == total
    whole = sum(shares)
    assert all(abs(part - total * share / whole) < 1 for part, share in zip(parts, shares, strict=True))


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8))
def test_displayed_parts_sum_to_the_displayed_total(parts):
    assert sum(display_yi_parts(parts)) == display_yi(sum(parts))
