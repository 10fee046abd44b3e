"""A scheme from files of another country, from a Chinese city, by flags and by questions; and taking it out again."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from cli import cli
from commands.console import Refused
from data import models as m
from data.boundaries import metric_crs, project
from data.demo.scale import DemoScale
from data.derive.search import derive_shared_search
from data.imports.boundaries import layers_of, read_boundaries
from data.load import load_scheme
from data.new_scheme import SchemeRequest, city_prefix, draft_scheme, motto, write_scheme
from data.queries.catalogue import catalogue
from data.queries.kpis import figures
from data.queries.question import Question
from data.queries.search import search
from data.scheme_removal import remove_scheme, scheme_dependents
from domain.datum import Datum
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState
from layers.context import make_context
from layers.features import generalise
from settings import Settings, get_settings
from tests.support.filled import filled_file

LEADER = Viewer(Role.LEADERSHIP)
_versions = count(2 * 10**6)


def squares(rows: list[tuple[str, str, str, float, float]], size: float = 0.1) -> gpd.GeoDataFrame:
    """Squares with a code, a name and a group, from their lower left corners."""
    return gpd.GeoDataFrame(
        {"CODE": [r[0] for r in rows], "NAME": [r[1] for r in rows], "GROUP": [r[2] for r in rows]},
        geometry=[shapely.box(x, y, x + size, y + size) for *_, x, y in rows],
        crs="EPSG:4326",
    )


@pytest.fixture
def island(tmp_path: Path) -> SchemeRequest:
    """A place near the equator: four districts in two groups, in one GeoPackage."""
    path = tmp_path / "island.gpkg"
    squares(
        [("N1", "Bay", "NORTH", 103.7, 1.4), ("N2", "Hill", "NORTH", 103.8, 1.4), ("S1", "Port", "SOUTH", 103.7, 1.3),
         ("S2", "Town", "SOUTH", 103.8, 1.3)]
    ).to_file(path, layer="areas")  # fmt: skip
    return SchemeRequest(
        id="isle", name_zh="海岛", name_en="Island", zones=path, dissolve="GROUP", cores=("SOUTH",), districts=path,
        district_code="CODE", district_name="NAME",
    )  # fmt: skip


def loaded(session: Session, request: SchemeRequest, folder: Path) -> Path:
    path = write_scheme(draft_scheme(request), folder)
    load_scheme(session, path)
    derive_shared_search(session)
    session.merge(m.Meta(key="data_version", value=str(next(_versions))))
    session.flush()
    return path


def test_files_of_another_country_become_a_working_scheme(
    db_session: Session, island: SchemeRequest, tmp_path: Path
) -> None:
    loaded(db_session, island, tmp_path / "isle")
    known = catalogue(db_session)
    scheme = known.schemes["isle"]
    assert (scheme.name_zh, scheme.motto_zh, scheme.name_en, scheme.motto_en, scheme.area_crs, scheme.zones) == (
        "海岛", "一核一区", "Island", "one core and one zone", "EPSG:32648", ("SOUTH", "NORTH"),
    )  # fmt: skip
    south = known.zones["SOUTH"]
    assert (south.role, south.is_schematic, south.authority, south.districts[0][0]) == ("core", False, None, "S1")
    true = abs(Geod(ellps="WGS84").geometry_area_perimeter(shapely.box(103.7, 1.3, 103.9, 1.4))[0])
    assert south.geometry_area_m2 == pytest.approx(true, rel=0.001)
    assert sum(area for _code, area in south.districts) == south.geometry_area_m2
    assert {known.units[c].name_zh for c in ("N1", "N2", "S1", "S2")} == {"Bay", "Hill", "Port", "Town"}
    assert known.units["S1"].area_m2 == pytest.approx(true / 2, rel=0.001)


def test_the_screens_answer_for_it(db_session: Session, island: SchemeRequest, tmp_path: Path) -> None:
    loaded(db_session, island, tmp_path / "isle")
    state = ViewState(scheme="isle")
    context = make_context(Question.of(db_session, LEADER, state), page="wall", tile_url="")
    assert context.max_bounds == pytest.approx((103.2, 0.8, 104.4, 2.0))
    assert [z.code for z in context.zones] == ["SOUTH", "NORTH"]
    assert {d.code for d in context.districts} == {"N1", "N2", "S1", "S2"}  # none of Chengdu is on this map
    figure = figures(Question.of(db_session, LEADER, state), ("K01",))["K01"]
    assert (figure.value, figure.reason) == (None, "not_reported")
    assert [hit.entity_id for hit in search(Question.of(db_session, LEADER, state), "south")] == ["SOUTH"]


def test_a_chinese_city_brings_its_districts_as_zones(db_session: Session, tmp_path: Path) -> None:
    loaded(db_session, SchemeRequest(id="sz", name_zh="深圳", adcode="440300", cores=("南山区",)), tmp_path / "sz")
    known = catalogue(db_session)
    assert known.schemes["sz"].motto_zh == "一核八区"
    assert known.schemes["sz"].area_crs == "EPSG:4547"
    assert known.schemes["sz"].zones[0] == "Z440305"
    assert known.zones["Z440305"].districts == (("440305", known.zones["Z440305"].geometry_area_m2),)
    true = db_session.get_one(m.AdminUnit, "440305").geom
    ground = abs(Geod(ellps="WGS84").geometry_area_perimeter(shapely.orient_polygons(true))[0])
    assert known.units["440305"].area_m2 == pytest.approx(ground, rel=0.001)  # measured in its own zone, not in 105°E
    assert known.units["440305"].name_en == "Nanshan District"


@pytest.mark.parametrize(
    ("adcode", "prefix"),
    [("440300", "4403"), ("310000", "31"), ("500000", "50"), ("441900", "4419"), ("429004", "429004")],
)
def test_an_adcode_of_a_city_gives_the_prefix_of_its_districts(adcode: str, prefix: str) -> None:
    assert city_prefix(adcode) == prefix


@pytest.mark.parametrize(
    ("adcode", "words"),
    [
        ("440305", "440305 南山区 is a district of 深圳市: give the city, 440300"),
        ("110105", "110105 朝阳区 is a district of 北京市: give the city, 110000"),
        ("510000", "510000 is a province: give one of its cities, such as 510100"),
        ("999900", "no Chinese city has the adcode 999900"),
        ("4403", "an adcode has six digits such as 440300, got '4403'"),
    ],
)
def test_what_is_no_city_is_refused_with_what_to_give(adcode: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        city_prefix(adcode)


@pytest.mark.parametrize(
    ("lon", "lat", "crs"),
    [(104.06, 30.6, "EPSG:4544"), (102.5, 30.6, "EPSG:4544"), (113.9, 22.5, "EPSG:4547"), (121.5, 31.2, "EPSG:4550"),
     (103.8, 1.3, "EPSG:32648"), (-0.1, 51.5, "EPSG:32630"), (151.2, -33.9, "EPSG:32756")],
)  # fmt: skip
def test_each_place_is_measured_in_a_system_of_its_own(lon: float, lat: float, crs: str) -> None:
    assert metric_crs(lon, lat) == crs


def test_guests_see_a_50_m_grid_wherever_the_place_is() -> None:
    plots = gpd.GeoSeries(
        [shapely.box(x, y, x + 0.004, y + 0.003) for x, y in ((103.8, 1.3), (-0.1, 51.5))], crs="EPSG:4326"
    )
    for number, shape in enumerate(generalise(plots)):
        crs = metric_crs(plots[number].centroid.x, plots[number].centroid.y)
        corners = shapely.get_coordinates(project(shape, crs))
        assert corners == pytest.approx(np.round(corners / 50) * 50, abs=0.01)
        assert shape.intersection(plots[number]).area > 0.6 * plots[number].area
    assert generalise(plots[:0]).empty


def test_a_motto_counts() -> None:
    assert motto(1, 4) == ("一核四区", "one core and four zones")
    assert motto(1, 3, 2) == ("一核二轴三区", "one core, two axes and three zones")
    assert motto(2, 21)[0] == "二核二十一区"
    assert motto(1, 0) == ("一核", "one core")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"zones": Path("/nowhere/x.shp")}, r"^/nowhere/x\.shp: There is no file x\.shp\.$"),
        ({"zone_layer": "roads"}, r"island\.gpkg: There is no sheet or layer roads; there are: areas\.$"),
        ({"dissolve": "", "code": "GROUP"}, r"2 features of areas have GROUP = NORTH: --dissolve GROUP merges them"),
        ({"dissolve": ""}, r"say which field is the code of a zone: CODE \(N1\), NAME \(Bay\), GROUP \(NORTH\)"),
        ({"name": "TITLE"}, r"areas has no field 'TITLE'; it has CODE \(N1\)"),
        ({"cores": ()}, r"say which zone is the core \(--core\): NORTH Bay, SOUTH Port"),
        ({"cores": ("EAST",)}, r"no zone is 'EAST'; zones are NORTH, SOUTH"),
        ({"role": "NAME"}, r"zone NORTH: NAME = 'bay' is no role; roles are core, 核, zone, 区"),
        ({"area_crs": "EPSG:4326"}, r"EPSG:4326 \(WGS 84\) does not measure in metres"),
        ({"area_crs": "EPSG:4550"}, r"EPSG:4550 .* measures a zone of 246\.\d km² as .* name another"),
        ({"area_crs": "EPSG:1"}, r"EPSG:1 is no coordinate system known here"),
        ({"districts": None}, r"say which districts it lies in: the adcode of a Chinese city, or a district file"),
        ({"districts": None, "adcode": "510100"}, r"zone SOUTH lies outside every district: another place"),
        ({"districts": None, "adcode": "510100", "zones": None}, r"no zone is 'SOUTH'; zones are 510104"),
        ({"district_code": ""}, r"say which field is the code of a district: CODE \(N1\)"),
        ({"dissolve": "CODE", "cores": ("N1",)}, r"N1, N2, S1, S2 is the code of a zone and of a district: add --district-prefix"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_in_one_line(island: SchemeRequest, change: dict[str, object], words: str) -> None:
    named = replace(island, name="NAME") if "name" not in change else island
    with pytest.raises(ValueError, match=words) as refused:
        draft_scheme(replace(named, **change))  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)


def test_overlaps_what_sticks_out_and_repaired_rings_are_told(island: SchemeRequest, tmp_path: Path) -> None:
    bow = shapely.Polygon([(103.85, 1.3), (103.95, 1.4), (103.95, 1.3), (103.85, 1.4)])
    zones = squares([("A", "A", "", 103.7, 1.3), ("B", "B", "", 103.75, 1.3)])
    zones.loc[len(zones)] = ["C", "C", "", bow]
    zones.to_file(tmp_path / "zones.geojson", driver="GeoJSON")
    draft = draft_scheme(replace(island, zones=tmp_path / "zones.geojson", dissolve="", code="CODE", cores=("A",)))
    assert draft.notes[0] == (
        "zones: feature 3: An invalid geometry (self-intersection) was repaired: area 35 m² → 61528719 m²."
    )
    assert draft.notes[1] == "C: 30.75 km² lie outside every district"
    assert draft.notes[2] == "A and B overlap by 61.51 km²"


def test_a_shapefile_in_a_zip_without_cpg_and_prj_is_read_when_its_system_is_named(tmp_path: Path) -> None:
    frame = squares([("1", "高新区", "核心", 104.0, 30.5), ("2", "天府新区", "片区", 104.1, 30.5)]).to_crs("EPSG:4544")
    frame.to_file(tmp_path / "parks.shp", encoding="gbk")
    with zipfile.ZipFile(tmp_path / "parks.zip", "w") as archive:
        for suffix in ("shp", "shx", "dbf"):
            archive.write(tmp_path / f"parks.{suffix}", f"数据/parks.{suffix}")
    assert layers_of(tmp_path / "parks.zip") == ("parks",)
    with pytest.raises(ValueError, match=r"The coordinate system may be any of EPSG:4534 .* EPSG:4554; give --crs\.$"):
        read_boundaries(tmp_path / "parks.zip")
    request = SchemeRequest(
        id="cd", name_zh="成都", zones=tmp_path / "parks.zip", crs="EPSG:4544", code="CODE", name="NAME", role="GROUP", adcode="510100"
    )  # fmt: skip
    draft = draft_scheme(request)
    assert [(e["code"], e["name_zh"], e["name_en"], e["role"]) for e in draft.content["elements"]] == [
        ("Z1", "高新区", "Gaoxin District", "core"), ("Z2", "天府新区", "Tianfuxin District", "zone"),
    ]  # fmt: skip
    assert draft.zones.geometry[0].centroid.x == pytest.approx(104.05, abs=1e-6)


def test_a_shifted_file_is_put_back(tmp_path: Path) -> None:
    squares([("A", "A", "", 104.0, 30.4)]).to_file(tmp_path / "z.geojson", driver="GeoJSON")
    plain = read_boundaries(tmp_path / "z.geojson").frame.geometry[0].centroid
    back = read_boundaries(tmp_path / "z.geojson", datum=Datum.GCJ02).frame.geometry[0].centroid
    metres = Geod(ellps="WGS84").inv(plain.x, plain.y, back.x, back.y)[2]
    assert 355 < metres < 380  # rules §2.5


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.geojson", b"", r"empty\.geojson: The file is empty\.$"),
        ("text.shp", b"not a shapefile", r"text\.shp: The extension says \.shp, the contents are text"),
        ("none.geojson", b'{"type":"FeatureCollection","features":[]}', r"none\.geojson: There are headings and no rows\.$"),
        ("far.geojson", b'{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[400000,3300000]}}',
         r"far\.geojson: The coordinate system may be any of .* give --crs\.$"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_said_so(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=words):
        read_boundaries(tmp_path / name)


def test_a_scheme_goes_with_all_it_brought_but_not_from_under_records(
    db_session: Session, island: SchemeRequest, tmp_path: Path
) -> None:
    before = {t: set(db_session.scalars(select(c))) for t, c in (("unit", m.AdminUnit.code), ("zone", m.Zone.code))}
    path = loaded(db_session, replace(island, authority="海岛管委会"), tmp_path / "isle")
    with pytest.raises(
        ValueError, match="the scheme isle is loaded already; to put another in its place add --replace"
    ):
        load_scheme(db_session, path)
    parcel = m.LandParcel(
        id="L1", zone_code=None, district_code="S1", landuse_scheme="YDYH2023", area_m2=1, geom=shapely.box(103.7, 1.3, 103.71, 1.31),
        datum="WGS84", provenance="official",
    )  # fmt: skip
    db_session.add(parcel)
    db_session.flush()
    assert scheme_dependents(db_session, "isle") == {"land_parcel": 1}
    with pytest.raises(
        ValueError, match=r"the scheme isle cannot be removed: records depend on it \(1 of land_parcel\)"
    ):
        remove_scheme(db_session, "isle")
    db_session.delete(parcel)
    db_session.flush()
    remove_scheme(db_session, "isle")
    assert set(db_session.scalars(select(m.AdminUnit.code))) == before["unit"]
    assert set(db_session.scalars(select(m.Zone.code))) == before["zone"]
    load_scheme(db_session, path)  # and it can come again
    with pytest.raises(LookupError, match="no scheme nowhere is loaded; loaded are wcsc, wenjiang, isle"):
        remove_scheme(db_session, "nowhere")


# --- the commands ------------------------------------------------------------------------------------------------------


@pytest.fixture
def var_dir(
    atlas_settings: Settings, settings_for: Callable[[Path], Settings], small_scale: DemoScale, tmp_path: Path
) -> Iterator[Path]:
    """A var folder with a filled database, for this process's settings."""
    folder = tmp_path / "var"
    filled_file(atlas_settings, settings_for(folder), small_scale)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATLAS_VAR_DIR", str(folder))
        patch.delenv("ATLAS_DATABASE_URL", raising=False)
        get_settings.cache_clear()
        yield folder
    get_settings.cache_clear()


