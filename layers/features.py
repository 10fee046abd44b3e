"""Reads what goes into the tiles: one SQL pass per table, plain rows, sorted, and only attributes that every viewer of
the archive may see. Short attribute names keep the tiles small; `layers/filter_expr.py` explains the list attributes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from data import models as m
from data import reference
from data.boundaries import metric_crs
from data.indicators.places import FREE, is_carrier
from data.queries.catalogue import catalogue
from domain.grouping import Ground
from domain.lifecycle import NO_STAGE_CHAR, STAGE_CHAR
from domain.lights import LIGHT_CHAR, NO_LIGHT, NO_LIGHT_CHAR
from domain.viewstate import Dataset, Grouping
from layers.context import land_key
from layers.link import HQ_BASE, TRANSFER

WGS84 = "EPSG:4326"
#: Upper bounds of the investment classes 1–4 in 万元 (1, 5, 20 and 50 亿元); class 5 is above.
INVESTMENT_BREAKS_WAN = (10_000, 50_000, 200_000, 500_000)
#: Upper bounds of the vacancy classes 1 and 2; class 0 is fully let, 3 is above.
VACANCY_BREAKS = (0.10, 0.30)
#: How coarse a guest sees a plot, m (rules §2.6.3: public positions not better than 50 m).
GUEST_GRID_M = 50
#: Military land never leaves the database, whatever the import let through (rules §2.6.2).
_MILITARY = "1501%"
_BADGE_KINDS = frozenset("ABCDEF")  # G alone raises no cross-district badge (rules §4.1)

Frames = dict[str, gpd.GeoDataFrame]


def _frame(columns: Mapping[str, Iterable[Any]], geometry: Any, integers: Iterable[str] = ()) -> gpd.GeoDataFrame:
    """A frame in WGS 84; `integers` may hold None, which leaves the attribute out of the feature."""
    whole = set(integers)
    typed = {k: pd.array(list(v), dtype="Int64") if k in whole else list(v) for k, v in columns.items()}
    return gpd.GeoDataFrame(typed, geometry=geometry, crs=WGS84)


def _columns(rows: Sequence[Any], names: str) -> dict[str, Iterable[Any]]:
    keys = names.split()
    if not rows:
        return {key: [] for key in keys}
    return dict(zip(keys, list(zip(*rows, strict=True))[: len(keys)], strict=True))


def _listed(values: Iterable[str]) -> str:
    """``",A,B,"``; "," for none, so that the attribute is always there to search in."""
    found = sorted(set(values))
    return f",{','.join(found)}," if found else ","


def investment_class(wan: int | None) -> int | None:
    """Size class 1–5 of a total investment in 万元 (rules §10); None when it is not known."""
    return None if wan is None else bisect_right(INVESTMENT_BREAKS_WAN, wan) + 1


def vacancy_class(vacant_m2: int | None, delivered_m2: int | None) -> int | None:
    """Vacancy class 0–3 of a building; None when it has no delivered units (unknown is not "full")."""
    if not delivered_m2:
        return None
    share = (vacant_m2 or 0) / delivered_m2
    return 0 if share == 0 else 1 if share <= VACANCY_BREAKS[0] else 2 if share <= VACANCY_BREAKS[1] else 3


def generalise(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """Outlines whose vertices lie on a 50 m grid; what would vanish becomes one grid cell (rules §2.6.3)."""
    middles = shapely.get_coordinates(shapely.centroid(geometry.values))
    systems = np.array([metric_crs(lon, lat) for lon, lat in middles])
    coarse = np.empty(len(geometry), dtype=object)
    for system in sorted(set(systems)):
        coarse[systems == system] = _generalised(geometry[systems == system], str(system))
    return gpd.GeoSeries(coarse, crs=WGS84)


def _generalised(geometry: gpd.GeoSeries, system: str) -> np.ndarray:
    metric = geometry.to_crs(system)
    coarse = shapely.set_precision(metric.simplify(GUEST_GRID_M).values, GUEST_GRID_M)
    middle = np.round(shapely.get_coordinates(shapely.centroid(metric.values)) / GUEST_GRID_M) * GUEST_GRID_M
    half = GUEST_GRID_M / 2
    cell = shapely.box(middle[:, 0] - half, middle[:, 1] - half, middle[:, 0] + half, middle[:, 1] + half)
    kept = np.where(shapely.is_empty(coarse), cell, coarse)
    back: np.ndarray = gpd.GeoSeries(kept, crs=system).to_crs(WGS84).to_numpy()
    return back


def arc(start: tuple[float, float], end: tuple[float, float], points: int = 65) -> BaseGeometry:
    """A gentle curve from `start` to `end` (lon, lat), bent to the left by 16 % of its length."""
    a, b = np.array(start), np.array(end)
    across = np.array([-(b - a)[1], (b - a)[0]]) * 0.32
    bend = (a + b) / 2 + across
    t = np.linspace(0, 1, points)[:, None]
    return shapely.linestrings((1 - t) ** 2 * a + 2 * t * (1 - t) * bend + t**2 * b)


# --- boundaries ------------------------------------------------------------------------------------------------------


def admin_frames(session: Session) -> Frames:
    """``district``: id, n."""
    unit = m.AdminUnit
    rows = session.execute(
        select(unit.code, unit.name_zh, unit.geom)
        .where(unit.kind == "statutory", unit.geom.is_not(None))
        .order_by(unit.code)
    ).all()
    return {"district": _frame(_columns(rows, "id n"), [r.geom for r in rows])}


def base_frames(session: Session) -> Frames:
    """``zone`` and ``axis`` of every scheme: id, n, role, scheme, sk (1 = schematic outline); and ``area``."""
    zone = m.Zone
    rows = session.execute(
        select(zone.code, zone.name_zh, zone.role, zone.scheme_id, zone.is_schematic, zone.geom).order_by(zone.code)
    ).all()
    frames = {}
    for layer, chosen in (
        ("zone", [r for r in rows if r.role != "axis"]),
        ("axis", [r for r in rows if r.role == "axis"]),
    ):
        columns = _columns(chosen, "id n role scheme")
        frames[layer] = _frame(
            columns | {"sk": [int(r.is_schematic) for r in chosen]}, [r.geom for r in chosen], integers=["sk"]
        )
    return frames | {"area": area_frame(session), **context_frames()}


def context_frames() -> Frames:
    """``metro`` (straight from station to station) and ``airport``: n, e (name in Chinese and English). Of no data set."""
    at = {p.name_zh: (p.lon, p.lat) for p in reference.places() if p.kind in ("metro", "tram")}
    runs = reference.metro_runs()
    ways = [[at[name] for name in (*run.stations, *run.stations[:1])][: len(run.stations) + run.loop] for run in runs]
    lines = _frame(
        {"n": [r.line_zh for r in runs], "e": [r.line_en for r in runs]}, [shapely.linestrings(w) for w in ways]
    )
    return {"metro": lines, "airport": place_frame("airport")}


def place_frame(*kinds: str) -> gpd.GeoDataFrame:
    """Places of these kinds: n, e (name in Chinese and English), k (kind), l (lines that stop there), ac (m)."""
    found = [p for p in reference.places() if p.kind in kinds]
    columns: dict[str, Iterable[Any]] = {
        "n": [p.name_zh for p in found],
        "e": [p.name_en for p in found],
        "k": [p.kind for p in found],
        "l": [p.lines for p in found],
        "ac": [p.accuracy_m for p in found],
    }
    return _frame(columns, shapely.points([[p.lon, p.lat] for p in found]), integers=["ac"])


def area_frame(session: Session) -> gpd.GeoDataFrame:
    """``area``: id (a unit), scheme, by (the grouping in which it counts whole zones): the union of their outlines."""
    zone = m.Zone
    parts: dict[tuple[str, str, str], list[BaseGeometry]] = {}
    for row in session.scalars(select(zone).where(zone.role != "axis").order_by(zone.code)):
        for by in Grouping:
            owner = Ground(row.functional_area, row.authority, frozenset()).owner(by)
            if owner is not None:
                parts.setdefault((owner, row.scheme_id, by.value), []).append(row.geom)
    keys = sorted(parts)
    return _frame(_columns(keys, "id scheme by"), [shapely.union_all(parts[key]) for key in keys])


# --- land and carriers -----------------------------------------------------------------------------------------------


def parcel_frame(session: Session, provenance: str) -> gpd.GeoDataFrame:
    """``parcel``: id, z, d, s and p (status and plan class), a (m²), st (land state)."""
    p = m.LandParcel
    rows = session.execute(
        select(p.id, p.zone_code, p.district_code, p.land_state, p.area_m2, p.landuse_scheme, p.status_code, p.plan_code, p.geom)
        .where(
            p.provenance == provenance,
            or_(p.status_code.is_(None), p.status_code.not_like(_MILITARY)),
            or_(p.plan_code.is_(None), p.plan_code.not_like(_MILITARY)),
        )
        .order_by(p.id)
    ).all()  # fmt: skip
    columns = _columns(rows, "id z d st a") | {
        "s": [land_key(r.landuse_scheme, r.status_code) for r in rows],
        "p": [land_key(r.landuse_scheme, r.plan_code) for r in rows],
    }
    return _frame(columns, [r.geom for r in rows], integers=["a"])


def plot_frame(session: Session, provenance: str) -> gpd.GeoDataFrame:
    """``plot``: id, z, d, c (class), a (m²), ss (supply state); plots without geometry are listed, not drawn."""
    p = m.Plot
    rows = session.execute(
        select(p.id, p.zone_code, p.district_code, p.supply_state, p.area_m2, p.landuse_scheme, p.landuse_code, p.geom)
        .where(p.provenance == provenance, p.geom.is_not(None), p.landuse_code.not_like(_MILITARY))
        .order_by(p.id)
    ).all()
    columns = _columns(rows, "id z d ss a") | {"c": [land_key(r.landuse_scheme, r.landuse_code) for r in rows]}
    return _frame(columns, [r.geom for r in rows], integers=["a"])


def carrier_frames(session: Session, provenance: str) -> Frames:
    """``carrier`` (points) and ``carrier_footprint``: id, n, z, d, t, h (m), v (vacancy class), va (m² free), ps, fp (has
    footprint)."""
    b, u = m.CarrierBuilding, m.CarrierUnit
    stock = (
        select(
            u.building_id,
            func.sum(case((u.state.in_(FREE), u.area_m2), else_=0)).label("vacant"),
            func.sum(case((u.state != "building", u.area_m2), else_=0)).label("delivered"),
        )
        .group_by(u.building_id)
        .subquery()
    )
    rows = session.execute(
        select(
            b.id, b.name_zh, b.zone_code, b.district_code, b.carrier_type, b.height_m, b.position_is_schematic, b.lon, b.lat,
            b.footprint, stock.c.vacant, stock.c.delivered,
        )
        .outerjoin(stock, stock.c.building_id == b.id)
        .where(b.provenance == provenance, is_carrier())
        .order_by(b.id)
    ).all()  # fmt: skip

    def frame(chosen: list[Any], geometry: Any) -> gpd.GeoDataFrame:
        columns = _columns(chosen, "id n z d t") | {
            "h": pd.array([r.height_m for r in chosen], dtype="Float64"),
            "v": [vacancy_class(r.vacant, r.delivered) for r in chosen],
            "va": [round(r.vacant or 0) if r.delivered else None for r in chosen],
            "ps": [int(r.position_is_schematic) for r in chosen],
            "fp": [int(r.footprint is not None) for r in chosen],
        }
        return _frame(columns, geometry, integers=["v", "va", "ps", "fp"])

    points = [r for r in rows if r.lon is not None and r.lat is not None]
    bodies = [r for r in rows if r.footprint is not None]
    return {
        "carrier": frame(points, shapely.points([[r.lon, r.lat] for r in points]) if points else []),
        "carrier_footprint": frame(bodies, [r.footprint for r in bodies]),
    }


def platform_frame(session: Session, provenance: str) -> gpd.GeoDataFrame:
    """``platform``: id, n, z, c (cluster), nd, ch, ps."""
    p = m.Platform
    rows = session.execute(
        select(p.id, p.name_zh, p.zone_code, p.category, p.position_is_schematic, p.lon, p.lat)
        .where(p.provenance == provenance, p.lon.is_not(None), p.lat.is_not(None))
        .order_by(p.id)
    ).all()
    nodes, chains = _chain_links(session, "platform")
    columns = _columns(rows, "id n z c") | {
        "nd": [_listed(nodes[r.id]) for r in rows],
        "ch": [_listed(chains[r.id]) for r in rows],
        "ps": [int(r.position_is_schematic) for r in rows],
    }
    return _frame(columns, shapely.points([[r.lon, r.lat] for r in rows]) if rows else [], integers=["ps"])


def _chain_links(session: Session, kind: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Nodes and chains by record id; a chain follows from its nodes or is named alone (published records)."""
    link, node, alone = m.EntityNode, m.ChainNode, m.EntityChain
    nodes: dict[str, list[str]] = defaultdict(list)
    chains: dict[str, list[str]] = defaultdict(list)
    for entity, node_id, chain in session.execute(
        select(link.entity_id, link.node_id, node.chain_code)
        .join(node, node.id == link.node_id)
        .where(link.entity_kind == kind)
    ):
        nodes[entity].append(node_id)
        chains[entity].append(chain)
    for entity, chain in session.execute(select(alone.entity_id, alone.chain_code).where(alone.entity_kind == kind)):
        chains[entity].append(chain)
    return nodes, chains


