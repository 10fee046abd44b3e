"""Where demo projects stand: footprints cut from parcels, and points inside them (rules §4.1 A, §7.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.demo import fabric
from data.demo.parcels import BUILT, READY, SUPPLIED, Parcels
from data.demo.world import to_lonlat, to_metric

MU_M2 = 2000 / 3
_CUT_ROUNDS = 14
_MAX_FOOTPRINT_M2 = 900_000.0


@dataclass(frozen=True)
class Place:
    """A project's ground: parcel it belongs to, lon/lat point inside it, and its footprint with area where it has one."""

    parcel: int
    point: Any
    footprint: BaseGeometry | None = None
    area_m2: int | None = None


@dataclass
class Ground:
    """Hands out the parcels of one zone, each to one project only."""

    parcels: Parcels
    taken: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.taken = np.zeros(len(self.parcels.ids), dtype=bool)
        plan = self.parcels.plan
        works = np.array([p[:2] in ("10", "11") for p in plan])
        desks = np.array([p == "0802" or p[:2] == "09" for p in plan])
        self._developed = np.isin(self.parcels.state, (READY, SUPPLIED, BUILT))
        self._centres = shapely.centroid(self.parcels.shapes)
        open_ = (self.parcels.block >= 0) & self.parcels.pure & (works | desks)
        self._blocks: dict[int, list[int]] = {}
        for i in np.flatnonzero(open_).tolist():
            self._blocks.setdefault(int(self.parcels.block[i]), []).append(i)
        self._tree = shapely.STRtree(self.parcels.shapes)
        self._use = {True: works | (plan == "0802"), False: desks | (plan == "100100")}

    def choose(self, industrial: bool, state: int, random: np.random.Generator) -> int:
        """Index of a free parcel of fitting use and state, in one district; the conditions give way in turn."""
        pure, use, free = self.parcels.pure, self._use[industrial], ~self.taken
        right = self.parcels.state == state
        developed = self._developed
        roomy = self.parcels.area > 4_000
        for rule in (
            free & pure & use & right & roomy,
            free & pure & use & developed,
            pure & use & developed,
            use,
            self.taken | True,
        ):
            options = np.flatnonzero(rule)
            if len(options):
                return int(options[int(random.integers(len(options)))])
        raise ValueError("a zone without parcels")

    def district_at(self, point: Any) -> str:
        """District of the parcel under, or nearest to, a lon/lat point."""
        return str(self.parcels.district[int(self._tree.nearest(to_metric(point, self.parcels.zone.crs)))])

    def footprint(self, parcel: int, wanted_m2: float, least_m2: float, industrial: bool) -> Place:
        """A footprint of about `wanted_m2`: part of a parcel, or a parcel with its neighbours in the block.

        Where that comes to less than `least_m2`, another free parcel that has so much around it takes its place.
        """
        wanted = min(wanted_m2, _MAX_FOOTPRINT_M2)
        shape, members = self._grown(parcel, wanted, least_m2)
        if shape.area < least_m2:
            for block in self._roomiest(industrial):
                tried = self._grown(block, wanted, least_m2)
                if tried[0].area > shape.area:
                    parcel, (shape, members) = block, tried
                if shape.area >= least_m2:
                    break
        self.taken[members] = True
        return self._place(parcel, shape)

    def _grown(self, parcel: int, wanted: float, least: float) -> tuple[BaseGeometry, list[int]]:
        """A parcel cut to the wanted size, or with its neighbours up to it, and the parcels that it takes."""
        p = self.parcels
        shape, members = p.shapes[parcel], [parcel]
        if p.area[parcel] > wanted * 1.12:
            part = cut_to_area(shape, wanted)
            return (shape if part.area < least else part), members
        waiting = [i for i in self._neighbours(parcel) if i != parcel]
        grew = True
        while grew and shape.area < wanted:
            grew = False
            for other in [i for i in waiting if p.shapes[i].distance(shape) < 0.01]:
                tried = shapely.union_all([shape, p.shapes[other]], grid_size=0.01)  # closes hair gaps
                if tried.geom_type == "Polygon" and not tried.interiors:
                    shape, grew = tried, True
                    members.append(other)
                    waiting.remove(other)
                    break
        return shape, members

    def _roomiest(self, industrial: bool) -> list[int]:
        """The largest free parcel of each block, the block with the most free land first."""
        p, found = self.parcels, []
        for block in self._blocks.values():
            free = [i for i in block if not self.taken[i]]
            fits = [i for i in free if self._use[industrial][i]] or free
            if fits:
                found.append((-float(p.area[free].sum()), max(fits, key=lambda i: p.area[i])))
        return [parcel for _, parcel in sorted(found)]

    def crossing(self, least_m2: float, random: np.random.Generator) -> Place | None:
        """A footprint in two districts, each with a clear part: a parcel on the boundary (kind A). None without one."""
        p = self.parcels
        fits = ~p.pure & ~self.taken & (p.area > max(30_000, least_m2)) & (p.area < 200_000)
        fits &= np.array([c[:2] in ("10", "08", "09", "07", "11") for c in p.plan])
        options = []
        for i in np.flatnonzero(fits):
            parts = [p.shapes[i].intersection(geom).area / p.area[i] for _, geom in p.zone.districts]
            second = sorted(parts)[-2]
            if second >= 0.08:
                options.append((abs(second - 0.125), int(i)))
        if not options:
            return None
        best = sorted(options)[:6]
        index = best[int(random.integers(len(best)))][1]
        self.taken[index] = True
        return self._place(index, p.shapes[index])

    def point(self, parcel: int, random: np.random.Generator) -> Any:
        """A lon/lat point in a parcel; several projects in one parcel do not fall on one spot."""
        shape = self.parcels.shapes[parcel]
        centre = shape.point_on_surface()
        reach = 0.25 * np.sqrt(shape.area)
        for _ in range(6):
            at = shapely.points(centre.x + random.uniform(-reach, reach), centre.y + random.uniform(-reach, reach))
            if shape.contains(at):
                return to_lonlat(at, self.parcels.zone.crs)
        return to_lonlat(centre, self.parcels.zone.crs)

    def _neighbours(self, parcel: int) -> list[int]:
        p = self.parcels
        near = [
            i
            for i in self._blocks.get(int(p.block[parcel]), ())
            if not self.taken[i] and p.district[i] == p.district[parcel]
        ]
        gaps = shapely.distance(self._centres[near], self._centres[parcel])
        return [near[k] for k in np.argsort(gaps, kind="stable")]

    def _place(self, parcel: int, shape: BaseGeometry) -> Place:
        crs = self.parcels.zone.crs
        lonlat = fabric.repaired(np.array([to_lonlat(shape, crs)]))[0]
        area = int(np.rint(to_metric(lonlat, crs).area))
        return Place(parcel, lonlat.point_on_surface(), lonlat, area)


def cut_to_area(shape: BaseGeometry, wanted: float) -> BaseGeometry:
    """The end of a polygon, cut across its long side, with about `wanted` m²."""
    box = shape.minimum_rotated_rectangle
    corner = shapely.get_coordinates(box)
    sides = [corner[1] - corner[0], corner[2] - corner[1]]
    along, across = (sides[0], sides[1]) if np.hypot(*sides[0]) >= np.hypot(*sides[1]) else (sides[1], -sides[0])
    low, high = 0.0, 1.0
    part = shape
    for _ in range(_CUT_ROUNDS):
        share = (low + high) / 2
        start = corner[0] if along is sides[0] else corner[1]
        knife = shapely.polygons([start, start + along * share, start + along * share + across, start + across])
        part = shape.intersection(knife)
        low, high = (share, high) if part.area < wanted else (low, share)
    return part if part.geom_type == "Polygon" and part.area > 0.5 * wanted else shape
