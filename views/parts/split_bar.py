"""Who counts how much: the scope switch, a bar split among units, ratio and document, and the total that stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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

#: Steps of slate for districts and authorities (assets/tokens.css).
STEPS = 5
#: Widest parts with a piece of their own; the others are one.
PIECES = 6
#: How wide the bar is where it is narrowest, px: what is written inside fits there.
_BAR_PX = 290
#: From here on a piece has words inside, px, and what they leave free at both ends.
_WORDS_FROM_PX, _PAD_PX = 48, 8


def unit_step(known: Catalogue, code: str) -> int:
    """The step of slate of a unit: by its place in the catalogue, the same on every screen and at every rank."""
    codes = (*known.units, *known.zones)
    return codes.index(code) % STEPS if code in codes else 0


def _amount(part: UnitPart, unit: str) -> str:
    if part.amount is None:
        return "＊" if part.reason == "suppressed" else NONE
    return scaled_text(part.amount, unit)


def _width(text: str) -> float:
    """About how wide a label is, px: a Chinese character is as wide as its type is high, a letter or digit half of that."""
    return sum(12.0 if ord(sign) > 0x2E80 else 6.8 for sign in text)


def _entry(known: Catalogue, part: UnitPart, unit: str) -> tuple[list[Component], dict[str, Any]]:
    """Name and amount of a part, and what a script may read of it."""
    said = [opens_part(known, part, short=True), html.B(_amount(part, unit))]
    return said, {"data-unit": part.unit, "data-amount": "" if part.amount is None else str(part.amount)}


def _bar(known: Catalogue, parts: Sequence[UnitPart], unit: str) -> tuple[html.Div, list[Component]]:
    """The bar, and the entries of what has no room for its name and its amount inside."""
    whole = sum(max(p.amount or 0, 0) for p in parts) or 1
    pieces: list[Component] = []
    below: list[Component] = []
    for part in parts[:PIECES]:
        share = max(part.amount or 0, 0) / whole
        said, marks = _entry(known, part, unit)
        needed = max(_width(part_word(known, part)), _width(_amount(part, unit))) + _PAD_PX
        inside = share * _BAR_PX >= max(needed, _WORDS_FROM_PX)
        step = f"split--{unit_step(known, part.unit)}"
        pieces.append(
            html.Span(
                said if inside else None,
                className=f"split-piece {step}" + (" split-entry" if inside else ""),
                style={"flexGrow": f"{max(share, 0.004):.4f}"},
                title=f"{pick(part.name_zh, part.name_en)} {_amount(part, unit)}",
                **(marks if inside else {}),
            )
        )
        if not inside:
            key = html.Span(className=f"split-key {step}")
            below.append(html.Span([key, *said], className="split-entry", **marks))
    rest = parts[PIECES:]
    if rest:
        share = sum(max(p.amount or 0, 0) for p in rest) / whole
        pieces.append(html.Span(className="split-piece split--rest", style={"flexGrow": f"{max(share, 0.004):.4f}"}))
        amount = scaled_text(sum(p.amount or 0 for p in rest), unit)
        words = html.Span(
            _("其他 {n} 个", n=len(rest)), title=_("、").join(f"{part_word(known, p)} {_amount(p, unit)}" for p in rest)
        )
        below.append(
            html.Span([html.Span(className="split-key split--rest"), words, html.B(amount)], className="split-entry")
        )
    return html.Div(pieces, className="split-bar split-bar--named"), below


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


def split_block(question: Question, split: Split, *, limit: int = PIECES) -> html.Div:
    """The block under 「谁计入、计多少」 for the KPI on screen; it answers to the scope switch in it."""
    known = question.known
    parts = sorted(split.parts, key=lambda p: -(p.amount or 0))
    head: list[Component | None] = [scope_switch(question.state), grouping_switch(question.state)]
    if split.reason == "dual":
        rows = [
            html.Tr([html.Td(opens_part(known, p, short=True)), html.Td(_amount(p, split.unit), className="num")])
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
        bar, below = _bar(known, parts, split.unit)
        total_line = html.Div(
            [
                html.Span(
                    [_("合计"), " ", html.B(scaled_text(split.total or 0, split.unit), id="split-total"), f" {unit}"],
                    **{"data-total": str(split.total)},
                ),
                html.Span(_("= 在地合计"), className="quiet") if split.scope != Scope.TERRITORIAL.value else None,
                html.Span(_(split.badge), className="mark mark--schematic", id="split-badge") if split.badge else None,
            ],
            className="split-total",
        )
        body = [bar, html.Div([*below, total_line], className="split-entries")]
    notes = _notes(known, split)
    if notes:
        body.append(html.Ul(notes, className="note plain"))
    return html.Div([*head, *body], className="split", **{"data-scope": split.scope.value})
