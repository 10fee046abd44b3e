"""The projects (`/projects`): the list, and as other views of it board and readiness; lights, cohorts, who waits where, doubts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from data.queries import gate
from data.queries.board import dimension_lights, responsible_units
from data.queries.lifecycle import (
    ReadinessCard,
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
from domain.cross_district import KIND_NAMES
from domain.lifecycle import STAGE_GROUPS, StageGroup
from domain.readiness import COMPANY_TRACKS, GOVERNMENT_TRACKS, TRACKS
from domain.viewstate import KINDS, LIGHTS, Dataset, ViewState, to_query
from i18n import N_, _, pick
from views.page import FILTER, Page, Part
from views.pages.desk import card, filters, num, page, page_head, table
from views.parts import badges
from views.parts.block import (
    block,
    dated,
    group_count,
    in_place,
    no_projects,
    unfollowed,
    withheld_words,
)
from views.parts.drop_menu import downloads, exports
from views.parts.format import LIGHT_MARK, NONE, light_reason, money, money_parts, number, percent
from views.parts.format import LIGHTS as LIGHT_NAMES
from views.parts.goes import goes, project_link, segments
from views.parts.lifecycle_words import DIMENSION_WORDS, FINDING_WORDS, SEVERITIES, stage_name
from views.parts.pager import pager
from views.parts.project_card import agency_name, opens_zone
from views.parts.project_list import PATH, ROWS, address, counted, project_list

CARDS = 8


def _closed(question: Question) -> bool:
    """Whether the viewer sees no project of the data set at all."""
    return not gate.may_see_projects(question.viewer, question.state.dataset.provenance)


def _reported(question: Question) -> bool:
    """Whether there are lights, milestones and reports to tell of; of published projects there are none."""
    return not _closed(question) and question.state.dataset is not Dataset.PUBLISHED


# --- answer -------------------------------------------------------------------------------------------------------------


def answer(question: Question) -> html.Section:
    """How many, how much, how many of each light; below, by stage and by cross-district kind. Each count is a link."""
    if _closed(question):
        return _door(question)
    state, summary = question.state, project_summary(question)
    published = state.dataset is Dataset.PUBLISHED
    if not summary.total:
        return card(no_projects(question, summary))
    figures = [_figure(counted(summary.total, state), _("公开项目") if published else _("项目"))]
    if summary.total_investment_wan is not None:
        amount, unit = money_parts(summary.total_investment_wan)
        figures.append(_figure([html.B(amount), html.Small(unit)], _("总投资")))
    figures += [
        _figure(
            counted(summary.lights.get(x, 0), state, lights=(x,)),
            html.Span([html.Span(LIGHT_MARK[x], className=f"light light--{x}"), _(LIGHT_NAMES[x])]),
        )
        for x in LIGHTS
        if summary.lights and not published
    ]
    stages = [
        _share(pick(g.name_zh, g.name_en), _stage_count(state, summary, g.id))
        for g in STAGE_GROUPS.values()
        if summary.groups.get(g.id) or summary.hidden.get(g.id, 0) != 0
    ]
    # Under a choice of kinds the others are counted among those projects only: such a count is no list of its own.
    kinds = [
        _share(f"{k} {_(KIND_NAMES[k])}", counted(summary.kinds[k], state, kinds=(k,)))
        for k in KINDS
        if summary.kinds.get(k) and (not state.kinds or k in state.kinds)
    ]
    notes = [withheld_words(summary)]
    if summary.without_zone:
        notes.append(_("{n} 个公开项目没有载明园区,不在其内", n=summary.without_zone))
    if published:
        notes.append(_("公开项目没有里程碑与月报:不亮灯,不算批次与准备度,不核查"))
    said = ";".join(n for n in notes if n)
    return card(
        html.Div(
            [
                html.Div(figures, className="answer-figures"),
                html.Div(
                    [
                        html.Div([html.Span(_("阶段"), className="quiet"), *stages], className="answer-shares"),
                        html.Div([html.Span(_("跨区"), className="quiet"), *kinds], className="answer-shares")
                        if kinds
                        else None,
                    ]
                ),
            ],
            className="answer",
        ),
        html.P(said, className="note") if said else None,
    )


def _figure(value: Component | list[Component], name: Component | str) -> html.Div:
    return html.Div(
        [html.Div(value, className="answer-value num"), html.Div(name, className="quiet")], className="answer-figure"
    )


def _share(name: str, count: Component) -> html.Span:
    return html.Span([name, " ", count], className="answer-share")


def _stage_count(state: ViewState, summary: ProjectSummary, group: str) -> Component:
    n = summary.groups.get(group, 0)
    return counted(n, state, stages=(group,)) if n else html.B(group_count(summary, group))


def _door(question: Question) -> html.Section:
    """For who sees published projects only: how many there are, where and how far, and the way to them."""
    every = dict.fromkeys(("zones", "districts", *_UNFILTERED), ())
    published = question.with_(dataset=Dataset.PUBLISHED, period="", **every)
    summary, state, known = project_summary(published), published.state, question.known
    if not summary.total:
        return card(html.Div(_("没有公开报道的项目"), className="empty-line"), **{"data-closed": "yes"})
    stages = [
        _share(pick(g.name_zh, g.name_en), counted(n, state, stages=(g.id,)))
        for g in STAGE_GROUPS.values()
        if (n := summary.groups.get(g.id, 0))
    ]
    zones = [
        _share(pick(known.zones[z].short_zh, known.zones[z].short_en), counted(n, state, zones=(z,)))
        for z in published.at.zones
        if (n := summary.zones.get(z, 0))
    ]
    way = goes(_("看公开项目"), address(state), class_name="primary-button", top=True)
    return card(
        html.Div(
            [
                _figure(counted(summary.total, state), _("公开报道的项目")),
                html.Div(
                    [
                        html.Div([html.Span(_("阶段"), className="quiet"), *stages], className="answer-shares"),
                        html.Div([html.Span(_("园区"), className="quiet"), *zones], className="answer-shares"),
                    ]
                ),
                way,
            ],
            className="answer",
        ),
        html.P(_("名称、阶段、投资与来源以公开报道为准;其余项目不对客户开放"), className="note"),
        **{"data-closed": "yes"},
    )


# --- the main view ------------------------------------------------------------------------------------------------------


def main_view(question: Question) -> html.Section | None:
    """The list, the board or the readiness of the selected projects: only what is looked at is built."""
    if _closed(question):
        return None
    state, summary = question.state, project_summary(question)
    if not summary.total and not state.records:
        return None  # the answer says why
    view = state.view if state.view != "ready" or _reported(question) else ""
    switch = _switch(question, view)
    if view == "board":
        return card(life_board(question, switch))
    if view == "ready":
        return card(readiness(question, switch))
    return card(project_list(question, summary, switch))


def _switch(question: Question, view: str) -> html.Nav:
    ways = [("", _("清单")), ("board", _("看板"))] + ([("ready", _("准备度"))] if _reported(question) else [])
    state = question.state
    return segments(_("视图"), [(words, address(state, view=code), code == view) for code, words in ways])


def _head(title: str, aside: str, switch: Component) -> html.Div:
    return html.Div(
        [html.H2(title), html.Small(aside, className="quiet"), html.Div(switch, className="controls")],
        className="list-head",
    )


def life_board(question: Question, switch: Component) -> html.Div:
    """Projects by block of the life cycle: how many, how much, the ones longest red first (rules §6.1)."""
    columns = board(question, cards=CARDS)
    summary = project_summary(question)
    groups = [(g, [c for c in columns if c.group == g.id]) for g in STAGE_GROUPS.values()]
    shown = {g.id: _cards(own) for g, own in groups}
    found = responsible_units(question, {c["id"] for cards in shown.values() for c in cards})
    units = {of: agency_name(question.known, name) for of, name in found.items()}
    aside = _("{period} 月末", period=question.at.period)
    if question.state.dataset is Dataset.PUBLISHED:
        aside = _("最近一次公开报道的阶段")
    return html.Div(
        [
            _head(_("生命周期看板"), in_place(question, aside), switch),
            html.Div(
                [_column(question.state, g, own, shown[g.id], units, summary) for g, own in groups], className="board"
            ),
        ]
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
    stages: list[Component | str] = []
    for c in columns:
        if c.projects:
            stages.append(_share(pick(c.name_zh, c.name_en), counted(c.projects, state, records=f"stage/{c.stage}")))
    lamps = [
        html.Span(
            [
                html.Span(LIGHT_MARK[x], className=f"light light--{x}"),
                counted(n, state, stages=(group.id,), lights=(x,)),
            ],
            title=_(LIGHT_NAMES[x]),
        )
        for x, n in lights.items()
        if n and state.dataset is not Dataset.PUBLISHED
    ]
    every = address(state, stages=(group.id,))
    return html.Div(
        [
            html.Div(
                [html.Span(pick(group.name_zh, group.name_en)), _stage_count(state, summary, group.id)],
                className="board-head" + (" is-chosen" if group.id in state.stages else ""),
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
            html.Div(stages, className="board-stages quiet"),
            html.Div([_card(state, c, units.get(c["id"])) for c in cards]),
            goes(_("全部 {n} 个", n=number(count)), every, class_name="board-more text-link", top=True)
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


def readiness(question: Question, switch: Component) -> html.Div:
    """Ten tracks side by side before ground is broken: the lowest decides, the critical path sets the time (rules §6.4)."""
    title = _("并联准备度")
    cards, state = readiness_cards(question), question.state
    if not cards:
        return html.Div(
            [_head(title, "", switch), html.Div(_("没有待开工且在办五加五事项的项目"), className="empty-line")]
        )
    saved = [c.saved_days for c in cards if c.saved_days is not None]
    words = [_("签约未开工 {n} 个", n=len(cards))]
    if saved:
        words.append(_("并联平均省 {d} 天", d=number(sum(saved) / len(saved))))
    ways = {c.plan.critical_path if c.plan is not None else () for c in cards}
    if len(ways) == 1 and (way := next(iter(ways))):  # a column that says the same of all is said once
        words.append(_("关键路径 {way}", way="→".join(way)))
    tracks = {"g": _("、").join(map(_, GOVERNMENT_TRACKS.values())), "c": _("、").join(map(_, COMPANY_TRACKS.values()))}
    offset = min(state.row - 1, len(cards) - 1) // ROWS * ROWS
    return html.Div(
        [
            _head(title, dated(question, " · ".join(words)), switch),
            _ready_table(question, cards[offset : offset + ROWS], paths=len(ways) > 1),
            pager(
                offset, ROWS, len(cards),
                lambda sign, to, name: goes(
                    sign, address(state, view="ready", row=to + 1), "page-button", extra={"aria-label": name}
                ),
            ),
            html.P(
                _("准备度取十项最低值;有一项未报则未知,排在最前。描边为关键路径。政府五项 {g};企业五项 {c}", **tracks),
                className="note",
            ),
        ]
    )  # fmt: skip


def _ready_table(question: Question, cards: Sequence[ReadinessCard], *, paths: bool) -> html.Div:
    columns: list[str | tuple[str, bool]] = [_("项目"), _("园区")]
    columns += [(_(name), True) for name in (N_("准备度"), N_("政府侧"), N_("企业侧"))]
    columns += [f"{code} {_(name)}" for code, name in TRACKS.items()]
    columns += ([_("关键路径")] if paths else []) + [(_("工期 天"), True), (_("并联省 天"), True)]
    return table(columns, [_ready_row(question, c, paths=paths) for c in cards], "ready")


def _ready_row(question: Question, c: ReadinessCard, *, paths: bool) -> html.Tr:
    path = c.plan.critical_path if c.plan is not None else ()
    by_code = {t.code: t for t in c.tracks}
    r = c.readiness
    return html.Tr(
        [
            html.Td(project_link(question.state, c.project_id, c.name_zh)),
            html.Td(opens_zone(question.known, c.zone_code, short=True)),
            num([html.B(_percent(r.overall))]),
            num(_percent(r.government)),
            num(_percent(r.company)),
            *(_track(by_code[code].percent if code in by_code else None, code, code in path) for code in TRACKS),
            html.Td("→".join(path) if path else _("计划日期不全"), className="quiet") if paths else None,
            num(NONE if c.plan is None else number(c.plan.days)),
            num(number(c.saved_days)),
        ],
        **{"data-project": c.project_id},
    )


def _percent(value: int | None) -> str:
    return _("未报") if value is None else f"{value}%"


def _track(value: int | None, code: str, critical: bool) -> html.Td:
    look = "track" + (" is-critical" if critical else "") + (" is-missing" if value is None else "")
    return html.Td(
        NONE if value is None else str(value),
        className=look,
        style={"--done": f"{value or 0}%"},
        title=f"{code} {_(TRACKS[code])} {_percent(value)}",
    )


# --- cohorts ------------------------------------------------------------------------------------------------------------


def window_switch(state: ViewState) -> html.Nav:
    """Observation window after signing."""
    ways = [("", _("至今"))] + [(str(w), _("{n} 个月内", n=w)) for w in WINDOWS_MONTHS]

    def href(window: str) -> str:
        query = to_query(state.with_(window=window))
        return PATH + (f"?{query}" if query else "")

    return segments(_("观察期"), [(words, href(code), code == state.window) for code, words in ways])


def cohorts(question: Question) -> html.Section | None:
    """Half-year cohorts with every numerator beside its denominator: of signed, and of started (rules §6.5)."""
    if not _reported(question):
        return None
    state = question.state
    found = funnels(question, window_months=int(state.window) if state.window else None)
    if found.reason is not None:
        return None
    title = _head(_("批次漏斗"), "", window_switch(state))
    shown = [f for f in reversed(found.cohorts) if f.signed]
    if not shown:
        return card(title, html.Div(_("没有已签约批次"), className="empty-line"))
    columns: list[str | tuple[str, bool]] = [
        _("签约批次"), (_("签约"), True), *((_(words), True) for words, _rate, _what in RATES), (_("终止"), True),
    ]  # fmt: skip
    note = _("截至 {day};终止、暂停、流转退出分子、留在分母;不随筛选缩小分母", day=found.as_of)
    return card(
        title,
        table(columns, [_cohort_row(state, f) for f in shown], "cohort"),
        html.P(note, className="note"),
        unfollowed(question),
    )


#: Rates of a cohort: head, name on the funnel, and what its numerator counts (domain/cohorts.py).
RATES = (
    (N_("注册 / 签约"), "registration", "registered"),
    (N_("履约 / 签约"), "performance", "performed"),
    (N_("开工 / 签约"), "start", "started"),
    (N_("投产 / 签约"), "production_of_signed", "in_production"),
    (N_("投产 / 开工"), "production_of_started", "in_production"),
    (N_("达产 / 到期"), "capacity", "at_capacity"),
)
_UNFILTERED: dict[str, Any] = dict.fromkeys(("chains", "nodes", "stages", "lights", "districts", "kinds"), ())


def _cohort_row(state: ViewState, f: Funnel) -> html.Tr:
    def link(n: int, what: str) -> Component:
        code = "/".join(x for x in ("cohort", f.cohort, what, state.window) if x)
        return counted(n, state, records=code, **_UNFILTERED)

    open_ = None if f.complete else html.Small(_(" 未满"), className="quiet")
    rates = [(getattr(f, name), what) for _words, name, what in RATES]
    return html.Tr(
        [
            html.Td([f.cohort, open_]),
            num([link(f.signed, "signed")]),
            *(_rate(rate, link(rate.numerator, what)) for rate, what in rates),
            num([link(f.ended, "ended")]),
        ],
        **{"data-cohort": f.cohort, "data-signed": str(f.signed)},
    )


def _rate(rate: Rate, count: Component) -> html.Td:
    width = "0" if rate.value is None else f"{float(rate.value) * 100:.0f}%"
    return html.Td(
        [count, f"/{rate.denominator} ", html.Span(percent(rate.value, 0), className="rate")],
        className="track",
        style={"--done": width},
        **{"data-rate": rate.kpi_id, "data-of": rate.of},
    )


# --- lights -------------------------------------------------------------------------------------------------------------


def lights(question: Question) -> html.Section | None:
    """Lights by dimension and by reason (rules §6.2); each count leads to its projects."""
    summary = project_summary(question)
    found = dimension_lights(question) if _reported(question) and summary.total else {}
    if not found:
        return None
    state = question.state
    reasons = [
        html.Span(
            [
                badges.light(r.light),
                light_reason(r.reason),
                " ",
                counted(r.projects, state, records=f"reason/{r.light}/{r.reason}"),
            ],
            className="light-reason",
        )
        for r in summary.reasons
        if r.light != "green"
    ]
    return card(
        block(
            _("灯为何亮"),
            _("四个维度取最差;未报为灰,灰不是绿"),
            html.Div([_dimension_row(state, name, lit) for name, lit in found.items()], className="dimension-rows"),
            html.Div(reasons, className="light-reasons"),
        )
    )


def _dimension_row(state: ViewState, name: str, found: dict[str, int]) -> html.Div:
    total = sum(found.values())
    pieces = [
        goes(
            f"{LIGHT_MARK[x]} {found[x]}",
            address(state, records=f"light/{name}/{x}"),
            class_name=f"dimension-piece dimension-piece--{x}",
            top=True,
            extra={
                "style": {"flexGrow": str(found[x])},
                "title": f"{_(LIGHT_NAMES[x])} {found[x]}",
                "data-light": x,
                "data-count": str(found[x]),
            },
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


# --- worklists and findings ------------------------------------------------------------------------------------------------


def _line(state: ViewState, words: Component | str | list[Component | str], n: int, code: str) -> Component:
    """A line that leads to the list it counts; plain where that is empty."""
    said = [html.Span(words), html.B(number(n), className="num")]
    shown = {"data-list": code, "data-count": str(n)}
    if not n:
        return html.Div(said, className="list-line quiet", **shown)
    return goes(said, address(state, records=code), class_name="list-line", top=True, extra=shown)


def waiting(question: Question) -> html.Section | None:
    """The N未 lists: who passed one stage and not the next, longest waiting first (rules §6.2)."""
    found = worklists(question, rows_of="") if _reported(question) else ()
    if not any(w.count for w in found):
        return None
    lines = [_line(question.state, _(w.name_zh), w.count, f"wait/{w.code}") for w in found]
    return card(block(_("N未清单"), _("等得最久的在前"), *lines))


def checks(question: Question) -> html.Section | None:
    """Stages claimed ahead of what is proven (虚报, rules §6.1), and what is wrong in this month's reports (rules §6.3)."""
    if not _reported(question) or not project_summary(question).total:
        return None
    state, claims, reports = question.state, stage_claims(question), report_findings(question)
    counts: dict[tuple[str, str], int] = {}
    for report in reports:
        for key in {(f.severity, f.code) for f in report.findings}:
            counts[key] = counts.get(key, 0) + 1
    order = list(SEVERITIES)
    groups = sorted(counts.items(), key=lambda g: (order.index(g[0][0]), -g[1], g[0][1]))
    lines = [_line(state, _("阶段虚报:阶段先于必备节点"), len(claims), "claim")]
    lines.append(_line(state, _("月报有提示"), len(reports), "report"))
    lines += [
        _line(
            state,
            [
                html.Span(_(SEVERITIES[severity]), className=f"severity severity--{severity}"),
                _(FINDING_WORDS.get(code, code)),
            ],
            n,
            f"report/{severity}/{code}",
        )
        for (severity, code), n in groups
    ]
    return card(block(_("数据核查"), _("照收、列明,不改、不删"), *lines))


