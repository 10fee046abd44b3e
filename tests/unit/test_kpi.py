from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kpi import (
    ForeignAmount,
    KpiDef,
    KpiValue,
    Method,
    count_projects,
    roll_up,
    roll_up_currency,
    roll_up_distinct,
    roll_up_growth,
    roll_up_ratio,
    roll_up_sum,
    value_over_time,
)
from domain.periods import Period

ZONES = ["CDKXC", "XJJHL", "SMKX", "WLKJC", "XYDIT"]


def kpi(**fields: str) -> KpiDef:
    row = {
        "id": "K01",
        "name_zh": "固定资产投资",
        "name_en": "FAI",
        "definition": "",
        "formula": "Σ",
        "unit": "亿元",
        "direction": "↑",
        "period": "month (no January release)",
        "accumulation": "cumulative YTD",
        "additive_across_parks": "Y",
        "additive_across_districts": "Y (在地 only)",
        "roll_up_rule": "sum; never sum shared scopes",
        "data_owner": "统计/发改",
        "channel": "直报",
    }
    return KpiDef.from_row({**row, **fields})


FAI = kpi()
PER_MU = kpi(
    id="K10", unit="万元/亩", additive_across_parks="N", roll_up_rule="recompute from sums", accumulation="annual"
)
GROWTH = kpi(
    id="K05", unit="%", additive_across_parks="N", roll_up_rule="NOT derivable from levels; show published value"
)
HIGH_TECH = kpi(
    id="K44",
    unit="家",
    additive_across_parks="Y*",
    accumulation="point",
    period="quarter",
    roll_up_rule="distinct by 统一社会信用代码",
)
FLOOR = kpi(id="K33", unit="万㎡", direction="—", accumulation="point", period="month", roll_up_rule="sum")


def value(unit: str, amount: int | None, definition: KpiDef = FAI, **fields: object) -> KpiValue:
    made = KpiValue(
        kpi_id=definition.id,
        unit_scope="zone",
        unit_code=unit,
        period=Period.parse("2026-09"),
        accumulation="ytd",
        value=amount,
        unit=definition.unit,
        status="快报",
        scope="territorial",
        channel="直报",
        source_doc="demo",
        as_of=date(2026, 10, 12),
        loaded_at=datetime(2026, 10, 12, 9, 0),
        version=1,
    )
    return replace(made, **fields)


def test_spec_3_3_1_tax_per_mu_of_two_parks_is_11_5_and_not_21():
    result = roll_up_ratio({"A": (60_000, 1500), "B": (9_000, 4500)}, ["A", "B"])
    assert result.value == Fraction(23, 2)
    assert (result.numerator, result.denominator, result.reason) == (69_000, 6000, None)


def test_spec_3_3_2_growth_of_two_parks_is_25_percent_and_not_35():
    result = roll_up_growth({"A": 120, "B": 30}, {"A": 100, "B": 20}, ["A", "B"])
    assert result.value == Fraction(1, 4)
    assert (result.numerator, result.denominator) == (150, 120)


def test_spec_3_3_2_official_growth_is_never_derived():
    result = roll_up(GROWTH, [value("CDKXC", 7, GROWTH)], ["CDKXC"])
    assert (result.value, result.reason) == (None, "not_derivable")


def test_spec_3_3_5_a_missing_park_is_shown_as_four_of_five_and_never_as_zero():
    result = roll_up(FAI, [value(zone, 100) for zone in ZONES[:4]] + [value("XYDIT", None)], ZONES)
    assert (result.value, result.reported, result.expected) == (400, 4, 5)
    assert (result.missing, result.reason, result.partial) == (("XYDIT",), "partial", True)


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


def test_spec_3_3_6_a_project_in_two_districts_counts_once_in_the_city():
    units_of = {"P1": ["510116", "510118"], "P2": ["510116"]}
    counts = count_projects(units_of, {"P1": "510116", "P2": "510116"})
    assert counts.total == 2
    assert counts.related == {"510116": 2, "510118": 1}
    assert counts.primary == {"510116": 2}
    with pytest.raises(ValueError, match="primary unit"):
        count_projects({"P1": ["510116"]}, {"P1": "510107"})


