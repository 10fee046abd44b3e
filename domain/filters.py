"""A filter, defined once as data. data/queries compiles it to SQL, layers/ to a MapLibre expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.grouping import Ground, Places, places_of
from domain.viewstate import ViewState


class Facet(StrEnum):
    """What a record can be filtered by. ``CHAIN`` values are chain codes and node ids mixed (OR among them)."""

    ZONE = "zone"
    CHAIN = "chain"
    STAGE = "stage"
    LIGHT = "light"
    DISTRICT = "district"
    KIND = "kind"


#: What screens call a facet where they say that something does not follow it.
FACET_NAMES = {
    Facet.ZONE: "园区",
    Facet.CHAIN: "产业链",
    Facet.STAGE: "阶段",
    Facet.LIGHT: "红黄绿灯",
    Facet.DISTRICT: "行政区",
    Facet.KIND: "跨区类型",
}


@dataclass(frozen=True)
class Clause:
    """One facet's restriction: the record matches when it has any of `values` (OR within a facet, rules §5.4)."""

    facet: Facet
    values: tuple[str, ...]


@dataclass(frozen=True)
class Filter:
    """Clauses joined by AND (rules §5.4), read at month `period`: stage and light are those of that month.

    `places` is where the units of the district clause count; None where units are districts and nothing else.
    """

    clauses: tuple[Clause, ...]
    period: str
    places: Places | None = None

    @property
    def beyond_zone(self) -> tuple[Clause, ...]:
        """The clauses that select records and not whole zones."""
        return tuple(c for c in self.clauses if c.facet is not Facet.ZONE)

    def only(self, facets: frozenset[Facet]) -> Filter:
        """The part of the filter that a layer knowing only `facets` can apply."""
        return replace(self, clauses=tuple(c for c in self.clauses if c.facet in facets))

    def admits_place(self, zone: str, district: str | None) -> bool:
        """Whether records of a zone and district pass the place clauses; the others say nothing of a place."""
        return all(
            zone in c.values if c.facet is Facet.ZONE else self.ground(c).admits(zone, district)
            for c in self.clauses
            if c.values and c.facet in (Facet.ZONE, Facet.DISTRICT)
        )

    def ground(self, clause: Clause) -> Places:
        """Where the units of a district clause count."""
        return self.places or Places(clause.values)


def filter_of(state: ViewState, period: str, grounds: Mapping[str, Ground]) -> Filter:
    """The filter a state describes; `period` is the month in force ("" in the state means the newest).

    `grounds` say whose ground the zones of the scheme are, so that a unit is a place on the map.
    """
    facets = (
        (Facet.ZONE, state.zones),
        (Facet.CHAIN, (*state.chains, *state.nodes)),
        (Facet.STAGE, state.stages),
        (Facet.LIGHT, state.lights),
        (Facet.DISTRICT, state.districts),
        (Facet.KIND, state.kinds),
    )
    return Filter(
        tuple(Clause(f, v) for f, v in facets if v), period, places_of(state.grouping, state.districts, grounds)
    )
