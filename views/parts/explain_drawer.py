"""The drawer 这个数怎么来的: the figure, its definition, units, records, rule and document, months, and what was left out.

Amounts stand in the stored unit (万元, m², 万美元; in English CNY m) and unrounded, so that a reader can add them up to the tile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from data.queries.attribution import ExceptionItem, Split
from data.queries.catalogue import Catalogue
from data.queries.explain import Explanation, UnitRow
from data.queries.question import Question
from domain.filters import Facet
from domain.indicators import Method
from domain.lifecycle import StageProblem
from domain.reasons import FAULT_WORDS, REASON_WORDS
from domain.units import Number
from domain.viewstate import RECORD_KINDS, Scope
from i18n import N_, _, pick
from views.parts import badges
from views.parts.block import reason_line
from views.parts.button import action, tells
from views.parts.format import (
    CHANNELS,
    GROUPINGS,
    NONE,
    SCOPES,
    STATUSES,
    SUPPRESSED,
    beside,
    figure_text,
    month_text,
    number,
    percent,
    stored,
    stored_unit,
    unfollowed_text,
    wan_text,
)
from views.parts.lifecycle_words import problem_text
from views.parts.opens import opens
from views.parts.pager import pager as rows_pager
from views.parts.project_card import opens_part, opens_unit, opens_zone, unit_name

#: Records on one page of the drawer.
PAGE_SIZE = 20

#: Reasons that mean something else of a list of records than of a figure.
_OF_RECORDS: dict[str, str] = {
    "no_records": N_("上报值,没有逐条记录"),
    "withheld": N_("当前角色不能逐条查看"),
}
_WORDS: dict[str, str] = {**FAULT_WORDS, **REASON_WORDS, **_OF_RECORDS}
#: What the details of an exception say.
DETAILS = {
    "sum": N_("合计"),
    "ytd_wan": N_("本月累计"),
    "before_wan": N_("上月累计"),
    "numerator": N_("分子"),
}
KINDS = {
    "project": N_("项目"),
    "enterprise": N_("企业"),
    "carrier": N_("载体"),
    "carrier_unit": N_("载体单元"),
    "parcel": N_("地块"),
    "platform": N_("平台"),
    "node": N_("产业链节点"),
    "share_agreement": N_("分享协议"),
    "monthly_report": N_("月报"),
    "kpi_value": N_("上报值"),
}
RULE_PLACES = {
    "stat": N_("统计归属"),
    "treasury": N_("税收入库"),
    "location": N_("项目所在"),
    "legal_entity": N_("法人所在"),
}
ROLL_UP = {
    Method.SUM: N_("各园区相加"),
    Method.RATIO: N_("分子、分母各自相加后再除,比率不平均"),
    Method.DISTINCT: N_("去重后计数"),
    Method.PUBLISHED: N_("只用发布值,不由分项推算"),
}
RULE_KINDS = {"TERR": N_("在地归属"), "AREA": N_("按用地面积"), "SHARE": N_("分享协议"), "DUAL": N_("双方全额")}


def reason_word(key: str | None, known: int = 0, expected: int = 0, missed: Iterable[Facet] = ()) -> str:
    """Why there is no number or record, in words; `missed` are the facets of "not_filterable". "" for no reason.

    `key` is a `ReasonKey` or the code of an exception.
    """
    if key is None:
        return ""
    if key == "not_filterable":
        return unfollowed_text(missed)
    template = _WORDS.get(key) or N_("原因未载明")
    return _(template).format(reported=known, expected=expected)


def amount_text(value: Number | None, unit: str = "") -> str:
    """A stored amount to its last digit, in the words of `stored_unit`; — when there is none."""
    return NONE if value is None else stored(value, unit)


def stored_text(value: Number | None, unit: str) -> str:
    """The same with its unit: 5,034,123 万元, CNY 50,341.23 m."""
    return beside(amount_text(value, unit), stored_unit(unit))


def zone_word(known: Catalogue, code: str | None) -> str:
    """Short name of a zone; — where a record has none, the code itself where it is of another scheme's."""
    if code is None:
        return NONE
    zone = known.zones.get(code)
    return pick(zone.short_zh, zone.short_en) if zone is not None else code


