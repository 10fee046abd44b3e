"""What an indicator counts, on a few records with figures worked out by hand: every condition of its select changes one.

Value, filtered value, Σ and split come from one select, so they cannot disagree about a wrong condition: these tests can.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from data import models as m
from data.queries.attribution import split
from data.queries.kpis import Figure, figures
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState
from tests.support.own_data import GXQ, OWN, SHUANGLIU, OwnData

LEADER = Viewer(Role.LEADERSHIP)


@pytest.fixture
def own(db_session: Session) -> OwnData:
    """A data set of the owner's without any record."""
    return OwnData(db_session)


def figure(own: OwnData, state: ViewState, kpi: str, zone: str = "SMKX") -> Figure:
    return figures(Question.of(own.session, LEADER, state), (kpi,), zones=(zone,))[kpi]


def test_intensity_takes_projects_from_the_day_they_hold_their_land(own: OwnData) -> None:
    for key, day, wan, m2 in (("P1", date(2025, 12, 31), 60_000, 20_000), ("P2", date(2026, 1, 1), 90_000, 10_000)):
        own.project(key, total_wan=wan, stones={60: day}, fai={"2025-12": 1, "2026-09": 1})
        own.session.get_one(m.Project, key).land_m2 = m2
    own.session.flush()
    found = figure(own, own.state(), "K19")
    assert (found.period, found.numerator, found.denominator) == ("2025", 60_000, 20_000)


def test_signings_count_from_january_to_the_month_looked_at(own: OwnData) -> None:
    for n, day in enumerate((date(2025, 12, 31), date(2026, 1, 1), date(2026, 8, 31), date(2026, 9, 1))):
        own.project(f"P{n}", signed=day, total_wan=(9_000, 10_000, 200_000, 400_000)[n], fai={"2026-09": 1})
    state = own.state()
    assert [figure(own, state.with_(period=p), "K20").value for p in ("2026-08", "2026-09")] == [2, 3]
    assert [figure(own, state.with_(period=p), "K22").value for p in ("2026-08", "2026-09")] == [210_000, 610_000]


def test_a_filter_by_stage_takes_the_projects_of_that_stage(own: OwnData) -> None:
    own.project("P1", fai={"2026-09": 700})
    own.project("P2", fai={"2026-09": 50}, stones={40: date(2024, 4, 1), 60: date(2024, 5, 1), 90: date(2024, 9, 1)})
    state = own.state()
    assert figure(own, state, "K01").value == 750
    assert figure(own, state.with_(stages=("building",)), "K01").value == 50
    assert figure(own, state.with_(stages=("signed",)), "K01").value == 700


def test_a_filter_by_chain_takes_the_firms_at_its_nodes(own: OwnData) -> None:
    for key, output in (("F1", 400), ("F2", 70), ("F3", 9)):
        own.firm(key, output=output)
    own.add(
        m.EntityNode(entity_kind="enterprise", entity_id="F1", node_id="IC-M1", link_source="manual", confidence=1.0)
    )
    state = own.state()
    assert figure(own, state, "K04").value == 479
    assert figure(own, state.with_(chains=("IC",)), "K04").value == 400


def test_leading_industries_are_those_of_the_zone_in_the_numerator_alone(own: OwnData) -> None:
    leading = own.session.get_one(m.Zone, "SMKX").leading_chains or []
    assert "DRUG" in leading
    assert "IC" not in leading
    for key, output, node in (("F1", 300, "DRUG-U1"), ("F2", 100, "IC-M1"), ("F3", 50, None)):
        own.firm(key, output=output)
        if node:
            own.add(
                m.EntityNode(
                    entity_kind="enterprise", entity_id=key, node_id=node, link_source="manual", confidence=1.0
                )
            )
    found = figure(own, own.state(), "K53")
    assert (found.numerator, found.denominator) == (300, 450)


def test_a_firm_counts_from_the_month_of_its_entry_and_on_no_ratio_while_it_is_not_graded(own: OwnData) -> None:
    plain: dict[str, float | None] = {"land_m2": 6_670, "tax_wan": 100, "output_wan": 1_000}
    own.firm("F1", output=10, year=plain)
    own.firm("F2", output=5, year=plain, above_scale_since="2026-10")
    own.firm("F3", output=3, year=plain, grading_status="starting")
    state = own.state()
    assert figure(own, state, "K04").value == 13
    per_mu = figure(own, state, "K10")
    assert (per_mu.numerator, per_mu.denominator) == (100, 6_670)


