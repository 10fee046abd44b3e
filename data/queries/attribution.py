"""Who counts how much: a KPI of any choice of zones divided among units in one scope (rules §4.2-4.4).

The sum over units plus what cannot be attributed is always the sum of the records, which is the territorial total; 双计
has parts and no total. A record's year-to-date figure is cut where its rule changes within the year, and each piece is
divided once in whole 万元, so that a reader can check it by multiplying.

Cache: everything that does not depend on the viewer is kept under (database, data_version, data set, scheme, …). The
entry of a table adds (KPI, month, scope, grouping, restated); that of the subjects "project" or "enterprise" and the grouping.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from data import models as m
from data import reference
from data.indicators import LINES, Amount, Ask, amounts_of, sums, sums_of
from data.queries import gate
from data.queries.cached import cached, cached_for_readers, cached_together
from data.queries.catalogue import Catalogue, Resolved, catalogue
from data.queries.disclosure import firm_blocks, firm_blocks_of, open_to
from data.queries.filter_sql import PLACE_FACETS, PROJECT_FACETS, entity_conditions
from data.queries.projects import filtered
from data.queries.question import Question
from data.queries.stored import stored_of
from domain.attribution import (
    Agreement,
    AgreementBook,
    ExceptionRow,
    MetricClass,
    PlaceRole,
    Rule,
    Scope,
    Subject,
    UnitSpan,
    agreement_problem,
)
from domain.attribution_bulk import AttributionTable, RecordBlock, attribute_many
from domain.filters import Facet
from domain.grouping import counted_by
from domain.indicators import Indicator
from domain.periods import Period
from domain.reasons import ReasonKey
from domain.suppression import Blocks
from domain.viewer import FieldClass
from domain.viewstate import Dataset, Grouping

#: KPIs that can be divided among units record by record.
SPLIT_KPIS = tuple(code for code, indicator in reference.indicators().items() if indicator.divisible)
FISCAL_KPI = "K09"
#: Shown beside every figure in the shared scope: it is for internal assessment, official statistics are territorial.
INTERNAL_BADGE = "内部考核口径"

_FIRST_DAY = date(1900, 1, 1)
_CHUNK = 900  # below the smallest limit of bound variables that SQLite was ever built with

# --- results ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnitPart:
    """What one unit counts, in the stored unit of the KPI.

    `share` is of the attributed total (None in 双计 and where the total is 0). `cash_wan` is what the unit is paid out of
    a shared revenue (K09 only), 0 while retention is on. `reason` says why `amount` is hidden ("suppressed").
    """

    unit: str
    name_zh: str
    name_en: str
    amount: int | None
    share: Fraction | None
    cash_wan: int | None = None
    reason: ReasonKey | None = None


@dataclass(frozen=True)
class RuleUse:
    """A rule and how much it divided: `shares` only where they come from an agreement, `kind` TERR, AREA, SHARE or DUAL."""

    rule_id: str
    kind: str
    agreement_id: str | None
    shares: tuple[tuple[str, Fraction], ...]
    basis_doc: str | None
    illustrative: bool
    retention: bool
    zones: tuple[str, ...]
    records: int
    amount: int | None


@dataclass(frozen=True)
class ZoneSplit:
    """The division of one zone; Σ parts + unattributed = total."""

    zone: str
    parts: tuple[UnitPart, ...]
    total: int | None
    records_total: int | None
    unattributed: int | None
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """A KPI divided among units in one scope.

    Σ parts + `unattributed` = `total` = `records_total`, the territorial total, in every scope but 双计, where `total` is
    None with `reason` "dual". Other reasons: "not_divisible", "not_reported", "no_january", "no_records", "not_filterable",
    "withheld", "suppressed". `missed` are the facets in force that the KPI cannot follow. `exceptions` counts records in
    no unit. `badge` is 内部考核口径 in the shared scope. `missing` are chosen zones that did not report and are not in it.
    `retained_wan` is the cash that stays with the park (K09, shared scope). `restated` marks 可比口径重算. `by` is the
    grouping of the units (rules §4.2.1).
    """

    kpi_id: str
    scope: Scope
    period: str
    unit: str
    zones: tuple[str, ...]
    parts: tuple[UnitPart, ...]
    total: int | None
    records_total: int | None
    reason: ReasonKey | None
    unattributed: int | None
    exceptions: int
    exception_reasons: dict[str, int]
    rules: tuple[RuleUse, ...]
    by_zone: tuple[ZoneSplit, ...]
    badge: str | None
    illustrative: bool
    is_count: bool
    retained_wan: int | None
    restated: bool
    by: Grouping
    missed: tuple[Facet, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class AttributionPage:
    """Some record-level rows, how many there are, and their whole sum; `reason` when there are none to show.

    `amount` is None with `amount_reason` "dual" in 双计, where several units are credited with the same record.
    `missed` are the facets in force that the KPI cannot follow (reason "not_filterable").
    """

    rows: tuple[dict[str, Any], ...]
    total: int
    amount: int | None
    reason: ReasonKey | None = None
    missed: tuple[Facet, ...] = ()
    amount_reason: ReasonKey | None = None


@dataclass(frozen=True)
class ExceptionItem:
    """Something kept out of a figure that it would falsify, with the rows to repair.

    `origin` is "computed" (found by the rules now) or "recorded" (found when the data came in). `rows` are agreement ids
    or units at fault. `amount` is in the stored unit of `kpi_id`, None where no amount is concerned.
    """

    code: str
    origin: str
    entity_kind: str
    entity_id: str
    name_zh: str | None
    zone_code: str | None
    period: str | None
    kpi_id: str | None
    scope: str | None
    amount: int | None
    rows: tuple[str, ...] = ()
    details: dict[str, Any] | None = None


# --- subjects, agreements, records --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Subjects:
    """Subjects of one data set and scheme, by position, with their zone as a position in `zones`."""

    subjects: tuple[Subject, ...]
    index: Mapping[str, int]
    names: Mapping[str, str]


def _last_day(valid_to: date | None) -> date | None:
    """The tables hold the first day a row no longer applies; the rules want the last day it does."""
    return None if valid_to is None else valid_to - timedelta(days=1)


def _parts(areas: dict[str, int] | None) -> dict[str, int]:
    """Footprint by district; one district is the whole whatever its size, so such projects share one rule."""
    if not areas:
        return {}
    return areas if len(areas) > 1 else dict.fromkeys(areas, 1)


def _project_subjects(session: Session, at: Resolved) -> _Subjects:
    own = and_(m.Project.provenance == at.provenance, m.Project.zone_code.in_(at.zones))
    place, district = m.ProjectPlace, m.ProjectDistrict
    spans: dict[str, list[UnitSpan]] = {}
    assists: dict[str, list[str]] = {}
    for project_id, role, unit, zone, start, end, home in session.execute(
        select(
            place.project_id, place.role, place.unit, place.zone_code, place.valid_from, place.valid_to,
            m.Project.zone_code,
        )
        .join(m.Project, m.Project.id == place.project_id)
        .where(own, place.role.in_(("stat", "first_contact")))
        .order_by(place.valid_from.is_not(None), place.valid_from, place.id)
    ):  # fmt: skip
        if role == "stat":
            if unit is not None:
                # The first unit also counts for the month in which it began: there was no other before it.
                first = start.replace(day=1) if start and project_id not in spans else start
                spans.setdefault(project_id, []).append(UnitSpan(unit, first or _FIRST_DAY, _last_day(end)))
        elif zone != home or zone is None:
            helper = zone or unit
            if helper is not None:
                assists.setdefault(project_id, []).append(helper)
    areas: dict[str, dict[str, int]] = {}
    located: dict[str, str] = {}
    for project_id, code, area, primary in session.execute(
        select(district.project_id, district.district_code, district.area_m2, district.is_primary)
        .join(m.Project, m.Project.id == district.project_id)
        .where(own)
        .order_by(district.project_id, district.district_code)
    ):
        if area is not None:
            areas.setdefault(project_id, {})[code] = int(area)
        if primary or project_id not in located:
            located[project_id] = code
    subjects, names = [], {}
    for project_id, name, zone in session.execute(
        select(m.Project.id, m.Project.name_zh, m.Project.zone_code).where(own).order_by(m.Project.id)
    ):
        where = located.get(project_id)
        subjects.append(
            Subject(
                project_id,
                zone,
                tuple(spans.get(project_id, ())),
                {} if where is None else {PlaceRole.LOCATION: where},
                _parts(areas.get(project_id)),
                assist_units=tuple(assists.get(project_id, ())),
            )
        )
        names[project_id] = name
    return _Subjects(tuple(subjects), {s.id: i for i, s in enumerate(subjects)}, names)


def _enterprise_subjects(session: Session, at: Resolved) -> _Subjects:
    firm = m.Enterprise
    subjects, names = [], {}
    for firm_id, name, zone, district, stat, tax in session.execute(
        select(firm.id, firm.name_zh, firm.zone_code, firm.district_code, firm.stat_unit, firm.tax_unit)
        .where(firm.provenance == at.provenance, firm.zone_code.in_(at.zones))
        .order_by(firm.id)
    ):
        places = {
            PlaceRole.LOCATION: district,
            PlaceRole.LEGAL_ENTITY: stat or district,
            PlaceRole.TREASURY: tax,
        }
        subjects.append(Subject(firm_id, zone, places={role: unit for role, unit in places.items() if unit}))
        names[firm_id] = name
    return _Subjects(tuple(subjects), {s.id: i for i, s in enumerate(subjects)}, names)


def subjects_of(session: Session, at: Resolved, kind: str) -> _Subjects:
    """Subjects of the data set, "project" or "enterprise", with the units of the grouping, cached per data version."""

    def build() -> _Subjects:
        found = (_project_subjects if kind == "project" else _enterprise_subjects)(session, at)
        return _grouped(found, at.by, at, frozenset(catalogue(session).statutory))

    return cached(session, ("subjects", at.provenance, at.scheme, kind, at.by), build)


def _grouped(found: _Subjects, by: Grouping, at: Resolved, statutory: Collection[str]) -> _Subjects:
    """The subjects with each unit that the territorial rule can give as the grouping counts it (rules §4.2.1).

    Footprints stay: ground is measured by statutory district.
    """

    def counted(subject: Subject, unit: str) -> str:
        ground = at.grounds.get(subject.zone or "")
        return counted_by(by, unit, subject.places.get(PlaceRole.LOCATION), ground, statutory)

    subjects = tuple(
        replace(
            subject,
            stat_units=tuple(replace(span, unit=counted(subject, span.unit)) for span in subject.stat_units),
            places={role: counted(subject, unit) for role, unit in subject.places.items()},
        )
        for subject in found.subjects
    )
    return replace(found, subjects=subjects)


def _shares(row: m.ShareAgreement) -> tuple[tuple[str, Fraction], ...]:
    """Parties of an agreement; unreadable ratios give no parties, which the rules report as bad parties."""
    try:
        return tuple((unit, Fraction(str(share))) for unit, share in row.shares.items())
    except (ValueError, ZeroDivisionError):
        return ()


def _agreements(session: Session, at: Resolved) -> tuple[tuple[Agreement, ...], tuple[ExceptionItem, ...]]:
    """Agreements of the scheme's zones and of single projects, and those that cannot be read at all.

    Ratios that are made up for the demonstration never divide an owner's figures.
    """
    table = m.ShareAgreement
    stmt = (
        select(table, m.Project.enterprise_id).outerjoin(m.Project, m.Project.id == table.project_id).order_by(table.id)
    )
    if at.provenance != "demo":
        stmt = stmt.where(table.provenance != "demo", table.illustrative.is_(False))
    found: list[Agreement] = []
    unread: list[ExceptionItem] = []
    for row, firm_id in session.execute(stmt):
        if row.zone_code is not None and row.zone_code not in at.zones:
            continue
        problem = None
        if row.metric_class not in set(MetricClass):
            problem = "unknown_metric_class"
        elif (row.zone_code is None) == (row.project_id is None):
            problem = "bad_subject"
        if problem:
            unread.append(
                ExceptionItem(
                    problem, "computed", "share_agreement", row.id, row.basis_doc, row.zone_code, None, None, None, None,
                    (row.id,), {"metric_class": row.metric_class},
                )
            )  # fmt: skip
            continue
        agreement = Agreement(
            row.id,
            _shares(row),
            row.valid_from,
            row.basis_doc,
            zone=row.zone_code,
            subject_id=row.project_id,
            metric_class=MetricClass(row.metric_class),
            valid_to=_last_day(row.valid_to),
            illustrative=row.illustrative,
            retention=row.retention,
        )
        found.append(agreement)
        if firm_id is not None:
            # Output and tax of a project are figures of the firm behind it (rules §4.4.5).
            found.append(replace(agreement, subject_id=firm_id))
    return tuple(found), tuple(unread)


def agreements_of(session: Session, at: Resolved) -> tuple[tuple[Agreement, ...], tuple[ExceptionItem, ...]]:
    """Agreements that apply to a data set and those that cannot be read, cached per data version."""
    return cached(session, ("agreements", at.provenance, at.scheme), lambda: _agreements(session, at))


def _cut_month(day: date, year: int, no_january: bool) -> int:
    """Number of the first month of `year` that begins on or after `day` (1: the whole year, 13: none of it)."""
    if day <= date(year, 1, 1):
        return 1
    if day.year > year:
        return 13
    month = day.month if day.day == 1 else day.month + 1
    # January and February are one point of K01: a change on 1 February reaches the next point only (rules §4.3.7).
    return 3 if no_january and month == 2 else month


def _cuts(
    subjects: Sequence[Subject], agreements: Iterable[Agreement], scope: Scope, now: Period, no_january: bool
) -> dict[int, tuple[int, ...]]:
    """Months of the year at which a subject's rule may change, by position of the subject; most have none."""
    if scope is Scope.AREA:
        return {}

    def months(spans: Iterable[UnitSpan | Agreement]) -> set[int]:
        days = [s.valid_from for s in spans]
        days += [s.valid_to + timedelta(days=1) for s in spans if s.valid_to is not None]
        return {c for c in (_cut_month(d, now.year, no_january) for d in days) if 1 < c <= now.index}

    by_zone: dict[str, list[Agreement]] = {}
    by_subject: dict[str, list[Agreement]] = {}
    if scope is not Scope.TERRITORIAL:
        for a in agreements:
            (by_zone if a.zone else by_subject).setdefault(a.zone or a.subject_id or "", []).append(a)
    zone_cuts = {zone: months(found) for zone, found in by_zone.items()}
    result: dict[int, tuple[int, ...]] = {}
    for i, subject in enumerate(subjects):
        cuts = set(zone_cuts.get(subject.zone or "", ()))
        spans = subject.stat_units
        if len(spans) > 1 or (spans and (spans[0].valid_from.year >= now.year or spans[0].valid_to is not None)):
            cuts |= months(spans)
        if subject.id in by_subject:
            cuts |= months(by_subject[subject.id])
        if cuts:
            result[i] = tuple(sorted(cuts))
    return result