def typed(*words: str, answers: str | None = None) -> str:
    """What a command says; raises what it raises."""
    result = CliRunner().invoke(cli, list(words), input=answers)
    if result.exception is not None:
        raise result.exception
    return result.output


def test_the_command_asks_makes_loads_and_replaces(var_dir: Path, island: SchemeRequest) -> None:
    answers = f"海岛\n{island.zones}\nGROUP\nNAME\nEAST\nSOUTH\n{island.zones}\nCODE\nNAME\n"
    said = typed("new-scheme", "isle", "--ask", answers=answers)
    assert "Features with an equal GROUP are merged." in said
    assert "'EAST' is not among them." in said
    assert "2 zones in EPSG:32648" in said
    assert "open the program with ?scheme=isle" in said
    made = var_dir / "schemes" / "isle"
    assert sorted(p.name for p in made.iterdir()) == ["boundaries.gpkg", "scheme.yaml"]
    text = (made / "scheme.yaml").read_text(encoding="utf-8")
    assert len(list((var_dir / "tiles").glob("*/manifest.json"))) == 1
    with pytest.raises(
        Refused, match=r"There is a scheme in .*/isle already; to put this one in its place add --replace"
    ):
        typed("new-scheme", "isle", "--name", "x", "--adcode", "440300", "--core", "440305", "--no-ask")
    with pytest.raises(Refused, match="the scheme isle is loaded already"):
        typed("load-scheme", str(made / "scheme.yaml"))
    (made / "scheme.yaml").write_text(text.replace("name_zh: Port", "name_zh: 南岛"), encoding="utf-8")
    typed("load-scheme", str(made / "scheme.yaml"), "--replace")
    assert "removed" in typed("remove-scheme", "isle")
    with pytest.raises(Refused, match="wcsc is the scheme shown by default"):
        typed("remove-scheme", "wcsc")


