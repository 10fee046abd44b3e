"""Under a header that says 双计 no total stands as if it were one: it is 不可加, or says the scope it is told in."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
from dash import html
from dash.development.base_component import Component
from sqlalchemy.orm import Session

from api import accounts, answers
from api.asked import Asked
from callbacks.map import map_context
from data.queries.attribution import attribution_rows
from data.queries.explain import explain, explain_xlsx
from data.queries.idle_land import idle_list
from data.queries.kpis import figures
from data.queries.projects import project_summary
from data.queries.question import Question
from domain.filters import Facet
from domain.viewer import Role, Viewer
from domain.viewstate import Scope, ViewState
from layers.style import drawing, label_figures
from tests.support.own_data import SHUANGLIU
from views.pages import ledger, projects, wall
from views.parts import explain_drawer, land_blocks, park_activity, park_numbers
from views.parts.project_table import project_table
from views.parts.zone_card import STRIP, area_line, strip

LEADER = Viewer(Role.LEADERSHIP)
DUAL, PLAIN = ViewState(scope=Scope.DUAL), ViewState()


def texts(component: object) -> list[str]:
    if isinstance(component, list | tuple):
        return [text for child in component for text in texts(child)]
    if isinstance(component, Component):
        return texts(getattr(component, "children", None))
    return [str(component)] if isinstance(component, str | int | float) else []


def classed(component: Component, name: str) -> list[str]:
    found = [c for c in component._traverse() if name in str(getattr(c, "className", "") or "").split()]
    return ["".join(texts(c)) for c in found]


def _asides(question: Question) -> dict[str, str]:
    """The line of each block that has sums: what the reader sees beside its title."""
    zone = question.known.zones["SMKX"]
    blocks: dict[str, Component] = {
        "wall projects": wall.overview(question).children[0],
        "wall carriers": wall._carriers(question),
        "park projects": park_activity.projects(question.with_(zones=("SMKX",)), zone),
        "board": projects.life_board(question, html.Div()),
    }
    asides = {name: "".join(texts(part)) for name, part in blocks.items()}
    asides["table"] = "".join(texts(project_table(question, project_summary(question)).children[0]))
    asides["idle"] = "".join(texts(land_blocks.idle(question, idle_list(question))))
    asides["land"] = "".join(texts(park_numbers.land_mix(question, zone)))
    return asides


def test_every_block_with_sums_of_records_says_that_they_are_territorial(db_session: Session) -> None:
    said = _asides(Question.of(db_session, LEADER, DUAL))
    assert [name for name, text in said.items() if "在地口径" not in text] == []
    quiet = _asides(Question.of(db_session, LEADER, PLAIN))
    assert [name for name, text in quiet.items() if "在地口径" in text] == []


def _label_units(question: Question) -> dict[str, str]:
    drawn = drawing(question.state, question.viewer, map_context(question, "wall"), "wall")
    return {code: label["unit"] for code, label in label_figures(drawn).items()}


def test_labels_and_cards_of_zones_say_the_scope_of_their_figure(db_session: Session) -> None:
    question = Question.of(db_session, LEADER, DUAL)
    assert set(_label_units(question).values()) == {"亿元 · 在地"}
    assert set(_label_units(Question.of(db_session, LEADER, PLAIN)).values()) == {"亿元"}
    heads = classed(wall.zone_cards(question), "card-head")
    assert len(heads) == 5
    assert all(head.endswith(("在地核", "在地区")) for head in heads)
    assert not any(
        "在地" in head for head in classed(wall.zone_cards(Question.of(db_session, LEADER, PLAIN)), "card-head")
    )


def test_a_figure_that_follows_the_scope_says_so_where_its_card_is_territorial(db_session: Session) -> None:
    question = Question.of(db_session, LEADER, DUAL.with_(districts=(SHUANGLIU,)))
    assert _label_units(question)["SMKX"] == "亿元", "the page says 双计 and the figure is"
    cards = classed(wall.zone_cards(question), "card-name-small")
    assert "双计 · 固定资产投资" in cards
    found = figures(question, STRIP, zones=("SMKX",))
    values = classed(strip(found, question.at.period, "SMKX"), "strip-value")
    assert {text.endswith("双计") for text, kpi in zip(values, STRIP, strict=True) if kpi in ("K01", "K04")} == {True}


def test_the_drawer_says_the_scope_that_its_total_is_told_in(db_session: Session) -> None:
    for state, word in ((DUAL, "在地口径"), (DUAL.with_(districts=(SHUANGLIU,)), "双计口径")):
        question = Question.of(db_session, LEADER, state)
        found = explain(question, "K01", ("SMKX",))
        assert found.total is not None
        head = "".join(texts(explain_drawer._head(found)))
        assert word in head
    found = explain(Question.of(db_session, LEADER, DUAL), "K01")
    body = explain_drawer.explain_body(Question.of(db_session, LEADER, DUAL), found, 0)
    assert "不可加" in texts(body)


def test_the_workbook_says_the_scope_of_its_total_and_that_of_its_division(db_session: Session) -> None:
    book = openpyxl.load_workbook(io.BytesIO(explain_xlsx(Question.of(db_session, LEADER, DUAL), "K01")))
    about = {row[0]: row[1] for row in book["说明"].iter_rows(values_only=True)}
    assert (about["口径"], about["归属与依据"]) == ("在地", "双计")
    total = [row for row in book["归属与依据"].iter_rows(values_only=True) if row[1] == "合计"]
    assert [row[2] for row in total] == ["—（双计，不可加）"]


def test_records_of_the_ledger_have_no_sum_in_dual(db_session: Session) -> None:
    page = attribution_rows(Question.of(db_session, LEADER, DUAL), "K01")
    assert page.total > 0
    assert (page.amount, page.amount_reason) == (None, "dual")
    said = "".join(texts(ledger.records(Question.of(db_session, LEADER, DUAL))))
    assert "合计 不可加" in said
    assert "万元" not in said.partition("不可加")[0]
    plain = attribution_rows(Question.of(db_session, LEADER, PLAIN), "K01")
    assert plain.amount is not None
    assert plain.amount_reason is None


def test_the_api_has_no_total_in_dual_and_says_why_and_each_figure_says_its_scope(db_session: Session) -> None:
    def asked(search: str, *, scoped: bool) -> Asked:
        return Asked.understood(db_session, LEADER, search, facets=frozenset(Facet), own=(), scoped=scoped)

    found = accounts.attribution(asked("scope=dual", scoped=True), page=1, limit=5, records="all", restate="no")
    split, records = found.split, found.records
    assert split is not None
    assert records is not None
    assert (split.total, split.records_total, split.reason) == (None, None, "dual")
    assert {(zone.total, zone.records_total) for zone in split.zones} == {(None, None)}
    assert (records.amount, records.amount_reason, records.reason) == (None, "dual", None)
    plain = accounts.attribution(asked("", scoped=True), page=1, limit=5, records="all", restate="no")
    assert plain.split is not None
    assert plain.records is not None
    assert plain.split.total == plain.split.records_total == plain.records.amount
    assert plain.records.amount_reason is None

    whole = answers.park_kpis(asked("scope=dual", scoped=False), code="SMKX")
    assert {figure.scope for figure in whole.kpis} == {"territorial"}
    part = answers.park_kpis(asked(f"scope=dual&district={SHUANGLIU}", scoped=False), code="SMKX")
    assert {figure.id: figure.scope for figure in part.kpis}["K01"] == "dual"
    assert [note.code for note in part.meta.notes if note.code == "scope_not_answered"] == ["scope_not_answered"]


def test_the_total_of_the_accounts_says_that_it_follows_no_scope(db_session: Session) -> None:
    heads = {}
    for name, state in (("dual", DUAL), ("plain", PLAIN)):
        tables = [
            c for c in ledger.accounts(Question.of(db_session, LEADER, state))._traverse() if isinstance(c, html.Th)
        ]
        heads[name] = {text for text in ("".join(texts(head)) for head in tables) if text.startswith("合计")}
    assert heads == {"dual": {"合计 · 内部账,不随口径"}, "plain": {"合计"}}


def test_an_outline_drawn_to_the_published_area_does_not_say_it_again_as_if_measured(db_session: Session) -> None:
    question = Question.of(db_session, LEADER, PLAIN)
    drawn = [z for z in question.known.scheme_zones(question.at.scheme) if z.is_schematic and z.current_area]
    assert drawn
    for zone in drawn:
        line = "".join(texts(area_line(question.known, zone)))
        assert "按公布面积绘制" in line
        assert "图上" not in line
    measured = replace(drawn[0], is_schematic=False)
    assert "图上" in "".join(texts(area_line(question.known, measured)))
