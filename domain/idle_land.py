"""Idle-land clock (rules §7.4) and the chain development × supply × completion (rules §3.2.4).

The clock only suggests. Whether land *is* idle is a manual decision with a document number (`LegalStatus`):
until somebody opens an investigation the furthest suggestion is 疑似闲置, however long the clock has run.

Reading of the stage list: the year runs from the agreed start (or from the stop of works); 预警 covers its last
90 days; from one year on the land is 疑似闲置, then 调查认定 while under investigation, then 满1年(征费) or
满2年(收回) once it is determined idle and the company is the cause. With another cause, or with a disposal route
chosen, it is 处置.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from domain.dates import add_months, happened


class Cause(StrEnum):
    """Why the land lies idle. Only `COMPANY` runs the fee and the reclaim."""

    COMPANY = "company"
    GOVERNMENT = "government"
    FORCE_MAJEURE = "force_majeure"


class LegalStatus(StrEnum):
    """What the authority has decided; entered by hand with a document number."""

    INVESTIGATING = "investigating"
    DETERMINED_IDLE = "determined_idle"
    NOT_IDLE = "not_idle"


class Disposal(StrEnum):
    """Routes of disposal: 延期, 调整用途, 置换, 回购."""

    EXTENSION = "extension"
    CHANGE_OF_USE = "change_of_use"
    SWAP = "swap"
    BUY_BACK = "buy_back"


class IdleStage(StrEnum):
    """Suggested stage of the clock; `UNDECIDED` when a figure it needs is missing."""

    NORMAL = "normal"
    WARNING = "warning"
    SUSPECTED = "suspected"
    INVESTIGATION = "investigation"
    ONE_YEAR = "one_year"
    TWO_YEARS = "two_years"
    DISPOSAL = "disposal"
    UNDECIDED = "undecided"


IDLE_STAGE_NAMES: dict[IdleStage, str] = {
    IdleStage.NORMAL: "正常",
    IdleStage.WARNING: "预警",
    IdleStage.SUSPECTED: "疑似闲置",
    IdleStage.INVESTIGATION: "调查认定",
    IdleStage.ONE_YEAR: "满1年(征费)",
    IdleStage.TWO_YEARS: "满2年(收回)",
    IdleStage.DISPOSAL: "处置",
    IdleStage.UNDECIDED: "待核实",
}

WARNING_DAYS = 90
FEE_RATE = Fraction(1, 5)
_MIN_AREA_SHARE = Fraction(1, 3)
_MIN_INVESTED_SHARE = Fraction(1, 4)


@dataclass(frozen=True, slots=True)
class IdleFacts:
    """One supplied plot. Money in 万元, areas in m²; None = not known.

    `agreed_start_on` is the start agreed in the land contract, `stopped_on` the day works stopped (None while
    they go on), `due_m2` the area that should be developed, `price_wan` the land price or allocation price.
    Raises ValueError for a legal status without a document number.
    """

    agreed_start_on: date | None
    started_on: date | None = None
    stopped_on: date | None = None
    developed_m2: int | None = None
    due_m2: int | None = None
    invested_wan: int | None = None
    total_wan: int | None = None
    price_wan: int | None = None
    cause: Cause | None = None
    legal_status: LegalStatus | None = None
    legal_document: str = ""
    disposal: Disposal | None = None

    def __post_init__(self) -> None:
        if self.legal_status is not None and not self.legal_document.strip():
            raise ValueError("a legal status needs its document number")


@dataclass(frozen=True, slots=True)
class IdleClock:
    """What the clock suggests on one date.

    `days` run from `since` (agreed start, or stop of works); `years_full` counts whole years of it.
    `fee_wan` is an estimate, None unless a year is full and the company is the cause; `reclaim` likewise at two
    years. `reason_key` names what the stage rests on or what is missing.
    """

    stage: IdleStage
    reason_key: str
    since: date | None = None
    days: int | None = None
    years_full: int = 0
    fee_wan: int | None = None
    reclaim: bool = False


def idle_fee_wan(price_wan: int) -> int:
    """Idle fee: 20 % of the land price, in 万元, half rounded up. 9600 -> 1920 (rules §7.4)."""
    if price_wan < 0:
        raise ValueError("a land price cannot be negative")
    return int(price_wan * FEE_RATE + Fraction(1, 2))


def idle_clock(f: IdleFacts, as_of: date) -> IdleClock:
    """Run the clock for one plot on `as_of` (rules §7.4).

    Not started: counts from the agreed start. Started, stopped, and with less than 1/3 of the due area
    developed or less than 25 % of the total invested: counts from the stop. Anything else is 正常.
    """
    if happened(f.started_on, as_of):
        if f.stopped_on is None or f.stopped_on > as_of:
            return IdleClock(IdleStage.NORMAL, "idle.working")
        behind = _underdeveloped(f)
        if behind is None:
            return IdleClock(IdleStage.UNDECIDED, "idle.figures_missing", f.stopped_on)
        if not behind:
            return IdleClock(IdleStage.NORMAL, "idle.developed_enough")
        return _run(f, f.stopped_on, "idle.stopped", as_of)
    if f.agreed_start_on is None:
        return IdleClock(IdleStage.UNDECIDED, "idle.no_agreed_start")
    return _run(f, f.agreed_start_on, "idle.not_started", as_of)


def _underdeveloped(f: IdleFacts) -> bool | None:
    """True if either share is below its limit, None if the known ones do not settle it."""
    tests = (
        _below(f.developed_m2, f.due_m2, _MIN_AREA_SHARE),
        _below(f.invested_wan, f.total_wan, _MIN_INVESTED_SHARE),
    )
    if True in tests:
        return True
    return None if None in tests else False


def _below(part: int | None, whole: int | None, limit: Fraction) -> bool | None:
    if part is None or whole is None or whole <= 0:
        return None
    return Fraction(part, whole) < limit


def _run(f: IdleFacts, since: date, reason: str, as_of: date) -> IdleClock:
    days = (as_of - since).days
    one, two = add_months(since, 12), add_months(since, 24)
    years = 0
    while as_of >= add_months(since, 12 * (years + 1)):
        years += 1
    company = f.cause is Cause.COMPANY
    fee = idle_fee_wan(f.price_wan) if company and years >= 1 and f.price_wan is not None else None
    reclaim = company and as_of >= two

    def clock(stage: IdleStage, key: str = reason) -> IdleClock:
        return IdleClock(stage, key, since, days, years, fee, reclaim)

    if f.legal_status is LegalStatus.NOT_IDLE:
        return IdleClock(IdleStage.NORMAL, "idle.cleared", since, days, years)
    if years == 0:
        return clock(IdleStage.WARNING if as_of >= one - timedelta(days=WARNING_DAYS) else IdleStage.NORMAL)
    if f.disposal is not None:
        return clock(IdleStage.DISPOSAL, f"idle.disposal.{f.disposal}")
    if f.legal_status is None:
        return clock(IdleStage.SUSPECTED, reason if f.cause is not None else "idle.cause_unknown")
    if f.legal_status is LegalStatus.INVESTIGATING or f.cause is None:
        return clock(IdleStage.INVESTIGATION, reason if f.cause is not None else "idle.cause_unknown")
    if not company:
        return clock(IdleStage.DISPOSAL, f"idle.cause.{f.cause}")
    return clock(IdleStage.TWO_YEARS if reclaim else IdleStage.ONE_YEAR)


@dataclass(frozen=True, slots=True)
class LandChain:
    """Four nested land areas in m² (rules §3.2.4, K37–K39): each is part of the one before it."""

    developable_m2: int
    ready_m2: int
    supplied_m2: int
    built_m2: int

    @property
    def development(self) -> Fraction | None:
        """K37 土地开发率 = ready / developable; None without a denominator."""
        return _share(self.ready_m2, self.developable_m2)

    @property
    def supply(self) -> Fraction | None:
        """K38 土地供应率 = supplied / ready; None without a denominator."""
        return _share(self.supplied_m2, self.ready_m2)

    @property
    def completion(self) -> Fraction | None:
        """K39 土地建成率 = built / supplied; None without a denominator."""
        return _share(self.built_m2, self.supplied_m2)

    @property
    def built_share(self) -> Fraction | None:
        """Built of developable, which the product of the three rates must equal."""
        return _share(self.built_m2, self.developable_m2)

    def not_nested(self) -> tuple[str, ...]:
        """Names of the areas that are larger than the one they are part of, or negative."""
        chain = (
            ("ready_m2", self.ready_m2, self.developable_m2),
            ("supplied_m2", self.supplied_m2, self.ready_m2),
            ("built_m2", self.built_m2, self.supplied_m2),
        )
        return tuple(name for name, part, whole in chain if part > whole or part < 0)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """Outcome of the identity test; `gap` is product − reported, as a share."""

    product: float
    reported: float
    gap: float
    ok: bool


def check_land_chain(
    development: float, supply: float, completion: float, reported: float, tolerance: float = 0.0005
) -> ChainCheck:
    """Test development × supply × completion = built of developable on *reported* rates (rules §3.2.4).

    All as shares, 0.8946 for 89.46 %. Rates that come from different offices disagree when one of them used
    another area; 0.05 percentage points allow for rounding to two decimals.
    """
    product = development * supply * completion
    gap = product - reported
    return ChainCheck(product, reported, gap, abs(gap) <= tolerance)
