"""Targets against a time schedule, and the score card (rules §3.5, §3.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from domain.lights import Light, behind_plan
from domain.units import Number, exact

SCORE_CAP = Fraction(6, 5)


@dataclass(frozen=True)
class Schedule:
    """Cumulative share of the annual target due by the end of each month: 12 values, never falling, the last 1."""

    cumulative: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        steps = self.cumulative
        if len(steps) != 12:
            raise ValueError("a schedule has 12 months")
        if steps[0] < 0 or steps[-1] != 1 or any(later < earlier for earlier, later in pairwise(steps)):
            raise ValueError("a schedule rises from 0 or more to exactly 1")

    def due(self, annual_target: Number, month: int) -> Fraction:
        """Part of the annual target due by the end of the month (1-12). Raises ValueError for another month."""
        if not 1 <= month <= 12:
            raise ValueError(f"no month {month}")
        return exact(annual_target) * self.cumulative[month - 1]


LINEAR = Schedule(tuple(Fraction(month, 12) for month in range(1, 13)))


def attainment(actual: Number | None, target: Number | None, lower_is_better: bool = False) -> Fraction | None:
    """actual/target, or target/actual where lower is better; None when either is unknown or the quotient undefined.

    Where lower is better an actual of 0 or less counts as the cap of the score (1.2): it cannot be better.
    """
    if actual is None or target is None:
        return None
    top, bottom = exact(actual), exact(target)
    if lower_is_better:
        if top <= 0:
            return SCORE_CAP
        return bottom / top
    return top / bottom if bottom > 0 else None


def schedule_status(
    actual_ytd: Number | None, annual_target: Number | None, month: int, schedule: Schedule = LINEAR
) -> Light:
    """Light of a year-to-date figure against the schedule, by the limits of a project's progress (rules §3.5, §6.2).

    Grey when the figure or the target is unknown.
    """
    if actual_ytd is None or annual_target is None:
        return Light.GREY
    return behind_plan(schedule.due(annual_target, month) - exact(actual_ytd), exact(annual_target))


DIMENSIONS = (
    "innovation",
    "investment",
    "output_tax",
    "per_mu_land",
    "attraction",
    "carriers",
    "talent_city",
    "service",
)

_WEIGHT_ROWS = {
    "core": (35, 15, 5, 5, 10, 5, 15, 10),
    "manufacturing": (10, 20, 20, 15, 15, 10, 5, 5),
    "service": (20, 10, 25, 10, 15, 10, 5, 5),
    "co_built_bio": (25, 15, 15, 10, 15, 10, 5, 5),
}
# Proposal of rules §3.6, not an official table: the stored, dated table of a customer goes before it.
DEFAULT_WEIGHTS: dict[str, dict[str, int]] = {
    zone_type: dict(zip(DIMENSIONS, row, strict=True)) for zone_type, row in _WEIGHT_ROWS.items()
}
DEFAULT_ZONE_TYPE = {
    "CDKXC": "core",
    "XJJHL": "service",
    "SMKX": "co_built_bio",
    "WLKJC": "manufacturing",
    "XYDIT": "manufacturing",
}


@dataclass(frozen=True)
class ScoreItem:
    """One figure against its own target. Items of one dimension share its weight equally."""

    dimension: str
    kpi_id: str
    scope: str
    actual: Number | None
    target: Number | None
    lower_is_better: bool = False


@dataclass(frozen=True)
class ScoredItem:
    """An item with its nominal weight and points out of 120; points None when it has no data."""

    item: ScoreItem
    weight: Fraction
    points: Fraction | None


@dataclass(frozen=True)
class Scorecard:
    """Score (0-120; None without any data), and 数据完整度 as a share of the weights."""

    score: Fraction | None
    completeness: Fraction
    items: tuple[ScoredItem, ...]


def scorecard(items: Sequence[ScoreItem], weights: Mapping[str, int], allow_dual: bool = False) -> Scorecard:
    """score = Σ w·min(actual/target, 1.2)·100, items without data left out and the other weights rescaled (rules §3.6).

    A dimension that has a weight and no item lowers the completeness. Raises ValueError for a dimension without a
    weight, for weights that are all 0, and for an item in the dual scope unless `allow_dual` says it was decided.
    """
    whole = sum(weights.values())
    if whole <= 0:
        raise ValueError("no weight")
    sizes: dict[str, int] = {}
    for item in items:
        if item.dimension not in weights:
            raise ValueError(f"no weight for {item.dimension}")
        if item.scope == "dual" and not allow_dual:
            raise ValueError(f"{item.kpi_id} in the dual scope needs an explicit decision")
        sizes[item.dimension] = sizes.get(item.dimension, 0) + 1
    scored = []
    gained, present = Fraction(0), Fraction(0)
    for item in items:
        weight = Fraction(weights[item.dimension], sizes[item.dimension])
        reached = attainment(item.actual, item.target, item.lower_is_better)
        points = None if reached is None else min(reached, SCORE_CAP) * 100
        scored.append(ScoredItem(item, weight, points))
        if points is not None:
            gained += weight * points
            present += weight
    return Scorecard(gained / present if present else None, present / whole, tuple(scored))
