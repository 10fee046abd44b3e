"""What exists: schemes, zones, units, chains, KPI definitions and periods, read once per data version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import URL, ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from data import models as m
from data import reference
from data.db import READING, file_mark
from data.derive.common import cut_key
from data.indicators.places import there_since
from data.kept import kept
from domain.grouping import Ground
from domain.indicators import Indicator
from domain.landuse import DISPLAY_SCHEME
from domain.periods import Period
from domain.viewstate import Dataset, Grouping, Scope, ViewState, Vocabulary
from settings import get_settings

#: Layers a URL may switch on or off, in drawing order; each is a module of `layers` (layers/registry.py).
LAYER_IDS = (
    "district",
    "parcel",
    "transit",
    "station",
    "zone",
    "axis",
    "area",
    "plot",
    "carrier",
    "footprint",
    "project",
    "platform",
    "link",
)


@dataclass(frozen=True)
class Unit:
    """A statutory district or functional area. `rest_zh` and `rest_en` name what is left of a district without the
    functional areas on its ground (rules §2.1.3); "" where nothing is taken off."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    area_m2: int | None
    label: tuple[float, float] | None  # lon, lat of a point inside; None without geometry
    short_zh: str
    short_en: str
    rest_zh: str = ""
    rest_en: str = ""


@dataclass(frozen=True)
class Party:
    """A governing party of a zone."""

    unit: str
    role: str
    duties: tuple[str, ...]
    valid_from: str | None
    valid_to: str | None
    basis: str | None

    def governs_at(self, period: str) -> bool:
        """Whether the party governs, by itself or with others, at the end of the month; the last day is no more its own."""
        day = str(Period.parse(period).end)
        return (
            self.role in ("lead", "partner")
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or self.valid_to > day)
        )


@dataclass(frozen=True)
class AreaFact:
    """An entry of a zone's area history, km²."""

    km2: float
    as_of: str
    source: str
    note: str | None
    published: bool
    current: bool


@dataclass(frozen=True)
class ZoneInfo:
    """An element of a scheme with everything a header, card or label needs. Areas in m², positions lon/lat."""

    code: str
    scheme: str
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str
    alias_zh: str | None
    role: str
    zone_type: str | None
    order: int
    authority: str | None
    functional_area: str | None
    leading_chains: tuple[str, ...]
    areas: tuple[AreaFact, ...]
    geometry_area_m2: int | None
    is_schematic: bool
    geometry_source: str
    districts: tuple[tuple[str, int], ...]  # district code, m²; largest first
    parties: tuple[Party, ...]
    label: tuple[float, float]
    bounds: tuple[float, float, float, float]
    note: str | None

    @property
    def ground(self) -> Ground:
        """Whose ground it is."""
        return Ground(self.functional_area, self.authority, frozenset(code for code, _area in self.districts))

    @property
    def is_area(self) -> bool:
        """False for an axis, which is a line and takes no part in totals."""
        return self.role != "axis"

    @property
    def current_area(self) -> AreaFact | None:
        """The area in force among the history."""
        return next((a for a in self.areas if a.current), None)


@dataclass(frozen=True)
class SchemeInfo:
    """A zone scheme."""

    id: str
    name_zh: str
    name_en: str
    motto_zh: str
    motto_en: str
    area_crs: str
    boundary_source: str
    note: str | None
    zones: tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """A chain node."""

    id: str
    chain: str
    tier: str
    name_zh: str
    name_en: str
    criticality: int


@dataclass(frozen=True)
class ChainInfo:
    """A chain with its nodes in order."""

    code: str
    version: str
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str
    ecosystem: str
    lead_zones: tuple[str, ...]
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class LandUse:
    """A land-use class of one scheme."""

    scheme: str
    code: str
    name_zh: str
    level: int
    colour: str
    colour_wall: str
    is_construction: bool
    is_local: bool


