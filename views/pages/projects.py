"""The project board (`/projects`): life cycle, cohorts, lights, readiness, doubtful claims and reports, and who waits where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from data.queries import gate
from data.queries.board import dimension_lights, responsible_units
from data.queries.lifecycle import (
    ReadinessCard,
    ReportFindings,
    StageClaim,
    StageColumn,
    board,
    funnels,
    readiness_cards,
    report_findings,
    stage_claims,
    worklists,
)
from data.queries.projects import ProjectSummary, project_summary
from data.queries.question import Question
from domain.cohorts import WINDOWS_MONTHS, Funnel, Rate
from domain.lifecycle import STAGE_GROUPS, StageGroup
from domain.monthly_report import Finding
from domain.readiness import COMPANY_TRACKS, GOVERNMENT_TRACKS, TRACKS
from domain.viewstate import LIGHTS, Dataset, ViewState
from i18n import N_, _, pick
from views.page import Page, Part
from views.pages.desk import card, filters, num, page, page_head, project_link, table
from views.parts import badges
from views.parts.block import (
    block,
    dated,
    group_count,
    head,
    in_place,
    no_projects,
    reason_line,
    unfollowed,
    withheld_words,
)
from views.parts.button import action
from views.parts.explain_drawer import reason_word
from views.parts.facets import FOLLOWS, facet_id
from views.parts.format import LIGHT_MARK, NONE, light_reason, money, number, percent
from views.parts.format import LIGHTS as LIGHT_NAMES
from views.parts.lifecycle_words import (
    DIMENSION_WORDS,
    FINDING_WORDS,
    SEVERITIES,
    figures_text,
    problem_text,
    stage_name,
)
from views.parts.project_card import agency_name, opens_zone

CARDS = 8
#: Rows of a list when it is opened, and at most; the count beside it is always the whole.
LIST_ROWS, WHOLE_ROWS = 20, 500
READY_ROWS = 8
CLAIM_LIST, READY_LIST = "stage_claims", "readiness"


def _withheld(question: Question) -> bool:
    return not gate.may_see_projects(question.viewer, question.state.dataset.provenance)


# --- board --------------------------------------------------------------------------------------------------------------


def life_board(question: Question) -> html.Div:
    """Projects by block of the life cycle: how many, how much, the ones longest red first (rules §6.1)."""
    title = _("生命周期看板")
    if _withheld(question):
        return block(title, "", reason_line(reason_word("withheld")))
    columns = board(question, cards=CARDS)
    summary = project_summary(question)
    if not summary.total:
        month = "" if question.state.dataset is Dataset.PUBLISHED else question.at.period
        return block(title, month, no_projects(question, summary))
    groups = [(g, [c for c in columns if c.group == g.id]) for g in STAGE_GROUPS.values()]
    shown = {g.id: _cards(own) for g, own in groups}
    found = responsible_units(question, {c["id"] for cards in shown.values() for c in cards})
    units = {of: agency_name(question.known, name) for of, name in found.items()}
    aside = _("{period} 月末 · {n} 个项目", period=question.at.period, n=number(summary.total))
    if question.state.dataset is Dataset.PUBLISHED:
        aside = _("最近一次公开报道的阶段 · {n} 个项目", n=number(summary.total))
    notes = []
    if summary.without_zone:
        notes.append(_("{n} 个公开项目没有载明园区,不在看板内", n=summary.without_zone))
    return block(
        title,
        in_place(question, aside),
        html.Div(
            [_column(question.state, g, own, shown[g.id], units, summary) for g, own in groups],
            className="board",
        ),
        html.P(";".join(notes), className="note") if notes else None,
    )


def _cards(columns: Sequence[StageColumn]) -> list[dict[str, Any]]:
    found = [c for column in columns for c in column.cards]
    found.sort(key=lambda c: (-(c.get("months_red") or 0), -(c.get("total_investment_wan") or 0), c["id"]))
    return found[:CARDS]


def _column(
    state: ViewState,
    group: StageGroup,
    columns: Sequence[StageColumn],
    cards: Sequence[dict[str, Any]],
    units: dict[str, str],
    summary: ProjectSummary,
) -> html.Div:
    count = sum(c.projects for c in columns)
    withheld = withheld_words(summary, group.id)
    sums = [c.total_investment_wan for c in columns if c.total_investment_wan is not None]
    unknown = sum(c.without_investment for c in columns)
    lights = {light: sum(c.lights.get(light, 0) for c in columns) for light in LIGHTS}
    stages = [f"{pick(c.name_zh, c.name_en)} {c.projects}" for c in columns if c.projects]
    lamps = [
        html.Span([html.Span(LIGHT_MARK[x], className=f"light light--{x}"), str(n)], title=_(LIGHT_NAMES[x]))
        for x, n in lights.items()
        if n and state.dataset is not Dataset.PUBLISHED
    ]
    return html.Div(
        [
            html.Button(
                [html.Span(pick(group.name_zh, group.name_en)), html.B(group_count(summary, group.id))],
                **action("stage", group.id),
                className="board-head" + (" is-chosen" if group.id in state.stages else ""),
                type="button",
                title=_("按此阶段筛选"),
            ),
            html.Div(
                [
                    html.Span(money(sum(sums)) if sums else NONE),
                    html.Span(_("{n} 个未载投资额", n=unknown), className="quiet") if unknown and sums else None,
                ],
                className="board-sum",
            ),
            html.Div(lamps, className="board-lights") if lamps else None,
            html.Div(withheld, className="board-more quiet") if withheld else None,
            html.Div(" · ".join(stages), className="board-stages quiet"),
            html.Div([_card(state, c, units.get(c["id"])) for c in cards]),
            html.Div(_("另有 {n} 个", n=number(count - len(cards))), className="board-more quiet")
            if count > len(cards)
            else None,
        ],
        className=f"board-column board-column--{group.id}",
        **{"data-group": group.id, "data-count": str(count)},
    )


def _card(state: ViewState, row: dict[str, Any], unit: str | None) -> html.Div:
    months = row.get("months_red")
    lit = "light" in row and state.dataset is not Dataset.PUBLISHED
    reason = light_reason(row.get("reason")) if lit else ""
    return html.Div(
        [
            html.Div(
                [
                    badges.light(row["light"]) if lit else None,
                    project_link(state, row["id"], row["name_zh"]),
                ],
                className="board-name",
            ),
            html.Div(
                [
                    html.Span(stage_name(row["stage"])),
                    html.Span(money(row["total_investment_wan"]))
                    if row.get("total_investment_wan") is not None
                    else None,
                    html.Span(_("红灯 {n} 个月", n=months), className="is-red") if months and lit else None,
                ],
                className="board-facts",
            ),
            html.Div(" · ".join(x for x in (reason, unit or "") if x), className="board-why quiet"),
        ],
        className="board-card",
        **{"data-project": row["id"]},
    )


# --- cohorts ------------------------------------------------------------------------------------------------------------


def window_switch(state: ViewState) -> dmc.SegmentedControl:
    """Observation window after signing."""
    options = [{"value": FOLLOWS, "label": _("至今")}]
    options += [{"value": str(w), "label": _("{n} 个月内", n=w)} for w in WINDOWS_MONTHS]
    return dmc.SegmentedControl(id=facet_id("window"), value=state.window or FOLLOWS, data=options, size="xs")


def cohorts(question: Question) -> html.Div:
    """Half-year cohorts with every numerator beside its denominator: of signed, and of started (rules §6.5)."""
    if question.state.dataset is Dataset.PUBLISHED:
        return html.Div(reason_line(_("公开项目没有里程碑日期,不计算履约率、开工率、投产率")))
    found = funnels(question, window_months=int(question.state.window) if question.state.window else None)
    if found.reason is not None:
        return html.Div(reason_line(reason_word(found.reason)))
    shown = [f for f in reversed(found.cohorts) if f.signed]
    if not shown:
        return html.Div(reason_line(_("没有已签约批次")))
    columns: list[str | tuple[str, bool]] = [
        _("签约批次"), (_("签约"), True), _("注册 / 签约"), _("履约 / 签约"), _("开工 / 签约"), _("投产 / 签约"),
        _("投产 / 开工"), _("达产 / 到期"), (_("终止"), True),
    ]  # fmt: skip
    note = _("截至 {day};终止、暂停、流转退出分子、留在分母;不随筛选缩小分母", day=found.as_of)
    return html.Div(
        [
            table(columns, [_cohort_row(f) for f in shown], "cohort"),
            html.P(note, className="note"),
            unfollowed(question),
        ]
    )


def _cohort_row(f: Funnel) -> html.Tr:
    rates = (f.registration, f.performance, f.start, f.production_of_signed, f.production_of_started, f.capacity)
    open_ = None if f.complete else html.Small(_(" 未满"), className="quiet")
    return html.Tr(
        [html.Td([f.cohort, open_]), num(str(f.signed)), *(_rate(r) for r in rates), num(str(f.ended), quiet=True)],
        **{"data-cohort": f.cohort, "data-signed": str(f.signed)},
    )


def _rate(rate: Rate) -> html.Td:
    width = "0" if rate.value is None else f"{float(rate.value) * 100:.0f}%"
    return html.Td(
        [f"{rate.numerator}/{rate.denominator} ", html.B(percent(rate.value, 0))],
        className="track",
        style={"--done": width},
        **{"data-rate": rate.kpi_id, "data-of": rate.of},
    )


# --- lights -------------------------------------------------------------------------------------------------------------


def lights(question: Question) -> html.Div:
    """Red, yellow, green and grey as a whole, by dimension, and by reason (rules §6.2)."""
    title = _("红黄绿灯")
    if question.state.dataset is Dataset.PUBLISHED:
        return block(title, "", reason_line(_("公开项目没有月报,不亮灯"), _("灰不是绿")))
    if _withheld(question):
        return block(title, "", reason_line(reason_word("withheld")))
    summary = project_summary(question)
    if not summary.total:
        return block(title, "", no_projects(question, summary))
    counts = summary.lights
    cells = [
        html.Button(
            [
                html.Span(number(counts.get(x, 0)), className=f"light-number light--{x}"),
                html.Span(
                    [html.Span(LIGHT_MARK[x], className=f"light--{x}"), _(LIGHT_NAMES[x])], className="light-name"
                ),
            ],
            **action("light", x),
            className="light-cell" + (" is-chosen" if x in question.state.lights else ""),
            type="button",
        )
        for x in LIGHTS
    ]
    rows = [_dimension_row(name, found) for name, found in dimension_lights(question).items()]
    reasons = [
        html.Span([badges.light(r.light), light_reason(r.reason), html.B(f" {r.projects}")], className="light-reason")
        for r in summary.reasons
        if r.light != "green"
    ]
    return block(
        title,
        _("四个维度取最差;未报为灰,灰不是绿"),
        html.Div(cells, className="light-counts"),
        html.Div(rows, className="dimension-rows"),
        html.Div(reasons, className="light-reasons"),
    )


def _dimension_row(name: str, found: dict[str, int]) -> html.Div:
    total = sum(found.values())
    pieces = [
        html.Span(
            f"{LIGHT_MARK[x]} {found[x]}",
            className=f"dimension-piece dimension-piece--{x}",
            style={"flexGrow": str(found[x])},
            title=f"{_(LIGHT_NAMES[x])} {found[x]}",
            **{"data-light": x, "data-count": str(found[x])},
        )
        for x in LIGHTS
        if found.get(x)
    ]
    return html.Div(
        [
            html.Span(_(DIMENSION_WORDS[name]), className="dimension-name"),
            html.Div(pieces or html.Span(_("没有适用的项目"), className="quiet"), className="dimension-bar"),
            html.Span(number(total), className="num quiet"),
        ],
        className="dimension-row",
        **{"data-dimension": name},
    )


# --- readiness ----------------------------------------------------------------------------------------------------------


def readiness(question: Question) -> html.Div:
    """Ten tracks side by side before ground is broken: the lowest decides, the critical path sets the time (rules §6.4)."""
    title = _("并联准备度")
    if _withheld(question):
        return block(title, "", reason_line(reason_word("withheld")))
    cards = readiness_cards(question)
    if not cards:
        return block(title, "", reason_line(_("没有待开工且在办五加五事项的项目")))
    saved = [c.saved_days for c in cards if c.saved_days is not None]
    words = [_("签约未开工 {n} 个", n=len(cards))]
    if saved:
        words.append(_("并联平均省 {d} 天", d=number(sum(saved) / len(saved))))
    tracks = {"g": _("、").join(map(_, GOVERNMENT_TRACKS.values())), "c": _("、").join(map(_, COMPANY_TRACKS.values()))}
    rest = len(cards) - READY_ROWS
    return block(
        title,
        dated(question, " · ".join(words)),
        _ready_table(question, cards[:READY_ROWS]),
        _list(_("其余项目"), rest, READY_LIST) if rest > 0 else None,
        html.P(
            _("准备度取十项最低值;有一项未报则未知,排在最前。描边为关键路径。政府五项 {g};企业五项 {c}", **tracks),
            className="note",
        ),
    )


def _ready_table(question: Question, cards: Sequence[ReadinessCard]) -> html.Div:
    columns: list[str | tuple[str, bool]] = [_("项目"), _("园区")]
    columns += [(_(name), True) for name in (N_("准备度"), N_("政府侧"), N_("企业侧"))]
    columns += [f"{code} {_(name)}" for code, name in TRACKS.items()]
    columns += [_("关键路径"), (_("工期 天"), True), (_("并联省 天"), True)]
    return table(columns, [readiness_row(question, c) for c in cards], "ready")


def readiness_row(question: Question, c: ReadinessCard) -> html.Tr:
    """One project's ten tracks in a row."""
    path = c.plan.critical_path if c.plan is not None else ()
    by_code = {t.code: t for t in c.tracks}
    r = c.readiness
    return html.Tr(
        [
            html.Td(project_link(question.state, c.project_id, c.name_zh)),
            html.Td(opens_zone(question.known, c.zone_code, short=True)),
            num([html.B(_share(r.overall))]),
            num(_share(r.government)),
            num(_share(r.company)),
            *(_track(by_code[code].percent if code in by_code else None, code, code in path) for code in TRACKS),
            html.Td("→".join(path) if path else _("计划日期不全"), className="nowrap quiet"),
            num(NONE if c.plan is None else number(c.plan.days)),
            num(number(c.saved_days)),
        ],
        **{"data-project": c.project_id},
    )


