"""Layers of geometry: one explicit driver per kind of file, read by GDAL through pyogrio."""

from __future__ import annotations

import codecs
import datetime as dt
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from data.imports.problem import MAX_COLUMNS, ImportProblem, Limits, Watch
from data.imports.texts import guess_chinese

#: The one driver that may open a file of this extension.
DRIVERS: dict[str, tuple[str, ...]] = {
    ".geojson": ("GeoJSON", "GeoJSONSeq"),
    ".json": ("GeoJSON", "GeoJSONSeq"),
    ".shp": ("ESRI Shapefile",),
    ".gpkg": ("GPKG",),
    ".fgb": ("FlatGeobuf",),
    ".kml": ("KML", "LIBKML"),
    ".dxf": ("DXF",),
}
_LDID = {0x4D: "gb18030", 0x4F: "big5hkscs", 0x7A: "gb18030", 0x78: "big5hkscs", 0x57: "", 0x00: ""}


@dataclass(frozen=True)
class Layer:
    """A layer: values by column, geometries in file order, the CRS the file declares (None: it declares none)."""

    name: str
    headings: list[str]
    columns: list[list[Any]]
    geometry: NDArray[np.object_] | None
    crs: str | None
    encoding: str | None = None


@contextmanager
def _gdal() -> Iterator[None]:
    """GDAL for files of strangers: a missing .shx is rebuilt, objects have no size of their own limit."""
    options = {
        "SHAPE_RESTORE_SHX": "YES",
        "CPL_CURL_ENABLE_VSIMEM": "NO",
        "GDAL_HTTP_MAX_RETRY": "0",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "0",
    }
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def layer_names(path: Path, called: str) -> dict[str, str]:
    """What each layer of a file is called, everywhere, and GDAL's name for it; `called` is what people call the file.

    A layer without a name of its own (one that GDAL names after our copy of the file) has that of the file.
    """
    found = [str(name) for name, _kind in pyogrio.list_layers(path)]
    if len(found) == 1 and found[0] in ("", path.stem):
        return {Path(called).stem: found[0]}
    return {name: name for name in found}


def read_layers(path: Path, called: str, limits: Limits, watch: Watch, only: str | None = None) -> list[Layer]:
    """Layers of the file that people call `called` (all, or the one of that name among `layer_names`).

    Raises ImportProblem for what cannot be read within the limits, and for a layer that is not there.
    """
    suffix = path.suffix.lower()
    options: dict[str, Any] = {}
    encoding = None
    if suffix == ".shp":
        encoding = shape_encoding(path)
        if encoding:
            options["encoding"] = encoding
        _whole_names(path, encoding)
    try:
        with _gdal():
            names = layer_names(path, called)
            if only is not None and only not in names:
                raise ImportProblem("no_sheet", name=only, known="、".join(names))
            wanted = names if only is None else {only: names[only]}
            return [
                replace(_layer(path, suffix, name, options, encoding, limits, watch), name=title)
                for title, name in wanted.items()
            ]
    except ImportProblem:
        raise
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise ImportProblem("unreadable", reason=_reason(error, path)) from error
    except (UnicodeDecodeError, ValueError, OverflowError, shapely.errors.GEOSException) as error:
        raise ImportProblem("unreadable", reason=_reason(error, path)) from error


def _reason(error: Exception, path: Path) -> str:
    """What the library says, without the path of the temporary copy."""
    return str(error).replace(str(path.parent) + os.sep, "").replace(str(path.parent), "").split("\n")[0][:200]


def _layer(
    path: Path, suffix: str, name: str, options: dict[str, Any], encoding: str | None, limits: Limits, watch: Watch
) -> Layer:
    watch.step("read")
    info = pyogrio.read_info(path, layer=name, force_feature_count=True, **options)
    if info["driver"] not in DRIVERS[suffix]:
        raise ImportProblem("renamed", suffix=suffix, found=info["driver"])
    count = int(info["features"])
    if count > limits.rows:
        raise ImportProblem("too_many_rows", rows=count, limit=limits.rows)
    if len(info["fields"]) > MAX_COLUMNS:
        raise ImportProblem("too_many_columns", columns=len(info["fields"]), limit=MAX_COLUMNS)
    meta, _fids, geometry, fields = pyogrio.raw.read(
        path, layer=name, force_2d=True, datetime_as_string=False, **options
    )
    watch.step("read", count, count)
    shapes = None
    if geometry is not None:
        shapes = shapely.from_wkb(geometry, on_invalid="ignore")
        vertices = int(shapely.get_num_coordinates(shapes).sum())
        if vertices > limits.vertices:
            raise ImportProblem("too_many_vertices", vertices=vertices, limit=limits.vertices)
    columns = [_values(column) for column in fields]
    return Layer(name, [str(field) for field in meta["fields"]], columns, shapes, meta["crs"], encoding)


