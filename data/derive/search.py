"""What the search box finds: names, codes, full pinyin and initials (rules §8.3).

Records of a data set, what their carriers and plots have, and what every data set shares: zones, units and duties,
chains and nodes, land-use classes, states, lights and cross-district kinds. Policies are published and universal.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from data import pinyin
from data.derive.common import bulk_insert
from data.models import (
    AdminUnit,
    CarrierBuilding,
    CarrierUnit,
    Chain,
    ChainNode,
    Enterprise,
    LandUseClass,
    Platform,
    Plot,
    Policy,
    Project,
    ProjectMonth,
    SearchEntry,
    Zone,
    ZoneDistrict,
    ZoneParty,
)
from domain.cross_district import KIND_NAMES
from domain.features import carrier_features, plot_features
from domain.land_states import LAND_STATES, SUPPLY_STATES
from domain.landuse import LandUse, is_restricted, land_key
from domain.lifecycle import STAGE_GROUPS, STAGES
from domain.lights import LIGHT_NAMES
from domain.words import ENTITY_KINDS

_DETAIL_WIDTH, _NAME_WIDTH = 120, 200
#: Provenance of entries that every data set shares.
REFERENCE = "reference"


def search_text(name: str, codes: Iterable[str | None] = ()) -> str:
    """Lower-case text to search in: the name, its pinyin in full and as initials, and the codes.

    "集成电路" gives "集成电路 jichengdianlu jcdl"; what is not Chinese stays as it is.
    """
    syllables = pinyin.syllables(name)
    initials, at = [], 0
    for syllable in syllables:
        if name.startswith(syllable, at):  # not Chinese: comes back as it was, in one piece
            initials.append(syllable)
            at += len(syllable)
        else:
            initials.append(syllable[0])
            at += 1
    words = [name, "".join(syllables), "".join(initials), *(code for code in codes if code)]
    return " ".join(words).lower()


def derive_search(session: Session, provenance: str) -> int:
    """Rebuild the entries of one data set and those that all share; returns the rows written."""
    session.execute(delete(SearchEntry).where(SearchEntry.provenance == provenance))
    zones = {zone.code: zone for zone in session.scalars(select(Zone))}
    written = derive_shared_search(session)
    for entries in (_records, _features, _policies):
        written += bulk_insert(session, SearchEntry, entries(session, provenance, zones))
    return written


def derive_shared_search(session: Session) -> int:
    """Rebuild the entries that every data set shares, of all schemes; returns the rows written."""
    session.execute(delete(SearchEntry).where(SearchEntry.provenance == REFERENCE))
    zones = {zone.code: zone for zone in session.scalars(select(Zone))}
    written = bulk_insert(session, SearchEntry, _zones(session, zones))
    return written + bulk_insert(session, SearchEntry, _shared(session, zones))


def _entry(
    kind: str,
    entity_id: str,
    name: str,
    provenance: str,
    zone: Zone | None,
    codes: Iterable[str | None],
    lon: float | None,
    lat: float | None,
    detail: str | None = None,
    lead: bool = False,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "entity_id": entity_id,
        "provenance": provenance,
        "scheme_id": zone.scheme_id if zone else None,
        "name": name,
        "detail": detail or (zone.short_zh if zone else None),
        "text": search_text(name, codes),
        "lead": lead,
        "lon": lon,
        "lat": lat,
    }


def _zones(session: Session, zones: dict[str, Zone]) -> Iterator[dict[str, Any]]:
    hosts: dict[str, list[str]] = {}
    for code, name in session.execute(
        select(ZoneDistrict.zone_code, AdminUnit.name_zh)
        .join(AdminUnit, AdminUnit.code == ZoneDistrict.district_code)
        .order_by(ZoneDistrict.area_m2.desc())
    ):
        hosts.setdefault(code, []).append(name)
    for zone in zones.values():
        point = zone.geom.representative_point()
        names = f"{zone.name_zh} {zone.alias_zh or ''}".strip()
        entry = _entry(
            "zone", zone.code, zone.name_zh, REFERENCE, zone, (), point.x, point.y, _joined(hosts.get(zone.code, ()))
        )
        yield entry | {"text": search_text(names, (zone.code, zone.name_en))}


def _shared(session: Session, zones: dict[str, Zone]) -> Iterator[dict[str, Any]]:
    """Units and duties, chains and nodes, land-use classes, states, lights, kinds: what a word can mean besides a record."""

    def word(
        kind: str, code: str, name: str, codes: Iterable[str | None] = (), detail: str = "", lead: bool = False
    ) -> Any:
        return _entry(kind, code, name, REFERENCE, None, codes, None, None, detail, lead)

    for unit in session.scalars(select(AdminUnit).order_by(AdminUnit.code)):
        yield word("unit", unit.code, unit.name_zh, (unit.code, unit.name_en), unit.code)
    duties: dict[tuple[str, str], list[str]] = {}
    for zone_code, found in session.execute(
        select(ZoneParty.zone_code, ZoneParty.duties).where(ZoneParty.valid_to.is_(None)).order_by(ZoneParty.id)
    ):
        zone = zones[zone_code]
        for duty in found:
            duties.setdefault((zone.scheme_id, duty), []).append(zone.short_zh)
    for (scheme, duty), where in sorted(duties.items()):
        entry = word("duty", _key(scheme, duty), duty, (), _joined(dict.fromkeys(where)))
        yield entry | {"scheme_id": scheme}
    chains = {chain.code: chain for chain in session.scalars(select(Chain).order_by(Chain.code))}
    for chain in chains.values():
        yield word("chain", chain.code, chain.name_zh, (chain.code, chain.name_en), chain.code)
    for node in session.scalars(select(ChainNode).order_by(ChainNode.id)):
        yield word(
            "node", node.id, node.name_zh, (node.id, node.name_en), f"{node.id} {chains[node.chain_code].name_zh}"
        )
    for use in session.scalars(select(LandUseClass).order_by(LandUseClass.scheme, LandUseClass.code)):
        if not is_restricted(LandUse(use.scheme, use.code)):
            key = land_key(use.scheme, use.code) or ""
            yield word("landuse", key, use.name_zh, (key,), f"{use.scheme} {use.code}")
    for code, name in LAND_STATES.items():
        yield word("landstate", code, name)
    for code, name in SUPPLY_STATES.items():
        if code == "sold":  # not on offer: nothing to look for
            continue
        yield word("supply", code, name)
    for group in STAGE_GROUPS.values():
        stages = [s.name_zh for s in STAGES if s.code in group.stages]
        entry = word("stage", group.id, group.name_zh, (), _joined(stages), lead=group.id == "lead")
        yield entry | {"text": " ".join((entry["text"], group.name_en.lower(), *(search_text(s) for s in stages)))}
    for light, name in LIGHT_NAMES.items():
        yield word("light", light, name)
    for kind, name in KIND_NAMES.items():
        yield word("kind", kind, name, (), kind)


def _key(*parts: str) -> str:
    """Key of an entry for a word that several schemes or data sets may have: as short as the column wants it."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()


