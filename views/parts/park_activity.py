"""Blocks of a park page made of records: chains, life cycle, lights, carriers, platforms, projects."""

from __future__ import annotations

from collections.abc import Sequence

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from data.queries import gate
from data.queries.carriers import carrier_list, carrier_summary
from data.queries.catalogue import Catalogue, ZoneInfo
from data.queries.chains import ChainBoard, FoundNodes, chain_boards, node_facts
from data.queries.lifecycle import funnels
from data.queries.park import has_figures, platform_list
from data.queries.projects import ProjectSummary, attention_list, project_summary
from data.queries.question import Question
from domain import words
from domain.chains import NODE_STATE_NAMES, NodeState
from domain.cohorts import Funnel, Rate
from domain.cross_district import KIND_NAMES
from domain.filters import Facet
from domain.lifecycle import STAGE_GROUPS
from domain.reasons import REASON_WORDS
from domain.units import M2
from domain.viewstate import LIGHTS, Dataset, ViewState
from i18n import _, pick
from views.parts import badges
from views.parts.block import as_is, block, group_count, in_place, no_projects, reason_line, unfollowed, withheld_words
from views.parts.button import action
from views.parts.charts import chart_table
from views.parts.format import LIGHT_MARK, NONE, light_reason, money, number, percent, scaled_text
from views.parts.format import LIGHTS as LIGHT_NAMES
from views.parts.opens import opens, opens_row
from views.parts.project_card import agency_name, written
from views.parts.project_table import project_table
from views.parts.published_line import doubt_mark, printed_date

GRID_ID = "park-table"
NODE_STATES = NODE_STATE_NAMES
#: The four clusters of rules §1.2.1, in that order, and what belongs to none of them.
CLUSTERS = words.PLATFORM_CATEGORIES
TIERS = ("上游", "中游", "下游", "支撑")
_NAMED_PLATFORMS = 3
_PUBLISHED_CARRIERS = 100
_WIDE_TIER = 6  # a tier of this many nodes stands in two columns


# --- chains -------------------------------------------------------------------------------------------------------------


def chains(question: Question, zone: ZoneInfo) -> html.Div | None:
    """Coverage of the park's leading chains: nodes by tier, each with its state and firms (rules §5.3)."""
    if not has_figures(question):
        return None
    boards = {b.chain.code: b for b in chain_boards(question, zones=(zone.code,))}
    leading = [boards[c] for c in zone.leading_chains if c in boards]
    title = _("产业链")
    if not leading:
        return block(title, "", reason_line(_("方案没有为本园区列出主导产业链")))
    unknown = leading[0].reason
    if unknown is not None:
        names = _("、").join(pick(b.chain.name_zh, b.chain.name_en) for b in leading)
        return block(title, names, reason_line(_(REASON_WORDS[unknown])))
    found = node_facts(question.session, question.at, (zone.code,))
    tabs = [
        dmc.TabsTab(
            [
                pick(b.chain.name_zh, b.chain.name_en),
                html.Span(f" {b.covered}/{len(b.nodes)}", className="num quiet"),
            ],
            value=b.chain.code,
        )
        for b in leading
    ]
    panels = [dmc.TabsPanel(_chain(b, found, question.state), value=b.chain.code) for b in leading]
    return block(
        title,
        _("主导链节点覆盖 · 企业按节点去重 · 企业名录口径"),
        dmc.Tabs(
            [dmc.TabsList(tabs), *panels],
            value=leading[0].chain.code,
            id="chain-tabs",
            className="chain-tabs",
            variant="default",
        ),
        unfollowed(question),
    )


