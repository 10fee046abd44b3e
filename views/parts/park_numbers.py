"""Blocks of a park page made of indicators and land: the ten figures and the others, trend, who counts how much, land, completeness."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from data.queries.attribution import SPLIT_KPIS, Split, exceptions, read_together, split, splits
from data.queries.catalogue import ZoneInfo
from data.queries.idle_land import land_chains
from data.queries.kpis import figures
from data.queries.land import LandSummary, land_chain, land_summary
from data.queries.park import ZoneSeries, has_figures, has_month_values, reporting, zone_series
from data.queries.question import Question
from data.queries.reason_words import reason_words
from domain.filters import Facet
from domain.indicators import Indicator
from domain.periods import Period
from domain.reasons import REASON_WORDS
from domain.units import MU_M2, WAN, Number, display_yi_parts, exact
from domain.viewstate import Dataset, to_query
from domain.words import PERIOD_TYPES, PROVENANCES
from i18n import N_, _, language, pick
from views.parts import park_facts
from views.parts.block import block, dated, head, in_place, reason_line, unfollowed
from views.parts.button import action
from views.parts.charts import Point, bar, chart, chart_table, trend_figure, year_figure
from views.parts.explain_drawer import explain_button
from views.parts.facets import grouping_switch, scope_switch
from views.parts.figure_tile import change, figure_tile
from views.parts.format import (
    CHANNELS,
    NONE,
    SCOPES,
    STATUSES,
    SUPPRESSED,
    beside,
    column_money,
    column_unit,
    difference,
    figure_text,
    month_text,
    mu,
    number,
    percent,
    read_figure,
    scaled_text,
    ytd_text,
)
from views.parts.opens import opens, opens_row
from views.parts.project_card import part_word
from views.parts.split_bar import split_block

#: The ten figures of the page (rules §1.2.2): what leaders ask first, then what those follow from.
TEN = ("K01", "K04", "K08", "K23", "K24", "K02", "K07", "K05", "K53", "K20")
#: Indicators that stand in a block of their own: land and its rates, carriers, cohorts, ratios compared, platforms.
ELSEWHERE = frozenset(
    (
        "K10", "K13", "K14", "K15", "K17", "K19", "K25", "K26", "K27", "K33", "K34", "K35", "K36", "K37", "K38", "K39",
        "K40", "K41", "K42", "K43", "K51",
    )
)  # fmt: skip
#: Rows under the bar of 谁计入: what the parties of a co-built park settle on.
SPLIT_ROWS = ("K01", "K04", "K08", "K09")


def _why(found: Split) -> str:
    """Why an indicator is not divided, in words."""
    if found.reason is None:
        return ""
    if found.reason == "not_reported":
        return _("本数据集没有逐条记录,不能分摊")
    return reason_words(found.reason, language(), missed=found.missed)


def tiles(question: Question, zone: ZoneInfo) -> html.Div:
    """The ten figures of the park; where none can be seen the newest published facts, each with its source."""
    state = question.state
    if state.dataset is Dataset.OWN and state.dataset not in question.known.filled:
        return _nothing_yet(question, zone)
    if not has_figures(question):
        return park_facts.fact_tiles(question, zone)
    period = question.at.period
    shown = figures(question, TEN, zones=(zone.code,))
    return html.Div(
        [figure_tile(shown[k], period, "desk", chosen=state.kpi == k, page_scope=state.scope) for k in TEN],
        className="park-tiles",
    )


def _nothing_yet(question: Question, zone: ZoneInfo) -> html.Div:
    """What an empty data set of one's own lacks, and what can be done about it."""
    public = to_query(question.state.with_(dataset=Dataset.PUBLISHED, zones=(), selection="", camera="", period=""))
    return html.Div(
        [
            html.B(_("自有数据还没有记录")),
            html.Span(_("导入项目、指标或用地之后,这里是本园区的十项指标;治理、面积与公开数字来自公开记录。")),
            html.Div(
                [
                    dcc.Link(_("导入第一个文件"), href="/data", className="primary-link"),
                    dcc.Link(_("看公开数据"), href=f"/park/{zone.code}?{public}", className="text-link"),
                ],
                className="inline",
            ),
        ],
        className="card nothing-yet",
    )


