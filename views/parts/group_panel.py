"""Panels of what is not one record: a land-use class, a state, a feature, a duty, a unit, a policy; their lists open."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from data import reference
from data.queries.catalogue import Catalogue, ZoneInfo
from data.queries.groups import Group, Member, PolicyCard
from data.queries.question import Question
from domain.features import key_of
from domain.land_states import LAND_STATES, SUPPLY_STATES
from domain.landuse import class_of
from domain.words import ENTITY_KINDS
from i18n import N_, _, pick
from views.parts import badges
from views.parts.button import action
from views.parts.entity_card import WORDS
from views.parts.format import GROUPINGS, NONE, km2, mu, number
from views.parts.opens import opens, opens_row
from views.parts.project_card import unit_name
from views.parts.zone_card import PARTY_ROLES

KICKERS = {
    "landuse": N_("用地分类"),
    "landstate": N_("土地状态"),
    "supply": N_("供地状态"),
    "feature": N_("特点"),
    "cluster": N_("创新平台"),
    "duty": N_("职责"),
    "unit": N_("行政单元"),
    "policy": N_("政策"),
}
#: Records that a group lists, in this order.
_LISTED = ("carrier", "plot", "parcel", "platform")


def _panel(
    kind: str, name: str, sub: Sequence[Component | str | None], *body: Component | None, mark: str = ""
) -> html.Div:
    return html.Div(
        [
            html.Div(
                [
                    html.Button("←", **action("select", ""), className="icon-button", **{"aria-label": _("返回")}),
                    html.Span(_(KICKERS[kind]), className="panel-kicker"),
                    badges.dataset_mark(mark) if mark else None,
                ],
                className="panel-top",
            ),
            html.H2(name, className="panel-name"),
            html.Div([s for s in sub if s is not None], className="panel-sub quiet"),
            *(b for b in body if b is not None),
        ],
        className="panel-body",
        id="group-panel",
        **{"data-group": kind},
    )


def group_name(known: Catalogue, found: Group) -> str:
    """The group as people say it."""
    if found.kind == "landuse":
        scheme, code = class_of(found.code)
        use = known.landuse.get((scheme, code))
        return f"{code} {_(use.name_zh)}" if use else f"{code} ({scheme})"
    words = {"landstate": LAND_STATES, "supply": SUPPLY_STATES, "cluster": WORDS["category"]}.get(found.kind, {})
    return _(words.get(found.code, found.name))


def group_panel(question: Question, found: Group) -> html.Div:
    """How many records the group has and how large they are, and the largest of them; each opens."""
    face = _("规划用途") if question.state.landuse == "plan" else _("现状用途")
    body: list[Component] = []
    for kind in _LISTED:
        unit = {"carrier": N_("可招商 ㎡"), "platform": ""}.get(kind, N_("面积 亩"))
        members = found.listed.get(kind)
        if not members:
            continue
        n, area = found.totals[kind]
        size = ""
        if kind in ("plot", "parcel"):
            size = f"{mu(area, 0)} {_('亩')}"
        elif kind == "carrier" and any(m.area_m2 is not None for m in members):
            size = _("可招商 {area} ㎡", area=number(area))
        aside = " · ".join(t for t in (_("{n} 个", n=number(n)), size) if t)
        if found.kind == "landuse":
            aside += " · " + (face if kind == "parcel" else _("规划用途"))
        body.append(html.H3([_(ENTITY_KINDS[kind]), html.Span(f" {aside}", className="quiet")], className="panel-h"))
        body.append(_list(question.known, kind, members, unit))
        if n > len(members):
            body.append(html.P(_("另有 {n} 个未列出", n=number(n - len(members))), className="note"))
    if found.withheld:
        body.append(html.P(_("用地图斑不在当前角色的可见范围"), className="note"))
    if not found.listed and not found.withheld:
        body.append(html.P(_("本数据集在所选园区没有"), className="note"))
    on_map = [_("图上已标出")] if found.listed else []
    return _panel(found.kind, group_name(question.known, found), on_map, *body, mark=question.at.provenance)


def _list(known: Catalogue, kind: str, members: Sequence[Member], unit: str) -> html.Table:
    def size(m: Member) -> str:
        if m.area_m2 is None:
            return NONE
        return mu(m.area_m2) if kind in ("plot", "parcel") else number(m.area_m2)

    rows = [
        html.Tr(
            [
                html.Td(opens(kind, m.id, m.name, title=m.name)),
                html.Td(_short(known, m.zone_code), className="quiet"),
                *([html.Td(size(m), className="num")] if unit else []),
            ],
            className="opens-row",
            **opens_row(kind, m.id),
        )
        for m in members
    ]
    heads = [html.Th(_("名称")), html.Th(_("园区")), *([html.Th(_(unit), className="num")] if unit else [])]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="mini group-list")


def _short(known: Catalogue, code: str | None) -> str:
    zone = known.zones.get(code or "")
    return pick(zone.short_zh, zone.short_en) if zone else NONE


def _zone_lines(zones: Sequence[tuple[ZoneInfo, str]]) -> html.Ul:
    return html.Ul(
        [
            html.Li([opens("zone", z.code, pick(z.name_zh, z.name_en)), html.Span(f" {words}", className="quiet")])
            for z, words in zones
        ],
        className="plain",
    )


def unit_panel(question: Question, code: str) -> html.Div | None:
    """A district or another unit: which parks it governs and with which duties, and which of them lie in it."""
    state, known = question.state, question.known
    unit = known.units.get(code)
    if unit is None:
        return None
    zones = known.scheme_zones(question.at.scheme)
    governs: list[Component] = []
    for zone in zones:
        for party in zone.parties:
            if party.unit != code or party.valid_to is not None or party.role == "host":
                continue
            governs.append(
                html.Li(
                    [
                        opens("zone", zone.code, pick(zone.name_zh, zone.name_en)),
                        html.Span(_(PARTY_ROLES[party.role]), className="badge"),
                        html.Span(_duties(party.duties), className="quiet"),
                        html.Span(f" {_('自')} {party.valid_from}" if party.valid_from else "", className="quiet"),
                    ]
                )
            )
    standing = [(z, f"{km2(a)} km²") for z in zones for d, a in z.districts if d == code]
    body: list[Component | None] = []
    if governs:
        body += [html.H3(_("治理与分工"), className="panel-h"), html.Ul(governs, className="plain unit-governs")]
    if standing:
        body += [html.H3(_("在地园区"), className="panel-h"), _zone_lines(standing)]
    counts = [z for z in zones if z.ground.owner(state.grouping) == code]
    if counts:
        body += [
            html.H3(
                [_("整体计入的园区"), " ", html.Span(_(GROUPINGS[state.grouping.value]), className="badge")],
                className="panel-h",
            ),
            _zone_lines([(z, "") for z in counts]),
        ]
    body.append(_streets(known, code))
    if code in known.units_of(state.grouping, question.at.scheme) and code not in state.districts:
        body.append(
            html.Button(
                _("按此单位筛选"), **action("select", f"district:{code}"), className="primary-link", type="button"
            )
        )
    if not governs and not standing:
        body.append(html.P(_("当前方案中没有由它治理或在它境内的园区"), className="note"))
    return _panel("unit", pick(unit.name_zh, unit.name_en), [code], *body)


def _streets(known: Catalogue, code: str) -> html.Div | None:
    """The streets of a functional area by the district that hosts them: no public file says where its boundary runs."""
    hosts: dict[str, list[str]] = {}
    for street in reference.streets():
        if street.functional_area == code:
            hosts.setdefault(street.district_code, []).append(street.name_zh)
    if not hosts:
        return None
    rows = [
        html.Li(
            [
                opens("unit", district, unit_name(known, district)),
                html.Span(f" {_('、').join(names)}", className="quiet"),
            ]
        )
        for district, names in hosts.items()
    ]
    return html.Div(
        [
            html.H3([_("所辖街镇"), " ", badges.schematic_mark()], className="panel-h"),
            html.Ul(rows, className="plain unit-streets"),
            html.P(_("没有公开的界线文件:地图上只画出由它管理的园区轮廓,其余按街镇列出"), className="note"),
        ]
    )


def _duties(duties: Sequence[str]) -> list[Component | str]:
    parts: list[Component | str] = []
    for duty in duties:
        parts += [" · " if parts else " ", opens("duty", key_of(duty), _(duty))]
    return parts


def duty_panel(question: Question, code: str) -> html.Div:
    """Who has a duty, park by park."""
    rows: list[Component] = []
    name = code
    for zone in question.known.scheme_zones(question.at.scheme):
        for party in zone.parties:
            fits = [d for d in party.duties if key_of(d) == code]
            if not fits or party.valid_to is not None:
                continue
            name = _(fits[0])
            rows.append(
                html.Tr(
                    [
                        html.Td(opens("zone", zone.code, pick(zone.short_zh, zone.short_en))),
                        html.Td(opens("unit", party.unit, unit_name(question.known, party.unit))),
                        html.Td(_(PARTY_ROLES[party.role]), className="quiet"),
                    ]
                )
            )
    body = (
        html.Table(
            [
                html.Thead(html.Tr([html.Th(_("园区")), html.Th(_("单位")), html.Th(_("角色"))])),
                html.Tbody(rows),
            ],
            className="mini group-list",
        )
        if rows
        else html.P(_("当前方案中没有单位承担这项职责"), className="note")
    )
    return _panel("duty", name, [], body)


def policy_panel(known: Catalogue, card: PolicyCard) -> html.Div:
    """A policy as it was published."""
    term = "–".join(t for t in (card.valid_from, card.valid_to) if t)
    facts = [
        (_("文号"), card.doc_no), (_("发文"), card.issuer), (_("层级"), card.level), (_("有效期"), term or None),
    ]  # fmt: skip
    chains = [
        opens("chain", c, pick(known.chains[c].name_zh, known.chains[c].name_en))
        for c in card.chains
        if c in known.chains
    ]
    lines = [html.Div([html.Dt(a), html.Dd(b or _("未提供"))], className="fact") for a, b in facts]
    lines.append(html.Div([html.Dt(_("产业链")), html.Dd(chains or _("未提供"), className="inline")], className="fact"))
    texts = [
        part
        for title, text in ((_("支持内容"), card.support_text), (_("条件"), card.condition_text))
        if text
        for part in (html.H3(title, className="panel-h"), html.P(text, className="panel-text"))
    ]
    source = html.P(
        [badges.source_mark(card.source), f" · {_('日期')} {card.as_of or NONE}"],
        className="note source",
    )
    return _panel("policy", card.title, [], html.Dl(lines, className="facts"), *texts, source, mark=card.provenance)
