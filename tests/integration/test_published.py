"""The published data set: what was printed, where it stands, and nothing filled in."""

from __future__ import annotations

import numpy as np
import shapely
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data.boundaries import project
from data.load import load_reference
from data.models import (
    AnchorPoint,
    CarrierBuilding,
    EntityChain,
    EntityNode,
    KpiValue,
    Platform,
    Policy,
    Project,
    ProjectMonth,
    PublishedFact,
    Zone,
)
from data.published import load_published

MINE = "published"


def test_every_row_is_loaded_with_its_source(db_session: Session) -> None:
    sizes = {
        model: db_session.scalar(select(func.count()).select_from(model).where(model.provenance == MINE))
        for model in (Project, CarrierBuilding, Platform, Policy)
    }
    assert sizes == {Project: 167, CarrierBuilding: 73, Platform: 91, Policy: 52}
    for model in sizes:
        assert not db_session.scalars(select(model.id).where(model.provenance == MINE, model.source.is_(None))).all()
    families = db_session.execute(
        select(PublishedFact.family, func.count()).group_by(PublishedFact.family).order_by(PublishedFact.family)
    )
    assert dict(families.all()) == {"fact": 41, "governance": 85, "series": 217}
    assert db_session.scalar(select(func.count()).select_from(AnchorPoint)) == 28


def test_figures_stay_as_published_and_unknown_stays_unknown(db_session: Session) -> None:
    rows = {p.name_zh: p for p in db_session.scalars(select(Project).where(Project.provenance == MINE))}
    island = rows["成都科创生态岛(原独角兽岛)"]
    assert (island.total_investment_wan, island.land_m2, island.floor_area_m2) == (None, 670_667, 1_400_000)
    airport = rows["成都天府国际机场(一期)"]
    assert airport.total_investment_wan == 7_186_400
    assert sum(p.total_investment_wan is not None for p in rows.values()) == 56
    assert not db_session.scalars(select(KpiValue.id).where(KpiValue.provenance == MINE)).all()


def test_a_thing_outside_the_zones_has_no_zone_and_says_so(db_session: Session) -> None:
    outside = db_session.scalars(
        select(Project).where(
            Project.provenance == MINE, Project.zone_code.is_(None), Project.note.contains("五区之外")
        )
    ).all()
    assert len(outside) == 29
    assert sum(p.lon is not None for p in outside) == 1  # the airport, whose runway is published
    assert not any(p.position_is_schematic for p in outside)


def test_without_coordinates_a_thing_stands_inside_its_zone_and_is_schematic(db_session: Session) -> None:
    zones = {z.code: z.geom for z in db_session.scalars(select(Zone).where(Zone.scheme_id == "wcsc"))}
    for model in (Project, CarrierBuilding, Platform):
        for row in db_session.scalars(select(model).where(model.provenance == MINE, model.position_is_schematic)):
            assert zones[row.zone_code].contains(shapely.Point(row.lon, row.lat)), row.name_zh
    known = db_session.scalars(
        select(Project.name_zh).where(
            Project.provenance == MINE, Project.lon.is_not(None), ~Project.position_is_schematic
        )
    )
    assert len(known.all()) == 4


def test_schematic_places_keep_apart(db_session: Session) -> None:
    points = [
        project(shapely.Point(row.lon, row.lat), "EPSG:4544")
        for model in (Project, CarrierBuilding, Platform)
        for row in db_session.scalars(select(model).where(model.provenance == MINE, model.position_is_schematic))
    ]
    xy = np.array([(p.x, p.y) for p in points])
    gaps = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, np.inf)
    assert gaps.min() > 100


def test_a_named_locating_point_draws_a_thing_near_it(db_session: Session) -> None:
    lake = project(shapely.Point(104.07389, 30.40769), "EPSG:4544")
    near = db_session.scalars(
        select(Project).where(Project.provenance == MINE, Project.note.contains("位置：兴隆湖"))
    ).all()
    assert near
    for row in near:
        assert project(shapely.Point(row.lon, row.lat), "EPSG:4544").distance(lake) < 950


def test_places_do_not_depend_on_when_they_are_drawn(db_session: Session, empty_engine: Engine) -> None:
    with Session(empty_engine) as session:
        load_reference(session)
        load_published(session)
        again = {p.id: (p.lon, p.lat) for p in session.scalars(select(Project))}
    first = {p.id: (p.lon, p.lat) for p in db_session.scalars(select(Project).where(Project.provenance == MINE))}
    assert again == first


def test_a_chain_is_linked_without_a_node_and_other_is_not_linked(db_session: Session) -> None:
    links = db_session.execute(
        select(EntityChain.chain_code, func.count())
        .where(EntityChain.entity_kind == "project")
        .group_by(EntityChain.chain_code)
    )
    assert dict(links.all()) == {
        "IC": 19, "DRUG": 16, "DISP": 13, "MEDD": 8, "TERM": 7, "AI": 4, "SAT": 4, "AERO": 2,
    }  # fmt: skip
    nodes = select(EntityNode.entity_id).join(Project, Project.id == EntityNode.entity_id)
    assert not db_session.scalars(nodes.where(Project.provenance == MINE)).all()


def test_a_thing_that_stands_in_two_files_names_the_other(db_session: Session) -> None:
    carrier = db_session.scalars(
        select(CarrierBuilding).where(
            CarrierBuilding.provenance == MINE, CarrierBuilding.name_zh == "华西国际生物学研究与转化中心"
        )
    ).one()
    assert "为同一对象，不重复计数" in (carrier.note or "")


def test_each_project_with_a_stage_has_one_month_with_a_grey_light(db_session: Session) -> None:
    rows = db_session.execute(
        select(ProjectMonth.period, ProjectMonth.light, ProjectMonth.signed, func.count())
        .join(Project, Project.id == ProjectMonth.project_id)
        .where(Project.provenance == MINE)
        .group_by(ProjectMonth.period, ProjectMonth.light, ProjectMonth.signed)
    ).all()
    assert [tuple(row) for row in rows] == [("2026-09", "grey", True, 165)]
    silent = db_session.scalars(
        select(Project).where(Project.provenance == MINE, ~Project.id.in_(select(ProjectMonth.project_id)))
    ).all()
    assert {p.published_stage for p in silent} == {None}
    assert all("来源未载明阶段" in (p.note or "") for p in silent)


def test_a_published_figure_belongs_to_its_unit(db_session: Session) -> None:
    fact = db_session.scalars(
        select(PublishedFact).where(PublishedFact.family == "fact", PublishedFact.value_text == "480+")
    ).one()
    assert (fact.zone_code, fact.unit, fact.value_number) == ("CDKXC", "家", 480.0)
    gdp = db_session.scalars(
        select(PublishedFact).where(
            PublishedFact.family == "series", PublishedFact.unit_code == "510100", PublishedFact.period == "2018",
            PublishedFact.indicator == "GDP",
        )
    ).first()  # fmt: skip
    assert gdp is not None
    assert (gdp.value_text, gdp.unit) == ("15342.77", "亿元")
