"""这个数怎么来的: from a tile to units, records, rule and document, with the sum shown and equal.

Units first: each zone's reported value beside the sum of its records. Records next, with what each adds. Then who counts
how much in the scope of the state, the reported values with version and status, and the year month by month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from io import BytesIO
from typing import Any

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.indicators import LINES, Line, lines
from data.queries import gate
from data.queries.attribution import (
    BALANCE,
    SPLIT_KPIS,
    ExceptionItem,
    Split,
    attributed,
    attribution_rows,
    exceptions,
    hidden_owners,
    owners_selected,
    split,
    unit_name,
)
from data.queries.catalogue import Catalogue, Resolved
from data.queries.disclosure import firm_blocks, open_to
from data.queries.kpis import Figure, figures, record_conditions
from data.queries.question import Question
from data.queries.reason_words import reason_words
from domain import words
from domain.attribution import Scope
from domain.filters import Facet
from domain.indicators import Method
from domain.periods import MonthValue, Period, ytd_to_month_values
from domain.reasons import FAULT_WORDS, REASON_WORDS, ReasonKey
from domain.suppression import Blocks
from domain.units import exact
from domain.viewer import FieldClass
from i18n import translate

#: Project-level records of these kinds need FieldClass.PROJECT_FIGURES.
_PROJECT_KIND = "project"


@dataclass(frozen=True)
class UnitRow:
    """One zone: its value in stored units, what its records sum to, and the difference (None when either is unknown).

    `reason`: "not_reported", "suppressed", "no_records" (a value that is reported, not counted).
    """

    zone: str
    name_zh: str
    name_en: str
    value: Fraction | None
    numerator: Fraction | None
    denominator: Fraction | None
    records: int
    records_sum: Fraction | None
    records_denominator: Fraction | None
    difference: Fraction | None
    reason: ReasonKey | None


@dataclass(frozen=True)
class ReportedValue:
    """A stored KPI value with all it must carry (rules §3.1); `current` marks the version in force."""

    zone: str
    period: str
    value: float | None
    numerator: float | None
    denominator: float | None
    unit: str
    status: str
    version: int
    current: bool
    scope: str
    channel: str
    owner: str | None
    source_doc: str | None
    as_of: str


@dataclass(frozen=True)
class MonthRow:
    """One point of the year: `label` is a month, or "2026-01/02" for the joint point of K01, a quarter or a year.

    For a cumulative KPI `value` is the flow of the point and `ytd` the cumulative figure; `revised` marks ▽修订, also when
    only one zone's figure fell (`zones_revised`). `reason` says why there is no value.
    """

    label: str
    value: Fraction | None
    ytd: Fraction | None
    revised: bool
    zones_revised: tuple[str, ...]
    reason: ReasonKey | None


@dataclass(frozen=True)
class Explanation:
    """Everything behind one tile.

    `reconciles`: True when units sum to the tile and records to every unit, False when they do not (`difference`), None
    where that cannot be said (a reported or suppressed value, no value). `records` is one page of `records_total` lines;
    `records_reason`: "withheld", "reported" (nothing to open), "no_value". Sums are in the stored unit `unit`.
    """

    figure: Figure
    unit: str
    zones: tuple[str, ...]
    units: tuple[UnitRow, ...]
    total: Fraction | None
    numerator: Fraction | None
    denominator: Fraction | None
    records_sum: Fraction | None
    records_denominator: Fraction | None
    difference: Fraction | None
    reconciles: bool | None
    records: tuple[dict[str, Any], ...]
    records_total: int
    records_reason: ReasonKey | None
    split: Split | None
    exceptions: tuple[ExceptionItem, ...]
    values: tuple[ReportedValue, ...]
    months: tuple[MonthRow, ...]
    formula: str
    definition: str
    roll_up: str
    owner: str
    channel: str
    provenance: str
    period: str
    scope: str


@dataclass(frozen=True)
class _Opened:
    """Records of the tile as lines, or why there are none; `pages` are the attribution engine's own rows instead."""

    lines: list[Line] | None
    reason: ReasonKey | None