def _share(value: int | None) -> str:
    return _("未报") if value is None else f"{value}%"


def _track(value: int | None, code: str, critical: bool) -> html.Td:
    look = "track" + (" is-critical" if critical else "") + (" is-missing" if value is None else "")
    return html.Td(
        NONE if value is None else str(value),
        className=look,
        style={"--done": f"{value or 0}%"},
        title=f"{code} {_(TRACKS[code])} {_share(value)}",
    )


# --- findings -----------------------------------------------------------------------------------------------------------


def claims(question: Question) -> html.Div:
    """Stages claimed ahead of what is proven (虚报, rules §6.1)."""
    title = _("数据核查")
    if question.state.dataset is Dataset.PUBLISHED:
        return block(title, "", reason_line(_("公开项目没有里程碑与月报,不核查")))
    if _withheld(question):
        return block(title, "", reason_line(reason_word("withheld")))
    return block(
        title,
        _("照收、列明,不改、不删"),
        _list(_("阶段虚报:阶段先于必备节点"), len(stage_claims(question)), CLAIM_LIST),
    )


def findings(question: Question) -> html.Div:
    """What is wrong in this month's reports, by kind (rules §6.3); nothing for who sees none or where there are none."""
    if question.state.dataset is Dataset.PUBLISHED or _withheld(question):
        return html.Div()
    reports = report_findings(question)
    counts: dict[tuple[str, str], int] = {}
    for report in reports:
        for f in report.findings:
            counts[f.severity, f.code] = counts.get((f.severity, f.code), 0) + 1
    order = list(SEVERITIES)
    groups = sorted(counts.items(), key=lambda g: (order.index(g[0][0]), -g[1], g[0][1]))
    lists = [
        _list(
            [
                html.Span(_(SEVERITIES[severity]), className=f"severity severity--{severity}"),
                _(FINDING_WORDS.get(code, code)),
            ],
            n,
            _report_list(severity, code),
        )
        for (severity, code), n in groups
    ]
    return html.Div(
        [
            html.H3(_("月报校验:{n} 个项目有提示", n=number(len(reports))), className="panel-h"),
            html.Div(lists) if lists else html.P(_("本月月报没有问题"), className="note"),
        ]
    )


