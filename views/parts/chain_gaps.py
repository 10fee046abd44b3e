"""The 一体化招商目录 as a table, and zone × chain: who courts what (rules §5.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dash import dcc, html
from dash.development.base_component import Component

from data.queries.investment_catalogue import (
    CatalogueEntry,
    overlap,
)
from domain.chains import OverlapCell
from domain.viewer import FieldClass
from i18n import _, language, pick
from views.parts.block import block, dated, reason_line
from views.parts.chain_view import View, address, dots, name_of, state_mark, state_words, strength_text
from views.parts.drop_menu import drop_menu
from views.parts.format import number
from views.parts.opens import opens
from views.parts.project_card import joined, opens_unit, unit_name

THIS, ALL = "this", "all"
_ZONES_SHOWN = 3
_CLASS_CODE = re.compile(r"\b\d{2,4}(?= )")


def entries(view: View, span: str) -> tuple[CatalogueEntry, ...]:
    """Rows of the 一体化招商目录 for the chain on screen, or for all; empty where nothing may or can be assessed."""
    return view.gaps if span == ALL else tuple(e for e in view.gaps if e.row.chain == view.chain.code)


def investment(view: View, span: str) -> html.Div:
    """The ranked list of gaps: why, whom, where (rules §5.3)."""
    if view.reason is not None:
        return html.Div(reason_line(view.reason))
    found = entries(view, span)
    if not found:
        return html.Div(reason_line(_("没有缺失或薄弱节点"), _("可改看全部产业链或其他园区")))
    counted = any(e.target_firms is not None for e in found)
    header = [
        (_("序"), "num"), (_("节点"), ""), (_("状态"), ""), (_("强度"), "num"), (_("重要度"), ""),
        (_("下游需求 家"), "num"), (_("优先级"), "num"), (_("目标画像"), ""), (_("在途 个"), "num"),
        (_("适宜园区"), ""), (_("政策"), "num"),
    ]  # fmt: skip
    if counted:
        header.insert(8, (_("在谈 个"), "num"))
    body = [_entry_row(view, n, e, counted, span) for n, e in enumerate(found, 1)]
    return html.Div(
        [
            html.Div(
                html.Table(
                    [html.Thead(html.Tr([html.Th(t, className=c) for t, c in header])), html.Tbody(body)],
                    className="mini catalogue-table",
                ),
                className="scroll-x",
            ),
            html.P(
                dated(
                    view.question,
                    _("优先级 = 重要度 × (100 − 强度) × 下游需求企业数;只列缺失与薄弱节点;载体、地块为年内可用与可供"),
                ),
                className="note",
            ),
            None
            if counted
            else html.P(_("在谈对象不在当前角色的可见范围,名单与数量均不显示也不导出"), className="note"),
        ],
        **{"data-rows": str(len(found))},
    )


def _short(view: View, code: str) -> str:
    zone = view.known.zones[code]
    return pick(zone.short_zh, zone.short_en)


def _profile(entry: CatalogueEntry) -> str:
    """Which firms to look for: the node and its industry classes; the classes have Chinese names only, so English has their codes."""
    if language() == "zh":
        return entry.row.target_profile
    codes = _CLASS_CODE.findall(entry.row.target_profile)
    return f"{entry.node.name_en} (GB/T 4754: {', '.join(codes)})" if codes else entry.node.name_en


def _entry_row(view: View, place: int, entry: CatalogueEntry, counted: bool, span: str) -> html.Tr:
    row, found = entry.row, entry.row.assessment
    zones: list[Component | str] = [
        opens(
            "zone",
            z.zone,
            f"{_short(view, z.zone)} {z.carriers}/{z.plots}",
            class_name="zone-fit" + (" is-lead" if z.lead_chain else ""),
            title=_("载体 {c} 处 · 地块 {p} 宗", c=z.carriers, p=z.plots)
            + (f" · {_('主导链')}" if z.lead_chain else ""),
        )
        for z in row.zones[:_ZONES_SHOWN]
    ]
    cells: list[Component] = [
        html.Td(str(place), className="num quiet"),
        html.Td(
            [
                dcc.Link(name_of(entry.node), href=address(view.state, node=entry.node.id), className="text-link"),
                html.Span(f" {name_of(view.known.chains[row.chain])}" if span == ALL else "", className="quiet"),
            ]
        ),
        html.Td(
            [
                state_mark(found.state.value if found.state else "unknown"),
                state_words(found),
                html.Span(f" {_('在补')}", className="filling-word") if found.filling else None,
            ]
        ),
        html.Td(strength_text(found), className="num"),
        html.Td(dots(row.criticality)),
        html.Td(number(row.demand), className="num"),
        html.Td(number(row.priority), className="num strong"),
        html.Td(_profile(entry), className="profile", title=row.target_profile),
        html.Td(number(entry.pipeline), className="num"),
        html.Td(zones or html.Span(_("无可用载体与地块"), className="quiet"), className="fits"),
        html.Td(str(len(row.policies)), className="num", title="\n".join(row.policies)),
    ]
    if counted:
        cells.insert(8, html.Td(number(entry.target_firms), className="num"))
    return html.Tr(cells, **{"data-node-row": entry.node.id})


# --- overlap ------------------------------------------------------------------------------------------------------------


def matrix(view: View) -> html.Div:
    """Zone × chain: nodes each zone courts, and those two zones court at once (错位竞争, rules §1.2.5)."""
    title = _("园区 × 产业链 招商重叠")
    at = view.question.at
    aside = _("{period} 在谈节点数 · 重:与他园重叠 · 点数字看是哪些 · 只到节点,不到项目", period=at.period)
    if not view.question.viewer.may(FieldClass.LEAD_COUNTS) or not view.open:
        return block(title, aside, reason_line(_("在谈信息不在当前角色的可见范围")))
    cells = overlap(view.question)
    if not any(c.nodes for c in cells.values()):
        return block(title, aside, reason_line(_("本数据集没有在谈项目")))
    chains, most = tuple(view.known.chains.values()), max(len(c.nodes) for c in cells.values())
    header = html.Tr(
        [
            html.Th(_("园区")),
            *(html.Th(opens("chain", c.code, name_of(c)), className="num") for c in chains),
            html.Th(_("合计"), className="num"),
        ]
    )
    body = []
    for zone in at.zones:
        row: list[Component] = [html.Td(opens_unit(view.known, zone, short=True))]
        for chain in chains:
            cell = cells[zone, chain.code]
            row.append(
                html.Td(
                    [
                        drop_menu(str(len(cell.nodes)), _courted(view, cell, cell.nodes)) if cell.nodes else "",
                        drop_menu(
                            _("重{n}", n=len(cell.contested)),
                            _courted(view, cell, sorted(cell.contested)),
                            class_name="strong",
                        )
                        if cell.contested
                        else None,
                    ],
                    className="num",
                    style={"--heat": f"{100 * len(cell.nodes) // most}%"} if cell.nodes else None,
                    **{"data-cell": f"{zone}:{chain.code}"},
                )
            )
        row.append(html.Td(str(sum(len(cells[zone, c.code].nodes) for c in chains)), className="num strong"))
        body.append(html.Tr(row))
    return block(
        title,
        aside,
        html.Div(
            html.Table([html.Thead(header), html.Tbody(body)], className="mini overlap-table"), className="scroll-x"
        ),
        _contested_list(view, cells),
    )  # fmt: skip


def _courted(view: View, cell: OverlapCell, nodes: Sequence[str]) -> list[Component]:
    """The nodes that a number counts, each with the other zones that court it too."""
    return [
        dcc.Link(
            name_of(view.known.nodes[n])
            + (
                _(" ← 另有 {zones}", zones=_("、").join(unit_name(view.known, z) for z in cell.contested[n]))
                if n in cell.contested
                else ""
            ),
            href=address(view.state, node=n),
        )
        for n in nodes
    ]


def _contested_list(view: View, cells: Mapping[tuple[str, str], OverlapCell]) -> Component:
    found: dict[str, set[str]] = {}
    for (zone, _chain), cell in cells.items():
        for node in cell.contested:
            found.setdefault(node, set()).add(zone)
    if not found:
        return html.P(_("没有两个园区同时在谈的节点"), className="note")
    order = view.question.at.zones
    lines = [
        html.Span(
            [
                dcc.Link(name_of(view.known.nodes[n]), href=address(view.state, node=n), className="text-link"),
                html.Span(
                    [" ", *joined([opens_unit(view.known, z, short=True) for z in order if z in zones], _("、"))],
                    className="quiet",
                ),
            ],
            className="contested",
        )
        for n, zones in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return html.Details(
        [
            html.Summary(_("重叠节点 {n} 个", n=len(found)), className="text-link"),
            html.Div(lines, className="contested-list"),
        ]
    )
