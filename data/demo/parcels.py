"""Land parcels: planned and present use in contiguous districts, and how far each has come (rules §2.2, §3.2.4, §11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from data.demo import fabric
from data.demo.profiles import profile
from data.demo.seeds import ORIGIN, rng
from data.demo.world import DemoZone, to_lonlat

SCHEME = "YDYH2023"
DATUM = "CGCS2000"

#: Family -> (code, share). 100100 新型产业用地 is the local extension of rules §2.2. Class 1501 is never drawn.
CODES: dict[str, tuple[tuple[str, float], ...]] = {
    "industry": (("100101", 0.62), ("100102", 0.30), ("100100", 0.08)),
    "logistics": (("110101", 1.0),),
    "research": (("0802", 1.0),),
    "residential": (("070102", 0.86), ("070101", 0.06), ("0702", 0.08)),
    "business": (("0901", 0.55), ("0902", 0.45)),
    "education": (("080403", 0.6), ("080401", 0.4)),
    "public": (("0801", 0.2), ("0803", 0.25), ("0805", 0.2), ("0806", 0.35)),
    "services": (("1208", 0.4), ("1302", 0.15), ("1303", 0.3), ("1306", 0.05), ("1310", 0.1)),
    "park": (("1401", 0.8), ("1403", 0.04), ("1402", 0.16)),
    "eco": (("0103", 0.34), ("0301", 0.5), ("0201", 0.16)),
}
_FAR = {"10": 1.25, "11": 0.9, "0802": 1.7, "07": 2.1, "09": 2.6, "08": 0.95, "13": 0.4, "12": 0.0}
_STATES = ("undevelopable", "developable", "ready", "supplied", "built")
UNDEVELOPABLE, DEVELOPABLE, READY, SUPPLIED, BUILT = range(5)


@dataclass(frozen=True)
class Parcels:
    """The parcels of one zone as columns; `shapes` are metric, `pure` = lies in one district but for a sliver."""

    zone: DemoZone
    ids: tuple[str, ...]
    shapes: NDArray[Any]
    block: NDArray[np.int64]
    plan: NDArray[Any]
    status: NDArray[Any]
    state: NDArray[np.int64]
    area: NDArray[np.float64]
    district: NDArray[Any]
    pure: NDArray[np.bool_]
    angle: float

    def rows(self) -> list[dict[str, Any]]:
        """Rows of land_parcel."""
        random = rng("far", self.zone.code)
        far = _far(self.plan) * random.uniform(0.75, 1.3, len(self.plan))
        floor = np.where(self.state == BUILT, np.rint(far * self.area), 0).astype(int)
        shapes = fabric.repaired(to_lonlat(self.shapes, self.zone.crs))
        areas = np.maximum(np.rint(self.area), 1).astype(int)
        columns = zip(self.ids, self.district, self.status, self.plan, self.state, areas, floor, shapes, strict=True)
        return [
            {
                "id": i,
                "zone_code": self.zone.code,
                "district_code": d,
                "landuse_scheme": SCHEME,
                "status_code": s,
                "plan_code": p,
                "land_state": _STATES[st],
                "area_m2": int(a),
                "floor_area_m2": int(f) if st == BUILT else None,
                "geom": g,
                "datum": DATUM,
                **ORIGIN,
            }
            for i, d, s, p, st, a, f, g in columns
        ]


def draw(zone: DemoZone, wanted: int) -> Parcels:
    """Tile a zone and give every piece its uses and state. Deterministic for a zone's shape and `wanted`."""
    random = rng("parcel", zone.code)
    net = fabric.tile(zone.shape, wanted, random)
    area = shapely.area(net.shapes)
    plan = _plan(zone, net, area, random)
    state = _state(zone, net, plan, area, random)
    district, pure = _districts(zone, net.shapes, area)
    ids = tuple(f"DL-{zone.code}-{n:06d}" for n in range(1, len(area) + 1))
    return Parcels(
        zone,
        ids,
        net.shapes,
        net.block,
        plan,
        _status(plan, state, net, random),
        state,
        area,
        district,
        pure,
        net.angle,
    )