def _report_list(severity: str, code: str) -> str:
    return f"report/{severity}/{code}"


def _claim_rows(question: Question, claims: Sequence[StageClaim]) -> html.Div:
    rows = [
        html.Tr(
            [
                html.Td(project_link(question.state, c.project_id, c.name_zh)),
                html.Td(opens_zone(question.known, c.zone_code, short=True)),
                html.Td(stage_name(c.claimed)),
                html.Td(stage_name(c.proven) if c.proven is not None else _("无")),
                html.Td([html.Div(problem_text(p)) for p in c.problems]),
            ]
        )
        for c in claims
    ]
    return table([_("项目"), _("园区"), _("申报阶段"), _("可证阶段"), _("问题")], rows)


def _report_rows(question: Question, found: Sequence[tuple[ReportFindings, Finding]]) -> html.Div:
    rows = [
        html.Tr(
            [
                html.Td(project_link(question.state, r.project_id, r.name_zh)),
                html.Td(opens_zone(question.known, r.zone_code, short=True)),
                html.Td(figures_text(f.figures), className="quiet"),
            ]
        )
        for r, f in found
    ]
    return table([_("项目"), _("园区"), _("数字")], rows)


# --- lists that open on a click -------------------------------------------------------------------------------------------


def _list(title: str | list[Component | str], count: int, code: str) -> html.Details:
    """A counted list whose rows are fetched when it is opened; callbacks/projects.py asks ``list_rows`` for them."""
    words = title if isinstance(title, list) else [title]
    return html.Details(
        [
            html.Summary([*words, html.B(number(count), className="list-count")], id={"list": code, "part": "head"}),
            html.Div(html.P(_("载入中") if count else _("没有"), className="note"), id={"list": code, "part": "rows"}),
        ],
        className="list",
        **{"data-list": code, "data-count": str(count)},
    )


