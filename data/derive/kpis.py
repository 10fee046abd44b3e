"""KPI values that follow from records: they are counted and summed here, never typed in (spec §3.1-3.3).

Stored units: money 万元 (K24 万美元), areas m², counts plain. A ratio carries numerator and denominator in those units and
its value in the dictionary's unit: value = numerator / denominator × `RATIO_FACTOR`. A ratio without a denominator has no
value, which is not 0.

What a record says only of today (state of a carrier unit, of a parcel, a firm's grade) gives a value at the cut and no
history: earlier values of such an indicator have to come from whoever recorded them then.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Executable, Integer, case, cast, delete, func, select
from sqlalchemy.orm import Session

from data.derive.common import bulk_insert, months
from data.derive.months import NO_LIGHT
from data.models import (
    CarrierBuilding,
    CarrierUnit,
    ChainNode,
    Enterprise,
    EnterpriseMonth,
    EnterpriseYear,
    EntityNode,
    ImportBatch,
    ImportChange,
    KpiDefinition,
    KpiValue,
    LandContract,
    LandParcel,
    Milestone,
    MonthlyReport,
    Platform,
    Project,
    ProjectFact,
    ProjectMonth,
    ProjectYear,
    Zone,
)
from domain.cohorts import CohortProject, Funnel, cohort_end, cohort_of, funnel
from domain.dates import add_months
from domain.kpi import MAJOR_PROJECT_WAN
from domain.periods import Period

#: Reporting delay: the figures of a period are known about this long after its end (spec §3.5).
REPORTING_DAYS = 15
#: Months at the end of the data whose figures are still 快报.
FLASH_MONTHS = 2

_M2_PER_MU = 2000 / 3
#: What a ratio of stored units is multiplied by to give the dictionary's unit.
RATIO_FACTOR: dict[str, float] = {
    **dict.fromkeys(("K03", "K17", "K25", "K26", "K27", "K28", "K29", "K30", "K31", "K32", "K35", "K36"), 100.0),
    **dict.fromkeys(("K37", "K38", "K39", "K40", "K41", "K53", "K54"), 100.0),
    **dict.fromkeys(("K10", "K11", "K12", "K13", "K19"), _M2_PER_MU),
    **dict.fromkeys(("K14", "K15", "K16", "K18", "K42"), 1.0),
}
#: Stored unit of each additive indicator; a ratio has its dictionary's unit.
STORED_UNIT: dict[str, str] = {
    **dict.fromkeys(("K01", "K02", "K04", "K06", "K07", "K08", "K09", "K22", "K23"), "万元"),
    "K24": "万美元",
    **dict.fromkeys(("K33", "K34", "K43"), "m²"),
    **dict.fromkeys(("K20", "K21", "K51"), "个"),
    **dict.fromkeys(("K44", "K45", "K46", "K47"), "家"),
}
#: Half-year cohorts are looked at this many months after each signing (spec §3.2 notes).
COHORT_WINDOWS: dict[str, int] = {"K25": 6, "K26": 12, "K27": 24}

_CLUSTERS = ("facility", "laboratory", "university", "industry")
#: States of a carrier unit that each area is made of: the denominators of K35 and K36 differ (spec §3.2).
_UNIT_STATES: dict[str, tuple[str, ...]] = {
    "vacant": ("vacant",),
    "taken": ("contracted", "occupied"),
    "marketed": ("building", "vacant", "held", "contracted", "occupied"),
    "delivered": ("vacant", "held", "contracted", "occupied", "reserved", "frozen"),
}
#: 工矿用地 and 仓储用地 of the land and sea use guide: what K41 and K43 call industrial land.
_INDUSTRIAL_PREFIXES = ("10", "11")
_LAND_STATES = ("developable", "ready", "supplied", "built")
_DETERMINED_IDLE = "determined_idle"


@dataclass
class _Book:
    """Collects values with what every one of them must carry (spec §3.1)."""

    provenance: str
    cut: Period
    definitions: Mapping[str, KpiDefinition]
    rows: list[dict[str, Any]] = field(default_factory=list)
    dated: dict[Period, dict[str, Any]] = field(default_factory=dict)

    def add(
        self,
        kpi: str,
        zone: str,
        period: Period,
        accumulation: str,
        value: float | None = None,
        parts: tuple[float, float] | None = None,
        doc: str | None = None,
    ) -> None:
        """One value; `parts` (numerator, denominator) makes it a ratio."""
        definition = self.definitions[kpi]
        numerator, denominator = parts if parts is not None else (None, None)
        if parts is not None:
            value = parts[0] / parts[1] * RATIO_FACTOR[kpi] if parts[1] else None
        if period not in self.dated:
            self.dated[period] = self._dates(period)
        self.rows.append(
            {
                "kpi_id": kpi,
                "unit_scope": "zone",
                "unit_code": zone,
                **self.dated[period],
                "accumulation": accumulation,
                "value": value,
                "unit": STORED_UNIT.get(kpi, definition.unit),
                "numerator": numerator,
                "denominator": denominator,
                "scope": "territorial",
                "channel": definition.channel,
                "owner": definition.owner,
                "source_doc": doc,
                "version": 1,
                "provenance": self.provenance,
            }
        )

    def _dates(self, period: Period) -> dict[str, Any]:
        """What every value of a period has in common."""
        last = min(period.end, self.cut.end)
        return {
            "period_type": period.kind,
            "period": str(period),
            "status": "flash" if add_months(last, FLASH_MONTHS) > self.cut.end else "final",
            "as_of": last + timedelta(days=REPORTING_DAYS),
        }


@dataclass(frozen=True)
class _Scope:
    """What the derivations share: the session, the data set, its zones and its periods."""

    session: Session
    provenance: str
    zones: Mapping[str, Zone]
    months: tuple[Period, ...]

    @property
    def cut(self) -> Period:
        """The newest month."""
        return self.months[-1]

    @property
    def quarters(self) -> list[Period]:
        """Quarters that have ended, and the running one at the cut when it ends there."""
        return [month.quarter() for month in self.months if month.index % 3 == 0]

    @property
    def years(self) -> list[Period]:
        """Years that have ended."""
        return [Period(month.year) for month in self.months if month.index == 12]

    @property
    def today(self) -> Period:
        """What to date a state by that is known only at the cut: the quarter that ends there, else the month."""
        return self.cut.quarter() if self.cut.index % 3 == 0 else self.cut

    def rows(self, statement: Executable) -> list[Any]:
        """Result rows of a statement."""
        return list(self.session.execute(statement))

    def zones_with(self, model: Any) -> list[str]:
        """Zones that have a record of this table: only there is "none" a finding and 0 a value."""
        found = self.session.scalars(
            select(model.zone_code).where(model.provenance == self.provenance, model.zone_code.is_not(None)).distinct()
        )
        return sorted(code for code in found if code in self.zones)


def derive_kpis(session: Session, provenance: str) -> int:
    """Rebuild the record-backed KPI values of one data set, by zone and period; returns the rows written.

    Needs `project_month`. Values that others gave for the same indicator and period are replaced; those for other
    periods stay (history of what records no longer show).
    """
    definitions = {d.id: d for d in session.scalars(select(KpiDefinition))}
    zones = {z.code: z for z in session.scalars(select(Zone).where(Zone.role != "axis"))}
    scope = _Scope(session, provenance, zones, tuple(months(session, provenance)))
    book = _Book(provenance, scope.cut, definitions)
    for step in (_investment, _firms_by_month, _firms_by_year, _signings, _cohorts, _dispatch, _intensity):
        step(scope, book)
    for step in (_carriers, _land, _registers, _platforms, _chains):
        step(scope, book)
    rows = _not_imported(session, provenance, book.rows)
    _forget(session, provenance, rows)
    return bulk_insert(session, KpiValue, rows)


def _not_imported(session: Session, provenance: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The values of indicators, zones and periods that no imported file states: a reported figure stays what it is."""
    if provenance != "official":
        return rows
    stated = imported_values(session)
    return [r for r in rows if (r["kpi_id"], r["unit_scope"], r["unit_code"], r["period"]) not in stated]


