"""KPI figures of any choice of zones, from stored values or, under a filter, from the same lines those are made of.

Ratios are recomputed from sums, missing zones are named, nothing unknown becomes zero (rules §3.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, select

from data import models as m
from data.indicators import Sums, amounts_of, sums_of, union
from data.queries import gate
from data.queries.attribution import divided_total, read_together, split
from data.queries.cached import cached, cached_for_readers, cached_together
from data.queries.catalogue import Resolved
from data.queries.disclosure import firm_blocks, firm_blocks_of, open_to, whole_zones_shown, zone_groups, zone_groups_of
from data.queries.filter_sql import PLACE_FACETS, PROJECT_FACETS, entity_conditions, project_stands
from data.queries.projects import filtered
from data.queries.question import Question
from data.queries.stored import stored_of
from domain.filters import Facet
from domain.indicators import TODAY_FACETS, Indicator, Method
from domain.indicators.roll_up import RollUp, roll_up_growth, roll_up_ratio, roll_up_sum
from domain.lights import Light
from domain.periods import Period
from domain.reasons import ReasonKey
from domain.targets import LINEAR, Schedule, attainment, schedule_status
from domain.units import exact
from domain.viewstate import Dataset, Scope

#: The leaders' six headline figures (rules §8.1).
HEADLINE = ("K01", "K04", "K08", "K21", "K23", "K24")
#: Two years of months, and the year before that they are compared with.
SPARK_MONTHS = 36

YoyKind = Literal["growth", "points"]
_FIRST = Period.of_month(2000, 1)


@dataclass(frozen=True)
class Figure:
    """One KPI for a choice of zones at a date, with everything the number must carry on screen.

    `value` is in `unit` as stored (money 万元, area m²); `reason` says why there is none or why it is partial.
    `yoy` is a share (0.086 = +8.6 %) for levels, a difference of values for ratios (`yoy_kind`); `yoy_reason` says why
    there is none: "state_filter" under a filter by what projects are today, "suppressed" where it would give a firm away.
    `period` is the figure's own date, older than the page's where the KPI is annual or quarterly.
    `from_records` tells that the value was summed from filtered records instead of stored values. `missed` are the facets in
    force that it cannot follow, in the order of the bar (reason "not_filterable"). `scope` is the one it is told in:
    territorial, unless a district's part was asked for in another.
    """

    kpi: Indicator
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
    yoy_reason: ReasonKey | None = None
    missed: tuple[Facet, ...] = ()
    scope: Scope = Scope.TERRITORIAL

    @property
    def partial(self) -> bool:
        """Whether some of the chosen zones are not in the value."""
        return self.reported < self.expected


class Cell(NamedTuple):
    """One zone's value at one period in stored units; `row` is the stored value it came from, if any."""

    value: Any
    numerator: Any
    denominator: Any
    unit: str
    row: Any = None


#: Period -> zone -> cell.
_Cells = Mapping[str, Mapping[str, Cell]]


def _empty(
    kpi: Indicator,
    period: str,
    expected: int,
    reason: ReasonKey | None,
    *,
    from_records: bool = False,
    missed: tuple[Facet, ...] = (),
) -> Figure:
    return Figure(
        kpi, None, kpi.stored_unit, None, None, reason, 0, expected, (), None, "growth", period, None, kpi.channel, None,
        None, None, None, Light.GREY, (), from_records, missed=missed,
    )  # fmt: skip


def figures(question: Question, kpi_ids: Sequence[str], *, zones: Sequence[str] | None = None) -> dict[str, Figure]:
    """Figures of `kpi_ids` for the chosen zones (or `zones`), in the order asked for.

    Under a filter by chain, stage, light, district or kind those whose records know the facets are summed from the
    selected records; the others answer "not_filterable" and which facets they cannot follow (rules §5.4). A district's
    figure is the part that the split gives it in the scope of the state. Raises KeyError for an unknown KPI id.
    """
    units = tuple(zones) if zones is not None else question.at.chosen
    wanted = {k: question.known.kpis[k] for k in kpi_ids}
    if not gate.may_see_totals(question.viewer, question.at.provenance):
        return {k: _empty(kpi, question.at.period, len(units), "withheld") for k, kpi in wanted.items()}
    if question.filter.beyond_zone:
        return _selected(question, wanted, units)
    found = _from_values(question, units, kpi_ids)
    closed = [f for f in found.values() if f.value is not None and not open_to(question.viewer, f.kpi)]
    zone_groups_of(question, [(f.kpi, _periods_of(f)) for f in closed])
    for kpi_id, figure in found.items():
        if figure.value is None:
            continue
        if not open_to(question.viewer, figure.kpi):
            found[kpi_id] = _shown(question, figure, units)
        elif figure.kpi.method is Method.UNION and len(units) > 1:
            found[kpi_id] = _united(question, figure, units)
    return found


