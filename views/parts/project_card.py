"""One project in a panel: where it stands, who governs, where registered, taxed and counted, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from data.queries.attribution import UnitPart
from data.queries.catalogue import Catalogue
from data.queries.projects import ProjectDetail
from data.queries.question import Question
from domain import words
from domain.cross_district import KIND_NAMES
from domain.lifecycle import STAGE_BY_CODE
from domain.viewstate import to_query
from i18n import _, pick
from views.parts import badges
from views.parts.button import action
from views.parts.format import NONE, light_reason, money, mu, percent
from views.parts.opens import opens
from views.parts.published_line import doubt_mark

#: Places in the order people ask for them.
PLACES = words.PLACE_ROLES
SITE_ROLES = words.SITE_ROLES


def unit_name(known: Catalogue, code: str | None, *, short: bool = False) -> str:
    """Name of an administrative unit or zone in the request's language; the code itself when it is unknown."""
    if code is None:
        return NONE
    named = known.units.get(code) or known.zones.get(code)
    if named is None:
        return code
    return pick(named.short_zh, named.short_en) if short else pick(named.name_zh, named.name_en)


def opens_unit(known: Catalogue, code: str | None, class_name: str = "", *, short: bool = False) -> Component:
    """The name of a unit or a zone, which opens it; `short` where columns are narrow, the whole name on hover then."""
    kind = "zone" if code in known.zones else "unit" if code in known.units else ""
    title = unit_name(known, code) if short else None
    return opens(kind, code if kind else None, unit_name(known, code, short=short), class_name=class_name, title=title)


def opens_part(known: Catalogue, part: UnitPart, *, short: bool = False) -> Component:
    """The name of a unit as the grouping of its split calls it, which opens the unit."""
    kind = "zone" if part.unit in known.zones else "unit" if part.unit in known.units else ""
    name = pick(part.name_zh, part.name_en)
    return opens(kind, part.unit if kind else None, part_word(known, part) if short else name, title=name)


def part_word(known: Catalogue, part: UnitPart) -> str:
    """Short name of a unit of a split, which says so where it is what is left of a district without its functional areas."""
    name = unit_name(known, part.unit, short=True)
    whole = pick(part.name_zh, part.name_en) == unit_name(known, part.unit)
    return name if whole else _("{unit}(其余)", unit=name)


def opens_zone(known: Catalogue, code: str | None, *, short: bool = False) -> Component:
    """The name of a zone, which opens it; — where a record has none."""
    zone = known.zones.get(code or "")
    if zone is None:
        return html.Span(code or NONE)
    name = pick(zone.name_zh, zone.name_en)
    return opens("zone", zone.code, pick(zone.short_zh, zone.short_en) if short else name, title=name)


def agency_name(known: Catalogue, text: str | None) -> str:
    """The agency that answers for a record: of a zone's own in the request's language, any other as it is written."""
    for zone in known.zones.values():
        kind = (text or "").removeprefix(zone.short_zh)
        if kind != text and kind in words.AGENCIES.values():
            return _("{zone}{agency}", zone=pick(zone.short_zh, zone.short_en), agency=_(kind))
    return text or ""


def written(text: str | None) -> str:
    """Words of a record that come from a fixed list (标准厂房/研发办公) in the request's language, others as they are."""
    return "/".join(_(word) for word in (text or "").split("/") if word)


def joined(parts: Sequence[Component | str], between: str) -> list[Component | str]:
    """Parts with a text between each two."""
    return [x for i, part in enumerate(parts) for x in ((between, part) if i else (part,))]


def _line(label: str, value: Component | str | Sequence[Component | str]) -> html.Div:
    return html.Div([html.Dt(label), html.Dd(value)], className="fact")


def district_shares(known: Catalogue, detail: ProjectDetail) -> Component:
    """Area by statutory district in 亩 with its share; the parts sum to the footprint."""
    whole = detail.footprint_m2
    rows = []
    for code, area, _primary in detail.districts:
        share = percent(area / whole) if area is not None and whole else NONE
        rows.append(
            html.Tr(
                [
                    html.Td(opens_unit(known, code)),
                    html.Td(mu(area), className="num", **{"data-m2": str(area) if area is not None else ""}),
                    html.Td(share, className="num quiet"),
                ]
            )
        )
    if whole is not None:
        rows.append(
            html.Tr(
                [
                    html.Th(_("合计")),
                    html.Th(mu(whole), className="num", **{"data-m2-total": str(whole)}),
                    html.Th("100%", className="num quiet"),
                ],
                className="sum",
            )
        )
    head = html.Tr([html.Th(_("所在区县")), html.Th(_("亩"), className="num"), html.Th(_("占比"), className="num")])
    note = None if whole is not None else html.P(_("没有用地范围,仅按点位归区县"), className="note")
    return html.Div([html.Table([html.Thead(head), html.Tbody(rows)], className="mini"), note])


def _panel_head(row: Mapping[str, Any]) -> list[Component]:
    """The way back to the list, what it is, and its name."""
    back = html.Button("←", **action("select", ""), className="icon-button", **{"aria-label": _("返回")})
    kind = html.Span(_("项目"), className="panel-kicker")
    return [
        html.Div([back, kind, badges.dataset_mark(row["provenance"])], className="panel-top"),
        html.H2(pick(row["name_zh"], row["name_en"]), className="panel-name"),
    ]