def imported_values(session: Session) -> set[tuple[str, str, str, str]]:
    """(indicator, unit scope, unit, period) of every value that came in a file and was not taken back."""
    keys = session.scalars(
        select(ImportChange.row_key)
        .join(ImportBatch, ImportBatch.id == ImportChange.batch_id)
        .where(ImportChange.table_id == "kpi_values", ImportBatch.state == "committed")
        .distinct()
    )
    return {(kpi, scope, unit, period) for kpi, scope, unit, _kind, period, *_rest in map(json.loads, keys)}


def _forget(session: Session, provenance: str, rows: Iterable[Mapping[str, Any]]) -> None:
    keys: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        keys[row["kpi_id"], row["period_type"]].add(row["period"])
    stated = imported_values(session) if provenance == "official" else set()
    kept = {(kpi, period): [u for k, _s, u, p in stated if (k, p) == (kpi, period)] for kpi, _s, _u, period in stated}
    for (kpi, kind), periods in keys.items():
        free = [period for period in sorted(periods) if (kpi, period) not in kept]
        value = (KpiValue.provenance == provenance, KpiValue.kpi_id == kpi, KpiValue.period_type == kind)
        session.execute(delete(KpiValue).where(*value, KpiValue.period.in_(free)))
        for period in sorted(periods - set(free)):
            others = KpiValue.unit_code.not_in(kept[kpi, period])
            session.execute(delete(KpiValue).where(*value, KpiValue.period == period, others))


