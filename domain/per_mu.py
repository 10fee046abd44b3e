"""Per-mu evaluation 亩均论英雄: indicators, scores, classes A-D and park values (rules §3.4).

Arrays hold one value per firm and NaN for "not known"; nothing unknown is ever read as 0. Ratios are built here
from raw sums, so that a park's value is recomputed from sums and is never the mean of firm scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from domain.units import MU_M2

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ScoreFn = Literal["benchmark_ratio", "benchmark_capped", "minmax_20_80"]
Standing = Literal["", "public_utility", "start_up", "construction", "new"]

#: Denominator that is computed from the land columns instead of being read.
LAND_MU = "land_mu"
LAND_COLUMNS = ("owned_m2", "leased_floor_m2", "far")

UNGRADED, EXCLUDED = "ungraded", "excluded"
#: Newly started firms are "不定级,参照B".
REFERENCE_GRADE = "B"
SCORE_CAP = 1.5


def benchmark_ratio(x: ArrayLike, weight: float, base: float) -> Floats:
    """Score w · x/b, without limits (Huangyan, rules §3.4)."""
    return weight * np.asarray(x, dtype=np.float64) / base


def benchmark_capped(x: ArrayLike, weight: float, base: float, cap: float = SCORE_CAP) -> Floats:
    """Score w · min(max(x/b, 0), 1.5): a negative value scores 0 (rules §3.4)."""
    return weight * np.clip(np.asarray(x, dtype=np.float64) / base, 0.0, cap)


def minmax_20_80(x: ArrayLike, weight: float, low: float, high: float) -> Floats:
    """Score w · [20 + 80·(x−min)/(max−min)]/100 (Jingde, rules §3.4).

    When all firms are equal they share the better score, the full weight.
    """
    values = np.asarray(x, dtype=np.float64)
    if high == low:
        return np.where(np.isnan(values), np.nan, weight)
    return weight * (20.0 + 80.0 * (values - low) / (high - low)) / 100.0


@dataclass(frozen=True, slots=True)
class Indicator:
    """One scored ratio of two columns. `base` is the benchmark value, in the unit of the ratio.

    `missing` says what a firm without the value gets: no class, or the mean of the cohort (emission, Huangyan).
    """

    key: str
    numerator: str
    denominator: str
    weight: float
    base: float | None = None
    missing: Literal["ungraded", "cohort_mean"] = "ungraded"


@dataclass(frozen=True, slots=True)
class Method:
    """Indicators, scoring function and class cut-offs in cumulative percent of the ranked firms.

    Firms beyond the last cut-off do not exist (it must be 100); class D of a method without a D cut-off is
    given only to disqualified firms. Raises ValueError for a missing or non-positive base, a negative weight,
    a key that comes twice, or cut-offs that do not rise to 100.
    """

    indicators: tuple[Indicator, ...]
    score_fn: ScoreFn = "benchmark_capped"
    cutoffs: tuple[tuple[str, int], ...] = (("A", 30), ("B", 90), ("C", 100))

    @property
    def full(self) -> float:
        """Points of a firm that just reaches every benchmark (of minmax_20_80: that is the best in everything)."""
        return sum(i.weight for i in self.indicators)

    def __post_init__(self) -> None:
        keys = [i.key for i in self.indicators]
        if not keys or len(set(keys)) != len(keys):
            raise ValueError("a method needs indicators, each key once")
        for i in self.indicators:
            if i.weight < 0:
                raise ValueError(f"indicator {i.key}: negative weight")
            if self.score_fn != "minmax_20_80" and (i.base is None or i.base <= 0):
                raise ValueError(f"indicator {i.key}: {self.score_fn} needs a positive base")
        percents = [p for _, p in self.cutoffs]
        if percents != sorted(set(percents)) or not percents or percents[0] < 0 or percents[-1] != 100:
            raise ValueError("class cut-offs must rise to 100 percent")


#: Sichuan's five unified indicators with the provincial means of 2020 as base: 70 points (rules §3.4, §3.2.5).
#: The other 30 belong to one to three local indicators, which are added per park.
SICHUAN = Method(
    (
        Indicator("revenue_per_mu", "revenue_wan", LAND_MU, 20, 427.4),
        Indicator("tax_per_mu", "tax_wan", LAND_MU, 20, 14.3),
        Indicator("revenue_per_employee", "revenue_wan", "employees", 20, 144.4),
        Indicator("revenue_per_tce", "revenue_wan", "energy_tce", 5, 4.9),
        Indicator("rd_intensity", "rd_wan", "revenue_wan", 5, 0.015),
    )
)

#: Cut-offs of an Anhui city: A 25 %, B to 70 %, C to 95 %, D the last 5 % (rules §3.4).
ANHUI_CUTOFFS: tuple[tuple[str, int], ...] = (("A", 25), ("B", 70), ("C", 95), ("D", 100))


@dataclass(frozen=True, eq=False, slots=True)
class Firms:
    """Raw figures of n firms: money in 万元, areas in m², energy in tce, one array per column, NaN = not known.

    `standing` "" takes part in the ranking; any other is 不定级. `disqualified` firms get class D. Raises
    ValueError when the lengths differ, an id comes twice or a standing is unknown.
    """

    ids: tuple[str, ...]
    columns: Mapping[str, Floats]
    standing: tuple[Standing, ...]
    disqualified: Bools

    def __post_init__(self) -> None:
        n = len(self.ids)
        if len(set(self.ids)) != n:
            raise ValueError("a firm comes twice: one legal entity is evaluated once")
        wrong = [name for name, column in self.columns.items() if column.shape != (n,)]
        if wrong or len(self.standing) != n or self.disqualified.shape != (n,):
            raise ValueError(f"columns of another length than the {n} firms: {', '.join(wrong) or 'standing'}")
        unknown = set(self.standing) - {"", "public_utility", "start_up", "construction", "new"}
        if unknown:
            raise ValueError(f"unknown standing: {', '.join(sorted(unknown))}")

    def column(self, name: str) -> Floats:
        """One column, or the land denominator in 亩. Raises ValueError for a column that was not given."""
        if name == LAND_MU:
            return land_mu(*(self.column(c) for c in LAND_COLUMNS))
        if name not in self.columns:
            raise ValueError(f"the evaluation needs the column {name!r}")
        return self.columns[name]

    def ratio(self, indicator: Indicator) -> Floats:
        """Values of one indicator; NaN where a part is unknown or the denominator is not positive."""
        return _ratio(self.column(indicator.numerator), self.column(indicator.denominator))


def land_mu(owned_m2: ArrayLike, leased_floor_m2: ArrayLike, far: ArrayLike) -> Floats:
    """Land in use in 亩: owned land plus leased floor area converted by the plot's FAR (rules §3.4).

    0 means no land and no lease. NaN where an area is unknown, or floor is leased on a plot without a FAR.
    """
    owned, floor, ratio = (np.asarray(v, dtype=np.float64) for v in (owned_m2, leased_floor_m2, far))
    converted = np.where(floor == 0, 0.0, _ratio(floor, ratio))
    return (owned + converted) / float(MU_M2)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    usable = denominator > 0
    return np.where(usable, numerator / np.where(usable, denominator, 1.0), np.nan)


@dataclass(frozen=True, eq=False, slots=True)
class Evaluation:
    """Result, one entry per firm in the order of the input; `values` and `scores` are indicator -> array.

    `grade` is a class, "ungraded" (不定级) or "excluded" (no land at all); `reason` says why it is not a
    class by rank; `treated_as` is the class whose policy applies (参照). `rank` is 0 without a rank.
    `filled` marks scores that rest on the cohort mean.
    """

    ids: tuple[str, ...]
    values: Mapping[str, Floats]
    scores: Mapping[str, Floats]
    filled: Mapping[str, Bools]
    total: Floats
    rank: NDArray[np.int64]
    grade: NDArray[np.str_]
    treated_as: NDArray[np.str_]
    reason: NDArray[np.str_]


def evaluate(firms: Firms, method: Method = SICHUAN) -> Evaluation:
    """Score, rank and class all firms at once (rules §3.4).

    Excluded: neither land nor lease. 不定级: by standing, with unknown land, or with a missing indicator that
    the method does not fill; they neither rank nor count for quotas, means or extremes. Disqualified firms are
    scored and get D without a rank. Quotas round down for the better classes, so that A stays within its share
    and the last class gets at least its own; firms with the same score to two decimals share the better class.
    """
    n = len(firms.ids)
    land = firms.column(LAND_MU)
    standing = np.array(firms.standing, dtype=np.str_)
    in_cohort = (land > 0) & (standing == "")
    values: dict[str, Floats] = {}
    scores: dict[str, Floats] = {}
    filled: dict[str, Bools] = {}
    for i in method.indicators:
        values[i.key] = firms.ratio(i)
        x = np.where(in_cohort, values[i.key], np.nan)
        gaps = in_cohort & np.isnan(x)
        if i.missing == "cohort_mean" and not np.isnan(x).all():
            filled[i.key] = gaps
            x = np.where(gaps, np.nanmean(x), x)
        else:
            filled[i.key] = np.zeros(n, dtype=np.bool_)
        scores[i.key] = _score(x, i, method.score_fn)
    total = np.sum(list(scores.values()), axis=0)
    graded = in_cohort & ~np.isnan(total)
    ranked = graded & ~firms.disqualified
    rank = _rank(total, ranked)

    reason = np.full(n, "", dtype="<U64")
    grade = np.full(n, UNGRADED, dtype="<U10")
    for label, percent in reversed(method.cutoffs):
        grade[ranked & (rank <= int(ranked.sum()) * percent // 100)] = label
    grade[graded & firms.disqualified] = "D"
    reason[graded & firms.disqualified] = "disqualified"
    for i in reversed(method.indicators):
        reason[in_cohort & ~graded & np.isnan(scores[i.key])] = f"missing.{i.key}"
    reason[standing != ""] = standing[standing != ""]
    reason[np.isnan(land)] = "land_unknown"
    grade[land == 0] = EXCLUDED
    reason[land == 0] = "no_land"
    treated_as = np.where(grade == UNGRADED, "", grade)
    treated_as[grade == EXCLUDED] = ""
    treated_as[(standing == "new") & (grade == UNGRADED)] = REFERENCE_GRADE
    return Evaluation(firms.ids, values, scores, filled, total, rank, grade, treated_as, reason)


def _score(x: Floats, indicator: Indicator, score_fn: ScoreFn) -> Floats:
    if np.isnan(x).all():
        return x
    if score_fn == "minmax_20_80":
        return minmax_20_80(x, indicator.weight, float(np.nanmin(x)), float(np.nanmax(x)))
    if indicator.base is None:
        raise ValueError(f"indicator {indicator.key}: {score_fn} needs a positive base")
    if score_fn == "benchmark_ratio":
        return benchmark_ratio(x, indicator.weight, indicator.base)
    return benchmark_capped(x, indicator.weight, indicator.base)


def _rank(total: Floats, ranked: Bools) -> NDArray[np.int64]:
    """1 + number of ranked firms with a better score, to the two decimals that are published; 0 = no rank."""
    shown = np.round(total, 2)
    ascending = np.sort(shown[ranked])
    rank = np.zeros(total.shape, dtype=np.int64)
    rank[ranked] = 1 + ascending.size - np.searchsorted(ascending, shown[ranked], side="right")
    return rank


def changes(before: Evaluation, after: Evaluation) -> list[tuple[str, str, str]]:
    """Firms whose class differs between two evaluations, as (id, before, after): the what-if on weights.

    Raises ValueError when the two are not of the same firms in the same order.
    """
    if before.ids != after.ids:
        raise ValueError("the two evaluations are of different firms")
    moved = np.nonzero(before.grade != after.grade)[0]
    return [(before.ids[k], str(before.grade[k]), str(after.grade[k])) for k in moved]


@dataclass(frozen=True, slots=True)
class ParkValue:
    """Value of one indicator for a group of firms: Σ numerator / Σ denominator over those that have both."""

    numerator: float
    denominator: float
    firms: int

    @property
    def value(self) -> float | None:
        """The ratio of the sums, or None when no firm has both parts."""
        return self.numerator / self.denominator if self.denominator > 0 else None


def park_values(firms: Firms, method: Method, members: Bools | None = None) -> dict[str, ParkValue]:
    """Indicator values of a park from sums (rules §3.4: never the mean of firm scores; §3.3.1, §3.3.5).

    `members` selects the firms, all by default. A firm counts where it has both parts and a positive
    denominator.
    """
    chosen = np.ones(len(firms.ids), dtype=np.bool_) if members is None else members
    found: dict[str, ParkValue] = {}
    for i in method.indicators:
        top, bottom = firms.column(i.numerator), firms.column(i.denominator)
        both = chosen & ~np.isnan(top) & (bottom > 0)
        found[i.key] = ParkValue(float(top[both].sum()), float(bottom[both].sum()), int(both.sum()))
    return found
