"""Bulk writing through SQLAlchemy Core: lists of plain rows in chunks, in the order that foreign keys ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from data import models as m

_CHUNK = 5_000
#: Tables the generator fills, parents before children.
ORDER: tuple[type[m.Base], ...] = (
    m.LandParcel,
    m.Enterprise,
    m.EnterpriseYear,
    m.EnterpriseMonth,
    m.CarrierBuilding,
    m.CarrierUnit,
    m.Platform,
    m.Plot,
    m.Project,
    m.ProjectSite,
    m.ProjectPlace,
    m.Milestone,
    m.ProjectYear,
    m.MonthlyReport,
    m.ProjectFact,
    m.LightExemption,
    m.ReadinessTrack,
    m.ShareAgreement,
    m.LandContract,
    m.EntityNode,
    m.KpiValue,
    m.Target,
    m.LedgerLine,
)


def write(session: Session, rows: Mapping[str, Sequence[dict[str, Any]]]) -> dict[str, int]:
    """Insert rows by table name; returns how many. Raises KeyError for a table outside `ORDER`."""
    tables = {cast(str, model.__tablename__): cast(Table, model.__table__) for model in ORDER}
    for name in rows:
        tables[name]
    found = {}
    for name, table in tables.items():
        batch = rows.get(name, ())
        for chunk in _chunks(batch):
            session.execute(insert(table), chunk)
        if batch:
            found[name] = len(batch)
    return found


def _chunks(batch: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(batch), _CHUNK):
        yield list(batch[start : start + _CHUNK])