@dataclass(frozen=True)
class Catalogue:
    """Everything a screen may name. Immutable; one per data version."""

    data_version: int
    cut_month: str
    schemes: Mapping[str, SchemeInfo]
    zones: Mapping[str, ZoneInfo]
    units: Mapping[str, Unit]
    chains: Mapping[str, ChainInfo]
    nodes: Mapping[str, Node]
    kpis: Mapping[str, Indicator]
    landuse: Mapping[tuple[str, str], LandUse]
    periods: Mapping[Dataset, tuple[str, ...]]
    #: Newest month of the records of each data set, by provenance.
    cuts: Mapping[str, str]
    #: Data sets that hold any record at all.
    filled: frozenset[Dataset]
    #: Data sets with figures or projects by month; those of the others are of no month, whatever `periods` names for them.
    monthly: frozenset[Dataset]
    #: (zone, district) pairs in which parcels lie, by provenance.
    land_places: Mapping[str, tuple[tuple[str, str | None], ...]]
    #: Data sets with parcels whose use nobody stated, or that are classed by another standard, by provenance.
    land_unclassed: frozenset[str]
    default_scheme: str

    def scheme_zones(self, scheme: str) -> tuple[ZoneInfo, ...]:
        """Area elements of a scheme in order (axes are lines and left out)."""
        return tuple(self.zones[c] for c in self.schemes[scheme].zones if self.zones[c].is_area)

    def colour_index(self, code: str) -> int:
        """Place of a zone among the areas of its scheme, which gives its colour everywhere; axes come after them."""
        elements = [self.zones[c] for c in self.schemes[self.zones[code].scheme].zones]
        ordered = [z.code for z in elements if z.is_area] + [z.code for z in elements if not z.is_area]
        return ordered.index(code)

    def vocabulary(self, dataset: Dataset, scheme: str = "") -> Vocabulary:
        """What a URL may name for one data set and scheme."""
        scheme = scheme if scheme in self.schemes else self.default_scheme
        return Vocabulary(
            schemes=tuple(self.schemes),
            zones=self.schemes[scheme].zones,
            units={by: self.units_of(by, scheme) for by in Grouping},
            chain_nodes={c.code: tuple(n.id for n in c.nodes) for c in self.chains.values()},
            periods=self.periods[dataset],
            kpis=tuple(self.kpis),
            layers=LAYER_IDS,
            default_scheme=self.default_scheme,
            monthly=dataset in self.monthly,
        )

    @cached_property
    def statutory(self) -> tuple[str, ...]:
        """Codes of the statutory districts."""
        return tuple(u.code for u in self.units.values() if u.kind == "statutory")

    @cached_property
    def grounds(self) -> Mapping[str, Mapping[str, Ground]]:
        """Whose ground the areas of each scheme are, by scheme and zone."""
        return {s: {z.code: z.ground for z in self.scheme_zones(s)} for s in self.schemes}

    def units_of(self, by: Grouping, scheme: str) -> tuple[str, ...]:
        """The units of a grouping (rules §4.2.1): districts; these and the functional areas that report for themselves;
        or the bodies that govern zones of the scheme, and the districts of the zones of which nobody is known to."""
        if by is Grouping.ADMIN:
            return self.statutory
        if by is Grouping.STAT:
            areas = {z.functional_area for z in self.zones.values() if z.functional_area}
            return (*sorted(areas), *self.statutory)
        zones = self.scheme_zones(scheme) if scheme in self.schemes else ()
        return tuple(sorted({u for z in zones for u in ((z.authority,) if z.authority else z.ground.hosts)}))

    def unit_name(self, code: str, by: Grouping) -> tuple[str, str]:
        """Names of a unit in Chinese and English as one of a grouping: under 统计单元 a district is what is left of it.

        A zone may be a party too, and an unknown code stands for itself.
        """
        if code in self.units:
            unit = self.units[code]
            rest = by is Grouping.STAT and unit.rest_zh
            return (unit.rest_zh, unit.rest_en) if rest else (unit.name_zh, unit.name_en)
        if code in self.zones:
            return self.zones[code].name_zh, self.zones[code].name_en
        return code, code

    def resolve(self, state: ViewState) -> Resolved:
        """Fill the blanks of a state: scheme, period and zones in force."""
        scheme = state.scheme if state.scheme in self.schemes else self.default_scheme
        periods = self.periods[state.dataset]
        period = state.period if state.period in periods else (periods[-1] if periods else self.cut_month)
        zones = tuple(z.code for z in self.scheme_zones(scheme))
        chosen = tuple(z for z in zones if z in state.zones) or zones
        grounds = self.grounds.get(scheme, {})
        return Resolved(scheme, state.dataset.provenance, period, zones, chosen, state.scope, state.grouping, grounds)

    def data_month(self, at: Resolved) -> str:
        """The month that undated records of the data set are of: what they say is so now, in whatever month it is read."""
        return self.cuts.get(at.provenance, at.period)


@dataclass(frozen=True)
class Resolved:
    """A state with nothing left open: `zones` of the scheme, `chosen` those selected (all when none is).

    `by` is the grouping in force, `grounds` whose ground the zones of the scheme are.
    """

    scheme: str
    provenance: str
    period: str
    zones: tuple[str, ...]
    chosen: tuple[str, ...]
    scope: Scope
    by: Grouping
    grounds: Mapping[str, Ground]


def platforms_at(session: Session, at: Resolved) -> ColumnElement[bool]:
    """Platforms that were there at the month, by the rule of K51."""
    return there_since(Period.parse(catalogue(session).data_month(at))) <= at.period


