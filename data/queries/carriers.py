"""Carriers 载体: totals of floor area and vacancy, and a sheet of one building."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, literal, or_, select, union_all

from data import models as m
from data.indicators import Sum, sums_of
from data.indicators.places import FREE, is_carrier
from data.queries import gate
from data.queries.cached import cached
from data.queries.filter_sql import entity_conditions
from data.queries.question import Question
from domain.filters import Filter
from domain.periods import Period


@dataclass(frozen=True)
class CarrierSummary:
    """Totals over the chosen zones, m²: what K33-K36 are made of, from the same lines.

    `buildings` and `gross_area_m2` (K33) are those delivered by the month. A unit says only what it is now, so `units` and
    the areas below are of `today`, the month of the data. Vacancy is vacant / delivered lettable, take-up is taken / put on
    the market: the two do not add up to 100 % (rules §3.2.6). Published carriers have no units and are not summed
    (rules §1.3): of them only `buildings` and `without_area` are known.
    """

    buildings: int
    units: int
    gross_area_m2: int | None
    without_area: int
    delivered_m2: int
    vacant_m2: int
    taken_m2: int
    marketed_m2: int
    today: str


def carrier_summary(question: Question, *, zones: Sequence[str] | None = None) -> CarrierSummary:
    """Totals of the carriers in the chosen zones; only zone and district restrict them."""
    at = question.at
    chosen = tuple(zones) if zones is not None else at.chosen
    key = ("carriers", at.provenance, at.zones, at.period, at.by, question.state.districts)
    by_zone = cached(question.session, key, lambda: _by_zone(question))
    own = [by_zone[zone] for zone in chosen if zone in by_zone]
    gross = [c.gross_area_m2 for c in own if c.gross_area_m2 is not None]
    return CarrierSummary(
        **{name: sum(getattr(c, name) for c in own) for name in _ADDED},
        gross_area_m2=sum(gross) if gross else None,
        today=question.data_month,
    )


_ADDED = ("buildings", "units", "without_area", "delivered_m2", "vacant_m2", "taken_m2", "marketed_m2")
_NONE = Sum(0, 0, 0)


def _by_zone(question: Question) -> dict[str, CarrierSummary]:
    """The summary of every zone of the scheme."""
    session, at = question.session, question.at
    kpis, building, today = question.known.kpis, m.CarrierBuilding, question.data_month
    where = entity_conditions("carrier", Filter(question.filter.beyond_zone, at.period))

    months = {"K33": at.period, "K34": today, "K35": today, "K36": today}
    gross, free, taken, empty = (
        {zone: total for (zone, _period), total in found.items()}
        for found in sums_of(
            [(kpis[kpi], question.ask(at.zones, (Period.parse(month),), where)) for kpi, month in months.items()]
        )
    )
    delivered = building.delivered_on <= Period.parse(at.period).end
    if at.period >= today:
        delivered = or_(delivered, building.delivered_on.is_(None))
    whole = (
        select(
            literal("buildings"),
            building.zone_code,
            func.count(),
            func.sum(case((building.gross_area_m2.is_(None), 1), else_=0)),
        )
        .where(building.provenance == at.provenance, building.zone_code.in_(at.zones), is_carrier(), delivered, *where)
        .group_by(building.zone_code)
    )
    let = (
        select(literal("units"), building.zone_code, func.count(), literal(0))
        .join(m.CarrierUnit, m.CarrierUnit.building_id == building.id)
        .where(building.provenance == at.provenance, building.zone_code.in_(at.zones), is_carrier(), *where)
        .group_by(building.zone_code)
    )
    found: dict[str, dict[str, tuple[int, int]]] = {"buildings": {}, "units": {}}
    for what, zone, n, unknown in session.execute(union_all(whole, let)):
        found[what][zone or ""] = (int(n), int(unknown))
    return {
        zone: CarrierSummary(
            buildings=found["buildings"].get(zone, (0, 0))[0],
            units=found["units"].get(zone, (0, 0))[0],
            gross_area_m2=gross[zone].numerator if zone in gross and gate.adds_up(at.provenance) else None,
            without_area=found["buildings"].get(zone, (0, 0))[1],
            delivered_m2=empty.get(zone, _NONE).denominator or 0,
            vacant_m2=free.get(zone, _NONE).numerator,
            taken_m2=taken.get(zone, _NONE).numerator,
            marketed_m2=taken.get(zone, _NONE).denominator or 0,
            today=today,
        )
        for zone in at.zones
    }


def carrier_list(question: Question, *, zones: Sequence[str] | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Buildings with their free area and asking rents, most free area first, then the largest."""
    chosen = tuple(zones) if zones is not None else question.at.chosen
    building, unit = m.CarrierBuilding, m.CarrierUnit
    free = func.sum(case((unit.state.in_(FREE), unit.area_m2), else_=0))
    stmt = (
        select(
            building,
            free,
            func.sum(unit.area_m2),
            func.min(unit.rent_yuan_m2_month),
            func.max(unit.rent_yuan_m2_month),
        )
        .outerjoin(unit, unit.building_id == building.id)
        .where(
            building.provenance == question.at.provenance,
            is_carrier(),
            building.zone_code.in_(chosen),
            *entity_conditions("carrier", question.filter),
        )
        .group_by(building.id)
        .order_by(free.desc().nulls_last(), building.gross_area_m2.desc().nulls_last(), building.id)
        .limit(limit)
    )
    rows = []
    for b, vacant, lettable, rent_low, rent_high in question.session.execute(stmt):
        row = {
            "id": b.id,
            "name_zh": b.name_zh,
            "zone_code": b.zone_code,
            "carrier_type": b.carrier_type,
            "operator": b.operator,
            "gross_area_m2": b.gross_area_m2,
            "vacant_m2": int(vacant) if lettable is not None else None,
            "lettable_m2": int(lettable) if lettable is not None else None,
            "rent_yuan_m2_month": [rent_low, rent_high] if rent_low is not None else None,
            "features": b.features,
            "note": b.note,
            "doubt": b.doubt,
            "source": b.source,
            "as_of": b.as_of,
            "position_is_schematic": b.position_is_schematic,
            "lon": b.lon,
            "lat": b.lat,
        }
        rows.append(gate.strip(question.viewer, row, question.at.provenance))
    return rows
