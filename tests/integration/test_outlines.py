"""Boundaries and outlines: areas that are true, hosts that are right, shapes that do not touch."""

from __future__ import annotations

import itertools
import json
import math
import random
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from data.boundaries import SOURCES, areas_m2, city_name, load_districts
from data.outlines import build_outlines, natural_outline, split_by_district
from data.reference import districts as district_table
from data.reference.schemes import shipped_schemes
from domain.scheme import AreaFact, Element, GeometrySpec, Scheme

GEOD = Geod(ellps="GRS80")
SHIPPED = [(source, name) for source in SOURCES for name in ("wcsc", "wenjiang")]


@lru_cache(maxsize=8)
def outlines(source: str, name: str) -> dict[str, BaseGeometry]:
    return build_outlines(shipped_schemes()[name], load_districts(source))


def geodesic_m2(shape: BaseGeometry) -> float:
    return float(abs(GEOD.geometry_area_perimeter(shape)[0]))


def shape_areas(name: str, source: str) -> dict[str, float]:
    shapes = outlines(source, name)
    polygons = shipped_schemes()[name].polygons
    return {e.code: float(areas_m2([shapes[e.code]])[0]) for e in polygons}


# ── districts ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("source", SOURCES)
def test_all_twenty_districts_are_there_valid_and_do_not_overlap(source: str) -> None:
    frame = load_districts(source)
    assert list(frame["code"]) == [d.code for d in district_table() if d.statutory]
    assert list(frame["name_zh"]) == [d.name_zh for d in district_table() if d.statutory]
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.is_valid.all()
    whole = float(areas_m2([shapely.union_all(frame.geometry.to_numpy())])[0])
    assert float(areas_m2(frame).sum()) == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize("source", SOURCES)
def test_the_city_has_its_published_area(source: str) -> None:
    assert float(areas_m2(load_districts(source)).sum()) / 1e6 == pytest.approx(14335, rel=0.001)


def test_other_cities_and_single_districts_load_by_adcode() -> None:
    assert set(load_districts(prefix="310115")["code"]) == {"310115"}
    assert load_districts(prefix="5101").shape[0] == 20
    assert city_name("5101") == "成都市"
    assert load_districts("amap", "430103")["name_zh"].tolist() == ["天心区"]