def test_spec_3_3_6_distinct_firms_are_counted_on_the_union():
    result = roll_up_distinct({"A": {"u1", "u2"}, "B": {"u2"}, "C": None}, ["A", "B", "C"])
    assert (result.value, result.missing) == (2, ("C",))
    assert roll_up_distinct({"A": None}, ["A"]).reason == "not_reported"


def test_distinct_firms_are_not_summed_from_counts():
    assert roll_up(HIGH_TECH, [value("A", 3, HIGH_TECH), value("B", 4, HIGH_TECH)], ["A", "B"]).reason == "no_parts"


def test_spec_3_3_8_currencies_are_kept_and_never_mixed():
    dollars = {"A": ForeignAmount(500, "USD", Decimal("7.1")), "B": ForeignAmount(300, "USD", Decimal("7.2"))}
    assert roll_up_currency(dollars, ["A", "B"]).value == 800
    mixed = {**dollars, "B": ForeignAmount(300, "EUR")}
    assert roll_up_currency(mixed, ["A", "B"]).reason == "mixed_currency"


def test_spec_3_3_4_point_values_of_months_are_never_summed():
    months = {Period.parse("2026-07"): 10, Period.parse("2026-08"): 20, Period.parse("2026-09"): 30}
    quarter = Period.parse("2026Q3")
    assert value_over_time(FLOOR, months, quarter).value == 30
    assert value_over_time(FAI, months, quarter).value == 30  # year to date: the last month already holds the others
    assert value_over_time(kpi(accumulation="period"), months, quarter).value == 60
    assert value_over_time(PER_MU, months, quarter).reason == "no_parts"
    assert value_over_time(GROWTH, months, quarter).reason == "not_derivable"
    months[Period.parse("2026-09")] = None
    assert value_over_time(FLOOR, months, quarter).reason == "not_reported"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"scope": "production"}, "mixed_scope"),
        ({"scope": "dual"}, "dual"),
        ({"period": Period.parse("2026-08")}, "mixed_period"),
        ({"accumulation": "period"}, "mixed_accumulation"),
        ({"unit": "万元"}, "mixed_unit"),
        ({"currency": "USD"}, "mixed_currency"),
        ({"unit_code": "A", "version": 2}, "duplicate_unit"),
    ],
)
def test_values_that_must_not_meet_in_a_sum_give_a_reason(change, reason):
    result = roll_up(FAI, [value("A", 1), replace(value("B", 2), **change)], ["A", "B"])
    assert (result.value, result.reason) == (None, reason)


def test_foreign_values_are_refused():
    with pytest.raises(ValueError, match="another indicator"):
        roll_up(FAI, [value("A", 1, FLOOR)], ["A"])
    with pytest.raises(ValueError, match="not expected"):
        roll_up_sum({"X": 1}, ["A"])


def test_a_ratio_is_rolled_up_from_the_parts_of_its_values():
    values = [value("A", 40, PER_MU, numerator=60_000, denominator=1500), value("B", 2, PER_MU)]
    assert roll_up(PER_MU, values, ["A", "B"]).missing == ("B",)


def test_the_dictionary_text_gives_the_flags():
    assert FAI.additive
    assert FAI.money
    assert FAI.ytd
    assert FAI.no_january
    assert FAI.higher_is_better
    assert PER_MU.is_ratio
    assert not PER_MU.money
    assert not PER_MU.additive
    assert not GROWTH.derivable
    assert HIGH_TECH.method is Method.DISTINCT
    assert HIGH_TECH.needs_deduplication
    assert HIGH_TECH.point_in_time
    assert FLOOR.higher_is_better is None
    assert kpi(unit="亿美元/万美元", roll_up_rule="sum in one currency").foreign_currency
    assert kpi(roll_up_rule="weighted mean from counts; median only from records").is_ratio
    with pytest.raises(ValueError, match="unknown roll-up rule"):
        assert kpi(roll_up_rule="guess").method
    assert value("A", 1).period_type == "M"


@given(st.dictionaries(st.sampled_from(ZONES), st.tuples(st.integers(0, 10**9), st.integers(1, 10**6)), min_size=1))
def test_a_rolled_up_ratio_lies_between_the_ratios_of_its_units(parts):
    result = roll_up_ratio(parts, ZONES)
    ratios = [Fraction(top, bottom) for top, bottom in parts.values()]
    assert min(ratios) <= result.value <= max(ratios)
    assert result.reported + len(result.missing) == 5
