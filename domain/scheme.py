"""Zone schemes: "n cores and m zones" as data (rules §1.1, §2.1, §4.3).

A scheme says which elements exist, who governs them and which facts are published about them. It knows no geometry
engine and no file format: `data.reference.schemes` reads schemes from YAML, `data.outlines` turns them into shapes.

Dates are ISO strings of the precision that is known ("2016", "2016-03", "2016-03-14"); a validity runs from the first
day of `valid_from` (included) to the first day of `valid_to` (excluded). None leaves that end open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import combinations

ROLES = ("core", "zone", "axis", "special", "park")
ZONE_TYPES = ("core", "manufacturing", "service", "co_built_bio")
PARTY_ROLES = ("lead", "partner", "host")
METRIC_CLASSES = ("direct", "nondirect", "fiscal")
GEOMETRY_KINDS = ("polygon", "line")
EDGE_KINDS = ("road", "river")
COMPASS = ("north", "east", "south", "west")

_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,31}")


def first_day(text: str) -> date:
    """First day of "2016", "2016-03" or "2016-03-14". Raises ValueError for anything else."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date: write 2016, 2016-03 or 2016-03-14")
    year, month, day = (int(part) if part else 1 for part in match.groups())
    return date(year, month, day)


def _one_of(value: str, allowed: Iterable[str], what: str) -> None:
    allowed = tuple(allowed)
    if value not in allowed:
        raise ValueError(f"unknown {what} {value!r}: use one of {', '.join(allowed)}")


def _holds_on(valid_from: str | None, valid_to: str | None, day: date) -> bool:
    return (valid_from is None or first_day(valid_from) <= day) and (valid_to is None or day < first_day(valid_to))


def _check_period(valid_from: str | None, valid_to: str | None, what: str) -> None:
    start = first_day(valid_from) if valid_from else None
    end = first_day(valid_to) if valid_to else None
    if start and end and start >= end:
        raise ValueError(f"{what}: valid_from {valid_from} is not before valid_to {valid_to}")


def _overlap(a: Party | ShareAgreement, b: Party | ShareAgreement) -> bool:
    def span(item: Party | ShareAgreement) -> tuple[date, date]:
        start = first_day(item.valid_from) if item.valid_from else date.min
        return start, first_day(item.valid_to) if item.valid_to else date.max

    (a_from, a_to), (b_from, b_to) = span(a), span(b)
    return a_from < b_to and b_from < a_to


def _check_shares(shares: Mapping[str, Fraction], what: str) -> None:
    if not shares:
        raise ValueError(f"{what}: no shares given")
    negative = [unit for unit, share in shares.items() if share < 0]
    if negative:
        raise ValueError(f"{what}: the share of {', '.join(negative)} is negative")
    total = sum(shares.values(), Fraction(0))
    if total != 1:
        raise ValueError(f"{what}: the shares sum to {total}, not to 1")


@dataclass(frozen=True)
class AreaFact:
    """One stated area in km² with its date and source. `published` is False for a figure derived from others."""

    km2: float
    as_of: str
    source: str
    note: str = ""
    published: bool = True
    current: bool = False

    def __post_init__(self) -> None:
        if not self.km2 > 0:
            raise ValueError(f"an area must be above 0 km2, got {self.km2}")
        first_day(self.as_of)
        if not self.source:
            raise ValueError(f"the area {self.km2} km2 has no source")


@dataclass(frozen=True)
class Party:
    """A unit that leads, partners or hosts an element, with its duties in Chinese and the basis for it."""

    unit: str
    role: str
    duties: tuple[str, ...] = ()
    valid_from: str | None = None
    valid_to: str | None = None
    basis: str = ""
    name_zh: str | None = None
    name_en: str | None = None

    def __post_init__(self) -> None:
        _one_of(self.role, PARTY_ROLES, f"role of party {self.unit}")
        _check_period(self.valid_from, self.valid_to, f"party {self.unit}")

    def holds_on(self, day: date) -> bool:
        """Whether the unit has this role on `day`."""
        return _holds_on(self.valid_from, self.valid_to, day)


