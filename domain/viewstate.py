"""The whole state of a screen, and its round trip through the URL query.

Nothing that changes what is shown lives anywhere else. Parsing never fails: what is not understood is left out and
reported, so that a broken or foreign link still opens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode

from domain.cohorts import WINDOWS_MONTHS
from domain.lifecycle import STAGE_GROUPS


class Dataset(StrEnum):
    """The three data sets; they never mix in one total."""

    DEMO = "demo"
    PUBLISHED = "published"
    OWN = "own"

    @property
    def provenance(self) -> str:
        """Value of the ``provenance`` column of this data set's records."""
        return "official" if self is Dataset.OWN else self.value


class Scope(StrEnum):
    """The four scopes 口径 of rules §4.2."""

    TERRITORIAL = "territorial"
    AREA = "area"
    SHARED = "shared"
    DUAL = "dual"


class Grouping(StrEnum):
    """By which units the territorial scope divides (rules §4.2.1): 统计单元, 法定区县, 治理主体."""

    STAT = "stat"
    ADMIN = "admin"
    GOV = "gov"


LIGHTS = ("red", "yellow", "green", "grey")
KINDS = ("A", "B", "C", "D", "E", "F", "G")
#: What can be selected: records, and what a word stands for besides one (data/queries/groups.py).
RECORD_KINDS = ("project", "zone", "carrier", "platform", "parcel", "plot", "enterprise")
WORD_KINDS = ("landuse", "landstate", "supply", "feature", "cluster", "unit", "duty", "policy")
_SELECTION = re.compile(rf"^({'|'.join((*RECORD_KINDS, *WORD_KINDS))}):[\w.\-:]{{1,64}}$")
_YEAR = re.compile(r"^20\d\d$")
_EXPLAIN = re.compile(r"^K\d\d(@[\w.\-]{1,40})?$")
#: Ways of looking at the projects: the list of them is the first and has no word.
VIEWS = ("board", "ready")
#: What the list of projects can be sorted by; with "-" before it downwards.
RANKS = ("name", "light", "months_red", "stage", "investment", "fai", "zone")
_RECORDS = re.compile(r"^[a-z]+(/[\w.]{1,40}){0,3}$")
_ROW = re.compile(r"^[1-9]\d{0,5}$")
_CAMERA = re.compile(r"^-?\d{1,3}(\.\d{1,6})?,-?\d{1,2}(\.\d{1,6})?,\d{1,2}(\.\d{1,3})?$")


@dataclass(frozen=True)
class Vocabulary:
    """What a URL may name: codes known to the database for one scheme. `monthly`: the data set has anything by month.

    `units` are those that a district filter may name in each grouping.
    """

    schemes: tuple[str, ...]
    zones: tuple[str, ...]
    units: Mapping[Grouping, tuple[str, ...]]
    chain_nodes: Mapping[str, tuple[str, ...]]
    periods: tuple[str, ...]
    kpis: tuple[str, ...]
    layers: tuple[str, ...]
    default_scheme: str = "wcsc"
    default_layers: tuple[str, ...] = ()
    monthly: bool = True

    @property
    def latest(self) -> str:
        """The newest month that has data."""
        return self.periods[-1] if self.periods else ""


@dataclass(frozen=True)
class Ignored:
    """Part of a URL that was not understood: shown to the user, never an error."""

    param: str
    value: str
    reason: str  # unknown_code | bad_format | no_data | unknown_param


