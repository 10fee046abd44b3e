"""The records behind a KPI value: one line for each, whose amounts (or numerators and denominators) sum to the value.

The conditions are those of `data.derive.kpis`; a test compares the sums for every indicator. Amounts are in stored units:
money 万元 (K24 万美元), areas m², counts 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from data import models as m
from data.derive.kpis import COHORT_WINDOWS, closed_cohort, land_in_use_m2
from data.queries.carriers import FREE, TAKEN
from data.queries.catalogue import Resolved, catalogue
from data.queries.lifecycle import cohort_projects
from domain.cohorts import CohortProject, cohort_of, funnel
from domain.idle_land import LegalStatus
from domain.periods import Period


@dataclass(frozen=True)
class Line:
    """One record: `amount` of an additive KPI, or `numerator` and `denominator` of a ratio, in stored units."""

    kind: str
    id: str
    name_zh: str | None
    zone_code: str
    amount: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Ask:
    session: Session
    at: Resolved
    kpi: str
    period: Period
    zones: tuple[str, ...]

    @property
    def month(self) -> Period:
        """Last month of the period, but not after the month shown."""
        last = self.period.months()[-1] if self.period.kind != "M" else self.period
        shown = Period.parse(self.at.period)
        return min(last, shown)

    def rows(self, statement: Any) -> list[Any]:
        return list(self.session.execute(statement))

    def own(self, table: Any) -> Any:
        """Records of the data set in the chosen zones."""
        return and_(table.provenance == self.at.provenance, table.zone_code.in_(self.zones))


Source = Callable[[_Ask], list[Line]]

_FIRM_YEAR: dict[str, tuple[str, str]] = {
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
NOT_MARKETED = ("reserved", "frozen")
NOT_DELIVERED = ("building",)
_INDUSTRIAL = ("10", "11")
_STATES = ("developable", "ready", "supplied", "built")
_CLUSTERS = ("facility", "laboratory", "university", "industry")


# --- projects -----------------------------------------------------------------------------------------------------------


def _industrial_share(ask: _Ask) -> list[Line]:
    fact = m.ProjectFact
    rows = ask.rows(
        select(m.Project.id, m.Project.name_zh, m.Project.zone_code, fact.fai_ytd_wan, fact.is_industrial)
        .join(fact, fact.project_id == m.Project.id)
        .where(ask.own(m.Project), fact.period == str(ask.month), fact.fai_ytd_wan.is_not(None))
    )
    return [
        Line("project", i, n, z, numerator=int(v) if industrial else 0, denominator=int(v))
        for i, n, z, v, industrial in rows
    ]


def _intensity(ask: _Ask) -> list[Line]:
    stone = m.Milestone
    rows = ask.rows(
        select(m.Project.id, m.Project.name_zh, m.Project.zone_code, m.Project.total_investment_wan, m.Project.land_m2)
        .join(stone, and_(stone.project_id == m.Project.id, stone.stage == 60))
        .where(
            ask.own(m.Project),
            stone.done_on <= ask.period.end,
            m.Project.total_investment_wan.is_not(None),
            m.Project.land_m2 > 0,
        )
    )
    return [Line("project", i, n, z, numerator=int(v), denominator=int(a)) for i, n, z, v, a in rows]


def _cohort(ask: _Ask) -> list[Line]:
    names = dict(ask.rows(select(m.Project.id, m.Project.name_zh).where(ask.own(m.Project))))
    day = ask.period.end
    found: list[Line] = []
    for zone, project in cohort_projects(ask.session, ask.at):
        if zone not in ask.zones:
            continue
        both = _rate(ask.kpi, project, day)
        if both is not None:
            found.append(
                Line(
                    "project", project.project_id, names[project.project_id], zone, numerator=both[0],
                    denominator=both[1], details={"cohort": cohort_of(project.signed_on)},
                )
            )  # fmt: skip
    return found


def _rate(kpi: str, project: CohortProject, day: Any) -> tuple[int, int] | None:
    """What one project adds to a cohort rate; None when it is not in the denominator."""
    if kpi == "K28":
        found = funnel([project], cohort_of(project.signed_on), day)
        rate = found.capacity
    else:
        window = COHORT_WINDOWS[kpi]
        cohort = closed_cohort(day, window)
        if cohort_of(project.signed_on) != cohort:
            return None
        found = funnel([project], cohort, day, window)
        rate = {"K25": found.performance, "K26": found.start, "K27": found.production_of_started}[kpi]
    return (rate.numerator, rate.denominator) if rate.denominator else None


def _dispatch(ask: _Ask) -> list[Line]:
    report, plan = m.MonthlyReport, m.ProjectYear
    rows = ask.rows(
        select(m.Project.id, m.Project.name_zh, m.Project.zone_code, report.ytd_wan, report.plan_ytd_wan, plan.plan_wan)
        .join(report, report.project_id == m.Project.id)
        .join(plan, and_(plan.project_id == m.Project.id, plan.year == ask.month.year))
        .where(ask.own(m.Project), report.period == str(ask.month))
    )
    found = []
    for i, n, z, done, due, annual in rows:
        scheduled = annual * ask.month.index // 12 if due is None else due
        top = done if ask.kpi == "K30" else scheduled - done
        found.append(
            Line("project", i, n, z, numerator=int(top), denominator=int(annual), details={"due_wan": int(scheduled)})
        )
    return found


def _funds(ask: _Ask) -> list[Line]:
    report = m.MonthlyReport
    rows = ask.rows(
        select(
            m.Project.id, m.Project.name_zh, m.Project.zone_code, report.funds_in_wan, m.Project.total_investment_wan
        )
        .join(report, report.project_id == m.Project.id)
        .where(
            ask.own(m.Project),
            report.period == str(ask.month),
            report.funds_in_wan.is_not(None),
            m.Project.total_investment_wan.is_not(None),
        )
    )
    return [Line("project", i, n, z, numerator=int(v), denominator=int(t)) for i, n, z, v, t in rows]


def _red(ask: _Ask) -> list[Line]:
    month = m.ProjectMonth
    rows = ask.rows(
        select(m.Project.id, m.Project.name_zh, m.Project.zone_code, month.light)
        .join(month, month.project_id == m.Project.id)
        .where(ask.own(m.Project), month.period == str(ask.month), month.light != "none")
    )
    return [
        Line("project", i, n, z, numerator=int(light == "red"), denominator=1, details={"light": light})
        for i, n, z, light in rows
    ]


# --- firms --------------------------------------------------------------------------------------------------------------


def _revenue(ask: _Ask) -> list[Line]:
    month = m.EnterpriseMonth
    rows = ask.rows(
        select(m.Enterprise.id, m.Enterprise.name_zh, m.Enterprise.zone_code, month.revenue_ytd_wan)
        .join(month, month.enterprise_id == m.Enterprise.id)
        .where(ask.own(m.Enterprise), month.period == str(ask.period.months()[-1]), month.revenue_ytd_wan.is_not(None))
    )
    return [Line("enterprise", i, n, z, int(v)) for i, n, z, v in rows]


def _firm_years(ask: _Ask) -> list[tuple[Any, Any]]:
    year, firm = m.EnterpriseYear, m.Enterprise
    return [
        (f, y)
        for f, y in ask.rows(
            select(firm, year)
            .join(year, year.enterprise_id == firm.id)
            .where(ask.own(firm), year.year == ask.period.year, firm.above_scale_since <= f"{ask.period.year}-12")
        )
    ]


def _value_added(ask: _Ask) -> list[Line]:
    return [
        Line("enterprise", f.id, f.name_zh, f.zone_code, int(y.value_added_wan))
        for f, y in _firm_years(ask)
        if y.value_added_wan is not None
    ]


def _per_firm(ask: _Ask) -> list[Line]:
    top, bottom = _FIRM_YEAR[ask.kpi]
    found = []
    for firm, y in _firm_years(ask):
        if firm.grading_status is not None:
            continue
        values = {
            "tax": y.tax_wan,
            "output": y.output_wan,
            "value_added": y.value_added_wan,
            "revenue": y.revenue_wan,
            "rd": y.rd_wan,
            "employees": y.employees,
            "energy": y.energy_tce,
            "land": land_in_use_m2(y),
        }
        if values[top] is not None and values[bottom]:
            found.append(
                Line(
                    "enterprise", firm.id, firm.name_zh, firm.zone_code, numerator=int(values[top]),
                    denominator=int(values[bottom]),
                )
            )  # fmt: skip
    return found


def _register(ask: _Ask) -> list[Line]:
    firm = m.Enterprise
    found = []
    for f in ask.session.scalars(select(firm).where(ask.own(firm)).order_by(firm.id)):
        counts = {
            "K44": f.high_tech_from is not None
            and f.high_tech_from <= ask.period.year
            and (f.high_tech_to is None or f.high_tech_to >= ask.period.year),
            "K45": f.above_scale_since is not None and f.above_scale_since <= str(ask.month),
            "K46": f.ladder is not None,
            "K47": bool(f.leader_of),
        }
        if counts[ask.kpi]:
            details = {"K44": f"{f.high_tech_from}-{f.high_tech_to or ''}", "K45": f.above_scale_since,
                       "K46": f.ladder, "K47": ",".join(f.leader_of or ())}  # fmt: skip
            found.append(Line("enterprise", f.id, f.name_zh, f.zone_code or "", 1, details={"basis": details[ask.kpi]}))
    return found


def _leading_share(ask: _Ask) -> list[Line]:
    known = catalogue(ask.session)
    link, month, firm = m.EntityNode, m.EnterpriseMonth, m.Enterprise
    chains: dict[str, set[str]] = {}
    for i, node in ask.rows(
        select(link.entity_id, link.node_id)
        .join(firm, firm.id == link.entity_id)
        .where(link.entity_kind == "enterprise", ask.own(firm))
    ):
        chains.setdefault(i, set()).add(known.nodes[node].chain)
    rows = ask.rows(
        select(firm.id, firm.name_zh, firm.zone_code, month.output_ytd_wan)
        .join(month, month.enterprise_id == firm.id)
        .where(
            ask.own(firm),
            month.period == str(ask.period.months()[-1]),
            firm.above_scale_since <= month.period,
            month.output_ytd_wan.is_not(None),
        )
    )
    return [
        Line(
            "enterprise", i, n, z, denominator=int(v),
            numerator=int(v) if chains.get(i, set()) & set(known.zones[z].leading_chains) else 0,
        )
        for i, n, z, v in rows
        if known.zones[z].leading_chains  # without one the share is undefined, not 0
    ]  # fmt: skip


def _coverage(ask: _Ask) -> list[Line]:
    """Every node once, on the union of the zones' firms: a node that two zones cover counts once (spec §5.3).

    The line stands in the first zone, in the order of the scheme, that has a firm at the node; `details` names them all.
    """
    known = catalogue(ask.session)
    link, firm = m.EntityNode, m.Enterprise
    first: dict[tuple[str, str], int] = {}
    for z, node, founded in ask.rows(
        select(firm.zone_code, link.node_id, firm.founded)
        .join(firm, and_(firm.id == link.entity_id, link.entity_kind == "enterprise"))
        .where(ask.own(firm))
    ):
        first[z, node] = min(first.get((z, node), 9999), founded or 0)
    with_firms = set(ask.session.scalars(select(firm.zone_code).where(ask.own(firm)).distinct()))
    zones = [z for z in ask.zones if z in with_firms]
    lines = []
    for n in known.nodes.values() if zones else ():
        there = [z for z in zones if first.get((z, n.id), 9999) <= ask.period.year]
        lines.append(
            Line(
                "node", n.id, n.name_zh, there[0] if there else zones[0], numerator=int(bool(there)), denominator=1,
                details={"zones": there},
            )
        )  # fmt: skip
    return lines


# --- carriers, land, platforms ------------------------------------------------------------------------------------------


def _buildings(ask: _Ask) -> list[Line]:
    building = m.CarrierBuilding
    rows = ask.rows(
        select(building.id, building.name_zh, building.zone_code, building.gross_area_m2, building.delivered_on).where(
            ask.own(building), building.delivered_on <= ask.month.end, building.gross_area_m2.is_not(None)
        )
    )
    return [Line("carrier", i, n, z, int(a), details={"delivered_on": str(d)}) for i, n, z, a, d in rows]


def _units(ask: _Ask) -> list[Line]:
    """Units by their state today: vacant of delivered, taken of marketed (the denominators differ, spec §3.2)."""
    building, unit = m.CarrierBuilding, m.CarrierUnit
    found = []
    for i, number, area, state, name, zone in ask.rows(
        select(unit.id, unit.unit_no, unit.area_m2, unit.state, building.name_zh, building.zone_code)
        .join(building, building.id == unit.building_id)
        .where(ask.own(building))
    ):
        label, details, size = f"{name} {number}", {"state": state}, int(area)
        if ask.kpi == "K34":
            if state in FREE:
                found.append(Line("carrier_unit", i, label, zone, size, details=details))
            continue
        top, out = (TAKEN, NOT_MARKETED) if ask.kpi == "K35" else (FREE, NOT_DELIVERED)
        if state not in out:
            part = size if state in top else 0
            found.append(Line("carrier_unit", i, label, zone, numerator=part, denominator=size, details=details))
    return found


def _parcels(ask: _Ask) -> list[Line]:
    parcel = m.LandParcel
    idle = set(
        ask.session.scalars(
            select(m.LandContract.parcel_id).where(m.LandContract.legal_status == LegalStatus.DETERMINED_IDLE.value)
        )
    )
    found = []
    for i, z, state, status, plan, area, floor in ask.rows(
        select(
            parcel.id, parcel.zone_code, parcel.land_state, parcel.status_code, parcel.plan_code, parcel.area_m2,
            parcel.floor_area_m2,
        ).where(ask.own(parcel), parcel.land_state.in_(_STATES))
    ):  # fmt: skip
        level, area = _STATES.index(state), int(area)
        built = level == 3
        parts: dict[str, tuple[int, int]] = {
            "K37": (area if level >= 1 else 0, area),
            "K38": (area if level >= 2 else 0, area if level >= 1 else 0),
            "K39": (area if built else 0, area if level >= 2 else 0),
            "K40": (area if level >= 2 and i in idle else 0, area if level >= 2 else 0),
            "K41": (area if built and (status or "").startswith(_INDUSTRIAL) else 0, area if built else 0),
            "K42": (int(floor or 0) if built else 0, area if built else 0),
        }
        details = {"land_state": state, "plan_code": plan, "status_code": status}
        if ask.kpi == "K43":
            if level < 2 and (plan or "").startswith(_INDUSTRIAL):
                found.append(Line("parcel", i, None, z, area, details=details))
        elif parts[ask.kpi][1]:
            top, bottom = parts[ask.kpi]
            found.append(Line("parcel", i, None, z, numerator=top, denominator=bottom, details=details))
    return found


def _platforms(ask: _Ask) -> list[Line]:
    platform = m.Platform
    last, cut = str(ask.period.months()[-1]), catalogue(ask.session).cut_month
    rows = ask.rows(
        select(platform.id, platform.name_zh, platform.zone_code, platform.category, platform.since)
        .where(ask.own(platform), platform.category.in_(_CLUSTERS))
        .order_by(platform.id)
    )
    return [
        Line("platform", i, n, z, 1, details={"category": c, "since": s})
        for i, n, z, c, s in rows
        if (s or cut) <= last
    ]


#: KPIs whose value is made of records here; K01 K02 K04 K08 K09 K20–K24 come from the attribution engine.
SOURCES: dict[str, Source] = {
    "K03": _industrial_share,
    "K06": _value_added,
    "K07": _revenue,
    **dict.fromkeys(_FIRM_YEAR, _per_firm),
    "K19": _intensity,
    **dict.fromkeys(("K25", "K26", "K27", "K28"), _cohort),
    "K29": _funds,
    **dict.fromkeys(("K30", "K31"), _dispatch),
    "K32": _red,
    "K33": _buildings,
    **dict.fromkeys(("K34", "K35", "K36"), _units),
    **dict.fromkeys(("K37", "K38", "K39", "K40", "K41", "K42", "K43"), _parcels),
    **dict.fromkeys(("K44", "K45", "K46", "K47"), _register),
    "K51": _platforms,
    "K53": _leading_share,
    "K54": _coverage,
}
#: KPIs recomputed on the union of the zones' firms: zones do not sum to the whole (spec §5.3).
UNION_KPIS = frozenset({"K54"})
#: KPIs made of figures of single firms: their sums are subject to suppression (spec §2.6).
FIRM_FIGURES = frozenset({"K04", "K06", "K07", "K08", "K09", *_FIRM_YEAR, "K53"})


def lines_of(session: Session, at: Resolved, kpi_id: str, period: str, zones: Sequence[str]) -> list[Line] | None:
    """Every record behind a KPI at its period for these zones; None for a KPI that is reported, not counted.

    No viewer is asked here: the caller withholds what must be withheld.
    """
    source = SOURCES.get(kpi_id)
    if source is None:
        return None
    return source(_Ask(session, at, kpi_id, Period.parse(period), tuple(zones)))
