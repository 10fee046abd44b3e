"""What a select of lines is asked for, and what every such select is written with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import CTE, ColumnElement, Date, Integer, Select, String, column, values
from sqlalchemy.orm import Session

from data.db import READING
from data.kept import kept
from domain.periods import Period

_T = TypeVar("_T")


@dataclass(frozen=True)
class Line:
    """One record at one period: `amount` of an additive indicator, or `numerator` and `denominator` of a ratio.

    In stored units: money 万元 (K24 万美元), areas m², counts 1. `details` are facts that explain the amount.
    """

    kind: str
    id: str
    name_zh: str | None
    zone_code: str
    period: str
    amount: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    details: dict[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=256)
def _dates(periods: tuple[Period, ...]) -> CTE:
    # One table for the same periods, so that several selects can stand in one statement.
    rows = [
        (
            str(period),
            Period.of_month(period.year, 1).start,
            period.end,
            str(period.months()[-1]),
            period.months()[-1].index,
            period.year,
        )
        for period in periods
    ]
    return (
        values(
            column("label", String),
            column("year_start", Date),
            column("last_day", Date),
            column("last_month", String),
            column("month", Integer),
            column("year", Integer),
            name="asked",
        )
        .data(rows)
        .cte(f"asked_{abs(hash(periods)):x}")
    )


#: So many periods are looked up by the index of a table of months.
_FEW = 24


@dataclass(frozen=True)
class Ask:
    """Lines of one data set, for these zones and at these periods; `cut` is its newest month.

    `conditions` restrict the table of the indicator's records (`Lines.table`): a filter, or certain records. `read` is what
    was read for it, shared by those who ask of many indicators between two writes.
    """

    session: Session
    provenance: str
    zones: tuple[str, ...]
    periods: tuple[Period, ...]
    cut: Period
    conditions: tuple[ColumnElement[bool], ...] = ()
    read: dict[Hashable, Any] = field(default_factory=dict, compare=False)

    def settled(self, fact: Hashable, build: Callable[[], _T]) -> _T:
        """A fact of the whole data set, found once for each version by sessions for reading; others see what they wrote."""
        version = self.session.info[READING]["version"] if self.of_reader else None
        if version is None:
            return build()
        return kept((str(self.session.get_bind().engine.url), version, self.provenance, fact), build)

    @property
    def of_reader(self) -> bool:
        """Whether it is asked in a session for reading that knows its version."""
        return "version" in self.session.info.get(READING, {})

    @property
    def dates(self) -> CTE:
        """The periods as a table: `label`, `year_start` and `last_day`, `last_month`, `month` (its number), `year`."""
        return _dates(self.periods)

    def at_end(self, month: Any) -> ColumnElement[bool]:
        """Joins rows of a month to the periods that end with it.

        Of many periods every row is read: to look them up one after the other takes SQLite three times as long.
        """
        return self.dates.c.last_month == (month if len(self.periods) <= _FEW else month.concat(""))

    def own(self, table: Any) -> list[ColumnElement[bool]]:
        """Records of the data set in the zones that meet the conditions."""
        return [table.provenance == self.provenance, table.zone_code.in_(self.zones), *self.conditions]


@dataclass(frozen=True)
class Lines:
    """The records that an indicator is made of: one definition, from which every figure of it follows.

    `select` has the columns `id`, `name_zh`, `zone_code`, `period` (the label asked for), `numerator` and, of a ratio,
    `denominator`; whatever else it has is a detail. Where the rule is no matter of SQL, `rows` gives the lines instead.
    `table` holds the records; `present` says which of them let "none" be a finding in their zone. `stated` says which show
    that the data set knows the fact at all: where none does, the figure is unknown everywhere, not 0. `note` is what a
    derived value says of itself.
    """

    table: Any
    select: Callable[[Ask], Select[Any]] | None = None
    rows: Callable[[Ask], Sequence[Line]] | None = None
    present: Callable[[], ColumnElement[bool]] | None = None
    stated: Callable[[], ColumnElement[bool]] | None = None
    note: Callable[[Period], str] | None = None