@dataclass(frozen=True)
class ViewState:
    """State of a screen. Facets hold codes; an empty facet means no restriction.

    `chains` holds fully selected chains, `nodes` the single nodes of partly selected ones (rules §5.4 tri-state).
    `districts` are units of the `grouping` in force.
    `period` is a month ``YYYY-MM``; "" means the newest month that has data. `camera` is "lon,lat,zoom".
    `year` is that of the accounts ("" follows the period), `restate` asks for the comparable restatement (rules §4.3),
    `agreed` for records under an agreement only, `window` is the months a cohort is watched ("" is up to now), `explain`
    the tile whose number is opened, ``K01`` or ``K01@SMKX``. On the page of projects `view` is another way of looking at
    them than the list, `records` the list that a count stands for (data/queries/record_lists.py), `rank` what it is sorted
    by, `row` the first row shown.
    """

    scheme: str = ""
    dataset: Dataset = Dataset.DEMO
    zones: tuple[str, ...] = ()
    chains: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    period: str = ""
    scope: Scope = Scope.TERRITORIAL
    by: Grouping = Grouping.STAT
    kpi: str = "K01"
    layers: tuple[str, ...] = ()
    landuse: str = "status"
    selection: str = ""
    camera: str = ""
    table: bool = False
    year: str = ""
    restate: bool = False
    agreed: bool = False
    window: str = ""
    explain: str = ""
    view: str = ""
    records: str = ""
    rank: str = ""
    row: int = 1

    def with_(self, **changes: object) -> ViewState:
        """A copy with `changes`, facets sorted and without repeats so that equal states have equal URLs."""
        return _canonical(replace(self, **changes))  # type: ignore[arg-type]

    def away(self) -> ViewState:
        """The state as another page starts with it: without what lies over this one, and without its lists."""
        return self.with_(selection="", camera="", table=False, view="", records="", rank="", row=1)

    @property
    def grouping(self) -> Grouping:
        """The grouping in force: ground is measured by statutory district, whatever `by` says (rules §4.3.3)."""
        return Grouping.ADMIN if self.scope is Scope.AREA else self.by

    @property
    def filtered(self) -> bool:
        """Whether any facet that selects projects is set."""
        return bool(
            self.zones or self.chains or self.nodes or self.stages or self.lights or self.districts or self.kinds
        )

    @property
    def chain_filtered(self) -> bool:
        """Whether the industry-chain facet is set."""
        return bool(self.chains or self.nodes)


_PARAM = {
    "scheme": "scheme",
    "dataset": "data",
    "zones": "zone",
    "stages": "stage",
    "lights": "light",
    "districts": "district",
    "kinds": "kind",
    "period": "period",
    "scope": "scope",
    "by": "by",
    "kpi": "kpi",
    "layers": "layers",
    "landuse": "landuse",
    "selection": "sel",
    "camera": "map",
    "table": "table",
    "year": "year",
    "restate": "restate",
    "agreed": "agreed",
    "window": "window",
    "explain": "explain",
    "view": "view",
    "records": "list",
    "rank": "rank",
    "row": "row",
}
PARAMS = frozenset(_PARAM.values()) | {"chain"}
_FACETS = ("zones", "chains", "nodes", "stages", "lights", "districts", "kinds", "layers")


def _canonical(state: ViewState) -> ViewState:
    changes = {name: tuple(sorted(set(getattr(state, name)))) for name in _FACETS}
    return replace(state, **changes)  # type: ignore[arg-type]


