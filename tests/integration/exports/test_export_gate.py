"""Who may take out which table, row and column; and that a selection is the one of the screens."""

from __future__ import annotations

import pytest
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.exports.extract import Extract, NotForRole, extract
from data.imports.tables import TABLES
from data.queries.projects import project_ids
from data.queries.question import Question
from data.reference import indicators
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState

LEADER, PLANNER, PROMOTER, PROSPECT = (Viewer(role) for role in Role)
DEMO = ViewState()
PROJECT_FIGURES = {"project_years", "monthly_reports", "project_facts", "contracts"}
FIRM_TABLES = {"per_mu", "enterprise_months"}


def taken(session: Session, viewer: Viewer, table: str, state: ViewState = DEMO, *, whole: bool = True) -> Extract:
    return extract(Question.of(session, viewer, state), table, whole=whole)


def column(found: Extract, name: str) -> list[object]:
    at = [f.name for f in found.fields].index(name)
    return [row[at] for row in found.rows]


def refused(session: Session, viewer: Viewer, state: ViewState = DEMO) -> set[str]:
    """Tables the role is refused."""
    found = set()
    for table in TABLES:
        try:
            taken(session, viewer, table, state)
        except NotForRole:
            found.add(table)
    return found


def test_each_role_is_refused_exactly_the_tables_made_for_others(db_session: Session) -> None:
    assert refused(db_session, LEADER) == set()
    assert refused(db_session, PLANNER) == {"leads"}
    assert refused(db_session, PROMOTER) == {"leads", *FIRM_TABLES}
    assert refused(db_session, PROSPECT) == {
        "leads", "enterprises", "chain_links", "parcels", "sites", "kpi_values", "targets", *FIRM_TABLES, *PROJECT_FIGURES,
    }  # fmt: skip


def test_published_records_are_public_and_have_no_leads(db_session: Session) -> None:
    assert refused(db_session, PROSPECT, ViewState(dataset=Dataset.PUBLISHED)) == {"leads"}


def test_leads_leave_only_with_whom_may_see_them(db_session: Session) -> None:
    month = m.ProjectMonth
    newest = select(month.project_id).where(month.period == "2026-09")
    demo = newest.join(m.Project, m.Project.id == month.project_id).where(m.Project.provenance == "demo")
    signed = set(db_session.scalars(demo.where(month.signed.is_(True))))
    unsigned = set(db_session.scalars(demo.where(month.signed.is_(False))))
    assert unsigned
    assert set(column(taken(db_session, PROMOTER, "projects"), "id")) == signed
    assert set(column(taken(db_session, LEADER, "leads"), "id")) == unsigned
    assert set(column(taken(db_session, LEADER, "projects"), "id")) >= signed | unsigned
    for table in ("milestones", "places", "monthly_reports", "sites"):
        assert set(column(taken(db_session, PROMOTER, table), "project_id")) <= signed
    links = taken(db_session, PROMOTER, "chain_links")
    named = [
        i for kind, i in zip(column(links, "entity_kind"), column(links, "entity_id"), strict=True) if kind == "project"
    ]
    assert named
    assert set(named) <= signed
    mentioned = {p for p in column(taken(db_session, PROMOTER, "contracts"), "project_id") if p}
    assert mentioned <= signed


def test_a_prospect_gets_no_vertex_no_coordinate_no_price_and_no_firm(db_session: Session) -> None:
    for table in set(TABLES) - refused(db_session, PROSPECT):
        found = taken(db_session, PROSPECT, table)
        assert found.shapes is None, table
        names = {f.name for f in found.fields}
        assert not names & {
            "lon",
            "lat",
            "geom",
            "footprint",
            "reserve_price_wan_mu",
            "enterprise_id",
            "total_investment_wan",
        }
    assert taken(db_session, PROSPECT, "projects").rows == ()
    assert "rent_yuan_m2_month" in {f.name for f in taken(db_session, PROSPECT, "units").fields}


