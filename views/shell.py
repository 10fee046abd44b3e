"""The frame round every page: the header with what the numbers are of and who reads them, and what was ignored in a link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, Ignored, Scope, to_query
from i18n import LANGUAGES, N_, _, language, pick
from views.parts import badges, explain_drawer
from views.parts.button import action, tells
from views.parts.format import DATASETS, GROUPINGS, ROLES, SCOPES, STATUSES

IGNORED_REASONS = {
    "unknown_code": N_("没有这个代码"),
    "bad_format": N_("格式不对"),
    "no_data": N_("该期没有数据"),
    "unknown_param": N_("没有这个参数"),
}


def frame(followed: Iterable[str]) -> dmc.MantineProvider:
    """What stays while pages change: the URL, stores, among them one for each set of parameters that is `followed`, and
    the place where a page appears.
    """
    return dmc.MantineProvider(
        id="theme",
        forceColorScheme="dark",
        theme={
            "fontFamily": "var(--font)",
            "colors": {"accent": ["var(--accent)"] * 10},
            "primaryColor": "accent",
            "defaultRadius": "sm",
        },
        children=[
            dcc.Location(id="url", refresh="callback-nav"),
            dcc.Store(id="turning"),
            dcc.Store(id="turned"),
            dcc.Store(id="here-ask"),
            dcc.Store(id="asked"),
            dcc.Store(id="heard"),
            dcc.Store(id="facet-values"),
            dcc.Store(id="shown"),
            *(dcc.Store(id={"follows": names}) for names in sorted(followed)),
            html.Div(
                id="connection",
                className="connection",
                hidden=True,
                role="status",
                **{"data-text": _("连接自 {time} 起中断,画面为最后一次成功的内容")},
            ),
            _keys(),
            html.Div(id="page", className="page-host", children=html.Div(className="boot", children="核区一张图")),
            *explain_drawer.drawer(),
        ],
    )


#: What each key does, in the order of the list that "?" shows.
KEYS = {
    "/": N_("搜索"),
    "1–9": N_("选一个园区"),
    "0": N_("回到全域"),
    "T": N_("项目清单"),
    "L": N_("图层与图例"),
    "F": N_("全屏"),
    "?": N_("所有按键"),
    "Esc": N_("关闭最上面的一层"),
}


def _keys() -> html.Dialog:
    close = html.Button("✕", className="icon-button keys-close", type="button", **{"aria-label": _("关闭")})
    rows = [html.Div([html.Dt(html.Kbd(key)), html.Dd(_(what))], className="key-line") for key, what in KEYS.items()]
    return html.Dialog(
        [html.Div([html.H2(_("所有按键")), close], className="table-head"), html.Dl(rows)], id="keys", className="keys"
    )


def _menu(face: list[Component | str], label: str, *body: Component) -> list[Component]:
    """Children of a popover: the button that opens it and what it opens; focus goes in and comes back."""
    caret = html.Span("▾", className="menu-caret", **{"aria-hidden": "true"})
    button = html.Button(
        [html.Span(face, className="menu-face"), caret],
        className="menu-button",
        type="button",
        title=label,
        **{"aria-haspopup": "dialog"},
    )
    return [
        dmc.PopoverTarget(button),
        dmc.PopoverDropdown(list(body), className="menu"),
    ]


def _popover(children: list[Component], name: str, position: str) -> html.Div:
    popover = dmc.Popover(
        children, id=name, position=position, shadow="md", withinPortal=True, trapFocus=True, returnFocus=True
    )  # fmt: skip
    return html.Div(popover, className=f"{name}-host")


def _choices(label: str, body: list[Component]) -> html.Div:
    """One question of a menu with the buttons that answer it."""
    said = [html.Div(label, className="menu-label"), html.Div(body, className="choices")]
    return html.Div(said, role="group", className="menu-group", **{"aria-label": label})


def _choice(text: str, told: dict[str, Any], *, chosen: bool, name: str | None = None) -> html.Button:
    """A button of a menu that says `told` (views/parts/button.py); the chosen one is marked and says nothing."""
    said = {"aria-pressed": str(chosen).lower()} | ({"aria-label": name} if name else {}) | ({} if chosen else told)
    return html.Button(text, className="choice" + (" is-chosen" if chosen else ""), type="button", **said)


def _words(act: str, names: dict[str, str], chosen: str) -> list[Component]:
    return [_choice(_(name), action(act, value), chosen=value == chosen) for value, name in names.items()]


def _months(question: Question) -> list[Component]:
    """Months of the data set, a line a year, newest first; a place without data stays empty."""
    state = question.state
    words = question.known.vocabulary(state.dataset)
    have = set(words.periods) if words.monthly else set()
    lines: list[Component] = []
    for year in sorted({month[:4] for month in have}, reverse=True):
        months = [(n, f"{year}-{n:02}") for n in range(1, 13)]
        places = [
            _choice(str(n), action("period", month), chosen=month == question.month, name=month)
            if month in have
            else html.Span(className="choice")
            for n, month in months
        ]
        lines.append(html.Div([html.Span(year, className="menu-year"), *places], className="months"))
    return lines


def status_line(question: Question, status: str | None) -> list[Component]:
    """What every number on the page is of: data set, month with the `status` of its figures, scope, scheme and grouping."""
    state = question.state
    month = question.month
    if state.dataset is Dataset.PUBLISHED:
        date = _("日期各异")
    elif month is None:
        date = _no_month(question)
    else:
        date = f"{month} {_(STATUSES[status])}" if status in STATUSES else month
    scheme = question.known.schemes[question.at.scheme]
    motto = pick(scheme.motto_zh, scheme.motto_en)
    scope = html.Span(f"· {_(SCOPES[state.scope.value])}", className="context-scope")
    by = "" if state.scope is Scope.AREA else f" · {_(GROUPINGS[state.by.value])}"
    return [
        html.Span([badges.dataset_mark(question.at.provenance), html.Span(date), scope], className="menu-first"),
        html.Span([html.Span(motto, className="context-motto", title=motto), by], className="menu-second"),
    ]


def _no_month(question: Question) -> str:
    if question.state.dataset is Dataset.PUBLISHED:
        return _("每个数字按各自日期与来源")
    return _("没有月度数据") if question.state.dataset in question.known.filled else _("还没有数据")


def context_panel(question: Question) -> list[Component]:
    """What changes data set, scheme, scope, grouping and month, on every page."""
    state, known = question.state, question.known
    schemes: list[Component] = [
        _choice(
            f"{pick(s.name_zh, s.name_en)} · {pick(s.motto_zh, s.motto_en)}",
            action("scheme", s.id),
            chosen=s.id == question.at.scheme,
        )
        for s in known.schemes.values()
    ]
    groups = [
        _choices(_("数据集"), _words("dataset", DATASETS, state.dataset.value)),
        _choices(_("方案"), schemes),
        _choices(_("口径"), _words("scope", SCOPES, state.scope.value)),
    ]
    if state.scope is not Scope.AREA:
        groups.append(_choices(_("统计分组"), _words("by", GROUPINGS, state.by.value)))
    months = _months(question)
    return [*groups, _choices(_("期间"), months or [html.Span(_no_month(question), className="quiet")])]


def _reader(viewer: Viewer) -> list[Component]:
    """Whose view this is and in which language; both can be tried (callbacks/switches.py)."""
    roles = {r.value: _("{role}视角", role=_(ROLES[r.value])) for r in Role}
    face: list[Component | str] = [
        html.Span(roles[viewer.role.value], className="menu-first"),
        html.Span(LANGUAGES[language()], className="menu-second"),
    ]

    def turns(choices: dict[str, str], chosen: str) -> list[Component]:
        return [_choice(text, tells("turning", choice=x), chosen=x == chosen) for x, text in choices.items()]

    return _menu(
        face,
        _("角色与语言"),
        html.Div(
            [
                _choices(_("角色"), turns(roles, viewer.role.value)),
                _choices(_("语言"), turns(LANGUAGES, language())),
            ],
            className="menu-groups",
        ),
    )


def search_box() -> html.Div:
    """Search by Chinese name, pinyin or code; "/" puts the cursor here, Enter opens the marked hit."""
    return html.Div(
        [
            dcc.Input(
                id="search",
                type="search",
                placeholder=_("搜索"),
                debounce=False,
                autoComplete="off",
                className="search-input",
            ),
            html.Kbd("/", className="search-key"),
            html.Div(id="search-results", className="search-results", role="listbox"),
        ],
        className="search",
        title=_("搜索 园区 / 项目 / 用地 / 特点 / 政策"),
    )


def _end(question: Question) -> str:
    """What the address of another page of the state on screen ends in."""
    query = to_query(question.state.with_(selection="", camera="", table=False, explain=""))
    return f"?{query}" if query else ""


def navigation(question: Question, path: str) -> list[Component]:
    """The pages that the viewer may see, on the line and behind a button where the line has no room."""
    from views.pages import PAGES  # each of them imports this module

    open_ = [page for page in PAGES if page.title and page.open_to(question.viewer, question.at.provenance)]

    def links(place: str) -> list[Component]:
        return [
            dcc.Link(
                _(p.title),
                id={"page": p.path, "in": place},
                href=p.path + _end(question),
                className="nav-link" + (" is-here" if p.path == path else ""),
            )
            for p in open_
        ]

    scheme = question.known.schemes[question.at.scheme]
    here = next((_(page.title) for page in open_ if page.path == path), _("页面"))
    face: list[Component | str] = [html.Span("☰", **{"aria-hidden": "true"}), html.Span(here, className="pages-here")]
    pages = html.Nav(links("menu"), className="pages-nav", **{"aria-label": _("页面")})
    name = html.Div(pick(scheme.name_zh, scheme.name_en), className="menu-label")
    return [
        html.Nav(links("line"), className="nav", **{"aria-label": _("页面")}),
        _popover(_menu(face, _("页面"), name, pages), "pages", "bottom-start"),
    ]


def header(question: Question, path: str, status: str | None) -> html.Header:
    """The header of a page, one line: name, navigation, context, search, reader; `path` marks its entry in the navigation."""
    scheme = question.known.schemes[question.at.scheme]
    name = pick(scheme.name_zh, scheme.name_en)
    shown: list[Component | str] = [html.Span(status_line(question, status), id="status-line")]
    panel = html.Div(context_panel(question), id="context-panel", className="menu-groups")
    return html.Header(
        [
            dcc.Link(name, id={"page": "/", "in": "name"}, href="/" + _end(question), className="title", title=name),
            html.Div(navigation(question, path), id="navigation", className="navigation"),
            _popover(_menu(shown, _("数据集、方案、期间与口径"), panel), "context", "bottom-start"),
            search_box(),
            _popover(_reader(question.viewer), "reader", "bottom-end"),
            html.Time(id="clock", className="clock"),
        ],
        className="header",
    )


def page(question: Question, path: str, status: str | None, *body: Component, look: str, title: str = "") -> html.Div:
    """A whole page: header, what its link got wrong, and its `body`; `look` are its own classes.

    `title` is its H1 for those who cannot see the page, where nothing in the body is one.
    """
    notice = html.Div(ignored_notice(question.ignored), id="ignored-host")
    heading = [html.H1(title, className="unseen")] if title else []
    return html.Div([header(question, path, status), *heading, notice, *body], className=f"page {look}")


def ignored_notice(ignored: Sequence[Ignored]) -> html.Div:
    """What a link asked for and the page left out; empty when everything was understood."""
    if not ignored:
        return html.Div(id="ignored", className="ignored is-empty")
    items = [f"{i.param}={i.value}({_(IGNORED_REASONS[i.reason])})" for i in ignored[:6]]
    more = len(ignored) - len(items)
    text = _("已忽略链接中的:") + _("、").join(items) + (_(" 等 {n} 处", n=len(ignored)) if more > 0 else "")
    return html.Div([html.Span("!", className="ignored-mark"), text], id="ignored", className="ignored", role="status")


def foot_notes(question: Question, map_review_no: str) -> tuple[str, str]:
    """That outlines are sketches, "" where none is, and the review number of the map (rules §2.6.1)."""
    sketched = any(question.known.zones[z].is_schematic for z in question.at.zones)
    review = f"{_('审图号')} {map_review_no}" if map_review_no else _("未配置审图号")
    if not map_review_no and question.viewer.role is Role.PROSPECT:
        review = _("未配置审图号,行政区界不对外显示")  # layers/tiles.py
    return _("范围和地铁线为示意,不作为划界依据") if sketched else "", review


def footer_notes(question: Question, map_review_no: str) -> html.Div:
    """Lower-left slot: review number of the map, and that outlines are sketches where they are (rules §2.6.1)."""
    sketched, review = foot_notes(question, map_review_no)
    return html.Div(
        [
            html.Button(
                _("右键或长按:此处是什么"),
                id="here-hint",
                className="here-hint",
                type="button",
                title=_("按下看地图正中是什么"),
            ),
            html.Span(sketched) if sketched else None,
            html.Span(review, className=None if map_review_no else "note-wide"),  # a narrow map has it in the legend
        ],
        className="map-notes",
        **{"data-map-obstacle": "1"},
    )


def said_page(question: Question, status: str | None, title: str, *text: str) -> html.Div:
    """A page in the place of one that is not there or not for this viewer: what it is, why, and where to go."""
    body = html.Main(
        [
            html.H1(title),
            *(html.P(line) for line in text),
            dcc.Link(_("回到总览"), href="/" + _end(question), className="primary-link"),
        ],
        className="error-page",
    )
    return page(question, "", status, body, look="page--said")
