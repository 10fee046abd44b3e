"""Tables for GIS: GeoJSON, GeoPackage, Shapefile. Coordinates are WGS 84 longitude and latitude, every digit of them.

Columns have their names in the database and hold stored codes; what they mean stands in the file as well.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from data.columns import Column as Field
from data.exports.about import About
from data.exports.cells import machine_cell
from data.exports.extract import Extract, NoPlace

WGS84 = "EPSG:4326"
_FAMILIES = {"Point": "point", "MultiPoint": "point", "LineString": "line", "MultiLineString": "line"}
_INTEGERS = ("int", "money_wan", "money_wan_usd", "area_m2")
_NUMBERS = ("number", "ratio", "lon", "lat")
_DBF_NAME, _DBF_TEXT = 10, 254
#: Encodings of a Shapefile: what its .cpg says, and how Python calls it.
SHP_ENCODINGS = {"utf-8": ("UTF-8", "utf-8"), "gbk": ("GBK", "gbk")}


def attributes(extract: Extract) -> dict[str, pd.api.extensions.ExtensionArray | list[Any]]:
    """The columns of an extract but its geometry, by database name, each of one type."""
    found: dict[str, Any] = {}
    for i, field in enumerate(extract.fields):
        if field.kind != "geometry":
            found[field.name] = typed(field, [machine_cell(field, row[i]) for row in extract.rows])
    return found


def typed(field: Field, values: list[Any]) -> Any:
    """A column as an array of one type in which None is nothing."""
    if field.kind == "bool":
        return pd.array(values, dtype="boolean")
    if field.kind in _INTEGERS and not field.choices:
        return pd.array(values, dtype="Int64")
    if field.kind in _NUMBERS:
        return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)
    return [None if v is None else str(v) for v in values]


# ── GeoJSON ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def write_geojson(extract: Extract, target: Path) -> None:
    """A feature collection (RFC 7946) with what it is in the members ``name`` and ``about``; no shape is ``null``."""
    names = [(i, f) for i, f in enumerate(extract.fields) if f.kind != "geometry"]
    shapes: Sequence[str | None] = [None] * len(extract.rows)
    if extract.shapes is not None:
        shapes = shapely.to_geojson(np.array(extract.shapes, dtype=object)).tolist()
    with target.open("w", encoding="utf-8") as stream:
        head = {"type": "FeatureCollection", "name": extract.table.id, "about": _about_members(extract.about)}
        stream.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [')
        for number, (row, shape) in enumerate(zip(extract.rows, shapes, strict=True)):
            properties = json.dumps({f.name: machine_cell(f, row[i]) for i, f in names}, ensure_ascii=False)
            feature = f'{{"type": "Feature", "properties": {properties}, "geometry": {shape or "null"}}}'
            stream.write((",\n" if number else "\n") + feature)
        stream.write("\n]}\n")


def _about_members(about: About) -> dict[str, Any]:
    return {
        "entries": [{"label": label, "text": text} for label, text in about.entries],
        "columns": [
            {"name": d.name, "title": d.heading, "unit": d.unit, "choices": d.choices} for d in about.definitions
        ],
    }


# ── GeoPackage ───────────────────────────────────────────────────────────────────────────────────────────────────────


def write_gpkg(extract: Extract, target: Path) -> None:
    """A GeoPackage with the table, and the attribute tables ``about``, ``columns`` and ``codes`` that say what it holds."""
    target.unlink(missing_ok=True)
    add_layer(target, extract.table.id, attributes(extract), extract.shapes)
    add_about(target, [(extract.table.id, extract.about)])


def add_layer(path: Path, layer: str, columns: dict[str, Any], shapes: Sequence[Any] | None) -> None:
    """Add a layer (an attribute table where `shapes` is None) to a GeoPackage, which is made when there is none."""
    if shapes is None:
        pyogrio.write_dataframe(pd.DataFrame(columns), path, layer=layer, driver="GPKG")
        return
    kinds = {shape.geom_type for shape in shapes if shape is not None}
    pyogrio.write_dataframe(
        gpd.GeoDataFrame(columns, geometry=list(shapes), crs=WGS84), path, layer=layer, driver="GPKG",
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown", promote_to_multi=False,
    )  # fmt: skip


def add_about(path: Path, found: Sequence[tuple[str, About]]) -> None:
    """Add ``about`` (table, label, text), ``columns`` (table, column, title, kind, unit, choices) and ``codes`` (code, name,
    definition) to a GeoPackage."""
    entries = [(name, label, text) for name, about in found for label, text in about.entries]
    columns = [(name, d.name, d.heading, d.kind, d.unit, d.choices) for name, about in found for d in about.definitions]
    for layer, rows, names in (
        ("about", entries, ("table_name", "label", "text")),
        ("codes", sorted({term for _name, about in found for term in about.terms}), ("code", "name", "definition")),
        ("columns", columns, ("table_name", "column_name", "title", "kind", "unit", "choices")),
    ):
        pyogrio.write_dataframe(pd.DataFrame(rows, columns=list(names), dtype=str), path, layer=layer, driver="GPKG")


@dataclass(frozen=True)
class Style:
    """A QGIS style of a layer: its name, the QML, whether QGIS takes it when the layer is opened."""

    layer: str
    name: str
    qml: str
    default: bool = True


def add_styles(path: Path, styles: Iterable[Style]) -> None:
    """Write ``layer_styles``, the table in which QGIS looks for the style of a layer it opens."""
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), "
            "f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), "
            "styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), "
            "update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
        )
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', strftime('%Y-%m-%dT%H:%M:%fZ','now'))"
        )
        base.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, '', ?, '', '')",
            [(style.layer, style.name, style.qml, style.default) for style in styles],
        )


# ── Shapefile ────────────────────────────────────────────────────────────────────────────────────────────────────────


def write_shapefile(extract: Extract, target: Path, encoding: str = "utf-8") -> None:
    """A zip of one Shapefile for each kind of geometry, with .cpg and .prj, and in it ``atlas-fields.csv`` (which ten-character
    name stands for which column, what was cut or replaced) and ``atlas-about.txt``.

    Raises NoPlace for a table without geometry, KeyError for an unknown encoding. Rows without a place are left out
    and counted in ``atlas-about.txt``.
    """
    if extract.shapes is None:
        raise NoPlace(f"{extract.table.id} has no places: export it as xlsx, csv or gpkg")
    said, codec = SHP_ENCODINGS[encoding]
    columns = attributes(extract)
    short = short_names(list(columns))
    cut: dict[str, int] = {}
    replaced: dict[str, int] = {}
    for name, values in columns.items():
        if isinstance(values, list):
            columns[name] = [_dbf_text(v, codec, name, cut, replaced) for v in values]
    families = [_FAMILIES.get(s.geom_type, "polygon") if s is not None else None for s in extract.shapes]
    with (
        TemporaryDirectory(prefix="atlas-shp-") as folder,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for family in sorted({f for f in families if f}):
            chosen = np.array([f == family for f in families])
            kept = {short[name]: _where(values, chosen) for name, values in columns.items()}
            frame = gpd.GeoDataFrame(
                kept, geometry=[s for s, c in zip(extract.shapes, chosen, strict=True) if c], crs=WGS84
            )
            path = Path(folder) / f"{extract.table.id}_{family}.shp"
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # wide numbers: 18 digits are more than any figure has
                pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding=said)
            for part in sorted(path.parent.glob(f"{path.stem}.*")):
                archive.write(part, part.name)
        archive.writestr("atlas-fields.csv", "\ufeff" + _fields_csv(extract, short, cut, replaced))
        lines = [f"{label}: {text}" for label, text in extract.about.entries]
        if missing := families.count(None):
            no_place = {"zh": f"无位置、未写入的行: {missing}", "en": f"Rows without a place, left out: {missing}"}
            lines.append(no_place[extract.about.language])
        archive.writestr("atlas-about.txt", "\ufeff" + "\r\n".join(lines) + "\r\n")


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Names of at most ten characters, all different, for the columns of a Shapefile, by full name."""
    found: dict[str, str] = {}
    used: set[str] = set()
    for name in names:
        short, number = name[:_DBF_NAME], 1
        while short in used:
            number += 1
            short = f"{name[: _DBF_NAME - len(str(number))]}{number}"
        used.add(short)
        found[name] = short
    return found


