"""Compiles a filter to a MapLibre expression. data/queries/filter_sql.py compiles the same filter to SQL.

A property test draws random states and asserts that both select the same ids (rules §5.4).

Tile attributes used: ``z`` zone; ``d`` district of a place, ``ds`` districts of a project; ``nd`` chain nodes, ``ch``
chains, ``k`` kinds (lists as ``",A,B,"``, so that one substring test cannot match half a code); ``sh`` and ``lh`` stage
and light histories, one character per month of the period list. A change of month is therefore another index in the
expression, never another geometry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from domain.filters import Clause, Facet, Filter
from domain.grouping import Places
from domain.lifecycle import NO_STAGE_CHAR, STAGE_CHAR, STAGE_GROUPS
from domain.lights import LIGHT_CHAR

Expression = list[Any]

#: Facets of records that have stage and light histories (projects, their footprints and links).
PROJECT_FACETS = frozenset(Facet)
PLACE_FACETS = frozenset({Facet.ZONE, Facet.DISTRICT})
PLATFORM_FACETS = frozenset({Facet.ZONE, Facet.CHAIN})

_GROUP_CHARS: dict[str, str] = {g.id: "".join(STAGE_CHAR[s] for s in g.stages) for g in STAGE_GROUPS.values()}
_LIGHT_CHARS = {light.value: char for light, char in LIGHT_CHAR.items()}
NOTHING: Expression = ["==", ["get", "id"], ""]


def at_month(attribute: str, index: int) -> Expression:
    """The character of a history attribute (``sh`` or ``lh``) at position `index` of the period list."""
    return ["slice", ["get", attribute], index, index + 1]


def group_chars(group: str) -> list[str]:
    """The stage characters of a stage group, as labels of a ``match``."""
    return list(_GROUP_CHARS[group])


def one_of(value: Expression, labels: Sequence[str]) -> Expression:
    """``value`` is one of `labels`; nothing is when there are none."""
    return ["match", value, sorted(set(labels)), True, False] if labels else NOTHING


def _any(parts: list[Expression]) -> Expression:
    return parts[0] if len(parts) == 1 else ["any", *parts]


def _listed(attribute: str, values: Iterable[str]) -> Expression:
    return _any([["in", f",{v},", ["get", attribute]] for v in sorted(set(values))])


def _standing(places: Places, timed: bool) -> Expression:
    """The ground is counted by the units of a filter (rules §4.2.1)."""
    there = _listed("ds", places.districts) if timed else one_of(["get", "d"], places.districts)
    if places.apart:
        there = ["all", ["!", one_of(["get", "z"], places.apart)], there]
    return ["any", one_of(["get", "z"], places.whole), there] if places.whole else there


def _clause(filter_: Filter, clause: Clause, index: int, timed: bool) -> Expression:
    values = clause.values
    match clause.facet:
        case Facet.DISTRICT:
            return _standing(filter_.ground(clause), timed)
        case Facet.CHAIN:
            nodes = [v for v in values if "-" in v]
            chains = [v for v in values if "-" not in v]
            parts = [_listed("ch", chains)] if chains else []
            return _any([*parts, *([_listed("nd", nodes)] if nodes else [])])
        case Facet.STAGE:
            return one_of(at_month("sh", index), [c for v in values for c in _GROUP_CHARS.get(v, "")])
        case Facet.LIGHT:
            return one_of(at_month("lh", index), [_LIGHT_CHARS[v] for v in values if v in _LIGHT_CHARS])
        case Facet.KIND:
            return _listed("k", values)
    raise ValueError(f"facet {clause.facet} has no attribute of its own")


def compile_filter(
    filter_: Filter, period_index: int, *, facets: frozenset[Facet], timed: bool = False, zones: Sequence[str] = ()
) -> Expression:
    """MapLibre expression of the clauses of `filter_` that records with `facets` can follow (rules §5.4).

    `timed` records carry histories: absent at the month means not selected, even by an empty filter. `zones` are the
    elements of the scheme on screen; a record of another scheme's zone is never selected. A facet without values is
    no restriction. The expression is always a condition, ``["all"]`` when nothing restricts.
    """
    parts: list[Expression] = []
    if timed:
        parts.append(["!", one_of(at_month("sh", period_index), [NO_STAGE_CHAR, ""])])
    clauses = [c for c in filter_.only(facets).clauses if c.values]
    picked = [set(c.values) for c in clauses if c.facet is Facet.ZONE]
    if zones or picked:
        within = set(zones).intersection(*picked) if zones else set.intersection(*picked)
        parts.append(one_of(["get", "z"], sorted(within)))
    parts += [_clause(filter_, c, period_index, timed) for c in clauses if c.facet is not Facet.ZONE]
    return ["all", *parts]
