"""The list of projects on their page: what is looked for first stands first, the rest behind 列 (assets/lists.js)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dash import html
from dash.development.base_component import Component

from data.queries.lifecycle import WORKLISTS
from data.queries.projects import ProjectSummary
from data.queries.question import Question
from data.queries.record_lists import RecordList, listed_projects, record_list
from domain.viewer import FieldClass
from domain.viewstate import Dataset, ViewState, to_query
from i18n import N_, _
from views.parts import badges
from views.parts.block import no_projects_text, withheld_words
from views.parts.drop_menu import columns_menu
from views.parts.format import LIGHTS, NONE, light_reason, mu, number
from views.parts.goes import goes, project_link
from views.parts.lifecycle_words import DIMENSION_WORDS, FINDING_WORDS, figures_text, problem_text, stage_name
from views.parts.pager import pager
from views.parts.project_card import agency_name, opens_zone
from views.parts.project_table import table_rows

PATH = "/projects"
ROWS = 25


def address(state: ViewState, **changes: object) -> str:
    """The page of projects with `changes`, at its list and from its first row unless they say otherwise."""
    query = to_query(state.away().with_(**changes))
    return PATH + (f"?{query}" if query else "")


def counted(n: int, state: ViewState, **changes: object) -> Component:
    """A count that leads to exactly the records that it counts; plain where there are none."""
    if not n:
        return html.B(number(n))
    return goes(html.B(number(n)), address(state, **changes), class_name="count-link", top=True)


@dataclass(frozen=True)
class Column:
    """A column of the list: its code, head, and whether it holds numbers, is behind 列 at first, and sorts."""

    code: str
    head: str
    numeric: bool = False
    more: bool = False
    sorts: bool = False


def columns(question: Question, listed: RecordList | None) -> list[Column]:
    """The columns of the list for a data set and a viewer."""
    published = question.state.dataset is Dataset.PUBLISHED
    figures = not published and question.viewer.may(FieldClass.PROJECT_FIGURES)
    found = [Column("name", _("项目"), sorts=True)]
    if figures:
        found.append(Column("light", _("灯"), sorts=True))
    found.append(Column("stage", _("阶段"), sorts=not published))
    if figures or published:
        found.append(Column("investment", _("总投资 亿元"), numeric=True, sorts=True))
    if listed is not None and listed.says:
        found.append(Column("says", _("说明")))
    if figures:
        found += [
            Column("fai", _("本年完成 亿元"), numeric=True, sorts=True),
            Column("months_red", _("红灯 月"), numeric=True, sorts=True),
        ]
    found.append(Column("zone", _("园区"), sorts=True))
    if published:
        found += [
            Column("as_of", _("日期")), Column("source", _("来源")), Column("doubt", _("存疑")),
        ]  # fmt: skip
    else:
        found.append(Column("unit", _("责任单位")))
    found += [
        Column("chain", _("产业链"), more=True),
        Column("node", _("节点"), more=True),
        Column("districts", _("区县"), more=True),
        Column("kinds", _("跨区"), more=True),
    ]
    if figures:
        found.append(Column("land", _("用地 亩"), numeric=True, more=True))
    return found


def list_words(code: str) -> str:
    """What a list holds, in words; the code itself where it is none of ours."""
    kind, *rest = code.split("/")
    match kind, rest:
        case "stage", [stage] if stage.isdigit():
            return stage_name(int(stage))
        case "reason", [light, reason]:
            return light_reason(reason) or reason
        case "light", [dimension, light] if dimension in DIMENSION_WORDS and light in LIGHTS:
            return f"{_(DIMENSION_WORDS[dimension])} · {_(LIGHTS[light])}"
        case "wait", [name] if name in WORKLISTS:
            return _(WORKLISTS[name][0])
        case "report", [_severity, finding]:
            return _(FINDING_WORDS.get(finding, finding))
        case "report", []:
            return _("月报有提示")
        case "claim", []:
            return _("阶段虚报:阶段先于必备节点")
        case "cohort", [name, what, *window] if what in COHORT_WORDS:
            words = _("{cohort} 签约 · {what}", cohort=name, what=_(COHORT_WORDS[what]))
            return f"{words} · {_('{n} 个月内', n=window[0])}" if window else words
    return code


#: What a signed project counts as (domain/cohorts.py).
COHORT_WORDS = {
    "signed": N_("签约"), "ended": N_("终止"), "registered": N_("注册"), "performed": N_("履约"), "started": N_("开工"),
    "started_ever": N_("曾开工"), "in_production": N_("投产"), "capacity_due": N_("达产到期"), "at_capacity": N_("达产"),
}  # fmt: skip


def project_list(question: Question, summary: ProjectSummary, switch: Component) -> html.Div:
    """The list with its head: which list, how many, the `switch` to other views, the columns, the pager."""
    state = question.state
    listed = record_list(question, state.records)
    offset = (state.row - 1) // ROWS * ROWS
    found = listed_projects(question, listed, rank=state.rank, offset=offset, limit=ROWS)
    if offset and not found.rows:  # a link from a day with more of them
        offset = max(0, (found.total - 1) // ROWS * ROWS)
        found = listed_projects(question, listed, rank=state.rank, offset=offset, limit=ROWS)
    shown = columns(question, listed)
    printed = [
        _printed(question, listed, row, text)
        for row, text in zip(found.rows, table_rows(question.known, found.rows), strict=True)
    ]
    same = _constant(state, shown, printed, found.total)
    shown = [c for c in shown if c.code not in same]
    chips = [
        html.Span([c.head.split(" ")[0], " ", same[c.code]], className="constant")
        for c in columns(question, listed)
        if c.code in same
    ]
    title: list[Component | str] = [_("项目清单")]
    if state.records:
        leave = goes("✕", address(state, rank=state.rank), "chip-drop", extra={"aria-label": _("回到全部项目")})
        title.append(html.Span([list_words(state.records), leave], className="list-chip"))
    title.append(html.Span(number(found.total), id="list-total", className="quiet num"))
    withheld = withheld_words(summary)
    return html.Div(
        [
            html.Div(
                [
                    html.H2(title),
                    *chips,
                    html.Small(withheld, className="quiet") if withheld else None,
                    html.Div([switch, columns_menu([(c.code, c.head) for c in shown[1:]])], className="controls"),
                ],
                className="list-head",
            ),
            _table(state, shown, printed) if printed else _nothing(question, summary, found.total),
            pager(
                offset, ROWS, found.total,
                lambda sign, to, name: goes(
                    sign, address(state, records=state.records, rank=state.rank, row=to + 1),
                    "page-button", extra={"aria-label": name},
                ),
            ),
        ]
    )  # fmt: skip


def _nothing(question: Question, summary: ProjectSummary, total: int) -> html.Div:
    """Why the list is empty, and the one way out of it."""
    state = question.state
    text = no_projects_text(question, summary)
    if state.records and summary.total:
        return html.Div(
            [html.Span(_("筛选之后,“{name}”里没有项目", name=list_words(state.records))),
             goes(_("回到全部项目"), address(state), class_name="text-link")],
            className="empty-line",
        )  # fmt: skip
    way = []
    if state.filtered:
        cleared = dict.fromkeys(("zones", "chains", "nodes", "stages", "lights", "districts", "kinds"), ())
        way = [goes(_("清除筛选"), address(state, **cleared), class_name="text-link")]
    return html.Div([html.Span(text), *way], className="empty-line")


def _printed(
    question: Question, listed: RecordList | None, row: Mapping[str, Any], text: Mapping[str, Any]
) -> dict[str, Any]:
    """What each column says of a project."""
    months = row.get("months_red")
    return {
        **text,
        "id": row["id"],
        "name": project_link(question.state, row["id"], row["name_zh"], row["name_en"]),
        "light": _light(row.get("light")),
        "zone": opens_zone(question.known, row["zone_code"], short=True) if row["zone_code"] else text["zone"],
        "unit": agency_name(question.known, row.get("responsible_unit")) or NONE,
        "months_red": number(months) if months else "",
        "land": mu(row["land_m2"]) if row.get("land_m2") is not None else NONE,
        "source": _source(row.get("source")),
        "says": _says(listed.says[row["id"]]) if listed is not None and row["id"] in listed.says else "",
        "of": {
            "zone": text["zone"],
            "light": row.get("light"),
            "stage": text["stage"],
            "unit": row.get("responsible_unit"),
        },
    }


def _source(source: str | None) -> Component | str:
    """The host of a page as a link to it; other sources in their words."""
    if not badges.is_web_address(source):
        return source or NONE
    host = (urlsplit(source or "").hostname or "").removeprefix("www.")
    return html.A(
        host, href=source, target="_blank", rel="noopener noreferrer nofollow", className="text-link", title=source
    )


def _light(value: str | None) -> Component:
    """The mark, and its word where there is room for it."""
    word = html.Span(_(LIGHTS[value]), className="light-word") if value in LIGHTS else None
    return html.Span([badges.light(value), word])


def _says(found: Any) -> str:
    """Why a project is on its list: since when it waits, the figures of its report, or what its stage lacks."""
    if isinstance(found, Mapping):
        return _("自 {day} 已等 {n} 天", day=found["since"], n=number(found["days"]))
    return ";".join(figures_text(f.figures) if hasattr(f, "figures") else problem_text(f) for f in found)


def _constant(
    state: ViewState, shown: Sequence[Column], printed: Sequence[Mapping[str, Any]], total: int
) -> dict[str, Any]:
    """Columns that say the same of every project of the list, with what they say: because the filter has it so, or because
    all are on screen and agree."""
    filtered = {code for code, chosen in (("zone", state.zones), ("light", state.lights)) if len(chosen) == 1}
    whole = {"zone", "light", "stage", "unit"} if 1 < total == len(printed) else set()
    codes = {c.code for c in shown} & (filtered | whole)
    return {code: printed[0][code] for code in codes if len({row["of"][code] for row in printed}) == 1}


def _table(state: ViewState, shown: Sequence[Column], printed: Sequence[Mapping[str, Any]]) -> html.Div:
    head = html.Tr([_head(state, column) for column in shown])
    body = [
        html.Tr(
            [html.Td(row.get(c.code, NONE), className=_look(c)) for c in shown],
            **{"data-project": row["id"]},
        )
        for row in printed
    ]
    return html.Div(
        html.Table([html.Thead(head), html.Tbody(body)], className="mini list-table"), className="list-scroll"
    )


def _look(column: Column) -> str:
    return f"c-{column.code}" + (" num" if column.numeric else "") + (" is-more" if column.more else "")


def _head(state: ViewState, column: Column) -> html.Th:
    """The head of a column; a click sorts by it, numbers and lights downwards first, and a second one turns it round."""
    if not column.sorts:
        return html.Th(column.head, className=_look(column))
    down, up = f"-{column.code}", column.code
    rank = state.rank or ("" if state.records else "-investment")
    first = down if column.numeric or column.code == "light" else up
    after = (up if rank == down else down) if rank in (up, down) else first
    arrow = "▼" if rank == down else "▲" if rank == up else ""
    words: list[Component | str] = [column.head, html.Span(arrow, className="sort-arrow", **{"aria-hidden": "true"})]
    return html.Th(
        goes(words, address(state, records=state.records, rank=after), class_name="sort-link"),
        className=_look(column),
        **({"aria-sort": "descending" if rank == down else "ascending"} if arrow else {}),
    )
