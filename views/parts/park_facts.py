"""Published figures and governance facts beside whatever data set is on screen: each with its date and its source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from dash import html
from dash.development.base_component import Component

from data.queries.catalogue import ZoneInfo
from data.queries.published import published_facts
from data.queries.question import Question
from domain.dates import printed_day
from domain.units import COLUMN, PRINTED, READ, WAN
from i18n import N_, _, language
from views.parts import badges
from views.parts.block import block, reason_line
from views.parts.format import NONE, fixed, growth_text
from views.parts.project_card import opens_unit
from views.parts.published_line import doubt_mark

#: Of the governing units' own figures only the newest are listed: they are about more than the park.
UNIT_ROWS = 40
_TILES = 6
_LONG = 9  # characters: a longer value is words, not a figure


def _row(fact: dict[str, Any], first: Component | str | list[Component | str]) -> html.Tr:
    growth = fact["growth_pct"]
    value, unit = fact_parts(fact)
    currency, _space, size = unit.partition(" ")
    if currency in ("CNY", "USD"):
        digits = next(i for i, sign in enumerate(value) if sign.isdigit())
        value, unit = f"{value[:digits]}{currency} {value[digits:]}", size
    return html.Tr(
        [
            html.Td([*(first if isinstance(first, list) else [first]), doubt_mark(fact["doubt"])]),
            html.Td(fact["period"] or "", className="quiet"),
            html.Td([html.B(value), f" {unit}"] if value != NONE else NONE, className="num"),
            html.Td(growth_text(growth) if growth is not None else "", className="num quiet"),
            html.Td(fact["as_of"] or _("日期未载"), className="quiet"),
            html.Td(badges.source_mark(fact["source"])),
        ],
        title="\n".join(t for t in (fact["scope_note"], fact["note"]) if t),
    )


def _figures(facts: Sequence[dict[str, Any]]) -> html.Div:
    head = html.Tr(
        [
            html.Th([_("对象"), " · ", _("指标")]),
            html.Th(_("期间")),
            html.Th(_("数值"), className="num"),
            html.Th("", className="num"),
            html.Th(_("日期")),
            html.Th(_("来源")),
        ]
    )
    return html.Div(
        html.Table(
            [html.Thead(head), html.Tbody([_row(f, f"{f['subject']} · {f['indicator']}") for f in facts])],
            className="mini",
        ),
        className="scroll-x",
    )


def _own(question: Question, zone: ZoneInfo) -> list[dict[str, Any]]:
    found = published_facts(question, zones=(zone.code,), families=("fact", "series"))
    own = [f for f in found if f["zone_code"] == zone.code]
    return sorted(own, key=lambda f: printed_day(f["as_of"]), reverse=True)


#: Words of a source before a number that is not exact.
_ABOUT = (N_("近{n}"), N_("超{n}"), N_("约{n}"))
_PRINTED = re.compile(r"^([<>]?)([\d,]+(?:\.\d+)?)(\+?)$")


def fact_unit(fact: Mapping[str, Any]) -> str:
    """Unit of a published figure in one spelling."""
    return (fact["unit"] or "").replace("km2", "km²").replace("m2", "㎡").replace("万m²", "万㎡")


def fact_parts(fact: Mapping[str, Any]) -> tuple[str, str]:
    """Value and unit of a published figure: as printed in Chinese; in English a number in 亿 or 万 is told in bn, m or m².

    No digit is added that the source did not print.
    """
    value, unit = fact["value_text"] or NONE, fact_unit(fact)
    about = next((a for a in _ABOUT if value.startswith(a.removesuffix("{n}"))), "{n}")
    found = _PRINTED.match(value.removeprefix(about.removesuffix("{n}")))
    if language() == "zh" or found is None or (unit not in PRINTED and about == "{n}"):
        return value, unit if language() == "zh" or not unit else _(unit)
    sign, told, more = found.groups()
    if unit not in PRINTED:
        return _(about).format(n=sign + told + more), _(unit)
    of, size = PRINTED[unit]
    amount = Fraction(told.replace(",", "")) * size
    read = COLUMN["en"] if of == WAN and amount < 100_000 else READ["en"][of]
    amount *= read.factor
    digits = next(n for n in range(10) if (amount * 10**n).denominator == 1)
    return _(about).format(n=sign + fixed(amount, digits) + more), read.unit


def fact_tiles(question: Question, zone: ZoneInfo) -> html.Div:
    """The newest published figures of the park, as printed."""
    shown: dict[str, dict[str, Any]] = {}
    for fact in _own(question, zone):
        if fact["value_text"]:
            shown.setdefault(f"{fact['subject']}\n{fact['indicator']}", fact)
    tiles = [
        html.Article(
            [
                html.Span(f["indicator"], className="tile-name", title=f["note"] or ""),
                html.Div(
                    [
                        html.Span(
                            fact_parts(f)[0],
                            className="tile-number" + (" is-long" if len(fact_parts(f)[0]) > _LONG else ""),
                        ),
                        html.Span(fact_parts(f)[1], className="tile-unit"),
                    ],
                    className="tile-value",
                ),
                html.Span(f["subject"], className="tile-note"),
                html.Span(
                    [f["period"] or f["as_of"] or _("日期未载"), " · ", badges.source_mark(f["source"])],
                    className="tile-note",
                ),
                doubt_mark(f["doubt"]),
            ],
            className="fact-tile",
        )
        for f in list(shown.values())[:_TILES]
    ]
    return html.Div(tiles, className="park-tiles")


def published(question: Question, zone: ZoneInfo) -> html.Div:
    """Published figures about the park itself; those of the units that govern it fold away below."""
    found = published_facts(question, zones=(zone.code,), families=("fact", "series"))
    own = _own(question, zone)
    units = [f for f in found if f["zone_code"] != zone.code and f["value_text"]]
    units.sort(key=lambda f: (printed_day(f["as_of"]), f["period"] or ""), reverse=True)
    more = None
    if units:
        rows = [
            _row(f, [opens_unit(question.known, f["unit_code"]), f" · {f['indicator']}"]) for f in units[:UNIT_ROWS]
        ]
        count = _("最新 {n} 条,共 {m} 条", n=len(rows), m=len(units)) if len(units) > len(rows) else str(len(rows))
        more = html.Details(
            [
                html.Summary([_("治理方所在行政单元的公开数字"), html.Span(f" {count}", className="quiet")]),
                html.P(_("口径为整个行政单元,不是本园区"), className="note"),
                html.Div(html.Table(html.Tbody(rows), className="mini"), className="scroll-x"),
            ],
            className="more",
        )
    body = _figures(own) if own else reason_line(_("没有本园区的公开数字"))
    return block(_("公开数字"), _("{n} 条 · 各自日期与来源 · 不合计", n=len(own)), body, more)


def governance_facts(question: Question, zone: ZoneInfo) -> html.Div:
    """Published facts about how the park is governed."""
    found = published_facts(question, zones=(zone.code,), families=("governance",))
    own = [f for f in found if f["zone_code"] == zone.code]
    rest = [f for f in found if f["zone_code"] != zone.code]
    own.sort(key=lambda f: f["period"] or printed_day(f["as_of"]))

    def item(f: dict[str, Any], subject: Component | None = None) -> html.Li:
        dated = f["period"] or f["as_of"] or _("日期未载")
        return html.Li(
            [
                html.Span(dated, className="fact-date"),
                html.Div(
                    [
                        html.Div(
                            [
                                *((subject, " · ") if subject else ()),
                                html.B(f"{f['indicator']} "),
                                f["value_text"] or NONE,
                            ]
                        ),
                        html.Span(
                            [_("截至 {day}", day=f["as_of"] or NONE), " ", badges.source_mark(f["source"])],
                            className="quiet note",
                        ),
                    ]
                ),
            ],
            title=f["note"] or "",
        )

    more = None
    if rest:
        known = question.known
        more = html.Details(
            [
                html.Summary([_("治理方的机制与沿革"), html.Span(f" {len(rest)}", className="quiet")]),
                html.Ul([item(f, opens_unit(known, f["unit_code"])) for f in rest], className="fact-line"),
            ],
            className="more",
        )
    body = html.Ul([item(f) for f in own], className="fact-line") if own else reason_line(_("没有本园区的公开治理事实"))
    return block(_("治理事实"), _("{n} 条公开事实 · 按时间", n=len(own)), body, more)
