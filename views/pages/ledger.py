"""The co-building ledger and the attribution audit (`/ledger`): who paid, who counts, by which rule, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from data.queries import gate
from data.queries.attribution import SPLIT_KPIS, Split, UnitPart, attribution_rows, exceptions, split
from data.queries.catalogue import Catalogue
from data.queries.ledger import Ledger, LedgerFinding, LedgerRow, ledger, ledger_years
from data.queries.question import Question
from data.queries.scorecard import ItemRow, ZoneScore, score_cards
from domain.periods import Period
from domain.units import WAN
from domain.viewstate import Scope, ViewState
from domain.words import ZONE_TYPES
from i18n import N_, _, pick
from views.page import Page, Part, insiders
from views.pages.desk import card, filters, num, page, page_head, table
from views.parts.block import head, missed, reason_line
from views.parts.explain_drawer import (
    SUPPRESSED,
    amount_text,
    badge_mark,
    exception_table,
    explain_button,
    pager,
    reason_word,
    record_table,
    rule_list,
    stored_text,
)
from views.parts.facets import FOLLOWS, check_id, facet_id, grouping_switch, scope_switch
from views.parts.format import NONE, SCOPES, number, percent, scaled, scaled_text, stored_unit, wan_text
from views.parts.ledger_answer import AGREEMENTS, answer, paid_share, ratio_text
from views.parts.project_card import joined, opens_part, opens_unit, opens_zone, part_word, unit_name
from views.parts.split_bar import unit_step

#: Records on one page of the audit.
PAGE_SIZE = 25

#: Lines of a ledger in reading order: field of the row, words, and what the line means.
LINES: tuple[tuple[str, str, str], ...] = (
    ("cost_in", N_("实际投入"), N_("各方实际拨付的共建成本")),
    ("cost_due", N_("按约定应担"), N_("全部投入 × 约定比例")),
    ("difference", N_("投入差额"), N_("实际投入 − 应担;正数为多付")),
    ("audited", N_("审计认定"), N_("经审计认定的投入")),
    ("disallowed", N_("审计核减"), N_("认定 − 实际投入")),
    ("audited_due", N_("认定后应担"), N_("全部认定投入 × 约定比例")),
    ("balance", N_("应收(+)应付(−)"), N_("认定 − 认定后应担;未审计时为投入差额")),
    ("settled", N_("已结算"), N_("已收(+)已付(−)")),
    ("open_wan", N_("未结"), N_("应收应付 − 已结算")),
    ("revenue", N_("园区收入"), N_("入库收入")),
    ("revenue_due", N_("考核分享"), N_("全部收入 × 约定比例,用于考核,不等于现金")),
    ("retained", N_("留存园区"), N_("留在园区、不分配的收入")),
    ("distributed", N_("已分配"), N_("已分给各方的现金")),
    ("cash_due", N_("应分现金"), N_("不留存时同考核分享,留存期内为 0")),
)
#: Lines that are booked, with the documents of their entries.
_BOOKED = {"cost_in", "audited", "settled", "revenue", "retained", "distributed"}
_STARTS = {"cost_in", "audited", "balance", "revenue", "retained"}

FINDINGS = {
    "agreement_changes_in_year": N_("年内协议变更,整年按 {applied} 计"),
    "not_a_party": N_("{unit} 有入账但不是协议方"),
    "distributed_while_retained": N_("留存期内仍分配 {distributed_wan}"),
    "revenue_not_accounted": N_("收入 {revenue_wan},留存与分配合计 {accounted_wan},不相等"),
    "settled_not_balanced": N_("各方结算合计 {settled_wan},应为 0"),
    "no_document": N_("{unit} {line} {amount_wan}没有凭证"),
}
DIMENSIONS = {
    "innovation": N_("创新"),
    "investment": N_("投资"),
    "output_tax": N_("产出税收"),
    "per_mu_land": N_("亩均用地"),
    "attraction": N_("招引"),
    "carriers": N_("载体"),
    "talent_city": N_("人才城市"),
    "service": N_("服务"),
}


# --- accounts -----------------------------------------------------------------------------------------------------------


def accounts(question: Question) -> html.Div:
    """One ledger per co-built zone chosen, of the year chosen, else that of the month or the newest booked before it."""
    if not gate.may_see_totals(question.viewer, question.at.provenance):
        return html.Div(card(reason_line(reason_word("withheld"))))
    booked = {z: years for z, years in ledger_years(question).items() if z in question.at.chosen}
    if not booked:
        return html.Div(card(reason_line(_("所选园区在本数据集没有共建账目"), _("换一个数据集或园区"))))
    wanted = Period.parse(question.at.period).year if not question.state.year else int(question.state.year)
    found = [ledger(question, zone, _shown(years, wanted)) for zone, years in booked.items()]
    without = [opens_zone(question.known, z, short=True) for z in question.at.chosen if z not in booked]
    note = (
        html.P([_("没有共建账目:{zones}", zones=""), *joined(without, _("、"))], className="note") if without else None
    )
    older = sorted({f.year for f in found if f.year != wanted}, reverse=True)
    shown = [html.P(_("{wanted}年尚未入账,显示最近入账的{shown}年", wanted=wanted, shown=y), className="warning")
             for y in older]  # fmt: skip
    cards = [_account(question, f) for f in found]
    return html.Div([answer(question.known, found, *shown), html.Div(cards, className="ledgers"), note])


def _shown(years: Sequence[int], wanted: int) -> int:
    """The year wanted, else the newest booked before it, else the oldest."""
    return wanted if wanted in years else next((y for y in years if y <= wanted), years[-1])


def _account(question: Question, found: Ledger) -> html.Section:
    known, zone = question.known, found.zone
    return card(
        head([opens_zone(known, zone, short=True), _(" 逐行账目")], f"{found.year} · {stored_unit(WAN)}"),
        _terms(known, found),
        _account_table(known, found, question.at.scope) if found.total is not None else reason_line(_("本年没有入账")),
        html.Ul([html.Li(_finding(known, f), className="warning") for f in found.findings], className="plain note")
        if found.findings
        else None,
        **{"data-zone": zone, "data-year": str(found.year)},
    )


def _terms(known: Catalogue, found: Ledger) -> html.Div:
    """The agreement in force: ratio, document, illustrative or not, and the retention switch."""
    if found.agreement_reason is not None:
        return html.P(_(AGREEMENTS[found.agreement_reason]), className="warning")
    ratio = joined(
        [html.Span([opens_unit(known, r.unit), f" {ratio_text(r.share)}"]) for r in found.rows if r.share is not None],
        " : ",
    )
    word = _("收入留存:开(全额留园区,各方现金为 0)") if found.retention else _("收入留存:关(按比例分配现金)")
    return html.Div(
        [
            html.Span(ratio),
            html.Span(_("示例比例"), className="mark mark--schematic") if found.illustrative else None,
            html.Span(word, **{"data-retention": "on" if found.retention else "off"}),
            html.Span(f"{_('依据')} {found.basis_doc or NONE} ({found.agreement_id})", className="quiet"),
        ],
        className="terms",
    )


def _account_table(known: Catalogue, found: Ledger, scope: Scope) -> html.Div:
    columns: list[LedgerRow] = [*found.rows, *([found.total] if found.total else [])]
    documents: dict[str, list[str]] = {}
    for entry in found.entries:
        if entry.doc and entry.doc not in documents.setdefault(entry.line, []):
            documents[entry.line].append(entry.doc)
    rows = []
    for words, meaning, shares in (
        (_("约定比例"), _("协议"), [c.share for c in columns]),
        (_("实投占比"), _("实际投入 ÷ 全部投入"), [paid_share(c, columns[-1]) for c in columns]),
    ):
        cells = [num(ratio_text(s)) for s in shares]
        rows.append(html.Tr([html.Td(words), *cells, html.Td(meaning, className="quiet")]))
    for field, words, meaning in LINES:
        values = [getattr(column, field) for column in columns]
        docs = documents.get(field, [])
        rows.append(
            html.Tr(
                [
                    html.Td(_(words), title=_(meaning)),
                    *(
                        _signed(v, column.unit, last=column is columns[-1])
                        for v, column in zip(values, columns, strict=True)
                    ),
                    html.Td(
                        _("、").join(docs[:2]) + (_(" 等{n}份", n=len(docs)) if len(docs) > 2 else "")
                        if docs
                        else (NONE if field in _BOOKED else _(meaning)),
                        className="quiet",
                        title=_("、").join(docs),
                    ),
                ],
                className="starts" if field in _STARTS else "",
                **{"data-line": field},
            )
        )
    names = [(unit_name(known, c.unit, short=True) if c.unit else _("合计"), True) for c in columns]
    if scope is Scope.DUAL and found.total:
        # The books of the park add up in every scope: under a header that says 双计 the total says whose it is.
        names[-1] = (_("合计 · 内部账,不随口径"), True)
    return table([_("科目"), *names, _("凭证 / 算法")], rows, "ledger-table")


def _signed(value: int | None, unit: str, *, last: bool) -> html.Td:
    text = amount_text(value, WAN)
    return html.Td(
        html.B(text) if last else text,
        className="num" + (" is-negative" if value is not None and value < 0 else ""),
        **{"data-party": unit, "data-amount": "" if value is None else str(value)},
    )


def _finding(known: Catalogue, finding: LedgerFinding) -> str:
    words = {name: _(w) for name, w, _meaning in LINES}
    values: dict[str, str] = {}
    for key, value in finding.figures.items():
        if key == "unit":
            values[key] = unit_name(known, str(value))
        elif key == "line":
            values[key] = words.get(str(value), str(value))
        else:
            values[key] = wan_text(value) if isinstance(value, int) else str(value)
    template = FINDINGS.get(finding.code)
    return _(template).format(**values) if template else f"{finding.code} {values}"


# --- audit --------------------------------------------------------------------------------------------------------------


def audited_kpi(state: ViewState) -> str:
    """The KPI of the audit: that of the state where it can be divided record by record, else K01."""
    return state.kpi if state.kpi in SPLIT_KPIS else "K01"


def audit(question: Question) -> html.Div:
    """The KPI divided among units, for all chosen zones and zone by zone, in the scope on screen (rules §4.2-4.4)."""
    state, known = question.state, question.known
    kpi_id = audited_kpi(state)
    kpi = known.kpis[kpi_id]
    found = split(question, kpi_id, restate=state.restate)
    name = pick(kpi.name_zh, kpi.name_en)
    if found.reason not in (None, "dual"):
        return html.Div([grouping_switch(state), reason_line(reason_word(found.reason, missed=found.missed))])
    note = None
    if state.kpi not in SPLIT_KPIS:
        note = html.P(_("所选指标不能按记录分摊,这里是{name}", name=name), className="note unfollowed")
    marks = [
        badge_mark(found.badge),
        badge_mark(_("示例比例")) if found.illustrative else None,
        badge_mark(_("可比口径重算")) if found.restated else None,
        explain_button(kpi_id, name),
    ]
    return html.Div(
        [
            grouping_switch(state),
            html.Div(
                [html.B(name), *_total_words(found), *(x for x in marks if x is not None)], className="audit-total"
            ),
            note,
            _by_unit(known, found),
            rule_list(known, found),
        ],
        **{"data-scope": found.scope.value, "data-restated": "1" if found.restated else "0"},
    )


def _total_words(found: Split) -> list[Component]:
    if found.reason == "dual":
        return [html.Span(_("合计 不可加"), id="split-total"), html.Span(_("双计:各方全额计入"), className="quiet")]
    _value, unit, _places = scaled(0, found.unit)
    words = [
        html.Span([_("合计"), " ", html.B(scaled_text(found.total or 0, found.unit), id="split-total"), f" {unit}"],
                  **{"data-total": str(found.total)}),
        html.Span(f"= {stored_text(found.total, found.unit)}", className="quiet"),
    ]  # fmt: skip
    if found.scope.value != Scope.TERRITORIAL.value:
        words.append(html.Span(_("= 在地合计"), className="quiet"))
    if found.unattributed:
        words.append(html.Span(_("其中未归属 {n}", n=stored_text(found.unattributed, found.unit)), className="warning"))
    if found.retained_wan is not None:
        words.append(html.Span(_("留存园区 {n}", n=wan_text(found.retained_wan)), className="quiet"))
    return words


def _by_unit(known: Catalogue, found: Split) -> html.Div:
    """Zones by units: the total on top, a bar of each zone on one common scale, and what every unit counts of it."""
    dual = found.reason == "dual"
    most = max((_whole(line.parts) for line in found.by_zone), default=0) or 1
    head_row = html.Tr(
        [
            html.Th(_("园区")),
            html.Th(_scale_words(most, found.unit), className="audit-scale"),
            html.Th(f"{_('合计')} {stored_unit(found.unit)}", className="num"),
            *(
                html.Th(
                    html.Span(
                        [
                            html.Span(className=f"split-key split--{unit_step(known, p.unit)}"),
                            opens_part(known, p, short=True),
                        ],
                        className="split-entry",
                    ),
                    className="num",
                )
                for p in found.parts
            ),
        ]
    )
    total = _("不可加") if dual else amount_text(found.total, found.unit)
    rows = [
        html.Tr(
            [html.Td(_("合计")), html.Td(), num(total), *(_whole_part(p, found.unit) for p in found.parts)],
            className="is-total",
        )
    ]
    for line in found.by_zone:
        text = _("不可加") if dual else SUPPRESSED if line.total is None else amount_text(line.total, found.unit)
        own = {p.unit: p for p in line.parts}
        rows.append(
            html.Tr(
                [
                    html.Td(opens_zone(known, line.zone, short=True)),
                    html.Td(_bar(known, found, own, most)),
                    html.Td(
                        text, className="num", **{"data-zone-total": "" if line.total is None else str(line.total)}
                    ),
                    *(num(_part_text(own.get(p.unit), found.unit)) for p in found.parts),
                ],
                **{"data-zone": line.zone},
            )
        )
    return html.Div(
        html.Table(
            [html.Thead(head_row), html.Tbody(rows)], className="mini audit-table" + (" is-dual" if dual else "")
        ),
        className="scroll-x",
    )


def _whole(parts: Sequence[UnitPart]) -> int:
    return sum(max(p.amount or 0, 0) for p in parts)


def _scale_words(most: int, unit: str) -> html.Span:
    """The two ends of the bars' scale; switched to 100 % each bar is whole."""
    return html.Span(
        [
            html.Span("0"),
            html.Span(amount_text(most, unit), className="of-amounts"),
            html.Span("100%", className="of-shares"),
        ],
        className="scale-ends num",
    )


