"""The lists of projects that counts on a screen stand for: the count links to exactly these records.

A list has a code that an address can carry: ``wait/filed_not_started`` (a worklist), ``report/error/missing`` (a finding of the
monthly reports; ``report`` alone is any), ``claim`` (a stage ahead of its proof), ``reason/red/light.start.late`` and
``light/progress/yellow`` (why, and in which dimension, a light is on), ``stage/90``, and ``cohort/2025H1/started/12`` (what of
a half-year's signings counts as what, within how many months).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, false

from data import models as m
from data.queries import gate
from data.queries.board import DIMENSIONS
from data.queries.lifecycle import WORKLISTS, cohort_projects, report_findings, stage_claims, worklists
from data.queries.projects import ProjectPage, project_ids, project_page
from data.queries.question import Question
from domain.cohorts import Counts, cohort_of, counts
from domain.dates import add_months
from domain.lifecycle import STAGE_BY_CODE
from domain.periods import Period
from domain.viewstate import LIGHTS


@dataclass(frozen=True)
class RecordList:
    """A condition on ``project`` ⋈ ``project_month``; for a list with an order of its own its ids in that order, and what it
    says of each: a row of a worklist, findings of a report, or the problems of a claim."""

    condition: ColumnElement[bool]
    order: tuple[str, ...] = ()
    says: Mapping[str, Any] = field(default_factory=dict)


def record_list(question: Question, code: str) -> RecordList | None:
    """The list of that code for the viewer, None for no code; a code that names no list holds nothing."""
    kind, *rest = code.split("/")
    lit = bool(gate.allowed_fields(question.viewer, ("light",), question.at.provenance))
    match kind, rest:
        case "", []:
            return None
        case "stage", [stage] if stage.isdigit() and int(stage) in STAGE_BY_CODE:
            return RecordList(m.ProjectMonth.stage == int(stage))
        case "reason", [light, reason] if lit and light in LIGHTS:
            return RecordList(and_(m.ProjectMonth.light == light, m.ProjectMonth.reason == reason))
        case "light", [dimension, light] if lit and dimension in DIMENSIONS and light in LIGHTS:
            return RecordList(getattr(m.ProjectMonth, f"light_{dimension}") == light)
        case "wait", [name] if name in WORKLISTS:
            rows = next((w.rows for w in worklists(question, rows_of=name) if w.code == name), ())
            return _ordered({row["id"]: row for row in rows})
        case "report", _:
            return _ordered(_reported(question, rest))
        case "claim", []:
            return _ordered({claim.project_id: claim.problems for claim in stage_claims(question)})
        case "cohort", [name, what, *window] if what in Counts._fields:
            return _of(_signed(question, name, what, window))
    return RecordList(false())


def _ordered(says: Mapping[str, Any]) -> RecordList:
    return RecordList(_of(says).condition, tuple(says), says)


def _of(ids: Iterable[str]) -> RecordList:
    return RecordList(m.Project.id.in_(list(ids)))


def _reported(question: Question, wanted: list[str]) -> dict[str, Any]:
    """Findings by project: all, or those of one severity and code."""
    found = {}
    for report in report_findings(question):
        own = tuple(f for f in report.findings if not wanted or [f.severity, f.code] == wanted)
        if own:
            found[report.project_id] = own
    return found


def _signed(question: Question, cohort: str, what: str, window: list[str]) -> list[str]:
    """Ids of the projects of a half-year that count as `what` at the end of the month (domain/cohorts.py)."""
    at = question.at
    if not gate.may_see_totals(question.viewer, at.provenance):
        return []
    as_of = Period.parse(at.period).end
    months = int(window[0]) if window and window[0].isdigit() else 0
    found = []
    for zone, p in cohort_projects(question.session, at):
        if zone in at.chosen and p.signed_on <= as_of and cohort_of(p.signed_on) == cohort:
            until = min(as_of, add_months(p.signed_on, months)) if months else as_of
            if getattr(counts(p, until), what):
                found.append(p.project_id)
    return found


def listed_projects(question: Question, found: RecordList | None, *, rank: str, offset: int, limit: int) -> ProjectPage:
    """Rows `offset` … of the selected projects on a list (None: of all), by `rank` (viewstate.RANKS) or as the list has them."""
    down, key = rank.startswith("-"), rank.removeprefix("-")
    if rank or found is None or not found.order:
        only = None if found is None else found.condition
        sort = key or "investment"
        return project_page(question, sort=sort, descending=down or not rank, offset=offset, limit=limit, only=only)
    seen = set(project_ids(question))
    ids = [i for i in found.order if i in seen]
    here = ids[offset : offset + limit]
    rows = project_page(question, limit=limit, only=m.Project.id.in_(here)).rows if here else ()
    return ProjectPage(tuple(sorted(rows, key=lambda row: here.index(row["id"]))), len(ids))
