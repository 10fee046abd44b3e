"""The wall (`/`): headline figures, the map, what needs attention, and a card per zone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from data.queries import gate
from data.queries.attribution import split
from data.queries.carriers import CarrierSummary, carrier_summary
from data.queries.catalogue import Catalogue, ZoneInfo
from data.queries.chains import chain_boards, projects_per_chain
from data.queries.kpis import HEADLINE, Figure, figures
from data.queries.plots import available_plots
from data.queries.projects import (
    ProjectSummary,
    attention_list,
    coming_milestones,
    project_summary,
)
from data.queries.question import Question
from domain.chains import NODE_STATE_NAMES
from domain.filters import Facet
from domain.lifecycle import STAGE_BY_CODE, STAGE_GROUPS
from domain.periods import Period
from domain.reasons import REASON_WORDS
from domain.scheme import zone_letters
from domain.units import M2
from domain.viewstate import LIGHTS, Dataset, Scope, to_query
from i18n import N_, _, pick
from settings import get_settings
from views import shell
from views.page import FILTER, Page, Part
from views.parts import badges, on_offer, published_column
from views.parts.block import as_is, group_count, in_place, unfollowed, withheld_words
from views.parts.button import action
from views.parts.column import cells_row, section
from views.parts.explain_drawer import zone_word
from views.parts.facets import FACETS, filter_bar
from views.parts.figure_tile import figure_tile
from views.parts.format import (
    LIGHT_MARK,
    NONE,
    figure_text,
    km2,
    light_reason,
    money,
    mu,
    number,
    own_scope,
    percent,
    scaled,
    scaled_text,
    ytd_text,
)
from views.parts.format import LIGHTS as LIGHT_NAMES
from views.parts.map_frame import map_frame
from views.parts.opens import opens_row
from views.parts.project_card import agency_name, unit_name
from views.parts.project_table import project_table
from views.parts.selected import selected_panel
from views.parts.split_bar import split_block
from views.parts.zone_card import ROLES

STATES = NODE_STATE_NAMES
RED_ROWS = 5


def headline(question: Question) -> html.Div:
    """Six headline tiles and the strength of the chains, of the selected zone where one is, else of the zones chosen."""
    state, at, month = question.state, question.at, question.month
    here = question.selected
    if state.dataset not in question.known.filled:
        return html.Div(_nothing_yet(question), className="column-body")
    if state.dataset is Dataset.PUBLISHED or not gate.may_see_totals(question.viewer, at.provenance):
        return html.Div(published_column.facts(here), className="column-body")
    shown = figures(here, HEADLINE)
    part = len(here.at.chosen) < len(at.zones)
    of_all = figures(question.everywhere, HEADLINE) if part else {}
    zone = here.at.chosen[0] if here is not question else ""
    tiles = [
        figure_tile(
            shown[k],
            at.period,
            "wall",
            chosen=state.kpi == k,
            page_scope=state.scope,
            zone=zone,
            whole=of_all.get(k),
        )
        for k in HEADLINE
    ]
    return html.Div(
        [
            section(
                _whose(here, zone) if part else _("核心指标"),
                f"{ytd_text(month)} · {_('同比')}" if month else "",
                html.Div(tiles, className="tiles"),
            ),
            chain_strengths(here),
        ],
        className="column-body",
    )


def _whose(question: Question, selected: str) -> list[Component | str]:
    """The head of the figures of a part: the whole, to which a press leads back, and the zone or how many there are."""
    back = action("select", "") if selected else action("clear", "zones")
    chosen = question.at.chosen
    if len(chosen) == 1:
        zone = question.known.zones[chosen[0]]
        mark = html.Span(className=f"swatch zone--{question.known.colour_index(zone.code)}")
        name: list[Component | str] = [mark, pick(zone.short_zh, zone.short_en)]
    else:
        name = [_("{n} 个园区", n=len(chosen))]
    whole = html.Button(_("全域"), **back, className="text-link", type="button")
    return [whole, html.Span("›", className="quiet", **{"aria-hidden": "true"}), *name]


def chain_strengths(question: Question) -> html.Section:
    """Coverage and state of each chain on the union of firms; a click filters by the chain."""
    state = question.state
    boards = chain_boards(question)
    unknown = next((b.reason for b in boards), None)
    if unknown is not None:
        return section(
            _("产业链强弱"),
            _("节点覆盖 {a} / {b}", a=NONE, b=sum(len(b.nodes) for b in boards)),
            html.Div(html.P(_(REASON_WORDS[unknown]), className="note"), className="chain-rows"),
        )
    covered = sum(b.covered or 0 for b in boards)
    nodes = sum(len(b.nodes) for b in boards)
    rows: list[Component] = []
    for board in sorted(boards, key=lambda b: -(b.strength or 0)):
        share = float(board.strength or 0) / 100
        kind = board.state.value if board.state else "unknown"
        chosen = board.chain.code in state.chains or any(n.startswith(board.chain.code + "-") for n in state.nodes)
        rows.append(
            html.Button(
                [
                    html.Span(
                        pick(board.chain.short_zh, board.chain.short_en),
                        className="chain-name",
                        title=pick(board.chain.name_zh, board.chain.name_en),
                    ),
                    html.Span(html.Span(className="bar-fill", style={"width": f"{share * 100:.0f}%"}), className="bar"),
                    html.Span(_(STATES[board.state]) if board.state else NONE, className=f"chain-state state--{kind}"),
                ],
                **action("chain", board.chain.code),
                className=f"chain-row state-row--{kind}" + (" is-chosen" if chosen else ""),
                type="button",
                title=_(
                    "强度 {s}/100 · 节点覆盖 {c}(按权重)",
                    s=number(board.strength),
                    c=percent(board.coverage.value, 0),
                ),
            )
        )
    return section(
        _("产业链强弱"),
        _("节点覆盖 {a} / {b}", a=covered, b=nodes),
        html.Div(rows, className="chain-rows"),
        unfollowed(question, Facet.CHAIN),
    )


def light_counts(summary: ProjectSummary) -> html.Div:
    """Red, yellow, green and grey as figures; a click filters by the light."""
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
            className="light-cell",
            type="button",
            **{"data-light": light, "data-count": str(summary.lights.get(light, 0))},
        )
        for light in LIGHTS
    ]
    return html.Div(cells, className="light-counts")


def stage_counts(summary: ProjectSummary) -> html.Div:
    """Projects by block of the life cycle as one bar with its numbers; a click filters by it."""
    whole = sum(summary.groups.values())
    cells = [
        html.Button(
            [
                html.Span(group_count(summary, g.id), className="stage-number"),
                html.Span(pick(g.name_zh, g.name_en), className="stage-name"),
                html.Span(
                    className="stage-bar",
                    style={"--share": f"{summary.groups.get(g.id, 0) / whole:.4f}" if whole else "0"},
                ),
            ],
            **action("stage", g.id),
            className=f"stage-cell stage--{g.id}",
            type="button",
            title=withheld_words(summary, g.id) or None,
        )
        for g in STAGE_GROUPS.values()
        if whole or summary.hidden
    ]
    return html.Div(cells, className="stage-counts")


def attention(question: Question) -> html.Div:
    """Red projects, largest investment first: name, why, who, how long."""
    page = attention_list(question, limit=RED_ROWS)
    rows = []
    for r in page.rows:
        where = zone_word(question.known, r["zone_code"]) if r["zone_code"] else ""
        agency = agency_name(question.known, r.get("responsible_unit"))
        named = agency if agency.startswith(where) else " · ".join(t for t in (where, agency) if t)
        detail = " · ".join(t for t in (light_reason(r.get("reason")), named) if t)
        rows.append(
            html.Button(
                [
                    badges.light("red"),
                    html.Span(
                        [
                            html.Span(pick(r["name_zh"], r["name_en"]), className="attention-name"),
                            html.Span(detail, className="attention-detail", title=detail),
                        ],
                        className="attention-text",
                    ),
                    html.Span(_("{n}个月", n=r["months_red"]), className="attention-age"),
                ],
                **action("select", f"project:{r['id']}"),
                className="attention-row",
                type="button",
            )
        )
    return html.Div(rows or html.P(_("没有红灯项目"), className="note"), className="attention")


def overview(question: Question) -> html.Div:
    """The right column when nothing is selected."""
    viewer, state = question.viewer, question.state
    if state.dataset not in question.known.filled:
        return html.Div(className="column-body")  # the left column says what is missing and what to do
    summary = project_summary(question)
    if state.dataset is Dataset.PUBLISHED:
        aside = _("{n}个公开项目,投资不合计", n=number(summary.total))
    else:
        aside = _("{n}个 · 总投资 {money}", n=number(summary.total), money=money(summary.total_investment_wan))
        aside = in_place(question, aside)
    if not gate.may_see_projects(viewer, question.at.provenance):
        offers = [part for part in (on_offer.carriers(question), on_offer.plots(question)) if part is not None]
        none = section(_("载体"), "", html.P(_("所选园区没有可招商的载体与地块"), className="note"))
        return html.Div(offers or [none], className="column-body")
    parts: list[Component | None] = [
        _nothing_left(question)
        if not summary.total and question.filter.clauses
        else section(
            _("项目"),
            aside,
            light_counts(summary) if summary.lights and state.dataset is not Dataset.PUBLISHED else None,
            stage_counts(summary),
            _hidden_note(summary),
            _kind_row(summary, as_is(question)),
        )
    ]
    if gate.allowed_fields(viewer, ("light",), question.at.provenance) and state.dataset is not Dataset.PUBLISHED:
        parts.append(section(_("重点关注"), _("按投资排序"), attention(question)))
    if state.dataset is not Dataset.PUBLISHED:
        parts.append(_who_counts(question))
    parts += [_milestones(question), _carriers(question)]
    if state.dataset is Dataset.PUBLISHED:
        parts += [
            published_column.platforms(question),
            published_column.largest(question),
            published_column.policies(question),
        ]
    return html.Div([p for p in parts if p is not None], className="column-body")


def _nothing_yet(question: Question) -> html.Section:
    """A data set that nothing was brought into: what will stand here, and what to do."""
    from views.pages.data import PAGE as DATA  # which imports this module

    way = (
        dcc.Link(_("导入第一个文件"), href=f"{DATA.path}?{to_query(question.state)}", className="primary-link")
        if DATA.open_to(question.viewer, question.at.provenance)
        else html.Button(_("看公开数据"), **action("dataset", "published"), className="primary-link", type="button")
    )
    why = html.P(_("导入各部门的文件后,这里是六项核心指标、产业链与项目;地图现在只有园区范围。"))
    return section(_("自有数据还没有内容"), "", why, way)


def _nothing_left(question: Question) -> html.Section:
    """What a filter without a result is made of: without which of its facets there would be projects again, and how many."""
    said: list[Component] = []
    for clause in question.filter.clauses:
        cleared = tuple(name for name, facet in _FACET_OF.items() if facet is clause.facet)
        found = project_summary(question.with_(**dict.fromkeys(cleared, ()))).total
        name = "chain" if clause.facet is Facet.CHAIN else cleared[0]
        words = [_("去掉 {name}", name=_(FACETS[name])), html.Span(_("{n} 个", n=number(found)), className="quiet num")]
        said.append(html.Button(words, **action("clear", name), className="row drop-facet", type="button"))
    clear = html.Button(_("清除筛选"), **action("clear", "all"), className="primary-link", type="button")
    return section(_("没有符合筛选的项目"), "", html.Div(said), clear)


#: Fields of the state by the facet that they make up.
_FACET_OF = {
    "chains": Facet.CHAIN,
    "nodes": Facet.CHAIN,
    "zones": Facet.ZONE,
    "districts": Facet.DISTRICT,
    "stages": Facet.STAGE,
    "lights": Facet.LIGHT,
    "kinds": Facet.KIND,
}


def _who_counts(question: Question) -> html.Section:
    found = split(question, question.state.kpi)
    kpi = question.known.kpis[question.state.kpi]
    return section(_("谁计入、计多少"), pick(kpi.short_zh, kpi.short_en), split_block(question, found))


def _hidden_note(summary: ProjectSummary) -> html.P | None:
    notes = []
    if words := withheld_words(summary):
        notes.append(words)
    if summary.without_investment:
        notes.append(_("{n} 个未载明投资", n=summary.without_investment))
    if summary.without_zone:
        notes.append(_("另有 {n} 个公开项目未载明园区或在方案之外,未计入", n=summary.without_zone))
    return html.P(";".join(notes), className="note") if notes else None


def _kind_row(summary: ProjectSummary, today: str) -> html.Div | None:
    if not summary.kinds:
        return None
    cells = [
        html.Button(
            [html.Span(k, className="kind" + (" kind--quiet" if k == "G" else "")), html.Span(str(n), className="num")],
            **action("kind", k),
            className="kind-cell",
            type="button",
            title=_("跨区类型 {k}", k=k),
        )
        for k, n in summary.kinds.items()
    ]
    return html.Div(
        [
            html.Span([_("跨区协同"), html.B(f" {summary.badge}")], className="kind-title"),
            *cells,
            html.Span(today, className="quiet note") if today else None,
        ],
        className="kind-row",
    )


def _milestones(question: Question) -> html.Section | None:
    end = Period.parse(question.at.period).end
    coming = coming_milestones(question, end + timedelta(days=1), end + timedelta(days=30), limit=4)
    if not coming:
        return None
    rows = []
    for c in coming:
        stage = STAGE_BY_CODE[c["stage"]]
        rows.append(
            html.Button(
                [
                    html.Span(c["planned_on"][5:], className="milestone-date"),
                    html.Span(f"{c['name_zh']} {pick(stage.name_zh, stage.name_en)}", className="milestone-name"),
                    html.Span(zone_word(question.known, c["zone_code"]) if c["zone_code"] else "", className="quiet"),
                ],
                **action("select", f"project:{c['id']}"),
                className="milestone",
                type="button",
            )
        )
    return section(_("近期节点"), _("截止日后 30 天"), html.Div(rows))


def _carriers(question: Question) -> html.Section | None:
    if question.state.dataset is Dataset.PUBLISHED:
        return published_column.carriers(question)
    summary = carrier_summary(question)
    if not summary.buildings:
        return None
    vacancy = summary.vacant_m2 / summary.delivered_m2 if summary.delivered_m2 else None
    takeup = summary.taken_m2 / summary.marketed_m2 if summary.marketed_m2 else None
    cells = [
        (percent(vacancy), _("空置率")),
        (percent(takeup), _("去化率")),
        (scaled_text(summary.vacant_m2, M2), _("可招商 万㎡")),
    ]
    if today := as_is(question):
        aside = _("已交付 {n} 栋 · 单元为{today}", n=summary.buildings, today=today)
    else:
        aside = _("{n} 栋 {m} 单元", n=summary.buildings, m=summary.units)
    return section(_("载体"), in_place(question, aside), cells_row(cells), unfollowed(question, Facet.DISTRICT))


def side_panel(question: Question) -> Component:
    """The right column: the panel of what is selected, else the overview."""
    return selected_panel(question) or overview(question)


def data_status(question: Question) -> str | None:
    """Status (快报 …) of the month's direct-report figures, whatever the filter."""
    return figures(question.unfiltered.everywhere, ("K04",))["K04"].status