def _part_text(part: UnitPart | None, unit: str) -> str:
    """What a unit counts in a zone; — where it has no part there."""
    if part is None:
        return NONE
    return SUPPRESSED if part.reason == "suppressed" else amount_text(part.amount, unit)


def _whole_part(part: UnitPart, unit: str) -> html.Td:
    """What a unit counts in all, its share, and of the revenue how much of it is cash."""
    said: list[Component | str] = [_part_text(part, unit)]
    if part.share is not None:
        said.append(html.Div(percent(part.share), className="quiet"))
    if part.cash_wan is not None:
        said.append(html.Div(_("现金 {n}", n=amount_text(part.cash_wan, WAN)), className="quiet"))
    return html.Td(
        said,
        className="num",
        **{"data-unit": part.unit, "data-amount": "" if part.amount is None else str(part.amount)},
    )


def _bar(known: Catalogue, found: Split, own: dict[str, UnitPart], most: int) -> html.Div:
    """As long as the zone's part of the largest; the pieces in the order of the columns, which say the figures."""
    whole = _whole(tuple(own.values()))
    pieces = [
        html.Span(
            html.Span(part_word(known, p), className="piece-name"),
            className=f"split-piece split--{unit_step(known, p.unit)}",
            style={"flexGrow": f"{max(p.amount or 0, 0) / whole:.4f}"},
            title=f"{part_word(known, p)} {_part_text(p, found.unit)}",
        )
        for p in (own.get(part.unit) for part in found.parts)
        if p is not None and whole and p.amount
    ]
    return html.Div(
        pieces, className="split-bar", style={"width": f"{whole / most * 100:.1f}%"}, **{"aria-hidden": "true"}
    )