# --- projects --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProjectRows:
    """Projects of one data set, read once for the three archives that show them.

    `signed` and `leads` map project id to (stage history, light history) in the respective archive; a project that
    never appears in an archive is not a key.
    """

    rows: Sequence[Any]
    attributes: dict[str, dict[str, Any]]
    districts: dict[str, list[tuple[str, int | None]]]
    kinds: dict[str, set[str]]
    signed: dict[str, tuple[str, str]]
    leads: dict[str, tuple[str, str]]


def _histories(
    session: Session, provenance: str, periods: Sequence[str]
) -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
    """Stage and light histories over `periods`, apart for signed months and for leads (rules §2.7)."""
    position = {period: i for i, period in enumerate(periods)}
    month, p = m.ProjectMonth, m.Project
    light_char = {light.value: char for light, char in LIGHT_CHAR.items()} | {NO_LIGHT: NO_LIGHT_CHAR}
    blank_stage, blank_light = [NO_STAGE_CHAR] * len(periods), [NO_LIGHT_CHAR] * len(periods)
    found: dict[bool, dict[str, tuple[list[str], list[str]]]] = {True: {}, False: {}}
    # Months that say the same come as one row: there are few of those, and many months.
    alike = (month.project_id, month.stage, month.light, month.signed)
    for project, stage, light, signed, named in session.execute(
        select(*alike, func.aggregate_strings(month.period, ","))
        .where(month.project_id.in_(select(p.id).where(p.provenance == provenance)), month.period.in_(periods))
        .group_by(*alike)
    ):
        stages, lights = found[bool(signed)].setdefault(project, (blank_stage.copy(), blank_light.copy()))
        stage_char, light_char_ = STAGE_CHAR[stage], light_char[light]
        for period in named.split(","):
            stages[position[period]] = stage_char
            lights[position[period]] = light_char_
    signed_, leads = (
        {project: ("".join(s), "".join(lights)) for project, (s, lights) in found[flag].items()}
        for flag in (True, False)
    )
    return signed_, leads