def zone_values(question: Question) -> dict[str, Figure]:
    """The chosen KPI of each zone of the scheme: what map labels and cards show."""
    return {z: figures(question, (question.state.kpi,), zones=(z,))[question.state.kpi] for z in question.at.zones}


def zone_cards(question: Question, values: dict[str, Figure] | None = None) -> html.Div:
    """One card per zone: the chosen KPI, projects and vacancy; it selects the zone."""
    values = values or zone_values(question)
    summary = project_summary(question.everywhere)
    selected = question.state.selection.removeprefix("zone:")
    may_count = question.state.dataset in question.known.filled
    visitor = not gate.may_see_totals(question.viewer, question.at.provenance)
    plots = available_plots(question.everywhere) if visitor else []
    # A card tells what is in its zone; a figure of it that follows another scope says so.
    scope = own_scope(Scope.TERRITORIAL, question.state.scope, short=True)
    today = as_is(question)
    vacancy_name = _("空置 {today}", today=today) if today else _("载体空置")
    zones = question.known.scheme_zones(question.at.scheme)
    letters = zone_letters([z.code for z in zones if z.is_area])
    cards = []
    for index, zone in enumerate(zones):
        figure = values[zone.code]
        shown = figure_text(figure)
        name = pick(figure.kpi.short_zh, figure.kpi.short_en)
        if figure.value is not None and (own := own_scope(figure.scope, Scope.TERRITORIAL, short=True)):
            name = f"{own} · {name}"
        carriers = carrier_summary(question, zones=(zone.code,))
        vacancy = carriers.vacant_m2 / carriers.delivered_m2 if carriers.delivered_m2 else None
        chosen = not question.state.zones or zone.code in question.state.zones
        cards.append(
            html.Article(
                [
                    html.Div(
                        [
                            html.Span(letters[zone.code], className="badge") if zone.code in letters else None,
                            html.Button(
                                pick(zone.short_zh, zone.short_en),
                                **action("select", f"zone:{zone.code}"),
                                className="card-name",
                                type="button",
                                title=pick(zone.name_zh, zone.name_en),
                                **{"aria-pressed": "true" if zone.code == selected else "false"},
                            ),
                            html.Span(scope, className="badge") if scope else None,
                            html.Span(_(ROLES[zone.role]), className=f"role role--{index}"),
                        ],
                        className="card-head",
                    ),
                    html.Div(_governed_by(question.known, zone, question.at.period), className="card-sub"),
                    html.Div(
                        _on_offer(carriers, [p for p in plots if p["zone_code"] == zone.code], vacancy)
                        if visitor and may_count
                        else [
                            _card_figure(km2(zone.geometry_area_m2, 1), "km²", _("图上面积")),
                        ]
                        if not may_count
                        else [
                            _card_figure(shown.text, shown.unit, name, shown.reason),
                            _card_figure(
                                number(summary.zones.get(zone.code, 0)),
                                _("个"),
                                _("签约后项目") if summary.hidden else _("项目"),
                            ),
                            _card_figure(percent(vacancy, 0), "", vacancy_name)
                            if vacancy is not None
                            else _card_figure(km2(zone.geometry_area_m2, 1), "km²", _("图上面积")),
                        ],
                        className="card-figures",
                    ),
                ],
                className=f"zone-card zone--{index}"
                + (" is-chosen" if zone.code == selected else "" if chosen else " is-dimmed"),
                **opens_row("zone", zone.code),
                **{
                    "data-zone": zone.code,
                    "data-value": "" if figure.value is None else str(float(figure.value)),
                    "data-bounds": json.dumps([zone.bounds[:2], zone.bounds[2:]]),
                },
            )
        )
    return html.Div(cards, className="zone-cards", style={"--cards": len(cards)})


