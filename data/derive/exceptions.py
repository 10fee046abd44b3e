"""Rows that were accepted as they came and contradict themselves, with the reason.

They are listed, counted on the screens and repaired by whoever sent them; nothing is clipped or filled in. Agreements
that do not sum to 1 or overlap are found where they are applied (data/queries/attribution.py), at every question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Integer, and_, cast, delete, func, select
from sqlalchemy.orm import Session

from data.derive.common import bulk_insert, cut_month, project_ids
from data.models import DataException, KpiValue, Milestone, MonthlyReport, Project, ProjectMonth, ProjectYear
from domain.lifecycle import SERIOUS, Route, check_stage
from domain.lifecycle import Milestone as Stone
from domain.periods import Period

Row = dict[str, Any]

#: What this module finds; rows of any other code belong to whoever recorded them.
CODES = ("ytd_falls", "no_denominator", "stage_unproven", "plan_above_total", "spent_above_total")


def derive_exceptions(session: Session, provenance: str) -> int:
    """Rebuild the exceptions that follow from the records of one data set; returns how many.

    ``ytd_falls``: a report of a month below the month before in the same year (rules §6.3). ``no_denominator``: a
    reported ratio with a numerator alone, which the roll-up leaves out (rules §3.3.5). ``stage_unproven``: a project
    whose stage at the cut is ahead of a mandatory milestone (rules §6.1). ``spent_above_total`` and ``plan_above_total``: a
    project whose investment, or whose plan of a year with what was spent before it, is above its agreed total.
    """
    session.execute(delete(DataException).where(DataException.provenance == provenance, DataException.code.in_(CODES)))
    found = [
        *_falling(session, provenance),
        *_halves(session, provenance),
        *_unproven(session, provenance),
        *_spent_above_total(session, provenance),
        *_plan_above_total(session, provenance),
    ]
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


def _spent_above_total(session: Session, provenance: str) -> Iterator[Row]:
    """The first report whose cumulative investment is above the agreed total of its project."""
    report = MonthlyReport
    first = (
        select(
            report.project_id, func.min(report.period).label("period"), func.max(report.cumulative_wan).label("most")
        )
        .join(Project, Project.id == report.project_id)
        .where(Project.provenance == provenance, report.cumulative_wan > Project.total_investment_wan)
        .group_by(report.project_id)
        .subquery()
    )
    for row in session.execute(
        select(first, Project.zone_code, Project.total_investment_wan)
        .join(Project, Project.id == first.c.project_id)
        .order_by(first.c.project_id)
    ):
        details = {"cumulative_wan": row.most, "total_investment_wan": row.total_investment_wan}
        yield _row("spent_above_total", "project", row.project_id, row.zone_code, row.period, details)


def _plan_above_total(session: Session, provenance: str) -> Iterator[Row]:
    """A year's plan that, with what was spent by the end of the year before, is above the agreed total of its project."""
    report, plan = MonthlyReport, ProjectYear
    year = cast(func.substr(report.period, 1, 4), Integer)
    by_year = (
        select(report.project_id, year.label("year"), func.max(report.cumulative_wan).label("spent"))
        .where(report.project_id.in_(project_ids(provenance)))
        .group_by(report.project_id, year)
        .subquery()
    )
    spent = func.coalesce(by_year.c.spent, 0)
    for row in session.execute(
        select(
            plan.project_id,
            plan.year,
            plan.plan_wan,
            spent.label("spent"),
            Project.zone_code,
            Project.total_investment_wan,
        )
        .join(Project, Project.id == plan.project_id)
        .outerjoin(by_year, and_(by_year.c.project_id == plan.project_id, by_year.c.year == plan.year - 1))
        .where(Project.provenance == provenance, plan.plan_wan + spent > Project.total_investment_wan)
        .order_by(plan.project_id, plan.year)
    ):
        details = {"plan_wan": row.plan_wan, "spent_wan": row.spent, "total_investment_wan": row.total_investment_wan}
        yield _row("plan_above_total", "project", row.project_id, row.zone_code, f"{row.year}-12", details)


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
