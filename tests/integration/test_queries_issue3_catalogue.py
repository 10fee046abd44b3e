"""The 一体化招商目录, the overlap matrix, supply and demand, and the score cards."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from data import models as m
from data.queries.catalogue import catalogue
from data.queries.chains import ChainBoard, chain_boards
from data.queries.investment_catalogue import investment_catalogue, overlap, supply_demand
from data.queries.question import Question
from data.queries.scorecard import ITEMS, score_cards
from domain.chains import NodeAssessment, NodeState
from domain.targets import DEFAULT_WEIGHTS, DIMENSIONS
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState
from tests.support.own_data import OWN, OwnData

LEADER, PLANNER, PROSPECT = Viewer(Role.LEADERSHIP), Viewer(Role.PLANNER), Viewer(Role.PROSPECT)


@pytest.fixture
def own(db_session: Session) -> OwnData:
    return OwnData(db_session)


def link(own: OwnData, kind: str, key: str, node: str) -> None:
    own.add(m.EntityNode(entity_kind=kind, entity_id=key, node_id=node, link_source="manual", confidence=1.0))


def test_rows_are_the_weak_and_missing_nodes_most_urgent_first(db_session: Session) -> None:
    rows = investment_catalogue(Question.of(db_session, LEADER, ViewState()))
    boards = chain_boards(Question.of(db_session, LEADER, ViewState()))
    gaps = {n.id for b in boards for n, a in b.nodes if a.state in (NodeState.MISSING, NodeState.WEAK)}
    assert {r.node.id for r in rows} == gaps
    known = [r.row.priority for r in rows if r.row.priority is not None]
    assert known == sorted(known, reverse=True)
    for r in rows:
        assert r.row.target_profile.startswith(r.node.name_zh)
        assert all(fit.carriers or fit.plots for fit in r.row.zones)
    drug = investment_catalogue(Question.of(db_session, LEADER, ViewState(chains=("DRUG",))))
    assert {r.row.chain for r in drug} == {"DRUG"}


def test_priority_is_criticality_times_weakness_times_downstream_firms(own: OwnData) -> None:
    edge = own.session.query(m.ChainEdge).order_by(m.ChainEdge.from_node).first()
    assert edge is not None
    supplier, customer = edge.from_node, edge.to_node
    for n in range(3):
        own.firm(f"F{n}", "XYDIT", output=100)
        link(own, "enterprise", f"F{n}", customer)
    state = own.state()
    row = next(r for r in investment_catalogue(Question.of(own.session, LEADER, state)) if r.node.id == supplier)
    assert row.row.demand == 3
    assert row.row.priority == row.node.criticality * 100 * 3
    assert customer in row.customers
    need = next(s for s in supply_demand(Question.of(own.session, LEADER, state)) if s.node.id == supplier)
    assert (need.firms, need.demand, need.gap, need.state) == (0, 3, True, NodeState.MISSING)
    # A firm at two downstream nodes is one customer.
    other = [e.to_node for e in own.session.query(m.ChainEdge).filter_by(from_node=supplier) if e.to_node != customer]
    for node in other:
        link(own, "enterprise", "F0", node)
    need = next(s for s in supply_demand(Question.of(own.session, LEADER, own.state())) if s.node.id == supplier)
    assert need.demand == 3


def test_a_zone_suits_by_lead_chain_then_room(own: OwnData) -> None:
    for zone in ("SMKX", "XYDIT"):
        own.add(m.CarrierBuilding(id=f"B-{zone}", name_zh="楼", zone_code=zone, carrier_type="厂房",
                                  position_is_schematic=True, provenance=OWN))  # fmt: skip
        for n, state in enumerate(("vacant", "occupied", "vacant")):
            own.add(m.CarrierUnit(id=f"U-{zone}-{n}", building_id=f"B-{zone}", floor=1, unit_no=str(n), area_m2=900,
                                  state=state))  # fmt: skip
    for n, (code, supply) in enumerate((("1001", "listed"), ("1001", "sold"), ("0701", "listed"))):
        own.add(m.Plot(id=f"G{n}", code=f"G{n}", zone_code="XYDIT", landuse_scheme="YDYH2023", landuse_code=code,
                       area_m2=9_000, supply_state=supply, provenance=OWN))  # fmt: skip
    own.firm("F0", "XYDIT", output=1)
    link(own, "enterprise", "F0", "IC-M1")
    state = own.state()
    rows = investment_catalogue(Question.of(own.session, LEADER, state))
    maker = next(r for r in rows if r.node.id == "DRUG-M1")
    assert [(f.zone, f.lead_chain, f.carriers, f.plots) for f in maker.row.zones] == [
        ("SMKX", True, 1, 0), ("XYDIT", False, 1, 1),
    ]  # fmt: skip
    link(own, "carrier", "B-SMKX", "IC-M1")
    maker = next(
        r for r in investment_catalogue(Question.of(own.session, LEADER, own.state())) if r.node.id == "DRUG-M1"
    )
    assert [f.zone for f in maker.row.zones] == ["XYDIT"]


def test_target_firms_are_a_count_for_those_who_may_know(own: OwnData) -> None:
    own.project("LEAD", "XYDIT")
    own.session.query(m.Milestone).filter_by(project_id="LEAD").delete()
    own.add(m.Milestone(project_id="LEAD", stage=20, done_on=date(2026, 3, 1)))
    link(own, "project", "LEAD", "IC-U1")
    own.firm("F0", "SMKX", output=1)
    link(own, "enterprise", "F0", "IC-M1")
    state = own.state()
    assert (
        next(
            r for r in investment_catalogue(Question.of(own.session, LEADER, state)) if r.node.id == "IC-U1"
        ).target_firms
        == 1
    )
    assert (
        next(
            r for r in investment_catalogue(Question.of(own.session, PLANNER, state)) if r.node.id == "IC-U1"
        ).target_firms
        is None
    )
    assert investment_catalogue(Question.of(own.session, PROSPECT, state)) == ()
    matrix = overlap(Question.of(own.session, LEADER, state))
    assert matrix["XYDIT", "IC"].nodes == ("IC-U1",)
    assert matrix["XYDIT", "IC"].contested == {}


def test_a_node_that_two_zones_court_is_flagged_in_both(db_session: Session) -> None:
    known = catalogue(db_session)
    matrix = overlap(Question.of(db_session, LEADER, ViewState()))
    assert len(matrix) == 5 * len(known.chains)
    for (zone, _chain), cell in matrix.items():
        for node, others in cell.contested.items():
            assert zone not in others
            for other in others:
                assert node in matrix[other, known.nodes[node].chain].nodes
    assert overlap(Question.of(db_session, PROSPECT, ViewState())) == {}


def test_cards_measure_each_zone_against_its_own_target_with_completeness(db_session: Session) -> None:
    cards = score_cards(Question.of(db_session, LEADER, ViewState()))
    assert [c.zone for c in cards.zones] == ["CDKXC", "XJJHL", "SMKX", "WLKJC", "XYDIT"]
    for card in cards.zones:
        assert card.weights == DEFAULT_WEIGHTS[card.zone_type]
        gained = sum((i.weight * i.points for i in card.items if i.points is not None), Fraction(0))
        present = sum((i.weight for i in card.items if i.points is not None), Fraction(0))
        assert card.score == gained / present
        assert card.completeness == present / sum(card.weights.values())
        assert 0 < card.completeness < 1
        assert all(i.scope == "territorial" for i in card.items)
    peers = [c for c in cards.zones if c.zone_type == "manufacturing"]
    assert sorted(c.rank or 0 for c in peers) == [1, 2]
    assert all(c.rank == 1 and c.peers == 1 for c in cards.zones if c.zone_type != "manufacturing")
    assert set(ITEMS) == set(DIMENSIONS)


def test_one_item_scores_actual_over_what_was_due_capped_and_the_rest_is_missing(own: OwnData) -> None:
    own.project("P1", fai={"2026-09": 60_000})
    own.firm("F1", tax=9_000)
    own.add(m.Target(kpi_id="K01", unit_code="SMKX", year=2026, provenance=OWN, value=100_000.0, unit="万元"))
    own.add(m.Target(kpi_id="K08", unit_code="SMKX", year=2026, provenance=OWN, value=10_000.0, unit="万元"))
    state = own.state()
    (card,) = score_cards(Question.of(own.session, LEADER, state), zones=("SMKX",)).zones
    items = {i.kpi_id: i for i in card.items}
    # 60,000 against 75,000 due by September; 9,000 against 7,500, which is exactly the cap.
    assert (items["K01"].due, items["K01"].points) == (75_000, 80)
    assert (items["K08"].due, items["K08"].points) == (7_500, 120)
    # co_built_bio: investment 15, output and tax 15; all other dimensions have no target.
    assert card.score == 100
    assert card.completeness == Fraction(30, 100)
    assert card.dimensions["innovation"] is None
    assert score_cards(Question.of(own.session, PROSPECT, state)).reason == "withheld"
    assert score_cards(Question.of(own.session, LEADER, state.with_(dataset=Dataset.PUBLISHED))).zones[0].score is None


def test_the_strength_of_a_node_of_few_firms_is_kept_from_who_may_not_see_firms(db_session: Session) -> None:
    own = OwnData(db_session)
    for n in range(2):
        own.firm(f"F{n}", output=100)
        own.add(
            m.EntityNode(
                entity_kind="enterprise", entity_id=f"F{n}", node_id="IC-M1", link_source="manual", confidence=1
            )
        )
    state = own.state()

    def board(viewer: Viewer) -> tuple[ChainBoard, NodeAssessment]:
        found = next(b for b in chain_boards(Question.of(db_session, viewer, state)) if b.chain.code == "IC")
        return found, next(a for n, a in found.nodes if n.id == "IC-M1")

    open_board, open_node = board(LEADER)
    board_, node = board(Viewer(Role.PROMOTER))
    assert open_node.strength == 46  # 40 × 2/5 + 30 × 100/100
    assert (node.strength, node.reason, node.state) == (None, "suppressed", open_node.state)
    # Nor by subtraction: the chain's strength is given to the ten.
    assert open_board.strength is not None
    assert board_.strength == round(open_board.strength / 10) * 10
    assert board_.state == open_board.state
