"""KPI figures of any choice of zones, from reported values or, under a filter, from the records themselves.

Ratios are recomputed from sums, missing zones are named, nothing unknown becomes zero (spec §3.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from data import models as m
from data.queries import gate
from data.queries.catalogue import Catalogue, Resolved, catalogue
from data.queries.chains import chain_boards
from data.queries.filter_sql import ENTERPRISE_FACETS, PLATFORM_FACETS, PROJECT_FACETS, entity_conditions
from data.queries.projects import filtered
from domain.chains import NodeState
from domain.filters import Facet, Filter, filter_of
from domain.kpi import MAJOR_PROJECT_WAN, KpiDef, Method, RollUp, roll_up_growth, roll_up_ratio, roll_up_sum
from domain.periods import Period
from domain.reasons import ReasonKey
from domain.suppression import show_sum
from domain.targets import LINEAR, Light, Schedule, attainment, schedule_status
from domain.units import exact
from domain.viewer import FieldClass, Viewer
from domain.viewstate import ViewState

#: The leaders' six headline figures (spec §8.1 L1).
HEADLINE = ("K01", "K04", "K08", "K21", "K23", "K24")
SPARK_MONTHS = 24

YoyKind = Literal["growth", "points"]


@dataclass(frozen=True)
class Figure:
    """One KPI for a choice of zones at a date, with everything the number must carry on screen.

    `value` is in `unit` as stored (money 万元, area m²); `reason` says why there is none or why it is partial.
    `yoy` is a share (0.086 = +8.6 %) for levels, a difference of values for ratios (`yoy_kind`).
    `period` is the figure's own date, older than the page's where the KPI is annual or quarterly.
    `from_records` tells that the value was summed from filtered records instead of reported values. `missed` are the
    facets in force that the KPI cannot follow, in the order of the bar (reason "not_filterable").
    """

    kpi: KpiDef
    value: Fraction | int | None
    unit: str
    numerator: Fraction | int | None
    denominator: Fraction | int | None
    reason: ReasonKey | None
    reported: int
    expected: int
    missing: tuple[str, ...]
    yoy: Fraction | None
    yoy_kind: YoyKind
    period: str
    status: str | None
    channel: str
    as_of: str | None
    target: Fraction | None
    attained: Fraction | None
    due: Fraction | None
    light: Light
    spark: tuple[tuple[str, float | None], ...]
    from_records: bool = False
    missed: tuple[Facet, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether some of the chosen zones are not in the value."""
        return self.reported < self.expected


def _empty(
    kpi: KpiDef,
    period: str,
    expected: int,
    reason: ReasonKey,
    *,
    from_records: bool = False,
    missed: tuple[Facet, ...] = (),
) -> Figure:
    return Figure(
        kpi, None, kpi.unit, None, None, reason, 0, expected, (), None, "growth", period, None, kpi.channel, None,
        None, None, None, Light.GREY, (), from_records, missed,
    )  # fmt: skip


def figures(
    session: Session, viewer: Viewer, state: ViewState, kpi_ids: Sequence[str], *, zones: Sequence[str] | None = None
) -> dict[str, Figure]:
    """Figures of `kpi_ids` for the chosen zones (or `zones`), in the order asked for.

    Under a filter by chain, stage, light, district or kind the record-backed ones are summed from the selected
    records; the others answer "not_filterable" (spec §5.4). Raises KeyError for an unknown KPI id.
    """
    known = catalogue(session)
    at = known.resolve(state)
    units = tuple(zones) if zones is not None else at.chosen
    if not gate.may_see_totals(viewer, at.provenance):
        return {k: _empty(known.kpis[k], at.period, len(units), "withheld") for k in kpi_ids}
    filter_ = filter_of(state, at.period)
    beyond_zone = tuple(c for c in filter_.clauses if c.facet is not Facet.ZONE)
    if beyond_zone:
        return {
            k: _from_records(session, viewer, state, known.kpis[k], at, units, Filter(beyond_zone, at.period))
            for k in kpi_ids
        }
    found = _from_values(session, known, at, units, kpi_ids)
    for kpi_id, column in _ENTERPRISE_COLUMN.items():
        if kpi_id in found and _suppressed(session, viewer, at, units, Filter((), at.period), column):
            found[kpi_id] = _empty(known.kpis[kpi_id], at.period, len(units), "suppressed")
    if "K54" in found and found["K54"].value is not None and len(units) > 1:
        found["K54"] = _union_coverage(session, viewer, state, units, found["K54"])
    return found


