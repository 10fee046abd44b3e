"""Who gets a number: one plant stands in one district, is governed by a second, taxed in a third and shared by agreement.

The engine of rules §4.2-4.4. Sharing never creates value: in every scope but 双计 the parts of a record sum to the record,
and 双计 has no total at all. A record that cannot be attributed becomes an exception row with its amount and the reason.
`domain.attribution_bulk` gives the same answers for large tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Protocol

from domain.periods import Period
from domain.units import MU_M2, largest_remainder

RATIO_TOLERANCE = Fraction(1, 10**9)
SLIVER_M2 = ceil(MU_M2)  # areas are whole m², so this is the test against 1 亩 without fractions
SLIVER_PART = 200


class Scope(StrEnum):
    """The four scopes 口径 (rules §4.2)."""

    TERRITORIAL = "territorial"
    AREA = "area"
    SHARED = "shared"
    DUAL = "dual"


class MetricClass(StrEnum):
    """Classes an agreement can speak of (rules §4.3.2): 直报, 非直报, 财政."""

    DIRECT = "direct"
    NONDIRECT = "nondirect"
    FISCAL = "fiscal"


class PlaceRole(StrEnum):
    """Places that decide the territorial unit (rules §4.2)."""

    LOCATION = "location"
    LEGAL_ENTITY = "legal_entity"
    TREASURY = "treasury"


class Metric(Protocol):
    """What is divided: an indicator, as far as attribution has to know it (`domain.indicators.Indicator`).

    `metric_class` is the class of agreements that speaks of it, `place` the place that decides its territorial unit; None
    where there is none. A count goes whole to one unit.
    """

    @property
    def id(self) -> str:
        """Code of the indicator."""

    @property
    def metric_class(self) -> MetricClass | None:
        """Class of agreements that speaks of it."""

    @property
    def place(self) -> PlaceRole | None:
        """Place that decides its territorial unit."""

    @property
    def is_count(self) -> bool:
        """Whether it counts things."""


@dataclass(frozen=True)
class UnitSpan:
    """A statistics unit valid from a day to a day inclusive, for one metric or (None) for all."""

    unit: str
    valid_from: date
    valid_to: date | None = None
    metric: str | None = None
    basis_doc: str | None = None


@dataclass(frozen=True)
class Subject:
    """A project or legal entity whose figures are attributed.

    footprint: unit -> m² of intersection, measured in EPSG:4544 on the boundary version of the period asked for.
    assist_units: units that helped to win it and get a 协作 tag, never a count (rules §4.4.5).
    """

    id: str
    zone: str | None = None
    stat_units: tuple[UnitSpan, ...] = ()
    places: Mapping[PlaceRole, str] = field(default_factory=dict)
    footprint: Mapping[str, int] = field(default_factory=dict)
    started: date | None = None
    assist_units: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """One figure of one subject: integer 万元 of the period itself (not year to date), or a count."""

    id: str
    subject: Subject
    metric: Metric
    period: Period
    amount_wan: int


@dataclass(frozen=True)
class Agreement:
    """A sharing agreement for one zone or one subject, about one metric or one class, with effective dates inclusive.

    parties keep their order: it breaks rounding ties. retention: revenue is shared for assessment, no cash is distributed.
    years_from_start limits it to the first years of the subject (rules §4.4.5). illustrative marks a demo ratio.
    Raises ValueError unless exactly one of zone/subject and one of metric/metric_class is given. Ratios are data and may
    be wrong: they are checked when used and then give an exception row.
    """

    id: str
    parties: tuple[tuple[str, Fraction], ...]
    valid_from: date
    basis_doc: str
    zone: str | None = None
    subject_id: str | None = None
    metric: str | None = None
    metric_class: MetricClass | None = None
    valid_to: date | None = None
    years_from_start: int | None = None
    illustrative: bool = False
    retention: bool = False

    def __post_init__(self) -> None:
        if (self.zone is None) == (self.subject_id is None):
            raise ValueError(f"agreement {self.id}: name either a zone or a subject")
        if (self.metric is None) == (self.metric_class is None):
            raise ValueError(f"agreement {self.id}: name either a metric or a class")


class Reason(StrEnum):
    """Why a record cannot be attributed."""

    RATIOS_NOT_ONE = "ratios_not_one"
    BAD_PARTIES = "bad_parties"
    AGREEMENTS_OVERLAP = "agreements_overlap"
    NO_START_DATE = "no_start_date"
    STAT_UNITS_OVERLAP = "stat_units_overlap"
    NO_UNIT = "no_unit"
    NO_FOOTPRINT = "no_footprint"


@dataclass(frozen=True)
class Rule:
    """How a record is divided: shares in order, the rule's id and its document."""

    rule_id: str
    shares: tuple[tuple[str, Fraction], ...]
    basis_doc: str | None = None
    additive: bool = True
    illustrative: bool = False
    retention: bool = False
    related: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """Why there is no rule, with the agreements or units at fault; what the subject itself lacks is in its own record."""

    reason: Reason
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One unit's share (of 1) and amount in 万元."""

    unit: str
    share: Fraction
    amount_wan: int


