"""Figures as text: stored units (万元, m², 万美元) to those people read, always with the reason when there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from data.queries.kpis import Figure
from data.queries.reason_words import reason_words
from domain import words
from domain.filters import Facet
from domain.indicators import Indicator
from domain.lights import LIGHT_MARKS, LIGHT_NAMES
from domain.units import COLUMN, MU, MU_M2, READ, TO_THE_DIGIT, WAN, Number, Reading, exact, rounded
from domain.viewstate import Scope
from i18n import N_, _, language

MINUS = "−"
NONE = "—"
#: Where a number would give single firms away (rules §2.6.4).
SUPPRESSED = "＊"

STATUSES = words.STATUSES
SCOPES = words.SCOPES
GROUPINGS = words.GROUPINGS
DATASETS = {"demo": N_("演示"), "published": N_("公开"), "own": N_("自有")}
ROLES = words.ROLES
LIGHTS = LIGHT_NAMES
LIGHT_MARK = LIGHT_MARKS
#: Reasons of a light (domain/lights.py), as people say them.
LIGHT_REASONS = {
    "light.start.late": N_("逾期未开工"),
    "light.start.no_plan": N_("未定开工计划"),
    "light.start.not_due": N_("未到开工期"),
    "light.start.started": N_("已开工"),
    "light.progress.behind": N_("进度滞后"),
    "light.progress.on_schedule": N_("进度正常"),
    "light.progress.not_reported": N_("进度未报"),
    "light.funds.short": N_("资金未到位"),
    "light.funds.paid": N_("资金到位"),
    "light.funds.not_reported": N_("资金未报"),
    "light.library.late": N_("开工未入库"),
    "light.library.in": N_("已入库"),
    "light.library.not_due": N_("未到入库期"),
    "light.library.no_start_date": N_("无开工日期"),
    "light.registration.late": N_("签约未注册"),
    "light.registration.not_due": N_("未到注册期"),
    "light.land_start.late": N_("拿地未开工"),
    "light.land_start.not_due": N_("未到约定开工日"),
    "light.land_start.no_agreed_date": N_("未约定开工日"),
    "light.production.late": N_("竣工未投产"),
    "light.production.not_due": N_("未到投产期"),
    "light.capacity.late": N_("投产未达产"),
    "light.capacity.reached": N_("已达产"),
    "light.capacity.not_due": N_("未到达产期"),
    "light.capacity.no_agreed_date": N_("未约定达产日"),
    "light.report.missing": N_("本月未报"),
    "light.report.in": N_("月报已报"),
}
CHANNELS = {
    "直报": N_("直报"),
    "部门": N_("部门"),
    "园区报": N_("园区报"),
    "derived": N_("计算"),
    "—": N_("计算"),
    "评价": N_("评价"),
    "年报": N_("年报"),
    "月报": N_("月报"),
    "名录": N_("名录"),
    "合同": N_("合同"),
    "履约": N_("履约"),
    "认定": N_("认定"),
    "规划": N_("规划"),
    "专题": N_("专题"),
    "办件": N_("办件"),
}


@dataclass(frozen=True)
class Shown:
    """A number as text and its unit; `reason` instead of a number that is not there."""

    text: str
    unit: str
    reason: str | None = None


def plain_name(name: str) -> str:
    """Name of a record without 演示·: the header says once that all on screen is demonstration data; files keep it."""
    return name.removeprefix(words.DEMO_PREFIX)


def own_scope(scope: Scope, page: Scope, *, short: bool = False) -> str:
    """The scope of a figure where it is another than that of the page (在地口径; `short` 在地), "" where it is the same."""
    if scope is page:
        return ""
    word = _(SCOPES[scope.value])
    return word if short else _("{scope}口径", scope=word)


def fixed(value: Number, places: int = 0) -> str:
    """Rounded half up to just these decimals, with thousands separators and a real minus sign: a rate beside its arrow."""
    return f"{rounded(value, places):,f}".replace("-", MINUS)


def number(value: Number | None, places: int = 0) -> str:
    """The same with as many more decimals as a number of this size needs: 0.44 is never 0, and what is unknown is "—"."""
    return NONE if value is None else fixed(value, places_of(value, places))


def beside(text: str, unit: str) -> str:
    """Number and unit in one text: 503.4 亿元, CNY 50.34 bn."""
    currency, _space, size = unit.partition(" ")
    if currency in ("CNY", "USD"):
        return f"{currency} {text} {size}"
    return f"{text} {unit}" if unit else text


def column_money(wan: Number | None, more: int = 0) -> str:
    """万元 in the one unit of a column of single amounts (`column_unit`), with `more` decimals than usual."""
    if wan is None:
        return NONE
    to_read = COLUMN[language()]
    return number(exact(wan) * to_read.factor, to_read.places + more)


def column_unit() -> str:
    """What `column_money` counts in: 亿元, CNY m."""
    return COLUMN[language()].unit


def to_the_digit(value: Number, unit: str) -> tuple[Fraction, str, int]:
    """A stored amount in a unit that loses none of its digits (万元, CNY m), that unit in words, and its decimals."""
    to_read = TO_THE_DIGIT[language()].get(unit)
    if to_read is not None:
        return exact(value) * to_read.factor, to_read.unit, to_read.places
    return exact(value), _(unit) if unit else "", 0 if exact(value).denominator == 1 else 2


def stored(value: Number, unit: str) -> str:
    """A stored amount to its last digit as text, in `stored_unit`."""
    number_, _unit, places = to_the_digit(value, unit)
    return number(number_, places)


def stored_unit(unit: str) -> str:
    """The unit that `stored` counts in: 万元, CNY m."""
    return to_the_digit(0, unit)[1]


def money_parts(wan: Number) -> tuple[str, str]:
    """万元 as number and unit that people would say: 亿元 from 1 亿 up, else 万元; CNY bn from 1 bn up, else CNY m."""
    size = abs(exact(wan))
    if language() == "zh":
        return (column_money(wan), column_unit()) if size >= 10_000 else (number(wan), WAN)
    return (_by(wan, READ["en"][WAN]), READ["en"][WAN].unit) if size >= 100_000 else (column_money(wan), column_unit())


def money(wan: Number | None) -> str:
    """The same in one text; — for none."""
    return NONE if wan is None else beside(*money_parts(wan))


def wan_text(wan: Number, places: int = 0) -> str:
    """An amount that is named in 万元 beside others: 8,100 万元, CNY 81 m."""
    return f"{number(wan, places)} {WAN}" if language() == "zh" else money(wan)


def _by(value: Number, to_read: Reading) -> str:
    return number(exact(value) * to_read.factor, to_read.places)


def mu(m2: Number | None, places: int = 1) -> str:
    """m² as 亩."""
    return NONE if m2 is None else number(exact(m2) / MU_M2, places)


def km2(m2: Number | None, places: int = 2) -> str:
    """m² as km²."""
    return NONE if m2 is None else number(exact(m2) / 1_000_000, places)


def percent(share: Number | None, places: int = 1) -> str:
    """A share as a percentage with sign left out for positive values; a small one keeps a digit that counts."""
    return NONE if share is None else f"{fixed(exact(share) * 100, places_of(exact(share) * 100, places, digits=1))}%"


_MOST_PLACES = 6
#: Units that are the same in every language, with their decimals.
_PLACES = {"%": 1, "pp": 1}


def scaled(value: Number, unit: str) -> tuple[Fraction, str, int]:
    """`value` of a stored unit in the unit people read, that unit in words, and its decimals."""
    to_read = READ[language()].get(unit) or Reading(_(unit) if unit else "", places=_PLACES.get(unit, 0))
    number_ = exact(value) * to_read.factor
    return number_, to_read.unit, places_of(number_, to_read.places)


def scaled_text(value: Number | None, unit: str) -> str:
    """The number alone; — for none."""
    if value is None:
        return NONE
    number_, _unit, places = scaled(value, unit)
    return number(number_, places)


def places_of(value: Number, places: int, digits: int = 2) -> int:
    """Decimals for a number of this size: more than `places` where those would leave it without `digits` that count."""
    size = abs(exact(value))
    most = 0 if size.denominator == 1 else _MOST_PLACES
    while 0 < size * Fraction(10) ** places < 10 ** (digits - 1) and places < most:
        places += 1
    return places


def unfollowed_text(facets: Iterable[Facet]) -> str:
    """不随…筛选 with the facets that cannot be followed."""
    return reason_words("not_filterable", language(), missed=facets)


def reason_text(figure: Figure) -> str | None:
    """Why the figure is missing or partial, in words; None for a complete one."""
    if figure.reason is None:
        return None
    return reason_words(
        figure.reason, language(), reported=figure.reported, expected=figure.expected, missed=figure.missed
    )


def figure_text(figure: Figure) -> Shown:
    """The number of a figure in display units; a partial figure keeps its number and carries the reason."""
    if figure.value is None:
        return Shown(NONE, "", reason_text(figure))
    value, shown, places = read_figure(figure.kpi, figure.value, figure.unit)
    if figure.unit == WAN and abs(exact(figure.value)) >= 10**8:
        places = READ[language()][WAN].places - 1
    return Shown(number(value, places), shown, reason_text(figure))


def read_figure(kpi: Indicator, value: Number, unit: str) -> tuple[Fraction, str, int]:
    """A value of an indicator as people read it; remaining industrial land (K43) is read in 亩, not in m²."""
    if kpi.id == "K43":
        return exact(value) / MU_M2, _(MU), 0
    read, shown, places = scaled(value, unit)
    if unit in ("", "—"):
        return read, "", 2
    return read, shown, 2 if kpi.is_ratio and places == 0 and unit not in READ["en"] else places


def direction(value: Number, places: int = 0) -> int:
    """1 up, -1 down, 0 neither: of the number as it is printed, so that nothing printed as 0.0 points anywhere."""
    shown = rounded(value, places)
    return (shown > 0) - (shown < 0)


def yoy_shown(figure: Figure) -> tuple[str, int] | None:
    """Change on a year ago without its sign ("8.6%" for levels, "0.4pp" for ratios) and its direction; None for none."""
    if figure.yoy is None:
        return None
    if figure.yoy_kind == "growth":
        return f"{fixed(abs(figure.yoy) * 100, 1)}%", direction(figure.yoy * 100, 1)
    unit = "pp" if figure.unit in ("%", "pp") or figure.kpi.unit in ("%", "pp") else ""
    places = 1 if unit else 2
    return beside(fixed(abs(figure.yoy), places), unit), direction(figure.yoy, places)


def growth_text(percents: float) -> str:
    """A published growth rate in words: 增 3.2%, 降 1.5%, 持平; never 增 −1.5%."""
    way = direction(percents, 1)
    if way == 0:
        return _("持平")
    rate = fixed(abs(percents), 1)
    return _("增 {n}%", n=rate) if way > 0 else _("降 {n}%", n=rate)


def month_text(period: str) -> str:
    """A period as printed: 2026-09, 2026 年, 2026 年第 3 季度."""
    if "Q" in period:
        year, quarter = period.split("Q")
        return _("{year}年{quarter}季度", year=year, quarter=quarter)
    return period if "-" in period else _("{year}年", year=period)


def month_name(month: int) -> str:
    """The name of the nth month on an axis: 9月, Sep."""
    return _MONTHS[month - 1] if language() == "en" else _("{n}月", n=month)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def difference(value: Number, places: int) -> str:
    """A difference with its sign: +5.6, −1.2, 0."""
    text = number(abs(exact(value)), places)
    way = direction(value, places_of(exact(value), places))
    return f"{'+' if way > 0 else MINUS if way < 0 else ''}{text}"


def ytd_text(period: str) -> str:
    """「1–9月累计」 of a month."""
    month = int(period[5:7])
    return _("1–{month}月累计", month=month) if month > 1 else _("1月")


def light_reason(key: str | None) -> str:
    """Why a light shows what it shows; "" when there is no reason to give."""
    return _(LIGHT_REASONS[key]) if key in LIGHT_REASONS else (key or "")


def light_text(value: str | None) -> str:
    """Mark and name of a light; — for a record no rule applies to (before signing or ended), which is not grey."""
    return f"{LIGHT_MARK[value]} {_(LIGHTS[value])}" if value in LIGHT_MARK else NONE
