"""A line of a published record: of what, what was printed, when, by whom, and what is in doubt, all to be read."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from i18n import _
from views.parts import badges


def doubt_mark(doubt: str | None) -> html.Span | None:
    """What the source leaves open, marked; None where nothing is."""
    if not doubt:
        return None
    return html.Span([html.B(_("存疑")), f" {doubt}"], className="doubt")


def published_line(
    subject: Component | list[Component | str], name: Component | str, value: str, unit: str, record: dict[str, Any]
) -> html.Div:
    """`record` has `as_of` (as printed), `source`, `note` and `doubt`; figures of two lines are never put together."""
    return html.Div(
        [
            html.Span(subject, className="published-subject"),
            html.Span(name, className="published-name"),
            html.Span([value, html.Small(unit)], className="published-value"),
            html.Span(
                [html.Span(record["as_of"] or _("日期未载")), " · ", badges.source_mark(record["source"])],
                className="quiet published-date",
            ),
            doubt_mark(record["doubt"]),
        ],
        className="published-row",
        title=record["note"] or "",
    )
