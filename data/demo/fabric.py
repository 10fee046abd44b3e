"""A believable urban fabric: a turned and bent street grid, blocks split into parcels, one river with its belts.

The grid is a mesh of nodes; roads are its thin cells and blocks its wide ones, so neighbours share their edges exactly.
Blocks are split in the unit square and mapped bilinearly, which keeps straight cuts straight: the pieces tile the block
without gap or overlap. Everything is in metres of the zone's area CRS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import rotate
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Shapes = NDArray[Any]

BLOCK, ROAD, WATER, BELT = 0, 1, 2, 3
_ROAD_WIDTHS, _ROAD_ODDS = (30.0, 40.0, 56.0), (0.45, 0.4, 0.15)
_BELT_M = 80.0
_SPACING_M = (380.0, 1_000.0)
_BLOCK_SIDES = 3.3  # side of a superblock over the side of a parcel, at least
_MIN_AREA_M2 = 200.0
_MAX_ROUNDS = 24
_MEAN_TO_LIMIT = 0.6  # mean size of the pieces over the size from which they are split, edges included


@dataclass(frozen=True)
class Fabric:
    """Pieces that tile a zone: `kind` is BLOCK, ROAD, WATER or BELT, `block` the superblock they belong to (or -1)."""

    shapes: Shapes
    kind: NDArray[np.int8]
    block: NDArray[np.int64]
    angle: float


def tile(zone: BaseGeometry, wanted: int, random: np.random.Generator) -> Fabric:
    """Tile a metric polygon with about `wanted` pieces. The same generator state gives the same pieces."""
    angle = float(random.uniform(-28, 28))
    centre = zone.centroid
    flat = rotate(zone, -angle, origin=centre)
    size = max(np.sqrt(flat.area) / 9, _BLOCK_SIDES * np.sqrt(flat.area / max(wanted, 1)))
    mesh, spacing = _mesh(flat, float(np.clip(size, *_SPACING_M)), random)
    quads = _corners(mesh)
    keep = shapely.intersects(_polygons(quads), flat)
    quads = quads[keep]
    roads = _roads(mesh)
    roads = roads[shapely.intersects(roads, flat)]
    river, belt = _river(flat, spacing, random)
    blocks = shapely.intersection(_polygons(quads), flat)
    banks = 0 if river is None else 3 * int(shapely.intersects(blocks, river).sum())
    n_parcels = max(wanted - len(roads) - banks, len(quads))
    limit = float(shapely.area(blocks).sum()) / n_parcels / _MEAN_TO_LIMIT
    pieces, owner = _split(quads, limit, random)
    pieces = shapely.difference(pieces, belt) if river is not None else pieces
    shapes = [pieces, roads]
    kinds = [np.full(len(pieces), BLOCK), np.full(len(roads), ROAD)]
    owners = [owner, np.full(len(roads), -1)]
    if river is not None:
        for part, kind in ((river, WATER), (belt.difference(river), BELT)):
            cut = shapely.intersection(_polygons(quads), part)
            shapes.append(cut)
            kinds.append(np.full(len(cut), kind))
            owners.append(np.arange(len(cut)))
    return _clipped(flat, np.concatenate(shapes), np.concatenate(kinds), np.concatenate(owners), angle, centre)


def _mesh(flat: BaseGeometry, spacing: float, random: np.random.Generator) -> tuple[Floats, float]:
    x0, y0, x1, y1 = flat.bounds
    lines = []
    for low, high in ((x0, x1), (y0, y1)):
        count = int((high - low) / (spacing * 0.7)) + 8
        steps = random.uniform(0.72, 1.3, count) * spacing
        at = low - 2.2 * spacing + np.cumsum(steps)
        half = random.choice(_ROAD_WIDTHS, count, p=_ROAD_ODDS) / 2
        used = slice(0, int(np.searchsorted(at, high + 1.2 * spacing)) + 1)
        lines.append(np.column_stack([at - half, at + half])[used].ravel())
    x, y = np.meshgrid(lines[0], lines[1], indexing="ij")
    bend_x, bend_y = np.zeros_like(x), np.zeros_like(y)
    for wave in (5.5, 9.0):
        phase = random.uniform(0, 2 * np.pi, 4)
        size = spacing * random.uniform(0.12, 0.2) * wave / 5.5
        length = wave * spacing / (2 * np.pi)
        bend_x += size * np.sin(y / length + phase[0]) + 0.4 * size * np.sin(x / length + phase[1])
        bend_y += size * np.sin(x / length + phase[2]) + 0.4 * size * np.sin(y / length + phase[3])
    return np.stack([x + bend_x, y + bend_y], axis=-1), spacing


def _corners(mesh: Floats) -> Floats:
    """Corners of the blocks, counter-clockwise from lower left: (n, 4, 2)."""
    left, right = slice(1, -1, 2), slice(2, None, 2)
    parts = [mesh[left, left], mesh[right, left], mesh[right, right], mesh[left, right]]
    return np.stack(parts, axis=2).reshape(-1, 4, 2)


def _roads(mesh: Floats) -> Shapes:
    a, b, c = slice(0, -2, 2), slice(1, -1, 2), slice(2, None, 2)
    up = np.stack([mesh[a, b], mesh[b, b], mesh[b, c], mesh[a, c]], axis=2).reshape(-1, 4, 2)
    across = np.stack([mesh[a, a], mesh[b, a], mesh[c, a], mesh[c, b], mesh[b, b], mesh[a, b]], axis=2).reshape(
        -1, 6, 2
    )
    return np.concatenate([shapely.polygons(up), shapely.polygons(across)])


def _polygons(quads: Floats) -> Shapes:
    return np.asarray(shapely.polygons(quads))


def _river(flat: BaseGeometry, spacing: float, random: np.random.Generator) -> tuple[Any, Any]:
    """A meandering river through the zone and the strip it takes with its green belts; (None, None) in a small zone."""
    if flat.area < 4e6:
        return None, None
    x0, y0, x1, y1 = flat.bounds
    t = np.linspace(-0.15, 1.15, 160)
    lean, at = random.uniform(-0.28, 0.28), random.uniform(0.3, 0.7)
    phase = random.uniform(0, 2 * np.pi, 3)
    swing = (x1 - x0) * (
        0.07 * np.sin(2 * np.pi * 1.1 * t + phase[0])
        + 0.03 * np.sin(2 * np.pi * 2.7 * t + phase[1])
        + 0.012 * np.sin(2 * np.pi * 6 * t + phase[2])
    )
    line = LineString(np.column_stack([x0 + (x1 - x0) * (at + lean * (t - 0.5)) + swing, y0 + (y1 - y0) * t]))
    half = float(np.clip(spacing * 0.045, 18, 46))
    return line.buffer(half, quad_segs=4), line.buffer(half + min(_BELT_M, spacing * 0.1), quad_segs=4)


def _split(quads: Floats, limit: float, random: np.random.Generator) -> tuple[Shapes, NDArray[np.int64]]:
    """Split blocks until no piece is above its block's limit; cuts go across the longer side, off the middle."""
    limits = limit * np.exp(random.normal(0, 0.28, len(quads)))
    width = (_side(quads, 0, 1) + _side(quads, 3, 2)) / 2
    height = (_side(quads, 0, 3) + _side(quads, 1, 2)) / 2
    block = np.arange(len(quads))
    rect = np.tile([0.0, 0.0, 1.0, 1.0], (len(quads), 1))
    for _ in range(_MAX_ROUNDS):
        du, dv = rect[:, 2] - rect[:, 0], rect[:, 3] - rect[:, 1]
        w, h = du * width[block], dv * height[block]
        big = w * h > limits[block]
        if not big.any():
            break
        share = random.uniform(0.36, 0.64, len(rect))
        wide = w >= h
        cut_u, cut_v = rect[:, 0] + du * share, rect[:, 1] + dv * share
        first, second = rect.copy(), rect.copy()
        first[wide, 2], second[wide, 0] = cut_u[wide], cut_u[wide]
        first[~wide, 3], second[~wide, 1] = cut_v[~wide], cut_v[~wide]
        rect = np.concatenate([rect[~big], first[big], second[big]])
        block = np.concatenate([block[~big], block[big], block[big]])
    order = np.lexsort((rect[:, 0], rect[:, 1], block))
    rect, block = rect[order], block[order]
    ring = np.stack([_map(quads[block], rect[:, i], rect[:, j]) for i, j in ((0, 1), (2, 1), (2, 3), (0, 3))], axis=1)
    return np.asarray(shapely.polygons(ring)), block


