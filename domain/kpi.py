"""What an indicator is, what a value must carry, and how values of several units become one (spec §3.1-3.3).

Unknown is never 0: a roll-up says how many units reported, which are missing and why a value cannot be given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from domain.periods import Period
from domain.reasons import ReasonKey
from domain.units import Number, exact

#: Projects of at least this total investment (10 亿元) are 重大项目 in K21; the threshold is not settled (spec §12.8).
MAJOR_PROJECT_WAN = 100_000


class Method(StrEnum):
    """How values of several units become one."""

    SUM = "sum"
    RATIO = "ratio"
    DISTINCT = "distinct"
    PUBLISHED = "published"


@dataclass(frozen=True)
class KpiDef:
    """One row of the indicator dictionary (spec §3.2), with what follows from its text."""

    id: str
    name_zh: str
    name_en: str
    definition: str
    formula: str
    unit: str
    direction: str
    period: str
    accumulation: str
    additive_across_parks: str
    additive_across_districts: str
    roll_up_rule: str
    data_owner: str
    channel: str

    @classmethod
    def from_row(cls, row: Mapping[str, str]) -> KpiDef:
        """From a row of the dictionary file; columns of other names are left aside. Raises KeyError for a missing one."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @property
    def method(self) -> Method:
        """The roll-up method. Raises ValueError for a rule text it does not know, so that a new row is never guessed."""
        rule = self.roll_up_rule.lower()
        if "not derivable" in rule:
            return Method.PUBLISHED
        if rule.startswith("sum"):
            return Method.SUM
        if "distinct" in rule:
            return Method.DISTINCT
        if rule.startswith(("recompute", "weighted mean")):
            return Method.RATIO
        raise ValueError(f"{self.id}: unknown roll-up rule {self.roll_up_rule!r}")

    @property
    def additive(self) -> bool:
        """Whether values of parks may be summed (for "Y*" after removal of duplicates)."""
        return self.additive_across_parks.startswith("Y")

    @property
    def needs_deduplication(self) -> bool:
        """Whether the dictionary says "Y*": summable only after removal of duplicates."""
        return self.additive_across_parks.startswith("Y*")

    @property
    def is_ratio(self) -> bool:
        """Whether it is recomputed from sums of numerators and denominators."""
        return self.method is Method.RATIO

    @property
    def derivable(self) -> bool:
        """False for K05: official growth at comparable prices stays a published value."""
        return self.method is not Method.PUBLISHED

    @property
    def money(self) -> bool:
        """Whether the value itself is an amount of money (a ratio in 万元/亩 is not)."""
        return self.additive and "亿" in self.unit

    @property
    def foreign_currency(self) -> bool:
        """Whether values keep an original currency and rate (K24)."""
        return "美元" in self.unit

    @property
    def ytd(self) -> bool:
        """Whether the reported value is cumulative from January."""
        return self.accumulation.startswith(("cum", "cumulative"))

    @property
    def point_in_time(self) -> bool:
        """Whether the value is a stock at a date, so that months must never be summed (spec §3.3.4)."""
        return self.accumulation.startswith(("point", "stock"))

    @property
    def no_january(self) -> bool:
        """Whether there is no January release (K01)."""
        return "no January" in self.period

    @property
    def higher_is_better(self) -> bool | None:
        """True for ↑, False for ↓, None for a band or no direction."""
        return {"↑": True, "↓": False}.get(self.direction)


@dataclass(frozen=True)
class KpiValue:
    """One value with all it must carry (spec §3.1). Money in 万元 (K24: in 万 of `currency`), area in m².

    `scope` may also be "production" (生产地), which is never added to the others (spec §4.4 Ex 3).
    """

    kpi_id: str
    unit_scope: str
    unit_code: str
    period: Period
    accumulation: str
    value: Number | None
    unit: str
    status: str
    scope: str
    channel: str
    source_doc: str
    as_of: date
    loaded_at: datetime
    version: int
    numerator: Number | None = None
    denominator: Number | None = None
    currency: str = "CNY"
    rate: Number | None = None

    @property
    def period_type(self) -> str:
        """M, Q or Y."""
        return self.period.kind


