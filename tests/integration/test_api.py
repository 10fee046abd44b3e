"""The JSON answers: the same as the queries of the screens, described by the OpenAPI document, gated by role."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import api
from api.endpoints import ENDPOINTS
from data import models as m
from data.db import engine_for, read_session
from data.queries.gate import FIELD_CLASS
from data.queries.projects import SORTS, project_ids
from data.queries.question import Question
from domain.readiness import TRACKS
from domain.viewer import Role, Viewer
from domain.viewstate import KINDS, LIGHTS, PARAMS
from layers.tiles import FORMAT
from settings import ROOT, get_settings
from tests.support import small_city
from web import ROLE_COOKIE

EAST, WEST = small_city.EAST, small_city.WEST
EVERY_PATH = (
    "/api/v1/schemes",
    "/api/v1/zones",
    "/api/v1/zones?format=geojson",
    "/api/v1/summary",
    "/api/v1/projects",
    "/api/v1/projects?format=geojson",
    "/api/v1/projects/A1",
    "/api/v1/projects/B1",
    "/api/v1/parks/CDKXC/kpis",
    "/api/v1/parcels/summary",
    "/api/v1/attribution",
    "/api/v1/attribution?kpi=K08",
    "/api/v1/kpis/K01/explain",
    "/api/v1/kpis/K08/explain",
    "/api/v1/kpis/K13/explain",
    "/api/v1/kpis/K29/explain",
    "/api/v1/ledger/SMKX",
    "/api/v1/chains/IC",
    "/api/v1/per-mu",
    "/api/v1/idle-land?contracts=all",
)


def _more(session: Session) -> None:
    """What the small city lacks: the whole KPI dictionary with some values, areas, a report, published projects."""
    demo = {"provenance": "demo"}
    session.add(m.Meta(key="state", value="complete"))
    with (ROOT / "data/reference/kpis.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["id"] != "K01":
                session.add(
                    m.KpiDefinition(
                        **{
                            k: row[k]
                            for k in ("id", "name_zh", "name_en", "definition", "formula", "unit", "direction")
                        },
                        period=row["period_type"],
                        **{k: row[k] for k in ("accumulation", "channel")},
                        additive_parks=row["additive"],
                        additive_districts=row["additive"],
                        roll_up=row["roll_up"],
                        owner=row["data_owner"],
                    )
                )
    for code, area in (("CDKXC", 100_000), ("SMKX", 400_000)):
        zone = session.get(m.Zone, code)
        assert zone is not None
        zone.geometry_area_m2 = area
    for code, district, area in (("CDKXC", WEST, 100_000), ("SMKX", WEST, 300_000), ("SMKX", EAST, 100_000)):
        session.add(m.ZoneDistrict(zone_code=code, district_code=district, area_m2=area))
    for km2, as_of, current in ((44.0, "2024", False), (39.4, "2025", True)):
        session.add(
            m.ZoneArea(zone_code="SMKX", km2=km2, as_of=as_of, source="s", is_published=True, is_current=current)
        )
    session.flush()
    value = {"unit_scope": "zone", "period_type": "M", "accumulation": "ytd", "unit": "万元", "status": "final"} | demo
    value |= {"scope": "territorial", "channel": "直报", "as_of": date(2026, 10, 1), "version": 1}
    for unit, now, before in (("CDKXC", 900, 600), ("SMKX", 600, 400)):
        session.add(m.KpiValue(kpi_id="K04", unit_code=unit, period="2026-09", value=now, **value))
        session.add(m.KpiValue(kpi_id="K04", unit_code=unit, period="2025-09", value=before, **value))
    for unit, target in (("CDKXC", 1200), ("SMKX", 800)):
        session.add(m.Target(kpi_id="K04", unit_code=unit, year=2026, value=target, unit="万元", **demo))
    for unit, top, bottom in (("CDKXC", 30, 100), ("SMKX", 20, 300)):
        ratio = value | {"unit": "%", "value": 100 * top / bottom}
        session.add(
            m.KpiValue(kpi_id="K03", unit_code=unit, period="2026-09", numerator=top, denominator=bottom, **ratio)
        )
    reported = session.scalars(
        select(m.KpiValue).where(m.KpiValue.kpi_id == "K01", m.KpiValue.period == "2026-09")
    ).one()
    reported.value = 1234
    month = session.get(m.ProjectMonth, ("2026-09", "A1"))
    assert month is not None
    month.reason, month.months_red = "三个月无投资", 3
    session.add(m.ProjectFact(period="2026-09", project_id="A1", fai_ytd_wan=1234, is_industrial=True))
    session.add(
        m.MonthlyReport(
            period="2026-09", project_id="A1", month_wan=10, ytd_wan=1234, cumulative_wan=5000, plan_ytd_wan=2000,
            submitted_on=date(2026, 9, 28),
        )
    )  # fmt: skip
    for id_, zone_code in (("PUB1", "SMKX"), ("PUB2", None)):
        session.add(
            m.Project(
                id=id_, name_zh=f"公开{id_}", zone_code=zone_code, total_investment_wan=100_000, lon=104.0, lat=30.4,
                position_is_schematic=True, provenance="published", source="某报", as_of="2026-05",
            )
        )  # fmt: skip
        session.flush()
        session.add(
            m.ProjectMonth(
                period="2026-09",
                project_id=id_,
                stage=90,
                stage_group="building",
                signed=True,
                light="grey",
                months_red=0,
            )
        )
    session.flush()
    _accounts(session)
    session.commit()


def _accounts(session: Session) -> None:
    """What reconciles: an agreement 6:4, firms with figures, a ledger, a contract, milestones, tracks, exceptions."""
    demo = {"provenance": "demo"}
    session.add(m.ProjectFact(period="2026-09", project_id="B1", fai_ytd_wan=1001, is_industrial=True))
    session.add(m.ProjectFact(period="2026-09", project_id="N1", fai_ytd_wan=7, is_industrial=False))
    for metric in ("direct", "fiscal"):
        session.add(
            m.ShareAgreement(
                id=f"S-{metric}", zone_code="SMKX", metric_class=metric, shares={WEST: "6/10", EAST: "4/10"},
                valid_from=date(2022, 1, 1), basis_doc="协议一", illustrative=True, retention=True, **demo,
            )
        )  # fmt: skip
    for project, unit in (("B1", WEST), ("N1", WEST)):
        session.add(m.ProjectPlace(project_id=project, role="stat", unit=unit))
    for n, (zone, tax) in enumerate((("CDKXC", 50), ("SMKX", 30), ("SMKX", 20), ("SMKX", 10)), start=1):
        firm = f"E{n}"
        session.add(
            m.Enterprise(
                id=firm, name_zh=f"演示·{firm}", zone_code=zone, district_code=WEST, tax_unit=WEST,
                above_scale_since="2023-01", leader_of=[], **demo,
            )
        )  # fmt: skip
        session.flush()
        session.add(m.EnterpriseMonth(period="2026-09", enterprise_id=firm, output_ytd_wan=100 * n, tax_ytd_wan=tax))
        session.add(
            m.EnterpriseYear(
                enterprise_id=firm, year=2025, revenue_wan=1000 * n, tax_wan=tax, value_added_wan=100, rd_wan=20,
                energy_tce=10, emission_eq=1.0, employees=10, land_m2=2000,
            )
        )  # fmt: skip
    session.add(m.EntityNode(entity_kind="enterprise", entity_id="E1", node_id="IC-M1", link_source="t", confidence=1))
    for unit, line, amount in ((WEST, "cost_in", 700), (EAST, "cost_in", 300), (WEST, "revenue", 500)):
        session.add(m.LedgerLine(zone_code="SMKX", year=2026, unit=unit, line=line, amount_wan=amount, **demo))
    session.add(
        m.LandContract(
            id="X1", parcel_id="P1", project_id="A1", signed_on=date(2023, 6, 1), price_wan=9600,
            agreed_start=date(2024, 6, 1), cause="company", **demo,
        )
    )  # fmt: skip
    session.add(
        m.LandContract(
            id="X2", parcel_id="P2", project_id="N1", signed_on=date(2026, 6, 1), price_wan=100,
            agreed_start=date(2027, 6, 1), **demo,
        )
    )  # fmt: skip
    for stage, done, evidence in ((30, date(2025, 1, 10), "合同一"), (90, date(2025, 6, 1), None)):
        session.add(m.Milestone(project_id="A1", stage=stage, done_on=done, evidence=evidence))
    session.add(
        m.LightExemption(
            project_id="A1", dimension="report", reason="停产检修", approver="张三", valid_from=date(2026, 1, 1),
            expires_on=date(2026, 3, 31),
        )
    )  # fmt: skip
    for track in TRACKS:
        session.add(m.ReadinessTrack(project_id="A1", track=track, percent=50 if track == "G1" else 100))
    session.add(
        m.DataException(
            code="month_below_previous", entity_kind="project", entity_id="N1", zone_code="SMKX", period="2026-09",
            details={"tax_wan": 5, "before_wan": 3}, **demo,
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("api")
    (folder / "atlas.db").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATLAS_VAR_DIR", str(folder))
        patch.setenv("ATLAS_DATABASE_URL", f"sqlite:///{folder / 'atlas.db'}")
        patch.delenv("ATLAS_SCHEME", raising=False)
        get_settings.cache_clear()
        engine = engine_for(get_settings().sqlalchemy_url)
        m.Base.metadata.create_all(engine)
        with Session(engine) as session:
            small_city.fill(session)
            _more(session)
        flask = Flask("test")
        flask.testing = True
        api.register(flask)
        yield flask
        engine.dispose()
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def client(server: Flask) -> FlaskClient:
    return server.test_client()


def as_role(server: Flask, role: str) -> FlaskClient:
    client = server.test_client()
    client.set_cookie(ROLE_COOKIE, role)
    return client


@pytest.fixture(scope="module")
def document(client: FlaskClient) -> dict[str, Any]:
    return client.get("/api/v1/openapi.json").get_json()


def body(response: TestResponse) -> Any:
    return json.loads(response.get_data(as_text=True))


def ids(client: FlaskClient, query: str) -> list[str]:
    return body(client.get(f"/api/v1/projects?{query}"))["ids"]


def check_shape(document: dict[str, Any], path: str, response: TestResponse) -> None:
    """The body is what the document says this path answers with this status and content type."""
    parts = path.split("?")[0].split("/")
    operation = next(
        item["get"]
        for template, item in document["paths"].items()
        if len(template.split("/")) == len(parts)
        and all(a == b or a.startswith("{") for a, b in zip(template.split("/"), parts, strict=True))
    )
    described = operation["responses"][str(response.status_code)]
    if "$ref" in described:
        described = document["components"]["responses"][described["$ref"].rsplit("/", 1)[1]]
    schema = described["content"][response.mimetype]["schema"]
    Draft202012Validator({**schema, "components": document["components"]}).validate(body(response))


# --- described ----------------------------------------------------------------------------------------------------------


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/healthz",
        "/api/v1/schemes",
        "/api/v1/zones",
        "/api/v1/summary",
        "/api/v1/projects",
        "/api/v1/projects/{project_id}",
        "/api/v1/parks/{code}/kpis",
        "/api/v1/parcels/summary",
        "/api/v1/attribution",
        "/api/v1/kpis/{kpi_id}/explain",
        "/api/v1/ledger/{zone}",
        "/api/v1/chains/{code}",
        "/api/v1/per-mu",
        "/api/v1/idle-land",
        "/api/v1/export/{name}",
    }


@pytest.mark.parametrize("role", [r.value for r in Role])
@pytest.mark.parametrize("dataset", ["demo", "published", "own"])
def test_every_answer_has_the_described_shape(server: Flask, document: dict[str, Any], role: str, dataset: str) -> None:
    client = as_role(server, role)
    for path in EVERY_PATH:
        response = client.get(path + ("&" if "?" in path else "?") + f"data={dataset}")
        check_shape(document, path, response)
        assert response.headers["Cache-Control"] == "private, no-store"


def test_query_parameters_of_the_document_are_those_of_the_screens(document: dict[str, Any]) -> None:
    described = set(document["components"]["parameters"]) - {"role"}
    assert described == PARAMS - {
        "layers", "sel", "map", "table", "year", "restate", "agreed", "window", "explain", "view", "list", "rank", "row",
    }  # fmt: skip


# --- meta -------------------------------------------------------------------------------------------------------------


def test_every_answer_says_what_it_is_about(client: FlaskClient) -> None:
    for path in EVERY_PATH:
        meta = body(client.get(path))["meta"]
        assert meta["data_version"] == 1
        assert (meta["dataset"], meta["provenance"]) == ("demo", "demo")
        assert meta["mark"] == {"zh": "演示数据", "en": "Demo data"}
        assert (meta["scheme"], meta["period"], meta["scope"]) == ("wcsc", "2026-09", "territorial")
        assert meta["ignored"] == []


def test_what_was_not_understood_is_reported_and_the_rest_used(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/projects?zone=SMKX,NOPE&period=1999-01&foo=1&light=blue"))
    assert answer["ids"] == ["B1", "N1"]
    assert answer["meta"]["ignored"] == [
        {"param": "foo", "value": "1", "why": "unknown_param"},
        {"param": "zone", "value": "NOPE", "why": "unknown_code"},
        {"param": "light", "value": "blue", "why": "unknown_code"},
        {"param": "period", "value": "1999-01", "why": "no_data"},
    ]


def test_a_repeated_parameter_is_or_within_its_facet_and_no_answer_where_one_value_makes_sense(
    client: FlaskClient,
) -> None:
    assert ids(client, "light=red&light=green") == ["A1", "B1"]
    meta = body(client.get("/api/v1/projects?data=published&data=demo"))["meta"]
    assert meta["dataset"] == "demo"
    assert meta["ignored"] == [{"param": "data", "value": "published,demo", "why": "unknown_code"}]


def test_fields_beyond_the_limit_are_reported(client: FlaskClient) -> None:
    meta = body(client.get("/api/v1/projects?" + "&".join(["zone=SMKX"] * 64 + ["light=red"])))["meta"]
    assert meta["zones"] == ["SMKX"]
    assert meta["ignored"] == [{"param": "…", "value": "light=red", "why": "bad_format"}]


def test_own_parameters_of_another_address_are_not_understood_there(client: FlaskClient) -> None:
    meta = body(client.get("/api/v1/zones?limit=5"))["meta"]
    assert meta["ignored"] == [{"param": "limit", "value": "5", "why": "unknown_param"}]


def test_conditions_without_effect_are_said(client: FlaskClient) -> None:
    notes = body(client.get("/api/v1/parcels/summary?chain=IC&light=red&zone=SMKX&scope=shared"))["meta"]["notes"]
    assert [(n["code"], n["params"]) for n in notes] == [
        ("scope_not_answered", ["scope"]),
        ("not_filterable", ["chain", "light"]),
    ]
    own = body(client.get("/api/v1/summary?data=own"))["meta"]
    assert [n["code"] for n in own["notes"]] == ["no_data"]
    assert own["mark"]["zh"] == "自有数据"


# --- the filter -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["A1", "B1", "N1"]),
        ("chain=IC", ["A1", "B1"]),  # B1 by entity_chain, A1 by its node
        ("chain=DRUG-M2", ["B1"]),
        ("chain=IC-M1,DRUG-M2", ["A1", "B1"]),  # OR within
        ("chain=IC&zone=SMKX", ["B1"]),  # AND across
        ("chain=IC&zone=SMKX&light=red", []),
        ("light=red,green", ["A1", "B1"]),
        (f"district={EAST}", ["B1"]),
        (f"district={EAST},{WEST}", ["A1", "B1"]),
        ("kind=A,G", ["A1", "B1"]),
        ("stage=operating", ["B1"]),
        ("stage=operating&period=2026-08", []),  # the stage is that of the month
        ("period=2026-07", ["A1", "B1"]),  # N1 was not in the register yet
        ("data=published", ["PUB1"]),
    ],
)
def test_facets_are_or_inside_and_across(client: FlaskClient, query: str, expected: list[str]) -> None:
    assert ids(client, query) == expected


def _facet(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=3)


@settings(max_examples=40, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "zone": _facet(("CDKXC", "SMKX", "AXIS")),
            "chain": _facet(("IC", "DRUG", "IC-M1", "DRUG-M2")),
            "stage": _facet(("lead", "signed", "building", "operating")),
            "light": _facet(LIGHTS),
            "district": _facet((EAST, WEST)),
            "kind": _facet(KINDS),
            "period": st.lists(st.sampled_from(small_city.PERIODS), min_size=1, max_size=1),
        },
    ),
    st.sampled_from(list(Role)),
)
def test_ids_are_those_of_the_query_behind_the_screens(server: Flask, facets: dict[str, list[str]], role: Role) -> None:
    query = urlencode({k: ",".join(v) for k, v in facets.items()})
    with read_session() as session:
        expected = project_ids(Question.asked(session, Viewer(role), query))
    client = as_role(server, role.value)
    answer = body(client.get(f"/api/v1/projects?{query}"))
    assert answer["ids"] == expected
    assert sorted(p["id"] for p in answer["projects"]) == expected
    features = body(client.get(f"/api/v1/projects?{query}&format=geojson"))
    assert sorted(f["id"] for f in features["features"]) == expected
    counts = body(client.get(f"/api/v1/summary?{query}"))["projects"]
    assert counts is None if role is Role.PROSPECT else counts["total"] == len(expected)


# --- pages, formats and refusals ----------------------------------------------------------------------------------------


def test_pages_do_not_overlap_and_ids_name_all(client: FlaskClient) -> None:
    pages = [body(client.get(f"/api/v1/projects?limit=1&page={n}&sort=name&order=asc")) for n in (1, 2, 3, 4)]
    assert [[p["id"] for p in page["projects"]] for page in pages] == [["A1"], ["B1"], ["N1"], []]
    assert {(p["total"], p["pages"], tuple(p["ids"])) for p in pages} == {(3, 3, ("A1", "B1", "N1"))}


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_every_sort_works(client: FlaskClient, sort: str) -> None:
    assert client.get(f"/api/v1/projects?sort={sort}").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=x",
        "limit=1.5",
        "limit=" + "9" * 30,
        "page=0",
        "sort=red",
        "order=up",
        "format=xml",
        "limit=٣",
    ],
)
def test_a_bad_own_parameter_is_a_problem_in_both_languages(
    client: FlaskClient, document: dict[str, Any], query: str
) -> None:
    response = client.get(f"/api/v1/projects?{query}")
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    check_shape(document, "/api/v1/projects", response)
    problem = body(response)
    name = query.split("=")[0]
    assert name in problem["detail_zh"]
    assert name in problem["detail_en"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/projects/NOPE",
        "/api/v1/projects/PUB1",
        "/api/v1/projects/a%00b",
        "/api/v1/projects/N1?period=2026-07",
        "/api/v1/projects/" + "x" * 300,
        "/api/v1/parks/NOPE/kpis",
        "/api/v1/parks/AXIS/kpis",
        "/api/v1/kpis/K00/explain",
        "/api/v1/kpis/k01/explain",
        "/api/v1/ledger/NOPE",
        "/api/v1/ledger/AXIS",
        "/api/v1/chains/NOPE",
        "/api/v1/chains/IC-M1",
    ],
)
def test_an_unknown_record_is_a_problem(client: FlaskClient, document: dict[str, Any], path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    check_shape(document, path, response)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/attribution?page=0",
        "/api/v1/attribution?limit=1001",
        "/api/v1/attribution?restate=maybe",
        "/api/v1/attribution?records=some",
        "/api/v1/kpis/K01/explain?limit=x",
        "/api/v1/per-mu?score=mean",
        "/api/v1/per-mu?w_tax_per_mu=-1",
        "/api/v1/idle-land?page=1.5",
        "/api/v1/idle-land?contracts=none",
    ],
)
def test_bad_paging_or_method_is_refused(client: FlaskClient, document: dict[str, Any], path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    check_shape(document, path, response)


def test_other_addresses_and_methods_are_problems_but_pages_keep_their_own(server: Flask) -> None:
    client = server.test_client()
    for path in ("/api/v1/nothing", "/api/", "/api/v2/projects/1/2"):
        response = client.get(path)
        assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    refused = client.post("/api/v1/projects")
    assert (refused.status_code, refused.mimetype) == (405, "application/problem+json")
    assert "GET" in refused.headers["Allow"]
    assert client.get("/elsewhere").mimetype == "text/html"


@pytest.mark.usefixtures("server")
def test_an_unforeseen_error_is_a_problem_without_its_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("secret")

    server = Flask("broken")
    server.register_error_handler(500, lambda error: ("a page", 500))
    api.register(server)
    monkeypatch.setattr("api.routes.current_viewer", broken)
    response = server.test_client().get("/api/v1/projects")
    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert "secret" not in response.get_data(as_text=True)


def test_the_detail_is_in_the_language_of_the_request(server: Flask) -> None:
    client = server.test_client()
    client.set_cookie("atlas_lang", "en")
    assert body(client.get("/api/v1/parks/NOPE/kpis"))["detail"] == "There is no park NOPE"
    assert body(server.test_client().get("/api/v1/parks/NOPE/kpis"))["detail"] == "没有园区 NOPE"


_WORDS = st.one_of(
    st.sampled_from(["IC", "SMKX", "CDKXC", "red", "A", EAST, "2026-09", "demo", "own", "1", "geojson"]), st.text()
)


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(EVERY_PATH),
    st.one_of(
        st.lists(
            st.tuples(st.sampled_from([*sorted(PARAMS), "page", "limit", "sort", "format"]), _WORDS), max_size=6
        ).map(lambda pairs: urlencode(pairs, errors="replace")),
        st.text(alphabet="&=,;%+?#\x00\x7fé中a1-:.", max_size=40),
    ),
)
def test_no_query_string_breaks_an_answer(client: FlaskClient, path: str, query: str) -> None:
    response = client.get(path.split("?")[0], query_string=query)
    assert response.status_code in (200, 400)
    body(response)


# --- content ----------------------------------------------------------------------------------------------------------


def test_schemes_list_elements_by_role(client: FlaskClient) -> None:
    (scheme,) = body(client.get("/api/v1/schemes"))["schemes"]
    assert (scheme["id"], scheme["is_default"]) == ("wcsc", True)
    assert scheme["elements"] == {"core": ["CDKXC"], "zone": ["SMKX"], "axis": ["AXIS"]}


def test_a_zone_shows_both_districts_both_parties_and_its_area_history(client: FlaskClient) -> None:
    zone = {z["code"]: z for z in body(client.get("/api/v1/zones"))["zones"]}["SMKX"]
    assert [(d["name_zh"], d["area_m2"], d["share"]) for d in zone["districts"]] == [
        ("双流区", 300_000, 0.75),
        ("新津区", 100_000, 0.25),
    ]
    assert [(p["name_zh"], p["role"]) for p in zone["parties"]] == [("双流区", "lead"), ("新津区", "partner")]
    assert [(a["km2"], a["current"]) for a in zone["areas"]] == [(44.0, False), (39.4, True)]
    assert zone["is_schematic"] is True


def test_zones_as_geojson_by_parameter_or_by_header(client: FlaskClient) -> None:
    by_parameter = client.get("/api/v1/zones?format=geojson")
    by_header = client.get("/api/v1/zones", headers={"Accept": "application/geo+json"})
    assert by_parameter.mimetype == by_header.mimetype == "application/geo+json"
    assert body(by_parameter) == body(by_header)
    assert client.get("/api/v1/zones?format=json", headers={"Accept": "application/geo+json"}).mimetype.endswith(
        "/json"
    )
    features = {f["id"]: f for f in body(by_parameter)["features"]}
    assert set(features) == {"CDKXC", "SMKX", "AXIS"}
    for feature in features.values():
        geometry = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert geometry.is_valid
        if geometry.geom_type == "Polygon":
            assert geometry.exterior.is_ccw  # RFC 7946
        assert isinstance(feature["properties"]["is_schematic"], bool)
    west, south, east, north = shapely.from_geojson(json.dumps(features["SMKX"]["geometry"])).bounds
    assert (west, south, east, north) == (103.97, 30.35, 104.05, 30.45)  # x is longitude


def test_projects_as_points(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/projects?format=geojson&limit=2&sort=name&order=asc"))
    assert (answer["type"], answer["numberMatched"], answer["numberReturned"]) == ("FeatureCollection", 3, 2)
    assert answer["features"][0]["geometry"] == {"type": "Point", "coordinates": [103.9, 30.4]}


def test_a_cross_district_project_has_shares_that_sum_to_its_area(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/projects/B1"))
    assert answer["footprint_m2"] == sum(d["area_m2"] for d in answer["districts"]) == 100_000
    assert [(d["name_zh"], d["share"], d["is_primary"]) for d in answer["districts"]] == [
        ("双流区", 0.6, True),
        ("新津区", 0.4, False),
    ]
    assert [(k["kind"], k["name_zh"]) for k in answer["kinds"]] == [
        ("A", "跨界落地"),
        ("D", "总部+基地"),
        ("F", "流转"),
    ]
    assert answer["project"]["cross_district"] is True
    assert [s["role"] for s in answer["sites"]] == ["base", "hq"]


def test_a_filter_does_not_hide_a_project_asked_for_by_id_and_says_so(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/projects/B1?zone=CDKXC"))
    assert answer["project"]["id"] == "B1"
    assert [(n["code"], n["params"]) for n in answer["meta"]["notes"]] == [("not_filterable", ["zone"])]


def test_park_kpis_are_the_whole_dictionary_with_everything_a_figure_carries(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/parks/SMKX/kpis"))
    kpis = {k["id"]: k for k in answer["kpis"]}
    assert set(kpis) >= {f"K{n:02}" for n in range(1, 55)}
    output = kpis["K04"]
    assert (output["value"], output["unit"], output["reason"]) == (600, "万元", None)
    assert isinstance(output["value"], int)
    assert (output["yoy"], output["yoy_kind"]) == (0.5, "growth")
    assert (output["target"], output["attained"], output["due"], output["light"]) == (800, 0.75, 0.75, "green")
    assert (output["reported"], output["expected"], output["missing"]) == (1, 1, [])
    assert (output["period"], output["status"], output["as_of"]) == ("2026-09", "final", "2026-10-01")
    assert output["series"] == [{"period": "2025-09", "value": 400.0}, {"period": "2026-09", "value": 600.0}]
    ratio = kpis["K03"]
    assert (ratio["numerator"], ratio["denominator"]) == (20, 300)
    assert ratio["value"] == pytest.approx(20 / 3)
    assert (kpis["K52"]["value"], kpis["K52"]["reason"]) == (None, "not_reported")
    assert answer["park"]["code"] == "SMKX"


def test_the_address_decides_the_park_whatever_the_query_says(client: FlaskClient) -> None:
    plain = body(client.get("/api/v1/parks/SMKX/kpis"))
    other = body(client.get("/api/v1/parks/SMKX/kpis?zone=CDKXC"))
    assert other["kpis"] == plain["kpis"]
    assert other["meta"]["zones"] == ["SMKX"]
    assert [(n["code"], n["params"]) for n in other["meta"]["notes"]] == [("park_decides", ["zone"])]
    assert body(client.get("/api/v1/parks/SMKX/kpis?zone=SMKX"))["meta"]["notes"] == []


def test_under_a_filter_a_figure_is_summed_from_records_or_says_that_it_cannot(client: FlaskClient) -> None:
    kpis = {k["id"]: k for k in body(client.get("/api/v1/parks/CDKXC/kpis?chain=IC"))["kpis"]}
    assert (kpis["K01"]["value"], kpis["K01"]["from_records"]) == (1234, True)
    assert (kpis["K48"]["value"], kpis["K48"]["reason"]) == (None, "not_filterable")


def test_the_summary_has_counts_figures_land_and_carriers(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/summary"))
    counts = answer["projects"]
    assert (counts["total"], counts["cross_district"], counts["hidden_leads"]) == (3, 1, 0)
    assert counts["lights"] == {"red": 1, "green": 1, "none": 1}
    assert (counts["total_investment_wan"], counts["without_investment"]) == (680_000, 1)
    figures = {f["id"]: f for f in answer["figures"]}
    assert list(figures) == ["K01", "K04", "K08", "K21", "K23", "K24"]
    assert (figures["K04"]["value"], figures["K04"]["yoy"], figures["K04"]["target"]) == (1500, 0.5, 2000)
    assert (figures["K01"]["reason"], figures["K01"]["missing"]) == ("partial", ["SMKX"])
    assert answer["carriers"] == {
        "buildings": 2,
        "units": 3,
        "gross_area_m2": None,
        "without_area": 2,
        "delivered_m2": 1000,
        "vacant_m2": 200,
        "taken_m2": 800,
        "marketed_m2": 1500,
        "vacancy": 0.2,
        "take_up": pytest.approx(800 / 1500),
        "today": "2026-09",
    }
    assert answer["land"]["zone_area_m2"] == 500_000


def test_unknown_vacancy_is_null_not_zero(client: FlaskClient) -> None:
    carriers = body(client.get("/api/v1/summary?data=published"))["carriers"]
    assert (carriers["units"], carriers["vacant_m2"], carriers["vacancy"]) == (0, None, None)


def test_land_classes_sum_to_the_zone_and_follow_status_or_plan(client: FlaskClient) -> None:
    status = body(client.get("/api/v1/parcels/summary?zone=CDKXC"))
    assert status["land"]["kind"] == "status"
    assert [(c["code"], c["area_m2"]) for c in status["land"]["classes"]] == [
        ("07", 10_000),
        ("", 30_000),
        (None, 60_000),
    ]
    assert sum(c["area_m2"] for c in status["land"]["classes"]) == status["land"]["zone_area_m2"]
    assert sum(c["share"] for c in status["land"]["classes"]) == pytest.approx(1)
    plan = body(client.get("/api/v1/parcels/summary?zone=CDKXC&landuse=plan"))["land"]
    assert {c["code"] for c in plan["classes"]} == {"1001", "07", "", None}
    assert [z["zone_code"] for z in status["zones"]] == ["CDKXC"]
    assert (status["chain"]["built_m2"], status["chain"]["completion_rate"]) == (40_000, 1.0)


def test_mix_and_chain_of_land_are_restricted_alike(client: FlaskClient) -> None:
    answer = body(client.get(f"/api/v1/parcels/summary?district={EAST}"))
    assert (answer["land"]["parcels"], answer["chain"]) == (0, None)


# --- what reconciles --------------------------------------------------------------------------------------------------


def test_the_total_stays_when_the_scope_divides_it(client: FlaskClient) -> None:
    """Rules §4.3.6: Σ parts + unattributed = the territorial total."""
    answers = {s: body(client.get(f"/api/v1/attribution?scope={s}")) for s in ("territorial", "area", "shared")}
    for scope, answer in answers.items():
        split = answer["split"]
        assert answer["meta"]["scope"] == split["scope"] == scope
        assert answer["meta"]["notes"] == []
        assert split["total"] == 1234 + 1001 + 7
        assert sum(p["amount"] for p in split["parts"]) + split["unattributed"] == split["total"]
    shared = answers["shared"]["split"]
    assert shared["badge"] == "内部考核口径"
    (rule,) = [r for r in shared["rules"] if r["agreement_id"] == "S-direct"]
    assert [(x["unit"], x["ratio"], x["share"]) for x in rule["shares"]] == [(WEST, "3/5", 0.6), (EAST, "2/5", 0.4)]
    assert (rule["basis_doc"], rule["illustrative"], rule["amount"]) == ("协议一", True, 1008)
    (zone,) = [z for z in shared["zones"] if z["zone"] == "SMKX"]
    assert {p["unit"]: p["amount"] for p in zone["parts"]} == {WEST: 601 + 4, EAST: 400 + 3}
    dual = body(client.get("/api/v1/attribution?scope=dual"))["split"]
    assert (dual["total"], dual["reason"]) == (None, "dual")


def test_records_of_the_split_are_paged_and_can_be_those_of_agreements(client: FlaskClient) -> None:
    pages = [body(client.get(f"/api/v1/attribution?scope=shared&limit=2&page={n}"))["records"] for n in (1, 2, 3)]
    assert [[r["id"] for r in p["records"]] for p in pages] == [["A1", "B1"], ["N1"], []]
    assert {(p["total"], p["pages"], p["amount"]) for p in pages} == {(3, 2, 2242)}
    shared = body(client.get("/api/v1/attribution?scope=shared&records=shared"))["records"]
    assert [(r["id"], [(p["share"], p["amount"]) for p in r["parts"]]) for r in shared["records"]] == [
        ("B1", [("3/5", 601), ("2/5", 400)]),
        ("N1", [("3/5", 4), ("2/5", 3)]),
    ]


def test_an_indicator_that_cannot_be_divided_says_so(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/attribution?kpi=K54"))
    reasons = (answer["split"]["reason"], answer["records"]["reason"])
    assert (answer["kpi"], *reasons) == ("K54", "not_divisible", "not_divisible")


def test_an_explanation_opens_to_its_records_and_keeps_the_scope_of_its_split(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/kpis/K01/explain?scope=shared&zone=CDKXC"))
    found = answer["explanation"]
    assert (answer["meta"]["scope"], found["split"]["scope"]) == ("shared", "shared")
    assert found["figure"]["value"] == 1234
    assert (found["records_sum"], found["difference"], found["reconciles"]) == (1234, 0, True)
    assert [(u["zone"], u["value"], u["records_sum"]) for u in found["units"]] == [("CDKXC", 1234, 1234)]
    assert [(r["id"], r["amount"]) for r in found["records"]["records"]] == [("A1", 1234)]
    assert [v["zone"] for v in found["values"]] == ["CDKXC"]


def test_an_explanation_without_units_to_divide_among_is_territorial_and_says_so(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/kpis/K13/explain?scope=shared"))
    assert answer["meta"]["scope"] == "territorial"
    assert [n["code"] for n in answer["meta"]["notes"]] == ["scope_not_answered"]
    assert answer["explanation"]["split"] is None


def test_the_ledger_of_the_year_of_the_period_sets_paid_against_agreed(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/ledger/SMKX?scope=shared"))
    assert [n["code"] for n in answer["meta"]["notes"]] == ["scope_not_answered"]
    ledger = answer["ledger"]
    assert (ledger["year"], ledger["years"], ledger["agreement_id"]) == (2026, [2026], "S-fiscal")
    assert [
        (r["unit"], r["ratio"], r["cost_in_wan"], r["cost_due_wan"], r["difference_wan"]) for r in ledger["rows"]
    ] == [
        (WEST, "3/5", 700, 600, 100),
        (EAST, "2/5", 300, 400, -100),
    ]
    assert [(r["revenue_due_wan"], r["cash_due_wan"]) for r in ledger["rows"]] == [(300, 0), (200, 0)]
    assert ledger["total"]["difference_wan"] == 0
    findings = {f["code"]: f["figures"] for f in ledger["findings"]}
    assert findings["revenue_not_accounted"] == {"booked_revenue_wan": 500, "accounted_wan": 0}
    assert "no_document" in findings
    empty = body(client.get("/api/v1/ledger/CDKXC?zone=SMKX"))
    assert (empty["ledger"]["reason"], empty["ledger"]["agreement_reason"]) == ("no_lines", "no_agreement")
    assert [n["code"] for n in empty["meta"]["notes"]] == ["park_decides"]


def test_a_chain_has_its_nodes_whatever_chain_the_query_names(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/chains/IC?chain=DRUG"))
    assert [(n["code"], n["params"]) for n in answer["meta"]["notes"]] == [("not_filterable", ["chain"])]
    board = answer["board"]
    (node,) = board["nodes"]
    # one firm of five: 8 of 40, and the only output is the benchmark: 30 of 30
    assert (node["id"], node["firms"], node["strength"], node["state"]) == ("IC-M1", 1, 38, "fair")
    assert board["coverage"] == {"value": 1.0, "numerator": 3, "denominator": 3}
    (gap,) = body(client.get("/api/v1/chains/DRUG"))["board"]["catalogue"]
    assert (gap["node_id"], gap["state"], gap["target_firms"]) == ("DRUG-M2", "missing", 0)


def test_per_mu_ranks_firms_and_tells_what_other_weights_change(client: FlaskClient) -> None:
    plain = body(client.get("/api/v1/per-mu?limit=2"))["evaluation"]
    assert (plain["year"], plain["method"]["is_default"], plain["changed"]) == (2025, True, [])
    assert (plain["firms"]["total"], plain["firms"]["pages"]) == (4, 2)
    assert [f["rank"] for f in plain["firms"]["firms"]] == [1, 2]
    tax = {p["zone"]: p["value"] for p in plain["parks"] if p["indicator"] == "tax_per_mu"}
    assert tax[""] == pytest.approx(110 / (8000 * 3 / 2000))
    weights = "w_revenue_per_mu=0&w_tax_per_mu=70&w_revenue_per_employee=0&w_revenue_per_tce=0&w_rd_intensity=0"
    other = body(client.get(f"/api/v1/per-mu?{weights}"))["evaluation"]
    assert other["method"]["is_default"] is False
    assert other["firms"]["firms"][0]["id"] == "E1"
    own = body(client.get("/api/v1/per-mu?data=own"))["evaluation"]
    assert (own["year"], own["years"], own["reason"]) == (None, [], "no_firms")
    assert other["changed_count"] == len(other["changed"]) > 0


def test_idle_land_has_its_clock_and_a_fee_that_is_an_estimate(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/idle-land"))
    (contract,) = answer["idle"]["contracts"]
    assert (contract["contract_id"], contract["stage"], contract["fee_wan"], contract["reclaim"]) == (
        "X1",
        "suspected",  # two years are over, but the authority has not decided
        1920,
        True,
    )
    assert contract["legal_status"] is None
    assert answer["idle"]["stages"] == [
        {"stage": "suspected", "contracts": 1, "area_m2": 10_000},
        {"stage": "normal", "contracts": 1, "area_m2": 10_000},
    ]
    every = body(client.get("/api/v1/idle-land?contracts=all"))["idle"]["contracts"]
    assert [(c["contract_id"], c["project_id"]) for c in every] == [("X1", "A1"), ("X2", "N1")]
    assert [(row["zone"], row["identity"]) for row in answer["land"]] == [("", True), ("CDKXC", True), ("SMKX", None)]
    elsewhere = body(client.get(f"/api/v1/idle-land?district={EAST}"))
    assert elsewhere["idle"]["contracts"] == []
    assert [n["code"] for n in elsewhere["meta"]["notes"]] == ["land_chain_by_zone"]


def test_a_project_says_how_far_it_is_and_on_what_evidence(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/projects/A1"))
    assert [(s["stage"], s["stage_name_zh"], s["evidence"]) for s in answer["milestones"]] == [
        (30, "签约", "合同一"),
        (90, "开工", None),
    ]
    check = answer["stage_check"]
    assert (check["claimed"], check["proven"]) == (90, 30)
    assert {"code": "missing_evidence", "stage": 90, "blocks": 90} in check["problems"]
    assert {p["stage"] for p in check["problems"] if p["code"] == "missing_milestone"} >= {40, 50, 60}
    rules = answer["light_rules"]
    assert rules["months_red"] == 3
    assert rules["rules"][0]["light"] == rules["light"]
    assert any(rule["figures"] for rule in rules["rules"])
    assert [(e["dimension"], e["in_force"]) for e in rules["exemptions"]] == [("report", False)]
    ready = answer["readiness"]
    assert (ready["overall"], ready["company"], ready["bottlenecks"]) == (50, 100, ["G1"])
    assert (ready["schedule"], len(ready["schedule_missing"]), len(ready["tracks"])) == (None, 10, 10)
    published = body(client.get("/api/v1/projects/PUB1?data=published"))
    assert (published["stage_check"], published["readiness"]) == (None, None)
    assert published["light_rules"]["light"] == "grey"


# --- the gate ---------------------------------------------------------------------------------------------------------


def keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {k for v in value.values() for k in keys(v)}
    return {k for v in value for k in keys(v)} if isinstance(value, list) else set()


@pytest.mark.parametrize("role", [r.value for r in Role])
def test_no_answer_holds_a_key_its_role_may_not_have(server: Flask, role: str) -> None:
    """Rules §8.4 T10, on the HTTP response."""
    viewer = Viewer(Role(role))
    restricted = {name for name, field_class in FIELD_CLASS.items() if not viewer.may(field_class)}
    client = as_role(server, role)
    for path in EVERY_PATH:
        # "geometry" is also the word of GeoJSON; what it holds for a prospect is tested below.
        own_word = {"geometry"} if "geojson" in path else set()
        assert keys(body(client.get(path))) & (restricted - own_word) == set(), path


def test_the_role_matrix_is_not_empty(server: Flask) -> None:
    """The keys withheld above are there for a role that may have them."""
    row = body(as_role(server, "leadership").get("/api/v1/projects/A1"))["project"]
    assert (row["light"], row["reason"], row["total_investment_wan"], row["fai_ytd_wan"]) == (
        "red",
        "三个月无投资",
        80_000,
        1234,
    )


@pytest.mark.parametrize(
    ("role", "demo", "published"),
    [
        ("leadership", ["A1", "B1", "N1"], ["PUB1"]),
        ("planner", ["A1", "B1"], ["PUB1"]),
        ("promoter", ["A1", "B1"], ["PUB1"]),
        ("prospect", [], ["PUB1"]),
        ("nobody-knows", [], ["PUB1"]),
    ],
)
def test_leads_and_demo_projects_are_seen_by_role(
    server: Flask, role: str, demo: list[str], published: list[str]
) -> None:
    client = as_role(server, role)
    assert ids(client, "") == demo
    assert ids(client, "data=published") == published
    assert client.get("/api/v1/projects/N1").status_code == (200 if role == "leadership" else 404)
    assert "N1" not in client.get("/api/v1/projects?stage=lead").get_data(as_text=True) or role == "leadership"


def test_a_hidden_lead_looks_like_one_that_does_not_exist(server: Flask) -> None:
    client = as_role(server, "promoter")
    hidden, missing = body(client.get("/api/v1/projects/N1")), body(client.get("/api/v1/projects/N9"))
    assert json.dumps(hidden).replace("N1", "N9") == json.dumps(missing)


def test_a_planner_counts_leads_without_seeing_them(server: Flask) -> None:
    answer = body(as_role(server, "planner").get("/api/v1/summary"))
    # One lead: its number would be that one, so there is none (rules §2.6.4).
    assert (answer["projects"]["total"], answer["projects"]["hidden_leads"]) == (2, None)
    assert answer["projects"]["groups"]["lead"] is None
    assert "leads_hidden" in [n["code"] for n in answer["meta"]["notes"]]


def test_a_prospect_gets_published_figures_only(server: Flask) -> None:
    client = as_role(server, "prospect")
    answer = body(client.get("/api/v1/summary"))
    assert (answer["projects"], answer["figures"], answer["land"]) == (None, [], None)
    assert answer["carriers"]["buildings"] == 2  # availability is what a guest comes for
    assert body(client.get("/api/v1/parks/SMKX/kpis"))["kpis"] == []
    parcels = body(client.get("/api/v1/parcels/summary"))
    assert (parcels["land"], parcels["chain"], parcels["zones"]) == (None, None, [])
    for path in ("/api/v1/summary", "/api/v1/parcels/summary", "/api/v1/projects", "/api/v1/parks/SMKX/kpis"):
        assert "withheld" in [n["code"] for n in body(client.get(path))["meta"]["notes"]]
    published = body(client.get("/api/v1/projects?data=published"))
    assert published["projects"][0]["total_investment_wan"] == 100_000


def test_a_prospect_gets_nothing_of_what_reconciles(server: Flask) -> None:
    client = as_role(server, "prospect")
    for path, part in (
        ("/api/v1/attribution", "split"),
        ("/api/v1/attribution", "records"),
        ("/api/v1/kpis/K01/explain", "explanation"),
        ("/api/v1/ledger/SMKX", "ledger"),
        ("/api/v1/chains/IC", "board"),
        ("/api/v1/per-mu", "evaluation"),
        ("/api/v1/idle-land", "idle"),
    ):
        answer = body(client.get(path))
        assert answer[part] is None, path
        assert "withheld" in [n["code"] for n in answer["meta"]["notes"]]
    assert body(client.get("/api/v1/idle-land"))["land"] == []


def test_single_firms_stay_hidden_from_those_outside_the_owners_group(server: Flask) -> None:
    """Rules §2.6.4: fewer than three firms are ＊, also by subtraction from a total."""
    promoter, planner = as_role(server, "promoter"), as_role(server, "planner")
    split = body(promoter.get("/api/v1/attribution?kpi=K08&zone=CDKXC"))
    assert (split["split"]["total"], split["split"]["reason"]) == (None, "suppressed")
    assert [(p["amount"], p["reason"]) for p in split["split"]["parts"]] == [(None, "suppressed")]
    assert (split["records"]["records"], split["records"]["reason"]) == ([], "withheld")
    assert body(planner.get("/api/v1/attribution?kpi=K08&zone=CDKXC"))["split"]["total"] == 50
    whole = body(promoter.get("/api/v1/attribution?kpi=K08"))["split"]
    shown = [z["total"] for z in whole["zones"]]
    assert shown == [None, None]  # one alone would give the other away
    firms = body(promoter.get("/api/v1/per-mu"))["evaluation"]
    assert (firms["firms"]["firms"], firms["firms"]["reason"], firms["firms"]["total"]) == ([], "withheld", 4)
    assert "suppressed" in {p["reason"] for p in firms["parks"]}
    explained = body(promoter.get("/api/v1/kpis/K13/explain"))["explanation"]
    assert (explained["records"]["records"], explained["values"]) == ([], [])


def test_leads_are_pooled_or_left_out_for_those_who_may_not_see_them(server: Flask) -> None:
    client = as_role(server, "promoter")
    answer = body(client.get("/api/v1/attribution"))
    assert [(r["id"], r["amount"]) for r in answer["records"]["records"]] == [("A1", 1234), ("B1", 1001), (None, 7)]
    (entry,) = [e for e in answer["exceptions"] if e["origin"] == "recorded"]
    assert (entry["entity_id"], entry["details"]) == ("", None)
    for path in ("/api/v1/attribution", "/api/v1/kpis/K01/explain", "/api/v1/idle-land?contracts=all"):
        assert "N1" not in client.get(path).get_data(as_text=True)
    leader = body(as_role(server, "leadership").get("/api/v1/attribution"))
    (entry,) = [e for e in leader["exceptions"] if e["origin"] == "recorded"]
    assert (entry["entity_id"], entry["details"]) == ("N1", {"tax_wan": 5, "before_wan": 3})


def test_counts_of_leads_and_targets_of_a_chain_are_keys_of_those_who_may_have_them(server: Flask) -> None:
    for role, courted, targets in (("leadership", True, True), ("promoter", True, False), ("planner", True, False)):
        board = body(as_role(server, role).get("/api/v1/chains/DRUG"))["board"]
        assert ("courted" in board, "target_firms" in board["catalogue"][0]) == (courted, targets), role


def test_a_published_project_without_a_zone_is_counted_apart(client: FlaskClient) -> None:
    answer = body(client.get("/api/v1/summary?data=published"))
    assert (answer["projects"]["total"], answer["projects"]["without_zone"]) == (1, 1)
    assert "without_zone" in [n["code"] for n in answer["meta"]["notes"]]


def test_outlines_are_generalised_for_those_without_exact_geometry(server: Flask) -> None:
    dense = shapely.Point(104.0, 30.4).buffer(0.03, quad_segs=200)
    with Session(engine_for(get_settings().sqlalchemy_url)) as session:
        zone = session.get(m.Zone, "SMKX")
        assert zone is not None
        before = zone.geom
        zone.geom = dense
        session.commit()
        sizes = {}
        for role in ("planner", "prospect"):
            features = body(as_role(server, role).get("/api/v1/zones?format=geojson&zone=SMKX"))["features"]
            sizes[role] = shapely.get_num_coordinates(shapely.from_geojson(json.dumps(features[0]["geometry"])))
        zone.geom = before
        session.commit()
    assert sizes["planner"] > 700
    assert sizes["prospect"] < 60


# --- health and broken stores -------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Flask) -> Iterator[FlaskClient]:
    """A client of a server whose database does not exist."""
    monkeypatch.setenv("ATLAS_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("ATLAS_DATABASE_URL", f"sqlite:///{tmp_path / 'none' / 'atlas.db'}")
    get_settings.cache_clear()
    yield server.test_client()
    monkeypatch.undo()
    get_settings.cache_clear()


def test_health_without_tiles_names_the_command_that_mends_it(client: FlaskClient, document: dict[str, Any]) -> None:
    response = client.get("/healthz")
    check_shape(document, "/healthz", response)
    answer = body(response)
    assert (response.status_code, answer["status"]) == (503, "unavailable")
    assert (answer["database"], answer["complete"], answer["database_version"]) == (True, True, 1)
    assert (answer["data_version"], answer["tiles"]) == (None, False)
    assert "python cli.py tiles" in answer["problems"][0]


def test_health_is_ok_with_whole_tiles(client: FlaskClient) -> None:
    folder = get_settings().tiles_dir / "1"
    folder.mkdir(parents=True)
    manifest = {"format": FORMAT, "data_version": 1, "archives": {"base": {}}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    response = client.get("/healthz")
    assert (response.status_code, body(response)["status"], body(response)["problems"]) == (200, "ok", [])


def test_without_a_database_health_and_answers_say_what_to_type(
    elsewhere: FlaskClient, document: dict[str, Any]
) -> None:
    health = elsewhere.get("/healthz")
    assert health.status_code == 503
    assert body(health)["database"] is False
    response = elsewhere.get("/api/v1/projects")
    assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    check_shape(document, "/api/v1/projects", response)
    assert "python cli.py init" in body(response)["detail_en"]


def test_an_unfilled_database_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Flask) -> None:
    (tmp_path / "empty.db").touch()
    monkeypatch.setenv("ATLAS_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    get_settings.cache_clear()
    engine = engine_for(get_settings().sqlalchemy_url)
    m.Base.metadata.create_all(engine)
    client = server.test_client()
    assert client.get("/healthz").status_code == 503
    assert all(client.get(path).status_code == 503 for path in EVERY_PATH)
    monkeypatch.undo()
    get_settings.cache_clear()


def test_every_address_of_the_table_is_tried_above() -> None:
    tried = {path.split("?")[0] for path in EVERY_PATH}
    for endpoint in ENDPOINTS:
        prefix = ("/api/v1" + endpoint.path).split("<")[0]
        assert any(path.startswith(prefix) for path in tried)