def data_version(session: Session) -> int:
    """Version of the data; raised by every change (0 before the first fill).

    A session for reading asks once: a page asks for the catalogue a hundred times, and stands on one version throughout. It
    does not ask at all while the database's file is as it was when one asked last.
    """
    if READING not in session.info:
        return _stored_version(session)
    kept: dict[str, int] = session.info[READING]
    if "version" not in kept:
        engine = session.get_bind().engine
        mark = file_mark(engine)  # before the version: what is written meanwhile then bears another one
        known = _VERSIONS.get(engine.url)
        if known is None or mark is None or known[0] != mark:
            known = _VERSIONS[engine.url] = mark, _stored_version(session)
        kept["version"] = known[1]
    return kept["version"]


#: What the file was like when one asked last, and the version it held, by database.
_VERSIONS: dict[URL, tuple[object, int]] = {}


def _stored_version(session: Session) -> int:
    value = session.scalar(select(m.Meta.value).where(m.Meta.key == "data_version"))
    return int(value) if value else 0


def catalogue(session: Session) -> Catalogue:
    """The catalogue of the session's database, cached per data version.

    Workers agree because the key holds the database and the version read from it, never a clock.
    """
    version = data_version(session)
    default_scheme = get_settings().scheme
    key = ("catalogue", str(session.get_bind().engine.url), version, default_scheme)
    return kept(key, lambda: _load(session, version, default_scheme))


@lru_cache(maxsize=4096)
def _label_point(wkb: bytes) -> tuple[float, float]:
    geom: BaseGeometry = shapely.from_wkb(wkb)
    if geom.geom_type.endswith("LineString"):
        point = geom.interpolate(0.5, normalized=True)
    else:
        parts = shapely.get_parts(geom)
        largest = max(parts, key=lambda g: g.area)
        point = shapely.maximum_inscribed_circle(largest).interpolate(0) if largest.area else largest.centroid
    return round(point.x, 6), round(point.y, 6)


def _short_of(chain: m.Chain) -> tuple[str, str]:
    """Short names of a chain; one that is not of the reference data has none."""
    listed = reference.chains().get(chain.code)
    return (listed.short_zh, listed.short_en) if listed else (chain.name_zh, chain.name_en)


def _iso(value: object) -> str | None:
    return str(value) if value is not None else None


def _filled(session: Session) -> frozenset[Dataset]:
    tables = (m.Project, m.LandParcel, m.Enterprise, m.CarrierBuilding, m.Plot, m.Platform, m.KpiValue)
    return frozenset(
        d for d in Dataset
        if any(session.scalar(select(exists().where(t.provenance == d.provenance))) for t in tables)
    )  # fmt: skip


def _own_months(session: Session, valued: tuple[str, ...]) -> tuple[str, ...]:
    """Months of the owner's data: those with values or with projects."""
    provenance = Dataset.OWN.provenance
    with_projects = session.scalars(
        select(m.ProjectMonth.period)
        .join(m.Project, m.Project.id == m.ProjectMonth.project_id)
        .where(m.Project.provenance == provenance)
        .distinct()
    )
    return tuple(sorted({*valued, *with_projects}))