@dataclass(frozen=True)
class RollUp:
    """One figure made of several units.

    reason: None when complete; "partial" when the value is given for the reporting units only ("4/5 已报", greyed);
    otherwise why there is no value: "not_reported", "no_parts" (不可汇总), "zero_denominator", "zero_base",
    "not_derivable", "dual" (双计,不可加), "mixed_scope", "mixed_period", "mixed_unit", "mixed_currency",
    "mixed_accumulation", "duplicate_unit".
    """

    value: Fraction | int | None
    numerator: Fraction | int | None
    denominator: Fraction | int | None
    reported: int
    expected: int
    missing: tuple[str, ...]
    reason: ReasonKey | None

    @property
    def partial(self) -> bool:
        """Whether some expected unit is not in the value."""
        return self.reported < self.expected


def _plain(value: Fraction) -> Fraction | int:
    return value.numerator if value.denominator == 1 else value


def _rolled(
    expected: Sequence[str],
    used: Collection[str],
    value: Fraction | None,
    numerator: Fraction | None = None,
    denominator: Fraction | None = None,
    reason: ReasonKey | None = None,
) -> RollUp:
    missing = tuple(unit for unit in expected if unit not in used)
    if reason is None and missing:
        reason = "partial"
    plain = [None if part is None else _plain(part) for part in (value, numerator, denominator)]
    return RollUp(plain[0], plain[1], plain[2], len(expected) - len(missing), len(expected), missing, reason)


def _known(values: Mapping[str, Number | None], expected: Sequence[str]) -> dict[str, Fraction]:
    strangers = [unit for unit in values if unit not in expected]
    if strangers:
        raise ValueError(f"values of units that are not expected: {strangers}")
    return {unit: exact(value) for unit, value in values.items() if value is not None}


def roll_up_sum(values: Mapping[str, Number | None], expected: Sequence[str]) -> RollUp:
    """Sum over units; a missing unit makes it partial, never 0 (spec §3.3.5).

    Raises ValueError for a unit that is not expected.
    """
    known = _known(values, expected)
    if not known:
        return _rolled(expected, known, None, reason="not_reported")
    return _rolled(expected, known, sum(known.values(), Fraction(0)))


def roll_up_ratio(parts: Mapping[str, tuple[Number | None, Number | None]], expected: Sequence[str]) -> RollUp:
    """Σ numerator / Σ denominator over the units having both (spec §3.3.1, §3.3.5).

    Raises ValueError for a unit that is not expected.
    """
    tops = _known({unit: part[0] for unit, part in parts.items()}, expected)
    bottoms = _known({unit: part[1] for unit, part in parts.items()}, expected)
    both = [unit for unit in expected if unit in tops and unit in bottoms]
    if not both:
        return _rolled(expected, both, None, reason="no_parts" if tops or bottoms else "not_reported")
    top = sum((tops[unit] for unit in both), Fraction(0))
    bottom = sum((bottoms[unit] for unit in both), Fraction(0))
    if bottom == 0:
        return _rolled(expected, both, None, top, bottom, "zero_denominator")
    return _rolled(expected, both, top / bottom, top, bottom)


def roll_up_growth(
    current: Mapping[str, Number | None], base: Mapping[str, Number | None], expected: Sequence[str]
) -> RollUp:
    """Growth of the summed levels, over the units having both years (spec §3.3.2); +25 % is 1/4.

    Not for official growth at comparable prices (K05). A base of 0 or less has no growth ("zero_base").
    Raises ValueError for a unit that is not expected.
    """
    pairs = {unit: (current.get(unit), base.get(unit)) for unit in {**current, **base}}
    levels = roll_up_ratio(pairs, expected)
    if levels.denominator is not None and levels.denominator <= 0:
        return RollUp(
            None, levels.numerator, levels.denominator, levels.reported, levels.expected, levels.missing, "zero_base"
        )
    if levels.value is None:
        return levels
    return RollUp(
        _plain(Fraction(levels.value) - 1),
        levels.numerator,
        levels.denominator,
        levels.reported,
        levels.expected,
        levels.missing,
        levels.reason,
    )


def roll_up_distinct(members: Mapping[str, Collection[str] | None], expected: Sequence[str]) -> RollUp:
    """Number of different members (projects, USCCs) over all units (spec §3.3.6).

    Raises ValueError for a unit that is not expected.
    """
    sizes = _known({unit: None if ids is None else len(set(ids)) for unit, ids in members.items()}, expected)
    if not sizes:
        return _rolled(expected, sizes, None, reason="not_reported")
    union = {member for ids in members.values() if ids is not None for member in ids}
    return _rolled(expected, sizes, Fraction(len(union)))


