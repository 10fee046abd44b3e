"""The page of one project (`/project/<id>`): where it stands, how it got there, what is due, and who says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from data.queries.lifecycle import ProjectLights, project_lights, readiness_cards, stage_check
from data.queries.projects import ProjectDetail, project_detail
from data.queries.question import Question
from domain.monthly_report import ISSUE_TYPES
from domain.periods import Period
from domain.readiness import TRACKS
from domain.units import WAN
from domain.viewstate import Dataset, ViewState, to_query
from i18n import _, pick
from views.page import Page, Part
from views.pages.desk import card, num, page, page_head, table
from views.parts import badges
from views.parts.block import as_is, block, reason_line
from views.parts.charts import CONFIG, Point, year_figure
from views.parts.explain_drawer import amount_text, reason_word
from views.parts.format import NONE, light_reason, number, to_the_digit
from views.parts.gantt import Stone, gantt, late_words, standing
from views.parts.lifecycle_words import DIMENSION_WORDS, WORKS, figures_text, problem_text, stage_name
from views.parts.project_card import project_panel

REPORT_ROWS = 12
#: Months from which on a chart says more than the table beside it.
CHART_FROM = 4


def _not_found(state: ViewState) -> html.Div:
    """One text for a project that does not exist and one that this viewer may not see: the page tells them not apart."""
    query = to_query(state.with_(selection="", camera="", table=False))
    return html.Div(
        [
            html.H1(_("没有这个项目,或当前角色不能看")),
            html.P(_("也可能在所选期间或数据集里没有它。换一个期间、数据集或角色再试。")),
            dcc.Link(_("回到项目"), href="/projects" + (f"?{query}" if query else ""), className="primary-link"),
        ],
        className="error-page",
        id="project-missing",
    )


def body(question: Question, project_id: str) -> html.Div:
    """Everything below the header, for the month and data set of the state."""
    detail = project_detail(question, project_id)
    if detail is None:
        return _not_found(question.state)
    period = question.at.period
    row = detail.row
    stones = card(_milestones(question, detail, period))
    top = [stones]
    below: list[Component | None] = []
    if question.state.dataset is not Dataset.PUBLISHED:
        top.append(card(_lights(project_lights(question, project_id))))
        below = [card(_reports(detail, period)), _readiness(question, project_id)]
    shown = [b for b in below if b is not None]
    # A short table has a row of its own, so that nothing stands empty beside the next card.
    rows = "desk-row desk-row--reports" if len(detail.reports) >= CHART_FROM else "desk-stack"
    return html.Div(
        [
            page_head(
                pick(row["name_zh"], row["name_en"]),
                _("走到哪一步、早晚几天,谁在管、计入哪里"),
                badges.dataset_mark(row["provenance"]),
                _on_map(question.state, row["id"]),
            ),
            html.Div(
                [card(project_panel(question, detail, whole=True)), html.Div(top, className="desk-stack")],
                className="desk-row desk-row--project",
            ),
            html.Div(shown, className=rows) if shown else None,
        ],
        className="project-rows",
        **{"data-project": project_id},
    )


def _on_map(state: ViewState, project_id: str) -> dcc.Link:
    query = to_query(state.with_(selection=f"project:{project_id}", camera="", table=False))
    return dcc.Link(_("在地图上看 →"), href=f"/?{query}", className="primary-link")


# --- milestones ---------------------------------------------------------------------------------------------------------


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value and value != "None" else None


def _milestones(question: Question, detail: ProjectDetail, period: str) -> html.Div:
    """Planned beside done on one time axis, as known at the end of the month; dates and evidence fold below."""
    title = _("里程碑")
    if not detail.milestones:
        return block(title, "", reason_line(_("没有里程碑日期,只知最近一次公开报道的阶段")))
    end = Period.parse(period).end
    rows = []
    for found in detail.milestones:
        done = _day(found["done_on"])
        known = done if done is not None and done <= end else None
        rows.append((found, Stone(found["stage"], stage_name(found["stage"]), _day(found["planned_on"]), known)))
    stones = [stone for _found, stone in rows]
    if not any(stone.planned or stone.done for stone in stones):
        return block(title, "", reason_line(_("没有里程碑日期")))
    check = stage_check(question, detail.row["id"])
    problems = check.problems if check is not None else ()
    columns: list[str | tuple[str, bool]] = [
        _("阶段"), (_("计划"), True), (_("完成"), True), (_("早晚"), True), _("证明材料")
    ]  # fmt: skip
    return block(
        title,
        _("截至 {day}", day=end),
        html.P(standing(stones, end), className="gantt-words"),
        gantt(stones, end),
        html.Ul([html.Li(problem_text(p), className="warning") for p in problems], className="plain note")
        if problems
        else None,
        html.Details(
            [html.Summary(_("日期与证明材料")), table(columns, [_milestone(f, s, end) for f, s in rows])],
            className="more",
        ),
    )


def _milestone(found: Mapping[str, Any], stone: Stone, today: date) -> html.Tr:
    late = stone.late(today)
    proof: list[Component | str] = [found["evidence"] or (_("没有证明材料") if stone.done is not None else NONE)]
    extra = " · ".join(x for x in (found["reason"], found["approver"]) if x)
    if extra:
        proof.append(html.Div(extra, className="quiet"))
    return html.Tr(
        [
            html.Td(stone.name),
            num(str(stone.planned) if stone.planned else NONE),
            num(str(stone.done) if stone.done else NONE),
            num(late_words(late), quiet=late is None or late <= 0),
            html.Td(proof, className="" if found["evidence"] or stone.done is None else "warning"),
        ],
        **{"data-stage": str(stone.code), "data-done": "1" if stone.done is not None else "0"},
    )


# --- lights -------------------------------------------------------------------------------------------------------------


def _lights(found: ProjectLights | None) -> html.Div:
    """Every rule that looks at the project, worst first, with its figures; exemptions with their expiry."""
    title = _("灯与豁免")
    if found is None:
        return block(title, "", reason_line(reason_word("withheld")))
    if not found.dimensions:
        return block(title, "", reason_line(_("没有适用的规则:签约前或已终止的项目没有灯")))
    exempted = any(d.exempted_from for d in found.dimensions)
    rows = [
        html.Tr(
            [
                html.Td(_(DIMENSION_WORDS.get(d.dimension.value, d.dimension.value))),
                html.Td(badges.light(d.light.value, word=True)),
                html.Td(light_reason(d.reason_key)),
                html.Td(figures_text(d.figures), className="quiet"),
                *(
                    [
                        html.Td(
                            [_("豁免自"), badges.light(d.exempted_from.value, word=True)] if d.exempted_from else NONE
                        )
                    ]
                    if exempted
                    else []
                ),
            ],
            **{"data-dimension": d.dimension.value, "data-light": d.light.value},
        )
        for d in found.dimensions
    ]
    exempt = [
        html.Tr(
            [
                html.Td(_(DIMENSION_WORDS.get(str(e["dimension"]), str(e["dimension"])))),
                html.Td(e["reason"]),
                html.Td(e["approver"]),
                num(f"{e['valid_from']} – {e['expires_on']}"),
                html.Td(_("生效中") if e["in_force"] else _("不在有效期")),
            ],
            className="" if e["in_force"] else "quiet",
        )
        for e in found.exemptions
    ]
    head_line = _("连续红灯 {n} 个月", n=found.months_red) if found.months_red else ""
    return block(
        title,
        html.Span([badges.light(found.light, word=True), f" {head_line}"]),
        table([_("维度"), _("灯"), _("原因"), _("数字"), *([_("豁免")] if exempted else [])], rows),
        table([_("豁免维度"), _("理由"), _("批准人"), (_("有效期"), True), _("状态")], exempt) if exempt else None,
    )


# --- reports ------------------------------------------------------------------------------------------------------------


def _reports(detail: ProjectDetail, period: str) -> html.Div:
    """Investment done this year against the plan, month by month; a month without a report is a gap, not zero."""
    title = _("月报")
    if not detail.reports:
        return block(title, "", reason_line(_("没有月报,或当前角色不能看")))
    reports = sorted(detail.reports, key=lambda r: r["period"])
    points = [
        Point(r["period"], None if r["ytd_wan"] is None else _plotted(r["ytd_wan"]), _falls(before, r))
        for before, r in _pairs(reports)
    ]
    due = [(r["period"], _plotted(r["plan_ytd_wan"])) for r in reports if r["plan_ytd_wan"] is not None]
    _zero, unit, places = to_the_digit(0, WAN)
    graph = None
    if sum(p.value is not None for p in points) >= CHART_FROM:  # fewer figures are read from the table
        figure = year_figure(points, unit=unit, due=due, places=places)
        graph = dcc.Graph(id="project-reports", figure=figure, config=CONFIG, responsive=True, className="trend-graph")
    newest = reports[-1]["period"]
    late = html.P(_("{period} 未报;最近一期 {newest}", period=period, newest=newest), className="warning")
    rows = [
        html.Tr(
            [
                html.Td(r["period"]),
                num(amount_text(r["month_wan"], WAN)),
                num(amount_text(r["ytd_wan"], WAN)),
                num(amount_text(r["cumulative_wan"], WAN)),
                html.Td(_(WORKS.get(r["progress_code"], r["progress_code"] or NONE))),
                html.Td(r["progress_text"] or NONE),
                html.Td(_issue(r)),
                num(r["submitted_on"]),
            ],
            **{"data-month": r["period"]},
        )
        for r in reversed(reports[-REPORT_ROWS:])
    ]
    columns: list[str | tuple[str, bool]] = [
        _("月份"), (_("当月 {unit}", unit=unit), True), (_("本年累计"), True), (_("开工以来"), True), _("形象进度"), _("说明"),
        _("问题与责任单位"), (_("报送日"), True),
    ]  # fmt: skip
    return block(
        title,
        _("本年累计完成投资与序时计划 · {unit}", unit=unit),
        late if newest != period else None,
        html.Div(
            [
                graph,
                html.Details(
                    [html.Summary(_("最近 {n} 期月报", n=len(rows))), table(columns, rows)], className="more", open=True
                ),
            ],
            className="reports-body",
        ),
    )


def _plotted(wan: int) -> float:
    return float(to_the_digit(wan, WAN)[0])


def _pairs(reports: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any] | None, Mapping[str, Any]]]:
    return list(zip([None, *reports[:-1]], reports, strict=True))


def _falls(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> bool:
    """Whether the cumulative figure fell within the year: a visible revision, never clipped (rules §3.3)."""
    return before is not None and before["period"][:4] == now["period"][:4] and now["ytd_wan"] < before["ytd_wan"]


def _issue(report: Mapping[str, Any]) -> str:
    kind = report["issue_type"]
    words = (_(ISSUE_TYPES[kind]) if kind in ISSUE_TYPES else kind, report["issue_text"], report["issue_unit"])
    return " · ".join(w for w in words if w) or NONE


# --- readiness ----------------------------------------------------------------------------------------------------------


def _readiness(question: Question, project_id: str) -> Component | None:
    """The ten tracks of a project before ground is broken, planned and actual; None for one that has none."""
    cards = readiness_cards(question, project_id=project_id)
    if not cards:
        return None
    found = cards[0]
    path = found.plan.critical_path if found.plan is not None else ()
    rows = [
        html.Tr(
            [
                html.Td(
                    [
                        f"{t.code} {_(TRACKS[t.code])} ",
                        html.Span(_("关键"), className="mark") if t.code in path else None,
                    ]
                ),
                num(_("未报") if t.percent is None else f"{t.percent}%"),
                num(_span(t.planned_start, t.planned_end)),
                num(_span(t.actual_start, t.actual_end)),
            ]
        )
        for t in found.tracks
    ]
    overall = _("未知(有事项未报)") if found.readiness.overall is None else f"{found.readiness.overall}%"
    words = [as_is(question)] if as_is(question) else []
    words.append(_("准备度 {x}", x=overall))
    if found.plan is not None:
        words.append(_("关键路径 {path} 共 {n} 天", path="→".join(path), n=number(found.plan.days)))
        words.append(_("并联省 {n} 天", n=number(found.plan.saved_days)))
    columns: list[str | tuple[str, bool]] = [
        _("事项"), (_("完成"), True), (_("计划"), True), (_("实际"), True)
    ]  # fmt: skip
    return card(block(_("并联准备度"), " · ".join(words), table(columns, rows)))


def _span(start: date | None, end: date | None) -> str:
    """From – to; the end of what is under way is —, as is what has not begun."""
    return f"{start or NONE} – {end or NONE}" if start or end else NONE


def build(question: Question, project_id: str) -> html.Div:
    """The page for a state; its body is replaced when the state changes."""
    query = to_query(question.state.with_(selection="", camera="", table=False))
    back = dcc.Link(_("← 项目"), href="/projects" + (f"?{query}" if query else ""), className="text-link")
    main = [html.Div(back, className="crumbs"), html.Div(body(question, project_id), id="project-body")]
    return page(question, "/projects", main, "desk--project")


PAGE = Page(
    "/project/<code>",
    build,
    parts=(Part("project-body", body),),
    of=lambda question, code: (question, code),
    there=lambda question, code: project_detail(question, code) is not None,
)