def project_rows(session: Session, dataset: Dataset) -> ProjectRows:
    """Everything the tiles need of a data set's projects; the period list is the catalogue's, as on the screens."""
    p = m.Project
    provenance = dataset.provenance
    rows = session.execute(
        select(p.id, p.name_zh, p.zone_code, p.total_investment_wan, p.position_is_schematic, p.lon, p.lat, p.footprint)
        .where(p.provenance == provenance)
        .order_by(p.id)
    ).all()
    nodes, chains = _chain_links(session, "project")
    kinds: dict[str, set[str]] = defaultdict(set)
    for project, kind in session.execute(select(m.ProjectKind.project_id, m.ProjectKind.kind)):
        kinds[project].add(kind)
    districts: dict[str, list[tuple[str, int | None]]] = defaultdict(list)
    part = m.ProjectDistrict
    for project, district, area in session.execute(
        select(part.project_id, part.district_code, part.area_m2).order_by(
            part.project_id, part.is_primary.desc(), part.area_m2.desc(), part.district_code
        )
    ):
        districts[project].append((district, area))
    attributes = {
        r.id: {
            "id": r.id,
            "n": r.name_zh,
            "z": r.zone_code,
            "ds": _listed(d for d, _area in districts[r.id]),
            "nd": _listed(nodes[r.id]),
            "ch": _listed(chains[r.id]),
            "k": _listed(kinds[r.id]),
            "inv": investment_class(r.total_investment_wan),
            "ps": int(r.position_is_schematic),
            "xb": int(bool(kinds[r.id] & _BADGE_KINDS)),
        }
        for r in rows
    }
    signed, leads = _histories(session, provenance, catalogue(session).periods[dataset])
    return ProjectRows(rows, attributes, districts, kinds, signed, leads)