# --- page ---------------------------------------------------------------------------------------------------------------


def export_menu(question: Question) -> html.Details | None:
    """The projects on screen as files: those of the list where one is open."""
    if _closed(question):
        return None
    query = to_query(question.state.away().with_(records=question.state.records))
    return downloads(_("导出"), exports("projects", query, placed=True), label=_("导出项目清单"))


def build(question: Question) -> html.Div:
    """The page for a state; its parts are replaced when the state changes."""
    built = PAGE.places(question)
    main = [
        page_head(_(PAGE.title), _("项目走到哪一步,哪里亮灯,谁在等谁"), built["projects-export"]),
        filters(question),
        built["projects-answer"],
        html.Div(
            [
                built["projects-view"],
                built["projects-cohorts"],
                html.Div(
                    [built["projects-lights"], built["projects-waiting"], built["projects-checks"]],
                    className="projects-side",
                ),
            ],
            className="projects-grid",
        ),
    ]
    return page(question, PAGE.path, main, "desk--projects")


#: What blocks of counts follow; the list alone follows how it is looked at.
COUNTS = FILTER | {"zone", "scope", "by"}

PAGE = Page(
    PATH,
    build,
    N_("项目"),
    open_to=gate.may_see_projects,
    what=N_("项目的全周期看板、红黄绿灯与卡点"),
    parts=(
        Part("projects-export", export_menu),
        Part("projects-answer", answer, COUNTS),
        Part("projects-view", main_view),
        Part("projects-lights", lights, COUNTS),
        Part("projects-checks", checks, COUNTS),  # before the other lists, which take from what it has read
        Part("projects-waiting", waiting, COUNTS),
        Part("projects-cohorts", cohorts, COUNTS | {"window"}),
    ),
)
