"""What follows from records: months and lights, districts, kinds, KPI values, search entries.

The demo set of the filled database is looked at as a whole; exact figures come from a few records of the owner's own data
set, which is otherwise empty.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.derive.districts import district_index, split_footprint
from data.derive.months import light_of
from data.derive.run import derive_all
from data.derive.search import search_text
from data.models import (
    CarrierBuilding,
    CarrierUnit,
    Enterprise,
    EnterpriseMonth,
    EnterpriseYear,
    EntityNode,
    KpiDefinition,
    KpiValue,
    LandContract,
    LandParcel,
    LightExemption,
    Milestone,
    MonthlyReport,
    Platform,
    Project,
    ProjectDistrict,
    ProjectFact,
    ProjectKind,
    ProjectMonth,
    ProjectPlace,
    ProjectSite,
    ProjectYear,
    SearchEntry,
    Zone,
)
from data.reference import indicators
from domain.cohorts import closed_cohort
from domain.lights import Light
from domain.periods import Period

OWN = "official"
#: Milestones of a land-route project that starts on 2026-02-10 and is under way since.
STARTED = {
    10: date(2025, 1, 15), 30: date(2025, 3, 10), 40: date(2025, 4, 1), 50: date(2025, 4, 20), 60: date(2025, 8, 1),
    70: date(2025, 10, 1), 75: date(2025, 11, 1), 80: date(2026, 1, 20), 90: date(2026, 2, 10),
}  # fmt: skip


def add_project(session: Session, key: str, done: dict[int, date] | None = None, **values: Any) -> str:
    """A project of the owner's data set in the core, with its milestones."""
    project = {"zone_code": "CDKXC", "route": "land", "position_is_schematic": False, "total_investment_wan": 300_000}
    session.add(Project(id=key, name_zh=f"自有{key}", provenance=OWN, **(project | values)))
    session.flush()
    for stage, day in (STARTED if done is None else done).items():
        session.add(Milestone(project_id=key, stage=stage, planned_on=day, done_on=day))
    session.flush()
    return key


def add_report(
    session: Session, project: str, period: str, ytd: int, plan_ytd: int | None = None, **values: Any
) -> None:
    """A monthly report."""
    figures = {"month_wan": 0, "cumulative_wan": ytd, "submitted_on": date(2026, 10, 3)}
    session.add(
        MonthlyReport(project_id=project, period=period, ytd_wan=ytd, plan_ytd_wan=plan_ytd, **(figures | values))
    )


def months_of(session: Session, project: str) -> dict[str, ProjectMonth]:
    """Rows of a project by period."""
    derive_all(session, OWN)
    rows = session.scalars(select(ProjectMonth).where(ProjectMonth.project_id == project))
    return {row.period: row for row in rows}


def kpis(session: Session, zone: str = "CDKXC") -> dict[tuple[str, str], KpiValue]:
    """Derived values of the owner's data set by indicator and period."""
    derive_all(session, OWN)
    rows = session.scalars(select(KpiValue).where(KpiValue.provenance == OWN, KpiValue.unit_code == zone))
    return {(row.kpi_id, row.period): row for row in rows}


# ── stages and lights ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_project_has_a_row_for_every_month_since_its_first_milestone(db_session: Session) -> None:
    rows = months_of(db_session, add_project(db_session, "P1"))
    assert len(rows) == 21
    assert min(rows) == "2025-01"
    assert max(rows) == "2026-09"
    stages = [
        (p, rows[p].stage, rows[p].stage_group, rows[p].signed) for p in ("2025-02", "2025-03", "2026-01", "2026-02")
    ]
    assert stages == [
        ("2025-02", 10, "lead", False),
        ("2025-03", 30, "signed", True),
        ("2026-01", 80, "signed", True),
        ("2026-02", 90, "building", True),
    ]


def test_a_lead_and_an_ended_project_have_no_light_which_is_not_grey(db_session: Session) -> None:
    key = add_project(db_session, "P1", STARTED | {900: date(2026, 6, 1)})
    rows = months_of(db_session, key)
    assert {rows[p].light for p in ("2025-01", "2025-02", "2026-06", "2026-09")} == {"none"}
    assert rows["2026-06"].signed
    never = months_of(db_session, add_project(db_session, "P2", {10: date(2026, 1, 5), 900: date(2026, 3, 1)}))
    assert not never["2026-09"].signed


