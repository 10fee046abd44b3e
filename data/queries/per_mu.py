"""Per-mu evaluation 亩均论英雄 of the firms of a year, with the what-if on weights and scoring (rules §3.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.queries import gate
from data.queries.cached import cached
from data.queries.catalogue import Resolved
from data.queries.disclosure import whole_zones_shown, zone_groups
from data.queries.question import Question
from domain.per_mu import (
    SICHUAN,
    Evaluation,
    Firms,
    Indicator,
    Method,
    ScoreFn,
    Standing,
    changes,
    evaluate,
    park_values,
)
from domain.periods import Period
from domain.reasons import ReasonKey
from domain.suppression import MIN_CONTRIBUTORS, Weight, join_unsafe
from domain.viewer import FieldClass

#: What `enterprise.grading_status` means for the ranking; a firm founded in the year itself is "new" (不定级,参照B).
STANDING: dict[str, Standing] = {
    "startup": "start_up", "construction": "construction", "utility": "public_utility", "new": "new",
}  # fmt: skip
#: KPI of the dictionary that an indicator is the evaluation of.
KPI_OF = {
    "revenue_per_mu": "K13", "tax_per_mu": "K10", "revenue_per_employee": "K14", "revenue_per_tce": "K15",
    "rd_intensity": "K17", "va_per_mu": "K12", "va_per_tce": "K16", "va_per_employee": "K18",
}  # fmt: skip

_COLUMNS = {
    "revenue_wan": "revenue_wan",
    "tax_wan": "tax_wan",
    "value_added_wan": "value_added_wan",
    "rd_wan": "rd_wan",
    "energy_tce": "energy_tce",
    "emission": "emission_eq",
    "employees": "employees",
    "owned_m2": "land_m2",
    "leased_floor_m2": "leased_m2",
    "far": "leased_far",
}


@dataclass(frozen=True)
class ReferenceLine:
    """A published mean drawn beside a park's value, in the indicator's unit, with year and source (rules §3.2.5)."""

    indicator: str
    level: str
    value: float
    year: str
    source: str


_SICHUAN_2020 = "四川省园区规上工业企业2020年评价均值，mtdqdl.com/blog/_685524_317075.html"
_NATIONAL = "国家级开发区土地集约利用监测通报，lvyousp.com/news/news527.html"
REFERENCES: tuple[ReferenceLine, ...] = (
    ReferenceLine("revenue_per_mu", "province", 427.4, "2020", _SICHUAN_2020),
    ReferenceLine("tax_per_mu", "province", 14.3, "2020", _SICHUAN_2020),
    ReferenceLine("revenue_per_employee", "province", 144.4, "2020", _SICHUAN_2020),
    ReferenceLine("revenue_per_tce", "province", 4.9, "2020", _SICHUAN_2020),
    ReferenceLine("rd_intensity", "province", 0.015, "2020", _SICHUAN_2020),
    # 678.99 万元/公顷 and 8984.3 万元/公顷 as published, per 亩 (15 亩 to the hectare).
    ReferenceLine("tax_per_mu", "nation", round(678.99 / 15, 1), "", _NATIONAL),
    ReferenceLine("investment_per_mu", "nation", round(8984.3 / 15, 0), "", _NATIONAL),
)


@dataclass(frozen=True)
class ParkFigure:
    """An indicator of one zone (or of all, zone "") from sums; `value` None with a reason ("no_data", "suppressed").

    Money in 万元, land in 亩; `firms` counts those with both parts.
    """

    zone: str
    indicator: str
    kpi_id: str | None
    value: float | None
    numerator: float | None
    denominator: float | None
    firms: int
    reason: ReasonKey | None = None


@dataclass(frozen=True)
class PerMu:
    """One evaluation. `rows` hold single firms and are empty for who may not see them (`rows_reason` "withheld").

    `classes` counts firms by class for each zone (zone "" for all), `hidden` are those whose counts would give a firm away
    to this viewer; `changed` are firms whose class differs from the default method's, as (id, name, zone, before, after),
    `changed_count` is None where the classes of all are hidden. `reason` says why there is nothing: "withheld", "no_firms".

    A row has its `score` in points, `attained` as a share of `method.full`, and how many firms share its rank (`tied`).
    """

    year: int
    years: tuple[int, ...]
    method: Method
    is_default: bool
    zones: tuple[str, ...]
    classes: dict[str, dict[str, int]]
    parks: tuple[ParkFigure, ...]
    references: tuple[ReferenceLine, ...]
    rows: tuple[dict[str, Any], ...]
    firms: int
    changed: tuple[tuple[str, str, str, str, str], ...]
    changed_count: int | None
    rows_reason: ReasonKey | None = None
    reason: ReasonKey | None = None
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class _Cohort:
    """Firms of one data set and year with their names and zones, in the order of the arrays."""

    firms: Firms
    names: tuple[str, ...]
    zones: NDArray[np.str_]


def method_of(
    weights: Mapping[str, float] | None = None,
    score_fn: ScoreFn | None = None,
    cutoffs: Sequence[tuple[str, int]] | None = None,
    base: Method = SICHUAN,
) -> Method:
    """`base` with other weights, scoring function or class cut-offs (rules §3.4: the curve is not in the sources).

    Raises ValueError for an indicator that the method does not have, a negative weight or cut-offs that do not rise.
    """
    chosen = dict(weights or {})
    indicators: tuple[Indicator, ...] = tuple(
        replace(i, weight=float(chosen.pop(i.key))) if i.key in chosen else i for i in base.indicators
    )
    if chosen:
        raise ValueError(f"no indicator {', '.join(sorted(chosen))} in this method")
    return Method(indicators, score_fn or base.score_fn, tuple(cutoffs) if cutoffs is not None else base.cutoffs)


def evaluated_years(session: Session, at: Resolved) -> tuple[int, ...]:
    """Years with annual figures of the data set up to the month shown, newest first."""
    now = Period.parse(at.period)
    last = now.year if now.index == 12 else now.year - 1
    stmt = (
        select(m.EnterpriseYear.year)
        .join(m.Enterprise, m.Enterprise.id == m.EnterpriseYear.enterprise_id)
        .where(m.Enterprise.provenance == at.provenance, m.EnterpriseYear.year <= last)
        .distinct()
        .order_by(m.EnterpriseYear.year.desc())
    )
    return tuple(session.scalars(stmt))


def _cohort(session: Session, at: Resolved, year: int) -> _Cohort:
    firm, figures = m.Enterprise, m.EnterpriseYear
    columns = [getattr(figures, name) for name in _COLUMNS.values()]
    rows = session.execute(
        select(firm.id, firm.name_zh, firm.zone_code, firm.grading_status, firm.founded, *columns)
        .join(figures, figures.enterprise_id == firm.id)
        .where(
            firm.provenance == at.provenance,
            firm.zone_code.in_(at.zones),
            figures.year == year,
            # 园区内规上工业企业: in the register by the end of the year (rules §3.4).
            firm.above_scale_since <= f"{year}-12",
        )
        .order_by(firm.id)
    ).all()
    figures_of = np.array([[np.nan if v is None else v for v in row[5:]] for row in rows], dtype=np.float64)
    table = figures_of.reshape(len(rows), len(columns))
    arrays = {name: table[:, i].copy() for i, name in enumerate(_COLUMNS)}
    _fill_land(arrays)
    standing: tuple[Standing, ...] = tuple(
        STANDING[row[3]] if row[3] in STANDING else "new" if row[4] == year else "" for row in rows
    )
    return _Cohort(
        Firms(tuple(row[0] for row in rows), arrays, standing, np.zeros(len(rows), dtype=np.bool_)),
        tuple(row[1] for row in rows),
        np.array([row[2] for row in rows], dtype=np.str_),
    )


def _fill_land(columns: dict[str, NDArray[np.float64]]) -> None:
    """A firm that owns its land leases none, and one that leases owns none: one known area makes the other 0.

    When neither is known both stay unknown, and the firm is 不定级 instead of landless.
    """
    owned, leased = columns["owned_m2"], columns["leased_floor_m2"]
    either = ~np.isnan(owned) | ~np.isnan(leased)
    columns["owned_m2"] = np.where(either & np.isnan(owned), 0.0, owned)
    columns["leased_floor_m2"] = np.where(either & np.isnan(leased), 0.0, leased)


def _subset(cohort: _Cohort, zones: Sequence[str]) -> _Cohort:
    mask = np.isin(cohort.zones, list(zones)) if len(cohort.names) else np.zeros(0, dtype=np.bool_)
    if mask.all():
        return cohort
    keep = np.flatnonzero(mask).tolist()
    firms = cohort.firms
    return _Cohort(
        Firms(
            tuple(firms.ids[i] for i in keep),
            {name: column[mask] for name, column in firms.columns.items()},
            tuple(firms.standing[i] for i in keep),
            firms.disqualified[mask],
        ),
        tuple(cohort.names[i] for i in keep),
        cohort.zones[mask],
    )


def per_mu(
    question: Question,
    *,
    year: int | None = None,
    weights: Mapping[str, float] | None = None,
    score_fn: ScoreFn | None = None,
    cutoffs: Sequence[tuple[str, int]] | None = None,
    zones: Sequence[str] | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> PerMu:
    """Evaluate the firms of the chosen zones together for one year, and compare with the default method (rules §3.4).

    The cohort that is ranked is the firms of the chosen zones. `year` None is the newest year that has ended.
    Raises ValueError for an unknown indicator, a negative weight, or a year without figures.
    """
    session, at = question.session, question.at
    chosen = tuple(zones) if zones is not None else at.chosen
    method = method_of(weights, score_fn, cutoffs)
    default = method == SICHUAN
    if not gate.may_see_totals(question.viewer, at.provenance):
        return _nothing(year or 0, (), method, default, chosen, "withheld")
    years = evaluated_years(session, at)
    if not years:
        return _nothing(year or 0, (), method, default, chosen, "no_firms")
    wanted = years[0] if year is None else year
    if wanted not in years:
        raise ValueError(f"no annual figures of firms for {wanted}: there are {', '.join(map(str, years))}")
    everyone = cached(session, ("per_mu", at.provenance, at.scheme, wanted), lambda: _cohort(session, at, wanted))
    cohort = _subset(everyone, chosen)
    if not cohort.names:
        return _nothing(wanted, years, method, default, chosen, "no_firms")
    result = evaluate(cohort.firms, method)
    before = result if default else evaluate(cohort.firms, SICHUAN)
    may_firms = question.viewer.may(FieldClass.ENTERPRISE_FIGURES)
    moved = [] if default else changes(before, result)
    hidden = frozenset[str]() if may_firms else _hidden_classes(everyone, at.zones, chosen)
    place = {firm: i for i, firm in enumerate(cohort.firms.ids)}
    changed = tuple(
        (firm, cohort.names[place[firm]], str(cohort.zones[place[firm]]), old, new) for firm, old, new in moved
    )
    return PerMu(
        year=wanted,
        years=years,
        method=method,
        is_default=default,
        zones=chosen,
        classes={zone: counts for zone, counts in _classes(cohort, result, chosen).items() if zone not in hidden},
        parks=_parks(question, cohort, method, chosen, wanted),
        references=tuple(r for r in REFERENCES if r.indicator in {i.key for i in method.indicators})
        + tuple(r for r in REFERENCES if r.indicator == "investment_per_mu"),
        rows=_firm_rows(cohort, result, before, method, offset, limit) if may_firms else (),
        firms=len(cohort.names),
        changed=changed if may_firms else (),
        changed_count=None if "" in hidden else len(moved),
        rows_reason=None if may_firms else "withheld",
        hidden=hidden,
    )


def _nothing(
    year: int, years: tuple[int, ...], method: Method, default: bool, zones: tuple[str, ...], reason: ReasonKey
) -> PerMu:
    return PerMu(year, years, method, default, zones, {}, (), (), (), 0, (), 0, reason, reason)


def _classes(cohort: _Cohort, result: Evaluation, zones: Sequence[str]) -> dict[str, dict[str, int]]:
    found = {}
    for zone in ("", *zones):
        grades = result.grade if not zone else result.grade[cohort.zones == zone]
        names, counts = np.unique(grades, return_counts=True)
        found[zone] = {str(n): int(c) for n, c in zip(names, counts, strict=True)}
    return found


def _hidden_classes(everyone: _Cohort, zones: Sequence[str], chosen: Sequence[str]) -> frozenset[str]:
    """Of the chosen zones, and "" for all of them, those whose counts by class are of too few firms, or would be so once
    others are subtracted (rules §2.6.4)."""
    counts = {zone: int((everyone.zones == zone).sum()) for zone in zones}
    groups = join_unsafe({zone: (Weight(n, 1, n),) for zone, n in counts.items() if n})
    if len(groups) == 1 and sum(counts.values()) < MIN_CONTRIBUTORS:
        groups = []
    shown = {zone for zone in chosen if not counts[zone] or whole_zones_shown(groups, (zone,))}
    return frozenset(set(chosen) - shown) | (frozenset() if whole_zones_shown(groups, chosen) else {""})


def _parks(
    question: Question, cohort: _Cohort, method: Method, zones: Sequence[str], year: int
) -> tuple[ParkFigure, ...]:
    """Values of each zone and of all together from sums of the firms that are evaluated (rules §3.4, §3.3.1).

    Firms in their start-up or construction phase and public utilities are left out, as in the KPIs K10-K18. Outside the
    owner's group a sum is shown where that of its KPI is (`data.queries.disclosure`), so that the two never differ by a firm.
    """
    firms = cohort.firms
    in_scope = np.array([s in ("", "new") for s in firms.standing], dtype=np.bool_)
    found = []
    for zone in ("", *zones):
        members = in_scope if not zone else in_scope & (cohort.zones == zone)
        for key, value in park_values(firms, method, members).items():
            kpi_id = KPI_OF.get(key)
            if value.value is None:
                found.append(ParkFigure(zone, key, kpi_id, None, None, None, value.firms, "no_data"))
            elif not _may_show(question, kpi_id, year, (zone,) if zone else zones):
                found.append(ParkFigure(zone, key, kpi_id, None, None, None, value.firms, "suppressed"))
            else:
                found.append(
                    ParkFigure(zone, key, kpi_id, value.value, value.numerator, value.denominator, value.firms)
                )
    return tuple(found)


def _may_show(question: Question, kpi_id: str | None, year: int, zones: Sequence[str]) -> bool:
    if question.viewer.may(FieldClass.ENTERPRISE_FIGURES):
        return True
    if kpi_id is None:
        return False
    groups = zone_groups(question, question.known.kpis[kpi_id], (str(year),)).get(str(year))
    return groups is not None and whole_zones_shown(groups, zones)


def _firm_rows(
    cohort: _Cohort, result: Evaluation, before: Evaluation, method: Method, offset: int, limit: int | None
) -> tuple[dict[str, Any], ...]:
    """Firms by rank; those without one after them, by id."""
    n = len(cohort.names)
    rank = np.where(result.rank > 0, result.rank, n + 1)
    sharing = dict(zip(*(x.tolist() for x in np.unique(result.rank, return_counts=True)), strict=True))
    order = np.lexsort((np.arange(n), rank))[offset : None if limit is None else offset + limit]

    def number(value: Any) -> float | None:
        return None if np.isnan(value) else float(value)

    rows = []
    for i in order.tolist():
        rows.append(
            {
                "id": result.ids[i],
                "name_zh": cohort.names[i],
                "zone_code": str(cohort.zones[i]),
                "rank": int(result.rank[i]) or None,
                "tied": sharing[int(result.rank[i])] if result.rank[i] else 0,
                "score": number(result.total[i]),
                "attained": number(result.total[i] / method.full) if method.full else None,
                "grade": str(result.grade[i]),
                "default_grade": str(before.grade[i]),
                "treated_as": str(result.treated_as[i]) or None,
                "reason": str(result.reason[i]) or None,
                "values": {k.key: number(result.values[k.key][i]) for k in method.indicators},
                "scores": {k.key: number(result.scores[k.key][i]) for k in method.indicators},
                "filled": [k.key for k in method.indicators if result.filled[k.key][i]],
            }
        )
    return tuple(rows)
