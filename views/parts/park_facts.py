"""Published figures and governance facts beside whatever data set is on screen: each with its date and its source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from dash import html
from dash.development.base_component import Component

from data.queries.catalogue import ZoneInfo
from data.queries.park import has_figures
from data.queries.published import published_facts
from data.queries.question import Question
from domain.dates import printed_day
from domain.units import COLUMN, PRINTED, READ, WAN
from i18n import N_, _, language
from views.parts import badges
from views.parts.block import block, reason_line
from views.parts.format import NONE, fixed, growth_text
from views.parts.project_card import opens_unit
from views.parts.published_line import doubt_mark, printed_date

#: Of the governing units' own figures only the newest are listed: they are about more than the park.
UNIT_ROWS = 40
_TILES = 10
_LONG = 9  # characters: a longer value is words, not a figure


def _row(fact: dict[str, Any], first: list[Component | str]) -> html.Tr:
    growth = fact["growth_pct"]
    value, unit = fact_parts(fact)
    currency, _space, size = unit.partition(" ")
    if currency in ("CNY", "USD"):
        digits = next(i for i, sign in enumerate(value) if sign.isdigit())
        value, unit = f"{value[:digits]}{currency} {value[digits:]}", size
    return html.Tr(
        [
            html.Td([*first, doubt_mark(fact["doubt"])]),
            html.Td([html.B(value), f" {unit}"] if value != NONE else NONE, className="num"),
            html.Td(growth_text(growth) if growth is not None else "", className="num quiet"),
            html.Td(fact["period"] or "", className="quiet fact-date"),
            html.Td(printed_date(fact["as_of"]), className="quiet fact-date"),
            html.Td(badges.source_mark(fact["source"])),
        ],
        title="\n".join(t for t in (fact["scope_note"], fact["note"]) if t),
    )


def _figures(question: Question, facts: Sequence[dict[str, Any]]) -> html.Div:
    heads = ((_("指标"), ""), (_("数值"), "num"), ("", "num"), (_("期间"), ""), (_("日期"), ""), (_("来源"), ""))
    top = html.Tr([html.Th(text, className=look) for text, look in heads])
    rows = [
        _row(f, [_(f["indicator"]), *(html.Small(f" {name}", className="quiet") for name in subject(question, f))])
        for f in facts
    ]
    return html.Div(html.Table([html.Thead(top), html.Tbody(rows)], className="mini fact-table"), className="scroll-x")


def subject(question: Question, fact: Mapping[str, Any]) -> list[str]:
    """The name of what a figure is of, as printed; none where that is the zone itself, which the place of the figure says."""
    zone = question.known.zones[fact["zone_code"]]
    own = f"{zone.name_zh} {zone.short_zh} {zone.alias_zh}"
    return [] if fact["subject"] in own else [fact["subject"]]


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


def _newest(question: Question, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The newest published figures of the park, one of each kind."""
    shown: dict[str, dict[str, Any]] = {}
    for fact in _own(question, zone):
        if fact["value_text"]:
            shown.setdefault(f"{fact['subject']}\n{fact['indicator']}", fact)
    return list(shown.values())[:_TILES]


def fact_tiles(question: Question, zone: ZoneInfo) -> html.Div:
    """The newest published figures of the park, as printed."""
    tiles = []
    for fact in _newest(question, zone):
        value, unit = fact_parts(fact)
        dated = fact["period"] or printed_date(fact["as_of"])
        tiles.append(
            html.Article(
                [
                    html.Span(_(fact["indicator"]), className="tile-name", title=fact["note"] or ""),
                    html.Div(
                        [
                            html.Span(value, className="tile-number" + (" is-long" if len(value) > _LONG else "")),
                            html.Span(unit, className="tile-unit"),
                        ],
                        className="tile-value",
                    ),
                    *(html.Span(name, className="tile-note") for name in subject(question, fact)),
                    html.Span([dated, " · ", badges.source_mark(fact["source"])], className="tile-note fact-source"),
                    doubt_mark(fact["doubt"]),
                ],
                className="fact-tile",
            )
        )
    return html.Div(tiles, className="park-tiles")


def published(question: Question, zone: ZoneInfo) -> html.Div:
    """Published figures about the park itself; those of the units that govern it fold away below.

    Where the newest stand at the head of the page, only the others are listed.
    """
    found = published_facts(question, zones=(zone.code,), families=("fact", "series"))
    above = [] if has_figures(question) else _newest(question, zone)
    own = [f for f in _own(question, zone) if f not in above]
    units = [f for f in found if f["zone_code"] != zone.code and f["value_text"]]
    units.sort(key=lambda f: (printed_day(f["as_of"]), f["period"] or ""), reverse=True)
    more = None
    if units:
        rows = [
            _row(f, [opens_unit(question.known, f["unit_code"]), f" · {_(f['indicator'])}"]) for f in units[:UNIT_ROWS]
        ]
        count = _("最新 {n} 条,共 {m} 条", n=len(rows), m=len(units)) if len(units) > len(rows) else str(len(rows))
        more = html.Details(
            [
                html.Summary([_("治理方所在行政单元的公开数字"), html.Span(f" {count}", className="quiet")]),
                html.P(_("口径为整个行政单元,不是本园区"), className="note"),
                html.Div(html.Table(html.Tbody(rows), className="mini fact-table"), className="scroll-x"),
            ],
            className="more",
        )
    body = _figures(question, own) if own else reason_line(_("没有本园区的公开数字"))
    return block(_("公开数字"), _("{n} 条 · 各自日期与来源 · 不合计", n=len(own)), body, more)


def governance_facts(question: Question, zone: ZoneInfo) -> html.Div:
    """Published facts about how the park is governed."""
    found = published_facts(question, zones=(zone.code,), families=("governance",))
    own = [f for f in found if f["zone_code"] == zone.code]
    rest = [f for f in found if f["zone_code"] != zone.code]
    own.sort(key=lambda f: f["period"] or printed_day(f["as_of"]))

    def item(f: dict[str, Any], subject: Component | None = None) -> html.Li:
        dated = f["period"] or printed_date(f["as_of"])
        return html.Li(
            [
                html.Span(dated, className="fact-date"),
                html.Div(
                    [
                        html.Div(
                            [
                                *((subject, " · ") if subject else ()),
                                html.B(f"{_(f['indicator'])} "),
                                f["value_text"] or NONE,
                            ]
                        ),
                        html.Span(
                            [_("截至 {day}", day=printed_date(f["as_of"])), " ", badges.source_mark(f["source"])],
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
