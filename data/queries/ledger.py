"""The ledger of a co-built zone: who agreed to pay what, who paid it, and where the revenue stayed (rules §4.4.2, §4.4.4).

Assessment share and cash share are two things (rules §4.4.2): the agreed part of the revenue is shown beside the cash,
which is 0 for every party while the revenue is retained by the park.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.queries import gate
from data.queries.attribution import agreements_of, unit_name
from data.queries.catalogue import Catalogue, Resolved
from data.queries.question import Question
from domain.attribution import Agreement, MetricClass, agreement_problem
from domain.periods import Period
from domain.reasons import ReasonKey
from domain.units import largest_remainder

LINES = ("cost_in", "audited", "revenue", "retained", "distributed", "settled")


@dataclass(frozen=True)
class LedgerEntry:
    """One booked line, integer 万元, with its document."""

    unit: str
    name_zh: str
    line: str
    amount_wan: int
    doc: str | None


@dataclass(frozen=True)
class LedgerRow:
    """One party, or the total of all (unit ""). Integer 万元; None = not booked or no agreement, never 0.

    `cost_due` is the party's agreed part of all cost paid in and `difference` = paid − due. `audited` is what the audit
    allowed, `disallowed` = audited − paid, `audited_due` the agreed part of all audited cost. `balance` = audited −
    audited due, or `difference` before the audit: positive, the party is owed. `settled` is what it has received of
    that (negative: what it paid in), `open_wan` = balance − settled. `revenue_due` is its agreed part of the revenue
    for assessment; `cash_due` is what of it is to be paid out, 0 while the revenue is retained.
    """

    unit: str
    name_zh: str
    name_en: str
    share: Fraction | None
    cost_in: int | None
    cost_due: int | None
    difference: int | None
    audited: int | None
    disallowed: int | None
    audited_due: int | None
    balance: int | None
    revenue: int | None
    revenue_due: int | None
    retained: int | None
    distributed: int | None
    cash_due: int | None
    settled: int | None
    open_wan: int | None


@dataclass(frozen=True)
class LedgerFinding:
    """Something in the ledger that contradicts the agreement or itself, with the figures behind it."""

    code: str
    figures: Mapping[str, int | str]


@dataclass(frozen=True)
class Ledger:
    """The ledger of one zone and year. `reason` says why there is none ("withheld", "no_lines").

    `agreement_reason` says why no shares are applied ("no_agreement", "ratios_not_one", "bad_parties",
    "agreements_overlap"). The agreement is the fiscal one in force on 1 January of the year, or the first of the year in
    which the zone has its first.
    """

    zone: str
    year: int
    rows: tuple[LedgerRow, ...]
    total: LedgerRow | None
    entries: tuple[LedgerEntry, ...]
    agreement_id: str | None
    basis_doc: str | None
    illustrative: bool
    retention: bool
    agreement_reason: str | None
    findings: tuple[LedgerFinding, ...]
    reason: ReasonKey | None = None


def ledger_years(question: Question) -> dict[str, tuple[int, ...]]:
    """Years with booked lines for each co-built zone of the scheme, newest first; empty for who may see no totals."""
    if not gate.may_see_totals(question.viewer, question.at.provenance):
        return {}
    line = m.LedgerLine
    found: dict[str, list[int]] = {}
    for zone, year in question.session.execute(
        select(line.zone_code, line.year)
        .where(line.provenance == question.at.provenance, line.zone_code.in_(question.at.zones))
        .distinct()
        .order_by(line.zone_code, line.year.desc())
    ):
        found.setdefault(zone, []).append(year)
    return {z: tuple(found[z]) for z in question.at.zones if z in found}


def ledger(question: Question, zone: str, year: int | None = None) -> Ledger:
    """The ledger of one zone; `year` None means that of the month shown (rules §4.4, §1.2.3).

    Amounts due are cut by largest remainder, so that they add up to the total. Raises KeyError for a zone that is not
    in the scheme.
    """
    session, at = question.session, question.at
    if zone not in at.zones:
        raise KeyError(zone)
    wanted = Period.parse(at.period).year if year is None else year
    if not gate.may_see_totals(question.viewer, at.provenance):
        return Ledger(zone, wanted, (), None, (), None, None, False, False, None, (), "withheld")
    entries = _entries(question, zone, wanted)
    agreement, agreement_reason = _agreement(session, at, zone, date(wanted, 1, 1))
    findings: list[LedgerFinding] = []
    if agreement_reason is None and agreement is not None and _changes_within(session, at, zone, wanted, agreement):
        findings.append(LedgerFinding("agreement_changes_in_year", {"applied": agreement.id}))
    if not entries:
        return Ledger(
            zone, wanted, (), None, (), agreement.id if agreement else None, agreement.basis_doc if agreement else None,
            bool(agreement and agreement.illustrative), bool(agreement and agreement.retention), agreement_reason,
            tuple(findings), "no_lines",
        )  # fmt: skip
    rows, total = _rows(question.known, entries, agreement)
    findings += _findings(rows, total, agreement, entries)
    return Ledger(
        zone=zone,
        year=wanted,
        rows=rows,
        total=total,
        entries=entries,
        agreement_id=agreement.id if agreement else None,
        basis_doc=agreement.basis_doc if agreement else None,
        illustrative=bool(agreement and agreement.illustrative),
        retention=bool(agreement and agreement.retention),
        agreement_reason=agreement_reason,
        findings=tuple(findings),
    )


def _entries(question: Question, zone: str, year: int) -> tuple[LedgerEntry, ...]:
    line = m.LedgerLine
    return tuple(
        LedgerEntry(row.unit, unit_name(question.known, row.unit)[0], row.line, int(row.amount_wan), row.doc)
        for row in question.session.scalars(
            select(line)
            .where(line.provenance == question.at.provenance, line.zone_code == zone, line.year == year)
            .order_by(line.line, line.unit, line.id)
        )
    )


def _fiscal(session: Session, at: Resolved, zone: str) -> list[Agreement]:
    found, _ = agreements_of(session, at)
    return [a for a in found if a.zone == zone and a.metric_class is MetricClass.FISCAL]


def _agreement(session: Session, at: Resolved, zone: str, day: date) -> tuple[Agreement | None, str | None]:
    all_ = _fiscal(session, at, zone)
    valid = [a for a in all_ if a.valid_from <= day and (a.valid_to is None or day <= a.valid_to)]
    if not valid:
        begun = sorted({a.valid_from for a in all_ if day < a.valid_from <= date(day.year, 12, 31)})
        valid = [a for a in all_ if begun and a.valid_from == begun[0]]
    if not valid:
        return None, "no_agreement"
    if len(valid) > 1:
        return None, "agreements_overlap"
    problem = agreement_problem(valid[0])
    return (valid[0], None) if problem is None else (None, problem.value)


def _changes_within(session: Session, at: Resolved, zone: str, year: int, applied: Agreement) -> bool:
    others = [a.valid_from for a in _fiscal(session, at, zone) if a.id != applied.id]
    return any(max(date(year, 1, 1), applied.valid_from) < day <= date(year, 12, 31) for day in others)


def _rows(
    known: Catalogue, entries: Sequence[LedgerEntry], agreement: Agreement | None
) -> tuple[tuple[LedgerRow, ...], LedgerRow]:
    booked: dict[tuple[str, str], int] = {}
    for entry in entries:
        booked[entry.unit, entry.line] = booked.get((entry.unit, entry.line), 0) + entry.amount_wan
    shares = dict(agreement.parties) if agreement else {}
    units = list(shares) + sorted({entry.unit for entry in entries} - set(shares))

    def whole(line: str) -> int | None:
        found = [amount for (_, name), amount in booked.items() if name == line]
        return sum(found) if found else None

    def due(line: str) -> dict[str, int]:
        total = whole(line)
        if total is None or not shares:
            return {}
        return dict(zip(shares, largest_remainder(total, list(shares.values())), strict=True))

    cost_due, audited_due, revenue_due = due("cost_in"), due("audited"), due("revenue")
    rows = []
    for unit in units:
        own = {line: booked.get((unit, line)) for line in LINES}
        owed = cost_due.get(unit)
        # A party that paid nothing owes its whole part: its payments are 0 as soon as anybody's are booked.
        paid = 0 if own["cost_in"] is None and owed is not None else own["cost_in"]
        difference = None if owed is None or paid is None else paid - owed
        allowed, allowed_due = own["audited"], audited_due.get(unit)
        balance = difference if not audited_due else None if allowed_due is None else (allowed or 0) - allowed_due
        part = revenue_due.get(unit)
        cash = None if part is None or agreement is None else 0 if agreement.retention else part
        zh, en = unit_name(known, unit)
        rows.append(
            LedgerRow(
                unit=unit,
                name_zh=zh,
                name_en=en,
                share=shares.get(unit),
                cost_in=paid,
                cost_due=owed,
                difference=difference,
                audited=allowed,
                disallowed=None if allowed is None or paid is None else allowed - paid,
                audited_due=allowed_due,
                balance=balance,
                revenue=own["revenue"],
                revenue_due=part,
                retained=own["retained"],
                distributed=own["distributed"],
                cash_due=cash,
                settled=own["settled"],
                open_wan=None if balance is None else balance - (own["settled"] or 0),
            )
        )

    def added(name: str) -> int | None:
        values = [getattr(row, name) for row in rows]
        known_values = [v for v in values if v is not None]
        return sum(known_values) if known_values else None

    names = ("cost_in", "cost_due", "difference", "audited", "disallowed", "audited_due", "balance", "revenue",
             "revenue_due", "retained", "distributed", "cash_due", "settled", "open_wan")  # fmt: skip
    total = LedgerRow(
        unit="", name_zh="合计", name_en="Total", share=sum(shares.values(), Fraction(0)) if shares else None,
        **{name: added(name) for name in names},
    )  # fmt: skip
    return tuple(rows), total


def _findings(
    rows: Sequence[LedgerRow], total: LedgerRow, agreement: Agreement | None, entries: Sequence[LedgerEntry]
) -> list[LedgerFinding]:
    found = []
    strangers = [row.unit for row in rows if agreement is not None and row.share is None]
    found += [LedgerFinding("not_a_party", {"unit": unit}) for unit in strangers]
    if agreement is not None and agreement.retention and total.distributed:
        found.append(LedgerFinding("distributed_while_retained", {"distributed_wan": total.distributed}))
    kept = (total.retained or 0) + (total.distributed or 0)
    if total.revenue is not None and kept != total.revenue:
        found.append(LedgerFinding("revenue_not_accounted", {"revenue_wan": total.revenue, "accounted_wan": kept}))
    if total.settled:  # what some receive others pay
        found.append(LedgerFinding("settled_not_balanced", {"settled_wan": total.settled}))
    found += [
        LedgerFinding("no_document", {"unit": e.unit, "line": e.line, "amount_wan": e.amount_wan})
        for e in entries
        if not (e.doc or "").strip()
    ]
    return found
