"""The life-cycle board: stages, cohort funnels, why a light is on, readiness, false claims, reports and worklists (rules §6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from data import models as m
from data.derive.months import light_of
from data.indicators.projects import cohort_projects as dated_projects
from data.queries import gate
from data.queries.cached import cached
from data.queries.catalogue import Resolved
from data.queries.life_facts import life_facts
from data.queries.projects import chosen, filtered
from data.queries.question import Question
from domain.cohorts import WINDOWS_MONTHS, CohortProject, Funnel, cohort_of, funnel
from domain.lifecycle import (
    GROUP_OF_STAGE,
    SERIOUS,
    STAGES,
    Route,
    StageProblem,
    check_stage,
    proven_stage,
)
from domain.lights import DimensionLight
from domain.monthly_report import WORKS_STATES, Finding, MonthlyReport, validate
from domain.periods import Period
from domain.readiness import Readiness, Schedule, Track
from domain.reasons import ReasonKey
from domain.viewer import FieldClass

#: More ids than this are not listed in a statement: databases limit its length.
MANY = 500
_CARD_FIELDS = ("id", "name_zh", "zone_code", "stage", "light", "reason", "months_red", "total_investment_wan")


def _selected(question: Question, *columns: Any) -> Any:
    """Statement for `columns` of the projects that the state selects and the viewer may see, at the month."""
    statement: Any = select(*columns)
    return filtered(statement, question)


# --- board --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StageColumn:
    """One stage of the board: how many projects are in it, their investment (None: unknown or withheld), the largest."""

    stage: int
    group: str
    name_zh: str
    name_en: str
    projects: int
    total_investment_wan: int | None
    without_investment: int
    lights: dict[str, int]
    cards: tuple[dict[str, Any], ...]


def board(question: Question, *, cards: int = 8) -> tuple[StageColumn, ...]:
    """Every stage in order with the selected projects at the month (rules §6.1); stages without projects stay, empty.

    `cards` projects per stage, longest red first, then by investment.
    """
    rows = chosen(question)
    may = bool(gate.allowed_fields(question.viewer, ("total_investment_wan",), question.at.provenance))
    by_stage: dict[int, list[Any]] = {}
    for row in rows:
        by_stage.setdefault(row.stage, []).append(row)
    columns = []
    for stage in STAGES:
        own = by_stage.get(stage.code, [])
        known = [int(r.total_investment_wan) for r in own if r.total_investment_wan is not None]
        lights: dict[str, int] = {}
        for row in own if may else ():
            lights[row.light] = lights.get(row.light, 0) + 1
        columns.append(
            StageColumn(
                stage.code,
                GROUP_OF_STAGE[stage.code],
                stage.name_zh,
                stage.name_en,
                len(own),
                sum(known) if may and known and gate.adds_up(question.at.provenance) else None,
                len(own) - len(known),
                lights,
                tuple(
                    gate.strip(
                        question.viewer, {name: getattr(row, name) for name in _CARD_FIELDS}, question.at.provenance
                    )
                    for row in own[: max(cards, 0)]
                ),
            )
        )
    return tuple(columns)


# --- cohorts ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Funnels:
    """Half-year cohorts, oldest first; `window_months` None means up to now. `reason` "withheld" gives none."""

    as_of: date
    window_months: int | None
    windows: tuple[int, ...]
    cohorts: tuple[Funnel, ...]
    zones: tuple[str, ...]
    reason: ReasonKey | None = None


def cohort_projects(session: Session, at: Resolved) -> tuple[tuple[str, CohortProject], ...]:
    """(zone, dated facts) of every signed project of the data set and scheme, cached per data version (rules §6.5)."""
    return cached(
        session,
        ("cohorts", at.provenance, at.scheme),
        lambda: tuple((zone, p) for zone, _name, p in dated_projects(session, at.provenance, at.zones)),
    )


def funnels(
    question: Question, *, window_months: int | None = None, last: int = 8, zones: Sequence[str] | None = None
) -> Funnels:
    """The newest `last` half-year cohorts of the chosen zones as known at the end of the month (rules §6.5, K25-K28).

    Counts only, so every viewer of totals gets them. A filter does not narrow a cohort: its denominator is all that was
    signed. Raises ValueError for a window that is not positive.
    """
    at = question.at
    chosen = tuple(zones) if zones is not None else at.chosen
    as_of = Period.parse(at.period).end
    if not gate.may_see_totals(question.viewer, at.provenance):
        return Funnels(as_of, window_months, WINDOWS_MONTHS, (), chosen, "withheld")

    def build() -> Funnels:
        projects = [p for zone, p in cohort_projects(question.session, at) if zone in chosen and p.signed_on <= as_of]
        names = sorted({cohort_of(p.signed_on) for p in projects})[-last:] if last > 0 else []
        found = tuple(funnel(projects, n, as_of, window_months) for n in names)
        return Funnels(as_of, window_months, WINDOWS_MONTHS, found, chosen)

    key = ("funnels", at.provenance, at.scheme, at.period, chosen, window_months, last)
    return cached(question.session, key, build)


# --- lights -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProjectLights:
    """Every rule that looks at one project at the month, worst first, with the exemptions on record."""

    light: str | None
    dimensions: tuple[DimensionLight, ...]
    exemptions: tuple[dict[str, Any], ...]
    months_red: int


def project_lights(question: Question, project_id: str) -> ProjectLights | None:
    """Why one project has its light at the month (rules §6.2).

    None when the project does not exist at the month or the viewer may not see it or its lights.
    """
    red = _visible(question, project_id)
    if red is None or not gate.allowed_fields(question.viewer, ("light",), question.at.provenance):
        return None
    if question.at.provenance == "published":
        return ProjectLights("grey", (), (), 0)  # nobody reports on it here, and nothing is judged from the outside
    month = Period.parse(question.at.period)
    found = light_of(question.session, project_id, month)
    exemption = m.LightExemption
    return ProjectLights(
        found.light.value if found.light is not None else None,
        found.dimensions,
        tuple(
            {
                "dimension": e.dimension,
                "reason": e.reason,
                "approver": e.approver,
                "valid_from": str(e.valid_from),
                "expires_on": str(e.expires_on),
                "in_force": e.valid_from <= month.end <= e.expires_on,
            }
            for e in question.session.scalars(
                select(exemption).where(exemption.project_id == project_id).order_by(exemption.valid_from, exemption.id)
            )
        ),
        red,
    )


def _visible(question: Question, project_id: str) -> int | None:
    """Months red of the project at the month; None when it is not there or not for this viewer."""
    return question.session.scalar(
        select(m.ProjectMonth.months_red)
        .join(m.Project, m.Project.id == m.ProjectMonth.project_id)
        .where(
            m.Project.id == project_id,
            m.Project.provenance == question.at.provenance,
            m.ProjectMonth.period == question.at.period,
            gate.project_rows(question.viewer, question.at.provenance),
        )
    )


# --- readiness ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReadinessCard:
    """Readiness of one project: its tracks, the minimum of them, and the schedule of the planned durations.

    `plan` is None while a planned date is missing or wrong; `plan_missing` names those tracks. `saved_days` = Σ durations
    − critical path (rules §6.4).
    """

    project_id: str
    name_zh: str
    zone_code: str | None
    stage: int
    tracks: tuple[Track, ...]
    readiness: Readiness
    plan: Schedule | None
    plan_missing: tuple[str, ...]

    @property
    def saved_days(self) -> int | None:
        """Days saved by working in parallel; None without a complete plan."""
        return self.plan.saved_days if self.plan is not None else None


def readiness_cards(question: Question, *, project_id: str | None = None) -> tuple[ReadinessCard, ...]:
    """Readiness of the selected projects that have tracks, least ready first; of one project when `project_id` is given.

    Not reported tracks leave the readiness unknown: those projects come first. Needs FieldClass.PROJECT_FIGURES.
    """
    viewer, at = question.viewer, question.at
    if not viewer.may(FieldClass.PROJECT_FIGURES):
        return ()
    columns = (m.Project.id, m.Project.name_zh, m.Project.zone_code, m.ProjectMonth.stage)
    if project_id is None:
        signed = chosen(question, m.ProjectMonth.stage_group == "signed")
        rows: Sequence[Any] = [row for row in signed if row.stage_group == "signed"]
    else:
        stmt = (
            select(*columns)
            .join(m.ProjectMonth, m.ProjectMonth.project_id == m.Project.id)
            .where(
                m.Project.id == project_id,
                m.Project.provenance == at.provenance,
                m.ProjectMonth.period == at.period,
                gate.project_rows(viewer, at.provenance),
            )
        )
        rows = question.session.execute(stmt).all()
    ready = life_facts(question.session, at).ready
    cards = []
    for row in rows:
        own = ready.get(row.id)
        if own is not None:
            cards.append(
                ReadinessCard(
                    row.id, row.name_zh, row.zone_code, row.stage, own.tracks, own.readiness, own.plan, own.missing
                )
            )
    cards.sort(key=lambda c: (c.readiness.overall is not None, c.readiness.overall or 0, c.project_id))
    return tuple(cards)


# --- 虚报 --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StageClaim:
    """A project whose dated milestones claim more than they prove (rules §6.1)."""

    project_id: str
    name_zh: str
    zone_code: str | None
    claimed: int
    proven: int | None
    problems: tuple[StageProblem, ...]


def stage_claims(question: Question, *, with_evidence: bool = False) -> tuple[StageClaim, ...]:
    """Selected projects at a stage that is ahead of a missing mandatory milestone, or out of order (rules §6.1).

    Worst gap first. `with_evidence` also lists milestones done without a document. Published projects are left out: only
    their last stage is known, not their milestones.
    """
    if question.at.provenance == "published":
        return ()
    doubtful = _doubtful(question.session, question.at, with_evidence)
    if not doubtful:
        return ()
    rows = chosen(question, *_among(doubtful))
    found = [
        StageClaim(row.id, row.name_zh, row.zone_code, row.stage, *doubtful[row.id])
        for row in rows
        if row.id in doubtful
    ]
    return tuple(sorted(found, key=lambda c: (-(c.claimed - (c.proven or 0)), c.project_id)))


def _doubtful(
    session: Session, at: Resolved, with_evidence: bool
) -> dict[str, tuple[int | None, tuple[StageProblem, ...]]]:
    """(proven stage, problems) of every project of the data set whose stage at the month is in doubt, by id."""

    def look() -> dict[str, tuple[int | None, tuple[StageProblem, ...]]]:
        end = Period.parse(at.period).end
        stones = life_facts(session, at).milestones
        wanted = SERIOUS | {"missing_evidence"} if with_evidence else SERIOUS
        found = {}
        for project, road, stage in session.execute(
            select(m.Project.id, m.Project.route, m.ProjectMonth.stage)
            .join(m.ProjectMonth, m.ProjectMonth.project_id == m.Project.id)
            .where(m.Project.provenance == at.provenance, m.ProjectMonth.period == at.period)
        ):
            route: Route = "lease" if road == "lease" else "land"
            own = stones.get(project, ())
            problems = tuple(p for p in check_stage(stage, own, route, end) if p.code in wanted)
            if problems:
                found[project] = proven_stage(own, route, end), problems
        return found

    return cached(session, ("claims", at.provenance, at.period, with_evidence), look)


def stage_check(question: Question, project_id: str) -> StageClaim | None:
    """The same check for one project, missing evidence included; without problems the stage is proven (rules §6.1).

    None when the project is not there at the month, not for this viewer, or published (its milestones are not known).
    """
    at = question.at
    if at.provenance == "published":
        return None
    row = question.session.execute(
        select(m.Project.name_zh, m.Project.zone_code, m.Project.route, m.ProjectMonth.stage)
        .join(m.ProjectMonth, m.ProjectMonth.project_id == m.Project.id)
        .where(
            m.Project.id == project_id,
            m.Project.provenance == at.provenance,
            m.ProjectMonth.period == at.period,
            gate.project_rows(question.viewer, at.provenance),
        )
    ).one_or_none()
    if row is None:
        return None
    end = Period.parse(at.period).end
    route: Route = "lease" if row.route == "lease" else "land"
    own = life_facts(question.session, at).milestones.get(project_id, ())
    problems = tuple(check_stage(row.stage, own, route, end))
    return StageClaim(project_id, row.name_zh, row.zone_code, row.stage, proven_stage(own, route, end), problems)


# --- monthly reports ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReportFindings:
    """What is wrong or notable in one project's report of the month."""

    project_id: str
    name_zh: str
    zone_code: str | None
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> str:
        """The most serious finding: error, confirm, warning or info."""
        return min((f.severity for f in self.findings), key=("error", "confirm", "warning", "info").index)