def _union_coverage(session: Session, viewer: Viewer, state: ViewState, units: Sequence[str], figure: Figure) -> Figure:
    """K54 on the union of firms of all zones: nodes covered anywhere over all nodes, never a sum of zones (spec §5.3)."""
    boards = chain_boards(session, viewer, state, zones=units)
    nodes = [assessment for board in boards for _node, assessment in board.nodes]
    top, bottom = sum(a.state is not NodeState.MISSING for a in nodes), len(nodes)
    value = Fraction(top * 100, bottom) if bottom else None
    return replace(figure, value=value, numerator=top, denominator=bottom, yoy=None, spark=())


# --- reported values --------------------------------------------------------------------------------------------------


def _from_values(
    session: Session, known: Catalogue, at: Resolved, units: Sequence[str], kpi_ids: Sequence[str]
) -> dict[str, Figure]:
    now = Period.parse(at.period)
    first = f"{now.year - 5}"
    v = m.KpiValue
    rows = session.execute(
        select(
            v.kpi_id, v.unit_code, v.period_type, v.period, v.value, v.unit, v.numerator, v.denominator, v.status,
            v.channel, v.as_of, v.version,
        )
        .where(
            v.provenance == at.provenance,
            v.kpi_id.in_(list(kpi_ids)),
            v.unit_scope == "zone",
            v.unit_code.in_(list(units)),
            v.scope == "territorial",
            v.period >= first,
        )
        .order_by(v.kpi_id, v.period, v.version)
    ).all()  # fmt: skip
    by_kpi: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        # A later version of the same value replaces the earlier one (revision).
        if _not_after(row.period_type, row.period, now):
            by_kpi.setdefault(row.kpi_id, {}).setdefault(row.period, {})[row.unit_code] = row
    targets = _targets(session, at, units, kpi_ids, now.year)
    return {k: _figure(known.kpis[k], by_kpi.get(k, {}), units, at, targets.get(k)) for k in kpi_ids}


def _not_after(period_type: str, period: str, month: Period) -> bool:
    if period_type == "M":
        return period <= str(month)
    if period_type == "Q":
        quarter = Period.parse(period)
        return (quarter.year, quarter.index * 3) <= (month.year, month.index)
    return int(period) < month.year or (int(period) == month.year and month.index == 12)


