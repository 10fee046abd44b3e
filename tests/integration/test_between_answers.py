"""What one answer holds back, no other answer gives: other indicators, trends, nodes, lists, parts of districts, courted nodes."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from data import models as m
from data.derive.kpis import derive_kpis
from data.derive.months import derive_months
from data.indicators import Ask, lines
from data.queries.attribution import exceptions, split
from data.queries.catalogue import catalogue
from data.queries.chain_nodes import chain_figures
from data.queries.investment_catalogue import overlap
from data.queries.kpis import figures
from data.queries.park import zone_series
from data.queries.question import Question
from data.reference import indicators
from domain.periods import Period
from domain.viewer import Role, Viewer
from domain.viewstate import Scope, ViewState
from tests.integration.test_disclosure import found_out
from tests.support.own_data import GXQ, OWN, SHUANGLIU, OwnData

LEADER, PLANNER, PROMOTER = Viewer(Role.LEADERSHIP), Viewer(Role.PLANNER), Viewer(Role.PROMOTER)


@pytest.mark.parametrize(
    ("total", "ratios"),
    [
        ("K06", ("K12", "K16", "K18")),
        ("K04", ("K11",)),
        ("K08", ("K10",)),
        ("K07", ("K13", "K14", "K15", "K17")),
    ],
)
def test_a_total_less_a_part_of_a_ratio_finds_no_firm(db_session: Session, total: str, ratios: tuple[str, ...]) -> None:
    """At the end of a year a firm's figure of the month is its figure of the year: the sets of firms differ, no more."""
    state = ViewState(period="2025-12")
    known = catalogue(db_session)
    zones = known.resolve(state).zones
    cut = Period.parse(known.cuts["demo"])
    seen: list[set[str]] = []
    for chosen in ((), *((zone,) for zone in zones), zones[:2], zones[1:]):
        found = figures(Question.of(db_session, PROMOTER, state.with_(zones=chosen)), (total, *ratios))
        for kpi_id, tile in found.items():
            if tile.value is not None:
                ask = Ask(db_session, "demo", chosen or zones, (Period.parse(tile.period),), cut)
                seen.append({line.id for line in lines(indicators()[kpi_id], ask)})
    firms = sorted(set().union(*seen))
    matrix = np.array([[float(firm in row) for firm in firms] for row in seen])
    assert len(seen) > 3, "what hides everything proves nothing"
    assert [firms[i] for i in found_out(matrix)] == []


def test_a_ratio_is_hidden_where_one_firm_is_left_out_of_it(db_session: Session) -> None:
    own = OwnData(db_session)
    year = {"value_added_wan": 100, "land_m2": 6667, "leased_m2": 0}
    for zone, count in (("SMKX", 5), ("XYDIT", 5)):
        for n in range(count):
            own.firm(f"{zone}{n}", zone, output=100, year=year)
    own.firm("UNGRADED", "SMKX", output=100, year=year, grading_status="start_up")
    question = Question.of(db_session, PROMOTER, own.state(zones=("SMKX",)))
    found = figures(question, ("K06", "K12"))
    assert (found["K06"].value, found["K12"].value, found["K12"].reason) == (600, None, "suppressed")
    beside = figures(question.with_(zones=("XYDIT",)), ("K12",))["K12"]
    assert beside.reason == "suppressed", "both zones together less the one are the other"


def test_the_trend_of_a_park_leaves_out_what_its_tile_hides(db_session: Session) -> None:
    own = OwnData(db_session)
    own.firm("ONE", "XYDIT", output=7)
    state = own.state()
    assert zone_series(Question.of(db_session, LEADER, state), "K04", "XYDIT").points[-1].value == 7
    hidden = zone_series(Question.of(db_session, PROMOTER, state), "K04", "XYDIT")
    assert (hidden.points, hidden.months, hidden.reason) == ((), (), "suppressed")


def test_the_output_of_a_node_is_that_of_firms_above_size(db_session: Session) -> None:
    own = OwnData(db_session)
    own.firm("SMALL", "SMKX", output=7, above_scale_since=None)
    own.add(m.EntityNode(entity_kind="enterprise", entity_id="SMALL", node_id="IC-M1", link_source="t", confidence=1))
    found = chain_figures(Question.of(db_session, PROMOTER, own.state()), "IC")
    assert found is not None
    node = found.nodes["IC-M1"]
    assert (node.firms, node.output_wan, node.reason) == (1, None, "none_above_scale")