_PROJECT_INTEGERS = ("inv", "ps", "xb", "pt", "xa", "fa")


def _project_frame(items: Sequence[tuple[dict[str, Any], BaseGeometry]]) -> gpd.GeoDataFrame:
    """Frame of (attributes, geometry); all items have the same keys."""
    keys = list(items[0][0]) if items else []
    columns = {key: [attributes[key] for attributes, _geometry in items] for key in keys}
    return _frame(columns, [g for _attributes, g in items], integers=[k for k in _PROJECT_INTEGERS if k in keys])


def _with_history(projects: ProjectRows, project: str, histories: dict[str, tuple[str, str]]) -> dict[str, Any]:
    stages, lights = histories[project]
    return projects.attributes[project] | {"sh": stages, "lh": lights}


def project_frame(projects: ProjectRows, histories: dict[str, tuple[str, str]]) -> gpd.GeoDataFrame:
    """``project`` points of one archive."""
    placed = [r for r in projects.rows if r.id in histories and r.lon is not None and r.lat is not None]
    return _project_frame([(_with_history(projects, r.id, histories), shapely.Point(r.lon, r.lat)) for r in placed])


def footprint_frame(session: Session, projects: ProjectRows) -> gpd.GeoDataFrame:
    """``footprint`` polygons: project attributes, and pt (part number), xa (1 = crosses districts), fd, fa (m² there).

    A footprint of kind A is cut along the district lines so that each part can have its own tone (rules §4.1).
    """
    unit = m.AdminUnit
    drawn = session.execute(select(unit.code, unit.geom).where(unit.kind == "statutory", unit.geom.is_not(None)))
    outlines = {row.code: row.geom for row in drawn}
    items: list[tuple[dict[str, Any], BaseGeometry]] = []
    for r in projects.rows:
        if r.footprint is None or r.id not in projects.signed:
            continue
        attributes = _with_history(projects, r.id, projects.signed)
        parts = projects.districts[r.id]
        if "A" not in projects.kinds[r.id]:
            district, area = parts[0] if parts else (None, None)
            items.append((attributes | {"pt": 0, "xa": 0, "fd": district, "fa": area}, r.footprint))
            continue
        for number, (district, area) in enumerate(parts):
            piece = shapely.intersection(r.footprint, outlines[district]) if district in outlines else r.footprint
            faces = [g for g in shapely.get_parts(piece) if g.geom_type == "Polygon"]
            if faces:
                cut = shapely.multipolygons(faces)
                items.append((attributes | {"pt": number, "xa": 1, "fd": district, "fa": area}, cut))
    return _project_frame(items)


