"""Rows that begin with 示例: the one of a template that stands as it came is left out, any other is a record."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy.orm import Session

from data.exports.templates import template_tables, write_template
from data.imports.problem import ImportProblem
from data.imports.tables import TABLES
from tests.support.importing import checked, csv_file, looked


def projects(session: Session, path: Path, sheet: str | None = None) -> list[str]:
    """Names of the projects that a file would bring in."""
    return [row["name_zh"] for _n, row in checked(session, path, "projects", sheet=sheet).rows["projects"]]


def template(folder: Path, table: str) -> Path:
    path = folder / f"{table}.xlsx"
    write_template(template_tables(table), path)
    return path


@pytest.mark.parametrize("first", ["示例大道一号项目", "示例:甲项目", "示例"])
def test_records_whose_name_begins_with_example_come_in(db_session: Session, tmp_path: Path, first: str) -> None:
    path = csv_file(
        tmp_path, f"项目名称,所属片区,总投资(万元)\n{first},SMKX,100\n示例城配套项目,SMKX,200\n乙项目,SMKX,300\n"
    )
    assert projects(db_session, path) == [first, "示例城配套项目", "乙项目"]


@pytest.mark.parametrize("table", TABLES)
def test_the_example_of_a_template_as_it_came_is_left_out(tmp_path: Path, table: str) -> None:
    with pytest.raises(ImportProblem) as told:
        looked(template(tmp_path, table))
    assert told.value.code == "only_headings"


def test_the_example_is_left_out_of_a_csv_made_of_the_template_with_columns_gone_and_moved(
    db_session: Session, tmp_path: Path
) -> None:
    rows: list[list[Any]] = [
        [cell.value for cell in row] for row in openpyxl.load_workbook(template(tmp_path, "projects"))["项目"]
    ]
    kept = [rows[2].index(heading) for heading in ("项目编号", "总投资(万元)", "经度", "纬度", "项目名称")]
    lines = [[row[i] for i in kept] for row in rows[2:]]
    lines.append(["示例-07", 5, 104.03, 30.45, "示例园一期"])
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(lines)
    assert projects(db_session, tmp_path / "a.csv") == ["示例园一期"]


def test_an_example_that_somebody_filled_in_is_a_record(db_session: Session, tmp_path: Path) -> None:
    path = template(tmp_path, "projects")
    book = openpyxl.load_workbook(path)
    sheet = book["项目"]
    name = next(cell.column for cell in sheet[3] if cell.value == "项目名称")
    sheet.cell(4, name).value = "丙项目"
    book.save(path)
    assert projects(db_session, path, "项目") == ["丙项目"]