@pytest.mark.parametrize(("done", "light"), [(56_000, "green"), (42_000, "yellow"), (20_000, "red")])
def test_progress_lights_follow_the_worked_example(db_session: Session, done: int, light: str) -> None:
    key = add_project(db_session, "P1")
    db_session.add(ProjectYear(project_id=key, year=2026, plan_wan=120_000))
    db_session.add(ProjectFact(project_id=key, period="2026-03", fai_ytd_wan=1, is_industrial=True))
    add_report(db_session, key, "2026-09", done, 60_000)
    row = months_of(db_session, key)["2026-09"]
    assert (row.light_progress, row.light) == (light, light)
    assert row.light_library == "green"


def test_without_its_report_a_month_is_grey_and_known_red_stays_red(db_session: Session) -> None:
    key = add_project(db_session, "P1")
    db_session.add(ProjectYear(project_id=key, year=2026, plan_wan=120_000))
    add_report(db_session, key, "2026-08", 80_000, 80_000)
    rows = months_of(db_session, key)
    assert rows["2026-09"].light_progress == "grey"
    assert rows["2026-08"].light_progress == "green"
    assert rows["2026-08"].light_library == "red"  # never entered the statistical library
    assert rows["2026-09"].light == "red"
    assert rows["2026-09"].months_red == 6  # from April: more than two months after the start on 10 February
    assert rows["2026-03"].months_red == 0


def test_an_exemption_lifts_a_light_until_it_expires(db_session: Session) -> None:
    key = add_project(db_session, "P1", {30: date(2026, 2, 1)})
    for month in range(2, 10):
        add_report(db_session, key, f"2026-{month:02d}", 0)
    db_session.get_one(Milestone, (key, 30))
    db_session.add(Milestone(project_id=key, stage=90, planned_on=date(2027, 1, 1)))
    db_session.add(
        LightExemption(
            project_id=key, dimension="registration", reason="等待核名", approver="园区主任",
            valid_from=date(2026, 5, 1), expires_on=date(2026, 7, 31),
        )
    )  # fmt: skip
    rows = months_of(db_session, key)
    lights = {p: rows[p].light for p in ("2026-03", "2026-04", "2026-06", "2026-07", "2026-08")}
    assert lights == {"2026-03": "green", "2026-04": "yellow", "2026-06": "green", "2026-07": "green", "2026-08": "red"}
    assert [rows[p].months_red for p in ("2026-07", "2026-08", "2026-09")] == [0, 1, 2]


def test_the_explained_light_is_the_stored_one_and_names_its_own_month(db_session: Session) -> None:
    key = add_project(db_session, "P1")
    rows = months_of(db_session, key)
    for period, row in rows.items():
        found = light_of(db_session, key, Period.parse(period))
        assert row.light == (found.light.value if found.light else "none")
    last = light_of(db_session, key, Period.parse("2026-09"))
    report = next(d for d in last.dimensions if d.dimension == "report")
    assert (report.light, report.figures["month"]) == (Light.GREY, "2026-09")
    with pytest.raises(KeyError):
        light_of(db_session, "nobody", Period.parse("2026-09"))


def test_every_demo_project_has_a_known_light_and_stage_in_every_month(db_session: Session) -> None:
    lights = db_session.execute(
        select(ProjectMonth.light, func.count())
        .join(Project, Project.id == ProjectMonth.project_id)
        .where(Project.provenance == "demo", ProjectMonth.period == "2026-09")
        .group_by(ProjectMonth.light)
    )
    counts = dict(lights.all())
    projects = db_session.scalar(select(func.count()).select_from(Project).where(Project.provenance == "demo"))
    assert sum(counts.values()) == projects
    assert counts["green"] > counts.get("yellow", 0) >= counts.get("grey", 0)
    assert set(counts) <= {"red", "yellow", "green", "grey", "none"}


