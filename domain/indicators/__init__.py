"""One object for each indicator of the dictionary: what it is, how it adds up, what may be done with it (rules §3.1-3.3).

Nothing of this is prose to be understood by a program: the dictionary (`data/reference/kpis.csv`) holds typed columns, one
row for each indicator, and whatever is said of an indicator elsewhere is asked of its `Indicator`. The records it is made
of are one select for each indicator (`data/indicators/`), from which value, filtered value, Σ and split follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal, cast

from domain.attribution import MetricClass, PlaceRole
from domain.filters import Facet, Filter
from domain.periods import Period, PeriodKind

#: Projects of at least this total investment (10 亿元) are 重大项目 in K21; the threshold is not settled (rules §3.2.7).
MAJOR_PROJECT_WAN = 100_000
#: Facets that say what a project is today and not what it was a year ago: no growth is told under them.
TODAY_FACETS = frozenset({Facet.STAGE, Facet.LIGHT})

Accumulation = Literal["ytd", "annual", "period", "point", "cohort"]
RecordKind = Literal["project", "enterprise", "platform", "carrier", "carrier_unit", "parcel", "node"]


class Method(StrEnum):
    """How values of several units become one."""

    SUM = "sum"
    RATIO = "ratio"
    DISTINCT = "distinct"
    PUBLISHED = "published"
    #: Recomputed on the union of the units' records, since one record may count in several units (K54).
    UNION = "union"


@dataclass(frozen=True)
class Indicator:
    """One row of the indicator dictionary.

    `short_zh` (at most 8 characters) and `short_en` (16) are its names where there is little room.
    `unit` is what people read, `stored_unit` what values are kept in; a ratio's value is numerator / denominator × `factor`.
    `period_type` is the shortest period it is given for. `not_released` are the numbers of months without a release.
    `cut_only`: the records say what is today, so there is no history. `record` is the kind of record it is made of, None
    for a figure that is only reported. `absent_is_zero`: a unit whose records hold none of it has none; else nothing is
    known. `facets` are those that its records can be restricted by. `metric_class` (rules §1.2.4) and `place` say by which agreement and
    which place it is divided among units; `divisible` whether it may be, record by record. `confidentiality` is what its
    single records give away: figures of "firms", of "projects", or nothing.
    """

    id: str
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str
    definition: str
    formula: str
    unit: str
    stored_unit: str
    factor: Fraction
    direction: str
    period_type: PeriodKind
    accumulation: Accumulation
    not_released: frozenset[int]
    cut_only: bool
    method: Method
    additive: bool
    record: RecordKind | None
    absent_is_zero: bool
    facets: frozenset[Facet]
    metric_class: MetricClass | None
    place: PlaceRole | None
    divisible: bool
    confidentiality: Literal["firms", "projects", ""]
    data_owner: str
    channel: str

    @classmethod
    def from_row(cls, row: Mapping[str, str]) -> Indicator:
        """From a row of the dictionary file. Raises KeyError for a missing column, ValueError for a word it does not know."""
        for column, words in _WORDS.items():
            if row[column] not in words:
                raise ValueError(f"{row['id']}: {column} cannot be {row[column]!r}, only one of {', '.join(words)}")
        return cls(
            id=row["id"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            short_zh=row["short_zh"],
            short_en=row["short_en"],
            definition=row["definition_zh"] or row["definition"],
            formula=row["formula"],
            unit=row["unit"],
            stored_unit=row["stored_unit"],
            factor=Fraction(row["factor"] or 1),
            direction=row["direction"],
            period_type=cast(PeriodKind, row["period_type"]),
            accumulation=cast(Accumulation, row["accumulation"]),
            not_released=frozenset(int(month) for month in row["not_released"].split()),
            cut_only=row["history"] == "cut",
            method=Method(row["roll_up"]),
            additive=row["additive"] != "no",
            record=cast(RecordKind, row["record"]) if row["record"] else None,
            absent_is_zero=row["absent"] == "zero",
            facets=frozenset({Facet.ZONE, *(Facet(facet) for facet in row["facets"].split())}),
            metric_class=MetricClass(row["metric_class"]) if row["metric_class"] else None,
            place=PlaceRole(row["place"]) if row["place"] else None,
            divisible=row["split"] == "yes",
            confidentiality=cast(Literal["firms", "projects", ""], row["confidentiality"]),
            data_owner=row["data_owner"],
            channel=row["channel"],
        )

    @property
    def is_ratio(self) -> bool:
        """Whether it is recomputed from numerators and denominators."""
        return self.method in (Method.RATIO, Method.UNION)

    @property
    def is_count(self) -> bool:
        """Whether it counts things: a count goes whole to one unit, it is never cut up (rules §4.3.8)."""
        return self.method is Method.DISTINCT

    @property
    def derivable(self) -> bool:
        """False for K05: official growth at comparable prices stays a published value."""
        return self.method is not Method.PUBLISHED

    @property
    def money(self) -> bool:
        """Whether the value itself is an amount of money (a ratio in 万元/亩 is not)."""
        return self.stored_unit in ("万元", "万美元")

    @property
    def ytd(self) -> bool:
        """Whether the value is cumulative from January."""
        return self.accumulation == "ytd"

    @property
    def no_january(self) -> bool:
        """Whether January and February are one point, since January has no release."""
        return 1 in self.not_released

    @property
    def firm_figures(self) -> bool:
        """Whether its sums are made of single firms' figures and so subject to suppression (rules §2.6.4)."""
        return self.confidentiality == "firms"

    @property
    def higher_is_better(self) -> bool | None:
        """True for ↑, False for ↓, None for a band or no direction."""
        return {"↑": True, "↓": False}.get(self.direction)

    def missed(self, filter_: Filter) -> tuple[Facet, ...]:
        """Facets of the filter that it cannot follow, in the order of the bar: 不随…筛选 (rules §5.4)."""
        return tuple(clause.facet for clause in filter_.clauses if clause.facet not in self.facets)

    def released(self, period: Period) -> bool:
        """Whether there is a release for a month."""
        return period.kind != "M" or period.index not in self.not_released

    def periods(self, months: list[Period]) -> list[Period]:
        """Its own periods that have ended within these months, oldest first; of a `cut_only` one the last only.

        A state known only today is dated by the quarter that ends there, else by the month, where the dictionary says
        quarter or year: the year has not ended.
        """
        if not months:
            return []
        if self.cut_only:
            cut = months[-1]
            return [cut if self.period_type == "M" or cut.index % 3 else cut.quarter()]
        if self.period_type == "M":
            return [month for month in months if self.released(month)]
        if self.period_type == "Q":
            return [month.quarter() for month in months if month.index % 3 == 0]
        return [Period(month.year) for month in months if month.index == 12]


_WORDS: Mapping[str, tuple[str, ...]] = {
    "period_type": ("M", "Q", "Y"),
    "accumulation": ("ytd", "annual", "period", "point", "cohort"),
    "history": ("", "cut"),
    "roll_up": tuple(Method),
    "additive": ("yes", "deduplicated", "no"),
    "record": ("", "project", "enterprise", "platform", "carrier", "carrier_unit", "parcel", "node"),
    "absent": ("", "zero"),
    "split": ("", "yes"),
    "confidentiality": ("", "firms", "projects"),
}
