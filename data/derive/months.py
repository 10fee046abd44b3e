"""Stage and lights of every project at the end of every month (rules §6.1, §6.2).

The dated rules are judged on the last day of the month. The reports of a month come in by the 5th of the next one and
belong to the month they report on, so a month's lights are judged with its own reports: `report_light`, asked on the
last day of a month, looks for the month before, and is therefore told of each report one month early.

The rules are asked once for each kind of project and month (`domain.lights_bulk`), and rows go to the database as runs of
months that are alike, from which it makes the rows itself: a month costs little, whoever has many projects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from sqlalchemy import Column, ColumnElement, Integer, MetaData, Table, case, delete, func, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable, DropTable

from data.derive.common import bulk_insert, cut_month, months, project_ids, table
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
from domain.lights import NO_LIGHT, Dimension, Exemption, Light, ProjectFacts, ProjectLight, figures_kind, project_light
from domain.lights_bulk import Ints, MonthKinds
from domain.periods import Period

#: Called with how much is done and how much there is; raises to stop.
Pulse = Callable[[int, int], None]

LIBRARY_THRESHOLD_WAN = 500  # planned total from which a project enters the statistical library (rules §3.2.1)

#: Stage of the words that published sources use; "在建" says that the works run, not how far they are.
PUBLISHED_STAGE: dict[str, int] = {"签约": 30, "开工": 90, "在建": 90, "竣工": 110, "投产": 120}

#: The same, and the stages by their own names: what an owner's list may say (rules §6.1).
_STAGE_OF_WORD: dict[str, int] = {**{stage.name_zh: stage.code for stage in STAGES}, **PUBLISHED_STAGE}

_STORED = (Dimension.START, Dimension.PROGRESS, Dimension.FUNDS, Dimension.LIBRARY)

#: Stage whose milestone gives a dated fact of `ProjectFacts`: when it was done, and when it is planned.
_DONE: dict[str, int] = {
    "signed_on": 30,
    "registered_on": 40,
    "land_deal_on": 60,
    "started_on": 90,
    "completed_on": 110,
    "production_on": 120,
    "capacity_on": 140,
}
_PLANNED: dict[str, int] = {"planned_start_on": 90, "agreed_capacity_on": 140}

_CHUNK = 2000  # projects worked out at once: their months fit the processor's cache, and a cancel is heard soon
_NO_STAGE = 0

Row = dict[str, Any]


def _helper(name: str, *columns: Column[Any]) -> Table:
    """A table that lives only while the months are written."""
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"])


#: The months by position, and runs of months of one project that say the same, from the first to the last position.
_MONTH = _helper(
    "month_position",
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("period", ProjectMonth.__table__.c.period.type),
)
_RUN = _helper(
    "month_run",
    Column("first", Integer),
    Column("last", Integer),
    *(Column(c.name, c.type) for c in ProjectMonth.__table__.columns if c.name != "period"),
)


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
    written = _write_runs(session, records, months(session, provenance), pulse)
    return written + bulk_insert(session, ProjectMonth, _reported_rows(session, provenance, undated))


def light_of(session: Session, project_id: str, period: Period) -> ProjectLight:
    """Light of one project at the end of a month with every dimension and the figures behind it (rules §6.2).

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


def _published_rows(session: Session) -> Iterator[Row]:
    return _reported_rows(session, "published", None)


def _reported_rows(session: Session, provenance: str, among: set[str] | None) -> Iterator[Row]:
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
            row = {"period": period, "project_id": project_id, "months_red": 0}
            reason = {"reason": "light.report.missing" if signed else None}
            yield row | _content(stage, signed, ProjectLight(light, ())) | reason


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


