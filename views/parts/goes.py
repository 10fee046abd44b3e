"""Links: to another state of the same page, which is not loaded anew (assets/lists.js), and to a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from dash import dcc, html
from dash.development.base_component import Component

from domain.viewstate import ViewState, to_query
from i18n import pick
from views.parts.format import plain_name

Words: TypeAlias = Component | str | list[Component | str]


def goes(
    words: Words,
    href: str,
    class_name: str = "",
    *,
    here: bool = False,
    top: bool = False,
    extra: Mapping[str, Any] = {},
) -> html.A:
    """A link to the state at `href`; `here` marks the present one, `top` begins the page at its head, for a count whose
    records stand there. `extra` are further attributes."""
    current = {"aria-current": "true"} if here else {}
    look = f"{class_name} is-here" if here else class_name
    said: dict[str, Any] = {"data-goes": "top" if top else "on", **current, **extra}
    return html.A(words, href=href, className=look.strip(), **said)


def segments(label: str, ways: Iterable[tuple[str, str, bool]]) -> html.Nav:
    """A switch between a few ways of looking at the same: (words, address, whether it is the present one)."""
    links = [goes(words, href, "segment", here=here) for words, href, here in ways]
    return html.Nav(links, className="segments", **{"aria-label": label})


def project_link(state: ViewState, project_id: str, name_zh: str, name_en: str | None = None) -> dcc.Link:
    """Name of a project as a link to its page, with the state on screen."""
    query = to_query(state.away())
    href = f"/project/{project_id}" + (f"?{query}" if query else "")
    return dcc.Link(plain_name(pick(name_zh, name_en)), href=href, className="text-link", title=project_id)
