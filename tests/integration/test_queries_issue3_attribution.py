"""Attribution on the database: the worked examples of rules §4.4 with their figures, and what must hold for all data."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from data import models as m
from data.queries.attribution import (
    INTERNAL_BADGE,
    SPLIT_KPIS,
    Split,
    attribution_rows,
    exceptions,
    split,
)
from data.queries.catalogue import catalogue
from data.queries.kpis import figures
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, Grouping, Scope, ViewState
from tests.support.own_data import GXQ, SHUANGLIU, XINJIN, OwnData

LEADER, PROMOTER, PROSPECT = Viewer(Role.LEADERSHIP), Viewer(Role.PROMOTER), Viewer(Role.PROSPECT)
SIX_FOUR = {GXQ: "6/10", SHUANGLIU: "4/10"}


@pytest.fixture
def own(db_session: Session) -> OwnData:
    return OwnData(db_session)


def amounts(found: Split) -> dict[str, int | None]:
    return {p.unit: p.amount for p in found.parts}


def test_example_1_a_plot_across_two_districts_is_divided_by_area_and_counted_in_one(own: OwnData) -> None:
    own.project(fai={"2026-09": 84_000}, districts={SHUANGLIU: 70_000, XINJIN: 10_000})  # 105 亩 and 15 亩
    area = split(Question.of(own.session, LEADER, own.state(Scope.AREA)), "K01")
    assert amounts(area) == {SHUANGLIU: 73_500, XINJIN: 10_500}
    assert [p.share for p in area.parts] == [Fraction(7, 8), Fraction(1, 8)]
    territorial = split(Question.of(own.session, LEADER, own.state()), "K01")
    assert amounts(territorial) == {SHUANGLIU: 84_000}
    assert area.total == territorial.total == 84_000


def test_example_2_a_co_built_zone_shares_six_to_four_and_the_total_stays(own: OwnData) -> None:
    for metric_class in ("direct", "fiscal"):
        own.agreement(f"A-{metric_class}", SIX_FOUR, metric_class=metric_class, retention=metric_class == "fiscal")
    own.project(fai={"2026-09": 520_000}, districts={SHUANGLIU: None})
    own.firm("F1", output=1_185_000, retained=32_000)
    state = own.state(Scope.SHARED)
    fai = split(Question.of(own.session, LEADER, state), "K01")
    assert amounts(fai) == {GXQ: 312_000, SHUANGLIU: 208_000}
    assert (fai.total, fai.badge) == (520_000, INTERNAL_BADGE)
    assert fai.rules[0].agreement_id == "A-direct"
    assert fai.rules[0].shares == ((GXQ, Fraction(3, 5)), (SHUANGLIU, Fraction(2, 5)))
    assert fai.rules[0].basis_doc == "协议A-direct"
    assert amounts(split(Question.of(own.session, LEADER, state), "K04")) == {GXQ: 711_000, SHUANGLIU: 474_000}
    local = split(Question.of(own.session, LEADER, state), "K09")
    assert amounts(local) == {GXQ: 19_200, SHUANGLIU: 12_800}
    assert [p.cash_wan for p in local.parts] == [0, 0]
    assert local.retained_wan == local.total == 32_000
    assert amounts(split(Question.of(own.session, LEADER, own.state()), "K01")) == {SHUANGLIU: 520_000}


def test_example_5_a_transferred_project_counts_once_and_its_revenue_is_shared_for_five_years(own: OwnData) -> None:
    own.firm("F1", "WLKJC", retained=8_000, unit="510185")
    own.project(
        "P1", "WLKJC", firm="F1", first_contact="XJJHL", stat=[("510185", date(2020, 1, 1), None)],
        signed=date(2026, 2, 10),
    )  # fmt: skip
    own.agreement("T", {GXQ: "3/10", "510185": "7/10"}, project="P1", metric_class="fiscal", start=date(2021, 1, 1),
                  end=date(2026, 1, 1))  # fmt: skip
    state = own.state(Scope.SHARED).with_(by=Grouping.ADMIN)
    signed = split(Question.of(own.session, LEADER, state), "K20")
    assert amounts(signed) == {"510185": 1}
    row = attribution_rows(Question.of(own.session, LEADER, state), "K20").rows[0]
    assert row["related"] == ["XJJHL"]
    # The sixth year has no agreement any more.
    assert amounts(split(Question.of(own.session, LEADER, state), "K09")) == {"510185": 8_000}
    own.session.get_one(m.ShareAgreement, "T").valid_to = date(2027, 1, 1)
    assert amounts(
        split(Question.of(own.session, LEADER, own.state(Scope.SHARED).with_(by=Grouping.ADMIN)), "K09")
    ) == {
        GXQ: 2_400,
        "510185": 5_600,
    }


def test_example_6_double_credit_has_parts_and_no_total(own: OwnData) -> None:
    own.agreement("A", SIX_FOUR)
    own.project(fai={"2026-09": 100_000})
    found = split(Question.of(own.session, LEADER, own.state(Scope.DUAL)), "K01")
    assert amounts(found) == {GXQ: 100_000, SHUANGLIU: 100_000}
    assert (found.total, found.reason, found.records_total) == (None, "dual", 100_000)
    assert all(p.share is None for p in found.parts)
    (zone,) = [z for z in found.by_zone if z.zone == "SMKX"]
    assert zone.total is None


def test_example_7_fifty_one_to_forty_nine(own: OwnData) -> None:
    own.agreement("A", {GXQ: "51/100", SHUANGLIU: "49/100"})
    own.firm("F1", tax=60_000)
    assert amounts(split(Question.of(own.session, LEADER, own.state(Scope.SHARED)), "K08")) == {
        GXQ: 30_600,
        SHUANGLIU: 29_400,
    }


def test_example_8_a_moved_statistics_unit_counts_as_reported_and_comparable_only_on_demand(own: OwnData) -> None:
    own.project(
        fai={"2026-06": 30_000, "2026-09": 70_000},
        stat=[(SHUANGLIU, date(2024, 1, 1), date(2026, 7, 1)), (GXQ, date(2026, 7, 1), None)],
    )
    state = own.state()
    reported = split(Question.of(own.session, LEADER, state), "K01")
    assert amounts(reported) == {GXQ: 40_000, SHUANGLIU: 30_000}
    comparable = split(Question.of(own.session, LEADER, state), "K01", restate=True)
    assert amounts(comparable) == {GXQ: 70_000}
    assert (reported.restated, comparable.restated) == (False, True)
    assert reported.total == comparable.total == 70_000
    rows = attribution_rows(Question.of(own.session, LEADER, state), "K01").rows
    assert [(r["first_month"], r["last_month"], r["amount"]) for r in rows] == [
        ("2026-07", "2026-09", 40_000), ("2026-01", "2026-06", 30_000),
    ]  # fmt: skip


def test_a_new_ratio_applies_to_the_months_after_it_only(own: OwnData) -> None:
    own.agreement("OLD", SIX_FOUR, end=date(2026, 4, 1))
    own.agreement("NEW", {GXQ: "1/2", SHUANGLIU: "1/2"}, start=date(2026, 4, 1))
    own.project(fai={"2026-03": 1_000, "2026-09": 3_000})
    found = split(Question.of(own.session, LEADER, own.state(Scope.SHARED)), "K01")
    assert amounts(found) == {GXQ: 600 + 1_000, SHUANGLIU: 400 + 1_000}
    assert {(r.agreement_id, r.amount) for r in found.rules} == {("OLD", 1_000), ("NEW", 2_000)}


def test_a_change_on_the_first_of_february_does_not_cut_the_joint_point_of_january_and_february(own: OwnData) -> None:
    own.agreement("OLD", SIX_FOUR, end=date(2026, 2, 1))
    own.agreement("NEW", {GXQ: "1/2", SHUANGLIU: "1/2"}, start=date(2026, 2, 1))
    own.project(fai={"2026-02": 1_000, "2026-09": 3_000})
    assert amounts(split(Question.of(own.session, LEADER, own.state(Scope.SHARED)), "K01")) == {
        GXQ: 1_600,
        SHUANGLIU: 1_400,
    }


def test_a_revision_below_an_earlier_month_is_divided_by_the_rule_of_its_own_months(own: OwnData) -> None:
    own.agreement("OLD", SIX_FOUR, end=date(2026, 7, 1))
    own.agreement("NEW", {GXQ: "1/2", SHUANGLIU: "1/2"}, start=date(2026, 7, 1))
    own.project(fai={"2026-06": 1_000, "2026-09": 800})
    found = split(Question.of(own.session, LEADER, own.state(Scope.SHARED)), "K01")
    assert amounts(found) == {GXQ: 500, SHUANGLIU: 300}
    assert found.total == 800


@pytest.mark.parametrize(
    ("shares", "code"),
    [
        ({GXQ: "6/10", SHUANGLIU: "3/10"}, "ratios_not_one"),
        ({GXQ: "6/10", SHUANGLIU: "not a number"}, "bad_parties"),
        ({GXQ: "1/0"}, "bad_parties"),
        ({}, "bad_parties"),
    ],
)
def test_wrong_ratios_go_to_the_exception_list_and_the_total_stays(
    own: OwnData, shares: dict[str, str], code: str
) -> None:
    own.agreement("BAD", shares)
    own.project("P1", fai={"2026-09": 1_000})
    own.project("P2", "XYDIT", fai={"2026-09": 500}, stat=[("510117", None, None)])
    state = own.state(Scope.SHARED)
    found = split(Question.of(own.session, LEADER, state), "K01")
    assert amounts(found) == {GXQ: 500}  # XYDIT is on the ground that the hi-tech zone manages
    assert (found.total, found.unattributed, found.exceptions) == (1_500, 1_000, 1)
    assert found.exception_reasons == {code: 1}
    listed = exceptions(Question.of(own.session, LEADER, state), ("K01",))
    assert [(e.code, e.entity_kind, e.amount, e.rows) for e in listed] == [
        (code, "share_agreement", None, ("BAD",)), (code, "project", 1_000, ("BAD",)),
    ]  # fmt: skip
    row = next(r for r in attribution_rows(Question.of(own.session, LEADER, state), "K01").rows if r["id"] == "P1")
    assert (row["reason"], row["fault"], row["parts"]) == (code, ["BAD"], [])


def test_overlapping_agreements_and_missing_units_are_exceptions(own: OwnData) -> None:
    own.agreement("A", SIX_FOUR)
    own.agreement("B", {GXQ: "1/2", SHUANGLIU: "1/2"}, start=date(2026, 1, 1))
    own.project("P1", fai={"2026-09": 1_000})
    own.project("P2", "XYDIT", fai={"2026-09": 500}, stat=[])
    own.add(m.DataException(code="ytd_falls", entity_kind="monthly_report", entity_id="P1", zone_code="SMKX",
                            period="2026-05", details={"before": 2}, provenance="official"))  # fmt: skip
    listed = exceptions(Question.of(own.session, LEADER, own.state(Scope.SHARED)), ("K01",))
    assert [(e.code, e.origin, e.entity_id) for e in listed] == [
        ("agreements_overlap", "computed", "A"),
        ("agreements_overlap", "computed", "P1"),
        ("no_unit", "computed", "P2"),
        ("ytd_falls", "recorded", "P1"),
    ]


def test_illustrative_ratios_of_the_demonstration_never_divide_the_owners_figures(own: OwnData) -> None:
    own.project(fai={"2026-09": 1_000})
    found = split(Question.of(own.session, LEADER, own.state(Scope.SHARED)), "K01")
    assert amounts(found) == {SHUANGLIU: 1_000}
    assert not found.illustrative


def test_sums_of_few_firms_are_hidden_outside_the_owners_group_also_by_subtraction(own: OwnData) -> None:
    for n in range(4):
        own.firm(f"A{n}", output=100, unit=SHUANGLIU)
        own.firm(f"B{n}", output=200, unit=XINJIN)
    own.firm("C0", output=50, unit="510117")
    state = own.state()
    open_ = split(Question.of(own.session, LEADER, state), "K04")
    assert amounts(open_) == {SHUANGLIU: 400, XINJIN: 800, "510117": 50}
    hidden = split(Question.of(own.session, PROMOTER, state), "K04")
    # One firm must not be seen; hiding it alone would leave it as the difference to the total.
    assert amounts(hidden) == {XINJIN: 800, SHUANGLIU: None, "510117": None}
    assert hidden.total == 1_250
    assert amounts_of_zone(hidden, "SMKX") == {XINJIN: 800, SHUANGLIU: None, "510117": None}
    assert attribution_rows(Question.of(own.session, PROMOTER, state), "K04").reason == "withheld"
    assert all(use.amount is None for use in hidden.rules)


def amounts_of_zone(found: Split, zone: str) -> dict[str, int | None]:
    return {p.unit: p.amount for z in found.by_zone if z.zone == zone for p in z.parts}


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("kpi_id", SPLIT_KPIS)
def test_units_sum_to_the_tile_in_every_scope(db_session: Session, kpi_id: str, scope: Scope) -> None:
    state = ViewState(scope=scope)
    found = split(Question.of(db_session, LEADER, state), kpi_id)
    tile = figures(Question.of(db_session, LEADER, state), (kpi_id,))[kpi_id]
    assert found.records_total == tile.value
    assert sum(z.records_total or 0 for z in found.by_zone) == tile.value
    if scope is Scope.DUAL:
        assert found.total is None
        assert found.reason == "dual"
        return
    assert sum(p.amount or 0 for p in found.parts) + found.unattributed == found.total == tile.value
    for zone in found.by_zone:
        assert sum(p.amount or 0 for p in zone.parts) + zone.unattributed == zone.total
    page = attribution_rows(Question.of(db_session, LEADER, state), kpi_id, limit=10_000)
    assert page.amount == found.total == sum(r["amount"] for r in page.rows)
    for row in page.rows:
        assert not row["parts"] or sum(p["amount"] for p in row["parts"]) == row["amount"]


@pytest.mark.parametrize("kpi_id", ["K01", "K04", "K08", "K20", "K22"])
def test_under_a_chain_filter_the_split_is_of_the_filtered_tile(db_session: Session, kpi_id: str) -> None:
    chains = tuple(catalogue(db_session).chains)[:3]
    for scope in (Scope.TERRITORIAL, Scope.SHARED):
        state = ViewState(scope=scope, zones=("SMKX", "XYDIT")).with_(chains=chains)
        found = split(Question.of(db_session, LEADER, state), kpi_id)
        assert found.total == (figures(Question.of(db_session, LEADER, state), (kpi_id,))[kpi_id].value or 0)
    stages = ViewState(stages=("building",))
    assert split(Question.of(db_session, LEADER, stages), "K04").reason == "not_filterable"


def test_pages_of_records_do_not_overlap(db_session: Session) -> None:
    state = ViewState(scope=Scope.SHARED)
    whole = attribution_rows(Question.of(db_session, LEADER, state), "K08", limit=10_000)
    pages = [
        row
        for offset in range(0, whole.total, 7)
        for row in attribution_rows(Question.of(db_session, LEADER, state), "K08", offset=offset, limit=7).rows
    ]
    assert pages == list(whole.rows)
    of_unit = attribution_rows(Question.of(db_session, LEADER, state), "K08", unit=GXQ, only_shared=True, limit=10_000)
    assert 0 < of_unit.total < whole.total
    assert all(any(p["unit"] == GXQ for p in r["parts"]) for r in of_unit.rows)


def test_who_may_not_see_totals_gets_nothing_and_published_figures_are_not_divided(db_session: Session) -> None:
    assert split(Question.of(db_session, PROSPECT, ViewState()), "K01").reason == "withheld"
    assert exceptions(Question.of(db_session, PROSPECT, ViewState())) == []
    published = ViewState(dataset=Dataset.PUBLISHED)
    assert split(Question.of(db_session, LEADER, published), "K01").reason == "not_reported"
    assert split(Question.of(db_session, LEADER, ViewState(period="2026-01")), "K01").reason == "no_january"
    assert split(Question.of(db_session, LEADER, ViewState()), "K05").reason == "not_divisible"


def test_projects_of_other_units_are_one_pooled_row(db_session: Session) -> None:
    state = ViewState()
    whole = attribution_rows(Question.of(db_session, LEADER, state), "K01", limit=10_000)
    narrow = Viewer(Role.LEADERSHIP, units=frozenset({"XYDIT"}))
    some = attribution_rows(Question.of(db_session, narrow, state), "K01", limit=10_000)
    assert some.amount == whole.amount
    assert some.rows[-1]["reason"] == "withheld"
    assert sum(r["amount"] for r in some.rows) == whole.amount
    assert {r["zone_code"] for r in some.rows[:-1]} <= {"XYDIT"}
