"""What the generator reads before it draws anything: zones, districts, parties, chains from the database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m

_LONLAT_DIGITS = 7  # about 1 cm; also hides the last bits that differ between maths libraries


@dataclass(frozen=True)
class Node:
    """A chain node with the first GB/T 4754 code that stands for it."""

    id: str
    chain: str
    name: str
    tier: str
    edition: str
    code: str
    industry: str
    criticality: int

    @property
    def is_industry(self) -> bool:
        """Sections B-D of GB/T 4754-2017: division 06 to 46."""
        return "06" <= self.code[:2] <= "46"


@dataclass(frozen=True)
class DemoZone:
    """An area element of a scheme, in the scheme's metric CRS, with the districts it touches."""

    code: str
    scheme_id: str
    name: str
    short: str
    zone_type: str | None
    crs: str
    shape: BaseGeometry
    districts: tuple[tuple[str, BaseGeometry], ...]
    main_district: str
    authority: str | None
    functional_area: str | None
    parties: tuple[tuple[str, str], ...]  # (unit, role)
    chains: tuple[str, ...]

    @property
    def area_km2(self) -> float:
        """Area on the map in km²."""
        return float(self.shape.area / 1e6)

    @property
    def lead_unit(self) -> str:
        """Unit that runs the economy of the zone: the lead party, else the authority, else the district."""
        lead = next((unit for unit, role in self.parties if role == "lead"), None)
        return lead or self.authority or self.main_district

    @property
    def local_unit(self) -> str:
        """Unit that manages the ground."""
        return self.functional_area or self.main_district


@dataclass(frozen=True)
class World:
    """One scheme ready for drawing."""

    scheme_id: str
    zones: tuple[DemoZone, ...]
    nodes: tuple[Node, ...]
    agreements: tuple[m.ShareAgreement, ...]

    def zone(self, code: str) -> DemoZone | None:
        """The zone with this code, or None in another scheme."""
        return next((z for z in self.zones if z.code == code), None)


@lru_cache(maxsize=16)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def to_metric(geometry: Any, crs: str) -> Any:
    """Lon/lat shape or array of shapes in `crs`, x east, y north."""
    convert = _transformer("EPSG:4326", crs).transform
    return shapely.transform(geometry, convert, interleaved=False)


def to_lonlat(geometry: Any, crs: str) -> Any:
    """Metric shape or array of shapes in lon/lat, rounded to about 1 cm."""
    convert = _transformer(crs, "EPSG:4326").transform

    def rounded(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        lon, lat = convert(x, y)
        return np.round(lon, _LONLAT_DIGITS), np.round(lat, _LONLAT_DIGITS)

    return shapely.transform(geometry, rounded, interleaved=False)


def scheme_order(session: Session) -> list[str]:
    """Ids of the loaded schemes, the default one first."""
    return list(session.scalars(select(m.ZoneScheme.id).order_by(m.ZoneScheme.order_no, m.ZoneScheme.id)))


def read_world(session: Session, scheme_id: str) -> World:
    """Zones, districts, parties and chain nodes of one scheme.

    Raises ValueError when the scheme is not loaded, has no areas, or no chains are loaded.
    """
    scheme = session.get(m.ZoneScheme, scheme_id)
    if scheme is None:
        raise ValueError(f"the scheme {scheme_id!r} is not loaded: load the reference data first")
    rows = session.scalars(
        select(m.Zone)
        .where(m.Zone.scheme_id == scheme_id, m.Zone.role != "axis")
        .order_by(m.Zone.order_no, m.Zone.code)
    ).all()
    nodes = _nodes(session)
    if not rows or not nodes:
        raise ValueError(f"the scheme {scheme_id!r} has no areas or the chains are not loaded")
    zones = tuple(_zone(session, row, scheme.area_crs) for row in rows)
    agreements = session.scalars(
        select(m.ShareAgreement)
        .where(m.ShareAgreement.zone_code.in_([z.code for z in zones]))
        .order_by(m.ShareAgreement.id)
    ).all()
    return World(scheme_id, zones, nodes, tuple(agreements))


def _zone(session: Session, row: m.Zone, crs: str) -> DemoZone:
    parts = session.execute(
        select(m.ZoneDistrict.district_code, m.ZoneDistrict.area_m2, m.AdminUnit.geom)
        .join(m.AdminUnit, m.AdminUnit.code == m.ZoneDistrict.district_code)
        .where(m.ZoneDistrict.zone_code == row.code)
        .order_by(m.ZoneDistrict.area_m2.desc(), m.ZoneDistrict.district_code)
    ).all()
    if not parts:
        raise ValueError(f"zone {row.code} lies in no loaded district")
    shape = to_metric(row.geom, crs)
    near = shape.buffer(2_000)
    parties = session.execute(
        select(m.ZoneParty.unit, m.ZoneParty.role).where(m.ZoneParty.zone_code == row.code).order_by(m.ZoneParty.id)
    ).all()
    return DemoZone(
        row.code,
        row.scheme_id,
        row.name_zh,
        row.short_zh,
        row.zone_type,
        crs,
        shape,
        tuple((code, shapely.intersection(to_metric(geom, crs), near)) for code, _, geom in parts if geom is not None),
        parts[0][0],
        row.authority,
        row.functional_area,
        tuple((u, r) for u, r in parties),
        tuple(row.leading_chains),
    )


def _nodes(session: Session) -> tuple[Node, ...]:
    rows = session.execute(
        select(m.ChainNode)
        .join(m.Chain, m.Chain.code == m.ChainNode.chain_code)
        .order_by(m.Chain.order_no, m.Chain.code, m.ChainNode.order_no, m.ChainNode.id)
    ).scalars()
    found = []
    for row in rows:
        edition, code, industry = (
            row.industries[0] if row.industries else ("GBT4754_2017", "7320", "工程和技术研究和试验发展")
        )
        found.append(Node(row.id, row.chain_code, row.name_zh, row.tier, edition, code, industry, row.criticality))
    return tuple(found)


def pick_points(shapes: NDArray[Any], random: np.random.Generator) -> NDArray[Any]:
    """A point well inside each polygon: between its representative point and its centroid where that is inside."""
    inner = shapely.point_on_surface(shapes)
    centre = shapely.centroid(shapes)
    share = random.uniform(0.0, 0.8, len(shapes))
    x = shapely.get_x(inner) * (1 - share) + shapely.get_x(centre) * share
    y = shapely.get_y(inner) * (1 - share) + shapely.get_y(centre) * share
    mixed = shapely.points(x, y)
    return np.where(shapely.contains(shapes, mixed), mixed, inner)