@dataclass(frozen=True)
class ShareAgreement:
    """How one class of metrics is split between units (rules §4.3.2).

    `metric_class`: direct (直报), nondirect (非直报) or fiscal (财政). `shares` maps unit code to an exact fraction.
    `illustrative` marks a ratio that is not published and only shows how sharing works. `retention` means that revenue
    stays in the park's budget: nothing is paid out while the agreement holds (rules §4.4.2).
    """

    metric_class: str
    shares: Mapping[str, Fraction]
    valid_from: str | None
    valid_to: str | None
    basis_doc: str
    illustrative: bool
    retention: bool = False

    def __post_init__(self) -> None:
        _one_of(self.metric_class, METRIC_CLASSES, "metric class")
        what = f"agreement on {self.metric_class} figures"
        _check_shares(self.shares, what)
        _check_period(self.valid_from, self.valid_to, what)
        if self.retention and self.metric_class != "fiscal":
            raise ValueError(f"{what}: retention applies to fiscal figures only")

    def holds_on(self, day: date) -> bool:
        """Whether the agreement applies on `day`."""
        return _holds_on(self.valid_from, self.valid_to, day)


@dataclass(frozen=True)
class Anchor:
    """A located fact inside or beside an element, lon/lat WGS 84."""

    name_zh: str
    lon: float
    lat: float
    source: str


@dataclass(frozen=True)
class GeometrySpec:
    """Where an element lies: a sketch (lon/lat points) or an owner-supplied `file`, never both.

    `hosts` maps each statutory district the element may lie in to its area in km², None where only the total is known.
    `edges` names sides that follow a road or a river ("east": "river"), so that a sketch gets a likely outline.
    `file` is a GeoJSON or GeoPackage beside the scheme; `layer` and `where` (column -> value) pick the feature.
    """

    kind: str
    sketch: tuple[tuple[float, float], ...] = ()
    hosts: Mapping[str, float | None] = field(default_factory=dict)
    edges: Mapping[str, str] = field(default_factory=dict)
    file: str | None = None
    layer: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _one_of(self.kind, GEOMETRY_KINDS, "geometry kind")
        if bool(self.sketch) == bool(self.file):
            raise ValueError("a geometry needs either a sketch or a file")
        need = 2 if self.kind == "line" else 3
        if self.sketch and len(self.sketch) < need:
            raise ValueError(f"a {self.kind} sketch needs at least {need} points, got {len(self.sketch)}")
        for lon, lat in self.sketch:
            if not (-180 <= lon <= 180 and -90 <= lat <= 90):
                raise ValueError(f"the sketch point ({lon}, {lat}) is not longitude, latitude")
        for side, edge in self.edges.items():
            _one_of(side, COMPASS, "side")
            _one_of(edge, EDGE_KINDS, "edge kind")
        for district, km2 in self.hosts.items():
            if km2 is not None and not km2 > 0:
                raise ValueError(f"the area in host district {district} must be above 0 km2, got {km2}")

    @property
    def schematic(self) -> bool:
        """True for a sketch: it must be drawn with the mark 示意 (rules §2.6.1)."""
        return self.file is None


@dataclass(frozen=True)
class DistrictFile:
    """Where the districts come from when they are not those of a Chinese city: a layer of a file beside the scheme.

    `code`, `name_zh` and `name_en` are its columns; a code must not be one that another scheme or city uses.
    """

    file: str
    layer: str | None = None
    code: str = "code"
    name_zh: str = "name_zh"
    name_en: str = "name_en"
    source: str = ""