# ── K01 K02 K03 K23 K24: what the statistics count for projects ─────────────────────────────────────────────────────


def _investment(scope: _Scope, book: _Book) -> None:
    fact = ProjectFact
    rows = scope.rows(
        select(
            Project.zone_code,
            fact.period,
            func.coalesce(func.sum(fact.fai_ytd_wan), 0),
            func.coalesce(func.sum(case((fact.is_industrial, fact.fai_ytd_wan), else_=0)), 0),
            func.coalesce(func.sum(fact.domestic_ytd_wan), 0),
            func.coalesce(func.sum(fact.foreign_ytd_usd_wan), 0),
        )
        .join(Project, Project.id == fact.project_id)
        .where(Project.provenance == scope.provenance)
        .group_by(Project.zone_code, fact.period)
    )
    sums = {(zone, period): tuple(int(x) for x in figures) for zone, period, *figures in rows}
    for zone in sorted({zone for zone, _ in sums if zone in scope.zones}):
        for month in scope.months:
            fai, industrial, domestic, foreign = sums.get((zone, str(month)), (0, 0, 0, 0))
            if month.index > 1:  # no January release (spec §3.2 notes)
                book.add("K01", zone, month, "ytd", fai)
                book.add("K02", zone, month, "ytd", industrial)
                book.add("K03", zone, month, "ytd", parts=(industrial, fai))
            book.add("K23", zone, month, "ytd", domestic)
            book.add("K24", zone, month, "ytd", foreign)


# ── K04 K07 K08 K09 by month, K06 K10–K18 by year: firms ─────────────────────────────────────────────────────────────


def _firms_by_month(scope: _Scope, book: _Book) -> None:
    month = EnterpriseMonth
    above = Enterprise.above_scale_since <= month.period
    rows = scope.rows(
        select(
            Enterprise.zone_code,
            month.period,
            func.sum(case((above, month.output_ytd_wan))),
            func.sum(month.revenue_ytd_wan),
            func.sum(month.tax_ytd_wan),
            func.sum(month.retained_ytd_wan),
        )
        .join(Enterprise, Enterprise.id == month.enterprise_id)
        .where(Enterprise.provenance == scope.provenance)
        .group_by(Enterprise.zone_code, month.period)
        .order_by(Enterprise.zone_code, month.period)
    )
    known = {str(period): period for period in scope.months}
    for zone, name, output, revenue, tax, retained in rows:
        period = known.get(name)
        if zone not in scope.zones or period is None:
            continue
        for kpi, value in (("K04", output), ("K08", tax), ("K09", retained)):
            if value is not None:
                book.add(kpi, zone, period, "ytd", int(value))
        if period.index % 3 == 0 and revenue is not None:
            book.add("K07", zone, period.quarter(), "ytd", int(revenue))


