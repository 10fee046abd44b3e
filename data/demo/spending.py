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
from data.demo.seeds import CUT, LAST_YEAR, MONTH_OF, MONTHS, YEAR_OF, month_no, ytd

_WAN = 10_000
FAI_SEASON = np.array([0.040, 0.048, 0.086, 0.086, 0.092, 0.108, 0.080, 0.080, 0.095, 0.095, 0.095, 0.095])
_SPAN = len(MONTHS)
_CLAMP = (0.05, 14.0)  # a zone with hardly a project under way must not make one of them absurd
_REST = (0.5, 3.0)  # where the clamp kept one part below its share, the other makes up for some of it


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
    raw, before, after = _raw(projects)
    library = _library(projects, random)
    counted = np.arange(_SPAN)[None, :] > library[:, None]
    wanted = targets(mix.fai, mix.growth["fai"], FAI_SEASON, np.exp(random.normal(0, 0.03, _SPAN))) * _WAN
    works = np.asarray(industrial, dtype=bool)[:, None]
    base = [(raw * counted * part).sum(axis=0) for part in (works, ~works)]
    share = np.where(base[1] <= 0, 1.0, np.where(base[0] <= 0, 0.0, mix.industrial_fai))
    scaled = np.zeros_like(raw)
    for part, part_base, part_share in ((works, base[0], share), (~works, base[1], 1 - share)):
        factor = np.divide(wanted * part_share, part_base, out=np.ones(_SPAN), where=part_base > 0)
        scaled += raw * part * np.clip(factor, *_CLAMP)
    reached = (scaled * counted).sum(axis=0)
    rest = np.divide(wanted, reached, out=np.ones(_SPAN), where=reached > 0)
    month = np.rint(scaled * np.clip(rest, *_REST))
    cumulative = np.cumsum(month, axis=1) + np.rint(before)[:, None]
    total = _totals(projects, cumulative[:, -1], after, set(giants), random)
    plan_ytd, plan_year = _plans(projects, month, raw, after, random)
    domestic, foreign = _capital(projects, raw, mix, random)
    return Spending(month, ytd(month), cumulative, plan_ytd, plan_year, library, total, domestic, foreign)


def _raw(projects: Sequence[Case]) -> tuple[Any, Any, Any]:
    """Bell-shaped spending of each project in the 57 months, and what lies before and after them."""
    raw, before, after = np.zeros((len(projects), _SPAN)), np.zeros(len(projects)), np.zeros(len(projects))
    for i, case in enumerate(projects):
        start = case.started
        if start is None:
            after[i] = case.size * _WAN
            continue
        first = month_no(start)
        last = max(month_no(case.planned.get(110, CUT) if 110 not in case.done else case.done[110]), first + 1)
        at = np.arange(first, last + 1)
        weight = (0.3 + np.sin(np.pi * (np.arange(len(at)) + 0.5) / len(at))) * FAI_SEASON[at % 12]
        amount = case.size * _WAN * weight / weight.sum()
        stop = month_no(case.ended) if case.ended else _SPAN
        live = at <= stop
        inside = (at >= 0) & (at < _SPAN) & live
        raw[i, at[inside]] = amount[inside]
        before[i] = amount[(at < 0) & live].sum()
        after[i] = amount[(at >= _SPAN) | ~live].sum()
    return raw, before, after


def _library(projects: Sequence[Case], random: np.random.Generator) -> NDArray[np.int64]:
    late = random.choice([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2], len(projects))
    found = np.full(len(projects), _SPAN + 12)
    for i, case in enumerate(projects):
        if case.started is not None and case.why != "library":
            first = month_no(case.started)
            found[i] = first if first > _SPAN - 6 else first + int(late[i])
    return found


def _totals(
    projects: Sequence[Case], spent: Any, after: Any, giants: set[int], random: np.random.Generator
) -> NDArray[np.int64]:
    """Planned total investment: what is spent and what remains, rounded to 100 万元."""
    slack = random.uniform(0.97, 1.04, len(projects))
    total = np.where(after > 0, spent + after, spent * slack)
    for i, case in enumerate(projects):
        if case.group in ("operating", "ended"):
            total[i] = spent[i] * slack[i] + after[i]
        if i in giants:
            total[i] = max(total[i], case.size * _WAN)
    return np.maximum(np.rint(total / 100) * 100, 600).astype(np.int64)