def _chain(board: ChainBoard, facts: FoundNodes, state: ViewState) -> html.Div:
    gaps = [pick(n.name_zh, n.name_en) for n, a in board.nodes if a.state is NodeState.MISSING]
    chosen = board.chain.code in state.chains
    tiers = [t for t in TIERS if any(n.tier == t for n, _a in board.nodes)]
    columns = []
    for tier in tiers:
        chips = []
        for node, found in board.nodes:
            if node.tier != tier:
                continue
            there = facts.at(node.id)
            kind = found.state.value if found.state else "unknown"
            words = _(NODE_STATES[found.state]) if found.state else _("产值未报")
            if there.firms:
                words += " · " + _("{n} 企业", n=len(there.firms))
            if found.filling:
                words += " · " + _("在补 {n}", n=len(there.pipeline))
            strength = "" if found.strength is None else _("强度 {n}", n=number(found.strength))
            chips.append(
                html.Button(
                    [html.Span(pick(node.name_zh, node.name_en), className="node-name"), html.Span(words)],
                    **action("select", f"node:{node.id}"),
                    type="button",
                    className=f"node node--{kind}" + (" is-filling" if found.filling else ""),
                    title=" · ".join(t for t in (node.id, strength) if t),
                    **{"data-node": node.id, "data-firms": str(len(there.firms))},
                )
            )
        wide = " tier--wide" if len(chips) >= _WIDE_TIER else ""
        columns.append(html.Div([html.Div(_(tier), className="tier-name quiet"), *chips], className="tier" + wide))
    return html.Div(
        [
            html.Div(
                [
                    html.Span(
                        _("加权覆盖 {share}", share=percent(board.coverage.value, 0)), title=_("按节点重要度加权")
                    ),
                    html.Span(
                        _("缺口:{names}", names=_("、").join(gaps)) if gaps else _("没有缺失节点"),
                        className="state--missing" if gaps else "quiet",
                    ),
                    html.Button(
                        _("取消按链筛选") if chosen else _("按此链筛选"),
                        **action("chain", board.chain.code),
                        className="link-button",
                        type="button",
                    ),
                ],
                className="chain-words",
            ),
            html.Div(columns, className="tiers"),
        ]
    )


# --- life cycle ---------------------------------------------------------------------------------------------------------


def _has_projects(question: Question) -> bool:
    known = question.state.dataset in question.known.filled
    return known and gate.may_see_projects(question.viewer, question.at.provenance)


def life_cycle(question: Question, zone: ZoneInfo) -> html.Div | None:
    """Projects by block of the life cycle, and half-year cohorts with both denominators named (rules §6.5)."""
    if not _has_projects(question):
        return None
    summary = project_summary(question)
    published = question.state.dataset is Dataset.PUBLISHED
    aside = _("最近一次公开报道的阶段") if published else _("{period} 月末阶段", period=question.at.period)
    return block(_("生命周期"), aside, _stage_bar(question, summary), _hidden(summary), _cohorts(question, zone))


def _stage_bar(question: Question, summary: ProjectSummary) -> Component:
    if not summary.total:
        return no_projects(question, summary, in_park=True)
    cells = [
        html.Button(
            [
                html.Span(group_count(summary, g.id), className="stage-n"),
                html.Span(pick(g.name_zh, g.name_en), className="stage-word"),
            ],
            **action("stage", g.id),
            className=f"stage-part stage-part--{g.id}",
            style={"flexGrow": summary.groups.get(g.id, 0)},
            type="button",
            title=withheld_words(summary, g.id) or pick(g.name_zh, g.name_en),
            **{"data-stage": g.id, "data-count": str(summary.groups.get(g.id, 0))},
        )
        for g in STAGE_GROUPS.values()
        if summary.groups.get(g.id) or summary.hidden.get(g.id, 0) != 0
    ]
    return html.Div(cells, className="stage-line")


def _hidden(summary: ProjectSummary) -> html.P | None:
    words = withheld_words(summary)
    return html.P(words, className="note") if words and summary.total else None


def _cohorts(question: Question, zone: ZoneInfo) -> Component | None:
    if question.state.dataset is Dataset.PUBLISHED:
        return html.P(_("公开项目没有里程碑日期,不计算履约率、开工率、投产率"), className="note")
    found = funnels(question, zones=(zone.code,), last=6)
    if found.reason:
        return html.P(_(REASON_WORDS[found.reason]), className="note")
    shown = [f for f in found.cohorts if f.signed]
    if not shown:
        return html.P(_("没有已签约批次"), className="note")
    most = max(f.signed for f in shown)
    heads = (
        (_("签约批次"), ""),
        ("", ""),
        (_("签约"), "num"),
        (_("注册 / 签约"), "num"),
        (_("开工 / 签约"), "num"),
        (_("投产 / 签约"), "num"),
        (_("投产 / 开工"), "num"),
    )
    head = html.Tr([html.Th(text, className=look) for text, look in heads])
    table = html.Table(
        [html.Thead(head), html.Tbody([_cohort_row(f, most) for f in reversed(shown)])], className="mini bars cohort"
    )
    return html.Div(
        [
            chart_table(table, _("签约批次")),
            html.P(
                _("按半年签约批次,截至 {day};终止、暂停、流转退出分子、留在分母", day=found.as_of), className="note"
            ),
            unfollowed(question),
        ]
    )


