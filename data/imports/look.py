"""The first look at a file: its sheets and layers, where their headings are, what can be seen without asking anything."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.imports.finding import Finding
from data.imports.headings import Heading, heading, read_block
from data.imports.marks import OWN_SHEETS
from data.imports.problem import MAX_COLUMNS, ImportProblem, Limits, Watch
from data.imports.source import Opened, opened


@dataclass(frozen=True)
class Sheet:
    """One sheet or layer with records. `numbers` are row numbers in the file (of a layer: features from 1).

    `columns` are the cells of each heading, in its order. `raw` is the sheet as it stands, for the marked copy.
    """

    name: str
    headings: tuple[Heading, ...]
    columns: list[list[Any]]
    numbers: list[int]
    geometry: NDArray[np.object_] | None = None
    crs: str | None = None
    title: str = ""
    heading_row: int = 0
    findings: tuple[Finding, ...] = ()
    raw: list[list[Any]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many records there are."""
        return len(self.numbers)

    def thinned(self, most: int) -> Sheet:
        """At most `most` of the records, evenly chosen, as a sheet."""
        step = -(-self.rows // most)
        if step <= 1:
            return self
        shapes = None if self.geometry is None else self.geometry[::step]
        columns = [cells[::step] for cells in self.columns]
        return replace(self, columns=columns, numbers=self.numbers[::step], geometry=shapes)

    def sample(self, most: int = 200) -> list[list[Any]]:
        """The first records, cells at their headings' places."""
        width = max((h.position for h in self.headings), default=-1) + 1
        found = [[""] * width for _ in range(min(most, self.rows))]
        for h, cells in zip(self.headings, self.columns, strict=True):
            for row, cell in zip(found, cells, strict=False):
                row[h.position] = cell
        return found


@dataclass(frozen=True)
class Look:
    """What a file holds. `unread` are sheets without a table, with the reason."""

    name: str
    sha256: str
    sheets: tuple[Sheet, ...]
    findings: tuple[Finding, ...]
    encoding: str | None = None
    unread: tuple[tuple[str, ImportProblem], ...] = ()

    def sheet(self, name: str | None = None) -> Sheet:
        """The sheet or layer of that name; without a name the one with most records. Raises ImportProblem."""
        if name is None:
            return max(self.sheets, key=lambda s: s.rows)
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise ImportProblem("no_sheet", name=name, known="、".join(s.name for s in self.sheets))


def look(path: Path, limits: Limits, watch: Watch, name: str | None = None, only: str | None = None) -> Look:
    """Read a file (all of it; `only` names the layer wanted) and say what is in it. Nothing is written anywhere.

    Raises ImportProblem for a file that cannot or must not be read; temporary files are gone when it returns.
    """
    with opened(path, limits, watch, name, only) as found:
        return _look(found, limits)


def _look(found: Opened, limits: Limits) -> Look:
    findings = [Finding("info" if code == "encoding_guessed" else "warning", code, values=v) for code, v in found.notes]
    sheets: list[Sheet] = []
    unread: list[tuple[str, ImportProblem]] = []
    tables = [grid for grid in found.grids if grid.name not in OWN_SHEETS]
    for grid in tables or ([] if found.layers else found.grids):
        try:
            block = read_block(grid)
        except ImportProblem as problem:
            unread.append((grid.name, problem))
            continue
        if len(block.rows) > limits.rows:
            raise ImportProblem("too_many_rows", rows=len(block.rows), limit=limits.rows)
        if len(block.headings) > MAX_COLUMNS:
            raise ImportProblem("too_many_columns", columns=len(block.headings), limit=MAX_COLUMNS)
        said = [Finding("warning", code, row, None, "", text) for row, code, text in block.left_out]
        if block.heading_row > 1:
            said.append(Finding("info", "heading_row", values={"row": block.heading_row}))
        by_place = {h.position: h.found for h in block.headings}
        numbered = dict(zip(block.numbers, block.rows, strict=True))
        said += [
            Finding("changed", "merged_filled", row, column, by_place.get(column, ""), str(numbered[row][column]))
            for row, column in block.filled
            if row in numbered
        ]
        headed = set(by_place)
        lost = {
            i for row in block.rows[:2000] for i, cell in enumerate(row) if i not in headed and str(cell).strip() != ""
        }
        said += [Finding("warning", "column_without_heading", None, i, "", "", {"column": i + 1}) for i in sorted(lost)]
        columns = [[row[h.position] if h.position < len(row) else "" for row in block.rows] for h in block.headings]
        sheets.append(
            Sheet(grid.name, block.headings, columns, block.numbers, None, None, block.title, block.heading_row,
                  tuple(said), grid.rows)
        )  # fmt: skip
    for layer in found.layers:
        headings = tuple(heading(i, name) for i, name in enumerate(layer.headings))
        rows = len(layer.geometry) if layer.geometry is not None else len(layer.columns[0]) if layer.columns else 0
        if rows == 0:
            unread.append((layer.name, ImportProblem("only_headings")))
            continue
        raw = [list(layer.headings), *map(list, zip(*layer.columns, strict=True))] if layer.columns else []
        sheets.append(
            Sheet(layer.name, headings, layer.columns, list(range(1, rows + 1)), layer.geometry, layer.crs, raw=raw)
        )
    if not sheets:
        raise unread[0][1] if unread else ImportProblem("empty")
    stale = [
        Finding("warning", "formula_without_value", None, None, "", f"{part}!{cell}") for part, cell in found.stale
    ]
    return Look(found.name, found.sha256, tuple(sheets), (*findings, *stale), found.encoding, tuple(unread))
