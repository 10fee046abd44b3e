"""Carrier buildings and their units (rules §7.1): footprints set square on their parcels, floors, rents, who is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from shapely.affinity import rotate, translate
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from data.demo import chains, names
from data.demo.parcels import BUILT, SUPPLIED, Parcels
from data.demo.profiles import FIRM_NODE_WEIGHT, profile
from data.demo.seeds import ORIGIN, rng, shares_out
from data.demo.world import DemoZone, Node, to_lonlat

_SETBACK_M = 14.0
_GAP_M = 16.0
_TRIES = 60
_FEWEST_SITES = 40


@dataclass(frozen=True)
class _Kind:
    """What a carrier type offers."""

    name: str
    floors: tuple[int, int]
    storey: float
    ground_height: float
    plate: tuple[int, int]
    load: tuple[float, float]  # ground floor, others
    rent: tuple[float, float]
    price: tuple[float, float]
    fire: str
    kva: float


_KINDS = {
    "factory": _Kind(
        "标准厂房(多层)", (3, 6), 5.2, 7.2, (2_400, 6_000), (2.0, 1.0), (18, 32), (4_500, 7_500), "丙类", 0.10
    ),
    "tower": _Kind(
        "高层厂房(工业上楼)", (7, 12), 4.8, 7.8, (2_200, 4_500), (2.0, 0.8), (22, 36), (5_000, 8_500), "丙类", 0.11
    ),
    "lab": _Kind("研发办公", (5, 14), 4.2, 5.1, (1_500, 3_200), (0.5, 0.4), (38, 68), (9_000, 14_000), "民用", 0.07),
    "gmp": _Kind("GMP厂房", (3, 5), 5.6, 7.5, (2_500, 5_200), (2.0, 1.2), (34, 58), (7_000, 9_000), "丙类", 0.12),
    "incubator": _Kind(
        "孵化器", (4, 9), 4.0, 4.8, (1_500, 2_600), (0.4, 0.35), (30, 55), (8_000, 12_000), "民用", 0.06
    ),
    "office": _Kind(
        "商务办公", (14, 23), 4.1, 5.4, (1_500, 2_400), (0.4, 0.35), (62, 100), (14_000, 22_000), "民用", 0.08
    ),
    "pilot": _Kind("加速器/中试", (3, 6), 5.0, 6.8, (1_800, 3_800), (1.5, 1.0), (28, 46), (6_000, 9_000), "丙类", 0.10),
}
_BY_TYPE = {
    "core": ("lab", "lab", "incubator", "pilot", "office"),
    "service": ("office", "office", "lab", "incubator"),
    "co_built_bio": ("gmp", "gmp", "pilot", "lab", "incubator"),
    "manufacturing": ("factory", "factory", "tower", "pilot", "lab"),
}
_STATES = ("occupied", "contracted", "vacant", "held", "reserved", "frozen", "building")


@dataclass(frozen=True)
class Carriers:
    """Rows of one zone, and where each building stands (lon/lat) for projects on the lease route."""

    buildings: list[dict[str, Any]]
    units: list[dict[str, Any]]
    links: list[dict[str, Any]]


def draw(
    zone: DemoZone, parcels: Parcels, nodes: tuple[Node, ...], firms: Sequence[str], count: int, units: int, offset: int
) -> Carriers:
    """`count` buildings with `units` units in a zone; `firms` are the ids that may be inside."""
    random = rng("carrier", zone.code)
    if count == 0:
        return Carriers([], [], [])
    kinds = _BY_TYPE.get(zone.zone_type or "", ("factory", "lab", "gmp", "incubator", "pilot"))
    share = chains.weights(zone, nodes, FIRM_NODE_WEIGHT)
    buildings: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    sites = _sites(parcels, random)
    standing: list[BaseGeometry] = []
    per_park = 0
    park, parcel = offset, sites[0]
    split = shares_out(units, random.uniform(0.7, 1.3, count).tolist())
    for n in range(count):
        kind = _KINDS[kinds[int(random.integers(len(kinds)))]]
        if per_park == 0:
            per_park = int(random.integers(2, 5))
            park, parcel = park + 1, sites[(park - offset) % len(sites)]
        per_park -= 1
        shape = _footprint(parcels.shapes[parcel], kind, standing, random)
        if shape is None:
            park, parcel = park + 1, sites[(park - offset) % len(sites)]
            shape = _footprint(parcels.shapes[parcel], kind, standing, random) or _anywhere(
                parcels, kind, standing, random
            )
        standing.append(shape)
        building = _building(zone, parcels, parcel, kind, shape, n, park, random)
        buildings.append(building)
        rows += _units(building, kind, split[n], profile(zone.code, zone.area_km2).vacancy, firms, random)
        for k in random.choice(len(nodes), 2, replace=False, p=share) if (share > 0).sum() > 1 else [0]:
            links.append(chains.link("carrier", building["id"], nodes[int(k)], True))
    return Carriers(buildings, rows, links)


def _sites(parcels: Parcels, random: np.random.Generator) -> list[int]:
    use = np.array([p in ("0802", "0902", "0901") or p[:2] == "10" for p in parcels.plan])
    fits = np.flatnonzero(use & np.isin(parcels.state, (BUILT, SUPPLIED)) & (parcels.area > 22_000))
    if len(fits) < _FEWEST_SITES:  # a finer tiling: take what is largest
        fits = np.argsort(-parcels.area * np.where(use, 1.0, 0.1), kind="stable")[:_FEWEST_SITES]
    return [int(i) for i in random.permutation(fits)]


def _footprint(
    parcel: BaseGeometry, kind: _Kind, standing: list[BaseGeometry], random: np.random.Generator
) -> BaseGeometry | None:
    """A rectangle, an L or a U of the kind's floor plate, square to the parcel, clear of its edge and of others."""
    room = parcel.buffer(-_SETBACK_M)
    if room.is_empty:
        return None
    coords = shapely.get_coordinates(parcel.minimum_rotated_rectangle)
    side = coords[1] - coords[0]
    turn = float(np.degrees(np.arctan2(side[1], side[0])))
    near = [s for s in standing if s.distance(parcel) < 1]
    x0, y0, x1, y1 = room.bounds
    for attempt in range(_TRIES):
        area = float(random.uniform(*kind.plate)) * (1 if attempt < 40 else 0.75)
        shape = rotate(_plan_shape(area, random), turn + (90 if random.random() < 0.5 else 0), origin=(0, 0))
        placed = translate(shape, float(random.uniform(x0, x1)), float(random.uniform(y0, y1)))
        if room.contains(placed) and all(placed.distance(s) >= _GAP_M for s in near):
            return placed
    return None


