"""The one conductor of an import, from a file to its report; the data page and the command line both drive it.

Look, map, check, commit, report: each is asked for by name, and what one needs of another is done once. Progress goes through the
watch, whose callback may raise to stop; nothing here can fail once the rows are in.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.db import write_session
from data.imports import look as looking
from data.imports.check import Checked, Options, check, placed
from data.imports.commit import Outcome, commit, dry_run, same_file
from data.imports.finding import SEVERITIES, Finding, Severity
from data.imports.mapping import Mapping, apply, of_scheme, save, saved, suggest
from data.imports.problem import ImportProblem, Limits, Watch
from data.imports.report import report_workbook
from data.imports.told import DATUM_ASKED, Asked, Looked, Preview, Problem, Told
from domain.datum import Datum

MOST_FINDINGS = 300
PREVIEW_SHAPES = 3_000
_SAMPLE_ROWS = 6


@dataclass(frozen=True)
class Chosen:
    """How the sheet is read, the required fields that nothing gives, and the name of the saved mapping that it began with."""

    mapping: Mapping
    missing: tuple[str, ...]
    saved: str | None


@dataclass(frozen=True)
class Result:
    """What a check found that a commit would do, or what a commit did."""

    checked: Checked
    outcome: Outcome
    sheet: looking.Sheet
    earlier: int | None = None

    @property
    def findings(self) -> list[Finding]:
        """Everything that is to be said."""
        return [*self.checked.findings, *self.outcome.findings]

    def report(self) -> bytes:
        """An xlsx: the marked copy of the sheet and the list of findings."""
        return report_workbook(self.checked, self.sheet, self.findings)

    def preview(self) -> Preview | None:
        """Where the rows lie; None for a sheet without coordinates."""
        return _preview([("", self.checked.placed.shapes)]) if self.checked.placed is not None else None

    def told(self) -> Told:
        """The figures, and the worst findings."""
        counts: dict[Severity, int] = {}
        for finding in self.findings:
            counts[finding.severity] = counts.get(finding.severity, 0) + 1
        shown = sorted(self.findings, key=lambda f: (SEVERITIES.index(f.severity), f.row or 0))[:MOST_FINDINGS]
        did = self.outcome
        return Told(did.new, did.changed, did.same, did.refused, did.by_table, counts, tuple(shown),
                    self.checked.placed is not None, did.batch, self.earlier)  # fmt: skip


@dataclass
class Import:
    """One file on its way into a database. Everything raises ImportProblem for what stops it; then nothing was written."""

    engine: Engine
    path: Path
    asked: Asked
    limits: Limits
    watch: Watch

    @cached_property
    def look(self) -> looking.Look:
        """The file, read."""
        return looking.look(self.path, self.limits, self.watch, self.asked.name or None, only=self.asked.sheet)

    @cached_property
    def sheet(self) -> looking.Sheet:
        """The sheet or layer that was chosen, else the one with most rows."""
        return self.look.sheet(self.asked.sheet)

    @cached_property
    def chosen(self) -> Chosen:
        """The mapping: suggested, then saved for files of this form, the mapping file, the scheme, and what was chosen."""
        asked, sheet = self.asked, self.sheet
        table = asked.table or asked.file.get("table")
        with Session(self.engine) as session:
            kept = saved(session, sheet.headings, table)
        table = table or (kept.table_id if kept is not None else None)
        found = suggest(
            sheet.headings, sheet.sample(), geometry=sheet.geometry is not None, table=table, title=sheet.title
        )
        mapping = found.mapping
        if kept is not None:
            mapping = apply(mapping, kept.mapping, sheet.headings, strict=False)
        mapping = of_scheme(apply(mapping, asked.file, sheet.headings), asked.scheme)
        if asked.of in (None, mapping.table):
            columns = {name: asdict(target) for name, target in asked.columns.items()}
            said = {"columns": columns, "constants": asked.constants, "year": asked.year}
            mapping = apply(mapping, said, sheet.headings, strict=asked.strict)
        missing = tuple(name for name in found.missing if name not in mapping.constants)
        return Chosen(mapping, missing, kept.name if kept is not None else None)

    @cached_property
    def options(self) -> Options:
        """What was chosen beside the mapping."""
        a = self.asked
        return Options(a.crs, a.datum, a.scheme, a.all_or_nothing, a.role, a.blanks_clear)

    def drawn(self, *datums: Datum) -> Preview | None:
        """Where rows lie as far as that is known at first sight, of a large sheet some of them; None without coordinates.

        With `datums` as they would lie under each of these, for the reader to judge.
        """
        few = self.sheet.thinned(PREVIEW_SHAPES)
        parts: list[tuple[str, NDArray[np.object_]]] = []
        with Session(self.engine) as session:
            for datum in datums or (self.options.datum,):
                options = replace(self.options, datum=datum)
                where = placed(session, few, self.chosen.mapping, options, self.limits, self.watch)
                if where is not None:
                    parts.append((datum.value if datums and datum is not None else "", where.shapes))
        return _preview(parts) if parts else None

    def both_ways(self, asked: ImportProblem) -> Preview | None:
        """The rows as they are and converted from the datum that a problem asks about; None where it asks something else."""
        return self.drawn(Datum.WGS84, Datum(asked.values["datum"])) if asked.code == DATUM_ASKED else None

    def looked(self) -> tuple[Looked, Preview | None]:
        """What the file holds, and where its rows lie; what stands in the way of that is told, not raised."""
        sheet, chosen = self.sheet, self.chosen
        question = None
        try:
            preview = self.drawn()
        except ImportProblem as problem:
            if problem.code == "cancelled":
                raise
            question = Problem(problem.code, problem.values)
            preview = self.both_ways(problem)
        sample = sheet.sample(_SAMPLE_ROWS)
        looked = Looked(
            encoding=self.look.encoding,
            sheets=tuple((s.name, s.rows) for s in self.look.sheets),
            unread=tuple(Problem(p.code, p.values, name) for name, p in self.look.unread),
            sheet=sheet.name,
            rows=sheet.rows,
            title=sheet.title,
            heading_row=sheet.heading_row,
            crs=sheet.crs,
            geometry=sheet.geometry is not None,
            mapping=chosen.mapping,
            samples=tuple(tuple(_cell(row[c.position]) for row in sample) for c in chosen.mapping.columns),
            missing=chosen.missing,
            saved=chosen.saved,
            placed=preview is not None and question is None,
            thinned=-(-sheet.rows // max(1, sheet.thinned(PREVIEW_SHAPES).rows)),
            question=question,
        )
        return looked, preview

    def check(self) -> Result:
        """What a commit would do. Writes nothing."""
        with Session(self.engine) as session:
            checked = self._checked(session)
            return Result(checked, dry_run(session, checked, self.watch), self.sheet)

    def commit(self) -> Result:
        """Write the sheet as one batch. The mapping is kept first where a name for it was given."""
        with Session(self.engine) as session:
            checked = self._checked(session)
        if self.asked.save_as:
            with write_session(self.engine) as session:
                save(session, self.asked.save_as, checked.mapping, self.sheet.headings)
        outcome = commit(self.engine, checked, self.watch)
        earlier = None
        if outcome.batch is None:
            with Session(self.engine) as session:
                earlier = same_file(session, checked)
        return Result(checked, outcome, self.sheet, earlier)

    def _checked(self, session: Session) -> Checked:
        return check(session, self.look, self.sheet, self.chosen.mapping, self.options, self.limits, self.watch)


def _cell(value: object) -> str:
    return "" if value is None else str(value)[:80]


def _preview(parts: Sequence[tuple[str, NDArray[np.object_]]]) -> Preview:
    """Placed geometries, each part with the datum it was read in, at most ``PREVIEW_SHAPES`` of each and made light."""
    features = []
    box = None
    for datum, shapes in parts:
        found = shapes[[s is not None and not s.is_empty for s in shapes]]
        found = found[:: max(1, -(-len(found) // PREVIEW_SHAPES))]
        about = {"datum": datum} if datum else {}
        light = shapely.to_geojson(shapely.simplify(found, 0.0001))
        features += [{"type": "Feature", "properties": about, "geometry": json.loads(g)} for g in light]
        box = tuple(shapely.total_bounds(found).tolist()) if len(found) else box
    return Preview(tuple(features), box)