def more_figures(question: Question, zone: ZoneInfo) -> html.Details | None:
    """Every other indicator of the dictionary, once, folded away: a row makes it the one the trend shows."""
    if not has_figures(question):
        return None
    known, period = question.known.kpis, question.at.period
    ids = [k for k in known if k not in TEN and k not in ELSEWHERE]
    found = figures(question.unfiltered, ids, zones=(zone.code,))
    rows = []
    for kpi_id, figure in found.items():
        shown, kpi = figure_text(figure), figure.kpi
        name = pick(kpi.name_zh, kpi.name_en)
        rows.append(
            html.Tr(
                [
                    html.Td(html.Button(name, **action("kpi", kpi_id), className="opens", type="button", title=kpi_id)),
                    html.Td(shown.text, className="num"),
                    html.Td(shown.unit, className="quiet"),
                    html.Td(change(figure) if figure.yoy is not None else "", className="num"),
                    html.Td("" if figure.attained is None else percent(figure.attained, 0), className="num"),
                    html.Td(shown.reason or month_text(figure.period), className="quiet"),
                    html.Td(_(CHANNELS.get(figure.channel, figure.channel)), className="quiet"),
                    html.Td(explain_button(kpi_id, name, zone.code), className="sigma"),
                ],
                **{"data-figure": kpi_id},
            )
        )
    heads = (
        (_("指标"), ""), (_("数值"), "num"), (_("单位"), ""), (_("同比"), "num"), (_("目标完成"), "num"), (_("期间"), ""),
        (_("渠道"), ""), ("Σ", ""),
    )  # fmt: skip
    top = html.Tr([html.Th(text, className=look) for text, look in heads])
    table = html.Table([html.Thead(top), html.Tbody(rows)], className="mini more-figures")
    said = _("{n} 项 · 整个园区,不随筛选 · 截至 {period}", n=len(rows), period=month_text(period))
    return html.Details(
        [
            html.Summary([html.H2(_("更多指标")), html.Span(said, className="quiet")]),
            html.Div(table, className="scroll-x"),
        ],
        className="more",
    )


# --- trend ------------------------------------------------------------------------------------------------------------


def trend(question: Question, zone: ZoneInfo, *, monthly: bool) -> html.Div | None:
    """The chosen KPI over all reported periods; `monthly` asks for month values where a KPI is cumulative."""
    if not has_figures(question):
        return None
    series = zone_series(question, question.state.kpi, zone.code)
    kpi = series.kpi
    if series.reason is not None:
        return html.Div(reason_line(_(REASON_WORDS[series.reason])))
    bars = monthly and bool(series.months)
    by_month = series.kind == "M" and kpi.ytd and not bars
    _value, unit, places = read_figure(kpi, 0, series.unit)
    if bars:
        points = [
            Point(p.period, None if p.value is None else _float(kpi, p.value, series.unit), p.revised, p.months)
            for p in series.months
        ]
    else:
        points = [
            Point(p.period, None if p.value is None else _float(kpi, p.value, series.unit), p.revised)
            for p in series.points
        ]
    if by_month:
        due = [(p, _float(kpi, v, series.unit)) for p, v in series.due]
        figure = year_figure(points, unit=unit, due=due, places=places)
    else:
        figure = trend_figure(points, unit=unit, bars=bars, places=places)
    return html.Div(
        [
            html.P(_gap_words(series), className="trend-gap") if by_month else None,
            html.Div(_trend_words(series, bars, unit), className="trend-words quiet"),
            chart("trend-graph", figure, pick(kpi.name_zh, kpi.name_en)),
            _trend_note(series, monthly),
            unfollowed(question),
        ],
        className="trend-body",
    )


def _float(kpi: Indicator, value: Number, unit: str) -> float:
    return float(read_figure(kpi, value, unit)[0])