def _figure(
    kpi: KpiDef,
    periods: dict[str, dict[str, Any]],
    units: Sequence[str],
    at: Resolved,
    target: tuple[RollUp, Schedule] | None,
) -> Figure:
    if not periods:
        return _empty(kpi, at.period, len(units), "not_reported")
    monthly = any(r.period_type == "M" for u in periods.values() for r in u.values())
    shown = at.period if monthly else max(periods)
    if monthly and kpi.no_january and shown.endswith("-01"):
        return _empty(kpi, shown, len(units), "no_january")
    now = periods.get(shown, {})
    before = periods.get(str(Period.parse(shown).year_ago()), {})
    total = _total(kpi, now, units)
    any_row = next(iter(now.values()), None)
    yoy, yoy_kind = _yoy(kpi, now, before, units, total)
    annual, schedule = target if target else (None, LINEAR)
    goal = Fraction(annual.value) if annual and annual.value is not None and not annual.partial else None
    month = Period.parse(at.period).index
    complete = total.value if total.reason is None else None
    timed = kpi.ytd and goal is not None
    return Figure(
        kpi=kpi,
        value=total.value,
        unit=any_row.unit if any_row else kpi.unit,
        numerator=total.numerator,
        denominator=total.denominator,
        reason=total.reason,
        reported=total.reported,
        expected=total.expected,
        missing=total.missing,
        yoy=yoy,
        yoy_kind=yoy_kind,
        period=shown,
        status=any_row.status if any_row else None,
        channel=kpi.channel,
        as_of=str(max(r.as_of for r in now.values())) if now else None,
        target=goal,
        attained=attainment(total.value, goal) if goal is not None else None,
        due=schedule.cumulative[month - 1] if timed else None,
        light=schedule_status(complete, goal, month, schedule) if timed else Light.GREY,
        spark=tuple((p, _number(_total(kpi, periods[p], units))) for p in sorted(periods)[-SPARK_MONTHS:]),
    )


def _number(total: RollUp) -> float | None:
    return float(total.value) if total.value is not None and not total.partial else None


def _total(kpi: KpiDef, by_unit: dict[str, Any], units: Sequence[str]) -> RollUp:
    if kpi.method is Method.PUBLISHED:
        if len(units) == 1:
            return roll_up_sum({u: r.value for u, r in by_unit.items()}, units)
        return RollUp(None, None, None, len(by_unit), len(units), (), "not_derivable")
    if kpi.is_ratio:
        total = roll_up_ratio({u: (r.numerator, r.denominator) for u, r in by_unit.items()}, units)
        return _scaled(kpi, total)
    return roll_up_sum({u: r.value for u, r in by_unit.items()}, units)


def _scaled(kpi: KpiDef, total: RollUp) -> RollUp:
    """A ratio in the dictionary's unit: percentages are kept as shares ×100, per-mu values per 亩 (spec §3.2)."""
    if total.value is None:
        return total
    value = exact(total.value)
    if kpi.unit in ("%", "pp"):
        value *= 100
    elif kpi.unit.endswith("/亩"):
        value *= Fraction(2000, 3)
    plain = value.numerator if value.denominator == 1 else value
    return RollUp(
        plain, total.numerator, total.denominator, total.reported, total.expected, total.missing, total.reason
    )


def _yoy(
    kpi: KpiDef, now: dict[str, Any], before: dict[str, Any], units: Sequence[str], total: RollUp
) -> tuple[Fraction | None, YoyKind]:
    if kpi.is_ratio or kpi.method is Method.PUBLISHED:
        old = _total(kpi, before, units)
        if total.value is None or old.value is None or total.partial or old.partial:
            return None, "points"
        return exact(total.value) - exact(old.value), "points"
    growth = roll_up_growth({u: r.value for u, r in now.items()}, {u: r.value for u, r in before.items()}, list(units))
    return (exact(growth.value) if growth.value is not None and not growth.partial else None), "growth"


def _targets(
    session: Session, at: Resolved, units: Sequence[str], kpi_ids: Sequence[str], year: int
) -> dict[str, tuple[RollUp, Schedule]]:
    t = m.Target
    rows = session.scalars(
        select(t).where(
            t.provenance == at.provenance, t.year == year, t.unit_code.in_(list(units)), t.kpi_id.in_(list(kpi_ids))
        )
    ).all()
    by_kpi: dict[str, list[m.Target]] = {}
    for row in rows:
        by_kpi.setdefault(row.kpi_id, []).append(row)
    return {
        k: (roll_up_sum({r.unit_code: r.value for r in found}, units), _schedule(found)) for k, found in by_kpi.items()
    }


