"""Exported, imported into a database without the records, and exported again: the same rows of every table, the same
derived facts; and the same file once more changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Delete, Engine, delete, or_, select, text, union, update
from sqlalchemy.orm import Session

from data import models as m
from data.db import make_engine
from data.derive.run import derive_all
from data.exports.extract import Extract, extract
from data.exports.files import FORMATS
from data.exports.templates import template_tables, write_template
from data.imports.commit import Outcome
from data.imports.conductor import Import
from data.imports.finding import Finding
from data.imports.problem import ImportProblem, Limits, Watch
from data.imports.tables import TABLES
from data.imports.told import Asked
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState
from tests.support.databases import database_copy

LEADER, OWN = Viewer(Role.LEADERSHIP), ViewState(dataset=Dataset.OWN)
KEPT = ("SMKX",)
KINDS = ("xlsx", "csv", "gpkg", "geojson")
#: Leads are projects before signing: they come back with the projects and their milestones.
IMPORTED = tuple(t for t in TABLES if t != "leads")
DERIVED = (m.ProjectMonth, m.ProjectKind, m.ProjectDistrict)


def _prepare(engine: Engine) -> None:
    """Make the demo records of one zone the owner's, and add what a demo has not got."""
    firms = select(m.Enterprise.id).where(m.Enterprise.zone_code.not_in(KEPT))
    projects = select(m.Project.id).where(m.Project.zone_code.not_in(KEPT))
    parcels = select(m.LandParcel.id).where(m.LandParcel.zone_code.not_in(KEPT))
    contract = m.LandContract
    with Session(engine) as session, session.begin():
        for mapper in m.Base.registry.mappers:
            table = mapper.class_.__table__
            if "provenance" in table.columns:
                session.execute(update(table).where(table.c.provenance == "demo").values(provenance="official"))
        for statement in (
            delete(contract).where(
                or_(
                    contract.parcel_id.in_(parcels),
                    contract.enterprise_id.in_(firms),
                    contract.project_id.in_(projects),
                )
            ),
            update(m.CarrierUnit).where(m.CarrierUnit.enterprise_id.in_(firms)).values(enterprise_id=None),
            update(m.Project).where(m.Project.enterprise_id.in_(firms)).values(enterprise_id=None),
            update(m.Enterprise).where(m.Enterprise.parent_id.in_(firms)).values(parent_id=None),
            *(
                delete(model).where(model.zone_code.not_in(KEPT), model.provenance == "official")
                for model in (m.CarrierBuilding, m.Plot, m.Platform, m.LandParcel, m.Project, m.Enterprise)
            ),
            delete(m.KpiValue).where(or_(m.KpiValue.unit_code.not_in(KEPT), m.KpiValue.period < "2025")),
            delete(m.Target).where(m.Target.unit_code.not_in(KEPT)),
            _loose_links(),
            update(m.KpiValue).where(m.KpiValue.unit == "").values(unit="—"),
            delete(m.ShareAgreement).where(m.ShareAgreement.id == "DA-SUM"),  # a flaw on purpose: does not sum to 1
        ):
            session.execute(statement, execution_options={"synchronize_session": False})
        session.add(
            m.Policy(
                id="OL1", title="支持集成电路与人工智能的若干措施", doc_no="示发〔2026〕1号", issuer="示例市", level="市", chains=["AI", "IC"],
                valid_to="2027-12", support_text="=最高 500 万元", provenance="official", source="表", as_of="2026-09",
            )
        )  # fmt: skip
        session.add(m.ShareAgreement(
            id="OA1", zone_code="XYDIT", metric_class="fiscal", shares={"510117": "1/3", "CD-GXQ": "2/3"}, provenance="official",
            valid_from=date(2024, 1, 1), valid_to=date(2030, 1, 1), basis_doc="协议", illustrative=False, retention=True,
        ))  # fmt: skip
        session.flush()
        derive_all(session, "official")


