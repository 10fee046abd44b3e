"""Files over HTTP: the selection of an address, refused by role, described in both languages."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from urllib.parse import unquote

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import api
from data import models as m
from data.db import engine_for, make_engine
from data.models import Base
from settings import get_settings
from tests.support import small_city
from web import ROLE_COOKIE


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("export-api")
    url = f"sqlite:///{folder / 'atlas.db'}"
    engine = make_engine(url, create=True)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(m.Meta(key="state", value="complete"))
        small_city.fill(session, data_version=77)
    engine.dispose()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATLAS_VAR_DIR", str(folder))
        patch.setenv("ATLAS_DATABASE_URL", url)
        get_settings.cache_clear()
        made = Flask("test")
        api.register(made)
        yield made
        engine_for(url).dispose()
    get_settings.cache_clear()


@pytest.fixture
def client(server: Flask) -> FlaskClient:
    return server.test_client()


def test_the_selection_of_an_address_comes_as_a_workbook(client: FlaskClient) -> None:
    response = client.get("/api/v1/export/projects.xlsx?zone=SMKX&light=green")
    assert response.status_code == 200
    assert response.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    name = response.headers["Content-Disposition"]
    assert name.startswith('attachment; filename="projects.xlsx"')
    assert unquote(name).endswith("项目_2026-09_在地口径.xlsx")
    assert response.headers["Cache-Control"] == "private, no-store"
    sheet = openpyxl.load_workbook(io.BytesIO(response.data))["项目"]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["B1"]


def test_leads_come_only_to_whom_may_see_them(client: FlaskClient) -> None:
    def ids() -> list[str]:
        found = json.loads(client.get("/api/v1/export/projects.geojson?whole=yes").data)
        return [f["properties"]["id"] for f in found["features"]]

    assert ids() == ["A1", "B1", "N1"]
    client.set_cookie(ROLE_COOKIE, "promoter")
    assert ids() == ["A1", "B1"]
    refused = client.get("/api/v1/export/leads.csv")
    assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    assert refused.get_json()["detail_zh"] == "当前角色不可导出:招商线索"
    client.set_cookie(ROLE_COOKIE, "prospect")
    assert client.get("/api/v1/export/parcels.gpkg").status_code == 403
    assert ids() == []


def test_csv_says_its_encoding_and_where_it_is_described(client: FlaskClient) -> None:
    response = client.get("/api/v1/export/carriers.csv?encoding=gbk&zone=CDKXC")
    assert response.headers["Content-Type"] == "text/csv; charset=gb18030"
    assert response.data.decode("gb18030").splitlines()[1].startswith("C1,演示·C1,")
    assert response.headers["Link"].startswith("<carriers.csv-metadata.json?encoding=gbk&zone=CDKXC>")
    described = client.get("/api/v1/export/carriers.csv-metadata.json?zone=CDKXC").get_json()
    assert {"label": "筛选", "text": "园区: 成都科学城(CDKXC)"} in described["notes"]
    assert client.get("/api/v1/export/carriers.csv").data.startswith(b"\xef\xbb\xbf")


def test_english_readers_get_english_headings(client: FlaskClient) -> None:
    client.set_cookie("atlas_lang", "en")
    heads = client.get("/api/v1/export/projects.csv").data.decode("utf-8-sig").splitlines()[0]
    assert heads.startswith("Project id,Project code,Name,English name,Zone code")
    assert "Total investment (万元)" in heads


def test_the_workspace_is_a_geopackage(client: FlaskClient) -> None:
    response = client.get("/api/v1/export/workspace.gpkg")
    assert response.mimetype == "application/geopackage+sqlite3"
    assert response.data.startswith(b"SQLite format 3\x00")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("nothing.xlsx", 404, "nothing.xlsx cannot be exported; there are boundaries"),
        ("projects.doc", 404, "projects.doc cannot be exported"),
        ("workspace.xlsx", 404, "workspace.xlsx cannot be exported"),
        ("milestones.zip", 422, "Milestones does not fit into zip; use another format"),
        ("projects.csv?encoding=big5", 400, "Parameter encoding=big5 is not valid; use utf-8, gbk"),
    ],
)
def test_what_cannot_be_exported_is_a_problem_document(client: FlaskClient, path: str, status: int, said: str) -> None:
    response = client.get(f"/api/v1/export/{path}")
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert response.get_json()["detail_en"].startswith(said)