# ── where a project stands, and what makes it cross-district ─────────────────────────────────────────────────────────


def _on_the_border(session: Session, metres: float) -> Any:
    """A square on the border of 双流 and 新津 inside the bio-city."""
    zone = session.get_one(Zone, "SMKX").geom
    index = district_index(session)
    shapes = dict(zip(index.codes, index.shapes, strict=True))
    border = shapes["510116"].intersection(zone).boundary.intersection(shapes["510118"].buffer(1e-5))
    middle = shapely.line_interpolate_point(shapely.line_merge(border), 0.5, normalized=True)
    if middle.geom_type != "Point":
        middle = border.representative_point()
    half = metres / 2 / 100_000
    return shapely.box(middle.x - half, middle.y - half, middle.x + half, middle.y + half)


def test_a_footprint_on_a_border_is_split_into_parts_that_sum_to_its_land(db_session: Session) -> None:
    key = add_project(
        db_session, "P1", zone_code="SMKX", footprint=_on_the_border(db_session, 600), land_m2=100_001, datum="WGS84",
        managing_unit="CD-GXQ",
    )  # fmt: skip
    derive_all(db_session, OWN)
    rows = db_session.scalars(select(ProjectDistrict).where(ProjectDistrict.project_id == key)).all()
    assert {r.district_code for r in rows} == {"510116", "510118"}
    assert sum(r.area_m2 or 0 for r in rows) == 100_001
    assert [r.is_primary for r in sorted(rows, key=lambda r: -(r.area_m2 or 0))] == [True, False]
    kinds = db_session.scalars(select(ProjectKind).where(ProjectKind.project_id == key)).all()
    assert {k.kind for k in kinds} == {"A", "B", "E"}
    details = {k.kind: k.details for k in kinds}
    assert details["A"] == {"area_m2": {r.district_code: r.area_m2 for r in rows}}
    assert details["B"] == {"parties": ["510116", "CD-GXQ"]}
    assert details["E"] == {"managing_unit": "CD-GXQ", "site_units": ["510116", "510118"]}


def test_a_sliver_goes_to_the_larger_part(db_session: Session) -> None:
    index = district_index(db_session)
    border = _on_the_border(db_session, 20)
    west, south, east, north = border.bounds
    thin = shapely.box(west, south, east, north)  # 400 m²: no part can reach one 亩
    parts = split_footprint(thin, index, "EPSG:4544", None)
    assert len(parts) == 1
    assert sum(parts.values()) == pytest.approx(400, rel=0.15)
    assert split_footprint(shapely.box(100.0, 20.0, 100.01, 20.01), index, "EPSG:4544", None) == {}


def test_four_places_two_sites_and_a_transfer_are_seen(db_session: Session) -> None:
    key = add_project(db_session, "P1", zone_code="XYDIT")
    db_session.add_all(
        [
            ProjectSite(
                id="P1-1", project_id=key, role="main", zone_code="XYDIT", district_code="510117", lon=103.93, lat=30.75
            ),
            ProjectSite(
                id="P1-2", project_id=key, role="hq", zone_code="XJJHL", district_code="510107", lon=104.06, lat=30.55
            ),
            ProjectPlace(project_id=key, role="registration", unit="CD-GXQ"),
            ProjectPlace(project_id=key, role="production", unit="510117"),
            ProjectPlace(project_id=key, role="first_contact", zone_code="WLKJC"),
            ProjectPlace(project_id=key, role="tax", unit="510104", valid_to=date(2024, 1, 1)),
        ]
    )
    derive_all(db_session, OWN)
    kinds = db_session.scalars(
        select(ProjectKind).where(ProjectKind.project_id == key).order_by(ProjectKind.kind)
    ).all()
    assert "".join(k.kind for k in kinds) == "CDFG"
    details = {k.kind: k.details for k in kinds}
    assert details["C"] == {"places": {"registration": "CD-GXQ", "production": "510117"}}  # the tax place has expired
    assert details["G"] == {"district": "510117", "functional_area": "CD-GXQ"}
    row = db_session.scalars(select(ProjectDistrict).where(ProjectDistrict.project_id == key)).one()
    assert (row.district_code, row.area_m2, row.is_primary) == ("510117", None, True)


