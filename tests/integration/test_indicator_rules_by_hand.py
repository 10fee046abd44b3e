"""Ratios, registers, land, cohorts and platforms on a few records, worked out by hand; and ratios that differ within a cell."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
import shapely
from sqlalchemy import insert
from sqlalchemy.orm import Session

from data import models as m
from data.derive.kpis import derive_kpis
from data.indicators.places import CLUSTERS
from data.queries.attribution import split
from data.queries.kpis import Figure, figures
from data.queries.question import Question
from domain.lights import NO_LIGHT
from domain.viewer import Role, Viewer
from domain.viewstate import Scope, ViewState
from tests.support.own_data import GXQ, OWN, SHUANGLIU, XINJIN, OwnData

LEADER, PROMOTER = Viewer(Role.LEADERSHIP), Viewer(Role.PROMOTER)


@pytest.fixture
def own(db_session: Session) -> OwnData:
    """A data set of the owner's without any record."""
    return OwnData(db_session)


def figure(own: OwnData, state: ViewState, kpi: str, *zones: str) -> Figure:
    return figures(Question.of(own.session, LEADER, state), (kpi,), zones=zones or ("SMKX",))[kpi]


def test_a_ratio_that_rose_from_a_half_to_three_quarters_grew_by_25_points(own: OwnData) -> None:
    for key, node, before, now in (("F1", "DRUG-U1", 100, 300), ("F2", "IC-M1", 100, 100)):
        own.firm(key, output=now)
        own.add(
            m.EnterpriseMonth(period="2025-09", enterprise_id=key, output_ytd_wan=before),
            m.EntityNode(entity_kind="enterprise", entity_id=key, node_id=node, link_source="manual", confidence=1.0),
        )
    found = figure(own, own.state(), "K53")
    assert (found.value, found.yoy, found.yoy_kind) == (75, 25, "points")


def test_a_ratio_that_fell_has_points_below_zero_under_a_filter_too(own: OwnData) -> None:
    own.firm("F1", output=1, year={"revenue_wan": 1_000, "rd_wan": 30})
    own.firm("F2", output=1, year={"revenue_wan": 4_000, "rd_wan": 400})
    last = {"year": 2024, "revenue_wan": 1_000, "rd_wan": 50}
    own.session.execute(insert(m.EnterpriseYear).values(enterprise_id="F1", **last))
    own.add(
        m.EntityNode(entity_kind="enterprise", entity_id="F1", node_id="IC-M1", link_source="manual", confidence=1.0)
    )
    state = own.state()
    assert figure(own, state, "K17").yoy == Fraction(430 * 100, 5_000) - 5
    found = figure(own, state.with_(chains=("IC",)), "K17")
    assert (found.value, found.yoy) == (3, -2)


def test_node_coverage_of_two_zones_together_grew_by_the_node_that_was_new_to_both(own: OwnData) -> None:
    for key, zone, node, founded in (
        ("F1", "SMKX", "IC-M1", 2015), ("F2", "WLKJC", "IC-M1", 2015), ("F3", "WLKJC", "DRUG-U1", 2026),
    ):  # fmt: skip
        own.firm(key, zone, output=1, founded=founded)
        own.add(
            m.EntityNode(entity_kind="enterprise", entity_id=key, node_id=node, link_source="manual", confidence=1.0)
        )
    found = figure(own, own.state(), "K54", "SMKX", "WLKJC")
    nodes = own.session.query(m.ChainNode).count()
    assert (found.numerator, found.denominator) == (2, nodes)
    assert found.yoy == Fraction(100, nodes)


def test_production_is_of_the_projects_that_started_and_not_of_all_that_signed(own: OwnData) -> None:
    started, producing = {90: date(2024, 9, 1)}, {90: date(2024, 9, 1), 120: date(2025, 6, 1)}
    for key, stones in (("P1", producing), ("P2", started), ("P3", {}), ("P4", {})):
        own.project(key, stones=stones, fai={"2026-09": 1})
    found = figure(own, own.state(), "K27")
    assert (found.period, found.numerator, found.denominator) == ("2026Q3", 1, 2)
    assert found.value == 50


def test_idle_land_is_what_was_determined_idle_and_not_every_contract(own: OwnData) -> None:
    for n, (status, area) in enumerate(
        ((None, 1_000), ("investigating", 2_000), ("not_idle", 4_000), ("determined_idle", 5_000))
    ):
        own.add(
            m.LandParcel(
                id=f"L{n}", zone_code="SMKX", district_code=SHUANGLIU, landuse_scheme="YDYH2023", plan_code="1001",
                land_state="supplied", area_m2=area, datum="CGCS2000", provenance=OWN, source="test",
                geom=shapely.box(104 + n / 100, 30.36, 104.005 + n / 100, 30.365),
            ),
            m.LandContract(
                id=f"C{n}", parcel_id=f"L{n}", signed_on=date(2022, 1, 1), price_wan=100, agreed_start=date(2022, 6, 1),
                legal_status=status, legal_doc="文号" if status else None, provenance=OWN, source="test",
            ),
        )  # fmt: skip
    found = figure(own, own.state(), "K40")
    assert (found.numerator, found.denominator) == (5_000, 12_000)


