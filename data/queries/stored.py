"""What is stored of a data set's indicators, read once for each version: every page shows many of them, and they are few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.queries.cached import cached_for_readers


@dataclass(frozen=True)
class Stored:
    """What is stored of a data set: values of zones by KPI, in the order of period and version, and targets by KPI and year."""

    values: Mapping[str, Sequence[Any]]
    targets: Mapping[tuple[str, int], Sequence[Any]]

    def reported(self, kpi_id: str) -> frozenset[tuple[str, str]]:
        """(zone, period) of every value that is known; empty where nothing at all is stored of the indicator."""
        return self._reported.get(kpi_id, frozenset())

    @cached_property
    def _reported(self) -> dict[str, frozenset[tuple[str, str]]]:
        newest = {kpi: {(r.unit_code, r.period): r.value for r in rows} for kpi, rows in self.values.items()}
        return {kpi: frozenset(key for key, v in found.items() if v is not None) for kpi, found in newest.items()}


def stored_of(session: Session, provenance: str) -> Stored:
    """All stored values of zones and their targets."""
    return cached_for_readers(session, ("stored", provenance), lambda: _read_stored(session, provenance))


def _read_stored(session: Session, provenance: str) -> Stored:
    v, t = m.KpiValue, m.Target
    values: dict[str, list[Any]] = {}
    for row in session.execute(
        select(
            v.kpi_id, v.unit_code, v.period_type, v.period, v.value, v.unit, v.numerator, v.denominator, v.status,
            v.as_of, v.version,
        )
        .where(v.provenance == provenance, v.unit_scope == "zone", v.scope == "territorial")
        .order_by(v.kpi_id, v.period, v.version)
    ):  # fmt: skip
        values.setdefault(row.kpi_id, []).append(row)
    targets: dict[tuple[str, int], list[Any]] = {}
    for row in session.execute(
        select(t.kpi_id, t.year, t.unit_code, t.value, t.curve).where(t.provenance == provenance)
    ):
        targets.setdefault((row.kpi_id, row.year), []).append(row)
    return Stored(values, targets)