def test_organs_of_one_park_do_not_make_it_co_governed(db_session: Session) -> None:
    key = add_project(db_session, "P1", zone_code="WJ-CYC")
    derive_all(db_session, OWN)
    assert not db_session.scalars(select(ProjectKind.kind).where(ProjectKind.project_id == key)).all()


def test_areas_of_every_demo_project_sum_to_its_land(db_session: Session) -> None:
    sums = dict(
        db_session.execute(
            select(ProjectDistrict.project_id, func.sum(ProjectDistrict.area_m2)).group_by(ProjectDistrict.project_id)
        ).all()
    )
    with_land = db_session.execute(
        select(Project.id, Project.land_m2).where(
            Project.provenance == "demo", Project.footprint.is_not(None), Project.land_m2.is_not(None)
        )
    ).all()
    assert with_land
    for project, land in with_land:
        assert sums[project] == land
    primary = db_session.execute(
        select(ProjectDistrict.project_id, func.count())
        .where(ProjectDistrict.is_primary)
        .group_by(ProjectDistrict.project_id)
    )
    assert {count for _, count in primary} == {1}


# ── KPI values ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_fixed_asset_investment_of_a_zone_is_the_sum_of_its_projects(db_session: Session) -> None:
    records = {
        (zone, period): int(total)
        for zone, period, total in db_session.execute(
            select(Project.zone_code, ProjectFact.period, func.sum(ProjectFact.fai_ytd_wan))
            .join(Project, Project.id == ProjectFact.project_id)
            .where(Project.provenance == "demo", ProjectFact.fai_ytd_wan.is_not(None))
            .group_by(Project.zone_code, ProjectFact.period)
        )
    }
    values = {
        (v.unit_code, v.period): v.value
        for v in db_session.scalars(select(KpiValue).where(KpiValue.provenance == "demo", KpiValue.kpi_id == "K01"))
    }
    assert not [period for _, period in values if period.endswith("-01")]
    assert {key: value for key, value in values.items() if value} == {
        key: value for key, value in records.items() if value and not key[1].endswith("-01")
    }


#: Ratios that are made of records, with what numerator over denominator is multiplied by.
RATIOS = {k.id: k.factor for k in indicators().values() if k.is_ratio and k.record}


def test_every_ratio_is_its_numerator_over_its_denominator(db_session: Session) -> None:
    rows = db_session.scalars(select(KpiValue).where(KpiValue.provenance == "demo", KpiValue.kpi_id.in_(RATIOS)))
    seen = defaultdict(int)
    for row in rows:
        assert row.numerator is not None
        assert row.denominator is not None
        if row.denominator == 0:
            assert row.value is None
        else:
            assert row.value == pytest.approx(row.numerator / row.denominator * float(RATIOS[row.kpi_id]), rel=1e-9)
            seen[row.kpi_id] += 1
    # The small scale has no zone in which three projects are due: no capacity rate is told (test_demo_credible.py).
    assert set(seen) == set(RATIOS) - {"K28"}


def test_every_value_says_what_it_is(db_session: Session) -> None:
    definitions = {d.id: d for d in db_session.scalars(select(KpiDefinition))}
    for row in db_session.scalars(select(KpiValue).where(KpiValue.provenance == "demo", KpiValue.kpi_id == "K20")):
        assert (row.channel, row.owner) == (definitions["K20"].channel, definitions["K20"].owner)
        assert (row.accumulation, row.unit, row.scope, row.unit_scope) == ("ytd", "个", "territorial", "zone")
        assert row.status == ("flash" if row.period in ("2026-08", "2026-09") else "final")
        if row.period == "2026-09":
            assert row.as_of == date(2026, 10, 15)


