"""Workbooks: the values of each sheet where they stand, and which cells are merged. Nothing in them is ever run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine as calamine

from data.imports.archives import BookFacts, check_workbook
from data.imports.problem import MAX_COLUMNS, ImportProblem, Limits, Watch

#: First row, first column, last row, last column, from 0.
Span = tuple[int, int, int, int]
_VBA = "_VBA_PROJECT".encode("utf-16-le")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Grid:
    """A sheet as it stands: row 0 is row 1 of the file."""

    name: str
    rows: list[list[Any]]
    merged: tuple[Span, ...] = ()


def read_book(path: Path, limits: Limits, watch: Watch) -> tuple[list[Grid], BookFacts]:
    """Every visible sheet with cells. Raises ImportProblem for what cannot or must not be read."""
    if path.suffix.lower() == ".xlsx":
        facts = check_workbook(path, limits, watch)
    else:
        raw = path.read_bytes()
        if _ENCRYPTED in raw:
            raise ImportProblem("encrypted")
        if _VBA in raw:
            raise ImportProblem("macros")
        facts = BookFacts(False, ())
    grids: list[Grid] = []
    try:
        with calamine.load_workbook(str(path)) as book:
            for about in book.sheets_metadata:
                if about.typ is not calamine.SheetTypeEnum.WorkSheet:
                    continue
                if about.visible is not calamine.SheetVisibleEnum.Visible:
                    continue
                watch.step("read")
                sheet = book.get_sheet_by_name(about.name)
                if sheet.total_height > limits.rows + 100:
                    raise ImportProblem("too_many_rows", rows=sheet.total_height, limit=limits.rows)
                if sheet.total_width > MAX_COLUMNS:
                    raise ImportProblem("too_many_columns", columns=sheet.total_width, limit=MAX_COLUMNS)
                if sheet.total_height * sheet.total_width > limits.cells:
                    raise ImportProblem("too_many_cells", limit=limits.cells)
                rows = sheet.to_python(skip_empty_area=False)
                while rows and not any(cell != "" for cell in rows[-1]):
                    rows.pop()
                merged = sheet.merged_cell_ranges or []
                spans = tuple((first[0], first[1], last[0], last[1]) for first, last in merged)
                grids.append(Grid(about.name, rows, spans))
    except calamine.PasswordError as error:
        raise ImportProblem("encrypted") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise ImportProblem("unreadable", reason=str(error).strip() or type(error).__name__) from error
    return grids, facts
