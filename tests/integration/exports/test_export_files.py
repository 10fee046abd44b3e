"""What stands in the files: text that stays text, numbers to the last digit, encodings, shapes, styles for QGIS."""

from __future__ import annotations

import csv
import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import (
    Element,
    fromstring,
)

import openpyxl
import pyogrio
import pytest
import shapely
from sqlalchemy.orm import Session

from data import models as m
from data.exports.books import csv_description, write_csv, write_xlsx
from data.exports.extract import Extract, NoPlace, extract
from data.exports.files import file_name, format_of
from data.exports.geo import short_names, write_geojson, write_gpkg, write_shapefile
from data.exports.workspace import write_workspace
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState

LEADER = Viewer(Role.LEADERSHIP)
OWN = ViewState(dataset=Dataset.OWN)
NASTY = ('=HYPERLINK("http://x","y")', "+86 28", "-1+1", "@SUM(A1)", "'=1")
BODY = shapely.box(103.123456789012, 30.1, 103.2, 30.2)


@pytest.fixture
def own(db_session: Session) -> Session:
    """Five own projects with names that spreadsheets would calculate, a platform, an agreement, a report."""
    for n, name in enumerate(NASTY, start=1):
        db_session.add(
            m.Project(
                id=f"P{n}", name_zh=name, zone_code="SMKX", total_investment_wan=10_000 + n, route="lease", lon=104.07389 + n / 7,
                lat=30.40769, position_is_schematic=n == 2, footprint=BODY if n == 1 else None, provenance="official",
                source="表一", note="x" * 300 if n == 3 else "集成电路²" if n == 4 else None,
            )
        )  # fmt: skip
    db_session.flush()
    db_session.add(m.Milestone(project_id="P1", stage=30, done_on=date(2026, 3, 5)))
    db_session.add(
        m.ShareAgreement(
            id="A1", zone_code="SMKX", metric_class="direct", shares={"CD-GXQ": "3/5", "510116": "2/5"},
            valid_from=date(2026, 1, 1), basis_doc="协议", illustrative=False, retention=False, provenance="official",
        )
    )  # fmt: skip
    db_session.flush()
    return db_session


def taken(session: Session, table: str) -> Extract:
    return extract(Question.of(session, LEADER, OWN), table, whole=True)


def test_a_workbook_keeps_text_as_text_and_says_first_what_it_holds(own: Session, tmp_path: Path) -> None:
    write_xlsx(taken(own, "projects"), tmp_path / "p.xlsx")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert book.sheetnames == ["说明", "项目"]
    about: dict[str, str] = {}
    for row in book["说明"].iter_rows(values_only=True):
        about.setdefault(str(row[0]), str(row[1]))
    assert (about["数据集"], about["筛选"], about["行数"], about["数据来源"]) == (
        "自有数据",
        "全部(未筛选)",
        "5",
        "表一",
    )
    assert about["总投资(万元)"] == "total_investment_wan"  # the definitions stand below
    sheet = book["项目"]
    heads = [cell.value for cell in sheet[1]]
    assert heads[:3] == ["项目编号", "项目代码", "项目名称"]
    names = [sheet.cell(row, 3) for row in range(2, 7)]
    assert [cell.value for cell in names] == list(NASTY)
    assert {cell.data_type for cell in names} == {"s"}
    assert [bool(cell.quotePrefix) for cell in names] == [True, True, True, True, False]
    lon = [sheet.cell(row, heads.index("经度") + 1).value for row in range(2, 7)]
    assert lon == [104.07389 + n / 7 for n in range(1, 6)]  # to the last digit
    assert sheet.cell(2, heads.index("总投资(万元)") + 1).value == 10_001
    assert sheet.cell(2, heads.index("落地方式") + 1).value == "租赁"
    assert [sheet.cell(r, heads.index("位置为示意") + 1).value for r in (2, 3)] == ["否", "是"]
    assert shapely.from_wkt(sheet.cell(2, heads.index("范围") + 1).value).equals_exact(BODY, 0)


def test_codes_in_the_rows_are_explained(db_session: Session, tmp_path: Path) -> None:
    parcels = extract(Question.of(db_session, LEADER, ViewState(zones=("SMKX",))), "parcels")
    terms = {code: name for code, name, _definition in parcels.about.terms}
    assert terms["SMKX"] == "生命科学创新区"
    assert terms["510116"] == "双流区"
    code = next(str(v) for row in parcels.rows if (v := row[[f.name for f in parcels.fields].index("status_code")]))
    assert terms[f"YDYH2023:{code}"] == db_session.get_one(m.LandUseClass, ("YDYH2023", code)).name_zh
    values = extract(Question.of(db_session, LEADER, ViewState(zones=("SMKX",))), "kpi_values")
    write_xlsx(values, tmp_path / "k.xlsx")
    rows = {row[0]: row for row in openpyxl.load_workbook(tmp_path / "k.xlsx")["说明"].iter_rows(values_only=True)}
    assert rows["K10"][1] == "亩均税收"
    assert "税收" in str(rows["K10"][2])


