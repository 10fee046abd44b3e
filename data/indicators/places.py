"""Lines of the indicators made of carriers, land and innovation platforms."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select

from data import models as m
from data.indicators.asking import Ask, Lines
from domain.idle_land import LegalStatus
from domain.periods import Period

#: Unit states of delivered stock that is free, and that is let or sold; ``building`` is not delivered yet.
FREE = ("vacant",)
TAKEN = ("contracted", "occupied")
NOT_MARKETED = ("reserved", "frozen")
NOT_DELIVERED = ("building",)
_HOMES = ("人才公寓", "保租房", "租赁住房")
#: How far ground has come, in order: each state contains those after it (rules §3.2.4).
LAND_STATES = ("developable", "ready", "supplied", "built")
#: The four kinds of innovation platform that K51 counts.
CLUSTERS = ("facility", "laboratory", "university", "industry")
#: 工矿用地 and 仓储用地 of the land and sea use guide: what K41 and K43 call industrial land.
_INDUSTRIAL = ("10", "11")


def _record(ask: Ask, table: Any, name: Any, *columns: Any) -> Select[Any]:
    return select(table.id, name.label("name_zh"), table.zone_code, ask.dates.c.label.label("period"), *columns).where(
        *ask.own(table)
    )


def is_carrier() -> ColumnElement[bool]:
    """Buildings that are let or sold for industry: homes for talent are amenities and no carrier (rules §3.2.6)."""
    kind = m.CarrierBuilding.carrier_type
    return and_(*(kind.not_like(f"%{home}%") for home in _HOMES))


def _buildings(ask: Ask) -> Select[Any]:
    building = m.CarrierBuilding
    return (
        _record(ask, building, building.name_zh, building.gross_area_m2.label("numerator"), building.delivered_on)
        .join(ask.dates, building.delivered_on <= ask.dates.c.last_day)
        .where(building.gross_area_m2.is_not(None), is_carrier())
    )


def _units(counted: tuple[str, ...], left_out: tuple[str, ...] | None = None) -> Lines:
    """Area of units in the `counted` states; over that of all but `left_out`, where those are named (rules §3.2.6)."""

    def lines(ask: Ask) -> Select[Any]:
        building, unit = m.CarrierBuilding, m.CarrierUnit
        part = case((unit.state.in_(counted), unit.area_m2), else_=0).label("numerator")
        whole = [] if left_out is None else [unit.area_m2.label("denominator")]
        found = (
            select(
                unit.id,
                (building.name_zh + " " + unit.unit_no).label("name_zh"),
                building.zone_code,
                ask.dates.c.label.label("period"),
                part,
                *whole,
                unit.state.label("state"),
            )
            .join(building, building.id == unit.building_id)
            .join(ask.dates, literal(True))
            .where(*ask.own(building), is_carrier())
        )
        return found.where(unit.state.in_(counted) if left_out is None else unit.state.not_in(left_out))

    def with_units() -> Any:
        return m.CarrierBuilding.id.in_(select(m.CarrierUnit.building_id))

    return Lines(m.CarrierBuilding, lines, present=with_units)


_PARCEL = m.LandParcel
_AREA = _PARCEL.area_m2


def _reached(state: str) -> Any:
    return _PARCEL.land_state.in_(LAND_STATES[LAND_STATES.index(state) :])


def _industrial(code: Any) -> Any:
    return func.substr(code, 1, 2).in_(_INDUSTRIAL)


def _part(condition: Any, amount: Any = _AREA) -> Any:
    return case((condition, amount), else_=0)


def _parcels(top: Any, bottom: Any = None, stated: Any = None) -> Lines:
    """Areas of ground; a ratio takes the parcels that are in its denominator."""

    def lines(ask: Ask) -> Select[Any]:
        whole = [] if bottom is None else [_part(bottom).label("denominator")]
        found = _record(
            ask,
            _PARCEL,
            literal(None),
            _part(top).label("numerator") if bottom is None else top.label("numerator"),
            *whole,
            _PARCEL.land_state.label("land_state"),
            _PARCEL.plan_code.label("plan_code"),
            _PARCEL.status_code.label("status_code"),
        ).join(ask.dates, literal(True))
        return found.where(top if bottom is None else bottom)

    return Lines(_PARCEL, lines, present=lambda: _PARCEL.land_state.in_(LAND_STATES), stated=stated)


def _idle() -> Any:
    contract = m.LandContract
    return _PARCEL.id.in_(select(contract.parcel_id).where(contract.legal_status == LegalStatus.DETERMINED_IDLE.value))


def there_since(cut: Period) -> ColumnElement[str]:
    """The month from which a platform counts (K51)."""
    return func.coalesce(m.Platform.since, str(cut))


def _platforms(ask: Ask) -> Select[Any]:
    """A platform counts from its start; one without a date at the cut only, where it is known to exist (K51)."""
    platform = m.Platform
    return (
        _record(
            ask,
            platform,
            platform.name_zh,
            literal(1).label("numerator"),
            platform.category.label("category"),
            platform.since.label("since"),
        )
        .join(ask.dates, there_since(ask.cut) <= ask.dates.c.last_month)
        .where(platform.category.in_(CLUSTERS))
    )


_BUILT = _reached("built")
LINES: dict[str, Lines] = {
    "K33": Lines(m.CarrierBuilding, _buildings, stated=lambda: m.CarrierBuilding.delivered_on.is_not(None)),
    "K34": _units(FREE),
    "K35": _units(TAKEN, NOT_MARKETED),
    "K36": _units(FREE, NOT_DELIVERED),
    "K37": _parcels(_part(_reached("ready")), _reached("developable")),
    "K38": _parcels(_part(_reached("supplied")), _reached("ready")),
    "K39": _parcels(_part(_BUILT), _reached("supplied")),
    "K40": _parcels(
        _part(_idle()),
        _reached("supplied"),
        stated=lambda: _PARCEL.id.in_(select(m.LandContract.parcel_id)),
    ),
    "K41": _parcels(_part(_industrial(_PARCEL.status_code)), _BUILT),
    "K42": _parcels(func.coalesce(_PARCEL.floor_area_m2, 0), _BUILT, stated=lambda: _PARCEL.floor_area_m2.is_not(None)),
    "K43": _parcels(and_(_PARCEL.land_state.in_(("developable", "ready")), _industrial(_PARCEL.plan_code))),
    "K51": Lines(m.Platform, _platforms),
}
