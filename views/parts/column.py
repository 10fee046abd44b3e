"""What the columns of the wall are made of: a section with its head, and a row of figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component


def section(
    title: str | list[Component | str], aside: Component | str, *body: Component | None, **extra: Any
) -> html.Section:
    """A titled section with a remark on the right of its title."""
    return html.Section(
        [
            html.Div([html.H2(title), html.Span(aside, className="quiet")], className="section-head"),
            *(b for b in body if b is not None),
        ],
        **extra,
    )


def cells_row(cells: Sequence[tuple[str, Component | str]]) -> html.Div:
    """Figures with their names side by side."""
    return html.Div(
        [
            html.Div([html.Span(v, className="cell-value"), html.Span(n, className="cell-name")], className="cell")
            for v, n in cells
        ],
        className="cells",
        style={"--cells": min(len(cells), 4)},
    )