def _side(quads: Floats, a: int, b: int) -> Floats:
    return np.asarray(np.hypot(*(quads[:, b] - quads[:, a]).T))


def _map(quads: Floats, u: Floats, v: Floats) -> Floats:
    weights = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], axis=1)
    return np.asarray(np.einsum("nk,nkd->nd", weights, quads))


def _clipped(
    flat: BaseGeometry, shapes: Shapes, kind: NDArray[Any], block: NDArray[Any], angle: float, centre: Any
) -> Fabric:
    shapely.prepare(flat)
    inside = shapely.covers(flat, shapes)
    shapes = np.where(inside, shapes, shapely.intersection(shapes, flat))
    parts, index = shapely.get_parts(shapes, return_index=True)
    polygon = (shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 1e-3)
    parts, kind, block = parts[polygon], kind[index[polygon]], block[index[polygon]]
    parts, kept = _without_slivers(parts, kind)
    return Fabric(
        repaired(_turned(parts, angle, centre)), kind[kept].astype(np.int8), block[kept].astype(np.int64), angle
    )


def _turned(shapes: Shapes, angle: float, centre: Any) -> Shapes:
    """All shapes turned about one point at once, degrees counter-clockwise."""
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    origin = np.array([centre.x, centre.y])
    matrix = np.array([[cos, -sin], [sin, cos]])
    return np.asarray(shapely.transform(shapes, lambda points: (points - origin) @ matrix.T + origin))


