from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.reference import indicator_rows, indicators
from domain.attribution import MetricClass, PlaceRole
from domain.filters import Facet
from domain.indicators import Indicator, Method
from domain.indicators.roll_up import roll_up_growth, roll_up_ratio, roll_up_sum
from domain.periods import Period

ZONES = ["CDKXC", "XJJHL", "SMKX", "WLKJC", "XYDIT"]


def test_spec_3_3_1_tax_per_mu_of_two_parks_is_11_5_and_not_21():
    result = roll_up_ratio({"A": (60_000, 1500), "B": (9_000, 4500)}, ["A", "B"])
    assert result.value == Fraction(23, 2)
    assert (result.numerator, result.denominator, result.reason) == (69_000, 6000, None)


def test_spec_3_3_2_growth_of_two_parks_is_25_percent_and_not_35():
    result = roll_up_growth({"A": 120, "B": 30}, {"A": 100, "B": 20}, ["A", "B"])
    assert result.value == Fraction(1, 4)
    assert (result.numerator, result.denominator) == (150, 120)


def test_spec_3_3_5_a_ratio_uses_only_units_with_both_parts():
    result = roll_up_ratio({"A": (60_000, 1500), "B": (9_000, None), "C": (None, 100)}, ["A", "B", "C"])
    assert (result.value, result.reported, result.missing) == (40, 1, ("B", "C"))


def test_a_reported_zero_is_a_report():
    assert roll_up_sum({"A": 0, "B": 5}, ["A", "B"]).reason is None


def test_nothing_reported_has_no_value():
    assert roll_up_sum({}, ["A"]).value is None
    assert roll_up_sum({"A": None}, ["A"]).reason == "not_reported"
    assert roll_up_ratio({}, ["A"]).reason == "not_reported"


def test_a_ratio_without_parts_cannot_be_rolled_up():
    assert roll_up_ratio({"A": (5, None)}, ["A"]).reason == "no_parts"
    assert roll_up_ratio({"A": (5, 0)}, ["A"]).reason == "zero_denominator"


def test_growth_from_nothing_has_no_value():
    result = roll_up_growth({"A": 5}, {"A": 0}, ["A"])
    assert (result.value, result.reason) == (None, "zero_base")


def test_growth_needs_both_years_of_a_unit():
    result = roll_up_growth({"A": 120, "B": 30}, {"A": 100}, ["A", "B"])
    assert (result.value, result.missing) == (Fraction(1, 5), ("B",))


@given(st.dictionaries(st.sampled_from(ZONES), st.tuples(st.integers(0, 10**9), st.integers(1, 10**6)), min_size=1))
def test_a_rolled_up_ratio_lies_between_the_ratios_of_its_units(parts):
    result = roll_up_ratio(parts, ZONES)
    ratios = [Fraction(top, bottom) for top, bottom in parts.values()]
    assert min(ratios) <= result.value <= max(ratios)
    assert result.reported + len(result.missing) == 5


def test_spec_3_3_5_a_missing_park_is_shown_as_four_of_five_and_never_as_zero():
    result = roll_up_sum(dict.fromkeys(ZONES[:4], 100) | {"XYDIT": None}, ZONES)
    assert (result.value, result.reported, result.expected) == (400, 4, 5)
    assert (result.missing, result.reason, result.partial) == (("XYDIT",), "partial", True)


def test_a_unit_that_is_not_expected_is_refused():
    with pytest.raises(ValueError, match="not expected"):
        roll_up_sum({"X": 1}, ["A"])


def test_an_indicator_is_what_its_row_says():
    fai, per_mu, growth, coverage = (indicators()[code] for code in ("K01", "K10", "K05", "K54"))
    assert (fai.method, fai.ytd, fai.money, fai.higher_is_better, fai.no_january) == (
        Method.SUM,
        True,
        True,
        True,
        True,
    )
    assert (fai.metric_class, fai.place, fai.divisible) == (MetricClass.DIRECT, PlaceRole.LOCATION, True)
    assert fai.facets == frozenset(Facet)
    assert (per_mu.is_ratio, per_mu.factor, per_mu.money, per_mu.firm_figures) == (True, Fraction(2000, 3), False, True)
    assert (growth.derivable, growth.record) == (False, None)
    assert (coverage.method, coverage.is_ratio, coverage.facets) == (Method.UNION, True, frozenset({Facet.ZONE}))
    assert (indicators()["K20"].is_count, indicators()["K50"].higher_is_better) == (True, None)


@pytest.mark.parametrize("column", ["period_type", "accumulation", "roll_up", "record", "confidentiality", "split"])
def test_a_row_with_a_word_nobody_knows_is_refused_with_the_words_there_are(column):
    row = dict(indicator_rows()[0]) | {column: "guess"}
    with pytest.raises(ValueError, match=f"K01: {column} cannot be 'guess', only one of"):
        Indicator.from_row(row)


def test_an_indicator_has_the_periods_of_its_kind_that_have_ended():
    months = Period.range(Period.of_month(2025, 11), Period.of_month(2026, 5))

    def names(code: str) -> list[str]:
        return [str(period) for period in indicators()[code].periods(months)]

    assert names("K01") == ["2025-11", "2025-12", "2026-02", "2026-03", "2026-04", "2026-05"]
    assert names("K07") == ["2025Q4", "2026Q1"]
    assert names("K10") == ["2025"]
    assert names("K34") == ["2026-05"]  # known of today only
    assert names("K37") == ["2026-05"]  # by year, and the year has not ended
    assert [str(p) for p in indicators()["K37"].periods([*months[:-1], Period.of_month(2026, 6)])] == ["2026Q2"]