def _united(question: Question, figure: Figure, units: tuple[str, ...]) -> Figure:
    """The figure on the union of the zones' records, at its own period: never a sum of zones (rules §5.3)."""
    kpi = figure.kpi
    key = ("union", kpi.id, question.at.provenance, units, tuple(p for p, _ in figure.spark))
    periods = [Period.parse(p) for p, _ in figure.spark]
    found = cached(question.session, key, lambda: union(kpi, question.ask(units, periods)))

    def value(period: str) -> Fraction | None:
        total = found.get(period)
        return Fraction(total.numerator * kpi.factor, total.denominator) if total and total.denominator else None

    now, before = value(figure.period), value(str(Period.parse(figure.period).year_ago()))
    total = found.get(figure.period)
    return replace(
        figure,
        value=now,
        numerator=total.numerator if total else None,
        denominator=total.denominator if total else None,
        yoy=now - before if now is not None and before is not None else None,
        spark=tuple((p, None if (v := value(p)) is None else float(v)) for p, _ in figure.spark),
    )


def _shown(question: Question, figure: Figure, units: Sequence[str]) -> Figure:
    """The figure as far as it gives no single firm away, by itself or beside any other (rules §2.6.4)."""
    before = str(Period.parse(figure.period).year_ago())
    groups = zone_groups(question, figure.kpi, _periods_of(figure))
    if not whole_zones_shown(groups.get(figure.period), units):
        return _empty(figure.kpi, question.at.period, len(units), "suppressed")
    spark = tuple((p, v if whole_zones_shown(groups.get(p), units) else None) for p, v in figure.spark)
    if figure.yoy is not None and not whole_zones_shown(groups.get(before), units):
        return replace(figure, yoy=None, yoy_reason="suppressed", spark=spark)
    return replace(figure, spark=spark)


def _periods_of(figure: Figure) -> tuple[str, ...]:
    """Every period that the figure says something of."""
    before = str(Period.parse(figure.period).year_ago())
    return tuple(sorted({figure.period, before, *(p for p, _ in figure.spark)}))


# --- stored values ----------------------------------------------------------------------------------------------------


def _from_values(question: Question, units: Sequence[str], kpi_ids: Sequence[str]) -> dict[str, Figure]:
    at = question.at
    now = Period.parse(at.period)
    first = f"{now.year - 5}"
    stored = stored_of(question.session, at.provenance)
    found: dict[str, Figure] = {}
    for kpi_id in kpi_ids:
        periods: dict[str, dict[str, Cell]] = {}
        for row in stored.values.get(kpi_id, ()):
            # A later version of the same value replaces the earlier one (revision).
            if row.unit_code in units and row.period >= first and _not_after(row.period_type, row.period, now):
                cell = Cell(row.value, row.numerator, row.denominator, row.unit, row)
                periods.setdefault(row.period, {})[row.unit_code] = cell
        target = _target([t for t in stored.targets.get((kpi_id, now.year), ()) if t.unit_code in units], units)
        found[kpi_id] = _of_values(question.known.kpis[kpi_id], periods, units, at, target)
    return found


def _not_after(period_type: str, period: str, month: Period) -> bool:
    if period_type == "M":
        return period <= str(month)
    if period_type == "Q":
        quarter = Period.parse(period)
        return (quarter.year, quarter.index * 3) <= (month.year, month.index)
    return int(period) < month.year or (int(period) == month.year and month.index == 12)