def _on_offer(carriers: CarrierSummary, plots: Sequence[Mapping[str, Any]], vacancy: float | None) -> list[html.Div]:
    """What a visitor's card says instead of figures that are not shown to one."""
    free, unit, places = scaled(carriers.vacant_m2, M2)
    return [
        _card_figure(number(free, places), unit, _("可招商")),
        _card_figure(mu(sum(p["area_m2"] for p in plots), 0), _("亩"), _("可供地块")),
        _card_figure(percent(vacancy, 0), "", _("空置率")),
    ]


def _governed_by(known: Catalogue, zone: ZoneInfo, period: str) -> str:
    parties = [unit_name(known, p.unit, short=True) for p in zone.parties if p.governs_at(period)]
    if len(parties) > 1:
        return " × ".join(parties) + " " + _("共建")
    return parties[0] if parties else unit_name(known, zone.authority, short=True)


def _card_figure(value: str, unit: str, name: str, reason: str | None = None) -> html.Div:
    return html.Div(
        [
            html.Span([value, html.Small(unit)], className="card-value"),
            # There is room for one of them: why there is no figure; the map and the tiles say which one it is.
            html.Span(reason or name, className="card-name-small", title=f"{name} {reason or ''}".strip()),
        ],
        className="card-figure",
    )