def _schedule(targets: Sequence[m.Target]) -> Schedule:
    """Schedule of a summed target: each unit's curve weighted by its target, so that parts due add up to the sum."""
    whole = sum((exact(t.value) for t in targets), Fraction(0))
    if not whole or not any(t.curve for t in targets):
        return LINEAR
    months = []
    for i in range(12):
        due = sum(
            (exact(t.value) * (exact(t.curve[i]) if t.curve else Fraction(i + 1, 12)) for t in targets), Fraction(0)
        )
        months.append(due / whole)
    months[-1] = Fraction(1)
    return Schedule(tuple(months))


# --- from records -----------------------------------------------------------------------------------------------------

_PROJECT_COLUMN = {
    "K01": m.ProjectFact.fai_ytd_wan,
    "K02": m.ProjectFact.fai_ytd_wan,
    "K23": m.ProjectFact.domestic_ytd_wan,
    "K24": m.ProjectFact.foreign_ytd_usd_wan,
}
_ENTERPRISE_COLUMN = {"K04": m.EnterpriseMonth.output_ytd_wan, "K08": m.EnterpriseMonth.tax_ytd_wan}
_SIGNED = ("K20", "K21", "K22")
_STORED_UNIT = {"K24": "万美元", "K20": "个", "K21": "个"}

#: Facets that the records behind a KPI know; a KPI that is not here is not summed from records and follows the zone only.
FOLLOWS = {
    **dict.fromkeys((*_PROJECT_COLUMN, *_SIGNED), PROJECT_FACETS),
    **dict.fromkeys(_ENTERPRISE_COLUMN, ENTERPRISE_FACETS),
    "K51": PLATFORM_FACETS,
}


def missed_facets(kpi_id: str, filter_: Filter) -> tuple[Facet, ...]:
    """Facets of the filter that the KPI cannot follow: its screens say 不随…筛选 and show no figure (spec §5.4)."""
    follows = FOLLOWS.get(kpi_id, frozenset({Facet.ZONE}))
    return tuple(c.facet for c in filter_.clauses if c.facet not in follows)


def _from_records(
    session: Session,
    viewer: Viewer,
    state: ViewState,
    kpi: KpiDef,
    at: Resolved,
    units: Sequence[str],
    filter_: Filter,
) -> Figure:
    if missed := missed_facets(kpi.id, filter_):
        return _empty(kpi, at.period, len(units), "not_filterable", from_records=True, missed=missed)
    if at.provenance == "published":
        return _empty(kpi, at.period, len(units), "not_reported", from_records=True)
    if kpi.no_january and at.period.endswith("-01"):
        return _empty(kpi, at.period, len(units), "no_january", from_records=True)
    months = [str(Period.parse(at.period).shift(-i)) for i in range(12, -1, -1)]
    if kpi.id in _PROJECT_COLUMN:
        series = _project_series(session, viewer, state, at, units, kpi.id, months)
    elif kpi.id in _SIGNED:
        series = _signed_series(session, viewer, state, at, units, kpi.id, (months[0], months[-1]))
    elif kpi.id == "K51":
        series = {at.period: _platform_count(session, at, units, filter_)}
    else:
        column = _ENTERPRISE_COLUMN[kpi.id]
        hidden = _suppressed(session, viewer, at, units, filter_, column)
        if hidden:
            return _empty(kpi, at.period, len(units), hidden, from_records=True)
        series = _enterprise_series(session, at, units, filter_, column, months)
    value, before = series.get(at.period), series.get(months[0])
    return Figure(
        kpi=kpi,
        value=value,
        unit=_STORED_UNIT.get(kpi.id, "万元" if kpi.money or kpi.id == "K22" else kpi.unit),
        numerator=None,
        denominator=None,
        reason=None if value is not None else "no_records",
        reported=len(units),
        expected=len(units),
        missing=(),
        yoy=Fraction(value, before) - 1 if value is not None and before else None,
        yoy_kind="growth",
        period=at.period,
        status=None,
        channel=kpi.channel,
        as_of=None,
        target=None,
        attained=None,
        due=None,
        light=Light.GREY,
        spark=tuple((p, float(series[p]) if series.get(p) is not None else None) for p in months)
        if len(series) > 2
        else (),
        from_records=True,
    )


