"""Monthly investment of the projects of a zone, met to the zone's totals, and the plans that give the lights (rules §6.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.demo.enterprises import targets
from data.demo.profiles import Profile
from data.demo.schedule import Case
from data.demo.seeds import CUT, FIRST_YEAR, LAST_YEAR, MONTHS, YEAR_OF, month_no, wander, ytd

_WAN = 10_000
FAI_SEASON = np.array([0.040, 0.048, 0.086, 0.086, 0.092, 0.108, 0.080, 0.080, 0.095, 0.095, 0.095, 0.095])
_SPAN = len(MONTHS)
_CLAMP = (0.4, 2.5)  # a zone with hardly a project under way must not make one of them absurd
_FEW = 20  # projects of a zone below which industry and the rest are not each given their share
_LARGEST = {"land": 52.0, "lease": 14.0, "giant": 200.0}  # 亿元
_ROUNDS = 16
_REST = (0.5, 2.6)  # where the clamp kept one part below its share, the other makes up for some of it


@dataclass(frozen=True)
class Spending:
    """Columns by project and month (57 months from 2022-01); money in whole 万元."""

    month: NDArray[np.float64]
    ytd: NDArray[np.float64]
    cumulative: NDArray[np.float64]
    plan_ytd: NDArray[np.float64]
    plan_year: list[dict[int, int]]
    library: NDArray[np.int64]  # month number in which the project entered the library; _SPAN or more = not yet
    total: NDArray[np.int64]
    domestic_ytd: NDArray[np.float64]
    foreign_ytd: NDArray[np.float64]


def spend(
    projects: Sequence[Case],
    industrial: Sequence[bool],
    mix: Profile,
    giants: Sequence[int],
    random: np.random.Generator,
) -> Spending:
    """Investment by month. Statistical months of a zone sum to its target, industry and the rest each to their share as
    long as both have a project under way; `giants` index projects above 100 亿元.
    """
    unit, before, after = _pace(projects)
    library = _library(projects)
    counted = np.arange(_SPAN)[None, :] > library[:, None]
    wanted = targets(mix.fai, mix.growth["fai"], FAI_SEASON, wander(random, 0.02)) * _WAN
    works = np.asarray(industrial, dtype=bool)[:, None]
    parts = [works, ~works] if len(projects) >= _FEW else [works | True]
    live = [(unit * counted * part).sum(axis=0) for part in parts]
    share = np.where(live[-1] <= 0, 1.0, np.where(live[0] <= 0, 0.0, mix.industrial_fai)) if len(parts) > 1 else 1.0
    shares = [share, 1 - share][: len(parts)]
    size = _sizes(projects, unit * counted, [(p, wanted * q) for p, q in zip(parts, shares, strict=True)], giants)
    raw, before, after = unit * size[:, None], before * size, after * size
    scaled = np.zeros_like(raw)
    for part, part_share in zip(parts, shares, strict=True):
        base = (raw * counted * part).sum(axis=0)
        factor = np.divide(wanted * part_share, base, out=np.ones(_SPAN), where=base > 0)
        scaled += raw * part * np.clip(factor, *_CLAMP)
    reached = (scaled * counted).sum(axis=0)
    rest = np.divide(wanted, reached, out=np.ones(_SPAN), where=reached > 0)
    month = np.rint(scaled * np.clip(rest, *_REST))
    cumulative = np.cumsum(month, axis=1) + np.rint(before)[:, None]
    plan_ytd, plan_year = _plans(projects, month, raw, after, random)
    total = _totals(projects, cumulative, np.rint(before), plan_year, after, set(giants), random)
    domestic, foreign = _capital(projects, month, mix, random)
    return Spending(month, ytd(month), cumulative, plan_ytd, plan_year, library, total, domestic, foreign)


def _pace(projects: Sequence[Case]) -> tuple[Any, Any, Any]:
    """Bell-shaped pace of each project: the part of its investment in each of the 57 months, before and after them."""
    unit, before, after = np.zeros((len(projects), _SPAN)), np.zeros(len(projects)), np.zeros(len(projects))
    for i, case in enumerate(projects):
        start = case.started
        if start is None:
            after[i] = 1.0
            continue
        first = month_no(start)
        last = max(month_no(case.planned.get(110, CUT) if 110 not in case.done else case.done[110]), first + 1)
        at = np.arange(first, last + 1)
        weight = (0.3 + np.sin(np.pi * (np.arange(len(at)) + 0.5) / len(at))) * FAI_SEASON[at % 12]
        amount = weight / weight.sum()
        stop = month_no(case.ended) if case.ended else _SPAN
        live = at <= stop
        inside = (at >= 0) & (at < _SPAN) & live
        unit[i, at[inside]] = amount[inside]
        before[i] = amount[(at < 0) & live].sum()
        after[i] = amount[(at >= _SPAN) | ~live].sum()
    return unit, before, after


def _sizes(projects: Sequence[Case], unit: Any, wanted: Sequence[tuple[Any, Any]], giants: Sequence[int]) -> Any:
    """Investment of each project in 万元: drawn sizes bent until together they spend what the zone's months want."""
    drawn = np.array([c.size for c in projects]) * _WAN
    most = np.array([_LARGEST["giant" if i in set(giants) else c.route] for i, c in enumerate(projects)]) * _WAN
    size = drawn.copy()
    span = unit.sum(axis=1)
    for _ in range(_ROUNDS):
        pull = np.zeros_like(size)
        for part, total in wanted:
            own = unit * part
            base = (own * size[:, None]).sum(axis=0)
            pull += (own * np.divide(total, base, out=np.ones(_SPAN), where=base > 0)).sum(axis=1)
        size *= np.where(
            span > 0, np.clip(np.divide(pull, span, out=np.ones_like(span), where=span > 0), 0.5, 2.0), 1.0
        )
        size = np.clip(size, np.minimum(drawn, most) * 0.3, most)
        size[list(giants)] = drawn[list(giants)]
    for case, amount in zip(projects, size.tolist(), strict=True):
        case.size = amount / _WAN
    return size