def list_rows(question: Question, code: str, *, whole: bool = False) -> html.Div:
    """Rows of the list `code`, the first ``LIST_ROWS`` or up to ``WHOLE_ROWS``; an unknown code has none."""
    most = WHOLE_ROWS if whole else LIST_ROWS
    found: Sequence[Any] = ()
    make: Callable[[Question, Any], html.Div] = _waiting_rows
    if code == CLAIM_LIST:
        found, make = stage_claims(question), _claim_rows
    elif code == READY_LIST:
        found, make = readiness_cards(question)[READY_ROWS:], _ready_table
    elif code.startswith("report/"):
        pairs = ((r, f) for r in report_findings(question) for f in r.findings)
        found, make = [p for p in pairs if _report_list(p[1].severity, p[1].code) == code], _report_rows
    else:
        found = next((w.rows for w in worklists(question, rows_of=code) if w.code == code), ())
    if not found:
        return html.Div(html.P(_("没有"), className="note"))
    button = None
    if len(found) > most and not whole:
        word = _("显示全部 {n} 个", n=number(len(found)))
        button = html.Button(word, id={"list": code, "part": "whole"}, className="page-button", type="button")
    elif len(found) > most:
        button = html.P(_("显示前 {n} 个;用筛选缩小范围", n=number(most)), className="note")
    return html.Div([x for x in (make(question, found[:most]), button) if x is not None])