def label_values(values: dict[str, Figure], page_scope: Scope) -> dict[str, tuple[str, str]]:
    """Figure and unit of each zone's label on the map, and its scope where it is not that of the page."""
    found = {}
    for code, figure in values.items():
        if figure.value is None:
            found[code] = (NONE, "")
        else:
            value, unit, places = scaled(figure.value, figure.unit)
            said = (unit, own_scope(figure.scope, page_scope, short=True))
            found[code] = (number(value, places), " · ".join(word for word in said if word))
    return found


def free_of_zones(question: Question) -> dict[str, tuple[str, str]]:
    """Free room in the carriers of each zone and its unit: what the labels say to a visitor."""
    found = {}
    for code in question.at.zones:
        free, unit, places = scaled(carrier_summary(question, zones=(code,)).vacant_m2, M2)
        found[code] = (number(free, places), f"{unit} {_('可招商')}")
    return found


def table_of(question: Question) -> Component | None:
    """The project table when the state has it open."""
    if not question.state.table:
        return None
    return project_table(question, project_summary(question))


def filter_chips(question: Question) -> list[Component]:
    """What is set, one chip per value; a click takes it away."""
    state, known = question.state, question.known
    chips: list[tuple[str, str, str]] = [
        *(("chain", c, pick(known.chains[c].name_zh, known.chains[c].name_en)) for c in state.chains),
        *(("chain", n, pick(known.nodes[n].name_zh, known.nodes[n].name_en)) for n in state.nodes),
        *(("zones", z, pick(known.zones[z].short_zh, known.zones[z].short_en)) for z in state.zones),
        *(("districts", d, pick(*known.unit_name(d, state.grouping))) for d in state.districts),
        *(("stages", s, pick(STAGE_GROUPS[s].name_zh, STAGE_GROUPS[s].name_en)) for s in state.stages),
        *(("lights", x, _(LIGHT_NAMES[x])) for x in state.lights),
        *(("kinds", k, _("跨区 {k}", k=k)) for k in state.kinds),
    ]
    if state.period:
        chips.append(("period", question.at.period, question.at.period))
    return [
        html.Button(
            [text, html.B("✕")],
            **action("drop", f"{name}={value}"),
            className="filter-chip",
            type="button",
            **{"aria-label": _("去掉 {name}", name=text)},
        )
        for name, value, text in chips
    ]


