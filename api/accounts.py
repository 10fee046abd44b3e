"""What reconciles: who counts how much, where a figure comes from, and the ledger of a co-built zone (rules §4)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from api import shapes_accounts as shapes
from api.answers import figure_item
from api.asked import Asked, note
from api.problems import UnknownKpi, UnknownPark
from data.queries import gate
from data.queries.attribution import (
    SPLIT_KPIS,
    ExceptionItem,
    Split,
    attribution_rows,
    exceptions,
    hidden_owners,
    split,
)
from data.queries.explain import explain
from data.queries.ledger import LedgerFinding, LedgerRow, ledger, ledger_years


def _ratio(value: Fraction | None) -> str | None:
    return None if value is None else f"{value.numerator}/{value.denominator}"


def _split_item(found: Split) -> shapes.SplitItem:
    no_total = {"records_total": None} if found.reason == "dual" else {}
    return shapes.SplitItem.of(
        found,
        not_followed=found.missed,
        rules=[
            shapes.RuleItem.of(
                rule, shares=[shapes.ShareItem(unit=u, ratio=_ratio(s) or "", share=float(s)) for u, s in rule.shares]
            )
            for rule in found.rules
        ],
        zones=[shapes.ZoneSplitItem.of(zone, **no_total) for zone in found.by_zone],
        **no_total,
    )


def _record(asked: Asked, row: dict[str, Any]) -> shapes.RecordItem:
    """A row of a query; what its kind knows beside the common fields goes to `details`."""
    seen = gate.strip(asked.viewer, row, asked.at.provenance)
    common = {k: v for k, v in seen.items() if k in shapes.RecordItem.model_fields}
    details = {k: v for k, v in seen.items() if k not in common}
    return shapes.RecordItem(**common, **({"details": details} if details else {}))


def _record_page(
    asked: Asked,
    rows: Sequence[dict[str, Any]],
    total: int,
    amount: Fraction | int | None,
    reason: str | None,
    page: int,
    limit: int,
    amount_reason: str | None = None,
) -> shapes.RecordPage:
    return shapes.RecordPage(
        total=total,
        page=page,
        pages=-(-total // limit),
        limit=limit,
        amount=amount,
        amount_reason=amount_reason,
        reason=reason,
        records=[_record(asked, row) for row in rows],
    )


def _exceptions(asked: Asked, found: Sequence[ExceptionItem]) -> list[shapes.ExceptionEntry]:
    """Exceptions without the ids of projects and the facts that the viewer may not see."""
    hidden = hidden_owners(asked, "K01") if found else frozenset()
    entries = []
    for item in found:
        if item.entity_id in hidden:
            entries.append(shapes.ExceptionEntry.of(item, entity_id="", name_zh=None, details=None))
        else:
            details = None if item.details is None else gate.strip(asked.viewer, item.details, asked.at.provenance)
            entries.append(shapes.ExceptionEntry.of(item, details=details))
    return entries


def attribution(asked: Asked, *, page: int, limit: int, records: str, restate: str) -> shapes.AttributionAnswer:
    """The KPI of the state divided among units in the scope of the state, and a page of its records (rules §4.2-4.4)."""
    kpi = asked.state.kpi
    if not gate.may_see_totals(asked.viewer, asked.at.provenance):
        return shapes.AttributionAnswer(
            meta=asked.meta(note("withheld")), kpi=kpi, split=None, records=None, exceptions=[]
        )
    again = restate == "yes"
    rows = attribution_rows(
        asked, kpi, restate=again, only_shared=records == "shared", offset=(page - 1) * limit, limit=limit
    )
    return shapes.AttributionAnswer(
        meta=asked.meta(),
        kpi=kpi,
        split=_split_item(split(asked, kpi, restate=again)),
        records=_record_page(asked, rows.rows, rows.total, rows.amount, rows.reason, page, limit, rows.amount_reason),
        exceptions=_exceptions(asked, exceptions(asked, (kpi,)) if kpi in SPLIT_KPIS else ()),
    )


def explanation(asked: Asked, *, kpi_id: str, page: int, limit: int) -> shapes.ExplainAnswer:
    """Where the figure comes from. Raises UnknownKpi.

    An indicator that cannot be divided among units is territorial whatever the scope asked for, and says so.
    """
    if kpi_id not in asked.known.kpis:
        raise UnknownKpi(kpi_id)
    own = asked if kpi_id in SPLIT_KPIS else asked.territorial()
    if not gate.may_see_totals(own.viewer, own.at.provenance):
        return shapes.ExplainAnswer(meta=own.meta(note("withheld")), kpi=kpi_id, explanation=None)
    found = explain(own, kpi_id, offset=(page - 1) * limit, limit=limit)
    return shapes.ExplainAnswer(
        meta=own.meta(),
        kpi=kpi_id,
        explanation=shapes.ExplanationItem.of(
            found,
            figure=figure_item(found.figure),
            records=_record_page(
                own,
                found.records,
                found.records_total,
                None if found.figure.kpi.is_ratio else found.records_sum,
                found.records_reason,
                page,
                limit,
            ),
            split=None if found.split is None else _split_item(found.split),
            exceptions=_exceptions(own, found.exceptions),
            series=found.months,
        ),
    )


def _ledger_row(row: LedgerRow) -> shapes.LedgerRowItem:
    return shapes.LedgerRowItem.of(
        row,
        ratio=_ratio(row.share),
        cost_in_wan=row.cost_in,
        cost_due_wan=row.cost_due,
        difference_wan=row.difference,
        audited_wan=row.audited,
        disallowed_wan=row.disallowed,
        audited_due_wan=row.audited_due,
        balance_wan=row.balance,
        booked_revenue_wan=row.revenue,
        revenue_due_wan=row.revenue_due,
        retained_wan=row.retained,
        distributed_wan=row.distributed,
        cash_due_wan=row.cash_due,
        settled_wan=row.settled,
    )


def _finding(found: LedgerFinding) -> shapes.LedgerFindingItem:
    """A finding; the zone's revenue is named as in the rows, since ``revenue_wan`` is a figure of a single firm."""
    names = {"revenue_wan": "booked_revenue_wan"}
    return shapes.LedgerFindingItem(
        code=found.code, figures={names.get(name, name): value for name, value in found.figures.items()}
    )


def zone_ledger(asked: Asked, *, zone: str) -> shapes.LedgerAnswer:
    """The co-building ledger of a zone of any scheme for the year of the month (rules §4.4.2, §4.4.4).

    Raises UnknownPark.
    """
    place = asked.known.zones.get(zone)
    if place is None or not place.is_area:
        raise UnknownPark(zone)
    own = asked.for_zone(place)
    if not gate.may_see_totals(own.viewer, own.at.provenance):
        return shapes.LedgerAnswer(meta=own.meta(note("withheld")), zone=zone, ledger=None)
    found = ledger(own, zone)
    return shapes.LedgerAnswer(
        meta=own.meta(),
        zone=zone,
        ledger=shapes.LedgerItem.of(
            found,
            years=ledger_years(own).get(zone, ()),
            rows=[_ledger_row(row) for row in found.rows],
            total=None if found.total is None else _ledger_row(found.total),
            lines=found.entries,
            findings=[_finding(f) for f in found.findings],
        ),
    )
