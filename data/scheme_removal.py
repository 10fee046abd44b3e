"""Taking a zone scheme out again, only while no record depends on it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from data import models as m
from data.load import SCHEME_UNITS

#: Rows that belong to the scheme itself: they go with it and keep nothing from being removed.
_OWN = frozenset({"zone", "zone_area", "zone_district", "zone_party", "admin_unit", "admin_alias"})


def scheme_dependents(session: Session, scheme_id: str) -> dict[str, int]:
    """How many rows of which table stand in the zones or districts that only this scheme brings; empty when none.

    The districts of a Chinese city stay in the database and are not counted. Raises LookupError for an unknown scheme.
    """
    zones = _zones(session, scheme_id)
    units = _units(session, scheme_id)
    found: dict[str, int] = {}
    for mapper in m.Base.registry.mappers:
        table = mapper.class_.__table__
        if table.name in _OWN:
            continue
        conditions = [
            column.in_(zones if key.column.table.name == "zone" else units)
            for column in table.columns
            for key in column.foreign_keys
            if key.column.table.name in ("zone", "admin_unit")
        ]
        if table.name == "share_agreement":  # those the scheme file itself states go with it
            conditions = [column.in_(zones) & (table.c.provenance == "official") for column in (table.c.zone_code,)]
        if "unit_code" in table.columns:
            conditions.append(table.c.unit_code.in_([*zones, *units]))
        if conditions and (count := session.scalar(select(func.count()).select_from(table).where(or_(*conditions)))):
            found[table.name] = count
    return dict(sorted(found.items()))


def remove_scheme(session: Session, scheme_id: str) -> None:
    """Remove a scheme with its zones, stated facts and the units and districts that only it names.

    Raises LookupError for an unknown scheme, ValueError naming the records that depend on it.
    """
    dependents = scheme_dependents(session, scheme_id)
    if dependents:
        told = ", ".join(f"{count} of {table}" for table, count in dependents.items())
        raise ValueError(f"the scheme {scheme_id} cannot be removed: records depend on it ({told})")
    zones, units = _zones(session, scheme_id), _units(session, scheme_id)
    for model in (m.ZoneDistrict, m.ZoneParty, m.ZoneArea, m.ShareAgreement):
        column: InstrumentedAttribute[Any] = model.zone_code
        session.execute(delete(model).where(column.in_(zones)))
    session.execute(delete(m.Zone).where(m.Zone.code.in_(zones)))
    session.execute(delete(m.ZoneScheme).where(m.ZoneScheme.id == scheme_id))
    session.execute(delete(m.AdminUnit).where(m.AdminUnit.code.in_(units)))
    session.execute(delete(m.SearchEntry).where(m.SearchEntry.kind == "zone", m.SearchEntry.entity_id.in_(zones)))
    session.flush()
    session.expire_all()


def _zones(session: Session, scheme_id: str) -> list[str]:
    if session.get(m.ZoneScheme, scheme_id) is None:
        known = session.scalars(select(m.ZoneScheme.id).order_by(m.ZoneScheme.order_no))
        raise LookupError(f"no scheme {scheme_id} is loaded; loaded are {', '.join(known)}")
    return list(session.scalars(select(m.Zone.code).where(m.Zone.scheme_id == scheme_id)))


def _units(session: Session, scheme_id: str) -> list[str]:
    """Units that only this scheme names, its own districts among them, and no other scheme's zones refer to."""
    unit = m.AdminUnit
    mine = select(unit.code).where(
        unit.code_system == SCHEME_UNITS,
        or_(unit.source == f"scheme {scheme_id}", unit.source.startswith(f"scheme {scheme_id} ·", autoescape=True)),
    )
    elsewhere: set[str | None] = set()
    for column in (m.Zone.authority, m.Zone.functional_area):
        elsewhere |= set(session.scalars(select(column).where(m.Zone.scheme_id != scheme_id, column.in_(mine))))
    party = select(m.ZoneParty.unit).join(m.Zone, m.Zone.code == m.ZoneParty.zone_code)
    elsewhere |= set(session.scalars(party.where(m.Zone.scheme_id != scheme_id, m.ZoneParty.unit.in_(mine))))
    return [code for code in session.scalars(mine) if code not in elsewhere]