def explain(
    question: Question, kpi_id: str, zones: Sequence[str] | None = None, *, offset: int = 0, limit: int = 200
) -> Explanation:
    """Where the tile's number comes from, for the same viewer, filter, month and zones as the tile (rules §3.3, §4.3).

    Sums made of single firms are ＊ outside the owner's group, also by subtraction (rules §2.6.4); records of projects that
    the viewer may not see are one pooled line, so that the sum stays whole. Raises KeyError for an unknown KPI id.
    """
    at = question.at
    chosen = tuple(z for z in at.zones if z in zones) if zones is not None else at.chosen
    figure = figures(question, (kpi_id,), zones=chosen)[kpi_id]
    allowed = gate.may_see_totals(question.viewer, at.provenance)
    values = _values(question.session, at, kpi_id, chosen) if allowed else ()
    filtered_ = _filtered(question)
    opened = _lines(question, figure, chosen)
    divided = split(question, kpi_id, chosen) if allowed and kpi_id in SPLIT_KPIS else None
    blocks = _blocks(question, figure)
    units = _units(question.known, blocks, figure, opened, () if filtered_ else values, chosen)
    hidden = any(u.reason == "suppressed" for u in units)
    sums = _sum(opened.lines, figure.kpi.is_ratio) if opened.lines is not None else (None, None)
    total_hidden = figure.reason == "suppressed" or (
        blocks is not None and not blocks.admit({line.id for line in opened.lines or ()})
    )
    if total_hidden:
        figure = replace(figure, value=None, numerator=None, denominator=None, reason="suppressed")
        figure = replace(figure, yoy=None, attained=None, spark=())
        sums = (None, None)
    total, numerator, denominator = (
        None if x is None else exact(x) for x in (figure.value, figure.numerator, figure.denominator)
    )
    difference, reconciles = _compare(figure, units, sums, opened)
    rows, count, reason = _page(question, figure, opened, chosen, offset, limit)
    return Explanation(
        figure=figure,
        unit=figure.unit,
        zones=chosen,
        units=units,
        total=total,
        numerator=numerator,
        denominator=denominator,
        records_sum=sums[0],
        records_denominator=sums[1],
        difference=difference,
        reconciles=reconciles,
        records=rows,
        records_total=count,
        records_reason=reason,
        split=divided,
        exceptions=tuple(
            item
            for item in (exceptions(question, (kpi_id,), chosen) if divided is not None else ())
            if item.entity_kind != "kpi_value" or item.entity_id == kpi_id
        ),
        values=() if hidden or total_hidden else tuple(v for v in values if v.period == figure.period),
        # The year month by month is shown to those who may see every sum: each point would need a look of its own.
        months=() if blocks is not None or filtered_ else _months(question.known, figure, values, chosen, at),
        formula=figure.kpi.formula,
        definition=figure.kpi.definition,
        roll_up=figure.kpi.method.value,
        owner=figure.kpi.data_owner,
        channel=figure.kpi.channel,
        provenance=at.provenance,
        period=figure.period,
        scope=figure.scope.value,
    )


def _filtered(question: Question) -> bool:
    return any(c.facet is not Facet.ZONE for c in question.filter.clauses)


# --- records ------------------------------------------------------------------------------------------------------------


def _lines(question: Question, figure: Figure, zones: tuple[str, ...]) -> _Opened:
    """Lines of the tile; firms and projects are the same records the tile was summed from, filter included."""
    at = question.at
    if figure.value is None and figure.reason not in ("no_records", "zero_denominator"):
        return _Opened(None, figure.reason or "no_value")
    kpi = figure.kpi
    if kpi.divisible:
        data = attributed(question.session, at, kpi.id, Scope(figure.scope.value))
        districts = question.state.districts if figure.from_records else ()
        mask = data.selected(zones, owners_selected(question, kpi.id), districts)
        amounts = data.amounts_in(districts)
        return _Opened(
            [
                Line(kpi.record or "", data.owner[i], data.names[data.owner[i]], data.zones[data.zone_of_record[i]],
                     figure.period, int(amounts[i]))
                for i in mask.nonzero()[0].tolist() if not data.owner[i].startswith(BALANCE)
            ],
            None,
        )  # fmt: skip
    if kpi.id not in LINES:
        return _Opened(None, "reported")
    conditions = tuple(record_conditions(question, kpi)) if figure.from_records else ()
    return _Opened(lines(kpi, question.ask(zones, (Period.parse(figure.period),), conditions)), None)