def drawer() -> list[Component]:
    """The empty drawer, its memory and its file: part of the frame, so that every page's tiles open the same one."""
    return [
        dmc.Drawer(
            id="explain-drawer",
            title=html.Div(
                [
                    html.Span(_("这个数怎么来的")),
                    html.Button(_("导出 xlsx"), id="explain-export", className="explain-export", type="button"),
                ],
                className="explain-title",
            ),
            position="right",
            size="min(560px, 92vw)",
            overlayProps={"backgroundOpacity": 0.4},
            opened=False,
            keepMounted=True,
            className="explain-drawer",
            closeButtonProps={"aria-label": _("关闭")},
            children=html.Div(id="explain-body", className="explain"),
        ),
        dcc.Store(id="explain-ask"),
        dcc.Store(id="explain-page"),
        dcc.Download(id="explain-file"),
    ]


def explain_button(kpi_id: str, name: str, zone: str = "") -> html.Button:
    """The button on a tile; `zone` names the one park the figure is of where the page does not say it."""
    return html.Button(
        "Σ",
        **action("explain", f"{kpi_id}@{zone}" if zone else kpi_id),
        className="explain-button",
        type="button",
        title=_("这个数怎么来的"),
        **{"aria-label": _("{name}:这个数怎么来的", name=name)},
    )


def _section(title: str, aside: Component | str | None, *body: Component | None, **extra: Any) -> html.Section:
    head = html.Div([html.H3(title), html.Span(aside, className="quiet")], className="section-head")
    return html.Section([head, *(b for b in body if b is not None)], className="explain-section", **extra)


def _table(head: Sequence[tuple[str, bool]], rows: Sequence[html.Tr]) -> html.Div:
    top = html.Tr([html.Th(name, className="num" if numeric else "") for name, numeric in head])
    return html.Div(html.Table([html.Thead(top), html.Tbody(list(rows))], className="mini"), className="scroll-x")


def _num(text: str, **extra: Any) -> html.Td:
    return html.Td(text, className="num", **extra)


def explain_body(question: Question, found: Explanation, offset: int) -> html.Div:
    """Everything behind one tile, in the order a doubter asks: what, made of which units, which records, by what rule."""
    known = question.known
    parts = [
        _head(found),
        _meaning(found),
        _units(found),
        _records(known, found, offset),
        _rules(known, found.split) if found.split is not None else None,
        _months(known, found),
        _exceptions(known, found.exceptions) if found.split is not None else None,
        _values(known, found),
    ]
    total = "" if found.total is None else str(found.total)
    return html.Div([p for p in parts if p is not None], **{"data-explain": found.figure.kpi.id, "data-total": total})


def _head(found: Explanation) -> html.Div:
    figure, kpi = found.figure, found.figure.kpi
    shown = figure_text(figure)
    status = _(STATUSES[figure.status]) if figure.status in STATUSES else ""
    facts = [
        month_text(figure.period),
        status,
        _("{scope}口径", scope=_(SCOPES[figure.scope.value])),
        _(CHANNELS.get(figure.channel, figure.channel)),
        _(kpi.data_owner),
        _("发布 {day}", day=figure.as_of) if figure.as_of else "",
    ]
    return html.Div(
        [
            html.Div(
                [html.H2(pick(kpi.name_zh, kpi.name_en)), html.Span(kpi.id, className="quiet")], className="inline"
            ),
            html.Div(
                [
                    html.Span(shown.text, className="explain-number"),
                    html.Span(shown.unit, className="tile-unit"),
                    html.Span(f"= {stored_text(found.total, found.unit)}", className="quiet")
                    if found.total is not None and not kpi.is_ratio
                    else None,
                    html.Span(shown.reason or "", className="quiet"),
                ],
                className="explain-figure",
            ),
            html.Div(
                [
                    html.Span(" · ".join(f for f in facts if f), className="quiet"),
                    badges.dataset_mark(found.provenance),
                ],
                className="inline",
            ),
        ],
        className="explain-head",
    )