def page(question: Question) -> html.Div:
    """The whole wall for a state; its parts are replaced when the state changes."""
    status = data_status(question)
    values = zone_values(question)
    frame = map_frame(
        "map",
        overlays=[
            filter_bar(question, projects_per_chain(question), filter_chips(question)),
            html.Div(id="legend", className="legend", **{"data-map-obstacle": "1"}),
            shell.footer_notes(question, get_settings().map_review_no),
            html.Button(_("项目清单"), **action("table", ""), className="table-toggle", type="button")
            if gate.may_see_projects(question.viewer, question.at.provenance)
            else html.Span(),
            html.Div(id="tour", className="tour", hidden=True),
            html.Div(id="here", className="here-host", **{"data-map-pointer": "1"}),
        ],
    )
    main = html.Main(
        [
            html.Aside(headline(question), id="left", className="column column--left"),
            html.Div(
                [frame, html.Div(table_of(question), id="table-host", className="table-host")],
                className="map-column",
            ),
            html.Aside(side_panel(question), id="right", className="column column--right"),
            html.Div(zone_cards(question, values), id="cards", className="cards-host"),
        ],
        className="wall",
    )
    return shell.page(question, "/", status, main, dcc.Store(id="legend-key"), look="page--wall", title=_(PAGE.title))


_FIGURES = FILTER | {"zone", "scope", "by"}
PAGE = Page(
    "/",
    page,
    N_("总览"),
    theme="dark",
    map=True,
    parts=(
        Part("left", headline, _FIGURES | {"kpi", "sel=zone:"}),
        Part("right", side_panel),
        Part("table-host", table_of, _FIGURES | {"table"}),
    ),
)
