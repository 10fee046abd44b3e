"""Figures reconcile: zones sum to the science city, ratios come from sums, filters sum the records."""

from __future__ import annotations

from fractions import Fraction

import pytest
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data import models as m
from data.queries.catalogue import catalogue
from data.queries.kpis import HEADLINE, figures
from data.queries.land import land_chain, land_summary
from data.queries.question import Question
from domain.filters import Facet
from domain.indicators import Method
from domain.lifecycle import STAGE_GROUPS
from domain.units import exact
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, Grouping, ViewState

LEADER, PROSPECT, PROMOTER = Viewer(Role.LEADERSHIP), Viewer(Role.PROSPECT), Viewer(Role.PROMOTER)


def test_five_parks_equal_the_science_city_for_every_additive_kpi(db_session: Session) -> None:
    known = catalogue(db_session)
    state = ViewState()
    zones = known.resolve(state).zones
    whole = figures(Question.of(db_session, LEADER, state), tuple(known.kpis))
    by_zone = {z: figures(Question.of(db_session, LEADER, state), tuple(known.kpis), zones=(z,)) for z in zones}
    checked = 0
    for kpi_id, total in whole.items():
        if total.kpi.method is Method.SUM and total.value is not None:
            parts = [by_zone[z][kpi_id].value for z in zones]
            assert sum((exact(p) for p in parts if p is not None), Fraction(0)) == exact(total.value), kpi_id
            checked += 1
    assert checked >= 10


def test_ratios_are_recomputed_from_sums(db_session: Session) -> None:
    known = catalogue(db_session)
    state = ViewState()
    zones = known.resolve(state).zones
    ratios = tuple(k for k, d in known.kpis.items() if d.is_ratio)
    whole = figures(Question.of(db_session, LEADER, state), ratios)
    by_zone = {z: figures(Question.of(db_session, LEADER, state), ratios, zones=(z,)) for z in zones}
    checked = 0
    for kpi_id, total in whole.items():
        if total.value is None or total.partial or total.kpi.method is Method.UNION:
            continue
        tops = sum(exact(by_zone[z][kpi_id].numerator or 0) for z in zones)
        bottoms = sum(exact(by_zone[z][kpi_id].denominator or 0) for z in zones)
        assert (exact(total.numerator or 0), exact(total.denominator or 0)) == (tops, bottoms), kpi_id
        checked += 1
    assert checked >= 10


def test_growth_published_at_comparable_prices_is_never_derived(db_session: Session) -> None:
    figure = figures(Question.of(db_session, LEADER, ViewState()), ("K05",))["K05"]
    assert (figure.value, figure.reason) == (None, "not_derivable")


@pytest.mark.parametrize("kpi_id", ["K01", "K02", "K20", "K21", "K22", "K23", "K24", "K04", "K08"])
def test_records_sum_to_the_reported_value(db_session: Session, kpi_id: str) -> None:
    """A filter that selects everything sums the records; it must give the reported total."""
    known = catalogue(db_session)
    reported = figures(Question.of(db_session, LEADER, ViewState()), (kpi_id,))[kpi_id]
    everything = (
        ViewState(by=Grouping.ADMIN, districts=tuple(u.code for u in known.units.values() if u.kind == "statutory"))
        if kpi_id in ("K04", "K08")
        else ViewState(stages=tuple(STAGE_GROUPS))
    )
    summed = figures(Question.of(db_session, LEADER, everything), (kpi_id,))[kpi_id]
    assert summed.from_records
    assert (summed.value, summed.unit) == (reported.value, reported.unit)


def test_what_cannot_follow_a_filter_says_so_instead_of_a_stale_value(db_session: Session) -> None:
    known = catalogue(db_session)
    fixed = tuple(k.id for k in known.kpis.values() if Facet.CHAIN not in k.facets)
    assert {"K05", "K33", "K37", "K48", "K53", "K54"} <= set(fixed)
    for figure in figures(Question.of(db_session, LEADER, ViewState(chains=("IC",), zones=("SMKX",))), fixed).values():
        assert (figure.value, figure.reason, figure.missed) == (None, "not_filterable", (Facet.CHAIN,))
    lights = figures(Question.of(db_session, LEADER, ViewState(lights=("red",))), ("K04", "K01"))
    assert (lights["K04"].reason, lights["K04"].missed) == ("not_filterable", (Facet.LIGHT,))
    assert lights["K01"].value is not None


