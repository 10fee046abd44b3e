"""Head of a park page: name and role, published beside measured area, who governs, who shares and since when, its files."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from data.queries import gate
from data.queries.catalogue import Catalogue, ZoneInfo
from data.queries.question import Question
from domain import words
from domain.attribution import Agreement
from domain.viewstate import Dataset, ViewState, to_query
from i18n import N_, _, language, pick
from views.parts import badges
from views.parts.block import block
from views.parts.format import km2, number
from views.parts.project_card import joined, opens_unit
from views.parts.zone_card import ROLES, governance

METRIC_CLASSES = words.METRIC_CLASSES


def _link(path: str, state: ViewState, text: str, class_name: str) -> dcc.Link:
    query = to_query(state.with_(selection="", camera="", zones=()))
    return dcc.Link(text, href=path + (f"?{query}" if query else ""), className=class_name)


def switcher(question: Question, zone: ZoneInfo) -> html.Nav:
    """The parks of the scheme side by side, the one on screen marked."""
    links = [
        html.Span(
            _link(
                f"/park/{z.code}",
                question.state,
                pick(z.short_zh, z.short_en),
                "park-tab" + (" is-here" if z.code == zone.code else ""),
            ),
            className=f"zone--{index}",
        )
        for index, z in enumerate(question.known.scheme_zones(zone.scheme))
    ]
    return html.Nav(links, className="park-tabs", **{"aria-label": _("园区")})


def area(zone: ZoneInfo) -> html.Details | html.Div:
    """Published area with its date beside the measured one; a click opens the history, each entry with its source."""
    current = zone.current_area
    measured: list[Component] = []
    if zone.geometry_area_m2:
        measured.append(html.Span([_("图上"), html.B(f" {km2(zone.geometry_area_m2)}"), " km²"]))
    if zone.is_schematic:
        measured.append(badges.schematic_mark())
    if current is None:
        return html.Div([html.Span(_("未公布面积"), className="quiet"), *measured], className="inline")
    word = _("公布") if current.published else _("推算")
    shown = html.Span(
        [word, html.B(f" {number(current.km2, 1)}"), f" km² ({current.as_of})"],
        title=f"{current.as_of} {current.source}",
    )
    if zone.geometry_area_m2 and zone.is_schematic:
        # The outline was drawn to have this area: a difference of 0.00 % would be no finding.
        measured.append(html.Span(_("按公布面积绘制"), className="quiet"))
    elif zone.geometry_area_m2:
        gap = zone.geometry_area_m2 / 1_000_000 / current.km2 - 1
        share = number(abs(gap) * 100, 2)
        sign = "" if share == "0.00" else "+" if gap > 0 else "−"
        measured.append(html.Span(_("差 {gap}%", gap=sign + share), className="quiet"))
    rows = [
        html.Tr(
            [
                html.Td(a.as_of),
                html.Td(f"{number(a.km2, 1)} km²", className="num"),
                html.Td(_("公布") if a.published else _("推算"), className="quiet"),
                html.Td(a.note or "", className="quiet"),
                html.Td(badges.source_mark(a.source)),
            ],
            className="is-current" if a.current else "",
        )
        for a in zone.areas
    ]
    return html.Details(
        [
            html.Summary([shown, *measured, html.Span(_("沿革 ▾"), className="text-link")], className="inline"),
            html.Div(html.Table(html.Tbody(rows), className="mini"), className="scroll-x"),
        ],
        className="area",
    )


def _stands_in(known: Catalogue, zone: ZoneInfo) -> html.Div:
    parts = [
        html.Span([opens_unit(known, code), f" {km2(m2)} km²"], **{"data-district": code, "data-m2": str(m2)})
        for code, m2 in zone.districts
    ]
    return _line(_("在地"), joined(parts, " · "))


def _line(label: str, body: Component | str | Sequence[Component | str]) -> html.Div:
    return html.Div([html.Span(label, className="head-label"), html.Div(body)], className="head-line")


def shares(question: Question, agreements: Sequence[Agreement]) -> html.Div:
    """Agreed shares by metric class and since when; 示例 where the ratio is made up, 未公布 where there is none."""
    if not agreements:
        word = _("比例未公布") if question.state.dataset is Dataset.PUBLISHED else _("没有共建分享协议,按在地统计")
        return _line(_("分享"), html.Span(word, className="quiet"))
    by_terms: dict[tuple[object, ...], list[Agreement]] = {}
    for a in agreements:
        by_terms.setdefault((a.parties, a.valid_from, a.illustrative), []).append(a)
    rows = []
    for same in by_terms.values():
        a = same[0]
        ratio = joined(
            [
                html.Span([opens_unit(question.known, unit), f" {number(share * 100, 1).removesuffix('.0')}%"])
                for unit, share in a.parties
            ],
            " : ",
        )
        classes = _("、").join(_(METRIC_CLASSES[str(x.metric_class)]) for x in same if x.metric_class)
        rows.append(
            html.Div(
                [
                    html.Span([html.B(ratio)], title=a.basis_doc),
                    html.Span(_("示例"), className="mark mark--demo", title=a.basis_doc) if a.illustrative else None,
                    html.Span(f"{_('自')} {a.valid_from:%Y-%m}"),
                    html.Span(classes, className="quiet"),
                    html.Span(_("财政暂不分配现金"), className="quiet") if any(x.retention for x in same) else None,
                ],
                className="inline",
            )
        )
    return _line(_("分享"), rows)


def title(question: Question, zone: ZoneInfo) -> list[Component | str]:
    """The H1: name and role."""
    role = f"role role--{question.known.colour_index(zone.code)}"
    name = html.Span(pick(zone.name_zh, zone.name_en), className="park-name")
    return [name, html.Span(_(ROLES[zone.role]), className=role)]


def files(question: Question, zone: ZoneInfo) -> list[Component]:
    """What the park's records can be taken out as, under the filter on screen."""
    if question.state.dataset not in question.known.filled:
        return []
    tables = [("carriers", N_("载体")), ("platforms", N_("创新平台"))]
    if gate.may_see_projects(question.viewer, question.at.provenance):
        tables = [("projects", N_("项目")), ("kpi_values", N_("指标")), *tables]
    query = to_query(question.state.with_(selection="", camera="", table=False, explain=""))
    links = [
        html.A(_(name), href=f"/api/v1/export/{table}.xlsx?{query}", download="", className="text-link")
        for table, name in tables
    ]
    return [html.Span(_("导出 xlsx"), className="quiet"), *links]


def governing(question: Question, zone: ZoneInfo, agreements: Sequence[Agreement]) -> html.Div:
    """Who governs with which duties, who shares how much, on whose ground, and where the bounds run."""
    words = [zone.alias_zh, zone.note] if language() == "zh" else []
    return block(
        _("治理与分工"),
        None,
        governance(question.known, zone),
        shares(question, agreements),
        _stands_in(question.known, zone),
        *(html.P(text, className="note") for text in words if text),
        className="park-head-body",
    )