# --- worklists ----------------------------------------------------------------------------------------------------------


def waiting(question: Question) -> html.Div:
    """The N未 lists: who passed one stage and not the next, longest waiting first (rules §6.2)."""
    title = _("N未清单")
    if question.state.dataset is Dataset.PUBLISHED:
        return block(title, "", reason_line(_("公开项目没有里程碑日期")))
    found = worklists(question, rows_of="")
    if _withheld(question) or not found:
        return block(title, "", reason_line(reason_word("withheld")))
    return html.Div([head(title, _("等得最久的在前")), *(_list(_(w.name_zh), w.count, w.code) for w in found)])


def _waiting_rows(question: Question, found: Sequence[dict[str, Any]]) -> html.Div:
    rows = [
        html.Tr(
            [
                html.Td([badges.light(r.get("light")), project_link(question.state, r["id"], r["name_zh"])]),
                html.Td(opens_zone(question.known, r["zone_code"], short=True)),
                html.Td(agency_name(question.known, r["responsible_unit"]) or NONE),
                html.Td(stage_name(r["stage"])),
                num(r["since"]),
                num(_("{n} 天", n=number(r["days"]))),
                num(money(r.get("total_investment_wan"))),
            ]
        )
        for r in found
    ]
    columns: list[str | tuple[str, bool]] = [
        _("项目"), _("园区"), _("责任单位"), _("阶段"), (_("自"), True), (_("已等"), True), (_("总投资"), True)
    ]  # fmt: skip
    return table(columns, rows)


def build(question: Question) -> html.Div:
    """The page for a state; its parts are replaced when the state changes."""
    state = question.state
    built = PAGE.places(question)
    main = [
        page_head(_(PAGE.title), _("项目走到哪一步,哪里亮灯,谁在等谁")),
        filters(question),
        card(built["projects-board"]),
        html.Div(
            [
                card(
                    html.Div([html.H2(_("批次漏斗")), window_switch(state)], className="section-head"),
                    built["projects-cohorts"],
                ),
                card(built["projects-lights"]),
            ],
            className="desk-row desk-row--wide-left",
        ),
        card(built["projects-ready"]),
        html.Div(
            [card(built["projects-claims"], built["projects-findings"]), card(built["projects-waiting"])],
            className="desk-row",
        ),
    ]
    return page(question, PAGE.path, main, "desk--projects")


PAGE = Page(
    "/projects",
    build,
    N_("项目"),
    open_to=gate.may_see_projects,
    what=N_("项目的全周期看板、红黄绿灯与卡点"),
    parts=(
        Part("projects-board", life_board),
        Part("projects-cohorts", cohorts),
        Part("projects-lights", lights),
        Part("projects-ready", readiness),
        Part("projects-claims", claims),
        Part("projects-findings", findings),
        Part("projects-waiting", waiting),
    ),
)