def _meaning(found: Explanation) -> html.Dl:
    lines = [
        (_("定义"), _(found.definition)),
        (_("公式"), found.formula),
        (_("汇总规则"), _(ROLL_UP[found.figure.kpi.method])),
        (_("数据责任单位"), _(found.owner)),
    ]
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(text)], className="fact") for name, text in lines if text], className="facts"
    )


# --- units --------------------------------------------------------------------------------------------------------------


def _mark(found: Explanation) -> html.Span:
    """Whether tile, units and records are equal, in a word and a sign."""
    if found.reconciles is None:
        return html.Span(_("无法逐条核对:{why}", why=_why_not(found)), className="tally tally--none")
    if found.reconciles:
        return html.Span(_("✓ 相符"), className="tally tally--yes", **{"data-reconciles": "yes"})
    words = _("✗ 差额 {n}", n=amount_text(found.difference, found.unit))
    return html.Span(words, className="tally tally--no", **{"data-reconciles": "no"})


def _why_not(found: Explanation) -> str:
    figure = found.figure
    if found.total is None:
        return reason_word(figure.reason or "no_value", figure.reported, figure.expected, figure.missed)
    return reason_word(found.records_reason or "reported")


def _unit_row(row: UnitRow, ratio: bool, unit: str) -> html.Tr:
    hidden = row.reason == "suppressed"
    value = row.numerator if ratio else row.value
    attrs = {"data-unit": row.zone, "data-value": "" if value is None else str(value)}
    middle = [_num(SUPPRESSED if hidden else amount_text(value, unit))]
    if ratio:
        middle.append(_num(SUPPRESSED if hidden else amount_text(row.denominator)))
    sums = [_num(amount_text(row.records_sum, unit))]
    if ratio:
        sums.append(_num(amount_text(row.records_denominator)))
    if row.difference is None:
        last: Component = html.Span(reason_word(row.reason), className="quiet")
    elif row.difference:
        last = html.Span(amount_text(row.difference, unit), className="tally tally--no")
    else:
        last = html.Span("✓", className="tally tally--yes")
    return html.Tr(
        [
            html.Td(opens("zone", row.zone or None, pick(row.name_zh, row.name_en))),
            *middle,
            _num(number(row.records)),
            *sums,
            html.Td(last),
        ],
        **attrs,
    )


def _units(found: Explanation) -> html.Section:
    ratio = found.figure.kpi.is_ratio
    # Numerator and denominator of a ratio have units of their own.
    unit = "" if ratio else found.unit
    head = [(_("园区"), False)]
    head += [(_("分子"), True), (_("分母"), True)] if ratio else [(_("上报值"), True)]
    head += [(_("记录数"), True)]
    head += [(_("记录分子合计"), True), (_("记录分母合计"), True)] if ratio else [(_("记录合计"), True)]
    head += [(_("核对"), False)]
    stated = [found.numerator, found.denominator] if ratio else [found.total]
    summed = [found.records_sum, found.records_denominator] if ratio else [found.records_sum]
    total = html.Tr(
        [
            html.Th(_("合计")),
            *(html.Th(amount_text(x, unit), className="num") for x in stated),
            html.Th(number(sum(u.records for u in found.units)), className="num"),
            *(html.Th(amount_text(x, unit), className="num") for x in summed),
            html.Th(_mark(found)),
        ],
        className="sum",
        **{"data-sum": "" if stated[0] is None else str(stated[0])},
    )
    rows = [_unit_row(u, ratio, unit) for u in found.units]
    aside = _("分子、分母以存储单位计") if ratio else stored_unit(unit)
    return _section(_("分单位"), aside, _table(head, [*rows, total]))


# --- records ------------------------------------------------------------------------------------------------------------


