"""Lists of policies hold what is in force at the month, of the data set on screen; the fee total holds what was decided."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from data import models as m
from data.queries.catalogue import catalogue
from data.queries.idle_land import idle_list
from data.queries.investment_catalogue import investment_catalogue
from data.queries.published import policies_in_force, policy_list
from data.queries.question import Question
from data.queries.search import search
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState

LEADER = Viewer(Role.LEADERSHIP)
PUBLISHED = ViewState(dataset=Dataset.PUBLISHED)


def _policy(session: Session, **values: object) -> m.Policy:
    fixed = {"id": "X1", "title": "试验政策", "chains": ["DRUG"], "provenance": "demo"}
    policy = m.Policy(**fixed | values)
    session.add(policy)
    session.flush()
    return policy


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ({"valid_from": "2027-01-01", "valid_to": "2029-12-31"}, False),
        ({"valid_from": "2020-01-01", "valid_to": "2022-12-31"}, False),
        ({"valid_from": "2025", "valid_to": "2026"}, True),
        ({"valid_from": "2024-03", "valid_to": "2026-09-29"}, False),
        ({"valid_from": None, "valid_to": None}, True),
        ({"status": "draft"}, False),
        ({"status": "superseded"}, False),
        ({"valid_from": "2026-01", "provenance": "published"}, False),
    ],
)
def test_a_policy_is_listed_while_it_holds(db_session: Session, values: dict[str, object], holds: bool) -> None:
    _policy(db_session, **values)
    state = ViewState()
    at = catalogue(db_session).resolve(state)
    assert [p.id for p in policies_in_force(db_session, at) if p.id == "X1"] == ["X1"] * holds
    assert ("X1" in [p["id"] for p in policy_list(Question.of(db_session, LEADER, state))]) is holds
    named = {
        title for row in investment_catalogue(Question.of(db_session, LEADER, state)) for title in row.row.policies
    }
    assert ("试验政策" in named) is holds


def test_no_published_draft_or_replaced_policy_is_listed_or_found(db_session: Session) -> None:
    listed = {p["id"] for p in policy_list(Question.of(db_session, LEADER, PUBLISHED))}
    assert "PUB-Y001" in listed
    assert not listed & {"PUB-Y002", "PUB-Y006", "PUB-Y009", "PUB-Y010", "PUB-Y034", "PUB-Y042", "PUB-Y045"}
    found = {h.entity_id for h in search(Question.of(db_session, LEADER, PUBLISHED), "医药健康产业建圈强链", limit=20)}
    assert "PUB-Y001" in found
    assert "PUB-Y002" not in found


def test_the_fee_total_leaves_out_what_is_investigated_or_undecided(db_session: Session) -> None:
    found = idle_list(Question.of(db_session, LEADER, ViewState()), include_normal=True, limit=10_000)
    charged = [r for r in found.rows if r.clock.fee_wan is not None]
    decided = [r for r in charged if r.legal_status == "determined_idle" and r.legal_doc]
    assert found.fee_wan == (sum(r.clock.fee_wan or 0 for r in decided) or None)
    row = charged[0]
    contract = db_session.get(m.LandContract, row.contract_id)
    assert contract is not None
    contract.legal_status, contract.legal_doc = "determined_idle", "文号1"
    db_session.flush()
    from data.store import bump_version

    bump_version(db_session)
    db_session.info.clear()
    with_it = idle_list(Question.of(db_session, LEADER, ViewState())).fee_wan or 0
    contract.legal_status, contract.legal_doc = "investigating", None
    bump_version(db_session)
    db_session.info.clear()
    assert with_it - (idle_list(Question.of(db_session, LEADER, ViewState())).fee_wan or 0) == row.clock.fee_wan