def _features(session: Session, provenance: str, zones: dict[str, Zone]) -> Iterator[dict[str, Any]]:
    """What carriers and plots have, by scheme, with how many have it."""
    found: dict[tuple[str | None, str, str], Counter[str]] = {}

    def note(kind: str, zone_code: str | None, features: Iterable[Any]) -> None:
        scheme = zones[zone_code].scheme_id if zone_code in zones else None
        for feature in features:
            found.setdefault((scheme, feature.key, feature.name), Counter())[kind] += 1

    best = select(
        CarrierUnit.building_id,
        func.max(CarrierUnit.clear_height_m).label("height"),
        func.max(CarrierUnit.load_t_m2).label("load"),
    ).group_by(CarrierUnit.building_id).subquery()  # fmt: skip
    for b, height, load in session.execute(
        select(CarrierBuilding, best.c.height, best.c.load)
        .outerjoin(best, best.c.building_id == CarrierBuilding.id)
        .where(CarrierBuilding.provenance == provenance)
    ):
        has = carrier_features(
            b.carrier_type, b.features, steam=b.steam, dual_power=b.dual_power, height_m=height, load_t_m2=load
        )
        note("carrier", b.zone_code, has)
    for zone_code, utilities in session.execute(
        select(Plot.zone_code, Plot.utilities).where(Plot.provenance == provenance)
    ):
        note("plot", zone_code, plot_features(utilities))
    for (scheme, key, name), counts in sorted(found.items(), key=lambda item: (item[0][0] or "", *item[0][1:])):
        words = (f"{ENTITY_KINDS[kind]} {n}" for kind, n in sorted(counts.items()))
        entry = _entry(
            "feature", _key(provenance, scheme or "", name), name, provenance, None, (), None, None, _joined(words)
        )
        yield entry | {"scheme_id": scheme, "text": f"{entry['text']} {key.lower()}"}