def _gap_words(series: ZoneSeries) -> str:
    """How far the newest sum since January is from that of a year ago and from the plan."""
    known = {p.period: p.value for p in series.points}
    period = series.points[-1].period
    value = known[period]
    if value is None:
        return ""
    before = known.get(str(Period.parse(period).year_ago()))
    due = dict(series.due).get(period)
    words = [f"{ytd_text(period)} {_told(series, value)}"]
    if before is None:
        words.append(_("上年同期未报"))
    else:
        rate = "" if not before or series.kpi.is_ratio else f" ({difference((value - before) / abs(before) * 100, 1)}%)"
        words.append(_("比上年同期 {gap}", gap=_told(series, value - before, signed=True) + rate))
    if due is not None:
        words.append(_("比序时目标 {gap}", gap=_told(series, value - due, signed=True)))
    return " · ".join(words)


def _told(series: ZoneSeries, value: Number, *, signed: bool = False) -> str:
    read, unit, places = read_figure(series.kpi, value, series.unit)
    return beside(
        difference(read, places) if signed else number(read, places), "pp" if signed and unit == "%" else unit
    )


def _trend_words(series: ZoneSeries, bars: bool, unit: str) -> str:
    kpi = series.kpi
    what = _("当月值") if bars else _("年内累计") if kpi.ytd else ""
    status = series.points[-1].status
    span = f"{month_text(series.points[0].period)} – {month_text(series.points[-1].period)}"
    words = [
        _(PERIOD_TYPES[series.kind]) + what,
        unit,
        span,
        _("在地口径"),
        _(CHANNELS.get(kpi.channel, kpi.channel)),
        _(STATUSES[status]) if status in STATUSES else "",
        _("发布 {day}", day=series.as_of) if series.as_of else "",
    ]
    return " · ".join(w for w in words if w)


def _trend_note(series: ZoneSeries, monthly: bool) -> html.P | None:
    notes = []
    if monthly and not series.months:
        notes.append(
            _("该指标没有当月值,显示上报值") if series.kpi.ytd or series.kind != "M" else _("时点值,不分月相减")
        )
    if series.kpi.no_january:
        notes.append(_("1月不发布,1–2月合并为一点"))
    if not has_month_values(series.kpi) and series.kpi.id == "K05":
        notes.append(_("可比价增速,为发布值,不由总量推算"))
    if len(series.points) == 1:
        notes.append(_("只有一期,尚无趋势"))
    return html.P(";".join(notes), className="note") if notes else None


# --- who counts how much ------------------------------------------------------------------------------------------------


def who_counts(question: Question, zone: ZoneInfo) -> html.Div | None:
    """A KPI divided among units in the scope on screen, and the lines that co-builders settle on (rules §4.2-4.4)."""
    if not has_figures(question):
        return None
    state = question.state
    kpi_id = state.kpi if state.kpi in SPLIT_KPIS else SPLIT_ROWS[0]
    read_together(question, [(k, question.at.period) for k in {kpi_id, *SPLIT_ROWS}])
    found = split(question, kpi_id, zones=(zone.code,))
    kpi = question.known.kpis[kpi_id]
    name = pick(kpi.name_zh, kpi.name_en)
    other = None
    if kpi_id != state.kpi:
        asked = question.known.kpis[state.kpi]
        other = html.P(
            _("{asked}不能按记录分摊,这里是{name}", asked=pick(asked.name_zh, asked.name_en), name=name),
            className="note",
        )
    if found.reason not in (None, "dual"):
        why = reason_line(_why(found))
        return block(_("谁计入、计多少"), name, scope_switch(state), grouping_switch(state), why, other)
    return block(
        _("谁计入、计多少"),
        _("{name} · {ytd}", name=name, ytd=ytd_text(found.period)),
        split_block(question, found),
        _split_table(question, zone),
        other,
    )


#: Least amount that two decimals of 亿元 do not print as 0.00.
_LEAST_WAN = 50


def _split_text(found: Split, amount: int | None) -> str:
    """An amount of the table: money in the unit of its head, dollars in that of the tiles, counts as they are."""
    if amount is None:
        return SUPPRESSED
    return column_money(amount) if found.unit == WAN else scaled_text(amount, found.unit)


