"""Columns speak for themselves (data/columns.py), and the gate fails closed on those that do not say who may see them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from data import models as m
from data.columns import limited, said, shown
from data.exports.extract import extract
from data.imports.tables import TABLES
from data.queries import gate
from data.queries.projects import project_page
from data.queries.question import Question
from domain.viewer import FieldClass, Role, Viewer
from domain.viewstate import ViewState

LEADER = Viewer(Role.LEADERSHIP)
EVERYBODY = [Viewer(role) for role in Role]


class _Base(DeclarativeBase):
    pass


class _Thing(_Base):
    __tablename__ = "thing"
    id: Mapped[str] = mapped_column(String(4), primary_key=True, info=shown("编号", "Id", "code", "代号"))
    cost_wan: Mapped[int] = mapped_column(info=limited(FieldClass.RESERVE_PRICE, "价款", "Cost", "money_wan"))
    secret: Mapped[int]


def test_a_column_says_its_names_kind_unit_and_class() -> None:
    found = said(_Thing.__table__.columns)
    assert list(found) == ["id", "cost_wan"]
    assert (found["id"].heading, found["id"].synonyms, found["id"].field_class) == ("编号", ("代号",), FieldClass.OPEN)
    assert (found["cost_wan"].heading, found["cost_wan"].field_class) == ("价款(万元)", FieldClass.RESERVE_PRICE)


@pytest.mark.parametrize("provenance", ["demo", "official", "published"])
@pytest.mark.parametrize("viewer", EVERYBODY, ids=lambda v: v.role.value)
def test_a_name_without_a_class_is_nobodys(viewer: Viewer, provenance: str) -> None:
    row = {"id": "A1", "secret": 5, "a_column_of_tomorrow": 6}
    assert gate.strip(viewer, row, provenance) == {"id": "A1"}
    assert gate.allowed_fields(viewer, ("secret", "name_zh"), provenance) == ("name_zh",)


def test_a_column_that_loses_its_class_leaves_screens_answers_and_exports(
    db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = project_page(Question.of(db_session, LEADER, ViewState())).rows[0]
    assert "total_investment_wan" in before
    monkeypatch.delitem(gate.FIELD_CLASS, "total_investment_wan")
    after = project_page(Question.of(db_session, LEADER, ViewState())).rows[0]
    assert set(before) - set(after) == {"total_investment_wan"}

    info = m.Project.__table__.c.total_investment_wan.info
    monkeypatch.setitem(info, "column", replace(info["column"], field_class=None))
    table = replace(TABLES["projects"])  # derived anew
    monkeypatch.setitem(TABLES, "projects", table)
    names = [f.name for f in extract(Question.of(db_session, LEADER, ViewState()), "projects").fields]
    assert "annual_tax_wan" in names
    assert "total_investment_wan" not in names


def test_one_name_has_one_class_in_every_table() -> None:
    """The gate knows fields by name; it refuses to start where two tables disagree."""
    for mapper in m.Base.registry.mappers:
        for name, column in said(mapper.columns).items():
            assert column.field_class is gate.FIELD_CLASS[name], (mapper.class_.__name__, name)


def test_every_column_of_an_import_table_says_what_it_is_once() -> None:
    """Only what the program keeps for itself is silent: row numbers and the data set."""
    silent = {
        (table.id, name)
        for table in TABLES.values()
        for name in {c.key for c in table.model.__table__.columns} - {f.name for f in table.columns}
    }
    assert {name for _table, name in silent} == {"id", "provenance"}
    assert {table for table, name in silent if name == "id"} == {"zone_areas", "zone_parties", "places", "kpi_values"}


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("annual_output_wan", ["prospect"]),
        ("output_ytd_wan", ["promoter", "prospect"]),
        ("reserve_price_wan_mu", ["promoter", "prospect"]),
        ("rent_yuan_m2_month", []),
        ("target_firms", ["planner", "promoter", "prospect"]),
        ("months_red", ["prospect"]),
        ("name_zh", []),
    ],
)
def test_who_is_refused_a_field_of_the_demo(name: str, refused: list[str]) -> None:
    assert [v.role.value for v in EVERYBODY if not gate.allowed_fields(v, (name,), "demo")] == refused
    assert all(gate.allowed_fields(v, (name,), "published") for v in EVERYBODY)