def project_panel(question: Question, detail: ProjectDetail, *, whole: bool = False) -> html.Div:
    """The panel of the selected project; fields the viewer may not have are absent, not blank.

    `whole`: it stands on the project's own page, whose head names the project; it has no way back and no link to that page.
    """
    known = question.known
    row = detail.row
    stage = STAGE_BY_CODE.get(row["stage"])
    zone = known.zones.get(row["zone_code"] or "")
    parties = [p for p in (zone.parties if zone else ()) if p.governs_at(question.at.period)]
    chains = [opens("chain", c, pick(known.chains[c].name_zh, known.chains[c].name_en)) for c in row["chains"]]
    nodes = [opens("node", n, pick(known.nodes[n].name_zh, known.nodes[n].name_en)) for n in row["nodes"]]
    published = row["provenance"] == "published"
    stage_text = row["published_stage"] if published else (pick(stage.name_zh, stage.name_en) if stage else NONE)
    facts = [_line(_("阶段"), stage_text or NONE)]
    if "total_investment_wan" in row:
        amount = money(row["total_investment_wan"])
        facts.append(_line(_("总投资"), [amount, doubt_mark(row["doubt"])] if row.get("doubt") else amount))
    if row.get("fai_ytd_wan") is not None:
        facts.append(_line(_("本年完成"), money(row["fai_ytd_wan"])))
    if "light" in row and not published:
        reason = light_reason(row.get("reason"))
        facts.append(
            _line(
                _("灯"), html.Span([badges.light(row["light"], word=True), " ", html.Span(reason, className="quiet")])
            )
        )
    where = [html.Span(joined(names, " · ")) for names in (chains, nodes) if names]
    facts.append(_line(_("产业链"), joined(where, " / ") or NONE))
    if row.get("enterprise_name"):
        facts.append(_line(_("企业"), opens("enterprise", detail.enterprise_id, row["enterprise_name"])))
    if row.get("project_code"):
        facts.append(_line(_("项目代码"), row["project_code"]))
    lead = [opens_unit(known, p.unit) for p in parties]
    governs = joined(lead, _("、")) or NONE
    places: dict[str, list[Component]] = {}
    for place in detail.places:
        since = f"({place['valid_from']}→)" if place["valid_from"] and place["role"] == "stat" else ""
        name = opens_unit(known, place["unit"] or place["zone_code"])
        places.setdefault(place["role"], []).append(html.Span([name, since]) if since else name)
    place_lines = [_line(_(word), joined(places[role], _("、"))) for role, word in PLACES.items() if role in places]
    sites = [
        html.Li(
            [f"{_(SITE_ROLES.get(s['role'], s['role']))} · ", opens_unit(known, s["zone_code"] or s["district_code"])]
        )
        for s in detail.sites
    ]
    kind_rows = [
        html.Li(
            [html.Span(k, className="kind" + (" kind--quiet" if k == "G" else "")), opens("kind", k, _(KIND_NAMES[k]))]
        )
        for k, _details in detail.kinds
    ]
    source = html.P(
        [
            f"{_('来源')} ",
            html.A(row["source"], href=row["source"], target="_blank", rel="noopener noreferrer nofollow")
            if badges.is_web_address(row["source"])
            else (row["source"] or NONE),
            f" · {_('日期')} {row['as_of'] or NONE}",
        ],
        className="note source",
    )
    query = to_query(question.state.with_(selection=""))
    return html.Div(
        [
            *([] if whole else _panel_head(row)),
            html.Div(
                [
                    dcc.Link(
                        pick(zone.name_zh, zone.name_en),
                        href=f"/park/{zone.code}" + (f"?{query}" if query else ""),
                        className="text-link",
                    )
                    if zone
                    else html.Span(_("园区未载明"), className="quiet"),
                    badges.kinds(row["kinds"]),
                    html.Span(_("位置示意"), className="mark mark--schematic")
                    if row["position_is_schematic"]
                    else None,
                ],
                className="panel-sub",
            ),
            html.Dl(facts, className="facts"),
            html.H3(_("在哪里"), className="panel-h"),
            district_shares(known, detail),
            html.H3(_("谁管、在哪注册、在哪纳税、计入哪里"), className="panel-h"),
            html.Dl(
                [
                    _line(_("治理"), governs),
                    _line(_("管理单位"), opens_unit(known, detail.managing_unit)),
                    *place_lines,
                ],
                className="facts",
            ),
            html.Div([html.H3(_("站点"), className="panel-h"), html.Ul(sites, className="plain")])
            if len(sites) > 1
            else None,
            html.Div([html.H3(_("跨区类型"), className="panel-h"), html.Ul(kind_rows, className="plain kinds-list")])
            if kind_rows
            else None,
            html.P(row["note"], className="note") if row.get("note") else None,
            source,
            None
            if whole
            else dcc.Link(
                _("打开项目页 →"),
                href=f"/project/{row['id']}" + (f"?{query}" if query else ""),
                className="primary-link",
            ),
        ],
        className="panel-body",
        id="project-panel",
        **{"data-project": row["id"]},
    )