def test_an_exception_names_no_lead_to_who_may_not_see_it(db_session: Session) -> None:
    own = OwnData(db_session)
    own.project("LEAD", stones={30: None})  # not signed
    own.add(
        m.DataException(
            code="bad_date", entity_kind="project", entity_id="LEAD", zone_code="SMKX", period=None, details={"plan": 5},
            provenance=OWN,
        )
    )  # fmt: skip
    state = own.state()
    told = {
        viewer: [(e.entity_id, e.name_zh, e.details) for e in exceptions(Question.of(db_session, viewer, state))]
        for viewer in (LEADER, PLANNER, PROMOTER)
    }
    assert told[LEADER] == [("LEAD", "自有项目LEAD", {"plan": 5})]
    assert told[PLANNER] == told[PROMOTER] == [("", None, None)]


def test_the_tile_of_a_district_hides_what_the_split_hides(db_session: Session) -> None:
    """One firm is divided by another ratio than the rest: with the total of the zone it would be found."""
    own = OwnData(db_session)
    own.agreement("ZONE", {GXQ: "6/10", SHUANGLIU: "4/10"})
    for n in range(5):
        own.firm(f"E{n}", "SMKX", output=100 + n)
    own.project("P1", firm="E0")
    own.agreement("ONE", {GXQ: "1/2", SHUANGLIU: "1/2"}, zone=None, project="P1")
    state = own.state(Scope.SHARED, zones=("SMKX",))
    assert [part.amount for part in split(Question.of(db_session, PROMOTER, state), "K04").parts] == [None, None]
    for viewer, value, reason in ((LEADER, 296, None), (PROMOTER, None, "suppressed")):
        tile = figures(Question.of(db_session, viewer, state.with_(districts=(GXQ,))), ("K04",))["K04"]
        assert (tile.value, tile.reason) == (value, reason)


def test_a_node_that_fewer_than_three_leads_court_is_not_told(db_session: Session) -> None:
    state = ViewState()
    leads: dict[tuple[str, str], set[str]] = {}
    at = catalogue(db_session).resolve(state)
    rows = db_session.execute(
        m.Project.__table__.join(m.ProjectMonth.__table__, m.ProjectMonth.project_id == m.Project.id)
        .join(m.EntityNode.__table__, m.EntityNode.entity_id == m.Project.id)
        .select()
        .with_only_columns(m.Project.zone_code, m.EntityNode.node_id, m.Project.id)
        .where(
            m.Project.provenance == "demo", m.Project.zone_code.in_(at.zones), m.EntityNode.entity_kind == "project",
            m.ProjectMonth.period == at.period, m.ProjectMonth.stage_group == "lead",
        )
    )  # fmt: skip
    for zone, node, project in rows:
        leads.setdefault((zone, node), set()).add(project)
    few = {key for key, found in leads.items() if len(found) < 3}
    assert few

    def told(viewer: Viewer) -> set[tuple[str, str]]:
        cells = overlap(Question.of(db_session, viewer, state)).items()
        return {(zone, node) for (zone, _chain), cell in cells for node in cell.nodes}

    assert told(LEADER) == set(leads)
    assert told(PROMOTER) == set(leads) - few


def test_a_zone_that_reported_nothing_is_missing_under_a_filter_and_in_the_split(db_session: Session) -> None:
    month = catalogue(db_session).cuts["demo"]
    gone = m.Project.__table__.select().with_only_columns(m.Project.id).where(
        m.Project.provenance == "demo", m.Project.zone_code == "SMKX"
    )  # fmt: skip
    db_session.execute(delete(m.ProjectFact).where(m.ProjectFact.period == month, m.ProjectFact.project_id.in_(gone)))
    derive_months(db_session, "demo")
    derive_kpis(db_session, "demo")
    OwnData(db_session).state()  # raises the version of the data
    for changes in ({}, {"chains": ("DRUG",)}, {"districts": (GXQ,)}):
        tile = figures(Question.of(db_session, LEADER, ViewState().with_(**changes)), ("K01",))["K01"]
        assert (tile.reported, tile.missing, tile.yoy) == (4, ("SMKX",), None), (changes, tile.reason)
    one = split(Question.of(db_session, LEADER, ViewState(zones=("SMKX",))), "K01")
    assert (one.total, one.reason) == (None, "not_reported")
    whole = split(Question.of(db_session, LEADER, ViewState()), "K01")
    assert whole.missing == ("SMKX",)
    assert "SMKX" not in {zone.zone for zone in whole.by_zone}
