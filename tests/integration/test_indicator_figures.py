"""What the figures of an indicator mean, and that value, filtered value, Σ and split cannot differ: one select behind all."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from data import models as m
from data.derive.kpis import derive_kpis
from data.indicators import LINES, amounts_of, lines
from data.queries.attribution import SPLIT_KPIS, split
from data.queries.catalogue import catalogue
from data.queries.explain import explain
from data.queries.kpis import HEADLINE, figures
from data.queries.question import Question
from data.reference import indicators
from domain.filters import Facet
from domain.indicators import Method
from domain.lights import Light
from domain.periods import Period
from domain.units import exact
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, Scope, ViewState
from tests.support.own_data import GXQ, SHUANGLIU, XINJIN, OwnData

LEADER = Viewer(Role.LEADERSHIP)
ALL = tuple(indicators())
FILTERS = (
    ViewState(),
    ViewState(chains=("IC",)),
    ViewState(chains=("DRUG", "AI"), zones=("SMKX", "CDKXC")),
    ViewState(lights=("red", "yellow")),
    ViewState(districts=(SHUANGLIU,)),
)


def _fresh(session: Session) -> None:
    """Rebuild the stored values of the demo set and let caches see the change."""
    derive_kpis(session, "demo")
    row = session.get_one(m.Meta, "data_version")
    row.value = str(int(row.value) + 10**6)
    session.flush()


# --- unknown is unknown ---------------------------------------------------------------------------------------------------


def test_a_month_that_a_zone_did_not_report_makes_four_of_five_and_grey(db_session: Session) -> None:
    own = select(m.Project.id).where(m.Project.zone_code == "SMKX", m.Project.provenance == "demo")
    db_session.execute(
        delete(m.ProjectFact).where(m.ProjectFact.period == "2026-09", m.ProjectFact.project_id.in_(own))
    )
    _fresh(db_session)
    for kpi_id in ("K01", "K02", "K23", "K24"):
        whole = figures(Question.of(db_session, LEADER, ViewState()), (kpi_id,))[kpi_id]
        assert (whole.reported, whole.expected, whole.missing) == (4, 5, ("SMKX",)), kpi_id
        assert (whole.reason, whole.light, whole.yoy) == ("partial", Light.GREY, None), kpi_id
        alone = figures(Question.of(db_session, LEADER, ViewState()), (kpi_id,), zones=("SMKX",))[kpi_id]
        assert (alone.value, alone.reason) == (None, "not_reported"), kpi_id


def test_a_data_set_without_a_column_does_not_know_the_figure(db_session: Session) -> None:
    demo = select(m.Project.id).where(m.Project.provenance == "demo")
    db_session.execute(update(m.ProjectFact).where(m.ProjectFact.project_id.in_(demo)).values(foreign_ytd_usd_wan=None))
    db_session.execute(update(m.Enterprise).where(m.Enterprise.provenance == "demo").values(high_tech_from=None))
    _fresh(db_session)
    found = figures(Question.of(db_session, LEADER, ViewState()), ("K24", "K44"))
    assert [(f.value, f.reason, f.light) for f in found.values()] == [(None, "not_reported", Light.GREY)] * 2


def test_january_has_no_zero_of_capital_in_place(db_session: Session) -> None:
    for figure in figures(Question.of(db_session, LEADER, ViewState(period="2026-01")), ("K23", "K24")).values():
        assert (figure.value, figure.reason) == (None, "not_reported")
    for kpi_id in ("K01", "K02", "K03"):
        assert (
            figures(Question.of(db_session, LEADER, ViewState(period="2026-01")), (kpi_id,))[kpi_id].reason
            == "no_january"
        )


def test_a_zone_with_projects_but_no_signing_this_year_has_signed_none(db_session: Session) -> None:
    own = OwnData(db_session)
    own.project("P1", signed=date(2024, 3, 5), fai={"2026-09": 10})
    found = figures(Question.of(db_session, LEADER, own.state()), ("K20", "K01"), zones=("SMKX",))
    assert (found["K20"].value, found["K01"].value) == (0, 10)


# --- one select behind all ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", ["2026-09", "2026-02", "2025-12", "2024-02", "2022-03"])
@pytest.mark.parametrize("number", range(len(FILTERS)))
def test_the_lines_sum_to_the_tile_of_every_indicator(db_session: Session, period: str, number: int) -> None:
    state = FILTERS[number].with_(period=period)
    tiles = figures(Question.of(db_session, LEADER, state), ALL)
    compared = 0
    for kpi_id in LINES:
        tile = tiles[kpi_id]
        found = explain(Question.of(db_session, LEADER, state), kpi_id, limit=100_000)
        assert (found.total, found.figure.reason, found.period) == (
            None if tile.value is None else exact(tile.value), tile.reason, tile.period,
        ), kpi_id  # fmt: skip
        if tile.value is None:
            continue
        name = "numerator" if tile.kpi.is_ratio else "amount"
        assert sum(row[name] for row in found.records) == (tile.numerator if tile.kpi.is_ratio else tile.value), kpi_id
        if tile.kpi.is_ratio:
            assert sum(row["denominator"] for row in found.records) == tile.denominator, kpi_id
        assert found.reconciles is True, kpi_id
        compared += 1
    assert compared >= 3


def test_amounts_of_many_indicators_at_once_are_those_of_their_lines(db_session: Session) -> None:
    question = Question.of(db_session, LEADER, ViewState())
    periods = (Period.parse("2026-09"), Period.parse("2025-09"))
    asked = [
        (kpi, question.ask(question.at.zones, periods))
        for code, source in LINES.items()
        if (kpi := question.known.kpis[code]).method is not Method.UNION and source.select is not None
    ]
    for (kpi, ask), amounts in zip(asked, amounts_of(asked), strict=True):
        expected = [
            (x.id, x.zone_code, x.period, x.numerator if kpi.is_ratio else x.amount, x.denominator or 0, x.details.get("on"))
            for x in lines(kpi, ask)
        ]  # fmt: skip
        assert sorted(amounts, key=str) == sorted(expected, key=str), kpi.id
    assert {kpi.id for kpi, _ in asked} >= set(SPLIT_KPIS)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_value_growth_split_and_lines_agree_in_any_state(db_session: Session, data: st.DataObject) -> None:
    known = catalogue(db_session)
    zones = known.resolve(ViewState()).zones
    state = ViewState(
        period=data.draw(st.sampled_from(known.periods[Dataset.DEMO])),
        zones=tuple(data.draw(st.lists(st.sampled_from(zones), unique=True, max_size=3))),
        chains=tuple(data.draw(st.lists(st.sampled_from(sorted(known.chains)), unique=True, max_size=2))),
        districts=tuple(data.draw(st.lists(st.sampled_from((SHUANGLIU, "510107", "510185")), unique=True, max_size=2))),
        scope=data.draw(st.sampled_from((Scope.TERRITORIAL, Scope.AREA, Scope.SHARED))),
    )
    kpi_id = data.draw(st.sampled_from(SPLIT_KPIS))
    tile = figures(Question.of(db_session, LEADER, state), (kpi_id,))[kpi_id]
    divided = split(Question.of(db_session, LEADER, state), kpi_id)
    found = explain(Question.of(db_session, LEADER, state), kpi_id, limit=100_000)
    assert found.figure.value == tile.value
    if tile.value is None:
        return
    assert divided.total == tile.value
    assert sum(p.amount or 0 for p in divided.parts) + (divided.unattributed or 0) == tile.value
    assert sum(row["amount"] for row in found.records) == tile.value
    before = figures(
        Question.of(db_session, LEADER, state.with_(period=f"{int(tile.period[:4]) - 1}{tile.period[4:]}")), (kpi_id,)
    )
    if tile.yoy is not None and not state.chains:
        assert before[kpi_id].value
        assert tile.yoy == exact(tile.value) / exact(before[kpi_id].value) - 1


def test_node_coverage_of_a_past_month_is_that_of_its_own_quarter(db_session: Session) -> None:
    db_session.execute(update(m.Enterprise).where(m.Enterprise.provenance == "demo").values(founded=2025))
    _fresh(db_session)
    past = figures(Question.of(db_session, LEADER, ViewState(period="2024-02")), ("K54",))["K54"]
    assert (past.period, past.numerator, past.value) == ("2023Q4", 0, 0)
    now = figures(Question.of(db_session, LEADER, ViewState()), ("K54",))["K54"]
    assert (now.numerator or 0) > 0


# --- filters mean what the header says ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", [Scope.TERRITORIAL, Scope.AREA, Scope.SHARED])
@pytest.mark.parametrize("kpi_id", SPLIT_KPIS)
def test_a_district_has_the_part_that_the_split_gives_it_and_districts_sum_to_the_total(
    db_session: Session, kpi_id: str, scope: Scope
) -> None:
    divided = split(Question.of(db_session, LEADER, ViewState(scope=scope)), kpi_id)
    total = Fraction(0)
    for part in divided.parts:
        tile = figures(Question.of(db_session, LEADER, ViewState(scope=scope, districts=(part.unit,))), (kpi_id,))[
            kpi_id
        ]
        assert (tile.value, tile.scope.value) == (part.amount, scope.value)
        total += exact(tile.value or 0)
    assert (
        total + (divided.unattributed or 0)
        == figures(Question.of(db_session, LEADER, ViewState()), (kpi_id,))[kpi_id].value
    )


def test_several_districts_have_no_total_when_each_is_credited_in_full(db_session: Session) -> None:
    own = OwnData(db_session)
    own.agreement("A", {GXQ: "6/10", SHUANGLIU: "4/10"})
    own.project("P1", fai={"2026-09": 900})
    state = own.state(Scope.DUAL)
    one = figures(Question.of(db_session, LEADER, state.with_(districts=(SHUANGLIU,))), ("K01",))["K01"]
    assert (one.value, one.scope.value) == (900, "dual")
    two = figures(Question.of(db_session, LEADER, state.with_(districts=(SHUANGLIU, XINJIN))), ("K01",))["K01"]
    assert (two.value, two.reason) == (None, "dual")


@pytest.mark.parametrize("filter_", [{"lights": ("red",)}, {"stages": ("building",)}])
def test_under_a_filter_by_todays_state_there_is_no_growth_and_it_says_why(
    db_session: Session, filter_: dict[str, tuple[str, ...]]
) -> None:
    found = figures(Question.of(db_session, LEADER, ViewState(**filter_)), HEADLINE)
    seen = [f for f in found.values() if f.value is not None]
    assert seen
    assert {(f.yoy, f.yoy_reason, f.spark) for f in seen} == {(None, "state_filter", ())}
    plain = figures(Question.of(db_session, LEADER, ViewState(chains=("IC",))), HEADLINE).values()
    assert any(f.yoy is not None for f in plain)
    assert {f.yoy_reason for f in plain} == {None}


def test_an_indicator_says_which_facets_it_cannot_follow(db_session: Session) -> None:
    state = ViewState(chains=("IC",), lights=("red",), kinds=("A",))
    found = figures(Question.of(db_session, LEADER, state), ("K04", "K01", "K48"))
    assert found["K04"].missed == (Facet.LIGHT, Facet.KIND)
    assert found["K48"].missed == (Facet.CHAIN, Facet.LIGHT, Facet.KIND)
    assert found["K01"].missed == ()


# --- reported totals and records ------------------------------------------------------------------------------------------


@pytest.fixture
def reported(db_session: Session) -> OwnData:
    """A zone that reports 60.0 亿元 and names one project of 4.0."""
    own = OwnData(db_session)
    own.agreement("A", {GXQ: "7/10", SHUANGLIU: "3/10"})
    own.project("P1", fai={"2026-09": 40_000})
    own.state()
    value = db_session.scalars(
        select(m.KpiValue).where(
            m.KpiValue.provenance == "official", m.KpiValue.kpi_id == "K01", m.KpiValue.period == "2026-09"
        )
    ).one()
    value.value = 600_000.0
    db_session.merge(m.Meta(key="data_version", value="987654321"))
    db_session.flush()
    return own


def test_what_no_record_explains_is_divided_by_the_zones_own_rule(reported: OwnData) -> None:
    state = ViewState(dataset=Dataset.OWN, scope=Scope.SHARED)
    found = split(Question.of(reported.session, LEADER, state), "K01")
    assert {p.unit: p.amount for p in found.parts} == {GXQ: 420_000, SHUANGLIU: 180_000}
    assert (found.total, found.unattributed) == (600_000, 0)
    rows = explain(Question.of(reported.session, LEADER, state), "K01", ("SMKX",)).records
    assert [(r["kind"], r["name_zh"], r["amount"]) for r in rows] == [
        ("balance", "未逐项的余额", 560_000), ("project", "自有项目P1", 40_000),
    ]  # fmt: skip


def test_in_the_territorial_scope_no_unit_gets_it_unless_one_holds_the_whole_zone(reported: OwnData) -> None:
    found = split(Question.of(reported.session, LEADER, ViewState(dataset=Dataset.OWN)), "K01")
    assert {p.unit: p.amount for p in found.parts} == {SHUANGLIU: 40_000}
    assert (found.total, found.unattributed) == (600_000, 560_000)
    tile = figures(Question.of(reported.session, LEADER, ViewState(dataset=Dataset.OWN)), ("K01",), zones=("SMKX",))[
        "K01"
    ]
    assert tile.value == found.total


def test_values_in_two_units_never_meet_in_one_sum(db_session: Session) -> None:
    own = OwnData(db_session)
    own.project("P1", fai={"2026-09": 1})
    state = own.state()
    for zone, unit, value in (("SMKX", "万元", 4400.0), ("XYDIT", "亿元", 0.44)):
        own.add(
            m.KpiValue(
                kpi_id="K06", unit_scope="zone", unit_code=zone, period_type="Y", period="2025", accumulation="annual",
                value=value, unit=unit, status="final", scope="territorial", channel="直报", as_of=date(2026, 3, 1),
                version=1, provenance="official",
            )
        )  # fmt: skip
    found = figures(Question.of(db_session, LEADER, state), ("K06",))["K06"]
    assert (found.value, found.reason) == (None, "mixed_unit")


def test_every_additive_indicator_counts_what_its_method_says() -> None:
    for kpi in indicators().values():
        assert (kpi.record is not None) == (kpi.id in LINES), kpi.id
        if kpi.divisible:
            assert kpi.metric_class is not None, kpi.id
            assert kpi.place is not None, kpi.id
            assert kpi.method in (Method.SUM, Method.DISTINCT), kpi.id