def records(question: Question, offset: int = 0) -> html.Div:
    """One page of the records behind the split, largest first."""
    state = question.state
    kpi_id = audited_kpi(state)
    found = attribution_rows(
        question, kpi_id, restate=state.restate, only_shared=state.agreed, offset=offset, limit=PAGE_SIZE
    )
    if found.reason is not None:
        return html.Div(reason_line(reason_word(found.reason, missed=found.missed)))
    if not found.rows:
        filtered = bool(missed(question) or state.zones or state.agreed)
        return html.Div(reason_line(_("没有符合筛选的记录") if filtered else _("没有记录")))
    unit = split(question, kpi_id).unit
    whole = _("不可加") if found.amount_reason == "dual" else stored_text(found.amount, unit)
    words = _("第 {a}–{b} 条,共 {n} 条,合计 {sum}", a=offset + 1, b=offset + len(found.rows),
              n=number(found.total), sum=whole)  # fmt: skip
    return html.Div(
        [
            html.P(words, className="note"),
            record_table(question.known, found.rows, unit),
            pager("ledger-page", offset, PAGE_SIZE, found.total),
        ],
        **{"data-records": str(found.total), "data-sum": "" if found.amount is None else str(found.amount)},
    )


def exception_list(question: Question) -> html.Div:
    """Everything accepted but kept out of totals it would falsify, with the reason and the row to repair."""
    if not gate.may_see_totals(question.viewer, question.at.provenance):
        return html.Div([head(_("例外清单"), ""), reason_line(reason_word("withheld"))])
    found = exceptions(question, (audited_kpi(question.state),))
    aside = _("{n} 条 · 照收、列明原因、不计入会被其歪曲的合计", n=len(found))
    body = (
        exception_table(question.known, found) if found else reason_line(_("没有例外:每条记录都已归属,每份协议都可用"))
    )
    return html.Div([head(_("例外清单"), aside), body], **{"data-count": str(len(found))})