def _records(known: Catalogue, found: Explanation, offset: int) -> html.Section:
    title = _("逐条记录")
    if found.records_reason is not None:
        return _section(title, "", reason_line(reason_word(found.records_reason, missed=found.figure.missed)))
    if not found.records:
        return _section(title, "", reason_line(_("没有记录")))
    last = offset + len(found.records)
    aside = _("第 {a}–{b} 条,共 {n} 条", a=offset + 1, b=last, n=number(found.records_total))
    return _section(
        title,
        aside,
        record_table(known, found.records, found.unit),
        pager("explain-page", offset, PAGE_SIZE, found.records_total),
    )


def pager(store: str, offset: int, size: int, total: int) -> html.Div | None:
    """Which records are shown, and buttons that write the offset asked for into `store`; None where all fit on one page."""

    def step(sign: str, to: int, name: str) -> html.Button:
        said = tells(store, offset=to)
        return html.Button(sign, **said, className="page-button", type="button", **{"aria-label": name})

    return rows_pager(offset, size, total, step) if total > size else None


def record_table(known: Catalogue, records: Sequence[Mapping[str, Any]], unit: str) -> html.Div:
    """Records with their amount, and how each was divided: unit, share, part, rule and document."""
    ratio = any("numerator" in r for r in records)
    divided = any(r.get("parts") for r in records)
    head = [(_("记录"), False), (_("园区"), False)]
    head += [(_("分子"), True), (_("分母"), True)] if ratio else [(stored_unit(unit), True)]
    if divided:
        head += [(_("归属"), False), (_("期间"), False), (_("规则与依据"), False)]
    rows = [_record_row(known, r, "" if ratio else unit, divided) for r in records]
    return html.Div([*_fold(head, rows, 2 if divided and len(rows) > 1 else 0), _table(head, rows)])


def _fold(head: list[tuple[str, bool]], rows: Sequence[html.Tr], last: int) -> list[Component]:
    """Take those of the `last` columns that say the same in every row out of a table; they are said once above it."""
    said: list[Component | str] = []
    for place in range(len(head) - 1, len(head) - 1 - last, -1):
        cells = [row.children[place] for row in rows]
        if len({str(cell) for cell in cells}) == 1:
            name, _numeric = head.pop(place)
            said = [html.Span([f"{name} ", html.Span(cells[0].children)]), *said]
            for row in rows:
                del row.children[place]
    return [html.Div(said, className="note folded")] if said else []


def _record_row(known: Catalogue, row: Mapping[str, Any], unit: str, divided: bool) -> html.Tr:
    if row.get("id") is None:
        name: Component = html.Span(_("当前角色不能逐条看的 {n} 条", n=row.get("records", 0)), className="quiet")
        kind = ""
    else:
        name = _record_name(str(row.get("kind")), str(row["id"]), row.get("name_zh"))
        kind = _(KINDS[row["kind"]]) if row.get("kind") in KINDS else ""
    cells = [
        html.Td([name, html.Small(f"{kind} {row['id'] or ''}".strip(), className="quiet") if kind else None]),
        html.Td(opens_zone(known, row.get("zone_code"), short=True)),
    ]
    if not unit:
        cells += [_num(amount_text(row.get("numerator"))), _num(amount_text(row.get("denominator")))]
    else:
        cells.append(_num(amount_text(row.get("amount"), unit)))
    if divided:
        cells += _division(known, row, unit)
    return html.Tr(cells, **{"data-amount": "" if row.get("amount") is None else str(row["amount"])})


def _record_name(kind: str, entity_id: str | None, name: str | None) -> Component:
    """A record that opens where records of its kind have a panel."""
    known = entity_id if kind in RECORD_KINDS else None
    return opens(kind, known, name or entity_id or NONE, title=entity_id)


