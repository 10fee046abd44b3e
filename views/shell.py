"""The frame round every page: header with data set, scheme, role and language, and what was ignored in a link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, Ignored, ViewState, to_query
from i18n import LANGUAGES, N_, _, language, pick
from views.parts import badges, explain_drawer
from views.parts.facets import facet_id
from views.parts.format import DATASETS, ROLES, STATUSES, scope_words

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
        theme={"fontFamily": "var(--font)", "primaryColor": "cyan", "defaultRadius": "sm"},
        children=[
            dcc.Location(id="url", refresh="callback-nav"),
            dcc.Store(id="turning"),
            dcc.Store(id="turned"),
            dcc.Store(id="here-ask"),
            dcc.Store(id="intent"),
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
            html.Div(id="page", className="page-host", children=html.Div(className="boot", children="核区一张图")),
            *explain_drawer.drawer(),
        ],
    )


def _dataset_switch(state: ViewState) -> dmc.SegmentedControl:
    return dmc.SegmentedControl(
        id=facet_id("dataset"),
        value=state.dataset.value,
        data=[{"value": d.value, "label": _(DATASETS[d.value])} for d in Dataset],
        size="xs",
        **{"aria-label": _("数据集")},
    )


def _scheme_switch(question: Question) -> dmc.Select:
    return dmc.Select(
        id=facet_id("scheme"),
        value=question.at.scheme,
        data=[
            {"value": s.id, "label": f"{pick(s.name_zh, s.name_en)} · {pick(s.motto_zh, s.motto_en)}"}
            for s in question.known.schemes.values()
        ],
        size="xs",
        w=250,
        allowDeselect=False,
        className="scheme-switch",
        **{"aria-label": _("方案")},
    )


def _role_switch(viewer: Viewer) -> dmc.Select:
    return dmc.Select(
        id="role-switch",
        value=viewer.role.value,
        data=[{"value": r.value, "label": _("{role}视角", role=_(ROLES[r.value]))} for r in Role],
        size="xs",
        w=104 if language() == "zh" else 140,  # the whole word: whose view this is, is never to be guessed
        allowDeselect=False,
        **{"aria-label": _("角色")},
    )


def _language_switch() -> dmc.SegmentedControl:
    return dmc.SegmentedControl(
        id="language-switch",
        value=language(),
        data=[{"value": x, "label": label} for x, label in LANGUAGES.items()],
        size="xs",
        **{"aria-label": _("语言")},
    )


def search_box() -> html.Div:
    """Search by Chinese name, pinyin or code; "/" puts the cursor here, Enter opens the marked hit."""
    return html.Div(
        [
            dcc.Input(
                id="search",
                type="search",
                placeholder=_("搜索 园区 / 项目 / 用地 / 特点 / 政策"),
                debounce=False,
                autoComplete="off",
                className="search-input",
            ),
            html.Kbd("/", className="search-key"),
            html.Div(id="search-results", className="search-results", role="listbox"),
        ],
        className="search",
    )


def status_line(question: Question, status: str | None) -> list[Component]:
    """Date of the data, scope and data set: what every number on the page carries."""
    state = question.state
    mark = badges.dataset_mark(question.at.provenance)
    month = question.month
    if state.dataset is Dataset.PUBLISHED:
        date = html.Span(_("每个数字按各自日期与来源"), className="status-item")
    elif month is None:
        words = _("没有月度数据") if state.dataset in question.known.filled else _("还没有数据")
        date = html.Span(words, className="status-item")
    else:
        words = f"{month} {_(STATUSES[status])}" if status in STATUSES else month
        date = html.Span([html.Span(_("数据截至"), className="quiet"), f" {words}"], className="status-item")
    scope = html.Span([html.Span(_("口径"), className="quiet"), f" {scope_words(state)}"], className="status-item")
    return [date, scope, mark]


def header(question: Question, path: str, status: str | None) -> html.Header:
    """The header of a page; `path` marks its entry in the navigation."""
    from views.pages import PAGES  # each of them imports this module

    state = question.state
    scheme = question.known.schemes[question.at.scheme]
    query = to_query(state.with_(selection="", camera="", table=False))
    nav = [
        dcc.Link(
            _(page.title),
            href=page.path + (f"?{query}" if query else ""),
            className="nav-link" + (" is-here" if page.path == path else ""),
        )
        for page in PAGES
        if page.title
    ]
    return html.Header(
        [
            html.Div(
                [
                    html.H1(
                        dcc.Link(pick(scheme.name_zh, scheme.name_en), href="/" + (f"?{query}" if query else "")),
                        className="title",
                    ),
                    html.Span(f"{pick(scheme.motto_zh, scheme.motto_en)}{_('一张图')}", className="subtitle"),
                ],
                className="brand",
            ),
            html.Nav(nav, className="nav", **{"aria-label": _("页面")}),
            html.Div(status_line(question, status), id="status-line", className="status"),
            search_box(),
            html.Div(
                [_scheme_switch(question), _dataset_switch(state), _role_switch(question.viewer), _language_switch()],
                className="switches",
            ),
            html.Time(id="clock", className="clock"),
        ],
        className="header",
    )


def page(question: Question, path: str, status: str | None, *body: Component, look: str) -> html.Div:
    """A whole page: header, what its link got wrong, and its `body`; `look` are its own classes."""
    notice = html.Div(ignored_notice(question.ignored), id="ignored-host")
    return html.Div([header(question, path, status), notice, *body], className=f"page {look}")


def ignored_notice(ignored: Sequence[Ignored]) -> html.Div:
    """What a link asked for and the page left out; empty when everything was understood."""
    if not ignored:
        return html.Div(id="ignored", className="ignored is-empty")
    items = [f"{i.param}={i.value}({_(IGNORED_REASONS[i.reason])})" for i in ignored[:6]]
    more = len(ignored) - len(items)
    text = _("已忽略链接中的:") + _("、").join(items) + (_(" 等 {n} 处", n=len(ignored)) if more > 0 else "")
    return html.Div([html.Span("!", className="ignored-mark"), text], id="ignored", className="ignored", role="status")


def footer_notes(question: Question, map_review_no: str) -> html.Div:
    """Lower-left slot: review number of the map, and that outlines are sketches where they are (rules §2.6.1)."""
    sketched = any(question.known.zones[z].is_schematic for z in question.at.zones)
    review = f"{_('审图号')} {map_review_no}" if map_review_no else _("未配置审图号")
    return html.Div(
        [
            html.Button(
                _("右键或长按:此处是什么"),
                id="here-hint",
                className="here-hint",
                type="button",
                title=_("按下看地图正中是什么"),
            ),
            html.Span(_("范围示意,不作为划界依据")) if sketched else None,
            html.Span(review),
        ],
        className="map-notes",
        **{"data-map-obstacle": "1"},
    )


def error_page(title: str, text: str) -> html.Div:
    """A whole page that says what happened and where to go."""
    return html.Div(
        [html.H1(title), html.P(text), dcc.Link(_("回到总览"), href="/", className="primary-link")],
        className="error-page",
    )
