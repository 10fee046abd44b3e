"""Kinds A–G of cross-district projects and the badge (rules §4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from domain.attribution import merge_slivers

KIND_NAMES: dict[str, str] = {
    "A": "跨界落地",
    "B": "共建园区",
    "C": "四地分离",
    "D": "总部+基地",
    "E": "飞地",
    "F": "流转",
    "G": "代管错位",
}
#: G holds for every project in the five zones, so it never raises the badge alone.
BADGE_KINDS = frozenset("ABCDEF")

#: The four places compared by kind C: 注册地, 生产经营地, 税收入库地, 统计归属地.
FOUR_PLACES = ("registration", "production", "tax", "statistics")


@dataclass(frozen=True, slots=True)
class Site:
    """One site of a project or company group. `district` is a GB/T 2260 code, `zone` a zone code or None."""

    district: str
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class StatUnitChange:
    """The statistics unit of a project changed from one unit to another on a date."""

    changed_on: date
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ProjectPlaces:
    """Everything about a project that the kinds are judged from, as of one date. None = not known.

    footprint_m2: integer m² per statutory district, measured in EPSG:4544; `datum_known` False keeps it out.
    zone_parties: units party to the zone's co-building on that date.
    places: unit per role; the four roles of `FOUR_PLACES` must use one code space, others are ignored.
    site_units, managing_territory: where the project stands and what the managing unit governs by law, in
    one code space (functional-area code where the ground belongs to one, else district code).
    statutory_district, functional_area: who hosts the ground and which functional area manages it.
    """

    footprint_m2: Mapping[str, int] = field(default_factory=dict)
    datum_known: bool = True
    zone_parties: frozenset[str] = frozenset()
    places: Mapping[str, str] = field(default_factory=dict)
    sites: tuple[Site, ...] = ()
    managing_unit: str | None = None
    managing_territory: frozenset[str] = frozenset()
    site_units: frozenset[str] = frozenset()
    first_contact_zone: str | None = None
    landing_zone: str | None = None
    signed_on: date | None = None
    stat_unit_changes: tuple[StatUnitChange, ...] = ()
    statutory_district: str | None = None
    functional_area: str | None = None


@dataclass(frozen=True, slots=True)
class CrossDistrict:
    """Kinds of one project. `undecided` are kinds that the known facts can neither show nor rule out.

    `shares` splits the footprint by district with slivers merged (sums to 1), empty without a usable one.
    """

    kinds: frozenset[str]
    undecided: frozenset[str]
    shares: Mapping[str, Fraction]

    @property
    def badge(self) -> bool:
        """Whether the "cross-district" badge is shown: A∪B∪C∪D∪E∪F."""
        return bool(self.kinds & BADGE_KINDS)

    @property
    def letters(self) -> str:
        """Kinds as they stand on the badge, such as "ABF"."""
        return "".join(sorted(self.kinds))


def classify(p: ProjectPlaces, as_of: date) -> CrossDistrict:
    """Kinds A–G of a project on `as_of` (rules §4.1).

    A: two or more districts hold at least max(1 亩, 0.5 %) of the footprint each. B: two or more parties.
    C: the known ones of the four places differ. D: sites in different districts or zones. E: the managing
    unit's territory holds none of the ground. F: landed in another zone than the first contact, or the
    statistics unit changed after signing. G: a functional area manages ground of a statutory district.
    Raises ValueError for a negative footprint part.
    """
    parts = merge_slivers(p.footprint_m2) if p.datum_known else {}
    whole = sum(parts.values())
    four = [p.places.get(role) for role in FOUR_PLACES]
    known = {place for place in four if place is not None}
    tests: dict[str, bool | None] = {
        "A": len(parts) >= 2 if p.datum_known or not p.footprint_m2 else None,
        "B": len(p.zone_parties) >= 2,
        "C": True if len(known) >= 2 else None if None in four else False,
        "D": len({s.district for s in p.sites}) >= 2 or len({s.zone for s in p.sites}) >= 2,
        "E": _enclave(p),
        "F": _transferred(p, as_of),
        "G": p.statutory_district is not None and p.functional_area is not None,
    }
    return CrossDistrict(
        kinds=frozenset(k for k, yes in tests.items() if yes),
        undecided=frozenset(k for k, yes in tests.items() if yes is None),
        shares={district: Fraction(area, whole) for district, area in parts.items()},
    )


def _enclave(p: ProjectPlaces) -> bool | None:
    if p.managing_unit is None:
        return False
    if not p.managing_territory or not p.site_units:
        return None
    return p.managing_territory.isdisjoint(p.site_units)


def _transferred(p: ProjectPlaces, as_of: date) -> bool:
    if None not in (p.first_contact_zone, p.landing_zone) and p.first_contact_zone != p.landing_zone:
        return True
    return p.signed_on is not None and any(
        p.signed_on < c.changed_on <= as_of and c.before != c.after for c in p.stat_unit_changes
    )
