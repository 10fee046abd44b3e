"""Worked examples of rules §4.4 (in 万元), the rule order and exceptions of §4.3, and the invariants of §4.3.6."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.reference import indicators
from domain.attribution import (
    Agreement,
    AgreementBook,
    Attribution,
    ExceptionRow,
    MetricClass,
    PlaceRole,
    Reason,
    Record,
    Scope,
    Subject,
    UnitSpan,
    UnitTotals,
    attribute,
    merge_slivers,
)
from domain.attribution_bulk import RecordBlock, attribute_many
from domain.periods import Period
from domain.units import largest_remainder

GX, SL, XJ, DB, JY = "CD-GXQ", "510116", "510118", "CD-DBXQ", "510185"
NONE = AgreementBook()
START = date(2020, 1, 1)


def period(text: str) -> Period:
    return Period.parse(text)


def record(subject: Subject, amount: int, metric: str = "K01", when: str = "2026-06") -> Record:
    return Record(f"{subject.id}-{metric}-{when}", subject, indicators()[metric], period(when), amount)


def ratio(*parties: tuple[str, int], of: int = 10) -> tuple[tuple[str, Fraction], ...]:
    return tuple((unit, Fraction(part, of)) for unit, part in parties)


def zone_agreements(**fields: object) -> list[Agreement]:
    """高新:双流 6:4 in SMKX for all three classes; the ratio is illustrative."""
    return [
        Agreement(
            id=f"SMKX-{metric_class}",
            parties=ratio((GX, 6), (SL, 4)),
            valid_from=START,
            basis_doc="示例协议",
            zone="SMKX",
            metric_class=metric_class,
            illustrative=True,
            **fields,
        )
        for metric_class in MetricClass
    ]


def amounts(result: Attribution | ExceptionRow) -> dict[str, int]:
    assert isinstance(result, Attribution), result
    return {part.unit: part.amount_wan for part in result.parts}


def refused(result: Attribution | ExceptionRow) -> Reason:
    assert isinstance(result, ExceptionRow), result
    return result.reason


def sum_by_unit(results: Iterable[Attribution | ExceptionRow], scope: Scope) -> UnitTotals:
    """Sums by unit of records of one metric in one scope (rules §4.2). Raises ValueError for a result of another scope."""
    by_unit: dict[str, int] = {}
    unattributed = exceptions = 0
    for result in results:
        if result.scope is not scope:
            raise ValueError(f"a {result.scope} result among {scope} results")
        if isinstance(result, ExceptionRow):
            unattributed += result.record.amount_wan
            exceptions += 1
            continue
        for part in result.parts:
            by_unit[part.unit] = by_unit.get(part.unit, 0) + part.amount_wan
    dual = scope is Scope.DUAL
    return UnitTotals(
        by_unit, None if dual else sum(by_unit.values()), "dual" if dual else None, unattributed, exceptions
    )


SITE = Subject("P1", zone="SMKX", stat_units=(UnitSpan(SL, START),))


def test_example_1_footprint_crossing_two_districts():
    plot = replace(SITE, footprint={SL: 70_000, XJ: 10_000})
    fai = record(plot, 84_000)
    area = attribute(fai, Scope.AREA, NONE)
    assert amounts(area) == {SL: 73_500, XJ: 10_500}
    assert [part.share for part in area.parts] == [Fraction(7, 8), Fraction(1, 8)]
    assert amounts(attribute(fai, Scope.TERRITORIAL, NONE)) == {SL: 84_000}


@pytest.mark.parametrize(
    ("metric", "whole", "gaoxin", "shuangliu"),
    [("K01", 520_000, 312_000, 208_000), ("K04", 1_185_000, 711_000, 474_000), ("K09", 32_000, 19_200, 12_800)],
)
def test_example_2_co_built_zone_at_six_to_four(metric, whole, gaoxin, shuangliu):
    book = AgreementBook(zone_agreements(retention=True))
    source = record(SITE, whole, metric)
    shared = attribute(source, Scope.SHARED, book)
    assert amounts(shared) == {GX: gaoxin, SL: shuangliu}
    assert (shared.basis_doc, shared.illustrative, shared.additive) == ("示例协议", True, True)
    assert amounts(attribute(source, Scope.TERRITORIAL, book)) == {SL: whole}
    assert sum_by_unit([shared], Scope.SHARED).total == whole


def test_example_3_a_plant_that_is_a_legal_entity_counts_where_it_stands():
    headquarters = Subject("HQ", places={PlaceRole.LEGAL_ENTITY: "510107", PlaceRole.TREASURY: "510107"})
    plant = Subject("PLANT", places={PlaceRole.LEGAL_ENTITY: JY, PlaceRole.TREASURY: JY})
    assert amounts(attribute(record(headquarters, 120_000, "K07"), Scope.TERRITORIAL, NONE)) == {"510107": 120_000}
    assert amounts(attribute(record(headquarters, 9_000, "K08"), Scope.TERRITORIAL, NONE)) == {"510107": 9_000}
    assert amounts(attribute(record(plant, 400_000, "K04"), Scope.TERRITORIAL, NONE)) == {JY: 400_000}
    assert amounts(attribute(record(plant, 16_000, "K08"), Scope.TERRITORIAL, NONE)) == {JY: 16_000}


def test_example_4_ning_huai_has_three_bases_at_seven_to_three():
    shares = (Fraction(7, 10), Fraction(3, 10))
    assert largest_remainder(50_000, shares) == [35_000, 15_000]
    assert largest_remainder(10_000, shares) == [7_000, 3_000]
    assert largest_remainder(6_000, shares) == [4_200, 1_800]


TRANSFERRED = Subject("P5", zone="B", stat_units=(UnitSpan("B", START),), started=date(2026, 1, 1), assist_units=("A",))
FIRST_FIVE_YEARS = Agreement(
    "T5",
    ratio(("A", 3), ("B", 7)),
    START,
    "流转协议",
    subject_id="P5",
    metric="K09",
    years_from_start=5,
    illustrative=True,
)


def test_example_5_transferred_project_shares_revenue_for_five_years():
    book = AgreementBook([FIRST_FIVE_YEARS])
    second = attribute(record(TRANSFERRED, 8_000, "K09", "2027"), Scope.SHARED, book)
    assert amounts(second) == {"A": 2_400, "B": 5_600}
    sixth = attribute(record(TRANSFERRED, 8_000, "K09", "2031"), Scope.SHARED, book)
    assert amounts(sixth) == {"B": 8_000}
    assert amounts(attribute(record(TRANSFERRED, 500, "K01", "2027"), Scope.SHARED, book)) == {"B": 500}


def test_example_5_the_signed_project_counts_once_and_the_helper_gets_a_tag():
    signed = attribute(record(TRANSFERRED, 1, "K20"), Scope.SHARED, AgreementBook([FIRST_FIVE_YEARS]))
    assert amounts(signed) == {"B": 1}
    assert signed.related == ("A",)


def test_example_6_dual_credits_both_and_has_no_total():
    book = AgreementBook([Agreement("D", ratio(("X", 5), ("Y", 5)), START, "doc", zone="SMKX", metric="K01")])
    fai = record(SITE, 100_000)
    dual = attribute(fai, Scope.DUAL, book)
    assert amounts(dual) == {"X": 100_000, "Y": 100_000}
    assert not dual.additive
    totals = sum_by_unit([dual], Scope.DUAL)
    assert (totals.total, totals.reason) == (None, "dual")
    assert sum_by_unit([attribute(fai, Scope.TERRITORIAL, book)], Scope.TERRITORIAL).total == 100_000


def test_example_7_fifty_one_to_forty_nine():
    assert largest_remainder(60_000, (Fraction(51, 100), Fraction(49, 100))) == [30_600, 29_400]


def test_example_8_moved_district_as_reported_and_comparable():
    moved = Subject("P8", stat_units=(UnitSpan(SL, START, date(2026, 6, 30)), UnitSpan(GX, date(2026, 7, 1))))
    series = [record(moved, 30_000, when="2026-06"), record(moved, 40_000, when="2026-12")]
    reported = [attribute(part, Scope.TERRITORIAL, NONE) for part in series]
    assert sum_by_unit(reported, Scope.TERRITORIAL).by_unit == {SL: 30_000, GX: 40_000}
    comparable = [attribute(part, Scope.TERRITORIAL, NONE, restate_at=period("2026-12")) for part in series]
    assert sum_by_unit(comparable, Scope.TERRITORIAL).by_unit == {GX: 70_000}
    assert all(isinstance(part, Attribution) and part.restated for part in comparable)
    assert not any(part.restated for part in reported if isinstance(part, Attribution))
    assert sum_by_unit(reported, Scope.TERRITORIAL).total == sum_by_unit(comparable, Scope.TERRITORIAL).total == 70_000


def test_t12_a_new_ratio_applies_from_its_date_without_restating_the_past():
    old = Agreement("old", ratio((GX, 6), (SL, 4)), START, "v1", zone="SMKX", metric="K01", valid_to=date(2026, 6, 30))
    new = Agreement("new", ratio((GX, 5), (SL, 5)), date(2026, 7, 1), "v2", zone="SMKX", metric="K01")
    book = AgreementBook([new, old])
    assert amounts(attribute(record(SITE, 100, when="2026-06"), Scope.SHARED, book)) == {GX: 60, SL: 40}
    assert amounts(attribute(record(SITE, 100, when="2026-07"), Scope.SHARED, book)) == {GX: 50, SL: 50}


def test_a_change_in_mid_month_applies_from_the_next_month():
    late = AgreementBook([Agreement("late", ratio((GX, 10)), date(2026, 7, 15), "d", zone="SMKX", metric="K01")])
    assert amounts(attribute(record(SITE, 9, when="2026-07"), Scope.SHARED, late)) == {SL: 9}
    assert amounts(attribute(record(SITE, 9, when="2026-08"), Scope.SHARED, late)) == {GX: 9}


def test_rule_order_is_project_before_zone_and_metric_before_class_before_territorial():
    steps = [
        Agreement("pm", ratio(("pm", 10)), START, "d", subject_id="P1", metric="K01"),
        Agreement("pc", ratio(("pc", 10)), START, "d", subject_id="P1", metric_class=MetricClass.DIRECT),
        Agreement("zm", ratio(("zm", 10)), START, "d", zone="SMKX", metric="K01"),
        Agreement("zc", ratio(("zc", 10)), START, "d", zone="SMKX", metric_class=MetricClass.DIRECT),
    ]
    fai = record(SITE, 7)
    found = [attribute(fai, Scope.SHARED, AgreementBook(steps[first:])).rule_id for first in range(5)]
    assert found == ["SHARE/pm", "SHARE/pc", "SHARE/zm", "SHARE/zc", "SHARE/TERR/stat"]


def test_a_metric_without_class_has_no_class_agreement():
    assert amounts(attribute(record(SITE, 7, "K33"), Scope.SHARED, AgreementBook(zone_agreements()))) == {SL: 7}


def test_a_metric_specific_unit_goes_before_the_general_one():
    two = Subject("S", stat_units=(UnitSpan(SL, START), UnitSpan(GX, START, metric="K08")))
    assert amounts(attribute(record(two, 5, "K08"), Scope.TERRITORIAL, NONE)) == {GX: 5}
    assert amounts(attribute(record(two, 5, "K01"), Scope.TERRITORIAL, NONE)) == {SL: 5}


@pytest.mark.parametrize(
    ("parties", "reason"),
    [
        (ratio((GX, 6), (SL, 5)), Reason.RATIOS_NOT_ONE),
        (((GX, Fraction(1, 2)), (SL, Fraction(1, 2) + Fraction(2, 10**9))), Reason.RATIOS_NOT_ONE),
        (ratio((GX, 12), (SL, -2)), Reason.BAD_PARTIES),
        (ratio((GX, 5), (GX, 5)), Reason.BAD_PARTIES),
        ((), Reason.BAD_PARTIES),
    ],
)
def test_wrong_ratios_go_to_the_exception_list(parties, reason):
    book = AgreementBook([Agreement("wrong", parties, START, "d", zone="SMKX", metric="K01")])
    result = attribute(record(SITE, 100), Scope.SHARED, book)
    assert refused(result) is reason
    assert result.rows == ("wrong",)
    totals = sum_by_unit([result, attribute(record(SITE, 7, "K04"), Scope.SHARED, book)], Scope.SHARED)
    assert (totals.total, totals.unattributed_wan, totals.exceptions) == (7, 100, 1)


def test_a_ratio_within_the_tolerance_is_used_and_still_sums_to_one():
    third = Fraction(3333333333, 10**10)
    parties = tuple((unit, third) for unit in "abc")
    book = AgreementBook([Agreement("thirds", parties, START, "d", zone="SMKX", metric="K01")])
    result = attribute(record(SITE, 100_000), Scope.SHARED, book)
    assert amounts(result) == {"a": 33_334, "b": 33_333, "c": 33_333}
    assert sum(part.share for part in result.parts) == 1


def test_overlapping_agreements_and_units_go_to_the_exception_list():
    book = AgreementBook(zone_agreements() + zone_agreements())
    result = attribute(record(SITE, 1), Scope.SHARED, book)
    assert (refused(result), result.rows) == (Reason.AGREEMENTS_OVERLAP, ("SMKX-direct", "SMKX-direct"))
    twice = Subject("S", stat_units=(UnitSpan(SL, START), UnitSpan(GX, START)))
    assert refused(attribute(record(twice, 1), Scope.TERRITORIAL, NONE)) is Reason.STAT_UNITS_OVERLAP


def test_missing_facts_go_to_the_exception_list():
    bare = Subject("bare")
    assert refused(attribute(record(bare, 1), Scope.TERRITORIAL, NONE)) is Reason.NO_UNIT
    assert refused(attribute(record(bare, 1), Scope.SHARED, NONE)) is Reason.NO_UNIT
    assert refused(attribute(record(bare, 1), Scope.AREA, NONE)) is Reason.NO_FOOTPRINT
    undated = replace(TRANSFERRED, started=None)
    book = AgreementBook([FIRST_FIVE_YEARS])
    assert refused(attribute(record(undated, 1, "K09"), Scope.SHARED, book)) is Reason.NO_START_DATE


def test_an_agreement_names_one_object_and_one_kind_of_figure():
    with pytest.raises(ValueError, match="zone or a subject"):
        Agreement("x", (), START, "d", metric="K01")
    with pytest.raises(ValueError, match="metric or a class"):
        Agreement("x", (), START, "d", zone="SMKX")


def test_leased_space_without_a_plot_is_in_the_unit_where_it_stands():
    leased = Subject("L", places={PlaceRole.LOCATION: SL})
    assert attribute(record(leased, 3), Scope.AREA, NONE).rule_id == "AREA/location"


def test_slivers_below_one_mu_or_half_a_percent_join_the_largest_part():
    assert merge_slivers({"a": 50_000, "b": 666, "c": 700}) == {"a": 50_666, "c": 700}
    assert merge_slivers({"a": 1_000_000, "b": 5_000}) == {"a": 1_005_000}
    assert merge_slivers({"a": 994_999, "b": 5_001}) == {"a": 994_999, "b": 5_001}
    assert merge_slivers({"a": 100, "b": 200}) == {"b": 300}
    assert merge_slivers({}) == {}
    with pytest.raises(ValueError, match="negative"):
        merge_slivers({"a": -1})


def test_a_count_is_never_split_and_a_tie_goes_to_the_territorial_unit():
    even = Agreement("even", ratio((GX, 5), (SL, 5)), START, "d", zone="SMKX", metric="K20")
    signed = record(SITE, 1, "K20")
    result = attribute(signed, Scope.SHARED, AgreementBook([even]))
    assert (amounts(result), result.related) == ({SL: 1}, (GX,))
    stranger = replace(SITE, stat_units=(UnitSpan(XJ, START),))
    assert amounts(attribute(replace(signed, subject=stranger), Scope.SHARED, AgreementBook([even]))) == {GX: 1}
    assert amounts(attribute(signed, Scope.DUAL, AgreementBook([even]))) == {GX: 1, SL: 1}


def test_a_start_on_a_leap_day_ends_on_the_first_of_march():
    leap = replace(TRANSFERRED, started=date(2024, 2, 29))
    book = AgreementBook([replace(FIRST_FIVE_YEARS, valid_from=START)])
    assert len(amounts(attribute(record(leap, 10, "K09", "2029-02"), Scope.SHARED, book))) == 2
    assert len(amounts(attribute(record(leap, 10, "K09", "2029-03"), Scope.SHARED, book))) == 1


# Random agreements, dates and projects for the invariants of rules §4.3.6.
UNITS = ["u1", "u2", "u3", "u4"]
SUBJECTS = ["s0", "s1", "s2"]
METRICS = ["K01", "K04", "K09", "K20"]
days = st.dates(date(2023, 1, 1), date(2027, 12, 31))
months = st.builds(Period.of_month, st.integers(2023, 2027), st.integers(1, 12))


@st.composite
def parties(draw: st.DrawFn) -> tuple[tuple[str, Fraction], ...]:
    units = draw(st.lists(st.sampled_from(UNITS), min_size=1, max_size=4, unique=True))
    weights = draw(st.lists(st.integers(0, 40), min_size=len(units), max_size=len(units)).filter(any))
    off = draw(st.sampled_from([Fraction(0)] * 6 + [Fraction(1, 10**10), Fraction(1, 10)]))
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    shares[0] += off
    return tuple(zip(units, shares, strict=True))


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    first = draw(days)
    last = draw(st.none() | days)
    on_zone = draw(st.booleans())
    on_metric = draw(st.booleans())
    return Agreement(
        id=draw(st.sampled_from(["g1", "g2", "g3", "g4"])),
        parties=draw(parties()),
        valid_from=first,
        basis_doc="doc",
        zone=draw(st.sampled_from(["z1", "z2"])) if on_zone else None,
        subject_id=None if on_zone else draw(st.sampled_from(SUBJECTS)),
        metric=draw(st.sampled_from(METRICS)) if on_metric else None,
        metric_class=None if on_metric else draw(st.sampled_from(MetricClass)),
        valid_to=last,
        years_from_start=draw(st.sampled_from([None, None, 1, 2])),
        retention=draw(st.booleans()),
        illustrative=draw(st.booleans()),
    )


spans = st.builds(
    UnitSpan,
    unit=st.sampled_from(UNITS),
    valid_from=days,
    valid_to=st.none() | days,
    metric=st.none() | st.sampled_from(METRICS),
)
footprints = st.dictionaries(st.sampled_from(UNITS), st.integers(0, 200_000), max_size=4)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Record], AgreementBook]:
    subjects = [
        Subject(
            name,
            zone=draw(st.sampled_from([None, "z1", "z2"])),
            stat_units=tuple(draw(st.lists(spans, max_size=2))),
            places=draw(st.dictionaries(st.sampled_from(PlaceRole), st.sampled_from(UNITS))),
            footprint=draw(footprints),
            started=draw(st.none() | days),
            assist_units=tuple(draw(st.lists(st.sampled_from(UNITS), max_size=1))),
        )
        for name in SUBJECTS
    ]
    figures = st.tuples(st.sampled_from(subjects), st.sampled_from(METRICS), months, st.integers(-(10**7), 10**7))
    drawn = draw(st.lists(figures, min_size=1, max_size=12))
    records = [
        Record(f"r{number}", subject, indicators()[metric], when, amount)
        for number, (subject, metric, when, amount) in enumerate(drawn)
    ]
    return records, AgreementBook(draw(st.lists(agreements(), max_size=6)))


additive_scopes = st.sampled_from([Scope.TERRITORIAL, Scope.AREA, Scope.SHARED])


@given(cases(), additive_scopes)
def test_invariant_shares_sum_to_one(case, scope):
    records, book = case
    for source in records:
        result = attribute(source, scope, book)
        if isinstance(result, Attribution):
            assert sum(part.share for part in result.parts) == 1
            assert all(part.share >= 0 for part in result.parts)


@given(cases(), additive_scopes)
def test_invariant_amounts_over_units_are_the_source(case, scope):
    records, book = case
    for source in records:
        result = attribute(source, scope, book)
        if isinstance(result, Attribution):
            assert sum(part.amount_wan for part in result.parts) == source.amount_wan
            assert result.additive


@given(cases())
def test_invariant_changing_the_scope_never_changes_the_total(case):
    records, book = case
    source = sum(row.amount_wan for row in records)
    for scope in (Scope.TERRITORIAL, Scope.AREA, Scope.SHARED):
        totals = sum_by_unit([attribute(row, scope, book) for row in records], scope)
        assert totals.total is not None
        assert totals.total + totals.unattributed_wan == source


@given(cases())
def test_invariant_dual_credits_each_party_in_full_and_never_totals(case):
    records, book = case
    results = [attribute(row, Scope.DUAL, book) for row in records]
    for row, result in zip(records, results, strict=True):
        if isinstance(result, Attribution):
            assert all((part.share, part.amount_wan) == (1, row.amount_wan) for part in result.parts)
            assert not result.additive
    assert sum_by_unit(results, Scope.DUAL).total is None


@given(cases(), additive_scopes)
def test_invariant_a_count_goes_whole_to_one_unit(case, scope):
    records, book = case
    for source in records:
        result = attribute(replace(source, metric=indicators()["K20"]), scope, book)
        if isinstance(result, Attribution):
            assert len(result.parts) == 1
            assert result.parts[0].unit not in result.related


@given(cases(), additive_scopes, months)
def test_invariant_restating_keeps_the_sum_and_uses_one_moment(case, scope, moment):
    records, book = case
    for source in records:
        restated = attribute(source, scope, book, restate_at=moment)
        now = attribute(replace(source, period=moment), scope, book)
        if isinstance(restated, Attribution):
            assert restated.restated
            assert restated.parts == now.parts
        else:
            assert refused(now) is restated.reason


@given(cases(), st.sampled_from(Scope), st.none() | months)
def test_the_table_engine_gives_what_the_record_engine_gives(case, scope, restate_at):
    records, book = case
    one_by_one = [attribute(row, scope, book, restate_at) for row in records]
    table = attribute_many(RecordBlock.of(records), scope, book, restate_at)
    assert list(table.attributions()) == [row for row in one_by_one if isinstance(row, Attribution)]
    assert list(table.exceptions) == [row for row in one_by_one if isinstance(row, ExceptionRow)]
    assert table.totals() == sum_by_unit(one_by_one, scope)


@given(st.integers(-(2**62), 2**62), st.lists(st.integers(1, 2**40), min_size=2, max_size=4))
def test_the_table_engine_is_exact_beyond_64_bit_products(amount, weights):
    shares = tuple((UNITS[at], Fraction(weight, sum(weights))) for at, weight in enumerate(weights))
    book = AgreementBook([Agreement("big", shares, START, "d", zone="SMKX", metric="K01")])
    source = record(SITE, amount)
    table = attribute_many(RecordBlock.of([source]), Scope.SHARED, book)
    assert list(table.attributions()) == [attribute(source, Scope.SHARED, book)]


def test_weights_beyond_64_bits_take_the_scalar_way():
    odd = (("a", Fraction(1, 2**40 - 1)), ("b", Fraction(1, 2**41 - 1)))
    rest = Fraction(1) - odd[0][1] - odd[1][1]
    book = AgreementBook([Agreement("odd", (*odd, ("c", rest)), START, "d", zone="SMKX", metric="K01")])
    source = record(SITE, 10**9)
    table = attribute_many(RecordBlock.of([source]), Scope.SHARED, book)
    assert list(table.attributions()) == [attribute(source, Scope.SHARED, book)]


def test_rows_without_ids_are_named_by_what_they_are():
    block = RecordBlock.of([record(SITE, 1)])
    assert replace(block, ids=None).record(0).id == "P1/K01/2026-06"


def test_an_empty_table_has_no_rows():
    table = attribute_many(RecordBlock.of([]), Scope.SHARED, NONE)
    assert list(table.attributions()) == []
    assert table.totals().total == 0