#: An indicator and the month at whose end its year so far is divided.
Wanted = tuple[Indicator, Period]
#: Year-to-date figures by owner and month of the year.
_ByMonth = dict[str, dict[int, int]]


def _earlier(
    asking: Callable[..., Ask], wanted: Sequence[Wanted], owners: Sequence[Mapping[str, tuple[int, ...]]]
) -> list[_ByMonth]:
    """Year-to-date figures before the cuts of the records that must be cut, of each that is `wanted`.

    `owners` have the months of the cuts. The month before each cut is enough where it has a figure; only the others need
    every earlier month.
    """
    found: list[_ByMonth] = [{} for _ in wanted]

    def read(asked: Sequence[tuple[int, Collection[int], Sequence[str]]]) -> None:
        batch: list[tuple[int, tuple[Indicator, Ask]]] = []
        room = _CHUNK

        def send() -> None:
            for (place, _), amounts in zip(batch, amounts_of([one for _, one in batch]), strict=True):
                for own in amounts:
                    found[place].setdefault(own.id, {})[int(own.period[5:])] = own.numerator
            batch.clear()

        for place, months, who in asked:
            kpi, now = wanted[place]
            periods = tuple(Period.of_month(now.year, month) for month in sorted(months))
            chunks: list[Sequence[str] | None] = [None]
            if len(who) <= 3 * _CHUNK:
                chunks = [who[i : i + _CHUNK] for i in range(0, len(who), _CHUNK)]
            for chunk in chunks:
                if len(chunk or ()) > room:
                    send()
                    room = _CHUNK
                room -= len(chunk or ())
                which = () if chunk is None else (LINES[kpi.id].table.id.in_(chunk),)
                batch.append((place, (kpi, asking(periods, which))))
        if batch:
            send()

    before = [{month - 1 for cuts in own.values() for month in cuts} for own in owners]
    read([(place, before[place], list(own)) for place, own in enumerate(owners) if own])
    gaps = []
    for place, own in enumerate(owners):
        known = found[place]
        who = [owner for owner, cuts in own.items() if any(month - 1 not in known.get(owner, {}) for month in cuts)]
        rest = set(range(1, max(before[place], default=1))) - before[place]
        if who and rest:
            gaps.append((place, rest, who))
    read(gaps)
    return found


