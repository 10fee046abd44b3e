"""The demo data set: repeatable, tiling its zones, with the mixes of rules §11 and no figure that contradicts another."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
import shapely
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from data import models as m
from data.boundaries import areas_m2
from data.demo import DemoCounts, DemoScale, generate
from data.demo.seeds import CUT
from data.demo.writer import ORDER
from data.derive.districts import derive_districts
from data.derive.kinds import derive_kinds
from data.derive.months import derive_months
from data.load import load_reference
from domain.idle_land import Cause, IdleFacts, IdleStage, LegalStatus, idle_clock
from domain.idle_land import Disposal as Route
from domain.lifecycle import Milestone, check_stage, stage_as_of

CORE_SCHEME = "wcsc"
TINY = DemoScale(parcels=120, projects=30, enterprises=40, buildings=6, units=20, plots=6, platforms=6)

DIGEST = """
import hashlib
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from data import models as m
from data.demo import DemoScale, generate
from data.demo.writer import ORDER
from data.load import load_reference
engine = create_engine("sqlite://")
m.Base.metadata.create_all(engine)
with Session(engine) as session:
    load_reference(session, scheme_ids=("wcsc",))
    generate(session, scale=DemoScale(120, 30, 40, 6, 20, 6, 6))
    digest = hashlib.sha256()
    for model in ORDER:
        for row in session.connection().exec_driver_sql(f"select * from {model.__tablename__} order by 1, 2, 3"):
            digest.update(repr(tuple(row)).encode())
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def demo() -> Iterator[tuple[Session, DemoCounts]]:
    """Both shipped schemes filled at the default scale, with what the lights and kinds need derived."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    m.Base.metadata.create_all(engine)
    with Session(engine) as session:
        load_reference(session)
        counts = generate(session)
        if session.get(m.Meta, "cut_month") is None:
            session.add(m.Meta(key="cut_month", value="2026-09"))
        session.flush()
        derive_districts(session, "demo")
        derive_kinds(session, "demo")
        derive_months(session, "demo")
        yield session, counts


def scheme_zones(session: Session, scheme: str = CORE_SCHEME) -> list[str]:
    return list(session.scalars(select(m.Zone.code).where(m.Zone.scheme_id == scheme)))


def test_same_input_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.getcwd()},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_another_scheme_does_not_change_the_first(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    engine = create_engine("sqlite://", poolclass=StaticPool)
    m.Base.metadata.create_all(engine)
    with Session(engine) as alone:
        load_reference(alone, scheme_ids=(CORE_SCHEME,))
        generate(alone)
        names = (
            select(m.Project.id, m.Project.name_zh, m.Project.total_investment_wan)
            .where(m.Project.zone_code.in_(scheme_zones(session)))
            .order_by(m.Project.id)
        )
        assert session.execute(names).all() == alone.execute(names).all()


def test_parcels_tile_every_zone(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    for zone in session.scalars(select(m.Zone).where(m.Zone.role != "axis")):
        rows = session.execute(
            select(m.LandParcel.geom, m.LandParcel.area_m2).where(m.LandParcel.zone_code == zone.code)
        ).all()
        shapes = [row.geom for row in rows]
        assert shapely.is_valid(shapes).all()
        assert set(shapely.get_type_id(shapes)) == {3}
        whole = float(areas_m2([zone.geom])[0])
        assert sum(row.area_m2 for row in rows) == pytest.approx(whole, rel=0.001)
        assert float(areas_m2([shapely.union_all(shapes)])[0]) == pytest.approx(whole, rel=0.001)  # no overlap, no gap


def test_land_is_classed_by_the_2023_guide_and_never_military(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    known = set(session.scalars(select(m.LandUseClass.code).where(m.LandUseClass.scheme == "YDYH2023")))
    for column in (m.LandParcel.plan_code, m.LandParcel.status_code):
        used = set(session.scalars(select(column).distinct()))
        assert used <= known
        assert not any(code.startswith("15") for code in used)
    assert set(session.scalars(select(m.LandParcel.landuse_scheme).distinct())) == {"YDYH2023"}


@pytest.mark.parametrize(
    ("zone", "prefix", "low", "high"),
    [("XYDIT", "10", 30, 45), ("WLKJC", "10", 30, 45), ("CDKXC", "0802", 15, 25), ("XJJHL", "07", 20, 30)],
)
def test_land_mix_is_that_of_the_specification(
    demo: tuple[Session, DemoCounts], zone: str, prefix: str, low: float, high: float
) -> None:
    session, _ = demo
    area = select(func.sum(m.LandParcel.area_m2)).where(m.LandParcel.zone_code == zone)
    share = session.scalar(area.where(m.LandParcel.plan_code.startswith(prefix))) / session.scalar(area) * 100
    assert low <= share <= high


def test_status_follows_the_land_state(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    rows = session.execute(select(m.LandParcel.land_state, m.LandParcel.plan_code, m.LandParcel.status_code)).all()
    undeveloped = {s[:2] for state, _, s in rows if state in ("developable", "ready", "supplied")}
    assert undeveloped <= {"01", "02", "03", "16"}
    assert {p[:2] for state, p, _ in rows if state == "undevelopable"} <= {"01", "02", "03", "17"}


def test_stages_are_in_the_mix_of_the_specification(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    groups = Counter(
        session.scalars(
            select(m.ProjectMonth.stage_group)
            .join(m.Project, m.Project.id == m.ProjectMonth.project_id)
            .where(m.ProjectMonth.period == "2026-09", m.Project.zone_code.in_(scheme_zones(session)))
        )
    )
    assert groups.total() == 240
    for group, share in (("lead", 25), ("signed", 20), ("building", 30), ("operating", 20), ("ended", 5)):
        assert groups[group] / 240 * 100 == pytest.approx(share, abs=1.0)


def test_lights_at_the_cut_are_in_the_mix_of_the_specification(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    lights = Counter(
        session.scalars(
            select(m.ProjectMonth.light)
            .join(m.Project, m.Project.id == m.ProjectMonth.project_id)
            .where(
                m.ProjectMonth.period == "2026-09",
                m.ProjectMonth.light != "none",
                m.Project.zone_code.in_(scheme_zones(session)),
            )
        )
    )
    for light, share in (("green", 70), ("yellow", 18), ("red", 8), ("grey", 4)):
        assert lights[light] / lights.total() * 100 == pytest.approx(share, abs=1.5)
    red_for_long = session.scalar(
        select(func.count())
        .select_from(m.ProjectMonth)
        .where(m.ProjectMonth.period == "2026-09", m.ProjectMonth.months_red >= 3)
    )
    assert red_for_long >= 4
    assert (
        session.scalar(select(func.count()).select_from(m.LightExemption).where(m.LightExemption.expires_on < CUT)) >= 1
    )
    assert (
        session.scalar(select(func.count()).select_from(m.LightExemption).where(m.LightExemption.expires_on > CUT)) >= 1
    )


def test_cross_district_kinds_are_as_many_as_the_specification_says(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    kinds = Counter(
        session.scalars(
            select(m.ProjectKind.kind)
            .join(m.Project, m.Project.id == m.ProjectKind.project_id)
            .where(m.Project.zone_code.in_(scheme_zones(session)))
        )
    )
    assert 3 <= kinds["A"] <= 5
    assert 8 <= kinds["D"] <= 12
    assert 5 <= kinds["F"] <= 8
    assert kinds["C"] >= 5
    assert kinds["E"] >= 1
    cobuilt = select(m.Project.id).where(m.Project.zone_code.in_(("SMKX", "WLKJC")))
    assert kinds["B"] == len(session.scalars(cobuilt).all())


def test_only_the_project_meant_to_claims_a_stage_its_milestones_do_not_bear(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    stones: dict[str, list[Milestone]] = {}
    for row in session.scalars(select(m.Milestone)):
        stones.setdefault(row.project_id, []).append(
            Milestone(row.stage, row.planned_on, row.done_on, row.evidence or "")
        )
    found = {}
    for key, route in session.execute(select(m.Project.id, m.Project.route)):
        stage = stage_as_of(stones[key], route, CUT)
        assert stage is not None
        if problems := check_stage(stage, stones[key], route, CUT):
            found[key] = [(p.code, p.stage) for p in problems]
    assert list(found.values()) == [[("missing_milestone", 70)]]


def test_footprints_hold_the_main_site_and_measure_the_land(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    rows = session.execute(
        select(m.Project.id, m.Project.footprint, m.Project.land_m2, m.ProjectSite.lon, m.ProjectSite.lat)
        .join(m.ProjectSite, m.ProjectSite.project_id == m.Project.id)
        .where(m.Project.footprint.is_not(None), m.ProjectSite.role == "main")
    ).all()
    assert len(rows) > 80
    for row in rows:
        assert row.footprint.contains(shapely.Point(row.lon, row.lat)), row.id
        assert row.land_m2 == pytest.approx(float(areas_m2([row.footprint])[0]), abs=1.0)


def test_reports_and_statistics_agree_with_each_other(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    before: dict[str, m.MonthlyReport] = {}
    fallen = []
    for row in session.scalars(select(m.MonthlyReport).order_by(m.MonthlyReport.project_id, m.MonthlyReport.period)):
        last = before.get(row.project_id)
        if last is not None:
            assert row.cumulative_wan >= last.cumulative_wan
            if row.period[:4] == last.period[:4] and row.ytd_wan < last.ytd_wan:
                fallen.append((row.project_id, row.period))
        before[row.project_id] = row
    assert [period for _project, period in fallen] == ["2026-09"]  # the one that is meant to be wrong
    assert (
        session.scalar(select(func.count()).select_from(m.ProjectFact).where(m.ProjectFact.period.like("%-01"))) == 0
    )  # 固投 has no January figure
    started = {
        row.project_id: row.done_on for row in session.scalars(select(m.Milestone).where(m.Milestone.stage == 90))
    }
    for key, first in session.execute(
        select(m.ProjectFact.project_id, func.min(m.ProjectFact.period))
        .where(m.ProjectFact.fai_ytd_wan.is_not(None))
        .group_by(m.ProjectFact.project_id)
    ):
        assert started[key].strftime("%Y-%m") < first  # 先入库,后有数


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [("fai_ytd_wan", 450, 550), ("domestic_ytd_wan", 290, 345), ("foreign_ytd_usd_wan", 5.5, 7.2)],
)
def test_investment_is_of_the_order_of_the_wall_picture(
    demo: tuple[Session, DemoCounts], column: str, low: float, high: float
) -> None:
    session, _ = demo
    mine = m.Project.zone_code.in_(scheme_zones(session))
    figure = getattr(m.ProjectFact, column)
    total = session.scalar(select(func.sum(figure)).join(m.Project).where(m.ProjectFact.period == "2026-09", mine))
    assert low <= total / 10_000 <= high


def test_output_and_tax_are_of_the_order_of_the_wall_picture(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    row = session.execute(
        select(func.sum(m.EnterpriseMonth.output_ytd_wan), func.sum(m.EnterpriseMonth.tax_ytd_wan))
        .join(m.Enterprise)
        .where(m.EnterpriseMonth.period == "2026-09", m.Enterprise.zone_code.in_(scheme_zones(session)))
    ).one()
    assert row[0] / 10_000 == pytest.approx(2_187, rel=0.02)
    assert row[1] / 10_000 == pytest.approx(215, rel=0.02)


def test_december_of_the_months_is_the_year(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    year = {r.enterprise_id: r for r in session.scalars(select(m.EnterpriseYear).where(m.EnterpriseYear.year == 2025))}
    for month in session.scalars(select(m.EnterpriseMonth).where(m.EnterpriseMonth.period == "2025-12")):
        row = year[month.enterprise_id]
        assert (row.output_wan, row.revenue_wan, row.tax_wan) == (
            month.output_ytd_wan,
            month.revenue_ytd_wan,
            month.tax_ytd_wan,
        )


def test_the_evaluation_meets_negative_tax_missing_emission_and_ungraded_firms(
    demo: tuple[Session, DemoCounts],
) -> None:
    session, _ = demo
    rows = session.execute(
        select(m.EnterpriseYear.tax_wan, m.EnterpriseYear.emission_eq).where(
            m.EnterpriseYear.year == 2025, m.EnterpriseYear.output_wan.is_not(None)
        )
    ).all()
    assert 2 <= sum(row.tax_wan < 0 for row in rows) <= 12
    assert 3 <= sum(row.emission_eq is None for row in rows) <= 30
    assert set(session.scalars(select(m.Enterprise.grading_status).distinct())) == {
        None,
        "startup",
        "construction",
        "utility",
    }


def test_known_gaps_of_the_chains_are_gaps(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    mine = select(m.Enterprise.id).where(m.Enterprise.zone_code.in_(scheme_zones(session)))
    firms = Counter(
        session.scalars(
            select(m.EntityNode.node_id).where(
                m.EntityNode.entity_kind == "enterprise", m.EntityNode.entity_id.in_(mine)
            )
        )
    )
    assert firms["IC-U1"] == 0  # EDA is outside the five zones
    assert firms["IC-M1"] + firms["IC-M2"] >= 20
    assert 1 <= firms["IC-M3"] <= 3


def test_idle_cases_reach_every_stage_of_the_clock(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    stages = set()
    for row in session.scalars(select(m.LandContract).where(m.LandContract.project_id.is_(None))):
        facts = IdleFacts(
            agreed_start_on=row.agreed_start,
            started_on=row.actual_start,
            stopped_on=row.stopped_on,
            developed_m2=int((row.developed_ratio or 0) * 10_000),
            due_m2=10_000,
            invested_wan=int((row.invested_ratio or 0) * 10_000),
            total_wan=10_000,
            price_wan=row.price_wan,
            cause=Cause(row.cause) if row.cause else None,
            legal_status=LegalStatus(row.legal_status) if row.legal_status else None,
            legal_document=row.legal_doc or "",
            disposal=Route(row.disposal) if row.disposal else None,
        )
        stages.add(idle_clock(facts, CUT).stage)
    assert stages == set(IdleStage) - {IdleStage.UNDECIDED}


def test_the_ledger_keeps_revenue_while_retention_holds(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    lines = session.execute(
        select(m.LedgerLine.line, func.sum(m.LedgerLine.amount_wan))
        .where(m.LedgerLine.zone_code == "SMKX")
        .group_by(m.LedgerLine.line)
    ).all()
    total = dict(lines)
    assert total["distributed"] == 0
    assert total["retained"] == total["revenue"] > 0
    assert total["settled"] == 0
    assert {
        y for (y,) in session.execute(select(m.LedgerLine.year).where(m.LedgerLine.zone_code == "SMKX").distinct())
    } == set(range(2019, 2026))


def test_one_zone_has_not_reported_one_indicator_at_the_cut(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    zones = scheme_zones(session)
    reported = session.scalars(
        select(m.KpiValue.unit_code).where(
            m.KpiValue.kpi_id == "K52", m.KpiValue.period == "2026-09", m.KpiValue.unit_code.in_(zones)
        )
    ).all()
    assert len(reported) == len(zones) - 1


def test_every_record_says_that_it_is_a_demo(demo: tuple[Session, DemoCounts]) -> None:
    session, counts = demo
    for model in ORDER:
        stored = session.scalar(select(func.count()).select_from(model))
        assert counts[model.__tablename__] <= stored
        if hasattr(model, "source"):
            assert set(session.execute(select(model.provenance, model.source).distinct())) == {
                ("demo", "演示数据生成器 seed 20260930")
            }
    for model in (m.Project, m.Enterprise, m.Platform, m.CarrierBuilding):
        assert all(name.startswith("演示·") for name in session.scalars(select(model.name_zh)))
        assert len(set(session.scalars(select(model.id)))) == counts[model.__tablename__]


def test_no_reference_points_nowhere(demo: tuple[Session, DemoCounts]) -> None:
    session, _ = demo
    assert session.execute(text("pragma foreign_key_check")).all() == []


def test_a_scheme_that_is_not_loaded_is_named() -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    m.Base.metadata.create_all(engine)
    with Session(engine) as session, pytest.raises(ValueError, match="no zone scheme is loaded"):
        generate(session, scale=TINY)
    with Session(engine) as session, pytest.raises(ValueError, match="'nowhere' is not loaded"):
        generate(session, ["nowhere"], TINY)