def link_frame(session: Session, projects: ProjectRows) -> gpd.GeoDataFrame:
    """``link`` lines: pid, kind (hq_base | transfer) and the project's attributes (rules §4.1 kinds D and F).

    Headquarters (else the main site) to each other site; the first-contact zone's middle to the project.
    """
    site, place, zone = m.ProjectSite, m.ProjectPlace, m.Zone
    sites: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for project, role, lon, lat in session.execute(
        select(site.project_id, site.role, site.lon, site.lat).order_by(site.id)
    ):
        sites[project][role].append((lon, lat))
    middle = {
        code: geom.representative_point().coords[0] for code, geom in session.execute(select(zone.code, zone.geom))
    }
    first: dict[str, str] = {}
    for project, code in session.execute(
        select(place.project_id, place.zone_code)
        .where(place.role == "first_contact", place.zone_code.is_not(None))
        .order_by(place.id)
    ):
        first.setdefault(project, str(code))
    items: list[tuple[dict[str, Any], BaseGeometry]] = []
    for r in projects.rows:
        if r.id not in projects.signed:
            continue
        attributes = _with_history(projects, r.id, projects.signed) | {"pid": r.id}
        if "D" in projects.kinds[r.id]:
            roles = sites[r.id]
            origin = "hq" if roles["hq"] else "main"
            for start in roles[origin][:1]:
                for end in (e for role in ("main", "base", "rd") if role != origin for e in roles[role] if e != start):
                    items.append((attributes | {"kind": HQ_BASE}, arc(start, end)))
        came = first.get(r.id)
        if "F" in projects.kinds[r.id] and came in middle and came != r.zone_code and r.lon is not None:
            items.append((attributes | {"kind": TRANSFER}, arc(middle[came], (r.lon, r.lat))))
    return _project_frame(items)