def test_a_cell_whose_firms_are_divided_by_different_ratios_is_hidden_though_its_firms_are_enough(own: OwnData) -> None:
    """70 % of three firms and 50 % of a fourth, beside the total of all four, would give the fourth away."""
    own.agreement("zone", {SHUANGLIU: "0.7", XINJIN: "0.3"})
    for n in range(4):
        own.firm(f"F{n}", output=1_000)
    state = own.state(Scope.SHARED)
    alike = split(Question.of(own.session, PROMOTER, state), "K04")
    assert {part.unit: part.amount for part in alike.parts} == {SHUANGLIU: 2_800, XINJIN: 1_200}
    own.project("P1", firm="F3", fai={"2026-09": 1})
    own.agreement("one", {SHUANGLIU: "0.5", XINJIN: "0.5"}, project="P1")
    state = own.state(Scope.SHARED)
    to_owner = split(Question.of(own.session, LEADER, state), "K04")
    assert {part.unit: part.amount for part in to_owner.parts} == {SHUANGLIU: 2_600, XINJIN: 1_400}
    found = split(Question.of(own.session, PROMOTER, state), "K04")
    assert {part.unit: (part.amount, part.reason) for part in found.parts} == {
        SHUANGLIU: (None, "suppressed"), XINJIN: (None, "suppressed"),
    }  # fmt: skip
    assert (found.total, {p.amount for z in found.by_zone if z.zone == "SMKX" for p in z.parts}) == (4_000, {None})


def test_a_firm_on_a_register_until_last_year_is_not_on_it_this_year(own: OwnData) -> None:
    for key, until in (("F1", 2025), ("F2", 2026), ("F3", None)):
        own.firm(key, output=1, unit=GXQ, high_tech_from=2023, high_tech_to=until)
    found = figure(own, own.state(), "K44")
    assert (found.period, found.value) == ("2026Q3", 2)


def _parcels(own: OwnData) -> None:
    """Six parcels of the road from farmland to a factory; area doubles so that every sum names its parts (m²)."""
    for n, (state, plan, status) in enumerate(
        (
            ("farmland", "0101", "0101"), ("developable", "1001", "0101"), ("ready", "1001", "0101"),
            ("supplied", "1001", "0101"), ("built", "0701", "1001"), ("built", "1001", "0701"),
        )
    ):  # fmt: skip
        own.add(
            m.LandParcel(
                id=f"L{n}", zone_code="SMKX", district_code=SHUANGLIU, landuse_scheme="YDYH2023", plan_code=plan,
                status_code=status, land_state=state, area_m2=1_000 * 2**n, datum="CGCS2000", provenance=OWN,
                source="test", floor_area_m2=50_000 if n == 5 else None,
                geom=shapely.box(104 + n / 100, 30.36, 104.005 + n / 100, 30.365),
            )
        )  # fmt: skip


@pytest.mark.parametrize(
    ("kpi", "numerator", "denominator"),
    [
        ("K37", 60_000, 62_000),  # ready, supplied and built, of all that can be developed
        ("K38", 56_000, 60_000),  # supplied and built, of what is ready
        ("K39", 48_000, 56_000),  # built, of what is supplied
        ("K41", 16_000, 48_000),  # industrial today, of what is built
        ("K42", 50_000, 48_000),  # floor space, of what is built
    ],
)
def test_land_rates_take_each_parcel_at_the_state_it_has_reached(
    own: OwnData, kpi: str, numerator: int, denominator: int
) -> None:
    _parcels(own)
    found = figure(own, own.state(), kpi)
    assert (found.numerator, found.denominator) == (numerator, denominator)


def test_land_in_store_is_planned_for_industry_and_not_yet_supplied(own: OwnData) -> None:
    _parcels(own)
    assert figure(own, own.state(), "K43").value == 2_000 + 4_000


def test_investment_in_industry_is_that_of_industrial_projects_alone(own: OwnData) -> None:
    own.project("P1", fai={"2026-09": 700})
    own.project("P2", fai={"2026-09": 100}, industrial=False)
    state = own.state()
    assert figure(own, state, "K02").value == 700
    share = figure(own, state, "K03")
    assert (share.numerator, share.denominator, share.value) == (700, 800, Fraction(175, 2))