def _among(ids: Collection[str]) -> tuple[Any, ...]:
    """What narrows a list to these projects; of many nothing, so that the request reads all once for every list of it."""
    return (m.Project.id.in_(list(ids)),) if len(ids) < MANY else ()


def report_findings(question: Question) -> tuple[ReportFindings, ...]:
    """Findings in the monthly reports of the selected projects for the month, most serious first (rules §6.3).

    Each report is checked against the project's latest earlier one, its annual plan and its stage in that month.
    """
    if not gate.allowed_fields(question.viewer, ("reports",), question.at.provenance):
        return ()
    wrong = _wrong_reports(question.session, question.at)
    if not wrong:
        return ()
    rows = chosen(question, *_among(wrong))
    found = [ReportFindings(row.id, row.name_zh, row.zone_code, wrong[row.id]) for row in rows if row.id in wrong]
    order = ("error", "confirm", "warning", "info")
    return tuple(sorted(found, key=lambda r: (order.index(r.worst), r.project_id)))


def _wrong_reports(session: Session, at: Resolved) -> dict[str, tuple[Finding, ...]]:
    """Findings of every report of the data set for the month, by project."""
    return cached(session, ("reports", at.provenance, at.period), lambda: _validated(session, at))


def _validated(session: Session, at: Resolved) -> dict[str, tuple[Finding, ...]]:
    report, month = m.MonthlyReport, Period.parse(at.period)
    columns = (
        report.project_id, report.period, report.month_wan, report.ytd_wan, report.cumulative_wan, report.progress_code,
        report.progress_text, report.submitted_on,
    )  # fmt: skip
    last = month.shift(-1)
    both = session.execute(
        select(*columns, m.Project.total_investment_wan, m.ProjectMonth.stage)
        .join(m.Project, m.Project.id == report.project_id)
        .outerjoin(
            m.ProjectMonth, and_(m.ProjectMonth.project_id == report.project_id, m.ProjectMonth.period == report.period)
        )
        .where(m.Project.provenance == at.provenance, report.period.in_((at.period, str(last))))
    ).all()
    now = [row for row in both if row.period == at.period and row.stage is not None]
    before: dict[str, Any] = {row.project_id: row for row in both if row.period != at.period}
    # Who did not report last month: the latest report before that.
    silent = [r.project_id for r in now if r.project_id not in before]
    if silent:
        latest = (
            select(report.project_id, func.max(report.period).label("period"))
            .where(
                report.project_id.in_(silent) if len(silent) < MANY else report.project_id.is_not(None),
                report.period < str(last),
            )
            .group_by(report.project_id)
            .subquery()
        )
        older = select(*columns).join(
            latest, and_(latest.c.project_id == report.project_id, latest.c.period == report.period)
        )
        before = {r.project_id: r for r in session.execute(older)} | before
    plans: dict[tuple[str, int], int] = {
        (p, y): int(w)
        for p, y, w in session.execute(
            select(m.ProjectYear.project_id, m.ProjectYear.year, m.ProjectYear.plan_wan).where(
                m.ProjectYear.year.in_((month.year, month.year - 1))
            )
        )
    }
    found = {}
    for row in now:
        total, previous = row.total_investment_wan, before.get(row.project_id)
        findings = validate(
            _report(row, plans, total), None if previous is None else _report(previous, plans, total), row.stage
        )
        if findings:
            found[row.project_id] = tuple(findings)
    return found


