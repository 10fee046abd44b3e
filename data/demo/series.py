"""Reported KPI values, annual targets and co-building ledgers of the demo (rules §3.1, §3.2, §3.5, §4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

import numpy as np

from data.demo.enterprises import Firms
from data.demo.parcels import BUILT, Parcels
from data.demo.profiles import profile
from data.demo.projects import Projects
from data.demo.seeds import (
    CUT_MONTH,
    FIRST_YEAR,
    LAST_YEAR,
    MONTHS,
    PROVENANCE,
    SOURCE,
    month_end,
    rng,
    shares_out,
)
from data.demo.world import DemoZone, World

_OWNER = {
    "K05": ("统计", "直报"),
    "K48": ("人社/园区", "园区报"),
    "K49": ("统计", "年报"),
    "K50": ("规自/人社", "专题"),
    "K52": ("行审", "办件"),
}
#: Cumulative share of the annual investment due by each month: little before the spring, most from March to December.
FAI_CURVE = (0.02, 0.08, 0.17, 0.26, 0.35, 0.47, 0.55, 0.63, 0.73, 0.82, 0.91, 1.0)
_MISSING = ("K52", CUT_MONTH)  # one zone has not reported this one at the cut: the roll-up shows 4/5 已报


def kpi_values(zones: Sequence[DemoZone], firms: dict[str, Firms], scheme_first: bool) -> list[dict[str, Any]]:
    """Rows of kpi_value for the KPIs that cannot be derived from records, by zone: K05, K48, K49, K50, K52.

    Ratios carry numerator and denominator. With `scheme_first` the last zone misses one month.
    """
    rows: list[dict[str, Any]] = []
    for zone in zones:
        random = rng("kpi", zone.code)
        skip = scheme_first and len(zones) > 1 and zone is zones[-1]
        rows += _growth(zone, random)
        rows += _people(zone, firms[zone.code], random)
        rows += _approval(zone, skip, random)
    return rows


def _value(
    zone: str,
    kpi: str,
    kind: str,
    period: str,
    accumulation: str,
    value: float,
    unit: str,
    parts: tuple[float, float] | None = None,
) -> dict[str, Any]:
    owner, channel = _OWNER[kpi]
    year, last = int(period[:4]), _last_month(period)
    if MONTHS.index(last) >= len(MONTHS) - 2:
        status = "flash"
    else:
        status = "preliminary" if year == LAST_YEAR else "final"
    return {
        "kpi_id": kpi,
        "unit_scope": "zone",
        "unit_code": zone,
        "period_type": kind,
        "period": period,
        "accumulation": accumulation,
        "value": value,
        "unit": unit,
        "numerator": parts[0] if parts else None,
        "denominator": parts[1] if parts else None,
        "status": status,
        "scope": "territorial",
        "channel": channel,
        "owner": owner,
        "source_doc": SOURCE,
        "as_of": month_end(MONTHS.index(last)) + timedelta(days=15),
        "version": 1,
        "provenance": PROVENANCE,
    }


def _last_month(period: str) -> str:
    if "Q" in period:
        return f"{period[:4]}-{int(period[5:]) * 3:02d}"
    return period if len(period) == 7 else f"{period}-12" if f"{period}-12" in MONTHS else CUT_MONTH


def _growth(zone: DemoZone, random: np.random.Generator) -> list[dict[str, Any]]:
    """K05: published real growth, never derived from levels; one figure a month."""
    rates = profile(zone.code, zone.area_km2).growth["output"]
    base = {2022: rates[0] - 1.5} | {2023 + n: rate for n, rate in enumerate(rates)}
    wobble = np.cumsum(random.normal(0, 0.35, len(MONTHS))) * 0.5
    return [
        _value(
            zone.code,
            "K05",
            "M",
            month,
            "ytd",
            round(float(base[int(month[:4])] + 0.6 + wobble[t] - wobble.mean()), 1),
            "%",
        )
        for t, month in enumerate(MONTHS)
    ]


def _people(zone: DemoZone, firms: Firms, random: np.random.Generator) -> list[dict[str, Any]]:
    """K48 talent by quarter, K49 employment and K50 jobs over employed residents by year."""
    by_year: dict[int, int] = {}
    for row in firms.years:
        if row["year"] >= FIRST_YEAR:
            by_year[row["year"]] = by_year.get(row["year"], 0) + row["employees"]
    rows = []
    other = float(random.uniform(1.35, 1.8))  # shops, schools, offices outside the register of firms
    ratio = {"core": 0.92, "service": 1.18, "manufacturing": 1.31, "co_built_bio": 1.22}.get(zone.zone_type or "", 1.05)
    for year, staff in sorted(by_year.items()):
        jobs = int(staff * other)
        living = int(jobs / (ratio * float(random.uniform(0.98, 1.02)) * (1 - 0.012 * (year - FIRST_YEAR))))
        rows.append(_value(zone.code, "K49", "Y", str(year), "point", float(jobs), "人"))
        rows.append(
            _value(zone.code, "K50", "Y", str(year), "point", round(jobs / living, 3), "", (float(jobs), float(living)))
        )
    talent = max(by_year.get(2022, 100), 100) * float(random.uniform(0.05, 0.09))
    for month in MONTHS:
        if int(month[5:]) % 3 == 0:
            talent *= 1 + float(random.uniform(0.008, 0.03))
            rows.append(
                _value(zone.code, "K48", "Q", f"{month[:4]}Q{int(month[5:]) // 3}", "point", float(int(talent)), "人")
            )
    return rows


def _approval(zone: DemoZone, skip: bool, random: np.random.Generator) -> list[dict[str, Any]]:
    """K52: working days over closed cases; falls over the years."""
    rows = []
    for t, month in enumerate(MONTHS):
        cases = int(random.integers(18, 70))
        days = int(cases * (9.5 - 0.07 * t) * float(random.uniform(0.9, 1.1)))
        if not (skip and month == _MISSING[1]):
            rows.append(
                _value(
                    zone.code,
                    "K52",
                    "M",
                    month,
                    "period",
                    round(days / cases, 2),
                    "工作日",
                    (float(days), float(cases)),
                )
            )
    return rows


def targets(sets: Sequence[Projects], firms: dict[str, Firms], lands: dict[str, Parcels]) -> list[dict[str, Any]]:
    """Rows of target 2022-2026 by zone; money in 万元, foreign capital in 万美元. The science city's is their sum.

    A year's target is set from what the year before reached and a wished growth, so attainment differs by zone.
    """
    rows = []
    for group in sets:
        zone = group.zone
        random = rng("target", zone.code)
        actual = _actual(group, firms[zone.code])
        for kpi, (values, unit, wish) in actual.items():
            for year in range(FIRST_YEAR, LAST_YEAR + 1):
                before = values.get(year - 1)
                reached = before * (1 + wish) if before else values.get(year, 0.0) * float(random.uniform(0.97, 1.06))
                if kpi in ("K01", "K02", "K20", "K21", "K23", "K24") and not before:
                    reached = values.get(year, 0.0) * 1.03
                if reached <= 0:
                    continue
                rows.append(
                    {
                        "kpi_id": kpi,
                        "unit_code": zone.code,
                        "year": year,
                        "provenance": PROVENANCE,
                        "value": _rounded(reached * float(random.uniform(0.99, 1.05)), unit),
                        "unit": unit,
                        "curve": list(FAI_CURVE) if kpi in ("K01", "K02") else None,
                    }
                )
        built = float(lands[zone.code].area[lands[zone.code].state == BUILT].sum())
        if built > 0:
            rows.append(
                {
                    "kpi_id": "K36",
                    "unit_code": zone.code,
                    "year": LAST_YEAR,
                    "provenance": PROVENANCE,
                    "value": round(profile(zone.code, zone.area_km2).vacancy * 100 - 1.0, 1),
                    "unit": "%",
                    "curve": None,
                }
            )
    return rows


def _rounded(value: float, unit: str) -> float:
    step = {"万元": 1_000, "万美元": 10}.get(unit, 1)
    return float(max(round(value / step), 1) * step)


def _actual(group: Projects, firms: Firms) -> dict[str, tuple[dict[int, float], str, float]]:
    """Annual levels by KPI, the unit they are stored in and the growth aimed at; 2026 is carried on from September."""
    last = {y: min((y - FIRST_YEAR) * 12 + 11, len(MONTHS) - 1) for y in range(FIRST_YEAR, LAST_YEAR + 1)}
    share = {y: 1.0 if y < LAST_YEAR else 0.735 for y in last}

    def level(columns: Any, scale: float = 1.0) -> dict[int, float]:
        return {y: float(np.nansum(columns[:, t])) / share[y] * scale for y, t in last.items()}

    facts: dict[str, dict[int, float]] = {
        k: {} for k in ("fai_ytd_wan", "industrial", "domestic_ytd_wan", "foreign_ytd_usd_wan")
    }
    for row in group.tables.get("project_fact", []):
        year = int(row["period"][:4])
        if row["period"] != MONTHS[last[year]]:
            continue
        for name in ("fai_ytd_wan", "domestic_ytd_wan", "foreign_ytd_usd_wan"):
            facts[name][year] = facts[name].get(year, 0.0) + (row[name] or 0) / share[year]
        if row["is_industrial"]:
            facts["industrial"][year] = facts["industrial"].get(year, 0.0) + (row["fai_ytd_wan"] or 0) / share[year]
    signed: dict[int, float] = {}
    major: dict[int, float] = {}
    for case, total in zip(group.cases, group.money.total, strict=True):
        day = case.done.get(30)
        if day is not None and day.year >= FIRST_YEAR - 1:
            signed[day.year] = signed.get(day.year, 0) + 1
            major[day.year] = major.get(day.year, 0) + (1 if total >= 100_000 else 0)
    return {
        "K01": (facts["fai_ytd_wan"], "万元", 0.08),
        "K02": (facts["industrial"], "万元", 0.08),
        "K04": (level(firms.output), "万元", 0.07),
        "K07": (level(firms.revenue), "万元", 0.07),
        "K08": (level(firms.tax), "万元", 0.045),
        "K09": (level(firms.retained), "万元", 0.045),
        "K20": (signed, "个", 0.06),
        "K21": (major, "个", 0.06),
        "K23": (facts["domestic_ytd_wan"], "万元", 0.09),
        "K24": (facts["foreign_ytd_usd_wan"], "万美元", 0.05),
    }


def ledger(world: World, firms: dict[str, Firms]) -> list[dict[str, Any]]:
    """Ledger lines 2019-2025 of every zone with a fiscal agreement: paid in, audited, revenue, retained, paid out, settled.

    While retention is on nothing is distributed: the revenue stays in the park's budget (rules §4.4.2, §1.2.3).
    """
    rows = []
    for agreement in world.agreements:
        zone = world.zone(agreement.zone_code or "")
        if agreement.metric_class != "fiscal" or zone is None:
            continue
        random = rng("ledger", zone.code)
        units = list(agreement.shares)
        ratio = [float(Fraction(agreement.shares[u])) for u in units]
        local = {
            y: int(np.nansum(firms[zone.code].retained[:, (y - FIRST_YEAR) * 12 + 11]))
            for y in range(FIRST_YEAR, LAST_YEAR)
        }
        for year in range(max(2019, agreement.valid_from.year), LAST_YEAR):
            revenue = local.get(year) or int(local[FIRST_YEAR] * 0.9 ** (FIRST_YEAR - year))
            cost = int(zone.area_km2 * random.uniform(1_700, 2_300))
            owed = shares_out(cost, ratio)
            late = [
                int(o * random.uniform(0.90, 1.0)) if k else int(o * random.uniform(0.98, 1.06))
                for k, o in enumerate(owed)
            ]
            audited = [int(p * random.uniform(0.965, 0.995)) for p in late]
            kept = shares_out(revenue, ratio)
            for k, unit in enumerate(units):
                paid_out = 0 if agreement.retention else kept[k]
                retained = kept[k] if agreement.retention else 0
                settled = audited[k] - shares_out(sum(audited), ratio)[k]
                for line, amount, doc in (
                    ("cost_in", late[k], f"演示拨款凭证〔{year}〕"),
                    ("audited", audited[k], f"演示审计报告〔{year + 1}〕"),
                    ("revenue", kept[k], f"演示决算〔{year}〕"),
                    ("retained", retained, agreement.basis_doc),
                    ("distributed", paid_out, agreement.basis_doc),
                    ("settled", settled, f"演示结算单〔{year + 1}〕"),
                ):
                    rows.append(
                        {
                            "zone_code": zone.code,
                            "year": year,
                            "unit": unit,
                            "line": line,
                            "amount_wan": amount,
                            "doc": doc,
                            "provenance": PROVENANCE,
                        }
                    )
    return rows