@dataclass(frozen=True)
class Attribution:
    """A record divided among units in one scope (rules §4.3.5).

    additive is False in 双计: no total may be shown. related: units with an interest and no part of a count.
    restated: made by 可比口径重算 with the rules of another period.
    """

    record: Record
    scope: Scope
    parts: tuple[Part, ...]
    rule_id: str
    basis_doc: str | None
    additive: bool
    illustrative: bool
    retention: bool
    related: tuple[str, ...]
    restated: bool


@dataclass(frozen=True)
class ExceptionRow:
    """A record that is in no unit's figure in this scope, with its amount, the reason and the rows to repair."""

    record: Record
    scope: Scope
    reason: Reason
    rows: tuple[str, ...]


class AgreementBook:
    """All agreements, indexed by the zone or subject they speak of."""

    def __init__(self, agreements: Iterable[Agreement] = ()) -> None:
        self._by_subject: dict[str, list[Agreement]] = {}
        self._by_zone: dict[str, list[Agreement]] = {}
        for agreement in agreements:
            if agreement.subject_id is not None:
                self._by_subject.setdefault(agreement.subject_id, []).append(agreement)
            elif agreement.zone is not None:
                self._by_zone.setdefault(agreement.zone, []).append(agreement)

    def of_subject(self, subject: Subject) -> Sequence[Agreement]:
        """Agreements about the subject itself."""
        return self._by_subject.get(subject.id, ())

    def of_zone(self, subject: Subject) -> Sequence[Agreement]:
        """Agreements about the subject's zone."""
        return () if subject.zone is None else self._by_zone.get(subject.zone, ())


def limit_end(started: date, years: int) -> date:
    """First day after the first `years` years."""
    leap_day = started.month == 2 and started.day == 29
    return date(started.year + years, 3, 1) if leap_day else started.replace(year=started.year + years)


def _valid(span: UnitSpan | Agreement, day: date) -> bool:
    # A change applies to whole periods that begin on or after its date (rules §4.3.7).
    return span.valid_from <= day and (span.valid_to is None or day <= span.valid_to)


def _territorial(subject: Subject, metric: Metric, day: date) -> Rule | Refusal:
    valid = [span for span in subject.stat_units if _valid(span, day)]
    for wanted in (metric.id, None):
        spans = [span for span in valid if span.metric == wanted]
        if len(spans) > 1:
            return Refusal(Reason.STAT_UNITS_OVERLAP, tuple(span.unit for span in spans))
        if spans:
            return Rule("TERR/stat", ((spans[0].unit, Fraction(1)),), spans[0].basis_doc)
    role = metric.place
    if role is not None and role in subject.places:
        return Rule(f"TERR/{role}", ((subject.places[role], Fraction(1)),))
    return Refusal(Reason.NO_UNIT)


