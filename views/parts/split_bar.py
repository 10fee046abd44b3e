"""Who counts how much: the scope switch, a bar split among units, ratio and document, and the total that stays."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from data.queries.attribution import Split, UnitPart
from data.queries.catalogue import Catalogue
from data.queries.question import Question
from data.queries.reason_words import reason_words
from domain.viewstate import Scope
from i18n import _, language, pick
from views.parts.facets import grouping_switch, scope_switch
from views.parts.format import NONE, percent, scaled, scaled_text
from views.parts.project_card import joined, opens_part, opens_unit, opens_zone, part_word

#: Names of units on the bar are short; colours go round in the order of the amounts.
_COLOURS = 6


def _amount(part: UnitPart, unit: str) -> str:
    if part.amount is None:
        return "＊" if part.reason == "suppressed" else NONE
    return scaled_text(part.amount, unit)


def _bar(known: Catalogue, parts: Sequence[UnitPart], unit: str) -> html.Div:
    whole = sum(p.amount or 0 for p in parts) or 1
    pieces: list[Component] = []
    for i, part in enumerate(parts):
        share = (part.amount or 0) / whole
        name = pick(part.name_zh, part.name_en)
        pieces.append(
            html.Span(
                html.Span([html.Span(_amount(part, unit)), html.Span(part_word(known, part))], className="split-label")
                if share > 0.16
                else None,
                className=f"split-piece split--{i % _COLOURS}",
                style={"flexGrow": f"{max(share, 0.004):.4f}"},
                title=f"{name} {_amount(part, unit)}",
            )
        )
    return html.Div(pieces, className="split-bar", role="img")


def _notes(known: Catalogue, split: Split) -> list[Component]:
    notes: list[Component] = []
    if split.scope == Scope.SHARED.value:
        for rule in split.rules:
            if not rule.shares:
                continue
            ratio = joined([html.Span([opens_unit(known, u), f" {percent(s, 0)}"]) for u, s in rule.shares], " : ")
            zones = joined([opens_zone(known, z, short=True) for z in rule.zones if z in known.zones], _("、"))
            mark = _("(示例比例)") if rule.illustrative else ""
            notes.append(html.Li([*zones, " ", *ratio, f"{mark} · {_('依据')} {rule.basis_doc or NONE}"]))
    if split.missing:
        zones = joined([opens_zone(known, z, short=True) for z in split.missing], _("、"))
        notes.append(html.Li([_("未报,不在其中:"), *zones], className="warning"))
    if split.exceptions:
        notes.append(html.Li(_("{n} 条记录未能归属,列入例外清单", n=split.exceptions), className="warning"))
    return notes


def split_block(question: Question, split: Split, *, limit: int = 6) -> html.Div:
    """The block under 「谁计入、计多少」 for the KPI on screen; it answers to the scope switch in it."""
    parts = sorted(split.parts, key=lambda p: -(p.amount or 0))
    head: list[Component | None] = [scope_switch(question.state), grouping_switch(question.state)]
    if split.reason == "dual":
        rows = [
            html.Tr(
                [html.Td(opens_part(question.known, p, short=True)), html.Td(_amount(p, split.unit), className="num")]
            )
            for p in parts[:limit]
        ]
        total = html.Tr(
            [html.Th(_("合计")), html.Th(_("不可加"), className="num nowrap", id="split-total")], className="sum"
        )
        body: list[Component] = [html.Table(html.Tbody([*rows, total]), className="mini")]
        body.append(html.P(_("双计:各方全额计入,没有合计"), className="note"))
    elif split.reason is not None:
        body = [html.P(reason_words(split.reason, language(), missed=split.missed), className="note")]
    else:
        _value, unit, _places = scaled(0, split.unit)
        body = [
            _bar(question.known, parts, split.unit),
            html.Div(
                [
                    *[
                        html.Span(
                            [
                                html.Span(className=f"split-key split--{i % _COLOURS}"),
                                opens_part(question.known, p, short=True),
                                html.B(_amount(p, split.unit)),
                            ],
                            className="split-entry",
                            title=pick(p.name_zh, p.name_en),
                            **{"data-unit": p.unit, "data-amount": "" if p.amount is None else str(p.amount)},
                        )
                        for i, p in enumerate(parts[:limit])
                    ],
                    html.Div(
                        [
                            html.Span(
                                [
                                    _("合计"),
                                    " ",
                                    html.B(scaled_text(split.total or 0, split.unit), id="split-total"),
                                    f" {unit}",
                                ],
                                **{"data-total": str(split.total)},
                            ),
                            html.Span(_("= 在地合计"), className="quiet")
                            if split.scope != Scope.TERRITORIAL.value
                            else None,
                            html.Span(_(split.badge), className="mark mark--schematic", id="split-badge")
                            if split.badge
                            else None,
                        ],
                        className="split-total",
                    ),
                ],
                className="split-entries",
            ),
        ]
    notes = _notes(question.known, split)
    if notes:
        body.append(html.Ul(notes, className="note plain"))
    return html.Div([*head, *body], className="split", **{"data-scope": split.scope.value})