def _of_values(
    kpi: Indicator, periods: _Cells, units: Sequence[str], at: Resolved, target: tuple[RollUp, Schedule] | None
) -> Figure:
    if not periods:
        return _empty(kpi, at.period, len(units), "not_reported")
    monthly = any(len(period) == 7 and period[4] == "-" for period in periods)
    shown = at.period if monthly else max(periods)
    if monthly and not kpi.released(Period.parse(shown)):
        return _empty(kpi, shown, len(units), "no_january")
    figure = _figure(kpi, periods, units, shown)
    rows = [cell.row for cell in periods.get(shown, {}).values()]
    annual, schedule = target if target else (None, LINEAR)
    goal = Fraction(annual.value) if annual and annual.value is not None and not annual.partial else None
    month = Period.parse(at.period).index
    timed = kpi.ytd and goal is not None
    return replace(
        figure,
        status=rows[0].status if rows else None,
        as_of=str(max(r.as_of for r in rows)) if rows else None,
        target=goal,
        attained=attainment(figure.value, goal) if goal is not None else None,
        due=schedule.cumulative[month - 1] if timed else None,
        light=schedule_status(figure.value if figure.reason is None else None, goal, month, schedule)
        if timed
        else Light.GREY,
    )


def _figure(kpi: Indicator, periods: _Cells, units: Sequence[str], shown: str) -> Figure:
    """Value, growth and sparkline of one period from the cells of the zones."""
    now = periods.get(shown, {})
    before = periods.get(str(Period.parse(shown).year_ago()), {})
    total = _total(kpi, now, units)
    yoy, yoy_kind = _yoy(kpi, now, before, units, total)
    return replace(
        _empty(kpi, shown, len(units), None),
        value=total.value,
        unit=next((cell.unit for cell in now.values()), kpi.stored_unit),
        numerator=total.numerator,
        denominator=total.denominator,
        reason=total.reason,
        reported=total.reported,
        expected=total.expected,
        missing=total.missing,
        yoy=yoy,
        yoy_kind=yoy_kind,
        spark=tuple((p, _number(_total(kpi, periods[p], units))) for p in sorted(periods)[-SPARK_MONTHS:]),
    )


def _number(total: RollUp) -> float | None:
    return float(total.value) if total.value is not None and not total.partial else None


def _total(kpi: Indicator, by_unit: Mapping[str, Cell], units: Sequence[str]) -> RollUp:
    if kpi.method is Method.PUBLISHED:
        if len(units) == 1:
            return roll_up_sum({u: r.value for u, r in by_unit.items()}, units)
        return RollUp(None, None, None, len(by_unit), len(units), (), "not_derivable")
    if len({cell.unit for cell in by_unit.values()}) > 1:
        return RollUp(None, None, None, len(by_unit), len(units), (), "mixed_unit")
    if kpi.is_ratio:
        total = roll_up_ratio({u: (r.numerator, r.denominator) for u, r in by_unit.items()}, units)
        return _scaled(kpi, total)
    return roll_up_sum({u: r.value for u, r in by_unit.items()}, units)


def _scaled(kpi: Indicator, total: RollUp) -> RollUp:
    """A ratio in the dictionary's unit (rules §3.2)."""
    if total.value is None:
        return total
    value = exact(total.value) * kpi.factor
    plain = value.numerator if value.denominator == 1 else value
    return RollUp(
        plain, total.numerator, total.denominator, total.reported, total.expected, total.missing, total.reason
    )


def _yoy(
    kpi: Indicator, now: Mapping[str, Cell], before: Mapping[str, Cell], units: Sequence[str], total: RollUp
) -> tuple[Fraction | None, YoyKind]:
    if kpi.is_ratio or kpi.method is Method.PUBLISHED:
        old = _total(kpi, before, units)
        if total.value is None or old.value is None or total.partial or old.partial:
            return None, "points"
        return exact(total.value) - exact(old.value), "points"
    if len({cell.unit for cell in (*now.values(), *before.values())}) > 1:
        return None, "growth"
    growth = roll_up_growth({u: r.value for u, r in now.items()}, {u: r.value for u, r in before.items()}, list(units))
    return (exact(growth.value) if growth.value is not None and not growth.partial else None), "growth"


def _target(found: Sequence[Any], units: Sequence[str]) -> tuple[RollUp, Schedule] | None:
    """The target of a year for some zones together, and how it falls due; None where there is none."""
    return (roll_up_sum({t.unit_code: t.value for t in found}, units), _schedule(found)) if found else None


