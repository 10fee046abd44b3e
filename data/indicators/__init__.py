"""The records behind every indicator, and all that follows from them: one select for each, never a second definition.

`sums` gives values by zone and period, `union` those of a choice of zones whose records must not count twice, `lines` the
records themselves (Σ), `amounts_of` as much of them as is reckoned with. Stored values (`data/derive/kpis.py`), filtered
figures (`data/queries/kpis.py`), explanations and splits all ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Date, Exists, Select, cast, exists, func, literal, null, select, union_all

from data.indicators import firms, places, projects
from data.indicators.asking import Ask, Line, Lines
from domain.indicators import Indicator, Method

__all__ = [
    "LINES",
    "Amount",
    "Ask",
    "Line",
    "Sum",
    "Sums",
    "amounts_of",
    "facts_of",
    "lines",
    "sums",
    "sums_of",
    "union",
]

#: The select of each indicator that is made of records; the others are reported as they are.
LINES: dict[str, Lines] = {**projects.LINES, **firms.LINES, **places.LINES}

_CORE = frozenset({"id", "name_zh", "zone_code", "period", "numerator", "denominator"})


@dataclass(frozen=True)
class Sum:
    """What the lines of one zone and period sum to, in stored units, and how many they are."""

    numerator: int
    denominator: int | None
    records: int


def facts_of(ask: Ask) -> None:
    """Look up once what the data set states and where it has records, for the sums that a reader will ask for."""
    source = next(s for s in LINES.values() if s.stated is not None)
    _known(ask, source)
    _zones_with(ask, source)


def _is_stated(ask: Ask, source: Lines) -> Exists:
    assert source.stated is not None  # noqa: S101 - narrows: the caller asks only where there is something to state
    return exists(select(source.table.id).where(source.table.provenance == ask.provenance, source.stated()))


def _known(ask: Ask, source: Lines) -> bool:
    """Whether the data set states the fact at all. A reader asks of all facts at once, since a page shows many."""
    if source.stated is None:
        return True
    if not ask.of_reader:
        return bool(ask.session.scalar(select(_is_stated(ask, source))))

    def build() -> dict[int, bool]:
        known = {id(s): _is_stated(ask, s) for s in LINES.values() if s.stated is not None}
        row = ask.session.execute(select(*(known[s].label(f"s{s}") for s in known))).one()
        return dict(zip(known, map(bool, row), strict=True))

    return ask.settled("stated", build)[id(source)]


def _with(ask: Ask, source: Lines) -> Select[Any]:
    table = source.table
    stmt = select(table.zone_code).where(table.provenance == ask.provenance, table.zone_code.is_not(None)).distinct()
    return stmt if source.present is None else stmt.where(source.present())


def _zones_with(ask: Ask, source: Lines) -> set[str]:
    """Zones with such records: only there is "none" a finding and 0 a value. A reader asks of all records at once."""
    if not ask.of_reader:
        return set(ask.session.scalars(_with(ask, source).where(source.table.zone_code.in_(ask.zones))))
    places = {(s.table, s.present): n for n, s in enumerate(LINES.values())}

    def build() -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        kinds = dict(zip(places.values(), ({(s.table, s.present): s for s in LINES.values()}).values(), strict=True))
        parts = [_with(ask, s).add_columns(literal(n).label("place")) for n, s in kinds.items()]
        for zone, place in ask.session.execute(union_all(*parts)):
            found.setdefault(place, set()).add(zone)
        return found

    return set(ask.zones) & ask.settled("zones with", build).get(places[source.table, source.present], set())


Sums = dict[tuple[str, str], Sum]


def sums(indicator: Indicator, ask: Ask) -> Sums:
    """(zone, period) -> what its lines sum to. A pair that is missing is unknown; 0 is a finding.

    Raises KeyError for an indicator that is not made of records.
    """
    return sums_of([(indicator, ask)])[0]


def sums_of(asked: Sequence[tuple[Indicator, Ask]]) -> list[Sums]:
    """`sums` of several indicators, whose selects are one statement together."""
    found: list[Sums] = [{} for _ in asked]
    known = [ask.periods and ask.zones and _known(ask, LINES[kpi.id]) for kpi, ask in asked]
    statements = []
    for place, (indicator, ask) in enumerate(asked):
        source = LINES[indicator.id]
        if not known[place]:
            continue
        if source.select is None:
            _add_rows(found[place], _rows(source, ask))
            continue
        lines_ = source.select(ask).subquery(f"lines_{place}")
        bottom = func.sum(lines_.c.denominator) if indicator.is_ratio else null()
        statements.append(
            select(
                literal(place).label("place"), lines_.c.zone_code, lines_.c.period, func.count().label("records"),
                cast(func.sum(lines_.c.numerator), BigInteger).label("top"), cast(bottom, BigInteger).label("bottom"),
            ).group_by(lines_.c.zone_code, lines_.c.period)
        )  # fmt: skip
    if statements:
        session = asked[0][1].session
        whole = statements[0] if len(statements) == 1 else union_all(*statements)
        for place, zone, period, records, top, below in session.execute(whole):
            ratio = asked[place][0].is_ratio
            found[place][zone, period] = Sum(int(top or 0), int(below or 0) if ratio else None, records)
    for place, (indicator, ask) in enumerate(asked):
        if known[place] and indicator.absent_is_zero:
            none = Sum(0, 0 if indicator.is_ratio else None, 0)
            for zone in _zones_with(ask, LINES[indicator.id]):
                for period in ask.periods:
                    found[place].setdefault((zone, str(period)), none)
    return found


def _add_rows(found: Sums, rows: Sequence[Line]) -> None:
    for line in rows:
        key = (line.zone_code, line.period)
        before = found.get(key, Sum(0, 0, 0))
        found[key] = Sum(
            before.numerator + (line.numerator or 0),
            (before.denominator or 0) + (line.denominator or 0),
            before.records + 1,
        )


def union(indicator: Indicator, ask: Ask) -> dict[str, Sum]:
    """Period -> what the lines of all zones together sum to, each record once however many zones it stands in."""
    found: dict[str, Sum] = {}
    source = LINES[indicator.id]
    if not ask.periods or source.select is None or not _known(ask, source):
        return found
    asked = source.select(ask).subquery()
    once = (
        select(
            asked.c.period,
            func.max(asked.c.numerator).label("numerator"),
            func.max(asked.c.denominator).label("denominator"),
        )
        .group_by(asked.c.period, asked.c.id)
        .subquery()
    )
    for period, records, top, bottom in ask.session.execute(
        select(once.c.period, func.count(), func.sum(once.c.numerator), func.sum(once.c.denominator)).group_by(
            once.c.period
        )
    ):
        found[period] = Sum(int(top), int(bottom), records)
    return found


def lines(indicator: Indicator, ask: Ask) -> list[Line]:
    """Every record behind the figures of the periods, those that add nothing left out.

    Of a union each record once a period: it stands in the first of the asked zones that has it; `details["zones"]` names
    them all. No viewer is asked here: the caller withholds what must be withheld. Raises KeyError for an indicator that is
    not made of records.
    """
    source = LINES[indicator.id]
    if not ask.periods or not _known(ask, source):
        return []
    if source.select is None:
        return list(_rows(source, ask))
    found = [_line(indicator, row) for row in ask.session.execute(source.select(ask)).mappings()]
    if indicator.method is Method.UNION:
        return _united(found, ask.zones)
    return [line for line in found if line.amount or line.numerator or line.denominator]


class Amount(NamedTuple):
    """A line as far as it is reckoned with; `on` is the day of one that has a day. In stored units, as `Line`."""

    id: str
    zone_code: str
    period: str
    numerator: int
    denominator: int
    on: date | None


def amounts_of(asked: Sequence[tuple[Indicator, Ask]]) -> list[list[Amount]]:
    """The lines of several indicators that add something, read by one statement.

    Raises KeyError for an indicator that is not made of records, ValueError for one whose lines no select gives.
    """
    found: list[list[Amount]] = [[] for _ in asked]
    statements = []
    for place, (indicator, ask) in enumerate(asked):
        source = LINES[indicator.id]
        if source.select is None or indicator.method is Method.UNION:
            raise ValueError(f"the lines of {indicator.id} are more than a select gives")
        if not ask.periods or not _known(ask, source):
            continue
        own = source.select(ask).subquery(f"lines_{place}").c
        statements.append(
            select(
                literal(place).label("place"), own.id, own.zone_code, own.period,
                cast(own.numerator, BigInteger).label("numerator"),
                cast(own.denominator if indicator.is_ratio else null(), BigInteger).label("denominator"),
                (own.on if "on" in own else cast(null(), Date)).label("on"),
            )
        )  # fmt: skip
    if statements:
        whole = statements[0] if len(statements) == 1 else union_all(*statements)
        for place, who, zone, period, top, bottom, on in asked[0][1].session.execute(whole):
            if top or bottom:
                found[place].append(Amount(who, zone, period, top or 0, bottom or 0, on))
    return found


def _rows(source: Lines, ask: Ask) -> Sequence[Line]:
    assert source.rows is not None  # noqa: S101 - narrows: a source has one of the two
    return source.rows(ask)


def _line(indicator: Indicator, row: Any) -> Line:
    details = {key: value for key, value in row.items() if key not in _CORE}
    kind, top = indicator.record or "", int(row["numerator"] or 0)
    who = (kind, row["id"], row["name_zh"], row["zone_code"], row["period"])
    if not indicator.is_ratio:
        return Line(*who, amount=top, details=details)
    return Line(*who, numerator=top, denominator=int(row["denominator"] or 0), details=details)


def _united(found: Sequence[Line], zones: Sequence[str]) -> list[Line]:
    by_id: dict[tuple[str, str], list[Line]] = {}
    for line in found:
        by_id.setdefault((line.period, line.id), []).append(line)
    united = []
    for same in by_id.values():
        there = [zone for zone in zones if any(x.zone_code == zone and x.numerator for x in same)]
        first = min(same, key=lambda x: zones.index(x.zone_code))
        united.append(
            replace(first, zone_code=there[0] if there else first.zone_code, numerator=int(bool(there)),
                    details={**first.details, "zones": there})
        )  # fmt: skip
    return united
