"""Imported zones by district: their share of each one, as for the schemes that come with the program (rules §2.4)."""

from __future__ import annotations

import json

import shapely
from shapely.strtree import STRtree
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data.boundaries import project
from data.models import AdminUnit, ImportChange, Zone, ZoneDistrict, ZoneScheme

_SLIVER = 0.005


def split_zones(session: Session) -> None:
    """Rebuild `zone_district` for every zone that was imported. Axes have no area."""
    keys = session.scalars(select(ImportChange.row_key).where(ImportChange.table_id == "zones").distinct())
    codes = [json.loads(key)[0] for key in keys]
    districts = session.execute(
        select(AdminUnit.code, AdminUnit.geom).where(AdminUnit.kind == "statutory", AdminUnit.geom.is_not(None))
    ).all()
    tree = STRtree([row.geom for row in districts])
    zones = session.execute(
        select(Zone.code, Zone.geom, ZoneScheme.area_crs)
        .join(ZoneScheme, ZoneScheme.id == Zone.scheme_id)
        .where(Zone.role != "axis", Zone.code.in_(codes))
    ).all()
    for zone in zones:
        session.execute(delete(ZoneDistrict).where(ZoneDistrict.zone_code == zone.code))
        whole = project(zone.geom, zone.area_crs).area
        for index in sorted(tree.query(zone.geom, predicate="intersects").tolist()):
            area = project(shapely.intersection(districts[index].geom, zone.geom), zone.area_crs).area
            if area > _SLIVER * whole:
                session.add(ZoneDistrict(zone_code=zone.code, district_code=districts[index].code, area_m2=round(area)))
    session.flush()