def _load(session: Session, version: int, default_scheme: str) -> Catalogue:
    listed = {
        d.code: (d.short_zh, d.short_en, d.remainder_zh or "", d.remainder_en or "") for d in reference.districts()
    }
    units = {
        u.code: Unit(
            u.code,
            u.name_zh,
            u.name_en,
            u.kind,
            u.area_m2,
            _label_point(shapely.to_wkb(u.geom)) if u.geom else None,
            *listed.get(u.code, (u.name_zh, u.name_en)),
        )
        for u in session.scalars(select(m.AdminUnit).order_by(m.AdminUnit.kind.desc(), m.AdminUnit.code))
    }
    areas: dict[str, list[AreaFact]] = {}
    for a in session.scalars(select(m.ZoneArea).order_by(m.ZoneArea.id)):
        fact = AreaFact(a.km2, a.as_of, a.source, a.note, a.is_published, a.is_current)
        areas.setdefault(a.zone_code, []).append(fact)
    parties: dict[str, list[Party]] = {}
    for p in session.scalars(select(m.ZoneParty).order_by(m.ZoneParty.id)):
        party = Party(p.unit, p.role, tuple(p.duties), _iso(p.valid_from), _iso(p.valid_to), p.basis)
        parties.setdefault(p.zone_code, []).append(party)
    districts: dict[str, list[tuple[str, int]]] = {}
    for d in session.scalars(select(m.ZoneDistrict).order_by(m.ZoneDistrict.area_m2.desc())):
        districts.setdefault(d.zone_code, []).append((d.district_code, d.area_m2))
    zones = {
        z.code: ZoneInfo(
            code=z.code,
            scheme=z.scheme_id,
            name_zh=z.name_zh,
            name_en=z.name_en,
            short_zh=z.short_zh,
            short_en=z.short_en or z.name_en,
            alias_zh=z.alias_zh,
            role=z.role,
            zone_type=z.zone_type,
            order=z.order_no,
            authority=z.authority,
            functional_area=z.functional_area,
            leading_chains=tuple(z.leading_chains or ()),
            areas=tuple(areas.get(z.code, ())),
            geometry_area_m2=z.geometry_area_m2,
            is_schematic=z.is_schematic,
            geometry_source=z.geometry_source,
            districts=tuple(districts.get(z.code, ())),
            parties=tuple(parties.get(z.code, ())),
            label=_label_point(shapely.to_wkb(z.geom)),
            bounds=tuple(round(v, 6) for v in z.geom.bounds),
            note=z.note,
        )
        for z in session.scalars(select(m.Zone).order_by(m.Zone.scheme_id, m.Zone.order_no))
    }
    schemes = {
        s.id: SchemeInfo(
            s.id,
            s.name_zh,
            s.name_en,
            s.motto_zh,
            s.motto_en,
            s.area_crs,
            s.boundary_source,
            s.note,
            tuple(c for c, z in zones.items() if z.scheme == s.id),
        )
        for s in session.scalars(select(m.ZoneScheme).order_by(m.ZoneScheme.order_no, m.ZoneScheme.id))
    }
    nodes: dict[str, Node] = {}
    by_chain: dict[str, list[Node]] = {}
    for n in session.scalars(select(m.ChainNode).order_by(m.ChainNode.order_no, m.ChainNode.id)):
        node = Node(n.id, n.chain_code, n.tier, n.name_zh, n.name_en, n.criticality)
        nodes[n.id] = node
        by_chain.setdefault(n.chain_code, []).append(node)
    chains = {
        c.code: ChainInfo(
            c.code,
            c.version,
            c.name_zh,
            c.name_en,
            *_short_of(c),
            c.ecosystem,
            tuple(c.lead_zones),
            tuple(by_chain.get(c.code, ())),
        )
        for c in session.scalars(select(m.Chain).order_by(m.Chain.order_no, m.Chain.code))
    }
    in_use = set(session.scalars(select(m.KpiDefinition.id)))
    kpis = {code: indicator for code, indicator in reference.indicators().items() if code in in_use}
    landuse = {
        (c.scheme, c.code): LandUse(
            c.scheme, c.code, c.name_zh, c.level, c.colour, c.colour_wall, c.is_construction, c.is_local
        )
        for c in session.scalars(select(m.LandUseClass).order_by(m.LandUseClass.scheme, m.LandUseClass.code))
    }
    meta = {row.key: row.value for row in session.scalars(select(m.Meta))}
    cut = meta.get("cut_month", "")
    periods = {
        d: tuple(
            session.scalars(
                select(m.KpiValue.period)
                .where(m.KpiValue.provenance == d.provenance, m.KpiValue.period_type == "M")
                .distinct()
                .order_by(m.KpiValue.period)
            )
        )
        for d in Dataset
    }
    periods[Dataset.OWN] = _own_months(session, periods[Dataset.OWN])
    monthly = frozenset(d for d in (Dataset.DEMO, Dataset.OWN) if periods[d])
    periods[Dataset.PUBLISHED] = (cut,) if cut else ()
    if not periods[Dataset.OWN] and (own_cut := meta.get(f"cut_month_{Dataset.OWN.provenance}") or cut):
        periods[Dataset.OWN] = (own_cut,)  # so that there is a month to ask for
    places: dict[str, list[tuple[str, str | None]]] = {d.provenance: [] for d in Dataset}
    for provenance, zone, district in session.execute(
        select(m.LandParcel.provenance, m.LandParcel.zone_code, m.LandParcel.district_code)
        .where(m.LandParcel.zone_code.is_not(None))
        .distinct()
    ):
        places[provenance].append((str(zone), district))
    unclassed = frozenset(
        session.scalars(
            select(m.LandParcel.provenance)
            .where(or_(m.LandParcel.status_code.is_(None), m.LandParcel.landuse_scheme != DISPLAY_SCHEME))
            .distinct()
        )
    )
    land_places = {name: tuple(sorted(found, key=lambda p: (p[0], p[1] or ""))) for name, found in places.items()}
    scheme = default_scheme if default_scheme in schemes else next(iter(schemes), "")
    return Catalogue(
        version,
        cut,
        schemes,
        zones,
        units,
        chains,
        nodes,
        kpis,
        landuse,
        periods,
        {d.provenance: meta.get(cut_key(d.provenance), cut) for d in Dataset},
        _filled(session),
        monthly,
        land_places,
        unclassed,
        scheme,
    )