@dataclass(frozen=True)
class Attributed:
    """One KPI of one data set and month divided in one scope, for all zones of the scheme and for no viewer in particular.

    `zone_of_record` are positions in `zones`; `first` and `last` are the months a record stands for.
    """

    table: AttributionTable
    zones: tuple[str, ...]
    zone_of_record: NDArray[np.int64]
    owner: tuple[str, ...]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    names: Mapping[str, str]
    unread: tuple[ExceptionItem, ...]

    @property
    def amounts(self) -> NDArray[np.int64]:
        """Amount of every record, by position."""
        return self.table.block.amount_wan

    def parts_of(self, districts: Collection[str]) -> NDArray[np.bool_]:
        """Which entries of the table belong to these units; all of them when none is named."""
        if not districts:
            return np.ones(len(self.table.record), dtype=np.bool_)
        wanted = np.array([unit in districts for unit in self.table.units] + [False], dtype=np.bool_)
        return wanted[self.table.unit]

    def amounts_in(self, districts: Collection[str]) -> NDArray[np.int64]:
        """Amount of every record, by position; only its part in these units where some are named."""
        if not districts:
            return self.amounts
        entries = self.parts_of(districts)
        found = np.zeros(len(self.amounts), dtype=np.int64)
        np.add.at(found, self.table.record[entries], self.table.amount_wan[entries])
        return found

    def selected(
        self, zones: Collection[str], owners: Collection[str] | None, districts: Collection[str] = ()
    ) -> NDArray[np.bool_]:
        """Which records are of these zones and, unless None, of these owners, and have a part in one of the districts."""
        wanted = np.array([z in zones for z in self.zones] + [False], dtype=np.bool_)
        mask = wanted[self.zone_of_record]
        if owners is not None:
            mask &= np.fromiter((o in owners for o in self.owner), np.bool_, len(self.owner))
        if districts:
            there = np.zeros(len(mask), dtype=np.bool_)
            there[self.table.record[self.parts_of(districts)]] = True
            mask &= there
        return mask


#: Beginning of the id of what a zone reports beyond its records.
BALANCE = "balance/"
BALANCE_NAME = "未逐项的余额"


def _with_balances(found: _Subjects, known: Catalogue, zones: Sequence[str], by: Grouping) -> _Subjects:
    """The subjects and, for each zone, what stands for the part of its reported figure that no record explains.

    It is divided by the zone's own rule: its agreement, its ground by district; in the territorial scope it belongs to a
    unit only where one of the grouping holds the whole zone (rules §4.2).
    """
    more = []
    for zone in zones:
        ground = dict(known.zones[zone].districts)
        own = known.zones[zone].ground
        holders = {counted_by(by, district, district, own, known.statutory) for district in ground}
        places = dict.fromkeys(PlaceRole, holders.pop()) if len(holders) == 1 else {}
        more.append(Subject(BALANCE + zone, zone, places=places, footprint=ground))
    subjects = (*found.subjects, *more)
    names = {**found.names, **{s.id: BALANCE_NAME for s in more}}
    return _Subjects(subjects, {s.id: i for i, s in enumerate(subjects)}, names)