def _amounts(found: Split) -> dict[str, str]:
    """Parts as text; 亿元 with two decimals are apportioned so that what is shown adds up (rules §3.3.7)."""
    amounts = [p.amount for p in found.parts]
    known = [a for a in amounts if a is not None]
    even = not known or min(known) >= 0 or max(known) <= 0
    if found.unit == WAN and any(0 < abs(a) < _LEAST_WAN for a in known):
        # Two decimals would print a part as nothing; four say every one to the last 万元.
        return {p.unit: SUPPRESSED if p.amount is None else column_money(p.amount, more=2) for p in found.parts}
    if found.unit == WAN and found.total is not None and len(known) == len(amounts) and even:
        shown = display_yi_parts([*known, found.unattributed] if found.unattributed else known)
        return {p.unit: column_money(v * 10_000) for p, v in zip(found.parts, shown, strict=False)}
    return {p.unit: _split_text(found, p.amount) for p in found.parts}


def _split_table(question: Question, zone: ZoneInfo) -> html.Div | None:
    rows: list[Component] = []
    names: dict[str, str] = {}
    found = splits(question, SPLIT_ROWS, zones=(zone.code,))
    order = list(dict.fromkeys(p.unit for f in found for p in f.parts))
    for f in found:
        names |= {p.unit: part_word(question.known, p) for p in f.parts}
        texts = _amounts(f)
        kpi = question.known.kpis[f.kpi_id]
        missing = _("不可加") if f.reason == "dual" else NONE
        total = missing if f.total is None else _split_text(f, f.total)
        name = html.Span(pick(kpi.short_zh, kpi.short_en), title=pick(kpi.name_zh, kpi.name_en))
        rows.append(
            html.Tr(
                [
                    html.Td(name),
                    *(html.Td(texts.get(u, NONE), className="num") for u in order),
                    html.Td(total, className="num", title=_why(f)),
                ]
            )
        )
        if f.retained_wan is not None:
            cash = {p.unit: p.cash_wan for p in f.parts}
            rows.append(
                html.Tr(
                    [
                        html.Td(_("其中现金分配")),
                        *(html.Td(column_money(cash.get(u)), className="num") for u in order),
                        html.Td(_("留存 {amount}", amount=column_money(f.retained_wan)), className="num"),
                    ],
                    className="quiet",
                )
            )
    if not order:
        return None
    top = html.Tr(
        [
            html.Th(column_unit()),
            *(html.Th(opens("unit", u, names.get(u, u)), className="num") for u in order),
            html.Th(_("合计"), className="num"),
        ]
    )
    table = html.Table([html.Thead(top), html.Tbody(rows)], className="mini split-table")
    return html.Div(table, className="scroll-x")


# --- land ---------------------------------------------------------------------------------------------------------------


#: Classes with a row of their own; the rest is one row.
_CLASSES = 7


def land_mix(question: Question, zone: ZoneInfo) -> html.Figure | html.Div | None:
    """Land use of the seven largest classes and of all others in 亩: the use shown as a bar, the other (plan or present) as a
    tick on the same scale, in the colours of the planning code. Ground without a class or a parcel is told below.
    """
    if not has_figures(question):
        return None
    found = land_summary(question, zones=(zone.code,))
    if not found.shares:
        return html.Div(reason_line(_("本数据集没有用地图斑")))
    planned = question.state.landuse == "plan"
    other = land_summary(question, zones=(zone.code,), kind="status" if planned else "plan")
    against: dict[str | None, int] = {s.code: s.area_m2 for s in other.shares if s.code}
    classed = [s for s in found.shares if s.code]
    own, rest = classed[:_CLASSES], classed[_CLASSES:]
    small = sum(s.area_m2 for s in rest)
    left = sum(m2 for code, m2 in against.items() if code not in {s.code for s in own})
    most = max([s.area_m2 for s in own] + [against.get(s.code, 0) for s in own] + [small, left])
    rows = [
        _land_row(s.code, _(s.name_zh), s.colour, s.area_m2, against.get(s.code, 0), found, most) for s in own
    ]  # fmt: skip
    if small or left:
        names = _("、").join(_(s.name_zh) for s in rest)
        rows.append(_land_row(None, _("其他 {n} 类", n=len(rest)), None, small, left, found, most, title=names))
    words = [_("规划"), _("现状")] if planned else [_("现状"), _("规划")]
    head = html.Tr(
        [
            html.Th(_("用地类别")),
            html.Th(_("条为{bar},竖线为{tick}", bar=words[0], tick=words[1])),
            html.Th(_("{use} 亩", use=words[0]), className="num"),
            html.Th(_("占比"), className="num"),
            html.Th(_("{use} 亩", use=words[1]), className="num"),
        ]
    )
    said = [_("{n} 个图斑 · 合计 {area} 亩", n=number(found.parcels), area=mu(found.zone_area_m2, 0))]
    said += [
        _("{name} {area} 亩", name=_(s.name_zh), area=mu(s.area_m2, 0)) for s in found.shares if not s.code and s.area_m2 >= MU_M2
    ]  # fmt: skip
    return chart_table(
        html.Table([html.Thead(head), html.Tbody(rows)], className="mini bars"),
        _("用地构成"),
        html.P(dated(question, in_place(question, " · ".join(said))), className="note"),
        unfollowed(question, Facet.DISTRICT),
    )