def test_industrial_share_and_major_projects(db_session: Session) -> None:
    first = add_project(db_session, "P1", total_investment_wan=100_000)
    second = add_project(db_session, "P2", {30: date(2026, 2, 3)}, total_investment_wan=99_999)
    add_project(db_session, "P3", {30: date(2025, 12, 31)}, total_investment_wan=500_000)
    for project, period, fai, industrial in (
        (first, "2026-02", 600, True), (second, "2026-02", 200, False), (first, "2026-03", 900, True),
        (second, "2026-03", None, False),
    ):  # fmt: skip
        db_session.add(ProjectFact(project_id=project, period=period, fai_ytd_wan=fai, is_industrial=industrial))
    found = kpis(db_session)
    assert found["K01", "2026-02"].value == 800
    assert found["K02", "2026-02"].value == 600
    assert found["K03", "2026-02"].value == 75.0
    assert found["K01", "2026-03"].value == 900
    assert ("K01", "2026-01") not in found
    assert ("K01", "2025-02") not in found, "a month nobody reported is unknown, not 0"
    assert ("K03", "2025-02") not in found
    assert [found["K20", p].value for p in ("2025-12", "2026-01", "2026-02")] == [2, 0, 1]
    assert [found["K21", p].value for p in ("2025-12", "2026-02")] == [2, 0]  # 10 亿元 and more
    assert found["K22", "2026-02"].value == 99_999


def test_plan_completion_and_schedule_gap_come_from_sums(db_session: Session) -> None:
    for key, plan, plan_ytd, done in (("P1", 120_000, 60_000, 42_000), ("P2", 80_000, 40_000, 50_000)):
        add_project(db_session, key)
        db_session.add(ProjectYear(project_id=key, year=2026, plan_wan=plan))
        add_report(db_session, key, "2026-06", done, plan_ytd)
    add_project(db_session, "P3")  # no plan: in neither sum
    add_report(db_session, "P3", "2026-06", 7)
    found = kpis(db_session)
    assert (found["K30", "2026-06"].numerator, found["K30", "2026-06"].denominator) == (92_000, 200_000)
    assert found["K30", "2026-06"].value == pytest.approx(46.0)
    assert found["K31", "2026-06"].value == pytest.approx(4.0)


def test_output_counts_a_firm_from_the_month_it_enters_the_register(db_session: Session) -> None:
    for key, since in (("E1", "2025-03"), ("E2", None)):
        db_session.add(Enterprise(id=key, name_zh=key, zone_code="CDKXC", above_scale_since=since, provenance=OWN))
        db_session.flush()
        for period, output in (("2025-02", 100), ("2025-03", 150)):
            db_session.add(
                EnterpriseMonth(
                    enterprise_id=key, period=period, output_ytd_wan=output, revenue_ytd_wan=output * 2, tax_ytd_wan=9,
                    retained_ytd_wan=4,
                )
            )  # fmt: skip
    found = kpis(db_session)
    assert ("K04", "2025-02") not in found
    assert found["K04", "2025-03"].value == 150
    assert found["K08", "2025-03"].value == 18
    assert found["K09", "2025-02"].value == 8
    assert found["K07", "2025Q1"].value == 600
    assert [found["K45", p].value for p in ("2025-02", "2025-03")] == [0, 1]


def test_per_mu_values_use_own_land_and_leased_space_by_its_plot_ratio(db_session: Session) -> None:
    figures = {
        "output_wan": 900,
        "revenue_wan": 1_000,
        "value_added_wan": 300,
        "rd_wan": 50,
        "energy_tce": 10,
        "employees": 5,
    }
    for key, tax, land, leased, far, status in (
        ("E1", 60_000, 1_000_000, None, None, None), ("E2", 9_000, 2_000_000, 2_000_000, 2.0, None),
        ("E3", 5_000, None, 900, None, None), ("E4", 7_000, 10, None, None, "startup"),
    ):  # fmt: skip
        db_session.add(
            Enterprise(
                id=key,
                name_zh=key,
                zone_code="CDKXC",
                above_scale_since="2024-01",
                grading_status=status,
                provenance=OWN,
            )
        )
        db_session.flush()
        db_session.add(
            EnterpriseYear(
                enterprise_id=key, year=2025, tax_wan=tax, land_m2=land, leased_m2=leased, leased_far=far, **figures
            )
        )
    found = kpis(db_session)
    assert found["K10", "2025"].value == pytest.approx(
        11.5
    )  # 69 000 万元 on 6 000 亩, not the mean of 40 and 2 (rules §3.3)
    assert (found["K10", "2025"].numerator, found["K10", "2025"].denominator) == (69_000, 4_000_000)
    assert found["K14", "2025"].value == pytest.approx(200.0)
    assert found["K17", "2025"].value == pytest.approx(5.0)
    assert found["K06", "2025"].value == 1_200
    assert found["K10", "2025"].status == "final"