def _balances(
    session: Session,
    at: Resolved,
    asking: Callable[..., Ask],
    wanted: Sequence[Wanted],
    months: Sequence[Collection[int]],
    own: Sequence[Sequence[Amount]],
) -> list[_ByMonth]:
    """Zone -> month -> reported value minus the sum of its records, year to date, of each that is `wanted`.

    Months without a report are missing. `own` are the amounts of the month shown, which need not be read again.
    """
    others = [
        tuple(Period.of_month(now.year, month) for month in sorted(those) if month != now.index)
        for (_, now), those in zip(wanted, months, strict=True)
    ]
    read = sums_of([(kpi, asking(periods)) for (kpi, _), periods in zip(wanted, others, strict=True)])
    found: list[_ByMonth] = []
    for (kpi, now), periods, amounts, summed in zip(wanted, others, own, read, strict=True):
        counted: Counter[tuple[str, str]] = Counter()
        for one in amounts:
            counted[one.zone_code, one.period] += one.numerator
        for key, total in summed.items():
            counted[key] = total.numerator
        asked = {str(period) for period in (*periods, now)}
        balances: _ByMonth = {}
        for v in stored_of(session, at.provenance).values.get(kpi.id, ()):
            ours = v.unit_code in at.zones and v.period in asked and v.unit == kpi.stored_unit
            if ours and v.value is not None:
                left = round(v.value) - counted[v.unit_code, v.period]
                balances.setdefault(v.unit_code, {})[int(v.period[5:])] = left
        found.append(balances)
    return found


def _build(session: Session, at: Resolved, wanted: Sequence[Wanted], scope: Scope, restate: bool) -> list[Attributed]:
    """What is `wanted`, whose records are read together however much that is."""
    known = catalogue(session)
    cut_month = Period.parse(known.cuts[at.provenance])
    agreements, unread = agreements_of(session, at)

    def asking(periods: tuple[Period, ...], which: tuple[Any, ...] = ()) -> Ask:
        return Ask(session, at.provenance, at.zones, periods, cut_month, which)

    own = [
        sorted(amounts, key=lambda one: (one.id, one.period))
        for amounts in amounts_of([(kpi, asking((now,))) for kpi, now in wanted])
    ]
    subjects = {
        kind: _with_balances(subjects_of(session, at, kind), known, at.zones, at.by)
        for kind in {kpi.record or "" for kpi, _ in wanted}
    }
    found = [subjects[kpi.record or ""] for kpi, _ in wanted]
    cuts = [
        {} if restate else _cuts(f.subjects, agreements, scope, now, kpi.no_january)
        for (kpi, now), f in zip(wanted, found, strict=True)
    ]
    earlier = _earlier(
        asking,
        wanted,
        [
            {one.id: c[f.index[one.id]] for one in amounts if one.on is None and f.index[one.id] in c}
            for amounts, f, c in zip(own, found, cuts, strict=True)
        ],
    )
    ends = [
        {now.index, *(month - 1 for zone in at.zones for month in c.get(f.index[BALANCE + zone], ()))}
        for (_, now), f, c in zip(wanted, found, cuts, strict=True)
    ]
    balances = _balances(session, at, asking, wanted, ends, own)
    book = AgreementBook(agreements)
    return [
        _divided(at, one, scope, restate, book, unread, *parts)
        for one, parts in zip(wanted, zip(found, own, cuts, earlier, balances, strict=True), strict=True)
    ]


def _divided(
    at: Resolved,
    wanted: Wanted,
    scope: Scope,
    restate: bool,
    book: AgreementBook,
    unread: tuple[ExceptionItem, ...],
    found: _Subjects,
    own: Sequence[Amount],
    cuts: Mapping[int, tuple[int, ...]],
    earlier: _ByMonth,
    balances: _ByMonth,
) -> Attributed:
    """The division of one indicator from what was read for it."""
    indicator, now = wanted
    owner: list[str] = []
    subject: list[int] = []
    first: list[int] = []
    last: list[int] = []
    amount: list[int] = []

    def add(who: str, start: int, end: int, value: int) -> None:
        owner.append(who)
        subject.append(found.index[who])
        first.append(start)
        last.append(end)
        amount.append(value)

    for one in own:
        if one.on is not None:  # of one day, so of one rule
            add(one.id, one.on.month, one.on.month, one.numerator)
    before_cuts = dict(earlier)
    values = [(one.id, one.numerator) for one in own if one.on is None]
    for zone, by_month in balances.items():
        if by_month.get(now.index):
            before_cuts[BALANCE + zone] = by_month
            values.append((BALANCE + zone, by_month[now.index]))
    for who, value in values:
        before, start = 0, 1
        for cut in cuts.get(found.index[who], ()):
            so_far = before_cuts.get(who, {})
            months = [month for month in so_far if month < cut]
            upto = so_far[max(months)] if months else before
            if upto != before:
                add(who, start, cut - 1, upto - before)
            before, start = upto, cut
        add(who, start, now.index, value - before)
    periods = tuple(Period.of_month(now.year, month) for month in range(1, 13))
    zone_at = {zone: i for i, zone in enumerate(at.zones)}
    subjects = np.array(subject, dtype=np.int64)
    zone_of_subject = np.array([zone_at.get(s.zone or "", -1) for s in found.subjects], dtype=np.int64)
    starts = np.array(first, dtype=np.int64)
    block = RecordBlock(
        found.subjects,
        (indicator,),
        periods,
        subjects,
        np.zeros(len(owner), dtype=np.int64),
        starts - 1,
        np.array(amount, dtype=np.int64),
        tuple(f"{who}/{indicator.id}/{now.year}-{f:02d}" for who, f in zip(owner, first, strict=True)),
    )
    table = attribute_many(block, scope, book, restate_at=now if restate else None)
    return Attributed(
        table, at.zones, zone_of_subject[subjects] if len(owner) else subjects, tuple(owner), starts,
        np.array(last, dtype=np.int64), found.names, unread,
    )  # fmt: skip


def attributed_of(
    session: Session, at: Resolved, wanted: Sequence[tuple[str, str]], scope: Scope, *, restate: bool = False
) -> list[Attributed]:
    """The divisions of several KPIs, each at the end of a month, for all zones; cached by data version and arguments.

    `wanted` are KPI ids and months; what of it is not there yet is read together (rules §4.3). Raises KeyError for a KPI
    that is not made of attributable records.
    """
    if unknown := {kpi_id for kpi_id, _ in wanted} - set(SPLIT_KPIS):
        raise KeyError(*sorted(unknown))
    known = reference.indicators()
    asked = [(known[kpi_id], Period.parse(month)) for kpi_id, month in wanted]
    keys = [("attributed", at.provenance, at.scheme, kpi_id, month, scope, at.by, restate) for kpi_id, month in wanted]
    return cached_together(
        session, keys, lambda places: _build(session, at, [asked[i] for i in places], scope, restate)
    )


def attributed(session: Session, at: Resolved, kpi_id: str, scope: Scope, *, restate: bool = False) -> Attributed:
    """The division of a KPI for all zones at `at.period` (`attributed_of`)."""
    return attributed_of(session, at, [(kpi_id, at.period)], scope, restate=restate)[0]


# --- which records a state selects --------------------------------------------------------------------------------------