# --- score card ---------------------------------------------------------------------------------------------------------


def scores(question: Question) -> html.Div:
    """Every zone against its own targets, with the completeness of its data; a rank only among zones of one type."""
    known = question.known
    found = score_cards(question)
    title = _("评价打分卡")
    if found.reason is not None:
        return html.Div([head(title, ""), reason_line(reason_word(found.reason))])
    if all(z.score is None for z in found.zones):
        return html.Div([head(title, ""), reason_line(_("本数据集没有目标与数值,不打分"))])
    known_dims = [key for key in DIMENSIONS if any(z.dimensions.get(key) is not None for z in found.zones)]
    unknown = [_(words) for key, words in DIMENSIONS.items() if key not in known_dims]
    columns: list[str | tuple[str, bool]] = [_("园区"), _("类型"), (_("得分"), True), (_("数据完整度"), True)]
    columns += [(_(DIMENSIONS[key]), True) for key in known_dims] + [(_("同类位次"), True)]
    return html.Div(
        [
            head(title, _("{period} · 先比自己的目标,再看同类位次 · {source}", period=found.period,
                          source=_(found.weights_source))),
            table(columns, [_score_row(known, z, known_dims) for z in found.zones], "score-table"),
            html.P(_("没有数据的维度:{names}", names=_("、").join(unknown)), className="note") if unknown else None,
            html.Details(
                [html.Summary(_("逐项:实际、应达、得分、权重")), *(_score_items(known, z) for z in found.zones)],
                className="more",
            ),
        ]
    )  # fmt: skip


