"""Stored KPI values of the indicators that are made of records: the sums of their lines, never typed in (rules §3.1-3.3).

What a value is made of is said in `data/indicators/` and nowhere else; storing the sums by zone and period saves asking for
them again. Stored units: money 万元 (K24 万美元), areas m², counts plain. A ratio carries numerator and denominator in those
units and its value in the dictionary's unit. A ratio without a denominator has no value, which is not 0, and a month for
which no record says anything has no row.

What a record says only of today (state of a carrier unit, of a parcel, a firm's grade) gives a value at the cut and no
history: earlier values of such an indicator have to come from whoever recorded them then.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data import reference
from data.derive.common import bulk_insert, months
from data.indicators import LINES, Ask, Sum, sums
from data.models import ImportBatch, ImportChange, KpiDefinition, KpiValue, Zone
from domain.dates import add_months
from domain.indicators import Indicator
from domain.periods import Period

#: Reporting delay: the figures of a period are known about this long after its end (rules §3.5).
REPORTING_DAYS = 15
#: Months at the end of the data whose figures are still 快报.
FLASH_MONTHS = 2


def derive_kpis(session: Session, provenance: str) -> int:
    """Rebuild the record-backed KPI values of one data set, by zone and period; returns the rows written.

    Needs `project_month`. Values that others gave for the same indicator and period are replaced; those for other
    periods stay (history of what records no longer show).
    """
    zones = sorted(session.scalars(select(Zone.code).where(Zone.role != "axis")))
    months_ = months(session, provenance)
    in_use = set(session.scalars(select(KpiDefinition.id)))
    rows: list[dict[str, Any]] = []
    asked: dict[tuple[str, str], set[str]] = defaultdict(set)
    read: dict[Hashable, Any] = {}
    for indicator in reference.indicators().values():
        if indicator.id in LINES and indicator.id in in_use:
            periods = indicator.periods(months_)
            ask = Ask(session, provenance, tuple(zones), tuple(periods), months_[-1], read=read)
            for period in periods:
                asked[indicator.id, period.kind].add(str(period))
            dated = {str(period): _dated(period, months_[-1]) for period in periods}
            notes = LINES[indicator.id].note
            said = {str(period): notes(period) for period in periods} if notes else {}
            for (zone, name), found in sorted(sums(indicator, ask).items()):
                rows.append(_value(indicator, zone, found, provenance) | dated[name] | {"source_doc": said.get(name)})
    rows = _not_imported(session, provenance, rows)
    _forget(session, provenance, asked)
    return bulk_insert(session, KpiValue, rows)


def _value(indicator: Indicator, zone: str, found: Sum, provenance: str) -> dict[str, Any]:
    """One value with what every one of them must carry (rules §3.1)."""
    value: float | None = found.numerator
    if found.denominator is not None:
        value = float(found.numerator * indicator.factor / found.denominator) if found.denominator else None
    return {
        "kpi_id": indicator.id,
        "unit_scope": "zone",
        "unit_code": zone,
        "accumulation": indicator.accumulation,
        "value": value,
        "unit": indicator.stored_unit,
        "numerator": None if found.denominator is None else found.numerator,
        "denominator": found.denominator,
        "scope": "territorial",
        "channel": indicator.channel,
        "owner": indicator.data_owner,
        "version": 1,
        "provenance": provenance,
    }


def _dated(period: Period, cut: Period) -> dict[str, Any]:
    """What every value of a period has in common."""
    last = min(period.end, cut.end)
    return {
        "period_type": period.kind,
        "period": str(period),
        "status": "flash" if add_months(last, FLASH_MONTHS) > cut.end else "final",
        "as_of": last + timedelta(days=REPORTING_DAYS),
    }


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


def _forget(session: Session, provenance: str, keys: Mapping[tuple[str, str], set[str]]) -> None:
    """Delete the values of (indicator, kind of period) -> periods, those that a file states excepted."""
    stated = imported_values(session) if provenance == "official" else set()
    kept = {(kpi, period): [u for k, _s, u, p in stated if (k, p) == (kpi, period)] for kpi, _s, _u, period in stated}
    for (kpi, kind), periods in keys.items():
        free = [period for period in sorted(periods) if (kpi, period) not in kept]
        value = (KpiValue.provenance == provenance, KpiValue.kpi_id == kpi, KpiValue.period_type == kind)
        session.execute(delete(KpiValue).where(*value, KpiValue.period.in_(free)))
        for period in sorted(periods - set(free)):
            others = KpiValue.unit_code.not_in(kept[kpi, period])
            session.execute(delete(KpiValue).where(*value, KpiValue.period == period, others))