def refusal(question: Question, kpi_id: str, period: str = "") -> ReasonKey | None:
    """Why the KPI cannot be divided for this viewer, data set, month or filter; None when it can."""
    if kpi_id not in SPLIT_KPIS:
        return "not_divisible"
    indicator = reference.indicators()[kpi_id]
    if not gate.may_see_totals(question.viewer, question.at.provenance):
        return "withheld"
    if question.at.provenance == Dataset.PUBLISHED.provenance:
        return "not_reported"
    if not indicator.released(Period.parse(period or question.at.period)):
        return "no_january"
    return "not_filterable" if indicator.missed(question.filter) else None


def owners_selected(question: Question, kpi_id: str) -> frozenset[str] | None:
    """Ids of the records' owners that a filter beyond zones and districts selects, None without such a filter (rules §5.4).

    A district selects parts of records, not records: see `Attributed.selected`.
    """
    wanted = question.filter
    beyond = tuple(c for c in wanted.beyond_zone if c.facet is not Facet.DISTRICT)
    if not beyond:
        return None
    kind, chosen = reference.indicators()[kpi_id].record, replace(wanted, clauses=beyond)
    if kind == "enterprise":
        stmt = select(m.Enterprise.id).where(
            m.Enterprise.provenance == question.at.provenance, *entity_conditions("enterprise", chosen)
        )
    else:
        stmt = filtered(select(m.Project.id), question, PROJECT_FACETS - PLACE_FACETS)
    key = ("owners", kind, question.at.provenance, question.at.zones, chosen, question.viewer)
    return cached_for_readers(question.session, key, lambda: frozenset(question.session.scalars(stmt)))


def _named_by(at: Resolved, scope: Scope) -> Grouping:
    """The grouping that names units: a party to an agreement is the whole district, whoever counts on its ground."""
    return at.by if scope is Scope.TERRITORIAL else Grouping.ADMIN


def unit_name(known: Catalogue, code: str) -> tuple[str, str]:
    """Names of a unit in Chinese and English; a zone may be a party too, and an unknown code stands for itself."""
    return known.unit_name(code, Grouping.ADMIN)


# --- the split ----------------------------------------------------------------------------------------------------------


def split(question: Question, kpi_id: str, zones: Sequence[str] | None = None, *, restate: bool = False) -> Split:
    """Who counts how much of a KPI for the chosen zones, year to date, in the scope of the state (rules §4.2-4.4).

    `restate` asks for 可比口径重算: the rules of the month shown for the whole year. A viewer outside the owner's group
    gets sums made of single firms only where they give nobody away (rules §2.6.4). Raises KeyError for an unknown KPI id.
    """
    state, at = question.state, question.at
    chosen = tuple(zones) if zones is not None else at.chosen
    scope = Scope(at.scope.value)
    reason = refusal(question, kpi_id)
    indicator = question.known.kpis[kpi_id]
    if reason is not None:
        missed = indicator.missed(question.filter) if reason == "not_filterable" else ()
        return replace(_no_split(kpi_id, scope, at, chosen, reason, restate), missed=missed)
    data = attributed(question.session, at, kpi_id, scope, restate=restate)
    reported = stored_of(question.session, at.provenance).reported(kpi_id)
    told = {zone for zone, period in reported if period == at.period}
    told |= {data.zones[place] for place in np.unique(data.zone_of_record).tolist() if place >= 0}
    missing = tuple(zone for zone in chosen if zone not in told) if reported else ()
    if missing and len(missing) == len(chosen):
        return _no_split(kpi_id, scope, at, chosen, "not_reported", restate)
    chosen = tuple(zone for zone in chosen if zone not in missing)
    if not len(data.amounts) and not indicator.absent_is_zero:
        # Nobody reported anything: unknown, not 0, unless none is a finding.
        return _no_split(kpi_id, scope, at, chosen, "not_reported", restate)
    owners = owners_selected(question, kpi_id)
    mask = data.selected(chosen, owners, state.districts)
    none = (owners is not None or state.districts) and not mask.any() and not indicator.absent_is_zero
    if none and (state.districts or not _reported(question, indicator, chosen, owners or frozenset())):
        return _no_split(kpi_id, scope, at, chosen, "no_records", restate)
    blocks = None if open_to(question.viewer, indicator) else firm_blocks(question, indicator, at.period)
    found = _summed(question.known, data, mask, indicator, scope, at, chosen, restate, blocks, state.districts)
    return replace(found, missing=missing)


def splits(question: Question, kpi_ids: Sequence[str], zones: Sequence[str] | None = None) -> list[Split]:
    """`split` of several KPIs, whose records are read together."""
    read_together(question, [(kpi_id, question.at.period) for kpi_id in kpi_ids])
    closed = [kpi for k in kpi_ids if not open_to(question.viewer, kpi := question.known.kpis[k])]
    firm_blocks_of(question, [(kpi, question.at.period) for kpi in closed if refusal(question, kpi.id) is None])
    return [split(question, kpi_id, zones) for kpi_id in kpi_ids]


def read_together(question: Question, wanted: Sequence[tuple[str, str]]) -> None:
    """Read at once what the divisions of these KPIs and months will be made of, as far as the viewer gets any."""
    asked = [(kpi_id, month) for kpi_id, month in wanted if refusal(question, kpi_id, month) is None]
    attributed_of(question.session, question.at, asked, Scope(question.at.scope.value))


def _reported(question: Question, indicator: Indicator, zones: Sequence[str], owners: frozenset[str]) -> bool:
    """Whether any of the owners has a record of the month, be it one of 0: then 0 is what is divided."""
    record, period = LINES[indicator.id].table, Period.parse(question.at.period)
    listed = sorted(owners)
    asks = (
        question.ask(zones, (period,), (record.id.in_(listed[i : i + _CHUNK]),)) for i in range(0, len(listed), _CHUNK)
    )
    return any(total.records for ask in asks for total in sums(indicator, ask).values())


def divided_total(
    question: Question, kpi_id: str, zones: Sequence[str], period: str
) -> tuple[dict[str, int], ReasonKey | None]:
    """Zone -> what the split gives the districts of the state at `period`, year to date, in the scope of the state.

    The records are those that the rest of the filter selects at the month of the state. With the reason why there is
    nothing: those of `refusal`, "not_reported", "no_records", or "dual" where several districts are chosen in 双计.
    """
    at = replace(question.at, period=period)
    scope = Scope(at.scope.value)
    reason = refusal(question, kpi_id, period)
    if reason is None and scope is Scope.DUAL and len(question.state.districts) > 1:
        reason = "dual"
    if reason is not None:
        return {}, reason
    data = attributed(question.session, at, kpi_id, scope)
    mask = data.selected(zones, owners_selected(question, kpi_id), question.state.districts)
    if not mask.any() and not reference.indicators()[kpi_id].absent_is_zero:
        return {}, "no_records" if len(data.amounts) else "not_reported"
    amounts = data.amounts_in(question.state.districts)
    return {zone: int(amounts[mask & (data.zone_of_record == data.zones.index(zone))].sum()) for zone in zones}, None


