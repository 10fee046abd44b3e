"""What the search box finds: names, codes, full pinyin and initials (spec §8; issue: search box)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from pypinyin import Style
from pypinyin.converter import UltimateConverter
from pypinyin.core import Pinyin
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from data.derive.common import bulk_insert
from data.models import (
    AdminUnit,
    CarrierBuilding,
    Enterprise,
    Platform,
    Plot,
    Project,
    ProjectMonth,
    SearchEntry,
    Zone,
    ZoneDistrict,
)

_DETAIL_WIDTH = 120
#: Provenance of entries that every data set shares: the zones.
REFERENCE = "reference"

_CONVERTER = UltimateConverter()


@lru_cache(maxsize=1 << 15)
def _sounds(word: str, style: Style, heteronym: bool, errors: Any, strict: bool) -> list[list[str]]:
    return _CONVERTER.convert(word, style, heteronym, errors, strict)


class _Remembering(UltimateConverter):
    """Names share their words: each is looked up once, as that is most of the time a name takes. Answers are not changed."""

    def convert(
        self, words: str, style: Style, heteronym: bool, errors: Any, strict: bool = True, **_more: Any
    ) -> list[list[str]]:
        return _sounds(words, style, heteronym, errors, strict)


_PINYIN = Pinyin(_Remembering())


def search_text(name: str, codes: Iterable[str | None] = ()) -> str:
    """Lower-case text to search in: the name, its pinyin in full and as initials, and the codes.

    "集成电路" gives "集成电路 jichengdianlu jcdl"; what is not Chinese stays as it is.
    """
    syllables = _PINYIN.lazy_pinyin(name)
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
    """Rebuild the entries of one data set and the shared ones of the zones; returns the rows written."""
    session.execute(delete(SearchEntry).where(SearchEntry.provenance == provenance))
    zones = {zone.code: zone for zone in session.scalars(select(Zone))}
    return derive_zone_search(session) + bulk_insert(session, SearchEntry, _records(session, provenance, zones))


def derive_zone_search(session: Session) -> int:
    """Rebuild the entries of the zones of every scheme; returns the rows written."""
    session.execute(delete(SearchEntry).where(SearchEntry.provenance == REFERENCE))
    zones = {zone.code: zone for zone in session.scalars(select(Zone))}
    return bulk_insert(session, SearchEntry, _zones(session, zones))


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
