"""Compiles a filter to SQLAlchemy conditions. layers/filter_expr.py compiles the same filter to MapLibre."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select

from data import models as m
from domain.filters import Facet, Filter

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
                related = select(m.ProjectDistrict.project_id).where(m.ProjectDistrict.district_code.in_(clause.values))
                conditions.append(m.Project.id.in_(related))
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
            conditions.append(district.in_(clause.values))
        elif clause.facet is Facet.CHAIN and kind in ("enterprise", "platform"):
            conditions.append(linked_ids(kind, clause.values))
    return conditions