def _no_split(
    kpi_id: str, scope: Scope, at: Resolved, zones: tuple[str, ...], reason: ReasonKey, restate: bool
) -> Split:
    indicator = reference.indicators()[kpi_id]
    return Split(
        kpi_id, scope, at.period, indicator.stored_unit, zones, (), None, None, reason, 0, 0, {}, (), (),
        INTERNAL_BADGE if scope is Scope.SHARED else None, False, indicator.is_count, None, restate, at.by,
    )  # fmt: skip


def _summed(
    known: Catalogue,
    data: Attributed,
    mask: NDArray[np.bool_],
    indicator: Indicator,
    scope: Scope,
    at: Resolved,
    chosen: tuple[str, ...],
    restate: bool,
    blocks: Blocks | None,
    districts: Collection[str],
) -> Split:
    table, dual = data.table, scope is Scope.DUAL
    kpi_id, of_record = indicator.id, data.amounts_in(districts)
    entries = mask[table.record] & data.parts_of(districts) if len(table.record) else np.zeros(0, dtype=np.bool_)
    rows, units, rules = table.record[entries], table.unit[entries], table.rule[entries]
    amounts = table.amount_wan[entries]
    zone_of_entry = data.zone_of_record[rows]
    by_cell = np.zeros((len(data.zones), max(len(table.units), 1)), dtype=np.int64)
    np.add.at(by_cell, (zone_of_entry, units), amounts)
    touched = np.zeros_like(by_cell, dtype=np.bool_)
    touched[zone_of_entry, units] = True
    held = np.array([rule.retention for rule in table.rules] + [False], dtype=np.bool_)
    cash = np.zeros(max(len(table.units), 1), dtype=np.int64)
    fiscal = kpi_id == FISCAL_KPI and scope is Scope.SHARED
    retained = None
    if fiscal:
        paid = ~held[rules]
        np.add.at(cash, units[paid], amounts[paid])
        retained = int(amounts[~paid].sum())
    records_total = int(of_record[mask].sum())
    failed = mask.copy()
    failed[rows] = False
    unattributed: int | None = int(of_record[failed].sum())
    reasons: dict[str, int] = {}
    failed_ids = {table.block.ids[i] for i in np.flatnonzero(failed).tolist()} if table.block.ids else set()
    for row in table.exceptions:
        if row.record.id in failed_ids:
            reasons[row.reason] = reasons.get(row.reason, 0) + 1

    used = [u for u in range(len(table.units)) if touched[:, u].any()]
    sums = {u: int(by_cell[:, u].sum()) for u in used}
    whole = sum(sums.values())
    shown = None if blocks is None else _suppressed(blocks, data, mask, entries)

    def part(unit: int, amount: int, total: int, hidden: bool) -> UnitPart:
        zh, en = known.unit_name(table.units[unit], _named_by(at, scope))
        if hidden:
            return UnitPart(table.units[unit], zh, en, None, None, None, "suppressed")
        share = None if dual or not total else Fraction(amount, total)
        return UnitPart(table.units[unit], zh, en, amount, share, int(cash[unit]) if fiscal else None)

    hidden_cells: set[tuple[int, int]] = set() if shown is None else shown.cells
    hidden_units = {unit for _zone, unit in hidden_cells}
    total_hidden = shown is not None and shown.total
    if shown is not None and shown.failed:
        unattributed = None
    parts = sorted(
        (part(u, sums[u], whole, u in hidden_units) for u in used),
        key=lambda p: (p.amount is None, -(p.amount or 0), p.unit),
    )
    in_order = [z for z in data.zones if z in chosen]
    by_zone = []
    for zone in in_order:
        z = data.zones.index(zone)
        own = [u for u in range(len(table.units)) if touched[z, u]]
        zone_whole = sum(int(by_cell[z, u]) for u in own)
        mine = mask & (data.zone_of_record == z)
        zone_total = int(of_record[mine].sum())
        cells = [replace(part(u, int(by_cell[z, u]), zone_whole, (z, u) in hidden_cells), cash_wan=None) for u in own]
        zone_rules = np.unique(rules[zone_of_entry == z]).tolist()
        zone_hidden = shown is not None and z in shown.zones
        by_zone.append(
            ZoneSplit(
                zone,
                tuple(sorted(cells, key=lambda p: (p.amount is None, -(p.amount or 0), p.unit))),
                None if dual or zone_hidden else zone_total,
                None if zone_hidden else zone_total,
                None if unattributed is None else int(of_record[mine & failed].sum()),
                tuple(dict.fromkeys(table.rules[r].rule_id for r in zone_rules)),
            )
        )
    uses = _rule_uses(data, table, rules, rows, zone_of_entry, blocks is not None)
    return Split(
        kpi_id=kpi_id,
        scope=scope,
        period=at.period,
        unit=indicator.stored_unit,
        zones=tuple(in_order),
        parts=tuple(parts),
        total=None if dual or total_hidden else records_total,
        records_total=None if total_hidden else records_total,
        reason="dual" if dual else "suppressed" if total_hidden else None,
        unattributed=unattributed,
        exceptions=int(failed.sum()),
        exception_reasons=reasons,
        rules=uses,
        by_zone=tuple(by_zone),
        badge=INTERNAL_BADGE if scope is Scope.SHARED else None,
        illustrative=any(use.illustrative for use in uses),
        is_count=indicator.is_count,
        retained_wan=None if hidden_units or total_hidden else retained,
        restated=restate,
        by=at.by,
    )


@dataclass(frozen=True)
class _Hidden:
    """Positions of (zone, unit) cells and of zones that may not be shown, and whether the total and the failed may not."""

    cells: set[tuple[int, int]]
    zones: set[int]
    total: bool
    failed: bool


def _suppressed(blocks: Blocks, data: Attributed, mask: NDArray[np.bool_], entries: NDArray[np.bool_]) -> _Hidden:
    """What may not be shown outside the owner's group: whatever is no sum over whole blocks of firms (rules §2.6.4).

    A cell whose firms are divided by different ratios is no such sum either: with the total of the zone the odd one out
    could be found.
    """
    table = data.table
    firms: dict[tuple[int, int], set[str]] = {}
    ratios: dict[tuple[int, int, int], set[Fraction]] = {}
    for entry in np.flatnonzero(entries).tolist():
        row = int(table.record[entry])
        if data.owner[row].startswith(BALANCE):
            continue  # no single firm's
        zone, unit = int(data.zone_of_record[row]), int(table.unit[entry])
        firms.setdefault((zone, unit), set()).add(data.owner[row])
        share = table.rules[int(table.rule[entry])].shares[int(table.part[entry])][1]
        ratios.setdefault((zone, unit, int(data.first[row])), set()).add(share)
    cells = {key for key, found in firms.items() if not blocks.admit(found)}
    cells |= {(zone, unit) for (zone, unit, _first), found in ratios.items() if len(found) > 1}
    of_zone: dict[int, set[str]] = {}
    for i in np.flatnonzero(mask).tolist():
        of_zone.setdefault(int(data.zone_of_record[i]), set()).add(data.owner[i])
    failed = mask.copy()
    failed[table.record[entries]] = False
    return _Hidden(
        cells,
        {zone for zone, found in of_zone.items() if not blocks.admit(found)},
        not blocks.admit(set().union(*of_zone.values())),
        not blocks.admit({data.owner[i] for i in np.flatnonzero(failed).tolist()}),
    )