@pytest.mark.parametrize(
    ("source", "prefix", "words"),
    [
        ("osm", "5101", "unknown boundary source 'osm'"),
        ("amap", "9999", "no district code starts with '9999'"),
        ("amap", "", "2 to 6 digits"),
        ("amap", "../1", "2 to 6 digits"),
        ("amap", "成都", "2 to 6 digits"),
    ],
)
def test_a_wrong_source_or_prefix_is_told(source: str, prefix: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load_districts(source, prefix)


def test_a_caller_cannot_change_the_cached_districts() -> None:
    frame = load_districts()
    frame.loc[:, "code"] = "x"
    assert load_districts()["code"].iloc[0] == "510104"


def test_areas_follow_the_crs_of_a_layer_and_refuse_none() -> None:
    frame = load_districts(prefix="510116")
    shifted = frame.to_crs("EPSG:4544")
    assert float(areas_m2(shifted)[0]) == pytest.approx(float(areas_m2(frame)[0]), rel=1e-9)
    with pytest.raises(ValueError, match="no CRS"):
        areas_m2(gpd.GeoSeries([box(0, 0, 1, 1)]))


# ── outlines of the shipped schemes ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("source", SOURCES)
def test_every_zone_has_its_published_area_within_half_a_percent(source: str) -> None:
    for code, area in shape_areas("wcsc", source).items():
        fact = shipped_schemes()["wcsc"].element(code).current_area
        assert fact is not None
        assert area / 1e6 == pytest.approx(fact.km2, rel=0.005)


@pytest.mark.parametrize("source", SOURCES)
def test_the_bio_town_lies_in_shuangliu_and_xinjin_as_published(source: str) -> None:
    parts = split_by_district(outlines(source, "wcsc")["SMKX"], load_districts(source))
    assert set(parts) == {"510116", "510118"}
    assert parts["510116"] / 1e6 == pytest.approx(39.4, rel=0.005)
    assert parts["510118"] / 1e6 == pytest.approx(4.6, rel=0.005)


@pytest.mark.parametrize(("source", "name"), SHIPPED)
def test_elements_lie_in_their_host_districts_only(source: str, name: str) -> None:
    frame = load_districts(source)
    for element in shipped_schemes()[name].polygons:
        shape = outlines(source, name)[element.code]
        parts = split_by_district(shape, frame)
        assert set(parts) == set(element.hosts)
        assert sum(parts.values()) == pytest.approx(float(areas_m2([shape])[0]), abs=1.0)


@pytest.mark.parametrize(("source", "name"), SHIPPED)
def test_outlines_are_simple_valid_and_apart(source: str, name: str) -> None:
    scheme = shipped_schemes()[name]
    shapes = outlines(source, name)
    assert list(shapes) == list(scheme.codes)
    for element in scheme.ordered:
        shape = shapes[element.code]
        assert shape.is_valid
        assert shape.is_simple
        assert shape.geom_type == ("LineString" if element.role == "axis" else "Polygon")
    for element in scheme.polygons:
        assert 100 <= shapely.get_num_coordinates(shapes[element.code]) <= 400
    for one, other in itertools.combinations([shapes[e.code] for e in scheme.polygons], 2):
        assert one.intersection(other).area == 0


@pytest.mark.parametrize("source", SOURCES)
def test_located_facts_lie_inside_their_zone(source: str) -> None:
    for element in shipped_schemes()["wcsc"].elements:
        shape = outlines(source, "wcsc")[element.code]
        assert all(shape.contains(shapely.Point(a.lon, a.lat)) for a in element.anchors)


def test_the_same_input_gives_the_same_coordinates() -> None:
    again = build_outlines(shipped_schemes()["wcsc"], load_districts())
    assert all(again[code].equals_exact(shape, 0) for code, shape in outlines("tianditu", "wcsc").items())


@pytest.mark.parametrize(("source", "name"), SHIPPED)
def test_the_area_crs_agrees_with_geodesic_area(source: str, name: str) -> None:
    for element in shipped_schemes()[name].polygons:
        shape = outlines(source, name)[element.code]
        assert float(areas_m2([shape])[0]) == pytest.approx(geodesic_m2(shape), rel=0.0005)


@given(
    lon=st.floats(103.8, 104.5),
    lat=st.floats(30.1, 31.2),
    size=st.floats(0.0005, 0.03),
    seed=st.integers(0, 2**16),
)
def test_small_polygons_near_the_city_have_geodesic_area(lon: float, lat: float, size: float, seed: int) -> None:
    turns = random.Random(seed)
    corners = [(lon + turns.uniform(-size, size), lat + turns.uniform(-size, size)) for _ in range(6)]
    shape = shapely.convex_hull(shapely.MultiPoint(corners)).buffer(size / 4)
    assert float(areas_m2([shape])[0]) == pytest.approx(geodesic_m2(shape), rel=0.0005)


# ── outlines of any other scheme ─────────────────────────────────────────────────────────────────────────────────────


def one_zone(**changes: object) -> Scheme:
    spec = GeometrySpec("polygon", sketch=((104.0, 30.4), (104.1, 30.4), (104.1, 30.46), (104.0, 30.46)))
    element = Element(
        code="A", name_zh="甲", name_en="A", short_zh="甲", role="zone", order=1, geometry=spec, authority="X"
    )
    return Scheme("t", "试", "T", "EPSG:4544", "own", "5101", (replace(element, **changes),))  # type: ignore[arg-type]


def test_a_sketch_without_a_published_area_keeps_its_own() -> None:
    scheme = one_zone()
    sketch = Polygon(scheme.elements[0].geometry.sketch)
    drawn = build_outlines(scheme, load_districts())["A"]
    assert float(areas_m2([drawn])[0]) == pytest.approx(float(areas_m2([sketch])[0]), rel=0.005)


def test_a_host_that_is_not_in_the_boundaries_is_told() -> None:
    spec = replace(one_zone().elements[0].geometry, hosts={"999999": None})
    with pytest.raises(ValueError, match="element A: host district 999999 is not in the boundaries"):
        build_outlines(one_zone(geometry=spec), load_districts())


def test_a_sketch_outside_its_host_is_told() -> None:
    spec = replace(one_zone().elements[0].geometry, hosts={"510181": None})
    with pytest.raises(ValueError, match="element A: the sketch lies outside its host districts"):
        build_outlines(one_zone(geometry=spec), load_districts())


def test_an_area_that_cannot_fit_is_told_with_the_nearest() -> None:
    spec = replace(one_zone().elements[0].geometry, hosts={"510116": None})
    area = (AreaFact(2000.0, "2020", "x", current=True),)
    with pytest.raises(ValueError, match=r"element A: no outline near the sketch has 2000 km2; the nearest has"):
        build_outlines(one_zone(geometry=spec, areas=area), load_districts())


def feature_file(folder: Path, shape: BaseGeometry, crs: str | None = "EPSG:4326") -> None:
    frame = gpd.GeoDataFrame({"name": ["其他", "甲"], "geometry": [box(104.3, 30.6, 104.4, 30.7), shape]}, crs=crs)
    frame.to_file(folder / "legal.gpkg", driver="GPKG", layer="zones")


def test_an_owner_supplied_boundary_is_taken_as_it_is(tmp_path: Path) -> None:
    legal = box(104.02, 30.41, 104.08, 30.45)
    feature_file(tmp_path, legal)
    spec = GeometrySpec("polygon", file="legal.gpkg", layer="zones", where={"name": "甲"})
    shape = build_outlines(one_zone(geometry=spec), load_districts(), tmp_path)["A"]
    assert shape.equals(legal)


def test_a_boundary_in_a_projected_crs_is_brought_to_lonlat(tmp_path: Path) -> None:
    legal = box(104.02, 30.41, 104.08, 30.45)
    gpd.GeoSeries([legal], crs="EPSG:4326").to_crs("EPSG:4544").to_file(tmp_path / "legal.gpkg", driver="GPKG")
    spec = GeometrySpec("polygon", file="legal.gpkg")
    shape = build_outlines(one_zone(geometry=spec), load_districts(), tmp_path)["A"]
    assert shape.hausdorff_distance(legal) < 1e-8


def test_a_sketch_gives_way_to_an_owner_supplied_boundary(tmp_path: Path) -> None:
    feature_file(tmp_path, box(104.05, 30.35, 104.2, 30.5))
    spec = GeometrySpec("polygon", file="legal.gpkg", where={"name": "甲"})
    base = one_zone()
    legal = replace(base.elements[0], code="B", geometry=spec)
    area = (AreaFact(40.0, "2020", "x", current=True),)
    both = replace(base, elements=(replace(base.elements[0], areas=area), legal))
    shapes = build_outlines(both, load_districts(), tmp_path)
    assert list(shapes) == ["A", "B"]
    assert shapes["A"].intersection(shapes["B"]).area == 0
    assert float(areas_m2([shapes["A"]])[0]) / 1e6 == pytest.approx(40.0, rel=0.005)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (GeometrySpec("polygon", file="none.gpkg"), r"boundary file .*none\.gpkg does not exist"),
        (GeometrySpec("polygon", file="legal.gpkg", where={"code": "甲"}), "has no column 'code'"),
        (GeometrySpec("polygon", file="legal.gpkg", where={"name": "乙"}), "holds no matching feature"),
        (GeometrySpec("polygon", file="line.geojson"), "does not hold a polygon"),
    ],
)
def test_an_unfit_boundary_file_is_told(tmp_path: Path, spec: GeometrySpec, words: str) -> None:
    feature_file(tmp_path, box(104.02, 30.41, 104.08, 30.45))
    line = {"type": "LineString", "coordinates": [[104.0, 30.4], [104.1, 30.5]]}
    (tmp_path / "line.geojson").write_text(json.dumps(line), encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        build_outlines(one_zone(geometry=spec), load_districts(), tmp_path)


@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_a_boundary_file_without_a_crs_is_refused(tmp_path: Path) -> None:
    feature_file(tmp_path, box(104.02, 30.41, 104.08, 30.45), crs=None)
    with pytest.raises(ValueError, match=r"legal\.gpkg does not say its CRS"):
        build_outlines(one_zone(geometry=GeometrySpec("polygon", file="legal.gpkg")), load_districts(), tmp_path)


@settings(deadline=None)
@given(
    corners=st.integers(3, 14),
    stretch=st.floats(0.4, 2.5),
    size=st.floats(900, 9000),
    seed=st.text("ABCDEFGH-123", min_size=1, max_size=8),
)
def test_any_sketch_becomes_one_simple_polygon_in_its_place_and_of_its_size(
    corners: int, stretch: float, size: float, seed: str
) -> None:
    turns = [2 * math.pi * i / corners for i in range(corners)]
    ring = Polygon([(stretch * size * math.cos(turn), size * math.sin(turn)) for turn in turns])
    drawn = natural_outline(ring, seed)
    assert drawn.is_valid
    assert not drawn.interiors
    assert drawn.area == pytest.approx(ring.area)
    assert drawn.intersection(ring).area > 0.6 * ring.area
    assert drawn.equals_exact(natural_outline(ring, seed), 0)