def _sum(lines: Sequence[Line], ratio: bool) -> tuple[Fraction | None, Fraction | None]:
    if ratio:
        return (
            Fraction(sum(line.numerator or 0 for line in lines)),
            Fraction(sum(line.denominator or 0 for line in lines)),
        )
    return Fraction(sum(line.amount or 0 for line in lines)), None


def _page(
    question: Question, figure: Figure, opened: _Opened, zones: tuple[str, ...], offset: int, limit: int
) -> tuple[tuple[dict[str, Any], ...], int, ReasonKey | None]:
    """One page of lines that the viewer may see, largest first; what may not be seen is one pooled line at the end."""
    if opened.lines is None:
        return (), 0, opened.reason
    kpi_id = figure.kpi.id
    if kpi_id in SPLIT_KPIS:
        page = attribution_rows(question, kpi_id, zones, offset=offset, limit=limit)
        return page.rows, page.total, page.reason
    if figure.kpi.firm_figures and not question.viewer.may(FieldClass.ENTERPRISE_FIGURES):
        return (), 0, "withheld"
    lines = sorted(
        opened.lines, key=lambda n: (-(n.amount or 0), -(n.numerator or 0), -(n.denominator or 0), n.zone_code, n.id)
    )
    pooled: list[Line] = []
    if lines and lines[0].kind == _PROJECT_KIND:
        if not question.viewer.may(FieldClass.PROJECT_FIGURES):
            return (), 0, "withheld"
        hidden = hidden_owners(question, kpi_id)
        pooled = [line for line in lines if line.id in hidden]
        lines = [line for line in lines if line.id not in hidden]
    rows = [_line_row(line) for line in lines[offset : offset + limit]]
    total = len(lines)
    if pooled:
        total += 1
        if offset <= len(lines) < offset + limit:
            top, bottom = _sum(pooled, figure.kpi.is_ratio)
            name = "numerator" if figure.kpi.is_ratio else "amount"
            rows.append({"id": None, "reason": "withheld", "records": len(pooled), name: int(top or 0),
                         "denominator": None if bottom is None else int(bottom)})  # fmt: skip
    return tuple(rows), total, None


def _line_row(line: Line) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": line.id,
        "kind": line.kind,
        "name_zh": line.name_zh,
        "zone_code": line.zone_code,
        **line.details,
    }
    if line.denominator is None:
        row["amount"] = line.amount
    else:
        row["numerator"], row["denominator"] = line.numerator, line.denominator
    return row


# --- units --------------------------------------------------------------------------------------------------------------


def _units(
    known: Catalogue,
    blocks: Blocks | None,
    figure: Figure,
    opened: _Opened,
    values: Sequence[ReportedValue],
    zones: tuple[str, ...],
) -> tuple[UnitRow, ...]:
    ratio = figure.kpi.is_ratio
    reported = {v.zone: v for v in values if v.current and v.period == figure.period}
    by_zone: dict[str, list[Line]] = {zone: [] for zone in zones}
    for line in opened.lines or ():
        if figure.kpi.method is Method.UNION:
            for zone, own_lines in by_zone.items():
                own_lines.append(replace(line, numerator=int(zone in line.details["zones"])))
        else:
            by_zone[line.zone_code].append(line)
    # A tile that is hidden opens no records to judge zones by: then no zone is shown.
    hidden = set(zones) if figure.reason == "suppressed" else set()
    if blocks is not None:
        hidden |= {zone for zone, own in by_zone.items() if not blocks.admit({line.id for line in own})}
    rows = []
    for zone in zones:
        zh, en = unit_name(known, zone)
        if zone in hidden:
            rows.append(UnitRow(zone, zh, en, None, None, None, 0, None, None, None, "suppressed"))
            continue
        own = by_zone[zone]
        found = reported.get(zone)
        top, bottom = _sum(own, ratio) if opened.lines is not None else (None, None)
        if figure.from_records:
            value, parts = (top, (None, None)) if not ratio else (None, (top, bottom))
            if ratio and top is not None and bottom:
                value = top * figure.kpi.factor / bottom
            rows.append(UnitRow(zone, zh, en, value, *parts, len(own), top, bottom, Fraction(0), None))
            continue
        value = None if found is None or found.value is None else exact(found.value)
        numerator = None if found is None or found.numerator is None else exact(found.numerator)
        denominator = None if found is None or found.denominator is None else exact(found.denominator)
        stated = numerator if ratio else value
        gap = None
        if stated is not None and top is not None:
            gap = stated - top
            if ratio and denominator is not None and bottom is not None and not gap:
                gap = denominator - bottom
        reason: ReasonKey | None = None
        if found is None or (stated is None and value is None):
            reason = "not_reported"
        elif opened.lines is None:
            reason = "no_records"
        rows.append(UnitRow(zone, zh, en, value, numerator, denominator, len(own), top, bottom, gap, reason))
    return tuple(rows)