def _where(values: Any, chosen: np.ndarray) -> Any:
    return [v for v, c in zip(values, chosen, strict=True) if c] if isinstance(values, list) else values[chosen]


def _dbf_text(value: str | None, codec: str, name: str, cut: dict[str, int], replaced: dict[str, int]) -> str | None:
    """Text that fits a DBF column: what the encoding lacks is "?", what is longer than 254 bytes is cut; both counted."""
    if value is None:
        return None
    data = value.encode(codec, "replace")
    if data.decode(codec) != value:
        replaced[name] = replaced.get(name, 0) + 1
    if len(data) > _DBF_TEXT:
        cut[name] = cut.get(name, 0) + 1
    return data[:_DBF_TEXT].decode(codec, "ignore")


def _fields_csv(extract: Extract, short: dict[str, str], cut: dict[str, int], replaced: dict[str, int]) -> str:
    stream = StringIO()
    writer = csv.writer(stream)
    writer.writerow(("shapefile", "column", "heading", "unit", "choices", "cells cut to 254 bytes", "cells with ?"))
    meaning = {d.name: d for d in extract.about.definitions}
    for name, shortened in short.items():
        d = meaning[name]
        writer.writerow((shortened, name, d.heading, d.unit, d.choices, cut.get(name, 0), replaced.get(name, 0)))
    return stream.getvalue()
