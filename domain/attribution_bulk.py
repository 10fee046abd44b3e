"""Attribution of large tables: the answers of `domain.attribution.attribute`, computed by column (rules §4.3).

Rules come from the scalar `resolve`, asked once for each different kind of subject, measure and stretch of time between
dates at which an answer can change; only the integer division is done on arrays.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from domain.attribution import (
    Agreement,
    AgreementBook,
    Attribution,
    ExceptionRow,
    Metric,
    Record,
    Refusal,
    Rule,
    Scope,
    Subject,
    UnitSpan,
    UnitTotals,
    apply_rule,
    limit_end,
    resolve,
)
from domain.periods import Period
from domain.units import integer_weights, largest_remainder

Ints = NDArray[np.int64]
Index = NDArray[np.int32]  # positions: half the memory of the amounts, which decides the speed at millions of rows
_INT64_MAX = int(np.iinfo(np.int64).max)


@dataclass(frozen=True)
class RecordBlock:
    """Records by column. `measures` are the metrics; the four arrays have one entry for each record, the first
    three being positions in `subjects`, `measures` and `periods`, the last integer 万元 (or a count)."""

    subjects: Sequence[Subject]
    measures: Sequence[Metric]
    periods: Sequence[Period]
    subject: Ints
    measure: Ints
    period: Ints
    amount_wan: Ints
    ids: Sequence[str] | None = None

    @classmethod
    def of(cls, records: Sequence[Record]) -> RecordBlock:
        """The block of a list of records; subjects are told apart by identity."""
        subjects = {id(record.subject): record.subject for record in records}
        measures = dict.fromkeys(record.metric for record in records)
        periods = dict.fromkeys(record.period for record in records)
        at_subject = {key: position for position, key in enumerate(subjects)}
        at_measure = {key: position for position, key in enumerate(measures)}
        at_period = {key: position for position, key in enumerate(periods)}

        def column(values: list[int]) -> Ints:
            return np.array(values, dtype=np.int64)

        return cls(
            tuple(subjects.values()),
            tuple(measures),
            tuple(periods),
            column([at_subject[id(record.subject)] for record in records]),
            column([at_measure[record.metric] for record in records]),
            column([at_period[record.period] for record in records]),
            column([record.amount_wan for record in records]),
            tuple(record.id for record in records),
        )

    def record(self, row: int) -> Record:
        """One row as a scalar record; without ids it is named by subject, metric and period."""
        subject = self.subjects[self.subject[row]]
        metric = self.measures[self.measure[row]]
        period = self.periods[self.period[row]]
        name = self.ids[row] if self.ids is not None else f"{subject.id}/{metric.id}/{period}"
        return Record(name, subject, metric, period, int(self.amount_wan[row]))


@dataclass(frozen=True)
class AttributionTable:
    """Attributions by column, one entry for each part: `record` is the row of the block, `rule` the position in `rules`,
    `part` the position in the rule's shares, `unit` the position in `units`. Entries are grouped by part, not by record."""

    block: RecordBlock
    scope: Scope
    restated: bool
    rules: tuple[Rule, ...]
    units: tuple[str, ...]
    record: Index
    rule: Index
    part: Index
    unit: Index
    amount_wan: Ints
    exceptions: tuple[ExceptionRow, ...]

    def totals(self) -> UnitTotals:
        """Sums by unit over the whole table (one metric, or metrics that may be added)."""
        dual = self.scope is Scope.DUAL
        by_unit = {
            self.units[position]: int(self.amount_wan[self.unit == position].sum())
            for position in _distinct(self.unit, len(self.units)).tolist()
        }
        return UnitTotals(
            by_unit,
            None if dual else sum(by_unit.values()),
            "dual" if dual else None,
            sum(row.record.amount_wan for row in self.exceptions),
            len(self.exceptions),
        )

    def attributions(self) -> Iterator[Attribution]:
        """Every attribution as the scalar engine gives it, in the order of the block."""
        order = np.lexsort((self.part, self.record))
        amounts = self.amount_wan[order].tolist()
        position = 0
        while position < len(order):
            first = order[position]
            rule = self.rules[self.rule[first]]
            width = len(rule.shares)
            record = self.block.record(int(self.record[first]))
            yield apply_rule(record, self.scope, rule, amounts[position : position + width], self.restated)
            position += width