def _plans(
    projects: Sequence[Case], month: Any, raw: Any, after: Any, random: np.random.Generator
) -> tuple[Any, list[dict[int, int]]]:
    """Planned year-to-date and annual plans, such that the gap to plan gives the light the case is meant to have."""
    done = ytd(month)
    ratio = 1 + random.uniform(-0.05, 0.05, done.shape)
    bad = random.random((len(projects), LAST_YEAR - 2022)) < 0.22  # a lagging year: yellow, now and then red
    lag = random.uniform(1.13, 1.5, bad.shape)
    plan_year: list[dict[int, int]] = []
    plan = np.zeros_like(done)
    ends = {year: min((year - 2022) * 12 + 11, _SPAN - 1) for year in range(2022, LAST_YEAR + 1)}
    for i, case in enumerate(projects):
        for year in np.flatnonzero(bad[i]).tolist():
            ratio[i, 2022 + year == YEAR_OF] = lag[i, year]
        share = _share_by_now(case, raw[i])
        if case.why == "progress":
            _lag(case, ratio[i], share, random)
        plan[i] = np.rint(done[i] * ratio[i])
        years: dict[int, int] = {}
        if case.started is not None:
            for year in range(max(case.started.year, 2022), LAST_YEAR + 1):
                at = ends[year]
                whole = plan[i, at] / (share if year == LAST_YEAR else 1.0)
                years[year] = int(max(np.rint(whole), np.rint(done[i, at])) if year < LAST_YEAR else np.rint(whole))
                if case.group == "operating" and case.done[120].year <= year:
                    break
            if years and case.group == "building" and years.get(LAST_YEAR) == 0 and 110 not in case.done:
                years[LAST_YEAR] = int(max(after[i] * 0.3, 100))
        elif case.group == "signed" and case.planned.get(90) is not None and case.planned[90] <= CUT.replace(month=12):
            first = max(month_no(case.planned[90]), (LAST_YEAR - 2022) * 12)
            ahead = case.size * _WAN * 0.05 * np.arange(1, max(_SPAN - first, 0) + 1)
            if len(ahead):
                plan[i, first:] = np.rint(ahead)
            years[LAST_YEAR] = int(case.size * _WAN * 0.05 * ((LAST_YEAR - 2022) * 12 + 12 - first))
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


def _lag(case: Case, ratio: Any, share: float, random: np.random.Generator) -> None:
    """Ratio of plan to completion in 2026 that ends at the wanted gap; a red one is red for one to four months."""
    year = YEAR_OF == LAST_YEAR
    if case.light == "yellow":
        gap = float(random.uniform(0.13, 0.26))
        ratio[year] = 1 / (1 - gap / share * np.minimum(MONTH_OF[year] / 6, 1))
    else:
        early = FAI_SEASON[: int(random.integers(5, 10))].sum() / FAI_SEASON[:9].sum() * share
        ratio[year] = 1 / (1 - min(0.315 / early, 0.86))


def _capital(projects: Sequence[Case], raw: Any, mix: Profile, random: np.random.Generator) -> tuple[Any, Any]:
    """Year-to-date domestic capital (万元) and foreign capital (万美元), each met to the zone's monthly target."""
    flow = raw.copy()
    for i, case in enumerate(projects):
        if 40 in case.done:
            first = month_no(case.done[40])
            for t in range(max(first, 0), min(first + 4, _SPAN)):
                flow[i, t] += case.size * _WAN * 0.02
    outside = random.random(len(projects)) < 0.72
    abroad = random.random(len(projects)) < 0.24
    found = []
    for chosen, total, rates in (
        (outside, mix.domestic, mix.growth["domestic"]),
        (abroad, mix.foreign, mix.growth["foreign"]),
    ):
        share = random.uniform(0.35, 1.0, len(projects)) * chosen
        base = flow * share[:, None]
        wanted = targets(total, rates, FAI_SEASON, np.exp(random.normal(0, 0.04, _SPAN))) * _WAN
        column = base.sum(axis=0)
        factor = np.divide(wanted, column, out=np.zeros(_SPAN), where=column > 0)
        cap = 0.5 * max(total, 0.1) * _WAN
        found.append(ytd(np.rint(np.minimum(base * factor, cap))))
    return found[0], found[1]
