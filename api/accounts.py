"""What reconciles: who counts how much, where a figure comes from, and the ledger of a co-built zone (rules §4)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from api import shapes_accounts as shapes
from api.answers import figure_item
from api.asked import Asked, note
from api.numbers import as_float, number, whole
from api.problems import UnknownKpi, UnknownPark
from data.queries import gate
from data.queries.attribution import (
    SPLIT_KPIS,
    ExceptionItem,
    Split,
    UnitPart,
    attribution_rows,
    exceptions,
    hidden_owners,
    split,
)
from data.queries.explain import explain
from data.queries.ledger import LedgerFinding, LedgerRow, ledger, ledger_years


def _ratio(value: Fraction | None) -> str | None:
    return None if value is None else f"{value.numerator}/{value.denominator}"


def _part(part: UnitPart) -> shapes.UnitPartItem:
    return shapes.UnitPartItem(
        unit=part.unit,
        name_zh=part.name_zh,
        name_en=part.name_en,
        amount=part.amount,
        share=as_float(part.share),
        cash_wan=part.cash_wan,
        reason=part.reason,
    )


def _split_item(found: Split) -> shapes.SplitItem:
    return shapes.SplitItem(
        scope=found.scope.value,
        by=found.by.value,
        period=found.period,
        unit=found.unit,
        parts=[_part(p) for p in found.parts],
        total=found.total,
        records_total=None if found.reason == "dual" else found.records_total,
        reason=found.reason,
        not_followed=[f.value for f in found.missed],
        unattributed=found.unattributed,
        exceptions=found.exceptions,
        exception_reasons=found.exception_reasons,
        rules=[
            shapes.RuleItem(
                rule_id=r.rule_id,
                kind=r.kind,
                agreement_id=r.agreement_id,
                shares=[shapes.ShareItem(unit=u, ratio=_ratio(s) or "", share=float(s)) for u, s in r.shares],
                basis_doc=r.basis_doc,
                illustrative=r.illustrative,
                retention=r.retention,
                zones=list(r.zones),
                records=r.records,
                amount=r.amount,
            )
            for r in found.rules
        ],
        zones=[
            shapes.ZoneSplitItem(
                zone=z.zone,
                parts=[_part(p) for p in z.parts],
                total=z.total,
                records_total=None if found.reason == "dual" else z.records_total,
                unattributed=z.unattributed,
                rules=list(z.rules),
            )
            for z in found.by_zone
        ],
        badge=found.badge,
        illustrative=found.illustrative,
        retained_wan=found.retained_wan,
        restated=found.restated,
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
        amount=number(amount),
        amount_reason=amount_reason,
        reason=reason,
        records=[_record(asked, row) for row in rows],
    )


def _exceptions(asked: Asked, found: Sequence[ExceptionItem]) -> list[shapes.ExceptionEntry]:
    """Exceptions without the ids of projects and the facts that the viewer may not see."""
    hidden = hidden_owners(asked, "K01") if found else frozenset()
    entries = []
    for item in found:
        own = item.entity_id not in hidden
        details = None if item.details is None else gate.strip(asked.viewer, item.details, asked.at.provenance)
        entries.append(
            shapes.ExceptionEntry(
                code=item.code,
                origin=item.origin,
                entity_kind=item.entity_kind,
                entity_id=item.entity_id if own else "",
                name_zh=item.name_zh if own else None,
                zone_code=item.zone_code,
                period=item.period,
                kpi_id=item.kpi_id,
                scope=item.scope,
                amount=item.amount,
                rows=list(item.rows),
                details=details if own else None,
            )
        )
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
        explanation=shapes.ExplanationItem(
            figure=figure_item(found.figure),
            definition=found.definition,
            formula=found.formula,
            roll_up=found.roll_up,
            units=[
                shapes.UnitRowItem(
                    zone=u.zone,
                    name_zh=u.name_zh,
                    name_en=u.name_en,
                    value=number(u.value),
                    numerator=number(u.numerator),
                    denominator=number(u.denominator),
                    records=u.records,
                    records_sum=number(u.records_sum),
                    records_denominator=number(u.records_denominator),
                    difference=number(u.difference),
                    reason=u.reason,
                )
                for u in found.units
            ],
            records_sum=number(found.records_sum),
            records_denominator=number(found.records_denominator),
            difference=number(found.difference),
            reconciles=found.reconciles,
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
            values=[
                shapes.ReportedItem(
                    zone=v.zone,
                    period=v.period,
                    value=whole(v.value),
                    numerator=whole(v.numerator),
                    denominator=whole(v.denominator),
                    unit=v.unit,
                    status=v.status,
                    version=v.version,
                    current=v.current,
                    scope=v.scope,
                    channel=v.channel,
                    owner=v.owner,
                    source_doc=v.source_doc,
                    as_of=v.as_of,
                )
                for v in found.values
            ],
            series=[
                shapes.PointItem(
                    label=r.label,
                    value=number(r.value),
                    ytd=number(r.ytd),
                    revised=r.revised,
                    zones_revised=list(r.zones_revised),
                    reason=r.reason,
                )
                for r in found.months
            ],
        ),
    )


def _ledger_row(row: LedgerRow) -> shapes.LedgerRowItem:
    return shapes.LedgerRowItem(
        unit=row.unit,
        name_zh=row.name_zh,
        name_en=row.name_en,
        share=as_float(row.share),
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
        open_wan=row.open_wan,
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
        ledger=shapes.LedgerItem(
            year=found.year,
            years=list(ledger_years(own).get(zone, ())),
            rows=[_ledger_row(row) for row in found.rows],
            total=None if found.total is None else _ledger_row(found.total),
            lines=[
                shapes.LedgerLineItem(unit=e.unit, name_zh=e.name_zh, line=e.line, amount_wan=e.amount_wan, doc=e.doc)
                for e in found.entries
            ],
            agreement_id=found.agreement_id,
            basis_doc=found.basis_doc,
            illustrative=found.illustrative,
            retention=found.retention,
            agreement_reason=found.agreement_reason,
            findings=[_finding(f) for f in found.findings],
            reason=found.reason,
        ),
    )