def _division(known: Catalogue, row: Mapping[str, Any], unit: str) -> list[html.Td]:
    first, last = row.get("first_month") or "", row.get("last_month") or ""
    span = first if first == last else f"{first}–{last[-2:]}"
    parts = [
        html.Div(
            [
                opens_unit(known, p["unit"]),
                *(
                    []  # the whole of it, as the record's own amount says
                    if Fraction(p["share"]) == 1
                    else [
                        html.Span(f" {percent(Fraction(p['share']))} ", className="quiet"),
                        amount_text(p["amount"], unit),
                    ]
                ),
            ]
        )
        for p in row.get("parts", ())
    ]
    why = row.get("reason")
    if why:
        parts = [html.Div(reason_word(why), className="warning")]
    basis = [html.Div(rule_word(row.get("rule_id")))] if row.get("rule_id") else []
    if row.get("basis_doc"):
        basis.append(html.Div(row["basis_doc"], className="quiet"))
    if row.get("illustrative"):
        basis.append(html.Span(_("示例比例"), className="mark mark--schematic"))
    return [html.Td(parts or NONE), html.Td(span, className="nowrap"), html.Td(basis or NONE)]


def rule_word(rule_id: str | None) -> str:
    """A rule in words with its own id after it."""
    if not rule_id:
        return NONE
    kind, _sep, rest = rule_id.partition("/")
    if rest.startswith("TERR/"):  # a record without an agreement stays where it is, in every scope
        kind, rest = "TERR", rest.removeprefix("TERR/")
    if kind not in RULE_KINDS:
        return rule_id
    return f"{_(RULE_KINDS[kind])} {_(RULE_PLACES.get(rest, rest))}".strip()


# --- rules --------------------------------------------------------------------------------------------------------------


def _rules(known: Catalogue, split: Split) -> html.Section:
    """Who counts how much in the scope on screen, and by which rule or agreement."""
    title, scope = _("归属规则与依据"), _("{scope}口径", scope=_(SCOPES[split.scope.value]))
    if split.scope.value != Scope.AREA.value:
        scope += f" · {_(GROUPINGS[split.by.value])}"
    if split.reason not in (None, "dual"):
        return _section(title, scope, reason_line(reason_word(split.reason, missed=split.missed)))
    rows = [
        html.Tr(
            [
                html.Td(opens_part(known, p)),
                _num(SUPPRESSED if p.reason == "suppressed" else amount_text(p.amount, split.unit)),
                _num(percent(p.share)),
            ],
            **{"data-part": "" if p.amount is None else str(p.amount)},
        )
        for p in split.parts
    ]
    if split.unattributed:
        rows.append(html.Tr([html.Td(_("未归属")), _num(amount_text(split.unattributed, split.unit)), _num(NONE)]))
    total = _("不可加") if split.reason == "dual" else amount_text(split.total, split.unit)
    rows.append(html.Tr([html.Th(_("合计")), html.Th(total, className="num"), html.Th("")], className="sum"))
    return _section(
        title,
        html.Span([scope, badge_mark(split.badge)]),
        _table([(_("单位"), False), (stored_unit(split.unit), True), (_("占比"), True)], rows),
        rule_list(known, split),
    )


def badge_mark(text: str | None) -> html.Span | None:
    """内部考核口径 beside figures that official statistics do not know; None without a badge."""
    return html.Span(_(text), className="mark mark--schematic") if text else None


def rule_list(known: Catalogue, split: Split) -> Component | None:
    """Rules in use with ratio, document, how many records and how much."""
    items = []
    for rule in split.rules:
        shares = " : ".join(f"{unit_name(known, unit)} {percent(share, 0)}" for unit, share in rule.shares)
        zones = _("、").join(zone_word(known, z) for z in rule.zones if z in known.zones)
        words = [rule_word(rule.rule_id), zones, shares, rule.basis_doc or "", _("{n} 条", n=number(rule.records))]
        if rule.amount is not None:
            words.append(stored_text(rule.amount, split.unit))
        marks = [html.Span(_("示例比例"), className="mark mark--schematic")] if rule.illustrative else []
        items.append(html.Li([" · ".join(w for w in words if w), *marks]))
    return html.Ul(items, className="plain note rules") if items else None


# --- months, values, exceptions -------------------------------------------------------------------------------------------


