"""The life-cycle board on the database: columns, cohorts, reasons, readiness, false claims, reports, worklists."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from data import models as m
from data.queries.kpis import figures
from data.queries.lifecycle import (
    board,
    funnels,
    project_lights,
    readiness_cards,
    report_findings,
    stage_claims,
    worklists,
)
from data.queries.projects import project_ids, project_summary
from data.queries.question import Question
from domain.cohorts import closed_cohort
from domain.lifecycle import STAGES
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState
from tests.support.own_data import OwnData

LEADER, PLANNER = Viewer(Role.LEADERSHIP), Viewer(Role.PLANNER)
PROMOTER, PROSPECT = Viewer(Role.PROMOTER), Viewer(Role.PROSPECT)


@pytest.fixture
def own(db_session: Session) -> OwnData:
    return OwnData(db_session)


def test_the_columns_of_the_board_hold_every_selected_project_once(db_session: Session) -> None:
    for state in (ViewState(), ViewState(zones=("SMKX",)), ViewState(lights=("red",))):
        columns = board(Question.of(db_session, LEADER, state), cards=1_000)
        assert [c.stage for c in columns] == [s.code for s in STAGES]
        ids = [card["id"] for c in columns for card in c.cards]
        assert sorted(ids) == project_ids(Question.of(db_session, LEADER, state))
        summary = project_summary(Question.of(db_session, LEADER, state))
        assert sum(c.projects for c in columns) == summary.total
        assert sum(c.total_investment_wan or 0 for c in columns) == (summary.total_investment_wan or 0)
        assert all(sum(c.lights.values()) == c.projects for c in columns)


def test_leads_and_figures_stay_with_those_who_may_see_them(db_session: Session) -> None:
    hidden = {c.stage: c for c in board(Question.of(db_session, PLANNER, ViewState()))}
    assert hidden[10].projects == hidden[20].projects == 0
    assert sum(c.projects for c in board(Question.of(db_session, PROSPECT, ViewState()))) == 0


def test_the_cohort_of_the_spec_names_both_denominators(own: OwnData) -> None:
    """Rules §6.5: 2025H1 signed 40, registered 34, started 22, in production 9."""
    for n in range(40):
        stones: dict[int, date] = {}
        if n < 34:
            stones[40] = date(2025, 7, 1)
        if n < 22:
            stones[90] = date(2025, 9, 1)
        if n < 9:
            stones[120] = date(2026, 5, 1)
        own.project(f"P{n:02d}", signed=date(2025, 3, 1), stones=stones)
    found = funnels(Question.of(own.session, LEADER, own.state()))
    (cohort,) = found.cohorts
    assert (cohort.cohort, cohort.signed, cohort.registered, cohort.started, cohort.in_production) == (
        "2025H1", 40, 34, 22, 9,
    )  # fmt: skip
    assert cohort.start.value == Fraction(55, 100)
    assert (cohort.production_of_signed.value, cohort.production_of_signed.of) == (Fraction(9, 40), "signed")
    assert (cohort.production_of_started.value, cohort.production_of_started.of) == (Fraction(9, 22), "started")
    assert funnels(Question.of(own.session, PROSPECT, own.state())).reason == "withheld"


def test_the_cohorts_of_zones_sum_to_those_of_all_and_to_the_kpis(db_session: Session) -> None:
    state = ViewState()
    whole = funnels(Question.of(db_session, LEADER, state), last=100).cohorts
    parts = [funnels(Question.of(db_session, LEADER, state), last=100, zones=(z,)).cohorts
             for z in ("CDKXC", "XJJHL", "SMKX", "WLKJC", "XYDIT")]  # fmt: skip
    for cohort in whole:
        assert cohort.signed == sum(c.signed for zone in parts for c in zone if c.cohort == cohort.cohort)
        assert cohort.signed >= cohort.registered >= cohort.performed
    tile = figures(Question.of(db_session, LEADER, state), ("K25",))["K25"]
    window = funnels(Question.of(db_session, LEADER, state), window_months=6, last=100).cohorts
    closed = next(c for c in window if c.cohort == closed_cohort(date(2026, 9, 30), 6) == "2025H2")
    assert (closed.performance.numerator, closed.performance.denominator) == (tile.numerator, tile.denominator)


def test_reasons_count_the_projects_that_are_not_green(db_session: Session) -> None:
    summary = project_summary(Question.of(db_session, LEADER, ViewState()))
    reasons = project_summary(Question.of(db_session, LEADER, ViewState())).reasons
    for light in ("red", "yellow", "grey"):
        assert sum(r.projects for r in reasons if r.light == light) == summary.lights.get(light, 0)
    assert project_summary(Question.of(db_session, PROSPECT, ViewState())).reasons == ()


def test_a_red_project_says_why_with_the_figures(own: OwnData) -> None:
    own.project("P1", signed=date(2026, 1, 10))
    own.add(
        m.LightExemption(project_id="P1", dimension="registration", reason="母公司重组", approver="分管领导",
                         valid_from=date(2026, 5, 1), expires_on=date(2026, 8, 31))
    )  # fmt: skip
    state = own.state()
    found = project_lights(Question.of(own.session, LEADER, state), "P1")
    assert found is not None
    by = {d.dimension.value: d for d in found.dimensions}
    assert (by["registration"].light.value, by["registration"].figures["days"]) == ("red", 263)
    assert by["report"].light.value == "grey"
    assert found.light == "red"
    assert [(e["approver"], e["in_force"]) for e in found.exemptions] == [("分管领导", False)]
    in_force = project_lights(Question.of(own.session, LEADER, state.with_(period="2026-07")), "P1")
    assert in_force is not None
    exempted = next(d for d in in_force.dimensions if d.dimension.value == "registration")
    assert (exempted.light.value, str(exempted.exempted_from)) == ("green", "red")
    assert project_lights(Question.of(own.session, PROSPECT, state), "P1") is None
    assert project_lights(Question.of(own.session, LEADER, state), "nobody") is None


def test_readiness_is_the_least_track_and_saved_days_need_a_whole_plan(own: OwnData) -> None:
    own.project("P1", signed=date(2026, 1, 10))
    own.project("P2", signed=date(2026, 1, 10))
    start = date(2026, 2, 1)
    for n, code in enumerate(("G1", "G2", "G3", "G4", "G5", "C1", "C2", "C3", "C4", "C5")):
        own.add(m.ReadinessTrack(project_id="P1", track=code, percent=40 if code == "G2" else 90, planned_start=start,
                                 planned_end=start + timedelta(days=9)))  # fmt: skip
        if n < 9:
            own.add(m.ReadinessTrack(project_id="P2", track=code, percent=100))
    unready, ready = readiness_cards(Question.of(own.session, LEADER, own.state()))
    assert (unready.project_id, unready.readiness.overall, unready.readiness.missing) == ("P2", None, ("C5",))
    assert (unready.plan, unready.saved_days) == (None, None)
    assert (ready.readiness.overall, ready.readiness.bottlenecks) == (40, ("G2",))
    # Ten tracks of ten days one after the other: 100; the longest chain C1 C2 C3 C4 C5 takes 50.
    assert ready.plan is not None
    assert (ready.plan.serial_days, ready.plan.days, ready.saved_days) == (100, 50, 50)
    assert ready.plan.critical_path == ("C1", "C2", "C3", "C4", "C5")
    assert readiness_cards(Question.of(own.session, PROSPECT, own.state())) == ()


def test_a_stage_ahead_of_its_missing_milestone_is_listed_with_what_is_proven(own: OwnData) -> None:
    honest = {40: date(2024, 4, 1), 50: date(2024, 5, 1), 60: date(2024, 8, 1), 70: date(2024, 9, 1),
              75: date(2024, 10, 1), 80: date(2024, 11, 1), 90: date(2024, 12, 1)}  # fmt: skip
    own.project("HONEST", stones=honest)
    own.project("AHEAD", stones={s: d for s, d in honest.items() if s != 80})
    state = own.state()
    (claim,) = stage_claims(Question.of(own.session, LEADER, state))
    assert (claim.project_id, claim.claimed, claim.proven) == ("AHEAD", 90, 75)
    assert [(p.code, p.stage) for p in claim.problems] == [("missing_milestone", 80)]
    assert stage_claims(Question.of(own.session, LEADER, state.with_(period="2024-11"))) == ()


def test_findings_of_the_monthly_report_of_the_month(own: OwnData) -> None:
    own.project("P1", stones={90: date(2025, 6, 1)}, total_wan=1_000)
    own.add(m.ProjectYear(project_id="P1", year=2026, plan_wan=500))
    for period, ytd, cumulative in (("2026-07", 400, 900), ("2026-09", 380, 1_300)):
        own.add(m.MonthlyReport(period=period, project_id="P1", month_wan=10, ytd_wan=ytd, cumulative_wan=cumulative,
                                progress_text="主体三层", submitted_on=date(2026, 10, 4)))  # fmt: skip
    (found,) = report_findings(Question.of(own.session, LEADER, own.state()))
    assert [(f.code, f.severity) for f in found.findings] == [
        ("ytd_falls", "error"), ("months_skipped", "warning"), ("text_unchanged", "warning"), ("over_total", "confirm"),
    ]  # fmt: skip
    assert found.worst == "error"
    assert report_findings(Question.of(own.session, PROSPECT, own.state())) == ()


def test_worklists_follow_the_milestones_and_the_reports(own: OwnData) -> None:
    own.project("REG", signed=date(2026, 8, 1))
    own.project("FILED", stones={40: date(2024, 4, 1), 50: date(2025, 9, 30)})
    own.project("IDLE", stones={40: date(2024, 4, 1), 90: date(2026, 9, 20)})
    own.project("BUILD", stones={40: date(2024, 4, 1), 90: date(2025, 9, 20)})
    own.project("OVER", stones={40: date(2024, 4, 1), 50: date(2024, 5, 1), 900: date(2025, 1, 1)})
    own.add(m.MonthlyReport(period="2026-09", project_id="BUILD", month_wan=1, ytd_wan=9, cumulative_wan=99,
                            submitted_on=date(2026, 10, 4)))  # fmt: skip
    lists = {w.code: w for w in worklists(Question.of(own.session, LEADER, own.state()))}
    assert {code: [(r["id"], r["days"]) for r in w.rows] for code, w in lists.items() if w.rows} == {
        "signed_not_registered": [("REG", 60)],
        "filed_not_started": [("FILED", 365)],
        "started_not_built": [("IDLE", 10)],
        "built_not_completed": [("BUILD", 375)],
    }
    assert lists["filed_not_started"].name_zh == "立项未开工"
    assert worklists(Question.of(own.session, PROSPECT, own.state())) == ()
