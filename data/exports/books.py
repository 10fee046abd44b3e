"""Tables for people: Excel workbooks with a first sheet that says what they hold, and CSV with its description beside it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from data.exports.about import About, Definition, heading
from data.exports.cells import person_cell
from data.exports.extract import Extract, TooLarge
from data.imports.marks import FORMULA_STARTS, escape_formula

MAX_ROWS = 1_048_575  # of an Excel sheet, below the headings
MAX_CELL = 32_767  # characters in an Excel cell
ABOUT_SHEET = {"zh": "说明", "en": "About"}
_DEFINITION_HEADS = {
    "zh": ("字段", "字段名", "英文", "类型", "单位", "可选值"),
    "en": ("Field", "Column", "Chinese", "Kind", "Unit", "Allowed values"),
}
_TERM_HEADS = {"zh": ("代码", "含义", "定义"), "en": ("Code", "Meaning", "Definition")}
_WIDTHS = {"text": 24, "geometry": 18, "list": 18, "date": 12, "month": 10, "bool": 8}
_LONG_CELLS = {
    "zh": "有 {n} 个单元格超过 Excel 的 {most} 字,未写入;请导出 GeoPackage 或 CSV",
    "en": "{n} cells are longer than Excel's {most} characters and were left empty: export GeoPackage or CSV",
}


class _Exact(float):
    """A number that is written with every digit: the writer's own 16 would change the last one of some values."""

    def __format__(self, _spec: str) -> str:
        return repr(float(self))


class Formats:
    """The cell formats of a workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.head: Format = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.quiet: Format = book.add_format({"font_color": "#5B6B7B", "text_wrap": True, "valign": "top"})
        self.date: Format = book.add_format({"num_format": "yyyy-mm-dd"})
        self.text: Format = book.add_format({"num_format": "@"})
        self.quoted: Format = book.add_format({"quote_prefix": True})
        self.quiet_line: Format = book.add_format({"font_color": "#5B6B7B"})
        self.title: Format = book.add_format({"bold": True, "font_size": 14})


@contextmanager
def workbook(target: Path | io.BytesIO) -> Iterator[tuple[xlsxwriter.Workbook, Formats]]:
    """A workbook in which text stays text: nothing typed by anybody becomes a formula, a link or a number.

    Its parts are put together in memory: no file but `target` is written.
    """
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    book = xlsxwriter.Workbook(target if isinstance(target, io.BytesIO) else str(target), options)
    try:
        yield book, Formats(book)
    finally:
        book.close()


def write_cell(sheet: Worksheet, row: int, column: int, value: Any, formats: Formats) -> None:
    """One value; None writes nothing. Text that a spreadsheet could calculate keeps Excel's own quote mark."""
    if value is None:
        return
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, formats.date)
    elif isinstance(value, float):
        sheet.write_number(row, column, _Exact(value))
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif value.startswith(FORMULA_STARTS):
        sheet.write_string(row, column, value, formats.quoted)
    else:
        sheet.write_string(row, column, value)


def write_xlsx(extract: Extract, target: Path) -> None:
    """The extract as a workbook: the sheet of what it is, then the rows. Raises TooLarge beyond Excel's rows."""
    if len(extract.rows) > MAX_ROWS:
        raise TooLarge(f"{len(extract.rows)} rows; an Excel sheet holds {MAX_ROWS}: export csv or gpkg")
    language = extract.about.language
    with workbook(target) as (book, formats):
        first = book.add_worksheet(ABOUT_SHEET[language])
        sheet = book.add_worksheet(extract.about.title[:31])
        for column, field in enumerate(extract.fields):
            sheet.write_string(0, column, heading(field, language), formats.head)
            sheet.set_column(column, column, _WIDTHS.get(field.kind, 14))
        long = 0
        for number, row in enumerate(extract.rows, start=1):
            for column, (field, value) in enumerate(zip(extract.fields, row, strict=True)):
                cell = person_cell(field, value, language)
                if isinstance(cell, str) and len(cell) > MAX_CELL:
                    long += 1
                    continue
                write_cell(sheet, number, column, cell, formats)
        sheet.freeze_panes(1, 0)
        if extract.rows:
            sheet.autofilter(0, 0, len(extract.rows), len(extract.fields) - 1)
        extra = [_LONG_CELLS[language].format(n=long, most=MAX_CELL)] if long else []
        write_about(first, extract.about, formats, extra)


def write_about(sheet: Worksheet, about: About, formats: Formats, extra: Iterable[str] = ()) -> None:
    """The first sheet: entries, then the definition of every column."""
    sheet.write_string(0, 0, about.title, formats.title)
    row = 1
    for label, text in (*about.entries, *(("", note) for note in extra)):
        sheet.write_string(row, 0, label, formats.quiet)
        write_cell(sheet, row, 1, text, formats)
        row += 1
    row = write_definitions(sheet, row + 1, about.definitions, about.language, formats)
    if about.terms:
        row += 1
        for column, label in enumerate(_TERM_HEADS[about.language]):
            sheet.write_string(row, column, label, formats.head)
        for number, term in enumerate(about.terms, start=row + 1):
            for column, text in enumerate(term):
                sheet.write_string(number, column, text)


def write_definitions(
    sheet: Worksheet, row: int, definitions: Iterable[Definition], language: str, formats: Formats
) -> int:
    """A table of columns from `row` down; returns the next free row."""
    for column, label in enumerate(_DEFINITION_HEADS[language]):
        sheet.write_string(row, column, label, formats.head)
    for found in definitions:
        row += 1
        cells = (found.heading, found.name, found.title, found.kind, found.unit, found.choices)
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text)
    for column, width in enumerate((24, 26, 24, 18, 12, 60)):
        sheet.set_column(column, column, width)
    return row + 1


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

#: Encodings a CSV may be asked for in. GBK is written as GB 18030, which gives the same bytes for its characters and
#: has the others as well.
CSV_ENCODINGS = {"utf-8": "utf-8-sig", "gbk": "gb18030"}


def write_csv(extract: Extract, target: Path, encoding: str = "utf-8") -> None:
    """The rows as CSV with a heading row (RFC 4180); raises KeyError for an unknown encoding.

    Text that a spreadsheet would calculate gets an apostrophe, which the import takes off again.
    """
    language = extract.about.language
    with target.open("w", encoding=CSV_ENCODINGS[encoding], newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([heading(field, language) for field in extract.fields])
        for row in extract.rows:
            cells = (person_cell(f, v, language) for f, v in zip(extract.fields, row, strict=True))
            writer.writerow([escape_formula(c) if isinstance(c, str) else c for c in cells])


def csv_description(extract: Extract, name: str) -> Mapping[str, Any]:
    """What stands beside a CSV as ``NAME-metadata.json`` (W3C CSV on the Web): entries and columns."""
    language = extract.about.language
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": language}],
        "url": name,
        "dc:title": extract.about.title,
        "codes": [{"code": code, "name": name, "definition": text} for code, name, text in extract.about.terms],
        "notes": [{"label": label, "text": text} for label, text in extract.about.entries],
        "tableSchema": {
            "columns": [
                {"name": d.name, "titles": d.heading, "dc:description": "; ".join(x for x in (d.kind, d.choices) if x)}
                for d in extract.about.definitions
            ]
        },
    }


def write_csv_description(extract: Extract, target: Path) -> Path:
    """Write the description of the CSV `target` beside it; returns its path."""
    path = target.with_name(f"{target.name}-metadata.json")
    path.write_text(json.dumps(csv_description(extract, target.name), ensure_ascii=False, indent=1), encoding="utf-8")
    return path