def _profile(subject: Subject, scope: Scope, book: AgreementBook) -> Hashable:
    """Everything of a subject that a rule can depend on: equal profiles have equal rules."""
    own = book.of_subject(subject)
    limited = any(agreement.years_from_start is not None for agreement in (*own, *book.of_zone(subject)))
    return (
        subject.zone,
        subject.stat_units,
        tuple(sorted(subject.places.items())),
        subject.id if own else None,
        subject.started if limited else None,
        subject.assist_units,
        tuple(subject.footprint.items()) if scope is Scope.AREA else None,
    )


def _change_days(subject: Subject, book: AgreementBook) -> set[date]:
    """Days on which the rule of a subject can change."""
    days = set()
    agreements = (*book.of_subject(subject), *book.of_zone(subject))
    spans: tuple[UnitSpan | Agreement, ...] = (*subject.stat_units, *agreements)
    for span in spans:
        days.add(span.valid_from)
        if span.valid_to is not None:
            days.add(span.valid_to + timedelta(days=1))
    if subject.started is not None:
        for agreement in agreements:
            if agreement.years_from_start is not None:
                days.add(limit_end(subject.started, agreement.years_from_start))
    return days


class _Rules:
    """Different rules and refusals found so far; a refusal has a negative code."""

    def __init__(self) -> None:
        self.rules: dict[Rule, int] = {}
        self.refusals: dict[Refusal, int] = {}

    def code(self, found: Rule | Refusal) -> int:
        if isinstance(found, Refusal):
            return -1 - self.refusals.setdefault(found, len(self.refusals))
        return self.rules.setdefault(found, len(self.rules))


def _rule_codes(
    block: RecordBlock, scope: Scope, book: AgreementBook, restate_at: Period | None, known: _Rules
) -> Index:
    """The code of the rule of every record."""
    profiles: dict[Hashable, int] = {}
    examples: list[Subject] = []
    profile_of = np.empty(len(block.subjects), dtype=np.int64)
    for position, subject in enumerate(block.subjects):
        key = _profile(subject, scope, book)
        if key not in profiles:
            profiles[key] = len(examples)
            examples.append(subject)
        profile_of[position] = profiles[key]

    by_start = sorted(block.periods, key=lambda period: period.start)
    asked = [restate_at] if restate_at is not None else by_start
    starts = np.array([period.start.toordinal() for period in asked], dtype=np.int64)
    codes = np.empty((len(examples), len(block.measures), len(asked)), dtype=np.int32)
    for row, subject in enumerate(examples):
        days = np.array(sorted(day.toordinal() for day in _change_days(subject, book)), dtype=np.int64)
        cuts = np.searchsorted(starts, days)
        edges = sorted({0, *cuts.tolist(), len(asked)})
        amounts = [column for column, metric in enumerate(block.measures) if not metric.is_count]
        if scope is Scope.AREA and amounts:
            # Space alone divides an amount, whatever the metric and the day: one answer serves them all.
            metric = block.measures[amounts[0]]
            codes[row, amounts] = known.code(resolve(subject, metric, asked[0], scope, book))
        for column, metric in enumerate(block.measures):
            if scope is Scope.AREA and not metric.is_count:
                continue
            for first, last in pairwise(edges):
                found = resolve(subject, metric, asked[first], scope, book)
                codes[row, column, first:last] = known.code(found)

    if restate_at is not None:
        moment = np.zeros(len(block.periods), dtype=np.int64)
    else:
        place = {period: position for position, period in enumerate(by_start)}
        moment = np.array([place[period] for period in block.periods], dtype=np.int64)
    return codes[profile_of[block.subject], block.measure, moment[block.period]]


def _distinct(values: Index, size: int) -> Ints:
    """The different values below `size`, in order. By counting: sorting would cost more than the number of rows."""
    found: Ints = np.flatnonzero(np.bincount(values, minlength=size)).astype(np.int64)
    return found


#: Rows divided at once: their columns fit the processor's cache, so that ten times the rows take ten times as long.
_SLICE = 1 << 15