def _anywhere(parcels: Parcels, kind: _Kind, standing: list[BaseGeometry], random: np.random.Generator) -> BaseGeometry:
    for i in np.argsort(-parcels.area, kind="stable"):
        if parcels.plan[i] not in ("1701", "1207", "1401", "1402"):
            shape = _footprint(parcels.shapes[i], kind, standing, random)
            if shape is not None:
                return shape
    raise ValueError(f"zone {parcels.zone.code} has no parcel that a carrier building fits on")


def _plan_shape(area: float, random: np.random.Generator) -> BaseGeometry:
    roll = random.random()
    ratio = float(random.uniform(1.5, 2.6))
    if roll < 0.62:
        depth = np.sqrt(area / ratio)
        return box(-depth * ratio / 2, -depth / 2, depth * ratio / 2, depth / 2)
    whole = area / (0.62 if roll < 0.84 else 0.70)
    depth = np.sqrt(whole / 1.35)
    width = depth * 1.35
    outer = box(-width / 2, -depth / 2, width / 2, depth / 2)
    if roll < 0.84:  # L
        return outer.difference(box(-width * 0.06, -depth * 0.06, width, depth))
    return outer.difference(box(-width * 0.24, -depth * 0.12, width * 0.24, depth))  # U


def _building(
    zone: DemoZone,
    parcels: Parcels,
    parcel: int,
    kind: _Kind,
    shape: BaseGeometry,
    n: int,
    park: int,
    random: np.random.Generator,
) -> dict[str, Any]:
    floors = int(random.integers(kind.floors[0], kind.floors[1] + 1))
    gross = int(np.rint(shape.area * floors))
    lonlat = to_lonlat(shape, zone.crs)
    at = lonlat.point_on_surface()
    soon = random.random() < 0.09
    delivered = (
        date(2027, int(random.integers(1, 9)), 15)
        if soon
        else date(int(random.integers(2013, 2026)), int(random.integers(1, 13)), 20)
    )
    power = int(np.rint(gross * kind.kva / 50) * 50)
    bio = kind.name.startswith("GMP") or zone.zone_type == "co_built_bio"
    name = names.park(park)
    return {
        "id": f"DB-{zone.code}-{n + 1:04d}",
        "name_zh": f"{name}{n % 9 + 1}号楼",
        "park_zh": name,
        "zone_code": zone.code,
        "district_code": str(parcels.district[parcel]),
        "carrier_type": kind.name,
        "operator": "演示·园区平台公司",
        "contact_role": "载体招商专员(岗位)",
        "floors": floors,
        "height_m": round(min(max(kind.ground_height + (floors - 1) * kind.storey, 12.0), 100.0), 1),
        "gross_area_m2": gross,
        "delivered_on": delivered,
        "fire_class": kind.fire,
        "power_kva": power,
        "dual_power": bool(random.random() < (0.8 if bio else 0.55)),
        "steam": bool(bio and random.random() < 0.75),
        "features": "双层货梯3t×2;污水接入;5G" if kind.load[0] >= 1 else "精装大堂;新风;地库;5G",
        "lon": at.x,
        "lat": at.y,
        "position_is_schematic": False,
        "footprint": lonlat,
        "updated_on": date(2026, int(random.integers(6, 10)), int(random.integers(1, 29))),
        **ORIGIN,
    }


