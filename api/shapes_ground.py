"""Shapes of what a place offers and yields: chains, per-mu evaluation, idle land."""

from __future__ import annotations

from typing import Literal

from api.shapes import Day, Meta, Number, Shape

# --- chains -----------------------------------------------------------------------------------------------------------


class NodeItem(Shape):
    """A node: strength 0-100 and state on the union of firms, who makes it here and who needs it.

    `demand` counts downstream firms, each once; `gap` = demand without any supplier here; `filling` = 在补.
    """

    id: str
    tier: str
    name_zh: str
    name_en: str
    criticality: int
    strength: Number | None
    state: Literal["strong", "fair", "weak", "missing"] | None
    filling: bool
    reason: str | None
    firms: int
    demand: int
    customers: list[str]
    suppliers: list[str]
    platforms: int
    pipeline: int
    gap: bool


class CoverageItem(Shape):
    """Criticality-weighted coverage (K54) as a ratio that can be recomputed."""

    value: float | None
    numerator: int
    denominator: int


class ZoneFitItem(Shape):
    """What a zone offers a node."""

    zone: str
    lead_chain: bool
    carriers: int
    plots: int


class CatalogueItem(Shape):
    """A row of the 一体化招商目录, most urgent first. `target_firms` is left out for who may not know it."""

    node_id: str
    priority: Number | None
    state: Literal["weak", "missing"]
    filling: bool
    strength: Number | None
    demand: int | None
    customers: list[str]
    suppliers: list[str]
    pipeline: int
    target_profile: str
    target_firms: int | None = None
    zones: list[ZoneFitItem]
    policies: list[str]


class CourtedItem(Shape):
    """Nodes of the chain that a zone courts firms for; `contested` names the other zones that do too."""

    zone: str
    nodes: list[str]
    contested: dict[str, list[str]]


class ChainBoardItem(Shape):
    """The chain at the level shown. `courted` is left out for who may not have counts of leads."""

    strength: Number | None
    state: Literal["strong", "fair", "weak", "missing"]
    coverage: CoverageItem
    nodes: list[NodeItem]
    catalogue: list[CatalogueItem]
    courted: list[CourtedItem] | None = None


class ChainAnswer(Shape):
    """One industry chain; `board` is null where the role may not see totals of the data set."""

    meta: Meta
    code: str
    version: str
    name_zh: str
    name_en: str
    ecosystem: str
    lead_zones: list[str]
    board: ChainBoardItem | None


# --- per-mu -----------------------------------------------------------------------------------------------------------


class IndicatorItem(Shape):
    """An indicator of the method with its weight and benchmark."""

    key: str
    kpi: str | None
    weight: float
    base: float | None


class CutoffItem(Shape):
    """A class and the cumulative percent of ranked firms up to which it goes."""

    grade: str
    percent: int


class MethodItem(Shape):
    """How it was evaluated; `is_default` is the method of Sichuan. `points` are those of all benchmarks just reached."""

    score: str
    points: float
    indicators: list[IndicatorItem]
    cutoffs: list[CutoffItem]
    is_default: bool


class ClassCount(Shape):
    """Firms by class of one zone (zone "" for all); null with `reason` suppressed where they would give a firm away."""

    zone: str
    classes: dict[str, int] | None
    reason: str | None


class ParkFigureItem(Shape):
    """An indicator of a zone (zone "" for all) from sums, never the mean of scores. 万元, 亩."""

    zone: str
    indicator: str
    kpi: str | None
    value: float | None
    numerator: float | None
    denominator: float | None
    firms: int
    reason: str | None


class ReferenceItem(Shape):
    """A published mean with year and source."""

    indicator: str
    level: str
    value: float
    year: str
    source: str


class FirmItem(Shape):
    """A firm with its rank and class; `default_grade` is that of the default method.

    `score` is in points, `attained` their share of the points of all benchmarks just reached; `tied` firms have the rank.
    """

    id: str
    name_zh: str
    zone_code: str
    rank: int | None
    tied: int
    score: float | None
    attained: float | None
    grade: str
    default_grade: str
    treated_as: str | None
    reason: str | None
    values: dict[str, float | None]
    scores: dict[str, float | None]
    filled: list[str]


class ChangedItem(Shape):
    """A firm whose class is another than under the default method."""

    id: str
    name_zh: str
    zone_code: str
    before: str
    after: str


class FirmPage(Shape):
    """A page of firms by rank; `reason` withheld where the role may not see single firms."""

    total: int
    page: int
    pages: int
    limit: int
    reason: str | None
    firms: list[FirmItem]


class Evaluation(Shape):
    """One evaluation; `changed_count` is known also where `changed` is withheld, but not where classes are suppressed."""

    year: int | None
    years: list[int]
    method: MethodItem
    reason: str | None
    classes: list[ClassCount]
    parks: list[ParkFigureItem]
    references: list[ReferenceItem]
    firms: FirmPage
    changed: list[ChangedItem]
    changed_count: int | None


class PerMuAnswer(Shape):
    """Per-mu evaluation; null where the role may not see totals of the data set."""

    meta: Meta
    evaluation: Evaluation | None


# --- idle land --------------------------------------------------------------------------------------------------------


class ContractItem(Shape):
    """A supply contract and what the clock suggests. `legal_status` is what the authority decided, by hand.

    `problems` names fields of the record that the clock cannot take.
    """

    contract_id: str
    parcel_id: str
    zone_code: str | None
    district_code: str | None
    area_m2: int
    holder: str | None
    project_id: str | None
    signed_on: str
    agreed_start: str
    actual_start: str | None
    stopped_on: str | None
    price_wan: int | None
    cause: str | None
    legal_status: str | None
    legal_doc: str | None
    disposal: str | None
    stage: str
    message: str
    since: Day | None
    days: int | None
    years_full: int
    fee_wan: int | None
    reclaim: bool
    problems: list[str]


class IdleStageItem(Shape):
    """Contracts and area at a stage of the clock."""

    stage: str
    contracts: int
    area_m2: int


class ContractPage(Shape):
    """A page of contracts, most pressing first; `stages` and `fee_wan` (an estimate) are of all of them."""

    total: int
    page: int
    pages: int
    limit: int
    stages: list[IdleStageItem]
    fee_wan: int | None
    contracts: list[ContractItem]


class ZoneChainItem(Shape):
    """The land chain of a zone (zone "" for all) and the test of its identity against the rates reported.

    `identity`: the three rates multiply to built/developable. `reported_gap` = product of the reported rates − built share.
    """

    zone: str
    developable_m2: int | None
    ready_m2: int | None
    supplied_m2: int | None
    built_m2: int | None
    development_rate: float | None
    supply_rate: float | None
    completion_rate: float | None
    built_share: float | None
    identity: bool | None
    reported: dict[str, float]
    reported_period: str | None
    reported_gap: float | None
    reported_ok: bool | None
    not_nested: list[str]


class IdleAnswer(Shape):
    """Idle land; a part is null or empty where the role may not have it."""

    meta: Meta
    idle: ContractPage | None
    land: list[ZoneChainItem]
