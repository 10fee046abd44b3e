"""Early-warning lights of a project: start, progress, funds, library and four hand-over rules (rules §6.2).

The four dimensions and their limits are Yinchuan's published rule set, taken as default; the hand-over rules
(签约未注册, 拿地未开工, 竣工未投产, 投产未达产) are this product's own.

Order of lights for the project as a whole: red > grey > yellow > green.
- Red from dated facts (milestones, contracts) stays red: a missing report cannot hide what is known to be bad.
  Red from figures of an older report does not: without the report that was due, progress and funds are grey.
- Grey ("未报") beats yellow and green: what was not reported might be red, so the worst cannot be named.
  Grey is not green, and an exemption never turns grey into green.
- A project that no rule looks at (a lead, or one that has ended) has no light, which is not grey either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from domain.dates import add_months, happened, month_index

Figures = Mapping[str, int | float | str]


class Light(StrEnum):
    """Colour of one dimension or of a project. `GREY` = 未报."""

    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    GREY = "grey"


#: A light as people say it.
LIGHT_NAMES: dict[str, str] = {"red": "红灯", "yellow": "黄灯", "green": "绿灯", "grey": "未报"}
#: Its symbol in a text; the same shapes stand on the map.
LIGHT_MARKS: dict[str, str] = {"red": "▲", "yellow": "◆", "green": "●", "grey": "○"}


class Dimension(StrEnum):
    """What a light is about."""

    START = "start"
    PROGRESS = "progress"
    FUNDS = "funds"
    LIBRARY = "library"
    REGISTRATION = "registration"
    LAND_START = "land_start"
    PRODUCTION = "production"
    CAPACITY = "capacity"
    REPORT = "report"


#: Kept where no rule applies, which is not grey: a lead or an ended project.
NO_LIGHT = "none"
#: One character per light for month-by-month history strings; `NO_LIGHT_CHAR` = no rule applies.
LIGHT_CHAR: dict[Light, str] = {Light.RED: "r", Light.YELLOW: "y", Light.GREEN: "g", Light.GREY: "n"}
NO_LIGHT_CHAR = "-"

_SEVERITY = (Light.GREEN, Light.YELLOW, Light.GREY, Light.RED)

#: Stages whose projects owe a monthly report and keep to a plan: signed and not yet producing.
REPORTING_STAGES = range(30, 120)
_BUILDING = range(90, 120)
_PRODUCING = range(120, 900)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of rules §6.2. Percentage points, calendar months or days, as the names say."""

    start_red_months: int = 3
    progress_yellow_pp: int = 10
    progress_red_pp: int = 30
    library_yellow_months: int = 1
    library_red_months: int = 2
    registration_yellow_days: int = 60
    registration_red_days: int = 120
    land_start_red_months: int = 6
    production_yellow_months: int = 6
    production_red_months: int = 12
    capacity_red_months: int = 12
    report_due_day: int = 5