def _report(row: Any, plans: Mapping[tuple[str, int], int], total: int | None) -> MonthlyReport:
    return MonthlyReport(
        project_id=row.project_id,
        month=row.period,
        done_month_wan=row.month_wan,
        done_ytd_wan=row.ytd_wan,
        done_total_wan=row.cumulative_wan,
        annual_plan_wan=plans.get((row.project_id, int(row.period[:4]))),
        total_investment_wan=total,
        works_state=row.progress_code if row.progress_code in WORKS_STATES else "preparation",
        works_text=row.progress_text or "",
        submitted_on=row.submitted_on,
    )


# --- N未 worklists -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Worklist:
    """Projects that passed one stage and not the next, longest waiting first (三未 and the hand-over rules, rules §6.2).

    Each row: id, name_zh, zone_code, since (ISO date of the stage passed), days and the fields the viewer may have.
    """

    code: str
    name_zh: str
    count: int
    rows: tuple[dict[str, Any], ...]


#: code -> (name, stage passed, stages any of which ends it). 三未 and the hand-over pairs of rules §6.2.
WORKLISTS: dict[str, tuple[str, int, tuple[int, ...]]] = {
    "signed_not_registered": ("签约未注册", 30, (40,)),
    "filed_not_started": ("立项未开工", 50, (90,)),
    "land_not_started": ("拿地未开工", 60, (90,)),
    "started_not_built": ("开工未建设", 90, (100, 110, 120)),
    "built_not_completed": ("建设未竣工", 90, (110, 120)),
    "completed_not_producing": ("竣工未投产", 110, (120,)),
    "producing_not_at_capacity": ("投产未达产", 120, (140,)),
}


