"""Rows that were accepted as they came and contradict themselves, with the reason.

They are listed, counted on the screens and repaired by whoever sent them; nothing is clipped or filled in. Agreements
that do not sum to 1 or overlap are found where they are applied (data/queries/attribution.py), at every question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from data.derive.common import bulk_insert, cut_month, project_ids
from data.models import DataException, KpiValue, Milestone, MonthlyReport, Project, ProjectMonth
from domain.lifecycle import SERIOUS, Route, check_stage
from domain.lifecycle import Milestone as Stone
from domain.periods import Period

Row = dict[str, Any]

#: What this module finds; rows of any other code belong to whoever recorded them.
CODES = ("ytd_falls", "no_denominator", "stage_unproven")


def derive_exceptions(session: Session, provenance: str) -> int:
    """Rebuild the exceptions that follow from the records of one data set; returns how many.

    ``ytd_falls``: a report of a month below the month before in the same year (rules §6.3). ``no_denominator``: a
    reported ratio with a numerator alone, which the roll-up leaves out (rules §3.3.5). ``stage_unproven``: a project
    whose stage at the cut is ahead of a mandatory milestone (rules §6.1).
    """
    session.execute(delete(DataException).where(DataException.provenance == provenance, DataException.code.in_(CODES)))
    found = [*_falling(session, provenance), *_halves(session, provenance), *_unproven(session, provenance)]
    return bulk_insert(session, DataException, [row | {"provenance": provenance} for row in found])


def _row(code: str, kind: str, key: str, zone: str | None, period: str, details: Row) -> Row:
    return {
        "code": code, "entity_kind": kind, "entity_id": key, "zone_code": zone, "period": period, "details": details,
    }  # fmt: skip


def _falling(session: Session, provenance: str) -> Iterator[Row]:
    report = MonthlyReport
    year = func.substr(report.period, 1, 4)
    before = func.lag(report.ytd_wan).over(partition_by=(report.project_id, year), order_by=report.period)
    steps = (
        select(report.project_id, report.period, report.ytd_wan, before.label("before"))
        .where(report.project_id.in_(project_ids(provenance)))
        .subquery()
    )
    for row in session.execute(
        select(steps, Project.zone_code)
        .join(Project, Project.id == steps.c.project_id)
        .where(steps.c.ytd_wan < steps.c.before)
        .order_by(steps.c.period, steps.c.project_id)
    ):
        details = {"ytd_wan": row.ytd_wan, "before_wan": row.before}
        yield _row("ytd_falls", "monthly_report", row.project_id, row.zone_code, row.period, details)


def _halves(session: Session, provenance: str) -> Iterator[Row]:
    v = KpiValue
    for row in session.execute(
        select(v.kpi_id, v.unit_scope, v.unit_code, v.period, v.numerator)
        .where(v.provenance == provenance, v.numerator.is_not(None), v.denominator.is_(None))
        .order_by(v.kpi_id, v.period, v.unit_code)
    ):
        zone = row.unit_code if row.unit_scope == "zone" else None
        details = {"unit": row.unit_code, "numerator": row.numerator}
        yield _row("no_denominator", "kpi_value", row.kpi_id, zone, row.period, details)


def _unproven(session: Session, provenance: str) -> Iterator[Row]:
    if provenance == "published":
        return  # only the last reported stage is known there, not the milestones
    month = cut_month(session, provenance)
    end: date = Period.parse(str(month)).end
    stones: dict[str, list[Stone]] = defaultdict(list)
    for project, stage, planned, done, evidence in session.execute(
        select(Milestone.project_id, Milestone.stage, Milestone.planned_on, Milestone.done_on, Milestone.evidence)
        .where(Milestone.project_id.in_(project_ids(provenance)))
        .order_by(Milestone.project_id, Milestone.stage)
    ):
        stones[project].append(Stone(stage, planned, done, evidence or ""))
    for row in session.execute(
        select(Project.id, Project.zone_code, Project.route, ProjectMonth.stage)
        .join(ProjectMonth, ProjectMonth.project_id == Project.id)
        .where(Project.provenance == provenance, ProjectMonth.period == str(month))
        .order_by(Project.id)
    ):
        route: Route = "lease" if row.route == "lease" else "land"
        problems = [p for p in check_stage(row.stage, stones[row.id], route, end) if p.code in SERIOUS]
        if problems:
            details = {"stage": row.stage, "problems": [{"code": p.code, "stage": p.stage} for p in problems]}
            yield _row("stage_unproven", "project", row.id, row.zone_code, str(month), details)