def test_a_refused_scheme_leaves_database_and_folder_as_they_were(var_dir: Path) -> None:
    before = (var_dir / "atlas.db").read_bytes()
    with pytest.raises(Refused, match="say which zone is the core"):
        typed("new-scheme", "sz", "--name", "深圳", "--adcode", "440300", "--no-ask")
    with pytest.raises(Refused, match=r"give the scheme a name \(--name\)"):
        typed("new-scheme", "sz", "--adcode", "440300", "--core", "440305", "--no-ask")
    with pytest.raises(Refused, match=r"scheme id '\.\./sz'"):
        typed("new-scheme", "../sz", "--name", "深圳", "--adcode", "440300", "--core", "440305", "--no-ask")
    assert (var_dir / "atlas.db").read_bytes() == before
    assert [p.name for p in var_dir.parent.rglob("*.yaml")] == []


def test_files_are_written_by_command(var_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert typed("template", "all", str(out / "t.xlsx")).startswith("27 tables in ")
    assert " rows in " in typed("export", "plots", str(out / "p.zip"), "--data", "demo", "--encoding", "gbk")
    said = typed("export", "projects", str(out / "p.csv"), "--data", "demo", "--filter", "zone=SMKX&period=2026-03")
    assert said.splitlines()[1] == f"described in {out / 'p.csv-metadata.json'}"
    assert "29 layers in" in typed("export", "workspace", str(out / "w.gpkg"), "--data", "demo")
    for words, refusal in (
        (("export", "projects", str(out / "q.doc")), "no export has the ending 'doc'"),
        (("export", "projects", str(out / "q.csv"), "--filter", "zone=NOPE"), "--filter: not understood: zone=NOPE"),
        (("export", "per_mu", str(out / "q.csv"), "--data", "demo", "--role", "promoter"), "the role promoter may not take out per_mu"),
        (("export", "projects", str(out / "no" / "q.csv")), "there is no folder"),
        (("export", "nothing", str(out / "q.csv")), "table nothing: use one of boundaries"),
        (("export", "workspace", str(out / "q.xlsx")), "the workspace is one GeoPackage: name it q.gpkg"),
        (("export", "projects", str(out / "q.csv"), "--data", "all"), "--data all: use one of demo, published, own"),
        (("template", "projects", str(out / "q.csv")), "a template is a workbook: name it q.xlsx"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=refusal):
            typed(*words)
    assert not list(out.glob("q.*"))
