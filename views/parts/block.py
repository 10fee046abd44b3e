"""A block of a desk page: a title, what its numbers are (unit, date, scope), the body, and what it cannot follow."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from data.queries.projects import ProjectSummary
from data.queries.question import Question
from domain.filters import Facet
from domain.viewstate import Scope
from i18n import _
from views.parts.button import action
from views.parts.format import NONE, number, own_scope, unfollowed_text


def head(title: str | list[Component | str], aside: Component | str | None = None, *, level: int = 2) -> html.Div:
    """Title of a block with its quiet line on the right."""
    name = html.H2(title) if level == 2 else html.H3(title)
    return html.Div([name, html.Span(aside, className="quiet")], className="section-head")


def block(title: str, aside: Component | str | None, *body: Component | str | None, **extra: Any) -> html.Div:
    """Content of a block; absent parts are left out."""
    return html.Div([head(title, aside), *(part for part in body if part is not None)], **extra)


def as_is(question: Question) -> str:
    """现状 and its month, to head what a past month does not know: records without a date say only how things are now."""
    today = question.data_month
    return _("现状 {month}", month=today) if today != question.at.period else ""


def dated(question: Question, aside: str) -> str:
    """A remark with `as_is` before it."""
    return " · ".join(text for text in (as_is(question), aside) if text)


def in_place(question: Question, aside: str) -> str:
    """A remark on sums that follow no scope, each record once and where it is; under another scope it says so."""
    own = own_scope(Scope.TERRITORIAL, question.state.scope)
    return " · ".join(text for text in (aside, own) if text)


def missed(question: Question, *follows: Facet) -> tuple[Facet, ...]:
    """The facets in force that something cannot follow; the zone is left out, which everything on a screen follows."""
    return tuple(c.facet for c in question.filter.clauses if c.facet not in (Facet.ZONE, *follows))


def unfollowed(question: Question, *follows: Facet) -> html.P | None:
    """不随…筛选: the facets in force that a block cannot follow; None when it follows them all."""
    facets = missed(question, *follows)
    return html.P(unfollowed_text(facets), className="note unfollowed") if facets else None


def withheld_words(summary: ProjectSummary, group: str = "") -> str:
    """What to say of projects, of one stage group or of all, that the role may count and not see; "" for none."""
    hidden = summary.hidden.get(group, 0) if group else summary.hidden_leads
    if hidden is None:
        return _("签约前项目不向当前角色列出;件数过少或已筛选时也不计数")
    return _("另有签约前项目 {n} 个,只计数", n=number(hidden)) if hidden else ""


def group_count(summary: ProjectSummary, group: str) -> str:
    """How many projects of a stage group are shown; — where there are some and none may be, never 0."""
    shown = summary.groups.get(group, 0)
    return NONE if summary.hidden.get(group, 0) != 0 and not shown else number(shown)


def no_projects_text(question: Question, summary: ProjectSummary, *, in_park: bool = False) -> str:
    """Why there is no project to show: withheld, filtered away, or none there. On a park page the zone is no filter."""
    if summary.hidden_leads is None:
        return withheld_words(summary)
    if summary.hidden_leads:
        return _("{n} 个签约前项目只计数,不向当前角色列出", n=number(summary.hidden_leads))
    if missed(question) or (question.state.zones and not in_park):
        return _("没有符合筛选的项目")
    return _("本数据集没有本园区的项目") if in_park else _("本数据集没有项目")


def no_projects(question: Question, summary: ProjectSummary, *, in_park: bool = False) -> html.Div:
    """An empty block of projects, with what would change that only where something would: the filter, which can be dropped."""
    text = no_projects_text(question, summary, in_park=in_park)
    if text != _("没有符合筛选的项目"):
        return reason_line(text)
    button = html.Button(_("清除筛选"), **action("clear", "all"), className="link-button", type="button")
    return reason_line(text, _("清除部分筛选再看"), button)


def reason_line(text: str, hint: str = "", *more: Component) -> html.Div:
    """An empty block: why there is nothing, and what would change that."""
    said = [
        html.Span("—", className="empty-dash"),
        html.Span(text),
        html.Span(hint, className="quiet") if hint else None,
    ]
    return html.Div([*said, *more], className="empty")