def _policies(session: Session, provenance: str, _zones: dict[str, Zone]) -> Iterator[dict[str, Any]]:
    for p in session.scalars(select(Policy).where(Policy.provenance == provenance).order_by(Policy.id)):
        title = p.title[:_NAME_WIDTH]
        yield _entry(
            "policy", p.id, title, provenance, None, (p.id, p.doc_no), None, None, (p.issuer or "")[:_DETAIL_WIDTH]
        )


def _joined(names: Iterable[str]) -> str:
    """Names with 、 between them, as many as the column has room for; whole names only."""
    text = ""
    for name in names:
        longer = f"{text}、{name}" if text else name
        if len(longer) > _DETAIL_WIDTH:
            break
        text = longer
    return text


def _records(session: Session, provenance: str, zones: dict[str, Zone]) -> Iterator[dict[str, Any]]:
    def zone_of(code: str | None) -> Zone | None:
        return zones.get(code) if code else None

    newest = (
        select(ProjectMonth.project_id, func.max(ProjectMonth.period).label("period"))
        .group_by(ProjectMonth.project_id)
        .subquery()
    )
    unsigned = set(
        session.scalars(
            select(ProjectMonth.project_id)
            .join(newest, (newest.c.project_id == ProjectMonth.project_id) & (newest.c.period == ProjectMonth.period))
            .join(Project, Project.id == ProjectMonth.project_id)
            .where(Project.provenance == provenance, ~ProjectMonth.signed)
        )
    )
    for p in session.execute(
        select(
            Project.id,
            Project.name_zh,
            Project.name_en,
            Project.project_code,
            Project.zone_code,
            Project.lon,
            Project.lat,
        )
        .where(Project.provenance == provenance)
        .order_by(Project.id)
    ):
        lead = p.id in unsigned
        codes = (p.id, p.project_code, p.name_en)
        yield _entry("project", p.id, p.name_zh, provenance, zone_of(p.zone_code), codes, p.lon, p.lat, lead=lead)
    for c in session.execute(
        select(
            CarrierBuilding.id,
            CarrierBuilding.name_zh,
            CarrierBuilding.park_zh,
            CarrierBuilding.zone_code,
            CarrierBuilding.lon,
            CarrierBuilding.lat,
        )
        .where(CarrierBuilding.provenance == provenance)
        .order_by(CarrierBuilding.id)
    ):
        yield _entry("carrier", c.id, c.name_zh, provenance, zone_of(c.zone_code), (c.id, c.park_zh), c.lon, c.lat)
    for plot in session.execute(
        select(Plot.id, Plot.code, Plot.zone_code, Plot.geom).where(Plot.provenance == provenance).order_by(Plot.id)
    ):
        point = plot.geom.representative_point() if plot.geom is not None else None
        where = (point.x, point.y) if point is not None else (None, None)
        yield _entry("plot", plot.id, plot.code, provenance, zone_of(plot.zone_code), (plot.id,), *where)
    for e in session.execute(
        select(Enterprise.id, Enterprise.name_zh, Enterprise.uscc, Enterprise.zone_code, Enterprise.lon, Enterprise.lat)
        .where(Enterprise.provenance == provenance)
        .order_by(Enterprise.id)
    ):
        yield _entry("enterprise", e.id, e.name_zh, provenance, zone_of(e.zone_code), (e.id, e.uscc), e.lon, e.lat)
    for t in session.execute(
        select(Platform.id, Platform.name_zh, Platform.category, Platform.zone_code, Platform.lon, Platform.lat)
        .where(Platform.provenance == provenance)
        .order_by(Platform.id)
    ):
        yield _entry("platform", t.id, t.name_zh, provenance, zone_of(t.zone_code), (t.id,), t.lon, t.lat)