def _without_slivers(parts: Shapes, kind: NDArray[Any]) -> tuple[Shapes, NDArray[np.int64]]:
    """Join pieces too small to be a parcel to the neighbour they share the longest edge with."""
    area = shapely.area(parts)
    limit = min(_MIN_AREA_M2, 0.12 * float(np.median(area[kind == BLOCK])))
    tree = shapely.STRtree(parts)
    target = np.arange(len(parts))
    small = np.flatnonzero(area < limit)
    for i in small[np.argsort(area[small], kind="stable")]:
        near = tree.query(parts[i].buffer(0.5))
        near = near[near != i]
        edge = shapely.length(shapely.intersection(parts[i].buffer(0.05), shapely.boundary(parts[near])))
        best = near[np.lexsort((near, -edge))[0]] if len(near) else i
        while target[best] != best and best != i:
            best = target[best]
        target[i] = best
    merged = parts.copy()
    for i in small:
        root = target[i]
        while target[root] != root:
            root = target[root]
        if root != i:
            joined = shapely.union_all([merged[root], parts[i]])
            if joined.geom_type != "Polygon":  # touching in one point only: close the hair gap
                joined = shapely.union_all([merged[root], parts[i].buffer(0.01)])
            merged[root] = joined if joined.geom_type == "Polygon" else merged[root]
            target[i] = root
    kept = np.flatnonzero(target == np.arange(len(parts)))
    return merged[kept], kept


def repaired(shapes: Shapes) -> Shapes:
    """Polygons with hairline faults (a spike left by joining or rounding) made valid; the others as they are."""
    broken = ~shapely.is_valid(shapes)
    if broken.any():
        whole = [shapely.get_parts(shapely.make_valid(p, method="structure")) for p in shapes[broken]]
        shapes = shapes.copy()
        shapes[broken] = [max(parts, key=lambda part: part.area) for parts in whole]
    return shapes