def _write_runs(session: Session, records: Sequence[_Record], periods: Sequence[Period], pulse: Pulse) -> int:
    """Write the months of dated projects; returns how many rows."""
    connection, target = session.connection(), table(ProjectMonth)
    for helper in (_MONTH, _RUN):
        # SQLite keeps a temporary table that was made before a transaction began when that is rolled back.
        connection.execute(DropTable(helper, if_exists=True))
        connection.execute(CreateTable(helper))
    months_ = [{"position": position, "period": str(period)} for position, period in enumerate(periods)]
    connection.execute(insert(_MONTH), months_)
    since = _MONTH.c.position - _RUN.c.first
    own = {"period": _MONTH.c.period, "months_red": case((_RUN.c.months_red > 0, _RUN.c.months_red + since), else_=0)}
    names = target.columns.keys()
    rows = select(*(own[name] if name in own else _RUN.c[name] for name in names)).where(
        _MONTH.c.position.between(_RUN.c.first, _RUN.c.last)
    )
    expand = insert(target).from_select(names, rows)
    kinds = MonthKinds([period.end for period in periods])
    written = 0
    for start in range(0, len(records), _CHUNK):
        pulse(start, len(records))
        runs = _runs(records[start : start + _CHUNK], periods, kinds)
        if runs:
            connection.execute(insert(_RUN), runs)
            connection.execute(expand)
            connection.execute(delete(_RUN))
            written += sum(run["last"] - run["first"] + 1 for run in runs)
    connection.execute(DropTable(_RUN))
    connection.execute(DropTable(_MONTH))
    return written


def _runs(records: Sequence[_Record], periods: Sequence[Period], kinds: MonthKinds) -> list[Row]:
    """The months of projects as runs that differ in nothing but how long they have been red, in order."""
    stages = np.array([_stages(record, kinds) for record in records], dtype=np.int64)
    numbers, examples = kinds.number([_dates(record) for record in records], _undated_facts(records, periods, stages))
    contents: dict[Hashable, int] = {}  # kinds that look the same are one run
    looks: list[Row | None] = []
    found = np.empty(len(examples), dtype=np.int64)
    for kind, (row, position) in enumerate(examples):
        look = _look(records[row], int(stages[row, position]), periods[position])
        found[kind] = contents.setdefault(tuple(look.values()) if look else None, len(looks))
        if found[kind] == len(looks):
            looks.append(look)
    content = found[numbers]
    red_looks = np.array([look is not None and look["light"] == Light.RED.value for look in looks])
    positions = np.arange(len(periods))
    last_other = np.maximum.accumulate(np.where(red_looks[content], -1, positions), axis=1)
    months_red = positions - last_other
    starts = np.ones(content.shape, dtype=bool)
    starts[:, 1:] = content[:, 1:] != content[:, :-1]
    rows, firsts = np.nonzero(starts)
    ends = np.append(np.where(firsts[1:] == 0, len(periods), firsts[1:]), len(periods)) - 1
    of_run = np.column_stack((rows, firsts, ends, content[starts], months_red[starts]))
    return [
        {"project_id": records[row].id, "first": first, "last": last, "months_red": red, **look}
        for row, first, last, number, red in of_run.tolist()
        if (look := looks[number]) is not None
    ]


def _stages(record: _Record, kinds: MonthKinds) -> list[int]:
    """The stage at the end of every month, `_NO_STAGE` before the first."""
    found: list[int] = []
    # Between two milestones nothing can change a stage.
    stops = sorted({0, *(kinds.position(day) for day in record.done.values()), len(kinds.days)})
    for first, after in pairwise(stops):
        found += [_stage(record, kinds.days[first]) or _NO_STAGE] * (after - first)
    return found