def _months(known: Catalogue, found: Explanation) -> html.Section | None:
    if not found.months:
        return None
    cumulative = any(r.ytd is not None for r in found.months)
    head = [(_("时期"), False), (_("当期值"), True)]
    head += [(_("年内累计"), True)] if cumulative else []
    head += [("", False)]
    rows = []
    for r in found.months:
        note: list[Component | str] = []
        if r.revised:
            zones = _("、").join(zone_word(known, z) for z in r.zones_revised if z in known.zones)
            note = [html.Span(_("▽修订"), className="revised"), f" {zones}"]
        elif r.reason:
            note = [html.Span(reason_word(r.reason), className="quiet")]
        cells = [html.Td(r.label), _num(amount_text(r.value, found.unit))]
        cells += [_num(amount_text(r.ytd, found.unit))] if cumulative else []
        rows.append(html.Tr([*cells, html.Td(note)], **{"data-month": r.label}))
    return _section(_("分期"), stored_unit(found.unit), _table(head, rows))


def exception_table(known: Catalogue, items: Sequence[ExceptionItem], limit: int = 100) -> html.Div:
    """Rows kept out of a figure: why, which, where, when, how much, and which rows to repair."""
    head = [(_("原因"), False), (_("记录"), False), (_("园区"), False), (_("时期"), False), (_("数额"), True),
            (_("要修的行"), False)]  # fmt: skip
    rows = []
    for item in items[:limit]:
        kind = _(KINDS[item.entity_kind]) if item.entity_kind in KINDS else item.entity_kind
        origin = _("计算时发现") if item.origin == "computed" else _("入库时发现")
        rows.append(
            html.Tr(
                [
                    html.Td([reason_word(item.code), html.Small(f" {origin}", className="quiet")]),
                    html.Td(
                        [
                            _record_name(item.entity_kind, item.entity_id, item.name_zh),
                            html.Small(f" {kind}", className="quiet"),
                        ]
                    ),
                    html.Td(opens_zone(known, item.zone_code, short=True)),
                    html.Td(item.period or NONE),
                    _num(amount_text(item.amount)),
                    html.Td([_("、").join(item.rows) or NONE, html.Small(f" {_details(item)}", className="quiet")]),
                ]
            )
        )
    return _table(head, rows)


def _details(item: ExceptionItem) -> str:
    said = dict(item.details or {})
    stage, problems = said.pop("stage", None), said.pop("problems", ())
    words = [
        f"{_(DETAILS[k])} {wan_text(v) if k.endswith('_wan') else v}"
        for k, v in said.items()
        if k in DETAILS and v is not None
    ]
    words += [problem_text(StageProblem(p["code"], p["stage"], stage or p["stage"])) for p in problems]
    return " · ".join(words)


def _exceptions(known: Catalogue, items: Sequence[ExceptionItem]) -> html.Section:
    title = _("例外清单")
    if not items:
        return _section(title, "", html.P(_("没有例外:每条记录都已归属"), className="note"))
    return _section(title, _("{n} 条,不计入会被其歪曲的合计", n=len(items)), exception_table(known, items))


def _values(known: Catalogue, found: Explanation) -> html.Section | None:
    if not found.values:
        return None
    head = [(_("园区"), False), (_("时期"), False), (_("数值"), True), (_("状态"), False), (_("版本"), True),
            (_("渠道"), False), (_("责任单位"), False), (_("来源文件"), False), (_("发布日"), False)]  # fmt: skip
    rows = [
        html.Tr(
            [
                html.Td(opens_zone(known, v.zone, short=True)),
                html.Td(v.period),
                _num(amount_text(None if v.value is None else Fraction(v.value).limit_denominator(10_000), found.unit)),
                html.Td(_(STATUSES[v.status]) if v.status in STATUSES else v.status),
                _num(str(v.version) + ("" if v.current else _("(旧)"))),
                html.Td(_(CHANNELS.get(v.channel, v.channel))),
                html.Td(_(v.owner) if v.owner else NONE),
                html.Td(v.source_doc or NONE),
                html.Td(v.as_of),
            ],
            className="" if v.current else "is-old",
        )
        for v in found.values
    ]
    return _section(_("上报值与版本"), stored_unit(found.unit), _table(head, rows))