def _schedule(targets: Sequence[Any]) -> Schedule:
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


# --- under a filter ---------------------------------------------------------------------------------------------------


def _selected(question: Question, kpis: Mapping[str, Indicator], units: Sequence[str]) -> dict[str, Figure]:
    """The figures of the selected records."""
    asked = {k: _periods(question, kpi) for k, kpi in kpis.items()}
    summed = {k: p for k, p in asked.items() if isinstance(p, tuple) and not _is_divided(question, kpis[k])}
    sums_ = _zone_sums(question, units, summed)
    divided = [k for k, p in asked.items() if isinstance(p, tuple) and k not in summed]
    read_together(question, [(k, str(period)) for k in divided for period in asked[k]])
    closed = [k for k, p in asked.items() if isinstance(p, tuple) and not open_to(question.viewer, kpis[k])]
    firm_blocks_of(question, [(kpis[k], str(period)) for k in closed for period in asked[k]])
    firms = _firms(question, [kpis[k] for k in closed if k in summed], units, summed)
    return {k: _filtered(question, kpi, units, asked[k], sums_.get(k, {}), firms) for k, kpi in kpis.items()}


#: Firms of the selected lines of a KPI at a period.
_Firms = Mapping[tuple[str, Period], set[str]]


def _firms(
    question: Question, kpis: Sequence[Indicator], units: Sequence[str], periods: Mapping[str, tuple[Period, ...]]
) -> _Firms:
    wanted = [(kpi, period) for kpi in kpis for period in periods[kpi.id]]

    def build(places: Sequence[int]) -> list[set[str]]:
        asked = [wanted[i] for i in places]
        read = amounts_of([(kpi, question.ask(units, [p], record_conditions(question, kpi))) for kpi, p in asked])
        return [{one.id for one in amounts} for amounts in read]

    chosen = replace(question.filter, clauses=question.filter.beyond_zone)
    of = (question.at.provenance, tuple(units), chosen, question.viewer)
    keys = [("firms selected", kpi.id, period, *of) for kpi, period in wanted]
    found = cached_together(question.session, keys, build, for_readers=True)
    return {(kpi.id, period): firms for (kpi, period), firms in zip(wanted, found, strict=True)}


def _periods(question: Question, kpi: Indicator) -> tuple[Period, ...] | ReasonKey:
    """The period that a filtered figure is of, last, before it the one it is compared with; or why there is no figure."""
    at = question.at
    if kpi.missed(question.filter):
        return "not_filterable"
    if at.provenance == Dataset.PUBLISHED.provenance:
        return "not_reported"
    now = Period.parse(at.period)
    if not kpi.released(now):
        return "no_january"
    periods = kpi.periods(Period.range(_FIRST, now))
    if not periods or (kpi.cut_only and at.period != question.known.cuts[at.provenance]):
        return "not_reported"
    shown = periods[-1]
    today = {clause.facet for clause in question.filter.beyond_zone} & TODAY_FACETS
    return (shown,) if kpi.cut_only or today else (shown.year_ago(), shown)


def _is_divided(question: Question, kpi: Indicator) -> bool:
    """Whether the figure is a district's part of the split."""
    return kpi.divisible and any(clause.facet is Facet.DISTRICT for clause in question.filter.beyond_zone)


