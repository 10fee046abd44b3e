"""What a word of the land or of the buildings stands for: the records of a land-use class, a state, a feature, a duty.

A class row, a state or a search hit names such a group; these queries say which records are in it, so that the panel can
list them and the map mark them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from data import models as m
from data.queries import gate
from data.queries.catalogue import platforms_at
from data.queries.filter_sql import entity_conditions
from data.queries.question import Question
from domain.features import carrier_features, key_of, plot_features
from domain.landuse import class_of


@dataclass(frozen=True)
class Member:
    """A record of a group: `area_m2` is its size, for a carrier what is vacant in it; None where it is not known."""

    kind: str
    id: str
    name: str
    zone_code: str | None
    area_m2: int | None


@dataclass(frozen=True)
class Group:
    """Records of a group under the zone and district filter, largest first; `listed` are the first of each kind.

    `totals` is kind -> (records, m² of those of known size). `withheld`: the kinds the viewer may not see.
    """

    kind: str
    code: str
    name: str
    listed: Mapping[str, tuple[Member, ...]]
    totals: Mapping[str, tuple[int, int]]
    withheld: tuple[str, ...] = ()


#: Kinds of selection that are groups.
GROUPS = ("landuse", "landstate", "supply", "feature", "cluster")
_LISTED = 60


def group(question: Question, kind: str, code: str) -> Group | None:
    """The group a selection names; None when `kind` is not a group.

    A land-use class holds its subclasses. Parcels of a class are those of the status or plan that the state shows.
    """
    if kind not in GROUPS:
        return None
    found = _members(question, kind, code)
    by_kind: dict[str, list[Member]] = {}
    for member in found:
        by_kind.setdefault(member.kind, []).append(member)
    for members in by_kind.values():
        members.sort(key=lambda x: (-(x.area_m2 or 0), x.name))
    sees_parcels = bool(gate.allowed_fields(question.viewer, ("geometry",), question.at.provenance))
    return Group(
        kind,
        code,
        _name(question.session, question.at.provenance, kind, code),
        {k: tuple(v[:_LISTED]) for k, v in by_kind.items()},
        {k: (len(v), sum(x.area_m2 or 0 for x in v)) for k, v in by_kind.items()},
        ("parcel",) if kind in ("landuse", "landstate") and not sees_parcels else (),
    )


def marked(question: Question) -> dict[str, tuple[str, ...]]:
    """Ids of what the map marks for the selection, by kind of record: the carriers, plots and platforms of a group.

    Parcels are not among them: they are many, and their tiles know their class and state.
    """
    kind, _sep, code = question.state.selection.partition(":")
    if kind not in GROUPS:
        return {}
    found: dict[str, list[str]] = {}
    for member in _members(question, kind, code, parcels=False):
        found.setdefault(member.kind, []).append(member.id)
    return {k: tuple(sorted(v)) for k, v in found.items()}


def _name(session: Session, provenance: str, kind: str, code: str) -> str:
    """Name of a feature as people write it; for the others the reader of the group knows the word."""
    if kind != "feature":
        return code
    entry = m.SearchEntry
    names = session.scalars(select(entry.name).where(entry.kind == "feature", entry.provenance == provenance))
    return next((name for name in names if key_of(name) == code), code)


def _members(question: Question, kind: str, code: str, *, parcels: bool = True) -> Iterator[Member]:
    session, at = question.session, question.at

    def here(entity: str, zone: InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
        # A published record may have no zone: it belongs to the whole and to no part.
        place = zone.in_(at.chosen) if question.state.zones else or_(zone.in_(at.zones), zone.is_(None))
        return and_(place, *entity_conditions(entity, question.filter))

    parcel, plot, building = m.LandParcel, m.Plot, m.CarrierBuilding
    sees_parcels = parcels and gate.allowed_fields(question.viewer, ("geometry",), at.provenance)
    if kind in ("landuse", "landstate") and sees_parcels:
        if kind == "landuse":
            scheme, own = class_of(code)
            column = parcel.plan_code if question.state.landuse == "plan" else parcel.status_code
            wanted = and_(parcel.landuse_scheme == scheme, column.startswith(own, autoescape=True))
        else:
            wanted = parcel.land_state == code
        for row in session.execute(
            select(parcel.id, parcel.zone_code, parcel.area_m2).where(
                parcel.provenance == at.provenance, wanted, here("parcel", parcel.zone_code)
            )
        ):
            yield Member("parcel", row.id, row.id, row.zone_code, row.area_m2)
    if kind in ("landuse", "supply", "feature"):
        scheme, own = class_of(code)
        for p in session.scalars(
            select(plot).where(plot.provenance == at.provenance, here("plot", plot.zone_code)).order_by(plot.id)
        ):
            fits = {
                "landuse": p.landuse_scheme == scheme and p.landuse_code.startswith(own),
                "supply": p.supply_state == code,
                "feature": kind == "feature" and any(f.key == code for f in plot_features(p.utilities)),
            }[kind]
            if fits:
                yield Member("plot", p.id, p.code, p.zone_code, p.area_m2)
    if kind == "feature":
        unit = m.CarrierUnit
        best = (
            select(
                unit.building_id,
                func.max(unit.clear_height_m).label("height"),
                func.max(unit.load_t_m2).label("load"),
                func.sum(unit.area_m2).filter(unit.state == "vacant").label("vacant"),
                func.count().label("units"),
            )
            .group_by(unit.building_id)
            .subquery()
        )
        for b, height, load, vacant, units in session.execute(
            select(building, best.c.height, best.c.load, best.c.vacant, best.c.units)
            .outerjoin(best, best.c.building_id == building.id)
            .where(building.provenance == at.provenance, here("carrier", building.zone_code))
            .order_by(building.id)
        ):
            has = carrier_features(
                b.carrier_type, b.features, steam=b.steam, dual_power=b.dual_power, height_m=height, load_t_m2=load
            )
            if any(f.key == code for f in has):
                yield Member("carrier", b.id, b.name_zh, b.zone_code, int(vacant or 0) if units else None)
    if kind == "cluster":
        platform = m.Platform
        for t in session.scalars(
            select(platform)
            .where(
                platform.provenance == at.provenance,
                platform.category == code,
                here("platform", platform.zone_code),
                platforms_at(session, at),
            )
            .order_by(platform.id)
        ):
            yield Member("platform", t.id, t.name_zh, t.zone_code, None)


@dataclass(frozen=True)
class PolicyCard:
    """A published policy (rules §7.6); texts as printed."""

    id: str
    title: str
    doc_no: str | None
    issuer: str | None
    level: str | None
    valid_from: str | None
    valid_to: str | None
    chains: tuple[str, ...]
    support_text: str | None
    condition_text: str | None
    source: str | None
    as_of: str | None
    provenance: str


def policy_card(question: Question, policy_id: str) -> PolicyCard | None:
    """A policy by its id: a published one, which every viewer gets beside any data set, or one of the set on screen."""
    p = question.session.get(m.Policy, policy_id)
    if p is None or p.provenance not in ("published", question.state.dataset.provenance):
        return None
    return PolicyCard(
        p.id, p.title, p.doc_no, p.issuer, p.level, p.valid_from, p.valid_to, tuple(p.chains or ()),
        p.support_text, p.condition_text, p.source, p.as_of, p.provenance,
    )  # fmt: skip