def test_no_january_point_for_investment(db_session: Session) -> None:
    for state in (ViewState(period="2026-01"), ViewState(period="2026-01", chains=("IC",))):
        figure = figures(Question.of(db_session, LEADER, state), ("K01",))["K01"]
        assert (figure.value, figure.reason) == (None, "no_january")


def test_a_prospect_gets_no_totals_of_the_demo_set(db_session: Session) -> None:
    for figure in figures(Question.of(db_session, PROSPECT, ViewState()), HEADLINE).values():
        assert (figure.value, figure.reason, figure.spark) == (None, "withheld", ())


def test_a_sum_of_fewer_than_three_firms_is_hidden_from_a_promoter(db_session: Session) -> None:
    node = db_session.scalars(
        select(m.EntityNode.node_id)
        .join(m.Enterprise, m.Enterprise.id == m.EntityNode.entity_id)
        .where(m.EntityNode.entity_kind == "enterprise", m.Enterprise.zone_code.in_(("CDKXC", "XJJHL", "SMKX")))
        .group_by(m.EntityNode.node_id)
        .having(func.count() < 3)
        .order_by(m.EntityNode.node_id)
    ).first()
    assert node is not None
    state = ViewState(nodes=(node,), zones=("CDKXC", "XJJHL", "SMKX"))
    assert figures(Question.of(db_session, PROMOTER, state), ("K08",))["K08"].reason == "suppressed"
    assert figures(Question.of(db_session, LEADER, state), ("K08",))["K08"].reason is None


def test_land_shares_with_the_uncovered_rest_sum_to_the_zone(db_session: Session) -> None:
    known = catalogue(db_session)
    for kind in ("status", "plan"):
        for zone in known.resolve(ViewState()).zones:
            summary = land_summary(Question.of(db_session, LEADER, ViewState(landuse=kind)), zones=(zone,))
            total = sum(s.area_m2 for s in summary.shares)
            assert abs(total - summary.zone_area_m2) <= 0.001 * summary.zone_area_m2


def test_parcels_of_another_standard_are_not_called_uncovered(db_session: Session) -> None:
    square = shapely.box(104.06, 30.40, 104.07, 30.41)
    for number, code in enumerate(("M1", None)):
        db_session.add(
            m.LandParcel(
                id=f"OP{number}", zone_code="CDKXC", landuse_scheme="GB50137_2011", status_code=code, area_m2=1000, geom=square,
                provenance="official", source="表", datum="CGCS2000",
            )
        )  # fmt: skip
    db_session.flush()
    summary = land_summary(Question.of(db_session, LEADER, ViewState(dataset=Dataset.OWN)), zones=("CDKXC",))
    assert [(s.code, s.name_zh, s.area_m2) for s in summary.shares] == [
        ("", "未归类", 2000),
        (None, "未覆盖", summary.zone_area_m2 - 2000),
    ]


def test_land_chain_only_shrinks(db_session: Session) -> None:
    chain = land_chain(Question.of(db_session, LEADER, ViewState()))
    assert chain is not None
    assert chain.developable_m2 >= chain.ready_m2 >= chain.supplied_m2 >= chain.built_m2 > 0


def test_chain_coverage_is_taken_on_the_union_of_firms(db_session: Session) -> None:
    """Never a mean or a sum of zones: at least the best zone, at most all nodes (rules §5.3)."""
    known = catalogue(db_session)
    whole = figures(Question.of(db_session, LEADER, ViewState()), ("K54",))["K54"]
    zones = known.resolve(ViewState()).zones
    parts = [figures(Question.of(db_session, LEADER, ViewState()), ("K54",), zones=(z,))["K54"] for z in zones]
    assert whole.denominator == len(known.nodes)
    assert max(p.numerator or 0 for p in parts) <= (whole.numerator or 0) <= sum(p.numerator or 0 for p in parts)