def _cohort_row(f: Funnel, most: int) -> html.Tr:
    def cell(rate: Rate) -> html.Td:
        said = [html.B(str(rate.numerator)), html.Small(f" {percent(rate.value, 0)}")]
        return html.Td(said, className="num", title=f"{rate.numerator} / {rate.denominator}")

    steps = (f.signed, f.registration.numerator, f.start.numerator, f.production_of_signed.numerator)
    funnel = html.Span(
        [
            html.Span(className=f"mix-fill step--{i}", style={"width": f"{n / most * 100:.1f}%"})
            for i, n in enumerate(steps)
        ],
        className="mix-bar mix-bar--steps",
        **{"aria-hidden": "true"},
    )
    open_ = None if f.complete else html.Small(_("未满"))
    return html.Tr(
        [
            html.Td([f.cohort, open_]),
            html.Td(funnel),
            html.Td(html.B(str(f.signed)), className="num"),
            cell(f.registration),
            cell(f.start),
            cell(f.production_of_signed),
            cell(f.production_of_started),
        ],
        **{"data-cohort": f.cohort, "data-signed": str(f.signed)},
    )


# --- lights -------------------------------------------------------------------------------------------------------------


def lights(question: Question, zone: ZoneInfo) -> html.Div | None:
    """Red, yellow, green, grey; what makes them so; and the red projects by investment (rules §6.2)."""
    title = _("红黄绿灯")
    if question.state.dataset is Dataset.PUBLISHED or not _has_projects(question):
        return None
    summary = project_summary(question)
    cells = [
        html.Button(
            [
                html.Span(str(summary.lights.get(light, 0)), className=f"light-number light--{light}"),
                html.Span(
                    [html.Span(LIGHT_MARK[light], className=f"light--{light}"), _(LIGHT_NAMES[light])],
                    className="light-name",
                ),
            ],
            **action("light", light),
            className="light-cell" + (" is-chosen" if light in question.state.lights else ""),
            type="button",
            **{"data-light": light, "data-count": str(summary.lights.get(light, 0))},
        )
        for light in LIGHTS
    ]
    reasons = [r for r in summary.reasons if r.light in ("red", "yellow", "grey")][:5]
    red = attention_list(question, limit=3)
    return block(
        title,
        _("{period} · 先看红灯", period=question.at.period),
        html.Div(cells, className="light-counts"),
        html.Div(
            [
                html.Span(
                    [badges.light(r.light), light_reason(r.reason), html.B(f" {r.projects}")],
                    className="light-reason",
                )
                for r in reasons
            ],
            className="light-reasons",
        )
        if reasons
        else None,
        html.Div([_red_row(question.known, r) for r in red.rows])
        if red.rows
        else html.P(_("没有红灯项目"), className="note"),
    )


def _red_row(known: Catalogue, row: dict) -> html.Button:
    detail = " · ".join(
        t for t in (light_reason(row.get("reason")), agency_name(known, row.get("responsible_unit"))) if t
    )
    return html.Button(
        [
            badges.light("red"),
            html.Span(
                [
                    html.Span(pick(row["name_zh"], row["name_en"]), className="attention-name"),
                    html.Span(detail, className="attention-detail"),
                ],
                className="attention-text",
            ),
            html.Span(_("{n}个月", n=row["months_red"]), className="attention-age"),
        ],
        **action("select", f"project:{row['id']}"),
        className="attention-row",
        type="button",
    )


# --- carriers and platforms -----------------------------------------------------------------------------------------------