DEFAULT_THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What the rules look at. None = not known. Money in 万元, dates as they happened, `stage` per rules §6.1.

    `stage` is the stage on the day the light is computed for; `last_report_month` is "YYYY-MM".
    `library_required` is False for projects below the statistical threshold (planned total < 500 万元).
    """

    stage: int | None
    signed_on: date | None = None
    registered_on: date | None = None
    land_deal_on: date | None = None
    agreed_start_on: date | None = None
    planned_start_on: date | None = None
    started_on: date | None = None
    library_on: date | None = None
    library_required: bool = True
    annual_plan_wan: int | None = None
    planned_to_date_wan: int | None = None
    done_to_date_wan: int | None = None
    government_funded: bool = False
    funds_required_wan: int | None = None
    funds_paid_wan: int | None = None
    completed_on: date | None = None
    production_on: date | None = None
    agreed_capacity_on: date | None = None
    capacity_on: date | None = None
    last_report_month: str | None = None


@dataclass(frozen=True, slots=True)
class Exemption:
    """A "正当理由" for one dimension. Valid from `granted_on` to `expires_on`, both included.

    Raises ValueError without an approver or a reason, or when it expires before it is granted.
    """

    dimension: Dimension
    reason: str
    approver: str
    granted_on: date
    expires_on: date

    def __post_init__(self) -> None:
        if not self.approver.strip() or not self.reason.strip():
            raise ValueError("an exemption needs a reason and an approver")
        if self.expires_on < self.granted_on:
            raise ValueError("an exemption cannot expire before it is granted")

    def holds_on(self, day: date) -> bool:
        """Tell whether the exemption is in force on `day`."""
        return self.granted_on <= day <= self.expires_on


@dataclass(frozen=True, slots=True)
class DimensionLight:
    """Light of one dimension with the message key and the figures that explain it.

    `exempted_from` keeps the colour that an exemption in force has turned green.
    """

    dimension: Dimension
    light: Light
    reason_key: str
    figures: Figures = field(default_factory=dict)
    exempted_from: Light | None = None


@dataclass(frozen=True, slots=True)
class ProjectLight:
    """Light of a project (None = no rule applies) and the dimensions it was taken from, worst first."""

    light: Light | None
    dimensions: tuple[DimensionLight, ...]


def worst(lights: Iterable[Light]) -> Light | None:
    """Worst light in the order red > grey > yellow > green, or None for no light at all."""
    return max(lights, key=_SEVERITY.index, default=None)


def due_report_month(as_of: date, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> str:
    """Newest month "YYYY-MM" whose report must be in by `as_of`.

    The report of a month is due by the end of the 5th of the next one, so it is missed from the 6th on.
    """
    back = 1 if as_of.day > thresholds.report_due_day else 2
    year, month0 = divmod(month_index(as_of) - back, 12)
    return f"{year:04d}-{month0 + 1:02d}"


def progress_gap_pp(planned_wan: int, done_wan: int, annual_plan_wan: int) -> float:
    """Time-schedule gap in percentage points: (planned − completed) / annual plan × 100 (rules §6.2, K31).

    Negative when ahead. Raises ValueError when the annual plan is not positive.
    """
    if annual_plan_wan <= 0:
        raise ValueError("the annual plan must be positive")
    return (planned_wan - done_wan) * 100 / annual_plan_wan


def start_light(f: ProjectFacts, as_of: date, t: Thresholds) -> DimensionLight | None:
    """Yellow once the planned month has passed without a start, red from the third month on."""
    if f.stage is None or f.stage not in REPORTING_STAGES:
        return None
    if happened(f.started_on, as_of) or f.stage >= 90:
        return DimensionLight(Dimension.START, Light.GREEN, "light.start.started")
    if f.planned_start_on is None:
        return DimensionLight(Dimension.START, Light.GREY, "light.start.no_plan")
    late = month_index(as_of) - month_index(f.planned_start_on)
    figures: Figures = {"months": max(late, 0), "planned": f.planned_start_on.isoformat()}
    if late >= t.start_red_months:
        return DimensionLight(Dimension.START, Light.RED, "light.start.late", figures)
    if late > 0:
        return DimensionLight(Dimension.START, Light.YELLOW, "light.start.late", figures)
    return DimensionLight(Dimension.START, Light.GREEN, "light.start.not_due", figures)


def behind_plan(behind: int | Fraction, whole: int | Fraction, t: Thresholds = DEFAULT_THRESHOLDS) -> Light:
    """Green below 10 pp of the `whole` behind, yellow from 10 to 30 inclusive, red above; of projects and figures alike.

    Decided on exact numbers, so that a gap of exactly 10 or 30 pp never depends on floating point.
    """
    if behind * 100 > t.progress_red_pp * whole:
        return Light.RED
    return Light.YELLOW if behind * 100 >= t.progress_yellow_pp * whole else Light.GREEN


def progress_light(f: ProjectFacts, as_of: date, t: Thresholds) -> DimensionLight | None:
    """What was done against the plan of the year (`behind_plan`); grey without a report."""
    if f.stage is None or f.stage not in _BUILDING or f.annual_plan_wan == 0:
        return None
    if f.annual_plan_wan is None or f.planned_to_date_wan is None or f.done_to_date_wan is None:
        return DimensionLight(Dimension.PROGRESS, Light.GREY, "light.progress.not_reported")
    gap = progress_gap_pp(f.planned_to_date_wan, f.done_to_date_wan, f.annual_plan_wan)
    light = behind_plan(f.planned_to_date_wan - f.done_to_date_wan, f.annual_plan_wan, t)
    figures: Figures = {
        "gap_pp": round(gap, 1),
        "planned_wan": f.planned_to_date_wan,
        "done_wan": f.done_to_date_wan,
        "annual_wan": f.annual_plan_wan,
    }
    key = "light.progress.on_schedule" if light is Light.GREEN else "light.progress.behind"
    return DimensionLight(Dimension.PROGRESS, light, key, figures)


def funds_light(f: ProjectFacts, as_of: date, t: Thresholds) -> DimensionLight | None:
    """Government-funded projects: green when paid as planned, red below what is required."""
    if not f.government_funded or f.stage is None or f.stage not in REPORTING_STAGES:
        return None
    if f.funds_required_wan is None or f.funds_paid_wan is None:
        return DimensionLight(Dimension.FUNDS, Light.GREY, "light.funds.not_reported")
    figures: Figures = {"required_wan": f.funds_required_wan, "paid_wan": f.funds_paid_wan}
    if f.funds_paid_wan < f.funds_required_wan:
        return DimensionLight(Dimension.FUNDS, Light.RED, "light.funds.short", figures)
    return DimensionLight(Dimension.FUNDS, Light.GREEN, "light.funds.paid", figures)


def library_light(f: ProjectFacts, as_of: date, t: Thresholds) -> DimensionLight | None:
    """Statistical library: yellow one month after the start, red more than two months after it."""
    if f.stage is None or f.stage not in _BUILDING or not f.library_required:
        return None
    if happened(f.library_on, as_of):
        return DimensionLight(Dimension.LIBRARY, Light.GREEN, "light.library.in")
    if f.started_on is None:
        return DimensionLight(Dimension.LIBRARY, Light.GREY, "light.library.no_start_date")
    figures: Figures = {"days": max((as_of - f.started_on).days, 0), "started": f.started_on.isoformat()}
    if as_of > add_months(f.started_on, t.library_red_months):
        return DimensionLight(Dimension.LIBRARY, Light.RED, "light.library.late", figures)
    if as_of >= add_months(f.started_on, t.library_yellow_months):
        return DimensionLight(Dimension.LIBRARY, Light.YELLOW, "light.library.late", figures)
    return DimensionLight(Dimension.LIBRARY, Light.GREEN, "light.library.not_due", figures)


def registration_light(f: ProjectFacts, as_of: date, t: Thresholds) -> DimensionLight | None:
    """签约未注册: yellow after more than 60 days, red after more than 120."""
    if f.signed_on is None or not happened(f.signed_on, as_of) or happened(f.registered_on, as_of):
        return None
    days = (as_of - f.signed_on).days
    figures: Figures = {"days": days}
    if days > t.registration_red_days:
        return DimensionLight(Dimension.REGISTRATION, Light.RED, "light.registration.late", figures)
    if days > t.registration_yellow_days:
        return DimensionLight(Dimension.REGISTRATION, Light.YELLOW, "light.registration.late", figures)
    return DimensionLight(Dimension.REGISTRATION, Light.GREEN, "light.registration.not_due", figures)


def land_start_light(f: ProjectFacts, as_of: date, t: Thresholds) -> DimensionLight | None:
    """拿地未开工: yellow past the start agreed in the land contract, red six months past it."""
    if not happened(f.land_deal_on, as_of) or happened(f.started_on, as_of):
        return None
    if f.agreed_start_on is None:
        return DimensionLight(Dimension.LAND_START, Light.GREY, "light.land_start.no_agreed_date")
    red_from = add_months(f.agreed_start_on, t.land_start_red_months)
    return _past(Dimension.LAND_START, as_of, f.agreed_start_on, f.agreed_start_on, red_from)


def production_light(f: ProjectFacts, as_of: date, t: Thresholds) -> DimensionLight | None:
    """竣工未投产: yellow after more than six months, red after more than twelve."""
    if f.completed_on is None or not happened(f.completed_on, as_of) or happened(f.production_on, as_of):
        return None
    yellow_from = add_months(f.completed_on, t.production_yellow_months)
    red_from = add_months(f.completed_on, t.production_red_months)
    return _past(Dimension.PRODUCTION, as_of, f.completed_on, yellow_from, red_from)


def capacity_light(f: ProjectFacts, as_of: date, t: Thresholds) -> DimensionLight | None:
    """投产未达产: yellow past the agreed date, red twelve months past it."""
    if not happened(f.production_on, as_of) and (f.stage is None or f.stage not in _PRODUCING):
        return None
    if happened(f.capacity_on, as_of):
        return DimensionLight(Dimension.CAPACITY, Light.GREEN, "light.capacity.reached")
    if f.agreed_capacity_on is None:
        return DimensionLight(Dimension.CAPACITY, Light.GREY, "light.capacity.no_agreed_date")
    red_from = add_months(f.agreed_capacity_on, t.capacity_red_months)
    return _past(Dimension.CAPACITY, as_of, f.agreed_capacity_on, f.agreed_capacity_on, red_from)


def report_light(f: ProjectFacts, as_of: date, t: Thresholds) -> DimensionLight | None:
    """Grey when the monthly report that was due is not in; green when it is."""
    if f.stage is None or f.stage not in REPORTING_STAGES:
        return None
    due = due_report_month(as_of, t)
    if f.signed_on is not None and f.signed_on.strftime("%Y-%m") > due:
        return None  # signed after the month that is due: nothing to report yet
    if f.last_report_month is None or f.last_report_month < due:
        return DimensionLight(Dimension.REPORT, Light.GREY, "light.report.missing", {"month": due})
    return DimensionLight(Dimension.REPORT, Light.GREEN, "light.report.in", {"month": due})


def _past(dimension: Dimension, as_of: date, since: date, yellow_from: date, red_from: date) -> DimensionLight:
    figures: Figures = {"days": max((as_of - since).days, 0), "since": since.isoformat()}
    if as_of > red_from:
        return DimensionLight(dimension, Light.RED, f"light.{dimension}.late", figures)
    if as_of > yellow_from:
        return DimensionLight(dimension, Light.YELLOW, f"light.{dimension}.late", figures)
    return DimensionLight(dimension, Light.GREEN, f"light.{dimension}.not_due", figures)


_RULES = (
    start_light,
    progress_light,
    funds_light,
    library_light,
    registration_light,
    land_start_light,
    production_light,
    capacity_light,
    report_light,
)


def project_light(
    facts: ProjectFacts,
    as_of: date,
    exemptions: Sequence[Exemption] = (),
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> ProjectLight:
    """Light of a project on `as_of`: the worst dimension, red > grey > yellow > green (rules §6.2).

    When the report that was due is missing, the progress and funds figures are old, so both are grey,
    whatever they said last. An exemption in force turns a yellow or red dimension green and keeps the colour
    in `exempted_from`; after its expiry the colour returns. Leads (10, 20) and ended projects (9xx) have
    no light.
    """
    if facts.stage is None or facts.stage < 30 or facts.stage >= 900:
        return ProjectLight(None, ())
    found = [d for rule in _RULES if (d := rule(facts, as_of, thresholds)) is not None]
    unreported = any(d.dimension is Dimension.REPORT and d.light is Light.GREY for d in found)
    shown = [_exempt(_stale(d) if unreported else d, exemptions, as_of) for d in found]
    shown.sort(key=lambda d: -_SEVERITY.index(d.light))
    return ProjectLight(worst(d.light for d in shown), tuple(shown))


def _stale(d: DimensionLight) -> DimensionLight:
    if d.dimension not in (Dimension.PROGRESS, Dimension.FUNDS) or d.light is Light.GREY:
        return d
    return DimensionLight(d.dimension, Light.GREY, f"light.{d.dimension}.not_reported", d.figures)


def _exempt(d: DimensionLight, exemptions: Sequence[Exemption], as_of: date) -> DimensionLight:
    if d.light not in (Light.RED, Light.YELLOW):
        return d
    if not any(e.dimension is d.dimension and e.holds_on(as_of) for e in exemptions):
        return d
    return DimensionLight(d.dimension, Light.GREEN, d.reason_key, d.figures, exempted_from=d.light)


# --- when a light can change -----------------------------------------------------------------------------------------


def _after(day: date, months: int = 0, days: int = 0) -> date:
    """`day` moved by calendar months, then by days; the last day there is when it would lie beyond it."""
    try:
        return add_months(day, months) + timedelta(days=days)
    except (ValueError, OverflowError):
        return date.max


def _after_month(day: date, months: int, days: int = 0) -> date:
    """The first of the month of `day`, moved likewise."""
    return _after(day.replace(day=1), months, days)


_TURNS: dict[str, Callable[[date, Thresholds], tuple[date, ...]]] = {
    "signed_on": lambda day, t: (
        day,
        _after(day, days=t.registration_yellow_days + 1),
        _after(day, days=t.registration_red_days + 1),
        _after_month(day, 1, t.report_due_day),
    ),
    "registered_on": lambda day, t: (day,),
    "land_deal_on": lambda day, t: (day,),
    "agreed_start_on": lambda day, t: (_after(day, days=1), _after(day, t.land_start_red_months, 1)),
    "planned_start_on": lambda day, t: (_after_month(day, 1), _after_month(day, t.start_red_months)),
    "started_on": lambda day, t: (
        day,
        _after(day, t.library_yellow_months),
        _after(day, t.library_red_months, 1),
    ),
    "library_on": lambda day, t: (day,),
    "completed_on": lambda day, t: (
        day,
        _after(day, t.production_yellow_months, 1),
        _after(day, t.production_red_months, 1),
    ),
    "production_on": lambda day, t: (day,),
    "agreed_capacity_on": lambda day, t: (_after(day, days=1), _after(day, t.capacity_red_months, 1)),
    "capacity_on": lambda day, t: (day,),
}
#: The dated facts of `ProjectFacts`.
DATED_FACTS = tuple(_TURNS)


def turning_days(fact: str, day: date, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> tuple[date, ...]:
    """Days from which the rules above may judge a dated fact (`DATED_FACTS`) otherwise than the day before (rules §6.2).

    Between two of them a light changes only with what it knows beside dates: stage, figures, reports, exemptions. That
    lets the rules be asked once for all days and projects alike in this (`domain.lights_bulk`); tests hold it against
    the rules. Raises KeyError for an unknown fact.
    """
    return _TURNS[fact](day, thresholds)


def figures_kind(facts: ProjectFacts, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> tuple[Light | None, Light | None]:
    """What progress and funds would show for the reported figures if the stage and the funding called for both."""
    asked = ProjectFacts(
        stage=_BUILDING.start,
        annual_plan_wan=facts.annual_plan_wan,
        planned_to_date_wan=facts.planned_to_date_wan,
        done_to_date_wan=facts.done_to_date_wan,
        government_funded=True,
        funds_required_wan=facts.funds_required_wan,
        funds_paid_wan=facts.funds_paid_wan,
    )
    # Neither rule looks at the day.
    found = (rule(asked, date.max, thresholds) for rule in (progress_light, funds_light))
    progress, funds = (d.light if d is not None else None for d in found)
    return progress, funds


def months_red(history: str) -> int:
    """Count the months at the end of a history string (`LIGHT_CHAR`, oldest first) that are red in a row."""
    return len(history) - len(history.rstrip(LIGHT_CHAR[Light.RED]))
