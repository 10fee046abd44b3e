"""Business periods (month, quarter, year) and year-to-date series turned into month values (rules §3.3.3, §3.3.4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from domain.reasons import ReasonKey

PeriodKind = Literal["M", "Q", "Y"]
_PER_YEAR: dict[PeriodKind, int] = {"M": 12, "Q": 4, "Y": 1}
_PATTERN = re.compile(r"(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4]))?")


@dataclass(frozen=True)
class Period:
    """A month "2026-09", a quarter "2026Q3" or a year "2026". Only periods of one kind can be ordered."""

    year: int
    kind: PeriodKind = "Y"
    index: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.index <= _PER_YEAR[self.kind]:
            raise ValueError(f"no {self.kind} number {self.index} in a year")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read "2026-09", "2026Q3" or "2026". Raises ValueError for anything else."""
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise ValueError(f"not a period: {text!r}")
        year = int(match["year"])
        if match["month"]:
            return cls(year, "M", int(match["month"]))
        if match["quarter"]:
            return cls(year, "Q", int(match["quarter"]))
        return cls(year)

    @classmethod
    def of_month(cls, year: int, month: int) -> Period:
        """The month period."""
        return cls(year, "M", month)

    @classmethod
    def range(cls, first: Period, last: Period) -> list[Period]:
        """All periods from first to last inclusive, empty when last < first. Raises TypeError for different kinds."""
        return [first.shift(step) for step in range(last._ordinal(first) - first._ordinal(first) + 1)]

    def __str__(self) -> str:
        return {"M": f"{self.year:04d}-{self.index:02d}", "Q": f"{self.year:04d}Q{self.index}"}.get(
            self.kind, f"{self.year:04d}"
        )

    def _ordinal(self, other: Period) -> int:
        if self.kind != other.kind:
            raise TypeError(f"{self} and {other} are of different kinds")
        return self.year * _PER_YEAR[self.kind] + self.index - 1

    def __lt__(self, other: Period) -> bool:
        return self._ordinal(other) < other._ordinal(self)

    def __le__(self, other: Period) -> bool:
        return self._ordinal(other) <= other._ordinal(self)

    def __gt__(self, other: Period) -> bool:
        return self._ordinal(other) > other._ordinal(self)

    def __ge__(self, other: Period) -> bool:
        return self._ordinal(other) >= other._ordinal(self)

    def shift(self, steps: int) -> Period:
        """The period `steps` later (earlier when negative)."""
        year, index = divmod(self._ordinal(self) + steps, _PER_YEAR[self.kind])
        return Period(year, self.kind, index + 1)

    def prev(self) -> Period:
        """The period just before."""
        return self.shift(-1)

    def next(self) -> Period:
        """The period just after."""
        return self.shift(1)

    def year_ago(self) -> Period:
        """The same period of the year before."""
        return Period(self.year - 1, self.kind, self.index)

    def months(self) -> list[Period]:
        """The months it consists of, in order."""
        length = 12 // _PER_YEAR[self.kind]
        first = (self.index - 1) * length + 1
        return [Period.of_month(self.year, month) for month in range(first, first + length)]

    def ytd_months(self) -> list[Period]:
        """January up to its last month."""
        return [Period.of_month(self.year, month) for month in range(1, self.months()[-1].index + 1)]

    def quarter(self) -> Period:
        """The quarter a month lies in. Raises ValueError for a quarter or a year."""
        if self.kind != "M":
            raise ValueError(f"{self} is not a month")
        return Period(self.year, "Q", (self.index + 2) // 3)

    @property
    def start(self) -> date:
        """First day."""
        return date(self.year, self.months()[0].index if self.kind != "M" else self.index, 1)

    @property
    def end(self) -> date:
        """Last day."""
        return self.next().start - timedelta(days=1)


@dataclass(frozen=True)
class MonthValue:
    """One point of a month series: usually one month, two for the January-February point of K01.

    `revised` marks a negative value: a revision of earlier months, shown ▽修订 and never clipped.
    `reason` says why the value is unknown: "not_reported" or "no_previous_ytd".
    """

    months: tuple[Period, ...]
    value: int | None
    revised: bool = False
    reason: ReasonKey | None = None


def ytd_to_month_values(year: int, ytd: Sequence[int | None], no_january: bool = False) -> list[MonthValue]:
    """Month values from the cumulative figures of January, February, … of one year (rules §3.3.3).

    `no_january` is for K01: no January figure is collected, so January and February are one point (rules §3.2.1).
    A month whose own or previous cumulative figure is missing stays unknown with a reason.
    Raises ValueError for more than 12 figures, or for a January figure where there can be none.
    """
    if len(ytd) > 12:
        raise ValueError("a year has 12 months")
    if no_january and ytd and ytd[0] is not None:
        raise ValueError("a January figure for an indicator that has no January release")
    points = []
    for position, value in enumerate(ytd):
        month = Period.of_month(year, position + 1)
        first = position == 0 or (no_january and position == 1)
        if no_january and position == 0:
            continue
        months = (month.prev(), month) if no_january and position == 1 else (month,)
        previous = 0 if first else ytd[position - 1]
        if value is None:
            points.append(MonthValue(months, None, reason="not_reported"))
        elif previous is None:
            points.append(MonthValue(months, None, reason="no_previous_ytd"))
        else:
            points.append(MonthValue(months, value - previous, revised=value < previous))
    return points