def select_nodes(node_ids: Iterable[str], chain_nodes: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Fold a set of node ids into ``{"chains": full chains, "nodes": the rest}`` (rules §5.4 tri-state).

    `chain_nodes` maps chain code to its node ids. Ids of no chain are left out.
    """
    chosen = set(node_ids)
    full = tuple(c for c, nodes in sorted(chain_nodes.items()) if nodes and chosen.issuperset(nodes))
    in_full = {n for c in full for n in chain_nodes[c]}
    known = {n for nodes in chain_nodes.values() for n in nodes}
    return {"chains": full, "nodes": tuple(sorted((chosen & known) - in_full))}


def expand_nodes(state: ViewState, chain_nodes: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """All selected node ids: nodes of fully selected chains and single nodes."""
    return frozenset(n for c in state.chains for n in chain_nodes.get(c, ())) | frozenset(state.nodes)


def to_query(state: ViewState) -> str:
    """URL query of a state, without the defaults, in a fixed order; "" for the default state."""
    default = ViewState()
    pairs: list[tuple[str, str]] = []
    canonical = _canonical(state)
    for f in fields(ViewState):
        value = getattr(canonical, f.name)
        if f.name == "chains":
            both = (*canonical.chains, *canonical.nodes)
            if both:
                pairs.append(("chain", ",".join(both)))
        elif f.name == "nodes" or value == getattr(default, f.name):
            continue
        elif isinstance(value, tuple):
            pairs.append((_PARAM[f.name], ",".join(value)))
        elif isinstance(value, bool):
            pairs.append((_PARAM[f.name], "1"))
        else:
            pairs.append((_PARAM[f.name], str(value)))
    return urlencode(pairs, safe=",:/")


@dataclass
class _Reader:
    query: Mapping[str, str]
    ignored: list[Ignored] = field(default_factory=list)

    def one(self, param: str, allowed: Iterable[str], reason: str = "unknown_code") -> str:
        raw = self.query.get(param, "").strip()
        if raw and raw not in set(allowed):
            self.ignored.append(Ignored(param, raw[:80], reason))
            return ""
        return raw

    def many(self, param: str, allowed: Iterable[str]) -> tuple[str, ...]:
        known = set(allowed)
        found: list[str] = []
        for item in self.query.get(param, "").split(","):
            code = item.strip()
            if code in known:
                found.append(code)
            elif code:
                self.ignored.append(Ignored(param, code[:80], "unknown_code"))
        return tuple(found)

    def matching(self, param: str, pattern: re.Pattern[str]) -> str:
        raw = self.query.get(param, "").strip()
        if raw and not pattern.match(raw):
            self.ignored.append(Ignored(param, raw[:80], "bad_format"))
            return ""
        return raw


def parse_query(query: str | Mapping[str, str], vocabulary: Vocabulary) -> tuple[ViewState, tuple[Ignored, ...]]:
    """State of a URL query and what was ignored in it. Never raises.

    `query` is "?a=b&c=d" (with or without the mark) or a mapping. Codes outside `vocabulary` and unknown
    parameters are reported with a reason, the rest is used.
    """
    if isinstance(query, str):
        query = dict(parse_qsl(query.removeprefix("?"), max_num_fields=64)) if query.count("&") < 64 else {}
    read = _Reader(query)
    chain_items = read.many(
        "chain", [*vocabulary.chain_nodes, *(n for v in vocabulary.chain_nodes.values() for n in v)]
    )
    whole = [c for c in chain_items if c in vocabulary.chain_nodes]
    nodes = {n for c in whole for n in vocabulary.chain_nodes[c]} | {c for c in chain_items if c not in whole}
    data = read.one("data", [d.value for d in Dataset])
    scope = read.one("scope", [s.value for s in Scope])
    by = read.one("by", [g.value for g in Grouping])
    grouped = ViewState(scope=Scope(scope) if scope else Scope.TERRITORIAL, by=Grouping(by) if by else Grouping.STAT)
    for name, value in query.items():
        if name not in PARAMS:
            read.ignored.append(Ignored(name[:40], str(value)[:80], "unknown_param"))
    state = ViewState(
        scheme=read.one("scheme", vocabulary.schemes),
        dataset=Dataset(data) if data else Dataset.DEMO,
        zones=read.many("zone", vocabulary.zones),
        stages=read.many("stage", STAGE_GROUPS),
        lights=read.many("light", LIGHTS),
        districts=read.many("district", vocabulary.units[grouped.grouping]),
        kinds=read.many("kind", KINDS),
        period=read.one("period", vocabulary.periods, "no_data"),
        scope=grouped.scope,
        by=grouped.by,
        kpi=read.one("kpi", vocabulary.kpis) or "K01",
        layers=read.many("layers", [*vocabulary.layers, "none"]),
        landuse=read.one("landuse", ("status", "plan")) or "status",
        selection=read.matching("sel", _SELECTION),
        camera=read.matching("map", _CAMERA),
        table=read.one("table", ("1",)) == "1",
        year=read.matching("year", _YEAR),
        restate=read.one("restate", ("1",)) == "1",
        agreed=read.one("agreed", ("1",)) == "1",
        window=read.one("window", [str(w) for w in WINDOWS_MONTHS]),
        explain=read.matching("explain", _EXPLAIN),
        view=read.one("view", VIEWS),
        records=read.matching("list", _RECORDS),
        rank=read.one("rank", [sign + name for name in RANKS for sign in ("", "-")]),
        row=int(read.matching("row", _ROW) or 1),
        **select_nodes(nodes, vocabulary.chain_nodes),
    )
    if state.scheme == vocabulary.default_scheme:
        state = replace(state, scheme="")
    if state.period == vocabulary.latest:
        state = replace(state, period="")
    return _canonical(state), tuple(read.ignored)
