"""A block of a desk page: a title, what its numbers are (unit, date, scope), the body, and what it cannot follow."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dash import html
from dash.development.base_component import Component

from domain.viewstate import ViewState
from i18n import _
from views.parts.facets import FACETS


def head(title: str | list[Component | str], aside: Component | str | None = None, *, level: int = 2) -> html.Div:
    """Title of a block with its quiet line on the right."""
    name = html.H2(title) if level == 2 else html.H3(title)
    return html.Div([name, html.Span(aside, className="quiet")], className="section-head")


def block(title: str, aside: Component | str | None, *body: Component | str | None, **extra: Any) -> html.Div:
    """Content of a block; absent parts are left out."""
    return html.Div([head(title, aside), *(part for part in body if part is not None)], **extra)


def unfollowed(state: ViewState, follows: Collection[str] = ()) -> html.P | None:
    """不随…筛选: the facets in force that a block cannot follow; None when it follows them all.

    `follows` are names of ``facets.FACETS``. The zone facet is left out: the park's path decides the zone.
    """
    in_force = {
        "chain": state.chain_filtered,
        "districts": bool(state.districts),
        "stages": bool(state.stages),
        "lights": bool(state.lights),
        "kinds": bool(state.kinds),
    }
    missed = [_(FACETS[name]) for name, is_set in in_force.items() if is_set and name not in follows]
    if not missed:
        return None
    return html.P(_("不随{facets}筛选", facets=_("、").join(missed)), className="note unfollowed")


def reason_line(text: str, hint: str = "") -> html.Div:
    """An empty block: why there is nothing, and what would change that."""
    return html.Div(
        [html.Span("—", className="empty-dash"), html.Span(text), html.Span(hint, className="quiet") if hint else None],
        className="empty",
    )
