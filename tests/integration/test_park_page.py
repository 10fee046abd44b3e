"""The park page: it builds for every zone, data set and role, and its numbers are those of the records."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder
from sqlalchemy.orm import Session

from callbacks.map import fill
from data.queries.attribution import split
from data.queries.catalogue import catalogue
from data.queries.kpis import HEADLINE, figures
from data.queries.park import park_agreements, platform_list, reporting, zone_series
from data.queries.question import Question
from domain.units import exact
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, Scope, ViewState
from views.pages import park
from views.parts.park_activity import GRID_ID
from views.parts.zone_card import STRIP

LEADER = Viewer(Role.LEADERSHIP)
ZONES = ("CDKXC", "XJJHL", "SMKX", "WLKJC", "XYDIT")


def _page(session: Session, viewer: Viewer, state: ViewState, code: str) -> Component:
    question = Question.of(session, viewer, state)
    page = park.page(question, code)
    fill(page, question, f"/park/{code}")
    return page


def _json(component: Component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def _ids(component: Component) -> list[str]:
    return [str(c.id) for c in component._traverse() if getattr(c, "id", None)]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("dataset", list(Dataset))
def test_every_zone_builds_for_every_data_set_and_role(db_session: Session, dataset: Dataset, role: Role) -> None:
    for zone in catalogue(db_session).zones.values():
        if zone.is_area:
            page = _page(db_session, Viewer(role), ViewState(dataset=dataset), zone.code)
            ids = _ids(page)
            assert len(ids) == len(set(ids)), "an id occurs twice"
            assert {"map", "park-tiles", "park-trend", "park-notes", "legend"} <= set(ids)


@pytest.mark.parametrize(
    "state",
    [
        ViewState(chains=("DRUG",), kpi="K04", scope=Scope.SHARED),
        ViewState(scope=Scope.DUAL, kpi="K54", landuse="plan"),
        ViewState(stages=("ended",), lights=("red",), kinds=("A",), districts=("510118",)),
        ViewState(period="2022-01", kpi="K05"),
        ViewState(selection="project:no-such-project", zones=("XYDIT",), layers=("none",)),
    ],
    ids=["chain", "dual", "nothing-left", "first-january", "unknown-project"],
)
def test_any_state_builds(db_session: Session, state: ViewState) -> None:
    _page(db_session, LEADER, state, "SMKX")


def test_the_co_built_park_names_its_districts_and_parties_with_the_ratio_marked_as_an_example(
    db_session: Session,
) -> None:
    text = _json(_page(db_session, LEADER, ViewState(), "SMKX"))
    for word in ("双流区", "新津区", "成都高新区", "主导", "共建", "示例", "自 2016-03", "公布", "图上"):
        assert word in text


def test_an_example_ratio_belongs_to_the_demo_data_set_only(db_session: Session) -> None:
    assert park_agreements(Question.of(db_session, LEADER, ViewState()), "SMKX")
    for dataset in (Dataset.PUBLISHED, Dataset.OWN):
        assert park_agreements(Question.of(db_session, LEADER, ViewState(dataset=dataset)), "SMKX") == ()


def test_the_path_decides_the_zone_and_the_zone_facet_does_not(db_session: Session) -> None:
    known = catalogue(db_session)
    zone = known.zones["SMKX"]
    here = park.of_park(Question.of(db_session, LEADER, ViewState(zones=("XYDIT", "CDKXC"))), zone)
    assert here.state.zones == ("SMKX",)
    other = known.zones["CDKXC"]
    assert park.zone_of(known, "/park/CDKXC") == other
    assert park.zone_of(known, "/park/NOWHERE") is None
    assert park.zone_of(known, "/") is None


def test_a_park_of_another_scheme_is_asked_in_its_own_scheme(db_session: Session) -> None:
    known = catalogue(db_session)
    zone = next(z for z in known.zones.values() if z.scheme != known.default_scheme and z.is_area)
    assert park.of_park(Question.of(db_session, LEADER, ViewState()), zone).at.scheme == zone.scheme
    assert all(z.is_area or park.zone_of(known, f"/park/{z.code}") is None for z in known.zones.values())


def test_the_published_page_holds_no_demo_record_and_no_total_of_investments(db_session: Session) -> None:
    text = _json(_page(db_session, LEADER, ViewState(dataset=Dataset.PUBLISHED), "SMKX"))
    assert "演示·" not in text
    assert "投资不合计" in text


def test_published_facts_stand_beside_the_demo_data_each_with_its_source(db_session: Session) -> None:
    text = _json(_page(db_session, LEADER, ViewState(), "SMKX"))
    assert "治理事实" in text
    assert "paper.wenweipo.com" in text


def test_a_prospect_gets_no_total_and_the_reason(db_session: Session) -> None:
    guest = Viewer(Role.PROSPECT)
    page = _page(db_session, guest, ViewState(), "SMKX")
    assert "园区汇总数据在客户模式下不提供" in _json(page)
    assert GRID_ID not in _ids(page)
    assert "trend-graph" not in _ids(page)
    assert reporting(Question.of(db_session, guest, ViewState()), "SMKX") is None
    assert zone_series(Question.of(db_session, guest, ViewState()), "K01", "SMKX").reason == "withheld"


@pytest.mark.parametrize("kpi", sorted({*HEADLINE, *STRIP} - {"K05", "K53"}))
def test_five_parks_make_the_science_city_for_every_additive_figure(db_session: Session, kpi: str) -> None:
    parts = [figures(Question.of(db_session, LEADER, ViewState()), (kpi,), zones=(z,))[kpi].value for z in ZONES]
    whole = figures(Question.of(db_session, LEADER, ViewState()), (kpi,), zones=ZONES)[kpi]
    assert whole.reason is None
    assert sum(exact(p) for p in parts if p is not None) == exact(whole.value)


@pytest.mark.parametrize("kpi", ["K03", "K36", "K37", "K53"])
def test_a_ratio_of_the_science_city_is_recomputed_from_sums(db_session: Session, kpi: str) -> None:
    parts = [figures(Question.of(db_session, LEADER, ViewState()), (kpi,), zones=(z,))[kpi] for z in ZONES]
    whole = figures(Question.of(db_session, LEADER, ViewState()), (kpi,), zones=ZONES)[kpi]
    top = sum(exact(p.numerator) for p in parts if p.value is not None)
    bottom = sum(exact(p.denominator) for p in parts if p.value is not None)
    assert exact(whole.value) == Fraction(top, bottom) * 100


def test_official_growth_has_no_value_for_the_science_city(db_session: Session) -> None:
    assert figures(Question.of(db_session, LEADER, ViewState()), ("K05",), zones=("SMKX",))["K05"].value is not None
    whole = figures(Question.of(db_session, LEADER, ViewState()), ("K05",), zones=ZONES)["K05"]
    assert (whole.value, whole.reason) == (None, "not_derivable")


def test_the_trend_ends_with_the_figure_of_the_tile_and_its_months_add_up(db_session: Session) -> None:
    tile = figures(Question.of(db_session, LEADER, ViewState()), ("K01",), zones=("SMKX",))["K01"]
    series = zone_series(Question.of(db_session, LEADER, ViewState()), "K01", "SMKX")
    assert series.points[-1].period == "2026-09"
    assert series.points[-1].value == exact(tile.value)
    this_year = [p for p in series.months if p.period.startswith("2026")]
    assert (this_year[0].period, this_year[0].months) == ("2026-02", 2)
    assert sum(p.value for p in this_year) == tile.value
    assert not any(p.period.endswith("-01") for p in series.points)
    due = dict(series.due)["2026-09"]
    assert due == exact(tile.target) * tile.due


def test_the_trend_stops_at_the_month_on_screen_and_a_ratio_has_no_month_values(db_session: Session) -> None:
    early = zone_series(Question.of(db_session, LEADER, ViewState(period="2024-05")), "K04", "SMKX")
    assert early.points[-1].period == "2024-05"
    assert max(p for p, _due in early.due) == "2024-12"  # a plan is of the whole year
    ratio = zone_series(Question.of(db_session, LEADER, ViewState()), "K03", "SMKX")
    assert ratio.months == ()
    assert zone_series(Question.of(db_session, LEADER, ViewState()), "K06", "SMKX").kind == "Y"
    assert (
        zone_series(Question.of(db_session, LEADER, ViewState(dataset=Dataset.OWN)), "K01", "SMKX").reason
        == "not_reported"
    )


@pytest.mark.parametrize("scope", [Scope.TERRITORIAL, Scope.AREA, Scope.SHARED])
def test_what_the_units_count_sums_to_the_tile_in_every_additive_scope(db_session: Session, scope: Scope) -> None:
    tile = figures(Question.of(db_session, LEADER, ViewState()), ("K01",), zones=("SMKX",))["K01"]
    found = split(Question.of(db_session, LEADER, ViewState(scope=scope)), "K01", zones=("SMKX",))
    assert sum(p.amount for p in found.parts) + found.unattributed == tile.value


def test_platforms_follow_the_chain_filter_as_the_figure_does(db_session: Session) -> None:
    for state in (ViewState(), ViewState(chains=("DRUG",))):
        listed = [p for p in platform_list(Question.of(db_session, LEADER, state), "SMKX") if p["category"] != "other"]
        assert len(listed) == (
            figures(Question.of(db_session, LEADER, state), ("K51",), zones=("SMKX",))["K51"].value or 0
        )


def test_only_what_a_change_touches_is_built_again() -> None:
    by_id = {part.id: part for part in park.PAGE.parts}
    assert "scope" in by_id["park-split"].follows
    assert "scope" not in by_id["park-tiles"].follows
    assert by_id["park-drawer"].follows == {"sel", "landuse", "district", "by"}
    assert all("sel" not in part.follows for part in park.PAGE.parts if part.id != "park-drawer")