def _values(column: NDArray[Any]) -> list[Any]:
    """Plain Python values; NaN and NaT, by which numbers and dates say "nothing", become None."""
    if column.dtype.kind == "f":
        return [None if value != value else value for value in column.tolist()]
    if column.dtype.kind == "M":
        stamps = column.astype("datetime64[s]").tolist()
        return [_moment(stamp) for stamp in stamps]
    return [_plain(value) for value in column.tolist()]


def _moment(value: Any) -> Any:
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date()
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return None
    if isinstance(value, np.ndarray):
        return ";".join(str(entry) for entry in value.tolist())
    return value


def shape_encoding(path: Path) -> str | None:
    """Encoding of a Shapefile's table when nothing declares it: looked up in its bytes. None: declared, or plain ASCII."""
    siblings = {p.suffix.lower(): p for p in path.parent.iterdir() if p.stem == path.stem}
    if ".cpg" in siblings and siblings[".cpg"].stat().st_size:
        return None
    table = siblings.get(".dbf")
    if table is None:
        return None
    raw = table.read_bytes()
    if len(raw) < 32:
        raise ImportProblem("unreadable", reason="dbf")
    if _LDID.get(raw[29]):
        return _LDID[raw[29]]
    start = struct.unpack_from("<H", raw, 8)[0]
    bytes_of = raw[32:start] + raw[start:]
    if bytes_of.isascii():
        return None
    try:
        raw[start:].decode("utf-8")
    except UnicodeDecodeError:
        # Records are cut at fixed widths, perhaps in the middle of a character: look at the whole fields only.
        return _guess_fields(raw, start)
    return "UTF-8"


def _whole_names(path: Path, encoding: str | None) -> None:
    """Field names end after ten bytes, perhaps within a character, which no reader takes: the broken one is dropped.

    `path` is our own copy of the Shapefile.
    """
    siblings = {p.suffix.lower(): p for p in path.parent.iterdir() if p.stem == path.stem}
    if ".dbf" not in siblings:
        return
    declared = siblings[".cpg"].read_text("ascii", "ignore").strip() if ".cpg" in siblings else ""
    name = encoding or (f"cp{declared}" if declared.isdigit() else declared) or "utf-8"
    try:
        codecs.lookup(name)
    except LookupError:
        return
    raw = bytearray(siblings[".dbf"].read_bytes())
    start = struct.unpack_from("<H", raw, 8)[0]
    at, changed = 32, False
    while at + 32 <= min(start, len(raw)) and raw[at] != 0x0D:
        field = bytes(raw[at : at + 11]).split(b"\x00")[0]
        whole = field.decode(name, "ignore").encode(name)
        if whole != field:
            raw[at : at + 11] = whole.ljust(11, b"\x00")
            changed = True
        at += 32
    if changed:
        siblings[".dbf"].write_bytes(raw)


def _guess_fields(raw: bytes, start: int) -> str:
    widths = []
    at = 32
    while at + 32 <= start and raw[at] != 0x0D:
        widths.append((raw[at + 11 : at + 12], raw[at + 16]))
        at += 32
    length = struct.unpack_from("<H", raw, 10)[0]
    texts: list[bytes] = []
    for record in range(start, min(len(raw), start + length * 2000), length):
        offset = record + 1
        for kind, width in widths:
            if kind == b"C":
                texts.append(raw[offset : offset + width].strip(b" \x00"))
            offset += width
    scores: dict[str, int] = {}
    for text in texts:
        if not text.isascii():
            try:
                found = guess_chinese(text)
            except ImportProblem:
                continue
            scores[found] = scores.get(found, 0) + 1
    return max(scores, key=lambda name: scores[name]) if scores else "UTF-8"
