"""The published data set: real names, each figure with date and source, nothing filled in (rules §1.3).

Where no coordinates are published, a thing is placed inside its stated zone so that it can be seen at all. That place is
schematic and says so (`position_is_schematic`): it follows from the name alone, keeps off the zone's edge and off other
things, and is near a locating point when the source's own words name one. Without a stated zone there is no place.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.boundaries import project
from data.models import (
    AdminUnit,
    AnchorPoint,
    CarrierBuilding,
    Chain,
    EntityChain,
    Platform,
    Policy,
    Project,
    PublishedFact,
    Zone,
    ZoneScheme,
)
from data.reference import published

PROVENANCE = "published"
#: Category of a platform outside the four clusters (rules §1.2.1).
OTHER = "other"

_PLACEMENT_NOTE = {
    "inferred": "所属片区为推断",
    "outside": "位于五区之外",
    "unknown": "来源未载明所属片区",
}
_SOURCE_NOTE = {"repost": "转载页面", "no_address": "来源无页面地址", "digest": "摘编来源"}

_EDGE_M = 350.0  # kept from the zone's outline
_APART_M = 420.0  # kept from other placed things, halved until there is room
_NEAR_M = (120.0, 900.0)  # ring round a locating point
_CANDIDATES = 4096
# Additive recurrence of the plastic number: fills the plane evenly from any starting point.
_STEP = np.array([0.7548776662466927, 0.5698402909980532])


def load_published(session: Session) -> dict[str, int]:
    """Load every published table; returns rows by table name. The schemes and chains must be loaded.

    Things whose zone is not loaded (another scheme only) keep zone None and no place.
    """
    zones = _zones(session)
    chains = set(session.scalars(select(Chain.code)))
    anchors = _load_anchors(session, zones)
    places = {code: _Placer(zone, anchors) for code, zone in zones.items()}
    twins = _twins()
    _load_projects(session, places, chains, twins)
    _load_carriers(session, places, chains, twins)
    _load_platforms(session, places, twins)
    _load_policies(session)
    _load_facts(session, zones, set(session.scalars(select(AdminUnit.code))))
    session.flush()
    return {
        "project": len(published("projects")),
        "carrier_building": len(published("carriers")),
        "platform": len(published("platforms")),
        "policy": len(published("policies")),
        "published_fact": sum(len(published(name)) for name in ("facts", "kpi_series", "governance")),
        "anchor_point": len(anchors),
    }


# ── placing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _ZoneShape:
    code: str
    crs: str
    names: tuple[str, ...]
    metric: BaseGeometry


@dataclass(frozen=True)
class _Anchor:
    name: str
    lon: float
    lat: float


@dataclass
class _Placer:
    """Gives places inside one zone, in its area CRS, each apart from those given before."""

    zone: _ZoneShape
    anchors: Sequence[_Anchor]
    taken: list[tuple[float, float]] = field(default_factory=list)

    def place(self, name: str, words: str) -> tuple[float, float]:
        """Lon/lat for a thing; `words` is the source's own description of where it is."""
        inner = self.zone.metric.buffer(-_EDGE_M)
        anchor = self._anchor(f"{name} {words}")
        if anchor is not None:
            ring = anchor.buffer(_NEAR_M[1]).difference(anchor.buffer(_NEAR_M[0]))
            near = ring.intersection(inner)
            inner = near if not near.is_empty else inner
        x, y = self._free(inner, zlib.crc32(name.encode()))
        self.taken.append((x, y))
        lonlat = project(Point(x, y), "EPSG:4326", self.zone.crs)
        return round(lonlat.x, 6), round(lonlat.y, 6)

    def keep_off(self, lon: float, lat: float) -> None:
        """Remember a place that is known, so that schematic ones stay away from it."""
        point = project(Point(lon, lat), self.zone.crs)
        self.taken.append((point.x, point.y))

    def _anchor(self, words: str) -> BaseGeometry | None:
        """The locating point with the longest name in the words; names that are part of the zone's own say nothing."""
        named = [a for a in self.anchors if a.name in words and not any(a.name in own for own in self.zone.names)]
        if not named:
            return None
        best = max(named, key=lambda a: (len(a.name), a.name))
        point = project(Point(best.lon, best.lat), self.zone.crs)
        return point if self.zone.metric.distance(point) < _NEAR_M[1] else None

    def _free(self, room: BaseGeometry, seed: int) -> tuple[float, float]:
        west, south, east, north = room.bounds
        start = np.array([seed % 65_521, seed // 65_521]) / 65_521.0
        unit = (start + np.arange(1, _CANDIDATES + 1)[:, None] * _STEP) % 1.0
        xy = unit * [east - west, north - south] + [west, south]
        xy = xy[shapely.contains_xy(room, xy[:, 0], xy[:, 1])]
        if len(xy) == 0:
            point = room.representative_point()
            return point.x, point.y
        if not self.taken:
            return float(xy[0, 0]), float(xy[0, 1])
        others = np.array(self.taken)
        gaps = np.hypot(xy[:, None, 0] - others[None, :, 0], xy[:, None, 1] - others[None, :, 1]).min(axis=1)
        apart = _APART_M
        while not (gaps >= apart).any():
            apart /= 2
        first = xy[int(np.argmax(gaps >= apart))]
        return float(first[0]), float(first[1])


def _zones(session: Session) -> dict[str, _ZoneShape]:
    rows = session.execute(
        select(Zone.code, Zone.name_zh, Zone.short_zh, Zone.geom, ZoneScheme.area_crs)
        .join(ZoneScheme, Zone.scheme_id == ZoneScheme.id)
        .where(Zone.role != "axis")
        .order_by(Zone.code)
    )
    return {r.code: _ZoneShape(r.code, r.area_crs, (r.name_zh, r.short_zh), project(r.geom, r.area_crs)) for r in rows}


def _load_anchors(session: Session, zones: Mapping[str, _ZoneShape]) -> list[_Anchor]:
    anchors = []
    for row in published("anchor_points"):
        session.add(
            AnchorPoint(
                name_zh=row["name_zh"],
                zone_code=row["zone_code"] if row["relation"] == "in" and row["zone_code"] in zones else None,
                lon=row["lon"],
                lat=row["lat"],
                source=row["source"],
                note=f"{row['relation']}；原始坐标 {row['datum_in']}",
            )
        )
        short = row["name_zh"].removeprefix("地铁").removesuffix("站")
        if row["lon"] is not None and len(short) >= 2:
            anchors.append(_Anchor(short, row["lon"], row["lat"]))
    return anchors


def _place(row: Mapping[str, Any], places: Mapping[str, _Placer]) -> tuple[float | None, float | None, bool]:
    """(lon, lat, schematic) of one row: published coordinates, else inside the zone, else none."""
    if row.get("lon") is not None and row.get("lat") is not None:
        return row["lon"], row["lat"], False
    placer = places.get(row["zone_code"] or "")
    if placer is None:
        return None, None, False
    lon, lat = placer.place(row["name_zh"], row["location_zh"] or "")
    return lon, lat, True


def _in_stable_order(name: str, places: Mapping[str, _Placer]) -> Iterator[Mapping[str, Any]]:
    """Rows with known places first, then by name, so that the order of the file does not move anything."""
    rows = sorted(published(name), key=lambda row: (row.get("lon") is None, row["name_zh"], row["pub_id"]))
    for row in rows:
        placer = places.get(row["zone_code"] or "")
        if placer is not None and row.get("lon") is not None:
            placer.keep_off(row["lon"], row["lat"])
    yield from rows


# ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _base_name(name: str) -> str:
    """The name without what stands in brackets, to find the same thing in two files."""
    return re.sub(r"[(（].*?[)）]", "", name).strip()


def _twins() -> dict[str, list[tuple[str, str]]]:
    """Things that stand in several files: base name -> [(kind in Chinese, pub_id)]. Linked, never counted twice."""
    found: dict[str, list[tuple[str, str]]] = {}
    for file, kind in (("projects", "项目"), ("carriers", "载体"), ("platforms", "平台")):
        for row in published(file):
            found.setdefault(_base_name(row["name_zh"]), []).append((kind, row["pub_id"]))
    return {name: entries for name, entries in found.items() if len({kind for kind, _ in entries}) > 1}


def _note(row: Mapping[str, Any], twins: Mapping[str, list[tuple[str, str]]], *more: str | None) -> str | None:
    parts = [
        _PLACEMENT_NOTE.get(row.get("placement") or ""),
        _SOURCE_NOTE.get(row.get("source_kind") or ""),
        *more,
        row.get("note_zh"),
    ]
    others = [
        f"{kind}{pub_id}" for kind, pub_id in twins.get(_base_name(row["name_zh"]), ()) if pub_id != row["pub_id"]
    ]
    if others:
        parts.append(f"与{'、'.join(others)}为同一对象，不重复计数")
    return "；".join(part for part in parts if part) or None


def _origin(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"provenance": PROVENANCE, "source": row["source"], "as_of": _day(row)}


def _day(row: Mapping[str, Any]) -> str | None:
    """The date as it was published (约2020, 2021-09起); words that do not name the year stand behind the date."""
    day, words = row["as_of"], row["as_of_text"]
    if not day or not words:
        return day or words
    return str(words) if day[:4] in words else f"{day}（{words}）"


def _zone_code(row: Mapping[str, Any], places: Mapping[str, _Placer]) -> str | None:
    return row["zone_code"] if row["zone_code"] in places else None


def _link(session: Session, kind: str, entity_id: str, codes: Sequence[str], chains: set[str]) -> None:
    for code in dict.fromkeys(codes):
        if code in chains:
            session.add(EntityChain(entity_kind=kind, entity_id=entity_id, chain_code=code))


def _codes(text: str | None) -> list[str]:
    return [part for part in re.split(r"[;；]", text or "") if part]


def _load_projects(
    session: Session,
    places: Mapping[str, _Placer],
    chains: set[str],
    twins: Mapping[str, list[tuple[str, str]]],
) -> None:
    for row in _in_stable_order("projects", places):
        lon, lat, schematic = _place(row, places)
        when = row["stage_date"] or row["stage_date_text"]
        stage = row["stage_zh"]
        session.add(
            Project(
                id=row["pub_id"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                zone_code=_zone_code(row, places),
                enterprise_name=row["enterprise_zh"],
                total_investment_wan=row["total_investment_wan"],
                land_m2=row["land_m2"],
                floor_area_m2=row["floor_area_m2"],
                published_stage=stage,
                lon=lon,
                lat=lat,
                position_is_schematic=schematic,
                datum="WGS84" if lon is not None else None,
                doubt=row["doubt_zh"],
                note=_note(
                    row,
                    twins,
                    None if stage else "来源未载明阶段",
                    f"阶段时间：{row['stage_date_text'] or when}" if when else None,
                    f"来源所述位置：{row['location_zh']}" if row["location_zh"] else None,
                ),
                **_origin(row),
            )
        )
        _link(session, "project", row["pub_id"], _codes(row["chain_code"]), chains)


def _load_carriers(
    session: Session,
    places: Mapping[str, _Placer],
    chains: set[str],
    twins: Mapping[str, list[tuple[str, str]]],
) -> None:
    for row in _in_stable_order("carriers", places):
        lon, lat, schematic = _place(row, places)
        heights = f"层高：{row['floor_height_text']}" if row["floor_height_text"] else None
        loads = f"荷载：{row['floor_load_text']}" if row["floor_load_text"] else None
        features = "；".join(part for part in (row["features_zh"], heights, loads) if part)
        delivery = row["delivery_text"] or row["delivery_date"]
        session.add(
            CarrierBuilding(
                id=row["pub_id"],
                name_zh=row["name_zh"],
                zone_code=_zone_code(row, places),
                carrier_type=row["type_zh"],
                operator=row["operator_zh"],
                gross_area_m2=row["floor_area_m2"],
                features=features or None,
                lon=lon,
                lat=lat,
                position_is_schematic=schematic,
                doubt=row["doubt_zh"],
                note=_note(
                    row,
                    twins,
                    f"状态：{row['status_zh']}" if row["status_zh"] else None,
                    f"交付：{delivery}" if delivery else None,
                    f"用地 {row['land_mu']:g} 亩" if row["land_mu"] is not None else None,
                    f"产业方向：{row['industry_zh']}" if row["industry_zh"] else None,
                    f"来源所述位置：{row['location_zh']}" if row["location_zh"] else None,
                ),
                **_origin(row),
            )
        )
        _link(session, "carrier", row["pub_id"], _codes(row["chain_codes"]), chains)


def _load_platforms(
    session: Session, places: Mapping[str, _Placer], twins: Mapping[str, list[tuple[str, str]]]
) -> None:
    for row in _in_stable_order("platforms", places):
        lon, lat, schematic = _place(row, places)
        session.add(
            Platform(
                id=row["pub_id"],
                name_zh=row["name_zh"],
                category=row["category"] or OTHER,
                zone_code=_zone_code(row, places),
                host=row["host_zh"],
                level=row["level_zh"],
                status=row["status_zh"],
                lon=lon,
                lat=lat,
                position_is_schematic=schematic,
                note=_note(row, twins, f"来源所述位置：{row['location_zh']}" if row["location_zh"] else None),
                **_origin(row),
            )
        )


def _load_policies(session: Session) -> None:
    status = {"superseded": "已被新版取代", "draft": "征求意见稿，不作兑现依据"}
    for row in published("policies"):
        target = f"目标期至 {row['target_year']}" if row["target_year"] else None
        field_of = f"适用：{row['industry_zh']}" if row["industry_zh"] else None
        notes = (status.get(row["status"] or ""), target, field_of, row["note_zh"])
        session.add(
            Policy(
                id=row["pub_id"],
                title=row["title_zh"],
                doc_no=row["doc_no"],
                issuer=row["issuer_zh"],
                level=row["level_zh"],
                valid_from=row["valid_from"] or row["valid_from_text"],
                valid_to=row["valid_to"],
                status=row["status"],
                chains=_codes(row["chain_codes"]),
                support_text=row["support_zh"],
                condition_text=row["condition_zh"],
                note="；".join(part for part in notes if part) or None,
                **_origin(row),
            )
        )


def _load_facts(session: Session, zones: Mapping[str, Any], units: set[str]) -> None:
    def subject(code: str | None) -> dict[str, Any]:
        return {"zone_code": code if code in zones else None, "unit_code": code if code in units else None}

    def add(family: str, row: Mapping[str, Any], **values: Any) -> None:
        kind = _SOURCE_NOTE.get(row["source_kind"] or "")
        note = "；".join(part for part in (kind, values.pop("note", None), row["note_zh"]) if part)
        session.add(
            PublishedFact(
                family=family,
                as_of=_day(row),
                source=row["source"],
                note=note or None,
                doubt=row.get("doubt_zh"),
                **values,
            )
        )

    for row in published("facts"):
        add(
            "fact",
            row,
            subject=row["subject_zh"],
            indicator=row["indicator_zh"],
            value_number=row["value_num"],
            value_text=row["value_text"] or _printed(row["value_num"], row["value_op"]),
            unit=row["unit"],
            **subject(row["subject_code"]),
        )
    for row in published("kpi_series"):
        growth = {"gt": "增速为“超过”", "ge": "增速为“不低于”"}.get(row["growth_op"] or "")
        add(
            "series",
            row,
            subject=row["unit_zh"],
            scope_note=row["scope_zh"],
            indicator=row["indicator_zh"],
            period=row["period_text"] or row["period"],
            value_number=row["value_num"],
            value_text=_printed(row["value_num"], row["value_op"]),
            unit=row["unit_of_measure"],
            growth_pct=row["growth_pct"],
            note="；".join(part for part in ("目标值" if row["is_target"] else None, growth) if part) or None,
            **subject(row["unit_code"]),
        )
    for row in published("governance"):
        span = " 至 ".join(part for part in (row["valid_from"], row["valid_to"]) if part)
        add(
            "governance",
            row,
            subject=row["subject_zh"],
            indicator=row["fact_type_zh"],
            period=span or None,
            value_text=row["value_zh"],
            **subject(row["subject_code"]),
        )


def _printed(value: float | None, op: str | None) -> str | None:
    """The figure as its source words it: "≥480", "近100"."""
    if value is None:
        return None
    return {"ge": "≥", "gt": ">", "lt": "近"}.get(op or "", "") + f"{value:.10g}"