def _units(
    building: dict[str, Any], kind: _Kind, count: int, vacancy: float, firms: Sequence[str], random: np.random.Generator
) -> list[dict[str, Any]]:
    floors, gross = building["floors"], building["gross_area_m2"]
    soon = building["delivered_on"] > date(2026, 9, 30)
    lettable = int(gross * float(random.uniform(0.78, 0.88)))
    sizes = shares_out(lettable, random.uniform(0.6, 1.5, count).tolist()) if count else []
    odds = np.array([0.0, 0.06, vacancy, 0.03, 0.015, 0.01])
    odds[0] = 1 - odds.sum()
    rows = []
    for k, area in enumerate(sizes):
        floor = 1 + k * floors // max(count, 1)
        state = "building" if soon else _STATES[int(random.choice(6, p=odds))]
        low = floor == 1
        mode = ("lease", "lease", "lease_sale", "sale", "lease_first")[int(random.integers(5))]
        free = {"vacant": date(2026, 10, 1), "building": building["delivered_on"], "held": date(2026, 11, 1)}.get(state)
        rows.append(
            {
                "id": f"{building['id']}-{k + 1:02d}",
                "building_id": building["id"],
                "floor": floor,
                "unit_no": f"{floor}{k % 20 + 1:02d}",
                "area_m2": area,
                "state": state,
                "available_from": free,
                "clear_height_m": kind.ground_height if low else kind.storey,
                "load_t_m2": kind.load[0] if low else kind.load[1],
                "deal_mode": mode,
                "rent_yuan_m2_month": round(float(random.uniform(*kind.rent)), 1) if mode != "sale" else None,
                "price_yuan_m2": float(int(random.uniform(*kind.price) / 50) * 50)
                if mode in ("sale", "lease_sale")
                else None,
                "enterprise_id": firms[int(random.integers(len(firms)))] if state == "occupied" and firms else None,
            }
        )
    return rows