_NEVER = "9999"


def worklists(question: Question, *, rows_of: str | None = None) -> tuple[Worklist, ...]:
    """The N未 lists of the selected projects at the end of the month; projects that ended or paused are on none.

    With `rows_of` only that list has rows ("" for none of them); all are counted.

    开工未建设 holds projects that started and have reported no investment since, 建设未竣工 those that have: a started
    project is on one of the two. Needs FieldClass.PROJECT_FIGURES.
    """
    if not question.viewer.may(FieldClass.PROJECT_FIGURES) or question.at.provenance == "published":
        return ()
    end = Period.parse(question.at.period).end
    waiting = _waiting(question.session, question.at)
    found = chosen(question, m.ProjectMonth.stage_group != "ended", m.ProjectMonth.signed)
    rows = [row for row in found if row.stage_group != "ended" and row.signed]
    lists: dict[str, list[dict[str, Any]]] = {code: [] for code in WORKLISTS}
    counts = dict.fromkeys(WORKLISTS, 0)
    for row in rows:
        for code, since in waiting.get(row.id, ()):
            counts[code] += 1
            if rows_of not in (None, code):
                continue
            entry = {
                "id": row.id,
                "name_zh": row.name_zh,
                "zone_code": row.zone_code,
                "responsible_unit": row.responsible_unit,
                "stage": row.stage,
                "light": row.light,
                "total_investment_wan": row.total_investment_wan,
                "since": since.isoformat(),
                "days": (end - since).days,
            }
            lists[code].append(gate.strip(question.viewer, entry, question.at.provenance))
    return tuple(Worklist(code, name, counts[code], _longest(lists[code])) for code, (name, _, _) in WORKLISTS.items())


def _waiting(session: Session, at: Resolved) -> dict[str, tuple[tuple[str, date], ...]]:
    """By project of the data set: the lists it is on at the end of the month, and since when."""

    def look() -> dict[str, tuple[tuple[str, date], ...]]:
        end = Period.parse(at.period).end
        facts = life_facts(session, at)
        found = {}
        for project, stones in facts.milestones.items():
            own = {s.stage: s.done_on for s in stones if s.done_on is not None and s.done_on <= end}
            invested = facts.invested_from.get(project, _NEVER) <= at.period
            lists = tuple(
                (code, own[passed])
                for code, (_, passed, then) in WORKLISTS.items()
                if passed in own
                and not any(stage in own for stage in then)
                and not (code == "started_not_built" and invested)
                and not (code == "built_not_completed" and not invested and 100 not in own)
            )
            if lists:
                found[project] = lists
        return found

    return cached(session, ("waiting", at.provenance, at.period), look)


def _longest(rows: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple(sorted(rows, key=lambda r: (-r["days"], r["id"])))
