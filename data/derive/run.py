"""Runs every derivation of one data set, in the order they build on one another."""

from __future__ import annotations

from sqlalchemy.orm import Session

from data.derive.districts import derive_districts
from data.derive.exceptions import derive_exceptions
from data.derive.kinds import derive_kinds
from data.derive.kpis import derive_kpis
from data.derive.months import Pulse, derive_months, silent
from data.derive.search import derive_search


def derive_all(session: Session, provenance: str, pulse: Pulse = silent) -> dict[str, int]:
    """Rebuild every derived table for one data set (rules §4.1, §6); returns rows written by table name.

    `pulse` is called with (done, total) projects while their months are worked out, which takes longest, and may raise
    to stop.

    The published set gets no KPI values: its figures have dates of their own and are never summed.
    Raises LookupError when the database does not say its cut month.
    """
    written = {
        "project_district": derive_districts(session, provenance),
        "project_kind": derive_kinds(session, provenance),
        "project_month": derive_months(session, provenance, pulse),
        "kpi_value": 0 if provenance == "published" else derive_kpis(session, provenance),
        "search_entry": derive_search(session, provenance),
        "data_exception": derive_exceptions(session, provenance),
    }
    session.flush()
    return written