def _divided(amounts: Ints, weights: Ints) -> Ints:
    """Largest remainder by column: amounts (n), weights (parts, n) -> parts (parts, n). The products must fit 64 bits."""
    size = np.abs(amounts)
    products = size * weights
    whole = weights.sum(axis=0)
    parts = products // whole
    remainders = products - parts * whole
    left = size - parts.sum(axis=0)
    for given in range(len(weights) - 1):
        rows = np.flatnonzero(left > given)
        if not rows.size:
            break
        best = remainders[:, rows].argmax(axis=0)  # the first of equal remainders, as in the scalar rule
        parts[best, rows] += 1
        remainders[best, rows] = -1
    signed: Ints = parts * np.sign(amounts)
    return signed


def _amounts(rules: Sequence[Rule], codes: Index, amounts: Ints, width: int) -> Ints:
    """Amounts (width, n) of records whose rules all have `width` shares."""
    if width == 1:
        return amounts[np.newaxis, :]
    used = _distinct(codes, len(rules))
    place = np.empty(len(rules), dtype=np.int32)
    place[used] = np.arange(len(used))
    position = place[codes]
    additive = np.array([rules[code].additive for code in used.tolist()])
    if not additive.any():
        return np.tile(amounts, (width, 1))
    weights = [integer_weights([share for _, share in rules[code].shares]) for code in used.tolist()]
    limits = np.array([_INT64_MAX // sum(row) for row in weights], dtype=np.int64)
    # Weights beyond 64 bits are never multiplied: their rows have limit 0 and go the scalar way below.
    table = np.array([row if sum(row) <= _INT64_MAX else [1] * width for row in weights], dtype=np.int64).T
    parts = np.empty((width, len(amounts)), dtype=np.int64)
    fits = np.abs(amounts) <= limits[position]
    for start in range(0, len(amounts), _SLICE):
        here = slice(start, start + _SLICE)
        if fits[here].all():
            parts[:, here] = _divided(amounts[here], table[:, position[here]])
        else:
            rows = start + np.flatnonzero(fits[here])
            parts[:, rows] = _divided(amounts[rows], table[:, position[rows]])
    for row in np.flatnonzero(~fits).tolist():
        parts[:, row] = largest_remainder(int(amounts[row]), weights[int(position[row])])
    return parts


def attribute_many(
    block: RecordBlock, scope: Scope, agreements: AgreementBook, restate_at: Period | None = None
) -> AttributionTable:
    """Divide every record of the block; the same results as `attribute` on each (rules §4.3)."""
    known = _Rules()
    codes = _rule_codes(block, scope, agreements, restate_at, known)
    rules = tuple(known.rules)
    refusals = tuple(known.refusals)
    exceptions = []
    for row in np.flatnonzero(codes < 0).tolist():
        refusal = refusals[-1 - int(codes[row])]
        exceptions.append(ExceptionRow(block.record(row), scope, refusal.reason, refusal.rows))

    units: dict[str, int] = {}
    for rule in rules:
        for unit, _ in rule.shares:
            units.setdefault(unit, len(units))
    widths = np.array([len(rule.shares) for rule in rules] + [0], dtype=np.int32)  # the last, at -1, is for refusals
    width_of = widths[np.maximum(codes, -1)]
    records: list[Index] = []
    rules_at: list[Index] = []
    parts_at: list[Index] = []
    units_at: list[Index] = []
    amounts: list[Ints] = []
    for width in sorted(set(widths.tolist()) - {0}):
        rows = np.flatnonzero(width_of == width).astype(np.int32)
        chosen = codes[rows]
        divided = _amounts(rules, chosen, block.amount_wan[rows], width)
        for part in range(width):
            unit_of_rule = np.array(
                [units[rule.shares[part][0]] if len(rule.shares) == width else -1 for rule in rules], dtype=np.int32
            )
            records.append(rows)
            rules_at.append(chosen)
            parts_at.append(np.full(len(rows), part, dtype=np.int32))
            units_at.append(unit_of_rule[chosen])
            amounts.append(divided[part])
    return AttributionTable(
        block,
        scope,
        restate_at is not None,
        rules,
        tuple(units),
        np.concatenate([np.empty(0, np.int32), *records]),
        np.concatenate([np.empty(0, np.int32), *rules_at]),
        np.concatenate([np.empty(0, np.int32), *parts_at]),
        np.concatenate([np.empty(0, np.int32), *units_at]),
        np.concatenate([np.empty(0, np.int64), *amounts]),
        tuple(exceptions),
    )
