"""Small messy files and the shortest way through an import, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy.orm import Session

from data.imports.check import Checked, Options, check
from data.imports.finding import Finding
from data.imports.look import Look, Sheet, look
from data.imports.mapping import Mapping, apply, suggest
from data.imports.problem import Limits, Watch

LIMITS = Limits()


def looked(path: Path, limits: Limits = LIMITS, name: str | None = None) -> Look:
    """The file, read."""
    return look(path, limits, Watch(), name)


def mapped(sheet: Sheet, table: str, said: dict[str, Any] | None = None, **constants: Any) -> Mapping:
    """The suggested mapping with what the test says over it."""
    geometry = sheet.geometry is not None
    found = suggest(sheet.headings, sheet.sample(), geometry=geometry, table=table, title=sheet.title).mapping
    return apply(found, {"constants": constants} | (said or {}), sheet.headings)


def checked(
    session: Session,
    path: Path,
    table: str,
    options: Options | None = None,
    said: dict[str, Any] | None = None,
    limits: Limits = LIMITS,
    sheet: str | None = None,
    **constants: Any,
) -> Checked:
    """The file, read, mapped and checked."""
    found = looked(path, limits)
    page = found.sheet(sheet)
    mapping = mapped(page, table, said, **constants)
    return check(session, found, page, mapping, options or Options(), limits, Watch())


def csv_file(folder: Path, text: str, encoding: str = "utf-8", name: str = "rows.csv") -> Path:
    """A csv file with these lines."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def book(folder: Path, rows: list[list[Any]], merged: tuple[tuple[int, int, int, int], ...] = ()) -> Path:
    """A workbook with one sheet; `merged` areas are (first row, first column, last row, last column) from 0."""
    path = folder / "rows.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("表")
        for area in merged:
            sheet.merge_range(*area, "")
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if cell != "":
                    sheet.write(r, c, cell)
    return path


def told(findings: list[Finding], *severities: str) -> list[tuple[Any, ...]]:
    """(severity, code, row, heading, value) of the findings of these severities, in order of rows."""
    wanted = severities or ("error", "refused", "warning", "changed")
    return sorted(
        ((f.severity, f.code, f.row, f.heading, f.value) for f in findings if f.severity in wanted),
        key=lambda t: (t[2] or 0, t[3], t[1]),
    )
