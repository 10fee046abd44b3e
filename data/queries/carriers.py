"""Carriers 载体: totals of floor area and vacancy, and a sheet of one building."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from data import models as m
from data.indicators.places import FREE, TAKEN, is_carrier
from data.queries import gate
from data.queries.catalogue import catalogue
from data.queries.filter_sql import entity_conditions
from domain.filters import filter_of
from domain.viewer import Viewer
from domain.viewstate import ViewState


@dataclass(frozen=True)
class CarrierSummary:
    """Totals over the chosen zones, m². Vacancy is vacant / delivered lettable, take-up is taken / put on the market.

    The denominators differ, so the two do not add up to 100 % (rules §3.2.6). Published carriers have no
    units: then only `buildings` and `gross_area_m2` (with `without_area` buildings of unknown area) are known.
    """

    buildings: int
    units: int
    gross_area_m2: int | None
    without_area: int
    delivered_m2: int
    vacant_m2: int
    taken_m2: int
    marketed_m2: int


def carrier_summary(
    session: Session, viewer: Viewer, state: ViewState, *, zones: Sequence[str] | None = None
) -> CarrierSummary:
    """Totals of the carriers in the chosen zones; only zone and district restrict them."""
    at = catalogue(session).resolve(state)
    chosen = tuple(zones) if zones is not None else at.chosen
    building, unit = m.CarrierBuilding, m.CarrierUnit
    here = [
        building.provenance == at.provenance,
        is_carrier(),
        building.zone_code.in_(chosen),
        *entity_conditions("carrier", filter_of(state, at.period)),
    ]
    n, gross, unknown = session.execute(
        select(
            func.count(),
            func.sum(building.gross_area_m2),
            func.sum(case((building.gross_area_m2.is_(None), 1), else_=0)),
        ).where(*here)
    ).one()
    by_state = {
        s: (int(c), int(a))
        for s, c, a in session.execute(
            select(unit.state, func.count(), func.sum(unit.area_m2))
            .join(building, building.id == unit.building_id)
            .where(*here)
            .group_by(unit.state)
        )
    }
    area = {s: a for s, (_, a) in by_state.items()}
    marketed = sum(a for s, a in area.items() if s not in ("reserved", "frozen"))
    return CarrierSummary(
        buildings=int(n),
        units=sum(c for c, _ in by_state.values()),
        gross_area_m2=int(gross) if gross is not None and gate.adds_up(at.provenance) else None,
        without_area=int(unknown or 0),
        delivered_m2=sum(a for s, a in area.items() if s != "building"),
        vacant_m2=sum(area.get(s, 0) for s in FREE),
        taken_m2=sum(area.get(s, 0) for s in TAKEN),
        marketed_m2=marketed,
    )


def carrier_list(
    session: Session, viewer: Viewer, state: ViewState, *, zones: Sequence[str] | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Buildings with their free area and asking rents, most free area first, then the largest."""
    at = catalogue(session).resolve(state)
    chosen = tuple(zones) if zones is not None else at.chosen
    building, unit = m.CarrierBuilding, m.CarrierUnit
    free = func.sum(case((unit.state.in_(FREE), unit.area_m2), else_=0))
    stmt = (
        select(
            building,
            free,
            func.sum(unit.area_m2),
            func.min(unit.rent_yuan_m2_month),
            func.max(unit.rent_yuan_m2_month),
        )
        .outerjoin(unit, unit.building_id == building.id)
        .where(
            building.provenance == at.provenance,
            is_carrier(),
            building.zone_code.in_(chosen),
            *entity_conditions("carrier", filter_of(state, at.period)),
        )
        .group_by(building.id)
        .order_by(free.desc().nulls_last(), building.gross_area_m2.desc().nulls_last(), building.id)
        .limit(limit)
    )
    rows = []
    for b, vacant, lettable, rent_low, rent_high in session.execute(stmt):
        row = {
            "id": b.id,
            "name_zh": b.name_zh,
            "zone_code": b.zone_code,
            "carrier_type": b.carrier_type,
            "operator": b.operator,
            "gross_area_m2": b.gross_area_m2,
            "vacant_m2": int(vacant) if lettable is not None else None,
            "lettable_m2": int(lettable) if lettable is not None else None,
            "rent_yuan_m2_month": [rent_low, rent_high] if rent_low is not None else None,
            "features": b.features,
            "note": b.note,
            "doubt": b.doubt,
            "source": b.source,
            "as_of": b.as_of,
            "position_is_schematic": b.position_is_schematic,
            "lon": b.lon,
            "lat": b.lat,
        }
        rows.append(gate.strip(viewer, row, at.provenance))
    return rows
