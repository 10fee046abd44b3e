"""The report of an import: the sheet as it came with its cells marked, and a list of everything that was said.

Texts are written as texts, so a cell that begins with "=" stays what it was and is never computed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from data.imports.check import Checked
from data.imports.finding import NAMES, SEVERITIES, Finding, Severity
from data.imports.look import Sheet
from i18n import _

#: Fill of a marked cell by what was said of it, worst first.
COLOURS: dict[Severity, str] = {
    "error": "#F8B4AE", "refused": "#FAD7A0", "warning": "#FCF3B0", "changed": "#CFE5F5", "info": "#E8EDF2",
}  # fmt: skip
_MAX_CELL = 32_000
_MAX_ROWS = 1_048_000


def report_rows(checked: Checked, findings: Sequence[Finding]) -> list[tuple[Any, ...]]:
    """(file, sheet, row, column heading, value as found, severity, text) of every finding, by row."""
    ordered = sorted(findings, key=lambda f: (f.row or 0, f.column if f.column is not None else -1, f.code))
    return [(checked.name, checked.sheet, f.row, f.heading, f.value, _(NAMES[f.severity]), f.text()) for f in ordered]


def report_workbook(checked: Checked, sheet: Sheet, findings: Sequence[Finding]) -> bytes:
    """An xlsx with the marked copy of the sheet and the list of findings."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
         "nan_inf_to_errors": True},
    )  # fmt: skip
    bold = book.add_format({"bold": True, "bottom": 1})
    fills = {severity: book.add_format({"bg_color": colour}) for severity, colour in COLOURS.items()}
    _list(book, bold, fills, report_rows(checked, findings), findings)
    _copy(book, bold, fills, sheet, findings)
    book.close()
    return buffer.getvalue()


def _list(
    book: Any, bold: Any, fills: dict[Severity, Any], rows: list[tuple[Any, ...]], found: Sequence[Finding]
) -> None:
    page = book.add_worksheet(_("导入报告"))
    page.freeze_panes(1, 0)
    head = (_("文件"), _("工作表"), _("行"), _("列"), _("原值"), _("类别"), _("处理"))
    for column, (text, width) in enumerate(zip(head, (24, 16, 8, 22, 28, 10, 80), strict=True)):
        page.set_column(column, column, width)
        page.write_string(0, column, text, bold)
    by_name = {_(NAMES[s]): fills[s] for s in SEVERITIES}
    for number, row in enumerate(rows[:_MAX_ROWS], start=1):
        for column, value in enumerate(row):
            _write(page, number, column, value, by_name[row[5]] if column == 5 else None)
    if found:
        page.autofilter(0, 0, min(len(rows), _MAX_ROWS), len(head) - 1)


def _copy(book: Any, bold: Any, fills: dict[Severity, Any], sheet: Sheet, found: Iterable[Finding]) -> None:
    """The sheet with its own cells where they were; notes on the marked ones. Of a layer, its attribute table."""
    page = book.add_worksheet(_sheet_name(sheet.name))
    shift = 0 if sheet.heading_row else 1  # a layer's record 1 stands below the line of headings
    marks: dict[tuple[int, int | None], list[Finding]] = defaultdict(list)
    for finding in found:
        if finding.row is not None:
            marks[finding.row, finding.column].append(finding)
        elif finding.column is not None and sheet.heading_row:
            marks[sheet.heading_row, finding.column].append(finding)
    for number, row in enumerate(sheet.raw[:_MAX_ROWS], start=1):
        record = number - shift
        whole = marks.get((record, None), [])
        for column, value in enumerate(row):
            said = marks.get((record, column), [])
            worst = min((*said, *whole), key=lambda f: SEVERITIES.index(f.severity), default=None)
            style = fills[worst.severity] if worst else bold if number == max(sheet.heading_row, shift) else None
            _write(page, number - 1, column, value, style)
            notes = [f.text() for f in (*said, *(whole if column == 0 else ()))]
            if notes:
                page.write_comment(number - 1, column, "\n".join(notes)[:_MAX_CELL])


def _write(page: Any, row: int, column: int, value: Any, style: Any) -> None:
    if value is None or value == "":
        if style is not None:
            page.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value, style)
    elif isinstance(value, (int, float)) and math.isfinite(value) and abs(value) < 1e15:
        page.write_number(row, column, value, style)
    elif isinstance(value, (date, datetime)):
        page.write_string(row, column, value.isoformat(), style)
    else:
        page.write_string(row, column, str(value)[:_MAX_CELL], style)


def _sheet_name(name: str) -> str:
    """A name a workbook takes: no []:*?/\\, at most 31 characters, not that of the report."""
    clean = "".join(" " if c in "[]:*?/\\'" or ord(c) < 32 else c for c in name).strip()[:28] or "data"
    return f"{clean} 2" if clean in (_("导入报告"), "History") else clean