#: indicator -> (numerator, denominator) among the annual figures of the evaluated firms (spec §3.4).
_PER_FIRM: dict[str, tuple[str, str]] = {
    "K10": ("tax", "land"),
    "K11": ("output", "land"),
    "K12": ("value_added", "land"),
    "K13": ("revenue", "land"),
    "K14": ("revenue", "employees"),
    "K15": ("revenue", "energy"),
    "K16": ("value_added", "energy"),
    "K17": ("rd", "revenue"),
    "K18": ("value_added", "employees"),
}


def _firms_by_year(scope: _Scope, book: _Book) -> None:
    """Firms above size at the end of the year; those that are not graded (启动期, 在建, 公用) stay out of the ratios."""
    year = EnterpriseYear
    rows = scope.rows(
        select(Enterprise.zone_code, Enterprise.grading_status, Enterprise.above_scale_since, year)
        .join(Enterprise, Enterprise.id == year.enterprise_id)
        .where(Enterprise.provenance == scope.provenance)
    )
    value_added: dict[tuple[str, int], int] = defaultdict(int)
    sums: dict[tuple[str, int, str], list[int]] = defaultdict(lambda: [0, 0])
    for zone, status, since, figures in rows:
        if zone not in scope.zones or since is None or since > f"{figures.year}-12":
            continue
        if figures.value_added_wan is not None:
            value_added[zone, figures.year] += figures.value_added_wan
        if status is not None:
            continue
        values = {
            "tax": figures.tax_wan,
            "output": figures.output_wan,
            "value_added": figures.value_added_wan,
            "revenue": figures.revenue_wan,
            "rd": figures.rd_wan,
            "employees": figures.employees,
            "energy": figures.energy_tce,
            "land": land_in_use_m2(figures),
        }
        for kpi, (top, bottom) in _PER_FIRM.items():
            numerator, denominator = values[top], values[bottom]
            if numerator is not None and denominator:
                both = sums[zone, figures.year, kpi]
                both[0] += numerator
                both[1] += denominator
    ended = {period.year: period for period in scope.years}
    for (zone, number), value in sorted(value_added.items()):
        if number in ended:
            book.add("K06", zone, ended[number], "annual", value)
    for (zone, number, kpi), (numerator, denominator) in sorted(sums.items()):
        if number in ended:
            book.add(kpi, zone, ended[number], "annual", parts=(numerator, denominator))


def land_in_use_m2(year: EnterpriseYear) -> int | None:
    """Land in use for the per-mu indicators: own land, and leased floor space converted by its plot ratio (K10).

    None when neither is known, or when leased space comes without its plot ratio.
    """
    if year.land_m2 is None and year.leased_m2 is None:
        return None
    leased = 0
    if year.leased_m2:
        if not year.leased_far:
            return None
        leased = round(year.leased_m2 / year.leased_far)
    return (year.land_m2 or 0) + leased


# ── K20–K22 signings, K25–K28 cohorts ────────────────────────────────────────────────────────────────────────────────


def _signings(scope: _Scope, book: _Book) -> None:
    rows = scope.rows(
        select(Project.zone_code, Milestone.done_on, Project.total_investment_wan)
        .join(Milestone, Milestone.project_id == Project.id)
        .where(Project.provenance == scope.provenance, Milestone.stage == 30, Milestone.done_on.is_not(None))
    )
    signed: dict[tuple[str, Period], list[int]] = defaultdict(list)
    for zone, day, total in rows:
        signed[zone, Period.of_month(day.year, day.month)].append(total or 0)
    for zone in scope.zones_with(Project):
        for month in scope.months:
            totals = [total for so_far in month.ytd_months() for total in signed[zone, so_far]]
            book.add("K20", zone, month, "ytd", len(totals))
            book.add("K21", zone, month, "ytd", sum(total >= MAJOR_PROJECT_WAN for total in totals))
            book.add("K22", zone, month, "ytd", sum(totals))