def _loose_links() -> Delete:
    """Chain links whose record is gone."""
    kept = union(*(select(x.id) for x in (m.Project, m.Enterprise, m.CarrierBuilding, m.Platform, m.Plot)))
    return delete(m.EntityNode).where(m.EntityNode.entity_id.not_in(kept))


def _without_records(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        if engine.dialect.name == "sqlite":
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
        session.execute(
            update(m.CarrierUnit).values(enterprise_id=None)
        )  # units go with their buildings, after the firms
        for table in reversed(m.Base.metadata.sorted_tables):
            if "provenance" in table.columns:
                session.execute(delete(table).where(table.c.provenance == "official"))
        session.execute(_loose_links())


def brought(engine: Engine, path: Path, table: str) -> tuple[list[Finding], Outcome]:
    """Import a file by its headings alone."""
    asked = Asked(table=table, sheet=table if path.suffix == ".gpkg" else None)
    result = Import(engine, path, asked, Limits(), Watch()).commit()
    return result.findings, result.outcome


@dataclass(frozen=True)
class Trip:
    """What a format brought back, by table, and what each import said."""

    before: dict[str, Extract]
    after: dict[str, Extract]
    findings: dict[str, list[Finding]]
    again: dict[str, Outcome]
    derived: tuple[dict[str, list[Any]], dict[str, list[Any]]]


def _extracts(engine: Engine) -> dict[str, Extract]:
    with Session(engine) as session:
        return {table: extract(Question.of(session, LEADER, OWN), table, whole=True) for table in TABLES}


def _derived(engine: Engine) -> dict[str, list[Any]]:
    """Every derived row of the owner's projects."""
    own = select(m.Project.id).where(m.Project.provenance == "official")
    with Session(engine) as session:
        return {
            model.__tablename__: session.execute(
                select(*model.__table__.columns)
                .where(model.project_id.in_(own))
                .order_by(*model.__table__.primary_key.columns)
            ).all()
            for model in DERIVED
        }


@pytest.fixture(scope="module")
def source(filled_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of the database with the owner's records; nobody stays connected to it."""
    with database_copy(filled_url, tmp_path_factory.mktemp("trip")) as url:
        with _engine(url) as engine:
            _prepare(engine)
        yield url


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    made = make_engine(url)
    yield made
    made.dispose()


@contextmanager
def _emptied(source: str, folder: Path) -> Iterator[Engine]:
    """A copy of the database without the owner's records."""
    with database_copy(source, folder) as url, _engine(url) as empty:
        _without_records(empty)
        yield empty


@pytest.fixture(scope="module", params=KINDS)
def trip(request: pytest.FixtureRequest, source: str, tmp_path_factory: pytest.TempPathFactory) -> Trip:
    folder = tmp_path_factory.mktemp(f"trip-{request.param}")
    findings, again = {}, {}
    with _emptied(source, folder) as empty, _engine(source) as owners:
        before = _extracts(owners)
        assert not any(found.rows for table, found in _extracts(empty).items() if TABLES[table].owned)
        for table in IMPORTED:
            path = folder / f"{table}.{request.param}"
            FORMATS[request.param].write(before[table], path, "utf-8")
            findings[table], _outcome = brought(empty, path, table)
        after, derived = _extracts(empty), (_derived(owners), _derived(empty))
        for table in IMPORTED:
            again[table] = brought(empty, folder / f"{table}.{request.param}", table)[1]
    return Trip(before, after, findings, again, derived)


@pytest.mark.parametrize("table", list(TABLES))
def test_a_table_comes_back_as_it_went(trip: Trip, table: str) -> None:
    assert trip.before[table].rows, f"no {table} to take out"
    assert trip.after[table].rows == trip.before[table].rows
    assert [f.code for f in trip.findings.get(table, []) if f.severity in ("error", "refused")] == []


def test_what_follows_from_the_records_is_the_same(trip: Trip) -> None:
    before, after = trip.derived
    assert {name: len(rows) for name, rows in before.items()} == {name: len(rows) for name, rows in after.items()}
    assert after == before


def test_the_same_files_once_more_change_nothing(trip: Trip) -> None:
    assert {table: (o.batch, o.new, o.changed) for table, o in trip.again.items()} == dict.fromkeys(
        IMPORTED, (None, 0, 0)
    )


def _shapefile_trip(owners: Engine, empty: Engine, folder: Path) -> tuple[Extract, Extract, list[Finding]]:
    with Session(owners) as session:
        before = extract(Question.of(session, LEADER, OWN), "parcels", whole=True)
    FORMATS["zip"].write(before, folder / "parcels.zip", "gbk")
    findings, _outcome = brought(empty, folder / "parcels.zip", "parcels")
    with Session(empty) as session:
        return before, extract(Question.of(session, LEADER, OWN), "parcels", whole=True), findings


def test_a_shapefile_comes_back_by_its_cut_names(source: str, tmp_path: Path) -> None:
    with _emptied(source, tmp_path) as empty, _engine(source) as owners:
        before, after, findings = _shapefile_trip(owners, empty, tmp_path)
    assert [f.code for f in findings if f.severity in ("error", "refused")] == []
    shape = [f.name for f in before.fields].index("geom")
    assert [row[:shape] for row in after.rows] == [row[:shape] for row in before.rows]
    assert [row[shape + 1 :] for row in after.rows] == [row[shape + 1 :] for row in before.rows]
    assert all(a.equals(b) for a, b in zip(after.shapes or (), before.shapes or (), strict=True))


@pytest.fixture
def copied(source: str, tmp_path: Path) -> Iterator[Engine]:
    """Engine of a copy of the owner's database."""
    with database_copy(source, tmp_path) as url, _engine(url) as engine:
        yield engine


def test_a_filled_template_is_imported_without_its_example(copied: Engine, tmp_path: Path) -> None:
    with Session(copied) as session:
        write_template(template_tables("projects"), tmp_path / "projects.xlsx", session)
    with pytest.raises(ImportProblem, match="只有表头"):
        brought(copied, tmp_path / "projects.xlsx", "projects")  # nothing is filled in yet
    book = openpyxl.load_workbook(tmp_path / "projects.xlsx")
    sheet = book["项目"]
    heads = [cell.value for cell in sheet[3]]
    for row, values in enumerate(
        (
            {
                "项目名称": "甲项目",
                "所属片区代码": "SMKX",
                "总投资(万元)": 12_000,
                "落地方式": "租赁",
                "签约日期": date(2026, 3, 5),
            },
            {"项目名称": "乙项目", "所属片区代码": "XYDIT", "总投资(万元)": 800, "经度": 103.92, "纬度": 30.75},
        ),
        start=5,
    ):
        for head, value in values.items():
            sheet.cell(row, heads.index(head) + 1, value)
    book.save(tmp_path / "projects.xlsx")
    findings, outcome = brought(copied, tmp_path / "projects.xlsx", "projects")
    assert [f.code for f in findings if f.severity in ("error", "refused")] == []
    assert outcome.by_table["projects"] == (2, 0)
    with Session(copied) as session:
        found = session.scalars(
            select(m.Project).where(m.Project.name_zh.in_(("甲项目", "乙项目"))).order_by(m.Project.zone_code)
        ).all()
        assert [(p.name_zh, p.zone_code, p.total_investment_wan, p.route, p.provenance) for p in found] == [
            ("甲项目", "SMKX", 12_000, "lease", "official"), ("乙项目", "XYDIT", 800, None, "official"),
        ]  # fmt: skip
        signed = session.scalar(
            select(m.Milestone.done_on).where(m.Milestone.project_id == found[0].id, m.Milestone.stage == 30)
        )
        assert signed == date(2026, 3, 5)
        assert session.scalar(select(m.Project.id).where(m.Project.name_zh.contains("某某"))) is None