def test_dates_are_dates_and_shares_exact(own: Session, tmp_path: Path) -> None:
    write_xlsx(taken(own, "milestones"), tmp_path / "m.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "m.xlsx")["项目里程碑"].iter_rows(values_only=True))
    assert (rows[1][0], rows[1][1], rows[1][3].date()) == ("P1", "签约", date(2026, 3, 5))
    write_csv(taken(own, "agreements"), tmp_path / "a.csv")
    row = next(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8-sig", newline="")))
    assert (row["分享比例"], row["指标类别"], row["起始日期"]) == ("510116=2/5;CD-GXQ=3/5", "直报指标", "2026-01-01")


@pytest.mark.parametrize(
    ("asked", "codec", "start"), [("utf-8", "utf-8-sig", b"\xef\xbb\xbf"), ("gbk", "gb18030", b"\xcf\xee")]
)
def test_csv_is_what_excel_opens_and_escapes_what_it_would_calculate(
    own: Session, tmp_path: Path, asked: str, codec: str, start: bytes
) -> None:
    write_csv(taken(own, "projects"), tmp_path / "p.csv", asked)
    assert (tmp_path / "p.csv").read_bytes().startswith(start)
    rows = list(csv.DictReader((tmp_path / "p.csv").open(encoding=codec, newline="")))
    assert [row["项目名称"] for row in rows] == [f"'{name}" for name in NASTY]
    assert rows[3]["备注"] == "集成电路²"
    description = csv_description(taken(own, "projects"), "p.csv")
    assert description["url"] == "p.csv"
    assert [c["name"] for c in description["tableSchema"]["columns"]][:2] == ["id", "project_code"]


def test_geojson_has_codes_and_every_digit(own: Session, tmp_path: Path) -> None:
    write_geojson(taken(own, "projects"), tmp_path / "p.geojson")
    found = json.loads((tmp_path / "p.geojson").read_text(encoding="utf-8"))
    assert [f["geometry"]["type"] for f in found["features"]] == ["Polygon", "Point", "Point", "Point", "Point"]
    assert shapely.geometry.shape(found["features"][0]["geometry"]).equals_exact(BODY, 0)
    assert found["features"][1]["geometry"]["coordinates"] == [104.07389 + 2 / 7, 30.40769]
    first = found["features"][0]["properties"]
    assert (first["route"], first["position_is_schematic"], first["total_investment_wan"]) == ("lease", False, 10_001)
    assert "footprint" not in first
    assert {"label": "数据集", "text": "自有数据"} in found["about"]["entries"]
    write_geojson(taken(own, "milestones"), tmp_path / "m.geojson")
    assert json.loads((tmp_path / "m.geojson").read_text(encoding="utf-8"))["features"][0]["geometry"] is None


def test_a_geopackage_holds_the_table_and_what_it_means(own: Session, tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    write_gpkg(taken(own, "projects"), path)
    assert {str(name) for name, _kind in pyogrio.list_layers(path)} == {"projects", "about", "columns", "codes"}
    frame = pyogrio.read_dataframe(path, layer="projects")
    assert frame.crs.to_epsg() == 4326
    assert list(frame["name_zh"]) == list(NASTY)
    assert frame.geometry[0].equals_exact(BODY, 0)
    meant = pyogrio.read_dataframe(path, layer="columns").set_index("column_name")
    assert meant.loc["total_investment_wan", "title"] == "总投资(万元)"
    assert meant.loc["route", "choices"] == "land 供地; lease 租赁"


def test_a_shapefile_says_its_encoding_and_which_short_name_is_which_column(own: Session, tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    write_shapefile(taken(own, "projects"), path, "gbk")
    with zipfile.ZipFile(path) as archive:
        assert set(archive.namelist()) == {
            *(f"projects_{k}.{s}" for k in ("point", "polygon") for s in ("shp", "shx", "dbf", "prj", "cpg")), "atlas-fields.csv", "atlas-about.txt",
        }  # fmt: skip
        assert archive.read("projects_point.cpg") == b"GBK"
        assert "集成电路".encode("gbk") in archive.read("projects_point.dbf")
        fields = {
            r["column"]: r for r in csv.DictReader(archive.read("atlas-fields.csv").decode("utf-8-sig").splitlines())
        }
    assert (fields["total_investment_wan"]["shapefile"], fields["total_investment_wan"]["heading"]) == (
        "total_inve",
        "总投资(万元)",
    )
    assert (fields["note"]["cells cut to 254 bytes"], fields["note"]["cells with ?"]) == ("1", "1")
    points = pyogrio.read_dataframe(f"/vsizip/{path}/projects_point.shp")
    assert list(points["id"]) == ["P2", "P3", "P4", "P5"]
    assert points["note"][2] == "集成电路?"
    assert points["note"][1] == "x" * 254
    write_shapefile(taken(own, "projects"), path)
    assert pyogrio.read_dataframe(f"/vsizip/{path}/projects_point.shp")["note"][2] == "集成电路²"
    with pytest.raises(NoPlace, match="milestones has no places"):
        write_shapefile(taken(own, "milestones"), path)


def test_short_names_are_ten_characters_and_all_different() -> None:
    names = ["total_investment_wan", "total_investment_mu", "total_inve", "id"]
    assert list(short_names(names).values()) == ["total_inve", "total_inv2", "total_inv3", "id"]


def test_the_format_follows_the_name_of_the_file(own: Session) -> None:
    assert format_of("a.XLSX").suffix == "xlsx"
    with pytest.raises(ValueError, match=r"no export has the ending 'doc': use xlsx, csv, geojson, gpkg, zip"):
        format_of("a.doc")
    assert file_name(taken(own, "projects"), "xlsx") == "项目_在地口径.xlsx"
    assert file_name(extract(Question.of(own, LEADER, ViewState()), "projects"), "csv") == "项目_2026-09_在地口径.csv"


def test_the_workspace_opens_in_qgis_with_the_right_colours(db_session: Session, tmp_path: Path) -> None:
    path = tmp_path / "w.gpkg"
    layers = write_workspace(Question.of(db_session, LEADER, ViewState()), path)
    kinds = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    assert {*layers, "about", "columns", "codes", "layer_styles"} == set(kinds)
    assert "leads" not in layers
    assert (kinds["projects"], kinds["axes"], kinds["monthly_reports"]) == ("Point", "LineString", None)
    with closing(sqlite3.connect(path)) as base:
        styles = {
            (layer, name): (fromstring(qml.split("\n", 1)[1]), bool(default))  # noqa: S314 - a file the program wrote itself
            for layer, column, name, qml, default in base.execute(
                "SELECT f_table_name, f_geometry_column, styleName, styleQML, useAsDefault FROM layer_styles"
            )
            if column == "geom"
        }
    lights, used = styles["projects", "亮灯"]
    assert used
    assert legend(lights)["red"] == ("红灯", "242,100,90,255")
    assert legend(lights)["grey"] == ("未报", "0,0,0,0")
    land, _used = styles["parcels", "现状用地"]
    assert styles["parcels", "规划用地"][1] is False
    codes = {
        str(c) for c in pyogrio.read_dataframe(path, layer="parcels", columns=["status_code"])["status_code"].dropna()
    }
    assert set(legend(land)) == {"", *(f"YDYH2023:{code}" for code in codes)}
    for code in codes:
        use = db_session.get_one(m.LandUseClass, ("YDYH2023", code))
        red, green, blue = (int(use.colour[i : i + 2], 16) for i in (1, 3, 5))
        assert legend(land)[f"YDYH2023:{code}"] == (f"{code} {use.name_zh}", f"{red},{green},{blue},255")
    zones, _used = styles["zones", "园区"]
    assert legend(zones)["CDKXC"] == ("成都科学城(示意)", "242,193,78,255")
    shown = pyogrio.read_dataframe(path, layer="projects", columns=["light"])["light"].value_counts()
    assert shown["green"] > 0


def legend(style: Element) -> dict[str, tuple[str, str]]:
    """Label and fill colour by category value of a QML style."""
    colours = {
        symbol.get("name"): next(o.get("value", "") for o in symbol.iter("Option") if o.get("name") == "color")
        for symbol in style.iter("symbol")
    }
    return {c.get("value", ""): (c.get("label", ""), colours[c.get("symbol")]) for c in style.iter("category")}


def test_a_promoters_workspace_has_no_firm_figures_and_no_leads(db_session: Session, tmp_path: Path) -> None:
    layers = write_workspace(Question.of(db_session, Viewer(Role.PROMOTER), ViewState()), tmp_path / "w.gpkg")
    assert not {"per_mu", "enterprise_months", "leads"} & set(layers)
    names = [str(n) for n in pyogrio.read_info(tmp_path / "w.gpkg", layer="plots")["fields"]]
    assert "reserve_price_wan_mu" not in names