def _cohort_projects(scope: _Scope) -> dict[str, list[CohortProject]]:
    mine = Project.provenance == scope.provenance
    done: dict[str, dict[int, date]] = defaultdict(dict)
    capacity_due: dict[str, date] = {}
    for project, stage, planned, day in scope.rows(
        select(Milestone.project_id, Milestone.stage, Milestone.planned_on, Milestone.done_on)
        .join(Project, Project.id == Milestone.project_id)
        .where(mine)
    ):
        if day is not None:
            done[project][stage] = day
        if stage == 140 and planned is not None:
            capacity_due[project] = planned
    paid = (ProjectFact.domestic_ytd_wan > 0) | (ProjectFact.foreign_ytd_usd_wan > 0)
    first_capital = {
        project: Period.parse(period).end
        for project, period in scope.rows(
            select(ProjectFact.project_id, func.min(ProjectFact.period))
            .join(Project, Project.id == ProjectFact.project_id)
            .where(mine, paid)
            .group_by(ProjectFact.project_id)
        )
    }
    found: dict[str, list[CohortProject]] = defaultdict(list)
    for project, zone, route in scope.rows(select(Project.id, Project.zone_code, Project.route).where(mine)):
        dates = done[project]
        if zone not in scope.zones or 30 not in dates:
            continue
        starts = [dates[s] for s in ((90,) if route == "lease" else (80, 90)) if s in dates]
        found[zone].append(
            CohortProject(
                project_id=project,
                signed_on=dates[30],
                registered_on=dates.get(40),
                first_capital_on=first_capital.get(project),
                started_on=min(starts, default=None),
                production_on=dates.get(120),
                capacity_due_on=capacity_due.get(project),
                capacity_on=dates.get(140),
                ended_on=_ended_on(dates),
            )
        )
    return found


def _ended_on(done: Mapping[int, date]) -> date | None:
    """Day a project was terminated or transferred, or paused without going on since."""
    final = [done[stage] for stage in (900, 920) if stage in done]
    if final:
        return min(final)
    pause = done.get(910)
    moved_on = pause is not None and any(day > pause for stage, day in done.items() if stage < 900)
    return None if moved_on else pause


def _cohorts(scope: _Scope, book: _Book) -> None:
    """Each quarter shows the newest half-year whose observation window has closed for all its signings."""
    rate: dict[str, Callable[[Funnel], Any]] = {
        "K25": lambda f: f.performance,
        "K26": lambda f: f.start,
        "K27": lambda f: f.production_of_started,
    }
    for zone, projects in sorted(_cohort_projects(scope).items()):
        by_cohort: dict[str, list[CohortProject]] = defaultdict(list)
        for project in projects:
            by_cohort[cohort_of(project.signed_on)].append(project)
        for quarter in scope.quarters:
            for kpi, window in COHORT_WINDOWS.items():
                cohort = closed_cohort(quarter.end, window)
                found = rate[kpi](funnel(by_cohort[cohort], cohort, quarter.end, window))
                doc = f"{cohort} 签约批次，观察期 {window} 个月"
                book.add(kpi, zone, quarter, "cohort", parts=(found.numerator, found.denominator), doc=doc)
        for year in scope.years:
            due = [
                p
                for p in projects
                if p.production_on is not None
                and p.production_on <= year.end
                and p.capacity_due_on is not None
                and p.capacity_due_on <= year.end
            ]
            reached = sum(
                p.capacity_on is not None
                and p.capacity_on <= year.end
                and not (p.ended_on is not None and p.ended_on <= year.end)
                for p in due
            )
            book.add("K28", zone, year, "cohort", parts=(reached, len(due)))


def closed_cohort(day: date, window_months: int) -> str:
    """Newest half-year whose last signing is at least `window_months` before `day`: 2026-09-30, 6 -> "2025H2"."""
    newest = cohort_of(day)
    while add_months(cohort_end(newest), window_months) > day:
        year, half = int(newest[:4]), newest[-1]
        newest = f"{year}H1" if half == "2" else f"{year - 1}H2"
    return newest


