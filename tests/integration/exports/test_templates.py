"""Template workbooks: headings as the import reads them, allowed values as drop-downs, an example that is none."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from data.exports.templates import template_tables, write_template
from data.imports.examples import is_example
from data.imports.marks import escape_formula, unescape_formula
from data.imports.tables import TABLES


@pytest.fixture(scope="module")
def all_tables(engine: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook with every table."""
    path = tmp_path_factory.mktemp("templates") / "all.xlsx"
    with Session(engine) as session:  # type: ignore[call-overload]
        write_template(template_tables("all"), path, session)
    return path


def lists(sheet: Worksheet) -> dict[str, str]:
    """The source of the drop-down of a column, by its heading."""
    found = {}
    for rule in sheet.data_validations.dataValidation:
        assert (rule.type, rule.errorStyle) == ("list", "warning")
        first = next(iter(rule.sqref.ranges))
        assert (first.min_row, first.max_row) == (5, 5004)
        found[str(sheet.cell(3, first.min_col).value)] = str(rule.formula1)
    return found


def test_every_table_has_its_sheet_with_headings_that_are_read_back(all_tables: Path) -> None:
    book = openpyxl.load_workbook(all_tables)
    assert book.sheetnames == ["说明", *(table.zh for table in TABLES.values()), "可选值"]
    for table in TABLES.values():
        sheet = book[table.zh]
        heads = [cell.value for cell in sheet[3]]
        assert heads == [f.heading for f in table.fields if f.child is None or not f.child.per]
        assert len(set(heads)) == len(heads), table.id
        assert str(sheet["A1"].value).startswith(f"{table.zh}:从第 5 行起填写")
        assert is_example([cell.value for cell in sheet[4] if cell.value is not None]), table.id
        assert sheet.max_row == 4
    assert "总投资(万元)" in [cell.value for cell in book["项目"][3]]


def test_needed_columns_are_marked_and_say_so(all_tables: Path) -> None:
    sheet = openpyxl.load_workbook(all_tables)["招商地块"]
    for column, field in enumerate(TABLES["plots"].columns, start=1):
        assert str(sheet.cell(2, column).value).startswith("必填") == field.required
        assert (sheet.cell(3, column).fill.fgColor.rgb == "FFFFE9A8") == field.required


def test_allowed_values_are_offered_from_the_tables_and_from_the_database(all_tables: Path) -> None:
    book = openpyxl.load_workbook(all_tables)
    offered = lists(book["项目"])
    assert offered["政府投资"] == '"是,否"'
    assert values(book, offered["落地方式"]) == [("供地", "land"), ("租赁", "lease")]
    zones = values(book, offered["所属片区代码"])
    assert zones[:2] == [("CDKXC", "成都科学城"), ("XJJHL", "新经济活力区")]
    assert ("510116", "双流区") in values(book, offered["管理单位代码"])
    assert ("K01", "固定资产投资") in values(book, lists(book["指标数据"])["指标编号"])
    assert values(book, lists(book["项目里程碑"])["阶段"])[0] == ("谋划储备", "10")


def values(book: openpyxl.Workbook, source: str) -> list[tuple[object, object]]:
    """Value and meaning of each row of a range on the sheet of lists."""
    sheet, _bang, cells = source.replace("$", "").partition("!")
    assert sheet.strip("'") == "可选值"
    first, last = cells.split(":")
    start = book["可选值"][first]
    return [
        (start.offset(i, 0).value, start.offset(i, 1).value) for i in range(book["可选值"][last].row - start.row + 1)
    ]


def test_one_table_has_its_definitions_on_the_first_sheet(db_session: Session, tmp_path: Path) -> None:
    write_template(template_tables("plots"), tmp_path / "p.xlsx", db_session)
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert book.sheetnames == ["说明", "招商地块", "可选值"]
    rows = {row[0]: row for row in book["说明"].iter_rows(values_only=True) if row[0]}
    assert rows["供地状态"][1:6] == (
        "supply_state", "Supply state", "代码", "", "planned 规划; expropriated 已征; ready 净地; listed 已挂牌; sold 已成交",
    )  # fmt: skip
    assert rows["面积(㎡)"][4] == "㎡"


def test_a_template_of_nothing_names_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"no table 'plot': use all, boundaries, schemes, zones"):
        template_tables("plot")


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-", "@a", "\tx", "\rx", "'=1", "''-2", "plain", "'quoted'", "", "1-2"]
)
def test_an_escaped_text_comes_back(text: str) -> None:
    written = escape_formula(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unescape_formula(written) == text
