"""Where a project stands: its footprint by statutory district, in whole m² that sum to the footprint (rules §3.3.7, §4.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data.boundaries import metric_crs, project
from data.derive.common import bulk_insert, project_ids
from data.models import AdminUnit, Project, ProjectDistrict, ProjectSite, Zone, ZoneDistrict, ZoneScheme
from domain.attribution import merge_slivers
from domain.units import largest_remainder


@dataclass(frozen=True)
class DistrictIndex:
    """The statutory districts, in lon/lat, ready for many look-ups."""

    codes: tuple[str, ...]
    shapes: tuple[BaseGeometry, ...]
    tree: STRtree

    def at_each(self, lon: Sequence[float], lat: Sequence[float]) -> list[str | None]:
        """`at` of many points."""
        found: list[str | None] = [None] * len(lon)
        points, districts = self.tree.query(shapely.points(lon, lat), predicate="intersects")
        # The first district wins: it is written last.
        for point, district in sorted(zip(points.tolist(), districts.tolist(), strict=True), reverse=True):
            found[point] = self.codes[district]
        return found

    def at(self, lon: float, lat: float) -> str | None:
        """Code of the district a point lies in, None outside all of them."""
        hits = self.tree.query(Point(lon, lat), predicate="intersects")
        return self.codes[min(hits)] if len(hits) else None


def district_index(session: Session) -> DistrictIndex:
    """The districts of the database that have a geometry."""
    rows = session.execute(
        select(AdminUnit.code, AdminUnit.geom)
        .where(AdminUnit.kind == "statutory", AdminUnit.geom.is_not(None))
        .order_by(AdminUnit.code)
    ).all()
    shapes = tuple(row.geom for row in rows)
    shapely.prepare(list(shapes))
    return DistrictIndex(tuple(row.code for row in rows), shapes, STRtree(list(shapes)))


def split_footprint(footprint: BaseGeometry, index: DistrictIndex, crs: str, total_m2: int | None) -> dict[str, int]:
    """Area of a lon/lat footprint in each district, whole m² by code, largest first.

    Measured in `crs`; parts under max(1 亩, 0.5 %) are slivers and go to the largest part (rules §4.1 A); the parts sum to
    `total_m2`, or to the measured area when that is not given. Empty when it lies outside every district.
    """
    candidates = sorted(int(i) for i in index.tree.query(footprint, predicate="intersects"))
    if not candidates:
        return {}
    metric = project(footprint, crs)
    whole = float(metric.area)
    if len(candidates) == 1:
        exact = {index.codes[candidates[0]]: whole}
    else:
        exact = {index.codes[i]: float(project(index.shapes[i].intersection(footprint), crs).area) for i in candidates}
    parts = merge_slivers({code: round(area) for code, area in exact.items()})
    total = round(whole) if total_m2 is None else total_m2
    whole_m2 = largest_remainder(total, list(parts.values())) if any(parts.values()) else []
    return dict(sorted(zip(parts, whole_m2, strict=True), key=lambda item: (-item[1], item[0])))


def derive_districts(session: Session, provenance: str) -> int:
    """Rebuild `project_district` for one data set; returns the rows written.

    Without a footprint a project stands where its main site or its point is, with area None. A schematic point says
    no more than its zone: it gives a district only where the whole zone lies in one.
    """
    session.execute(delete(ProjectDistrict).where(ProjectDistrict.project_id.in_(project_ids(provenance))))
    return bulk_insert(session, ProjectDistrict, list(_rows(session, provenance)))


def _rows(session: Session, provenance: str) -> Iterator[dict[str, Any]]:
    index = district_index(session)
    crs_of = dict(
        session.execute(select(Zone.code, ZoneScheme.area_crs).join(ZoneScheme, Zone.scheme_id == ZoneScheme.id)).all()
    )
    sites = _main_sites(session, provenance)
    only_district = _only_districts(session)
    rows = session.execute(
        select(
            Project.id,
            Project.zone_code,
            Project.land_m2,
            Project.footprint,
            Project.lon,
            Project.lat,
            Project.position_is_schematic,
        )
        .where(Project.provenance == provenance)
        .order_by(Project.id)
    ).all()
    at_point = _at_points(rows, index)
    for row in rows:
        if row.footprint is not None:
            middle = row.footprint.centroid
            crs = crs_of.get(row.zone_code or "") or metric_crs(middle.x, middle.y)
            areas: dict[str, int | None] = dict(split_footprint(row.footprint, index, crs, row.land_m2))
        else:
            code = sites.get(row.id)
            if code is None and row.position_is_schematic:
                code = only_district.get(row.zone_code)
            elif code is None:
                code = at_point.get(row.id)
            areas = {} if code is None else {code: None}
        for position, (code, area) in enumerate(areas.items()):
            yield {"project_id": row.id, "district_code": code, "area_m2": area, "is_primary": position == 0}


def _at_points(rows: Sequence[Any], index: DistrictIndex) -> dict[str, str | None]:
    """District of the point of every project without a footprint; asked together, which costs less than one by one."""
    placed = [row for row in rows if row.footprint is None and row.lon is not None and row.lat is not None]
    districts = index.at_each([row.lon for row in placed], [row.lat for row in placed])
    return dict(zip((row.id for row in placed), districts, strict=True))


def _main_sites(session: Session, provenance: str) -> dict[str, str]:
    rows: Sequence[Any] = session.execute(
        select(ProjectSite.project_id, ProjectSite.district_code)
        .where(ProjectSite.role == "main", ProjectSite.project_id.in_(project_ids(provenance)))
        .order_by(ProjectSite.id)
    ).all()
    return {row.project_id: row.district_code for row in rows if row.district_code is not None}


def _only_districts(session: Session) -> dict[str | None, str]:
    found: dict[str | None, list[str]] = defaultdict(list)
    for zone, district in session.execute(select(ZoneDistrict.zone_code, ZoneDistrict.district_code)):
        found[zone].append(district)
    return {zone: codes[0] for zone, codes in found.items() if len(codes) == 1}
