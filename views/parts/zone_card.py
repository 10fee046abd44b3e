"""A zone in a panel on the wall: governance and duties, the ten-KPI strip, coverage and red projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from data.queries.catalogue import Catalogue, ZoneInfo
from data.queries.chains import ChainBoard
from data.queries.kpis import Figure
from data.queries.question import Question
from domain import words
from domain.features import key_of
from domain.reasons import REASON_WORDS
from domain.viewstate import Scope, to_query
from i18n import _, language, pick
from views.parts import badges
from views.parts.button import action
from views.parts.explain_drawer import explain_button
from views.parts.figure_tile import change
from views.parts.format import NONE, figure_text, km2, money, number, own_scope
from views.parts.opens import opens
from views.parts.project_card import joined, opens_unit

PARTY_ROLES = words.PARTY_ROLES
ROLES = words.ZONE_ROLES

#: The ten figures every park shows (rules §1.2.2): level and change each.
STRIP = ("K07", "K53", "K04", "K05", "K01", "K02", "K20", "K23", "K51", "K44")


def governance(known: Catalogue, zone: ZoneInfo) -> html.Div:
    """Who governs and does what, since when (rules §1.1)."""
    rows: list[Component] = []
    for party in zone.parties:
        if party.valid_to is not None:
            continue
        since = f"{_('自')} {party.valid_from}" if party.valid_from else ""
        rows.append(
            html.Div(
                [
                    opens_unit(known, party.unit, "party-name"),
                    html.Span(_(PARTY_ROLES[party.role]), className="badge"),
                    html.Span(
                        joined(
                            [opens("duty", key_of(d), _(d), class_name="opens--plain") for d in party.duties], " · "
                        ),
                        className="party-duties",
                    ),
                    html.Span(since, className="quiet"),
                ],
                className="party",
            )
        )
    if not rows:
        rows = [html.Div(opens_unit(known, zone.authority), className="party")]
    return html.Div(rows, className="parties")


def area_line(known: Catalogue, zone: ZoneInfo) -> html.Div:
    """Published area beside measured area, and the districts it stands in."""
    current = zone.current_area
    parts = []
    if current:
        word = _("公布") if current.published else _("推算")
        parts.append(html.Span(f"{word} {number(current.km2, 1)} km² ({current.as_of})", title=current.source))
    if current and zone.is_schematic:
        # The outline was drawn to have this area: the same figure again would look like a check.
        parts.append(html.Span(_("按公布面积绘制"), className="quiet"))
    elif zone.geometry_area_m2:
        parts.append(html.Span(f"{_('图上')} {km2(zone.geometry_area_m2)} km²"))
    if zone.is_schematic:
        parts.append(badges.schematic_mark())
    hosts = joined([html.Span([opens_unit(known, d), f" {km2(a, 1)}"]) for d, a in zone.districts], _("、"))
    return html.Div(
        [html.Div(parts, className="inline"), html.Div([f"{_('在地')} ", *hosts, " km²"], className="quiet")]
    )


def strip(figures: Mapping[str, Figure], period: str, zone: str = "") -> html.Div:
    """Level and change of the ten figures; each with its own date when older than the page, and its scope when it is told
    in another than 在地, which the head of the strip says.

    With the code of the zone they belong to, each opens 这个数怎么来的.
    """
    cells = []
    for kpi_id in STRIP:
        figure = figures[kpi_id]
        shown = figure_text(figure)
        name = pick(figure.kpi.name_zh, figure.kpi.name_en)
        own = own_scope(figure.scope, Scope.TERRITORIAL, short=True) if figure.value is not None else ""
        cells.append(
            html.Div(
                [
                    html.Span(pick(figure.kpi.short_zh, figure.kpi.short_en), className="strip-name", title=name),
                    html.Span(
                        [shown.text, html.Small(" · ".join(word for word in (shown.unit, own) if word))],
                        className="strip-value",
                    ),
                    change(figure) if figure.yoy is not None else html.Span(shown.reason or "", className="quiet"),
                    html.Span(figure.period, className="strip-date quiet") if figure.period != period else None,
                    explain_button(kpi_id, name, zone) if zone else None,
                ],
                className="strip-cell",
            )
        )
    return html.Div(cells, className="strip")


def indicators(
    question: Question,
    zone: ZoneInfo,
    figures: Mapping[str, Figure],
    boards: Sequence[ChainBoard],
    red: Sequence[Mapping[str, Any]],
    red_total: int,
) -> list[Component]:
    """How a zone does: its ten figures, its chains, and what is red in it."""
    leading = [b for b in boards if b.chain.code in zone.leading_chains] or list(boards)[:3]
    chains = [
        html.Div(
            [
                opens("chain", b.chain.code, pick(b.chain.name_zh, b.chain.name_en)),
                html.Span(
                    f"{NONE if b.coverage.numerator is None else b.coverage.numerator}/{b.coverage.denominator}",
                    className="num quiet",
                    title=_(REASON_WORDS[b.reason]) if b.reason else None,
                ),
            ],
            className="row",
        )
        for b in leading
    ]
    reds = [
        html.Button(
            [
                badges.light("red"),
                html.Span(pick(r["name_zh"], r.get("name_en")), className="attention-name"),
                html.Span(money(r.get("total_investment_wan")), className="num quiet"),
            ],
            **action("select", f"project:{r['id']}"),
            className="attention-row",
            type="button",
        )
        for r in red
    ]
    return [
        html.H3([_("十项指标"), html.Span(f" {_('在地口径')}", className="quiet")], className="panel-h"),
        strip(figures, question.at.period, zone.code),
        html.H3(_("产业链节点覆盖(按权重)"), className="panel-h"),
        html.Div(chains) if chains else html.P(NONE, className="note"),
        html.H3([_("红灯项目"), html.Span(f" {red_total}", className="quiet")], className="panel-h"),
        html.Div(reds) if reds else html.P(_("没有红灯项目"), className="note"),
    ]


def zone_panel(question: Question, zone: ZoneInfo, body: Sequence[Component | None]) -> html.Div:
    """The card that opens in place when a zone is clicked (rules §8.1): who governs it, and a body of how it does."""
    query = to_query(question.state.with_(selection=""))
    href = f"/park/{zone.code}" + (f"?{query}" if query else "")
    return html.Div(
        [
            html.Div(
                [
                    html.Button("←", **action("select", ""), className="icon-button", **{"aria-label": _("返回")}),
                    html.Span(_("园区"), className="panel-kicker"),
                    html.Span(_(ROLES[zone.role]), className=f"role role--{question.known.colour_index(zone.code)}"),
                ],
                className="panel-top",
            ),
            html.H2(pick(zone.name_zh, zone.name_en), className="panel-name"),
            html.Div(zone.alias_zh, className="quiet") if zone.alias_zh and language() == "zh" else None,
            area_line(question.known, zone),
            html.H3(_("治理与分工"), className="panel-h"),
            governance(question.known, zone),
            *(part for part in body if part is not None),
            dcc.Link(_("打开园区页 →"), href=href, className="primary-link", id="open-park"),
        ],
        className="panel-body",
        id="zone-panel",
        **{"data-zone": zone.code},
    )
