"""One carrier, plot, platform, parcel or enterprise: what a click or a search hit opens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data import models as m
from data.queries import gate
from data.queries.carriers import FREE
from data.queries.question import Question
from domain.viewer import FieldClass, Role, Viewer


@dataclass(frozen=True)
class EntityCard:
    """A record with the fields the viewer may have; lon/lat in WGS 84 where it has a place."""

    kind: str
    id: str
    name: str
    zone_code: str | None
    fields: dict[str, Any]
    provenance: str
    source: str | None
    as_of: str | None
    lon: float | None
    lat: float | None
    position_is_schematic: bool


def entity_card(question: Question, kind: str, entity_id: str) -> EntityCard | None:
    """The record, or None when there is none in the data set on screen or the viewer may not see it."""
    build = {
        "carrier": _carrier,
        "plot": _plot,
        "platform": _platform,
        "parcel": _parcel,
        "enterprise": _enterprise,
    }.get(kind)
    card = build(question.session, question.viewer, question.at.provenance, entity_id) if build else None
    return replace(card, fields=gate.strip(question.viewer, card.fields, question.at.provenance)) if card else None


def _carrier(session: Session, viewer: Viewer, provenance: str, entity_id: str) -> EntityCard | None:
    found = session.get(m.CarrierBuilding, entity_id)
    if found is None or found.provenance != provenance:
        return None
    unit = m.CarrierUnit
    units, free, low, high, soonest = session.execute(
        select(
            func.count(),
            func.sum(unit.area_m2).filter(unit.state.in_(FREE)),
            func.min(unit.rent_yuan_m2_month),
            func.max(unit.rent_yuan_m2_month),
            func.min(unit.available_from),
        ).where(unit.building_id == entity_id)
    ).one()
    fields = {
        "carrier_type": found.carrier_type,
        "operator": found.operator,
        "contact_role": found.contact_role,
        "floors": found.floors,
        "height_m": found.height_m,
        "gross_area_m2": found.gross_area_m2,
        "doubt": found.doubt,
        "units": units or None,
        "vacant_m2": int(free) if free is not None else (0 if units else None),
        "rent_yuan_m2_month": [low, high] if low is not None else None,
        "available_from": str(soonest) if soonest else None,
        "power_kva": found.power_kva,
        "dual_power": found.dual_power,
        "steam": found.steam,
        "features": found.features,
        "updated_on": str(found.updated_on) if found.updated_on else None,
    }
    return EntityCard(
        "carrier", found.id, found.name_zh, found.zone_code, fields, provenance,
        found.source, found.as_of, found.lon, found.lat, found.position_is_schematic,
    )  # fmt: skip


def _plot(session: Session, viewer: Viewer, provenance: str, entity_id: str) -> EntityCard | None:
    found = session.get(m.Plot, entity_id)
    if found is None or found.provenance != provenance:
        return None
    point = found.geom.representative_point() if found.geom is not None else None
    exact = viewer.may(FieldClass.EXACT_GEOMETRY)
    fields = {
        "plan": [found.landuse_scheme, found.landuse_code],
        "area_m2": found.area_m2,
        "far": [found.far_min, found.far_max],
        "supply_state": found.supply_state,
        "supply_mode": found.supply_mode,
        "tenure_years": found.tenure_years,
        "reserve_price_wan_mu": found.reserve_price_wan_mu,
        "intensity_wan_mu": found.intensity_wan_mu,
        "tax_wan_mu": found.tax_wan_mu,
        "utilities": found.utilities,
        "updated_on": str(found.updated_on) if found.updated_on else None,
    }
    return EntityCard(
        "plot", found.id, found.code, found.zone_code, fields, provenance,
        found.source, found.as_of, round(point.x, 5 if exact else 2) if point else None,
        round(point.y, 5 if exact else 2) if point else None, not exact,
    )  # fmt: skip


def _platform(session: Session, viewer: Viewer, provenance: str, entity_id: str) -> EntityCard | None:
    found = session.get(m.Platform, entity_id)
    if found is None or found.provenance != provenance:
        return None
    fields = {"category": found.category, "level": found.level, "host": found.host, "status": found.status,
              "since": found.since}  # fmt: skip
    return EntityCard(
        "platform", found.id, found.name_zh, found.zone_code, fields, provenance, found.source, found.as_of,
        found.lon, found.lat, found.position_is_schematic,
    )  # fmt: skip


def _parcel(session: Session, viewer: Viewer, provenance: str, entity_id: str) -> EntityCard | None:
    if provenance != "published" and not viewer.may(FieldClass.EXACT_GEOMETRY):
        return None
    found = session.get(m.LandParcel, entity_id)
    if found is None or found.provenance != provenance:
        return None
    point = found.geom.representative_point()
    fields = {
        "landuse": [found.landuse_scheme, found.status_code],
        "plan": [found.landuse_scheme, found.plan_code],
        "area_m2": found.area_m2,
        "land_state": found.land_state,
        "district": found.district_code,
    }
    return EntityCard(
        "parcel", found.id, found.id, found.zone_code, fields, provenance, found.source, found.as_of,
        point.x, point.y, False,
    )  # fmt: skip


def _enterprise(session: Session, viewer: Viewer, provenance: str, entity_id: str) -> EntityCard | None:
    if viewer.role is Role.PROSPECT and provenance != "published":
        return None
    found = session.get(m.Enterprise, entity_id)
    if found is None or found.provenance != provenance:
        return None
    fields = {
        "uscc": found.uscc,
        "industry": [found.industry_edition, found.industry_code, found.industry_name],
        "reg_unit": found.reg_unit,
        "stat_unit": found.stat_unit,
        "tax_unit": found.tax_unit,
        "ladder": found.ladder,
        "leader_of": found.leader_of,
        "above_scale_since": found.above_scale_since,
    }
    return EntityCard(
        "enterprise", found.id, found.name_zh, found.zone_code, fields, provenance, found.source, found.as_of,
        found.lon, found.lat, False,
    )  # fmt: skip


#: Zoom at which a record of a kind stands alone and what is round it still shows.
_CLOSE = {"project": 12.5, "unit": 10.0, "platform": 13.0, "enterprise": 13.5}
_CLOSER = 14.5  # carriers, plots and parcels are drawn as what they are


def position_of(question: Question) -> tuple[float, float, float] | None:
    """Where the selected thing is: lon, lat and zoom for the camera.

    None for a zone (framed by its box), for a group of records, and for what has no place.
    """
    kind, _sep, code = question.state.selection.partition(":")
    place = _place(question, kind, code)
    return (*place, _CLOSE.get(kind, _CLOSER)) if place else None


def _place(question: Question, kind: str, code: str) -> tuple[float, float] | None:
    if kind == "unit":
        return question.known.units[code].label if code in question.known.units else None
    if kind == "project":
        at = question.at
        row = question.session.execute(
            select(m.Project.lon, m.Project.lat)
            .join(m.ProjectMonth, m.ProjectMonth.project_id == m.Project.id)
            .where(
                m.Project.id == code,
                m.Project.provenance == at.provenance,
                m.ProjectMonth.period == at.period,
                gate.project_rows(question.viewer, at.provenance),
            )
        ).first()
        return (row[0], row[1]) if row and row[0] is not None and row[1] is not None else None
    card = entity_card(question, kind, code)
    return (card.lon, card.lat) if card and card.lon is not None and card.lat is not None else None
