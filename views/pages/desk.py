"""The frame of a desk page without a map: header, what a link got wrong, and white cards on a pale ground."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from data.queries.chains import projects_per_chain
from data.queries.kpis import figures
from data.queries.question import Question
from views import shell
from views.pages.wall import filter_chips
from views.parts.facets import filter_bar


def card(*body: Component | None, **extra: str) -> html.Section:
    """A white card; absent parts are left out."""
    return html.Section([b for b in body if b is not None], className="card", **extra)


def page_head(title: str | list[Component | str], answers: Component | str, *controls: Component) -> html.Div:
    """The head of a page of work: its title, what it answers, and what belongs to the whole of it."""
    return html.Div(
        [
            html.H1(title, className="page-title"),
            html.Div(answers, className="page-answers quiet"),
            html.Div(list(controls), className="controls") if controls else None,
        ],
        className="page-head",
    )


def table(head: Sequence[str | tuple[str, bool]], rows: Sequence[html.Tr], name: str = "") -> html.Div:
    """A small table that scrolls by itself; a head of (text, True) stands over numbers."""
    cells = [(h, False) if isinstance(h, str) else h for h in head]
    top = html.Tr([html.Th(text, className="num" if numeric else "") for text, numeric in cells])
    return html.Div(
        html.Table([html.Thead(top), html.Tbody(list(rows))], className=f"mini {name}".strip()), className="scroll-x"
    )


def num(text: str | Sequence[Component | str], quiet: bool = False, **extra: str) -> html.Td:
    """A cell of a number."""
    return html.Td(text, className="num quiet" if quiet else "num", **extra)


def filters(question: Question) -> html.Div:
    """The filter bar in the flow of the page."""
    return filter_bar(question, projects_per_chain(question), filter_chips(question))


def page(question: Question, path: str, main: Sequence[Component | None], name: str) -> html.Div:
    """The whole page: `path` marks the entry of the navigation, `name` is the page's own class."""
    status = figures(question.everywhere, ("K01",))["K01"].status
    body = html.Main([m for m in main if m is not None], className=f"park desk {name}")
    return shell.page(question, path, status, body, look="page--park")