def _rule_key(rule: Rule) -> tuple[Any, ...]:
    shares = rule.shares if _agreement_id(rule.rule_id) else ()
    return rule.rule_id, shares, rule.basis_doc, rule.illustrative, rule.retention


def _agreement_id(rule_id: str) -> str | None:
    kind, _, rest = rule_id.partition("/")
    return rest if kind in ("SHARE", "DUAL") and not rest.startswith("TERR/") else None


def _rule_uses(
    data: Attributed,
    table: AttributionTable,
    rules: NDArray[Any],
    rows: NDArray[Any],
    zone_of_entry: NDArray[Any],
    hide: bool,
) -> tuple[RuleUse, ...]:
    """Rules in use, largest amount first; the many rules by place and by area are one line each."""
    once = np.unique(rows, return_index=True)[1] if len(rows) else np.zeros(0, dtype=np.int64)
    own, amounts = rules[once], data.amounts[rows[once]]
    counts = np.zeros(len(table.rules), dtype=np.int64)
    sums = np.zeros(len(table.rules), dtype=np.int64)
    np.add.at(counts, own, 1)
    np.add.at(sums, own, amounts)
    grouped: dict[tuple[Any, ...], list[Any]] = {}
    for code in np.flatnonzero(counts).tolist():
        entry = grouped.setdefault(_rule_key(table.rules[code]), [0, 0, set()])
        entry[0] += int(counts[code])
        entry[1] += int(sums[code])
    for pair in np.unique(own.astype(np.int64) * len(data.zones) + zone_of_entry[once]).tolist():
        code, zone = divmod(pair, len(data.zones))
        grouped[_rule_key(table.rules[code])][2].add(zone)
    found = [
        RuleUse(
            rule_id,
            rule_id.split("/")[0],
            _agreement_id(rule_id),
            shares,
            basis,
            illustrative,
            retention,
            tuple(data.zones[z] for z in sorted(zones)),
            count,
            None if hide else amount,
        )
        for (rule_id, shares, basis, illustrative, retention), (count, amount, zones) in grouped.items()
    ]
    return tuple(sorted(found, key=lambda use: (-(use.amount or 0), use.rule_id)))


# --- record by record ---------------------------------------------------------------------------------------------------


def attribution_rows(
    question: Question,
    kpi_id: str,
    zones: Sequence[str] | None = None,
    *,
    restate: bool = False,
    unit: str | None = None,
    only_shared: bool = False,
    offset: int = 0,
    limit: int = 100,
) -> AttributionPage:
    """Records of the split with their parts, rule and document, largest first; ties by id (rules §4.3.5).

    A row of a unit (`unit`) is any record of which it has a part; `only_shared` keeps records with an agreement. `amount`
    of the page is the sum of all rows, not only those given. Figures of single firms need their field class; of projects
    the viewer may not see, one pooled row is given at the end so that the sum stays whole.
    """
    known, at = question.known, question.at
    chosen = tuple(zones) if zones is not None else at.chosen
    scope = Scope(at.scope.value)
    reason = refusal(question, kpi_id)
    firms = known.kpis[kpi_id].firm_figures
    field = FieldClass.ENTERPRISE_FIGURES if firms else FieldClass.PROJECT_FIGURES
    if reason is None and not question.viewer.may(field):
        reason = "withheld"
    if reason is not None:
        missed = known.kpis[kpi_id].missed(question.filter) if reason == "not_filterable" else ()
        return AttributionPage((), 0, None, reason, missed)
    data = attributed(question.session, at, kpi_id, scope, restate=restate)
    table, amounts = data.table, data.amounts_in(question.state.districts)
    mask = data.selected(chosen, owners_selected(question, kpi_id), question.state.districts)
    if unit is not None or only_shared:
        keep = np.ones(len(table.record), dtype=np.bool_)
        if unit is not None:
            keep &= table.unit == (table.units.index(unit) if unit in table.units else -1)
        if only_shared:
            agreed = np.array([_agreement_id(rule.rule_id) is not None for rule in table.rules] + [False])
            keep &= agreed[table.rule]
        wanted = np.zeros(len(mask), dtype=np.bool_)
        wanted[table.record[keep]] = True
        mask &= wanted
    hidden = hidden_owners(question, kpi_id)
    unseen = np.fromiter((o in hidden for o in data.owner), np.bool_, len(data.owner)) & mask if hidden else None
    visible = mask if unseen is None else mask & ~unseen
    ranked = sorted(np.flatnonzero(visible).tolist(), key=lambda i: (-int(amounts[i]), data.owner[i], i))
    page = ranked[offset : offset + limit]
    entries = _entries_of(table, page)
    problems = {row.record.id: row for row in table.exceptions}
    year = at.period[:4]
    rows = [
        _record_row(known, data, i, entries.get(i, ()), problems, kpi_id, year, _named_by(at, scope))
        | {"amount": int(amounts[i])}
        for i in page
    ]
    total = len(ranked)
    if unseen is not None and unseen.any():
        total += 1
        if offset <= len(ranked) < offset + limit:
            rows.append({"id": None, "reason": "withheld", "amount": int(amounts[unseen].sum()),
                         "records": int(unseen.sum()), "parts": []})  # fmt: skip
    if scope is Scope.DUAL:
        return AttributionPage(tuple(rows), total, None, amount_reason="dual")
    return AttributionPage(tuple(rows), total, int(amounts[mask].sum()))


def hidden_owners(question: Question, kpi_id: str) -> frozenset[str]:
    """Projects whose figures are in a total but which the viewer may not see one by one."""
    at = question.at
    of_projects = reference.indicators()[kpi_id].record == "project"
    if not of_projects or not (question.viewer.units or not question.viewer.may(FieldClass.LEADS)):
        return frozenset()
    seen = (
        select(m.Project.id)
        .join(m.ProjectMonth, and_(m.ProjectMonth.project_id == m.Project.id, m.ProjectMonth.period == at.period))
        .where(gate.project_rows(question.viewer, at.provenance))
    )
    unseen = select(m.Project.id).where(m.Project.provenance == at.provenance, m.Project.id.not_in(seen))
    return cached_for_readers(
        question.session,
        ("hidden owners", question.viewer, at.provenance, at.period),
        lambda: frozenset(question.session.scalars(unseen)),
    )


def _entries_of(table: AttributionTable, records: Sequence[int]) -> dict[int, list[tuple[int, int, int]]]:
    """(rule, part, entry) of each of a few records."""
    if not records:
        return {}
    found: dict[int, list[tuple[int, int, int]]] = {}
    for entry in np.flatnonzero(np.isin(table.record, np.array(records, dtype=table.record.dtype))).tolist():
        found.setdefault(int(table.record[entry]), []).append((int(table.part[entry]), int(table.rule[entry]), entry))
    return {row: sorted(parts) for row, parts in found.items()}


