"""Whose territory: which unit counts a record in the territorial scope, in each of three groupings (rules §4.2.1).

All three divide the same total record by record; only the names under which it is counted differ.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from domain.viewstate import Grouping


@dataclass(frozen=True)
class Ground:
    """Whose ground a zone is: the functional area that manages it, who governs it, the statutory districts it lies in."""

    functional_area: str | None
    authority: str | None
    hosts: frozenset[str]

    def owner(self, by: Grouping) -> str | None:
        """The one unit that counts all that stands in the zone; None where its districts do."""
        return {Grouping.STAT: self.functional_area, Grouping.GOV: self.authority}.get(by)


_NOWHERE = Ground(None, None, frozenset())


def counted_by(by: Grouping, unit: str, located: str | None, ground: Ground | None, statutory: Collection[str]) -> str:
    """The unit that counts a record which the territorial rule gives to `unit` (rules §4.2.1).

    `located` is the district in which its subject stands, `statutory` the codes of districts. Under 统计单元 a functional
    area that the record names stands, and a district gives way to the functional area that manages the zone's ground.
    Under 法定区县 a functional area gives way to the district. Under 治理主体 the zone's authority goes before both.
    """
    ground = ground or _NOWHERE
    if by is Grouping.GOV:
        return ground.authority or unit
    if by is Grouping.ADMIN:
        return unit if unit in statutory else located or unit
    return ground.functional_area if ground.functional_area and unit in ground.hosts else unit


@dataclass(frozen=True)
class Places:
    """Where the chosen units count: the whole of some zones, and some districts outside all zones that have one owner.

    The one definition of a filter by unit: data/queries/filter_sql.py and layers/filter_expr.py compile it.
    """

    districts: tuple[str, ...]
    whole: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()

    def admits(self, zone: str | None, district: str | None) -> bool:
        """Whether the ground in this zone and district is counted by one of the units."""
        return zone in self.whole or (zone not in self.apart and district in self.districts)


def places_of(by: Grouping, units: Collection[str], grounds: Mapping[str, Ground]) -> Places:
    """Where these units count in a grouping. `grounds` are the zones of the scheme."""
    owners = {zone: owner for zone, ground in grounds.items() if (owner := ground.owner(by)) is not None}
    return Places(
        tuple(sorted(units)),
        tuple(sorted(zone for zone, owner in owners.items() if owner in units)),
        tuple(sorted(owners)),
    )