def test_homes_are_no_carriers_and_undelivered_units_not_vacant_stock(own: OwnData) -> None:
    for key, kind in (("B1", "标准厂房"), ("B2", "人才公寓")):
        own.add(
            m.CarrierBuilding(
                id=key, name_zh=key, zone_code="SMKX", carrier_type=kind, gross_area_m2=1_000, provenance=OWN,
                delivered_on=date(2025, 1, 1), source="test", position_is_schematic=False,
            )
        )  # fmt: skip
        for n, (state, area) in enumerate((("vacant", 200), ("occupied", 500), ("building", 300))):
            own.add(m.CarrierUnit(id=f"{key}-{n}", building_id=key, floor=1, unit_no=str(n), state=state, area_m2=area))
    found = own.state()
    assert figure(own, found, "K33").value == 1_000
    assert figure(own, found, "K34").value == 200
    vacancy = figure(own, found, "K36")
    assert (vacancy.numerator, vacancy.denominator) == (200, 700)


def test_the_gap_to_the_schedule_follows_the_projects_own_plan_else_twelfths(own: OwnData) -> None:
    for key, own_plan in (("P1", 700), ("P2", None)):
        own.project(key, fai={"2026-09": 1})
        own.session.add(m.ProjectYear(project_id=key, year=2026, plan_wan=1_200))
        own.session.add(
            m.MonthlyReport(
                project_id=key, period="2026-09", month_wan=0, ytd_wan=600, cumulative_wan=600, plan_ytd_wan=own_plan,
                submitted_on=date(2026, 10, 3),
            )
        )  # fmt: skip
    own.session.flush()
    gap = figure(own, own.state(), "K31")
    assert (gap.numerator, gap.denominator) == (100 + 300, 2_400)


def test_growth_is_this_year_over_the_year_before(own: OwnData) -> None:
    own.project("P1", fai={"2025-09": 400, "2026-09": 500})
    found = figure(own, own.state(), "K01")
    assert (found.value, found.yoy) == (500, Fraction(1, 4))


def test_what_is_due_of_a_target_is_weighted_by_the_targets_of_its_zones(own: OwnData) -> None:
    late = [0, 0, 0, 0, 0, 0, 0, 0, 0.1, 0.1, 0.1, 1]
    for zone, value, curve in (("SMKX", 900, None), ("XYDIT", 100, late)):
        own.project(f"P-{zone}", zone, fai={"2026-09": 10}, stat=[(GXQ, date(2024, 1, 1), None)])
        own.add(
            m.Target(kpi_id="K01", year=2026, unit_code=zone, value=value, unit="万元", curve=curve, provenance=OWN)
        )
    question = Question.of(own.session, LEADER, own.state())
    found = figures(question, ("K01",), zones=("SMKX", "XYDIT"))["K01"]
    assert found.target == 1_000
    assert found.due == Fraction(900, 1_000) * Fraction(9, 12) + Fraction(100, 1_000) * Fraction(1, 10)


def test_a_zone_that_reported_nothing_is_missing_not_zero(own: OwnData) -> None:
    own.project("P1", fai={"2026-09": 10})
    question = Question.of(own.session, LEADER, own.state())
    found = figures(question, ("K01",), zones=("SMKX", "XYDIT"))["K01"]
    assert (found.value, found.reported, found.missing) == (10, 1, ("XYDIT",))


def test_the_rest_of_a_district_is_without_the_zones_that_report_for_themselves(own: OwnData) -> None:
    own.firm("F1", "SMKX", output=400)
    state = own.state()
    rest = figure(own, state.with_(districts=(SHUANGLIU,)), "K04")
    assert rest.value == 400  # its unit of statistics says so
    assert figure(own, state.with_(districts=(GXQ,)), "K04").value in (0, None)


def test_a_chosen_project_that_reported_nothing_spent_divides_zero_and_is_no_missing_record(own: OwnData) -> None:
    own.project("P1", fai={"2026-09": 0})
    own.project("P2", fai={"2026-09": 700})
    own.add(m.EntityNode(entity_kind="project", entity_id="P1", node_id="IC-M1", link_source="manual", confidence=1.0))
    state = own.state(chains=("IC",))
    assert figure(own, state, "K01").value == 0
    found = split(Question.of(own.session, LEADER, state), "K01", ("SMKX",))
    assert (found.total, found.reason, found.parts) == (0, None, ())
    empty = split(Question.of(own.session, LEADER, state.with_(chains=("DRUG",))), "K01", ("SMKX",))
    assert (empty.total, empty.reason) == (None, "no_records")
