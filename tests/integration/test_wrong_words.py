"""What a screen says is what is so: withheld is not none, unknown is not zero, zero is neither up nor down."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from dash import html
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from api import answers, asked, endpoints
from data import models as m
from data.db import READING
from data.queries.attribution import split
from data.queries.catalogue import catalogue
from data.queries.entities import entity_card
from data.queries.explain import explain, explain_xlsx
from data.queries.kpis import Figure, figures
from data.queries.per_mu import ParkFigure, ReferenceLine
from data.queries.projects import project_summary
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState
from tests.support.own_data import OWN, OwnData
from views import shell
from views.pages import ledger, park, projects, wall
from views.parts import explain_drawer, park_facts, per_mu_blocks
from views.parts.entity_card import entity_panel
from views.parts.figure_tile import change

LEADER, PLANNER, PROMOTER = Viewer(Role.LEADERSHIP), Viewer(Role.PLANNER), Viewer(Role.PROMOTER)


def texts(component: object) -> list[str]:
    """Everything a component says, in order."""
    if isinstance(component, str | int | float):
        return [str(component)]
    if isinstance(component, list | tuple):
        return [t for c in component for t in texts(c)]
    return texts(getattr(component, "children", None)) if isinstance(component, Component) else []


def said(component: object) -> str:
    return " ".join(texts(component))


def classed(component: Component, name: str) -> list[Component]:
    return [c for c in component._traverse() if name in str(getattr(c, "className", "") or "").split()]


def whole(component: Component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


# --- what a filter cannot be followed by ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "kpi", "words"),
    [
        (ViewState(lights=("red",)), "K04", "不随红黄绿灯筛选"),
        (ViewState(chains=("IC",), lights=("red",), kinds=("A",)), "K04", "不随红黄绿灯、跨区类型筛选"),
        (ViewState(districts=("510116",)), "K05", "不随行政区筛选"),
        (ViewState(chains=("IC",), stages=("building",)), "K05", "不随产业链、阶段筛选"),
        (ViewState(districts=("510116",)), "K51", "不随行政区筛选"),
    ],
)
def test_a_figure_names_the_facets_it_cannot_follow(
    db_session: Session, state: ViewState, kpi: str, words: str
) -> None:
    figure = figures(Question.of(db_session, LEADER, state), (kpi,))[kpi]
    assert figure.value is None
    assert words in said(wall.figure_tile(figure, "2026-09", "wall"))


def test_carriers_name_the_facet_they_cannot_follow(db_session: Session) -> None:
    column = said(wall.overview(Question.of(db_session, LEADER, ViewState(lights=("red",), districts=("510116",)))))
    assert "不随红黄绿灯筛选" in column
    assert "不随产业链筛选" not in column
    assert "不随" not in said(wall.overview(Question.of(db_session, LEADER, ViewState(districts=("510116",)))))


def test_chains_on_the_wall_say_that_they_do_not_follow_a_light(db_session: Session) -> None:
    assert "不随红黄绿灯筛选" in said(wall.chain_strengths(Question.of(db_session, LEADER, ViewState(lights=("red",)))))
    assert "不随" not in said(wall.chain_strengths(Question.of(db_session, LEADER, ViewState(chains=("IC",)))))


def test_a_split_that_cannot_follow_names_the_facet_wherever_it_is_shown(db_session: Session) -> None:
    state = ViewState(lights=("red",), kpi="K04")
    column, audit = (
        wall.overview(Question.of(db_session, LEADER, state)),
        ledger.audit(Question.of(db_session, LEADER, state)),
    )
    for block in (column, audit, ledger.records(Question.of(db_session, LEADER, state))):
        assert "不随红黄绿灯筛选" in said(block)
        assert "不随筛选变化" not in said(block)


# --- a change that is printed as zero -------------------------------------------------------------------------------------


def _figure(session: Session, **changes: object) -> Figure:
    return replace(figures(Question.of(session, LEADER, ViewState()), ("K01",))["K01"], **changes)


@pytest.mark.parametrize(
    ("yoy", "text", "look"),
    [
        (Fraction(-4, 10_000), "0.0%", "quiet"),
        (Fraction(4, 10_000), "0.0%", "quiet"),
        (Fraction(0), "0.0%", "quiet"),
        (Fraction(-5, 10_000), "▼−0.1%", ""),
        (Fraction(5, 10_000), "▲+0.1%", ""),
        (None, "—", "quiet"),
    ],
)
def test_a_change_printed_as_zero_has_no_arrow_and_no_colour(
    db_session: Session, yoy: Fraction | None, text: str, look: str
) -> None:
    shown = change(_figure(db_session, yoy=yoy, yoy_kind="growth")).children[0]
    assert (said(shown).replace(" ", ""), shown.className) == (text, look)


def test_a_park_that_prints_the_same_as_the_average_is_neither_above_nor_below() -> None:
    def mark(value: float) -> str:
        line = ReferenceLine("tax_per_mu", "province", 38.40, "2024", "测试")
        return said(per_mu_blocks._park_cell(ParkFigure("SMKX", "tax_per_mu", None, value, 1.0, 1.0, 5), line))

    assert mark(38.36) == "38.4"
    assert mark(38.44) == "38.4"
    assert mark(38.5) == "38.5 ▲"
    assert mark(38.2) == "38.2 ▼"


@pytest.mark.parametrize(("percents", "words"), [(3.21, "增 3.2%"), (-1.5, "降 1.5%"), (0.04, "持平"), (-0.04, "持平")])
def test_a_published_rate_says_up_down_or_level(percents: float, words: str) -> None:
    fact = {"growth_pct": percents, "value_text": "5", "unit": "亿元", "period": "2024", "as_of": None,
            "source": None, "scope_note": None, "note": None, "doubt": None}  # fmt: skip
    assert words in texts(park_facts._row(fact, ["产值"]))


# --- what a role may only count ---------------------------------------------------------------------------------------------


@pytest.fixture
def leads(db_session: Session) -> int:
    """How many projects before signing the demo set has at its newest month."""
    count = db_session.scalar(
        select(func.count())
        .select_from(m.ProjectMonth)
        .join(m.Project, m.Project.id == m.ProjectMonth.project_id)
        .where(
            m.Project.provenance == "demo",
            m.ProjectMonth.period == "2026-09",
            m.ProjectMonth.signed.is_(False),
            m.Project.zone_code.in_(catalogue(db_session).resolve(ViewState()).zones),
        )
    )
    assert count
    return count


@pytest.mark.parametrize("viewer", [PLANNER, PROMOTER])
def test_withheld_leads_are_a_dash_and_the_reason_in_every_list_of_stages(
    db_session: Session, viewer: Viewer, leads: int
) -> None:
    state, words = ViewState(), f"另有签约前项目 {leads} 个,只计数"
    column = wall.overview(Question.of(db_session, viewer, state))
    cell = classed(column, "stage--lead")[0]
    assert texts(cell)[:2] == ["—", "谋划在谈"]
    assert cell.title == words
    assert words in said(column)
    board = next(c for c in projects.life_board(Question.of(db_session, viewer, state), html.Div())._traverse()
                 if getattr(c, "data-group", None) == "lead")  # fmt: skip
    assert texts(board)[:2] == ["谋划在谈", "—"]
    assert words in said(board)
    seen = wall.overview(Question.of(db_session, LEADER, state))
    assert texts(classed(seen, "stage--lead")[0])[:2] == [str(leads), "谋划在谈"]


def test_withheld_leads_are_a_dash_on_a_park_page(db_session: Session) -> None:
    page = park.page(Question.of(db_session, PLANNER, ViewState()), "SMKX")
    assert (
        project_summary(Question.of(db_session, PLANNER, ViewState(zones=("SMKX",)))).hidden_leads is None
    )  # one or two
    assert texts(classed(page, "stage-part--lead")[0]) == ["—", "谋划在谈"]
    assert "签约前项目不向当前角色列出;件数过少或已筛选时也不计数" in said(page)


def test_a_count_of_projects_without_leads_says_so(db_session: Session, leads: int) -> None:
    assert f"另有签约前项目 {leads} 个,只计数" in said(
        wall.table_of(Question.of(db_session, PLANNER, ViewState(table=True)))
    )
    assert "签约前" not in said(wall.table_of(Question.of(db_session, LEADER, ViewState(table=True))))
    cards = said(wall.zone_cards(Question.of(db_session, PLANNER, ViewState())))
    assert "签约后项目" in cards
    assert "签约后项目" not in said(wall.zone_cards(Question.of(db_session, LEADER, ViewState())))


def test_asking_for_withheld_leads_alone_says_that_they_are_withheld(db_session: Session, leads: int) -> None:
    state = ViewState(stages=("lead",), table=True)
    words = f"{leads} 个签约前项目只计数,不向当前角色列出"
    assert words in said(projects.answer(Question.of(db_session, PLANNER, state)))
    assert words in whole(wall.table_of(Question.of(db_session, PLANNER, state)))
    assert "没有符合筛选的项目" not in said(projects.answer(Question.of(db_session, PLANNER, state)))


def test_the_api_answers_null_for_a_group_it_withholds(db_session: Session, leads: int) -> None:
    endpoint = next(e for e in endpoints.ENDPOINTS if e.name == "summary")

    def counts(viewer: Viewer) -> dict[str, int | None]:
        request = asked.Asked.understood(db_session, viewer, "", facets=endpoint.facets, own=())
        found = answers.summary(request).projects
        assert found is not None
        return dict(found.groups)

    assert counts(PLANNER)["lead"] is None
    assert counts(LEADER)["lead"] == leads


def test_a_split_of_no_records_is_unknown_and_not_zero(db_session: Session) -> None:
    found = split(Question.of(db_session, PLANNER, ViewState(stages=("lead",))), "K01")
    assert (found.total, found.reason) == (None, "no_records")
    column = said(wall.overview(Question.of(db_session, PLANNER, ViewState(stages=("lead",)))))
    assert "筛选内无记录" in column
    assert "合计 0.0" not in re.sub(r"\s+", " ", column)


# --- data sets without a month, and without anything ---------------------------------------------------------------------------


def _status(session: Session, dataset: Dataset) -> str:
    return said(shell.status_line(Question.of(session, LEADER, ViewState(dataset=dataset)), None))


def _refresh(session: Session) -> None:
    """A new data version, as every import makes one."""
    row = session.get(m.Meta, "data_version")
    assert row is not None
    row.value = str(int(row.value) + 10**6)
    session.flush()
    session.info.pop(READING, None)


def test_the_header_names_a_month_only_over_data_by_month(db_session: Session) -> None:
    assert "2026-09" in _status(db_session, Dataset.DEMO)
    for dataset in (Dataset.PUBLISHED, Dataset.OWN):
        assert "2026" not in _status(db_session, dataset)
    assert "还没有数据" in _status(db_session, Dataset.OWN)


def test_land_of_ones_own_without_a_monthly_figure_has_no_month_in_the_header(db_session: Session) -> None:
    own = OwnData(db_session)
    own.add(m.Platform(id="OWN-P", name_zh="自有平台", zone_code="SMKX", provenance=OWN, category="industry",
                       position_is_schematic=False, source="test"))  # fmt: skip
    _refresh(db_session)
    assert "没有月度数据" in _status(db_session, Dataset.OWN)
    assert "2026" not in _status(db_session, Dataset.OWN)
    own.project("OWN-1", signed=date(2024, 3, 5))
    own.state()
    _refresh(db_session)
    assert "2026-09" in _status(db_session, Dataset.OWN)


def test_the_panel_of_the_header_offers_no_month_where_there_is_none(db_session: Session) -> None:
    def offered(dataset: Dataset) -> list[str]:
        panel = shell.context_panel(Question.of(db_session, LEADER, ViewState(dataset=dataset)))
        return re.findall(r'"aria-label": "(\d{4}-\d\d)"', whole(html.Div(panel)))

    assert offered(Dataset.DEMO)[:2] == ["2026-01", "2026-02"]
    assert "2026-09" in offered(Dataset.DEMO)
    for dataset in (Dataset.PUBLISHED, Dataset.OWN):
        assert offered(dataset) == []


def test_an_empty_set_does_not_ask_to_clear_a_filter_that_is_not_set(db_session: Session) -> None:
    plain, filtered = ViewState(dataset=Dataset.OWN), ViewState(dataset=Dataset.OWN, lights=("red",))
    board = said(projects.answer(Question.of(db_session, LEADER, plain)))
    assert "清除部分筛选" not in board
    assert "符合筛选" not in board
    assert "本数据集没有项目" in board
    assert "没有符合筛选的项目 清除部分筛选再看" in said(projects.answer(Question.of(db_session, LEADER, filtered)))
    smkx = park.page(Question.of(db_session, LEADER, plain), "SMKX")
    assert "符合筛选" not in said(smkx)
    assert "筛选条件" not in said(smkx)
    assert "自有数据还没有记录" in said(smkx)


def test_an_empty_set_has_no_counts_of_nothing_on_the_wall(db_session: Session) -> None:
    question = Question.of(db_session, LEADER, ViewState(dataset=Dataset.OWN))
    assert said(wall.overview(question)) == ""  # the left column says what is missing and what to do
    assert "还没有" in said(wall.headline(question))
    cards = wall.zone_cards(Question.of(db_session, LEADER, ViewState(dataset=Dataset.OWN)))
    assert [texts(c) for c in classed(cards, "card-name-small")] == [["图上面积"]] * 5  # the one figure that is known


# --- names of things --------------------------------------------------------------------------------------------------------


def test_the_class_of_a_plot_on_offer_is_planned_and_not_its_use_now(db_session: Session) -> None:
    plot = db_session.scalars(select(m.Plot).where(m.Plot.provenance == "demo").order_by(m.Plot.id)).first()
    assert plot is not None
    card = entity_card(Question.of(db_session, LEADER, ViewState()), "plot", plot.id)
    assert card is not None
    words = said(entity_panel(catalogue(db_session), card))
    assert f"规划用地 {plot.landuse_code}" in words
    assert "现状用地" not in words


def test_a_month_without_the_month_before_says_why_in_words(db_session: Session) -> None:
    db_session.execute(
        delete(m.KpiValue).where(
            m.KpiValue.kpi_id == "K04", m.KpiValue.period == "2026-05", m.KpiValue.unit_code == "SMKX",
            m.KpiValue.provenance == "demo",
        )
    )  # fmt: skip
    state = ViewState(zones=("SMKX",))
    found = explain(Question.of(db_session, LEADER, state), "K04")
    june = next(r for r in found.months if r.label == "2026-06")
    assert (june.value, june.reason) == (None, "no_previous_ytd")
    body = said(explain_drawer.explain_body(Question.of(db_session, LEADER, state), found, 0))
    assert "上月累计未报,算不出当月" in body
    assert "no_previous_ytd" not in body
    for language, words in (("zh", "上月累计未报,算不出当月"), ("en", "No cumulative figure for the month before")):
        book = zipfile.ZipFile(
            io.BytesIO(explain_xlsx(Question.of(db_session, LEADER, state), "K04", language=language))
        )
        strings = book.read("xl/sharedStrings.xml").decode("utf-8")
        assert words in strings
        assert "no_previous_ytd" not in strings
