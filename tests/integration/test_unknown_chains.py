"""Where a data set ties no firm to a node, nobody knows who is there: "—" with the reason, never 0 and never 缺失."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from dash.development.base_component import Component
from sqlalchemy.orm import Session

from api import ground
from api.asked import Asked
from data import models as m
from data.queries.investment_catalogue import investment_catalogue
from data.queries.kpis import figures
from data.queries.park import has_figures
from data.queries.question import Question
from domain.filters import Facet
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState, to_query
from tests.support.own_data import OWN, OwnData
from views.pages import chains, wall
from views.parts import chain_gaps, chain_panel, chain_view, park_activity, zone_card

LEADER = Viewer(Role.LEADERSHIP)
WHY = "本数据集没有企业与节点的对应"
STATES = {
    "published": ViewState(dataset=Dataset.PUBLISHED),
    "own, empty": ViewState(dataset=Dataset.OWN),
    "own, firms without nodes": ViewState(dataset=Dataset.OWN, period="2026-09"),
}


@pytest.fixture(params=STATES)
def question(request: pytest.FixtureRequest, db_session: Session) -> Question:
    """A question to a data set without a firm at a node."""
    if request.param == "own, firms without nodes":
        own = OwnData(db_session)
        own.firm("F1", output=100)
        own.state()
    return Question.of(db_session, LEADER, STATES[request.param])


def words(component: object) -> str:
    if isinstance(component, list | tuple):
        return " ".join(words(child) for child in component)
    if isinstance(component, Component):
        return words(getattr(component, "children", None))
    return "" if component is None else str(component)


def board(question: Question, code: str = "IC") -> dict[str, Any]:
    search = "?" + to_query(question.state)
    asked = Asked.understood(question.session, LEADER, search, facets=frozenset(Facet), own=(), scoped=True)
    answer = ground.chain(asked, code=code).model_dump(mode="json")
    assert answer["board"] is not None
    found: dict[str, Any] = answer["board"]
    return found


def test_the_api_says_unknown_of_chain_and_nodes_and_lists_no_gap(question: Question) -> None:
    found = board(question)
    assert (found["strength"], found["state"], found["reason"]) == (None, None, "not_linked")
    assert found["coverage"]["value"] is found["coverage"]["numerator"] is None
    assert found["coverage"]["denominator"] > 0
    assert found["catalogue"] == []
    assert {
        (n["strength"], n["state"], n["reason"], n["firms"], n["demand"], n["gap"], n["platforms"], n["pipeline"])
        for n in found["nodes"]
    } == {(None, None, "not_linked", None, None, None, None, None)}


def test_the_wall_says_a_dash_of_all_nodes_and_why(question: Question) -> None:
    nodes = len(question.known.nodes)
    shown = words(wall.chain_strengths(question))
    assert f"节点覆盖 — / {nodes}" in shown
    assert WHY in shown
    assert "缺失" not in shown


def test_the_chains_page_and_its_exports_name_no_gap(question: Question) -> None:
    view = chain_view.read(question)
    assert view.reason == WHY
    for part in (chains.picker(view), chains.graph(view)):
        assert "强度" not in words(part)
    assert "缺失" not in words(chains.picker(view))
    assert WHY in words(chain_gaps.investment(view, chain_gaps.ALL))
    assert investment_catalogue(question) == ()
    node = next(iter(question.known.chains["IC"].nodes)).id
    panel = words(chain_panel.panel(chain_view.read(question.with_(nodes=(node,)))))
    assert WHY in panel
    assert "家" not in panel.split("适宜园区")[0]


def test_a_park_and_its_card_on_the_wall_say_a_dash_and_why(question: Question) -> None:
    zone = question.known.zones["SMKX"]
    block = park_activity.chains(question, zone)
    # Where a data set has no figure of any park, the page says so once and has no frame for each of them.
    assert WHY in words(block) if has_figures(question) else block is None
    boards = wall.chain_boards(question, zones=("SMKX",))
    shown = figures(question, zone_card.STRIP, zones=("SMKX",))
    card = zone_card.zone_panel(question, zone, zone_card.indicators(question, zone, shown, boards, (), 0))
    spans = [c for c in card._traverse() if getattr(c, "title", None) == WHY]
    leading = [c for c in zone.leading_chains if c in question.known.chains]
    assert len(spans) == len(leading) > 0
    assert all(words(span).startswith("—/") for span in spans)


def test_node_coverage_of_the_dictionary_is_unknown_too(question: Question) -> None:
    found = figures(question, ("K54",))["K54"]
    assert (found.value, found.numerator, found.reason) == (None, None, "not_reported")


def test_a_data_set_whose_firms_have_nodes_finds_those_without_any_missing(db_session: Session) -> None:
    own = OwnData(db_session)
    own.firm("F1", output=100)
    own.add(
        m.EntityNode(entity_kind="enterprise", entity_id="F1", node_id="IC-M1", link_source="manual", confidence=1.0)
    )
    question = Question.of(db_session, LEADER, own.state())
    nodes = {n["id"]: n for n in board(question)["nodes"]}
    assert (nodes["IC-M1"]["firms"], nodes["IC-M1"]["state"]) == (1, "fair")
    empty = next(n for n in nodes.values() if n["id"] != "IC-M1")
    assert (empty["firms"], empty["state"], empty["strength"]) == (0, "missing", 0)
    # No platform and no project of the data set has a node: of those nobody knows.
    assert {(n["platforms"], n["pipeline"]) for n in nodes.values()} == {(None, None)}
    assert f"节点覆盖 1 / {len(question.known.nodes)}" in words(wall.chain_strengths(question))
    elsewhere = question.with_(zones=("WLKJC",))
    assert board(elsewhere)["reason"] == "not_linked"


def test_a_node_whose_firms_above_size_did_not_report_has_no_state(db_session: Session) -> None:
    own = OwnData(db_session)
    own.firm("F1", output=100, period="2026-08")
    own.project("P1", fai={"2026-09": 1}, signed=date(2026, 1, 5))
    own.add(
        m.EntityNode(entity_kind="enterprise", entity_id="F1", node_id="IC-M1", link_source="manual", confidence=1.0)
    )
    found = board(Question.of(db_session, LEADER, own.state()))
    node = next(n for n in found["nodes"] if n["id"] == "IC-M1")
    assert (node["firms"], node["strength"], node["state"], node["reason"]) == (1, None, None, "output_not_reported")
    assert found["coverage"]["numerator"] == node["criticality"]
    assert db_session.query(m.Enterprise).filter_by(provenance=OWN).count() == 1