def _points(value: Fraction | None) -> str:
    return number(value, 1)


def _score_row(known: Catalogue, z: ZoneScore, dimensions: Sequence[str]) -> html.Tr:
    rank = NONE if z.rank is None else f"{z.rank} / {z.peers}"
    dims = []
    for key in dimensions:
        weight = z.weights.get(key)
        title = _("权重 {n}", n=weight) if weight else _("该类型不考核")
        dims.append(num(_points(z.dimensions.get(key)), title=title))
    return html.Tr(
        [
            html.Td(opens_zone(known, z.zone, short=True)),
            html.Td(_(ZONE_TYPES.get(z.zone_type, z.zone_type)), className="quiet"),
            num([html.B(_points(z.score))]),
            num(percent(z.completeness, 0), title=_("有数据的权重占全部权重")),
            *dims,
            num(rank),
        ],
        **{"data-zone": z.zone},
    )


def _score_items(known: Catalogue, z: ZoneScore) -> html.Div:
    return html.Div(
        [
            html.H3(opens_zone(known, z.zone, short=True), className="panel-h"),
            table(
                [_("指标"), (_("实际"), True), (_("应达"), True), (_("全年目标"), True), _("单位"), (_("权重"), True),
                 (_("得分"), True), _("说明")],
                [_item_row(known, i) for i in z.items],
            ),
        ]
    )  # fmt: skip