def test_a_major_project_is_one_of_at_least_a_billion(own: OwnData) -> None:
    for key, wan in (("P1", 99_999), ("P2", 100_000), ("P3", 100_001)):
        own.project(key, signed=date(2026, 3, 1), total_wan=wan, fai={"2026-09": 1})
    state = own.state()
    assert (figure(own, state, "K20").value, figure(own, state, "K21").value) == (3, 2)


def test_red_projects_are_of_those_that_have_a_light(own: OwnData) -> None:
    for n in range(4):
        own.project(f"P{n}", fai={"2026-09": 1})
    state = own.state()
    month = {row.project_id: row for row in own.session.query(m.ProjectMonth).filter_by(period="2026-09")}
    for key, light in (("P0", "red"), ("P1", "green"), ("P2", "yellow"), ("P3", NO_LIGHT)):
        month[key].light = light
    own.session.flush()
    derive_kpis(own.session, OWN)
    found = figure(own, state, "K32")
    assert (found.numerator, found.denominator) == (1, 3)


def test_a_start_counts_within_twelve_months_of_the_signing(own: OwnData) -> None:
    for key, day in (("P1", date(2025, 8, 1)), ("P2", date(2026, 3, 1)), ("P3", date(2026, 5, 1)), ("P4", None)):
        own.project(key, signed=date(2025, 4, 1), stones={90: day} if day else {}, fai={"2026-09": 1})
    found = figure(own, own.state(), "K26")
    assert (found.period, found.numerator, found.denominator) == ("2026Q3", 2, 4)


def test_land_per_mu_counts_leased_floors_by_their_plot_ratio(own: OwnData) -> None:
    own.firm("F1", output=1, year={"tax_wan": 40, "land_m2": 2_000, "leased_m2": 9_000, "leased_far": 3.0})
    own.firm("F2", output=1, year={"tax_wan": 10, "leased_m2": 9_000})  # leased without its plot ratio: unknown
    found = figure(own, own.state(), "K10")
    assert (found.numerator, found.denominator) == (40, 2_000 + 3_000)


def test_a_platform_counts_from_its_start_and_one_without_a_date_only_now(own: OwnData) -> None:
    own.project("P1", fai={"2025-09": 1, "2026-09": 1})
    for key, since in (("T1", "2024-03"), ("T2", "2026-02"), ("T3", None)):
        own.add(
            m.Platform(
                id=key, name_zh=key, category=CLUSTERS[0], zone_code="SMKX", since=since, position_is_schematic=False,
                provenance=OWN, source="test",
            )
        )  # fmt: skip
    found = figure(own, own.state(), "K51")
    assert (found.value, found.yoy) == (3, 2)


def test_a_firm_is_on_the_register_above_size_from_the_month_of_its_entry(own: OwnData) -> None:
    for key, since in (("F1", "2020-01"), ("F2", "2026-09"), ("F3", "2026-10"), ("F4", None)):
        own.firm(key, output=1, above_scale_since=since)
    found = figure(own, own.state(), "K45")
    assert (found.period, found.value, found.yoy) == ("2026-09", 2, 1)


def test_a_filter_of_a_ratio_takes_the_projects_of_the_kind_and_of_the_district(own: OwnData) -> None:
    for key, started, district, kind in (
        ("P1", True, SHUANGLIU, "A"),
        ("P2", False, SHUANGLIU, ""),
        ("P3", True, XINJIN, ""),
    ):
        stones = {90: date(2025, 5, 1)} if started else {}
        own.project(key, signed=date(2025, 4, 1), stones=stones, districts={district: 1_000}, fai={"2026-09": 1})
        if kind:
            own.add(m.ProjectKind(project_id=key, kind=kind))
    state = own.state()
    found = {name: figure(own, state.with_(**chosen), "K26") for name, chosen in {
        "all": {}, "kind": {"kinds": ("A",)}, "district": {"districts": (SHUANGLIU,)}, "other": {"districts": (XINJIN,)},
    }.items()}  # fmt: skip
    assert {name: (f.numerator, f.denominator) for name, f in found.items()} == {
        "all": (2, 3), "kind": (1, 1), "district": (1, 2), "other": (1, 1),
    }  # fmt: skip


def test_a_pause_ends_a_project_unless_it_went_on_afterwards(own: OwnData) -> None:
    start, pause = {90: date(2025, 5, 1)}, {910: date(2025, 8, 1)}
    own.project("P1", signed=date(2025, 4, 1), stones={**start, **pause}, fai={"2026-09": 1})
    own.project("P2", signed=date(2025, 4, 1), stones={**start, **pause, 120: date(2025, 12, 1)}, fai={"2026-09": 1})
    found = figure(own, own.state(), "K26")
    assert (found.numerator, found.denominator) == (1, 2)
