"""Land in use: the idle-land worklist and development × supply × completion of every zone (rules §7.4, §3.2.4)."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from data.queries.catalogue import Catalogue
from data.queries.idle_land import STAGE_ORDER, IdleList, IdleRow, LandChainRow
from data.queries.question import Question
from domain import words
from domain.idle_land import IDLE_STAGE_NAMES, IdleStage
from domain.reasons import REASON_WORDS
from i18n import N_, _
from views.parts.block import as_is, block, dated, in_place, reason_line
from views.parts.format import NONE, km2, money, mu, number, percent
from views.parts.opens import opens, opens_row
from views.parts.project_card import opens_unit

STAGES = IDLE_STAGE_NAMES
_TONE = {
    IdleStage.TWO_YEARS: "red",
    IdleStage.ONE_YEAR: "red",
    IdleStage.DISPOSAL: "yellow",
    IdleStage.INVESTIGATION: "yellow",
    IdleStage.SUSPECTED: "yellow",
    IdleStage.WARNING: "yellow",
    IdleStage.UNDECIDED: "grey",
    IdleStage.NORMAL: "green",
}
CAUSES = {"enterprise": words.IDLE_CAUSES["company"], **words.IDLE_CAUSES}
LEGAL = {
    "investigating": N_("调查中"),
    "determined_idle": N_("已认定闲置"),
    "not_idle": N_("认定不闲置"),
}
DISPOSALS = {
    "extension": N_("延期"),
    "change_of_use": N_("调整用途"),
    "swap": N_("置换"),
    "buy_back": N_("回购"),
}
PROBLEMS = {
    "no_document": N_("认定缺文号,未计入"),
    "unknown_status": N_("认定状态不识别"),
    "unknown_cause": N_("原因不识别"),
    "unknown_disposal": N_("处置方式不识别"),
}


def _word(words: dict[str, str], value: str | None, missing: str) -> str:
    if not value:
        return missing
    return _(words[value]) if value in words else value


def idle(question: Question, found: IdleList) -> html.Div:
    """The worklist, most pressing first: clock, suggested stage, fee estimate, cause, and what the authority decided."""
    title = _("闲置土地工作清单")
    if found.reason:
        return block(title, "", reason_line(_(REASON_WORDS["withheld"])))
    if not found.stages:
        return block(title, "", reason_line(_("本数据集没有供地合同")))
    aside = _("{period} 月末 · 供地合同 · 阶段为时钟建议,认定以文号为准", period=question.at.period)
    if today := as_is(question):
        aside = f"{aside} · " + _("认定、原因与投入比例为{today}", today=today)
    aside = in_place(question, aside)
    contracts = sum(n for n, _area in found.stages.values())
    chips = [
        html.Div(
            [
                html.Span(number(found.stages[s.value][0]), className="count-number"),
                html.Span(_(STAGES[s])),
                html.Span(f"{mu(found.stages[s.value][1])} {_('亩')}", className="quiet"),
            ],
            className=f"count light-of--{_TONE[s]}",
            **{"data-stage": s.value},
        )
        for s in STAGE_ORDER
        if s.value in found.stages
    ]
    fee = _("未形成") if found.fee_wan is None else money(found.fee_wan)
    words = html.P(
        _("合同 {all} 宗,列出 {n} 宗 · 闲置费估算合计 {fee}(地价 20%,仅已认定、企业原因、满1年)",
          all=number(contracts), n=number(found.total), fee=fee),
        className="panel-text",
        id="idle-words",
    )  # fmt: skip
    if not found.rows:
        return block(title, aside, html.Div(chips, className="counts counts--flow"), words,
                     reason_line(_("没有预警或闲置的宗地")))  # fmt: skip
    heads = (
        (_("宗地"), ""), (_("园区"), ""), (_("面积 亩"), "num"), (_("受让人"), ""), (_("约定开工"), ""),
        (_("时钟 天"), "num"), (_("建议阶段"), ""), (_("费用估算"), "num"), (_("原因"), ""), (_("认定"), ""),
        (_("处置"), ""),
    )  # fmt: skip
    body = [_idle_row(question.known, row) for row in found.rows]
    left = found.total - len(found.rows)
    return block(
        title,
        aside,
        html.Div(chips, className="counts counts--flow"),
        words,
        html.Div(
            html.Table(
                [html.Thead(html.Tr([html.Th(t, className=c) for t, c in heads])), html.Tbody(body)],
                className="mini idle-table",
            ),
            className="scroll-x",
        ),
        html.P(_("另有 {n} 宗未列出", n=number(left)), className="note") if left > 0 else None,
    )


def _idle_row(known: Catalogue, row: IdleRow) -> html.Tr:
    clock = row.clock
    started = row.actual_start and _("{day} 开工", day=row.actual_start)
    stopped = row.stopped_on and _("{day} 停工", day=row.stopped_on)
    status = _word(LEGAL, row.legal_status, _("未认定"))
    problems = [html.Span(_(PROBLEMS.get(p, p)), className="warning") for p in row.problems]
    return html.Tr(
        [
            html.Td(opens("parcel", row.parcel_id, row.parcel_id), title=row.contract_id),
            html.Td(
                [
                    opens_unit(known, row.zone_code, short=True),
                    " ",
                    opens_unit(known, row.district_code, "quiet", short=True),
                ]
            ),
            html.Td(mu(row.area_m2), className="num"),
            html.Td(row.holder or _("未载明")),
            html.Td([row.agreed_start, html.Span(f" {stopped or started or ''}", className="quiet")]),
            html.Td(
                number(clock.days),
                className="num",
                title=_("自 {day}", day=clock.since),
            ),
            html.Td(html.Span(_(STAGES[clock.stage]), className=f"stage-mark light-of--{_TONE[clock.stage]}")),
            html.Td(NONE if clock.fee_wan is None else money(clock.fee_wan), className="num"),
            html.Td(_word(CAUSES, row.cause, _("未查明"))),
            html.Td([status, html.Span(f" {row.legal_doc}", className="quiet") if row.legal_doc else "", *problems]),
            html.Td(_word(DISPOSALS, row.disposal, NONE)),
        ],
        className="opens-row",
        **opens_row("parcel", row.parcel_id),
        **{"data-contract": row.contract_id},
    )


def land_chain(question: Question, found: tuple[LandChainRow, ...]) -> html.Div:
    """The three rates of every zone with their identity, exact on parcels and checked on what was reported."""
    title = _("开发 × 供应 × 建成")
    if not found:
        return block(title, "", reason_line(_(REASON_WORDS["withheld"])))
    if all(row.chain is None for row in found):
        return block(title, "", reason_line(_("本数据集没有用地图斑")))
    heads = (
        (_("园区"), ""), (_("可开发 km²"), "num"), (_("开发率"), "num"), (_("供应率"), "num"), (_("建成率"), "num"),
        (_("已建成/可开发"), "num"), (_("报送乘积"), "num"), (_("差 pp"), "num"),
    )  # fmt: skip
    rows = [_chain_row(question.known, row) for row in found]
    period = next((row.reported_period for row in found if row.reported_period), None)
    return block(
        title,
        dated(
            question,
            _("图斑面积 · 在地口径 · 报送 {period}", period=period)
            if period
            else _("图斑面积 · 在地口径 · 园区未报送"),
        ),
        html.Div(
            html.Table(
                [html.Thead(html.Tr([html.Th(t, className=c) for t, c in heads])), html.Tbody(rows)], className="mini"
            ),
            className="scroll-x",
        ),
        html.P(
            _("已达供地÷可开发 × 已供应÷已达供地 × 已建成÷已供应 = 已建成÷可开发;报送差超过 0.05 个百分点即存疑"),
            className="note",
        ),
    )


def _chain_row(known: Catalogue, row: LandChainRow) -> html.Tr:
    chain = row.chain
    name = opens_unit(known, row.zone, short=True) if row.zone else _("合计(由总量相除)")
    attributes = {"data-land": row.zone or "all"}
    if chain is None:
        return html.Tr([html.Td(name), html.Td(_("没有用地图斑"), colSpan=7, className="quiet")], **attributes)
    rates = (chain.development, chain.supply, chain.completion)
    reported: list[Component] = [
        html.Td(_("由图斑计算,不作校核") if row.derived else _("未报"), className="num quiet"),
        html.Td(NONE, className="num quiet"),
    ]
    if row.check is not None:
        reported = [
            html.Td(percent(row.check.product, 2), className="num"),
            html.Td(
                number(row.check.gap * 100, 2),
                className="num" + ("" if row.check.ok else " warning"),
            ),
        ]
    return html.Tr(
        [
            html.Td(name),
            html.Td(km2(chain.developable_m2), className="num"),
            *(html.Td(percent(rate, 2), className="num") for rate in rates),
            html.Td(percent(chain.built_share, 2), className="num strong"),
            *reported,
        ],
        className="" if row.zone else "is-total",
        **attributes,
    )
