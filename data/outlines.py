"""Outlines of scheme elements: owner-supplied boundaries as they are, sketches turned into likely shapes.

A sketch is a handful of points that say where a zone lies. Drawn as it is, it looks like a mistake; so each sketch gets
the kind of outline real zones have (long road edges with a step here and there, meandering river edges, district
boundaries where it reaches one), and is then scaled and shifted until its area, and its area in each host district, are
the published ones. Nothing is random: the shape follows from the element's code. It remains a sketch, and everything
that draws it says 示意 (rules §1.1, §2.6.1).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import scale
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from data.boundaries import AREA_CRS, project
from domain.scheme import COMPASS, Element, Scheme

AREA_TOLERANCE = 0.005  # of the published area, and of each host district's part
_FIT_TARGET = 0.0005  # the fit stops well inside the tolerance, so that rounding cannot break it
_FIT_ROUNDS = 40
_PROBE_SCALE, _PROBE_SHIFT = 0.01, 0.01
_GRID_DEG = 1e-6  # about 0.1 m, the precision of the boundary files
_GAP_M = 2.0  # kept between two outlines, so that rounding cannot make them overlap
_INSET_M = 0.5  # kept from a district that is no host, so that rounding cannot put a sliver into it
_CORNER_RADIUS_M = 90.0
_RIVER_SPACING_M = 75.0
_ROAD_SPACING_M = 160.0
_SHARP_TURN = np.radians(55)
_PULL_LIMIT = 0.075  # of a side's length

Points = NDArray[np.float64]


def build_outlines(scheme: Scheme, districts: gpd.GeoDataFrame, folder: Path | None = None) -> dict[str, BaseGeometry]:
    """Shape of every element in EPSG:4326, keyed by element code, in the scheme's order.

    `districts` are the statutory districts (columns code, geometry; EPSG:4326) the sketches are clipped to. `folder`
    is where the `file:` boundaries of the scheme are looked for. The same input gives the same coordinates.
    Raises ValueError when a host district is missing, or when no outline has the stated areas within 0.5 %.
    """
    shapes: dict[str, BaseGeometry] = {}
    hosts = {code: project(shape, scheme.area_crs) for code, shape in _by_code(districts).items()}
    taken: list[BaseGeometry] = []
    for element in sorted(scheme.ordered, key=lambda item: item.geometry.schematic):  # legal boundaries first
        if not element.geometry.schematic:
            shape = _from_file(element, folder)
            if element.role != "axis":
                taken.append(project(shape, scheme.area_crs))
        elif element.role == "axis":
            shape = _axis(element, scheme.area_crs)
        else:
            metric = _fitted(element, hosts, shapely.union_all(taken), scheme.area_crs)
            shape = _to_lonlat(metric, scheme.area_crs)
            _check_areas(element, shape, hosts, scheme.area_crs)
            taken.append(metric)
        shapes[element.code] = shape
    return {code: shapes[code] for code in scheme.codes}


def split_by_district(geometry: BaseGeometry, districts: gpd.GeoDataFrame, crs: str = AREA_CRS) -> dict[str, int]:
    """Area in m² of a lon/lat shape in each district it lies in, keyed by district code.

    The parts sum to the whole number of m² that lies inside `districts`; what lies outside them is not counted.
    """
    metric = project(geometry, crs)
    exact = {
        code: float(project(shape, crs).intersection(metric).area)
        for code, shape in _by_code(districts).items()
        if shape.intersects(geometry)
    }
    whole = {code: int(area) for code, area in exact.items()}
    short = round(sum(exact.values())) - sum(whole.values())
    for code in sorted(exact, key=lambda key: (whole[key] - exact[key], key))[:short]:
        whole[code] += 1
    return {code: area for code, area in whole.items() if area > 0}


def _by_code(districts: gpd.GeoDataFrame) -> dict[str, BaseGeometry]:
    return dict(zip(districts["code"], districts.geometry, strict=True))


# ── owner-supplied boundaries ────────────────────────────────────────────────────────────────────────────────────────


def _from_file(element: Element, folder: Path | None) -> BaseGeometry:
    spec = element.geometry
    path = (folder or Path()) / (spec.file or "")
    if not path.is_file():
        raise ValueError(f"element {element.code}: the boundary file {path} does not exist")
    frame = gpd.read_file(path, layer=spec.layer) if spec.layer else gpd.read_file(path)
    if frame.crs is None:
        raise ValueError(f"element {element.code}: {path.name} does not say its CRS")
    for column, value in spec.where.items():
        if column not in frame.columns:
            raise ValueError(f"element {element.code}: {path.name} has no column {column!r}")
        frame = frame[frame[column].astype(str) == value]
    if frame.empty:
        raise ValueError(f"element {element.code}: {path.name} holds no matching feature")
    shape = shapely.make_valid(shapely.union_all(frame.to_crs("EPSG:4326").geometry.to_numpy()))
    wanted = 1 if spec.kind == "line" else 2
    if shape.is_empty or any(shapely.get_dimensions(part) != wanted for part in shapely.get_parts(shape)):
        raise ValueError(f"element {element.code}: {path.name} does not hold a {spec.kind}")
    return shape


# ── fitting to the published areas ───────────────────────────────────────────────────────────────────────────────────


def _fitted(element: Element, districts: Mapping[str, BaseGeometry], taken: BaseGeometry, crs: str) -> Polygon:
    """The outline in the area CRS: scaled about its centre and shifted until every stated area fits."""
    hosts = _hosts(element, districts)
    room = shapely.union_all(list(hosts.values())).buffer(-_INSET_M, join_style="mitre")
    if not taken.is_empty:
        room = room.difference(taken.buffer(_GAP_M))
    sketch = project(Polygon(element.geometry.sketch), crs)
    drawn = natural_outline(sketch, element.code, element.geometry.edges)
    centre = np.array(drawn.centroid.coords[0])
    size = float(np.sqrt(drawn.area))
    targets = _targets(element, sketch, room)
    names = list(targets)
    wanted = np.array([targets[name] for name in names])

    def outline(move: Points) -> Polygon:
        points = (shapely.get_coordinates(drawn.exterior) - centre) * np.exp(move[0]) + centre
        return _largest(Polygon(points + move[1:] * size).intersection(room), element.code)

    def miss(move: Points) -> Points:
        shape = outline(move)
        found = [(shape if name == "" else shape.intersection(hosts[name])).area for name in names]
        return np.array(found) / wanted - 1.0

    move = np.zeros(3)
    best, error = move, miss(move)
    for _ in range(_FIT_ROUNDS):
        if np.abs(error).max() <= _FIT_TARGET:
            break
        free = 1 if len(names) == 1 else 3  # one total is a matter of size alone: leave the place as sketched
        steps = np.eye(3)[:free] * [_PROBE_SCALE, _PROBE_SHIFT, _PROBE_SHIFT]
        slope = np.column_stack([(miss(best + step) - error) / step.max() for step in steps])
        change = np.zeros(3)
        change[:free] = np.linalg.lstsq(slope, -error, rcond=None)[0]
        change = np.clip(change, -0.15, 0.15)
        for damping in (1.0, 0.5, 0.25, 0.1):
            trial = miss(best + damping * change)
            if np.abs(trial).max() < np.abs(error).max():
                best, error = best + damping * change, trial
                break
        else:
            break
    return outline(best)


def _hosts(element: Element, districts: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    missing = [code for code in element.hosts if code not in districts]
    if missing:
        raise ValueError(f"element {element.code}: host district {', '.join(missing)} is not in the boundaries")
    return {code: districts[code] for code in element.hosts} or dict(districts)


def _targets(element: Element, sketch: Polygon, room: BaseGeometry) -> dict[str, float]:
    """Areas to reach in m², by host district; "" is the whole. Without a stated area the sketch keeps its own."""
    parts = {code: km2 * 1e6 for code, km2 in element.geometry.hosts.items() if km2 is not None}
    if parts and len(parts) == len(element.geometry.hosts):
        return parts
    area = element.current_area
    total = area.km2 * 1e6 if area else sketch.intersection(room).area
    if total <= 0:
        raise ValueError(f"element {element.code}: the sketch lies outside its host districts")
    return {"": total, **parts}


def _largest(shape: BaseGeometry, code: str) -> Polygon:
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]
    if not polygons:
        raise ValueError(f"element {code}: the sketch lies outside its host districts")
    return max(polygons, key=lambda polygon: polygon.area)


def _to_lonlat(metric: Polygon, crs: str) -> BaseGeometry:
    lonlat = project(metric, "EPSG:4326", crs)
    return shapely.orient_polygons(_largest(shapely.set_precision(lonlat, _GRID_DEG), ""))


def _check_areas(element: Element, shape: BaseGeometry, hosts: Mapping[str, BaseGeometry], crs: str) -> None:
    area = element.current_area
    metric = project(shape, crs)
    checks = {"": area.km2} if area else {}
    checks |= {code: km2 for code, km2 in element.geometry.hosts.items() if km2 is not None}
    for code, km2 in checks.items():
        found = (metric if code == "" else metric.intersection(hosts[code])).area / 1e6
        if abs(found - km2) > AREA_TOLERANCE * km2:
            where = f" in host district {code}" if code else ""
            raise ValueError(
                f"element {element.code}: no outline near the sketch has {km2:g} km2{where}; the nearest has "
                f"{found:.2f} km2. Move the sketch or correct the hosts."
            )


# ── drawing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def natural_outline(sketch: Polygon, seed: str, edges: Mapping[str, str] | None = None) -> Polygon:
    """A likely outline for a sketch in metres: one polygon, same place, same area.

    Consecutive sketch edges that face the same way form a side. A side is drawn as a road or as a river: as `edges`
    says for its compass direction, else in turn, starting from what `seed` gives. Same input, same outline.
    """
    ring = shapely.get_coordinates(shapely.orient_polygons(sketch).exterior)[:-1]
    rng = np.random.default_rng(zlib.crc32(seed.encode()))
    river_next = bool(rng.integers(2))
    points: list[Points] = []
    for facing, side in _sides(ring):
        kind = (edges or {}).get(facing)
        if kind is None:
            kind, river_next = ("river" if river_next else "road"), not river_next
        draw = _river if kind == "river" else _road
        points.append(draw(side, rng)[:-1])
    drawn = _largest(shapely.make_valid(Polygon(np.vstack(points))), seed)
    radius = min(_CORNER_RADIUS_M, 0.02 * float(np.sqrt(drawn.area)))
    rounded = drawn.buffer(-radius).buffer(2 * radius, quad_segs=6).buffer(-radius, quad_segs=6)
    outline = Polygon(_largest(rounded, seed).exterior).simplify(1.5)
    grow = float(np.sqrt(sketch.area / outline.area))
    return scale(outline, grow, grow, origin="centroid")


def _sides(ring: Points) -> list[tuple[str, Points]]:
    """The ring (counter-clockwise, open) cut into sides: (compass direction it faces, its points with both ends).

    A side ends where the direction it faces changes, and at every corner that is sharp.
    """
    ahead = np.roll(ring, -1, axis=0)
    steps = ahead - ring
    facing = [_facing(step) for step in steps]
    bearing = np.arctan2(steps[:, 1], steps[:, 0])
    turn = np.abs((bearing - np.roll(bearing, 1) + np.pi) % (2 * np.pi) - np.pi)
    count = len(ring)
    opens = [facing[i] != facing[i - 1] or turn[i] > _SHARP_TURN for i in range(count)]
    start = opens.index(True) if True in opens else 0
    sides: list[tuple[str, list[Points]]] = []
    for i in ((start + k) % count for k in range(count)):
        if sides and not opens[i]:
            sides[-1][1].append(ahead[i])
        else:
            sides.append((facing[i], [ring[i], ahead[i]]))
    return [(name, np.array(points)) for name, points in sides]


def _facing(step: Points) -> str:
    """Compass direction of the outward normal of an edge of a counter-clockwise ring."""
    east, north = step[1], -step[0]
    north_, east_, south_, west_ = COMPASS
    if abs(east) >= abs(north):
        return east_ if east > 0 else west_
    return north_ if north > 0 else south_


def _frame(side: Points) -> tuple[Points, Points, float]:
    """Unit vector along the chord of a side, unit vector across it, and its length."""
    chord = side[-1] - side[0]
    length = float(np.hypot(*chord))
    along = chord / length
    return along, np.array([-along[1], along[0]]), length


def _walk(side: Points, spacing: float) -> tuple[Points, Points]:
    """Points every `spacing` metres along a side (at least 8), and their places along it from 0 to 1."""
    line = LineString(side)
    places = np.linspace(0.0, 1.0, max(8, round(line.length / spacing)) + 1)
    return shapely.get_coordinates(shapely.line_interpolate_point(line, places, normalized=True)), places


def _eased(side: Points) -> Points:
    """The side drawn towards its chord (half-way, a deep bow less) with its inner corners rounded."""
    _, across, length = _frame(side)
    bow = (side - side[0]) @ across
    depth = float(np.abs(bow).max())
    pull = min(0.5, _PULL_LIMIT * length / depth) if depth > 0 else 0.0
    return _rounded(side - np.outer(pull * bow, across))


def _rounded(points: Points) -> Points:
    """A polyline with its inner corners cut three times (Chaikin); both ends stay."""
    for _ in range(3):
        cut = np.empty((2 * len(points) - 2, 2))
        cut[0::2] = 0.75 * points[:-1] + 0.25 * points[1:]
        cut[1::2] = 0.25 * points[:-1] + 0.75 * points[1:]
        points = np.vstack([points[:1], cut, points[-1:]])
    return points


def _road(side: Points, rng: np.random.Generator) -> Points:
    """Long straight runs with one step to the next street, or one wide bend when the side is short."""
    _, across, length = _frame(side)
    eased, places = _walk(_eased(side), _ROAD_SPACING_M)
    if length < 1500:
        return eased
    step_at = rng.uniform(0.34, 0.66)
    depth = rng.uniform(0.045, 0.075) * length * rng.choice([-1.0, 1.0])
    before, after = eased[places < step_at], places >= step_at
    drift = depth * (1 - places[after]) / (1 - step_at)  # back to the corner by the end of the side
    return np.vstack([before, before[-1] + across * depth, eased[after] + np.outer(drift, across)])


def _river(side: Points, rng: np.random.Generator) -> Points:
    """A meandering edge: two unequal waves that die out towards both ends."""
    _, across, length = _frame(side)
    eased, places = _walk(_eased(side), _RIVER_SPACING_M)
    bends = max(1.2, length / rng.uniform(3600, 4800))
    phase, second = rng.uniform(0, 2 * np.pi, 2)
    warped = places + 0.08 * np.sin(2 * np.pi * places + second)  # no two bends of one length
    swing = np.sin(2 * np.pi * bends * warped + phase) + 0.28 * np.sin(2 * np.pi * 2.6 * bends * warped + second)
    height = min(0.036 * length, 260.0)
    fade = np.clip(np.sin(np.pi * places), 0, 1) ** 0.6
    return eased + np.outer(height * swing * fade, across)


def _axis(element: Element, crs: str) -> BaseGeometry:
    """The line of an axis with its bends rounded."""
    points = shapely.get_coordinates(project(LineString(element.geometry.sketch), crs))
    line = LineString(_rounded(points)).simplify(2.0)
    return shapely.set_precision(project(line, "EPSG:4326", crs), _GRID_DEG)
