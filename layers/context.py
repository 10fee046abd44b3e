"""What the map draws besides the state: names, label points, periods, palette and where the tiles are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from data.queries.catalogue import LandUse
from data.queries.projects import ProjectSummary
from data.queries.question import Question
from domain.filters import Filter
from domain.landuse import land_key as land_key
from i18n import pick

Page = Literal["wall", "park"]
Bounds = tuple[float, float, float, float]

#: Land-use scheme whose bare codes the tiles carry; a code of any other scheme is prefixed with it (rules §2.2).
#: Chengdu, for a database without district geometry.
_CITY: Bounds = (102.9, 30.0, 104.95, 31.5)


@dataclass(frozen=True)
class MapZone:
    """An element of the scheme on screen. `value` and `unit` are the figure on its label, "" when there is none; `lights`
    counts its projects by light, `projects` all of them."""

    code: str
    name: str
    short: str
    role: str
    colour_index: int
    label: tuple[float, float]
    bounds: Bounds
    co_governed: bool
    value: str = ""
    unit: str = ""
    lights: Mapping[str, int] = field(default_factory=dict)
    projects: int = 0


@dataclass(frozen=True)
class MapDistrict:
    """A statutory district's names and label point (lon, lat)."""

    code: str
    name: str
    short: str
    label: tuple[float, float]


@dataclass(frozen=True)
class MapArea:
    """A unit that counts the whole of a zone in the grouping on screen, with a point on the edge of that zone."""

    code: str
    zone: str
    name: str
    label: tuple[float, float]


@dataclass(frozen=True)
class MapContext:
    """Everything `map_spec` needs that is neither state, viewer nor theme. Immutable; filled from queries.

    `tile_url` is a template with ``{version}``, ``{archive}`` and MapLibre's own ``{z}/{x}/{y}``; `tiles_version` is the
    data version whose tiles are shown. `land_classes` are
    the classes with a colour, `land_codes` those that occur (they make the legend; empty: first-level classes).
    `land_places` are the (zone, district) pairs of the scheme in which parcels lie; `land_unclassed` says that the data
    set has parcels without a use. `filter` is what the state selects, `areas` are the zones that one unit counts whole.
    `singled` are the ids of the projects that stand alone on the map of the whole city.
    `marked` are the ids of the records that the selected group holds, by kind (data.queries.groups.marked); `place` is
    where the selected record stands: lon, lat, zoom.
    """

    page: Page
    tiles_version: int
    tile_url: str
    scheme: str
    scheme_name: str
    period: str
    periods: tuple[str, ...]
    zones: tuple[MapZone, ...]
    districts: tuple[MapDistrict, ...]
    land_classes: tuple[LandUse, ...]
    land_codes: frozenset[str]
    land_places: tuple[tuple[str, str | None], ...]
    land_unclassed: bool
    map_review_no: str
    max_bounds: Bounds
    filter: Filter
    singled: tuple[str, ...] = ()
    marked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    areas: tuple[MapArea, ...] = ()
    place: tuple[float, float, float] | None = None

    @property
    def period_index(self) -> int:
        """Position of the month in the history attributes."""
        return self.periods.index(self.period) if self.period in self.periods else len(self.periods)

    @property
    def bounds(self) -> Bounds:
        """Box round all elements of the scheme."""
        boxes = [z.bounds for z in self.zones] or [self.max_bounds]
        west, south, east, north = zip(*boxes, strict=True)
        return min(west), min(south), max(east), max(north)

    def zone(self, code: str) -> MapZone | None:
        """The element with `code`, None when the scheme has none."""
        return next((z for z in self.zones if z.code == code), None)


def make_context(
    question: Question,
    *,
    page: Page,
    tile_url: str,
    tiles_version: int | None = None,
    values: Mapping[str, tuple[str, str]] | None = None,
    summary: ProjectSummary | None = None,
    singled: tuple[str, ...] = (),
    land_codes: Collection[str] = (),
    map_review_no: str = "",
    max_bounds: Bounds | None = None,
    marked: Mapping[str, tuple[str, ...]] | None = None,
    place: tuple[float, float, float] | None = None,
) -> MapContext:
    """Context of the state of a question, with names in the request's language.

    `tiles_version` is the data version whose tiles are shown (None: that of the data), `values` maps zone code to
    (figure, unit) of its label; `summary` counts its projects.
    """
    at, catalogue, state = question.at, question.known, question.state
    figures = values or {}
    zones = []
    for code in catalogue.schemes[at.scheme].zones if at.scheme in catalogue.schemes else ():
        zone = catalogue.zones[code]
        value, unit = figures.get(code, ("", ""))
        governing = {p.unit for p in zone.parties if p.governs_at(at.period)}
        zones.append(
            MapZone(
                code=code,
                name=pick(zone.name_zh, zone.name_en),
                short=pick(zone.short_zh, zone.short_en),
                role=zone.role,
                colour_index=catalogue.colour_index(code),
                label=zone.label,
                bounds=zone.bounds,
                co_governed=len(governing) > 1,
                value=value,
                unit=unit,
                lights=summary.zone_lights.get(code, {}) if summary else {},
                projects=summary.zones.get(code, 0) if summary else 0,
            )
        )
    box = max_bounds or _round_city([z.bounds for z in zones])
    districts = tuple(
        MapDistrict(u.code, pick(u.name_zh, u.name_en), pick(u.short_zh, u.short_en), u.label)
        for u in catalogue.units.values()
        if u.kind == "statutory" and u.label and _inside(u.label, box)
    )
    areas = []
    for code, ground in at.grounds.items():
        owner = ground.owner(at.by)
        if owner is not None:
            west, south, east, _north = catalogue.zones[code].bounds
            named = catalogue.units.get(owner) or catalogue.zones.get(owner)
            name = pick(named.short_zh, named.short_en) if named else owner
            areas.append(MapArea(owner, code, name, (round((west + east) / 2, 6), south)))
    scheme = catalogue.schemes.get(at.scheme)
    return MapContext(
        page=page,
        tiles_version=catalogue.data_version if tiles_version is None else tiles_version,
        tile_url=tile_url,
        scheme=at.scheme,
        scheme_name=pick(scheme.name_zh, scheme.name_en) if scheme else "",
        period=at.period,
        periods=catalogue.periods[state.dataset],
        zones=tuple(zones),
        districts=districts,
        land_classes=tuple(catalogue.landuse.values()),
        land_codes=frozenset(land_codes),
        land_places=tuple(p for p in catalogue.land_places[state.dataset.provenance] if p[0] in at.zones),
        land_unclassed=state.dataset.provenance in catalogue.land_unclassed,
        map_review_no=map_review_no,
        max_bounds=box,
        marked=marked or {},
        filter=question.filter,
        singled=singled,
        areas=tuple(areas),
        place=place,
    )


def _inside(point: tuple[float, float], box: Bounds) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _round_city(boxes: Sequence[Bounds]) -> Bounds:
    """The box the camera may not leave: Chengdu, or for a scheme elsewhere its elements with half a degree round them."""
    if not boxes:
        return _CITY
    west, south, east, north = (f(side) for f, side in zip((min, min, max, max), zip(*boxes, strict=True), strict=True))
    if west >= _CITY[0] and south >= _CITY[1] and east <= _CITY[2] and north <= _CITY[3]:
        return _CITY
    return west - 0.5, south - 0.5, east + 0.5, north + 0.5