@dataclass(frozen=True)
class ForeignAmount:
    """An amount in 万 of its original currency with the rate used to 万元 (spec §3.3.8)."""

    amount: Number
    currency: str
    rate: Number | None = None


def roll_up_currency(values: Mapping[str, ForeignAmount | None], expected: Sequence[str]) -> RollUp:
    """Sum in the original currency; different currencies are never added (spec §3.3.8, K24).

    Raises ValueError for a unit that is not expected.
    """
    total = roll_up_sum({unit: None if value is None else value.amount for unit, value in values.items()}, expected)
    if len({value.currency for value in values.values() if value is not None}) > 1:
        return RollUp(None, None, None, total.reported, total.expected, total.missing, "mixed_currency")
    return total


def roll_up(kpi: KpiDef, values: Sequence[KpiValue], expected: Sequence[str]) -> RollUp:
    """Values of one indicator in several units as one figure, by the dictionary's rule.

    Counts of distinct things are summed only where the dictionary allows it without removal of duplicates; otherwise
    use `roll_up_distinct` on the members (reason "no_parts"). Values that must not meet in one sum give a reason.
    Raises ValueError for a value of another indicator or of a unit that is not expected.
    """
    if any(value.kpi_id != kpi.id for value in values):
        raise ValueError(f"values of another indicator than {kpi.id}")
    by_unit = {value.unit_code: value for value in values}
    reason = _not_summable(kpi, values, len(by_unit))
    if reason is not None:
        known = _known({unit: value.value for unit, value in by_unit.items()}, expected)
        return _rolled(expected, known, None, reason=reason)
    if kpi.is_ratio:
        return roll_up_ratio({unit: (value.numerator, value.denominator) for unit, value in by_unit.items()}, expected)
    return roll_up_sum({unit: value.value for unit, value in by_unit.items()}, expected)


def _not_summable(kpi: KpiDef, values: Sequence[KpiValue], units: int) -> ReasonKey | None:
    if not kpi.derivable:
        return "not_derivable"
    if units < len(values):
        return "duplicate_unit"
    if any(value.scope == "dual" for value in values):
        return "dual"
    mixed: tuple[tuple[ReasonKey, set[object]], ...] = (
        ("mixed_scope", {value.scope for value in values}),
        ("mixed_period", {value.period for value in values}),
        ("mixed_accumulation", {value.accumulation for value in values}),
        ("mixed_unit", {value.unit for value in values}),
        ("mixed_currency", {value.currency for value in values}),
    )
    for reason, seen in mixed:
        if len(seen) > 1:
            return reason
    if kpi.method is Method.DISTINCT and (kpi.needs_deduplication or not kpi.additive):
        return "no_parts"
    return None


@dataclass(frozen=True)
class DistinctCounts:
    """Distinct counts of projects: the whole, each unit's related list, and each unit's primary list (spec §3.3.6)."""

    total: int
    related: dict[str, int]
    primary: dict[str, int]


def count_projects(units_of: Mapping[str, Collection[str]], primary_of: Mapping[str, str]) -> DistinctCounts:
    """Each project counts 1 in the whole, 1 in every related unit and 1 in exactly one primary unit (spec §3.3.6).

    Raises ValueError when a project's primary unit is not one of its units, KeyError when it has none.
    """
    related: dict[str, int] = {}
    primary: dict[str, int] = {}
    for project, units in units_of.items():
        first = primary_of[project]
        if first not in units:
            raise ValueError(f"{project}: primary unit {first} is not one of its units")
        primary[first] = primary.get(first, 0) + 1
        for unit in set(units):
            related[unit] = related.get(unit, 0) + 1
    return DistinctCounts(len(units_of), related, primary)


def value_over_time(kpi: KpiDef, months: Mapping[Period, Number | None], period: Period) -> RollUp:
    """A quarter's or year's figure from month figures (spec §3.3.4).

    Point values and year-to-date values take the last month; only flows of single months are summed.
    A ratio or a published growth has no such figure ("no_parts", "not_derivable").
    """
    wanted = [str(month) for month in period.months()]
    given = {str(month): months.get(month) for month in period.months()}
    if not kpi.derivable:
        return _rolled(wanted, (), None, reason="not_derivable")
    if kpi.is_ratio:
        return _rolled(wanted, (), None, reason="no_parts")
    if kpi.point_in_time or kpi.ytd:
        last = wanted[-1]
        return roll_up_sum({last: given[last]}, [last])
    return roll_up_sum(given, wanted)