# --- archives --------------------------------------------------------------------------------------------------------


def archive_frames(session: Session) -> list[tuple[str, Callable[[], Frames]]]:
    """Every archive by name with the function that reads it; the data sets never meet in one archive."""
    found: list[tuple[str, Callable[[], Frames]]] = [
        ("admin", lambda: admin_frames(session)),
        ("base", lambda: base_frames(session)),
        # Apart from what the map of the city draws, which need not fetch them.
        ("place", lambda: {"station": place_frame("rail", "metro", "tram")}),
    ]
    for dataset in Dataset:
        found += _dataset_archives(session, dataset)
    return found


def _dataset_archives(session: Session, dataset: Dataset) -> list[tuple[str, Callable[[], Frames]]]:
    provenance = dataset.provenance
    read: dict[str, Any] = {}

    def projects() -> ProjectRows:
        if "rows" not in read:
            read["rows"] = project_rows(session, dataset)
        rows: ProjectRows = read["rows"]
        return rows

    def land() -> Frames:
        # Apart from the rest: parcels are most of the bytes, and a map that does not show them need not fetch them.
        return {"parcel": parcel_frame(session, provenance)}

    def staff() -> Frames:
        return {
            "plot": plot_frame(session, provenance),
            **carrier_frames(session, provenance),
            "platform": platform_frame(session, provenance),
            "footprint": footprint_frame(session, projects()),
            "link": link_frame(session, projects()),
        }

    def signed() -> Frames:
        # Apart as well: a filter has the browser read their tiles again, and only theirs.
        return {"project": project_frame(projects(), projects().signed)}

    def leads() -> Frames:
        return {"project": project_frame(projects(), projects().leads)}

    def guest() -> Frames:
        plots = plot_frame(session, provenance)
        if len(plots):
            plots = plots.set_geometry(generalise(plots.geometry))
        frames = {
            "plot": plots,
            **carrier_frames(session, provenance),
            "platform": platform_frame(session, provenance),
        }
        if dataset is Dataset.PUBLISHED:  # the only projects a guest may see
            frames["project"] = project_frame(projects(), projects().signed)
        return frames

    readers = {"land": land, "staff": staff, "projects": signed, "leads": leads, "guest": guest}
    return [(f"{family}-{provenance}", read_frames) for family, read_frames in readers.items()]