def merge_slivers(footprint: Mapping[str, int]) -> dict[str, int]:
    """Parts of a footprint (unit -> m²) below max(1 亩, 0.5 %) added to the largest part (rules §4.1 A, §4.3.3).

    The first of equal largest parts takes them. The area stays the same. Raises ValueError for a negative part.
    """
    if any(area < 0 for area in footprint.values()):
        raise ValueError("a part of a footprint is negative")
    whole = sum(footprint.values())
    if whole == 0:
        return {}
    smallest = max(SLIVER_M2, -(-whole // SLIVER_PART))
    largest = max(footprint, key=lambda unit: footprint[unit])
    kept = {unit: area for unit, area in footprint.items() if unit == largest or area >= smallest}
    kept[largest] += whole - sum(kept.values())
    return kept


def _by_area(subject: Subject) -> Rule | Refusal:
    parts = merge_slivers(subject.footprint)
    whole = sum(parts.values())
    if whole:
        return Rule("AREA/footprint", tuple((unit, Fraction(area, whole)) for unit, area in parts.items()))
    # Leased floor space has no plot of its own; where it stands is still a fact of space.
    if PlaceRole.LOCATION in subject.places:
        return Rule("AREA/location", ((subject.places[PlaceRole.LOCATION], Fraction(1)),))
    return Refusal(Reason.NO_FOOTPRINT)


def _agreement(subject: Subject, metric: Metric, day: date, book: AgreementBook) -> Agreement | Refusal | None:
    for level in (book.of_subject(subject), book.of_zone(subject)):
        for by_metric in (True, False):
            found = []
            for agreement in level:
                speaks = agreement.metric == metric.id if by_metric else agreement.metric_class is not None
                if not speaks or (not by_metric and agreement.metric_class != metric.metric_class):
                    continue
                if not _valid(agreement, day):
                    continue
                if agreement.years_from_start is not None:
                    if subject.started is None:
                        return Refusal(Reason.NO_START_DATE, (agreement.id,))
                    if day >= limit_end(subject.started, agreement.years_from_start):
                        continue
                found.append(agreement)
            if len(found) > 1:
                return Refusal(Reason.AGREEMENTS_OVERLAP, tuple(agreement.id for agreement in found))
            if found:
                return found[0]
    return None


def agreement_problem(agreement: Agreement) -> Reason | None:
    """Why an agreement cannot be used: ratios that do not sum to 1 ± 1e-9, a negative ratio, a party named twice or none."""
    units = [unit for unit, _ in agreement.parties]
    if not units or len(set(units)) < len(units) or any(ratio < 0 for _, ratio in agreement.parties):
        return Reason.BAD_PARTIES
    if abs(sum((ratio for _, ratio in agreement.parties), Fraction(-1))) > RATIO_TOLERANCE:
        return Reason.RATIOS_NOT_ONE
    return None


def _by_agreement(subject: Subject, metric: Metric, day: date, book: AgreementBook, dual: bool) -> Rule | Refusal:
    name = "DUAL" if dual else "SHARE"
    agreement = _agreement(subject, metric, day, book)
    if isinstance(agreement, Refusal):
        return agreement
    if agreement is None:
        territorial = _territorial(subject, metric, day)
        if isinstance(territorial, Refusal):
            return territorial
        return Rule(f"{name}/{territorial.rule_id}", territorial.shares, territorial.basis_doc, additive=not dual)
    problem = agreement_problem(agreement)
    if problem is not None:
        return Refusal(problem, (agreement.id,))
    whole = sum(ratio for _, ratio in agreement.parties)
    return Rule(
        f"{name}/{agreement.id}",
        tuple((unit, Fraction(1) if dual else ratio / whole) for unit, ratio in agreement.parties),
        agreement.basis_doc,
        additive=not dual,
        illustrative=agreement.illustrative,
        retention=agreement.retention,
    )


def _whole_to_primary(rule: Rule, subject: Subject, metric: Metric, day: date) -> Rule:
    best = max(share for _, share in rule.shares)
    leaders = [unit for unit, share in rule.shares if share == best]
    primary = leaders[0]
    if len(leaders) > 1:
        territorial = _territorial(subject, metric, day)
        if isinstance(territorial, Rule) and territorial.shares[0][0] in leaders:
            primary = territorial.shares[0][0]
    others = [unit for unit, share in rule.shares if share] + list(subject.assist_units)
    return Rule(
        rule.rule_id,
        ((primary, Fraction(1)),),
        rule.basis_doc,
        illustrative=rule.illustrative,
        related=tuple(dict.fromkeys(unit for unit in others if unit != primary)),
    )


def resolve(
    subject: Subject, metric: Metric, period: Period, scope: Scope, agreements: AgreementBook
) -> Rule | Refusal:
    """The rule that divides a figure, without its amount (rules §4.3). It depends on the period's first day only.

    SHARE and DUAL look for an agreement in this order: subject and metric, subject and class, zone and metric, zone and
    class; then TERR. Two agreements at one step are a refusal. A count goes whole to the unit with the largest share; of
    equal shares to the TERR unit, or to the first named when that is none of them. In 双计 each party gets the whole count.
    """
    day = period.start
    if scope is Scope.TERRITORIAL:
        rule = _territorial(subject, metric, day)
    elif scope is Scope.AREA:
        rule = _by_area(subject)
    else:
        rule = _by_agreement(subject, metric, day, agreements, dual=scope is Scope.DUAL)
    if metric.is_count and isinstance(rule, Rule) and rule.additive:
        return _whole_to_primary(rule, subject, metric, day)
    return rule


def apply_rule(record: Record, scope: Scope, rule: Rule, amounts: Sequence[int], restated: bool) -> Attribution:
    """An attribution from a rule and the amounts of its shares in order."""
    parts = tuple(Part(unit, share, amount) for (unit, share), amount in zip(rule.shares, amounts, strict=True))
    return Attribution(
        record,
        scope,
        parts,
        rule.rule_id,
        rule.basis_doc,
        rule.additive,
        rule.illustrative,
        rule.retention,
        rule.related,
        restated,
    )


def attribute(
    record: Record, scope: Scope, agreements: AgreementBook, restate_at: Period | None = None
) -> Attribution | ExceptionRow:
    """Divide one record in one scope (rules §4.3).

    Amounts are integer 万元 by largest remainder. Rules are those of the record's own period; `restate_at` asks for
    可比口径重算 with the rules of that period, and must then be given for the whole series.
    """
    rule = resolve(record.subject, record.metric, restate_at or record.period, scope, agreements)
    if isinstance(rule, Refusal):
        return ExceptionRow(record, scope, rule.reason, rule.rows)
    if rule.additive:
        amounts = largest_remainder(record.amount_wan, [share for _, share in rule.shares])
    else:
        amounts = [record.amount_wan] * len(rule.shares)
    return apply_rule(record, scope, rule, amounts, restated=restate_at is not None)


@dataclass(frozen=True)
class UnitTotals:
    """Sums by unit in one scope, in 万元. total None with the reason "dual" in 双计; exceptions are in no unit.

    total + unattributed_wan is the sum of the source records.
    """

    by_unit: dict[str, int]
    total: int | None
    reason: str | None
    unattributed_wan: int
    exceptions: int
