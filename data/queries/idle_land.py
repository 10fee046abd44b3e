"""Idle land: the clock of every supply contract, and the land chain of every zone with its identity (rules §7.4, §3.2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.queries import gate
from data.queries.cached import cached
from data.queries.catalogue import Resolved
from data.queries.land import land_areas, whole_chain
from data.queries.question import Question
from data.queries.stored import stored_of
from domain.idle_land import (
    Cause,
    ChainCheck,
    Disposal,
    IdleClock,
    IdleFacts,
    IdleStage,
    LandChain,
    LegalStatus,
    check_land_chain,
    idle_clock,
)
from domain.periods import Period
from domain.reasons import ReasonKey
from domain.units import exact
from domain.viewer import FieldClass

#: Most pressing first.
STAGE_ORDER = (
    IdleStage.TWO_YEARS,
    IdleStage.ONE_YEAR,
    IdleStage.DISPOSAL,
    IdleStage.INVESTIGATION,
    IdleStage.SUSPECTED,
    IdleStage.WARNING,
    IdleStage.UNDECIDED,
    IdleStage.NORMAL,
)
_CAUSE = {"enterprise": Cause.COMPANY, "company": Cause.COMPANY, "government": Cause.GOVERNMENT,
          "force_majeure": Cause.FORCE_MAJEURE}  # fmt: skip
_PARTS = 1_000_000


@dataclass(frozen=True)
class IdleRow:
    """One supply contract with what the clock suggests on the last day of the month.

    `clock` is a suggestion; `legal_status` and `legal_doc` are what the authority decided, by hand. `problem` names a
    record the clock cannot take as it is ("no_document", "unknown_status", "unknown_cause", "unknown_disposal"): that
    field is then left out of the clock and the row is shown with the problem. `holder` is None for who may not see it.
    """

    contract_id: str
    parcel_id: str
    zone_code: str | None
    district_code: str | None
    area_m2: int
    holder: str | None
    project_id: str | None
    signed_on: str
    agreed_start: str
    actual_start: str | None
    stopped_on: str | None
    price_wan: int | None
    cause: str | None
    legal_status: str | None
    legal_doc: str | None
    disposal: str | None
    clock: IdleClock
    problems: tuple[str, ...]

    @property
    def determined(self) -> bool:
        """Whether the authority decided, by a document, that the land is idle: only then is a fee due."""
        return self.legal_status == LegalStatus.DETERMINED_IDLE.value and "no_document" not in self.problems


@dataclass(frozen=True)
class IdleList:
    """Contracts by urgency. `stages` counts and sums m² over all of them, not only the rows given.

    `fee_wan` sums the fee estimates of land that was decided to be idle, not those under investigation or undecided (None
    when there is none). `reason` "withheld" gives nothing.
    """

    rows: tuple[IdleRow, ...]
    total: int
    stages: dict[str, tuple[int, int]]
    fee_wan: int | None
    reason: ReasonKey | None = None


def idle_list(
    question: Question,
    *,
    zones: Sequence[str] | None = None,
    include_normal: bool = False,
    offset: int = 0,
    limit: int = 200,
) -> IdleList:
    """Supply contracts of the chosen zones with their idle clock on the last day of the month (rules §7.4).

    Normal ones are counted and left out of the rows unless asked for. Only zone and district restrict the list.
    """
    at = question.at
    if not question.viewer.may(FieldClass.PROJECT_FIGURES):
        return IdleList((), 0, {}, None, "withheld")
    chosen = tuple(zones) if zones is not None else at.chosen
    place = question.filter
    rows = [
        row
        for row in cached(question.session, ("idle", at.provenance, at.period), lambda: _rows(question.session, at))
        if row.zone_code in chosen and place.admits_place(row.zone_code, row.district_code)
    ]
    if not gate.may_see_projects(question.viewer, at.provenance):
        rows = [replace(row, holder=None, project_id=None) for row in rows]
    stages: dict[str, tuple[int, int]] = {}
    for row in rows:
        count, area = stages.get(row.clock.stage, (0, 0))
        stages[row.clock.stage.value] = (count + 1, area + row.area_m2)
    fees = [row.clock.fee_wan for row in rows if row.clock.fee_wan is not None and row.determined]
    listed = [row for row in rows if include_normal or row.clock.stage is not IdleStage.NORMAL]
    listed.sort(key=lambda r: (STAGE_ORDER.index(r.clock.stage), -(r.clock.days or 0), r.contract_id))
    return IdleList(tuple(listed[offset : offset + limit]), len(listed), stages, sum(fees) if fees else None)


def _rows(session: Session, at: Resolved) -> tuple[IdleRow, ...]:
    """Every contract of the data set signed by the end of the month, with its clock."""
    contract, parcel, end = m.LandContract, m.LandParcel, Period.parse(at.period).end
    return tuple(
        _row(found, end)
        for found in session.execute(
            select(
                contract,
                parcel.zone_code,
                parcel.district_code,
                parcel.area_m2,
                m.Enterprise.name_zh,
                m.Project.enterprise_name,
            )
            .join(parcel, parcel.id == contract.parcel_id)
            .outerjoin(m.Enterprise, m.Enterprise.id == contract.enterprise_id)
            .outerjoin(m.Project, m.Project.id == contract.project_id)
            .where(contract.provenance == at.provenance, contract.signed_on <= end, parcel.zone_code.is_not(None))
            .order_by(contract.id)
        )
    )


def _row(found: Any, end: date) -> IdleRow:
    contract, zone, district, area, firm, named = found
    facts, problems = facts_of(contract)
    return IdleRow(
        contract_id=contract.id,
        parcel_id=contract.parcel_id,
        zone_code=zone,
        district_code=district,
        area_m2=int(area),
        holder=firm or named,
        project_id=contract.project_id,
        signed_on=str(contract.signed_on),
        agreed_start=str(contract.agreed_start),
        actual_start=_iso(contract.actual_start),
        stopped_on=_iso(contract.stopped_on),
        price_wan=contract.price_wan,
        cause=contract.cause,
        legal_status=contract.legal_status,
        legal_doc=contract.legal_doc,
        disposal=contract.disposal,
        clock=idle_clock(facts, end),
        problems=problems,
    )


def _iso(value: object) -> str | None:
    return None if value is None else str(value)


def facts_of(contract: m.LandContract) -> tuple[IdleFacts, tuple[str, ...]]:
    """What the clock looks at, and the names of fields it cannot take (rules §7.4).

    The contract holds shares of 1 for developed area and invested money, and only these shares matter to the clock: they
    are handed over as parts of a million, so that one of exactly 1/4 stays exactly 1/4.
    """
    problems: list[str] = []

    def read(value: str | None, known: Any, problem: str) -> Any:
        if value is None or not value.strip():
            return None
        try:
            return known(value)
        except (ValueError, KeyError):
            problems.append(problem)
            return None

    cause = read(contract.cause, _CAUSE.__getitem__, "unknown_cause")
    disposal = read(contract.disposal, Disposal, "unknown_disposal")
    status = read(contract.legal_status, LegalStatus, "unknown_status")
    if status is not None and not (contract.legal_doc or "").strip():
        problems.append("no_document")
        status = None
    developed, invested = contract.developed_ratio, contract.invested_ratio
    facts = IdleFacts(
        agreed_start_on=contract.agreed_start,
        started_on=contract.actual_start,
        stopped_on=contract.stopped_on,
        developed_m2=None if developed is None else round(exact(developed) * _PARTS),
        due_m2=_PARTS,
        invested_wan=None if invested is None else round(exact(invested) * _PARTS),
        total_wan=_PARTS,
        price_wan=contract.price_wan,
        cause=cause,
        legal_status=status,
        legal_document=contract.legal_doc or "",
        disposal=disposal,
    )
    return facts, tuple(problems)


# --- development × supply × completion ----------------------------------------------------------------------------------

_REPORTED = {"K37": "development", "K38": "supply", "K39": "completion"}


@dataclass(frozen=True)
class LandChainRow:
    """The land chain of one zone (zone "" for all) from its parcels, and what was reported for it.

    `identity` is the exact test on the parcels' own areas: the product of the three rates equals built over developable.
    `reported` are K37-K39 as shares where they were reported, `check` tests their product against the parcels' built
    share to 0.05 points (rules §3.2.4). Rates that are those of the parcels themselves were not reported but derived from
    them (`derived`): to compare them would prove nothing, so there is no check. `not_nested` names areas larger than the one they belong to.
    """

    zone: str
    chain: LandChain | None
    identity: bool | None
    reported: dict[str, Fraction]
    reported_period: str | None
    check: ChainCheck | None
    derived: bool
    not_nested: tuple[str, ...]


def land_chains(question: Question, *, zones: Sequence[str] | None = None) -> tuple[LandChainRow, ...]:
    """Development × supply × completion for all chosen zones together (first) and for each (rules §3.2.4).

    The reported rates of all together are recomputed from sums. Empty for who may not see totals.
    """
    if not gate.may_see_totals(question.viewer, question.at.provenance):
        return ()
    chosen = tuple(zones) if zones is not None else question.at.chosen
    areas = land_areas(question.unfiltered, chosen)
    reported, period = _reported(question.session, question.at, chosen)
    rows = [_chain_row(zone, areas.get(zone), reported.get(zone, {}), period) for zone in chosen]
    whole = whole_chain(areas.values())
    return (_chain_row("", whole, _summed(reported, chosen), period), *rows)


def _reported(
    session: Session, at: Resolved, zones: Sequence[str]
) -> tuple[dict[str, dict[str, tuple[Fraction, Fraction]]], str | None]:
    """Numerator and denominator of K37-K39 by zone, of the newest period up to the month."""
    stored, last = stored_of(session, at.provenance), str(Period.parse(at.period).quarter())
    rows = sorted(
        (
            row
            for kpi in _REPORTED
            for row in stored.values.get(kpi, ())
            if row.period <= last and row.unit_code in zones and None not in (row.numerator, row.denominator)
        ),
        key=lambda row: (row.as_of, row.period, row.version),
    )
    if not rows:
        return {}, None
    newest = rows[-1].period
    found: dict[str, dict[str, tuple[Fraction, Fraction]]] = {}
    for row in rows:
        if row.period == newest:
            found.setdefault(row.unit_code, {})[row.kpi_id] = (exact(row.numerator), exact(row.denominator))
    return found, newest


def _summed(
    reported: dict[str, dict[str, tuple[Fraction, Fraction]]], zones: Sequence[str]
) -> dict[str, tuple[Fraction, Fraction]]:
    """Sums over the zones; an indicator that a zone lacks is left out, since its rate would not be of all."""
    found: dict[str, tuple[Fraction, Fraction]] = {}
    for kpi in _REPORTED:
        parts = [reported.get(zone, {}).get(kpi) for zone in zones]
        known = [p for p in parts if p is not None]
        if known and len(known) == len(parts):
            found[kpi] = (sum((p[0] for p in known), Fraction(0)), sum((p[1] for p in known), Fraction(0)))
    return found


def _chain_row(
    zone: str, chain: LandChain | None, parts: dict[str, tuple[Fraction, Fraction]], period: str | None
) -> LandChainRow:
    derived = chain is not None and parts == {
        "K37": (exact(chain.ready_m2), exact(chain.developable_m2)),
        "K38": (exact(chain.supplied_m2), exact(chain.ready_m2)),
        "K39": (exact(chain.built_m2), exact(chain.supplied_m2)),
    }
    parts = {} if derived else parts
    rates = {_REPORTED[kpi]: top / bottom for kpi, (top, bottom) in parts.items() if bottom}
    identity = None
    check = None
    built = chain.built_share if chain is not None else None
    if chain is not None:
        own = (chain.development, chain.supply, chain.completion)
        if built is not None and None not in own:
            product = Fraction(1)
            for rate in own:
                product *= rate if rate is not None else 1
            identity = product == built
    if built is not None and len(rates) == len(_REPORTED):
        check = check_land_chain(
            float(rates["development"]), float(rates["supply"]), float(rates["completion"]), float(built)
        )
    return LandChainRow(
        zone, chain, identity, rates, period if parts else None, check, derived, chain.not_nested() if chain else ()
    )
