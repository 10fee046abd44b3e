"""Land: mix of uses, the chain development × supply × completion, and what lies at a point."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import shapely
from sqlalchemy import func, select

from data import models as m
from data.indicators import sums_of
from data.queries import gate
from data.queries.cached import cached_for_readers
from data.queries.filter_sql import entity_conditions
from data.queries.question import Question
from domain.filters import Filter
from domain.idle_land import LandChain
from domain.periods import Period

LandKind = Literal["status", "plan"]


@dataclass(frozen=True)
class LandUseShare:
    """Area of one first-level class (rules §2.2), m².

    `code` None is ground no parcel covers (未覆盖); ``OTHER`` parcels without a use or under another standard (未归类).
    """

    code: str | None
    name_zh: str
    colour: str
    colour_wall: str
    area_m2: int


@dataclass(frozen=True)
class LandSummary:
    """Land use of the chosen zones; `shares` with the uncovered rest sum to `zone_area_m2`.

    Withheld from viewers who may not see totals: then there are no shares and `withheld` says why.
    """

    kind: LandKind
    shares: tuple[LandUseShare, ...]
    zone_area_m2: int
    parcels: int
    withheld: bool = False


#: Stands for a code where parcels have none of the display standard; the colour is one that no class of it has.
OTHER, UNCLASSED = "", "#8A949E"

#: First-level code of the classes shown on their own although they are second level: what a zone is judged by.
_OWN_BAR = ("0802", "1001")


def land_summary(
    question: Question, *, zones: Sequence[str] | None = None, level: int = 1, kind: LandKind | None = None
) -> LandSummary:
    """Land-use mix by `kind` (that of the state for None: status or plan) of the chosen zones.

    Only zone and district restrict it; a chain filter does not touch land. Classes fold to first level, with 0802
    科研 and 1001 工业 shown on their own; `level=2` keeps second-level classes.
    """
    units = tuple(zones) if zones is not None else question.at.chosen
    total = sum(question.known.zones[u].geometry_area_m2 or 0 for u in units)
    if question.state.districts:
        total = sum(a for u in units for d, a in question.known.zones[u].districts if d in question.state.districts)
    kind = kind or ("plan" if question.state.landuse == "plan" else "status")
    if not gate.may_see_totals(question.viewer, question.at.provenance):
        return LandSummary(kind, (), total, 0, withheld=True)
    uses = (m.LandParcel.status_code, m.LandParcel.plan_code)
    asked = (
        select(m.LandParcel.landuse_scheme, *uses, func.sum(m.LandParcel.area_m2), func.count())
        .where(
            m.LandParcel.provenance == question.at.provenance,
            m.LandParcel.zone_code.in_(units),
            *entity_conditions("parcel", question.filter),
        )
        .group_by(m.LandParcel.landuse_scheme, *uses)
    )
    rows = cached_for_readers(
        question.session, ("land use", *_ground(question, units)), lambda: question.session.execute(asked).all()
    )
    areas: dict[tuple[str, str], int] = {}
    parcels = 0
    unclassified = 0
    for scheme, status, plan, area, n in rows:
        code = plan if kind == "plan" else status
        parcels += n
        if code is None:
            unclassified += int(area)
            continue
        short = code[: 2 * level] if code[:4] not in _OWN_BAR else code[:4]
        areas[(scheme, short)] = areas.get((scheme, short), 0) + int(area)
    shares = []
    for (scheme, code), area in sorted(areas.items(), key=lambda item: (-item[1], item[0])):
        found = question.known.landuse.get((scheme, code))
        if found:
            shares.append(LandUseShare(code, found.name_zh, found.colour, found.colour_wall, area))
        else:
            unclassified += area
    if unclassified:
        shares.append(LandUseShare(OTHER, "未归类", UNCLASSED, UNCLASSED, unclassified))
    rest = total - sum(s.area_m2 for s in shares)
    if shares and rest > 0:
        shares.append(LandUseShare(None, "未覆盖", "#DDE3EA", "#2A4259", rest))
    return LandSummary(kind, tuple(shares), total, parcels)


def _ground(question: Question, zones: Sequence[str]) -> tuple[Hashable, ...]:
    """All that chooses parcels: a filter beyond zones and districts and another month leave them as they are."""
    at = question.at
    return (at.provenance, at.scheme, tuple(zones), question.state.districts, at.by)


def land_areas(question: Question, zones: Sequence[str]) -> Mapping[str, LandChain]:
    """How far the ground of each zone has come, from the lines of K37-K39; a zone without such parcels is left out.

    Parcels say only what they are now: the areas are of the month of the data. Only the district of a filter restricts them.
    """

    def build() -> dict[str, LandChain]:
        kpis, today = question.known.kpis, Period.parse(question.data_month)
        where = entity_conditions("parcel", Filter(question.filter.beyond_zone, question.at.period))
        ask = question.ask(zones, (today,), where)
        rates = [
            {z: total for (z, _p), total in found.items()}
            for found in sums_of([(kpis[k], ask) for k in ("K37", "K38", "K39")])
        ]
        return {
            zone: LandChain(rates[0][zone].denominator or 0, *(rate[zone].numerator for rate in rates))
            for zone in zones
            if all(zone in rate for rate in rates) and rates[0][zone].denominator
        }

    return cached_for_readers(question.session, ("land areas", *_ground(question, zones)), build)


def whole_chain(areas: Iterable[LandChain]) -> LandChain | None:
    """The chains of several zones as one; None of none."""
    found = list(areas)
    names = ("developable_m2", "ready_m2", "supplied_m2", "built_m2")
    return LandChain(*(sum(getattr(a, n) for a in found) for n in names)) if found else None


def land_chain(question: Question, *, zones: Sequence[str] | None = None) -> LandChain | None:
    """The land chain of the chosen zones, restricted by zone and district like the mix.

    None without any parcel that says how far it has come, and for viewers who may not see totals.
    """
    if not gate.may_see_totals(question.viewer, question.at.provenance):
        return None
    units = tuple(zones) if zones is not None else question.at.chosen
    return whole_chain(land_areas(question, units).values())


def what_is_here(question: Question, lon: float, lat: float) -> dict[str, Any]:
    """Statutory district, functional area by zone, zone of the scheme and land parcel at a point (rules §8.2).

    The parcel appears only for viewers with exact geometry. Positions are WGS 84 longitude and latitude.
    """
    point = shapely.Point(lon, lat)
    district = next(
        (
            u.code
            for u in question.session.scalars(select(m.AdminUnit).where(m.AdminUnit.kind == "statutory"))
            if u.geom is not None and u.geom.contains(point)
        ),
        None,
    )
    zone = next(
        (
            z
            for z in question.session.scalars(
                select(m.Zone).where(m.Zone.scheme_id == question.at.scheme, m.Zone.role != "axis")
            )
            if z.geom.contains(point)
        ),
        None,
    )
    found: dict[str, Any] = {
        "lon": lon,
        "lat": lat,
        "district": district,
        "zone": zone.code if zone else None,
        "functional_area": zone.functional_area if zone else None,
        "parties": [p.unit for p in question.known.zones[zone.code].parties] if zone else [],
        "parcel": None,
    }
    if zone and gate.allowed_fields(question.viewer, ("geometry",), question.at.provenance):
        # A parcel is at most a few hundred metres across: only those of the zone are looked at.
        for parcel_id, scheme, status, plan, area, geom in question.session.execute(
            select(
                m.LandParcel.id,
                m.LandParcel.landuse_scheme,
                m.LandParcel.status_code,
                m.LandParcel.plan_code,
                m.LandParcel.area_m2,
                m.LandParcel.geom,
            ).where(m.LandParcel.provenance == question.at.provenance, m.LandParcel.zone_code == zone.code)
        ):
            if geom.contains(point):
                found["parcel"] = {
                    "id": parcel_id,
                    "scheme": scheme,
                    "status_code": status,
                    "plan_code": plan,
                    "area_m2": area,
                }
                break
    return found