def test_the_newest_cohort_with_a_closed_window_is_shown() -> None:
    quarter_end = date(2026, 9, 30)
    assert [closed_cohort(quarter_end, window) for window in (6, 12, 24)] == ["2025H2", "2025H1", "2024H1"]
    assert closed_cohort(date(2026, 12, 31), 6) == "2026H1"


def test_cohort_rates_keep_ended_projects_in_the_denominator(db_session: Session) -> None:
    signed = date(2025, 8, 1)
    add_project(db_session, "P1", {30: signed, 40: date(2025, 8, 20)})
    add_project(db_session, "P2", {30: signed, 40: date(2025, 8, 20)})
    add_project(db_session, "P3", {30: signed, 40: date(2025, 8, 20), 900: date(2025, 12, 1)})
    add_project(db_session, "P4", {30: signed})
    for key in ("P1", "P3"):
        db_session.add(ProjectFact(project_id=key, period="2025-10", domestic_ytd_wan=10, is_industrial=False))
    value = kpis(db_session)["K25", "2026Q3"]
    assert (value.numerator, value.denominator, value.value) == (1, 4, 25.0)
    assert value.source_doc == "2025H2 签约批次，观察期 6 个月"


def test_carrier_rates_have_their_own_denominators(db_session: Session) -> None:
    delivered = {"carrier_type": "标准厂房", "position_is_schematic": False, "zone_code": "CDKXC", "provenance": OWN}
    db_session.add(
        CarrierBuilding(id="B1", name_zh="B1", gross_area_m2=1_000, delivered_on=date(2025, 6, 1), **delivered)
    )
    db_session.add(
        CarrierBuilding(id="B2", name_zh="B2", gross_area_m2=500, delivered_on=date(2027, 6, 1), **delivered)
    )
    db_session.flush()
    for number, (building, area, state) in enumerate(
        (
            ("B1", 400, "occupied"),
            ("B1", 100, "vacant"),
            ("B1", 100, "reserved"),
            ("B2", 200, "contracted"),
            ("B2", 50, "building"),
        )
    ):
        db_session.add(
            CarrierUnit(id=f"U{number}", building_id=building, floor=1, unit_no=str(number), area_m2=area, state=state)
        )
    found = kpis(db_session)
    assert [found["K33", p].value for p in ("2025-05", "2025-06", "2026-09")] == [0, 1_000, 1_000]
    assert found["K34", "2026-09"].value == 100
    assert (found["K35", "2026-09"].numerator, found["K35", "2026-09"].denominator) == (600, 750)
    assert (found["K36", "2026-09"].numerator, found["K36", "2026-09"].denominator) == (100, 800)
    assert ("K34", "2026-08") not in found


def test_the_land_chain_multiplies_to_built_over_developable(db_session: Session) -> None:
    square = shapely.box(104.06, 30.40, 104.061, 30.401)
    rows = (
        ("undevelopable", 50, "17", None), ("developable", 100, "01", "1001"), ("ready", 100, "05", "1001"),
        ("supplied", 200, "05", "0901"), ("built", 600, "1001", "1001"), ("built", 200, "0701", "0701"),
    )  # fmt: skip
    for number, (state, area, status, plan) in enumerate(rows):
        db_session.add(
            LandParcel(
                id=f"L{number}", zone_code="CDKXC", landuse_scheme="YDYH2023", status_code=status, plan_code=plan,
                land_state=state, area_m2=area, floor_area_m2=1_000 if state == "built" else None, geom=square,
                datum="WGS84", provenance=OWN,
            )
        )  # fmt: skip
    db_session.flush()
    contract = {"signed_on": date(2023, 1, 1), "price_wan": 9_600, "agreed_start": date(2023, 6, 1), "provenance": OWN}
    db_session.add(
        LandContract(id="C1", parcel_id="L3", legal_status="determined_idle", legal_doc="认定书", **contract)
    )
    found = kpis(db_session)
    rate = {kpi: found[kpi, "2026Q3"].value or 0 for kpi in ("K37", "K38", "K39", "K40", "K41", "K42")}
    assert rate["K37"] == pytest.approx(100 * 1_100 / 1_200)
    assert rate["K37"] * rate["K38"] * rate["K39"] / 10_000 == pytest.approx(100 * 800 / 1_200)
    assert rate["K40"] == pytest.approx(20.0)
    assert rate["K41"] == pytest.approx(75.0)
    assert rate["K42"] == pytest.approx(2.5)
    assert found["K43", "2026Q3"].value == 200