def _undated_facts(records: Sequence[_Record], periods: Sequence[Period], stages: Ints) -> list[Ints]:
    """What the light of a month follows from beside dates, as numbers: (projects, months) or (projects, 1)."""
    shape = (len(records), len(periods))
    flags = [[record.government_funded, _library_required(record)] for record in records]
    reported, figures, exempt = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    numbers: dict[Hashable, int] = {}
    at = {str(period): position for position, period in enumerate(periods)}
    of_year: dict[int, list[int]] = defaultdict(list)
    for position, period in enumerate(periods):
        of_year[period.year].append(position)

    def number(kind: Hashable) -> int:
        return numbers.setdefault(kind, len(numbers) + 1)

    # Without a report the schedule to date is compared with nothing: one answer serves every month of such a plan.
    planned = {plan: number(figures_kind(ProjectFacts(None, annual_plan_wan=plan)))
               for plan in {plan for record in records for plan in record.plan_wan.values()}}  # fmt: skip
    for row, record in enumerate(records):
        for year, plan in record.plan_wan.items():
            figures[row, of_year[year]] = planned[plan]
        for name in record.reports.keys() & at.keys():
            position = at[name]
            reported[row, position] = 1
            figures[row, position] = number(figures_kind(ProjectFacts(None, **_figures(record, periods[position]))))
        for position, period in enumerate(periods if record.exemptions else ()):
            held = frozenset(e.dimension for e in record.exemptions if e.holds_on(period.end))
            exempt[row, position] = number(held) if held else 0
    return [stages, reported, figures, exempt, *np.array(flags, dtype=np.int64).T[:, :, np.newaxis]]


def _look(record: _Record, stage: int, period: Period) -> Row | None:
    """What the row of a month says beside how long it has been red; None before the first stage."""
    if stage == _NO_STAGE:
        return None
    light = project_light(_facts(record, stage, period), period.end, record.exemptions)
    signed_on = record.done.get(30)  # the formal agreement was signed, or a later stage rests on it
    signed = (signed_on is not None and signed_on <= period.end) or 30 <= stage < TERMINATED
    return _content(stage, signed, light)


def _dates(record: _Record) -> dict[str, date]:
    """The dated facts that are known of a project, whenever they happened or shall."""
    found = {name: record.done[stage] for name, stage in _DONE.items() if stage in record.done}
    found |= {name: record.planned[stage] for name, stage in _PLANNED.items() if stage in record.planned}
    agreed = record.agreed_start or record.planned.get(90)
    if agreed is not None:
        found["agreed_start_on"] = agreed
    if record.library_on is not None:
        found["library_on"] = record.library_on
    return found


def _figures(record: _Record, period: Period) -> Row:
    plan = record.plan_wan.get(period.year)
    ytd, plan_ytd, required, paid = record.reports.get(str(period)) or (None, None, None, None)
    if plan is not None and plan_ytd is None:
        plan_ytd = plan * period.index // 12  # linear time schedule unless the report names another (rules §3.5)
    return {
        "annual_plan_wan": plan,
        "planned_to_date_wan": plan_ytd,
        "done_to_date_wan": ytd,
        "funds_required_wan": required,
        "funds_paid_wan": paid,
    }


def _library_required(record: _Record) -> bool:
    return record.total_wan is None or record.total_wan >= LIBRARY_THRESHOLD_WAN


def _facts(record: _Record, stage: int | None, period: Period) -> ProjectFacts:
    """What was known of a project at the end of a month."""
    end = period.end
    known: dict[str, Any] = {name: day for name, day in _dates(record).items() if name not in _DONE or day <= end}
    return ProjectFacts(
        stage=stage,
        library_required=_library_required(record),
        government_funded=record.government_funded,
        last_report_month=str(period.prev()) if str(period) in record.reports else None,
        **(known | _figures(record, period)),
    )


def _content(stage: int, signed: bool, light: ProjectLight) -> Row:
    by = {d.dimension: d.light.value for d in light.dimensions}
    shown = light.light is not None and light.light is not Light.GREEN
    return {
        "stage": stage,
        "stage_group": GROUP_OF_STAGE[stage],
        "signed": signed,
        "light": light.light.value if light.light is not None else NO_LIGHT,
        **{f"light_{d.value}": by.get(d) for d in _STORED},
        "reason": light.dimensions[0].reason_key if shown and light.dimensions else None,
    }
