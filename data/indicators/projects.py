"""Lines of the indicators made of projects: what the statistics count, what was signed, cohorts, dispatch and lights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, select
from sqlalchemy.orm import Session

from data import models as m
from data.indicators.asking import Ask, Line, Lines
from domain.cohorts import RATES, CohortProject, closed_cohort, cohort_of, counts
from domain.dates import add_months
from domain.indicators import MAJOR_PROJECT_WAN
from domain.lights import NO_LIGHT
from domain.periods import Period

#: Half-year cohorts are looked at this many months after each signing (rules §3.2.3); K28 has no window.
COHORT_WINDOWS: dict[str, int] = {"K25": 6, "K26": 12, "K27": 24}

_SIGNED, _GROUND, _CAPACITY = 30, 60, 140
#: Stages whose days say what became of a signed project (rules §6.5).
_DATED = (_SIGNED, 40, 80, 90, 120, _CAPACITY, 900, 910, 920)


def _record(ask: Ask, *columns: Any) -> Select[Any]:
    project = m.Project
    return select(project.id, project.name_zh, project.zone_code, ask.dates.c.label.label("period"), *columns).where(
        *ask.own(project)
    )


def _fact(numerator: Any, denominator: Any = None, where: Any = None, stated: Any = None) -> Lines:
    """A figure of the month's statistics; a project that reported without it adds 0 where the data set knows the figure."""

    def lines(ask: Ask) -> Select[Any]:
        columns = [numerator.label("numerator"), *([] if denominator is None else [denominator.label("denominator")])]
        found = (
            _record(ask, *columns)
            .join(m.ProjectFact, m.ProjectFact.project_id == m.Project.id)
            .join(ask.dates, ask.at_end(m.ProjectFact.period))
        )
        return found if where is None else found.where(where)

    def known() -> Any:
        return m.Project.id.in_(select(m.ProjectFact.project_id).where(stated.is_not(None)))

    return Lines(m.Project, lines, stated=None if stated is None else known)


_FACT = m.ProjectFact
_FAI = func.coalesce(_FACT.fai_ytd_wan, 0)
_INDUSTRIAL = case((_FACT.is_industrial, _FAI), else_=0)


def _signed_stone() -> Any:
    stone = m.Milestone
    return m.Project.id.in_(select(stone.project_id).where(stone.stage == _SIGNED, stone.done_on.is_not(None)))


def _signings(amount: Any, where: Any = None) -> Lines:
    """Projects signed since January; `on` is the day of signing."""

    def lines(ask: Ask) -> Select[Any]:
        stone = m.Milestone
        found = (
            _record(ask, amount.label("numerator"), stone.done_on.label("on"))
            .join(stone, and_(stone.project_id == m.Project.id, stone.stage == _SIGNED))
            .join(ask.dates, stone.done_on.between(ask.dates.c.year_start, ask.dates.c.last_day))
        )
        return found if where is None else found.where(where)

    return Lines(m.Project, lines, stated=_signed_stone)


def _intensity(ask: Ask) -> Select[Any]:
    """Agreed investment over land, of the projects that hold their land by the end of the period (K19)."""
    stone, project = m.Milestone, m.Project
    return (
        _record(ask, project.total_investment_wan.label("numerator"), project.land_m2.label("denominator"))
        .join(stone, and_(stone.project_id == project.id, stone.stage == _GROUND))
        .join(ask.dates, stone.done_on <= ask.dates.c.last_day)
        .where(project.total_investment_wan.is_not(None), project.land_m2 > 0)
    )


def _report(numerator: Any, denominator: Any, *conditions: Any, planned: bool = False) -> Lines:
    """A figure of the monthly report; `planned` ones need the year's plan, and say what was due by the schedule."""

    def lines(ask: Ask) -> Select[Any]:
        due = [_due(ask).label("due_wan")] if planned else []
        top = numerator(ask) if callable(numerator) else numerator
        found = (
            _record(ask, top.label("numerator"), denominator.label("denominator"), *due)
            .join(m.MonthlyReport, m.MonthlyReport.project_id == m.Project.id)
            .join(ask.dates, ask.at_end(m.MonthlyReport.period))
            .where(*conditions)
        )
        if planned:
            plan = m.ProjectYear
            found = found.join(plan, and_(plan.project_id == m.Project.id, plan.year == ask.dates.c.year))
        return found

    return Lines(m.Project, lines)