def test_registers_platforms_and_chain_coverage_count_what_exists_then(db_session: Session) -> None:
    db_session.add(
        Enterprise(
            id="E1", name_zh="E1", zone_code="CDKXC", high_tech_from=2024, high_tech_to=2025, ladder="srdi",
            leader_of=["AI", "SAT"], founded=2025, above_scale_since="2025-01", provenance=OWN,
        )
    )  # fmt: skip
    for key, category, since in (("T1", "laboratory", "2025-05"), ("T2", "other", "2020-01"), ("T3", "facility", None)):
        db_session.add(
            Platform(
                id=key, name_zh=key, category=category, since=since, zone_code="CDKXC", position_is_schematic=False,
                provenance=OWN,
            )
        )  # fmt: skip
    db_session.flush()
    db_session.add(
        EntityNode(entity_kind="enterprise", entity_id="E1", node_id="AI-M1", link_source="manual", confidence=1)
    )
    db_session.add(EnterpriseMonth(enterprise_id="E1", period="2025-06", output_ytd_wan=70))
    found = kpis(db_session)
    assert [found["K44", q].value for q in ("2023Q4", "2024Q1", "2025Q4", "2026Q1")] == [0, 1, 1, 0]
    assert (found["K46", "2026Q3"].value, found["K47", "2026Q3"].value) == (1, 1)
    assert [found["K51", q].value for q in ("2025Q1", "2025Q2", "2026Q3")] == [0, 1, 2]
    assert [found["K54", q].numerator for q in ("2024Q4", "2025Q1")] == [0, 1]
    assert found["K54", "2025Q1"].denominator == 97
    assert (found["K53", "2025Q2"].numerator, found["K53", "2025Q2"].denominator) == (70, 70)


def test_deriving_twice_gives_the_same_rows(db_session: Session) -> None:
    tables = (ProjectMonth, ProjectKind, ProjectDistrict, KpiValue, SearchEntry)

    def sizes() -> list[int | None]:
        return [db_session.scalar(select(func.count()).select_from(table)) for table in tables]

    before = sizes()
    derive_all(db_session, "demo")
    derive_all(db_session, "published")
    assert sizes() == before


# ── search ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_search_text_has_the_name_its_pinyin_its_initials_and_codes() -> None:
    assert search_text("集成电路", ("X-1", None)) == "集成电路 jichengdianlu jcdl x-1"
    assert search_text("中试AI平台2期") == "中试ai平台2期 zhongshiaipingtai2qi zsaipt2q"


def test_zones_are_found_in_every_data_set_and_leads_are_marked(db_session: Session) -> None:
    add_project(db_session, "P1", {10: date(2026, 5, 1)})
    add_project(db_session, "P2")
    derive_all(db_session, OWN)
    zone = db_session.get_one(SearchEntry, ("zone", "SMKX"))
    assert (zone.provenance, zone.scheme_id, zone.detail) == ("reference", "wcsc", "双流区、新津区")
    assert "smkxcxq" in zone.text
    assert zone.lon is not None
    leads = db_session.execute(select(SearchEntry.entity_id, SearchEntry.lead).where(SearchEntry.provenance == OWN))
    assert dict(leads.all()) == {"P1": True, "P2": False}