def carriers(question: Question, zone: ZoneInfo) -> html.Div | None:
    """Totals of the carriers and the eight buildings with most free space."""
    if question.state.dataset not in question.known.filled:
        return None
    title = _("载体")
    if question.state.dataset is Dataset.PUBLISHED:
        return _published_carriers(question, zone)
    summary = carrier_summary(question, zones=(zone.code,))
    if not summary.buildings:
        return block(title, "", reason_line(_("本数据集没有本园区的载体")))
    rows = carrier_list(question, zones=(zone.code,), limit=8)
    gross = scaled_text(summary.gross_area_m2, M2)
    vacancy = summary.vacant_m2 / summary.delivered_m2 if summary.delivered_m2 else None
    takeup = summary.taken_m2 / summary.marketed_m2 if summary.marketed_m2 else None
    cells = [
        (gross, _("万㎡ 建筑面积")),
        (scaled_text(summary.vacant_m2, M2), _("万㎡ 可招商")),
        (percent(takeup), _("去化率 / 已推出")),
        (percent(vacancy), _("空置率 / 已交付")),
    ]
    priced = any(r.get("rent_yuan_m2_month") for r in rows)
    head = [_("载体"), _("类型"), _("可招商 ㎡"), _("可租售 ㎡")]
    head += [_("租金 元/㎡·月")] if priced else []
    body = [
        html.Tr(
            [
                html.Td(opens("carrier", r["id"], r["name_zh"]), title=r["operator"] or ""),
                html.Td(written(r["carrier_type"]), className="quiet"),
                html.Td(NONE if r["vacant_m2"] is None else number(r["vacant_m2"]), className="num"),
                html.Td(NONE if r["lettable_m2"] is None else number(r["lettable_m2"]), className="num quiet"),
                *([html.Td(_rent(r.get("rent_yuan_m2_month")), className="num")] if priced else []),
            ],
            className="opens-row",
            **opens_row("carrier", r["id"]),
        )
        for r in rows
    ]
    if today := as_is(question):
        aside = _("已交付 {n} 栋 · 单元为{today}", n=summary.buildings, today=today)
    else:
        aside = _("{n} 栋 {m} 单元 · 可招商最多的 {k} 栋", n=summary.buildings, m=summary.units, k=len(rows))
    numeric = {_("可招商 ㎡"), _("可租售 ㎡"), _("租金 元/㎡·月")}
    top = html.Tr([html.Th(h, className="num" if h in numeric else "") for h in head])
    return block(
        title,
        in_place(question, aside),
        html.Div(
            [
                html.Div([html.Span(v, className="cell-value"), html.Span(n, className="cell-name")], className="cell")
                for v, n in cells
            ],
            className="cells cells--flat",
        ),
        html.Div(html.Table([html.Thead(top), html.Tbody(body)], className="mini"), className="scroll-x"),
        unfollowed(question, Facet.DISTRICT),
    )


def _published_carriers(question: Question, zone: ZoneInfo) -> html.Div:
    """Every published carrier with what was printed of it: some are parts of others, so there is no total."""
    title = _("载体")
    rows = carrier_list(question, zones=(zone.code,), limit=_PUBLISHED_CARRIERS)
    if not rows:
        return block(title, "", reason_line(_("本数据集没有本园区的载体")))
    head = html.Tr(
        [
            html.Th(_("载体")),
            html.Th(_("建筑面积 万㎡"), className="num"),
            html.Th(_("日期")),
            html.Th(_("来源")),
        ]
    )
    body = [
        html.Tr(
            [
                html.Td([opens("carrier", r["id"], r["name_zh"]), doubt_mark(r["doubt"])]),
                html.Td(scaled_text(r["gross_area_m2"], M2), className="num"),
                html.Td(printed_date(r["as_of"]), className="quiet"),
                html.Td(badges.source_mark(r["source"])),
            ],
            className="opens-row",
            title=r["note"] or "",
            **opens_row("carrier", r["id"]),
        )
        for r in rows
    ]
    return block(
        title,
        _("各自公布面积,互有包含,不合计"),
        html.Div(html.Table([html.Thead(head), html.Tbody(body)], className="mini"), className="scroll-x"),
        unfollowed(question, Facet.DISTRICT),
    )


def _rent(span: Sequence[float | None] | None) -> str:
    low, high = span or (None, None)
    if low is None or high is None:
        return NONE
    return number(low) if round(low) == round(high) else f"{number(low)}–{number(high)}"