# ── K29–K32 dispatch, K19 ────────────────────────────────────────────────────────────────────────────────────────────


def _dispatch(scope: _Scope, book: _Book) -> None:
    report, plan = MonthlyReport, ProjectYear
    month_no = cast(func.substr(report.period, 6, 2), Integer)
    schedule = func.coalesce(report.plan_ytd_wan, plan.plan_wan * month_no // 12)
    rows = scope.rows(
        select(
            Project.zone_code,
            report.period,
            func.sum(report.ytd_wan),
            func.sum(schedule),
            func.sum(plan.plan_wan),
        )
        .join(Project, Project.id == report.project_id)
        .join(
            plan,
            (plan.project_id == report.project_id) & (plan.year == cast(func.substr(report.period, 1, 4), Integer)),
        )
        .where(Project.provenance == scope.provenance)
        .group_by(Project.zone_code, report.period)
    )
    known = {str(period): period for period in scope.months}
    for zone, name, completed, scheduled, planned in _in_zones(scope, rows):
        if name in known:
            book.add("K30", zone, known[name], "ytd", parts=(int(completed), int(planned)))
            book.add("K31", zone, known[name], "point", parts=(int(scheduled) - int(completed), int(planned)))
    _funds(scope, book)
    lit = ProjectMonth.light != NO_LIGHT
    lights = scope.rows(
        select(
            Project.zone_code,
            ProjectMonth.period,
            func.sum(case((ProjectMonth.light == "red", 1), else_=0)),
            func.count(),
        )
        .join(Project, Project.id == ProjectMonth.project_id)
        .where(Project.provenance == scope.provenance, lit)
        .group_by(Project.zone_code, ProjectMonth.period)
    )
    for zone, name, red, in_scope in _in_zones(scope, lights):
        if name in known:
            book.add("K32", zone, known[name], "point", parts=(int(red), int(in_scope)))


def _in_zones(scope: _Scope, rows: Iterable[Any]) -> list[Any]:
    """Rows (zone, period, …) of the data set's zones, in order; a project outside all zones counts for none."""
    return sorted((row for row in rows if row[0] in scope.zones), key=lambda row: (row[0], row[1]))


def _funds(scope: _Scope, book: _Book) -> None:
    """K29: funds in place since signing over the agreed total, of the projects that reported them that month."""
    report = MonthlyReport
    rows = scope.rows(
        select(
            Project.zone_code,
            report.period,
            func.sum(report.funds_in_wan),
            func.sum(Project.total_investment_wan),
        )
        .join(Project, Project.id == report.project_id)
        .where(
            Project.provenance == scope.provenance,
            report.funds_in_wan.is_not(None),
            Project.total_investment_wan.is_not(None),
        )
        .group_by(Project.zone_code, report.period)
    )
    known = {str(period): period for period in scope.months}
    for zone, name, paid, agreed in _in_zones(scope, rows):
        if name in known:
            book.add("K29", zone, known[name], "point", parts=(int(paid), int(agreed)))


def _intensity(scope: _Scope, book: _Book) -> None:
    """K19: agreed investment over land, of the projects that hold their land by the end of the year."""
    rows = scope.rows(
        select(Project.zone_code, Milestone.done_on, Project.total_investment_wan, Project.land_m2)
        .join(Milestone, Milestone.project_id == Project.id)
        .where(
            Project.provenance == scope.provenance,
            Milestone.stage == 60,
            Milestone.done_on.is_not(None),
            Project.total_investment_wan.is_not(None),
            Project.land_m2 > 0,
        )
    )
    for year in scope.years:
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for zone, day, total, land in rows:
            if zone in scope.zones and day <= year.end:
                sums[zone][0] += total
                sums[zone][1] += land
        for zone, (total, land) in sorted(sums.items()):
            book.add("K19", zone, year, "point", parts=(total, land))


# ── K33–K36 carriers, K37–K43 land ───────────────────────────────────────────────────────────────────────────────────


def _carriers(scope: _Scope, book: _Book) -> None:
    building, unit = CarrierBuilding, CarrierUnit
    built: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for zone, day, gross in scope.rows(
        select(building.zone_code, building.delivered_on, building.gross_area_m2).where(
            building.provenance == scope.provenance,
            building.delivered_on.is_not(None),
            building.gross_area_m2.is_not(None),
        )
    ):
        built[zone].append((day, gross))
    zones = scope.zones_with(building)
    for zone in zones:
        for month in scope.months:
            book.add("K33", zone, month, "point", sum(gross for day, gross in built[zone] if day <= month.end))
    area: dict[tuple[str, str], int] = defaultdict(int)
    for zone, state, total in scope.rows(
        select(building.zone_code, unit.state, func.sum(unit.area_m2))
        .join(unit, unit.building_id == building.id)
        .where(building.provenance == scope.provenance)
        .group_by(building.zone_code, unit.state)
    ):
        for measure, states in _UNIT_STATES.items():
            area[zone, measure] += int(total) if state in states else 0
    for zone in zones:
        book.add("K34", zone, scope.cut, "point", area[zone, "vacant"])
        book.add("K35", zone, scope.cut, "point", parts=(area[zone, "taken"], area[zone, "marketed"]))
        book.add("K36", zone, scope.cut, "point", parts=(area[zone, "vacant"], area[zone, "delivered"]))


def _land(scope: _Scope, book: _Book) -> None:
    """The chain developable ⊃ ready ⊃ supplied ⊃ built, so that K37 × K38 × K39 is built over developable."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    parcel = LandParcel
    for zone, state, status, plan, area, floor in scope.rows(
        select(
            parcel.zone_code,
            parcel.land_state,
            parcel.status_code,
            parcel.plan_code,
            parcel.area_m2,
            parcel.floor_area_m2,
        ).where(parcel.provenance == scope.provenance)
    ):
        if zone not in scope.zones or state not in _LAND_STATES:
            continue
        for reached in _LAND_STATES[: _LAND_STATES.index(state) + 1]:
            sums[zone, reached] += area
        if state == "built":
            sums[zone, "floor"] += floor or 0
            if (status or "").startswith(_INDUSTRIAL_PREFIXES):
                sums[zone, "built_industrial"] += area
        elif state in ("developable", "ready") and (plan or "").startswith(_INDUSTRIAL_PREFIXES):
            sums[zone, "industrial_left"] += area
    for zone, area in scope.rows(
        select(parcel.zone_code, func.sum(parcel.area_m2))
        .where(
            parcel.provenance == scope.provenance,
            parcel.land_state.in_(("supplied", "built")),
            parcel.id.in_(select(LandContract.parcel_id).where(LandContract.legal_status == _DETERMINED_IDLE)),
        )
        .group_by(parcel.zone_code)
    ):
        sums[zone, "idle"] = int(area)
    for zone in scope.zones_with(parcel):
        for kpi, top, bottom in (
            ("K37", "ready", "developable"),
            ("K38", "supplied", "ready"),
            ("K39", "built", "supplied"),
            ("K41", "built_industrial", "built"),
            ("K42", "floor", "built"),
        ):
            book.add(kpi, zone, scope.today, "point", parts=(sums[zone, top], sums[zone, bottom]))
        book.add("K40", zone, scope.today, "point", parts=(sums[zone, "idle"], sums[zone, "supplied"]))
        book.add("K43", zone, scope.today, "point", sums[zone, "industrial_left"])


# ── K44–K47 registers of firms, K51 platforms, K53 K54 chains ────────────────────────────────────────────────────────


def _registers(scope: _Scope, book: _Book) -> None:
    firms = scope.rows(
        select(
            Enterprise.zone_code,
            Enterprise.above_scale_since,
            Enterprise.high_tech_from,
            Enterprise.high_tech_to,
            Enterprise.ladder,
            Enterprise.leader_of,
        ).where(Enterprise.provenance == scope.provenance)
    )
    by_zone: dict[str, list[Any]] = defaultdict(list)
    for firm in firms:
        by_zone[firm.zone_code].append(firm)
    for zone in scope.zones_with(Enterprise):
        mine = by_zone[zone]
        for month in scope.months:
            name = str(month)
            above = sum(f.above_scale_since is not None and f.above_scale_since <= name for f in mine)
            book.add("K45", zone, month, "point", above)
        for quarter in scope.quarters:
            valid = sum(
                f.high_tech_from is not None
                and f.high_tech_from <= quarter.year
                and (f.high_tech_to is None or f.high_tech_to >= quarter.year)
                for f in mine
            )
            book.add("K44", zone, quarter, "point", valid)
        book.add("K46", zone, scope.today, "point", sum(f.ladder is not None for f in mine))
        book.add("K47", zone, scope.today, "point", sum(bool(f.leader_of) for f in mine))


def _platforms(scope: _Scope, book: _Book) -> None:
    """A platform counts from its start; one without a date counts at the cut only, where it is known to exist."""
    by_zone: dict[str, list[str]] = defaultdict(list)
    cut = str(scope.cut)
    for zone, since in scope.rows(
        select(Platform.zone_code, Platform.since).where(
            Platform.provenance == scope.provenance, Platform.category.in_(_CLUSTERS)
        )
    ):
        by_zone[zone].append(since or cut)
    for zone in scope.zones_with(Platform):
        for quarter in scope.quarters:
            last = str(quarter.months()[-1])
            book.add("K51", zone, quarter, "point", sum(since <= last for since in by_zone[zone]))


def _chains(scope: _Scope, book: _Book) -> None:
    chain_of = {row.id: row.chain_code for row in scope.rows(select(ChainNode.id, ChainNode.chain_code))}
    nodes_of: dict[str, set[str]] = defaultdict(set)
    for firm, node in scope.rows(
        select(EntityNode.entity_id, EntityNode.node_id)
        .join(Enterprise, Enterprise.id == EntityNode.entity_id)
        .where(EntityNode.entity_kind == "enterprise", Enterprise.provenance == scope.provenance)
    ):
        nodes_of[firm].add(node)
    firms = scope.rows(
        select(Enterprise.id, Enterprise.zone_code, Enterprise.founded).where(Enterprise.provenance == scope.provenance)
    )
    first_year: dict[tuple[str, str], int] = {}
    leading: set[str] = set()
    for record in firms:
        zone = scope.zones.get(record.zone_code or "")
        if zone is None:
            continue
        for node in nodes_of[record.id]:
            key = (zone.code, node)
            first_year[key] = min(first_year.get(key, 9999), record.founded or 0)
        if any(chain_of[node] in zone.leading_chains for node in nodes_of[record.id]):
            leading.add(record.id)
    for code in scope.zones_with(Enterprise):
        for quarter in scope.quarters:
            covered = sum(first_year.get((code, node), 9999) <= quarter.year for node in chain_of)
            book.add("K54", code, quarter, "point", parts=(covered, len(chain_of)))
    _leading_share(scope, book, leading)


def _leading_share(scope: _Scope, book: _Book, leading: set[str]) -> None:
    quarter_of = {str(quarter.months()[-1]): quarter for quarter in scope.quarters}
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for zone, firm, name, output in scope.rows(
        select(Enterprise.zone_code, Enterprise.id, EnterpriseMonth.period, EnterpriseMonth.output_ytd_wan)
        .join(EnterpriseMonth, EnterpriseMonth.enterprise_id == Enterprise.id)
        .where(
            Enterprise.provenance == scope.provenance,
            Enterprise.above_scale_since <= EnterpriseMonth.period,
            EnterpriseMonth.period.in_(sorted(quarter_of)),
            EnterpriseMonth.output_ytd_wan.is_not(None),
        )
    ):
        both = sums[zone, name]
        both[1] += output
        both[0] += output if firm in leading else 0
    for (code, name), (top, bottom) in sorted(sums.items()):
        if code in scope.zones and scope.zones[code].leading_chains:  # without one the share is undefined, not 0
            book.add("K53", code, quarter_of[name], "ytd", parts=(top, bottom))
