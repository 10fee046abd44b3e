"""Funnels and rates on cohorts: the projects signed in one half-year (rules §3.2.3, §6.5).

Rates on all projects are gamed by fresh signings, so every rate follows a cohort and names its denominator.
Terminated, paused and transferred projects leave the numerators and stay in the denominators.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from domain.dates import add_months, happened

#: Default observation windows in months after signing (rules §3.2.3).
WINDOWS_MONTHS = (6, 12, 24)

Denominator = Literal["signed", "started", "capacity_due"]


@dataclass(frozen=True, slots=True)
class CohortProject:
    """The dated facts of one project; `ended_on` is when it was terminated, paused or transferred."""

    project_id: str
    signed_on: date
    registered_on: date | None = None
    first_capital_on: date | None = None
    started_on: date | None = None
    production_on: date | None = None
    capacity_due_on: date | None = None
    capacity_on: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with its parts. `value` is None when nothing is in the denominator (never 0)."""

    kpi_id: str
    numerator: int
    denominator: int
    of: Denominator

    @property
    def value(self) -> Fraction | None:
        """Exact ratio, or None without a denominator."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None


@dataclass(frozen=True, slots=True)
class Funnel:
    """Counts of one cohort by `as_of`. Counts without "ever" leave out projects that have ended.

    `window_months` None means "up to now". `complete` is False while some project's window is still open
    (or, without a window, while the half-year itself still runs): the rates can then still rise.
    """

    cohort: str
    as_of: date
    window_months: int | None
    complete: bool
    signed: int
    ended: int
    registered: int
    performed: int
    started: int
    started_ever: int
    in_production: int
    capacity_due: int
    at_capacity: int

    def _rate(self, kpi: str, of: Denominator) -> Rate:
        top, bottom = RATES[kpi]
        return Rate(kpi, getattr(self, top), getattr(self, bottom), of)

    @property
    def performance(self) -> Rate:
        """K25 签约履约率: registered and first capital in place, of signed."""
        return self._rate("K25", "signed")

    @property
    def registration(self) -> Rate:
        """Registered, of signed: the second bar of the funnel (rules §6.5), a wider test than K25."""
        return Rate("K25_registered", self.registered, self.signed, "signed")

    @property
    def start(self) -> Rate:
        """K26 开工率: construction or fit-out started, of signed."""
        return self._rate("K26", "signed")

    @property
    def production_of_started(self) -> Rate:
        """K27 投产率: in production, of all that ever started."""
        return self._rate("K27", "started")

    @property
    def production_of_signed(self) -> Rate:
        """K27 variant: in production, of signed."""
        return Rate("K27", self.in_production, self.signed, "signed")

    @property
    def capacity(self) -> Rate:
        """K28 达产率: at agreed capacity, of those in production whose agreed date has come."""
        return self._rate("K28", "capacity_due")


def cohort_of(signed_on: date) -> str:
    """Return the half-year a project was signed in, such as "2025H1"."""
    return f"{signed_on.year}H{1 if signed_on.month <= 6 else 2}"


def cohort_end(cohort: str) -> date:
    """Return the last day of a half-year such as "2025H1". Raises ValueError for anything else."""
    year, _, half = cohort.partition("H")
    if len(year) != 4 or not year.isdigit() or half not in ("1", "2"):
        raise ValueError(f"cohort {cohort!r} is not like 2025H1")
    return date(int(year), 6, 30) if half == "1" else date(int(year), 12, 31)


def closed_cohort(day: date, window_months: int) -> str:
    """Newest half-year whose last signing is at least `window_months` before `day`: 2026-09-30, 6 -> "2025H2"."""
    newest = cohort_of(day)
    while add_months(cohort_end(newest), window_months) > day:
        year, half = int(newest[:4]), newest[-1]
        newest = f"{year}H1" if half == "2" else f"{year - 1}H2"
    return newest


class Counts(NamedTuple):
    """1 for each thing that is so of a project, else 0; the fields are those of a funnel."""

    signed: int
    ended: int
    registered: int
    performed: int
    started: int
    started_ever: int
    in_production: int
    capacity_due: int
    at_capacity: int


#: What of each cohort rate is counted, and of what: names of counts.
RATES = {
    "K25": ("performed", "signed"),
    "K26": ("started", "signed"),
    "K27": ("in_production", "started_ever"),
    "K28": ("at_capacity", "capacity_due"),
}


def counts(p: CohortProject, until: date) -> Counts:
    """What a signed project counts for as known on a day (rules §6.5)."""
    alive = not happened(p.ended_on, until)
    registered, started = happened(p.registered_on, until), happened(p.started_on, until)
    producing = happened(p.production_on, until)
    due = producing and happened(p.capacity_due_on, until)
    return Counts(
        signed=1,
        ended=int(not alive),
        registered=int(alive and registered),
        performed=int(alive and registered and happened(p.first_capital_on, until)),
        started=int(alive and started),
        started_ever=int(started),
        in_production=int(alive and producing),
        capacity_due=int(due),
        at_capacity=int(alive and due and happened(p.capacity_on, until)),
    )


def funnel(projects: Iterable[CohortProject], cohort: str, as_of: date, window_months: int | None = None) -> Funnel:
    """Count the funnel of one cohort as known on `as_of` (rules §6.5, K25–K28).

    With a window, a fact counts only if it happened within that many months after the project's own signing;
    whether a project has ended is judged on the same last day. A project id counts once. Raises ValueError
    when an id comes twice, for a bad cohort, or for a window that is not positive.
    """
    last_signing = cohort_end(cohort)
    if window_months is not None and window_months <= 0:
        raise ValueError("an observation window must be positive")
    chosen = [p for p in projects if cohort_of(p.signed_on) == cohort and p.signed_on <= as_of]
    if len({p.project_id for p in chosen}) != len(chosen):
        raise ValueError(f"cohort {cohort}: a project id comes twice")
    complete = as_of >= last_signing
    found = []
    for p in chosen:
        until = as_of
        if window_months is not None:
            closes = add_months(p.signed_on, window_months)
            complete = complete and closes <= as_of
            until = min(as_of, closes)
        found.append(counts(p, until))
    totals = map(sum, zip(*found, strict=True)) if found else [0] * len(Counts._fields)
    return Funnel(cohort, as_of, window_months, complete, *totals)
