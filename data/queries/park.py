"""What the page of one park needs beside the shared queries: series, agreements, firms per node, platforms, reporting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from sqlalchemy import and_, func, select

from data import models as m
from data.indicators.firms import founded_by
from data.queries import gate
from data.queries.attribution import agreements_of
from data.queries.cached import cached_for_readers
from data.queries.catalogue import platforms_at
from data.queries.disclosure import open_to, whole_zones_shown, zone_groups
from data.queries.filter_sql import entity_conditions
from data.queries.projects import filtered
from data.queries.question import Question
from data.queries.stored import Stored, stored_of
from domain.attribution import Agreement
from domain.indicators import Indicator
from domain.periods import Period, ytd_to_month_values
from domain.reasons import ReasonKey
from domain.targets import LINEAR, Schedule
from domain.units import exact
from domain.viewstate import Dataset

PeriodKind = Literal["M", "Q", "Y"]


def has_figures(question: Question) -> bool:
    """Whether there can be any figure of a park: not for who may not see totals, nor where only single facts are published."""
    state = question.state
    if state.dataset is Dataset.PUBLISHED or state.dataset not in question.known.filled:
        return False
    return gate.may_see_totals(question.viewer, question.at.provenance)


@dataclass(frozen=True)
class SeriesPoint:
    """One reported value in the stored unit; `revised` when a later version replaced an earlier one."""

    period: str
    value: Fraction | None
    status: str | None
    revised: bool


@dataclass(frozen=True)
class MonthPoint:
    """Value of a single month (K01: January and February together); `revised` marks a negative one, never clipped."""

    period: str
    months: int
    value: int | None
    revised: bool


@dataclass(frozen=True)
class ZoneSeries:
    """Everything reported for one KPI of one zone up to the month of the state, oldest first.

    `months` are the month values of a cumulative sum (rules §3.3.3), () where a month value has no meaning. `due` is the
    time schedule in the stored unit by month, of whole years (rules §3.5). `reason`: "withheld", "not_reported" or "suppressed", then nothing
    else. Periods of firms' figures that would give a firm away are left out (rules §2.6.4).
    """

    kpi: Indicator
    unit: str
    kind: PeriodKind
    points: tuple[SeriesPoint, ...]
    months: tuple[MonthPoint, ...]
    due: tuple[tuple[str, Fraction], ...]
    as_of: date | None
    reason: ReasonKey | None


def zone_series(question: Question, kpi_id: str, zone: str) -> ZoneSeries:
    """The reported series of a KPI of one zone: monthly, else quarterly, else annual. A filter does not touch it.

    Raises KeyError for an unknown KPI id.
    """
    at = question.at
    kpi = question.known.kpis[kpi_id]
    if not gate.may_see_totals(question.viewer, at.provenance):
        return _no_series(kpi, "withheld")
    stored = stored_of(question.session, at.provenance)
    rows = [row for row in stored.values.get(kpi_id, ()) if row.unit_code == zone]
    last = Period.parse(at.period).end
    by_kind: dict[str, dict[str, Any]] = {}
    for row in rows:
        if Period.parse(row.period).end <= last:
            by_kind.setdefault(row.period_type, {})[row.period] = row  # a later version replaces the earlier one
    kind: PeriodKind = next((k for k in ("M", "Q", "Y") if k in by_kind), "M")
    found = by_kind.get(kind, {})
    if not found:
        return _no_series(kpi, "not_reported")
    if not open_to(question.viewer, kpi):
        groups = zone_groups(question, kpi, tuple(found))
        found = {p: r for p, r in found.items() if r.value is None or whole_zones_shown(groups.get(p), (zone,))}
        if not found:
            return _no_series(kpi, "suppressed")
    newest = found[max(found)]
    return ZoneSeries(
        kpi=kpi,
        unit=newest.unit,
        kind=kind,
        points=tuple(
            SeriesPoint(
                p, None if r.value is None else exact(r.value), r.status, r.version > 1 or r.status == "revised"
            )
            for p, r in found.items()
        ),
        months=_month_points(kpi, found) if kind == "M" else (),
        due=_due(stored, kpi, zone, {p[:4] for p in found}) if kind == "M" else (),
        as_of=max(r.as_of for r in found.values()),
        reason=None,
    )


def _no_series(kpi: Indicator, reason: ReasonKey) -> ZoneSeries:
    return ZoneSeries(kpi, kpi.unit, "M", (), (), (), None, reason)


def has_month_values(kpi: Indicator) -> bool:
    """Whether a cumulative KPI can be taken apart into months: sums and counts can, rates cannot."""
    return kpi.ytd and kpi.derivable and not kpi.is_ratio


def _month_points(kpi: Indicator, found: Mapping[str, Any]) -> tuple[MonthPoint, ...]:
    if not has_month_values(kpi):
        return ()
    first, last = Period.parse(min(found)), Period.parse(max(found))
    points: list[MonthPoint] = []
    for year in range(first.year, last.year + 1):
        count = last.index if year == last.year else 12
        values = [found.get(f"{year}-{i:02d}") for i in range(1, count + 1)]
        ytd = [None if r is None or r.value is None else int(exact(r.value)) for r in values]
        merged = kpi.no_january and ytd[0] is None
        points += [
            MonthPoint(str(v.months[-1]), len(v.months), v.value, v.revised)
            for v in ytd_to_month_values(year, ytd, no_january=merged)
        ]
    return tuple(points)


def _due(stored: Stored, kpi: Indicator, zone: str, years: set[str]) -> tuple[tuple[str, Fraction], ...]:
    if not kpi.ytd:
        return ()
    due: list[tuple[str, Fraction]] = []
    for row in (t for y in sorted(years) for t in stored.targets.get((kpi.id, int(y)), ()) if t.unit_code == zone):
        schedule = Schedule(tuple(exact(c) for c in row.curve)) if row.curve else LINEAR
        months = [f"{row.year}-{i:02d}" for i in range(1, 13)]
        due += [(p, schedule.due(row.value, i)) for i, p in enumerate(months, 1)]
    return tuple(due)


def park_agreements(question: Question, zone: str) -> tuple[Agreement, ...]:
    """Sharing agreements of the zone in force at the end of the month, by metric class (rules §4.3).

    Ratios made up for the demonstration belong to the demo data set only.
    """
    day = Period.parse(question.at.period).end
    found, _unreadable = agreements_of(question.session, question.at)
    return tuple(
        a for a in found if a.zone == zone and a.valid_from <= day and (a.valid_to is None or a.valid_to >= day)
    )


def platform_list(question: Question, zone: str) -> list[dict[str, Any]]:
    """Innovation platforms of one zone by category and name, each with level, status, date and source.

    Of a filter only the chain restricts them (rules §5.4).
    """
    p = m.Platform
    rows = question.session.scalars(
        select(p)
        .where(
            p.provenance == question.at.provenance,
            p.zone_code == zone,
            platforms_at(question.session, question.at),
            *entity_conditions("platform", question.filter),
        )
        .order_by(p.category, p.name_zh, p.id)
    )
    return [
        {
            "id": r.id,
            "name_zh": r.name_zh,
            "category": r.category,
            "host": r.host,
            "level": r.level,
            "status": r.status,
            "since": r.since,
            "as_of": r.as_of,
            "source": r.source,
        }
        for r in rows
    ]


@dataclass(frozen=True)
class Reporting:
    """How complete the park's data are: KPI ids with and without any value, and monthly reports in of those due.

    `reports_due` counts the projects before production; None where nobody reports (published) or for who may not know.
    """

    with_value: tuple[str, ...]
    without_value: tuple[str, ...]
    reports_in: int | None
    reports_due: int | None


def _reports(question: Question) -> tuple[int, int]:
    """How many projects have to report in the month, and of how many a report has come."""
    due = filtered(select(m.Project.id), question).where(
        m.ProjectMonth.signed, m.ProjectMonth.stage_group.in_(("signed", "building"))
    )
    came = (
        select(func.count())
        .select_from(m.MonthlyReport)
        .where(m.MonthlyReport.period == question.at.period, m.MonthlyReport.project_id.in_(due))
    )
    counted = select(select(func.count()).select_from(due.subquery()).scalar_subquery(), came.scalar_subquery())
    expected, arrived = question.session.execute(counted).one()
    return expected, arrived


def reporting(question: Question, zone: str) -> Reporting | None:
    """What is reported for the zone up to the month; None for who may not see totals."""
    session, at = question.session, question.at
    if not gate.may_see_totals(question.viewer, at.provenance):
        return None
    last = Period.parse(at.period).end
    seen = {
        kpi
        for kpi, rows in stored_of(session, at.provenance).values.items()
        if any(r.unit_code == zone and r.value is not None and Period.parse(r.period).end <= last for r in rows)
    }
    reports_in = reports_due = None
    if at.provenance != "published" and gate.allowed_fields(question.viewer, ("reports",), at.provenance):
        reports_due, reports_in = cached_for_readers(
            session,
            ("reporting", question.viewer, at.provenance, at.scheme, at.period, zone),
            lambda: _reports(question.unfiltered.with_(zones=(zone,))),
        )
    return Reporting(
        tuple(k for k in question.known.kpis if k in seen),
        tuple(k for k in question.known.kpis if k not in seen),
        reports_in,
        reports_due,
    )


def covered_nodes(question: Question) -> Mapping[str, frozenset[str]]:
    """The chain nodes with an active firm in each zone of the data set, whatever the filter (rules §5.3)."""
    session, at = question.session, question.at

    def build() -> dict[str, frozenset[str]]:
        link, firm = m.EntityNode, m.Enterprise
        found: dict[str, set[str]] = {}
        rows = select(firm.zone_code, link.node_id).join(
            link, and_(link.entity_id == firm.id, link.entity_kind == "enterprise")
        )
        own = rows.where(
            firm.provenance == at.provenance, firm.zone_code.is_not(None), founded_by(int(at.period[:4]))
        ).distinct()
        for zone, node in session.execute(own):
            found.setdefault(str(zone), set()).add(node)
        return {zone: frozenset(nodes) for zone, nodes in found.items()}

    return cached_for_readers(session, ("covered nodes", at.provenance, at.period[:4]), build)
