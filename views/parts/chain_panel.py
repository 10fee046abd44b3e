"""The panel beside a chain: the chosen node with who and what is there, or the chain itself (rules §5.2, §5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from dash import dcc, html
from dash.development.base_component import Component

from data.queries.catalogue import Node
from data.queries.chain_nodes import NodeDetail, NodeFigures, node_detail
from data.queries.chains import ChainBoard
from data.queries.investment_catalogue import node_zones
from domain.chains import NodeAssessment
from domain.lifecycle import STAGE_BY_CODE
from i18n import _, pick
from views.parts import badges
from views.parts.block import as_is, reason_line
from views.parts.chain_view import (
    STATES,
    View,
    address,
    dots,
    name_of,
    output_text,
    state_mark,
    state_words,
    strength_text,
)
from views.parts.format import NONE, number, percent, plain_name
from views.parts.opens import opens
from views.parts.project_card import joined, opens_unit

_LISTED = 12


def panel(view: View) -> html.Div:
    """The chosen node, or the chain when none is chosen."""
    if view.node is None:
        return _chain_panel(view)
    node = view.node
    detail = node_detail(view.question, node.id)
    found = next((a for n, a in view.board.nodes if n.id == node.id), None) if view.reason is None else None
    figures = view.figures.nodes[node.id] if view.figures and not view.reason else None
    return html.Div(
        [
            html.Div(
                [
                    html.Span(f"{_(node.tier)} · {node.id}", className="panel-kicker quiet"),
                    dcc.Link(
                        "✕",
                        href=address(view.state, chain=node.chain),
                        className="icon-button",
                        title=_("关闭"),
                    ),
                ],
                className="panel-top",
            ),
            html.H2(name_of(node), className="panel-name"),
            html.P(
                _("、").join(f"{code} {name}" for code, name in detail.industries) or _("未列行业代码"),
                className="note",
            ),
            _facts(view, node, found, figures),
            _links(view, detail),
            _demand(view, node),
            _where(view, node),
            _firm_list(view, detail, figures),
            _project_list(view, detail, figures),
            source_note(view),
        ],
        className="node-panel",
        **{"data-node-panel": node.id},
    )


def _facts(view: View, node: Node, found: NodeAssessment | None, figures: NodeFigures | None) -> Component:
    if found is None or figures is None:
        return reason_line(view.reason or _("无数据"))
    rows = [
        (_("状态"), state_words(found) + (f" · {_('在补')}" if found.filling else "")),
        (_("强度"), f"{strength_text(found)} / 100"),
        (_("重要度"), dots(node.criticality)),
        (_("企业"), f"{number(figures.firms)} {_('家')}"),
        (_("规上产值"), output_text(figures) if figures.firms else _("无企业")),
        (_("链主"), f"{number(figures.leaders)} {_('家')}"),
        (_("平台"), f"{number(figures.platforms)} {_('个')}"),
        (_("在途项目"), f"{number(figures.pipeline)} {_('个')}"),
    ]
    return html.Dl(
        [html.Div([html.Dt(k), html.Dd(v)], className="fact") for k, v in rows], className="facts facts--two"
    )


def _links(view: View, detail: NodeDetail) -> html.Div:
    def line(title: str, ids: Sequence[str]) -> html.Div:
        parts: list[Component | str] = [
            dcc.Link(name_of(view.known.nodes[n]), href=address(view.state, node=n), className="text-link node-link")
            for n in ids
        ]
        return html.Div(
            [html.Span(title, className="quiet"), html.Span(parts or _("无"))],
            className="panel-line",
        )

    return html.Div([line(_("上游供给"), detail.suppliers), line(_("下游需求"), detail.customers)])


def _demand(view: View, node: Node) -> Component | None:
    found = view.supply.get(node.id)
    if found is None:
        return None
    text = _("本地供给 {firms} 家 · 下游需求 {demand} 家", firms=number(found.firms), demand=number(found.demand))
    if found.gap:
        text += " · " + _("有需求无供给")
    return html.P(text, className="panel-text" + (" strong" if found.gap else ""))


def _where(view: View, node: Node) -> Component | None:
    if view.reason is not None:
        return None
    title = html.H3([_("适宜园区"), html.Span(f" {as_is(view.question)}", className="quiet")])
    fits = node_zones(view.unfiltered, node.id)
    if not fits:
        return html.Div(
            [title, html.P(_("所选园区没有年内可用载体或可供地块"), className="note")], className="panel-block"
        )
    rows = [
        html.Tr(
            [
                html.Td(
                    [
                        opens_unit(view.known, z.zone, short=True),
                        html.Span(_("主导链"), className="badge") if z.lead_chain else "",
                    ]
                ),
                html.Td(number(z.carriers), className="num"),
                html.Td(number(z.plots), className="num"),
            ]
        )
        for z in fits
    ]
    header = html.Tr(
        [html.Th(_("园区")), html.Th(_("载体 处"), className="num"), html.Th(_("地块 宗"), className="num")]
    )
    return html.Div(
        [title, html.Table([html.Thead(header), html.Tbody(rows)], className="mini")], className="panel-block"
    )


def _firm_list(view: View, detail: NodeDetail, figures: NodeFigures | None) -> Component:
    title = html.H3([_("企业"), html.Span(f" {number(figures.firms)}" if figures else "", className="quiet")])
    if detail.firms_reason:
        return html.Div([title, html.P(_("当前角色不显示企业名称"), className="note")], className="panel-block")
    if not detail.firms:
        return html.Div(
            [title, html.P(view.reason or _("所选园区没有这一节点的企业"), className="note")], className="panel-block"
        )
    items = [
        html.Li(
            [
                opens("enterprise", f.id, plain_name(f.name), class_name="list-name"),
                html.Span(_("链主"), className="badge") if f.leads else None,
                opens_unit(view.known, f.zone_code, "quiet list-side"),
            ]
        )
        for f in detail.firms
    ]
    more = items[_LISTED:]
    return html.Div(
        [
            title,
            html.Ul(items[:_LISTED], className="plain-list"),
            html.Details([html.Summary(_("其余 {n} 家", n=len(more)), className="text-link"), html.Ul(more, className="plain-list")])
            if more
            else None,
        ],
        className="panel-block",
    )  # fmt: skip


def _project_list(view: View, detail: NodeDetail, figures: NodeFigures | None) -> Component:
    title = html.H3([_("在途项目"), html.Span(f" {number(figures.pipeline)}" if figures else "", className="quiet")])
    if detail.projects_reason:
        return html.Div([title, html.P(_("当前角色不显示项目"), className="note")], className="panel-block")
    if not detail.projects:
        return html.Div([title, html.P(_("没有已签约未投产的项目"), className="note")], className="panel-block")
    items = [
        html.Li(
            [
                opens("project", p.id, plain_name(p.name), class_name="list-name"),
                html.Span(
                    [
                        pick(STAGE_BY_CODE[p.stage].name_zh, STAGE_BY_CODE[p.stage].name_en)
                        if p.stage in STAGE_BY_CODE
                        else NONE,
                        " · ",
                        opens_unit(view.known, p.zone_code),
                    ],
                    className="quiet list-side",
                ),
            ]
        )
        for p in detail.projects[:_LISTED]
    ]
    return html.Div([title, html.Ul(items, className="plain-list")], className="panel-block")


def _chain_panel(view: View) -> html.Div:
    chain = view.chain
    lead = [opens_unit(view.known, z, short=True) for z in chain.lead_zones if z in view.known.zones]
    parts: list[Component | None] = [
        html.Div(
            html.Span(f"{chain.code} · {_(chain.ecosystem)}", className="panel-kicker quiet"), className="panel-top"
        ),
        html.H2(name_of(chain), className="panel-name"),
        html.P([_("主导园区:{names}", names=""), *(joined(lead, _("、")) or [_("无")])], className="note"),
    ]
    if view.reason is not None:
        parts.append(reason_line(view.reason, _("图中只有分类:节点与供需关系")))
    else:
        board = view.board
        filling = sum(1 for _n, a in board.nodes if a.filling)
        parts += [
            html.P(
                _(
                    "加权覆盖 {share}({top}/{bottom},按重要度) · 在补 {filling} 个",
                    share=percent(board.coverage.value, 1),
                    top=board.coverage.numerator,
                    bottom=board.coverage.denominator,
                    filling=filling,
                ),
                className="panel-text",
            ),
            html.H3(_("环节,缺口在前")),
            _node_list(view, board),
        ]
    parts.append(html.P(_("点节点看企业、供需、适宜园区和项目"), className="note"))
    parts.append(source_note(view))
    return html.Div(parts, className="node-panel")


def _node_list(view: View, board: ChainBoard) -> Component:
    """Every node with its state: what is missing first, then the weakest."""
    order = list(reversed(list(STATES)))
    nodes = sorted(
        board.nodes,
        key=lambda g: (
            order.index(g[1].state) if g[1].state else len(order),
            g[1].strength or Fraction(0),
            -g[0].criticality,
        ),
    )
    return html.Ul(
        [
            html.Li(
                [
                    state_mark(a.state.value if a.state else "unknown"),
                    dcc.Link(name_of(n), href=address(view.state, node=n.id), className="text-link list-name"),
                    html.Span(state_words(a) + (f" · {_('在补')}" if a.filling else ""), className="list-side"),
                ]
            )
            for n, a in nodes
        ],
        className="plain-list",
    )


def source_note(view: View) -> html.P:
    words = _("企业名录与节点对应")
    return html.P(
        [
            badges.dataset_mark(view.state.dataset.provenance),
            " ",
            " · ".join(w for w in (words, view.question.month) if w),
        ],
        className="note source",
    )
