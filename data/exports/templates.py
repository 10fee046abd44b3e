"""Template workbooks: the headings the import reads back, what belongs under them, and one example row it leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session
from xlsxwriter.worksheet import Worksheet

from data import models as m
from data.columns import Column as Field
from data.exports.about import KINDS, definition
from data.exports.books import Formats, workbook, write_cell, write_definitions
from data.exports.cells import NO, YES
from data.imports.examples import example
from data.imports.tables import LIST_SEPARATOR, TABLES, Table

HELP_SHEET, LIST_SHEET = "说明", "可选值"
ROWS_WITH_LISTS = 5_000  # rows below the example for which cells offer their allowed values
_EXPLANATION_ROW, _HINT_ROW, _HEADING_ROW, _EXAMPLE_ROW = range(4)
_EXPLAINED = "{table}:从第 5 行起填写;表头勿改(单位写在表头括号内);第 4 行是示例,原样留着不会导入;带底色的为必填;空白表示没有数据,不要填 0。"
_RULES = (
    ("表头", "导入按表头识别字段,顺序不限,可删去不用的非必填列。"),
    ("单位", "表头括号内为单位。也可改为其他常用单位(如 亿元、亩、公顷、元/㎡·天),导入时换算。"),
    ("日期", "2026-09-30;月份 2026-09。"),
    ("多个值", f"一个单元格内用 {LIST_SEPARATOR} 分隔。"),
    ("编号", "有编号则按编号更新;没有编号时由程序按名称等识别,新记录自动编号。"),
    ("坐标", "经度、纬度为 WGS 84 或国家大地 2000(十进制度);其他坐标在导入时声明。范围可写 WKT,也可另附矢量文件。"),
    ("示例行", "原样留着的示例行不导入;改过的按记录读入。"),
)
#: Reference codes a cell may hold: heading on the sheet of lists, and where they come from.
_CODES = {
    "zones.code": "园区代码",
    "unit": "单位代码",
    "chain": "产业链",
    "node": "产业链环节",
    "kpi": "指标",
    "schemes.id": "方案",
}


def write_template(tables: Sequence[Table], target: Path | BytesIO, session: Session | None = None) -> None:
    """A workbook with a sheet for each table; codes of zones, units, chains and indicators come from `session`."""
    codes = _codes(session) if session is not None else {}
    with workbook(target) as (book, formats):
        about = book.add_worksheet(HELP_SHEET)
        sheets = [(table, book.add_worksheet(table.zh[:31])) for table in tables]
        lists = _Lists(book, formats)
        for table, sheet in sheets:
            _table_sheet(book, sheet, table, formats, lists, codes)
        _help_sheet(about, tables, formats)


def _table_sheet(
    book: xlsxwriter.Workbook, sheet: Worksheet, table: Table, formats: Formats, lists: _Lists, codes: Mapping[str, Any]
) -> None:
    head = {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "border_color": "#DDE3EA"}
    plain = book.add_format(head)
    needed = book.add_format(head | {"bg_color": "#FFE9A8"})
    grey = book.add_format({"italic": True, "font_color": "#8A97A5"})
    grey_date = book.add_format({"italic": True, "font_color": "#8A97A5", "num_format": "yyyy-mm-dd"})
    sheet.write_string(_EXPLANATION_ROW, 0, _EXPLAINED.format(table=table.zh), formats.quiet_line)
    for column, (field, value) in enumerate(example(table)):
        sheet.write_string(_HINT_ROW, column, _hint(field), formats.quiet)
        sheet.write_string(_HEADING_ROW, column, field.heading, needed if field.required else plain)
        if isinstance(value, date):
            sheet.write_datetime(_EXAMPLE_ROW, column, value, grey_date)
        elif isinstance(value, str):
            sheet.write_string(_EXAMPLE_ROW, column, value, grey)
        elif value is not None:
            sheet.write_number(_EXAMPLE_ROW, column, value, grey)
        as_text = field.kind in ("code", "month", "text", "list", "shares")
        shape = formats.date if field.kind == "date" else formats.text if as_text else None
        sheet.set_column(column, column, 22 if field.kind in ("text", "geometry", "list") else 16, shape)
        _offer(sheet, column, field, lists, codes)
    sheet.set_row(_HINT_ROW, 60)
    sheet.set_row(_HEADING_ROW, 32)
    sheet.freeze_panes(_HEADING_ROW + 1, 0)


def _hint(field: Field) -> str:
    """What belongs in a column, short: whether it is needed, its kind, the first allowed values."""
    parts = ["必填" if field.required else "可空,程序可推算" if field.computed else "可空", KINDS[field.kind][0]]
    if field.choices:
        words = [zh for _code, zh in field.choices]
        parts.append("、".join(words[:6]) + ("…" if len(words) > 6 else ""))
    elif field.refers in _CODES:
        parts.append(f"见“{LIST_SHEET}”")
    return ";".join(parts)


def _offer(sheet: Worksheet, column: int, field: Field, lists: _Lists, codes: Mapping[str, Any]) -> None:
    """A drop-down with the allowed values; another value is warned of, not refused: the import reads names too."""
    if field.kind == "bool":
        source: Any = [YES, NO]
    elif field.choices:
        source = lists.range(field.zh, [(zh, code) for code, zh in field.choices])
    elif field.refers in codes and field.kind != "list":
        source = lists.range(_CODES[field.refers], codes[field.refers])
    else:
        return
    rule = {"validate": "list", "source": source, "error_type": "warning", "ignore_blank": True,
            "error_title": "不在可选值内", "error_message": f"请核对,可选值见“{LIST_SHEET}”"}  # fmt: skip
    sheet.data_validation(_EXAMPLE_ROW + 1, column, _EXAMPLE_ROW + ROWS_WITH_LISTS, column, rule)


class _Lists:
    """The sheet of allowed values: two columns for each list, the value to enter and what it stands for."""

    def __init__(self, book: xlsxwriter.Workbook, formats: Formats) -> None:
        self.sheet: Worksheet = book.add_worksheet(LIST_SHEET)
        self.formats = formats
        self.known: dict[tuple[Any, ...], str] = {}

    def range(self, title: str, values: Sequence[tuple[str, str]]) -> str:
        """The range that holds `values`, written once, as a formula a drop-down takes."""
        key = tuple(values)
        if key not in self.known:
            column = 2 * len(self.known)
            self.sheet.write_string(0, column, title, self.formats.head)
            for row, (value, meaning) in enumerate(values, start=1):
                write_cell(self.sheet, row, column, value, self.formats)
                write_cell(self.sheet, row, column + 1, meaning, self.formats)
            self.sheet.set_column(column, column + 1, 16)
            name = xlsxwriter.utility.xl_col_to_name(column)
            self.known[key] = f"='{LIST_SHEET}'!${name}$2:${name}${len(values) + 1}"
        return self.known[key]


def _codes(session: Session) -> dict[str, list[tuple[str, str]]]:
    """Codes a cell may hold and their names, by what a field refers to; a list without entries is no list."""
    found = {
        "zones.code": select(m.Zone.code, m.Zone.name_zh).order_by(m.Zone.scheme_id, m.Zone.order_no),
        "unit": select(m.AdminUnit.code, m.AdminUnit.name_zh).order_by(m.AdminUnit.code),
        "chain": select(m.Chain.code, m.Chain.name_zh).order_by(m.Chain.order_no),
        "node": select(m.ChainNode.id, m.ChainNode.name_zh).order_by(m.ChainNode.id),
        "kpi": select(m.KpiDefinition.id, m.KpiDefinition.name_zh).order_by(m.KpiDefinition.id),
        "schemes.id": select(m.ZoneScheme.id, m.ZoneScheme.name_zh).order_by(m.ZoneScheme.order_no),
    }
    rows = {key: [(str(code), str(name)) for code, name in session.execute(query)] for key, query in found.items()}
    return {key: values for key, values in rows.items() if values}


def _help_sheet(sheet: Worksheet, tables: Sequence[Table], formats: Formats) -> None:
    sheet.write_string(0, 0, "填表说明", formats.title)
    row = 1
    for label, text in _RULES:
        sheet.write_string(row, 0, label, formats.head)
        sheet.write_string(row, 1, text)
        row += 1
    for table in tables:
        sheet.write_string(row + 1, 0, f"{table.zh}({table.id})", formats.title)
        row = write_definitions(sheet, row + 2, [definition(f, "zh") for f in table.fields], "zh", formats)


def template_tables(name: str) -> list[Table]:
    """The tables a template is asked for: one, or "all". Raises ValueError naming those there are."""
    if name == "all":
        return list(TABLES.values())
    if name not in TABLES:
        raise ValueError(f"no table {name!r}: use all, {', '.join(TABLES)}")
    return [TABLES[name]]