def _library(projects: Sequence[Case]) -> NDArray[np.int64]:
    found = np.full(len(projects), _SPAN + 12)
    for i, case in enumerate(projects):
        if case.started is not None and case.why != "library":
            found[i] = month_no(case.started) + case.library_late
    return found


def _totals(
    projects: Sequence[Case],
    cumulative: Any,
    before: Any,
    plan_year: Sequence[dict[int, int]],
    after: Any,
    giants: set[int],
    random: np.random.Generator,
) -> NDArray[np.int64]:
    """Planned total investment in hundreds of 万元: never less than what is spent, or than any year's plan adds to it."""
    slack = random.uniform(1.0, 1.035, len(projects))
    total = cumulative[:, -1] * np.where(after > 0, 1.0, slack) + after
    for i, case in enumerate(projects):
        for year, plan in plan_year[i].items():
            at = (year - FIRST_YEAR) * 12 - 1
            total[i] = max(total[i], (cumulative[i, at] if at >= 0 else before[i]) + plan)
        if i in giants:
            total[i] = max(total[i], case.size * _WAN)
    return np.maximum(np.ceil(total / 100) * 100, 600).astype(np.int64)


def _plans(
    projects: Sequence[Case], month: Any, raw: Any, after: Any, random: np.random.Generator
) -> tuple[Any, list[dict[int, int]]]:
    """Planned year-to-date and annual plans: behind them by what the case says, else within a few points.

    Within a year the plan to date never falls and never passes the year's plan.
    """
    done = ytd(month)
    stray = random.uniform(-0.035, 0.035, done.shape)
    plan_year: list[dict[int, int]] = []
    plan = np.zeros_like(done)
    for i, case in enumerate(projects):
        years: dict[int, int] = {}
        if case.started is not None:
            made = case.done[120].year if case.group == "operating" else LAST_YEAR
            for year in range(max(case.started.year, FIRST_YEAR), min(made, LAST_YEAR) + 1):
                at = np.flatnonzero(year == YEAR_OF)
                spent = done[i, at]
                due = _share_by_now(case, raw[i]) if year == LAST_YEAR else 1.0
                behind = case.gap.get(int(at[-1]), 0.0)
                whole = spent[-1] / max(due - behind, 0.2)
                if not behind and due == 1.0:
                    whole *= 1 + 0.6 * stray[i, at[-1]]
                if year == LAST_YEAR and whole <= 0 and case.group == "building" and 110 not in case.done:
                    whole = max(after[i] * 0.3, 100)
                years[year] = int(np.rint(whole))
                gap = np.array([case.gap.get(int(t), 0.0) for t in at])
                wished = np.where(gap > 0, spent + gap * whole, spent * (1 + stray[i, at]))
                plan[i, at] = np.minimum(np.maximum.accumulate(np.rint(wished)), years[year])
        elif case.group == "signed" and case.planned.get(90) is not None and case.planned[90] <= CUT.replace(month=12):
            first = max(month_no(case.planned[90]), (LAST_YEAR - FIRST_YEAR) * 12)
            ahead = case.size * _WAN * 0.05 * np.arange(1, max(_SPAN - first, 0) + 1)
            if len(ahead):
                plan[i, first:] = np.rint(ahead)
            years[LAST_YEAR] = int(case.size * _WAN * 0.05 * ((LAST_YEAR - FIRST_YEAR) * 12 + 12 - first))
        plan_year.append(years)
    return plan, plan_year


def _share_by_now(case: Case, raw: Any) -> float:
    """Part of this year's own schedule that lies before the cut."""
    now = float(raw[YEAR_OF == LAST_YEAR].sum())
    end = case.planned.get(110)
    if case.started is None or now <= 0 or end is None or end <= CUT:
        return 1.0
    first = max(month_no(case.started), (LAST_YEAR - 2022) * 12)
    last = min(month_no(end), (LAST_YEAR - 2022) * 12 + 11)
    weight = FAI_SEASON[np.arange(first, last + 1) % 12]
    return float(weight[: _SPAN - first].sum() / weight.sum())


def _capital(projects: Sequence[Case], spent: Any, mix: Profile, random: np.random.Generator) -> tuple[Any, Any]:
    """Year-to-date domestic capital (万元) and foreign capital (万美元), each met to the zone's monthly target."""
    flow = spent.copy()
    for i, case in enumerate(projects):
        if 40 in case.done:
            first = month_no(case.done[40])
            for t in range(max(first, 0), min(first + 4, _SPAN)):
                flow[i, t] += case.size * _WAN * 0.02
    outside = random.random(len(projects)) < 0.85
    large = np.argsort(np.argsort(-flow.sum(axis=1), kind="stable"), kind="stable") < len(projects) // 3
    abroad = random.random(len(projects)) < np.where(large, 0.55, 0.04)
    found = []
    for chosen, total, rates in (
        (outside, mix.domestic, mix.growth["domestic"]),
        (abroad, mix.foreign, mix.growth["foreign"]),
    ):
        share = random.uniform(0.55, 1.0, len(projects)) * chosen
        base = flow * share[:, None]
        wanted = targets(total, rates, FAI_SEASON, wander(random, 0.025)) * _WAN
        column = base.sum(axis=0)
        factor = np.divide(wanted, column, out=np.zeros(_SPAN), where=column > 0)
        cap = 0.5 * max(total, 0.1) * _WAN
        found.append(ytd(np.rint(np.minimum(base * factor, cap))))
    return found[0], found[1]
