"""What comes in wrong is accepted, listed with its reason and counted; totals leave out what would falsify them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from data import models as m
from data.derive.exceptions import derive_exceptions
from data.queries.attribution import exceptions
from data.queries.kpis import figures
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState
from tests.support.own_data import OWN, OwnData
from views.pages import ledger

LEADER, PROSPECT = Viewer(Role.LEADERSHIP), Viewer(Role.PROSPECT)


@pytest.fixture
def own(db_session: Session) -> OwnData:
    return OwnData(db_session)


def found(own: OwnData) -> list[tuple[str, str, str | None, dict[str, object]]]:
    derive_exceptions(own.session, OWN)
    rows = own.session.query(m.DataException).filter_by(provenance=OWN).order_by(m.DataException.id)
    return [(r.code, r.entity_id, r.period, r.details) for r in rows]


def report(own: OwnData, period: str, ytd: int, project: str = "P1") -> None:
    own.add(m.MonthlyReport(period=period, project_id=project, month_wan=1, ytd_wan=ytd, cumulative_wan=ytd,
                            submitted_on=date(2026, 10, 3)))  # fmt: skip


def test_a_month_below_the_one_before_is_listed_with_both_figures(own: OwnData) -> None:
    own.project()
    for period, ytd in (("2025-12", 900), ("2026-01", 10), ("2026-02", 40), ("2026-03", 39), ("2026-04", 60)):
        report(own, period, ytd)
    # January may be below December: the year begins anew.
    assert found(own) == [("ytd_falls", "P1", "2026-03", {"ytd_wan": 39, "before_wan": 40})]
    report(own, "2026-05", 1)
    assert len(found(own)) == 2  # the list is rebuilt, not added to


def test_a_plan_and_an_investment_above_the_agreed_total_are_listed_with_the_amounts(own: OwnData) -> None:
    own.project(total_wan=1_000)
    for period, ytd in (("2025-12", 900), ("2026-09", 1_200)):
        report(own, period, ytd)
    own.add(
        m.ProjectYear(project_id="P1", year=2025, plan_wan=1_000),
        m.ProjectYear(project_id="P1", year=2026, plan_wan=101),
    )
    assert found(own) == [
        ("spent_above_total", "P1", "2026-09", {"cumulative_wan": 1_200, "total_investment_wan": 1_000}),
        ("plan_above_total", "P1", "2026-12", {"plan_wan": 101, "spent_wan": 900, "total_investment_wan": 1_000}),
    ]


def test_a_numerator_without_denominator_is_listed_and_left_out_of_the_ratio(own: OwnData) -> None:
    own.project(fai={"2026-09": 1})
    for zone, top, bottom in (("SMKX", 30.0, 10.0), ("XYDIT", 99.0, None)):
        own.add(m.KpiValue(kpi_id="K52", unit_scope="zone", unit_code=zone, period_type="M", period="2026-09",
                           accumulation="period", value=None, unit="工作日", numerator=top, denominator=bottom,
                           status="final", scope="territorial", channel="部门", as_of=date(2026, 10, 8), version=1,
                           provenance=OWN))  # fmt: skip
    assert found(own) == [("no_denominator", "K52", "2026-09", {"unit": "XYDIT", "numerator": 99.0})]
    total = figures(Question.of(own.session, LEADER, own.state()), ("K52",), zones=("SMKX", "XYDIT"))["K52"]
    assert (total.value, total.reported, total.expected) == (3.0, 1, 2)


def test_a_stage_ahead_of_its_milestone_is_listed_with_the_milestone(own: OwnData) -> None:
    own.project(stones={40: date(2024, 4, 1), 50: date(2024, 5, 1), 60: date(2024, 6, 1), 75: date(2024, 6, 2),
                        80: date(2024, 7, 1), 90: date(2024, 8, 1)})  # fmt: skip
    own.state()
    (row,) = [row for row in found(own) if row[0] == "stage_unproven"]
    assert row[1:] == ("P1", "2026-09", {"stage": 90, "problems": [{"code": "missing_milestone", "stage": 70}]})


def test_a_prospect_is_told_of_no_exception(own: OwnData) -> None:
    own.project()
    report(own, "2026-02", 40)
    report(own, "2026-03", 39)
    derive_exceptions(own.session, OWN)
    state = own.state()
    assert exceptions(Question.of(own.session, PROSPECT, state), ("K01",)) == []
    assert [e.entity_id for e in exceptions(Question.of(own.session, LEADER, state), ("K01",))] == ["P1"]


def test_the_demonstration_shows_every_kind_of_exception_and_counts_them_on_the_ledger(db_session: Session) -> None:
    items = exceptions(Question.of(db_session, LEADER, ViewState()), ("K01",))
    assert sorted(e.code for e in items) == [
        "agreements_overlap", "no_denominator", "ratios_not_one", "stage_unproven", "ytd_falls",
    ]  # fmt: skip
    page = ledger.exception_list(Question.of(db_session, LEADER, ViewState()))
    assert page.to_plotly_json()["props"]["data-count"] == "5"


def test_a_project_outside_all_zones_does_not_stop_the_derivation(own: OwnData) -> None:
    own.project("P1", fai={"2026-09": 5})
    own.project("P2", fai={"2026-09": 7})
    own.session.get_one(m.Project, "P2").zone_code = None
    own.session.flush()
    total = figures(Question.of(own.session, LEADER, own.state()), ("K01",))["K01"]
    assert total.value == 5