def _blocks(question: Question, figure: Figure) -> Blocks | None:
    """The blocks whose sums the viewer may see; None where all may be seen."""
    if open_to(question.viewer, figure.kpi) or figure.kpi.id not in LINES:
        return None
    return firm_blocks(question, figure.kpi, figure.period)


def _compare(
    figure: Figure, units: Sequence[UnitRow], sums: tuple[Fraction | None, Fraction | None], opened: _Opened
) -> tuple[Fraction | None, bool | None]:
    """Tile − records, and whether units sum to the tile and records to every unit."""
    if figure.value is None or opened.lines is None or sums[0] is None:
        return None, None
    if figure.kpi.method is Method.PUBLISHED:
        return None, None
    stated = figure.numerator if figure.kpi.is_ratio else figure.value
    if stated is None:
        return None, None
    shown = [u for u in units if u.reason is None]
    difference = exact(stated) - sums[0]
    if figure.kpi.is_ratio and not difference and figure.denominator is not None and sums[1] is not None:
        difference = exact(figure.denominator) - sums[1]
    if any(u.reason == "suppressed" for u in units):
        return difference, difference == 0
    parts = [(u.numerator if figure.kpi.is_ratio else u.value) for u in shown]
    adds_up = figure.kpi.method is Method.UNION or sum((p for p in parts if p is not None), Fraction(0)) == exact(
        stated
    )
    return difference, adds_up and difference == 0 and all(not u.difference for u in shown)


# --- reported values ----------------------------------------------------------------------------------------------------


def _values(session: Session, at: Resolved, kpi_id: str, zones: tuple[str, ...]) -> tuple[ReportedValue, ...]:
    """Every stored value of the KPI for these zones since the year before, all versions, oldest first."""
    v = m.KpiValue
    year = Period.parse(at.period).year
    rows = session.scalars(
        select(v)
        .where(
            v.provenance == at.provenance,
            v.kpi_id == kpi_id,
            v.unit_scope == "zone",
            v.scope == "territorial",
            v.unit_code.in_(list(zones)),
            v.period >= f"{year - 5}",
        )
        .order_by(v.period, v.unit_code, v.version)
    ).all()
    newest = {(r.period, r.unit_code): r.version for r in rows}
    return tuple(
        ReportedValue(
            r.unit_code, r.period, r.value, r.numerator, r.denominator, r.unit, r.status, r.version,
            newest[r.period, r.unit_code] == r.version, r.scope, r.channel, r.owner, r.source_doc, str(r.as_of),
        )
        for r in rows
    )  # fmt: skip