@dataclass(frozen=True)
class Element:
    """One core, zone, axis, special area or park of a scheme. `authority` is the unit that runs it, None when not known."""

    code: str
    name_zh: str
    name_en: str
    short_zh: str
    role: str
    order: int
    geometry: GeometrySpec
    authority: str | None
    alias_zh: tuple[str, ...] = ()
    zone_type: str | None = None
    functional_area: str | None = None
    leading_chains: tuple[str, ...] = ()
    parties: tuple[Party, ...] = ()
    agreements: tuple[ShareAgreement, ...] = ()
    areas: tuple[AreaFact, ...] = ()
    statutory_note: str = ""
    boundary_note: str = ""
    anchors: tuple[Anchor, ...] = ()
    short_en: str = ""

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise ValueError(f"element code {self.code!r}: use a letter, then letters, digits or hyphens")
        _one_of(self.role, ROLES, f"role of element {self.code}")
        if self.zone_type is not None:
            _one_of(self.zone_type, ZONE_TYPES, f"zone type of element {self.code}")
        if self.role == "axis" and self.geometry.kind != "line":
            raise ValueError(f"axis {self.code} is not a line: an axis needs a line geometry")
        if self.role != "axis" and self.geometry.kind == "line":
            raise ValueError(f"{self.role} {self.code} is a line: only an axis may be one")
        if self.role == "axis" and self.areas:
            raise ValueError(f"axis {self.code} has an area: a line has none")
        if self.areas and sum(fact.current for fact in self.areas) != 1:
            raise ValueError(f"element {self.code}: mark exactly one area as current")
        self._check_host_sum()
        self._check_overlaps()

    def _check_host_sum(self) -> None:
        parts = list(self.geometry.hosts.values())
        known = [part for part in parts if part is not None]
        area = self.current_area
        if area is None or not known:
            return
        if len(known) == len(parts) and abs(sum(known) - area.km2) > 0.005 * area.km2:
            raise ValueError(
                f"element {self.code}: its host districts sum to {sum(known):g} km2, its area is {area.km2:g} km2"
            )
        if sum(known) > area.km2 * 1.005:
            raise ValueError(f"element {self.code}: a host district holds more than the whole {area.km2:g} km2")

    def _check_overlaps(self) -> None:
        for one, other in combinations(self.agreements, 2):
            if one.metric_class == other.metric_class and _overlap(one, other):
                raise ValueError(f"element {self.code}: two agreements on {one.metric_class} figures overlap in time")
        for a, b in combinations(self.parties, 2):
            if (a.unit, a.role) == (b.unit, b.role) and _overlap(a, b):
                raise ValueError(f"element {self.code}: party {a.unit} as {a.role} is listed twice for one time")

    @property
    def current_area(self) -> AreaFact | None:
        """The area fact in force, or None when no area is stated."""
        return next((fact for fact in self.areas if fact.current), None)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Codes of the statutory districts the element lies in."""
        return tuple(self.geometry.hosts)

    def agreement(self, metric_class: str, day: date) -> ShareAgreement | None:
        """The agreement for a metric class on `day`, or None: then the territorial rule applies (rules §4.3)."""
        _one_of(metric_class, METRIC_CLASSES, "metric class")
        return next((a for a in self.agreements if a.metric_class == metric_class and a.holds_on(day)), None)


@dataclass(frozen=True)
class Scheme:
    """A zone scheme. Its districts are those of a Chinese city (`city_prefix`, part of an adcode: "5101" Chengdu) or come
    from a file of their own (`districts`), one of the two.
    """

    id: str
    name_zh: str
    name_en: str
    area_crs: str
    boundary_source: str
    city_prefix: str
    elements: tuple[Element, ...]
    short_zh: str = ""
    note: str = ""
    default: bool = False
    districts: DistrictFile | None = None

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.id):
            raise ValueError(f"scheme id {self.id!r}: use a letter, then letters, digits or hyphens")
        if bool(self.city_prefix) == (self.districts is not None):
            raise ValueError(f"scheme {self.id}: give either city_prefix or districts, one says where it lies")
        if self.city_prefix and not (self.city_prefix.isdigit() and 2 <= len(self.city_prefix) <= 6):
            raise ValueError(f"scheme {self.id}: city_prefix {self.city_prefix!r} is not 2 to 6 digits of an adcode")
        if not re.fullmatch(r"EPSG:\d{4,6}", self.area_crs):
            raise ValueError(f"scheme {self.id}: area_crs {self.area_crs!r} is not like EPSG:4544")
        if not self.elements:
            raise ValueError(f"scheme {self.id} has no elements")
        seen: set[str] = set()
        for element in self.elements:
            if element.code in seen:
                raise ValueError(f"scheme {self.id}: element code {element.code} is used twice")
            seen.add(element.code)

    @property
    def ordered(self) -> tuple[Element, ...]:
        """Elements in the order every list, chart and legend uses."""
        return tuple(sorted(self.elements, key=lambda element: (element.order, element.code)))

    @property
    def polygons(self) -> tuple[Element, ...]:
        """Elements that have an area, in order: everything but the axes."""
        return tuple(element for element in self.ordered if element.role != "axis")

    @property
    def codes(self) -> tuple[str, ...]:
        """Element codes in order."""
        return tuple(element.code for element in self.ordered)

    def element(self, code: str) -> Element:
        """The element with this code. Raises KeyError with the known codes."""
        for element in self.elements:
            if element.code == code:
                return element
        raise KeyError(f"scheme {self.id} has no element {code!r}; it has {', '.join(self.codes)}")


#: With more zones than this the labels have a letter to fall back on, which is also on the cards.
_MOST_NAMED = 9


def zone_letters(codes: Sequence[str]) -> dict[str, str]:
    """What stands for a zone on a map too full for its name: A, B, …, from the 27th on its number."""
    if len(codes) <= _MOST_NAMED:
        return {}
    return {code: chr(ord("A") + i) if i < 26 else str(i + 1) for i, code in enumerate(codes)}
