"""What each address answers: ask the queries of the screens, and put their result into its shape."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from api import life_cycle, shapes
from api.asked import Asked, note
from api.problems import UnknownPark, UnknownProject
from data import models as m
from data.queries import gate
from data.queries.carriers import carrier_summary
from data.queries.catalogue import Catalogue, ZoneInfo
from data.queries.kpis import HEADLINE, Figure, figures
from data.queries.land import LandSummary, land_chain, land_summary
from data.queries.projects import SORTS, project_detail, project_ids, project_page, project_summary
from domain.cross_district import KIND_NAMES
from domain.filters import Facet
from domain.idle_land import LandChain
from domain.viewer import FieldClass

#: Facets a parcel or a carrier has (data/queries/filter_sql.py).
PLACE = frozenset({Facet.ZONE, Facet.DISTRICT})
_PROJECT_ID = re.compile(r"[\w.\-:]{1,64}")
#: Outlines are drawn to this tolerance for viewers without exact geometry: 50 m in degrees (rules §2.6.3).
_GENERAL_DEGREES = 50 / 111_320
_GRID_DEGREES = 1e-6  # 0.1 m: more digits would claim a precision that no outline here has


def share(part: int | None, total: int | None) -> float | None:
    """`part` of `total`; None where either is unknown or the total is 0."""
    return part / total if part is not None and total else None


# --- schemes and zones ------------------------------------------------------------------------------------------------


def schemes(asked: Asked) -> shapes.Schemes:
    """Every scheme with its elements by role."""
    known = asked.known
    items = []
    for scheme in known.schemes.values():
        elements: dict[str, list[str]] = {}
        for code in scheme.zones:
            elements.setdefault(known.zones[code].role, []).append(code)
        items.append(shapes.SchemeItem.of(scheme, is_default=scheme.id == known.default_scheme, elements=elements))
    return shapes.Schemes(meta=asked.meta(), schemes=items)


def _names(known: Catalogue, code: str) -> dict[str, str]:
    """Names of a unit by field; an unknown code stands for itself."""
    unit = known.units.get(code)
    return {"name_zh": unit.name_zh, "name_en": unit.name_en} if unit else {"name_zh": code, "name_en": code}


def zone_item(known: Catalogue, zone: ZoneInfo) -> shapes.ZoneItem:
    """An element of a scheme as it is sent."""
    total = sum(area for _, area in zone.districts)
    return shapes.ZoneItem.of(
        zone,
        districts=[
            shapes.DistrictShare(code=code, area_m2=area, share=share(area, total), **_names(known, code))
            for code, area in zone.districts
        ],
        parties=[shapes.GoverningParty.of(party, **_names(known, party.unit)) for party in zone.parties],
    )


def _chosen_zones(asked: Asked) -> list[ZoneInfo]:
    codes = asked.known.schemes[asked.at.scheme].zones
    return [asked.known.zones[c] for c in codes if not asked.state.zones or c in asked.state.zones]


def zones(asked: Asked) -> shapes.Zones:
    """Elements of the scheme with area history, parties and districts."""
    return shapes.Zones(meta=asked.meta(), zones=[zone_item(asked.known, z) for z in _chosen_zones(asked)])


def _geometry(geometry: BaseGeometry) -> shapes.Geometry:
    """GeoJSON of a geometry: six decimals, exterior rings counter-clockwise (RFC 7946)."""
    ordered = shapely.orient_polygons(shapely.set_precision(geometry, _GRID_DEGREES))
    return shapes.Geometry(**json.loads(shapely.to_geojson(ordered)))


def zone_features(asked: Asked) -> shapes.FeatureCollection[shapes.ZoneItem]:
    """The same as GeoJSON; generalised to 50 m for viewers without exact geometry."""
    chosen = _chosen_zones(asked)
    stored = select(m.Zone.code, m.Zone.geom).where(m.Zone.code.in_([z.code for z in chosen]))
    outlines: dict[str, BaseGeometry] = {row.code: row.geom for row in asked.session.execute(stored)}
    if not asked.viewer.may(FieldClass.EXACT_GEOMETRY):
        outlines = {code: shapely.simplify(outline, _GENERAL_DEGREES) for code, outline in outlines.items()}
    features = [
        shapes.Feature[shapes.ZoneItem](
            type="Feature", id=z.code, geometry=_geometry(outlines[z.code]), properties=zone_item(asked.known, z)
        )
        for z in chosen
    ]
    return shapes.FeatureCollection[shapes.ZoneItem](
        type="FeatureCollection",
        features=features,
        numberMatched=len(features),
        numberReturned=len(features),
        meta=asked.meta(),
    )


# --- projects ---------------------------------------------------------------------------------------------------------


def _project_notes(asked: Asked) -> list[shapes.Note]:
    if not gate.may_see_projects(asked.viewer, asked.at.provenance):
        return [note("withheld")]
    notes = []
    if not asked.viewer.may(FieldClass.LEADS) and asked.at.provenance != "published":
        notes.append(note("leads_hidden"))
    return notes


def projects(asked: Asked, *, page: int, limit: int, sort: str, order: str) -> shapes.Projects:
    """One page of the selected projects and the ids of all of them (rules §5.4)."""
    ids = project_ids(asked)
    found = project_page(asked, sort=sort, descending=order == "desc", offset=(page - 1) * limit, limit=limit)
    return shapes.Projects(
        meta=asked.meta(*_project_notes(asked)),
        total=found.total,
        page=page,
        pages=-(-found.total // limit),
        limit=limit,
        sort=sort,
        order="desc" if order == "desc" else "asc",
        ids=ids,
        projects=[shapes.ProjectRow(**row) for row in found.rows],
    )


def project_features(
    asked: Asked, *, page: int, limit: int, sort: str, order: str
) -> shapes.FeatureCollection[shapes.ProjectRow]:
    """The same page as GeoJSON points; a project without a known position has no geometry."""
    answer = projects(asked, page=page, limit=limit, sort=sort, order=order)
    return shapes.FeatureCollection[shapes.ProjectRow](
        type="FeatureCollection",
        features=[
            shapes.Feature[shapes.ProjectRow](
                type="Feature",
                id=row.id,
                geometry=None
                if row.lon is None or row.lat is None
                else shapes.Geometry(type="Point", coordinates=[round(row.lon, 6), round(row.lat, 6)]),
                properties=row,
            )
            for row in answer.projects
        ],
        numberMatched=answer.total,
        numberReturned=len(answer.projects),
        meta=answer.meta,
    )


def project(asked: Asked, *, project_id: str) -> shapes.ProjectAnswer:
    """One project; of the query only data set, scheme and month count. Raises UnknownProject."""
    detail = project_detail(asked, project_id) if _PROJECT_ID.fullmatch(project_id) else None
    if detail is None:
        raise UnknownProject(project_id, asked.state.dataset.value, asked.at.period)
    districts = [
        shapes.ProjectDistrict(
            code=code,
            area_m2=area,
            share=share(area, detail.footprint_m2),
            is_primary=primary,
            **_names(asked.known, code),
        )
        for code, area, primary in detail.districts
    ]
    return shapes.ProjectAnswer.of(
        detail,
        meta=asked.meta(),
        project=shapes.ProjectRow(**detail.row),
        districts=districts,
        kinds=[shapes.CrossDistrictKind(kind=k, name_zh=KIND_NAMES[k], details=d) for k, d in detail.kinds],
        milestones=[life_cycle.milestone(asked, s) for s in detail.milestones],
        light_rules=life_cycle.light_rules(asked, project_id),
        readiness=life_cycle.readiness(asked, project_id),
        stage_check=life_cycle.stage_finding(asked, project_id),
    )


# --- figures ----------------------------------------------------------------------------------------------------------


def figure_item(figure: Figure) -> shapes.FigureItem:
    """A figure as it is sent."""
    return shapes.FigureItem.of(
        figure,
        figure.kpi,
        owner=figure.kpi.data_owner,
        not_followed=figure.missed,
        series=[shapes.SeriesPoint(period=period, value=value) for period, value in figure.spark[-24:]],
    )


def _figures(asked: Asked, kpi_ids: Sequence[str], park: str | None = None) -> list[shapes.FigureItem]:
    """Figures of the chosen zones, or of one; none at all where totals are withheld."""
    if not gate.may_see_totals(asked.viewer, asked.at.provenance):
        return []
    found = figures(asked, kpi_ids, zones=[park] if park else None)
    return [figure_item(f) for f in found.values()]


def park_kpis(asked: Asked, *, code: str) -> shapes.ParkFigures:
    """All KPIs of the dictionary for one park of any scheme. Raises UnknownPark."""
    zone = asked.known.zones.get(code)
    if zone is None or not zone.is_area:
        raise UnknownPark(code)
    own = asked.for_zone(zone)
    notes = [] if gate.may_see_totals(own.viewer, own.at.provenance) else [note("withheld")]
    return shapes.ParkFigures(
        meta=own.meta(*notes),
        park=zone_item(own.known, zone),
        kpis=_figures(own, tuple(own.known.kpis), code),
    )


def _project_counts(asked: Asked) -> shapes.ProjectCounts | None:
    if not gate.may_see_projects(asked.viewer, asked.at.provenance):
        return None
    counts = project_summary(asked)
    money = {"total_investment_wan": counts.total_investment_wan}
    return shapes.ProjectCounts.of(
        counts,
        groups={**dict.fromkeys(counts.hidden), **counts.groups},
        cross_district=counts.badge,
        **gate.strip(asked.viewer, money, asked.at.provenance),
    )


def _land_mix(land: LandSummary) -> shapes.LandMix | None:
    if land.withheld:
        return None
    return shapes.LandMix.of(
        land, classes=[shapes.LandUseItem.of(s, share=share(s.area_m2, land.zone_area_m2)) for s in land.shares]
    )


def _carrier_totals(asked: Asked) -> shapes.CarrierTotals:
    """Totals of the carriers; without units (published data) nothing is known about vacancy, so nothing is said."""
    c = carrier_summary(asked)
    unknown = {} if c.units else dict.fromkeys(("delivered_m2", "vacant_m2", "taken_m2", "marketed_m2"))
    return shapes.CarrierTotals.of(
        c,
        vacancy=share(c.vacant_m2, c.delivered_m2) if c.units else None,
        take_up=share(c.taken_m2, c.marketed_m2) if c.units else None,
        **unknown,
    )


def as_is(asked: Asked) -> list[shapes.Note]:
    """A note where the month is not that of the undated records, which are shown as they are now."""
    today = asked.data_month
    return [note("as_is", (today,))] if today != asked.at.period else []


def summary(asked: Asked) -> shapes.Summary:
    """Projects, headline figures, land mix and carriers of the chosen zones: the front page."""
    notes = _project_notes(asked)
    counts = _project_counts(asked)
    if counts is not None and counts.without_zone:
        notes.append(note("without_zone"))
    beyond = {c.facet.value for c in asked.filter.clauses if c.facet not in PLACE}
    if beyond:
        notes.append(note("land_not_filterable", beyond))
    notes += as_is(asked)
    return shapes.Summary(
        meta=asked.meta(*notes),
        projects=counts,
        figures=_figures(asked, HEADLINE),
        land=_land_mix(land_summary(asked)),
        carriers=_carrier_totals(asked),
    )


def parcels(asked: Asked) -> shapes.Parcels:
    """Land-use mix of the chosen zones, of each, and how far the land has come."""
    mix = _land_mix(land_summary(asked))
    chain = land_chain(asked)
    each = []
    for code in asked.at.chosen:
        land = _land_mix(land_summary(asked, zones=[code]))
        if land is not None:
            each.append(shapes.ZoneLand(zone_code=code, land=land))
    return shapes.Parcels(
        meta=asked.meta(*([note("withheld")] if mix is None else as_is(asked))),
        land=mix,
        chain=None if chain is None else land_chain_item(chain),
        zones=each,
    )


def land_chain_item(chain: LandChain) -> shapes.LandChainItem:
    """How far land has come as it is sent."""
    return shapes.LandChainItem.of(
        chain, development_rate=chain.development, supply_rate=chain.supply, completion_rate=chain.completion
    )


SORT_NAMES = tuple(SORTS)