def _record_row(
    known: Catalogue,
    data: Attributed,
    i: int,
    entries: Sequence[tuple[int, int, int]],
    problems: Mapping[str, ExceptionRow],
    kpi_id: str,
    year: str,
    by: Grouping,
) -> dict[str, Any]:
    table = data.table
    subject = table.block.subjects[int(table.block.subject[i])]
    rule = table.rules[entries[0][1]] if entries else None
    row: dict[str, Any] = {
        "id": subject.id,
        "kind": "balance" if subject.id.startswith(BALANCE) else reference.indicators()[kpi_id].record,
        "name_zh": data.names[subject.id],
        "zone_code": subject.zone,
        "first_month": f"{year}-{int(data.first[i]):02d}",
        "last_month": f"{year}-{int(data.last[i]):02d}",
        "amount": int(data.amounts[i]),
        "rule_id": None if rule is None else rule.rule_id,
        "basis_doc": None if rule is None else rule.basis_doc,
        "illustrative": rule is not None and rule.illustrative,
        "retention": rule is not None and rule.retention,
        "additive": rule is None or rule.additive,
        "related": [] if rule is None else list(rule.related),
        "reason": None,
        "parts": [],
    }
    if rule is None:
        found = problems.get(f"{subject.id}/{kpi_id}/{row['first_month']}")
        row["reason"] = found.reason.value if found else None
        row["fault"] = list(found.rows) if found else []
    else:
        for part, _, entry in entries:
            unit, share = rule.shares[part]
            row["parts"].append(
                {
                    "unit": unit,
                    "name_zh": known.unit_name(unit, by)[0],
                    "share": f"{share.numerator}/{share.denominator}",
                    "amount": int(table.amount_wan[entry]),
                }
            )
    return row


# --- exceptions ---------------------------------------------------------------------------------------------------------


def exceptions(
    question: Question, kpi_ids: Sequence[str] | None = None, zones: Sequence[str] | None = None
) -> list[ExceptionItem]:
    """Everything kept out of figures in the scope of the state, computed now or recorded on import.

    Agreements whose ratios do not sum to 1 or whose dates overlap are listed whatever the scope; records without a unit
    for each of `kpi_ids` (the state's KPI when it can be divided, else K01). Amounts of single firms are left out for
    those who may not see them. Nothing for a viewer who may not see totals.
    """
    at = question.at
    if not gate.may_see_totals(question.viewer, at.provenance):
        return []
    chosen = tuple(zones) if zones is not None else at.chosen
    found = [*_agreement_exceptions(question.session, at, chosen)]
    wanted = kpi_ids if kpi_ids is not None else (question.state.kpi if question.state.kpi in SPLIT_KPIS else "K01",)
    scope = Scope(at.scope.value)
    for kpi_id in wanted:
        if refusal(question.unfiltered, kpi_id) is not None:
            continue
        data = attributed(question.session, at, kpi_id, scope)
        firms = question.known.kpis[kpi_id].firm_figures
        open_ = question.viewer.may(FieldClass.ENTERPRISE_FIGURES if firms else FieldClass.PROJECT_FIGURES)
        hidden = hidden_owners(question, kpi_id)
        for row in data.table.exceptions:
            subject = row.record.subject
            if subject.zone not in chosen:
                continue
            named = subject.id not in hidden and open_
            found.append(
                ExceptionItem(
                    row.reason.value, "computed", "enterprise" if firms else "project",
                    subject.id if named else "", data.names[subject.id] if named else None, subject.zone,
                    str(row.record.period), kpi_id, scope.value, row.record.amount_wan if named else None, row.rows,
                )
            )  # fmt: skip
    return [*found, *_recorded(question, chosen)]


def _recorded(question: Question, chosen: Collection[str]) -> list[ExceptionItem]:
    """Exceptions stored with the data; which project and what it says only for who may see project figures."""
    table, project = m.DataException, m.Project
    open_ = question.viewer.may(FieldClass.PROJECT_FIGURES)
    asked = (
        select(
            table.code, table.entity_kind, table.entity_id, table.zone_code, table.period, table.details,
            project.name_zh.label("name_zh"),
        )
        .outerjoin(project, project.id == table.entity_id)
        .where(table.provenance == question.at.provenance)
        .order_by(table.code, table.entity_kind, table.entity_id, table.period)
    )  # fmt: skip
    rows = cached_for_readers(
        question.session, ("recorded", question.at.provenance), lambda: question.session.execute(asked).all()
    )
    hidden = hidden_owners(question, "K01") if rows else frozenset()
    found = []
    for item in rows:
        if item.zone_code is not None and item.zone_code not in chosen:
            continue
        named = (open_ and item.entity_id not in hidden) or item.entity_kind == "kpi_value"
        found.append(
            ExceptionItem(
                item.code, "recorded", item.entity_kind, item.entity_id if named else "",
                item.name_zh if named else None,
                item.zone_code, item.period, None, None, None, (), dict(item.details) if named else None,
            )
        )  # fmt: skip
    return found


def _agreement_exceptions(session: Session, at: Resolved, chosen: Collection[str]) -> list[ExceptionItem]:
    """Agreements that cannot be used, and pairs about the same thing at the same time."""
    agreements, unread = agreements_of(session, at)
    projects = subjects_of(session, at, "project")
    firms = subjects_of(session, at, "enterprise")

    def zone_of(agreement: Agreement) -> str | None:
        if agreement.zone is not None:
            return agreement.zone
        place = projects.index.get(agreement.subject_id or "")
        return None if place is None else projects.subjects[place].zone

    mine = [a for a in agreements if a.subject_id not in firms.index and zone_of(a) in chosen]
    found = [item for item in unread if item.zone_code is None or item.zone_code in chosen]
    for a in mine:
        problem = agreement_problem(a)
        if problem is not None:
            total = sum((share for _, share in a.parties), Fraction(0))
            found.append(_agreement_item(problem.value, a, zone_of(a), (a.id,), {"sum": str(total)}))
    by_topic: dict[tuple[str | None, str | None, str | None], list[Agreement]] = {}
    for a in mine:
        by_topic.setdefault((a.zone, a.subject_id, a.metric_class), []).append(a)
    for group in by_topic.values():
        for i, a in enumerate(group):
            for b in group[i + 1 :]:
                if _overlap(a, b):
                    found.append(_agreement_item("agreements_overlap", a, zone_of(a), (a.id, b.id), None))
    return found


def _overlap(a: Agreement, b: Agreement) -> bool:
    return (a.valid_to is None or b.valid_from <= a.valid_to) and (b.valid_to is None or a.valid_from <= b.valid_to)


def _agreement_item(
    code: str, a: Agreement, zone: str | None, rows: tuple[str, ...], details: dict[str, Any] | None
) -> ExceptionItem:
    return ExceptionItem(
        code, "computed", "share_agreement", a.id, a.basis_doc, zone, a.valid_from.strftime("%Y-%m"), None, None, None,
        rows, details,
    )  # fmt: skip