def _due(ask: Ask) -> Any:
    """What the schedule has planned by the month: the project's own, else the twelfths of the year's plan."""
    return func.coalesce(m.MonthlyReport.plan_ytd_wan, m.ProjectYear.plan_wan * ask.dates.c.month // 12)


def _red(ask: Ask) -> Select[Any]:
    month = m.ProjectMonth
    return (
        _record(
            ask,
            case((month.light == "red", 1), else_=0).label("numerator"),
            literal(1).label("denominator"),
            month.light.label("light"),
        )
        .join(month, month.project_id == m.Project.id)
        .join(ask.dates, ask.at_end(month.period))
        .where(month.light != NO_LIGHT)
    )


# --- cohorts ------------------------------------------------------------------------------------------------------------


def cohort_projects(
    session: Session, provenance: str, zones: Iterable[str], conditions: Sequence[Any] = ()
) -> tuple[tuple[str, str, CohortProject], ...]:
    """(zone, name, dated facts) of every signed project, by id (rules §6.5).

    First capital is the end of the first month with domestic or foreign capital in place. A start is the construction
    permit or the works, the fit-out where space is leased (K26). A pause ends a project unless it went on afterwards.
    """
    project, stone, fact = m.Project, m.Milestone, m.ProjectFact
    own = and_(project.provenance == provenance, project.zone_code.in_(list(zones)), *conditions)

    def done(stage: int) -> Any:
        return func.max(case((stone.stage == stage, stone.done_on)))

    paid = (fact.domestic_ytd_wan > 0) | (fact.foreign_ytd_usd_wan > 0)
    first = (
        select(fact.project_id, func.min(fact.period).label("period")).where(paid).group_by(fact.project_id).subquery()
    )
    dated = (
        select(
            project.id, project.name_zh, project.zone_code, project.route,
            *(done(stage).label(f"done_{stage}") for stage in _DATED),
            func.max(case((stone.stage == _CAPACITY, stone.planned_on))).label("capacity_due"),
            func.max(case((stone.stage < 900, stone.done_on))).label("last_step"),
        )
        .join(stone, stone.project_id == project.id)
        .where(own)
        .group_by(project.id, project.name_zh, project.zone_code, project.route)
        .subquery()
    )  # fmt: skip
    rows = session.execute(
        select(dated, first.c.period.label("first_paid"))
        .outerjoin(first, first.c.project_id == dated.c.id)
        .where(dated.c[f"done_{_SIGNED}"].is_not(None), dated.c.zone_code.is_not(None))
        .order_by(dated.c.id)
    )
    found = []
    for row in rows:
        dates = {stage: day for stage in _DATED if (day := getattr(row, f"done_{stage}")) is not None}
        starts = [dates[s] for s in ((90,) if row.route == "lease" else (80, 90)) if s in dates]
        facts = CohortProject(
            project_id=row.id,
            signed_on=dates[_SIGNED],
            registered_on=dates.get(40),
            first_capital_on=Period.parse(row.first_paid).end if row.first_paid else None,
            started_on=min(starts, default=None),
            production_on=dates.get(120),
            capacity_due_on=row.capacity_due,
            capacity_on=dates.get(_CAPACITY),
            ended_on=ended_on(dates, row.last_step),
        )
        found.append((row.zone_code, row.name_zh, facts))
    return tuple(found)


def ended_on(done: Mapping[int, date], last_step: date | None) -> date | None:
    """Day a project was terminated or transferred, or paused without going on since.

    `done` is the day by stage code, `last_step` the last day on which a stage of the road itself was done.
    """
    final = [done[stage] for stage in (900, 920) if stage in done]
    if final:
        return min(final)
    pause = done.get(910)
    moved_on = pause is not None and last_step is not None and last_step > pause
    return None if moved_on else pause


def _cohort(kpi: str) -> Lines:
    window = COHORT_WINDOWS.get(kpi)
    top, bottom = RATES[kpi]

    def rows(ask: Ask) -> list[Line]:
        days = [(str(period), period.end) for period in ask.periods]
        looked_at: dict[str, list[tuple[str, date]]] = {}  # by cohort, when a window lets one be looked at
        if window is not None:
            for label, day in days:
                looked_at.setdefault(closed_cohort(day, window), []).append((label, day))
        found = []
        if _SIGNED not in ask.read:
            ask.read[_SIGNED] = cohort_projects(ask.session, ask.provenance, ask.zones, ask.conditions)
        for zone, name, project in ask.read[_SIGNED]:
            if window is None and project.capacity_due_on is None:
                continue  # K28 is of those whose full capacity is due
            cohort = cohort_of(project.signed_on)
            for label, day in days if window is None else looked_at.get(cohort, ()):
                own = counts(project, min(day, add_months(project.signed_on, window)) if window else day)
                if getattr(own, bottom):
                    line = Line(
                        "project", project.project_id, name, zone, label, numerator=getattr(own, top),
                        denominator=getattr(own, bottom), details={"cohort": cohort},
                    )  # fmt: skip
                    found.append(line)
        return found

    def note(period: Period) -> str:
        return f"{closed_cohort(period.end, COHORT_WINDOWS[kpi])} 签约批次，观察期 {COHORT_WINDOWS[kpi]} 个月"

    return Lines(m.Project, rows=rows, stated=_signed_stone, note=note if kpi in COHORT_WINDOWS else None)


LINES: dict[str, Lines] = {
    "K01": _fact(_FAI, stated=_FACT.fai_ytd_wan),
    "K02": _fact(_INDUSTRIAL, stated=_FACT.fai_ytd_wan),
    "K03": _fact(_INDUSTRIAL, _FACT.fai_ytd_wan, _FACT.fai_ytd_wan.is_not(None)),
    "K23": _fact(func.coalesce(_FACT.domestic_ytd_wan, 0), stated=_FACT.domestic_ytd_wan),
    "K24": _fact(func.coalesce(_FACT.foreign_ytd_usd_wan, 0), stated=_FACT.foreign_ytd_usd_wan),
    "K19": Lines(m.Project, _intensity),
    "K20": _signings(literal(1)),
    "K21": _signings(literal(1), m.Project.total_investment_wan >= MAJOR_PROJECT_WAN),
    "K22": _signings(m.Project.total_investment_wan, m.Project.total_investment_wan.is_not(None)),
    **{kpi: _cohort(kpi) for kpi in ("K25", "K26", "K27", "K28")},
    "K29": _report(
        m.MonthlyReport.funds_in_wan,
        m.Project.total_investment_wan,
        m.MonthlyReport.funds_in_wan.is_not(None),
        m.Project.total_investment_wan.is_not(None),
    ),
    "K30": _report(m.MonthlyReport.ytd_wan, m.ProjectYear.plan_wan, planned=True),
    "K31": _report(lambda ask: _due(ask) - m.MonthlyReport.ytd_wan, m.ProjectYear.plan_wan, planned=True),
    "K32": Lines(m.Project, _red),
}