def _field(x: NDArray[np.float64], y: NDArray[np.float64], scale: float, random: np.random.Generator) -> Any:
    """Smooth noise with a wavelength of about `scale` metres, roughly standard normal."""
    total = np.zeros_like(x)
    for _ in range(7):
        turn, phase = random.uniform(0, 2 * np.pi, 2)
        wave = 2 * np.pi / (scale * random.uniform(0.7, 1.5))
        total += np.sin(wave * (x * np.cos(turn) + y * np.sin(turn)) + phase)
    return total / np.sqrt(3.5)


def _reach(zone: DemoZone, x: Any, y: Any) -> Any:
    """Distance from the centre over the zone's radius."""
    centre = zone.shape.centroid
    return np.hypot(x - centre.x, y - centre.y) / np.sqrt(zone.shape.area / np.pi)


def _plan(zone: DemoZone, net: fabric.Fabric, area: Any, random: np.random.Generator) -> NDArray[Any]:
    x, y = shapely.get_x(shapely.centroid(net.shapes)), shapely.get_y(shapely.centroid(net.shapes))
    size = float(np.sqrt(zone.shape.area))
    plan = np.full(len(area), "", dtype=object)
    plan[net.kind == fabric.ROAD] = "1207"
    plan[net.kind == fabric.WATER] = "1701"
    belt = net.kind == fabric.BELT
    plan[belt] = np.where(_field(x, y, 900, random)[belt] > 0.55, "1402", "1401")
    free = net.kind == fabric.BLOCK
    share = profile(zone.code, zone.area_km2)
    reach = _reach(zone, x, y)
    eco = max(share.undevelopable - float(area[net.kind == fabric.WATER].sum() / area.sum()), 0.01)
    # (family, share, wavelength in zone sizes, pull to the centre): big districts first, then what sits inside them
    steps = [("eco", eco, 0.35, -1.6)]
    steps += [
        (f, share.plan_mix[f], 0.42, pull)
        for f, pull in (("industry", -0.35), ("research", 0.15), ("residential", 0.0))
        if f in share.plan_mix
    ]
    steps.sort(key=lambda s: (s[0] != "eco", -s[1]))
    steps += [
        ("business", share.plan_mix.get("business", 0), 0.2, 0.9),
        ("logistics", share.plan_mix.get("logistics", 0), 0.15, -0.5),
    ]
    steps += [(f, share.plan_mix.get(f, 0), 0.08, 0.0) for f in ("education", "public", "services")]
    for family, part, wave, pull in steps:
        score = _field(x, y, size * wave, random) - pull * reach + random.normal(0, 0.1, len(area))
        _take(plan, free, score, area, part * area.sum(), family, size, x, y, random)
    rest = free & (plan == "")
    plan[rest] = _codes("park", rest, x, y, size, random)
    return plan


def _take(
    plan: NDArray[Any],
    free: Any,
    score: Any,
    area: Any,
    wanted: float,
    family: str,
    size: float,
    x: Any,
    y: Any,
    random: np.random.Generator,
) -> None:
    """Give `wanted` m² of the free pieces with the highest score to a family."""
    open_ = np.flatnonzero(free & (plan == ""))
    order = open_[np.argsort(-score[open_], kind="stable")]
    taken = order[np.cumsum(area[order]) <= wanted]
    mask = np.zeros(len(plan), dtype=bool)
    mask[taken] = True
    plan[mask] = _codes(family, mask, x, y, size, random)