def _project_series(
    session: Session,
    viewer: Viewer,
    state: ViewState,
    at: Resolved,
    units: Sequence[str],
    kpi_id: str,
    months: Sequence[str],
) -> dict[str, int]:
    fact = m.ProjectFact
    column = _PROJECT_COLUMN[kpi_id]
    stmt = (
        filtered(select(fact.period, func.sum(column)), viewer, state, at)
        .join(fact, and_(fact.project_id == m.Project.id, fact.period.in_([months[0], months[-1]])))
        .where(m.Project.zone_code.in_(list(units)), column.is_not(None))
        .group_by(fact.period)
    )
    if kpi_id == "K02":
        stmt = stmt.where(fact.is_industrial)
    return {p: int(v) for p, v in session.execute(stmt) if v is not None}


def _signed_series(
    session: Session,
    viewer: Viewer,
    state: ViewState,
    at: Resolved,
    units: Sequence[str],
    kpi_id: str,
    months: Sequence[str],
) -> dict[str, int]:
    stone = m.Milestone
    result: dict[str, int] = {}
    for month in months:
        end = Period.parse(month)
        what = func.sum(m.Project.total_investment_wan) if kpi_id == "K22" else func.count()
        stmt = (
            filtered(select(what), viewer, state, at)
            .join(stone, and_(stone.project_id == m.Project.id, stone.stage == 30))
            .where(
                m.Project.zone_code.in_(list(units)),
                stone.done_on >= Period.of_month(end.year, 1).start,
                stone.done_on <= end.end,
            )
        )
        if kpi_id == "K21":
            stmt = stmt.where(m.Project.total_investment_wan >= MAJOR_PROJECT_WAN)
        value = session.scalar(stmt)
        result[month] = int(value or 0)
    return result


def _enterprise_series(
    session: Session, at: Resolved, units: Sequence[str], filter_: Filter, column: Any, months: Sequence[str]
) -> dict[str, int]:
    month = m.EnterpriseMonth
    stmt = (
        select(month.period, func.sum(column))
        .join(m.Enterprise, m.Enterprise.id == month.enterprise_id)
        .where(
            m.Enterprise.provenance == at.provenance,
            m.Enterprise.zone_code.in_(list(units)),
            month.period.in_([months[0], months[-1]]),
            column.is_not(None),
            *entity_conditions("enterprise", filter_),
        )
        .group_by(month.period)
    )
    return {p: int(v) for p, v in session.execute(stmt)}


def _suppressed(
    session: Session, viewer: Viewer, at: Resolved, units: Sequence[str], filter_: Filter, column: Any
) -> ReasonKey | None:
    """Reason "suppressed" when the sum would give single firms away to someone outside the owner's group (spec §2.6)."""
    if viewer.may(FieldClass.ENTERPRISE_FIGURES):
        return None
    rows = session.execute(
        select(m.Enterprise.id, column)
        .join(m.EnterpriseMonth, m.EnterpriseMonth.enterprise_id == m.Enterprise.id)
        .where(
            m.Enterprise.provenance == at.provenance,
            m.Enterprise.zone_code.in_(list(units)),
            m.EnterpriseMonth.period == at.period,
            column.is_not(None),
            *entity_conditions("enterprise", filter_),
        )
    ).all()
    return "suppressed" if show_sum({i: int(v) for i, v in rows}).reason else None


def _platform_count(session: Session, at: Resolved, units: Sequence[str], filter_: Filter) -> int:
    stmt = select(func.count(m.Platform.id)).where(
        m.Platform.provenance == at.provenance,
        m.Platform.zone_code.in_(list(units)),
        *entity_conditions("platform", filter_),
    )
    return session.scalar(stmt) or 0
