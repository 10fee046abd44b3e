"""One stranger's file, given to new-scheme and to the import: the same codes, names and places, and the same refusals."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from sqlalchemy.orm import Session

from data.boundaries import load_districts
from data.imports.check import Options
from data.imports.problem import ImportProblem
from data.new_scheme import SchemeRequest, draft_scheme
from domain.datum import wgs84_to_gcj02
from tests.support.importing import checked

#: Fields of code and name where a format cannot keep them, by the name of the file.
FIELDS = {"doc": ("片区代码", "Name"), "短名": ("片区代", "片区名")}
NAMES = {"HX": "核心区双流片", "DB": "东部片区锦江"}
SHAPES = [shapely.box(104.00, 30.40, 104.05, 30.45), shapely.box(104.05, 30.40, 104.10, 30.45)]
Made = Callable[[Path], Path]


def zones(crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    """Two zones with a code, a name and a role."""
    columns = {"片区代码": list(NAMES), "片区名称": list(NAMES.values()), "类型": ["核心区", "功能区"]}
    return gpd.GeoDataFrame(columns, geometry=SHAPES, crs="EPSG:4326").to_crs(crs)


def shapefile(path: Path, encoding: str, crs: str = "EPSG:4326", ldid: int = 0) -> Path:
    """A Shapefile without .cpg and .prj, whose table names no language unless `ldid` does."""
    zones(crs).to_file(path, driver="ESRI Shapefile", encoding=encoding)
    path.with_suffix(".cpg").unlink()
    path.with_suffix(".prj").unlink(missing_ok=True)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = ldid
    path.with_suffix(".dbf").write_bytes(table)
    return path


def packed(path: Path, *files: tuple[Path, str], encoding: str = "utf-8") -> Path:
    """A zip of these files under these names, written as Windows does where the encoding is not UTF-8."""
    with zipfile.ZipFile(path, "w") as archive:
        for file, name in files:
            archive.write(file, name if encoding == "utf-8" else name.encode(encoding).decode("cp437"))
    return path


def kml(folder: Path) -> Path:
    path = folder / "doc.kml"
    return _written(path, zones().rename(columns={"片区名称": "Name"}))


def geojson(path: Path, latitude_first: bool = False) -> Path:
    frame = zones()
    if latitude_first:
        frame.geometry = [shapely.transform(s, lambda x, y: (y, x), interleaved=False) for s in frame.geometry]
    features = json.loads(frame.to_json())["features"]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


FILES: dict[str, Made] = {
    "GBK without .cpg and .prj": lambda at: shapefile(at / "片区.shp", "gb18030"),
    "GBK that only its table declares": lambda at: shapefile(at / "片区.shp", "gb18030", ldid=0x4D),
    "UTF-8 names cut within a character": lambda at: shapefile(at / "短名.shp", "utf-8"),
    "metres without .prj": lambda at: shapefile(at / "片区.shp", "gb18030", "EPSG:4544"),
    "metres with the zone before the easting": lambda at: shapefile(at / "片区.shp", "gb18030", "EPSG:4523"),
    "a zip with folders": lambda at: packed(
        at / "片区.zip",
        *((p, f"成果/2026年/{p.name}") for p in sorted(shapefile(at / "片区.shp", "gb18030").parent.glob("片区.*"))),
        encoding="gb18030",
    ),
    "a zip of a GeoJSON": lambda at: packed(at / "片区.zip", (geojson(at / "片区.json"), "图层/片区.json")),
    "KML": kml,
    "KMZ": lambda at: packed(at / "doc.kmz", (kml(at), "doc.kml")),
    "GeoJSON without a name": lambda at: geojson(at / "无名.geojson"),
    "GeoJSON with latitude first": lambda at: geojson(at / "先纬.geojson", latitude_first=True),
    "GeoPackage in CGCS2000": lambda at: _written(at / "片区.gpkg", zones("EPSG:4490")),
    "FlatGeobuf": lambda at: _written(at / "片区.fgb", zones()),
}


def _written(path: Path, frame: gpd.GeoDataFrame) -> Path:
    frame.to_file(path, driver="KML" if path.suffix == ".kml" else None)
    return path


def of_new_scheme(path: Path) -> dict[str, tuple[str, Any]]:
    """Name and shape by code, as new-scheme understands the file."""
    code, name = FIELDS.get(path.stem, ("片区代码", "片区名称"))
    draft = draft_scheme(
        SchemeRequest(id="x", name_zh="某区", zones=path, adcode="510100", code=code, name=name, cores=("HX",))
    )
    names = {entry["code"]: entry["name_zh"] for entry in draft.content["elements"]}
    shapes = dict(zip(draft.zones["code"], draft.zones.geometry, strict=True))
    return {code: (names[code], shapes[code]) for code in names}


def of_import(session: Session, path: Path) -> dict[str, tuple[str, Any]]:
    """Name and shape by code, as the import understands the file."""
    code, name = FIELDS.get(path.stem, ("片区代码", "片区名称"))
    said = {"columns": {code: "code", name: "name_zh"}}
    found = checked(session, path, "zones", Options(scheme="wcsc"), said, scheme_id="wcsc", role="zone")
    return {row["code"]: (row["name_zh"], row["geom"]) for _n, row in found.rows["zones"]}


@pytest.mark.parametrize("make", FILES.values(), ids=FILES)
def test_both_say_the_same_of_a_file(db_session: Session, tmp_path: Path, make: Made) -> None:
    path = make(tmp_path)
    scheme, imported = of_new_scheme(path), of_import(db_session, path)

    assert {code: name for code, (name, _s) in scheme.items()} == NAMES
    assert {code: name for code, (name, _s) in imported.items()} == NAMES
    for (code, (_name, shape)), true in zip(scheme.items(), SHAPES, strict=True):
        assert shape.equals_exact(imported[code][1], 0), code  # to the last digit
        assert shape.symmetric_difference(true).area < 1e-8


def gcj02(folder: Path) -> Path:
    """A district as map services draw it, 400 m off."""
    outline = load_districts(prefix="510116").geometry[0]
    moved = shapely.transform(outline, wgs84_to_gcj02, interleaved=False)
    frame = gpd.GeoDataFrame(
        {"片区代码": ["HX"], "片区名称": ["双流"], "类型": ["核心区"]}, geometry=[moved], crs="EPSG:4326"
    )
    return _written(folder / "高德.gpkg", frame)


def with_entities(folder: Path) -> Path:
    path = kml(folder)
    path.write_text(path.read_text("utf-8").replace("<kml", '<!DOCTYPE kml [<!ENTITY a "b">]>\n<kml', 1), "utf-8")
    return path


def outside(folder: Path) -> Path:
    return packed(folder / "滑.zip", (geojson(folder / "a.json"), "../a.json"))


@pytest.mark.parametrize(
    ("make", "code"),
    [(gcj02, "datum_suspected"), (with_entities, "entities"), (outside, "slip")],
    ids=["datum", "entities", "slip"],
)
def test_both_refuse_with_the_same_words(db_session: Session, tmp_path: Path, make: Made, code: str) -> None:
    path = make(tmp_path)
    with pytest.raises(ImportProblem) as imported:
        of_import(db_session, path)
    assert imported.value.code == code
    with pytest.raises(ValueError, match=r"\.$") as refused:
        of_new_scheme(path)
    assert str(refused.value) == f"{path}: {imported.value.text('en')}"
