"""Stage and lights of every project at the end of every month (spec §6.1, §6.2).

The dated rules are judged on the last day of the month. The reports of a month come in by the 5th of the next one and
belong to the month they report on, so a month's lights are judged with its own reports: `report_light`, asked on the
last day of a month, looks for the month before, and is therefore told of each report one month early.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from data.derive.common import bulk_insert, cut_month, months, project_ids
from data.models import (
    LandContract,
    LightExemption,
    MonthlyReport,
    Project,
    ProjectFact,
    ProjectMonth,
    ProjectYear,
)
from data.models import Milestone as MilestoneRow
from domain.lifecycle import GROUP_OF_STAGE, STAGES, TERMINATED, Milestone, Route, stage_as_of
from domain.lights import Dimension, Exemption, Light, ProjectFacts, ProjectLight, project_light
from domain.periods import Period

#: Called with how much is done and how much there is; raises to stop.
Pulse = Callable[[int, int], None]

NO_LIGHT = "none"  # a lead or an ended project: no rule applies, which is not grey
LIBRARY_THRESHOLD_WAN = 500  # planned total from which a project enters the statistical library (spec §3.2 K01)

#: Stage of the words that published sources use; "在建" says that the works run, not how far they are.
PUBLISHED_STAGE: dict[str, int] = {"签约": 30, "开工": 90, "在建": 90, "竣工": 110, "投产": 120}

#: The same, and the stages by their own names: what an owner's list may say (spec §6.1).
_STAGE_OF_WORD: dict[str, int] = {**{stage.name_zh: stage.code for stage in STAGES}, **PUBLISHED_STAGE}

_STORED = (Dimension.START, Dimension.PROGRESS, Dimension.FUNDS, Dimension.LIBRARY)


@dataclass(slots=True)
class _Record:
    """One project with the facts its stage and lights follow from."""

    id: str
    route: Route
    government_funded: bool
    total_wan: int | None
    milestones: list[Milestone] = field(default_factory=list)
    done: dict[int, date] = field(default_factory=dict)
    planned: dict[int, date] = field(default_factory=dict)
    plan_wan: dict[int, int] = field(default_factory=dict)
    reports: dict[str, tuple[int, int | None, int | None, int | None]] = field(default_factory=dict)
    agreed_start: date | None = None
    library_on: date | None = None
    exemptions: list[Exemption] = field(default_factory=list)


def silent(_done: int, _total: int) -> None:
    """A pulse for who does not watch."""


def derive_months(session: Session, provenance: str, pulse: Pulse = silent) -> int:
    """Rebuild `project_month` for one data set; returns the rows written.

    A published project has one row, at the cut: the stage last reported, light grey because nobody reports on it here.
    A published project without a stage has no row: the stage is unknown and none is invented. `pulse` is called with
    (done, total) projects.
    """
    session.execute(delete(ProjectMonth).where(ProjectMonth.project_id.in_(project_ids(provenance))))
    if provenance == "published":
        return bulk_insert(session, ProjectMonth, _published_rows(session))
    records = _records(session, Project.provenance == provenance)
    undated = {record.id for record in records if not record.milestones}
    written = bulk_insert(session, ProjectMonth, _rows(_pulsing(records, pulse), months(session, provenance)))
    return written + bulk_insert(session, ProjectMonth, _reported_rows(session, provenance, undated))


def _pulsing(records: Sequence[_Record], pulse: Pulse) -> Iterator[_Record]:
    for done, record in enumerate(records):
        if done % 200 == 0:
            pulse(done, len(records))
        yield record


def light_of(session: Session, project_id: str, period: Period) -> ProjectLight:
    """Light of one project at the end of a month with every dimension and the figures behind it (spec §6.2).

    Raises KeyError for an unknown project.
    """
    records = _records(session, Project.id == project_id)
    if not records:
        raise KeyError(project_id)
    record = records[0]
    found = project_light(_facts(record, _stage(record, period.end), period), period.end, record.exemptions)
    shown = tuple(
        replace(d, figures={**d.figures, "month": str(period)}) if d.dimension is Dimension.REPORT and d.figures else d
        for d in found.dimensions
    )
    return replace(found, dimensions=shown)


def _published_rows(session: Session) -> Iterator[dict[str, Any]]:
    return _reported_rows(session, "published", None)


def _reported_rows(session: Session, provenance: str, among: set[str] | None) -> Iterator[dict[str, Any]]:
    """Projects whose stage somebody reported without dates: one row at the cut, grey because nothing is known between."""
    period = str(cut_month(session, provenance))
    reported = session.execute(
        select(Project.id, Project.published_stage)
        .where(Project.provenance == provenance, Project.published_stage.is_not(None))
        .order_by(Project.id)
    )
    for project_id, text in reported:
        stage = _STAGE_OF_WORD.get(text or "")
        if stage is not None and (among is None or project_id in among):
            signed = provenance == "published" or 30 <= stage < TERMINATED
            light = Light.GREY if signed else None
            row = _row(period, project_id, stage, signed, ProjectLight(light, ()), 0)
            yield row | {"reason": "light.report.missing" if signed else None}


def _records(session: Session, which: ColumnElement[bool]) -> list[_Record]:
    found = {
        row.id: _Record(
            row.id,
            "lease" if row.route == "lease" else "land",
            bool(row.is_government_funded),
            row.total_investment_wan,
        )
        for row in session.execute(
            select(Project.id, Project.route, Project.is_government_funded, Project.total_investment_wan)
            .where(which)
            .order_by(Project.id)
        )
    }
    ids = select(Project.id).where(which)
    stone = MilestoneRow
    for project_id, stage, planned, done in session.execute(
        select(stone.project_id, stone.stage, stone.planned_on, stone.done_on).where(stone.project_id.in_(ids))
    ):
        record = found[project_id]
        record.milestones.append(Milestone(stage, planned, done))
        if done is not None:
            record.done[stage] = done
        if planned is not None:
            record.planned[stage] = planned
    for project_id, year, plan in session.execute(
        select(ProjectYear.project_id, ProjectYear.year, ProjectYear.plan_wan).where(ProjectYear.project_id.in_(ids))
    ):
        found[project_id].plan_wan[year] = plan
    report = MonthlyReport
    for project_id, period, ytd, plan_ytd, required, paid in session.execute(
        select(
            report.project_id,
            report.period,
            report.ytd_wan,
            report.plan_ytd_wan,
            report.funds_required_wan,
            report.funds_in_wan,
        ).where(report.project_id.in_(ids))
    ):
        found[project_id].reports[period] = (ytd, plan_ytd, required, paid)
    for contracted, agreed in session.execute(
        select(LandContract.project_id, func.min(LandContract.agreed_start))
        .where(LandContract.project_id.in_(ids))
        .group_by(LandContract.project_id)
    ):
        found[contracted or ""].agreed_start = agreed
    _add_library(session, found, ids)
    _add_exemptions(session, found, ids)
    return list(found.values())


def _add_library(session: Session, found: Mapping[str, _Record], ids: Any) -> None:
    """The statistical library counts a project from the month after it entered (先入库后有数), so the first month with

    a figure dates the entry: the last day of the month before. January has no figure, so February may mean either.
    """
    first = (
        select(ProjectFact.project_id, func.min(ProjectFact.period))
        .where(ProjectFact.project_id.in_(ids), ProjectFact.fai_ytd_wan.is_not(None))
        .group_by(ProjectFact.project_id)
    )
    for project_id, period in session.execute(first):
        found[project_id].library_on = Period.parse(period).prev().end


def _add_exemptions(session: Session, found: Mapping[str, _Record], ids: Any) -> None:
    for row in session.scalars(select(LightExemption).where(LightExemption.project_id.in_(ids))):
        found[row.project_id].exemptions.append(
            Exemption(Dimension(row.dimension), row.reason, row.approver, row.valid_from, row.expires_on)
        )


def _stage(record: _Record, day: date) -> int | None:
    return stage_as_of(record.milestones, record.route, day)


def _signed(record: _Record, stage: int, end: date) -> bool:
    """Whether the formal agreement was signed by `end`: by its milestone, or by a later stage that rests on it."""
    day = record.done.get(30)
    return (day is not None and day <= end) or 30 <= stage < TERMINATED


def _rows(records: Iterable[_Record], periods: Sequence[Period]) -> Iterator[dict[str, Any]]:
    ends = [(period, str(period), period.end) for period in periods]
    for record in records:
        moves: dict[str, bool] = defaultdict(bool)
        for day in record.done.values():
            moves[f"{day.year:04d}-{day.month:02d}"] = True
        stage = None
        red = 0
        for position, (period, name, end) in enumerate(ends):
            if position == 0 or name in moves:  # between two milestones nothing can change a stage
                stage = _stage(record, end)
            if stage is None:
                continue
            if 30 <= stage < TERMINATED:
                light = project_light(_facts(record, stage, period, end), end, record.exemptions)
            else:
                light = ProjectLight(None, ())
            red = red + 1 if light.light is Light.RED else 0
            yield _row(name, record.id, stage, _signed(record, stage, end), light, red)


def _facts(record: _Record, stage: int | None, period: Period, end: date | None = None) -> ProjectFacts:
    end = end or period.end
    name = str(period)

    def done(code: int) -> date | None:
        day = record.done.get(code)
        return day if day is not None and day <= end else None

    plan = record.plan_wan.get(period.year)
    report = record.reports.get(name)
    ytd, plan_ytd, required, paid = report if report else (None, None, None, None)
    if plan is not None and plan_ytd is None:
        plan_ytd = plan * period.index // 12  # linear time schedule unless the report names another (spec §3.5)
    planned_start = record.planned.get(90)
    return ProjectFacts(
        stage=stage,
        signed_on=done(30),
        registered_on=done(40),
        land_deal_on=done(60),
        agreed_start_on=record.agreed_start or planned_start,
        planned_start_on=planned_start,
        started_on=done(90),
        library_on=record.library_on,
        library_required=record.total_wan is None or record.total_wan >= LIBRARY_THRESHOLD_WAN,
        annual_plan_wan=plan,
        planned_to_date_wan=plan_ytd,
        done_to_date_wan=ytd,
        government_funded=record.government_funded,
        funds_required_wan=required,
        funds_paid_wan=paid,
        completed_on=done(110),
        production_on=done(120),
        agreed_capacity_on=record.planned.get(140),
        capacity_on=done(140),
        last_report_month=str(period.prev()) if report else None,
    )


def _row(
    period: str, project_id: str, stage: int, signed: bool, light: ProjectLight, months_red: int
) -> dict[str, Any]:
    by = {d.dimension: d.light.value for d in light.dimensions}
    shown = light.light is not None and light.light is not Light.GREEN
    return {
        "period": period,
        "project_id": project_id,
        "stage": stage,
        "stage_group": GROUP_OF_STAGE[stage],
        "signed": signed,
        "light": light.light.value if light.light is not None else NO_LIGHT,
        **{f"light_{d.value}": by.get(d) for d in _STORED},
        "reason": light.dimensions[0].reason_key if shown and light.dimensions else None,
        "months_red": months_red,
    }