def _months(
    known: Catalogue, figure: Figure, values: Sequence[ReportedValue], zones: tuple[str, ...], at: Resolved
) -> tuple[MonthRow, ...]:
    """The year of the figure month by month; of a quarterly or annual KPI its periods of the last five years."""
    kpi = figure.kpi
    by_period: dict[str, dict[str, ReportedValue]] = {}
    for value in values:
        if value.current:
            by_period.setdefault(value.period, {})[value.zone] = value
    now = Period.parse(figure.period)
    if now.kind != "M" or not kpi.ytd or kpi.is_ratio or kpi.method is Method.PUBLISHED:
        wanted = [p for p in sorted(by_period) if Period.parse(p).kind == now.kind and p <= figure.period]
        if now.kind == "M":
            wanted = [p for p in wanted if p[:4] == figure.period[:4]]
        return tuple(_point(kpi.is_ratio, kpi.method is Method.PUBLISHED, by_period[p], p, zones) for p in wanted)
    months = [str(p) for p in now.ytd_months()]
    series: dict[str, list[MonthValue]] = {}
    for zone in zones:
        ytd = [_whole(by_period.get(p, {}).get(zone)) for p in months]
        if kpi.no_january:
            ytd[0] = None
        series[zone] = ytd_to_month_values(now.year, ytd, kpi.no_january)
    rows = []
    length = len(next(iter(series.values()), []))
    for i in range(length):
        points = [series[zone][i] for zone in zones]
        last = points[0].months[-1]
        label = str(last) if len(points[0].months) == 1 else f"{points[0].months[0]}/{last.index:02d}"
        known_points = [p.value for p in points if p.value is not None]
        complete = len(known_points) == len(points)
        total = sum(known_points) if complete else None
        stock = [_whole(by_period.get(str(last), {}).get(zone)) for zone in zones]
        revised = tuple(z for z, p in zip(zones, points, strict=True) if p.revised)
        rows.append(
            MonthRow(
                label,
                None if total is None else Fraction(total),
                None if None in stock else Fraction(sum(s for s in stock if s is not None)),
                bool(revised),
                revised,
                None if complete else next(p.reason for p in points if p.value is None),
            )
        )
    return tuple(rows)


def _whole(value: ReportedValue | None) -> int | None:
    return None if value is None or value.value is None else round(value.value)


def _point(
    ratio: bool, published: bool, found: dict[str, ReportedValue], period: str, zones: tuple[str, ...]
) -> MonthRow:
    """A point value: the sum of all zones, or the ratio of their sums as a plain quotient; None unless all reported."""
    own = [found.get(zone) for zone in zones]
    parts = [
        None
        if v is None
        else (exact(v.numerator), exact(v.denominator))
        if ratio and v.numerator is not None and v.denominator is not None
        else (exact(v.value), Fraction(1))
        if not ratio and v.value is not None
        else None
        for v in own
    ]
    known = [p for p in parts if p is not None]
    if len(known) < len(parts) or (published and len(parts) > 1):
        return MonthRow(period, None, None, False, (), "not_derivable" if published else "not_reported")
    top = sum((p[0] for p in known), Fraction(0))
    bottom = sum((p[1] for p in known), Fraction(0))
    if not ratio:
        return MonthRow(period, top, None, False, (), None)
    if not bottom:
        return MonthRow(period, None, None, False, (), "zero_denominator")
    return MonthRow(period, top / bottom, None, False, (), None)


# --- the workbook -------------------------------------------------------------------------------------------------------

