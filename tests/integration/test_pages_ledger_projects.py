"""Ledger, project board, project page and the drawer 这个数怎么来的, read as the component tree that is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import pytest
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder
from sqlalchemy import select
from sqlalchemy.orm import Session

from callbacks.explain import file_name
from data import models as m
from data.queries.attribution import SPLIT_KPIS
from data.queries.catalogue import catalogue
from data.queries.explain import explain
from data.queries.kpis import figures
from data.queries.projects import project_ids, project_summary
from data.queries.question import Question
from data.queries.record_lists import listed_projects, record_list
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, Scope, ViewState
from views.pages import ledger, project, projects
from views.parts.explain_drawer import explain_body
from views.parts.figure_tile import figure_tile

LEADER, PLANNER = Viewer(Role.LEADERSHIP), Viewer(Role.PLANNER)
PROMOTER, PROSPECT = Viewer(Role.PROMOTER), Viewer(Role.PROSPECT)
ROLES = [Viewer(r) for r in Role]
#: Reported by an owner and not made of records: there is nothing to add up.
REPORTED_ONLY = {"K48", "K49"}


def _parts(page: Component) -> Iterator[Component]:
    yield page
    for item in page._traverse():
        if isinstance(item, Component):
            yield item


def _with(page: Component, name: str) -> list[Component]:
    return [c for c in _parts(page) if name in c.to_plotly_json()["props"]]


def _attr(component: Component, name: str) -> str:
    return str(component.to_plotly_json()["props"][name])


def _sent(page: Component) -> str:
    return json.dumps(page, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.mark.parametrize("viewer", ROLES, ids=lambda v: v.role.value)
@pytest.mark.parametrize("dataset", list(Dataset), ids=lambda d: d.value)
def test_pages_build_for_every_role_and_data_set(db_session: Session, viewer: Viewer, dataset: Dataset) -> None:
    state = ViewState(dataset=dataset)
    shown = project_ids(Question.of(db_session, viewer, state))[:3]
    pages = [
        ledger.build(Question.of(db_session, viewer, state)),
        projects.build(Question.of(db_session, viewer, state)),
        *(project.build(Question.of(db_session, viewer, state), i) for i in (*shown, "no-such-project")),
    ]
    assert all(len(_sent(p)) > 2_000 for p in pages)
    ids = [str(getattr(c, "id", "")) for p in pages[:2] for c in _parts(p) if getattr(c, "id", None)]
    once = [str(c.id) for c in _parts(pages[0]) if getattr(c, "id", None)]
    assert len(once) == len(set(once))
    assert "ledger-accounts" in ids
    assert "projects-view" in ids


@pytest.mark.parametrize("dataset", [Dataset.DEMO, Dataset.OWN], ids=lambda d: d.value)
def test_a_prospect_gets_no_account_no_record_and_no_project(db_session: Session, dataset: Dataset) -> None:
    state = ViewState(dataset=dataset)
    for kpi_id in SPLIT_KPIS:
        accounts = ledger.build(Question.of(db_session, PROSPECT, state.with_(kpi=kpi_id)))
        for name in ("data-amount", "data-party", "data-total", "data-line"):
            assert not _with(accounts, name)
    codes = (
        "",
        "wait/built_not_completed",
        "claim",
        "report/warning/text_unchanged",
        "cohort/2025H1/signed",
        "stage/90",
    )
    for view in ("", "board", "ready"):
        for code in codes:
            question = Question.of(db_session, PROSPECT, state.with_(view=view, records=code))
            page = projects.build(question)
            assert not _with(page, "data-project")
            assert not _with(page, "data-list")
            assert "DP-" not in _sent(page)
            assert listed_projects(question, record_list(question, code), rank="", offset=0, limit=9).total == 0


def test_explained_units_sum_to_the_tile_for_every_additive_kpi(db_session: Session) -> None:
    known, state = catalogue(db_session), ViewState()
    additive = [k.id for k in known.kpis.values() if k.additive]
    tiles = figures(Question.of(db_session, LEADER, state), additive)
    assert len(additive) > 15
    for kpi_id in additive:
        found = explain(Question.of(db_session, LEADER, state), kpi_id, limit=20)
        body = explain_body(Question.of(db_session, LEADER, state), found, 0)
        tile = tiles[kpi_id].value
        if tile is None:
            assert _attr(body, "data-total") == "", kpi_id
            continue
        values = [
            _attr(c, "data-value") for c in _with(body, "data-unit") if "data-value" in c.to_plotly_json()["props"]
        ]
        assert sum(Fraction(v) for v in values if v) == Fraction(tile), kpi_id
        assert Fraction(_attr(_with(body, "data-sum")[0], "data-sum")) == Fraction(tile), kpi_id
        marks = [_attr(c, "data-reconciles") for c in _with(body, "data-reconciles")]
        assert marks == ([] if kpi_id in REPORTED_ONLY else ["yes"]), kpi_id


@pytest.mark.parametrize("kpi_id", ["K01", "K08", "K21", "K51"])
def test_pages_of_records_add_up_to_the_tile(db_session: Session, kpi_id: str) -> None:
    state = ViewState()
    total, offset = Fraction(0), 0
    while True:
        found = explain(Question.of(db_session, LEADER, state), kpi_id, offset=offset, limit=20)
        rows = [
            _attr(c, "data-amount")
            for c in _with(explain_body(Question.of(db_session, LEADER, state), found, offset), "data-amount")
        ]
        total += sum(Fraction(r) for r in rows if r)
        offset += 20
        if offset >= found.records_total:
            break
    assert total == Fraction(figures(Question.of(db_session, LEADER, state), (kpi_id,))[kpi_id].value or 0)


def test_single_firms_are_not_opened_for_who_may_not_see_them(db_session: Session) -> None:
    state = ViewState()
    body = explain_body(
        Question.of(db_session, LEADER, state), explain(Question.of(db_session, PROMOTER, state), "K08", limit=20), 0
    )
    assert "DE-" not in _sent(body)
    assert not _with(body, "data-amount")
    page = ledger.records(Question.of(db_session, PROMOTER, state.with_(kpi="K08")))
    assert "DE-" not in _sent(page)


def test_a_tile_is_two_buttons_side_by_side(db_session: Session) -> None:
    figure = figures(Question.of(db_session, LEADER, ViewState()), ("K01",))["K01"]
    tile = figure_tile(figure, "2026-09", "desk")
    buttons = [c for c in _parts(tile) if type(c).__name__ == "Button"]
    assert [(_attr(b, "data-store"), json.loads(_attr(b, "data-says"))) for b in buttons] == [
        ("asked", {"type": "act", "act": "kpi", "arg": "K01"}),
        ("asked", {"type": "act", "act": "explain", "arg": "K01"}),
    ]
    assert _attr(buttons[0], "data-kpi") == "K01"
    assert not any(type(c).__name__ == "Button" for b in buttons for c in list(_parts(b))[1:])


def test_the_workbook_is_named_after_figure_period_and_scope() -> None:
    assert file_name("固定资产投资", "2026-09", "territorial") == "这个数怎么来的_固定资产投资_2026-09_在地口径.xlsx"
    assert file_name('税收/"留成"', "2026-09", "shared") == "这个数怎么来的_税收 留成_2026-09_共建分享口径.xlsx"


@pytest.mark.parametrize("scope", [Scope.TERRITORIAL, Scope.AREA, Scope.SHARED], ids=lambda s: s.value)
@pytest.mark.parametrize("kpi_id", ["K01", "K09", "K20"])
@pytest.mark.parametrize("restate", [False, True])
def test_the_audit_splits_one_total(db_session: Session, scope: Scope, kpi_id: str, restate: bool) -> None:
    state = ViewState(scope=scope, kpi=kpi_id, restate=restate)
    page = ledger.audit(Question.of(db_session, LEADER, state))
    total = int(_attr(_with(page, "data-total")[0], "data-total"))
    assert total == figures(Question.of(db_session, LEADER, ViewState()), (kpi_id,))[kpi_id].value
    units = [int(_attr(c, "data-amount")) for c in _with(page, "data-unit")]
    zones = [int(_attr(c, "data-zone-total")) for c in _with(page, "data-zone-total")]
    assert sum(zones) == total
    assert 0 <= total - sum(units) <= total
    assert _attr(page, "data-restated") == str(int(restate))
    assert ("内部考核口径" in _sent(page)) == (scope is Scope.SHARED)


def test_double_credit_has_no_total(db_session: Session) -> None:
    page = ledger.audit(Question.of(db_session, LEADER, ViewState(scope=Scope.DUAL)))
    assert not _with(page, "data-total")
    assert "不可加" in _sent(page)
    assert all(_attr(c, "data-zone-total") == "" for c in _with(page, "data-zone-total"))


def test_each_line_of_an_account_adds_up_over_its_parties(db_session: Session) -> None:
    page = ledger.accounts(Question.of(db_session, LEADER, ViewState(year="2025")))
    lines = _with(page, "data-line")
    assert {_attr(c, "data-line") for c in lines} == {field for field, _words, _meaning in ledger.LINES}
    for line in lines:
        cells = [(_attr(c, "data-party"), _attr(c, "data-amount")) for c in _with(line, "data-party")]
        parties = [int(a) for party, a in cells if party and a]
        whole = [a for party, a in cells if not party]
        assert whole == [str(sum(parties)) if parties else ""]
    assert {_attr(c, "data-retention") for c in _with(page, "data-retention")} == {"on", "off"}


def test_a_year_that_is_not_booked_shows_the_newest_before_it_and_says_so(db_session: Session) -> None:
    page = ledger.accounts(Question.of(db_session, LEADER, ViewState()))
    assert {_attr(c, "data-year") for c in _with(page, "data-year")} == {"2025"}
    assert "2026年尚未入账" in _sent(page)


def test_the_board_counts_every_selected_project_once(db_session: Session) -> None:
    for viewer in (LEADER, PLANNER, PROMOTER):
        page = projects.main_view(Question.of(db_session, viewer, ViewState(view="board")))
        assert page is not None
        counts = [int(_attr(c, "data-count")) for c in _with(page, "data-group")]
        assert sum(counts) == project_summary(Question.of(db_session, viewer, ViewState())).total > 0
    narrow = ViewState(zones=("SMKX",))
    page = projects.main_view(Question.of(db_session, LEADER, narrow.with_(view="board")))
    assert page is not None
    assert sum(int(_attr(c, "data-count")) for c in _with(page, "data-group")) == len(
        project_ids(Question.of(db_session, LEADER, narrow))
    )


def test_a_dimension_counts_no_project_twice(db_session: Session) -> None:
    page = projects.lights(Question.of(db_session, LEADER, ViewState()))
    assert page is not None
    total = project_summary(Question.of(db_session, LEADER, ViewState())).total
    rows = _with(page, "data-dimension")
    assert [_attr(r, "data-dimension") for r in rows] == ["start", "progress", "funds", "library"]
    for row in rows:
        assert 0 <= sum(int(_attr(c, "data-count")) for c in _with(row, "data-count")) <= total


def test_a_hidden_project_and_an_unknown_one_get_the_same_page(db_session: Session) -> None:
    lead = db_session.scalar(
        select(m.ProjectMonth.project_id)
        .join(m.Project, m.Project.id == m.ProjectMonth.project_id)
        .where(m.Project.provenance == "demo", m.ProjectMonth.period == "2026-09", m.ProjectMonth.signed.is_(False))
        .limit(1)
    )
    assert lead is not None
    assert _with(project.body(Question.of(db_session, LEADER, ViewState()), lead), "data-project")
    for viewer in (PLANNER, PROMOTER, PROSPECT):
        hidden = project.body(Question.of(db_session, viewer, ViewState()), lead)
        assert _sent(hidden) == _sent(project.body(Question.of(db_session, viewer, ViewState()), "no-such-project"))


def test_a_milestone_done_after_the_month_is_not_done_yet(db_session: Session) -> None:
    stone = db_session.execute(
        select(m.Milestone.project_id, m.Milestone.stage, m.Milestone.done_on)
        .join(m.Project, m.Project.id == m.Milestone.project_id)
        .where(m.Project.provenance == "demo", m.Milestone.done_on.between(date(2025, 3, 1), date(2026, 6, 30)))
        .where(m.Milestone.stage.in_((90, 100, 110, 120, 140)))
        .order_by(m.Milestone.project_id, m.Milestone.stage)
        .limit(1)
    ).one()
    for period, done in (("2025-02", "0"), ("2026-09", "1")):
        page = project.body(Question.of(db_session, LEADER, ViewState(period=period)), stone.project_id)
        row = next(c for c in _with(page, "data-stage") if _attr(c, "data-stage") == str(stone.stage))
        assert _attr(row, "data-done") == done


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/project/DP-SMKX-0001", "DP-SMKX-0001"), ("/project/a/b", None), ("/projects", None), (None, None)],
)
def test_the_path_names_the_project(path: str | None, expected: str | None) -> None:
    assert project.PAGE.code_in(path) == expected
