"""Shapes of what reconciles: attribution, explanation of a figure, ledger. Amounts in the stored unit of the indicator."""

from __future__ import annotations

from typing import Any, Literal

from api.shapes import FigureItem, Meta, Number, Shape


class ShareItem(Shape):
    """A unit's agreed part; `ratio` is exact, as "3/5"."""

    unit: str
    ratio: str
    share: float


class UnitPartItem(Shape):
    """What a unit counts. `amount` null with `reason` suppressed is ＊; `share` is of what is attributed.

    `cash_wan` is what the unit is paid of a shared revenue, 0 while it is retained.
    """

    unit: str
    name_zh: str
    name_en: str
    amount: int | None
    share: float | None
    cash_wan: int | None
    reason: str | None


class RuleItem(Shape):
    """A rule and how much it divided; `kind` TERR, AREA, SHARE or DUAL."""

    rule_id: str
    kind: str
    agreement_id: str | None
    shares: list[ShareItem]
    basis_doc: str | None
    illustrative: bool
    retention: bool
    zones: list[str]
    records: int
    amount: int | None


class ZoneSplitItem(Shape):
    """The division of one zone: Σ parts + unattributed = total."""

    zone: str
    parts: list[UnitPartItem]
    total: int | None
    records_total: int | None
    unattributed: int | None
    rules: list[str]


class SplitItem(Shape):
    """An indicator divided among units: Σ parts + unattributed = total = territorial total in every scope but dual.

    In the dual scope `total` and `records_total`, of the zones too, are null with `reason` dual (不可加). `missing` are zones
    that did not report: they are not in it. `badge` is to be shown beside the figures. `not_followed` are the facets asked for
    that the indicator cannot follow (reason not_filterable).
    """

    scope: Literal["territorial", "area", "shared", "dual"]
    by: Literal["stat", "admin", "gov"]
    period: str
    unit: str
    parts: list[UnitPartItem]
    total: int | None
    records_total: int | None
    reason: str | None
    not_followed: list[str]
    unattributed: int | None
    exceptions: int
    exception_reasons: dict[str, int]
    rules: list[RuleItem]
    zones: list[ZoneSplitItem]
    missing: list[str]
    badge: str | None
    illustrative: bool
    retained_wan: int | None
    restated: bool


class RecordPart(Shape):
    """A unit's part of one record."""

    unit: str
    name_zh: str
    share: str
    amount: int


class RecordItem(Shape):
    """One record behind a figure: `amount`, or `numerator` and `denominator` of a ratio.

    `id` null with `reason` withheld pools the records that the role may not see one by one. `details` are facts that
    made the record count.
    """

    id: str | None
    kind: str | None = None
    name_zh: str | None = None
    zone_code: str | None = None
    first_month: str | None = None
    last_month: str | None = None
    amount: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    rule_id: str | None = None
    basis_doc: str | None = None
    illustrative: bool | None = None
    retention: bool | None = None
    additive: bool | None = None
    related: list[str] | None = None
    fault: list[str] | None = None
    reason: str | None = None
    records: int | None = None
    parts: list[RecordPart] | None = None
    details: dict[str, Any] | None = None


class RecordPage(Shape):
    """A page of records, largest first. `reason` says why there are none.

    `amount` sums all of them; `amount_reason` says why it is null where there are some (dual: 不可加).
    """

    total: int
    page: int
    pages: int
    limit: int
    amount: Number | None
    amount_reason: str | None
    reason: str | None
    records: list[RecordItem]


class ExceptionEntry(Shape):
    """Something kept out of a figure that it would falsify, with the rows to repair."""

    code: str
    origin: Literal["computed", "recorded"]
    entity_kind: str
    entity_id: str
    name_zh: str | None
    zone_code: str | None
    period: str | None
    kpi_id: str | None
    scope: str | None
    amount: int | None
    rows: list[str]
    details: dict[str, Any] | None


class AttributionAnswer(Shape):
    """Who counts how much; `split` and `records` are null where the role may not see totals of the data set."""

    meta: Meta
    kpi: str
    split: SplitItem | None
    records: RecordPage | None
    exceptions: list[ExceptionEntry]


class UnitRowItem(Shape):
    """A zone's reported value beside the sum of its records."""

    zone: str
    name_zh: str
    name_en: str
    value: Number | None
    numerator: Number | None
    denominator: Number | None
    records: int
    records_sum: Number | None
    records_denominator: Number | None
    difference: Number | None
    reason: str | None


class ReportedItem(Shape):
    """A stored value with version and status; `current` marks the version in force."""

    zone: str
    period: str
    value: Number | None
    numerator: Number | None
    denominator: Number | None
    unit: str
    status: str
    version: int
    current: bool
    scope: str
    channel: str
    owner: str | None
    source_doc: str | None
    as_of: str


class PointItem(Shape):
    """A point of the series: `value` is the flow, `ytd` the cumulative figure; `revised` marks ▽修订."""

    label: str
    value: Number | None
    ytd: Number | None
    revised: bool
    zones_revised: list[str]
    reason: str | None


class ExplanationItem(Shape):
    """Everything behind one figure. Figure, units and sums are territorial, `split` is in the scope of the answer.

    `reconciles` is null where it cannot be said: a reported, suppressed or missing value.
    """

    figure: FigureItem
    definition: str
    formula: str
    roll_up: str
    units: list[UnitRowItem]
    records_sum: Number | None
    records_denominator: Number | None
    difference: Number | None
    reconciles: bool | None
    records: RecordPage
    split: SplitItem | None
    exceptions: list[ExceptionEntry]
    values: list[ReportedItem]
    series: list[PointItem]


class ExplainAnswer(Shape):
    """Where a number comes from; null where the role may not see totals of the data set."""

    meta: Meta
    kpi: str
    explanation: ExplanationItem | None


class LedgerRowItem(Shape):
    """A party, or the total (unit ""). Null is not booked or no agreement, never 0.

    `difference` = paid − due, `disallowed` = audited − paid, `balance` = audited − audited due (positive: owed to the
    party), `open_wan` = balance − settled. `revenue_due_wan` is the assessment share, `cash_due_wan` what is to be paid.
    """

    unit: str
    name_zh: str
    name_en: str
    share: float | None
    ratio: str | None
    cost_in_wan: int | None
    cost_due_wan: int | None
    difference_wan: int | None
    audited_wan: int | None
    disallowed_wan: int | None
    audited_due_wan: int | None
    balance_wan: int | None
    booked_revenue_wan: int | None
    revenue_due_wan: int | None
    retained_wan: int | None
    distributed_wan: int | None
    cash_due_wan: int | None
    settled_wan: int | None
    open_wan: int | None


class LedgerLineItem(Shape):
    """A booked line with its document."""

    unit: str
    name_zh: str
    line: str
    amount_wan: int
    doc: str | None


class LedgerFindingItem(Shape):
    """Something that contradicts the agreement or the ledger itself."""

    code: str
    figures: dict[str, int | str]


class LedgerItem(Shape):
    """The ledger of one zone and year; `years` are those with booked lines, newest first."""

    year: int
    years: list[int]
    rows: list[LedgerRowItem]
    total: LedgerRowItem | None
    lines: list[LedgerLineItem]
    agreement_id: str | None
    basis_doc: str | None
    illustrative: bool
    retention: bool
    agreement_reason: str | None
    findings: list[LedgerFindingItem]
    reason: str | None


class LedgerAnswer(Shape):
    """The co-building ledger; null where the role may not see totals of the data set."""

    meta: Meta
    zone: str
    ledger: LedgerItem | None