def _item_row(known: Catalogue, item: ItemRow) -> html.Tr:
    kpi = known.kpis[item.kpi_id]
    return html.Tr(
        [
            html.Td(f"{item.kpi_id} {pick(kpi.name_zh, kpi.name_en)}"),
            num(amount_text(item.actual, item.unit)),
            num(amount_text(item.due, item.unit)),
            num(amount_text(item.target, item.unit)),
            html.Td(stored_unit(item.unit), className="quiet"),
            num(number(item.weight, 1)),
            num(_points(item.points)),
            html.Td(reason_word(item.reason) or item.period, className="quiet"),
        ]
    )


# --- the page -----------------------------------------------------------------------------------------------------------


def _year_select(question: Question) -> dmc.Select:
    years = sorted({y for own in ledger_years(question).values() for y in own}, reverse=True)
    options = [{"value": FOLLOWS, "label": _("随期间")}]
    options += [{"value": str(y), "label": _("{year}年", year=y)} for y in years]
    return dmc.Select(
        id=facet_id("year"), value=question.state.year or FOLLOWS, data=options, size="xs", w=136, allowDeselect=False,
        **{"aria-label": _("账目年度")},
    )  # fmt: skip


def _kpi_select(question: Question) -> dmc.Select:
    """KPIs that can be divided; another one that is on screen stays in the list, so that it is not changed unasked."""
    wanted = [*SPLIT_KPIS, *([question.state.kpi] if question.state.kpi not in SPLIT_KPIS else [])]
    return dmc.Select(
        id=facet_id("kpi"),
        value=question.state.kpi,
        data=[{"value": k, "label": f"{k} {pick(question.known.kpis[k].name_zh, question.known.kpis[k].name_en)}",
               "disabled": k not in SPLIT_KPIS} for k in wanted],
        size="xs",
        w=232,
        allowDeselect=False,
        comboboxProps={"withinPortal": True},
        **{"aria-label": _("指标")},
    )  # fmt: skip


def build(question: Question) -> html.Div:
    """The page for a state; its parts are replaced when the state or a switch changes."""
    state = question.state
    built = PAGE.places(question)
    additive = [_(word) for code, word in SCOPES.items() if code != Scope.DUAL.value]
    main = [
        page_head(_(PAGE.title), _("同一笔数按口径计给谁,共建各方怎么分、结清没有"), _year_select(question)),
        filters(question),
        built["ledger-accounts"],
        card(
            html.Div(
                [
                    html.H2(_("归属审计")),
                    html.Span(_("{scopes}:同一合计;双计不可加", scopes=" / ".join(additive)), className="quiet beside"),
                    _kpi_select(question),
                ],
                className="section-head",
            ),
            html.Div(
                [
                    scope_switch(state),
                    dmc.Switch(
                        id=check_id("restate"),
                        checked=state.restate,
                        size="sm",
                        label=_("可比口径重算(全年套用当月规则)"),
                    ),
                    dmc.Switch(id="audit-shares", size="sm", label=_("按 100% 比构成")),
                ],
                className="audit-controls",
            ),
            built["ledger-audit"],
        ),
        card(
            html.Div(
                [
                    html.H2(_("逐条记录")),
                    dmc.Switch(id=check_id("agreed"), checked=state.agreed, size="sm", label=_("只看适用协议的记录")),
                ],
                className="section-head",
            ),
            html.Div(records(question), id="ledger-records"),
            dcc.Store(id="ledger-page"),
        ),
        card(built["ledger-exceptions"]),
        card(built["ledger-scores"]),
    ]  # fmt: skip
    return page(question, PAGE.path, main, "desk--ledger")


PAGE = Page(
    "/ledger",
    build,
    N_("账本"),
    open_to=insiders,
    what=N_("共建园区的投入、分成与结算,以及谁计入多少的逐条核对"),
    parts=(
        Part("ledger-accounts", accounts),
        Part("ledger-audit", audit),
        Part("ledger-exceptions", exception_list),
        Part("ledger-scores", scores),
    ),
)
