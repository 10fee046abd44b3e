"""Industry chains (`/chains`): one chain as a graph, a node's panel, the 一体化招商目录, and who courts what (rules §5)."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from data.queries.catalogue import Node
from data.queries.chain_nodes import NodeFigures
from data.queries.question import Question
from domain.chains import NodeAssessment
from domain.filters import Facet
from i18n import N_, _, pick
from views import shell
from views.page import Page, Part
from views.pages.desk import page_head
from views.pages.wall import data_status
from views.parts.block import block, unfollowed
from views.parts.chain_gaps import ALL, THIS, investment, matrix
from views.parts.chain_graph import FLOW, SUPPORT, Spot, layout, picture
from views.parts.chain_panel import panel
from views.parts.chain_view import (
    PATH,
    STATES,
    View,
    address,
    dots,
    name_of,
    output_text,
    read,
    state_counts,
    state_mark,
    state_words,
)
from views.parts.facets import facet_id
from views.parts.format import NONE, number, percent, ytd_text
from views.parts.project_card import unit_name

_ROW_REM = 7.5
_LINE, _ACCENT = "#c3ccd6", "#0b6fa4"


# --- picker -------------------------------------------------------------------------------------------------------------


def picker(view: View) -> html.Nav:
    """All chains with state, strength and weighted coverage; a link each."""
    found = {b.chain.code: b for b in view.boards}
    tabs = []
    for chain in view.known.chains.values():
        board = found.get(chain.code) if view.reason is None else None
        here = chain.code == view.chain.code
        kind = board.state.value if board and board.state else "unknown"
        counts = state_counts(board) if board else []
        tabs.append(
            dcc.Link(
                [
                    html.Span(pick(chain.short_zh, chain.short_en), className="chain-tab-name", title=name_of(chain)),
                    html.Span(
                        [html.Span(className=f"state-of--{s.value}", style={"flexGrow": str(n)}) for s, n in counts],
                        className="chain-bar",
                        **{"aria-hidden": "true"},
                    ),
                    html.Span(
                        " · ".join(f"{n} {_(STATES[s])}" for s, n in counts) or NONE, className="chain-tab-counts"
                    ),
                    html.Span(
                        [
                            html.Span(
                                _(STATES[board.state]) if board and board.state else NONE, className="state-word"
                            ),
                            html.Span(
                                _("强度 {s} · 覆盖 {c}", s=number(board.strength), c=percent(board.coverage.value, 0))
                                if board
                                else "",
                                className="num",
                            ),
                        ],
                        className="chain-tab-words",
                    ),
                ],
                href=address(view.state, chain=chain.code),
                className=f"chain-tab state-of--{kind}" + (" is-here" if here else ""),
                id={"chain-tab": chain.code},
            )
        )
    return html.Nav(tabs, className="chain-picker", **{"aria-label": _("产业链")})


# --- graph --------------------------------------------------------------------------------------------------------------


def graph(view: View) -> html.Div:
    """The chain from left to right, support below; every node is a link that opens its panel (rules §5.3)."""
    found = layout(view.chain.nodes, view.edges)
    assessed = {n.id: a for n, a in view.board.nodes} if view.reason is None else {}
    source = picture(found, view.edges, view.node.id if view.node else None, _LINE, _ACCENT)
    figures = view.figures.nodes if view.figures and not view.reason else {}
    lanes: list[Component] = []
    tops = {**dict.fromkeys(FLOW, 0.0), SUPPORT: (found.support_top or 0) * _ROW_REM}
    lefts = dict(found.tiers)
    for tier in (*FLOW, SUPPORT):
        own = [n for n in view.chain.nodes if n.tier == tier]
        if own:
            label = {"left": f"{lefts.get(tier, 0) * 100:.2f}%", "top": f"{tops[tier]:.2f}rem"}
            cards = [_node(view, n, assessed.get(n.id), figures.get(n.id), _place(found.spots[n.id])) for n in own]
            look = "lane lane--support" if tier == SUPPORT else "lane"
            lanes.append(
                html.Div([html.H3(_(tier), className="tier-label quiet", style=label), *cards], className=look)
            )
    height = {"height": f"{found.rows * _ROW_REM:.2f}rem"}
    ground = (
        html.Div(className="lane-ground", style={"top": f"{tops[SUPPORT]:.2f}rem"})
        if found.support_top is not None
        else None
    )
    return block(
        name_of(view.chain),
        _graph_words(view),
        html.P(view.reason, className="note unfollowed") if view.reason else None,
        html.Div(
            [ground, html.Img(src=source, alt="", className="graph-lines", style=height), *lanes],
            className="graph",
            style={"height": f"{found.rows * _ROW_REM + 1.75:.2f}rem"},
        ),
        _legend(),
        _total_note(view),
        unfollowed(view.question, Facet.CHAIN),
    )


def _place(spot: Spot) -> dict[str, str]:
    return {
        "left": f"{spot.left * 100:.2f}%",
        "width": f"{spot.width * 100:.2f}%",
        "top": f"{spot.top * _ROW_REM + 1.75:.2f}rem",
    }


def _graph_words(view: View) -> str:
    at, month = view.question.at, view.question.month
    zones = _("全部园区") if at.chosen == at.zones else _("、").join(unit_name(view.known, z) for z in at.chosen)
    return _(
        "{zones} · {period} {ytd} · 在地口径 · 分类版本 {version}",
        zones=zones,
        period=month or _("没有月度数据"),
        ytd=ytd_text(month) if month else "",
        version=view.chain.version,
    )


def _node(
    view: View, node: Node, found: NodeAssessment | None, figures: NodeFigures | None, style: dict[str, str]
) -> dcc.Link:
    here = view.node is not None and view.node.id == node.id
    kind = found.state.value if found and found.state else "unknown"
    filling = bool(found and found.filling)
    words = [html.Span(state_words(found), className="state-word")]
    if figures:
        words.append(html.Span(_("{n} 家", n=figures.firms), title=_("企业数"), **{"data-firms": str(figures.firms)}))
    if filling and figures:
        words.append(html.Span(_("在补 {n}", n=figures.pipeline), className="filling-word"))
    last = []
    if figures and figures.firms:
        last.append(html.Span(output_text(figures), title=_("规上企业产值,本年累计")))
    if figures and figures.leaders:
        last.append(html.Span(_("链主 {n}", n=figures.leaders)))
    if figures and figures.pipeline and not filling:
        last.append(html.Span(_("在途 {n}", n=figures.pipeline), title=_("已签约未投产项目")))
    return dcc.Link(
        [
            html.Span(name_of(node), className="node-name"),
            html.Span(words, className="node-line"),
            html.Span([html.Span(last, className="node-line"), dots(node.criticality)], className="node-last"),
        ],
        href=address(view.state, chain=node.chain) if here else address(view.state, node=node.id),
        className=f"node graph-node node--{kind}" + (" is-filling" if filling else "") + (" is-here" if here else ""),
        style=style,
        title=name_of(node),
        id={"chain-node": node.id},
    )


def _legend() -> html.Div:
    keys = [html.Span([state_mark(s.value), _(word)], className="graph-key") for s, word in STATES.items()]
    keys.append(html.Span([html.Span(className="node-key"), _("在补")], className="graph-key"))
    keys.append(html.Span([html.Span("●●○", className="dots"), _("重要度")], className="graph-key"))
    return html.Div(keys, className="graph-legend")


def _total_note(view: View) -> html.P | None:
    if view.figures is None or view.reason:
        return None
    return html.P(
        _(
            "节点企业合计 {sum} 家次,本链去重 {distinct} 家:一家企业可在多个节点,节点合计大于总数",
            sum=number(view.figures.node_firms),
            distinct=number(view.figures.distinct_firms),
        ),
        className="note",
        id="chain-total-note",
    )


# --- page ---------------------------------------------------------------------------------------------------------------


def zone_control(question: Question) -> dmc.MultiSelect:
    """Zones whose firms count; none chosen means all."""
    zones = question.known.scheme_zones(question.at.scheme)
    return dmc.MultiSelect(
        id=facet_id("zones"),
        data=[{"value": z.code, "label": pick(z.short_zh, z.short_en)} for z in zones],
        value=list(question.state.zones),
        placeholder=_("全部园区") if not question.state.zones else "",
        size="xs",
        miw=220,
        clearable=True,
        comboboxProps={"withinPortal": True},
        **{"aria-label": _("园区")},
    )


def page(question: Question) -> html.Div:
    """The whole page; its parts are replaced when the state changes."""
    view = read(question)
    built = PAGE.places(view)
    main = html.Main(
        [
            page_head(_("产业链"), _("每条链强在哪、缺在哪,谁能补上"), zone_control(question),
                      html.Button(_("导出招商目录"), id="catalogue-export", className="export-button", type="button")),
            built["chain-picker"],
            html.Div(
                [
                    html.Section(built["chain-graph"], className="card"),
                    html.Aside(built["chain-panel"], className="card card--panel", **{"aria-label": _("节点")}),
                ],
                className="node-row",
            ),
            html.Section(
                [
                    html.Div(
                        [
                            html.H2(_("一体化招商目录")),
                            html.Div(
                                [
                                    dmc.SegmentedControl(
                                        id="catalogue-span",
                                        value=THIS,
                                        data=[{"value": THIS, "label": _("本链")}, {"value": ALL, "label": _("全部链")}],
                                        size="xs",
                                        **{"aria-label": _("范围")},
                                    ),
                                    dcc.Download(id="catalogue-file"),
                                ],
                                className="controls",
                            ),
                        ],
                        className="section-head",
                    ),
                    html.Div(investment(view, THIS), id="catalogue-rows"),
                ],
                className="card",
            ),
            html.Section(built["chain-overlap"], className="card"),
        ],
        className="park chains",
    )  # fmt: skip
    return shell.page(question, PATH, data_status(question), main, look="page--park page--chains")


PAGE = Page(
    PATH,
    page,
    N_("产业链"),
    parts=(
        Part("chain-picker", picker),
        Part("chain-graph", graph),
        Part("chain-panel", panel),
        Part("chain-overlap", matrix),
    ),
    of=lambda question, _code: (read(question),),
)
