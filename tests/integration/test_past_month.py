"""Dated records of a past month: firms by founding, buildings by delivery; one definition with the indicators."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data import models as m
from data.queries.carriers import carrier_summary
from data.queries.chain_nodes import chain_figures
from data.queries.chains import node_facts
from data.queries.kpis import figures
from data.queries.land import land_chain
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState

LEADER = Viewer(Role.LEADERSHIP)
NOW, PAST = ViewState(), ViewState(period="2022-01")


def test_a_firm_stands_at_its_node_from_its_year_on(db_session: Session) -> None:
    firm = db_session.scalar(select(m.Enterprise).where(m.Enterprise.zone_code == "SMKX").limit(1))
    assert firm is not None
    node = db_session.scalar(
        select(m.EntityNode.node_id).where(m.EntityNode.entity_kind == "enterprise", m.EntityNode.entity_id == firm.id)
    )
    assert node is not None
    firm.founded = 2000
    db_session.flush()

    def firms(state: ViewState) -> int:
        at = Question.of(db_session, LEADER, state).at
        return len(node_facts(db_session, at, ("SMKX",)).at(node).firms)

    before = firms(PAST)
    firm.founded = 2023
    db_session.flush()
    assert firms(PAST) == before - 1
    assert firms(NOW) >= 1
    figures_ = chain_figures(Question.of(db_session, LEADER, PAST), node.split("-")[0], zones=("SMKX",))
    assert figures_ is not None
    assert figures_.nodes[node].firms == before - 1


def test_carriers_are_those_delivered_and_equal_the_indicators(db_session: Session) -> None:
    found = carrier_summary(Question.of(db_session, LEADER, PAST))
    delivered = db_session.scalar(
        select(func.count())
        .select_from(m.CarrierBuilding)
        .where(
            m.CarrierBuilding.provenance == "demo",
            m.CarrierBuilding.delivered_on <= date(2022, 1, 31),
            m.CarrierBuilding.zone_code.in_(select(m.Zone.code).where(m.Zone.scheme_id == "wcsc")),
        )
    )
    assert found.buildings == delivered
    assert found.buildings < carrier_summary(Question.of(db_session, LEADER, NOW)).buildings
    assert found.today == "2026-09"
    now = carrier_summary(Question.of(db_session, LEADER, NOW))
    kpis = figures(Question.of(db_session, LEADER, NOW), ("K33", "K34", "K35", "K36"))
    assert now.gross_area_m2 == kpis["K33"].value
    assert now.vacant_m2 == kpis["K34"].value
    assert (now.taken_m2, now.marketed_m2) == (kpis["K35"].numerator, kpis["K35"].denominator)
    assert (now.vacant_m2, now.delivered_m2) == (kpis["K36"].numerator, kpis["K36"].denominator)


def test_the_land_chain_is_made_of_the_lines_of_its_indicators(db_session: Session) -> None:
    chain, kpis = (
        land_chain(Question.of(db_session, LEADER, NOW)),
        figures(Question.of(db_session, LEADER, NOW), ("K37", "K38", "K39")),
    )
    assert chain is not None
    assert (chain.ready_m2, chain.developable_m2) == (kpis["K37"].numerator, kpis["K37"].denominator)
    assert (chain.built_m2, chain.supplied_m2) == (kpis["K39"].numerator, kpis["K39"].denominator)