def platforms(question: Question, zone: ZoneInfo) -> html.Div | None:
    """Innovation platforms in the four clusters (K51), by name."""
    state = question.state
    if state.dataset not in question.known.filled:
        return None
    found = platform_list(question, zone.code)
    title = _("创新平台")
    if not found:
        why = _("所选产业链在本园区没有创新平台") if state.chain_filtered else _("本数据集没有本园区的创新平台")
        return block(title, "", reason_line(why), unfollowed(question, Facet.CHAIN))
    published = state.dataset is Dataset.PUBLISHED
    columns = []
    for code, name in CLUSTERS.items():
        own = [p for p in found if p["category"] == code]
        if not own and code == "other":
            continue
        items: list[Component] = []
        for p in own[:_NAMED_PLATFORMS]:
            detail = " · ".join(t for t in (written(p["level"]), written(p["status"])) if t)
            source = badges.source_mark(p["source"]) if published else None
            dated = html.Span(printed_date(p["as_of"]), className="quiet") if published else None
            items.append(
                html.Li(
                    [
                        opens("platform", p["id"], p["name_zh"], class_name="platform-name"),
                        html.Span([detail, " " if detail else "", dated, " ", source], className="quiet"),
                    ],
                    title=p["host"] or "",
                )
            )
        if len(own) > _NAMED_PLATFORMS:
            items.append(
                html.Li(opens("cluster", code, _("另 {n} 个", n=len(own) - _NAMED_PLATFORMS)), className="quiet")
            )
        columns.append(
            html.Div(
                [
                    html.Div(
                        [
                            html.Span(str(len(own)), className="cell-value"),
                            opens("cluster", code if own else None, _(name), class_name="cell-name"),
                        ],
                        className="cluster-head",
                    ),
                    html.Ul(items) if items else None,
                ],
                className="cluster",
                **{"data-cluster": code, "data-count": str(len(own))},
            )
        )
    # 其他 belongs to none of the four clusters and is not in K51.
    counted = sum(p["category"] in CLUSTERS and p["category"] != "other" for p in found)
    aside = _("四类 {n} 个", n=counted)
    if counted < len(found):
        aside += _(" · 另有未归类 {n} 个", n=len(found) - counted)
    return block(title, aside, html.Div(columns, className="clusters"), unfollowed(question, Facet.CHAIN))


# --- projects -------------------------------------------------------------------------------------------------------------


def projects(question: Question, zone: ZoneInfo) -> html.Div | None:
    """The project table of the park under the filter; rows come on demand."""
    title = _("项目")
    if not _has_projects(question):
        return None
    summary = project_summary(question)
    if question.state.dataset is Dataset.PUBLISHED:
        aside = _("{n} 个公开项目 · 逐条注明日期与来源 · 投资不合计", n=number(summary.total))
    else:
        total = money(summary.total_investment_wan)
        aside = _("{n} 个 · 总投资 {money} · 跨区 {k} 个", n=number(summary.total), money=total, k=summary.badge)
        aside = in_place(question, aside)
    kinds = [
        html.Button(
            [
                html.Span(k, className="kind" + (" kind--quiet" if k == "G" else "")),
                _(KIND_NAMES[k]),
                html.B(f" {n}"),
            ],
            **action("kind", k),
            className="kind-cell",
            type="button",
        )
        for k, n in summary.kinds.items()
    ]
    if not summary.total:
        return block(title, aside, no_projects(question, summary, in_park=True))
    return block(
        title,
        aside,
        html.Div([*kinds, html.Span(as_is(question), className="quiet note")], className="kind-row") if kinds else None,
        html.Div(_grid(project_table(question, summary)), className="park-grid-host"),
        **{"data-total": str(summary.total)},
    )


#: The mark at the start of the cell says which light it is; shape and colour together, as everywhere.
_LIGHT_CLASSES = {
    f"light--{light}": f"params.value && params.value.startsWith('{mark}')" for light, mark in LIGHT_MARK.items()
}


def _grid(panel: Component) -> dag.AgGrid:
    """The grid of the shared project table under this page's own id: its rows are those of the park."""
    grid = next(c for c in panel.children if isinstance(c, dag.AgGrid))
    grid.id = GRID_ID
    columns = []
    for column in grid.columnDefs:
        if column["field"] == "zone":
            continue
        if column["field"] == "light":
            column = column | {"cellClassRules": _LIGHT_CLASSES}
        columns.append(column)
    grid.columnDefs = columns
    return grid
