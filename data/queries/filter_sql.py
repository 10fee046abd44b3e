"""Compiles a filter to SQLAlchemy conditions. layers/filter_expr.py compiles the same filter to MapLibre."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from data import models as m
from domain.filters import Facet, Filter
from domain.grouping import Places

PROJECT_FACETS = frozenset(Facet)
ENTERPRISE_FACETS = frozenset({Facet.ZONE, Facet.DISTRICT, Facet.CHAIN})
PLATFORM_FACETS = frozenset({Facet.ZONE, Facet.CHAIN})
PLACE_FACETS = frozenset({Facet.ZONE, Facet.DISTRICT})


def linked_ids(kind: str, values: Sequence[str]) -> ColumnElement[bool]:
    """Condition: the record of `kind` is linked to any chain code or node id in `values` (rules §5.4)."""
    chains = [v for v in values if "-" not in v]
    nodes = [v for v in values if "-" in v]
    parts: list[ColumnElement[bool]] = []
    node, chain = m.EntityNode, m.EntityChain
    if nodes:
        parts.append(node.node_id.in_(nodes))
    if chains:
        parts.append(node.node_id.in_(select(m.ChainNode.id).where(m.ChainNode.chain_code.in_(chains))))
    by_node = select(node.entity_id).where(node.entity_kind == kind, or_(*parts))
    column = {
        "project": m.Project.id,
        "enterprise": m.Enterprise.id,
        "platform": m.Platform.id,
        "carrier": m.CarrierBuilding.id,
        "plot": m.Plot.id,
    }[kind]
    condition: ColumnElement[bool] = column.in_(by_node)
    if chains:
        by_chain = select(chain.entity_id).where(chain.entity_kind == kind, chain.chain_code.in_(chains))
        condition = or_(condition, column.in_(by_chain))
    return condition


def in_places(places: Places, zone: Any, district: Any) -> ColumnElement[bool]:
    """Condition: the columns of a zone and a district are of a place that the units of a filter count (rules §4.2.1)."""
    return _standing(places, zone, district.in_(places.districts))


def _standing(places: Places, zone: Any, in_districts: ColumnElement[bool]) -> ColumnElement[bool]:
    if places.apart:
        in_districts = and_(in_districts, or_(zone.is_(None), zone.not_in(places.apart)))
    return or_(zone.in_(places.whole), in_districts) if places.whole else in_districts


def project_stands(places: Places, *, mainly: bool = False) -> ColumnElement[bool]:
    """Condition on ``project``: some of its ground, or `mainly` most of it, is counted by the units of a filter."""
    ground = m.ProjectDistrict
    related = select(ground.project_id).where(ground.district_code.in_(places.districts))
    if mainly:
        related = related.where(ground.is_primary)
    return _standing(places, m.Project.zone_code, m.Project.id.in_(related))


def project_conditions(filter_: Filter) -> list[ColumnElement[bool]]:
    """Conditions on ``project`` ⋈ ``project_month``; the month itself is part of them."""
    conditions: list[ColumnElement[bool]] = [m.ProjectMonth.period == filter_.period]
    for clause in filter_.clauses:
        match clause.facet:
            case Facet.ZONE:
                conditions.append(m.Project.zone_code.in_(clause.values))
            case Facet.CHAIN:
                conditions.append(linked_ids("project", clause.values))
            case Facet.STAGE:
                conditions.append(m.ProjectMonth.stage_group.in_(clause.values))
            case Facet.LIGHT:
                conditions.append(m.ProjectMonth.light.in_(clause.values))
            case Facet.DISTRICT:
                conditions.append(project_stands(filter_.ground(clause)))
            case Facet.KIND:
                marked = select(m.ProjectKind.project_id).where(m.ProjectKind.kind.in_(clause.values))
                conditions.append(m.Project.id.in_(marked))
    return conditions


def entity_conditions(kind: str, filter_: Filter) -> list[ColumnElement[bool]]:
    """Conditions on ``enterprise``, ``platform``, ``carrier_building`` (kind "carrier"), ``plot`` or ``land_parcel``
    (kind "parcel") for the facets such a record has; other clauses of the filter are left out."""
    zone, district = {
        "enterprise": (m.Enterprise.zone_code, m.Enterprise.district_code),
        "platform": (m.Platform.zone_code, None),
        "carrier": (m.CarrierBuilding.zone_code, m.CarrierBuilding.district_code),
        "plot": (m.Plot.zone_code, m.Plot.district_code),
        "parcel": (m.LandParcel.zone_code, m.LandParcel.district_code),
    }[kind]
    conditions: list[ColumnElement[bool]] = []
    for clause in filter_.clauses:
        if clause.facet is Facet.ZONE:
            conditions.append(zone.in_(clause.values))
        elif clause.facet is Facet.DISTRICT and district is not None:
            conditions.append(in_places(filter_.ground(clause), zone, district))
        elif clause.facet is Facet.CHAIN and kind in ("enterprise", "platform"):
            conditions.append(linked_ids(kind, clause.values))
    return conditions