def _filtered(
    question: Question,
    kpi: Indicator,
    units: Sequence[str],
    wanted: tuple[Period, ...] | ReasonKey,
    found: Sums,
    firms: _Firms,
) -> Figure:
    """The figure of the selected records: what the lines of the indicator sum to; or a district's part of their split."""
    at = question.at
    facets = {clause.facet for clause in question.filter.beyond_zone}
    missed = kpi.missed(question.filter)

    def none(reason: ReasonKey) -> Figure:
        return _empty(kpi, at.period, len(units), reason, from_records=True, missed=missed)

    if not isinstance(wanted, tuple):
        return none(wanted)
    shown = wanted[-1]
    scope = Scope.TERRITORIAL
    if _is_divided(question, kpi):
        scope = at.scope
        cells, reason = _divided(question, kpi, units, wanted)
        if reason is not None:
            return none(reason)
    else:
        cells = _summed(kpi, units, found)
        if not cells.get(str(shown)):
            return none("no_records")
    reported = stored_of(question.session, at.provenance).reported(kpi.id)
    if reported:  # a zone that reported nothing is as unknown of a part as of the whole
        cells = {
            p: {u: cell for u, cell in own.items() if (u, p) in reported or cell.value or cell.numerator}
            for p, own in cells.items()
        }
        if not cells.get(str(shown)):
            return none("not_reported")
    figure = replace(
        _figure(kpi, cells, units, str(shown)),
        from_records=True,
        scope=scope,
        spark=(),
        yoy_reason="state_filter" if facets & TODAY_FACETS else None,
    )
    if open_to(question.viewer, kpi):
        return figure
    for period in wanted:
        if _is_divided(question, kpi):  # as the split tells it, which also knows who is divided by another ratio
            shares = split(question.with_(period=str(period)), kpi.id, units)
            if shares.reason != "suppressed" and all(part.amount is not None for part in shares.parts):
                continue
        elif firm_blocks(question, kpi, str(period)).admit(firms[kpi.id, period]):
            continue
        if period == shown:
            return none("suppressed")
        figure = replace(figure, yoy=None, yoy_reason="suppressed")
    return figure


def record_conditions(question: Question, kpi: Indicator) -> list[ColumnElement[bool]]:
    """What a state's filter demands of the indicator's records, the zones left aside.

    One record has one district here: a project that of most of its ground. Only records that the viewer may see.
    """
    wanted = question.filter
    beyond = replace(wanted, clauses=wanted.beyond_zone)
    if kpi.record != "project":
        kind = "carrier" if kpi.record == "carrier_unit" else kpi.record or ""
        return entity_conditions(kind, beyond)
    project = m.Project
    chosen = filtered(select(project.id), question, PROJECT_FACETS - PLACE_FACETS).correlate(None)
    conditions: list[ColumnElement[bool]] = [project.id.in_(chosen)]
    conditions += [project_stands(beyond.ground(c), mainly=True) for c in beyond.clauses if c.facet is Facet.DISTRICT]
    return conditions


def _summed(kpi: Indicator, units: Sequence[str], found: Sums) -> dict[str, dict[str, Cell]]:
    """Cells of the selected lines; a zone without any of them adds nothing to a period that has some."""
    cells: dict[str, dict[str, Cell]] = {}
    for period in {period for zone, period in found if zone in units}:
        cells[period] = {}
        for unit in units:
            total = found.get((unit, period))
            top, bottom = (total.numerator, total.denominator) if total else (0, 0 if kpi.is_ratio else None)
            cells[period][unit] = Cell(None if kpi.is_ratio else top, top, bottom, kpi.stored_unit)
    return cells


def _zone_sums(question: Question, units: Sequence[str], periods: Mapping[str, tuple[Period, ...]]) -> dict[str, Sums]:
    """What the selected lines of each KPI sum to by zone and period.

    Of all zones of the scheme, in one statement: a page shows several KPIs of the same zones, and of each zone alone.
    """
    at = question.at
    zones = at.zones if set(units) <= set(at.zones) else tuple(units)
    wanted = replace(question.filter, clauses=question.filter.beyond_zone)
    kpis = [question.known.kpis[k] for k in periods]

    def build() -> dict[str, Sums]:
        asked = [(kpi, question.ask(zones, periods[kpi.id], record_conditions(question, kpi))) for kpi in kpis]
        return dict(zip(periods, sums_of(asked), strict=True)) if asked else {}

    key = ("zone sums", tuple(periods.items()), at.provenance, zones, wanted, question.viewer)
    return cached_for_readers(question.session, key, build)


def _divided(
    question: Question, kpi: Indicator, units: Sequence[str], periods: Sequence[Period]
) -> tuple[dict[str, dict[str, Cell]], ReasonKey | None]:
    """What the split gives the chosen districts, zone by zone; and why the newest period has none."""
    cells: dict[str, dict[str, Cell]] = {}
    for period in periods:
        parts, reason = divided_total(question, kpi.id, tuple(units), str(period))
        if reason is None:
            cells[str(period)] = {zone: Cell(amount, None, None, kpi.stored_unit) for zone, amount in parts.items()}
        elif period is periods[-1]:
            return {}, reason
    return cells, None
