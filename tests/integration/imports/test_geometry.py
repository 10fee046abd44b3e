"""Layers as surveyors, offices and map services leave them: where they come out, and what is said about it."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box
from sqlalchemy.orm import Session

from data.boundaries import load_districts
from data.imports.check import Checked, Options
from data.imports.problem import ImportProblem, Limits
from domain.datum import Datum, gcj02_to_bd09, wgs84_to_gcj02
from tests.support.importing import LIMITS, checked, csv_file, told

#: A square of about 190 m in the core zone's district.
HERE = box(104.080, 30.400, 104.082, 30.4017)
LAKE = (104.085, 30.400)


def parcels(
    session: Session,
    path: Path,
    options: Options | None = None,
    limits: Limits = LIMITS,
    said: dict[str, Any] | None = None,
) -> Checked:
    """A parcel layer, checked."""
    return checked(session, path, "parcels", options, said, limits, landuse_scheme="YDYH2023")


def layer(
    folder: Path, shapes: Sequence[Any], name: str = "a.gpkg", crs: str | None = "EPSG:4326", **columns: list[Any]
) -> Path:
    """A layer of these shapes, with a number for each."""
    path = folder / name
    ids = columns.pop("图斑编号", [f"T{i}" for i in range(len(shapes))])
    frame = gpd.GeoDataFrame({"图斑编号": ids, **columns}, geometry=list(shapes), crs=crs)
    frame.to_file(path, driver={".shp": "ESRI Shapefile", ".fgb": "FlatGeobuf", ".kml": "KML"}.get(path.suffix))
    return path


def placed(result: Checked) -> list[Any]:
    """Stored geometries."""
    return [row["geom"] for _n, row in result.rows["parcels"]]


def off_m(a: Any, b: Any) -> float:
    """Distance between two shapes' centres in metres."""
    to = Transformer.from_crs("EPSG:4326", "EPSG:4544", always_xy=True)
    ax, ay = to.transform(a.centroid.x, a.centroid.y)
    bx, by = to.transform(b.centroid.x, b.centroid.y)
    return float(np.hypot(ax - bx, ay - by))


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.fgb", "a.shp", "a.kml"])
def test_each_format_comes_out_in_the_same_place(db_session: Session, tmp_path: Path, name: str) -> None:
    path = layer(tmp_path, [HERE], name)
    result = parcels(db_session, path, said={"columns": {"图斑编号" if name != "a.shp" else "图斑编": "id"}})

    assert off_m(placed(result)[0], HERE) < 0.01
    row = result.fills[1] | result.rows["parcels"][0][1]
    assert (row["id"], row["zone_code"], row["district_code"], row["datum"]) == ("T0", "CDKXC", "510116", "CGCS2000")
    assert row["area_m2"] == pytest.approx(36_200, rel=0.01)


def test_kmz_and_a_zip_with_folders(db_session: Session, tmp_path: Path) -> None:
    layer(tmp_path, [HERE], "a.kml")
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.write(tmp_path / "a.kml", "doc.kml")
    shape = layer(tmp_path, [HERE], "b.shp")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for part in tmp_path.glob("b.*"):
            if part.suffix != ".zip":
                archive.write(part, f"图层/内层/{part.name}")

    assert off_m(placed(parcels(db_session, tmp_path / "a.kmz"))[0], HERE) < 0.01
    assert off_m(placed(parcels(db_session, tmp_path / "b.zip"))[0], HERE) < 0.01
    assert shape.exists()


