"""The project's own reference tables: codes, classes, chains, indicators and published facts.

Every table is a UTF-8 file beside this module whose rows say where they come from. They are read once and shared, so
what a loader returns cannot be changed. An empty cell is None: nothing is filled in that a source does not say.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from domain.indicators import Indicator

FOLDER = Path(__file__).parent
PUBLISHED = (
    "anchor_points",
    "carriers",
    "facts",
    "governance",
    "kpi_series",
    "platforms",
    "policies",
    "projects",
)

_WHOLE = frozenset({"total_investment_wan", "land_m2", "floor_area_m2", "target_year"})
_DECIMAL = frozenset({"land_mu", "lon", "lat", "value_num", "growth_pct"})
_YES_NO = frozenset({"is_target", "derived"})


@dataclass(frozen=True)
class District:
    """A statutory district (GB/T 2260) or a functional area (internal code), rules §2.1.

    `remainder_zh` and `remainder_en` name what is left of a district without the functional areas inside it.
    """

    code: str
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str
    code_system: str
    kind: str
    level: str
    remainder_zh: str | None
    remainder_en: str | None
    valid_from: str | None
    source: str

    @property
    def statutory(self) -> bool:
        """True for one of the 20 districts that divide the city, False for a functional area on top of them."""
        return self.kind == "statutory"


@dataclass(frozen=True)
class DistrictAlias:
    """A code found in records that is no current code: a former one, or the approving authority of a project code.

    Valid until the first day of `valid_to`. An `approval_authority` says who approved and never where (rules §2.1.4).
    """

    alias: str
    code: str
    kind: str
    name_zh: str
    valid_from: str | None
    valid_to: str | None
    note_zh: str
    source: str


@dataclass(frozen=True)
class Street:
    """A street or town of a functional area, with the statutory district that holds it."""

    nbs_code: str
    name_zh: str
    district_code: str
    functional_area: str
    kind: str
    source: str


@dataclass(frozen=True)
class LandUseClass:
    """A class of the land and sea use guide (scheme YDYH2023), rules §2.2.

    `hex` is the statutory colour, `hex_wall` the same hue toned down for a dark wall. `loadable` is False for military
    classes: they are dropped on import and only counted. `local_extension` marks the M0 code, which is not national.
    """

    scheme: str
    code: str
    name_zh: str
    name_en: str | None
    level: int
    parent: str | None
    hex: str
    hex_wall: str
    gb50137: str | None
    construction: bool
    loadable: bool
    local_extension: bool
    source: str


@dataclass(frozen=True)
class IndustryCode:
    """An industry class with the edition of its standard: numbers were reused between editions (rules §2.3)."""

    edition: str
    code: str
    name_zh: str


@dataclass(frozen=True)
class ChainNode:
    """A node of an industry chain; `stage` is up, mid, down or support, `criticality` 1 to 3."""

    node_id: str
    chain_code: str
    stage: str
    name_zh: str
    name_en: str
    criticality: int
    codes: tuple[IndustryCode, ...]


@dataclass(frozen=True)
class Chain:
    """An industry chain in one version of the taxonomy. `edges` run from supplier node to user node (rules §5.1-5.2)."""

    chain_code: str
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str
    ecosystem_zh: str
    ecosystem_en: str
    lead_zones: tuple[str, ...]
    taxonomy_version: str
    nodes: tuple[ChainNode, ...]
    edges: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Place:
    """A station or an airport that people of a city know. `kind` is airport, rail, metro or tram, `lines` what stops there.

    Position in WGS 84, within about `accuracy_m`; `as_of` is None where the source has no date.
    """

    kind: str
    name_zh: str
    name_en: str
    lines: str | None
    lon: float
    lat: float
    as_of: str | None
    source: str
    accuracy_m: int


@dataclass(frozen=True)
class MetroRun:
    """A metro line, or one of its branches, as names of its stations in order; a loop comes back to the first."""

    line_zh: str
    line_en: str
    loop: bool
    stations: tuple[str, ...]
    as_of: str
    source: str


def _rows(name: str) -> list[dict[str, str | None]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(stream)]


def _need(row: Mapping[str, str | None], key: str) -> str:
    value = row[key]
    if value is None:
        raise ValueError(f"reference data: {key} is empty in {dict(row)}")
    return value


@lru_cache(maxsize=1)
def districts() -> tuple[District, ...]:
    """The 20 statutory districts of Chengdu by code, then the 3 functional areas."""
    return tuple(
        District(
            code=_need(row, "code"),
            name_zh=_need(row, "name_zh"),
            name_en=_need(row, "name_en"),
            short_zh=_need(row, "short_zh"),
            short_en=_need(row, "short_en"),
            code_system=_need(row, "code_system"),
            kind=_need(row, "kind"),
            level=_need(row, "level"),
            remainder_zh=row["remainder_zh"],
            remainder_en=row["remainder_en"],
            valid_from=row["valid_from"],
            source=_need(row, "source"),
        )
        for row in _rows("districts.csv")
    )


@lru_cache(maxsize=1)
def district_aliases() -> tuple[DistrictAlias, ...]:
    """Former district codes and pseudo-codes of approving authorities."""
    return tuple(
        DistrictAlias(
            alias=_need(row, "alias"),
            code=_need(row, "code"),
            kind=_need(row, "kind"),
            name_zh=_need(row, "name_zh"),
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            note_zh=_need(row, "note_zh"),
            source=_need(row, "source"),
        )
        for row in _rows("district_aliases.csv")
    )


@lru_cache(maxsize=1)
def streets() -> tuple[Street, ...]:
    """The streets and towns that make up the functional areas."""
    return tuple(Street(**{key: _need(row, key) for key in row}) for row in _rows("streets.csv"))


@lru_cache(maxsize=1)
def places() -> tuple[Place, ...]:
    """Airports, railway stations, metro stations and tram stops of Chengdu, in this order."""
    return tuple(
        Place(
            kind=_need(row, "kind"),
            name_zh=_need(row, "name_zh"),
            name_en=_need(row, "name_en"),
            lines=row["lines"],
            lon=float(_need(row, "lon")),
            lat=float(_need(row, "lat")),
            as_of=row["as_of"],
            source=_need(row, "source"),
            accuracy_m=int(_need(row, "accuracy_m")),
        )
        for row in _rows("context/places.csv")
    )


@lru_cache(maxsize=1)
def metro_runs() -> tuple[MetroRun, ...]:
    """Metro lines of Chengdu by number; every station is one of `places`."""
    return tuple(
        MetroRun(
            line_zh=_need(row, "line_zh"),
            line_en=_need(row, "line_en"),
            loop=row["loop"] == "Y",
            stations=tuple(_need(row, "stations").split()),
            as_of=_need(row, "as_of"),
            source=_need(row, "source"),
        )
        for row in _rows("context/metro_runs.csv")
    )


@lru_cache(maxsize=1)
def landuse_classes() -> Mapping[str, LandUseClass]:
    """All 176 classes of scheme YDYH2023 by code: 175 of the national guide and the local M0."""
    return MappingProxyType(
        {
            _need(row, "code"): LandUseClass(
                scheme=_need(row, "scheme"),
                code=_need(row, "code"),
                name_zh=_need(row, "name_zh"),
                name_en=row["name_en"],
                level=int(_need(row, "level")),
                parent=row["parent"],
                hex=_need(row, "hex"),
                hex_wall=_need(row, "hex_wall"),
                gb50137=row["gb50137"],
                construction=_need(row, "construction") == "Y",
                loadable=_need(row, "loadable") == "Y",
                local_extension=_need(row, "local_extension") == "Y",
                source=_need(row, "source"),
            )
            for row in _rows("landuse.csv")
        }
    )


def _chain(entry: Mapping[str, Any], version: str) -> Chain:
    code = entry["chain_code"]
    return Chain(
        chain_code=code,
        name_zh=entry["name_zh"],
        name_en=entry["name_en"],
        short_zh=entry["short_zh"],
        short_en=entry["short_en"],
        ecosystem_zh=entry["ecosystem_zh"],
        ecosystem_en=entry["ecosystem_en"],
        lead_zones=tuple(entry["lead_zones"]),
        taxonomy_version=version,
        nodes=tuple(
            ChainNode(
                node_id=node["node_id"],
                chain_code=code,
                stage=node["stage"],
                name_zh=node["name_zh"],
                name_en=node["name_en"],
                criticality=node["criticality"],
                codes=tuple(IndustryCode(**item) for item in node["codes"]),
            )
            for node in entry["nodes"]
        ),
        edges=tuple((supplier, user) for supplier, user in entry["edges"]),
    )


@lru_cache(maxsize=1)
def chains() -> Mapping[str, Chain]:
    """The eight industry chains by code, in the order of lists and legends."""
    content = json.loads((FOLDER / "chains.json").read_text(encoding="utf-8"))
    return MappingProxyType(
        {entry["chain_code"]: _chain(entry, content["taxonomy_version"]) for entry in content["chains"]}
    )


@lru_cache(maxsize=1)
def chain_nodes() -> Mapping[str, ChainNode]:
    """All nodes of all chains by node id."""
    return MappingProxyType({node.node_id: node for chain in chains().values() for node in chain.nodes})


@lru_cache(maxsize=1)
def indicator_rows() -> tuple[Mapping[str, str], ...]:
    """The rows of the indicator dictionary as they stand, with `definition_zh` beside the English definition."""
    return tuple(MappingProxyType({key: value or "" for key, value in row.items()}) for row in _rows("kpis.csv"))


@lru_cache(maxsize=1)
def indicators() -> Mapping[str, Indicator]:
    """The indicator dictionary by id (rules §3.2)."""
    return MappingProxyType({row["id"]: Indicator.from_row(row) for row in indicator_rows()})


def _typed(column: str, value: str | None) -> str | int | float | bool | None:
    if column in _YES_NO:
        return value == "Y"
    if value is None:
        return None
    if column in _WHOLE:
        return int(value)
    if column in _DECIMAL:
        return float(value)
    return value


@lru_cache(maxsize=len(PUBLISHED))
def published(name: str) -> tuple[Mapping[str, Any], ...]:
    """One table of published facts: its rows as read-only dicts, each with `pub_id`, `source` and `as_of`.

    `name` is one of PUBLISHED. Money is integer 万元, areas integer m² (`land_mu` keeps the figure as published), lon/lat
    WGS 84. `as_of` is None where the page shows no date; `as_of_text` then has its words, if any. `placement` is
    stated, inferred, outside or unknown. `value_op` (ge, gt, lt) marks a value published as "at least" or "nearly".
    `totals_rule` of a project is include, or the reason to keep it out of totals: outside, stale, pledge.
    Raises ValueError for another name.
    """
    if name not in PUBLISHED:
        raise ValueError(f"no published table {name!r}: use one of {', '.join(PUBLISHED)}")
    return tuple(
        MappingProxyType({column: _typed(column, value) for column, value in row.items()})
        for row in _rows(f"published/{name}.csv")
    )
