from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import (
    display_km2,
    display_mu,
    display_yi,
    display_yi_parts,
    exact,
    ha_to_m2,
    km2_to_m2,
    largest_remainder,
    m2_to_ha,
    m2_to_km2,
    m2_to_mu,
    mu_to_m2,
    rounded,
    wan_per_mu,
    wan_to_yi,
    yi_to_wan,
)


def test_area_units_are_exact():
    assert mu_to_m2(3) == 2000
    assert m2_to_mu(2000) == 3
    assert m2_to_ha(ha_to_m2(4.4)) == Fraction(44, 10)
    assert m2_to_km2(km2_to_m2(Decimal("68.9"))) == Fraction(689, 10)
    assert display_mu(1000) == Decimal("1.50")
    assert display_km2(68_900_000) == Decimal("68.90")


def test_money_units_are_exact_and_refuse_what_is_finer_than_one_wan():
    assert yi_to_wan(Decimal("8.40")) == 84_000
    assert yi_to_wan(0.1) == 1000
    assert wan_to_yi(84_001) == Decimal("8.4001")
    assert display_yi(84_050) == Decimal("8.41")
    with pytest.raises(ValueError, match="whole number"):
        yi_to_wan(Decimal("0.00001"))


def test_a_float_is_read_as_it_prints():
    assert exact(0.1) == Fraction(1, 10)


@pytest.mark.parametrize(("value", "shown"), [("0.125", "0.13"), ("-0.125", "-0.13"), ("2.004", "2.00")])
def test_display_rounds_half_away_from_zero(value, shown):
    assert rounded(Decimal(value)) == Decimal(shown)


def test_no_land_has_no_per_mu_value():
    assert wan_per_mu(60_000, mu_to_m2(1500)) == 40
    assert wan_per_mu(60_000, 0) is None


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