_XLSX_ROWS = 1_000_000
_LABELS: dict[str, tuple[str, str]] = {
    "about": ("说明", "About"),
    "units": ("分单位", "By unit"),
    "records": ("分记录", "By record"),
    "rules": ("归属与依据", "Rules"),
    "months": ("分期", "By period"),
    "values": ("上报值", "Reported values"),
    "exceptions": ("例外", "Exceptions"),
    "kpi": ("指标", "Indicator"),
    "definition": ("定义", "Definition"),
    "formula": ("公式", "Formula"),
    "roll_up": ("汇总规则", "Roll-up rule"),
    "period": ("时期", "Period"),
    "page_period": ("页面日期", "Page date"),
    "status": ("数据状态", "Status"),
    "as_of": ("数据截至", "As of"),
    "scope": ("口径", "Scope"),
    "badge": ("标注", "Mark"),
    "provenance": ("数据集", "Data set"),
    "filter": ("筛选", "Filter"),
    "zones": ("园区", "Zones"),
    "unit": ("单位", "Unit"),
    "value": ("数值", "Value"),
    "reason": ("原因", "Reason"),
    "numerator": ("分子", "Numerator"),
    "denominator": ("分母", "Denominator"),
    "records_sum": ("记录合计", "Sum of records"),
    "difference": ("差额", "Difference"),
    "reconciles": ("是否相符", "Reconciles"),
    "owner": ("数据责任单位", "Owner"),
    "channel": ("渠道", "Channel"),
    "total": ("合计", "Total"),
    "suppressed": ("＊（不足3家或单家超过85%）", "* (fewer than 3 firms, or one above 85 %)"),
    "dual": ("—（双计，不可加）", "- (double credited, not additive)"),
    "unattributed": ("未归属", "Not attributed"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
}


class _Sheets:
    """Writes rows of text and numbers; text is always a string cell, so nothing typed by anybody becomes a formula."""

    def __init__(self, language: str) -> None:
        self.buffer = BytesIO()
        self.book = xlsxwriter.Workbook(
            self.buffer,
            {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
        )
        self.head = self.book.add_format({"bold": True, "bottom": 1})
        self.language = language
        self.column = 1 if language == "en" else 0

    def label(self, key: str) -> str:
        """A label in the chosen language; an unknown key is shown as it is."""
        return _LABELS[key][self.column] if key in _LABELS else key

    def why(self, key: ReasonKey | None, figure: Figure) -> str | None:
        """A reason in words; a figure knows which facets it cannot follow and how many have reported."""
        if key is None:
            return None
        return reason_words(
            key, self.language, reported=figure.reported, expected=figure.expected, missed=figure.missed
        )

    def of_record(self, key: str) -> str:
        """Why a record is in no unit, or is not shown one by one, in words."""
        return translate({**FAULT_WORDS, **REASON_WORDS}[key], self.language)

    def add(self, key: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """One sheet with a header row."""
        sheet = self.book.add_worksheet(self.label(key)[:31])
        for column, name in enumerate(header):
            sheet.write_string(0, column, self.label(name), self.head)
        for number, row in enumerate(rows[:_XLSX_ROWS], start=1):
            for column, value in enumerate(row):
                self._cell(sheet, number, column, value)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, max(len(header) - 1, 1), 18)

    def _cell(self, sheet: Any, row: int, column: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_string(row, column, self.label("yes" if value else "no"))
        elif isinstance(value, int | float | Fraction):
            sheet.write_number(row, column, float(value) if isinstance(value, Fraction) else value)
        else:
            sheet.write_string(row, column, str(value))

    def done(self) -> bytes:
        """The finished file."""
        self.book.close()
        return self.buffer.getvalue()


def explain_xlsx(question: Question, kpi_id: str, zones: Sequence[str] | None = None, *, language: str = "zh") -> bytes:
    """The explanation as a workbook: first what it is (filter, date, scope, data set, definition), then every table.

    It holds what the viewer sees on screen and nothing more, all records instead of one page. Texts are string cells: a
    name that begins with "=" stays a name. Raises KeyError for an unknown KPI id.
    """
    found = explain(question, kpi_id, zones, limit=_XLSX_ROWS)
    sheets = _Sheets(language)
    sheets.add("about", ("kpi", "value"), _about(found, question, sheets))
    mark = sheets.label("suppressed")
    ratio = found.figure.kpi.is_ratio
    reason = sheets.why(found.figure.reason, found.figure)
    unit_rows: list[list[Any]] = [
        [u.zone, u.name_zh, mark if u.reason == "suppressed" else u.value, u.numerator, u.denominator, u.records,
         u.records_sum, u.records_denominator, u.difference, sheets.why(u.reason, found.figure)]
        for u in found.units
    ]  # fmt: skip
    unit_rows.append(
        [None, sheets.label("total"), found.total if found.total is not None else reason,
         found.numerator if ratio else None, found.denominator if ratio else None, found.records_total,
         found.records_sum, found.records_denominator, found.difference, reason]
    )  # fmt: skip
    sheets.add(
        "units",
        ("code", "zones", "value", "numerator", "denominator", "records", "records_sum", "denominator", "difference",
         "reason"),
        unit_rows,
    )  # fmt: skip
    _record_sheet(sheets, found)
    if found.split is not None:
        _rule_sheet(sheets, found.split)
    sheets.add(
        "months",
        ("period", "value", "YTD", "▽修订", "zones", "reason"),
        [[r.label, r.value, r.ytd, "▽修订" if r.revised else None, ",".join(r.zones_revised) or None,
          sheets.why(r.reason, found.figure)]
         for r in found.months],
    )  # fmt: skip
    sheets.add(
        "values",
        ("zones", "period", "value", "numerator", "denominator", "unit", "status", "version", "scope", "channel", "owner",
         "source_doc", "as_of"),
        [[v.zone, v.period, v.value, v.numerator, v.denominator, v.unit, v.status, v.version, v.scope, v.channel, v.owner,
          v.source_doc, v.as_of] for v in found.values],
    )  # fmt: skip
    if found.exceptions:
        sheets.add(
            "exceptions",
            ("code", "kind", "id", "name", "zones", "period", "value", "rows"),
            [[e.code, e.entity_kind, e.entity_id, e.name_zh, e.zone_code, e.period, e.amount, ", ".join(e.rows)]
             for e in found.exceptions],
        )  # fmt: skip
    return sheets.done()


def _about(found: Explanation, question: Question, sheets: _Sheets) -> list[list[Any]]:
    state = question.state
    column = sheets.column
    kpi = found.figure.kpi
    facets = {
        "zone": state.zones, "chain": (*state.chains, *state.nodes), "stage": state.stages, "light": state.lights,
        "district": state.districts, "kind": state.kinds,
    }  # fmt: skip
    text = "; ".join(f"{name}={','.join(values)}" for name, values in facets.items() if values) or "—"
    value: Any = found.total
    if value is None and (key := found.figure.reason) is not None:
        value = sheets.label(key) if key in _LABELS else sheets.why(key, found.figure)
    return [
        [sheets.label("kpi"), f"{kpi.id} {kpi.name_en if column else kpi.name_zh}"],
        [sheets.label("value"), value],
        [sheets.label("unit"), found.unit],
        [sheets.label("reason"), sheets.why(found.figure.reason, found.figure)],
        [sheets.label("period"), found.period],
        [sheets.label("page_period"), question.at.period],
        [sheets.label("status"), found.figure.status],
        [sheets.label("as_of"), found.figure.as_of],
        [sheets.label("scope"), translate(words.SCOPES[found.scope], sheets.language)],
        [
            sheets.label("rules"),
            translate(words.SCOPES[found.split.scope.value], sheets.language) if found.split else None,
        ],
        [sheets.label("badge"), found.split.badge if found.split else None],
        [sheets.label("provenance"), translate(words.PROVENANCES[found.provenance], sheets.language)],
        [sheets.label("filter"), text],
        [sheets.label("zones"), ", ".join(unit_name(question.known, z)[column] for z in found.zones)],
        [sheets.label("definition"), found.definition],
        [sheets.label("formula"), found.formula],
        [sheets.label("roll_up"), found.roll_up],
        [sheets.label("owner"), found.owner],
        [sheets.label("channel"), found.channel],
        [sheets.label("records_sum"), found.records_sum],
        [sheets.label("difference"), found.difference],
        [sheets.label("reconciles"), found.reconciles],
    ]


def _record_sheet(sheets: _Sheets, found: Explanation) -> None:
    names = list(dict.fromkeys(key for row in found.records for key in row if key != "parts"))
    parts = any("parts" in row for row in found.records)
    rows = []
    for record in found.records:
        cells = [_text(record.get(name)) for name in names]
        if record.get("reason"):
            cells[names.index("reason")] = sheets.of_record(record["reason"])
        if parts:
            cells.append("; ".join(f"{p['name_zh']} {p['share']} = {p['amount']}" for p in record.get("parts", ())))
        rows.append(cells)
    if found.records_reason is not None:
        names, rows = ["reason"], [[sheets.why(found.records_reason, found.figure)]]
    sheets.add("records", [*names, *(["rules"] if parts else [])], rows)


def _text(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _rule_sheet(sheets: _Sheets, found: Split) -> None:
    mark = sheets.label("suppressed")
    rows: list[list[Any]] = [
        [p.unit, p.name_zh, p.amount if p.reason is None else mark, p.share, p.cash_wan, None, None]
        for p in found.parts
    ]
    if found.unattributed:
        rows.append([None, sheets.label("unattributed"), found.unattributed, None, None, None, None])
    total: Any = found.total
    if found.reason is not None:
        words = reason_words(found.reason, sheets.language, missed=found.missed)
        total = sheets.label(found.reason) if found.reason in _LABELS else words
    rows.append([None, sheets.label("total"), total, None, None, None, found.badge])
    for use in found.rules:
        shares = "; ".join(f"{unit} {share.numerator}/{share.denominator}" for unit, share in use.shares)
        rows.append(
            [use.rule_id, shares or use.kind, use.amount, None, None, use.records,
             f"{use.basis_doc or ''}{'（演示比例）' if use.illustrative else ''}"]
        )  # fmt: skip
    sheets.add("rules", ("code", "unit", "value", "share", "cash_wan", "records", "basis"), rows)