def _codes(family: str, mask: Any, x: Any, y: Any, size: float, random: np.random.Generator) -> NDArray[Any]:
    """Codes of a family in patches: ranks of a smooth field are cut at the shares."""
    options = CODES[family]
    score = _field(x[mask], y[mask], size * 0.3, random) + random.normal(0, 0.35, int(mask.sum()))
    rank = np.argsort(np.argsort(score, kind="stable"), kind="stable") / max(int(mask.sum()), 1)
    bounds = np.cumsum([share for _, share in options])
    index = np.minimum(np.searchsorted(bounds, rank, side="right"), len(options) - 1)
    return np.array([code for code, _ in options], dtype=object)[index]


def _state(zone: DemoZone, net: fabric.Fabric, plan: Any, area: Any, random: np.random.Generator) -> NDArray[np.int64]:
    """Undevelopable, or how far along development × supply × completion: the outskirts come last."""
    x, y = shapely.get_x(shapely.centroid(net.shapes)), shapely.get_y(shapely.centroid(net.shapes))
    late = _reach(zone, x, y) * 1.3 + 0.8 * _field(x, y, float(np.sqrt(zone.shape.area)) * 0.35, random)
    late += random.normal(0, 0.25, len(area))
    late -= np.where((net.kind == fabric.ROAD), 0.9, 0) + np.where(net.kind == fabric.BELT, 0.3, 0)
    state = np.full(len(area), UNDEVELOPABLE)
    family = np.array([code[:2] for code in plan])
    open_ = np.flatnonzero(~np.isin(family, ("01", "02", "03", "17")))
    order = open_[np.argsort(late[open_], kind="stable")]
    done = np.cumsum(area[order]) / max(area[order].sum(), 1.0)
    developed, supplied, built = profile(zone.code, zone.area_km2).developed
    limits = (developed * supplied * built, developed * supplied, developed)
    level = np.select([done <= limits[0], done <= limits[1], done <= limits[2]], [BUILT, SUPPLIED, READY], DEVELOPABLE)
    state[order] = level
    return state


def _status(plan: Any, state: Any, net: fabric.Fabric, random: np.random.Generator) -> NDArray[Any]:
    """Present use: the planned one where built, cleared land where supplied, else still farmland and orchards."""
    x, y = shapely.get_x(shapely.centroid(net.shapes)), shapely.get_y(shapely.centroid(net.shapes))
    wild = _field(x, y, 1_500, random) + random.normal(0, 0.3, len(plan))
    farm = np.select([wild < -0.6, wild < 0.7, wild < 1.2], ["0102", "0103", "0201"], "0301").astype(object)
    status = np.where(state == BUILT, plan, np.where(np.isin(state, (READY, SUPPLIED)), "16", farm)).astype(object)
    status = np.where(state == UNDEVELOPABLE, plan, status)
    mixed = (state == READY) & (wild > 0.2)  # acquired, yet still tilled until the start
    status[mixed] = farm[mixed]
    old = (state == BUILT) & np.array([c[:4] in ("0901", "0802") for c in plan]) & (random.random(len(plan)) < 0.06)
    status[old] = "100101"  # an old works to be renewed
    return status.astype(object)


def _far(plan: Any) -> NDArray[np.float64]:
    return np.array([_FAR.get(c[:4], _FAR.get(c[:2], 0.0)) for c in plan])


def _districts(zone: DemoZone, shapes: Any, area: Any) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """District with the largest part of each piece, and whether the rest is below the sliver limit of rules §4.1."""
    if len(zone.districts) < 2:
        return np.full(len(area), zone.main_district, dtype=object), np.ones(len(area), dtype=bool)
    parts = []
    for _, geom in zone.districts:
        shapely.prepare(geom)
        inside, apart = shapely.contains(geom, shapes), shapely.disjoint(geom, shapes)
        edge = ~inside & ~apart
        found = np.where(inside, area, 0.0)
        found[edge] = shapely.area(shapely.intersection(shapes[edge], geom))
        parts.append(found)
    table = np.array(parts)
    codes = np.array([code for code, _ in zone.districts], dtype=object)
    rest = area - table.max(axis=0)
    return codes[table.argmax(axis=0)], rest < 0.4 * np.maximum(2000 / 3, 0.005 * area)