def test_dxf_outlines_are_closed_lines(db_session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.dxf"
    to = Transformer.from_crs("EPSG:4326", "EPSG:4523", always_xy=True).transform
    ring = shapely.transform(HERE.exterior, to, interleaved=False)
    open_line = LineString(shapely.get_coordinates(ring)[:3])
    gpd.GeoDataFrame(geometry=[LineString(ring), open_line]).to_file(path, driver="DXF")
    result = parcels(db_session, path)

    assert off_m(placed(result)[0], HERE) < 0.01
    assert told(result.findings, "error", "changed") == [
        ("changed", "line_closed", 1, "", ""),
        ("error", "wrong_geometry", 2, "", ""),
    ]


def test_a_layer_without_the_fields_a_table_needs(db_session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.dxf"
    gpd.GeoDataFrame(geometry=[Point(412069.4, 3364811.0)]).to_file(path, driver="DXF")
    with pytest.raises(ImportProblem) as caught:
        checked(db_session, path, "sites")
    assert caught.value.code == "required_column"


def test_a_shapefile_without_cpg_and_prj(db_session: Session, tmp_path: Path) -> None:
    to = Transformer.from_crs("EPSG:4326", "EPSG:4544", always_xy=True).transform
    frame = gpd.GeoDataFrame({"备注": ["双流锦江地块"]}, geometry=[shapely.transform(HERE, to, interleaved=False)])
    frame.to_file(tmp_path / "a.shp", encoding="gb18030")
    (tmp_path / "a.cpg").unlink()
    (tmp_path / "a.prj").unlink(missing_ok=True)
    (tmp_path / "a.shx").unlink()
    raw = bytearray((tmp_path / "a.dbf").read_bytes())
    raw[29] = 0  # no language either
    (tmp_path / "a.dbf").write_bytes(raw)
    result = parcels(db_session, tmp_path / "a.shp")

    assert result.rows["parcels"][0][1]["note"] == "双流锦江地块"
    assert off_m(placed(result)[0], HERE) < 0.01
    said = {f.code: f.values for f in result.findings}
    assert said["crs_guessed"] == {"crs": "EPSG:4544"}
    assert said["encoding_guessed"] == {"encoding": "gb18030"}


@pytest.mark.parametrize(
    ("crs", "swapped", "named"),
    [("EPSG:4523", False, "EPSG:4523"), ("EPSG:4523", True, "EPSG:4523"), ("EPSG:4544", True, "EPSG:4544"),
     ("EPSG:4326", True, "EPSG:4326")],
)  # fmt: skip
def test_survey_coordinates_in_columns(
    db_session: Session, tmp_path: Path, crs: str, swapped: bool, named: str
) -> None:
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*LAKE)
    first, second = (y, x) if swapped else (x, y)
    result = checked(db_session, csv_file(tmp_path, f"载体名称,载体类型,x,y\n甲楼,研发,{first},{second}\n"), "carriers")
    row = result.rows["carriers"][0][1]

    assert off_m(Point(row["lon"], row["lat"]), Point(LAKE)) < 0.01
    assert result.placed is not None
    assert (result.placed.frame.crs, result.placed.frame.swapped) == (named, swapped)
    assert ("axes_swapped" in {f.code for f in result.findings}) == swapped


def test_numbers_that_are_no_place_are_asked_about(db_session: Session, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "载体名称,载体类型,x,y\n甲楼,研发,99999999,12\n")
    with pytest.raises(ImportProblem) as caught:
        checked(db_session, path, "carriers")
    assert caught.value.code == "crs_unknown"


def test_a_crs_that_is_given_wins_and_a_wrong_one_is_named(db_session: Session, tmp_path: Path) -> None:
    to = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform
    path = layer(tmp_path, [shapely.transform(HERE, to, interleaved=False)], crs=None)

    assert off_m(placed(parcels(db_session, path, Options(crs="EPSG:3857")))[0], HERE) < 0.01
    with pytest.raises(ImportProblem) as caught:
        parcels(db_session, path, Options(crs="EPSG:999999"))
    assert caught.value.code == "crs_invalid"


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_declared_datum_is_taken_back(db_session: Session, tmp_path: Path, datum: Datum) -> None:
    x, y = wgs84_to_gcj02(*LAKE)
    if datum is Datum.BD09:
        x, y = gcj02_to_bd09(x, y)
    path = csv_file(tmp_path, f"载体名称,载体类型,经度,纬度\n甲楼,研发,{float(x)!r},{float(y)!r}\n")
    result = checked(db_session, path, "carriers", Options(datum=datum))
    row = result.rows["carriers"][0][1]

    assert off_m(Point(row["lon"], row["lat"]), Point(LAKE)) < 0.01
    shift = next(f.values["shift"] for f in result.findings if f.code == "datum_converted")
    assert shift == pytest.approx(367 if datum is Datum.GCJ02 else 920, abs=60)


def test_a_heading_declares_the_datum(db_session: Session, tmp_path: Path) -> None:
    x, y = (float(v) for v in wgs84_to_gcj02(*LAKE))
    path = csv_file(tmp_path, f"载体名称,载体类型,落座经度（gcj02）,落座纬度（gcj02）\n甲楼,研发,{x!r},{y!r}\n")
    row = checked(db_session, path, "carriers").rows["carriers"][0][1]

    assert off_m(Point(row["lon"], row["lat"]), Point(LAKE)) < 0.01


def test_outlines_in_gcj02_are_suspected_with_the_shift(db_session: Session, tmp_path: Path) -> None:
    frame = load_districts(prefix="510116")
    moved = shapely.transform(frame.geometry[0], wgs84_to_gcj02, interleaved=False)
    path = layer(tmp_path, [moved], "a.geojson")
    with pytest.raises(ImportProblem) as caught:
        parcels(db_session, path)

    assert caught.value.code == "datum_suspected"
    assert caught.value.values["datum"] == "GCJ02"
    assert caught.value.values["shift"] == pytest.approx(366, abs=8)
    assert off_m(placed(parcels(db_session, path, Options(datum=Datum.GCJ02)))[0], frame.geometry[0]) < 0.5
    assert off_m(placed(parcels(db_session, path, Options(datum=Datum.WGS84)))[0], moved) < 0.5


def test_points_that_name_their_district_are_compared_with_it(db_session: Session, tmp_path: Path) -> None:
    shape = load_districts(prefix="510116").geometry[0]
    ring = shapely.get_coordinates(shapely.force_2d(shape.buffer(-0.001)).exterior if shape.geom_type == "Polygon"
                                   else max(shape.buffer(-0.001).geoms, key=lambda g: g.area).exterior)  # fmt: skip
    x, y = wgs84_to_gcj02(ring[::3, 0], ring[::3, 1])
    lines = [
        f"楼{i},研发,双流区,{lon!r},{lat!r}" for i, (lon, lat) in enumerate(zip(x.tolist(), y.tolist(), strict=True))
    ]
    path = csv_file(tmp_path, "载体名称,载体类型,区县,经度,纬度\n" + "\n".join(lines) + "\n")
    with pytest.raises(ImportProblem) as caught:
        checked(db_session, path, "carriers")

    assert (caught.value.code, caught.value.values["datum"]) == ("datum_suspected", "GCJ02")


def test_invalid_rings_are_repaired_and_say_so(db_session: Session, tmp_path: Path) -> None:
    bow = Polygon([(104.08, 30.40), (104.082, 30.402), (104.082, 30.40), (104.08, 30.402)])
    line = Polygon([(104.08, 30.40), (104.082, 30.402), (104.08, 30.40)])
    result = parcels(db_session, layer(tmp_path, [HERE, bow, line]))

    assert [shape.is_valid for shape in placed(result)] == [True, True]
    assert told(result.findings, "error", "changed") == [
        ("changed", "repaired", 2, "", ""),
        ("error", "repair_failed", 3, "", ""),
    ]
    values = next(f.values for f in result.findings if f.code == "repaired")
    assert values["reason"] == "自相交"
    assert values["before"] < 1
    assert values["after"] == pytest.approx(21_300, rel=0.02)


def test_shapes_that_do_not_fit_the_table(db_session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    shapes = [Point(104.08, 30.4), LineString([(104.08, 30.4), (104.09, 30.4)]), None, MultiPolygon([HERE])]
    features = [
        {"type": "Feature", "properties": {"图斑编号": f"T{i}"}, "geometry": shapely.geometry.mapping(s) if s else None}
        for i, s in enumerate(shapes)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    result = parcels(db_session, path)

    assert [shape.geom_type for shape in placed(result)] == ["Polygon"]
    assert told(result.findings, "error") == [
        ("error", "wrong_geometry", 1, "", ""),
        ("error", "wrong_geometry", 2, "", ""),
        ("error", "no_geometry", 3, "", ""),
    ]


def test_coordinates_that_are_no_numbers(db_session: Session, tmp_path: Path) -> None:
    wild = Polygon([(104.08, 30.4), (float("inf"), 30.4), (104.09, 30.5)])
    result = parcels(db_session, layer(tmp_path, [HERE, wild]))

    assert told(result.findings, "error") == [("error", "not_finite_geometry", 2, "", "")]
    (tmp_path / "n.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},"geometry":'
        '{"type":"Polygon","coordinates":[[[104,30],[1e400,30],[104,31],[104,30]]]}}]}'
    )
    with pytest.raises(ImportProblem) as caught:
        parcels(db_session, tmp_path / "n.geojson")
    assert caught.value.code == "unreadable"


def test_a_million_vertices_are_within_a_limit(db_session: Session, tmp_path: Path) -> None:
    angle = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    huge = shapely.polygons(np.column_stack([104.08 + 0.01 * np.cos(angle), 30.4 + 0.01 * np.sin(angle)]))
    path = layer(tmp_path, [HERE, huge])
    result = parcels(db_session, path)

    assert told(result.findings, "error") == [("error", "shape_vertices", 2, "", "")]
    with pytest.raises(ImportProblem) as caught:
        parcels(db_session, path, limits=Limits(vertices=500_000))
    assert caught.value.code == "too_many_vertices"


def test_overlaps_and_declared_areas(db_session: Session, tmp_path: Path) -> None:
    right = shapely.affinity.translate(HERE, 0.001, 0)
    beside = shapely.affinity.translate(HERE, 0.003, 0)
    inside = box(104.0832, 30.4002, 104.0838, 30.4008)
    path = layer(tmp_path, [HERE, right, beside, inside], **{"面积(亩)": [54.3, 108.6, 54.3, None]})
    result = parcels(db_session, path)

    assert len(result.rows["parcels"]) == 4
    assert told(result.findings, "warning") == [
        ("warning", "overlap", 2, "", ""),
        ("warning", "area_differs", 2, "面积(亩)", "72400"),
        ("warning", "overlap", 4, "", ""),
    ]
    overlap = [f.values for f in result.findings if f.code == "overlap"]
    assert [(v["other"], round(v["area"], -2)) for v in overlap] == [(1, 18100.0), (3, 3800.0)]
    assert next(f.values["percent"] for f in result.findings if f.code == "area_differs") == pytest.approx(100, abs=1)


def test_a_mixed_case_zip_keeps_the_right_neighbours_together(db_session: Session, tmp_path: Path) -> None:
    layer(tmp_path, [HERE], "A.shp")
    folder = tmp_path / "up"
    folder.mkdir()
    for part in tmp_path.glob("A.*"):
        shutil.copyfile(part, folder / part.name.upper())
    with zipfile.ZipFile(tmp_path / "u.zip", "w") as archive:
        for part in folder.iterdir():
            archive.write(part, part.name)

    assert off_m(placed(parcels(db_session, tmp_path / "u.zip"))[0], HERE) < 0.01


GCJ = tuple(float(v[0]) for v in wgs84_to_gcj02(np.array([104.081]), np.array([30.4008])))


def in_gcj(shape: Any) -> Any:
    """The shape as a consumer map has it."""
    return shapely.transform(shape, lambda xy: np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1])))