def _land_row(
    code: str | None, name: str, colour: str | None, m2: int, other: int, whole: LandSummary, most: int, title: str = ""
) -> html.Tr:
    return html.Tr(
        [
            html.Td(
                html.Span(
                    [
                        html.Span(className="swatch", style={"--key": colour} if colour else {}),
                        opens("landuse", code, name, class_name="mix-name", title=title or f"{code or ''} {name}"),
                    ],
                    className="mix-key",
                )
            ),
            html.Td(bar(m2 / most, tick=other / most, colour=colour)),
            html.Td(mu(m2, 0), className="num"),
            html.Td(percent(exact(m2) / whole.zone_area_m2, 1), className="num"),
            html.Td(mu(other, 0), className="num quiet"),
        ],
        className="mix-row" + (" opens-row" if code else ""),
        **(opens_row("landuse", code) if code else {}),
        **{"data-code": code or "", "data-m2": str(m2)},
    )


_CHAIN_STEPS = (
    ("developable_m2", N_("可开发建设")),
    ("ready_m2", N_("已达供地条件")),
    ("supplied_m2", N_("已供应")),
    ("built_m2", N_("已建成")),
)


def land_rates(question: Question, zone: ZoneInfo) -> html.Div | None:
    """Development × supply × completion, and whether the reported rates multiply to what the parcels say (rules §3.2.4)."""
    if not has_figures(question):
        return None
    title = _("开发 × 供应 × 建成")
    found = land_chain(question, zones=(zone.code,))
    if found is None:
        return block(title, "", reason_line(_("本数据集没有用地图斑")))
    names = (_("开发率"), _("供应率"), _("建成率"))
    rates = (found.development, found.supply, found.completion)
    cells: list[Component] = []
    for index, (name, rate) in enumerate(zip(names, rates, strict=True)):
        if index:
            cells.append(html.Span("×", className="rate-sign"))
        cells.append(
            html.Div([html.Span(percent(rate), className="rate-value"), html.Span(name, className="rate-name")])
        )
    cells += [
        html.Span("=", className="rate-sign"),
        html.Div(
            [
                html.Span(percent(found.built_share), className="rate-value"),
                html.Span(_("建成 / 可开发"), className="rate-name"),
            ]
        ),
    ]
    whole = found.developable_m2
    steps = [
        html.Tr(
            [
                html.Td(_(name)),
                html.Td(bar(getattr(found, key) / whole if whole else 0)),
                html.Td(mu(getattr(found, key), 0), className="num"),
            ]
        )
        for key, name in _CHAIN_STEPS
    ]
    return block(
        title,
        dated(question, _("亩 · 图斑口径")),
        html.Div(cells, className="rates"),
        html.Table(html.Tbody(steps), className="mini bars"),
        _check(question, zone),
        _land_cells(question, zone),
        unfollowed(question, Facet.DISTRICT),
    )


#: Idle land, industrial share, overall floor-area ratio and what is left to supply: what the three rates do not say.
_LAND_KPIS = ("K40", "K41", "K42", "K43")