def test_a_reserve_price_leaves_with_planners_but_not_with_promoters(db_session: Session) -> None:
    names = {viewer.role: {f.name for f in taken(db_session, viewer, "plots").fields} for viewer in (PLANNER, PROMOTER)}
    assert "reserve_price_wan_mu" in names[Role.PLANNER]
    assert names[Role.PLANNER] - names[Role.PROMOTER] == {"reserve_price_wan_mu"}
    said = " ".join(text for _label, text in taken(db_session, PROMOTER, "plots").about.entries)
    assert "起始价(万元/亩)" in said


def test_figures_made_of_single_firms_leave_only_with_whom_may_see_firms(db_session: Session) -> None:
    everything = set(column(taken(db_session, LEADER, "kpi_values"), "kpi_id"))
    open_ = taken(db_session, PROMOTER, "kpi_values")
    assert {"K04", "K08", "K10"} <= everything
    assert set(column(open_, "kpi_id")) == everything - {k.id for k in indicators().values() if k.firm_figures}
    assert any("泄露单户" in text for _label, text in open_.about.entries)


def test_military_land_never_leaves(db_session: Session) -> None:
    land = {
        "landuse_scheme": "YDYH2023",
        "area_m2": 1,
        "geom": shapely.box(104, 30.4, 104.001, 30.401),
        "datum": "CGCS2000",
    }
    db_session.add(m.LandParcel(id="M1", status_code="1501", zone_code="CDKXC", provenance="official", **land))
    db_session.add(
        m.LandParcel(id="M2", status_code="0701", plan_code="150101", zone_code="CDKXC", provenance="official", **land)
    )
    db_session.add(m.LandParcel(id="M3", status_code="0701", zone_code="CDKXC", provenance="official", **land))
    db_session.flush()
    assert column(taken(db_session, LEADER, "parcels", ViewState(dataset=Dataset.OWN)), "id") == ["M3"]


@pytest.mark.parametrize("viewer", [LEADER, PROMOTER])
@pytest.mark.parametrize(
    "state",
    [
        DEMO,
        ViewState(chains=("IC",), zones=("XYDIT", "WLKJC")),
        ViewState(lights=("red", "grey"), period="2025-06"),
        ViewState(districts=("510116",), kinds=("B",)),
        ViewState(scheme="wenjiang"),
    ],
)
def test_a_selection_is_the_one_of_the_screens(db_session: Session, viewer: Viewer, state: ViewState) -> None:
    found = taken(db_session, viewer, "projects", state, whole=False)
    assert column(found, "id") == project_ids(Question.of(db_session, viewer, state))
    assert set(column(taken(db_session, viewer, "milestones", state, whole=False), "project_id")) <= set(
        column(found, "id")
    )


def test_a_selection_ends_at_its_month_and_stays_in_its_scheme(db_session: Session) -> None:
    state = ViewState(period="2025-06", zones=("SMKX",))
    reports = taken(db_session, LEADER, "monthly_reports", state, whole=False)
    assert max(str(p) for p in column(reports, "period")) == "2025-06"
    assert set(column(taken(db_session, LEADER, "parcels", state, whole=False), "zone_code")) == {"SMKX"}
    assert column(taken(db_session, LEADER, "zones", state, whole=False), "code") == ["SMKX"]
    assert column(taken(db_session, LEADER, "boundaries", state, whole=False), "code") == ["510116", "510118"]
    years = taken(db_session, LEADER, "per_mu", state, whole=False)
    assert max(int(str(y)) for y in column(years, "year")) <= 2025


def test_an_export_says_what_it_is_and_what_does_not_restrict_it(db_session: Session) -> None:
    state = ViewState(zones=("SMKX",), chains=("DRUG",), lights=("red",))
    said = dict(taken(db_session, LEADER, "enterprises", state, whole=False).about.entries)
    assert said["数据集"] == "演示数据"
    assert said["数据月份"] == "2026-09"
    assert said["筛选"] == "园区: 生命科学创新区(SMKX); 产业链: 创新药(含中医药)(DRUG); 亮灯: 红灯"
    assert said["口径"].startswith("在地")
    notes = [
        text
        for label, text in taken(db_session, LEADER, "enterprises", state, whole=False).about.entries
        if label == "说明"
    ]
    assert "以下条件不影响本表:亮灯" in notes
    english = dict(extract(Question.of(db_session, LEADER, state), "enterprises", language="en").about.entries)
    assert english["Data set"] == "Demo data"
