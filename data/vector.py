"""Boundary files of any vector format GDAL reads, as valid shapes in WGS 84 longitude and latitude.

Archives are looked into where they are: nothing is unpacked, so no name in one can point outside.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import Geod

from domain.datum import Datum, to_wgs84

SUFFIXES = (".shp", ".gpkg", ".geojson", ".json", ".fgb", ".kml", ".tab", ".gml")
MAX_FEATURES = 20_000  # a boundary file; land parcels come by the import
MAX_UNPACKED = 1 << 30  # bytes in an archive

WGS84 = "EPSG:4326"
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Layer:
    """A layer of a file: what GDAL opens, the name in it, and the name people see."""

    path: str
    name: str
    title: str


@dataclass(frozen=True)
class Repair:
    """A shape that was not valid: its row from 1, and its area on the ellipsoid in m² before and after the repair."""

    row: int
    before_m2: float
    after_m2: float


@dataclass(frozen=True)
class Boundaries:
    """A layer read: `frame` in EPSG:4326 with attributes as text, and what had to be repaired."""

    frame: gpd.GeoDataFrame
    repairs: tuple[Repair, ...]
    title: str

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the attributes."""
        return tuple(str(column) for column in self.frame.columns if column != "geometry")


def layers_of(path: Path) -> tuple[Layer, ...]:
    """Layers with geometry of a file or of the files in a zip. Raises ValueError in one line when there is none."""
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    if path.stat().st_size == 0:
        raise ValueError(f"{path.name} is empty")
    sources = [(str(path), path.stem)]
    if zipfile.is_zipfile(path) and path.suffix.lower() != ".kmz":
        _check_archive(path)
        inside = pyogrio.vsi_listtree(f"/vsizip/{path}")
        sources = [(name, Path(name).stem) for name in sorted(inside) if Path(name).suffix.lower() in SUFFIXES]
    found = []
    for source, stem in sources:
        try:
            names = [str(name) for name, kind in pyogrio.list_layers(source) if kind is not None]
        except DataSourceError:
            raise ValueError(f"{Path(source).name} is no vector file that can be read") from None
        found += [Layer(source, name, name if len(names) > 1 or len(sources) == 1 else stem) for name in names]
    if not found:
        raise ValueError(f"{path.name} holds no layer with geometry")
    return tuple(found)


def read_boundaries(
    path: Path,
    layer: str | None = None,
    *,
    crs: str | None = None,
    datum: Datum | None = None,
    encoding: str | None = None,
) -> Boundaries:
    """One layer of `path`; `layer` names it where there are several, `crs` says what a file without one is in.

    GCJ-02 and BD-09 are converted (rules §2.5). Raises ValueError in one line for whatever keeps it from being read.
    """
    found = layers_of(path)
    chosen = [entry for entry in found if layer in (entry.title, entry.name)] if layer else list(found)
    if len(chosen) != 1:
        names = ", ".join(entry.title for entry in found)
        raise ValueError(f"{path.name} has no layer {layer!r}; it has {names}" if layer and not chosen else
                         f"{path.name} has {len(found)} layers, name one of them: {names}")  # fmt: skip
    at = chosen[0]
    frame = _read(at, encoding)
    if frame.empty:
        raise ValueError(f"{at.title} holds no features")
    if len(frame) > MAX_FEATURES:
        raise ValueError(f"{at.title} holds {len(frame)} features, more than {MAX_FEATURES} is no boundary file")
    if crs is not None:
        frame = frame.set_crs(crs, allow_override=True)
    if frame.crs is None:
        raise ValueError(f"{at.title} does not say its coordinate system (no .prj): name it, such as EPSG:4490")
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)].to_crs(WGS84)
    if frame.empty:
        raise ValueError(f"{at.title} holds no geometry")
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    if not np.isfinite(shapely.get_coordinates(shapes)).all() or _outside_the_world(shapes):
        raise ValueError(f"{at.title} has coordinates that are no longitude and latitude in its coordinate system")
    if datum in (Datum.GCJ02, Datum.BD09):
        shapes = shapely.transform(shapes, lambda x, y: to_wgs84(x, y, datum), interleaved=False)
    valid = shapely.is_valid(shapes)
    mended = np.where(valid, shapes, [_mended(shape) for shape in shapes])
    repairs = tuple(Repair(int(i) + 1, _area_m2(shapes[i]), _area_m2(mended[i])) for i in np.flatnonzero(~valid))
    attributes = {
        str(column): [None if value is None or value != value else _text(value) for value in frame[column]]
        for column in frame.columns
        if column != frame.geometry.name
    }
    return Boundaries(gpd.GeoDataFrame(attributes, geometry=list(mended), crs=WGS84), repairs, at.title)


def _check_archive(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
            raise ValueError(f"{path.name} would unpack to more than {MAX_UNPACKED >> 20} MB")


def _read(at: Layer, encoding: str | None) -> gpd.GeoDataFrame:
    """The frame of a layer; a Shapefile that does not say its encoding is read as UTF-8, then as GB 18030."""
    silent = at.path.lower().endswith(".shp") and not _has_code_page(at.path)
    tries = [encoding] if encoding else ["utf-8", "gb18030"] if silent else [None]
    for number, name in enumerate(tries, start=1):
        try:
            return pyogrio.read_dataframe(at.path, layer=at.name, encoding=name, max_features=MAX_FEATURES + 1)
        except UnicodeDecodeError:
            if number == len(tries):
                raise ValueError(f"the text of {at.title} is not {name or 'readable'}: name its encoding") from None
        except LookupError:
            raise ValueError(f"there is no encoding {name}") from None
        except (DataSourceError, DataLayerError) as error:
            raise ValueError(f"{at.title} cannot be read: {str(error).splitlines()[0]}") from None
    raise AssertionError("every try returns or raises")


def _has_code_page(path: str) -> bool:
    stem = path[: -len(".shp")]
    if path.startswith("/vsizip/"):
        folder = path.rsplit("/", 1)[0]
        return f"{stem}.cpg".lower() in {name.lower() for name in pyogrio.vsi_listtree(folder)}
    return any(Path(stem + suffix).is_file() for suffix in (".cpg", ".CPG"))


def _outside_the_world(shapes: np.ndarray) -> bool:
    west, south, east, north = shapely.total_bounds(shapes)
    return bool(west < -180 or east > 180 or south < -90 or north > 90)


def _mended(shape: shapely.Geometry) -> shapely.Geometry:
    """A valid shape of the same dimension; lines and points that a repair leaves behind are dropped."""
    if shape.is_valid:
        return shape
    wanted = shapely.get_dimensions(shape)
    repaired = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    return shapely.union_all([p for p in shapely.get_parts(repaired) if shapely.get_dimensions(p) == wanted])


def _area_m2(shape: shapely.Geometry) -> float:
    return float(abs(_GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0]))


def _text(value: object) -> str:
    """An attribute as text: a whole number without its ".0", as codes in number columns come."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