@pytest.mark.parametrize(
    ("shape", "names", "said"),
    [
        (HERE, ("落座经度(gcj02)", "落座纬度(gcj02)"), ("info", "columns_converted")),
        (HERE, ("经度", "纬度"), ("warning", "columns_converted")),
        (in_gcj(HERE), ("落座经度(gcj02)", "落座纬度(gcj02)"), ("info", "columns_converted")),
    ],
)
def test_a_layer_with_shapes_and_columns_in_gcj02(
    db_session: Session, tmp_path: Path, shape: Any, names: tuple[str, str], said: tuple[str, str]
) -> None:
    named = {"载体名称": ["甲楼"], "载体类型": ["厂房"], names[0]: [GCJ[0]], names[1]: [GCJ[1]]}
    result = checked(db_session, layer(tmp_path, [shape], **named), "carriers")
    row = result.rows["carriers"][0][1]

    assert (row["lon"], row["lat"]) == (pytest.approx(104.081, abs=1e-7), pytest.approx(30.4008, abs=1e-7))
    assert off_m(row["footprint"], HERE) < 0.5
    assert [(f.severity, f.code) for f in result.findings if f.code == "columns_converted"] == [said]
    assert [f.values["shift"] for f in result.findings if f.code == "columns_converted"] == [367]


def test_columns_that_lie_nowhere_near_their_shapes_are_told(db_session: Session, tmp_path: Path) -> None:
    named = {"载体名称": ["甲楼"], "载体类型": ["厂房"], "经度": [104.2], "纬度": [30.4008]}
    result = checked(db_session, layer(tmp_path, [HERE], **named), "carriers")
    far = [f for f in result.findings if f.code == "points_off_shapes"]

    assert (result.rows["carriers"][0][1]["lon"], [round(f.values["shift"], -2) for f in far]) == (104.2, [11_300])


def test_parks_that_overlap_are_told(db_session: Session, tmp_path: Path) -> None:
    parks = [box(104.080, 30.400, 104.082, 30.402), box(104.081, 30.400, 104.083, 30.402)]
    named = {"载体名称": ["甲园", "乙园"], "载体类型": ["园区", "园区"]}
    result = checked(db_session, layer(tmp_path, parks, **named), "carriers")

    assert told(result.findings, "warning") == [("warning", "overlap", 2, "", "")]