def _land_cells(question: Question, zone: ZoneInfo) -> html.Div:
    # Land follows no project filter: the figures stay those of the whole park, and the block says so.
    found = figures(question.unfiltered, _LAND_KPIS, zones=(zone.code,))
    cells = []
    for figure in found.values():
        shown = figure_text(figure)
        name = pick(figure.kpi.name_zh, figure.kpi.name_en)
        dated = shown.reason or month_text(figure.period)
        cells.append(
            html.Div(
                [
                    html.Span([shown.text, html.Small(shown.unit)], className="cell-value"),
                    html.Span(
                        pick(figure.kpi.short_zh, figure.kpi.short_en),
                        className="cell-name",
                        title=f"{figure.kpi.id} {name}",
                    ),
                    html.Span(dated, className="cell-name"),
                ],
                className="cell",
            )
        )
    return html.Div(cells, className="cells cells--flat land-cells")


def _check(question: Question, zone: ZoneInfo) -> html.P | None:
    """What was reported of the three rates against the parcels; of rates that come from the parcels nothing is proved."""
    _whole, row = land_chains(question, zones=(zone.code,))
    if question.state.districts or (row.check is None and not row.derived):
        return None
    if row.check is None:
        return html.P(_("三率由图斑计算,没有另行上报,不作校核"), className="note identity", **{"data-ok": ""})
    period, product = month_text(row.reported_period or ""), percent(row.check.product, 2)
    if row.check.ok:
        text = _("✓ 上报三率({period})连乘 {product} 与图斑一致", period=period, product=product)
    else:
        text = _(
            "! 上报三率({period})连乘 {product},与图斑相差 {gap} 个百分点",
            period=period, product=product, gap=number(row.check.gap * 100, 2),
        )  # fmt: skip
    ok = row.check.ok
    return html.P(text, className="note identity" + ("" if ok else " is-off"), **{"data-ok": str(ok).lower()})


# --- completeness -------------------------------------------------------------------------------------------------------


def completeness(question: Question, zone: ZoneInfo) -> html.Div:
    """Footnotes: what is reported of what is due, what is kept out of totals, and which scope and data set this is."""
    known = question.known
    found = reporting(question, zone.code)
    notes: list[Component | str] = []
    if found is None:
        notes.append(_("园区汇总数据在客户模式下不提供:仅展示公开数据、载体与政策。"))
    else:
        whole = len(found.with_value) + len(found.without_value)
        missing = _("、").join(pick(known.kpis[k].name_zh, known.kpis[k].name_en) for k in found.without_value[:8])
        text = _("指标:{n} / {m} 项已报", n=len(found.with_value), m=whole)
        if found.without_value:
            more = _(" 等 {n} 项", n=len(found.without_value)) if len(found.without_value) > 8 else ""
            text += _(",未报:{names}{more}", names=missing, more=more)
        notes.append(text + _("。"))
        if found.reports_due is not None:
            notes.append(
                _(
                    "项目月报({period}):{n} / {m} 已报,未报的灯为灰。",
                    period=question.at.period,
                    n=found.reports_in,
                    m=found.reports_due,
                )
            )
        kept_out = exceptions(question, zones=(zone.code,))
        if kept_out:
            notes.append(_("{n} 条记录因无法归属或不合规则未计入合计。", n=len(kept_out)))
    notes.append(
        _(
            "数据集:{dataset};默认口径为在地,当前“谁计入”为{scope}口径;共建分享仅供内部考核,不是官方统计。",
            dataset=_(PROVENANCES[question.at.provenance]),
            scope=_(SCOPES[question.state.scope.value]),
        )
    )
    if question.state.dataset is Dataset.PUBLISHED:
        absent = _("十项指标、趋势、分摊、用地图斑、产业链节点、红黄绿灯与土地三率")
        notes.append(
            _("公开数据只有逐条公布的数字、项目、载体、平台与治理事实;没有{absent},不以演示数据补齐。", absent=absent)
        )
    if zone.is_schematic:
        notes.append(_("范围为示意,不作为划界依据。"))
    notes.append(_("面积按 {crs} 量算。", crs=known.schemes[zone.scheme].area_crs))
    return html.Div([head(_("数据说明")), html.Ul([html.Li(n) for n in notes], className="notes")])
